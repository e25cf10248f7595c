/* SPDX-License-Identifier: MIT */
/*
 * afd_data_test.c - connecting, sending, receiving, disconnecting and datagrams.
 */
#include <stdlib.h>
#include <string.h>

#include "afd_test.h"

/* --- connect --- */
TEST(connected__connect_again__connection_active)
{
    struct address bound;
    HANDLE listener = open_listener(INET, 5, &bound), client = open_connected(&bound);
    CHECK_EQ(connect_to(client, &bound), STATUS_CONNECTION_ACTIVE);
    close_handle(listener);
    close_handle(client);
}

TEST(open__connect_to_nobody__refused_and_usable_again)
{
    struct address bound, dead;
    HANDLE closed = open_closed_port(STREAM, &dead), listener, client = open_endpoint(INET, STREAM);
    CHECK_EQ(connect_to(client, &dead), STATUS_CONNECTION_REFUSED);
    CHECK_EQ(poll_levels(client), AFD_POLL_CONNECT_FAIL);
    listener = open_listener(INET, 5, &bound);
    CHECK_EQ(connect_to(client, &bound), STATUS_SUCCESS);
    CHECK_EQ(poll_levels(client), AFD_POLL_CONNECT | AFD_POLL_SEND);
    close_handle(client);
    close_handle(closed);
    close_handle(listener);
}

/* [doc:winsock2/connect] */
TEST(open__connect_to_bad_address__invalid_address)
{
    HANDLE client = open_endpoint(INET, STREAM);
    struct address address = loopback(INET, 80);
    memset(address.bytes, 0, 4);
    CHECK_EQ(connect_to(client, &address), STATUS_INVALID_ADDRESS);
    address = loopback(INET, 0);
    CHECK_EQ(connect_to(client, &address), STATUS_INVALID_ADDRESS);
    address = loopback(INET6, 80);
    CHECK_EQ(connect_to(client, &address), STATUS_INVALID_ADDRESS);
    CHECK_EQ(control(client, IOCTL_AFD_CONNECT, &address, 23, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    close_handle(client);
}

static NTSTATUS last_connect_status(HANDLE handle)
{
    AFD_INFORMATION info;
    memset(&info, 0, sizeof info);
    info.InformationType = AFD_LAST_CONNECT_STATUS;
    CHECK_EQ(control(handle, IOCTL_AFD_GET_INFORMATION, &info, sizeof info, &info, sizeof info, NULL), STATUS_SUCCESS);
    return (NTSTATUS)info.Information.Ulong;
}

TEST(open__nonblocking_connect__not_ready_then_poll_tells)
{
    struct address bound, dead;
    struct poll poll;
    struct io io;
    HANDLE listener = open_listener(INET, 5, &bound), closed = open_closed_port(STREAM, &dead);
    HANDLE good = open_endpoint(INET, STREAM), bad = open_endpoint(INET, STREAM);
    set_nonblocking(good, 1);
    set_nonblocking(bad, 1);
    CHECK_EQ(connect_to(good, &bound), STATUS_DEVICE_NOT_READY);
    CHECK_EQ(connect_to(bad, &dead), STATUS_DEVICE_NOT_READY);

    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, good, AFD_POLL_CONNECT | AFD_POLL_CONNECT_FAIL);
    poll_begin(&io, &poll, good);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(poll.out.Handles[0].PollEvents, AFD_POLL_CONNECT);
    CHECK_EQ(connect_to(good, &bound), STATUS_CONNECTION_ACTIVE);

    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, bad, AFD_POLL_CONNECT | AFD_POLL_CONNECT_FAIL);
    poll_begin(&io, &poll, bad);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(poll.out.Handles[0].PollEvents, AFD_POLL_CONNECT_FAIL);
    CHECK_EQ(poll.out.Handles[0].Status, STATUS_CONNECTION_REFUSED);
    CHECK_EQ(last_connect_status(bad), STATUS_CONNECTION_REFUSED);
    CHECK_EQ(last_connect_status(bad), STATUS_SUCCESS);
    close_handle(closed);
    close_handle(listener);
    close_handle(good);
    close_handle(bad);
}

