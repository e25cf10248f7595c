/* SPDX-License-Identifier: MIT */
/*
 * afd_accept.c - IOCTL_AFD_WAIT_FOR_LISTEN (also LIFO), IOCTL_AFD_ACCEPT, IOCTL_AFD_DEFER_ACCEPT.
 *
 * Layer: afd. One accept() is three requests: the wait, which offers a connection under a sequence number;
 * the opening of a new endpoint; and the accept, sent to the listener, which moves the connection to
 * the new endpoint, named by its handle.
 */
#include "afd_connect_data.h"
#include "afd_events.h"
#include "afd_group.h"
#include "afd_listener.h"
#include "afd_requests.h"
#include "afd_super_accept.h"
#include "cm.h"
#include "iomgr.h"

AFD_CREDIT *AfdForgetWaiter(AFD_LISTENER *Listener, PIRP Irp)
{
    AFD_CREDIT *Credit = Irp->Tail.Overlay.DriverContext[AFD_WAITER_CREDIT];
    if (Credit != NULL)
        Credit->Irp = NULL;
    Irp->Tail.Overlay.DriverContext[AFD_WAITER_CREDIT] = NULL;
    Listener->Claims--;
    return Credit;
}

VOID AfdCompleteCanceledWait(PIO_CSQ Csq, PIRP Irp)
{
    AFD_LISTENER *Listener = CONTAINING_RECORD(Csq, AFD_LISTENER, Csq);
    AFD_ENDPOINT *Endpoint = Listener->Endpoint;
    AFD_CREDIT *Surplus;

    AfdLockEndpoint(Endpoint);
    Surplus = AfdPickSurplus(Listener, AfdForgetWaiter(Listener, Irp));
    AfdUnlockEndpoint(Endpoint);
    AfdTakeBackCredit(Surplus);
    AfdFailWaiter(Irp, STATUS_CANCELLED);
}

VOID AfdGiveConnection(AFD_LISTENER *Listener, AFD_CONNECTION *Connection, PIRP Irp, ULONG_PTR *Information)
{
    AFD_ACCEPTING *Super = Irp->Tail.Overlay.DriverContext[AFD_WAITER_SUPER_ACCEPT];
    if (Super != NULL)
        AfdSuperAcceptTake(Listener, Super, Connection);
    else
        AfdOfferConnection(Listener, Connection, Irp, Information);
}

AFD_CONNECTION *AfdFinishWaiter(PIRP Irp, ULONG_PTR Information, NTSTATUS *Status)
{
    AFD_ACCEPTING *Super = Irp->Tail.Overlay.DriverContext[AFD_WAITER_SUPER_ACCEPT];
    if (Super != NULL)
        return AfdSuperAcceptArrived(Super, Status);
    *Status = AfdCompleteIrp(Irp, STATUS_SUCCESS, Information);
    return NULL;
}

NTSTATUS AfdFailWaiter(PIRP Irp, NTSTATUS Status)
{
    AFD_ACCEPTING *Super = Irp->Tail.Overlay.DriverContext[AFD_WAITER_SUPER_ACCEPT];
    return Super != NULL ? AfdEndSuperAccept(Super, Status) : AfdCompleteIrp(Irp, Status, 0);
}

/*
 * An IRP has just been queued: connections that came in between are given out, and if IRP_MJ_CLEANUP came in
 * between the queue is emptied.
 */
static VOID AfdpPairWaiters(AFD_ENDPOINT *Endpoint, AFD_LISTENER *Listener)
{
    AFD_CONNECTION *Connection;
    AFD_CREDIT *Surplus;
    ULONG_PTR Information = 0;
    NTSTATUS Status;
    PIRP Irp;

    for (;;) {
        Surplus = NULL;
        AfdLockEndpoint(Endpoint);
        if (Endpoint->State == AfdClosing) {
            AfdUnlockEndpoint(Endpoint);
            AfdDrainListener(Endpoint, Listener);
            return;
        }
        Irp = IsListEmpty(&Listener->Unaccepted) ? NULL : IoCsqRemoveNextIrp(&Listener->Csq, NULL);
        if (Irp != NULL) {
            Surplus = AfdPickSurplus(Listener, AfdForgetWaiter(Listener, Irp));
            Connection = AfdTakeUnaccepted(Listener);
            AfdGiveConnection(Listener, Connection, Irp, &Information);
        }
        AfdUnlockEndpoint(Endpoint);
        AfdTakeBackCredit(Surplus);
        if (Irp == NULL)
            return;
        Connection = AfdFinishWaiter(Irp, Information, &Status);
        if (Connection != NULL)
            AfdReturnConnection(Endpoint, Connection, TRUE);
    }
}

