/* SPDX-License-Identifier: MIT */
/*
 * ntsock_bsdtypes.h - u_char, u_short, u_int, u_long with Windows' sizes: u_long has 32 bits.
 *
 * Layer: application headers; included by winsock2.h and by the shadow of sys/types.h, in whose place
 * the C library would define a 64-bit u_long. Guarded by the C library's own guard macro.
 */
#ifndef __u_char_defined
#define __u_char_defined
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned int u_long;
#endif

/* The C library's unistd.h has an unsigned one; ws2tcpip.h has int. */
#ifndef __socklen_t_defined
#define __socklen_t_defined
typedef int socklen_t;
#endif
