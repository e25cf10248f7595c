/* SPDX-License-Identifier: MIT */
/* string.h - shadow of the C library's: adds Microsoft's functions. */
#pragma GCC system_header
#include_next <string.h>
#ifndef NTSOCK_INTERNAL
#include <ntsock_crt_string.h>
#endif
