/* SPDX-License-Identifier: MIT */
/*
 * io_cancel.c - the cancel spin lock, IoCancelIrp, and cancelling by file, request and thread.
 *
 * Layer: ntos. NT counterpart: the same.
 */
#include "io/iop.h"

#define CANCEL_BATCH_MAX 32

static KSPIN_LOCK IopCancelSpinLock;

VOID IoAcquireCancelSpinLock(PKIRQL Irql)
{
    KeAcquireSpinLock(&IopCancelSpinLock, Irql);
}

VOID IoReleaseCancelSpinLock(KIRQL Irql)
{
    KeReleaseSpinLock(&IopCancelSpinLock, Irql);
}

BOOLEAN IoCancelIrp(PIRP Irp)
{
    PDRIVER_CANCEL Routine;
    KIRQL Irql;

    KeAssertNoLocksHeld("IoCancelIrp");
    IoAcquireCancelSpinLock(&Irql);
    /*
     * Who pends an IRP sets the routine and then looks at Cancel; here Cancel is set and then the
     * routine taken: one of the two sees the other.
     */
    __atomic_store_n(&Irp->Cancel, TRUE, __ATOMIC_SEQ_CST);
    Routine = IoSetCancelRoutine(Irp, NULL);
    if (Routine == NULL) {
        IoReleaseCancelSpinLock(Irql);
        return FALSE;
    }
    Irp->CancelIrql = Irql;
    Routine(IoGetCurrentIrpStackLocation(Irp)->DeviceObject, Irp); /* releases the lock */
    return TRUE;
}

/* What is to be cancelled; NULL and FALSE: any. */
typedef struct CANCEL_FILTER {
    PFILE_OBJECT FileObject;
    PKTHREAD Thread;
    PIO_STATUS_BLOCK Iosb;
    BOOLEAN SynchronousOnly;
} CANCEL_FILTER;

static BOOLEAN Matches(const CANCEL_FILTER *Filter, PIRP Irp)
{
    /* Cleanup and close end by themselves; a cancelled create would leave its caller in the dark. */
    if (Irp->Flags & (IRP_CLOSE_OPERATION | IRP_CREATE_OPERATION))
        return FALSE;
    return (Filter->FileObject == NULL || Irp->Tail.Overlay.OriginalFileObject == Filter->FileObject) &&
        (Filter->Thread == NULL || IopPrivate(Irp)->ThreadNumber == KeThreadNumber(Filter->Thread)) &&
        (Filter->Iosb == NULL || Irp->UserIosb == Filter->Iosb) &&
        (!Filter->SynchronousOnly || (Irp->Flags & IRP_SYNCHRONOUS_API) != 0);
}

/* Requests found under a list's lock, referenced. */
typedef struct CANCEL_BATCH {
    IOP_IRP *Found[CANCEL_BATCH_MAX];
    ULONG Count;
    ULONG Before; /* requests that match and were cancelled before */
} CANCEL_BATCH;

static VOID Collect(PLIST_ENTRY Head, const CANCEL_FILTER *Filter, CANCEL_BATCH *Batch)
    _Requires_lock_held_(IoIrpListLock)
{
    Batch->Count = Batch->Before = 0;
    for (PLIST_ENTRY Entry = Head->Flink; Entry != Head && Batch->Count < CANCEL_BATCH_MAX; Entry = Entry->Flink) {
        PIRP Irp = CONTAINING_RECORD(Entry, IRP, ThreadListEntry);
        if (!Matches(Filter, Irp))
            continue;
        if (__atomic_load_n(&Irp->Cancel, __ATOMIC_ACQUIRE)) {
            Batch->Before++;
        } else {
            IopReferenceIrp(IopPrivate(Irp));
            Batch->Found[Batch->Count++] = IopPrivate(Irp);
        }
    }
}

/*
 * Cancels what matches in one list: a thread's, or, without a thread, the filter's file's. Each request is
 * referenced under the lock and cancelled without it; the walk begins again after a full batch, passing over
 * what has its Cancel set.
 */
static ULONG CancelInList(IOP_THREAD *Thread, const CANCEL_FILTER *Filter)
{
    CANCEL_BATCH Batch;
    ULONG Total = 0;
    do {
        if (Thread != NULL) {
            IopLockIrpList(Thread);
            Collect(&Thread->Irps, Filter, &Batch);
            IopUnlockIrpList(Thread);
        } else {
            IopLockFileIrps(Filter->FileObject);
            Collect(&Filter->FileObject->IrpList, Filter, &Batch);
            IopUnlockFileIrps(Filter->FileObject);
        }
        for (ULONG i = 0; i < Batch.Count; i++) {
            IoCancelIrp(&Batch.Found[i]->Irp);
            IopReleaseIrp(Batch.Found[i]);
        }
        Total += Batch.Count;
    } while (Batch.Count == CANCEL_BATCH_MAX);
    /* What was cancelled before and is still on its way counts, unless this call has counted it. */
    return Total > Batch.Before ? Total : Batch.Before;
}

