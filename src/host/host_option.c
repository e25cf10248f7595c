/* SPDX-License-Identifier: MIT */
/*
 * host_option.c - socket options, from Windows' numbers and meanings to Linux'.
 *
 * Layer: host. NT counterpart: the TCP/IP object settings behind IOCTL_TCP_SET_INFORMATION_EX.
 *
 * One table row per option. Not here: options that are state of AFD or the provider (time-outs,
 * SO_UPDATE_xxx_CONTEXT, SO_PROTOCOL_INFO, SO_OPENTYPE), and SO_EXCLUSIVEADDRUSE, which is an argument of
 * host_bind. Source of the Windows numbers: ws2def.h, ws2ipdef.h, mstcpip.h as published.
 * [doc:winsock2/sol-socket-socket-options] [doc:winsock2/ipproto-tcp-socket-options]
 * [doc:winsock2/ipproto-ip-socket-options] [doc:winsock2/ipproto-ipv6-socket-options]
 */
#include "host_option.h"

#include "host_private.h"
#include "host_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define WINDOWS_SOL_SOCKET 0xffff
#define USER_TIMEOUT_FOREVER 0
#define BUFFER_LEAST 16384   /* bytes; see KIND_BUFFER_SIZE */
#define KEEP_TIME_MOST 32767 /* Linux' limits: seconds */
#define KEEP_COUNT_MOST 127

