/* SPDX-License-Identifier: MIT */
/*
 * ws2_data.c - sending and receiving.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll. The old calls are the new ones with one
 * buffer, which lies on the stack.
 */
#include "ws2_private.h"

int WSAAPI WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent,
    DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(Provider->lpWSPSend(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags,
                         lpOverlapped, lpCompletionRoutine, NULL, &Error),
        &Error);
}

int WSAAPI send(SOCKET s, const char *buf, int len, int flags)
{
    WSABUF Buffer = {(ULONG)len, (CHAR *)(ULONG_PTR)buf};
    DWORD Sent = 0;
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    if (len < 0)
        return Ws2Fail(WSAEFAULT);
    if (Provider->lpWSPSend(s, &Buffer, 1, &Sent, (DWORD)flags, NULL, NULL, NULL, &Error) ==
        SOCKET_ERROR)
        return Ws2Fail(Error);
    Ws2SetError(0);
    return (int)Sent;
}

int WSAAPI WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent,
    DWORD dwFlags, const struct sockaddr *lpTo, int iTolen, LPWSAOVERLAPPED lpOverlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(Provider->lpWSPSendTo(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent,
                         dwFlags, lpTo, iTolen, lpOverlapped, lpCompletionRoutine, NULL, &Error),
        &Error);
}

int WSAAPI sendto(
    SOCKET s, const char *buf, int len, int flags, const struct sockaddr *to, int tolen)
{
    WSABUF Buffer = {(ULONG)len, (CHAR *)(ULONG_PTR)buf};
    DWORD Sent = 0;
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    if (len < 0)
        return Ws2Fail(WSAEFAULT);
    if (Provider->lpWSPSendTo(s, &Buffer, 1, &Sent, (DWORD)flags, to, tolen, NULL, NULL, NULL,
            &Error) == SOCKET_ERROR)
        return Ws2Fail(Error);
    Ws2SetError(0);
    return (int)Sent;
}

int WSAAPI WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd,
    LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(Provider->lpWSPRecv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags,
                         lpOverlapped, lpCompletionRoutine, NULL, &Error),
        &Error);
}

int WSAAPI recv(SOCKET s, char *buf, int len, int flags)
{
    WSABUF Buffer = {(ULONG)len, buf};
    DWORD Received = 0, Flags = (DWORD)flags;
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    if (len < 0)
        Buffer.buf = NULL; /* no buffer is that long: the provider finds the fault, and enables FD_READ */
    if (Provider->lpWSPRecv(s, &Buffer, 1, &Received, &Flags, NULL, NULL, NULL, &Error) ==
        SOCKET_ERROR)
        return Ws2Fail(Error);
    Ws2SetError(0);
    return (int)Received;
}

int WSAAPI WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
    LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags, struct sockaddr *lpFrom, LPINT lpFromlen,
    LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(
        Provider->lpWSPRecvFrom(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpFrom,
            lpFromlen, lpOverlapped, lpCompletionRoutine, NULL, &Error),
        &Error);
}

int WSAAPI recvfrom(SOCKET s, char *buf, int len, int flags, struct sockaddr *from, int *fromlen)
{
    WSABUF Buffer = {(ULONG)len, buf};
    DWORD Received = 0, Flags = (DWORD)flags;
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    if (len < 0)
        Buffer.buf = NULL; /* no buffer is that long: the provider finds the fault, and enables FD_READ */
    if (Provider->lpWSPRecvFrom(s, &Buffer, 1, &Received, &Flags, from, fromlen, NULL, NULL, NULL,
            &Error) == SOCKET_ERROR)
        return Ws2Fail(Error);
    Ws2SetError(0);
    return (int)Received;
}

BOOL WSAAPI WSAGetOverlappedResult(
    SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer, BOOL fWait, LPDWORD lpdwFlags)
{
    INT Error = 0;
    /* A handle that DuplicateHandle has made has no operations yet. [obs:wine/sock
     * WSAGetOverlappedResult] */
    const WSPPROC_TABLE *Provider = Ws2EnterKnown(s);
    if (Provider == NULL)
        return FALSE;
    BOOL Result = Provider->lpWSPGetOverlappedResult(
        s, lpOverlapped, lpcbTransfer, fWait, lpdwFlags, &Error);
    Ws2SetError(Result ? 0 : Error);
    return Result;
}
