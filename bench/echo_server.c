/* SPDX-License-Identifier: MIT */
/*
 * echo_server.c - a blocking echo server with a thread for each connection; the thing that is measured.
 *
 * A Windows program. Compiled twice from this one source: against ntsock, and with BENCH_POSIX against
 * POSIX sockets, where posix_shim.h gives the few names another meaning. It prints its port and runs
 * until it is ended.
 */
#ifdef BENCH_POSIX
#include "posix_shim.h"
#else
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#endif

#include <stdio.h>

enum { BUFFER_BYTES = 65536 };

static DWORD WINAPI serve_connection(LPVOID context)
{
    SOCKET s = (SOCKET)(ULONG_PTR)context;
    char buffer[BUFFER_BYTES];
    int received;
    while ((received = recv(s, buffer, sizeof buffer, 0)) > 0) {
        int sent = 0;
        while (sent < received) {
            int bytes = send(s, buffer + sent, received - sent, 0);
            if (bytes <= 0)
                break;
            sent += bytes;
        }
        if (sent < received)
            break;
    }
    closesocket(s);
    return 0;
}

int main(void)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    int on = 1;
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 1;
    SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener == INVALID_SOCKET || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, SOMAXCONN) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        fprintf(stderr, "echo_server: error %d\n", WSAGetLastError());
        return 1;
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        SOCKET s = accept(listener, NULL, NULL);
        if (s == INVALID_SOCKET)
            return 1;
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof on);
        HANDLE thread = CreateThread(NULL, 0, serve_connection, (LPVOID)(ULONG_PTR)s, 0, NULL);
        if (thread == NULL)
            return 1;
        CloseHandle(thread);
    }
}
