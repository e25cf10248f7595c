/* SPDX-License-Identifier: MIT */
/*
 * host_memory.c - heap, and copies from and to addresses that may be wild.
 *
 * Layer: host. NT counterpart: ProbeForRead and structured exceptions around user buffers. The guard
 * (host_guard.c) looks and tells; where there is none the kernel is asked to copy, or to add nothing, and says
 * EFAULT.
 */
#include "host_memory.h"

#include "host_private.h"
#include "host_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SMALLEST_PAGE 4096u

int host_under_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded != NULL && strstr(preloaded, "vgpreload") != NULL;
}

void *host_allocate(size_t bytes)
{
    if (host_fault(HOST_CALL_ALLOCATE) != 0)
        return NULL;
    return malloc(bytes != 0 ? bytes : 1);
}

void *host_reallocate(void *block, size_t bytes)
{
    if (host_fault(HOST_CALL_ALLOCATE) != 0)
        return NULL;
    return realloc(block, bytes != 0 ? bytes : 1);
}

void host_free(void *block)
{
    free(block);
}

size_t host_allocation_size(const void *block)
{
    return malloc_usable_size((void *)block);
}

enum trust { TRUST_NEVER, TRUST_ASK, TRUST_FULLY };

static enum trust classify(const void *address, size_t bytes)
{
    char *low, *high;
    if (!host_range_is_plausible(address, bytes))
        return TRUST_NEVER;
    host_thread_stack(&low, &high);
    return host_is_in_callers_frames(address, bytes) ? TRUST_FULLY : TRUST_ASK;
}

/*
 * Where seccomp forbids process_vm_readv, a pipe does the same in pieces: write() from a wild address
 * and read() to one fail with EFAULT.
 */
static int copy_through_pipe(char *to, const char *from, size_t bytes)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return 0;
    int good = 1;
    while (good && bytes > 0) {
        size_t piece = bytes < 4096 ? bytes : 4096;
        ssize_t written = write(ends[1], from, piece);
        good = written > 0 && read(ends[0], to, (size_t)written) == written;
        if (good) {
            from += written;
            to += written;
            bytes -= (size_t)written;
        }
    }
    close(ends[0]);
    close(ends[1]);
    return good;
}

static int copy_by_kernel(void *to, const void *from, size_t bytes, int reading)
{
    static int forbidden;
    if (!__atomic_load_n(&forbidden, __ATOMIC_RELAXED)) {
        struct iovec local = {reading ? to : (void *)from, bytes};
        struct iovec remote = {reading ? (void *)from : to, bytes};
        pid_t self = (pid_t)host_process_id();
        ssize_t copied = reading ? process_vm_readv(self, &local, 1, &remote, 1, 0)
                                 : process_vm_writev(self, &local, 1, &remote, 1, 0);
        if (copied == (ssize_t)bytes) {
            /* The range is good. Once more in the open, for tools that watch memory and not the kernel. */
            memmove(to, from, bytes);
            return 1;
        }
        if (copied >= 0 || (errno != ENOSYS && errno != EPERM))
            return 0;
        __atomic_store_n(&forbidden, 1, __ATOMIC_RELAXED);
    }
    return copy_through_pipe(to, from, bytes);
}

host_status host_copy_unguarded(void *to, const void *from, size_t bytes, int reading)
{
    if (bytes == 0)
        return H_STATUS_SUCCESS;
    switch (classify(reading ? from : to, bytes)) {
    case TRUST_NEVER:
        return H_STATUS_ACCESS_VIOLATION;
    case TRUST_FULLY:
        memmove(to, from, bytes);
        return H_STATUS_SUCCESS;
    default:
        return copy_by_kernel(to, from, bytes, reading) ? H_STATUS_SUCCESS : H_STATUS_ACCESS_VIOLATION;
    }
}

host_status host_store_unguarded(uint32_t *to, uint32_t value)
{
    host_status status = host_probe_program(to, sizeof *to, 1);
    if (status == H_STATUS_SUCCESS)
        __atomic_store_n(to, value, __ATOMIC_RELEASE);
    return status;
}

/*
 * Other threads may be writing there, so nothing may be put back that was read before: the kernel adds nothing
 * to the word, atomically. Who sleeps on the word, if anybody, may be woken for nothing, as any futex.
 */
static int may_be_written(const char *address)
{
    static uint32_t nobody;
    uint32_t *word = (uint32_t *)((uintptr_t)address & ~(uintptr_t)(sizeof(uint32_t) - 1));
    int saved = errno;
    int good = syscall(SYS_futex, &nobody, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 0, NULL, word,
                   FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_LT, -2048)) >= 0;
    errno = saved;
    return good;
}

/* A byte of each page. */
static int probe_by_kernel(const char *address, size_t bytes, int writing)
{
    const char *end = address + bytes;
    while (address < end) {
        char byte;
        if (writing ? !may_be_written(address) : !copy_by_kernel(&byte, address, 1, 1))
            return 0;
        address = (const char *)(((uintptr_t)address | (SMALLEST_PAGE - 1)) + 1);
    }
    return 1;
}

/* A byte of each page. */
static int probe_guarded(const char *address, size_t bytes, int writing)
{
    const char *end = address + bytes;
    while (address < end) {
        if (writing ? host_guard_write((void *)address) : host_guard_read(address))
            return 0;
        address = (const char *)(((uintptr_t)address | (SMALLEST_PAGE - 1)) + 1);
    }
    return 1;
}

host_status host_probe_slowly(const void *address, size_t bytes, int writing)
{
    if (bytes == 0)
        return H_STATUS_SUCCESS;
    switch (classify(address, bytes)) {
    case TRUST_NEVER:
        return H_STATUS_ACCESS_VIOLATION;
    case TRUST_FULLY:
        return H_STATUS_SUCCESS;
    default:
        if (host_guard_ready)
            return probe_guarded(address, bytes, writing) ? H_STATUS_SUCCESS : H_STATUS_ACCESS_VIOLATION;
        return probe_by_kernel(address, bytes, writing) ? H_STATUS_SUCCESS : H_STATUS_ACCESS_VIOLATION;
    }
}
