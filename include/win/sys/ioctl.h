/* SPDX-License-Identifier: MIT */
/* sys/ioctl.h - shadow: FIONREAD and its like have other values for ioctlsocket. */
#pragma GCC system_header
#ifdef _WINSOCK2API_
#error "sys/ioctl.h after winsock2.h: these name the same things differently. Include one or the other in a source file."
#endif
#include_next <sys/ioctl.h>
