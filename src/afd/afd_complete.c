/* SPDX-License-Identifier: MIT */
/*
 * afd_complete.c - the one place where the driver completes an IRP.
 *
 * Layer: afd.
 */
#include "afd_private.h"

NTSTATUS AfdCompleteIrp(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    KeAssertNoLocksHeld("AfdCompleteIrp");
    ASSERT(Status != STATUS_PENDING);
    /*
     * A request that comes when the endpoint is closing has been held by a driver, or races with the close: it
     * ends like those that the close has met here.
     */
    if (Status == STATUS_FILE_CLOSED)
        Status = STATUS_CANCELLED;
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NETWORK_INCREMENT);
    return Status;
}
