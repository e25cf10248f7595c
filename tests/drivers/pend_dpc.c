/* SPDX-License-Identifier: MIT */
/*
 * pend_dpc.c - holds every completion back and completes from a DPC, at DISPATCH_LEVEL.
 *
 * Layer: tests. As a driver of a device with interrupts completes its requests. [ddi:IoCompleteRequest]
 */
#include "shape.h"

typedef struct DPC_EXTENSION {
    SHAPE_EXTENSION Shape;
    KSPIN_LOCK Lock; /* guards Queue */
    LIST_ENTRY Queue;
    KDPC Dpc;
} DPC_EXTENSION;

static VOID CompleteAll(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    DPC_EXTENSION *Extension = Context;
    PLIST_ENTRY Entry;
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
    ASSERT(KeGetCurrentIrql() == DISPATCH_LEVEL);
    for (;;) {
        KeAcquireSpinLockAtDpcLevel(&Extension->Lock);
        Entry = IsListEmpty(&Extension->Queue) ? NULL : RemoveHeadList(&Extension->Queue);
        KeReleaseSpinLockFromDpcLevel(&Extension->Lock);
        if (Entry == NULL)
            return;
        IoCompleteRequest(CONTAINING_RECORD(Entry, IRP, Tail.Overlay.ListEntry), IO_NO_INCREMENT);
    }
}

static NTSTATUS Completed(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context)
{
    DPC_EXTENSION *Extension = Context;
    UNREFERENCED_PARAMETER(Device);
    ExInterlockedInsertTailList(&Extension->Queue, &Irp->Tail.Overlay.ListEntry, &Extension->Lock);
    KeInsertQueueDpc(&Extension->Dpc, NULL, NULL);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS Dispatch(PDEVICE_OBJECT Device, PIRP Irp)
{
    UCHAR Major = IoGetCurrentIrpStackLocation(Irp)->MajorFunction;
    if (Major == IRP_MJ_CLEANUP || Major == IRP_MJ_CLOSE) {
        IoSkipCurrentIrpStackLocation(Irp);
        return IoCallDriver(ShapeLower(Device), Irp);
    }
    IoMarkIrpPending(Irp);
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, Completed, Device->DeviceExtension, TRUE, TRUE, TRUE);
    (void)IoCallDriver(ShapeLower(Device), Irp);
    return STATUS_PENDING;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS Status = ShapeAttach(DriverObject, sizeof(DPC_EXTENSION), Dispatch, NULL);
    UNREFERENCED_PARAMETER(RegistryPath);
    if (NT_SUCCESS(Status)) { /* the first request comes when DriverEntry has returned */
        DPC_EXTENSION *Extension = DriverObject->DeviceObject->DeviceExtension;
        KeInitializeSpinLock(&Extension->Lock);
        InitializeListHead(&Extension->Queue);
        KeInitializeDpc(&Extension->Dpc, CompleteAll, Extension);
    }
    return Status;
}
