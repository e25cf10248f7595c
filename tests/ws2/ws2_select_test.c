/* SPDX-License-Identifier: MIT */
/* ws2_select_test.c - select with Windows' fd_set. */
#include "ws2_test.h"

static const struct timeval at_once = {0, 0};

TEST(select__nothing_to_wait_for__is_invalid)
{
    fd_set empty;
    FD_ZERO(&empty);
    start_winsock();
    CHECK_FAILS(select(0, NULL, NULL, NULL, &at_once), WSAEINVAL);
    CHECK_FAILS(select(0, &empty, &empty, &empty, &at_once), WSAEINVAL);
}

TEST(select__bad_arguments__documented_errors)
{
    struct timeval negative = {-1, 0}, negative_us = {0, -1};
    fd_set set;
    start_winsock();
    SOCKET s = stream_socket(), closed = stream_socket();
    CHECK_EQ(closesocket(closed), 0);
    FD_ZERO(&set);
    FD_SET(s, &set);
    CHECK_FAILS(select(0, &set, NULL, NULL, &negative), WSAEINVAL);
    CHECK_FAILS(select(0, &set, NULL, NULL, &negative_us), WSAEINVAL);
    CHECK_FAILS(select(0, &set, NULL, NULL, (struct timeval *)8), WSAEFAULT);
    CHECK_FAILS(select(0, (fd_set *)8, NULL, NULL, &at_once), WSAEFAULT);
    FD_SET(closed, &set);
    CHECK_FAILS(select(0, &set, NULL, NULL, &at_once), WSAENOTSOCK);
    CHECK_FAILS(select(0, NULL, NULL, &set, &at_once), WSAENOTSOCK);
    CHECK_EQ(closesocket(s), 0);
}