const struct host_option_row host_option_rows[] = {
    {WINDOWS_SOL_SOCKET, 0x0002, SOL_SOCKET, SO_ACCEPTCONN, KIND_BOOL | READ_ONLY},
    {WINDOWS_SOL_SOCKET, 0x0004, SOL_SOCKET, SO_REUSEADDR, KIND_BOOL},
    {WINDOWS_SOL_SOCKET, 0x0008, SOL_SOCKET, SO_KEEPALIVE, KIND_BOOL},
    {WINDOWS_SOL_SOCKET, 0x0010, SOL_SOCKET, SO_DONTROUTE, KIND_BOOL},
    {WINDOWS_SOL_SOCKET, 0x0020, SOL_SOCKET, SO_BROADCAST, KIND_BOOL | DATAGRAM_ONLY},
    {WINDOWS_SOL_SOCKET, 0x0080, SOL_SOCKET, SO_LINGER, KIND_LINGER | STREAM_ONLY},
    {WINDOWS_SOL_SOCKET, ~0x0080, SOL_SOCKET, SO_LINGER, KIND_DONT_LINGER | STREAM_ONLY},
    {WINDOWS_SOL_SOCKET, 0x0100, SOL_SOCKET, SO_OOBINLINE, KIND_BOOL | STREAM_ONLY},
    {WINDOWS_SOL_SOCKET, 0x1001, SOL_SOCKET, SO_SNDBUF, KIND_BUFFER_SIZE},
    {WINDOWS_SOL_SOCKET, 0x1002, SOL_SOCKET, SO_RCVBUF, KIND_BUFFER_SIZE},
    {WINDOWS_SOL_SOCKET, 0x1007, SOL_SOCKET, SO_ERROR, KIND_ERROR | READ_ONLY},
    {WINDOWS_SOL_SOCKET, 0x1008, SOL_SOCKET, SO_TYPE, KIND_INT | READ_ONLY},

    {IPPROTO_TCP, 1, IPPROTO_TCP, TCP_NODELAY, KIND_BOOL},
    {IPPROTO_TCP, 3, IPPROTO_TCP, TCP_KEEPIDLE, KIND_KEEP_TIME},
    {IPPROTO_TCP, 4, IPPROTO_TCP, TCP_MAXSEG, KIND_INT | READ_ONLY},
    {IPPROTO_TCP, 5, IPPROTO_TCP, TCP_USER_TIMEOUT, KIND_SECONDS},
    {IPPROTO_TCP, 14, IPPROTO_TCP, TCP_USER_TIMEOUT, KIND_MILLISECONDS},
    {IPPROTO_TCP, 15, IPPROTO_TCP, TCP_FASTOPEN, KIND_FAST_OPEN},
    {IPPROTO_TCP, 16, IPPROTO_TCP, TCP_KEEPCNT, KIND_KEEP_COUNT},
    {IPPROTO_TCP, 17, IPPROTO_TCP, TCP_KEEPINTVL, KIND_KEEP_TIME},

    {IPPROTO_UDP, 1, SOL_SOCKET, SO_NO_CHECK, KIND_BOOL},
    {IPPROTO_UDP, 2, IPPROTO_UDP, UDP_SEGMENT, KIND_INT},

    {IPPROTO_IP, 1, IPPROTO_IP, IP_OPTIONS, KIND_BYTES},
    {IPPROTO_IP, 2, IPPROTO_IP, IP_HDRINCL, KIND_BOOL},
    {IPPROTO_IP, 3, IPPROTO_IP, IP_TOS, KIND_BYTE},
    {IPPROTO_IP, 4, IPPROTO_IP, IP_TTL, KIND_BYTE},
    {IPPROTO_IP, 9, IPPROTO_IP, IP_MULTICAST_IF, KIND_INTERFACE_4},
    {IPPROTO_IP, 10, IPPROTO_IP, IP_MULTICAST_TTL, KIND_BYTE},
    {IPPROTO_IP, 11, IPPROTO_IP, IP_MULTICAST_LOOP, KIND_BOOL},
    {IPPROTO_IP, 12, IPPROTO_IP, IP_ADD_MEMBERSHIP, KIND_MEMBERSHIP_4 | WRITE_ONLY},
    {IPPROTO_IP, 13, IPPROTO_IP, IP_DROP_MEMBERSHIP, KIND_MEMBERSHIP_4 | WRITE_ONLY},
    {IPPROTO_IP, 14, IPPROTO_IP, IP_MTU_DISCOVER, KIND_DONT_FRAGMENT},
    {IPPROTO_IP, 15, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, KIND_SOURCE_4 | WRITE_ONLY},
    {IPPROTO_IP, 16, IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, KIND_SOURCE_4 | WRITE_ONLY},
    {IPPROTO_IP, 17, IPPROTO_IP, IP_BLOCK_SOURCE, KIND_SOURCE_4 | WRITE_ONLY},
    {IPPROTO_IP, 18, IPPROTO_IP, IP_UNBLOCK_SOURCE, KIND_SOURCE_4 | WRITE_ONLY},
    {IPPROTO_IP, 19, IPPROTO_IP, IP_PKTINFO, KIND_BOOL},
    {IPPROTO_IP, 21, IPPROTO_IP, IP_RECVTTL, KIND_BOOL},
    {IPPROTO_IP, 31, IPPROTO_IP, IP_UNICAST_IF, KIND_INT},
    {IPPROTO_IP, 40, IPPROTO_IP, IP_RECVTOS, KIND_BOOL},
    {IPPROTO_IP, 41, IPPROTO_IP, MCAST_JOIN_GROUP, KIND_GROUP | WRITE_ONLY},
    {IPPROTO_IP, 42, IPPROTO_IP, MCAST_LEAVE_GROUP, KIND_GROUP | WRITE_ONLY},
    {IPPROTO_IP, 43, IPPROTO_IP, MCAST_BLOCK_SOURCE, KIND_GROUP_SOURCE | WRITE_ONLY},
    {IPPROTO_IP, 44, IPPROTO_IP, MCAST_UNBLOCK_SOURCE, KIND_GROUP_SOURCE | WRITE_ONLY},
    {IPPROTO_IP, 45, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, KIND_GROUP_SOURCE | WRITE_ONLY},
    {IPPROTO_IP, 46, IPPROTO_IP, MCAST_LEAVE_SOURCE_GROUP, KIND_GROUP_SOURCE | WRITE_ONLY},
    {IPPROTO_IP, 71, IPPROTO_IP, IP_MTU_DISCOVER, KIND_MTU_DISCOVER},
    {IPPROTO_IP, 73, IPPROTO_IP, IP_MTU, KIND_INT | READ_ONLY},

    {IPPROTO_IPV6, 2, IPPROTO_IPV6, HOST_IPV6_HDRINCL, KIND_BOOL},
    {IPPROTO_IPV6, 4, IPPROTO_IPV6, IPV6_UNICAST_HOPS, KIND_INT},
    {IPPROTO_IPV6, 9, IPPROTO_IPV6, IPV6_MULTICAST_IF, KIND_INT},
    {IPPROTO_IPV6, 10, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, KIND_INT},
    {IPPROTO_IPV6, 11, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, KIND_BOOL},
    {IPPROTO_IPV6, 12, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, KIND_MEMBERSHIP_6 | WRITE_ONLY},
    {IPPROTO_IPV6, 13, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, KIND_MEMBERSHIP_6 | WRITE_ONLY},
    {IPPROTO_IPV6, 14, IPPROTO_IPV6, IPV6_DONTFRAG, KIND_BOOL},
    {IPPROTO_IPV6, 19, IPPROTO_IPV6, IPV6_RECVPKTINFO, KIND_BOOL},
    {IPPROTO_IPV6, 21, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, KIND_BOOL},
    {IPPROTO_IPV6, 26, IPPROTO_IPV6, IPV6_CHECKSUM, KIND_INT},
    {IPPROTO_IPV6, 27, IPPROTO_IPV6, IPV6_V6ONLY, KIND_BOOL},
    {IPPROTO_IPV6, 31, IPPROTO_IPV6, IPV6_UNICAST_IF, KIND_SWAPPED_INT},
    {IPPROTO_IPV6, 38, IPPROTO_IPV6, IPV6_RECVRTHDR, KIND_BOOL},
    {IPPROTO_IPV6, 39, IPPROTO_IPV6, IPV6_TCLASS, KIND_INT},
    {IPPROTO_IPV6, 40, IPPROTO_IPV6, IPV6_RECVTCLASS, KIND_BOOL},
    {IPPROTO_IPV6, 41, IPPROTO_IPV6, MCAST_JOIN_GROUP, KIND_GROUP | WRITE_ONLY},
    {IPPROTO_IPV6, 42, IPPROTO_IPV6, MCAST_LEAVE_GROUP, KIND_GROUP | WRITE_ONLY},
    {IPPROTO_IPV6, 43, IPPROTO_IPV6, MCAST_BLOCK_SOURCE, KIND_GROUP_SOURCE | WRITE_ONLY},
    {IPPROTO_IPV6, 44, IPPROTO_IPV6, MCAST_UNBLOCK_SOURCE, KIND_GROUP_SOURCE | WRITE_ONLY},
    {IPPROTO_IPV6, 45, IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, KIND_GROUP_SOURCE | WRITE_ONLY},
    {IPPROTO_IPV6, 46, IPPROTO_IPV6, MCAST_LEAVE_SOURCE_GROUP, KIND_GROUP_SOURCE | WRITE_ONLY},
    {IPPROTO_IPV6, 71, IPPROTO_IPV6, IPV6_MTU_DISCOVER, KIND_MTU_DISCOVER},
    {IPPROTO_IPV6, 72, IPPROTO_IPV6, IPV6_MTU, KIND_INT | READ_ONLY},
};
const size_t host_option_row_count = sizeof host_option_rows / sizeof host_option_rows[0];

