/* SPDX-License-Identifier: MIT */
/*
 * ke_dpc.c - deferred procedure calls.
 *
 * Layer: ntos. NT counterpart: KeInsertQueueDpc. DPCs run one after the other on the timer thread, at
 * DISPATCH_LEVEL as far as checks are concerned, with no lock held. They must not wait.
 */
#include "ke/ki.h"

LIST_ENTRY KiDpcQueue = {&KiDpcQueue, &KiDpcQueue};

VOID KeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE Routine, PVOID Context)
{
    RtlZeroMemory(Dpc, sizeof(*Dpc));
    Dpc->DeferredRoutine = Routine;
    Dpc->DeferredContext = Context;
}

BOOLEAN KiQueueDpc(PRKDPC Dpc, PVOID Arg1, PVOID Arg2)
{
    if (Dpc->Queued)
        return FALSE;
    Dpc->Queued = TRUE;
    Dpc->SystemArgument1 = Arg1;
    Dpc->SystemArgument2 = Arg2;
    InsertTailList(&KiDpcQueue, &Dpc->DpcListEntry);
    return TRUE;
}

BOOLEAN KeInsertQueueDpc(PRKDPC Dpc, PVOID Arg1, PVOID Arg2)
{
    BOOLEAN Inserted;
    KiLockTimers();
    Inserted = KiQueueDpc(Dpc, Arg1, Arg2);
    if (Inserted)
        KiWakeTimerThread();
    KiUnlockTimers();
    return Inserted;
}

BOOLEAN KeRemoveQueueDpc(PRKDPC Dpc)
{
    BOOLEAN Removed;
    KiLockTimers();
    Removed = Dpc->Queued != 0;
    if (Removed) {
        RemoveEntryList(&Dpc->DpcListEntry);
        Dpc->Queued = FALSE;
    }
    KiUnlockTimers();
    return Removed;
}

VOID KiRunDpcs(VOID)
{
    for (;;) {
        KDPC Call;
        PRKDPC Dpc = NULL;
        KIRQL Old;

        KiLockTimers();
        if (!IsListEmpty(&KiDpcQueue)) {
            Dpc = CONTAINING_RECORD(RemoveHeadList(&KiDpcQueue), KDPC, DpcListEntry);
            Dpc->Queued = FALSE; /* may be queued again, by its own routine too */
            Call = *Dpc;
        }
        KiUnlockTimers();
        if (Dpc == NULL)
            return;
        KeRaiseIrql(DISPATCH_LEVEL, &Old);
        Call.DeferredRoutine(Dpc, Call.DeferredContext, Call.SystemArgument1, Call.SystemArgument2);
        KeLowerIrql(Old);
    }
}
