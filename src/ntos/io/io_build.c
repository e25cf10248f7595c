/* SPDX-License-Identifier: MIT */
/*
 * io_build.c - requests that drivers make, and memory descriptor lists.
 *
 * Layer: ntos. All memory is mapped and resident: an MDL is its buffer's address.
 */
#include "io/iop.h"

PMDL IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota, PIRP Irp)
{
    PMDL Mdl = ExAllocatePoolZero(NonPagedPool, sizeof *Mdl, IOP_TAG_MDL);
    if (Mdl == NULL)
        return NULL;
    Mdl->Size = sizeof *Mdl;
    Mdl->MdlFlags = MDL_MAPPED_TO_SYSTEM_VA | MDL_PAGES_LOCKED;
    Mdl->MappedSystemVa = VirtualAddress;
    Mdl->ByteOffset = (ULONG)((ULONG_PTR)VirtualAddress & 0xFFF);
    Mdl->StartVa = (PCHAR)VirtualAddress - Mdl->ByteOffset;
    Mdl->ByteCount = Length;
    if (Irp != NULL && !SecondaryBuffer) {
        Irp->MdlAddress = Mdl;
    } else if (Irp != NULL) {
        PMDL *Last = &Irp->MdlAddress;
        while (*Last != NULL)
            Last = &(*Last)->Next;
        *Last = Mdl;
    }
    return Mdl;
}

VOID IoFreeMdl(PMDL Mdl)
{
    ExFreePoolWithTag(Mdl, IOP_TAG_MDL);
}

VOID MmBuildMdlForNonPagedPool(PMDL Mdl)
{
    Mdl->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
}

VOID MmProbeAndLockPages(PMDL Mdl, KPROCESSOR_MODE Mode, LOCK_OPERATION Operation)
{
    Mdl->MdlFlags |= MDL_PAGES_LOCKED;
}

VOID MmUnlockPages(PMDL Mdl)
{
    Mdl->MdlFlags &= ~MDL_PAGES_LOCKED;
}

/* Makes the request the calling thread's, to be finished and freed by the I/O manager. */
static PIRP IssueForThread(IOP_IRP *Request, PKEVENT Event, PIO_STATUS_BLOCK Iosb)
{
    Request->Irp.UserEvent = Event;
    Request->Irp.UserIosb = Iosb;
    Request->Irp.RequestorMode = KernelMode;
    Request->Irp.Flags |= IRP_SYNCHRONOUS_API;
    Request->Flags |= IOP_TRUSTED;
    IopIssueIrp(Request, IopCurrentThread(), NULL);
    return &Request->Irp;
}

static PIRP Abandon(IOP_IRP *Request)
{
    IopFreeBuffers(Request);
    IopReleaseIrp(Request);
    return NULL;
}

PIRP IoBuildDeviceIoControlRequest(ULONG IoControlCode, PDEVICE_OBJECT DeviceObject, PVOID InputBuffer,
    ULONG InputLength, PVOID OutputBuffer, ULONG OutputLength, BOOLEAN Internal, PKEVENT Event,
    PIO_STATUS_BLOCK IoStatusBlock)
{
    IOP_IRP *Request = IopAllocateIrp(DeviceObject->StackSize);
    ULONG Method = METHOD_FROM_CTL_CODE(IoControlCode);
    ULONG Bytes = InputLength;
    PIO_STACK_LOCATION Location;

    if (Request == NULL)
        return NULL;
    Location = IoGetNextIrpStackLocation(&Request->Irp);
    Location->MajorFunction = Internal ? IRP_MJ_INTERNAL_DEVICE_CONTROL : IRP_MJ_DEVICE_CONTROL;
    Location->Parameters.DeviceIoControl.IoControlCode = IoControlCode;
    Location->Parameters.DeviceIoControl.InputBufferLength = InputLength;
    Location->Parameters.DeviceIoControl.OutputBufferLength = OutputLength;
    Request->Irp.UserBuffer = OutputBuffer;
    if (Method == METHOD_NEITHER) {
        Location->Parameters.DeviceIoControl.Type3InputBuffer = InputBuffer;
        return IssueForThread(Request, Event, IoStatusBlock);
    }
    if (Method == METHOD_BUFFERED && OutputLength > Bytes)
        Bytes = OutputLength;
    if (Bytes != 0) {
        if (!IopAllocateSystemBuffer(Request, Bytes))
            return Abandon(Request);
        if (InputLength != 0)
            RtlCopyMemory(Request->SystemBuffer, InputBuffer, InputLength);
    }
    if (Method == METHOD_BUFFERED && OutputLength != 0) {
        Request->Irp.Flags |= IRP_INPUT_OPERATION;
        Request->OutputLength = OutputLength;
    } else if (OutputLength != 0 && IoAllocateMdl(OutputBuffer, OutputLength, FALSE, FALSE, &Request->Irp) == NULL) {
        return Abandon(Request);
    }
    return IssueForThread(Request, Event, IoStatusBlock);
}

