/* SPDX-License-Identifier: MIT */
/*
 * io_port.c - completion ports, and files that are associated with one.
 *
 * Layer: ntos. NT counterpart: the I/O manager's completion objects (NtCreateIoCompletion and relatives).
 *
 * A port is a KE_QUEUE. What is queued is the finished IRP itself, by Tail.Overlay.ListEntry, with the
 * file's key in Tail.CompletionKey; or an IOP_PACKET for what had no IRP: fast I/O, NtSetIoCompletion.
 * A port lives while it has handles, waiting threads and associated files. With the last handle its
 * queue is run down: waits end with STATUS_ABANDONED_WAIT_0, and packets are dropped, then and later.
 */
#include "io/iop.h"

typedef struct IOP_PORT {
    KE_QUEUE Queue; /* first: its header is waited for */
    KE_POLLER *Poller;
} IOP_PORT;

#define REMOVE_BATCH 64

static const EX_CACHE Packets = {ExCacheIoPacket, IOP_TAG_PORT, sizeof(IOP_PACKET), 256};

IOP_PACKET *IopAllocatePacket(VOID)
{
    IOP_PACKET *Packet = ExAllocateFromCache(&Packets);
    if (Packet != NULL)
        Packet->PacketType = IopPacketMini;
    return Packet;
}

VOID IopFreePacket(IOP_PACKET *Packet)
{
    ExFreeToCache(&Packets, Packet);
}

static PIRP IrpOfEntry(PLIST_ENTRY Entry)
{
    return CONTAINING_RECORD(Entry, IRP, Tail.Overlay.ListEntry);
}

/* Both kinds have the type behind the link. */
_Static_assert(FIELD_OFFSET(IRP, Tail.Overlay.PacketType) - FIELD_OFFSET(IRP, Tail.Overlay.ListEntry) ==
    FIELD_OFFSET(IOP_PACKET, PacketType), "PacketType");

/* What a packet says, and its end. */
static VOID OpenPacket(PLIST_ENTRY Entry, FILE_IO_COMPLETION_INFORMATION *Information)
{
    IOP_PACKET *Packet = CONTAINING_RECORD(Entry, IOP_PACKET, ListEntry);
    if (Packet->PacketType != IopPacketIrp) {
        Information->KeyContext = Packet->KeyContext;
        Information->ApcContext = Packet->ApcContext;
        Information->IoStatusBlock = Packet->IoStatus;
        if (Packet->PacketType == IopPacketMini)
            IopFreePacket(Packet);
        else
            IopReturnReserve(Packet);
    } else {
        PIRP Irp = IrpOfEntry(Entry);
        Information->KeyContext = Irp->Tail.CompletionKey;
        Information->ApcContext = Irp->Overlay.AsynchronousParameters.UserApcContext;
        Information->IoStatusBlock = Irp->IoStatus;
        IopReleaseIrp(IopPrivate(Irp));
    }
}

/* --- the object --- */

static VOID ClosePort(PVOID Object, LONG RemainingHandles)
{
    IOP_PORT *Port = Object;
    FILE_IO_COMPLETION_INFORMATION Dropped;
    LIST_ENTRY Rest;

    if (RemainingHandles != 0)
        return;
    KeRundownQueue(&Port->Queue, &Rest);
    while (!IsListEmpty(&Rest))
        OpenPacket(RemoveHeadList(&Rest), &Dropped);
}

static VOID DeletePort(PVOID Object)
{
    IOP_PORT *Port = Object;
    if (Port->Poller == NULL)
        return; /* was never made */
    KeDeleteQueue(&Port->Queue);
    KeDereferencePoller(Port->Poller);
}

__attribute__((constructor(200))) static VOID RegisterPortType(VOID)
{
    ObpIoCompletionType.CloseProcedure = ClosePort;
    ObpIoCompletionType.DeleteProcedure = DeletePort;
}

NTSTATUS NtCreateIoCompletion(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes, ULONG Count)
{
    IOP_PORT *Port;
    NTSTATUS Status = ExProbeForWrite(Handle, sizeof *Handle);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObCreateObject(&ObpIoCompletionType, sizeof *Port, (PVOID *)&Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KeCreatePoller(&Port->Poller);
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(Port);
        return Status;
    }
    KeInitializeQueue(&Port->Queue, Count, Port->Poller);
    return ExInsertNewObject(Port, Attributes, Access, Handle);
}

NTSTATUS NtOpenIoCompletion(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes)
{
    return ExOpenNamedObject(&ObpIoCompletionType, Handle, Access, Attributes);
}

