/* SPDX-License-Identifier: MIT */
/* io_pair.h - connected sockets for tests of overlapped I/O: Windows headers only. */
#ifndef IO_PAIR_H
#define IO_PAIR_H

#include <winsock2.h>

#include <windows.h>

#include "ntstest.h"

#include <string.h>

struct io_pair {
    SOCKET a, b;
};

static inline void io_start(void)
{
    WSADATA data;
    REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

/* Two connected streams; a is as socket() makes it: overlapped. */
static inline struct io_pair io_pair_open(void)
{
    struct io_pair pair;
    struct sockaddr_in address;
    int length = sizeof address;

    io_start();
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE_EQ(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    REQUIRE_EQ(listen(listener, 5), 0);
    REQUIRE_EQ(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    pair.a = socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE_EQ(connect(pair.a, (struct sockaddr *)&address, sizeof address), 0);
    pair.b = accept(listener, NULL, NULL);
    REQUIRE(pair.b != INVALID_SOCKET);
    CHECK_EQ(closesocket(listener), 0);
    return pair;
}

static inline void io_pair_close(struct io_pair *pair)
{
    if (pair->a != INVALID_SOCKET)
        CHECK_EQ(closesocket(pair->a), 0);
    if (pair->b != INVALID_SOCKET)
        CHECK_EQ(closesocket(pair->b), 0);
    CHECK_EQ(WSACleanup(), 0);
}

/* The peer's end goes with a reset. */
static inline void io_reset(SOCKET *s)
{
    struct linger linger = {1, 0};
    CHECK_EQ(setsockopt(*s, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger), 0);
    CHECK_EQ(closesocket(*s), 0);
    *s = INVALID_SOCKET;
}

/* Starts a receive, which has to pend. */
static inline void io_receive(SOCKET s, char *text, ULONG length, LPOVERLAPPED overlapped)
{
    WSABUF buffer = {length, text};
    DWORD flags = 0;
    CHECK_EQ(WSARecv(s, &buffer, 1, NULL, &flags, overlapped, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
}

/* HasOverlappedIoCompleted, read as one thread reads what another writes. */
static inline BOOL io_completed(const OVERLAPPED *overlapped)
{
    return (DWORD)__atomic_load_n(&overlapped->Internal, __ATOMIC_ACQUIRE) != STATUS_PENDING;
}

#define CHECK_ERROR(call, error)                                                                   \
    do {                                                                                           \
        SetLastError(0xDEADBEEF);                                                                  \
        CHECK(!(call));                                                                            \
        CHECK_EQ(GetLastError(), error);                                                           \
    } while (0)

#endif
