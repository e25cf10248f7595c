/* SPDX-License-Identifier: MIT */
/*
 * msafd_send.c - send and sendto.
 *
 * Layer: msafd; NT counterpart: WSPSend, WSPSendTo. The data path: nothing is allocated, the
 * program's WSABUF array is passed as it is (it has AFD's layout).
 */
#include "msafd_private.h"

#include <stddef.h>

_Static_assert(
    sizeof(WSABUF) == sizeof(AFD_WSABUF) && offsetof(WSABUF, buf) == offsetof(AFD_WSABUF, buf),
    "WSABUF and AFD_WSABUF are one layout");

#define MSAFD_SEND_FLAGS (MSG_OOB | MSG_DONTROUTE | MSG_PARTIAL)

static INT MsafdpCheckSend(const MSAFD_SOCKET *Socket, LPWSABUF Buffers, DWORD Count, LPDWORD Sent,
    DWORD Flags, LPWSAOVERLAPPED Overlapped)
{
    if (Count == 0)
        return WSAEINVAL;
    if (Count > MSAFD_BUFFERS_MAX)
        return WSAENOBUFS;
    if (!NT_SUCCESS(MsafdProbeRange(Buffers, sizeof *Buffers * (SIZE_T)Count)))
        return WSAEFAULT;
    if ((Sent != NULL || Overlapped == NULL) && !NT_SUCCESS(MsafdProbeWrite(Sent, sizeof *Sent)))
        return WSAEFAULT;
    if ((Flags & ~(DWORD)MSAFD_SEND_FLAGS) != 0 ||
        ((Flags & MSG_OOB) != 0 && MsafdIsDatagram(Socket)))
        return WSAEOPNOTSUPP;
    if (MsafdTestFlags(Socket, MSAFD_SEND_SHUTDOWN))
        return WSAESHUTDOWN;
    return 0;
}

ULONG MsafdSendTdiFlags(DWORD Flags)
{
    ULONG Tdi = 0;
    if ((Flags & MSG_OOB) != 0)
        Tdi |= TDI_SEND_EXPEDITED;
    if ((Flags & MSG_DONTROUTE) != 0)
        Tdi |= TDI_SEND_DONT_ROUTE;
    return Tdi;
}

/* One request, in the caller's OVERLAPPED or waited for. Returns a Winsock error. */
static INT MsafdpTransmit(SOCKET s, MSAFD_SOCKET *Socket, const MSAFD_REQUEST *Request,
    LPDWORD Sent, LPWSAOVERLAPPED Overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    ULONG_PTR Bytes;
    if (Overlapped != NULL)
        return MsafdControlOverlapped(s, Request, Overlapped, Routine, Sent, NULL);
    NTSTATUS Status = MsafdControl(Socket, Request->Code, Request->Input, Request->InputLength,
        NULL, 0, &Bytes, Socket->SendTimeoutMs);
    if (!NT_SUCCESS(Status))
        return MsafdWsaErrorFromStatus(Status);
    MsafdStore(Sent, (ULONG)Bytes);
    return 0;
}

static INT MsafdpSendDatagram(SOCKET s, MSAFD_SOCKET *Socket, LPWSABUF Buffers, DWORD Count,
    LPDWORD Sent, DWORD Flags, const struct sockaddr *To, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    AFD_SEND_DATAGRAM_INFO Info;
    MSAFD_REQUEST Request;
    RtlZeroMemory(&Info, sizeof Info);
    Info.BufferArray = (PAFD_WSABUF)(PVOID)Buffers;
    Info.BufferCount = Count;
    Info.AfdFlags = Overlapped != NULL ? AFD_OVERLAPPED : 0;
    Info.TdiFlags = MsafdSendTdiFlags(Flags);
    Info.RemoteAddress = (PVOID)(ULONG_PTR)To;
    Info.RemoteAddressLength = To != NULL ? MsafdAddressLength(Socket) : 0;
    MsafdInitializeRequest(&Request, IOCTL_AFD_SEND_DATAGRAM, &Info, sizeof Info);
    MsafdCapture(&Request, offsetof(AFD_SEND_DATAGRAM_INFO, BufferArray), Buffers,
        sizeof *Buffers * (SIZE_T)Count);
    if (To != NULL)
        MsafdCapture(&Request, offsetof(AFD_SEND_DATAGRAM_INFO, RemoteAddress), To,
            Info.RemoteAddressLength);
    return MsafdpTransmit(s, Socket, &Request, Sent, Overlapped, Routine);
}

