/* SPDX-License-Identifier: MIT */
/* ws2_accept_test.c - accept, and WSAAccept with each answer of its condition function. */
#include "ws2_test.h"

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)

static SOCKET connected_to(const struct sockaddr_in *address)
{
    SOCKET s = stream_socket();
    REQUIRE_OK(connect(s, (const struct sockaddr *)address, sizeof *address));
    return s;
}

static void close_all(SOCKET a, SOCKET b, SOCKET c)
{
    CHECK_EQ(closesocket(a), 0);
    if (b != INVALID_SOCKET)
        CHECK_EQ(closesocket(b), 0);
    if (c != INVALID_SOCKET)
        CHECK_EQ(closesocket(c), 0);
}

TEST(accept__connection_waits__gives_socket_and_address)
{
    struct sockaddr_in a, peer = {0}, own;
    int length = sizeof peer, own_length = sizeof own;
    start_winsock();
    SOCKET listener = listener4(&a), client = connected_to(&a);
    SOCKET server = accept(listener, (struct sockaddr *)&peer, &length);
    REQUIRE(server != INVALID_SOCKET);
    CHECK_EQ(length, sizeof peer);
    CHECK_EQ(getsockname(client, (struct sockaddr *)&own, &own_length), 0);
    CHECK_EQ(peer.sin_family, AF_INET);
    CHECK_EQ(peer.sin_port, own.sin_port);
    CHECK_EQ(peer.sin_addr.s_addr, own.sin_addr.s_addr);
    length = sizeof peer;
    CHECK_EQ(getpeername(server, (struct sockaddr *)&peer, &length), 0);
    CHECK_EQ(peer.sin_port, own.sin_port);
    length = sizeof own;
    CHECK_EQ(getsockname(server, (struct sockaddr *)&own, &length), 0);
    CHECK_EQ(own.sin_port, a.sin_port);
    close_all(listener, client, server);
}

TEST(accept__wrong_socket__documented_errors)
{
    struct sockaddr_in a;
    SOCKET client, server;
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_FAILS(accept(s, NULL, NULL), WSAEINVAL); /* unbound */
    a = loopback4(0);
    CHECK_EQ(bind(s, NAME(a)), 0);
    CHECK_FAILS(accept(s, NULL, NULL), WSAEINVAL); /* not listening */
    CHECK_EQ(closesocket(s), 0);
    CHECK_FAILS(accept(s, NULL, NULL), WSAENOTSOCK);
    s = bound_datagram(&a);
    CHECK_FAILS(accept(s, NULL, NULL), WSAEOPNOTSUPP);
    CHECK_EQ(closesocket(s), 0);
    stream_pair(&client, &server);
    CHECK_FAILS(accept(client, NULL, NULL), WSAEINVAL);
    close_all(client, server, INVALID_SOCKET);
}

TEST(accept__address_buffer_too_small__is_a_fault_and_keeps_the_connection)
{
    struct sockaddr_in a, peer;
    int length = sizeof peer - 1;
    start_winsock();
    SOCKET listener = listener4(&a), client = connected_to(&a);
    CHECK_FAILS(accept(listener, (struct sockaddr *)&peer, &length), WSAEFAULT);
    CHECK_FAILS(accept(listener, (struct sockaddr *)&peer, (int *)8), WSAEFAULT);
    length = sizeof peer;
    CHECK_FAILS(accept(listener, (struct sockaddr *)8, &length), WSAEFAULT);
    SOCKET server = accept(listener, NULL, &length);
    CHECK(server != INVALID_SOCKET);
    close_all(listener, client, server);
}

TEST(accept__nothing_waits_non_blocking__would_block)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a);
    set_nonblocking(listener);
    CHECK_FAILS(accept(listener, NULL, NULL), WSAEWOULDBLOCK);
    SOCKET client = connected_to(&a);
    wait_readable(listener);
    SOCKET server = accept(listener, NULL, NULL);
    REQUIRE(server != INVALID_SOCKET);
    char byte;
    CHECK_FAILS(recv(server, &byte, 1, 0), WSAEWOULDBLOCK); /* the mode is inherited */
    close_all(listener, client, server);
}

static DWORD accept_one(void *context)
{
    SOCKET *listener = context;
    *listener = accept(*listener, NULL, NULL);
    return *listener == INVALID_SOCKET ? (DWORD)WSAGetLastError() : 0;
}

