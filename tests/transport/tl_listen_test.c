/* SPDX-License-Identifier: MIT */
/*
 * tl_listen_test.c - connections for requests that wait, a few and many, with and without a watch.
 *
 * Engines may leave connections in the host for the next look: none is lost by that, and nobody looks without end at
 * those that no request is there for.
 */
#include "tl_test.h"

#include "host_thread.h"

#include <stdio.h>
#include <string.h>

enum { MANY = 60 };

static struct op accepts[MANY];
static struct end clients[MANY], accepted[MANY];

static void pend_accepts(struct end *listener, int first, int count, KE_POLLER *poller)
{
    for (int i = first; i < first + count; i++) {
        op_prepare(&accepts[i], NULL, 0, 0, 0);
        accepts[i].request.Poller = poller;
        REQUIRE_EQ(engine->Accept(listener->tl, &accepts[i].request), STATUS_PENDING);
    }
}

static void take_accepts(int first, int count)
{
    for (int i = first; i < first + count; i++) {
        REQUIRE_EQ(op_wait(&accepts[i], STATUS_PENDING), STATUS_SUCCESS);
        end_adopt(&accepted[i], &accepts[i]);
    }
}

static void close_ends(int count)
{
    for (int i = 0; i < count; i++) {
        end_close(&clients[i]);
        end_close(&accepted[i]);
    }
}

/* The connection that was made first is the first request's. */
static void check_pairs(int first, int count)
{
    for (int i = first; i < first + count; i++) {
        char byte = (char)i, got = 0;
        SIZE_T bytes;
        REQUIRE_EQ(send_bytes(&clients[i], &byte, 1, NULL), STATUS_SUCCESS);
        REQUIRE_EQ(receive_bytes(&accepted[i], &got, 1, 0, &bytes), STATUS_SUCCESS);
        CHECK_EQ(got, byte);
    }
}

TEST(accepts__many_wait_and_connections_come_in_groups__each_gets_one_in_order)
{
    static const int groups[] = {1, 1, 1, 2, 1, 7, 1, 16, 30};
    struct end listener;
    struct address address;
    int done = 0;
    end_listen(&listener, MANY, &address);
    pend_accepts(&listener, 0, MANY, NULL);
    for (unsigned g = 0; g < RTL_NUMBER_OF(groups); g++) {
        for (int i = done; i < done + groups[g]; i++)
            end_connect(&clients[i], &address);
        take_accepts(done, groups[g]);
        done += groups[g];
    }
    CHECK_EQ(done, MANY);
    check_pairs(0, MANY);
    close_ends(MANY);
    end_close(&listener);
}

TEST(accepts__fewer_wait_than_connect__the_others_are_there_for_later_ones)
{
    struct end listener;
    struct address address;
    end_listen(&listener, MANY, &address);
    /* often enough that an engine may change its mind about how to look, and change it back */
    for (int round = 0; round < 50; round++) {
        pend_accepts(&listener, 0, 2, NULL);
        for (int i = 0; i < 5; i++)
            end_connect(&clients[i], &address);
        take_accepts(0, 2);
        for (int i = 2; i < 5; i++)
            end_accept(&listener, &accepted[i]);
        check_pairs(0, 5);
        close_ends(5);
        for (int i = 0; i < 2; i++) {
            pend_accepts(&listener, 0, 1, NULL);
            end_connect(&clients[0], &address);
            take_accepts(0, 1);
            close_ends(1);
        }
    }
    end_close(&listener);
}

/* --- a thread waits while connections lie there that nobody wants --- */

struct sleeper {
    KE_QUEUE queue;
    LIST_ENTRY stop;
    uint32_t tid; /* atomic */
};

static void wait_for_packet(void *context)
{
    struct sleeper *sleeper = context;
    PLIST_ENTRY entry;
    ULONG count;
    __atomic_store_n(&sleeper->tid, host_thread_id(), __ATOMIC_SEQ_CST);
    CHECK_EQ(KeRemoveQueue(&sleeper->queue, &entry, 1, &count, FALSE, NULL), STATUS_SUCCESS);
    CHECK(entry == &sleeper->stop);
}

