/* SPDX-License-Identifier: MIT */
/*
 * ke_mutant.c - mutants (mutexes): ownership, recursion, abandonment.
 *
 * Layer: ntos. NT counterpart: the kernel's mutant object.
 *
 * SignalState is 1 while free, 1 - n while owned n times. A mutant is on the list of the thread that owns
 * it, under KiThreadListLock, so that a thread's end finds what it still owns. Releasing hands the mutant
 * to the first wait in the list: a thread that releases and waits again comes last.
 */
#include "ke/ki.h"

VOID KiInitializeMutant(PRKMUTANT Mutant, PKTHREAD Owner)
{
    KiInitializeHeader(&Mutant->Header, MutantObject, sizeof(KMUTANT), 1);
    Mutant->MutantListEntry.Flink = NULL;
    Mutant->MutantListEntry.Blink = NULL;
    Mutant->OwnerThread = NULL;
    Mutant->Abandoned = FALSE;
    Mutant->ApcDisable = 0;
    if (Owner != NULL) {
        KiLockObject(&Mutant->Header);
        KiTakeMutant(Mutant, Owner);
        KiUnlockObject(&Mutant->Header);
    }
}

VOID KeInitializeMutex(PRKMUTEX Mutex, ULONG Level)
{
    UNREFERENCED_PARAMETER(Level);
    KiInitializeMutant(Mutex, NULL);
    Mutex->ApcDisable = 1;
}

VOID KiTakeMutant(PRKMUTANT Mutant, PKTHREAD Thread)
{
    LONG State = KiReadState(&Mutant->Header);
    if (State == (LONG)MINLONG)
        KeBugCheckEx(0x1E, 0xC0000191u /* STATUS_MUTANT_LIMIT_EXCEEDED */, (ULONG_PTR)Mutant, 0, 0);
    KiWriteState(&Mutant->Header, State - 1);
    if (State == 1) {
        Mutant->OwnerThread = Thread;
        Mutant->Abandoned = FALSE;
        KiLockThreadList();
        InsertTailList(&Thread->MutantList, &Mutant->MutantListEntry);
        KiUnlockThreadList();
    }
}

NTSTATUS KiReleaseMutant(PRKMUTANT Mutant, PLONG Previous)
{
    PKTHREAD Thread = KeGetCurrentThread();
    KI_WAKE_LIST Wake;
    LONG State;

    KiInitializeWakeList(&Wake);
    KiLockObject(&Mutant->Header);
    if (Mutant->OwnerThread != Thread) {
        KiUnlockObject(&Mutant->Header);
        return STATUS_MUTANT_NOT_OWNED;
    }
    State = KiReadState(&Mutant->Header);
    KiWriteState(&Mutant->Header, State + 1);
    if (State + 1 == 1) {
        Mutant->OwnerThread = NULL;
        KiLockThreadList();
        RemoveEntryList(&Mutant->MutantListEntry);
        Mutant->MutantListEntry.Flink = NULL;
        KiUnlockThreadList();
        KiSatisfyWaits(&Mutant->Header, &Wake);
    }
    KiUnlockObject(&Mutant->Header);
    KiPublishWaits(&Wake);
    *Previous = State;
    return STATUS_SUCCESS;
}

LONG KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait)
{
    LONG Previous = 0;
    NTSTATUS Status = KiReleaseMutant(Mutex, &Previous);

    UNREFERENCED_PARAMETER(Wait);
    if (!NT_SUCCESS(Status)) /* NT raises, which in a driver ends as this stop [ddi:KeReleaseMutex] */
        KeBugCheckEx(0x1E /* KMODE_EXCEPTION_NOT_HANDLED */, (ULONG)Status, (ULONG_PTR)Mutex, 0, 0);
    return Previous;
}

LONG KeReadStateMutex(PRKMUTEX Mutex)
{
    return __atomic_load_n(&Mutex->Header.SignalState, __ATOMIC_ACQUIRE);
}

/*
 * The end of a thread. Between taking a mutant off the list and giving it up nothing but OwnerThread
 * says that this thread will still touch it; KiDeleteMutant waits for that.
 */
VOID KiAbandonMutants(PKTHREAD Thread)
{
    for (;;) {
        PRKMUTANT Mutant = NULL;
        KI_WAKE_LIST Wake;

        KiLockThreadList();
        if (!IsListEmpty(&Thread->MutantList)) {
            Mutant = CONTAINING_RECORD(RemoveHeadList(&Thread->MutantList), KMUTANT, MutantListEntry);
            Mutant->MutantListEntry.Flink = NULL;
        }
        KiUnlockThreadList();
        if (Mutant == NULL)
            return;
        KiInitializeWakeList(&Wake);
        KiLockObject(&Mutant->Header);
        Mutant->OwnerThread = NULL;
        Mutant->Abandoned = TRUE;
        KiWriteState(&Mutant->Header, 1);
        KiSatisfyWaits(&Mutant->Header, &Wake);
        KiUnlockObject(&Mutant->Header);
        KiPublishWaits(&Wake);
    }
}

/* A mutant may go while it is owned: nobody can name it any more, so nobody will miss it. */
VOID KiDeleteMutant(PVOID Object)
{
    PRKMUTANT Mutant = Object;
    for (;;) {
        BOOLEAN Owned;

        KiLockObject(&Mutant->Header);
        KiLockThreadList();
        if (Mutant->OwnerThread != NULL && Mutant->MutantListEntry.Flink != NULL) {
            RemoveEntryList(&Mutant->MutantListEntry);
            Mutant->MutantListEntry.Flink = NULL;
            Mutant->OwnerThread = NULL;
        }
        Owned = Mutant->OwnerThread != NULL;
        KiUnlockThreadList();
        KiUnlockObject(&Mutant->Header);
        if (!Owned)
            return;
        host_thread_yield();
    }
}
