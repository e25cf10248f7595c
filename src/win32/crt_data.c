/* SPDX-License-Identifier: MIT */
/*
 * crt_data.c - objects that on Windows come from an import library: the IPv6 addresses of
 * ws2tcpip.h; and RtlGenRandom, under the name that advapi32 exports it by.
 *
 * Layer: win32.
 */
#include <ws2ipdef.h>

#include "host_system.h"

const IN6_ADDR in6addr_any = IN6ADDR_ANY_INIT;
const IN6_ADDR in6addr_loopback = IN6ADDR_LOOPBACK_INIT;

NTSOCKAPI BOOLEAN SystemFunction036(PVOID RandomBuffer, ULONG RandomBufferLength);

BOOLEAN SystemFunction036(PVOID RandomBuffer, ULONG RandomBufferLength)
{
    return host_random(RandomBuffer, RandomBufferLength) == 0;
}
