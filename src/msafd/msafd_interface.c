/* SPDX-License-Identifier: MIT */
/*
 * msafd_interface.c - the codes of WSAIoctl about the machine's addresses, interfaces and routes.
 *
 * Layer: msafd; NT counterpart: WSPIoctl and wshtcpip's WSHIoctl. What each failure does to the byte count is
 * from [obs:wine/sock address_list_query, sioRoutingInterfaceQuery, get_interface_list].
 */
#include "msafd_ioctl.h"

#include <stddef.h>

#include "host_memory.h"

#define MSAFD_ADDRESSES_AT_FIRST 32
#define MSAFD_INTERFACES_MAX 4096

/* The caller frees *List. */
static INT MsafdpReadAddresses(MSAFD_SOCKET *Socket, AFD_ADDRESS_LIST **List)
{
    ULONG Room = MSAFD_ADDRESSES_AT_FIRST;
    for (;;) {
        ULONG Bytes = (ULONG)offsetof(AFD_ADDRESS_LIST, Addresses) + Room * (ULONG)sizeof (*List)->Addresses[0];
        *List = host_allocate(Bytes);
        if (*List == NULL)
            return WSAENOBUFS;
        NTSTATUS Status =
            MsafdControl(Socket, IOCTL_AFD_ADDRESS_LIST_QUERY, NULL, 0, *List, Bytes, NULL, 0);
        if (NT_SUCCESS(Status))
            return 0;
        Room = (*List)->AddressCount;
        host_free(*List);
        if (Status != STATUS_BUFFER_OVERFLOW)
            return MsafdWsaErrorFromStatus(Status);
    }
}

/* The list, and behind it the addresses that it points to. The program's memory may lie at any address. */
static VOID MsafdpWriteAddresses(UCHAR *To, const AFD_ADDRESS_LIST *From, ULONG AddressLength)
{
    UCHAR *Entry = To + offsetof(SOCKET_ADDRESS_LIST, Address);
    UCHAR *At = Entry + From->AddressCount * sizeof(SOCKET_ADDRESS);
    MsafdStore(To, From->AddressCount);
    for (ULONG i = 0; i < From->AddressCount; i++) {
        SOCKET_ADDRESS Address = {(LPSOCKADDR)(PVOID)At, (INT)AddressLength};
        RtlCopyMemory(Entry, &Address, sizeof Address);
        RtlCopyMemory(At, From->Addresses[i], AddressLength);
        Entry += sizeof Address;
        At += AddressLength;
    }
}

INT MsafdQueryAddressList(MSAFD_IOCTL_CALL *Call)
{
    AFD_ADDRESS_LIST *List;
    ULONG AddressLength = MsafdAddressLength(Call->Socket);
    Call->OnFailure = MsafdCountReturned;
    if (Call->OutputLength != 0 && Call->OutputLength < offsetof(SOCKET_ADDRESS_LIST, Address))
        return WSAEINVAL;
    INT Error = MsafdpReadAddresses(Call->Socket, &List);
    if (Error != 0)
        return Error;
    ULONG Bytes = (ULONG)(offsetof(SOCKET_ADDRESS_LIST, Address) +
                          List->AddressCount * (sizeof(SOCKET_ADDRESS) + AddressLength));
    Call->Returned = Bytes;
    if (Call->OutputLength < Bytes || !NT_SUCCESS(MsafdProbeWrite(Call->Output, Bytes)))
        Error = WSAEFAULT;
    else
        MsafdpWriteAddresses(Call->Output, List, AddressLength);
    host_free(List);
    return Error;
}

INT MsafdQueryRoutingInterface(MSAFD_IOCTL_CALL *Call)
{
    UCHAR Local[sizeof(SOCKADDR_IN6)];
    MSAFD_ADDRESS Remote;
    ULONG Length = MsafdAddressLength(Call->Socket);
    Call->OnFailure = MsafdCountStays;
    if (MsafdTakeInput(Call, &Remote, Length) != 0)
        return WSAEINVAL;
    INT Error = MsafdWsaErrorFromStatus(MsafdControl(Call->Socket, IOCTL_AFD_ROUTING_INTERFACE_QUERY,
        &Remote, Length, Local, Length, NULL, 0));
    if (Error != 0)
        return Error;
    if (Call->OutputLength < Length) {
        Call->OnFailure = MsafdCountReturned;
        Call->Returned = Length;
        return WSAEFAULT;
    }
    return MsafdGiveOutput(Call, Local, Length);
}

