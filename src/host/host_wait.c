/* SPDX-License-Identifier: MIT */
/*
 * host_wait.c - waiting for a few descriptors, and waking who waits.
 *
 * Layer: host. NT counterpart: none; this is what a blocked thread sleeps in when it polls for its own
 * request. Many descriptors, for long, belong in a host_poller.
 */
#include "host_socket.h"

#include "host_memory.h"
#include "host_private.h"
#include "host_thread.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define ITEMS_ON_STACK 64

struct event_pair {
    uint32_t host;
    short native;
};

static const struct event_pair event_pairs[] = {
    {HOST_POLL_IN, POLLIN},
    {HOST_POLL_OUT, POLLOUT},
    {HOST_POLL_PRI, POLLPRI},
    {HOST_POLL_HUP, POLLHUP},
    {HOST_POLL_RDHUP, POLLRDHUP},
    {HOST_POLL_ERR, POLLERR},
};
#define EVENT_PAIRS (sizeof event_pairs / sizeof event_pairs[0])

static short to_native(uint32_t events)
{
    short native = 0;
    for (size_t i = 0; i < EVENT_PAIRS; i++)
        native |= events & event_pairs[i].host ? event_pairs[i].native : 0;
    return native;
}

static uint32_t from_native(short native)
{
    uint32_t events = 0;
    for (size_t i = 0; i < EVENT_PAIRS; i++)
        events |= native & event_pairs[i].native ? event_pairs[i].host : 0;
    return events;
}

/* ppoll that EINTR does not end. Returns as poll, but never negative. */
static int poll_until(struct pollfd *polled, nfds_t count, int64_t timeout_100ns)
{
    uint64_t end = 0;
    if (timeout_100ns > 0)
        end = host_clock_monotonic_100ns() + (uint64_t)timeout_100ns;
    for (;;) {
        struct timespec interval;
        if (timeout_100ns >= 0)
            interval = host_timespec(timeout_100ns);
        int ready = ppoll(polled, count, timeout_100ns >= 0 ? &interval : NULL, NULL);
        if (ready >= 0)
            return ready;
        if (errno != EINTR)
            return 0;
        if (timeout_100ns > 0) {
            uint64_t now = host_clock_monotonic_100ns();
            timeout_100ns = now < end ? (int64_t)(end - now) : 0;
        }
    }
}

static void drain(int wake)
{
    uint64_t value;
    (void)!read(wake, &value, sizeof value);
}

static int wait_polled(struct host_poll_item *items, uint32_t count, struct pollfd *polled, int wake,
    int64_t timeout_100ns)
{
    int ready = 0;
    for (uint32_t i = 0; i < count; i++) {
        polled[i].fd = items[i].fd;
        polled[i].events = to_native(items[i].events);
        polled[i].revents = 0;
        items[i].revents = 0;
    }
    polled[count].fd = wake;
    polled[count].events = POLLIN;
    polled[count].revents = 0;
    if (poll_until(polled, wake >= 0 ? count + 1 : count, timeout_100ns) == 0)
        return 0;
    if (wake >= 0 && polled[count].revents != 0)
        drain(wake);
    for (uint32_t i = 0; i < count; i++) {
        items[i].revents = from_native(polled[i].revents);
        ready += items[i].revents != 0;
    }
    return ready;
}

/* Without memory for all: looks at the portions in turn, a millisecond each. */
static int wait_in_portions(struct host_poll_item *items, uint32_t count, int wake, int64_t timeout_100ns)
{
    struct pollfd polled[ITEMS_ON_STACK + 1];
    uint64_t start = host_clock_monotonic_100ns();
    for (;;) {
        int ready = 0;
        for (uint32_t first = 0; first < count; first += ITEMS_ON_STACK) {
            uint32_t portion = count - first < ITEMS_ON_STACK ? count - first : ITEMS_ON_STACK;
            ready += wait_polled(items + first, portion, polled, -1, 0);
        }
        if (ready > 0)
            return ready;
        struct pollfd only_wake = {.fd = wake, .events = POLLIN};
        if (poll_until(&only_wake, 1, timeout_100ns == 0 ? 0 : 10000) > 0) {
            drain(wake);
            return 0;
        }
        if (timeout_100ns >= 0 && host_clock_monotonic_100ns() - start >= (uint64_t)timeout_100ns)
            return 0;
    }
}

int host_wait(struct host_poll_item *items, uint32_t count, int wake, int64_t timeout_100ns)
{
    struct pollfd on_stack[ITEMS_ON_STACK + 1];
    if (count <= ITEMS_ON_STACK)
        return wait_polled(items, count, on_stack, wake, timeout_100ns);
    struct pollfd *polled = host_allocate(((size_t)count + 1) * sizeof *polled);
    if (polled == NULL)
        return wait_in_portions(items, count, wake, timeout_100ns);
    int ready = wait_polled(items, count, polled, wake, timeout_100ns);
    host_free(polled);
    return ready;
}

host_status host_wake_create(int *ret_fd)
{
    int error = host_fault(HOST_CALL_POLL);
    int fd = error == 0 ? eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) : -1;
    if (fd < 0)
        return host_status_from_errno(error != 0 ? error : errno, HOST_CALL_POLL);
    *ret_fd = fd;
    return H_STATUS_SUCCESS;
}

void host_wake_signal(int fd)
{
    const uint64_t one = 1;
    /* Fails only when the counter is full, and then it is signalled already. */
    (void)!write(fd, &one, sizeof one);
}
