/* SPDX-License-Identifier: MIT */
/*
 * host_slab.c - small blocks, by size.
 *
 * Layer: host. NT counterpart: the small blocks of the pool, which have a header each; here the header is a word
 * beside the block, so that a hundred thousand connections cost no more than their structures.
 *
 *   region   16 GiB of address space, reserved at the first use, made usable 1 MiB at a time
 *   slab     64 KiB of it: struct slab, one word for each block, blocks of one size
 *   group    the slabs of one size that have room, for one of SHARDS sets of threads
 *
 * S1  A block's word is its mark while it is allocated, else FREE | number of the next free block (NOTHING: the last).
 *     A free block itself is not touched: who still writes to it harms only its next owner.
 * S2  A slab belongs to one group from make_slab until it is empty; blocks go back to the group they came from.
 *     Everything in the slab but its constant head is under the group's lock.
 * S3  A slab is in its group's list exactly while it has a free block. Of those that are empty a group keeps one.
 * S4  A block that a thread keeps (struct host_slab_kept) is used as far as its slab knows, and its word is KEPT: it is
 *     the thread's alone, which changes the word without the lock. Of two threads that free one block at the same
 *     moment both may keep it; any other double free is found.
 *
 * Locks: a group's, then the region's. They are leaves: nothing is called with one held but the kernel.
 */
#include "host_slab.h"

#include "host_private.h"
#include "host_thread.h"

#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HOST_SLAB_OFF 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HOST_SLAB_OFF 1
#endif
#endif
#ifndef HOST_SLAB_OFF
#define HOST_SLAB_OFF 0
#endif

#define UNIT 16u
#define SIZES (HOST_SLAB_BYTES_MAX / UNIT)
#define SHARDS 4u
#define SLAB_BYTES 65536u
#define SLABS ((uint32_t)(HOST_SLAB_REGION_BYTES / SLAB_BYTES))
#define COMMIT_SLABS 16u
#define FREE 0x8000u
#define NOTHING 0x7fffu /* among the numbers of blocks */
#define KEPT 0x7fffu    /* among the marks */

struct group;

struct slab {
    struct group *group; /* this and the next three are constant while it belongs to a group */
    uint32_t bytes;
    uint32_t reciprocal; /* of bytes, in units of 2^-32, rounded up */
    uint16_t count;
    uint16_t used;
    uint16_t fresh; /* blocks from here on have never been allocated, and their words not been written */
    uint16_t first_free;
    uint32_t blocks; /* where they begin */
    struct slab *next, *previous;
    uint16_t words[];
};

struct group {
    struct host_lock lock;
    uint32_t empty; /* slabs in the list without a used block: 0 or 1 */
    struct slab *first;
} __attribute__((aligned(64)));

uintptr_t host_slab_region = UINTPTR_MAX - HOST_SLAB_REGION_BYTES; /* nothing is there */

static struct group groups[SHARDS][SIZES];
static struct {
    struct host_lock lock;
    int tried;
    uint32_t fresh;     /* slabs from here on were never used */
    uint32_t committed; /* slabs below are readable and writable */
    struct slab *spare; /* given back; only their first page may be touched */
} region;
static uint32_t shard_turn;
static _Thread_local uint32_t thread_shard; /* plus one; 0: not chosen */
static _Thread_local struct host_slab_kept *thread_kept;

static uintptr_t region_base(void)
{
    return __atomic_load_n(&host_slab_region, __ATOMIC_RELAXED);
}

static void reserve_region(void)
{
    region.tried = 1;
    size_t bytes = HOST_SLAB_REGION_BYTES + SLAB_BYTES;
    char *base = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        __atomic_store_n(&region.fresh, SLABS, __ATOMIC_RELAXED); /* none is left */
        return;
    }
    uintptr_t aligned = ((uintptr_t)base + SLAB_BYTES - 1) / SLAB_BYTES * SLAB_BYTES;
    __atomic_store_n(&host_slab_region, aligned, __ATOMIC_RELAXED);
}

/* Memory for a slab, or NULL. */
static struct slab *take_slab(void)
{
    struct slab *slab = NULL;
    host_lock_acquire(&region.lock);
    if (!region.tried)
        reserve_region();
    if (region.spare != NULL) {
        slab = region.spare;
        region.spare = slab->next;
    } else if (region.fresh < SLABS) {
        char *at = (char *)region_base() + (size_t)region.fresh * SLAB_BYTES;
        if (region.fresh == region.committed
            && mprotect(at, (size_t)COMMIT_SLABS * SLAB_BYTES, PROT_READ | PROT_WRITE) == 0)
            region.committed += COMMIT_SLABS;
        if (region.fresh < region.committed) {
            slab = (struct slab *)(void *)at;
            __atomic_store_n(&region.fresh, region.fresh + 1, __ATOMIC_RELAXED);
        }
    }
    host_lock_release(&region.lock);
    return slab;
}

