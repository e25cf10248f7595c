/* SPDX-License-Identifier: MIT */
/* port_hammer_test.c - posting, taking, completing, cancelling and closing at once: each packet comes once. */
#include "port_test.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define PER_THREAD 2000
#define CLOSINGS 150
#else
#define PER_THREAD 20000
#define CLOSINGS 1000
#endif
#define POSTERS 2
#define ISSUERS 2
#define WORKERS 4
#define PACKETS ((POSTERS + ISSUERS) * PER_THREAD)

static HANDLE the_port;
static UCHAR seen[PACKETS + 1];
static LONG total, stop;

static void count(ULONG_PTR number)
{
    REQUIRE(number >= 1 && number <= PACKETS);
    CHECK_EQ(__atomic_fetch_add(&seen[number], 1, __ATOMIC_RELAXED), 0);
    __atomic_add_fetch(&total, 1, __ATOMIC_SEQ_CST);
}

static ULONG post_many(PVOID parameter)
{
    ULONG_PTR first = (ULONG_PTR)parameter;
    for (ULONG_PTR i = 0; i < PER_THREAD; i++) {
        post(the_port, 7, first + i, STATUS_SUCCESS, 0);
        if (i % 64 == 0)
            NtYieldExecution();
    }
    return 0;
}

struct issuer {
    HANDLE file;
    ULONG_PTR first;
};

static ULONG issue_many(PVOID parameter)
{
    struct issuer *issuer = parameter;
    static IO_STATUS_BLOCK iosb[ISSUERS * 64];
    for (ULONG_PTR i = 0; i < PER_THREAD; i++) {
        PIO_STATUS_BLOCK block = &iosb[(issuer->first % ISSUERS) * 64 + i % 64];
        PVOID context = (PVOID)(issuer->first + i);
        REQUIRE_EQ(NtDeviceIoControlFile(issuer->file, NULL, NULL, context, block, CODE_PEND, NULL, 0, NULL, 0),
            STATUS_PENDING);
        if (i % 16 == 0) {
            IO_STATUS_BLOCK cancel;
            NTSTATUS status = NtCancelIoFileEx(issuer->file, block, &cancel);
            CHECK(status == STATUS_SUCCESS || status == STATUS_NOT_FOUND);
        }
    }
    return 0;
}

static ULONG complete_many(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    while (__atomic_load_n(&stop, __ATOMIC_SEQ_CST) == 0) {
        if (!complete_pending(STATUS_SUCCESS, 0))
            NtYieldExecution();
    }
    return 0;
}

static ULONG take_many(PVOID parameter)
{
    ULONG_PTR me = (ULONG_PTR)parameter;
    for (ULONG round = 0;; round++) {
        FILE_IO_COMPLETION_INFORMATION got[5];
        ULONG removed = 0;
        LARGE_INTEGER time = {.QuadPart = -1000};
        NTSTATUS status = NtRemoveIoCompletionEx(the_port, got, me % 2 == 0 ? 1 : 5, &removed,
            round % 8 == 0 ? &time : NULL, FALSE);
        if (status == STATUS_ABANDONED_WAIT_0)
            return 0;
        CHECK(status == STATUS_SUCCESS || status == STATUS_TIMEOUT);
        for (ULONG i = 0; i < removed; i++)
            count((ULONG_PTR)got[i].ApcContext);
        if (round % 100 == 99)
            NtDelayExecution(FALSE, &(LARGE_INTEGER){.QuadPart = -10});
    }
}

TEST(hammer__post_complete_cancel_take__each_packet_once)
{
    HANDLE posters[POSTERS], issuers[ISSUERS], workers[WORKERS], completer;
    struct issuer issuer[ISSUERS];
    nts_ignore_descriptor_leaks();
    create_base();
    the_port = create_port(2);
    for (ULONG_PTR i = 0; i < WORKERS; i++)
        workers[i] = start_thread(take_many, (PVOID)i);
    completer = start_thread(complete_many, NULL);
    for (ULONG_PTR i = 0; i < POSTERS; i++)
        posters[i] = start_thread(post_many, (PVOID)(1 + i * PER_THREAD));
    for (ULONG_PTR i = 0; i < ISSUERS; i++) {
        issuer[i] = (struct issuer){open_base(0), 1 + (POSTERS + i) * PER_THREAD};
        REQUIRE_EQ(associate(issuer[i].file, the_port, i), STATUS_SUCCESS);
        issuers[i] = start_thread(issue_many, &issuer[i]);
    }
    for (int i = 0; i < POSTERS; i++)
        join_thread(posters[i]);
    for (int i = 0; i < ISSUERS; i++)
        join_thread(issuers[i]);
    while (__atomic_load_n(&total, __ATOMIC_SEQ_CST) != PACKETS)
        NtYieldExecution();
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    join_thread(completer);
    for (int i = 0; i < ISSUERS; i++)
        NtClose(issuer[i].file);
    /* Between two calls a worker would find a closed handle: they all wait when it is closed. */
    for (int i = 0; i < WORKERS; i++)
        CHECK_EQ(depth(the_port), 0);
    HANDLE closing = the_port;
    PVOID object;
    REQUIRE_EQ(ObReferenceObjectByHandle(closing, 0, NULL, KernelMode, &object, NULL), STATUS_SUCCESS);
    KE_QUEUE *queue = object;
    LIST_ENTRY rest;
    KeRundownQueue(queue, &rest);
    for (int i = 0; i < WORKERS; i++)
        join_thread(workers[i]);
    ObDereferenceObject(object);
    NtClose(closing);
    remove_base();
}

/* --- closing --- */

struct closing {
    HANDLE port, file;
    IO_STATUS_BLOCK iosb[8];
};

static ULONG take_until_closed(PVOID parameter)
{
    struct closing *closing = parameter;
    struct packet got;
    NTSTATUS status;
    while ((status = take(closing->port, &got, -1)) == STATUS_SUCCESS)
        ;
    /* the handle may be closed between two calls */
    CHECK(status == STATUS_ABANDONED_WAIT_0 || status == STATUS_INVALID_HANDLE);
    return 0;
}

TEST(hammer__closed_while_requests_complete_and_threads_wait__nothing_leaks)
{
    nts_ignore_descriptor_leaks();
    create_base();
    for (int round = 0; round < CLOSINGS; round++) {
        struct closing closing = {create_port(round % 3), open_base(0)};
        HANDLE takers[2], completer;
        REQUIRE_EQ(associate(closing.file, closing.port, 1), STATUS_SUCCESS);
        for (int i = 0; i < 8; i++)
            REQUIRE_EQ(NtDeviceIoControlFile(closing.file, NULL, NULL, &closing, &closing.iosb[i], CODE_PEND, NULL, 0,
                NULL, 0), STATUS_PENDING);
        __atomic_store_n(&stop, 0, __ATOMIC_SEQ_CST);
        for (int i = 0; i < 2; i++)
            takers[i] = start_thread(take_until_closed, &closing);
        completer = start_thread(complete_many, NULL);
        if (round % 2)
            NtYieldExecution();
        NtClose(closing.port);
        while (__atomic_load_n(&base()->queued, __ATOMIC_SEQ_CST) != 0)
            NtYieldExecution();
        __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
        join_thread(completer);
        for (int i = 0; i < 2; i++)
            join_thread(takers[i]);
        NtClose(closing.file);
    }
    remove_base();
}
