/* SPDX-License-Identifier: MIT */
/*
 * threadpoolapiset.h - the thread pool: work, timers, waits, I/O.
 *
 * Layer: application headers; implemented by win32. [doc:threadpoolapiset]
 *
 *     PTP_WORK work = CreateThreadpoolWork(callback, context, NULL);
 *     SubmitThreadpoolWork(work);
 *     WaitForThreadpoolWorkCallbacks(work, FALSE);
 *     CloseThreadpoolWork(work);
 *
 * A function that makes something returns NULL or FALSE with the last error: ERROR_INVALID_PARAMETER for an
 * environment that is neither version 1 nor 3, or has no such priority; ERROR_NOT_ENOUGH_MEMORY. Every
 * other call may come from any thread, callbacks included; waiting in a callback for the callback's own
 * object never ends, unless the callback has been disassociated. A closed object must not be used again;
 * callbacks that are outstanding then still run, and the object goes after the last.
 */
#ifndef _THREADPOOLAPISET_H_
#define _THREADPOOLAPISET_H_

#include <minwinbase.h>

#ifndef WINBASEAPI
#define WINBASEAPI NTSOCKAPI
#endif

NTSOCK_EXTERN_C_BEGIN

/* IoResult is a Win32 error. Overlapped is what the operation was started with. */
typedef VOID(WINAPI *PTP_WIN32_IO_CALLBACK)(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PVOID Overlapped,
    ULONG IoResult, ULONG_PTR NumberOfBytesTransferred, PTP_IO Io);

/* --- pools: threads come when needed, at most the maximum (500), and go when idle, down to the minimum (0) --- */
WINBASEAPI PTP_POOL WINAPI CreateThreadpool(PVOID reserved);
WINBASEAPI VOID WINAPI SetThreadpoolThreadMaximum(PTP_POOL ptpp, DWORD cthrdMost);
WINBASEAPI BOOL WINAPI SetThreadpoolThreadMinimum(PTP_POOL ptpp, DWORD cthrdMic); /* starts them */
WINBASEAPI BOOL WINAPI SetThreadpoolStackInformation(PTP_POOL ptpp, PTP_POOL_STACK_INFORMATION ptpsi);
WINBASEAPI BOOL WINAPI QueryThreadpoolStackInformation(PTP_POOL ptpp, PTP_POOL_STACK_INFORMATION ptpsi);
WINBASEAPI VOID WINAPI CloseThreadpool(PTP_POOL ptpp); /* goes with its last object */

/* --- cleanup groups --- */
WINBASEAPI PTP_CLEANUP_GROUP WINAPI CreateThreadpoolCleanupGroup(VOID);
/*
 * Waits for the callbacks of every member and closes it. With fCancelPendingCallbacks those that have not
 * begun do not run, and the group's cancel callback, if any, is called here for each member
 * once, after its running callbacks have ended.
 */
WINBASEAPI VOID WINAPI CloseThreadpoolCleanupGroupMembers(PTP_CLEANUP_GROUP ptpcg, BOOL fCancelPendingCallbacks,
    PVOID pvCleanupContext);
WINBASEAPI VOID WINAPI CloseThreadpoolCleanupGroup(PTP_CLEANUP_GROUP ptpcg);

/* --- what a callback may ask for: done when it returns, in the order of this list from the lock on --- */
WINBASEAPI BOOL WINAPI CallbackMayRunLong(PTP_CALLBACK_INSTANCE pci); /* FALSE: no other thread for the others */
WINBASEAPI VOID WINAPI DisassociateCurrentThreadFromCallback(PTP_CALLBACK_INSTANCE pci);
WINBASEAPI VOID WINAPI LeaveCriticalSectionWhenCallbackReturns(PTP_CALLBACK_INSTANCE pci, PCRITICAL_SECTION pcs);
WINBASEAPI VOID WINAPI ReleaseMutexWhenCallbackReturns(PTP_CALLBACK_INSTANCE pci, HANDLE mut);
WINBASEAPI VOID WINAPI ReleaseSemaphoreWhenCallbackReturns(PTP_CALLBACK_INSTANCE pci, HANDLE sem, DWORD crel);
WINBASEAPI VOID WINAPI SetEventWhenCallbackReturns(PTP_CALLBACK_INSTANCE pci, HANDLE evt);
WINBASEAPI VOID WINAPI FreeLibraryWhenCallbackReturns(PTP_CALLBACK_INSTANCE pci, HMODULE mod);

