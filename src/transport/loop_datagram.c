/* SPDX-License-Identifier: MIT */
/*
 * loop_datagram.c - datagrams in memory.
 *
 * Layer: transport. A datagram for nobody is lost; the next receive of the sender says so, as the host's
 * does. One that finds the receiver's buffer full is lost silently.
 */
#include "loop_private.h"

#include "host_control.h"

NTSTATUS LoopSendDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return LoopStart(Endpoint, Request, TlSendDatagram);
}

NTSTATUS LoopReceiveDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return LoopStart(Endpoint, Request, TlReceiveDatagram);
}

VOID LoopFreeDatagrams(TL_ENDPOINT *Endpoint)
{
    while (!IsListEmpty(&Endpoint->Datagram.Datagrams)) {
        LIST_ENTRY *Entry = RemoveHeadList(&Endpoint->Datagram.Datagrams);
        ExFreePoolWithTag(CONTAINING_RECORD(Entry, LOOP_DATAGRAM, Link), LOOP_DATA_TAG);
    }
    Endpoint->Datagram.Bytes = 0;
}

static NTSTATUS ChooseDestination(TL_ENDPOINT *Endpoint, const TL_REQUEST *Request, LOOP_ADDRESS *To)
{
    if (Request->Kind == TlSend || Request->AddressLength == 0) {
        *To = Endpoint->Remote;
        return Endpoint->Connected ? STATUS_SUCCESS : STATUS_INVALID_CONNECTION;
    }
    NTSTATUS Status = TlCheckPeerAddress(Endpoint->Family, Endpoint->Type, Request->Address, Request->AddressLength);
    if (NT_SUCCESS(Status))
        Status = LoopReadAddress(Endpoint, Request->Address, Request->AddressLength, To);
    if (NT_SUCCESS(Status) && !LoopIsLocal(To))
        Status = STATUS_NETWORK_UNREACHABLE;
    return Status;
}

static NTSTATUS CopyDatagram(TL_REQUEST *Request, ULONG Bytes, LOOP_DATAGRAM **Copy)
{
    LOOP_DATAGRAM *New = ExAllocatePoolWithTag(NonPagedPool, sizeof *New + Bytes, LOOP_DATA_TAG);
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    New->Bytes = Bytes;
    ULONG At = 0;
    for (ULONG i = 0; i < Request->BufferCount; i++) {
        NTSTATUS Status = host_copy_from_program(New->Data + At, Request->Buffers[i].base, Request->Buffers[i].length);
        if (!NT_SUCCESS(Status)) {
            ExFreePoolWithTag(New, LOOP_DATA_TAG);
            return Status;
        }
        At += Request->Buffers[i].length;
    }
    *Copy = New;
    return STATUS_SUCCESS;
}

/* Well-formed control data have no effect here. */
static NTSTATUS CheckControl(const TL_REQUEST *Request)
{
    UCHAR Copy[HOST_CONTROL_MAX];
    ULONG Offset = 0, Length;
    int Level, Type, Found;
    const UCHAR *Data;
    if (Request->ControlLength > sizeof Copy)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS Status = host_copy_from_program(Copy, Request->Control, Request->ControlLength);
    if (!NT_SUCCESS(Status))
        return Status;
    do {
        Found = host_control_next(Copy, Request->ControlLength, &Offset, &Level, &Type, &Data, &Length);
        if (Found < 0 || (Found > 0 && Level != HOST_LEVEL_IP && Level != HOST_LEVEL_IPV6 && Level != HOST_LEVEL_UDP))
            return STATUS_INVALID_PARAMETER;
    } while (Found > 0);
    return STATUS_SUCCESS;
}

NTSTATUS LoopTrySendDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, TL_COMPLETION_LIST *List)
{
    LOOP_ADDRESS To;
    LOOP_DATAGRAM *Datagram;
    SIZE_T Bytes = TlTotalBytes(Request->Buffers, Request->BufferCount);
    if (LoopIsStream(Endpoint))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS Status = ChooseDestination(Endpoint, Request, &To);
    if (NT_SUCCESS(Status) && (Request->Flags & TL_REQUEST_MESSAGE))
        Status = CheckControl(Request);
    if (NT_SUCCESS(Status) && Bytes > LOOP_DATAGRAM_MAX)
        Status = STATUS_INVALID_BUFFER_SIZE;
    if (NT_SUCCESS(Status))
        Status = LoopBindImplicitly(Endpoint);
    if (NT_SUCCESS(Status))
        Status = CopyDatagram(Request, (ULONG)Bytes, &Datagram);
    if (!NT_SUCCESS(Status))
        return Status;
    Request->Bytes = Bytes;
    Datagram->From = LoopSourceFor(Endpoint, &To);
    Datagram->To = To;
    TL_ENDPOINT *Receiver = LoopFindDatagram(&To, &Datagram->From);
    if (Receiver == NULL && !Endpoint->Settings.IgnoreUnreachable) {
        Endpoint->Datagram.PendingError = STATUS_PORT_UNREACHABLE;
        LoopNote(Endpoint, TL_EVENT_RECEIVE);
    }
    if (Receiver == NULL || Receiver->Datagram.Bytes + Bytes > Receiver->ReceiveLimit) {
        ExFreePoolWithTag(Datagram, LOOP_DATA_TAG);
        return STATUS_SUCCESS;
    }
    InsertTailList(&Receiver->Datagram.Datagrams, &Datagram->Link);
    Receiver->Datagram.Bytes += (ULONG)Bytes;
    LoopNote(Receiver, TL_EVENT_RECEIVE);
    /* The receiver is not this endpoint's peer in the sense of LoopRun, so it is run from here. */
    if (Receiver != Endpoint && !IsListEmpty(&Receiver->Receives))
        LoopRun(Receiver, List);
    return STATUS_SUCCESS;
}

