/* SPDX-License-Identifier: MIT */
/*
 * host_poller.c - the interest set, over epoll.
 *
 * Layer: host. NT counterpart: the interrupt that tells a driver of arrivals.
 *
 * epoll events carry the number of a slot and its generation, never a pointer: an event of a source
 * that was removed after the kernel had reported it finds another generation and is dropped. The
 * lock is held while a slot is looked up and marked as current, not while the handler runs.
 *
 * With a ring, the sources of several events are handled together: all are marked as held, under the lock; then each
 * prepares its attempts; then the ring makes them; then each becomes current in turn and finishes. While a
 * source is held or current it is not freed (host_poller_retire). Until the attempts are made no client is called, so
 * that host_poller_await_attempts waits for nothing but the host.
 */
#include "host_poller.h"

#include "host_call.h"
#include "host_memory.h"
#include "host_private.h"
#include "host_socket.h"
#include "host_thread.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH_MAX HOST_BATCH_MAX
#define CHUNK_SLOTS 1024u
#define NO_SLOT UINT32_MAX
#define WAKE_DATA UINT64_MAX

struct slot {
    struct host_source *source; /* NULL: free, and generation of the next use */
    uint32_t generation;
    union {
        uint32_t next_free;
        uint32_t held; /* while in use: 1 + the entry of the batch that it is in; 0: none */
    };
};

_Static_assert(2 * BATCH_MAX <= HOST_ATTEMPTS_MAX, "an attempt for each source, owed and ready");

/* What one run has in hand; on the stack of the runner. An entry's source is NULL once it has been called. */
struct host_batch {
    uint32_t entries, attempts;
    uint32_t preparing; /* the entry whose handler prepares */
    struct batch_entry {
        struct host_source *source;
        uint64_t data;
        uint32_t events;
        uint32_t attempts; /* how many it has added */
        void (*retired_free)(struct host_source *source);
    } entry[2 * BATCH_MAX];
    struct host_attempt attempt[HOST_ATTEMPTS_MAX];
};

struct host_poller {
    int epoll_fd;
    int wake_fd;
    uint32_t wake_pending; /* set by the first waker, cleared by who takes the wake-up */
    uint32_t runs;         /* atomic; counted by the runner, before it asks the kernel */
    struct host_ring *ring; /* NULL: no batches; made for the first of them, by who runs the poller */
    uint32_t may_have_ring; /* the runner's */
    struct host_lock lock;  /* guards all below */
    struct slot **chunks;   /* of CHUNK_SLOTS slots, which never move */
    uint32_t chunk_count;
    uint32_t chunk_room;
    uint32_t first_free;
    uint64_t owed[BATCH_MAX];    /* sources, as in events */
    uint32_t owed_count;         /* atomic */
    struct host_source *current; /* its handler is running */
    struct host_source *retired; /* == what was current when it was retired */
    void (*retired_free)(struct host_source *source);
    struct host_batch *batch;    /* what the runner has in hand; NULL: nothing */
    uint32_t runner;             /* thread of the current handler call */
    uint32_t making;             /* the runner prepares or makes attempts, and calls nobody's client */
    uint32_t drainers;           /* threads that wait for current or making to change */
    uint32_t change;             /* futex: changes of these */
};

host_status host_poller_create(struct host_poller **ret_poller)
{
    int error = host_fault(HOST_CALL_POLL);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_POLL);
    struct host_poller *poller = host_allocate(sizeof *poller);
    if (poller == NULL)
        return H_STATUS_INSUFFICIENT_RESOURCES;
    *poller = (struct host_poller){.first_free = NO_SLOT};
    host_status status;
    poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (poller->epoll_fd < 0) {
        status = host_status_from_errno(errno, HOST_CALL_POLL);
        goto FreePoller;
    }
    status = host_wake_create(&poller->wake_fd);
    if (status != H_STATUS_SUCCESS)
        goto CloseEpoll;
    /* Edge-triggered, so that nobody has to read the counter. */
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = WAKE_DATA};
    if (epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, poller->wake_fd, &event) == 0) {
        *ret_poller = poller;
        return H_STATUS_SUCCESS;
    }
    status = host_status_from_errno(errno, HOST_CALL_POLL);
    host_close(poller->wake_fd);
CloseEpoll:
    host_close(poller->epoll_fd);
FreePoller:
    host_free(poller);
    return status;
}

