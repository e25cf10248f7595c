/* SPDX-License-Identifier: MIT */
/*
 * io_query.c - NtQueryInformationFile and NtSetInformationFile as far as sockets need them.
 *
 * Layer: ntos. Mode and position are the file object's own; standard and name information describe what
 * a socket is, unless the device is a file system's. Everything else is a request to the driver
 * (IRP_MJ_QUERY_INFORMATION), which AFD answers with STATUS_INVALID_DEVICE_REQUEST.
 */
#include "io/iop.h"

static ULONG FileMode(PFILE_OBJECT File)
{
    if ((IopFileFlags(File) & FO_SYNCHRONOUS_IO) == 0)
        return 0;
    return (IopFileFlags(File) & FO_ALERTABLE_IO) != 0 ? FILE_SYNCHRONOUS_IO_ALERT : FILE_SYNCHRONOUS_IO_NONALERT;
}

/* FILE_OBJECT's flags for FILE_SKIP_xxx, in the order of their bits. */
static const ULONG NotificationFlag[] = {FO_SKIP_COMPLETION_PORT, FO_SKIP_SET_EVENT, FO_SKIP_SET_FAST_IO};

static ULONG NotificationFlags(PFILE_OBJECT File)
{
    ULONG Flags = 0;
    for (ULONG i = 0; i < RTL_NUMBER_OF(NotificationFlag); i++)
        Flags |= (IopFileFlags(File) & NotificationFlag[i]) != 0 ? 1u << i : 0;
    return Flags;
}

/* Flags are added; none can be taken back. [doc:winbase/setfilecompletionnotificationmodes] */
static NTSTATUS SetNotificationFlags(PFILE_OBJECT File, ULONG Flags)
{
    /* Unknown flags pass. [test:wine/ntdll/file.c] */
    if ((Flags & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS) != 0 && (IopFileFlags(File) & FO_SYNCHRONOUS_IO) != 0)
        return STATUS_INVALID_PARAMETER;
    for (ULONG i = 0; i < RTL_NUMBER_OF(NotificationFlag); i++) {
        if (Flags & 1u << i)
            __atomic_fetch_or(&File->Flags, NotificationFlag[i], __ATOMIC_RELAXED);
    }
    return STATUS_SUCCESS;
}

/* Sends the request down the stack with a system buffer, and waits. */
static NTSTATUS SendInformation(PFILE_OBJECT File, UCHAR Major, FILE_INFORMATION_CLASS Class, PVOID Information,
    ULONG Length, ULONG_PTR *Returned)
{
    IOP_THREAD *Thread = IopCurrentThread();
    ULONG Depth = Thread->Depth;
    PDEVICE_OBJECT Top = IopEnterStack(Thread, File->DeviceObject);
    IOP_IRP *Request = IopAllocateIrp(Top->StackSize);
    NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;

    if (Request != NULL && IopAllocateSystemBuffer(Request, Length == 0 ? 1 : Length)) {
        PIO_STACK_LOCATION Location = IoGetNextIrpStackLocation(&Request->Irp);
        RtlZeroMemory(Request->SystemBuffer, Length);
        Location->MajorFunction = Major;
        Location->FileObject = File;
        Location->Parameters.QueryFile.Length = Length;
        Location->Parameters.QueryFile.FileInformationClass = Class;
        Request->Irp.Flags |= IRP_SYNCHRONOUS_API;
        Request->Irp.RequestorMode = UserMode;
        Request->Top = Thread->Depth != Depth ? Top : NULL;
        Status = STATUS_SUCCESS;
        if (Major == IRP_MJ_SET_INFORMATION)
            Status = ExCopyFromUser(Request->SystemBuffer, Information, Length, 1);
        if (NT_SUCCESS(Status)) {
            IopIssueIrp(Request, Thread, File);
            Status = IopSendAndWait(Request, Top, FALSE, NULL);
            *Returned = Request->Irp.IoStatus.Information;
            if (Major == IRP_MJ_QUERY_INFORMATION && !NT_ERROR(Status))
                Status = ExCopyToUser(Information, Request->SystemBuffer, *Returned < Length ? *Returned : Length, 1);
        }
    }
    if (Request != NULL) {
        IopFreeBuffers(Request);
        IopReleaseIrp(Request);
    }
    IopLeaveStack(Thread, Depth);
    return Status;
}

