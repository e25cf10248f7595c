/* SPDX-License-Identifier: MIT */
/* ws2_poll_test.c - WSAPoll, as Windows does it. [doc:winsock2/wsapoll] [obs:wine/sock WSAPoll] */
#include "ws2_test.h"

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)

static SHORT poll_one(SOCKET s, SHORT events, int timeout)
{
    WSAPOLLFD entry = {s, events, (SHORT)0xdead};
    int n = WSAPoll(&entry, 1, timeout);
    CHECK_EQ(n, entry.revents != 0);
    return entry.revents;
}

TEST(poll__bad_arguments__documented_errors)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET s = bound_datagram(&a);
    WSAPOLLFD entry = {s, POLLIN, 0};
    CHECK_FAILS(WSAPoll(NULL, 0, 0), WSAEINVAL);
    CHECK_FAILS(WSAPoll(&entry, 0, 0), WSAEINVAL);
    CHECK_FAILS(WSAPoll(NULL, 1, 0), WSAEFAULT);
    entry.events = POLLPRI;
    CHECK_FAILS(WSAPoll(&entry, 1, 0), WSAEINVAL);
    entry.events = POLLIN | POLLHUP;
    CHECK_FAILS(WSAPoll(&entry, 1, 0), WSAEINVAL);
    CHECK_EQ(closesocket(s), 0);
    entry.events = POLLIN;
    CHECK_FAILS(WSAPoll(&entry, 1, 0), WSAENOTSOCK);
}

TEST(poll__invalid_and_negative_entries__reported_and_skipped)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET s = bound_datagram(&a), closed = stream_socket();
    CHECK_EQ(closesocket(closed), 0);
    WSAPOLLFD entries[3] = {{closed, POLLIN, 0}, {INVALID_SOCKET, POLLPRI, 0x77}, {s, POLLOUT, 0}};
    /* [test:wine/ws2_32/sock.c WSAPoll] */
    CHECK_EQ(WSAPoll(entries, 3, -1), 1);
    CHECK_EQ(entries[0].revents, POLLNVAL);
    CHECK_EQ(entries[1].revents, POLLNVAL);
    CHECK_EQ(entries[2].revents, POLLWRNORM);
    entries[0] = entries[2];
    CHECK_FAILS(WSAPoll(entries, 3, 0), WSAEINVAL);
    CHECK_EQ(closesocket(s), 0);
}

TEST(poll__connected_pair__data_end_and_reset)
{
    SOCKET client, server;
    LINGER hard = {1, 0};
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(poll_one(client, POLLIN, 0), 0);
    CHECK_EQ(poll_one(client, POLLIN | POLLOUT, 0), POLLWRNORM);
    send_all(server, "x", 1);
    CHECK_EQ(poll_one(client, POLLIN, -1), POLLRDNORM);
    CHECK_EQ(poll_one(client, POLLIN | POLLOUT, -1), POLLRDNORM | POLLWRNORM);
    CHECK_EQ(recv(client, &byte, 1, 0), 1);
    CHECK_EQ(shutdown(server, SD_SEND), 0);
    CHECK_EQ(poll_one(client, POLLIN, -1) & POLLHUP, POLLHUP);
    CHECK_EQ(poll_one(client, 0, -1) & POLLHUP, POLLHUP); /* not asked for */
    CHECK_EQ(setsockopt(server, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard), 0);
    CHECK_EQ(closesocket(server), 0);
    for (int i = 0; i < 5000 && (poll_one(client, POLLIN, 0) & POLLERR) == 0; i++)
        Sleep(1);
    CHECK_EQ(poll_one(client, POLLIN, -1) & (POLLERR | POLLHUP), POLLERR | POLLHUP);
    CHECK_EQ(closesocket(client), 0);
}

TEST(poll__listener__is_readable_when_a_connection_waits)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a), client = stream_socket();
    CHECK_EQ(poll_one(listener, POLLIN, 0), 0);
    CHECK_EQ(connect(client, NAME(a)), 0);
    CHECK_EQ(poll_one(listener, POLLIN, -1), POLLRDNORM);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(poll__non_blocking_connect__tells_success_and_failure)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a), good = stream_socket(), bad = stream_socket();
    set_nonblocking(good);
    set_nonblocking(bad);
    CHECK_FAILS(connect(good, NAME(a)), WSAEWOULDBLOCK);
    CHECK_EQ(poll_one(good, POLLOUT, -1), POLLWRNORM);
    CHECK_EQ(closesocket(listener), 0);
    CHECK_FAILS(connect(bad, NAME(a)), WSAEWOULDBLOCK);
    CHECK_EQ(poll_one(bad, POLLOUT, -1), POLLERR | POLLHUP | POLLWRNORM);
    CHECK_EQ(poll_one(bad, POLLIN, -1), POLLERR | POLLHUP);
    CHECK_EQ(closesocket(good), 0);
    CHECK_EQ(closesocket(bad), 0);
}

