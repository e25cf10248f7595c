/* SPDX-License-Identifier: MIT */
/* load_udp.c - echo of datagrams; one that is lost is sent again. */
#include "load.h"

#include <errno.h>
#include <sys/socket.h>

static void send_datagram(struct slot *slot)
{
    if (send(slot->fd, load.piece, (size_t)load.message_bytes, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
        load_fail("send");
}

static void begin(struct slot *slot)
{
    if (slot->fd < 0) {
        slot->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (slot->fd < 0 || connect(slot->fd, (struct sockaddr *)&load.server, sizeof load.server) != 0)
            load_fail("connect");
        load_watch(slot, EPOLLIN);
    }
    send_datagram(slot);
}

static int ready(struct slot *slot, uint32_t events)
{
    (void)events;
    return recv(slot->fd, load.sink, PIECE_BYTES, 0) > 0;
}

const struct workload load_udp = {"udp", begin, ready, send_datagram};
