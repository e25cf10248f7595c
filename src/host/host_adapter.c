/* SPDX-License-Identifier: MIT */
/*
 * host_adapter.c - interfaces by getifaddrs, gateways from /proc/net, name servers from /etc/resolv.conf.
 *
 * Layer: host. NT counterpart: what the IP driver answers to its helper libraries. Deliberately absent: groups
 * that an interface has joined, leases of DHCP.
 */
#include "host_adapter.h"

#include "host_memory.h"
#include "host_private.h"
#include "host_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINE 512

/* Room for one more, zeroed; NULL: no memory. */
static void *append(void **array, uint32_t *count, size_t size)
{
    void *larger = host_reallocate(*array, (*count + 1) * size);
    if (larger == NULL)
        return NULL;
    *array = larger;
    void *entry = (char *)larger + *count * size;
    memset(entry, 0, size);
    ++*count;
    return entry;
}

static int append_address(struct host_adapter_address **array, uint32_t *count, uint32_t index, uint32_t bits,
    const struct sockaddr *from)
{
    struct sockaddr_storage copy;
    socklen_t bytes = from->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    uint32_t room = HOST_INTERFACE_ADDRESS;
    struct host_adapter_address *entry = append((void **)array, count, sizeof **array);
    if (entry == NULL)
        return 0;
    memset(&copy, 0, sizeof copy);
    memcpy(&copy, from, bytes);
    entry->index = index;
    entry->prefix_bits = bits;
    host_address_to_windows(entry->address, &room, &copy, bytes);
    return 1;
}

/* --- adapters --- */

static enum host_adapter_kind kind_of(unsigned hardware)
{
    switch (hardware) {
    case ARPHRD_ETHER:
        return HOST_ADAPTER_ETHERNET;
    case ARPHRD_LOOPBACK:
        return HOST_ADAPTER_LOOPBACK;
    case ARPHRD_PPP:
        return HOST_ADAPTER_PPP;
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
    case ARPHRD_IPGRE:
    case ARPHRD_NONE: /* tun, wireguard */
        return HOST_ADAPTER_TUNNEL;
    default:
        return HOST_ADAPTER_OTHER;
    }
}

static uint32_t flags_to_windows(unsigned flags)
{
    return (flags & IFF_UP ? HOST_INTERFACE_UP : 0) | (flags & IFF_BROADCAST ? HOST_INTERFACE_BROADCAST : 0) |
        (flags & IFF_LOOPBACK ? HOST_INTERFACE_LOOPBACK : 0) |
        (flags & IFF_POINTOPOINT ? HOST_INTERFACE_POINT_TO_POINT : 0) |
        (flags & IFF_MULTICAST ? HOST_INTERFACE_MULTICAST : 0);
}

