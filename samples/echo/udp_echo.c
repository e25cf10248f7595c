/* SPDX-License-Identifier: MIT */
/*
 * udp_echo.c - datagrams: a server that sends each one back, and a client of it.
 *
 * An ordinary Windows program: the same file compiles with Visual C++, MinGW and ntsock-cc.
 *
 *   udp_echo server [--port N] [--count N]     --count: datagrams to answer; default for ever
 *   udp_echo client --port N [--count N]
 */
#include <winsock2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATAGRAM_MAX 1500
#define REPLY_TIMEOUT_MS 5000

static int Fail(const char *Call)
{
    fprintf(stderr, "udp_echo: %s failed: %d\n", Call, WSAGetLastError());
    return 1;
}

static int RunServer(SOCKET Socket, int Port, int Count)
{
    struct sockaddr_in Address;
    int Length = sizeof(Address), i;
    char Datagram[DATAGRAM_MAX];

    memset(&Address, 0, sizeof(Address));
    Address.sin_family = AF_INET;
    Address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Address.sin_port = htons((u_short)Port);
    if (bind(Socket, (struct sockaddr *)&Address, sizeof(Address)) == SOCKET_ERROR)
        return Fail("bind");
    if (getsockname(Socket, (struct sockaddr *)&Address, &Length) == SOCKET_ERROR)
        return Fail("getsockname");
    printf("listening on 127.0.0.1 port %u\n", (unsigned)ntohs(Address.sin_port));
    fflush(stdout);
    for (i = 0; Count < 0 || i < Count; i++) {
        struct sockaddr_storage Peer;
        int PeerLength = sizeof(Peer);
        int n = recvfrom(Socket, Datagram, sizeof(Datagram), 0, (struct sockaddr *)&Peer, &PeerLength);
        if (n == SOCKET_ERROR)
            return Fail("recvfrom");
        if (sendto(Socket, Datagram, n, 0, (struct sockaddr *)&Peer, PeerLength) == SOCKET_ERROR)
            return Fail("sendto");
    }
    return 0;
}

static int RunClient(SOCKET Socket, int Port, int Count)
{
    struct sockaddr_in Server;
    DWORD Timeout = REPLY_TIMEOUT_MS;
    int i;

    memset(&Server, 0, sizeof(Server));
    Server.sin_family = AF_INET;
    Server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Server.sin_port = htons((u_short)Port);
    if (setsockopt(Socket, SOL_SOCKET, SO_RCVTIMEO, (const char *)&Timeout, sizeof(Timeout)) == SOCKET_ERROR)
        return Fail("setsockopt");
    for (i = 0; i < Count; i++) {
        char Text[64], Reply[64];
        int Length = sprintf(Text, "datagram %d", i), n;
        if (sendto(Socket, Text, Length, 0, (struct sockaddr *)&Server, sizeof(Server)) == SOCKET_ERROR)
            return Fail("sendto");
        n = recvfrom(Socket, Reply, sizeof(Reply), 0, NULL, NULL);
        if (n == SOCKET_ERROR)
            return Fail("recvfrom");
        if (n != Length || memcmp(Text, Reply, (size_t)n) != 0) {
            fprintf(stderr, "udp_echo: another datagram came back\n");
            return 1;
        }
    }
    printf("%d datagrams echoed\n", Count);
    return 0;
}

int main(int argc, char **argv)
{
    int Port = 0, Count = -1, Result, i;
    SOCKET Socket;
    WSADATA Data;

    if (argc < 2 || (strcmp(argv[1], "server") != 0 && strcmp(argv[1], "client") != 0)) {
        fprintf(stderr, "usage: udp_echo server|client [--port N] [--count N]\n");
        return 2;
    }
    for (i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--port") == 0)
            Port = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--count") == 0)
            Count = atoi(argv[i + 1]);
    }
    if (WSAStartup(MAKEWORD(2, 2), &Data) != 0)
        return 1;
    Socket = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    if (Socket == INVALID_SOCKET)
        return Fail("socket");
    if (strcmp(argv[1], "server") == 0)
        Result = RunServer(Socket, Port, Count);
    else
        Result = RunClient(Socket, Port, Count < 0 ? 1 : Count);
    closesocket(Socket);
    WSACleanup();
    return Result;
}
