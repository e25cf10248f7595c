/* SPDX-License-Identifier: MIT */
/*
 * winsock_echo.c - a small echo server and its client.
 *
 * Layer: tools; a Windows program. The server takes one connection at a time: it is there to be talked
 * to and traced, not to be fast.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <stdio.h>

#include "winsock_side.h"

enum { BUFFER_BYTES = 4096 };

static int complain(const char *call)
{
    char text[200];
    int error = WSAGetLastError();
    winsock_error_text(error, text, sizeof text);
    fprintf(stderr, "ntsock: echo: %s: %d %s\n", call, error, text);
    return 1;
}

static int send_all(SOCKET s, const char *bytes, int length)
{
    while (length > 0) {
        int sent = send(s, bytes, length, 0);
        if (sent <= 0)
            return -1;
        bytes += sent;
        length -= sent;
    }
    return 0;
}

static void serve_connection(SOCKET s)
{
    char buffer[BUFFER_BYTES];
    int received;
    while ((received = recv(s, buffer, sizeof buffer, 0)) > 0)
        if (send_all(s, buffer, received) != 0)
            break;
    closesocket(s);
}

static int serve(SOCKET listener, unsigned long count)
{
    struct sockaddr_in address, peer;
    int length = sizeof address;
    char name[INET_ADDRSTRLEN];
    if (getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        return complain("getsockname");
    printf("listening on 127.0.0.1 port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (unsigned long served = 0; count == 0 || served < count; served++) {
        length = sizeof peer;
        SOCKET s = accept(listener, (struct sockaddr *)&peer, &length);
        if (s == INVALID_SOCKET)
            return complain("accept");
        inet_ntop(AF_INET, &peer.sin_addr, name, sizeof name);
        printf("connection from %s port %d\n", name, ntohs(peer.sin_port));
        fflush(stdout);
        serve_connection(s);
    }
    return 0;
}

int winsock_echo_serve(unsigned short port, unsigned long count)
{
    struct sockaddr_in address = {0};
    WSADATA data;
    int result;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return complain("WSAStartup");
    SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (listener == INVALID_SOCKET)
        return complain("socket");
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0)
        result = complain("bind");
    else if (listen(listener, SOMAXCONN) != 0)
        result = complain("listen");
    else
        result = serve(listener, count);
    closesocket(listener);
    WSACleanup();
    return result;
}

static int exchange(SOCKET s, unsigned long number)
{
    char sent[64], received[64];
    int length = snprintf(sent, sizeof sent, "message %lu\n", number), have = 0;
    if (send_all(s, sent, length) != 0)
        return complain("send");
    while (have < length) {
        int bytes = recv(s, received + have, length - have, 0);
        if (bytes < 0)
            return complain("recv");
        if (bytes == 0)
            break;
        have += bytes;
    }
    if (have == length && memcmp(sent, received, (size_t)length) == 0)
        return 0;
    fprintf(stderr, "ntsock: echo: message %lu did not come back unchanged\n", number);
    return 1;
}

int winsock_echo_call(const char *host, unsigned short port, unsigned long count)
{
    struct addrinfo hints = {0}, *found;
    WSADATA data;
    char service[8];
    int result = 0;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return complain("WSAStartup");
    hints.ai_socktype = SOCK_STREAM;
    snprintf(service, sizeof service, "%d", port);
    if (getaddrinfo(host, service, &hints, &found) != 0)
        return complain("getaddrinfo");
    SOCKET s = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (s == INVALID_SOCKET || connect(s, found->ai_addr, (int)found->ai_addrlen) != 0)
        result = complain(s == INVALID_SOCKET ? "socket" : "connect");
    freeaddrinfo(found);
    for (unsigned long i = 1; result == 0 && i <= count; i++)
        result = exchange(s, i);
    if (s != INVALID_SOCKET)
        closesocket(s);
    WSACleanup();
    if (result == 0)
        printf("%lu message%s there and back\n", count, count == 1 ? "" : "s");
    return result;
}
