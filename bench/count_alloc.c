/* SPDX-License-Identifier: MIT */
/*
 * count_alloc.c - a library for LD_PRELOAD that counts what a program allocates from the heap.
 *
 * The counter is the first eight bytes of the file that BENCH_ALLOCATIONS names, so that the harness can look at it
 * while the program runs. Freeing is not counted: what is in steady state frees what it allocates.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The C library's own, which stay reachable under these names. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

#define EXPORT __attribute__((visibility("default")))

static atomic_uint_least64_t before_start;
static atomic_uint_least64_t *counter = &before_start;

static void count(void)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

__attribute__((constructor)) static void open_counter(void)
{
    const char *path = getenv("BENCH_ALLOCATIONS");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *page = fd >= 0 ? mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (page != MAP_FAILED)
        counter = page;
    if (fd >= 0)
        close(fd);
}

EXPORT void *malloc(size_t bytes)
{
    count();
    return __libc_malloc(bytes);
}

EXPORT void *calloc(size_t number, size_t bytes)
{
    count();
    return __libc_calloc(number, bytes);
}

EXPORT void *realloc(void *block, size_t bytes)
{
    count();
    return __libc_realloc(block, bytes);
}

EXPORT void *memalign(size_t alignment, size_t bytes)
{
    count();
    return __libc_memalign(alignment, bytes);
}

EXPORT void *aligned_alloc(size_t alignment, size_t bytes)
{
    count();
    return __libc_memalign(alignment, bytes);
}

EXPORT int posix_memalign(void **ret_block, size_t alignment, size_t bytes)
{
    void *block;
    count();
    block = __libc_memalign(alignment, bytes);
    if (block == NULL)
        return ENOMEM;
    *ret_block = block;
    return 0;
}
