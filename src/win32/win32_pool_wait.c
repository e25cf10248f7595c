/* SPDX-License-Identifier: MIT */
/*
 * win32_pool_wait.c - the thread pool's waits: a thread for each 63 of them.
 *
 * Layer: win32; NT counterpart: the wait part of ntdll's thread pool (threads with 63 handles up to Windows 7,
 * wait completion packets since). A wait has a duplicate of its handle: the program may close its own.
 *
 * A wait is armed while it has a slot in a group. Only the group's thread waits; it takes a copy of the slots
 * into each round. Who wants a slot back during a round interrupts the thread and stands in its
 * way (Holders) until the slot is out: then a signal has either been taken before, and its callback is
 * queued, or it is not taken any more.
 */
#include "win32_pool.h"

#include "host_thread.h"

#define GROUP_WAITS (MAXIMUM_WAIT_OBJECTS - 1)

typedef struct TPP_WAIT_GROUP {
    LIST_ENTRY Entry;
    HANDLE Wake;     /* event, auto-reset: the slots have changed. Constant */
    ULONG Count;     /* slots in use: the first ones */
    ULONG Users;     /* the thread, and who is about to set Wake; the last one frees the group */
    ULONG Holders;   /* the thread does not begin a round before it is 0; its futex, too */
    ULONG Thread;    /* its number, once it runs */
    BOOLEAN InRound;
    BOOLEAN Trim;
    ULONG Round;     /* how many have ended; the holders' futex */
    PTP_WAIT Slots[GROUP_WAITS];
} TPP_WAIT_GROUP; /* all guarded by Win32PoolLock; Holders and Round atomic */

static LIST_ENTRY Groups = {&Groups, &Groups}; /* those with a thread */

/* --- groups --- */

static VOID LeaveWaitGroup(TPP_WAIT_GROUP *Group)
{
    TppAcquireLock();
    BOOL Last = --Group->Users == 0;
    TppReleaseLock();
    if (!Last)
        return;
    NtClose(Group->Wake);
    host_free(Group);
}

/* Its round ends soon. The caller has made itself a user. */
static VOID Interrupt(TPP_WAIT_GROUP *Group)
{
    NtSetEvent(Group->Wake, NULL);
    LeaveWaitGroup(Group);
}

static VOID RemoveSlot(PTP_WAIT Wait) _Requires_lock_held_(Win32PoolLock)
{
    TPP_WAIT_GROUP *Group = Wait->Service;
    PTP_WAIT Last = Group->Slots[--Group->Count];
    Group->Slots[Wait->Slot] = Last;
    Last->Slot = Wait->Slot;
    Wait->Service = NULL;
}

static TPP_WAIT_GROUP *FindRoom(VOID) _Requires_lock_held_(Win32PoolLock)
{
    for (PLIST_ENTRY Entry = Groups.Flink; Entry != &Groups; Entry = Entry->Flink) {
        TPP_WAIT_GROUP *Group = CONTAINING_RECORD(Entry, TPP_WAIT_GROUP, Entry);
        if (Group->Count < GROUP_WAITS)
            return Group;
    }
    return NULL;
}

static ULONG WaitThread(PVOID Parameter);

