/* SPDX-License-Identifier: MIT */
/*
 * win32_process.c - the one process there is.
 *
 * Layer: win32. Other processes cannot be created, opened or ended through these calls. Linux keeps
 * 8 bits of an exit code; a failure whose low 8 bits are zero ends with 255, so that it stays a
 * failure.
 */
#include "win32_private.h"

#include "host_affinity.h"
#include "host_process.h"
#include "host_system.h"

static int HostExitCode(UINT Code)
{
    int Low = (int)(Code & 0xFF);
    return Code != 0 && Low == 0 ? 255 : Low;
}

HANDLE WINAPI GetCurrentProcess(VOID)
{
    return NtCurrentProcess();
}

DWORD WINAPI GetCurrentProcessId(VOID)
{
    return host_process_id();
}

/* Buffers of the C library are written, as its DLL does when it is detached; atexit routines do not
 * run. */
VOID WINAPI ExitProcess(UINT Code)
{
    host_flush_streams();
    host_exit(HostExitCode(Code));
}

static BOOL CheckProcess(HANDLE Process)
{
    Win32Initialize();
    NTSTATUS Status = Win32CheckProcessHandle(Process);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

BOOL WINAPI TerminateProcess(HANDLE Process, UINT Code)
{
    if (!CheckProcess(Process))
        return FALSE;
    host_exit(HostExitCode(Code));
}

BOOL WINAPI GetExitCodeProcess(HANDLE Process, LPDWORD Code)
{
    if (!CheckProcess(Process))
        return FALSE;
    if (Code == NULL)
        return Win32Fail(ERROR_NOACCESS);
    *Code = (DWORD)STATUS_PENDING;
    return TRUE;
}

DWORD WINAPI GetProcessId(HANDLE Process)
{
    return CheckProcess(Process) ? host_process_id() : 0;
}

HANDLE WINAPI OpenProcess(DWORD Access, BOOL Inherit, DWORD ProcessId)
{
    HANDLE Handle;

    Win32Initialize();
    if (ProcessId != host_process_id()) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    NTSTATUS Status = NtDuplicateObject(NtCurrentProcess(), NtCurrentProcess(), NtCurrentProcess(),
        &Handle, Access, Inherit ? OBJ_INHERIT : 0, 0);
    if (NT_SUCCESS(Status))
        return Handle;
    Win32SetStatus(Status);
    return NULL;
}

static VOID StoreTime(LPFILETIME To, uint64_t Units)
{
    To->dwLowDateTime = (DWORD)Units;
    To->dwHighDateTime = (DWORD)(Units >> 32);
}

BOOL WINAPI GetProcessTimes(
    HANDLE Process, LPFILETIME Creation, LPFILETIME Exit, LPFILETIME Kernel, LPFILETIME User)
{
    struct host_times Times;

    if (!CheckProcess(Process))
        return FALSE;
    host_process_times(&Times);
    StoreTime(Creation, Times.start);
    StoreTime(Exit, 0);
    StoreTime(Kernel, Times.kernel);
    StoreTime(User, Times.user);
    return TRUE;
}

/* Of the calling thread only: Linux tells nothing of others that it would not have to be asked for.
 */
BOOL WINAPI GetThreadTimes(
    HANDLE Thread, LPFILETIME Creation, LPFILETIME Exit, LPFILETIME Kernel, LPFILETIME User)
{
    struct host_times Times, Process;

    if (GetThreadId(Thread) == 0)
        return FALSE;
    if (GetThreadId(Thread) != GetCurrentThreadId())
        return Win32Fail(ERROR_NOT_SUPPORTED);
    host_thread_times(&Times);
    host_process_times(&Process);
    StoreTime(Creation, Process.start);
    StoreTime(Exit, 0);
    StoreTime(Kernel, Times.kernel);
    StoreTime(User, Times.user);
    return TRUE;
}

/* --- class and affinity: remembered; Linux decides --- */

static DWORD PriorityClass = NORMAL_PRIORITY_CLASS;

BOOL WINAPI SetPriorityClass(HANDLE Process, DWORD Class)
{
    if (!CheckProcess(Process))
        return FALSE;
    switch (Class) {
    case IDLE_PRIORITY_CLASS:
    case 0x4000: /* BELOW_NORMAL_PRIORITY_CLASS */
    case NORMAL_PRIORITY_CLASS:
    case 0x8000: /* ABOVE_NORMAL_PRIORITY_CLASS */
    case HIGH_PRIORITY_CLASS:
    case REALTIME_PRIORITY_CLASS:
        __atomic_store_n(&PriorityClass, Class, __ATOMIC_SEQ_CST);
        return TRUE;
    default:
        return Win32Fail(ERROR_INVALID_PARAMETER);
    }
}

DWORD WINAPI GetPriorityClass(HANDLE Process)
{
    return CheckProcess(Process) ? __atomic_load_n(&PriorityClass, __ATOMIC_SEQ_CST) : 0;
}

BOOL WINAPI GetProcessAffinityMask(HANDLE Process, PDWORD_PTR ProcessMask, PDWORD_PTR SystemMask)
{
    if (!CheckProcess(Process))
        return FALSE;
    *ProcessMask = host_affinity_process();
    *SystemMask = host_affinity_process();
    return TRUE;
}

BOOL WINAPI SetProcessAffinityMask(HANDLE Process, DWORD_PTR Mask)
{
    if (!CheckProcess(Process))
        return FALSE;
    if (Mask == 0 || (Mask & ~host_affinity_process()) != 0)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    host_affinity_set_thread(Mask);
    return TRUE;
}

/* --- how the process was started: by nobody who could have filled this in --- */

VOID WINAPI GetStartupInfoA(LPSTARTUPINFOA Information)
{
    RtlZeroMemory(Information, sizeof *Information);
    Information->cb = sizeof *Information;
    Information->hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    Information->hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    Information->hStdError = GetStdHandle(STD_ERROR_HANDLE);
}

VOID WINAPI GetStartupInfoW(LPSTARTUPINFOW Information)
{
    RtlZeroMemory(Information, sizeof *Information);
    Information->cb = sizeof *Information;
    Information->hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    Information->hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    Information->hStdError = GetStdHandle(STD_ERROR_HANDLE);
}
