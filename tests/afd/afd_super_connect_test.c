/* SPDX-License-Identifier: MIT */
/*
 * afd_super_connect_test.c - SUPER_CONNECT: what ConnectEx sends. [doc:mswsock/connectex] [test:wine/ws2_32/sock.c]
 */
#include <stdlib.h>
#include <string.h>

#include "afd_test.h"

static NTSTATUS begin(struct io *io, HANDLE handle, const struct address *to, const void *data, ULONG length)
{
    UCHAR in[8 + 28];
    memset(in, 0, sizeof in);
    memcpy(in + UFIELD_OFFSET(AFD_SUPER_CONNECT_INFO, RemoteAddress), to, address_length(to));
    return io_begin_kept(io, handle, IOCTL_AFD_SUPER_CONNECT, in, 8 + address_length(to), (void *)data, length);
}

static NTSTATUS connect_now(HANDLE handle, const struct address *to)
{
    struct io io;
    begin(&io, handle, to, NULL, 0);
    return io_end(&io);
}

static HANDLE open_bound(void)
{
    HANDLE handle = open_endpoint(INET, STREAM);
    bind_loopback(handle);
    return handle;
}

TEST(bound__super_connect__pends_then_connected)
{
    struct address bound;
    struct io io;
    char byte = 0;
    HANDLE listener = open_listener(INET, 5, &bound), client = open_bound(), server;
    CHECK_EQ(set_nonblocking(client, 1), STATUS_SUCCESS);
    CHECK_EQ(begin(&io, client, &bound, NULL, 0), STATUS_PENDING);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 0);
    server = accept_one(listener);
    CHECK_EQ(send_bytes(client, "x", 1, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive(server, &byte, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_SUCCESS);
    CHECK_EQ(byte, 'x');
    /* connected, but not for CONNECT */
    CHECK_EQ(connect_now(client, &bound), STATUS_CONNECTION_ACTIVE);
    CHECK_EQ(connect_now(server, &bound), STATUS_CONNECTION_ACTIVE);
    CHECK_EQ(connect_to(client, &bound), STATUS_INVALID_PARAMETER);
    CHECK_EQ(connect_to(server, &bound), STATUS_CONNECTION_ACTIVE);
    close_handle(client);
    close_handle(server);
    close_handle(listener);
}

TEST(data_given__connected__sent_from_a_copy)
{
    struct address bound;
    struct io io;
    char buffer[4] = "abc", got[4] = {0};
    ULONG bytes;
    HANDLE listener = open_listener(INET, 5, &bound), client = open_bound(), server;
    CHECK_EQ(begin(&io, client, &bound, buffer, 3), STATUS_PENDING);
    settle(client);
    memset(buffer, 0, sizeof buffer);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 3);
    server = accept_one(listener);
    CHECK_EQ(receive(server, got, 3, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 3);
    CHECK_EQ(memcmp(got, "abc", 3), 0);
    close_handle(client);
    close_handle(server);
    close_handle(listener);
}

TEST(data_larger_than_the_hosts_buffers__completes_with_all_of_it)
{
    enum { LENGTH = 6000000 };
    struct address bound;
    struct io io;
    char *buffer = malloc(LENGTH), *got = malloc(LENGTH);
    ULONG total = 0, bytes;
    HANDLE listener = open_listener(INET, 5, &bound), client = open_bound(), server;
    for (ULONG i = 0; i < LENGTH; i++)
        buffer[i] = (char)(i * 7 + i / 251);
    CHECK_EQ(begin(&io, client, &bound, buffer, LENGTH), STATUS_PENDING);
    server = accept_one(listener);
    while (total < LENGTH) {
        REQUIRE_EQ(receive(server, got + total, LENGTH - total, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
        REQUIRE(bytes != 0);
        total += bytes;
    }
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, LENGTH);
    CHECK_EQ(memcmp(buffer, got, LENGTH), 0);
    free(buffer);
    free(got);
    close_handle(client);
    close_handle(server);
    close_handle(listener);
}

TEST(wrong_states__refused_at_once)
{
    struct address bound, nowhere = loopback(INET, 0), wild = loopback(INET, 80), six = loopback(INET6, 80);
    HANDLE listener = open_listener(INET, 5, &bound), unbound = open_endpoint(INET, STREAM);
    HANDLE datagram = open_endpoint(INET, DGRAM), helper = open_helper(), client = open_bound();
    memset(wild.bytes, 0, 4);
    CHECK_EQ(connect_now(unbound, &bound), STATUS_INVALID_PARAMETER);
    CHECK_EQ(connect_now(listener, &bound), STATUS_INVALID_PARAMETER);
    CHECK_EQ(connect_now(datagram, &bound), STATUS_INVALID_PARAMETER);
    CHECK_EQ(connect_now(helper, &bound), STATUS_INVALID_PARAMETER);
    CHECK_EQ(connect_now(client, &nowhere), STATUS_INVALID_ADDRESS);
    CHECK_EQ(connect_now(client, &wild), STATUS_INVALID_ADDRESS);
    CHECK_EQ(connect_now(client, &six), STATUS_INVALID_ADDRESS);
    CHECK_EQ(control(client, IOCTL_AFD_SUPER_CONNECT, &bound, 4, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    UCHAR in[8 + 16] = {0};
    memcpy(in + 8, &bound, 16);
    CHECK_EQ(control(client, IOCTL_AFD_SUPER_CONNECT, in, sizeof in, NULL, 5, NULL), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(connect_now(client, &bound), STATUS_SUCCESS);
    close_handle(listener);
    close_handle(unbound);
    close_handle(datagram);
    close_handle(helper);
    close_handle(client);
}

TEST(nobody_listens__refused_later_and_bound_again)
{
    struct address nobody, bound, before, after;
    struct io io;
    HANDLE client = open_endpoint(INET, STREAM), closed = open_closed_port(STREAM, &nobody), listener;
    before = bind_own_loopback(client);
    CHECK_EQ(begin(&io, client, &nobody, "abc", 3), STATUS_PENDING);
    CHECK_EQ(io_end(&io), STATUS_CONNECTION_REFUSED);
    CHECK_EQ(io.iosb.Information, 0);
    CHECK_EQ(control(client, IOCTL_AFD_GET_ADDRESS, NULL, 0, &after, sizeof after, NULL), STATUS_SUCCESS);
    CHECK_EQ(before.port, after.port);
    listener = open_listener(INET, 5, &bound);
    CHECK_EQ(connect_now(client, &bound), STATUS_SUCCESS);
    close_handle(client);
    close_handle(closed);
    close_handle(listener);
}

/* Only the host's stack has attempts that take time: to a listener whose queue is full. */
TEST(connecting__cancelled__given_up_and_bound_again)
{
    struct address full, bound, before, after;
    struct io io, again;
    HANDLE listener[2], queued[2], client = open_endpoint(INET, STREAM);
    if (engine_is("loop"))
        SKIP("connects of this engine are immediate");
    before = bind_own_loopback(client);
    listener[0] = open_listener(INET, 1, &full);
    listener[1] = open_listener(INET, 5, &bound);
    for (int i = 0; i < 2; i++)
        queued[i] = open_connected(&full);
    CHECK_EQ(begin(&io, client, &full, "abc", 3), STATUS_PENDING);
    begin(&again, client, &bound, NULL, 0);
    CHECK_EQ(io_end(&again), STATUS_INVALID_PARAMETER);
    CHECK_EQ(connect_to(client, &bound), STATUS_INVALID_PARAMETER);
    CHECK(!io_is_done(&io));
    cancel_io(client);
    CHECK_EQ(io_end(&io), STATUS_CANCELLED);
    CHECK_EQ(control(client, IOCTL_AFD_GET_ADDRESS, NULL, 0, &after, sizeof after, NULL), STATUS_SUCCESS);
    CHECK_EQ(before.port, after.port);
    CHECK_EQ(connect_now(client, &bound), STATUS_SUCCESS);
    close_handle(client);
    for (int i = 0; i < 2; i++) {
        close_handle(queued[i]);
        close_handle(listener[i]);
    }
}

TEST(sending__cancelled_or_closed__cancelled)
{
    enum { LENGTH = 20000000 };
    struct address bound;
    struct io io[2];
    char *buffer = calloc(1, LENGTH);
    HANDLE listener = open_listener(INET, 5, &bound), client[2], server[2];
    for (int i = 0; i < 2; i++) {
        client[i] = open_bound();
        CHECK_EQ(begin(&io[i], client[i], &bound, buffer, LENGTH), STATUS_PENDING);
        server[i] = accept_one(listener);
        CHECK(!io_is_done(&io[i]));
    }
    cancel_io(client[0]);
    CHECK_EQ(io_end(&io[0]), STATUS_CANCELLED);
    close_handle(client[1]);
    CHECK_EQ(io_end(&io[1]), STATUS_CANCELLED);
    free(buffer);
    close_handle(client[0]);
    for (int i = 0; i < 2; i++)
        close_handle(server[i]);
    close_handle(listener);
}
