/* SPDX-License-Identifier: MIT */
/*
 * afd_no_operation.c - IOCTL_AFD_NO_OPERATION: a completion without a request.
 *
 * Layer: afd. The provider does some of WSAIoctl's work itself and still owes the program the event, the
 * completion routine or the packet of its OVERLAPPED.
 */
#include "afd_requests.h"

NTSTATUS AfdNoOperation(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    AFD_NO_OPERATION_INFO Info;
    NTSTATUS Status;

    if (Stack->Parameters.DeviceIoControl.InputBufferLength == 0)
        return AfdCompleteIrp(Irp, STATUS_SUCCESS, 0);
    if (Stack->Parameters.DeviceIoControl.InputBufferLength < sizeof Info)
        return AfdCompleteIrp(Irp, STATUS_INVALID_PARAMETER, 0);
    Status = ExCopyFromUser(&Info, Stack->Parameters.DeviceIoControl.Type3InputBuffer, sizeof Info, 1);
    if (NT_SUCCESS(Status) && Info.Status == STATUS_PENDING)
        Status = STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(Status))
        return AfdCompleteIrp(Irp, Status, 0);
    IoMarkIrpPending(Irp);
    (VOID)AfdCompleteIrp(Irp, Info.Status, Info.Information);
    return STATUS_PENDING;
}

BOOLEAN AfdFastNoOperation(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control, BOOLEAN Wait, PIO_STATUS_BLOCK IoStatus)
{
    if (Control->InputLength != 0)
        return FALSE;
    IoStatus->Status = STATUS_SUCCESS;
    IoStatus->Information = 0;
    return TRUE;
}