static INT MsafdpSendStream(SOCKET s, MSAFD_SOCKET *Socket, LPWSABUF Buffers, DWORD Count,
    LPDWORD Sent, DWORD Flags, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    AFD_SEND_INFO Info;
    MSAFD_REQUEST Request;
    Info.BufferArray = (PAFD_WSABUF)(PVOID)Buffers;
    Info.BufferCount = Count;
    Info.AfdFlags = Overlapped != NULL ? AFD_OVERLAPPED : 0;
    /* The fast path could wait longer than SO_SNDTIMEO: see afd_send.c. */
    if (Overlapped == NULL && Socket->SendTimeoutMs != 0)
        Info.AfdFlags |= AFD_NO_FAST_IO;
    Info.TdiFlags = MsafdSendTdiFlags(Flags);
    MsafdInitializeRequest(&Request, IOCTL_AFD_SEND, &Info, sizeof Info);
    MsafdCapture(
        &Request, offsetof(AFD_SEND_INFO, BufferArray), Buffers, sizeof *Buffers * (SIZE_T)Count);
    return MsafdpTransmit(s, Socket, &Request, Sent, Overlapped, Routine);
}

int WSPAPI MsafdSend(SOCKET s, LPWSABUF Buffers, DWORD Count, LPDWORD Sent, DWORD Flags,
    LPWSAOVERLAPPED Overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread,
    LPINT Errno)
{
    (VOID) Thread;
    /* An overlapped request is made with the handle: the socket is only looked at. */
    MSAFD_SOCKET *Socket = Overlapped != NULL ? MsafdPeekSocket(s) : MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    INT Error = MsafdpCheckSend(Socket, Buffers, Count, Sent, Flags, Overlapped);
    BOOLEAN Datagram = MsafdIsDatagram(Socket);
    if (Overlapped != NULL && !MsafdIsStillSocket(s, Socket))
        return MsafdFail(Errno, WSAENOTSOCK); /* closed meanwhile */
    if (Error == 0 && Datagram)
        Error =
            MsafdpSendDatagram(s, Socket, Buffers, Count, Sent, Flags, NULL, Overlapped, Routine);
    else if (Error == 0)
        Error = MsafdpSendStream(s, Socket, Buffers, Count, Sent, Flags, Overlapped, Routine);
    if (Overlapped == NULL)
        MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}

/* [doc:winsock2/wsasendto] */
INT MsafdCheckSendTo(const MSAFD_SOCKET *Socket, const struct sockaddr *To, int ToLength)
{
    MSAFD_ADDRESS Copy;
    if (ToLength < (int)MsafdAddressLength(Socket) ||
        !NT_SUCCESS(MsafdProbe(To, MsafdAddressLength(Socket))))
        return WSAEFAULT;
    RtlCopyMemory(&Copy, To, MsafdAddressLength(Socket));
    if (Copy.Any.sa_family != Socket->Family)
        return WSAEAFNOSUPPORT;
    if (Socket->Family == AF_INET && Copy.Ipv4.sin_addr.s_addr == INADDR_ANY)
        return WSAEADDRNOTAVAIL;
    return 0;
}

int WSPAPI MsafdSendTo(SOCKET s, LPWSABUF Buffers, DWORD Count, LPDWORD Sent, DWORD Flags,
    const struct sockaddr *To, int ToLength, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    /* On a stream the address means nothing: this is a plain send. */
    if (To == NULL || !MsafdIsDatagram(Socket)) {
        MsafdDereferenceSocket(Socket);
        return MsafdSend(s, Buffers, Count, Sent, Flags, Overlapped, Routine, Thread, Errno);
    }
    INT Error = MsafdpCheckSend(Socket, Buffers, Count, Sent, Flags, Overlapped);
    if (Error == 0)
        Error = MsafdCheckSendTo(Socket, To, ToLength);
    if (Error == 0)
        Error = MsafdpSendDatagram(s, Socket, Buffers, Count, Sent, Flags, To, Overlapped, Routine);
    if (Error == 0 || Error == WSA_IO_PENDING)
        MsafdSetFlags(Socket, MSAFD_BOUND);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}
