/* SPDX-License-Identifier: MIT */
/*
 * afd_query_handles.c - IOCTL_AFD_QUERY_HANDLES: the transport's handles of an endpoint.
 *
 * Layer: afd. NT counterpart: AFD over TDI, whose address and connection objects have handles. Here the transport
 * is a pair of call tables, as from Windows Vista on, and has none.
 */
#include "afd_requests.h"

NTSTATUS AfdQueryHandles(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    const ULONG Known = AFD_QUERY_ADDRESS_HANDLE | AFD_QUERY_CONNECTION_HANDLE;
    AFD_HANDLE_INFO Handles = {NULL, NULL};
    ULONG Wanted;
    NTSTATUS Status = AfdReadInput(Control, &Wanted, sizeof Wanted);

    if (!NT_SUCCESS(Status))
        return Status;
    if (AfdEndpointState(Endpoint) == AfdClosing)
        return STATUS_FILE_CLOSED;
    if (Wanted == 0 || (Wanted & ~Known) != 0)
        return STATUS_INVALID_PARAMETER;
    return AfdWriteOutput(Control, &Handles, sizeof Handles);
}