/* The transport holds the credit: the IRP waits in the queue. The IRP and the credit are the callee's. */
static NTSTATUS AfdpQueueWaiter(AFD_ENDPOINT *Endpoint, PIRP Irp, AFD_CREDIT *Credit, BOOLEAN Lifo)
{
    AFD_LISTENER *Listener = AfdEndpointListener(Endpoint);
    AFD_ACCEPTING *Super = Irp->Tail.Overlay.DriverContext[AFD_WAITER_SUPER_ACCEPT];
    BOOLEAN Ended;

    AfdLockEndpoint(Endpoint);
    Ended = AfdReleaseCredit(Credit);
    Irp->Tail.Overlay.DriverContext[AFD_WAITER_CREDIT] = Ended ? NULL : Credit;
    if (!Ended)
        Credit->Irp = Irp;
    AfdUnlockEndpoint(Endpoint);
    if (Ended)
        AfdFreeCredit(Credit);

    /*
     * From here on the IRP may be completed by others at any time. Our endpoint must not go with it.
     * IoCsqInsertIrpEx marks the IRP pending, and completes it at once if it was cancelled before.
     */
    AfdReferenceEndpoint(Endpoint);
    if (Super != NULL)
        AfdReferenceSuperAccept(Super);
    (VOID)IoCsqInsertIrpEx(&Listener->Csq, Irp, Super != NULL ? &Super->Wait : NULL, Lifo ? Listener : NULL);
    AfdpPairWaiters(Endpoint, Listener);
    if (Super != NULL) {
        /* IRP_MJ_CLEANUP of the accepting endpoint, in between, did not find the IRP in the queue. */
        if (AfdEndpointState(Super->Acceptor) == AfdClosing)
            AfdCancelSuperAccept(Super);
        AfdDereferenceSuperAccept(Super);
    }
    AfdDereferenceEndpoint(Endpoint);
    return STATUS_PENDING;
}

/* Nothing is kept: asks the transport, and waits if need be. Blocking or non-blocking by the credit's flags. */
static NTSTATUS AfdpWaitForTransport(AFD_ENDPOINT *Endpoint, PIRP Irp, AFD_CREDIT *Credit, BOOLEAN Lifo)
{
    AFD_LISTENER *Listener = AfdEndpointListener(Endpoint);
    AFD_CONNECTION *Connection = NULL;
    AFD_CONNECTION *Left;
    ULONG_PTR Information = 0;
    BOOLEAN Given = FALSE;
    NTSTATUS Status;

    Status = AfdTransport->Accept(AfdEndpointTransport(Endpoint), &Credit->Operation.Tl);
    if (Status == STATUS_PENDING)
        return AfdpQueueWaiter(Endpoint, Irp, Credit, Lifo);

    if (NT_SUCCESS(Status))
        Connection = AfdTakeArrival(Credit);
    AfdLockEndpoint(Endpoint);
    AfdUnlistCredit(Listener, Credit);
    Listener->Claims--;
    if (Connection != NULL && Endpoint->State != AfdClosing) {
        AfdGiveConnection(Listener, Connection, Irp, &Information);
        Given = TRUE;
        Connection = NULL;
    } else if (Connection != NULL) {
        Status = STATUS_CANCELLED;
    }
    AfdUnlockEndpoint(Endpoint);
    if (Connection != NULL)
        AfdAbortConnection(Connection);
    AfdFreeCredit(Credit);
    if (Status == STATUS_DEVICE_NOT_READY) /* the accept() ends here, else with ACCEPT or DEFER_ACCEPT */
        AfdEndEnablingCall(Endpoint, AFD_POLL_ACCEPT, FALSE);
    if (!Given)
        return AfdFailWaiter(Irp, Status);
    Left = AfdFinishWaiter(Irp, Information, &Status);
    if (Left != NULL)
        AfdReturnConnection(Endpoint, Left, TRUE);
    return Status;
}

