/* SPDX-License-Identifier: MIT */
/*
 * loop_stream.c - bytes of connections in memory.
 *
 * Layer: transport. A send copies into the peer's receive buffer. The last byte of urgent data is kept
 * beside the stream unless the receiver has SO_OOBINLINE; a receive stops at the mark once, as Linux' does.
 * Program buffers are copied with care: they may not be there.
 */
#include "loop_private.h"

NTSTATUS LoopSend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return LoopStart(Endpoint, Request, TlSend);
}

NTSTATUS LoopReceive(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return LoopStart(Endpoint, Request, TlReceive);
}

VOID LoopFreeStream(TL_ENDPOINT *Endpoint)
{
    if (Endpoint->Stream.Data != NULL)
        ExFreePoolWithTag(Endpoint->Stream.Data, LOOP_DATA_TAG);
    RtlZeroMemory(&Endpoint->Stream, sizeof Endpoint->Stream);
}

static ULONG RoomOf(const TL_ENDPOINT *Receiver)
{
    return Receiver->Stream.Used < Receiver->ReceiveLimit ? Receiver->ReceiveLimit - Receiver->Stream.Used : 0;
}

/* Makes room for Bytes at the end of the used part; there is no wrapping. */
static BOOLEAN Reserve(LOOP_STREAM *Stream, ULONG Bytes, ULONG Limit)
{
    if (Stream->Start + Stream->Used + Bytes <= Stream->Size)
        return TRUE;
    if (Stream->Used + Bytes > Stream->Size) {
        ULONG Size = Stream->Used + Bytes > 4096 ? Limit : 4096;
        if (Size < Stream->Used + Bytes)
            Size = Stream->Used + Bytes;
        UCHAR *Data = ExAllocatePoolWithTag(NonPagedPool, Size, LOOP_DATA_TAG);
        if (Data == NULL)
            return FALSE;
        if (Stream->Data != NULL) {
            RtlCopyMemory(Data, Stream->Data + Stream->Start, Stream->Used);
            ExFreePoolWithTag(Stream->Data, LOOP_DATA_TAG);
        }
        Stream->Data = Data;
        Stream->Size = Size;
    } else {
        RtlMoveMemory(Stream->Data, Stream->Data + Stream->Start, Stream->Used);
    }
    Stream->Start = 0;
    return TRUE;
}

/* Appends up to Bytes of what Request has left. */
static NTSTATUS Append(TL_ENDPOINT *Receiver, TL_REQUEST *Request, ULONG Bytes)
{
    LOOP_STREAM *Stream = &Receiver->Stream;
    if (Bytes != 0 && !Reserve(Stream, Bytes, Receiver->ReceiveLimit))
        return STATUS_INSUFFICIENT_RESOURCES;
    while (Bytes != 0) {
        TL_BUFFER Slice[TL_SLICE_MAX];
        SIZE_T Total;
        ULONG Count = TlSlice(Request->Buffers, Request->BufferCount, Request->Bytes, Slice, &Total);
        for (ULONG i = 0; i < Count && Bytes != 0; i++) {
            ULONG Piece = Slice[i].length < Bytes ? Slice[i].length : Bytes;
            NTSTATUS Status = host_copy_from_program(Stream->Data + Stream->Start + Stream->Used, Slice[i].base, Piece);
            if (!NT_SUCCESS(Status))
                return Status;
            Stream->Used += Piece;
            Request->Bytes += Piece;
            Bytes -= Piece;
        }
    }
    return STATUS_SUCCESS;
}

/* The last byte of an urgent send. */
static NTSTATUS AppendUrgent(TL_ENDPOINT *Receiver, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock)
{
    LOOP_STREAM *Stream = &Receiver->Stream;
    NTSTATUS Status;
    if (Receiver->Settings.OobInline) {
        Stream->MarkOffset = Stream->Used;
        Stream->HasMark = TRUE;
        Status = Append(Receiver, Request, 1);
    } else {
        TL_BUFFER Slice[TL_SLICE_MAX];
        SIZE_T Total;
        UCHAR Byte = 0;
        (VOID)TlSlice(Request->Buffers, Request->BufferCount, Request->Bytes, Slice, &Total);
        Status = host_copy_from_program(&Byte, Slice[0].base, 1);
        if (!NT_SUCCESS(Status))
            return Status;
        Stream->MarkOffset = Stream->Used;
        Stream->HasMark = TRUE;
        Stream->HasUrgentByte = TRUE;
        Stream->UrgentByte = Byte;
        Request->Bytes++;
    }
    LoopNote(Receiver, TL_EVENT_RECEIVE_EXPEDITED);
    return Status;
}

