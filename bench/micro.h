/* SPDX-License-Identifier: MIT */
/*
 * micro.h - what micro.c and micro_posix.c share: a table of workloads, arguments, the printed line.
 *
 * Usage: PROGRAM WORKLOAD WARM_OPS OPS. Prints "ready" after the warm-up, waits for a line on standard input (so
 * that the caller can attach first) and prints one JSON line as load.c does; the percentiles are those of rounds
 * of `batch` operations, because a clock costs more than many of these operations.
 */
#ifndef MICRO_H
#define MICRO_H

#include "micro_clock.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct micro {
    const char *name;
    int batch;
    void (*prepare)(void);  /* starts the other thread, if there is one */
    void (*run)(int count); /* so many operations */
};

static int micro_compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int micro_measure(const struct micro *micro, int warm, int ops)
{
    int rounds = ops / micro->batch > 0 ? ops / micro->batch : 1;
    uint64_t *latencies = calloc((size_t)rounds, sizeof *latencies), cpu, wall;
    char line[8];
    if (latencies == NULL)
        return 1;
    micro->prepare();
    micro->run(warm);
    printf("ready\n");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        return 1;
    cpu = micro_cpu_ns(), wall = micro_wall_ns();
    for (int i = 0; i < rounds; i++) {
        uint64_t began = micro_wall_ns();
        micro->run(micro->batch);
        latencies[i] = (micro_wall_ns() - began) / (uint64_t)micro->batch;
    }
    wall = micro_wall_ns() - wall, cpu = micro_cpu_ns() - cpu;
    qsort(latencies, (size_t)rounds, sizeof *latencies, micro_compare);
    printf("{\"ops\":%d,\"wall_ns\":%llu,\"cpu_ns\":%llu,\"p50_ns\":%llu,\"p99_ns\":%llu}\n", rounds * micro->batch,
        (unsigned long long)wall, (unsigned long long)cpu, (unsigned long long)latencies[rounds / 2],
        (unsigned long long)latencies[rounds * 99 / 100]);
    fflush(stdout);
    /* The caller reads the counters now. */
    return fgets(line, sizeof line, stdin) == NULL;
}

static int micro_main(const struct micro *micros, int argc, char **argv)
{
    if (argc == 4)
        for (const struct micro *micro = micros; micro->name != NULL; micro++)
            if (strcmp(micro->name, argv[1]) == 0)
                return micro_measure(micro, atoi(argv[2]), atoi(argv[3]));
    fprintf(stderr, "usage: %s WORKLOAD WARM_OPS OPS; WORKLOAD is one of", argv[0]);
    for (const struct micro *micro = micros; micro->name != NULL; micro++)
        fprintf(stderr, " %s", micro->name);
    fprintf(stderr, "\n");
    return 2;
}

#endif
