/* SPDX-License-Identifier: MIT */
/*
 * host_guard.h - accesses to addresses of the program that tell instead of faulting.
 *
 * Layer: host. All return 0, or 1 if the memory is not there; a copy may then be partial. They are for
 * host_memory.h: to be called while host_guard_ready only, with addresses that host_range_is_plausible.
 *
 * Each is a few instructions with a place in the section host_guard_places: where they begin, and where they are over
 * and the processor is sent if one of them faults (host_guard.c). The result is 1 until the access is made. Nothing
 * may be pushed between the two.
 */
#ifndef HOST_GUARD_H
#define HOST_GUARD_H

#include <stddef.h>
#include <stdint.h>

extern int host_guard_ready; /* 0: there is no guard on this processor, or not now */

int host_guard_copy(void *to, const void *from, size_t bytes);

#if defined(__x86_64__)

#define HOST_GUARD_PLACE                       \
    ".pushsection host_guard_places, \"a\"\n"  \
    ".balign 4\n"                              \
    ".long 1b - .\n"                           \
    ".long 2b - .\n"                           \
    ".popsection\n"
#define HOST_GUARDED(instructions) \
    "movl $1, %[failed]\n1:\n" instructions "xorl %[failed], %[failed]\n2:\n" HOST_GUARD_PLACE

/* one byte */
static inline int host_guard_read(const void *address)
{
    int failed;
    __asm__ volatile inline(HOST_GUARDED("cmpb $0, (%[at])\n")
                            : [failed] "=&r"(failed)
                            : [at] "r"(address)
                            : "cc", "memory");
    return failed;
}

/* one byte, with what is in it, atomically: other threads may be writing there */
static inline int host_guard_write(void *address)
{
    int failed;
    __asm__ volatile inline(HOST_GUARDED("lock orb $0, (%[at])\n")
                            : [failed] "=&r"(failed)
                            : [at] "r"(address)
                            : "cc", "memory");
    return failed;
}

static inline int host_guard_store(uint32_t *address, uint32_t value)
{
    int failed;
    __asm__ volatile inline(HOST_GUARDED("movl %[value], (%[at])\n")
                            : [failed] "=&r"(failed)
                            : [at] "r"(address), [value] "r"(value)
                            : "cc", "memory");
    return failed;
}

/* 16 bytes, and 24: structures that every request brings along */
static inline int host_guard_copy16(void *to, const void *from)
{
    int failed;
    __asm__ volatile inline(HOST_GUARDED("movups (%[from]), %%xmm0\n"
                                         "movups %%xmm0, (%[to])\n")
                            : [failed] "=&r"(failed)
                            : [to] "r"(to), [from] "r"(from)
                            : "cc", "memory", "xmm0");
    return failed;
}

static inline int host_guard_copy24(void *to, const void *from)
{
    int failed;
    __asm__ volatile inline(HOST_GUARDED("movups (%[from]), %%xmm0\n"
                                         "movq 16(%[from]), %%xmm1\n"
                                         "movups %%xmm0, (%[to])\n"
                                         "movq %%xmm1, 16(%[to])\n")
                            : [failed] "=&r"(failed)
                            : [to] "r"(to), [from] "r"(from)
                            : "cc", "memory", "xmm0", "xmm1");
    return failed;
}

#else

static inline int host_guard_read(const void *address)
{
    (void)address;
    return 1;
}

static inline int host_guard_write(void *address)
{
    (void)address;
    return 1;
}

static inline int host_guard_store(uint32_t *address, uint32_t value)
{
    (void)address, (void)value;
    return 1;
}

static inline int host_guard_copy16(void *to, const void *from)
{
    return host_guard_copy(to, from, 16);
}

static inline int host_guard_copy24(void *to, const void *from)
{
    return host_guard_copy(to, from, 24);
}

#endif

#endif
