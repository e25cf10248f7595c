/* SPDX-License-Identifier: MIT */
/*
 * io_file.c - file objects: create, cleanup, close, and what every call on a file begins and ends with.
 *
 * Layer: ntos. NT counterpart: NtCreateFile and the file object type. Sharing, security and directories
 * are left out: devices here have none. A file is a socket's endpoint or a driver's control device.
 *
 * Life of a file object
 *   NtCreateFile      created, IRP_MJ_CREATE; FO_FILE_OPEN when that succeeded, then a handle
 *   last handle       IRP_MJ_CLEANUP, on the thread that closes, which waits (IopCloseFile)
 *   last reference    IRP_MJ_CLOSE, on whatever thread that is (IopDeleteFile); requests in flight hold one
 * A create that fails is followed by neither. [ddi:irp-mj-cleanup]
 */
#include "io/iop.h"

#define EA_LENGTH_MAX 0x10000u /* [doc:winternl/ntcreatefile]: EaLength is a USHORT on disk */
#define NAME_LENGTH_MAX 8192u

static PIO_STACK_LOCATION FirstLocation(IOP_IRP *Request, UCHAR Major, PFILE_OBJECT File)
{
    PIO_STACK_LOCATION Location = IoGetNextIrpStackLocation(&Request->Irp);
    Location->MajorFunction = Major;
    Location->FileObject = File;
    return Location;
}

/* Sends a request without parameters that cannot fail, and waits for it. */
static VOID SendClosing(PFILE_OBJECT File, UCHAR Major)
{
    IOP_THREAD *Thread = IopCurrentThread();
    ULONG Depth = Thread->Depth;
    PDEVICE_OBJECT Top = IopEnterStack(Thread, File->DeviceObject);
    IOP_IRP *Request = IopAllocateIrpMustSucceed(Top->StackSize);

    Request->Irp.Flags = IRP_CLOSE_OPERATION | IRP_SYNCHRONOUS_API;
    Request->Irp.RequestorMode = KernelMode;
    Request->Top = Thread->Depth != Depth ? Top : NULL;
    FirstLocation(Request, Major, File);
    IopIssueIrp(Request, Thread, File);
    (void)IopSendAndWait(Request, Top, FALSE, NULL);
    IopReleaseIrp(Request);
    IopLeaveStack(Thread, Depth);
}

/* Set in FILE_OBJECT.Flags, where NT has nothing: the last handle's end is told. */
#define IOP_FO_TELLS_OWNER 0x80000000u
static VOID (*IopOwnerRoutine)(PFILE_OBJECT FileObject);

VOID IopCloseFile(PVOID Object, LONG RemainingHandles)
{
    PFILE_OBJECT File = Object;
    if (RemainingHandles != 0 || (IopFileFlags(File) & FO_FILE_OPEN) == 0)
        return;
    /* Not under the file's lock: cleanup is what ends the request that another thread waits in. */
    SendClosing(File, IRP_MJ_CLEANUP);
    ULONG Flags = __atomic_fetch_or(&File->Flags, FO_CLEANUP_COMPLETE, __ATOMIC_RELAXED);
    if (Flags & IOP_FO_TELLS_OWNER)
        __atomic_load_n(&IopOwnerRoutine, __ATOMIC_ACQUIRE)(File);
}

VOID IoTellOwnerOfClose(PFILE_OBJECT FileObject, VOID (*Routine)(PFILE_OBJECT FileObject))
{
    if (Routine != NULL) {
        __atomic_store_n(&IopOwnerRoutine, Routine, __ATOMIC_RELEASE);
        __atomic_fetch_or(&FileObject->Flags, IOP_FO_TELLS_OWNER, __ATOMIC_RELEASE);
    } else {
        __atomic_fetch_and(&FileObject->Flags, ~IOP_FO_TELLS_OWNER, __ATOMIC_RELEASE);
    }
}

