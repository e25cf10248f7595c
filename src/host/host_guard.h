/* SPDX-License-Identifier: MIT */
/*
 * host_guard.h - accesses to addresses of the program that tell instead of faulting.
 *
 * Layer: host, private. All return 0, or 1 if the memory is not there; a copy may then be partial.
 */
#ifndef HOST_GUARD_H
#define HOST_GUARD_H

#include <stddef.h>

extern int host_guard_ready; /* 0: there is no guard on this processor; do not call */
int host_guard_copy(void *to, const void *from, size_t bytes);
int host_guard_read(const void *address);  /* one byte */
int host_guard_write(void *address);       /* one byte, which stays as it is */

#endif
