/* SPDX-License-Identifier: MIT */
/*
 * win32_pool_callback.c - kernel32's names for what callbacks may ask of the thread pool, and for cleanup groups.
 *
 * Layer: win32; NT counterpart: kernel32's forwarders to ntdll.
 */
#include "win32_pool.h"

BOOL WINAPI CallbackMayRunLong(PTP_CALLBACK_INSTANCE Instance)
{
    return NT_SUCCESS(TpCallbackMayRunLong(Instance));
}

VOID WINAPI DisassociateCurrentThreadFromCallback(PTP_CALLBACK_INSTANCE Instance)
{
    TpDisassociateCallback(Instance);
}

VOID WINAPI LeaveCriticalSectionWhenCallbackReturns(
    PTP_CALLBACK_INSTANCE Instance, PCRITICAL_SECTION CriticalSection)
{
    TpCallbackLeaveCriticalSectionOnCompletion(Instance, CriticalSection);
}

VOID WINAPI ReleaseMutexWhenCallbackReturns(PTP_CALLBACK_INSTANCE Instance, HANDLE Mutex)
{
    TpCallbackReleaseMutexOnCompletion(Instance, Mutex);
}

VOID WINAPI ReleaseSemaphoreWhenCallbackReturns(
    PTP_CALLBACK_INSTANCE Instance, HANDLE Semaphore, DWORD Count)
{
    TpCallbackReleaseSemaphoreOnCompletion(Instance, Semaphore, Count);
}

VOID WINAPI SetEventWhenCallbackReturns(PTP_CALLBACK_INSTANCE Instance, HANDLE Event)
{
    TpCallbackSetEventOnCompletion(Instance, Event);
}

VOID WINAPI FreeLibraryWhenCallbackReturns(PTP_CALLBACK_INSTANCE Instance, HMODULE Library)
{
    TpCallbackUnloadDllOnCompletion(Instance, Library);
}

PTP_CLEANUP_GROUP WINAPI CreateThreadpoolCleanupGroup(VOID)
{
    PTP_CLEANUP_GROUP Group;
    NTSTATUS Status = TpAllocCleanupGroup(&Group);
    if (NT_SUCCESS(Status))
        return Group;
    Win32SetStatus(Status);
    return NULL;
}

VOID WINAPI CloseThreadpoolCleanupGroupMembers(
    PTP_CLEANUP_GROUP Group, BOOL CancelPending, PVOID CleanupContext)
{
    TpReleaseCleanupGroupMembers(Group, CancelPending, CleanupContext);
}

VOID WINAPI CloseThreadpoolCleanupGroup(PTP_CLEANUP_GROUP Group)
{
    TpReleaseCleanupGroup(Group);
}
