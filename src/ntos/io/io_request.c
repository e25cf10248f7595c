/* SPDX-License-Identifier: MIT */
/*
 * io_request.c - what every native call on a file begins and ends with.
 *
 * Layer: ntos. NT counterpart: the common parts of NtReadFile, NtWriteFile, NtDeviceIoControlFile.
 */
#include "io/iop.h"

NTSTATUS IopReferenceFile(HANDLE Handle, ACCESS_MASK Access, PFILE_OBJECT *FileObject, ACCESS_MASK *Granted)
{
    OBJECT_HANDLE_INFORMATION Information;
    NTSTATUS Status = ObReferenceObjectByHandle(Handle, Access, &ObpFileType, UserMode, (PVOID *)FileObject,
        &Information);
    if (NT_SUCCESS(Status) && Granted != NULL)
        *Granted = Information.GrantedAccess;
    return Status;
}

NTSTATUS IopReferenceEvent(HANDLE Handle, PKEVENT *Event)
{
    *Event = NULL;
    if (Handle == NULL)
        return STATUS_SUCCESS;
    return ObReferenceObjectByHandle(Handle, EVENT_MODIFY_STATE, &ObpEventType, UserMode, (PVOID *)Event, NULL);
}

NTSTATUS IopAcquireFile(PFILE_OBJECT FileObject)
{
    NTSTATUS Status = STATUS_SUCCESS;
    if ((IopFileFlags(FileObject) & FO_SYNCHRONOUS_IO) == 0 ||
        __atomic_exchange_n(&FileObject->Busy, 1, __ATOMIC_SEQ_CST) == 0)
        return STATUS_SUCCESS;
    __atomic_add_fetch(&FileObject->Waiters, 1, __ATOMIC_SEQ_CST);
    while (__atomic_exchange_n(&FileObject->Busy, 1, __ATOMIC_SEQ_CST) != 0) {
        Status = KeWaitForSingleObject(&FileObject->Lock, Executive, UserMode,
            (IopFileFlags(FileObject) & FO_ALERTABLE_IO) != 0, NULL);
        if (Status != STATUS_SUCCESS)
            break;
    }
    __atomic_sub_fetch(&FileObject->Waiters, 1, __ATOMIC_SEQ_CST);
    return Status;
}

VOID IopReleaseFile(PFILE_OBJECT FileObject)
{
    if ((IopFileFlags(FileObject) & FO_SYNCHRONOUS_IO) == 0)
        return;
    __atomic_store_n(&FileObject->Busy, 0, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&FileObject->Waiters, __ATOMIC_SEQ_CST) != 0)
        KeSetEvent(&FileObject->Lock, IO_NO_INCREMENT, FALSE);
}

NTSTATUS IopProbeStatusBlock(PIO_STATUS_BLOCK Iosb)
{
    return ExProbeForWrite(Iosb, sizeof *Iosb);
}

