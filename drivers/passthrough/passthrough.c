/* SPDX-License-Identifier: MIT */
/*
 * passthrough.c - a driver layered above \Device\Afd that lets everything through unchanged.
 *
 * Layer: drivers, written against the driver model alone. NT counterpart: the smallest correct legacy
 * filter. It looks at nothing and keeps nothing but the device below; several may be stacked.
 *
 * Parameter: fastio=0|1 (default 1). With 0 the driver has no fast I/O table, so that every request
 * comes down as an IRP. [ddi:ifs/filtering-irps-and-fast-i-o]
 */
#include <wdm.h>

#include <afd_ioctl.h>

#include "driver_parameters.h"

DRIVER_INITIALIZE DriverEntry;

typedef struct PASS_EXTENSION {
    PDEVICE_OBJECT LowerDevice; /* written once, by IoAttachDevice */
} PASS_EXTENSION;

static PDEVICE_OBJECT LowerDevice(PDEVICE_OBJECT Device)
{
    return ((PASS_EXTENSION *)Device->DeviceExtension)->LowerDevice;
}

static NTSTATUS PassDispatch(PDEVICE_OBJECT Device, PIRP Irp)
{
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(LowerDevice(Device), Irp);
}

static BOOLEAN PassFastIoRead(PFILE_OBJECT File, PLARGE_INTEGER Offset, ULONG Length, BOOLEAN Wait,
    ULONG LockKey, PVOID Buffer, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT Device)
{
    PDEVICE_OBJECT Lower = LowerDevice(Device);
    PFAST_IO_DISPATCH Table = Lower->DriverObject->FastIoDispatch;
    if (Table == NULL || Table->FastIoRead == NULL)
        return FALSE;
    return Table->FastIoRead(File, Offset, Length, Wait, LockKey, Buffer, IoStatus, Lower);
}

static BOOLEAN PassFastIoWrite(PFILE_OBJECT File, PLARGE_INTEGER Offset, ULONG Length, BOOLEAN Wait,
    ULONG LockKey, PVOID Buffer, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT Device)
{
    PDEVICE_OBJECT Lower = LowerDevice(Device);
    PFAST_IO_DISPATCH Table = Lower->DriverObject->FastIoDispatch;
    if (Table == NULL || Table->FastIoWrite == NULL)
        return FALSE;
    return Table->FastIoWrite(File, Offset, Length, Wait, LockKey, Buffer, IoStatus, Lower);
}

static BOOLEAN PassFastIoDeviceControl(PFILE_OBJECT File, BOOLEAN Wait, PVOID Input, ULONG InputLength,
    PVOID Output, ULONG OutputLength, ULONG Code, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT Device)
{
    PDEVICE_OBJECT Lower = LowerDevice(Device);
    PFAST_IO_DISPATCH Table = Lower->DriverObject->FastIoDispatch;
    if (Table == NULL || Table->FastIoDeviceControl == NULL)
        return FALSE;
    return Table->FastIoDeviceControl(File, Wait, Input, InputLength, Output, OutputLength, Code,
        IoStatus, Lower);
}

/* The device below is about to go: let go of it and go too. */
static VOID PassFastIoDetachDevice(PDEVICE_OBJECT SourceDevice, PDEVICE_OBJECT TargetDevice)
{
    IoDetachDevice(TargetDevice);
    IoDeleteDevice(SourceDevice);
}

static FAST_IO_DISPATCH PassFastIo = {
    .SizeOfFastIoDispatch = sizeof(FAST_IO_DISPATCH),
    .FastIoRead = PassFastIoRead,
    .FastIoWrite = PassFastIoWrite,
    .FastIoDeviceControl = PassFastIoDeviceControl,
    .FastIoDetachDevice = PassFastIoDetachDevice,
};

static VOID PassUnload(PDRIVER_OBJECT DriverObject)
{
    PDEVICE_OBJECT Device = DriverObject->DeviceObject;
    if (Device == NULL)
        return; /* went with the device below */
    IoDetachDevice(LowerDevice(Device));
    IoDeleteDevice(Device);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    PDEVICE_OBJECT Device;
    UNICODE_STRING Target;
    ULONG FastIo = 1;
    const DRIVER_PARAMETER Parameters[] = {{.Name = L"fastio", .Number = &FastIo, .NumberMax = 1}};

    NTSTATUS Status = DriverReadParameters("passthrough", RegistryPath, Parameters,
        RTL_NUMBER_OF(Parameters));
    if (!NT_SUCCESS(Status))
        return Status;

    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        DriverObject->MajorFunction[i] = PassDispatch;
    DriverObject->FastIoDispatch = FastIo != 0 ? &PassFastIo : NULL;
    DriverObject->DriverUnload = PassUnload;

    Status = IoCreateDevice(DriverObject, sizeof(PASS_EXTENSION), NULL, FILE_DEVICE_NETWORK, 0, FALSE,
        &Device);
    if (!NT_SUCCESS(Status))
        return Status;
    PASS_EXTENSION *Extension = Device->DeviceExtension;
    RtlInitUnicodeString(&Target, AFD_DEVICE_NAME);
    Status = IoAttachDevice(Device, &Target, &Extension->LowerDevice);
    if (!NT_SUCCESS(Status)) {
        IoDeleteDevice(Device);
        return Status;
    }
    Device->Flags |= Extension->LowerDevice->Flags & (DO_BUFFERED_IO | DO_DIRECT_IO);
    Device->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}
