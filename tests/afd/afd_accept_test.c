/* SPDX-License-Identifier: MIT */
/*
 * afd_accept_test.c - waiting for connections, accepting, deferring, and Q201348.
 */
#include <string.h>

#include "afd_test.h"

static NTSTATUS wait_begin(struct io *io, HANDLE listener, AFD_LISTEN_RESPONSE_INFO *reply)
{
    return io_begin(io, listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, reply, sizeof *reply);
}

static NTSTATUS wait_now(HANDLE listener, AFD_LISTEN_RESPONSE_INFO *reply)
{
    struct io io;
    wait_begin(&io, listener, reply);
    return io_end(&io);
}

static NTSTATUS defer(HANDLE listener, LONG sequence, int reject)
{
    AFD_DEFER_ACCEPT_INFO info = {sequence, (BOOLEAN)reject};
    return control(listener, IOCTL_AFD_DEFER_ACCEPT, &info, sizeof info, NULL, 0, NULL);
}

/* The peer of a connection that was given up sees its end at once: a reset, or nothing more to read. */
static void check_reset(HANDLE client)
{
    char byte;
    NTSTATUS status = receive(client, &byte, 1, TDI_RECEIVE_NORMAL, NULL);
    CHECK_EQ(status, STATUS_CONNECTION_RESET);
}

TEST(listening__connection_waits__wait_offers_it_at_once)
{
    struct address bound, local;
    AFD_LISTEN_RESPONSE_INFO reply;
    struct io io;
    HANDLE listener = open_listener(INET, 5, &bound), client = open_connected(&bound), acceptor;
    CHECK_EQ(at_once(&io, wait_begin(&io, listener, &reply)), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 4 + 16);
    CHECK(reply.Sequence != 0);
    CHECK_EQ(control(client, IOCTL_AFD_GET_ADDRESS, NULL, 0, &local, sizeof local, NULL), STATUS_SUCCESS);
    CHECK_EQ(memcmp(&local, reply.RemoteAddress, 8), 0);
    acceptor = open_endpoint(INET, STREAM);
    CHECK_EQ(accept_into(listener, reply.Sequence, acceptor), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(acceptor, "hi", 2, NULL), STATUS_SUCCESS);
    close_handle(listener);
    close_handle(client);
    close_handle(acceptor);
}

TEST(listening__connect_arrives__completes_oldest_wait)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply[3];
    struct io io[3];
    HANDLE listener = open_listener(INET, 5, &bound), client[3];
    for (int i = 0; i < 3; i++)
        CHECK_EQ(wait_begin(&io[i], listener, &reply[i]), STATUS_PENDING);
    for (int i = 0; i < 3; i++) {
        client[i] = open_connected(&bound);
        CHECK_EQ(io_end(&io[i]), STATUS_SUCCESS);
        for (int later = i + 1; later < 3; later++)
            CHECK(!io_is_done(&io[later]));
    }
    for (int i = 0; i < 3; i++)
        close_handle(client[i]);
    close_handle(listener);
}

TEST(listening__lifo_wait__is_served_first)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO first_reply, lifo_reply;
    struct io first, lifo;
    HANDLE listener = open_listener(INET, 5, &bound), one, two;
    CHECK_EQ(wait_begin(&first, listener, &first_reply), STATUS_PENDING);
    CHECK_EQ(io_begin(&lifo, listener, IOCTL_AFD_WAIT_FOR_LISTEN_LIFO, NULL, 0, &lifo_reply, sizeof lifo_reply),
        STATUS_PENDING);
    one = open_connected(&bound);
    CHECK_EQ(io_end(&lifo), STATUS_SUCCESS);
    CHECK(!io_is_done(&first));
    two = open_connected(&bound);
    CHECK_EQ(io_end(&first), STATUS_SUCCESS);
    close_handle(one);
    close_handle(two);
    close_handle(listener);
}