static NTSTATUS ReferencePort(HANDLE Handle, ACCESS_MASK Access, IOP_PORT **Port)
{
    return ObReferenceObjectByHandle(Handle, Access, &ObpIoCompletionType, UserMode, (PVOID *)Port, NULL);
}

NTSTATUS NtQueryIoCompletion(HANDLE Handle, IO_COMPLETION_INFORMATION_CLASS Class, PVOID Information,
    ULONG Length, PULONG ReturnLength)
{
    IO_COMPLETION_BASIC_INFORMATION Basic;
    IOP_PORT *Port;
    NTSTATUS Status;

    if (Class != IoCompletionBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (Length != sizeof Basic)
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = ExProbeForWrite(Information, Length);
    if (NT_SUCCESS(Status) && ReturnLength != NULL)
        Status = ExProbeForWrite(ReturnLength, sizeof *ReturnLength);
    if (NT_SUCCESS(Status))
        Status = ReferencePort(Handle, IO_COMPLETION_QUERY_STATE, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Basic.Depth = __atomic_load_n(&Port->Queue.Header.SignalState, __ATOMIC_ACQUIRE);
    ObDereferenceObject(Port);
    Status = ExCopyToUser(Information, &Basic, sizeof Basic, 1);
    if (NT_SUCCESS(Status) && ReturnLength != NULL)
        *ReturnLength = sizeof Basic;
    return Status;
}

/* --- packets --- */

static VOID QueueEntry(IOP_PORT *Port, PLIST_ENTRY Entry)
{
    FILE_IO_COMPLETION_INFORMATION Dropped;
    if (!KeInsertQueue(&Port->Queue, Entry))
        OpenPacket(Entry, &Dropped);
}

/* A packet of the caller's making. */
static VOID QueueOwn(IOP_PORT *Port, IOP_PACKET *Packet, PVOID KeyContext, PVOID ApcContext, NTSTATUS IoStatus,
    ULONG_PTR Information)
{
    Packet->KeyContext = KeyContext;
    Packet->ApcContext = ApcContext;
    Packet->IoStatus.Pointer = NULL;
    Packet->IoStatus.Status = IoStatus;
    Packet->IoStatus.Information = Information;
    QueueEntry(Port, &Packet->ListEntry);
}

NTSTATUS NtSetIoCompletion(HANDLE Handle, PVOID KeyContext, PVOID ApcContext, NTSTATUS IoStatus,
    ULONG_PTR IoStatusInformation)
{
    IOP_PORT *Port;
    IOP_PACKET *Packet;
    NTSTATUS Status = ReferencePort(Handle, IO_COMPLETION_MODIFY_STATE, &Port);

    if (!NT_SUCCESS(Status))
        return Status;
    Packet = IopAllocatePacket();
    if (Packet != NULL)
        QueueOwn(Port, Packet, KeyContext, ApcContext, IoStatus, IoStatusInformation);
    else
        Status = STATUS_INSUFFICIENT_RESOURCES;
    ObDereferenceObject(Port);
    return Status;
}

NTSTATUS NtSetIoCompletionEx(HANDLE Handle, HANDLE ReserveHandle, PVOID KeyContext, PVOID ApcContext, NTSTATUS IoStatus,
    ULONG_PTR IoStatusInformation)
{
    IOP_PORT *Port;
    IOP_PACKET *Packet;
    NTSTATUS Status = ReferencePort(Handle, IO_COMPLETION_MODIFY_STATE, &Port);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopTakeReserve(ReserveHandle, &Packet);
    if (NT_SUCCESS(Status))
        QueueOwn(Port, Packet, KeyContext, ApcContext, IoStatus, IoStatusInformation);
    ObDereferenceObject(Port);
    return Status;
}

VOID IopQueuePacket(PFILE_OBJECT FileObject, IOP_PACKET *Packet, PVOID ApcContext, const IO_STATUS_BLOCK *Status)
{
    const IOP_COMPLETION_CONTEXT *Context = IopCompletionContext(FileObject);
    if (Context == NULL) {
        IopFreePacket(Packet); /* the association has been taken back meanwhile */
        return;
    }
    Packet->KeyContext = Context->Public.Key;
    Packet->ApcContext = ApcContext;
    Packet->IoStatus = *Status;
    QueueEntry(Context->Public.Port, &Packet->ListEntry);
}

BOOLEAN IopQueueRequest(PFILE_OBJECT FileObject, IOP_IRP *Request)
{
    const IOP_COMPLETION_CONTEXT *Context = IopCompletionContext(FileObject);
    if (Context == NULL)
        return FALSE;
    Request->Irp.Tail.Overlay.PacketType = IopPacketIrp;
    Request->Irp.Tail.CompletionKey = Context->Public.Key;
    QueueEntry(Context->Public.Port, &Request->Irp.Tail.Overlay.ListEntry);
    return TRUE;
}

NTSTATUS NtRemoveIoCompletion(HANDLE Handle, PVOID *KeyContext, PVOID *ApcContext, PIO_STATUS_BLOCK IoStatusBlock,
    PLARGE_INTEGER Timeout)
{
    FILE_IO_COMPLETION_INFORMATION Information;
    LARGE_INTEGER Time;
    PLIST_ENTRY Entry;
    IOP_PORT *Port;
    ULONG Removed;
    NTSTATUS Status = ExProbeForWrite(IoStatusBlock, sizeof *IoStatusBlock);

    if (NT_SUCCESS(Status))
        Status = ExProbeForWrite(KeyContext, sizeof *KeyContext);
    if (NT_SUCCESS(Status))
        Status = ExProbeForWrite(ApcContext, sizeof *ApcContext);
    if (NT_SUCCESS(Status) && Timeout != NULL)
        Status = ExCopyFromUser(&Time, Timeout, sizeof Time, 1);
    if (NT_SUCCESS(Status))
        Status = ReferencePort(Handle, IO_COMPLETION_MODIFY_STATE, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KeRemoveQueue(&Port->Queue, &Entry, 1, &Removed, FALSE, Timeout != NULL ? &Time : NULL);
    ObDereferenceObject(Port);
    if (Status == STATUS_SUCCESS) {
        OpenPacket(Entry, &Information);
        *KeyContext = Information.KeyContext;
        *ApcContext = Information.ApcContext;
        *IoStatusBlock = Information.IoStatusBlock;
    }
    return Status;
}

/* An array of more than a batch is filled with what is there without another wait. */
static ULONG RemoveMore(IOP_PORT *Port, PFILE_IO_COMPLETION_INFORMATION Information, ULONG Count)
{
    static const LARGE_INTEGER Now = {.QuadPart = 0};
    PLIST_ENTRY Entries[REMOVE_BATCH];
    ULONG Removed = 0, Got;
    LARGE_INTEGER Time = Now;
    while (Removed < Count) {
        ULONG Wanted = Count - Removed < REMOVE_BATCH ? Count - Removed : REMOVE_BATCH;
        if (KeRemoveQueue(&Port->Queue, Entries, Wanted, &Got, FALSE, &Time) != STATUS_SUCCESS)
            break;
        for (ULONG i = 0; i < Got; i++)
            OpenPacket(Entries[i], &Information[Removed + i]);
        Removed += Got;
    }
    return Removed;
}

NTSTATUS NtRemoveIoCompletionEx(HANDLE Handle, PFILE_IO_COMPLETION_INFORMATION Information, ULONG Count,
    PULONG Removed, PLARGE_INTEGER Timeout, BOOLEAN Alertable)
{
    PLIST_ENTRY Entries[REMOVE_BATCH];
    LARGE_INTEGER Time;
    IOP_PORT *Port;
    ULONG Got = 0;
    NTSTATUS Status;

    if (Count == 0)
        return STATUS_INVALID_PARAMETER;
    Status = ExProbeForWrite(Information, (SIZE_T)Count * sizeof *Information);
    if (NT_SUCCESS(Status))
        Status = ExProbeForWrite(Removed, sizeof *Removed);
    if (NT_SUCCESS(Status) && Timeout != NULL)
        Status = ExCopyFromUser(&Time, Timeout, sizeof Time, 1);
    if (NT_SUCCESS(Status))
        Status = ReferencePort(Handle, IO_COMPLETION_MODIFY_STATE, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KeRemoveQueue(&Port->Queue, Entries, Count < REMOVE_BATCH ? Count : REMOVE_BATCH, &Got, Alertable,
        Timeout != NULL ? &Time : NULL);
    if (Status == STATUS_SUCCESS) {
        for (ULONG i = 0; i < Got; i++)
            OpenPacket(Entries[i], &Information[i]);
        if (Got == REMOVE_BATCH)
            Got += RemoveMore(Port, Information + Got, Count - Got);
        *Removed = Got;
    } else {
        *Removed = 0;
    }
    ObDereferenceObject(Port);
    return Status;
}

/* --- files --- */

struct KE_POLLER *IoFilePoller(PFILE_OBJECT FileObject)
{
    const IOP_COMPLETION_CONTEXT *Context = IopCompletionContext(FileObject);
    return Context != NULL ? ((IOP_PORT *)Context->Public.Port)->Poller : NULL;
}

static EX_LOCK PortFileLock;
static LIST_ENTRY PortFiles = {&PortFiles, &PortFiles}; /* first contexts of files; IoPortFileLock */

static inline void LockPortFiles(void) _Acquires_lock_(IoPortFileLock) LOCK_UNCHECKED
{
    ExAcquireLock(&PortFileLock, IoPortFileLockRank);
}
static inline void UnlockPortFiles(void) _Releases_lock_(IoPortFileLock) LOCK_UNCHECKED
{
    ExReleaseLock(&PortFileLock, IoPortFileLockRank);
}

/* Makes Context (NULL: none) the file's. FALSE: it has one, and it is not to be replaced. */
static BOOLEAN SetContext(PFILE_OBJECT File, IOP_COMPLETION_CONTEXT *Context, BOOLEAN Replace)
{
    BOOLEAN Set;
    LockPortFiles();
    Set = Replace || File->CompletionContext == NULL;
    if (Set && Context != NULL) {
        Context->First = File->FileObjectExtension == NULL;
        if (Context->First)
            InsertTailList(&PortFiles, &Context->Link);
        else
            Context->Older = File->FileObjectExtension;
        File->FileObjectExtension = Context;
    }
    if (Set)
        __atomic_store_n(&File->CompletionContext, Context, __ATOMIC_RELEASE);
    UnlockPortFiles();
    return Set;
}

/*
 * A file is associated once; FileReplaceCompletionInformation alone changes that, or ends it with a NULL
 * port. [doc:ntifs/ns-ntifs-file_completion_information] [doc:wdm/ne-wdm-file_information_class]
 */
NTSTATUS IopAssociatePort(PFILE_OBJECT FileObject, const FILE_COMPLETION_INFORMATION *Information, BOOLEAN Replace)
{
    IOP_COMPLETION_CONTEXT *Context;
    IOP_PORT *Port;
    NTSTATUS Status;

    if (IopFileFlags(FileObject) & FO_SYNCHRONOUS_IO)
        return STATUS_INVALID_PARAMETER;
    if (Replace && Information->Port == NULL) {
        (void)SetContext(FileObject, NULL, TRUE);
        return STATUS_SUCCESS;
    }
    Status = ReferencePort(Information->Port, IO_COMPLETION_MODIFY_STATE, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Context = ExAllocatePoolWithTag(NonPagedPool, sizeof *Context, IOP_TAG_PORT);
    if (Context == NULL) {
        ObDereferenceObject(Port);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Context->Public.Port = Port;
    Context->Public.Key = Information->Key;
    Context->File = FileObject;
    Context->Declined = 0;
    if (!SetContext(FileObject, Context, Replace)) {
        ObDereferenceObject(Port);
        ExFreePoolWithTag(Context, IOP_TAG_PORT);
        return STATUS_INVALID_PARAMETER;
    }
    return STATUS_SUCCESS;
}

VOID IopDeleteCompletionContext(PFILE_OBJECT FileObject)
{
    IOP_COMPLETION_CONTEXT *Context = FileObject->FileObjectExtension, *Older;
    for (; Context != NULL; Context = Older) {
        Older = Context->First ? NULL : Context->Older;
        if (Context->First) {
            LockPortFiles();
            RemoveEntryList(&Context->Link);
            UnlockPortFiles();
        }
        ObDereferenceObject(Context->Public.Port);
        ExFreePoolWithTag(Context, IOP_TAG_PORT);
    }
}

BOOLEAN IopIsInFileRequest(PDEVICE_OBJECT Device)
{
    BOOLEAN Found = FALSE;
    LockPortFiles();
    for (PLIST_ENTRY Entry = PortFiles.Flink; Entry != &PortFiles && !Found; Entry = Entry->Flink) {
        PFILE_OBJECT File = CONTAINING_RECORD(Entry, IOP_COMPLETION_CONTEXT, Link)->File;
        IopLockFileIrps(File);
        for (PLIST_ENTRY At = File->IrpList.Flink; At != &File->IrpList && !Found; At = At->Flink)
            Found = IopPrivate(CONTAINING_RECORD(At, IRP, ThreadListEntry))->Top == Device;
        IopUnlockFileIrps(File);
    }
    UnlockPortFiles();
    return Found;
}
