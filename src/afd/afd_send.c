/* SPDX-License-Identifier: MIT */
/*
 * afd_send.c - IOCTL_AFD_SEND: data for a stream, or for the peer of a connected datagram endpoint.
 *
 * Layer: afd. NT counterpart: AFD's send path, without its buffers: the host buffers.
 *
 * A send of a blocking endpoint, or one marked AFD_OVERLAPPED, completes with all its bytes. The transport may
 * take a part. As an IRP that is simple: the request pends with its progress. The fast path cannot pend,
 * and after a part was taken it can no longer say "send an IRP". So it does this:
 *   - the endpoint is non-blocking, the request not overlapped: one attempt, and where there is any room the
 *     whole is taken: the transport keeps the rest (TL_REQUEST_WHOLE);
 *   - else, more than AFD_FAST_SEND_MAX bytes, or AFD_FAST_OVERLAPPED_MAX of an overlapped request, or the caller may
 *     not be made to wait (Wait is FALSE) and has not said AFD_OVERLAPPED: no attempt, an IRP;
 *   - else, one attempt. Nothing taken: an IRP. All taken: done. A part taken, which happens when the host's buffer
 *     is nearly full: of an overlapped send the transport keeps the rest, as AFD's buffers do on Windows, and it
 *     completes. Of a blocking one, and where nothing more can be kept, the rest is submitted as a pending request
 *     on the caller's stack and waited for here. Closing the socket ends that wait. A time-out would not: callers
 *     under SO_SNDTIMEO set AFD_NO_FAST_IO.
 */
#include "afd_send.h"

#include "afd_events.h"
#include "afd_requests.h"

#define AFD_FAST_SEND_MAX 65536
#define AFD_FAST_OVERLAPPED_MAX 8192 /* of which the rest may have to be copied */

NTSTATUS AfdFinishSend(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    if (NT_SUCCESS(Status))
        *Information = Operation->Tl.Bytes;
    /* FD_WRITE is recorded again only after a send that would have blocked. [doc:winsock2/WSAEventSelect] */
    if (Status == STATUS_DEVICE_NOT_READY)
        AfdEndEnablingCall(Operation->Endpoint, AFD_POLL_SEND, FALSE);
    return Status;
}

ULONG AfdTranslateSendFlags(ULONG TdiFlags)
{
    return (TdiFlags & TDI_SEND_EXPEDITED ? AFD_MSG_OOB : 0) | (TdiFlags & TDI_SEND_DONT_ROUTE ? AFD_MSG_DONTROUTE : 0);
}

static NTSTATUS AfdpSendStateStatus(const AFD_ENDPOINT *Endpoint, AFD_ENDPOINT_STATE State)
{
    UCHAR Ended = AfdEndpointEnded(Endpoint);
    if (State == AfdClosing)
        return STATUS_FILE_CLOSED;
    if (Ended & AFD_ENDED_ABORT)
        return STATUS_LOCAL_DISCONNECT;
    if (Ended & AFD_ENDED_SEND)
        return STATUS_PIPE_DISCONNECTED;
    return STATUS_SUCCESS;
}

NTSTATUS AfdCheckSendState(const AFD_ENDPOINT *Endpoint)
{
    return AfdpSendStateStatus(Endpoint, AfdEndpointState(Endpoint));
}

NTSTATUS AfdCheckConnectedSendState(const AFD_ENDPOINT *Endpoint)
{
    /* One look: between two, a close would turn "connected" into "never was". */
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    NTSTATUS Status = AfdpSendStateStatus(Endpoint, State);
    return NT_SUCCESS(Status) && State != AfdConnected ? STATUS_INVALID_CONNECTION : Status;
}

/*
 * Fills in the operation. AfdCheckConnectedSendState's; STATUS_INVALID_PARAMETER: input too short, no buffers;
 * STATUS_NOT_SUPPORTED: out-of-band data on a datagram endpoint; and AfdCaptureBuffers'.
 */
static NTSTATUS AfdpPrepareSend(AFD_OPERATION *Operation, const VOID *Input, ULONG InputLength)
{
    AFD_ENDPOINT *Endpoint = Operation->Endpoint;
    AFD_SEND_INFO Info;
    NTSTATUS Status;

    Operation->Finish = AfdFinishSend;
    Status = AfdCheckConnectedSendState(Endpoint);
    if (!NT_SUCCESS(Status))
        return Status;
    if (InputLength < sizeof Info)
        return STATUS_INVALID_PARAMETER;
    Status = ExCopyFromUser(&Info, Input, sizeof Info, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Endpoint->Kind == AfdDatagram && (Info.TdiFlags & TDI_SEND_EXPEDITED))
        return STATUS_NOT_SUPPORTED;
    Operation->AfdFlags = Info.AfdFlags;
    Operation->Tl.MessageFlags = AfdTranslateSendFlags(Info.TdiFlags);
    return AfdCaptureBuffers(Operation, Info.BufferArray, Info.BufferCount);
}

