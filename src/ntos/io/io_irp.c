/* SPDX-License-Identifier: MIT */
/*
 * io_irp.c - requests: allocation, ownership, the list of a thread's requests.
 *
 * Layer: ntos. NT counterpart: the I/O manager's IRP functions. Quotas and zones are left out: IRPs come
 * from per-thread caches.
 *
 * The life of a request
 *
 *   a native call            io_control.c, io_read.c, io_file.c
 *     IopBeginCall           references file and event, finds and pins the top of the stack
 *     FastIoDeviceControl    first, if the top driver has it: no IRP at all
 *     IopAllocateIrp         from the thread's cache
 *     IopIssueIrp            into the issuing thread's list, or that of a file with a completion port
 *     IoCallDriver           io_call.c: down the stack, each driver skips, copies or handles
 *     ... pending ...        in a driver's cancel-safe queue (io_csq.c); IoCancelIrp (io_cancel.c) may come
 *     IoCompleteRequest      io_complete.c: up the stack, then
 *     IopReportCompletion    output, status block, event; then unlinked; then it becomes its APC, or its
 *                            packet in a port's queue, or is freed, and its references are dropped
 *
 *   A request somebody waits for in the call itself (IOP_WAITED) is only unlinked and signalled by the
 *   completer; the waiter reports and frees. Everything else the completer does.
 *
 * Invariants
 * R1  An IRP is in the hand of one owner: the driver whose dispatch, completion or cancel routine has it. Only
 *     Cancel, CancelRoutine and the I/O manager's private part are touched by others.
 * R2  Between IopIssueIrp and IopUnlinkIrp a threaded request is in its issuer's list or its file's. Who finds it there
 *     under IoIrpListLock may take a reference (IopReferenceIrp); the memory lives until all are released.
 * R3  STATUS_PENDING is returned for an IRP if and only if its location was marked pending; then the
 *     requestor hears of the end by status block, event and APC. If it was not pending and failed, the
 *     requestor has the status from the call and hears nothing more. [ddi:different-ways-of-handling-irps]
 * R4  A threaded request is freed by the completer, or by its waiter if it has one: IOP_WAITED does not
 *     change after issue.
 * R5  The issuer does not end while its list is not empty (IoCancelThreadIrps). A request in a file's list
 *     outlives it: Tail.Overlay.Thread is then an address to compare, not to follow.
 */
#include "io/iop.h"

/*
 * Memory of requests by their number of stack locations: exact for none, 1, 2, 4, 8 and 16 drivers above the one
 * at the bottom, because of those that wait for a receive there may be a hundred thousand.
 */
#define IRP_CACHE(index, locations, depth) \
    {index, IOP_TAG_IRP, sizeof(IOP_IRP) + (locations) * sizeof(IO_STACK_LOCATION), depth}
static const EX_CACHE IrpCaches[] = {
    IRP_CACHE(ExCacheIrp1, 1, 256),
    IRP_CACHE(ExCacheIrp2, 2, 256),
    IRP_CACHE(ExCacheIrp3, 3, 256),
    IRP_CACHE(ExCacheIrp5, 5, 128),
    IRP_CACHE(ExCacheIrp9, 9, 64),
    IRP_CACHE(ExCacheIrp17, 17, 64),
};
#define IRP_LOCATIONS_CACHED 17
static const UCHAR IrpCacheOf[IRP_LOCATIONS_CACHED + 1] = {0, 0, 1, 2, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5};

static const EX_CACHE SmallBuffers = {ExCacheIoBuffer, IOP_TAG_BUFFER, 256, 256};

#define NOT_CACHED 0xFF /* CacheKind: from the pool */

static VOID SetUpIrp(PIRP Irp, USHORT PacketSize, CCHAR StackSize)
{
    Irp->Type = IO_TYPE_IRP;
    Irp->Size = PacketSize;
    Irp->StackCount = StackSize;
    Irp->CurrentLocation = (CHAR)(StackSize + 1);
    Irp->Tail.Overlay.CurrentStackLocation = (PIO_STACK_LOCATION)(PVOID)(Irp + 1) + StackSize;
    InitializeListHead(&Irp->ThreadListEntry);
}

VOID IoInitializeIrp(PIRP Irp, USHORT PacketSize, CCHAR StackSize)
{
    RtlZeroMemory(Irp, PacketSize);
    SetUpIrp(Irp, PacketSize, StackSize);
}

/* By pieces whose sizes the compiler knows, so that it needs no call. */
static VOID ZeroRequest(IOP_IRP *Request, CCHAR StackSize)
{
    PIO_STACK_LOCATION Locations = (PIO_STACK_LOCATION)(PVOID)(Request + 1);
    RtlZeroMemory(Request, FIELD_OFFSET(IOP_IRP, Small));
    RtlZeroMemory(&Request->Irp, sizeof Request->Irp);
    for (int i = 0; i < StackSize; i++)
        RtlZeroMemory(&Locations[i], sizeof Locations[i]);
}

