/* SPDX-License-Identifier: MIT */
/*
 * msafd_leaf.c - WSAJoinLeaf: a multicast group by its address.
 *
 * Layer: msafd; NT counterpart: WSPJoinLeaf. IP multicast has no root: the socket is a leaf, and the
 * call returns the socket itself. JL_SENDER_ONLY joins nothing, since anybody may send to a group, but makes
 * the group the address that send() goes to. [obs:Win7Samples/netds/winsock/mcastip/ws2]
 * A socket that is not bound yet is bound. Connect data is ignored, as on every connectionless socket. The call
 * has joined when it returns, on a non-blocking socket too. [doc:winsock2/wsajoinleaf]
 */
#include "msafd_private.h"

#include <stddef.h>

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
    if ((Socket->CreationFlags & MSAFD_LEAF_FLAGS) != MSAFD_LEAF_FLAGS)
        return WSAEINVAL;
    return 0;
}

static INT MsafdpJoinGroup(MSAFD_SOCKET *Socket, const struct sockaddr *Name)
{
    struct {
        AFD_CONNECT_JOIN_INFO Info;
        UCHAR Room[sizeof(SOCKADDR_IN6)];
    } Request;
    RtlZeroMemory(&Request, sizeof Request);
    RtlCopyMemory((UCHAR *)&Request + offsetof(AFD_CONNECT_JOIN_INFO, RemoteAddress), Name,
        MsafdAddressLength(Socket));
    NTSTATUS Status = MsafdControl(Socket, IOCTL_AFD_JOIN_LEAF, &Request,
        (ULONG)offsetof(AFD_CONNECT_JOIN_INFO, RemoteAddress) + MsafdAddressLength(Socket), NULL, 0,
        NULL, 0);
    if (NT_SUCCESS(Status))
        MsafdSetFlags(Socket, MSAFD_BOUND);
    return MsafdWsaErrorFromStatus(Status);
}

SOCKET WSPAPI MsafdJoinLeaf(SOCKET s, const struct sockaddr *Name, int Length, LPWSABUF CallerData,
    LPWSABUF CalleeData, LPQOS SQOS, LPQOS GQOS, DWORD Flags, LPINT Errno)
{
    (VOID) GQOS; /* reserved */
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK), INVALID_SOCKET;
    INT Error = MsafdpCheckLeaf(Socket, Name, Length, Flags);
    if (Error == 0)
        Error = MsafdCheckConnectData(Socket, CallerData, CalleeData, SQOS);
    if (Error == 0 && Flags != JL_SENDER_ONLY)
        Error = MsafdpJoinGroup(Socket, Name);
    if (Error == 0 && Flags == JL_SENDER_ONLY && MsafdConnect(s, Name, Length, NULL, NULL, NULL, NULL, Errno) != 0)
        Error = *Errno;
    if (Error == 0 && CalleeData != NULL)
        MsafdStore(&CalleeData->len, 0);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? (MsafdFail(Errno, Error), INVALID_SOCKET) : s;
}
