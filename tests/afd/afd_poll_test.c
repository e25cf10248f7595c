/* SPDX-License-Identifier: MIT */
/*
 * afd_poll_test.c - IOCTL_AFD_POLL, and the network events of WSAEventSelect.
 */
#include <string.h>

#include "afd_test.h"

#define ONE_ENTRY (UFIELD_OFFSET(AFD_POLL_INFO, Handles) + sizeof(AFD_POLL_HANDLE_INFO))
#define NO_ENTRY UFIELD_OFFSET(AFD_POLL_INFO, Handles)
#define IDLE (AFD_POLL_SEND | AFD_POLL_CONNECT)

/* [obs:afd/poll] */
TEST(any__poll_sizes__checked_in_the_documented_order)
{
    struct poll poll;
    HANDLE handle = open_endpoint(INET, STREAM), event = open_event(1), helper = open_helper();
    poll_initialize(&poll, 0, 0);
    poll_add(&poll, NULL, AFD_POLL_ALL);
    CHECK_EQ(control(handle, IOCTL_AFD_POLL, &poll.in, ONE_ENTRY, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(handle, IOCTL_AFD_POLL, NULL, 0, &poll.out, ONE_ENTRY, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(handle, IOCTL_AFD_POLL, &poll.in, ONE_ENTRY + 1, &poll.out, ONE_ENTRY, NULL),
        STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(handle, IOCTL_AFD_POLL, &poll.in, ONE_ENTRY - 1, &poll.out, ONE_ENTRY - 1, NULL),
        STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(handle, IOCTL_AFD_POLL, &poll.in, ONE_ENTRY, &poll.out, ONE_ENTRY + 1, NULL), STATUS_INVALID_HANDLE);
    poll.in.Handles[0].Handle = event;
    CHECK_EQ(control(handle, IOCTL_AFD_POLL, &poll.in, ONE_ENTRY, &poll.out, ONE_ENTRY, NULL), STATUS_INVALID_HANDLE);
    poll.in.Handles[0].Handle = helper;
    CHECK_EQ(control(handle, IOCTL_AFD_POLL, &poll.in, ONE_ENTRY, &poll.out, ONE_ENTRY, NULL), STATUS_INVALID_HANDLE);
    poll.in.NumberOfHandles = 0;
    CHECK_EQ(control(handle, IOCTL_AFD_POLL, &poll.in, ONE_ENTRY, &poll.out, ONE_ENTRY, NULL), STATUS_INVALID_PARAMETER);
    poll.in.NumberOfHandles = 0xFFFFFFFF;
    CHECK_EQ(control(handle, IOCTL_AFD_POLL, &poll.in, ONE_ENTRY, &poll.out, ONE_ENTRY, NULL), STATUS_INVALID_PARAMETER);
    close_handle(handle);
    close_handle(event);
    close_handle(helper);
}

TEST(any__poll_with_no_time__answers_at_once)
{
    struct poll poll;
    struct io io;
    struct address bound;
    HANDLE listener = open_listener(INET, 3, &bound), helper = open_helper(), client;
    poll_initialize(&poll, 0, 0);
    poll_add(&poll, listener, AFD_POLL_ALL);
    CHECK_EQ(at_once(&io, poll_begin(&io, &poll, helper)), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, NO_ENTRY);
    CHECK_EQ(poll.out.NumberOfHandles, 0);
    client = open_connected(&bound);
    CHECK_EQ(at_once(&io, poll_begin(&io, &poll, helper)), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, ONE_ENTRY);
    CHECK_EQ(poll.out.NumberOfHandles, 1);
    CHECK(poll.out.Handles[0].Handle == listener);
    CHECK_EQ(poll.out.Handles[0].PollEvents, AFD_POLL_ACCEPT);
    CHECK_EQ(poll.out.Handles[0].Status, STATUS_SUCCESS);
    close_handle(listener);
    close_handle(client);
    close_handle(helper);
}

TEST(connected__levels__rise_and_fall)
{
    HANDLE client, server;
    char buffer[8];
    open_pair(&client, &server);
    CHECK_EQ(poll_levels(client), IDLE);
    CHECK_EQ(poll_levels(server), IDLE);
    CHECK_EQ(send_bytes(server, "data", 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(await_event(client, AFD_POLL_RECEIVE), AFD_POLL_RECEIVE);
    CHECK_EQ(poll_levels(client), IDLE | AFD_POLL_RECEIVE);
    CHECK_EQ(receive(client, buffer, 8, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    CHECK_EQ(poll_levels(client), IDLE);
    CHECK_EQ(shut_down(server, AFD_PARTIAL_DISCONNECT_SEND), STATUS_SUCCESS);
    CHECK_EQ(await_event(client, AFD_POLL_DISCONNECT), AFD_POLL_DISCONNECT);
    CHECK_EQ(poll_levels(client), IDLE | AFD_POLL_DISCONNECT);
    close_handle(client);
    close_handle(server);
}

/* [obs:afd/poll] */
TEST(connected__peer_ends_behind_data__disconnect_shows_with_the_data)
{
    HANDLE client, server;
    char buffer[8];
    open_pair(&client, &server);
    CHECK_EQ(send_bytes(server, "data", 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(shut_down(server, AFD_PARTIAL_DISCONNECT_SEND), STATUS_SUCCESS);
    CHECK_EQ(await_event(client, AFD_POLL_DISCONNECT), AFD_POLL_DISCONNECT);
    CHECK_EQ(poll_levels(client), IDLE | AFD_POLL_RECEIVE | AFD_POLL_DISCONNECT);
    CHECK_EQ(receive(client, buffer, 8, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    CHECK_EQ(poll_levels(client), IDLE | AFD_POLL_DISCONNECT);
    close_handle(client);
    close_handle(server);
}

TEST(connected__peer_resets__abort)
{
    HANDLE client, server;
    open_pair(&client, &server);
    CHECK_EQ(shut_down(server, AFD_ABORTIVE_DISCONNECT), STATUS_SUCCESS);
    close_handle(server);
    CHECK_EQ(await_event(client, AFD_POLL_ABORT | AFD_POLL_RECEIVE), AFD_POLL_ABORT);
    close_handle(client);
}

TEST(datagram__levels__receive_and_send)
{
    HANDLE a = open_endpoint(INET, DGRAM), b = open_endpoint(INET, DGRAM);
    struct address to;
    CHECK_EQ(poll_levels(a), AFD_POLL_SEND);
    to = bind_loopback(a);
    CHECK_EQ(poll_levels(a), AFD_POLL_SEND);
    CHECK_EQ(send_to(b, &to, "x", 1), STATUS_SUCCESS);
    CHECK_EQ(await_event(a, AFD_POLL_RECEIVE), AFD_POLL_RECEIVE);
    CHECK_EQ(poll_levels(a), AFD_POLL_SEND | AFD_POLL_RECEIVE);
    close_handle(a);
    close_handle(b);
}

TEST(open__levels__none)
{
    HANDLE handle = open_endpoint(INET, STREAM);
    CHECK_EQ(poll_levels(handle), 0);
    bind_loopback(handle);
    CHECK_EQ(poll_levels(handle), 0);
    close_handle(handle);
}

TEST(waiting_poll__event_comes__packed_entries)
{
    HANDLE client[3], server[3];
    struct poll poll;
    struct io io;
    poll_initialize(&poll, FOR_EVER, 0);
    for (int i = 0; i < 3; i++) {
        open_pair(&client[i], &server[i]);
        poll_add(&poll, client[i], AFD_POLL_RECEIVE | AFD_POLL_DISCONNECT);
    }
    CHECK_EQ(poll_begin(&io, &poll, client[0]), STATUS_PENDING);
    CHECK(!io_is_done(&io));
    CHECK_EQ(send_bytes(server[1], "x", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, ONE_ENTRY);
    CHECK_EQ(poll.out.NumberOfHandles, 1);
    CHECK(poll.out.Handles[0].Handle == client[1]);
    CHECK_EQ(poll.out.Handles[0].PollEvents, AFD_POLL_RECEIVE);
    for (int i = 0; i < 3; i++) {
        close_handle(client[i]);
        close_handle(server[i]);
    }
}

TEST(waiting_poll__time_is_up__timeout_with_no_entries)
{
    struct poll poll;
    struct io io;
    HANDLE handle = open_endpoint(INET, STREAM);
    bind_loopback(handle);
    poll_initialize(&poll, -10000, 0);
    poll_add(&poll, handle, AFD_POLL_ALL);
    CHECK_EQ(poll_begin(&io, &poll, handle), STATUS_PENDING);
    CHECK_EQ(io_end(&io), STATUS_TIMEOUT);
    CHECK_EQ(io.iosb.Information, NO_ENTRY);
    CHECK_EQ(poll.out.NumberOfHandles, 0);
    CHECK_EQ(poll.out.Timeout.QuadPart, -10000);
    /* An absolute time that has passed: pends, and ends at once. [obs:afd/poll] */
    poll_initialize(&poll, 0, 0);
    KeQuerySystemTime(&poll.in.Timeout);
    poll_add(&poll, handle, AFD_POLL_ALL);
    CHECK_EQ(poll_begin(&io, &poll, handle), STATUS_PENDING);
    CHECK_EQ(io_end(&io), STATUS_TIMEOUT);
    close_handle(handle);
}

TEST(waiting_poll__cancelled__cancelled)
{
    struct poll poll;
    struct io io;
    HANDLE handle = open_endpoint(INET, STREAM), helper = open_helper();
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, handle, AFD_POLL_ALL);
    CHECK_EQ(poll_begin(&io, &poll, helper), STATUS_PENDING);
    cancel_io(helper);
    CHECK_EQ(io_end(&io), STATUS_CANCELLED);
    close_handle(handle);
    close_handle(helper);
}

TEST(waiting_poll__polled_socket_closed__local_close_unasked)
{
    HANDLE client, server;
    struct poll poll;
    struct io io;
    open_pair(&client, &server);
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, client, AFD_POLL_RECEIVE);
    CHECK_EQ(poll_begin(&io, &poll, server), STATUS_PENDING);
    settle(server);
    close_handle(client);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(poll.out.NumberOfHandles, 1);
    CHECK_EQ(poll.out.Handles[0].PollEvents, AFD_POLL_LOCAL_CLOSE);
    close_handle(server);
}

TEST(waiting_poll__its_own_file_closed__goes_on)
{
    struct poll poll;
    struct io io;
    HANDLE handle = open_endpoint(INET, STREAM), helper = open_helper();
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, handle, 0);
    CHECK_EQ(poll_begin(&io, &poll, helper), STATUS_PENDING);
    settle(handle);
    close_handle(helper);
    CHECK(!io_is_done(&io));
    close_handle(handle);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(poll.out.Handles[0].PollEvents, AFD_POLL_LOCAL_CLOSE);
}

/* [test:wine/ws2_32/afd.c poll] */
TEST(poll__same_handle_twice__told_twice_at_once_and_once_after_a_wait)
{
    struct poll poll;
    struct io io;
    HANDLE client, server;
    open_pair(&client, &server);
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, client, AFD_POLL_SEND);
    poll_add(&poll, client, AFD_POLL_SEND);
    poll_begin(&io, &poll, client);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(poll.out.NumberOfHandles, 2);
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, client, AFD_POLL_RECEIVE);
    poll_add(&poll, client, AFD_POLL_RECEIVE);
    CHECK_EQ(poll_begin(&io, &poll, client), STATUS_PENDING);
    CHECK_EQ(send_bytes(server, "x", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(poll.out.NumberOfHandles, 1);
    CHECK_EQ(poll.out.Handles[0].PollEvents, AFD_POLL_RECEIVE);
    close_handle(client);
    close_handle(server);
}

/* [test:wine/ws2_32/afd.c poll] */
TEST(waiting_poll__datagram_peer_set__connect)
{
    struct poll poll;
    struct io io;
    HANDLE handle = open_endpoint(INET, DGRAM), peer = open_endpoint(INET, DGRAM);
    struct address bound = bind_loopback(peer);
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, handle, AFD_POLL_CONNECT);
    CHECK_EQ(poll_begin(&io, &poll, handle), STATUS_PENDING);
    CHECK_EQ(connect_to(handle, &bound), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(poll.out.Handles[0].PollEvents, AFD_POLL_CONNECT);
    close_handle(handle);
    close_handle(peer);
}

TEST(any__request_fails_on_the_fast_path__status_block_tells)
{
    IO_STATUS_BLOCK iosb = {.Status = 1, .Information = 1};
    AFD_RECV_INFO receive_info = {0};
    HANDLE client, server;
    if (makes_pending())
        SKIP("nothing fails at once");
    open_pair(&client, &server);
    CHECK_EQ(NtDeviceIoControlFile(client, NULL, NULL, NULL, &iosb, IOCTL_AFD_EVENT_SELECT, NULL, 0, NULL, 0),
        STATUS_INVALID_PARAMETER);
    /* without fast I/O it was an IRP that did not pend */
    CHECK_EQ(iosb.Status, has_fast_io() ? STATUS_INVALID_PARAMETER : 1);
    CHECK_EQ(iosb.Information, has_fast_io() ? 0 : 1);
    iosb.Status = 1;
    CHECK_EQ(NtDeviceIoControlFile(client, NULL, NULL, NULL, &iosb, IOCTL_AFD_RECEIVE, &receive_info,
                 sizeof receive_info, NULL, 0), STATUS_INVALID_PARAMETER);
    CHECK_EQ(iosb.Status, 1);
    close_handle(client);
    close_handle(server);
}

/* A socket that is polled before it has a transport endpoint at all is watched from the moment it gets one. */
TEST(waiting_poll__open_socket_connects__told)
{
    struct address bound;
    struct poll poll;
    struct io io;
    HANDLE listener = open_listener(INET, 3, &bound), client = open_endpoint(INET, STREAM);
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, client, AFD_POLL_CONNECT);
    CHECK_EQ(poll_begin(&io, &poll, client), STATUS_PENDING);
    CHECK_EQ(connect_to(client, &bound), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(poll.out.Handles[0].PollEvents, AFD_POLL_CONNECT);
    close_handle(client);
    close_handle(listener);
}

/* [obs:afd/poll] */
TEST(waiting_unique_poll__another_unique_comes__displaced)
{
    struct poll first, second, third;
    struct io io1, io2, io3;
    HANDLE handle = open_endpoint(INET, STREAM), other = open_endpoint(INET, STREAM);
    poll_initialize(&first, FOR_EVER, 1);
    poll_add(&first, handle, AFD_POLL_ALL);
    second = third = first;
    CHECK_EQ(poll_begin(&io1, &first, handle), STATUS_PENDING);
    CHECK_EQ(poll_begin(&io2, &second, handle), STATUS_PENDING);
    CHECK_EQ(io_end(&io1), STATUS_CANCELLED);
    CHECK(!io_is_done(&io2));
    /* Of another socket: both stay. */
    third.in.Handles[0].Handle = other;
    CHECK_EQ(poll_begin(&io3, &third, handle), STATUS_PENDING);
    CHECK(!io_is_done(&io2));
    cancel_io(handle);
    CHECK_EQ(io_end(&io2), STATUS_CANCELLED);
    CHECK_EQ(io_end(&io3), STATUS_CANCELLED);

    /* A main poll that is not unique is displaced by nothing, nor are the unique ones after it. */
    first.in.Unique = FALSE;
    CHECK_EQ(poll_begin(&io1, &first, handle), STATUS_PENDING);
    second.in.Unique = TRUE;
    CHECK_EQ(poll_begin(&io2, &second, handle), STATUS_PENDING);
    third = second;
    CHECK_EQ(poll_begin(&io3, &third, handle), STATUS_PENDING);
    CHECK(!io_is_done(&io1));
    CHECK(!io_is_done(&io2));
    CHECK(!io_is_done(&io3));
    cancel_io(handle);
    io_end(&io1);
    io_end(&io2);
    io_end(&io3);
    close_handle(handle);
    close_handle(other);
}

static ULONG blocking_poll(PVOID handle)
{
    struct poll poll;
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, handle, AFD_POLL_RECEIVE);
    if (!NT_SUCCESS(control_and_wait(handle, IOCTL_AFD_POLL, &poll.in, ONE_ENTRY, &poll.out, ONE_ENTRY, NULL)))
        return 0;
    return poll.out.Handles[0].PollEvents;
}

TEST(waiting_poll__thread_blocks__woken_by_data)
{
    HANDLE client, server, thread;
    open_pair(&client, &server);
    thread = start_thread(blocking_poll, client);
    await_parked(thread);
    CHECK_EQ(send_bytes(server, "x", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(join_thread(thread), AFD_POLL_RECEIVE);
    close_handle(client);
    close_handle(server);
}

/* --- event selection --- */
TEST(connected__select__records_what_is_true_and_becomes_nonblocking)
{
    HANDLE client, server, event = open_event(1);
    AFD_INFORMATION info;
    open_pair(&client, &server);
    CHECK_EQ(send_bytes(server, "x", 1, NULL), STATUS_SUCCESS);
    await_event(client, AFD_POLL_RECEIVE);
    CHECK_EQ(select_events(client, event, AFD_POLL_RECEIVE | AFD_POLL_SEND | AFD_POLL_CONNECT | AFD_POLL_DISCONNECT),
        STATUS_SUCCESS);
    CHECK(is_set(event));
    CHECK_EQ(take_events(client, event, NULL), AFD_POLL_RECEIVE | AFD_POLL_SEND | AFD_POLL_CONNECT);
    check_quiet(client, event);
    memset(&info, 0, sizeof info);
    info.InformationType = AFD_NONBLOCKING_MODE;
    CHECK_EQ(control(client, IOCTL_AFD_GET_INFORMATION, &info, sizeof info, &info, sizeof info, NULL), STATUS_SUCCESS);
    CHECK_EQ(info.Information.Boolean, TRUE);
    CHECK_EQ(set_nonblocking(client, 0), STATUS_INVALID_PARAMETER);
    /* A new selection changes nothing of the record. [test:wine/ws2_32/sock.c events] */
    CHECK_EQ(select_events(client, event, AFD_POLL_SEND), STATUS_SUCCESS);
    check_quiet(client, event);
    CHECK_EQ(select_events(client, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(select_events(client, event, AFD_POLL_SEND | AFD_POLL_RECEIVE), STATUS_SUCCESS);
    check_quiet(client, event);
    CHECK_EQ(select_events(client, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(set_nonblocking(client, 0), STATUS_SUCCESS);
    close_handle(client);
    close_handle(server);
    close_handle(event);
}

TEST(connected__accepted_side__no_connect_event)
{
    HANDLE client, server, event = open_event(1);
    open_pair(&client, &server);
    CHECK_EQ(select_events(server, event, AFD_POLL_CONNECT | AFD_POLL_SEND), STATUS_SUCCESS);
    CHECK_EQ(take_events(server, event, NULL), AFD_POLL_SEND);
    close_handle(client);
    close_handle(server);
    close_handle(event);
}

/* [doc:winsock2/WSAEventSelect] */
TEST(selected__for_messages__each_selection_starts_anew)
{
    HANDLE client, server, event = open_event(1);
    AFD_MESSAGE_SELECT_INFO info = {{event, AFD_POLL_RECEIVE | AFD_POLL_SEND | AFD_POLL_CONNECT}, TRUE};
    char byte;
    open_pair(&client, &server);
    CHECK_EQ(send_bytes(server, "x", 1, NULL), STATUS_SUCCESS);
    await_event(client, AFD_POLL_RECEIVE);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(control(client, IOCTL_AFD_EVENT_SELECT, &info, sizeof info, NULL, 0, NULL), STATUS_SUCCESS);
        CHECK_EQ(take_events(client, event, NULL), AFD_POLL_RECEIVE | AFD_POLL_SEND);
    }
    CHECK_EQ(send_bytes(server, "y", 1, NULL), STATUS_SUCCESS);
    while (poll_levels(client) != (IDLE | AFD_POLL_RECEIVE))
        continue;
    check_quiet(client, event);
    CHECK_EQ(receive(client, &byte, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    close_handle(client);
    close_handle(server);
    close_handle(event);
}

/* [test:wine/ws2_32/sock.c events] */
TEST(selected__read__recorded_anew_by_arrivals_and_receives)
{
    HANDLE client, server, event = open_event(1);
    char buffer[8];
    open_pair(&client, &server);
    CHECK_EQ(select_events(client, event, AFD_POLL_RECEIVE), STATUS_SUCCESS);
    check_quiet(client, event);
    CHECK_EQ(send_bytes(server, "ab", 2, NULL), STATUS_SUCCESS);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    CHECK_EQ(send_bytes(server, "cd", 2, NULL), STATUS_SUCCESS);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE); /* more has arrived */
    check_quiet(client, event);
    CHECK_EQ(receive(client, buffer, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE); /* more data waits */
    CHECK_EQ(receive(client, buffer, 8, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    check_quiet(client, event); /* all read */
    CHECK_EQ(receive(client, buffer, 8, TDI_RECEIVE_NORMAL, NULL), STATUS_DEVICE_NOT_READY);
    CHECK_EQ(send_bytes(server, "e", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    close_handle(client);
    close_handle(server);
    close_handle(event);
}

TEST(selected__write__recorded_again_only_after_would_block)
{
    HANDLE client, server, event = open_event(1);
    static char block[60000];
    NTSTATUS status;
    ULONG bytes;
    open_pair(&client, &server);
    set_nonblocking(server, 1);
    CHECK_EQ(select_events(client, event, AFD_POLL_SEND), STATUS_SUCCESS);
    CHECK_EQ(await_events(client, event), AFD_POLL_SEND);
    CHECK_EQ(send_bytes(client, "x", 1, NULL), STATUS_SUCCESS);
    check_quiet(client, event);
    do {
        status = send_bytes(client, block, sizeof block, NULL);
    } while (status == STATUS_SUCCESS);
    CHECK_EQ(status, STATUS_DEVICE_NOT_READY);
    check_quiet(client, event);
    while (!is_set(event)) { /* the peer reads until there is room */
        status = receive(server, block, sizeof block, TDI_RECEIVE_NORMAL, &bytes);
        REQUIRE(status == STATUS_SUCCESS || status == STATUS_DEVICE_NOT_READY);
    }
    CHECK_EQ(take_events(client, event, NULL), AFD_POLL_SEND);
    close_handle(client);
    close_handle(server);
    close_handle(event);
}

TEST(selected__peer_ends__close_before_data_is_read)
{
    HANDLE client, server, event = open_event(1);
    char buffer[8];
    open_pair(&client, &server);
    CHECK_EQ(select_events(client, event, AFD_POLL_RECEIVE | AFD_POLL_DISCONNECT | AFD_POLL_ABORT), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(server, "data", 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    CHECK_EQ(shut_down(server, AFD_PARTIAL_DISCONNECT_SEND), STATUS_SUCCESS);
    CHECK_EQ(await_events(client, event), AFD_POLL_DISCONNECT);
    CHECK_EQ(receive(client, buffer, 8, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    check_quiet(client, event);
    CHECK_EQ(receive(client, buffer, 8, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    check_quiet(client, event); /* once */
    close_handle(client);
    close_handle(server);
    close_handle(event);
}

TEST(selected__peer_resets__abort_without_status)
{
    HANDLE client, server, event = open_event(1);
    NTSTATUS status[AFD_NUM_POLL_EVENTS];
    LARGE_INTEGER limit = {.QuadPart = -100000000};
    open_pair(&client, &server);
    CHECK_EQ(select_events(client, event, AFD_POLL_DISCONNECT | AFD_POLL_ABORT), STATUS_SUCCESS);
    CHECK_EQ(shut_down(server, AFD_ABORTIVE_DISCONNECT), STATUS_SUCCESS);
    close_handle(server);
    REQUIRE_EQ(NtWaitForSingleObject(event, FALSE, &limit), STATUS_WAIT_0);
    CHECK_EQ(take_events(client, event, status), AFD_POLL_ABORT);
    CHECK_EQ(status[AFD_POLL_ABORT_BIT], STATUS_SUCCESS);
    close_handle(client);
    close_handle(event);
}

TEST(selected__accept__recorded_anew_by_arrivals_and_accepts)
{
    struct address bound;
    HANDLE listener = open_listener(INET, 5, &bound), event = open_event(1), client[3], server[3];
    CHECK_EQ(select_events(listener, event, AFD_POLL_ACCEPT), STATUS_SUCCESS);
    check_quiet(listener, event);
    client[0] = open_connected(&bound);
    CHECK_EQ(await_events(listener, event), AFD_POLL_ACCEPT);
    client[1] = open_connected(&bound);
    CHECK_EQ(await_events(listener, event), AFD_POLL_ACCEPT);
    check_quiet(listener, event);
    server[0] = accept_one(listener);
    CHECK_EQ(await_events(listener, event), AFD_POLL_ACCEPT); /* another waits */
    server[1] = accept_one(listener);
    check_quiet(listener, event);
    client[2] = open_connected(&bound);
    CHECK_EQ(await_events(listener, event), AFD_POLL_ACCEPT);
    server[2] = accept_one(listener);
    for (int i = 0; i < 3; i++) {
        close_handle(client[i]);
        close_handle(server[i]);
    }
    close_handle(listener);
    close_handle(event);
}

TEST(selected__nonblocking_connect__connect_event_with_status)
{
    struct address bound, dead;
    NTSTATUS status[AFD_NUM_POLL_EVENTS];
    LARGE_INTEGER limit = {.QuadPart = -100000000};
    HANDLE listener = open_listener(INET, 3, &bound), closed = open_closed_port(STREAM, &dead);
    HANDLE good = open_endpoint(INET, STREAM), bad = open_endpoint(INET, STREAM), event = open_event(1);
    ULONG events = 0;
    CHECK_EQ(select_events(good, event, AFD_POLL_CONNECT | AFD_POLL_CONNECT_FAIL | AFD_POLL_SEND), STATUS_SUCCESS);
    check_quiet(good, event);
    CHECK_EQ(connect_to(good, &bound), STATUS_DEVICE_NOT_READY);
    while (events != (AFD_POLL_CONNECT | AFD_POLL_SEND))
        events |= await_events(good, event);
    CHECK_EQ(select_events(bad, event, AFD_POLL_CONNECT | AFD_POLL_CONNECT_FAIL | AFD_POLL_SEND), STATUS_SUCCESS);
    CHECK_EQ(connect_to(bad, &dead), STATUS_DEVICE_NOT_READY);
    REQUIRE_EQ(NtWaitForSingleObject(event, FALSE, &limit), STATUS_WAIT_0);
    CHECK_EQ(take_events(bad, event, status), AFD_POLL_CONNECT_FAIL);
    CHECK_EQ(status[AFD_POLL_CONNECT_FAIL_BIT], STATUS_CONNECTION_REFUSED);
    close_handle(closed);
    close_handle(good);
    close_handle(bad);
    close_handle(listener);
    close_handle(event);
}

TEST(selected__out_of_band__own_event)
{
    HANDLE client, server, event = open_event(1);
    AFD_WSABUF wsabuf = {1, (char *)"!"};
    AFD_SEND_INFO urgent = {&wsabuf, 1, 0, TDI_SEND_EXPEDITED};
    char byte;
    open_pair(&client, &server);
    CHECK_EQ(select_events(client, event, AFD_POLL_RECEIVE_EXPEDITED), STATUS_SUCCESS);
    CHECK_EQ(control(server, IOCTL_AFD_SEND, &urgent, sizeof urgent, NULL, 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE_EXPEDITED);
    CHECK_EQ(receive(client, &byte, 1, TDI_RECEIVE_EXPEDITED, NULL), STATUS_SUCCESS);
    check_quiet(client, event);
    close_handle(client);
    close_handle(server);
    close_handle(event);
}

TEST(any__select_with_bad_event__refused)
{
    HANDLE handle = open_endpoint(INET, STREAM);
    AFD_ENUM_NETWORK_EVENTS_INFO info;
    CHECK_EQ(select_events(handle, (HANDLE)0x7ffc, AFD_POLL_RECEIVE), STATUS_INVALID_HANDLE);
    CHECK_EQ(select_events(handle, handle, AFD_POLL_RECEIVE), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(select_events(handle, NULL, AFD_POLL_RECEIVE), STATUS_INVALID_PARAMETER);
    CHECK_EQ(select_events(handle, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(control(handle, IOCTL_AFD_ENUM_NETWORK_EVENTS, (void *)0x7ffc, 0, &info, sizeof info, NULL),
        STATUS_INVALID_HANDLE);
    CHECK_EQ(control(handle, IOCTL_AFD_ENUM_NETWORK_EVENTS, NULL, 0, &info, 8, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(handle, IOCTL_AFD_ENUM_NETWORK_EVENTS, NULL, 0, &info, sizeof info, NULL), STATUS_SUCCESS);
    CHECK_EQ(info.PollEvents, 0);
    close_handle(handle);
}
