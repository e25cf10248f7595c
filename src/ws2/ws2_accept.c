/* SPDX-License-Identifier: MIT */
/*
 * ws2_accept.c - accept and WSAAccept.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll. accept is the call without a condition
 * function.
 */
#include "ws2_private.h"

SOCKET WSAAPI WSAAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
    LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return INVALID_SOCKET;
    SOCKET Accepted =
        Provider->lpWSPAccept(s, addr, addrlen, lpfnCondition, dwCallbackData, &Error);
    Ws2SetError(Accepted == INVALID_SOCKET ? Error : 0);
    return Accepted;
}

SOCKET WSAAPI accept(SOCKET s, struct sockaddr *addr, int *addrlen)
{
    return WSAAccept(s, addr, addrlen, NULL, 0);
}