const struct host_option_row *host_option_find(int level, int name)
{
    for (size_t i = 0; i < host_option_row_count; i++) {
        if (host_option_rows[i].level == level && host_option_rows[i].name == name)
            return &host_option_rows[i];
    }
    return NULL;
}

/* --- values in Windows' form --- */

/* 1, 2 or 4 and more bytes; a longer value (a C long of a 64-bit program) counts by its low half. */
static int read_int(const void *value, uint32_t length, uint32_t *ret)
{
    uint32_t full;
    uint16_t half;
    if (length >= sizeof full) {
        memcpy(&full, value, sizeof full);
        *ret = full;
    } else if (length >= sizeof half) {
        memcpy(&half, value, sizeof half);
        *ret = half;
    } else if (length == 1) {
        *ret = *(const uint8_t *)value;
    } else {
        return 0;
    }
    return 1;
}

/* BOOL and byte-sized options are returned in as many bytes as there is room for, 1 to 4. */
static host_status write_short(void *value, uint32_t *length, uint32_t is)
{
    if (*length == 0)
        return H_STATUS_BUFFER_TOO_SMALL;
    uint32_t bytes = *length >= sizeof is ? sizeof is : 1;
    memcpy(value, &is, bytes);
    *length = bytes;
    return H_STATUS_SUCCESS;
}