/* Returns when the thread has been asleep at so many looks in turn; one that is kept busy never is. */
static void await_sleep(struct sleeper *sleeper)
{
    char path[64], line[256];
    int asleep = 0;
    while (__atomic_load_n(&sleeper->tid, __ATOMIC_SEQ_CST) == 0)
        host_sleep_100ns(1000);
    snprintf(path, sizeof path, "/proc/self/task/%u/stat", sleeper->tid);
    while (asleep < 20) {
        FILE *file = fopen(path, "r");
        REQUIRE(file != NULL);
        REQUIRE(fgets(line, sizeof line, file) != NULL);
        fclose(file);
        char *state = strrchr(line, ')');
        REQUIRE(state != NULL);
        asleep = state[2] == 'S' ? asleep + 1 : 0;
        host_sleep_100ns(5000);
    }
}

TEST(accepts__connections_left_over__who_waits_for_others_sleeps)
{
    struct sleeper sleeper = {.tid = 0};
    struct host_thread *thread;
    struct end listener;
    struct address address;
    KE_POLLER *poller;
    end_listen(&listener, 5, &address);
    REQUIRE_EQ(KeCreatePoller(&poller), STATUS_SUCCESS);
    KeInitializeQueue(&sleeper.queue, 1, poller);
    REQUIRE_EQ(host_thread_create(&thread, wait_for_packet, &sleeper, 0), 0);
    pend_accepts(&listener, 0, 1, poller);
    for (int i = 0; i < 3; i++)
        end_connect(&clients[i], &address);
    take_accepts(0, 1);
    await_sleep(&sleeper);
    for (int i = 1; i < 3; i++)
        end_accept(&listener, &accepted[i]);
    check_pairs(0, 3);
    /* and one that comes for a request that waits is still told */
    close_ends(3);
    pend_accepts(&listener, 0, 1, poller);
    end_connect(&clients[0], &address);
    take_accepts(0, 1);
    close_ends(1);
    CHECK(KeInsertQueue(&sleeper.queue, &sleeper.stop));
    host_thread_join(thread);
    end_close(&listener);
    LIST_ENTRY rest;
    KeRundownQueue(&sleeper.queue, &rest);
    KeDeleteQueue(&sleeper.queue);
    KeDereferencePoller(poller);
}

/* --- watches --- */

TEST(watch__listener_with_requests__tells_of_connections_as_without)
{
    struct end listener;
    struct address address;
    end_listen(&listener, 5, &address);
    pend_accepts(&listener, 0, 2, NULL);
    CHECK_EQ(engine->Watch(listener.tl, TL_EVENT_ACCEPT, NULL), STATUS_SUCCESS);
    for (int i = 0; i < 3; i++)
        end_connect(&clients[i], &address);
    take_accepts(0, 2);
    end_wait_events(&listener, TL_EVENT_ACCEPT);
    end_accept(&listener, &accepted[2]);
    CHECK_EQ(end_levels(&listener), 0);
    /* without a watch again */
    CHECK_EQ(engine->Watch(listener.tl, 0, NULL), STATUS_SUCCESS);
    close_ends(3);
    pend_accepts(&listener, 0, 2, NULL);
    LONG before = __atomic_load_n(&listener.indications, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 2; i++)
        end_connect(&clients[i], &address);
    take_accepts(0, 2);
    CHECK_EQ(__atomic_load_n(&listener.indications, __ATOMIC_SEQ_CST), before);
    close_ends(2);
    end_close(&listener);
}

/* Edges tell once of all that came before the look. */
TEST(watch__listener_with_requests_and_a_group_comes__all_are_taken)
{
    struct end listener;
    struct address address;
    KE_POLLER *poller;
    end_listen(&listener, MANY, &address);
    REQUIRE_EQ(KeCreatePoller(&poller), STATUS_SUCCESS);
    CHECK_EQ(engine->Watch(listener.tl, TL_EVENT_ACCEPT, poller), STATUS_SUCCESS);
    for (int round = 0; round < 5; round++) {
        pend_accepts(&listener, 0, 10, poller);
        for (int i = 0; i < 10; i++)
            end_connect(&clients[i], &address);
        take_accepts(0, 10);
        check_pairs(0, 10);
        close_ends(10);
    }
    end_close(&listener);
    KeDereferencePoller(poller);
}
