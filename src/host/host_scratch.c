/* SPDX-License-Identifier: MIT */
/*
 * host_scratch.c - blocks that come and go with each call.
 *
 * Layer: host. NT counterpart: large lookaside lists. The C library grows its heap for a block of a hundred kilobytes
 * and gives it back when the block is freed, so that a poll over thousands of sockets costs more for memory than
 * for sockets. Here sizes are rounded up to powers of two, and two blocks of each are kept for whoever comes
 * next: at most 4 MB in all. A tool that watches blocks sees each of them.
 */
#include "host_memory.h"
#include "host_private.h"
#include "host_slab.h"

#include <stdlib.h>

#define ORDER_MIN 12 /* smaller ones are malloc's business */
#define ORDER_MAX 20
#define KEPT_OF_EACH 2

static void *kept[ORDER_MAX - ORDER_MIN + 1][KEPT_OF_EACH]; /* each taken and put with one atomic exchange */

static unsigned order_of(size_t bytes)
{
    unsigned order = ORDER_MIN;
    while ((size_t)1 << order < bytes)
        order++;
    return order;
}

static int is_large(size_t bytes)
{
    return bytes >= (size_t)1 << ORDER_MIN && bytes <= (size_t)1 << ORDER_MAX && host_slab_wanted();
}

void *host_scratch_allocate(size_t bytes)
{
    if (!is_large(bytes))
        return host_allocate(bytes);
    if (host_fault(HOST_CALL_ALLOCATE) != 0)
        return NULL;
    unsigned order = order_of(bytes);
    for (int i = 0; i < KEPT_OF_EACH; i++) {
        void **place = &kept[order - ORDER_MIN][i];
        if (__atomic_load_n(place, __ATOMIC_RELAXED) == NULL)
            continue;
        void *block = __atomic_exchange_n(place, NULL, __ATOMIC_ACQUIRE);
        if (block != NULL)
            return block;
    }
    return malloc((size_t)1 << order);
}

void host_scratch_free(void *block, size_t bytes)
{
    if (block == NULL)
        return;
    for (int i = 0; i < KEPT_OF_EACH && is_large(bytes); i++) {
        void *none = NULL;
        if (__atomic_compare_exchange_n(&kept[order_of(bytes) - ORDER_MIN][i], &none, block, 0, __ATOMIC_RELEASE,
                __ATOMIC_RELAXED))
            return;
    }
    free(block);
}
