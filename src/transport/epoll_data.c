/* SPDX-License-Identifier: MIT */
/*
 * epoll_data.c - attempts to send and to receive.
 *
 * Layer: transport. NT counterpart: TDI_SEND, TDI_RECEIVE, TDI_SEND_DATAGRAM, TDI_RECEIVE_DATAGRAM.
 * Each function makes the host call once, or until it would block, and says what it learnt in
 * Direction->Blocked. Control messages (WSARecvMsg) and errors of datagrams sent from an endpoint
 * without a peer are not handled here.
 */
#include "epoll_private.h"

#include "host_control.h"

NTSTATUS EpollSend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return EpollStart(Endpoint, Request, TlSend);
}

NTSTATUS EpollReceive(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return EpollStart(Endpoint, Request, TlReceive);
}

NTSTATUS EpollSendDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return EpollStart(Endpoint, Request, TlSendDatagram);
}

NTSTATUS EpollReceiveDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return EpollStart(Endpoint, Request, TlReceiveDatagram);
}

/* --- streams --- */

NTSTATUS EpollTrySend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    if (!EpollIsStream(Endpoint))
        return EpollTrySendDatagram(Endpoint, Request);
    if (!EpollGet(&Endpoint->Connected))
        return STATUS_INVALID_CONNECTION;
    for (;;) {
        TL_BUFFER Slice[TL_SLICE_MAX];
        const TL_BUFFER *Left;
        SIZE_T Wanted;
        size_t Sent = 0;
        ULONG Count = TlRemaining(Request, Slice, &Left, &Wanted);
        /* Nothing to send is not a call to the host, but a broken connection still says so. */
        if (Count == 0)
            return __atomic_load_n(&Endpoint->FatalStatus, __ATOMIC_RELAXED);
        ULONG Flags = Request->MessageFlags & (HOST_MSG_OOB | HOST_MSG_DONTROUTE);
        NTSTATUS Status = host_send(Endpoint->Source.fd, Left, Count, Flags, &Sent);
        if (Status == STATUS_DEVICE_NOT_READY)
            Endpoint->Send.Blocked = TRUE;
        if (!NT_SUCCESS(Status))
            return EpollFail(Endpoint, Status);
        Request->Bytes += Sent;
        Endpoint->Send.Blocked = Sent < Wanted;
        if (Sent < Wanted)
            return STATUS_DEVICE_NOT_READY;
        if (Request->BufferCount == 1 || Request->Bytes == TlTotalBytes(Request->Buffers, Request->BufferCount))
            return STATUS_SUCCESS;
    }
}

/*
 * Linux forgets an urgent byte when a normal receive runs over it; on Windows it waits until it is
 * asked for. So it is taken aside as soon as the host tells of it. One that nobody told of before a
 * receive ran over it is still lost.
 */
VOID EpollTakeUrgentByte(TL_ENDPOINT *Endpoint)
{
    char Byte;
    size_t Got = 0;
    const TL_BUFFER Buffer = {1, &Byte};
    UCHAR Count = EpollUrgentCount(Endpoint);
    if (!EpollIsStream(Endpoint) || Endpoint->Settings.OobInline || Count == EPOLL_URGENT_MAX)
        return;
    if (Endpoint->UrgentBytes == NULL) /* without memory it stays in the host */
        Endpoint->UrgentBytes = ExAllocatePoolWithTag(NonPagedPool, EPOLL_URGENT_MAX, EPOLL_URGENT_TAG);
    if (Endpoint->UrgentBytes == NULL)
        return;
    if (!NT_SUCCESS(host_receive(Endpoint->Source.fd, &Buffer, 1, HOST_MSG_OOB, &Got)) || Got != 1)
        return;
    EpollSet(&Endpoint->SawUrgent); /* whoever has told of it, if anybody */
    Endpoint->UrgentBytes[Count] = (UCHAR)Byte;
    __atomic_store_n(&Endpoint->UrgentCount, (UCHAR)(Count + 1), __ATOMIC_SEQ_CST);
}

