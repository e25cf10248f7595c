/* SPDX-License-Identifier: MIT */
/* tl_bind_test.c - addresses in use, backlog, options. [doc:winsock2/using-so-reuseaddr-and-so-exclusiveaddruse] */
#include "tl_test.h"

enum sharing { DEFAULT, SHARED, EXCLUSIVE };

static void set_sharing(struct end *end, enum sharing sharing)
{
    const ULONG on = 1;
    if (sharing == SHARED)
        CHECK_EQ(engine->SetOption(end->tl, 0xffff, 4, &on, sizeof on), STATUS_SUCCESS);
    if (sharing == EXCLUSIVE)
        CHECK_EQ(engine->SetOption(end->tl, 0xffff, ~4, &on, sizeof on), STATUS_SUCCESS);
}

static NTSTATUS bind_second(ULONG type, enum sharing first, enum sharing second, int listening)
{
    struct end a, b;
    end_open(&a, TEST_AF_INET, type);
    set_sharing(&a, first);
    struct address address = address_own();
    end_bind(&a, &address);
    address = local_address(&a);
    if (listening)
        CHECK_EQ(engine->Listen(a.tl, 5), STATUS_SUCCESS);
    end_open(&b, TEST_AF_INET, type);
    set_sharing(&b, second);
    NTSTATUS status = engine->Bind(b.tl, address.bytes, address.length);
    end_close(&a);
    end_close(&b);
    return status;
}

TEST(bind__port_in_use__follows_the_table_of_windows)
{
    for (int listening = 0; listening < 2; listening++) {
        CHECK_EQ(bind_second(TEST_STREAM, DEFAULT, DEFAULT, listening), STATUS_ADDRESS_ALREADY_EXISTS);
        CHECK_EQ(bind_second(TEST_STREAM, DEFAULT, SHARED, listening), STATUS_ACCESS_DENIED);
        CHECK_EQ(bind_second(TEST_STREAM, DEFAULT, EXCLUSIVE, listening), STATUS_ADDRESS_ALREADY_EXISTS);
        CHECK_EQ(bind_second(TEST_STREAM, SHARED, DEFAULT, listening), STATUS_ADDRESS_ALREADY_EXISTS);
        CHECK_EQ(bind_second(TEST_STREAM, SHARED, SHARED, listening), STATUS_SUCCESS);
        CHECK_EQ(bind_second(TEST_STREAM, EXCLUSIVE, DEFAULT, listening), STATUS_ADDRESS_ALREADY_EXISTS);
        CHECK_EQ(bind_second(TEST_STREAM, EXCLUSIVE, SHARED, listening), STATUS_ACCESS_DENIED);
        CHECK_EQ(bind_second(TEST_STREAM, EXCLUSIVE, EXCLUSIVE, listening), STATUS_ADDRESS_ALREADY_EXISTS);
    }
    CHECK_EQ(bind_second(TEST_DATAGRAM, DEFAULT, DEFAULT, 0), STATUS_ADDRESS_ALREADY_EXISTS);
    CHECK_EQ(bind_second(TEST_DATAGRAM, DEFAULT, SHARED, 0), STATUS_SUCCESS);
    CHECK_EQ(bind_second(TEST_DATAGRAM, SHARED, SHARED, 0), STATUS_SUCCESS);
    CHECK_EQ(bind_second(TEST_DATAGRAM, EXCLUSIVE, SHARED, 0), STATUS_ACCESS_DENIED);
}

/* --- an address beside a wider or a narrower one --- */

enum place { ONE4, ANY4, ONE6, ANY6, DUAL, MAPPED_ONE, MAPPED_ANY };

static struct address place_address(enum place place)
{
    struct address address = place == ONE4 || place == ANY4 ? address_own() : address_any(TEST_AF_INET6, 0);
    if (place == ANY4)
        address = address_any(TEST_AF_INET, 0);
    if (place == ONE6)
        address = address_v6_loopback(0);
    if (place == MAPPED_ONE || place == MAPPED_ANY)
        memset(address.bytes + 18, 0xff, 2);
    if (place == MAPPED_ONE)
        memcpy(address.bytes + 20, address_own().bytes + 4, 4);
    address_set_port(&address, (USHORT)nts_own_port());
    return address;
}

