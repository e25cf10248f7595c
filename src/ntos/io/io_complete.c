/* SPDX-License-Identifier: MIT */
/*
 * io_complete.c - up the stack, and what the requestor sees of it.
 *
 * Layer: ntos. NT counterpart: IoCompleteRequest and the special kernel APC that follows it. Here the last
 * part runs on the completing thread: all memory is mapped everywhere.
 */
#include "io/iop.h"

#define MULTIPLE_IRP_COMPLETE_REQUESTS_ 0x44

static BOOLEAN WantsCompletion(PIRP Irp, UCHAR Control)
{
    if (NT_SUCCESS(Irp->IoStatus.Status) ? Control & SL_INVOKE_ON_SUCCESS : Control & SL_INVOKE_ON_ERROR)
        return TRUE;
    return (Control & SL_INVOKE_ON_CANCEL) != 0 && __atomic_load_n(&Irp->Cancel, __ATOMIC_RELAXED);
}

/* The routine runs for the device above, NULL for an IRP's originator without a location. */
static NTSTATUS InvokeCompletion(PIRP Irp, PIO_COMPLETION_ROUTINE Routine, PVOID Context)
{
    PDEVICE_OBJECT Device = NULL;
    IOP_THREAD *Thread;
    ULONG Depth;
    NTSTATUS Status;

    if (Irp->CurrentLocation <= Irp->StackCount)
        Device = IoGetCurrentIrpStackLocation(Irp)->DeviceObject;
    if (Device == NULL || __atomic_load_n(&IopDevice(Device)->DependsOn, __ATOMIC_RELAXED) == NULL)
        return Routine(Device, Irp, Context);
    /* The IRP may end before the filter's routine returns: the pin keeps its driver loaded. */
    Thread = IopCurrentThread();
    Depth = Thread->Depth;
    IopPinDevice(Thread, Device);
    Status = Routine(Device, Irp, Context);
    IopLeaveStack(Thread, Depth);
    return Status;
}

VOID IopReportCompletion(IOP_IRP *Request)
{
    PIRP Irp = &Request->Irp;
    NTSTATUS Status = Irp->IoStatus.Status;

    if ((Irp->Flags & IRP_INPUT_OPERATION) != 0 && !NT_ERROR(Status) && Irp->IoStatus.Information != 0) {
        SIZE_T Bytes = Irp->IoStatus.Information;
        if (Bytes > Request->OutputLength)
            Bytes = Request->OutputLength;
        if (Request->Flags & IOP_TRUSTED) {
            RtlCopyMemory(Irp->UserBuffer, Request->SystemBuffer, Bytes);
        } else if (!NT_SUCCESS(ExCopyToUser(Irp->UserBuffer, Request->SystemBuffer, Bytes, 1))) {
            Status = Irp->IoStatus.Status = STATUS_ACCESS_VIOLATION;
            Irp->PendingReturned = TRUE; /* the driver's success has been turned into a failure */
        }
    }
    IopFreeBuffers(Request);
    if (NT_ERROR(Status) && !Irp->PendingReturned)
        return; /* R3 */
    if (Irp->UserIosb != NULL)
        IopWriteStatusBlock(Irp->UserIosb, Status, Irp->IoStatus.Information);
}

/* Last of all: who is woken by an event finds the packet at the port. [test:wine/ws2_32/afd.c poll_completion_port] */
static VOID SignalEnd(PFILE_OBJECT File, PKEVENT Event, NTSTATUS Status)
{
    if (Event != NULL)
        KeSetEvent(Event, IO_NO_INCREMENT, FALSE);
    if (File != NULL && (Event == NULL || (IopFileFlags(File) & FO_SYNCHRONOUS_IO) != 0)) {
        __atomic_store_n(&File->FinalStatus, Status, __ATOMIC_RELAXED);
        if ((IopFileFlags(File) & FO_SKIP_SET_EVENT) == 0)
            KeSetEvent(&File->Event, IO_NO_INCREMENT, FALSE);
    }
}

static VOID FreeIrpOfApc(PKAPC Apc, PKNORMAL_ROUTINE *NormalRoutine, PVOID *NormalContext,
    PVOID *SystemArgument1, PVOID *SystemArgument2)
{
    IopReleaseIrp(IopPrivate(CONTAINING_RECORD(Apc, IRP, Tail.Apc)));
}

static VOID FreeIrpOfApcAtRundown(PKAPC Apc)
{
    IopReleaseIrp(IopPrivate(CONTAINING_RECORD(Apc, IRP, Tail.Apc)));
}

/* Requests of synchronous files and those somebody waits for in the call tell by themselves. */
static BOOLEAN WantsPacket(IOP_IRP *Request, PFILE_OBJECT File)
{
    if (File == NULL || (Request->Flags & IOP_WAITED) != 0 || IopCompletionContext(File) == NULL)
        return FALSE;
    return Request->Irp.PendingReturned || (IopFileFlags(File) & FO_SKIP_COMPLETION_PORT) == 0;
}

/*
 * Drops what the request owns, queues its APC or its packet if it is to have one, else frees it. Reported says that
 * the requestor is to hear of the end.
 */
