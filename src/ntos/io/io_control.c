/* SPDX-License-Identifier: MIT */
/*
 * io_control.c - device control: the asynchronous native call, the one that waits, the one that captures.
 *
 * Layer: ntos. NT counterpart: NtDeviceIoControlFile.
 */
#include "io/iop.h"

#define ACCESS_FROM_CTL_CODE(c) (((c) >> 14) & 3)

static PFAST_IO_DEVICE_CONTROL FastControl(PDEVICE_OBJECT Top)
{
    const FAST_IO_DISPATCH *FastIo = Top->DriverObject->FastIoDispatch;
    if (FastIo == NULL || FastIo->SizeOfFastIoDispatch <= UFIELD_OFFSET(FAST_IO_DISPATCH, FastIoDeviceControl))
        return NULL;
    return FastIo->FastIoDeviceControl;
}

typedef struct CONTROL_ARGUMENTS {
    ULONG Code;
    PVOID Input;
    ULONG InputLength;
    PVOID Output;
    ULONG OutputLength;
    BOOLEAN TrustedInput, TrustedOutput;
    const NTS_CAPTURE *Captures; /* not NULL: the input of METHOD_NEITHER lies on a stack and must last */
    ULONG CaptureCount;
} CONTROL_ARGUMENTS;

static NTSTATUS CopyInput(IOP_IRP *Request, const CONTROL_ARGUMENTS *Control)
{
    if (Control->InputLength == 0)
        return STATUS_SUCCESS;
    if (!Control->TrustedInput)
        return ExCopyFromUser(Request->SystemBuffer, Control->Input, Control->InputLength, 1);
    RtlCopyMemory(Request->SystemBuffer, Control->Input, Control->InputLength);
    return STATUS_SUCCESS;
}

/* Of buffers that are copied: what is not there, of an absurd length perhaps, shall not cost memory first. */
#define LONG_BUFFER 65536u

static NTSTATUS ProbeBuffers(const CONTROL_ARGUMENTS *Control, BOOLEAN OutputIsCopied)
{
    NTSTATUS Status = STATUS_SUCCESS;
    if (Control->InputLength > LONG_BUFFER && !Control->TrustedInput)
        Status = ExProbeForRead(Control->Input, Control->InputLength);
    /* In any case: when the driver has succeeded it is too late to say so. */
    if (NT_SUCCESS(Status) && OutputIsCopied && Control->OutputLength != 0 && !Control->TrustedOutput)
        Status = ExProbeForWrite(Control->Output, Control->OutputLength);
    return Status;
}

#define CAPTURE_ALIGN(n) (((n) + 15) & ~(SIZE_T)15)

/* Input and what it points to, copied behind each other into memory of the request. */
static NTSTATUS CaptureInput(IOP_IRP *Request, const CONTROL_ARGUMENTS *Control, PVOID *Copy)
{
    SIZE_T Bytes = CAPTURE_ALIGN((SIZE_T)Control->InputLength), At = Bytes;
    PUCHAR Base;
    for (ULONG i = 0; i < Control->CaptureCount; i++)
        Bytes += CAPTURE_ALIGN((SIZE_T)Control->Captures[i].Length);
    if (Bytes > MAXULONG || !IopAllocateBuffer(Request, (ULONG)Bytes))
        return STATUS_INSUFFICIENT_RESOURCES;
    Base = Request->SystemBuffer;
    if (Control->InputLength != 0)
        RtlCopyMemory(Base, Control->Input, Control->InputLength);
    for (ULONG i = 0; i < Control->CaptureCount; i++) {
        const NTS_CAPTURE *Piece = &Control->Captures[i];
        PVOID To = Base + At;
        NTSTATUS Status;
        if (Piece->Length == 0)
            continue;
        ASSERT(Piece->PointerOffset + sizeof(PVOID) <= Control->InputLength);
        Status = ExCopyFromUser(To, Piece->Data, Piece->Length, 1);
        if (!NT_SUCCESS(Status))
            return Status;
        RtlCopyMemory(Base + Piece->PointerOffset, &To, sizeof To);
        At += CAPTURE_ALIGN((SIZE_T)Piece->Length);
    }
    *Copy = Base;
    return STATUS_SUCCESS;
}

/* What need not be copied is only looked at: a piece that is not there is found here in both cases. */
static NTSTATUS ProbePieces(const CONTROL_ARGUMENTS *Control)
{
    NTSTATUS Status = STATUS_SUCCESS;
    for (ULONG i = 0; i < Control->CaptureCount && NT_SUCCESS(Status); i++)
        Status = ExProbeForRead(Control->Captures[i].Data, Control->Captures[i].Length);
    return Status;
}