NTSTATUS IopBeginCall(IOP_CALL *Call, HANDLE File, ACCESS_MASK Access, HANDLE Event,
    PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK Iosb)
{
    NTSTATUS Status = IopReferenceFile(File, Access, &Call->FileObject, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Call->Event = NULL;
    if (ApcRoutine != NULL && IopCompletionContext(Call->FileObject) != NULL)
        Status = STATUS_INVALID_PARAMETER; /* the end is told by a packet or by an APC, not by both */
    else
        Status = IopReferenceEvent(Event, &Call->Event);
    if (NT_SUCCESS(Status)) {
        Status = IopAcquireFile(Call->FileObject);
        if (Status == STATUS_SUCCESS) {
            Call->ApcRoutine = ApcRoutine;
            Call->ApcContext = ApcContext;
            Call->Iosb = Iosb;
            Call->Packet = NULL;
            if (Call->Event != NULL)
                KeClearEvent(Call->Event);
            KeClearEvent(&Call->FileObject->Event);
            Call->Thread = IopCurrentThread();
            Call->Depth = Call->Thread->Depth;
            Call->Top = IopEnterStack(Call->Thread, Call->FileObject->DeviceObject);
            return STATUS_SUCCESS;
        }
        if (Call->Event != NULL)
            ObDereferenceObject(Call->Event);
    }
    ObDereferenceObject(Call->FileObject);
    return Status;
}

BOOLEAN IopMayFinishFast(IOP_CALL *Call)
{
    if (Call->ApcRoutine != NULL)
        return FALSE;
    /* The packet first: once fast I/O has moved the bytes nothing may fail. */
    if (Call->ApcContext != NULL && IopCompletionContext(Call->FileObject) != NULL &&
        (IopFileFlags(Call->FileObject) & FO_SKIP_COMPLETION_PORT) == 0) {
        Call->Packet = IopAllocatePacket();
        return Call->Packet != NULL;
    }
    return TRUE;
}

static VOID DropPacket(IOP_CALL *Call)
{
    if (Call->Packet != NULL)
        IopFreePacket(Call->Packet);
    Call->Packet = NULL;
}

VOID IopEndCall(IOP_CALL *Call)
{
    DropPacket(Call);
    IopLeaveStack(Call->Thread, Call->Depth);
    IopReleaseFile(Call->FileObject);
    if (Call->Event != NULL)
        ObDereferenceObject(Call->Event);
    ObDereferenceObject(Call->FileObject);
}

NTSTATUS IopFinishFastCall(IOP_CALL *Call, const IO_STATUS_BLOCK *Result)
{
    NTSTATUS Status = Result->Status;
    ULONG Flags = IopFileFlags(Call->FileObject);
    /* Errors too, unlike those of IRPs that do not pend; but no packet. [test:wine/ws2_32/afd.c event_select] */
    IopWriteStatusBlock(Call->Iosb, Status, Result->Information);
    if (Call->Event != NULL && (Flags & FO_SKIP_SET_FAST_IO) == 0)
        KeSetEvent(Call->Event, IO_NO_INCREMENT, FALSE);
    if (Call->Event == NULL || (Flags & FO_SYNCHRONOUS_IO) != 0) {
        __atomic_store_n(&Call->FileObject->FinalStatus, Status, __ATOMIC_RELAXED);
        if ((Flags & FO_SKIP_SET_EVENT) == 0)
            KeSetEvent(&Call->FileObject->Event, IO_NO_INCREMENT, FALSE);
    }
    if (Call->Packet != NULL && !NT_ERROR(Status)) {
        IopQueuePacket(Call->FileObject, Call->Packet, Call->ApcContext, Result);
        Call->Packet = NULL;
    }
    IopEndCall(Call);
    return Status;
}

NTSTATUS IopSendCall(IOP_CALL *Call, IOP_IRP *Request)
{
    PIRP Irp = &Request->Irp;
    PFILE_OBJECT File = Call->FileObject;
    IOP_THREAD *Thread = Call->Thread;
    ULONG Depth = Call->Depth;
    BOOLEAN Synchronous = (IopFileFlags(File) & FO_SYNCHRONOUS_IO) != 0;
    NTSTATUS Status;

    DropPacket(Call);
    Irp->RequestorMode = UserMode;
    Irp->UserIosb = Call->Iosb;
    Irp->UserEvent = Call->Event;
    Irp->Overlay.AsynchronousParameters.UserApcRoutine = Call->ApcRoutine;
    Irp->Overlay.AsynchronousParameters.UserApcContext = Call->ApcContext;
    Request->Flags |= (UCHAR)(IOP_OWNS_FILE | (Call->Event != NULL ? IOP_OWNS_EVENT : 0));
    if (Call->ApcRoutine != NULL) {
        ObReferenceObject(KeGetCurrentThread());
        Request->Flags |= IOP_OWNS_THREAD;
    }
    if (Thread->Depth != Depth)
        Request->Top = Call->Top;
    if (Synchronous)
        Irp->Flags |= IRP_SYNCHRONOUS_API;
    else if (IopCompletionContext(File) != NULL && Call->ApcContext != NULL && Call->Event == NULL)
        /* Only what a packet alone will tell of outlives its thread. [test:wine/ws2_32/afd.c] */
        Request->Flags |= IOP_ON_FILE;
    IopIssueIrp(Request, Thread, File);
    if (!Synchronous) {
        Status = IoCallDriver(Call->Top, Irp);
        IopLeaveStack(Thread, Depth);
        return Status;
    }
    Status = IopSendAndWait(Request, Call->Top, (IopFileFlags(File) & FO_ALERTABLE_IO) != 0, NULL);
    IopLeaveStack(Thread, Depth);
    ObReferenceObject(File);
    IopRetireWaited(Request);
    IopReleaseFile(File);
    ObDereferenceObject(File);
    return Status;
}
