/* SPDX-License-Identifier: MIT */
/*
 * iop.h - private to src/ntos/io: the I/O manager's own part of requests, threads, devices, drivers.
 *
 * Layer: ntos. The life of a request is told at the head of io_irp.c.
 */
#ifndef NTOS_IOP_H
#define NTOS_IOP_H

#include "iomgr.h"

#include "ex.h"
#include "ke.h"
#include "locks.h"
#include "ob.h"

/* Who must have memory looks again after this long. */
#define IOP_MEMORY_PAUSE_100NS 10000

#define IOP_TAG_IRP ' prI'
#define IOP_TAG_BUFFER 'uBoI'
#define IOP_TAG_MDL ' ldM'
#define IOP_TAG_THREAD 'hToI'
#define IOP_TAG_EA 'aEoI'
#define IOP_TAG_NAME 'mNoI'
#define IOP_TAG_WORK_ITEM 'iWoI'
#define IOP_TAG_DRIVER 'rDoI'
#define IOP_TAG_PORT 'pCoI'

/* --- threads: io_thread.c --- */

#define IOP_PINS_MAX 8
#define IOP_WALKING ((PDEVICE_OBJECT)1)

/*
 * What the I/O manager keeps for a thread. Created at the thread's first request; released for the
 * next thread at its exit; never freed, so that the list of all of them can be walked without a lock.
 *
 * T1  Pin[0 .. Depth-1] names the filter devices whose code this thread may be executing. They are written by
 *     the owner only. A device that is unlinked and not pinned is not entered any more.
 */
typedef struct DECLSPEC_ALIGN(64) IOP_THREAD {
    struct IOP_THREAD *Next; /* constant once linked */
    volatile LONG InUse;
    PKTHREAD volatile Thread;
    EX_SPIN IrpLock;
    LIST_ENTRY Irps _Guarded_by_(IoIrpListLock); /* IRP.ThreadListEntry */
    KE_COMPLETION *Drained _Guarded_by_(IoIrpListLock); /* somebody waits for Irps to be empty */
    LONG IrpBalance; /* IRPs allocated less IRPs freed, here; written by the owner only */
    volatile ULONG Depth;
    PDEVICE_OBJECT volatile Pin[IOP_PINS_MAX];
} IOP_THREAD;

extern _Thread_local IOP_THREAD *IopThisThread __attribute__((tls_model("initial-exec")));
IOP_THREAD *IopEnterThread(VOID); /* slow path */
FORCEINLINE IOP_THREAD *IopCurrentThread(VOID)
{
    IOP_THREAD *Thread = IopThisThread;
    return __builtin_expect(Thread != NULL, 1) ? Thread : IopEnterThread();
}
IOP_THREAD *IopFirstThread(VOID);

static inline void IopLockIrpList(IOP_THREAD *Thread) _Acquires_lock_(IoIrpListLock) LOCK_UNCHECKED
{
    ExAcquireSpin(&Thread->IrpLock, IoIrpListLockRank);
}
static inline void IopUnlockIrpList(IOP_THREAD *Thread) _Releases_lock_(IoIrpListLock) LOCK_UNCHECKED
{
    ExReleaseSpin(&Thread->IrpLock, IoIrpListLockRank);
}

/*
 * IopEnterStack - the device at the top of the stack over Base, to which the request goes, pinned until
 * IopLeaveStack with the depth that was before. A device without filters needs no pin: its
 * driver is built in, or has files open and is not unloaded.
 */
PDEVICE_OBJECT IopPinStack(IOP_THREAD *Thread, PDEVICE_OBJECT Base);
FORCEINLINE PDEVICE_OBJECT IopEnterStack(IOP_THREAD *Thread, PDEVICE_OBJECT Base)
{
    if (__atomic_load_n(&Base->AttachedDevice, __ATOMIC_ACQUIRE) == NULL)
        return Base;
    return IopPinStack(Thread, Base);
}
FORCEINLINE VOID IopPinDevice(IOP_THREAD *Thread, PDEVICE_OBJECT Device)
{
    ULONG Depth = Thread->Depth;
    if (Depth < IOP_PINS_MAX)
        __atomic_store_n(&Thread->Pin[Depth], Device, __ATOMIC_SEQ_CST);
    __atomic_store_n(&Thread->Depth, Depth + 1, __ATOMIC_RELEASE);
}
FORCEINLINE VOID IopLeaveStack(IOP_THREAD *Thread, ULONG Depth)
{
    if (Thread->Depth != Depth) {
        if (Depth < IOP_PINS_MAX)
            __atomic_store_n(&Thread->Pin[Depth], NULL, __ATOMIC_RELEASE);
        __atomic_store_n(&Thread->Depth, Depth, __ATOMIC_RELEASE);
    }
}
/* May a thread be executing the device's driver on behalf of a request, or a request come to it or
 * back to it? Walks threads, their requests, and the devices that were attached above. */
