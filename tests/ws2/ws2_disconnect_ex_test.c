/* SPDX-License-Identifier: MIT */
/*
 * ws2_disconnect_ex_test.c - DisconnectEx, and sockets that are used again.
 * [doc:mswsock/lpfn_disconnectex] [obs:wine/sock DisconnectEx]
 */
#include "ws2_ex_test.h"

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)

static BOOL disconnect_ex(SOCKET s, WSAOVERLAPPED *overlapped, DWORD flags)
{
    WSASetLastError(0xdead);
    return get_disconnect_ex(s)(s, overlapped, flags, 0);
}

/* Both ends of a connection over a listener that stays. */
static SOCKET connect_to(const struct sockaddr_in *a, SOCKET listener, SOCKET *ret_server)
{
    SOCKET s = stream_socket();
    REQUIRE_OK(connect(s, (const struct sockaddr *)a, sizeof *a));
    *ret_server = accept(listener, NULL, NULL);
    REQUIRE(*ret_server != INVALID_SOCKET);
    return s;
}

TEST(disconnectex__bad_arguments__documented_errors)
{
    struct sockaddr_in a;
    WSAOVERLAPPED o = {0};
    start_winsock();
    SOCKET s = stream_socket(), d = bound_datagram(&a), listener = listener4(&a), server;
    LPFN_DISCONNECTEX ex = get_disconnect_ex(s);
    CHECK(!ex(INVALID_SOCKET, &o, 0, 0));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK(!ex(s, NULL, 0, 0));
    CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
    CHECK(!ex(listener, NULL, 0, 0));
    CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
    SOCKET client = connect_to(&a, listener, &server);
    CHECK(!ex(client, NULL, 1, 0));
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK(!ex(client, NULL, 0, 1));
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK(!ex(client, (LPOVERLAPPED)16, 0, 0));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(listener), 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(d), 0);
}

/* Sends are over, the connection is not. */
static void check_half_closed(SOCKET client, SOCKET server, const struct sockaddr_in *a)
{
    struct sockaddr_in name;
    int length = sizeof name;
    char text[8];
    CHECK_FAILS(connect(client, (const struct sockaddr *)a, sizeof *a), WSAEISCONN);
    CHECK_FAILS(send(client, "x", 1, 0), WSAESHUTDOWN);
    CHECK_EQ(recv(server, text, 8, 0), 0);
    CHECK_EQ(send(server, "back", 4, 0), 4);
    CHECK_EQ(recv(client, text, 8, 0), 4);
    CHECK_EQ(getpeername(client, (struct sockaddr *)&name, &length), 0);
    CHECK_EQ(memcmp(&name, a, sizeof name), 0);
}

TEST(disconnectex__overlapped__ends_sending)
{
    struct sockaddr_in a;
    SOCKET server;
    DWORD bytes = 9;
    start_winsock();
    SOCKET listener = listener4(&a), client = connect_to(&a, listener, &server);
    WSAOVERLAPPED o = overlapped_begin();
    BOOL started = disconnect_ex(client, &o, 0);
    CHECK(started || WSAGetLastError() == ERROR_IO_PENDING);
    CHECK_EQ(overlapped_end(client, &o, started, &bytes), 0);
    CHECK_EQ(bytes, 0);
    check_half_closed(client, server, &a);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(disconnectex__waits_and_is_called_twice__succeeds)
{
    struct sockaddr_in a;
    SOCKET server;
    start_winsock();
    SOCKET listener = listener4(&a), client = connect_to(&a, listener, &server);
    CHECK(disconnect_ex(client, NULL, 0));
    CHECK(disconnect_ex(client, NULL, 0));
    check_half_closed(client, server, &a);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(disconnectex__reuse__waits_for_the_peer_and_the_socket_connects_again)
{
    struct sockaddr_in a, any = loopback4(0);
    SOCKET server;
    char byte;
    start_winsock();
    any.sin_addr.s_addr = htonl(nts_own_loopback()); /* its port is given up and taken again */
    SOCKET listener = listener4(&a), client = stream_socket();
    CHECK_EQ(bind(client, NAME(any)), 0);
    for (int round = 0; round < 3; round++) {
        WSAOVERLAPPED o = overlapped_begin();
        DWORD bytes;
        BOOL started = get_connect_ex(client)(client, NAME(a), NULL, 0, &bytes, &o);
        int error = overlapped_end(client, &o, started, NULL);
        /* The same two addresses again: the last connection of them may still be in TIME_WAIT. */
        if (round != 0 && error == WSAEADDRINUSE)
            break;
        REQUIRE_EQ(error, 0);
        CHECK_EQ(setsockopt(client, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0), 0);
        server = accept(listener, NULL, NULL);
        REQUIRE(server != INVALID_SOCKET);
        CHECK_EQ(send(client, "r", 1, 0), 1);
        CHECK_EQ(recv(server, &byte, 1, 0), 1);
        CHECK_EQ(closesocket(server), 0);
        CHECK_EQ(recv(client, &byte, 1, 0), 0);
        CHECK_EQ(shutdown(client, SD_BOTH), 0);
        o = overlapped_begin();
        started = disconnect_ex(client, &o, TF_REUSE_SOCKET);
        CHECK_EQ(overlapped_end(client, &o, started, NULL), 0);
        struct sockaddr_in name;
        int length = sizeof name;
        CHECK_FAILS(getpeername(client, (struct sockaddr *)&name, &length), WSAENOTCONN);
        CHECK_FAILS(send(client, "x", 1, 0), WSAENOTCONN);
    }
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(disconnectex__reuse_of_an_accepted_socket__accepts_again)
{
    struct sockaddr_in a;
    ACCEPT_BUFFER buffer;
    char byte;
    start_winsock();
    SOCKET listener = listener4(&a), acceptor = stream_socket();
    for (int round = 0; round < 3; round++) {
        WSAOVERLAPPED o = overlapped_begin();
        DWORD bytes;
        SOCKET client = stream_socket();
        BOOL started = AcceptEx(
            listener, acceptor, &buffer, 0, EX_ADDRESS, EX_ADDRESS, &bytes, &o);
        int error = started ? 0 : WSAGetLastError();
        CHECK_EQ(connect(client, NAME(a)), 0);
        WSASetLastError(error);
        REQUIRE_EQ(overlapped_end(listener, &o, started, NULL), 0);
        CHECK_EQ(setsockopt(acceptor, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener,
                     sizeof listener),
            0);
        CHECK_EQ(send(client, "r", 1, 0), 1);
        CHECK_EQ(recv(acceptor, &byte, 1, 0), 1);
        CHECK_EQ(byte, 'r');
        o = overlapped_begin();
        started = disconnect_ex(acceptor, &o, TF_REUSE_SOCKET);
        error = started ? 0 : WSAGetLastError();
        CHECK_EQ(recv(client, &byte, 1, 0), 0);
        CHECK_EQ(closesocket(client), 0); /* completes when the peer has ended too */
        WSASetLastError(error);
        CHECK_EQ(overlapped_end(acceptor, &o, started, NULL), 0);
        struct sockaddr_in name;
        int length = sizeof name;
        CHECK_FAILS(getsockname(acceptor, (struct sockaddr *)&name, &length), WSAEINVAL);
    }
    CHECK_EQ(closesocket(acceptor), 0);
    CHECK_EQ(closesocket(listener), 0);
}
