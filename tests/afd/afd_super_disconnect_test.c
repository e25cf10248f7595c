/* SPDX-License-Identifier: MIT */
/*
 * afd_super_disconnect_test.c - SUPER_DISCONNECT: what DisconnectEx sends, and endpoints that are used again.
 * [doc:mswsock/disconnectex] [test:wine/ws2_32/sock.c]
 */
#include <stdlib.h>
#include <string.h>

#include "afd_test.h"

#define AREA (sizeof(AFD_SUPER_ACCEPT_ADDRESS) + 16)

static NTSTATUS begin(struct io *io, HANDLE handle, ULONG flags)
{
    AFD_SUPER_DISCONNECT_INFO info = {flags};
    return io_begin_kept(io, handle, IOCTL_AFD_SUPER_DISCONNECT, &info, sizeof info, NULL, 0);
}

static NTSTATUS disconnect(HANDLE handle, ULONG flags)
{
    struct io io;
    begin(&io, handle, flags);
    return io_end(&io);
}

static NTSTATUS super_accept_begin(struct io *io, HANDLE listener, HANDLE acceptor)
{
    static UCHAR out[2 * AREA];
    AFD_SUPER_ACCEPT_INFO info;
    memset(&info, 0, sizeof info);
    info.AcceptHandle = acceptor;
    info.LocalAddressLength = info.RemoteAddressLength = AREA;
    return io_begin_kept(io, listener, IOCTL_AFD_SUPER_ACCEPT, &info, sizeof info, out, sizeof out);
}

