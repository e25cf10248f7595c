/* SPDX-License-Identifier: MIT */
/*
 * win32_adapter.c - GetAdaptersAddresses, and names and numbers of interfaces.
 *
 * Layer: win32; NT counterpart: iphlpapi.dll. The friendly name and the description are the host's name; the adapter's
 * name is a GUID made of the index, since programs take it for one. Anycast and multicast addresses, WINS
 * servers, DNS suffixes and leases are never there. [doc:iphlpapi/getadaptersaddresses]
 */
#include <iphlpapi.h>

#include "win32_private.h"

#include "host_adapter.h"

#include <stdio.h>

#define GUID_TEXT 39
#define LUID_OF(type, index) (((ULONG64)(type) << 48) | ((ULONG64)(index) << 24))
#define KNOWN_FLAGS 0x03ff

/* Takes pieces of a buffer that is large enough. */
typedef struct ADAPTER_WRITER {
    PCHAR Buffer;
    SIZE_T Used;
    ULONG Family, Flags;
    const struct host_network *Network;
} ADAPTER_WRITER;

static PVOID Take(ADAPTER_WRITER *Writer, SIZE_T Bytes)
{
    PVOID Piece = Writer->Buffer + Writer->Used;
    Writer->Used += (Bytes + 7) & ~(SIZE_T)7;
    RtlZeroMemory(Piece, Bytes);
    return Piece;
}

static PWCHAR TakeText(ADAPTER_WRITER *Writer, const char *Text)
{
    SIZE_T Length = strlen(Text) + 1;
    PWCHAR Wide = Take(Writer, Length * sizeof *Wide);
    for (SIZE_T i = 0; i < Length; i++)
        Wide[i] = (UCHAR)Text[i];
    return Wide;
}

static BOOL IsWanted(const ADAPTER_WRITER *Writer, const struct host_adapter_address *Address)
{
    USHORT Family;
    RtlCopyMemory(&Family, Address->address, sizeof Family);
    return Writer->Family == AF_UNSPEC || Writer->Family == Family;
}

static BOOL IsV4(const SOCKET_ADDRESS *Address)
{
    return Address->lpSockaddr->sa_family == AF_INET;
}

static void TakeAddress(ADAPTER_WRITER *Writer, const UCHAR *From, SOCKET_ADDRESS *To)
{
    USHORT Family;
    RtlCopyMemory(&Family, From, sizeof Family);
    To->iSockaddrLength = Family == AF_INET ? sizeof(SOCKADDR_IN) : sizeof(SOCKADDR_IN6);
    To->lpSockaddr = Take(Writer, (SIZE_T)To->iSockaddrLength);
    RtlCopyMemory(To->lpSockaddr, From, (SIZE_T)To->iSockaddrLength);
}

static ULONG InterfaceType(const struct host_adapter *Adapter)
{
    switch (Adapter->kind) {
    case HOST_ADAPTER_ETHERNET:
        return IF_TYPE_ETHERNET_CSMACD;
    case HOST_ADAPTER_LOOPBACK:
        return IF_TYPE_SOFTWARE_LOOPBACK;
    case HOST_ADAPTER_PPP:
        return IF_TYPE_PPP;
    case HOST_ADAPTER_TUNNEL:
        return IF_TYPE_TUNNEL;
    default:
        return IF_TYPE_OTHER;
    }
}

static void WriteUnicast(ADAPTER_WRITER *Writer, const struct host_adapter_address *From,
    PIP_ADAPTER_UNICAST_ADDRESS **Link, BOOL Loopback)
{
    PIP_ADAPTER_UNICAST_ADDRESS Entry = Take(Writer, sizeof *Entry);
    BOOL LinkLocal;
    **Link = Entry;
    *Link = &Entry->Next;
    Entry->Length = sizeof *Entry;
    Entry->OnLinkPrefixLength = (UCHAR)From->prefix_bits;
    Entry->DadState = IpDadStatePreferred;
    Entry->ValidLifetime = Entry->PreferredLifetime = Entry->LeaseLifetime = MAXULONG;
    TakeAddress(Writer, From->address, &Entry->Address);
    LinkLocal = !IsV4(&Entry->Address) && From->address[8] == 0xfe && (From->address[9] & 0xc0) == 0x80;
    Entry->PrefixOrigin = Loopback || LinkLocal ? IpPrefixOriginWellKnown : IpPrefixOriginManual;
    Entry->SuffixOrigin = LinkLocal ? IpSuffixOriginLinkLayerAddress
        : Loopback                  ? (IP_SUFFIX_ORIGIN)IpPrefixOriginWellKnown
                                    : IpSuffixOriginManual;
}

