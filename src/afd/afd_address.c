/* SPDX-License-Identifier: MIT */
/*
 * afd_address.c - IOCTL_AFD_GET_ADDRESS and IOCTL_AFD_GET_REMOTE_ADDRESS.
 *
 * Layer: afd.
 */
#include "afd_requests.h"

static NTSTATUS AfdpReturnAddress(AFD_ENDPOINT *Endpoint,
    NTSTATUS (*Get)(TL_ENDPOINT *Endpoint, VOID *Address, ULONG *Length), AFD_CONTROL *Control)
{
    UCHAR Address[28];
    ULONG Length = sizeof Address;
    NTSTATUS Status;

    if (Control->OutputLength < AfdAddressLength(Endpoint))
        return STATUS_BUFFER_TOO_SMALL;
    Status = Get(AfdEndpointTransport(Endpoint), Address, &Length);
    if (!NT_SUCCESS(Status))
        return Status;
    return AfdWriteOutput(Control, Address, Length);
}

/* STATUS_INVALID_PARAMETER: not bound. STATUS_BUFFER_TOO_SMALL. [obs:afd/getsockname] */
NTSTATUS AfdGetAddress(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    if (State == AfdClosing)
        return STATUS_FILE_CLOSED;
    if (State == AfdOpen)
        return STATUS_INVALID_PARAMETER;
    return AfdpReturnAddress(Endpoint, AfdTransport->GetLocalAddress, Control);
}

/*
 * STATUS_INVALID_CONNECTION: not connected. STATUS_BUFFER_TOO_SMALL. Who is about to be connected has its peer already.
 * [test:wine/ws2_32/sock.c connecting_socket]
 */
NTSTATUS AfdGetRemoteAddress(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    if (State == AfdClosing)
        return STATUS_FILE_CLOSED;
    if (State != AfdConnected && State != AfdConnecting)
        return STATUS_INVALID_CONNECTION;
    return AfdpReturnAddress(Endpoint, AfdTransport->GetRemoteAddress, Control);
}
