/* SPDX-License-Identifier: MIT */
/*
 * loop_queue.c - requests and upcalls of the loop engine.
 *
 * Layer: transport. A request is always queued first; then the endpoint and its peer are run until
 * nothing moves; if the request is over by then, its result is returned instead of told by an upcall.
 */
#include "loop_private.h"

static EX_LOCK LoopLock;
static LIST_ENTRY LoopPending = {&LoopPending, &LoopPending}; /* endpoints with PendingEvents */

LOCK_UNCHECKED VOID LoopLockEngine(VOID)
{
    ExAcquireLock(&LoopLock, TlEndpointLockRank);
}

LOCK_UNCHECKED VOID LoopUnlockEngine(VOID)
{
    ExReleaseLock(&LoopLock, TlEndpointLockRank);
}

/* --- running --- */

static NTSTATUS Attempt(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, TL_COMPLETION_LIST *List)
    _Requires_lock_held_(TlEndpointLock)
{
    switch (Request->Kind) {
    case TlAccept:
        return LoopTryAccept(Endpoint, Request);
    case TlSend:
        return LoopIsStream(Endpoint) ? LoopTrySend(Endpoint, Request)
                                      : LoopTrySendDatagram(Endpoint, Request, List);
    case TlReceive:
        return LoopIsStream(Endpoint) ? LoopTryReceive(Endpoint, Request)
                                      : LoopTryReceiveDatagram(Endpoint, Request);
    case TlSendDatagram:
        return LoopTrySendDatagram(Endpoint, Request, List);
    case TlAwaitSent:
        return LoopTryAwaitSent(Endpoint);
    case TlAwaitEnd:
        return LoopTryAwaitEnd(Endpoint);
    default:
        return LoopTryReceiveDatagram(Endpoint, Request);
    }
}

static VOID TakeOut(TL_REQUEST *Request)
{
    RemoveEntryList(&Request->Link);
    Request->Link.Flink = NULL;
}

/* TRUE if something moved, even if no request is over. */
static BOOLEAN RunQueue(TL_ENDPOINT *Endpoint, LIST_ENTRY *Queue, TL_COMPLETION_LIST *List)
    _Requires_lock_held_(TlEndpointLock)
{
    BOOLEAN Stopped[LOOP_ORDERS] = {FALSE}, Moved = FALSE;
    for (LIST_ENTRY *Entry = Queue->Flink, *Next; Entry != Queue; Entry = Next) {
        TL_REQUEST *Request = CONTAINING_RECORD(Entry, TL_REQUEST, Link);
        ULONG Order = LoopOrder(Request);
        SIZE_T Before = Request->Bytes;
        Next = Entry->Flink;
        if (Queue == &Endpoint->Sends && Endpoint->SendHeld)
            break;
        if (Stopped[Order])
            continue;
        NTSTATUS Status = Attempt(Endpoint, Request, List);
        Moved |= Request->Bytes != Before || Status != STATUS_DEVICE_NOT_READY;
        Stopped[Order] = Status == STATUS_DEVICE_NOT_READY;
        if (Stopped[Order])
            continue;
        TakeOut(Request);
        if (NT_SUCCESS(Status) && (Request->Flags & TL_REQUEST_MORE) != 0)
            Endpoint->SendHeld = TRUE;
        TlAddCompletion(List, Request, Status);
    }
    if (Queue == &Endpoint->Sends && Endpoint->ShutdownPending && IsListEmpty(Queue) && !Endpoint->SendHeld) {
        Endpoint->ShutdownPending = FALSE;
        LoopSendEnd(Endpoint);
        Moved = TRUE;
    }
    return Moved;
}

/* Moves bytes both ways until nothing moves any more. Each round takes bytes or ends a request. */
VOID LoopRun(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List)
{
    BOOLEAN Moved;
    do {
        Moved = RunQueue(Endpoint, &Endpoint->Sends, List);
        Moved |= RunQueue(Endpoint, &Endpoint->Receives, List);
        if (Endpoint->Peer != NULL) {
            Moved |= RunQueue(Endpoint->Peer, &Endpoint->Peer->Sends, List);
            if (Endpoint->Peer != NULL)
                Moved |= RunQueue(Endpoint->Peer, &Endpoint->Peer->Receives, List);
        }
    } while (Moved);
}

