/* SPDX-License-Identifier: MIT */
/* netdb.h - shadow: the Linux header and winsock2.h cannot share a source file. */
#pragma GCC system_header
#ifdef _WINSOCK2API_
#error "netdb.h after winsock2.h: these name the same things differently. Include one or the other in a source file."
#endif
#include_next <netdb.h>
