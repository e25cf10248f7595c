/* SPDX-License-Identifier: MIT */
/* tl_event_test.c - levels and watches. */
#include "tl_test.h"

#include "host_thread.h"

TEST(levels__of_a_connection__follow_its_state)
{
    struct end listener, a, b;
    struct address address;
    char got[8];
    SIZE_T bytes;
    end_listen(&listener, 5, &address);
    CHECK_EQ(end_levels(&listener), 0);
    end_connect(&a, &address);
    end_wait_levels(&listener, TL_EVENT_ACCEPT);
    end_accept(&listener, &b);
    CHECK_EQ(end_levels(&listener), 0);
    CHECK_EQ(end_levels(&a), TL_EVENT_SEND);
    CHECK_EQ(end_levels(&b), TL_EVENT_SEND);
    CHECK_EQ(send_bytes(&a, "x", 1, NULL), STATUS_SUCCESS);
    end_wait_levels(&b, TL_EVENT_RECEIVE);
    CHECK_EQ(end_levels(&b), TL_EVENT_SEND | TL_EVENT_RECEIVE);
    CHECK_EQ(engine->Disconnect(a.tl, HOST_SHUTDOWN_SEND), STATUS_SUCCESS);
    end_wait_levels(&b, TL_EVENT_DISCONNECT);
    CHECK_EQ(end_levels(&b), TL_EVENT_SEND | TL_EVENT_RECEIVE | TL_EVENT_DISCONNECT);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(end_levels(&b), TL_EVENT_SEND | TL_EVENT_DISCONNECT);
    end_close(&a);
    end_close(&b);
    end_close(&listener);
}

TEST(levels__many_endpoints_and_holes__in_one_call)
{
    enum { COUNT = 200 };
    static struct end ends[COUNT];
    static TL_ENDPOINT *list[COUNT];
    static ULONG events[COUNT];
    for (int i = 0; i < COUNT; i++) {
        list[i] = NULL;
        events[i] = 0xffffffff;
        if (i % 3 == 0)
            continue;
        end_open(&ends[i], TEST_AF_INET, i % 3 == 1 ? TEST_STREAM : TEST_DATAGRAM);
        list[i] = ends[i].tl;
    }
    engine->QueryEvents(list, events, COUNT);
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQ(events[i], i % 3 == 2 ? TL_EVENT_SEND : 0);
        if (list[i] != NULL)
            end_close(&ends[i]);
    }
}

TEST(watch__data_arrives_twice__both_are_told)
{
    struct end a, b;
    end_pair(&a, &b);
    CHECK_EQ(engine->Watch(b.tl, TL_EVENT_RECEIVE | TL_EVENT_DISCONNECT, NULL), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(&a, "x", 1, NULL), STATUS_SUCCESS);
    end_wait_events(&b, TL_EVENT_RECEIVE);
    __atomic_store_n(&b.events, 0, __ATOMIC_SEQ_CST);
    /* Nothing has been read, and still the second arrival counts. */
    CHECK_EQ(send_bytes(&a, "y", 1, NULL), STATUS_SUCCESS);
    end_wait_events(&b, TL_EVENT_RECEIVE);
    CHECK_EQ(__atomic_load_n(&b.events, __ATOMIC_SEQ_CST) & TL_EVENT_SEND, 0);
    CHECK_EQ(engine->Disconnect(a.tl, HOST_SHUTDOWN_SEND), STATUS_SUCCESS);
    end_wait_events(&b, TL_EVENT_DISCONNECT);
    end_close(&a);
    end_close(&b);
}

