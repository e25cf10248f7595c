/* SPDX-License-Identifier: MIT */
/*
 * io_driver.c - driver objects, and work items that hold a device.
 *
 * Layer: ntos. NT counterpart: the same. How a driver is found and loaded is in io_load.c.
 */
#include "io/iop.h"

#include <string.h>

#include "host_thread.h"

static LIST_ENTRY IopDrivers _Guarded_by_(IoDatabaseLock) = {&IopDrivers, &IopDrivers};
static struct host_lock GateLock;
static volatile uint32_t GateOwner; /* thread id */

/*
 * The gate is held while DriverEntry runs, which may wait: it is taken by trying, with a pause, and is
 * not one of the stack's locks.
 */
NTSTATUS IopEnterLoadGate(VOID)
{
    uint32_t Self = host_thread_id();
    if (__atomic_load_n(&GateOwner, __ATOMIC_RELAXED) == Self)
        return STATUS_DEVICE_BUSY;
    while (!host_lock_try(&GateLock))
        host_sleep_100ns(10000);
    __atomic_store_n(&GateOwner, Self, __ATOMIC_RELAXED);
    return STATUS_SUCCESS;
}

VOID IopLeaveLoadGate(VOID)
{
    __atomic_store_n(&GateOwner, 0, __ATOMIC_RELAXED);
    host_lock_release(&GateLock);
}

BOOLEAN IopInsideLoadGate(VOID)
{
    return __atomic_load_n(&GateOwner, __ATOMIC_RELAXED) == host_thread_id();
}

static NTSTATUS InvalidDeviceRequest(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    Irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_INVALID_DEVICE_REQUEST;
}

/* Appends an ASCII text to the string. */
static VOID AppendText(PUNICODE_STRING String, const char *Text)
{
    for (; *Text != 0 && String->Length + 2 * sizeof(WCHAR) <= String->MaximumLength; Text++) {
        String->Buffer[String->Length / sizeof(WCHAR)] = (UCHAR)*Text;
        String->Length = (USHORT)(String->Length + sizeof(WCHAR));
    }
    String->Buffer[String->Length / sizeof(WCHAR)] = 0;
}

NTSTATUS IopCreateDriverObject(const char *Name, PDRIVER_INITIALIZE Initialize, void *Module,
    IOP_DRIVER **Driver)
{
    UNICODE_STRING Key;
    IOP_DRIVER *New;
    NTSTATUS Status = ObCreateObject(&ObpDriverType, sizeof *New, (PVOID *)&New);

    if (!NT_SUCCESS(Status))
        return Status;
    New->Driver.Type = IO_TYPE_DRIVER;
    New->Driver.Size = sizeof(DRIVER_OBJECT);
    New->Driver.DriverExtension = &New->Extension;
    New->Driver.DriverInit = Initialize;
    New->Extension.DriverObject = &New->Driver;
    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        New->Driver.MajorFunction[i] = InvalidDeviceRequest;
    InitializeListHead(&New->ClientExtensions);
    New->Module = Module;
    strncpy(New->Name, Name, sizeof New->Name - 1);
    New->Driver.DriverName.Buffer = New->NameText;
    New->Driver.DriverName.MaximumLength = sizeof New->NameText;
    AppendText(&New->Driver.DriverName, "\\Driver\\");
    AppendText(&New->Driver.DriverName, New->Name);
    Key = (UNICODE_STRING){0, sizeof New->KeyText, New->KeyText};
    AppendText(&Key, "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\");
    New->Extension.ServiceKeyName.Buffer = New->KeyText + Key.Length / sizeof(WCHAR);
    AppendText(&Key, New->Name);
    New->Extension.ServiceKeyName.Length = (USHORT)(strlen(New->Name) * sizeof(WCHAR));
    New->Extension.ServiceKeyName.MaximumLength =
        (USHORT)(New->Extension.ServiceKeyName.Length + sizeof(WCHAR));
    Status = ObInsertName(&New->Driver.DriverName, New);
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(New);
        return Status;
    }
    IopLockDatabase();
    InsertTailList(&IopDrivers, &New->Link);
    IopUnlockDatabase();
    *Driver = New;
    return STATUS_SUCCESS;
}

VOID IopRemoveDriver(IOP_DRIVER *Driver)
{
    while (Driver->Driver.DeviceObject != NULL) {
        PDEVICE_OBJECT Device = Driver->Driver.DeviceObject;
        IoDeleteDevice(Device); /* detaches it as well */
    }
    while (!IsListEmpty(&Driver->ClientExtensions))
        ExFreePoolWithTag(RemoveHeadList(&Driver->ClientExtensions), IOP_TAG_DRIVER);
    IopLockDatabase();
    RemoveEntryList(&Driver->Link);
    IopUnlockDatabase();
    ObRemoveName(Driver);
    ObDereferenceObject(Driver);
}

NTSTATUS IopStartDriver(IOP_DRIVER *Driver)
{
    UNICODE_STRING Path;
    NTSTATUS Status;
    RtlInitUnicodeString(&Path, Driver->KeyText);
    Status = Driver->Driver.DriverInit(&Driver->Driver, &Path);
    if (!NT_SUCCESS(Status)) {
        IopRemoveDriver(Driver);
        return Status;
    }
    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++) {
        if (Driver->Driver.MajorFunction[i] == NULL)
            Driver->Driver.MajorFunction[i] = InvalidDeviceRequest;
    }
    IopPublishAttachments(&Driver->Driver);
    return Status;
}