/* Buffers by the code's transfer method. [ddi:buffer-descriptions-for-i-o-control-codes] */
static NTSTATUS SetBuffers(IOP_IRP *Request, const CONTROL_ARGUMENTS *Control, PDEVICE_OBJECT Top,
    PIO_STACK_LOCATION Location)
{
    PIRP Irp = &Request->Irp;
    ULONG Method = METHOD_FROM_CTL_CODE(Control->Code);
    ULONG Bytes;
    NTSTATUS Status;

    Irp->UserBuffer = Control->Output;
    switch (Method) {
    case METHOD_BUFFERED:
        Bytes = Control->InputLength > Control->OutputLength ? Control->InputLength : Control->OutputLength;
        if (Bytes == 0)
            return STATUS_SUCCESS;
        Status = ProbeBuffers(Control, TRUE);
        if (!NT_SUCCESS(Status))
            return Status;
        if (!IopAllocateSystemBuffer(Request, Bytes))
            return STATUS_INSUFFICIENT_RESOURCES;
        if (Control->OutputLength != 0) {
            Irp->Flags |= IRP_INPUT_OPERATION;
            Request->OutputLength = Control->OutputLength;
        }
        return CopyInput(Request, Control);
    case METHOD_IN_DIRECT:
    case METHOD_OUT_DIRECT:
        if (Control->InputLength != 0) {
            Status = ProbeBuffers(Control, FALSE);
            if (!NT_SUCCESS(Status))
                return Status;
            if (!IopAllocateSystemBuffer(Request, Control->InputLength))
                return STATUS_INSUFFICIENT_RESOURCES;
            Status = CopyInput(Request, Control);
            if (!NT_SUCCESS(Status))
                return Status;
        }
        if (Control->OutputLength == 0)
            return STATUS_SUCCESS;
        Status = Method == METHOD_IN_DIRECT ? ExProbeForRead(Control->Output, Control->OutputLength)
                                            : ExProbeForWrite(Control->Output, Control->OutputLength);
        if (NT_SUCCESS(Status) && IoAllocateMdl(Control->Output, Control->OutputLength, FALSE, FALSE, Irp) == NULL)
            Status = STATUS_INSUFFICIENT_RESOURCES;
        return Status;
    default:
        /* METHOD_NEITHER: the caller's own addresses, which the driver checks */
        Location->Parameters.DeviceIoControl.Type3InputBuffer = Control->Input;
        if (Control->Captures == NULL)
            return STATUS_SUCCESS;
        if (IopDevice(Top)->ReadsInputAtOnce)
            return ProbePieces(Control);
        return CaptureInput(Request, Control, &Location->Parameters.DeviceIoControl.Type3InputBuffer);
    }
}

static NTSTATUS BuildControl(const CONTROL_ARGUMENTS *Control, PFILE_OBJECT File, PDEVICE_OBJECT Top,
    IOP_IRP **Result)
{
    IOP_IRP *Request = IopAllocateIrp(Top->StackSize);
    PIO_STACK_LOCATION Location;
    NTSTATUS Status;

    if (Request == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Location = IoGetNextIrpStackLocation(&Request->Irp);
    Request->Code = IOP_CODE_NUMBER(Control->Code);
    Location->MajorFunction = IRP_MJ_DEVICE_CONTROL;
    Location->FileObject = File;
    Location->Parameters.DeviceIoControl.IoControlCode = Control->Code;
    Location->Parameters.DeviceIoControl.InputBufferLength = Control->InputLength;
    Location->Parameters.DeviceIoControl.OutputBufferLength = Control->OutputLength;
    Status = SetBuffers(Request, Control, Top, Location);
    if (!NT_SUCCESS(Status)) {
        IopFreeBuffers(Request);
        IopReleaseIrp(Request);
        return Status;
    }
    *Result = Request;
    return STATUS_SUCCESS;
}

/* The asynchronous call: fast I/O, else an IRP. */
static NTSTATUS StartControl(const CONTROL_ARGUMENTS *Control, IOP_CALL *Call)
{
    /* A request with an APC needs an IRP to carry it. [guess] */
    PFAST_IO_DEVICE_CONTROL Fast = FastControl(Call->Top);
    BOOLEAN FromLayer = Control->Captures != NULL;
    UCHAR Number = IOP_CODE_NUMBER(Control->Code);
    IO_STATUS_BLOCK Result;
    IOP_IRP *Request;
    NTSTATUS Status;

    Result.Pointer = NULL;
    Result.Information = 0;
    if (Fast != NULL && !(FromLayer && IopWillDecline(Call->FileObject, Number)) && IopMayFinishFast(Call)) {
        if (Fast(Call->FileObject, (IopFileFlags(Call->FileObject) & FO_SYNCHRONOUS_IO) != 0, Control->Input,
                Control->InputLength, Control->Output, Control->OutputLength, Control->Code, &Result, Call->Top))
            return IopFinishFastCall(Call, &Result);
        IopNoteDeclined(Call->FileObject, Number, TRUE);
    }
    Status = BuildControl(Control, Call->FileObject, Call->Top, &Request);
    if (!NT_SUCCESS(Status)) {
        IopEndCall(Call);
        return Status;
    }
    return IopSendCall(Call, Request);
}

NTSTATUS NtDeviceIoControlFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
    PIO_STATUS_BLOCK IoStatusBlock, ULONG IoControlCode, PVOID InputBuffer, ULONG InputBufferLength,
    PVOID OutputBuffer, ULONG OutputBufferLength)
{
    CONTROL_ARGUMENTS Control = {IoControlCode, InputBuffer, InputBufferLength, OutputBuffer,
        OutputBufferLength, FALSE, FALSE, NULL, 0};
    /* The access bits ask for the rights of the same value. AFD's codes have none there. */
    ACCESS_MASK Access = ACCESS_FROM_CTL_CODE(IoControlCode);
    IOP_CALL Call;
    NTSTATUS Status = IopProbeStatusBlock(IoStatusBlock);
    if (NT_SUCCESS(Status))
        Status = IopBeginCall(&Call, FileHandle, Access, Event, ApcRoutine, ApcContext, IoStatusBlock);
    return NT_SUCCESS(Status) ? StartControl(&Control, &Call) : Status;
}

