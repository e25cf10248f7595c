/* SPDX-License-Identifier: MIT */
/*
 * afd_race_test.c - cancellation, close and completion of every kind of pending request, against each other.
 *
 * Method: a request is made, then its completion, its cancellation and the closing of its handle are let loose on
 * different threads at the same time, many times over, some while it is being made. Each request must end exactly
 * once, with one of the outcomes that are possible, and nothing may be left. Run under the sanitizers these find
 * what the statuses do not show.
 */
#include <stdlib.h>
#include <string.h>

#include "afd_test.h"

enum { ROUNDS = 150 };

/* --- close with each operation pending: exactly one end, STATUS_CANCELLED --- */
TEST(pending__handle_closed__each_operation_cancelled_once)
{
    HANDLE client, server, datagram = open_endpoint(INET, DGRAM);
    struct address bound;
    struct poll poll;
    struct io stream[3], from, listen, polled;
    AFD_LISTEN_RESPONSE_INFO reply;
    HANDLE listener = open_listener(INET, 3, &bound);
    char buffer[3][4], more[4];
    AFD_WSABUF wsabuf = {4, more};
    AFD_RECV_DATAGRAM_INFO info = {&wsabuf, 1, 0, TDI_RECEIVE_NORMAL, NULL, NULL};
    open_pair(&client, &server);
    bind_loopback(datagram);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(receive_begin(&stream[i], client, buffer[i], 4, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(io_begin(&from, datagram, IOCTL_AFD_RECEIVE_DATAGRAM, &info, sizeof info, NULL, 0), STATUS_PENDING);
    CHECK_EQ(io_begin(&listen, listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, sizeof reply), STATUS_PENDING);
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, client, AFD_POLL_RECEIVE);
    poll_add(&poll, listener, AFD_POLL_ACCEPT);
    CHECK_EQ(poll_begin(&polled, &poll, server), STATUS_PENDING);
    settle(server); /* the poll names handles that are closed now */
    close_handle(client);
    close_handle(datagram);
    close_handle(listener);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(io_end(&stream[i]), STATUS_CANCELLED);
    CHECK_EQ(io_end(&from), STATUS_CANCELLED);
    CHECK_EQ(io_end(&listen), STATUS_CANCELLED);
    CHECK_EQ(io_end(&polled), STATUS_SUCCESS);
    close_handle(server);
}

TEST(pending_receives__cancelled_one_by_one__others_keep_their_order)
{
    HANDLE client, server;
    struct io io[5];
    IO_STATUS_BLOCK iosb;
    char buffer[5];
    open_pair(&client, &server);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(receive_begin(&io[i], client, &buffer[i], 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(NtCancelIoFileEx(client, &io[1].iosb, &iosb), STATUS_SUCCESS);
    CHECK_EQ(NtCancelIoFileEx(client, &io[3].iosb, &iosb), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io[1]), STATUS_CANCELLED);
    CHECK_EQ(io_end(&io[3]), STATUS_CANCELLED);
    CHECK_EQ(send_bytes(server, "abc", 3, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io[0]), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io[2]), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io[4]), STATUS_SUCCESS);
    CHECK(buffer[0] == 'a' && buffer[2] == 'b' && buffer[4] == 'c');
    CHECK_EQ(NtCancelIoFileEx(client, NULL, &iosb), STATUS_NOT_FOUND);
    close_handle(client);
    close_handle(server);
}

/* --- completion against cancellation --- */
struct gate {
    volatile LONG round;
    volatile LONG done;
    HANDLE handle; /* to be cancelled or closed in this round */
    int closes;
};

static ULONG cancel_each_round(PVOID parameter)
{
    struct gate *gate = parameter;
    for (LONG round = 1; round <= ROUNDS; round++) {
        while (__atomic_load_n(&gate->round, __ATOMIC_SEQ_CST) != round)
            NtYieldExecution();
        if (gate->closes)
            NtClose(gate->handle);
        else
            cancel_io(gate->handle);
        __atomic_store_n(&gate->done, round, __ATOMIC_SEQ_CST);
    }
    return 0;
}

static void open_gate(struct gate *gate, LONG round, HANDLE handle)
{
    gate->handle = handle;
    __atomic_store_n(&gate->round, round, __ATOMIC_SEQ_CST);
}

static void await_gate(struct gate *gate, LONG round)
{
    while (__atomic_load_n(&gate->done, __ATOMIC_SEQ_CST) != round)
        NtYieldExecution();
}