NTSTATUS IoCreateDriver(PCWSTR Name, PDRIVER_INITIALIZE Initialize)
{
    char Text[64];
    IOP_DRIVER *Driver;
    ULONG Length = 0;
    NTSTATUS Status;

    for (; Name[Length] != 0 && Length < sizeof Text - 1; Length++)
        Text[Length] = (char)Name[Length];
    Text[Length] = 0;
    IopInitialize();
    Status = IopEnterLoadGate();
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopCreateDriverObject(Text, Initialize, NULL, &Driver);
    if (NT_SUCCESS(Status))
        Status = IopStartDriver(Driver);
    IopLeaveLoadGate();
    return Status;
}

IOP_DRIVER *IopFindDriver(const char *Name)
{
    IOP_DRIVER *Found = NULL;
    IopLockDatabase();
    for (PLIST_ENTRY Entry = IopDrivers.Flink; Entry != &IopDrivers; Entry = Entry->Flink) {
        IOP_DRIVER *Driver = CONTAINING_RECORD(Entry, IOP_DRIVER, Link);
        if (strcmp(Driver->Name, Name) == 0)
            Found = Driver;
    }
    IopUnlockDatabase();
    return Found;
}

typedef struct IOP_CLIENT_EXTENSION {
    LIST_ENTRY Link;
    PVOID Identification;
    PVOID Spare;
} IOP_CLIENT_EXTENSION;

PVOID IoGetDriverObjectExtension(PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress)
{
    IOP_DRIVER *Driver = CONTAINING_RECORD(DriverObject, IOP_DRIVER, Driver);
    PVOID Found = NULL;
    IopLockDatabase();
    for (PLIST_ENTRY Entry = Driver->ClientExtensions.Flink; Entry != &Driver->ClientExtensions;
         Entry = Entry->Flink) {
        IOP_CLIENT_EXTENSION *Extension = CONTAINING_RECORD(Entry, IOP_CLIENT_EXTENSION, Link);
        if (Extension->Identification == ClientIdentificationAddress)
            Found = Extension + 1;
    }
    IopUnlockDatabase();
    return Found;
}

NTSTATUS IoAllocateDriverObjectExtension(PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress,
    ULONG Size, PVOID *Extension)
{
    IOP_DRIVER *Driver = CONTAINING_RECORD(DriverObject, IOP_DRIVER, Driver);
    IOP_CLIENT_EXTENSION *New;
    *Extension = NULL;
    if (IoGetDriverObjectExtension(DriverObject, ClientIdentificationAddress) != NULL)
        return STATUS_OBJECT_NAME_COLLISION;
    New = ExAllocatePoolZero(NonPagedPool, sizeof *New + Size, IOP_TAG_DRIVER);
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    New->Identification = ClientIdentificationAddress;
    IopLockDatabase();
    InsertTailList(&Driver->ClientExtensions, &New->Link);
    IopUnlockDatabase();
    *Extension = New + 1;
    return STATUS_SUCCESS;
}

/*
 * A work item holds its device and, by a pin on the worker's thread, the code that runs. It is the
 * caller's to free; freeing it from its own routine is allowed. [ddi:IoAllocateWorkItem]
 */
struct _IO_WORKITEM {
    WORK_QUEUE_ITEM Item;
    PDEVICE_OBJECT Device;
    PIO_WORKITEM_ROUTINE Routine;
    PVOID Context;
};

PIO_WORKITEM IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject)
{
    PIO_WORKITEM WorkItem = ExAllocatePoolZero(NonPagedPool, sizeof *WorkItem, IOP_TAG_WORK_ITEM);
    if (WorkItem == NULL)
        return NULL;
    WorkItem->Device = DeviceObject;
    ObReferenceObject(DeviceObject);
    return WorkItem;
}

VOID IoFreeWorkItem(PIO_WORKITEM WorkItem)
{
    ObDereferenceObject(WorkItem->Device);
    ExFreePoolWithTag(WorkItem, IOP_TAG_WORK_ITEM);
}

static VOID RunWorkItem(PVOID Parameter)
{
    PIO_WORKITEM WorkItem = Parameter;
    PDEVICE_OBJECT Device = WorkItem->Device;
    IOP_THREAD *Thread = IopCurrentThread();
    ULONG Depth = Thread->Depth;
    /* Pin first: the queue's count, which unload also looks at, goes after it. */
    IopPinDevice(Thread, Device);
    __atomic_sub_fetch(&IopDevice(Device)->WorkItems, 1, __ATOMIC_SEQ_CST);
    WorkItem->Routine(Device, WorkItem->Context);
    IopLeaveStack(Thread, Depth);
    ObDereferenceObject(Device);
}

VOID IoQueueWorkItem(PIO_WORKITEM WorkItem, PIO_WORKITEM_ROUTINE Routine, WORK_QUEUE_TYPE QueueType,
    PVOID Context)
{
    WorkItem->Routine = Routine;
    WorkItem->Context = Context;
    ObReferenceObject(WorkItem->Device);
    __atomic_add_fetch(&IopDevice(WorkItem->Device)->WorkItems, 1, __ATOMIC_SEQ_CST);
    ExInitializeWorkItem(&WorkItem->Item, RunWorkItem, WorkItem);
    ExQueueWorkItem(&WorkItem->Item, QueueType);
}
