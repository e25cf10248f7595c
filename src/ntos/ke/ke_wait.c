/* SPDX-License-Identifier: MIT */
/*
 * ke_wait.c - waiting for dispatcher objects: one, any, all; time-outs; alerts.
 *
 * Layer: ntos. NT counterpart: KeWaitForSingleObject and KeWaitForMultipleObjects.
 *
 * An object that is signalled is taken on the spot, under its lock alone. Otherwise the thread puts a wait
 * block on each object and parks (ke_park.c) until somebody has claimed its KI_WAIT (ki.h), or, for
 * WaitAll, until it finds all objects signalled at one moment, with all their locks held.
 *
 * Absolute time-outs are converted when the wait begins: a change of the system clock during the wait does
 * not move them. WaitBlockArray is not used; the blocks are on the stack.
 */
#include "ke/ki.h"

static LONG KiFinishWait(KI_WAIT *Wait, NTSTATUS Result)
{
    LONG Expected = KiWaitPending;
    return __atomic_compare_exchange_n(&Wait->Status, &Expected, Result, FALSE, __ATOMIC_ACQ_REL,
        __ATOMIC_ACQUIRE);
}

static VOID KiInsertBlock(KI_WAIT *Wait, KI_WAIT_BLOCK *Block, PDISPATCHER_HEADER Header, ULONG Index,
    WAIT_TYPE Type)
{
    Block->Public.WaitType = (UCHAR)Type;
    Block->Public.BlockState = TRUE;
    Block->Public.WaitKey = (USHORT)Index;
    Block->Public.Thread = Wait->Thread;
    Block->Public.Object = Header;
    Block->Wait = Wait;
    InsertTailList(&Header->WaitListHead, &Block->Public.WaitListEntry);
}

static VOID KiRemoveBlocks(KI_WAIT_BLOCK *Blocks, ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        PDISPATCHER_HEADER Header = Blocks[i].Public.Object;
        KiLockObject(Header);
        if (Blocks[i].Public.BlockState) {
            Blocks[i].Public.BlockState = FALSE;
            RemoveEntryList(&Blocks[i].Public.WaitListEntry);
        }
        KiUnlockObject(Header);
    }
}

/*
 * All objects of a WaitAll, in order of address; an object that is named twice is locked once. The one
 * place that holds several object locks (locks.h, L2).
 */
LOCK_UNCHECKED static VOID KiLockAllObjects(PDISPATCHER_HEADER *Sorted, ULONG Count)
{
    KeRecordLockAcquired(KiObjectLockRank);
    for (ULONG i = 0; i < Count; i++)
        if (i == 0 || Sorted[i] != Sorted[i - 1])
            KiLockObjectBit(Sorted[i]);
}

LOCK_UNCHECKED static VOID KiUnlockAllObjects(PDISPATCHER_HEADER *Sorted, ULONG Count)
{
    for (ULONG i = 0; i < Count; i++)
        if (i == 0 || Sorted[i] != Sorted[i - 1])
            KiUnlockObjectBit(Sorted[i]);
    KeRecordLockReleased(KiObjectLockRank);
}

static VOID KiSortObjects(PDISPATCHER_HEADER *Sorted, PVOID *Objects, ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        ULONG At = i;
        while (At > 0 && (ULONG_PTR)Sorted[At - 1] > (ULONG_PTR)Objects[i]) {
            Sorted[At] = Sorted[At - 1];
            At--;
        }
        Sorted[At] = Objects[i];
    }
}

/* With all locks held: takes all objects, or none and returns KiWaitPending. */
LOCK_UNCHECKED static NTSTATUS KiTakeAll(PKTHREAD Thread, PVOID *Objects, ULONG Count)
{
    NTSTATUS Result = STATUS_WAIT_0;
    for (ULONG i = 0; i < Count; i++)
        if (!KiIsSignaled(Objects[i], Thread))
            return KiWaitPending;
    for (ULONG i = 0; i < Count; i++)
        if (KiConsumeSignal(Objects[i], Thread, 0) != STATUS_WAIT_0)
            Result = STATUS_ABANDONED_WAIT_0;
    return Result;
}

