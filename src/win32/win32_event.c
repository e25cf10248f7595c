/* SPDX-License-Identifier: MIT */
/*
 * win32_event.c - events, mutexes and semaphores.
 *
 * Layer: win32; NT counterpart: kernel32's thin functions over NtCreateEvent, NtCreateMutant and
 * NtCreateSemaphore. Security descriptors are accepted and not looked at.
 */
#include "win32_named.h"

/* --- events --- */

static HANDLE CreateEventAccess(
    LPSECURITY_ATTRIBUTES Security, PCWSTR Name, BOOL Manual, BOOL Initial, ACCESS_MASK Access)
{
    WIN32_NAMED Named;
    HANDLE Handle = NULL;
    if (!Win32NameForCreate(&Named, Security, Name))
        return NULL;
    NTSTATUS Status = NtCreateEvent(&Handle, Access, &Named.Attributes,
        Manual ? NotificationEvent : SynchronizationEvent, Initial != FALSE);
    return Win32CreateResult(Status, Handle);
}

HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES Security, BOOL Manual, BOOL Initial, LPCWSTR Name)
{
    return CreateEventAccess(Security, Name, Manual, Initial, EVENT_ALL_ACCESS);
}

HANDLE WINAPI CreateEventA(LPSECURITY_ATTRIBUTES Security, BOOL Manual, BOOL Initial, LPCSTR Name)
{
    PWSTR Wide;
    if (!Win32WideFromAnsi(Name, &Wide))
        return NULL;
    HANDLE Handle = CreateEventW(Security, Manual, Initial, Wide);
    host_free(Wide);
    return Handle;
}

