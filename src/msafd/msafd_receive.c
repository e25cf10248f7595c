/* SPDX-License-Identifier: MIT */
/*
 * msafd_receive.c - recv and recvfrom.
 *
 * Layer: msafd; NT counterpart: WSPRecv, WSPRecvFrom. The data path: nothing is allocated.
 */
#include "msafd_private.h"

#include <stddef.h>

#define MSAFD_RECEIVE_FLAGS (MSG_PEEK | MSG_OOB | MSG_PARTIAL | MSG_WAITALL | MSG_PUSH_IMMEDIATE)

static INT MsafdpCheckReceive(const MSAFD_SOCKET *Socket, LPWSABUF Buffers, DWORD Count,
    LPDWORD Received, LPDWORD Flags, LPWSAOVERLAPPED Overlapped)
{
    if (Count == 0)
        return WSAEINVAL;
    if (Count > MSAFD_BUFFERS_MAX)
        return WSAENOBUFS;
    if (!NT_SUCCESS(MsafdProbeRange(Buffers, sizeof *Buffers * (SIZE_T)Count)) ||
        !NT_SUCCESS(MsafdProbeWrite(Flags, sizeof *Flags)))
        return WSAEFAULT;
    if ((Received != NULL || Overlapped == NULL) &&
        !NT_SUCCESS(MsafdProbeWrite(Received, sizeof *Received)))
        return WSAEFAULT;
    DWORD Given = MsafdLoad(Flags);
    if ((Given & ~(DWORD)MSAFD_RECEIVE_FLAGS) != 0)
        return WSAEINVAL; /* an unknown flag. [doc:winsock2/recv] */
    if ((Given & MSG_OOB) != 0 && MsafdIsDatagram(Socket))
        return WSAEOPNOTSUPP;
    if ((Given & MSG_OOB) != 0 && MsafdTestFlags(Socket, MSAFD_OOB_INLINE))
        return WSAEINVAL;
    /* MSG_WAITALL is for streams that may block, alone. [doc:winsock2/wsarecv] */
    if ((Given & MSG_WAITALL) != 0 &&
        (MsafdIsDatagram(Socket) || (Given & (MSG_OOB | MSG_PEEK)) != 0 ||
            (Overlapped == NULL && MsafdTestFlags(Socket, MSAFD_NONBLOCKING))))
        return WSAEOPNOTSUPP;
    if (MsafdTestFlags(Socket, MSAFD_RECEIVE_SHUTDOWN))
        return WSAESHUTDOWN;
    return 0;
}

ULONG MsafdReceiveTdiFlags(DWORD Flags)
{
    ULONG Tdi = (Flags & MSG_OOB) != 0 ? TDI_RECEIVE_EXPEDITED : TDI_RECEIVE_NORMAL;
    if ((Flags & MSG_PEEK) != 0)
        Tdi |= TDI_RECEIVE_PEEK;
    if ((Flags & MSG_WAITALL) != 0)
        Tdi |= TDI_RECEIVE_NO_PUSH;
    return Tdi;
}

/* One request, in the caller's OVERLAPPED or waited for. Returns a Winsock error. */
static INT MsafdpReceive(SOCKET s, MSAFD_SOCKET *Socket, const MSAFD_REQUEST *Request,
    LPDWORD Received, LPDWORD Flags, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    ULONG_PTR Bytes;
    NTSTATUS Status;
    if (Overlapped != NULL)
        return MsafdControlOverlapped(s, Request, Overlapped, Routine, Received, Flags);
    /* A receive for all bytes may have taken some when it is cancelled for an APC: it waits
     * without. */
    if ((MsafdLoad(Flags) & MSG_WAITALL) != 0)
        Status = MsafdControl(Socket, Request->Code, Request->Input, Request->InputLength, NULL, 0,
            &Bytes, Socket->ReceiveTimeoutMs);
    else
        Status = MsafdControlAlertable(Socket, Request->Code, Request->Input, Request->InputLength,
            NULL, 0, &Bytes, Socket->ReceiveTimeoutMs);
    if (!NT_SUCCESS(Status) && Status != STATUS_BUFFER_OVERFLOW)
        return MsafdWsaErrorFromStatus(Status);
    MsafdStore(Received, (ULONG)Bytes);
    MsafdStore(Flags, MsafdFlagsFromStatus(Status));
    return MsafdWsaErrorFromStatus(Status);
}

