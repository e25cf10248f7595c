/* SPDX-License-Identifier: MIT */
/*
 * fsd_information.c - IRP_MJ_QUERY_INFORMATION and IRP_MJ_SET_INFORMATION.
 *
 * Layer: fsd. Attributes are what the host has of them: directory, read-only (nobody may write), symbolic
 * link, device; every other file is an archive. Setting others is accepted and forgotten, as is the
 * creation time, which the host keeps by itself.
 */
#include "fsd_private.h"

ULONG FsdAttributes(const struct host_file_information *Found)
{
    ULONG Attributes = Found->read_only ? FILE_ATTRIBUTE_READONLY : 0;
    switch (Found->kind) {
    case HOST_FILE_DIRECTORY:
        return FILE_ATTRIBUTE_DIRECTORY;
    case HOST_FILE_SYMBOLIC_LINK:
        return FILE_ATTRIBUTE_REPARSE_POINT;
    case HOST_FILE_REGULAR:
        return Attributes | FILE_ATTRIBUTE_ARCHIVE;
    default:
        return FILE_ATTRIBUTE_DEVICE;
    }
}

static VOID FillBasic(const struct host_file_information *Found, PVOID Buffer)
{
    FILE_BASIC_INFORMATION *Basic = Buffer;
    /* Without a creation time of its own a file is as old as its last change. */
    Basic->CreationTime.QuadPart = Found->created != 0 ? Found->created : Found->written;
    Basic->LastAccessTime.QuadPart = Found->accessed;
    Basic->LastWriteTime.QuadPart = Found->written;
    Basic->ChangeTime.QuadPart = Found->changed;
    Basic->FileAttributes = FsdAttributes(Found);
}

static VOID FillStandard(const struct host_file_information *Found, PFILE_OBJECT File, PVOID Buffer)
{
    FILE_STANDARD_INFORMATION *Standard = Buffer;
    Standard->AllocationSize.QuadPart = (LONGLONG)Found->allocated;
    Standard->EndOfFile.QuadPart = (LONGLONG)Found->size;
    Standard->DeletePending = FsdIsDeletePending(FsdFcb(File));
    Standard->NumberOfLinks = Found->links - (Standard->DeletePending && Found->links != 0 ? 1 : 0);
    Standard->Directory = Found->kind == HOST_FILE_DIRECTORY;
}

static VOID FillNetworkOpen(const struct host_file_information *Found, PVOID Buffer)
{
    FILE_NETWORK_OPEN_INFORMATION *Network = Buffer;
    FILE_BASIC_INFORMATION Basic;
    FillBasic(Found, &Basic);
    Network->CreationTime = Basic.CreationTime;
    Network->LastAccessTime = Basic.LastAccessTime;
    Network->LastWriteTime = Basic.LastWriteTime;
    Network->ChangeTime = Basic.ChangeTime;
    Network->AllocationSize.QuadPart = (LONGLONG)Found->allocated;
    Network->EndOfFile.QuadPart = (LONGLONG)Found->size;
    Network->FileAttributes = Basic.FileAttributes;
}

/* Bytes of a class; 0: not known here. */
static ULONG QuerySize(FILE_INFORMATION_CLASS Class)
{
    switch (Class) {
    case FileBasicInformation:
        return sizeof(FILE_BASIC_INFORMATION);
    case FileStandardInformation:
        return sizeof(FILE_STANDARD_INFORMATION);
    case FileInternalInformation:
        return sizeof(FILE_INTERNAL_INFORMATION);
    case FileNetworkOpenInformation:
        return sizeof(FILE_NETWORK_OPEN_INFORMATION);
    case FileAttributeTagInformation:
        return sizeof(FILE_ATTRIBUTE_TAG_INFORMATION);
    case FileIdInformation:
        return sizeof(FILE_ID_INFORMATION);
    default:
        return 0;
    }
}

static VOID Fill(FILE_INFORMATION_CLASS Class, const struct host_file_information *Found, PFILE_OBJECT File,
    PVOID Buffer)
{
    FILE_ATTRIBUTE_TAG_INFORMATION *Tag = Buffer;
    FILE_ID_INFORMATION *Id = Buffer;
    switch (Class) {
    case FileBasicInformation:
        FillBasic(Found, Buffer);
        break;
    case FileStandardInformation:
        FillStandard(Found, File, Buffer);
        break;
    case FileInternalInformation:
        ((FILE_INTERNAL_INFORMATION *)Buffer)->IndexNumber.QuadPart = (LONGLONG)Found->node;
        break;
    case FileNetworkOpenInformation:
        FillNetworkOpen(Found, Buffer);
        break;
    case FileAttributeTagInformation:
        Tag->FileAttributes = FsdAttributes(Found);
        Tag->ReparseTag = Found->kind == HOST_FILE_SYMBOLIC_LINK ? 0xA000000C /* IO_REPARSE_TAG_SYMLINK */ : 0;
        break;
    default:
        Id->VolumeSerialNumber = Found->device;
        RtlCopyMemory(Id->FileId, &Found->node, sizeof Found->node);
        break;
    }
}

