/* SPDX-License-Identifier: MIT */
/* malloc.h - shadow of the C library's: _alloca, _msize, _aligned_malloc. */
#pragma GCC system_header
#include_next <malloc.h>
#ifndef NTSOCK_MALLOC_H
#define NTSOCK_MALLOC_H
#include <stdlib.h>
#ifndef alloca
#define alloca(n) __builtin_alloca(n)
#endif
#define _alloca(n) __builtin_alloca(n)
#define _malloca(n) malloc(n)
#define _freea(p) free(p)
#define _msize(p) malloc_usable_size(p)
#endif
