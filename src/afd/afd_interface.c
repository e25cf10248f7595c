/* SPDX-License-Identifier: MIT */
/*
 * afd_interface.c - IOCTL_AFD_ADDRESS_LIST_QUERY, IOCTL_AFD_ROUTING_INTERFACE_QUERY, and the list of interfaces
 * that TRANSPORT_IOCTL gives.
 *
 * Layer: afd. NT counterpart: afd.sys' queries of TDI providers, and the provider's helper libraries.
 */
#include "afd_requests.h"

#define AFD_INTERFACES_AT_FIRST 32

/* The caller frees *Interfaces. */
static NTSTATUS AfdpListInterfaces(ULONG Family, TL_INTERFACE **Interfaces, ULONG *Count)
{
    TL_INTERFACE *List;
    ULONG Room = AFD_INTERFACES_AT_FIRST;
    NTSTATUS Status;

    for (;;) {
        List = ExAllocatePoolWithTag(NonPagedPool, Room * sizeof *List, AFD_TAG_INTERFACES);
        if (List == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        *Count = Room;
        Status = AfdTransport->QueryInterfaces(Family, List, Count);
        if (NT_SUCCESS(Status)) {
            *Interfaces = List;
            return STATUS_SUCCESS;
        }
        ExFreePoolWithTag(List, AFD_TAG_INTERFACES);
        if (Status != STATUS_BUFFER_TOO_SMALL)
            return Status;
        Room = *Count;
    }
}

static NTSTATUS AfdpWriteAddresses(AFD_CONTROL *Control, const TL_INTERFACE *List, ULONG Count)
{
    AFD_ADDRESS_LIST *Output;
    ULONG i, Chosen = 0;
    BOOLEAN Loopback;
    SIZE_T Bytes;
    NTSTATUS Status;

    for (i = 0; i < Count; i++)
        Chosen += (List[i].flags & HOST_INTERFACE_LOOPBACK) == 0;
    Loopback = Chosen == 0;
    if (Loopback)
        Chosen = Count;
    Bytes = UFIELD_OFFSET(AFD_ADDRESS_LIST, Addresses) + Chosen * sizeof Output->Addresses[0];
    if (Control->OutputLength < Bytes) {
        Status = AfdWriteOutput(Control, &Chosen, sizeof Chosen);
        return NT_SUCCESS(Status) ? STATUS_BUFFER_OVERFLOW : Status;
    }
    Output = ExAllocatePoolWithTag(NonPagedPool, Bytes, AFD_TAG_INTERFACES);
    if (Output == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Output->AddressCount = 0;
    for (i = 0; i < Count; i++) {
        if (Loopback || (List[i].flags & HOST_INTERFACE_LOOPBACK) == 0)
            RtlCopyMemory(Output->Addresses[Output->AddressCount++], List[i].address, sizeof List[i].address);
    }
    Status = AfdWriteOutput(Control, Output, Bytes);
    ExFreePoolWithTag(Output, AFD_TAG_INTERFACES);
    return Status;
}

NTSTATUS AfdAddressListQuery(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    TL_INTERFACE *List;
    ULONG Count;
    NTSTATUS Status = AfdpListInterfaces(Endpoint->Family, &List, &Count);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = AfdpWriteAddresses(Control, List, Count);
    ExFreePoolWithTag(List, AFD_TAG_INTERFACES);
    return Status;
}

NTSTATUS AfdQueryInterfaces(const AFD_TL_IO_CONTROL_INFO *Info, ULONG_PTR *Information)
{
    TL_INTERFACE *List;
    AFD_INTERFACE Interface;
    ULONG i, Count;
    NTSTATUS Status = AfdpListInterfaces((ULONG)Info->Name, &List, &Count);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Info->ValueLength / sizeof Interface < Count)
        Status = STATUS_BUFFER_TOO_SMALL;
    for (i = 0; i < Count && NT_SUCCESS(Status); i++) {
        Interface.Flags = List[i].flags;
        RtlCopyMemory(Interface.Address, List[i].address, sizeof Interface.Address);
        RtlCopyMemory(Interface.Netmask, List[i].netmask, sizeof Interface.Netmask);
        Status = ExCopyToUser((PUCHAR)Info->Value + i * sizeof Interface, &Interface, sizeof Interface, 1);
    }
    if (NT_SUCCESS(Status))
        *Information = Count * sizeof Interface;
    ExFreePoolWithTag(List, AFD_TAG_INTERFACES);
    return Status;
}

NTSTATUS AfdRoutingInterfaceQuery(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    UCHAR Remote[28] = {0}, Local[28];
    ULONG Length = AfdAddressLength(Endpoint), LocalLength = sizeof Local;
    USHORT Family;
    NTSTATUS Status;

    if (Control->InputLength < Length)
        return STATUS_INVALID_PARAMETER;
    Status = AfdReadInput(Control, Remote, Length);
    if (!NT_SUCCESS(Status))
        return Status;
    RtlCopyMemory(&Family, Remote, sizeof Family);
    if (Family != Endpoint->Family)
        return STATUS_PROTOCOL_NOT_SUPPORTED;
    if (AfdIsWildcardAddress(Remote))
        return STATUS_INVALID_PARAMETER;
    Status = AfdTransport->QueryRoute(Remote, Length, Local, &LocalLength);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Control->OutputLength < LocalLength)
        return STATUS_BUFFER_TOO_SMALL;
    return AfdWriteOutput(Control, Local, LocalLength);
}
