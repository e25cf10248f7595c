/* SPDX-License-Identifier: MIT */
/* time.h - shadow of the C library's: adds Microsoft's functions. */
#pragma GCC system_header
#include_next <time.h>
#define _TIMESPEC_DEFINED /* what sources ask before they define one */
#ifndef NTSOCK_INTERNAL
#include <ntsock_crt_time.h>
#endif
