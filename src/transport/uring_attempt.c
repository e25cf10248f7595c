/* SPDX-License-Identifier: MIT */
/*
 * uring_attempt.c - attempts of several endpoints, made together through io_uring.
 *
 * Layer: transport. NT counterpart: none.
 *
 * The uring engine is the epoll engine with one difference: when the poller finds several endpoints ready, the
 * sends and receives of their first pending requests are made in one host call instead of one each. All else,
 * above all who waits for what and who owns a buffer when, is the same.
 *
 *   Prepare (poller's thread, no upcalls) --InRing set--> host_ring_attempt --handler--> FinishAttempt
 *
 * The lock of the direction is not held in between. So:
 *  U1  The request of an attempt stays the first of its order in its queue. Who wants to take it out (Cancel, Abort,
 *      Reopen, the end of a direction) calls UringSettle first: it waits until the attempts are made, which
 *      takes as long as the host's calls, and applies the result itself.
 *  U2  Nobody attempts another request of the same order (EpollRunDirection, IsBehindOthers). Who was told
 *      that there is something says so in Again, and FinishAttempt tries once more.
 *  U3  The result lies on the stack of the poller's thread, which calls the handler, and so takes the direction's
 *      lock, before it leaves; even if the endpoint is closed by then. It is not freed before (host_poller.c).
 *  U4  The descriptor is closed or replaced after Closed was set, the source removed and UringSettle called: no attempt
 *      is under way, and none begins.
 *  U5  With urgent data about, receives are not attempted here: what comes first decides.
 *
 * A small send that is put off (UringPutOff) has succeeded: its bytes are kept (tl_kept.c), as AFD's buffers keep them
 * on Windows, until the poller calls the handler with HOST_POLL_OWED (ke_poller.c, O1 to O4) instead of an edge:
 *  U6  It is done first (UringPay) where its being late would show: before a send that may not pend or is waited for
 *      directly, before the end of the direction, before the endpoint closes without a reset. What the host has no room
 *      for then is kept as any other rest.
 */
#include "epoll_private.h"

TL_REQUEST *UringInFlight(const EPOLL_DIRECTION *Direction)
{
    if (!Direction->InRing)
        return NULL;
    for (const LIST_ENTRY *Entry = Direction->Queue.Flink; Entry != &Direction->Queue; Entry = Entry->Flink) {
        TL_REQUEST *Request = CONTAINING_RECORD(Entry, TL_REQUEST, Link);
        if (EpollOrder(Request) == 0)
            return Request;
    }
    return NULL;
}

/* One that a single plain call would do, and for whose end nobody polls himself. */
static BOOLEAN IsPlain(const TL_REQUEST *Request)
{
    const UCHAR Special = TL_REQUEST_DIRECT | TL_REQUEST_MORE | TL_REQUEST_CONTINUE;
    const ULONG SpecialMessage = HOST_MSG_OOB | HOST_MSG_PEEK | HOST_MSG_WAITALL;
    return (Request->Kind == TlSend || Request->Kind == TlReceive) && (Request->Flags & Special) == 0 &&
        (Request->MessageFlags & SpecialMessage) == 0 && Request->BufferCount == 1 &&
        Request->Buffers[0].length > Request->Bytes;
}

static VOID PrepareDirection(TL_ENDPOINT *Endpoint, EPOLL_DIRECTION *Direction)
{
    EpollLockDirection(Direction);
    if (EpollClosed(Endpoint) == 0 && EpollGet(&Endpoint->Connected) && !Direction->Held && !Direction->InRing &&
        !IsListEmpty(&Direction->Queue)) {
        TL_REQUEST *Request = CONTAINING_RECORD(Direction->Queue.Flink, TL_REQUEST, Link);
        struct host_attempt *Attempt = IsPlain(Request) ? host_batch_add(KePollerHost(Endpoint->Poller)) : NULL;
        if (Attempt != NULL) {
            Attempt->fd = Endpoint->Source.fd;
            Attempt->sends = Request->Kind == TlSend;
            Attempt->flags = Request->MessageFlags & HOST_MSG_DONTROUTE;
            Attempt->buffer.base = Request->Buffers[0].base + Request->Bytes;
            Attempt->buffer.length = Request->Buffers[0].length - (ULONG)Request->Bytes;
            Direction->Again = FALSE;
            Direction->InRing = TRUE;
            Request->Attempt = Attempt;
        }
    }
    EpollUnlockDirection(Direction);
}

VOID UringPrepare(TL_ENDPOINT *Endpoint, ULONG Events)
{
    if (!EpollIsStream(Endpoint))
        return;
    if ((Events & HOST_POLL_IN) != 0 && (Events & HOST_POLL_PRI) == 0 && !EpollGet(&Endpoint->SawUrgent))
        PrepareDirection(Endpoint, &Endpoint->Receive);
    if ((Events & HOST_POLL_OWED) != 0)
        PrepareDirection(Endpoint, &Endpoint->Send);
}

/* --- sends that are put off --- */

/* An overlapped send: the fast path's, which may be followed by an IRP, or that IRP's. */
static BOOLEAN MayBePutOff(const EPOLL_DIRECTION *Direction, const TL_REQUEST *Request)
    _Requires_lock_held_(TlEndpointLock)
{
    return (Request->Flags & TL_REQUEST_WHOLE) != 0 &&
        (Request->Flags & (TL_REQUEST_NO_PEND | TL_REQUEST_FOLLOWED)) != TL_REQUEST_NO_PEND && IsPlain(Request) &&
        Request->Buffers[0].length <= TL_KEEP_SMALL_MAX && !Direction->Blocked && !Direction->Held &&
        IsListEmpty(&Direction->Queue);
}