static uint64_t read_speed(const char *name)
{
    char path[64];
    long long megabits = 0;
    snprintf(path, sizeof path, "/sys/class/net/%s/speed", name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%lld", &megabits) != 1 || megabits < 0)
        megabits = 0;
    fclose(file);
    return (uint64_t)megabits * 1000000;
}

static uint32_t read_mtu(int fd, const char *name)
{
    struct ifreq request;
    memset(&request, 0, sizeof request);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    return fd >= 0 && ioctl(fd, SIOCGIFMTU, &request) == 0 ? (uint32_t)request.ifr_mtu : 0;
}

static int append_adapter(struct host_network *network, const struct ifaddrs *at, int fd)
{
    const struct sockaddr_ll *card = (const struct sockaddr_ll *)(const void *)at->ifa_addr;
    struct host_adapter *entry = append((void **)&network->adapters, &network->adapter_count, sizeof *entry);
    if (entry == NULL)
        return 0;
    snprintf(entry->name, sizeof entry->name, "%s", at->ifa_name);
    entry->index = (uint32_t)card->sll_ifindex;
    entry->flags = flags_to_windows(at->ifa_flags);
    entry->running = (at->ifa_flags & IFF_RUNNING) != 0;
    entry->kind = kind_of(card->sll_hatype);
    entry->mtu = read_mtu(fd, at->ifa_name);
    entry->bits_per_second = read_speed(at->ifa_name);
    if (entry->kind != HOST_ADAPTER_LOOPBACK && card->sll_halen <= HOST_ADAPTER_PHYSICAL) {
        entry->physical_length = card->sll_halen;
        memcpy(entry->physical, card->sll_addr, card->sll_halen);
    }
    return 1;
}

static uint32_t count_bits(const struct sockaddr *mask, int family)
{
    const unsigned char *bytes;
    uint32_t bits = 0;
    if (mask == NULL)
        return family == AF_INET ? 32 : 128;
    bytes = family == AF_INET ? (const void *)&((const struct sockaddr_in *)(const void *)mask)->sin_addr
                              : (const void *)&((const struct sockaddr_in6 *)(const void *)mask)->sin6_addr;
    for (size_t i = 0; i < (family == AF_INET ? 4u : 16u); i++)
        bits += (uint32_t)__builtin_popcount(bytes[i]);
    return bits;
}

static int append_interface(struct host_network *network, const struct ifaddrs *at, int fd)
{
    int family = at->ifa_addr != NULL ? at->ifa_addr->sa_family : AF_UNSPEC;
    if (family == AF_PACKET)
        return append_adapter(network, at, fd);
    if (family != AF_INET && family != AF_INET6)
        return 1;
    return append_address(&network->addresses, &network->address_count, if_nametoindex(at->ifa_name),
        count_bits(at->ifa_netmask, family), at->ifa_addr);
}

/* --- gateways and name servers: files of which a line that is not understood is left out --- */

static int read_lines(const char *path, int (*line)(struct host_network *network, const char *text),
    struct host_network *network)
{
    char text[LINE];
    int good = 1;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 1;
    while (good && fgets(text, sizeof text, file) != NULL)
        good = line(network, text);
    fclose(file);
    return good;
}

static int route4(struct host_network *network, const char *text)
{
    char name[64];
    unsigned target, gateway, flags, mask;
    struct sockaddr_in address = {.sin_family = AF_INET};
    if (sscanf(text, "%63s %x %x %x %*s %*s %*s %x", name, &target, &gateway, &flags, &mask) != 5 || target != 0 ||
        mask != 0 || gateway == 0)
        return 1;
    address.sin_addr.s_addr = gateway;
    return append_address(&network->gateways, &network->gateway_count, if_nametoindex(name), 0,
        (struct sockaddr *)&address);
}

static int route6(struct host_network *network, const char *text)
{
    char target[33], source[33], next[33], name[64];
    unsigned bits, source_bits;
    struct sockaddr_in6 address = {.sin6_family = AF_INET6};
    int fields =
        sscanf(text, "%32s %x %32s %x %32s %*s %*s %*s %*s %63s", target, &bits, source, &source_bits, next, name);
    if (fields != 6 || bits != 0 || strspn(next, "0") == 32 || strlen(next) != 32)
        return 1;
    for (int i = 0; i < 16; i++) {
        unsigned byte;
        if (sscanf(next + 2 * i, "%2x", &byte) != 1)
            return 1;
        address.sin6_addr.s6_addr[i] = (unsigned char)byte;
    }
    uint32_t index = if_nametoindex(name);
    address.sin6_scope_id = IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr) ? index : 0;
    return append_address(&network->gateways, &network->gateway_count, index, 0, (struct sockaddr *)&address);
}

static int server(struct host_network *network, const char *text)
{
    char number[64];
    struct sockaddr_in address4 = {.sin_family = AF_INET};
    struct sockaddr_in6 address6 = {.sin6_family = AF_INET6};
    const struct sockaddr *address = NULL;
    if (sscanf(text, " nameserver %63s", number) != 1)
        return 1;
    if (inet_pton(AF_INET, number, &address4.sin_addr) == 1)
        address = (struct sockaddr *)&address4;
    else if (inet_pton(AF_INET6, number, &address6.sin6_addr) == 1)
        address = (struct sockaddr *)&address6;
    return address == NULL || append_address(&network->servers, &network->server_count, 0, 0, address);
}

host_status host_network_read(struct host_network *network)
{
    struct ifaddrs *list;
    memset(network, 0, sizeof *network);
    int injected = host_fault(HOST_CALL_SOCKET);
    if (injected != 0)
        return host_status_from_errno(injected, HOST_CALL_SOCKET);
    if (getifaddrs(&list) != 0)
        return host_status_from_errno(errno, HOST_CALL_SOCKET);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), good = 1;
    for (const struct ifaddrs *at = list; at != NULL && good; at = at->ifa_next)
        good = append_interface(network, at, fd);
    if (fd >= 0)
        close(fd);
    freeifaddrs(list);
    good = good && read_lines("/proc/net/route", route4, network) &&
        read_lines("/proc/net/ipv6_route", route6, network) && read_lines("/etc/resolv.conf", server, network);
    return good ? H_STATUS_SUCCESS : H_STATUS_INSUFFICIENT_RESOURCES;
}

void host_network_free(struct host_network *network)
{
    host_free(network->adapters);
    host_free(network->addresses);
    host_free(network->gateways);
    host_free(network->servers);
}
