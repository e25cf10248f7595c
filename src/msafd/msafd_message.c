/* SPDX-License-Identifier: MIT */
/*
 * msafd_message.c - WSARecvMsg and WSASendMsg: datagrams with control information.
 *
 * Layer: msafd; NT counterpart: the same of mswsock.dll. The WSABUF arrays are captured; the WSAMSG, its
 * name and its control buffer must live until a receive is complete, because results go there.
 * [doc:mswsock/lpfn_wsarecvmsg] Streams are refused. [obs:wine/sock WSASendMsg]
 */
#include "msafd_private.h"

#include <stddef.h>

#define MSAFD_RECEIVE_MESSAGE_FLAGS MSG_PEEK
#define MSAFD_SEND_MESSAGE_FLAGS (MSG_DONTROUTE | MSG_PARTIAL)

static INT MsafdpCheckBuffers(const WSAMSG *Message)
{
    if (Message->dwBufferCount > MSAFD_BUFFERS_MAX)
        return WSAENOBUFS;
    if (!NT_SUCCESS(MsafdProbeRange(
            Message->lpBuffers, sizeof *Message->lpBuffers * (SIZE_T)Message->dwBufferCount)) ||
        !NT_SUCCESS(MsafdProbeRange(Message->Control.buf, Message->Control.len)))
        return WSAEFAULT;
    return Message->dwBufferCount == 0 ? WSAEINVAL : 0;
}

/* --- receive --- */

static INT MsafdpCheckRecvMsg(
    const MSAFD_SOCKET *Socket, const WSAMSG *Message, LPDWORD Received, LPWSAOVERLAPPED Overlapped)
{
    if (!NT_SUCCESS(MsafdProbeWrite(Message, sizeof *Message)) ||
        ((Received != NULL || Overlapped == NULL) &&
            !NT_SUCCESS(MsafdProbeWrite(Received, sizeof *Received))))
        return WSAEFAULT;
    if (!MsafdIsDatagram(Socket))
        return WSAEINVAL;
    if (Message->name != NULL && (Message->namelen < (INT)MsafdAddressLength(Socket) ||
                                     !NT_SUCCESS(MsafdProbeRange(Message->name, (SIZE_T)Message->namelen))))
        return WSAEFAULT;
    if ((Message->dwFlags & ~(DWORD)MSAFD_RECEIVE_MESSAGE_FLAGS) != 0)
        return WSAEOPNOTSUPP;
    if (MsafdTestFlags(Socket, MSAFD_RECEIVE_SHUTDOWN))
        return WSAESHUTDOWN;
    return MsafdpCheckBuffers(Message);
}

static INT MsafdpReceiveMessage(SOCKET s, MSAFD_SOCKET *Socket, LPWSAMSG Message,
    LPDWORD Received, LPWSAOVERLAPPED Overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    AFD_RECV_MESSAGE_INFO Info;
    MSAFD_REQUEST Request;
    ULONG_PTR Bytes;
    RtlZeroMemory(&Info, sizeof Info);
    Info.Datagram.BufferArray = (PAFD_WSABUF)(PVOID)Message->lpBuffers;
    Info.Datagram.BufferCount = Message->dwBufferCount;
    Info.Datagram.AfdFlags = Overlapped != NULL ? AFD_OVERLAPPED : 0;
    Info.Datagram.TdiFlags = MsafdReceiveTdiFlags(Message->dwFlags);
    Info.Datagram.Address = Message->name;
    Info.Datagram.AddressLength =
        Message->name != NULL ? (PULONG)(PVOID)&Message->namelen : NULL;
    Info.ControlBuffer = Message->Control.buf;
    Info.ControlLength = &Message->Control.len;
    Info.MessageFlags = &Message->dwFlags;
    MsafdInitializeRequest(&Request, IOCTL_AFD_RECEIVE_MESSAGE, &Info, sizeof Info);
    MsafdCapture(&Request, offsetof(AFD_RECV_MESSAGE_INFO, Datagram.BufferArray),
        Message->lpBuffers, sizeof *Message->lpBuffers * (SIZE_T)Message->dwBufferCount);
    if (Overlapped != NULL)
        return MsafdControlOverlapped(s, &Request, Overlapped, Routine, Received, NULL);
    NTSTATUS Status = MsafdControlAlertable(Socket, Request.Code, &Info, sizeof Info, NULL, 0,
        &Bytes, Socket->ReceiveTimeoutMs);
    if (NT_SUCCESS(Status) || Status == STATUS_BUFFER_OVERFLOW)
        *Received = (DWORD)Bytes;
    return MsafdWsaErrorFromStatus(Status);
}

INT MsafdRecvMsg(SOCKET s, LPWSAMSG Message, LPDWORD Received, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return WSAENOTSOCK;
    INT Error = MsafdpCheckRecvMsg(Socket, Message, Received, Overlapped);
    if (Error == 0)
        Error = MsafdpReceiveMessage(s, Socket, Message, Received, Overlapped, Routine);
    MsafdDereferenceSocket(Socket);
    return Error;
}

