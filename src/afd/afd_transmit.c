/* SPDX-License-Identifier: MIT */
/*
 * afd_transmit.c - IOCTL_AFD_TRANSMIT_FILE and IOCTL_AFD_TRANSMIT_PACKETS: taken apart, and completed.
 *
 * Layer: afd. Once its parameters are found right a request always pends, as on Windows, where TransmitFile
 * with an OVERLAPPED returns ERROR_IO_PENDING even if the bytes are gone already. AFD_TF_WRITE_BEHIND and the two
 * that choose a thread change nothing: a request completes when the host has taken its bytes, and needs
 * no thread of its own. The size of single sends is not chosen by the caller, because a stream has no
 * boundaries; packets of TRANSMIT_PACKETS end at AFD_TP_EOP alone.
 * [doc:mswsock/transmitfile] [doc:mswsock/lpfn_transmitpackets]
 */
#include "afd_transmit.h"

#include "afd_events.h"
#include "afd_requests.h"
#include "afd_send.h"
#include "iomgr.h"

#define AFD_TRANSMIT_ELEMENTS_MAX 65536u
#define AFD_CURRENT_POSITION (-1LL)
#define AFD_TRANSMIT_REUSE (AFD_TF_DISCONNECT | AFD_TF_REUSE_SOCKET)

static VOID AfdpFreeTransmit(AFD_TRANSMIT *Transmit)
{
    for (ULONG i = 0; i < Transmit->Count; i++) {
        if (Transmit->Elements[i].File != NULL)
            ObDereferenceObject(Transmit->Elements[i].File);
    }
    for (ULONG i = 0; i < RTL_NUMBER_OF(Transmit->Piece); i++) {
        if (Transmit->Piece[i].Data != NULL)
            ExFreePoolWithTag(Transmit->Piece[i].Data, AFD_TAG_BUFFERS);
    }
    ExFreePoolWithTag(Transmit, AFD_TAG_TRANSMIT);
}

VOID AfdReferenceTransmit(AFD_TRANSMIT *Transmit)
{
    __atomic_add_fetch(&Transmit->References, 1, __ATOMIC_RELAXED);
}

VOID AfdDereferenceTransmit(AFD_TRANSMIT *Transmit)
{
    if (__atomic_sub_fetch(&Transmit->References, 1, __ATOMIC_ACQ_REL) == 0)
        AfdpFreeTransmit(Transmit);
}

static AFD_TRANSMIT *AfdpAllocateTransmit(AFD_ENDPOINT *Endpoint, PIRP Irp, ULONG ElementsMax)
{
    AFD_TRANSMIT *Transmit = ExAllocatePoolZero(NonPagedPool,
        sizeof *Transmit + (SIZE_T)ElementsMax * sizeof(AFD_TRANSMIT_ELEMENT), AFD_TAG_TRANSMIT);
    if (Transmit == NULL)
        return NULL;
    AfdInitializeOperation(&Transmit->Operation, Endpoint);
    Transmit->Operation.Completed = AfdTransmitSent;
    Transmit->Irp = Irp;
    Transmit->References = 1;
    Transmit->Events = 1;
    return Transmit;
}

/* --- the end --- */

/* The IRP is nobody else's. */
static VOID AfdpCompleteTransmit(AFD_TRANSMIT *Transmit)
{
    NTSTATUS Status = Transmit->Status;
    ULONG_PTR Information = NT_SUCCESS(Status) ? (ULONG_PTR)Transmit->Bytes : 0;
    PIRP Irp = Transmit->Irp;
    AfdDereferenceTransmit(Transmit);
    (VOID)AfdCompleteIrp(Irp, Status, Information);
}

