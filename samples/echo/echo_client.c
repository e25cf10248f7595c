/* SPDX-License-Identifier: MIT */
/*
 * echo_client.c - sends text to an echo server and checks that it comes back.
 *
 * An ordinary Windows program: the same file compiles with Visual C++, MinGW and ntsock-cc.
 *
 *   echo_client [--host NAME] [--port N] [--count N] [--text TEXT]
 *       --count: connections, one after the other; default 1
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma comment(lib, "ws2_32.lib")

#define TEXT_MAX 4096

static int Fail(const char *Call)
{
    fprintf(stderr, "echo_client: %s failed: %d\n", Call, WSAGetLastError());
    return 1;
}

static SOCKET Connect(const char *Host, const char *Port)
{
    struct addrinfo Hints, *List = NULL, *Entry;
    SOCKET Socket = INVALID_SOCKET;
    int Error;

    memset(&Hints, 0, sizeof(Hints));
    Hints.ai_family = AF_UNSPEC;
    Hints.ai_socktype = SOCK_STREAM;
    Hints.ai_protocol = IPPROTO_TCP;
    Error = getaddrinfo(Host, Port, &Hints, &List);
    if (Error != 0) {
        WSASetLastError(Error);
        return INVALID_SOCKET;
    }
    for (Entry = List; Entry != NULL && Socket == INVALID_SOCKET; Entry = Entry->ai_next) {
        Socket = socket(Entry->ai_family, Entry->ai_socktype, Entry->ai_protocol);
        if (Socket == INVALID_SOCKET)
            continue;
        if (connect(Socket, Entry->ai_addr, (int)Entry->ai_addrlen) == SOCKET_ERROR) {
            Error = WSAGetLastError();
            closesocket(Socket);
            WSASetLastError(Error);
            Socket = INVALID_SOCKET;
        }
    }
    freeaddrinfo(List);
    return Socket;
}

/* Sends the text, ends the sending direction, reads to the end of the stream. */
static int Exchange(SOCKET Socket, const char *Text)
{
    static char Reply[TEXT_MAX];
    int Length = (int)strlen(Text), Sent = 0, Received = 0;

    while (Sent < Length) {
        int n = send(Socket, Text + Sent, Length - Sent, 0);
        if (n == SOCKET_ERROR)
            return Fail("send");
        Sent += n;
    }
    if (shutdown(Socket, SD_SEND) == SOCKET_ERROR)
        return Fail("shutdown");
    for (;;) {
        int n = recv(Socket, Reply + Received, (int)sizeof(Reply) - Received, 0);
        if (n == SOCKET_ERROR)
            return Fail("recv");
        if (n == 0)
            break;
        Received += n;
    }
    if (Received != Length || memcmp(Reply, Text, (size_t)Length) != 0) {
        fprintf(stderr, "echo_client: sent %d bytes, %d came back, or others\n", Length, Received);
        return 1;
    }
    printf("echoed %d bytes\n", Received);
    return 0;
}

int main(int argc, char **argv)
{
    const char *Host = "127.0.0.1", *Port = "7", *Text = "Hello from Winsock";
    int Count = 1, Result = 0, i;
    WSADATA Data;

    for (i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--host") == 0)
            Host = argv[i + 1];
        else if (strcmp(argv[i], "--port") == 0)
            Port = argv[i + 1];
        else if (strcmp(argv[i], "--count") == 0)
            Count = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--text") == 0)
            Text = argv[i + 1];
        else
            break;
    }
    if (i < argc || strlen(Text) > TEXT_MAX) {
        fprintf(stderr, "usage: echo_client [--host NAME] [--port N] [--count N] [--text TEXT]\n");
        return 2;
    }
    if (WSAStartup(MAKEWORD(2, 2), &Data) != 0) {
        fprintf(stderr, "echo_client: no Winsock\n");
        return 1;
    }
    for (i = 0; i < Count && Result == 0; i++) {
        SOCKET Socket = Connect(Host, Port);
        if (Socket == INVALID_SOCKET) {
            Result = Fail("connect");
        } else {
            Result = Exchange(Socket, Text);
            closesocket(Socket);
        }
    }
    WSACleanup();
    return Result;
}
