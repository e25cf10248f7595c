/* SPDX-License-Identifier: MIT */
/*
 * io_flush.c - NtFlushBuffersFile.
 *
 * Layer: ntos. NT counterpart: the same. A driver without IRP_MJ_FLUSH_BUFFERS says so itself.
 */
#include "io/iop.h"

NTSTATUS NtFlushBuffersFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock)
{
    ACCESS_MASK Granted;
    PFILE_OBJECT File;
    IOP_CALL Call;
    IOP_IRP *Request;
    PIO_STACK_LOCATION Location;
    NTSTATUS Status = IopReferenceFile(FileHandle, 0, &File, &Granted);

    if (!NT_SUCCESS(Status))
        return Status;
    ObDereferenceObject(File);
    if ((Granted & (FILE_WRITE_DATA | FILE_APPEND_DATA)) == 0)
        return STATUS_ACCESS_DENIED;
    Status = IopProbeStatusBlock(IoStatusBlock);
    if (NT_SUCCESS(Status))
        Status = IopBeginCall(&Call, FileHandle, 0, NULL, NULL, NULL, IoStatusBlock);
    if (!NT_SUCCESS(Status))
        return Status;
    Request = IopAllocateIrp(Call.Top->StackSize);
    if (Request == NULL) {
        IopEndCall(&Call);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Location = IoGetNextIrpStackLocation(&Request->Irp);
    Location->MajorFunction = IRP_MJ_FLUSH_BUFFERS;
    Location->FileObject = Call.FileObject;
    File = Call.FileObject;
    ObReferenceObject(File);
    Status = IopSendCall(&Call, Request);
    /* The caller always waits. */
    if (Status == STATUS_PENDING) {
        (void)KeWaitForSingleObject(&File->Event, Executive, UserMode, FALSE, NULL);
        Status = IoStatusBlock->Status;
    }
    ObDereferenceObject(File);
    return Status;
}
