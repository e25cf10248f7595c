/* SPDX-License-Identifier: MIT */
/*
 * epoll_queue.c - requests: tried at once, made to pend, finished, taken back.
 *
 * Layer: transport. NT counterpart: the IRP queues of a transport driver.
 *
 *   caller --Start--> attempt --final status--> caller
 *                        |
 *                        would block --> Pend --> Queue --RunDirection--> list --Complete--> upcall
 *                                                   |---FlushDirection (abort)---^
 *                                                   `---Cancel--> caller
 * Who takes a request out of its queue, under the lock, decides how it ends; nobody else can.
 */
#include "epoll_private.h"

/* Kind is the request's; inline because it is known at most places. */
static inline NTSTATUS Attempt(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, UCHAR Kind)
    _Requires_lock_held_(TlEndpointLock)
{
    NTSTATUS Status;
    switch (Kind) {
    case TlConnect:
        return EpollTryConnect(Endpoint, Request);
    case TlAccept:
        return EpollTryAccept(Endpoint, Request);
    case TlSend:
        return EpollTrySend(Endpoint, Request);
    case TlReceive:
        Status = EpollTryReceive(Endpoint, Request);
        EpollNoteReceive(Endpoint);
        return Status;
    case TlSendDatagram:
        return EpollTrySendDatagram(Endpoint, Request);
    case TlAwaitSent:
        return EpollTryAwaitSent(Endpoint);
    case TlAwaitEnd:
        return EpollTryAwaitEnd(Endpoint);
    default:
        return EpollTryReceiveDatagram(Endpoint, Request);
    }
}

/* An attempt after which the direction may be kept for the next of a chain. */
static inline NTSTATUS AttemptLink(TL_ENDPOINT *Endpoint, EPOLL_DIRECTION *Direction, TL_REQUEST *Request,
    UCHAR Kind) _Requires_lock_held_(TlEndpointLock)
{
    NTSTATUS Status = Attempt(Endpoint, Request, Kind);
    if (NT_SUCCESS(Status) && (Request->Flags & TL_REQUEST_MORE) != 0)
        Direction->Held = TRUE;
    return Status;
}

/* Does an earlier request of the same order wait? */
static BOOLEAN IsBehindOthers(const EPOLL_DIRECTION *Direction, ULONG Order)
    _Requires_lock_held_(TlEndpointLock)
{
    for (const LIST_ENTRY *Entry = Direction->Queue.Flink; Entry != &Direction->Queue; Entry = Entry->Flink) {
        if (EpollOrder(CONTAINING_RECORD(Entry, TL_REQUEST, Link)) == Order)
            return TRUE;
    }
    return FALSE;
}

/* What came since is told: by an edge, when the request is registered, or when it looks itself. */
static inline BOOLEAN IsKnownToBlock(const EPOLL_DIRECTION *Direction, const TL_REQUEST *Request)
    _Requires_lock_held_(TlEndpointLock)
{
    return Direction->Blocked && (Request->Flags & (TL_REQUEST_DIRECT | TL_REQUEST_FOLLOWED)) != 0;
}

static inline NTSTATUS AttemptUnlessBlocked(TL_ENDPOINT *Endpoint, EPOLL_DIRECTION *Direction, TL_REQUEST *Request,
    UCHAR Kind) _Requires_lock_held_(TlEndpointLock)
{
    ULONG Order = EpollOrder(Request);
    if ((Request->Flags & TL_REQUEST_CONTINUE) != 0)
        Direction->Held = FALSE; /* its turn; success keeps the direction again if there is more */
    else if (Direction->Held || (!IsListEmpty(&Direction->Queue) && IsBehindOthers(Direction, Order)))
        return STATUS_DEVICE_NOT_READY;
    if (Order == 0 && Kind != TlAwaitSent && IsKnownToBlock(Direction, Request))
        return STATUS_DEVICE_NOT_READY;
    return AttemptLink(Endpoint, Direction, Request, Kind);
}

/* The chain has ended, and those that waited behind it find no edge. */
static VOID ReleaseDirection(TL_ENDPOINT *Endpoint, EPOLL_DIRECTION *Direction)
{
    TL_COMPLETION_LIST List;
    TlInitializeCompletions(&List);
    EpollRunDirection(Endpoint, Direction, 0, &List);
    EpollComplete(Endpoint, &List);
    TlIndicate(&Endpoint->Watch, TL_EVENT_SEND);
}