static void WritePrefix(
    ADAPTER_WRITER *Writer, const struct host_adapter_address *From, PIP_ADAPTER_PREFIX **Link)
{
    PIP_ADAPTER_PREFIX Entry = Take(Writer, sizeof *Entry);
    UCHAR *Bytes;
    **Link = Entry;
    *Link = &Entry->Next;
    Entry->Length = sizeof *Entry;
    Entry->PrefixLength = From->prefix_bits;
    TakeAddress(Writer, From->address, &Entry->Address);
    Bytes = (UCHAR *)Entry->Address.lpSockaddr + (IsV4(&Entry->Address) ? 4 : 8);
    for (ULONG Bit = From->prefix_bits; Bit < (IsV4(&Entry->Address) ? 32u : 128u); Bit++)
        Bytes[Bit / 8] &= (UCHAR) ~(0x80u >> Bit % 8);
}

/* Entries of servers and gateways are of one layout. */
static void WriteOther(ADAPTER_WRITER *Writer, const struct host_adapter_address *From,
    PIP_ADAPTER_GATEWAY_ADDRESS **Link)
{
    PIP_ADAPTER_GATEWAY_ADDRESS Entry = Take(Writer, sizeof *Entry);
    **Link = Entry;
    *Link = &Entry->Next;
    Entry->Length = sizeof *Entry;
    TakeAddress(Writer, From->address, &Entry->Address);
}

static void WriteAddresses(
    ADAPTER_WRITER *Writer, const struct host_adapter *Adapter, PIP_ADAPTER_ADDRESSES Entry)
{
    const struct host_network *Network = Writer->Network;
    PIP_ADAPTER_UNICAST_ADDRESS *Unicast = &Entry->FirstUnicastAddress;
    PIP_ADAPTER_PREFIX *Prefix = &Entry->FirstPrefix;
    PIP_ADAPTER_GATEWAY_ADDRESS *Gateway = &Entry->FirstGatewayAddress;
    PIP_ADAPTER_DNS_SERVER_ADDRESS First = NULL;
    PIP_ADAPTER_GATEWAY_ADDRESS *Server = (PIP_ADAPTER_GATEWAY_ADDRESS *)(PVOID)&First;
    BOOL Loopback = Adapter->kind == HOST_ADAPTER_LOOPBACK;

    for (ULONG i = 0; i < Network->address_count; i++) {
        const struct host_adapter_address *At = &Network->addresses[i];
        if (At->index != Adapter->index || !IsWanted(Writer, At))
            continue;
        if ((Writer->Flags & GAA_FLAG_SKIP_UNICAST) == 0)
            WriteUnicast(Writer, At, &Unicast, Loopback);
        if ((Writer->Flags & GAA_FLAG_INCLUDE_PREFIX) != 0)
            WritePrefix(Writer, At, &Prefix);
    }
    for (ULONG i = 0; i < Network->gateway_count && (Writer->Flags & GAA_FLAG_INCLUDE_GATEWAYS) != 0; i++) {
        if (Network->gateways[i].index == Adapter->index && IsWanted(Writer, &Network->gateways[i]))
            WriteOther(Writer, &Network->gateways[i], &Gateway);
    }
    /* The host's servers are the machine's: every adapter that leads outside has them. */
    if ((Writer->Flags & GAA_FLAG_SKIP_DNS_SERVER) != 0 || Loopback)
        return;
    for (ULONG i = 0; i < Network->server_count; i++) {
        if (IsWanted(Writer, &Network->servers[i]))
            WriteOther(Writer, &Network->servers[i], &Server);
    }
    Entry->FirstDnsServerAddress = First;
}

static BOOL HasAddress(const ADAPTER_WRITER *Writer, const struct host_adapter *Adapter, USHORT Family)
{
    for (ULONG i = 0; i < Writer->Network->address_count; i++) {
        const struct host_adapter_address *At = &Writer->Network->addresses[i];
        USHORT Its;
        RtlCopyMemory(&Its, At->address, sizeof Its);
        if (At->index == Adapter->index && Its == Family)
            return TRUE;
    }
    return FALSE;
}

