/* SPDX-License-Identifier: MIT */
/*
 * load.h - the load generator: plain Linux code, one thread, the same for every server.
 *
 * A workload is a number of slots, each of which does one operation after another. load.c runs them and
 * keeps the time; load_tcp.c, load_udp.c say what an operation is.
 */
#ifndef LOAD_H
#define LOAD_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/epoll.h>

enum { PIECE_BYTES = 65536 };

struct slot {
    int fd;
    int phase;
    int received, sent;
    uint64_t began_ns;
};

struct workload {
    const char *name;
    /* Begins an operation; it may be over at once. */
    void (*begin)(struct slot *slot);
    /* The descriptor is ready. 1: the operation is over. */
    int (*ready)(struct slot *slot, uint32_t events);
    void (*timeout)(struct slot *slot); /* nothing came for a while; NULL: that is an error */
};

struct load {
    int set;
    int message_bytes;
    struct sockaddr_in server;
    unsigned char *piece; /* PIECE_BYTES of data */
    unsigned char *sink;
};
extern struct load load;

extern const struct workload load_echo, load_accept, load_short, load_stream, load_sink, load_udp;

__attribute__((noreturn)) void load_fail(const char *what);
/* A connecting non-blocking socket in the slot, watched for both directions, edge-triggered. */
void load_connect(struct slot *slot);
void load_watch(struct slot *slot, uint32_t events);

#endif
