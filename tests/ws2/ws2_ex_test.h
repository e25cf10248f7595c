/* SPDX-License-Identifier: MIT */
/*
 * ws2_ex_test.h - what the tests of overlapped requests and of the extension functions share.
 *
 * A driver that pends every request turns an immediate result into a later one. overlapped_end takes
 * either: the tests say what a request comes to, and only where Windows' immediate answer matters do
 * they look at it themselves.
 */
#ifndef WS2_EX_TEST_H
#define WS2_EX_TEST_H

#include "ws2_test.h"

#include <mswsock.h>

/* The function behind a WSAID_xxx. */
PVOID extension(SOCKET s, const GUID *id);
LPFN_CONNECTEX get_connect_ex(SOCKET s);
LPFN_DISCONNECTEX get_disconnect_ex(SOCKET s);
LPFN_WSARECVMSG get_recv_msg(SOCKET s);

/* A zeroed OVERLAPPED with a new event; the event is closed by overlapped_end. */
WSAOVERLAPPED overlapped_begin(void);
/*
 * What a request came to: started is whether its call reported success, called after the call at once
 * (it looks at the last error). Waits. Returns 0 or the Winsock error; *ret_bytes may be NULL.
 */
int overlapped_end(SOCKET s, WSAOVERLAPPED *overlapped, BOOL started, DWORD *ret_bytes);

/*
 * Two connected streams and an overlapped request of one end's: what most cases begin with. A case that closes an end
 * itself says INVALID_SOCKET.
 */
typedef struct PAIR {
    SOCKET client, server;
    char text[8];
    WSABUF buffer;   /* of text */
    WSAOVERLAPPED o; /* without an event: a case that wants one says overlapped_begin() */
    DWORD bytes, flags;
} PAIR;
void pair_open(PAIR *pair); /* starts Winsock, too */
/* A receive of the client's, which has to pend. */
void pair_receive(PAIR *pair, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
int pair_end(PAIR *pair); /* what it comes to: overlapped_end */
void pair_close(PAIR *pair);

/* Two bound datagram sockets and their addresses. */
typedef struct DATAGRAMS {
    SOCKET one, two;
    struct sockaddr_in a, b;
} DATAGRAMS;
void datagrams_open(DATAGRAMS *pair); /* starts Winsock, too */
void datagrams_close(DATAGRAMS *pair);

void cancel_overlapped(SOCKET s, WSAOVERLAPPED *overlapped); /* it is still pending */

/* Room for both addresses of AcceptEx, and for data. */
enum { EX_ADDRESS = sizeof(struct sockaddr_in) + 16, EX_DATA = 256 };
typedef struct ACCEPT_BUFFER {
    char bytes[EX_DATA + 2 * EX_ADDRESS];
} ACCEPT_BUFFER;

#endif
