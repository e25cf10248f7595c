/* SPDX-License-Identifier: MIT */
/*
 * host_memory.h - heap, and looking at memory that may not be there.
 *
 * Layer: host.
 */
#ifndef HOST_MEMORY_H
#define HOST_MEMORY_H

#include "host_status.h"
#include <stddef.h>

void *host_allocate(size_t bytes); /* NULL also on an injected fault (HOST_CALL_ALLOCATE) */
void *host_reallocate(void *block, size_t bytes);
void host_free(void *block);
size_t host_allocation_size(const void *block);

/*
 * Copies from or to an address of the program that may be wild. Addresses in the first 64 KiB and
 * outside user space fail at once; addresses on the calling thread's stack are trusted; at all others
 * a fault is caught (SIGSEGV, SIGBUS: host_guard.c). STATUS_ACCESS_VIOLATION; the copy may then be partial.
 */
host_status host_copy_from_program(void *to, const void *from, size_t bytes) HOST_MUST_CHECK;
host_status host_copy_to_program(void *to, const void *from, size_t bytes) HOST_MUST_CHECK;
/*
 * Is the whole range there, readable or also writable? Touches a byte of every page; nothing is
 * changed. The stack is trusted as above, and 0 bytes are always good.
 * STATUS_ACCESS_VIOLATION. The answer holds as long as the program does not unmap the range.
 */
host_status host_probe_program(const void *address, size_t bytes, int writing) HOST_MUST_CHECK;

#endif
