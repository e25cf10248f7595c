/* SPDX-License-Identifier: MIT */
/*
 * loop_endpoint.c - life, events and addresses of an endpoint; the dispatch table of the engine.
 *
 * Layer: transport. Abort and Close do what the host does for a descriptor: Abort ends the requests,
 * Close tells the peer: a reset if bytes are left unread or a reset was asked for, else an end.
 */
#include "loop_private.h"

LOCK_UNCHECKED TL_ENDPOINT *LoopCreateEndpoint(ULONG Family, ULONG Type)
{
    TL_ENDPOINT *New = ExAllocatePoolWithTag(NonPagedPool, sizeof *New, LOOP_ENDPOINT_TAG);
    if (New == NULL)
        return NULL;
    RtlZeroMemory(New, sizeof *New);
    InitializeListHead(&New->Receives);
    InitializeListHead(&New->Sends);
    if (Type == TL_SOCK_DGRAM)
        InitializeListHead(&New->Datagram.Datagrams);
    New->Family = (UCHAR)Family;
    New->Type = (UCHAR)Type;
    New->ReceiveLimit = LOOP_BUFFER_DEFAULT;
    return New;
}

static NTSTATUS LoopOpen(ULONG Family, ULONG Type, ULONG Protocol, const TL_CLIENT_DISPATCH *Client,
    PVOID ClientContext, TL_ENDPOINT **Endpoint)
{
    if (Family != TL_AF_INET && Family != TL_AF_INET6)
        return STATUS_PROTOCOL_NOT_SUPPORTED;
    if (!(Type == TL_SOCK_STREAM && (Protocol == 0 || Protocol == 6))
        && !(Type == TL_SOCK_DGRAM && (Protocol == 0 || Protocol == 17)))
        return STATUS_PROTOCOL_NOT_SUPPORTED;
    TL_ENDPOINT *New = LoopCreateEndpoint(Family, Type);
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    TlInitializeWatch(&New->Watch, Client, ClientContext);
    *Endpoint = New;
    return STATUS_SUCCESS;
}

static VOID LoopSetClient(TL_ENDPOINT *Endpoint, const TL_CLIENT_DISPATCH *Client, PVOID ClientContext)
{
    LoopLockEngine();
    Endpoint->Watch.Client = Client;
    Endpoint->Watch.ClientContext = ClientContext;
    LoopUnlockEngine();
}

static VOID LoopAbort(TL_ENDPOINT *Endpoint, BOOLEAN Reset)
{
    TL_COMPLETION_LIST List;
    TlInitializeCompletions(&List);
    LoopLockEngine();
    Endpoint->Aborted = TRUE;
    Endpoint->ResetOnClose |= Reset;
    LoopFlush(&Endpoint->Receives, STATUS_CANCELLED, &List);
    LoopFlush(&Endpoint->Sends, STATUS_CANCELLED, &List);
    /* The program may keep the socket for long. */
    if (Reset && LoopIsStream(Endpoint) && !Endpoint->Listening)
        LoopLeavePeer(Endpoint, &List);
    LoopUnlockEngine();
    (VOID)TlSetWatchMask(&Endpoint->Watch, 0);
    TlWaitForIndications(&Endpoint->Watch);
    LoopDeliver(&List);
}

VOID LoopLeavePeer(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List)
{
    TL_ENDPOINT *Peer = Endpoint->Peer;
    BOOLEAN HardLinger = Endpoint->Settings.LingerOn != 0 && Endpoint->Settings.LingerSeconds == 0;
    if (Peer == NULL)
        return;
    if (Endpoint->ResetOnClose || HardLinger || Endpoint->Stream.Used != 0) {
        LoopSendReset(Endpoint);
    } else {
        LoopSendEnd(Endpoint);
        Peer->Peer = NULL;
        Endpoint->Peer = NULL;
    }
    LoopRun(Peer, List);
}

VOID LoopDestroyEndpoint(TL_ENDPOINT *Endpoint)
{
    if (Endpoint->Options != NULL)
        ExFreePoolWithTag(Endpoint->Options, LOOP_OPTION_TAG);
    ExFreePoolWithTag(Endpoint, LOOP_ENDPOINT_TAG);
}