NTSTATUS LoopPutUrgentInline(TL_ENDPOINT *Endpoint)
{
    LOOP_STREAM *Stream = &Endpoint->Stream;
    if (!Stream->HasUrgentByte)
        return STATUS_SUCCESS;
    if (!Reserve(Stream, 1, Endpoint->ReceiveLimit))
        return STATUS_INSUFFICIENT_RESOURCES;
    ULONG Before = Stream->HasMark ? Stream->MarkOffset : 0;
    UCHAR *At = Stream->Data + Stream->Start + Before;
    RtlMoveMemory(At + 1, At, Stream->Used - Before);
    *At = Stream->UrgentByte;
    Stream->Used++;
    Stream->HasUrgentByte = FALSE;
    return STATUS_SUCCESS;
}

NTSTATUS LoopTrySend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    TL_ENDPOINT *Receiver = Endpoint->Peer;
    SIZE_T Left = TlTotalBytes(Request->Buffers, Request->BufferCount) - Request->Bytes;
    BOOLEAN Urgent = (Request->MessageFlags & HOST_MSG_OOB) != 0;
    NTSTATUS Status = STATUS_SUCCESS;
    if (!Endpoint->Connected)
        return STATUS_INVALID_CONNECTION;
    if (Endpoint->FatalStatus != STATUS_SUCCESS || Left == 0)
        return Endpoint->FatalStatus;
    if (Receiver == NULL) {
        /* The first bytes for a closed peer are taken, and answered with a reset. */
        Request->Bytes += Left;
        Endpoint->FatalStatus = STATUS_CONNECTION_RESET;
        LoopNote(Endpoint, TL_EVENT_ABORT);
        return STATUS_SUCCESS;
    }
    SIZE_T Normal = Urgent ? Left - 1 : Left;
    ULONG Room = RoomOf(Receiver);
    ULONG Piece = Normal < Room ? (ULONG)Normal : Room;
    if (Piece != 0) {
        Status = Append(Receiver, Request, Piece);
        LoopNote(Receiver, TL_EVENT_RECEIVE);
    }
    if (NT_SUCCESS(Status) && Piece == Normal && Urgent)
        Status = AppendUrgent(Receiver, Request);
    if (!NT_SUCCESS(Status) || Piece == Normal)
        return Status;
    Endpoint->SendBlocked = TRUE;
    return STATUS_DEVICE_NOT_READY;
}

VOID LoopForceSend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, TL_COMPLETION_LIST *List)
{
    SIZE_T Left = TlTotalBytes(Request->Buffers, Request->BufferCount) - Request->Bytes;
    TL_ENDPOINT *Receiver = Endpoint->Peer;
    if (!LoopIsStream(Endpoint) || Receiver == NULL || Left > LOOP_WHOLE_MAX)
        return;
    ULONG Urgent = (Request->MessageFlags & HOST_MSG_OOB) != 0;
    if (NT_SUCCESS(Append(Receiver, Request, (ULONG)Left - Urgent)) && Urgent)
        (VOID)AppendUrgent(Receiver, Request);
    LoopNote(Receiver, TL_EVENT_RECEIVE);
    LoopRun(Endpoint, List);
}

/* --- receiving --- */

/* How much a normal receive may take: up to the mark, if that is ahead. */
static ULONG ReadableNow(const LOOP_STREAM *Stream)
{
    if (Stream->HasMark && Stream->MarkOffset != 0 && Stream->MarkOffset < Stream->Used)
        return Stream->MarkOffset;
    return Stream->Used;
}

