/* SPDX-License-Identifier: MIT */
/*
 * shape.c - attaching and leaving, the same for every test driver.
 *
 * Layer: tests.
 */
#include "shape.h"

static VOID ShapeUnload(PDRIVER_OBJECT DriverObject)
{
    PDEVICE_OBJECT Device = DriverObject->DeviceObject;
    if (Device == NULL)
        return;
    IoDetachDevice(ShapeLower(Device));
    IoDeleteDevice(Device);
}

NTSTATUS ShapeAttach(PDRIVER_OBJECT DriverObject, ULONG ExtensionSize, PDRIVER_DISPATCH Dispatch,
    PFAST_IO_DISPATCH Table)
{
    PDEVICE_OBJECT Device;
    UNICODE_STRING Target;
    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        DriverObject->MajorFunction[i] = Dispatch;
    DriverObject->FastIoDispatch = Table;
    DriverObject->DriverUnload = ShapeUnload;
    NTSTATUS Status = IoCreateDevice(DriverObject, ExtensionSize, NULL, FILE_DEVICE_NETWORK, 0, FALSE,
        &Device);
    if (!NT_SUCCESS(Status))
        return Status;
    SHAPE_EXTENSION *Extension = Device->DeviceExtension;
    RtlInitUnicodeString(&Target, L"\\Device\\Afd");
    Status = IoAttachDevice(Device, &Target, &Extension->LowerDevice);
    if (!NT_SUCCESS(Status)) {
        IoDeleteDevice(Device);
        return Status;
    }
    Device->Flags |= Extension->LowerDevice->Flags & (DO_BUFFERED_IO | DO_DIRECT_IO);
    Device->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}
