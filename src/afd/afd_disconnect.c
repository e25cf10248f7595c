/* SPDX-License-Identifier: MIT */
/*
 * afd_disconnect.c - IOCTL_AFD_PARTIAL_DISCONNECT: shutdown(), abortive disconnect.
 *
 * Layer: afd. Timeout is not used: a graceful disconnect of a direction does not wait.
 */
#include "afd_events.h"
#include "afd_requests.h"

#define AFD_DISCONNECT_MODES                                                                        \
    (AFD_PARTIAL_DISCONNECT_SEND | AFD_PARTIAL_DISCONNECT_RECEIVE | AFD_ABORTIVE_DISCONNECT |         \
        AFD_UNCONNECT_DATAGRAM)

static NTSTATUS AfdpEndDirections(AFD_ENDPOINT *Endpoint, ULONG Mode)
{
    TL_ENDPOINT *Transport = AfdEndpointTransport(Endpoint);
    UCHAR Ended = 0;
    ULONG How = 0;

    if (Mode & AFD_PARTIAL_DISCONNECT_SEND) {
        Ended |= AFD_ENDED_SEND;
        How |= HOST_SHUTDOWN_SEND;
    }
    /* Receives that are pending go on and get what comes; only new ones fail. [obs:wine/sock shutdown] */
    if (Mode & AFD_PARTIAL_DISCONNECT_RECEIVE)
        Ended |= AFD_ENDED_RECEIVE;
    if (Ended == 0)
        return STATUS_SUCCESS;
    __atomic_fetch_or(&Endpoint->Ended, Ended, __ATOMIC_ACQ_REL);
    /* A datagram endpoint only remembers it: there is nobody to tell. */
    if (How == 0 || Endpoint->Kind == AfdDatagram)
        return STATUS_SUCCESS;
    return AfdTransport->Disconnect(Transport, How);
}

NTSTATUS AfdEndSending(AFD_ENDPOINT *Endpoint)
{
    return AfdpEndDirections(Endpoint, AFD_PARTIAL_DISCONNECT_SEND);
}

/*
 * STATUS_INVALID_PARAMETER: unknown mode, or AFD_UNCONNECT_DATAGRAM on a stream. STATUS_INVALID_CONNECTION: a stream
 * that is not connected. An abortive disconnect ends every request with STATUS_CANCELLED and resets the
 * connection at once.
 */
NTSTATUS AfdPartialDisconnect(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_PARTIAL_DISCONNECT_INFO Info;
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    NTSTATUS Status;

    Status = AfdReadInput(Control, &Info, sizeof Info);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Info.DisconnectMode == 0 || (Info.DisconnectMode & ~(ULONG)AFD_DISCONNECT_MODES) != 0)
        return STATUS_INVALID_PARAMETER;
    if (State == AfdClosing)
        return STATUS_FILE_CLOSED;
    if (Endpoint->Kind == AfdStream) {
        if (Info.DisconnectMode & AFD_UNCONNECT_DATAGRAM)
            return STATUS_INVALID_PARAMETER;
        if (State != AfdConnected)
            return STATUS_INVALID_CONNECTION;
    }
    if (Info.DisconnectMode & AFD_UNCONNECT_DATAGRAM) {
        Status = AfdDissolvePeer(Endpoint);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if ((Info.DisconnectMode & AFD_ABORTIVE_DISCONNECT) && Endpoint->Kind == AfdStream) {
        __atomic_fetch_or(&Endpoint->Ended, AFD_ENDED_ABORT, __ATOMIC_ACQ_REL);
        AfdTransport->Abort(AfdEndpointTransport(Endpoint), TRUE);
        AfdEvaluateEndpoint(Endpoint);
        return STATUS_SUCCESS;
    }
    return AfdpEndDirections(Endpoint, Info.DisconnectMode);
}
