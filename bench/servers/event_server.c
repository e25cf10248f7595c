/* SPDX-License-Identifier: MIT */
/*
 * event_server.c - an echo server on WSAEventSelect and WSAWaitForMultipleEvents: an event for each socket, one
 * thread.
 *
 * A Windows program; its twin is epoll_server.c, because Linux has nothing closer. It serves up to 63 connections:
 * Windows waits for 64 objects at once. Prints its port.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <stdio.h>

enum { BUFFER_BYTES = 4096, EVENTS_MAX = WSA_MAXIMUM_WAIT_EVENTS };

struct connection {
    SOCKET s;
    int length, sent; /* of what could not be sent at once */
    char buffer[BUFFER_BYTES];
};

/* Entry 0 is the listener; connection i has event i. */
static struct connection connections[EVENTS_MAX];
static WSAEVENT events[EVENTS_MAX];
static DWORD count;

static void fail(const char *what)
{
    fprintf(stderr, "event_server: %s: error %d\n", what, WSAGetLastError());
    ExitProcess(1);
}

/* FALSE: over. FD_WRITE comes when a full socket has room again. */
static BOOL flush_out(struct connection *connection)
{
    while (connection->sent < connection->length) {
        int bytes =
            send(connection->s, connection->buffer + connection->sent, connection->length - connection->sent, 0);
        if (bytes < 0)
            return WSAGetLastError() == WSAEWOULDBLOCK;
        connection->sent += bytes;
    }
    connection->length = connection->sent = 0;
    return TRUE;
}

/* A recv enables FD_READ again, so one is enough. */
static BOOL receive(struct connection *connection)
{
    int bytes = recv(connection->s, connection->buffer, BUFFER_BYTES, 0);
    if (bytes < 0)
        return WSAGetLastError() == WSAEWOULDBLOCK;
    connection->length = bytes;
    return bytes > 0 && flush_out(connection);
}

static void add(SOCKET s, LONG mask)
{
    events[count] = WSACreateEvent();
    if (events[count] == WSA_INVALID_EVENT || WSAEventSelect(s, events[count], mask) != 0)
        fail("WSAEventSelect");
    connections[count].s = s;
    connections[count].length = connections[count].sent = 0;
    count++;
}

static void take_out(DWORD at)
{
    closesocket(connections[at].s);
    WSACloseEvent(events[at]);
    count--;
    connections[at] = connections[count];
    events[at] = events[count];
}

static void accept_one(void)
{
    int on = 1;
    SOCKET s = accept(connections[0].s, NULL, NULL);
    if (s == INVALID_SOCKET)
        return;
    if (count == EVENTS_MAX) {
        closesocket(s);
        return;
    }
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof on);
    add(s, FD_READ | FD_WRITE | FD_CLOSE);
}

static void serve(DWORD at)
{
    struct connection *connection = &connections[at];
    WSANETWORKEVENTS occurred;
    BOOL open = TRUE;
    if (WSAEnumNetworkEvents(connection->s, events[at], &occurred) != 0)
        fail("WSAEnumNetworkEvents");
    if (occurred.lNetworkEvents & FD_ACCEPT)
        accept_one();
    if (occurred.lNetworkEvents & FD_WRITE)
        open = flush_out(connection);
    /* Room again, too: what came while the socket was full has been told of already. */
    if (open && (occurred.lNetworkEvents & (FD_READ | FD_WRITE)) && connection->length == 0)
        open = receive(connection);
    if (!open || (occurred.lNetworkEvents & FD_CLOSE))
        take_out(at);
}

int main(void)
{
    struct sockaddr_in address = {0};
    int length = sizeof address;
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 1;
    SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener == INVALID_SOCKET || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        fail("bind");
    add(listener, FD_ACCEPT);
    if (listen(listener, SOMAXCONN) != 0)
        fail("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        DWORD first = WSAWaitForMultipleEvents(count, events, FALSE, WSA_INFINITE, FALSE) - WSA_WAIT_EVENT_0;
        if (first >= count)
            fail("WSAWaitForMultipleEvents");
        serve(first);
        /* Those behind it, or the first ones would starve the last. */
        for (DWORD i = count; i-- > first + 1;)
            if (WSAWaitForMultipleEvents(1, &events[i], FALSE, 0, FALSE) == WSA_WAIT_EVENT_0)
                serve(i);
    }
}
