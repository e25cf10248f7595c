/* SPDX-License-Identifier: MIT */
/*
 * msafd_leaf.c - WSAJoinLeaf: a multicast group by its address.
 *
 * Layer: msafd; NT counterpart: WSPJoinLeaf. IP multicast has no root: the socket is a leaf, and the
 * call returns the socket itself. JL_SENDER_ONLY joins nothing, since anybody may send to a group, but makes
 * the group the address that send() goes to. [obs:Win7Samples/netds/winsock/mcastip/ws2]
 * Connect data and quality of service are ignored. [doc:winsock2/wsajoinleaf]
 */
#include "msafd_private.h"

#define MSAFD_LEAF_FLAGS (WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_LEAF)

static INT MsafdpCheckLeaf(
    const MSAFD_SOCKET *Socket, const struct sockaddr *Name, int Length, DWORD Flags)
{
    if (Length < (int)MsafdAddressLength(Socket) || !NT_SUCCESS(MsafdProbe(Name, MsafdAddressLength(Socket))))
        return WSAEFAULT;
    if (Socket->Type != SOCK_DGRAM)
        return WSAEOPNOTSUPP;
    if (Name->sa_family != Socket->Family)
        return WSAEAFNOSUPPORT;
    if (Flags != JL_SENDER_ONLY && Flags != JL_RECEIVER_ONLY && Flags != JL_BOTH)
        return WSAEINVAL;
    if ((Socket->CreationFlags & MSAFD_LEAF_FLAGS) != MSAFD_LEAF_FLAGS ||
        !MsafdTestFlags(Socket, MSAFD_BOUND))
        return WSAEINVAL;
    return 0;
}

/* The group of interface 0: the one that the routes choose. */
static INT MsafdpJoinGroup(MSAFD_SOCKET *Socket, const struct sockaddr *Name)
{
    struct ip_mreq Group4;
    struct ipv6_mreq Group6;
    ULONG Length = Socket->Family == AF_INET6 ? sizeof Group6 : sizeof Group4;
    NTSTATUS Status;
    RtlZeroMemory(&Group4, sizeof Group4);
    RtlZeroMemory(&Group6, sizeof Group6);
    if (Socket->Family == AF_INET6) {
        Group6.ipv6mr_multiaddr = ((const SOCKADDR_IN6 *)(const VOID *)Name)->sin6_addr;
        Group6.ipv6mr_interface = ((const SOCKADDR_IN6 *)(const VOID *)Name)->sin6_scope_id;
        Status = MsafdTransportOption(
            Socket, AFD_TL_SET_OPTION, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &Group6, &Length);
    } else {
        Group4.imr_multiaddr = ((const SOCKADDR_IN *)(const VOID *)Name)->sin_addr;
        Status = MsafdTransportOption(
            Socket, AFD_TL_SET_OPTION, IPPROTO_IP, IP_ADD_MEMBERSHIP, &Group4, &Length);
    }
    return MsafdWsaErrorFromStatus(Status);
}

SOCKET WSPAPI MsafdJoinLeaf(SOCKET s, const struct sockaddr *Name, int Length, LPWSABUF CallerData,
    LPWSABUF CalleeData, LPQOS SQOS, LPQOS GQOS, DWORD Flags, LPINT Errno)
{
    (VOID) CallerData, (VOID) SQOS, (VOID) GQOS;
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK), INVALID_SOCKET;
    INT Error = MsafdpCheckLeaf(Socket, Name, Length, Flags);
    if (Error == 0 && Flags != JL_SENDER_ONLY)
        Error = MsafdpJoinGroup(Socket, Name);
    if (Error == 0 && Flags == JL_SENDER_ONLY && MsafdConnect(s, Name, Length, NULL, NULL, NULL, NULL, Errno) != 0)
        Error = *Errno;
    if (Error == 0 && CalleeData != NULL)
        CalleeData->len = 0;
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? (MsafdFail(Errno, Error), INVALID_SOCKET) : s;
}