BOOLEAN IopIsDeviceBusy(PDEVICE_OBJECT Device) _Requires_lock_held_(IoDatabaseLock);

/* --- requests: io_irp.c --- */

#define IOP_IRP_ALLOCATED 0x01 /* IRP.AllocationFlags: an IOP_IRP is around the IRP */

/* IOP_IRP.Flags */
#define IOP_THREADED 0x01    /* issued by a thread; finished by the I/O manager */
#define IOP_WAITED 0x02      /* a thread waits on Completion, and then reports and frees */
#define IOP_OWNS_FILE 0x04   /* Tail.Overlay.OriginalFileObject is a reference */
#define IOP_OWNS_EVENT 0x08  /* UserEvent is a reference */
#define IOP_OWNS_THREAD 0x10 /* Tail.Overlay.Thread is a reference, for the APC */
#define IOP_CACHED_BUFFER 0x20
#define IOP_ON_FILE 0x80     /* in its file's list, not in its issuer's: it outlives the thread */
#define IOP_TRUSTED 0x40     /* the buffers are those of a layer of the stack: copied without probing */

#define IOP_SMALL_BUFFER 48 /* what is captured of a send or a receive with one buffer */

/*
 * The I/O manager's part of an IRP, in front of it. See io_irp.c for its life. There is one for every request that
 * waits: what is needed only meanwhile lies elsewhere.
 */
typedef struct DECLSPEC_ALIGN(16) IOP_IRP {
    IOP_THREAD *Issuer; /* its list holds the IRP; NULL: none */
    PDEVICE_OBJECT Top; /* the filter device the request entered by; NULL: none */
    PVOID SystemBuffer; /* to free, whatever drivers did to AssociatedIrp; or Small */
    KE_COMPLETION *Completion; /* with IOP_WAITED: the waiter's, on its stack */
    volatile LONG References;
    UCHAR Flags; /* written by the issuer before IoCallDriver, then by whoever retires it */
    UCHAR CacheKind; /* io_irp.c's: where the memory came from */
    BOOLEAN Dispatching; /* the issuer is still in IoCallDriver; only it looks */
    UCHAR Code; /* IOP_CODE_NUMBER, of a device control */
    ULONG OutputLength; /* of METHOD_BUFFERED, to copy back */
    ULONG ThreadNumber; /* of the issuing thread, whose address another may have by now */
#if defined(DBG) && DBG
    /* one bit per stack location, see io_call.c */
    volatile ULONGLONG CallActive, CallReturned, ReturnedPending, Completed, MarkedPending, Ambiguous;
#endif
    DECLSPEC_ALIGN(16) UCHAR Small[IOP_SMALL_BUFFER]; /* not zeroed */
    IRP Irp;
} IOP_IRP;

FORCEINLINE IOP_IRP *IopPrivate(PIRP Irp)
{
    return CONTAINING_RECORD(Irp, IOP_IRP, Irp);
}
FORCEINLINE BOOLEAN IopIsOurs(PIRP Irp)
{
    return (Irp->AllocationFlags & IOP_IRP_ALLOCATED) != 0;
}

_Must_inspect_result_ IOP_IRP *IopAllocateIrp(CCHAR StackSize); /* NULL: no memory */
IOP_IRP *IopAllocateIrpMustSucceed(CCHAR StackSize);
VOID IopReferenceIrp(IOP_IRP *Request);
VOID IopReleaseIrp(IOP_IRP *Request);
/* Memory that is freed with the request; as its system buffer too. FALSE: no memory. */
_Must_inspect_result_ BOOLEAN IopAllocateBuffer(IOP_IRP *Request, ULONG Bytes);
_Must_inspect_result_ BOOLEAN IopAllocateSystemBuffer(IOP_IRP *Request, ULONG Bytes);
VOID IopFreeBuffers(IOP_IRP *Request);

/*
 * Marks the request as of the calling thread and of the file, and enters it in the thread's list, or, with
 * IOP_ON_FILE, in the file's.
 */
