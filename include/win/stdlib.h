/* SPDX-License-Identifier: MIT */
/* stdlib.h - shadow of the C library's: 16-bit multibyte functions, Microsoft's additions. */
#pragma GCC system_header
#ifndef __need_malloc_and_calloc
#include <limits.h> /* as Microsoft's does */
#endif
#if defined(NTSOCK_INTERNAL) || defined(__need_malloc_and_calloc)
#include_next <stdlib.h>
#elif defined(__cplusplus)
#include <cstdlib>
#include_next <stdlib.h>
#else
#include <ntsock_wide_hide.h>
#include_next <stdlib.h>
#include <ntsock_wide_show.h>
#include <ntsock_crt_stdlib.h>
#endif
