/* SPDX-License-Identifier: MIT */
/*
 * host_address.c - socket addresses between Windows and Linux.
 *
 * Layer: host. NT counterpart: none. SOCKADDR_IN and SOCKADDR_IN6 have the layout of Linux' structures
 * (family, port, address, scope); only the number of the IPv6 family differs.
 */
#include "host_private.h"

#include <netinet/in.h>
#include <string.h>

#define WINDOWS_AF_INET 2
#define WINDOWS_AF_INET6 23

_Static_assert(AF_INET == WINDOWS_AF_INET, "IPv4 has one number");
_Static_assert(sizeof(struct sockaddr_in) == 16 && sizeof(struct sockaddr_in6) == 28, "layouts of Windows");

int host_family_from_windows(int family)
{
    switch (family) {
    case WINDOWS_AF_INET:
        return AF_INET;
    case WINDOWS_AF_INET6:
        return AF_INET6;
    default:
        return -1;
    }
}

int host_family_to_windows(int family)
{
    return family == AF_INET6 ? WINDOWS_AF_INET6 : family;
}

host_status host_address_from_windows(struct sockaddr_storage *to, socklen_t *to_length, const void *from,
    uint32_t length)
{
    uint16_t family;
    if (length < sizeof family)
        return H_STATUS_INVALID_PARAMETER;
    memcpy(&family, from, sizeof family);
    int native = host_family_from_windows(family);
    if (native < 0)
        return H_STATUS_INVALID_ADDRESS;
    /* Windows takes a longer length than the family needs, up to its sockaddr_storage. */
    socklen_t needed = native == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    if (length < needed)
        return H_STATUS_INVALID_PARAMETER;
    memset(to, 0, sizeof *to);
    memcpy(to, from, needed);
    to->ss_family = (sa_family_t)native;
    *to_length = needed;
    return H_STATUS_SUCCESS;
}

void host_address_to_windows(void *to, uint32_t *length, const struct sockaddr_storage *from,
    socklen_t from_length)
{
    struct sockaddr_storage copy = *from;
    if (from_length > sizeof copy)
        from_length = sizeof copy;
    if (from_length >= sizeof copy.ss_family)
        copy.ss_family = (sa_family_t)host_family_to_windows(copy.ss_family);
    memcpy(to, &copy, *length < from_length ? *length : from_length);
    *length = from_length;
}
