/* SPDX-License-Identifier: MIT */
/*
 * afd_super_disconnect.c - IOCTL_AFD_SUPER_DISCONNECT: the graceful end of a connection, and reuse of the endpoint.
 *
 * Layer: afd. NT counterpart: the request behind DisconnectEx. Steps of one AFD_REQUEST: this side's direction
 * is ended and what was sent before goes out; with AFD_TF_REUSE_SOCKET the end of the other direction is
 * awaited, and the transport endpoint reopened. Until then the endpoint stays connected and can still
 * receive; from the first step on it is in transition, so that nobody else disconnects it. Requests that
 * are pending at the end complete with STATUS_CANCELLED; receives have had the end of the stream by then.
 * Options of the connection are gone after reuse, as with a new socket. Left out: direct polling.
 */
#include "afd_connect_data.h"
#include "afd_events.h"
#include "afd_group.h"
#include "afd_request.h"
#include "afd_requests.h"
#include "iomgr.h"

/* Connected -> Open, or Bound if the endpoint had connected itself. */
static NTSTATUS AfdpReuse(AFD_ENDPOINT *Endpoint)
{
    BOOLEAN Rebind = Endpoint->ActiveConnect;
    NTSTATUS Status = AfdTransport->Reopen(AfdEndpointTransport(Endpoint), Endpoint->Protocol, Rebind);

    AfdLockEndpoint(Endpoint);
    Endpoint->InTransition = FALSE;
    if (Endpoint->State == AfdClosing) {
        Status = STATUS_CANCELLED;
    } else if (NT_SUCCESS(Status)) {
        Endpoint->ActiveConnect = FALSE;
        Endpoint->SuperConnect = FALSE;
        AfdEnableAllEvents(Endpoint);
        AfdEmptyConnectStrings(AfdEndpointStrings(Endpoint), TRUE);
        __atomic_store_n(&Endpoint->ConnectStatus, STATUS_SUCCESS, __ATOMIC_RELAXED);
        __atomic_store_n(&Endpoint->Ended, 0, __ATOMIC_RELEASE);
        AfdSetState(Endpoint, Rebind ? AfdBound : AfdOpen);
    } else {
        /* No descriptor, or the address is taken: of no use but to be closed. */
        __atomic_fetch_or(&Endpoint->Ended, AFD_ENDED_ABORT, __ATOMIC_ACQ_REL);
    }
    AfdUnlockEndpoint(Endpoint);
    if (NT_SUCCESS(Status))
        AfdReleaseGroup(Endpoint);
    AfdEvaluateEndpoint(Endpoint);
    return Status;
}

static NTSTATUS AfdpEndDisconnect(AFD_ENDPOINT *Endpoint, NTSTATUS Status)
{
    AfdEndTransition(Endpoint, AfdConnected);
    return Status == STATUS_FILE_CLOSED ? STATUS_CANCELLED : Status;
}

static NTSTATUS AfdpFinishEnd(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    if (!NT_SUCCESS(Status))
        return AfdpEndDisconnect(Operation->Endpoint, Status);
    *Information = (ULONG_PTR)Operation->Context;
    return AfdpReuse(Operation->Endpoint);
}

