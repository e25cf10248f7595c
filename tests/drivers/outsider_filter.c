/* SPDX-License-Identifier: MIT */
/*
 * outsider_filter.c - a filter as its author would write it from the public driver documentation.
 *
 * Layer: tests. It knows nothing of the stack it is put on and shares nothing with the other test drivers:
 * one dispatch routine for most requests, a completion routine and an event for those it wants to see on
 * their way up on the thread that sent them, a remove lock around every request, and a fast I/O table
 * with every entry. [ddi:wdm/io_remove_lock] [ddi:ifs/fast-i-o-dispatch] [ddi:IoSetCompletionRoutine]
 * Parameter: wait=1 waits for every create, read and write too (the default waits for creates).
 */
#include <ntifs.h>

#define OUTSIDER_TAG 'tuoN'
#define TARGET_DEVICE_NAME L"\\Device\\Afd"

typedef struct _OUTSIDER_EXTENSION {
    ULONG Signature;
    PDEVICE_OBJECT Self;
    PDEVICE_OBJECT NextLower;
    IO_REMOVE_LOCK RemoveLock;
    ULONG WaitForData;
    volatile LONG Counts[IRP_MJ_MAXIMUM_FUNCTION + 1];
} OUTSIDER_EXTENSION, *POUTSIDER_EXTENSION;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD OutsiderUnload;
_Dispatch_type_(IRP_MJ_CLEANUP) _Dispatch_type_(IRP_MJ_CLOSE)
static DRIVER_DISPATCH OutsiderPass;
static DRIVER_DISPATCH OutsiderWatch;
static DRIVER_DISPATCH OutsiderWait;
static IO_COMPLETION_ROUTINE OutsiderSignal;
static IO_COMPLETION_ROUTINE OutsiderWatched;

#ifdef ALLOC_PRAGMA
#pragma alloc_text(INIT, DriverEntry)
#pragma alloc_text(PAGE, OutsiderUnload)
#endif

#define EXTENSION_OF(d) ((POUTSIDER_EXTENSION)(d)->DeviceExtension)

static NTSTATUS FailRequest(PIRP Irp, NTSTATUS Status)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

/* Seen once, and never again: the stack location goes with the request. */
static NTSTATUS OutsiderPass(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    POUTSIDER_EXTENSION Extension = EXTENSION_OF(DeviceObject);
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS Status = IoAcquireRemoveLock(&Extension->RemoveLock, Irp);

    if (!NT_SUCCESS(Status))
        return FailRequest(Irp, Status);
    InterlockedIncrement(&Extension->Counts[Stack->MajorFunction]);
    IoSkipCurrentIrpStackLocation(Irp);
    Status = IoCallDriver(Extension->NextLower, Irp);
    IoReleaseRemoveLock(&Extension->RemoveLock, Irp);
    return Status;
}

static NTSTATUS OutsiderWatched(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    POUTSIDER_EXTENSION Extension = (POUTSIDER_EXTENSION)Context;

    NT_ASSERT(DeviceObject == Extension->Self);
    UNREFERENCED_PARAMETER(DeviceObject);
    if (Irp->PendingReturned)
        IoMarkIrpPending(Irp);
    IoReleaseRemoveLock(&Extension->RemoveLock, Irp);
    return STATUS_CONTINUE_COMPLETION;
}

/* Seen on its way up too; the remove lock is held until then. */
static NTSTATUS OutsiderWatch(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    POUTSIDER_EXTENSION Extension = EXTENSION_OF(DeviceObject);
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS Status = IoAcquireRemoveLock(&Extension->RemoveLock, Irp);

    if (!NT_SUCCESS(Status))
        return FailRequest(Irp, Status);
    InterlockedIncrement(&Extension->Counts[Stack->MajorFunction]);
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, OutsiderWatched, Extension, TRUE, TRUE, TRUE);
    return IoCallDriver(Extension->NextLower, Irp);
}

