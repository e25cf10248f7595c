/* SPDX-License-Identifier: MIT */
/*
 * sys/types.h - shadow of the C library's: u_long has 32 bits, and ulong, ushort, uint and, in C, pthread_t and
 * its like stay free for programs to define, as with Windows compilers.
 *
 * stdlib.h includes this header in the C library's default dialect, so it is everywhere.
 */
#pragma GCC system_header
#ifndef NTSOCK_SYS_TYPES_H
#define NTSOCK_SYS_TYPES_H

#include <ntsock_bsdtypes.h>

#pragma push_macro("ulong")
#pragma push_macro("ushort")
#pragma push_macro("uint")
#undef ulong
#undef ushort
#undef uint
#define ulong ntsock_libc_ulong
#define ushort ntsock_libc_ushort
#define uint ntsock_libc_uint
#include <ntsock_pthread_hide.h>
#include_next <sys/types.h>
#include <ntsock_pthread_show.h>
#pragma pop_macro("ulong")
#pragma pop_macro("ushort")
#pragma pop_macro("uint")

#ifdef __GLIBC__
typedef __quad_t quad_t;
typedef __u_quad_t u_quad_t;
typedef __fsid_t fsid_t;
#endif

#endif
