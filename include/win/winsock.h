/* SPDX-License-Identifier: MIT */
/*
 * winsock.h - Winsock 1.1, served by the definitions of winsock2.h.
 *
 * Layer: application headers. On Windows the two headers exclude each other and differ in a few values
 * (SOMAXCONN, the IP_ options of multicast); here both names give Winsock 2, so any order compiles.
 */
#ifndef _WINSOCK_H_NTSOCK_
#define _WINSOCK_H_NTSOCK_
#include <winsock2.h>
#endif
