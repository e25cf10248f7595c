/* SPDX-License-Identifier: MIT */
/*
 * host_adapter.h - the machine's network interfaces in full: names, cards, addresses, gateways, name servers.
 *
 * Layer: host. Addresses are Windows' SOCKADDR, as in host_socket.h.
 */
#ifndef HOST_ADAPTER_H
#define HOST_ADAPTER_H

#include "host_interface.h"

#define HOST_ADAPTER_NAME 16
#define HOST_ADAPTER_PHYSICAL 8

enum host_adapter_kind {
    HOST_ADAPTER_OTHER,
    HOST_ADAPTER_ETHERNET,
    HOST_ADAPTER_LOOPBACK,
    HOST_ADAPTER_PPP,
    HOST_ADAPTER_TUNNEL
};

struct host_adapter {
    char name[HOST_ADAPTER_NAME];
    uint32_t index; /* never 0 */
    uint32_t flags; /* HOST_INTERFACE_xxx */
    uint32_t mtu;
    enum host_adapter_kind kind;
    int running; /* it has a carrier */
    uint64_t bits_per_second; /* 0: not known */
    uint32_t physical_length;
    uint8_t physical[HOST_ADAPTER_PHYSICAL];
};

/* An address of an adapter, or a gateway that is reached through it. */
struct host_adapter_address {
    uint32_t index; /* of the adapter; 0: of the machine (name servers) */
    uint32_t prefix_bits;
    uint8_t address[HOST_INTERFACE_ADDRESS];
};

/* One look at all of it. */
struct host_network {
    struct host_adapter *adapters;
    struct host_adapter_address *addresses, *gateways, *servers;
    uint32_t adapter_count, address_count, gateway_count, server_count;
};

/* STATUS_INSUFFICIENT_RESOURCES, STATUS_TOO_MANY_OPENED_FILES; free with host_network_free in any case */
host_status host_network_read(struct host_network *network) HOST_MUST_CHECK;
void host_network_free(struct host_network *network);

#endif
