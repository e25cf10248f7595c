/* SPDX-License-Identifier: MIT */
/*
 * scale_test.c - a hundred thousand connections in one process, each with a receive pending on one port.
 *
 * Over the engine loop, whose connections need no descriptors, of which hosts allow fewer: tables of handles, sockets
 * and objects, lists of requests and the pool have to hold them all; both ends are here, so sockets are twice as many.
 * NTSTEST_SCALE: another number of connections. Under sanitizers and valgrind 3,000.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>

#include "ntstest.h"

#include <stdlib.h>

enum { OF_ONE_ADDRESS = 16000, SPOKEN_TO = 997 };

struct line {
    OVERLAPPED overlapped; /* first */
    SOCKET client, server;
    char byte;
    char addresses[2 * (sizeof(struct sockaddr_in) + 16)];
};

static struct line *lines;
static int count;
static HANDLE port;
static SOCKET listener;
static struct sockaddr_in address;

static void start(void)
{
    WSADATA data;
    const char *number = getenv("NTSTEST_SCALE");
    int length = sizeof address;
    count = number != NULL ? atoi(number) : nts_is_slow() ? 3000 : 100000;
    lines = calloc((size_t)count, sizeof *lines);
    REQUIRE(lines != NULL);
    REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    REQUIRE(port != NULL);
    listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE_EQ(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    REQUIRE_EQ(listen(listener, 5), 0);
    REQUIRE_EQ(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    REQUIRE(CreateIoCompletionPort((HANDLE)listener, port, 1, 0) == port);
}

static struct line *take(DWORD *bytes, ULONG_PTR *key, BOOL *ok)
{
    LPOVERLAPPED overlapped = NULL;
    *ok = GetQueuedCompletionStatus(port, bytes, key, &overlapped, 5000);
    REQUIRE(overlapped != NULL);
    return CONTAINING_RECORD(overlapped, struct line, overlapped);
}

static void post_receive(struct line *line)
{
    WSABUF buffer = {1, &line->byte};
    DWORD flags = 0;
    memset(&line->overlapped, 0, sizeof line->overlapped);
    REQUIRE_EQ(WSARecv(line->server, &buffer, 1, NULL, &flags, &line->overlapped, NULL), SOCKET_ERROR);
    REQUIRE_EQ(WSAGetLastError(), WSA_IO_PENDING);
}

static void make(int number)
{
    struct line *line = &lines[number];
    struct sockaddr_in own = {.sin_family = AF_INET};
    DWORD bytes;
    ULONG_PTR key;
    BOOL ok;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (unsigned)number / OF_ONE_ADDRESS);
    line->client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    line->server = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    REQUIRE(line->client != INVALID_SOCKET && line->server != INVALID_SOCKET);
    REQUIRE(!AcceptEx(listener, line->server, line->addresses, 0, sizeof line->addresses / 2,
        sizeof line->addresses / 2, &bytes, &line->overlapped));
    REQUIRE_EQ(WSAGetLastError(), WSA_IO_PENDING);
    REQUIRE_EQ(bind(line->client, (struct sockaddr *)&own, sizeof own), 0);
    REQUIRE_EQ(connect(line->client, (struct sockaddr *)&address, sizeof address), 0);
    REQUIRE(take(&bytes, &key, &ok) == line && ok);
    REQUIRE_EQ(setsockopt(line->server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof listener), 0);
    REQUIRE(CreateIoCompletionPort((HANDLE)line->server, port, (ULONG_PTR)number + 2, 0) == port);
    post_receive(line);
}

TEST(a_hundred_thousand_connections__a_byte_for_some__comes_to_each_of_these_alone)
{
    DWORD bytes;
    ULONG_PTR key;
    BOOL ok;
    int spoken_to = 0, ended = 0;
    start();
    for (int i = 0; i < count; i++)
        make(i);
    for (int i = 0; i < count; i += SPOKEN_TO, spoken_to++) {
        char byte = (char)i;
        REQUIRE_EQ(send(lines[i].client, &byte, 1, 0), 1);
    }
    for (int i = 0; i < count; i += SPOKEN_TO) {
        struct line *line = take(&bytes, &key, &ok);
        REQUIRE(line == &lines[i] && ok && key == (ULONG_PTR)i + 2);
        CHECK_EQ(bytes, 1);
        CHECK_EQ(line->byte, (char)i);
        post_receive(line);
    }
    CHECK(spoken_to > 0);
    /* half of them end by their peer, half by themselves; in another order than they were made */
    for (int i = count - 1; i >= 0; i--) {
        CHECK_EQ(closesocket(i % 2 == 0 ? lines[i].client : lines[i].server), 0);
        struct line *line = take(&bytes, &key, &ok);
        REQUIRE(line == &lines[i]);
        CHECK_EQ(bytes, 0);
        CHECK_EQ(ok, i % 2 == 0);
        ended++;
    }
    CHECK_EQ(ended, count);
    for (int i = 0; i < count; i++)
        CHECK_EQ(closesocket(i % 2 == 0 ? lines[i].server : lines[i].client), 0);
    CHECK_EQ(closesocket(listener), 0);
    CHECK(CloseHandle(port));
    CHECK_EQ(WSACleanup(), 0);
    free(lines);
}
