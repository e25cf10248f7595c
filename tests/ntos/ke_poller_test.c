/* SPDX-License-Identifier: MIT */
/*
 * ke_poller_test.c - who polls: leader, follower, background; completions and direct waits.
 *
 * A source here is an event descriptor: signalling it is "data arrives". Its handler does what a
 * transport does: it notes its thread, disarms and completes.
 */
#include "ke_test.h"

struct source {
    struct host_source source;
    KE_POLLER *poller;
    KEVENT event;
    KE_COMPLETION *completion;
    LONG armed;
    LONG handled;
    PKTHREAD handler_thread;
};

static void handler(struct host_source *base, uint32_t events)
{
    struct source *source = CONTAINING_RECORD(base, struct source, source);
    LONG one = 1;
    if (!(events & HOST_POLL_IN))
        return;
    if (!__atomic_compare_exchange_n(&source->armed, &one, 0, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return;
    __atomic_store_n(&source->handler_thread, KeGetCurrentThread(), __ATOMIC_RELAXED);
    KePollerDisarm(source->poller);
    __atomic_add_fetch(&source->handled, 1, __ATOMIC_RELEASE);
    if (source->completion != NULL)
        KeSignalCompletion(source->completion);
    else
        KeSetEvent(&source->event, 0, FALSE);
}

static void open_source(struct source *source)
{
    int fd;
    __builtin_memset(source, 0, sizeof *source);
    KeInitializeEvent(&source->event, SynchronizationEvent, FALSE);
    REQUIRE_EQ(KeDefaultPoller(&source->poller), STATUS_SUCCESS);
    REQUIRE_EQ(host_wake_create(&fd), STATUS_SUCCESS);
    source->source.fd = fd;
    source->source.handler = handler;
    REQUIRE_EQ(host_source_add(KePollerHost(source->poller), &source->source), STATUS_SUCCESS);
}

static void close_source(struct source *source)
{
    host_source_remove(&source->source);
    host_close(source->source.fd);
}

static void arm(struct source *source)
{
    __atomic_store_n(&source->armed, 1, __ATOMIC_RELEASE);
    KePollerArm(source->poller);
}

static void signal_source(struct source *source)
{
    host_wake_signal(source->source.fd);
}

static NTSTATUS wait_source(struct source *source)
{
    return KeWaitForSingleObject(&source->event, Executive, KernelMode, FALSE, NULL);
}

static ULONG wait_thread(PVOID parameter)
{
    return (ULONG)wait_source(parameter);
}

/* --- the poller stays open for the process --- */
static void begin(void)
{
    KE_POLLER *poller;
    nts_ignore_descriptor_leaks();
    REQUIRE_EQ(KeDefaultPoller(&poller), STATUS_SUCCESS);
}

TEST(poller__one_waiter__polls_itself)
{
    struct source source;
    int rounds = 0, own = 0;
    begin();
    open_source(&source);
    /* A round in which this thread loses the processor for the grace period may be the background's. */
    while (own < 3 && rounds < 1000) {
        arm(&source);
        signal_source(&source);
        CHECK_EQ(wait_source(&source), STATUS_WAIT_0);
        own += source.handler_thread == KeGetCurrentThread();
        rounds++;
    }
    CHECK_EQ(own, 3);
    CHECK_EQ(source.handled, rounds);
    close_source(&source);
}

TEST(poller__nobody_waits__background_makes_progress)
{
    struct source source;
    begin();
    open_source(&source);
    for (int i = 1; i <= 3; i++) {
        arm(&source);
        signal_source(&source);
        while (__atomic_load_n(&source.handled, __ATOMIC_ACQUIRE) != i)
            NtYieldExecution();
        CHECK(source.handler_thread != KeGetCurrentThread());
    }
    close_source(&source);
}

TEST(poller__background_leads__waiter_takes_the_role)
{
    struct source first, second;
    begin();
    open_source(&first);
    open_source(&second);
    arm(&first);
    arm(&second);
    signal_source(&first);
    while (__atomic_load_n(&first.handled, __ATOMIC_ACQUIRE) != 1)
        NtYieldExecution();
    /* The background thread leads now; a thread that waits becomes leader before data comes. */
    HANDLE thread = start_thread(wait_thread, &second);
    PKTHREAD waiter = thread_of(thread);
    while (__atomic_load_n(&waiter->PollerState, __ATOMIC_SEQ_CST) != PollerLeader)
        NtYieldExecution();
    signal_source(&second);
    CHECK_EQ(join_thread(thread), STATUS_WAIT_0);
    CHECK(second.handler_thread == waiter);
    close_source(&first);
    close_source(&second);
}

TEST(poller__leader_is_done__newest_follower_is_promoted)
{
    struct source a, b, c;
    HANDLE threads[3];
    PKTHREAD kthreads[3];
    begin();
    open_source(&a);
    open_source(&b);
    open_source(&c);
    arm(&a);
    arm(&b);
    arm(&c);
    threads[0] = start_thread(wait_thread, &a);
    kthreads[0] = thread_of(threads[0]);
    while (__atomic_load_n(&kthreads[0]->PollerState, __ATOMIC_SEQ_CST) != PollerLeader)
        NtYieldExecution();
    threads[1] = start_thread(wait_thread, &b);
    kthreads[1] = thread_of(threads[1]);
    while (__atomic_load_n(&kthreads[1]->PollerState, __ATOMIC_SEQ_CST) != PollerFollower)
        NtYieldExecution();
    threads[2] = start_thread(wait_thread, &c);
    kthreads[2] = thread_of(threads[2]);
    while (__atomic_load_n(&kthreads[2]->PollerState, __ATOMIC_SEQ_CST) != PollerFollower)
        NtYieldExecution();
    signal_source(&a);
    CHECK_EQ(join_thread(threads[0]), STATUS_WAIT_0);
    CHECK(a.handler_thread == kthreads[0]);
    while (__atomic_load_n(&kthreads[2]->PollerState, __ATOMIC_SEQ_CST) != PollerLeader)
        NtYieldExecution();
    CHECK_EQ(__atomic_load_n(&kthreads[1]->PollerState, __ATOMIC_SEQ_CST), PollerFollower);
    signal_source(&b); /* the leader completes what a follower waits for */
    CHECK_EQ(join_thread(threads[1]), STATUS_WAIT_0);
    CHECK(b.handler_thread == kthreads[2]);
    signal_source(&c);
    CHECK_EQ(join_thread(threads[2]), STATUS_WAIT_0);
    close_source(&a);
    close_source(&b);
    close_source(&c);
}

TEST(poller__armed_while_a_thread_sleeps__it_is_promoted)
{
    struct source source;
    HANDLE thread;
    PKTHREAD waiter;
    begin();
    open_source(&source);
    thread = start_thread(wait_thread, &source);
    waiter = thread_of(thread);
    await_parked(waiter);
    arm(&source);
    while (__atomic_load_n(&waiter->PollerState, __ATOMIC_SEQ_CST) != PollerLeader)
        NtYieldExecution();
    signal_source(&source);
    CHECK_EQ(join_thread(thread), STATUS_WAIT_0);
    CHECK(source.handler_thread == waiter);
    close_source(&source);
}

TEST(poller__leader_woken_by_another_object__returns)
{
    struct source source;
    KEVENT event;
    HANDLE thread;
    LARGE_INTEGER time = relative_ms(1);
    begin();
    open_source(&source);
    arm(&source);
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &time), STATUS_TIMEOUT);
    thread = start_thread(wait_thread, &source);
    await_parked(thread_of(thread));
    KeSetEvent(&source.event, 0, FALSE); /* not by data */
    CHECK_EQ(join_thread(thread), STATUS_WAIT_0);
    signal_source(&source); /* and the armed source is still served */
    CHECK_EQ(wait_source(&source), STATUS_WAIT_0);
    CHECK_EQ(source.handled, 1);
    close_source(&source);
}