TEST(listening__waits_cancelled__others_still_served)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply[4];
    struct io io[4];
    IO_STATUS_BLOCK iosb;
    HANDLE listener = open_listener(INET, 5, &bound), client;
    for (int i = 0; i < 4; i++)
        CHECK_EQ(wait_begin(&io[i], listener, &reply[i]), STATUS_PENDING);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(NtCancelIoFileEx(listener, &io[i].iosb, &iosb), STATUS_SUCCESS);
        CHECK_EQ(io_end(&io[i]), STATUS_CANCELLED);
    }
    client = open_connected(&bound);
    CHECK_EQ(io_end(&io[3]), STATUS_SUCCESS);
    close_handle(client);
    close_handle(listener);
}

TEST(listening__waits_all_cancelled__connection_kept_for_next)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply;
    struct io io;
    HANDLE listener = open_listener(INET, 5, &bound), client;
    CHECK_EQ(wait_begin(&io, listener, &reply), STATUS_PENDING);
    cancel_io(listener);
    CHECK_EQ(io_end(&io), STATUS_CANCELLED);
    client = open_connected(&bound);
    CHECK_EQ(wait_now(listener, &reply), STATUS_SUCCESS);
    close_handle(client);
    close_handle(listener);
}

TEST(listening__nonblocking_wait__not_ready_until_connection)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply;
    HANDLE listener = open_listener(INET, 5, &bound), client;
    CHECK_EQ(set_nonblocking(listener, 1), STATUS_SUCCESS);
    CHECK_EQ(wait_now(listener, &reply), STATUS_DEVICE_NOT_READY);
    client = open_connected(&bound);
    CHECK_EQ(wait_now(listener, &reply), STATUS_SUCCESS);
    CHECK_EQ(wait_now(listener, &reply), STATUS_DEVICE_NOT_READY);
    close_handle(client);
    close_handle(listener);
}

TEST(listening__short_reply_buffer__too_small_and_connection_kept)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply;
    HANDLE listener = open_listener(INET, 5, &bound), client = open_connected(&bound);
    CHECK_EQ(control(listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, 19, NULL), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(control(listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, 20, NULL), STATUS_SUCCESS);
    close_handle(client);
    close_handle(listener);
}

TEST(not_listening__wait_accept_defer__invalid_parameter)
{
    AFD_LISTEN_RESPONSE_INFO reply;
    HANDLE stream = open_endpoint(INET, STREAM), datagram = open_endpoint(INET, DGRAM), client, server;
    CHECK_EQ(wait_now(stream, &reply), STATUS_INVALID_PARAMETER);
    CHECK_EQ(accept_into(stream, 1, stream), STATUS_INVALID_PARAMETER);
    CHECK_EQ(defer(stream, 1, 0), STATUS_INVALID_PARAMETER);
    bind_loopback(stream);
    CHECK_EQ(wait_now(stream, &reply), STATUS_INVALID_PARAMETER);
    CHECK_EQ(wait_now(datagram, &reply), STATUS_INVALID_PARAMETER);
    open_pair(&client, &server);
    CHECK_EQ(wait_now(client, &reply), STATUS_INVALID_PARAMETER);
    close_handle(stream);
    close_handle(datagram);
    close_handle(client);
    close_handle(server);
}

TEST(offered__unknown_sequence__invalid_parameter_and_connection_kept)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply;
    HANDLE listener = open_listener(INET, 5, &bound), client = open_connected(&bound);
    HANDLE acceptor = open_endpoint(INET, STREAM);
    REQUIRE_EQ(wait_now(listener, &reply), STATUS_SUCCESS);
    CHECK_EQ(accept_into(listener, reply.Sequence + 1, acceptor), STATUS_INVALID_PARAMETER);
    CHECK_EQ(accept_into(listener, 0, acceptor), STATUS_INVALID_PARAMETER);
    CHECK_EQ(accept_into(listener, reply.Sequence, acceptor), STATUS_SUCCESS);
    CHECK_EQ(accept_into(listener, reply.Sequence, acceptor), STATUS_INVALID_PARAMETER);
    close_handle(listener);
    close_handle(client);
    close_handle(acceptor);
}