/* The next byte to be read is an urgent one that was asked for already: Linux passes over it, unless inline. */
BOOLEAN EpollIsAtSpentByte(TL_ENDPOINT *Endpoint)
{
    int AtMark = 0;
    if (!EpollIsStream(Endpoint) || Endpoint->Settings.OobInline || Endpoint->UrgentBytes == NULL ||
        Endpoint->Receive.InRing)
        return FALSE;
    EpollTakeUrgentByte(Endpoint); /* one that nobody has asked for is not spent */
    return EpollUrgentCount(Endpoint) == 0 && NT_SUCCESS(host_at_mark(Endpoint->Source.fd, &AtMark)) && AtMark;
}

VOID EpollDropSpentByte(TL_ENDPOINT *Endpoint)
{
    char Byte;
    size_t Got;
    const TL_BUFFER Buffer = {1, &Byte};
    (VOID)!host_receive(Endpoint->Source.fd, &Buffer, 1, 0, &Got);
    EpollNoteReceive(Endpoint);
}

static NTSTATUS ReceiveUrgent(TL_ENDPOINT *Endpoint, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock)
{
    TL_BUFFER Slice[TL_SLICE_MAX];
    SIZE_T Wanted;
    if (Endpoint->Settings.OobInline)
        return STATUS_INVALID_PARAMETER;
    EpollTakeUrgentByte(Endpoint);
    UCHAR Count = EpollUrgentCount(Endpoint);
    if (Count == 0) {
        /* It pends until the byte comes, or can come no more. */
        struct host_poll_item Item = {Endpoint->Source.fd, HOST_POLL_RDHUP, 0};
        if (host_wait(&Item, 1, -1, 0) == 0)
            return STATUS_DEVICE_NOT_READY;
        return __atomic_load_n(&Endpoint->FatalStatus, __ATOMIC_RELAXED);
    }
    if (TlSlice(Request->Buffers, Request->BufferCount, 0, Slice, &Wanted) == 0)
        return STATUS_SUCCESS;
    NTSTATUS Status = host_copy_to_program(Slice[0].base, Endpoint->UrgentBytes, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    Request->Bytes = 1;
    if ((Request->MessageFlags & HOST_MSG_PEEK) == 0) {
        RtlMoveMemory(Endpoint->UrgentBytes, Endpoint->UrgentBytes + 1, (SIZE_T)Count - 1);
        __atomic_store_n(&Endpoint->UrgentCount, (UCHAR)(Count - 1), __ATOMIC_SEQ_CST);
    }
    return STATUS_SUCCESS;
}

/* May a read that filled less than asked be taken as proof that nothing is left? */
BOOLEAN EpollProvesDrained(const TL_ENDPOINT *Endpoint, const TL_REQUEST *Request, SIZE_T Got, SIZE_T Wanted)
{
    if (Got == 0 || Got >= Wanted || (Request->MessageFlags & HOST_MSG_PEEK) != 0)
        return FALSE;
    /* Another edge will come for more data, but not for an end or a mark that is already known. */
    return !EpollGet(&Endpoint->SawEnd) && !EpollGet(&Endpoint->SawUrgent);
}

/*
 * A receive that fills its buffer leaves open whether there is more, and the next one finds out. If it does so in vain
 * again and again (messages as long as the buffer, or read piece by piece to their end), the host is asked to count
 * what it has left: then the end of such a message is proof as well.
 */
#define VAIN_RECEIVES_MAX 3

static VOID NoteVainReceive(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock)
{
    if (!Endpoint->FilledBuffer || Endpoint->VainReceives == VAIN_RECEIVES_MAX)
        return;
    Endpoint->FilledBuffer = FALSE;
    if (++Endpoint->VainReceives == VAIN_RECEIVES_MAX)
        Endpoint->CountsRest = NT_SUCCESS(host_count_rest(Endpoint->Source.fd));
}

/* host_receive, for TryReceive. *Drained: the host has nothing more. */
static NTSTATUS ReceiveSome(TL_ENDPOINT *Endpoint, const TL_REQUEST *Request, const TL_BUFFER *Buffers, ULONG Count,
    SIZE_T Wanted, size_t *Got, BOOLEAN *Drained) _Requires_lock_held_(TlEndpointLock)
{
    ULONG Flags = Request->MessageFlags & HOST_MSG_PEEK;
    uint32_t Rest = HOST_REST_UNKNOWN;
    NTSTATUS Status = Endpoint->CountsRest && Flags == 0
        ? host_receive_counting(Endpoint->Source.fd, Buffers, Count, Got, &Rest)
        : host_receive(Endpoint->Source.fd, Buffers, Count, Flags, Got);
    if (Status == STATUS_DEVICE_NOT_READY)
        NoteVainReceive(Endpoint);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Flags == 0)
        Endpoint->FilledBuffer = *Got == Wanted;
    *Drained = EpollProvesDrained(Endpoint, Request, *Got, Rest == 0 ? *Got + 1 : Wanted);
    return Status;
}

