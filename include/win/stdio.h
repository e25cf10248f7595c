/* SPDX-License-Identifier: MIT */
/* stdio.h - shadow of the C library's: adds Microsoft's functions. */
#pragma GCC system_header
#include_next <stdio.h>
#ifndef NTSOCK_INTERNAL
#include <ntsock_crt_stdio.h>
#endif
