/* SPDX-License-Identifier: MIT */
/*
 * echo_server.c - a plain Winsock server: one thread per connection, everything it reads goes back.
 *
 * An ordinary Windows program: the same file compiles with Visual C++, MinGW and ntsock-cc.
 *   cl echo_server.c ws2_32.lib | x86_64-w64-mingw32-gcc echo_server.c -lws2_32 | ntsock-cc echo_server.c
 *
 *   echo_server [--port N] [--count N]     --port 0 (default): any free port, which is printed
 *                                          --count: connections to serve before it ends; default for ever
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma comment(lib, "ws2_32.lib")

#define BUFFER_SIZE 4096
#define THREADS_MAX MAXIMUM_WAIT_OBJECTS

static int Fail(const char *Call)
{
    int Error = WSAGetLastError();
    char Text[256] = "";
    FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, (DWORD)Error, 0, Text,
        sizeof(Text), NULL);
    Text[strcspn(Text, "\r\n")] = 0;
    fprintf(stderr, "echo_server: %s failed: %d %s\n", Call, Error, Text);
    return 1;
}

static int SendAll(SOCKET Socket, const char *Buffer, int Length)
{
    while (Length > 0) {
        int Sent = send(Socket, Buffer, Length, 0);
        if (Sent == SOCKET_ERROR)
            return SOCKET_ERROR;
        Buffer += Sent;
        Length -= Sent;
    }
    return 0;
}

static unsigned __stdcall ServeConnection(void *Parameter)
{
    SOCKET Socket = (SOCKET)Parameter;
    char Buffer[BUFFER_SIZE];
    int Received;
    while ((Received = recv(Socket, Buffer, sizeof(Buffer), 0)) > 0) {
        if (SendAll(Socket, Buffer, Received) == SOCKET_ERROR) {
            Fail("send");
            break;
        }
    }
    if (Received == SOCKET_ERROR)
        Fail("recv");
    closesocket(Socket);
    return 0;
}

static SOCKET OpenListener(unsigned short Port)
{
    struct sockaddr_in Address;
    int Length = sizeof(Address);
    SOCKET Listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (Listener == INVALID_SOCKET)
        return INVALID_SOCKET;
    memset(&Address, 0, sizeof(Address));
    Address.sin_family = AF_INET;
    Address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Address.sin_port = htons(Port);
    if (bind(Listener, (struct sockaddr *)&Address, sizeof(Address)) == SOCKET_ERROR ||
        listen(Listener, SOMAXCONN) == SOCKET_ERROR ||
        getsockname(Listener, (struct sockaddr *)&Address, &Length) == SOCKET_ERROR) {
        int Error = WSAGetLastError();
        closesocket(Listener);
        WSASetLastError(Error);
        return INVALID_SOCKET;
    }
    printf("listening on 127.0.0.1 port %u\n", (unsigned)ntohs(Address.sin_port));
    fflush(stdout);
    return Listener;
}

/* A place for the next thread: waits for one to end when all are taken. */
static DWORD FreePlace(HANDLE *Threads, DWORD *Count)
{
    DWORD Ended;
    if (*Count < THREADS_MAX)
        return (*Count)++;
    Ended = WaitForMultipleObjects(*Count, Threads, FALSE, INFINITE) - WAIT_OBJECT_0;
    CloseHandle(Threads[Ended]);
    return Ended;
}

static int Serve(SOCKET Listener, int Connections)
{
    static HANDLE Threads[THREADS_MAX];
    DWORD Count = 0, i;
    int Served;
    for (Served = 0; Connections < 0 || Served < Connections; Served++) {
        struct sockaddr_in Peer;
        int Length = sizeof(Peer);
        DWORD Place;
        SOCKET Socket = accept(Listener, (struct sockaddr *)&Peer, &Length);
        if (Socket == INVALID_SOCKET)
            return Fail("accept");
        printf("accepted %s port %u\n", inet_ntoa(Peer.sin_addr), (unsigned)ntohs(Peer.sin_port));
        fflush(stdout);
        Place = FreePlace(Threads, &Count);
        Threads[Place] = (HANDLE)_beginthreadex(NULL, 0, ServeConnection, (void *)Socket, 0, NULL);
        if (Threads[Place] == NULL) {
            closesocket(Socket);
            return Fail("_beginthreadex");
        }
    }
    for (i = 0; i < Count; i++) {
        WaitForSingleObject(Threads[i], INFINITE);
        CloseHandle(Threads[i]);
    }
    return 0;
}

int main(int argc, char **argv)
{
    WSADATA Data;
    SOCKET Listener;
    int Port = 0, Connections = -1, Result, i;

    for (i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--port") == 0)
            Port = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--count") == 0)
            Connections = atoi(argv[i + 1]);
        else
            break;
    }
    if (i < argc) {
        fprintf(stderr, "usage: echo_server [--port N] [--count N]\n");
        return 2;
    }
    Result = WSAStartup(MAKEWORD(2, 2), &Data);
    if (Result != 0) {
        WSASetLastError(Result);
        return Fail("WSAStartup");
    }
    Listener = OpenListener((unsigned short)Port);
    if (Listener == INVALID_SOCKET) {
        Result = Fail("opening the listener");
    } else {
        Result = Serve(Listener, Connections);
        closesocket(Listener);
    }
    WSACleanup();
    return Result;
}
