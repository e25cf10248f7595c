/* SPDX-License-Identifier: MIT */
/*
 * ws2_hook.c - what is left of Winsock 1.1: blocking hooks and asynchronous database calls.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll. Version 2 has no blocking hooks [doc:winsock/
 * wsasetblockinghook]; the asynchronous calls answer by a window message, and there are no windows.
 */
#include "ws2_private.h"

BOOL WSAAPI WSAIsBlocking(void)
{
    return FALSE;
}

int WSAAPI WSAUnhookBlockingHook(void)
{
    return Ws2CheckStarted() != 0 ? SOCKET_ERROR : Ws2Fail(WSAEOPNOTSUPP);
}

FARPROC WSAAPI WSASetBlockingHook(FARPROC lpBlockFunc)
{
    (VOID) lpBlockFunc;
    if (Ws2CheckStarted() == 0)
        Ws2SetError(WSAEOPNOTSUPP);
    return NULL;
}

int WSAAPI WSACancelBlockingCall(void)
{
    return Ws2CheckStarted() != 0 ? SOCKET_ERROR : Ws2Fail(WSAEOPNOTSUPP);
}

static HANDLE Ws2pNoMessages(VOID)
{
    if (Ws2CheckStarted() == 0)
        Ws2SetError(WSAEOPNOTSUPP);
    return NULL;
}

HANDLE WSAAPI WSAAsyncGetServByName(
    HWND hWnd, u_int wMsg, const char *name, const char *proto, char *buf, int buflen)
{
    (VOID) hWnd, (VOID)wMsg, (VOID)name, (VOID)proto, (VOID)buf, (VOID)buflen;
    return Ws2pNoMessages();
}

HANDLE WSAAPI WSAAsyncGetServByPort(
    HWND hWnd, u_int wMsg, int port, const char *proto, char *buf, int buflen)
{
    (VOID) hWnd, (VOID)wMsg, (VOID)port, (VOID)proto, (VOID)buf, (VOID)buflen;
    return Ws2pNoMessages();
}

HANDLE WSAAPI WSAAsyncGetProtoByName(HWND hWnd, u_int wMsg, const char *name, char *buf, int buflen)
{
    (VOID) hWnd, (VOID)wMsg, (VOID)name, (VOID)buf, (VOID)buflen;
    return Ws2pNoMessages();
}

HANDLE WSAAPI WSAAsyncGetProtoByNumber(HWND hWnd, u_int wMsg, int number, char *buf, int buflen)
{
    (VOID) hWnd, (VOID)wMsg, (VOID)number, (VOID)buf, (VOID)buflen;
    return Ws2pNoMessages();
}

HANDLE WSAAPI WSAAsyncGetHostByName(HWND hWnd, u_int wMsg, const char *name, char *buf, int buflen)
{
    (VOID) hWnd, (VOID)wMsg, (VOID)name, (VOID)buf, (VOID)buflen;
    return Ws2pNoMessages();
}

HANDLE WSAAPI WSAAsyncGetHostByAddr(
    HWND hWnd, u_int wMsg, const char *addr, int len, int type, char *buf, int buflen)
{
    (VOID) hWnd, (VOID)wMsg, (VOID)addr, (VOID)len, (VOID)type, (VOID)buf, (VOID)buflen;
    return Ws2pNoMessages();
}

int WSAAPI WSACancelAsyncRequest(HANDLE hAsyncTaskHandle)
{
    (VOID) hAsyncTaskHandle;
    return Ws2CheckStarted() != 0 ? SOCKET_ERROR : Ws2Fail(WSAEINVAL);
}
