/* SPDX-License-Identifier: MIT */
/*
 * host_poller.c - the interest set, over epoll.
 *
 * Layer: host. NT counterpart: the interrupt that tells a driver of arrivals.
 *
 * epoll events carry the number of a slot and its generation, never a pointer: an event of a source
 * that was removed after the kernel had reported it finds another generation and is dropped. The
 * lock is held while a slot is looked up and marked as current, not while the handler runs.
 */
#include "host_poller.h"

#include "host_memory.h"
#include "host_private.h"
#include "host_socket.h"
#include "host_thread.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH_MAX 64
#define CHUNK_SLOTS 1024u
#define NO_SLOT UINT32_MAX
#define WAKE_DATA UINT64_MAX

struct slot {
    struct host_source *source; /* NULL: free, and generation of the next use */
    uint32_t generation;
    uint32_t next_free;
};

struct host_poller {
    int epoll_fd;
    int wake_fd;
    uint32_t wake_pending; /* set by the first waker, cleared by who takes the wake-up */
    struct host_lock lock; /* guards all below */
    struct slot **chunks; /* of CHUNK_SLOTS slots, which never move */
    uint32_t chunk_count;
    uint32_t chunk_room;
    uint32_t first_free;
    struct host_source *current; /* its handler is running */
    struct host_source *retired; /* == what was current when it was retired */
    void (*retired_free)(struct host_source *source);
    uint32_t runner;             /* thread of the current handler call */
    uint32_t drainers;           /* threads that wait for current to change */
    uint32_t change;             /* futex: changes of current */
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
    host_close(poller->wake_fd);
    host_close(poller->epoll_fd);
    for (uint32_t i = 0; i < poller->chunk_count; i++)
        host_free(poller->chunks[i]);
    host_free(poller->chunks);
    host_free(poller);
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

#define INPUT_EVENTS (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET)

host_status host_source_add(struct host_poller *poller, struct host_source *source)
{
    return add_source(poller, source, INPUT_EVENTS | EPOLLOUT);
}

host_status host_source_add_input(struct host_poller *poller, struct host_source *source)
{
    return add_source(poller, source, INPUT_EVENTS);
}

host_status host_source_add_output(struct host_source *source)
{
    struct host_poller *poller = source->poller;
    struct epoll_event event = {.events = INPUT_EVENTS | EPOLLOUT};
    int error = host_fault(HOST_CALL_POLL);
    if (error == 0) {
        host_lock_acquire(&poller->lock);
        event.data.u64 = (uint64_t)slot_of(poller, source->slot)->generation << 32 | source->slot;
        host_lock_release(&poller->lock);
        error = epoll_ctl(poller->epoll_fd, EPOLL_CTL_MOD, source->fd, &event) == 0 ? 0 : errno;
    }
    return error == 0 ? H_STATUS_SUCCESS : host_status_from_errno(error, HOST_CALL_POLL);
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

void host_source_drain(struct host_poller *poller, struct host_source *source)
{
    host_lock_acquire(&poller->lock);
    while (poller->current == source && poller->runner != host_thread_id()) {
        uint32_t seen = poller->change;
        poller->drainers++;
        host_lock_release(&poller->lock);
        host_futex_wait(&poller->change, seen, -1);
        host_lock_acquire(&poller->lock);
        poller->drainers--;
    }
    host_lock_release(&poller->lock);
}

void host_poller_retire(struct host_poller *poller, struct host_source *source,
    void (*free)(struct host_source *source))
{
    host_lock_acquire(&poller->lock);
    int busy = poller->current == source;
    if (busy) {
        poller->retired_free = free;
        poller->retired = source;
    }
    host_lock_release(&poller->lock);
    if (!busy)
        free(source);
}

/* Ends the current handler call and begins that of the event's source, if it is still there. */
static struct host_source *next_source(struct host_poller *poller, uint64_t data)
{
    uint32_t index = (uint32_t)data, generation = (uint32_t)(data >> 32);
    host_lock_acquire(&poller->lock);
    struct host_source *retired = poller->retired;
    void (*retired_free)(struct host_source *) = poller->retired_free;
    poller->retired = NULL;
    poller->current = NULL;
    if (data != WAKE_DATA && index / CHUNK_SLOTS < poller->chunk_count &&
        slot_of(poller, index)->generation == generation)
        poller->current = slot_of(poller, index)->source;
    struct host_source *source = poller->current;
    poller->runner = host_thread_id();
    __atomic_store_n(&poller->change, poller->change + 1, __ATOMIC_RELEASE);
    int wake = poller->drainers != 0;
    host_lock_release(&poller->lock);
    if (wake)
        host_futex_wake(&poller->change, UINT32_MAX);
    if (retired != NULL)
        retired_free(retired);
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
    static int coarse; /* epoll_pwait2 is not there */
    if (timeout_100ns > 0 && !__atomic_load_n(&coarse, __ATOMIC_RELAXED)) {
        struct timespec interval = host_timespec(timeout_100ns);
        int count = epoll_pwait2(poller->epoll_fd, events, BATCH_MAX, &interval, NULL);
        if (count >= 0 || (errno != ENOSYS && errno != EPERM))
            return count;
        __atomic_store_n(&coarse, 1, __ATOMIC_RELAXED);
    }
    int64_t ms = timeout_100ns < 0 ? -1 : (timeout_100ns + 9999) / 10000;
    return epoll_wait(poller->epoll_fd, events, BATCH_MAX, ms > 0x7fffffff ? 0x7fffffff : (int)ms);
}

int host_poller_run(struct host_poller *poller, int64_t timeout_100ns)
{
    struct epoll_event events[BATCH_MAX];
    int called = 0;
    /* EINTR counts as a time-out: the caller looks at its clock and comes back. */
    int count = wait_events(poller, events, timeout_100ns);
    if (count <= 0)
        return 0;
    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 == WAKE_DATA) {
            /* Whoever finds it set later knows that its reason is seen after this run. */
            __atomic_exchange_n(&poller->wake_pending, 0, __ATOMIC_SEQ_CST);
            continue;
        }
        struct host_source *source = next_source(poller, events[i].data.u64);
        if (source != NULL) {
            source->handler(source, from_native(events[i].events));
            called++;
        }
    }
    (void)next_source(poller, WAKE_DATA);
    return called;
}

void host_poller_wake(struct host_poller *poller)
{
    if (__atomic_exchange_n(&poller->wake_pending, 1, __ATOMIC_SEQ_CST) == 0)
        host_wake_signal(poller->wake_fd);
}