/* --- completions --- */

static ULONG complete(PVOID parameter)
{
    KE_COMPLETION *completion = parameter;
    await_parked(completion->Owner);
    KeSignalCompletion(completion);
    return 0;
}

TEST(completion__signalled__wait_returns)
{
    KE_COMPLETION completion;
    LARGE_INTEGER time = relative_ms(1);
    HANDLE thread;
    KeInitializeCompletion(&completion);
    CHECK_EQ(KeWaitCompletion(&completion, FALSE, &time), STATUS_TIMEOUT);
    thread = start_thread(complete, &completion);
    CHECK_EQ(KeWaitCompletion(&completion, FALSE, NULL), STATUS_SUCCESS);
    join_thread(thread);
    KeInitializeCompletion(&completion);
    KeSignalCompletion(&completion);
    CHECK_EQ(KeWaitCompletion(&completion, FALSE, NULL), STATUS_SUCCESS);
}

static LONG apcs;
static VOID count_apc(PVOID a, PVOID b, PVOID c)
{
    UNREFERENCED_PARAMETER(a);
    UNREFERENCED_PARAMETER(b);
    UNREFERENCED_PARAMETER(c);
    apcs++;
}

TEST(completion__alertable__returns_for_an_apc)
{
    KE_COMPLETION completion;
    LARGE_INTEGER time = relative_ms(1);
    KeInitializeCompletion(&completion);
    NtQueueApcThread(NtCurrentThread(), count_apc, NULL, NULL, NULL);
    CHECK_EQ(KeWaitCompletion(&completion, FALSE, &time), STATUS_TIMEOUT);
    CHECK_EQ(apcs, 0);
    CHECK_EQ(KeWaitCompletion(&completion, TRUE, NULL), STATUS_USER_APC);
    CHECK_EQ(apcs, 1);
}