VOID IopIssueIrp(IOP_IRP *Request, IOP_THREAD *Thread, PFILE_OBJECT FileObject);
/* FILE_OBJECT.IrpListLock guards IrpList: a lock of the class IoIrpListLock in the space of a spin lock. */
static inline void IopLockFileIrps(PFILE_OBJECT FileObject) _Acquires_lock_(IoIrpListLock) LOCK_UNCHECKED
{
    ExAcquireSpin((EX_SPIN *)(PVOID)&FileObject->IrpListLock, IoIrpListLockRank);
}
static inline void IopUnlockFileIrps(PFILE_OBJECT FileObject) _Releases_lock_(IoIrpListLock) LOCK_UNCHECKED
{
    ExReleaseSpin((EX_SPIN *)(PVOID)&FileObject->IrpListLock, IoIrpListLockRank);
}
VOID IopUnlinkIrp(IOP_IRP *Request);
/*
 * IopSendAndWait - sends a threaded request and waits for it on the calling thread. The result is in
 * the IRP, which is still to be released. When Timeout is over or the wait is alerted the request
 * is cancelled and waited for: STATUS_IO_TIMEOUT or STATUS_USER_APC if it ended cancelled.
 */
NTSTATUS IopSendAndWait(IOP_IRP *Request, PDEVICE_OBJECT Top, BOOLEAN Alertable, PLARGE_INTEGER Timeout);

/* --- completion: io_complete.c --- */
#if defined(DBG) && DBG
VOID IopCheckLocationCompleted(PIRP Irp); /* io_call.c: rule R3 for the current location */
#else
#define IopCheckLocationCompleted(i) ((void)0)
#endif
/* Copies buffered output, status block, events, APC: what the requestor sees. Consumes no reference. */
VOID IopReportCompletion(IOP_IRP *Request);
VOID IopReleaseRequestReferences(IOP_IRP *Request);
/* The waiter's end of a native call: reports, queues the APC, drops references, frees. */
VOID IopRetireWaited(IOP_IRP *Request);
/* Writes a status block in the documented order: Information, then Status. [kb:Q184072] */
FORCEINLINE VOID IopWriteStatusBlock(PIO_STATUS_BLOCK Iosb, NTSTATUS Status, ULONG_PTR Information)
{
    __atomic_store_n(&Iosb->Information, Information, __ATOMIC_RELAXED);
    __atomic_store_n(&Iosb->Status, Status, __ATOMIC_RELEASE);
}

/* --- completion ports: io_port.c --- */

/*
 * FILE_OBJECT.CompletionContext: where the file's packets go. It holds a reference to the port. All that the
 * file ever had are kept until it goes, newest first from FileObjectExtension, so that CompletionContext is
 * read without a lock by whoever has a reference to the file.
 */
typedef struct IOP_COMPLETION_CONTEXT {
    IO_COMPLETION_CONTEXT Public;
    PFILE_OBJECT File;
    union {
        LIST_ENTRY Link; /* of the file's first context: in the list of files that have or had a port */
        struct IOP_COMPLETION_CONTEXT *Older; /* of the others, which a file hardly ever has */
    };
    ULONG Declined; /* atomic; bit IOP_CODE_NUMBER: what fast I/O has declined */
    BOOLEAN First;
} IOP_COMPLETION_CONTEXT;
_Static_assert(sizeof(IOP_COMPLETION_CONTEXT) == 48, "every connection of a port has one");
/* Codes share numbers; that one stands for another costs an attempt more or less. */
#define IOP_CODE_NUMBER(code) ((UCHAR)((code) >> 2 & 31))

/* A packet without an IRP. Its first two fields are where an IRP has them behind Tail.Overlay.ListEntry. */
typedef struct IOP_PACKET {
    LIST_ENTRY ListEntry;
    ULONG PacketType;
    PVOID KeyContext;
    PVOID ApcContext;
    IO_STATUS_BLOCK IoStatus;
} IOP_PACKET;
enum IOP_PACKET_TYPE { IopPacketIrp, IopPacketMini, IopPacketReserved };

FORCEINLINE IOP_COMPLETION_CONTEXT *IopCompletionContext(PFILE_OBJECT FileObject)
{
    return __atomic_load_n(&FileObject->CompletionContext, __ATOMIC_ACQUIRE);
}
/*
 * A server asks for what is not there yet, as a rule: fast I/O would look at the request, decline, and the IRP would
 * look at it again. So what was declined goes as an IRP the next time, until such a one ends without having
 * been pending. Only for the layers of the stack, who do not see the difference.
 */
