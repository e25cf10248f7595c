/* SPDX-License-Identifier: MIT */
/*
 * io_call.c - down the stack: IoCallDriver and what goes with stack locations.
 *
 * Layer: ntos. Debug builds check rule R3 of io_irp.c for every location: when both the dispatch
 * routine has returned and the location has been completed, "returned STATUS_PENDING" and "was marked
 * pending" must agree. A location that is used again while an earlier call on it has not returned (a
 * completion routine that resends) or was not completed (IoSkipCurrentIrpStackLocation) is left
 * unchecked.
 */
#include "io/iop.h"

#include "host_system.h"

#if defined(DBG) && DBG

static ULONGLONG LocationBit(PIRP Irp)
{
    return Irp->CurrentLocation >= 1 && Irp->CurrentLocation <= 64 ? 1ULL << (Irp->CurrentLocation - 1)
                                                                   : 0;
}

static VOID CheckPending(IOP_IRP *Request, ULONGLONG Bit, PDRIVER_OBJECT Driver)
{
    BOOLEAN Returned = (__atomic_load_n(&Request->ReturnedPending, __ATOMIC_RELAXED) & Bit) != 0;
    BOOLEAN Marked = (__atomic_load_n(&Request->MarkedPending, __ATOMIC_RELAXED) & Bit) != 0;
    char Name[64] = "?";
    if (Returned == Marked || (__atomic_load_n(&Request->Ambiguous, __ATOMIC_RELAXED) & Bit) != 0)
        return;
    for (ULONG i = 0; i < Driver->DriverName.Length / sizeof(WCHAR) && i < sizeof Name - 1; i++) {
        Name[i] = (char)Driver->DriverName.Buffer[i];
        Name[i + 1] = 0;
    }
    host_print("ntsock: driver %s: %s\n", Name,
        Returned ? "returned STATUS_PENDING for an IRP that was not marked pending"
                 : "marked an IRP pending and did not return STATUS_PENDING");
    KeBugCheckEx(0xC4 /* DRIVER_VERIFIER_DETECTED_VIOLATION */, (ULONG_PTR)Driver,
        (ULONG_PTR)&Request->Irp, Returned, Marked);
}

static IOP_IRP *BeginCheckedCall(PIRP Irp, ULONGLONG *Bit)
{
    IOP_IRP *Request;
    if (!IopIsOurs(Irp))
        return NULL;
    Request = IopPrivate(Irp);
    *Bit = LocationBit(Irp);
    IopReferenceIrp(Request); /* the record outlives the completion */
    if ((__atomic_fetch_or(&Request->CallActive, *Bit, __ATOMIC_ACQ_REL) & *Bit) != 0 ||
        (__atomic_load_n(&Request->CallReturned, __ATOMIC_ACQUIRE) &
            ~__atomic_load_n(&Request->Completed, __ATOMIC_ACQUIRE) & *Bit) != 0)
        __atomic_fetch_or(&Request->Ambiguous, *Bit, __ATOMIC_RELAXED);
    __atomic_fetch_and(&Request->CallReturned, ~*Bit, __ATOMIC_RELAXED);
    __atomic_fetch_and(&Request->ReturnedPending, ~*Bit, __ATOMIC_RELAXED);
    __atomic_fetch_and(&Request->Completed, ~*Bit, __ATOMIC_RELAXED);
    __atomic_fetch_and(&Request->MarkedPending, ~*Bit, __ATOMIC_RELEASE);
    return Request;
}

static VOID EndCheckedCall(IOP_IRP *Request, ULONGLONG Bit, PDRIVER_OBJECT Driver, NTSTATUS Status)
{
    if (Request == NULL)
        return;
    if (Status == STATUS_PENDING)
        __atomic_fetch_or(&Request->ReturnedPending, Bit, __ATOMIC_RELAXED);
    /* Of the two ends of a location, whichever comes second sees the other's bit. */
    __atomic_fetch_or(&Request->CallReturned, Bit, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&Request->Completed, __ATOMIC_SEQ_CST) & Bit)
        CheckPending(Request, Bit, Driver);
    __atomic_fetch_and(&Request->CallActive, ~Bit, __ATOMIC_RELEASE);
    IopReleaseIrp(Request);
}

VOID IopCheckLocationCompleted(PIRP Irp)
{
    IOP_IRP *Request = IopPrivate(Irp);
    PIO_STACK_LOCATION Location = IoGetCurrentIrpStackLocation(Irp);
    ULONGLONG Bit = LocationBit(Irp);
    if (!IopIsOurs(Irp) || Location->DeviceObject == NULL)
        return;
    if (Location->Control & SL_PENDING_RETURNED)
        __atomic_fetch_or(&Request->MarkedPending, Bit, __ATOMIC_RELAXED);
    __atomic_fetch_or(&Request->Completed, Bit, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&Request->CallReturned, __ATOMIC_SEQ_CST) & Bit)
        CheckPending(Request, Bit, Location->DeviceObject->DriverObject);
}
#endif

NTSTATUS IofCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Location;
    NTSTATUS Status;
#if defined(DBG) && DBG
    ULONGLONG Bit = 0;
    IOP_IRP *Request;
#endif

    KeAssertNoLocksHeld("IoCallDriver");
    ASSERT(Irp->Type == IO_TYPE_IRP);
    Irp->CurrentLocation--;
    if (Irp->CurrentLocation <= 0)
        KeBugCheckEx(0x35 /* NO_MORE_IRP_STACK_LOCATIONS */, (ULONG_PTR)Irp, 0, 0, 0);
    Location = --Irp->Tail.Overlay.CurrentStackLocation;
    Location->DeviceObject = DeviceObject;
    ASSERT(Location->MajorFunction <= IRP_MJ_MAXIMUM_FUNCTION);
#if defined(DBG) && DBG
    Request = BeginCheckedCall(Irp, &Bit);
#endif
    Status = DeviceObject->DriverObject->MajorFunction[Location->MajorFunction](DeviceObject, Irp);
#if defined(DBG) && DBG
    EndCheckedCall(Request, Bit, DeviceObject->DriverObject, Status);
#endif
    return Status;
}

VOID IoMarkIrpPending(PIRP Irp)
{
    IoGetCurrentIrpStackLocation(Irp)->Control |= SL_PENDING_RETURNED;
}

/*
 * There are no removable drivers under an IRP here: unload waits for requests. The routine therefore
 * needs no reference that Windows' version takes. [ddi:IoSetCompletionRoutineEx]
 */
NTSTATUS IoSetCompletionRoutineEx(PDEVICE_OBJECT DeviceObject, PIRP Irp, PIO_COMPLETION_ROUTINE Routine,
    PVOID Context, BOOLEAN OnSuccess, BOOLEAN OnError, BOOLEAN OnCancel)
{
    IoSetCompletionRoutine(Irp, Routine, Context, OnSuccess, OnError, OnCancel);
    return STATUS_SUCCESS;
}

static NTSTATUS SignalForwarded(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    if (Irp->PendingReturned)
        KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

BOOLEAN IoForwardIrpSynchronously(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    KEVENT Event;
    if (Irp->CurrentLocation <= 1)
        return FALSE; /* no location for the lower driver */
    KeInitializeEvent(&Event, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, SignalForwarded, &Event, TRUE, TRUE, TRUE);
    if (IoCallDriver(DeviceObject, Irp) == STATUS_PENDING)
        (void)KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
    return TRUE;
}
