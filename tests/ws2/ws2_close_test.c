/* SPDX-License-Identifier: MIT */
/* ws2_close_test.c - closesocket: while others are blocked on the socket, lingering, twice. */
#include "ws2_test.h"

#include <stdlib.h>

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)

static DWORD blocked_recv(void *context)
{
    char byte;
    int n = recv(*(SOCKET *)context, &byte, 1, 0);
    return n == SOCKET_ERROR ? (DWORD)WSAGetLastError() : (DWORD)n;
}

static DWORD blocked_recvfrom(void *context)
{
    char byte;
    struct sockaddr_in from;
    int length = sizeof from;
    int n = recvfrom(*(SOCKET *)context, &byte, 1, 0, (struct sockaddr *)&from, &length);
    return n == SOCKET_ERROR ? (DWORD)WSAGetLastError() : (DWORD)n;
}

static DWORD blocked_send(void *context)
{
    static char more_than_buffers_hold[64 << 20];
    int n = send(*(SOCKET *)context, more_than_buffers_hold, sizeof more_than_buffers_hold, 0);
    return n == SOCKET_ERROR ? (DWORD)WSAGetLastError() : (DWORD)n;
}

static DWORD blocked_select(void *context)
{
    fd_set read;
    FD_ZERO(&read);
    FD_SET(*(SOCKET *)context, &read);
    int n = select(0, &read, NULL, NULL, NULL);
    return n == SOCKET_ERROR ? (DWORD)WSAGetLastError() : (DWORD)n;
}

static DWORD blocked_poll(void *context)
{
    WSAPOLLFD entry = {*(SOCKET *)context, POLLIN, 0};
    int n = WSAPoll(&entry, 1, -1);
    return n == 1 ? (DWORD)(USHORT)entry.revents : (DWORD)WSAGetLastError();
}

/*
 * What a thread that is blocked on a socket gets when another closes it. The stack tells that a
 * request is on its way, not that it waits: when the close comes before the call has looked at its
 * socket, the call says WSAENOTSOCK, and it is tried again.
 */
static DWORD close_under(DWORD (*call)(void *context), SOCKET (*make)(SOCKET *ret_other))
{
    DWORD result = WSAENOTSOCK;
    for (int i = 0; i < 100 && result == WSAENOTSOCK; i++) {
        SOCKET other = INVALID_SOCKET, s = make(&other), copy = s;
        HANDLE thread = start_thread(call, &copy);
        wait_until_pending(1);
        CHECK_EQ(closesocket(s), 0);
        result = join_thread(thread);
        if (other != INVALID_SOCKET)
            CHECK_EQ(closesocket(other), 0);
    }
    return result;
}

static SOCKET make_stream(SOCKET *ret_other)
{
    SOCKET s;
    stream_pair(&s, ret_other);
    return s;
}

static SOCKET make_datagram(SOCKET *ret_other)
{
    struct sockaddr_in a;
    (void)ret_other;
    return bound_datagram(&a);
}

TEST(closesocket__recv_blocked__is_interrupted)
{
    start_winsock();
    CHECK_EQ(close_under(blocked_recv, make_stream), WSAEINTR);
}

TEST(closesocket__recvfrom_blocked__is_interrupted)
{
    start_winsock();
    CHECK_EQ(close_under(blocked_recvfrom, make_datagram), WSAEINTR);
}

TEST(closesocket__send_blocked__is_interrupted)
{
    start_winsock();
    CHECK_EQ(close_under(blocked_send, make_stream), WSAEINTR);
}

TEST(closesocket__select_waits_on_it__returns_with_it)
{
    start_winsock();
    CHECK_EQ(close_under(blocked_select, make_stream), 1); /* [obs:wine/sock select] */
}

TEST(closesocket__wsapoll_waits_on_it__reports_an_invalid_socket)
{
    start_winsock();
    CHECK_EQ(close_under(blocked_poll, make_datagram), POLLNVAL);
}

TEST_ALONE(wsacleanup__recv_blocked__is_interrupted)
{
    SOCKET client, server;
    start_winsock();
    stream_pair(&client, &server);
    HANDLE thread = start_thread(blocked_recv, &client);
    wait_until_pending(1);
    CHECK_EQ(WSACleanup(), 0);
    DWORD result = join_thread(thread);
    /* The second and third: the call came too late (a driver may still have held an earlier request). */
    CHECK(result == WSAEINTR || result == WSAENOTSOCK || result == WSANOTINITIALISED);
}

