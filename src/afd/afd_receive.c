/* SPDX-License-Identifier: MIT */
/*
 * afd_receive.c - IOCTL_AFD_RECEIVE: data of a stream, or of a datagram endpoint without its address.
 *
 * Layer: afd. NT counterpart: AFD's receive path, without its buffers: the host buffers.
 */
#include "afd_receive.h"

#include "afd_events.h"
#include "afd_requests.h"

static ULONG AfdpReceiveEvent(const AFD_OPERATION *Operation)
{
    return Operation->Tl.MessageFlags & AFD_MSG_OOB ? AFD_POLL_RECEIVE_EXPEDITED : AFD_POLL_RECEIVE;
}

/* Has the receive itself shown that nothing is left? It would have had to wait, or it has left room. */
static BOOLEAN AfdpHasExhausted(const AFD_OPERATION *Operation, NTSTATUS Status)
{
    const TL_REQUEST *Tl = &Operation->Tl;
    if (Operation->Endpoint->Kind != AfdStream)
        return FALSE;
    if (Status == STATUS_DEVICE_NOT_READY)
        return TRUE;
    return Status == STATUS_SUCCESS && Tl->Bytes < Operation->Bytes && Tl->Bytes != 0 &&
        (Tl->MessageFlags & TL_MESSAGE_STOPPED) == 0;
}

NTSTATUS AfdFinishReceive(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    BOOLEAN Exhausted = AfdpHasExhausted(Operation, Status);
    if (NT_SUCCESS(Status) || Status == STATUS_BUFFER_OVERFLOW)
        *Information = Operation->Tl.Bytes;
    if (Status == STATUS_SUCCESS && Operation->Endpoint->Kind == AfdDatagram &&
        (Operation->Tl.MessageFlags & TL_MESSAGE_TRUNCATED))
        Status = STATUS_BUFFER_OVERFLOW;
    AfdEndEnablingCall(Operation->Endpoint, AfdpReceiveEvent(Operation), Exhausted);
    return Status;
}

NTSTATUS AfdTranslateReceiveFlags(ULONG TdiFlags, ULONG *MessageFlags)
{
    const ULONG Kind = TdiFlags & (TDI_RECEIVE_NORMAL | TDI_RECEIVE_EXPEDITED);
    /* Exactly one of the two. [obs:afd/recv] */
    if (Kind != TDI_RECEIVE_NORMAL && Kind != TDI_RECEIVE_EXPEDITED)
        return STATUS_INVALID_PARAMETER;
    *MessageFlags = (Kind == TDI_RECEIVE_EXPEDITED ? AFD_MSG_OOB : 0) |
        (TdiFlags & TDI_RECEIVE_PEEK ? AFD_MSG_PEEK : 0) | (TdiFlags & TDI_RECEIVE_NO_PUSH ? AFD_MSG_WAITALL : 0);
    return STATUS_SUCCESS;
}

/* The state comes before the parameters. [obs:afd/recv] */
NTSTATUS AfdCheckReceiveState(const AFD_ENDPOINT *Endpoint)
{
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    UCHAR Ended = AfdEndpointEnded(Endpoint);

    if (State == AfdClosing)
        return STATUS_FILE_CLOSED;
    if (Endpoint->Kind == AfdDatagram) {
        if (State == AfdOpen)
            return STATUS_INVALID_PARAMETER;
    } else if (State != AfdConnected) {
        return STATUS_INVALID_CONNECTION;
    }
    if (Ended & AFD_ENDED_ABORT)
        return STATUS_LOCAL_DISCONNECT;
    if (Ended & AFD_ENDED_RECEIVE)
        return STATUS_PIPE_DISCONNECTED;
    return STATUS_SUCCESS;
}

/*
 * Fills in the operation. STATUS_INVALID_CONNECTION: not connected; STATUS_PIPE_DISCONNECTED: after shutdown;
 * STATUS_LOCAL_DISCONNECT: after an abortive disconnect; STATUS_INVALID_PARAMETER: unbound datagram endpoint,
 * input too short, flags, no buffers; STATUS_NOT_SUPPORTED: MSG_WAITALL in non-blocking mode, which could
 * not wait [doc:winsock2/recv]; and AfdCaptureBuffers'.
 */
static NTSTATUS AfdpPrepareReceive(AFD_OPERATION *Operation, const VOID *Input, ULONG InputLength)
{
    AFD_ENDPOINT *Endpoint = Operation->Endpoint;
    AFD_RECV_INFO Info;
    NTSTATUS Status;

    Operation->Finish = AfdFinishReceive;
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
    Operation->AfdFlags = Info.AfdFlags;
    if (Endpoint->Kind == AfdDatagram) {
        if (Operation->Tl.MessageFlags & AFD_MSG_OOB)
            return STATUS_NOT_SUPPORTED;
        Operation->Tl.MessageFlags &= ~(ULONG)AFD_MSG_WAITALL; /* a datagram is whole */
    }
    if ((Operation->Tl.MessageFlags & AFD_MSG_WAITALL) && AfdMayNotPend(Operation))
        return STATUS_NOT_SUPPORTED;
    return AfdCaptureBuffers(Operation, Info.BufferArray, Info.BufferCount);
}

