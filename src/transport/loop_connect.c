/* SPDX-License-Identifier: MIT */
/*
 * loop_connect.c - listen, connect, accept and disconnect in memory.
 *
 * Layer: transport. A connect makes both ends at once and puts the other one into the listener's
 * backlog; it is refused when nobody listens or the backlog is full. It never pends.
 */
#include "loop_private.h"

NTSTATUS LoopListen(TL_ENDPOINT *Endpoint, ULONG Backlog)
{
    NTSTATUS Status = STATUS_SUCCESS;
    LoopLockEngine();
    if (Endpoint->Aborted)
        Status = STATUS_FILE_CLOSED;
    else if (!LoopIsStream(Endpoint))
        Status = STATUS_NOT_SUPPORTED;
    else if (Endpoint->Connected)
        Status = STATUS_INVALID_PARAMETER;
    else
        Status = LoopBindImplicitly(Endpoint);
    if (NT_SUCCESS(Status)) {
        if (!Endpoint->Listening) {
            LoopFreeStream(Endpoint);
            InitializeListHead(&Endpoint->Listener.Backlog);
            Endpoint->Listener.Count = 0;
            Endpoint->Listening = TRUE;
        }
        Endpoint->Listener.Limit = Backlog != 0 ? Backlog : 1;
    }
    LoopUnlockEngine();
    return Status;
}

NTSTATUS LoopAccept(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return LoopStart(Endpoint, Request, TlAccept);
}

NTSTATUS LoopTryAccept(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    if (!Endpoint->Listening)
        return STATUS_INVALID_PARAMETER;
    if (IsListEmpty(&Endpoint->Listener.Backlog))
        return STATUS_DEVICE_NOT_READY;
    TL_ENDPOINT *Accepted =
        CONTAINING_RECORD(RemoveHeadList(&Endpoint->Listener.Backlog), TL_ENDPOINT, BacklogLink);
    Endpoint->Listener.Count--;
    Request->Accepted = Accepted;
    Request->AddressLength = (USHORT)LoopWriteAddress(Accepted, &Accepted->Remote, Request->Address);
    return STATUS_SUCCESS;
}

/* Makes the listener's end of a connection. */
static NTSTATUS CreateOtherEnd(TL_ENDPOINT *Listener, TL_ENDPOINT *Client, const LOOP_ADDRESS *To)
    _Requires_lock_held_(TlEndpointLock)
{
    TL_ENDPOINT *Other = LoopCreateEndpoint(Listener->Family, TL_SOCK_STREAM);
    if (Other == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Client->Local = LoopSourceFor(Client, To);
    Client->Remote = *To;
    Client->Connected = TRUE;
    Client->Peer = Other;
    Other->Local = *To;
    Other->Remote = Client->Local;
    Other->Connected = TRUE;
    Other->Peer = Client;
    LoopInheritOptions(Other, Listener);
    InsertTailList(&Listener->Listener.Backlog, &Other->BacklogLink);
    Listener->Listener.Count++;
    LoopNote(Listener, TL_EVENT_ACCEPT | TL_EVENT_RECEIVE);
    LoopNote(Client, TL_EVENT_SEND);
    return STATUS_SUCCESS;
}

static NTSTATUS ConnectLocked(TL_ENDPOINT *Endpoint, const LOOP_ADDRESS *To) _Requires_lock_held_(TlEndpointLock)
{
    if (Endpoint->Aborted)
        return STATUS_FILE_CLOSED;
    if (!LoopIsStream(Endpoint) || Endpoint->Listening)
        return STATUS_INVALID_PARAMETER;
    if (Endpoint->Connected)
        return STATUS_CONNECTION_ACTIVE;
    if (!LoopIsLocal(To))
        return STATUS_NETWORK_UNREACHABLE;
    NTSTATUS Status = LoopBindImplicitly(Endpoint);
    if (!NT_SUCCESS(Status))
        return Status;
    TL_ENDPOINT *Listener = LoopFindListener(To);
    /* An accept that waits has emptied the backlog, so the count alone decides. */
    if (Listener == NULL || Listener->Listener.Count >= Listener->Listener.Limit)
        return STATUS_CONNECTION_REFUSED;
    return CreateOtherEnd(Listener, Endpoint, To);
}

NTSTATUS LoopConnect(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    TL_COMPLETION_LIST List;
    LOOP_ADDRESS To;
    TlInitializeCompletions(&List);
    Request->Link.Flink = NULL;
    Request->Endpoint = Endpoint;
    Request->Kind = TlConnect;
    Request->Bytes = 0;
    Request->Accepted = NULL;
    NTSTATUS Status = TlCheckPeerAddress(Endpoint->Family, Endpoint->Type, Request->Address, Request->AddressLength);
    if (!NT_SUCCESS(Status))
        return Status;
    LoopLockEngine();
    Status = LoopReadAddress(Endpoint, Request->Address, Request->AddressLength, &To);
    if (NT_SUCCESS(Status))
        Status = ConnectLocked(Endpoint, &To);
    if (NT_SUCCESS(Status)) {
        TL_ENDPOINT *Listener = LoopFindListener(&To);
        if (Listener != NULL)
            LoopRun(Listener, &List);
    }
    Request->Status = Status;
    LoopUnlockEngine();
    LoopDeliver(&List);
    return Status;
}

VOID LoopSendEnd(TL_ENDPOINT *Endpoint)
{
    TL_ENDPOINT *Peer = Endpoint->Peer;
    if (Peer == NULL || Peer->PeerEnded)
        return;
    Peer->PeerEnded = TRUE;
    LoopNote(Peer, TL_EVENT_DISCONNECT);
}

VOID LoopSendReset(TL_ENDPOINT *Endpoint)
{
    TL_ENDPOINT *Peer = Endpoint->Peer;
    if (Peer == NULL)
        return;
    Peer->Peer = NULL;
    Endpoint->Peer = NULL;
    if (Peer->FatalStatus == STATUS_SUCCESS)
        Peer->FatalStatus = STATUS_CONNECTION_RESET;
    LoopNote(Peer, TL_EVENT_ABORT);
}

NTSTATUS LoopDisconnect(TL_ENDPOINT *Endpoint, ULONG How)
{
    TL_COMPLETION_LIST List;
    NTSTATUS Status = STATUS_SUCCESS;
    TlInitializeCompletions(&List);
    LoopLockEngine();
    if (LoopIsStream(Endpoint) && !Endpoint->Connected)
        Status = STATUS_INVALID_CONNECTION;
    else if (Endpoint->Aborted)
        Status = STATUS_FILE_CLOSED;
    else if ((How & HOST_SHUTDOWN_SEND) && !Endpoint->SendShutdown)
        Status = Endpoint->FatalStatus;
    if (NT_SUCCESS(Status) && (How & HOST_SHUTDOWN_SEND) && !Endpoint->SendShutdown) {
        Endpoint->SendShutdown = TRUE;
        /* LoopRun sends the end when the sends that wait are through. */
        Endpoint->ShutdownPending = LoopIsStream(Endpoint);
        LoopRun(Endpoint, &List);
    }
    if (NT_SUCCESS(Status) && (How & HOST_SHUTDOWN_RECEIVE)) {
        Endpoint->ReceiveShutdown = TRUE;
        LoopFlushTransfers(&Endpoint->Receives, STATUS_PIPE_DISCONNECTED, &List);
    }
    LoopUnlockEngine();
    LoopDeliver(&List);
    return Status;
}