static void WriteAdapter(ADAPTER_WRITER *Writer, const struct host_adapter *Adapter, PIP_ADAPTER_ADDRESSES **Link)
{
    PIP_ADAPTER_ADDRESSES Entry = Take(Writer, sizeof *Entry);
    ULONG64 Speed = Adapter->bits_per_second != 0 ? Adapter->bits_per_second : ~(ULONG64)0;
    PCHAR Name;

    **Link = Entry;
    *Link = &Entry->Next;
    Entry->Length = sizeof *Entry;
    Entry->IfIndex = Adapter->index;
    Entry->IfType = InterfaceType(Adapter);
    Entry->Mtu = Adapter->mtu;
    Entry->OperStatus = (Adapter->flags & HOST_INTERFACE_UP) != 0 && Adapter->running ? IfOperStatusUp
                                                                                        : IfOperStatusDown;
    Entry->PhysicalAddressLength = Adapter->physical_length;
    RtlCopyMemory(Entry->PhysicalAddress, Adapter->physical, Adapter->physical_length);
    Entry->Flags = IP_ADAPTER_IPV4_ENABLED;
    if ((Adapter->flags & HOST_INTERFACE_MULTICAST) == 0 && Adapter->kind != HOST_ADAPTER_LOOPBACK)
        Entry->Flags |= IP_ADAPTER_NO_MULTICAST;
    if (HasAddress(Writer, Adapter, AF_INET6)) {
        Entry->Flags |= IP_ADAPTER_IPV6_ENABLED;
        Entry->Ipv6IfIndex = Adapter->index;
    }
    Entry->ZoneIndices[1] = Entry->ZoneIndices[2] = Adapter->index; /* of the interface, of the link */
    Entry->TransmitLinkSpeed = Entry->ReceiveLinkSpeed = Speed;
    Entry->Luid.Value = LUID_OF(Entry->IfType, Adapter->index);
    Entry->CompartmentId = 1;
    Entry->ConnectionType = NET_IF_CONNECTION_DEDICATED;
    Entry->TunnelType = Entry->IfType == IF_TYPE_TUNNEL ? TUNNEL_TYPE_OTHER : TUNNEL_TYPE_NONE;
    Name = Entry->AdapterName = Take(Writer, GUID_TEXT);
    snprintf(Name, GUID_TEXT, "{4E54534F-434B-4950-8000-%012X}", Adapter->index);
    Entry->DnsSuffix = TakeText(Writer, "");
    Entry->Description = TakeText(Writer, Adapter->name);
    if ((Writer->Flags & GAA_FLAG_SKIP_FRIENDLY_NAME) == 0)
        Entry->FriendlyName = TakeText(Writer, Adapter->name);
    WriteAddresses(Writer, Adapter, Entry);
}

/* IPv4 is everywhere; IPv6 where there is an address of it. */
static BOOL IsListed(const ADAPTER_WRITER *Writer, const struct host_adapter *Adapter)
{
    return Writer->Family != AF_INET6 || (Writer->Flags & GAA_FLAG_INCLUDE_ALL_INTERFACES) != 0 ||
        HasAddress(Writer, Adapter, AF_INET6);
}

/* Returns the bytes that were written to Buffer; 0: there is no adapter. */
static SIZE_T WriteAdapters(ADAPTER_WRITER *Writer, PVOID Buffer)
{
    PIP_ADAPTER_ADDRESSES First = NULL, *Link = &First;
    Writer->Buffer = Buffer;
    Writer->Used = 0;
    for (ULONG i = 0; i < Writer->Network->adapter_count; i++) {
        if (IsListed(Writer, &Writer->Network->adapters[i]))
            WriteAdapter(Writer, &Writer->Network->adapters[i], &Link);
    }
    return Writer->Used;
}

/* More than all of it can take. */
static SIZE_T MostBytes(const struct host_network *Network)
{
    SIZE_T Address = sizeof(IP_ADAPTER_UNICAST_ADDRESS) + sizeof(SOCKADDR_IN6) + 16;
    SIZE_T Texts = GUID_TEXT + (2 * HOST_ADAPTER_NAME + 1) * sizeof(WCHAR) + 32;
    return (Network->adapter_count + 1) *
        (sizeof(IP_ADAPTER_ADDRESSES) + Texts + Network->server_count * Address) +
        (2 * (SIZE_T)Network->address_count + Network->gateway_count) * Address;
}