TEST(accept__blocks__until_a_connection_comes)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a), server = listener;
    HANDLE thread = start_thread(accept_one, &server);
    wait_until_pending(1);
    SOCKET client = connected_to(&a);
    CHECK_EQ(join_thread(thread), 0);
    CHECK(server != INVALID_SOCKET && server != listener);
    close_all(listener, client, server);
}

TEST(accept__listener_closed_by_another_thread__is_interrupted)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a), server = listener;
    HANDLE thread = start_thread(accept_one, &server);
    wait_until_pending(1);
    CHECK_EQ(closesocket(listener), 0);
    DWORD result = join_thread(thread);
    CHECK(result == WSAEINTR || result == WSAENOTSOCK); /* the latter when the call came too late */
    CHECK_EQ((long long)server, -1);
}

enum { ACCEPTERS = 4, CONNECTIONS = 200 };

static DWORD accept_many(void *context)
{
    SOCKET listener = *(SOCKET *)context;
    DWORD count = 0;
    for (;;) {
        SOCKET s = accept(listener, NULL, NULL);
        if (s == INVALID_SOCKET)
            return count;
        char byte;
        if (recv(s, &byte, 1, 0) == 1)
            count++;
        closesocket(s);
    }
}

TEST(accept__several_threads__each_connection_once)
{
    struct sockaddr_in a;
    HANDLE threads[ACCEPTERS];
    DWORD total = 0;
    char byte;
    start_winsock();
    SOCKET listener = listener4(&a), copy = listener;
    for (int i = 0; i < ACCEPTERS; i++)
        threads[i] = start_thread(accept_many, &copy);
    for (int i = 0; i < CONNECTIONS; i++) {
        SOCKET client = connected_to(&a);
        CHECK_EQ(send(client, "x", 1, 0), 1);
        CHECK_EQ(recv(client, &byte, 1, 0), 0); /* the server has closed */
        CHECK_EQ(closesocket(client), 0);
    }
    wait_until_pending(ACCEPTERS);
    CHECK_EQ(closesocket(listener), 0);
    for (int i = 0; i < ACCEPTERS; i++)
        total += join_thread(threads[i]);
    CHECK_EQ(total, CONNECTIONS);
}

TEST(accept__properties_of_the_listener__are_inherited)
{
    struct sockaddr_in a;
    DWORD timeout = 1234, got = 0;
    int length = sizeof got;
    LINGER linger = {1, 7}, got_linger = {0, 0};
    start_winsock();
    SOCKET listener = listener4(&a);
    CHECK_EQ(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, sizeof timeout), 0);
    CHECK_EQ(setsockopt(listener, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger), 0);
    SOCKET client = connected_to(&a), server = accept(listener, NULL, NULL);
    CHECK_EQ(getsockopt(server, SOL_SOCKET, SO_RCVTIMEO, (char *)&got, &length), 0);
    CHECK_EQ(got, timeout);
    length = sizeof got_linger;
    CHECK_EQ(getsockopt(server, SOL_SOCKET, SO_LINGER, (char *)&got_linger, &length), 0);
    CHECK_EQ(got_linger.l_onoff, 1);
    CHECK_EQ(got_linger.l_linger, 7);
    close_all(listener, client, server);
}

/* --- conditions --- */

struct condition {
    int answer;
    int calls;
    struct sockaddr_in caller, callee;
    ULONG caller_bytes, callee_bytes;
    DWORD_PTR data;
};

static struct condition condition;

static int CALLBACK decide(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
    LPWSABUF callee, LPWSABUF callee_data, GROUP *group, DWORD_PTR data)
{
    (void)sqos, (void)gqos, (void)group;
    condition.calls++;
    condition.data = data;
    condition.caller_bytes = caller->len;
    condition.callee_bytes = callee->len;
    memcpy(&condition.caller, caller->buf, sizeof condition.caller);
    memcpy(&condition.callee, callee->buf, sizeof condition.callee);
    CHECK_EQ(caller_data->len, 0);
    CHECK_EQ(callee_data->len, 0);
    return condition.answer;
}

TEST(wsaaccept__condition_accepts__gives_the_socket)
{
    struct sockaddr_in a, peer, own;
    int length = sizeof peer, own_length = sizeof own;
    start_winsock();
    SOCKET listener = listener4(&a), client = connected_to(&a);
    condition = (struct condition){.answer = CF_ACCEPT};
    SOCKET server = WSAAccept(listener, (struct sockaddr *)&peer, &length, decide, 77);
    REQUIRE(server != INVALID_SOCKET);
    CHECK_EQ(condition.calls, 1);
    CHECK_EQ(condition.data, 77);
    CHECK_EQ(getsockname(client, (struct sockaddr *)&own, &own_length), 0);
    CHECK_EQ(condition.caller_bytes, sizeof own);
    CHECK_EQ(condition.caller.sin_port, own.sin_port);
    CHECK_EQ(condition.callee_bytes, sizeof own);
    CHECK_EQ(condition.callee.sin_port, a.sin_port);
    CHECK_EQ(peer.sin_port, own.sin_port);
    close_all(listener, client, server);
}