static NTSTATUS OutsiderSignal(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    if (Irp->PendingReturned)
        KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Stopped on its way up, and completed once more by the thread that brought it. */
static NTSTATUS OutsiderWait(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    POUTSIDER_EXTENSION Extension = EXTENSION_OF(DeviceObject);
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    KEVENT Event;
    NTSTATUS Status = IoAcquireRemoveLock(&Extension->RemoveLock, Irp);

    if (!NT_SUCCESS(Status))
        return FailRequest(Irp, Status);
    InterlockedIncrement(&Extension->Counts[Stack->MajorFunction]);
    KeInitializeEvent(&Event, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, OutsiderSignal, &Event, TRUE, TRUE, TRUE);
    Status = IoCallDriver(Extension->NextLower, Irp);
    if (Status == STATUS_PENDING) {
        KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
        Status = Irp->IoStatus.Status;
    }
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    IoReleaseRemoveLock(&Extension->RemoveLock, Irp);
    return Status;
}

/* --- fast I/O: every routine asks the device below, and says no where it has none --- */

#define VALID_FAST_IO_HANDLER(table, name)                                          \
    ((table) != NULL &&                                                             \
        (table)->SizeOfFastIoDispatch >= FIELD_OFFSET(FAST_IO_DISPATCH, name) + sizeof(PVOID) && \
        (table)->name != NULL)

#define FORWARD(name, no, ...)                                             \
    PDEVICE_OBJECT Lower = EXTENSION_OF(DeviceObject)->NextLower;          \
    PFAST_IO_DISPATCH Table = Lower->DriverObject->FastIoDispatch;         \
    if (VALID_FAST_IO_HANDLER(Table, name))                                \
        return Table->name(__VA_ARGS__, Lower);                            \
    return no

static BOOLEAN FastCheck(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, ULONG Length, BOOLEAN Wait,
    ULONG LockKey, BOOLEAN CheckForRead, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    FORWARD(FastIoCheckIfPossible, FALSE, FileObject, FileOffset, Length, Wait, LockKey, CheckForRead, IoStatus);
}

static BOOLEAN FastRead(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, ULONG Length, BOOLEAN Wait,
    ULONG LockKey, PVOID Buffer, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    FORWARD(FastIoRead, FALSE, FileObject, FileOffset, Length, Wait, LockKey, Buffer, IoStatus);
}

static BOOLEAN FastWrite(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, ULONG Length, BOOLEAN Wait,
    ULONG LockKey, PVOID Buffer, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    FORWARD(FastIoWrite, FALSE, FileObject, FileOffset, Length, Wait, LockKey, Buffer, IoStatus);
}

static BOOLEAN FastBasicInfo(PFILE_OBJECT FileObject, BOOLEAN Wait, PFILE_BASIC_INFORMATION Buffer,
    PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    FORWARD(FastIoQueryBasicInfo, FALSE, FileObject, Wait, Buffer, IoStatus);
}

static BOOLEAN FastStandardInfo(PFILE_OBJECT FileObject, BOOLEAN Wait, PFILE_STANDARD_INFORMATION Buffer,
    PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    FORWARD(FastIoQueryStandardInfo, FALSE, FileObject, Wait, Buffer, IoStatus);
}

static BOOLEAN FastLock(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, PLARGE_INTEGER Length,
    PEPROCESS ProcessId, ULONG Key, BOOLEAN FailImmediately, BOOLEAN ExclusiveLock, PIO_STATUS_BLOCK IoStatus,
    PDEVICE_OBJECT DeviceObject)
{
    FORWARD(FastIoLock, FALSE, FileObject, FileOffset, Length, ProcessId, Key, FailImmediately, ExclusiveLock,
        IoStatus);
}

static BOOLEAN FastUnlockSingle(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, PLARGE_INTEGER Length,
    PEPROCESS ProcessId, ULONG Key, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    FORWARD(FastIoUnlockSingle, FALSE, FileObject, FileOffset, Length, ProcessId, Key, IoStatus);
}

static BOOLEAN FastUnlockAll(PFILE_OBJECT FileObject, PEPROCESS ProcessId, PIO_STATUS_BLOCK IoStatus,
    PDEVICE_OBJECT DeviceObject)
{
    FORWARD(FastIoUnlockAll, FALSE, FileObject, ProcessId, IoStatus);
}

static BOOLEAN FastUnlockAllByKey(PFILE_OBJECT FileObject, PVOID ProcessId, ULONG Key,
    PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    FORWARD(FastIoUnlockAllByKey, FALSE, FileObject, ProcessId, Key, IoStatus);
}

static BOOLEAN FastDeviceControl(PFILE_OBJECT FileObject, BOOLEAN Wait, PVOID InputBuffer,
    ULONG InputBufferLength, PVOID OutputBuffer, ULONG OutputBufferLength, ULONG IoControlCode,
    PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    POUTSIDER_EXTENSION Extension = EXTENSION_OF(DeviceObject);
    PFAST_IO_DISPATCH Table = Extension->NextLower->DriverObject->FastIoDispatch;
    BOOLEAN Done = FALSE;

    if (!VALID_FAST_IO_HANDLER(Table, FastIoDeviceControl) ||
        !NT_SUCCESS(IoAcquireRemoveLock(&Extension->RemoveLock, FileObject)))
        return FALSE;
    Done = Table->FastIoDeviceControl(FileObject, Wait, InputBuffer, InputBufferLength, OutputBuffer,
        OutputBufferLength, IoControlCode, IoStatus, Extension->NextLower);
    IoReleaseRemoveLock(&Extension->RemoveLock, FileObject);
    return Done;
}

static VOID FastDetach(PDEVICE_OBJECT SourceDevice, PDEVICE_OBJECT TargetDevice)
{
    POUTSIDER_EXTENSION Extension = EXTENSION_OF(SourceDevice);

    NT_ASSERT(Extension->NextLower == TargetDevice);
    if (!NT_SUCCESS(IoAcquireRemoveLock(&Extension->RemoveLock, SourceDevice)))
        return;
    IoDetachDevice(TargetDevice);
    IoReleaseRemoveLockAndWait(&Extension->RemoveLock, SourceDevice);
    IoDeleteDevice(SourceDevice);
}

static BOOLEAN FastNetworkOpenInfo(PFILE_OBJECT FileObject, BOOLEAN Wait,
    PFILE_NETWORK_OPEN_INFORMATION Buffer, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    FORWARD(FastIoQueryNetworkOpenInfo, FALSE, FileObject, Wait, Buffer, IoStatus);
}

static BOOLEAN FastMdlRead(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, ULONG Length, ULONG LockKey,
    PMDL *MdlChain, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    FORWARD(MdlRead, FALSE, FileObject, FileOffset, Length, LockKey, MdlChain, IoStatus);
}

static BOOLEAN FastMdlReadComplete(PFILE_OBJECT FileObject, PMDL MdlChain, PDEVICE_OBJECT DeviceObject)
{
    FORWARD(MdlReadComplete, FALSE, FileObject, MdlChain);
}

static BOOLEAN FastPrepareMdlWrite(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, ULONG Length,
    ULONG LockKey, PMDL *MdlChain, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    FORWARD(PrepareMdlWrite, FALSE, FileObject, FileOffset, Length, LockKey, MdlChain, IoStatus);
}

static BOOLEAN FastMdlWriteComplete(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, PMDL MdlChain,
    PDEVICE_OBJECT DeviceObject)
{
    FORWARD(MdlWriteComplete, FALSE, FileObject, FileOffset, MdlChain);
}

static BOOLEAN FastQueryOpen(PIRP Irp, PFILE_NETWORK_OPEN_INFORMATION NetworkInformation,
    PDEVICE_OBJECT DeviceObject)
{
    PDEVICE_OBJECT Lower = EXTENSION_OF(DeviceObject)->NextLower;
    PFAST_IO_DISPATCH Table = Lower->DriverObject->FastIoDispatch;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    BOOLEAN Done;

    if (!VALID_FAST_IO_HANDLER(Table, FastIoQueryOpen))
        return FALSE;
    Stack->DeviceObject = Lower;
    Done = Table->FastIoQueryOpen(Irp, NetworkInformation, Lower);
    if (!Done)
        Stack->DeviceObject = DeviceObject;
    return Done;
}

static NTSTATUS BuildFastIoTable(PDRIVER_OBJECT DriverObject)
{
    PFAST_IO_DISPATCH Table = ExAllocatePoolWithTag(NonPagedPool, sizeof(FAST_IO_DISPATCH), OUTSIDER_TAG);

    if (Table == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(Table, sizeof(FAST_IO_DISPATCH));
    Table->SizeOfFastIoDispatch = sizeof(FAST_IO_DISPATCH);
    Table->FastIoCheckIfPossible = FastCheck;
    Table->FastIoRead = FastRead;
    Table->FastIoWrite = FastWrite;
    Table->FastIoQueryBasicInfo = FastBasicInfo;
    Table->FastIoQueryStandardInfo = FastStandardInfo;
    Table->FastIoLock = FastLock;
    Table->FastIoUnlockSingle = FastUnlockSingle;
    Table->FastIoUnlockAll = FastUnlockAll;
    Table->FastIoUnlockAllByKey = FastUnlockAllByKey;
    Table->FastIoDeviceControl = FastDeviceControl;
    Table->FastIoDetachDevice = FastDetach;
    Table->FastIoQueryNetworkOpenInfo = FastNetworkOpenInfo;
    Table->MdlRead = FastMdlRead;
    Table->MdlReadComplete = FastMdlReadComplete;
    Table->PrepareMdlWrite = FastPrepareMdlWrite;
    Table->MdlWriteComplete = FastMdlWriteComplete;
    Table->FastIoQueryOpen = FastQueryOpen;
    DriverObject->FastIoDispatch = Table;
    return STATUS_SUCCESS;
}

/* --- coming and going --- */

static NTSTATUS ReadParameters(PUNICODE_STRING RegistryPath, PULONG WaitForData)
{
    static const WCHAR Suffix[] = L"\\Parameters";
    RTL_QUERY_REGISTRY_TABLE Query[2];
    ULONG Zero = 0;
    UNICODE_STRING Path;
    NTSTATUS Status;

    Path.Length = 0;
    Path.MaximumLength = (USHORT)(RegistryPath->Length + sizeof(Suffix));
    Path.Buffer = ExAllocatePoolWithTag(PagedPool, Path.MaximumLength, OUTSIDER_TAG);
    if (Path.Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(Path.Buffer, Path.MaximumLength);
    RtlCopyUnicodeString(&Path, RegistryPath);
    (void)RtlAppendUnicodeToString(&Path, Suffix);
    RtlZeroMemory(Query, sizeof(Query));
    Query[0].Flags = RTL_QUERY_REGISTRY_DIRECT;
    Query[0].Name = L"wait";
    Query[0].EntryContext = WaitForData;
    Query[0].DefaultType = REG_DWORD;
    Query[0].DefaultData = &Zero;
    Query[0].DefaultLength = sizeof(ULONG);
    *WaitForData = 0;
    Status = RtlQueryRegistryValues(RTL_REGISTRY_ABSOLUTE, Path.Buffer, Query, NULL, NULL);
    ExFreePoolWithTag(Path.Buffer, OUTSIDER_TAG);
    return Status == STATUS_OBJECT_NAME_NOT_FOUND ? STATUS_SUCCESS : Status;
}

static VOID OutsiderUnload(PDRIVER_OBJECT DriverObject)
{
    PDEVICE_OBJECT DeviceObject = DriverObject->DeviceObject;

    PAGED_CODE();
    if (DeviceObject != NULL) {
        POUTSIDER_EXTENSION Extension = EXTENSION_OF(DeviceObject);
        IoDetachDevice(Extension->NextLower);
        if (NT_SUCCESS(IoAcquireRemoveLock(&Extension->RemoveLock, DriverObject)))
            IoReleaseRemoveLockAndWait(&Extension->RemoveLock, DriverObject);
        IoDeleteDevice(DeviceObject);
    }
    if (DriverObject->FastIoDispatch != NULL) {
        ExFreePoolWithTag(DriverObject->FastIoDispatch, OUTSIDER_TAG);
        DriverObject->FastIoDispatch = NULL;
    }
}

static NTSTATUS AttachToTarget(PDRIVER_OBJECT DriverObject, ULONG WaitForData)
{
    UNICODE_STRING TargetName;
    PFILE_OBJECT FileObject;
    PDEVICE_OBJECT TargetDevice, DeviceObject;
    POUTSIDER_EXTENSION Extension;
    NTSTATUS Status;

    RtlInitUnicodeString(&TargetName, TARGET_DEVICE_NAME);
    Status = IoGetDeviceObjectPointer(&TargetName, FILE_READ_DATA, &FileObject, &TargetDevice);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IoCreateDevice(DriverObject, sizeof(OUTSIDER_EXTENSION), NULL, TargetDevice->DeviceType,
        TargetDevice->Characteristics & FILE_DEVICE_SECURE_OPEN, FALSE, &DeviceObject);
    if (NT_SUCCESS(Status)) {
        Extension = EXTENSION_OF(DeviceObject);
        RtlZeroMemory(Extension, sizeof(*Extension));
        Extension->Signature = OUTSIDER_TAG;
        Extension->Self = DeviceObject;
        Extension->WaitForData = WaitForData;
        IoInitializeRemoveLock(&Extension->RemoveLock, OUTSIDER_TAG, 0, 0);
        DeviceObject->Flags |= TargetDevice->Flags & (DO_DIRECT_IO | DO_BUFFERED_IO | DO_POWER_PAGABLE);
        Extension->NextLower = IoAttachDeviceToDeviceStack(DeviceObject, TargetDevice);
        if (Extension->NextLower == NULL) {
            IoDeleteDevice(DeviceObject);
            Status = STATUS_NO_SUCH_DEVICE;
        } else {
            DeviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
        }
    }
    ObDereferenceObject(FileObject);
    return Status;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    ULONG WaitForData, i;
    NTSTATUS Status = ReadParameters(RegistryPath, &WaitForData);

    if (!NT_SUCCESS(Status))
        return Status;
    for (i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        DriverObject->MajorFunction[i] = OutsiderPass;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = OutsiderWait;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = OutsiderWatch;
    DriverObject->MajorFunction[IRP_MJ_INTERNAL_DEVICE_CONTROL] = OutsiderWatch;
    if (WaitForData != 0) {
        DriverObject->MajorFunction[IRP_MJ_READ] = OutsiderWait;
        DriverObject->MajorFunction[IRP_MJ_WRITE] = OutsiderWait;
    }
    DriverObject->DriverUnload = OutsiderUnload;
    Status = BuildFastIoTable(DriverObject);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = AttachToTarget(DriverObject, WaitForData);
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(DriverObject->FastIoDispatch, OUTSIDER_TAG);
        DriverObject->FastIoDispatch = NULL;
    }
    return Status;
}
