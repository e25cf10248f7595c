/* SPDX-License-Identifier: MIT */
/*
 * io_csq.c - cancel-safe queues.
 *
 * Layer: ntos. NT counterpart: the IoCsq functions, by their documentation: the driver supplies queue
 * and lock, these functions the protocol with cancellation. An IRP in the queue has DriverContext[3]
 * pointing to the queue, or to the caller's IO_CSQ_IRP_CONTEXT. [ddi:IoCsqInsertIrp]
 *
 * Q1  While an IRP is in the queue and its cancel routine is not NULL, removing it takes two steps under the
 *     queue's lock: take the cancel routine; take the IRP out. Whoever gets the routine owns the IRP.
 */
#include "io/iop.h"

#define IO_TYPE_CSQ_IRP_CONTEXT 1
#define IO_TYPE_CSQ 2
#define IO_TYPE_CSQ_EX 3
#define CSQ_SLOT 3

NTSTATUS IoCsqInitialize(PIO_CSQ Csq, PIO_CSQ_INSERT_IRP Insert, PIO_CSQ_REMOVE_IRP Remove,
    PIO_CSQ_PEEK_NEXT_IRP PeekNext, PIO_CSQ_ACQUIRE_LOCK AcquireLock, PIO_CSQ_RELEASE_LOCK ReleaseLock,
    PIO_CSQ_COMPLETE_CANCELED_IRP CompleteCanceled)
{
    Csq->Type = IO_TYPE_CSQ;
    Csq->CsqInsertIrp = Insert;
    Csq->CsqRemoveIrp = Remove;
    Csq->CsqPeekNextIrp = PeekNext;
    Csq->CsqAcquireLock = AcquireLock;
    Csq->CsqReleaseLock = ReleaseLock;
    Csq->CsqCompleteCanceledIrp = CompleteCanceled;
    Csq->ReservePointer = NULL;
    return STATUS_SUCCESS;
}

NTSTATUS IoCsqInitializeEx(PIO_CSQ Csq, PIO_CSQ_INSERT_IRP_EX Insert, PIO_CSQ_REMOVE_IRP Remove,
    PIO_CSQ_PEEK_NEXT_IRP PeekNext, PIO_CSQ_ACQUIRE_LOCK AcquireLock, PIO_CSQ_RELEASE_LOCK ReleaseLock,
    PIO_CSQ_COMPLETE_CANCELED_IRP CompleteCanceled)
{
    (void)IoCsqInitialize(Csq, (PIO_CSQ_INSERT_IRP)(PVOID)Insert, Remove, PeekNext, AcquireLock,
        ReleaseLock, CompleteCanceled);
    Csq->Type = IO_TYPE_CSQ_EX;
    return STATUS_SUCCESS;
}

static PIO_CSQ_IRP_CONTEXT ContextOf(PIRP Irp)
{
    PIO_CSQ_IRP_CONTEXT Context = Irp->Tail.Overlay.DriverContext[CSQ_SLOT];
    return Context->Type == IO_TYPE_CSQ_IRP_CONTEXT ? Context : NULL;
}

/* With the queue's lock held and the cancel routine taken. */
static VOID TakeOut(PIO_CSQ Csq, PIRP Irp)
{
    PIO_CSQ_IRP_CONTEXT Context = ContextOf(Irp);
    Csq->CsqRemoveIrp(Csq, Irp);
    if (Context != NULL)
        Context->Irp = NULL;
    Irp->Tail.Overlay.DriverContext[CSQ_SLOT] = NULL;
}

static VOID CancelQueued(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_CSQ_IRP_CONTEXT Context = ContextOf(Irp);
    PIO_CSQ Csq = Context != NULL ? Context->Csq : Irp->Tail.Overlay.DriverContext[CSQ_SLOT];
    KIRQL Irql;

    IoReleaseCancelSpinLock(Irp->CancelIrql);
    Csq->CsqAcquireLock(Csq, &Irql);
    TakeOut(Csq, Irp);
    Csq->CsqReleaseLock(Csq, Irql);
    Csq->CsqCompleteCanceledIrp(Csq, Irp);
}

NTSTATUS IoCsqInsertIrpEx(PIO_CSQ Csq, PIRP Irp, PIO_CSQ_IRP_CONTEXT Context, PVOID InsertContext)
{
    NTSTATUS Status = STATUS_SUCCESS;
    BOOLEAN Canceled;
    KIRQL Irql;

    /* Under the lock: somebody may be trying to remove the IRP by its context before it is there. */
    Csq->CsqAcquireLock(Csq, &Irql);
    if (Context != NULL) {
        Context->Type = IO_TYPE_CSQ_IRP_CONTEXT;
        Context->Irp = Irp;
        Context->Csq = Csq;
    }
    Irp->Tail.Overlay.DriverContext[CSQ_SLOT] = Context != NULL ? (PVOID)Context : (PVOID)Csq;
    if (Csq->Type == IO_TYPE_CSQ_EX)
        Status = ((PIO_CSQ_INSERT_IRP_EX)(PVOID)Csq->CsqInsertIrp)(Csq, Irp, InsertContext);
    else
        Csq->CsqInsertIrp(Csq, Irp);
    if (!NT_SUCCESS(Status)) {
        if (Context != NULL)
            Context->Irp = NULL;
        Irp->Tail.Overlay.DriverContext[CSQ_SLOT] = NULL;
        Csq->CsqReleaseLock(Csq, Irql);
        return Status;
    }
    IoMarkIrpPending(Irp);
    IoSetCancelRoutine(Irp, CancelQueued);
    /* Cancelled before: unless IoCancelIrp has the routine by now, the end is ours to make. */
    Canceled = __atomic_load_n(&Irp->Cancel, __ATOMIC_SEQ_CST) && IoSetCancelRoutine(Irp, NULL) != NULL;
    if (Canceled)
        TakeOut(Csq, Irp);
    Csq->CsqReleaseLock(Csq, Irql);
    if (Canceled)
        Csq->CsqCompleteCanceledIrp(Csq, Irp);
    return Status;
}

VOID IoCsqInsertIrp(PIO_CSQ Csq, PIRP Irp, PIO_CSQ_IRP_CONTEXT Context)
{
    (void)IoCsqInsertIrpEx(Csq, Irp, Context, NULL);
}

PIRP IoCsqRemoveIrp(PIO_CSQ Csq, PIO_CSQ_IRP_CONTEXT Context)
{
    PIRP Irp;
    KIRQL Irql;
    Csq->CsqAcquireLock(Csq, &Irql);
    Irp = Context->Irp;
    if (Irp != NULL && IoSetCancelRoutine(Irp, NULL) == NULL)
        Irp = NULL; /* being cancelled: the cancel routine has it */
    if (Irp != NULL)
        TakeOut(Csq, Irp);
    Csq->CsqReleaseLock(Csq, Irql);
    return Irp;
}

PIRP IoCsqRemoveNextIrp(PIO_CSQ Csq, PVOID PeekContext)
{
    PIRP Irp;
    KIRQL Irql;
    Csq->CsqAcquireLock(Csq, &Irql);
    Irp = Csq->CsqPeekNextIrp(Csq, NULL, PeekContext);
    while (Irp != NULL && IoSetCancelRoutine(Irp, NULL) == NULL)
        Irp = Csq->CsqPeekNextIrp(Csq, Irp, PeekContext);
    if (Irp != NULL)
        TakeOut(Csq, Irp);
    Csq->CsqReleaseLock(Csq, Irql);
    return Irp;
}