static NTSTATUS super_connect(HANDLE handle, const struct address *to)
{
    UCHAR in[8 + 28];
    struct io io;
    memset(in, 0, sizeof in);
    memcpy(in + 8, to, address_length(to));
    io_begin(&io, handle, IOCTL_AFD_SUPER_CONNECT, in, 8 + address_length(to), NULL, 0);
    return io_end(&io);
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

static void check_end(HANDLE handle)
{
    char byte;
    ULONG bytes = 9;
    CHECK_EQ(receive(handle, &byte, 1, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
}

TEST(connected__disconnect__pends_and_ends_one_direction)
{
    HANDLE client, server;
    struct address address;
    struct io io;
    char got[4];
    open_pair(&client, &server);
    CHECK_EQ(begin(&io, client, 0), STATUS_PENDING);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 0);
    CHECK_EQ(disconnect(client, 0), STATUS_SUCCESS); /* once more does no harm */
    CHECK_EQ(send_bytes(client, "x", 1, NULL), STATUS_PIPE_DISCONNECTED);
    check_end(server);
    CHECK_EQ(send_bytes(server, "test", 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive(client, got, 4, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    CHECK_EQ(memcmp(got, "test", 4), 0);
    CHECK_EQ(control(client, IOCTL_AFD_GET_REMOTE_ADDRESS, NULL, 0, &address, sizeof address, NULL), STATUS_SUCCESS);
    CHECK_EQ(connect_to(client, &address), STATUS_CONNECTION_ACTIVE);
    close_handle(client);
    close_handle(server);
}

TEST(wrong_states_and_flags__refused)
{
    struct address bound;
    HANDLE listener = open_listener(INET, 5, &bound), stream = open_endpoint(INET, STREAM), client, server;
    HANDLE datagram = open_endpoint(INET, DGRAM);
    UCHAR byte = 0;
    open_pair(&client, &server);
    CHECK_EQ(disconnect(stream, 0), STATUS_INVALID_CONNECTION);
    CHECK_EQ(disconnect(stream, AFD_TF_REUSE_SOCKET), STATUS_INVALID_CONNECTION);
    bind_loopback(stream);
    CHECK_EQ(disconnect(stream, AFD_TF_REUSE_SOCKET), STATUS_INVALID_CONNECTION);
    CHECK_EQ(disconnect(listener, 0), STATUS_INVALID_CONNECTION);
    CHECK_EQ(disconnect(datagram, 0), STATUS_INVALID_PARAMETER);
    CHECK_EQ(disconnect(client, AFD_TF_WRITE_BEHIND), STATUS_INVALID_PARAMETER);
    CHECK_EQ(disconnect(client, 0x80), STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(client, IOCTL_AFD_SUPER_DISCONNECT, &byte, 1, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    check_data_flows(client, server);
    CHECK_EQ(shut_down(client, AFD_ABORTIVE_DISCONNECT), STATUS_SUCCESS);
    CHECK_EQ(disconnect(client, 0), STATUS_LOCAL_DISCONNECT);
    close_handle(listener);
    close_handle(stream);
    close_handle(datagram);
    close_handle(client);
    close_handle(server);
}

TEST(accepted__reused__accepts_again_and_again)
{
    struct address bound;
    struct io io;
    HANDLE listener = open_listener(INET, 5, &bound), acceptor = open_endpoint(INET, STREAM), client;
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(super_accept_begin(&io, listener, acceptor), STATUS_PENDING);
        client = open_connected(&bound);
        CHECK_EQ(io_end(&io), STATUS_SUCCESS);
        check_data_flows(client, acceptor);
        CHECK_EQ(begin(&io, acceptor, AFD_TF_REUSE_SOCKET), STATUS_PENDING);
        check_end(client);
        CHECK(!io_is_done(&io));
        close_handle(client);
        CHECK_EQ(io_end(&io), STATUS_SUCCESS);
        CHECK_EQ(receive(acceptor, &i, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_INVALID_CONNECTION);
    }
    /* it is as new: it can be bound, and connect */
    bind_loopback(acceptor);
    CHECK_EQ(super_connect(acceptor, &bound), STATUS_SUCCESS);
    close_handle(acceptor);
    close_handle(listener);
}

TEST(connected_itself__reused__connects_again_from_its_port)
{
    struct address bound[3], before, after;
    HANDLE client = open_endpoint(INET, STREAM), listener, server;
    struct io io;
    before = bind_own_loopback(client);
    for (int i = 0; i < 3; i++) {
        listener = open_listener(INET, 5, &bound[i]);
        CHECK_EQ(super_connect(client, &bound[i]), STATUS_SUCCESS);
        server = accept_one(listener);
        check_data_flows(client, server);
        CHECK_EQ(begin(&io, client, AFD_TF_REUSE_SOCKET), STATUS_PENDING);
        close_handle(server);
        CHECK_EQ(io_end(&io), STATUS_SUCCESS);
        CHECK_EQ(control(client, IOCTL_AFD_GET_ADDRESS, NULL, 0, &after, sizeof after, NULL), STATUS_SUCCESS);
        CHECK_EQ(memcmp(&before, &after, 8), 0);
        CHECK_EQ(send_bytes(client, "x", 1, NULL), STATUS_INVALID_CONNECTION);
        close_handle(listener);
    }
    close_handle(client);
}

TEST(sends_pending__disconnect__they_go_first)
{
    enum { LENGTH = 8000000 };
    char *data = calloc(1, LENGTH), *got = malloc(LENGTH);
    HANDLE client, server;
    struct io send, end, reuse;
    ULONG total = 0, bytes = 1;
    open_pair(&client, &server);
    CHECK_EQ(send_begin(&send, client, data, LENGTH, AFD_OVERLAPPED), STATUS_PENDING);
    CHECK_EQ(begin(&end, client, 0), STATUS_PENDING);
    CHECK_EQ(begin(&reuse, client, AFD_TF_REUSE_SOCKET), STATUS_PENDING);
    CHECK_EQ(disconnect(client, AFD_TF_REUSE_SOCKET), STATUS_DEVICE_BUSY);
    CHECK(!io_is_done(&end));
    while (bytes != 0) {
        REQUIRE_EQ(receive(server, got, LENGTH, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
        total += bytes;
    }
    CHECK_EQ(total, LENGTH);
    CHECK_EQ(io_end(&send), STATUS_SUCCESS);
    CHECK_EQ(io_end(&end), STATUS_SUCCESS);
    CHECK(!io_is_done(&reuse));
    CHECK_EQ(shut_down(server, AFD_PARTIAL_DISCONNECT_SEND), STATUS_SUCCESS);
    CHECK_EQ(io_end(&reuse), STATUS_SUCCESS);
    free(data);
    free(got);
    close_handle(client);
    close_handle(server);
}

TEST(receives_pending__peer_ends__they_end_before)
{
    HANDLE client, server;
    struct io receives[2], reuse;
    char byte[2];
    open_pair(&client, &server);
    CHECK_EQ(receive_begin(&receives[0], client, &byte[0], 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(begin(&reuse, client, AFD_TF_REUSE_SOCKET), STATUS_PENDING);
    CHECK_EQ(receive_begin(&receives[1], client, &byte[1], 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(send_bytes(server, "z", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&receives[0]), STATUS_SUCCESS);
    CHECK_EQ(receives[0].iosb.Information, 1);
    CHECK(!io_is_done(&receives[1]));
    CHECK(!io_is_done(&reuse));
    close_handle(server);
    CHECK_EQ(io_end(&reuse), STATUS_SUCCESS);
    CHECK_EQ(io_end(&receives[1]), STATUS_SUCCESS);
    CHECK_EQ(receives[1].iosb.Information, 0);
    close_handle(client);
}

TEST(awaiting_the_peer__cancelled__connected_still)
{
    HANDLE client, server;
    struct io io;
    char byte;
    open_pair(&client, &server);
    CHECK_EQ(begin(&io, client, AFD_TF_REUSE_SOCKET), STATUS_PENDING);
    cancel_io(client);
    CHECK_EQ(io_end(&io), STATUS_CANCELLED);
    CHECK_EQ(send_bytes(server, "z", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive(client, &byte, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    CHECK_EQ(begin(&io, client, AFD_TF_REUSE_SOCKET), STATUS_PENDING);
    close_handle(client);
    CHECK_EQ(io_end(&io), STATUS_CANCELLED);
    check_end(server);
    close_handle(server);
}

TEST(awaiting_the_peer__reset__reusable)
{
    struct address bound;
    struct io io;
    HANDLE listener = open_listener(INET, 5, &bound), acceptor = open_endpoint(INET, STREAM), client;
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(super_accept_begin(&io, listener, acceptor), STATUS_PENDING);
        client = open_connected(&bound);
        CHECK_EQ(io_end(&io), STATUS_SUCCESS);
        CHECK_EQ(begin(&io, acceptor, AFD_TF_REUSE_SOCKET), STATUS_PENDING);
        CHECK_EQ(shut_down(client, AFD_ABORTIVE_DISCONNECT), STATUS_SUCCESS);
        CHECK_EQ(io_end(&io), STATUS_SUCCESS);
        close_handle(client);
    }
    close_handle(acceptor);
    close_handle(listener);
}

TEST(poll_pending__endpoint_reused__tells_of_the_next_connection)
{
    struct address bound;
    struct io io, polled;
    struct poll poll;
    HANDLE listener = open_listener(INET, 5, &bound), acceptor = open_endpoint(INET, STREAM), client;
    CHECK_EQ(super_accept_begin(&io, listener, acceptor), STATUS_PENDING);
    client = open_connected(&bound);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, acceptor, AFD_POLL_RECEIVE);
    CHECK_EQ(poll_begin(&polled, &poll, acceptor), STATUS_PENDING);
    CHECK_EQ(begin(&io, acceptor, AFD_TF_REUSE_SOCKET), STATUS_PENDING);
    close_handle(client);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(super_accept_begin(&io, listener, acceptor), STATUS_PENDING);
    client = open_connected(&bound);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK(!io_is_done(&polled));
    CHECK_EQ(send_bytes(client, "x", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(io_end(&polled), STATUS_SUCCESS);
    CHECK_EQ(poll.out.Handles[0].PollEvents, AFD_POLL_RECEIVE);
    close_handle(client);
    close_handle(acceptor);
    close_handle(listener);
}

TEST(abortive_disconnect__peer__reset_before_the_close)
{
    HANDLE client, server;
    struct io io;
    char byte;
    open_pair(&client, &server);
    CHECK_EQ(receive_begin(&io, server, &byte, 1, TDI_RECEIVE_NORMAL), STATUS_PENDING);
    CHECK_EQ(shut_down(client, AFD_ABORTIVE_DISCONNECT), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_CONNECTION_RESET);
    close_handle(client);
    close_handle(server);
}

/* Other threads use the endpoint in every way while it is disconnected and used again. */
static HANDLE race_acceptor;
static volatile int race_over;

static ULONG race_transfer(PVOID context)
{
    char bytes[64];
    int linger = 0;
    AFD_TL_IO_CONTROL_INFO option = {AFD_TL_GET_OPTION, 0xffff, 0x1002, 0, &linger, sizeof linger};
    struct address address;
    set_nonblocking(race_acceptor, 1);
    while (!__atomic_load_n(&race_over, __ATOMIC_SEQ_CST)) {
        receive(race_acceptor, bytes, sizeof bytes, TDI_RECEIVE_NORMAL, NULL);
        send_bytes(race_acceptor, "q", 1, NULL);
        control(race_acceptor, IOCTL_AFD_TRANSPORT_IOCTL, &option, sizeof option, NULL, 0, NULL);
        control(race_acceptor, IOCTL_AFD_GET_REMOTE_ADDRESS, NULL, 0, &address, sizeof address, NULL);
        poll_levels(race_acceptor);
    }
    return 0;
}

TEST(reused_while_others_use_it__every_round_ends)
{
    enum { ROUNDS = 150 };
    struct address bound;
    struct io io;
    HANDLE listener = open_listener(INET, 5, &bound), client, threads[2];
    race_acceptor = open_endpoint(INET, STREAM);
    for (int i = 0; i < 2; i++)
        threads[i] = start_thread(race_transfer, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        REQUIRE_EQ(super_accept_begin(&io, listener, race_acceptor), STATUS_PENDING);
        client = open_connected(&bound);
        REQUIRE_EQ(io_end(&io), STATUS_SUCCESS);
        send_bytes(client, "hello", 5, NULL);
        begin(&io, race_acceptor, AFD_TF_REUSE_SOCKET);
        close_handle(client);
        REQUIRE_EQ(io_end(&io), STATUS_SUCCESS);
    }
    __atomic_store_n(&race_over, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 2; i++)
        join_thread(threads[i]);
    close_handle(race_acceptor);
    close_handle(listener);
}
