/* SPDX-License-Identifier: MIT */
/*
 * afd_listen.c - IOCTL_AFD_START_LISTEN, the listener, and its connections that belong to nobody yet.
 *
 * Layer: afd. The requests that take connections (wait, accept, defer) are in afd_accept.c.
 */
#include "afd_listener.h"

#include "afd_connect_data.h"
#include "afd_events.h"
#include "afd_requests.h"
#include "afd_super_accept.h"

/* --- the cancel-safe queue of waiting IRPs --- */
static AFD_LISTENER *AfdpListenerFromCsq(PIO_CSQ Csq)
{
    return CONTAINING_RECORD(Csq, AFD_LISTENER, Csq);
}

/* IoCsqInsertIrpEx's context: TRUE for the LIFO variant. */
static NTSTATUS AfdpCsqInsert(PIO_CSQ Csq, PIRP Irp, PVOID InsertContext)
{
    AFD_LISTENER *Listener = AfdpListenerFromCsq(Csq);
    if (InsertContext != NULL)
        InsertHeadList(&Listener->WaitQueue, &Irp->Tail.Overlay.ListEntry);
    else
        InsertTailList(&Listener->WaitQueue, &Irp->Tail.Overlay.ListEntry);
    return STATUS_SUCCESS;
}

static VOID AfdpCsqRemove(PIO_CSQ Csq, PIRP Irp)
{
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
}

static PIRP AfdpCsqPeekNext(PIO_CSQ Csq, PIRP Irp, PVOID PeekContext)
{
    AFD_LISTENER *Listener = AfdpListenerFromCsq(Csq);
    PLIST_ENTRY Next = Irp == NULL ? Listener->WaitQueue.Flink : Irp->Tail.Overlay.ListEntry.Flink;
    if (Next == &Listener->WaitQueue)
        return NULL;
    return CONTAINING_RECORD(Next, IRP, Tail.Overlay.ListEntry);
}

static VOID AfdpCsqAcquire(PIO_CSQ Csq, PKIRQL Irql) LOCK_UNCHECKED
{
    ExAcquireLock(&AfdpListenerFromCsq(Csq)->QueueLock, IoCsqLockRank);
}

static VOID AfdpCsqRelease(PIO_CSQ Csq, KIRQL Irql) LOCK_UNCHECKED
{
    ExReleaseLock(&AfdpListenerFromCsq(Csq)->QueueLock, IoCsqLockRank);
}

static AFD_LISTENER *AfdpAllocateListener(AFD_ENDPOINT *Endpoint)
{
    AFD_LISTENER *Listener = ExAllocatePoolZero(NonPagedPool, sizeof *Listener, AFD_TAG_LISTENER);
    if (Listener == NULL)
        return NULL;
    Listener->Endpoint = Endpoint;
    InitializeListHead(&Listener->Unaccepted);
    InitializeListHead(&Listener->Offered);
    InitializeListHead(&Listener->Credits);
    InitializeListHead(&Listener->WaitQueue);
    InitializeListHead(&Listener->Attaching);
    (VOID)IoCsqInitializeEx(&Listener->Csq, AfdpCsqInsert, AfdpCsqRemove, AfdpCsqPeekNext, AfdpCsqAcquire,
        AfdpCsqRelease, AfdCompleteCanceledWait);
    return Listener;
}

VOID AfdFreeListener(AFD_LISTENER *Listener)
{
    ASSERT(IsListEmpty(&Listener->Unaccepted));
    ASSERT(IsListEmpty(&Listener->Offered));
    ASSERT(IsListEmpty(&Listener->WaitQueue));
    ASSERT(IsListEmpty(&Listener->Attaching));
    ExFreePoolWithTag(Listener, AFD_TAG_LISTENER);
}

VOID AfdAbortConnection(AFD_CONNECTION *Connection)
{
    if (Connection->Transport != NULL) {
        AfdTransport->Abort(Connection->Transport, TRUE);
        AfdTransport->Close(Connection->Transport);
    }
    AfdFreeConnectStrings(Connection->Strings);
    ExFreePoolWithTag(Connection, AFD_TAG_CONNECTION);
}

AFD_CONNECTION *AfdFindOffered(const AFD_LISTENER *Listener, LONG Sequence)
{
    const LIST_ENTRY *Entry;
    for (Entry = Listener->Offered.Flink; Entry != &Listener->Offered; Entry = Entry->Flink) {
        AFD_CONNECTION *Connection = CONTAINING_RECORD(Entry, AFD_CONNECTION, Link);
        if (Connection->Sequence == Sequence)
            return Connection;
    }
    return NULL;
}