static host_status write_int(void *value, uint32_t *length, uint32_t is)
{
    if (*length < sizeof is)
        return H_STATUS_BUFFER_TOO_SMALL;
    memcpy(value, &is, sizeof is);
    *length = sizeof is;
    return H_STATUS_SUCCESS;
}

static uint32_t mtu_discover_to_windows(uint32_t native)
{
    static const uint8_t map[] = {
        [IP_PMTUDISC_DONT] = 2, [IP_PMTUDISC_WANT] = 0, [IP_PMTUDISC_DO] = 1, [IP_PMTUDISC_PROBE] = 3};
    return native < sizeof map ? map[native] : 0;
}

static int mtu_discover_from_windows(uint32_t value)
{
    static const int map[] = {IP_PMTUDISC_WANT, IP_PMTUDISC_DO, IP_PMTUDISC_DONT, IP_PMTUDISC_PROBE};
    return value < 4 ? map[value] : -1;
}

/* --- setting --- */

static host_status set_native(int fd, const struct host_option_row *row, const void *value, socklen_t length)
{
    if (setsockopt(fd, row->native_level, row->native_name, value, length) != 0)
        return host_status_from_errno(errno, HOST_CALL_OPTION);
    return H_STATUS_SUCCESS;
}

static host_status set_linger(int fd, const struct host_option_row *row, const void *value, uint32_t length)
{
    uint16_t windows[2]; /* l_onoff, l_linger in seconds */
    if (length < sizeof windows)
        return H_STATUS_BUFFER_TOO_SMALL;
    memcpy(windows, value, sizeof windows);
    struct linger native = {.l_onoff = windows[0] != 0, .l_linger = windows[1]};
    return set_native(fd, row, &native, sizeof native);
}

/* An IPv4 address of the form 0.x.x.x is the index of an interface. [doc:winsock2/ip_mreq] */
static struct ip_mreqn interface_of(struct in_addr address)
{
    struct ip_mreqn request = {0};
    uint32_t number = ntohl(address.s_addr);
    if (number != 0 && number < 0x01000000)
        request.imr_ifindex = (int)number;
    else
        request.imr_address = address;
    return request;
}

static host_status set_membership(int fd, const struct host_option_row *row, const void *value, uint32_t length)
{
    struct ip_mreq windows;
    if (length < sizeof windows)
        return H_STATUS_BUFFER_TOO_SMALL;
    memcpy(&windows, value, sizeof windows);
    struct ip_mreqn native = interface_of(windows.imr_interface);
    native.imr_multiaddr = windows.imr_multiaddr;
    return set_native(fd, row, &native, sizeof native);
}

static host_status set_source(int fd, const struct host_option_row *row, const void *value, uint32_t length)
{
    struct in_addr windows[3]; /* group, source, interface; Linux has interface before source */
    if (length < sizeof windows)
        return H_STATUS_BUFFER_TOO_SMALL;
    memcpy(windows, value, sizeof windows);
    struct ip_mreq_source native = {
        .imr_multiaddr = windows[0], .imr_interface = windows[2], .imr_sourceaddr = windows[1]};
    return set_native(fd, row, &native, sizeof native);
}

/* GROUP_REQ and GROUP_SOURCE_REQ have Linux' layout; the addresses have Windows' family numbers. */
static host_status set_group(int fd, const struct host_option_row *row, const void *value, uint32_t length)
{
    struct group_source_req native;
    int addresses = (row->kind & KIND_MASK) == KIND_GROUP ? 1 : 2;
    size_t bytes = addresses == 1 ? sizeof(struct group_req) : sizeof native;
    if (length < bytes)
        return H_STATUS_BUFFER_TOO_SMALL;
    memcpy(&native, value, bytes);
    struct sockaddr_storage *both[2] = {&native.gsr_group, &native.gsr_source};
    for (int i = 0; i < addresses; i++) {
        int family = host_family_from_windows(both[i]->ss_family);
        if (family < 0)
            return H_STATUS_INVALID_PARAMETER;
        both[i]->ss_family = (sa_family_t)family;
    }
    return set_native(fd, row, &native, (socklen_t)bytes);
}

