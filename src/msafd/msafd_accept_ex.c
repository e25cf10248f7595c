/* SPDX-License-Identifier: MIT */
/*
 * msafd_accept_ex.c - AcceptEx and the addresses it leaves in its buffer.
 *
 * Layer: msafd; NT counterpart: the same of mswsock.dll. Waiting, accepting and the first receive are
 * one request, AFD's. What is wrong with the accepting socket (bound, connected, a datagram socket,
 * being accepted into) is AFD's to say; so is an address area that is too short, which shows only
 * when the connection comes. [obs:wine/sock AcceptEx]
 */
#include "msafd_private.h"

#include <stddef.h>

static INT MsafdpCheckAcceptEx(const MSAFD_SOCKET *Listener, PVOID Output, DWORD ReceiveLength,
    DWORD LocalLength, DWORD RemoteLength)
{
    SIZE_T Bytes = (SIZE_T)ReceiveLength + LocalLength + RemoteLength;
    if (!MsafdTestFlags(Listener, MSAFD_LISTENING))
        return WSAEINVAL;
    if (RemoteLength == 0 || Bytes > MAXULONG || !NT_SUCCESS(MsafdProbeWrite(Output, Bytes)))
        return WSAEFAULT;
    return 0;
}

/*
 * The accepting socket's state is stale from before the request can complete: a thread that learns of
 * the completion may update it before AcceptEx has returned.
 */
static INT MsafdpSuperAccept(SOCKET s, SOCKET Acceptor, MSAFD_SOCKET *Socket,
    MSAFD_REQUEST *Request, LPDWORD Received, LPOVERLAPPED Overlapped)
{
    BOOLEAN WasStale = MsafdTestFlags(Socket, MSAFD_CONTEXT_STALE);
    AFD_SUPER_ACCEPT_INFO *Info = (AFD_SUPER_ACCEPT_INFO *)(ULONG_PTR)Request->Input;
    Info->AcceptHandle = (HANDLE)(ULONG_PTR)Acceptor;
    MsafdSetFlags(Socket, MSAFD_CONTEXT_STALE);
    INT Error = MsafdControlOverlapped(s, Request, Overlapped, NULL, Received, NULL);
    if (Error != 0 && Error != WSA_IO_PENDING && !WasStale)
        MsafdClearFlags(Socket, MSAFD_CONTEXT_STALE);
    return Error;
}

INT MsafdAcceptEx(SOCKET Listener, SOCKET Acceptor, PVOID Output, DWORD ReceiveLength,
    DWORD LocalLength, DWORD RemoteLength, LPDWORD Received, LPOVERLAPPED Overlapped)
{
    AFD_SUPER_ACCEPT_INFO Info;
    MSAFD_REQUEST Request;
    if (Overlapped == NULL)
        return ERROR_INVALID_PARAMETER;
    INT Error = MsafdPrepareOverlapped(Overlapped);
    if (Error != 0)
        return Error;
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(Listener);
    if (Socket == NULL)
        return WSAENOTSOCK;
    Error = MsafdpCheckAcceptEx(Socket, Output, ReceiveLength, LocalLength, RemoteLength);
    MsafdDereferenceSocket(Socket);
    if (Error != 0)
        return Error;
    Socket = MsafdReferenceSocket(Acceptor);
    if (Socket == NULL)
        return WSAENOTSOCK;
    RtlZeroMemory(&Info, sizeof Info);
    Info.FixAddressAlignment = TRUE;
    Info.ReceiveDataLength = ReceiveLength;
    Info.LocalAddressLength = LocalLength;
    Info.RemoteAddressLength = RemoteLength;
    MsafdInitializeRequest(&Request, IOCTL_AFD_SUPER_ACCEPT, &Info, sizeof Info);
    Request.Output = Output;
    Request.OutputLength = ReceiveLength + LocalLength + RemoteLength;
    Error = MsafdpSuperAccept(Listener, Acceptor, Socket, &Request, Received, Overlapped);
    MsafdDereferenceSocket(Socket);
    return Error;
}

static VOID MsafdpFindAddress(UCHAR *Area, struct sockaddr **Address, LPINT Size)
{
    LONG Length;
    RtlCopyMemory(&Length, Area + offsetof(AFD_SUPER_ACCEPT_ADDRESS, Length), sizeof Length);
    *Address = (struct sockaddr *)(PVOID)(Area + offsetof(AFD_SUPER_ACCEPT_ADDRESS, Address));
    *Size = Length;
}

/* An area that was not asked for leaves its results alone. [obs:wine/sock AcceptEx] */
VOID MsafdGetAcceptExSockaddrs(PVOID Output, DWORD ReceiveLength, DWORD LocalLength,
    DWORD RemoteLength, struct sockaddr **Local, LPINT LocalSize, struct sockaddr **Remote,
    LPINT RemoteSize)
{
    UCHAR *Area = (UCHAR *)Output + ReceiveLength;
    if (LocalLength != 0)
        MsafdpFindAddress(Area, Local, LocalSize);
    if (RemoteLength != 0)
        MsafdpFindAddress(Area + LocalLength, Remote, RemoteSize);
}
