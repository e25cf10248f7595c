/* SPDX-License-Identifier: MIT */
/*
 * host_timezone.h - the local time zone.
 *
 * Layer: host.
 */
#ifndef HOST_TIMEZONE_H
#define HOST_TIMEZONE_H

#include <stdint.h>

/*
 * Seconds to add to UTC to get local time at the moment given (100 ns since 1601). Names are copied
 * into name (32 bytes) if it is not NULL; *ret_daylight tells whether summer time is in force then.
 */
int32_t host_timezone_offset(uint64_t system_time_100ns, char *name, int *ret_daylight);

#endif
