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

/* The bound address, when the caller has room for it. */
static NTSTATUS AfdpFinishBind(AFD_ENDPOINT *Endpoint, PIRP Irp, ULONG OutputLength, ULONG_PTR *Information)
{
    UCHAR Bound[28];
    ULONG Length = sizeof Bound;
    NTSTATUS Status;

    if (OutputLength == 0)
        return STATUS_SUCCESS;
    Status = AfdTransport->GetLocalAddress(AfdEndpointTransport(Endpoint), Bound, &Length);
    if (NT_SUCCESS(Status))
        Status = ExCopyToUser(Irp->UserBuffer, Bound, Length, 1);
    if (NT_SUCCESS(Status))
        *Information = Length;
    return Status;
}

/* Under the transition. The transport's words for a taken address differ from those of BIND. */
static NTSTATUS AfdpBindTransport(AFD_ENDPOINT *Endpoint, ULONG ShareAccess, const UCHAR *Address, USHORT Length)
{
    TL_ENDPOINT *Transport;
    NTSTATUS Status = AfdEnsureTransport(Endpoint, &Transport);

    if (NT_SUCCESS(Status))
        Status = AfdpSetShareAccess(Transport, ShareAccess);
    if (NT_SUCCESS(Status))
        Status = AfdTransport->Bind(Transport, Address, Length);
    return Status == STATUS_ADDRESS_ALREADY_EXISTS ? STATUS_SHARING_VIOLATION : Status;
}

NTSTATUS AfdBindImplicitly(AFD_ENDPOINT *Endpoint)
{
    UCHAR Any[28] = {0};
    USHORT Family = Endpoint->Family;
    AFD_ENDPOINT_STATE State;
    BOOLEAN InTransition;
    NTSTATUS Status;

    if (!AfdBeginTransition(Endpoint, AFD_STATE_BIT(AfdOpen), &State, &InTransition)) {
        if (State == AfdClosing)
            return STATUS_FILE_CLOSED;
        return State == AfdOpen ? STATUS_DEVICE_BUSY : STATUS_SUCCESS;
    }
    RtlCopyMemory(Any, &Family, sizeof Family);
    Status = AfdpBindTransport(Endpoint, AFD_NORMALADDRUSE, Any, AfdAddressLength(Endpoint));
    if (!AfdEndTransition(Endpoint, NT_SUCCESS(Status) ? AfdBound : AfdOpen) && NT_SUCCESS(Status))
        Status = STATUS_FILE_CLOSED;
    if (NT_SUCCESS(Status))
        AfdEvaluateEndpoint(Endpoint);
    return Status;
}

/* Input and output of a BIND. *Length is that of Address. */
static NTSTATUS AfdpReadBind(AFD_ENDPOINT *Endpoint, const AFD_CONTROL *Control, ULONG *ShareAccess, UCHAR *Address,
    USHORT *Length)
{
    const ULONG Offset = UFIELD_OFFSET(AFD_BIND_INFO, Address);
    NTSTATUS Status = AfdReadInput(Control, ShareAccess, sizeof *ShareAccess);

    if (!NT_SUCCESS(Status))
        return Status;
    if (*ShareAccess > AFD_EXCLUSIVEADDRUSE)
        return STATUS_INVALID_PARAMETER;
    Status = AfdReadAddress(Endpoint, ExUserField(Control->Input, Offset), Control->InputLength - Offset, FALSE,
        Address, Length);
    if (NT_SUCCESS(Status) && Control->OutputLength != 0 && Control->OutputLength < *Length)
        Status = STATUS_INVALID_PARAMETER;
    return Status;
}

/*
 * Open -> Bound. Statuses, in the order of the checks: STATUS_INVALID_PARAMETER (input cut short, share access,
 * output too short for the address), STATUS_INVALID_ADDRESS (family or length), STATUS_ADDRESS_ALREADY_ASSOCIATED
 * (not Open: bound, by this or another thread). From here on the request pends, and is complete when the call
 * returns: STATUS_INVALID_ADDRESS_COMPONENT (not an address of this machine), STATUS_SHARING_VIOLATION (in use),
 * STATUS_ACCESS_DENIED and the transport's others. [test:wine/ws2_32/afd.c bind]
 */
NTSTATUS AfdBind(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    AFD_CONTROL Control;
    UCHAR Address[28];
    USHORT Length;
    ULONG ShareAccess;
    ULONG_PTR Information = 0;
    AFD_ENDPOINT_STATE State;
    BOOLEAN InTransition;
    NTSTATUS Status;

    AfdInitializeControl(Irp, Stack, &Control);
    Status = AfdpReadBind(Endpoint, &Control, &ShareAccess, Address, &Length);
    if (!NT_SUCCESS(Status))
        return AfdCompleteIrp(Irp, Status, 0);
    if (!AfdBeginTransition(Endpoint, AFD_STATE_BIT(AfdOpen), &State, &InTransition))
        return AfdCompleteIrp(
            Irp, State == AfdClosing ? STATUS_FILE_CLOSED : STATUS_ADDRESS_ALREADY_ASSOCIATED, 0);

    IoMarkIrpPending(Irp);
    Status = AfdpBindTransport(Endpoint, ShareAccess, Address, Length);
    if (!AfdEndTransition(Endpoint, NT_SUCCESS(Status) ? AfdBound : AfdOpen) && NT_SUCCESS(Status))
        Status = STATUS_FILE_CLOSED;
    if (NT_SUCCESS(Status)) {
        AfdEvaluateEndpoint(Endpoint);
        Status = AfdpFinishBind(Endpoint, Irp, Control.OutputLength, &Information);
    }
    (VOID)AfdCompleteIrp(Irp, Status, Information);
    return STATUS_PENDING;
}
