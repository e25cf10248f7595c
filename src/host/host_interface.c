/* SPDX-License-Identifier: MIT */
/*
 * host_interface.c - interfaces by getifaddrs, routes by a connected datagram socket, changes by rtnetlink.
 *
 * Layer: host. NT counterpart: what the IP driver answers to its helper libraries.
 */
#include "host_interface.h"

#include "host_private.h"
#include "host_socket.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define CHANGES_BUFFER 8192
#define HOST_CHANGE_ALL (HOST_CHANGE_ADDRESS4 | HOST_CHANGE_ADDRESS6 | HOST_CHANGE_ROUTE4 | HOST_CHANGE_ROUTE6)
#define WINDOWS_SOCK_DGRAM 2
#define WINDOWS_IPPROTO_UDP 17

static uint32_t flags_to_windows(unsigned flags)
{
    return (flags & IFF_UP ? HOST_INTERFACE_UP : 0) | (flags & IFF_BROADCAST ? HOST_INTERFACE_BROADCAST : 0) |
        (flags & IFF_LOOPBACK ? HOST_INTERFACE_LOOPBACK : 0) |
        (flags & IFF_POINTOPOINT ? HOST_INTERFACE_POINT_TO_POINT : 0) |
        (flags & IFF_MULTICAST ? HOST_INTERFACE_MULTICAST : 0);
}

static void copy_address(uint8_t *to, const struct sockaddr *from, int family)
{
    struct sockaddr_storage copy;
    socklen_t bytes = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    uint32_t room = HOST_INTERFACE_ADDRESS;
    memset(to, 0, room);
    if (from == NULL)
        return;
    memset(&copy, 0, sizeof copy);
    memcpy(&copy, from, bytes);
    host_address_to_windows(to, &room, &copy, bytes);
}

host_status host_interfaces(int family, struct host_interface *interfaces, uint32_t *count)
{
    struct ifaddrs *list;
    uint32_t room = *count, found = 0;
    int native = host_family_from_windows(family);
    if (native < 0)
        return H_STATUS_INVALID_ADDRESS;
    int injected = host_fault(HOST_CALL_SOCKET);
    if (injected != 0)
        return host_status_from_errno(injected, HOST_CALL_SOCKET);
    if (getifaddrs(&list) != 0)
        return host_status_from_errno(errno, HOST_CALL_SOCKET);
    for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next) {
        if (at->ifa_addr == NULL || at->ifa_addr->sa_family != native || (at->ifa_flags & IFF_UP) == 0)
            continue;
        if (found < room) {
            interfaces[found].flags = flags_to_windows(at->ifa_flags);
            copy_address(interfaces[found].address, at->ifa_addr, native);
            copy_address(interfaces[found].netmask, at->ifa_netmask, native);
        }
        found++;
    }
    freeifaddrs(list);
    *count = found;
    return found > room ? H_STATUS_BUFFER_TOO_SMALL : H_STATUS_SUCCESS;
}

/* The port does not matter, but 0 is refused by some protocols. */
static void set_port(struct sockaddr_storage *address, uint16_t port)
{
    if (address->ss_family == AF_INET)
        ((struct sockaddr_in *)(void *)address)->sin_port = port;
    else
        ((struct sockaddr_in6 *)(void *)address)->sin6_port = port;
}

host_status host_route_source(const void *remote, uint32_t length, void *source, uint32_t *source_length)
{
    struct sockaddr_storage address;
    socklen_t address_length;
    uint16_t family;
    int fd;
    host_status status = host_address_from_windows(&address, &address_length, remote, length);
    if (status != H_STATUS_SUCCESS)
        return status;
    memcpy(&family, remote, sizeof family);
    status = host_socket(family, WINDOWS_SOCK_DGRAM, WINDOWS_IPPROTO_UDP, &fd);
    if (status != H_STATUS_SUCCESS)
        return status;
    /* A broadcast address has a route, too. */
    (void)!setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &(int){1}, sizeof(int));
    set_port(&address, htons(9));
    if (connect(fd, (struct sockaddr *)&address, address_length) != 0) {
        status = host_status_from_errno(errno, HOST_CALL_CONNECT);
    } else {
        address_length = sizeof address;
        if (getsockname(fd, (struct sockaddr *)&address, &address_length) != 0) {
            status = host_status_from_errno(errno, HOST_CALL_ANY);
        } else {
            set_port(&address, 0);
            host_address_to_windows(source, source_length, &address, address_length);
        }
    }
    host_close(fd);
    return status;
}

host_status host_changes_open(int *ret_fd)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
    int injected = host_fault(HOST_CALL_SOCKET);
    if (injected != 0)
        return host_status_from_errno(injected, HOST_CALL_SOCKET);
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return host_status_from_errno(errno, HOST_CALL_SOCKET);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        host_status status = host_status_from_errno(errno, HOST_CALL_BIND);
        host_close(fd);
        return status;
    }
    *ret_fd = fd;
    return H_STATUS_SUCCESS;
}

static uint32_t changes_of_message(const struct nlmsghdr *message)
{
    /* Both kinds begin with the family, one byte. */
    unsigned char family = *(const unsigned char *)NLMSG_DATA(message);
    switch (message->nlmsg_type) {
    case RTM_NEWADDR:
    case RTM_DELADDR:
        return family == AF_INET ? HOST_CHANGE_ADDRESS4 : HOST_CHANGE_ADDRESS6;
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        return family == AF_INET ? HOST_CHANGE_ROUTE4 : HOST_CHANGE_ROUTE6;
    default:
        return 0;
    }
}

uint32_t host_changes_read(int fd)
{
    _Alignas(struct nlmsghdr) char buffer[CHANGES_BUFFER];
    uint32_t changes = 0;
    for (;;) {
        ssize_t bytes = recv(fd, buffer, sizeof buffer, 0);
        if (bytes < 0 && errno == EINTR)
            continue;
        if (bytes < 0 && errno == ENOBUFS) {
            changes |= HOST_CHANGE_ALL;
            continue;
        }
        if (bytes <= 0)
            return changes;
        size_t left = (size_t)bytes;
        for (const struct nlmsghdr *at = (const void *)buffer; NLMSG_OK(at, left); at = NLMSG_NEXT(at, left)) {
            if (at->nlmsg_len > NLMSG_HDRLEN)
                changes |= changes_of_message(at);
        }
    }
}
