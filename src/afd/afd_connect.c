/* SPDX-License-Identifier: MIT */
/*
 * afd_connect.c - IOCTL_AFD_CONNECT: streams connect, datagram endpoints get a peer.
 *
 * Layer: afd. A blocking connect is an IRP that pends in the transport. A non-blocking one ends at once with
 * STATUS_DEVICE_NOT_READY and goes on as a request of the endpoint's own, which keeps a reference to it. (On
 * Windows the provider keeps the IRP pending instead; what the program sees is the same.)
 * Left out: multipoint roots. SUPER_CONNECT is in afd_super_connect.c.
 */
#include "afd_connect_data.h"
#include "afd_events.h"
#include "afd_group.h"
#include "afd_request.h"
#include "afd_requests.h"

static VOID AfdpBecomeConnected(AFD_ENDPOINT *Endpoint) _Requires_lock_held_(AfdEndpointLock)
{
    Endpoint->ConnectTime = KeQueryInterruptTime();
    __atomic_store_n(&Endpoint->ConnectStatus, STATUS_SUCCESS, __ATOMIC_RELAXED);
    AfdEmptyConnectStrings(AfdEndpointStrings(Endpoint), FALSE);
    AfdSetState(Endpoint, AfdConnected);
}

AFD_ENDPOINT_STATE AfdSettleConnect(AFD_ENDPOINT *Endpoint, UCHAR Attempt)
{
    AFD_ENDPOINT_STATE State;
    AfdLockEndpoint(Endpoint);
    if (Endpoint->State == AfdConnecting && Endpoint->ConnectAttempt == Attempt && !Endpoint->SuperConnect)
        AfdpBecomeConnected(Endpoint);
    State = (AFD_ENDPOINT_STATE)Endpoint->State;
    AfdUnlockEndpoint(Endpoint);
    return State;
}

NTSTATUS AfdEndConnect(AFD_ENDPOINT *Endpoint, NTSTATUS Status)
{
    BOOLEAN Alive;

    if (!NT_SUCCESS(Status))
        AfdReleaseGroup(Endpoint);
    AfdLockEndpoint(Endpoint);
    Endpoint->InTransition = FALSE;
    Alive = Endpoint->State != AfdClosing;
    ASSERT(!Alive || Endpoint->State == AfdConnecting || NT_SUCCESS(Status)); /* settled: only success follows */
    if (Alive && NT_SUCCESS(Status)) {
        if (Endpoint->State == AfdConnecting)
            AfdpBecomeConnected(Endpoint);
    } else if (Alive) {
        if (Status != STATUS_CANCELLED)
            __atomic_store_n(&Endpoint->ConnectStatus, Status, __ATOMIC_RELAXED);
        AfdSetState(Endpoint, AfdBound); /* the transport has bound it, if the program did not */
    }
    AfdUnlockEndpoint(Endpoint);
    if (Alive)
        AfdEvaluateEndpoint(Endpoint);
    return Alive || !NT_SUCCESS(Status) ? Status : STATUS_CANCELLED;
}

static NTSTATUS AfdpFinishConnect(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    return AfdEndConnect(Operation->Endpoint, Status);
}

/*
 * The accepting endpoint of a SUPER_ACCEPT and one that SUPER_CONNECT connects or has connected are not busy or
 * connected for CONNECT, but wrong. [test:wine/ws2_32/sock.c]
 */
static NTSTATUS AfdpConnectStateStatus(AFD_ENDPOINT *Endpoint, AFD_ENDPOINT_STATE State, BOOLEAN InTransition)
{
    BOOLEAN Extended;
    AfdLockEndpoint(Endpoint);
    Extended = Endpoint->SuperAccept != NULL || Endpoint->SuperConnect;
    AfdUnlockEndpoint(Endpoint);
    if (State == AfdClosing)
        return STATUS_FILE_CLOSED;
    if (Extended || (State != AfdConnecting && State != AfdConnected && !InTransition))
        return STATUS_INVALID_PARAMETER;
    return State == AfdConnected ? STATUS_CONNECTION_ACTIVE : STATUS_DEVICE_BUSY;
}