/* The caller keeps a reference to the endpoint, which the IRP may not survive. */
static NTSTATUS AfdpWaitForConnection(AFD_ENDPOINT *Endpoint, PIRP Irp, const AFD_WAIT_KIND *Kind)
{
    AFD_LISTENER *Listener = AfdEndpointListener(Endpoint);
    AFD_CONNECTION *Connection;
    AFD_CREDIT *Credit;
    ULONG_PTR Information = 0;
    NTSTATUS Status;

    Irp->Tail.Overlay.DriverContext[AFD_WAITER_SUPER_ACCEPT] = Kind->SuperAccept;
    Credit = AfdAllocateCredit(Endpoint);
    if (Credit == NULL)
        return AfdFailWaiter(Irp, STATUS_INSUFFICIENT_RESOURCES);
    Credit->Operation.Tl.Flags = Kind->Flags;
    Credit->Operation.Tl.Poller = Kind->Poller;

    AfdLockEndpoint(Endpoint);
    Connection = AfdTakeUnaccepted(Listener);
    if (Connection != NULL) {
        AfdGiveConnection(Listener, Connection, Irp, &Information);
    } else {
        Listener->Claims++;
        AfdListCredit(Listener, Credit);
    }
    AfdUnlockEndpoint(Endpoint);
    if (Connection == NULL)
        return AfdpWaitForTransport(Endpoint, Irp, Credit, Kind->Lifo);
    AfdFreeCredit(Credit);
    Connection = AfdFinishWaiter(Irp, Information, &Status);
    if (Connection != NULL)
        AfdReturnConnection(Endpoint, Connection, TRUE);
    return Status;
}

NTSTATUS AfdWaitForConnection(AFD_ENDPOINT *Endpoint, PIRP Irp, const AFD_WAIT_KIND *Kind)
{
    NTSTATUS Status;
    AfdReferenceEndpoint(Endpoint);
    Status = AfdpWaitForConnection(Endpoint, Irp, Kind);
    AfdDereferenceEndpoint(Endpoint);
    return Status;
}

/*
 * STATUS_INVALID_PARAMETER: not listening. STATUS_BUFFER_TOO_SMALL: no room for an address.
 * STATUS_DEVICE_NOT_READY: non-blocking, and nothing waits.
 */
static NTSTATUS AfdpWaitForListen(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack, BOOLEAN Lifo)
{
    ULONG Room = Stack->Parameters.DeviceIoControl.OutputBufferLength;
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    AFD_WAIT_KIND Kind = {.Lifo = Lifo};

    if (State != AfdListening)
        return AfdCompleteIrp(Irp, State == AfdClosing ? STATUS_FILE_CLOSED : STATUS_INVALID_PARAMETER, 0);
    if (Room < UFIELD_OFFSET(AFD_LISTEN_RESPONSE_INFO, RemoteAddress) + AfdAddressLength(Endpoint))
        return AfdCompleteIrp(Irp, STATUS_BUFFER_TOO_SMALL, 0);

    if (AfdIsNonBlocking(Endpoint))
        Kind.Flags = TL_REQUEST_NO_PEND;
    else if (!Lifo && IoMayPollDirectly(Irp)) /* the LIFO waiter takes others' connections: L4 */
        Kind.Flags = TL_REQUEST_DIRECT;
    else
        Kind.Poller = IoFilePoller(Stack->FileObject);
    return AfdWaitForConnection(Endpoint, Irp, &Kind);
}

NTSTATUS AfdWaitForListen(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    return AfdpWaitForListen(Endpoint, Irp, Stack, FALSE);
}

NTSTATUS AfdWaitForListenLifo(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    return AfdpWaitForListen(Endpoint, Irp, Stack, TRUE);
}

