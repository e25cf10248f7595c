/* SPDX-License-Identifier: MIT */
/*
 * host_ring.h - several sends and receives in one host call, through io_uring.
 *
 * Layer: host. An attempt is what host_send or host_receive would do, once, without waiting: the kernel makes
 * all attempts of a call before the call returns, so nothing of a program's is ever in the kernel's hands
 * between two calls. docs/decisions/0007-io-uring.md tells why that is so.
 */
#ifndef HOST_RING_H
#define HOST_RING_H

#include "host_socket.h"

#define HOST_ATTEMPTS_MAX 128

/* One send or receive of a stream, from or to one buffer that is not empty. */
struct host_attempt {
    int fd;
    int sends;          /* else it receives */
    uint32_t flags;     /* HOST_MSG_DONTROUTE, of a send */
    struct host_buffer buffer;
    host_status status; /* out: as host_send's or host_receive's */
    size_t bytes;       /* out */
};

struct host_ring;

/* NULL: rings can be had. Else what the reason is, for people. Tried once. */
const char *host_ring_absence(void);
/* H_STATUS_NOT_SUPPORTED: rings cannot be had; STATUS_TOO_MANY_OPENED_FILES, STATUS_INSUFFICIENT_RESOURCES. */
host_status host_ring_create(struct host_ring **ret_ring) HOST_MUST_CHECK;
void host_ring_destroy(struct host_ring *ring); /* NULL: nothing */
/*
 * Makes count <= HOST_ATTEMPTS_MAX attempts. One thread at a time. What the ring cannot do, and all if it is NULL, is
 * done without it.
 */
void host_ring_attempt(struct host_ring *ring, struct host_attempt *attempts, uint32_t count);

#endif