IOP_IRP *IopAllocateIrp(CCHAR StackSize)
{
    IOP_THREAD *Thread = IopCurrentThread();
    IOP_IRP *Request;
    UCHAR Kind;

    if (StackSize < 0 || StackSize > IO_STACK_LOCATIONS_MAX)
        return NULL;
    if (StackSize <= IRP_LOCATIONS_CACHED) {
        Kind = IrpCacheOf[(UCHAR)StackSize];
        Request = ExAllocateFromCache(&IrpCaches[Kind]);
    } else {
        Kind = NOT_CACHED;
        Request = ExAllocatePoolWithTag(NonPagedPool,
            sizeof *Request + (SIZE_T)StackSize * sizeof(IO_STACK_LOCATION), IOP_TAG_IRP);
    }
    if (Request == NULL)
        return NULL;
    ZeroRequest(Request, StackSize);
    SetUpIrp(&Request->Irp, IoSizeOfIrp(StackSize), StackSize);
    Request->Irp.AllocationFlags = IOP_IRP_ALLOCATED;
    Request->References = 1;
    Request->CacheKind = Kind;
    __atomic_store_n(&Thread->IrpBalance, Thread->IrpBalance + 1, __ATOMIC_RELAXED);
    return Request;
}

IOP_IRP *IopAllocateIrpMustSucceed(CCHAR StackSize)
{
    IOP_IRP *Request;
    /* Not a wait of the kernel's: a DPC or a poller's handler may have dropped the last reference to a file. */
    while ((Request = IopAllocateIrp(StackSize)) == NULL)
        host_sleep_100ns(IOP_MEMORY_PAUSE_100NS);
    return Request;
}

static VOID FreeIrpMemory(IOP_IRP *Request)
{
    IOP_THREAD *Thread = IopCurrentThread();
    UCHAR Kind = Request->CacheKind;
    ASSERT(Request->Issuer == NULL);
    ASSERT(__atomic_load_n(&Request->Irp.CancelRoutine, __ATOMIC_RELAXED) == NULL);
    Request->Irp.Type = 0; /* a second completion is recognised */
    __atomic_store_n(&Thread->IrpBalance, Thread->IrpBalance - 1, __ATOMIC_RELAXED);
    if (Kind != NOT_CACHED)
        ExFreeToCache(&IrpCaches[Kind], Request);
    else
        ExFreePoolWithTag(Request, IOP_TAG_IRP);
}

VOID IopReferenceIrp(IOP_IRP *Request)
{
    __atomic_add_fetch(&Request->References, 1, __ATOMIC_RELAXED);
}

VOID IopReleaseIrp(IOP_IRP *Request)
{
    /* References are added only to requests in a list (R2): the last one needs no locked operation. */
    if (__atomic_load_n(&Request->References, __ATOMIC_ACQUIRE) == 1 ||
        __atomic_sub_fetch(&Request->References, 1, __ATOMIC_ACQ_REL) == 0)
        FreeIrpMemory(Request);
}

BOOLEAN IopAllocateBuffer(IOP_IRP *Request, ULONG Bytes)
{
    PVOID Buffer;
    if (Bytes <= sizeof Request->Small) {
        Request->SystemBuffer = Request->Small;
        return TRUE;
    }
    if (Bytes <= SmallBuffers.Size) {
        Buffer = ExAllocateFromCache(&SmallBuffers);
        Request->Flags |= IOP_CACHED_BUFFER;
    } else {
        Buffer = ExAllocatePoolWithTag(NonPagedPool, Bytes, IOP_TAG_BUFFER);
        Request->Flags &= (UCHAR)~IOP_CACHED_BUFFER;
    }
    if (Buffer == NULL)
        return FALSE;
    Request->SystemBuffer = Buffer;
    return TRUE;
}

BOOLEAN IopAllocateSystemBuffer(IOP_IRP *Request, ULONG Bytes)
{
    if (!IopAllocateBuffer(Request, Bytes))
        return FALSE;
    Request->Irp.AssociatedIrp.SystemBuffer = Request->SystemBuffer;
    Request->Irp.Flags |= IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER;
    return TRUE;
}

VOID IopFreeBuffers(IOP_IRP *Request)
{
    PMDL Mdl = Request->Irp.MdlAddress;
    if (Request->SystemBuffer != NULL && Request->SystemBuffer != Request->Small) {
        if (Request->Flags & IOP_CACHED_BUFFER)
            ExFreeToCache(&SmallBuffers, Request->SystemBuffer);
        else
            ExFreePoolWithTag(Request->SystemBuffer, IOP_TAG_BUFFER);
    }
    Request->SystemBuffer = NULL;
    Request->Irp.MdlAddress = NULL;
    while (Mdl != NULL) {
        PMDL Next = Mdl->Next;
        IoFreeMdl(Mdl);
        Mdl = Next;
    }
}

PIRP IoAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota)
{
    IOP_IRP *Request = IopAllocateIrp(StackSize);
    return Request != NULL ? &Request->Irp : NULL;
}

VOID IoFreeIrp(PIRP Irp)
{
    IOP_IRP *Request = IopPrivate(Irp);
    if (!IopIsOurs(Irp) || Irp->Type != IO_TYPE_IRP)
        KeBugCheckEx(0x44 /* MULTIPLE_IRP_COMPLETE_REQUESTS */, (ULONG_PTR)Irp, 0, 0, 0);
    if (Request->Flags & IOP_THREADED) {
        IopUnlinkIrp(Request);
        IopFreeBuffers(Request);
        IopReleaseRequestReferences(Request);
    }
    IopReleaseIrp(Request);
}