VOID LoopCloseLocked(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List)
{
    LoopUnbind(Endpoint);
    if (!LoopIsStream(Endpoint)) {
        LoopFreeDatagrams(Endpoint);
    } else if (!Endpoint->Listening) {
        LoopLeavePeer(Endpoint, List);
        LoopFreeStream(Endpoint);
    }
    if (Endpoint->PendingEvents != 0) {
        RemoveEntryList(&Endpoint->PendingLink);
        Endpoint->PendingEvents = 0;
    }
    Endpoint->Closed = TRUE;
    if (Endpoint->Holds == 0)
        LoopDestroyEndpoint(Endpoint);
}

static VOID LoopClose(TL_ENDPOINT *Endpoint)
{
    TL_COMPLETION_LIST List;
    TlInitializeCompletions(&List);
    LoopLockEngine();
    ASSERT(Endpoint->Aborted);
    /* Nobody will accept what still waits: those connections are reset. */
    while (Endpoint->Listening && !IsListEmpty(&Endpoint->Listener.Backlog)) {
        TL_ENDPOINT *Waiting =
            CONTAINING_RECORD(RemoveHeadList(&Endpoint->Listener.Backlog), TL_ENDPOINT, BacklogLink);
        Waiting->ResetOnClose = TRUE;
        LoopCloseLocked(Waiting, &List);
    }
    LoopCloseLocked(Endpoint, &List);
    LoopUnlockEngine();
    LoopDeliver(&List);
}

/* --- events --- */

static NTSTATUS LoopWatch(TL_ENDPOINT *Endpoint, ULONG Mask, struct KE_POLLER *Poller)
{
    NTSTATUS Status = STATUS_SUCCESS;
    LoopLockEngine();
    if (Endpoint->Aborted)
        Status = STATUS_FILE_CLOSED;
    else
        (VOID)TlSetWatchMask(&Endpoint->Watch, Mask);
    LoopUnlockEngine();
    return Status;
}

ULONG LoopLevels(const TL_ENDPOINT *Endpoint)
{
    ULONG Levels = 0;
    if (Endpoint->Listening)
        return IsListEmpty(&Endpoint->Listener.Backlog) ? 0 : TL_EVENT_ACCEPT | TL_EVENT_RECEIVE;
    if (!LoopIsStream(Endpoint)) {
        if (!IsListEmpty(&Endpoint->Datagram.Datagrams) || Endpoint->Datagram.PendingError != STATUS_SUCCESS)
            Levels |= TL_EVENT_RECEIVE;
        return Levels | TL_EVENT_SEND;
    }
    if (!Endpoint->Connected)
        return 0;
    if (Endpoint->Stream.Used != 0)
        Levels |= TL_EVENT_RECEIVE;
    if (Endpoint->Stream.HasUrgentByte)
        Levels |= TL_EVENT_RECEIVE_EXPEDITED;
    if (Endpoint->Peer == NULL || Endpoint->Peer->Stream.Used < Endpoint->Peer->ReceiveLimit)
        Levels |= TL_EVENT_SEND;
    if (Endpoint->FatalStatus != STATUS_SUCCESS)
        return Levels | TL_EVENT_ABORT;
    return Levels | (Endpoint->PeerEnded ? TL_EVENT_DISCONNECT : 0);
}

static VOID LoopQueryEvents(TL_ENDPOINT *const *Endpoints, ULONG *Events, ULONG Count)
{
    LoopLockEngine();
    for (ULONG i = 0; i < Count; i++)
        Events[i] = Endpoints[i] != NULL ? LoopLevels(Endpoints[i]) : 0;
    LoopUnlockEngine();
}

/* --- queries --- */

static NTSTATUS CopyAddressOut(const TL_ENDPOINT *Endpoint, const LOOP_ADDRESS *From, VOID *Address, ULONG *Length)
{
    UCHAR Full[28];
    ULONG Bytes = LoopWriteAddress(Endpoint, From, Full);
    RtlCopyMemory(Address, Full, *Length < Bytes ? *Length : Bytes);
    *Length = Bytes;
    return STATUS_SUCCESS;
}

