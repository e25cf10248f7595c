/* SPDX-License-Identifier: MIT */
/*
 * afd_information.c - IOCTL_AFD_GET_INFORMATION and SET_INFORMATION, QUERY_RECEIVE_INFO, and the provider's
 * context (GET_CONTEXT, SET_CONTEXT).
 *
 * Layer: afd.
 */
#include "afd_events.h"
#include "afd_group.h"
#include "afd_requests.h"

#define AFD_CONTEXT_MAX 65536
#define AFD_MAX_DATAGRAM 65507 /* UDP over IPv4: 65535 - 20 - 8 */

static NTSTATUS AfdpGetWindow(AFD_ENDPOINT *Endpoint, LONG Option, ULONG *Value)
{
    TL_ENDPOINT *Transport;
    ULONG Length = sizeof *Value;
    NTSTATUS Status = AfdEnsureTransport(Endpoint, &Transport);
    if (!NT_SUCCESS(Status))
        return Status;
    return AfdTransport->GetOption(Transport, AFD_SOL_SOCKET, Option, Value, &Length);
}

static NTSTATUS AfdpSetWindow(AFD_ENDPOINT *Endpoint, LONG Option, ULONG Value)
{
    TL_ENDPOINT *Transport;
    NTSTATUS Status = AfdEnsureTransport(Endpoint, &Transport);
    if (!NT_SUCCESS(Status))
        return Status;
    return AfdTransport->SetOption(Transport, AFD_SOL_SOCKET, Option, &Value, sizeof Value);
}

static NTSTATUS AfdpReportUnreachable(AFD_ENDPOINT *Endpoint, ULONG On)
{
    TL_ENDPOINT *Transport;
    NTSTATUS Status = AfdEnsureTransport(Endpoint, &Transport);
    if (!NT_SUCCESS(Status))
        return Status;
    return AfdTransport->SetOption(Transport, TL_LEVEL_OWN, TL_REPORT_UNREACHABLE, &On, sizeof On);
}

/* whole seconds since the connection was made */
static ULONG AfdpConnectSeconds(const AFD_ENDPOINT *Endpoint)
{
    if (Endpoint->Kind != AfdStream || AfdEndpointState(Endpoint) != AfdConnected)
        return MAXULONG;
    return (ULONG)((KeQueryInterruptTime() - Endpoint->ConnectTime) / 10000000);
}

/* STATUS_INVALID_PARAMETER: unknown type. */
NTSTATUS AfdGetInformation(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_INFORMATION Info;
    NTSTATUS Status;

    RtlZeroMemory(&Info, sizeof Info);
    Status = AfdReadInput(Control, &Info.InformationType, sizeof Info.InformationType);
    if (!NT_SUCCESS(Status))
        return Status;
    switch (Info.InformationType) {
    case AFD_INLINE_MODE:
        Info.Information.Boolean = __atomic_load_n(&Endpoint->InlineMode, __ATOMIC_RELAXED);
        break;
    case AFD_NONBLOCKING_MODE:
        Info.Information.Boolean = AfdIsNonBlocking(Endpoint);
        break;
    case AFD_MAX_SEND_SIZE:
    case AFD_MAX_PATH_SEND_SIZE:
        Info.Information.Ulong = Endpoint->Kind == AfdDatagram ? AFD_MAX_DATAGRAM : MAXULONG;
        break;
    case AFD_SENDS_PENDING:
        /* Bytes are the host's once a send has completed: it is asked. */
        if (Endpoint->Kind == AfdStream && AfdEndpointState(Endpoint) == AfdConnected)
            Status = AfdTransport->QuerySend(AfdEndpointTransport(Endpoint), &Info.Information.Ulong);
        break;
    case AFD_RECEIVE_WINDOW_SIZE:
        Status = AfdpGetWindow(Endpoint, AFD_SO_RCVBUF, &Info.Information.Ulong);
        break;
    case AFD_SEND_WINDOW_SIZE:
        Status = AfdpGetWindow(Endpoint, AFD_SO_SNDBUF, &Info.Information.Ulong);
        break;
    case AFD_CONNECT_TIME:
        Info.Information.Ulong = AfdpConnectSeconds(Endpoint);
        break;
    case AFD_GROUP_ID_AND_TYPE:
        AfdGetGroupInfo(Endpoint, (AFD_GROUP_INFO *)&Info.Information);
        break;
    case AFD_LAST_CONNECT_STATUS:
        Info.Information.Ulong = (ULONG)__atomic_exchange_n(&Endpoint->ConnectStatus, STATUS_SUCCESS, __ATOMIC_RELAXED);
        break;
    default:
        return STATUS_INVALID_PARAMETER;
    }
    if (NT_SUCCESS(Status))
        Status = AfdWriteOutput(Control, &Info, sizeof Info);
    return Status;
}

