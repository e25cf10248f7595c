/* SPDX-License-Identifier: MIT */
/*
 * host_control.c - datagrams with control data, between Windows and Linux.
 *
 * Layer: host. NT counterpart: the ancillary data of TDI's datagram requests.
 * Left out, because Linux has no such data: IP_ORIGINAL_ARRIVAL_IF, IP_RECVIF, IP_PKTINFO_EX.
 */
#include "host_control.h"

#include "host_memory.h"
#include "host_private.h"

#include <errno.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <string.h>

struct header {
    size_t length;
    int32_t level;
    int32_t type;
};
_Static_assert(sizeof(struct header) == 16 && sizeof(struct header) == sizeof(struct cmsghdr), "one layout");

static uint32_t aligned(uint32_t length)
{
    return (length + 7) & ~(uint32_t)7;
}

void host_control_append(struct host_control *control, int level, int type, const void *data, uint32_t length)
{
    struct header header = {sizeof header + length, level, type};
    uint32_t space = aligned((uint32_t)sizeof header + length);
    if (space > HOST_CONTROL_MAX - control->used)
        return;
    uint8_t *at = control->bytes + control->used;
    memset(at, 0, space);
    memcpy(at, &header, sizeof header);
    memcpy(at + sizeof header, data, length);
    control->used += space;
}

int host_control_next(const void *list, uint32_t length, uint32_t *offset, int *ret_level, int *ret_type,
    const uint8_t **ret_data, uint32_t *ret_length)
{
    struct header header;
    if (*offset >= length || length - *offset < sizeof header)
        return 0;
    memcpy(&header, (const uint8_t *)list + *offset, sizeof header);
    if (header.length < sizeof header || header.length > length - *offset)
        return -1;
    *ret_level = header.level;
    *ret_type = header.type;
    *ret_data = (const uint8_t *)list + *offset + sizeof header;
    *ret_length = (uint32_t)(header.length - sizeof header);
    *offset += aligned((uint32_t)header.length);
    return 1;
}

host_status host_control_copy_out(const struct host_control *control, void *to, uint32_t *length, int *ret_truncated)
{
    uint32_t offset = 0, fits = 0, data_length;
    int level, type;
    const uint8_t *data;
    while (host_control_next(control->bytes, control->used, &offset, &level, &type, &data, &data_length) > 0) {
        /* The padding of the last one needs no room. */
        uint32_t end = (uint32_t)(data - control->bytes) + data_length;
        if (end > *length)
            break;
        fits = offset <= *length ? offset : end;
    }
    *ret_truncated = offset != 0 && aligned(fits) < control->used;
    *length = fits;
    return fits != 0 ? host_copy_to_program(to, control->bytes, fits) : H_STATUS_SUCCESS;
}

/* --- receiving --- */

/* For a datagram to this host alone the address that would answer is the address it came to. */
static uint32_t kind_of_destination_4(const struct in_pktinfo *info)
{
    if (IN_MULTICAST(ntohl(info->ipi_addr.s_addr)))
        return HOST_MSG_MULTICAST;
    if (info->ipi_addr.s_addr == INADDR_BROADCAST)
        return HOST_MSG_BROADCAST;
    return info->ipi_spec_dst.s_addr != 0 && info->ipi_spec_dst.s_addr != info->ipi_addr.s_addr
        ? HOST_MSG_BROADCAST : 0;
}

static uint32_t take_ip(struct host_control *control, const struct cmsghdr *native, int with_packet_info)
{
    int number = 0;
    if (native->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo info;
        memcpy(&info, CMSG_DATA(native), sizeof info);
        const uint32_t windows[2] = {info.ipi_addr.s_addr, (uint32_t)info.ipi_ifindex};
        if (with_packet_info)
            host_control_append(control, HOST_LEVEL_IP, HOST_IP_PKTINFO, windows, sizeof windows);
        return kind_of_destination_4(&info);
    }
    if (native->cmsg_type == IP_TTL) {
        memcpy(&number, CMSG_DATA(native), sizeof number);
        host_control_append(control, HOST_LEVEL_IP, HOST_IP_TTL, &number, sizeof number);
    } else if (native->cmsg_type == IP_TOS) {
        number = *CMSG_DATA(native);
        host_control_append(control, HOST_LEVEL_IP, HOST_IP_TOS, &number, sizeof number);
    }
    return 0;
}

static uint32_t take_ipv6(struct host_control *control, const struct cmsghdr *native, int with_packet_info)
{
    int number;
    if (native->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo info; /* Windows' layout */
        memcpy(&info, CMSG_DATA(native), sizeof info);
        if (with_packet_info)
            host_control_append(control, HOST_LEVEL_IPV6, HOST_IPV6_PKTINFO, &info, sizeof info);
        return IN6_IS_ADDR_MULTICAST(&info.ipi6_addr) ? HOST_MSG_MULTICAST : 0;
    }
    if (native->cmsg_type != IPV6_HOPLIMIT && native->cmsg_type != IPV6_TCLASS)
        return 0;
    memcpy(&number, CMSG_DATA(native), sizeof number);
    host_control_append(control, HOST_LEVEL_IPV6,
        native->cmsg_type == IPV6_HOPLIMIT ? HOST_IPV6_HOPLIMIT : HOST_IPV6_TCLASS, &number, sizeof number);
    return 0;
}