VOID AfdDrainListener(AFD_ENDPOINT *Endpoint, AFD_LISTENER *Listener)
{
    LIST_ENTRY Connections;
    PIRP Irp;

    /* The state is Closing: no connection is kept any more, and who queues an IRP from now on sees it. */
    while ((Irp = IoCsqRemoveNextIrp(&Listener->Csq, NULL)) != NULL)
        AfdCompleteCanceledWait(&Listener->Csq, Irp);

    InitializeListHead(&Connections);
    AfdLockEndpoint(Endpoint);
    while (!IsListEmpty(&Listener->Unaccepted))
        InsertTailList(&Connections, RemoveHeadList(&Listener->Unaccepted));
    while (!IsListEmpty(&Listener->Offered))
        InsertTailList(&Connections, RemoveHeadList(&Listener->Offered));
    __atomic_store_n(&Listener->UnacceptedCount, 0, __ATOMIC_RELAXED);
    AfdUnlockEndpoint(Endpoint);
    while (!IsListEmpty(&Connections))
        AfdAbortConnection(CONTAINING_RECORD(RemoveHeadList(&Connections), AFD_CONNECTION, Link));
    AfdCancelAttaching(Endpoint, Listener);
}

AFD_CONNECTION *AfdTakeUnaccepted(AFD_LISTENER *Listener)
{
    AFD_CONNECTION *Connection;
    if (IsListEmpty(&Listener->Unaccepted))
        return NULL;
    Connection = CONTAINING_RECORD(RemoveHeadList(&Listener->Unaccepted), AFD_CONNECTION, Link);
    __atomic_sub_fetch(&Listener->UnacceptedCount, 1, __ATOMIC_RELEASE);
    return Connection;
}

VOID AfdOfferConnection(AFD_LISTENER *Listener, AFD_CONNECTION *Connection, PIRP Irp, ULONG_PTR *Information)
{
    AFD_LISTEN_RESPONSE_INFO *Reply = Irp->AssociatedIrp.SystemBuffer;
    if (Connection->Sequence == 0) {
        Listener->LastSequence = Listener->LastSequence == MAXLONG ? 1 : Listener->LastSequence + 1;
        Connection->Sequence = Listener->LastSequence;
    }
    Connection->State = AfdOffered;
    InsertTailList(&Listener->Offered, &Connection->Link);
    /* AfdpWaitForListen has seen to it that the buffer holds an address of the listener's family. */
    Reply->Sequence = Connection->Sequence;
    RtlCopyMemory(Reply->RemoteAddress, Connection->Address, Connection->AddressLength);
    *Information = UFIELD_OFFSET(AFD_LISTEN_RESPONSE_INFO, RemoteAddress) + Connection->AddressLength;
}

/* One step of it: a connection that its waiter could not take comes back. */
static AFD_CONNECTION *AfdpReturnConnection(AFD_ENDPOINT *Endpoint, AFD_CONNECTION *Connection, BOOLEAN First)
{
    AFD_LISTENER *Listener = AfdEndpointListener(Endpoint);
    AFD_CREDIT *Surplus = NULL;
    ULONG_PTR Information = 0;
    NTSTATUS Status;
    PIRP Irp = NULL;

    AfdLockEndpoint(Endpoint);
    if (Endpoint->State == AfdClosing) {
        AfdUnlockEndpoint(Endpoint);
        AfdAbortConnection(Connection);
        return NULL;
    }
    Irp = IoCsqRemoveNextIrp(&Listener->Csq, NULL);
    if (Irp != NULL) {
        Surplus = AfdPickSurplus(Listener, AfdForgetWaiter(Listener, Irp));
        AfdGiveConnection(Listener, Connection, Irp, &Information);
    } else {
        Connection->State = AfdUnaccepted;
        if (First)
            InsertHeadList(&Listener->Unaccepted, &Connection->Link);
        else
            InsertTailList(&Listener->Unaccepted, &Connection->Link);
        __atomic_add_fetch(&Listener->UnacceptedCount, 1, __ATOMIC_RELEASE);
    }
    AfdUnlockEndpoint(Endpoint);

    AfdTakeBackCredit(Surplus);
    if (Irp != NULL)
        return AfdFinishWaiter(Irp, Information, &Status);
    AfdEvaluateEndpoint(Endpoint);
    return NULL;
}

VOID AfdReturnConnection(AFD_ENDPOINT *Endpoint, AFD_CONNECTION *Connection, BOOLEAN First)
{
    while (Connection != NULL) {
        Connection = AfdpReturnConnection(Endpoint, Connection, First);
        First = TRUE;
    }
}

/* A credit failed (out of descriptors, say): the first waiter is told. */
static VOID AfdpFailFirstWaiter(AFD_ENDPOINT *Endpoint, NTSTATUS Status)
{
    AFD_LISTENER *Listener = AfdEndpointListener(Endpoint);
    AFD_CREDIT *Surplus = NULL;
    PIRP Irp;

    AfdLockEndpoint(Endpoint);
    Irp = IoCsqRemoveNextIrp(&Listener->Csq, NULL);
    if (Irp != NULL)
        Surplus = AfdPickSurplus(Listener, AfdForgetWaiter(Listener, Irp));
    AfdUnlockEndpoint(Endpoint);
    AfdTakeBackCredit(Surplus);
    if (Irp != NULL)
        (VOID)AfdFailWaiter(Irp, Status);
}

