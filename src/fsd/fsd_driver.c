/* SPDX-License-Identifier: MIT */
/*
 * fsd_driver.c - the file system driver: host files as devices' files.
 *
 * Layer: fsd. NT counterpart: a file system driver with its volume, and null.sys. The name space is
 * decided here: there is one volume, \Device\HarddiskVolume1, whose root is the host's root. \??\C: leads to
 * it, so \??\C:\tmp\x is the host's /tmp/x. There are no other drive letters. Names are those of the host:
 * with their case, without short names.
 *
 * Left out: directory enumeration (win32 asks the host), byte-range locks, oplocks, extended attributes,
 * security, streams, change notification, volume information. Sharing is kept among the handles of this
 * process only. Requests never pend: the host's files are read and written at once.
 */
#include "fsd.h"

#include "fsd_private.h"

PDEVICE_OBJECT FsdVolume;
PDEVICE_OBJECT FsdNull;

NTSTATUS FsdCompleteIrp(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS FsdDispatchOther(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return FsdCompleteIrp(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
}

static FAST_IO_DISPATCH FsdFastIoDispatch = {
    .SizeOfFastIoDispatch = sizeof(FAST_IO_DISPATCH),
    .FastIoRead = FsdFastRead,
    .FastIoWrite = FsdFastWrite,
};

static NTSTATUS CreateNamedDevice(PDRIVER_OBJECT DriverObject, PCWSTR DeviceName, PCWSTR LinkName, ULONG Type,
    PDEVICE_OBJECT *Device)
{
    UNICODE_STRING Name, Link;
    NTSTATUS Status;
    RtlInitUnicodeString(&Name, DeviceName);
    RtlInitUnicodeString(&Link, LinkName);
    Status = IoCreateDevice(DriverObject, 0, &Name, Type, 0, FALSE, Device);
    if (!NT_SUCCESS(Status))
        return Status;
    (*Device)->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    return IoCreateSymbolicLink(&Link, &Name);
}

NTSTATUS FsdDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS Status = CreateNamedDevice(DriverObject, FSD_DEVICE_NAME, L"\\??\\C:", FILE_DEVICE_DISK_FILE_SYSTEM,
        &FsdVolume);
    if (NT_SUCCESS(Status))
        Status = CreateNamedDevice(DriverObject, L"\\Device\\Null", L"\\??\\NUL", FILE_DEVICE_NULL, &FsdNull);
    if (!NT_SUCCESS(Status))
        return Status;
    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        DriverObject->MajorFunction[i] = FsdDispatchOther;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = FsdCreate;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = FsdCleanup;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = FsdClose;
    DriverObject->MajorFunction[IRP_MJ_READ] = FsdRead;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = FsdWrite;
    DriverObject->MajorFunction[IRP_MJ_FLUSH_BUFFERS] = FsdFlush;
    DriverObject->MajorFunction[IRP_MJ_QUERY_INFORMATION] = FsdQueryInformation;
    DriverObject->MajorFunction[IRP_MJ_SET_INFORMATION] = FsdSetInformation;
    DriverObject->FastIoDispatch = &FsdFastIoDispatch;
    return STATUS_SUCCESS;
}
