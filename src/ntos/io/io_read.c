/* SPDX-License-Identifier: MIT */
/*
 * io_read.c - NtReadFile and NtWriteFile.
 *
 * Layer: ntos. Buffers by the device's flags: DO_BUFFERED_IO, DO_DIRECT_IO or neither.
 */
#include "io/iop.h"

typedef struct TRANSFER {
    UCHAR Major;
    PVOID Buffer;
    ULONG Length;
    LARGE_INTEGER Offset;
    ULONG Key;
} TRANSFER;

static NTSTATUS SetBuffers(IOP_IRP *Request, const TRANSFER *Transfer, ULONG DeviceFlags)
{
    PIRP Irp = &Request->Irp;
    NTSTATUS Status = STATUS_SUCCESS;
    Irp->UserBuffer = Transfer->Buffer;
    if (Transfer->Length == 0)
        return Status;
    if (DeviceFlags & DO_BUFFERED_IO) {
        if (!IopAllocateSystemBuffer(Request, Transfer->Length))
            return STATUS_INSUFFICIENT_RESOURCES;
        if (Transfer->Major == IRP_MJ_WRITE)
            return ExCopyFromUser(Request->SystemBuffer, Transfer->Buffer, Transfer->Length, 1);
        Irp->Flags |= IRP_INPUT_OPERATION;
        Request->OutputLength = Transfer->Length;
        Status = ExProbeForWrite(Transfer->Buffer, Transfer->Length);
    } else if (DeviceFlags & DO_DIRECT_IO) {
        Status = Transfer->Major == IRP_MJ_READ ? ExProbeForWrite(Transfer->Buffer, Transfer->Length)
                                                : ExProbeForRead(Transfer->Buffer, Transfer->Length);
        if (NT_SUCCESS(Status) &&
            IoAllocateMdl(Transfer->Buffer, Transfer->Length, FALSE, FALSE, Irp) == NULL)
            Status = STATUS_INSUFFICIENT_RESOURCES;
    }
    return Status;
}