void host_poller_destroy(struct host_poller *poller)
{
    host_ring_destroy(poller->ring);
    host_close(poller->wake_fd);
    host_close(poller->epoll_fd);
    for (uint32_t i = 0; i < poller->chunk_count; i++)
        host_free(poller->chunks[i]);
    host_free(poller->chunks);
    host_free(poller);
}

static uint32_t rings_wanted;
static uint32_t batch_least = HOST_BATCH_LEAST;

void host_poller_set_batch_least(uint32_t least)
{
    __atomic_store_n(&batch_least, least, __ATOMIC_RELAXED);
}

uint32_t host_poller_batch_least(void)
{
    return __atomic_load_n(&batch_least, __ATOMIC_RELAXED);
}

void host_poller_use_rings(void)
{
    __atomic_store_n(&rings_wanted, 1, __ATOMIC_RELEASE);
}

void host_poller_make_batches(struct host_poller *poller)
{
    poller->may_have_ring = __atomic_load_n(&rings_wanted, __ATOMIC_ACQUIRE);
}

/* Many pollers never have two sources ready at once, and a ring is a descriptor and two mappings. */
static int has_ring(struct host_poller *poller)
{
    struct host_ring *ring;
    if (poller->ring != NULL || !poller->may_have_ring)
        return poller->ring != NULL;
    poller->may_have_ring = 0;
    if (host_ring_create(&ring) != H_STATUS_SUCCESS)
        return 0;
    host_lock_acquire(&poller->lock); /* host_poller_owe looks at it */
    poller->ring = ring;
    host_lock_release(&poller->lock);
    return 1;
}

static struct slot *slot_of(struct host_poller *poller, uint32_t index)
{
    return &poller->chunks[index / CHUNK_SLOTS][index % CHUNK_SLOTS];
}

/* One chunk more. Only the list of chunks is ever copied, and that is short. */
static int grow_slots(struct host_poller *poller)
{
    if (poller->chunk_count == poller->chunk_room) {
        uint32_t room = poller->chunk_room != 0 ? poller->chunk_room * 2 : 4;
        struct slot **chunks = host_reallocate(poller->chunks, room * sizeof *chunks);
        if (chunks == NULL)
            return 0;
        poller->chunks = chunks;
        poller->chunk_room = room;
    }
    struct slot *slots = host_allocate(CHUNK_SLOTS * sizeof *slots);
    if (slots == NULL)
        return 0;
    uint32_t first = poller->chunk_count * CHUNK_SLOTS;
    for (uint32_t i = 0; i < CHUNK_SLOTS; i++)
        slots[i] = (struct slot){.generation = 1, .next_free = i + 1 < CHUNK_SLOTS ? first + i + 1 : NO_SLOT};
    poller->chunks[poller->chunk_count++] = slots;
    poller->first_free = first;
    return 1;
}

static int take_slot(struct host_poller *poller, struct host_source *source, uint64_t *ret_data)
{
    host_lock_acquire(&poller->lock);
    int good = poller->first_free != NO_SLOT || grow_slots(poller);
    if (good) {
        uint32_t index = poller->first_free;
        struct slot *slot = slot_of(poller, index);
        poller->first_free = slot->next_free;
        slot->source = source;
        slot->held = 0;
        source->slot = index;
        source->poller = poller;
        *ret_data = (uint64_t)slot->generation << 32 | index;
    }
    host_lock_release(&poller->lock);
    return good;
}

static void give_slot(struct host_poller *poller, struct host_source *source)
{
    host_lock_acquire(&poller->lock);
    struct slot *slot = slot_of(poller, source->slot);
    slot->source = NULL;
    slot->generation++;
    slot->next_free = poller->first_free;
    poller->first_free = source->slot;
    source->poller = NULL;
    host_lock_release(&poller->lock);
}

static host_status add_source(struct host_poller *poller, struct host_source *source, uint32_t native)
{
    struct epoll_event event = {.events = native};
    int error = host_fault(HOST_CALL_POLL);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_POLL);
    uint64_t data;
    if (!take_slot(poller, source, &data))
        return H_STATUS_INSUFFICIENT_RESOURCES;
    event.data.u64 = data;
    if (epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) == 0)
        return H_STATUS_SUCCESS;
    host_status status = host_status_from_errno(errno, HOST_CALL_POLL);
    give_slot(poller, source);
    return status;
}

