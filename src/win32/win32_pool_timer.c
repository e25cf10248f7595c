/* SPDX-License-Identifier: MIT */
/*
 * win32_pool_timer.c - the thread pool's timers: one heap, one thread.
 *
 * Layer: win32; NT counterpart: the timer part of ntdll's thread pool. The thread sleeps until the first
 * timer is due, queues its callback (or runs it, for the old API's WT_EXECUTEINTIMERTHREAD), and
 * ends when there has been no timer for TPP_IDLE_MS. Times of the system's clock are converted when they are
 * set: setting the clock later does not move them. Windows of time (msWindowLength) are not
 * used: no timer is early, and none late for company.
 */
#include "win32_pool.h"

#include "host_thread.h"

/* A binary heap by Due; the first element is Heap[1]. Guarded by Win32PoolLock, but for Word. */
static PTP_TIMER *Heap;
static ULONG HeapRoom;     /* elements allocated */
static ULONG HeapReserved; /* timers that exist: each may be in the heap */
static ULONG HeapCount;
static BOOLEAN ThreadRuns;
static BOOLEAN Trim;
static ULONG Word; /* changes when the first timer has changed; the thread's futex */

/* --- the heap --- */

NTSTATUS TppReserveTimer(VOID)
{
    NTSTATUS Status = STATUS_SUCCESS;

    TppAcquireLock();
    if (HeapReserved + 2 > HeapRoom) {
        ULONG Room = HeapRoom * 2 + 16;
        PTP_TIMER *Grown = host_allocate(Room * sizeof *Grown);
        if (Grown != NULL) {
            RtlCopyMemory(Grown + (HeapRoom == 0), Heap + (HeapRoom == 0), HeapRoom * sizeof *Grown);
            host_free(Heap);
            Heap = Grown;
            HeapRoom = Room;
        } else {
            Status = STATUS_NO_MEMORY;
        }
    }
    if (NT_SUCCESS(Status))
        HeapReserved++;
    TppReleaseLock();
    return Status;
}

VOID TppUnreserveTimer(VOID)
{
    TppAcquireLock();
    if (--HeapReserved == 0) {
        host_free(Heap);
        Heap = NULL;
        HeapRoom = 0;
    }
    TppReleaseLock();
}

static VOID Place(PTP_TIMER Timer, ULONG Index) _Requires_lock_held_(Win32PoolLock)
{
    Heap[Index] = Timer;
    Timer->HeapIndex = Index;
}

/* The hole at Index is filled by Timer or by one that has to be there instead. */
static VOID Settle(PTP_TIMER Timer, ULONG Index) _Requires_lock_held_(Win32PoolLock)
{
    while (Index > 1 && Heap[Index / 2]->Due > Timer->Due) {
        Place(Heap[Index / 2], Index);
        Index /= 2;
    }
    for (;;) {
        ULONG Child = Index * 2;
        if (Child > HeapCount)
            break;
        if (Child < HeapCount && Heap[Child + 1]->Due < Heap[Child]->Due)
            Child++;
        if (Heap[Child]->Due >= Timer->Due)
            break;
        Place(Heap[Child], Index);
        Index = Child;
    }
    Place(Timer, Index);
}

BOOLEAN TppDisarmTimer(PTP_TIMER Timer)
{
    ULONG Index = Timer->HeapIndex;
    if (Index == 0)
        return FALSE;
    Timer->HeapIndex = 0;
    PTP_TIMER Last = Heap[HeapCount--];
    if (Last != Timer)
        Settle(Last, Index);
    return TRUE;
}

VOID TppArmTimer(PTP_TIMER Timer, ULONGLONG Due, TPP_DEEDS *Deeds)
{
    (VOID) TppDisarmTimer(Timer);
    Timer->Due = Due;
    HeapCount++;
    Settle(Timer, HeapCount);
    if (!ThreadRuns) {
        ThreadRuns = TRUE;
        Deeds->StartTimers = TRUE;
    } else if (Timer->HeapIndex == 1) {
        Deeds->WakeTimers = TRUE;
    }
}

/* --- the thread --- */

VOID TppWakeTimerThread(VOID)
{
    __atomic_add_fetch(&Word, 1, __ATOMIC_SEQ_CST);
    host_futex_wake(&Word, 1);
}

/*
 * The first timer is due: out of the heap, or to its next time. Its callback is queued, or returned with a
 * reference, to be run here.
 */
