/* SPDX-License-Identifier: MIT */
/*
 * ntsock_prefix.h - read by ntsock-cc before every source file: compiler keywords, as macros only.
 *
 * Layer: application headers. Assembler sources pass through untouched. _FORTIFY_SOURCE, which some compilers
 * define by themselves, would put the C library's printf in the place of ours (stdio.h).
 */
#ifndef __ASSEMBLER__
#undef _FORTIFY_SOURCE
#include <ntsock_keywords.h>
#ifdef __clang__ /* pshpack1.h ... do in a file of their own what this warning is about */
#pragma clang diagnostic ignored "-Wpragma-pack"
#endif
#endif
