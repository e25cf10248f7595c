/* SPDX-License-Identifier: MIT */
/*
 * io_thread.c - what the I/O manager keeps per thread: requests in flight, pinned devices, counts.
 *
 * Layer: ntos. The records are in a list that only grows, so that cancelling and unloading can walk it
 * without a lock; a thread that ends leaves its record to a later one.
 */
#include "io/iop.h"

_Thread_local IOP_THREAD *IopThisThread __attribute__((tls_model("initial-exec")));

/* The first record is static; it also serves, shared, when there is no memory for another. */
static IOP_THREAD IopFirst = {.Irps = {&IopFirst.Irps, &IopFirst.Irps}};
static IOP_THREAD *volatile IopThreads = &IopFirst;

IOP_THREAD *IopFirstThread(VOID)
{
    return __atomic_load_n(&IopThreads, __ATOMIC_ACQUIRE);
}

static BOOLEAN Claim(IOP_THREAD *Thread)
{
    LONG Free = 0;
    return __atomic_compare_exchange_n(&Thread->InUse, &Free, 1, FALSE, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static IOP_THREAD *NewRecord(VOID)
{
    IOP_THREAD *Thread = ExAllocatePoolZero(NonPagedPoolCacheAligned, sizeof *Thread, IOP_TAG_THREAD);
    if (Thread == NULL)
        return NULL;
    InitializeListHead(&Thread->Irps);
    Thread->InUse = 1;
    Thread->Next = __atomic_load_n(&IopThreads, __ATOMIC_ACQUIRE);
    while (!__atomic_compare_exchange_n(&IopThreads, &Thread->Next, Thread, FALSE, __ATOMIC_ACQ_REL,
        __ATOMIC_ACQUIRE))
        ;
    return Thread;
}

IOP_THREAD *IopEnterThread(VOID)
{
    PKTHREAD Current = KeGetCurrentThread(); /* also sees to it that the thread's exit is noticed */
    IOP_THREAD *Thread;
    for (Thread = IopFirstThread(); Thread != NULL && !Claim(Thread); Thread = Thread->Next)
        ;
    if (Thread == NULL)
        Thread = NewRecord();
    while (Thread == NULL) {
        host_sleep_100ns(IOP_MEMORY_PAUSE_100NS);
        Thread = NewRecord();
    }
    __atomic_store_n(&Thread->Thread, Current, __ATOMIC_RELEASE);
    IopThisThread = Thread;
    return Thread;
}

ULONG IoQueryIrpCount(VOID)
{
    LONG Count = 0;
    for (IOP_THREAD *Thread = IopFirstThread(); Thread != NULL; Thread = Thread->Next)
        Count += __atomic_load_n(&Thread->IrpBalance, __ATOMIC_RELAXED);
    return Count > 0 ? (ULONG)Count : 0;
}

BOOLEAN IoIsThreadIoPending(VOID)
{
    IOP_THREAD *Thread = IopThisThread;
    BOOLEAN Pending;
    if (Thread == NULL)
        return FALSE;
    IopLockIrpList(Thread);
    Pending = !IsListEmpty(&Thread->Irps);
    IopUnlockIrpList(Thread);
    return Pending;
}

PDEVICE_OBJECT IopPinStack(IOP_THREAD *Thread, PDEVICE_OBJECT Base)
{
    ULONG Depth = Thread->Depth;
    PDEVICE_OBJECT Device = Base, Above;

    /*
     * First the mark, then the walk: an unload unlinks first and looks for marks then, so that it sees
     * this one or this thread sees the device unlinked.
     */
    IopPinDevice(Thread, IOP_WALKING);
    while ((Above = __atomic_load_n(&Device->AttachedDevice, __ATOMIC_SEQ_CST)) != NULL)
        Device = Above;
    if (Depth < IOP_PINS_MAX)
        __atomic_store_n(&Thread->Pin[Depth], Device, __ATOMIC_RELEASE);
    return Device;
}

static BOOLEAN IsPinned(PDEVICE_OBJECT Device)
{
    for (IOP_THREAD *Thread = IopFirstThread(); Thread != NULL; Thread = Thread->Next) {
        if (__atomic_load_n(&Thread->Depth, __ATOMIC_SEQ_CST) > IOP_PINS_MAX)
            return TRUE;
        for (ULONG i = 0; i < IOP_PINS_MAX; i++) {
            PDEVICE_OBJECT Pin = __atomic_load_n(&Thread->Pin[i], __ATOMIC_SEQ_CST);
            if (Pin == Device || Pin == IOP_WALKING)
                return TRUE;
        }
    }
    return FALSE;
}

static BOOLEAN IsInRequest(PDEVICE_OBJECT Device)
{
    BOOLEAN Found = FALSE;
    for (IOP_THREAD *Thread = IopFirstThread(); Thread != NULL && !Found; Thread = Thread->Next) {
        IopLockIrpList(Thread);
        for (PLIST_ENTRY Entry = Thread->Irps.Flink; Entry != &Thread->Irps && !Found; Entry = Entry->Flink)
            Found = IopPrivate(CONTAINING_RECORD(Entry, IRP, ThreadListEntry))->Top == Device;
        IopUnlockIrpList(Thread);
    }
    return Found || IopIsInFileRequest(Device);
}

BOOLEAN IopIsDeviceBusy(PDEVICE_OBJECT Device)
{
    IOP_DEVICE *Private = IopDevice(Device);
    /*
     * Pins before and after: a request that enters is pinned before it is listed, one that ends is
     * still listed when its completion routine is pinned.
     */
    if (IsPinned(Device) || IsInRequest(Device) ||
        __atomic_load_n(&Private->WorkItems, __ATOMIC_SEQ_CST) != 0 || IsPinned(Device))
        return TRUE;
    for (PLIST_ENTRY Entry = Private->Dependents.Flink; Entry != &Private->Dependents; Entry = Entry->Flink) {
        if (IopIsDeviceBusy(CONTAINING_RECORD(Entry, IOP_DEVICE, DependsLink)->DeviceObject))
            return TRUE;
    }
    return FALSE;
}
