/* SPDX-License-Identifier: MIT */
/*
 * afd_super_accept_test.c - SUPER_ACCEPT: what AcceptEx sends. [doc:mswsock/acceptex] [test:wine/ws2_32/sock.c]
 */
#include <string.h>

#include "afd_test.h"

#define AREA (sizeof(AFD_SUPER_ACCEPT_ADDRESS) + 16)
#define DATA 16

struct super {
    struct io io;
    HANDLE acceptor;
    UCHAR out[DATA + 2 * AREA];
};

static NTSTATUS begin_into(struct super *super, HANDLE listener, HANDLE acceptor, ULONG data, ULONG local,
    ULONG remote)
{
    AFD_SUPER_ACCEPT_INFO info;
    memset(&info, 0, sizeof info);
    memset(super->out, 0xee, sizeof super->out);
    super->acceptor = acceptor;
    info.AcceptHandle = acceptor;
    info.ReceiveDataLength = data;
    info.LocalAddressLength = local;
    info.RemoteAddressLength = remote;
    return io_begin_kept(&super->io, listener, IOCTL_AFD_SUPER_ACCEPT, &info, sizeof info, super->out,
        data + local + remote);
}

static NTSTATUS begin(struct super *super, HANDLE listener, ULONG data)
{
    return begin_into(super, listener, open_endpoint(INET, STREAM), data, AREA, AREA);
}

static NTSTATUS begin_and_end(HANDLE listener, HANDLE acceptor, ULONG data, ULONG local, ULONG remote)
{
    struct super super;
    begin_into(&super, listener, acceptor, data, local, remote);
    return io_end(&super.io);
}

/* The areas hold the addresses as the client sees them from its side. */
static void check_addresses(const struct super *super, HANDLE client, ULONG data)
{
    AFD_SUPER_ACCEPT_ADDRESS local, remote;
    struct address address;
    memcpy(&local, super->out + data, sizeof local);
    memcpy(&remote, super->out + data + AREA, sizeof remote);
    CHECK_EQ(local.Length, 16);
    CHECK_EQ(remote.Length, 16);
    CHECK_EQ(control(client, IOCTL_AFD_GET_ADDRESS, NULL, 0, &address, sizeof address, NULL), STATUS_SUCCESS);
    CHECK_EQ(memcmp(remote.Address, &address, 8), 0);
    CHECK_EQ(control(client, IOCTL_AFD_GET_REMOTE_ADDRESS, NULL, 0, &address, sizeof address, NULL), STATUS_SUCCESS);
    CHECK_EQ(memcmp(local.Address, &address, 8), 0);
}