static void give_slab(struct slab *slab)
{
    (void)!madvise(slab, SLAB_BYTES, MADV_DONTNEED);
    host_lock_acquire(&region.lock);
    slab->next = region.spare;
    region.spare = slab;
    host_lock_release(&region.lock);
}

static struct slab *make_slab(struct group *group, uint32_t bytes)
{
    struct slab *slab = take_slab();
    if (slab == NULL)
        return NULL;
    uint32_t count = (SLAB_BYTES - (uint32_t)sizeof *slab) / (bytes + (uint32_t)sizeof slab->words[0]);
    for (;; count--) {
        slab->blocks = ((uint32_t)sizeof *slab + count * (uint32_t)sizeof slab->words[0] + UNIT - 1) / UNIT * UNIT;
        if (slab->blocks + count * bytes <= SLAB_BYTES)
            break;
    }
    slab->group = group;
    slab->bytes = bytes;
    slab->reciprocal = UINT32_MAX / bytes + 1;
    slab->count = (uint16_t)count;
    slab->used = slab->fresh = 0;
    slab->first_free = NOTHING;
    return slab;
}

static void link_slab(struct group *group, struct slab *slab)
{
    slab->previous = NULL;
    slab->next = group->first;
    if (group->first != NULL)
        group->first->previous = slab;
    group->first = slab;
}

static void unlink_slab(struct group *group, struct slab *slab)
{
    if (slab->previous != NULL)
        slab->previous->next = slab->next;
    else
        group->first = slab->next;
    if (slab->next != NULL)
        slab->next->previous = slab->previous;
}

static uint32_t shard_of_thread(void)
{
    if (thread_shard == 0)
        thread_shard = __atomic_fetch_add(&shard_turn, 1, __ATOMIC_RELAXED) % SHARDS + 1;
    return thread_shard - 1;
}

/* A block of the group's first slab, which has one. */
static void *take_block(struct group *group, uint16_t mark)
{
    struct slab *slab = group->first;
    uint16_t number = slab->first_free;
    if (number != NOTHING)
        slab->first_free = slab->words[number] & NOTHING;
    else
        number = slab->fresh++;
    slab->words[number] = mark;
    if (slab->used++ == 0)
        group->empty = 0;
    if (slab->first_free == NOTHING && slab->fresh == slab->count)
        unlink_slab(group, slab);
    return (char *)slab + slab->blocks + (size_t)number * slab->bytes;
}

/* Where the block of a slab lies; no block: any number. */
static uint32_t number_of(const struct slab *slab, const void *block)
{
    uint32_t inside = (uint32_t)((uintptr_t)block % SLAB_BYTES) - slab->blocks;
    return (uint32_t)((uint64_t)inside * slab->reciprocal >> 32);
}

static struct slab *slab_of(const void *block)
{
    return (struct slab *)((uintptr_t)block / SLAB_BYTES * SLAB_BYTES);
}

static uint16_t *word_of(void *block)
{
    struct slab *slab = slab_of(block);
    return &slab->words[number_of(slab, block)];
}

int host_slab_allocate_always(size_t bytes, uint16_t mark, void **ret_block)
{
    uint32_t size = bytes != 0 ? ((uint32_t)bytes - 1) / UNIT : 0;
    struct host_slab_kept *kept = thread_kept;
    if (kept != NULL && size < HOST_SLAB_KEPT_SIZES && kept->count[size] != 0) {
        void *block = kept->blocks[size][--kept->count[size]];
        __atomic_store_n(word_of(block), mark, __ATOMIC_RELAXED);
        *ret_block = block;
        return 0;
    }
    struct group *group = &groups[shard_of_thread()][size];
    host_lock_acquire(&group->lock);
    if (group->first == NULL) {
        struct slab *slab = make_slab(group, (size + 1) * UNIT);
        if (slab != NULL) {
            link_slab(group, slab);
            group->empty = 1;
        }
    }
    int found = group->first != NULL;
    if (found)
        *ret_block = take_block(group, mark);
    host_lock_release(&group->lock);
    return found ? 0 : -1;
}

