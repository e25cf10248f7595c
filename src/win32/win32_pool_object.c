/* SPDX-License-Identifier: MIT */
/*
 * win32_pool_object.c - the thread pool's objects: their life, their callbacks, cleanup groups.
 *
 * Layer: win32; NT counterpart: the common part of ntdll's Tp functions. The library of a callback
 * (RaceDll) and the activation context are not looked at.
 */
#include "win32_pool.h"

/* The callback that this thread runs; NULL: none. */
static _Thread_local PTP_CALLBACK_INSTANCE CurrentInstance;

/* --- life --- */

static NTSTATUS CheckEnvironment(const TP_CALLBACK_ENVIRON *Environment)
{
    if (Environment == NULL)
        return STATUS_SUCCESS;
    if (Environment->Version != 1 && Environment->Version != 3)
        return STATUS_INVALID_PARAMETER;
    if (Environment->Version == 3 &&
        (ULONG)Environment->CallbackPriority >= TP_CALLBACK_PRIORITY_COUNT)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS FindPool(const TP_CALLBACK_ENVIRON *Environment, PTP_POOL *Pool)
{
    if (Environment == NULL || Environment->Pool == NULL)
        return TppReferenceDefaultPool(Pool);
    *Pool = Environment->Pool;
    TppAcquireLock();
    TppReferencePool(*Pool);
    TppReleaseLock();
    return STATUS_SUCCESS;
}

NTSTATUS TppCreateObject(
    TPP_KIND Kind, SIZE_T Bytes, PVOID Context, PTP_CALLBACK_ENVIRON Environment, PVOID *Created)
{
    NTSTATUS Status = CheckEnvironment(Environment);
    TPP_OBJECT *Object;

    if (!NT_SUCCESS(Status))
        return Status;
    Win32Initialize();
    Object = host_allocate(Bytes);
    if (Object == NULL)
        return STATUS_NO_MEMORY;
    RtlZeroMemory(Object, Bytes);
    Status = FindPool(Environment, &Object->Pool);
    if (!NT_SUCCESS(Status)) {
        host_free(Object);
        return Status;
    }
    Object->References = 1;
    Object->Kind = Kind;
    Object->Context = Context;
    Object->Priority = TP_CALLBACK_PRIORITY_NORMAL;
    if (Environment != NULL) {
        Object->Group = Environment->CleanupGroup;
        Object->GroupCancel = Environment->CleanupGroupCancelCallback;
        Object->Finalization = Environment->FinalizationCallback;
        Object->LongFunction = Environment->u.s.LongFunction;
        if (Environment->Version == 3)
            Object->Priority = (UCHAR)Environment->CallbackPriority;
    }
    TppAcquireLock();
    Object->Pool->Objects++;
    if (Object->Group != NULL) {
        Object->InGroup = TRUE;
        TppInsertTail(&Object->Group->Members, &Object->GroupEntry);
    }
    TppReleaseLock();
    *Created = Object;
    return STATUS_SUCCESS;
}

VOID TppReferenceObject(TPP_OBJECT *Object)
{
    __atomic_add_fetch(&Object->References, 1, __ATOMIC_RELAXED);
}

VOID TppDereferenceObject(TPP_OBJECT *Object)
{
    if (__atomic_sub_fetch(&Object->References, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    PTP_POOL Pool = Object->Pool;
    HANDLE Event = Object->CompletionEvent;
    struct TPP_TIMER_QUEUE *Queue = NULL;
    if (Object->Kind == TppTimer || Object->Kind == TppTimerLegacy)
        TppUnreserveTimer();
    if (Object->Kind == TppTimerLegacy)
        Queue = ((PTP_TIMER)Object)->Queue;
    if (Object->Kind == TppWait || Object->Kind == TppWaitLegacy)
        TppFreeWait((PTP_WAIT)Object);
    if (Queue != NULL)
        TppTimerLeftQueue(Queue);
    host_free(Object);
    if (Event != NULL)
        NtSetEvent(Event, NULL);
    TppLeavePool(Pool);
}

static VOID LeaveGroup(TPP_OBJECT *Object) _Requires_lock_held_(Win32PoolLock)
{
    if (Object->InGroup)
        TppRemove(&Object->GroupEntry);
    Object->InGroup = FALSE;
}

VOID TppReleaseObject(TPP_OBJECT *Object)
{
    TppDisarmObject(Object);
    TppAcquireLock();
    BOOL Again = Object->Released;
    Object->Released = TRUE;
    LeaveGroup(Object);
    TppReleaseLock();
    /* A callback may close its object while its group is being closed. [test:wine/threadpool.c] */
    if (!Again)
        TppDereferenceObject(Object);
}

VOID TppDisarmObject(TPP_OBJECT *Object)
{
    if (Object->Kind == TppWait || Object->Kind == TppWaitLegacy)
        (VOID) TppDisarmWait((PTP_WAIT)Object);
    if (Object->Kind != TppTimer && Object->Kind != TppTimerLegacy)
        return;
    TppAcquireLock();
    (VOID) TppDisarmTimer((PTP_TIMER)Object);
    TppReleaseLock();
}

/* --- waiting for callbacks --- */

VOID TppCheckDrained(TPP_OBJECT *Object)
{
    /* Who waits looks for itself what it waits for. */
    if (Object->Pending != 0 || Object->Running != 0 || Object->Waiters == 0)
        return;
    __atomic_add_fetch(&Object->Drained, 1, __ATOMIC_SEQ_CST);
    host_futex_wake(&Object->Drained, MAXLONG);
}

ULONG TppCancelPending(TPP_OBJECT *Object)
{
    ULONG Cancelled = Object->Pending;

    Object->Pending = 0;
    if (Object->Kind == TppWait || Object->Kind == TppWaitLegacy)
        ((PTP_WAIT)Object)->Signaled = 0;
    if (Object->Kind == TppIo) {
        /* The operations go on, and what they bring will be passed over. */
        ((PTP_IO)Object)->Skipped += Cancelled;
        TppCheckDrained(Object);
        return 0;
    }
    if (Object->Queued)
        TppRemove(&Object->QueueEntry);
    Object->Queued = FALSE;
    TppCheckDrained(Object);
    return Cancelled;
}

static VOID WaitDrained(TPP_OBJECT *Object, BOOL DetachedToo)
{
    TppAcquireLock();
    while (Object->Pending != 0 || Object->Running != 0 || (DetachedToo && Object->Detached != 0)) {
        ULONG Seen = __atomic_load_n(&Object->Drained, __ATOMIC_SEQ_CST);
        Object->Waiters++;
        TppReleaseLock();
        host_futex_wait(&Object->Drained, Seen, -1);
        TppAcquireLock();
        Object->Waiters--;
    }
    TppReleaseLock();
}

VOID TppWaitObject(TPP_OBJECT *Object, BOOL CancelPending)
{
    ULONG Cancelled = 0;

    TppReferenceObject(Object);
    TppAcquireLock();
    if (CancelPending)
        Cancelled = TppCancelPending(Object);
    TppReleaseLock();
    for (; Cancelled > 0; Cancelled--)
        TppDereferenceObject(Object);
    WaitDrained(Object, FALSE);
    TppDereferenceObject(Object);
}

static BOOL RunsHere(const TPP_OBJECT *Object)
{
    PTP_CALLBACK_INSTANCE Instance = CurrentInstance;
    while (Instance != NULL && (Instance->Object != Object || Instance->Disassociated))
        Instance = Instance->Outer;
    return Instance != NULL;
}

NTSTATUS TppRetireObject(TPP_OBJECT *Object, HANDLE Event)
{
    BOOL Waits = Event == INVALID_HANDLE_VALUE && !RunsHere(Object);

    TppAcquireLock();
    Object->Released = TRUE;
    BOOL Outstanding = Object->Pending != 0 || Object->Running != 0;
    if (Event != INVALID_HANDLE_VALUE)
        Object->CompletionEvent = Event;
    TppReleaseLock();
    if (Waits)
        WaitDrained(Object, FALSE);
    TppDereferenceObject(Object);
    return Outstanding && !Waits ? STATUS_PENDING : STATUS_SUCCESS;
}

/* --- callbacks --- */

static VOID CallWaitOrTimer(TPP_OBJECT *Object, BOOLEAN TimedOut)
{
    Object->Callback.WaitOrTimer(Object->Context, TimedOut);
}

static VOID CallIo(TPP_OBJECT *Object, PTP_CALLBACK_INSTANCE Instance, const TPP_RESULT *Result)
{
    IO_STATUS_BLOCK Iosb = Result->Iosb;
    if (((PTP_IO)Object)->Native)
        Object->Callback.NativeIo(
            Instance, Object->Context, Result->ApcContext, &Iosb, (PTP_IO)Object);
    else
        Object->Callback.Io(Instance, Object->Context, Result->ApcContext,
            RtlNtStatusToDosErrorNoTeb(Iosb.Status), Iosb.Information, (PTP_IO)Object);
}

static VOID Call(TPP_OBJECT *Object, PTP_CALLBACK_INSTANCE Instance, const TPP_RESULT *Result)
{
    switch (Object->Kind) {
    case TppSimple:
        Object->Callback.Simple(Instance, Object->Context);
        break;
    case TppSimpleLegacy:
        (VOID) Object->Callback.Start(Object->Context);
        break;
    case TppWork:
        Object->Callback.Work(Instance, Object->Context, (PTP_WORK)Object);
        break;
    case TppTimer:
        Object->Callback.Timer(Instance, Object->Context, (PTP_TIMER)Object);
        break;
    case TppWait:
        Object->Callback.Wait(Instance, Object->Context, (PTP_WAIT)Object, Result->WaitResult);
        break;
    case TppIo:
        CallIo(Object, Instance, Result);
        break;
    case TppTimerLegacy:
        CallWaitOrTimer(Object, TRUE);
        break;
    case TppWaitLegacy:
        CallWaitOrTimer(Object, Result->WaitResult == WAIT_TIMEOUT);
        break;
    case TppGrowth:
        break;
    }
}

static VOID DoWhenReturned(PTP_CALLBACK_INSTANCE Instance)
{
    if (Instance->CriticalSection != NULL)
        LeaveCriticalSection(Instance->CriticalSection);
    if (Instance->Mutex != NULL)
        NtReleaseMutant(Instance->Mutex, NULL);
    if (Instance->Semaphore != NULL)
        NtReleaseSemaphore(Instance->Semaphore, (LONG)Instance->SemaphoreCount, NULL);
    if (Instance->Event != NULL)
        NtSetEvent(Instance->Event, NULL);
    if (Instance->Library != NULL)
        FreeLibrary(Instance->Library);
}

VOID TppRunCallback(TPP_OBJECT *Object, const TPP_RESULT *Result, BOOLEAN Worker)
{
    TP_CALLBACK_INSTANCE Instance = {
        .Object = Object, .Outer = CurrentInstance, .Worker = Worker};

    KeAssertNoLocksHeld("thread pool callback");
    CurrentInstance = &Instance;
    Call(Object, &Instance, Result);
    if (Object->Finalization != NULL)
        Object->Finalization(&Instance, Object->Context);
    DoWhenReturned(&Instance);
    CurrentInstance = Instance.Outer;
    KeAssertNoLocksHeld("thread pool callback's return");
    if (Object->Kind == TppWaitLegacy)
        TppRearmWait((PTP_WAIT)Object);
    TppAcquireLock();
    if (Instance.Disassociated)
        Object->Detached--;
    else
        Object->Running--;
    TppCheckDrained(Object);
    if (Object->Kind == TppSimple)
        LeaveGroup(Object);
    Object->Pool->Long -= Instance.MayRunLong;
    TppReleaseLock();
    TppDereferenceObject(Object);
}

NTSTATUS NTAPI TpCallbackMayRunLong(PTP_CALLBACK_INSTANCE Instance)
{
    TPP_DEEDS Deeds = {0};

    if (Instance->MayRunLong || Instance->Object->LongFunction)
        return STATUS_SUCCESS;
    if (!Instance->Worker)
        return STATUS_TOO_MANY_THREADS;
    TppAcquireLock();
    Instance->MayRunLong = TppMayRunLong(Instance->Object->Pool, &Deeds);
    TppReleaseLock();
    (VOID) TppFinishDeeds(&Deeds);
    return Instance->MayRunLong ? STATUS_SUCCESS : STATUS_TOO_MANY_THREADS;
}

VOID NTAPI TpDisassociateCallback(PTP_CALLBACK_INSTANCE Instance)
{
    TppAcquireLock();
    if (!Instance->Disassociated) {
        Instance->Disassociated = TRUE;
        Instance->Object->Running--;
        Instance->Object->Detached++;
        TppCheckDrained(Instance->Object);
    }
    TppReleaseLock();
}

VOID NTAPI TpCallbackLeaveCriticalSectionOnCompletion(
    PTP_CALLBACK_INSTANCE Instance, PRTL_CRITICAL_SECTION CriticalSection)
{
    if (Instance->CriticalSection == NULL)
        Instance->CriticalSection = CriticalSection;
}

VOID NTAPI TpCallbackReleaseMutexOnCompletion(PTP_CALLBACK_INSTANCE Instance, HANDLE Mutex)
{
    if (Instance->Mutex == NULL)
        Instance->Mutex = Mutex;
}

VOID NTAPI TpCallbackReleaseSemaphoreOnCompletion(
    PTP_CALLBACK_INSTANCE Instance, HANDLE Semaphore, DWORD Count)
{
    if (Instance->Semaphore == NULL) {
        Instance->Semaphore = Semaphore;
        Instance->SemaphoreCount = Count;
    }
}

VOID NTAPI TpCallbackSetEventOnCompletion(PTP_CALLBACK_INSTANCE Instance, HANDLE Event)
{
    if (Instance->Event == NULL)
        Instance->Event = Event;
}

VOID NTAPI TpCallbackUnloadDllOnCompletion(PTP_CALLBACK_INSTANCE Instance, HMODULE Library)
{
    if (Instance->Library == NULL)
        Instance->Library = Library;
}

/* --- cleanup groups --- */

NTSTATUS NTAPI TpAllocCleanupGroup(PTP_CLEANUP_GROUP *Created)
{
    PTP_CLEANUP_GROUP Group;

    Win32Initialize();
    Group = host_allocate(sizeof *Group);
    if (Group == NULL)
        return STATUS_NO_MEMORY;
    TppInitializeList(&Group->Members);
    *Created = Group;
    return STATUS_SUCCESS;
}

/* A member, taken out of the group with a reference: makes no more callbacks. */
static VOID StopMember(TPP_OBJECT *Object, BOOL Cancel)
{
    TppDisarmObject(Object);
    TppAcquireLock();
    Object->Cancelled = Cancel ? TppCancelPending(Object) : 0;
    ULONG Cancelled = Object->Cancelled;
    TppReleaseLock();
    for (; Cancelled > 0; Cancelled--)
        TppDereferenceObject(Object);
}

/* A stopped member: waits for its callbacks, disassociated ones too, and closes it. */
static VOID CloseMember(TPP_OBJECT *Object, BOOL Cancel, PVOID CleanupContext)
{
    WaitDrained(Object, TRUE);
    TppAcquireLock();
    BOOL Closed = Object->Released;
    BOOL Tells = Cancel && !Closed && Object->GroupCancel != NULL &&
                 (Object->Kind != TppSimple || Object->Cancelled > 0);
    Object->Released = TRUE;
    TppReleaseLock();
    /* Each member is told once, but for callbacks that ran and objects that closed themselves. */
    if (Tells)
        Object->GroupCancel(Object->Context, CleanupContext);
    if (!Closed && Object->Kind != TppSimple)
        TppDereferenceObject(Object);
    TppDereferenceObject(Object);
}

VOID NTAPI TpReleaseCleanupGroupMembers(
    PTP_CLEANUP_GROUP Group, BOOL CancelPending, PVOID CleanupContext)
{
    LIST_ENTRY Members;

    TppInitializeList(&Members);
    TppAcquireLock();
    while (!TppListEmpty(&Group->Members)) {
        TPP_OBJECT *Object = CONTAINING_RECORD(Group->Members.Flink, TPP_OBJECT, GroupEntry);
        LeaveGroup(Object);
        TppReferenceObject(Object);
        TppInsertTail(&Members, &Object->GroupEntry);
    }
    TppReleaseLock();
    for (PLIST_ENTRY Entry = Members.Flink; Entry != &Members; Entry = Entry->Flink)
        StopMember(CONTAINING_RECORD(Entry, TPP_OBJECT, GroupEntry), CancelPending);
    while (!TppListEmpty(&Members)) {
        TPP_OBJECT *Object = CONTAINING_RECORD(Members.Flink, TPP_OBJECT, GroupEntry);
        TppRemove(&Object->GroupEntry);
        CloseMember(Object, CancelPending, CleanupContext);
    }
}

VOID NTAPI TpReleaseCleanupGroup(PTP_CLEANUP_GROUP Group)
{
    host_free(Group);
}