BOOLEAN AfdBeginConnect(AFD_ENDPOINT *Endpoint, ULONG Allowed, BOOLEAN Super, const UCHAR *Address,
    AFD_ENDPOINT_STATE *State, NTSTATUS *Status)
{
    BOOLEAN InTransition, Alive;
    TL_ENDPOINT *Transport;

    *Status = STATUS_SUCCESS;
    if (!AfdBeginTransition(Endpoint, Allowed, State, &InTransition)) {
        if (!Super)
            *Status = AfdpConnectStateStatus(Endpoint, *State, InTransition);
        return FALSE;
    }
    *Status = AfdEnsureTransport(Endpoint, &Transport);
    if (NT_SUCCESS(*Status))
        *Status = AfdClaimGroup(Endpoint, Address);
    if (!NT_SUCCESS(*Status)) {
        AfdEndTransition(Endpoint, *State);
        return FALSE;
    }
    AfdLockEndpoint(Endpoint);
    Alive = Endpoint->State != AfdClosing;
    if (Alive) {
        __atomic_store_n(&Endpoint->ConnectStatus, STATUS_SUCCESS, __ATOMIC_RELAXED);
        __atomic_store_n(&Endpoint->ConnectAttempt, (UCHAR)(Endpoint->ConnectAttempt + 1), __ATOMIC_RELEASE);
        Endpoint->ActiveConnect = TRUE;
        Endpoint->SuperConnect = Super;
        RtlCopyMemory(Endpoint->RemoteAddress, Address, AfdAddressLength(Endpoint));
        AfdEnableAllEvents(Endpoint);
        AfdSetState(Endpoint, AfdConnecting);
    } else {
        Endpoint->InTransition = FALSE;
        *Status = STATUS_FILE_CLOSED;
    }
    AfdUnlockEndpoint(Endpoint);
    if (!Alive)
        AfdReleaseGroup(Endpoint);
    return Alive;
}

NTSTATUS AfdCheckConnectAddress(const UCHAR *Address)
{
    /* The wildcard address and port 0 are nobody's. [doc:winsock2/connect] */
    if (AfdIsWildcardAddress(Address) || (Address[2] == 0 && Address[3] == 0))
        return STATUS_INVALID_ADDRESS;
    return STATUS_SUCCESS;
}

/*
 * A non-blocking attempt. Failures that are known at once because the request makes no sense are told
 * at once; a refusal shows as AFD_POLL_CONNECT_FAIL even if it came at once, as it does over a network.
 */
static NTSTATUS AfdpConnectInBackground(AFD_REQUEST *Request)
{
    NTSTATUS Status;
    AfdReferenceEndpoint(Request->Operation.Endpoint);
    Status = AfdSubmitRequest(Request, AfdTransport->Connect, FALSE);
    if (NT_SUCCESS(Status) || Status == STATUS_CONNECTION_REFUSED || Status == STATUS_CONNECTION_RESET)
        return STATUS_DEVICE_NOT_READY;
    return Status;
}

