/* SPDX-License-Identifier: MIT */
/*
 * afd_file.c - IRP_MJ_READ and IRP_MJ_WRITE: ReadFile and WriteFile on sockets.
 *
 * Layer: afd. As RECEIVE and SEND with one buffer and no flags; always overlapped, so non-blocking mode makes
 * no difference [guess]. The end of the stream is a success with 0 bytes. Offset and key mean nothing.
 * The device has no transfer flags; but the I/O manager asks the device on top of the stack, so with a layered
 * driver above the data may be in a system buffer or described by an MDL.
 */
#include "afd_events.h"
#include "afd_receive.h"
#include "afd_requests.h"
#include "afd_send.h"

static NTSTATUS AfdpSetTransfer(AFD_OPERATION *Operation, PVOID Buffer, ULONG Length)
{
    Operation->AfdFlags = AFD_OVERLAPPED;
    Operation->Inline[0].base = Buffer;
    Operation->Inline[0].length = Length;
    Operation->Bytes = Length;
    Operation->Tl.Buffers = Operation->Inline;
    Operation->Tl.BufferCount = 1;
    return STATUS_SUCCESS;
}

/* STATUS_ACCESS_VIOLATION; STATUS_INSUFFICIENT_RESOURCES: an MDL that cannot be mapped. */
static NTSTATUS AfdpFindTransfer(AFD_OPERATION *Operation, PIRP Irp, ULONG Length)
{
    PVOID Buffer = Irp->UserBuffer;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Irp->MdlAddress != NULL)
        Buffer = MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority);
    else if (Irp->AssociatedIrp.SystemBuffer != NULL)
        Buffer = Irp->AssociatedIrp.SystemBuffer;
    else if (Length != 0)
        Status = ExProbeUserRange(Buffer, Length);
    if (NT_SUCCESS(Status) && Buffer == NULL && Length != 0)
        Status = STATUS_INSUFFICIENT_RESOURCES;
    return NT_SUCCESS(Status) ? AfdpSetTransfer(Operation, Buffer, Length) : Status;
}

static AFD_DOWNCALL *AfdpReadDowncall(const AFD_ENDPOINT *Endpoint)
{
    return Endpoint->Kind == AfdDatagram ? AfdTransport->ReceiveDatagram : AfdTransport->Receive;
}

static AFD_DOWNCALL *AfdpWriteDowncall(const AFD_ENDPOINT *Endpoint)
{
    return Endpoint->Kind == AfdDatagram ? AfdTransport->SendDatagram : AfdTransport->Send;
}

static AFD_REQUEST *AfdpBeginTransfer(PIRP Irp, const IO_STACK_LOCATION *Stack, NTSTATUS *Status)
{
    AFD_ENDPOINT *Endpoint = AfdEndpointFromFile(Stack->FileObject);
    AFD_REQUEST *Request;

    *Status = Endpoint == NULL || Endpoint->Kind == AfdHelper ? STATUS_INVALID_DEVICE_REQUEST : STATUS_SUCCESS;
    if (!NT_SUCCESS(*Status))
        return NULL;
    Request = AfdAllocateTransfer(Endpoint, Irp);
    if (Request == NULL)
        *Status = STATUS_INSUFFICIENT_RESOURCES;
    return Request;
}

NTSTATUS AfdRead(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    AFD_ENDPOINT *Endpoint;
    NTSTATUS Status;
    AFD_REQUEST *Request = AfdpBeginTransfer(Irp, Stack, &Status);

    if (Request == NULL)
        return AfdCompleteIrp(Irp, Status, 0);
    Endpoint = Request->Operation.Endpoint;
    Request->Operation.Finish = AfdFinishReceiveIrp;
    Status = AfdRefusedReceiveStatus(Endpoint, Irp, AfdCheckReceiveState(Endpoint));
    if (NT_SUCCESS(Status))
        Status = AfdpFindTransfer(&Request->Operation, Irp, Stack->Parameters.Read.Length);
    if (!NT_SUCCESS(Status))
        return AfdFailRequest(Request, Status);
    AfdBeginEnablingCall(Endpoint, AFD_POLL_RECEIVE);
    return AfdSubmitRequest(Request, AfdpReadDowncall(Endpoint), FALSE);
}

NTSTATUS AfdWrite(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS Status;
    AFD_REQUEST *Request = AfdpBeginTransfer(Irp, Stack, &Status);

    if (Request == NULL)
        return AfdCompleteIrp(Irp, Status, 0);
    Request->Operation.Finish = AfdFinishSend;
    Status = AfdCheckConnectedSendState(Request->Operation.Endpoint);
    if (NT_SUCCESS(Status))
        Status = AfdpFindTransfer(&Request->Operation, Irp, Stack->Parameters.Write.Length);
    if (!NT_SUCCESS(Status))
        return AfdFailRequest(Request, Status);
    return AfdSubmitRequest(Request, AfdpWriteDowncall(Request->Operation.Endpoint), FALSE);
}

/* What is there at once. Whatever is wrong, the IRP will be told. */
BOOLEAN AfdFastRead(PFILE_OBJECT FileObject, PLARGE_INTEGER FileOffset, ULONG Length, BOOLEAN Wait, ULONG LockKey,
    PVOID Buffer, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    AFD_ENDPOINT *Endpoint = AfdEndpointFromFile(FileObject);
    AFD_OPERATION Operation;
    NTSTATUS Status;

    if (Endpoint == NULL || Endpoint->Kind == AfdHelper || !NT_SUCCESS(AfdCheckReceiveState(Endpoint)) ||
        !NT_SUCCESS(ExProbeUserRange(Buffer, Length)))
        return FALSE;
    AfdInitializeOperation(&Operation, Endpoint);
    (VOID)AfdpSetTransfer(&Operation, Buffer, Length);
    Operation.Tl.Flags = TL_REQUEST_NO_PEND;
    AfdBeginEnablingCall(Endpoint, AFD_POLL_RECEIVE);
    Status = AfdpReadDowncall(Endpoint)(AfdEndpointTransport(Endpoint), &Operation.Tl);
    if (Status == STATUS_DEVICE_NOT_READY)
        return FALSE;
    IoStatus->Information = 0;
    IoStatus->Status = AfdFinishReceive(&Operation, Status, &IoStatus->Information);
    return TRUE;
}