/* --- send --- */

/* A message, even one that is refused then, binds the socket. [obs:wine/sock WSASendMsg] */
static VOID MsafdpBindImplicitly(MSAFD_SOCKET *Socket)
{
    struct sockaddr_storage Any;
    RtlZeroMemory(&Any, sizeof Any);
    Any.ss_family = Socket->Family;
    if (MsafdIsDatagram(Socket) && !MsafdTestFlags(Socket, MSAFD_BOUND))
        (VOID) MsafdBindSocket(Socket, (struct sockaddr *)&Any, sizeof Any);
}

static INT MsafdpCheckSendMsg(const MSAFD_SOCKET *Socket, const WSAMSG *Message, DWORD Flags,
    LPDWORD Sent, LPWSAOVERLAPPED Overlapped)
{
    if (!MsafdIsDatagram(Socket))
        return WSAEINVAL;
    if ((Sent != NULL || Overlapped == NULL) && !NT_SUCCESS(MsafdProbeWrite(Sent, sizeof *Sent)))
        return WSAEFAULT;
    if ((Flags & ~(DWORD)MSAFD_SEND_MESSAGE_FLAGS) != 0)
        return WSAEOPNOTSUPP;
    if (MsafdTestFlags(Socket, MSAFD_SEND_SHUTDOWN))
        return WSAESHUTDOWN;
    if (Message->name != NULL) {
        INT Error = MsafdCheckSendTo(Socket, Message->name, Message->namelen);
        if (Error != 0)
            return Error;
    }
    return MsafdpCheckBuffers(Message);
}

static INT MsafdpSendMessage(SOCKET s, MSAFD_SOCKET *Socket, const WSAMSG *Message, DWORD Flags,
    LPDWORD Sent, LPWSAOVERLAPPED Overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    AFD_SEND_MESSAGE_INFO Info;
    MSAFD_REQUEST Request;
    ULONG_PTR Bytes;
    RtlZeroMemory(&Info, sizeof Info);
    Info.Datagram.BufferArray = (PAFD_WSABUF)(PVOID)Message->lpBuffers;
    Info.Datagram.BufferCount = Message->dwBufferCount;
    Info.Datagram.AfdFlags = Overlapped != NULL ? AFD_OVERLAPPED : 0;
    Info.Datagram.TdiFlags = MsafdSendTdiFlags(Flags);
    Info.Datagram.RemoteAddress = Message->name;
    Info.Datagram.RemoteAddressLength = Message->name != NULL ? MsafdAddressLength(Socket) : 0;
    Info.ControlBuffer = Message->Control.len != 0 ? Message->Control.buf : NULL;
    Info.ControlLength = Message->Control.len;
    MsafdInitializeRequest(&Request, IOCTL_AFD_SEND_MESSAGE, &Info, sizeof Info);
    MsafdCapture(&Request, offsetof(AFD_SEND_MESSAGE_INFO, Datagram.BufferArray),
        Message->lpBuffers, sizeof *Message->lpBuffers * (SIZE_T)Message->dwBufferCount);
    if (Message->name != NULL)
        MsafdCapture(&Request, offsetof(AFD_SEND_MESSAGE_INFO, Datagram.RemoteAddress),
            Message->name, Info.Datagram.RemoteAddressLength);
    if (Info.ControlBuffer != NULL)
        MsafdCapture(&Request, offsetof(AFD_SEND_MESSAGE_INFO, ControlBuffer),
            Info.ControlBuffer, Info.ControlLength);
    if (Overlapped != NULL)
        return MsafdControlOverlapped(s, &Request, Overlapped, Routine, Sent, NULL);
    NTSTATUS Status = MsafdControl(
        Socket, Request.Code, &Info, sizeof Info, NULL, 0, &Bytes, Socket->SendTimeoutMs);
    if (NT_SUCCESS(Status))
        *Sent = (DWORD)Bytes;
    return MsafdWsaErrorFromStatus(Status);
}

INT MsafdSendMsg(SOCKET s, LPWSAMSG Message, DWORD Flags, LPDWORD Sent,
    LPWSAOVERLAPPED Overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    INT Error;
    if (Socket == NULL)
        return WSAENOTSOCK;
    if (!NT_SUCCESS(MsafdProbe(Message, sizeof *Message))) {
        Error = WSAEFAULT;
    } else {
        MsafdpBindImplicitly(Socket);
        Error = MsafdpCheckSendMsg(Socket, Message, Flags, Sent, Overlapped);
        if (Error == 0)
            Error = MsafdpSendMessage(s, Socket, Message, Flags, Sent, Overlapped, Routine);
    }
    MsafdDereferenceSocket(Socket);
    return Error;
}
