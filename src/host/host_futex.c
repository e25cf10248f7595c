/* SPDX-License-Identifier: MIT */
/*
 * host_futex.c - sleeping on a word, and the lock built on it.
 *
 * Layer: host. NT counterpart: none below ke; the idea of WaitOnAddress. Words are private to the
 * process. Locks are not fair: a lock handed over by sleeping costs more than one taken by luck.
 */
#include "host_thread.h"

#include "host_private.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SPIN_ROUNDS 60

void host_futex_wait(const void *word, uint32_t expected, int64_t timeout_100ns)
{
    struct timespec interval;
    struct timespec *limit = NULL;
    if (timeout_100ns >= 0) {
        interval = host_timespec(timeout_100ns);
        limit = &interval;
    }
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, limit, NULL, 0);
}

void host_futex_wake(const void *word, uint32_t count)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count > 0x7fffffff ? 0x7fffffff : count, NULL, NULL, 0);
}

static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void host_lock_acquire_slow(struct host_lock *lock)
{
    /* A holder on another processor is usually gone within a few hundred nanoseconds. */
    if (host_cpu_count() > 1) {
        for (int i = 0; i < SPIN_ROUNDS; i++) {
            uint32_t seen = __atomic_load_n(&lock->word, __ATOMIC_RELAXED);
            if (seen == 0 && host_lock_try(lock))
                return;
            if (seen == 2)
                break;
            cpu_relax();
        }
    }
    /* From here the word says 2 whenever this thread may sleep, so that a release wakes one. */
    while (__atomic_exchange_n(&lock->word, 2, __ATOMIC_ACQUIRE) != 0)
        host_futex_wait(&lock->word, 2, -1);
}

void host_spin_acquire_slow(struct host_spin *spin)
{
    int rounds = host_cpu_count() > 1 ? SPIN_ROUNDS : 0;
    do {
        /* A holder that does not run gets the processor. */
        for (int i = 0; __atomic_load_n(&spin->word, __ATOMIC_RELAXED) != 0; i++) {
            if (i < rounds)
                cpu_relax();
            else
                host_thread_yield();
        }
    } while (__atomic_exchange_n(&spin->word, 1, __ATOMIC_ACQUIRE) != 0);
}
