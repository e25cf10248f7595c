/* SPDX-License-Identifier: MIT */
/*
 * ws2_mswsock.c - the extension functions as programs see them, and WSARecvEx.
 *
 * Layer: ws2; NT counterpart: the exports of mswsock.dll, and what WSAIoctl gives pointers to. The work
 * is the base provider's. These functions go past layered providers, as on Windows, where a layered
 * provider gives out functions of its own. Registered I/O is not offered.
 */
#include "ws2_private.h"

static BOOL Ws2pExtensionResult(INT Error)
{
    Ws2SetError(Error);
    return Error == 0;
}

/* A handle that DuplicateHandle has made becomes a socket when it is first used. */
static BOOLEAN Ws2pBeginExtension(SOCKET s)
{
    if (Ws2CheckStarted() != 0)
        return FALSE;
    (VOID) Ws2FindSocket(s);
    return TRUE;
}

BOOL WSAAPI AcceptEx(SOCKET sListenSocket, SOCKET sAcceptSocket, PVOID lpOutputBuffer,
    DWORD dwReceiveDataLength, DWORD dwLocalAddressLength, DWORD dwRemoteAddressLength,
    LPDWORD lpdwBytesReceived, LPOVERLAPPED lpOverlapped)
{
    return Ws2pBeginExtension(sListenSocket) &&
           Ws2pExtensionResult(MsafdAcceptEx(sListenSocket, sAcceptSocket, lpOutputBuffer,
               dwReceiveDataLength, dwLocalAddressLength, dwRemoteAddressLength, lpdwBytesReceived,
               lpOverlapped));
}

VOID WSAAPI GetAcceptExSockaddrs(PVOID lpOutputBuffer, DWORD dwReceiveDataLength,
    DWORD dwLocalAddressLength, DWORD dwRemoteAddressLength, struct sockaddr **LocalSockaddr,
    LPINT LocalSockaddrLength, struct sockaddr **RemoteSockaddr, LPINT RemoteSockaddrLength)
{
    MsafdGetAcceptExSockaddrs(lpOutputBuffer, dwReceiveDataLength, dwLocalAddressLength,
        dwRemoteAddressLength, LocalSockaddr, LocalSockaddrLength, RemoteSockaddr,
        RemoteSockaddrLength);
}

BOOL WSAAPI TransmitFile(SOCKET hSocket, HANDLE hFile, DWORD nNumberOfBytesToWrite,
    DWORD nNumberOfBytesPerSend, LPOVERLAPPED lpOverlapped,
    LPTRANSMIT_FILE_BUFFERS lpTransmitBuffers, DWORD dwReserved)
{
    return Ws2pBeginExtension(hSocket) &&
           Ws2pExtensionResult(MsafdTransmitFile(hSocket, hFile, nNumberOfBytesToWrite,
               nNumberOfBytesPerSend, lpOverlapped, lpTransmitBuffers, dwReserved));
}

/* --- by pointer only --- */

static BOOL WSAAPI Ws2pConnectEx(SOCKET s, const struct sockaddr *name, int namelen,
    PVOID lpSendBuffer, DWORD dwSendDataLength, LPDWORD lpdwBytesSent, LPOVERLAPPED lpOverlapped)
{
    return Ws2pBeginExtension(s) &&
           Ws2pExtensionResult(MsafdConnectEx(
               s, name, namelen, lpSendBuffer, dwSendDataLength, lpdwBytesSent, lpOverlapped));
}

static BOOL WSAAPI Ws2pDisconnectEx(
    SOCKET s, LPOVERLAPPED lpOverlapped, DWORD dwFlags, DWORD dwReserved)
{
    return Ws2pBeginExtension(s) &&
           Ws2pExtensionResult(MsafdDisconnectEx(s, lpOverlapped, dwFlags, dwReserved));
}

static BOOL WSAAPI Ws2pTransmitPackets(SOCKET hSocket, LPTRANSMIT_PACKETS_ELEMENT lpPacketArray,
    DWORD nElementCount, DWORD nSendSize, LPOVERLAPPED lpOverlapped, DWORD dwFlags)
{
    return Ws2pBeginExtension(hSocket) &&
           Ws2pExtensionResult(MsafdTransmitPackets(
               hSocket, lpPacketArray, nElementCount, nSendSize, lpOverlapped, dwFlags));
}

static INT WSAAPI Ws2pRecvMsg(SOCKET s, LPWSAMSG lpMsg, LPDWORD lpdwNumberOfBytesRecvd,
    LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    if (!Ws2pBeginExtension(s))
        return SOCKET_ERROR;
    return Ws2pExtensionResult(MsafdRecvMsg(
               s, lpMsg, lpdwNumberOfBytesRecvd, lpOverlapped, lpCompletionRoutine))
               ? 0
               : SOCKET_ERROR;
}

int WSAAPI WSASendMsg(SOCKET Handle, LPWSAMSG lpMsg, DWORD dwFlags, LPDWORD lpNumberOfBytesSent,
    LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    if (!Ws2pBeginExtension(Handle))
        return SOCKET_ERROR;
    return Ws2pExtensionResult(MsafdSendMsg(Handle, lpMsg, dwFlags, lpNumberOfBytesSent,
               lpOverlapped, lpCompletionRoutine))
               ? 0
               : SOCKET_ERROR;
}

/*
 * recv with flags that go out as well: MSG_PARTIAL tells that a datagram did not fit.
 * [doc:winsock2/wsarecvex]
 */
int WSAAPI WSARecvEx(SOCKET s, char *buf, int len, int *flags)
{
    WSABUF Buffer = {(ULONG)len, buf};
    DWORD Received = 0, Flags;
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    if (!Ws2ProbeWrite(flags, sizeof *flags) || len < 0)
        return Ws2Fail(WSAEFAULT);
    Flags = (DWORD)*flags;
    INT Result = Provider->lpWSPRecv(s, &Buffer, 1, &Received, &Flags, NULL, NULL, NULL, &Error);
    if (Result == 0 || Error == WSAEMSGSIZE)
        *flags = (int)Flags;
    return Ws2Return(Result, &Error) == 0 ? (int)Received : SOCKET_ERROR;
}

static const MSAFD_EXTENSION Ws2pExtensions[] = {
    {WSAID_ACCEPTEX, (PVOID)(ULONG_PTR)AcceptEx},
    {WSAID_GETACCEPTEXSOCKADDRS, (PVOID)(ULONG_PTR)GetAcceptExSockaddrs},
    {WSAID_CONNECTEX, (PVOID)(ULONG_PTR)Ws2pConnectEx},
    {WSAID_DISCONNECTEX, (PVOID)(ULONG_PTR)Ws2pDisconnectEx},
    {WSAID_TRANSMITFILE, (PVOID)(ULONG_PTR)TransmitFile},
    {WSAID_TRANSMITPACKETS, (PVOID)(ULONG_PTR)Ws2pTransmitPackets},
    {WSAID_WSARECVMSG, (PVOID)(ULONG_PTR)Ws2pRecvMsg},
    {WSAID_WSASENDMSG, (PVOID)(ULONG_PTR)WSASendMsg},
    {WSAID_WSAPOLL, (PVOID)(ULONG_PTR)WSAPoll},
};

VOID Ws2NameExtensions(VOID)
{
    MsafdSetExtensions(Ws2pExtensions, RTL_NUMBER_OF(Ws2pExtensions));
}