static INT MsafdpReceiveStream(SOCKET s, MSAFD_SOCKET *Socket, LPWSABUF Buffers, DWORD Count,
    LPDWORD Received, LPDWORD Flags, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    AFD_RECV_INFO Info;
    MSAFD_REQUEST Request;
    Info.BufferArray = (PAFD_WSABUF)(PVOID)Buffers;
    Info.BufferCount = Count;
    Info.AfdFlags = Overlapped != NULL ? AFD_OVERLAPPED : 0;
    Info.TdiFlags = MsafdReceiveTdiFlags(MsafdLoad(Flags));
    MsafdInitializeRequest(&Request, IOCTL_AFD_RECEIVE, &Info, sizeof Info);
    MsafdCapture(
        &Request, offsetof(AFD_RECV_INFO, BufferArray), Buffers, sizeof *Buffers * (SIZE_T)Count);
    return MsafdpReceive(s, Socket, &Request, Received, Flags, Overlapped, Routine);
}

static INT MsafdpReceiveDatagram(SOCKET s, MSAFD_SOCKET *Socket, LPWSABUF Buffers, DWORD Count,
    LPDWORD Received, LPDWORD Flags, struct sockaddr *From, LPINT FromLength,
    LPWSAOVERLAPPED Overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    AFD_RECV_DATAGRAM_INFO Info;
    MSAFD_REQUEST Request;
    RtlZeroMemory(&Info, sizeof Info);
    Info.BufferArray = (PAFD_WSABUF)(PVOID)Buffers;
    Info.BufferCount = Count;
    Info.AfdFlags = Overlapped != NULL ? AFD_OVERLAPPED : 0;
    Info.TdiFlags = MsafdReceiveTdiFlags(MsafdLoad(Flags));
    Info.Address = From;
    Info.AddressLength = From != NULL ? (PULONG)(PVOID)FromLength : NULL;
    MsafdInitializeRequest(&Request, IOCTL_AFD_RECEIVE_DATAGRAM, &Info, sizeof Info);
    MsafdCapture(&Request, offsetof(AFD_RECV_DATAGRAM_INFO, BufferArray), Buffers,
        sizeof *Buffers * (SIZE_T)Count);
    return MsafdpReceive(s, Socket, &Request, Received, Flags, Overlapped, Routine);
}

int WSPAPI MsafdRecv(SOCKET s, LPWSABUF Buffers, DWORD Count, LPDWORD Received, LPDWORD Flags,
    LPWSAOVERLAPPED Overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread,
    LPINT Errno)
{
    (VOID) Thread;
    /* An overlapped request is made with the handle: the socket is only looked at. */
    MSAFD_SOCKET *Socket = Overlapped != NULL ? MsafdPeekSocket(s) : MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    INT Error = MsafdpCheckReceive(Socket, Buffers, Count, Received, Flags, Overlapped);
    BOOLEAN Datagram = MsafdIsDatagram(Socket);
    if (Overlapped != NULL && !MsafdIsStillSocket(s, Socket))
        return MsafdFail(Errno, WSAENOTSOCK); /* closed meanwhile */
    if (Error == 0 && Datagram)
        Error = MsafdpReceiveDatagram(
            s, Socket, Buffers, Count, Received, Flags, NULL, NULL, Overlapped, Routine);
    else if (Error == 0)
        Error =
            MsafdpReceiveStream(s, Socket, Buffers, Count, Received, Flags, Overlapped, Routine);
    if (Overlapped == NULL)
        MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}

/* [doc:winsock2/recvfrom]: a length too small for the source address is an error, nothing is
 * received. */
static INT MsafdpCheckFrom(
    const MSAFD_SOCKET *Socket, const struct sockaddr *From, LPINT FromLength)
{
    if (From == NULL)
        return 0;
    if (!NT_SUCCESS(MsafdProbe(FromLength, sizeof *FromLength)) ||
        (INT)MsafdLoad(FromLength) < (INT)MsafdAddressLength(Socket))
        return WSAEFAULT;
    return NT_SUCCESS(MsafdProbeRange(From, MsafdAddressLength(Socket))) ? 0 : WSAEFAULT;
}

int WSPAPI MsafdRecvFrom(SOCKET s, LPWSABUF Buffers, DWORD Count, LPDWORD Received, LPDWORD Flags,
    struct sockaddr *From, LPINT FromLength, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    if (!MsafdIsDatagram(Socket)) {
        MsafdDereferenceSocket(Socket);
        return MsafdRecv(s, Buffers, Count, Received, Flags, Overlapped, Routine, Thread, Errno);
    }
    INT Error = MsafdpCheckReceive(Socket, Buffers, Count, Received, Flags, Overlapped);
    if (Error == 0)
        Error = MsafdpCheckFrom(Socket, From, FromLength);
    if (Error == 0)
        Error = MsafdpReceiveDatagram(
            s, Socket, Buffers, Count, Received, Flags, From, FromLength, Overlapped, Routine);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}
