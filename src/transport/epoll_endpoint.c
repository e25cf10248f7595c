/* SPDX-License-Identifier: MIT */
/*
 * epoll_endpoint.c - life, address and options of an endpoint; the dispatch table of the engine.
 *
 * Layer: transport. NT counterpart: TDI address and connection objects.
 *
 *   Open --> [Bind] --> [Listen | Connect | Associate] --> Abort --> Close
 *   accept --> connected ---------------------------------^
 *
 * The engine checks only what it must for its own safety; what a call means in which state of a socket
 * is AFD's business, and the host refuses the rest.
 */
#include "epoll_private.h"

#include "host_thread.h"

LOCK_UNCHECKED NTSTATUS EpollCreateEndpoint(int Fd, ULONG Family, ULONG Type, TL_ENDPOINT **Endpoint)
{
    TL_ENDPOINT *New = ExAllocatePoolWithTag(NonPagedPool, sizeof *New, EPOLL_ENDPOINT_TAG);
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(New, sizeof *New);
    New->Source.fd = Fd;
    New->Source.handler = EpollReady;
    InitializeListHead(&New->Receive.Queue);
    InitializeListHead(&New->Send.Queue);
    New->Family = (UCHAR)Family;
    New->Type = (UCHAR)Type;
    *Endpoint = New;
    return STATUS_SUCCESS;
}

static NTSTATUS EpollOpen(ULONG Family, ULONG Type, ULONG Protocol, const TL_CLIENT_DISPATCH *Client,
    PVOID ClientContext, TL_ENDPOINT **Endpoint)
{
    int Fd;
    if (Family > INT32_MAX || Type > INT32_MAX || Protocol > INT32_MAX)
        return STATUS_PROTOCOL_NOT_SUPPORTED;
    NTSTATUS Status = host_socket((int)Family, (int)Type, (int)Protocol, &Fd);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = EpollCreateEndpoint(Fd, Family, Type, Endpoint);
    if (!NT_SUCCESS(Status)) {
        host_close(Fd);
        return Status;
    }
    TlInitializeWatch(&(*Endpoint)->Watch, Client, ClientContext);
    return STATUS_SUCCESS;
}

static VOID EpollSetClient(TL_ENDPOINT *Endpoint, const TL_CLIENT_DISPATCH *Client, PVOID ClientContext)
{
    Endpoint->Watch.Client = Client;
    Endpoint->Watch.ClientContext = ClientContext;
}

BOOLEAN EpollIsFatal(NTSTATUS Status)
{
    switch (Status) {
    case STATUS_CONNECTION_RESET:
    case STATUS_CONNECTION_ABORTED:
    case STATUS_IO_TIMEOUT:
    case STATUS_HOST_UNREACHABLE:
    case STATUS_NETWORK_UNREACHABLE:
        return TRUE;
    default:
        return FALSE;
    }
}

