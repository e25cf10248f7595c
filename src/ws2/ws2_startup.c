/* SPDX-License-Identifier: MIT */
/*
 * ws2_startup.c - WSAStartup, WSACleanup, the last error.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll. Start-ups are counted for the process; the
 * last clean-up closes the sockets that are left. [doc:winsock/wsastartup]
 */
#include "ws2_private.h"

volatile LONG Ws2StartupCount;
EX_LOCK Ws2CatalogLockWord;

#define WS2_SOCKETS_MAX 32767 /* what a program of version 1.x is told */
#define WS2_DATAGRAM_MAX 65467

/* The version to use, 0: none. The highest version that is not above the requested one. */
static WORD Ws2pNegotiate(WORD Requested)
{
    BYTE Major = LOBYTE(Requested), Minor = HIBYTE(Requested);
    if (Major == 0)
        return 0;
    if (Major == 1)
        return MAKEWORD(1, Minor >= 1 ? 1 : 0);
    if (Major == 2)
        return MAKEWORD(2, Minor >= 2 ? 2 : Minor);
    return MAKEWORD(2, 2);
}

static VOID Ws2pCopyText(char *To, const char *From, SIZE_T Room)
{
    SIZE_T i = 0;
    for (; From[i] != 0 && i + 1 < Room; i++)
        To[i] = From[i];
    To[i] = 0;
}

int WSAAPI WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData)
{
    WORD Version = Ws2pNegotiate(wVersionRequested);
    if (!Ws2ProbeWrite(lpWSAData, sizeof *lpWSAData))
        return WSAEFAULT;
    lpWSAData->wHighVersion = MAKEWORD(2, 2);
    lpWSAData->wVersion = Version != 0 ? Version : MAKEWORD(2, 2);
    Ws2pCopyText(lpWSAData->szDescription, "WinSock 2.0", sizeof lpWSAData->szDescription);
    Ws2pCopyText(lpWSAData->szSystemStatus, "Running", sizeof lpWSAData->szSystemStatus);
    /* From version 2 on these are 0 and to be ignored. */
    lpWSAData->iMaxSockets = LOBYTE(Version) == 1 ? WS2_SOCKETS_MAX : 0;
    lpWSAData->iMaxUdpDg = LOBYTE(Version) == 1 ? WS2_DATAGRAM_MAX : 0;
    if (Version == 0)
        return WSAVERNOTSUPPORTED;
    Ws2InitializeSystem();
    Ws2NameExtensions();
    (VOID) __atomic_fetch_add(&Ws2StartupCount, 1, __ATOMIC_SEQ_CST);
    return 0;
}

int WSAAPI WSACleanup(void)
{
    LONG Count = __atomic_load_n(&Ws2StartupCount, __ATOMIC_SEQ_CST);
    do {
        if (Count == 0)
            return Ws2Fail(WSANOTINITIALISED);
    } while (!__atomic_compare_exchange_n(
        &Ws2StartupCount, &Count, Count - 1, FALSE, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    if (Count == 1) {
        Ws2CloseAllSockets();
        Ws2StopProviders();
    }
    return 0;
}

int WSAAPI WSAGetLastError(void)
{
    return (int)*Ws2LastErrorSlot();
}

void WSAAPI WSASetLastError(int iError)
{
    Ws2SetError(iError);
}