TEST(pending_receive__data_against_cancel__no_byte_lost)
{
    HANDLE client, server, thread;
    struct gate gate = {0};
    struct io io;
    char byte, rest[2];
    NTSTATUS status;
    open_pair(&client, &server);
    thread = start_thread(cancel_each_round, &gate);
    for (LONG round = 1; round <= ROUNDS; round++) {
        char sent = (char)round;
        receive_begin(&io, client, &byte, 1, TDI_RECEIVE_NORMAL);
        open_gate(&gate, round, client);
        CHECK_EQ(send_bytes(server, &sent, 1, NULL), STATUS_SUCCESS);
        status = io_end(&io);
        await_gate(&gate, round);
        if (status == STATUS_CANCELLED) { /* then the byte is still to be had */
            CHECK_EQ(receive(client, rest, 2, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
            byte = rest[0];
        } else {
            CHECK_EQ(status, STATUS_SUCCESS);
        }
        CHECK_EQ(byte, sent);
    }
    join_thread(thread);
    close_handle(client);
    close_handle(server);
}

TEST(pending_receive__data_against_close__ends_once)
{
    HANDLE client, server, thread;
    struct gate gate = {.closes = 1};
    struct io io;
    char byte;
    NTSTATUS status;
    start_stack();
    thread = start_thread(cancel_each_round, &gate);
    for (LONG round = 1; round <= ROUNDS; round++) {
        open_pair(&client, &server);
        receive_begin(&io, client, &byte, 1, TDI_RECEIVE_NORMAL);
        open_gate(&gate, round, client);
        send_bytes(server, "x", 1, NULL); /* may be refused */
        status = io_end(&io);
        CHECK(status == STATUS_SUCCESS || status == STATUS_CANCELLED);
        await_gate(&gate, round);
        close_handle(server);
    }
    join_thread(thread);
}

/* --- a request that is beginning --- */
struct canceller {
    HANDLE handle;
    volatile LONG over;
};

static ULONG cancel_until_over(PVOID parameter)
{
    struct canceller *canceller = parameter;
    while (!__atomic_load_n(&canceller->over, __ATOMIC_SEQ_CST))
        cancel_io(canceller->handle);
    return 0;
}

TEST(transmit__begins_against_cancel__ends_once)
{
    struct canceller canceller = {0};
    HANDLE server, thread;
    AFD_TRANSMIT_FILE_INFO info = {.Head = "x", .HeadLength = 1};
    struct io io;
    open_pair(&canceller.handle, &server);
    thread = start_thread(cancel_until_over, &canceller);
    for (int i = 0; i < 20 * ROUNDS; i++) {
        NTSTATUS status;
        io_begin(&io, canceller.handle, IOCTL_AFD_TRANSMIT_FILE, &info, sizeof info, NULL, 0);
        status = io_end(&io);
        CHECK(status == STATUS_SUCCESS || status == STATUS_CANCELLED);
    }
    __atomic_store_n(&canceller.over, 1, __ATOMIC_SEQ_CST);
    join_thread(thread);
    close_handle(canceller.handle);
    close_handle(server);
}

TEST(transmit__begins_against_close__ends_once)
{
    HANDLE client, server, thread;
    struct gate gate = {.closes = 1};
    AFD_TRANSMIT_FILE_INFO info = {.Head = "x", .HeadLength = 1};
    struct io io;
    NTSTATUS status;
    start_stack();
    thread = start_thread(cancel_each_round, &gate);
    for (LONG round = 1; round <= ROUNDS; round++) {
        open_pair(&client, &server);
        open_gate(&gate, round, client);
        io_begin(&io, client, IOCTL_AFD_TRANSMIT_FILE, &info, sizeof info, NULL, 0);
        status = io_end(&io);
        if (status != STATUS_SUCCESS && status != STATUS_FILE_CLOSED && status != STATUS_INVALID_HANDLE)
            CHECK_EQ(status, STATUS_CANCELLED);
        await_gate(&gate, round);
        close_handle(server);
    }
    join_thread(thread);
}

TEST(waiting_poll__event_against_cancel__ends_once)
{
    HANDLE client, server, thread;
    struct gate gate = {0};
    struct poll poll;
    struct io io;
    char byte;
    NTSTATUS status;
    open_pair(&client, &server);
    thread = start_thread(cancel_each_round, &gate);
    for (LONG round = 1; round <= ROUNDS; round++) {
        poll_initialize(&poll, round % 3 == 0 ? -1 : FOR_EVER, 0);
        poll_add(&poll, client, AFD_POLL_RECEIVE);
        poll_add(&poll, server, AFD_POLL_RECEIVE);
        poll_begin(&io, &poll, client);
        open_gate(&gate, round, client);
        CHECK_EQ(send_bytes(server, "x", 1, NULL), STATUS_SUCCESS);
        status = io_end(&io);
        CHECK(status == STATUS_SUCCESS || status == STATUS_CANCELLED || status == STATUS_TIMEOUT);
        if (status == STATUS_SUCCESS)
            CHECK_EQ(poll.out.NumberOfHandles, 1);
        await_gate(&gate, round);
        CHECK_EQ(receive(client, &byte, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    }
    join_thread(thread);
    close_handle(client);
    close_handle(server);
}

TEST(waiting_poll__event_against_close_of_polled__ends_once)
{
    HANDLE client, server, helper = open_helper(), thread;
    struct gate gate = {.closes = 1};
    struct poll poll;
    struct io io;
    thread = start_thread(cancel_each_round, &gate);
    for (LONG round = 1; round <= ROUNDS; round++) {
        open_pair(&client, &server);
        poll_initialize(&poll, FOR_EVER, 0);
        poll_add(&poll, client, AFD_POLL_RECEIVE);
        poll_begin(&io, &poll, helper);
        settle(server);
        open_gate(&gate, round, client);
        send_bytes(server, "x", 1, NULL);
        CHECK_EQ(io_end(&io), STATUS_SUCCESS);
        CHECK_EQ(poll.out.NumberOfHandles, 1);
        await_gate(&gate, round);
        close_handle(server);
    }
    join_thread(thread);
    close_handle(helper);
}

TEST(waiting_listener__connect_against_close__ends_once)
{
    HANDLE listener, client, thread;
    struct address bound;
    struct gate gate = {.closes = 1};
    AFD_LISTEN_RESPONSE_INFO reply;
    struct io io, connect;
    NTSTATUS status;
    start_stack();
    thread = start_thread(cancel_each_round, &gate);
    for (LONG round = 1; round <= ROUNDS; round++) {
        listener = open_listener(INET, 3, &bound);
        client = open_endpoint(INET, STREAM);
        io_begin(&io, listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, sizeof reply);
        open_gate(&gate, round, listener);
        connect_begin(&connect, client, &bound);
        status = io_end(&connect);
        CHECK(status == STATUS_SUCCESS || status == STATUS_CONNECTION_REFUSED || status == STATUS_CONNECTION_RESET);
        status = io_end(&io);
        CHECK(status == STATUS_SUCCESS || status == STATUS_CANCELLED);
        await_gate(&gate, round);
        close_handle(client);
    }
    join_thread(thread);
}

/* The accepting endpoint is closed while the connection moves to it. */
TEST(offered__accept_against_close_of_acceptor__nothing_left)
{
    HANDLE listener, client, acceptor, thread;
    struct address bound;
    struct gate gate = {.closes = 1};
    AFD_LISTEN_RESPONSE_INFO reply;
    NTSTATUS status;
    listener = open_listener(INET, 3, &bound);
    thread = start_thread(cancel_each_round, &gate);
    for (LONG round = 1; round <= ROUNDS; round++) {
        client = open_connected(&bound);
        REQUIRE_EQ(control(listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, sizeof reply, NULL), STATUS_SUCCESS);
        acceptor = open_endpoint(INET, STREAM);
        open_gate(&gate, round, acceptor);
        status = accept_into(listener, reply.Sequence, acceptor);
        CHECK(status == STATUS_SUCCESS || status == STATUS_INVALID_HANDLE || status == STATUS_FILE_CLOSED ||
            status == STATUS_INVALID_PARAMETER);
        await_gate(&gate, round);
        close_handle(client);
    }
    join_thread(thread);
    close_handle(listener);
}

TEST(selected__events_against_reselection__nothing_left)
{
    enum { SELECTIONS = 300 };
    HANDLE client, server, event = open_event(1), thread;
    AFD_EVENT_SELECT_INFO info = {event, AFD_POLL_RECEIVE | AFD_POLL_SEND};
    struct gate gate = {0};
    char byte;
    open_pair(&client, &server);
    thread = start_thread(cancel_each_round, &gate);
    for (LONG round = 1; round <= ROUNDS; round++) {
        open_gate(&gate, round, client);
        for (int i = 0; i < SELECTIONS / ROUNDS; i++) {
            CHECK_EQ(control(client, IOCTL_AFD_EVENT_SELECT, &info, sizeof info, NULL, 0, NULL), STATUS_SUCCESS);
            CHECK_EQ(send_bytes(server, "x", 1, NULL), STATUS_SUCCESS);
            receive(client, &byte, 1, TDI_RECEIVE_NORMAL, NULL);
        }
        await_gate(&gate, round);
    }
    join_thread(thread);
    close_handle(client);
    close_handle(server);
    close_handle(event);
}

/* Goal: many threads, one connection per thread pair, blocking requests that poll for themselves, while a third kind
 * of thread polls all of them. Every byte arrives. */
enum { PAIRS = 4, BYTES = 400 };
struct exchange {
    HANDLE client[PAIRS];
    HANDLE server[PAIRS];
    volatile LONG next;
    volatile LONG stop;
};

static NTSTATUS transfer(HANDLE handle, ULONG code, char *byte)
{
    AFD_WSABUF wsabuf = {1, byte};
    AFD_RECV_INFO info = {&wsabuf, 1, 0, code == IOCTL_AFD_RECEIVE ? TDI_RECEIVE_NORMAL : 0};
    ULONG_PTR bytes = 0;
    NTSTATUS status = control_and_wait(handle, code, &info, sizeof info, NULL, 0, &bytes);
    return NT_SUCCESS(status) && bytes != 1 ? STATUS_UNSUCCESSFUL : status;
}

static ULONG echo(PVOID parameter)
{
    struct exchange *exchange = parameter;
    LONG mine = __atomic_fetch_add(&exchange->next, 1, __ATOMIC_SEQ_CST);
    char byte;
    for (int i = 0; i < BYTES; i++) {
        if (!NT_SUCCESS(transfer(exchange->server[mine], IOCTL_AFD_RECEIVE, &byte)) ||
            !NT_SUCCESS(transfer(exchange->server[mine], IOCTL_AFD_SEND, &byte)))
            return 1;
    }
    return 0;
}

static ULONG ask(PVOID parameter)
{
    struct exchange *exchange = parameter;
    LONG mine = __atomic_fetch_add(&exchange->next, 1, __ATOMIC_SEQ_CST) - PAIRS;
    for (int i = 0; i < BYTES; i++) {
        char byte = (char)i, back = 0;
        if (!NT_SUCCESS(transfer(exchange->client[mine], IOCTL_AFD_SEND, &byte)) ||
            !NT_SUCCESS(transfer(exchange->client[mine], IOCTL_AFD_RECEIVE, &back)) || back != byte)
            return 1;
    }
    return 0;
}

static ULONG watch(PVOID parameter)
{
    struct exchange *exchange = parameter;
    struct poll poll;
    struct io io;
    while (!__atomic_load_n(&exchange->stop, __ATOMIC_SEQ_CST)) {
        poll_initialize(&poll, -10000, 0);
        for (int i = 0; i < PAIRS; i++)
            poll_add(&poll, exchange->client[i], AFD_POLL_RECEIVE);
        poll_begin(&io, &poll, exchange->client[0]);
        if (!NT_SUCCESS(io_end(&io)))
            return 1;
    }
    return 0;
}

TEST(connected__blocking_exchange_under_polls__every_byte_arrives)
{
    struct exchange exchange = {.next = 0};
    HANDLE threads[2 * PAIRS], watcher;
    for (int i = 0; i < PAIRS; i++)
        open_pair(&exchange.client[i], &exchange.server[i]);
    watcher = start_thread(watch, &exchange);
    for (int i = 0; i < PAIRS; i++) {
        threads[i] = start_thread(echo, &exchange);
        while (__atomic_load_n(&exchange.next, __ATOMIC_SEQ_CST) != i + 1)
            NtYieldExecution();
    }
    for (int i = PAIRS; i < 2 * PAIRS; i++)
        threads[i] = start_thread(ask, &exchange);
    for (int i = 0; i < 2 * PAIRS; i++)
        CHECK_EQ(join_thread(threads[i]), 0);
    __atomic_store_n(&exchange.stop, 1, __ATOMIC_SEQ_CST);
    CHECK_EQ(join_thread(watcher), 0);
    for (int i = 0; i < PAIRS; i++) {
        close_handle(exchange.client[i]);
        close_handle(exchange.server[i]);
    }
}
