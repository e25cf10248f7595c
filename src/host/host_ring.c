/* SPDX-License-Identifier: MIT */
/*
 * host_ring.c - attempts made together, through io_uring.
 *
 * Layer: host. NT counterpart: none; a device there is asked for one transfer at a time, too.
 *
 * Each operation says MSG_DONTWAIT. So the kernel ends it within the io_uring_enter that submits it, with
 * EAGAIN where it would block: nothing is armed, no work is left for later on some thread, nothing needs
 * cancelling, and it does not matter which thread made the ring. The call still waits for all results, which
 * costs nothing where they are there. A kernel, a container or a limit may refuse any of it at any time: the
 * attempts that have no result then are made by plain calls.
 *
 * Left out, as measured (docs/decisions/0007-io-uring.md): readiness and accepts through the ring, registered
 * descriptors, provided buffers; several buffers and datagrams, which need a message header each.
 */
#include "host_ring.h"

#include "host_memory.h"
#include "host_private.h"

#if defined(HOST_HAS_RING)

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct host_ring {
    struct io_uring native;
    uint32_t broken; /* the kernel has refused it: it is not asked again */
};

/* Later than Debian 12's header; an older kernel refuses what it does not know, and is asked again without. */
#define SUBMIT_ALL (1U << 7)

static int set_up(struct io_uring *native, unsigned entries)
{
    struct io_uring_params parameters = {.flags = SUBMIT_ALL};
    int error = io_uring_queue_init_params(entries, native, &parameters);
    if (error == -EINVAL) {
        parameters = (struct io_uring_params){.flags = 0};
        error = io_uring_queue_init_params(entries, native, &parameters);
    }
    if (error != 0)
        return -error;
    if ((parameters.features & IORING_FEAT_NODROP) == 0) {
        io_uring_queue_exit(native);
        return EOPNOTSUPP;
    }
    return 0;
}

/* memcheck does not know what the kernel writes through a ring, and would take it for undefined. */
static int is_under_memcheck(void)
{
    const char *preload = getenv("LD_PRELOAD");
    return preload != NULL && strstr(preload, "vgpreload_memcheck") != NULL;
}

static const char *text_of(int error)
{
    switch (error) {
    case 0:
        return NULL;
    case ENOSYS:
        return "the kernel has no io_uring";
    case EPERM:
    case EACCES:
        return "the system or the container forbids io_uring";
    case EOPNOTSUPP:
    case EINVAL:
        return "the kernel's io_uring is too old";
    default:
        return "io_uring_setup failed";
    }
}

/* Both calls are tried: a filter of system calls may let only one through. */
static int try_ring(void)
{
    struct io_uring native;
    int error = set_up(&native, 2);
    if (error != 0)
        return error;
    struct io_uring_probe *probe = io_uring_get_probe_ring(&native);
    if (probe == NULL || !io_uring_opcode_supported(probe, IORING_OP_SEND) ||
        !io_uring_opcode_supported(probe, IORING_OP_RECV))
        error = EOPNOTSUPP;
    io_uring_free_probe(probe);
    if (error == 0) {
        io_uring_prep_nop(io_uring_get_sqe(&native));
        int submitted = io_uring_submit_and_wait(&native, 1);
        error = submitted < 0 ? -submitted : 0;
    }
    io_uring_queue_exit(&native);
    return error;
}

const char *host_ring_absence(void)
{
    static uint32_t known; /* 0: not tried; else 1 + the errno */
    uint32_t answer = __atomic_load_n(&known, __ATOMIC_ACQUIRE);
    if (is_under_memcheck())
        return "valgrind does not know what io_uring writes";
    if (answer == 0) {
        answer = 1 + (uint32_t)try_ring();
        __atomic_store_n(&known, answer, __ATOMIC_RELEASE);
    }
    return text_of((int)answer - 1);
}

host_status host_ring_create(struct host_ring **ret_ring)
{
    int error = host_fault(HOST_CALL_RING);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_RING);
    if (host_ring_absence() != NULL)
        return H_STATUS_NOT_SUPPORTED;
    struct host_ring *ring = host_allocate(sizeof *ring);
    if (ring == NULL)
        return H_STATUS_INSUFFICIENT_RESOURCES;
    memset(ring, 0, sizeof *ring);
    error = set_up(&ring->native, HOST_ATTEMPTS_MAX);
    if (error == 0) {
        *ret_ring = ring;
        return H_STATUS_SUCCESS;
    }
    host_free(ring);
    return host_status_from_errno(error, HOST_CALL_RING);
}

