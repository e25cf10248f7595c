/* SPDX-License-Identifier: MIT */
/*
 * win32_pool_native.h - the thread pool's native functions.
 *
 * Layer: win32, private; NT counterpart: exports of ntdll. They are exported here too, and declared in no
 * public header, as on Windows. kernel32's functions of like names (threadpoolapiset.h,
 * threadpoollegacyapiset.h) tell what they do; these return a status instead of setting the last error.
 */
#ifndef WIN32_POOL_NATIVE_H
#define WIN32_POOL_NATIVE_H

#include "win32_private.h"

/* As PTP_WIN32_IO_CALLBACK, but with the status as it is. */
typedef VOID(NTAPI *TPP_IO_CALLBACK)(
    PTP_CALLBACK_INSTANCE Instance, PVOID Context, PVOID ApcContext, PIO_STATUS_BLOCK Iosb, PTP_IO Io);

/* --- pools (win32_pool.c) --- */
NTSOCKAPI NTSTATUS NTAPI TpAllocPool(PTP_POOL *Pool, PVOID Reserved);
NTSOCKAPI VOID NTAPI TpReleasePool(PTP_POOL Pool);
NTSOCKAPI VOID NTAPI TpSetPoolMaxThreads(PTP_POOL Pool, ULONG Maximum);
NTSOCKAPI NTSTATUS NTAPI TpSetPoolMinThreads(PTP_POOL Pool, ULONG Minimum);
NTSOCKAPI NTSTATUS NTAPI TpSetPoolStackInformation(PTP_POOL Pool, PTP_POOL_STACK_INFORMATION Stack);
NTSOCKAPI NTSTATUS NTAPI TpQueryPoolStackInformation(PTP_POOL Pool, PTP_POOL_STACK_INFORMATION Stack);

/* --- callbacks, cleanup groups (win32_pool_object.c) --- */
NTSOCKAPI NTSTATUS NTAPI TpCallbackMayRunLong(PTP_CALLBACK_INSTANCE Instance);
NTSOCKAPI VOID NTAPI TpDisassociateCallback(PTP_CALLBACK_INSTANCE Instance);
NTSOCKAPI VOID NTAPI TpCallbackLeaveCriticalSectionOnCompletion(
    PTP_CALLBACK_INSTANCE Instance, PRTL_CRITICAL_SECTION CriticalSection);
NTSOCKAPI VOID NTAPI TpCallbackReleaseMutexOnCompletion(PTP_CALLBACK_INSTANCE Instance, HANDLE Mutex);
NTSOCKAPI VOID NTAPI TpCallbackReleaseSemaphoreOnCompletion(
    PTP_CALLBACK_INSTANCE Instance, HANDLE Semaphore, DWORD Count);
NTSOCKAPI VOID NTAPI TpCallbackSetEventOnCompletion(PTP_CALLBACK_INSTANCE Instance, HANDLE Event);
NTSOCKAPI VOID NTAPI TpCallbackUnloadDllOnCompletion(PTP_CALLBACK_INSTANCE Instance, HMODULE Library);
NTSOCKAPI NTSTATUS NTAPI TpAllocCleanupGroup(PTP_CLEANUP_GROUP *Created);
NTSOCKAPI VOID NTAPI TpReleaseCleanupGroupMembers(
    PTP_CLEANUP_GROUP Group, BOOL CancelPending, PVOID CleanupContext);
NTSOCKAPI VOID NTAPI TpReleaseCleanupGroup(PTP_CLEANUP_GROUP Group);

/* --- work (win32_pool_work.c) --- */
NTSOCKAPI NTSTATUS NTAPI TpSimpleTryPost(
    PTP_SIMPLE_CALLBACK Callback, PVOID Context, PTP_CALLBACK_ENVIRON Environment);
NTSOCKAPI NTSTATUS NTAPI RtlQueueWorkItem(LPTHREAD_START_ROUTINE Function, PVOID Context, ULONG Flags);
NTSOCKAPI NTSTATUS NTAPI TpAllocWork(PTP_WORK *Created, PTP_WORK_CALLBACK Callback, PVOID Context,
    PTP_CALLBACK_ENVIRON Environment);
NTSOCKAPI VOID NTAPI TpPostWork(PTP_WORK Work);
NTSOCKAPI VOID NTAPI TpWaitForWork(PTP_WORK Work, BOOL CancelPending);
NTSOCKAPI VOID NTAPI TpReleaseWork(PTP_WORK Work);