static host_status set_interface(int fd, const struct host_option_row *row, const void *value, uint32_t length)
{
    struct in_addr address;
    if (length < sizeof address)
        return H_STATUS_BUFFER_TOO_SMALL;
    memcpy(&address, value, sizeof address);
    struct ip_mreqn native = interface_of(address);
    return set_native(fd, row, &native, sizeof native);
}

/* An option that is one number on Linux: STATUS_SUCCESS and the number. */
static host_status number_from_windows(const struct host_option_row *row, const void *value, uint32_t length,
    int *ret)
{
    uint32_t number;
    unsigned kind = row->kind & KIND_MASK;
    int any_length = kind == KIND_BOOL || kind == KIND_BYTE || kind == KIND_DONT_LINGER ||
        kind == KIND_DONT_FRAGMENT || kind == KIND_FAST_OPEN;
    if (!read_int(value, length, &number) || (length < sizeof number && !any_length))
        return H_STATUS_BUFFER_TOO_SMALL;
    *ret = (int)number;
    switch (kind) {
    case KIND_BOOL:
        *ret = number != 0;
        break;
    case KIND_BUFFER_SIZE:
        /*
         * 0 asks for no buffering, and then Windows still takes a whole send of a stream. Linux would
         * cut windows and sends into pieces of its least size.
         */
        *ret = number > INT32_MAX ? INT32_MAX : number < BUFFER_LEAST ? BUFFER_LEAST : (int)number;
        break;
    case KIND_KEEP_TIME:
        *ret = number > KEEP_TIME_MOST ? KEEP_TIME_MOST : (int)number;
        break;
    case KIND_KEEP_COUNT:
        *ret = number > KEEP_COUNT_MOST ? KEEP_COUNT_MOST : (int)number;
        break;
    case KIND_SECONDS:
        /* -1: never give up. Linux' way to say so is its default. */
        *ret = number == UINT32_MAX ? USER_TIMEOUT_FOREVER : (int)(number > 2000000 ? 2000000 : number) * 1000;
        break;
    case KIND_MILLISECONDS:
        *ret = number == UINT32_MAX ? USER_TIMEOUT_FOREVER : (int)number;
        break;
    case KIND_FAST_OPEN:
        *ret = number != 0 ? SOMAXCONN : 0;
        break;
    case KIND_SWAPPED_INT:
        *ret = (int)htonl(number);
        break;
    case KIND_DONT_FRAGMENT:
        *ret = number != 0 ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT;
        break;
    case KIND_MTU_DISCOVER:
        *ret = mtu_discover_from_windows(number);
        return *ret < 0 ? H_STATUS_INVALID_PARAMETER : H_STATUS_SUCCESS;
    default:
        break;
    }
    return H_STATUS_SUCCESS;
}

static host_status set_number(int fd, const struct host_option_row *row, const void *value, uint32_t length)
{
    int number;
    host_status status = number_from_windows(row, value, length, &number);
    if (status != H_STATUS_SUCCESS)
        return status;
    if ((row->kind & KIND_MASK) == KIND_DONT_LINGER) {
        /* Reverses SO_LINGER: true lets close return at once, false lingers for the default time. */
        struct linger native = {.l_onoff = number == 0};
        socklen_t bytes = sizeof native;
        if (number == 0 && getsockopt(fd, SOL_SOCKET, SO_LINGER, &native, &bytes) == 0)
            native.l_onoff = 1;
        return set_native(fd, row, &native, sizeof native);
    }
    return set_native(fd, row, &number, sizeof number);
}

