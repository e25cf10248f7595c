/* SPDX-License-Identifier: MIT */
/*
 * afd_message.c - IOCTL_AFD_RECEIVE_MESSAGE and IOCTL_AFD_SEND_MESSAGE: datagrams with control data.
 *
 * Layer: afd. NT counterpart: the requests behind WSARecvMsg and WSASendMsg. They are the datagram requests with
 * something added; control data are translated by the transport.
 */
#include "afd_events.h"
#include "afd_receive.h"
#include "afd_requests.h"
#include "afd_send.h"

#define AFD_CONTROL_MAX 65536

/* --- receive --- */
/* STATUS_BUFFER_OVERFLOW: the datagram or its control data were cut; the flags say which. [test:wine/ws2_32/sock.c] */
static NTSTATUS AfdpFinishReceiveMessage(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    ULONG Flags = Operation->Tl.MessageFlags & TL_MESSAGE_ALL;
    NTSTATUS CopyStatus = STATUS_SUCCESS;

    Status = AfdFinishReceiveDatagram(Operation, Status, Information);
    if (!NT_SUCCESS(Status) && Status != STATUS_BUFFER_OVERFLOW)
        return Status;
    if (Flags & TL_MESSAGE_CONTROL_TRUNCATED)
        Status = STATUS_BUFFER_OVERFLOW;
    if (Operation->ControlLength != NULL)
        CopyStatus = ExCopyToUser(Operation->ControlLength, &Operation->Tl.ControlLength, sizeof(ULONG), 1);
    if (NT_SUCCESS(CopyStatus) && Operation->MessageFlags != NULL)
        CopyStatus = ExCopyToUser(Operation->MessageFlags, &Flags, sizeof Flags, 1);
    return NT_SUCCESS(CopyStatus) ? Status : CopyStatus;
}

/* AfdPrepareReceiveDatagram's; STATUS_ACCESS_VIOLATION: also the room for control data. */
static NTSTATUS AfdpPrepareReceiveMessage(AFD_OPERATION *Operation, const VOID *Input, ULONG InputLength)
{
    AFD_RECV_MESSAGE_INFO Info;
    NTSTATUS Status = AfdPrepareReceiveDatagram(Operation, Input, InputLength);

    Operation->Finish = AfdpFinishReceiveMessage;
    if (NT_SUCCESS(Status))
        Status = ExCopyFromUser(&Info, Input, sizeof Info, 1);
    if (NT_SUCCESS(Status) && Info.ControlLength != NULL)
        Status = ExCopyFromUser(&Operation->Tl.ControlLength, Info.ControlLength, sizeof(ULONG), 1);
    if (NT_SUCCESS(Status) && Operation->Tl.ControlLength != 0)
        Status = ExProbeUserRange(Info.ControlBuffer, Operation->Tl.ControlLength);
    if (!NT_SUCCESS(Status))
        return Status;
    Operation->ControlLength = Info.ControlLength;
    Operation->MessageFlags = Info.MessageFlags;
    Operation->Tl.Control = Info.ControlBuffer;
    Operation->Tl.Flags = TL_REQUEST_MESSAGE;
    return STATUS_SUCCESS;
}

NTSTATUS AfdReceiveMessage(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    AFD_REQUEST *Request = AfdAllocateRequest(Endpoint, Irp);
    NTSTATUS Status;

    if (Request == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Status = AfdpPrepareReceiveMessage(&Request->Operation, Stack->Parameters.DeviceIoControl.Type3InputBuffer,
        Stack->Parameters.DeviceIoControl.InputBufferLength);
    if (!NT_SUCCESS(Status))
        return AfdFailRequest(Request, Status);
    AfdBeginEnablingCall(Endpoint, AFD_POLL_RECEIVE);
    return AfdSubmitRequest(Request, AfdTransport->ReceiveDatagram, AfdMayNotPend(&Request->Operation));
}

/* --- send --- */
/* AfdPrepareSendDatagram's; STATUS_INVALID_PARAMETER: absurdly much control data. */
static NTSTATUS AfdpPrepareSendMessage(AFD_OPERATION *Operation, const VOID *Input, ULONG InputLength)
{
    AFD_SEND_MESSAGE_INFO Info;
    NTSTATUS Status = AfdPrepareSendDatagram(Operation, Input, InputLength);

    if (NT_SUCCESS(Status))
        Status = ExCopyFromUser(&Info, Input, sizeof Info, 1);
    if (!NT_SUCCESS(Status) || Info.ControlLength == 0)
        return Status;
    if (Info.ControlLength > AFD_CONTROL_MAX)
        return STATUS_INVALID_PARAMETER;
    Operation->Control = ExAllocatePoolWithTag(NonPagedPool, Info.ControlLength, AFD_TAG_BUFFERS);
    if (Operation->Control == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Operation->Tl.Control = Operation->Control;
    Operation->Tl.ControlLength = Info.ControlLength;
    Operation->Tl.Flags = TL_REQUEST_MESSAGE;
    return ExCopyFromUser(Operation->Control, Info.ControlBuffer, Info.ControlLength, 1);
}

NTSTATUS AfdSendMessage(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    AFD_REQUEST *Request = AfdAllocateRequest(Endpoint, Irp);
    NTSTATUS Status;

    if (Request == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Status = AfdpPrepareSendMessage(&Request->Operation, Stack->Parameters.DeviceIoControl.Type3InputBuffer,
        Stack->Parameters.DeviceIoControl.InputBufferLength);
    if (!NT_SUCCESS(Status))
        return AfdFailRequest(Request, Status);
    return AfdSubmitRequest(Request, AfdTransport->SendDatagram, AfdMayNotPend(&Request->Operation));
}

/* --- the fast paths --- */
static BOOLEAN AfdpFinishFast(AFD_OPERATION *Operation, AFD_DOWNCALL *Downcall, NTSTATUS Status,
    PIO_STATUS_BLOCK IoStatus)
{
    ULONG_PTR Information = 0;
    BOOLEAN Done = TRUE;
    if (NT_SUCCESS(Status))
        Done = AfdTryDatagram(Operation, Downcall, &Status, &Information);
    AfdReleaseBuffers(Operation);
    IoStatus->Status = Status;
    IoStatus->Information = Information;
    return Done;
}

BOOLEAN AfdFastSendMessage(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control, BOOLEAN Wait, PIO_STATUS_BLOCK IoStatus)
{
    AFD_OPERATION Operation;
    NTSTATUS Status;
    if (Control->InputLength < sizeof(AFD_SEND_MESSAGE_INFO))
        return FALSE; /* the IRP will be told */
    AfdInitializeDatagram(&Operation, Endpoint);
    Status = AfdpPrepareSendMessage(&Operation, Control->Input, Control->InputLength);
    return AfdpFinishFast(&Operation, AfdTransport->SendDatagram, Status, IoStatus);
}

BOOLEAN AfdFastReceiveMessage(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control, BOOLEAN Wait, PIO_STATUS_BLOCK IoStatus)
{
    AFD_OPERATION Operation;
    NTSTATUS Status;
    if (Control->InputLength < sizeof(AFD_RECV_MESSAGE_INFO))
        return FALSE; /* the IRP will be told */
    AfdInitializeDatagram(&Operation, Endpoint);
    Status = AfdpPrepareReceiveMessage(&Operation, Control->Input, Control->InputLength);
    if (NT_SUCCESS(Status))
        AfdBeginEnablingCall(Endpoint, AFD_POLL_RECEIVE);
    return AfdpFinishFast(&Operation, AfdTransport->ReceiveDatagram, Status, IoStatus);
}