NTSTATUS FsdQueryInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    ULONG Size = QuerySize(Stack->Parameters.QueryFile.FileInformationClass);
    struct host_file_information Found;
    NTSTATUS Status;

    if (DeviceObject == FsdNull)
        return FsdCompleteIrp(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    if (Size == 0)
        return FsdCompleteIrp(Irp, STATUS_INVALID_PARAMETER, 0);
    if (Stack->Parameters.QueryFile.Length < Size)
        return FsdCompleteIrp(Irp, STATUS_INFO_LENGTH_MISMATCH, 0);
    Status = host_file_query(FsdCcb(Stack->FileObject)->Descriptor, &Found);
    if (!NT_SUCCESS(Status))
        return FsdCompleteIrp(Irp, Status, 0);
    RtlZeroMemory(Irp->AssociatedIrp.SystemBuffer, Size);
    Fill(Stack->Parameters.QueryFile.FileInformationClass, &Found, Stack->FileObject,
        Irp->AssociatedIrp.SystemBuffer);
    return FsdCompleteIrp(Irp, STATUS_SUCCESS, Size);
}

/* --- setting --- */

static NTSTATUS SetBasic(PFILE_OBJECT File, const FILE_BASIC_INFORMATION *Basic)
{
    int Descriptor = FsdCcb(File)->Descriptor;
    /* -1 asks that the time be left alone by later calls too, which the host does not know. */
    LONGLONG Accessed = Basic->LastAccessTime.QuadPart > 0 ? Basic->LastAccessTime.QuadPart : 0;
    LONGLONG Written = Basic->LastWriteTime.QuadPart > 0 ? Basic->LastWriteTime.QuadPart : 0;
    NTSTATUS Status = STATUS_SUCCESS;

    if ((Basic->FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 && !FsdFcb(File)->Directory)
        return STATUS_INVALID_PARAMETER;
    if (Accessed != 0 || Written != 0)
        Status = host_file_set_times(Descriptor, Accessed, Written);
    /* Read-only on a folder has no meaning, on Windows neither. */
    if (NT_SUCCESS(Status) && Basic->FileAttributes != 0 && FsdCcb(File)->Regular)
        Status = host_file_set_read_only(Descriptor, (Basic->FileAttributes & FILE_ATTRIBUTE_READONLY) != 0);
    return Status;
}

static NTSTATUS SetSize(PFILE_OBJECT File, LONGLONG Size)
{
    if (Size < 0)
        return STATUS_INVALID_PARAMETER;
    if (FsdFcb(File)->Directory || !FsdCcb(File)->Regular)
        return STATUS_INVALID_PARAMETER;
    return host_file_set_size(FsdCcb(File)->Descriptor, (uint64_t)Size);
}

/* An allocation below the size cuts the file; above it nothing is to be seen. [ddi:ntifs] */
static NTSTATUS SetAllocation(PFILE_OBJECT File, LONGLONG Size)
{
    struct host_file_information Found;
    NTSTATUS Status = host_file_query(FsdCcb(File)->Descriptor, &Found);
    if (!NT_SUCCESS(Status) || (Size >= 0 && (ULONGLONG)Size >= Found.size))
        return Status;
    return SetSize(File, Size);
}

static BOOLEAN IsEmptyDirectory(const CHAR *Path)
{
    struct host_directory *Directory;
    BOOLEAN Empty = TRUE;
    if (!NT_SUCCESS(host_directory_open(Path, &Directory)))
        return TRUE; /* deletion will tell */
    for (const char *Name = host_directory_next(Directory); Name != NULL && Empty;
         Name = host_directory_next(Directory))
        Empty = Name[0] == '.' && (Name[1] == 0 || (Name[1] == '.' && Name[2] == 0));
    host_directory_close(Directory);
    return Empty;
}

static NTSTATUS SetDisposition(PFILE_OBJECT File, BOOLEAN Delete)
{
    struct host_file_information Found;
    NTSTATUS Status = host_file_query(FsdCcb(File)->Descriptor, &Found);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Delete && Found.read_only)
        return STATUS_CANNOT_DELETE;
    if (Delete && Found.kind == HOST_FILE_DIRECTORY && !IsEmptyDirectory(FsdCcb(File)->Path))
        return STATUS_DIRECTORY_NOT_EMPTY;
    FsdSetDeletePending(FsdFcb(File), Delete);
    return STATUS_SUCCESS;
}

