/* SPDX-License-Identifier: MIT */
/*
 * afd_bind.c - IOCTL_AFD_BIND.
 *
 * Layer: afd.
 */
#include "afd_events.h"
#include "afd_requests.h"

static NTSTATUS AfdpSetShareAccess(TL_ENDPOINT *Transport, ULONG ShareAccess)
{
    LONG On = 1;
    switch (ShareAccess) {
    case AFD_REUSEADDRESS:
        return AfdTransport->SetOption(Transport, AFD_SOL_SOCKET, AFD_SO_REUSEADDR, &On, sizeof On);
    case AFD_EXCLUSIVEADDRUSE:
        return AfdTransport->SetOption(Transport, AFD_SOL_SOCKET, AFD_SO_EXCLUSIVEADDRUSE, &On, sizeof On);
    default: /* normal; a wildcard address shares with specific ones anyway */
        return STATUS_SUCCESS;
    }
}

/*
 * Open -> Bound. Statuses, in the order of the checks: STATUS_INVALID_PARAMETER (input cut short, share access,
 * output too short for the address), STATUS_INVALID_ADDRESS (family or length), STATUS_ADDRESS_ALREADY_ASSOCIATED
 * (not Open: bound, by this or another thread), and the transport's. [obs:afd/bind]
 */
NTSTATUS AfdBind(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    const UCHAR *Input = Control->Input;
    UCHAR Address[28], Bound[28];
    USHORT Length;
    ULONG ShareAccess, BoundLength = sizeof Bound;
    AFD_ENDPOINT_STATE State;
    BOOLEAN InTransition;
    TL_ENDPOINT *Transport;
    NTSTATUS Status;

    Status = AfdReadInput(Control, &ShareAccess, sizeof ShareAccess);
    if (!NT_SUCCESS(Status))
        return Status;
    if (ShareAccess > AFD_EXCLUSIVEADDRUSE)
        return STATUS_INVALID_PARAMETER;
    Status = AfdReadAddress(Endpoint, Input + UFIELD_OFFSET(AFD_BIND_INFO, Address),
        Control->InputLength - UFIELD_OFFSET(AFD_BIND_INFO, Address), FALSE, Address, &Length);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Control->OutputLength != 0 && Control->OutputLength < Length)
        return STATUS_INVALID_PARAMETER;

    if (!AfdBeginTransition(Endpoint, AFD_STATE_BIT(AfdOpen), &State, &InTransition))
        return State == AfdClosing ? STATUS_FILE_CLOSED : STATUS_ADDRESS_ALREADY_ASSOCIATED;
    Status = AfdEnsureTransport(Endpoint, &Transport);
    if (NT_SUCCESS(Status))
        Status = AfdpSetShareAccess(Transport, ShareAccess);
    if (NT_SUCCESS(Status))
        Status = AfdTransport->Bind(Transport, Address, Length);
    if (!AfdEndTransition(Endpoint, NT_SUCCESS(Status) ? AfdBound : AfdOpen) && NT_SUCCESS(Status))
        return STATUS_FILE_CLOSED;
    if (!NT_SUCCESS(Status))
        return Status;

    AfdEvaluateEndpoint(Endpoint);
    if (Control->OutputLength == 0)
        return STATUS_SUCCESS;
    Status = AfdTransport->GetLocalAddress(Transport, Bound, &BoundLength);
    if (!NT_SUCCESS(Status))
        return Status;
    return AfdWriteOutput(Control, Bound, BoundLength);
}