VOID IopDeleteFile(PVOID Object)
{
    PFILE_OBJECT File = Object;
    if (IopFileFlags(File) & FO_FILE_OPEN)
        SendClosing(File, IRP_MJ_CLOSE);
    IopDeleteCompletionContext(File);
    if (File->FileName.Buffer != NULL)
        ExFreePoolWithTag(File->FileName.Buffer, IOP_TAG_NAME);
    if (File->RelatedFileObject != NULL)
        ObDereferenceObject(File->RelatedFileObject);
    if (File->DeviceObject != NULL) {
        __atomic_sub_fetch(&File->DeviceObject->ReferenceCount, 1, __ATOMIC_RELEASE);
        ObDereferenceObject(File->DeviceObject);
    }
}

/* What NtCreateFile has captured of its arguments. */
typedef struct CREATE_ARGUMENTS {
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    WCHAR NameBuffer[NAME_LENGTH_MAX / sizeof(WCHAR)];
    ACCESS_MASK Access;
    LARGE_INTEGER AllocationSize;
    ULONG FileAttributes, ShareAccess, Disposition, Options;
    KPROCESSOR_MODE Mode;
    PVOID Ea;
    ULONG EaLength;
    PFILE_OBJECT Related;
    PDEVICE_OBJECT Device;
    UNICODE_STRING Remaining;
    ULONG_PTR Information;
} CREATE_ARGUMENTS;

/* [ddi:IoCheckEaBufferValidity] */
static NTSTATUS CheckEaBuffer(const UCHAR *Buffer, ULONG Length, ULONG_PTR *ErrorOffset)
{
    ULONG Offset = 0;
    for (;;) {
        FILE_FULL_EA_INFORMATION Entry;
        ULONG Size;
        *ErrorOffset = Offset;
        if (Length - Offset < UFIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName))
            return STATUS_EA_LIST_INCONSISTENT;
        RtlCopyMemory(&Entry, Buffer + Offset, FIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName));
        Size = UFIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName) + Entry.EaNameLength + 1u + Entry.EaValueLength;
        if (Length - Offset < Size ||
            Buffer[Offset + UFIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName) + Entry.EaNameLength] != 0)
            return STATUS_EA_LIST_INCONSISTENT;
        if (Entry.NextEntryOffset == 0)
            return STATUS_SUCCESS;
        if (Entry.NextEntryOffset % 4 != 0 || Entry.NextEntryOffset < Size ||
            Entry.NextEntryOffset > Length - Offset)
            return STATUS_EA_LIST_INCONSISTENT;
        Offset += Entry.NextEntryOffset;
    }
}