static VOID Consume(TL_ENDPOINT *Endpoint, ULONG Bytes) _Requires_lock_held_(TlEndpointLock)
{
    LOOP_STREAM *Stream = &Endpoint->Stream;
    Stream->Start += Bytes;
    Stream->Used -= Bytes;
    if (Stream->HasMark) {
        /* Reading on from the mark passes it. */
        if (Stream->MarkOffset < Bytes)
            Stream->HasMark = FALSE;
        else
            Stream->MarkOffset -= Bytes;
    }
    if (Endpoint->Peer != NULL && Endpoint->Peer->SendBlocked && Stream->Used < Endpoint->ReceiveLimit) {
        Endpoint->Peer->SendBlocked = FALSE;
        LoopNote(Endpoint->Peer, TL_EVENT_SEND);
    }
}

/* Copies up to Bytes from the start of the stream behind what Request has. */
static NTSTATUS Extract(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, ULONG Bytes)
{
    const LOOP_STREAM *Stream = &Endpoint->Stream;
    ULONG Done = 0;
    while (Done < Bytes) {
        TL_BUFFER Slice[TL_SLICE_MAX];
        SIZE_T Total;
        ULONG Count = TlSlice(Request->Buffers, Request->BufferCount, Request->Bytes, Slice, &Total);
        for (ULONG i = 0; i < Count && Done < Bytes; i++) {
            ULONG Piece = Slice[i].length < Bytes - Done ? Slice[i].length : Bytes - Done;
            NTSTATUS Status = host_copy_to_program(Slice[i].base, Stream->Data + Stream->Start + Done, Piece);
            if (!NT_SUCCESS(Status))
                return Status;
            Request->Bytes += Piece;
            Done += Piece;
        }
    }
    return STATUS_SUCCESS;
}

static NTSTATUS EndOfStream(const TL_ENDPOINT *Endpoint, const TL_REQUEST *Request)
{
    if (Endpoint->FatalStatus != STATUS_SUCCESS)
        return Request->Bytes != 0 ? STATUS_SUCCESS : Endpoint->FatalStatus;
    return Endpoint->PeerEnded ? STATUS_SUCCESS : STATUS_DEVICE_NOT_READY;
}

static NTSTATUS ReceiveUrgent(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    LOOP_STREAM *Stream = &Endpoint->Stream;
    TL_BUFFER Slice[TL_SLICE_MAX];
    SIZE_T Total;
    if (Endpoint->Settings.OobInline)
        return STATUS_INVALID_PARAMETER;
    if (!Stream->HasUrgentByte)
        return EndOfStream(Endpoint, Request);
    if (TlSlice(Request->Buffers, Request->BufferCount, 0, Slice, &Total) == 0)
        return STATUS_SUCCESS;
    NTSTATUS Status = host_copy_to_program(Slice[0].base, &Stream->UrgentByte, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    Request->Bytes = 1;
    if ((Request->MessageFlags & HOST_MSG_PEEK) == 0)
        Stream->HasUrgentByte = FALSE;
    return STATUS_SUCCESS;
}

NTSTATUS LoopTryReceive(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    SIZE_T Total = TlTotalBytes(Request->Buffers, Request->BufferCount);
    BOOLEAN Peek = (Request->MessageFlags & HOST_MSG_PEEK) != 0;
    BOOLEAN WaitAll = !Peek && (Request->MessageFlags & HOST_MSG_WAITALL) != 0;
    if (!Endpoint->Connected)
        return STATUS_INVALID_CONNECTION;
    if (Endpoint->ReceiveShutdown)
        return STATUS_PIPE_DISCONNECTED;
    if (LoopIsExpedited(Request))
        return ReceiveUrgent(Endpoint, Request);
    while (Endpoint->Stream.Used != 0) {
        SIZE_T Wanted = Total - Request->Bytes;
        ULONG Ready = ReadableNow(&Endpoint->Stream);
        ULONG Piece = Wanted < Ready ? (ULONG)Wanted : Ready;
        NTSTATUS Status = Extract(Endpoint, Request, Piece);
        if (!NT_SUCCESS(Status) || Peek)
            return Status;
        if (Piece != 0)
            Consume(Endpoint, Piece);
        if (Piece < Wanted && Endpoint->Stream.Used != 0)
            Request->MessageFlags |= TL_MESSAGE_STOPPED;
        if (Request->Bytes == Total || !WaitAll)
            return STATUS_SUCCESS;
    }
    return EndOfStream(Endpoint, Request);
}
