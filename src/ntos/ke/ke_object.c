/* SPDX-License-Identifier: MIT */
/*
 * ke_object.c - what all dispatcher objects have in common: the lock, signals, satisfying waits.
 *
 * Layer: ntos. NT counterpart: the dispatcher. There is no global lock: each object has its own, a bit in
 * its header. A signal goes to waits in the order they came.
 *
 * Deliberately different from NT: a wait for all objects is not satisfied by the signaller. It wakes
 * the thread, which tries to take all objects at once. A wait for any of them that stands behind it in the
 * list may thus come first, and a pulse (KePulseEvent) does not satisfy a wait for all.
 */
#include "ke/ki.h"

VOID KiLockObjectSlow(PDISPATCHER_HEADER Header)
{
    ULONG Spins = 0;
    for (;;) {
        UCHAR Type = __atomic_load_n(&Header->Type, __ATOMIC_RELAXED);
        if (!(Type & KI_OBJECT_LOCKED)) {
            if (__atomic_compare_exchange_n(&Header->Type, &Type, (UCHAR)(Type | KI_OBJECT_LOCKED), FALSE,
                    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
                return;
        } else if (++Spins >= 64) {
            /* Holders run a few dozen instructions: one that is not done by now has been preempted. */
            host_thread_yield();
            Spins = 0;
        } else {
#if defined(__x86_64__) || defined(__i386__)
            __builtin_ia32_pause();
#endif
        }
    }
}

VOID KiInitializeHeader(PDISPATCHER_HEADER Header, UCHAR Type, SIZE_T Size, LONG State)
{
    Header->Lock = 0;
    Header->Type = Type;
    Header->Size = (UCHAR)(Size / sizeof(LONG));
    Header->SignalState = State;
    InitializeListHead(&Header->WaitListHead);
}

BOOLEAN KiIsSignaled(PDISPATCHER_HEADER Header, PKTHREAD Thread)
{
    if (KiReadState(Header) > 0)
        return TRUE;
    return KiObjectType(Header) == MutantObject
        && CONTAINING_RECORD(Header, KMUTANT, Header)->OwnerThread == Thread;
}

NTSTATUS KiConsumeSignal(PDISPATCHER_HEADER Header, PKTHREAD Thread, ULONG Index)
{
    switch (KiObjectType(Header)) {
    case EventSynchronizationObject:
    case TimerSynchronizationObject:
        KiWriteState(Header, 0);
        break;
    case SemaphoreObject:
        KiWriteState(Header, KiReadState(Header) - 1);
        break;
    case MutantObject: {
        PRKMUTANT Mutant = CONTAINING_RECORD(Header, KMUTANT, Header);
        BOOLEAN Abandoned = Mutant->Abandoned;
        KiTakeMutant(Mutant, Thread);
        if (Abandoned)
            return STATUS_ABANDONED_WAIT_0 + (NTSTATUS)Index;
        break;
    }
    default:
        break; /* notification objects, threads and processes stay signalled */
    }
    return STATUS_WAIT_0 + (NTSTATUS)Index;
}

VOID KiSatisfyWaits(PDISPATCHER_HEADER Header, KI_WAKE_LIST *Wake)
{
    PLIST_ENTRY Entry = Header->WaitListHead.Flink;
    while (Entry != &Header->WaitListHead && KiReadState(Header) > 0) {
        KI_WAIT_BLOCK *Block = CONTAINING_RECORD(Entry, KI_WAIT_BLOCK, Public.WaitListEntry);
        KI_WAIT *Wait = Block->Wait;
        LONG Expected = KiWaitPending;
        Entry = Entry->Flink;
        if (Block->Public.WaitType == WaitAll) {
            /* Under the lock: the thread cannot leave its wait before it has taken its block off. */
            KiWake(Wait->Thread);
            continue;
        }
        if (!__atomic_compare_exchange_n(&Wait->Status, &Expected, KiWaitClaimed, FALSE, __ATOMIC_ACQ_REL,
                __ATOMIC_RELAXED))
            continue; /* over already; its thread will take the block off */
        RemoveEntryList(&Block->Public.WaitListEntry);
        Block->Public.BlockState = FALSE;
        Wait->Result = KiConsumeSignal(Header, Wait->Thread, Block->Public.WaitKey);
        Wait->WakeNext = NULL;
        *Wake->Last = Wait;
        Wake->Last = &Wait->WakeNext;
    }
}

VOID KiPublishWaits(KI_WAKE_LIST *Wake)
{
    KI_WAIT *Wait = Wake->First;
    while (Wait != NULL) {
        KI_WAIT *Next = Wait->WakeNext;
        PKTHREAD Thread = Wait->Thread;
        __atomic_add_fetch(&Thread->Users, 1, __ATOMIC_RELAXED);
        __atomic_store_n(&Wait->Status, Wait->Result, __ATOMIC_RELEASE);
        KiWake(Thread);
        __atomic_sub_fetch(&Thread->Users, 1, __ATOMIC_RELEASE);
        Wait = Next;
    }
}

VOID KiSignalObject(PDISPATCHER_HEADER Header)
{
    KI_WAKE_LIST Wake;
    KiInitializeWakeList(&Wake);
    KiLockObject(Header);
    KiWriteState(Header, 1);
    KiSatisfyWaits(Header, &Wake);
    KiUnlockObject(Header);
    KiPublishWaits(&Wake);
}