TEST(select__time_passes__returns_zero_and_empties_the_sets)
{
    SOCKET client, server;
    struct timeval soon = {0, 10000};
    fd_set read, except;
    start_winsock();
    stream_pair(&client, &server);
    FD_ZERO(&read);
    FD_SET(client, &read);
    FD_SET(server, &read);
    except = read;
    CHECK_EQ(select(0, &read, NULL, &except, &soon), 0);
    CHECK_EQ(read.fd_count, 0);
    CHECK_EQ(except.fd_count, 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(select__several_sets__keeps_what_is_ready_and_counts_all)
{
    SOCKET client, server;
    fd_set read, write, except;
    start_winsock();
    stream_pair(&client, &server);
    send_all(client, "x", 1);
    wait_readable(server);
    FD_ZERO(&read);
    FD_SET(client, &read);
    FD_SET(server, &read);
    write = except = read;
    CHECK_EQ(select(0, &read, &write, &except, &at_once), 3);
    CHECK_EQ(read.fd_count, 1);
    CHECK(FD_ISSET(server, &read));
    CHECK(!FD_ISSET(client, &read));
    CHECK_EQ(write.fd_count, 2);
    CHECK_EQ(except.fd_count, 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

/* [test:wine/ws2_32/sock.c select] */
TEST(select__one_set_in_two_places__counts_a_socket_once)
{
    SOCKET client, server;
    fd_set both;
    start_winsock();
    stream_pair(&client, &server);
    send_all(client, "x", 1);
    FD_ZERO(&both);
    FD_SET(server, &both);
    CHECK_EQ(select(0, &both, NULL, NULL, NULL), 1);
    FD_SET(client, &both);
    CHECK_EQ(select(0, &both, &both, NULL, &at_once), 2);
    CHECK_EQ(both.fd_count, 2);
    both.fd_count = 2;
    both.fd_array[0] = both.fd_array[1] = client;
    CHECK_EQ(select(0, NULL, &both, NULL, &at_once), 1);
    CHECK_EQ(both.fd_count, 1);
    CHECK_EQ(both.fd_array[1], client);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(select__connecting__writable_as_soon_as_the_host_has_connected)
{
    struct sockaddr_in a;
    u_long on = 1;
    fd_set write;
    start_winsock();
    SOCKET listener = listener4(&a), s = stream_socket();
    CHECK_EQ(ioctlsocket(s, FIONBIO, &on), 0);
    CHECK_FAILS(connect(s, (struct sockaddr *)&a, sizeof a), WSAEWOULDBLOCK);
    SOCKET accepted = accept(listener, NULL, NULL);
    FD_ZERO(&write);
    FD_SET(s, &write);
    CHECK_EQ(select(0, NULL, &write, NULL, &at_once), 1);
    CHECK_EQ(closesocket(accepted), 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(select__end_reset_and_connection__are_readable)
{
    SOCKET client, server;
    struct sockaddr_in a;
    LINGER hard = {1, 0};
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(shutdown(server, SD_SEND), 0);
    wait_readable(client);
    CHECK_EQ(recv(client, &byte, 1, 0), 0);
    wait_readable(client); /* and stays so */
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    stream_pair(&client, &server);
    CHECK_EQ(setsockopt(server, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard), 0);
    CHECK_EQ(closesocket(server), 0);
    wait_readable(client);
    CHECK_FAILS(recv(client, &byte, 1, 0), WSAECONNRESET);
    CHECK_EQ(closesocket(client), 0);
    SOCKET listener = listener4(&a);
    client = stream_socket();
    CHECK_EQ(connect(client, (struct sockaddr *)&a, sizeof a), 0);
    wait_readable(listener);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(select__full_send_buffer__is_not_writable_until_drained)
{
    SOCKET client, server;
    static char piece[1 << 16];
    fd_set write;
    start_winsock();
    stream_pair(&client, &server);
    set_nonblocking(client);
    long long sent = 0;
    int n;
    while ((n = send(client, piece, sizeof piece, 0)) > 0)
        sent += n;
    FD_ZERO(&write);
    FD_SET(client, &write);
    CHECK_EQ(select(0, NULL, &write, NULL, &at_once), 0);
    while (sent > 0) {
        n = recv(server, piece, sizeof piece, 0);
        REQUIRE(n > 0);
        sent -= n;
    }
    wait_writable(client);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

enum { MANY = FD_SETSIZE };

TEST(select__a_full_set__finds_the_one)
{
    SOCKET sockets[MANY];
    struct sockaddr_in addresses[MANY];
    fd_set read;
    start_winsock();
    FD_ZERO(&read);
    for (int i = 0; i < MANY; i++) {
        sockets[i] = bound_datagram(&addresses[i]);
        FD_SET(sockets[i], &read);
    }
    CHECK_EQ(
        sendto(sockets[0], "x", 1, 0, (struct sockaddr *)&addresses[MANY - 2], sizeof addresses[0]),
        1);
    CHECK_EQ(select(0, &read, NULL, NULL, NULL), 1);
    CHECK_EQ(read.fd_count, 1);
    CHECK(FD_ISSET(sockets[MANY - 2], &read));
    for (int i = 0; i < MANY; i++)
        CHECK_EQ(closesocket(sockets[i]), 0);
}

TEST(select__larger_own_set__works)
{
    enum { COUNT = 300 };
    struct {
        u_int fd_count;
        SOCKET fd_array[COUNT];
    } write;
    SOCKET sockets[COUNT];
    struct sockaddr_in a;
    start_winsock();
    write.fd_count = COUNT;
    for (int i = 0; i < COUNT; i++)
        write.fd_array[i] = sockets[i] = bound_datagram(&a);
    CHECK_EQ(select(0, NULL, (fd_set *)&write, NULL, &at_once), COUNT);
    CHECK_EQ(write.fd_count, COUNT);
    for (int i = 0; i < COUNT; i++)
        CHECK_EQ(closesocket(sockets[i]), 0);
}

TEST(select__larger_sets_of_the_same_sockets__each_set_has_its_own_answer)
{
    enum { COUNT = 300 };
    static struct {
        u_int fd_count;
        SOCKET fd_array[COUNT];
    } read, write, except;
    static SOCKET sockets[COUNT];
    static struct sockaddr_in addresses[COUNT];
    start_winsock();
    for (int i = 0; i < COUNT; i++)
        sockets[i] = bound_datagram(&addresses[i]);
    for (int i = 0; i < COUNT; i += 3) {
        CHECK_EQ(sendto(sockets[0], "x", 1, 0, (struct sockaddr *)&addresses[i], sizeof addresses[i]), 1);
        wait_readable(sockets[i]);
    }
    read.fd_count = COUNT;
    for (int i = 0; i < COUNT; i++)
        read.fd_array[i] = sockets[COUNT - 1 - i];
    write = except = read;
    CHECK_EQ(select(0, (fd_set *)&read, (fd_set *)&write, (fd_set *)&except, NULL), COUNT / 3 + COUNT);
    CHECK_EQ(read.fd_count, COUNT / 3);
    for (u_int i = 0; i < read.fd_count; i++)
        CHECK_EQ(read.fd_array[i], sockets[COUNT - 3 - 3 * i]);
    CHECK_EQ(write.fd_count, COUNT);
    for (int i = 0; i < COUNT; i++)
        CHECK_EQ(write.fd_array[i], sockets[COUNT - 1 - i]);
    CHECK_EQ(except.fd_count, 0);
    for (int i = 0; i < COUNT; i++)
        CHECK_EQ(closesocket(sockets[i]), 0);
}

static DWORD send_byte(void *context)
{
    return send(*(SOCKET *)context, "x", 1, 0) == 1 ? 0 : 1;
}

TEST(select__waits_for_ever__data_of_another_thread_ends_it)
{
    SOCKET client, server;
    fd_set read;
    start_winsock();
    stream_pair(&client, &server);
    HANDLE thread = start_thread(send_byte, &server);
    FD_ZERO(&read);
    FD_SET(client, &read);
    CHECK_EQ(select(0, &read, NULL, NULL, NULL), 1);
    CHECK_EQ(join_thread(thread), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}
