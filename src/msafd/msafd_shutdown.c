/* SPDX-License-Identifier: MIT */
/*
 * msafd_shutdown.c - shutdown and its two Winsock 2 forms.
 *
 * Layer: msafd; NT counterpart: WSPShutdown, WSPSendDisconnect, WSPRecvDisconnect. TCP carries no
 * disconnect data, so giving or asking for some is WSAENOPROTOOPT. [doc:winsock2/wsasenddisconnect]
 */
#include "msafd_private.h"

static INT MsafdpShutdown(MSAFD_SOCKET *Socket, int How)
{
    static const ULONG Modes[] = {
        AFD_PARTIAL_DISCONNECT_RECEIVE,                               /* SD_RECEIVE */
        AFD_PARTIAL_DISCONNECT_SEND,                                  /* SD_SEND */
        AFD_PARTIAL_DISCONNECT_SEND | AFD_PARTIAL_DISCONNECT_RECEIVE, /* SD_BOTH */
    };
    AFD_PARTIAL_DISCONNECT_INFO Request;
    if (How < SD_RECEIVE || How > SD_BOTH)
        return WSAEINVAL;
    if (MsafdTestFlags(Socket, MSAFD_CONTEXT_STALE))
        return WSAENOTCONN;
    RtlZeroMemory(&Request, sizeof Request);
    Request.DisconnectMode = Modes[How];
    Request.Timeout.QuadPart = -1;
    NTSTATUS Status = MsafdControl(
        Socket, IOCTL_AFD_PARTIAL_DISCONNECT, &Request, sizeof Request, NULL, 0, NULL, 0);
    if (!NT_SUCCESS(Status))
        return MsafdWsaErrorFromStatus(Status);
    MsafdSetFlags(Socket, (How != SD_RECEIVE ? MSAFD_SEND_SHUTDOWN : 0) |
                              (How != SD_SEND ? MSAFD_RECEIVE_SHUTDOWN : 0));
    return 0;
}

int WSPAPI MsafdShutdown(SOCKET s, int How, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    INT Error = MsafdpShutdown(Socket, How);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}

int WSPAPI MsafdSendDisconnect(SOCKET s, LPWSABUF Data, LPINT Errno)
{
    if (MsafdIsSocket(s) && Data != NULL && !NT_SUCCESS(MsafdProbe(Data, sizeof *Data)))
        return MsafdFail(Errno, WSAEFAULT);
    if (MsafdIsSocket(s) && Data != NULL && Data->len != 0)
        return MsafdFail(Errno, WSAENOPROTOOPT);
    return MsafdShutdown(s, SD_SEND, Errno);
}

int WSPAPI MsafdRecvDisconnect(SOCKET s, LPWSABUF Data, LPINT Errno)
{
    if (MsafdIsSocket(s) && Data != NULL && !NT_SUCCESS(MsafdProbe(Data, sizeof *Data)))
        return MsafdFail(Errno, WSAEFAULT);
    if (MsafdIsSocket(s) && Data != NULL && Data->len != 0)
        return MsafdFail(Errno, WSAENOPROTOOPT);
    return MsafdShutdown(s, SD_RECEIVE, Errno);
}
