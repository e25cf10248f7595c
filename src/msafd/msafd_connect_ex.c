/* SPDX-License-Identifier: MIT */
/*
 * msafd_connect_ex.c - ConnectEx and DisconnectEx.
 *
 * Layer: msafd; NT counterpart: the same of mswsock.dll. Whether the socket is bound, connected or
 * listening is AFD's knowledge; the provider's own state follows with SO_UPDATE_CONNECT_CONTEXT.
 */
#include "msafd_private.h"

#include <stddef.h>

static INT MsafdpCheckConnectEx(
    const MSAFD_SOCKET *Socket, const struct sockaddr *Name, int Length, PVOID Data, DWORD Bytes)
{
    MSAFD_ADDRESS Copy;
    BOOLEAN None;
    if (MsafdIsDatagram(Socket) || MsafdTestFlags(Socket, MSAFD_LISTENING))
        return WSAEINVAL;
    INT Error = MsafdCheckDestination(Socket, Name, Length, &Copy, &None);
    if (Error != 0)
        return Error;
    return NT_SUCCESS(MsafdProbeRange(Data, Data != NULL ? Bytes : 0)) ? 0 : WSAEFAULT;
}

static INT MsafdpSuperConnect(SOCKET s, MSAFD_SOCKET *Socket, const struct sockaddr *Name,
    PVOID Data, DWORD Bytes, LPDWORD Sent, LPOVERLAPPED Overlapped)
{
    struct {
        AFD_SUPER_CONNECT_INFO Info;
        UCHAR Room[sizeof(SOCKADDR_IN6)];
    } Input;
    MSAFD_REQUEST Request;
    BOOLEAN WasStale = MsafdTestFlags(Socket, MSAFD_CONTEXT_STALE);
    SIZE_T Offset = offsetof(AFD_SUPER_CONNECT_INFO, RemoteAddress);
    RtlZeroMemory(&Input, sizeof Input);
    RtlCopyMemory((UCHAR *)&Input + Offset, Name, MsafdAddressLength(Socket));
    MsafdInitializeRequest(&Request, IOCTL_AFD_SUPER_CONNECT, &Input,
        (ULONG)(Offset + MsafdAddressLength(Socket)));
    Request.Output = Data;
    Request.OutputLength = Data != NULL ? Bytes : 0;
    MsafdSetFlags(Socket, MSAFD_CONTEXT_STALE);
    INT Error = MsafdControlOverlapped(s, &Request, Overlapped, NULL, Sent, NULL);
    if (Error != 0 && Error != WSA_IO_PENDING && !WasStale)
        MsafdClearFlags(Socket, MSAFD_CONTEXT_STALE);
    return Error;
}

INT MsafdConnectEx(SOCKET s, const struct sockaddr *Name, int Length, PVOID SendBuffer,
    DWORD SendLength, LPDWORD Sent, LPOVERLAPPED Overlapped)
{
    if (Overlapped == NULL)
        return ERROR_INVALID_PARAMETER;
    INT Error = MsafdPrepareOverlapped(Overlapped);
    if (Error != 0)
        return Error;
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return WSAENOTSOCK;
    Error = MsafdpCheckConnectEx(Socket, Name, Length, SendBuffer, SendLength);
    if (Error == 0)
        Error = MsafdpSuperConnect(s, Socket, Name, SendBuffer, SendLength, Sent, Overlapped);
    MsafdDereferenceSocket(Socket);
    return Error;
}

/*
 * A socket that is given back for re-use is to the provider what it was before it was connected. The
 * flags go when the request is made, because nobody here learns of its end; until then AFD refuses
 * what they would have refused. [doc:mswsock/disconnectex]
 */
#define MSAFD_CONNECTION_FLAGS                                                             \
    (MSAFD_SEND_SHUTDOWN | MSAFD_RECEIVE_SHUTDOWN | MSAFD_CONNECT_STARTED |                \
        MSAFD_ERROR_REPORTED | MSAFD_CONTEXT_STALE | MSAFD_CONNECTED_EX)

ULONG MsafdForgetConnection(MSAFD_SOCKET *Socket)
{
    ULONG Flags = MSAFD_CONNECTION_FLAGS;
    if (MsafdTestFlags(Socket, MSAFD_ACCEPTED))
        Flags |= MSAFD_ACCEPTED | MSAFD_BOUND; /* its address was the listener's */
    ULONG Before = __atomic_fetch_and(&Socket->Flags, ~Flags, __ATOMIC_SEQ_CST);
    return Before & Flags;
}

INT MsafdControlEither(SOCKET s, MSAFD_SOCKET *Socket, const MSAFD_REQUEST *Request,
    LPOVERLAPPED Overlapped, BOOLEAN Reuse)
{
    INT Error;
    ULONG Forgotten = Reuse ? MsafdForgetConnection(Socket) : 0;
    if (Overlapped != NULL)
        Error = MsafdControlOverlapped(s, Request, Overlapped, NULL, NULL, NULL);
    else
        Error = MsafdWsaErrorFromStatus(MsafdControl(
            Socket, Request->Code, Request->Input, Request->InputLength, NULL, 0, NULL, 0));
    if (Error != 0 && Error != WSA_IO_PENDING && Forgotten != 0)
        MsafdSetFlags(Socket, Forgotten);
    return Error;
}

INT MsafdDisconnectEx(SOCKET s, LPOVERLAPPED Overlapped, DWORD Flags, DWORD Reserved)
{
    AFD_SUPER_DISCONNECT_INFO Info = {Flags};
    MSAFD_REQUEST Request;
    INT Error = Overlapped != NULL ? MsafdPrepareOverlapped(Overlapped) : 0;
    if (Error != 0)
        return Error;
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return WSAENOTSOCK;
    MsafdInitializeRequest(&Request, IOCTL_AFD_SUPER_DISCONNECT, &Info, sizeof Info);
    if ((Flags & ~(DWORD)TF_REUSE_SOCKET) != 0 || Reserved != 0)
        Error = WSAEINVAL;
    else
        Error = MsafdControlEither(
            s, Socket, &Request, Overlapped, (BOOLEAN)((Flags & TF_REUSE_SOCKET) != 0));
    MsafdDereferenceSocket(Socket);
    return Error;
}
