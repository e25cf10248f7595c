/* SPDX-License-Identifier: MIT */
/*
 * host_socket.c - life of a socket: create, listen, accept, connect, shut down, close, names.
 *
 * Layer: host. NT counterpart: tcpip.sys, seen through TDI. Binding is in host_bind.c, data in
 * host_data.c, options in host_option.c.
 */
#include "host_socket.h"

#include "host_bound.h"
#include "host_call.h"
#include "host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/sockios.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WINDOWS_SOCK_STREAM 1
#define WINDOWS_SOCK_DGRAM 2
#define WINDOWS_SOCK_RAW 3
#ifndef SOL_RAW
#define SOL_RAW 255
#endif

/*
 * Windows tells a datagram socket, connected or not, that a datagram found its port closed. Linux does so
 * only with these options, which keep such errors in a queue beside the data. They cannot fail on UDP.
 */
static void keep_errors(int fd, int native)
{
    const int on = 1;
    (void)!setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    if (native == AF_INET6)
        (void)!setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

/*
 * Windows answers echo requests below its raw sockets and gives these the replies alone; on Linux a
 * program that pings its own machine would also receive what it has sent. [test:wine/ws2_32/sock.c
 * test_icmp, test_icmpv6]
 */
static void keep_echo_requests_away(int fd, int protocol)
{
    if (protocol == IPPROTO_ICMP) {
        const struct icmp_filter filter = {.data = 1u << ICMP_ECHO};
        (void)!setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
    } else if (protocol == IPPROTO_ICMPV6) {
        struct icmp6_filter filter;
        ICMP6_FILTER_SETPASSALL(&filter);
        ICMP6_FILTER_SETBLOCK(ICMP6_ECHO_REQUEST, &filter);
        (void)!setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
    }
}

/*
 * A raw socket of no protocol does not exist on Linux. What comes nearest sends any packet and receives
 * none; the program does not write the header, though.
 */
static int raw_of_any_protocol(int native)
{
    const int off = 0;
    int fd = socket(native, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
    if (fd >= 0 && native == AF_INET6)
        (void)!setsockopt(fd, IPPROTO_IPV6, HOST_IPV6_HDRINCL, &off, sizeof off);
    else if (fd >= 0)
        (void)!setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &off, sizeof off);
    return fd;
}

host_status host_socket(int family, int type, int protocol, int *ret_fd)
{
    int error = host_fault(HOST_CALL_SOCKET);
    int native = host_family_from_windows(family);
    if (native < 0 || type < WINDOWS_SOCK_STREAM || type > WINDOWS_SOCK_RAW)
        return H_STATUS_PROTOCOL_NOT_SUPPORTED;
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_SOCKET);
    int is_any = type == WINDOWS_SOCK_RAW && protocol == 0;
    int fd = is_any ? raw_of_any_protocol(native) : socket(native, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0)
        return host_status_from_errno(errno, HOST_CALL_SOCKET);
    if (native == AF_INET6) {
        const int on = 1;
        if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0 && type != WINDOWS_SOCK_RAW) {
            error = errno;
            close(fd);
            return host_status_from_errno(error, HOST_CALL_SOCKET);
        }
    }
    if (type == WINDOWS_SOCK_DGRAM)
        keep_errors(fd, native);
    else if (type == WINDOWS_SOCK_RAW)
        keep_echo_requests_away(fd, protocol);
    *ret_fd = fd;
    return H_STATUS_SUCCESS;
}

void host_close(int fd)
{
    host_bound_forget(fd);
    /* Linux releases the descriptor even when close() is interrupted: never call it again. */
    (void)!host_call_close(fd);
}

host_status host_duplicate(int fd, int *ret_fd)
{
    int error = host_fault(HOST_CALL_SOCKET);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_SOCKET);
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return host_status_from_errno(errno, HOST_CALL_SOCKET);
    *ret_fd = copy;
    return H_STATUS_SUCCESS;
}

