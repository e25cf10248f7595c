/* SPDX-License-Identifier: MIT */
/*
 * iocp_server.c - a completion port server: the thing that is measured.
 *
 * A plain Windows program; also compiled with MinGW for the column of Wine. It does as a careful author would:
 * AcceptEx kept posted, one overlapped operation per connection, success taken without a packet
 * (SetFileCompletionNotificationModes), several packets per call.
 *
 * Usage: iocp_server MODE [THREADS [BUFFER [classic]]]; MODE is echo, accept (accepts and closes), sink (receives
 * only) or udp (echo of datagrams). "classic": no skipping, one packet per call. Prints its port
 * and how many bytes of its own it allocates for a connection.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACCEPTS = 64, ENTRIES = 64, DATAGRAMS = 16 };
#define ADDRESS_ROOM (sizeof(struct sockaddr_in) + 16)

enum kind { ACCEPTING, RECEIVING, SENDING };

struct connection {
    OVERLAPPED overlapped; /* first */
    enum kind kind;
    SOCKET s;
    struct sockaddr_in from;
    INT from_length;
    DWORD length; /* of what is being sent */
    char addresses[2 * ADDRESS_ROOM];
    char buffer[1]; /* buffer_bytes */
};

static enum { MODE_ECHO, MODE_ACCEPT, MODE_SINK, MODE_UDP } mode;
static BOOL classic;
static DWORD buffer_bytes = 4096;
static SOCKET listener;
static HANDLE port;
static LPFN_ACCEPTEX accept_ex;

static void fail(const char *what)
{
    fprintf(stderr, "iocp_server: %s: error %d\n", what, WSAGetLastError());
    ExitProcess(1);
}

static struct connection *new_connection(void)
{
    struct connection *connection = malloc(sizeof *connection + buffer_bytes);
    if (connection == NULL)
        fail("memory");
    memset(connection, 0, sizeof *connection);
    return connection;
}

static void join_port(SOCKET s)
{
    if (CreateIoCompletionPort((HANDLE)s, port, 0, 0) == NULL)
        fail("CreateIoCompletionPort");
    if (!classic && !SetFileCompletionNotificationModes((HANDLE)s,
            FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE))
        fail("SetFileCompletionNotificationModes");
}

static void post_accept(struct connection *connection)
{
    DWORD bytes;
    connection->kind = ACCEPTING;
    connection->s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (connection->s == INVALID_SOCKET)
        fail("WSASocketW");
    memset(&connection->overlapped, 0, sizeof connection->overlapped);
    /* A packet comes for success too: the listener does not skip. */
    if (!accept_ex(listener, connection->s, connection->addresses, 0, ADDRESS_ROOM, ADDRESS_ROOM, &bytes,
            &connection->overlapped) && WSAGetLastError() != ERROR_IO_PENDING)
        fail("AcceptEx");
}

static void end_connection(struct connection *connection)
{
    closesocket(connection->s);
    free(connection);
}

/* Starts one operation. TRUE: it is complete already, with *bytes. */
static BOOL start(struct connection *connection, enum kind kind, DWORD *bytes)
{
    WSABUF buffer = {kind == SENDING ? connection->length : buffer_bytes, connection->buffer};
    DWORD flags = 0;
    int result;
    connection->kind = kind;
    memset(&connection->overlapped, 0, sizeof connection->overlapped);
    connection->from_length = sizeof connection->from;
    if (mode == MODE_UDP && kind == SENDING)
        result = WSASendTo(connection->s, &buffer, 1, bytes, 0, (struct sockaddr *)&connection->from,
            sizeof connection->from, &connection->overlapped, NULL);
    else if (mode == MODE_UDP)
        result = WSARecvFrom(connection->s, &buffer, 1, bytes, &flags, (struct sockaddr *)&connection->from,
            &connection->from_length, &connection->overlapped, NULL);
    else if (kind == SENDING)
        result = WSASend(connection->s, &buffer, 1, bytes, 0, &connection->overlapped, NULL);
    else
        result = WSARecv(connection->s, &buffer, 1, bytes, &flags, &connection->overlapped, NULL);
    if (result == 0)
        return !classic;
    if (WSAGetLastError() == WSA_IO_PENDING)
        return FALSE;
    *bytes = 0; /* as if the peer had closed; a receive or a send of nothing ends the connection */
    return TRUE;
}