static NTSTATUS CaptureEa(CREATE_ARGUMENTS *Arguments, PVOID EaBuffer, ULONG EaLength)
{
    NTSTATUS Status;
    if (EaBuffer == NULL || EaLength == 0)
        return STATUS_SUCCESS;
    if (EaLength > EA_LENGTH_MAX)
        return STATUS_EA_TOO_LARGE;
    Arguments->Ea = ExAllocatePoolWithTag(NonPagedPool, EaLength, IOP_TAG_EA);
    if (Arguments->Ea == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Arguments->EaLength = EaLength;
    Status = ExCopyFromUser(Arguments->Ea, EaBuffer, EaLength, 1);
    if (NT_SUCCESS(Status))
        Status = CheckEaBuffer(Arguments->Ea, EaLength, &Arguments->Information);
    if (NT_SUCCESS(Status))
        Arguments->Information = 0;
    return Status;
}

static NTSTATUS CheckOptions(const CREATE_ARGUMENTS *Arguments)
{
    ULONG Synchronous = Arguments->Options & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT);
    if (Arguments->Disposition > FILE_MAXIMUM_DISPOSITION ||
        Synchronous == (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT))
        return STATUS_INVALID_PARAMETER;
    if (Synchronous != 0 && (Arguments->Access & (SYNCHRONIZE | GENERIC_ALL | GENERIC_READ | GENERIC_WRITE |
        GENERIC_EXECUTE | MAXIMUM_ALLOWED)) == 0)
        return STATUS_INVALID_PARAMETER;
    if ((Arguments->Options & FILE_DIRECTORY_FILE) != 0 && (Arguments->Options & FILE_NON_DIRECTORY_FILE) != 0)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS CaptureName(CREATE_ARGUMENTS *Arguments, POBJECT_ATTRIBUTES ObjectAttributes)
{
    NTSTATUS Status = ExCopyFromUser(&Arguments->Attributes, ObjectAttributes, sizeof *ObjectAttributes, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Arguments->Attributes.Length != sizeof(OBJECT_ATTRIBUTES) ||
        (Arguments->Attributes.Attributes & ~OBJ_VALID_ATTRIBUTES) != 0)
        return STATUS_INVALID_PARAMETER;
    if (Arguments->Attributes.ObjectName == NULL)
        return Arguments->Attributes.RootDirectory != NULL ? STATUS_SUCCESS : STATUS_OBJECT_PATH_SYNTAX_BAD;
    Status = ExCopyFromUser(&Arguments->Name, Arguments->Attributes.ObjectName, sizeof(UNICODE_STRING), 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Arguments->Name.Length > sizeof Arguments->NameBuffer || Arguments->Name.Length % sizeof(WCHAR) != 0)
        return STATUS_OBJECT_NAME_INVALID;
    Status = ExCopyFromUser(Arguments->NameBuffer, Arguments->Name.Buffer, Arguments->Name.Length, 1);
    Arguments->Name.Buffer = Arguments->NameBuffer;
    return Status;
}

/* Device and remaining name, by full path or relative to an open file. */
static NTSTATUS FindDevice(CREATE_ARGUMENTS *Arguments)
{
    PVOID Device;
    NTSTATUS Status;
    if (Arguments->Attributes.RootDirectory != NULL) {
        Status = IopReferenceFile(Arguments->Attributes.RootDirectory, 0, &Arguments->Related, NULL);
        if (!NT_SUCCESS(Status))
            return Status;
        Arguments->Device = Arguments->Related->DeviceObject;
        ObReferenceObject(Arguments->Device);
        Arguments->Remaining = Arguments->Name;
        return STATUS_SUCCESS;
    }
    Status = ObLookupName(&Arguments->Name, Arguments->Attributes.Attributes, NULL, &Device,
        &Arguments->Remaining);
    if (!NT_SUCCESS(Status))
        return Status;
    if (ObGetObjectType(Device) != &ObpDeviceType) {
        ObDereferenceObject(Device);
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    Arguments->Device = Device;
    if ((Arguments->Device->Flags & DO_EXCLUSIVE) != 0 && Arguments->Device->ReferenceCount != 0)
        return STATUS_ACCESS_DENIED;
    return STATUS_SUCCESS;
}

static NTSTATUS MakeFileObject(CREATE_ARGUMENTS *Arguments, PFILE_OBJECT *FileObject)
{
    PFILE_OBJECT File;
    ACCESS_MASK Access = Arguments->Access;
    NTSTATUS Status = ObCreateObject(&ObpFileType, sizeof *File, (PVOID *)&File);
    if (!NT_SUCCESS(Status))
        return Status;
    File->Type = IO_TYPE_FILE;
    File->Size = sizeof *File;
    File->DeviceObject = Arguments->Device;
    __atomic_add_fetch(&Arguments->Device->ReferenceCount, 1, __ATOMIC_RELAXED);
    File->RelatedFileObject = Arguments->Related;
    Arguments->Device = NULL;
    Arguments->Related = NULL;
    KeInitializeEvent(&File->Event, NotificationEvent, FALSE);
    KeInitializeEvent(&File->Lock, SynchronizationEvent, FALSE);
    InitializeListHead(&File->IrpList);
    if (Arguments->Options & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT))
        File->Flags |= FO_SYNCHRONOUS_IO;
    if (Arguments->Options & FILE_SYNCHRONOUS_IO_ALERT)
        File->Flags |= FO_ALERTABLE_IO;
    File->ReadAccess = (Access & (FILE_READ_DATA | FILE_EXECUTE | GENERIC_READ | GENERIC_ALL)) != 0;
    File->WriteAccess = (Access & (FILE_WRITE_DATA | FILE_APPEND_DATA | GENERIC_WRITE | GENERIC_ALL)) != 0;
    File->DeleteAccess = (Access & (DELETE | GENERIC_ALL)) != 0;
    File->SharedRead = (Arguments->ShareAccess & FILE_SHARE_READ) != 0;
    File->SharedWrite = (Arguments->ShareAccess & FILE_SHARE_WRITE) != 0;
    File->SharedDelete = (Arguments->ShareAccess & FILE_SHARE_DELETE) != 0;
    if (Arguments->Remaining.Length != 0) {
        File->FileName.Buffer = ExAllocatePoolWithTag(PagedPool, Arguments->Remaining.Length, IOP_TAG_NAME);
        if (File->FileName.Buffer == NULL) {
            ObDereferenceObject(File);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        RtlCopyMemory(File->FileName.Buffer, Arguments->Remaining.Buffer, Arguments->Remaining.Length);
        File->FileName.Length = File->FileName.MaximumLength = Arguments->Remaining.Length;
    }
    *FileObject = File;
    return STATUS_SUCCESS;
}

static NTSTATUS SendCreate(CREATE_ARGUMENTS *Arguments, PFILE_OBJECT File)
{
    IOP_THREAD *Thread = IopCurrentThread();
    ULONG Depth = Thread->Depth;
    PDEVICE_OBJECT Top = IopEnterStack(Thread, File->DeviceObject);
    IOP_IRP *Request = IopAllocateIrp(Top->StackSize);
    IO_SECURITY_CONTEXT Security = {NULL, NULL, Arguments->Access, Arguments->Options};
    PIO_STACK_LOCATION Location;
    NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;

    if (Request != NULL) {
        Request->Irp.Flags = IRP_CREATE_OPERATION | IRP_SYNCHRONOUS_API;
        Request->Irp.RequestorMode = Arguments->Mode;
        Request->Irp.AssociatedIrp.SystemBuffer = Arguments->Ea;
        Request->Irp.Overlay.AllocationSize = Arguments->AllocationSize;
        Request->Top = Thread->Depth != Depth ? Top : NULL;
        Location = FirstLocation(Request, IRP_MJ_CREATE, File);
        Location->Parameters.Create.SecurityContext = &Security;
        Location->Parameters.Create.Options = Arguments->Disposition << 24 | (Arguments->Options & 0xFFFFFF);
        Location->Parameters.Create.FileAttributes = (USHORT)Arguments->FileAttributes;
        Location->Parameters.Create.ShareAccess = (USHORT)Arguments->ShareAccess;
        Location->Parameters.Create.EaLength = Arguments->EaLength;
        IopIssueIrp(Request, Thread, File);
        Status = IopSendAndWait(Request, Top, FALSE, NULL);
        Arguments->Information = Request->Irp.IoStatus.Information;
        IopReleaseIrp(Request);
    }
    IopLeaveStack(Thread, Depth);
    return Status;
}

/* Opens the file; on success *FileObject is a reference and no handle exists yet. */
static NTSTATUS OpenFile(CREATE_ARGUMENTS *Arguments, PFILE_OBJECT *FileObject)
{
    PFILE_OBJECT File = NULL;
    NTSTATUS Status = FindDevice(Arguments);
    if (NT_SUCCESS(Status))
        Status = MakeFileObject(Arguments, &File);
    if (Arguments->Device != NULL)
        ObDereferenceObject(Arguments->Device);
    if (Arguments->Related != NULL)
        ObDereferenceObject(Arguments->Related);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = SendCreate(Arguments, File);
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(File); /* FO_FILE_OPEN is not set: no close follows */
        return Status;
    }
    File->Flags |= FO_FILE_OPEN;
    *FileObject = File;
    return Status;
}

NTSTATUS NtCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
    PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER AllocationSize, ULONG FileAttributes, ULONG ShareAccess,
    ULONG CreateDisposition, ULONG CreateOptions, PVOID EaBuffer, ULONG EaLength)
{
    CREATE_ARGUMENTS Arguments;
    IO_STATUS_BLOCK Result;
    PFILE_OBJECT File;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    RtlZeroMemory(&Arguments, FIELD_OFFSET(CREATE_ARGUMENTS, NameBuffer));
    RtlZeroMemory(&Arguments.Access, sizeof Arguments - FIELD_OFFSET(CREATE_ARGUMENTS, Access));
    Arguments.Access = DesiredAccess;
    Arguments.FileAttributes = FileAttributes;
    Arguments.ShareAccess = ShareAccess;
    Arguments.Disposition = CreateDisposition;
    Arguments.Options = CreateOptions;
    Arguments.Mode = UserMode;
    Status = ExCopyToUser(FileHandle, &Handle, sizeof Handle, 1);
    if (NT_SUCCESS(Status))
        Status = ExProbeForWrite(IoStatusBlock, sizeof *IoStatusBlock);
    if (NT_SUCCESS(Status) && AllocationSize != NULL)
        Status = ExCopyFromUser(&Arguments.AllocationSize, AllocationSize, sizeof *AllocationSize, 1);
    if (NT_SUCCESS(Status))
        Status = CheckOptions(&Arguments);
    if (NT_SUCCESS(Status))
        Status = CaptureName(&Arguments, ObjectAttributes);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CaptureEa(&Arguments, EaBuffer, EaLength);
    if (NT_SUCCESS(Status)) {
        Status = OpenFile(&Arguments, &File);
        if (NT_SUCCESS(Status)) {
            ObReferenceObject(File);
            Status = ObOpenObjectByPointer(File, Arguments.Attributes.Attributes, DesiredAccess, &Handle);
            if (NT_SUCCESS(Status))
                File->Flags |= FO_HANDLE_CREATED;
            else
                IopCloseFile(File, 0);
            ObDereferenceObject(File);
            ObDereferenceObject(File);
        }
    }
    if (Arguments.Ea != NULL)
        ExFreePoolWithTag(Arguments.Ea, IOP_TAG_EA);
    Result.Pointer = NULL;
    Result.Status = Status;
    Result.Information = Arguments.Information;
    if (NT_SUCCESS(Status)) {
        NTSTATUS CopyStatus = ExCopyToUser(FileHandle, &Handle, sizeof Handle, 1);
        if (!NT_SUCCESS(CopyStatus)) {
            (void)NtClose(Handle);
            return CopyStatus;
        }
    }
    (void)ExCopyToUser(IoStatusBlock, &Result, sizeof Result, 1);
    return Status;
}

