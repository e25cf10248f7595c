/* SPDX-License-Identifier: MIT */
/*
 * copying.c - copies its stack location down and watches every completion.
 *
 * Layer: tests. The completion routine propagates the pending mark, as the documentation demands of a
 * routine that lets completion go on. [ddi:ifs/checking-the-pendingreturned-flag]
 */
#include "shape.h"

static NTSTATUS Completed(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context)
{
    if (Irp->PendingReturned)
        IoMarkIrpPending(Irp);
    return STATUS_SUCCESS;
}

static NTSTATUS Copy(PDEVICE_OBJECT Device, PIRP Irp)
{
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, Completed, NULL, TRUE, TRUE, TRUE);
    return IoCallDriver(ShapeLower(Device), Irp);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    return ShapeAttach(DriverObject, sizeof(SHAPE_EXTENSION), Copy, NULL);
}