/*
 * A datagram is sent whole or not at all, and threads that share a socket need not send one after another. FALSE: it is
 * to be attempted in its turn.
 */
static BOOLEAN SendOutside(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, NTSTATUS *Status)
{
    UCHAR *Outside = &Endpoint->Send.Outside;
    UCHAR Others = __atomic_load_n(Outside, __ATOMIC_RELAXED);
    BOOLEAN Over = FALSE;
    do {
        if (Others == MAXUCHAR)
            return FALSE;
    } while (!__atomic_compare_exchange_n(Outside, &Others, (UCHAR)(Others + 1), TRUE, __ATOMIC_SEQ_CST,
        __ATOMIC_RELAXED));
    if (EpollClosed(Endpoint) == 0 && !EpollGet(&Endpoint->SendShutdown) && !EpollGet(&Endpoint->KeepsSend)) {
        *Status = EpollSendDatagramNow(Endpoint, Request);
        Over = *Status != STATUS_DEVICE_NOT_READY;
    }
    __atomic_sub_fetch(Outside, 1, __ATOMIC_SEQ_CST);
    return Over;
}

/* For each kind of its own: what is constant in a receive and a send need not be found out each time. */
FORCEINLINE NTSTATUS StartRequest(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, TL_REQUEST_KIND Kind)
{
    NTSTATUS Status;
    BOOLEAN Released, Continues = (Request->Flags & TL_REQUEST_CONTINUE) != 0;
    Request->Link.Flink = NULL;
    Request->Endpoint = Endpoint;
    Request->Kind = (UCHAR)Kind;
    Request->Bytes = 0;
    EPOLL_DIRECTION *Direction = EpollDirectionOf(Endpoint, (UCHAR)Kind);
    if ((Kind == TlSend || Kind == TlSendDatagram) && !EpollIsStream(Endpoint) &&
        SendOutside(Endpoint, Request, &Status)) {
        Request->Status = Status;
        return Status;
    }
    if (Kind == TlSend && (Request->Flags & (TL_REQUEST_FOLLOWED | TL_REQUEST_DIRECT)) != TL_REQUEST_FOLLOWED)
        UringPay(Endpoint);
    EpollLockDirection(Direction);
    if (EpollClosed(Endpoint) != 0)
        Status = STATUS_FILE_CLOSED;
    else if (!Continues && Kind != TlAwaitSent && Kind != TlAwaitEnd &&
        EpollGet(Direction == &Endpoint->Send ? &Endpoint->SendShutdown : &Endpoint->ReceiveShutdown))
        Status = STATUS_PIPE_DISCONNECTED; /* sends that wait already still go */
    else if (Kind == TlSend && UringPutOff(Endpoint, Request))
        Status = STATUS_SUCCESS;
    else
        Status = AttemptUnlessBlocked(Endpoint, Direction, Request, (UCHAR)Kind);
    if (Status == STATUS_DEVICE_NOT_READY) {
        if ((Request->Flags & TL_REQUEST_NO_PEND) == 0)
            Status = EpollPend(Endpoint, Request);
        else if (Request->Bytes != 0) {
            if (Request->Flags & TL_REQUEST_WHOLE)
                EpollKeepRest(Endpoint, Request);
            Status = STATUS_SUCCESS;
        }
    }
    /* A pending request may be over already once the lock is free: it is not touched any more. */
    if (Status != STATUS_PENDING)
        Request->Status = Status;
    Released = Continues && Status != STATUS_PENDING && !Direction->Held;
    EpollUnlockDirection(Direction);
    if (Released)
        ReleaseDirection(Endpoint, Direction);
    return Status;
}

NTSTATUS EpollStart(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, TL_REQUEST_KIND Kind)
{
    switch (Kind) {
    case TlSend:
        return StartRequest(Endpoint, Request, TlSend);
    case TlReceive:
        return StartRequest(Endpoint, Request, TlReceive);
    default:
        return StartRequest(Endpoint, Request, Kind);
    }
}

/* --- pending --- */

