/* SPDX-License-Identifier: MIT */
/*
 * win32_thread.c - threads of CreateThread and of the C run-time library.
 *
 * Layer: win32; NT counterpart: kernel32's thread functions, and _beginthreadex of the CRT.
 * Priorities and the affinity of other threads are remembered and returned, without effect on
 * Linux' scheduler. A running thread can neither be suspended nor terminated from outside: on Linux
 * that would leave locks of the C library held for ever. TerminateThread and SuspendThread fail
 * with ERROR_NOT_SUPPORTED then.
 */
#include "win32_private.h"

#include <errno.h>
#include <process.h>

#include "host_affinity.h"

#define SUSPEND_FAILED ((DWORD)-1)

/* What a new thread needs; freed by it. One of Start, CrtStart and CrtStartEx is set. */
typedef struct THREAD_START {
    LPTHREAD_START_ROUTINE Start;
    void (*CrtStart)(void *);
    unsigned (*CrtStartEx)(void *);
    PVOID Parameter;
    PHANDLE OwnHandle; /* _beginthread: where the handle to close at the end will stand */
} THREAD_START;

static _Thread_local BOOL MadeByUs;
static _Thread_local HANDLE OwnHandle; /* of _beginthread; NULL otherwise */

static VOID CloseOwnHandle(VOID)
{
    if (OwnHandle != NULL)
        NtClose(OwnHandle);
    OwnHandle = NULL;
}

static VOID ApplyRecord(VOID);

static ULONG RunThread(PVOID Parameter)
{
    THREAD_START Start = *(THREAD_START *)Parameter;

    host_free(Parameter);
    MadeByUs = TRUE;
    if (Start.OwnHandle != NULL) {
        OwnHandle = *Start.OwnHandle;
        host_free(Start.OwnHandle);
    }
    ApplyRecord();
    if (Start.Start != NULL)
        return Start.Start(Start.Parameter);
    if (Start.CrtStartEx != NULL)
        return Start.CrtStartEx(Start.Parameter);
    Start.CrtStart(Start.Parameter);
    CloseOwnHandle();
    return 0;
}