static NTSTATUS AfdpConnectStream(AFD_ENDPOINT *Endpoint, PIRP Irp, const UCHAR *Address, USHORT Length)
{
    BOOLEAN Background = AfdIsNonBlocking(Endpoint);
    AFD_ENDPOINT_STATE State;
    AFD_REQUEST *Request;
    NTSTATUS Status = AfdCheckConnectAddress(Address);

    if (!NT_SUCCESS(Status))
        return AfdCompleteIrp(Irp, Status, 0);
    Request = AfdAllocateRequest(Endpoint, Background ? NULL : Irp);
    if (Request == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Request->Operation.Finish = AfdpFinishConnect;
    Request->Operation.Tl.AddressLength = Length;
    RtlCopyMemory(Request->Operation.Tl.Address, Address, Length);

    if (!AfdBeginConnect(Endpoint, AFD_STATE_BIT(AfdOpen) | AFD_STATE_BIT(AfdBound), FALSE, Address, &State, &Status)) {
        AfdFreeRequest(Request);
        return AfdCompleteIrp(Irp, Status, 0);
    }
    if (Background)
        return AfdCompleteIrp(Irp, AfdpConnectInBackground(Request), 0);
    return AfdSubmitRequest(Request, AfdTransport->Connect, FALSE);
}

/* Sets the peer, or dissolves it: no address, or an address of zeros. [doc:winsock2/connect] */
static NTSTATUS AfdpConnectDatagram(AFD_ENDPOINT *Endpoint, const UCHAR *Address, USHORT Length)
{
    const ULONG Allowed = AFD_STATE_BIT(AfdOpen) | AFD_STATE_BIT(AfdBound) | AFD_STATE_BIT(AfdConnected);
    AFD_ENDPOINT_STATE State;
    BOOLEAN InTransition;
    TL_ENDPOINT *Transport;
    NTSTATUS Status;

    if (Length != 0 && AfdIsWildcardAddress(Address))
        Length = 0;
    if (!AfdBeginTransition(Endpoint, Allowed, &State, &InTransition))
        return AfdpConnectStateStatus(Endpoint, State, InTransition);
    if (Length == 0 && State != AfdConnected) {
        AfdEndTransition(Endpoint, State);
        return STATUS_SUCCESS;
    }
    Status = AfdEnsureTransport(Endpoint, &Transport);
    if (NT_SUCCESS(Status))
        Status = AfdTransport->Associate(Transport, Address, Length);
    if (NT_SUCCESS(Status)) {
        State = Length == 0 ? AfdBound : AfdConnected;
        AfdLockEndpoint(Endpoint);
        RtlCopyMemory(Endpoint->RemoteAddress, Address, Length);
        AfdUnlockEndpoint(Endpoint);
    }
    if (!AfdEndTransition(Endpoint, State))
        return STATUS_FILE_CLOSED;
    if (NT_SUCCESS(Status)) {
        /* Each peer is a connection of its own to who selected FD_CONNECT. [test:wine/ws2_32/sock.c events] */
        if (Length != 0)
            AfdEndEnablingCall(Endpoint, AFD_POLL_CONNECT | AFD_POLL_SEND, FALSE);
        AfdEvaluateEndpoint(Endpoint);
    }
    return Status;
}

NTSTATUS AfdDissolvePeer(AFD_ENDPOINT *Endpoint)
{
    static const UCHAR None[28];
    return AfdpConnectDatagram(Endpoint, None, 0);
}

/* The statuses are at AFD_CONNECT_JOIN_INFO in afd_ioctl.h; also STATUS_INVALID_ADDRESS and the transport's. */
NTSTATUS AfdConnect(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    const ULONG Offset = UFIELD_OFFSET(AFD_CONNECT_JOIN_INFO, RemoteAddress);
    const VOID *Input = Stack->Parameters.DeviceIoControl.Type3InputBuffer;
    UCHAR Address[28] = {0};
    USHORT Length;
    NTSTATUS Status;

    Status = AfdReadAddress(Endpoint, ExUserField(Input, Offset),
        Stack->Parameters.DeviceIoControl.InputBufferLength - Offset, Endpoint->Kind == AfdDatagram, Address, &Length);
    if (!NT_SUCCESS(Status))
        return AfdCompleteIrp(Irp, Status, 0);
    if (Endpoint->Kind == AfdDatagram)
        return AfdCompleteIrp(Irp, AfdpConnectDatagram(Endpoint, Address, Length), 0);
    return AfdpConnectStream(Endpoint, Irp, Address, Length);
}
