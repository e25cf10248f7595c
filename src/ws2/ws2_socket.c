/* SPDX-License-Identifier: MIT */
/*
 * ws2_socket.c - socket, WSASocket, WSADuplicateSocket, closesocket.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll.
 */
#include "ws2_private.h"

/* A zero or FROM_PROTOCOL_INFO argument takes the entry's value. [doc:winsock2/wsasocketw] */
static INT Ws2pChoose(INT Argument, INT FromInfo)
{
    return Argument == 0 || Argument == FROM_PROTOCOL_INFO ? FromInfo : Argument;
}

static SOCKET Ws2pCreate(
    INT af, INT type, INT protocol, LPWSAPROTOCOL_INFOW Info, GROUP g, DWORD Flags)
{
    const WSAPROTOCOL_INFOW *Entry;
    WS2_PROVIDER *Provider;
    INT Error;
    if (Info != NULL) {
        af = Ws2pChoose(af, Info->iAddressFamily);
        type = Ws2pChoose(type, Info->iSocketType);
        protocol = Ws2pChoose(protocol, Info->iProtocol);
        if (af == AF_UNSPEC || af == FROM_PROTOCOL_INFO)
            return Ws2SetError(WSAEAFNOSUPPORT), INVALID_SOCKET;
    }
    Error = Ws2FindProtocol(
        af, type, protocol, Info != NULL ? Info->dwCatalogEntryId : 0, &Entry, &Provider);
    if (Error != 0)
        return Ws2SetError(Error), INVALID_SOCKET;
    WSAPROTOCOL_INFOW Used = *Entry;
    Used.dwProviderReserved = Info != NULL ? Info->dwProviderReserved : 0;
    SOCKET s = Provider->Procedures.lpWSPSocket(af, type, protocol, &Used, g, Flags, &Error);
    Ws2SetError(s == INVALID_SOCKET ? Error : 0); /* [obs:wine/sock WSASocket] */
    return s;
}

SOCKET WSAAPI WSASocketW(
    int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags)
{
    if (Ws2CheckStarted() != 0)
        return INVALID_SOCKET;
    if (lpProtocolInfo != NULL && !Ws2Probe(lpProtocolInfo, sizeof *lpProtocolInfo))
        return Ws2SetError(WSAEFAULT), INVALID_SOCKET;
    return Ws2pCreate(af, type, protocol, lpProtocolInfo, g, dwFlags);
}

SOCKET WSAAPI WSASocketA(
    int af, int type, int protocol, LPWSAPROTOCOL_INFOA lpProtocolInfo, GROUP g, DWORD dwFlags)
{
    WSAPROTOCOL_INFOW Wide;
    if (Ws2CheckStarted() != 0)
        return INVALID_SOCKET;
    if (lpProtocolInfo == NULL)
        return Ws2pCreate(af, type, protocol, NULL, g, dwFlags);
    if (!Ws2Probe(lpProtocolInfo, sizeof *lpProtocolInfo))
        return Ws2SetError(WSAEFAULT), INVALID_SOCKET;
    Ws2ProtocolInfoToW(lpProtocolInfo, &Wide);
    return Ws2pCreate(af, type, protocol, &Wide, g, dwFlags);
}

SOCKET WSAAPI socket(int af, int type, int protocol)
{
    /* Overlapped by default; SO_OPENTYPE asks otherwise. [doc:winsock2/socket] */
    return WSASocketW(af, type, protocol, NULL, 0, Ws2OpenType == 0 ? WSA_FLAG_OVERLAPPED : 0);
}

int WSAAPI WSADuplicateSocketW(SOCKET s, DWORD dwProcessId, LPWSAPROTOCOL_INFOW lpProtocolInfo)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(
        Provider->lpWSPDuplicateSocket(s, dwProcessId, lpProtocolInfo, &Error), &Error);
}

int WSAAPI WSADuplicateSocketA(SOCKET s, DWORD dwProcessId, LPWSAPROTOCOL_INFOA lpProtocolInfo)
{
    WSAPROTOCOL_INFOW Wide;
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    /* The provider finds the NULL, after what it checks first. */
    BOOLEAN Good = Ws2ProbeWrite(lpProtocolInfo, sizeof *lpProtocolInfo);
    if (Provider->lpWSPDuplicateSocket(s, dwProcessId, Good ? &Wide : NULL, &Error) != 0)
        return Ws2Fail(Error);
    Ws2ProtocolInfoToA(&Wide, lpProtocolInfo);
    return 0;
}

int WSAAPI closesocket(SOCKET s)
{
    INT Error = 0;
    if (Ws2Enter(s) == NULL)
        return SOCKET_ERROR;
    WS2_SOCKET *Slot = Ws2FindSocket(s);
    ULONG CatalogEntryId =
        Slot != NULL ? __atomic_load_n(&Slot->CatalogEntryId, __ATOMIC_RELAXED) : 0;
    /*
     * The socket leaves the table first: its handle may belong to a new socket before the provider
     * returns. Of two threads that close it one does, the other learns that it is no socket any
     * more.
     */
    WS2_PROVIDER *Provider = Ws2RemoveSocket(s);
    if (Provider == NULL)
        return Ws2Fail(WSAENOTSOCK);
    if (Provider->Procedures.lpWSPCloseSocket(s, &Error) == 0)
        return 0;
    /* CloseHandle (_close) has closed it, which ws2 alone has not heard of. [kb:Q185727] */
    if (Error == WSAENOTSOCK)
        return 0;
    if (Error == WSAEWOULDBLOCK) /* it lingers: the socket is still the program's */
        (VOID) Ws2InsertSocket(s, Provider, CatalogEntryId, 0);
    return Ws2Fail(Error);
}
