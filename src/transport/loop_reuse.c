/* SPDX-License-Identifier: MIT */
/*
 * loop_reuse.c - the end of a connection in memory, awaited, and another connection in its place.
 *
 * Layer: transport. The engine's one lock makes both exchanges one step.
 */
#include "loop_private.h"

NTSTATUS LoopAwaitSent(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return LoopStart(Endpoint, Request, TlAwaitSent);
}

NTSTATUS LoopAwaitEnd(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return LoopStart(Endpoint, Request, TlAwaitEnd);
}

/* What stood before it in the queue has gone. */
NTSTATUS LoopTryAwaitSent(TL_ENDPOINT *Endpoint)
{
    if (Endpoint->ShutdownPending) {
        Endpoint->ShutdownPending = FALSE;
        LoopSendEnd(Endpoint);
    }
    return STATUS_SUCCESS;
}

NTSTATUS LoopTryAwaitEnd(const TL_ENDPOINT *Endpoint)
{
    if (!LoopIsStream(Endpoint) || !Endpoint->Connected)
        return STATUS_INVALID_CONNECTION;
    return Endpoint->PeerEnded || Endpoint->FatalStatus != STATUS_SUCCESS || Endpoint->Peer == NULL
        ? STATUS_SUCCESS : STATUS_DEVICE_NOT_READY;
}

/* Ends the connection, if there is one, and what waits for it; as after LoopOpen but for options and address. */
static VOID ForgetConnection(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List) _Requires_lock_held_(TlEndpointLock)
{
    LoopFlush(&Endpoint->Receives, STATUS_CANCELLED, List);
    LoopFlush(&Endpoint->Sends, STATUS_CANCELLED, List);
    LoopLeavePeer(Endpoint, List);
    LoopFreeStream(Endpoint);
    Endpoint->FatalStatus = STATUS_SUCCESS;
    Endpoint->ResetOnClose = FALSE;
    Endpoint->Connected = FALSE;
    Endpoint->PeerEnded = FALSE;
    Endpoint->ReceiveShutdown = FALSE;
    Endpoint->SendShutdown = FALSE;
    Endpoint->ShutdownPending = FALSE;
    Endpoint->SendHeld = FALSE;
    Endpoint->SendBlocked = FALSE;
}

NTSTATUS LoopReopen(TL_ENDPOINT *Endpoint, ULONG Protocol, BOOLEAN Rebind)
{
    TL_COMPLETION_LIST List;
    NTSTATUS Status = STATUS_SUCCESS;
    TlInitializeCompletions(&List);
    if (!LoopIsStream(Endpoint))
        return STATUS_INVALID_PARAMETER;
    LoopLockEngine();
    if (Endpoint->Aborted) {
        Status = STATUS_FILE_CLOSED;
    } else {
        ForgetConnection(Endpoint, &List);
        if (!Rebind)
            LoopUnbind(Endpoint);
        else if (!Endpoint->Bound)
            Status = LoopBindLocked(Endpoint, &Endpoint->Local);
    }
    LoopUnlockEngine();
    LoopDeliver(&List);
    return Status;
}

NTSTATUS LoopAdopt(TL_ENDPOINT *Endpoint, TL_ENDPOINT *Accepted)
{
    TL_COMPLETION_LIST List;
    NTSTATUS Status = STATUS_SUCCESS;
    TlInitializeCompletions(&List);
    if (!LoopIsStream(Endpoint))
        return STATUS_INVALID_PARAMETER;
    LoopLockEngine();
    if (Endpoint->Aborted) {
        Status = STATUS_FILE_CLOSED;
    } else {
        ForgetConnection(Endpoint, &List);
        LoopUnbind(Endpoint);
        if (Endpoint->Options != NULL)
            ExFreePoolWithTag(Endpoint->Options, LOOP_OPTION_TAG);
        Endpoint->Options = Accepted->Options;
        Endpoint->Settings = Accepted->Settings;
        Endpoint->ReceiveLimit = Accepted->ReceiveLimit;
        Endpoint->Stream = Accepted->Stream;
        Endpoint->Local = Accepted->Local;
        Endpoint->Remote = Accepted->Remote;
        Endpoint->FatalStatus = Accepted->FatalStatus;
        Endpoint->PeerEnded = Accepted->PeerEnded;
        Endpoint->Connected = TRUE;
        Endpoint->Peer = Accepted->Peer;
        if (Endpoint->Peer != NULL)
            Endpoint->Peer->Peer = Endpoint;
        LoopNote(Endpoint, Accepted->PendingEvents | TL_EVENT_SEND);
        /* An empty shell. */
        Accepted->Options = NULL;
        Accepted->Peer = NULL;
        RtlZeroMemory(&Accepted->Stream, sizeof Accepted->Stream);
        Accepted->Aborted = TRUE;
        LoopCloseLocked(Accepted, &List);
    }
    LoopUnlockEngine();
    LoopDeliver(&List);
    return Status;
}
