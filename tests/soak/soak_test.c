/* SPDX-License-Identifier: MIT */
/*
 * soak_test.c - the soak: one port for all, a port for each thread, and threads that take several packets at a
 * time. NTSTEST_SOAK multiplies the number of lives of each connection (default 1).
 */
#include "soak.h"

#include <winternl.h>

#include <stdio.h>
#include <stdlib.h>

struct soak soak;

static void dispatch(LPOVERLAPPED overlapped, BOOL ok, DWORD bytes, DWORD error)
{
    struct op *op = CONTAINING_RECORD(overlapped, struct op, overlapped);
    InterlockedIncrement64(&soak.completions);
    if (op->kind == OP_ACCEPT)
        soak_accepted(op, ok, bytes, error);
    else if (op->kind == OP_CONNECT)
        soak_connected(op, ok, error);
    else
        soak_end_completed(op, ok, bytes, error);
}

static DWORD WINAPI take_one(LPVOID port)
{
    for (;;) {
        DWORD bytes = 0;
        ULONG_PTR key = 0;
        LPOVERLAPPED overlapped = NULL;
        BOOL ok = GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, INFINITE);
        DWORD error = ok ? 0 : GetLastError();
        if (overlapped == NULL)
            return key == 99 ? 0 : 1;
        dispatch(overlapped, ok, bytes, error);
    }
}

static DWORD WINAPI take_several(LPVOID port)
{
    OVERLAPPED_ENTRY entries[16];
    for (;;) {
        ULONG count = 0;
        BOOL stop = FALSE;
        if (!GetQueuedCompletionStatusEx(port, entries, 16, &count, INFINITE, FALSE))
            return 1;
        for (ULONG i = 0; i < count; i++) {
            LPOVERLAPPED overlapped = entries[i].lpOverlapped;
            if (overlapped == NULL) { /* those of the other threads are passed on */
                if (stop)
                    CHECK(PostQueuedCompletionStatus(port, 0, 99, NULL));
                stop = TRUE;
                continue;
            }
            LONG status = (LONG)overlapped->Internal;
            dispatch(overlapped, status >= 0, entries[i].dwNumberOfBytesTransferred,
                status >= 0 ? 0 : RtlNtStatusToDosError(status));
        }
        if (stop)
            return 0;
    }
}

static void open_listener(void)
{
    int length = sizeof soak.address;
    soak.listener = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    soak.address.sin_family = AF_INET;
    soak.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE_EQ(bind(soak.listener, (struct sockaddr *)&soak.address, sizeof soak.address), 0);
    REQUIRE_EQ(getsockname(soak.listener, (struct sockaddr *)&soak.address, &length), 0);
    REQUIRE_EQ(listen(soak.listener, SOMAXCONN), 0);
    soak_join_port(soak.listener, FALSE);
}

static void run(unsigned connections, unsigned lives, unsigned ports, BOOL several)
{
    WSADATA data;
    HANDLE threads[THREADS];
    const char *factor = getenv("NTSTEST_SOAK");
    REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    ZeroMemory(&soak, sizeof soak);
    soak.connections = connections;
    soak.lives = lives * (factor != NULL && atoi(factor) > 0 ? (unsigned)atoi(factor) : 1);
    soak.ports = ports;
    soak.left = (LONG)connections;
    soak.accepts_open = ACCEPTS;
    soak.finished = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (unsigned i = 0; i < ports; i++) {
        soak.port[i] = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, ports == 1 ? THREADS : 1);
        REQUIRE(soak.port[i] != NULL);
    }
    open_listener();
    soak.table = calloc(connections, sizeof *soak.table);
    REQUIRE(soak.table != NULL);
    for (int i = 0; i < ACCEPTS; i++)
        soak_start_accept(&soak.accepts[i]);
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, several ? take_several : take_one, soak.port[i % ports], 0, NULL);
    for (unsigned i = 0; i < connections; i++) {
        soak.table[i].id = i;
        soak_begin_life(&soak.table[i]);
    }
    /* The last accepts complete when the listener is closed; then the threads are told. */
    CHECK_EQ(WaitForSingleObject(soak.finished, INFINITE), WAIT_OBJECT_0);
    CloseHandle(soak.finished);
    for (unsigned i = 0; i < THREADS; i++)
        CHECK(PostQueuedCompletionStatus(soak.port[i % ports], 0, 99, NULL));
    for (unsigned i = 0; i < THREADS; i++) {
        DWORD code = 1;
        CHECK_EQ(WaitForSingleObject(threads[i], INFINITE), WAIT_OBJECT_0);
        CHECK(GetExitCodeThread(threads[i], &code) && code == 0);
        CloseHandle(threads[i]);
    }
    for (unsigned i = 0; i < ports; i++)
        CloseHandle(soak.port[i]);
    CHECK_EQ(soak.lives_done, (LONG64)connections * soak.lives);
    if (getenv("NTSTEST_SOAK") != NULL)
        printf("soak: %lld lives, %lld completions, %lld bytes, %lld cancels, %lld resets, %lld closes\n",
            (long long)soak.lives_done, (long long)soak.completions, (long long)soak.bytes, (long long)soak.cancels,
            (long long)soak.resets, (long long)soak.closes);
    free(soak.table);
    WSACleanup();
}

TEST(soak__2000_connections_on_one_port__nothing_lost_or_twice)
{
    run(2000, 2, 1, FALSE);
}

TEST(soak__2000_connections_on_a_port_for_each_thread__nothing_lost_or_twice)
{
    run(2000, 2, THREADS, FALSE);
}

TEST(soak__several_packets_at_a_time__nothing_lost_or_twice)
{
    run(1000, 2, 2, TRUE);
}