static NTSTATUS place_bind(struct end *end, ULONG type, enum place place, enum sharing sharing)
{
    const ULONG off = 0;
    struct address address = place_address(place);
    end_open(end, place <= ANY4 ? TEST_AF_INET : TEST_AF_INET6, type);
    set_sharing(end, sharing);
    if (place >= DUAL)
        CHECK_EQ(engine->SetOption(end->tl, 41, 27, &off, sizeof off), STATUS_SUCCESS); /* IPV6_V6ONLY */
    return engine->Bind(end->tl, address.bytes, address.length);
}

enum { OK = STATUS_SUCCESS, IN_USE = STATUS_ADDRESS_ALREADY_EXISTS, DENIED = STATUS_ACCESS_DENIED };

/* [doc:network/sharing-transport-addresses] [test:wine/ws2_32/sock.c reuseaddr] */
static const struct {
    enum place first;
    enum sharing first_sharing;
    enum place second;
    enum sharing second_sharing;
    NTSTATUS expected;
} beside[] = {
    {ANY4, DEFAULT, ONE4, DEFAULT, OK}, {ONE4, DEFAULT, ANY4, DEFAULT, OK},
    {ANY4, DEFAULT, ONE4, SHARED, OK}, {ONE4, DEFAULT, ANY4, SHARED, OK},
    {ANY4, DEFAULT, ONE4, EXCLUSIVE, OK}, {ONE4, DEFAULT, ANY4, EXCLUSIVE, IN_USE},
    {ANY4, SHARED, ONE4, DEFAULT, OK}, {ONE4, SHARED, ANY4, DEFAULT, OK},
    {ANY4, SHARED, ONE4, SHARED, OK}, {ONE4, SHARED, ANY4, SHARED, OK},
    {ANY4, SHARED, ONE4, EXCLUSIVE, OK}, {ONE4, SHARED, ANY4, EXCLUSIVE, IN_USE},
    {ANY4, EXCLUSIVE, ONE4, DEFAULT, DENIED}, {ONE4, EXCLUSIVE, ANY4, DEFAULT, OK},
    {ANY4, EXCLUSIVE, ONE4, SHARED, DENIED}, {ONE4, EXCLUSIVE, ANY4, SHARED, OK},
    {ANY4, EXCLUSIVE, ONE4, EXCLUSIVE, DENIED}, {ONE4, EXCLUSIVE, ANY4, EXCLUSIVE, IN_USE},
    {ANY4, DEFAULT, ANY4, EXCLUSIVE, IN_USE}, {ANY4, DEFAULT, ANY4, DEFAULT, IN_USE},
    {ANY4, SHARED, ANY4, SHARED, OK}, {ONE4, SHARED, ONE4, SHARED, OK},
    /* what is not of one family does not meet */
    {ANY4, EXCLUSIVE, ANY6, EXCLUSIVE, OK}, {ONE6, EXCLUSIVE, ONE4, EXCLUSIVE, OK},
    {ONE6, DEFAULT, ANY4, EXCLUSIVE, OK}, {ANY6, EXCLUSIVE, ONE6, DEFAULT, DENIED}, {ONE6, DEFAULT, ANY6, DEFAULT, OK},
    /* "any" of both families is wider than that of one */
    {DUAL, DEFAULT, ANY4, DEFAULT, OK}, {DUAL, DEFAULT, ANY4, EXCLUSIVE, OK},
    {DUAL, EXCLUSIVE, ANY4, DEFAULT, DENIED}, {ANY4, DEFAULT, DUAL, DEFAULT, OK},
    {ANY4, DEFAULT, DUAL, EXCLUSIVE, IN_USE}, {DUAL, EXCLUSIVE, ONE4, DEFAULT, DENIED},
    {ONE4, DEFAULT, DUAL, EXCLUSIVE, IN_USE}, {ONE4, DEFAULT, DUAL, DEFAULT, OK},
    {DUAL, DEFAULT, DUAL, DEFAULT, IN_USE},
    /* an address of IPv4 is one, whatever the socket */
    {MAPPED_ONE, DEFAULT, ONE4, DEFAULT, IN_USE}, {ONE4, DEFAULT, MAPPED_ONE, DEFAULT, IN_USE},
    {MAPPED_ONE, DEFAULT, ANY4, EXCLUSIVE, IN_USE}, {MAPPED_ANY, DEFAULT, ANY4, DEFAULT, IN_USE},
    {MAPPED_ANY, EXCLUSIVE, ONE4, DEFAULT, DENIED}, {MAPPED_ANY, EXCLUSIVE, ONE6, DEFAULT, OK},
};