static NTSTATUS LoopGetLocalAddress(TL_ENDPOINT *Endpoint, VOID *Address, ULONG *Length)
{
    LoopLockEngine();
    LOOP_ADDRESS Local = Endpoint->Local;
    if (!LoopIsStream(Endpoint) && Endpoint->Connected)
        Local = LoopSourceFor(Endpoint, &Endpoint->Remote);
    LoopUnlockEngine();
    return CopyAddressOut(Endpoint, &Local, Address, Length);
}

static NTSTATUS LoopGetRemoteAddress(TL_ENDPOINT *Endpoint, VOID *Address, ULONG *Length)
{
    LoopLockEngine();
    LOOP_ADDRESS Remote = Endpoint->Remote;
    BOOLEAN Connected = Endpoint->Connected;
    LoopUnlockEngine();
    return Connected ? CopyAddressOut(Endpoint, &Remote, Address, Length) : STATUS_INVALID_CONNECTION;
}

static NTSTATUS LoopQueryReceive(TL_ENDPOINT *Endpoint, ULONG *Bytes, ULONG *ExpeditedBytes, BOOLEAN *AtMark)
{
    PLIST_ENTRY Link;
    ULONG Expedited = 0;
    BOOLEAN Mark = FALSE;
    *Bytes = 0;
    LoopLockEngine();
    if (Endpoint->Listening) {
        for (Link = Endpoint->Listener.Backlog.Flink; Link != &Endpoint->Listener.Backlog; Link = Link->Flink)
            (*Bytes)++;
    } else if (LoopIsStream(Endpoint)) {
        const LOOP_STREAM *Stream = &Endpoint->Stream;
        *Bytes = Stream->Used;
        Expedited = Stream->HasUrgentByte || (Endpoint->Settings.OobInline && Stream->HasMark);
        Mark = Stream->HasMark && Stream->MarkOffset == 0;
    } else if (!IsListEmpty(&Endpoint->Datagram.Datagrams)) {
        *Bytes = CONTAINING_RECORD(Endpoint->Datagram.Datagrams.Flink, LOOP_DATAGRAM, Link)->Bytes;
    }
    LoopUnlockEngine();
    if (ExpeditedBytes != NULL)
        *ExpeditedBytes = Expedited;
    if (AtMark != NULL)
        *AtMark = Mark;
    return STATUS_SUCCESS;
}

static BOOLEAN LoopIsDataThere(TL_ENDPOINT *Endpoint)
{
    LoopLockEngine();
    BOOLEAN There = LoopIsStream(Endpoint) && !Endpoint->Listening && Endpoint->Stream.Used != 0;
    LoopUnlockEngine();
    return There;
}

/* What has been sent lies in the peer's buffer. */
static NTSTATUS LoopQuerySend(TL_ENDPOINT *Endpoint, ULONG *Bytes)
{
    *Bytes = 0;
    return STATUS_SUCCESS;
}

const TL_PROVIDER_DISPATCH LoopEngine = {
    .Name = "loop",
    .Open = LoopOpen,
    .SetClient = LoopSetClient,
    .Abort = LoopAbort,
    .Close = LoopClose,
    .Bind = LoopBind,
    .Listen = LoopListen,
    .Accept = LoopAccept,
    .Connect = LoopConnect,
    .Associate = LoopAssociate,
    .Send = LoopSend,
    .Receive = LoopReceive,
    .SendDatagram = LoopSendDatagram,
    .ReceiveDatagram = LoopReceiveDatagram,
    .Cancel = LoopCancel,
    .Disconnect = LoopDisconnect,
    .AwaitSent = LoopAwaitSent,
    .AwaitEnd = LoopAwaitEnd,
    .Reopen = LoopReopen,
    .Adopt = LoopAdopt,
    .Watch = LoopWatch,
    .QueryEvents = LoopQueryEvents,
    .GetLocalAddress = LoopGetLocalAddress,
    .GetRemoteAddress = LoopGetRemoteAddress,
    .QueryReceive = LoopQueryReceive,
    .IsDataThere = LoopIsDataThere,
    .QuerySend = LoopQuerySend,
    .SetOption = LoopSetOption,
    .GetOption = LoopGetOption,
    .QueryInterfaces = LoopQueryInterfaces,
    .QueryRoute = LoopQueryRoute,
    .BeginChanges = LoopBeginChanges,
    .EndChanges = LoopEndChanges,
};