static BOOLEAN ReadyDirect(TL_ENDPOINT *Endpoint, EPOLL_DIRECTION *Direction, ULONG Events)
{
    TL_COMPLETION_LIST List;
    BOOLEAN Waiting = FALSE;
    PKTHREAD Self = KeGetCurrentThread();
    TlInitializeCompletions(&List);
    EpollRunDirection(Endpoint, Direction, Events, &List);
    EpollLockDirection(Direction);
    for (LIST_ENTRY *Entry = Direction->Queue.Flink; Entry != &Direction->Queue; Entry = Entry->Flink) {
        const TL_REQUEST *Request = CONTAINING_RECORD(Entry, TL_REQUEST, Link);
        Waiting |= (Request->Flags & TL_REQUEST_DIRECT) != 0 && Request->Thread == Self;
    }
    EpollUnlockDirection(Direction);
    EpollComplete(Endpoint, &List);
    return Waiting;
}

static BOOLEAN ReadyDirectReceive(PVOID Context, ULONG Events)
{
    TL_ENDPOINT *Endpoint = Context;
    return ReadyDirect(Endpoint, &Endpoint->Receive, Events);
}

static BOOLEAN ReadyDirectSend(PVOID Context, ULONG Events)
{
    TL_ENDPOINT *Endpoint = Context;
    return ReadyDirect(Endpoint, &Endpoint->Send, Events);
}

NTSTATUS EpollRegisterLocked(TL_ENDPOINT *Endpoint, KE_POLLER *Poller, BOOLEAN Output)
{
    NTSTATUS Status = STATUS_SUCCESS;
    if (Endpoint->Registered && (!Output || Endpoint->RegisteredOutput))
        return STATUS_SUCCESS;
    if (EpollClosed(Endpoint) & EPOLL_ABORTED)
        return STATUS_FILE_CLOSED;
    if (Endpoint->Poller != NULL)
        Poller = Endpoint->Poller;
    else if (Poller == NULL)
        Status = KeDefaultPoller(&Poller);
    if (!NT_SUCCESS(Status))
        return Status;
    BOOLEAN ByLevel = !Output && EpollGet(&Endpoint->Listening);
    if (Endpoint->Registered)
        Status = host_source_add_output(&Endpoint->Source);
    else if (Output)
        Status = host_source_add(KePollerHost(Poller), &Endpoint->Source);
    else if (ByLevel)
        Status = host_source_add_level(KePollerHost(Poller), &Endpoint->Source);
    else
        Status = host_source_add_input(KePollerHost(Poller), &Endpoint->Source);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Endpoint->Poller == NULL) {
        KeReferencePoller(Poller); /* until EpollFreeEndpoint */
        /* Once: who holds a direction's lock or saw Registered reads it plainly from here on. */
        __atomic_store_n(&Endpoint->Poller, Poller, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&Endpoint->ByLevel, ByLevel, __ATOMIC_SEQ_CST);
    EpollSet(&Endpoint->Registered);
    if (Output)
        EpollSet(&Endpoint->RegisteredOutput);
    return STATUS_SUCCESS;
}

VOID EpollForgetRegistration(TL_ENDPOINT *Endpoint)
{
    __atomic_store_n(&Endpoint->Registered, FALSE, __ATOMIC_SEQ_CST);
    __atomic_store_n(&Endpoint->RegisteredOutput, FALSE, __ATOMIC_SEQ_CST);
    __atomic_store_n(&Endpoint->ByLevel, FALSE, __ATOMIC_SEQ_CST);
}

NTSTATUS EpollRegister(TL_ENDPOINT *Endpoint, KE_POLLER *Poller, BOOLEAN Output)
{
    NTSTATUS Status;
    if (EpollGet(Output ? &Endpoint->RegisteredOutput : &Endpoint->Registered))
        return STATUS_SUCCESS;
    TlLockWatch(&Endpoint->Watch);
    Status = EpollRegisterLocked(Endpoint, Poller, Output);
    TlUnlockWatch(&Endpoint->Watch);
    return Status;
}

/* Of sends. A thread that polls the descriptor would find it ready all the time that others are kept from it. */
static BOOLEAN IsBehindChain(const EPOLL_DIRECTION *Direction) _Requires_lock_held_(TlEndpointLock)
{
    BOOLEAN Found = Direction->Held;
    for (const LIST_ENTRY *Entry = Direction->Queue.Flink; Entry != &Direction->Queue && !Found; Entry = Entry->Flink)
        Found = (CONTAINING_RECORD(Entry, TL_REQUEST, Link)->Flags & TL_REQUEST_MORE) != 0;
    return Found;
}

/*
 * Registering reports what is ready already as a first edge, so nothing that came after the attempt
 * is missed; a direct wait looks at levels.
 */