static NTSTATUS StartGroup(TPP_WAIT_GROUP *Group)
{
    HANDLE Handle;
    ULONG Number;

    RtlZeroMemory(Group, sizeof *Group);
    Group->Users = 1;
    NTSTATUS Status =
        NtCreateEvent(&Group->Wake, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
    if (!NT_SUCCESS(Status))
        return Status;
    TppAcquireLock();
    TppInsertTail(&Groups, &Group->Entry);
    TppReleaseLock();
    Status = Win32CreateThreadObject(&Handle, WaitThread, Group, 0, FALSE, &Number);
    if (NT_SUCCESS(Status)) {
        NtClose(Handle);
        return Status;
    }
    TppAcquireLock();
    TppRemove(&Group->Entry);
    TppReleaseLock();
    NtClose(Group->Wake);
    return Status;
}

/*
 * ArmWait - gives the wait, which has none, a slot, and tells the thread. Unless, with the lock held, Wait
 * turns out to be armed or, if OnlyIfUsed, released.
 */
static NTSTATUS ArmWait(PTP_WAIT Wait, ULONGLONG Due, BOOL OnlyIfUsed)
{
    TPP_WAIT_GROUP *Group, *New;
    NTSTATUS Status;

    for (;;) {
        TppAcquireLock();
        if (Wait->Service != NULL || (OnlyIfUsed && Wait->Object.Released)) {
            TppReleaseLock();
            return STATUS_SUCCESS;
        }
        Group = FindRoom();
        if (Group != NULL)
            break;
        TppReleaseLock();
        New = host_allocate(sizeof *New);
        if (New == NULL)
            return STATUS_NO_MEMORY;
        Status = StartGroup(New);
        if (!NT_SUCCESS(Status)) {
            host_free(New);
            return Status;
        }
    }
    Wait->Due = Due;
    Wait->Service = Group;
    Wait->Slot = Group->Count;
    Group->Slots[Group->Count++] = Wait;
    Group->Users++;
    TppReleaseLock();
    Interrupt(Group);
    return STATUS_SUCCESS;
}

/* With the lock held on entry and exit; released meanwhile. The round that was going on has ended. */
static VOID HoldGroup(TPP_WAIT_GROUP *Group) _Requires_lock_held_(Win32PoolLock)
{
    ULONG Round = __atomic_load_n(&Group->Round, __ATOMIC_SEQ_CST);

    Group->Users++;
    __atomic_add_fetch(&Group->Holders, 1, __ATOMIC_SEQ_CST);
    while (Group->InRound && __atomic_load_n(&Group->Round, __ATOMIC_SEQ_CST) == Round) {
        TppReleaseLock();
        NtSetEvent(Group->Wake, NULL);
        host_futex_wait(&Group->Round, Round, -1);
        TppAcquireLock();
    }
}

static VOID LetGroupGo(TPP_WAIT_GROUP *Group)
{
    if (__atomic_sub_fetch(&Group->Holders, 1, __ATOMIC_SEQ_CST) == 0)
        host_futex_wake(&Group->Holders, 1);
    LeaveWaitGroup(Group);
}

BOOLEAN TppDisarmWait(PTP_WAIT Wait)
{
    TPP_WAIT_GROUP *Held = NULL;

    TppAcquireLock();
    /* An APC on the group's own thread: it ends the round without a signal. */
    if (Wait->Service != NULL && Wait->Service->InRound &&
        Wait->Service->Thread != Win32CurrentThreadNumber()) {
        Held = Wait->Service;
        HoldGroup(Held);
    }
    BOOLEAN Armed = Wait->Service != NULL;
    if (Armed)
        RemoveSlot(Wait);
    TppReleaseLock();
    if (Held != NULL)
        LetGroupGo(Held);
    return Armed;
}

/* --- the thread --- */

typedef struct WAIT_ROUND {
    ULONG Count;
    HANDLE Handles[MAXIMUM_WAIT_OBJECTS]; /* [0]: the group's event */
    PTP_WAIT Waits[MAXIMUM_WAIT_OBJECTS];
    ULONGLONG Due; /* the first time-out */
} WAIT_ROUND;

static VOID BeginRound(TPP_WAIT_GROUP *Group, WAIT_ROUND *Round) _Requires_lock_held_(Win32PoolLock)
{
    Round->Handles[0] = Group->Wake;
    Round->Count = Group->Count + 1;
    Round->Due = WIN32_FOREVER;
    for (ULONG i = 0; i < Group->Count; i++) {
        PTP_WAIT Wait = Group->Slots[i];
        Round->Handles[i + 1] = Wait->Handle;
        Round->Waits[i + 1] = Wait;
        if (Wait->Due < Round->Due)
            Round->Due = Wait->Due;
    }
    Group->InRound = TRUE;
}

static VOID EndRound(TPP_WAIT_GROUP *Group) _Requires_lock_held_(Win32PoolLock)
{
    Group->InRound = FALSE;
    __atomic_add_fetch(&Group->Round, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&Group->Holders, __ATOMIC_SEQ_CST) != 0)
        host_futex_wake(&Group->Round, MAXLONG);
}

/*
 * The wait is over: its slot is free, its callback queued, or run here. The lock is released meanwhile, and
 * Wait may be gone then.
 */
static VOID Fire(PTP_WAIT Wait, ULONG WaitResult) _Requires_lock_held_(Win32PoolLock)
{
    const TPP_RESULT Result = {.WaitResult = WaitResult};
    TPP_OBJECT *Object = &Wait->Object;
    BOOLEAN Here = Wait->InWaitThread;
    TPP_DEEDS Deeds = {0};

    RemoveSlot(Wait);
    if (Here) {
        TppReferenceObject(Object);
        Object->Running++;
    } else {
        Wait->Signaled += WaitResult == WAIT_OBJECT_0;
        TppSubmit(Object, &Deeds);
    }
    TppReleaseLock();
    (VOID) TppFinishDeeds(&Deeds);
    if (Here)
        TppRunCallback(Object, &Result, FALSE);
    TppAcquireLock();
}

