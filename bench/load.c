/* SPDX-License-Identifier: MIT */
/*
 * load.c - runs one workload against one server and prints what it cost, as one JSON line.
 *
 * Usage: load WORKLOAD PORT PID SLOTS MESSAGE_BYTES WARM_OPS OPS
 * WORKLOAD: echo, accept, short, stream (64 KiB pieces echoed), sink (one way), udp, idle.
 *
 * Prints "ready" after the warm-up and waits for a line on standard input, so that the caller can attach
 * to the server first; after its JSON line too, before its connections close. CPU time is that of process PID,
 * all threads.
 */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, QUIET_MS = 2000, SOURCES = 100 };

struct load load;
static const struct workload *const workloads[] = {
    &load_echo, &load_accept, &load_short, &load_stream, &load_sink, &load_udp};

void load_fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        load_fail("clock_gettime");
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void load_watch(struct slot *slot, uint32_t events)
{
    struct epoll_event event = {.events = events | EPOLLET, .data.ptr = slot};
    if (epoll_ctl(load.set, EPOLL_CTL_ADD, slot->fd, &event) != 0)
        load_fail("epoll_ctl");
}

void load_connect(struct slot *slot)
{
    /* Many source addresses: connections that were closed keep their ports for a while. */
    static unsigned source;
    struct sockaddr_in from = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + source++ % SOURCES)};
    int on = 1;
    slot->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (slot->fd < 0)
        load_fail("socket");
    setsockopt(slot->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(slot->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(slot->fd, (struct sockaddr *)&from, sizeof from) != 0)
        load_fail("bind");
    if (connect(slot->fd, (struct sockaddr *)&load.server, sizeof load.server) != 0 && errno != EINPROGRESS)
        load_fail("connect");
    load_watch(slot, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
}

/* --- running --- */

struct run {
    const struct workload *workload;
    struct slot *slots;
    int count;
    uint64_t *latencies; /* of each operation; NULL in the warm-up */
    long target, begun, done;
};

static void finish(struct run *run, struct slot *slot)
{
    uint64_t now = now_ns(CLOCK_MONOTONIC);
    if (run->latencies != NULL)
        run->latencies[run->done] = now - slot->began_ns;
    run->done++;
    if (run->begun < run->target) {
        run->begun++;
        slot->began_ns = now;
        run->workload->begin(slot);
    } else {
        slot->began_ns = 0;
    }
}

static void run_operations(struct run *run)
{
    struct epoll_event events[EVENTS];
    for (int i = 0; i < run->count && run->begun < run->target; i++) {
        run->begun++;
        run->slots[i].began_ns = now_ns(CLOCK_MONOTONIC);
        run->workload->begin(&run->slots[i]);
    }
    while (run->done < run->begun) {
        int ready = epoll_wait(load.set, events, EVENTS, QUIET_MS);
        if (ready == 0 && run->workload->timeout == NULL) {
            fprintf(stderr, "load: %s: no answer for %d ms after %ld operations\n", run->workload->name, QUIET_MS,
                run->done);
            exit(1);
        }
        for (int i = 0; ready == 0 && i < run->count; i++)
            if (run->slots[i].began_ns != 0)
                run->workload->timeout(&run->slots[i]);
        for (int i = 0; i < ready; i++) {
            struct slot *slot = events[i].data.ptr;
            if (slot->began_ns != 0 && run->workload->ready(slot, events[i].events))
                finish(run, slot);
        }
    }
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void wait_for_go(void)
{
    char line[8];
    printf("ready\n");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        exit(1);
}

/* Opens connections and keeps them: the caller looks at the server's memory before and after. */
static int idle(struct slot *slots, int count)
{
    struct epoll_event events[EVENTS];
    wait_for_go();
    for (int i = 0; i < count; i++) {
        load_connect(&slots[i]);
        if (i % 64 == 63)
            (void)epoll_wait(load.set, events, EVENTS, 1);
    }
    while (epoll_wait(load.set, events, EVENTS, 500) > 0)
        ;
    wait_for_go();
    return 0;
}

int main(int argc, char **argv)
{
    size_t chosen = 0, known = sizeof workloads / sizeof workloads[0];
    clockid_t clock;
    if (argc != 8) {
        fprintf(stderr, "usage: load WORKLOAD PORT PID SLOTS MESSAGE_BYTES WARM_OPS OPS\n");
        return 2;
    }
    int count = atoi(argv[4]);
    long warm = atol(argv[6]), ops = atol(argv[7]);
    struct slot *slots = calloc((size_t)count, sizeof *slots);
    uint64_t *latencies = calloc((size_t)ops + 1, sizeof *latencies);
    load.set = epoll_create1(EPOLL_CLOEXEC);
    load.server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2])),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    load.message_bytes = atoi(argv[5]);
    load.piece = calloc(1, PIECE_BYTES);
    load.sink = calloc(1, PIECE_BYTES);
    if (slots == NULL || latencies == NULL || load.piece == NULL || load.sink == NULL || load.set < 0)
        load_fail("memory");
    for (int i = 0; i < count; i++)
        slots[i].fd = -1;
    if (strcmp(argv[1], "idle") == 0)
        return idle(slots, count);
    while (chosen < known && strcmp(workloads[chosen]->name, argv[1]) != 0)
        chosen++;
    if (chosen == known || clock_getcpuclockid(atoi(argv[3]), &clock) != 0)
        load_fail(argv[1]);

    struct run warming = {workloads[chosen], slots, count, NULL, warm < count ? count : warm, 0, 0};
    run_operations(&warming);
    wait_for_go();
    struct run run = {workloads[chosen], slots, count, latencies, ops, 0, 0};
    uint64_t cpu = now_ns(clock), wall = now_ns(CLOCK_MONOTONIC);
    run_operations(&run);
    wall = now_ns(CLOCK_MONOTONIC) - wall;
    cpu = now_ns(clock) - cpu;
    qsort(latencies, (size_t)run.done, sizeof *latencies, compare);
    printf("{\"ops\":%ld,\"wall_ns\":%llu,\"cpu_ns\":%llu,\"p50_ns\":%llu,\"p99_ns\":%llu}\n", run.done,
        (unsigned long long)wall, (unsigned long long)cpu, (unsigned long long)latencies[run.done / 2],
        (unsigned long long)latencies[run.done * 99 / 100]);
    fflush(stdout);
    (void)getchar(); /* the caller reads the counters now */
    return 0;
}
