/* SPDX-License-Identifier: MIT */
/*
 * win32_wait.c - waits, sleeps and user APCs.
 *
 * Layer: win32; NT counterpart: kernel32's functions over NtWaitForSingleObject and its family.
 * Time-outs do not count time during which the machine is suspended.
 */
#include "win32_private.h"

ULONGLONG Win32DeadlineFromMs(DWORD Milliseconds)
{
    if (Milliseconds == INFINITE)
        return WIN32_FOREVER;
    return Win32InterruptTime() + (ULONGLONG)Milliseconds * WIN32_100NS_PER_MS;
}

int64_t Win32RemainingTime(ULONGLONG Deadline)
{
    if (Deadline == WIN32_FOREVER)
        return -1;
    ULONGLONG Now = Win32InterruptTime();
    return Now >= Deadline ? 0 : (int64_t)(Deadline - Now);
}

/* WAIT_xxx results and their statuses are the same numbers. */
static DWORD WaitResult(NTSTATUS Status)
{
    if (NT_SUCCESS(Status))
        return (DWORD)Status;
    Win32SetStatus(Status);
    return WAIT_FAILED;
}

DWORD WINAPI WaitForSingleObjectEx(HANDLE Handle, DWORD Milliseconds, BOOL Alertable)
{
    LARGE_INTEGER Timeout;
    NTSTATUS Status;

    Win32Initialize();
    /* An alert without an APC (NtAlertThread) does not end a Win32 wait. */
    do
        Status = NtWaitForSingleObject(
            Handle, Alertable != FALSE, Win32TimeoutFromMs(&Timeout, Milliseconds));
    while (Status == STATUS_ALERTED);
    return WaitResult(Status);
}

DWORD WINAPI WaitForSingleObject(HANDLE Handle, DWORD Milliseconds)
{
    return WaitForSingleObjectEx(Handle, Milliseconds, FALSE);
}

DWORD WINAPI WaitForMultipleObjectsEx(
    DWORD Count, const HANDLE *Handles, BOOL WaitForAll, DWORD Milliseconds, BOOL Alertable)
{
    LARGE_INTEGER Timeout;
    NTSTATUS Status;

    Win32Initialize();
    do
        Status = NtWaitForMultipleObjects(Count, (PHANDLE)Handles, WaitForAll ? WaitAll : WaitAny,
            Alertable != FALSE, Win32TimeoutFromMs(&Timeout, Milliseconds));
    while (Status == STATUS_ALERTED);
    return WaitResult(Status);
}

DWORD WINAPI WaitForMultipleObjects(
    DWORD Count, const HANDLE *Handles, BOOL WaitForAll, DWORD Milliseconds)
{
    return WaitForMultipleObjectsEx(Count, Handles, WaitForAll, Milliseconds, FALSE);
}

DWORD WINAPI SignalObjectAndWait(HANDLE Signal, HANDLE Wait, DWORD Milliseconds, BOOL Alertable)
{
    LARGE_INTEGER Timeout;

    Win32Initialize();
    return WaitResult(NtSignalAndWaitForSingleObject(
        Signal, Wait, Alertable != FALSE, Win32TimeoutFromMs(&Timeout, Milliseconds)));
}

/* --- sleeping --- */

DWORD WINAPI SleepEx(DWORD Milliseconds, BOOL Alertable)
{
    LARGE_INTEGER Timeout;
    NTSTATUS Status;

    Win32Initialize();
    if (Milliseconds == INFINITE)
        Timeout.QuadPart = (LONGLONG)0x8000000000000000ULL;
    else
        Timeout.QuadPart = -(LONGLONG)Milliseconds * WIN32_100NS_PER_MS;
    do
        Status = NtDelayExecution(Alertable != FALSE, &Timeout);
    while (Status == STATUS_ALERTED);
    return Status == STATUS_USER_APC ? WAIT_IO_COMPLETION : 0;
}

VOID WINAPI Sleep(DWORD Milliseconds)
{
    if (Milliseconds == 0)
        host_thread_yield();
    else
        SleepEx(Milliseconds, FALSE);
}

BOOL WINAPI SwitchToThread(VOID)
{
    host_thread_yield();
    return TRUE;
}

/* --- user APCs --- */

static VOID NTAPI DispatchUserApc(PVOID Routine, PVOID Data, PVOID Unused)
{
    union {
        PVOID Pointer;
        PAPCFUNC Function;
    } Apc = {.Pointer = Routine};
    Apc.Function((ULONG_PTR)Data);
}

DWORD WINAPI QueueUserAPC(PAPCFUNC Routine, HANDLE Thread, ULONG_PTR Data)
{
    union {
        PAPCFUNC Function;
        PVOID Pointer;
    } Apc = {.Function = Routine};

    Win32Initialize();
    NTSTATUS Status = NtQueueApcThread(Thread, DispatchUserApc, Apc.Pointer, (PVOID)Data, NULL);
    if (NT_SUCCESS(Status))
        return 1;
    Win32SetStatus(Status);
    return 0;
}
