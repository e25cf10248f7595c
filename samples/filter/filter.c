/* SPDX-License-Identifier: MIT */
/*
 * filter.c - a driver layered above \Device\Afd, written as for the WDK: counts and lets pass.
 *
 * A legacy filter in the usual form: DriverEntry creates a device and attaches it over \Device\Afd, every
 * request goes down with a copied stack location and a completion routine. Build and use:
 *   ntsock-cc -shared filter.c -o filter.so
 *   ntsock run --driver ./filter.so -- ./server
 *
 * It has no fast I/O table, so that every request comes as an IRP. [ddi:IoAttachDeviceToDeviceStackSafe]
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_DISPATCH FilterDispatch;
static DRIVER_UNLOAD FilterUnload;
static IO_COMPLETION_ROUTINE FilterComplete;

typedef struct _FILTER_EXTENSION {
    PDEVICE_OBJECT LowerDevice;
    volatile LONG Requests;
    volatile LONG Failures;
} FILTER_EXTENSION, *PFILTER_EXTENSION;

static NTSTATUS FilterComplete(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    PFILTER_EXTENSION Extension = (PFILTER_EXTENSION)Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    if (!NT_SUCCESS(Irp->IoStatus.Status))
        InterlockedIncrement(&Extension->Failures);
    if (Irp->PendingReturned)
        IoMarkIrpPending(Irp);
    return STATUS_CONTINUE_COMPLETION;
}

static NTSTATUS FilterDispatch(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFILTER_EXTENSION Extension = (PFILTER_EXTENSION)DeviceObject->DeviceExtension;

    InterlockedIncrement(&Extension->Requests);
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, FilterComplete, Extension, TRUE, TRUE, TRUE);
    return IoCallDriver(Extension->LowerDevice, Irp);
}

static VOID FilterUnload(PDRIVER_OBJECT DriverObject)
{
    PDEVICE_OBJECT DeviceObject = DriverObject->DeviceObject;
    PFILTER_EXTENSION Extension = (PFILTER_EXTENSION)DeviceObject->DeviceExtension;

    DbgPrint("filter: %d requests, %d failed\n", (int)Extension->Requests, (int)Extension->Failures);
    IoDetachDevice(Extension->LowerDevice);
    IoDeleteDevice(DeviceObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING TargetName;
    PDEVICE_OBJECT DeviceObject, TargetDevice;
    PFILTER_EXTENSION Extension;
    PFILE_OBJECT FileObject;
    NTSTATUS Status;
    ULONG i;

    UNREFERENCED_PARAMETER(RegistryPath);
    for (i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        DriverObject->MajorFunction[i] = FilterDispatch;
    DriverObject->DriverUnload = FilterUnload;

    RtlInitUnicodeString(&TargetName, L"\\Device\\Afd");
    Status = IoGetDeviceObjectPointer(&TargetName, FILE_READ_ATTRIBUTES, &FileObject, &TargetDevice);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IoCreateDevice(DriverObject, sizeof(FILTER_EXTENSION), NULL, TargetDevice->DeviceType,
        TargetDevice->Characteristics, FALSE, &DeviceObject);
    if (NT_SUCCESS(Status)) {
        Extension = (PFILTER_EXTENSION)DeviceObject->DeviceExtension;
        Status = IoAttachDeviceToDeviceStackSafe(DeviceObject, TargetDevice, &Extension->LowerDevice);
        if (NT_SUCCESS(Status)) {
            DeviceObject->Flags |= Extension->LowerDevice->Flags & (DO_BUFFERED_IO | DO_DIRECT_IO);
            DeviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
        } else {
            IoDeleteDevice(DeviceObject);
        }
    }
    ObDereferenceObject(FileObject);
    return Status;
}