static HANDLE StartThread(
    const THREAD_START *Start, SIZE_T StackBytes, BOOL Suspended, PULONG Number)
{
    THREAD_START *Copy;
    HANDLE Handle;
    ULONG Ignored;

    Win32Initialize();
    Copy = host_allocate(sizeof *Copy);
    if (Copy == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    *Copy = *Start;
    NTSTATUS Status = Win32CreateThreadObject(&Handle, RunThread, Copy, StackBytes,
        Suspended != FALSE, Number != NULL ? Number : &Ignored);
    if (NT_SUCCESS(Status))
        return Handle;
    host_free(Copy);
    Win32SetStatus(Status);
    return NULL;
}

HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES Security, SIZE_T StackBytes,
    LPTHREAD_START_ROUTINE Start, LPVOID Parameter, DWORD Flags, LPDWORD ThreadId)
{
    THREAD_START Arguments = {.Start = Start, .Parameter = Parameter};

    if (Start == NULL ||
        (Flags & ~(DWORD)(CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION)) != 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return StartThread(&Arguments, StackBytes, (Flags & CREATE_SUSPENDED) != 0, ThreadId);
}

VOID WINAPI ExitThread(DWORD ExitCode)
{
    if (MadeByUs)
        Win32ExitThreadObject(ExitCode);
    /* The main thread, or one of pthread_create: ends, and the process when it was the last. */
    host_thread_exit();
}

/*
 * Itself: as ExitThread. One that has ended: nothing to do. Any other is not supported (file
 * abstract).
 */
BOOL WINAPI TerminateThread(HANDLE Thread, DWORD ExitCode)
{
    ULONG Number, ExitStatus;

    Win32Initialize();
    NTSTATUS Status = Win32QueryThreadHandle(Thread, &Number, &ExitStatus);
    if (!NT_SUCCESS(Status))
        return Win32SetStatus(Status);
    if (Number == Win32CurrentThreadNumber())
        ExitThread(ExitCode);
    if (ExitStatus != (ULONG)STATUS_PENDING)
        return TRUE;
    return Win32Fail(ERROR_NOT_SUPPORTED);
}

BOOL WINAPI GetExitCodeThread(HANDLE Thread, LPDWORD ExitCode)
{
    ULONG Number, ExitStatus;

    Win32Initialize();
    NTSTATUS Status = Win32QueryThreadHandle(Thread, &Number, &ExitStatus);
    if (!NT_SUCCESS(Status))
        return Win32SetStatus(Status);
    if (ExitCode == NULL)
        return Win32Fail(ERROR_NOACCESS);
    *ExitCode = ExitStatus;
    return TRUE;
}

HANDLE WINAPI GetCurrentThread(VOID)
{
    return NtCurrentThread();
}

DWORD WINAPI GetCurrentThreadId(VOID)
{
    return Win32CurrentThreadNumber();
}

DWORD WINAPI GetThreadId(HANDLE Thread)
{
    ULONG Number, ExitStatus;

    Win32Initialize();
    NTSTATUS Status = Win32QueryThreadHandle(Thread, &Number, &ExitStatus);
    if (NT_SUCCESS(Status))
        return Number;
    Win32SetStatus(Status);
    return 0;
}

/* A thread can be opened by itself only; ntos keeps no table from numbers to threads. */
HANDLE WINAPI OpenThread(DWORD Access, BOOL Inherit, DWORD ThreadId)
{
    HANDLE Handle;

    Win32Initialize();
    NTSTATUS Status = Win32OpenThreadObject(ThreadId, Access, Inherit ? OBJ_INHERIT : 0, &Handle);
    if (Status == STATUS_INVALID_CID) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (NT_SUCCESS(Status))
        return Handle;
    Win32SetStatus(Status);
    return NULL;
}

DWORD WINAPI ResumeThread(HANDLE Thread)
{
    ULONG Previous;

    Win32Initialize();
    NTSTATUS Status = NtResumeThread(Thread, &Previous);
    if (NT_SUCCESS(Status))
        return Previous;
    Win32SetStatus(Status);
    return SUSPEND_FAILED;
}

DWORD WINAPI SuspendThread(HANDLE Thread)
{
    ULONG Number, ExitStatus;

    Win32Initialize();
    NTSTATUS Status = Win32QueryThreadHandle(Thread, &Number, &ExitStatus);
    if (!NT_SUCCESS(Status))
        Win32SetStatus(Status);
    else
        SetLastError(
            ExitStatus == (ULONG)STATUS_PENDING ? ERROR_NOT_SUPPORTED : ERROR_ACCESS_DENIED);
    return SUSPEND_FAILED;
}

/* --- properties --- */

/*
 * AcquireRecord - takes the lock, always, and returns the record of the thread behind a handle,
 * made if need be; NULL with the last error. A thread that has ended gets no record: nobody would
 * free it.
 */
static WIN32_THREAD *AcquireRecord(HANDLE Handle) _Acquires_lock_(Win32TableLock)
{
    WIN32_THREAD *Thread = NULL;
    ULONG Number, ExitStatus;
    DWORD Error = ERROR_NOT_ENOUGH_MEMORY;

    Win32Initialize();
    NTSTATUS Status = Win32QueryThreadHandle(Handle, &Number, &ExitStatus);
    if (NT_SUCCESS(Status) && Number == Win32CurrentThreadNumber())
        Win32WatchThreadExit();
    Win32AcquireLock();
    if (!NT_SUCCESS(Status))
        Error = RtlNtStatusToDosError(Status);
    else if (ExitStatus != (ULONG)STATUS_PENDING)
        Error = ERROR_ACCESS_DENIED;
    else
        Thread = Win32FindThread(Number, TRUE);
    if (Thread == NULL)
        SetLastError(Error);
    return Thread;
}

BOOL WINAPI SetThreadPriority(HANDLE Handle, int Priority)
{
    if ((Priority < THREAD_PRIORITY_LOWEST || Priority > THREAD_PRIORITY_HIGHEST) &&
        Priority != THREAD_PRIORITY_IDLE && Priority != THREAD_PRIORITY_TIME_CRITICAL)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    WIN32_THREAD *Thread = AcquireRecord(Handle);
    if (Thread != NULL)
        Thread->Priority = Priority;
    Win32ReleaseLock();
    return Thread != NULL;
}

int WINAPI GetThreadPriority(HANDLE Handle)
{
    WIN32_THREAD *Thread = AcquireRecord(Handle);
    int Priority = Thread != NULL ? Thread->Priority : THREAD_PRIORITY_ERROR_RETURN;
    Win32ReleaseLock();
    return Priority;
}

BOOL WINAPI SetThreadPriorityBoost(HANDLE Handle, BOOL Disable)
{
    WIN32_THREAD *Thread = AcquireRecord(Handle);
    if (Thread != NULL)
        Thread->PriorityBoostDisabled = Disable != FALSE;
    Win32ReleaseLock();
    return Thread != NULL;
}

/* Returns the previous mask. The calling thread, and one not yet started, really move. */
DWORD_PTR WINAPI SetThreadAffinityMask(HANDLE Handle, DWORD_PTR Mask)
{
    DWORD_PTR Process = host_affinity_process(), Previous = 0;
    BOOL Own = FALSE;

    if (Mask == 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    /* The handle comes first: which processors the mask may name is a matter of its process. */
    WIN32_THREAD *Thread = AcquireRecord(Handle);
    if (Thread != NULL && (Mask & ~Process) != 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
    } else if (Thread != NULL) {
        Previous = Thread->Affinity != 0 ? Thread->Affinity : Process;
        Thread->Affinity = Mask;
        Own = Thread->Number == Win32CurrentThreadNumber();
    }
    Win32ReleaseLock();
    if (Own)
        host_affinity_set_thread(Mask);
    return Previous;
}

/* A hint without effect; returns the previous one. */
DWORD WINAPI SetThreadIdealProcessor(HANDLE Handle, DWORD Processor)
{
    if (Processor > MAXIMUM_PROCESSORS) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return (DWORD)-1;
    }
    WIN32_THREAD *Thread = AcquireRecord(Handle);
    Win32ReleaseLock();
    return Thread != NULL ? 0 : (DWORD)-1;
}

DWORD WINAPI GetCurrentProcessorNumber(VOID)
{
    return host_affinity_current_cpu();
}

static VOID SetHostName(PCWSTR Description)
{
    PSTR Name = Win32AnsiFromWide(Description);
    if (Name != NULL)
        host_thread_set_name(Name);
    host_free(Name);
}

/* Copy with its terminator; NULL is the empty string. NULL when memory is short. */
static PWSTR CopyWide(PCWSTR Text)
{
    SIZE_T Bytes = (Win32WideLength(Text) + 1) * sizeof(WCHAR);
    PWSTR Copy = host_allocate(Bytes);
    if (Copy != NULL)
        RtlCopyMemory(Copy, Text != NULL ? Text : L"", Bytes);
    return Copy;
}

HRESULT WINAPI SetThreadDescription(HANDLE Handle, PCWSTR Description)
{
    PWSTR Copy = CopyWide(Description), Unused = Copy;
    BOOL Own = FALSE;

    if (Copy == NULL)
        return HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    WIN32_THREAD *Thread = AcquireRecord(Handle);
    if (Thread != NULL) {
        Unused = Thread->Description;
        Thread->Description = Copy;
        Own = Thread->Number == Win32CurrentThreadNumber();
    }
    Win32ReleaseLock();
    host_free(Unused);
    if (Own)
        SetHostName(Description);
    return Thread != NULL ? S_OK : HRESULT_FROM_WIN32(GetLastError());
}

/* The caller frees the copy with LocalFree. Success is HRESULT_FROM_NT(0), as on Windows. */
#define DESCRIPTION_SUCCESS ((HRESULT)0x10000000)
HRESULT WINAPI GetThreadDescription(HANDLE Handle, PWSTR *Description)
{
    PWSTR Copy = NULL;
    BOOL Found;

    if (Description == NULL)
        return E_INVALIDARG;
    *Description = NULL;
    WIN32_THREAD *Thread = AcquireRecord(Handle);
    Found = Thread != NULL;
    if (Found)
        Copy = CopyWide(Thread->Description);
    Win32ReleaseLock();
    if (!Found)
        return HRESULT_FROM_WIN32(GetLastError());
    SIZE_T Bytes = (Win32WideLength(Copy) + 1) * sizeof(WCHAR);
    if (Copy != NULL)
        *Description = LocalAlloc(LMEM_FIXED, Bytes);
    if (*Description != NULL)
        RtlCopyMemory(*Description, Copy, Bytes);
    host_free(Copy);
    return *Description != NULL ? DESCRIPTION_SUCCESS : HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
}

/* What others set before the thread started. */
static VOID ApplyRecord(VOID)
{
    DWORD_PTR Affinity = 0;
    PWSTR Name = NULL;

    Win32AcquireLock();
    WIN32_THREAD *Thread = Win32FindThread(Win32CurrentThreadNumber(), FALSE);
    if (Thread != NULL) {
        Affinity = Thread->Affinity;
        if (Thread->Description != NULL)
            Name = CopyWide(Thread->Description);
    }
    Win32ReleaseLock();
    if (Thread == NULL)
        return;
    Win32WatchThreadExit();
    if (Affinity != 0)
        host_affinity_set_thread(Affinity);
    if (Name != NULL)
        SetHostName(Name);
    host_free(Name);
}

/* --- the C run-time library's threads --- */

static int ErrnoFromLastError(VOID)
{
    DWORD Error = GetLastError();
    return Error == ERROR_INVALID_PARAMETER   ? EINVAL
           : Error == ERROR_NOT_ENOUGH_MEMORY ? ENOMEM
                                              : EAGAIN;
}

uintptr_t __cdecl _beginthreadex(void *security, unsigned stack_size, unsigned (*start)(void *),
    void *argument, unsigned flags, unsigned *thread_id)
{
    THREAD_START Start = {.CrtStartEx = start, .Parameter = argument};
    HANDLE Handle;

    if (start == NULL) {
        errno = EINVAL;
        return 0;
    }
    Handle = StartThread(&Start, stack_size, (flags & CREATE_SUSPENDED) != 0, thread_id);
    if (Handle == NULL)
        errno = ErrnoFromLastError();
    return (uintptr_t)Handle;
}

void __cdecl _endthreadex(unsigned exit_code)
{
    ExitThread(exit_code);
}

/*
 * The thread itself closes the handle when it ends, by returning or by _endthread. It must know the
 * handle before it runs, so it is made suspended. [doc:c-runtime-library/beginthread]
 */
uintptr_t __cdecl _beginthread(void (*start)(void *), unsigned stack_size, void *argument)
{
    THREAD_START Start = {.CrtStart = start, .Parameter = argument};
    HANDLE Handle;
    PHANDLE Own;

    if (start == NULL) {
        errno = EINVAL;
        return (uintptr_t)-1;
    }
    Own = host_allocate(sizeof *Own);
    Start.OwnHandle = Own;
    Handle = Own != NULL ? StartThread(&Start, stack_size, TRUE, NULL) : NULL;
    if (Handle == NULL) {
        host_free(Own);
        errno = ErrnoFromLastError();
        return (uintptr_t)-1;
    }
    *Own = Handle;
    ResumeThread(Handle);
    return (uintptr_t)Handle;
}

void __cdecl _endthread(void)
{
    CloseOwnHandle();
    ExitThread(0);
}