VOID AfdConnectIndication(AFD_OPERATION *Operation)
{
    AFD_CREDIT *Credit = CONTAINING_RECORD(Operation, AFD_CREDIT, Operation);
    AFD_ENDPOINT *Endpoint = Operation->Endpoint;
    AFD_CONNECTION *Connection = NULL;
    NTSTATUS Status = Operation->Tl.Status;
    BOOLEAN Free;

    if (NT_SUCCESS(Status))
        Connection = AfdTakeArrival(Credit);
    AfdReferenceEndpoint(Endpoint); /* the credit may go before we are done */
    AfdLockEndpoint(Endpoint);
    AfdUnlistCredit(AfdEndpointListener(Endpoint), Credit);
    Credit->Arrived = TRUE;
    Free = !Credit->Held;
    AfdUnlockEndpoint(Endpoint);
    if (Free)
        AfdFreeCredit(Credit);

    if (Connection != NULL)
        AfdReturnConnection(Endpoint, Connection, FALSE);
    else if (Status != STATUS_CANCELLED) /* cancelled: by IRP_MJ_CLEANUP, which empties the queue */
        AfdpFailFirstWaiter(Endpoint, Status);
    AfdDereferenceEndpoint(Endpoint);
}

/*
 * Bound -> Listening. A listener that listens again only changes its backlog.
 * STATUS_INVALID_PARAMETER: not bound. STATUS_CONNECTION_ACTIVE: connected or connecting.
 * STATUS_NOT_SUPPORTED: not a stream. [doc:winsock2/listen]
 */
/*
 * Not of an IPv4 address inside IPv6, which may be the wildcard, nor of one of a link, whose interface a connection
 * tells and the listener may not.
 */
static BOOLEAN AfdpIsOneAddress(const UCHAR *Address, ULONG Family)
{
    static const UCHAR Mapped[12] = {[10] = 0xff, [11] = 0xff};
    const UCHAR *Six = Address + 8; /* sin6_addr */
    if (AfdIsWildcardAddress(Address))
        return FALSE;
    return Family != AFD_AF_INET6 ||
        (!RtlEqualMemory(Six, Mapped, sizeof Mapped) && !(Six[0] == 0xfe && (Six[1] & 0xc0) == 0x80));
}

static VOID AfdpNoteLocalAddress(AFD_ENDPOINT *Endpoint, AFD_LISTENER *Listener)
{
    ULONG Length = sizeof Listener->LocalAddress;
    if (NT_SUCCESS(AfdTransport->GetLocalAddress(AfdEndpointTransport(Endpoint), Listener->LocalAddress, &Length)) &&
        AfdpIsOneAddress(Listener->LocalAddress, Endpoint->Family))
        Listener->LocalLength = Length;
}

NTSTATUS AfdStartListen(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    const ULONG Allowed = AFD_STATE_BIT(AfdBound) | AFD_STATE_BIT(AfdListening);
    AFD_LISTEN_INFO Info;
    AFD_LISTENER *Listener = NULL;
    AFD_ENDPOINT_STATE State;
    BOOLEAN InTransition;
    NTSTATUS Status;

    Status = AfdReadInput(Control, &Info, sizeof Info);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Endpoint->Kind != AfdStream)
        return STATUS_NOT_SUPPORTED;
    if (!AfdBeginTransition(Endpoint, Allowed, &State, &InTransition)) {
        if (State == AfdClosing)
            return STATUS_FILE_CLOSED;
        return State == AfdConnected || State == AfdConnecting ? STATUS_CONNECTION_ACTIVE : STATUS_INVALID_PARAMETER;
    }

    if (State == AfdBound) {
        Listener = AfdNeedExtra(Endpoint) != NULL ? AfdpAllocateListener(Endpoint) : NULL;
        if (Listener == NULL) {
            AfdEndTransition(Endpoint, State);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        AfdpNoteLocalAddress(Endpoint, Listener);
    }
    Status = AfdTransport->Listen(AfdEndpointTransport(Endpoint), Info.MaximumConnectionQueue);
    if (!NT_SUCCESS(Status)) {
        if (Listener != NULL)
            AfdFreeListener(Listener);
        AfdEndTransition(Endpoint, State);
        return Status;
    }
    if (Listener != NULL) {
        AfdLockEndpoint(Endpoint);
        AfdEndpointExtra(Endpoint)->Listener = Listener;
        AfdUnlockEndpoint(Endpoint);
    }
    if (!AfdEndTransition(Endpoint, AfdListening))
        return STATUS_FILE_CLOSED;
    AfdEvaluateEndpoint(Endpoint);
    return STATUS_SUCCESS;
}
