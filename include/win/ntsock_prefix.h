/* SPDX-License-Identifier: MIT */
/*
 * ntsock_prefix.h - read by ntsock-cc before every source file: compiler keywords, as macros only.
 *
 * Layer: application headers. Assembler sources pass through untouched.
 */
#ifndef __ASSEMBLER__
#include <ntsock_keywords.h>
#endif