VOID AfdEndTransmit(AFD_TRANSMIT *Transmit)
{
    AFD_ENDPOINT *Endpoint = Transmit->Operation.Endpoint;
    PIRP Irp = Transmit->Irp;

    if (NT_SUCCESS(Transmit->Status) && (Transmit->Flags & AFD_TRANSMIT_REUSE) == AFD_TF_DISCONNECT)
        Transmit->Status = AfdEndSending(Endpoint);
    AfdLockEndpoint(Endpoint);
    RemoveEntryList(&Transmit->Link);
    AfdUnlockEndpoint(Endpoint);
    if (IoSetCancelRoutine(Irp, NULL) == NULL) {
        ULONG Before = __atomic_fetch_or(&Transmit->State, AFD_TRANSMIT_ENDED, __ATOMIC_ACQ_REL);
        if ((Before & AFD_TRANSMIT_CANCEL_DONE) == 0)
            return;
    } else if (NT_SUCCESS(Transmit->Status) && (Transmit->Flags & AFD_TRANSMIT_REUSE) == AFD_TRANSMIT_REUSE) {
        ULONG_PTR Bytes = (ULONG_PTR)Transmit->Bytes;
        AfdDereferenceTransmit(Transmit);
        AfdDisconnectForReuse(Endpoint, Irp, Bytes);
        return;
    }
    AfdpCompleteTransmit(Transmit);
}

static VOID AfdpCancelTransmit(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    AFD_TRANSMIT *Transmit = Irp->Tail.Overlay.DriverContext[0];
    ULONG Before;
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    __atomic_store_n(&Transmit->Cancelled, TRUE, __ATOMIC_RELEASE);
    AfdKickTransmit(Transmit);
    Before = __atomic_fetch_or(&Transmit->State, AFD_TRANSMIT_CANCEL_DONE, __ATOMIC_ACQ_REL);
    if ((Before & AFD_TRANSMIT_ENDED) != 0)
        AfdpCompleteTransmit(Transmit);
}

/* The first that has not been told yet, referenced. */
static AFD_TRANSMIT *AfdpNextToCancel(AFD_ENDPOINT *Endpoint)
{
    AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    AFD_TRANSMIT *Found = NULL;
    if (Extra == NULL)
        return NULL;
    AfdLockEndpoint(Endpoint);
    for (PLIST_ENTRY Entry = Extra->Transmits.Flink; Entry != &Extra->Transmits && Found == NULL;
         Entry = Entry->Flink) {
        AFD_TRANSMIT *Transmit = CONTAINING_RECORD(Entry, AFD_TRANSMIT, Link);
        if (!__atomic_exchange_n(&Transmit->Cancelled, TRUE, __ATOMIC_ACQ_REL)) {
            AfdReferenceTransmit(Transmit);
            Found = Transmit;
        }
    }
    AfdUnlockEndpoint(Endpoint);
    return Found;
}

VOID AfdCancelTransmits(AFD_ENDPOINT *Endpoint)
{
    for (;;) {
        AFD_TRANSMIT *Transmit = AfdpNextToCancel(Endpoint);
        if (Transmit == NULL)
            return;
        AfdKickTransmit(Transmit);
        AfdDereferenceTransmit(Transmit);
    }
}

/* --- the beginning --- */

static NTSTATUS AfdpFailTransmit(AFD_TRANSMIT *Transmit, NTSTATUS Status)
{
    PIRP Irp = Transmit->Irp;
    AfdDereferenceTransmit(Transmit);
    return AfdCompleteIrp(Irp, Status, 0);
}

static NTSTATUS AfdpStartTransmit(AFD_TRANSMIT *Transmit)
{
    AFD_ENDPOINT *Endpoint = Transmit->Operation.Endpoint;
    AFD_ENDPOINT_EXTRA *Extra = AfdNeedExtra(Endpoint);
    PIRP Irp = Transmit->Irp;
    BOOLEAN Closing;

    if (Extra == NULL)
        return AfdpFailTransmit(Transmit, STATUS_INSUFFICIENT_RESOURCES);
    Transmit->Operation.Tl.Poller = IoFilePoller(IoGetCurrentIrpStackLocation(Irp)->FileObject);
    AfdLockEndpoint(Endpoint);
    Closing = Endpoint->State == AfdClosing;
    if (!Closing)
        InsertTailList(&Extra->Transmits, &Transmit->Link);
    AfdUnlockEndpoint(Endpoint);
    if (Closing)
        return AfdpFailTransmit(Transmit, STATUS_FILE_CLOSED);
    IoMarkIrpPending(Irp);
    Irp->Tail.Overlay.DriverContext[0] = Transmit;
    IoSetCancelRoutine(Irp, AfdpCancelTransmit);
    if (__atomic_load_n(&Irp->Cancel, __ATOMIC_SEQ_CST) && IoSetCancelRoutine(Irp, NULL) != NULL) {
        /* Cancelled before it began: the routine will not run. */
        __atomic_store_n(&Transmit->Cancelled, TRUE, __ATOMIC_RELEASE);
        __atomic_fetch_or(&Transmit->State, AFD_TRANSMIT_CANCEL_DONE, __ATOMIC_ACQ_REL);
    }
    AfdRunTransmit(Transmit);
    return STATUS_PENDING;
}

