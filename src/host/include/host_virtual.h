/* SPDX-License-Identifier: MIT */
/*
 * host_virtual.h - address space: reserve, commit, protect, release.
 *
 * Layer: host. Addresses and sizes are multiples of the page size, 4096 bytes.
 */
#ifndef HOST_VIRTUAL_H
#define HOST_VIRTUAL_H

#include "host_status.h"
#include <stddef.h>

#define HOST_PAGE_BYTES 4096
#define HOST_VIRTUAL_ALIGNMENT 65536

#define HOST_PROTECT_READ 0x1
#define HOST_PROTECT_WRITE 0x2
#define HOST_PROTECT_EXECUTE 0x4

/*
 * Reserves without access, at address (a multiple of HOST_VIRTUAL_ALIGNMENT) if that is not NULL.
 * STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_ADDRESS when something is there already.
 */
host_status host_virtual_reserve(void *address, size_t bytes, void **ret_address) HOST_MUST_CHECK;
/* Changes access; committed pages are zero at first. STATUS_INSUFFICIENT_RESOURCES. */
host_status host_virtual_protect(void *address, size_t bytes, unsigned protect) HOST_MUST_CHECK;
/* Gives the memory back and takes the access away; the range stays reserved. */
host_status host_virtual_decommit(void *address, size_t bytes) HOST_MUST_CHECK;
void host_virtual_release(void *address, size_t bytes);
/* The contents are no longer needed (MEM_RESET). */
void host_virtual_reset(void *address, size_t bytes);
/* 0 or -1 */
int host_virtual_lock(void *address, size_t bytes);
int host_virtual_unlock(void *address, size_t bytes);

#endif