enum listens { NOBODY, FIRST_BEFORE, SECOND_BEFORE };

static void check_beside(size_t i, ULONG type, enum listens listens)
{
    struct end first, second;
    CHECK_EQ(place_bind(&first, type, beside[i].first, beside[i].first_sharing), STATUS_SUCCESS);
    if (listens == FIRST_BEFORE)
        CHECK_EQ(engine->Listen(first.tl, 5), STATUS_SUCCESS);
    NTSTATUS status = place_bind(&second, type, beside[i].second, beside[i].second_sharing);
    if (status != beside[i].expected)
        nts_fail(__FILE__, __LINE__, "row %u, type %u, listens %u: %08x, not %08x", (unsigned)i, (unsigned)type,
            (unsigned)listens, (unsigned)status, (unsigned)beside[i].expected);
    if (listens != NOBODY && NT_SUCCESS(status))
        CHECK_EQ(engine->Listen(second.tl, 5), STATUS_SUCCESS);
    if (listens == SECOND_BEFORE)
        CHECK_EQ(engine->Listen(first.tl, 5), STATUS_SUCCESS);
    end_close(&first);
    end_close(&second);
}

TEST(bind__beside_a_wider_or_narrower_address__follows_the_table_of_windows)
{
    need_ipv6();
    for (size_t i = 0; i < RTL_NUMBER_OF(beside); i++) {
        check_beside(i, TEST_STREAM, NOBODY);
        check_beside(i, TEST_STREAM, FIRST_BEFORE);
        check_beside(i, TEST_STREAM, SECOND_BEFORE);
        check_beside(i, TEST_DATAGRAM, NOBODY);
    }
}

TEST(bind__beside_each_other__the_narrower_gets_what_arrives)
{
    static const enum place widening[] = {ONE4, ANY4, DUAL};
    struct end ends[3], client, accepted;
    struct address to = place_address(ONE4);
    need_ipv6();
    for (unsigned wide_first = 0; wide_first < 2; wide_first++) {
        for (unsigned i = 0; i < 3; i++) {
            unsigned at = wide_first ? 2 - i : i;
            CHECK_EQ(place_bind(&ends[at], TEST_STREAM, widening[at], DEFAULT), STATUS_SUCCESS);
            CHECK_EQ(engine->Listen(ends[at].tl, 5), STATUS_SUCCESS);
        }
        /* The narrowest that is left. */
        for (unsigned at = 0; at < 3; at++) {
            end_connect(&client, &to);
            end_accept(&ends[at], &accepted);
            end_close(&client);
            end_close(&accepted);
            end_close(&ends[at]);
        }
    }
}

