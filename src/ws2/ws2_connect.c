/* SPDX-License-Identifier: MIT */
/*
 * ws2_connect.c - bind, listen, connect in all its forms, shutdown, the two names.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll.
 */
#include "ws2_private.h"

int WSAAPI bind(SOCKET s, const struct sockaddr *name, int namelen)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    return Provider == NULL ? SOCKET_ERROR
                            : Ws2Return(Provider->lpWSPBind(s, name, namelen, &Error), &Error);
}

int WSAAPI listen(SOCKET s, int backlog)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    return Provider == NULL ? SOCKET_ERROR
                            : Ws2Return(Provider->lpWSPListen(s, backlog, &Error), &Error);
}

int WSAAPI WSAConnect(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF lpCallerData,
    LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(Provider->lpWSPConnect(
                         s, name, namelen, lpCallerData, lpCalleeData, lpSQOS, lpGQOS, &Error),
        &Error);
}

int WSAAPI connect(SOCKET s, const struct sockaddr *name, int namelen)
{
    return WSAConnect(s, name, namelen, NULL, NULL, NULL, NULL);
}

int WSAAPI shutdown(SOCKET s, int how)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    return Provider == NULL ? SOCKET_ERROR
                            : Ws2Return(Provider->lpWSPShutdown(s, how, &Error), &Error);
}

int WSAAPI WSASendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(Provider->lpWSPSendDisconnect(s, lpOutboundDisconnectData, &Error), &Error);
}

int WSAAPI WSARecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return SOCKET_ERROR;
    return Ws2Return(Provider->lpWSPRecvDisconnect(s, lpInboundDisconnectData, &Error), &Error);
}

SOCKET WSAAPI WSAJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF lpCallerData,
    LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS, DWORD dwFlags)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    if (Provider == NULL)
        return INVALID_SOCKET;
    SOCKET Leaf = Provider->lpWSPJoinLeaf(
        s, name, namelen, lpCallerData, lpCalleeData, lpSQOS, lpGQOS, dwFlags, &Error);
    if (Leaf == INVALID_SOCKET)
        Ws2SetError(Error);
    return Leaf;
}

int WSAAPI getsockname(SOCKET s, struct sockaddr *name, int *namelen)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    return Provider == NULL
               ? SOCKET_ERROR
               : Ws2Return(Provider->lpWSPGetSockName(s, name, namelen, &Error), &Error);
}

int WSAAPI getpeername(SOCKET s, struct sockaddr *name, int *namelen)
{
    INT Error = 0;
    const WSPPROC_TABLE *Provider = Ws2Enter(s);
    return Provider == NULL
               ? SOCKET_ERROR
               : Ws2Return(Provider->lpWSPGetPeerName(s, name, namelen, &Error), &Error);
}

/* --- connect to a name or to the first of several addresses that answers --- */

/* The time-out is not per attempt in the documentation; a blocking connect has the transport's. */
static INT Ws2pTryAddress(SOCKET s, const SOCKADDR *Address, INT Length)
{
    return connect(s, Address, Length) == 0 ? 0 : WSAGetLastError();
}

/* The address of this side is told without its port. [obs:wine/sock WSAConnectByName] */
static VOID Ws2pReportName(SOCKET s, BOOLEAN Peer, LPDWORD Length, LPSOCKADDR Address)
{
    if (Length == NULL || Address == NULL)
        return;
    INT Bytes = (INT)*Length;
    if ((Peer ? getpeername(s, Address, &Bytes) : getsockname(s, Address, &Bytes)) != 0)
        return;
    *Length = (DWORD)Bytes;
    if (!Peer)
        RtlZeroMemory((PUCHAR)Address + sizeof Address->sa_family, sizeof(USHORT));
}

/* Who gives a length and an address has room for the name; one without the other is not written. WSAEFAULT. */
static INT Ws2pCheckName(INT Family, const DWORD *Length, const SOCKADDR *Address)
{
    DWORD Bytes = Family == AF_INET6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);
    if (Length == NULL || Address == NULL)
        return 0;
    if (!Ws2ProbeWrite((PVOID)(ULONG_PTR)Length, sizeof *Length) || *Length < Bytes ||
        !Ws2ProbeWrite((PVOID)(ULONG_PTR)Address, Bytes))
        return WSAEFAULT;
    return 0;
}