/* --- timers (win32_pool_timer.c) --- */
NTSOCKAPI NTSTATUS NTAPI TpAllocTimer(PTP_TIMER *Created, PTP_TIMER_CALLBACK Callback, PVOID Context,
    PTP_CALLBACK_ENVIRON Environment);
NTSOCKAPI BOOLEAN NTAPI TpSetTimerEx(
    PTP_TIMER Timer, const LARGE_INTEGER *DueTime, LONG PeriodMs, LONG WindowMs);
NTSOCKAPI VOID NTAPI TpSetTimer(
    PTP_TIMER Timer, const LARGE_INTEGER *DueTime, LONG PeriodMs, LONG WindowMs);
NTSOCKAPI BOOL NTAPI TpIsTimerSet(PTP_TIMER Timer);
NTSOCKAPI VOID NTAPI TpWaitForTimer(PTP_TIMER Timer, BOOL CancelPending);
NTSOCKAPI VOID NTAPI TpReleaseTimer(PTP_TIMER Timer);

/* --- waits (win32_pool_wait.c) --- */
NTSOCKAPI NTSTATUS NTAPI TpAllocWait(PTP_WAIT *Created, PTP_WAIT_CALLBACK Callback, PVOID Context,
    PTP_CALLBACK_ENVIRON Environment);
NTSOCKAPI NTSTATUS NTAPI TpSetWaitEx(
    PTP_WAIT Wait, HANDLE Handle, const LARGE_INTEGER *Timeout, PVOID Reserved);
NTSOCKAPI VOID NTAPI TpSetWait(PTP_WAIT Wait, HANDLE Handle, const LARGE_INTEGER *Timeout);
NTSOCKAPI VOID NTAPI TpWaitForWait(PTP_WAIT Wait, BOOL CancelPending);
NTSOCKAPI VOID NTAPI TpReleaseWait(PTP_WAIT Wait);
NTSOCKAPI NTSTATUS NTAPI RtlRegisterWait(PHANDLE Created, HANDLE Handle, WAITORTIMERCALLBACK Callback,
    PVOID Context, ULONG Milliseconds, ULONG Flags);
NTSOCKAPI NTSTATUS NTAPI RtlDeregisterWaitEx(HANDLE Handle, HANDLE Event);
NTSOCKAPI NTSTATUS NTAPI RtlDeregisterWait(HANDLE Handle);

/* --- I/O (win32_pool_io.c) --- */
NTSOCKAPI NTSTATUS NTAPI TpAllocIoCompletion(PTP_IO *Created, HANDLE File, TPP_IO_CALLBACK Callback,
    PVOID Context, PTP_CALLBACK_ENVIRON Environment);
NTSOCKAPI VOID NTAPI TpStartAsyncIoOperation(PTP_IO Io);
NTSOCKAPI VOID NTAPI TpCancelAsyncIoOperation(PTP_IO Io);
NTSOCKAPI VOID NTAPI TpWaitForIoCompletion(PTP_IO Io, BOOL CancelPending);
NTSOCKAPI VOID NTAPI TpReleaseIoCompletion(PTP_IO Io);
NTSOCKAPI NTSTATUS NTAPI RtlSetIoCompletionCallback(
    HANDLE File, LPOVERLAPPED_COMPLETION_ROUTINE Function, ULONG Flags);

/* --- timer queues (win32_timer_queue.c) --- */
NTSOCKAPI NTSTATUS NTAPI RtlCreateTimerQueue(PHANDLE Created);
NTSOCKAPI NTSTATUS NTAPI RtlCreateTimer(HANDLE QueueHandle, PHANDLE Created,
    WAITORTIMERCALLBACK Callback, PVOID Parameter, DWORD DueMs, DWORD PeriodMs, ULONG Flags);
NTSOCKAPI NTSTATUS NTAPI RtlUpdateTimer(
    HANDLE QueueHandle, HANDLE TimerHandle, DWORD DueMs, DWORD PeriodMs);
NTSOCKAPI NTSTATUS NTAPI RtlDeleteTimer(HANDLE QueueHandle, HANDLE TimerHandle, HANDLE Event);
NTSOCKAPI NTSTATUS NTAPI RtlDeleteTimerQueueEx(HANDLE QueueHandle, HANDLE Event);
NTSOCKAPI NTSTATUS NTAPI RtlDeleteTimerQueue(HANDLE QueueHandle);

#endif
