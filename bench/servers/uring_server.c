/* SPDX-License-Identifier: MIT */
/*
 * uring_server.c - the twin on plain io_uring: one ring, multishot accept, receive and send in turn, submitted
 * with the wait.
 */
#include "posix_server.h"

#include <liburing.h>

enum { RING_ENTRIES = 4096, BATCH = 256 };
enum kind { ACCEPTING, RECEIVING, SENDING };

struct connection {
    int fd;
    enum kind kind;
    int length, sent;
    struct sockaddr_in from;
    struct msghdr message;
    struct iovec vector;
    char buffer[];
};

static struct server_options options;
static struct io_uring ring;
static int listener;
static struct connection accepting = {.kind = ACCEPTING};

static struct io_uring_sqe *next_entry(void)
{
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
    if (entry == NULL) {
        io_uring_submit(&ring);
        entry = io_uring_get_sqe(&ring);
    }
    if (entry == NULL)
        server_fail("io_uring_get_sqe");
    return entry;
}

static void start_accept(void)
{
    struct io_uring_sqe *entry = next_entry();
    io_uring_prep_multishot_accept(entry, listener, NULL, NULL, SOCK_CLOEXEC);
    io_uring_sqe_set_data(entry, &accepting);
}

static void start(struct connection *connection, enum kind kind)
{
    struct io_uring_sqe *entry = next_entry();
    connection->kind = kind;
    connection->vector.iov_base = connection->buffer + connection->sent;
    connection->vector.iov_len =
        (size_t)(kind == SENDING ? connection->length - connection->sent : options.buffer_bytes);
    if (options.mode == MODE_UDP) {
        connection->message =
            (struct msghdr){&connection->from, sizeof connection->from, &connection->vector, 1, NULL, 0, 0};
        if (kind == SENDING)
            io_uring_prep_sendmsg(entry, connection->fd, &connection->message, 0);
        else
            io_uring_prep_recvmsg(entry, connection->fd, &connection->message, 0);
    } else if (kind == SENDING) {
        io_uring_prep_send(
            entry, connection->fd, connection->vector.iov_base, connection->vector.iov_len, MSG_NOSIGNAL);
    } else {
        io_uring_prep_recv(entry, connection->fd, connection->vector.iov_base, connection->vector.iov_len, 0);
    }
    io_uring_sqe_set_data(entry, connection);
}

static struct connection *new_connection(int fd)
{
    struct connection *connection = calloc(1, sizeof *connection + (size_t)options.buffer_bytes);
    if (connection == NULL)
        server_fail("malloc");
    connection->fd = fd;
    return connection;
}

static void accepted(int result, unsigned flags)
{
    if ((flags & IORING_CQE_F_MORE) == 0)
        start_accept();
    if (result < 0)
        return;
    if (options.mode == MODE_ACCEPT) {
        close(result);
        return;
    }
    server_set_nodelay(result);
    start(new_connection(result), RECEIVING);
}

static void completed(struct connection *connection, int result)
{
    if (result <= 0 && options.mode != MODE_UDP) {
        close(connection->fd);
        free(connection);
    } else if (connection->kind == RECEIVING) {
        connection->length = result;
        connection->sent = 0;
        start(connection, options.mode == MODE_SINK ? RECEIVING : SENDING);
    } else if ((connection->sent += result) < connection->length) {
        start(connection, SENDING);
    } else {
        connection->sent = 0;
        start(connection, RECEIVING);
    }
}

int main(int argc, char **argv)
{
    struct io_uring_params parameters = {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
    options = server_options(argc, argv);
    if (io_uring_queue_init_params(RING_ENTRIES, &ring, &parameters) != 0 &&
        io_uring_queue_init(RING_ENTRIES, &ring, 0) != 0)
        server_fail("io_uring_queue_init");
    listener = server_open(&options, 0, sizeof(struct connection) + (size_t)options.buffer_bytes);
    if (options.mode == MODE_UDP) {
        for (int i = 0; i < 16; i++)
            start(new_connection(listener), RECEIVING);
    } else {
        start_accept();
    }
    for (;;) {
        struct io_uring_cqe *completions[BATCH];
        int result = io_uring_submit_and_wait(&ring, 1);
        if (result < 0 && result != -EINTR)
            server_fail("io_uring_submit_and_wait");
        unsigned count = io_uring_peek_batch_cqe(&ring, completions, BATCH);
        for (unsigned i = 0; i < count; i++) {
            struct connection *connection = io_uring_cqe_get_data(completions[i]);
            int bytes = completions[i]->res;
            unsigned flags = completions[i]->flags;
            if (connection == &accepting)
                accepted(bytes, flags);
            else
                completed(connection, bytes);
        }
        io_uring_cq_advance(&ring, count);
    }
}