/* A listener of the host whose backlog is full drops further attempts: they stay pending. */
static HANDLE open_full_listener(struct address *ret_bound, HANDLE clients[4])
{
    HANDLE listener = open_listener(INET, 1, ret_bound);
    for (int i = 0; i < 4; i++) {
        clients[i] = open_endpoint(INET, STREAM);
        set_nonblocking(clients[i], 1);
        CHECK_EQ(connect_to(clients[i], ret_bound), STATUS_DEVICE_NOT_READY);
    }
    return listener;
}

TEST(connecting__cancelled_or_closed__cancelled)
{
    struct address bound;
    struct io cancelled, closed;
    HANDLE fill[4];
    if (engine_is("loop"))
        SKIP("connecting never pends in memory");
    HANDLE listener = open_full_listener(&bound, fill);
    HANDLE one = open_endpoint(INET, STREAM), two = open_endpoint(INET, STREAM), three = open_endpoint(INET, STREAM);
    CHECK_EQ(connect_begin(&cancelled, one, &bound), STATUS_PENDING);
    CHECK_EQ(connect_begin(&closed, two, &bound), STATUS_PENDING);
    CHECK_EQ(connect_to(one, &bound), STATUS_DEVICE_BUSY);
    CHECK_EQ(poll_levels(one), 0);
    cancel_io(one);
    CHECK_EQ(io_end(&cancelled), STATUS_CANCELLED);
    close_handle(two);
    CHECK_EQ(io_end(&closed), STATUS_CANCELLED);
    /* In the background: the endpoint is closed while the attempt goes on. */
    set_nonblocking(three, 1);
    CHECK_EQ(connect_to(three, &bound), STATUS_DEVICE_NOT_READY);
    CHECK_EQ(connect_to(three, &bound), STATUS_DEVICE_BUSY);
    close_handle(three);
    for (int i = 0; i < 4; i++)
        close_handle(fill[i]);
    close_handle(one);
    close_handle(listener);
}

