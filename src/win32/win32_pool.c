/* SPDX-License-Identifier: MIT */
/*
 * win32_pool.c - the thread pool's pools: their ports, their workers, and when there are more or fewer.
 *
 * Layer: win32; NT counterpart: the worker factories of ntdll's thread pool. When a callback is queued and
 * no worker is idle, a new one is made at once while there are fewer than processors (not counting
 * those that run long), and otherwise when no callback has begun for TPP_GROWTH_MS: what blocks a
 * callback need not be one of our waits, so progress is what is looked at. The port's own
 * concurrency limit is not used for the same reason.
 */
#include "win32_pool.h"

#include "host_thread.h"
#include "win32.h"

#define KEY_WAKE 2 /* no callback: look whether to end */

EX_LOCK TppLock;
static _Guarded_by_(Win32PoolLock) PTP_POOL DefaultPool;

/* --- life --- */

/* Nobody else knows the pool yet. */
static NTSTATUS CreatePool(PTP_POOL *Created) LOCK_UNCHECKED
{
    PTP_POOL Pool = host_allocate(sizeof *Pool);
    NTSTATUS Status = STATUS_NO_MEMORY;

    if (Pool == NULL)
        return Status;
    RtlZeroMemory(Pool, sizeof *Pool);
    Pool->References = 1;
    Pool->Maximum = TPP_THREADS_MAX;
    Pool->Stack.StackReserve = TPP_STACK_RESERVE;
    Pool->Stack.StackCommit = TPP_STACK_COMMIT;
    Pool->Growth.Object.Kind = TppGrowth;
    Pool->Growth.Object.Pool = Pool;
    for (ULONG i = 0; i < TP_CALLBACK_PRIORITY_COUNT; i++)
        TppInitializeList(&Pool->Queue[i]);
    Status = TppReserveTimer();
    if (!NT_SUCCESS(Status))
        goto FreePool;
    Status = NtCreateIoCompletion(&Pool->Port, IO_COMPLETION_ALL_ACCESS, NULL, MAXLONG);
    if (!NT_SUCCESS(Status))
        goto FreeTimer;
    *Created = Pool;
    return STATUS_SUCCESS;

FreeTimer:
    TppUnreserveTimer();
FreePool:
    host_free(Pool);
    return Status;
}

static VOID DestroyPool(PTP_POOL Pool)
{
    TppUnreserveTimer();
    NtClose(Pool->Port);
    host_free(Pool);
}

VOID TppReferencePool(PTP_POOL Pool)
{
    Pool->References++;
}

VOID TppDereferencePool(PTP_POOL Pool)
{
    TppAcquireLock();
    BOOL Last = --Pool->References == 0;
    if (Last && Pool == DefaultPool)
        DefaultPool = NULL;
    TppReleaseLock();
    if (Last)
        DestroyPool(Pool);
}