static VOID FireTimeouts(TPP_WAIT_GROUP *Group) _Requires_lock_held_(Win32PoolLock)
{
    ULONGLONG Now = Win32InterruptTime();
    for (ULONG i = 0; i < Group->Count;) {
        if (Group->Slots[i]->Due > Now) {
            i++;
            continue;
        }
        Fire(Group->Slots[i], WAIT_TIMEOUT);
        i = 0; /* anything may have changed */
    }
}

/* The round's wait failed: which handle cannot be waited for, or is signalled? 0: none any more. */
static ULONG FindBadHandle(const WAIT_ROUND *Round, NTSTATUS *Status)
{
    LARGE_INTEGER Now = {.QuadPart = 0};
    for (ULONG i = 1; i < Round->Count; i++) {
        *Status = NtWaitForSingleObject(Round->Handles[i], FALSE, &Now);
        if (*Status != STATUS_TIMEOUT)
            return i;
    }
    return 0;
}

/* One wait of the thread. */
static NTSTATUS WaitRound(const WAIT_ROUND *Round, ULONGLONG IdleDue)
{
    ULONGLONG Due = Round->Count > 1 ? Round->Due : IdleDue;
    LARGE_INTEGER Timeout;
    PLARGE_INTEGER Limit = NULL;

    if (Due != WIN32_FOREVER) {
        ULONGLONG Now = Win32InterruptTime();
        Timeout.QuadPart = Due > Now ? -(LONGLONG)(Due - Now) : 0;
        Limit = &Timeout;
    }
    return NtWaitForMultipleObjects(
        Round->Count, (PHANDLE)Round->Handles, WaitAny, TRUE, Limit);
}

/* STATUS_TIMEOUT and STATUS_USER_APC are beyond every index. */
static ULONG IndexOfStatus(NTSTATUS Status)
{
    return (ULONG)(Status >= STATUS_ABANDONED_WAIT_0 ? Status - STATUS_ABANDONED_WAIT_0 : Status);
}

/* FALSE: there has been nothing to wait for, and the group is no longer known. */
static BOOL ServeGroup(TPP_WAIT_GROUP *Group, ULONGLONG *IdleDue)
{
    WAIT_ROUND Round;

    ULONG Holders = __atomic_load_n(&Group->Holders, __ATOMIC_SEQ_CST);
    if (Holders != 0) {
        host_futex_wait(&Group->Holders, Holders, -1);
        return TRUE;
    }
    TppAcquireLock();
    if (__atomic_load_n(&Group->Holders, __ATOMIC_SEQ_CST) != 0) {
        TppReleaseLock();
        return TRUE;
    }
    if (Group->Count > 0)
        *IdleDue = Win32DeadlineFromMs(TPP_IDLE_MS);
    else if (Group->Trim || Win32InterruptTime() >= *IdleDue) {
        TppRemove(&Group->Entry);
        TppReleaseLock();
        return FALSE;
    }
    Group->Trim = FALSE;
    BeginRound(Group, &Round);
    TppReleaseLock();
    NTSTATUS Status = WaitRound(&Round, *IdleDue);
    ULONG Index = NT_SUCCESS(Status) ? IndexOfStatus(Status) : FindBadHandle(&Round, &Status);
    TppAcquireLock();
    EndRound(Group);
    /* Slots are given back between rounds only, so this wait still has its own. */
    if (Index > 0 && Index < Round.Count) {
        if (NT_SUCCESS(Status))
            Fire(Round.Waits[Index], WAIT_OBJECT_0);
        else
            RemoveSlot(Round.Waits[Index]);
    } else if (Status == STATUS_TIMEOUT) {
        FireTimeouts(Group);
    }
    TppReleaseLock();
    return TRUE;
}

static ULONG WaitThread(PVOID Parameter)
{
    TPP_WAIT_GROUP *Group = Parameter;
    ULONGLONG IdleDue = Win32DeadlineFromMs(TPP_IDLE_MS);

    host_thread_set_name("ntsock-waits");
    Group->Thread = Win32CurrentThreadNumber(); /* before it can be in a round */
    while (ServeGroup(Group, &IdleDue))
        continue;
    LeaveWaitGroup(Group);
    return 0;
}

