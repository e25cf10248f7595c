/* SPDX-License-Identifier: MIT */
/*
 * afd_transmit_run.c - a TransmitFile or TransmitPackets request from its first byte to its last.
 *
 * Layer: afd. NT counterpart: AFD's transmit state machine, without its use of the cache manager: the file
 * is read by IRP_MJ_READ down its own device stack, so it may be any file, with drivers above it. Left
 * out: sendfile, which saves a copy and would go round those drivers.
 */
#include "afd_transmit.h"

/* --- reading --- */

/* The read is over, on any thread. The IRP is freed by the thread that runs the request. */
static NTSTATUS AfdpReadCompleted(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    AFD_TRANSMIT *Transmit = Context;
    __atomic_store_n(&Transmit->ReadDone, TRUE, __ATOMIC_RELEASE);
    AfdKickTransmit(Transmit);
    AfdDereferenceTransmit(Transmit);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP AfdpBuildRead(PFILE_OBJECT File, PDEVICE_OBJECT Top, LONGLONG Offset, PVOID Buffer, ULONG Length)
{
    PIO_STACK_LOCATION Stack;
    PIRP Irp = IoAllocateIrp(Top->StackSize, FALSE);
    if (Irp == NULL)
        return NULL;
    /* Our memory serves as whichever kind of buffer the device wants. */
    Irp->UserBuffer = Buffer;
    Irp->AssociatedIrp.SystemBuffer = Buffer;
    if ((Top->Flags & DO_DIRECT_IO) != 0 && IoAllocateMdl(Buffer, Length, FALSE, FALSE, Irp) == NULL) {
        IoFreeIrp(Irp);
        return NULL;
    }
    Irp->Flags = IRP_READ_OPERATION;
    Irp->RequestorMode = KernelMode;
    Irp->Tail.Overlay.Thread = KeGetCurrentThread();
    Irp->Tail.Overlay.OriginalFileObject = File;
    Stack = IoGetNextIrpStackLocation(Irp);
    Stack->MajorFunction = IRP_MJ_READ;
    Stack->FileObject = File;
    Stack->Parameters.Read.Length = Length;
    Stack->Parameters.Read.ByteOffset.QuadPart = Offset;
    return Irp;
}

static ULONG AfdpWantedBytes(const AFD_TRANSMIT_ELEMENT *Element, const AFD_TRANSMIT_PIECE *Piece)
{
    ULONG Room = AFD_TRANSMIT_DATA - Piece->DataUsed;
    return Element->ToTheEnd || Element->Left > Room ? Room : (ULONG)Element->Left;
}

static VOID AfdpStartRead(AFD_TRANSMIT *Transmit, AFD_TRANSMIT_ELEMENT *Element, AFD_TRANSMIT_PIECE *Piece)
{
    PDEVICE_OBJECT Top = IoGetRelatedDeviceObject(Element->File);

    if (Piece->Data == NULL)
        Piece->Data = ExAllocatePoolWithTag(NonPagedPool, AFD_TRANSMIT_DATA, AFD_TAG_BUFFERS);
    if (!Element->Begun && Element->FromPosition)
        Element->Offset = __atomic_load_n(&Element->File->CurrentByteOffset.QuadPart, __ATOMIC_RELAXED);
    Element->Begun = TRUE;
    if (Piece->Data != NULL)
        Transmit->ReadIrp = AfdpBuildRead(Element->File, Top, Element->Offset, Piece->Data + Piece->DataUsed,
            AfdpWantedBytes(Element, Piece));
    if (Transmit->ReadIrp == NULL) {
        Transmit->Status = STATUS_INSUFFICIENT_RESOURCES;
        return;
    }
    Transmit->ReadActive = TRUE;
    AfdReferenceTransmit(Transmit);
    IoSetCompletionRoutine(Transmit->ReadIrp, AfdpReadCompleted, Transmit, TRUE, TRUE, TRUE);
    (VOID)IoCallDriver(Top, Transmit->ReadIrp);
}

/* The file's bytes are one buffer of the piece, whatever number of reads they took. */
static VOID AfdpAppendData(AFD_TRANSMIT_PIECE *Piece, ULONG Bytes)
{
    CHAR *At = (CHAR *)Piece->Data + Piece->DataUsed;
    TL_BUFFER *Before = Piece->Count != 0 ? &Piece->Buffers[Piece->Count - 1] : NULL;
    if (Before != NULL && Before->base + Before->length == At) {
        Before->length += Bytes;
    } else {
        Piece->Buffers[Piece->Count].base = At;
        Piece->Buffers[Piece->Count].length = Bytes;
        Piece->Count++;
    }
    Piece->DataUsed += Bytes;
}

/* Filled; the next bytes go into the other one, when that has been sent. */
static VOID AfdpPieceIsReady(AFD_TRANSMIT *Transmit)
{
    Transmit->Piece[Transmit->Filling].Ready = TRUE;
    Transmit->Filling ^= 1;
}

static BOOLEAN AfdpEndsPacket(const AFD_TRANSMIT *Transmit, const AFD_TRANSMIT_ELEMENT *Element)
{
    return Transmit->Operation.Endpoint->Kind == AfdDatagram && (Element->Flags & AFD_TP_EOP) != 0;
}

static VOID AfdpNextElement(AFD_TRANSMIT *Transmit)
{
    const AFD_TRANSMIT_ELEMENT *Element = &Transmit->Elements[Transmit->Current++];
    if (AfdpEndsPacket(Transmit, Element))
        AfdpPieceIsReady(Transmit);
}

static NTSTATUS AfdpEndRead(AFD_TRANSMIT *Transmit, ULONG *Bytes)
{
    NTSTATUS Status = Transmit->ReadIrp->IoStatus.Status;
    *Bytes = NT_SUCCESS(Status) ? (ULONG)Transmit->ReadIrp->IoStatus.Information : 0;
    if (Transmit->ReadIrp->MdlAddress != NULL)
        IoFreeMdl(Transmit->ReadIrp->MdlAddress);
    Transmit->ReadIrp->MdlAddress = NULL;
    IoFreeIrp(Transmit->ReadIrp);
    Transmit->ReadIrp = NULL;
    Transmit->ReadActive = FALSE;
    __atomic_store_n(&Transmit->ReadDone, FALSE, __ATOMIC_RELAXED);
    return Status;
}

/* If a read has ended, its bytes are in the piece. A file that ends too early fails the request. */
static BOOLEAN AfdpTakeRead(AFD_TRANSMIT *Transmit)
{
    AFD_TRANSMIT_ELEMENT *Element = &Transmit->Elements[Transmit->Current];
    ULONG Bytes;
    NTSTATUS Status;

    if (!Transmit->ReadActive || !__atomic_load_n(&Transmit->ReadDone, __ATOMIC_ACQUIRE))
        return FALSE;
    Status = AfdpEndRead(Transmit, &Bytes);
    if (Bytes != 0) {
        AfdpAppendData(&Transmit->Piece[Transmit->Filling], Bytes);
        Element->Offset += Bytes;
        Element->Left -= Element->ToTheEnd ? 0 : Bytes;
        if (Element->FromPosition)
            __atomic_store_n(&Element->File->CurrentByteOffset.QuadPart, Element->Offset, __ATOMIC_RELAXED);
        if (!Element->ToTheEnd && Element->Left == 0)
            AfdpNextElement(Transmit);
        return TRUE;
    }
    if (NT_SUCCESS(Status) || Status == STATUS_END_OF_FILE) {
        Status = Element->ToTheEnd ? STATUS_SUCCESS : STATUS_END_OF_FILE;
        AfdpNextElement(Transmit);
    }
    if (NT_SUCCESS(Transmit->Status))
        Transmit->Status = Status;
    return TRUE;
}

/* --- filling --- */

/* A packet cannot be sent in two; a part of a stream can. */
static VOID AfdpPieceIsFull(AFD_TRANSMIT *Transmit)
{
    if (Transmit->Operation.Endpoint->Kind == AfdDatagram)
        Transmit->Status = STATUS_INVALID_BUFFER_SIZE;
    else
        AfdpPieceIsReady(Transmit);
}

/* Adds to the piece until it is ready, or a read has to be waited for. TRUE: something was done. */
static BOOLEAN AfdpFill(AFD_TRANSMIT *Transmit)
{
    AFD_TRANSMIT_PIECE *Piece = &Transmit->Piece[Transmit->Filling];
    AFD_TRANSMIT_ELEMENT *Element = &Transmit->Elements[Transmit->Current];

    if (Piece->Ready || Transmit->ReadActive || Transmit->Exhausted)
        return FALSE;
    if (Transmit->Current == Transmit->Count) {
        Transmit->Exhausted = TRUE;
        Piece->Last = TRUE;
        /* The end of a chain is told even if nothing is left; an empty packet is none. */
        if (Transmit->Operation.Endpoint->Kind == AfdStream || Piece->Count != 0)
            AfdpPieceIsReady(Transmit);
    } else if (Element->Flags & AFD_TP_FILE) {
        if (Piece->Count == AFD_TRANSMIT_GATHER || Piece->DataUsed == AFD_TRANSMIT_DATA)
            AfdpPieceIsFull(Transmit);
        else
            AfdpStartRead(Transmit, Element, Piece);
    } else if (Element->Left != 0 && Piece->Count == AFD_TRANSMIT_GATHER) {
        AfdpPieceIsFull(Transmit);
    } else {
        if (Element->Left != 0) {
            Piece->Buffers[Piece->Count].base = Element->Buffer;
            Piece->Buffers[Piece->Count].length = (ULONG)Element->Left;
            Piece->Count++;
        }
        AfdpNextElement(Transmit);
    }
    return TRUE;
}

/* --- sending --- */

static NTSTATUS AfdpSend(AFD_TRANSMIT *Transmit, UCHAR Flags)
{
    AFD_OPERATION *Operation = &Transmit->Operation;
    AFD_DOWNCALL *Send = Operation->Endpoint->Kind == AfdDatagram ? AfdTransport->SendDatagram : AfdTransport->Send;
    NTSTATUS Status;
    Operation->Tl.Flags = Flags;
    AfdReferenceTransmit(Transmit);
    Status = Send(AfdEndpointTransport(Operation->Endpoint), &Operation->Tl);
    if (Status != STATUS_PENDING)
        AfdDereferenceTransmit(Transmit); /* there will be no upcall */
    return Status;
}

static VOID AfdpTakeSent(AFD_TRANSMIT *Transmit, NTSTATUS Status)
{
    AFD_TRANSMIT_PIECE *Piece = &Transmit->Piece[Transmit->Sending];

    BOOLEAN Reserved = Transmit->Reserving;

    Transmit->SendActive = FALSE;
    Transmit->Reserving = FALSE;
    __atomic_store_n(&Transmit->SendDone, FALSE, __ATOMIC_RELAXED);
    Transmit->Chained = NT_SUCCESS(Status) && (Reserved || !Piece->Last) &&
        Transmit->Operation.Endpoint->Kind == AfdStream;
    if (!NT_SUCCESS(Status)) {
        /* The endpoint was closed between two sends. */
        if (NT_SUCCESS(Transmit->Status))
            Transmit->Status = Status == STATUS_FILE_CLOSED ? STATUS_CANCELLED : Status;
        return;
    }
    if (Reserved)
        return;
    Transmit->Bytes += Transmit->Operation.Tl.Bytes;
    Piece->Ready = FALSE;
    Piece->Count = 0;
    Piece->DataUsed = 0;
    Transmit->Sending ^= 1;
}

static BOOLEAN AfdpSendNext(AFD_TRANSMIT *Transmit)
{
    AFD_TRANSMIT_PIECE *Piece = &Transmit->Piece[Transmit->Sending];
    UCHAR Flags = 0;
    NTSTATUS Status;

    if (!Piece->Ready || Transmit->SendActive)
        return FALSE;
    if (Transmit->Operation.Endpoint->Kind == AfdStream)
        Flags = (Transmit->Chained ? TL_REQUEST_CONTINUE : 0) | (Piece->Last ? 0 : TL_REQUEST_MORE);
    Transmit->Operation.Tl.Buffers = Piece->Buffers;
    Transmit->Operation.Tl.BufferCount = Piece->Count;
    Transmit->SendActive = TRUE;
    Transmit->Begun = TRUE;
    Status = AfdpSend(Transmit, Flags);
    if (Status != STATUS_PENDING)
        AfdpTakeSent(Transmit, Status);
    return TRUE;
}

/* The file makes us wait: later sends shall not overtake what has no bytes yet. */
static VOID AfdpReserve(AFD_TRANSMIT *Transmit)
{
    NTSTATUS Status;
    if (Transmit->Begun || !Transmit->ReadActive || Transmit->Operation.Endpoint->Kind != AfdStream)
        return;
    Transmit->Begun = TRUE;
    Transmit->Reserving = TRUE;
    Transmit->SendActive = TRUE;
    Transmit->Operation.Tl.BufferCount = 0;
    Status = AfdpSend(Transmit, TL_REQUEST_MORE);
    if (Status != STATUS_PENDING)
        AfdpTakeSent(Transmit, Status);
}

VOID AfdTransmitSent(AFD_OPERATION *Operation)
{
    AFD_TRANSMIT *Transmit = CONTAINING_RECORD(Operation, AFD_TRANSMIT, Operation);
    __atomic_store_n(&Transmit->SendDone, TRUE, __ATOMIC_RELEASE);
    AfdKickTransmit(Transmit);
    AfdDereferenceTransmit(Transmit);
}

/* --- running --- */

/* It has failed: what is under way is asked to end. TRUE: nothing is. */
static BOOLEAN AfdpStop(AFD_TRANSMIT *Transmit)
{
    if (!Transmit->Stopping) {
        Transmit->Stopping = TRUE;
        if (Transmit->SendActive && AfdTransport->Cancel(AfdEndpointTransport(Transmit->Operation.Endpoint),
            &Transmit->Operation.Tl)) {
            Transmit->SendActive = FALSE;
            Transmit->Chained = FALSE;
            AfdDereferenceTransmit(Transmit); /* for the upcall that does not come */
        }
        if (Transmit->ReadActive)
            (VOID)IoCancelIrp(Transmit->ReadIrp);
    }
    if (Transmit->SendActive || Transmit->ReadActive)
        return FALSE;
    if (Transmit->Chained) {
        /* Others may send again. */
        Transmit->Chained = FALSE;
        Transmit->Operation.Tl.BufferCount = 0;
        (VOID)AfdpSend(Transmit, TL_REQUEST_CONTINUE | TL_REQUEST_NO_PEND);
    }
    return TRUE;
}

/* Everything that can be done now. TRUE: the request is over. */
static BOOLEAN AfdpStep(AFD_TRANSMIT *Transmit)
{
    if (Transmit->SendActive && __atomic_load_n(&Transmit->SendDone, __ATOMIC_ACQUIRE))
        AfdpTakeSent(Transmit, Transmit->Operation.Tl.Status);
    (VOID)AfdpTakeRead(Transmit);
    if (NT_SUCCESS(Transmit->Status) && __atomic_load_n(&Transmit->Cancelled, __ATOMIC_ACQUIRE))
        Transmit->Status = STATUS_CANCELLED;
    while (NT_SUCCESS(Transmit->Status) &&
        (AfdpSendNext(Transmit) || AfdpTakeRead(Transmit) || AfdpFill(Transmit))) {
    }
    if (NT_SUCCESS(Transmit->Status))
        AfdpReserve(Transmit);
    if (!NT_SUCCESS(Transmit->Status))
        return AfdpStop(Transmit);
    return Transmit->Exhausted && !Transmit->SendActive && !Transmit->Piece[Transmit->Sending].Ready;
}

VOID AfdRunTransmit(AFD_TRANSMIT *Transmit)
{
    LONG Seen;
    do {
        Seen = __atomic_load_n(&Transmit->Events, __ATOMIC_ACQUIRE);
        if (AfdpStep(Transmit)) {
            AfdEndTransmit(Transmit);
            return;
        }
    } while (__atomic_sub_fetch(&Transmit->Events, Seen, __ATOMIC_ACQ_REL) != 0);
}

VOID AfdKickTransmit(AFD_TRANSMIT *Transmit)
{
    if (__atomic_fetch_add(&Transmit->Events, 1, __ATOMIC_ACQ_REL) == 0)
        AfdRunTransmit(Transmit);
}
