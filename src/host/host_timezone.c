/* SPDX-License-Identifier: MIT */
/*
 * host_timezone.c - the local time zone, by the C library's rules (TZ, /etc/localtime).
 *
 * Layer: host.
 */
#include "host_timezone.h"

#include "host_private.h"

#include <stdio.h>

#define SECONDS_1601_TO_1970 11644473600LL
#define NAME_BYTES 32

int32_t host_timezone_offset(uint64_t system_time_100ns, char *name, int *ret_daylight)
{
    time_t seconds = (time_t)((int64_t)(system_time_100ns / HOST_PUBLIC_UNITS_PER_SECOND) -
                              SECONDS_1601_TO_1970);
    struct tm local = {0};

    if (localtime_r(&seconds, &local) == NULL)
        local.tm_gmtoff = 0;
    if (name != NULL)
        snprintf(name, NAME_BYTES, "%s", local.tm_zone != NULL ? local.tm_zone : "UTC");
    if (ret_daylight != NULL)
        *ret_daylight = local.tm_isdst > 0;
    return (int32_t)local.tm_gmtoff;
}
