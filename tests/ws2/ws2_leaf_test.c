/* SPDX-License-Identifier: MIT */
/* ws2_leaf_test.c - WSAJoinLeaf with multicast groups; WSARecvEx; options that only AcceptEx's world
 * knows. [doc:winsock2/wsajoinleaf] */
#include "ws2_ex_test.h"

#include <stdlib.h>
#include <string.h>

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)

static SOCKET leaf_socket(void)
{
    struct sockaddr_in any = {0};
    SOCKET s = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0,
        WSA_FLAG_OVERLAPPED | WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_LEAF);
    REQUIRE(s != INVALID_SOCKET);
    any.sin_family = AF_INET;
    REQUIRE_OK(bind(s, NAME(any)));
    return s;
}

static struct sockaddr_in group(void)
{
    struct sockaddr_in address = loopback4(5000);
    address.sin_addr.s_addr = htonl(0xEF010203); /* 239.1.2.3 */
    return address;
}

static void leaf_fails(SOCKET s, const void *name, int length, DWORD flags, int error)
{
    WSASetLastError(0xdead);
    CHECK(WSAJoinLeaf(s, name, length, NULL, NULL, NULL, NULL, flags) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), error);
}

TEST(wsajoinleaf__bad_arguments__documented_errors)
{
    struct sockaddr_in a = group();
    struct sockaddr_in6 six = loopback6(1);
    start_winsock();
    SOCKET s = leaf_socket(), stream = stream_socket(), plain = bound_datagram(&a);
    a = group();
    leaf_fails(INVALID_SOCKET, NAME(a), JL_BOTH, WSAENOTSOCK);
    leaf_fails(stream, NAME(a), JL_BOTH, WSAEOPNOTSUPP);
    leaf_fails(s, NULL, sizeof a, JL_BOTH, WSAEFAULT);
    leaf_fails(s, &a, 3, JL_BOTH, WSAEFAULT);
    leaf_fails(s, NAME(six), JL_BOTH, WSAEAFNOSUPPORT);
    leaf_fails(s, NAME(a), 0, WSAEINVAL);
    leaf_fails(plain, NAME(a), JL_BOTH, WSAEINVAL); /* not made for it */
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(stream), 0);
    CHECK_EQ(closesocket(plain), 0);
}

TEST(wsajoinleaf__a_group__returns_the_socket_itself)
{
    struct sockaddr_in a = group();
    start_winsock();
    SOCKET s = leaf_socket();
    SOCKET joined = WSAJoinLeaf(s, NAME(a), NULL, NULL, NULL, NULL, JL_BOTH);
    int error = WSAGetLastError();
    if (joined == INVALID_SOCKET && (error == WSAEADDRNOTAVAIL || error == WSAENETUNREACH || error == WSAEINVAL)) {
        CHECK_EQ(closesocket(s), 0);
        SKIP("no interface for multicast groups");
    }
    CHECK_EQ(joined, s);
    CHECK_EQ(closesocket(s), 0);
}

/* [doc:winsock2/wsajoinleaf] */
TEST(wsajoinleaf__unbound_then_again__bound_then_a_member_already)
{
    struct sockaddr_in a = group(), own;
    int length = sizeof own;
    const char *engine = getenv("NTSOCK_ENGINE");
    start_winsock();
    SOCKET s = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0,
        WSA_FLAG_OVERLAPPED | WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_LEAF);
    SOCKET joined = WSAJoinLeaf(s, NAME(a), NULL, NULL, NULL, NULL, JL_BOTH);
    if (joined == INVALID_SOCKET && WSAGetLastError() == WSAEADDRNOTAVAIL) {
        CHECK_EQ(closesocket(s), 0);
        SKIP("no interface for multicast groups");
    }
    CHECK_EQ(joined, s);
    CHECK_EQ(getsockname(s, (struct sockaddr *)&own, &length), 0);
    CHECK(own.sin_port != 0);
    if (engine == NULL || strcmp(engine, "loop") != 0) /* which keeps no list of members */
        leaf_fails(s, NAME(a), JL_BOTH, WSAEISCONN);
    CHECK_EQ(closesocket(s), 0);
}

/* What a sender alone sends without an address goes to the group. [obs:Win7Samples/netds/winsock/mcastip/ws2] */
TEST(wsajoinleaf__sender_only__is_connected_to_the_group)
{
    struct sockaddr_in a = group(), peer;
    int length = sizeof peer;
    start_winsock();
    SOCKET s = leaf_socket();
    SOCKET joined = WSAJoinLeaf(s, NAME(a), NULL, NULL, NULL, NULL, JL_SENDER_ONLY);
    int error = WSAGetLastError();
    if (joined == INVALID_SOCKET &&
        (error == WSAEADDRNOTAVAIL || error == WSAENETUNREACH || error == WSAEHOSTUNREACH || error == WSAEINVAL)) {
        CHECK_EQ(closesocket(s), 0);
        SKIP("no route for multicast groups");
    }
    CHECK_EQ(joined, s);
    CHECK_EQ(getpeername(s, (struct sockaddr *)&peer, &length), 0);
    CHECK_EQ(peer.sin_addr.s_addr, a.sin_addr.s_addr);
    CHECK_EQ(closesocket(s), 0);
}

TEST(wsarecvex__flags__go_in_and_out)
{
    struct sockaddr_in a, b;
    SOCKET client, server;
    char text[8];
    int flags = MSG_PEEK;
    start_winsock();
    stream_pair(&client, &server);
    send_all(client, "peek", 4);
    wait_readable(server);
    CHECK_EQ(WSARecvEx(server, text, 8, &flags), 4);
    CHECK_EQ(flags, 0);
    CHECK_EQ(WSARecvEx(server, text, 8, &flags), 4);
    CHECK_FAILS(WSARecvEx(server, text, 8, NULL), WSAEFAULT);
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b);
    CHECK_EQ(sendto(one, "too long", 8, 0, NAME(b)), 8);
    CHECK_FAILS(WSARecvEx(two, text, 3, &flags), WSAEMSGSIZE);
    CHECK_EQ(flags, MSG_PARTIAL);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
}

TEST(so_pause_accept__reads_back)
{
    struct sockaddr_in a;
    BOOL on = TRUE, value = FALSE;
    int length = sizeof value;
    start_winsock();
    SOCKET s = listener4(&a);
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_PAUSE_ACCEPT, (char *)&on, sizeof on), 0);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_PAUSE_ACCEPT, (char *)&value, &length), 0);
    CHECK_EQ(value, TRUE);
    CHECK_EQ(closesocket(s), 0);
}
