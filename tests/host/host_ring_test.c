/* SPDX-License-Identifier: MIT */
/*
 * host_ring_test.c - attempts made together, and the poller's batches of them.
 */
#include "host_ntstatus.h"
#include "host_poller.h"
#include "host_ring.h"
#include "host_thread.h"
#include "ntstest.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void pair(int *a, int *b)
{
    int both[2];
    REQUIRE_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both), 0);
    *a = both[0];
    *b = both[1];
}

static struct host_ring *open_ring(void)
{
    struct host_ring *ring;
    if (host_ring_absence() != NULL)
        SKIP(host_ring_absence());
    REQUIRE_EQ(host_ring_create(&ring), 0);
    return ring;
}

static struct host_attempt attempt_of(int fd, int sends, void *data, uint32_t length)
{
    return (struct host_attempt){.fd = fd, .sends = sends, .buffer = {length, data}, .status = -1, .bytes = 77};
}

/* Everything an attempt can say, in one call. */
static void check_mixture(struct host_ring *ring)
{
    int a, b, c, d, e, f, g, h;
    char text[] = "text", got[16], none[16], end[16], lost[16];
    pair(&a, &b);
    pair(&c, &d);
    pair(&e, &f);
    pair(&g, &h);
    REQUIRE_EQ(write(a, "hello", 5), 5);
    close(e); /* f: the end */
    close(h); /* g: nobody to send to */
    struct host_attempt attempts[] = {
        attempt_of(b, 0, got, sizeof got),
        attempt_of(c, 1, text, 4),
        attempt_of(a, 0, none, sizeof none),
        attempt_of(f, 0, end, sizeof end),
        attempt_of(g, 1, text, 4),
        attempt_of(9999, 0, lost, sizeof lost),
    };
    host_ring_attempt(ring, attempts, 6);
    CHECK_EQ(attempts[0].status, 0);
    CHECK_EQ(attempts[0].bytes, 5);
    CHECK(memcmp(got, "hello", 5) == 0);
    CHECK_EQ(attempts[1].status, 0);
    CHECK_EQ(attempts[1].bytes, 4);
    CHECK_EQ(read(d, got, sizeof got), 4);
    CHECK_EQ(attempts[2].status, H_STATUS_DEVICE_NOT_READY);
    CHECK_EQ(attempts[3].status, 0);
    CHECK_EQ(attempts[3].bytes, 0);
    CHECK_EQ(attempts[4].status, host_status_from_errno(EPIPE, HOST_CALL_SEND));
    CHECK_EQ(attempts[5].status, host_status_from_errno(EBADF, HOST_CALL_RECEIVE));
    int rest[] = {a, b, c, d, f, g};
    for (int i = 0; i < 6; i++)
        close(rest[i]);
}

TEST(ring__mixture__each_attempt_has_its_own_result)
{
    struct host_ring *ring = open_ring();
    for (int i = 0; i < 3; i++)
        check_mixture(ring);
    host_ring_destroy(ring);
}

TEST(ring__full_and_again__no_result_is_mixed_up)
{
    struct host_ring *ring = open_ring();
    static struct host_attempt attempts[HOST_ATTEMPTS_MAX];
    static int fds[HOST_ATTEMPTS_MAX][2];
    static char sent[HOST_ATTEMPTS_MAX], got[HOST_ATTEMPTS_MAX];
    for (int i = 0; i < HOST_ATTEMPTS_MAX; i++)
        pair(&fds[i][0], &fds[i][1]);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < HOST_ATTEMPTS_MAX; i++) {
            sent[i] = (char)(i + round);
            attempts[i] = attempt_of(fds[i][0], 1, &sent[i], 1);
        }
        host_ring_attempt(ring, attempts, HOST_ATTEMPTS_MAX);
        for (int i = 0; i < HOST_ATTEMPTS_MAX; i++)
            attempts[i] = attempt_of(fds[i][1], 0, &got[i], 1);
        host_ring_attempt(ring, attempts, HOST_ATTEMPTS_MAX);
        for (int i = 0; i < HOST_ATTEMPTS_MAX; i++) {
            CHECK_EQ(attempts[i].bytes, 1);
            CHECK_EQ(got[i], sent[i]);
        }
    }
    for (int i = 0; i < HOST_ATTEMPTS_MAX; i++) {
        close(fds[i][0]);
        close(fds[i][1]);
    }
    host_ring_destroy(ring);
}

