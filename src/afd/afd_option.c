/* SPDX-License-Identifier: MIT */
/*
 * afd_option.c - IOCTL_AFD_TRANSPORT_IOCTL: options that reach the transport.
 *
 * Layer: afd. NT counterpart: the provider's helper libraries, which talk TDI to the transport. Options
 * that the provider keeps for itself (time-outs, SO_DONTLINGER ...) never come here.
 */
#include "afd_requests.h"

#define AFD_OPTION_INLINE 256
#define AFD_OPTION_MAX 65536

static NTSTATUS AfdpSetOption(AFD_ENDPOINT *Endpoint, TL_ENDPOINT *Transport, const AFD_TL_IO_CONTROL_INFO *Info,
    VOID *Value)
{
    NTSTATUS Status = ExCopyFromUser(Value, Info->Value, Info->ValueLength, 1);
    if (NT_SUCCESS(Status))
        Status = AfdTransport->SetOption(Transport, Info->Level, Info->Name, Value, Info->ValueLength);
    if (NT_SUCCESS(Status) && Info->Level == AFD_SOL_SOCKET && Info->Name == AFD_SO_OOBINLINE)
        __atomic_store_n(&Endpoint->InlineMode, *(const UCHAR *)Value != 0, __ATOMIC_RELAXED);
    return Status;
}

static NTSTATUS AfdpGetOption(TL_ENDPOINT *Transport, const AFD_TL_IO_CONTROL_INFO *Info, VOID *Value,
    ULONG_PTR *Information)
{
    ULONG Length = Info->ValueLength;
    NTSTATUS Status = AfdTransport->GetOption(Transport, Info->Level, Info->Name, Value, &Length);
    if (NT_SUCCESS(Status))
        Status = ExCopyToUser(Info->Value, Value, Length, 1);
    if (NT_SUCCESS(Status))
        *Information = Length;
    return Status;
}

/* STATUS_INVALID_PARAMETER: unknown type, absurd length; STATUS_ACCESS_VIOLATION; the transport's. */
NTSTATUS AfdTransportIoctl(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    UCHAR Inline[AFD_OPTION_INLINE] __attribute__((aligned(8)));
    AFD_TL_IO_CONTROL_INFO Info;
    TL_ENDPOINT *Transport;
    VOID *Value = Inline;
    NTSTATUS Status;

    Status = AfdReadInput(Control, &Info, sizeof Info);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Info.Type == AFD_TL_QUERY_INTERFACES)
        return AfdQueryInterfaces(&Info, &Control->Information);
    if ((Info.Type != AFD_TL_SET_OPTION && Info.Type != AFD_TL_GET_OPTION) || Info.ValueLength > AFD_OPTION_MAX)
        return STATUS_INVALID_PARAMETER;
    if (AfdEndpointState(Endpoint) == AfdClosing)
        return STATUS_FILE_CLOSED;
    Status = ExProbeUserRange(Info.Value, Info.ValueLength);
    if (NT_SUCCESS(Status))
        Status = AfdEnsureTransport(Endpoint, &Transport);
    if (!NT_SUCCESS(Status))
        return Status;

    if (Info.ValueLength > sizeof Inline) {
        Value = ExAllocatePoolWithTag(NonPagedPool, Info.ValueLength, AFD_TAG_BUFFERS);
        if (Value == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(Value, Info.ValueLength);
    if (Info.Type == AFD_TL_SET_OPTION)
        Status = AfdpSetOption(Endpoint, Transport, &Info, Value);
    else
        Status = AfdpGetOption(Transport, &Info, Value, &Control->Information);
    if (Value != Inline)
        ExFreePoolWithTag(Value, AFD_TAG_BUFFERS);
    return Status;
}
