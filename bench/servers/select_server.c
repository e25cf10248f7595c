/* SPDX-License-Identifier: MIT */
/*
 * select_server.c - an echo server on select(): non-blocking sockets, one thread.
 *
 * A Windows program. Compiled twice from this one source: against ntsock, and with BENCH_POSIX against POSIX
 * sockets, where posix_shim.h gives the few names another meaning. It serves up to 60 connections, because an
 * fd_set of Windows holds 64 sockets. Prints its port.
 */
#ifdef BENCH_POSIX
#include "posix_shim.h"
#else
#include <winsock2.h>
#include <ws2tcpip.h>
#endif

#include <stdio.h>

enum { CONNECTIONS_MAX = 60, BUFFER_BYTES = 4096 };

struct connection {
    SOCKET s;
    int length, sent; /* of what could not be sent at once */
    char buffer[BUFFER_BYTES];
};

static struct connection connections[CONNECTIONS_MAX];
static int count;

static int would_block(void)
{
    return WSAGetLastError() == WSAEWOULDBLOCK;
}

/* 0: over */
static int flush_out(struct connection *connection)
{
    while (connection->sent < connection->length) {
        int bytes =
            send(connection->s, connection->buffer + connection->sent, connection->length - connection->sent, 0);
        if (bytes < 0)
            return would_block();
        connection->sent += bytes;
    }
    connection->length = connection->sent = 0;
    return 1;
}

static int receive(struct connection *connection)
{
    int bytes = recv(connection->s, connection->buffer, BUFFER_BYTES, 0);
    if (bytes < 0)
        return would_block();
    connection->length = bytes;
    return bytes > 0 && flush_out(connection);
}

static void accept_one(SOCKET listener)
{
    u_long on = 1;
    int no_delay = 1;
    SOCKET s = accept(listener, NULL, NULL);
    if (s == INVALID_SOCKET)
        return;
    if (count == CONNECTIONS_MAX || ioctlsocket(s, FIONBIO, &on) != 0) {
        closesocket(s);
        return;
    }
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (const char *)&no_delay, sizeof no_delay);
    connections[count].s = s;
    connections[count].length = connections[count].sent = 0;
    count++;
}

static void serve(SOCKET listener)
{
    fd_set readable, writable;
    int highest = (int)listener;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(listener, &readable);
    for (int i = 0; i < count; i++) {
        FD_SET(connections[i].s, connections[i].length != 0 ? &writable : &readable);
        if ((int)connections[i].s > highest)
            highest = (int)connections[i].s;
    }
    if (select(highest + 1, &readable, &writable, NULL, NULL) < 0)
        return;
    for (int i = count - 1; i >= 0; i--) {
        struct connection *connection = &connections[i];
        int open = 1;
        if (FD_ISSET(connection->s, &writable))
            open = flush_out(connection);
        else if (FD_ISSET(connection->s, &readable))
            open = receive(connection);
        if (!open) {
            closesocket(connection->s);
            *connection = connections[--count];
        }
    }
    if (FD_ISSET(listener, &readable))
        accept_one(listener);
}

int main(void)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    u_long on = 1;
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 1;
    SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener == INVALID_SOCKET || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, SOMAXCONN) != 0 || ioctlsocket(listener, FIONBIO, &on) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        fprintf(stderr, "select_server: error %d\n", WSAGetLastError());
        return 1;
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;)
        serve(listener);
}
