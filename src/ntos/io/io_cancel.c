/* SPDX-License-Identifier: MIT */
/*
 * io_cancel.c - the cancel spin lock, IoCancelIrp, and cancelling by file, request and thread.
 *
 * Layer: ntos. NT counterpart: the same.
 */
#include "io/iop.h"

#define CANCEL_BATCH 32

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

typedef struct CANCEL_FILTER {
    PFILE_OBJECT FileObject;
    PKTHREAD Thread;
    PIO_STATUS_BLOCK Iosb;
} CANCEL_FILTER;

static BOOLEAN Matches(const CANCEL_FILTER *Filter, PIRP Irp)
{
    /* Cleanup and close end by themselves; a cancelled create would leave its caller in the dark. */
    if (Irp->Flags & (IRP_CLOSE_OPERATION | IRP_CREATE_OPERATION))
        return FALSE;
    return (Filter->FileObject == NULL || Irp->Tail.Overlay.OriginalFileObject == Filter->FileObject) &&
        (Filter->Thread == NULL || Irp->Tail.Overlay.Thread == Filter->Thread) &&
        (Filter->Iosb == NULL || Irp->UserIosb == Filter->Iosb);
}

/*
 * Cancels what matches in one thread's list. Each request is referenced under the lock and cancelled
 * without it; the walk begins again after a full batch, passing over what has its Cancel set.
 */
static ULONG CancelInList(IOP_THREAD *Thread, const CANCEL_FILTER *Filter)
{
    IOP_IRP *Found[CANCEL_BATCH];
    ULONG Count, Before, Total = 0;
    do {
        Count = Before = 0;
        IopLockIrpList(Thread);
        for (PLIST_ENTRY Entry = Thread->Irps.Flink; Entry != &Thread->Irps && Count < CANCEL_BATCH;
             Entry = Entry->Flink) {
            PIRP Irp = CONTAINING_RECORD(Entry, IRP, ThreadListEntry);
            if (!Matches(Filter, Irp))
                continue;
            if (__atomic_load_n(&Irp->Cancel, __ATOMIC_ACQUIRE)) {
                Before++;
            } else {
                IopReferenceIrp(IopPrivate(Irp));
                Found[Count++] = IopPrivate(Irp);
            }
        }
        IopUnlockIrpList(Thread);
        for (ULONG i = 0; i < Count; i++) {
            IoCancelIrp(&Found[i]->Irp);
            IopReleaseIrp(Found[i]);
        }
        Total += Count;
    } while (Count == CANCEL_BATCH);
    /* What was cancelled before and is still on its way counts, unless this call has counted it. */
    return Total > Before ? Total : Before;
}

ULONG IoCancelFileIrps(PFILE_OBJECT FileObject, PKTHREAD Thread, PIO_STATUS_BLOCK Iosb)
{
    CANCEL_FILTER Filter = {FileObject, Thread, Iosb};
    ULONG Count = 0;
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
    NTSTATUS Status = ExProbeUserRange(Iosb, sizeof *Iosb);
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
