/* SPDX-License-Identifier: MIT */
/*
 * win32_thread_record.c - what win32 remembers of a thread beyond its kernel object, and its end.
 *
 * Layer: win32; NT counterpart: the parts of the TEB that kernel32 owns. Records are found by
 * thread number in one short list, because only unusual calls (priority, description, FLS) need
 * them.
 */
#include "win32_private.h"

WIN32_THREAD *Win32Threads;

static _Thread_local BOOL ExitWatched;

WIN32_THREAD *Win32FindThread(ULONG Number, BOOL Create)
{
    WIN32_THREAD *Thread;

    for (Thread = Win32Threads; Thread != NULL; Thread = Thread->Next) {
        if (Thread->Number == Number)
            return Thread;
    }
    if (!Create)
        return NULL;
    Thread = host_allocate(sizeof *Thread);
    if (Thread == NULL)
        return NULL;
    RtlZeroMemory(Thread, sizeof *Thread);
    Thread->Number = Number;
    Thread->Next = Win32Threads;
    Win32Threads = Thread;
    return Thread;
}

static VOID FreeThreadRecord(ULONG Number)
{
    WIN32_THREAD **At, *Thread;

    Win32AcquireLock();
    for (At = &Win32Threads; *At != NULL && (*At)->Number != Number; At = &(*At)->Next)
        continue;
    Thread = *At;
    if (Thread != NULL)
        *At = Thread->Next;
    Win32ReleaseLock();
    if (Thread != NULL) {
        host_free(Thread->Description);
        host_free(Thread->Fls);
        host_free(Thread);
    }
}

/* On the ending thread, while it can still call everything. */
static VOID ThreadExits(VOID)
{
    Win32RunFlsCallbacks();
    Win32FreeTlsChunks();
    FreeThreadRecord(Win32CurrentThreadNumber());
    ExitWatched = FALSE;
}

VOID Win32WatchThreadExit(VOID)
{
    if (ExitWatched)
        return;
    ExitWatched = TRUE;
    /* Asking for the thread's number makes ntos know the thread, and with it its end. */
    (VOID) Win32CurrentThreadNumber();
    Win32SetThreadExitRoutine(ThreadExits);
}
