/* SPDX-License-Identifier: MIT */
/*
 * win32_timer.c - waitable timers.
 *
 * Layer: win32; NT counterpart: kernel32's functions over NtCreateTimer. A timer never wakes the
 * machine: Resume is accepted, and the last error is then ERROR_NOT_SUPPORTED, as documented for
 * machines that cannot. Timer queues and thread pool timers are not here.
 */
#include "win32_named.h"

static HANDLE CreateTimerAccess(
    LPSECURITY_ATTRIBUTES Security, PCWSTR Name, BOOL Manual, ACCESS_MASK Access)
{
    WIN32_NAMED Named;
    HANDLE Handle = NULL;
    if (!Win32NameForCreate(&Named, Security, Name))
        return NULL;
    NTSTATUS Status = NtCreateTimer(
        &Handle, Access, &Named.Attributes, Manual ? NotificationTimer : SynchronizationTimer);
    return Win32CreateResult(Status, Handle);
}

HANDLE WINAPI CreateWaitableTimerW(LPSECURITY_ATTRIBUTES Security, BOOL Manual, LPCWSTR Name)
{
    return CreateTimerAccess(Security, Name, Manual, TIMER_ALL_ACCESS);
}

HANDLE WINAPI CreateWaitableTimerA(LPSECURITY_ATTRIBUTES Security, BOOL Manual, LPCSTR Name)
{
    PWSTR Wide;
    if (!Win32WideFromAnsi(Name, &Wide))
        return NULL;
    HANDLE Handle = CreateWaitableTimerW(Security, Manual, Wide);
    host_free(Wide);
    return Handle;
}

/* Every timer is of high resolution here. */
HANDLE WINAPI CreateWaitableTimerExW(
    LPSECURITY_ATTRIBUTES Security, LPCWSTR Name, DWORD Flags, DWORD Access)
{
    if ((Flags & ~(DWORD)(CREATE_WAITABLE_TIMER_MANUAL_RESET |
                          CREATE_WAITABLE_TIMER_HIGH_RESOLUTION)) != 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return CreateTimerAccess(
        Security, Name, (Flags & CREATE_WAITABLE_TIMER_MANUAL_RESET) != 0, Access);
}

HANDLE WINAPI CreateWaitableTimerExA(
    LPSECURITY_ATTRIBUTES Security, LPCSTR Name, DWORD Flags, DWORD Access)
{
    PWSTR Wide;
    if (!Win32WideFromAnsi(Name, &Wide))
        return NULL;
    HANDLE Handle = CreateWaitableTimerExW(Security, Wide, Flags, Access);
    host_free(Wide);
    return Handle;
}

HANDLE WINAPI OpenWaitableTimerW(DWORD Access, BOOL Inherit, LPCWSTR Name)
{
    WIN32_NAMED Named;
    HANDLE Handle = NULL;
    if (!Win32NameForOpen(&Named, Inherit, Name))
        return NULL;
    NTSTATUS Status = NtOpenTimer(&Handle, Access, &Named.Attributes);
    return Win32OpenResult(Status, Handle);
}

HANDLE WINAPI OpenWaitableTimerA(DWORD Access, BOOL Inherit, LPCSTR Name)
{
    PWSTR Wide;
    if (!Win32WideFromAnsi(Name, &Wide))
        return NULL;
    HANDLE Handle = OpenWaitableTimerW(Access, Inherit, Wide);
    host_free(Wide);
    return Handle;
}

BOOL WINAPI SetWaitableTimer(HANDLE Timer, const LARGE_INTEGER *DueTime, LONG PeriodMs,
    PTIMERAPCROUTINE Routine, LPVOID Argument, BOOL Resume)
{
    LARGE_INTEGER Due;
    if (DueTime == NULL)
        return Win32Fail(ERROR_NOACCESS);
    Win32Initialize();
    Due = *DueTime;
    /* Both routine types take a pointer and two 32-bit words; Windows differs in the sign of the
     * last. */
    NTSTATUS Status = NtSetTimer(
        Timer, &Due, (PTIMER_APC_ROUTINE)(PVOID)Routine, Argument, FALSE, PeriodMs, NULL);
    if (!NT_SUCCESS(Status))
        return Win32SetStatus(Status);
    SetLastError(Resume ? ERROR_NOT_SUPPORTED : ERROR_SUCCESS);
    return TRUE;
}

/* A tolerable delay is permission to be late, not a duty. */
BOOL WINAPI SetWaitableTimerEx(HANDLE Timer, const LARGE_INTEGER *DueTime, LONG PeriodMs,
    PTIMERAPCROUTINE Routine, LPVOID Argument, PREASON_CONTEXT WakeContext, ULONG TolerableDelayMs)
{
    return SetWaitableTimer(Timer, DueTime, PeriodMs, Routine, Argument, FALSE);
}

BOOL WINAPI CancelWaitableTimer(HANDLE Timer)
{
    Win32Initialize();
    NTSTATUS Status = NtCancelTimer(Timer, NULL);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}