#define INPUT_LEVELS (EPOLLIN | EPOLLPRI | EPOLLRDHUP)
#define INPUT_EVENTS (INPUT_LEVELS | EPOLLET)

host_status host_source_add(struct host_poller *poller, struct host_source *source)
{
    return add_source(poller, source, INPUT_EVENTS | EPOLLOUT);
}

host_status host_source_add_input(struct host_poller *poller, struct host_source *source)
{
    return add_source(poller, source, INPUT_EVENTS);
}

host_status host_source_add_level(struct host_poller *poller, struct host_source *source)
{
    return add_source(poller, source, INPUT_LEVELS);
}

static host_status modify_source(struct host_source *source, uint32_t native)
{
    struct host_poller *poller = source->poller;
    struct epoll_event event = {.events = native};
    int error = host_fault(HOST_CALL_POLL);
    if (error == 0) {
        host_lock_acquire(&poller->lock);
        event.data.u64 = (uint64_t)slot_of(poller, source->slot)->generation << 32 | source->slot;
        host_lock_release(&poller->lock);
        error = epoll_ctl(poller->epoll_fd, EPOLL_CTL_MOD, source->fd, &event) == 0 ? 0 : errno;
    }
    return error == 0 ? H_STATUS_SUCCESS : host_status_from_errno(error, HOST_CALL_POLL);
}

host_status host_source_add_output(struct host_source *source)
{
    return modify_source(source, INPUT_EVENTS | EPOLLOUT);
}

host_status host_source_use_level(struct host_source *source)
{
    return modify_source(source, INPUT_LEVELS);
}

host_status host_source_use_edges(struct host_source *source)
{
    return modify_source(source, INPUT_EVENTS);
}

host_status host_source_add_poller(struct host_poller *poller, struct host_source *source,
    struct host_poller *inner)
{
    source->fd = inner->epoll_fd;
    return add_source(poller, source, EPOLLIN);
}

void host_source_remove(struct host_source *source)
{
    struct host_poller *poller = source->poller;
    struct epoll_event unused = {0};
    if (poller == NULL)
        return;
    epoll_ctl(poller->epoll_fd, EPOLL_CTL_DEL, source->fd, &unused);
    give_slot(poller, source);
}

void host_source_leave(struct host_source *source)
{
    if (source->poller != NULL)
        give_slot(source->poller, source);
}

/* Releases the lock meanwhile. */
static void await_change(struct host_poller *poller)
{
    uint32_t seen = poller->change;
    poller->drainers++;
    host_lock_release(&poller->lock);
    host_futex_wait(&poller->change, seen, -1);
    host_lock_acquire(&poller->lock);
    poller->drainers--;
}

void host_source_drain(struct host_poller *poller, struct host_source *source)
{
    host_lock_acquire(&poller->lock);
    while (poller->current == source && poller->runner != host_thread_id())
        await_change(poller);
    host_lock_release(&poller->lock);
}

void host_poller_await_attempts(struct host_poller *poller)
{
    host_lock_acquire(&poller->lock);
    while (poller->making)
        await_change(poller);
    host_lock_release(&poller->lock);
}

/* The source of an event, if it is still there. */
static struct host_source *source_of(struct host_poller *poller, uint64_t data)
{
    uint32_t index = (uint32_t)data, generation = (uint32_t)(data >> 32);
    if (data == WAKE_DATA || index / CHUNK_SLOTS >= poller->chunk_count ||
        slot_of(poller, index)->generation != generation)
        return NULL;
    return slot_of(poller, index)->source;
}

/* Releases the lock, and wakes who waits for current or making to change. */
static void wake_after_change(struct host_poller *poller)
{
    __atomic_store_n(&poller->change, poller->change + 1, __ATOMIC_RELEASE);
    int wake = poller->drainers != 0;
    host_lock_release(&poller->lock);
    if (wake)
        host_futex_wake(&poller->change, UINT32_MAX);
}

/* FALSE: it is not in the batch, or its call is over. */
static int retire_held(struct host_batch *batch, const struct host_source *source,
    void (*free)(struct host_source *source))
{
    for (uint32_t i = 0; i < batch->entries; i++) {
        if (batch->entry[i].source == source) {
            batch->entry[i].retired_free = free;
            return 1;
        }
    }
    return 0;
}

