/* SPDX-License-Identifier: MIT */
/*
 * ntsock_prefix.h - read by ntsock-cc before every source file: compiler keywords, as macros only.
 *
 * Layer: application headers. Assembler sources pass through untouched.
 */
#ifndef __ASSEMBLER__
#include <ntsock_keywords.h>
#ifdef __clang__ /* pshpack1.h ... do in a file of their own what this warning is about */
#pragma clang diagnostic ignored "-Wpragma-pack"
#endif
#endif