/* STATUS_INVALID_PARAMETER: unknown type, or back to blocking while events are selected. [doc:winsock2/WSAEventSelect] */
NTSTATUS AfdSetInformation(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_INFORMATION Info;
    ULONG On;
    NTSTATUS Status;

    Status = AfdReadInput(Control, &Info, sizeof Info);
    if (!NT_SUCCESS(Status))
        return Status;
    switch (Info.InformationType) {
    case AFD_INLINE_MODE:
        On = Info.Information.Boolean != FALSE;
        Status = AfdpSetWindow(Endpoint, AFD_SO_OOBINLINE, On);
        if (NT_SUCCESS(Status))
            __atomic_store_n(&Endpoint->InlineMode, (BOOLEAN)On, __ATOMIC_RELAXED);
        return Status;
    case AFD_NONBLOCKING_MODE:
        if (!Info.Information.Boolean && AfdAreEventsSelected(Endpoint))
            return STATUS_INVALID_PARAMETER;
        __atomic_store_n(&Endpoint->NonBlocking, (BOOLEAN)(Info.Information.Boolean != FALSE), __ATOMIC_RELAXED);
        return STATUS_SUCCESS;
    case AFD_RECEIVE_WINDOW_SIZE:
        return AfdpSetWindow(Endpoint, AFD_SO_RCVBUF, Info.Information.Ulong);
    case AFD_SEND_WINDOW_SIZE:
        return AfdpSetWindow(Endpoint, AFD_SO_SNDBUF, Info.Information.Ulong);
    case AFD_REPORT_PORT_UNREACHABLE:
        return Endpoint->Kind == AfdDatagram ? AfdpReportUnreachable(Endpoint, Info.Information.Boolean != FALSE)
                                             : STATUS_INVALID_PARAMETER;
    case AFD_CIRCULAR_QUEUEING:
        return STATUS_SUCCESS; /* nothing to change in the host */
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

/* FIONREAD, SIOCATMARK. A caller with room for the documented two numbers gets no more. */
NTSTATUS AfdQueryReceiveInfo(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_RECEIVE_INFORMATION Info;
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    ULONG Length = Control->OutputLength < sizeof Info ? 2 * sizeof(ULONG) : sizeof Info;
    NTSTATUS Status = STATUS_SUCCESS;

    RtlZeroMemory(&Info, sizeof Info);
    if (State == AfdClosing)
        return STATUS_FILE_CLOSED;
    if (State == AfdListening)
        return STATUS_INVALID_PARAMETER;
    if (State == AfdConnected || (Endpoint->Kind == AfdDatagram && State == AfdBound))
        Status = AfdTransport->QueryReceive(AfdEndpointTransport(Endpoint), &Info.BytesAvailable,
            &Info.ExpeditedBytesAvailable, &Info.AtMark);
    if (NT_SUCCESS(Status))
        Status = AfdWriteOutput(Control, &Info, Length);
    return Status;
}

/* --- the provider's context: AFD keeps it and does not look inside --- */
static AFD_CONTEXT_BLOB *AfdpAllocateContext(ULONG Length)
{
    AFD_CONTEXT_BLOB *Blob =
        ExAllocatePoolWithTag(NonPagedPool, sizeof *Blob + Length, AFD_TAG_CONTEXT);
    if (Blob != NULL)
        Blob->Length = Length;
    return Blob;
}

/* STATUS_INVALID_PARAMETER: longer than AFD_CONTEXT_MAX. An empty one removes it. */
NTSTATUS AfdSetContext(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_ENDPOINT_EXTRA *Extra;
    AFD_CONTEXT_BLOB *New = NULL, *Old;
    NTSTATUS Status;

    if (Control->InputLength > AFD_CONTEXT_MAX)
        return STATUS_INVALID_PARAMETER;
    if (Control->InputLength == 0 && AfdEndpointExtra(Endpoint) == NULL)
        return STATUS_SUCCESS;
    Extra = AfdNeedExtra(Endpoint);
    if (Extra == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Control->InputLength != 0) {
        New = AfdpAllocateContext(Control->InputLength);
        if (New == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        Status = AfdReadInput(Control, New->Bytes, New->Length);
        if (!NT_SUCCESS(Status)) {
            ExFreePoolWithTag(New, AFD_TAG_CONTEXT);
            return Status;
        }
    }
    AfdLockEndpoint(Endpoint);
    Old = Extra->Context;
    Extra->Context = New;
    AfdUnlockEndpoint(Endpoint);
    if (Old != NULL)
        ExFreePoolWithTag(Old, AFD_TAG_CONTEXT);
    return STATUS_SUCCESS;
}

/* As much as there is room for, then STATUS_BUFFER_OVERFLOW. STATUS_INVALID_PARAMETER: there is none. */
NTSTATUS AfdGetContext(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    AFD_CONTEXT_BLOB *Copy;
    ULONG Length = 0;
    NTSTATUS Status = STATUS_INVALID_PARAMETER;

    if (Extra == NULL)
        return Status;
    Copy = AfdpAllocateContext(AFD_CONTEXT_MAX);
    if (Copy == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    AfdLockEndpoint(Endpoint);
    if (Extra->Context != NULL) {
        Length = Extra->Context->Length;
        Status = STATUS_SUCCESS;
        if (Length > Control->OutputLength) {
            Length = Control->OutputLength;
            Status = STATUS_BUFFER_OVERFLOW;
        }
        RtlCopyMemory(Copy->Bytes, Extra->Context->Bytes, Length);
    }
    AfdUnlockEndpoint(Endpoint);
    if (Status != STATUS_INVALID_PARAMETER) {
        NTSTATUS CopyStatus = AfdWriteOutput(Control, Copy->Bytes, Length);
        if (!NT_SUCCESS(CopyStatus))
            Status = CopyStatus;
    }
    ExFreePoolWithTag(Copy, AFD_TAG_CONTEXT);
    return Status;
}
