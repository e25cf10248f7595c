/* SPDX-License-Identifier: MIT */
/* wspiapi.h - once a getaddrinfo for Windows without one; every ntsock has it. */
#ifndef _WSPIAPI_H_
#define _WSPIAPI_H_
#include <ws2tcpip.h>
#endif