void host_poller_retire(struct host_poller *poller, struct host_source *source,
    void (*free)(struct host_source *source))
{
    host_lock_acquire(&poller->lock);
    int busy = poller->current == source;
    if (busy) {
        poller->retired_free = free;
        poller->retired = source;
    } else if (poller->batch != NULL) {
        busy = retire_held(poller->batch, source, free);
    }
    host_lock_release(&poller->lock);
    if (!busy)
        free(source);
}

static void free_retired(struct host_source *source, void (*routine)(struct host_source *source))
{
    if (source != NULL)
        routine(source);
}

/*
 * Ends the current handler call, if any, and begins the next: that of the event's source, or of a batch's entry, whose
 * source is to be called if it is still there, or in any case if it has added attempts.
 */
static struct host_source *next_source(struct host_poller *poller, uint64_t data, struct batch_entry *entry)
{
    struct host_source *gone = NULL;
    void (*gone_free)(struct host_source *) = NULL;
    host_lock_acquire(&poller->lock);
    struct host_source *retired = poller->retired;
    void (*retired_free)(struct host_source *) = poller->retired_free;
    struct host_source *source = source_of(poller, data);
    poller->retired = NULL;
    if (entry != NULL) {
        if (source != NULL)
            slot_of(poller, (uint32_t)data)->held = 0;
        else if (entry->attempts != 0)
            source = entry->source;
        if (source == NULL && entry->retired_free != NULL) {
            gone = entry->source;
            gone_free = entry->retired_free;
        } else if (entry->retired_free != NULL) {
            poller->retired = source;
            poller->retired_free = entry->retired_free;
        }
        entry->source = NULL;
    }
    poller->current = source;
    poller->runner = host_thread_id();
    wake_after_change(poller);
    free_retired(retired, retired_free);
    free_retired(gone, gone_free);
    return source;
}

static uint32_t from_native(uint32_t native)
{
    uint32_t events = 0;
    events |= native & EPOLLIN ? HOST_POLL_IN : 0;
    events |= native & EPOLLOUT ? HOST_POLL_OUT : 0;
    events |= native & EPOLLPRI ? HOST_POLL_PRI : 0;
    events |= native & EPOLLHUP ? HOST_POLL_HUP : 0;
    events |= native & EPOLLRDHUP ? HOST_POLL_RDHUP : 0;
    events |= native & EPOLLERR ? HOST_POLL_ERR : 0;
    return events;
}

static int wait_events(struct host_poller *poller, struct epoll_event *events, int64_t timeout_100ns)
{
    static int coarse = -1; /* epoll_pwait2 is not there, or valgrind would complain of it; -1: not known yet */
    int known = __atomic_load_n(&coarse, __ATOMIC_RELAXED);
    if (known < 0) {
        known = host_under_valgrind();
        __atomic_store_n(&coarse, known, __ATOMIC_RELAXED);
    }
    if (timeout_100ns > 0 && !known) {
        struct timespec interval = host_timespec(timeout_100ns);
        int count = epoll_pwait2(poller->epoll_fd, events, BATCH_MAX, &interval, NULL);
        if (count >= 0 || (errno != ENOSYS && errno != EPERM))
            return count;
        __atomic_store_n(&coarse, 1, __ATOMIC_RELAXED);
    }
    int64_t ms = timeout_100ns < 0 ? -1 : (timeout_100ns + 9999) / 10000;
    return host_call_epoll_wait(poller->epoll_fd, events, BATCH_MAX, ms > 0x7fffffff ? 0x7fffffff : (int)ms);
}

/* Whoever finds it set later knows that its reason is seen after this run. */
static void take_wake(struct host_poller *poller)
{
    __atomic_exchange_n(&poller->wake_pending, 0, __ATOMIC_SEQ_CST);
}

struct host_attempt *host_batch_add(struct host_poller *poller)
{
    struct host_batch *batch = poller->batch; /* its own thread's */
    if (batch->attempts == HOST_ATTEMPTS_MAX)
        return NULL;
    batch->entry[batch->preparing].attempts++;
    return &batch->attempt[batch->attempts++];
}

int host_poller_owe(struct host_poller *poller, const struct host_source *source)
{
    host_lock_acquire(&poller->lock);
    uint32_t count = poller->owed_count;
    int good = count < BATCH_MAX && poller->ring != NULL;
    if (good) {
        poller->owed[count] = (uint64_t)slot_of(poller, source->slot)->generation << 32 | source->slot;
        __atomic_store_n(&poller->owed_count, count + 1, __ATOMIC_SEQ_CST);
    }
    host_lock_release(&poller->lock);
    return good;
}