/* A file of a file system says itself how large it is; what else is open has no size. */
static BOOLEAN IsDiskFile(PFILE_OBJECT File)
{
    return File->DeviceObject->DeviceType == FILE_DEVICE_DISK_FILE_SYSTEM;
}

static NTSTATUS Answer(PVOID Information, ULONG Length, const VOID *Data, ULONG Bytes, ULONG_PTR *Returned)
{
    if (Length < Bytes)
        return STATUS_INFO_LENGTH_MISMATCH;
    *Returned = Bytes;
    return ExCopyToUser(Information, Data, Bytes, 1);
}

static NTSTATUS QueryName(PFILE_OBJECT File, PVOID Information, ULONG Length, ULONG_PTR *Returned)
{
    ULONG Bytes = File->FileName.Length;
    NTSTATUS Status;
    if (Length < sizeof(ULONG) + sizeof(WCHAR))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = ExCopyToUser(Information, &Bytes, sizeof Bytes, 1);
    if (NT_SUCCESS(Status) && Bytes > Length - sizeof(ULONG)) {
        Bytes = Length - sizeof(ULONG);
        Status = STATUS_BUFFER_OVERFLOW;
    }
    *Returned = sizeof(ULONG) + Bytes;
    if (!NT_ERROR(Status) && Bytes != 0) {
        NTSTATUS CopyStatus = ExCopyToUser((PCHAR)Information + sizeof(ULONG), File->FileName.Buffer, Bytes, 1);
        if (!NT_SUCCESS(CopyStatus))
            return CopyStatus;
    }
    return Status;
}