static uint32_t control_to_windows(struct host_control *control, struct msghdr *message, int with_packet_info)
{
    uint32_t flags = 0;
    control->used = 0;
    for (struct cmsghdr *native = CMSG_FIRSTHDR(message); native != NULL; native = CMSG_NXTHDR(message, native)) {
        if (native->cmsg_level == IPPROTO_IP)
            flags |= take_ip(control, native, with_packet_info);
        else if (native->cmsg_level == IPPROTO_IPV6)
            flags |= take_ipv6(control, native, with_packet_info);
    }
    return flags;
}

host_status host_receive_message(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    void *address, uint32_t *address_length, struct host_control *control, int with_packet_info,
    uint32_t *out_flags, size_t *ret_bytes)
{
    union {
        struct cmsghdr header;
        uint8_t bytes[HOST_CONTROL_MAX];
    } native;
    struct msghdr message = {.msg_control = &native, .msg_controllen = sizeof native};
    host_status status =
        host_receive_datagram(fd, buffers, count, flags, address, address_length, &message, out_flags, ret_bytes);
    if (status == H_STATUS_SUCCESS)
        *out_flags |= control_to_windows(control, &message, with_packet_info);
    return status;
}

/* --- sending --- */

struct native_control {
    size_t used;
    _Alignas(struct cmsghdr) uint8_t bytes[HOST_CONTROL_MAX];
};

static int append_native(struct native_control *to, int level, int type, const void *data, size_t length)
{
    if (CMSG_SPACE(length) > sizeof to->bytes - to->used)
        return 0;
    struct cmsghdr header = {.cmsg_len = CMSG_LEN(length), .cmsg_level = level, .cmsg_type = type};
    memset(to->bytes + to->used, 0, CMSG_SPACE(length));
    memcpy(to->bytes + to->used, &header, sizeof header);
    memcpy(to->bytes + to->used + CMSG_LEN(0), data, length);
    to->used += CMSG_SPACE(length);
    return 1;
}

/* the types whose data is one INT on both sides */
static const struct number_row {
    int level, type, native_level, native_type;
} number_rows[] = {
    {HOST_LEVEL_IP, HOST_IP_TTL, IPPROTO_IP, IP_TTL},
    {HOST_LEVEL_IP, HOST_IP_HOPLIMIT, IPPROTO_IP, IP_TTL},
    {HOST_LEVEL_IP, HOST_IP_TOS, IPPROTO_IP, IP_TOS},
    {HOST_LEVEL_IP, HOST_IP_ECN, IPPROTO_IP, IP_TOS},
    {HOST_LEVEL_IPV6, HOST_IPV6_HOPLIMIT, IPPROTO_IPV6, IPV6_HOPLIMIT},
    {HOST_LEVEL_IPV6, HOST_IPV6_TCLASS, IPPROTO_IPV6, IPV6_TCLASS},
    {HOST_LEVEL_IPV6, HOST_IPV6_ECN, IPPROTO_IPV6, IPV6_TCLASS},
};

static int translate_number(struct native_control *to, int level, int type, const uint8_t *data, uint32_t length)
{
    int number;
    if (length < sizeof number)
        return 0;
    memcpy(&number, data, sizeof number);
    if (level == HOST_LEVEL_UDP && type == HOST_UDP_SEND_MSG_SIZE) {
        const uint16_t size = (uint16_t)number;
        return append_native(to, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size);
    }
    for (size_t i = 0; i < sizeof number_rows / sizeof number_rows[0]; i++) {
        const struct number_row *row = &number_rows[i];
        if (row->level == level && row->type == type)
            return append_native(to, row->native_level, row->native_type, &number, sizeof number);
    }
    return 0;
}

static int translate_one(struct native_control *to, int level, int type, const uint8_t *data, uint32_t length)
{
    uint32_t windows[2];
    if (level == HOST_LEVEL_IP && type == HOST_IP_PKTINFO) {
        if (length < sizeof windows)
            return 0;
        memcpy(windows, data, sizeof windows);
        const struct in_pktinfo info = {.ipi_ifindex = (int)windows[1], .ipi_spec_dst = {windows[0]}};
        return append_native(to, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    }
    if (level == HOST_LEVEL_IPV6 && type == HOST_IPV6_PKTINFO)
        return length >= sizeof(struct in6_pktinfo) &&
            append_native(to, IPPROTO_IPV6, IPV6_PKTINFO, data, sizeof(struct in6_pktinfo));
    return translate_number(to, level, type, data, length);
}

host_status host_send_message(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    const void *address, uint32_t address_length, const void *control, uint32_t control_length, size_t *ret_bytes,
    int *ret_error_kept)
{
    uint8_t copy[HOST_CONTROL_MAX];
    struct native_control native = {.used = 0};
    uint32_t offset = 0, length;
    int level, type, found;
    const uint8_t *data;
    if (control_length > sizeof copy)
        return H_STATUS_INVALID_PARAMETER;
    host_status status = host_copy_from_program(copy, control, control_length);
    if (status != H_STATUS_SUCCESS)
        return status;
    while ((found = host_control_next(copy, control_length, &offset, &level, &type, &data, &length)) > 0) {
        if (!translate_one(&native, level, type, data, length))
            return H_STATUS_INVALID_PARAMETER;
    }
    if (found < 0)
        return H_STATUS_INVALID_PARAMETER;
    struct msghdr message = {0};
    if (native.used != 0) {
        message.msg_control = native.bytes;
        message.msg_controllen = native.used;
    }
    return host_send_datagram(fd, buffers, count, flags, address, address_length, &message, ret_bytes,
        ret_error_kept);
}