NTSTATUS TppReferenceDefaultPool(PTP_POOL *Pool)
{
    PTP_POOL New = NULL;
    NTSTATUS Status;

    for (;;) {
        TppAcquireLock();
        if (DefaultPool == NULL && New != NULL) {
            DefaultPool = New;
            New = NULL;
            *Pool = DefaultPool;
            TppReleaseLock();
            return STATUS_SUCCESS;
        }
        *Pool = DefaultPool;
        if (*Pool != NULL)
            TppReferencePool(*Pool);
        TppReleaseLock();
        if (*Pool != NULL)
            break;
        Status = CreatePool(&New);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (New != NULL)
        DestroyPool(New);
    return STATUS_SUCCESS;
}

static VOID AddPool(TPP_DEEDS *Deeds, PTP_POOL Pool) _Requires_lock_held_(Win32PoolLock)
{
    if (Deeds->Pool == NULL) {
        TppReferencePool(Pool);
        Deeds->Pool = Pool;
    }
}

VOID TppLeavePool(PTP_POOL Pool)
{
    TPP_DEEDS Deeds = {0};
    TppAcquireLock();
    if (--Pool->Objects == 0 && Pool->Closing) {
        AddPool(&Deeds, Pool);
        Deeds.Wakes = Pool->Idle;
    }
    TppReleaseLock();
    (VOID) TppFinishDeeds(&Deeds);
    TppDereferencePool(Pool);
}

/* --- growth --- */

static VOID AddThread(PTP_POOL Pool, TPP_DEEDS *Deeds) _Requires_lock_held_(Win32PoolLock)
{
    AddPool(Deeds, Pool);
    Pool->Threads++;
    Pool->Idle++;
    TppReferencePool(Pool); /* the thread's */
    Deeds->Threads++;
}

static VOID WatchGrowth(PTP_POOL Pool, TPP_DEEDS *Deeds) _Requires_lock_held_(Win32PoolLock)
{
    if (Pool->Growth.HeapIndex != 0)
        return;
    Pool->BegunBefore = Pool->Begun;
    TppReferencePool(Pool); /* the timer's */
    TppArmTimer(&Pool->Growth,
        Win32InterruptTime() + (ULONGLONG)TPP_GROWTH_MS * WIN32_100NS_PER_MS, Deeds);
}

/* No worker is free for what has come: another one now, or perhaps later. */
static VOID GrowOrWatch(PTP_POOL Pool, TPP_DEEDS *Deeds) _Requires_lock_held_(Win32PoolLock)
{
    if (Pool->Threads >= Pool->Maximum)
        return;
    if (Pool->Threads - Pool->Long < host_cpu_count())
        AddThread(Pool, Deeds);
    else
        WatchGrowth(Pool, Deeds);
}

static BOOL AwaitsCompletions(const struct _TP_POOL *Pool) _Requires_lock_held_(Win32PoolLock)
{
    return Pool->Started > 0 || Pool->Bound;
}

VOID TppCheckGrowth(PTP_POOL Pool, TPP_DEEDS *Deeds)
{
    if (Pool->Tokens <= Pool->Idle && !(Pool->Idle == 0 && AwaitsCompletions(Pool)))
        return;
    if (Pool->Begun == Pool->BegunBefore && Pool->Threads < Pool->Maximum)
        AddThread(Pool, Deeds);
    if (Pool->Tokens > Pool->Idle && Pool->Threads < Pool->Maximum)
        WatchGrowth(Pool, Deeds);
}

BOOLEAN TppMayRunLong(PTP_POOL Pool, TPP_DEEDS *Deeds)
{
    if (Pool->Idle == 0) {
        if (Pool->Threads >= Pool->Maximum)
            return FALSE;
        AddThread(Pool, Deeds);
    }
    Pool->Long++;
    return TRUE;
}

VOID TppSubmit(TPP_OBJECT *Object, TPP_DEEDS *Deeds)
{
    PTP_POOL Pool = Object->Pool;

    TppReferenceObject(Object);
    Object->Pending++;
    if (!Object->Queued) {
        Object->Queued = TRUE;
        TppInsertTail(&Pool->Queue[Object->Priority], &Object->QueueEntry);
    }
    AddPool(Deeds, Pool);
    Pool->Tokens++;
    Deeds->Tokens++;
    if (Pool->Tokens > Pool->Idle)
        GrowOrWatch(Pool, Deeds);
}

VOID TppExpectCompletion(PTP_POOL Pool, TPP_DEEDS *Deeds)
{
    if (Pool->Idle == 0)
        GrowOrWatch(Pool, Deeds);
}

/* --- workers --- */

/* Do files hold the port? Then completions may still come that nobody has announced. */
static BOOL HasBoundFiles(HANDLE Port)
{
    OBJECT_BASIC_INFORMATION Basic;
    NTSTATUS Status =
        NtQueryObject(Port, ObjectBasicInformation, &Basic, sizeof Basic, NULL);
    /* One for the handle, one for the question. */
    return NT_SUCCESS(Status) && Basic.PointerCount > 2;
}

/*
 * Nothing to do for this worker: may it end? A thread with requests of its own in flight stays, because they
 * would be cancelled with it. [doc:winbase/queueuserworkitem]
 */
static BOOL EndWorker(PTP_POOL Pool)
{
    BOOL Busy = Win32IsThreadIoPending(), Files = HasBoundFiles(Pool->Port), PassOn = FALSE;

    TppAcquireLock();
    if (!Files)
        Pool->Bound = FALSE;
    BOOL Ends = !Busy && Pool->Tokens < Pool->Idle &&
                (Pool->Closing || Pool->Threads > Pool->Minimum) &&
                (Pool->Threads > 1 || !AwaitsCompletions(Pool));
    if (Ends) {
        Pool->Threads--;
        Pool->Idle--;
        PassOn = Pool->Closing && Pool->Objects == 0 && Pool->Idle > 0;
    }
    TppReleaseLock();
    /*
     * The wake-up that brought this one here may have been another's, who was only about to wait when the pool was
     * closed. One too many goes with the port.
     */
    if (PassOn)
        (VOID) NtSetIoCompletion(Pool->Port, (PVOID)KEY_WAKE, NULL, STATUS_SUCCESS, 0);
    return Ends;
}

/* A token: the next callback of the object whose turn it is. NULL: it was cancelled. */
static TPP_OBJECT *BeginCallback(PTP_POOL Pool, TPP_RESULT *Result, TPP_DEEDS *Deeds)
    _Requires_lock_held_(Win32PoolLock)
{
    ULONG Priority = 0;

    Pool->Tokens--;
    while (Priority < TP_CALLBACK_PRIORITY_COUNT && TppListEmpty(&Pool->Queue[Priority]))
        Priority++;
    if (Priority == TP_CALLBACK_PRIORITY_COUNT)
        return NULL;
    TPP_OBJECT *Object = CONTAINING_RECORD(Pool->Queue[Priority].Flink, TPP_OBJECT, QueueEntry);
    TppRemove(&Object->QueueEntry);
    Object->Queued = --Object->Pending > 0;
    if (Object->Queued)
        TppInsertTail(&Pool->Queue[Priority], &Object->QueueEntry);
    Object->Running++;
    Pool->Begun++;
    Pool->Idle--;
    if (Object->Kind == TppWait || Object->Kind == TppWaitLegacy) {
        PTP_WAIT Wait = (PTP_WAIT)Object;
        Result->WaitResult = Wait->Signaled > 0 ? WAIT_OBJECT_0 : WAIT_TIMEOUT;
        Wait->Signaled -= Wait->Signaled > 0;
    }
    if (Object->LongFunction)
        Pool->Long++;
    if (Pool->Tokens > Pool->Idle || (Pool->Idle == 0 && AwaitsCompletions(Pool)))
        GrowOrWatch(Pool, Deeds);
    return Object;
}

static VOID RunToken(PTP_POOL Pool)
{
    TPP_RESULT Result = {0};
    TPP_DEEDS Deeds = {0};
    BOOL Lost;

    do {
        TppAcquireLock();
        TPP_OBJECT *Object = BeginCallback(Pool, &Result, &Deeds);
        BOOL Long = Object != NULL && Object->LongFunction;
        TppReleaseLock();
        (VOID) TppFinishDeeds(&Deeds);
        if (Object != NULL)
            TppRunCallback(Object, &Result, TRUE);
        TppAcquireLock();
        if (Object != NULL)
            Pool->Idle++;
        Pool->Long -= Long;
        Lost = Pool->Lost > 0;
        Pool->Lost -= Lost;
        TppReleaseLock();
    } while (Lost);
}

static VOID RunPacket(PTP_POOL Pool, const FILE_IO_COMPLETION_INFORMATION *Packet)
{
    TPP_RESULT Result = {.ApcContext = Packet->ApcContext, .Iosb = Packet->IoStatusBlock};
    TPP_DEEDS Deeds = {0};

    TppAcquireLock();
    Pool->Begun++;
    Pool->Idle--;
    if (Pool->Idle == 0)
        GrowOrWatch(Pool, &Deeds);
    TppReleaseLock();
    (VOID) TppFinishDeeds(&Deeds);
    TppRunCompletion((ULONG_PTR)Packet->KeyContext, &Result);
    TppAcquireLock();
    Pool->Idle++;
    TppReleaseLock();
}

/* Counted, as idle, and with a reference to the pool, by who made it. */
static ULONG Worker(PVOID Parameter)
{
    PTP_POOL Pool = Parameter;
    FILE_IO_COMPLETION_INFORMATION Packet;
    LARGE_INTEGER Timeout;
    ULONG Removed;
    BOOL Closed, Stays = FALSE; /* it could not end yet, although the pool is closed */

    host_thread_set_name("ntsock-pool");
    for (;;) {
        TppAcquireLock();
        ULONG WaitMs = Pool->Bound ? TPP_WATCH_MS : TPP_IDLE_MS;
        Closed = Pool->Closing && Pool->Objects == 0;
        if (Closed)
            WaitMs = Stays ? TPP_WATCH_MS : 0; /* who closed it counted, and woke, only those that were idle then */
        TppReleaseLock();
        /* Alertable: APCs that callbacks have queued to this thread run here. */
        NTSTATUS Status = NtRemoveIoCompletionEx(
            Pool->Port, &Packet, 1, &Removed, Win32TimeoutFromMs(&Timeout, WaitMs), TRUE);
        if (Status == STATUS_USER_APC || Status == STATUS_ALERTED)
            continue;
        if (Status != STATUS_SUCCESS || Packet.KeyContext == (PVOID)KEY_WAKE) {
            if (EndWorker(Pool))
                break;
            Stays = Closed;
        } else if (Packet.KeyContext == NULL) {
            RunToken(Pool);
        } else {
            RunPacket(Pool, &Packet);
        }
    }
    TppDereferencePool(Pool);
    return 0;
}

static NTSTATUS StartWorker(PTP_POOL Pool)
{
    HANDLE Handle;
    ULONG Number;

    TppAcquireLock();
    SIZE_T Stack = Pool->Stack.StackReserve;
    TppReleaseLock();
    NTSTATUS Status = Win32CreateThreadObject(&Handle, Worker, Pool, Stack, FALSE, &Number);
    if (NT_SUCCESS(Status)) {
        NtClose(Handle);
        return STATUS_SUCCESS;
    }
    TppAcquireLock();
    Pool->Idle--;
    if (--Pool->Threads > 0)
        Status = STATUS_SUCCESS; /* those that exist will come to it */
    TppReleaseLock();
    TppDereferencePool(Pool);
    return Status;
}

NTSTATUS TppFinishDeeds(TPP_DEEDS *Deeds)
{
    PTP_POOL Pool = Deeds->Pool;
    NTSTATUS Status = STATUS_SUCCESS;
    ULONG Lost = 0;

    for (; Deeds->Tokens > 0; Deeds->Tokens--)
        Lost += !NT_SUCCESS(NtSetIoCompletion(Pool->Port, NULL, NULL, STATUS_SUCCESS, 0));
    if (Lost > 0) {
        TppAcquireLock();
        Pool->Lost += Lost;
        TppReleaseLock();
    }
    for (; Deeds->Threads > 0; Deeds->Threads--) {
        NTSTATUS Started = StartWorker(Pool);
        if (!NT_SUCCESS(Started))
            Status = Started;
    }
    for (; Deeds->Wakes > 0; Deeds->Wakes--)
        (VOID) NtSetIoCompletion(Pool->Port, (PVOID)KEY_WAKE, NULL, STATUS_SUCCESS, 0);
    if (Deeds->WakeTimers)
        TppWakeTimerThread();
    if (Deeds->StartTimers)
        (VOID) TppStartTimerThread();
    RtlZeroMemory(Deeds, sizeof *Deeds);
    if (Pool != NULL)
        TppDereferencePool(Pool);
    return Status;
}

VOID Win32TrimPool(VOID)
{
    TPP_DEEDS Deeds = {0};
    TppTrimTimers();
    TppTrimWaits();
    TppAcquireLock();
    if (DefaultPool != NULL) {
        AddPool(&Deeds, DefaultPool);
        Deeds.Wakes = DefaultPool->Idle;
    }
    TppReleaseLock();
    (VOID) TppFinishDeeds(&Deeds);
}

/* --- the application's pools --- */

NTSTATUS NTAPI TpAllocPool(PTP_POOL *Pool, PVOID Reserved)
{
    if (Reserved != NULL)
        return STATUS_INVALID_PARAMETER;
    Win32Initialize();
    return CreatePool(Pool);
}

VOID NTAPI TpReleasePool(PTP_POOL Pool)
{
    TPP_DEEDS Deeds = {0};
    TppAcquireLock();
    Pool->Closing = TRUE;
    AddPool(&Deeds, Pool);
    if (Pool->Objects == 0)
        Deeds.Wakes = Pool->Idle;
    TppReleaseLock();
    (VOID) TppFinishDeeds(&Deeds);
    TppDereferencePool(Pool);
}

VOID NTAPI TpSetPoolMaxThreads(PTP_POOL Pool, ULONG Maximum)
{
    TPP_DEEDS Deeds = {0};
    TppAcquireLock();
    Pool->Maximum = Maximum != 0 ? Maximum : 1;
    if (Pool->Minimum > Pool->Maximum)
        Pool->Minimum = Pool->Maximum;
    if (Pool->Tokens > Pool->Idle)
        GrowOrWatch(Pool, &Deeds);
    TppReleaseLock();
    (VOID) TppFinishDeeds(&Deeds);
}

NTSTATUS NTAPI TpSetPoolMinThreads(PTP_POOL Pool, ULONG Minimum)
{
    TPP_DEEDS Deeds = {0};
    TppAcquireLock();
    Pool->Minimum = Minimum;
    if (Pool->Maximum < Minimum)
        Pool->Maximum = Minimum;
    while (Pool->Threads < Minimum)
        AddThread(Pool, &Deeds);
    TppReleaseLock();
    return TppFinishDeeds(&Deeds);
}

NTSTATUS NTAPI TpSetPoolStackInformation(PTP_POOL Pool, PTP_POOL_STACK_INFORMATION Stack)
{
    TppAcquireLock();
    Pool->Stack = *Stack;
    TppReleaseLock();
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI TpQueryPoolStackInformation(PTP_POOL Pool, PTP_POOL_STACK_INFORMATION Stack)
{
    TppAcquireLock();
    *Stack = Pool->Stack;
    TppReleaseLock();
    return STATUS_SUCCESS;
}

PTP_POOL WINAPI CreateThreadpool(PVOID Reserved)
{
    PTP_POOL Pool;
    NTSTATUS Status = TpAllocPool(&Pool, Reserved);
    if (NT_SUCCESS(Status))
        return Pool;
    Win32SetStatus(Status);
    return NULL;
}

VOID WINAPI CloseThreadpool(PTP_POOL Pool)
{
    TpReleasePool(Pool);
}

VOID WINAPI SetThreadpoolThreadMaximum(PTP_POOL Pool, DWORD Maximum)
{
    TpSetPoolMaxThreads(Pool, Maximum);
}

BOOL WINAPI SetThreadpoolThreadMinimum(PTP_POOL Pool, DWORD Minimum)
{
    NTSTATUS Status = TpSetPoolMinThreads(Pool, Minimum);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

BOOL WINAPI SetThreadpoolStackInformation(PTP_POOL Pool, PTP_POOL_STACK_INFORMATION Stack)
{
    return NT_SUCCESS(TpSetPoolStackInformation(Pool, Stack));
}

BOOL WINAPI QueryThreadpoolStackInformation(PTP_POOL Pool, PTP_POOL_STACK_INFORMATION Stack)
{
    return NT_SUCCESS(TpQueryPoolStackInformation(Pool, Stack));
}
