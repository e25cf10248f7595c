/* SPDX-License-Identifier: MIT */
/*
 * host_data.c - sending and receiving.
 *
 * Layer: host. NT counterpart: TDI_SEND, TDI_RECEIVE and the datagram pair. Windows' WSABUF has the
 * length first, Linux' iovec last, so buffers are translated on the stack; more than BUFFERS_ON_STACK
 * of them go through the heap for datagrams, which must be sent as one, and in portions for streams.
 */
#include "host_socket.h"

#include "host_call.h"
#include "host_memory.h"
#include "host_private.h"

#include <errno.h>
#include <limits.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define BUFFERS_ON_STACK 16

static int native_flags(uint32_t flags)
{
    int native = MSG_NOSIGNAL;
    if (flags & HOST_MSG_OOB)
        native |= MSG_OOB;
    if (flags & HOST_MSG_PEEK)
        native |= MSG_PEEK;
    if (flags & HOST_MSG_DONTROUTE)
        native |= MSG_DONTROUTE;
    return native;
}

static size_t translate(struct iovec *to, const struct host_buffer *from, uint32_t count)
{
    size_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        to[i].iov_base = from[i].base;
        to[i].iov_len = from[i].length;
        total += from[i].length;
    }
    return total;
}

/* One buffer, the common case, needs no message header. */
static ssize_t send_stream(int fd, const struct host_buffer *buffers, uint32_t count, int flags)
{
    if (count == 1)
        return host_call_sendto(fd, buffers[0].base, (size_t)buffers[0].length, flags, NULL, 0);
    struct iovec vector[BUFFERS_ON_STACK];
    if (count > BUFFERS_ON_STACK)
        count = BUFFERS_ON_STACK;
    translate(vector, buffers, count);
    struct msghdr message = {.msg_iov = vector, .msg_iovlen = count};
    return sendmsg(fd, &message, flags);
}

static ssize_t receive_stream(int fd, const struct host_buffer *buffers, uint32_t count, int flags)
{
    if (count == 1)
        return host_call_recvfrom(fd, buffers[0].base, (size_t)buffers[0].length, flags, NULL, NULL);
    struct iovec vector[BUFFERS_ON_STACK];
    if (count > BUFFERS_ON_STACK)
        count = BUFFERS_ON_STACK;
    translate(vector, buffers, count);
    struct msghdr message = {.msg_iov = vector, .msg_iovlen = count};
    return recvmsg(fd, &message, flags);
}

host_status host_send(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    size_t *ret_bytes)
{
    int error = host_fault(HOST_CALL_SEND);
    int native = native_flags(flags & ~(uint32_t)HOST_MSG_PEEK);
    ssize_t sent;
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_SEND);
    do
        sent = send_stream(fd, buffers, count, native);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return host_status_from_errno(errno, HOST_CALL_SEND);
    *ret_bytes = (size_t)sent;
    return H_STATUS_SUCCESS;
}

host_status host_receive(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    size_t *ret_bytes)
{
    int error = host_fault(HOST_CALL_RECEIVE);
    int native = native_flags(flags & ~(uint32_t)HOST_MSG_DONTROUTE) & ~MSG_NOSIGNAL;
    ssize_t got;
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_RECEIVE);
    do
        got = receive_stream(fd, buffers, count, native);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return host_status_from_errno(errno, HOST_CALL_RECEIVE);
    *ret_bytes = (size_t)got;
    return H_STATUS_SUCCESS;
}

host_status host_count_rest(int fd)
{
    int on = 1;
    return setsockopt(fd, IPPROTO_TCP, TCP_INQ, &on, sizeof on) == 0 ? H_STATUS_SUCCESS
                                                                   : H_STATUS_INVALID_PARAMETER;
}

host_status host_receive_counting(int fd, const struct host_buffer *buffers, uint32_t count, size_t *ret_bytes,
    uint32_t *ret_rest)
{
    struct iovec vector[BUFFERS_ON_STACK];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    int error = host_fault(HOST_CALL_RECEIVE);
    ssize_t got;
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_RECEIVE);
    if (count > BUFFERS_ON_STACK)
        count = BUFFERS_ON_STACK;
    translate(vector, buffers, count);
    struct msghdr message = {
        .msg_iov = vector, .msg_iovlen = count, .msg_control = &control, .msg_controllen = sizeof control};
    do
        got = host_call_recvmsg(fd, &message, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return host_status_from_errno(errno, HOST_CALL_RECEIVE);
    *ret_bytes = (size_t)got;
    *ret_rest = HOST_REST_UNKNOWN;
    if (message.msg_controllen >= CMSG_LEN(sizeof(int)) && control.header.cmsg_level == IPPROTO_TCP &&
        control.header.cmsg_type == TCP_CM_INQ)
        memcpy(ret_rest, CMSG_DATA(&control.header), sizeof(int));
    return H_STATUS_SUCCESS;
}

/* The vector for a whole datagram, or NULL; free it with release_vector. */
static struct iovec *whole_vector(struct iovec *small, uint32_t count)
{
    if (count <= BUFFERS_ON_STACK)
        return small;
    return count <= IOV_MAX ? host_allocate(count * sizeof *small) : NULL;
}

static void release_vector(struct iovec *vector, const struct iovec *small)
{
    if (vector != small)
        host_free(vector);
}

/* what an ICMP message is turned into */
static int is_network_error(int error)
{
    switch (error) {
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case EPROTO:
    case EMSGSIZE:
    case EACCES:
        return 1;
    default:
        return 0;
    }
}

