/* SPDX-License-Identifier: MIT */
/*
 * host_bind.c - binding, with Windows' rules for addresses already in use.
 *
 * Layer: host. NT counterpart: the address objects of tcpip.sys.
 *
 * Windows: a second bind of an address fails while a socket holds it, whatever that socket does; connections
 * that linger in TIME_WAIT or outlive their listener do not count, so a server restarts at once. A
 * stream with SO_REUSEADDR may join those that have it too, a datagram socket all but exclusive ones.
 * An address beside a wider or a narrower one with the same port is another matter: host_bound.c.
 * [doc:winsock2/using-so-reuseaddr-and-so-exclusiveaddruse] [test:wine/ws2_32/sock.c reuseaddr]
 *
 * Linux compares the SO_REUSEADDR and SO_REUSEPORT of both sockets as they are at the second bind. So
 * the options are set for the moment they are needed in:
 *   - TCP binds with SO_REUSEADDR off; if that fails, once more with it on, which only overlooks
 *     sockets that have it on too and do not listen. The option is taken back after a successful bind:
 *     a live socket that does not listen has it off, and nobody can join it.
 *   - host_listen sets it for good. A listener refuses others by itself; its accepted connections
 *     inherit the option, so that they do not keep the next listener away. host_release_port
 *     does the same for a bound socket that connected.
 *   - Windows' SO_REUSEADDR is Linux' SO_REUSEPORT (TCP) or SO_REUSEADDR (UDP), set before binding. After
 *     binding a datagram socket gets it unless it is exclusive, so that a later sharing one may join.
 *
 * The zone of an IPv6 address: Windows finds that of a link-local address by itself, where Linux wants it named, and
 * refuses a zone that the address is not in, which Linux overlooks. [test:wine/ws2_32/sock.c test_bind]
 *
 * Differences that stay: sockets of other processes take part with the options they happen to have, and
 * those of other users never share.
 */
#include "host_socket.h"

#include "host_bound.h"
#include "host_private.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

int host_int_option(int fd, int level, int name)
{
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(fd, level, name, &value, &length) == 0 ? value : -1;
}

void host_set_flag(int fd, int name, int on)
{
    (void)!setsockopt(fd, SOL_SOCKET, name, &on, sizeof on);
}

static int try_bind(int fd, const struct sockaddr_storage *address, socklen_t length)
{
    return bind(fd, (const struct sockaddr *)address, length) == 0 ? 0 : errno;
}

static int bind_datagram(int fd, const struct sockaddr_storage *address, socklen_t length, enum host_sharing sharing)
{
    host_set_flag(fd, SO_REUSEADDR, sharing == HOST_SHARING_SHARED);
    int error = try_bind(fd, address, length);
    if (error == 0 && sharing == HOST_SHARING_DEFAULT)
        host_set_flag(fd, SO_REUSEADDR, 1);
    return error;
}

static int bind_stream(int fd, const struct sockaddr_storage *address, socklen_t length, enum host_sharing sharing)
{
    host_set_flag(fd, SO_REUSEADDR, 0);
    host_set_flag(fd, SO_REUSEPORT, sharing == HOST_SHARING_SHARED);
    int error = try_bind(fd, address, length);
    if (error == EADDRINUSE) {
        host_set_flag(fd, SO_REUSEADDR, 1);
        error = try_bind(fd, address, length);
        host_set_flag(fd, SO_REUSEADDR, 0);
    }
    return error;
}

/* The address is in use: by sockets of this process that do not mind? */
static host_status bind_beside(int fd, const struct sockaddr_storage *address, socklen_t length,
    enum host_sharing sharing)
{
    host_status verdict;
    int error = EADDRINUSE;
    int neighbours = host_bound_lend(fd, address, &verdict);
    if (neighbours != 0 && verdict == H_STATUS_SUCCESS) {
        host_set_flag(fd, SO_REUSEADDR, 1); /* connections that are left of a listener do not count here either */
        error = try_bind(fd, address, length);
        host_set_flag(fd, SO_REUSEADDR, 0);
    }
    host_bound_take_back(fd);
    if (verdict != H_STATUS_SUCCESS)
        return verdict;
    if (error == EADDRINUSE && sharing == HOST_SHARING_SHARED)
        return H_STATUS_ACCESS_DENIED;
    return host_status_from_errno(error, HOST_CALL_BIND);
}

/* 0, or EADDRNOTAVAIL: no interface of that zone has the address. */
static int settle_zone(struct sockaddr_in6 *address)
{
    struct ifaddrs *list;
    int is_local = IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr), found = 0;
    if ((address->sin6_scope_id == 0 && !is_local) || IN6_IS_ADDR_UNSPECIFIED(&address->sin6_addr) ||
        IN6_IS_ADDR_MULTICAST(&address->sin6_addr) || getifaddrs(&list) != 0)
        return 0;
    for (const struct ifaddrs *at = list; at != NULL && !found; at = at->ifa_next) {
        const struct sockaddr_in6 *its = (const struct sockaddr_in6 *)(const void *)at->ifa_addr;
        if (its == NULL || its->sin6_family != AF_INET6 ||
            memcmp(&its->sin6_addr, &address->sin6_addr, sizeof its->sin6_addr) != 0)
            continue;
        uint32_t index = if_nametoindex(at->ifa_name);
        found = address->sin6_scope_id == 0 || address->sin6_scope_id == index;
        if (found && is_local)
            address->sin6_scope_id = index;
    }
    freeifaddrs(list);
    return found ? 0 : EADDRNOTAVAIL;
}

static host_status bind_first(int fd, struct sockaddr_storage *address, socklen_t length, enum host_sharing sharing,
    int type)
{
    int error = host_fault(HOST_CALL_BIND);
    if (error == 0 && address->ss_family == AF_INET6)
        error = settle_zone((struct sockaddr_in6 *)address);
    if (error == 0 && type == SOCK_STREAM)
        error = bind_stream(fd, address, length, sharing);
    else if (error == 0)
        error = bind_datagram(fd, address, length, sharing);
    return host_status_from_errno(error, HOST_CALL_BIND);
}

host_status host_bind(int fd, const void *address, uint32_t length, enum host_sharing sharing)
{
    struct sockaddr_storage native;
    socklen_t native_length;
    host_status status = host_address_from_windows(&native, &native_length, address, length);
    if (status != H_STATUS_SUCCESS)
        return status;
    int type = host_int_option(fd, SOL_SOCKET, SO_TYPE);
    if (type != SOCK_STREAM && type != SOCK_DGRAM)
        return bind_first(fd, &native, native_length, sharing, type);
    /* IPv4 and IPv6 have the port in the same place. Nobody wants to share one that is chosen for him, at first. */
    int chosen = ((const struct sockaddr_in *)&native)->sin_port != 0;
    enum host_sharing at_first = !chosen && sharing == HOST_SHARING_SHARED ? HOST_SHARING_DEFAULT : sharing;
    int was_bound = host_bound_is_noted(fd);
    if (!host_bound_note(fd, sharing, type))
        return H_STATUS_INSUFFICIENT_RESOURCES;
    status = bind_first(fd, &native, native_length, at_first, type);
    if (status == H_STATUS_ADDRESS_ALREADY_EXISTS && chosen)
        status = bind_beside(fd, &native, native_length, sharing);
    if (status != H_STATUS_SUCCESS && !was_bound)
        host_bound_forget(fd);
    return status;
}

void host_release_port(int fd)
{
    host_set_flag(fd, SO_REUSEADDR, 1);
}