TEST(bind__datagrams_beside_each_other__the_narrower_gets_what_arrives)
{
    struct end wide, narrow, sender;
    struct address to = place_address(ONE4);
    char got[4];
    SIZE_T bytes;
    CHECK_EQ(place_bind(&narrow, TEST_DATAGRAM, ONE4, EXCLUSIVE), STATUS_SUCCESS);
    CHECK_EQ(place_bind(&wide, TEST_DATAGRAM, ANY4, DEFAULT), STATUS_SUCCESS);
    end_open(&sender, TEST_AF_INET, TEST_DATAGRAM);
    CHECK_EQ(send_to(&sender, &to, "abc", 3), STATUS_SUCCESS);
    CHECK_EQ(receive_bytes(&narrow, got, sizeof got, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 3);
    end_close(&narrow);
    CHECK_EQ(send_to(&sender, &to, "de", 2), STATUS_SUCCESS);
    CHECK_EQ(receive_bytes(&wide, got, sizeof got, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 2);
    end_close(&wide);
    end_close(&sender);
}

/* A server restarts at once, while its old connections live or linger in TIME_WAIT. */
TEST(bind__listener_restarts__old_connections_do_not_count)
{
    struct end listener, a, b, again;
    struct address address;
    char got[4];
    SIZE_T bytes;
    for (int living = 0; living < 2; living++) {
        end_open(&listener, TEST_AF_INET, TEST_STREAM);
        address = address_own();
        end_bind(&listener, &address);
        CHECK_EQ(engine->Listen(listener.tl, 5), STATUS_SUCCESS);
        address = local_address(&listener);
        end_connect(&a, &address);
        end_accept(&listener, &b);
        end_close(&listener);
        if (!living) {
            /* The side that closes first keeps the TIME_WAIT: the server's port. */
            end_close(&b);
            CHECK_EQ(receive_bytes(&a, got, 4, 0, &bytes), STATUS_SUCCESS);
            end_close(&a);
        }
        end_open(&again, TEST_AF_INET, TEST_STREAM);
        CHECK_EQ(engine->Bind(again.tl, address.bytes, address.length), STATUS_SUCCESS);
        CHECK_EQ(engine->Listen(again.tl, 5), STATUS_SUCCESS);
        /* And the restarted listener is protected like the first one. */
        struct end other;
        end_open(&other, TEST_AF_INET, TEST_STREAM);
        CHECK_EQ(engine->Bind(other.tl, address.bytes, address.length), STATUS_ADDRESS_ALREADY_EXISTS);
        end_close(&other);
        end_close(&again);
        if (living) {
            end_close(&a);
            end_close(&b);
        }
    }
}

TEST(bind__bad_addresses__are_told_apart)
{
    struct end end;
    struct address foreign = address_v4(203, 0, 113, 1, 0), six = address_any(TEST_AF_INET6, 0);
    struct address good = address_v4(127, 0, 0, 1, 0);
    UCHAR longer[128] = {0};
    end_open(&end, TEST_AF_INET, TEST_STREAM);
    CHECK_EQ(engine->Bind(end.tl, foreign.bytes, 16), STATUS_INVALID_ADDRESS_COMPONENT);
    CHECK_EQ(engine->Bind(end.tl, six.bytes, 28), STATUS_INVALID_ADDRESS);
    CHECK_EQ(engine->Bind(end.tl, good.bytes, 15), STATUS_INVALID_PARAMETER);
    CHECK_EQ(engine->Bind(end.tl, good.bytes, 1), STATUS_INVALID_PARAMETER);
    memcpy(longer, good.bytes, 16);
    CHECK_EQ(engine->Bind(end.tl, longer, sizeof longer), STATUS_SUCCESS);
    CHECK_EQ(engine->Bind(end.tl, good.bytes, 16), STATUS_INVALID_PARAMETER);
    end_close(&end);
}

TEST(open__nonsense__protocol_not_supported)
{
    struct end end;
    end_open(&end, TEST_AF_INET, TEST_STREAM);
    end_close(&end);
    CHECK_EQ(engine->Open(77, TEST_STREAM, 0, &test_client, &end, &end.tl), STATUS_PROTOCOL_NOT_SUPPORTED);
    CHECK_EQ(engine->Open(TEST_AF_INET, 9, 0, &test_client, &end, &end.tl), STATUS_PROTOCOL_NOT_SUPPORTED);
    CHECK_EQ(engine->Open(TEST_AF_INET, TEST_STREAM, 17, &test_client, &end, &end.tl), STATUS_PROTOCOL_NOT_SUPPORTED);
}

TEST(backlog__full__refuses_or_keeps_waiting)
{
    struct end listener, clients[8];
    struct address address;
    struct op ops[8];
    int refused = 0, connected = 0, waiting = 0;
    end_listen(&listener, 2, &address);
    for (int i = 0; i < 8; i++) {
        end_open(&clients[i], TEST_AF_INET, TEST_STREAM);
        op_prepare(&ops[i], NULL, 0, 0, 0);
        memcpy(ops[i].request.Address, address.bytes, 16);
        ops[i].request.AddressLength = 16;
        NTSTATUS status = engine->Connect(clients[i].tl, &ops[i].request);
        LARGE_INTEGER time = {.QuadPart = -1000000};
        if (status == STATUS_PENDING)
            status = KeWaitCompletion(&ops[i].done, FALSE, &time);
        if (ops[i].completions != 0)
            status = ops[i].request.Status;
        connected += status == STATUS_SUCCESS;
        refused += status == STATUS_CONNECTION_REFUSED;
        waiting += status == STATUS_TIMEOUT;
    }
    /* Linux keeps one more than asked for and lets further ones try again; memory refuses them. */
    CHECK_EQ(connected + refused + waiting, 8);
    CHECK_EQ(connected, engine_is("loop") ? 2 : 3);
    CHECK(refused + waiting > 0);
    for (int i = 0; i < 8; i++)
        end_close(&clients[i]);
    end_close(&listener);
}

TEST(listener__closes_with_waiting_connection__resets_it)
{
    struct end listener, client;
    struct address address;
    char got[4];
    SIZE_T bytes;
    end_listen(&listener, 5, &address);
    end_connect(&client, &address);
    end_wait_levels(&listener, TL_EVENT_ACCEPT);
    end_close(&listener);
    CHECK_EQ(receive_bytes(&client, got, 4, 0, &bytes), STATUS_CONNECTION_RESET);
    end_close(&client);
}

TEST(options__set_and_read_back__in_windows_form)
{
    struct end end;
    const UCHAR small = 1;
    const ULONGLONG wide = 1;
    const ULONG number = 20000;
    ULONG value = 0, length = sizeof value;
    UCHAR byte = 9;
    end_open(&end, TEST_AF_INET, TEST_STREAM);
    CHECK_EQ(engine->SetOption(end.tl, 6, 1, &small, 1), STATUS_SUCCESS); /* TCP_NODELAY */
    CHECK_EQ(engine->GetOption(end.tl, 6, 1, &value, &length), STATUS_SUCCESS);
    CHECK_EQ(value, 1);
    CHECK_EQ(length, 4);
    length = 1;
    CHECK_EQ(engine->GetOption(end.tl, 6, 1, &byte, &length), STATUS_SUCCESS);
    CHECK_EQ(byte, 1);
    CHECK_EQ(length, 1);
    CHECK_EQ(engine->SetOption(end.tl, 0xffff, 8, &wide, sizeof wide), STATUS_SUCCESS); /* SO_KEEPALIVE */
    CHECK_EQ(engine->SetOption(end.tl, 0xffff, 0x1002, &number, 4), STATUS_SUCCESS); /* SO_RCVBUF */
    length = sizeof value;
    CHECK_EQ(engine->GetOption(end.tl, 0xffff, 0x1002, &value, &length), STATUS_SUCCESS);
    CHECK_EQ(value, 20000);
    CHECK_EQ(engine->SetOption(end.tl, 0xffff, 0x1002, &number, 2), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(engine->SetOption(end.tl, 6, 1, &number, 0), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(engine->SetOption(end.tl, 0xffff, 0x20, &number, 4), STATUS_NOT_SUPPORTED); /* SO_BROADCAST */
    CHECK_EQ(engine->SetOption(end.tl, 0xffff, 0x7777, &number, 4), STATUS_NOT_SUPPORTED);
    length = sizeof value;
    CHECK_EQ(engine->GetOption(end.tl, 0xffff, 0x1008, &value, &length), STATUS_SUCCESS); /* SO_TYPE */
    CHECK_EQ(value, TEST_STREAM);
    end_close(&end);
}

TEST(options__reuse_and_exclusive__exclude_each_other)
{
    struct end end;
    const ULONG on = 1;
    end_open(&end, TEST_AF_INET, TEST_STREAM);
    CHECK_EQ(engine->SetOption(end.tl, 0xffff, 4, &on, 4), STATUS_SUCCESS);
    CHECK_EQ(engine->SetOption(end.tl, 0xffff, ~4, &on, 4), STATUS_INVALID_PARAMETER);
    end_close(&end);
    end_open(&end, TEST_AF_INET, TEST_STREAM);
    CHECK_EQ(engine->SetOption(end.tl, 0xffff, ~4, &on, 4), STATUS_SUCCESS);
    CHECK_EQ(engine->SetOption(end.tl, 0xffff, 4, &on, 4), STATUS_INVALID_PARAMETER);
    end_close(&end);
}
