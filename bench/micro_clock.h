/* SPDX-License-Identifier: MIT */
/* micro_clock.h - the two clocks of micro.h, as a Windows program and as a Linux program read them. */
#ifndef MICRO_CLOCK_H
#define MICRO_CLOCK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef BENCH_POSIX
#include <windows.h>

static uint64_t micro_wall_ns(void)
{
    static LARGE_INTEGER frequency;
    LARGE_INTEGER now;
    if (frequency.QuadPart == 0)
        QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&now);
    return (uint64_t)((double)now.QuadPart * 1e9 / (double)frequency.QuadPart);
}

static uint64_t micro_filetime_ns(FILETIME time)
{
    return ((uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime) * 100;
}

/* Of all threads. */
static uint64_t micro_cpu_ns(void)
{
    FILETIME created, ended, kernel, user;
    if (!GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user)) {
        fprintf(stderr, "GetProcessTimes: error %u\n", (unsigned)GetLastError());
        exit(1);
    }
    return micro_filetime_ns(kernel) + micro_filetime_ns(user);
}
#else
#include <time.h>

static uint64_t micro_clock_ns(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        perror("clock_gettime");
        exit(1);
    }
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t micro_wall_ns(void)
{
    return micro_clock_ns(CLOCK_MONOTONIC);
}

/* Of all threads. */
static uint64_t micro_cpu_ns(void)
{
    return micro_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}
#endif

#endif