static NTSTATUS BuildTransfer(const TRANSFER *Transfer, PFILE_OBJECT File, PDEVICE_OBJECT Top,
    IOP_IRP **Result)
{
    IOP_IRP *Request = IopAllocateIrp(Top->StackSize);
    PIO_STACK_LOCATION Location;
    NTSTATUS Status;

    if (Request == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Location = IoGetNextIrpStackLocation(&Request->Irp);
    Location->MajorFunction = Transfer->Major;
    Location->FileObject = File;
    /* Parameters.Read and Parameters.Write are the same in layout. */
    Location->Parameters.Read.Length = Transfer->Length;
    Location->Parameters.Read.Key = Transfer->Key;
    Location->Parameters.Read.ByteOffset = Transfer->Offset;
    Request->Irp.Flags |= Transfer->Major == IRP_MJ_READ ? IRP_READ_OPERATION : IRP_WRITE_OPERATION;
    Status = SetBuffers(Request, Transfer, Top->Flags);
    if (!NT_SUCCESS(Status)) {
        IopFreeBuffers(Request);
        IopReleaseIrp(Request);
        return Status;
    }
    *Result = Request;
    return STATUS_SUCCESS;
}

static BOOLEAN TryFast(IOP_CALL *Call, TRANSFER *Transfer, PIO_STATUS_BLOCK Result)
{
    const FAST_IO_DISPATCH *FastIo = Call->Top->DriverObject->FastIoDispatch;
    PFAST_IO_READ Routine = NULL;
    if (FastIo != NULL && FastIo->SizeOfFastIoDispatch > UFIELD_OFFSET(FAST_IO_DISPATCH, FastIoWrite))
        Routine = Transfer->Major == IRP_MJ_READ ? FastIo->FastIoRead : FastIo->FastIoWrite;
    if (Routine == NULL || !IopMayFinishFast(Call))
        return FALSE;
    return Routine(Call->FileObject, &Transfer->Offset, Transfer->Length, TRUE, Transfer->Key,
        Transfer->Buffer, Result, Call->Top);
}

/*
 * Where the transfer begins. A synchronous file has a current position, which the file system moves; on any
 * other, sockets too, the caller must say, and a negative offset can only be the end of the file,
 * for a write. [doc:winternl/ntreadfile] [test:wine/ws2_32/afd.c]
 */
static NTSTATUS ResolveOffset(PFILE_OBJECT File, UCHAR Major, BOOLEAN Given, PLARGE_INTEGER Offset)
{
    BOOLEAN Current = !Given || (Offset->HighPart == -1 && Offset->LowPart == FILE_USE_FILE_POINTER_POSITION);
    if ((IopFileFlags(File) & FO_SYNCHRONOUS_IO) != 0) {
        if (Current)
            *Offset = File->CurrentByteOffset;
        return STATUS_SUCCESS;
    }
    if (Current || (Offset->QuadPart < 0 && (Major == IRP_MJ_READ || Offset->QuadPart != -1)))
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

/* The right to append is enough to write: the file system then writes at the end. */
static NTSTATUS BeginTransfer(IOP_CALL *Call, UCHAR Major, HANDLE FileHandle, HANDLE Event,
    PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK Iosb)
{
    ACCESS_MASK Access = Major == IRP_MJ_READ ? FILE_READ_DATA : FILE_WRITE_DATA;
    NTSTATUS Status = IopBeginCall(Call, FileHandle, Access, Event, ApcRoutine, ApcContext, Iosb);
    if (Status == STATUS_ACCESS_DENIED && Major == IRP_MJ_WRITE)
        Status = IopBeginCall(Call, FileHandle, FILE_APPEND_DATA, Event, ApcRoutine, ApcContext, Iosb);
    return Status;
}

static NTSTATUS TransferFile(TRANSFER *Transfer, HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
    PVOID ApcContext, PIO_STATUS_BLOCK Iosb, PLARGE_INTEGER ByteOffset, PULONG Key)
{
    IO_STATUS_BLOCK Result = {.Pointer = NULL};
    IOP_CALL Call;
    IOP_IRP *Request;
    NTSTATUS Status = ExProbeUserRange(Transfer->Buffer, Transfer->Length);

    if (NT_SUCCESS(Status) && ByteOffset != NULL)
        Status = ExCopyFromUser(&Transfer->Offset, ByteOffset, sizeof *ByteOffset, 1);
    if (NT_SUCCESS(Status) && Key != NULL)
        Status = ExCopyFromUser(&Transfer->Key, Key, sizeof *Key, 1);
    if (NT_SUCCESS(Status))
        Status = IopProbeStatusBlock(Iosb);
    if (NT_SUCCESS(Status))
        Status = BeginTransfer(&Call, Transfer->Major, FileHandle, Event, ApcRoutine, ApcContext, Iosb);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ResolveOffset(Call.FileObject, Transfer->Major, ByteOffset != NULL, &Transfer->Offset);
    if (!NT_SUCCESS(Status)) {
        IopEndCall(&Call);
        return Status;
    }
    if (TryFast(&Call, Transfer, &Result))
        return IopFinishFastCall(&Call, &Result);
    Status = BuildTransfer(Transfer, Call.FileObject, Call.Top, &Request);
    if (!NT_SUCCESS(Status)) {
        IopEndCall(&Call);
        return Status;
    }
    return IopSendCall(&Call, Request);
}

NTSTATUS NtReadFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
    PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key)
{
    TRANSFER Transfer = {.Major = IRP_MJ_READ, .Buffer = Buffer, .Length = Length};
    return TransferFile(&Transfer, FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, ByteOffset, Key);
}

NTSTATUS NtWriteFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
    PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key)
{
    TRANSFER Transfer = {.Major = IRP_MJ_WRITE, .Buffer = Buffer, .Length = Length};
    return TransferFile(&Transfer, FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, ByteOffset, Key);
}