int host_slab_wanted(void)
{
#if HOST_SLAB_OFF
    return 0;
#else
    static int answer; /* plus one */
    int known = __atomic_load_n(&answer, __ATOMIC_RELAXED);
    if (known == 0) {
        known = host_under_valgrind() ? 1 : 2;
        __atomic_store_n(&answer, known, __ATOMIC_RELAXED);
    }
    return known - 1;
#endif
}

int host_slab_allocate(size_t bytes, uint16_t mark, void **ret_block)
{
    if (bytes > HOST_SLAB_BYTES_MAX || !host_slab_wanted())
        return -1;
    *ret_block = NULL;
    if (host_fault(HOST_CALL_ALLOCATE) != 0)
        return 0;
    return host_slab_allocate_always(bytes, mark, ret_block);
}

/* The slab of an address in the region and the block's number in it; NULL if no block begins there. */
static struct slab *find_block(const void *block, uint32_t *ret_number)
{
    if (!host_slab_owns(block))
        return NULL;
    uintptr_t offset = (uintptr_t)block - region_base();
    struct slab *slab = slab_of(block);
    if (offset / SLAB_BYTES >= __atomic_load_n(&region.fresh, __ATOMIC_RELAXED) || slab->group == NULL)
        return NULL;
    uint32_t inside = (uint32_t)(offset % SLAB_BYTES) - slab->blocks;
    if (inside >= (uint32_t)slab->count * slab->bytes)
        return NULL; /* the head counts as far behind the end */
    *ret_number = number_of(slab, block);
    return *ret_number * slab->bytes == inside ? slab : NULL;
}

int host_slab_mark(const void *block)
{
    uint32_t number;
    const struct slab *slab = find_block(block, &number);
    if (slab == NULL || number >= slab->fresh)
        return -1;
    uint16_t word = __atomic_load_n(&slab->words[number], __ATOMIC_RELAXED);
    return (word & FREE) != 0 || word == KEPT ? -1 : word;
}

/* Keeps the block for the thread if there is room; *ret_mark is what it had. 0: it is to be freed otherwise. */
static int keep_block(struct slab *slab, uint32_t number, void *block, uint16_t *ret_mark)
{
    struct host_slab_kept *kept = thread_kept;
    uint32_t size = slab->bytes / UNIT - 1;
    if (kept == NULL || size >= HOST_SLAB_KEPT_SIZES || kept->count[size] == HOST_SLAB_KEPT_BLOCKS)
        return 0;
    uint16_t word = number < slab->fresh ? __atomic_load_n(&slab->words[number], __ATOMIC_RELAXED) : FREE;
    if ((word & FREE) != 0 || word == KEPT)
        return 0;
    __atomic_store_n(&slab->words[number], (uint16_t)KEPT, __ATOMIC_RELAXED);
    kept->blocks[size][kept->count[size]++] = block;
    *ret_mark = word;
    return 1;
}

/* is_kept: the thread has kept it so far. -1: it is not allocated, or not kept. */
static int free_block(struct slab *slab, uint32_t number, int is_kept, uint16_t *ret_mark)
{
    struct group *group = slab->group;
    int release = 0;
    host_lock_acquire(&group->lock);
    uint16_t word = number < slab->fresh ? slab->words[number] : FREE;
    int good = (word & FREE) == 0 && (word == KEPT) == is_kept;
    if (good) {
        if (slab->first_free == NOTHING && slab->fresh == slab->count)
            link_slab(group, slab);
        slab->words[number] = (uint16_t)(FREE | slab->first_free);
        slab->first_free = (uint16_t)number;
        if (--slab->used == 0) {
            release = group->empty != 0;
            group->empty = 1;
            if (release)
                unlink_slab(group, slab);
        }
    }
    host_lock_release(&group->lock);
    if (!good)
        return -1;
    *ret_mark = word;
    if (release)
        give_slab(slab);
    return 0;
}

int host_slab_free(void *block, uint16_t *ret_mark)
{
    uint32_t number;
    struct slab *slab = find_block(block, &number);
    if (slab == NULL)
        return -1;
    return keep_block(slab, number, block, ret_mark) ? 0 : free_block(slab, number, 0, ret_mark);
}

void host_slab_keep(struct host_slab_kept *kept)
{
    struct host_slab_kept *old = thread_kept;
    uint16_t unused;
    thread_kept = kept;
    for (uint32_t size = 0; old != NULL && size < HOST_SLAB_KEPT_SIZES; size++) {
        while (old->count[size] != 0) {
            void *block = old->blocks[size][--old->count[size]];
            (void)!free_block(slab_of(block), number_of(slab_of(block), block), 1, &unused);
        }
    }
}