NTSTATUS NtsDeviceIoControl(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
    PIO_STATUS_BLOCK IoStatusBlock, ULONG IoControlCode, const VOID *Input, ULONG InputLength,
    const NTS_CAPTURE *Captures, ULONG CaptureCount, PVOID Output, ULONG OutputLength)
{
    static const NTS_CAPTURE None;
    CONTROL_ARGUMENTS Control = {IoControlCode, (PVOID)Input, InputLength, Output, OutputLength, TRUE, FALSE,
        CaptureCount != 0 ? Captures : &None, CaptureCount};
    ACCESS_MASK Access = ACCESS_FROM_CTL_CODE(IoControlCode);
    IOP_CALL Call;
    NTSTATUS Status = IopBeginCall(&Call, FileHandle, Access, Event, ApcRoutine, ApcContext, IoStatusBlock);
    return NT_SUCCESS(Status) ? StartControl(&Control, &Call) : Status;
}

/* Output and status of a request that its own thread has waited for. */
static NTSTATUS TakeResult(IOP_IRP *Request, NTSTATUS Status, PIO_STATUS_BLOCK IoStatus)
{
    PIRP Irp = &Request->Irp;
    SIZE_T Bytes = Irp->IoStatus.Information;
    if ((Irp->Flags & IRP_INPUT_OPERATION) != 0 && !NT_ERROR(Irp->IoStatus.Status) && Bytes != 0) {
        if (Bytes > Request->OutputLength)
            Bytes = Request->OutputLength;
        RtlCopyMemory(Irp->UserBuffer, Request->SystemBuffer, Bytes);
    }
    IoStatus->Status = Status;
    IoStatus->Information = Irp->IoStatus.Information;
    IopFreeBuffers(Request);
    IopReleaseIrp(Request);
    return Status;
}

NTSTATUS NtsDeviceIoControlAndWait(PFILE_OBJECT FileObject, PIO_STATUS_BLOCK IoStatus, ULONG IoControlCode,
    const VOID *Input, ULONG InputLength, PVOID Output, ULONG OutputLength, BOOLEAN Alertable,
    PLARGE_INTEGER Timeout)
{
    CONTROL_ARGUMENTS Control = {IoControlCode, (PVOID)Input, InputLength, Output, OutputLength, TRUE, TRUE,
        NULL, 0};
    IOP_THREAD *Thread = IopCurrentThread();
    ULONG Depth = Thread->Depth;
    PDEVICE_OBJECT Top = IopEnterStack(Thread, FileObject->DeviceObject);
    PFAST_IO_DEVICE_CONTROL Fast = FastControl(Top);
    IO_STATUS_BLOCK Result;
    IOP_IRP *Request;
    NTSTATUS Status;

    Result.Pointer = NULL;
    Result.Information = 0;
    if (Fast != NULL &&
        Fast(FileObject, TRUE, (PVOID)Input, InputLength, Output, OutputLength, IoControlCode, &Result, Top)) {
        *IoStatus = Result;
        Status = Result.Status;
    } else {
        Status = BuildControl(&Control, FileObject, Top, &Request);
        if (NT_SUCCESS(Status)) {
            Request->Irp.Flags |= IRP_SYNCHRONOUS_API;
            Request->Irp.RequestorMode = UserMode;
            Request->Top = Thread->Depth != Depth ? Top : NULL;
            IopIssueIrp(Request, Thread, FileObject);
            Status = IopSendAndWait(Request, Top, Alertable, Timeout);
            Status = TakeResult(Request, Status, IoStatus);
        } else {
            IoStatus->Status = Status;
            IoStatus->Information = 0;
        }
    }
    IopLeaveStack(Thread, Depth);
    return Status;
}
