/* SPDX-License-Identifier: MIT */
/*
 * host_socket.h - Linux sockets, non-blocking, with addresses in Windows form.
 *
 * Layer: host. Descriptors are created non-blocking and close-on-exec; no call here ever blocks
 * except host_wait. A call that would block returns STATUS_DEVICE_NOT_READY. SIGPIPE is never raised
 * and EINTR never seen. Addresses are Windows' SOCKADDR: same layout as Linux', but family 23 is
 * AF_INET6; the conversion is in host_address.c and nowhere else.
 */
#ifndef HOST_SOCKET_H
#define HOST_SOCKET_H

#include "host_status.h"
#include <stddef.h>

/* Scatter/gather element: the layout of WSABUF (length first), not of struct iovec. */
struct host_buffer {
    uint32_t length;
    char *base;
};

#define HOST_ADDRESS_MAX 128 /* room for any address */

/* flags of send and receive; the values of Windows' MSG_ constants */
#define HOST_MSG_OOB 0x1
#define HOST_MSG_PEEK 0x2
#define HOST_MSG_DONTROUTE 0x4
#define HOST_MSG_WAITALL 0x8 /* transports loop; the host ignores it */
/* set in *out_flags by host_receive_from */
#define HOST_MSG_TRUNCATED 0x100  /* the datagram was longer than the buffers */
#define HOST_MSG_CONTROL_TRUNCATED 0x200
#define HOST_MSG_BROADCAST 0x400
#define HOST_MSG_MULTICAST 0x800

/* family, type and protocol are Windows' numbers. STATUS_PROTOCOL_NOT_SUPPORTED, STATUS_TOO_MANY_OPENED_FILES,
 * STATUS_INSUFFICIENT_RESOURCES. A new AF_INET6 socket has IPV6_V6ONLY on, as on Windows. */
host_status host_socket(int family, int type, int protocol, int *ret_fd) HOST_MUST_CHECK;
void host_close(int fd);
/* another descriptor of the same socket */
host_status host_duplicate(int fd, int *ret_fd) HOST_MUST_CHECK;
/* The descriptor's number stands for the other's socket from now on; its own is closed, and the other number too. */
host_status host_replace(int fd, int with) HOST_MUST_CHECK;

/*
 * How an address is shared, decided at bind. DEFAULT: no other live socket may have the address, but
 * connections in TIME_WAIT do not count, as on Windows; SHARED: SO_REUSEADDR was set;
 * EXCLUSIVE: SO_EXCLUSIVEADDRUSE was set. host_bind.c tells how this is made of Linux' options.
 * STATUS_ADDRESS_ALREADY_EXISTS; STATUS_ACCESS_DENIED: for SHARED, and beside a wider address that is EXCLUSIVE.
 */
enum host_sharing { HOST_SHARING_DEFAULT, HOST_SHARING_SHARED, HOST_SHARING_EXCLUSIVE };
host_status host_bind(int fd, const void *address, uint32_t length, enum host_sharing sharing) HOST_MUST_CHECK;
/*
 * Windows' table of who may bind beside whom, for two addresses of one port of which one covers the other.
 * breadth: 0 for an address, 1 for "any" of a family, 2 for "any" of both.
 */
struct host_binding {
    enum host_sharing sharing;
    unsigned breadth;
};
host_status host_judge_bind(const struct host_binding *first, const struct host_binding *second,
    int is_stream) HOST_MUST_CHECK;
/* before closing a connected socket that was bound by host_bind: its TIME_WAIT shall not keep others away */
void host_release_port(int fd);
host_status host_listen(int fd, int backlog) HOST_MUST_CHECK;
/* address may be NULL; *address_length is in/out, in bytes */
host_status host_accept(int fd, int *ret_fd, void *address, uint32_t *address_length) HOST_MUST_CHECK;
/* STATUS_PENDING when the connection is under way: poll for HOST_POLL_OUT, then host_connect_result */
host_status host_connect(int fd, const void *address, uint32_t length) HOST_MUST_CHECK;
host_status host_connect_result(int fd) HOST_MUST_CHECK;
/* AF_UNSPEC connect: a datagram socket loses its peer, a connect under way ends, a connection is reset at once */
host_status host_disconnect(int fd) HOST_MUST_CHECK;

