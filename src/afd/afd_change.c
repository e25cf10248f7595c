/* SPDX-License-Identifier: MIT */
/*
 * afd_change.c - IOCTL_AFD_ADDRESS_LIST_CHANGE and IOCTL_AFD_ROUTING_INTERFACE_CHANGE.
 *
 * Layer: afd. A request waits in one cancel-safe queue for all endpoints; an endpoint in non-blocking mode
 * is armed instead, and the change becomes an event of it. Each of both keeps the transport telling
 * of changes: Begin before it is queued or armed, End after it has left.
 */
#include "afd_events.h"
#include "afd_requests.h"

#define AFD_CHANGE_EVENTS (AFD_POLL_ADDRESS_LIST_CHANGE | AFD_POLL_ROUTING_IF_CHANGE)
#define AFD_CHANGE_ENDPOINT 0 /* in DriverContext */
#define AFD_CHANGE_EVENT 1

static struct {
    IO_CSQ Csq;
    EX_LOCK Lock;     /* class IoCsqLock */
    LIST_ENTRY Irps;  /* under the lock, as all that follows */
    LIST_ENTRY Armed; /* AFD_ENDPOINT_EXTRA.ChangeEntry */
    ULONG Changes;    /* how many there have been */
} AfdpChanges;

/* Whom to take out of the queue. */
typedef struct AFD_CHANGE_MATCH {
    const AFD_ENDPOINT *Endpoint; /* NULL: by Changes, HOST_CHANGE_xxx */
    ULONG Changes;
} AFD_CHANGE_MATCH;

static VOID AfdpLockChanges(VOID) _Acquires_lock_(IoCsqLock) LOCK_UNCHECKED
{
    ExAcquireLock(&AfdpChanges.Lock, IoCsqLockRank);
}
static VOID AfdpUnlockChanges(VOID) _Releases_lock_(IoCsqLock) LOCK_UNCHECKED
{
    ExReleaseLock(&AfdpChanges.Lock, IoCsqLockRank);
}

/* Which of an endpoint's events the changes are. A new address is a new way to reach others. */
static ULONG AfdpEventsOfChanges(const AFD_ENDPOINT *Endpoint, ULONG Changes)
{
    BOOLEAN Six = Endpoint->Family == AFD_AF_INET6;
    ULONG Events = 0;
    if (Changes & (Six ? HOST_CHANGE_ADDRESS6 : HOST_CHANGE_ADDRESS4))
        Events |= AFD_CHANGE_EVENTS;
    if (Changes & (Six ? HOST_CHANGE_ROUTE6 : HOST_CHANGE_ROUTE4))
        Events |= AFD_POLL_ROUTING_IF_CHANGE;
    return Events;
}

/* --- the cancel-safe queue --- */
static NTSTATUS AfdpChangeInsert(PIO_CSQ Csq, PIRP Irp, PVOID InsertContext)
{
    InsertTailList(&AfdpChanges.Irps, &Irp->Tail.Overlay.ListEntry);
    return STATUS_SUCCESS;
}

static VOID AfdpChangeRemove(PIO_CSQ Csq, PIRP Irp)
{
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
}

static PIRP AfdpChangePeekNext(PIO_CSQ Csq, PIRP Irp, PVOID PeekContext)
{
    const AFD_CHANGE_MATCH *Match = PeekContext;
    PLIST_ENTRY Next = Irp == NULL ? AfdpChanges.Irps.Flink : Irp->Tail.Overlay.ListEntry.Flink;

    for (; Next != &AfdpChanges.Irps; Next = Next->Flink) {
        Irp = CONTAINING_RECORD(Next, IRP, Tail.Overlay.ListEntry);
        const AFD_ENDPOINT *Endpoint = Irp->Tail.Overlay.DriverContext[AFD_CHANGE_ENDPOINT];
        ULONG Event = (ULONG)(ULONG_PTR)Irp->Tail.Overlay.DriverContext[AFD_CHANGE_EVENT];
        if (Match->Endpoint == NULL ? (AfdpEventsOfChanges(Endpoint, Match->Changes) & Event) != 0
                                    : Match->Endpoint == Endpoint)
            return Irp;
    }
    return NULL;
}