static TPP_OBJECT *Expire(PTP_TIMER Timer, ULONGLONG Now, TPP_DEEDS *Deeds)
    _Requires_lock_held_(Win32PoolLock)
{
    TPP_OBJECT *Object = &Timer->Object;
    ULONGLONG Period = (ULONGLONG)Timer->PeriodMs * WIN32_100NS_PER_MS;

    (VOID) TppDisarmTimer(Timer);
    if (Object->Kind == TppGrowth) {
        TppCheckGrowth(Object->Pool, Deeds);
        return NULL;
    }
    if (Period != 0 && !Timer->Once) {
        /* Rounds that were missed altogether are not made up for. */
        ULONGLONG Next = Timer->Due + Period;
        TppArmTimer(Timer, Next > Now ? Next : Now + Period, Deeds);
    } else {
        Timer->Over = TRUE;
    }
    if (!Timer->InTimerThread) {
        TppSubmit(Object, Deeds);
        return NULL;
    }
    TppReferenceObject(Object);
    Object->Running++;
    return Object;
}

static VOID RunFirst(PTP_TIMER First, ULONGLONG Now) _Requires_lock_held_(Win32PoolLock)
{
    PTP_POOL Growing = First->Object.Kind == TppGrowth ? First->Object.Pool : NULL;
    const TPP_RESULT Result = {.WaitResult = WAIT_TIMEOUT};
    TPP_DEEDS Deeds = {0};

    TPP_OBJECT *Object = Expire(First, Now, &Deeds);
    TppReleaseLock();
    (VOID) TppFinishDeeds(&Deeds);
    if (Object != NULL)
        TppRunCallback(Object, &Result, FALSE);
    if (Growing != NULL)
        TppDereferencePool(Growing); /* the timer's reference */
    TppAcquireLock();
}

static ULONG TimerThread(PVOID Parameter)
{
    ULONGLONG IdleSince = 0;

    UNREFERENCED_PARAMETER(Parameter);
    host_thread_set_name("ntsock-timers");
    TppAcquireLock();
    for (;;) {
        ULONGLONG Now = Win32InterruptTime(), Until;
        PTP_TIMER First = HeapCount > 0 ? Heap[1] : NULL;
        if (First != NULL && First->Due <= Now) {
            RunFirst(First, Now);
            continue;
        }
        if (First != NULL) {
            IdleSince = 0;
            Trim = FALSE;
            Until = First->Due;
        } else {
            if (IdleSince == 0)
                IdleSince = Now;
            Until = IdleSince + (ULONGLONG)TPP_IDLE_MS * WIN32_100NS_PER_MS;
            if (Trim || Until <= Now)
                break;
        }
        ULONG Seen = __atomic_load_n(&Word, __ATOMIC_SEQ_CST);
        TppReleaseLock();
        host_futex_wait(&Word, Seen, Until - Now < MAXLONGLONG ? (int64_t)(Until - Now) : -1);
        TppAcquireLock();
    }
    ThreadRuns = FALSE;
    TppReleaseLock();
    return 0;
}

/* ThreadRuns has been set for it. If it cannot be made, the next timer that is set tries again. */
NTSTATUS TppStartTimerThread(VOID)
{
    HANDLE Handle;
    ULONG Number;
    NTSTATUS Status = Win32CreateThreadObject(&Handle, TimerThread, NULL, 0, FALSE, &Number);
    if (NT_SUCCESS(Status)) {
        NtClose(Handle);
        return Status;
    }
    TppAcquireLock();
    ThreadRuns = FALSE;
    TppReleaseLock();
    return Status;
}

VOID TppTrimTimers(VOID)
{
    TppAcquireLock();
    Trim = ThreadRuns && HeapCount == 0;
    BOOL Wake = Trim;
    TppReleaseLock();
    if (Wake)
        TppWakeTimerThread();
}

/* --- timers of the new API --- */

ULONGLONG TppDueTime(const LARGE_INTEGER *Time)
{
    ULONGLONG Now = Win32InterruptTime();
    LONGLONG Ahead = Time->QuadPart;

    if (Ahead == (-MAXLONGLONG - 1))
        return WIN32_FOREVER;
    Ahead = Ahead <= 0 ? -Ahead : Ahead - Win32SystemTime();
    return Ahead > 0 ? Now + (ULONGLONG)Ahead : Now;
}

