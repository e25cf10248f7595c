/* SPDX-License-Identifier: MIT */
/*
 * tl_race_test.c - many threads on one endpoint.
 *
 * Goal: each request ends exactly once, whoever wins. Method: threads complete, cancel and abort the same
 * requests at the same time; every request counts its upcalls and the cancellations that took it back.
 */
#include "tl_test.h"

#include "host_thread.h"

enum { OPS = 16, ROUNDS = 150 };

struct race {
    struct end a, b;
    struct op ops[OPS];
    char got[OPS];
    LONG taken_back[OPS];
    ULONG started; /* futex */
};

static void await_start(struct race *race)
{
    while (__atomic_load_n(&race->started, __ATOMIC_SEQ_CST) == 0)
        host_futex_wait(&race->started, 0, -1);
}

static void start(struct race *race)
{
    __atomic_store_n(&race->started, 1, __ATOMIC_SEQ_CST);
    host_futex_wake(&race->started, 100);
}

static void sender_thread(void *context)
{
    struct race *race = context;
    await_start(race);
    for (int i = 0; i < OPS; i++) {
        char byte = (char)i;
        struct op op;
        op_prepare(&op, &byte, 1, 0, TL_REQUEST_NO_PEND);
        (VOID)!engine->Send(race->a.tl, &op.request);
    }
}

static void canceller_thread(void *context)
{
    struct race *race = context;
    await_start(race);
    for (int i = OPS - 1; i >= 0; i--) {
        if (engine->Cancel(race->b.tl, &race->ops[i].request))
            __atomic_add_fetch(&race->taken_back[i], 1, __ATOMIC_SEQ_CST);
    }
}

static void aborter_thread(void *context)
{
    struct race *race = context;
    await_start(race);
    host_thread_yield();
    engine->Abort(race->b.tl, FALSE);
}

static void run_race(struct race *race, int with_abort)
{
    struct host_thread *threads[3];
    memset(race, 0, sizeof *race);
    end_pair(&race->a, &race->b);
    for (int i = 0; i < OPS; i++) {
        op_prepare(&race->ops[i], &race->got[i], 1, 0, i % 2 == 0 ? 0 : TL_REQUEST_DIRECT);
        REQUIRE_EQ(engine->Receive(race->b.tl, &race->ops[i].request), STATUS_PENDING);
    }
    REQUIRE_EQ(host_thread_create(&threads[0], sender_thread, race, 0), 0);
    REQUIRE_EQ(host_thread_create(&threads[1], canceller_thread, race, 0), 0);
    REQUIRE_EQ(host_thread_create(&threads[2], with_abort ? aborter_thread : canceller_thread, race, 0), 0);
    start(race);
    for (int i = 0; i < 3; i++)
        host_thread_join(threads[i]);
    engine->Abort(race->b.tl, FALSE);
    for (int i = 0; i < OPS; i++) {
        if (race->taken_back[i] == 0)
            CHECK_EQ(KeWaitCompletion(&race->ops[i].done, FALSE, NULL), STATUS_SUCCESS);
        CHECK_EQ(__atomic_load_n(&race->ops[i].completions, __ATOMIC_SEQ_CST) + race->taken_back[i], 1);
    }
    engine->Close(race->b.tl);
    end_close(&race->a);
}

TEST(race__complete_against_cancel__exactly_one_end)
{
    static struct race race;
    for (int round = 0; round < ROUNDS; round++)
        run_race(&race, 0);
}

TEST(race__complete_against_cancel_and_abort__exactly_one_end)
{
    static struct race race;
    for (int round = 0; round < ROUNDS; round++)
        run_race(&race, 1);
}

/* --- both directions of one connection on their own threads --- */

enum { STREAM_BYTES = 1 << 20 };

struct pump {
    struct end *end;
    int sending;
    UCHAR flags;
    SIZE_T bytes;
    ULONG sum;
};

