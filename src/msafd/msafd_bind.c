/* SPDX-License-Identifier: MIT */
/*
 * msafd_bind.c - bind and listen.
 *
 * Layer: msafd; NT counterpart: WSPBind, WSPListen.
 */
#include "msafd_private.h"

#include <stddef.h>

/* Backlogs: plain values go to 200, SOMAXCONN_HINT(n) from 200 to 65535. [doc:winsock2/listen] */
#define MSAFD_BACKLOG_PLAIN_MAX 200
#define MSAFD_BACKLOG_HINT_MAX 65535

ULONG MsafdAddressLength(const MSAFD_SOCKET *Socket)
{
    return Socket->Family == AF_INET6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);
}

static BOOLEAN MsafdpIsWildcard(const MSAFD_SOCKET *Socket, const struct sockaddr *Name)
{
    static const UCHAR Zero[16];
    if (Socket->Family == AF_INET6)
        return RtlEqualMemory((const UCHAR *)Name + offsetof(SOCKADDR_IN6, sin6_addr), Zero, 16);
    return RtlEqualMemory((const UCHAR *)Name + offsetof(SOCKADDR_IN, sin_addr), Zero, 4);
}

static ULONG MsafdpShareAccess(const MSAFD_SOCKET *Socket, const struct sockaddr *Name)
{
    if (MsafdTestFlags(Socket, MSAFD_EXCLUSIVE))
        return AFD_EXCLUSIVEADDRUSE;
    if (MsafdTestFlags(Socket, MSAFD_REUSE))
        return AFD_REUSEADDRESS;
    return MsafdpIsWildcard(Socket, Name) ? AFD_WILDCARDADDRESS : AFD_NORMALADDRUSE;
}

INT MsafdBindSocket(MSAFD_SOCKET *Socket, const struct sockaddr *Name, int Length)
{
    struct {
        ULONG ShareAccess;
        UCHAR Address[sizeof(SOCKADDR_IN6)];
    } Request;
    UCHAR Bound[sizeof(SOCKADDR_IN6)];
    ULONG AddressLength = MsafdAddressLength(Socket);
    MSAFD_ADDRESS Copy;
    _Static_assert(
        offsetof(AFD_BIND_INFO, Address) == sizeof(ULONG), "the address follows ShareAccess");
    if (Length < (int)AddressLength || !NT_SUCCESS(MsafdProbe(Name, AddressLength)))
        return WSAEFAULT;
    RtlCopyMemory(&Copy, Name, AddressLength);
    Name = &Copy.Any;
    if (Name->sa_family != Socket->Family)
        return WSAEAFNOSUPPORT;
    if (MsafdTestFlags(Socket, MSAFD_BOUND))
        return WSAEINVAL;
    Request.ShareAccess = MsafdpShareAccess(Socket, Name);
    RtlCopyMemory(Request.Address, Name, AddressLength);
    NTSTATUS Status = MsafdControl(Socket, IOCTL_AFD_BIND, &Request,
        (ULONG)sizeof(ULONG) + AddressLength, Bound, sizeof Bound, NULL, 0);
    if (!NT_SUCCESS(Status))
        return MsafdWsaErrorFromStatus(Status);
    MsafdSetFlags(Socket, MSAFD_BOUND);
    return 0;
}

int WSPAPI MsafdBind(SOCKET s, const struct sockaddr *Name, int Length, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    INT Error = MsafdBindSocket(Socket, Name, Length);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}

static ULONG MsafdpClampBacklog(int Backlog)
{
    if (Backlog == SOMAXCONN)
        return MSAFD_BACKLOG_HINT_MAX;
    if (Backlog < 0) {
        if (Backlog < -MSAFD_BACKLOG_HINT_MAX)
            return MSAFD_BACKLOG_HINT_MAX;
        return Backlog > -MSAFD_BACKLOG_PLAIN_MAX ? MSAFD_BACKLOG_PLAIN_MAX : (ULONG)-Backlog;
    }
    if (Backlog == 0)
        return 1;
    return Backlog > MSAFD_BACKLOG_PLAIN_MAX ? MSAFD_BACKLOG_PLAIN_MAX : (ULONG)Backlog;
}

static INT MsafdpListen(MSAFD_SOCKET *Socket, int Backlog)
{
    AFD_LISTEN_INFO Request;
    if (MsafdIsDatagram(Socket))
        return WSAEOPNOTSUPP;
    if (MsafdTestFlags(Socket, MSAFD_LISTENING))
        return 0;
    RtlZeroMemory(&Request, sizeof Request);
    Request.MaximumConnectionQueue = MsafdpClampBacklog(Backlog);
    Request.UseDelayedAcceptance = MsafdTestFlags(Socket, MSAFD_CONDITIONAL_ACCEPT);
    NTSTATUS Status =
        MsafdControl(Socket, IOCTL_AFD_START_LISTEN, &Request, sizeof Request, NULL, 0, NULL, 0);
    if (!NT_SUCCESS(Status))
        return MsafdWsaErrorFromStatus(Status);
    MsafdSetFlags(Socket, MSAFD_LISTENING);
    return 0;
}

int WSPAPI MsafdListen(SOCKET s, int Backlog, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    INT Error = MsafdpListen(Socket, Backlog);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}
