/* SPDX-License-Identifier: MIT */
/*
 * afd_datagram.c - IOCTL_AFD_SEND_DATAGRAM and IOCTL_AFD_RECEIVE_DATAGRAM.
 *
 * Layer: afd. A datagram is sent whole or not at all, so unlike a stream's send the fast path may always try.
 */
#include "afd_events.h"
#include "afd_receive.h"
#include "afd_requests.h"
#include "afd_send.h"

/* --- send --- */
static NTSTATUS AfdpFinishSendDatagram(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    AFD_ENDPOINT *Endpoint = Operation->Endpoint;
    if (NT_SUCCESS(Status) && AfdEndpointState(Endpoint) == AfdOpen) {
        AfdLockEndpoint(Endpoint);
        if (Endpoint->State == AfdOpen && !Endpoint->InTransition)
            AfdSetState(Endpoint, AfdBound); /* the transport has bound it */
        AfdUnlockEndpoint(Endpoint);
    }
    return AfdFinishSend(Operation, Status, Information);
}

/*
 * STATUS_INVALID_PARAMETER: a stream endpoint, input too short, no buffers; STATUS_INVALID_CONNECTION: no address and
 * no peer; STATUS_INVALID_ADDRESS; STATUS_CONNECTION_ACTIVE is not used: on a connected endpoint an
 * address overrides the peer, as on Windows [doc:winsock2/sendto]; AfdCheckSendState's, AfdCaptureBuffers'
 * and the transport's Open statuses.
 */
NTSTATUS AfdPrepareSendDatagram(AFD_OPERATION *Operation, const VOID *Input, ULONG InputLength)
{
    AFD_ENDPOINT *Endpoint = Operation->Endpoint;
    AFD_SEND_DATAGRAM_INFO Info;
    TL_ENDPOINT *Transport;
    NTSTATUS Status;

    Operation->Finish = AfdpFinishSendDatagram;
    if (Endpoint->Kind != AfdDatagram)
        return STATUS_INVALID_PARAMETER;
    Status = AfdCheckSendState(Endpoint);
    if (!NT_SUCCESS(Status))
        return Status;
    if (InputLength < sizeof Info)
        return STATUS_INVALID_PARAMETER;
    Status = ExCopyFromUser(&Info, Input, sizeof Info, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Info.TdiFlags & TDI_SEND_EXPEDITED)
        return STATUS_NOT_SUPPORTED;
    if (Info.RemoteAddress != NULL)
        Status = AfdReadAddress(Endpoint, Info.RemoteAddress, Info.RemoteAddressLength, FALSE, Operation->Tl.Address,
            &Operation->Tl.AddressLength);
    else if (AfdEndpointState(Endpoint) != AfdConnected)
        Status = STATUS_INVALID_CONNECTION;
    if (!NT_SUCCESS(Status))
        return Status;
    Operation->AfdFlags = Info.AfdFlags;
    Operation->Tl.MessageFlags = AfdTranslateSendFlags(Info.TdiFlags);
    Status = AfdCaptureBuffers(Operation, Info.BufferArray, Info.BufferCount);
    if (!NT_SUCCESS(Status))
        return Status;
    return AfdEnsureTransport(Endpoint, &Transport);
}