static DWORD close_it(void *context)
{
    return closesocket(*(SOCKET *)context) == 0 ? 0 : (DWORD)WSAGetLastError();
}

TEST(closesocket__two_threads__one_closes_it)
{
    start_winsock();
    for (int i = 0; i < 200; i++) {
        SOCKET s = stream_socket();
        HANDLE one = start_thread(close_it, &s), two = start_thread(close_it, &s);
        DWORD a = join_thread(one), b = join_thread(two);
        CHECK_EQ(a + b, WSAENOTSOCK);
    }
}

TEST(linger__zero__resets_the_connection)
{
    SOCKET client, server;
    LINGER hard = {1, 0};
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    send_all(client, "unread", 6);
    CHECK_EQ(setsockopt(client, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard), 0);
    CHECK_EQ(closesocket(client), 0);
    int result;
    do
        result = recv(server, &byte, 1, 0);
    while (result == 1);
    CHECK_EQ(result, SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    CHECK_EQ(closesocket(server), 0);
}

TEST(linger__off__delivers_what_was_sent)
{
    SOCKET client, server;
    char text[8] = {0};
    start_winsock();
    stream_pair(&client, &server);
    send_all(client, "goodbye", 7);
    CHECK_EQ(closesocket(client), 0);
    receive_all(server, text, 7);
    CHECK_EQ(memcmp(text, "goodbye", 7), 0);
    CHECK_EQ(recv(server, text, 1, 0), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(linger__some_seconds__closes_when_all_is_sent)
{
    SOCKET client, server;
    LINGER soft = {1, 10};
    char text[8];
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(setsockopt(client, SOL_SOCKET, SO_LINGER, (char *)&soft, sizeof soft), 0);
    send_all(client, "x", 1);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(recv(server, text, 8, 0), 1);
    CHECK_EQ(recv(server, text, 8, 0), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(linger__some_seconds_and_non_blocking__would_block_while_data_is_unsent)
{
    static char data[1 << 20];
    SOCKET client, server;
    LINGER soft = {1, 10};
    char text[4096];
    int n, error = 0;
    const char *engine = getenv("NTSOCK_ENGINE");
    start_winsock();
    stream_pair(&client, &server);
    set_nonblocking(client);
    CHECK_EQ(setsockopt(client, SOL_SOCKET, SO_LINGER, (char *)&soft, sizeof soft), 0);
    while (send(client, data, sizeof data, 0) > 0)
        continue;
    REQUIRE_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    int result = closesocket(client);
    if (result != 0) {
        CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
        CHECK_FAILS(recv(client, text, 1, 0), WSAEWOULDBLOCK); /* it is still a socket */
    } else {
        CHECK(engine != NULL && strcmp(engine, "loop") == 0); /* sent is received there */
    }
    set_nonblocking(server);
    for (;;) {
        n = recv(server, text, sizeof text, 0);
        error = n < 0 ? WSAGetLastError() : 0;
        if (n == 0 || (n < 0 && error != WSAEWOULDBLOCK))
            break;
        if (result != 0 && closesocket(client) == 0)
            result = 0;
    }
    CHECK_EQ(result, 0);
    CHECK_EQ(n, 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(closesocket__listener_with_waiting_connections__resets_them)
{
    struct sockaddr_in a;
    char byte;
    start_winsock();
    SOCKET listener = listener4(&a), client = stream_socket();
    CHECK_EQ(connect(client, NAME(a)), 0);
    CHECK_EQ(closesocket(listener), 0);
    CHECK_FAILS(recv(client, &byte, 1, 0), WSAECONNRESET);
    CHECK_EQ(closesocket(client), 0);
}

TEST(closesocket__listener__accepted_sockets_live_on_and_the_port_can_listen_again)
{
    struct sockaddr_in a;
    char byte = 0;
    start_winsock();
    SOCKET listener = own_listener4(&a), client = stream_socket();
    CHECK_EQ(connect(client, NAME(a)), 0);
    SOCKET server = accept(listener, NULL, NULL);
    CHECK_EQ(closesocket(listener), 0);
    send_all(client, "k", 1);
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    listener = stream_socket();
    int on = 1; /* [kb:Q166846] */
    CHECK_EQ(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, (char *)&on, sizeof on), 0);
    CHECK_EQ(bind(listener, NAME(a)), 0);
    CHECK_EQ(listen(listener, 1), 0);
    SOCKET again = stream_socket();
    CHECK_EQ(connect(again, NAME(a)), 0);
    CHECK_EQ(closesocket(again), 0);
    CHECK_EQ(closesocket(listener), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}