VOID TppTrimWaits(VOID)
{
    TPP_WAIT_GROUP *Group;
    do {
        Group = NULL;
        TppAcquireLock();
        for (PLIST_ENTRY Entry = Groups.Flink; Entry != &Groups; Entry = Entry->Flink) {
            TPP_WAIT_GROUP *Each = CONTAINING_RECORD(Entry, TPP_WAIT_GROUP, Entry);
            if (Each->Count > 0 || Each->Trim)
                continue;
            Group = Each;
            Group->Trim = TRUE;
            Group->Users++;
            break;
        }
        TppReleaseLock();
        if (Group != NULL)
            Interrupt(Group);
    } while (Group != NULL);
}

/* --- the handle --- */

static HANDLE ReplaceHandle(PTP_WAIT Wait, HANDLE Handle)
{
    TppAcquireLock();
    HANDLE Old = Wait->Handle;
    Wait->Handle = Handle;
    TppReleaseLock();
    return Old;
}

static NTSTATUS DuplicateForWait(HANDLE Handle, HANDLE *Duplicate)
{
    OBJECT_BASIC_INFORMATION Basic;
    NTSTATUS Status = NtDuplicateObject(NtCurrentProcess(), Handle, NtCurrentProcess(), Duplicate,
        0, 0, DUPLICATE_SAME_ACCESS);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = NtQueryObject(*Duplicate, ObjectBasicInformation, &Basic, sizeof Basic, NULL);
    if (NT_SUCCESS(Status) && (Basic.GrantedAccess & SYNCHRONIZE) == 0)
        Status = STATUS_ACCESS_DENIED;
    if (!NT_SUCCESS(Status))
        NtClose(*Duplicate);
    return Status;
}

/* Nobody else knows it any more. */
VOID TppFreeWait(PTP_WAIT Wait) LOCK_UNCHECKED
{
    if (Wait->Handle != NULL)
        NtClose(Wait->Handle);
}

/* --- waits of the new API --- */