/* The kernel takes the ring away: what it did not do is done without it, now and later. */
TEST(ring__refused_when_entered__plain_calls_do_it)
{
    struct host_ring *ring = open_ring();
    host_fault_set(HOST_CALL_RING, 1, EPERM);
    check_mixture(ring);
    host_fault_set(HOST_CALL_RING, 0, 0);
    check_mixture(ring);
    host_ring_destroy(ring);
}

TEST(ring__no_memory_for_a_moment__tried_again)
{
    struct host_ring *ring = open_ring();
    host_fault_set(HOST_CALL_RING, 1, EAGAIN);
    check_mixture(ring);
    CHECK(host_fault_seen(HOST_CALL_RING) >= 2);
    host_fault_set(HOST_CALL_RING, 1, EINTR);
    check_mixture(ring);
    host_fault_set(HOST_CALL_RING, 0, 0);
    host_ring_destroy(ring);
}

TEST(ring__injected_faults__are_results)
{
    struct host_ring *ring = open_ring();
    int a, b;
    char byte = 'x';
    pair(&a, &b);
    host_fault_set(HOST_CALL_SEND, 1, ECONNRESET);
    struct host_attempt attempts[] = {attempt_of(a, 1, &byte, 1), attempt_of(b, 1, &byte, 1)};
    host_ring_attempt(ring, attempts, 2);
    host_fault_set(HOST_CALL_SEND, 0, 0);
    CHECK_EQ(attempts[0].status, H_STATUS_CONNECTION_RESET);
    CHECK_EQ(attempts[1].status, 0);
    close(a);
    close(b);
    host_ring_destroy(ring);
}

TEST(ring__cannot_be_made__says_so)
{
    struct host_ring *ring;
    host_fault_set(HOST_CALL_RING, 1, ENOMEM);
    CHECK_EQ(host_ring_create(&ring), H_STATUS_INSUFFICIENT_RESOURCES);
    host_fault_set(HOST_CALL_RING, 0, 0);
    host_ring_destroy(NULL);
}

TEST(ring__forbidden__is_absent_and_pollers_go_on)
{
    struct host_poller *poller;
    struct host_ring *ring;
    if (!nts_forbid_io_uring())
        SKIP("no filter of system calls");
    REQUIRE(host_ring_absence() != NULL);
    CHECK(strstr(host_ring_absence(), "forbids") != NULL || strstr(host_ring_absence(), "without liburing") != NULL ||
        strstr(host_ring_absence(), "valgrind") != NULL);
    CHECK_EQ(host_ring_create(&ring), H_STATUS_NOT_SUPPORTED);
    REQUIRE_EQ(host_poller_create(&poller), 0);
    host_poller_use_rings();
    host_poller_make_batches(poller);
    host_poller_wake(poller);
    CHECK_EQ(host_poller_run(poller, -1), 0);
    host_poller_destroy(poller);
}

/* --- batches of a poller --- */

struct watched {
    struct host_source source; /* first */
    char byte;
    struct host_attempt *attempt;
    struct watched *victim; /* the handler removes and retires it */
    struct host_poller *poller;
    int prepared, called, freed, attempts_none;
    uint32_t events;
};

static void prepare(struct watched *watched, uint32_t events)
{
    watched->prepared++;
    if ((events & HOST_POLL_IN) == 0 && (events & HOST_POLL_OWED) == 0)
        return;
    watched->attempt = watched->attempts_none ? NULL : host_batch_add(watched->poller);
    if (watched->attempt != NULL)
        *watched->attempt = attempt_of(watched->source.fd, (events & HOST_POLL_OWED) != 0, &watched->byte, 1);
}

static void mark_freed(struct host_source *source)
{
    struct watched *watched = (struct watched *)source;
    watched->freed++;
}

static void handler(struct host_source *source, uint32_t events)
{
    struct watched *watched = (struct watched *)source, *victim = watched->victim;
    CHECK_EQ(watched->freed, 0);
    if (events & HOST_POLL_PREPARE) {
        prepare(watched, events);
        return;
    }
    watched->called++;
    watched->events = events;
    if (victim != NULL) {
        host_source_remove(&victim->source);
        host_source_drain(watched->poller, &victim->source); /* its own thread is no reason to wait */
        host_poller_retire(watched->poller, &victim->source, mark_freed);
        watched->victim = NULL;
    }
}

struct scene {
    struct host_poller *poller;
    struct watched one, two;
    int far_one, far_two;
};

