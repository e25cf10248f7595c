/* SPDX-License-Identifier: MIT */
/* host_slab_test.c - small blocks: sizes, marks, what is not a block, slabs that come and go, threads. */
#include "host_slab.h"

#include "host_thread.h"
#include "ntstest.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MANY 4000

static void *take(size_t bytes, uint16_t mark)
{
    void *block = NULL;
    REQUIRE_EQ(host_slab_allocate_always(bytes, mark, &block), 0);
    REQUIRE(block != NULL && host_slab_owns(block));
    return block;
}

static void give(void *block, uint16_t mark)
{
    uint16_t had = 0;
    CHECK_EQ(host_slab_free(block, &had), 0);
    CHECK_EQ(had, mark);
}

TEST(slab__every_size__block_is_whole_aligned_and_keeps_its_mark)
{
    static unsigned char *blocks[HOST_SLAB_BYTES_MAX + 1];
    for (size_t i = 0; i <= HOST_SLAB_BYTES_MAX; i++) {
        blocks[i] = take(i, (uint16_t)(i % HOST_SLAB_MARK_MAX));
        CHECK_EQ((uintptr_t)blocks[i] % 16, 0);
        memset(blocks[i], (int)i, i);
    }
    for (size_t i = 0; i <= HOST_SLAB_BYTES_MAX; i++) {
        CHECK_EQ(host_slab_mark(blocks[i]), (int)i);
        for (size_t j = 0; j < i; j++)
            if (blocks[i][j] != (unsigned char)i)
                CHECK_EQ(blocks[i][j], (unsigned char)i);
        give(blocks[i], (uint16_t)i);
    }
}

TEST(slab__marks_at_both_ends__kept)
{
    void *low = take(32, 0), *high = take(32, HOST_SLAB_MARK_MAX);
    CHECK_EQ(host_slab_mark(low), 0);
    CHECK_EQ(host_slab_mark(high), HOST_SLAB_MARK_MAX);
    give(low, 0);
    give(high, HOST_SLAB_MARK_MAX);
}

TEST(slab__too_large__left_to_the_heap)
{
    void *block = NULL;
    CHECK_EQ(host_slab_allocate(HOST_SLAB_BYTES_MAX + 1, 0, &block), -1);
    CHECK_EQ(host_slab_allocate(SIZE_MAX, 0, &block), -1);
}

TEST(slab__freed_twice_or_never_allocated__told)
{
    uint16_t mark;
    char *block = take(48, 7), on_stack[16];
    char *slab = (char *)((uintptr_t)block / 65536 * 65536);
    CHECK_EQ(host_slab_mark(block + 16), -1); /* in the middle */
    CHECK_EQ(host_slab_free(block + 16, &mark), -1);
    CHECK_EQ(host_slab_free(slab, &mark), -1); /* the head */
    CHECK_EQ(host_slab_free(slab + 65536 - 16, &mark), -1);
    CHECK_EQ(host_slab_free(block + 48 * 500, &mark), -1); /* not yet given to anybody */
    CHECK_EQ(host_slab_free(block + ((size_t)1 << 30), &mark), -1);
    CHECK(!host_slab_owns(on_stack));
    CHECK(!host_slab_owns(NULL));
    CHECK_EQ(host_slab_free(on_stack, &mark), -1);
    give(block, 7);
    CHECK_EQ(host_slab_free(block, &mark), -1);
    CHECK_EQ(host_slab_mark(block), -1);
}

TEST(slab__freed_blocks__used_again_before_new_ones)
{
    void *first = take(80, 1), *second = take(80, 2);
    give(first, 1);
    CHECK(take(80, 3) == first);
    give(first, 3);
    give(second, 2);
}

TEST(slab__many_slabs_filled_and_emptied__memory_comes_back)
{
    static void *blocks[MANY];
    uintptr_t highest = 0;
    for (int round = 0; round < 20; round++) {
        uintptr_t top = 0;
        for (int i = 0; i < MANY; i++) {
            blocks[i] = take(400, (uint16_t)i);
            memset(blocks[i], round, 400);
            if ((uintptr_t)blocks[i] / 65536 > top)
                top = (uintptr_t)blocks[i] / 65536;
        }
        /* every second first, so that slabs become empty out of order */
        for (int i = 0; i < MANY; i += 2)
            give(blocks[i], (uint16_t)i);
        for (int i = 1; i < MANY; i += 2)
            give(blocks[i], (uint16_t)i);
        if (round == 0)
            highest = top;
        CHECK(top <= highest);
    }
}

