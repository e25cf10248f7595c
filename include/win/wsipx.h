/* SPDX-License-Identifier: MIT */
/*
 * wsipx.h - addresses of IPX/SPX, for sources that name them.
 *
 * Layer: application headers. No provider has the family: socket(AF_IPX) gives WSAEAFNOSUPPORT.
 */
#ifndef _WSIPX_
#define _WSIPX_

#include <windef.h>

typedef struct sockaddr_ipx {
    SHORT sa_family;
    CHAR sa_netnum[4];
    CHAR sa_nodenum[6];
    USHORT sa_socket;
} SOCKADDR_IPX, *PSOCKADDR_IPX, *LPSOCKADDR_IPX;

#define NSPROTO_IPX 1000
#define NSPROTO_SPX 1256
#define NSPROTO_SPXII 1257

#endif
