/* SPDX-License-Identifier: MIT */
/*
 * win32_timer_queue.c - timer queues: the old API's timers, on those of the thread pool.
 *
 * Layer: win32; NT counterpart: the same functions of ntdll and kernel32. A queue keeps its timers together for
 * DeleteTimerQueue(Ex); whichever queue a call names, the timer is what counts, as on Windows. A timer
 * that is due at once has its callback queued before CreateTimerQueueTimer returns.
 */
#include "win32_pool.h"

/* Freed when it is deleted and its last timer has gone. */
typedef struct TPP_TIMER_QUEUE {
    _Guarded_by_(Win32PoolLock) LIST_ENTRY Timers; /* those not deleted: TP_TIMER.TimerQueueEntry */
    _Guarded_by_(Win32PoolLock) ULONG References;  /* the creator's, and each timer's until it goes */
    _Guarded_by_(Win32PoolLock) ULONG Gone;        /* the waiter's futex: 1 when only its reference is left */
    _Guarded_by_(Win32PoolLock) BOOLEAN Waiting;
    HANDLE CompletionEvent;
} TPP_TIMER_QUEUE;

static VOID DereferenceQueue(TPP_TIMER_QUEUE *Queue)
{
    TppAcquireLock();
    ULONG Left = --Queue->References;
    if (Left == 1 && Queue->Waiting) {
        __atomic_store_n(&Queue->Gone, 1, __ATOMIC_SEQ_CST);
        host_futex_wake(&Queue->Gone, 1);
    }
    TppReleaseLock();
    if (Left != 0)
        return;
    HANDLE Event = Queue->CompletionEvent;
    host_free(Queue);
    if (Event != NULL)
        NtSetEvent(Event, NULL);
}

VOID TppTimerLeftQueue(TPP_TIMER_QUEUE *Queue)
{
    DereferenceQueue(Queue);
}

/* Nobody else knows the queue yet. */
NTSTATUS NTAPI RtlCreateTimerQueue(PHANDLE Created) LOCK_UNCHECKED
{
    TPP_TIMER_QUEUE *Queue;

    Win32Initialize();
    Queue = host_allocate(sizeof *Queue);
    if (Queue == NULL)
        return STATUS_NO_MEMORY;
    RtlZeroMemory(Queue, sizeof *Queue);
    TppInitializeList(&Queue->Timers);
    Queue->References = 1;
    *Created = Queue;
    return STATUS_SUCCESS;
}

/* --- timers --- */

static ULONGLONG FromMs(ULONG Milliseconds)
{
    return Win32InterruptTime() + (ULONGLONG)Milliseconds * WIN32_100NS_PER_MS;
}

static VOID StartTimer(PTP_TIMER Timer, ULONG DueMs, ULONG PeriodMs)
{
    TPP_DEEDS Deeds = {0};

    TppAcquireLock();
    Timer->PeriodMs = PeriodMs;
    if (DueMs == INFINITE) {
        (VOID) TppDisarmTimer(Timer);
    } else if (DueMs != 0 || Timer->InTimerThread) {
        TppArmTimer(Timer, FromMs(DueMs), &Deeds);
    } else {
        (VOID) TppDisarmTimer(Timer);
        TppSubmit(&Timer->Object, &Deeds);
        if (PeriodMs != 0 && !Timer->Once)
            TppArmTimer(Timer, FromMs(PeriodMs), &Deeds);
        else
            Timer->Over = TRUE;
    }
    TppReleaseLock();
    (VOID) TppFinishDeeds(&Deeds);
}

NTSTATUS NTAPI RtlCreateTimer(HANDLE QueueHandle, PHANDLE Created,
    WAITORTIMERCALLBACK Callback, PVOID Parameter, DWORD DueMs, DWORD PeriodMs, ULONG Flags)
{
    TPP_TIMER_QUEUE *Queue = QueueHandle;
    PVOID Object;
    NTSTATUS Status = TppReserveTimer();

    if (!NT_SUCCESS(Status))
        return Status;
    Status = TppCreateObject(TppTimerLegacy, sizeof(TP_TIMER), Parameter, NULL, &Object);
    if (!NT_SUCCESS(Status)) {
        TppUnreserveTimer();
        return Status;
    }
    PTP_TIMER Timer = Object;
    Timer->Object.Callback.WaitOrTimer = Callback;
    Timer->Object.LongFunction = (Flags & WT_EXECUTELONGFUNCTION) != 0;
    Timer->InTimerThread = (Flags & WT_EXECUTEINTIMERTHREAD) != 0;
    Timer->Once = (Flags & WT_EXECUTEONLYONCE) != 0;
    Timer->Queue = Queue;
    if (Queue != NULL) {
        TppAcquireLock();
        Queue->References++;
        TppInsertTail(&Queue->Timers, &Timer->TimerQueueEntry);
        TppReleaseLock();
    }
    *Created = Timer; /* before its callback can look there */
    StartTimer(Timer, DueMs, PeriodMs);
    return STATUS_SUCCESS;
}