static void open_scene(struct scene *scene)
{
    memset(scene, 0, sizeof *scene);
    if (host_ring_absence() != NULL)
        SKIP(host_ring_absence());
    REQUIRE_EQ(host_poller_create(&scene->poller), 0);
    host_poller_use_rings();
    host_poller_set_batch_least(2);
    host_poller_make_batches(scene->poller);
    pair(&scene->one.source.fd, &scene->far_one);
    pair(&scene->two.source.fd, &scene->far_two);
    struct watched *both[] = {&scene->one, &scene->two};
    for (int i = 0; i < 2; i++) {
        both[i]->poller = scene->poller;
        both[i]->source.handler = handler;
        REQUIRE_EQ(host_source_add(scene->poller, &both[i]->source), 0);
    }
    while (host_poller_run(scene->poller, 0) != 0) {
    }
    scene->one.prepared = scene->two.prepared = scene->one.called = scene->two.called = 0;
}

static void make_ready(struct scene *scene)
{
    REQUIRE_EQ(write(scene->far_one, "1", 1), 1);
    REQUIRE_EQ(write(scene->far_two, "2", 1), 1);
}

static void close_scene(struct scene *scene)
{
    host_source_remove(&scene->one.source);
    host_source_remove(&scene->two.source);
    close(scene->one.source.fd);
    close(scene->two.source.fd);
    close(scene->far_one);
    close(scene->far_two);
    host_poller_destroy(scene->poller);
}

TEST(batch__one_source__is_called_without_preparation)
{
    struct scene scene;
    open_scene(&scene);
    REQUIRE_EQ(write(scene.far_one, "1", 1), 1);
    CHECK_EQ(host_poller_run(scene.poller, -1), 1);
    CHECK_EQ(scene.one.prepared, 0);
    CHECK_EQ(scene.one.events & HOST_POLL_BATCHED, 0);
    close_scene(&scene);
}

TEST(batch__fewer_sources_than_pay__are_called_without_preparation)
{
    struct scene scene;
    open_scene(&scene);
    host_poller_set_batch_least(3);
    make_ready(&scene);
    CHECK_EQ(host_poller_run(scene.poller, -1), 2);
    CHECK_EQ(scene.one.prepared + scene.two.prepared, 0);
    CHECK_EQ(scene.two.events & HOST_POLL_BATCHED, 0);
    close_scene(&scene);
}

TEST(batch__two_sources__attempts_are_made_between_preparation_and_call)
{
    struct scene scene;
    open_scene(&scene);
    make_ready(&scene);
    CHECK_EQ(host_poller_run(scene.poller, -1), 2);
    CHECK_EQ(scene.one.prepared, 1);
    CHECK_EQ(scene.one.byte, '1');
    CHECK_EQ(scene.two.byte, '2');
    CHECK((scene.one.events & HOST_POLL_BATCHED) != 0);
    CHECK((scene.two.events & HOST_POLL_IN) != 0);
    close_scene(&scene);
}

TEST(batch__first_removes_and_retires_second__second_is_called_then_freed)
{
    struct scene scene;
    open_scene(&scene);
    struct watched *first = &scene.one, *second = &scene.two;
    make_ready(&scene);
    first->victim = second; /* whichever is called first */
    second->victim = first;
    CHECK_EQ(host_poller_run(scene.poller, -1), 2);
    CHECK_EQ(first->called, 1);
    CHECK_EQ(second->called, 1);
    CHECK_EQ(first->freed, 1);
    CHECK_EQ(second->freed, 1);
    close_scene(&scene);
}

TEST(batch__first_removes_second_that_has_no_attempt__second_is_not_called)
{
    struct scene scene;
    open_scene(&scene);
    make_ready(&scene);
    scene.one.attempts_none = scene.two.attempts_none = 1;
    scene.one.victim = &scene.two;
    scene.two.victim = &scene.one;
    CHECK_EQ(host_poller_run(scene.poller, -1), 1);
    CHECK_EQ(scene.one.called + scene.two.called, 1);
    CHECK_EQ(scene.one.freed + scene.two.freed, 1);
    close_scene(&scene);
}

struct await {
    struct scene *scene;
    struct host_thread *thread;
    uint32_t begun;
};

static struct await awaiting;