static VOID RetireRequest(IOP_IRP *Request, BOOLEAN Reported)
{
    PIRP Irp = &Request->Irp;
    PIO_APC_ROUTINE Routine = Irp->Overlay.AsynchronousParameters.UserApcRoutine;
    PVOID Context = Irp->Overlay.AsynchronousParameters.UserApcContext;
    PKTHREAD Thread = Irp->Tail.Overlay.Thread;
    PFILE_OBJECT OnFile = Irp->Tail.Overlay.OriginalFileObject;
    PFILE_OBJECT File = (Request->Flags & IOP_OWNS_FILE) ? OnFile : NULL;
    PKEVENT Event = Irp->UserEvent;
    NTSTATUS Status = Irp->IoStatus.Status;
    BOOLEAN Packet = Reported && Context != NULL && Routine == NULL && WantsPacket(Request, File);
    BOOLEAN OwnsThread = (Request->Flags & IOP_OWNS_THREAD) != 0;
    BOOLEAN OwnsEvent = (Request->Flags & IOP_OWNS_EVENT) != 0;

    Request->Flags &= (UCHAR)~(IOP_OWNS_EVENT | IOP_OWNS_FILE | IOP_OWNS_THREAD);
    if (File != NULL && !Irp->PendingReturned)
        IopNoteDeclined(File, Request->Code, FALSE);
    if (OwnsThread && Reported && Routine != NULL) {
        /* From here the IRP's tail is the APC, and the IRP the APC's. */
        KeInitializeApc(&Irp->Tail.Apc, Thread, OriginalApcEnvironment, FreeIrpOfApc,
            FreeIrpOfApcAtRundown, (PKNORMAL_ROUTINE)(PVOID)Routine, UserMode, Context);
        if (!KeInsertQueueApc(&Irp->Tail.Apc, Irp->UserIosb, NULL, 0))
            IopReleaseIrp(Request);
    } else if (!Packet || !IopQueueRequest(File, Request)) {
        IopReleaseIrp(Request);
    }
    if (Reported)
        SignalEnd(OnFile, Event, Status);
    if (OwnsEvent)
        ObDereferenceObject(Event);
    if (OwnsThread)
        ObDereferenceObject(Thread);
    if (File != NULL)
        ObDereferenceObject(File);
}

VOID IopReleaseRequestReferences(IOP_IRP *Request)
{
    PIRP Irp = &Request->Irp;
    if (Request->Flags & IOP_OWNS_EVENT)
        ObDereferenceObject(Irp->UserEvent);
    if (Request->Flags & IOP_OWNS_THREAD)
        ObDereferenceObject(Irp->Tail.Overlay.Thread);
    if (Request->Flags & IOP_OWNS_FILE)
        ObDereferenceObject(Irp->Tail.Overlay.OriginalFileObject);
    Request->Flags &= (UCHAR)~(IOP_OWNS_EVENT | IOP_OWNS_FILE | IOP_OWNS_THREAD);
}

VOID IopRetireWaited(IOP_IRP *Request)
{
    PIRP Irp = &Request->Irp;
    IopReportCompletion(Request);
    RetireRequest(Request, !NT_ERROR(Irp->IoStatus.Status) || Irp->PendingReturned);
}

/* Every location is done. */
static VOID FinishIrp(PIRP Irp)
{
    IOP_IRP *Request = IopPrivate(Irp);
    Irp->CurrentLocation = (CHAR)(Irp->StackCount + 2);
    if (!IopIsOurs(Irp) || (Request->Flags & IOP_THREADED) == 0) {
        /* A driver's own IRP that its completion routine let pass: the driver still frees it. */
        if (Irp->UserIosb != NULL)
            IopWriteStatusBlock(Irp->UserIosb, Irp->IoStatus.Status, Irp->IoStatus.Information);
        if (Irp->UserEvent != NULL)
            KeSetEvent(Irp->UserEvent, IO_NO_INCREMENT, FALSE);
        return;
    }
    if (Request->Flags & IOP_WAITED) {
        IopUnlinkIrp(Request);
        KeSignalCompletion(Request->Completion); /* the waiter has the request now */
        return;
    }
    IopReportCompletion(Request);
    IopUnlinkIrp(Request);
    RetireRequest(Request, !NT_ERROR(Irp->IoStatus.Status) || Irp->PendingReturned);
}

VOID IofCompleteRequest(PIRP Irp, CCHAR PriorityBoost)
{
    KeAssertNoLocksHeld("IoCompleteRequest");
    if (Irp->Type != IO_TYPE_IRP || Irp->CurrentLocation > Irp->StackCount + 1)
        KeBugCheckEx(MULTIPLE_IRP_COMPLETE_REQUESTS_, (ULONG_PTR)Irp, 0, 0, 0);
    ASSERT(Irp->IoStatus.Status != STATUS_PENDING);
    ASSERT(__atomic_load_n(&Irp->CancelRoutine, __ATOMIC_RELAXED) == NULL);

    while (Irp->CurrentLocation <= Irp->StackCount) {
        PIO_STACK_LOCATION Location = IoGetCurrentIrpStackLocation(Irp);
        PIO_COMPLETION_ROUTINE Routine = Location->CompletionRoutine;
        PVOID Context = Location->Context;
        UCHAR Control = Location->Control;

        IopCheckLocationCompleted(Irp);
        Irp->PendingReturned = (Control & SL_PENDING_RETURNED) != 0;
        RtlZeroMemory(Location, sizeof *Location);
        IoSkipCurrentIrpStackLocation(Irp);
        if (Routine != NULL && WantsCompletion(Irp, Control)) {
            if (InvokeCompletion(Irp, Routine, Context) == STATUS_MORE_PROCESSING_REQUIRED)
                return; /* the IRP is the routine's owner's again */
        } else if (Irp->PendingReturned && Irp->CurrentLocation <= Irp->StackCount) {
            /* A driver without a completion routine passed the pending status on. */
            IoMarkIrpPending(Irp);
        }
    }
    FinishIrp(Irp);
}
