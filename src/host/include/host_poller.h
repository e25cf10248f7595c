/* SPDX-License-Identifier: MIT */
/*
 * host_poller.h - an interest set: one epoll instance and a way to wake its waiter.
 *
 * Layer: host. A descriptor is registered once, for all it is ever asked about, edge-triggered (listeners: see
 * host_source_add_level). Any thread may run the poller, one at a time (ke_poll.c sees to that). Handlers run on the
 * thread that runs the poller, with no lock held by the poller.
 */
#ifndef HOST_POLLER_H
#define HOST_POLLER_H

#include "host_ring.h"

struct host_poller;
struct host_source;

/* events: HOST_POLL_xxx that newly became true. May add, remove and close sources, its own too. */
typedef void host_source_handler(struct host_source *source, uint32_t events);

/*
 * Attempts made together. A poller with a ring that has several sources at hand calls each handler with
 * HOST_POLL_PREPARE first: it may add attempts to the batch (host_batch_add) and does nothing else, above all no
 * call of the client. Then all attempts are made. Then the handler is called, with HOST_POLL_BATCHED; if attempts
 * were added, even if the source has been removed meanwhile; it is not freed before. Without a ring, or for
 * one source alone, there is neither.
 */
#define HOST_POLL_BATCHED 0x100
#define HOST_POLL_OWED 0x200
#define HOST_POLL_PREPARE 0x400

/*
 * Embedded in the object that owns the descriptor; zeroed but for fd and handler before the first
 * host_source_add. After host_source_remove returns no handler call for it begins; one that is under
 * way on another thread may still run: the owner frees the object with host_poller_retire.
 */
struct host_source {
    int fd;
    uint32_t slot; /* the poller's */
    host_source_handler *handler;
    struct host_poller *poller; /* NULL while not registered */
};

host_status host_poller_create(struct host_poller **ret_poller) HOST_MUST_CHECK;
/*
 * host_poller_make_batches - a new poller shall have a ring as soon as it pays, if host_poller_use_rings has been
 * called; where none can be had it goes on without.
 * host_poller_set_batch_least - sources that must be ready before they are served through the ring, 1 to
 * HOST_BATCH_MAX; below, each is called alone. Half as many attempts at least are what the ring is entered for. To be
 * set before the first poller is made; HOST_BATCH_LEAST else, from where on it is cheaper (docs/decisions/0007).
 */
void host_poller_make_batches(struct host_poller *poller);
void host_poller_use_rings(void);
#define HOST_BATCH_MAX 64 /* a look brings no more */
#define HOST_BATCH_LEAST 4
void host_poller_set_batch_least(uint32_t least);
uint32_t host_poller_batch_least(void);
void host_poller_destroy(struct host_poller *poller);
host_status host_source_add(struct host_poller *poller, struct host_source *source) HOST_MUST_CHECK;
/*
 * The same without HOST_POLL_OUT, which most sources never wait for; host_source_add_output adds it, once, and what
 * is true then is told as a first edge.
 */
host_status host_source_add_input(struct host_poller *poller, struct host_source *source) HOST_MUST_CHECK;
host_status host_source_add_output(struct host_source *source) HOST_MUST_CHECK;
/*
 * host_source_add_level - as host_source_add_input, but the handler is called by each run while the events are true:
 * it need not take all there is, and nobody has to find out in vain that there is no more. A handler that takes nothing
 * calls host_source_use_edges, or it is called for ever. host_source_use_level is for a source of add_input; what is
 * true at the change is told (again) in either case.
 */
host_status host_source_add_level(struct host_poller *poller, struct host_source *source) HOST_MUST_CHECK;
host_status host_source_use_level(struct host_source *source) HOST_MUST_CHECK;
host_status host_source_use_edges(struct host_source *source) HOST_MUST_CHECK;
/*
 * host_source_add_poller - registers another poller, level-triggered: the handler is called while inner has
 * events, and runs it. Its descriptor stays inner's. Removed with host_source_remove.
 */
host_status host_source_add_poller(struct host_poller *poller, struct host_source *source,
    struct host_poller *inner) HOST_MUST_CHECK;
void host_source_remove(struct host_source *source);
/*
 * host_source_leave - as host_source_remove, of a descriptor that is about to be closed: the kernel takes it out of the
 * set then, which saves a call. What it tells until then finds nobody. Not for a source by level, which would be
 * told of all the time, nor for one whose socket another descriptor keeps open.
 */
void host_source_leave(struct host_source *source);
/*
 * host_source_drain - after host_source_remove: returns when no handler call for the source is under
 * way on another thread. Handlers must not wait for a thread that may be in here.
 */
void host_source_drain(struct host_poller *poller, struct host_source *source);
/*
 * host_poller_retire - calls free(source) when no handler call for the source is under way: at once,
 * or else on the thread of that call when it ends. The source has been removed from this poller.
 */
void host_poller_retire(struct host_poller *poller, struct host_source *source,
    void (*free)(struct host_source *source));

/*
 * host_poller_run - waits for events (timeout_100ns as host_wait) and calls their handlers. Returns the
 * number of handlers called; 0 after a time-out or a wake-up.
 */
int host_poller_run(struct host_poller *poller, int64_t timeout_100ns);
/*
 * host_poller_runs - how many runs have begun, from any thread. Who reads it after he has taken data from a descriptor
 * and finds the number of an earlier run knows that the events of every later one were told without that data.
 */
uint32_t host_poller_runs(const struct host_poller *poller);
/*
 * host_poller_owe - the next run calls the source with HOST_POLL_OWED, in a batch. 0: it does not.
 */
int host_poller_owe(struct host_poller *poller, const struct host_source *source);
int host_poller_owes(const struct host_poller *poller);
/* host_poller_await_attempts - returns when no attempts are being made; then those that were have their results. */
void host_poller_await_attempts(struct host_poller *poller);
/* In a handler, with HOST_POLL_PREPARE: an attempt to fill in, valid until it has been called again. NULL: no more. */
struct host_attempt *host_batch_add(struct host_poller *poller);
void host_poller_wake(struct host_poller *poller);

#endif