NTSTATUS EpollPend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    EPOLL_DIRECTION *Direction = EpollDirectionOf(Endpoint, Request->Kind);
    BOOLEAN Sending = Direction == &Endpoint->Send;
    if (Sending && IsBehindChain(Direction))
        Request->Flags &= (UCHAR)~TL_REQUEST_DIRECT; /* Poller is NULL: the process's */
    if (Request->Flags & TL_REQUEST_DIRECT) {
        KE_DIRECT_WAIT Wait = {.Context = Endpoint};
        Wait.Item.fd = Endpoint->Source.fd;
        /* Every receive waits for urgent bytes too: a normal one would run over them. */
        Wait.Item.events = Sending ? HOST_POLL_OUT : HOST_POLL_PRI | HOST_POLL_RDHUP;
        if (!Sending && !EpollIsExpedited(Request))
            Wait.Item.events |= HOST_POLL_IN;
        Wait.Ready = Sending ? ReadyDirectSend : ReadyDirectReceive;
        Request->Thread = KeGetCurrentThread();
        KeSetDirectWait(&Wait);
    } else {
        NTSTATUS Status = EpollRegister(Endpoint, Request->Poller, Sending);
        if (!NT_SUCCESS(Status))
            return Status;
        KePollerArm(Endpoint->Poller);
    }
    if (Request->Flags & TL_REQUEST_CONTINUE)
        InsertHeadList(&Direction->Queue, &Request->Link);
    else
        InsertTailList(&Direction->Queue, &Request->Link);
    if (Sending && !EpollIsStream(Endpoint))
        EpollSet(&Endpoint->KeepsSend); /* who sends after it goes behind it */
    return STATUS_PENDING;
}

/* --- finishing --- */

VOID EpollTakeOut(TL_REQUEST *Request)
{
    RemoveEntryList(&Request->Link);
    Request->Link.Flink = NULL;
    /* Now, and not when it is released: who asks for levels in between shall see that sends go again. */
    if (Request->Flags & TL_REQUEST_KEPT)
        __atomic_store_n(&Request->Endpoint->KeepsSend, FALSE, __ATOMIC_SEQ_CST);
}

VOID EpollRunDirection(TL_ENDPOINT *Endpoint, EPOLL_DIRECTION *Direction, ULONG Events, TL_COMPLETION_LIST *List)
{
    BOOLEAN Stopped[EPOLL_ORDERS] = {FALSE};
    if (Direction == &Endpoint->Receive && EpollGet(&Endpoint->Listening)) {
        EpollRunAccepts(Endpoint, List);
        return;
    }
    EpollLockDirection(Direction);
    Direction->Blocked = FALSE;
    if (Direction->Owed)
        __atomic_store_n(&Direction->Owed, FALSE, __ATOMIC_RELAXED);
    if (Direction->InRing && (Events & HOST_POLL_BATCHED) != 0) {
        Stopped[0] = !UringFinishAttempt(Endpoint, Direction, List);
    } else if (Direction->InRing) {
        Stopped[0] = TRUE;
        Direction->Again = TRUE;
    }
    if ((Events & HOST_POLL_PRI) != 0 && Direction == &Endpoint->Receive && EpollClosed(Endpoint) == 0)
        EpollTakeUrgentByte(Endpoint);
    if ((Events & HOST_POLL_ERR) != 0 && Direction == &Endpoint->Receive && Endpoint->Type == TL_SOCK_DGRAM &&
        EpollClosed(Endpoint) == 0)
        EpollCollectErrors(Endpoint);
    for (LIST_ENTRY *Entry = Direction->Queue.Flink, *Next; Entry != &Direction->Queue; Entry = Next) {
        TL_REQUEST *Request = CONTAINING_RECORD(Entry, TL_REQUEST, Link);
        ULONG Order = EpollOrder(Request);
        Next = Entry->Flink;
        if (EpollClosed(Endpoint) != 0 || Direction->Held)
            break;
        if (Stopped[Order])
            continue;
        NTSTATUS Status = AttemptLink(Endpoint, Direction, Request, Request->Kind);
        if (Status == STATUS_DEVICE_NOT_READY && (Request->Flags & TL_REQUEST_KEPT) != 0)
            Status = UringKeepWaiting(Endpoint);
        Stopped[Order] = Status == STATUS_DEVICE_NOT_READY;
        if (Stopped[Order] && Request->Kind == TlReceiveDatagram)
            break; /* there is nothing else in such a queue, and it may be long */
        if (Stopped[Order])
            continue;
        EpollTakeOut(Request);
        TlAddCompletion(List, Request, Status);
    }
    if (Direction->ShutdownPending && IsListEmpty(&Direction->Queue) && !Direction->Held &&
        EpollClosed(Endpoint) == 0)
        EpollFinishShutdown(Endpoint);
    if (Direction == &Endpoint->Send && !EpollIsStream(Endpoint) && IsListEmpty(&Direction->Queue))
        __atomic_store_n(&Endpoint->KeepsSend, FALSE, __ATOMIC_SEQ_CST);
    EpollUnlockDirection(Direction);
}

