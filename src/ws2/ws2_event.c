/* SPDX-License-Identifier: MIT */
/*
 * ws2_event.c - event objects and network events.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll. An event of Winsock is an event object of NT,
 * manual reset, not signalled.
 */
#include "ws2_private.h"

#define WS2_100NS_PER_MS 10000LL

static BOOL Ws2pEventResult(NTSTATUS Status)
{
    if (NT_SUCCESS(Status))
        return TRUE;
    Ws2SetError(WSA_INVALID_HANDLE);
    return FALSE;
}

WSAEVENT WSAAPI WSACreateEvent(void)
{
    HANDLE Event;
    if (Ws2CheckStarted() != 0)
        return WSA_INVALID_EVENT;
    if (NT_SUCCESS(NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE)))
        return Event;
    Ws2SetError(WSA_NOT_ENOUGH_MEMORY);
    return WSA_INVALID_EVENT;
}

BOOL WSAAPI WSACloseEvent(WSAEVENT hEvent)
{
    return Ws2CheckStarted() == 0 && Ws2pEventResult(NtClose(hEvent));
}

BOOL WSAAPI WSASetEvent(WSAEVENT hEvent)
{
    return Ws2CheckStarted() == 0 && Ws2pEventResult(NtSetEvent(hEvent, NULL));
}

BOOL WSAAPI WSAResetEvent(WSAEVENT hEvent)
{
    return Ws2CheckStarted() == 0 && Ws2pEventResult(NtResetEvent(hEvent, NULL));
}

static DWORD Ws2pWaitFailed(INT Error)
{
    Ws2SetError(Error);
    return WSA_WAIT_FAILED;
}

DWORD WSAAPI WSAWaitForMultipleEvents(
    DWORD cEvents, const WSAEVENT *lphEvents, BOOL fWaitAll, DWORD dwTimeout, BOOL fAlertable)
{
    LARGE_INTEGER Timeout;
    Timeout.QuadPart = -(LONGLONG)dwTimeout * WS2_100NS_PER_MS;
    if (Ws2CheckStarted() != 0)
        return WSA_WAIT_FAILED;
    if (cEvents == 0 || cEvents > WSA_MAXIMUM_WAIT_EVENTS || lphEvents == NULL)
        return Ws2pWaitFailed(WSA_INVALID_PARAMETER);
    NTSTATUS Status = NtWaitForMultipleObjects(cEvents, (PHANDLE)(ULONG_PTR)lphEvents,
        fWaitAll ? WaitAll : WaitAny, (BOOLEAN)(fAlertable != FALSE),
        dwTimeout == WSA_INFINITE ? NULL : &Timeout);
    if (Status == STATUS_TIMEOUT)
        return WSA_WAIT_TIMEOUT;
    if (Status == STATUS_USER_APC)
        return WSA_WAIT_IO_COMPLETION;
    if (NT_SUCCESS(Status))
        return WSA_WAIT_EVENT_0 + (DWORD)Status;
    if (Status == STATUS_NO_MEMORY || Status == STATUS_INSUFFICIENT_RESOURCES)
        return Ws2pWaitFailed(WSA_NOT_ENOUGH_MEMORY);
    if (Status == STATUS_ACCESS_VIOLATION)
        return Ws2pWaitFailed(ERROR_NOACCESS); /* as the wait of kernel32 says [guess] */
    return Ws2pWaitFailed(
        Status == STATUS_INVALID_PARAMETER_MIX ? WSA_INVALID_PARAMETER : WSA_INVALID_HANDLE);
}

int WSAAPI WSAEventSelect(SOCKET s, WSAEVENT hEventObject, LONG lNetworkEvents)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(Provider->lpWSPEventSelect(s, hEventObject, lNetworkEvents, &Error), &Error);
}

int WSAAPI WSAEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject, LPWSANETWORKEVENTS lpNetworkEvents)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(
        Provider->lpWSPEnumNetworkEvents(s, hEventObject, lpNetworkEvents, &Error), &Error);
}

int WSAAPI WSAAsyncSelect(SOCKET s, HWND hWnd, u_int wMsg, LONG lEvent)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(Provider->lpWSPAsyncSelect(s, hWnd, wMsg, lEvent, &Error), &Error);
}
