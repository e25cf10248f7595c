/* SPDX-License-Identifier: MIT */
/* ws2_bind_test.c - bind and listen: errors in their documented order, sharing of addresses. */
#include "ws2_test.h"

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)

TEST(bind__bad_arguments__documented_errors)
{
    struct sockaddr_in a = loopback4(0);
    struct sockaddr_in6 six = loopback6(0);
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_FAILS(bind(s, NULL, sizeof a), WSAEFAULT);
    CHECK_FAILS(bind(s, (struct sockaddr *)8, sizeof a), WSAEFAULT);
    CHECK_FAILS(bind(s, (struct sockaddr *)&a, 0), WSAEFAULT);
    CHECK_FAILS(bind(s, (struct sockaddr *)&a, sizeof a - 1), WSAEFAULT);
    CHECK_FAILS(bind(s, (struct sockaddr *)&a, -1), WSAEFAULT);
    CHECK_FAILS(bind(s, NAME(six)), WSAEAFNOSUPPORT);
    a.sin_family = 0xdead;
    CHECK_FAILS(bind(s, NAME(a)), WSAEAFNOSUPPORT);
    a = loopback4(0);
    a.sin_addr.s_addr = htonl(0xC0000201); /* 192.0.2.1 is nobody's */
    CHECK_FAILS(bind(s, NAME(a)), WSAEADDRNOTAVAIL);
    a = loopback4(0);
    CHECK_EQ(bind(s, NAME(a)), 0);
    CHECK_FAILS(bind(s, NAME(a)), WSAEINVAL);
    CHECK_EQ(closesocket(s), 0);
}

TEST(bind__length_of_sockaddr_storage__is_accepted)
{
    struct sockaddr_storage room = {0};
    start_winsock();
    SOCKET s = stream_socket();
    *(struct sockaddr_in *)&room = loopback4(0);
    CHECK_EQ(bind(s, (struct sockaddr *)&room, sizeof room), 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST(bind__address_taken__is_in_use)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET first = own_listener4(&a), second = stream_socket();
    CHECK_FAILS(bind(second, NAME(a)), WSAEADDRINUSE);
    CHECK_EQ(closesocket(first), 0);
    CHECK_EQ(bind(second, NAME(a)), 0);
    CHECK_EQ(closesocket(second), 0);
}

TEST(getsockname__not_bound__is_invalid)
{
    struct sockaddr_in a;
    int length = sizeof a;
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_FAILS(getsockname(s, (struct sockaddr *)&a, &length), WSAEINVAL);
    CHECK_FAILS(getsockname(s, (struct sockaddr *)&a, NULL), WSAEFAULT);
    a = loopback4(0);
    CHECK_EQ(bind(s, NAME(a)), 0);
    length = sizeof a - 1;
    CHECK_FAILS(getsockname(s, (struct sockaddr *)&a, &length), WSAEFAULT);
    length = 100;
    CHECK_FAILS(getsockname(s, NULL, &length), WSAEFAULT);
    length = sizeof a;
    CHECK_EQ(getsockname(s, (struct sockaddr *)&a, &length), 0);
    CHECK_EQ(length, sizeof a);
    CHECK(a.sin_port != 0);
    CHECK_EQ(a.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK_EQ(closesocket(s), 0);
}

TEST(listen__wrong_socket__documented_errors)
{
    struct sockaddr_in a;
    SOCKET client, server;
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_FAILS(listen(s, 5), WSAEINVAL); /* not bound */
    CHECK_EQ(closesocket(s), 0);
    s = bound_datagram(&a);
    CHECK_FAILS(listen(s, 5), WSAEOPNOTSUPP);
    CHECK_EQ(closesocket(s), 0);
    stream_pair(&client, &server);
    CHECK_FAILS(listen(client, 5), WSAEISCONN);
    CHECK_FAILS(listen(server, 5), WSAEISCONN);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(listen__any_backlog__is_adjusted)
{
    static const int backlogs[] = {0, 1, 5, 200, 201, 100000, SOMAXCONN, SOMAXCONN_HINT(1),
        SOMAXCONN_HINT(300), SOMAXCONN_HINT(100000), (int)0x80000000};
    start_winsock();
    for (size_t i = 0; i < ARRAYSIZE(backlogs); i++) {
        struct sockaddr_in a = loopback4(0);
        SOCKET s = stream_socket();
        CHECK_EQ(bind(s, NAME(a)), 0);
        CHECK_EQ(listen(s, backlogs[i]), 0);
        CHECK_EQ(listen(s, backlogs[i]), 0); /* listening already */
        CHECK_EQ(closesocket(s), 0);
    }
}

TEST(sharing__reuse_and_exclusive__exclude_each_other)
{
    int on = 1, length = sizeof on;
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, (char *)&on, sizeof on), 0);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&on, sizeof on), WSAEINVAL);
    CHECK_EQ(closesocket(s), 0);
    s = stream_socket();
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&on, sizeof on), 0);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, (char *)&on, sizeof on), WSAEINVAL);
    on = 0;
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&on, &length), 0);
    CHECK_EQ(on, 1);
    CHECK_EQ(closesocket(s), 0);
}