static AFD_DOWNCALL *AfdpReceiveDowncall(const AFD_ENDPOINT *Endpoint)
{
    return Endpoint->Kind == AfdDatagram ? AfdTransport->ReceiveDatagram : AfdTransport->Receive;
}

/*
 * A receive of a connection that this side closes ends with STATUS_CONNECTION_ABORTED if it is overlapped
 * [test:wine/ws2_32/sock.c]; one that a thread is blocked in is interrupted, and so are datagram receives.
 */
NTSTATUS AfdFinishReceiveIrp(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    PIRP Irp = CONTAINING_RECORD(Operation, AFD_REQUEST, Operation)->Irp;
    if ((Status == STATUS_CANCELLED || Status == STATUS_FILE_CLOSED) && Operation->Endpoint->Kind == AfdStream &&
        AfdEndpointState(Operation->Endpoint) == AfdClosing && (Operation->AfdFlags & AFD_OVERLAPPED) != 0 &&
        !__atomic_load_n(&Irp->Cancel, __ATOMIC_SEQ_CST))
        Status = STATUS_CONNECTION_ABORTED;
    return AfdFinishReceive(Operation, Status, Information);
}

NTSTATUS AfdRefusedReceiveStatus(const AFD_ENDPOINT *Endpoint, PIRP Irp, NTSTATUS Status)
{
    if (Status == STATUS_FILE_CLOSED && Endpoint->Kind == AfdStream && Endpoint->ConnectTime != 0 &&
        !__atomic_load_n(&Irp->Cancel, __ATOMIC_SEQ_CST))
        return STATUS_CONNECTION_ABORTED;
    return Status;
}

static BOOLEAN AfdpIsOverlapped(const VOID *Input, ULONG InputLength)
{
    AFD_RECV_INFO Info;
    return InputLength >= sizeof Info && NT_SUCCESS(ExCopyFromUser(&Info, Input, sizeof Info, 1)) &&
        (Info.AfdFlags & AFD_OVERLAPPED) != 0;
}

NTSTATUS AfdReceive(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    const VOID *Input = Stack->Parameters.DeviceIoControl.Type3InputBuffer;
    ULONG InputLength = Stack->Parameters.DeviceIoControl.InputBufferLength;
    AFD_REQUEST *Request = AfdAllocateTransfer(Endpoint, Irp);
    NTSTATUS Status;

    if (Request == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Status = AfdpPrepareReceive(&Request->Operation, Input, InputLength);
    if (!NT_SUCCESS(Status) && AfdpIsOverlapped(Input, InputLength))
        Status = AfdRefusedReceiveStatus(Endpoint, Irp, Status);
    if (!NT_SUCCESS(Status)) {
        AfdEndRefusedCall(Endpoint, Status, AFD_POLL_RECEIVE);
        return AfdFailRequest(Request, Status);
    }
    Request->Operation.Finish = AfdFinishReceiveIrp;
    AfdBeginEnablingCall(Endpoint, AfdpReceiveEvent(&Request->Operation));
    return AfdSubmitRequest(Request, AfdpReceiveDowncall(Endpoint), AfdMayNotPend(&Request->Operation));
}

/*
 * One attempt without an IRP. A receive that has to wait goes the way of the IRP, which does not attempt it
 * again if the transport knows that there is nothing. MSG_WAITALL waits by nature.
 */
BOOLEAN AfdFastReceive(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control, BOOLEAN Wait, PIO_STATUS_BLOCK IoStatus)
{
    AFD_OPERATION Operation;
    NTSTATUS Status;
    ULONG_PTR Information = 0;
    BOOLEAN Done = TRUE;

    AfdInitializeOperation(&Operation, Endpoint);
    Status = AfdpPrepareReceive(&Operation, Control->Input, Control->InputLength);
    if (NT_SUCCESS(Status)) {
        if ((Operation.AfdFlags & AFD_NO_FAST_IO) || (Operation.Tl.MessageFlags & AFD_MSG_WAITALL)) {
            AfdReleaseBuffers(&Operation);
            return FALSE;
        }
        AfdBeginEnablingCall(Endpoint, AfdpReceiveEvent(&Operation));
        Operation.Tl.Flags = TL_REQUEST_NO_PEND;
        if (Operation.AfdFlags & AFD_OVERLAPPED)
            Operation.Tl.Flags |= TL_REQUEST_FOLLOWED;
        else if (Wait && !AfdMayNotPend(&Operation))
            Operation.Tl.Flags |= TL_REQUEST_FOLLOWED | TL_REQUEST_DIRECT; /* the IRP polls first */
        Status = AfdpReceiveDowncall(Endpoint)(AfdEndpointTransport(Endpoint), &Operation.Tl);
        Done = Status != STATUS_DEVICE_NOT_READY || AfdMayNotPend(&Operation);
        if (Done)
            Status = Operation.Finish(&Operation, Status, &Information);
    } else {
        AfdEndRefusedCall(Endpoint, Status, AFD_POLL_RECEIVE);
    }
    AfdReleaseBuffers(&Operation);
    IoStatus->Status = Status;
    IoStatus->Information = Information;
    return Done;
}
