/* SPDX-License-Identifier: MIT */
/*
 * ws2_accept_ex_test.c - AcceptEx, GetAcceptExSockaddrs, SO_UPDATE_ACCEPT_CONTEXT.
 * [doc:mswsock/acceptex] [obs:wine/sock AcceptEx]
 */
#include "ws2_ex_test.h"

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)

static BOOL start_accept(SOCKET listener, SOCKET acceptor, ACCEPT_BUFFER *buffer, DWORD data,
    WSAOVERLAPPED *overlapped)
{
    DWORD bytes = 0;
    WSASetLastError(0xdead);
    return AcceptEx(
        listener, acceptor, buffer->bytes, data, EX_ADDRESS, EX_ADDRESS, &bytes, overlapped);
}

/* A listener, a socket to accept into, one that connects, and a request. */
typedef struct SCENE {
    SOCKET listener, acceptor, client;
    struct sockaddr_in a;
    ACCEPT_BUFFER buffer;
    WSAOVERLAPPED o;
    DWORD bytes;
} SCENE;

static void scene_open(SCENE *s)
{
    start_winsock();
    s->listener = listener4(&s->a);
    s->acceptor = stream_socket();
    s->client = stream_socket();
    s->bytes = 99;
}

static BOOL scene_accept(SCENE *s, DWORD data)
{
    s->o = overlapped_begin();
    return start_accept(s->listener, s->acceptor, &s->buffer, data, &s->o);
}

/* What the request comes to, which was pending. */
static int scene_end(SCENE *s)
{
    WSASetLastError(ERROR_IO_PENDING);
    return overlapped_end(s->listener, &s->o, FALSE, &s->bytes);
}

static void scene_close(SCENE *s)
{
    CHECK_EQ(closesocket(s->client), 0);
    CHECK_EQ(closesocket(s->acceptor), 0);
    CHECK_EQ(closesocket(s->listener), 0);
}

/* One connection through AcceptEx without data. */
static void accept_pair(SOCKET listener, const struct sockaddr_in *address, SOCKET *ret_client,
    SOCKET *ret_server)
{
    ACCEPT_BUFFER buffer;
    WSAOVERLAPPED overlapped = overlapped_begin();
    *ret_server = stream_socket();
    *ret_client = stream_socket();
    BOOL started = start_accept(listener, *ret_server, &buffer, 0, &overlapped);
    CHECK(!started);
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    REQUIRE_OK(connect(*ret_client, (const struct sockaddr *)address, sizeof *address));
    WSASetLastError(ERROR_IO_PENDING);
    REQUIRE_EQ(overlapped_end(listener, &overlapped, started, NULL), 0);
}

