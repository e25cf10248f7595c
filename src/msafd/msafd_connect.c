/* SPDX-License-Identifier: MIT */
/*
 * msafd_connect.c - connect, of streams and of datagram sockets.
 *
 * Layer: msafd; NT counterpart: WSPConnect. Whether a socket is connected is AFD's knowledge alone:
 * the provider keeps no state that could lag behind what select has said. [kb:Q165989] TCP carries no
 * connect data, and nothing here reserves a quality of service. [doc:winsock2/wsaconnect]
 */
#include "msafd_private.h"

#include <stddef.h>

static BOOLEAN MsafdpIsZero(const UCHAR *Bytes, ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        if (Bytes[i] != 0)
            return FALSE;
    }
    return TRUE;
}

static BOOLEAN MsafdpIsNoAddress(const struct sockaddr *Name)
{
    const UCHAR *Bytes = (const UCHAR *)Name;
    return Name->sa_family == AF_INET6 ? MsafdpIsZero(Bytes + offsetof(SOCKADDR_IN6, sin6_addr), 16)
                                       : MsafdpIsZero(Bytes + offsetof(SOCKADDR_IN, sin_addr), 4);
}

static BOOLEAN MsafdpIsNoPort(const struct sockaddr *Name)
{
    return MsafdpIsZero((const UCHAR *)Name + offsetof(SOCKADDR_IN, sin_port), 2);
}

/*
 * A zero address of a datagram socket, or family AF_UNSPEC, dissolves the association; a stream
 * cannot be connected to it, nor to port 0, which is a peer as others for datagrams.
 * [doc:winsock2/connect] [test:wine/ws2_32/sock.c events]
 */
INT MsafdCheckDestination(const MSAFD_SOCKET *Socket, const struct sockaddr *Name, int Length,
    MSAFD_ADDRESS *Copy, BOOLEAN *None)
{
    *None = FALSE;
    RtlZeroMemory(Copy, sizeof *Copy);
    if (Length < (int)sizeof(Name->sa_family) ||
        !NT_SUCCESS(MsafdProbe(Name, sizeof(Name->sa_family))))
        return WSAEFAULT;
    RtlCopyMemory(&Copy->Any.sa_family, Name, sizeof Copy->Any.sa_family);
    if (MsafdIsDatagram(Socket) && Copy->Any.sa_family == AF_UNSPEC) {
        *None = TRUE;
        return 0;
    }
    if (Length < (int)MsafdAddressLength(Socket) ||
        !NT_SUCCESS(MsafdProbe(Name, MsafdAddressLength(Socket))))
        return WSAEFAULT;
    RtlCopyMemory(Copy, Name, MsafdAddressLength(Socket));
    if (Copy->Any.sa_family != Socket->Family)
        return WSAEAFNOSUPPORT;
    if (MsafdTestFlags(Socket, MSAFD_LISTENING))
        return WSAEINVAL;
    BOOLEAN NoAddress = MsafdpIsNoAddress(&Copy->Any);
    if (!MsafdIsDatagram(Socket) && (NoAddress || MsafdpIsNoPort(&Copy->Any)))
        return WSAEADDRNOTAVAIL;
    *None = (BOOLEAN)(NoAddress && Socket->Type == SOCK_DGRAM);
    return 0;
}

/* Best effort, and nothing at all, can be had. A value that is none of the four is [guess]. */
static BOOLEAN MsafdpIsUnsatisfiable(const FLOWSPEC *Flow)
{
    return (BOOLEAN)(Flow->ServiceType != SERVICETYPE_NOTRAFFIC &&
                     Flow->ServiceType != SERVICETYPE_BESTEFFORT &&
                     Flow->ServiceType != QOS_NOT_SPECIFIED);
}

INT MsafdCheckConnectData(
    const MSAFD_SOCKET *Socket, LPWSABUF CallerData, LPWSABUF CalleeData, const QOS *SQOS)
{
    WSABUF Data = {0, NULL};
    QOS Quality;
    if (CalleeData != NULL && !NT_SUCCESS(MsafdProbeWrite(CalleeData, sizeof *CalleeData)))
        return WSAEFAULT;
    if (CallerData != NULL) {
        if (!NT_SUCCESS(MsafdProbe(CallerData, sizeof *CallerData)))
            return WSAEFAULT;
        RtlCopyMemory(&Data, CallerData, sizeof Data);
    }
    if (Data.len != 0 && !MsafdIsDatagram(Socket))
        return WSAEPROTONOSUPPORT;
    if (SQOS == NULL)
        return 0;
    if (!NT_SUCCESS(MsafdProbe(SQOS, sizeof *SQOS)))
        return WSAEFAULT;
    RtlCopyMemory(&Quality, SQOS, sizeof Quality);
    return MsafdpIsUnsatisfiable(&Quality.SendingFlowspec) ||
                   MsafdpIsUnsatisfiable(&Quality.ReceivingFlowspec)
               ? WSAEOPNOTSUPP
               : 0;
}