TEST(offered__accept_with_wrong_handle__fails_and_resets)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply;
    HANDLE listener = open_listener(INET, 5, &bound), event = open_event(1), helper = open_helper();
    HANDLE datagram = open_endpoint(INET, DGRAM), used = open_endpoint(INET, STREAM), six = open_endpoint(INET6, STREAM);
    bind_loopback(used);
    const struct {
        HANDLE handle;
        NTSTATUS status;
    } wrong[] = {
        {NULL, STATUS_INVALID_HANDLE},
        {(HANDLE)0x7ffc, STATUS_INVALID_HANDLE},
        {event, STATUS_OBJECT_TYPE_MISMATCH},
        {helper, STATUS_INVALID_PARAMETER},
        {datagram, STATUS_INVALID_PARAMETER},
        {used, STATUS_INVALID_PARAMETER},
        {six, STATUS_INVALID_PARAMETER},
        {listener, STATUS_INVALID_PARAMETER},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        HANDLE client = open_connected(&bound);
        REQUIRE_EQ(wait_now(listener, &reply), STATUS_SUCCESS);
        CHECK_EQ(accept_into(listener, reply.Sequence, wrong[i].handle), wrong[i].status);
        check_reset(client);
        close_handle(client);
    }
    close_handle(listener);
    close_handle(event);
    close_handle(helper);
    close_handle(datagram);
    close_handle(used);
    close_handle(six);
}

TEST(offered__acceptor_has_options_set__takes_the_connection)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply;
    AFD_INFORMATION info;
    HANDLE listener = open_listener(INET, 5, &bound), client = open_connected(&bound);
    HANDLE acceptor = open_endpoint(INET, STREAM);
    memset(&info, 0, sizeof info);
    info.InformationType = AFD_SEND_WINDOW_SIZE;
    info.Information.Ulong = 16384;
    CHECK_EQ(control(acceptor, IOCTL_AFD_SET_INFORMATION, &info, sizeof info, NULL, 0, NULL), STATUS_SUCCESS);
    REQUIRE_EQ(wait_now(listener, &reply), STATUS_SUCCESS);
    CHECK_EQ(accept_into(listener, reply.Sequence, acceptor), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(acceptor, "x", 1, NULL), STATUS_SUCCESS);
    close_handle(listener);
    close_handle(client);
    close_handle(acceptor);
}

TEST(offered__deferred__offered_again_first)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO one, two;
    HANDLE listener = open_listener(INET, 5, &bound), first = open_connected(&bound), second = open_connected(&bound);
    REQUIRE_EQ(wait_now(listener, &one), STATUS_SUCCESS);
    CHECK_EQ(defer(listener, one.Sequence, 0), STATUS_SUCCESS);
    CHECK_EQ(poll_levels(listener), AFD_POLL_ACCEPT);
    REQUIRE_EQ(wait_now(listener, &two), STATUS_SUCCESS);
    CHECK_EQ(memcmp(one.RemoteAddress, two.RemoteAddress, 16), 0);
    REQUIRE_EQ(wait_now(listener, &one), STATUS_SUCCESS);
    CHECK(memcmp(one.RemoteAddress, two.RemoteAddress, 16) != 0);
    close_handle(first);
    close_handle(second);
    close_handle(listener);
}

TEST(offered__deferred_while_another_waits__goes_to_the_waiter)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO one, two;
    struct io io;
    HANDLE listener = open_listener(INET, 5, &bound), first = open_connected(&bound), second;
    REQUIRE_EQ(wait_now(listener, &one), STATUS_SUCCESS);
    CHECK_EQ(wait_begin(&io, listener, &two), STATUS_PENDING);
    CHECK_EQ(defer(listener, one.Sequence, 0), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(memcmp(one.RemoteAddress, two.RemoteAddress, 16), 0);
    /* The waiter's credit was taken back: the next connection stays in the host's backlog. */
    second = open_connected(&bound);
    CHECK_EQ(wait_now(listener, &two), STATUS_SUCCESS);
    close_handle(first);
    close_handle(second);
    close_handle(listener);
}

