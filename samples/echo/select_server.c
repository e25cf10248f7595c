/* SPDX-License-Identifier: MIT */
/*
 * select_server.c - an echo server on one thread, with non-blocking sockets and select().
 *
 * An ordinary Windows program: the same file compiles with Visual C++, MinGW and ntsock-cc. Includes
 * windows.h before winsock2.h, as many do.
 *
 *   select_server [--port N] [--count N]     as echo_server
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <winsock2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE 2048
#define CLIENTS_MAX (FD_SETSIZE - 1)

typedef struct CLIENT {
    SOCKET Socket;
    int Length; /* bytes in Buffer that still have to go back */
    int Sent;
    char Buffer[BUFFER_SIZE];
} CLIENT;

static CLIENT Clients[CLIENTS_MAX];
static int ClientCount;

static int Fail(const char *Call)
{
    fprintf(stderr, "select_server: %s failed: %d\n", Call, WSAGetLastError());
    return 1;
}

static void RemoveClient(int Index)
{
    closesocket(Clients[Index].Socket);
    Clients[Index] = Clients[--ClientCount];
}

/* TRUE when the client is still there. */
static BOOL ReadClient(CLIENT *Client)
{
    int n = recv(Client->Socket, Client->Buffer, sizeof(Client->Buffer), 0);
    if (n == SOCKET_ERROR)
        return WSAGetLastError() == WSAEWOULDBLOCK;
    Client->Length = n;
    Client->Sent = 0;
    return n > 0;
}

static BOOL WriteClient(CLIENT *Client)
{
    int n = send(Client->Socket, Client->Buffer + Client->Sent, Client->Length - Client->Sent, 0);
    if (n == SOCKET_ERROR)
        return WSAGetLastError() == WSAEWOULDBLOCK;
    Client->Sent += n;
    if (Client->Sent == Client->Length)
        Client->Length = 0;
    return TRUE;
}

static int AcceptClient(SOCKET Listener)
{
    u_long NonBlocking = 1;
    SOCKET Socket = accept(Listener, NULL, NULL);
    if (Socket == INVALID_SOCKET)
        return WSAGetLastError() == WSAEWOULDBLOCK ? 0 : -1;
    if (ioctlsocket(Socket, FIONBIO, &NonBlocking) == SOCKET_ERROR) {
        closesocket(Socket);
        return -1;
    }
    Clients[ClientCount].Socket = Socket;
    Clients[ClientCount].Length = 0;
    ClientCount++;
    return 1;
}

static int Serve(SOCKET Listener, int Connections)
{
    int Served = 0, i;
    while (ClientCount > 0 || Connections < 0 || Served < Connections) {
        fd_set Read, Write;
        FD_ZERO(&Read);
        FD_ZERO(&Write);
        if (ClientCount < CLIENTS_MAX && (Connections < 0 || Served < Connections))
            FD_SET(Listener, &Read);
        for (i = 0; i < ClientCount; i++) {
            if (Clients[i].Length > 0)
                FD_SET(Clients[i].Socket, &Write);
            else
                FD_SET(Clients[i].Socket, &Read);
        }
        if (select(0, &Read, &Write, NULL, NULL) == SOCKET_ERROR)
            return Fail("select");
        for (i = ClientCount - 1; i >= 0; i--) {
            BOOL Alive = TRUE;
            if (FD_ISSET(Clients[i].Socket, &Read))
                Alive = ReadClient(&Clients[i]);
            else if (FD_ISSET(Clients[i].Socket, &Write))
                Alive = WriteClient(&Clients[i]);
            if (!Alive)
                RemoveClient(i);
        }
        if (FD_ISSET(Listener, &Read)) {
            int Accepted = AcceptClient(Listener);
            if (Accepted < 0)
                return Fail("accept");
            Served += Accepted;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct sockaddr_in Address;
    int Length = sizeof(Address), Port = 0, Connections = -1, Result, i;
    u_long NonBlocking = 1;
    SOCKET Listener;
    WSADATA Data;

    for (i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--port") == 0)
            Port = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--count") == 0)
            Connections = atoi(argv[i + 1]);
    }
    if (WSAStartup(MAKEWORD(2, 2), &Data) != 0)
        return 1;
    memset(&Address, 0, sizeof(Address));
    Address.sin_family = AF_INET;
    Address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Address.sin_port = htons((u_short)Port);
    Listener = socket(AF_INET, SOCK_STREAM, 0);
    if (Listener == INVALID_SOCKET)
        return Fail("socket");
    if (bind(Listener, (SOCKADDR *)&Address, sizeof(Address)) == SOCKET_ERROR)
        return Fail("bind");
    if (listen(Listener, 5) == SOCKET_ERROR)
        return Fail("listen");
    if (ioctlsocket(Listener, FIONBIO, &NonBlocking) == SOCKET_ERROR)
        return Fail("ioctlsocket");
    if (getsockname(Listener, (SOCKADDR *)&Address, &Length) == SOCKET_ERROR)
        return Fail("getsockname");
    printf("listening on 127.0.0.1 port %u\n", (unsigned)ntohs(Address.sin_port));
    fflush(stdout);
    Result = Serve(Listener, Connections);
    closesocket(Listener);
    WSACleanup();
    return Result;
}