/* An operation has completed: goes on until one is pending. */
static void advance(struct connection *connection, DWORD bytes)
{
    do {
        if (bytes == 0 && mode != MODE_UDP) {
            end_connection(connection);
            return;
        }
        if (connection->kind == RECEIVING && mode != MODE_SINK) {
            connection->length = bytes;
            if (!start(connection, SENDING, &bytes))
                return;
        }
    } while (start(connection, RECEIVING, &bytes));
}

static void accepted(struct connection *connection)
{
    DWORD bytes;
    int on = 1;
    post_accept(new_connection());
    if (mode == MODE_ACCEPT) {
        end_connection(connection);
        return;
    }
    setsockopt(connection->s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&listener, sizeof listener);
    setsockopt(connection->s, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof on);
    join_port(connection->s);
    if (start(connection, RECEIVING, &bytes))
        advance(connection, bytes);
}

static void completed(LPOVERLAPPED overlapped, DWORD bytes)
{
    struct connection *connection = (struct connection *)overlapped;
    if (connection->kind == ACCEPTING)
        accepted(connection);
    else
        advance(connection, (LONG)overlapped->Internal < 0 ? 0 : bytes);
}

static DWORD WINAPI work(LPVOID context)
{
    OVERLAPPED_ENTRY entries[ENTRIES];
    ULONG count;
    for (;;) {
        if (classic) {
            LPOVERLAPPED overlapped = NULL;
            ULONG_PTR key;
            DWORD bytes;
            (void)GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, INFINITE);
            if (overlapped != NULL)
                completed(overlapped, bytes);
            continue;
        }
        if (!GetQueuedCompletionStatusEx(port, entries, ENTRIES, &count, INFINITE, FALSE))
            fail("GetQueuedCompletionStatusEx");
        for (ULONG i = 0; i < count; i++)
            completed(entries[i].lpOverlapped, entries[i].dwNumberOfBytesTransferred);
    }
    return context == NULL;
}

static void listen_on(void)
{
    struct sockaddr_in address = {0};
    int length = sizeof address;
    GUID id = WSAID_ACCEPTEX;
    DWORD bytes;
    listener = WSASocketW(AF_INET, mode == MODE_UDP ? SOCK_DGRAM : SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener == INVALID_SOCKET || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        fail("bind");
    if (mode != MODE_UDP) {
        if (listen(listener, SOMAXCONN) != 0 || CreateIoCompletionPort((HANDLE)listener, port, 0, 0) == NULL)
            fail("listen");
        if (WSAIoctl(listener, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &accept_ex, sizeof accept_ex,
                &bytes, NULL, NULL) != 0)
            fail("AcceptEx");
    }
    printf("%d %u\n", ntohs(address.sin_port), (unsigned)(sizeof(struct connection) + buffer_bytes));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"echo", "accept", "sink", "udp"};
    WSADATA data;
    DWORD bytes;
    int threads = argc > 2 ? atoi(argv[2]) : 1, chosen = 0;
    while (chosen < 4 && (argc < 2 || strcmp(argv[1], names[chosen]) != 0))
        chosen++;
    if (chosen == 4 || WSAStartup(MAKEWORD(2, 2), &data) != 0) {
        fprintf(stderr, "usage: iocp_server echo|accept|sink|udp [THREADS [BUFFER [classic]]]\n");
        return 2;
    }
    mode = chosen;
    if (argc > 3)
        buffer_bytes = (DWORD)atoi(argv[3]);
    classic = argc > 4 && strcmp(argv[4], "classic") == 0;
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, (DWORD)threads);
    listen_on();
    if (mode == MODE_UDP) {
        join_port(listener);
        for (int i = 0; i < DATAGRAMS; i++) {
            struct connection *connection = new_connection();
            connection->s = listener;
            if (start(connection, RECEIVING, &bytes))
                advance(connection, bytes);
        }
    } else {
        for (int i = 0; i < ACCEPTS; i++)
            post_accept(new_connection());
    }
    for (int i = 1; i < threads; i++)
        CloseHandle(CreateThread(NULL, 0, work, NULL, 0, NULL));
    return (int)work(NULL);
}