HANDLE WINAPI CreateEventExW(
    LPSECURITY_ATTRIBUTES Security, LPCWSTR Name, DWORD Flags, DWORD Access)
{
    if ((Flags & ~(DWORD)(CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET)) != 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return CreateEventAccess(Security, Name, (Flags & CREATE_EVENT_MANUAL_RESET) != 0,
        (Flags & CREATE_EVENT_INITIAL_SET) != 0, Access);
}

HANDLE WINAPI CreateEventExA(LPSECURITY_ATTRIBUTES Security, LPCSTR Name, DWORD Flags, DWORD Access)
{
    PWSTR Wide;
    if (!Win32WideFromAnsi(Name, &Wide))
        return NULL;
    HANDLE Handle = CreateEventExW(Security, Wide, Flags, Access);
    host_free(Wide);
    return Handle;
}

HANDLE WINAPI OpenEventW(DWORD Access, BOOL Inherit, LPCWSTR Name)
{
    WIN32_NAMED Named;
    HANDLE Handle = NULL;
    if (!Win32NameForOpen(&Named, Inherit, Name))
        return NULL;
    NTSTATUS Status = NtOpenEvent(&Handle, Access, &Named.Attributes);
    return Win32OpenResult(Status, Handle);
}

HANDLE WINAPI OpenEventA(DWORD Access, BOOL Inherit, LPCSTR Name)
{
    PWSTR Wide;
    if (!Win32WideFromAnsi(Name, &Wide))
        return NULL;
    HANDLE Handle = OpenEventW(Access, Inherit, Wide);
    host_free(Wide);
    return Handle;
}

static BOOL Result(NTSTATUS Status)
{
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

BOOL WINAPI SetEvent(HANDLE Event)
{
    Win32Initialize();
    return Result(NtSetEvent(Event, NULL));
}

BOOL WINAPI ResetEvent(HANDLE Event)
{
    Win32Initialize();
    return Result(NtResetEvent(Event, NULL));
}

BOOL WINAPI PulseEvent(HANDLE Event)
{
    Win32Initialize();
    return Result(NtPulseEvent(Event, NULL));
}

/* --- mutexes --- */

static HANDLE CreateMutexAccess(
    LPSECURITY_ATTRIBUTES Security, PCWSTR Name, BOOL Owned, ACCESS_MASK Access)
{
    WIN32_NAMED Named;
    HANDLE Handle = NULL;
    if (!Win32NameForCreate(&Named, Security, Name))
        return NULL;
    NTSTATUS Status = NtCreateMutant(&Handle, Access, &Named.Attributes, Owned != FALSE);
    return Win32CreateResult(Status, Handle);
}

HANDLE WINAPI CreateMutexW(LPSECURITY_ATTRIBUTES Security, BOOL Owned, LPCWSTR Name)
{
    return CreateMutexAccess(Security, Name, Owned, MUTANT_ALL_ACCESS);
}

HANDLE WINAPI CreateMutexA(LPSECURITY_ATTRIBUTES Security, BOOL Owned, LPCSTR Name)
{
    PWSTR Wide;
    if (!Win32WideFromAnsi(Name, &Wide))
        return NULL;
    HANDLE Handle = CreateMutexW(Security, Owned, Wide);
    host_free(Wide);
    return Handle;
}

HANDLE WINAPI CreateMutexExW(
    LPSECURITY_ATTRIBUTES Security, LPCWSTR Name, DWORD Flags, DWORD Access)
{
    if ((Flags & ~(DWORD)CREATE_MUTEX_INITIAL_OWNER) != 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return CreateMutexAccess(Security, Name, Flags != 0, Access);
}

HANDLE WINAPI CreateMutexExA(LPSECURITY_ATTRIBUTES Security, LPCSTR Name, DWORD Flags, DWORD Access)
{
    PWSTR Wide;
    if (!Win32WideFromAnsi(Name, &Wide))
        return NULL;
    HANDLE Handle = CreateMutexExW(Security, Wide, Flags, Access);
    host_free(Wide);
    return Handle;
}

HANDLE WINAPI OpenMutexW(DWORD Access, BOOL Inherit, LPCWSTR Name)
{
    WIN32_NAMED Named;
    HANDLE Handle = NULL;
    if (!Win32NameForOpen(&Named, Inherit, Name))
        return NULL;
    NTSTATUS Status = NtOpenMutant(&Handle, Access, &Named.Attributes);
    return Win32OpenResult(Status, Handle);
}

HANDLE WINAPI OpenMutexA(DWORD Access, BOOL Inherit, LPCSTR Name)
{
    PWSTR Wide;
    if (!Win32WideFromAnsi(Name, &Wide))
        return NULL;
    HANDLE Handle = OpenMutexW(Access, Inherit, Wide);
    host_free(Wide);
    return Handle;
}

BOOL WINAPI ReleaseMutex(HANDLE Mutex)
{
    Win32Initialize();
    return Result(NtReleaseMutant(Mutex, NULL));
}

/* --- semaphores --- */

static HANDLE CreateSemaphoreAccess(
    LPSECURITY_ATTRIBUTES Security, LONG Initial, LONG Maximum, PCWSTR Name, ACCESS_MASK Access)
{
    WIN32_NAMED Named;
    HANDLE Handle = NULL;
    if (!Win32NameForCreate(&Named, Security, Name))
        return NULL;
    NTSTATUS Status = NtCreateSemaphore(&Handle, Access, &Named.Attributes, Initial, Maximum);
    return Win32CreateResult(Status, Handle);
}

HANDLE WINAPI CreateSemaphoreW(
    LPSECURITY_ATTRIBUTES Security, LONG Initial, LONG Maximum, LPCWSTR Name)
{
    return CreateSemaphoreAccess(Security, Initial, Maximum, Name, SEMAPHORE_ALL_ACCESS);
}

HANDLE WINAPI CreateSemaphoreA(
    LPSECURITY_ATTRIBUTES Security, LONG Initial, LONG Maximum, LPCSTR Name)
{
    PWSTR Wide;
    if (!Win32WideFromAnsi(Name, &Wide))
        return NULL;
    HANDLE Handle = CreateSemaphoreW(Security, Initial, Maximum, Wide);
    host_free(Wide);
    return Handle;
}

HANDLE WINAPI CreateSemaphoreExW(LPSECURITY_ATTRIBUTES Security, LONG Initial, LONG Maximum,
    LPCWSTR Name, DWORD Flags, DWORD Access)
{
    if (Flags != 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return CreateSemaphoreAccess(Security, Initial, Maximum, Name, Access);
}

HANDLE WINAPI CreateSemaphoreExA(LPSECURITY_ATTRIBUTES Security, LONG Initial, LONG Maximum,
    LPCSTR Name, DWORD Flags, DWORD Access)
{
    PWSTR Wide;
    if (!Win32WideFromAnsi(Name, &Wide))
        return NULL;
    HANDLE Handle = CreateSemaphoreExW(Security, Initial, Maximum, Wide, Flags, Access);
    host_free(Wide);
    return Handle;
}

HANDLE WINAPI OpenSemaphoreW(DWORD Access, BOOL Inherit, LPCWSTR Name)
{
    WIN32_NAMED Named;
    HANDLE Handle = NULL;
    if (!Win32NameForOpen(&Named, Inherit, Name))
        return NULL;
    NTSTATUS Status = NtOpenSemaphore(&Handle, Access, &Named.Attributes);
    return Win32OpenResult(Status, Handle);
}

HANDLE WINAPI OpenSemaphoreA(DWORD Access, BOOL Inherit, LPCSTR Name)
{
    PWSTR Wide;
    if (!Win32WideFromAnsi(Name, &Wide))
        return NULL;
    HANDLE Handle = OpenSemaphoreW(Access, Inherit, Wide);
    host_free(Wide);
    return Handle;
}

BOOL WINAPI ReleaseSemaphore(HANDLE Semaphore, LONG Count, LPLONG PreviousCount)
{
    Win32Initialize();
    return Result(NtReleaseSemaphore(Semaphore, Count, PreviousCount));
}