static VOID AfdpChangeAcquire(PIO_CSQ Csq, PKIRQL Irql) LOCK_UNCHECKED
{
    AfdpLockChanges();
}

static VOID AfdpChangeRelease(PIO_CSQ Csq, KIRQL Irql) LOCK_UNCHECKED
{
    AfdpUnlockChanges();
}

static VOID AfdpChangeCanceled(PIO_CSQ Csq, PIRP Irp)
{
    AfdTransport->EndChanges();
    (VOID)AfdCompleteIrp(Irp, STATUS_CANCELLED, 0);
}

VOID AfdInitializeChanges(VOID)
{
    InitializeListHead(&AfdpChanges.Irps);
    InitializeListHead(&AfdpChanges.Armed);
    (VOID)IoCsqInitializeEx(&AfdpChanges.Csq, AfdpChangeInsert, AfdpChangeRemove, AfdpChangePeekNext,
        AfdpChangeAcquire, AfdpChangeRelease, AfdpChangeCanceled);
}

/* All are taken out before the first is completed: who asks again is told of the next change. */
static VOID AfdpCompleteMatching(AFD_CHANGE_MATCH *Match, NTSTATUS Status)
{
    LIST_ENTRY Taken;
    PIRP Irp;

    InitializeListHead(&Taken);
    while ((Irp = IoCsqRemoveNextIrp(&AfdpChanges.Csq, Match)) != NULL)
        InsertTailList(&Taken, &Irp->Tail.Overlay.ListEntry);
    while (!IsListEmpty(&Taken)) {
        Irp = CONTAINING_RECORD(RemoveHeadList(&Taken), IRP, Tail.Overlay.ListEntry);
        AfdTransport->EndChanges();
        (VOID)AfdCompleteIrp(Irp, Status, 0);
    }
}

/* --- armed endpoints --- */
static BOOLEAN AfdpDisarm(AFD_ENDPOINT_EXTRA *Extra, ULONG Events) _Requires_lock_held_(IoCsqLock);
static BOOLEAN AfdpDisarm(AFD_ENDPOINT_EXTRA *Extra, ULONG Events)
{
    if ((Extra->ChangesArmed & Events) == 0)
        return FALSE;
    Extra->ChangesArmed &= ~Events;
    if (Extra->ChangesArmed != 0)
        return FALSE;
    RemoveEntryList(&Extra->ChangeEntry);
    return TRUE;
}

/* An endpoint that was armed before the change; its event is noted. With a reference; NULL: no more of them. */
static AFD_ENDPOINT *AfdpTakeArmed(ULONG Changes, ULONG Number, BOOLEAN *Disarmed)
{
    AFD_ENDPOINT_EXTRA *Extra = NULL;
    PLIST_ENTRY Entry;
    ULONG Events = 0;

    AfdpLockChanges();
    for (Entry = AfdpChanges.Armed.Flink; Entry != &AfdpChanges.Armed && Events == 0; Entry = Entry->Flink) {
        Extra = CONTAINING_RECORD(Entry, AFD_ENDPOINT_EXTRA, ChangeEntry);
        if ((LONG)(Number - Extra->ChangesArmedAt) > 0)
            Events = AfdpEventsOfChanges(Extra->Endpoint, Changes) & Extra->ChangesArmed;
    }
    if (Events != 0) {
        AfdReferenceEndpoint(Extra->Endpoint);
        (VOID)__atomic_fetch_or(&Extra->Changed, Events, __ATOMIC_ACQ_REL);
        *Disarmed = AfdpDisarm(Extra, Events);
    }
    AfdpUnlockChanges();
    return Events != 0 ? Extra->Endpoint : NULL;
}