/* The host tells of such an error once and says "end of stream" or "no connection" from then on. */
NTSTATUS EpollFail(TL_ENDPOINT *Endpoint, NTSTATUS Status)
{
    NTSTATUS None = STATUS_SUCCESS;
    NTSTATUS Known = __atomic_load_n(&Endpoint->FatalStatus, __ATOMIC_RELAXED);
    if (!EpollIsStream(Endpoint) || !EpollGet(&Endpoint->Connected))
        return Status;
    if (Status == STATUS_INVALID_CONNECTION && Known != STATUS_SUCCESS)
        return Known;
    if (!EpollIsFatal(Status))
        return Status;
    EpollSet(&Endpoint->SawEnd);
    if (__atomic_compare_exchange_n(&Endpoint->FatalStatus, &None, Status, FALSE, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return Status;
    return None;
}

static VOID EpollAbort(TL_ENDPOINT *Endpoint, BOOLEAN Reset)
{
    TL_COMPLETION_LIST List;
    TlInitializeCompletions(&List);
    if (Reset)
        EpollSet(&Endpoint->ResetOnClose);
    else
        UringPay(Endpoint);
    (VOID)__atomic_fetch_or(&Endpoint->Closed, EPOLL_ABORTED, __ATOMIC_SEQ_CST);
    /* Registration happens under this lock and looks at Closed: from here it is decided. */
    TlLockWatch(&Endpoint->Watch);
    ULONG OldMask = Endpoint->Watch.Mask;
    __atomic_store_n(&Endpoint->Watch.Mask, 0, __ATOMIC_RELAXED);
    if (Endpoint->ByLevel || EpollGet(&Endpoint->KeepsSend)) /* a kept send may go on with a copy of the descriptor */
        host_source_remove(&Endpoint->Source);
    else
        host_source_leave(&Endpoint->Source);
    EpollForgetRegistration(Endpoint);
    TlUnlockWatch(&Endpoint->Watch);
    if (OldMask != 0)
        KePollerDisarm(Endpoint->Poller);
    UringSettle(Endpoint, &List);
    EpollFlushDirection(&Endpoint->Receive, STATUS_CANCELLED, &List);
    if (!Reset)
        EpollBequeathKept(Endpoint);
    EpollFlushDirection(&Endpoint->Send, STATUS_CANCELLED, &List);
    while (__atomic_load_n(&Endpoint->Send.Outside, __ATOMIC_SEQ_CST) != 0)
        host_thread_yield(); /* they do not wait in the host */
    /* The program may keep the socket for long. */
    if (Reset && EpollIsStream(Endpoint) && EpollGet(&Endpoint->Connected))
        (VOID)!host_disconnect(Endpoint->Source.fd);
    /* No upcall about this endpoint is left on the poller's thread when this returns. */
    if (Endpoint->Poller != NULL)
        host_source_drain(KePollerHost(Endpoint->Poller), &Endpoint->Source);
    EpollComplete(Endpoint, &List);
}

VOID EpollFreeEndpoint(TL_ENDPOINT *Endpoint)
{
    if (Endpoint->Poller != NULL)
        KeDereferencePoller(Endpoint->Poller);
    if (Endpoint->UrgentBytes != NULL)
        ExFreePoolWithTag(Endpoint->UrgentBytes, EPOLL_URGENT_TAG);
    ExFreePoolWithTag(Endpoint, EPOLL_ENDPOINT_TAG);
}

static void FreeEndpoint(struct host_source *Source)
{
    EpollFreeEndpoint(CONTAINING_RECORD(Source, TL_ENDPOINT, Source));
}

static VOID EpollClose(TL_ENDPOINT *Endpoint)
{
    KE_POLLER *Poller = Endpoint->Poller;
    ASSERT(EpollClosed(Endpoint) & EPOLL_ABORTED);
    BOOLEAN HardLinger = Endpoint->Settings.LingerOn != 0 && Endpoint->Settings.LingerSeconds == 0;
    if (EpollIsStream(Endpoint)) {
        if (Endpoint->ResetOnClose || (HardLinger && Endpoint->Connected))
            (VOID)!host_set_abortive_close(Endpoint->Source.fd);
        else if (Endpoint->Bound && Endpoint->Connected)
            host_release_port(Endpoint->Source.fd);
    }
    host_close(Endpoint->Source.fd);
    if (Poller != NULL)
        host_poller_retire(KePollerHost(Poller), &Endpoint->Source, FreeEndpoint);
    else
        FreeEndpoint(&Endpoint->Source);
}

static NTSTATUS EpollBind(TL_ENDPOINT *Endpoint, const VOID *Address, ULONG Length)
{
    NTSTATUS Status;
    USHORT Family;
    if (Length < sizeof Family)
        return STATUS_INVALID_PARAMETER;
    RtlCopyMemory(&Family, Address, sizeof Family);
    if (Family != Endpoint->Family)
        return STATUS_INVALID_ADDRESS;
    EpollLockDirection(&Endpoint->Receive);
    if (EpollClosed(Endpoint) != 0)
        Status = STATUS_FILE_CLOSED;
    else
        Status = host_bind(Endpoint->Source.fd, Address, Length, TlSharing(&Endpoint->Settings));
    if (NT_SUCCESS(Status))
        EpollSet(&Endpoint->Bound);
    EpollUnlockDirection(&Endpoint->Receive);
    return Status;
}

static NTSTATUS EpollGetLocalAddress(TL_ENDPOINT *Endpoint, VOID *Address, ULONG *Length)
{
    return host_get_local_address(Endpoint->Source.fd, Address, Length);
}

static NTSTATUS EpollGetRemoteAddress(TL_ENDPOINT *Endpoint, VOID *Address, ULONG *Length)
{
    return host_get_remote_address(Endpoint->Source.fd, Address, Length);
}

static NTSTATUS EpollQuerySend(TL_ENDPOINT *Endpoint, ULONG *Bytes)
{
    uint32_t Unsent = 0;
    *Bytes = 0;
    if (EpollGet(&Endpoint->Listening) || !EpollIsStream(Endpoint))
        return STATUS_SUCCESS;
    NTSTATUS Status = host_bytes_unsent(Endpoint->Source.fd, &Unsent);
    if (NT_SUCCESS(Status))
        *Bytes = Unsent + EpollKeptBytes(Endpoint);
    return Status;
}

static BOOLEAN IsUrgentByteInHost(const TL_ENDPOINT *Endpoint)
{
    struct host_poll_item Item = {Endpoint->Source.fd, HOST_POLL_PRI, 0};
    return host_wait(&Item, 1, -1, 0) > 0 && (Item.revents & HOST_POLL_PRI) != 0;
}

static BOOLEAN IsAtMark(const TL_ENDPOINT *Endpoint)
{
    int Mark = 0;
    return NT_SUCCESS(host_at_mark(Endpoint->Source.fd, &Mark)) && Mark != 0;
}

static NTSTATUS EpollQueryReceive(TL_ENDPOINT *Endpoint, ULONG *Bytes, ULONG *ExpeditedBytes, BOOLEAN *AtMark)
{
    uint32_t Readable = 0;
    *Bytes = 0;
    if (ExpeditedBytes != NULL)
        *ExpeditedBytes = 0;
    if (AtMark != NULL)
        *AtMark = FALSE;
    BOOLEAN Listening = EpollGet(&Endpoint->Listening);
    NTSTATUS Status = Listening ? host_connections_waiting(Endpoint->Source.fd, &Readable)
                                : host_bytes_readable(Endpoint->Source.fd, &Readable);
    if (!NT_SUCCESS(Status))
        return Status;
    *Bytes = Readable;
    if (Listening || !EpollIsStream(Endpoint))
        return STATUS_SUCCESS;
    if (ExpeditedBytes != NULL)
        *ExpeditedBytes = EpollUrgentCount(Endpoint) + (ULONG)IsUrgentByteInHost(Endpoint);
    if (AtMark != NULL)
        *AtMark = IsAtMark(Endpoint);
    return STATUS_SUCCESS;
}

static NTSTATUS EpollSetOption(TL_ENDPOINT *Endpoint, LONG Level, LONG Name, const VOID *Value, ULONG Length)
{
    EpollLockDirection(&Endpoint->Receive);
    NTSTATUS Status = TlSetSetting(&Endpoint->Settings, Endpoint->Type, EpollGet(&Endpoint->Bound), Level, Name,
        Value, Length);
    if (EpollClosed(Endpoint) & EPOLL_CHANGING)
        Status = STATUS_FILE_CLOSED;
    if (Status == STATUS_MORE_PROCESSING_REQUIRED) {
        BOOLEAN Kept = Endpoint->TellsDestination && TlIsPacketInfo(Level, Name);
        BOOLEAN IsInline = Level == TL_SOL_SOCKET && Name == TL_SO_OOBINLINE;
        BOOLEAN Spent = IsInline && EpollIsAtSpentByte(Endpoint);
        Status = Kept ? STATUS_SUCCESS : host_set_option(Endpoint->Source.fd, Level, Name, Value, Length);
        if (NT_SUCCESS(Status) && TlIsPacketInfo(Level, Name))
            Status = TlReadBoolean(Value, Length, &Endpoint->Settings.PacketInfo);
        if (NT_SUCCESS(Status) && IsInline)
            Status = TlReadBoolean(Value, Length, &Endpoint->Settings.OobInline);
        if (NT_SUCCESS(Status) && Spent && Endpoint->Settings.OobInline)
            EpollDropSpentByte(Endpoint);
        /* What was taken aside is still in the stream, where it is read from now on. */
        if (Endpoint->Settings.OobInline)
            __atomic_store_n(&Endpoint->UrgentCount, 0, __ATOMIC_SEQ_CST);
    }
    EpollUnlockDirection(&Endpoint->Receive);
    return Status;
}

static NTSTATUS EpollGetOption(TL_ENDPOINT *Endpoint, LONG Level, LONG Name, VOID *Value, ULONG *Length)
{
    EpollLockDirection(&Endpoint->Receive);
    NTSTATUS Status = TlGetSetting(&Endpoint->Settings, Endpoint->Type, Level, Name, Value, Length);
    if (Endpoint->TellsDestination && TlIsPacketInfo(Level, Name))
        Status = TlWriteBoolean(Endpoint->Settings.PacketInfo, Value, Length);
    EpollUnlockDirection(&Endpoint->Receive);
    if (Status != STATUS_MORE_PROCESSING_REQUIRED)
        return Status;
    return host_get_option(Endpoint->Source.fd, Level, Name, Value, Length);
}

static NTSTATUS EpollQueryInterfaces(ULONG Family, TL_INTERFACE *Interfaces, ULONG *Count)
{
    return host_interfaces((int)Family, Interfaces, Count);
}

static NTSTATUS EpollQueryRoute(const VOID *Remote, ULONG Length, VOID *Local, ULONG *LocalLength)
{
    return host_route_source(Remote, Length, Local, LocalLength);
}

/* The uring engine is this one, with pollers that make batches (uring_attempt.c). */
#define EPOLL_DISPATCH(name) \
    { \
        .Name = (name), \
        .Open = EpollOpen, \
        .SetClient = EpollSetClient, \
        .Abort = EpollAbort, \
        .Close = EpollClose, \
        .Bind = EpollBind, \
        .Listen = EpollListen, \
        .Accept = EpollAccept, \
        .Connect = EpollConnect, \
        .Associate = EpollAssociate, \
        .Send = EpollSend, \
        .Receive = EpollReceive, \
        .SendDatagram = EpollSendDatagram, \
        .ReceiveDatagram = EpollReceiveDatagram, \
        .Cancel = EpollCancel, \
        .Disconnect = EpollDisconnect, \
        .AwaitSent = EpollAwaitSent, \
        .AwaitEnd = EpollAwaitEnd, \
        .Reopen = EpollReopen, \
        .Adopt = EpollAdopt, \
        .Watch = EpollWatch, \
        .QueryEvents = EpollQueryEvents, \
        .GetLocalAddress = EpollGetLocalAddress, \
        .GetRemoteAddress = EpollGetRemoteAddress, \
        .QueryReceive = EpollQueryReceive, \
        .IsDataThere = EpollIsDataThere, \
        .QuerySend = EpollQuerySend, \
        .SetOption = EpollSetOption, \
        .GetOption = EpollGetOption, \
        .QueryInterfaces = EpollQueryInterfaces, \
        .QueryRoute = EpollQueryRoute, \
        .BeginChanges = TlBeginChanges, \
        .EndChanges = TlEndChanges, \
    }

const TL_PROVIDER_DISPATCH EpollEngine = EPOLL_DISPATCH("epoll");
const TL_PROVIDER_DISPATCH UringEngine = EPOLL_DISPATCH("uring");
