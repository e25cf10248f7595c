/* SPDX-License-Identifier: MIT */
/*
 * host_thread.h - threads, futexes, clocks.
 *
 * Layer: host.
 */
#ifndef HOST_THREAD_H
#define HOST_THREAD_H

#include "host_status.h"
#include <stddef.h>

/* --- futex: 32-bit words, process-private --- */
/* returns when *word != expected, on a wake-up, spuriously, or after timeout_100ns (negative: for ever) */
void host_futex_wait(const void *word, uint32_t expected, int64_t timeout_100ns);
void host_futex_wake(const void *word, uint32_t count);

/* --- a lock of four bytes: 0 free, 1 held, 2 held with waiters. Spins briefly, then sleeps. --- */
struct host_lock {
    uint32_t word;
};
void host_lock_acquire_slow(struct host_lock *lock);
static inline int host_lock_try(struct host_lock *lock)
{
    uint32_t expected = 0;
    return __atomic_compare_exchange_n(&lock->word, &expected, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}
static inline void host_lock_acquire(struct host_lock *lock)
{
    if (!host_lock_try(lock))
        host_lock_acquire_slow(lock);
}
static inline void host_lock_release(struct host_lock *lock)
{
    if (__atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE) == 2)
        host_futex_wake(&lock->word, 1);
}

/* --- a lock for a few instructions: its release is a plain store. Who waits spins, then yields. --- */
struct host_spin {
    uint32_t word;
};
void host_spin_acquire_slow(struct host_spin *spin);
static inline void host_spin_acquire(struct host_spin *spin)
{
    if (__atomic_exchange_n(&spin->word, 1, __ATOMIC_ACQUIRE) != 0)
        host_spin_acquire_slow(spin);
}
static inline void host_spin_release(struct host_spin *spin)
{
    __atomic_store_n(&spin->word, 0, __ATOMIC_RELEASE);
}

/* --- threads --- */
struct host_thread; /* joinable; freed by host_thread_join or host_thread_detach */
host_status host_thread_create(struct host_thread **ret_thread, void (*routine)(void *), void *context,
    size_t stack_bytes /* 0: the default */) HOST_MUST_CHECK;
void host_thread_join(struct host_thread *thread);
void host_thread_detach(struct host_thread *thread);
void host_thread_exit(void) __attribute__((noreturn));
void host_thread_yield(void);
void host_thread_set_name(const char *name); /* 15 characters */
uint32_t host_thread_id(void);  /* of the kernel; unique in the system */
uint32_t host_process_id(void);
uint32_t host_cpu_count(void);
void host_thread_stack(char **ret_low, char **ret_high); /* the calling thread's */
/* calls routine(value) when the calling thread ends, if value is not NULL; one per process */
void host_thread_on_exit(void (*routine)(void *));
void host_thread_set_exit_value(void *value);

/* --- clocks --- */
uint64_t host_clock_monotonic_100ns(void);
uint64_t host_clock_monotonic_ns(void);
uint64_t host_clock_system_100ns(void); /* since 1601-01-01 UTC */
void host_sleep_100ns(uint64_t interval);

#endif
