/* SPDX-License-Identifier: MIT */
/*
 * afd_super_connect.c - IOCTL_AFD_SUPER_CONNECT: connect and first data in one request.
 *
 * Layer: afd. NT counterpart: the request behind ConnectEx. Two steps of one AFD_REQUEST: the connect, then,
 * if there is data, the send. The data is copied: a program may use its buffer again as soon as
 * the call has returned [test:wine/ws2_32/sock.c]. Once its parameters are found right the request always
 * pends, whatever its end. Left out: direct polling.
 */
#include "afd_events.h"
#include "afd_request.h"
#include "afd_requests.h"
#include "iomgr.h"

static struct KE_POLLER *AfdpPollerOf(PIRP Irp)
{
    return IoFilePoller(IoGetCurrentIrpStackLocation(Irp)->FileObject);
}

static NTSTATUS AfdpFinishFirstSend(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    if (NT_SUCCESS(Status))
        *Information = Operation->Tl.Bytes;
    return Status == STATUS_FILE_CLOSED ? STATUS_CANCELLED : Status; /* closed between the steps */
}

static NTSTATUS AfdpFinishSuperConnect(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    AFD_REQUEST *Request = CONTAINING_RECORD(Operation, AFD_REQUEST, Operation);

    Status = AfdEndConnect(Operation->Endpoint, Status);
    if (!NT_SUCCESS(Status) || Operation->Allocated == NULL)
        return Status;
    Operation->Finish = AfdpFinishFirstSend;
    Operation->Tl.AddressLength = 0;
    (VOID)AfdSubmitStep(Request, AfdTransport->Send, AfdpPollerOf(Request->Irp));
    return STATUS_MORE_PROCESSING_REQUIRED;
}

/* A copy of the output buffer, as a buffer list of one. */
static NTSTATUS AfdpCaptureFirstData(AFD_OPERATION *Operation, const VOID *Data, ULONG Length)
{
    TL_BUFFER *Buffer;
    NTSTATUS Status;

    if (Length == 0)
        return STATUS_SUCCESS;
    Status = ExProbeUserRange((PVOID)Data, Length);
    if (!NT_SUCCESS(Status))
        return Status;
    Buffer = ExAllocatePoolWithTag(NonPagedPool, sizeof *Buffer + (SIZE_T)Length, AFD_TAG_BUFFERS);
    if (Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Operation->Allocated = Buffer; /* freed with the operation */
    Buffer->length = Length;
    Buffer->base = (PCHAR)(Buffer + 1);
    Operation->Tl.Buffers = Buffer;
    Operation->Tl.BufferCount = 1;
    Operation->Bytes = Length;
    return ExCopyFromUser(Buffer->base, Data, Length, 1);
}

static NTSTATUS AfdpSuperConnectStateStatus(AFD_ENDPOINT_STATE State)
{
    switch (State) {
    case AfdConnected:
        return STATUS_CONNECTION_ACTIVE;
    case AfdClosing:
        return STATUS_FILE_CLOSED;
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

static NTSTATUS AfdpPrepareSuperConnect(AFD_REQUEST *Request, const IO_STACK_LOCATION *Stack)
{
    const ULONG Offset = UFIELD_OFFSET(AFD_SUPER_CONNECT_INFO, RemoteAddress);
    const VOID *Input = Stack->Parameters.DeviceIoControl.Type3InputBuffer;
    AFD_OPERATION *Operation = &Request->Operation;
    AFD_ENDPOINT *Endpoint = Operation->Endpoint;
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    NTSTATUS Status;

    Operation->Finish = AfdpFinishSuperConnect;
    if (Endpoint->Kind != AfdStream)
        return STATUS_INVALID_PARAMETER;
    if (State != AfdBound)
        return AfdpSuperConnectStateStatus(State);
    Status = AfdReadAddress(Endpoint, ExUserField(Input, Offset),
        Stack->Parameters.DeviceIoControl.InputBufferLength - Offset, FALSE, Operation->Tl.Address,
        &Operation->Tl.AddressLength);
    if (NT_SUCCESS(Status))
        Status = AfdCheckConnectAddress(Operation->Tl.Address);
    if (NT_SUCCESS(Status))
        Status = AfdpCaptureFirstData(Operation, Request->Irp->UserBuffer,
            Stack->Parameters.DeviceIoControl.OutputBufferLength);
    if (NT_SUCCESS(Status) &&
        !AfdBeginConnect(Endpoint, AFD_STATE_BIT(AfdBound), TRUE, Operation->Tl.Address, &State, &Status) &&
        NT_SUCCESS(Status))
        Status = AfdpSuperConnectStateStatus(State);
    return Status;
}

/*
 * At once: STATUS_INVALID_PARAMETER: not a stream, not bound, connecting, listening, input too short;
 * STATUS_CONNECTION_ACTIVE; STATUS_INVALID_ADDRESS; STATUS_ACCESS_VIOLATION. Later: the transport's, for example
 * STATUS_CONNECTION_REFUSED: the endpoint is Bound again and may try once more. [doc:mswsock/connectex]
 */
NTSTATUS AfdSuperConnect(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    AFD_REQUEST *Request = AfdAllocateRequest(Endpoint, Irp);
    NTSTATUS Status;

    if (Request == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Status = AfdpPrepareSuperConnect(Request, Stack);
    if (!NT_SUCCESS(Status))
        return AfdFailRequest(Request, Status);
    IoMarkIrpPending(Irp);
    (VOID)AfdSubmitStep(Request, AfdTransport->Connect, AfdpPollerOf(Irp));
    return STATUS_PENDING;
}