/* Windows gives the limited broadcast address, not the subnet's. [guess] */
static VOID MsafdpFillInterface(INTERFACE_INFO *To, const AFD_INTERFACE *From)
{
    RtlZeroMemory(To, sizeof *To);
    To->iiFlags = From->Flags;
    RtlCopyMemory(&To->iiAddress.AddressIn, From->Address, sizeof To->iiAddress.AddressIn);
    RtlCopyMemory(&To->iiNetmask.AddressIn, From->Netmask, sizeof To->iiNetmask.AddressIn);
    if (From->Flags & IFF_BROADCAST) {
        To->iiBroadcastAddress.AddressIn.sin_family = AF_INET;
        To->iiBroadcastAddress.AddressIn.sin_addr.s_addr = INADDR_BROADCAST;
    }
}

/* Tells of IPv4 alone: INTERFACE_INFO has no room for IPv6's addresses. [doc:winsock/sio-get-interface-list] */
INT MsafdQueryInterfaceList(MSAFD_IOCTL_CALL *Call)
{
    AFD_TL_IO_CONTROL_INFO Control;
    ULONG_PTR Bytes = 0;
    ULONG Room = Call->OutputLength / (ULONG)sizeof(INTERFACE_INFO);
    if (Room > MSAFD_INTERFACES_MAX)
        Room = MSAFD_INTERFACES_MAX;
    if (Room == 0 || !NT_SUCCESS(MsafdProbeWrite(Call->Output, Room * sizeof(INTERFACE_INFO))))
        return WSAEFAULT;
    AFD_INTERFACE *List = host_allocate(Room * sizeof *List);
    if (List == NULL)
        return WSAENOBUFS;
    RtlZeroMemory(&Control, sizeof Control);
    Control.Type = AFD_TL_QUERY_INTERFACES;
    Control.Name = AF_INET;
    Control.Value = List;
    Control.ValueLength = Room * (ULONG)sizeof *List;
    INT Error = MsafdWsaErrorFromStatus(MsafdControl(Call->Socket, IOCTL_AFD_TRANSPORT_IOCTL, &Control,
        sizeof Control, NULL, 0, &Bytes, 0));
    ULONG Count = Error == 0 ? (ULONG)(Bytes / sizeof *List) : 0;
    for (ULONG i = 0; i < Count; i++) {
        INTERFACE_INFO Info;
        MsafdpFillInterface(&Info, &List[i]);
        RtlCopyMemory(Call->Output + i * sizeof Info, &Info, sizeof Info);
    }
    Call->Returned = Count * (ULONG)sizeof(INTERFACE_INFO);
    host_free(List);
    return Error;
}

INT MsafdAwaitInterfaceChange(MSAFD_IOCTL_CALL *Call, DWORD Code, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    AFD_CHANGE_INFO Info = {Overlapped != NULL ? AFD_OVERLAPPED : 0};
    ULONG Control = IOCTL_AFD_ADDRESS_LIST_CHANGE;
    MSAFD_REQUEST Request;
    if (Code == SIO_ROUTING_INTERFACE_CHANGE) {
        MSAFD_ADDRESS Remote;
        ULONG Length = MsafdAddressLength(Call->Socket);
        Control = IOCTL_AFD_ROUTING_INTERFACE_CHANGE;
        if (MsafdTakeInput(Call, &Remote, Length) != 0)
            return WSAEINVAL;
        if (Remote.Any.sa_family != Call->Socket->Family)
            return WSAEAFNOSUPPORT;
    }
    if (Overlapped == NULL)
        return MsafdWsaErrorFromStatus(
            MsafdControlAlertable(Call->Socket, Control, &Info, sizeof Info, NULL, 0, NULL, 0));
    MsafdInitializeRequest(&Request, Control, &Info, sizeof Info);
    return MsafdControlOverlapped(Call->s, &Request, Overlapped, Routine, NULL, NULL);
}