static AFD_DOWNCALL *AfdpSendDowncall(const AFD_ENDPOINT *Endpoint)
{
    return Endpoint->Kind == AfdDatagram ? AfdTransport->SendDatagram : AfdTransport->Send;
}

NTSTATUS AfdSend(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    AFD_REQUEST *Request = AfdAllocateTransfer(Endpoint, Irp);
    NTSTATUS Status;

    if (Request == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Status = AfdpPrepareSend(&Request->Operation, Stack->Parameters.DeviceIoControl.Type3InputBuffer,
        Stack->Parameters.DeviceIoControl.InputBufferLength);
    if (!NT_SUCCESS(Status))
        return AfdFailRequest(Request, Status);
    Request->Operation.Tl.Flags |= TL_REQUEST_WHOLE;
    return AfdSubmitRequest(Request, AfdpSendDowncall(Endpoint), AfdMayNotPend(&Request->Operation));
}

/* --- the fast path --- */
typedef struct AFD_WAITED_OPERATION {
    AFD_OPERATION Rest;
    KE_COMPLETION Done;
} AFD_WAITED_OPERATION;

static VOID AfdpRestCompleted(AFD_OPERATION *Operation)
{
    KeSignalCompletion(&CONTAINING_RECORD(Operation, AFD_WAITED_OPERATION, Rest)->Done);
}

/* The first Sent bytes were taken: sends the rest and waits for it. Tl.Bytes becomes the sum. */
static NTSTATUS AfdpSendRest(AFD_OPERATION *Operation)
{
    AFD_ENDPOINT *Endpoint = Operation->Endpoint;
    SIZE_T Sent = Operation->Tl.Bytes;
    AFD_WAITED_OPERATION Waited;
    NTSTATUS Status;

    AfdAdvanceBuffers(Operation, Sent);
    AfdInitializeOperation(&Waited.Rest, Endpoint);
    Waited.Rest.Completed = AfdpRestCompleted;
    Waited.Rest.Tl.Buffers = Operation->Tl.Buffers;
    Waited.Rest.Tl.BufferCount = Operation->Tl.BufferCount;
    Waited.Rest.Tl.MessageFlags = Operation->Tl.MessageFlags;
    Waited.Rest.Tl.Flags = TL_REQUEST_DIRECT;
    KeInitializeCompletion(&Waited.Done);
    Status = AfdTransport->Send(AfdEndpointTransport(Endpoint), &Waited.Rest.Tl);
    if (Status == STATUS_PENDING) {
        (VOID)KeWaitCompletion(&Waited.Done, FALSE, NULL);
        KeClearDirectWait();
        Status = Waited.Rest.Tl.Status;
    }
    Operation->Tl.Bytes = Sent + Waited.Rest.Tl.Bytes;
    return Status;
}

/* FALSE: an IRP has to do it, nothing was sent. */
static BOOLEAN AfdpTryFastSend(AFD_OPERATION *Operation, BOOLEAN Wait, NTSTATUS *Status)
{
    AFD_ENDPOINT *Endpoint = Operation->Endpoint;
    BOOLEAN Whole = Endpoint->Kind == AfdStream && !AfdMayNotPend(Operation);
    BOOLEAN Overlapped = (Operation->AfdFlags & AFD_OVERLAPPED) != 0;

    if (Operation->AfdFlags & AFD_NO_FAST_IO)
        return FALSE;
    if (Whole && (Overlapped ? Operation->Bytes > AFD_FAST_OVERLAPPED_MAX
                             : !Wait || Operation->Bytes > AFD_FAST_SEND_MAX))
        return FALSE;
    Operation->Tl.Flags = TL_REQUEST_NO_PEND;
    if (!Whole || Overlapped) /* what may not wait, and is taken in part, is taken whole */
        Operation->Tl.Flags |= TL_REQUEST_WHOLE;
    if (Overlapped)
        Operation->Tl.Flags |= TL_REQUEST_FOLLOWED;
    *Status = AfdpSendDowncall(Endpoint)(AfdEndpointTransport(Endpoint), &Operation->Tl);
    if (*Status == STATUS_DEVICE_NOT_READY && !AfdMayNotPend(Operation))
        return FALSE;
    if (Whole && NT_SUCCESS(*Status) && Operation->Tl.Bytes < Operation->Bytes)
        *Status = AfdpSendRest(Operation);
    return TRUE;
}

BOOLEAN AfdFastSend(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control, BOOLEAN Wait, PIO_STATUS_BLOCK IoStatus)
{
    AFD_OPERATION Operation;
    NTSTATUS Status;
    ULONG_PTR Information = 0;
    BOOLEAN Done = TRUE;

    AfdInitializeOperation(&Operation, Endpoint);
    Status = AfdpPrepareSend(&Operation, Control->Input, Control->InputLength);
    if (NT_SUCCESS(Status)) {
        Done = AfdpTryFastSend(&Operation, Wait, &Status);
        if (Done)
            Status = Operation.Finish(&Operation, Status, &Information);
    }
    AfdReleaseBuffers(&Operation);
    IoStatus->Status = Status;
    IoStatus->Information = Information;
    return Done;
}