TEST(offered__rejected__peer_is_reset)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply;
    HANDLE listener = open_listener(INET, 5, &bound), client = open_connected(&bound);
    REQUIRE_EQ(wait_now(listener, &reply), STATUS_SUCCESS);
    CHECK_EQ(defer(listener, reply.Sequence, 1), STATUS_SUCCESS);
    check_reset(client);
    CHECK_EQ(defer(listener, reply.Sequence, 1), STATUS_INVALID_PARAMETER);
    close_handle(client);
    close_handle(listener);
}

TEST(listening__closed__waits_cancelled_connections_reset)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply, deferred, more[2];
    struct io io[2];
    HANDLE listener = open_listener(INET, 5, &bound), offered = open_connected(&bound), kept = open_connected(&bound);
    REQUIRE_EQ(wait_now(listener, &reply), STATUS_SUCCESS);
    REQUIRE_EQ(wait_now(listener, &deferred), STATUS_SUCCESS);
    REQUIRE_EQ(defer(listener, deferred.Sequence, 0), STATUS_SUCCESS);
    close_handle(listener);
    check_reset(offered);
    check_reset(kept);
    close_handle(offered);
    close_handle(kept);

    listener = open_listener(INET, 5, &bound);
    CHECK_EQ(wait_begin(&io[0], listener, &more[0]), STATUS_PENDING);
    CHECK_EQ(wait_begin(&io[1], listener, &more[1]), STATUS_PENDING);
    close_handle(listener);
    CHECK_EQ(io_end(&io[0]), STATUS_CANCELLED);
    CHECK_EQ(io_end(&io[1]), STATUS_CANCELLED);
}

/* --- blocking accepts, which poll for themselves --- */
static ULONG blocking_accept(PVOID listener)
{
    AFD_LISTEN_RESPONSE_INFO reply;
    return (ULONG)control_and_wait(listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, sizeof reply, NULL);
}

TEST(listening__threads_block_in_wait__each_gets_one)
{
    struct address bound;
    HANDLE listener = open_listener(INET, 8, &bound), threads[4], clients[4];
    for (int i = 0; i < 4; i++) {
        threads[i] = start_thread(blocking_accept, listener);
        await_parked(threads[i]);
    }
    for (int i = 0; i < 4; i++)
        clients[i] = open_connected(&bound);
    for (int i = 0; i < 4; i++)
        CHECK_EQ((NTSTATUS)join_thread(threads[i]), STATUS_SUCCESS);
    for (int i = 0; i < 4; i++)
        close_handle(clients[i]);
    close_handle(listener);
}

TEST(listening__closed_while_threads_block__they_are_cancelled)
{
    struct address bound;
    HANDLE listener = open_listener(INET, 8, &bound), threads[3];
    for (int i = 0; i < 3; i++) {
        threads[i] = start_thread(blocking_accept, listener);
        await_parked(threads[i]);
    }
    settle(listener);
    close_handle(listener);
    for (int i = 0; i < 3; i++)
        CHECK_EQ((NTSTATUS)join_thread(threads[i]), STATUS_CANCELLED);
}

TEST(listening__one_of_two_blocked_cancelled__other_still_served)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply;
    struct io io;
    HANDLE listener = open_listener(INET, 8, &bound), thread = start_thread(blocking_accept, listener), client;
    IO_STATUS_BLOCK iosb;
    await_parked(thread);
    CHECK_EQ(wait_begin(&io, listener, &reply), STATUS_PENDING);
    CHECK_EQ(NtCancelIoFileEx(listener, &io.iosb, &iosb), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_CANCELLED);
    client = open_connected(&bound);
    CHECK_EQ((NTSTATUS)join_thread(thread), STATUS_SUCCESS);
    close_handle(client);
    close_handle(listener);
}