TEST(sharing__exclusive_address__cannot_be_taken_by_reuse)
{
    struct sockaddr_in a = loopback4(0);
    int on = 1, length = sizeof a;
    start_winsock();
    SOCKET first = stream_socket(), second = stream_socket();
    CHECK_EQ(setsockopt(first, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&on, sizeof on), 0);
    CHECK_EQ(bind(first, NAME(a)), 0);
    CHECK_FAILS(
        setsockopt(first, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&on, sizeof on), WSAEINVAL);
    CHECK_EQ(getsockname(first, (struct sockaddr *)&a, &length), 0);
    CHECK_EQ(listen(first, 1), 0);
    CHECK_EQ(setsockopt(second, SOL_SOCKET, SO_REUSEADDR, (char *)&on, sizeof on), 0);
    WSASetLastError(0);
    CHECK_EQ(bind(second, NAME(a)), SOCKET_ERROR);
    CHECK(WSAGetLastError() == WSAEACCES || WSAGetLastError() == WSAEADDRINUSE);
    CHECK_EQ(closesocket(first), 0);
    CHECK_EQ(closesocket(second), 0);
}

static SOCKET sharing_stream(void)
{
    int on = 1;
    SOCKET s = stream_socket();
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, (char *)&on, sizeof on), 0);
    return s;
}

TEST(sharing__reuse_on_the_second_stream_only__is_refused)
{
    struct sockaddr_in a = loopback4(0);
    int length = sizeof a;
    start_winsock();
    SOCKET first = stream_socket(), second = sharing_stream();
    CHECK_EQ(bind(first, NAME(a)), 0);
    CHECK_EQ(getsockname(first, (struct sockaddr *)&a, &length), 0);
    CHECK_FAILS(bind(second, NAME(a)), WSAEACCES);
    CHECK_EQ(closesocket(first), 0);
    CHECK_EQ(closesocket(second), 0);
}

TEST(sharing__two_listeners__connections_go_to_the_first)
{
    struct sockaddr_in a;
    start_winsock();
    /* The port of a socket that has gone: port 0 would not be shared. */
    SOCKET s = own_listener4(&a);
    CHECK_EQ(closesocket(s), 0);
    SOCKET first = sharing_stream(), second = sharing_stream();
    REQUIRE_OK(bind(first, NAME(a)));
    REQUIRE_OK(bind(second, NAME(a)));
    REQUIRE_OK(listen(first, 20));
    REQUIRE_OK(listen(second, 20));
    set_nonblocking(second);
    for (int i = 0; i < 10; i++) {
        SOCKET client = stream_socket();
        REQUIRE_OK(connect(client, NAME(a)));
        wait_readable(first);
        SOCKET server = accept(first, NULL, NULL);
        CHECK(server != INVALID_SOCKET);
        CHECK_EQ(closesocket(client), 0);
        CHECK_EQ(closesocket(server), 0);
    }
    CHECK_FAILS(accept(second, NULL, NULL), WSAEWOULDBLOCK);
    CHECK_EQ(closesocket(first), 0);
    CHECK_EQ(closesocket(second), 0);
}