TEST(wsaaccept__condition_rejects__is_refused_and_the_peer_is_reset)
{
    struct sockaddr_in a;
    char byte;
    start_winsock();
    SOCKET listener = listener4(&a), client = connected_to(&a);
    condition = (struct condition){.answer = CF_REJECT};
    CHECK_FAILS(WSAAccept(listener, NULL, NULL, decide, 0), WSAECONNREFUSED);
    CHECK_FAILS(recv(client, &byte, 1, 0), WSAECONNRESET);
    set_nonblocking(listener);
    CHECK_FAILS(accept(listener, NULL, NULL), WSAEWOULDBLOCK);
    close_all(listener, client, INVALID_SOCKET);
}

TEST(wsaaccept__condition_defers__the_connection_is_offered_again_first)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a), first = connected_to(&a), second = connected_to(&a);
    condition = (struct condition){.answer = CF_DEFER};
    CHECK_FAILS(WSAAccept(listener, NULL, NULL, decide, 0), WSATRY_AGAIN);
    u_short port = condition.caller.sin_port;
    CHECK_FAILS(WSAAccept(listener, NULL, NULL, decide, 0), WSATRY_AGAIN);
    CHECK_EQ(condition.caller.sin_port, port);
    wait_readable(listener);
    condition.answer = CF_ACCEPT;
    SOCKET server = WSAAccept(listener, NULL, NULL, decide, 0);
    CHECK(server != INVALID_SOCKET);
    CHECK_EQ(condition.caller.sin_port, port);
    CHECK_EQ(condition.calls, 3);
    CHECK_EQ(closesocket(second), 0);
    close_all(listener, first, server);
}

TEST(wsaaccept__condition_answers_nonsense__is_invalid)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a), client = connected_to(&a);
    condition = (struct condition){.answer = 99};
    CHECK_FAILS(WSAAccept(listener, NULL, NULL, decide, 0), WSAEINVAL);
    SOCKET server = accept(listener, NULL, NULL);
    CHECK(server != INVALID_SOCKET);
    close_all(listener, client, server);
}

TEST(wsaaccept__nothing_waits_non_blocking__condition_is_not_called)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a);
    set_nonblocking(listener);
    condition = (struct condition){.answer = CF_ACCEPT};
    CHECK_FAILS(WSAAccept(listener, NULL, NULL, decide, 0), WSAEWOULDBLOCK);
    CHECK_EQ(condition.calls, 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(accept__ipv6__gives_the_longer_address)
{
    struct sockaddr_in6 a = loopback6(0), peer;
    int length = sizeof a;
    start_winsock();
    SOCKET listener = socket(AF_INET6, SOCK_STREAM, 0);
    if (listener == INVALID_SOCKET || bind(listener, NAME(a)) != 0)
        SKIP("needs IPv6");
    CHECK_EQ(getsockname(listener, (struct sockaddr *)&a, &length), 0);
    CHECK_EQ(listen(listener, 5), 0);
    SOCKET client = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK_EQ(connect(client, NAME(a)), 0);
    length = sizeof peer;
    SOCKET server = accept(listener, (struct sockaddr *)&peer, &length);
    CHECK_EQ(length, sizeof peer);
    CHECK_EQ(peer.sin6_family, AF_INET6);
    CHECK_EQ(peer.sin6_addr.s6_addr[15], 1);
    close_all(listener, client, server);
}

TEST(accept__address_without_length__accepts_and_writes_nothing)
{
    struct sockaddr_in address, peer, none;
    start_winsock();
    SOCKET listener = listener4(&address), client = stream_socket();
    REQUIRE_OK(connect(client, (struct sockaddr *)&address, sizeof address));
    memset(&peer, 0, sizeof peer);
    memset(&none, 0, sizeof none);
    SOCKET server = accept(listener, (struct sockaddr *)&peer, NULL);
    CHECK(server != INVALID_SOCKET);
    CHECK_EQ(memcmp(&peer, &none, sizeof peer), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(listener), 0);
}