/* --- threads --- */

#define THREADS 4
#define SHARED 64
static void *volatile shared[SHARED];
static uint32_t wrong;

static void juggle(void *context)
{
    unsigned seed = (unsigned)(uintptr_t)context;
    for (int i = 0; i < 20000; i++) {
        unsigned slot = (unsigned)rand_r(&seed) % SHARED;
        size_t bytes = 16 * (1 + slot % 5);
        unsigned char *block = take(bytes, (uint16_t)slot), *old;
        memset(block, (int)slot, bytes);
        /* whoever finds it frees it, mostly another thread */
        old = __atomic_exchange_n(&shared[slot], block, __ATOMIC_ACQ_REL);
        uint16_t mark = (uint16_t)slot;
        if (old != NULL && (old[0] != slot || old[bytes - 1] != slot || host_slab_free(old, &mark) != 0 ||
                mark != slot))
            __atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
    }
}

static void juggle_in_threads(void (*routine)(void *))
{
    struct host_thread *threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        REQUIRE_EQ(host_thread_create(&threads[i], routine, (void *)(i + 1), 0), 0);
    for (int i = 0; i < THREADS; i++)
        host_thread_join(threads[i]);
    CHECK_EQ(wrong, 0);
    for (unsigned i = 0; i < SHARED; i++) {
        if (shared[i] != NULL)
            give(shared[i], (uint16_t)i);
        shared[i] = NULL;
    }
}

TEST(slab__blocks_freed_by_other_threads__each_once)
{
    juggle_in_threads(juggle);
}

/* --- what a thread keeps --- */

static void in_a_thread(void (*routine)(void *))
{
    struct host_thread *thread;
    REQUIRE_EQ(host_thread_create(&thread, routine, NULL, 0), 0);
    host_thread_join(thread);
}

static void *kept_by_other;

static void free_and_keep(void *context)
{
    static struct host_slab_kept kept;
    uint16_t mark;
    (void)context;
    host_slab_keep(&kept);
    give(kept_by_other, 5);
    CHECK_EQ(host_slab_free(kept_by_other, &mark), -1);
    CHECK_EQ(host_slab_mark(kept_by_other), -1);
    CHECK(take(48, 6) == kept_by_other); /* the last that it has freed */
    CHECK_EQ(host_slab_mark(kept_by_other), 6);
    give(kept_by_other, 6);
    host_slab_keep(NULL);
    CHECK_EQ(host_slab_free(kept_by_other, &mark), -1);
    for (int size = 0; size < HOST_SLAB_KEPT_SIZES; size++)
        CHECK_EQ(kept.count[size], 0);
}

TEST(slab__thread_that_keeps__has_what_another_allocated)
{
    kept_by_other = take(48, 5);
    in_a_thread(free_and_keep);
}

static void free_more_than_is_kept(void *context)
{
    static struct host_slab_kept kept;
    static void *blocks[MANY];
    (void)context;
    host_slab_keep(&kept);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < MANY; i++) {
            size_t bytes = (size_t)(i % 40) * 16 + 1;
            blocks[i] = take(bytes, (uint16_t)i);
            memset(blocks[i], i, bytes);
        }
        for (int i = 0; i < MANY; i++) {
            CHECK_EQ(*(unsigned char *)blocks[i], (unsigned char)i);
            give(blocks[i], (uint16_t)i);
        }
        for (int size = 0; size < HOST_SLAB_KEPT_SIZES; size++)
            CHECK_EQ(kept.count[size], HOST_SLAB_KEPT_BLOCKS);
    }
    host_slab_keep(NULL);
}

TEST(slab__more_is_freed_than_a_thread_keeps__the_rest_is_given_back)
{
    in_a_thread(free_more_than_is_kept);
}

static void juggle_and_keep(void *context)
{
    struct host_slab_kept kept = {{0}, {{0}}};
    host_slab_keep(&kept);
    juggle(context);
    host_slab_keep(NULL);
}

TEST(slab__threads_that_keep__each_block_freed_once)
{
    juggle_in_threads(juggle_and_keep);
}
