/* SPDX-License-Identifier: MIT */
/*
 * ws2_option.c - options, ioctls, quality of service.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll. SO_OPENTYPE is the thread's, not a socket's:
 * it is kept here and may be used with any socket value. [doc:winsock/sol-socket-socket-options]
 */
#include "ws2_private.h"

_Thread_local INT Ws2OpenType;

int WSAAPI getsockopt(SOCKET s, int level, int optname, char *optval, int *optlen)
{
    INT Error = 0;
    if (level == SOL_SOCKET && optname == SO_OPENTYPE) {
        if (Ws2CheckStarted() != 0)
            return SOCKET_ERROR;
        INT Room = 0;
        if (Ws2ProbeWrite(optlen, sizeof *optlen))
            RtlCopyMemory(&Room, (PVOID)optlen, sizeof Room);
        /* A negative length passes for a large one. [test:wine/ws2_32/sock.c test_set_getsockopt] */
        if ((Room >= 0 && Room < (INT)sizeof Ws2OpenType) || !Ws2ProbeWrite(optval, sizeof Ws2OpenType))
            return Ws2Fail(WSAEFAULT);
        Room = sizeof Ws2OpenType;
        RtlCopyMemory(optval, &Ws2OpenType, sizeof Ws2OpenType);
        RtlCopyMemory((PVOID)optlen, &Room, sizeof Room);
        Ws2SetError(0);
        return 0;
    }
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(Provider->lpWSPGetSockOpt(s, level, optname, optval, optlen, &Error), &Error);
}

int WSAAPI setsockopt(SOCKET s, int level, int optname, const char *optval, int optlen)
{
    INT Error = 0;
    if (level == SOL_SOCKET && optname == SO_OPENTYPE) {
        if (Ws2CheckStarted() != 0)
            return SOCKET_ERROR;
        if ((optlen >= 0 && optlen < (int)sizeof Ws2OpenType) ||
            !Ws2Probe(optval, sizeof Ws2OpenType))
            return Ws2Fail(WSAEFAULT);
        RtlCopyMemory(&Ws2OpenType, optval, sizeof Ws2OpenType);
        Ws2SetError(0);
        return 0;
    }
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(Provider->lpWSPSetSockOpt(s, level, optname, optval, optlen, &Error), &Error);
}

int WSAAPI WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer,
    LPVOID lpvOutBuffer, DWORD cbOutBuffer, LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(
        Provider->lpWSPIoctl(s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer,
            lpcbBytesReturned, lpOverlapped, lpCompletionRoutine, NULL, &Error),
        &Error);
}

/* The header's macro of this name serves callers with other argument types. */
#undef ioctlsocket
int WSAAPI ioctlsocket(SOCKET s, int cmd, u_long *argp)
{
    DWORD Returned;
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    if ((ULONG_PTR)argp < 0x10000)
        return Ws2Fail(WSAEFAULT);
    BOOLEAN In = (BOOLEAN)(((DWORD)cmd & IOC_IN) != 0),
            Out = (BOOLEAN)(((DWORD)cmd & IOC_OUT) != 0);
    return Ws2Return(
        Provider->lpWSPIoctl(s, (DWORD)cmd, In ? argp : NULL, In ? sizeof *argp : 0,
            Out ? argp : NULL, Out ? sizeof *argp : 0, &Returned, NULL, NULL, NULL, &Error),
        &Error);
}

BOOL WSAAPI WSAGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return FALSE;
    if (Provider->lpWSPGetQOSByName(s, lpQOSName, lpQOS, &Error))
        return TRUE;
    Ws2SetError(Error);
    return FALSE;
}