static NTSTATUS QueryFile(PFILE_OBJECT File, PVOID Information, ULONG Length, FILE_INFORMATION_CLASS Class,
    ULONG_PTR *Returned)
{
    FILE_STANDARD_INFORMATION Standard;
    ULONG Mode;

    switch (Class) {
    case FileModeInformation:
        Mode = FileMode(File);
        return Answer(Information, Length, &Mode, sizeof Mode, Returned);
    case FilePositionInformation:
        return Answer(Information, Length, &File->CurrentByteOffset, sizeof(LARGE_INTEGER), Returned);
    case FileStandardInformation:
        if (IsDiskFile(File))
            return SendInformation(File, IRP_MJ_QUERY_INFORMATION, Class, Information, Length, Returned);
        RtlZeroMemory(&Standard, sizeof Standard);
        Standard.NumberOfLinks = 1;
        return Answer(Information, Length, &Standard, sizeof Standard, Returned);
    case FileIoCompletionNotificationInformation:
        Mode = NotificationFlags(File);
        return Answer(Information, Length, &Mode, sizeof Mode, Returned);
    case FileNameInformation:
        return QueryName(File, Information, Length, Returned);
    case FileBasicInformation:
    case FileInternalInformation:
    case FilePipeInformation:
    case FileNetworkOpenInformation:
    case FileAttributeTagInformation:
    case FileIdInformation:
        return SendInformation(File, IRP_MJ_QUERY_INFORMATION, Class, Information, Length, Returned);
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
}

static NTSTATUS SetMode(PFILE_OBJECT File, ULONG Mode)
{
    ULONG Allowed = FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY | FILE_SYNCHRONOUS_IO_ALERT |
        FILE_SYNCHRONOUS_IO_NONALERT;
    ULONG Synchronous = Mode & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT);
    /* Whether a file is synchronous was decided when it was opened. */
    if ((Mode & ~Allowed) != 0 || ((IopFileFlags(File) & FO_SYNCHRONOUS_IO) != 0) != (Synchronous != 0) ||
        Synchronous == (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT))
        return STATUS_INVALID_PARAMETER;
    if (Synchronous == FILE_SYNCHRONOUS_IO_ALERT)
        __atomic_fetch_or(&File->Flags, FO_ALERTABLE_IO, __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(&File->Flags, ~(ULONG)FO_ALERTABLE_IO, __ATOMIC_RELAXED);
    return STATUS_SUCCESS;
}

static NTSTATUS SetFile(PFILE_OBJECT File, PVOID Information, ULONG Length, FILE_INFORMATION_CLASS Class,
    ULONG_PTR *Returned)
{
    FILE_COMPLETION_INFORMATION Completion;
    LARGE_INTEGER Position;
    ULONG Mode;
    NTSTATUS Status;

    switch (Class) {
    case FileCompletionInformation:
    case FileReplaceCompletionInformation:
        if (Length < sizeof Completion)
            return STATUS_INFO_LENGTH_MISMATCH;
        Status = ExCopyFromUser(&Completion, Information, sizeof Completion, 1);
        if (NT_SUCCESS(Status))
            Status = IopAssociatePort(File, &Completion, Class == FileReplaceCompletionInformation);
        /* It signals the file, as the end of a request does. [test:wine/ntdll/file.c] */
        if (NT_SUCCESS(Status) && (IopFileFlags(File) & FO_SKIP_SET_EVENT) == 0)
            KeSetEvent(&File->Event, IO_NO_INCREMENT, FALSE);
        return Status;
    case FileIoCompletionNotificationInformation:
        if (Length < sizeof Mode)
            return STATUS_INFO_LENGTH_MISMATCH;
        Status = ExCopyFromUser(&Mode, Information, sizeof Mode, 1);
        return NT_SUCCESS(Status) ? SetNotificationFlags(File, Mode) : Status;
    case FileModeInformation:
        if (Length < sizeof Mode)
            return STATUS_INFO_LENGTH_MISMATCH;
        Status = ExCopyFromUser(&Mode, Information, sizeof Mode, 1);
        return NT_SUCCESS(Status) ? SetMode(File, Mode) : Status;
    case FilePositionInformation:
        if (Length < sizeof Position)
            return STATUS_INFO_LENGTH_MISMATCH;
        Status = ExCopyFromUser(&Position, Information, sizeof Position, 1);
        if (!NT_SUCCESS(Status))
            return Status;
        if (Position.QuadPart < 0)
            return STATUS_INVALID_PARAMETER;
        File->CurrentByteOffset = Position;
        return STATUS_SUCCESS;
    case FileBasicInformation:
    case FileRenameInformation:
    case FileDispositionInformation:
    case FileAllocationInformation:
    case FileEndOfFileInformation:
    case FilePipeInformation:
        return SendInformation(File, IRP_MJ_SET_INFORMATION, Class, Information, Length, Returned);
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
}

/* The right that a class asks of the handle. [ddi:ntifs/ntsetinformationfile] */
static ACCESS_MASK NeededAccess(BOOLEAN Set, FILE_INFORMATION_CLASS Class)
{
    switch (Class) {
    case FileEndOfFileInformation:
    case FileAllocationInformation:
        return FILE_WRITE_DATA;
    case FileRenameInformation:
    case FileDispositionInformation:
        return DELETE;
    case FileBasicInformation:
        return Set ? FILE_WRITE_ATTRIBUTES : FILE_READ_ATTRIBUTES;
    case FileNetworkOpenInformation:
    case FileAttributeTagInformation:
        return FILE_READ_ATTRIBUTES;
    default:
        return 0;
    }
}

static NTSTATUS InformationCall(BOOLEAN Set, HANDLE FileHandle, PIO_STATUS_BLOCK Iosb, PVOID Information,
    ULONG Length, FILE_INFORMATION_CLASS Class)
{
    IO_STATUS_BLOCK Result = {.Pointer = NULL};
    PFILE_OBJECT File;
    NTSTATUS Status = ExProbeForWrite(Iosb, sizeof *Iosb);

    if (NT_SUCCESS(Status))
        Status = ExProbeUserRange(Information, Length);
    if (NT_SUCCESS(Status))
        Status = IopReferenceFile(FileHandle, NeededAccess(Set, Class), &File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = Set ? SetFile(File, Information, Length, Class, &Result.Information)
                 : QueryFile(File, Information, Length, Class, &Result.Information);
    ObDereferenceObject(File);
    if (!NT_ERROR(Status)) {
        NTSTATUS CopyStatus;
        Result.Status = Status;
        CopyStatus = ExCopyToUser(Iosb, &Result, sizeof Result, 1);
        if (!NT_SUCCESS(CopyStatus))
            return CopyStatus;
    }
    return Status;
}

NTSTATUS NtQueryInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation,
    ULONG Length, FILE_INFORMATION_CLASS FileInformationClass)
{
    return InformationCall(FALSE, FileHandle, IoStatusBlock, FileInformation, Length, FileInformationClass);
}

NTSTATUS NtSetInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation,
    ULONG Length, FILE_INFORMATION_CLASS FileInformationClass)
{
    return InformationCall(TRUE, FileHandle, IoStatusBlock, FileInformation, Length, FileInformationClass);
}
