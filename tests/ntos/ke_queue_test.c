/* SPDX-License-Identifier: MIT */
/*
 * ke_queue_test.c - queues with a poller of their own: who polls, who gets what, who is woken.
 *
 * A source is an event descriptor registered in the queue's poller; its handler inserts an entry, as a
 * request that completes queues its packet.
 */
#include "ke_test.h"

struct line {
    KE_QUEUE queue;
    KE_POLLER *poller;
};

struct source {
    struct host_source source;
    struct line *line;
    LIST_ENTRY entry;
    LONG armed;
    PKTHREAD handler_thread;
};

static void handler(struct host_source *base, uint32_t events)
{
    struct source *source = CONTAINING_RECORD(base, struct source, source);
    LONG one = 1;
    if (!(events & HOST_POLL_IN)
        || !__atomic_compare_exchange_n(&source->armed, &one, 0, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return;
    __atomic_store_n(&source->handler_thread, KeGetCurrentThread(), __ATOMIC_SEQ_CST);
    KePollerDisarm(source->line->poller);
    CHECK(KeInsertQueue(&source->line->queue, &source->entry));
}

static void open_line(struct line *line, ULONG limit)
{
    REQUIRE_EQ(KeCreatePoller(&line->poller), STATUS_SUCCESS);
    KeInitializeQueue(&line->queue, limit, line->poller);
}

static void close_line(struct line *line)
{
    LIST_ENTRY rest;
    KeRundownQueue(&line->queue, &rest);
    CHECK(IsListEmpty(&rest));
    KeDeleteQueue(&line->queue);
    KeDereferencePoller(line->poller);
}

static void open_source(struct source *source, struct line *line)
{
    int fd;
    __builtin_memset(source, 0, sizeof *source);
    source->line = line;
    REQUIRE_EQ(host_wake_create(&fd), STATUS_SUCCESS);
    source->source.fd = fd;
    source->source.handler = handler;
    REQUIRE_EQ(host_source_add(KePollerHost(line->poller), &source->source), STATUS_SUCCESS);
}

static void close_source(struct source *source)
{
    host_source_remove(&source->source);
    host_source_drain(KePollerHost(source->line->poller), &source->source);
    host_close(source->source.fd);
}

static void arm(struct source *source)
{
    __atomic_store_n(&source->armed, 1, __ATOMIC_RELEASE);
    KePollerArm(source->line->poller);
}

static void make_ready(struct source *source)
{
    host_wake_signal(source->source.fd);
}

static PLIST_ENTRY take(struct line *line, LONGLONG ms)
{
    LARGE_INTEGER time = relative_ms(ms);
    PLIST_ENTRY entry = NULL;
    ULONG removed;
    NTSTATUS status = KeRemoveQueue(&line->queue, &entry, 1, &removed, FALSE, ms < 0 ? NULL : &time);
    CHECK(status == STATUS_SUCCESS || status == STATUS_TIMEOUT);
    return entry;
}

static void begin(void)
{
    nts_ignore_descriptor_leaks(); /* the watch's poller stays */
}

/* A thread that takes one entry; then it does as told. */
struct taker {
    struct line *line;
    PLIST_ENTRY entry;
    ULONG wakes_before, wakes; /* those it made up to having its entry */
    KEVENT *then_wait_for;
};

static ULONG take_one(PVOID parameter)
{
    struct taker *taker = parameter;
    ULONG before = KeGetCurrentThread()->WakesSent;
    PLIST_ENTRY entry = take(taker->line, -1);
    taker->wakes = KeGetCurrentThread()->WakesSent - before;
    __atomic_store_n(&taker->entry, entry, __ATOMIC_SEQ_CST);
    if (taker->then_wait_for != NULL)
        KeWaitForSingleObject(taker->then_wait_for, Executive, KernelMode, FALSE, NULL);
    return 0;
}

static void await_state(PKTHREAD thread, ULONG state)
{
    while (__atomic_load_n(&thread->PollerState, __ATOMIC_SEQ_CST) != state)
        NtYieldExecution();
}

static void await_entry(struct taker *taker)
{
    while (__atomic_load_n(&taker->entry, __ATOMIC_SEQ_CST) == NULL)
        NtYieldExecution();
}

TEST(queue__one_thread__polls_itself_and_wakes_nobody)
{
    struct line line;
    struct source source;
    ULONG wakes = KeGetCurrentThread()->WakesSent;
    int own = 0;
    begin();
    open_line(&line, 0);
    open_source(&source, &line);
    /* A round in which this thread loses the processor for the grace period may be the watch's. */
    for (int i = 0; i < 1000 && own < 20; i++) {
        arm(&source);
        make_ready(&source);
        CHECK(take(&line, -1) == &source.entry);
        own += source.handler_thread == KeGetCurrentThread();
    }
    CHECK_EQ(own, 20);
    CHECK_EQ(KeGetCurrentThread()->WakesSent - wakes, 0);
    close_source(&source);
    close_line(&line);
}

TEST(queue__two_wait__one_entry__the_one_that_polls_has_it_and_the_other_sleeps_on)
{
    struct line line;
    struct source first, second;
    struct taker takers[2] = {{&line}, {&line}};
    HANDLE threads[2];
    PKTHREAD leader;
    begin();
    open_line(&line, 2);
    open_source(&first, &line);
    open_source(&second, &line);
    arm(&first);
    arm(&second);
    threads[0] = start_thread(take_one, &takers[0]);
    leader = thread_of(threads[0]);
    await_state(leader, PollerLeader);
    threads[1] = start_thread(take_one, &takers[1]);
    await_state(thread_of(threads[1]), PollerFollower);
    make_ready(&first);
    await_entry(&takers[0]);
    CHECK(takers[0].entry == &first.entry);
    CHECK(first.handler_thread == leader);
    CHECK_EQ(takers[0].wakes, 0);
    /* That thread ends now, and passes on the role that it left open. */
    join_thread(threads[0]);
    make_ready(&second);
    join_thread(threads[1]);
    CHECK(takers[1].entry == &second.entry);
    close_source(&first);
    close_source(&second);
    close_line(&line);
}

static ULONG insert_two(struct line *line, struct taker *takers, HANDLE *threads, struct source *sources)
{
    for (int i = 0; i < 2; i++) {
        open_source(&sources[i], line);
        arm(&sources[i]);
    }
    threads[0] = start_thread(take_one, &takers[0]);
    await_state(thread_of(threads[0]), PollerLeader);
    threads[1] = start_thread(take_one, &takers[1]);
    await_state(thread_of(threads[1]), PollerFollower);
    await_parked(thread_of(threads[1]));
    /* both at once: the descriptors are ready before the leader can have seen the first */
    KiLockObject(&line->queue.Header);
    make_ready(&sources[0]);
    make_ready(&sources[1]);
    KiUnlockObject(&line->queue.Header);
    await_entry(&takers[0]);
    return takers[0].wakes;
}

TEST(queue__two_wait__two_entries__limit_decides_whether_the_second_is_woken)
{
    struct line line;
    struct source sources[2];
    HANDLE threads[2];
    KEVENT event;
    begin();
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    {
        struct taker takers[2] = {{&line}, {&line}};
        open_line(&line, 2);
        (void)insert_two(&line, takers, threads, sources);
        await_entry(&takers[1]);
        for (int i = 0; i < 2; i++) {
            join_thread(threads[i]);
            close_source(&sources[i]);
        }
        close_line(&line);
    }
    {
        /* limit one: the second goes out when the first thread blocks */
        struct taker takers[2] = {{&line, .then_wait_for = &event}, {&line, .then_wait_for = &event}};
        open_line(&line, 1);
        CHECK_EQ(insert_two(&line, takers, threads, sources), 0);
        await_entry(&takers[1]);
        CHECK(takers[0].entry != takers[1].entry);
        KeSetEvent(&event, 0, FALSE);
        for (int i = 0; i < 2; i++) {
            join_thread(threads[i]);
            close_source(&sources[i]);
        }
        close_line(&line);
    }
}

TEST(queue__leader_blocks_after_its_entry__a_follower_polls_on)
{
    struct line line;
    struct source first, second;
    KEVENT event;
    HANDLE threads[2];
    begin();
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    struct taker takers[2] = {{&line, .then_wait_for = &event}, {&line}};
    open_line(&line, 1);
    open_source(&first, &line);
    open_source(&second, &line);
    arm(&first);
    arm(&second);
    threads[0] = start_thread(take_one, &takers[0]);
    await_state(thread_of(threads[0]), PollerLeader);
    threads[1] = start_thread(take_one, &takers[1]);
    PKTHREAD follower = thread_of(threads[1]);
    await_state(follower, PollerFollower);
    make_ready(&first);
    await_state(follower, PollerLeader);
    make_ready(&second);
    join_thread(threads[1]);
    CHECK(takers[1].entry == &second.entry);
    CHECK(second.handler_thread == follower);
    KeSetEvent(&event, 0, FALSE);
    join_thread(threads[0]);
    close_source(&first);
    close_source(&second);
    close_line(&line);
}

TEST(queue__nobody_waits__the_watch_polls_several_and_gives_back)
{
    struct line lines[3];
    struct source sources[3];
    struct taker taker = {&lines[1]};
    begin();
    for (int i = 0; i < 3; i++) {
        open_line(&lines[i], 0);
        open_source(&sources[i], &lines[i]);
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3; i++) {
            arm(&sources[i]);
            make_ready(&sources[i]);
        }
        for (int i = 0; i < 3; i++) {
            while (KeReadStateEvent((PRKEVENT)(PVOID)&lines[i].queue) == 0)
                NtYieldExecution();
            CHECK(__atomic_load_n(&sources[i].handler_thread, __ATOMIC_RELAXED) != KeGetCurrentThread());
            CHECK(take(&lines[i], -1) == &sources[i].entry);
        }
    }
    /* all three are the watch's while nothing comes; a thread that waits takes its own */
    for (int i = 0; i < 3; i++)
        arm(&sources[i]);
    make_ready(&sources[0]);
    while (KeReadStateEvent((PRKEVENT)(PVOID)&lines[0].queue) == 0)
        NtYieldExecution();
    HANDLE thread = start_thread(take_one, &taker);
    PKTHREAD waiter = thread_of(thread);
    await_state(waiter, PollerLeader);
    make_ready(&sources[1]);
    join_thread(thread);
    CHECK(taker.entry == &sources[1].entry);
    CHECK(sources[1].handler_thread == waiter);
    make_ready(&sources[2]);
    CHECK(take(&lines[2], -1) == &sources[2].entry);
    CHECK(take(&lines[0], -1) == &sources[0].entry);
    for (int i = 0; i < 3; i++) {
        close_source(&sources[i]);
        close_line(&lines[i]);
    }
}

TEST(queue__asking_only__polls_too)
{
    struct line line;
    struct source source;
    int own = 0;
    begin();
    open_line(&line, 0);
    open_source(&source, &line);
    for (int i = 0; i < 1000 && own < 3; i++) {
        arm(&source);
        make_ready(&source);
        while (take(&line, 0) == NULL)
            ;
        own += source.handler_thread == KeGetCurrentThread();
    }
    CHECK_EQ(own, 3);
    close_source(&source);
    close_line(&line);
}

TEST(queue__always_entries__still_polls_now_and_then)
{
    struct line line;
    struct source source;
    LIST_ENTRY entry;
    int own = 0;
    begin();
    open_line(&line, 0);
    open_source(&source, &line);
    CHECK(KeInsertQueue(&line.queue, &entry));
    for (int round = 0; round < 1000 && own < 3; round++) {
        PLIST_ENTRY got = NULL;
        arm(&source);
        make_ready(&source);
        for (int i = 0; got != &source.entry; i++) {
            got = take(&line, -1);
            if (got == &entry)
                CHECK(KeInsertQueue(&line.queue, &entry));
        }
        own += source.handler_thread == KeGetCurrentThread();
    }
    CHECK_EQ(own, 3);
    CHECK(take(&line, 0) == &entry);
    close_source(&source);
    close_line(&line);
}

static ULONG word;

static ULONG take_and_sleep(PVOID parameter)
{
    struct taker *taker = parameter;
    __atomic_store_n(&taker->entry, take(taker->line, -1), __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) == 0)
        KeSleepOnWord(&word, 0, -1);
    return 0;
}