TEST(poll__time_passes__returns_zero)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET s = bound_datagram(&a);
    WSAPOLLFD entry = {s, POLLIN, (SHORT)0xdead};
    CHECK_EQ(WSAPoll(&entry, 1, 10), 0);
    CHECK_EQ(entry.revents, 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST(poll__out_of_band__is_band_data)
{
    SOCKET client, server;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(send(client, "!", 1, MSG_OOB), 1);
    CHECK_EQ(poll_one(server, POLLRDBAND, -1), POLLRDBAND);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(poll__many__finds_those_that_are_ready)
{
    enum { COUNT = 500 };
    static WSAPOLLFD entries[COUNT];
    struct sockaddr_in a, last = {0};
    start_winsock();
    for (int i = 0; i < COUNT; i++) {
        entries[i].fd = bound_datagram(&a);
        entries[i].events = i % 100 == 0 ? POLLIN | POLLOUT : POLLIN;
        if (i == 333)
            last = a;
    }
    CHECK_EQ(sendto(entries[0].fd, "x", 1, 0, NAME(last)), 1);
    wait_readable(entries[333].fd);
    CHECK_EQ(WSAPoll(entries, COUNT, -1), 6);
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQ(entries[i].revents, i == 333 ? POLLRDNORM : i % 100 == 0 ? POLLWRNORM : 0);
        CHECK_EQ(closesocket(entries[i].fd), 0);
    }
}

enum { TWICE = 100 };
static SOCKET twice_sender;
static struct sockaddr_in twice_target;

static DWORD send_when_waiting(void *context)
{
    (void)context;
    wait_until_pending(1);
    return sendto(twice_sender, "x", 1, 0, NAME(twice_target)) == 1 ? 0 : 1;
}

/* A driver above may hold the poll until there is something to tell at once. [test:wine/ws2_32/afd.c poll] */
TEST(poll__many_sockets_twice__tells_once_if_it_has_waited_else_in_both)
{
    static WSAPOLLFD entries[2 * TWICE];
    struct sockaddr_in a;
    start_winsock();
    twice_sender = bound_datagram(&a);
    for (int i = 0; i < TWICE; i++) {
        entries[i].fd = entries[TWICE + i].fd = bound_datagram(&a);
        entries[i].events = entries[TWICE + i].events = POLLRDNORM;
        if (i == 70)
            twice_target = a;
    }
    HANDLE thread = start_thread(send_when_waiting, NULL);
    int told = WSAPoll(entries, 2 * TWICE, -1);
    CHECK(told == 1 || told == 2);
    CHECK_EQ(join_thread(thread), 0);
    for (int i = 0; i < 2 * TWICE; i++)
        CHECK_EQ(entries[i].revents, i == 70 || (told == 2 && i == TWICE + 70) ? POLLRDNORM : 0);
    CHECK_EQ(WSAPoll(entries, 2 * TWICE, -1), 2);
    for (int i = 0; i < 2 * TWICE; i++)
        CHECK_EQ(entries[i].revents, i % TWICE == 70 ? POLLRDNORM : 0);
    for (int i = 0; i < TWICE; i++)
        CHECK_EQ(closesocket(entries[i].fd), 0);
    CHECK_EQ(closesocket(twice_sender), 0);
}

/* --- many polls in turn: what was learnt from some must not lose the events of others --- */

enum { POLLED = 80, ROUNDS = 60 };

struct poll_round {
    SOCKET clients[POLLED], servers[POLLED];
    HANDLE begin; /* auto-reset: the other thread sends */
};

/* Mostly one socket has data, and again and again some more. */
static LONG ready_in(int round)
{
    return round % 7 == 6 ? 3 : 1;
}

static DWORD send_in_rounds(void *context)
{
    struct poll_round *all = context;
    for (int round = 0; round < ROUNDS; round++) {
        if (WaitForSingleObject(all->begin, 10000) != WAIT_OBJECT_0)
            return 1;
        for (LONG i = 0; i < ready_in(round); i++)
            if (send(all->servers[(round * 13 + i * 29) % POLLED], "x", 1, 0) != 1)
                return 2;
    }
    return 0;
}

TEST(polls__one_socket_in_most_of_them_and_more_in_some__each_byte_is_told_of)
{
    static struct poll_round all;
    static WSAPOLLFD polled[POLLED];
    start_winsock();
    for (int i = 0; i < POLLED; i++) {
        stream_pair(&all.clients[i], &all.servers[i]);
        polled[i].fd = all.clients[i];
        polled[i].events = POLLRDNORM;
    }
    all.begin = CreateEventA(NULL, FALSE, FALSE, NULL);
    HANDLE thread = start_thread(send_in_rounds, &all);
    for (int round = 0; round < ROUNDS; round++) {
        LONG got = 0;
        CHECK(SetEvent(all.begin));
        while (got < ready_in(round)) {
            int told = WSAPoll(polled, POLLED, 5000), found = 0;
            REQUIRE(told > 0);
            for (int i = 0; i < POLLED; i++) {
                char byte;
                if (polled[i].revents == 0)
                    continue;
                CHECK_EQ(polled[i].revents, POLLRDNORM);
                REQUIRE_EQ(recv(all.clients[i], &byte, 1, 0), 1);
                found++;
            }
            CHECK_EQ(found, told);
            got += found;
        }
        CHECK_EQ(got, ready_in(round));
        CHECK_EQ(WSAPoll(polled, POLLED, 0), 0);
    }
    CHECK_EQ(join_thread(thread), 0);
    for (int i = 0; i < POLLED; i++) {
        CHECK_EQ(closesocket(all.clients[i]), 0);
        CHECK_EQ(closesocket(all.servers[i]), 0);
    }
    CHECK(CloseHandle(all.begin));
}