/* A buffer that the driver frees with ExFreePool. */
static BOOLEAN AllocateDriversBuffer(IOP_IRP *Request, ULONG Length)
{
    PVOID Buffer = ExAllocatePoolWithTag(NonPagedPool, Length, IOP_TAG_BUFFER);
    Request->Irp.AssociatedIrp.SystemBuffer = Buffer;
    Request->Irp.Flags |= IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER;
    return Buffer != NULL;
}

static IOP_IRP *BuildFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length,
    PLARGE_INTEGER Offset, BOOLEAN Threaded)
{
    IOP_IRP *Request = IopAllocateIrp(DeviceObject->StackSize);
    PIO_STACK_LOCATION Location;
    if (Request == NULL)
        return NULL;
    Location = IoGetNextIrpStackLocation(&Request->Irp);
    Location->MajorFunction = (UCHAR)MajorFunction;
    if (MajorFunction != IRP_MJ_READ && MajorFunction != IRP_MJ_WRITE)
        return Request;
    Location->Parameters.Read.Length = Length;
    if (Offset != NULL)
        Location->Parameters.Read.ByteOffset = *Offset;
    Request->Irp.UserBuffer = Buffer;
    if (Length != 0 && (DeviceObject->Flags & DO_BUFFERED_IO) != 0) {
        if (!(Threaded ? IopAllocateSystemBuffer(Request, Length) : AllocateDriversBuffer(Request, Length))) {
            Abandon(Request);
            return NULL;
        }
        if (MajorFunction == IRP_MJ_WRITE) {
            RtlCopyMemory(Request->Irp.AssociatedIrp.SystemBuffer, Buffer, Length);
        } else {
            Request->Irp.Flags |= IRP_INPUT_OPERATION;
            Request->OutputLength = Length;
        }
    } else if (Length != 0 && (DeviceObject->Flags & DO_DIRECT_IO) != 0 &&
        IoAllocateMdl(Buffer, Length, FALSE, FALSE, &Request->Irp) == NULL) {
        Abandon(Request);
        return NULL;
    }
    return Request;
}

/* The caller's completion routine frees it: buffers and MDL as well. [ddi:IoBuildAsynchronousFsdRequest] */
PIRP IoBuildAsynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer,
    ULONG Length, PLARGE_INTEGER Offset, PIO_STATUS_BLOCK IoStatusBlock)
{
    IOP_IRP *Request = BuildFsdRequest(MajorFunction, DeviceObject, Buffer, Length, Offset,
        FALSE);
    if (Request == NULL)
        return NULL;
    Request->Irp.UserIosb = IoStatusBlock;
    Request->Irp.Tail.Overlay.Thread = KeGetCurrentThread();
    return &Request->Irp;
}

PIRP IoBuildSynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer,
    ULONG Length, PLARGE_INTEGER Offset, PKEVENT Event, PIO_STATUS_BLOCK IoStatusBlock)
{
    IOP_IRP *Request = BuildFsdRequest(MajorFunction, DeviceObject, Buffer, Length, Offset, TRUE);
    return Request != NULL ? IssueForThread(Request, Event, IoStatusBlock) : NULL;
}