void host_ring_destroy(struct host_ring *ring)
{
    if (ring == NULL)
        return;
    io_uring_queue_exit(&ring->native);
    host_free(ring);
}

/* --- attempts --- */

#define NO_RESULT 1 /* no status is positive */
#define TRIES 3     /* while the kernel says that it has no memory now */

static void attempt_plainly(struct host_attempt *attempt)
{
    if (attempt->sends)
        attempt->status = host_send(attempt->fd, &attempt->buffer, 1, attempt->flags, &attempt->bytes);
    else
        attempt->status = host_receive(attempt->fd, &attempt->buffer, 1, 0, &attempt->bytes);
}

/* FALSE: a fault was injected, which is the result. */
static int prepare(struct io_uring *native, struct host_attempt *attempt)
{
    enum host_call call = attempt->sends ? HOST_CALL_SEND : HOST_CALL_RECEIVE;
    int error = host_fault(call);
    attempt->bytes = 0;
    if (error != 0) {
        attempt->status = host_status_from_errno(error, call);
        return 0;
    }
    struct io_uring_sqe *entry = io_uring_get_sqe(native);
    attempt->status = NO_RESULT;
    if (entry == NULL)
        return 0;
    if (attempt->sends)
        io_uring_prep_send(entry, attempt->fd, attempt->buffer.base, attempt->buffer.length,
            MSG_DONTWAIT | MSG_NOSIGNAL | (attempt->flags & HOST_MSG_DONTROUTE ? MSG_DONTROUTE : 0));
    else
        io_uring_prep_recv(entry, attempt->fd, attempt->buffer.base, attempt->buffer.length, MSG_DONTWAIT);
    io_uring_sqe_set_data(entry, attempt);
    return 1;
}

static void take_result(struct host_attempt *attempt, int result)
{
    /* Neither says anything about the connection: a plain call does. */
    if (result == -EINTR || result == -ECANCELED)
        return;
    attempt->bytes = result > 0 ? (size_t)result : 0;
    attempt->status =
        result < 0 ? host_status_from_errno(-result, attempt->sends ? HOST_CALL_SEND : HOST_CALL_RECEIVE) : 0;
}

/* Submits wanted operations and takes all their results. FALSE: the ring is not to be used any more. */
static int complete(struct host_ring *ring, unsigned wanted)
{
    struct io_uring *native = &ring->native;
    unsigned taken = 0, vain = 0;
    while (taken < wanted) {
        struct io_uring_cqe *results[HOST_ATTEMPTS_MAX];
        int error = host_fault(HOST_CALL_RING);
        int submitted = error != 0 ? -error : io_uring_submit_and_wait(native, wanted - taken);
        if (submitted < 0 && submitted != -EINTR && (submitted != -EAGAIN || vain++ == TRIES))
            return 0; /* nothing was submitted, and never will be */
        unsigned count = io_uring_peek_batch_cqe(native, results, HOST_ATTEMPTS_MAX);
        for (unsigned i = 0; i < count; i++)
            take_result(io_uring_cqe_get_data(results[i]), results[i]->res);
        io_uring_cq_advance(native, count);
        taken += count;
    }
    return 1;
}

void host_ring_attempt(struct host_ring *ring, struct host_attempt *attempts, uint32_t count)
{
    unsigned wanted = 0;
    int enter = ring != NULL && !ring->broken;
    for (uint32_t i = 0; i < count && enter; i++)
        wanted += (unsigned)prepare(&ring->native, &attempts[i]);
    for (uint32_t i = 0; i < count && !enter; i++)
        attempts[i].status = NO_RESULT;
    if (enter && !complete(ring, wanted))
        ring->broken = 1;
    for (uint32_t i = 0; i < count; i++) {
        if (attempts[i].status == NO_RESULT)
            attempt_plainly(&attempts[i]);
    }
}

#else

const char *host_ring_absence(void)
{
    return "this library was built without liburing";
}

host_status host_ring_create(struct host_ring **ret_ring)
{
    (void)ret_ring;
    return H_STATUS_NOT_SUPPORTED;
}

void host_ring_destroy(struct host_ring *ring)
{
    (void)ring;
}

void host_ring_attempt(struct host_ring *ring, struct host_attempt *attempts, uint32_t count)
{
    (void)ring;
    (void)attempts;
    (void)count;
}

#endif
