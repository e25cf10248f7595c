/* SPDX-License-Identifier: MIT */
/*
 * pend_resume.c - makes every request pending and sends it down from a work item.
 *
 * Layer: tests. Compiled twice. As pend_resume, the request goes down later, on another thread, and
 * completes as it likes. As pend_complete (PEND_COMPLETION), completion is held back too: the completion
 * routine keeps the IRP and a second work item completes it.
 *
 * The order of one file's sends and receives must survive, so a device has one queue and at most one
 * work item under way, which takes the requests in their order of arrival.
 *
 * Cleanup and close are passed at once: the I/O manager waits for them, and on Windows a filter
 * answers them on the caller's thread as well.
 */
#include "shape.h"

#ifndef PEND_COMPLETION
#define PEND_COMPLETION 0
#endif

/*
 * Lock guards the four members below it. An IRP is in Queue by Tail.Overlay.ListEntry, which belongs to
 * whoever holds the IRP.
 *
 * I1  A work item is queued or running exactly while Busy.
 */
typedef struct PEND_QUEUE {
    PDEVICE_OBJECT Device;
    PIO_WORKITEM WorkItem;
    KSPIN_LOCK Lock;
    LIST_ENTRY Queue;
    BOOLEAN Busy;
} PEND_QUEUE;

typedef struct PEND_EXTENSION {
    SHAPE_EXTENSION Shape;
    PEND_QUEUE Down;
    PEND_QUEUE Up;
} PEND_EXTENSION;

static VOID PendInsert(PEND_QUEUE *Queue, PIRP Irp, PIO_WORKITEM_ROUTINE Routine)
{
    KIRQL Irql;
    KeAcquireSpinLock(&Queue->Lock, &Irql);
    InsertTailList(&Queue->Queue, &Irp->Tail.Overlay.ListEntry);
    BOOLEAN Start = (BOOLEAN)!Queue->Busy;
    Queue->Busy = TRUE;
    KeReleaseSpinLock(&Queue->Lock, Irql);
    if (Start)
        IoQueueWorkItem(Queue->WorkItem, Routine, DelayedWorkQueue, Queue);
}

/* The next request, or NULL when there is none and the work item is done. */
static PIRP PendRemove(PEND_QUEUE *Queue)
{
    KIRQL Irql;
    PIRP Irp = NULL;
    KeAcquireSpinLock(&Queue->Lock, &Irql);
    if (IsListEmpty(&Queue->Queue))
        Queue->Busy = FALSE;
    else
        Irp = CONTAINING_RECORD(RemoveHeadList(&Queue->Queue), IRP, Tail.Overlay.ListEntry);
    KeReleaseSpinLock(&Queue->Lock, Irql);
    return Irp;
}

static VOID CompleteWorker(PDEVICE_OBJECT Device, PVOID Context)
{
    PIRP Irp;
    while ((Irp = PendRemove(Context)) != NULL)
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
}

static NTSTATUS Completed(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context)
{
    PEND_EXTENSION *Extension = Context;
    if (!PEND_COMPLETION)
        return STATUS_SUCCESS; /* marked pending already, by PendDispatch */
    PendInsert(&Extension->Up, Irp, CompleteWorker);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID SendWorker(PDEVICE_OBJECT Device, PVOID Context)
{
    PIRP Irp;
    while ((Irp = PendRemove(Context)) != NULL) {
        IoCopyCurrentIrpStackLocationToNext(Irp);
        IoSetCompletionRoutine(Irp, Completed, Device->DeviceExtension, TRUE, TRUE, TRUE);
        (void)IoCallDriver(ShapeLower(Device), Irp); /* pending has been returned already */
    }
}

static NTSTATUS PendDispatch(PDEVICE_OBJECT Device, PIRP Irp)
{
    PEND_EXTENSION *Extension = Device->DeviceExtension;
    UCHAR Major = IoGetCurrentIrpStackLocation(Irp)->MajorFunction;
    if (Major == IRP_MJ_CLEANUP || Major == IRP_MJ_CLOSE ||
        __atomic_load_n(&Extension->Down.Device, __ATOMIC_SEQ_CST) == NULL) {
        IoSkipCurrentIrpStackLocation(Irp);
        return IoCallDriver(ShapeLower(Device), Irp);
    }
    IoMarkIrpPending(Irp);
    PendInsert(&Extension->Down, Irp, SendWorker);
    return STATUS_PENDING;
}

static BOOLEAN InitializeQueue(PEND_QUEUE *Queue, PDEVICE_OBJECT Device)
{
    KeInitializeSpinLock(&Queue->Lock);
    InitializeListHead(&Queue->Queue);
    Queue->WorkItem = IoAllocateWorkItem(Device);
    return Queue->WorkItem != NULL;
}

static PDRIVER_UNLOAD ShapeUnload;

/* The I/O manager calls this with no request under way; a work item may still be on its last look. */
static VOID PendUnload(PDRIVER_OBJECT DriverObject)
{
    LARGE_INTEGER Moment = {.QuadPart = -10000};
    if (DriverObject->DeviceObject != NULL) {
        PEND_EXTENSION *Extension = DriverObject->DeviceObject->DeviceExtension;
        PEND_QUEUE *Queues[] = {&Extension->Down, &Extension->Up};
        for (ULONG i = 0; i < RTL_NUMBER_OF(Queues); i++) {
            while (__atomic_load_n(&Queues[i]->Busy, __ATOMIC_SEQ_CST))
                KeDelayExecutionThread(KernelMode, FALSE, &Moment);
            IoFreeWorkItem(Queues[i]->WorkItem);
        }
    }
    ShapeUnload(DriverObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS Status = ShapeAttach(DriverObject, sizeof(PEND_EXTENSION), PendDispatch, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    ShapeUnload = DriverObject->DriverUnload;
    PEND_EXTENSION *Extension = DriverObject->DeviceObject->DeviceExtension;
    if (!InitializeQueue(&Extension->Down, DriverObject->DeviceObject) ||
        !InitializeQueue(&Extension->Up, DriverObject->DeviceObject)) {
        ShapeUnload(DriverObject);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    DriverObject->DriverUnload = PendUnload;
    /* Requests were passed straight through until here: from now on they are made pending. */
    Extension->Up.Device = DriverObject->DeviceObject;
    __atomic_store_n(&Extension->Down.Device, DriverObject->DeviceObject, __ATOMIC_SEQ_CST);
    return STATUS_SUCCESS;
}
