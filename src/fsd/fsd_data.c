/* SPDX-License-Identifier: MIT */
/*
 * fsd_data.c - IRP_MJ_READ, IRP_MJ_WRITE, IRP_MJ_FLUSH_BUFFERS, and fast I/O for synchronous files.
 *
 * Layer: fsd. Neither buffered nor direct: the buffer is the requestor's own, and a page that is not
 * there is STATUS_ACCESS_VIOLATION from the host. The device \Device\Null has no end and no bytes.
 */
#include "fsd_private.h"

/* One transfer, whichever way it came. */
typedef struct FSD_TRANSFER {
    PFILE_OBJECT File;
    PVOID Buffer;
    ULONG Length;
    LONGLONG Offset;
    BOOLEAN Append; /* write at the end */
} FSD_TRANSFER;

static VOID MovePosition(PFILE_OBJECT File, LONGLONG Position)
{
    if ((File->Flags & FO_SYNCHRONOUS_IO) != 0)
        __atomic_store_n(&File->CurrentByteOffset.QuadPart, Position, __ATOMIC_RELAXED);
}

static NTSTATUS CheckTransfer(const FSD_TRANSFER *Transfer)
{
    const FSD_FCB *Fcb = FsdFcb(Transfer->File);
    if (Transfer->File->Flags & FO_CLEANUP_COMPLETE)
        return STATUS_FILE_CLOSED;
    if (Fcb->Directory)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (Transfer->Offset < 0)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS ReadAtOffset(const FSD_TRANSFER *Transfer, ULONG_PTR *Information)
{
    size_t Got = 0;
    NTSTATUS Status = CheckTransfer(Transfer);
    if (!NT_SUCCESS(Status) || Transfer->Length == 0)
        return Status;
    Status = host_file_read(FsdCcb(Transfer->File)->Descriptor, Transfer->Buffer, Transfer->Length,
        (uint64_t)Transfer->Offset, &Got);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Got == 0)
        return STATUS_END_OF_FILE;
    *Information = Got;
    MovePosition(Transfer->File, Transfer->Offset + (LONGLONG)Got);
    return STATUS_SUCCESS;
}

static NTSTATUS Append(const FSD_TRANSFER *Transfer, size_t *Put)
{
    struct host_file_information Now;
    int Descriptor = FsdCcb(Transfer->File)->Descriptor;
    NTSTATUS Status = host_file_append(Descriptor, Transfer->Buffer, Transfer->Length, Put);
    if (NT_SUCCESS(Status) && NT_SUCCESS(host_file_query(Descriptor, &Now)))
        MovePosition(Transfer->File, (LONGLONG)Now.size);
    return Status;
}

static NTSTATUS WriteAtOffset(const FSD_TRANSFER *Transfer, ULONG_PTR *Information)
{
    size_t Put = 0;
    FSD_CCB *Ccb = FsdCcb(Transfer->File);
    BOOLEAN AtEnd = Transfer->Append || (Ccb->Access & FILE_WRITE_DATA) == 0;
    NTSTATUS Status = CheckTransfer(Transfer);
    if (!NT_SUCCESS(Status) || Transfer->Length == 0)
        return Status;
    if (AtEnd) {
        Status = Append(Transfer, &Put);
    } else {
        Status = host_file_write(Ccb->Descriptor, Transfer->Buffer, Transfer->Length,
            (uint64_t)Transfer->Offset, &Put);
        if (NT_SUCCESS(Status))
            MovePosition(Transfer->File, Transfer->Offset + (LONGLONG)Put);
    }
    *Information = Put;
    return Status;
}

static VOID SetOffset(FSD_TRANSFER *Transfer, LARGE_INTEGER Offset)
{
    Transfer->Append = Offset.HighPart == -1 && Offset.LowPart == FILE_WRITE_TO_END_OF_FILE;
    Transfer->Offset = Transfer->Append ? 0 : Offset.QuadPart;
}

/* Read and Write have the same parameters. */
static VOID TransferFromIrp(PIRP Irp, FSD_TRANSFER *Transfer)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    Transfer->File = Stack->FileObject;
    Transfer->Buffer = Irp->MdlAddress != NULL ? MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority)
                                               : Irp->UserBuffer;
    Transfer->Length = Stack->Parameters.Read.Length;
    SetOffset(Transfer, Stack->Parameters.Read.ByteOffset);
}

NTSTATUS FsdRead(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    FSD_TRANSFER Transfer;
    ULONG_PTR Information = 0;
    NTSTATUS Status;
    if (DeviceObject == FsdNull)
        return FsdCompleteIrp(Irp, STATUS_END_OF_FILE, 0);
    TransferFromIrp(Irp, &Transfer);
    Status = Transfer.Append ? STATUS_INVALID_PARAMETER : ReadAtOffset(&Transfer, &Information);
    return FsdCompleteIrp(Irp, Status, Information);
}

NTSTATUS FsdWrite(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    FSD_TRANSFER Transfer;
    ULONG_PTR Information = 0;
    NTSTATUS Status;
    TransferFromIrp(Irp, &Transfer);
    if (DeviceObject == FsdNull)
        return FsdCompleteIrp(Irp, STATUS_SUCCESS, Transfer.Length);
    Status = WriteAtOffset(&Transfer, &Information);
    return FsdCompleteIrp(Irp, Status, Information);
}

NTSTATUS FsdFlush(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFILE_OBJECT File = IoGetCurrentIrpStackLocation(Irp)->FileObject;
    NTSTATUS Status = STATUS_SUCCESS;
    if (DeviceObject != FsdNull && !FsdFcb(File)->Directory)
        Status = host_file_flush(FsdCcb(File)->Descriptor);
    return FsdCompleteIrp(Irp, Status, 0);
}

/* An asynchronous file's requests are IRPs: their completion is told in more than one way. */
static BOOLEAN TryFast(PFILE_OBJECT File, PDEVICE_OBJECT DeviceObject)
{
    return DeviceObject != FsdNull && (File->Flags & FO_SYNCHRONOUS_IO) != 0;
}

BOOLEAN FsdFastRead(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, ULONG Length, BOOLEAN Wait,
    ULONG LockKey, PVOID Buffer, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    FSD_TRANSFER Transfer = {.File = FileObject, .Buffer = Buffer, .Length = Length};
    if (!TryFast(FileObject, DeviceObject))
        return FALSE;
    SetOffset(&Transfer, *FileOffset);
    IoStatus->Information = 0;
    IoStatus->Status = Transfer.Append ? STATUS_INVALID_PARAMETER : ReadAtOffset(&Transfer, &IoStatus->Information);
    return TRUE;
}

BOOLEAN FsdFastWrite(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, ULONG Length, BOOLEAN Wait,
    ULONG LockKey, PVOID Buffer, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    FSD_TRANSFER Transfer = {.File = FileObject, .Buffer = Buffer, .Length = Length};
    if (!TryFast(FileObject, DeviceObject))
        return FALSE;
    SetOffset(&Transfer, *FileOffset);
    IoStatus->Information = 0;
    IoStatus->Status = WriteAtOffset(&Transfer, &IoStatus->Information);
    return TRUE;
}