host_status host_replace(int fd, int with)
{
    int result;
    host_bound_forget(fd);
    /* EBUSY: another thread is just opening something under this number, which is taken: it will see. */
    do
        result = dup3(with, fd, O_CLOEXEC);
    while (result < 0 && (errno == EINTR || errno == EBUSY));
    if (result < 0)
        return host_status_from_errno(errno, HOST_CALL_ANY);
    close(with);
    return H_STATUS_SUCCESS;
}

/*
 * Linux spreads connections over listeners that share an address, Windows gives them to the first: a program of
 * the group says so. [test:wine/ws2_32/sock.c reuseaddr]
 */
static void deliver_to_first(int fd)
{
    /* Static, so that the room between its members is zero: the host is handed all of it. */
    static struct sock_filter first = {BPF_RET | BPF_K, 0, 0, 0};
    static const struct sock_fprog program = {1, &first};
    if (host_int_option(fd, SOL_SOCKET, SO_REUSEPORT) > 0)
        (void)!setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
}

/* Linux compares the addresses once more, and listeners sharply. What Windows thinks of it, it said at the bind. */
static int listen_beside(int fd, int backlog)
{
    host_status verdict;
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int error = EADDRINUSE;
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return error;
    if (host_bound_lend(fd, &address, &verdict) != 0)
        error = listen(fd, backlog) == 0 ? 0 : errno;
    host_bound_take_back(fd);
    return error;
}

host_status host_listen(int fd, int backlog)
{
    int error = host_fault(HOST_CALL_LISTEN);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_LISTEN);
    /* See host_bind.c: connections of this listener shall not keep its successor from binding. */
    host_set_flag(fd, SO_REUSEADDR, 1);
    if (listen(fd, backlog) != 0)
        error = errno;
    if (error == EADDRINUSE)
        error = listen_beside(fd, backlog);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_LISTEN);
    deliver_to_first(fd);
    return H_STATUS_SUCCESS;
}

/*
 * Linux hands network errors of a connection that is still in the queue to accept(); they concern
 * that connection alone, which is gone then. [man accept(2), "Error handling"]
 */
static int is_lost_connection(int error)
{
    switch (error) {
    case ECONNABORTED:
    case EINTR:
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ENETUNREACH:
        return 1;
    default:
        return 0;
    }
}

host_status host_accept(int fd, int *ret_fd, void *address, uint32_t *address_length)
{
    struct sockaddr_storage peer;
    int error = host_fault(HOST_CALL_ACCEPT);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_ACCEPT);
    for (;;) {
        socklen_t length = sizeof peer;
        int accepted = host_call_accept4(fd, &peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted >= 0) {
            if (address != NULL)
                host_address_to_windows(address, address_length, &peer, length);
            *ret_fd = accepted;
            return H_STATUS_SUCCESS;
        }
        if (!is_lost_connection(errno))
            return host_status_from_errno(errno, HOST_CALL_ACCEPT);
    }
}

/*
 * Windows asks for SO_BROADCAST when a datagram names a broadcast address, not when one becomes the
 * peer; Linux asks at connect(), and not again for what is sent to the peer.
 * [test:wine/ws2_32/sock.c test_broadcast]
 */
static int connect_to_broadcast(int fd, const struct sockaddr_storage *address, socklen_t length)
{
    const int on = 1, off = 0;
    if (host_int_option(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM || host_int_option(fd, SOL_SOCKET, SO_BROADCAST) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0) {
        errno = EACCES;
        return 0;
    }
    int error = connect(fd, (const struct sockaddr *)address, length) == 0 ? 0 : errno;
    (void)!setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &off, sizeof off);
    errno = error;
    return error == 0;
}

host_status host_connect(int fd, const void *address, uint32_t length)
{
    struct sockaddr_storage native;
    socklen_t native_length;
    host_status status = host_address_from_windows(&native, &native_length, address, length);
    if (status != H_STATUS_SUCCESS)
        return status;
    int error = host_fault(HOST_CALL_CONNECT);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_CONNECT);
    /* An interrupted connect goes on: EINTR means what EINPROGRESS means. */
    if (connect(fd, (struct sockaddr *)&native, native_length) == 0)
        return H_STATUS_SUCCESS;
    if (errno == EACCES && connect_to_broadcast(fd, &native, native_length))
        return H_STATUS_SUCCESS;
    return errno == EINTR ? H_STATUS_PENDING : host_status_from_errno(errno, HOST_CALL_CONNECT);
}