/* The size is known when it has been written once; the links are right where it is written for the caller. */
static ULONG WriteFor(ADAPTER_WRITER *Writer, PVOID Buffer, PULONG Size)
{
    SIZE_T Needed;
    PVOID Scratch = host_allocate(MostBytes(Writer->Network));
    if (Scratch == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    Needed = WriteAdapters(Writer, Scratch);
    host_free(Scratch);
    if (Needed == 0)
        return ERROR_NO_DATA;
    if (Buffer == NULL || *Size < Needed) {
        *Size = (ULONG)Needed;
        return ERROR_BUFFER_OVERFLOW;
    }
    if (!NT_SUCCESS(host_probe_program(Buffer, Needed, 1)))
        return ERROR_NOACCESS;
    (void)WriteAdapters(Writer, Buffer);
    return NO_ERROR;
}

ULONG WINAPI GetAdaptersAddresses(ULONG Family, ULONG Flags, PVOID Reserved,
    PIP_ADAPTER_ADDRESSES AdapterAddresses, PULONG SizePointer)
{
    struct host_network Network;
    ADAPTER_WRITER Writer = {.Family = Family, .Flags = Flags, .Network = &Network};
    ULONG Error = ERROR_NOT_ENOUGH_MEMORY;

    if (SizePointer == NULL || Reserved != NULL || (Flags & ~(ULONG)KNOWN_FLAGS) != 0 ||
        (Family != AF_UNSPEC && Family != AF_INET && Family != AF_INET6))
        return ERROR_INVALID_PARAMETER;
    Win32Initialize();
    if (!NT_SUCCESS(host_probe_program(SizePointer, sizeof *SizePointer, 1)))
        return ERROR_NOACCESS;
    if (NT_SUCCESS(host_network_read(&Network)))
        Error = WriteFor(&Writer, AdapterAddresses, SizePointer);
    host_network_free(&Network);
    return Error;
}

/* --- names and numbers; an interface's name is the host's --- */

static ULONG FindInterface(const char *Name, ULONG Index, struct host_adapter *Found)
{
    struct host_network Network;
    ULONG Error = ERROR_NOT_ENOUGH_MEMORY;
    if (NT_SUCCESS(host_network_read(&Network))) {
        Error = ERROR_FILE_NOT_FOUND;
        for (ULONG i = 0; i < Network.adapter_count; i++) {
            const struct host_adapter *At = &Network.adapters[i];
            if (Name != NULL ? strcmp(At->name, Name) != 0 : At->index != Index)
                continue;
            *Found = *At;
            Error = NO_ERROR;
        }
    }
    host_network_free(&Network);
    return Error;
}

NET_IFINDEX NTAPI if_nametoindex(PCSTR InterfaceName)
{
    struct host_adapter Found;
    if (InterfaceName == NULL || FindInterface(InterfaceName, 0, &Found) != NO_ERROR)
        return 0;
    return Found.index;
}

PCHAR NTAPI if_indextoname(NET_IFINDEX InterfaceIndex, PCHAR InterfaceName)
{
    struct host_adapter Found;
    if (InterfaceName == NULL || FindInterface(NULL, InterfaceIndex, &Found) != NO_ERROR)
        return NULL;
    return strcpy(InterfaceName, Found.name);
}

DWORD NTAPI ConvertInterfaceIndexToLuid(NET_IFINDEX InterfaceIndex, PNET_LUID InterfaceLuid)
{
    struct host_adapter Found;
    ULONG Error;
    if (InterfaceLuid == NULL)
        return ERROR_INVALID_PARAMETER;
    Error = FindInterface(NULL, InterfaceIndex, &Found);
    InterfaceLuid->Value = Error == NO_ERROR ? LUID_OF(InterfaceType(&Found), Found.index) : 0;
    return Error;
}

DWORD NTAPI ConvertInterfaceLuidToIndex(const NET_LUID *InterfaceLuid, PNET_IFINDEX InterfaceIndex)
{
    struct host_adapter Found;
    ULONG Error;
    if (InterfaceLuid == NULL || InterfaceIndex == NULL)
        return ERROR_INVALID_PARAMETER;
    Error = FindInterface(NULL, (ULONG)(InterfaceLuid->Value >> 24) & 0xffffff, &Found);
    if (Error == NO_ERROR && LUID_OF(InterfaceType(&Found), Found.index) != InterfaceLuid->Value)
        Error = ERROR_FILE_NOT_FOUND;
    *InterfaceIndex = Error == NO_ERROR ? Found.index : 0;
    return Error;
}