NTSTATUS NtOpenFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
    PIO_STATUS_BLOCK IoStatusBlock, ULONG ShareAccess, ULONG OpenOptions)
{
    return NtCreateFile(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, NULL, 0, ShareAccess,
        FILE_OPEN, OpenOptions, NULL, 0);
}

NTSTATUS IoGetDeviceObjectPointer(PUNICODE_STRING ObjectName, ACCESS_MASK DesiredAccess,
    PFILE_OBJECT *FileObject, PDEVICE_OBJECT *DeviceObject)
{
    CREATE_ARGUMENTS Arguments;
    NTSTATUS Status;
    RtlZeroMemory(&Arguments, sizeof Arguments);
    Arguments.Name = *ObjectName;
    Arguments.Attributes.Attributes = OBJ_CASE_INSENSITIVE;
    Arguments.Access = DesiredAccess;
    Arguments.Disposition = FILE_OPEN;
    Arguments.Options = FILE_NON_DIRECTORY_FILE;
    Arguments.Mode = KernelMode;
    Status = OpenFile(&Arguments, FileObject);
    if (!NT_SUCCESS(Status))
        return Status;
    /* The handle that Windows makes in between is closed at once: cleanup has been. */
    IopCloseFile(*FileObject, 0);
    *DeviceObject = IoGetRelatedDeviceObject(*FileObject);
    return Status;
}
