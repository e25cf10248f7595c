/* SPDX-License-Identifier: MIT */
/* port_test.h - what the tests of completion ports share. */
#ifndef PORT_TEST_H
#define PORT_TEST_H

#include "io_test.h"

struct packet {
    ULONG_PTR key, context, information;
    NTSTATUS status;
};

static inline HANDLE create_port(ULONG limit)
{
    HANDLE port = NULL;
    REQUIRE_EQ(NtCreateIoCompletion(&port, IO_COMPLETION_ALL_ACCESS, NULL, limit), STATUS_SUCCESS);
    return port;
}

static inline void post(HANDLE port, ULONG_PTR key, ULONG_PTR context, NTSTATUS status, ULONG_PTR information)
{
    REQUIRE_EQ(NtSetIoCompletion(port, (PVOID)key, (PVOID)context, status, information), STATUS_SUCCESS);
}

/* ms -1: for ever */
static inline NTSTATUS take(HANDLE port, struct packet *packet, LONGLONG ms)
{
    LARGE_INTEGER time = relative_ms(ms);
    IO_STATUS_BLOCK iosb = {.Pointer = NULL};
    PVOID key = NULL, context = NULL;
    NTSTATUS status = NtRemoveIoCompletion(port, &key, &context, &iosb, ms < 0 ? NULL : &time);
    packet->key = (ULONG_PTR)key;
    packet->context = (ULONG_PTR)context;
    packet->status = iosb.Status;
    packet->information = iosb.Information;
    return status;
}

static inline LONG depth(HANDLE port)
{
    IO_COMPLETION_BASIC_INFORMATION basic = {-1};
    REQUIRE_EQ(NtQueryIoCompletion(port, IoCompletionBasicInformation, &basic, sizeof basic, NULL),
        STATUS_SUCCESS);
    return basic.Depth;
}

static inline HANDLE create_event_of(EVENT_TYPE type)
{
    HANDLE handle = NULL;
    REQUIRE_EQ(NtCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, type, FALSE), STATUS_SUCCESS);
    return handle;
}

static inline NTSTATUS associate(HANDLE file, HANDLE port, ULONG_PTR key)
{
    FILE_COMPLETION_INFORMATION information = {port, (PVOID)key};
    IO_STATUS_BLOCK iosb;
    return NtSetInformationFile(file, &iosb, &information, sizeof information, FileCompletionInformation);
}

/* Waits until the thread sleeps in a wait for a port. */
static inline void await_queue_wait(HANDLE thread)
{
    PKTHREAD object = thread_of(thread);
    while (__atomic_load_n(&object->QueueWait, __ATOMIC_SEQ_CST) == NULL ||
        __atomic_load_n(&object->ParkMode, __ATOMIC_SEQ_CST) == ParkNone)
        NtYieldExecution();
}

#endif
