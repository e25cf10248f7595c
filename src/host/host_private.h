/* SPDX-License-Identifier: MIT */
/*
 * host_private.h - what the files of the host layer share.
 *
 * Layer: host, private.
 */
#ifndef HOST_PRIVATE_H
#define HOST_PRIVATE_H

#include "host_ntstatus.h"
#include "host_status.h"

#include <sys/socket.h>
#include <time.h>

#define HOST_PUBLIC_UNITS_PER_SECOND 10000000LL /* 100 ns */

/* --- fault injection: 0, or the errno with which this call shall fail --- */
extern int host_fault_active;
int host_fault_count(enum host_call call);
static inline int host_fault(enum host_call call)
{
    if (__builtin_expect(!__atomic_load_n(&host_fault_active, __ATOMIC_RELAXED), 1))
        return 0;
    return host_fault_count(call);
}

/* host_memory.c */
int host_under_valgrind(void);

/* relative 100 ns to timespec; interval must not be negative */
static inline struct timespec host_timespec(int64_t interval_100ns)
{
    struct timespec ts;
    ts.tv_sec = interval_100ns / HOST_PUBLIC_UNITS_PER_SECOND;
    ts.tv_nsec = interval_100ns % HOST_PUBLIC_UNITS_PER_SECOND * 100;
    return ts;
}

/*
 * Addresses, host_address.c. From Windows' form: STATUS_INVALID_PARAMETER when shorter than its family
 * needs, STATUS_INVALID_ADDRESS for a family that is not IPv4 or IPv6. To Windows' form: copies what
 * fits into *length bytes and sets *length to the full length.
 */
host_status host_address_from_windows(struct sockaddr_storage *to, socklen_t *to_length, const void *from,
    uint32_t length) HOST_MUST_CHECK;
void host_address_to_windows(void *to, uint32_t *length, const struct sockaddr_storage *from,
    socklen_t from_length);
int host_family_from_windows(int family); /* -1: none */
int host_family_to_windows(int family);

/*
 * host_data.c, for host_control.c: host_send_to and host_receive_from with a message whose msg_control the caller
 * has set; the rest of it is theirs.
 */
struct host_buffer;
host_status host_send_datagram(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    const void *address, uint32_t address_length, struct msghdr *message, size_t *ret_bytes,
    int *ret_error_kept) HOST_MUST_CHECK;
host_status host_receive_datagram(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    void *address, uint32_t *address_length, struct msghdr *message, uint32_t *out_flags, size_t *ret_bytes)
    HOST_MUST_CHECK;

/* IPV6_HDRINCL, which only the kernel's own header has, and that excludes the C library's */
#define HOST_IPV6_HDRINCL 36

/* value of an int option, or -1 */
int host_int_option(int fd, int level, int name);
/* SO_REUSEADDR or SO_REUSEPORT, which cannot fail on an IP socket */
void host_set_flag(int fd, int name, int on);

#endif
