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
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NETWORK_INCREMENT);
    return Status;
}