/* --- work: a callback for each submission; those of one object take turns with other objects' --- */
WINBASEAPI BOOL WINAPI TrySubmitThreadpoolCallback(PTP_SIMPLE_CALLBACK pfns, PVOID pv, PTP_CALLBACK_ENVIRON pcbe);
WINBASEAPI PTP_WORK WINAPI CreateThreadpoolWork(PTP_WORK_CALLBACK pfnwk, PVOID pv, PTP_CALLBACK_ENVIRON pcbe);
WINBASEAPI VOID WINAPI SubmitThreadpoolWork(PTP_WORK pwk);
WINBASEAPI VOID WINAPI WaitForThreadpoolWorkCallbacks(PTP_WORK pwk, BOOL fCancelPendingCallbacks);
WINBASEAPI VOID WINAPI CloseThreadpoolWork(PTP_WORK pwk);

/*
 * --- timers --- pftDueTime: in 100 ns, negative from now, else system time; NULL stops the timer. msPeriod
 * 0: once. A timer stays "set" after it has expired. The window is permission to be late, not used.
 */
WINBASEAPI PTP_TIMER WINAPI CreateThreadpoolTimer(PTP_TIMER_CALLBACK pfnti, PVOID pv, PTP_CALLBACK_ENVIRON pcbe);
WINBASEAPI VOID WINAPI SetThreadpoolTimer(PTP_TIMER pti, PFILETIME pftDueTime, DWORD msPeriod,
    DWORD msWindowLength);
/* TRUE if the timer was waiting for its time and has been stopped or set anew before it. */
WINBASEAPI BOOL WINAPI SetThreadpoolTimerEx(PTP_TIMER pti, PFILETIME pftDueTime, DWORD msPeriod,
    DWORD msWindowLength);
WINBASEAPI BOOL WINAPI IsThreadpoolTimerSet(PTP_TIMER pti);
WINBASEAPI VOID WINAPI WaitForThreadpoolTimerCallbacks(PTP_TIMER pti, BOOL fCancelPendingCallbacks);
WINBASEAPI VOID WINAPI CloseThreadpoolTimer(PTP_TIMER pti);

/*
 * --- waits --- one callback per SetThreadpoolWait, with WAIT_OBJECT_0 or WAIT_TIMEOUT. A NULL handle ends
 * the wait. The handle may be closed while it is waited for. Mutexes cannot be waited for sensibly:
 * a thread of the pool would own them.
 */
WINBASEAPI PTP_WAIT WINAPI CreateThreadpoolWait(PTP_WAIT_CALLBACK pfnwa, PVOID pv, PTP_CALLBACK_ENVIRON pcbe);
WINBASEAPI VOID WINAPI SetThreadpoolWait(PTP_WAIT pwa, HANDLE h, PFILETIME pftTimeout);
WINBASEAPI BOOL WINAPI SetThreadpoolWaitEx(PTP_WAIT pwa, HANDLE h, PFILETIME pftTimeout, PVOID Reserved);
WINBASEAPI VOID WINAPI WaitForThreadpoolWaitCallbacks(PTP_WAIT pwa, BOOL fCancelPendingCallbacks);
WINBASEAPI VOID WINAPI CloseThreadpoolWait(PTP_WAIT pwa);

/*
 * --- I/O --- CreateThreadpoolIo associates the file for good: ERROR_INVALID_PARAMETER if it is with a port
 * already or was not opened for overlapped operations, ERROR_INVALID_HANDLE. StartThreadpoolIo before every
 * operation, CancelThreadpoolIo after one that failed at once (or ended at once, with
 * FILE_SKIP_COMPLETION_PORT_ON_SUCCESS): a completion that was not announced is dropped.
 */
WINBASEAPI PTP_IO WINAPI CreateThreadpoolIo(HANDLE fl, PTP_WIN32_IO_CALLBACK pfnio, PVOID pv,
    PTP_CALLBACK_ENVIRON pcbe);
WINBASEAPI VOID WINAPI StartThreadpoolIo(PTP_IO pio);
WINBASEAPI VOID WINAPI CancelThreadpoolIo(PTP_IO pio);
WINBASEAPI VOID WINAPI WaitForThreadpoolIoCallbacks(PTP_IO pio, BOOL fCancelPendingCallbacks);
WINBASEAPI VOID WINAPI CloseThreadpoolIo(PTP_IO pio);

NTSOCK_EXTERN_C_END

#endif