TEST(watch__mask_0__ends_it)
{
    struct end a, b;
    struct op op;
    char got[4];
    end_pair(&a, &b);
    CHECK_EQ(engine->Watch(b.tl, TL_EVENT_RECEIVE, NULL), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(&a, "x", 1, NULL), STATUS_SUCCESS);
    end_wait_events(&b, TL_EVENT_RECEIVE);
    CHECK_EQ(engine->Watch(b.tl, 0, NULL), STATUS_SUCCESS);
    LONG before = __atomic_load_n(&b.indications, __ATOMIC_SEQ_CST);
    op_prepare(&op, got, 4, HOST_MSG_WAITALL, 0);
    NTSTATUS returned = engine->Receive(b.tl, &op.request);
    CHECK_EQ(send_bytes(&a, "xyz", 3, NULL), STATUS_SUCCESS);
    CHECK_EQ(op_wait(&op, returned), STATUS_SUCCESS);
    CHECK_EQ(__atomic_load_n(&b.indications, __ATOMIC_SEQ_CST), before);
    end_close(&a);
    end_close(&b);
}

TEST(watch__listener__tells_of_connections)
{
    struct end listener, a, b;
    struct address address;
    end_listen(&listener, 5, &address);
    CHECK_EQ(engine->Watch(listener.tl, TL_EVENT_ACCEPT, NULL), STATUS_SUCCESS);
    end_connect(&a, &address);
    end_wait_events(&listener, TL_EVENT_ACCEPT);
    end_accept(&listener, &b);
    end_close(&a);
    end_close(&b);
    end_close(&listener);
}

TEST(watch__fresh_stream__is_silent)
{
    struct end end, a, b;
    end_open(&end, TEST_AF_INET, TEST_STREAM);
    CHECK_EQ(engine->Watch(end.tl, 0x3f, NULL), STATUS_SUCCESS);
    /* Something later in the same poller has been told, so this one would have been. */
    end_pair(&a, &b);
    CHECK_EQ(engine->Watch(b.tl, TL_EVENT_RECEIVE, NULL), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(&a, "x", 1, NULL), STATUS_SUCCESS);
    end_wait_events(&b, TL_EVENT_RECEIVE);
    CHECK_EQ(end.indications, 0);
    end_close(&a);
    end_close(&b);
    end_close(&end);
}

TEST(watch__buffer_was_full__room_is_told)
{
    static char block[65536];
    struct end a, b;
    struct op op;
    SIZE_T bytes;
    NTSTATUS status;
    end_pair(&a, &b);
    do {
        op_prepare(&op, block, sizeof block, 0, TL_REQUEST_NO_PEND);
        status = engine->Send(a.tl, &op.request);
    } while (NT_SUCCESS(status));
    CHECK_EQ(engine->Watch(a.tl, TL_EVENT_SEND, NULL), STATUS_SUCCESS);
    while ((__atomic_load_n(&a.events, __ATOMIC_SEQ_CST) & TL_EVENT_SEND) == 0) {
        if (!NT_SUCCESS(try_receive(&b, block, sizeof block, &bytes)))
            host_sleep_100ns(1000);
    }
    CHECK((end_levels(&a) & TL_EVENT_SEND) != 0);
    end_close(&a);
    end_close(&b);
}

TEST(watch__reset__is_told_as_abort)
{
    struct end a, b;
    end_pair(&a, &b);
    CHECK_EQ(engine->Watch(b.tl, TL_EVENT_ABORT, NULL), STATUS_SUCCESS);
    end_reset(&a);
    end_wait_events(&b, TL_EVENT_ABORT);
    CHECK((end_levels(&b) & TL_EVENT_ABORT) != 0);
    end_close(&b);
}

/* Goal: after Abort no Indicate runs. Method: the context is overwritten at once; a late call would write it. */
TEST(watch__abort_while_data_streams__no_call_afterwards)
{
    for (int round = 0; round < 100; round++) {
        struct end a, b;
        end_pair(&a, &b);
        CHECK_EQ(engine->Watch(b.tl, TL_EVENT_RECEIVE, NULL), STATUS_SUCCESS);
        for (int i = 0; i < 3; i++)
            CHECK_EQ(send_bytes(&a, "x", 1, NULL), STATUS_SUCCESS);
        engine->Abort(b.tl, FALSE);
        TL_ENDPOINT *tl = b.tl;
        memset(&b, 0xee, sizeof b);
        engine->Close(tl);
        host_thread_yield();
        CHECK_EQ(b.indications, (LONG)0xeeeeeeee);
        end_close(&a);
    }
}