int host_poller_owes(const struct host_poller *poller)
{
    return __atomic_load_n(&poller->owed_count, __ATOMIC_SEQ_CST) != 0;
}

static void hold_source(struct host_poller *poller, struct host_batch *batch, uint64_t data, uint32_t events)
{
    struct host_source *source = source_of(poller, data);
    if (source == NULL)
        return;
    struct slot *slot = slot_of(poller, (uint32_t)data);
    if (slot->held != 0) {
        batch->entry[slot->held - 1].events |= events;
        return;
    }
    batch->entry[batch->entries] = (struct batch_entry){.source = source, .data = data, .events = events};
    slot->held = ++batch->entries;
}

/* Takes the sources of all events, and those that are owed a call, into the batch. */
static void begin_batch(struct host_poller *poller, const struct epoll_event *events, int count,
    struct host_batch *batch)
{
    batch->entries = 0;
    batch->attempts = 0;
    host_lock_acquire(&poller->lock);
    poller->runner = host_thread_id();
    poller->making = 1;
    poller->batch = batch;
    for (uint32_t i = 0; i < poller->owed_count; i++)
        hold_source(poller, batch, poller->owed[i], HOST_POLL_OWED);
    __atomic_store_n(&poller->owed_count, 0, __ATOMIC_SEQ_CST);
    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 == WAKE_DATA)
            take_wake(poller);
        else
            hold_source(poller, batch, events[i].data.u64, from_native(events[i].events));
    }
    host_lock_release(&poller->lock);
}

static void make_attempts(struct host_poller *poller, struct host_batch *batch)
{
    for (batch->preparing = 0; batch->preparing < batch->entries; batch->preparing++) {
        struct batch_entry *entry = &batch->entry[batch->preparing];
        entry->source->handler(entry->source, entry->events | HOST_POLL_PREPARE);
    }
    /* Entering the ring costs what a few calls cost. */
    if (batch->attempts != 0)
        host_ring_attempt(batch->attempts * 2 >= host_poller_batch_least() ? poller->ring : NULL, batch->attempt,
            batch->attempts);
    host_lock_acquire(&poller->lock);
    poller->making = 0;
    wake_after_change(poller);
}

static int run_together(struct host_poller *poller, const struct epoll_event *events, int count)
{
    struct host_batch batch; /* too large to be cleared */
    int called = 0;
    begin_batch(poller, events, count, &batch);
    make_attempts(poller, &batch);
    for (uint32_t i = 0; i < batch.entries; i++) {
        struct host_source *source = next_source(poller, batch.entry[i].data, &batch.entry[i]);
        if (source == NULL)
            continue;
        source->handler(source, batch.entry[i].events | HOST_POLL_BATCHED);
        called++;
    }
    (void)next_source(poller, WAKE_DATA, NULL);
    host_lock_acquire(&poller->lock);
    poller->batch = NULL;
    host_lock_release(&poller->lock);
    return called;
}

int host_poller_run(struct host_poller *poller, int64_t timeout_100ns)
{
    struct epoll_event events[BATCH_MAX];
    int called = 0;
    /* EINTR counts as a time-out: the caller looks at its clock and comes back. */
    int owes = host_poller_owes(poller);
    __atomic_add_fetch(&poller->runs, 1, __ATOMIC_SEQ_CST);
    int count = wait_events(poller, events, owes ? 0 : timeout_100ns);
    if (count <= 0 && !owes)
        return 0;
    if (owes || (count > 1 && (uint32_t)count >= host_poller_batch_least() && has_ring(poller)))
        return run_together(poller, events, count);
    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 == WAKE_DATA) {
            take_wake(poller);
            continue;
        }
        struct host_source *source = next_source(poller, events[i].data.u64, NULL);
        if (source != NULL) {
            source->handler(source, from_native(events[i].events));
            called++;
        }
    }
    (void)next_source(poller, WAKE_DATA, NULL);
    return called;
}

uint32_t host_poller_runs(const struct host_poller *poller)
{
    return __atomic_load_n(&poller->runs, __ATOMIC_SEQ_CST);
}

void host_poller_wake(struct host_poller *poller)
{
    if (__atomic_exchange_n(&poller->wake_pending, 1, __ATOMIC_SEQ_CST) == 0)
        host_wake_signal(poller->wake_fd);
}