/* The transport's upcall. */
static VOID AfdpChanged(ULONG Changes)
{
    AFD_CHANGE_MATCH Match = {NULL, Changes};
    AFD_ENDPOINT *Endpoint;
    BOOLEAN Disarmed = FALSE;
    ULONG Number;

    AfdpLockChanges();
    Number = ++AfdpChanges.Changes;
    AfdpUnlockChanges();
    while ((Endpoint = AfdpTakeArmed(Changes, Number, &Disarmed)) != NULL) {
        if (Disarmed)
            AfdTransport->EndChanges();
        AfdEvaluateEndpoint(Endpoint);
        AfdDereferenceEndpoint(Endpoint);
    }
    AfdpCompleteMatching(&Match, STATUS_SUCCESS);
}

VOID AfdEndChanges(AFD_ENDPOINT *Endpoint)
{
    AFD_CHANGE_MATCH Match = {Endpoint, 0};
    AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    BOOLEAN Disarmed;

    if (Extra == NULL)
        return; /* it has never waited: most endpoints close without the lock of all */
    AfdpLockChanges();
    Disarmed = AfdpDisarm(Extra, AFD_CHANGE_EVENTS);
    AfdpUnlockChanges();
    if (Disarmed)
        AfdTransport->EndChanges();
    AfdpCompleteMatching(&Match, STATUS_CANCELLED);
}

/* The caller's Begin is used up, or ended. */
static VOID AfdpArm(AFD_ENDPOINT *Endpoint, ULONG Event)
{
    AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    BOOLEAN WasArmed;

    AfdBeginEnablingCall(Endpoint, Event);
    AfdpLockChanges();
    WasArmed = Extra->ChangesArmed != 0;
    if (!WasArmed)
        InsertTailList(&AfdpChanges.Armed, &Extra->ChangeEntry);
    Extra->ChangesArmed |= Event;
    Extra->ChangesArmedAt = AfdpChanges.Changes;
    (VOID)__atomic_fetch_and(&Extra->Changed, ~Event, __ATOMIC_ACQ_REL);
    AfdpUnlockChanges();
    if (WasArmed)
        AfdTransport->EndChanges();
    AfdEndEnablingCall(Endpoint, Event, TRUE);
}

static NTSTATUS AfdpAwaitChange(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack, ULONG Event)
{
    AFD_CHANGE_INFO Info = {0};
    BOOLEAN Pends, Closing;
    NTSTATUS Status;

    if (Stack->Parameters.DeviceIoControl.InputBufferLength >= sizeof Info)
        RtlCopyMemory(&Info, Irp->AssociatedIrp.SystemBuffer, sizeof Info);
    Pends = !AfdIsNonBlocking(Endpoint) || (Info.AfdFlags & AFD_OVERLAPPED) != 0;
    if (AfdNeedExtra(Endpoint) == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Status = AfdTransport->BeginChanges(AfdpChanged);
    if (!NT_SUCCESS(Status))
        return AfdCompleteIrp(Irp, Status, 0);

    /* IRP_MJ_CLEANUP may come before we are in a list, so its state is looked at after. */
    AfdReferenceEndpoint(Endpoint);
    if (Pends) {
        Irp->Tail.Overlay.DriverContext[AFD_CHANGE_ENDPOINT] = Endpoint;
        Irp->Tail.Overlay.DriverContext[AFD_CHANGE_EVENT] = (PVOID)(ULONG_PTR)Event;
        (VOID)IoCsqInsertIrpEx(&AfdpChanges.Csq, Irp, NULL, NULL); /* cannot be refused */
    } else {
        AfdpArm(Endpoint, Event);
    }
    /* Under the lock: a cleanup that comes later finds Extra. */
    AfdLockEndpoint(Endpoint);
    Closing = Endpoint->State == AfdClosing;
    AfdUnlockEndpoint(Endpoint);
    if (Closing)
        AfdEndChanges(Endpoint);
    AfdDereferenceEndpoint(Endpoint);
    return Pends ? STATUS_PENDING : AfdCompleteIrp(Irp, STATUS_DEVICE_NOT_READY, 0);
}

NTSTATUS AfdAddressListChange(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    return AfdpAwaitChange(Endpoint, Irp, Stack, AFD_POLL_ADDRESS_LIST_CHANGE);
}

NTSTATUS AfdRoutingInterfaceChange(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    return AfdpAwaitChange(Endpoint, Irp, Stack, AFD_POLL_ROUTING_IF_CHANGE);
}
