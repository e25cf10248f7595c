/* SPDX-License-Identifier: MIT */
/*
 * host_affinity.c - which processors a thread may run on.
 *
 * Layer: host. The mask of the process is that of its first call: threads move afterwards, one by
 * one.
 */
#include "host_affinity.h"

#include <pthread.h>
#include <sched.h>

#define MASK_BITS 64

static uint64_t process_mask;
static pthread_once_t process_once = PTHREAD_ONCE_INIT;

static void read_process_mask(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        for (unsigned cpu = 0; cpu < MASK_BITS; cpu++) {
            if (CPU_ISSET(cpu, &set))
                process_mask |= 1ULL << cpu;
        }
    }
    if (process_mask == 0)
        process_mask = 1;
}

uint64_t host_affinity_process(void)
{
    pthread_once(&process_once, read_process_mask);
    return process_mask;
}

void host_affinity_set_thread(uint64_t mask)
{
    cpu_set_t set;

    (void)host_affinity_process();
    CPU_ZERO(&set);
    for (unsigned cpu = 0; cpu < MASK_BITS; cpu++) {
        if ((mask >> cpu & 1) != 0)
            CPU_SET(cpu, &set);
    }
    (void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

uint32_t host_affinity_current_cpu(void)
{
    int cpu = sched_getcpu();
    return cpu < 0 ? 0 : (uint32_t)cpu;
}
