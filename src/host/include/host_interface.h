/* SPDX-License-Identifier: MIT */
/*
 * host_interface.h - the machine's network interfaces, routes, and changes of both.
 *
 * Layer: host. Addresses are Windows' SOCKADDR, as in host_socket.h.
 */
#ifndef HOST_INTERFACE_H
#define HOST_INTERFACE_H

#include "host_status.h"

/* flags: the values of Windows' IFF_ constants */
#define HOST_INTERFACE_UP 0x1
#define HOST_INTERFACE_BROADCAST 0x2
#define HOST_INTERFACE_LOOPBACK 0x4
#define HOST_INTERFACE_POINT_TO_POINT 0x8
#define HOST_INTERFACE_MULTICAST 0x10

#define HOST_INTERFACE_ADDRESS 28 /* room for either family */

/* One address of one interface. */
struct host_interface {
    uint32_t flags;
    uint8_t address[HOST_INTERFACE_ADDRESS];
    uint8_t netmask[HOST_INTERFACE_ADDRESS];
};

/*
 * host_interfaces - the addresses of a family (Windows' number) on interfaces that are up. *count is the room
 * in `interfaces`, then how many there are: STATUS_BUFFER_TOO_SMALL when that is more. STATUS_INVALID_ADDRESS:
 * no such family.
 */
host_status host_interfaces(int family, struct host_interface *interfaces, uint32_t *count) HOST_MUST_CHECK;

/*
 * host_route_source - the address that a datagram to `remote` would be sent from, with port 0. *source_length is
 * in/out. STATUS_NETWORK_UNREACHABLE, STATUS_HOST_UNREACHABLE: no route; host_connect's for a bad address.
 */
host_status host_route_source(const void *remote, uint32_t length, void *source, uint32_t *source_length)
    HOST_MUST_CHECK;

/* What has changed, bits. */
#define HOST_CHANGE_ADDRESS4 0x1
#define HOST_CHANGE_ADDRESS6 0x2
#define HOST_CHANGE_ROUTE4 0x4
#define HOST_CHANGE_ROUTE6 0x8

/* A descriptor that becomes readable when something of this changes. */
host_status host_changes_open(int *ret_fd) HOST_MUST_CHECK;
/* Takes all that is there; returns what has changed. After an overrun everything may have. */
uint32_t host_changes_read(int fd);

#endif