NTSTATUS AfdSendDatagram(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    AFD_REQUEST *Request = AfdAllocateRequest(Endpoint, Irp);
    NTSTATUS Status;

    if (Request == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Status = AfdPrepareSendDatagram(&Request->Operation, Stack->Parameters.DeviceIoControl.Type3InputBuffer,
        Stack->Parameters.DeviceIoControl.InputBufferLength);
    if (!NT_SUCCESS(Status))
        return AfdFailRequest(Request, Status);
    return AfdSubmitRequest(Request, AfdTransport->SendDatagram, AfdMayNotPend(&Request->Operation));
}

BOOLEAN AfdTryDatagram(AFD_OPERATION *Operation, AFD_DOWNCALL *Downcall, NTSTATUS *Status,
    ULONG_PTR *Information)
{
    if (Operation->AfdFlags & AFD_NO_FAST_IO)
        return FALSE;
    Operation->Tl.Flags |= TL_REQUEST_NO_PEND;
    *Status = Downcall(AfdEndpointTransport(Operation->Endpoint), &Operation->Tl);
    if (*Status == STATUS_DEVICE_NOT_READY && !AfdMayNotPend(Operation))
        return FALSE;
    *Status = Operation->Finish(Operation, *Status, Information);
    return TRUE;
}

BOOLEAN AfdFastSendDatagram(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control, BOOLEAN Wait, PIO_STATUS_BLOCK IoStatus)
{
    AFD_OPERATION Operation;
    NTSTATUS Status;
    ULONG_PTR Information = 0;
    BOOLEAN Done = TRUE;

    AfdInitializeDatagram(&Operation, Endpoint);
    Status = AfdPrepareSendDatagram(&Operation, Control->Input, Control->InputLength);
    if (NT_SUCCESS(Status))
        Done = AfdTryDatagram(&Operation, AfdTransport->SendDatagram, &Status, &Information);
    AfdReleaseBuffers(&Operation);
    IoStatus->Status = Status;
    IoStatus->Information = Information;
    return Done;
}

/* --- receive --- */
NTSTATUS AfdFinishReceiveDatagram(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    ULONG Length = Operation->Tl.AddressLength;
    NTSTATUS CopyStatus = STATUS_SUCCESS;

    Status = AfdFinishReceive(Operation, Status, Information);
    if ((!NT_SUCCESS(Status) && Status != STATUS_BUFFER_OVERFLOW) || Operation->Address == NULL)
        return Status;
    if (Length > Operation->AddressRoom)
        Length = Operation->AddressRoom;
    CopyStatus = ExCopyToUser(Operation->Address, Operation->Tl.Address, Length, 1);
    if (NT_SUCCESS(CopyStatus) && Operation->AddressLength != NULL)
        CopyStatus = ExCopyToUser(Operation->AddressLength, &Length, sizeof Length, 1);
    return NT_SUCCESS(CopyStatus) ? Status : CopyStatus;
}

/*
 * STATUS_INVALID_PARAMETER: a stream endpoint, not bound, input too short, flags, no buffers;
 * STATUS_ACCESS_VIOLATION: also a room for the address that is too small [doc:winsock2/recvfrom];
 * AfdCheckReceiveState's, AfdCaptureBuffers'.
 */
NTSTATUS AfdPrepareReceiveDatagram(AFD_OPERATION *Operation, const VOID *Input, ULONG InputLength)
{
    AFD_ENDPOINT *Endpoint = Operation->Endpoint;
    AFD_RECV_DATAGRAM_INFO Info;
    NTSTATUS Status;

    Operation->Finish = AfdFinishReceiveDatagram;
    if (Endpoint->Kind != AfdDatagram)
        return STATUS_INVALID_PARAMETER;
    Status = AfdCheckReceiveState(Endpoint);
    if (!NT_SUCCESS(Status))
        return Status;
    if (InputLength < sizeof Info)
        return STATUS_INVALID_PARAMETER;
    Status = ExCopyFromUser(&Info, Input, sizeof Info, 1);
    if (NT_SUCCESS(Status))
        Status = AfdTranslateReceiveFlags(Info.TdiFlags, &Operation->Tl.MessageFlags);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Operation->Tl.MessageFlags & AFD_MSG_OOB)
        return STATUS_NOT_SUPPORTED;
    Operation->Tl.MessageFlags &= ~(ULONG)AFD_MSG_WAITALL; /* a datagram is whole */
    if (Info.Address != NULL && Info.AddressLength != NULL) {
        Status = ExCopyFromUser(&Operation->AddressRoom, Info.AddressLength, sizeof Operation->AddressRoom, 1);
        if (NT_SUCCESS(Status) && Operation->AddressRoom < AfdAddressLength(Endpoint))
            Status = STATUS_ACCESS_VIOLATION;
        if (NT_SUCCESS(Status))
            Status = ExProbeForWrite(Info.Address, AfdAddressLength(Endpoint));
        if (!NT_SUCCESS(Status))
            return Status;
        Operation->Address = Info.Address;
        Operation->AddressLength = Info.AddressLength;
    }
    Operation->AfdFlags = Info.AfdFlags;
    return AfdCaptureBuffers(Operation, Info.BufferArray, Info.BufferCount);
}

NTSTATUS AfdReceiveDatagram(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    AFD_REQUEST *Request = AfdAllocateRequest(Endpoint, Irp);
    NTSTATUS Status;

    if (Request == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Status = AfdPrepareReceiveDatagram(&Request->Operation, Stack->Parameters.DeviceIoControl.Type3InputBuffer,
        Stack->Parameters.DeviceIoControl.InputBufferLength);
    if (!NT_SUCCESS(Status))
        return AfdFailRequest(Request, Status);
    AfdBeginEnablingCall(Endpoint, AFD_POLL_RECEIVE);
    return AfdSubmitRequest(Request, AfdTransport->ReceiveDatagram, AfdMayNotPend(&Request->Operation));
}

BOOLEAN AfdFastReceiveDatagram(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control, BOOLEAN Wait, PIO_STATUS_BLOCK IoStatus)
{
    AFD_OPERATION Operation;
    NTSTATUS Status;
    ULONG_PTR Information = 0;
    BOOLEAN Done = TRUE;

    AfdInitializeDatagram(&Operation, Endpoint);
    Status = AfdPrepareReceiveDatagram(&Operation, Control->Input, Control->InputLength);
    if (NT_SUCCESS(Status)) {
        AfdBeginEnablingCall(Endpoint, AFD_POLL_RECEIVE);
        Done = AfdTryDatagram(&Operation, AfdTransport->ReceiveDatagram, &Status, &Information);
    }
    AfdReleaseBuffers(&Operation);
    IoStatus->Status = Status;
    IoStatus->Information = Information;
    return Done;
}