TEST(sharing__any_and_one_address__both_listen_and_the_one_gets_its_own)
{
    struct sockaddr_in a = loopback4((u_short)nts_own_port()), any = {.sin_family = AF_INET, .sin_port = a.sin_port};
    start_winsock();
    SOCKET narrow = stream_socket(), wide = stream_socket(), refused = stream_socket(), client = stream_socket();
    int on = 1;
    CHECK_EQ(bind(narrow, NAME(a)), 0);
    CHECK_EQ(listen(narrow, 5), 0);
    CHECK_EQ(bind(wide, NAME(any)), 0);
    CHECK_EQ(listen(wide, 5), 0);
    CHECK_EQ(setsockopt(refused, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&on, sizeof on), 0);
    CHECK_FAILS(bind(refused, NAME(any)), WSAEADDRINUSE);
    CHECK_EQ(connect(client, NAME(a)), 0);
    SOCKET server = accept(narrow, NULL, NULL);
    CHECK(server != INVALID_SOCKET);
    SOCKET all[] = {narrow, wide, refused, client, server};
    for (size_t i = 0; i < ARRAYSIZE(all); i++)
        CHECK_EQ(closesocket(all[i]), 0);
}

TEST(sharing__exclusive_any__an_address_beside_it_is_denied)
{
    struct sockaddr_in a = loopback4((u_short)nts_own_port()), any = {.sin_family = AF_INET, .sin_port = a.sin_port};
    int on = 1;
    start_winsock();
    SOCKET wide = stream_socket(), narrow = stream_socket();
    CHECK_EQ(setsockopt(wide, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&on, sizeof on), 0);
    CHECK_EQ(bind(wide, NAME(any)), 0);
    CHECK_FAILS(bind(narrow, NAME(a)), WSAEACCES);
    CHECK_EQ(closesocket(wide), 0);
    CHECK_EQ(bind(narrow, NAME(a)), 0);
    CHECK_EQ(closesocket(narrow), 0);
}

TEST(sharing__reuse_on_both_datagrams__share_a_port)
{
    struct sockaddr_in a = loopback4(0);
    int on = 1, length = sizeof a;
    start_winsock();
    SOCKET first = socket(AF_INET, SOCK_DGRAM, 0), second = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(setsockopt(first, SOL_SOCKET, SO_REUSEADDR, (char *)&on, sizeof on), 0);
    CHECK_EQ(setsockopt(second, SOL_SOCKET, SO_REUSEADDR, (char *)&on, sizeof on), 0);
    CHECK_EQ(bind(first, NAME(a)), 0);
    CHECK_EQ(getsockname(first, (struct sockaddr *)&a, &length), 0);
    CHECK_EQ(bind(second, NAME(a)), 0);
    CHECK_EQ(closesocket(first), 0);
    CHECK_EQ(closesocket(second), 0);
}

TEST(bind__ipv6__works_and_is_v6_only)
{
    struct sockaddr_in6 a = loopback6(0);
    int length = sizeof a, only = 0, only_length = sizeof only;
    start_winsock();
    SOCKET s = socket(AF_INET6, SOCK_STREAM, 0);
    if (s == INVALID_SOCKET || bind(s, NAME(a)) != 0)
        SKIP("needs IPv6");
    CHECK_EQ(getsockname(s, (struct sockaddr *)&a, &length), 0);
    CHECK_EQ(length, sizeof a);
    CHECK_EQ(a.sin6_family, AF_INET6);
    CHECK_EQ(getsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&only, &only_length), 0);
    CHECK_EQ(only, 1);
    CHECK_EQ(closesocket(s), 0);
}
