/* SPDX-License-Identifier: MIT */
/*
 * ws2_qos_test.c - what TCP/IP does not carry, and how a program learns of it: user data with a connection, flow
 * specifications; and socket groups. [doc:winsock2/wsaconnect] [doc:winsock2/wsasocketw] [doc:winsock2/wsaaccept]
 * [doc:winsock/winsock-ioctls]
 */
#include "ws2_test.h"

#include <string.h>

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)

static char text[] = "data";

static QOS quality(ULONG service)
{
    QOS qos;
    memset(&qos, 0, sizeof qos);
    qos.SendingFlowspec.ServiceType = SERVICETYPE_BESTEFFORT;
    qos.ReceivingFlowspec.ServiceType = service;
    return qos;
}

TEST(wsaconnect__caller_data_on_a_stream__not_supported_and_not_connected)
{
    struct sockaddr_in a;
    WSABUF data = {4, text}, empty = {0, NULL}, answer = {4, text};
    start_winsock();
    SOCKET listener = listener4(&a), s = stream_socket();
    CHECK_FAILS(WSAConnect(s, NAME(a), &data, NULL, NULL, NULL), WSAEPROTONOSUPPORT);
    CHECK_FAILS(getpeername(s, (struct sockaddr *)&a, &(int){sizeof a}), WSAENOTCONN);
    CHECK_EQ(WSAConnect(s, NAME(a), &empty, &answer, NULL, NULL), 0);
    CHECK_EQ(answer.len, 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(wsaconnect__caller_data_on_a_datagram_socket__ignored)
{
    struct sockaddr_in a, b;
    WSABUF data = {4, text};
    start_winsock();
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b);
    CHECK_EQ(WSAConnect(one, NAME(b), &data, NULL, NULL, NULL), 0);
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
}

TEST(wsaconnect__flow_specifications__best_effort_alone_is_satisfied)
{
    struct sockaddr_in a;
    QOS best = quality(SERVICETYPE_NOTRAFFIC), guaranteed = quality(SERVICETYPE_GUARANTEED);
    start_winsock();
    SOCKET listener = listener4(&a), s = stream_socket();
    CHECK_FAILS(WSAConnect(s, NAME(a), NULL, NULL, &guaranteed, NULL), WSAEOPNOTSUPP);
    CHECK_FAILS(WSAConnect(s, NAME(a), NULL, NULL, NULL, &best), WSAEINVAL);
    CHECK_FAILS(WSAConnect(s, NAME(a), NULL, NULL, (QOS *)16, NULL), WSAEFAULT);
    CHECK_FAILS(WSAConnect(s, NAME(a), (WSABUF *)16, NULL, NULL, NULL), WSAEFAULT);
    CHECK_EQ(WSAConnect(s, NAME(a), NULL, NULL, &best, NULL), 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(wsaioctl__quality_of_service__no_such_option)
{
    static const DWORD codes[] = {SIO_GET_QOS, SIO_SET_QOS, SIO_GET_GROUP_QOS, SIO_SET_GROUP_QOS};
    struct sockaddr_in a;
    QOS qos = quality(SERVICETYPE_BESTEFFORT);
    DWORD bytes = 77;
    start_winsock();
    SOCKET stream = stream_socket(), datagram = bound_datagram(&a);
    for (int i = 0; i < 4; i++) {
        CHECK_FAILS(WSAIoctl(stream, codes[i], &qos, sizeof qos, &qos, sizeof qos, &bytes, NULL, NULL),
            WSAENOPROTOOPT);
        CHECK_FAILS(WSAIoctl(datagram, codes[i], &qos, sizeof qos, &qos, sizeof qos, &bytes, NULL, NULL),
            WSAENOPROTOOPT);
    }
    CHECK_EQ(closesocket(stream), 0);
    CHECK_EQ(closesocket(datagram), 0);
}

/* --- groups --- */
static GROUP group_of(SOCKET s)
{
    GROUP group = 77;
    int length = sizeof group;
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_GROUP_ID, (char *)&group, &length), 0);
    return group;
}

static SOCKET member(int type, GROUP group)
{
    return WSASocketW(AF_INET, type, 0, NULL, group, WSA_FLAG_OVERLAPPED);
}

TEST(wsasocket__groups__made_and_joined)
{
    start_winsock();
    SOCKET none = stream_socket(), first = member(SOCK_STREAM, SG_CONSTRAINED_GROUP);
    REQUIRE(first != INVALID_SOCKET);
    GROUP group = group_of(first);
    CHECK_EQ(group_of(none), 0);
    CHECK(group > SG_CONSTRAINED_GROUP);
    SOCKET second = member(SOCK_STREAM, group);
    CHECK_EQ(group_of(second), group);
    CHECK_FAILS((int)member(SOCK_DGRAM, group), WSAEINVAL);
    CHECK_FAILS((int)member(SOCK_STREAM, group + 1), WSAEINVAL);
    CHECK_FAILS((int)member(SOCK_DGRAM, SG_CONSTRAINED_GROUP), WSAEINVAL);
    CHECK_EQ(closesocket(none), 0);
    CHECK_EQ(closesocket(first), 0);
    CHECK_EQ(closesocket(second), 0);
    CHECK_FAILS((int)member(SOCK_STREAM, group), WSAEINVAL);
}

TEST(constrained_group__connect_to_another_address__invalid)
{
    struct sockaddr_in a, other;
    start_winsock();
    SOCKET listener = listener4(&a), first = member(SOCK_STREAM, SG_CONSTRAINED_GROUP);
    SOCKET second = member(SOCK_STREAM, group_of(first));
    other = a;
    other.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    CHECK_EQ(connect(first, NAME(a)), 0);
    CHECK_FAILS(connect(second, NAME(other)), WSAEINVAL);
    CHECK_EQ(connect(second, NAME(a)), 0);
    CHECK_EQ(closesocket(first), 0);
    CHECK_EQ(closesocket(second), 0);
    CHECK_EQ(closesocket(listener), 0);
}

static GROUP wanted;

static int CALLBACK put_in_group(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos, LPWSABUF callee,
    LPWSABUF callee_data, GROUP *group, DWORD_PTR data)
{
    (void)caller, (void)caller_data, (void)callee, (void)callee_data, (void)data;
    CHECK(sqos == NULL && gqos == NULL);
    CHECK_EQ(*group, 0);
    *group = wanted;
    return CF_ACCEPT;
}

TEST(wsaaccept__condition_chooses_a_group__the_socket_is_in_it)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a), client = stream_socket(), first = member(SOCK_STREAM, SG_UNCONSTRAINED_GROUP);
    CHECK_EQ(connect(client, NAME(a)), 0);
    wanted = group_of(first) + 1;
    CHECK_FAILS((int)WSAAccept(listener, NULL, NULL, put_in_group, 0), WSAEINVAL);
    wanted = group_of(first); /* the connection is still there */
    SOCKET server = WSAAccept(listener, NULL, NULL, put_in_group, 0);
    REQUIRE(server != INVALID_SOCKET);
    CHECK_EQ(group_of(server), wanted);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(first), 0);
    CHECK_EQ(closesocket(listener), 0);
}