BOOLEAN UringPutOff(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    EPOLL_DIRECTION *Direction = &Endpoint->Send;
    KE_POLLER *Poller = __atomic_load_n(&Endpoint->Poller, __ATOMIC_ACQUIRE);
    TL_REQUEST *Kept;
    if (Poller == NULL || !KePollerMayOwe(Poller) || !MayBePutOff(Direction, Request) ||
        !EpollGet(&Endpoint->Connected) || !EpollGet(&Endpoint->Registered) || EpollGet(&Endpoint->SawEnd))
        return FALSE;
    Kept = TlKeepSmall(Request);
    if (Kept == NULL)
        return FALSE;
    KePollerArm(Poller);
    if (!KePollerOwe(Poller, &Endpoint->Source)) {
        KePollerDisarm(Poller);
        TlReleaseKept(Kept);
        return FALSE;
    }
    InsertTailList(&Direction->Queue, &Kept->Link);
    EpollSet(&Direction->Owed);
    Request->Bytes = Request->Buffers[0].length;
    return TRUE;
}

VOID UringPay(TL_ENDPOINT *Endpoint)
{
    TL_COMPLETION_LIST List;
    if (!EpollGet(&Endpoint->Send.Owed))
        return;
    TlInitializeCompletions(&List);
    EpollRunDirection(Endpoint, &Endpoint->Send, 0, &List);
    EpollComplete(Endpoint, &List);
}

NTSTATUS UringKeepWaiting(TL_ENDPOINT *Endpoint)
{
    NTSTATUS Status = STATUS_DEVICE_NOT_READY;
    EpollSet(&Endpoint->KeepsSend);
    if (EpollClosed(Endpoint) != 0)
        return Status; /* it is taken over, or given up */
    Status = EpollRegister(Endpoint, NULL, TRUE);
    if (NT_SUCCESS(Status) || EpollClosed(Endpoint) != 0)
        return STATUS_DEVICE_NOT_READY;
    /* Better a connection that is seen to break than one that seems to be complete. */
    EpollSet(&Endpoint->ResetOnClose);
    return Status;
}

/* --- what attempts said --- */

static NTSTATUS ResultOfSend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, const struct host_attempt *Attempt)
    _Requires_lock_held_(TlEndpointLock)
{
    if (!NT_SUCCESS(Attempt->status) && Attempt->status != STATUS_DEVICE_NOT_READY)
        return EpollFail(Endpoint, Attempt->status);
    Request->Bytes += Attempt->bytes;
    Endpoint->Send.Blocked = Attempt->bytes < Attempt->buffer.length;
    return Endpoint->Send.Blocked ? STATUS_DEVICE_NOT_READY : STATUS_SUCCESS;
}

static NTSTATUS ResultOfReceive(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, const struct host_attempt *Attempt)
    _Requires_lock_held_(TlEndpointLock)
{
    if (Attempt->status == STATUS_DEVICE_NOT_READY) {
        Endpoint->Receive.Blocked = TRUE;
        return STATUS_DEVICE_NOT_READY;
    }
    if (!NT_SUCCESS(Attempt->status))
        return EpollFail(Endpoint, Attempt->status);
    Request->Bytes = Attempt->bytes;
    if (Attempt->bytes == 0)
        return EpollEndOfStream(Endpoint, Request);
    Endpoint->Receive.Blocked = EpollProvesDrained(Endpoint, Request, Attempt->bytes, Attempt->buffer.length);
    return STATUS_SUCCESS;
}

BOOLEAN UringFinishAttempt(TL_ENDPOINT *Endpoint, EPOLL_DIRECTION *Direction, TL_COMPLETION_LIST *List)
{
    TL_REQUEST *Request = UringInFlight(Direction);
    const struct host_attempt *Attempt = Request->Attempt;
    NTSTATUS Status;
    Direction->InRing = FALSE;
    Request->Poller = NULL; /* in the place of Attempt; the endpoint is registered */
    if (Request->Kind == TlSend)
        Status = ResultOfSend(Endpoint, Request, Attempt);
    else
        Status = ResultOfReceive(Endpoint, Request, Attempt);
    EpollNoteReceive(Endpoint);
    if (Direction->Again)
        Direction->Blocked = FALSE;
    if (Status == STATUS_DEVICE_NOT_READY && (Request->Flags & TL_REQUEST_KEPT) != 0)
        Status = UringKeepWaiting(Endpoint);
    if (Status == STATUS_DEVICE_NOT_READY)
        return Direction->Again;
    EpollTakeOut(Request);
    TlAddCompletion(List, Request, Status);
    return TRUE;
}

VOID UringSettle(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List)
{
    EPOLL_DIRECTION *const Both[] = {&Endpoint->Receive, &Endpoint->Send};
    for (ULONG i = 0; i < RTL_NUMBER_OF(Both); i++) {
        EpollLockDirection(Both[i]);
        BOOLEAN Busy = Both[i]->InRing;
        EpollUnlockDirection(Both[i]);
        if (!Busy)
            continue;
        host_poller_await_attempts(KePollerHost(Endpoint->Poller));
        EpollLockDirection(Both[i]);
        /* The poller's thread may have been faster; until it has this lock the result stays where it is. */
        if (Both[i]->InRing)
            (VOID)UringFinishAttempt(Endpoint, Both[i], List);
        EpollUnlockDirection(Both[i]);
    }
}