NTSTATUS NTAPI TpAllocTimer(PTP_TIMER *Created, PTP_TIMER_CALLBACK Callback, PVOID Context,
    PTP_CALLBACK_ENVIRON Environment)
{
    PVOID Object;
    NTSTATUS Status = TppReserveTimer();
    if (!NT_SUCCESS(Status))
        return Status;
    Status = TppCreateObject(TppTimer, sizeof(TP_TIMER), Context, Environment, &Object);
    if (!NT_SUCCESS(Status)) {
        TppUnreserveTimer();
        return Status;
    }
    *Created = Object;
    (*Created)->Object.Callback.Timer = Callback;
    return STATUS_SUCCESS;
}

BOOLEAN NTAPI TpSetTimerEx(
    PTP_TIMER Timer, const LARGE_INTEGER *DueTime, LONG PeriodMs, LONG WindowMs)
{
    TPP_DEEDS Deeds = {0};

    UNREFERENCED_PARAMETER(WindowMs);
    TppAcquireLock();
    BOOLEAN Armed = TppDisarmTimer(Timer);
    Timer->Set = DueTime != NULL;
    if (DueTime != NULL) {
        ULONGLONG Now = Win32InterruptTime(), Due = TppDueTime(DueTime);
        Timer->PeriodMs = (ULONG)PeriodMs;
        if (Due > Now) {
            TppArmTimer(Timer, Due, &Deeds);
        } else {
            TppSubmit(&Timer->Object, &Deeds);
            if (PeriodMs != 0)
                TppArmTimer(Timer, Now + (ULONGLONG)(ULONG)PeriodMs * WIN32_100NS_PER_MS, &Deeds);
        }
    }
    TppReleaseLock();
    (VOID) TppFinishDeeds(&Deeds);
    return Armed;
}

VOID NTAPI TpSetTimer(
    PTP_TIMER Timer, const LARGE_INTEGER *DueTime, LONG PeriodMs, LONG WindowMs)
{
    (VOID) TpSetTimerEx(Timer, DueTime, PeriodMs, WindowMs);
}

BOOL NTAPI TpIsTimerSet(PTP_TIMER Timer)
{
    TppAcquireLock();
    BOOL Set = Timer->Set;
    TppReleaseLock();
    return Set;
}

VOID NTAPI TpWaitForTimer(PTP_TIMER Timer, BOOL CancelPending)
{
    TppWaitObject(&Timer->Object, CancelPending);
}

VOID NTAPI TpReleaseTimer(PTP_TIMER Timer)
{
    TppReleaseObject(&Timer->Object);
}

PTP_TIMER WINAPI CreateThreadpoolTimer(
    PTP_TIMER_CALLBACK Callback, PVOID Context, PTP_CALLBACK_ENVIRON Environment)
{
    PTP_TIMER Timer;
    NTSTATUS Status = TpAllocTimer(&Timer, Callback, Context, Environment);
    if (NT_SUCCESS(Status))
        return Timer;
    Win32SetStatus(Status);
    return NULL;
}

BOOL WINAPI SetThreadpoolTimerEx(PTP_TIMER Timer, PFILETIME DueTime, DWORD PeriodMs, DWORD WindowMs)
{
    LARGE_INTEGER Due;
    if (DueTime != NULL) {
        Due.LowPart = DueTime->dwLowDateTime;
        Due.HighPart = (LONG)DueTime->dwHighDateTime;
    }
    return TpSetTimerEx(Timer, DueTime != NULL ? &Due : NULL, (LONG)PeriodMs, (LONG)WindowMs);
}

VOID WINAPI SetThreadpoolTimer(PTP_TIMER Timer, PFILETIME DueTime, DWORD PeriodMs, DWORD WindowMs)
{
    (VOID) SetThreadpoolTimerEx(Timer, DueTime, PeriodMs, WindowMs);
}

BOOL WINAPI IsThreadpoolTimerSet(PTP_TIMER Timer)
{
    return TpIsTimerSet(Timer);
}

VOID WINAPI WaitForThreadpoolTimerCallbacks(PTP_TIMER Timer, BOOL CancelPending)
{
    TpWaitForTimer(Timer, CancelPending);
}

VOID WINAPI CloseThreadpoolTimer(PTP_TIMER Timer)
{
    TpReleaseTimer(Timer);
}
