/* SPDX-License-Identifier: MIT */
/* ws2_connect_test.c - connect: blocking, non-blocking, refused, repeated; datagram peers; bad
 * arguments. */
#include "ws2_test.h"

#include <stdio.h>

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)

TEST(connect__bad_arguments__documented_errors)
{
    struct sockaddr_in a = loopback4(9), listening;
    struct sockaddr_in6 six = loopback6(9);
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_FAILS(connect(s, NULL, sizeof a), WSAEFAULT);
    CHECK_FAILS(connect(s, (struct sockaddr *)16, sizeof a), WSAEFAULT);
    CHECK_FAILS(connect(s, (struct sockaddr *)&a, 0), WSAEFAULT);
    CHECK_FAILS(connect(s, (struct sockaddr *)&a, -5), WSAEFAULT);
    CHECK_FAILS(connect(s, (struct sockaddr *)&a, sizeof a - 1), WSAEFAULT);
    CHECK_FAILS(connect(s, NAME(six)), WSAEAFNOSUPPORT);
    a.sin_port = 0;
    CHECK_FAILS(connect(s, NAME(a)), WSAEADDRNOTAVAIL);
    a = loopback4(9);
    a.sin_addr.s_addr = 0;
    CHECK_FAILS(connect(s, NAME(a)), WSAEADDRNOTAVAIL);
    CHECK_EQ(closesocket(s), 0);
    s = listener4(&listening);
    CHECK_FAILS(connect(s, NAME(listening)), WSAEINVAL);
    CHECK_EQ(closesocket(s), 0);
}

TEST(connect__length_of_sockaddr_storage__is_accepted)
{
    struct sockaddr_storage room = {0};
    start_winsock();
    SOCKET listener = listener4((struct sockaddr_in *)&room), s = stream_socket();
    CHECK_EQ(connect(s, (struct sockaddr *)&room, sizeof room), 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(connect__nobody_listens__is_refused_and_may_be_tried_again)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET refuser = refuser4(&a), s = stream_socket();
    CHECK_FAILS(connect(s, NAME(a)), WSAECONNREFUSED);
    CHECK_FAILS(connect(s, NAME(a)), WSAECONNREFUSED);
    SOCKET listener = listener4(&a);
    CHECK_EQ(connect(s, NAME(a)), 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(refuser), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(connect__connected__is_connected_already)
{
    struct sockaddr_in a;
    int length = sizeof a;
    SOCKET client, server;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(getpeername(client, (struct sockaddr *)&a, &length), 0);
    CHECK_FAILS(connect(client, NAME(a)), WSAEISCONN);
    CHECK_FAILS(connect(server, NAME(a)), WSAEISCONN);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(connect__non_blocking__would_block_then_select_tells_and_the_peer_is_known)
{
    struct sockaddr_in a, peer;
    int length = sizeof peer, error = -1, error_length = sizeof error;
    start_winsock();
    SOCKET listener = listener4(&a), s = stream_socket();
    set_nonblocking(s);
    CHECK_FAILS(connect(s, NAME(a)), WSAEWOULDBLOCK);
    wait_writable(s);
    CHECK_EQ(getpeername(s, (struct sockaddr *)&peer, &length), 0); /* [kb:Q165989] */
    CHECK_EQ(peer.sin_port, a.sin_port);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &error_length), 0);
    CHECK_EQ(error, 0);
    CHECK_FAILS(connect(s, NAME(a)), WSAEISCONN);
    CHECK_EQ(send(s, "x", 1, 0), 1);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(connect__non_blocking_refused__shows_in_the_except_set_and_so_error)
{
    struct timeval limit = {15, 0};
    int error = -1, length = sizeof error;
    struct sockaddr_in a, peer;
    fd_set write, except;
    start_winsock();
    SOCKET refuser = refuser4(&a), s = stream_socket();
    set_nonblocking(s);
    CHECK_FAILS(connect(s, NAME(a)), WSAEWOULDBLOCK);
    FD_ZERO(&write);
    FD_ZERO(&except);
    FD_SET(s, &write);
    FD_SET(s, &except);
    CHECK_EQ(select(0, NULL, &write, &except, &limit), 1);
    CHECK_EQ(write.fd_count, 0);
    CHECK(FD_ISSET(s, &except));
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &length), 0);
    CHECK_EQ(error, WSAECONNREFUSED);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &length), 0);
    CHECK_EQ(error, 0); /* told once */
    length = sizeof peer;
    CHECK_FAILS(getpeername(s, (struct sockaddr *)&peer, &length), WSAENOTCONN);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(refuser), 0);
}

TEST(not_connected__calls_that_need_a_peer__say_so)
{
    struct sockaddr_in a;
    int length = sizeof a;
    char byte;
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_FAILS(getpeername(s, (struct sockaddr *)&a, &length), WSAENOTCONN);
    CHECK_FAILS(send(s, "x", 1, 0), WSAENOTCONN);
    CHECK_FAILS(recv(s, &byte, 1, 0), WSAENOTCONN);
    CHECK_FAILS(shutdown(s, SD_SEND), WSAENOTCONN);
    CHECK_EQ(closesocket(s), 0);
}