/* What a wait waits for, and the blocks it has put there. */
typedef struct KI_WAIT_SET {
    ULONG Count;
    WAIT_TYPE Type;
    PVOID *Objects;
    PDISPATCHER_HEADER *Sorted; /* WaitAll */
    KI_WAIT_BLOCK *Blocks;
    ULONG BlockCount;
} KI_WAIT_SET;

static BOOLEAN KiTryAll(KI_WAIT *Wait, KI_WAIT_SET *Set)
{
    NTSTATUS Result;
    KiLockAllObjects(Set->Sorted, Set->Count);
    Result = KiTakeAll(Wait->Thread, Set->Objects, Set->Count);
    KiUnlockAllObjects(Set->Sorted, Set->Count);
    return Result != KiWaitPending && KiFinishWait(Wait, Result);
}

/* Parks until the wait is over, and returns its result. User APCs are not delivered yet. */
static NTSTATUS KiBlock(KI_WAIT *Wait, KI_WAIT_SET *Set, BOOLEAN Alertable, ULONGLONG Deadline)
{
    PKTHREAD Thread = Wait->Thread;
    BOOLEAN Previous = KiBeginAlertable(Thread, Alertable);
    NTSTATUS Alert = STATUS_SUCCESS;
    LONG Status;

    while ((Status = __atomic_load_n(&Wait->Status, __ATOMIC_ACQUIRE)) >= KiWaitClaimed) {
        if (Status == KiWaitPending) {
            if (Set->Type == WaitAll && Set->Count != 0 && KiTryAll(Wait, Set))
                continue;
            if (Alertable && Alert == STATUS_SUCCESS) {
                Alert = KiTakeAlert(Thread);
                if (Alert != STATUS_SUCCESS && KiFinishWait(Wait, Alert))
                    continue;
            }
        }
        /* A claimed wait is published in a moment, whatever the time. */
        if (KiPark(Thread, Status == KiWaitPending ? Deadline : KI_NO_DEADLINE))
            (void)KiFinishWait(Wait, STATUS_TIMEOUT);
    }
    KiEndPark(Thread, FALSE);
    KiEndAlertable(Thread, Previous);
    /* An alert that came too late for this wait is kept for the next. */
    if (Alert == STATUS_ALERTED && Status != STATUS_ALERTED)
        __atomic_store_n(&Thread->Alerted, TRUE, __ATOMIC_SEQ_CST);
    return Status;
}

/* The part of a wait that needs a KI_WAIT: nothing was signalled, or there are several objects. */
static NTSTATUS KiWaitForSet(PKTHREAD Thread, KI_WAIT_SET *Set, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    KI_WAIT Wait = {.Status = KiWaitPending, .Thread = Thread};
    NTSTATUS Status;

    KiAssertMayBlock(Thread);
    for (ULONG i = 0; i < Set->Count; i++) {
        PDISPATCHER_HEADER Header = Set->Objects[i];
        KiLockObject(Header);
        if (Set->Type == WaitAny && KiIsSignaled(Header, Thread)) {
            if (KiFinishWait(&Wait, STATUS_WAIT_0))
                __atomic_store_n(&Wait.Status, KiConsumeSignal(Header, Thread, i), __ATOMIC_RELAXED);
            KiUnlockObject(Header);
            break;
        }
        KiInsertBlock(&Wait, &Set->Blocks[i], Header, i, Set->Type);
        Set->BlockCount = i + 1;
        KiUnlockObject(Header);
    }
    Status = KiBlock(&Wait, Set, Alertable, KeDeadlineFromTimeout(Timeout));
    KiRemoveBlocks(Set->Blocks, Set->BlockCount);
    if (Status == STATUS_USER_APC)
        (void)KiDeliverApcs(Thread);
    return Status;
}

/* An alert or APC that is there already ends an alertable wait whatever is signalled. */
static NTSTATUS KiCheckAlert(PKTHREAD Thread)
{
    NTSTATUS Status = KiTakeAlert(Thread);
    if (Status == STATUS_USER_APC)
        (void)KiDeliverApcs(Thread);
    return Status;
}