FORCEINLINE BOOLEAN IopWillDecline(PFILE_OBJECT FileObject, UCHAR Code)
{
    const IOP_COMPLETION_CONTEXT *Context = IopCompletionContext(FileObject);
    return Context != NULL && (__atomic_load_n(&Context->Declined, __ATOMIC_RELAXED) & 1u << Code) != 0;
}
FORCEINLINE VOID IopNoteDeclined(PFILE_OBJECT FileObject, UCHAR Code, BOOLEAN Declined)
{
    IOP_COMPLETION_CONTEXT *Context = IopCompletionContext(FileObject);
    ULONG Bit = 1u << Code;
    if (Context == NULL || ((__atomic_load_n(&Context->Declined, __ATOMIC_RELAXED) & Bit) != 0) == Declined)
        return;
    if (Declined)
        __atomic_fetch_or(&Context->Declined, Bit, __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(&Context->Declined, ~Bit, __ATOMIC_RELAXED);
}
/* NULL: no memory. */
_Must_inspect_result_ IOP_PACKET *IopAllocatePacket(VOID);
VOID IopFreePacket(IOP_PACKET *Packet);
/*
 * io_reserve.c: the packet of an IoCompletionReserve, which is the caller's until IopReturnReserve.
 * STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH, STATUS_INVALID_PARAMETER_2: it is queued already.
 */
_Must_inspect_result_ NTSTATUS IopTakeReserve(HANDLE Handle, IOP_PACKET **Packet);
VOID IopReturnReserve(IOP_PACKET *Packet);
/* The file's packet for a call that fast I/O has answered. Consumes the packet; the file is referenced. */
VOID IopQueuePacket(PFILE_OBJECT FileObject, IOP_PACKET *Packet, PVOID ApcContext, const IO_STATUS_BLOCK *Status);
/* Queues a finished request as a packet of its file, referenced by the caller. FALSE: no port is there. */
BOOLEAN IopQueueRequest(PFILE_OBJECT FileObject, IOP_IRP *Request);
/* NtSetInformationFile's classes. */
NTSTATUS IopAssociatePort(PFILE_OBJECT FileObject, const FILE_COMPLETION_INFORMATION *Information, BOOLEAN Replace);
VOID IopDeleteCompletionContext(PFILE_OBJECT FileObject);
/* Did a request in a file's list enter by the filter device? */
BOOLEAN IopIsInFileRequest(PDEVICE_OBJECT Device);

/* --- devices and drivers --- */

#define IOP_DEVICE_DELETED 0x1

/*
 * The I/O manager's part of a device object, behind the driver's extension. Everything that changes is
 * guarded by IoDatabaseLock.
 */
typedef struct _DEVOBJ_EXTENSION {
    SHORT Type;
    USHORT Size;
    PDEVICE_OBJECT DeviceObject;
    PDEVICE_OBJECT AttachedTo; /* the device below, NULL at the bottom */
    /*
     * The device last attached to, referenced: requests inside this device's driver may go on to it
     * even after a detach. NULL: never attached; the others are in its Dependents.
     */
    PDEVICE_OBJECT DependsOn;
    LIST_ENTRY Dependents;
    LIST_ENTRY DependsLink;
    PDEVICE_OBJECT PendingAbove; /* attached by a DriverEntry that has not returned yet */
    ULONG Flags;
    volatile LONG WorkItems; /* queued and not begun */
    ULONG ForgiveDetach; /* calls of IoDetachDevice that an unload has already made */
    struct _DEVOBJ_EXTENSION *ZombieNext;
    BOOLEAN ReadsInputAtOnce; /* IoDeclareInputRead; not changed afterwards */
    char Name[64]; /* for people; empty without a name */
} IOP_DEVICE;

FORCEINLINE IOP_DEVICE *IopDevice(PDEVICE_OBJECT Device)
{
    return Device->DeviceObjectExtension;
}

/*
 * A driver: the documented object and extension, and what the I/O manager keeps. Created by IoCreateDriver or
 * IoLoadDriver; permanent until unloaded. Link: IoDatabaseLock.
 */
typedef struct IOP_DRIVER {
    DRIVER_OBJECT Driver;
    DRIVER_EXTENSION Extension;
    LIST_ENTRY Link;
    LIST_ENTRY ClientExtensions;
    void *Module;
    char Name[64]; /* without \Driver\ */
    WCHAR NameText[80];
    WCHAR KeyText[144];
} IOP_DRIVER;

extern EX_LOCK IopDatabaseLock;
static inline void IopLockDatabase(void) _Acquires_lock_(IoDatabaseLock) LOCK_UNCHECKED
{
    ExAcquireLock(&IopDatabaseLock, IoDatabaseLockRank);
}
static inline void IopUnlockDatabase(void) _Releases_lock_(IoDatabaseLock) LOCK_UNCHECKED
{
    ExReleaseLock(&IopDatabaseLock, IoDatabaseLockRank);
}

/* One load or unload at a time; not a lock but an event, because DriverEntry runs inside. */
NTSTATUS IopEnterLoadGate(VOID); /* STATUS_DEVICE_BUSY from inside a DriverEntry */
VOID IopLeaveLoadGate(VOID);
BOOLEAN IopInsideLoadGate(VOID); /* is the calling thread inside? */

NTSTATUS IopCreateDriverObject(const char *Name, PDRIVER_INITIALIZE Initialize, void *Module,
    IOP_DRIVER **Driver);
/* Calls DriverEntry inside the gate; on failure the driver's devices and the driver are gone. */
NTSTATUS IopStartDriver(IOP_DRIVER *Driver);
VOID IopRemoveDriver(IOP_DRIVER *Driver);
IOP_DRIVER *IopFindDriver(const char *Name); /* inside the gate, which keeps it */
/* What DriverEntry attached becomes part of its stacks. */
VOID IopPublishAttachments(PDRIVER_OBJECT Driver);
/* Unlinks the driver's devices for an unload. FALSE: one is not at the top of its stack, or open. */
BOOLEAN IopUnlinkDevices(PDRIVER_OBJECT Driver, BOOLEAN Unlink);
BOOLEAN IopIsDriverBusy(PDRIVER_OBJECT Driver);
VOID IopRelinkDevices(PDRIVER_OBJECT Driver);
VOID IopSweepZombies(VOID);
VOID IopInitialize(VOID);
const char *IopStatusName(NTSTATUS Status);

/* --- files: io_file.c --- */
NTSTATUS IopReferenceFile(HANDLE Handle, ACCESS_MASK Access, PFILE_OBJECT *FileObject,
    ACCESS_MASK *Granted);
NTSTATUS IopReferenceEvent(HANDLE Handle, PKEVENT *Event); /* NULL handle: NULL event */
/* Flags change while requests are in flight: FO_CLEANUP_COMPLETE, FO_ALERTABLE_IO. */
FORCEINLINE ULONG IopFileFlags(PFILE_OBJECT FileObject)
{
    return __atomic_load_n(&FileObject->Flags, __ATOMIC_RELAXED);
}
/* FO_SYNCHRONOUS_IO: one request at a time. Nothing on other files. */
NTSTATUS IopAcquireFile(PFILE_OBJECT FileObject);
VOID IopReleaseFile(PFILE_OBJECT FileObject);
VOID IopCloseFile(PVOID Object, LONG RemainingHandles);
VOID IopDeleteFile(PVOID Object);

/*
 * IopStartRequest - the second half of every asynchronous native call: issues the request, and
 * waits if the file is synchronous. Consumes the request with what it owns. Thread->Depth is restored
 * to Depth.
 */
typedef struct IOP_CALL {
    PFILE_OBJECT FileObject;
    PKEVENT Event;
    PIO_APC_ROUTINE ApcRoutine;
    PVOID ApcContext;
    PIO_STATUS_BLOCK Iosb;
    IOP_THREAD *Thread;
    ULONG Depth;
    PDEVICE_OBJECT Top;
    struct IOP_PACKET *Packet; /* IopMayFinishFast's, until it is queued or freed */
} IOP_CALL;
NTSTATUS IopProbeStatusBlock(PIO_STATUS_BLOCK Iosb);
/* Checks and references for a native call on a file; on success ends with IopEndCall. Iosb is probed. */
NTSTATUS IopBeginCall(IOP_CALL *Call, HANDLE File, ACCESS_MASK Access, HANDLE Event,
    PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK Iosb);
VOID IopEndCall(IOP_CALL *Call);
/* May the call be answered by fast I/O? FALSE: it needs an IRP, to carry its APC or its packet. */
BOOLEAN IopMayFinishFast(IOP_CALL *Call);
/* Reports the result of fast I/O to the requestor and returns what the call returns. */
NTSTATUS IopFinishFastCall(IOP_CALL *Call, const IO_STATUS_BLOCK *Result);
/* Sends the request of a native call; the call's references pass to it. Ends with IopEndCall too. */
NTSTATUS IopSendCall(IOP_CALL *Call, IOP_IRP *Request);

#endif
