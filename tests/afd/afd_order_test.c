/* SPDX-License-Identifier: MIT */
/*
 * afd_order_test.c - bytes, order and statuses of requests that overlap, and how pending ones end.
 */
#include <stdlib.h>
#include <string.h>

#include "afd_test.h"

#define LENGTH 9000000

static NTSTATUS overlapped_begin(struct io *io, HANDLE handle, void *buffer, ULONG length, ULONG flags)
{
    AFD_RECV_INFO info = {&io->buffer, 1, AFD_OVERLAPPED, flags};
    io->buffer = (AFD_WSABUF){length, buffer};
    return io_begin_kept(io, handle, IOCTL_AFD_RECEIVE, &info, sizeof info, NULL, 0);
}

static NTSTATUS receive_from_begin(struct io *io, HANDLE handle, void *buffer, ULONG length)
{
    AFD_RECV_DATAGRAM_INFO info = {&io->buffer, 1, AFD_OVERLAPPED, TDI_RECEIVE_NORMAL, NULL, NULL};
    io->buffer = (AFD_WSABUF){length, buffer};
    return io_begin_kept(io, handle, IOCTL_AFD_RECEIVE_DATAGRAM, &info, sizeof info, NULL, 0);
}

static NTSTATUS receive_from(HANDLE handle, void *buffer, ULONG length)
{
    struct io io;
    receive_from_begin(&io, handle, buffer, length);
    return io_end(&io);
}

