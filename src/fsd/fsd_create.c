/* SPDX-License-Identifier: MIT */
/*
 * fsd_create.c - IRP_MJ_CREATE, IRP_MJ_CLEANUP and IRP_MJ_CLOSE.
 *
 * Layer: fsd. A create goes: path, host open or create by disposition, what it turned out to be, table
 * of open files with sharing, and only then what destroys: a file is never emptied by an open that fails.
 */
#include "fsd_private.h"

#include <string.h>

/* What a create asks for, and what it has so far. */
typedef struct FSD_OPEN {
    PFILE_OBJECT File;
    ACCESS_MASK Access;
    ULONG Disposition, Options, Attributes, ShareAccess;
    CHAR *Path;
    BOOLEAN TrailingSeparator;
    int Descriptor; /* -1: none */
    struct host_file_information Found;
    BOOLEAN Created;
    ULONG_PTR Information;
} FSD_OPEN;

/* [doc:fileio/file-security-and-access-rights] */
static ACCESS_MASK MapAccess(ACCESS_MASK Access)
{
    if (Access & GENERIC_READ)
        Access |= FILE_GENERIC_READ;
    if (Access & GENERIC_WRITE)
        Access |= FILE_GENERIC_WRITE;
    if (Access & GENERIC_EXECUTE)
        Access |= FILE_GENERIC_EXECUTE;
    if (Access & (GENERIC_ALL | MAXIMUM_ALLOWED))
        Access |= FILE_ALL_ACCESS;
    return Access & FILE_ALL_ACCESS;
}

static BOOLEAN WantsWrite(const FSD_OPEN *Open)
{
    return (Open->Access & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0;
}

static BOOLEAN Overwrites(const FSD_OPEN *Open)
{
    return Open->Disposition == FILE_SUPERSEDE || Open->Disposition == FILE_OVERWRITE ||
        Open->Disposition == FILE_OVERWRITE_IF;
}

static unsigned HostAccess(const FSD_OPEN *Open)
{
    unsigned Access = 0;
    if (Open->Access & (FILE_READ_DATA | FILE_EXECUTE))
        Access |= HOST_FILE_READ;
    if (WantsWrite(Open) || Overwrites(Open))
        Access |= HOST_FILE_WRITE;
    return Access;
}

static NTSTATUS OpenExisting(FSD_OPEN *Open)
{
    unsigned Access = HostAccess(Open);
    NTSTATUS Status = host_file_query_path(Open->Path, (Open->Options & FILE_OPEN_REPARSE_POINT) == 0, &Open->Found);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Open->Found.kind == HOST_FILE_SYMBOLIC_LINK)
        Access = HOST_FILE_LINK;
    else if (Open->Found.kind == HOST_FILE_DIRECTORY)
        Access = 0;
    else if (Open->Options & FILE_DIRECTORY_FILE)
        return STATUS_NOT_A_DIRECTORY;
    else if (Open->TrailingSeparator)
        return STATUS_OBJECT_NAME_INVALID;
    /* The attribute counts for everybody, also where the host's permissions do not. */
    if (Open->Found.read_only && (Access & HOST_FILE_WRITE) != 0)
        return STATUS_ACCESS_DENIED;
    if (Open->Found.read_only && (Open->Options & FILE_DELETE_ON_CLOSE) != 0)
        return STATUS_CANNOT_DELETE;
    if (Open->Found.kind == HOST_FILE_DIRECTORY && (Open->Options & FILE_NON_DIRECTORY_FILE) != 0)
        return STATUS_FILE_IS_A_DIRECTORY;
    if (Open->Found.kind == HOST_FILE_DIRECTORY && Overwrites(Open))
        return STATUS_OBJECT_NAME_COLLISION;
    return host_file_open(Open->Path, Access, &Open->Descriptor);
}

static NTSTATUS CreateNew(FSD_OPEN *Open)
{
    NTSTATUS Status;
    if (Open->Options & FILE_DIRECTORY_FILE) {
        Status = host_file_create_directory(Open->Path);
        if (NT_SUCCESS(Status))
            Status = host_file_open(Open->Path, 0, &Open->Descriptor);
    } else if (Open->TrailingSeparator) {
        return STATUS_OBJECT_NAME_INVALID;
    } else {
        Status = host_file_create(Open->Path, HostAccess(Open),
            (Open->Attributes & FILE_ATTRIBUTE_READONLY) != 0, &Open->Descriptor);
    }
    Open->Created = NT_SUCCESS(Status);
    return Status;
}

/* By disposition. Between looking and creating another process may do either. */
static NTSTATUS OpenOrCreate(FSD_OPEN *Open)
{
    for (;;) {
        NTSTATUS Status;
        if (Open->Disposition == FILE_CREATE)
            return CreateNew(Open);
        Status = OpenExisting(Open);
        if (Status != STATUS_OBJECT_NAME_NOT_FOUND || Open->Disposition == FILE_OPEN ||
            Open->Disposition == FILE_OVERWRITE)
            return Status;
        Status = CreateNew(Open);
        if (Status != STATUS_OBJECT_NAME_COLLISION)
            return Status;
    }
}

static NTSTATUS FinishOpen(FSD_OPEN *Open, FSD_FCB *Fcb)
{
    NTSTATUS Status = STATUS_SUCCESS;
    Open->Information = Open->Created ? FILE_CREATED : FILE_OPENED;
    if (Open->Created || !Overwrites(Open))
        return Status;
    Open->Information = Open->Disposition == FILE_SUPERSEDE ? FILE_SUPERSEDED : FILE_OVERWRITTEN;
    if (Open->Found.kind == HOST_FILE_REGULAR)
        Status = host_file_set_size(Open->Descriptor, 0);
    if (NT_SUCCESS(Status) && (Open->Attributes & FILE_ATTRIBUTE_READONLY) != 0)
        Status = host_file_set_read_only(Open->Descriptor, TRUE);
    return Status;
}

