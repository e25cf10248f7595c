/* SPDX-License-Identifier: MIT */
/* tl_urgent_test.c - urgent bytes: beside the stream, and as a part of it. */
#include "tl_test.h"

static void send_urgent(struct end *end, const char *byte)
{
    struct op op;
    op_prepare(&op, (void *)byte, 1, HOST_MSG_OOB, 0);
    CHECK_EQ(op_wait(&op, engine->Send(end->tl, &op.request)), STATUS_SUCCESS);
}

static void make_inline(struct end *end)
{
    const ULONG on = 1;
    CHECK_EQ(engine->SetOption(end->tl, 0xffff, 0x100, &on, sizeof on), STATUS_SUCCESS);
}

static void expect_byte(struct end *end, ULONG message_flags, char expected)
{
    char got[8];
    SIZE_T bytes;
    CHECK_EQ(receive_bytes(end, got, 8, message_flags, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 1);
    CHECK_EQ(got[0], expected);
}

static void expect_nothing(struct end *end)
{
    char got[8];
    SIZE_T bytes;
    CHECK_EQ(try_receive(end, got, 8, &bytes), STATUS_DEVICE_NOT_READY);
}

TEST(urgent_byte__stays_out_of_the_stream)
{
    struct end a, b;
    struct op op;
    char got[8] = {0};
    SIZE_T bytes;
    ULONG normal, expedited;
    BOOLEAN at_mark;
    end_pair(&a, &b);
    CHECK_EQ(send_bytes(&a, "ab", 2, NULL), STATUS_SUCCESS);
    send_urgent(&a, "!");
    CHECK_EQ(send_bytes(&a, "cd", 2, NULL), STATUS_SUCCESS);
    end_wait_levels(&b, TL_EVENT_RECEIVE_EXPEDITED | TL_EVENT_RECEIVE);
    CHECK_EQ(engine->QueryReceive(b.tl, &normal, &expedited, &at_mark), STATUS_SUCCESS);
    CHECK_EQ(expedited, 1);
    CHECK(!at_mark);
    expect_byte(&b, HOST_MSG_OOB, '!');
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 2);
    CHECK_EQ(engine->QueryReceive(b.tl, &normal, &expedited, &at_mark), STATUS_SUCCESS);
    CHECK(at_mark);
    CHECK_EQ(expedited, 0);
    /* A receive that stopped short at the mark has not drained the stream. */
    op_prepare(&op, got, 8, 0, 0);
    CHECK_EQ(op_wait(&op, engine->Receive(b.tl, &op.request)), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, 2);
    CHECK(memcmp(got, "cd", 2) == 0);
    end_close(&a);
    end_close(&b);
}

TEST(urgent_receive__pends_beside_a_normal_one__completes_alone)
{
    struct end a, b;
    struct op normal, urgent;
    char got[8], one[1];
    end_pair(&a, &b);
    op_prepare(&normal, got, 8, 0, 0);
    CHECK_EQ(engine->Receive(b.tl, &normal.request), STATUS_PENDING);
    op_prepare(&urgent, one, 1, HOST_MSG_OOB, 0);
    CHECK_EQ(engine->Receive(b.tl, &urgent.request), STATUS_PENDING);
    send_urgent(&a, "!");
    CHECK_EQ(op_wait(&urgent, STATUS_PENDING), STATUS_SUCCESS);
    CHECK_EQ(one[0], '!');
    CHECK_EQ(__atomic_load_n(&normal.completions, __ATOMIC_SEQ_CST), 0);
    CHECK_EQ(send_bytes(&a, "n", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(op_wait(&normal, STATUS_PENDING), STATUS_SUCCESS);
    CHECK_EQ(got[0], 'n');
    end_close(&a);
    end_close(&b);
}

TEST(urgent_inline__is_part_of_the_stream)
{
    struct end a, b;
    char got[8];
    SIZE_T bytes;
    end_pair(&a, &b);
    make_inline(&b);
    send_urgent(&a, "!");
    CHECK_EQ(receive_bytes(&b, got, 8, HOST_MSG_OOB, &bytes), STATUS_INVALID_PARAMETER);
    expect_byte(&b, 0, '!');
    end_close(&a);
    end_close(&b);
}

/* The one that was asked for before is not part of it. */
TEST(urgent_inline__after_one_was_received_apart__comes_once)
{
    struct end a, b;
    end_pair(&a, &b);
    send_urgent(&a, "1");
    expect_byte(&b, HOST_MSG_OOB, '1');
    make_inline(&b);
    expect_nothing(&b);
    send_urgent(&a, "2");
    expect_byte(&b, 0, '2');
    expect_nothing(&b);
    end_close(&a);
    end_close(&b);
}

/* One that waits to be asked for is. */
TEST(urgent_inline__while_one_waits__it_comes_with_the_stream)
{
    struct end a, b;
    end_pair(&a, &b);
    send_urgent(&a, "1");
    end_wait_levels(&b, TL_EVENT_RECEIVE_EXPEDITED);
    make_inline(&b);
    expect_byte(&b, 0, '1');
    expect_nothing(&b);
    end_close(&a);
    end_close(&b);
}