/* The offered connection with that sequence, unlinked, now the caller's. */
static AFD_CONNECTION *AfdpTakeOffered(AFD_ENDPOINT *Endpoint, LONG Sequence)
{
    AFD_CONNECTION *Connection;

    AfdLockEndpoint(Endpoint);
    Connection = AfdFindOffered(AfdEndpointListener(Endpoint), Sequence);
    if (Connection != NULL)
        RemoveEntryList(&Connection->Link);
    AfdUnlockEndpoint(Endpoint);
    return Connection;
}

NTSTATUS AfdBeginAttach(AFD_ENDPOINT *Endpoint, const AFD_ENDPOINT *Listener)
{
    AFD_ENDPOINT_STATE State;
    BOOLEAN InTransition;

    if (Endpoint->Kind != AfdStream || Endpoint->Family != Listener->Family)
        return STATUS_INVALID_PARAMETER;
    if (!AfdBeginTransition(Endpoint, AFD_STATE_BIT(AfdOpen), &State, &InTransition))
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

/* The endpoint has no transport endpoint yet: the connection's becomes it. FALSE: it has one, or is closing. */
static BOOLEAN AfdpPublishTransport(AFD_ENDPOINT *Endpoint, TL_ENDPOINT *Transport)
{
    BOOLEAN Published = FALSE;
    AfdLockEndpoint(Endpoint);
    if (Endpoint->State != AfdClosing && Endpoint->Transport == NULL) {
        __atomic_store_n(&Endpoint->Transport, Transport, __ATOMIC_RELEASE);
        Published = TRUE;
    }
    AfdUnlockEndpoint(Endpoint);
    return Published;
}

static NTSTATUS AfdpMoveTransport(AFD_ENDPOINT *Endpoint, TL_ENDPOINT *Transport)
{
    TL_ENDPOINT *Own;
    AfdAdoptTransport(Endpoint, Transport);
    if (AfdpPublishTransport(Endpoint, Transport))
        return STATUS_SUCCESS;
    Own = AfdEndpointTransport(Endpoint); /* of an option set before, or of an earlier use */
    return Own == NULL || !NT_SUCCESS(AfdTransport->Adopt(Own, Transport)) ? STATUS_FILE_CLOSED : STATUS_SUCCESS;
}

NTSTATUS AfdAttachConnection(AFD_ENDPOINT *Endpoint, AFD_CONNECTION *Connection)
{
    NTSTATUS Status = AfdClaimGroup(Endpoint, Connection->Address);

    if (NT_SUCCESS(Status))
        Status = AfdpMoveTransport(Endpoint, Connection->Transport);
    AfdLockEndpoint(Endpoint);
    Endpoint->InTransition = FALSE;
    Endpoint->SuperAccept = NULL;
    if (NT_SUCCESS(Status) && Endpoint->State != AfdClosing) {
        Endpoint->ConnectTime = KeQueryInterruptTime();
        RtlCopyMemory(Endpoint->RemoteAddress, Connection->Address, sizeof Endpoint->RemoteAddress);
        AfdEmptyConnectStrings(AfdEndpointStrings(Endpoint), FALSE);
        AfdSetState(Endpoint, AfdConnected);
    }
    AfdUnlockEndpoint(Endpoint);
    if (!NT_SUCCESS(Status)) {
        AfdReleaseGroup(Endpoint);
        return Status == STATUS_INVALID_PARAMETER ? Status : STATUS_FILE_CLOSED;
    }

    Connection->Transport = NULL;
    (VOID)AfdUpdateWatch(Endpoint);
    AfdEvaluateEndpoint(Endpoint);
    return STATUS_SUCCESS;
}

/*
 * Is the file object one of AFD's own? It is recognised by the device that was opened.
 *
 * Under the profile of NT 4.0 SP4 the device on top of the stack is compared instead: as soon as any driver
 * is attached above AFD, AFD does not recognise its own file and accept() fails with 10022. The article
 * names the symptom, the service pack and accept() as the only call; that the fault is this comparison
 * is our reconstruction. [kb:Q201348] [guess]
 */
static NTSTATUS AfdpCheckAcceptFile(PFILE_OBJECT FileObject)
{
    if (CmErratumActive(CmErratumQ201348))
        return IoGetRelatedDeviceObject(FileObject) == AfdDevice ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    return FileObject->DeviceObject == AfdDevice ? STATUS_SUCCESS : STATUS_OBJECT_TYPE_MISMATCH;
}

/* On success the file object is referenced. */
static NTSTATUS AfdpReferenceAcceptFile(HANDLE Handle, PFILE_OBJECT *FileObject, AFD_ENDPOINT **Endpoint)
{
    NTSTATUS Status = ObReferenceObjectByHandle(Handle, 0, *IoFileObjectType, UserMode, (PVOID *)FileObject, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = AfdpCheckAcceptFile(*FileObject);
    if (NT_SUCCESS(Status)) {
        *Endpoint = AfdEndpointFromFile(*FileObject);
        if (*Endpoint == NULL)
            Status = STATUS_OBJECT_TYPE_MISMATCH;
    }
    if (!NT_SUCCESS(Status))
        ObDereferenceObject(*FileObject);
    return Status;
}

/*
 * The connection offered under the sequence moves to the endpoint named by the handle: Open -> Connected.
 *
 * STATUS_INVALID_PARAMETER: not listening, no such sequence, the accepting endpoint is not new (bound,
 * connected) or of another kind or family; and Q201348. STATUS_INVALID_HANDLE; STATUS_OBJECT_TYPE_MISMATCH:
 * not a file of AFD's.
 * What becomes of the connection: unless the sequence was wrong it is consumed. When the accept fails it
 * is reset, so that the peer learns of it rather than waits for ever. [guess]
 */
NTSTATUS AfdAccept(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_ACCEPT_INFO Info;
    AFD_CONNECTION *Connection;
    AFD_ENDPOINT *Acceptor;
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    PFILE_OBJECT FileObject;
    NTSTATUS Status;

    Status = AfdReadInput(Control, &Info, sizeof Info);
    if (!NT_SUCCESS(Status))
        return Status;
    if (State != AfdListening)
        return State == AfdClosing ? STATUS_FILE_CLOSED : STATUS_INVALID_PARAMETER;
    Connection = AfdpTakeOffered(Endpoint, Info.Sequence);
    if (Connection == NULL)
        return STATUS_INVALID_PARAMETER;

    Status = AfdpReferenceAcceptFile(Info.AcceptHandle, &FileObject, &Acceptor);
    if (NT_SUCCESS(Status)) {
        Status = AfdBeginAttach(Acceptor, Endpoint);
        if (NT_SUCCESS(Status))
            Status = AfdAttachConnection(Acceptor, Connection);
        /* Closed meanwhile: as if that had been before. The closed endpoint is not the one of this request. */
        if (Status == STATUS_FILE_CLOSED)
            Status = STATUS_INVALID_HANDLE;
        ObDereferenceObject(FileObject);
    }
    /* On success only the record is left of it. */
    AfdAbortConnection(Connection);

    /* FD_ACCEPT is recorded again if more connections wait. */
    AfdEndEnablingCall(Endpoint, AFD_POLL_ACCEPT, FALSE);
    return Status;
}

/* STATUS_INVALID_PARAMETER: not listening, no such sequence. */
NTSTATUS AfdDeferAccept(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_DEFER_ACCEPT_INFO Info;
    AFD_CONNECTION *Connection;
    NTSTATUS Status;

    Status = AfdReadInput(Control, &Info, sizeof Info);
    if (!NT_SUCCESS(Status))
        return Status;
    if (AfdEndpointState(Endpoint) != AfdListening)
        return STATUS_INVALID_PARAMETER;
    Connection = AfdpTakeOffered(Endpoint, Info.Sequence);
    if (Connection == NULL)
        return STATUS_INVALID_PARAMETER;
    if (Info.RejectConnection)
        AfdAbortConnection(Connection);
    else
        AfdReturnConnection(Endpoint, Connection, TRUE);
    AfdEndEnablingCall(Endpoint, AFD_POLL_ACCEPT, FALSE);
    return STATUS_SUCCESS;
}