/* A direct wait: the request's own descriptor. Ready completes at the second call. */
struct direct {
    KE_COMPLETION completion;
    int fd;
    LONG calls;
    LONG complete_at;
    BOOLEAN give_up;
};

static BOOLEAN direct_ready(PVOID context, ULONG events)
{
    struct direct *direct = context;
    CHECK(events & HOST_POLL_IN);
    if (++direct->calls == direct->complete_at) {
        KeSignalCompletion(&direct->completion);
        return FALSE;
    }
    return !direct->give_up;
}

static void begin_direct(struct direct *direct)
{
    KE_DIRECT_WAIT wait = {.Ready = direct_ready, .Context = direct};
    __builtin_memset(direct, 0, sizeof *direct);
    direct->complete_at = 1;
    REQUIRE_EQ(host_wake_create(&direct->fd), STATUS_SUCCESS);
    KeInitializeCompletion(&direct->completion);
    wait.Item.fd = direct->fd;
    wait.Item.events = HOST_POLL_IN;
    KeSetDirectWait(&wait);
}

TEST(direct_wait__descriptor_ready__completed_by_the_waiter)
{
    struct direct direct;
    LARGE_INTEGER time = relative_ms(1);
    nts_ignore_descriptor_leaks(); /* the thread keeps its wake descriptor */
    begin_direct(&direct);
    direct.complete_at = 3;
    CHECK_EQ(KeWaitCompletion(&direct.completion, FALSE, &time), STATUS_TIMEOUT);
    CHECK_EQ(direct.calls, 0);
    host_wake_signal(direct.fd);
    CHECK_EQ(KeWaitCompletion(&direct.completion, FALSE, NULL), STATUS_SUCCESS);
    CHECK_EQ(direct.calls, 3);
    CHECK_EQ(KeGetCurrentThread()->DirectValid, FALSE);
    host_close(direct.fd);
}

TEST(direct_wait__completed_by_another_thread__woken_through_its_descriptor)
{
    struct direct direct;
    HANDLE thread;
    nts_ignore_descriptor_leaks();
    for (int i = 0; i < 50; i++) {
        begin_direct(&direct);
        if (i & 1) { /* Ready gives up: the rest of the wait is by futex */
            direct.give_up = TRUE;
            direct.complete_at = 2;
            host_wake_signal(direct.fd);
        }
        thread = start_thread(complete, &direct.completion);
        CHECK_EQ(KeWaitCompletion(&direct.completion, FALSE, NULL), STATUS_SUCCESS);
        join_thread(thread);
        CHECK(direct.calls <= 1);
        host_close(direct.fd);
    }
}

/* --- many at once --- */

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define ROUNDS 400
#else
#define ROUNDS 3000
#endif
#define WAITERS 4
static struct source sources[WAITERS];
static LONG requests[WAITERS]; /* 1: wants data */
static LONG running;

static ULONG ask_and_wait(PVOID parameter)
{
    ULONG_PTR me = (ULONG_PTR)parameter;
    struct source *source = &sources[me];
    for (int i = 0; i < ROUNDS; i++) {
        KE_COMPLETION completion;
        BOOLEAN sync = (i + (int)me) % 3 == 0;
        if (sync) {
            KeInitializeCompletion(&completion);
            source->completion = &completion;
        } else {
            source->completion = NULL;
        }
        arm(source);
        __atomic_store_n(&requests[me], 1, __ATOMIC_SEQ_CST);
        if (i % 7 == 0)
            NtYieldExecution();
        if (sync)
            KeWaitCompletion(&completion, FALSE, NULL);
        else
            wait_source(source);
    }
    __atomic_sub_fetch(&running, 1, __ATOMIC_SEQ_CST);
    return 0;
}

static ULONG produce(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    while (__atomic_load_n(&running, __ATOMIC_SEQ_CST) != 0) {
        for (int i = 0; i < WAITERS; i++)
            if (__atomic_exchange_n(&requests[i], 0, __ATOMIC_SEQ_CST))
                signal_source(&sources[i]);
        NtYieldExecution();
    }
    return 0;
}

TEST(hammer__role_handed_over__no_request_is_forgotten)
{
    HANDLE threads[WAITERS], producer;
    begin();
    __atomic_store_n(&running, WAITERS, __ATOMIC_SEQ_CST);
    for (int i = 0; i < WAITERS; i++)
        open_source(&sources[i]);
    for (ULONG_PTR i = 0; i < WAITERS; i++)
        threads[i] = start_thread(ask_and_wait, (PVOID)i);
    producer = start_thread(produce, NULL);
    for (int i = 0; i < WAITERS; i++) {
        CHECK_EQ(join_thread(threads[i]), 0);
        CHECK_EQ(sources[i].handled, ROUNDS);
    }
    join_thread(producer);
    for (int i = 0; i < WAITERS; i++)
        close_source(&sources[i]);
}