static void check_data_flows(HANDLE one, HANDLE other)
{
    char byte = 0;
    CHECK_EQ(send_bytes(one, "x", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive(other, &byte, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    CHECK_EQ(byte, 'x');
    CHECK_EQ(send_bytes(other, "y", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive(one, &byte, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    CHECK_EQ(byte, 'y');
}

TEST(waiting__connection_arrives__attached_with_both_addresses)
{
    struct address bound;
    struct super super;
    HANDLE listener = open_listener(INET, 5, &bound), client;
    CHECK_EQ(begin(&super, listener, 0), STATUS_PENDING);
    client = open_connected(&bound);
    CHECK_EQ(io_end(&super.io), STATUS_SUCCESS);
    CHECK_EQ(super.io.iosb.Information, 0);
    check_addresses(&super, client, 0);
    check_data_flows(client, super.acceptor);
    close_handle(client);
    close_handle(super.acceptor);
    close_handle(listener);
}

TEST(connection_waits__super_accept__completes_at_once_even_nonblocking)
{
    struct address bound;
    struct super super;
    HANDLE listener = open_listener(INET, 5, &bound), client;
    CHECK_EQ(set_nonblocking(listener, 1), STATUS_SUCCESS);
    client = open_connected(&bound);
    CHECK_EQ(at_once(&super.io, begin(&super, listener, 0)), STATUS_SUCCESS);
    CHECK_EQ(io_end(&super.io), STATUS_SUCCESS);
    check_data_flows(client, super.acceptor);
    close_handle(client);
    close_handle(super.acceptor);
    /* and it waits although the listener is non-blocking */
    CHECK_EQ(begin(&super, listener, 0), STATUS_PENDING);
    client = open_connected(&bound);
    CHECK_EQ(io_end(&super.io), STATUS_SUCCESS);
    close_handle(client);
    close_handle(super.acceptor);
    close_handle(listener);
}

TEST(data_wanted__data_arrives__completes_with_what_came)
{
    struct address bound;
    struct super super;
    char rest[4];
    ULONG bytes;
    HANDLE listener = open_listener(INET, 5, &bound), client;
    CHECK_EQ(begin(&super, listener, 4), STATUS_PENDING);
    client = open_connected(&bound);
    CHECK(!io_is_done(&super.io));
    CHECK_EQ(send_bytes(client, "abc", 3, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&super.io), STATUS_SUCCESS);
    CHECK_EQ(super.io.iosb.Information, 3);
    CHECK_EQ(memcmp(super.out, "abc\xee", 4), 0);
    check_addresses(&super, client, 4);
    check_data_flows(client, super.acceptor);
    close_handle(client);
    close_handle(super.acceptor);
    /* more than there is room for: the rest is for the next receive */
    CHECK_EQ(begin(&super, listener, 4), STATUS_PENDING);
    client = open_connected(&bound);
    CHECK_EQ(send_bytes(client, "abcdef", 6, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&super.io), STATUS_SUCCESS);
    CHECK_EQ(super.io.iosb.Information, 4);
    CHECK_EQ(memcmp(super.out, "abcd", 4), 0);
    CHECK_EQ(receive(super.acceptor, rest, 4, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 2);
    close_handle(client);
    close_handle(super.acceptor);
    close_handle(listener);
}

TEST(data_wanted__peer_closes__completes_with_nothing)
{
    struct address bound;
    struct super super;
    HANDLE listener = open_listener(INET, 5, &bound), client;
    CHECK_EQ(begin(&super, listener, DATA), STATUS_PENDING);
    client = open_connected(&bound);
    close_handle(client);
    CHECK_EQ(io_end(&super.io), STATUS_SUCCESS);
    CHECK_EQ(super.io.iosb.Information, 0);
    close_handle(super.acceptor);
    close_handle(listener);
}

TEST(data_wanted__peer_resets__connection_reset)
{
    struct address bound;
    struct super super;
    struct poll poll;
    struct io io;
    HANDLE listener = open_listener(INET, 5, &bound), client;
    CHECK_EQ(begin(&super, listener, DATA), STATUS_PENDING);
    client = open_connected(&bound);
    /* attached: else the reset might come before the accept */
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, super.acceptor, AFD_POLL_SEND);
    poll_begin(&io, &poll, super.acceptor);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(shut_down(client, AFD_ABORTIVE_DISCONNECT), STATUS_SUCCESS);
    close_handle(client);
    CHECK_EQ(io_end(&super.io), STATUS_CONNECTION_RESET);
    close_handle(super.acceptor);
    close_handle(listener);
}

TEST(several_waiting__mixed_with_waits__served_in_order)
{
    struct address bound;
    struct super super[3];
    AFD_LISTEN_RESPONSE_INFO reply;
    struct io wait;
    HANDLE listener = open_listener(INET, 5, &bound), client[4], accepted;
    CHECK_EQ(begin(&super[0], listener, 0), STATUS_PENDING);
    CHECK_EQ(begin(&super[1], listener, 0), STATUS_PENDING);
    CHECK_EQ(io_begin(&wait, listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, sizeof reply), STATUS_PENDING);
    CHECK_EQ(begin(&super[2], listener, 0), STATUS_PENDING);
    for (int i = 0; i < 2; i++) {
        client[i] = open_connected(&bound);
        CHECK_EQ(io_end(&super[i].io), STATUS_SUCCESS);
        check_data_flows(client[i], super[i].acceptor);
    }
    CHECK(!io_is_done(&wait));
    client[2] = open_connected(&bound);
    CHECK_EQ(io_end(&wait), STATUS_SUCCESS);
    CHECK(!io_is_done(&super[2].io));
    accepted = open_endpoint(INET, STREAM);
    CHECK_EQ(accept_into(listener, reply.Sequence, accepted), STATUS_SUCCESS);
    check_data_flows(client[2], accepted);
    client[3] = open_connected(&bound);
    CHECK_EQ(io_end(&super[2].io), STATUS_SUCCESS);
    check_data_flows(client[3], super[2].acceptor);
    for (int i = 0; i < 4; i++)
        close_handle(client[i]);
    for (int i = 0; i < 3; i++)
        close_handle(super[i].acceptor);
    close_handle(accepted);
    close_handle(listener);
}

TEST(accepting_endpoint__not_new__refused)
{
    struct address bound;
    struct super super;
    HANDLE listener = open_listener(INET, 5, &bound), event = open_event(1), helper = open_helper();
    HANDLE datagram = open_endpoint(INET, DGRAM), used = open_endpoint(INET, STREAM);
    HANDLE six = open_endpoint(INET6, STREAM);
    HANDLE client, server;
    open_pair(&client, &server);
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
        {client, STATUS_INVALID_PARAMETER},
        {server, STATUS_INVALID_PARAMETER},
        {listener, STATUS_INVALID_PARAMETER},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_EQ(begin_and_end(listener, wrong[i].handle, 0, AREA, AREA), wrong[i].status);
    CHECK_EQ(begin_and_end(used, six, 0, AREA, AREA), STATUS_INVALID_PARAMETER);

    /* while it waits it is nobody else's */
    CHECK_EQ(begin(&super, listener, 0), STATUS_PENDING);
    CHECK_EQ(begin_and_end(listener, super.acceptor, 0, AREA, AREA), STATUS_INVALID_PARAMETER);
    CHECK_EQ(connect_to(super.acceptor, &bound), STATUS_INVALID_PARAMETER);
    CHECK(bind_to(super.acceptor, AFD_NORMALADDRUSE, &bound, NULL) != STATUS_SUCCESS);
    cancel_io(listener);
    CHECK_EQ(io_end(&super.io), STATUS_CANCELLED);
    /* and new again after */
    CHECK_EQ(connect_to(super.acceptor, &bound), STATUS_SUCCESS);
    close_handle(super.acceptor);
    close_handle(listener);
    close_handle(event);
    close_handle(helper);
    close_handle(datagram);
    close_handle(used);
    close_handle(six);
    close_handle(client);
    close_handle(server);
}

TEST(areas__too_small__told_when_the_connection_comes_which_is_kept)
{
    struct address bound;
    struct super super[2];
    HANDLE listener = open_listener(INET, 5, &bound), acceptor = open_endpoint(INET, STREAM), client, accepted;
    CHECK_EQ(begin_and_end(listener, acceptor, 0, AREA, 0), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(control(listener, IOCTL_AFD_SUPER_ACCEPT, &bound, 8, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(begin_into(&super[0], listener, acceptor, 0, 16 + 15, AREA), STATUS_PENDING);
    CHECK_EQ(begin_into(&super[1], listener, open_endpoint(INET, STREAM), 0, AREA, 16 + 15), STATUS_PENDING);
    client = open_connected(&bound);
    CHECK_EQ(io_end(&super[0].io), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(io_end(&super[1].io), STATUS_BUFFER_TOO_SMALL);
    accepted = accept_one(listener);
    check_data_flows(client, accepted);
    close_handle(client);
    close_handle(super[1].acceptor);
    /* the local address may be left out */
    CHECK_EQ(begin_into(&super[0], listener, acceptor, 0, 0, 16 + 16), STATUS_PENDING);
    client = open_connected(&bound);
    CHECK_EQ(io_end(&super[0].io), STATUS_SUCCESS);
    check_data_flows(client, acceptor);
    close_handle(client);
    close_handle(acceptor);
    close_handle(accepted);
    close_handle(listener);
}

TEST(buffer__missing_or_short__refused_at_once)
{
    struct address bound;
    AFD_SUPER_ACCEPT_INFO info;
    UCHAR out[DATA + 2 * AREA];
    HANDLE listener = open_listener(INET, 5, &bound), acceptor = open_endpoint(INET, STREAM);
    memset(&info, 0, sizeof info);
    info.AcceptHandle = acceptor;
    info.ReceiveDataLength = DATA;
    info.LocalAddressLength = info.RemoteAddressLength = AREA;
    CHECK_EQ(control(listener, IOCTL_AFD_SUPER_ACCEPT, &info, sizeof info, out, sizeof out - 1, NULL),
        STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(control(listener, IOCTL_AFD_SUPER_ACCEPT, &info, sizeof info, NULL, sizeof out, NULL),
        STATUS_ACCESS_VIOLATION);
    info.ReceiveDataLength = MAXULONG;
    CHECK_EQ(control(listener, IOCTL_AFD_SUPER_ACCEPT, &info, sizeof info, out, sizeof out, NULL),
        STATUS_BUFFER_TOO_SMALL);
    close_handle(acceptor);
    close_handle(listener);
}

TEST(waiting__accepting_endpoint_closed__cancelled_and_the_others_served)
{
    struct address bound;
    struct super super[2];
    HANDLE listener = open_listener(INET, 5, &bound), client;
    CHECK_EQ(begin(&super[0], listener, DATA), STATUS_PENDING);
    CHECK_EQ(begin(&super[1], listener, 0), STATUS_PENDING);
    close_handle(super[0].acceptor);
    CHECK_EQ(io_end(&super[0].io), STATUS_CANCELLED);
    client = open_connected(&bound);
    CHECK_EQ(io_end(&super[1].io), STATUS_SUCCESS);
    close_handle(super[1].acceptor);
    close_handle(client);
    close_handle(listener);
}

TEST(waiting_and_receiving__listener_closed__all_cancelled)
{
    struct address bound;
    struct super super[3];
    struct poll poll;
    struct io io;
    char byte;
    HANDLE listener = open_listener(INET, 5, &bound), client;
    for (int i = 0; i < 3; i++)
        CHECK_EQ(begin(&super[i], listener, DATA), STATUS_PENDING);
    client = open_connected(&bound);
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, super[0].acceptor, AFD_POLL_SEND);
    poll_begin(&io, &poll, super[0].acceptor);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    close_handle(listener);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(io_end(&super[i].io), STATUS_CANCELLED);
    for (int i = 0; i < 3; i++)
        close_handle(super[i].acceptor);
    CHECK_EQ(receive(client, &byte, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_CONNECTION_RESET);
    close_handle(client);
}

TEST(receiving__cancelled_or_accepting_endpoint_closed__cancelled)
{
    struct address bound;
    struct super super[2];
    struct poll poll;
    struct io io;
    IO_STATUS_BLOCK iosb;
    char byte;
    HANDLE listener = open_listener(INET, 5, &bound), client[2];
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(begin(&super[i], listener, DATA), STATUS_PENDING);
        client[i] = open_connected(&bound);
        poll_initialize(&poll, FOR_EVER, 0);
        poll_add(&poll, super[i].acceptor, AFD_POLL_SEND);
        poll_begin(&io, &poll, super[i].acceptor);
        CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    }
    CHECK_EQ(NtCancelIoFileEx(listener, &super[0].io.iosb, &iosb), STATUS_SUCCESS);
    CHECK_EQ(io_end(&super[0].io), STATUS_CANCELLED);
    close_handle(super[0].acceptor);
    CHECK_EQ(receive(client[0], &byte, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_CONNECTION_RESET);
    /* CancelIo on the accepting handle finds nothing; closing it ends the request */
    cancel_io(super[1].acceptor);
    CHECK(!io_is_done(&super[1].io));
    close_handle(super[1].acceptor);
    CHECK_EQ(io_end(&super[1].io), STATUS_CANCELLED);
    close_handle(client[0]);
    close_handle(client[1]);
    close_handle(listener);
}

TEST(deferred_connection__super_accept__pends_and_takes_it)
{
    struct address bound;
    struct super super;
    AFD_LISTEN_RESPONSE_INFO reply;
    HANDLE listener = open_listener(INET, 5, &bound), client = open_connected(&bound);
    CHECK_EQ(control(listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, sizeof reply, NULL), STATUS_SUCCESS);
    AFD_DEFER_ACCEPT_INFO defer = {reply.Sequence, FALSE};
    CHECK_EQ(control(listener, IOCTL_AFD_DEFER_ACCEPT, &defer, sizeof defer, NULL, 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(begin(&super, listener, 0), STATUS_PENDING);
    CHECK_EQ(io_end(&super.io), STATUS_SUCCESS);
    check_data_flows(client, super.acceptor);
    close_handle(client);
    close_handle(super.acceptor);
    close_handle(listener);
}

/* Connections, cancels and closes of accepting endpoints at once: every request ends once, nothing is left. */
static struct address race_bound;
static volatile int race_over;

static ULONG race_connect(PVOID context)
{
    int made = 0;
    while (!__atomic_load_n(&race_over, __ATOMIC_SEQ_CST)) {
        HANDLE client = open_endpoint(INET, STREAM);
        if (connect_to(client, &race_bound) == STATUS_SUCCESS && (++made & 1))
            send_bytes(client, "z", 1, NULL);
        close_handle(client);
    }
    return 0;
}

static ULONG race_cancel(PVOID context)
{
    while (!__atomic_load_n(&race_over, __ATOMIC_SEQ_CST)) {
        cancel_io(context);
        NtYieldExecution();
    }
    return 0;
}

TEST(waiting__connects_cancels_and_closes_race__each_ends_once)
{
    enum { ROUNDS = 150, DEPTH = 4 };
    struct super super[DEPTH];
    HANDLE listener = open_listener(INET, 50, &race_bound);
    HANDLE threads[3] = {start_thread(race_connect, NULL), start_thread(race_connect, NULL),
        start_thread(race_cancel, listener)};
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < DEPTH; i++)
            begin(&super[i], listener, i & 1 ? DATA : 0);
        settle(listener); /* the requests name a handle that is closed now */
        close_handle(super[round % DEPTH].acceptor);
        for (int i = 0; i < DEPTH; i++) {
            NTSTATUS status = io_end(&super[i].io);
            CHECK(status == STATUS_SUCCESS || status == STATUS_CANCELLED || status == STATUS_CONNECTION_RESET);
            if (i != round % DEPTH)
                close_handle(super[i].acceptor);
        }
    }
    __atomic_store_n(&race_over, 1, __ATOMIC_SEQ_CST);
    cancel_io(listener);
    close_handle(listener);
    for (int i = 0; i < 3; i++)
        join_thread(threads[i]);
}