/* An open file is not replaced, neither is a folder or one that is read-only. */
static NTSTATUS CheckTarget(PFILE_OBJECT File, const CHAR *Path, BOOLEAN *Replace)
{
    struct host_file_information Found;
    const FSD_FCB *Fcb = FsdFcb(File);
    if (!NT_SUCCESS(host_file_query_path(Path, FALSE, &Found)))
        return STATUS_SUCCESS;
    if (Found.device == Fcb->Device && Found.node == Fcb->Node) {
        *Replace = TRUE; /* itself */
        return STATUS_SUCCESS;
    }
    if (!*Replace)
        return STATUS_OBJECT_NAME_COLLISION;
    if (Found.kind == HOST_FILE_DIRECTORY || Found.read_only || FsdIsOpen(&Found))
        return STATUS_ACCESS_DENIED;
    return STATUS_SUCCESS;
}

/* The new name is absolute, on this volume, or a single component: the same folder. */
static NTSTATUS Rename(PFILE_OBJECT File, const FILE_RENAME_INFORMATION *Rename, ULONG Length)
{
    UNICODE_STRING Name = {(USHORT)Rename->FileNameLength, (USHORT)Rename->FileNameLength, (PWSTR)Rename->FileName};
    CHAR *Path, *Folder = NULL;
    BOOLEAN Trailing, Replace = Rename->ReplaceIfExists;
    NTSTATUS Status;

    if (Rename->FileNameLength == 0 || Rename->FileNameLength % sizeof(WCHAR) != 0 ||
        Rename->FileNameLength > Length - UFIELD_OFFSET(FILE_RENAME_INFORMATION, FileName))
        return STATUS_INVALID_PARAMETER;
    if (Rename->RootDirectory != NULL)
        return STATUS_NOT_SUPPORTED;
    if (Name.Buffer[0] == L'\\') {
        if (!FsdStripVolume(&Name, &Name))
            return STATUS_NOT_SAME_DEVICE;
    } else {
        UNICODE_STRING Up = RTL_CONSTANT_STRING(L"..");
        Status = FsdMakePath(FsdCcb(File)->Path, &Up, &Folder, &Trailing);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    Status = FsdMakePath(Folder, &Name, &Path, &Trailing);
    if (Folder != NULL)
        ExFreePoolWithTag(Folder, FSD_TAG_CCB);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CheckTarget(File, Path, &Replace);
    if (NT_SUCCESS(Status))
        Status = host_file_rename(FsdCcb(File)->Descriptor, Path, Replace);
    ExFreePoolWithTag(Path, FSD_TAG_CCB);
    return Status;
}

static ULONG SetSizeOf(FILE_INFORMATION_CLASS Class)
{
    switch (Class) {
    case FileBasicInformation:
        return sizeof(FILE_BASIC_INFORMATION);
    case FileRenameInformation:
        return UFIELD_OFFSET(FILE_RENAME_INFORMATION, FileName);
    case FileDispositionInformation:
        return sizeof(FILE_DISPOSITION_INFORMATION);
    case FileAllocationInformation:
    case FileEndOfFileInformation:
        return sizeof(LARGE_INTEGER);
    default:
        return 0;
    }
}

static NTSTATUS Set(PFILE_OBJECT File, FILE_INFORMATION_CLASS Class, PVOID Buffer, ULONG Length)
{
    switch (Class) {
    case FileBasicInformation:
        return SetBasic(File, Buffer);
    case FileRenameInformation:
        return Rename(File, Buffer, Length);
    case FileDispositionInformation:
        return SetDisposition(File, ((FILE_DISPOSITION_INFORMATION *)Buffer)->DeleteFile);
    case FileAllocationInformation:
        return SetAllocation(File, ((LARGE_INTEGER *)Buffer)->QuadPart);
    default:
        return SetSize(File, ((LARGE_INTEGER *)Buffer)->QuadPart);
    }
}

NTSTATUS FsdSetInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    FILE_INFORMATION_CLASS Class = Stack->Parameters.SetFile.FileInformationClass;
    ULONG Size = SetSizeOf(Class), Length = Stack->Parameters.SetFile.Length;
    NTSTATUS Status;

    if (DeviceObject == FsdNull)
        Status = STATUS_INVALID_DEVICE_REQUEST;
    else if (Size == 0)
        Status = STATUS_INVALID_PARAMETER;
    else if (Length < Size)
        Status = STATUS_INFO_LENGTH_MISMATCH;
    else
        Status = Set(Stack->FileObject, Class, Irp->AssociatedIrp.SystemBuffer, Length);
    return FsdCompleteIrp(Irp, Status, 0);
}
