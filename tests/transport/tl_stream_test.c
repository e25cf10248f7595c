/* SPDX-License-Identifier: MIT */
/* tl_stream_test.c - connections: establishing, moving bytes, ending. */
#include "tl_test.h"

TEST(pair__bytes_sent__arrive_in_order)
{
    struct end a, b;
    char got[16];
    SIZE_T bytes;
    end_pair(&a, &b);
    CHECK_EQ(send_bytes(&a, "hello", 5, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 5);
    CHECK_EQ(send_bytes(&a, "world", 5, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive_bytes(&b, got, 10, HOST_MSG_WAITALL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 10);
    CHECK(memcmp(got, "helloworld", 10) == 0);
    end_close(&a);
    end_close(&b);
}

TEST(accept__addresses__agree_on_both_ends)
{
    struct end listener, a, b;
    struct address address, local, remote = {{0}, 28};
    struct op op;
    end_listen(&listener, 5, &address);
    op_prepare(&op, NULL, 0, 0, 0);
    NTSTATUS returned = engine->Accept(listener.tl, &op.request);
    CHECK_EQ(returned, STATUS_PENDING);
    end_connect(&a, &address);
    REQUIRE_EQ(op_wait(&op, returned), STATUS_SUCCESS);
    end_adopt(&b, &op);
    local = local_address(&a);
    CHECK_EQ(op.request.AddressLength, 16);
    CHECK(memcmp(op.request.Address, local.bytes, 16) == 0);
    CHECK_EQ(engine->GetRemoteAddress(b.tl, remote.bytes, &remote.length), STATUS_SUCCESS);
    CHECK(memcmp(remote.bytes, local.bytes, 16) == 0);
    local = local_address(&b);
    CHECK(memcmp(local.bytes, address.bytes, 16) == 0);
    end_close(&a);
    end_close(&b);
    end_close(&listener);
}

TEST(accept__nothing_waits_and_no_pend__is_not_ready)
{
    struct end listener;
    struct address address;
    struct op op;
    end_listen(&listener, 5, &address);
    op_prepare(&op, NULL, 0, 0, TL_REQUEST_NO_PEND);
    CHECK_EQ(engine->Accept(listener.tl, &op.request), STATUS_DEVICE_NOT_READY);
    CHECK_EQ(op.completions, 0);
    end_close(&listener);
}

TEST(accepts__several_wait__oldest_gets_the_connection)
{
    struct end listener, client, accepted;
    struct address address;
    struct op first, second;
    end_listen(&listener, 5, &address);
    op_prepare(&first, NULL, 0, 0, 0);
    op_prepare(&second, NULL, 0, 0, 0);
    CHECK_EQ(engine->Accept(listener.tl, &first.request), STATUS_PENDING);
    CHECK_EQ(engine->Accept(listener.tl, &second.request), STATUS_PENDING);
    end_connect(&client, &address);
    CHECK_EQ(op_wait(&first, STATUS_PENDING), STATUS_SUCCESS);
    CHECK_EQ(__atomic_load_n(&second.completions, __ATOMIC_SEQ_CST), 0);
    end_adopt(&accepted, &first);
    CHECK(engine->Cancel(listener.tl, &second.request));
    CHECK(!engine->Cancel(listener.tl, &first.request));
    end_close(&client);
    end_close(&accepted);
    end_close(&listener);
    CHECK_EQ(second.completions, 0);
}

TEST(connect__nobody_listens__is_refused)
{
    struct end refuser, client;
    struct address address;
    struct op op;
    end_refuse(&refuser, &address);
    end_open(&client, TEST_AF_INET, TEST_STREAM);
    op_prepare(&op, NULL, 0, 0, 0);
    memcpy(op.request.Address, address.bytes, 16);
    op.request.AddressLength = 16;
    CHECK_EQ(op_wait(&op, engine->Connect(client.tl, &op.request)), STATUS_CONNECTION_REFUSED);
    end_close(&client);
    end_close(&refuser);
}

TEST(connect__again_after_a_refusal__works_from_the_same_port)
{
    for (int bound = 0; bound < 2; bound++) {
        struct end refuser, listener, client, accepted;
        struct address dead, address, any = address_own(), before = {{0}, 0}, after;
        struct op op;
        end_refuse(&refuser, &dead);
        end_listen(&listener, 5, &address);
        end_open(&client, TEST_AF_INET, TEST_STREAM);
        if (bound) {
            end_bind(&client, &any);
            before = local_address(&client);
        }
        for (int attempt = 0; attempt < 2; attempt++) {
            op_prepare(&op, NULL, 0, 0, attempt == 0 ? 0 : TL_REQUEST_DIRECT);
            memcpy(op.request.Address, dead.bytes, 16);
            op.request.AddressLength = 16;
            CHECK_EQ(op_wait(&op, engine->Connect(client.tl, &op.request)), STATUS_CONNECTION_REFUSED);
        }
        op_prepare(&op, NULL, 0, 0, 0);
        memcpy(op.request.Address, address.bytes, 16);
        op.request.AddressLength = 16;
        CHECK_EQ(op_wait(&op, engine->Connect(client.tl, &op.request)), STATUS_SUCCESS);
        after = local_address(&client);
        if (bound)
            CHECK_EQ(address_port(&after), address_port(&before));
        end_accept(&listener, &accepted);
        end_close(&client);
        end_close(&accepted);
        end_close(&listener);
        end_close(&refuser);
    }
}

TEST(connect__wildcard_or_port_0__is_no_address)
{
    struct end client;
    struct op op;
    struct address any = address_any(TEST_AF_INET, 80), zero = address_v4(127, 0, 0, 1, 0);
    end_open(&client, TEST_AF_INET, TEST_STREAM);
    op_prepare(&op, NULL, 0, 0, 0);
    memcpy(op.request.Address, any.bytes, 16);
    op.request.AddressLength = 16;
    CHECK_EQ(engine->Connect(client.tl, &op.request), STATUS_INVALID_ADDRESS_COMPONENT);
    memcpy(op.request.Address, zero.bytes, 16);
    CHECK_EQ(engine->Connect(client.tl, &op.request), STATUS_INVALID_ADDRESS_COMPONENT);
    op.request.AddressLength = 8;
    CHECK_EQ(engine->Connect(client.tl, &op.request), STATUS_INVALID_PARAMETER);
    op.request.Address[0] = TEST_AF_INET6;
    CHECK_EQ(engine->Connect(client.tl, &op.request), STATUS_INVALID_ADDRESS);
    end_close(&client);
}

TEST(connect__when_connected__is_active_already)
{
    struct end a, b;
    struct op op;
    end_pair(&a, &b);
    struct address address = local_address(&b);
    op_prepare(&op, NULL, 0, 0, 0);
    memcpy(op.request.Address, address.bytes, 16);
    op.request.AddressLength = 16;
    CHECK_EQ(op_wait(&op, engine->Connect(a.tl, &op.request)), STATUS_CONNECTION_ACTIVE);
    end_close(&a);
    end_close(&b);
}

TEST(unconnected__send_receive_disconnect__invalid_connection)
{
    struct end end;
    char data[4] = "abc";
    SIZE_T bytes;
    end_open(&end, TEST_AF_INET, TEST_STREAM);
    CHECK_EQ(send_bytes(&end, data, 3, NULL), STATUS_INVALID_CONNECTION);
    CHECK_EQ(receive_bytes(&end, data, 3, 0, &bytes), STATUS_INVALID_CONNECTION);
    CHECK_EQ(engine->Disconnect(end.tl, HOST_SHUTDOWN_SEND), STATUS_INVALID_CONNECTION);
    CHECK_EQ(end_levels(&end), 0);
    end_close(&end);
}

TEST(receive__pends__completed_when_bytes_arrive)
{
    struct end a, b;
    struct op op;
    char got[8];
    end_pair(&a, &b);
    op_prepare(&op, got, sizeof got, 0, 0);
    CHECK_EQ(engine->Receive(b.tl, &op.request), STATUS_PENDING);
    CHECK_EQ(send_bytes(&a, "xyz", 3, NULL), STATUS_SUCCESS);
    CHECK_EQ(op_wait(&op, STATUS_PENDING), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, 3);
    CHECK(memcmp(got, "xyz", 3) == 0);
    end_close(&a);
    end_close(&b);
}

TEST(receives__several_pend__complete_in_order)
{
    struct end a, b;
    struct op ops[4];
    char got[4][2];
    end_pair(&a, &b);
    for (int i = 0; i < 4; i++) {
        op_prepare(&ops[i], got[i], 2, HOST_MSG_WAITALL, 0);
        CHECK_EQ(engine->Receive(b.tl, &ops[i].request), STATUS_PENDING);
    }
    CHECK_EQ(send_bytes(&a, "aabbccdd", 8, NULL), STATUS_SUCCESS);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(op_wait(&ops[i], STATUS_PENDING), STATUS_SUCCESS);
        CHECK_EQ(got[i][0], 'a' + i);
        CHECK_EQ(got[i][1], 'a' + i);
        if (i > 0)
            CHECK(ops[i].order > ops[i - 1].order);
    }
    end_close(&a);
    end_close(&b);
}

/* What an edge or a short read told is remembered; it must never hide bytes that came later. */
TEST(receive__short_reads_pending_and_not__no_byte_is_missed)
{
    struct end a, b;
    char got[64];
    SIZE_T bytes;
    end_pair(&a, &b);
    for (int i = 0; i < 200; i++) {
        struct op op;
        op_prepare(&op, got, sizeof got, 0, i % 3 == 0 ? TL_REQUEST_DIRECT : 0);
        NTSTATUS returned = engine->Receive(b.tl, &op.request);
        CHECK_EQ(returned, STATUS_PENDING);
        CHECK_EQ(try_receive(&b, got, sizeof got, &bytes), STATUS_DEVICE_NOT_READY);
        CHECK_EQ(send_bytes(&a, "0123456789", 10, NULL), STATUS_SUCCESS);
        REQUIRE_EQ(op_wait(&op, returned), STATUS_SUCCESS);
        REQUIRE_EQ(op.request.Bytes, 10);
        CHECK_EQ(send_bytes(&a, "0123456789", 10, NULL), STATUS_SUCCESS);
        if (i % 2 == 0)
            end_wait_levels(&b, TL_EVENT_RECEIVE);
        REQUIRE_EQ(receive_bytes(&b, got, sizeof got, 0, &bytes), STATUS_SUCCESS);
        REQUIRE_EQ(bytes, 10);
    }
    end_close(&a);
    end_close(&b);
}

/* The end is known before the short read that empties the stream. */
TEST(receive__short_read_after_end_was_seen__next_receive_is_the_end)
{
    struct end a, b;
    char got[64];
    SIZE_T bytes;
    for (int pass = 0; pass < 3; pass++) {
        end_pair(&a, &b);
        if (pass > 0)
            CHECK_EQ(engine->Watch(b.tl, TL_EVENT_DISCONNECT, NULL), STATUS_SUCCESS);
        CHECK_EQ(send_bytes(&a, "bye", 3, NULL), STATUS_SUCCESS);
        CHECK_EQ(engine->Disconnect(a.tl, HOST_SHUTDOWN_SEND), STATUS_SUCCESS);
        if (pass == 2)
            end_wait_events(&b, TL_EVENT_DISCONNECT);
        else
            end_wait_levels(&b, TL_EVENT_DISCONNECT);
        struct op op;
        op_prepare(&op, got, sizeof got, 0, 0);
        CHECK_EQ(op_wait(&op, engine->Receive(b.tl, &op.request)), STATUS_SUCCESS);
        CHECK_EQ(op.request.Bytes, 3);
        op_prepare(&op, got, sizeof got, 0, 0);
        CHECK_EQ(op_wait(&op, engine->Receive(b.tl, &op.request)), STATUS_SUCCESS);
        CHECK_EQ(op.request.Bytes, 0);
        CHECK_EQ(receive_bytes(&b, got, sizeof got, 0, &bytes), STATUS_SUCCESS);
        CHECK_EQ(bytes, 0);
        end_close(&a);
        end_close(&b);
    }
}

/* Receives that fill their buffers, again and again; after some in vain the engine asks the host what is left. */
static void exchange_filled(struct end *a, struct end *b, int rounds)
{
    char got[10];
    for (int i = 0; i < rounds; i++) {
        struct op op;
        op_prepare(&op, got, sizeof got, 0, i % 3 == 0 ? TL_REQUEST_DIRECT : TL_REQUEST_FOLLOWED);
        NTSTATUS returned = engine->Receive(b->tl, &op.request);
        REQUIRE_EQ(returned, STATUS_PENDING);
        CHECK_EQ(send_bytes(a, "01234567890123456789", i % 4 == 0 ? 20 : 10, NULL), STATUS_SUCCESS);
        REQUIRE_EQ(op_wait(&op, returned), STATUS_SUCCESS);
        REQUIRE_EQ(op.request.Bytes, 10);
        if (i % 4 != 0)
            continue;
        op_prepare(&op, got, sizeof got, 0, TL_REQUEST_FOLLOWED);
        REQUIRE_EQ(op_wait(&op, engine->Receive(b->tl, &op.request)), STATUS_SUCCESS);
        REQUIRE_EQ(op.request.Bytes, 10);
    }
}

TEST(receive__messages_as_long_as_the_buffer__no_byte_is_missed)
{
    struct end a, b;
    end_pair(&a, &b);
    exchange_filled(&a, &b, 200);
    end_close(&a);
    end_close(&b);
}

TEST(receive__end_or_reset_behind_a_filled_buffer__is_told)
{
    for (int pass = 0; pass < 4; pass++) {
        struct end a, b;
        struct op op;
        char got[10];
        end_pair(&a, &b);
        exchange_filled(&a, &b, 20);
        CHECK_EQ(send_bytes(&a, "0123456789", 10, NULL), STATUS_SUCCESS);
        if (pass % 2 != 0)
            CHECK_EQ(engine->Disconnect(a.tl, HOST_SHUTDOWN_SEND), STATUS_SUCCESS);
        op_prepare(&op, got, sizeof got, 0, TL_REQUEST_FOLLOWED);
        REQUIRE_EQ(op_wait(&op, engine->Receive(b.tl, &op.request)), STATUS_SUCCESS);
        CHECK_EQ(op.request.Bytes, 10);
        op_prepare(&op, got, sizeof got, 0, TL_REQUEST_FOLLOWED);
        NTSTATUS returned = engine->Receive(b.tl, &op.request);
        if (pass == 0)
            CHECK_EQ(engine->Disconnect(a.tl, HOST_SHUTDOWN_SEND), STATUS_SUCCESS);
        else if (pass == 2)
            end_reset(&a);
        CHECK_EQ(op_wait(&op, returned), pass == 2 ? STATUS_CONNECTION_RESET : STATUS_SUCCESS);
        CHECK_EQ(op.request.Bytes, 0);
        if (pass != 2)
            end_close(&a);
        end_close(&b);
    }
}

TEST(receive__peek__leaves_the_bytes)
{
    struct end a, b;
    char got[8] = {0};
    SIZE_T bytes;
    end_pair(&a, &b);
    CHECK_EQ(send_bytes(&a, "peek", 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive_bytes(&b, got, 8, HOST_MSG_PEEK, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 4);
    CHECK_EQ(receive_bytes(&b, got, 8, HOST_MSG_PEEK, &bytes), STATUS_SUCCESS);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 4);
    CHECK(memcmp(got, "peek", 4) == 0);
    CHECK_EQ(try_receive(&b, got, 8, &bytes), STATUS_DEVICE_NOT_READY);
    end_close(&a);
    end_close(&b);
}

TEST(receive__wait_all__ends_early_only_at_the_end)
{
    struct end a, b;
    struct op op;
    char got[16];
    end_pair(&a, &b);
    op_prepare(&op, got, 10, HOST_MSG_WAITALL, 0);
    CHECK_EQ(engine->Receive(b.tl, &op.request), STATUS_PENDING);
    CHECK_EQ(send_bytes(&a, "abc", 3, NULL), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(&a, "def", 3, NULL), STATUS_SUCCESS);
    CHECK_EQ(__atomic_load_n(&op.completions, __ATOMIC_SEQ_CST), 0);
    CHECK_EQ(engine->Disconnect(a.tl, HOST_SHUTDOWN_SEND), STATUS_SUCCESS);
    CHECK_EQ(op_wait(&op, STATUS_PENDING), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, 6);
    end_close(&a);
    end_close(&b);
}

TEST(receive__zero_bytes__waits_for_data_and_takes_none)
{
    struct end a, b;
    struct op op;
    char got[8];
    SIZE_T bytes;
    end_pair(&a, &b);
    op_prepare(&op, NULL, 0, 0, 0);
    CHECK_EQ(engine->Receive(b.tl, &op.request), STATUS_PENDING);
    CHECK_EQ(send_bytes(&a, "z", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(op_wait(&op, STATUS_PENDING), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, 0);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 1);
    end_close(&a);
    end_close(&b);
}

TEST(transfer__scattered_over_many_buffers__is_whole)
{
    enum { COUNT = 40 };
    struct end a, b;
    struct op op;
    TL_BUFFER out[COUNT], in[COUNT];
    char sent[COUNT * 3], got[COUNT * 3];
    end_pair(&a, &b);
    for (int i = 0; i < COUNT * 3; i++)
        sent[i] = (char)(i * 7);
    for (int i = 0; i < COUNT; i++) {
        out[i].base = sent + i * 3;
        in[i].base = got + i * 3;
        out[i].length = in[i].length = 3;
    }
    op_prepare(&op, sent, 1, 0, 0);
    op.request.Buffers = out;
    op.request.BufferCount = COUNT;
    CHECK_EQ(op_wait(&op, engine->Send(a.tl, &op.request)), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, sizeof sent);
    op_prepare(&op, got, 1, HOST_MSG_WAITALL, 0);
    op.request.Buffers = in;
    op.request.BufferCount = COUNT;
    CHECK_EQ(op_wait(&op, engine->Receive(b.tl, &op.request)), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, sizeof got);
    CHECK(memcmp(sent, got, sizeof got) == 0);
    end_close(&a);
    end_close(&b);
}

static char big[8 << 20], back[1 << 20];

TEST(send__more_than_fits__pends_until_all_is_taken)
{
    struct end a, b;
    struct op op, late;
    SIZE_T total = 0, bytes;
    end_pair(&a, &b);
    for (ULONG i = 0; i < sizeof big; i++)
        big[i] = (char)(i * 31 >> 3);
    op_prepare(&op, big, sizeof big, 0, 0);
    CHECK_EQ(engine->Send(a.tl, &op.request), STATUS_PENDING);
    op_prepare(&late, "end", 3, 0, 0);
    CHECK_EQ(engine->Send(a.tl, &late.request), STATUS_PENDING);
    /* The end comes after the sends that wait. */
    CHECK_EQ(engine->Disconnect(a.tl, HOST_SHUTDOWN_SEND), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(&a, "no", 2, NULL), STATUS_PIPE_DISCONNECTED);
    while (receive_bytes(&b, back, sizeof back, 0, &bytes) == STATUS_SUCCESS && bytes != 0) {
        if (total + bytes <= sizeof big)
            CHECK(memcmp(back, big + total, bytes) == 0);
        total += bytes;
    }
    CHECK_EQ(total, sizeof big + 3);
    CHECK_EQ(op_wait(&op, STATUS_PENDING), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, sizeof big);
    CHECK_EQ(op_wait(&late, STATUS_PENDING), STATUS_SUCCESS);
    CHECK(op.order < late.order);
    end_close(&a);
    end_close(&b);
}

TEST(send__no_pend_and_little_room__takes_a_part_then_nothing)
{
    struct end a, b;
    struct op op;
    SIZE_T total = 0, received = 0, bytes;
    NTSTATUS status;
    end_pair(&a, &b);
    do {
        op_prepare(&op, big, sizeof big, 0, TL_REQUEST_NO_PEND);
        status = engine->Send(a.tl, &op.request);
        total += NT_SUCCESS(status) ? op.request.Bytes : 0;
    } while (NT_SUCCESS(status));
    CHECK_EQ(status, STATUS_DEVICE_NOT_READY);
    CHECK(total > 0);
    CHECK((end_levels(&a) & TL_EVENT_SEND) == 0);
    CHECK_EQ(engine->Disconnect(a.tl, HOST_SHUTDOWN_SEND), STATUS_SUCCESS);
    while (receive_bytes(&b, back, sizeof back, 0, &bytes) == STATUS_SUCCESS && bytes != 0)
        received += bytes;
    CHECK_EQ(received, total);
    end_close(&a);
    end_close(&b);
}

TEST(half_close__peer_answers__after_the_end)
{
    struct end a, b;
    char got[8];
    SIZE_T bytes;
    end_pair(&a, &b);
    CHECK_EQ(engine->Disconnect(a.tl, HOST_SHUTDOWN_SEND), STATUS_SUCCESS);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
    CHECK_EQ(send_bytes(&b, "late", 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive_bytes(&a, got, 8, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 4);
    CHECK_EQ(engine->Disconnect(a.tl, HOST_SHUTDOWN_SEND), STATUS_SUCCESS);
    end_close(&a);
    end_close(&b);
}

TEST(disconnect_receive__pending_and_later_receives__fail)
{
    struct end a, b;
    struct op op;
    char got[8];
    SIZE_T bytes;
    end_pair(&a, &b);
    op_prepare(&op, got, 8, 0, 0);
    CHECK_EQ(engine->Receive(b.tl, &op.request), STATUS_PENDING);
    CHECK_EQ(engine->Disconnect(b.tl, HOST_SHUTDOWN_RECEIVE), STATUS_SUCCESS);
    CHECK_EQ(op_wait(&op, STATUS_PENDING), STATUS_PIPE_DISCONNECTED);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_PIPE_DISCONNECTED);
    CHECK_EQ(send_bytes(&b, "ok", 2, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive_bytes(&a, got, 8, 0, &bytes), STATUS_SUCCESS);
    end_close(&a);
    end_close(&b);
}

TEST(reset__peer_receives__error_that_stays)
{
    struct end a, b;
    char got[8];
    SIZE_T bytes;
    end_pair(&a, &b);
    end_reset(&a);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_CONNECTION_RESET);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_CONNECTION_RESET);
    CHECK_EQ(send_bytes(&b, "x", 1, NULL), STATUS_CONNECTION_RESET);
    CHECK((end_levels(&b) & TL_EVENT_ABORT) != 0);
    CHECK((end_levels(&b) & TL_EVENT_DISCONNECT) == 0);
    end_close(&b);
}

TEST(reset__pending_receive__completes_with_it)
{
    struct end a, b;
    struct op op;
    char got[8];
    end_pair(&a, &b);
    op_prepare(&op, got, 8, 0, 0);
    CHECK_EQ(engine->Receive(b.tl, &op.request), STATUS_PENDING);
    end_reset(&a);
    CHECK_EQ(op_wait(&op, STATUS_PENDING), STATUS_CONNECTION_RESET);
    end_close(&b);
}

TEST(linger_0__close__resets)
{
    struct end a, b;
    const USHORT linger[2] = {1, 0};
    USHORT read_back[2] = {9, 9};
    ULONG length = sizeof read_back;
    char got[8];
    SIZE_T bytes;
    end_pair(&a, &b);
    CHECK_EQ(engine->SetOption(a.tl, 0xffff, 0x80, linger, sizeof linger), STATUS_SUCCESS);
    CHECK_EQ(engine->GetOption(a.tl, 0xffff, 0x80, read_back, &length), STATUS_SUCCESS);
    CHECK_EQ(read_back[0], 1);
    CHECK_EQ(read_back[1], 0);
    end_close(&a);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_CONNECTION_RESET);
    end_close(&b);
}

TEST(close__unread_bytes__resets_the_peer)
{
    struct end a, b;
    char got[8];
    SIZE_T bytes;
    end_pair(&a, &b);
    CHECK_EQ(send_bytes(&b, "unread", 6, NULL), STATUS_SUCCESS);
    end_wait_levels(&a, TL_EVENT_RECEIVE);
    end_close(&a);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_CONNECTION_RESET);
    end_close(&b);
}

TEST(send__peer_closed__fails_soon_and_for_good)
{
    struct end a, b;
    char got[8];
    SIZE_T bytes;
    NTSTATUS status;
    end_pair(&a, &b);
    end_close(&a);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
    do
        status = send_bytes(&b, "x", 1, NULL);
    while (status == STATUS_SUCCESS);
    CHECK_EQ(status, STATUS_CONNECTION_RESET);
    CHECK_EQ(send_bytes(&b, "x", 1, NULL), STATUS_CONNECTION_RESET);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_CONNECTION_RESET);
    end_close(&b);
}

TEST(abort__pending_requests__are_cancelled_and_new_ones_refused)
{
    struct end a, b;
    struct op receive, send;
    char got[8];
    end_pair(&a, &b);
    op_prepare(&receive, got, 8, 0, 0);
    CHECK_EQ(engine->Receive(a.tl, &receive.request), STATUS_PENDING);
    op_prepare(&send, big, sizeof big, 0, 0);
    CHECK_EQ(engine->Send(a.tl, &send.request), STATUS_PENDING);
    engine->Abort(a.tl, FALSE);
    CHECK_EQ(op_wait(&receive, STATUS_PENDING), STATUS_CANCELLED);
    CHECK_EQ(op_wait(&send, STATUS_PENDING), STATUS_CANCELLED);
    op_prepare(&receive, got, 8, 0, 0);
    CHECK_EQ(engine->Receive(a.tl, &receive.request), STATUS_FILE_CLOSED);
    CHECK_EQ(engine->Watch(a.tl, TL_EVENT_RECEIVE, NULL), STATUS_FILE_CLOSED);
    engine->Close(a.tl);
    end_close(&b);
}

TEST(cancel__middle_of_the_queue__others_go_on)
{
    struct end a, b;
    struct op ops[3];
    char got[3];
    end_pair(&a, &b);
    for (int i = 0; i < 3; i++) {
        op_prepare(&ops[i], &got[i], 1, 0, 0);
        CHECK_EQ(engine->Receive(b.tl, &ops[i].request), STATUS_PENDING);
    }
    CHECK(engine->Cancel(b.tl, &ops[1].request));
    CHECK(!engine->Cancel(b.tl, &ops[1].request));
    CHECK_EQ(send_bytes(&a, "12", 2, NULL), STATUS_SUCCESS);
    CHECK_EQ(op_wait(&ops[0], STATUS_PENDING), STATUS_SUCCESS);
    CHECK_EQ(op_wait(&ops[2], STATUS_PENDING), STATUS_SUCCESS);
    CHECK_EQ(got[0], '1');
    CHECK_EQ(got[2], '2');
    CHECK_EQ(ops[1].completions, 0);
    end_close(&a);
    end_close(&b);
}

TEST(wild_buffers__send_and_receive__access_violation)
{
    struct end a, b;
    struct op op;
    char got[8];
    SIZE_T bytes;
    end_pair(&a, &b);
    op_prepare(&op, (void *)8, 16, 0, 0);
    CHECK_EQ(op_wait(&op, engine->Send(a.tl, &op.request)), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(send_bytes(&a, "safe", 4, NULL), STATUS_SUCCESS);
    end_wait_levels(&b, TL_EVENT_RECEIVE);
    op_prepare(&op, (void *)8, 16, 0, 0);
    CHECK_EQ(op_wait(&op, engine->Receive(b.tl, &op.request)), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 4);
    end_close(&a);
    end_close(&b);
}

TEST(ipv6__connect_over_loopback__works)
{
    struct end listener, a, b;
    char got[8];
    SIZE_T bytes;
    need_ipv6();
    end_open(&listener, TEST_AF_INET6, TEST_STREAM);
    struct address address = address_v6_loopback(0);
    end_bind(&listener, &address);
    CHECK_EQ(engine->Listen(listener.tl, 5), STATUS_SUCCESS);
    address = local_address(&listener);
    CHECK_EQ(address.length, 28);
    CHECK_EQ(address.bytes[0], TEST_AF_INET6);
    end_connect(&a, &address);
    end_accept(&listener, &b);
    CHECK_EQ(send_bytes(&a, "six", 3, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive_bytes(&b, got, 8, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 3);
    end_close(&a);
    end_close(&b);
    end_close(&listener);
}

TEST(ipv6__dual_stack_listener__sees_mapped_peer)
{
    struct end listener, a, b;
    const ULONG off = 0;
    static const UCHAR mapped[16] = {[10] = 0xff, [11] = 0xff, 127, 0, 0, 1};
    struct address remote = {{0}, 28};
    need_ipv6();
    end_open(&listener, TEST_AF_INET6, TEST_STREAM);
    CHECK_EQ(engine->SetOption(listener.tl, 41, 27, &off, sizeof off), STATUS_SUCCESS);
    struct address address = address_any(TEST_AF_INET6, 0);
    end_bind(&listener, &address);
    CHECK_EQ(engine->Listen(listener.tl, 5), STATUS_SUCCESS);
    address = local_address(&listener);
    struct address v4 = address_v4(127, 0, 0, 1, address_port(&address));
    end_connect(&a, &v4);
    end_accept(&listener, &b);
    CHECK_EQ(engine->GetRemoteAddress(b.tl, remote.bytes, &remote.length), STATUS_SUCCESS);
    CHECK_EQ(remote.length, 28);
    CHECK(memcmp(remote.bytes + 8, mapped, 16) == 0);
    end_close(&a);
    end_close(&b);
    end_close(&listener);
}

TEST(ipv6__only__lets_ipv4_bind_the_same_port)
{
    struct end six, four;
    need_ipv6();
    /* A port that the host finds free for IPv4: one that it finds for IPv6 may be held there by old connections. */
    end_open(&four, TEST_AF_INET, TEST_STREAM);
    struct address v4 = address_own();
    end_bind(&four, &v4);
    v4 = local_address(&four);
    end_open(&six, TEST_AF_INET6, TEST_STREAM);
    struct address v6 = address_any(TEST_AF_INET6, address_port(&v4));
    end_bind(&six, &v6);
    end_close(&four);
    end_open(&four, TEST_AF_INET, TEST_STREAM);
    end_bind(&four, &v4);
    end_close(&four);
    end_close(&six);
}