int host_is_network_error(host_status status)
{
    return status == H_STATUS_PORT_UNREACHABLE || status == H_STATUS_HOST_UNREACHABLE ||
        status == H_STATUS_NETWORK_UNREACHABLE || status == host_status_from_errno(EPROTO, HOST_CALL_DATAGRAM) ||
        status == host_status_from_errno(EMSGSIZE, HOST_CALL_DATAGRAM) || status == H_STATUS_ACCESS_DENIED;
}

host_status host_take_error(int fd)
{
    union {
        struct cmsghdr header;
        uint8_t bytes[256];
    } control;
    struct msghdr message = {.msg_control = &control, .msg_controllen = sizeof control};
    if (recvmsg(fd, &message, MSG_ERRQUEUE) < 0)
        return H_STATUS_DEVICE_NOT_READY;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
        struct sock_extended_err error;
        if (header->cmsg_len < CMSG_LEN(sizeof error))
            continue;
        memcpy(&error, CMSG_DATA(header), sizeof error);
        if (error.ee_errno == ECONNREFUSED)
            return H_STATUS_PORT_UNREACHABLE;
    }
    return H_STATUS_SUCCESS;
}

static int is_plain(const struct msghdr *message)
{
    return message->msg_iovlen == 1 && message->msg_control == NULL;
}

/* One buffer and no control data, the common case, need no message header. */
static ssize_t send_datagram(int fd, const struct msghdr *message, int flags)
{
    if (!is_plain(message))
        return sendmsg(fd, message, flags);
    return host_call_sendto(fd, message->msg_iov->iov_base, message->msg_iov->iov_len, flags, message->msg_name,
        message->msg_namelen);
}

/* The same; that the datagram was cut is then seen from its length. */
static ssize_t receive_datagram(int fd, struct msghdr *message, int flags)
{
    if (!is_plain(message))
        return recvmsg(fd, message, flags);
    ssize_t got = host_call_recvfrom(fd, message->msg_iov->iov_base, message->msg_iov->iov_len, flags | MSG_TRUNC,
        message->msg_name, message->msg_name != NULL ? &message->msg_namelen : NULL);
    if (got < 0 || (size_t)got <= message->msg_iov->iov_len)
        return got;
    message->msg_flags |= MSG_TRUNC;
    return (ssize_t)message->msg_iov->iov_len;
}

host_status host_send_datagram(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    const void *address, uint32_t address_length, struct msghdr *message, size_t *ret_bytes, int *ret_error_kept)
{
    struct iovec small[BUFFERS_ON_STACK];
    struct sockaddr_storage native;
    if (address_length != 0) {
        socklen_t length;
        host_status status = host_address_from_windows(&native, &length, address, address_length);
        if (status != H_STATUS_SUCCESS)
            return status;
        message->msg_name = &native;
        message->msg_namelen = length;
    }
    int error = host_fault(HOST_CALL_DATAGRAM);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_DATAGRAM);
    struct iovec *vector = whole_vector(small, count);
    if (vector == NULL)
        return H_STATUS_INSUFFICIENT_RESOURCES;
    translate(vector, buffers, count);
    message->msg_iov = vector;
    message->msg_iovlen = count;
    ssize_t sent;
    int retried = 0;
    for (;;) {
        sent = send_datagram(fd, message, native_flags(flags & ~(uint32_t)HOST_MSG_PEEK));
        error = sent < 0 ? errno : 0;
        /*
         * It may be the error of an earlier datagram, which Windows reports to receivers, never to a
         * sender [guess]. Then it is gone from the socket now, and the second attempt is not bothered.
         */
        if (is_network_error(error) && !retried)
            *ret_error_kept = retried = 1;
        else if (error != EINTR)
            break;
    }
    release_vector(vector, small);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_DATAGRAM);
    *ret_bytes = (size_t)sent;
    return H_STATUS_SUCCESS;
}

host_status host_send_to(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    const void *address, uint32_t address_length, size_t *ret_bytes, int *ret_error_kept)
{
    struct msghdr message = {0};
    return host_send_datagram(fd, buffers, count, flags, address, address_length, &message, ret_bytes, ret_error_kept);
}

host_status host_receive_datagram(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    void *address, uint32_t *address_length, struct msghdr *message, uint32_t *out_flags, size_t *ret_bytes)
{
    struct iovec small[BUFFERS_ON_STACK];
    struct sockaddr_storage native;
    int error = host_fault(HOST_CALL_DATAGRAM);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_DATAGRAM);
    struct iovec *vector = whole_vector(small, count);
    if (vector == NULL)
        return H_STATUS_INSUFFICIENT_RESOURCES;
    translate(vector, buffers, count);
    message->msg_iov = vector;
    message->msg_iovlen = count;
    if (address != NULL) {
        message->msg_name = &native;
        message->msg_namelen = sizeof native;
    }
    ssize_t got;
    do
        got = receive_datagram(fd, message, native_flags(flags & ~(uint32_t)HOST_MSG_DONTROUTE) & ~MSG_NOSIGNAL);
    while (got < 0 && errno == EINTR);
    error = got < 0 ? errno : 0;
    release_vector(vector, small);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_DATAGRAM);
    if (address != NULL)
        host_address_to_windows(address, address_length, &native, message->msg_namelen);
    *out_flags = message->msg_flags & MSG_TRUNC ? HOST_MSG_TRUNCATED : 0;
    *ret_bytes = (size_t)got;
    return H_STATUS_SUCCESS;
}

host_status host_receive_from(int fd, const struct host_buffer *buffers, uint32_t count, uint32_t flags,
    void *address, uint32_t *address_length, uint32_t *out_flags, size_t *ret_bytes)
{
    struct msghdr message = {0};
    return host_receive_datagram(fd, buffers, count, flags, address, address_length, &message, out_flags, ret_bytes);
}