/* Open has a descriptor; what becomes of it is decided here. */
static NTSTATUS EnterOpen(FSD_OPEN *Open)
{
    SIZE_T PathBytes = strlen(Open->Path) + 1;
    FSD_CCB *Ccb = NULL;
    FSD_FCB *Fcb = NULL;
    NTSTATUS Status = host_file_query(Open->Descriptor, &Open->Found);

    if (NT_SUCCESS(Status)) {
        Ccb = ExAllocatePoolWithTag(PagedPool, sizeof *Ccb + PathBytes, FSD_TAG_CCB);
        Status = Ccb != NULL ? FsdOpenFcb(&Open->Found, Open->Access, Open->ShareAccess, Open->File, &Fcb)
                             : STATUS_INSUFFICIENT_RESOURCES;
    }
    if (NT_SUCCESS(Status)) {
        Status = FinishOpen(Open, Fcb);
        if (!NT_SUCCESS(Status)) {
            (VOID)FsdCleanupFcb(Fcb, Open->File, FALSE);
            FsdCloseFcb(Fcb);
        }
    }
    if (!NT_SUCCESS(Status)) {
        if (Open->Created)
            (VOID)!host_file_delete(Open->Descriptor);
        host_file_close(Open->Descriptor);
        if (Ccb != NULL)
            ExFreePoolWithTag(Ccb, FSD_TAG_CCB);
        return Status;
    }
    Ccb->Descriptor = Open->Descriptor;
    Ccb->Access = Open->Access;
    Ccb->DeleteOnClose = (Open->Options & FILE_DELETE_ON_CLOSE) != 0;
    Ccb->Regular = Open->Found.kind == HOST_FILE_REGULAR;
    RtlCopyMemory(Ccb->Path, Open->Path, PathBytes);
    Open->File->FsContext = Fcb;
    Open->File->FsContext2 = Ccb;
    return STATUS_SUCCESS;
}

/* FILE_OPEN_BY_FILE_ID has no meaning on the host; the right to delete is needed to delete at close. */
static NTSTATUS CheckOptions(const FSD_OPEN *Open)
{
    if (Open->Options & FILE_OPEN_BY_FILE_ID)
        return STATUS_NOT_SUPPORTED;
    if ((Open->Options & FILE_DELETE_ON_CLOSE) != 0 && (Open->Access & DELETE) == 0)
        return STATUS_INVALID_PARAMETER;
    if ((Open->Options & FILE_DIRECTORY_FILE) != 0 && Overwrites(Open))
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS MakePath(FSD_OPEN *Open)
{
    const CHAR *Base = NULL;
    PFILE_OBJECT Related = Open->File->RelatedFileObject;
    if (Related != NULL) {
        if (FsdCcb(Related) == NULL)
            return STATUS_INVALID_PARAMETER;
        if (Open->File->FileName.Length != 0 && Open->File->FileName.Buffer[0] == L'\\')
            return STATUS_OBJECT_PATH_SYNTAX_BAD;
        Base = FsdCcb(Related)->Path;
    }
    return FsdMakePath(Base, &Open->File->FileName, &Open->Path, &Open->TrailingSeparator);
}

NTSTATUS FsdCreate(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    FSD_OPEN Open = {.File = Stack->FileObject, .Descriptor = -1};
    NTSTATUS Status;

    if (DeviceObject == FsdNull)
        return FsdCompleteIrp(Irp, STATUS_SUCCESS, FILE_OPENED);
    Open.Access = MapAccess(Stack->Parameters.Create.SecurityContext->DesiredAccess);
    Open.Disposition = Stack->Parameters.Create.Options >> 24;
    Open.Options = Stack->Parameters.Create.Options & 0xFFFFFF;
    Open.Attributes = Stack->Parameters.Create.FileAttributes;
    Open.ShareAccess = Stack->Parameters.Create.ShareAccess;
    Status = CheckOptions(&Open);
    if (NT_SUCCESS(Status))
        Status = MakePath(&Open);
    if (NT_SUCCESS(Status))
        Status = OpenOrCreate(&Open);
    if (NT_SUCCESS(Status))
        Status = EnterOpen(&Open);
    if (Open.Path != NULL)
        ExFreePoolWithTag(Open.Path, FSD_TAG_CCB);
    return FsdCompleteIrp(Irp, Status, Open.Information);
}

NTSTATUS FsdCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFILE_OBJECT File = IoGetCurrentIrpStackLocation(Irp)->FileObject;
    FSD_CCB *Ccb = FsdCcb(File);
    /* A file that cannot be deleted at this point stays: nobody can be told. */
    if (Ccb != NULL && FsdCleanupFcb(FsdFcb(File), File, Ccb->DeleteOnClose))
        (VOID)!host_file_delete(Ccb->Descriptor);
    return FsdCompleteIrp(Irp, STATUS_SUCCESS, 0);
}

NTSTATUS FsdClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFILE_OBJECT File = IoGetCurrentIrpStackLocation(Irp)->FileObject;
    FSD_CCB *Ccb = FsdCcb(File);
    if (Ccb != NULL) {
        FsdCloseFcb(FsdFcb(File));
        host_file_close(Ccb->Descriptor);
        ExFreePoolWithTag(Ccb, FSD_TAG_CCB);
        File->FsContext = NULL;
        File->FsContext2 = NULL;
    }
    return FsdCompleteIrp(Irp, STATUS_SUCCESS, 0);
}
