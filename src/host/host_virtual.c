/* SPDX-License-Identifier: MIT */
/*
 * host_virtual.c - address space, by mmap.
 *
 * Layer: host. NT counterpart: NtAllocateVirtualMemory. Reservations are not charged for
 * (MAP_NORESERVE); pages are when they are first touched, so a commit never fails for want of
 * memory the way Windows' does.
 */
#include "host_virtual.h"

#include "host_private.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#define MAP_FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

static host_status reserve_at(void *address, size_t bytes, void **ret_address)
{
    void *base = mmap(address, bytes, PROT_NONE, MAP_FLAGS | MAP_FIXED_NOREPLACE, -1, 0);
    if (base == MAP_FAILED)
        return errno == EEXIST ? H_STATUS_INVALID_ADDRESS : H_STATUS_INSUFFICIENT_RESOURCES;
    *ret_address = base;
    return H_STATUS_SUCCESS;
}

host_status host_virtual_reserve(void *address, size_t bytes, void **ret_address)
{
    if (address != NULL)
        return reserve_at(address, bytes, ret_address);
    if (bytes > SIZE_MAX / 2)
        return H_STATUS_INSUFFICIENT_RESOURCES;
    /* More than needed, and then cut to the alignment Windows promises. */
    size_t mapped = bytes + HOST_VIRTUAL_ALIGNMENT;
    char *base = mmap(NULL, mapped, PROT_NONE, MAP_FLAGS, -1, 0);
    if (base == MAP_FAILED)
        return H_STATUS_INSUFFICIENT_RESOURCES;
    size_t skip = (HOST_VIRTUAL_ALIGNMENT - (uintptr_t)base % HOST_VIRTUAL_ALIGNMENT) %
                  HOST_VIRTUAL_ALIGNMENT;
    if (skip != 0)
        munmap(base, skip);
    if (mapped - skip > bytes)
        munmap(base + skip + bytes, mapped - skip - bytes);
    *ret_address = base + skip;
    return H_STATUS_SUCCESS;
}

host_status host_virtual_protect(void *address, size_t bytes, unsigned protect)
{
    int flags = ((protect & HOST_PROTECT_READ) != 0 ? PROT_READ : 0) |
                ((protect & HOST_PROTECT_WRITE) != 0 ? PROT_WRITE : 0) |
                ((protect & HOST_PROTECT_EXECUTE) != 0 ? PROT_EXEC : 0);
    if (mprotect(address, bytes, flags) != 0)
        return H_STATUS_INSUFFICIENT_RESOURCES;
    return H_STATUS_SUCCESS;
}

host_status host_virtual_decommit(void *address, size_t bytes)
{
    if (mmap(address, bytes, PROT_NONE, MAP_FLAGS | MAP_FIXED, -1, 0) == MAP_FAILED)
        return H_STATUS_INSUFFICIENT_RESOURCES;
    return H_STATUS_SUCCESS;
}

void host_virtual_release(void *address, size_t bytes)
{
    munmap(address, bytes);
}

void host_virtual_reset(void *address, size_t bytes)
{
    (void)madvise(address, bytes, MADV_FREE);
}

int host_virtual_lock(void *address, size_t bytes)
{
    return mlock(address, bytes);
}

int host_virtual_unlock(void *address, size_t bytes)
{
    return munlock(address, bytes);
}