static void pump_thread(void *context)
{
    struct pump *pump = context;
    char block[3000];
    while (pump->bytes < STREAM_BYTES) {
        struct op op;
        SIZE_T left = STREAM_BYTES - pump->bytes;
        ULONG want = (ULONG)(left < sizeof block ? left : sizeof block);
        for (ULONG i = 0; pump->sending && i < want; i++)
            block[i] = (char)((pump->bytes + i) * 13 >> 2);
        op_prepare(&op, block, want, 0, pump->flags);
        NTSTATUS status = op_wait(&op, pump->sending ? engine->Send(pump->end->tl, &op.request)
                                                     : engine->Receive(pump->end->tl, &op.request));
        if (status != STATUS_SUCCESS || op.request.Bytes == 0) {
            CHECK_EQ(status, STATUS_SUCCESS);
            return;
        }
        for (SIZE_T i = 0; i < op.request.Bytes; i++)
            pump->sum = pump->sum * 33 + (UCHAR)block[i];
        pump->bytes += op.request.Bytes;
    }
}

TEST(full_duplex__four_threads__all_bytes_both_ways)
{
    for (int direct = 0; direct < 2; direct++) {
        struct end a, b;
        struct host_thread *threads[4];
        end_pair(&a, &b);
        UCHAR flags = direct ? TL_REQUEST_DIRECT : 0;
        struct pump pumps[4] = {{&a, 1, flags, 0, 0}, {&b, 0, flags, 0, 0}, {&b, 1, flags, 0, 0}, {&a, 0, flags, 0, 0}};
        for (int i = 0; i < 4; i++)
            REQUIRE_EQ(host_thread_create(&threads[i], pump_thread, &pumps[i], 0), 0);
        for (int i = 0; i < 4; i++)
            host_thread_join(threads[i]);
        for (int i = 0; i < 4; i++)
            CHECK_EQ(pumps[i].bytes, STREAM_BYTES);
        CHECK_EQ(pumps[0].sum, pumps[1].sum);
        CHECK_EQ(pumps[2].sum, pumps[3].sum);
        end_close(&a);
        end_close(&b);
    }
}

/* --- accepts of several threads on one listener --- */

enum { ACCEPTERS = 4, CONNECTIONS = 100 };

struct accepter {
    struct end *listener;
    int count;
};

static void accept_thread(void *context)
{
    struct accepter *accepter = context;
    for (int i = 0; i < CONNECTIONS; i++) {
        struct op op;
        struct end end;
        char got[4];
        SIZE_T bytes;
        op_prepare(&op, NULL, 0, 0, TL_REQUEST_DIRECT);
        if (op_wait(&op, engine->Accept(accepter->listener->tl, &op.request)) != STATUS_SUCCESS)
            return;
        end_adopt(&end, &op);
        CHECK_EQ(receive_bytes(&end, got, 4, 0, &bytes), STATUS_SUCCESS);
        CHECK_EQ(bytes, 2);
        end_close(&end);
        accepter->count++;
    }
}

TEST(accept__four_threads__each_connection_once)
{
    struct end listener;
    struct address address;
    struct host_thread *threads[ACCEPTERS];
    struct accepter accepters[ACCEPTERS] = {{0}};
    int total = 0;
    end_listen(&listener, 200, &address);
    for (int i = 0; i < ACCEPTERS; i++) {
        accepters[i].listener = &listener;
        REQUIRE_EQ(host_thread_create(&threads[i], accept_thread, &accepters[i], 0), 0);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        struct end client;
        end_connect(&client, &address);
        CHECK_EQ(send_bytes(&client, "hi", 2, NULL), STATUS_SUCCESS);
        end_close(&client);
    }
    /* Connections still in the backlog belong to an accepter each. */
    while ((end_levels(&listener) & TL_EVENT_ACCEPT) != 0)
        host_thread_yield();
    engine->Abort(listener.tl, FALSE);
    for (int i = 0; i < ACCEPTERS; i++) {
        host_thread_join(threads[i]);
        total += accepters[i].count;
    }
    CHECK_EQ(total, CONNECTIONS);
    engine->Close(listener.tl);
}
