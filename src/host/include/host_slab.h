/* SPDX-License-Identifier: MIT */
/*
 * host_slab.h - small blocks without a header in front of each.
 *
 * Layer: host. For what there are very many of: a block costs its size, rounded up to 16 bytes, and two bytes more,
 * in which the caller keeps a mark. Blocks of one size lie together in a slab of 64 KiB; a slab that has
 * become empty goes back to the system. Blocks are aligned to 16 bytes and not zeroed.
 */
#ifndef HOST_SLAB_H
#define HOST_SLAB_H

#include "host_status.h"
#include <stddef.h>

#define HOST_SLAB_BYTES_MAX 2048
#define HOST_SLAB_MARK_MAX 0x7ffe

/*
 * 0 with the block; NULL is an injected fault (HOST_CALL_ALLOCATE). -1: to be taken from the heap, because it is too
 * large, the address space kept for slabs is used up, or a tool looks at each block of the heap (the address
 * and thread sanitizers, valgrind).
 */
int host_slab_allocate(size_t bytes, uint16_t mark, void **ret_block) HOST_MUST_CHECK;
/* Is it used at all? Not where such a tool looks on. */
int host_slab_wanted(void);
/* The same whatever looks on, and without faults: for tests of the slabs themselves. */
int host_slab_allocate_always(size_t bytes, uint16_t mark, void **ret_block) HOST_MUST_CHECK;

/*
 * What a thread has freed last, for its next allocations: they take no lock then. The memory is the caller's, zeroed.
 * NULL: the thread keeps nothing from now on, and what it has kept is free. Blocks that are kept count as free.
 */
#define HOST_SLAB_KEPT_SIZES 32 /* blocks of up to 512 bytes */
#define HOST_SLAB_KEPT_BLOCKS 16 /* of each size */
struct host_slab_kept {
    uint8_t count[HOST_SLAB_KEPT_SIZES];
    void *blocks[HOST_SLAB_KEPT_SIZES][HOST_SLAB_KEPT_BLOCKS];
};
void host_slab_keep(struct host_slab_kept *kept);

/* Is that an address inside of a slab? Two comparisons. */
extern uintptr_t host_slab_region;
#define HOST_SLAB_REGION_BYTES ((uintptr_t)1 << 34)
static inline int host_slab_owns(const void *block)
{
    return (uintptr_t)block - __atomic_load_n(&host_slab_region, __ATOMIC_RELAXED) < HOST_SLAB_REGION_BYTES;
}

/*
 * Of a block that host_slab_owns: 0, and it is free and *ret_mark what it had; -1 if it was free already or is no
 * block at all.
 */
int host_slab_free(void *block, uint16_t *ret_mark);
/* The mark of a block that is allocated; -1 as above. */
int host_slab_mark(const void *block);

#endif