/* What the peer's end means: an end, unless an error came first and somebody else was told of it. */
NTSTATUS EpollEndOfStream(TL_ENDPOINT *Endpoint, const TL_REQUEST *Request)
{
    return Request->Bytes != 0 ? STATUS_SUCCESS : __atomic_load_n(&Endpoint->FatalStatus, __ATOMIC_RELAXED);
}

NTSTATUS EpollTryReceive(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    if (!EpollIsStream(Endpoint))
        return EpollTryReceiveDatagram(Endpoint, Request);
    if (!EpollGet(&Endpoint->Connected))
        return STATUS_INVALID_CONNECTION;
    if (EpollIsExpedited(Request))
        return ReceiveUrgent(Endpoint, Request);
    BOOLEAN WaitAll = (Request->MessageFlags & (HOST_MSG_WAITALL | HOST_MSG_PEEK)) == HOST_MSG_WAITALL;
    ULONG Flags = Request->MessageFlags & HOST_MSG_PEEK;
    for (;;) {
        static const TL_BUFFER Nothing = {0, NULL};
        TL_BUFFER Slice[TL_SLICE_MAX];
        const TL_BUFFER *Left;
        SIZE_T Wanted;
        size_t Got = 0;
        BOOLEAN Drained = FALSE;
        NTSTATUS Status;
        ULONG Count = TlRemaining(Request, Slice, &Left, &Wanted);
        if (Count == 0 && Request->Bytes != 0)
            return STATUS_SUCCESS;
        if (Count != 0)
            Status = ReceiveSome(Endpoint, Request, Left, Count, Wanted, &Got, &Drained);
        else /* no room: the host tells about the connection only */
            Status = host_receive(Endpoint->Source.fd, &Nothing, 1, Flags, &Got);
        if (Status == STATUS_DEVICE_NOT_READY) {
            Endpoint->Receive.Blocked = TRUE;
            return Request->Bytes != 0 && !WaitAll ? STATUS_SUCCESS : Status;
        }
        if (!NT_SUCCESS(Status)) {
            Status = EpollFail(Endpoint, Status);
            return Request->Bytes != 0 ? STATUS_SUCCESS : Status;
        }
        Request->Bytes += Got;
        if (Got == 0)
            return Count == 0 ? STATUS_SUCCESS : EpollEndOfStream(Endpoint, Request);
        Endpoint->Receive.Blocked = Drained;
        if (Got < Wanted && EpollGet(&Endpoint->SawUrgent))
            Request->MessageFlags |= TL_MESSAGE_STOPPED;
        /* Another round for the rest of a long list, or of what MSG_WAITALL wants. */
        if (Flags != 0 || (Got < Wanted && !WaitAll))
            return STATUS_SUCCESS;
    }
}

/* --- datagrams --- */

NTSTATUS EpollSendDatagramNow(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    const VOID *To = Request->Kind == TlSendDatagram && Request->AddressLength != 0 ? Request->Address : NULL;
    if (To != NULL && Endpoint->Type == TL_SOCK_DGRAM) {
        NTSTATUS Status = TlCheckPeerAddress(Endpoint->Family, Endpoint->Type, To, Request->AddressLength);
        if (!NT_SUCCESS(Status))
            return Status;
        if (TlPortOf(To) == 0) { /* the host would refuse what Windows sends to nobody */
            Request->Bytes = TlTotalBytes(Request->Buffers, Request->BufferCount);
            return STATUS_SUCCESS;
        }
    }
    size_t Sent = 0;
    ULONG Flags = Request->MessageFlags & HOST_MSG_DONTROUTE;
    ULONG ToLength = To != NULL ? Request->AddressLength : 0;
    NTSTATUS Status;
    int ErrorKept = 0;
    if (Request->Flags & TL_REQUEST_MESSAGE)
        Status = host_send_message(Endpoint->Source.fd, Request->Buffers, Request->BufferCount, Flags, To, ToLength,
            Request->Control, Request->ControlLength, &Sent, &ErrorKept);
    else
        Status = host_send_to(Endpoint->Source.fd, Request->Buffers, Request->BufferCount, Flags, To, ToLength, &Sent,
            &ErrorKept);
    if (ErrorKept)
        EpollSet(&Endpoint->ErrorKept);
    Request->Bytes = Sent;
    return Status;
}

