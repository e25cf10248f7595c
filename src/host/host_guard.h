/* SPDX-License-Identifier: MIT */
/*
 * host_guard.h - accesses to addresses of the program that tell instead of faulting.
 *
 * Layer: host, private. All return 0, or 1 if the memory is not there; a copy may then be partial.
 */
#ifndef HOST_GUARD_H
#define HOST_GUARD_H

#include "host_memory.h" /* host_guard_ready, host_guard_copy */

int host_guard_read(const void *address);  /* one byte */
int host_guard_store(uint32_t *address, uint32_t value);
int host_guard_write(void *address);       /* one byte, which stays as it is */

#endif