/* A timer that has fired for the only time cannot be set again. [doc:threadpoollegacyapiset/changetimerqueuetimer] */
NTSTATUS NTAPI RtlUpdateTimer(
    HANDLE QueueHandle, HANDLE TimerHandle, DWORD DueMs, DWORD PeriodMs)
{
    PTP_TIMER Timer = TimerHandle;

    UNREFERENCED_PARAMETER(QueueHandle);
    if (Timer == NULL)
        return STATUS_INVALID_PARAMETER_2;
    TppAcquireLock();
    BOOL Over = Timer->Over || Timer->Object.Released;
    TppReleaseLock();
    if (!Over)
        StartTimer(Timer, DueMs, PeriodMs);
    return STATUS_SUCCESS;
}

/* Takes the timer out of its queue and of the heap. FALSE: it is being deleted already. */
static BOOL TakeTimer(PTP_TIMER Timer) _Requires_lock_held_(Win32PoolLock)
{
    if (Timer->Object.Released)
        return FALSE;
    Timer->Object.Released = TRUE;
    (VOID) TppDisarmTimer(Timer);
    if (Timer->Queue != NULL)
        TppRemove(&Timer->TimerQueueEntry);
    return TRUE;
}

NTSTATUS NTAPI RtlDeleteTimer(HANDLE QueueHandle, HANDLE TimerHandle, HANDLE Event)
{
    PTP_TIMER Timer = TimerHandle;

    UNREFERENCED_PARAMETER(QueueHandle);
    if (Timer == NULL)
        return STATUS_INVALID_PARAMETER_2;
    TppAcquireLock();
    BOOL Taken = TakeTimer(Timer);
    TppReleaseLock();
    return Taken ? TppRetireObject(&Timer->Object, Event) : STATUS_PENDING;
}

/* --- the end of a queue --- */

static VOID DeleteTimers(TPP_TIMER_QUEUE *Queue)
{
    PTP_TIMER Timer;
    do {
        Timer = NULL;
        TppAcquireLock();
        if (!TppListEmpty(&Queue->Timers)) {
            Timer = CONTAINING_RECORD(Queue->Timers.Flink, TP_TIMER, TimerQueueEntry);
            (VOID) TakeTimer(Timer);
        }
        TppReleaseLock();
        if (Timer != NULL)
            (VOID) TppRetireObject(&Timer->Object, NULL);
    } while (Timer != NULL);
}

NTSTATUS NTAPI RtlDeleteTimerQueueEx(HANDLE QueueHandle, HANDLE Event)
{
    TPP_TIMER_QUEUE *Queue = QueueHandle;

    if (Queue == NULL || QueueHandle == INVALID_HANDLE_VALUE)
        return STATUS_INVALID_HANDLE;
    DeleteTimers(Queue);
    TppAcquireLock();
    BOOL Outstanding = Queue->References > 1;
    if (Event == INVALID_HANDLE_VALUE)
        Queue->Waiting = TRUE;
    else
        Queue->CompletionEvent = Event;
    TppReleaseLock();
    while (Event == INVALID_HANDLE_VALUE && Outstanding &&
           __atomic_load_n(&Queue->Gone, __ATOMIC_SEQ_CST) == 0)
        host_futex_wait(&Queue->Gone, 0, -1);
    DereferenceQueue(Queue);
    return Outstanding && Event != INVALID_HANDLE_VALUE ? STATUS_PENDING : STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlDeleteTimerQueue(HANDLE QueueHandle)
{
    return RtlDeleteTimerQueueEx(QueueHandle, NULL);
}

/* --- kernel32's names: STATUS_PENDING is ERROR_IO_PENDING, a failure --- */

static BOOL Result(NTSTATUS Status)
{
    return Status == STATUS_SUCCESS ? TRUE : Win32SetStatus(Status);
}

HANDLE WINAPI CreateTimerQueue(VOID)
{
    HANDLE Queue = NULL;
    return Result(RtlCreateTimerQueue(&Queue)) ? Queue : NULL;
}

BOOL WINAPI CreateTimerQueueTimer(PHANDLE Created, HANDLE Queue, WAITORTIMERCALLBACK Callback,
    PVOID Parameter, DWORD DueMs, DWORD PeriodMs, ULONG Flags)
{
    return Result(RtlCreateTimer(Queue, Created, Callback, Parameter, DueMs, PeriodMs, Flags));
}

BOOL WINAPI ChangeTimerQueueTimer(HANDLE Queue, HANDLE Timer, ULONG DueMs, ULONG PeriodMs)
{
    return Result(RtlUpdateTimer(Queue, Timer, DueMs, PeriodMs));
}

BOOL WINAPI DeleteTimerQueueTimer(HANDLE Queue, HANDLE Timer, HANDLE Event)
{
    return Result(RtlDeleteTimer(Queue, Timer, Event));
}

BOOL WINAPI DeleteTimerQueueEx(HANDLE Queue, HANDLE Event)
{
    return Result(RtlDeleteTimerQueueEx(Queue, Event));
}

BOOL WINAPI DeleteTimerQueue(HANDLE Queue)
{
    return DeleteTimerQueueEx(Queue, NULL);
}
