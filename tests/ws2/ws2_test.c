/* SPDX-License-Identifier: MIT */
/* ws2_test.c - helpers of the tests of the Winsock API. */
#include "ws2_test.h"

#include <ntsock.h>

enum { WAIT_SECONDS = 15 };

void start_winsock(void)
{
    WSADATA data;
    REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

struct sockaddr_in loopback4(int port)
{
    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_port = htons((u_short)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

struct sockaddr_in6 loopback6(int port)
{
    struct sockaddr_in6 address = {0};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons((u_short)port);
    address.sin6_addr.s6_addr[15] = 1;
    return address;
}

SOCKET stream_socket(void)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    REQUIRE(s != INVALID_SOCKET);
    return s;
}

static void bind_loopback(SOCKET s, struct sockaddr_in *ret_address, unsigned host)
{
    int length = sizeof *ret_address;
    *ret_address = loopback4(0);
    ret_address->sin_addr.s_addr = htonl(host);
    REQUIRE_OK(bind(s, (struct sockaddr *)ret_address, sizeof *ret_address));
    REQUIRE_OK(getsockname(s, (struct sockaddr *)ret_address, &length));
}

SOCKET listener4(struct sockaddr_in *ret_address)
{
    SOCKET s = stream_socket();
    bind_loopback(s, ret_address, INADDR_LOOPBACK);
    REQUIRE_OK(listen(s, 10));
    return s;
}

SOCKET own_listener4(struct sockaddr_in *ret_address)
{
    SOCKET s = stream_socket();
    bind_loopback(s, ret_address, nts_own_loopback());
    REQUIRE_OK(listen(s, 10));
    return s;
}

SOCKET refuser4(struct sockaddr_in *ret_address)
{
    SOCKET s = stream_socket();
    bind_loopback(s, ret_address, INADDR_LOOPBACK);
    return s;
}

SOCKET bound_datagram(struct sockaddr_in *ret_address)
{
    SOCKET s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    REQUIRE(s != INVALID_SOCKET);
    bind_loopback(s, ret_address, INADDR_LOOPBACK);
    return s;
}

void stream_pair(SOCKET *ret_client, SOCKET *ret_server)
{
    struct sockaddr_in address;
    SOCKET listener = listener4(&address);
    *ret_client = stream_socket();
    REQUIRE_OK(connect(*ret_client, (struct sockaddr *)&address, sizeof address));
    *ret_server = accept(listener, NULL, NULL);
    REQUIRE(*ret_server != INVALID_SOCKET);
    REQUIRE_OK(closesocket(listener));
}

void set_nonblocking(SOCKET s)
{
    u_long on = 1;
    REQUIRE_OK(ioctlsocket(s, FIONBIO, &on));
}

void wait_readable(SOCKET s)
{
    struct timeval limit = {WAIT_SECONDS, 0};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(s, &set);
    REQUIRE_EQ(select(0, &set, NULL, NULL, &limit), 1);
}

void wait_writable(SOCKET s)
{
    struct timeval limit = {WAIT_SECONDS, 0};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(s, &set);
    REQUIRE_EQ(select(0, NULL, &set, NULL, &limit), 1);
}

void send_all(SOCKET s, const char *data, int bytes)
{
    while (bytes > 0) {
        int sent = send(s, data, bytes, 0);
        REQUIRE(sent > 0);
        data += sent;
        bytes -= sent;
    }
}

void receive_all(SOCKET s, char *data, int bytes)
{
    while (bytes > 0) {
        int received = recv(s, data, bytes, 0);
        REQUIRE(received > 0);
        data += received;
        bytes -= received;
    }
}

struct start {
    DWORD (*routine)(void *context);
    void *context;
};

static DWORD WINAPI thread_main(LPVOID parameter)
{
    struct start start = *(struct start *)parameter;
    HeapFree(GetProcessHeap(), 0, parameter);
    return start.routine(start.context);
}

HANDLE start_thread(DWORD (*routine)(void *context), void *context)
{
    struct start *start = HeapAlloc(GetProcessHeap(), 0, sizeof *start);
    REQUIRE(start != NULL);
    start->routine = routine;
    start->context = context;
    HANDLE thread = CreateThread(NULL, 0, thread_main, start, 0, NULL);
    REQUIRE(thread != NULL);
    return thread;
}

DWORD join_thread(HANDLE thread)
{
    DWORD code = 0;
    REQUIRE_EQ(WaitForSingleObject(thread, WAIT_SECONDS * 1000), WAIT_OBJECT_0);
    REQUIRE(GetExitCodeThread(thread, &code));
    REQUIRE(CloseHandle(thread));
    return code;
}

void wait_until_pending(unsigned requests)
{
    struct ntsock_diagnostics now;
    for (;;) {
        ntsock_query_diagnostics(&now);
        if (now.irps >= requests)
            return;
        Sleep(1);
    }
}

unsigned handles_open(void)
{
    struct ntsock_diagnostics now;
    ntsock_query_diagnostics(&now);
    return now.handles;
}