BOOL WSAAPI WSAConnectByList(SOCKET s, PSOCKET_ADDRESS_LIST SocketAddress,
    LPDWORD LocalAddressLength, LPSOCKADDR LocalAddress, LPDWORD RemoteAddressLength,
    LPSOCKADDR RemoteAddress, const struct timeval *timeout, LPWSAOVERLAPPED Reserved)
{
    (VOID) timeout;
    if (Ws2Enter(s) == NULL)
        return FALSE;
    if (Reserved != NULL || SocketAddress == NULL)
        return Ws2SetError(WSAEINVAL), FALSE;
    if (!Ws2Probe(SocketAddress, sizeof SocketAddress->iAddressCount))
        return Ws2SetError(WSAEFAULT), FALSE;
    if (LocalAddressLength != NULL && !Ws2ProbeWrite(LocalAddressLength, sizeof *LocalAddressLength))
        LocalAddressLength = NULL;
    if (RemoteAddressLength != NULL && !Ws2ProbeWrite(RemoteAddressLength, sizeof *RemoteAddressLength))
        RemoteAddressLength = NULL;
    if (SocketAddress->iAddressCount <= 0)
        return Ws2SetError(WSAEINVAL), FALSE;
    if (!Ws2Probe(SocketAddress->Address,
            (SIZE_T)SocketAddress->iAddressCount * sizeof SocketAddress->Address[0]))
        return Ws2SetError(WSAEFAULT), FALSE;
    INT Error = WSAEHOSTUNREACH;
    for (INT i = 0; i < SocketAddress->iAddressCount; i++) {
        const SOCKET_ADDRESS *At = &SocketAddress->Address[i];
        Error = Ws2pTryAddress(s, At->lpSockaddr, At->iSockaddrLength);
        if (Error == 0)
            break;
    }
    if (Error != 0)
        return Ws2SetError(Error), FALSE;
    Ws2pReportName(s, FALSE, LocalAddressLength, LocalAddress);
    Ws2pReportName(s, TRUE, RemoteAddressLength, RemoteAddress);
    return TRUE;
}

BOOL WSAAPI WSAConnectByNameA(SOCKET s, LPCSTR nodename, LPCSTR servicename,
    LPDWORD LocalAddressLength, LPSOCKADDR LocalAddress, LPDWORD RemoteAddressLength,
    LPSOCKADDR RemoteAddress, const struct timeval *timeout, LPWSAOVERLAPPED Reserved)
{
    ADDRINFOA Hints, *List;
    WSAPROTOCOL_INFOW Info;
    INT Length = sizeof Info, Error;
    (VOID) timeout;
    if (Ws2CheckStarted() != 0)
        return FALSE;
    /* Looked at before the socket. [obs:wine/sock WSAConnectByName] */
    if (Reserved != NULL || nodename == NULL || servicename == NULL)
        return Ws2SetError(WSAEINVAL), FALSE;
    if (Ws2Enter(s) == NULL)
        return FALSE;
    if (getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&Info, &Length) != 0)
        return FALSE;
    /* Only streams can be connected by name. [doc:winsock2/wsaconnectbyname] */
    Error = Info.iSocketType != SOCK_STREAM ? WSAEOPNOTSUPP : 0;
    if (Error == 0)
        Error = Ws2pCheckName(Info.iAddressFamily, LocalAddressLength, LocalAddress);
    if (Error == 0)
        Error = Ws2pCheckName(Info.iAddressFamily, RemoteAddressLength, RemoteAddress);
    if (Error != 0)
        return Ws2SetError(Error), FALSE;
    RtlZeroMemory(&Hints, sizeof Hints);
    Hints.ai_family = Info.iAddressFamily;
    Hints.ai_socktype = Info.iSocketType;
    Error = getaddrinfo(nodename, servicename, &Hints, &List);
    if (Error != 0)
        return Ws2SetError(Error), FALSE;
    for (ADDRINFOA *At = List; At != NULL; At = At->ai_next) {
        Error = Ws2pTryAddress(s, At->ai_addr, (INT)At->ai_addrlen);
        if (Error == 0)
            break;
    }
    freeaddrinfo(List);
    if (Error != 0)
        return Ws2SetError(Error), FALSE;
    Ws2pReportName(s, FALSE, LocalAddressLength, LocalAddress);
    Ws2pReportName(s, TRUE, RemoteAddressLength, RemoteAddress);
    return TRUE;
}

BOOL WSAAPI WSAConnectByNameW(SOCKET s, LPWSTR nodename, LPWSTR servicename,
    LPDWORD LocalAddressLength, LPSOCKADDR LocalAddress, LPDWORD RemoteAddressLength,
    LPSOCKADDR RemoteAddress, const struct timeval *timeout, LPWSAOVERLAPPED Reserved)
{
    BOOL Result = FALSE;
    if (Ws2Enter(s) == NULL)
        return FALSE;
    if (nodename == NULL || servicename == NULL)
        return Ws2SetError(WSAEINVAL), FALSE;
    if (!Ws2ProbeWideText(nodename) || !Ws2ProbeWideText(servicename))
        return Ws2SetError(WSAEFAULT), FALSE;
    PSTR Node = Ws2AnsiFromWide(nodename), Service = Ws2AnsiFromWide(servicename);
    if (Node == NULL || Service == NULL)
        Ws2SetError(WSAENOBUFS);
    else
        Result = WSAConnectByNameA(s, Node, Service, LocalAddressLength, LocalAddress,
            RemoteAddressLength, RemoteAddress, timeout, Reserved);
    host_free(Node);
    host_free(Service);
    return Result;
}
