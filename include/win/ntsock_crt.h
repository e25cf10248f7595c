/* SPDX-License-Identifier: MIT */
/*
 * ntsock_crt.h - what the additions to the C headers share: errno_t, _TRUNCATE, _countof.
 *
 * Layer: application headers (C run-time). Everything is an inline function over the C library, under
 * Microsoft's names and with their results. Where Windows calls the invalid parameter handler, which ends the
 * program by default, these return the documented error instead. [doc:c-runtime-library]
 */
#ifndef NTSOCK_CRT_H
#define NTSOCK_CRT_H

#include <errno.h>
#include <ntsock_keywords.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifndef __STDC_SECURE_LIB__
#define __STDC_SECURE_LIB__ 200411L
#endif
typedef int errno_t;
typedef size_t rsize_t;
#define _TRUNCATE ((size_t)-1)
#ifndef STRUNCATE
#define STRUNCATE 80
#endif
#ifndef _countof
#define _countof(a) (sizeof(a) / sizeof((a)[0]))
#endif
#define _CRT_INLINE_ static __inline__ __attribute__((unused))
#ifdef __cplusplus
#define _CRT_CXX_(code) extern "C++" { code }
#else
#define _CRT_CXX_(code)
#endif
#define _CRTIMP
#define _CRT_UNUSED(x) ((void)(x))

#endif
