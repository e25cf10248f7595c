/* SPDX-License-Identifier: MIT */
/*
 * ws2_order.c - host and network byte order.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll. The plain calls need no WSAStartup; those
 * with a socket ask for the order of its protocol, which is big-endian for every protocol there is.
 */
#include "ws2_private.h"

u_long WSAAPI htonl(u_long hostlong)
{
    return __builtin_bswap32(hostlong);
}

u_short WSAAPI htons(u_short hostshort)
{
    return __builtin_bswap16(hostshort);
}

u_long WSAAPI ntohl(u_long netlong)
{
    return __builtin_bswap32(netlong);
}

u_short WSAAPI ntohs(u_short netshort)
{
    return __builtin_bswap16(netshort);
}

int WSAAPI WSAHtonl(SOCKET s, u_long hostlong, u_long *lpnetlong)
{
    if (Ws2Enter(s) == NULL)
        return SOCKET_ERROR;
    if (!Ws2ProbeWrite(lpnetlong, sizeof *lpnetlong))
        return Ws2Fail(WSAEFAULT);
    *lpnetlong = htonl(hostlong);
    return 0;
}

int WSAAPI WSAHtons(SOCKET s, u_short hostshort, u_short *lpnetshort)
{
    if (Ws2Enter(s) == NULL)
        return SOCKET_ERROR;
    if (!Ws2ProbeWrite(lpnetshort, sizeof *lpnetshort))
        return Ws2Fail(WSAEFAULT);
    *lpnetshort = htons(hostshort);
    return 0;
}

int WSAAPI WSANtohl(SOCKET s, u_long netlong, u_long *lphostlong)
{
    return WSAHtonl(s, netlong, lphostlong);
}

int WSAAPI WSANtohs(SOCKET s, u_short netshort, u_short *lphostshort)
{
    return WSAHtons(s, netshort, lphostshort);
}