host_status host_connect_result(int fd)
{
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        error = errno;
    if (error != 0) {
        /* Reading the error does not end the attempt: without this the next connect() says ECONNABORTED. */
        struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
        (void)!connect(fd, &nowhere, sizeof nowhere);
        return host_status_from_errno(error, HOST_CALL_CONNECT);
    }
    /* No error, but also not there yet: the edge belonged to something else. */
    struct sockaddr_storage peer;
    length = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &length) != 0) {
        struct host_poll_item item = {fd, HOST_POLL_OUT, 0};
        if (host_wait(&item, 1, -1, 0) == 0)
            return H_STATUS_PENDING;
        /* Established and reset again before anybody looked. */
        return errno == ENOTCONN ? H_STATUS_CONNECTION_RESET : H_STATUS_UNSUCCESSFUL;
    }
    return H_STATUS_SUCCESS;
}

host_status host_disconnect(int fd)
{
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    if (connect(fd, &nowhere, sizeof nowhere) != 0)
        return host_status_from_errno(errno, HOST_CALL_CONNECT);
    return H_STATUS_SUCCESS;
}

host_status host_shutdown(int fd, unsigned how)
{
    int native = how == HOST_SHUTDOWN_RECEIVE ? SHUT_RD : how == HOST_SHUTDOWN_SEND ? SHUT_WR : SHUT_RDWR;
    if (shutdown(fd, native) != 0)
        return host_status_from_errno(errno, HOST_CALL_ANY);
    return H_STATUS_SUCCESS;
}

host_status host_set_abortive_close(int fd)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now) != 0)
        return host_status_from_errno(errno, HOST_CALL_OPTION);
    return H_STATUS_SUCCESS;
}

host_status host_get_local_address(int fd, void *address, uint32_t *length)
{
    struct sockaddr_storage native;
    socklen_t native_length = sizeof native;
    if (getsockname(fd, (struct sockaddr *)&native, &native_length) != 0)
        return host_status_from_errno(errno, HOST_CALL_ANY);
    host_address_to_windows(address, length, &native, native_length);
    return H_STATUS_SUCCESS;
}

host_status host_get_remote_address(int fd, void *address, uint32_t *length)
{
    struct sockaddr_storage native;
    socklen_t native_length = sizeof native;
    if (getpeername(fd, (struct sockaddr *)&native, &native_length) != 0)
        return host_status_from_errno(errno, HOST_CALL_ANY);
    host_address_to_windows(address, length, &native, native_length);
    return H_STATUS_SUCCESS;
}

host_status host_bytes_readable(int fd, uint32_t *ret_bytes)
{
    int bytes = 0;
    if (ioctl(fd, FIONREAD, &bytes) != 0)
        return host_status_from_errno(errno, HOST_CALL_ANY);
    *ret_bytes = bytes > 0 ? (uint32_t)bytes : 0;
    return H_STATUS_SUCCESS;
}

host_status host_bytes_unsent(int fd, uint32_t *ret_bytes)
{
    int bytes = 0;
    if (ioctl(fd, SIOCOUTQ, &bytes) != 0)
        return host_status_from_errno(errno, HOST_CALL_ANY);
    *ret_bytes = bytes > 0 ? (uint32_t)bytes : 0;
    return H_STATUS_SUCCESS;
}

host_status host_connections_waiting(int fd, uint32_t *ret_count)
{
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
        return host_status_from_errno(errno, HOST_CALL_ANY);
    *ret_count = info.tcpi_unacked; /* of a listening socket: the length of its queue */
    return H_STATUS_SUCCESS;
}

host_status host_at_mark(int fd, int *ret_at_mark)
{
    if (ioctl(fd, SIOCATMARK, ret_at_mark) != 0)
        return host_status_from_errno(errno, HOST_CALL_ANY);
    return H_STATUS_SUCCESS;
}
