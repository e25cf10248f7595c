/* SPDX-License-Identifier: MIT */
/*
 * host_clock.c - clocks in Windows' units.
 *
 * Layer: host. NT counterpart: the interrupt time and system time of ke.
 */
#include "host_thread.h"

#include "host_private.h"

#include <errno.h>

/* 1601-01-01 to 1970-01-01 in seconds. [doc:minwinbase/filetime] */
#define SECONDS_1601_TO_1970 11644473600ull

static uint64_t read_clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t host_clock_monotonic_ns(void)
{
    return read_clock_ns(CLOCK_MONOTONIC);
}

uint64_t host_clock_monotonic_100ns(void)
{
    return read_clock_ns(CLOCK_MONOTONIC) / 100;
}

uint64_t host_clock_system_100ns(void)
{
    return read_clock_ns(CLOCK_REALTIME) / 100 +
        SECONDS_1601_TO_1970 * (uint64_t)HOST_PUBLIC_UNITS_PER_SECOND;
}

void host_sleep_100ns(uint64_t interval)
{
    struct timespec left = host_timespec(interval > INT64_MAX ? INT64_MAX : (int64_t)interval);
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
}