VOID IoReuseIrp(PIRP Irp, NTSTATUS Status)
{
    UCHAR AllocationFlags = Irp->AllocationFlags;
    IoInitializeIrp(Irp, Irp->Size, Irp->StackCount);
    Irp->AllocationFlags = AllocationFlags;
    Irp->IoStatus.Status = Status;
}

VOID IopIssueIrp(IOP_IRP *Request, IOP_THREAD *Thread, PFILE_OBJECT FileObject)
{
    Request->Flags |= IOP_THREADED;
    Request->Irp.Tail.Overlay.Thread = KeGetCurrentThread();
    Request->Irp.Tail.Overlay.OriginalFileObject = FileObject;
    Request->ThreadNumber = KeThreadNumber(Request->Irp.Tail.Overlay.Thread);
    if (Request->Flags & IOP_ON_FILE) {
        IopLockFileIrps(FileObject);
        InsertTailList(&FileObject->IrpList, &Request->Irp.ThreadListEntry);
        IopUnlockFileIrps(FileObject);
        return;
    }
    Request->Issuer = Thread;
    IopLockIrpList(Thread);
    InsertTailList(&Thread->Irps, &Request->Irp.ThreadListEntry);
    IopUnlockIrpList(Thread);
}

VOID IopUnlinkIrp(IOP_IRP *Request)
{
    IOP_THREAD *Thread = Request->Issuer;
    KE_COMPLETION *Drained = NULL;
    if (Request->Flags & IOP_ON_FILE) {
        PFILE_OBJECT File = Request->Irp.Tail.Overlay.OriginalFileObject;
        IopLockFileIrps(File);
        RemoveEntryList(&Request->Irp.ThreadListEntry);
        InitializeListHead(&Request->Irp.ThreadListEntry);
        IopUnlockFileIrps(File);
        Request->Flags &= (UCHAR)~IOP_ON_FILE;
        return;
    }
    if (Thread == NULL)
        return;
    IopLockIrpList(Thread);
    RemoveEntryList(&Request->Irp.ThreadListEntry);
    InitializeListHead(&Request->Irp.ThreadListEntry);
    if (Thread->Drained != NULL && IsListEmpty(&Thread->Irps)) {
        Drained = Thread->Drained;
        Thread->Drained = NULL;
    }
    IopUnlockIrpList(Thread);
    Request->Issuer = NULL;
    if (Drained != NULL)
        KeSignalCompletion(Drained);
}

NTSTATUS IopSendAndWait(IOP_IRP *Request, PDEVICE_OBJECT Top, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    PIRP Irp = &Request->Irp;
    KE_COMPLETION Completion;
    NTSTATUS Status, Wait;

    KeInitializeCompletion(&Completion);
    Request->Completion = &Completion;
    Request->Flags |= IOP_WAITED;
    Request->Dispatching = TRUE;
    Status = IoCallDriver(Top, Irp);
    Request->Dispatching = FALSE;
    /* The IRP completes in any case; what the dispatch routine returned only says when. */
    Wait = KeWaitCompletion(&Completion, Alertable && Status == STATUS_PENDING,
        Status == STATUS_PENDING ? Timeout : NULL);
    if (Wait != STATUS_SUCCESS) {
        IoCancelIrp(Irp);
        (void)KeWaitCompletion(&Completion, FALSE, NULL);
    }
    if (Status == STATUS_PENDING)
        KeClearDirectWait();
    Status = Irp->IoStatus.Status;
    if (Wait != STATUS_SUCCESS && Status == STATUS_CANCELLED)
        Status = Wait == STATUS_TIMEOUT ? STATUS_IO_TIMEOUT : STATUS_USER_APC;
    return Status;
}

/* Looks only at locations above the one that is about to pend: a completion routine there may hold the IRP
 * back, and its driver's dispatch routine wait on this thread for something else. */
BOOLEAN IoMayPollDirectly(PIRP Irp)
{
    PIO_STACK_LOCATION Location = IoGetCurrentIrpStackLocation(Irp);
    if ((Irp->Flags & IRP_SYNCHRONOUS_API) == 0 || !IopIsOurs(Irp) ||
        Irp->Tail.Overlay.Thread != KeGetCurrentThread() ||
        !IopPrivate(Irp)->Dispatching)
        return FALSE;
    for (int i = Irp->CurrentLocation; i <= Irp->StackCount; i++, Location++) {
        if (Location->CompletionRoutine != NULL)
            return FALSE;
    }
    return TRUE;
}

BOOLEAN IoIsOperationSynchronous(PIRP Irp)
{
    PFILE_OBJECT File = Irp->Tail.Overlay.OriginalFileObject;
    return (Irp->Flags & IRP_SYNCHRONOUS_API) != 0 ||
        (File != NULL && (IopFileFlags(File) & FO_SYNCHRONOUS_IO) != 0);
}