ULONG IoCancelFileIrps(PFILE_OBJECT FileObject, PKTHREAD Thread, PIO_STATUS_BLOCK Iosb)
{
    CANCEL_FILTER Filter = {FileObject, Thread, Iosb, FALSE};
    ULONG Count = CancelInList(NULL, &Filter);
    /* A request of before the association is in its thread's list. */
    for (IOP_THREAD *At = IopFirstThread(); At != NULL; At = At->Next) {
        if (Thread == NULL || __atomic_load_n(&At->Thread, __ATOMIC_ACQUIRE) == Thread)
            Count += CancelInList(At, &Filter);
    }
    return Count;
}

VOID IoCancelThreadIrps(PKTHREAD Thread)
{
    CANCEL_FILTER Filter = {.Thread = Thread};
    IOP_THREAD *At = IopFirstThread();
    KE_COMPLETION Drained;
    BOOLEAN Empty;

    if (IopThisThread != NULL && __atomic_load_n(&IopThisThread->Thread, __ATOMIC_RELAXED) == Thread)
        At = IopThisThread;
    while (At != NULL && __atomic_load_n(&At->Thread, __ATOMIC_ACQUIRE) != Thread)
        At = At->Next;
    if (At == NULL)
        return; /* it never made a request */
    CancelInList(At, &Filter);
    KeInitializeCompletion(&Drained);
    IopLockIrpList(At);
    Empty = IsListEmpty(&At->Irps);
    if (!Empty)
        At->Drained = &Drained;
    IopUnlockIrpList(At);
    if (!Empty)
        (void)KeWaitCompletion(&Drained, FALSE, NULL);
    if (At == IopThisThread) {
        IopThisThread = NULL;
        __atomic_store_n(&At->Thread, NULL, __ATOMIC_RELAXED);
        __atomic_store_n(&At->InUse, 0, __ATOMIC_RELEASE);
    }
}

static NTSTATUS CancelByHandle(HANDLE Handle, PKTHREAD Thread, PIO_STATUS_BLOCK Request,
    PIO_STATUS_BLOCK Iosb, ULONG *Count)
{
    IO_STATUS_BLOCK Result = {.Status = STATUS_SUCCESS};
    PFILE_OBJECT File;
    NTSTATUS Status = ExProbeForWrite(Iosb, sizeof *Iosb);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopReferenceFile(Handle, 0, &File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    *Count = IoCancelFileIrps(File, Thread, Request);
    ObDereferenceObject(File);
    return ExCopyToUser(Iosb, &Result, sizeof Result, 1);
}

NTSTATUS NtCancelIoFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock)
{
    ULONG Count;
    return CancelByHandle(FileHandle, KeGetCurrentThread(), NULL, IoStatusBlock, &Count);
}

NTSTATUS NtCancelIoFileEx(HANDLE FileHandle, PIO_STATUS_BLOCK IoRequestToCancel,
    PIO_STATUS_BLOCK IoStatusBlock)
{
    ULONG Count = 0;
    NTSTATUS Status = CancelByHandle(FileHandle, NULL, IoRequestToCancel, IoStatusBlock, &Count);
    if (NT_SUCCESS(Status) && Count == 0) {
        IO_STATUS_BLOCK Result = {.Status = STATUS_NOT_FOUND};
        Status = ExCopyToUser(IoStatusBlock, &Result, sizeof Result, 1);
        return NT_SUCCESS(Status) ? STATUS_NOT_FOUND : Status;
    }
    return Status;
}

/* For the request that a thread waits for in a call. The right is the one that CancelSynchronousIo asks for. */
NTSTATUS NtCancelSynchronousIoFile(HANDLE ThreadHandle, PIO_STATUS_BLOCK IoRequestToCancel,
    PIO_STATUS_BLOCK IoStatusBlock)
{
    CANCEL_FILTER Filter = {.Iosb = IoRequestToCancel, .SynchronousOnly = TRUE};
    IO_STATUS_BLOCK Result = {.Status = STATUS_NOT_FOUND};
    NTSTATUS Status = ExProbeForWrite(IoStatusBlock, sizeof *IoStatusBlock);

    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(ThreadHandle, 0x0001 /* THREAD_TERMINATE */, *PsThreadType, UserMode,
            (PVOID *)&Filter.Thread, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    for (IOP_THREAD *At = IopFirstThread(); At != NULL; At = At->Next) {
        if (__atomic_load_n(&At->Thread, __ATOMIC_ACQUIRE) == Filter.Thread && CancelInList(At, &Filter) != 0)
            Result.Status = STATUS_SUCCESS;
    }
    ObDereferenceObject(Filter.Thread);
    Status = ExCopyToUser(IoStatusBlock, &Result, sizeof Result, 1);
    return NT_SUCCESS(Status) ? Result.Status : Status;
}