NTSTATUS EpollTrySendDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    NTSTATUS Status = EpollSendDatagramNow(Endpoint, Request);
    Endpoint->Send.Blocked = Status == STATUS_DEVICE_NOT_READY;
    return Status;
}

VOID EpollCollectErrors(TL_ENDPOINT *Endpoint)
{
    __atomic_store_n(&Endpoint->ErrorKept, FALSE, __ATOMIC_SEQ_CST);
    for (;;) {
        NTSTATUS Status = host_take_error(Endpoint->Source.fd);
        if (Status == STATUS_DEVICE_NOT_READY)
            return;
        if (Status == STATUS_PORT_UNREACHABLE && !Endpoint->Settings.IgnoreUnreachable)
            __atomic_add_fetch(&Endpoint->UnreachableCount, 1, __ATOMIC_SEQ_CST);
    }
}

/* With control data, and what kind of address it came to. */
static NTSTATUS ReceiveMessage(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, ULONG *AddressLength, ULONG *OutFlags,
    size_t *Got) _Requires_lock_held_(TlEndpointLock)
{
    struct host_control Control = {.used = 0};
    ULONG On = 1;
    int Truncated = 0;
    if (!Endpoint->TellsDestination) {
        Endpoint->TellsDestination = TRUE;
        (VOID)!host_set_option(Endpoint->Source.fd, Endpoint->Family == TL_AF_INET6 ? HOST_LEVEL_IPV6 : HOST_LEVEL_IP,
            HOST_IP_PKTINFO, &On, sizeof On);
    }
    NTSTATUS Status = host_receive_message(Endpoint->Source.fd, Request->Buffers, Request->BufferCount,
        Request->MessageFlags & HOST_MSG_PEEK, Request->Address, AddressLength, &Control,
        Endpoint->Settings.PacketInfo, OutFlags, Got);
    if (NT_SUCCESS(Status))
        Status = host_control_copy_out(&Control, Request->Control, &Request->ControlLength, &Truncated);
    if (Truncated)
        *OutFlags |= TL_MESSAGE_CONTROL_TRUNCATED;
    return Status;
}

NTSTATUS EpollTryReceiveDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    uint32_t AddressLength, OutFlags = 0;
    size_t Got = 0;
    NTSTATUS Status;
    do {
        if (EpollGet(&Endpoint->ErrorKept))
            EpollCollectErrors(Endpoint);
        if (Endpoint->UnreachableCount != 0) {
            __atomic_sub_fetch(&Endpoint->UnreachableCount, 1, __ATOMIC_SEQ_CST);
            return STATUS_PORT_UNREACHABLE;
        }
        AddressLength = sizeof Request->Address;
        if (Request->Flags & TL_REQUEST_MESSAGE)
            Status = ReceiveMessage(Endpoint, Request, &AddressLength, &OutFlags, &Got);
        else
            Status = host_receive_from(Endpoint->Source.fd, Request->Buffers, Request->BufferCount,
                Request->MessageFlags & HOST_MSG_PEEK, Request->Address, &AddressLength, &OutFlags, &Got);
        /* The host has told of an error that it keeps: those that count are told in its place. */
        if (host_is_network_error(Status) && Endpoint->Type == TL_SOCK_DGRAM)
            EpollSet(&Endpoint->ErrorKept);
    } while (EpollGet(&Endpoint->ErrorKept));
    Endpoint->Receive.Blocked = Status == STATUS_DEVICE_NOT_READY;
    if (NT_SUCCESS(Status)) {
        Request->Bytes = Got;
        Request->AddressLength = (USHORT)AddressLength;
        Request->MessageFlags = (Request->MessageFlags & ~(ULONG)TL_MESSAGE_ALL) | OutFlags;
    }
    return Status;
}