static INT MsafdpConnect(MSAFD_SOCKET *Socket, const struct sockaddr *Name, int Length)
{
    struct {
        AFD_CONNECT_JOIN_INFO Info;
        UCHAR Room[sizeof(SOCKADDR_IN6)];
    } Request;
    MSAFD_ADDRESS Copy;
    BOOLEAN None;
    INT Error = MsafdCheckDestination(Socket, Name, Length, &Copy, &None);
    if (Error != 0)
        return Error;
    if (MsafdTestFlags(Socket, MSAFD_CONNECTED_EX))
        return WSAEISCONN;
    UCHAR *Address = (UCHAR *)&Request + offsetof(AFD_CONNECT_JOIN_INFO, RemoteAddress);
    RtlZeroMemory(&Request, sizeof Request);
    if (!None)
        RtlCopyMemory(Address, &Copy, MsafdAddressLength(Socket));
    MsafdClearFlags(Socket, MSAFD_ERROR_REPORTED);
    MsafdSetFlags(Socket, MSAFD_CONNECT_STARTED);
    NTSTATUS Status = MsafdControl(Socket, IOCTL_AFD_CONNECT, &Request,
        (ULONG)offsetof(AFD_CONNECT_JOIN_INFO, RemoteAddress) + MsafdAddressLength(Socket), NULL, 0,
        NULL, 0);
    if (Status == STATUS_CONNECTION_ACTIVE && MsafdTestFlags(Socket, MSAFD_CONTEXT_STALE))
        return WSAEINVAL; /* ConnectEx's connection, not the provider's. [obs:wine/sock connect] */
    if (NT_SUCCESS(Status) || Status == STATUS_DEVICE_NOT_READY)
        MsafdClearFlags(Socket, MSAFD_CONTEXT_STALE);
    /* A stream that must not block is never connected at once on Windows, however near the peer.
     * [obs] */
    if (Status == STATUS_SUCCESS && !MsafdIsDatagram(Socket) &&
        MsafdTestFlags(Socket, MSAFD_NONBLOCKING))
        return WSAEWOULDBLOCK;
    return MsafdWsaErrorFromStatus(Status);
}

int WSPAPI MsafdConnect(SOCKET s, const struct sockaddr *Name, int Length, LPWSABUF CallerData,
    LPWSABUF CalleeData, LPQOS SQOS, LPQOS GQOS, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    INT Error = MsafdCheckConnectData(Socket, CallerData, CalleeData, SQOS);
    if (Error == 0 && GQOS != NULL) /* reserved. [doc:winsock2/wsaconnect] */
        Error = WSAEINVAL;
    if (Error == 0)
        Error = MsafdpConnect(Socket, Name, Length);
    if (Error == 0 && CalleeData != NULL)
        MsafdStore(&CalleeData->len, 0);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}

INT MsafdConnectError(SOCKET s, MSAFD_SOCKET *Socket)
{
    AFD_POLL_INFO Poll;
    ULONG_PTR Returned;
    if (MsafdIsDatagram(Socket) || !MsafdTestFlags(Socket, MSAFD_CONNECT_STARTED) ||
        MsafdTestFlags(Socket, MSAFD_ERROR_REPORTED))
        return 0;
    RtlZeroMemory(&Poll, sizeof Poll);
    Poll.NumberOfHandles = 1;
    Poll.Handles[0].Handle = (HANDLE)(ULONG_PTR)s;
    Poll.Handles[0].PollEvents = AFD_POLL_CONNECT_FAIL;
    NTSTATUS Status =
        MsafdControl(Socket, IOCTL_AFD_POLL, &Poll, sizeof Poll, &Poll, sizeof Poll, &Returned, 0);
    if (Status != STATUS_SUCCESS || Poll.NumberOfHandles == 0 ||
        (Poll.Handles[0].PollEvents & AFD_POLL_CONNECT_FAIL) == 0)
        return 0;
    MsafdSetFlags(Socket, MSAFD_ERROR_REPORTED);
    return MsafdWsaErrorFromStatus(Poll.Handles[0].Status);
}
