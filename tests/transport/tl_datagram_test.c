/* SPDX-License-Identifier: MIT */
/* tl_datagram_test.c - datagrams. */
#include "tl_test.h"

#include "host_status.h"
#include "host_thread.h"

static void open_bound(struct end *end, struct address *ret_address)
{
    end_open(end, TEST_AF_INET, TEST_DATAGRAM);
    *ret_address = address_v4(127, 0, 0, 1, 0);
    end_bind(end, ret_address);
    *ret_address = local_address(end);
}

static NTSTATUS receive_from(struct end *end, struct op *op, void *data, ULONG bytes, ULONG message_flags)
{
    op_prepare(op, data, bytes, message_flags, 0);
    return op_wait(op, engine->ReceiveDatagram(end->tl, &op->request));
}

TEST(datagram__sent__arrives_with_its_source)
{
    struct end a, b;
    struct address at_a, at_b;
    struct op op;
    char got[16];
    open_bound(&a, &at_a);
    open_bound(&b, &at_b);
    CHECK_EQ(send_to(&a, &at_b, "one", 3), STATUS_SUCCESS);
    CHECK_EQ(send_to(&a, &at_b, "", 0), STATUS_SUCCESS);
    CHECK_EQ(send_to(&a, &at_b, "three", 5), STATUS_SUCCESS);
    CHECK_EQ(receive_from(&b, &op, got, sizeof got, HOST_MSG_PEEK), STATUS_SUCCESS);
    CHECK_EQ(receive_from(&b, &op, got, sizeof got, 0), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, 3);
    CHECK_EQ(op.request.AddressLength, 16);
    CHECK(memcmp(op.request.Address, at_a.bytes, 16) == 0);
    end_wait_levels(&b, TL_EVENT_RECEIVE);
    CHECK_EQ(receive_from(&b, &op, got, sizeof got, 0), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, 0);
    CHECK_EQ(receive_from(&b, &op, got, sizeof got, 0), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, 5);
    CHECK_EQ(end_levels(&b) & TL_EVENT_RECEIVE, 0);
    end_close(&a);
    end_close(&b);
}

TEST(datagram__longer_than_the_buffers__is_cut_and_says_so)
{
    struct end a, b;
    struct address at_a, at_b;
    struct op op;
    char got[4];
    open_bound(&a, &at_a);
    open_bound(&b, &at_b);
    CHECK_EQ(send_to(&a, &at_b, "truncated", 9), STATUS_SUCCESS);
    CHECK_EQ(send_to(&a, &at_b, "fits", 4), STATUS_SUCCESS);
    CHECK_EQ(receive_from(&b, &op, got, sizeof got, 0), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, 4);
    CHECK((op.request.MessageFlags & TL_MESSAGE_TRUNCATED) != 0);
    CHECK_EQ(receive_from(&b, &op, got, sizeof got, 0), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, 4);
    CHECK((op.request.MessageFlags & TL_MESSAGE_TRUNCATED) == 0);
    end_close(&a);
    end_close(&b);
}

TEST(datagram__receive_pends__completed_on_arrival)
{
    struct end a, b;
    struct address at_a, at_b;
    struct op op[2];
    char got[2][8];
    open_bound(&a, &at_a);
    open_bound(&b, &at_b);
    for (int i = 0; i < 2; i++) {
        op_prepare(&op[i], got[i], 8, 0, i == 1 ? TL_REQUEST_DIRECT : 0);
        CHECK_EQ(engine->ReceiveDatagram(b.tl, &op[i].request), STATUS_PENDING);
    }
    CHECK_EQ(send_to(&a, &at_b, "1", 1), STATUS_SUCCESS);
    CHECK_EQ(send_to(&a, &at_b, "22", 2), STATUS_SUCCESS);
    CHECK_EQ(op_wait(&op[1], STATUS_PENDING), STATUS_SUCCESS);
    CHECK_EQ(op_wait(&op[0], STATUS_PENDING), STATUS_SUCCESS);
    CHECK_EQ(op[0].request.Bytes, 1);
    CHECK_EQ(op[1].request.Bytes, 2);
    end_close(&a);
    end_close(&b);
}

TEST(datagram__too_long_or_no_destination__is_refused)
{
    static char large[70000];
    struct end a;
    struct address at_a, any = address_any(TEST_AF_INET, 9), zero = address_v4(127, 0, 0, 1, 0);
    open_bound(&a, &at_a);
    CHECK_EQ(send_to(&a, &at_a, large, sizeof large), STATUS_INVALID_BUFFER_SIZE);
    CHECK_EQ(send_to(&a, NULL, "x", 1), STATUS_INVALID_CONNECTION);
    CHECK_EQ(send_to(&a, &any, "x", 1), STATUS_INVALID_ADDRESS_COMPONENT);
    CHECK_EQ(send_to(&a, &zero, "x", 1), STATUS_SUCCESS); /* to nobody */
    end_close(&a);
}

