/* SPDX-License-Identifier: MIT */
/*
 * host_control.h - control data of datagrams, in Windows' form: a list of WSACMSGHDRs.
 *
 * Layer: host. On 64-bit a WSACMSGHDR has the layout of Linux' cmsghdr: length (size_t, with the header),
 * level, type, data; the next one begins at a multiple of 8. Levels, types and some of the data differ.
 * [doc:winsock2/wsacmsghdr]
 */
#ifndef HOST_CONTROL_H
#define HOST_CONTROL_H

#include "host_socket.h"

#define HOST_CONTROL_MAX 512

#define HOST_LEVEL_IP 0
#define HOST_LEVEL_UDP 17
#define HOST_LEVEL_IPV6 41
#define HOST_IP_TOS 3
#define HOST_IP_TTL 4
#define HOST_IP_PKTINFO 19   /* IN_PKTINFO: address, interface index */
#define HOST_IP_HOPLIMIT 21  /* as an option: IP_RECVTTL */
#define HOST_IP_RECVTOS 40
#define HOST_IP_ECN 50
#define HOST_UDP_SEND_MSG_SIZE 2
#define HOST_IPV6_PKTINFO 19 /* IN6_PKTINFO */
#define HOST_IPV6_HOPLIMIT 21
#define HOST_IPV6_TCLASS 39
#define HOST_IPV6_RECVTCLASS 40
#define HOST_IPV6_ECN 50

struct host_control {
    uint32_t used;
    uint8_t bytes[HOST_CONTROL_MAX];
};

/* Appends one; ignored if there is no room, which HOST_CONTROL_MAX leaves for all that can be asked for. */
void host_control_append(struct host_control *control, int level, int type, const void *data, uint32_t length);
/*
 * Steps through a list: *offset is 0 at first. 1: the next one; 0: no more; -1: it is malformed. *ret_data
 * points into the list.
 */
int host_control_next(const void *list, uint32_t length, uint32_t *offset, int *ret_level, int *ret_type,
    const uint8_t **ret_data, uint32_t *ret_length);
/*
 * Copies the list to a program's memory, as many whole elements as there is room for. *length: room in, bytes
 * out. *ret_truncated: not all of it. STATUS_ACCESS_VIOLATION.
 */
host_status host_control_copy_out(const struct host_control *control, void *to, uint32_t *length,
    int *ret_truncated) HOST_MUST_CHECK;

/*
 * host_receive_from with control data. with_packet_info 0: the program has not asked for IP_PKTINFO, which is
 * on in the host because HOST_MSG_BROADCAST and HOST_MSG_MULTICAST in *out_flags come from it.
 */
host_status host_receive_message(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    void *address, uint32_t *address_length, struct host_control *control, int with_packet_info,
    uint32_t *out_flags, size_t *ret_bytes) HOST_MUST_CHECK;
/* host_send_to with control data, in the program's memory. STATUS_INVALID_PARAMETER: malformed, or unknown. */
host_status host_send_message(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    const void *address, uint32_t address_length, const void *control, uint32_t control_length,
    size_t *ret_bytes, int *ret_error_kept) HOST_MUST_CHECK;

#endif