/* Goal: nothing is lost when waits are cancelled while connections arrive. Every connection made is offered in
 * the end, to the racing thread or to the last drain. */
struct storm {
    HANDLE listener;
    volatile LONG stop;
    volatile LONG offered;
};

static ULONG wait_and_cancel(PVOID parameter)
{
    struct storm *storm = parameter;
    AFD_LISTEN_RESPONSE_INFO reply;
    struct io io;
    while (!__atomic_load_n(&storm->stop, __ATOMIC_SEQ_CST)) {
        wait_begin(&io, storm->listener, &reply);
        cancel_io(storm->listener);
        if (io_end(&io) == STATUS_SUCCESS)
            __atomic_add_fetch(&storm->offered, 1, __ATOMIC_SEQ_CST);
    }
    return 0;
}

TEST(listening__waits_cancelled_while_connections_arrive__none_lost)
{
    enum { COUNT = 60 };
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply;
    struct storm storm = {open_listener(INET, 100, &bound), 0, 0};
    HANDLE threads[2], clients[COUNT];
    for (int i = 0; i < 2; i++)
        threads[i] = start_thread(wait_and_cancel, &storm);
    for (int i = 0; i < COUNT; i++)
        clients[i] = open_connected(&bound);
    __atomic_store_n(&storm.stop, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 2; i++)
        join_thread(threads[i]);
    set_nonblocking(storm.listener, 1);
    while (wait_now(storm.listener, &reply) == STATUS_SUCCESS)
        storm.offered++;
    CHECK_EQ(storm.offered, COUNT);
    for (int i = 0; i < COUNT; i++)
        close_handle(clients[i]);
    close_handle(storm.listener);
}

/* --- Q201348: [kb:Q201348] --- */
static NTSTATUS accept_under_profile(const char *service_pack, const char *hotfixes, int filter)
{
    struct address bound;
    AFD_LISTEN_RESPONSE_INFO reply;
    NTSTATUS status;
    if (service_pack != NULL)
        set_environment("NTSOCK_SERVICE_PACK", service_pack);
    if (hotfixes != NULL)
        set_environment("NTSOCK_HOTFIXES", hotfixes);
    HANDLE listener = open_listener(INET, 5, &bound), client = open_connected(&bound);
    HANDLE acceptor = open_endpoint(INET, STREAM);
    if (filter)
        attach_test_filter();
    REQUIRE_EQ(wait_now(listener, &reply), STATUS_SUCCESS);
    status = accept_into(listener, reply.Sequence, acceptor);
    if (NT_SUCCESS(status))
        CHECK_EQ(send_bytes(acceptor, "x", 1, NULL), STATUS_SUCCESS);
    else
        check_reset(client);
    close_handle(listener);
    close_handle(client);
    close_handle(acceptor);
    return status;
}

TEST_ALONE(sp4__driver_layered__accept_fails_with_invalid_parameter)
{
    CHECK_EQ(accept_under_profile("4", NULL, 1), STATUS_INVALID_PARAMETER);
}
TEST_ALONE(sp4__no_driver__accept_works)
{
    if (has_filter())
        SKIP("a filter is layered");
    CHECK_EQ(accept_under_profile("4", NULL, 0), STATUS_SUCCESS);
}
TEST_ALONE(sp4_with_hotfix__driver_layered__accept_works)
{
    CHECK_EQ(accept_under_profile("4", "Q201348", 1), STATUS_SUCCESS);
}
TEST_ALONE(sp5__driver_layered__accept_works)
{
    CHECK_EQ(accept_under_profile("5", NULL, 1), STATUS_SUCCESS);
}
TEST(default__driver_layered__accept_works)
{
    CHECK_EQ(accept_under_profile(NULL, NULL, 1), STATUS_SUCCESS);
}