/* The row of an option that this socket knows, or NULL with the reason. */
static const struct host_option_row *find_for(int fd, int level, int name, unsigned unwanted, host_status *status)
{
    const struct host_option_row *row = host_option_find(level, name);
    int error = host_fault(HOST_CALL_OPTION);
    *status = H_STATUS_NOT_SUPPORTED;
    if (row == NULL || (row->kind & unwanted) != 0)
        return NULL;
    if ((row->kind & (STREAM_ONLY | DATAGRAM_ONLY)) != 0) {
        int is_stream = host_int_option(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM;
        if (is_stream ? row->kind & DATAGRAM_ONLY : row->kind & STREAM_ONLY)
            return NULL;
    }
    if (error != 0) {
        *status = host_status_from_errno(error, HOST_CALL_OPTION);
        return NULL;
    }
    *status = H_STATUS_SUCCESS;
    return row;
}

host_status host_set_option(int fd, int level, int name, const void *value, uint32_t length)
{
    host_status status;
    const struct host_option_row *row = find_for(fd, level, name, READ_ONLY, &status);
    if (row == NULL)
        return status;
    switch (row->kind & KIND_MASK) {
    case KIND_LINGER:
        return set_linger(fd, row, value, length);
    case KIND_INTERFACE_4:
        return set_interface(fd, row, value, length);
    case KIND_MEMBERSHIP_4:
        return set_membership(fd, row, value, length);
    case KIND_SOURCE_4:
        return set_source(fd, row, value, length);
    case KIND_MEMBERSHIP_6:
        if (length < sizeof(struct ipv6_mreq))
            return H_STATUS_BUFFER_TOO_SMALL;
        return set_native(fd, row, value, sizeof(struct ipv6_mreq));
    case KIND_GROUP:
    case KIND_GROUP_SOURCE:
        return set_group(fd, row, value, length);
    case KIND_BYTES:
        return set_native(fd, row, value, length);
    default:
        return set_number(fd, row, value, length);
    }
}

/* --- getting --- */

static host_status get_linger(int fd, unsigned kind, void *value, uint32_t *length)
{
    struct linger native;
    socklen_t bytes = sizeof native;
    if (getsockopt(fd, SOL_SOCKET, SO_LINGER, &native, &bytes) != 0)
        return host_status_from_errno(errno, HOST_CALL_OPTION);
    if (kind == KIND_DONT_LINGER)
        return write_short(value, length, native.l_onoff == 0);
    uint16_t windows[2] = {native.l_onoff != 0,
        (uint16_t)(native.l_linger > UINT16_MAX ? UINT16_MAX : native.l_linger)};
    if (*length < sizeof windows)
        return H_STATUS_BUFFER_TOO_SMALL;
    memcpy(value, windows, sizeof windows);
    *length = sizeof windows;
    return H_STATUS_SUCCESS;
}

static host_status get_bytes(int fd, const struct host_option_row *row, void *value, uint32_t *length)
{
    socklen_t bytes = *length;
    if (getsockopt(fd, row->native_level, row->native_name, value, &bytes) != 0)
        return host_status_from_errno(errno, HOST_CALL_OPTION);
    *length = bytes;
    return H_STATUS_SUCCESS;
}

host_status host_get_option(int fd, int level, int name, void *value, uint32_t *length)
{
    host_status status;
    const struct host_option_row *row = find_for(fd, level, name, WRITE_ONLY, &status);
    if (row == NULL)
        return status;
    unsigned kind = row->kind & KIND_MASK;
    if (kind == KIND_LINGER || kind == KIND_DONT_LINGER)
        return get_linger(fd, kind, value, length);
    if (kind == KIND_BYTES)
        return get_bytes(fd, row, value, length);
    int native = 0;
    socklen_t bytes = sizeof native;
    if (getsockopt(fd, row->native_level, row->native_name, &native, &bytes) != 0)
        return host_status_from_errno(errno, HOST_CALL_OPTION);
    uint32_t number = (uint32_t)native;
    switch (kind) {
    case KIND_BOOL:
    case KIND_FAST_OPEN:
        return write_short(value, length, number != 0);
    case KIND_BYTE:
        return write_short(value, length, number);
    case KIND_DONT_FRAGMENT:
        return write_short(value, length, number == IP_PMTUDISC_DO);
    case KIND_MTU_DISCOVER:
        return write_int(value, length, mtu_discover_to_windows(number));
    case KIND_BUFFER_SIZE:
        /* Linux doubles what was asked for, to pay for its own overhead, and reports that. */
        return write_int(value, length, number / 2);
    case KIND_SECONDS:
        return write_int(value, length, number == USER_TIMEOUT_FOREVER ? UINT32_MAX : number / 1000);
    case KIND_MILLISECONDS:
        return write_int(value, length, number == USER_TIMEOUT_FOREVER ? UINT32_MAX : number);
    case KIND_SWAPPED_INT:
        return write_int(value, length, ntohl(number));
    case KIND_ERROR:
        return write_int(value, length, (uint32_t)host_status_from_errno(native, HOST_CALL_ANY));
    default:
        return write_int(value, length, number);
    }
}
