/* SPDX-License-Identifier: MIT */
/*
 * ws2_test.h - what the tests of the Winsock API share.
 *
 * The tests are Windows programs: they include Windows' headers, this one and ntstest.h. Each runs
 * over every engine (NTSOCK_ENGINE, set by meson.build).
 */
#ifndef WS2_TEST_H
#define WS2_TEST_H

#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>

#include "ntstest.h"

#define CHECK_FAILS(call, error)                   \
    do {                                           \
        WSASetLastError(0xdead);                   \
        CHECK_EQ((long long)(call), SOCKET_ERROR); \
        CHECK_EQ(WSAGetLastError(), (error));      \
    } while (0)
#define REQUIRE_OK(call) REQUIRE_EQ((call), 0)

void start_winsock(void); /* version 2.2; ends the case if it fails */
struct sockaddr_in loopback4(int port);
struct sockaddr_in6 loopback6(int port);
/* Bound to 127.0.0.1 and listening; *ret_address has its port. */
SOCKET listener4(struct sockaddr_in *ret_address);
/* The same at an address of this program alone, for cases that close the port and take it again. */
SOCKET own_listener4(struct sockaddr_in *ret_address);
/* Bound and not listening: refuses connections as long as it is open, and nobody else gets the port. */
SOCKET refuser4(struct sockaddr_in *ret_address);
SOCKET stream_socket(void);
SOCKET bound_datagram(struct sockaddr_in *ret_address);
/* A connected pair over the loopback. */
void stream_pair(SOCKET *ret_client, SOCKET *ret_server);
void set_nonblocking(SOCKET s);
/* Waits with select; ends the case after some seconds. */
void wait_readable(SOCKET s);
void wait_writable(SOCKET s);
void send_all(SOCKET s, const char *data, int bytes);
void receive_all(SOCKET s, char *data, int bytes);

/* A thread that runs routine(context); join waits for it and closes the handle. */
HANDLE start_thread(DWORD (*routine)(void *context), void *context);
DWORD join_thread(HANDLE thread);
/* Until so many requests are pending in the stack: other threads are then blocked in their calls.
 */
void wait_until_pending(unsigned requests);
unsigned handles_open(void);

#endif
