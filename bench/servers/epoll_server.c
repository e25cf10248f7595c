/* SPDX-License-Identifier: MIT */
/*
 * epoll_server.c - the twin of iocp_server.c on plain epoll, as a competent author would write it: level-triggered,
 * non-blocking, read once per event and write at once, EPOLLOUT only when the socket is full.
 */
#include "posix_server.h"

#include <pthread.h>
#include <sys/epoll.h>

enum { EVENTS = 64, THREADS_MAX = 64 };

struct connection {
    int fd;
    int set; /* the epoll instance of its thread */
    int length, sent; /* of what could not be sent at once */
    char buffer[];
};

static struct server_options options;
static int listener, sets[THREADS_MAX]; /* connections are dealt out to the threads in turn */

static void end_connection(struct connection *connection)
{
    close(connection->fd);
    free(connection);
}

static void watch(struct connection *connection, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};
    if (epoll_ctl(connection->set, operation, connection->fd, &event) != 0)
        server_fail("epoll_ctl");
}

/* 0: all gone, 1: the socket is full, -1: over */
static int flush_out(struct connection *connection)
{
    while (connection->sent < connection->length) {
        ssize_t bytes = send(connection->fd, connection->buffer + connection->sent,
            (size_t)(connection->length - connection->sent), MSG_NOSIGNAL);
        if (bytes < 0)
            return errno == EAGAIN ? 1 : -1;
        connection->sent += (int)bytes;
    }
    connection->length = connection->sent = 0;
    return 0;
}

static void serve(struct connection *connection, uint32_t events)
{
    int full = 0;
    if (connection->length != 0) {
        full = flush_out(connection);
        if (full == 0)
            watch(connection, EPOLL_CTL_MOD, EPOLLIN);
    } else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        ssize_t bytes = recv(connection->fd, connection->buffer, (size_t)options.buffer_bytes, 0);
        if (bytes < 0 && errno == EAGAIN)
            return;
        if (bytes <= 0) {
            end_connection(connection);
            return;
        }
        if (options.mode == MODE_SINK)
            return;
        connection->length = (int)bytes;
        full = flush_out(connection);
        if (full == 1)
            watch(connection, EPOLL_CTL_MOD, EPOLLOUT);
    }
    if (full < 0)
        end_connection(connection);
}

static void accept_all(void)
{
    static unsigned next;
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (options.mode == MODE_ACCEPT) {
            close(fd);
            continue;
        }
        struct connection *connection = malloc(sizeof *connection + (size_t)options.buffer_bytes);
        if (connection == NULL)
            server_fail("malloc");
        connection->fd = fd;
        connection->set = sets[next++ % (unsigned)options.threads];
        connection->length = connection->sent = 0;
        server_set_nodelay(fd);
        watch(connection, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static void echo_datagrams(void)
{
    static _Thread_local char buffer[65536];
    struct sockaddr_in from;
    for (;;) {
        socklen_t length = sizeof from;
        ssize_t bytes = recvfrom(listener, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length);
        if (bytes < 0)
            return;
        (void)sendto(listener, buffer, (size_t)bytes, 0, (struct sockaddr *)&from, length);
    }
}

static void *work(void *context)
{
    struct epoll_event events[EVENTS];
    for (;;) {
        int count = epoll_wait(*(const int *)context, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr != NULL)
                serve(events[i].data.ptr, events[i].events);
            else if (options.mode == MODE_UDP)
                echo_datagrams();
            else
                accept_all();
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct epoll_event event = {.events = EPOLLIN};
    options = server_options(argc, argv);
    if (options.threads < 1 || options.threads > THREADS_MAX)
        return 2;
    for (int i = 0; i < options.threads; i++)
        sets[i] = epoll_create1(EPOLL_CLOEXEC);
    listener = server_open(&options, SOCK_NONBLOCK, sizeof(struct connection) + (size_t)options.buffer_bytes);
    if (epoll_ctl(sets[0], EPOLL_CTL_ADD, listener, &event) != 0)
        server_fail("epoll_ctl");
    for (int i = 1; i < options.threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, &sets[i]) != 0)
            server_fail("pthread_create");
    }
    return work(&sets[0]) == NULL;
}
