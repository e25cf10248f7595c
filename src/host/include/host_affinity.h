/* SPDX-License-Identifier: MIT */
/*
 * host_affinity.h - which processors a thread may run on. A mask has one bit per processor, 64 at
 * most.
 *
 * Layer: host.
 */
#ifndef HOST_AFFINITY_H
#define HOST_AFFINITY_H

#include <stdint.h>

uint64_t host_affinity_process(void);         /* processors the process may use; never 0 */
void host_affinity_set_thread(uint64_t mask); /* the calling thread; no effect if Linux refuses */
uint32_t host_affinity_current_cpu(void);

#endif