/* AfdCheckConnectedSendState's; STATUS_INVALID_PARAMETER: flags. */
static NTSTATUS AfdpCheckTransmit(const AFD_ENDPOINT *Endpoint, ULONG Flags)
{
    NTSTATUS Status = AfdCheckConnectedSendState(Endpoint);
    if (!NT_SUCCESS(Status))
        return Status;
    if ((Flags & ~(ULONG)AFD_TRANSMIT_FLAGS) != 0)
        return STATUS_INVALID_PARAMETER;
    if ((Flags & (AFD_TF_DISCONNECT | AFD_TF_REUSE_SOCKET)) == AFD_TF_REUSE_SOCKET)
        return STATUS_INVALID_PARAMETER;
    if (Endpoint->Kind == AfdDatagram && (Flags & AFD_TF_DISCONNECT) != 0)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS AfdpAddMemory(AFD_TRANSMIT *Transmit, PVOID Buffer, ULONG Length, ULONG Flags)
{
    AFD_TRANSMIT_ELEMENT *Element = &Transmit->Elements[Transmit->Count];
    NTSTATUS Status = Length != 0 ? ExProbeUserRange(Buffer, Length) : STATUS_SUCCESS;
    if (!NT_SUCCESS(Status))
        return Status;
    Element->Flags = AFD_TP_MEMORY | (Flags & AFD_TP_EOP);
    Element->Buffer = Buffer;
    Element->Left = Length;
    Transmit->Count++;
    return STATUS_SUCCESS;
}

/*
 * STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH, STATUS_ACCESS_DENIED: not a file, or not open for reading.
 * Length 0: to the end of the file.
 */
static NTSTATUS AfdpAddFile(AFD_TRANSMIT *Transmit, HANDLE Handle, LONGLONG Offset, LONGLONG Length, ULONG Flags)
{
    AFD_TRANSMIT_ELEMENT *Element = &Transmit->Elements[Transmit->Count];
    NTSTATUS Status;
    if (Offset < AFD_CURRENT_POSITION || Length < 0)
        return STATUS_INVALID_PARAMETER;
    Status = ObReferenceObjectByHandle(Handle, FILE_READ_DATA, *IoFileObjectType, UserMode, (PVOID *)&Element->File,
        NULL);
    if (!NT_SUCCESS(Status)) {
        Element->File = NULL;
        return Status;
    }
    Element->Flags = AFD_TP_FILE | (Flags & AFD_TP_EOP);
    Element->FromPosition = Offset == AFD_CURRENT_POSITION;
    Element->Offset = Offset;
    Element->ToTheEnd = Length == 0;
    Element->Left = (ULONGLONG)Length;
    Transmit->Count++;
    return STATUS_SUCCESS;
}

/* --- TRANSMIT_FILE --- */

static NTSTATUS AfdpPrepareFile(AFD_TRANSMIT *Transmit, const AFD_TRANSMIT_FILE_INFO *Info)
{
    NTSTATUS Status = AfdpCheckTransmit(Transmit->Operation.Endpoint, Info->Flags);
    if (NT_SUCCESS(Status) && Transmit->Operation.Endpoint->Kind != AfdStream)
        Status = STATUS_NOT_SUPPORTED;
    Transmit->Flags = Info->Flags;
    if (NT_SUCCESS(Status) && Info->HeadLength != 0)
        Status = AfdpAddMemory(Transmit, Info->Head, Info->HeadLength, 0);
    if (NT_SUCCESS(Status) && Info->FileHandle != NULL)
        Status = AfdpAddFile(Transmit, Info->FileHandle, Info->Offset.QuadPart, Info->WriteLength.QuadPart, 0);
    if (NT_SUCCESS(Status) && Info->TailLength != 0)
        Status = AfdpAddMemory(Transmit, Info->Tail, Info->TailLength, 0);
    return Status;
}

/*
 * At once: AfdpCheckTransmit's, AfdpAddFile's, STATUS_NOT_SUPPORTED on a datagram endpoint, STATUS_ACCESS_VIOLATION.
 * Later: the transport's and the file's statuses; STATUS_END_OF_FILE when the file has fewer bytes than
 * were asked for; some of them may have been sent. [guess]
 */
NTSTATUS AfdTransmitFile(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    AFD_TRANSMIT_FILE_INFO Info;
    AFD_TRANSMIT *Transmit;
    NTSTATUS Status = ExCopyFromUser(&Info, Stack->Parameters.DeviceIoControl.Type3InputBuffer, sizeof Info, 1);

    if (!NT_SUCCESS(Status))
        return AfdCompleteIrp(Irp, Status, 0);
    Transmit = AfdpAllocateTransmit(Endpoint, Irp, 3);
    if (Transmit == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Status = AfdpPrepareFile(Transmit, &Info);
    return NT_SUCCESS(Status) ? AfdpStartTransmit(Transmit) : AfdpFailTransmit(Transmit, Status);
}

/* --- TRANSMIT_PACKETS --- */

static NTSTATUS AfdpAddElement(AFD_TRANSMIT *Transmit, const AFD_TRANSMIT_PACKETS_ELEMENT *Element)
{
    ULONG Kind = Element->Flags & ~(ULONG)AFD_TP_EOP;
    if (Kind == AFD_TP_MEMORY)
        return AfdpAddMemory(Transmit, Element->Buffer, Element->Length, Element->Flags);
    if (Kind == AFD_TP_FILE)
        return AfdpAddFile(Transmit, Element->FileHandle, Element->FileOffset.QuadPart, Element->Length,
            Element->Flags);
    return STATUS_INVALID_PARAMETER;
}

static NTSTATUS AfdpPreparePackets(AFD_TRANSMIT *Transmit, const AFD_TRANSMIT_PACKETS_INFO *Info)
{
    NTSTATUS Status = AfdpCheckTransmit(Transmit->Operation.Endpoint, Info->Flags);
    Transmit->Flags = Info->Flags;
    for (ULONG i = 0; i < Info->ElementCount && NT_SUCCESS(Status); i++) {
        AFD_TRANSMIT_PACKETS_ELEMENT Element;
        Status = ExCopyFromUser(&Element, ExUserField(Info->ElementArray, i * sizeof Element), sizeof Element, 1);
        if (NT_SUCCESS(Status))
            Status = AfdpAddElement(Transmit, &Element);
    }
    return Status;
}

/* Statuses as TRANSMIT_FILE's; STATUS_INVALID_PARAMETER: an element that is neither memory nor file. */
NTSTATUS AfdTransmitPackets(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    AFD_TRANSMIT_PACKETS_INFO Info;
    AFD_TRANSMIT *Transmit;
    NTSTATUS Status = ExCopyFromUser(&Info, Stack->Parameters.DeviceIoControl.Type3InputBuffer, sizeof Info, 1);

    if (!NT_SUCCESS(Status))
        return AfdCompleteIrp(Irp, Status, 0);
    Transmit = Info.ElementCount <= AFD_TRANSMIT_ELEMENTS_MAX
        ? AfdpAllocateTransmit(Endpoint, Irp, Info.ElementCount) : NULL;
    if (Transmit == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Status = AfdpPreparePackets(Transmit, &Info);
    return NT_SUCCESS(Status) ? AfdpStartTransmit(Transmit) : AfdpFailTransmit(Transmit, Status);
}