NTSTATUS NTAPI TpAllocWait(PTP_WAIT *Created, PTP_WAIT_CALLBACK Callback, PVOID Context,
    PTP_CALLBACK_ENVIRON Environment)
{
    PVOID Object;
    NTSTATUS Status = TppCreateObject(TppWait, sizeof(TP_WAIT), Context, Environment, &Object);
    if (!NT_SUCCESS(Status))
        return Status;
    *Created = Object;
    (*Created)->Object.Callback.Wait = Callback;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI TpSetWaitEx(
    PTP_WAIT Wait, HANDLE Handle, const LARGE_INTEGER *Timeout, PVOID Reserved)
{
    HANDLE Duplicate = NULL;
    NTSTATUS Status = STATUS_SUCCESS;

    UNREFERENCED_PARAMETER(Reserved);
    ULONGLONG Due = Handle != NULL && Timeout != NULL ? TppDueTime(Timeout) : WIN32_FOREVER;
    BOOLEAN Armed = TppDisarmWait(Wait);
    if (Handle != NULL)
        Status = DuplicateForWait(Handle, &Duplicate);
    HANDLE Old = ReplaceHandle(Wait, NT_SUCCESS(Status) ? Duplicate : NULL);
    if (Old != NULL)
        NtClose(Old);
    if (Handle != NULL && NT_SUCCESS(Status))
        Status = ArmWait(Wait, Due, FALSE);
    return NT_SUCCESS(Status) ? Armed : Status;
}

VOID NTAPI TpSetWait(PTP_WAIT Wait, HANDLE Handle, const LARGE_INTEGER *Timeout)
{
    (VOID) TpSetWaitEx(Wait, Handle, Timeout, NULL);
}

VOID NTAPI TpWaitForWait(PTP_WAIT Wait, BOOL CancelPending)
{
    TppWaitObject(&Wait->Object, CancelPending);
}

VOID NTAPI TpReleaseWait(PTP_WAIT Wait)
{
    TppReleaseObject(&Wait->Object);
}

PTP_WAIT WINAPI CreateThreadpoolWait(
    PTP_WAIT_CALLBACK Callback, PVOID Context, PTP_CALLBACK_ENVIRON Environment)
{
    PTP_WAIT Wait;
    NTSTATUS Status = TpAllocWait(&Wait, Callback, Context, Environment);
    if (NT_SUCCESS(Status))
        return Wait;
    Win32SetStatus(Status);
    return NULL;
}

BOOL WINAPI SetThreadpoolWaitEx(PTP_WAIT Wait, HANDLE Handle, PFILETIME Timeout, PVOID Reserved)
{
    LARGE_INTEGER Due;
    if (Handle != NULL && Timeout != NULL) {
        Due.LowPart = Timeout->dwLowDateTime;
        Due.HighPart = (LONG)Timeout->dwHighDateTime;
    }
    NTSTATUS Status = TpSetWaitEx(
        Wait, Handle, Handle != NULL && Timeout != NULL ? &Due : NULL, Reserved);
    return NT_SUCCESS(Status) ? Status != 0 : Win32SetStatus(Status);
}

VOID WINAPI SetThreadpoolWait(PTP_WAIT Wait, HANDLE Handle, PFILETIME Timeout)
{
    (VOID) SetThreadpoolWaitEx(Wait, Handle, Timeout, NULL);
}

VOID WINAPI WaitForThreadpoolWaitCallbacks(PTP_WAIT Wait, BOOL CancelPending)
{
    TpWaitForWait(Wait, CancelPending);
}

VOID WINAPI CloseThreadpoolWait(PTP_WAIT Wait)
{
    TpReleaseWait(Wait);
}

/* --- waits of the old API --- */

VOID TppRearmWait(PTP_WAIT Wait)
{
    if (!Wait->Once)
        (VOID) ArmWait(Wait, Win32DeadlineFromMs(Wait->TimeoutMs), TRUE);
}

NTSTATUS NTAPI RtlRegisterWait(PHANDLE Created, HANDLE Handle, WAITORTIMERCALLBACK Callback,
    PVOID Context, ULONG Milliseconds, ULONG Flags)
{
    HANDLE Duplicate;
    PVOID Object;
    NTSTATUS Status = TppCreateObject(TppWaitLegacy, sizeof(TP_WAIT), Context, NULL, &Object);
    if (!NT_SUCCESS(Status))
        return Status;
    PTP_WAIT Wait = Object;
    Wait->Object.Callback.WaitOrTimer = Callback;
    Wait->Object.LongFunction = (Flags & WT_EXECUTELONGFUNCTION) != 0;
    Wait->InWaitThread = (Flags & WT_EXECUTEINWAITTHREAD) != 0;
    Wait->Once = (Flags & WT_EXECUTEONLYONCE) != 0;
    Wait->TimeoutMs = Milliseconds;
    Status = DuplicateForWait(Handle, &Duplicate);
    if (NT_SUCCESS(Status)) {
        (VOID) ReplaceHandle(Wait, Duplicate);
        *Created = Wait; /* before the first callback can look there */
        Status = ArmWait(Wait, Win32DeadlineFromMs(Milliseconds), FALSE);
    }
    if (!NT_SUCCESS(Status))
        TppDereferenceObject(&Wait->Object);
    return Status;
}

NTSTATUS NTAPI RtlDeregisterWaitEx(HANDLE Handle, HANDLE Event)
{
    PTP_WAIT Wait = Handle;

    if (Wait == NULL || Handle == INVALID_HANDLE_VALUE)
        return STATUS_INVALID_HANDLE;
    TppAcquireLock();
    Wait->Object.Released = TRUE; /* no further round */
    TppReleaseLock();
    (VOID) TppDisarmWait(Wait);
    return TppRetireObject(&Wait->Object, Event);
}

NTSTATUS NTAPI RtlDeregisterWait(HANDLE Handle)
{
    return RtlDeregisterWaitEx(Handle, NULL);
}

BOOL WINAPI RegisterWaitForSingleObject(PHANDLE Created, HANDLE Handle, WAITORTIMERCALLBACK Callback,
    PVOID Context, ULONG Milliseconds, ULONG Flags)
{
    NTSTATUS Status = RtlRegisterWait(Created, Handle, Callback, Context, Milliseconds, Flags);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

/* STATUS_PENDING is a failure here: ERROR_IO_PENDING. [doc:winbase/unregisterwaitex] */
BOOL WINAPI UnregisterWaitEx(HANDLE Handle, HANDLE Event)
{
    NTSTATUS Status = RtlDeregisterWaitEx(Handle, Event);
    return Status == STATUS_SUCCESS ? TRUE : Win32SetStatus(Status);
}

BOOL WINAPI UnregisterWait(HANDLE Handle)
{
    return UnregisterWaitEx(Handle, NULL);
}