TEST(connect__datagram__sets_changes_and_dissolves_the_peer)
{
    struct sockaddr_in a, b, none = {0};
    int length = sizeof none;
    char byte = 0;
    start_winsock();
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b), s = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_FAILS(send(s, "x", 1, 0), WSAENOTCONN);
    CHECK_EQ(connect(s, NAME(a)), 0);
    CHECK_EQ(send(s, "1", 1, 0), 1);
    CHECK_EQ(recv(one, &byte, 1, 0), 1);
    CHECK_EQ(byte, '1');
    CHECK_EQ(connect(s, NAME(b)), 0);
    CHECK_EQ(send(s, "2", 1, 0), 1);
    CHECK_EQ(recv(two, &byte, 1, 0), 1);
    CHECK_EQ(byte, '2');
    none.sin_family = AF_INET;
    CHECK_EQ(connect(s, NAME(none)), 0);
    CHECK_FAILS(getpeername(s, (struct sockaddr *)&none, &length), WSAENOTCONN);
    CHECK_FAILS(send(s, "x", 1, 0), WSAENOTCONN);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
}

TEST(connectbyname__numeric_name__connects_and_tells_both_addresses)
{
    struct sockaddr_in a;
    struct sockaddr_storage local, remote;
    DWORD local_length = sizeof local, remote_length = sizeof remote;
    char port[8];
    start_winsock();
    SOCKET listener = listener4(&a), s = stream_socket();
    snprintf(port, sizeof port, "%d", ntohs(a.sin_port));
    CHECK(WSAConnectByNameA(s, "127.0.0.1", port, &local_length, (SOCKADDR *)&local, &remote_length,
        (SOCKADDR *)&remote, NULL, NULL));
    CHECK_EQ(((struct sockaddr_in *)&remote)->sin_port, a.sin_port);
    CHECK_EQ(local.ss_family, AF_INET);
    CHECK_EQ(((struct sockaddr_in *)&local)->sin_port, 0);
    CHECK_EQ(local_length, sizeof(struct sockaddr_in));
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(listener), 0);
}

#define BY_NAME(s, local_length, local, reserved)                                                              \
    (WSAConnectByNameA(s, "127.0.0.1", port, local_length, local, NULL, NULL, NULL, reserved) ? 0 : SOCKET_ERROR)

TEST(connectbyname__bad_arguments__not_connected)
{
    struct sockaddr_in a;
    struct sockaddr local;
    DWORD length = 3;
    WSAOVERLAPPED overlapped;
    char port[8];
    start_winsock();
    SOCKET listener = listener4(&a), s = stream_socket(), datagram = socket(AF_INET, SOCK_DGRAM, 0);
    snprintf(port, sizeof port, "%d", ntohs(a.sin_port));
    CHECK_FAILS(BY_NAME(s, &length, &local, NULL), WSAEFAULT);
    CHECK_EQ(length, 3);
    CHECK_FAILS(BY_NAME(s, NULL, NULL, &overlapped), WSAEINVAL);
    CHECK_FAILS(BY_NAME(datagram, NULL, NULL, NULL), WSAEOPNOTSUPP);
    memset(&local, 0, sizeof local);
    CHECK_EQ(BY_NAME(s, NULL, &local, NULL), 0);
    CHECK_EQ(local.sa_family, 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(datagram), 0);
    CHECK_FAILS(BY_NAME(datagram, NULL, NULL, &overlapped), WSAEINVAL);
    CHECK_FAILS(BY_NAME(datagram, NULL, NULL, NULL), WSAENOTSOCK);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(connect__bound_first__keeps_its_port)
{
    struct sockaddr_in a, own = loopback4(0), peer;
    int length = sizeof own;
    start_winsock();
    SOCKET listener = listener4(&a), s = stream_socket();
    CHECK_EQ(bind(s, NAME(own)), 0);
    CHECK_EQ(getsockname(s, (struct sockaddr *)&own, &length), 0);
    CHECK_EQ(connect(s, NAME(a)), 0);
    length = sizeof peer;
    SOCKET server = accept(listener, (struct sockaddr *)&peer, &length);
    CHECK_EQ(peer.sin_port, own.sin_port);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(listener), 0);
}

/* [test:wine/ws2_32/sock.c shutdown] */
TEST(getpeername__after_both_ends__knows_the_peer)
{
    SOCKET client, server;
    struct sockaddr_in local, peer;
    int length = sizeof local;
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(getsockname(server, (struct sockaddr *)&local, &length), 0);
    CHECK_EQ(shutdown(client, SD_SEND), 0);
    CHECK_EQ(shutdown(server, SD_SEND), 0);
    CHECK_EQ(recv(client, &byte, 1, 0), 0);
    CHECK_EQ(recv(server, &byte, 1, 0), 0);
    length = sizeof peer;
    CHECK_EQ(getpeername(client, (struct sockaddr *)&peer, &length), 0);
    CHECK_EQ(memcmp(&peer, &local, 8), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}