TEST(acceptex__bad_arguments__documented_errors)
{
    struct sockaddr_in a;
    ACCEPT_BUFFER buffer;
    WSAOVERLAPPED o = {0};
    DWORD bytes;
    start_winsock();
    SOCKET plain = stream_socket(), acceptor = stream_socket();
    SOCKET listener = listener4(&a);
    CHECK(!AcceptEx(listener, acceptor, &buffer, 0, EX_ADDRESS, EX_ADDRESS, &bytes, NULL));
    CHECK_EQ(WSAGetLastError(), ERROR_INVALID_PARAMETER);
    o.Internal = 0xdeadbeef;
    o.InternalHigh = 0xdeadbeef;
    CHECK(!AcceptEx(INVALID_SOCKET, acceptor, &buffer, 0, EX_ADDRESS, EX_ADDRESS, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(o.Internal, 0x103); /* STATUS_PENDING, whatever comes then */
    CHECK_EQ(o.InternalHigh, 0xdeadbeef);
    CHECK(!AcceptEx(listener, INVALID_SOCKET, &buffer, 0, EX_ADDRESS, EX_ADDRESS, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK(!AcceptEx(plain, acceptor, &buffer, 0, EX_ADDRESS, EX_ADDRESS, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAEINVAL); /* does not listen */
    CHECK(!AcceptEx(listener, acceptor, NULL, 8, EX_ADDRESS, EX_ADDRESS, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(!AcceptEx(listener, acceptor, &buffer, 0, EX_ADDRESS, 0, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(!AcceptEx(listener, acceptor, (PVOID)16, 0, EX_ADDRESS, EX_ADDRESS, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(!AcceptEx(listener, acceptor, &buffer, 0, EX_ADDRESS, EX_ADDRESS, &bytes, (PVOID)16));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(closesocket(plain), 0);
    CHECK_EQ(closesocket(acceptor), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(acceptex__acceptor_in_use__is_invalid)
{
    struct sockaddr_in a, b;
    ACCEPT_BUFFER buffer;
    SOCKET client, server;
    start_winsock();
    SOCKET listener = listener4(&a), datagram = bound_datagram(&b), bound = stream_socket();
    b = loopback4(0);
    CHECK_EQ(bind(bound, NAME(b)), 0);
    stream_pair(&client, &server);
    const SOCKET wrong[] = {datagram, bound, client, server};
    for (size_t i = 0; i < ARRAYSIZE(wrong); i++) {
        WSAOVERLAPPED o = overlapped_begin();
        BOOL started = start_accept(listener, wrong[i], &buffer, 0, &o);
        CHECK_EQ(overlapped_end(listener, &o, started, NULL), WSAEINVAL);
        CHECK_EQ(closesocket(wrong[i]), 0);
    }
    CHECK_EQ(closesocket(listener), 0);
}

TEST(acceptex__acceptor_waits__is_good_for_nothing_else)
{
    struct sockaddr_in a;
    ACCEPT_BUFFER buffer, other;
    start_winsock();
    SOCKET listener = listener4(&a), acceptor = stream_socket();
    WSAOVERLAPPED first = overlapped_begin(), second = overlapped_begin();
    BOOL started = start_accept(listener, acceptor, &buffer, 0, &first);
    REQUIRE(!started);
    REQUIRE_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    BOOL again = start_accept(listener, acceptor, &other, 0, &second);
    CHECK_EQ(overlapped_end(listener, &second, again, NULL), WSAEINVAL);
    CHECK_FAILS(connect(acceptor, NAME(a)), WSAEINVAL);
    second = overlapped_begin();
    DWORD bytes;
    again = get_connect_ex(acceptor)(acceptor, NAME(a), NULL, 0, &bytes, &second);
    CHECK_EQ(overlapped_end(acceptor, &second, again, NULL), WSAEINVAL);
    CHECK_EQ(closesocket(acceptor), 0);
    WSASetLastError(ERROR_IO_PENDING);
    CHECK_EQ(overlapped_end(listener, &first, started, NULL), WSA_OPERATION_ABORTED);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(acceptex__without_data__completes_with_the_connection_and_both_addresses)
{
    SCENE s;
    struct sockaddr_in peer;
    struct sockaddr *local = NULL, *remote = NULL;
    int local_length = 0, remote_length = 0, length = sizeof peer;
    scene_open(&s);
    BOOL started = scene_accept(&s, 0);
    CHECK(!started);
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(connect(s.client, NAME(s.a)), 0);
    CHECK_EQ(getsockname(s.client, (struct sockaddr *)&peer, &length), 0);
    CHECK_EQ(scene_end(&s), 0);
    CHECK_EQ(s.bytes, 0);
    GetAcceptExSockaddrs(
        &s.buffer, 0, EX_ADDRESS, EX_ADDRESS, &local, &local_length, &remote, &remote_length);
    CHECK_EQ(local_length, sizeof s.a);
    CHECK_EQ(remote_length, sizeof peer);
    CHECK_EQ(memcmp(local, &s.a, sizeof s.a), 0);
    CHECK_EQ(memcmp(remote, &peer, sizeof peer), 0);
    CHECK_EQ(send(s.acceptor, "s", 1, 0), 1);
    CHECK_EQ(recv(s.client, s.buffer.bytes, 1, 0), 1);
    scene_close(&s);
}

TEST(acceptex__connection_is_there_already__is_accepted)
{
    SCENE s;
    scene_open(&s);
    CHECK_EQ(connect(s.client, NAME(s.a)), 0);
    wait_readable(s.listener);
    BOOL started = scene_accept(&s, 0);
    CHECK(started || WSAGetLastError() == ERROR_IO_PENDING);
    CHECK_EQ(overlapped_end(s.listener, &s.o, started, NULL), 0);
    CHECK_EQ(send(s.client, "c", 1, 0), 1);
    CHECK_EQ(recv(s.acceptor, s.buffer.bytes, 1, 0), 1);
    scene_close(&s);
}

TEST(acceptex__with_data__completes_with_the_first_bytes)
{
    SCENE s;
    struct sockaddr *local, *remote;
    int local_length, remote_length;
    scene_open(&s);
    BOOL started = scene_accept(&s, EX_DATA);
    CHECK(!started);
    CHECK_EQ(connect(s.client, NAME(s.a)), 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &s.o.hEvent, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
    send_all(s.client, "first", 5);
    CHECK_EQ(scene_end(&s), 0);
    CHECK_EQ(s.bytes, 5);
    CHECK_EQ(memcmp(s.buffer.bytes, "first", 5), 0);
    GetAcceptExSockaddrs(
        &s.buffer, EX_DATA, EX_ADDRESS, EX_ADDRESS, &local, &local_length, &remote, &remote_length);
    CHECK_EQ(memcmp(local, &s.a, sizeof s.a), 0);
    CHECK_EQ(remote_length, sizeof(struct sockaddr_in));
    scene_close(&s);
}

TEST(acceptex__client_closes_without_data__completes_with_none)
{
    struct sockaddr_in a;
    ACCEPT_BUFFER buffer;
    DWORD bytes = 9;
    start_winsock();
    SOCKET listener = listener4(&a), acceptor = stream_socket(), client = stream_socket();
    WSAOVERLAPPED o = overlapped_begin();
    BOOL started = start_accept(listener, acceptor, &buffer, EX_DATA, &o);
    CHECK_EQ(connect(client, NAME(a)), 0);
    CHECK_EQ(closesocket(client), 0);
    WSASetLastError(ERROR_IO_PENDING);
    CHECK_EQ(overlapped_end(listener, &o, started, &bytes), 0);
    CHECK_EQ(bytes, 0);
    CHECK_EQ(closesocket(acceptor), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(acceptex__local_area_of_zero__is_left_out_a_short_one_fails_with_the_connection)
{
    SCENE s;
    struct sockaddr *none = (struct sockaddr *)1, *remote = NULL;
    int none_length = 77, remote_length = 0;
    scene_open(&s);
    s.o = overlapped_begin();
    CHECK(!AcceptEx(s.listener, s.acceptor, &s.buffer, 0, 0, EX_ADDRESS, &s.bytes, &s.o));
    CHECK_EQ(connect(s.client, NAME(s.a)), 0);
    CHECK_EQ(scene_end(&s), 0);
    GetAcceptExSockaddrs(&s.buffer, 0, 0, EX_ADDRESS, &none, &none_length, &remote, &remote_length);
    CHECK(none == (struct sockaddr *)1);
    CHECK_EQ(none_length, 77);
    CHECK_EQ(remote_length, sizeof(struct sockaddr_in));
    CHECK_EQ(closesocket(s.client), 0);
    CHECK_EQ(closesocket(s.acceptor), 0);

    s.acceptor = stream_socket(), s.client = stream_socket();
    s.o = overlapped_begin();
    CHECK(!AcceptEx(s.listener, s.acceptor, &s.buffer, 0, 3, EX_ADDRESS, &s.bytes, &s.o));
    CHECK_EQ(connect(s.client, NAME(s.a)), 0);
    CHECK_EQ(scene_end(&s), WSAEFAULT);
    CHECK_EQ((LONG)s.o.Internal, (LONG)0xC0000023); /* STATUS_BUFFER_TOO_SMALL */
    SOCKET server = accept(s.listener, NULL, NULL); /* the connection has not been taken */
    CHECK(server != INVALID_SOCKET);
    CHECK_EQ(closesocket(server), 0);
    scene_close(&s);
}

TEST(acceptex__listener_closed__is_aborted)
{
    struct sockaddr_in a;
    ACCEPT_BUFFER buffer;
    start_winsock();
    SOCKET listener = listener4(&a), acceptor = stream_socket();
    WSAOVERLAPPED o = overlapped_begin();
    BOOL started = start_accept(listener, acceptor, &buffer, 0, &o);
    CHECK(!started);
    CHECK_EQ(closesocket(listener), 0);
    WSASetLastError(ERROR_IO_PENDING);
    CHECK_EQ(overlapped_end(acceptor, &o, started, NULL), WSA_OPERATION_ABORTED);
    CHECK_EQ((LONG)o.Internal, (LONG)0xC0000120);
    CHECK_EQ(closesocket(acceptor), 0);
}

TEST(acceptex__cancelled__acceptor_can_be_used_again)
{
    SCENE s;
    scene_open(&s);
    BOOL started = scene_accept(&s, 0);
    CHECK(!started);
    cancel_overlapped(s.listener, &s.o);
    CHECK_EQ(scene_end(&s), WSA_OPERATION_ABORTED);
    started = scene_accept(&s, 0);
    CHECK(!started);
    CHECK_EQ(connect(s.client, NAME(s.a)), 0);
    CHECK_EQ(scene_end(&s), 0);
    scene_close(&s);
}

TEST(acceptex__several_pending__each_gets_a_connection_in_order)
{
    enum { COUNT = 8 };
    struct sockaddr_in a;
    ACCEPT_BUFFER buffers[COUNT];
    WSAOVERLAPPED o[COUNT];
    SOCKET acceptors[COUNT], clients[COUNT];
    start_winsock();
    SOCKET listener = listener4(&a);
    for (int i = 0; i < COUNT; i++) {
        acceptors[i] = stream_socket();
        o[i] = overlapped_begin();
        CHECK(!start_accept(listener, acceptors[i], &buffers[i], 0, &o[i]));
        CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    }
    for (int i = 0; i < COUNT; i++) {
        char mark = (char)('a' + i), got = 0;
        clients[i] = stream_socket();
        CHECK_EQ(connect(clients[i], NAME(a)), 0);
        send_all(clients[i], &mark, 1);
        WSASetLastError(ERROR_IO_PENDING);
        CHECK_EQ(overlapped_end(listener, &o[i], FALSE, NULL), 0);
        CHECK_EQ(recv(acceptors[i], &got, 1, 0), 1);
        CHECK_EQ(got, mark);
    }
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQ(closesocket(clients[i]), 0);
        CHECK_EQ(closesocket(acceptors[i]), 0);
    }
    CHECK_EQ(closesocket(listener), 0);
}

TEST(update_accept_context__before_and_after__names_and_shutdown)
{
    struct sockaddr_in a, name, peer;
    SOCKET client, server, other;
    int length;
    start_winsock();
    SOCKET listener = listener4(&a);
    accept_pair(listener, &a, &client, &server);
    length = sizeof name;
    CHECK_FAILS(getpeername(server, (struct sockaddr *)&name, &length), WSAENOTCONN);
    CHECK_FAILS(getsockname(server, (struct sockaddr *)&name, &length), WSAEINVAL);
    CHECK_FAILS(shutdown(server, SD_SEND), WSAENOTCONN);
    CHECK_FAILS(connect(server, NAME(a)), WSAEINVAL);

    other = stream_socket();
    CHECK_FAILS(setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&other,
                    sizeof other),
        WSAEINVAL);
    CHECK_FAILS(setsockopt(other, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener,
                    sizeof listener),
        WSAENOTCONN);
    CHECK_FAILS(setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, 2),
        WSAEFAULT);
    CHECK_EQ(closesocket(other), 0);

    CHECK_EQ(setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener,
                 sizeof listener),
        0);
    length = sizeof name;
    CHECK_EQ(getsockname(server, (struct sockaddr *)&name, &length), 0);
    CHECK_EQ(memcmp(&name, &a, sizeof a), 0);
    CHECK_EQ(getpeername(server, (struct sockaddr *)&name, &length), 0);
    CHECK_EQ(getsockname(client, (struct sockaddr *)&peer, &length), 0);
    CHECK_EQ(memcmp(&name, &peer, sizeof peer), 0);
    CHECK_FAILS(connect(server, NAME(a)), WSAEISCONN);
    CHECK_EQ(shutdown(server, SD_SEND), 0);
    char byte;
    CHECK_EQ(recv(client, &byte, 1, 0), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(update_accept_context__listener_properties__are_inherited_then)
{
    struct sockaddr_in a;
    SOCKET client, server;
    LINGER linger = {1, 555}, got = {0, 0};
    DWORD timeout = 0x123, value = 0;
    int length = sizeof value;
    start_winsock();
    SOCKET listener = listener4(&a);
    CHECK_EQ(setsockopt(listener, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger), 0);
    CHECK_EQ(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, sizeof timeout), 0);
    accept_pair(listener, &a, &client, &server);
    CHECK_EQ(getsockopt(server, SOL_SOCKET, SO_RCVTIMEO, (char *)&value, &length), 0);
    CHECK_EQ(value, 0);
    CHECK_EQ(setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener,
                 sizeof listener),
        0);
    CHECK_EQ(getsockopt(server, SOL_SOCKET, SO_RCVTIMEO, (char *)&value, &length), 0);
    CHECK_EQ(value, 0x123);
    length = sizeof got;
    CHECK_EQ(getsockopt(server, SOL_SOCKET, SO_LINGER, (char *)&got, &length), 0);
    CHECK_EQ(got.l_onoff, 1);
    CHECK_EQ(got.l_linger, 555);
    LINGER off = {0, 0};
    CHECK_EQ(setsockopt(server, SOL_SOCKET, SO_LINGER, (char *)&off, sizeof off), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(connect_time__accepted_by_acceptex__counts_from_the_connection)
{
    struct sockaddr_in a;
    SOCKET client, server;
    DWORD seconds = 0;
    int length = sizeof seconds;
    start_winsock();
    SOCKET listener = listener4(&a), idle = stream_socket();
    CHECK_EQ(getsockopt(idle, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &length), 0);
    CHECK_EQ(seconds, 0xFFFFFFFF);
    accept_pair(listener, &a, &client, &server);
    CHECK_EQ(getsockopt(server, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &length), 0);
    CHECK(seconds < 60);
    CHECK_EQ(closesocket(idle), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(listener), 0);
}
