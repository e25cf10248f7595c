/* SPDX-License-Identifier: MIT */
/*
 * ke_test.h - what the tests of ke share: threads, times, and a wait until another thread sleeps.
 *
 * Tests look at the private thread object where the public view cannot tell that a thread has begun to
 * wait; they never sleep to synchronise.
 */
#ifndef KE_TEST_H
#define KE_TEST_H

#include "ke/ki.h"

#include "ntstest.h"

static inline LARGE_INTEGER relative_ms(LONGLONG ms)
{
    LARGE_INTEGER time;
    time.QuadPart = -ms * 10000;
    return time;
}

static inline HANDLE start_thread(PS_THREAD_ROUTINE *routine, PVOID parameter)
{
    HANDLE handle = NULL;
    REQUIRE_EQ(PsCreateThread(&handle, routine, parameter, 0, FALSE, NULL), STATUS_SUCCESS);
    return handle;
}

/* Waits for the thread's end and returns its exit status. */
static inline ULONG join_thread(HANDLE handle)
{
    PVOID thread;
    ULONG status;
    REQUIRE_EQ(NtWaitForSingleObject(handle, FALSE, NULL), STATUS_WAIT_0);
    REQUIRE_EQ(ObReferenceObjectByHandle(handle, 0, NULL, KernelMode, &thread, NULL), STATUS_SUCCESS);
    status = PsGetThreadExitStatus(thread);
    ObfDereferenceObject(thread);
    REQUIRE_EQ(NtClose(handle), STATUS_SUCCESS);
    return status;
}

/* The thread behind a handle; it stays valid until the handle is closed. */
static inline PKTHREAD thread_of(HANDLE handle)
{
    PVOID thread;
    REQUIRE_EQ(ObReferenceObjectByHandle(handle, 0, NULL, KernelMode, &thread, NULL), STATUS_SUCCESS);
    ObfDereferenceObject(thread);
    return thread;
}

static inline void await_parked(PKTHREAD thread)
{
    while (__atomic_load_n(&thread->ParkMode, __ATOMIC_SEQ_CST) == ParkNone)
        NtYieldExecution();
}

/* Waits until a dispatcher object has so many wait blocks. */
static inline void await_waiters(PDISPATCHER_HEADER header, ULONG count)
{
    for (;;) {
        ULONG found = 0;
        KiLockObject(header);
        for (PLIST_ENTRY entry = header->WaitListHead.Flink; entry != &header->WaitListHead; entry = entry->Flink)
            found++;
        KiUnlockObject(header);
        if (found >= count)
            return;
        NtYieldExecution();
    }
}

#endif