TEST(receives_pend__peek_zero_and_wait_all_among_them__each_gets_its_bytes)
{
    HANDLE client, server;
    struct io zero, peek, all, rest;
    char peeked[2], four[4], last[8];
    open_pair(&client, &server);
    CHECK_EQ(overlapped_begin(&zero, client, NULL, 0, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(overlapped_begin(&peek, client, peeked, 2, TDI_RECEIVE_NORMAL | TDI_RECEIVE_PEEK), STATUS_PENDING);
    CHECK_EQ(overlapped_begin(&all, client, four, 4, TDI_RECEIVE_NORMAL | TDI_RECEIVE_NO_PUSH), STATUS_PENDING);
    CHECK_EQ(overlapped_begin(&rest, client, last, 8, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(send_bytes(server, "ab", 2, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&zero), STATUS_SUCCESS);
    CHECK_EQ(zero.iosb.Information, 0);
    CHECK_EQ(io_end(&peek), STATUS_SUCCESS);
    CHECK_EQ(peek.iosb.Information, 2);
    CHECK_EQ(memcmp(peeked, "ab", 2), 0);
    CHECK(!io_is_done(&all));
    CHECK_EQ(send_bytes(server, "cdef", 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&all), STATUS_SUCCESS);
    CHECK_EQ(all.iosb.Information, 4);
    CHECK_EQ(memcmp(four, "abcd", 4), 0);
    CHECK_EQ(io_end(&rest), STATUS_SUCCESS);
    CHECK_EQ(rest.iosb.Information, 2);
    CHECK_EQ(memcmp(last, "ef", 2), 0);
    close_handle(client);
    close_handle(server);
}

TEST(wait_all_pends__peer_ends__completes_with_what_came)
{
    HANDLE client, server;
    struct io all, after;
    char four[4], byte;
    open_pair(&client, &server);
    CHECK_EQ(overlapped_begin(&all, client, four, 4, TDI_RECEIVE_NORMAL | TDI_RECEIVE_NO_PUSH), STATUS_PENDING);
    CHECK_EQ(overlapped_begin(&after, client, &byte, 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(send_bytes(server, "ab", 2, NULL), STATUS_SUCCESS);
    CHECK_EQ(shut_down(server, AFD_PARTIAL_DISCONNECT_SEND), STATUS_SUCCESS);
    CHECK_EQ(io_end(&all), STATUS_SUCCESS);
    CHECK_EQ(all.iosb.Information, 2);
    CHECK_EQ(io_end(&after), STATUS_SUCCESS);
    CHECK_EQ(after.iosb.Information, 0);
    close_handle(client);
    close_handle(server);
}

TEST(sends_pend__read_to_the_end__bytes_in_order_each_send_whole)
{
    enum { COUNT = 3 };
    HANDLE client, server;
    struct io io[COUNT];
    char *data = malloc((size_t)COUNT * LENGTH), *got = malloc(LENGTH);
    ULONG bytes;
    SIZE_T total = 0;
    open_pair(&client, &server);
    for (SIZE_T i = 0; i < (SIZE_T)COUNT * LENGTH; i++)
        data[i] = (char)(i * 13 + i / 977);
    for (int i = 0; i < COUNT; i++)
        CHECK_EQ(send_begin(&io[i], client, data + (size_t)i * LENGTH, LENGTH, AFD_OVERLAPPED), STATUS_PENDING);
    CHECK_EQ(shut_down(client, AFD_PARTIAL_DISCONNECT_SEND), STATUS_SUCCESS); /* the queue goes first */
    for (;;) {
        REQUIRE_EQ(receive(server, got, LENGTH, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
        if (bytes == 0)
            break;
        REQUIRE(total + bytes <= (SIZE_T)COUNT * LENGTH);
        CHECK_EQ(memcmp(data + total, got, bytes), 0);
        total += bytes;
    }
    CHECK_EQ(total, (SIZE_T)COUNT * LENGTH);
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQ(io_end(&io[i]), STATUS_SUCCESS);
        CHECK_EQ(io[i].iosb.Information, LENGTH);
    }
    free(data);
    free(got);
    close_handle(client);
    close_handle(server);
}

TEST(datagram_receives_pend__filled_in_order_and_cut)
{
    HANDLE one = open_endpoint(INET, DGRAM), other = open_endpoint(INET, DGRAM);
    struct address to = bind_loopback(other);
    struct io io[3];
    char got[3][4];
    for (int i = 0; i < 3; i++)
        CHECK_EQ(receive_from_begin(&io[i], other, got[i], 4), STATUS_PENDING);
    CHECK_EQ(send_to(one, &to, "one", 3), STATUS_SUCCESS);
    CHECK_EQ(send_to(one, &to, "twotwo", 6), STATUS_SUCCESS);
    CHECK_EQ(send_to(one, &to, "", 0), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io[0]), STATUS_SUCCESS);
    CHECK_EQ(io[0].iosb.Information, 3);
    CHECK_EQ(io_end(&io[1]), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(io[1].iosb.Information, 4);
    CHECK_EQ(memcmp(got[1], "twot", 4), 0);
    CHECK_EQ(io_end(&io[2]), STATUS_SUCCESS);
    CHECK_EQ(io[2].iosb.Information, 0);
    close_handle(one);
    close_handle(other);
}

TEST(peer_resets__everything_pending_ends_with_it)
{
    HANDLE client, server;
    struct io receives[2], send;
    char buffer[2], *data = calloc(1, LENGTH);
    open_pair(&client, &server);
    CHECK_EQ(overlapped_begin(&receives[0], client, &buffer[0], 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(overlapped_begin(&receives[1], client, &buffer[1], 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(send_begin(&send, client, data, LENGTH, AFD_OVERLAPPED), STATUS_PENDING);
    CHECK_EQ(shut_down(server, AFD_ABORTIVE_DISCONNECT), STATUS_SUCCESS);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(io_end(&receives[i]), STATUS_CONNECTION_RESET);
        CHECK_EQ(receives[i].iosb.Information, 0);
    }
    CHECK_EQ(io_end(&send), STATUS_CONNECTION_RESET);
    CHECK_EQ(receive(client, buffer, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_CONNECTION_RESET);
    CHECK_EQ(send_bytes(client, "x", 1, NULL), STATUS_CONNECTION_RESET);
    free(data);
    close_handle(client);
    close_handle(server);
}

TEST(handle_closed__overlapped_receive_of_a_stream__connection_aborted)
{
    HANDLE client, server, datagram = open_endpoint(INET, DGRAM);
    struct io stream, plain, cancelled, from;
    IO_STATUS_BLOCK iosb;
    char buffer[4];
    bind_loopback(datagram);
    open_pair(&client, &server);
    CHECK_EQ(overlapped_begin(&cancelled, client, &buffer[0], 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(overlapped_begin(&stream, client, &buffer[1], 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(receive_begin(&plain, client, &buffer[2], 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(receive_from_begin(&from, datagram, &buffer[3], 1), STATUS_PENDING);
    CHECK_EQ(NtCancelIoFileEx(client, &cancelled.iosb, &iosb), STATUS_SUCCESS);
    CHECK_EQ(io_end(&cancelled), STATUS_CANCELLED);
    close_handle(client);
    close_handle(datagram);
    CHECK_EQ(io_end(&stream), STATUS_CONNECTION_ABORTED);
    CHECK_EQ(io_end(&plain), STATUS_CANCELLED);
    CHECK_EQ(io_end(&from), STATUS_CANCELLED);
    close_handle(server);
}

static NTSTATUS report_unreachable(HANDLE handle, int on)
{
    AFD_INFORMATION info;
    memset(&info, 0, sizeof info);
    info.InformationType = AFD_REPORT_PORT_UNREACHABLE;
    info.Information.Boolean = (BOOLEAN)on;
    return control(handle, IOCTL_AFD_SET_INFORMATION, &info, sizeof info, NULL, 0, NULL);
}

/* [doc:winsock2/recvfrom] WSAECONNRESET; [doc:winsock2/sio-udp-connreset] */
TEST(unconnected_datagram__port_closed__next_receive_tells_once)
{
    HANDLE one = open_endpoint(INET, DGRAM), other = open_endpoint(INET, DGRAM);
    struct address nobody, self = bind_loopback(one), to = bind_loopback(other);
    HANDLE closed = open_closed_port(DGRAM, &nobody);
    struct io io;
    char byte = 0;
    /* with a receive waiting */
    CHECK_EQ(receive_from_begin(&io, one, &byte, 1), STATUS_PENDING);
    CHECK_EQ(send_to(one, &nobody, "x", 1), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_PORT_UNREACHABLE);
    /* and with none; sends are not bothered, and go elsewhere meanwhile */
    CHECK_EQ(send_to(one, &nobody, "x", 1), STATUS_SUCCESS);
    CHECK_EQ(send_to(one, &to, "y", 1), STATUS_SUCCESS);
    CHECK_EQ(send_to(other, &self, "z", 1), STATUS_SUCCESS);
    CHECK_EQ(poll_levels(one) & AFD_POLL_RECEIVE, AFD_POLL_RECEIVE);
    CHECK_EQ(receive_from(one, &byte, 1), STATUS_PORT_UNREACHABLE);
    CHECK_EQ(receive_from(one, &byte, 1), STATUS_SUCCESS);
    CHECK_EQ(byte, 'z');
    CHECK_EQ(poll_levels(one) & AFD_POLL_RECEIVE, 0);
    CHECK_EQ(receive_from_begin(&io, one, &byte, 1), STATUS_PENDING);
    cancel_io(one);
    CHECK_EQ(io_end(&io), STATUS_CANCELLED);
    CHECK_EQ(receive_from(other, &byte, 1), STATUS_SUCCESS);
    CHECK_EQ(byte, 'y');
    close_handle(one);
    close_handle(other);
    close_handle(closed);
}

TEST(datagram__reports_off__closed_ports_are_silent)
{
    HANDLE one = open_endpoint(INET, DGRAM), other = open_endpoint(INET, DGRAM), stream = open_endpoint(INET, STREAM);
    struct address nobody, self = bind_loopback(one);
    HANDLE closed = open_closed_port(DGRAM, &nobody);
    struct io io;
    char byte = 0;
    CHECK_EQ(report_unreachable(one, 0), STATUS_SUCCESS);
    CHECK_EQ(report_unreachable(stream, 0), STATUS_INVALID_PARAMETER);
    CHECK_EQ(send_to(one, &nobody, "x", 1), STATUS_SUCCESS);
    CHECK_EQ(poll_levels(one) & AFD_POLL_RECEIVE, 0);
    CHECK_EQ(receive_from_begin(&io, one, &byte, 1), STATUS_PENDING);
    CHECK_EQ(send_to(one, &nobody, "x", 1), STATUS_SUCCESS);
    CHECK_EQ(send_to(other, &self, "z", 1), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(byte, 'z');
    CHECK_EQ(report_unreachable(one, 1), STATUS_SUCCESS);
    CHECK_EQ(send_to(one, &nobody, "x", 1), STATUS_SUCCESS);
    CHECK_EQ(receive_from(one, &byte, 1), STATUS_PORT_UNREACHABLE);
    close_handle(one);
    close_handle(other);
    close_handle(stream);
    close_handle(closed);
}

TEST(linger_of_nothing__close__resets)
{
    HANDLE client, server;
    USHORT hard[2] = {1, 0};
    AFD_TL_IO_CONTROL_INFO option = {AFD_TL_SET_OPTION, 0xffff, 0x80, 0, hard, sizeof hard};
    struct io io;
    char byte;
    open_pair(&client, &server);
    CHECK_EQ(overlapped_begin(&io, server, &byte, 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(control(client, IOCTL_AFD_TRANSPORT_IOCTL, &option, sizeof option, NULL, 0, NULL), STATUS_SUCCESS);
    close_handle(client);
    CHECK_EQ(io_end(&io), STATUS_CONNECTION_RESET);
    close_handle(server);
}
