/* SPDX-License-Identifier: MIT */
/*
 * ke_apc.c - asynchronous procedure calls to threads in user mode, and alerts.
 *
 * Layer: ntos. NT counterpart: KeInsertQueueApc and APC delivery. APCs run first in, first out, on
 * their thread, in alertable waits, in NtTestAlert, and before a new thread's start routine; all that
 * are queued run, those too that an APC queues, before the wait returns STATUS_USER_APC.
 *
 * Not here: kernel-mode APCs. There is no way to interrupt a running thread between two instructions of
 * the stack, and drivers have no documented call for them; KeInsertQueueApc refuses them.
 */
#include "ke/ki.h"

#define KI_APC_TYPE 18 /* ApcObject in the public symbols */

VOID KeInitializeApc(PRKAPC Apc, PRKTHREAD Thread, KAPC_ENVIRONMENT Environment,
    PKKERNEL_ROUTINE KernelRoutine, PKRUNDOWN_ROUTINE RundownRoutine, PKNORMAL_ROUTINE NormalRoutine,
    KPROCESSOR_MODE Mode, PVOID NormalContext)
{
    UNREFERENCED_PARAMETER(Environment);
    RtlZeroMemory(Apc, sizeof(*Apc));
    Apc->Type = KI_APC_TYPE;
    Apc->Size = sizeof(*Apc);
    Apc->Thread = Thread;
    Apc->KernelRoutine = KernelRoutine;
    Apc->RundownRoutine = RundownRoutine;
    Apc->NormalRoutine = NormalRoutine;
    Apc->ApcMode = Mode;
    Apc->NormalContext = NormalContext;
}

BOOLEAN KeInsertQueueApc(PRKAPC Apc, PVOID SystemArgument1, PVOID SystemArgument2, KPRIORITY Increment)
{
    PKTHREAD Thread = Apc->Thread;
    BOOLEAN Inserted = FALSE;

    UNREFERENCED_PARAMETER(Increment);
    if (Apc->ApcMode != UserMode)
        return FALSE;
    __atomic_add_fetch(&Thread->Users, 1, __ATOMIC_RELAXED);
    KiLockApcs(Thread);
    if (Thread->ApcQueueable && !Apc->Inserted) {
        Apc->SystemArgument1 = SystemArgument1;
        Apc->SystemArgument2 = SystemArgument2;
        Apc->Inserted = TRUE;
        InsertTailList(&Thread->ApcList, &Apc->ApcListEntry);
        /* Pairs with KiBeginAlertable: the thread stores Alertable, then reads ApcPending. */
        __atomic_store_n(&Thread->ApcPending, TRUE, __ATOMIC_SEQ_CST);
        Inserted = TRUE;
    }
    KiUnlockApcs(Thread);
    if (Inserted && __atomic_load_n(&Thread->Alertable, __ATOMIC_SEQ_CST))
        KiWake(Thread);
    __atomic_sub_fetch(&Thread->Users, 1, __ATOMIC_RELEASE);
    return Inserted;
}

BOOLEAN KeRemoveQueueApc(PKAPC Apc)
{
    PKTHREAD Thread = Apc->Thread;
    BOOLEAN Removed;

    KiLockApcs(Thread);
    Removed = Apc->Inserted;
    if (Removed) {
        RemoveEntryList(&Apc->ApcListEntry);
        Apc->Inserted = FALSE;
        __atomic_store_n(&Thread->ApcPending, !IsListEmpty(&Thread->ApcList), __ATOMIC_SEQ_CST);
    }
    KiUnlockApcs(Thread);
    return Removed;
}

NTSTATUS KiTakeAlert(PKTHREAD Thread)
{
    if (__atomic_load_n(&Thread->Alerted, __ATOMIC_SEQ_CST)
        && __atomic_exchange_n(&Thread->Alerted, FALSE, __ATOMIC_SEQ_CST))
        return STATUS_ALERTED;
    return __atomic_load_n(&Thread->ApcPending, __ATOMIC_SEQ_CST) ? STATUS_USER_APC : STATUS_SUCCESS;
}

/*
 * Takes the first APC of the calling thread's queue. What is needed to call it is copied, because the
 * memory belongs to its owner again, who may queue it once more from another thread.
 */
static PKAPC KiRemoveFirstApc(PKTHREAD Thread, KAPC *Copy)
{
    PKAPC Apc = NULL;

    KiLockApcs(Thread);
    if (!IsListEmpty(&Thread->ApcList)) {
        Apc = CONTAINING_RECORD(RemoveHeadList(&Thread->ApcList), KAPC, ApcListEntry);
        Apc->Inserted = FALSE;
        *Copy = *Apc;
    }
    __atomic_store_n(&Thread->ApcPending, !IsListEmpty(&Thread->ApcList), __ATOMIC_SEQ_CST);
    KiUnlockApcs(Thread);
    return Apc;
}

BOOLEAN KiDeliverApcs(PKTHREAD Thread)
{
    KAPC Call;
    PKAPC Apc;
    BOOLEAN Any = FALSE;

    while ((Apc = KiRemoveFirstApc(Thread, &Call)) != NULL) {
        Any = TRUE;
        if (Call.KernelRoutine != NULL)
            Call.KernelRoutine(Apc, &Call.NormalRoutine, &Call.NormalContext, &Call.SystemArgument1,
                &Call.SystemArgument2);
        if (Call.NormalRoutine != NULL)
            Call.NormalRoutine(Call.NormalContext, Call.SystemArgument1, Call.SystemArgument2);
    }
    return Any;
}

BOOLEAN KeTestAlertThread(VOID)
{
    return KiDeliverApcs(KeGetCurrentThread());
}

VOID KiRundownApcs(PKTHREAD Thread)
{
    KAPC Call;
    PKAPC Apc;

    KiLockApcs(Thread);
    Thread->ApcQueueable = FALSE;
    KiUnlockApcs(Thread);
    while ((Apc = KiRemoveFirstApc(Thread, &Call)) != NULL)
        if (Call.RundownRoutine != NULL)
            Call.RundownRoutine(Apc);
}
