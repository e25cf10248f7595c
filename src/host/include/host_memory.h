/* SPDX-License-Identifier: MIT */
/*
 * host_memory.h - heap, and looking at memory that may not be there.
 *
 * Layer: host.
 */
#ifndef HOST_MEMORY_H
#define HOST_MEMORY_H

#include "host_guard.h"
#include "host_status.h"
#include <stddef.h>
#include <stdint.h>

void *host_allocate(size_t bytes); /* NULL also on an injected fault (HOST_CALL_ALLOCATE) */
void *host_reallocate(void *block, size_t bytes);
void host_free(void *block);
size_t host_allocation_size(const void *block);
/*
 * The same for blocks that come and go with each call: large ones are kept for the next (host_scratch.c). bytes is what
 * they were allocated with. NULL: nothing.
 */
void *host_scratch_allocate(size_t bytes);
void host_scratch_free(void *block, size_t bytes);

/*
 * Copies from or to an address of the program that may be wild. Addresses in the first 64 KiB and
 * outside user space fail at once; addresses on the calling thread's stack are trusted; at all others
 * a fault is caught (SIGSEGV, SIGBUS: host_guard.c). STATUS_ACCESS_VIOLATION; the copy may then be partial.
 */
static inline host_status host_copy_from_program(void *to, const void *from, size_t bytes) HOST_MUST_CHECK;
static inline host_status host_copy_to_program(void *to, const void *from, size_t bytes) HOST_MUST_CHECK;
/* The same for one aligned word, in one store: other threads may be reading it. */
static inline host_status host_store_to_program(uint32_t *to, uint32_t value) HOST_MUST_CHECK;
/*
 * Is the whole range there, readable or also writable? Touches a byte of every page; nothing is
 * changed. The stack is trusted as above, and 0 bytes are always good.
 * STATUS_ACCESS_VIOLATION. The answer holds as long as the program does not unmap the range.
 */
static inline host_status host_probe_program(const void *address, size_t bytes, int writing) HOST_MUST_CHECK;

/* --- what the inline functions stand on --- */

#define HOST_MEMORY_THERE ((host_status)0)
#define HOST_MEMORY_WILD ((host_status)0xC0000005) /* STATUS_ACCESS_VIOLATION */
/* Windows' first 64 KiB are never mapped; the end of user space on x86-64 and arm64 is 2^47 or above. */
#define HOST_LOWEST_ADDRESS 0x10000u
#define HOST_HIGHEST_ADDRESS ((uintptr_t)1 << 56)
static inline int host_range_is_plausible(const void *address, size_t bytes)
{
    const uintptr_t room = HOST_HIGHEST_ADDRESS - HOST_LOWEST_ADDRESS;
    return bytes <= room && (uintptr_t)address - HOST_LOWEST_ADDRESS <= room - bytes;
}

host_status host_copy_unguarded(void *to, const void *from, size_t bytes, int reading) HOST_MUST_CHECK;
host_status host_store_unguarded(uint32_t *to, uint32_t value) HOST_MUST_CHECK;
/* Apart, so that the look at the stack stays small enough to be part of its callers. */
__attribute__((noinline)) host_status host_probe_slowly(const void *address, size_t bytes, int writing) HOST_MUST_CHECK;

/* The calling thread's stack; both NULL until host_thread_stack was called. */
extern __thread char *host_stack_low __attribute__((tls_model("initial-exec")));
extern __thread char *host_stack_high __attribute__((tls_model("initial-exec")));
/* What lies between here and the top of the stack is in use by callers, so it is mapped. */
static inline int host_is_in_callers_frames(const void *address, size_t bytes)
{
    char *here = __builtin_frame_address(0);
    return here >= host_stack_low && (const char *)address >= here && (const char *)address <= host_stack_high &&
           bytes <= (size_t)(host_stack_high - (const char *)address);
}

/* The two sizes are those of the data path, and mostly known to the compiler: then only one line is left. */
static inline int host_copy_guarded(void *to, const void *from, size_t bytes)
{
    if (bytes == 16)
        return host_guard_copy16(to, from);
    if (bytes == 24)
        return host_guard_copy24(to, from);
    return host_guard_copy(to, from, bytes);
}

/* With a guard a look costs less than to find out whether it is needed. */
static inline host_status host_copy_from_program(void *to, const void *from, size_t bytes)
{
    if (!host_guard_ready)
        return host_copy_unguarded(to, from, bytes, 1);
    return bytes == 0 || (host_range_is_plausible(from, bytes) && host_copy_guarded(to, from, bytes) == 0)
               ? HOST_MEMORY_THERE
               : HOST_MEMORY_WILD;
}

static inline host_status host_copy_to_program(void *to, const void *from, size_t bytes)
{
    if (!host_guard_ready)
        return host_copy_unguarded(to, from, bytes, 0);
    return bytes == 0 || (host_range_is_plausible(to, bytes) && host_copy_guarded(to, from, bytes) == 0)
               ? HOST_MEMORY_THERE
               : HOST_MEMORY_WILD;
}

static inline host_status host_store_to_program(uint32_t *to, uint32_t value)
{
    if (!host_guard_ready)
        return host_store_unguarded(to, value);
    return host_range_is_plausible(to, sizeof *to) && host_guard_store(to, value) == 0 ? HOST_MEMORY_THERE
                                                                                     : HOST_MEMORY_WILD;
}

static inline host_status host_probe_program(const void *address, size_t bytes, int writing)
{
    return host_is_in_callers_frames(address, bytes) ? HOST_MEMORY_THERE : host_probe_slowly(address, bytes, writing);
}

#endif