VOID EpollFlushDirection(EPOLL_DIRECTION *Direction, NTSTATUS Status, TL_COMPLETION_LIST *List)
{
    EpollLockDirection(Direction);
    ASSERT(!Direction->InRing);
    Direction->Held = FALSE;
    while (!IsListEmpty(&Direction->Queue)) {
        TL_REQUEST *Request = CONTAINING_RECORD(Direction->Queue.Flink, TL_REQUEST, Link);
        EpollTakeOut(Request);
        TlAddCompletion(List, Request, Status);
    }
    EpollUnlockDirection(Direction);
}

/* Locks the direction when no attempt is being made for the request; NULL: for any. */
static VOID LockSettled(TL_ENDPOINT *Endpoint, EPOLL_DIRECTION *Direction, const TL_REQUEST *Request)
    _Acquires_lock_(TlEndpointLock) LOCK_UNCHECKED
{
    EpollLockDirection(Direction);
    while (Direction->InRing && (Request == NULL || UringInFlight(Direction) == Request)) {
        TL_COMPLETION_LIST List;
        EpollUnlockDirection(Direction);
        TlInitializeCompletions(&List);
        UringSettle(Endpoint, &List);
        EpollComplete(Endpoint, &List);
        EpollLockDirection(Direction);
    }
}

VOID EpollFlushTransfers(TL_ENDPOINT *Endpoint, EPOLL_DIRECTION *Direction, NTSTATUS Status, TL_COMPLETION_LIST *List)
{
    LockSettled(Endpoint, Direction, NULL);
    for (LIST_ENTRY *Entry = Direction->Queue.Flink, *Next; Entry != &Direction->Queue; Entry = Next) {
        TL_REQUEST *Request = CONTAINING_RECORD(Entry, TL_REQUEST, Link);
        Next = Entry->Flink;
        if (Request->Kind == TlAwaitEnd)
            continue;
        EpollTakeOut(Request);
        TlAddCompletion(List, Request, Status);
    }
    EpollUnlockDirection(Direction);
}

VOID EpollComplete(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List)
{
    /* The last upcall may end with the endpoint being closed. */
    const TL_CLIENT_DISPATCH *Client = Endpoint->Watch.Client;
    PVOID ClientContext = Endpoint->Watch.ClientContext;
    KE_POLLER *Poller = __atomic_load_n(&Endpoint->Poller, __ATOMIC_ACQUIRE);
    KeAssertNoLocksHeld("Complete");
    while (!IsListEmpty(&List->Head)) {
        TL_REQUEST *Request = CONTAINING_RECORD(RemoveHeadList(&List->Head), TL_REQUEST, Link);
        Request->Link.Flink = NULL;
        if ((Request->Flags & TL_REQUEST_DIRECT) == 0)
            KePollerDisarm(Poller);
        if (Request->Flags & TL_REQUEST_KEPT)
            TlReleaseKept(Request);
        else
            Client->Complete(ClientContext, Request);
    }
}

BOOLEAN EpollCancel(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    BOOLEAN Found = FALSE;
    EPOLL_DIRECTION *Direction = EpollDirectionOf(Endpoint, Request->Kind);
    LockSettled(Endpoint, Direction, Request);
    for (LIST_ENTRY *Entry = Direction->Queue.Flink; Entry != &Direction->Queue && !Found; Entry = Entry->Flink)
        Found = Entry == &Request->Link;
    if (Found) {
        EpollTakeOut(Request);
        if ((Request->Flags & TL_REQUEST_DIRECT) == 0)
            KePollerDisarm(Endpoint->Poller);
        if (Request->Kind == TlConnect)
            EpollAbandonConnect(Endpoint);
        if (Direction->ShutdownPending && IsListEmpty(&Direction->Queue) && !Direction->Held)
            EpollFinishShutdown(Endpoint);
    }
    EpollUnlockDirection(Direction);
    return Found;
}