static void await_attempts(void *context)
{
    (void)context;
    __atomic_store_n(&awaiting.begun, 1, __ATOMIC_SEQ_CST);
    host_poller_await_attempts(awaiting.scene->poller);
    CHECK_EQ(awaiting.scene->one.attempt->bytes, 1);
    CHECK_EQ(awaiting.scene->two.attempt->bytes, 1);
    CHECK_EQ(awaiting.scene->one.byte, '1');
    CHECK_EQ(awaiting.scene->two.byte, '2');
}

/* The results stay where they are until the handlers have been called. */
static void await_and_join(struct host_source *source, uint32_t events)
{
    handler(source, events);
    if ((events & HOST_POLL_PREPARE) != 0 && awaiting.thread == NULL) {
        REQUIRE_EQ(host_thread_create(&awaiting.thread, await_attempts, NULL, 0), 0);
        while (__atomic_load_n(&awaiting.begun, __ATOMIC_SEQ_CST) == 0)
            host_thread_yield();
    } else if ((events & HOST_POLL_PREPARE) == 0 && awaiting.thread != NULL) {
        host_thread_join(awaiting.thread);
        awaiting.thread = NULL;
    }
}

TEST(batch__another_thread_awaits_the_attempts__finds_their_results)
{
    struct scene scene;
    open_scene(&scene);
    awaiting.scene = &scene;
    scene.one.source.handler = scene.two.source.handler = await_and_join;
    make_ready(&scene);
    CHECK_EQ(host_poller_run(scene.poller, -1), 2);
    host_poller_await_attempts(scene.poller); /* none */
    close_scene(&scene);
}

TEST(owed__run__calls_once_together_with_what_is_ready)
{
    struct scene scene;
    char byte;
    open_scene(&scene);
    scene.one.byte = 'o';
    CHECK_EQ(host_poller_owes(scene.poller), 0);
    REQUIRE(host_poller_owe(scene.poller, &scene.one.source));
    CHECK(host_poller_owes(scene.poller));
    CHECK_EQ(read(scene.far_one, &byte, 1), -1);
    CHECK_EQ(host_poller_run(scene.poller, -1), 1); /* does not sleep */
    CHECK_EQ(read(scene.far_one, &byte, 1), 1);
    CHECK_EQ(byte, 'o');
    CHECK_EQ(scene.one.events, HOST_POLL_OWED | HOST_POLL_BATCHED);
    CHECK_EQ(host_poller_owes(scene.poller), 0);
    /* owed and ready at once: one call */
    while (host_poller_run(scene.poller, 0) != 0) { /* there is room again, after the read */
    }
    REQUIRE(host_poller_owe(scene.poller, &scene.one.source));
    REQUIRE(host_poller_owe(scene.poller, &scene.one.source));
    REQUIRE_EQ(write(scene.far_one, "1", 1), 1);
    CHECK_EQ(host_poller_run(scene.poller, -1), 1);
    CHECK((scene.one.events & HOST_POLL_OWED) != 0);
    CHECK((scene.one.events & HOST_POLL_IN) != 0);
    close_scene(&scene);
}

TEST(owed__source_removed_before_the_run__is_not_called)
{
    struct scene scene;
    open_scene(&scene);
    REQUIRE(host_poller_owe(scene.poller, &scene.one.source));
    host_source_remove(&scene.one.source);
    CHECK_EQ(host_poller_run(scene.poller, 0), 0);
    CHECK_EQ(scene.one.called, 0);
    close_scene(&scene);
}

TEST(owed__more_than_a_run_takes__the_rest_is_refused)
{
    struct scene scene;
    int taken = 0;
    open_scene(&scene);
    while (host_poller_owe(scene.poller, &scene.one.source))
        taken++;
    CHECK(taken >= 16);
    CHECK_EQ(host_poller_run(scene.poller, -1), 1);
    CHECK(host_poller_owe(scene.poller, &scene.one.source));
    CHECK_EQ(host_poller_run(scene.poller, -1), 1);
    close_scene(&scene);
}

TEST(owed__poller_without_ring__is_refused)
{
    struct host_poller *poller;
    struct watched watched = {.byte = 'x'};
    int far;
    REQUIRE_EQ(host_poller_create(&poller), 0);
    pair(&watched.source.fd, &far);
    watched.source.handler = handler;
    REQUIRE_EQ(host_source_add(poller, &watched.source), 0);
    CHECK_EQ(host_poller_owe(poller, &watched.source), 0);
    host_source_remove(&watched.source);
    close(watched.source.fd);
    close(far);
    host_poller_destroy(poller);
}