NTSTATUS LoopStart(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, TL_REQUEST_KIND Kind)
{
    TL_COMPLETION_LIST List;
    NTSTATUS Status;
    TlInitializeCompletions(&List);
    Request->Link.Flink = NULL;
    Request->Endpoint = Endpoint;
    Request->Kind = (UCHAR)Kind;
    Request->Bytes = 0;
    Request->Status = STATUS_PENDING;
    BOOLEAN Sending = LoopIsSending(Request->Kind);
    BOOLEAN Continues = (Request->Flags & TL_REQUEST_CONTINUE) != 0;
    LoopLockEngine();
    /* Sends that wait when their direction is shut down go on; only new ones are refused. */
    if (Endpoint->Aborted || (Sending && Kind != TlAwaitSent && Endpoint->SendShutdown && !Continues)) {
        Status = Endpoint->Aborted ? STATUS_FILE_CLOSED : STATUS_PIPE_DISCONNECTED;
        LoopUnlockEngine();
        return Status;
    }
    if (Continues) {
        Endpoint->SendHeld = FALSE;
        InsertHeadList(&Endpoint->Sends, &Request->Link);
        LoopNote(Endpoint, TL_EVENT_SEND);
    } else {
        InsertTailList(Sending ? &Endpoint->Sends : &Endpoint->Receives, &Request->Link);
    }
    LoopRun(Endpoint, &List);
    Status = Request->Status;
    if (Status != STATUS_PENDING) {
        TakeOut(Request); /* of List: the caller gets the result */
    } else if (Request->Flags & TL_REQUEST_NO_PEND) {
        TakeOut(Request);
        if (Request->Bytes != 0 && (Request->Flags & TL_REQUEST_WHOLE) != 0)
            LoopForceSend(Endpoint, Request, &List);
        Status = Request->Bytes != 0 ? STATUS_SUCCESS : STATUS_DEVICE_NOT_READY;
        Request->Status = Status;
    }
    LoopUnlockEngine();
    LoopDeliver(&List);
    return Status;
}

VOID LoopFlush(LIST_ENTRY *Queue, NTSTATUS Status, TL_COMPLETION_LIST *List)
{
    while (!IsListEmpty(Queue)) {
        TL_REQUEST *Request = CONTAINING_RECORD(Queue->Flink, TL_REQUEST, Link);
        TakeOut(Request);
        TlAddCompletion(List, Request, Status);
    }
}

VOID LoopFlushTransfers(LIST_ENTRY *Queue, NTSTATUS Status, TL_COMPLETION_LIST *List)
{
    for (LIST_ENTRY *Entry = Queue->Flink, *Next; Entry != Queue; Entry = Next) {
        TL_REQUEST *Request = CONTAINING_RECORD(Entry, TL_REQUEST, Link);
        Next = Entry->Flink;
        if (Request->Kind == TlAwaitEnd)
            continue;
        TakeOut(Request);
        TlAddCompletion(List, Request, Status);
    }
}

BOOLEAN LoopCancel(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    TL_COMPLETION_LIST List;
    BOOLEAN Found = FALSE;
    BOOLEAN Sending = LoopIsSending(Request->Kind);
    LIST_ENTRY *Queue = Sending ? &Endpoint->Sends : &Endpoint->Receives;
    TlInitializeCompletions(&List);
    LoopLockEngine();
    for (LIST_ENTRY *Entry = Queue->Flink; Entry != Queue && !Found; Entry = Entry->Flink)
        Found = Entry == &Request->Link;
    if (Found) {
        TakeOut(Request);
        LoopRun(Endpoint, &List); /* what was behind it may go now */
    }
    LoopUnlockEngine();
    LoopDeliver(&List);
    return Found;
}

/* --- upcalls --- */

VOID LoopNote(TL_ENDPOINT *Endpoint, ULONG Events)
{
    if (Endpoint->PendingEvents == 0)
        InsertTailList(&LoopPending, &Endpoint->PendingLink);
    Endpoint->PendingEvents |= Events;
}

/*
 * Another thread may take an indication that this one noted; it is then made a moment later, by that
 * thread. Holds keeps the endpoint's memory meanwhile.
 */
static VOID DeliverIndications(VOID)
{
    LoopLockEngine();
    while (!IsListEmpty(&LoopPending)) {
        TL_ENDPOINT *Endpoint = CONTAINING_RECORD(RemoveHeadList(&LoopPending), TL_ENDPOINT, PendingLink);
        ULONG Events = Endpoint->PendingEvents;
        Endpoint->PendingEvents = 0;
        if ((Events & TL_EVENT_RECEIVE) != 0 && LoopIsStream(Endpoint))
            Events |= TL_EVENT_DATA;
        Endpoint->Holds++;
        LoopUnlockEngine();
        TlIndicate(&Endpoint->Watch, Events);
        LoopLockEngine();
        Endpoint->Holds--;
        if (Endpoint->Closed && Endpoint->Holds == 0)
            LoopDestroyEndpoint(Endpoint);
    }
    LoopUnlockEngine();
}

VOID LoopDeliver(TL_COMPLETION_LIST *List)
{
    KeAssertNoLocksHeld("Complete");
    while (!IsListEmpty(&List->Head)) {
        TL_REQUEST *Request = CONTAINING_RECORD(RemoveHeadList(&List->Head), TL_REQUEST, Link);
        const TL_WATCH *Watch = &Request->Endpoint->Watch;
        Request->Link.Flink = NULL;
        Watch->Client->Complete(Watch->ClientContext, Request);
    }
    DeliverIndications();
}
