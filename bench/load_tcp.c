/* SPDX-License-Identifier: MIT */
/* load_tcp.c - operations over connections that stay (echo, stream, sink) and that do not (accept, short). */
#include "load.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTING, TALKING };

/* Sends up to total bytes of the slot's message; what does not fit waits for the next event. */
static void push(struct slot *slot, int total)
{
    while (slot->sent < total) {
        ssize_t bytes = send(slot->fd, load.piece, (size_t)(total - slot->sent), MSG_NOSIGNAL);
        if (bytes < 0) {
            if (errno != EAGAIN)
                load_fail("send");
            return;
        }
        slot->sent += (int)bytes;
    }
}

/* Reads until there is nothing; 1: total has come. Only an echo that stays open may not end. */
static int pull(struct slot *slot, int total)
{
    while (slot->received < total) {
        ssize_t bytes = recv(slot->fd, load.sink, (size_t)(total - slot->received), 0);
        if (bytes == 0)
            errno = ECONNRESET;
        if (bytes <= 0) {
            if (errno != EAGAIN)
                load_fail("recv");
            return 0;
        }
        slot->received += (int)bytes;
    }
    return 1;
}

static void restart(struct slot *slot, int total)
{
    slot->received = slot->sent = 0;
    if (slot->fd < 0) {
        slot->phase = CONNECTING;
        load_connect(slot);
    } else {
        push(slot, total);
    }
}

static int exchange(struct slot *slot, uint32_t events, int total)
{
    if (slot->phase == CONNECTING && (events & EPOLLOUT) == 0)
        return 0;
    slot->phase = TALKING;
    push(slot, total);
    return pull(slot, total);
}

static void begin_echo(struct slot *slot)
{
    restart(slot, load.message_bytes);
}

static int ready_echo(struct slot *slot, uint32_t events)
{
    return exchange(slot, events, load.message_bytes);
}

const struct workload load_echo = {"echo", begin_echo, ready_echo, 0};

static void begin_stream(struct slot *slot)
{
    restart(slot, PIECE_BYTES);
}

static int ready_stream(struct slot *slot, uint32_t events)
{
    return exchange(slot, events, PIECE_BYTES);
}

const struct workload load_stream = {"stream", begin_stream, ready_stream, 0};

/* One way: over when the piece is in the socket. A new one needs an event, so one is always left to wait for. */
static int ready_sink(struct slot *slot, uint32_t events)
{
    if ((events & EPOLLOUT) == 0)
        return 0;
    slot->phase = TALKING;
    push(slot, PIECE_BYTES);
    return slot->sent == PIECE_BYTES;
}

static void begin_sink(struct slot *slot)
{
    int full = slot->fd >= 0;
    slot->sent = 0;
    if (!full) {
        restart(slot, PIECE_BYTES);
        return;
    }
    /* Until the socket is full no edge comes: the event is asked for again. */
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = slot};
    if (epoll_ctl(load.set, EPOLL_CTL_MOD, slot->fd, &event) != 0)
        load_fail("epoll_ctl");
}

const struct workload load_sink = {"sink", begin_sink, ready_sink, 0};

/* The server accepts and closes. */
static int ready_accept(struct slot *slot, uint32_t events)
{
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0)
        return 0;
    close(slot->fd);
    slot->fd = -1;
    return 1;
}

const struct workload load_accept = {"accept", begin_echo, ready_accept, 0};

/* Connect, one exchange, close. */
static int ready_short(struct slot *slot, uint32_t events)
{
    if (!exchange(slot, events, load.message_bytes))
        return 0;
    close(slot->fd);
    slot->fd = -1;
    return 1;
}

const struct workload load_short = {"short", begin_echo, ready_short, 0};