NTSTATUS KeWaitForSingleObject(PVOID Object, KWAIT_REASON Reason, KPROCESSOR_MODE Mode, BOOLEAN Alertable,
    PLARGE_INTEGER Timeout)
{
    PKTHREAD Thread = KeGetCurrentThread();
    PDISPATCHER_HEADER Header = Object;
    NTSTATUS Status;

    UNREFERENCED_PARAMETER(Reason);
    UNREFERENCED_PARAMETER(Mode);
    if (Alertable && (Status = KiCheckAlert(Thread)) != STATUS_SUCCESS)
        return Status;
    KiLockObject(Header);
    if (KiIsSignaled(Header, Thread)) {
        Status = KiConsumeSignal(Header, Thread, 0);
        KiUnlockObject(Header);
        return Status;
    }
    KiUnlockObject(Header);
    if (Timeout != NULL && Timeout->QuadPart == 0)
        return STATUS_TIMEOUT;

    KI_WAIT_BLOCK Block;
    KI_WAIT_SET Set = {.Count = 1, .Type = WaitAny, .Objects = &Object, .Blocks = &Block};
    return KiWaitForSet(Thread, &Set, Alertable, Timeout);
}

/* One look at each object, without blocks. KiWaitPending: nothing taken. */
static NTSTATUS KiTestObjects(PKTHREAD Thread, KI_WAIT_SET *Set)
{
    NTSTATUS Status = KiWaitPending;
    if (Set->Type == WaitAll) {
        KiLockAllObjects(Set->Sorted, Set->Count);
        Status = KiTakeAll(Thread, Set->Objects, Set->Count);
        KiUnlockAllObjects(Set->Sorted, Set->Count);
        return Status;
    }
    for (ULONG i = 0; i < Set->Count && Status == KiWaitPending; i++) {
        PDISPATCHER_HEADER Header = Set->Objects[i];
        KiLockObject(Header);
        if (KiIsSignaled(Header, Thread))
            Status = KiConsumeSignal(Header, Thread, i);
        KiUnlockObject(Header);
    }
    return Status;
}

NTSTATUS KeWaitForMultipleObjects(ULONG Count, PVOID Objects[], WAIT_TYPE Type, KWAIT_REASON Reason,
    KPROCESSOR_MODE Mode, BOOLEAN Alertable, PLARGE_INTEGER Timeout, PKWAIT_BLOCK WaitBlockArray)
{
    PKTHREAD Thread = KeGetCurrentThread();
    PDISPATCHER_HEADER Sorted[MAXIMUM_WAIT_OBJECTS];
    KI_WAIT_BLOCK Blocks[MAXIMUM_WAIT_OBJECTS];
    KI_WAIT_SET Set = {.Count = Count, .Type = Type, .Objects = Objects, .Sorted = Sorted, .Blocks = Blocks};
    NTSTATUS Status;

    UNREFERENCED_PARAMETER(Reason);
    UNREFERENCED_PARAMETER(Mode);
    UNREFERENCED_PARAMETER(WaitBlockArray);
    if (Count == 0 || Count > MAXIMUM_WAIT_OBJECTS)
        KeBugCheckEx(0x0C /* MAXIMUM_WAIT_OBJECTS_EXCEEDED */, Count, 0, 0, 0);
    if (Alertable && (Status = KiCheckAlert(Thread)) != STATUS_SUCCESS)
        return Status;
    if (Type == WaitAll)
        KiSortObjects(Sorted, Objects, Count);
    Status = KiTestObjects(Thread, &Set);
    if (Status != KiWaitPending)
        return Status;
    if (Timeout != NULL && Timeout->QuadPart == 0)
        return STATUS_TIMEOUT;
    return KiWaitForSet(Thread, &Set, Alertable, Timeout);
}

NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE Mode, BOOLEAN Alertable, PLARGE_INTEGER Interval)
{
    PKTHREAD Thread = KeGetCurrentThread();
    KI_WAIT_SET Set = {.Type = WaitAny};
    NTSTATUS Status;

    UNREFERENCED_PARAMETER(Mode);
    if (Alertable && (Status = KiCheckAlert(Thread)) != STATUS_SUCCESS)
        return Status;
    if (Interval->QuadPart == 0) {
        host_thread_yield();
        return STATUS_SUCCESS;
    }
    Status = KiWaitForSet(Thread, &Set, Alertable, Interval);
    return Status == STATUS_TIMEOUT ? STATUS_SUCCESS : Status;
}