host_status host_send(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    size_t *ret_bytes) HOST_MUST_CHECK;
host_status host_receive(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    size_t *ret_bytes) HOST_MUST_CHECK; /* end of stream: success with 0 bytes */
/*
 * host_receive_counting - host_receive without flags, and how many bytes it has left in the host (at least 1 if the
 * stream has ended behind them); HOST_REST_UNKNOWN unless host_count_rest, to be called once, has succeeded. It costs a
 * little more than host_receive, and much less than a receive in vain. Linux 4.18; STATUS_INVALID_PARAMETER before.
 */
#define HOST_REST_UNKNOWN UINT32_MAX
host_status host_count_rest(int fd) HOST_MUST_CHECK;
host_status host_receive_counting(int fd, const struct host_buffer *buffers, uint32_t count, size_t *ret_bytes,
    uint32_t *ret_rest) HOST_MUST_CHECK;
/* *ret_error_kept is set to 1 if an error of an earlier datagram was met: host_take_error has it. */
host_status host_send_to(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    const void *address, uint32_t address_length, size_t *ret_bytes, int *ret_error_kept) HOST_MUST_CHECK;
host_status host_receive_from(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    void *address, uint32_t *address_length, uint32_t *out_flags, size_t *ret_bytes) HOST_MUST_CHECK;

/*
 * An error that the network has answered an earlier datagram with; each is told once.
 * STATUS_PORT_UNREACHABLE; STATUS_SUCCESS: another one, which is nobody's business; STATUS_DEVICE_NOT_READY: none.
 */
host_status host_take_error(int fd) HOST_MUST_CHECK;
/* Does a failed receive tell of such an error, instead of the receive itself? */
int host_is_network_error(host_status status);

#define HOST_SHUTDOWN_RECEIVE 0x1
#define HOST_SHUTDOWN_SEND 0x2
host_status host_shutdown(int fd, unsigned how) HOST_MUST_CHECK;
/* the next host_close resets the connection (linger 0) */
host_status host_set_abortive_close(int fd) HOST_MUST_CHECK;

host_status host_get_local_address(int fd, void *address, uint32_t *length) HOST_MUST_CHECK;
host_status host_get_remote_address(int fd, void *address, uint32_t *length) HOST_MUST_CHECK;
host_status host_bytes_readable(int fd, uint32_t *ret_bytes) HOST_MUST_CHECK;
/* What a stream has not got across yet: not sent, or not acknowledged. */
host_status host_bytes_unsent(int fd, uint32_t *ret_bytes) HOST_MUST_CHECK;
/* How many nobody has accepted yet, of a listening socket. */
host_status host_connections_waiting(int fd, uint32_t *ret_count) HOST_MUST_CHECK;
host_status host_at_mark(int fd, int *ret_at_mark) HOST_MUST_CHECK;

/*
 * Options in Windows' numbers, sizes and meanings; host_option.c translates (SO_REUSEADDR, SO_LINGER with
 * 16-bit members, SO_EXCLUSIVEADDRUSE, time-outs are not handled here). STATUS_NOT_SUPPORTED for an
 * option the host has no equivalent of (WSAENOPROTOOPT), STATUS_INVALID_PARAMETER for a bad value,
 * STATUS_BUFFER_TOO_SMALL for a bad length. Reading SO_ERROR gives an NTSTATUS, and clears it.
 */
host_status host_set_option(int fd, int level, int name, const void *value, uint32_t length) HOST_MUST_CHECK;
host_status host_get_option(int fd, int level, int name, void *value, uint32_t *length) HOST_MUST_CHECK;

/* --- readiness --- */
#define HOST_POLL_IN 0x1
#define HOST_POLL_OUT 0x2
#define HOST_POLL_PRI 0x4    /* out-of-band data */
#define HOST_POLL_HUP 0x8    /* both directions ended, or never connected */
#define HOST_POLL_RDHUP 0x10 /* the peer will send no more */
#define HOST_POLL_ERR 0x20

struct host_poll_item {
    int fd;           /* -1: skipped */
    uint32_t events;  /* asked for */
    uint32_t revents; /* returned */
};

/*
 * host_wait - waits until an item is ready, the wake descriptor is signalled, or the time is up.
 * wake is an event descriptor or -1; it is drained when signalled. timeout_100ns: relative, negative
 * for ever. Returns the number of ready items (0 for time-out or wake-up).
 */
int host_wait(struct host_poll_item *items, uint32_t count, int wake, int64_t timeout_100ns);

/* an event descriptor, for waking a thread in host_wait */
host_status host_wake_create(int *ret_fd) HOST_MUST_CHECK;
void host_wake_signal(int fd);

#endif