static NTSTATUS AfdpFinishSent(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    AFD_REQUEST *Request = CONTAINING_RECORD(Operation, AFD_REQUEST, Operation);

    if (!NT_SUCCESS(Status))
        return AfdpEndDisconnect(Operation->Endpoint, Status);
    Operation->Finish = AfdpFinishEnd;
    (VOID)AfdSubmitStep(Request, AfdTransport->AwaitEnd, Operation->Tl.Poller);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS AfdpFinishPlain(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    return Status == STATUS_FILE_CLOSED ? STATUS_CANCELLED : Status;
}

/* A connection that was reset has no direction to end any more: for reuse that is as good. */
static NTSTATUS AfdpEndOwnDirection(AFD_ENDPOINT *Endpoint, BOOLEAN Reuse)
{
    NTSTATUS Status;
    __atomic_fetch_or(&Endpoint->Ended, AFD_ENDED_SEND, __ATOMIC_ACQ_REL);
    Status = AfdTransport->Disconnect(AfdEndpointTransport(Endpoint),
        HOST_SHUTDOWN_SEND | (Reuse ? TL_DISCONNECT_REUSE : 0));
    return Reuse && Status != STATUS_FILE_CLOSED ? STATUS_SUCCESS : Status;
}

/* What a wrong state is called. */
static NTSTATUS AfdpCheckDisconnect(AFD_ENDPOINT *Endpoint, BOOLEAN Reuse)
{
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    BOOLEAN InTransition = FALSE;

    if (Endpoint->Kind != AfdStream)
        return STATUS_INVALID_PARAMETER;
    if (AfdEndpointEnded(Endpoint) & AFD_ENDED_ABORT)
        return STATUS_LOCAL_DISCONNECT;
    if (State == AfdConnected && (!Reuse ||
        AfdBeginTransition(Endpoint, AFD_STATE_BIT(AfdConnected), &State, &InTransition)))
        return STATUS_SUCCESS;
    if (State == AfdClosing)
        return STATUS_FILE_CLOSED;
    return InTransition ? STATUS_DEVICE_BUSY : STATUS_INVALID_CONNECTION;
}

/*
 * At once: STATUS_INVALID_PARAMETER: other flags, not a stream; STATUS_INVALID_CONNECTION: not connected;
 * STATUS_DEVICE_BUSY: another one with AFD_TF_REUSE_SOCKET is under way; STATUS_LOCAL_DISCONNECT: after an
 * abortive disconnect; STATUS_CONNECTION_RESET, without reuse. Otherwise it pends, whatever its end
 * [test:wine/ws2_32/sock.c]. Later: Reopen's of the transport. [doc:mswsock/disconnectex]
 */
NTSTATUS AfdSuperDisconnect(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    struct KE_POLLER *Poller = IoFilePoller(Stack->FileObject);
    AFD_SUPER_DISCONNECT_INFO Info;
    AFD_REQUEST *Request;
    BOOLEAN Reuse;
    NTSTATUS Status = ExCopyFromUser(&Info, Stack->Parameters.DeviceIoControl.Type3InputBuffer, sizeof Info, 1);

    if (NT_SUCCESS(Status) && (Info.Flags & ~(ULONG)AFD_TF_REUSE_SOCKET) != 0)
        Status = STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(Status))
        return AfdCompleteIrp(Irp, Status, 0);
    Reuse = (Info.Flags & AFD_TF_REUSE_SOCKET) != 0;
    Request = AfdAllocateRequest(Endpoint, Irp);
    if (Request == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Request->Operation.Finish = Reuse ? AfdpFinishSent : AfdpFinishPlain;
    Status = AfdpCheckDisconnect(Endpoint, Reuse);
    if (!NT_SUCCESS(Status))
        return AfdFailRequest(Request, Status);
    Status = AfdpEndOwnDirection(Endpoint, Reuse);
    if (!NT_SUCCESS(Status)) {
        if (Reuse)
            Status = AfdpEndDisconnect(Endpoint, Status);
        return AfdFailRequest(Request, Status);
    }
    IoMarkIrpPending(Irp);
    (VOID)AfdSubmitStep(Request, AfdTransport->AwaitSent, Poller);
    return STATUS_PENDING;
}

/* The IRP was marked pending before: whatever is found wrong completes it. */
VOID AfdDisconnectForReuse(AFD_ENDPOINT *Endpoint, PIRP Irp, ULONG_PTR Information)
{
    AFD_REQUEST *Request = AfdAllocateRequest(Endpoint, Irp);
    NTSTATUS Status;

    if (Request == NULL) {
        (VOID)AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
        return;
    }
    Request->Operation.Finish = AfdpFinishSent;
    Request->Operation.Context = (PVOID)Information;
    Status = AfdpCheckDisconnect(Endpoint, TRUE);
    if (NT_SUCCESS(Status)) {
        Status = AfdpEndOwnDirection(Endpoint, TRUE);
        if (!NT_SUCCESS(Status))
            Status = AfdpEndDisconnect(Endpoint, Status);
    }
    if (NT_SUCCESS(Status))
        (VOID)AfdSubmitStep(Request, AfdTransport->AwaitSent,
            IoFilePoller(IoGetCurrentIrpStackLocation(Irp)->FileObject));
    else
        (VOID)AfdFailRequest(Request, Status);
}
