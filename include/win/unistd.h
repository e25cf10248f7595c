/* SPDX-License-Identifier: MIT */
/*
 * unistd.h - shadow of the C library's, without gethostname, whose prototype is Winsock's here.
 */
#pragma GCC system_header
#ifndef NTSOCK_UNISTD_H
#define NTSOCK_UNISTD_H
#include <ntsock_bsdtypes.h>
#define gethostname ntsock_libc_gethostname
#include_next <unistd.h>
#undef gethostname
#endif