TEST(queue__limit_one__a_thread_that_sleeps_on_a_word_lets_another_run)
{
    struct line line;
    LIST_ENTRY entries[2];
    HANDLE threads[2];
    begin();
    open_line(&line, 1);
    struct taker takers[2] = {{&line}, {&line}};
    for (int i = 0; i < 2; i++) {
        threads[i] = start_thread(take_and_sleep, &takers[i]);
        await_parked(thread_of(threads[i]));
        CHECK(KeInsertQueue(&line.queue, &entries[i]));
    }
    await_entry(&takers[0]);
    await_entry(&takers[1]);
    __atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
    host_futex_wake(&word, UINT32_MAX);
    for (int i = 0; i < 2; i++)
        join_thread(threads[i]);
    close_line(&line);
}

/* --- many at once --- */

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define ROUNDS 3000
#else
#define ROUNDS 20000
#endif
#define SOURCES 6
#define WORKERS 4

static struct line shared;
static struct source many[SOURCES];
static LONG rounds[SOURCES], left;

static ULONG work(PVOID parameter)
{
    KEVENT *event = parameter;
    for (;;) {
        PLIST_ENTRY entry = NULL;
        ULONG removed;
        if (KeRemoveQueue(&shared.queue, &entry, 1, &removed, FALSE, NULL) == STATUS_ABANDONED_WAIT_0)
            return 0;
        struct source *source = CONTAINING_RECORD(entry, struct source, entry);
        LONG index = (LONG)(source - many), round = ++rounds[index];
        if (round % 50 == 0) {
            LARGE_INTEGER time = {.QuadPart = -10};
            KeWaitForSingleObject(event, Executive, KernelMode, FALSE, &time);
        }
        if (round == ROUNDS) {
            if (__atomic_sub_fetch(&left, 1, __ATOMIC_SEQ_CST) == 0)
                KeSetEvent(event, 0, FALSE);
            continue;
        }
        arm(source);
        make_ready(source);
    }
}

TEST(hammer__workers_poll_take_and_block__no_entry_is_lost_or_doubled)
{
    HANDLE threads[WORKERS];
    LIST_ENTRY rest;
    KEVENT event;
    begin();
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    open_line(&shared, 2);
    left = SOURCES;
    for (int i = 0; i < SOURCES; i++)
        open_source(&many[i], &shared);
    for (int i = 0; i < WORKERS; i++)
        threads[i] = start_thread(work, &event);
    for (int i = 0; i < SOURCES; i++) {
        arm(&many[i]);
        make_ready(&many[i]);
    }
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
    KeRundownQueue(&shared.queue, &rest);
    CHECK(IsListEmpty(&rest));
    for (int i = 0; i < WORKERS; i++)
        join_thread(threads[i]);
    for (int i = 0; i < SOURCES; i++) {
        CHECK_EQ(rounds[i], ROUNDS);
        close_source(&many[i]);
    }
    CHECK_EQ(shared.queue.Running, 0);
    close_line(&shared);
}
