/* SPDX-License-Identifier: MIT */
/*
 * afd_address.c - IOCTL_AFD_GET_ADDRESS and IOCTL_AFD_GET_REMOTE_ADDRESS.
 *
 * Layer: afd.
 */
#include "afd_requests.h"

/* STATUS_INVALID_PARAMETER: not bound. STATUS_BUFFER_TOO_SMALL. [obs:afd/getsockname] */
NTSTATUS AfdGetAddress(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    UCHAR Address[28];
    ULONG Length = sizeof Address;
    NTSTATUS Status;

    if (State == AfdClosing)
        return STATUS_FILE_CLOSED;
    if (State == AfdOpen)
        return STATUS_INVALID_PARAMETER;
    if (Control->OutputLength < AfdAddressLength(Endpoint))
        return STATUS_BUFFER_TOO_SMALL;
    Status = AfdTransport->GetLocalAddress(AfdEndpointTransport(Endpoint), Address, &Length);
    if (!NT_SUCCESS(Status))
        return Status;
    return AfdWriteOutput(Control, Address, Length);
}

/*
 * The address that the endpoint was connected to, or is being: AFD's own knowledge, which outlives the host's.
 * STATUS_INVALID_CONNECTION: neither. STATUS_BUFFER_TOO_SMALL. [test:wine/ws2_32/sock.c shutdown, connecting_socket]
 */
NTSTATUS AfdGetRemoteAddress(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    UCHAR Address[28];
    AFD_ENDPOINT_STATE State;

    AfdLockEndpoint(Endpoint);
    State = (AFD_ENDPOINT_STATE)Endpoint->State;
    RtlCopyMemory(Address, Endpoint->RemoteAddress, sizeof Address);
    AfdUnlockEndpoint(Endpoint);
    if (State == AfdClosing)
        return STATUS_FILE_CLOSED;
    if (State != AfdConnected && State != AfdConnecting)
        return STATUS_INVALID_CONNECTION;
    if (Control->OutputLength < AfdAddressLength(Endpoint))
        return STATUS_BUFFER_TOO_SMALL;
    return AfdWriteOutput(Control, Address, AfdAddressLength(Endpoint));
}