TEST(datagram__unbound_sender__gets_a_port)
{
    struct end a, b;
    struct address at_b, source;
    struct op op;
    char got[4];
    open_bound(&b, &at_b);
    end_open(&a, TEST_AF_INET, TEST_DATAGRAM);
    CHECK_EQ(send_to(&a, &at_b, "x", 1), STATUS_SUCCESS);
    source = local_address(&a);
    CHECK(address_port(&source) != 0);
    CHECK_EQ(receive_from(&b, &op, got, 4, 0), STATUS_SUCCESS);
    CHECK(memcmp(op.request.Address + 2, source.bytes + 2, 2) == 0);
    end_close(&a);
    end_close(&b);
}

TEST(associated__takes_only_its_peer_and_needs_no_address)
{
    struct end a, b, stranger;
    struct address at_a, at_b, at_stranger, now;
    struct op op;
    char got[8];
    open_bound(&a, &at_a);
    open_bound(&b, &at_b);
    open_bound(&stranger, &at_stranger);
    CHECK_EQ(engine->Associate(a.tl, at_b.bytes, at_b.length), STATUS_SUCCESS);
    CHECK_EQ(send_to(&stranger, &at_a, "no", 2), STATUS_SUCCESS);
    CHECK_EQ(send_to(&b, &at_a, "yes", 3), STATUS_SUCCESS);
    CHECK_EQ(receive_from(&a, &op, got, 8, 0), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, 3);
    CHECK_EQ(send_bytes(&a, "ping", 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive_from(&b, &op, got, 8, 0), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, 4);
    CHECK_EQ(engine->Associate(a.tl, NULL, 0), STATUS_SUCCESS);
    now = local_address(&a);
    CHECK_EQ(address_port(&now), address_port(&at_a));
    CHECK_EQ(send_to(&a, NULL, "x", 1), STATUS_INVALID_CONNECTION);
    CHECK_EQ(send_to(&stranger, &at_a, "any", 3), STATUS_SUCCESS);
    CHECK_EQ(receive_from(&a, &op, got, 8, 0), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, 3);
    end_close(&a);
    end_close(&b);
    end_close(&stranger);
}

/* Shares the port of another end and hears nobody but itself: the port stays closed when the other has gone. */
static void open_keeper(struct end *keeper, const struct address *at)
{
    const ULONG on = 1;
    end_open(keeper, TEST_AF_INET, TEST_DATAGRAM);
    CHECK_EQ(engine->SetOption(keeper->tl, 0xffff, 4, &on, sizeof on), STATUS_SUCCESS); /* SO_REUSEADDR */
    end_bind(keeper, at);
    CHECK_EQ(engine->Associate(keeper->tl, at->bytes, at->length), STATUS_SUCCESS);
}

TEST(associated__peer_is_gone__receive_says_unreachable)
{
    struct end a, b, keeper;
    struct address at_a, at_b;
    struct op op;
    char got[8];
    open_bound(&a, &at_a);
    open_bound(&b, &at_b);
    CHECK_EQ(engine->Associate(a.tl, at_b.bytes, at_b.length), STATUS_SUCCESS);
    open_keeper(&keeper, &at_b);
    end_close(&b);
    op_prepare(&op, got, 8, 0, 0);
    CHECK_EQ(engine->Receive(a.tl, &op.request), STATUS_PENDING);
    CHECK_EQ(send_bytes(&a, "x", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(op_wait(&op, STATUS_PENDING), STATUS_PORT_UNREACHABLE);
    /* Told once, and never to a sender. */
    CHECK_EQ(send_bytes(&a, "x", 1, NULL), STATUS_SUCCESS);
    end_wait_levels(&a, TL_EVENT_RECEIVE);
    CHECK_EQ(send_bytes(&a, "x", 1, NULL), STATUS_SUCCESS);
    end_close(&a);
    end_close(&keeper);
}

TEST(datagram__many_buffers__are_one_datagram)
{
    enum { COUNT = 50 };
    struct end a, b;
    struct address at_a, at_b;
    struct op op;
    TL_BUFFER out[COUNT], in[COUNT];
    char sent[COUNT], got[COUNT];
    open_bound(&a, &at_a);
    open_bound(&b, &at_b);
    for (int i = 0; i < COUNT; i++) {
        sent[i] = (char)i;
        out[i] = (TL_BUFFER){1, &sent[i]};
        in[i] = (TL_BUFFER){1, &got[i]};
    }
    CHECK_EQ(engine->Associate(a.tl, at_b.bytes, at_b.length), STATUS_SUCCESS);
    op_prepare(&op, sent, 1, 0, 0);
    op.request.Buffers = out;
    op.request.BufferCount = COUNT;
    CHECK_EQ(op_wait(&op, engine->SendDatagram(a.tl, &op.request)), STATUS_SUCCESS);
    op_prepare(&op, got, 1, 0, 0);
    op.request.Buffers = in;
    op.request.BufferCount = COUNT;
    CHECK_EQ(op_wait(&op, engine->ReceiveDatagram(b.tl, &op.request)), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, COUNT);
    CHECK(memcmp(sent, got, COUNT) == 0);
    end_close(&a);
    end_close(&b);
}

/* --- several threads send on one socket --- */

enum { SENDERS = 4, SENT_EACH = 300, L_EAGAIN = 11 };

struct sender {
    struct end *shared, own;
    struct address at_own;
    LONG sent; /* atomic */
    struct host_thread *thread;
};

static void start_senders(struct sender senders[SENDERS], struct end *shared, void (*routine)(void *))
{
    struct address at_shared;
    open_bound(shared, &at_shared);
    for (int i = 0; i < SENDERS; i++) {
        senders[i].shared = shared;
        senders[i].sent = 0;
        open_bound(&senders[i].own, &senders[i].at_own);
        REQUIRE_EQ(host_thread_create(&senders[i].thread, routine, &senders[i], 0), 0);
    }
}

static void send_and_receive(void *context)
{
    struct sender *sender = context;
    for (int i = 0; i < SENT_EACH; i++) {
        struct op op;
        int got = -1;
        CHECK_EQ(send_to(sender->shared, &sender->at_own, &i, sizeof i), STATUS_SUCCESS);
        CHECK_EQ(receive_from(&sender->own, &op, &got, sizeof got, 0), STATUS_SUCCESS);
        CHECK_EQ(got, i);
    }
}

TEST(datagrams__four_threads_send_on_one_socket__each_arrives_once)
{
    struct end shared;
    struct sender senders[SENDERS];
    start_senders(senders, &shared, send_and_receive);
    for (int i = 0; i < SENDERS; i++) {
        host_thread_join(senders[i].thread);
        CHECK_EQ(end_levels(&senders[i].own) & TL_EVENT_RECEIVE, 0);
        end_close(&senders[i].own);
    }
    end_close(&shared);
}

static void send_until_closed(void *context)
{
    struct sender *sender = context;
    NTSTATUS status = STATUS_SUCCESS;
    while (status == STATUS_SUCCESS) {
        status = send_to(sender->shared, &sender->at_own, "x", 1);
        __atomic_add_fetch(&sender->sent, 1, __ATOMIC_SEQ_CST);
    }
    CHECK_EQ(status, STATUS_FILE_CLOSED);
}

TEST(abort__while_threads_send_datagrams__they_are_refused_and_the_socket_is_free)
{
    for (int round = 0; round < 20; round++) {
        struct end shared;
        struct sender senders[SENDERS];
        start_senders(senders, &shared, send_until_closed);
        for (int i = 0; i < SENDERS; i++)
            while (__atomic_load_n(&senders[i].sent, __ATOMIC_SEQ_CST) < 5)
                host_thread_yield();
        engine->Abort(shared.tl, FALSE);
        for (int i = 0; i < SENDERS; i++)
            host_thread_join(senders[i].thread);
        engine->Close(shared.tl);
        for (int i = 0; i < SENDERS; i++)
            end_close(&senders[i].own);
    }
}

TEST(datagram__host_has_no_room_at_first__goes_in_its_turn)
{
    struct end a, b;
    struct address at_a, at_b;
    struct op op;
    char got[4];
    open_bound(&a, &at_a);
    open_bound(&b, &at_b);
    host_fault_set(HOST_CALL_DATAGRAM, 1, L_EAGAIN);
    CHECK_EQ(send_to(&a, &at_b, "1", 1), STATUS_SUCCESS);
    host_fault_set(HOST_CALL_DATAGRAM, 0, 0);
    CHECK_EQ(send_to(&a, &at_b, "2", 1), STATUS_SUCCESS);
    for (char c = '1'; c <= '2'; c++) {
        CHECK_EQ(receive_from(&b, &op, got, sizeof got, 0), STATUS_SUCCESS);
        CHECK_EQ(op.request.Bytes, 1);
        CHECK_EQ(got[0], c);
    }
    end_close(&a);
    end_close(&b);
}