/* --- receive --- */
/* [obs:afd/recv] */
TEST(connected__receive_parameters__statuses_as_documented)
{
    HANDLE client, server;
    char buffer[8];
    AFD_WSABUF wsabuf = {sizeof buffer, buffer};
    AFD_RECV_INFO info = {&wsabuf, 1, 0, TDI_RECEIVE_NORMAL};
    open_pair(&client, &server);
    CHECK_EQ(control(client, IOCTL_AFD_RECEIVE, NULL, 0, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(client, IOCTL_AFD_RECEIVE, &info, sizeof info - 1, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    info.TdiFlags = 0;
    CHECK_EQ(control(client, IOCTL_AFD_RECEIVE, &info, sizeof info, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    info.TdiFlags = TDI_RECEIVE_NORMAL | TDI_RECEIVE_EXPEDITED;
    CHECK_EQ(control(client, IOCTL_AFD_RECEIVE, &info, sizeof info, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    info.TdiFlags = TDI_RECEIVE_NORMAL;
    info.BufferCount = 0;
    CHECK_EQ(control(client, IOCTL_AFD_RECEIVE, &info, sizeof info, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    info.BufferCount = 0x7fffffff;
    CHECK_EQ(control(client, IOCTL_AFD_RECEIVE, &info, sizeof info, NULL, 0, NULL), STATUS_INSUFFICIENT_RESOURCES);
    info.BufferCount = 1;
    info.BufferArray = NULL;
    CHECK_EQ(control(client, IOCTL_AFD_RECEIVE, &info, sizeof info, NULL, 0, NULL), STATUS_ACCESS_VIOLATION);
    info.BufferArray = &wsabuf;
    wsabuf.buf = NULL;
    CHECK_EQ(control(client, IOCTL_AFD_RECEIVE, &info, sizeof info, NULL, 0, NULL), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(control(client, IOCTL_AFD_SEND, &info, sizeof info, NULL, 0, NULL), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(control(client, IOCTL_AFD_RECEIVE, (void *)8, sizeof info, NULL, 0, NULL), STATUS_ACCESS_VIOLATION);
    close_handle(client);
    close_handle(server);
}

TEST(connected__receive_pends__completes_with_what_arrived)
{
    HANDLE client, server;
    struct io io;
    char buffer[8];
    open_pair(&client, &server);
    CHECK_EQ(receive_begin(&io, client, buffer, sizeof buffer, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(io.iosb.Status, 0x33333333);
    CHECK_EQ(send_bytes(server, "data", 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 4);
    CHECK_EQ(memcmp(buffer, "data", 4), 0);
    close_handle(client);
    close_handle(server);
}

/*
 * A receive that was not filled has told that nothing is left, and nobody is registered to tell of more: what came
 * since is found all the same. [test:wine/ws2_32/afd.c recv]
 */
TEST(connected__data_after_a_short_receive__taken_at_once)
{
    char buffer[8] = {0};
    ULONG bytes = 0;
    AFD_RECEIVE_INFORMATION there;
    struct io io;
    HANDLE client, server;
    open_pair(&client, &server);
    CHECK_EQ(send_bytes(server, "abc", 3, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive(client, buffer, sizeof buffer, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 3);
    CHECK_EQ(send_bytes(server, "de", 2, NULL), STATUS_SUCCESS);
    do /* a poll would register the endpoint */
        CHECK_EQ(control(client, IOCTL_AFD_QUERY_RECEIVE_INFO, NULL, 0, &there, sizeof there, NULL), STATUS_SUCCESS);
    while (there.BytesAvailable < 2);
    CHECK_EQ(at_once(&io, receive_begin(&io, client, buffer, sizeof buffer, TDI_RECEIVE_NORMAL)), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 2);
    CHECK(memcmp(buffer, "dec", 3) == 0);
    close_handle(io.event);
    close_handle(client);
    close_handle(server);
}

TEST(connected__buffers_scattered__filled_in_order)
{
    HANDLE client, server;
    char buffer[12];
    AFD_WSABUF wsabufs[4] = {{2, buffer}, {0, NULL}, {3, buffer + 3}, {4, buffer + 7}};
    AFD_RECV_INFO info = {wsabufs, 4, 0, TDI_RECEIVE_NORMAL};
    struct io io;
    open_pair(&client, &server);
    memset(buffer, '.', sizeof buffer);
    CHECK_EQ(io_begin(&io, client, IOCTL_AFD_RECEIVE, &info, sizeof info, NULL, 0), STATUS_PENDING);
    settle(client);
    memset(wsabufs, 0xcc, sizeof wsabufs); /* they need not stay */
    CHECK_EQ(send_bytes(server, "abcdefgh", 8, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 8);
    CHECK_EQ(memcmp(buffer, "ab.cde.fgh..", 12), 0);
    close_handle(client);
    close_handle(server);
}

TEST(connected__several_receives_pend__filled_in_order)
{
    HANDLE client, server;
    struct io io[4];
    char buffer[4][2];
    open_pair(&client, &server);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(receive_begin(&io[i], client, buffer[i], 2, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(send_bytes(server, "11223344", 8, NULL), STATUS_SUCCESS);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(io_end(&io[i]), STATUS_SUCCESS);
        CHECK_EQ(buffer[i][0], '1' + i);
    }
    close_handle(client);
    close_handle(server);
}

TEST(connected__peek__does_not_consume)
{
    HANDLE client, server;
    AFD_RECEIVE_INFORMATION info;
    struct io io;
    char buffer[8];
    ULONG bytes;
    open_pair(&client, &server);
    CHECK_EQ(receive_begin(&io, client, buffer, sizeof buffer, TDI_RECEIVE_NORMAL | TDI_RECEIVE_PEEK), STATUS_PENDING);
    CHECK_EQ(send_bytes(server, "data", 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 4);
    CHECK_EQ(control(client, IOCTL_AFD_QUERY_RECEIVE_INFO, NULL, 0, &info, sizeof info, NULL), STATUS_SUCCESS);
    CHECK_EQ(info.BytesAvailable, 4);
    CHECK_EQ(control(client, IOCTL_AFD_QUERY_RECEIVE_INFO, NULL, 0, &info, 7, NULL), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(receive(client, buffer, sizeof buffer, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 4);
    close_handle(client);
    close_handle(server);
}

TEST(connected__wait_all__completes_when_full)
{
    HANDLE client, server;
    struct io io;
    char buffer[6];
    open_pair(&client, &server);
    CHECK_EQ(receive_begin(&io, client, buffer, 6, TDI_RECEIVE_NORMAL | TDI_RECEIVE_NO_PUSH), STATUS_PENDING);
    CHECK_EQ(send_bytes(server, "abc", 3, NULL), STATUS_SUCCESS);
    CHECK(!io_is_done(&io));
    CHECK_EQ(send_bytes(server, "defg", 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 6);
    CHECK_EQ(memcmp(buffer, "abcdef", 6), 0);
    set_nonblocking(client, 1);
    CHECK_EQ(receive(client, buffer, 6, TDI_RECEIVE_NORMAL | TDI_RECEIVE_NO_PUSH, NULL), STATUS_NOT_SUPPORTED);
    close_handle(client);
    close_handle(server);
}

TEST(connected__nonblocking_receive__not_ready_until_data)
{
    HANDLE client, server;
    struct io io;
    char buffer[4];
    AFD_WSABUF wsabuf = {4, buffer};
    AFD_RECV_INFO overlapped = {&wsabuf, 1, AFD_OVERLAPPED, TDI_RECEIVE_NORMAL};
    open_pair(&client, &server);
    set_nonblocking(client, 1);
    CHECK_EQ(receive(client, buffer, 4, TDI_RECEIVE_NORMAL, NULL), STATUS_DEVICE_NOT_READY);
    /* An overlapped request pends even so. */
    CHECK_EQ(io_begin(&io, client, IOCTL_AFD_RECEIVE, &overlapped, sizeof overlapped, NULL, 0), STATUS_PENDING);
    CHECK_EQ(send_bytes(server, "x", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    close_handle(client);
    close_handle(server);
}

TEST(connected__zero_byte_receive__waits_for_data_and_takes_none)
{
    HANDLE client, server;
    char buffer[4];
    ULONG bytes;
    open_pair(&client, &server);
    CHECK_EQ(send_bytes(server, "x", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive(client, buffer, 1, TDI_RECEIVE_NORMAL | TDI_RECEIVE_PEEK, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive(client, NULL, 0, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
    CHECK_EQ(receive(client, buffer, 4, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 1);
    close_handle(client);
    close_handle(server);
}

static ULONG blocking_receive(PVOID handle)
{
    char buffer[4];
    AFD_WSABUF wsabuf = {4, buffer};
    AFD_RECV_INFO info = {&wsabuf, 1, 0, TDI_RECEIVE_NORMAL};
    return (ULONG)control_and_wait(handle, IOCTL_AFD_RECEIVE, &info, sizeof info, NULL, 0, NULL);
}

TEST(connected__thread_blocks_in_receive__data_wakes_it)
{
    HANDLE client, server, thread;
    open_pair(&client, &server);
    thread = start_thread(blocking_receive, client);
    await_parked(thread);
    CHECK_EQ(send_bytes(server, "x", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ((NTSTATUS)join_thread(thread), STATUS_SUCCESS);
    close_handle(client);
    close_handle(server);
}

TEST(connected__closed_while_thread_blocks_in_receive__cancelled)
{
    HANDLE client, server, thread;
    open_pair(&client, &server);
    thread = start_thread(blocking_receive, client);
    await_parked(thread);
    close_handle(client);
    CHECK_EQ((NTSTATUS)join_thread(thread), STATUS_CANCELLED);
    close_handle(server);
}

/* --- end of the connection --- */
TEST(connected__peer_closes__receive_ends_with_nothing)
{
    HANDLE client, server;
    struct io io;
    char byte;
    ULONG bytes = 9;
    open_pair(&client, &server);
    CHECK_EQ(receive_begin(&io, client, &byte, 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    close_handle(server);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 0);
    CHECK_EQ(receive(client, &byte, 1, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
    close_handle(client);
}

TEST(connected__peer_resets__pending_receive_fails)
{
    HANDLE client, server;
    struct io io;
    char byte;
    open_pair(&client, &server);
    CHECK_EQ(receive_begin(&io, client, &byte, 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(shut_down(server, AFD_ABORTIVE_DISCONNECT), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(server, "x", 1, NULL), STATUS_LOCAL_DISCONNECT);
    CHECK_EQ(receive(server, &byte, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_LOCAL_DISCONNECT);
    close_handle(server);
    CHECK_EQ(io_end(&io), STATUS_CONNECTION_RESET);
    close_handle(client);
}

TEST(connected__directions_shut_down__refused_afterwards)
{
    HANDLE client, server;
    char byte;
    ULONG bytes = 9;
    open_pair(&client, &server);
    CHECK_EQ(shut_down(client, 0), STATUS_INVALID_PARAMETER);
    CHECK_EQ(shut_down(client, 0x80), STATUS_INVALID_PARAMETER);
    CHECK_EQ(shut_down(client, AFD_UNCONNECT_DATAGRAM), STATUS_INVALID_PARAMETER);
    CHECK_EQ(shut_down(client, AFD_PARTIAL_DISCONNECT_SEND), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(client, "x", 1, NULL), STATUS_PIPE_DISCONNECTED);
    CHECK_EQ(receive(server, &byte, 1, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
    CHECK_EQ(send_bytes(server, "y", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive(client, &byte, 1, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 1);
    CHECK_EQ(shut_down(client, AFD_PARTIAL_DISCONNECT_RECEIVE), STATUS_SUCCESS);
    CHECK_EQ(receive(client, &byte, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_PIPE_DISCONNECTED);
    close_handle(client);
    close_handle(server);
}

/* --- send --- */
static ULONG drain(PVOID handle)
{
    char *buffer = malloc(65536);
    ULONG bytes, total = 0;
    NTSTATUS status;
    do {
        status = receive(handle, buffer, 65536, TDI_RECEIVE_NORMAL, &bytes);
        for (ULONG i = 0; i < bytes && NT_SUCCESS(status); i++)
            if ((UCHAR)buffer[i] != (UCHAR)((total + i) % 251))
                status = STATUS_UNSUCCESSFUL;
        total += bytes;
    } while (NT_SUCCESS(status) && bytes != 0);
    free(buffer);
    return NT_SUCCESS(status) ? total : 0;
}

enum { LARGE = 4000000, PIECE = 60000 };

static char *pattern(void)
{
    char *bytes = malloc(LARGE);
    for (int i = 0; i < LARGE; i++)
        bytes[i] = (char)(i % 251);
    return bytes;
}

TEST(connected__send_larger_than_all_buffers__completes_whole)
{
    HANDLE client, server, thread;
    struct io io;
    char *bytes = pattern();
    open_pair(&client, &server);
    /* Without these, tcp_wmem and tcp_rmem would say whether the host has room for all of it. */
    CHECK_EQ(set_option(client, 0xffff, 0x1001, 65536), STATUS_SUCCESS); /* SO_SNDBUF */
    CHECK_EQ(set_option(server, 0xffff, 0x1002, 65536), STATUS_SUCCESS); /* SO_RCVBUF */
    CHECK_EQ(send_begin(&io, client, bytes, LARGE, AFD_OVERLAPPED), STATUS_PENDING);
    thread = start_thread(drain, server);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, LARGE);
    CHECK_EQ(shut_down(client, AFD_PARTIAL_DISCONNECT_SEND), STATUS_SUCCESS);
    CHECK_EQ(join_thread(thread), LARGE);
    close_handle(client);
    close_handle(server);
    free(bytes);
}

/* Goal: pieces that the fast path tries, into a buffer that is always nearly full, so that parts are taken and the
 * rest is waited for in place. No byte may be lost or sent twice. */
TEST(connected__blocking_sends_into_full_buffer__nothing_lost_or_doubled)
{
    HANDLE client, server, thread;
    char *bytes = pattern();
    open_pair(&client, &server);
    thread = start_thread(drain, server);
    for (ULONG at = 0; at < LARGE;) {
        ULONG length = LARGE - at < PIECE ? LARGE - at : PIECE;
        AFD_WSABUF wsabufs[3] = {{length / 3, bytes + at}, {0, NULL}, {length - length / 3, bytes + at + length / 3}};
        AFD_SEND_INFO info = {wsabufs, 3, 0, 0};
        ULONG_PTR sent;
        REQUIRE_EQ(control_and_wait(client, IOCTL_AFD_SEND, &info, sizeof info, NULL, 0, &sent), STATUS_SUCCESS);
        REQUIRE_EQ(sent, length);
        at += length;
    }
    CHECK_EQ(shut_down(client, AFD_PARTIAL_DISCONNECT_SEND), STATUS_SUCCESS);
    CHECK_EQ(join_thread(thread), LARGE);
    close_handle(client);
    close_handle(server);
    free(bytes);
}

static void fill(HANDLE handle)
{
    char *bytes = pattern();
    NTSTATUS status;
    do {
        status = send_bytes(handle, bytes, PIECE, NULL);
    } while (status == STATUS_SUCCESS);
    CHECK_EQ(status, STATUS_DEVICE_NOT_READY);
    free(bytes);
}

TEST(connected__nonblocking_send_into_full_buffer__not_ready)
{
    HANDLE client, server;
    open_pair(&client, &server);
    set_nonblocking(client, 1);
    CHECK(poll_levels(client) & AFD_POLL_SEND);
    fill(client);
    CHECK_EQ(poll_levels(client) & AFD_POLL_SEND, 0);
    close_handle(client);
    close_handle(server);
}

static ULONG blocking_send(PVOID handle)
{
    static char bytes[PIECE];
    AFD_WSABUF wsabuf = {PIECE, bytes};
    AFD_SEND_INFO info = {&wsabuf, 1, 0, 0};
    NTSTATUS status;
    do {
        status = control_and_wait(handle, IOCTL_AFD_SEND, &info, sizeof info, NULL, 0, NULL);
    } while (status == STATUS_SUCCESS);
    return (ULONG)status;
}

TEST(connected__closed_while_thread_blocks_in_send__cancelled)
{
    HANDLE client, server, thread;
    if (makes_pending())
        SKIP("a thread that waits may wait for the driver, with room for more sends");
    open_pair(&client, &server);
    thread = start_thread(blocking_send, client);
    await_parked(thread);
    close_handle(client);
    CHECK_EQ((NTSTATUS)join_thread(thread), STATUS_CANCELLED);
    close_handle(server);
}

TEST(connected__out_of_band__received_apart_or_in_line)
{
    HANDLE client, server;
    AFD_WSABUF wsabuf = {1, (char *)"!"};
    AFD_SEND_INFO urgent = {&wsabuf, 1, 0, TDI_SEND_EXPEDITED};
    AFD_INFORMATION info;
    struct poll poll;
    struct io io;
    char buffer[4];
    ULONG bytes;
    open_pair(&client, &server);
    CHECK_EQ(send_bytes(server, "a", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(control(server, IOCTL_AFD_SEND, &urgent, sizeof urgent, NULL, 0, NULL), STATUS_SUCCESS);
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, client, AFD_POLL_RECEIVE_EXPEDITED);
    poll_begin(&io, &poll, client);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(receive(client, buffer, 4, TDI_RECEIVE_EXPEDITED, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 1);
    CHECK_EQ(buffer[0], '!');
    CHECK_EQ(receive(client, buffer, 4, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 1);
    CHECK_EQ(buffer[0], 'a');

    memset(&info, 0, sizeof info);
    info.InformationType = AFD_INLINE_MODE;
    info.Information.Boolean = TRUE;
    CHECK_EQ(control(client, IOCTL_AFD_SET_INFORMATION, &info, sizeof info, NULL, 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(control(server, IOCTL_AFD_SEND, &urgent, sizeof urgent, NULL, 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive(client, buffer, 4, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 1);
    CHECK_EQ(poll_levels(client) & AFD_POLL_RECEIVE_EXPEDITED, 0);
    close_handle(client);
    close_handle(server);
}

/* --- datagrams --- */
static NTSTATUS receive_from(HANDLE handle, void *buffer, ULONG length, struct address *from, ULONG *from_length,
    ULONG_PTR *bytes)
{
    AFD_WSABUF wsabuf = {length, buffer};
    AFD_RECV_DATAGRAM_INFO info = {&wsabuf, 1, 0, TDI_RECEIVE_NORMAL, from, from_length};
    return control(handle, IOCTL_AFD_RECEIVE_DATAGRAM, &info, sizeof info, NULL, 0, bytes);
}

TEST(bound_datagram__receive__tells_the_source)
{
    HANDLE a = open_endpoint(INET, DGRAM), b = open_endpoint(INET, DGRAM);
    struct address to = bind_loopback(a), source = bind_loopback(b), from;
    ULONG from_length = sizeof from;
    ULONG_PTR bytes;
    char buffer[8];
    CHECK_EQ(send_to(b, &to, "hello", 5), STATUS_SUCCESS);
    CHECK_EQ(receive_from(a, buffer, sizeof buffer, &from, &from_length, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 5);
    CHECK_EQ(from_length, 16);
    CHECK_EQ(memcmp(&from, &source, 8), 0);
    close_handle(a);
    close_handle(b);
}

TEST(bound_datagram__pending_receive__tells_the_source_at_its_end)
{
    HANDLE a = open_endpoint(INET, DGRAM), b = open_endpoint(INET, DGRAM);
    struct address to = bind_loopback(a), from;
    ULONG from_length = sizeof from;
    char buffer[8];
    AFD_WSABUF wsabuf = {sizeof buffer, buffer};
    AFD_RECV_DATAGRAM_INFO info = {&wsabuf, 1, 0, TDI_RECEIVE_NORMAL, &from, &from_length};
    struct io io;
    memset(&from, 0, sizeof from);
    CHECK_EQ(io_begin(&io, a, IOCTL_AFD_RECEIVE_DATAGRAM, &info, sizeof info, NULL, 0), STATUS_PENDING);
    CHECK_EQ(send_to(b, &to, "hey", 3), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 3);
    CHECK_EQ(from.family, INET);
    close_handle(a);
    close_handle(b);
}

TEST(bound_datagram__short_buffer__overflow_and_rest_is_gone)
{
    HANDLE a = open_endpoint(INET, DGRAM), b = open_endpoint(INET, DGRAM);
    struct address to = bind_loopback(a);
    struct io io;
    ULONG_PTR bytes;
    char buffer[6];
    CHECK_EQ(receive_begin(&io, a, buffer, 6, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(send_to(b, &to, "moredata", 8), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(io.iosb.Information, 6);
    CHECK_EQ(memcmp(buffer, "moreda", 6), 0);
    CHECK_EQ(send_to(b, &to, "next", 4), STATUS_SUCCESS);
    CHECK_EQ(receive_from(a, buffer, 3, NULL, NULL, &bytes), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(bytes, 3);
    close_handle(a);
    close_handle(b);
}

TEST(unbound_datagram__receive_refused_send_binds)
{
    HANDLE a = open_endpoint(INET, DGRAM), b = open_endpoint(INET, DGRAM);
    struct address to = bind_loopback(a), name;
    char buffer[4];
    CHECK_EQ(receive(b, buffer, 4, TDI_RECEIVE_NORMAL, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(receive_from(b, buffer, 4, NULL, NULL, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(send_bytes(b, "x", 1, NULL), STATUS_INVALID_CONNECTION);
    CHECK_EQ(send_to(b, NULL, "x", 1), STATUS_INVALID_CONNECTION);
    CHECK_EQ(control(b, IOCTL_AFD_GET_ADDRESS, NULL, 0, &name, sizeof name, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(send_to(b, &to, "x", 1), STATUS_SUCCESS);
    CHECK_EQ(control(b, IOCTL_AFD_GET_ADDRESS, NULL, 0, &name, sizeof name, NULL), STATUS_SUCCESS);
    CHECK(name.port != 0);
    CHECK_EQ(bind_to(b, AFD_NORMALADDRUSE, &name, NULL), STATUS_ADDRESS_ALREADY_ASSOCIATED);
    close_handle(a);
    close_handle(b);
}

TEST(datagram__connected__peer_set_and_dissolved)
{
    HANDLE a = open_endpoint(INET, DGRAM), b = open_endpoint(INET, DGRAM);
    struct address to = bind_loopback(a), name, nobody;
    char buffer[4];
    ULONG bytes;
    CHECK_EQ(connect_to(b, &to), STATUS_SUCCESS);
    CHECK_EQ(control(b, IOCTL_AFD_GET_REMOTE_ADDRESS, NULL, 0, &name, sizeof name, NULL), STATUS_SUCCESS);
    CHECK_EQ(memcmp(&name, &to, 8), 0);
    CHECK_EQ(send_bytes(b, "x", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive(a, buffer, 4, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 1);
    memset(&nobody, 0, sizeof nobody);
    CHECK_EQ(connect_to(b, &nobody), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(b, "x", 1, NULL), STATUS_INVALID_CONNECTION);
    CHECK_EQ(connect_to(b, &to), STATUS_SUCCESS);
    CHECK_EQ(shut_down(b, AFD_UNCONNECT_DATAGRAM), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(b, "x", 1, NULL), STATUS_INVALID_CONNECTION);
    close_handle(a);
    close_handle(b);
}

TEST(datagram__bad_addresses__refused)
{
    HANDLE a = open_endpoint(INET, DGRAM), stream = open_endpoint(INET, STREAM);
    struct address to = bind_loopback(a), from;
    ULONG short_length = 8;
    char buffer[4];
    AFD_WSABUF wsabuf = {1, buffer};
    AFD_SEND_DATAGRAM_INFO info = {&wsabuf, 1, 0, 0, &to, 15};
    CHECK_EQ(control(a, IOCTL_AFD_SEND_DATAGRAM, &info, sizeof info, NULL, 0, NULL), STATUS_INVALID_ADDRESS);
    info.RemoteAddressLength = 16;
    info.RemoteAddress = (void *)16;
    CHECK_EQ(control(a, IOCTL_AFD_SEND_DATAGRAM, &info, sizeof info, NULL, 0, NULL), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(receive_from(a, buffer, 4, &from, &short_length, NULL), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(send_to(stream, &to, "x", 1), STATUS_INVALID_PARAMETER);
    CHECK_EQ(receive_from(stream, buffer, 4, NULL, NULL, NULL), STATUS_INVALID_PARAMETER);
    close_handle(a);
    close_handle(stream);
}

TEST(datagram__nonblocking_receive__not_ready)
{
    HANDLE a = open_endpoint(INET, DGRAM);
    char buffer[4];
    bind_loopback(a);
    set_nonblocking(a, 1);
    CHECK_EQ(receive_from(a, buffer, 4, NULL, NULL, NULL), STATUS_DEVICE_NOT_READY);
    CHECK_EQ(receive(a, buffer, 4, TDI_RECEIVE_NORMAL, NULL), STATUS_DEVICE_NOT_READY);
    close_handle(a);
}

/* [test:wine/ws2_32/afd.c recv] */
TEST(connected__urgent_byte_seen_by_a_poll__survives_a_normal_receive)
{
    HANDLE client, server;
    AFD_WSABUF buffer = {1, (char *)"!"};
    AFD_SEND_INFO info = {&buffer, 1, 0, TDI_SEND_EXPEDITED};
    char room[8];
    ULONG bytes;
    open_pair(&client, &server);
    CHECK_EQ(control(client, IOCTL_AFD_SEND, &info, sizeof info, NULL, 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(client, "data", 4, NULL), STATUS_SUCCESS);
    while ((poll_levels(server) & (AFD_POLL_RECEIVE | AFD_POLL_RECEIVE_EXPEDITED)) !=
        (AFD_POLL_RECEIVE | AFD_POLL_RECEIVE_EXPEDITED))
        continue;
    CHECK_EQ(receive(server, room, sizeof room, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 4);
    CHECK_EQ(receive(server, room, 1, TDI_RECEIVE_EXPEDITED, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 1);
    CHECK_EQ(room[0], '!');
    close_handle(client);
    close_handle(server);
}