static NTSTATUS WriteControl(const TL_ENDPOINT *Endpoint, TL_REQUEST *Request, const LOOP_DATAGRAM *Datagram)
{
    struct host_control Control = {.used = 0};
    UCHAR Info[20] = {0}; /* IN6_PKTINFO, IN_PKTINFO: the address, then the interface */
    const ULONG Interface = 1, Hops = 128, Class = 0;
    BOOLEAN Six = Endpoint->Family == TL_AF_INET6;
    LONG Level = Six ? HOST_LEVEL_IPV6 : HOST_LEVEL_IP;
    int Truncated;
    if (LoopOptionValue(Endpoint, Level, HOST_IP_PKTINFO) != 0) {
        UCHAR Address[28];
        (VOID)LoopWriteAddress(Endpoint, &Datagram->To, Address);
        RtlCopyMemory(Info, Address + (Six ? 8 : 4), Six ? 16 : 4);
        RtlCopyMemory(Info + (Six ? 16 : 4), &Interface, sizeof Interface);
        host_control_append(&Control, Level, HOST_IP_PKTINFO, Info, Six ? 20 : 8);
    }
    if (LoopOptionValue(Endpoint, Level, HOST_IP_HOPLIMIT) != 0)
        host_control_append(&Control, Level, Six ? HOST_IPV6_HOPLIMIT : HOST_IP_TTL, &Hops, sizeof Hops);
    if (LoopOptionValue(Endpoint, Level, HOST_IP_RECVTOS) != 0)
        host_control_append(&Control, Level, Six ? HOST_IPV6_TCLASS : HOST_IP_TOS, &Class, sizeof Class);
    NTSTATUS Status = host_control_copy_out(&Control, Request->Control, &Request->ControlLength, &Truncated);
    if (Truncated)
        Request->MessageFlags |= TL_MESSAGE_CONTROL_TRUNCATED;
    return Status;
}

NTSTATUS LoopTryReceiveDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    LOOP_DATAGRAM_QUEUE *Queue = &Endpoint->Datagram;
    if (LoopIsStream(Endpoint))
        return STATUS_INVALID_PARAMETER;
    if (Endpoint->ReceiveShutdown)
        return STATUS_PIPE_DISCONNECTED;
    if (Queue->PendingError != STATUS_SUCCESS) {
        NTSTATUS Error = Queue->PendingError;
        Queue->PendingError = STATUS_SUCCESS;
        return Error;
    }
    if (IsListEmpty(&Queue->Datagrams))
        return STATUS_DEVICE_NOT_READY;
    LOOP_DATAGRAM *Datagram = CONTAINING_RECORD(Queue->Datagrams.Flink, LOOP_DATAGRAM, Link);
    ULONG Done = 0;
    for (ULONG i = 0; i < Request->BufferCount && Done < Datagram->Bytes; i++) {
        ULONG Left = Datagram->Bytes - Done;
        ULONG Piece = Request->Buffers[i].length < Left ? Request->Buffers[i].length : Left;
        NTSTATUS Status = host_copy_to_program(Request->Buffers[i].base, Datagram->Data + Done, Piece);
        if (!NT_SUCCESS(Status))
            return Status;
        Done += Piece;
    }
    Request->Bytes = Done;
    Request->AddressLength = (USHORT)LoopWriteAddress(Endpoint, &Datagram->From, Request->Address);
    Request->MessageFlags &= ~(ULONG)TL_MESSAGE_ALL;
    if (Done < Datagram->Bytes)
        Request->MessageFlags |= TL_MESSAGE_TRUNCATED;
    if (Request->Flags & TL_REQUEST_MESSAGE) {
        NTSTATUS Status = WriteControl(Endpoint, Request, Datagram);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if ((Request->MessageFlags & HOST_MSG_PEEK) == 0) {
        RemoveEntryList(&Datagram->Link);
        Queue->Bytes -= Datagram->Bytes;
        ExFreePoolWithTag(Datagram, LOOP_DATA_TAG);
    }
    return STATUS_SUCCESS;
}

NTSTATUS LoopAssociate(TL_ENDPOINT *Endpoint, const VOID *Address, ULONG Length)
{
    LOOP_ADDRESS To = {0};
    NTSTATUS Status = STATUS_SUCCESS;
    if (LoopIsStream(Endpoint))
        return STATUS_INVALID_PARAMETER;
    if (Length != 0)
        Status = TlCheckPeerAddress(Endpoint->Family, Endpoint->Type, Address, Length);
    if (!NT_SUCCESS(Status))
        return Status;
    LoopLockEngine();
    if (Endpoint->Aborted)
        Status = STATUS_FILE_CLOSED;
    else if (Length != 0)
        Status = LoopReadAddress(Endpoint, Address, Length, &To);
    if (NT_SUCCESS(Status) && Length != 0 && !LoopIsLocal(&To))
        Status = STATUS_NETWORK_UNREACHABLE;
    if (NT_SUCCESS(Status))
        Status = LoopBindImplicitly(Endpoint);
    if (NT_SUCCESS(Status)) {
        Endpoint->Remote = To;
        Endpoint->Connected = Length != 0;
        Endpoint->Datagram.PendingError = STATUS_SUCCESS;
    }
    LoopUnlockEngine();
    return Status;
}
