/* SPDX-License-Identifier: MIT */
/*
 * bad_pointer_test.c - pointers to nothing, to memory that cannot be written, and to too little of it.
 *
 * WSAEFAULT, wherever a pointer is needed. Pointers need no alignment: those rows succeed.
 */
#include "bad_input.h"

#include <mstcpip.h>
#include <mswsock.h>

static struct sockets at;
static struct sockaddr_in address;
static const int LENGTH = sizeof(struct sockaddr_in);
static char data[64];
static DWORD count, flags;

static struct sockaddr *target(void)
{
    address = loopback4(0);
    return (struct sockaddr *)&address;
}

static int *len(int value)
{
    static int length;
    length = value;
    return &length;
}

TEST(bad_input_pointer__addresses_in__fault)
{
    struct sockaddr_in any = loopback4(0), there;
    open_sockets(&at);
    there = at.listener_address;
    FAILS(bind(at.stream, NULL, LENGTH), WSAEFAULT);
    FAILS(bind(at.stream, NULL_PAGE, LENGTH), WSAEFAULT);
    FAILS(bind(at.stream, no_memory(), LENGTH), WSAEFAULT);
    FAILS(bind(at.stream, edge(LENGTH - 1), LENGTH), WSAEFAULT);
    FAILS(bind(at.stream, target(), LENGTH - 1), WSAEFAULT);
    FAILS(bind(at.stream, target(), 0), WSAEFAULT);
    FAILS(bind(at.stream, target(), -1), WSAEFAULT);
    GOOD(bind(at.datagram, unaligned(&any, LENGTH), LENGTH), 0);
    FAILS(connect(at.stream, NULL, LENGTH), WSAEFAULT);
    FAILS(connect(at.stream, NULL_PAGE, LENGTH), WSAEFAULT);
    FAILS(connect(at.stream, no_memory(), LENGTH), WSAEFAULT);
    FAILS(connect(at.stream, edge(1), LENGTH), WSAEFAULT);
    FAILS(connect(at.stream, target(), LENGTH - 1), WSAEFAULT);
    FAILS(connect(at.stream, target(), 1), WSAEFAULT);
    FAILS(connect(at.stream, target(), -1), WSAEFAULT);
    FAILS(connect(at.stream, target(), (int)0x80000000), WSAEFAULT);
    memcpy(edge(LENGTH - 1), &there, LENGTH - 1);
    FAILS(connect(at.stream, edge(LENGTH - 1), LENGTH), WSAEFAULT);
    FAILS(WSAConnect(at.stream, no_memory(), LENGTH, NULL, NULL, NULL, NULL), WSAEFAULT);
    FAILS(WSAConnect(at.stream, target(), LENGTH, NULL, no_memory(), NULL, NULL), WSAEFAULT);
    GOOD(connect(at.bound_stream, unaligned(&there, LENGTH), LENGTH), 0);
    close_sockets(&at);
}

TEST(bad_input_pointer__accept__fault_and_connection_stays)
{
    SOCKET peer, accepted = INVALID_SOCKET;
    open_sockets(&at);
    peer = stream_socket();
    REQUIRE_OK(connect(peer, (struct sockaddr *)&at.listener_address, LENGTH));
    wait_readable(at.listener);
    ROW(accept(at.listener, target(), NULL_PAGE), INVALID_SOCKET, WSAEFAULT);
    ROW(accept(at.listener, target(), no_memory()), INVALID_SOCKET, WSAEFAULT);
    ROW(accept(at.listener, target(), read_only()), INVALID_SOCKET, WSAEFAULT);
    ROW(accept(at.listener, target(), len(LENGTH - 1)), INVALID_SOCKET, WSAEFAULT);
    ROW(accept(at.listener, target(), len(0)), INVALID_SOCKET, WSAEFAULT);
    ROW(accept(at.listener, target(), len(-1)), INVALID_SOCKET, WSAEFAULT);
    ROW(accept(at.listener, NULL_PAGE, len(LENGTH)), INVALID_SOCKET, WSAEFAULT);
    ROW(accept(at.listener, no_memory(), len(LENGTH)), INVALID_SOCKET, WSAEFAULT);
    ROW(accept(at.listener, read_only(), len(LENGTH)), INVALID_SOCKET, WSAEFAULT);
    ROW(accept(at.listener, edge(LENGTH - 1), len(LENGTH)), INVALID_SOCKET, WSAEFAULT);
    ROW(WSAAccept(at.listener, no_memory(), len(LENGTH), NULL, 0), INVALID_SOCKET, WSAEFAULT);
    accepted = accept(at.listener, edge(LENGTH), len(LENGTH));
    CHECK(accepted != INVALID_SOCKET);
    CHECK_EQ(closesocket(accepted), 0);
    CHECK_EQ(closesocket(peer), 0);
    close_sockets(&at);
}

TEST(bad_input_pointer__names__fault)
{
    open_sockets(&at);
    for (int peer = 0; peer < 2; peer++) {
        int (*name)(SOCKET, struct sockaddr *, int *) = peer ? getpeername : getsockname;
        FAILS(name(at.client, NULL, len(LENGTH)), WSAEFAULT);
        FAILS(name(at.client, NULL_PAGE, len(LENGTH)), WSAEFAULT);
        FAILS(name(at.client, no_memory(), len(LENGTH)), WSAEFAULT);
        FAILS(name(at.client, read_only(), len(LENGTH)), WSAEFAULT);
        FAILS(name(at.client, edge(LENGTH - 1), len(LENGTH)), WSAEFAULT);
        FAILS(name(at.client, target(), NULL), WSAEFAULT);
        FAILS(name(at.client, target(), NULL_PAGE), WSAEFAULT);
        FAILS(name(at.client, target(), no_memory()), WSAEFAULT);
        FAILS(name(at.client, target(), read_only()), WSAEFAULT);
        FAILS(name(at.client, target(), len(LENGTH - 1)), WSAEFAULT);
        FAILS(name(at.client, target(), len(0)), WSAEFAULT);
        FAILS(name(at.client, target(), len(-1)), WSAEFAULT);
        FAILS(name(at.client, target(), len((int)0x80000000)), WSAEFAULT);
        GOOD(name(at.client, edge(LENGTH), len(0x7FFFFFFF)), 0);
        GOOD(name(at.client, unaligned(data, 32), unaligned(len(32), 4)), 0);
    }
    close_sockets(&at);
}

TEST(bad_input_pointer__send__fault)
{
    WSABUF good = {1, data}, null = {1, NULL}, wild = {1, no_memory()};
    WSABUF wide = {0xFFFFFFFF, data};
    open_sockets(&at);
    FAILS(send(at.client, NULL, 1, 0), WSAEFAULT);
    FAILS(send(at.client, NULL_PAGE, 1, 0), WSAEFAULT);
    FAILS(send(at.client, no_memory(), 1, 0), WSAEFAULT);
    FAILS(send(at.client, edge(10), 20, 0), WSAEFAULT);
    FAILS(send(at.client, data, -1, 0), WSAEFAULT);
    FAILS(send(at.client, data, (int)0x80000000, 0), WSAEFAULT);
    GOOD(send(at.client, NULL, 0, 0), 0);
    FAILS(WSASend(at.client, NULL, 1, &count, 0, NULL, NULL), WSAEFAULT);
    FAILS(WSASend(at.client, NULL_PAGE, 1, &count, 0, NULL, NULL), WSAEFAULT);
    FAILS(WSASend(at.client, no_memory(), 1, &count, 0, NULL, NULL), WSAEFAULT);
    FAILS(WSASend(at.client, edge(sizeof(WSABUF) - 1), 1, &count, 0, NULL, NULL), WSAEFAULT);
    /* more than AFD takes, before it looks at them [guess] */
    FAILS(WSASend(at.client, edge(sizeof(WSABUF)), 0x10001, &count, 0, NULL, NULL), WSAENOBUFS);
    FAILS(WSASend(at.client, edge(sizeof(WSABUF)), 2, &count, 0, NULL, NULL), WSAEFAULT);
    FAILS(WSASend(at.client, &null, 1, &count, 0, NULL, NULL), WSAEFAULT);
    FAILS(WSASend(at.client, &wild, 1, &count, 0, NULL, NULL), WSAEFAULT);
    FAILS(WSASend(at.client, &good, 0, &count, 0, NULL, NULL), WSAEINVAL);
    FAILS(WSASend(at.client, &good, 1, NULL, 0, NULL, NULL), WSAEFAULT);
    FAILS(WSASend(at.client, &good, 1, NULL_PAGE, 0, NULL, NULL), WSAEFAULT);
    FAILS(WSASend(at.client, &good, 1, no_memory(), 0, NULL, NULL), WSAEFAULT);
    FAILS(WSASend(at.client, &good, 1, read_only(), 0, NULL, NULL), WSAEFAULT);
    FAILS(WSASend(at.client, &good, 1, &count, 0, NULL_PAGE, NULL), WSAEFAULT);
    FAILS(WSASend(at.client, &good, 1, &count, 0, no_memory(), NULL), WSAEFAULT);
    FAILS(WSASend(at.client, &good, 1, &count, 0, edge(sizeof(WSAOVERLAPPED) - 1), NULL), WSAEFAULT);
    FAILS(WSASendTo(at.bound, &wide, 1, &count, 0, (struct sockaddr *)&at.bound_address, LENGTH, NULL, NULL),
        WSAEMSGSIZE);
    FAILS(WSASendMsg(at.bound, NULL, 0, &count, NULL, NULL), WSAEFAULT);
    FAILS(WSASendMsg(at.bound, no_memory(), 0, &count, NULL, NULL), WSAEFAULT);
    FAILS(WSASendDisconnect(at.client, no_memory()), WSAEFAULT);
    FAILS(WSARecvDisconnect(at.client, no_memory()), WSAEFAULT);
    GOOD(WSASend(at.client, unaligned(&good, sizeof good), 1, unaligned(&count, 4), 0, NULL, NULL), 0);
    wait_readable(at.server);
    GOOD(recv(at.server, data, sizeof data, 0), 1); /* nothing of the others was sent */
    close_sockets(&at);
}

/* At once and before the state, also where a driver above AFD holds requests back. [guess] */
TEST(bad_input_pointer__array_of_an_overlapped_request__found_at_once)
{
    WSAOVERLAPPED overlapped = {0};
    open_sockets(&at);
    flags = 0;
    FAILS(WSASend(at.stream, no_memory(), 1, &count, 0, &overlapped, NULL), WSAEFAULT);
    FAILS(WSARecv(at.stream, no_memory(), 1, &count, &flags, &overlapped, NULL), WSAEFAULT);
    FAILS(WSASend(at.client, no_memory(), 1, &count, 0, &overlapped, NULL), WSAEFAULT);
    FAILS(WSARecv(at.client, no_memory(), 1, &count, &flags, &overlapped, NULL), WSAEFAULT);
    FAILS(WSARecv(at.client, edge(sizeof(WSABUF)), 2, &count, &flags, &overlapped, NULL), WSAEFAULT);
    FAILS(WSARecvFrom(at.bound, no_memory(), 1, &count, &flags, NULL, NULL, &overlapped, NULL), WSAEFAULT);
    close_sockets(&at);
}

TEST(bad_input_pointer__send_to__fault)
{
    struct sockaddr_in to;
    open_sockets(&at);
    to = at.bound_address;
    FAILS(sendto(at.datagram, data, 1, 0, NULL, 0), WSAENOTCONN);
    FAILS(sendto(at.datagram, data, 1, 0, NULL_PAGE, LENGTH), WSAEFAULT);
    FAILS(sendto(at.datagram, data, 1, 0, no_memory(), LENGTH), WSAEFAULT);
    FAILS(sendto(at.datagram, data, 1, 0, edge(LENGTH - 1), LENGTH), WSAEFAULT);
    FAILS(sendto(at.datagram, data, 1, 0, (struct sockaddr *)&to, LENGTH - 1), WSAEFAULT);
    FAILS(sendto(at.datagram, data, 1, 0, (struct sockaddr *)&to, 0), WSAEFAULT);
    FAILS(sendto(at.datagram, data, 1, 0, (struct sockaddr *)&to, -1), WSAEFAULT);
    FAILS(sendto(at.datagram, data, -1, 0, (struct sockaddr *)&to, LENGTH), WSAEFAULT);
    FAILS(sendto(at.datagram, NULL, 1, 0, (struct sockaddr *)&to, LENGTH), WSAEFAULT);
    FAILS(sendto(at.datagram, no_memory(), 1, 0, (struct sockaddr *)&to, LENGTH), WSAEFAULT);
    GOOD(sendto(at.datagram, data, 1, 0, unaligned(&to, LENGTH), LENGTH), 1);
    close_sockets(&at);
}

static WSABUF buffer(char *base, ULONG bytes)
{
    WSABUF made = {bytes, base};
    return made;
}

TEST(bad_input_pointer__receive__fault)
{
    WSABUF good = buffer(data, sizeof data), null = buffer(NULL, 1), wild = buffer(no_memory(), 1);
    open_sockets(&at);
    send_all(at.client, "abc", 3);
    wait_readable(at.server);
    flags = 0;
    FAILS(recv(at.server, NULL, 1, 0), WSAEFAULT);
    FAILS(recv(at.server, NULL_PAGE, 1, 0), WSAEFAULT);
    FAILS(recv(at.server, no_memory(), 1, 0), WSAEFAULT);
    FAILS(recv(at.server, read_only(), 3, 0), WSAEFAULT);
    FAILS(recv(at.server, data, -1, 0), WSAEFAULT);
    FAILS(WSARecv(at.server, NULL, 1, &count, &flags, NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, NULL_PAGE, 1, &count, &flags, NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, no_memory(), 1, &count, &flags, NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, edge(sizeof(WSABUF)), 0x10001, &count, &flags, NULL, NULL), WSAENOBUFS);
    FAILS(WSARecv(at.server, edge(sizeof(WSABUF)), 2, &count, &flags, NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, &null, 1, &count, &flags, NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, &wild, 1, &count, &flags, NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, &good, 0, &count, &flags, NULL, NULL), WSAEINVAL);
    FAILS(WSARecv(at.server, &good, 1, NULL, &flags, NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, &good, 1, no_memory(), &flags, NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, &good, 1, read_only(), &flags, NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, &good, 1, &count, NULL, NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, &good, 1, &count, NULL_PAGE, NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, &good, 1, &count, no_memory(), NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, &good, 1, &count, read_only(), NULL, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, &good, 1, &count, &flags, NULL_PAGE, NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, &good, 1, &count, &flags, no_memory(), NULL), WSAEFAULT);
    FAILS(WSARecv(at.server, &good, 1, &count, &flags, read_only(), NULL), WSAEFAULT);
    GOOD(WSARecv(at.server, &good, 1, unaligned(&count, 4), unaligned(&flags, 4), NULL, NULL), 0);
    send_all(at.client, "abc", 3);
    wait_readable(at.server);
    GOOD(WSARecv(at.server, unaligned(&good, sizeof good), 1, &count, &flags, NULL, NULL), 0);
    CHECK_EQ(count, 3); /* none of the others has taken anything */
    close_sockets(&at);
}

TEST(bad_input_pointer__receive_from__fault)
{
    open_sockets(&at);
    REQUIRE_EQ(sendto(at.bound, data, 3, 0, (struct sockaddr *)&at.bound_address, LENGTH), 3);
    wait_readable(at.bound);
    FAILS(recvfrom(at.bound, data, sizeof data, 0, target(), NULL), WSAEFAULT);
    FAILS(recvfrom(at.bound, data, sizeof data, 0, target(), NULL_PAGE), WSAEFAULT);
    FAILS(recvfrom(at.bound, data, sizeof data, 0, target(), no_memory()), WSAEFAULT);
    FAILS(recvfrom(at.bound, data, sizeof data, 0, target(), len(LENGTH - 1)), WSAEFAULT);
    FAILS(recvfrom(at.bound, data, sizeof data, 0, target(), len(0)), WSAEFAULT);
    FAILS(recvfrom(at.bound, data, sizeof data, 0, target(), len(-1)), WSAEFAULT);
    FAILS(recvfrom(at.bound, data, sizeof data, 0, NULL_PAGE, len(LENGTH)), WSAEFAULT);
    FAILS(recvfrom(at.bound, data, sizeof data, 0, no_memory(), len(LENGTH)), WSAEFAULT);
    FAILS(recvfrom(at.bound, data, sizeof data, 0, read_only(), len(LENGTH)), WSAEFAULT);
    FAILS(recvfrom(at.bound, data, sizeof data, 0, edge(LENGTH - 1), len(LENGTH)), WSAEFAULT);
    FAILS(recvfrom(at.bound, NULL, 1, 0, target(), len(LENGTH)), WSAEFAULT);
    FAILS(recvfrom(at.bound, data, -1, 0, target(), len(LENGTH)), WSAEFAULT);
    GOOD(recvfrom(at.bound, data, sizeof data, 0, unaligned(data, 32), unaligned(len(32), 4)), 3);
    close_sockets(&at);
}

TEST(bad_input_pointer__select_and_poll__fault)
{
    static const struct timeval now;
    fd_set set, *short_set = edge(offsetof(fd_set, fd_array) + 2 * sizeof(SOCKET));
    WSAPOLLFD *entries = edge(sizeof *entries);
    open_sockets(&at);
    FD_ZERO(&set);
    FD_SET(at.server, &set);
    FAILS(select(0, NULL_PAGE, NULL, NULL, &now), WSAEFAULT);
    FAILS(select(0, no_memory(), NULL, NULL, &now), WSAEFAULT);
    FAILS(select(0, NULL, no_memory(), NULL, &now), WSAEFAULT);
    FAILS(select(0, NULL, NULL, no_memory(), &now), WSAEFAULT);
    FAILS(select(0, &set, no_memory(), NULL, &now), WSAEFAULT);
    FAILS(select(0, read_only(), NULL, NULL, &now), WSAEFAULT);
    FAILS(select(0, &set, NULL, NULL, NULL_PAGE), WSAEFAULT);
    FAILS(select(0, &set, NULL, NULL, no_memory()), WSAEFAULT);
    FAILS(select(0, &set, NULL, NULL, edge(sizeof now - 1)), WSAEFAULT);
    short_set->fd_array[0] = short_set->fd_array[1] = at.server;
    short_set->fd_count = 3;
    FAILS(select(0, short_set, NULL, NULL, &now), WSAEFAULT);
    short_set->fd_count = 0xFFFFFFFF;
    FAILS(select(0, short_set, NULL, NULL, &now), WSAEFAULT);
    short_set->fd_count = 2;
    GOOD(select(0, short_set, NULL, NULL, &now), 0);
    GOOD(__WSAFDIsSet(at.server, NULL), FALSE);
    FAILS(WSAPoll(NULL, 1, 0), WSAEFAULT);
    FAILS(WSAPoll(NULL_PAGE, 1, 0), WSAEFAULT);
    FAILS(WSAPoll(no_memory(), 1, 0), WSAEFAULT);
    FAILS(WSAPoll(read_only(), 1, 0), WSAEFAULT);
    entries->fd = at.server;
    entries->events = POLLIN;
    FAILS(WSAPoll(entries, 2, 0), WSAEFAULT);
    FAILS(WSAPoll(entries, 0xFFFFFFFF, 0), WSAEFAULT);
    GOOD(WSAPoll(entries, 1, 0), 0);
    close_sockets(&at);
}

/* A result of 0 or, with that last error, SOCKET_ERROR. */
static void expect(int result, int error)
{
    CHECK_EQ(result, error != 0 ? SOCKET_ERROR : 0);
    CHECK_EQ(WSAGetLastError(), error);
}

TEST(bad_input_pointer__options__fault)
{
    /* What a length of -1 and of 0 gives to setsockopt, and of -1 to getsockopt. */
    static const struct {
        int level, name, bytes, negative, zero, get_negative;
    } options[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 4, WSAENOBUFS, WSAEFAULT, WSAEFAULT},
        {SOL_SOCKET, SO_RCVBUF, 4, 0, WSAEFAULT, WSAEFAULT},
        {SOL_SOCKET, SO_RCVTIMEO, 4, 0, WSAEFAULT, WSAEFAULT},
        {SOL_SOCKET, SO_LINGER, 4, 0, WSAEFAULT, WSAEFAULT},
        {SOL_SOCKET, SO_REUSEADDR, 4, 0, 0, WSAEFAULT},
        {IPPROTO_TCP, TCP_NODELAY, 4, WSAENOBUFS, WSAEFAULT, WSAEFAULT},
        {IPPROTO_IP, IP_TTL, 4, WSAENOBUFS, WSAEFAULT, WSAEFAULT},
        {SOL_SOCKET, SO_OPENTYPE, 4, 0, WSAEFAULT, 0},
    };
    open_sockets(&at);
    for (unsigned i = 0; i < sizeof options / sizeof *options; i++) {
        int level = options[i].level, name = options[i].name, bytes = options[i].bytes;
        FAILS(setsockopt(at.stream, level, name, NULL, bytes), WSAEFAULT);
        FAILS(setsockopt(at.stream, level, name, NULL_PAGE, bytes), WSAEFAULT);
        FAILS(setsockopt(at.stream, level, name, no_memory(), bytes), WSAEFAULT);
        FAILS(setsockopt(at.stream, level, name, edge(3), bytes), WSAEFAULT);
        expect(setsockopt(at.stream, level, name, data, -1), options[i].negative);
        expect(setsockopt(at.stream, level, name, data, 0), options[i].zero);
        FAILS(getsockopt(at.stream, level, name, NULL, len(bytes)), WSAEFAULT);
        FAILS(getsockopt(at.stream, level, name, NULL_PAGE, len(bytes)), WSAEFAULT);
        FAILS(getsockopt(at.stream, level, name, no_memory(), len(bytes)), WSAEFAULT);
        FAILS(getsockopt(at.stream, level, name, read_only(), len(bytes)), WSAEFAULT);
        FAILS(getsockopt(at.stream, level, name, data, NULL), WSAEFAULT);
        FAILS(getsockopt(at.stream, level, name, data, NULL_PAGE), WSAEFAULT);
        FAILS(getsockopt(at.stream, level, name, data, no_memory()), WSAEFAULT);
        FAILS(getsockopt(at.stream, level, name, data, read_only()), WSAEFAULT);
        FAILS(getsockopt(at.stream, level, name, data, len(0)), WSAEFAULT);
        expect(getsockopt(at.stream, level, name, data, len(-1)), options[i].get_negative);
        GOOD(getsockopt(at.stream, level, name, edge((unsigned)bytes), len(bytes)), 0);
        GOOD(getsockopt(at.stream, level, name, unaligned(data, 8), unaligned(len(8), 4)), 0);
        GOOD(getsockopt(at.stream, level, name, data, len(0x7FFFFFFF)), 0);
    }
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, NULL, sizeof(SOCKET)), WSAEFAULT);
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, no_memory(), sizeof(SOCKET)), WSAEFAULT);
    FAILS(getsockopt(at.stream, SOL_SOCKET, SO_PROTOCOL_INFOW, no_memory(), len(sizeof(WSAPROTOCOL_INFOW))),
        WSAEFAULT);
    FAILS(getsockopt(at.stream, SOL_SOCKET, SO_PROTOCOL_INFOA, data, len(sizeof data)), WSAEFAULT);
    FAILS(getsockopt(at.stream, SOL_SOCKET, SO_ERROR, no_memory(), len(4)), WSAEFAULT);
    FAILS(getsockopt(at.stream, SOL_SOCKET, SO_BSP_STATE, no_memory(), len(1024)), WSAEFAULT);
    close_sockets(&at);
}

TEST(bad_input_pointer__ioctls__fault)
{
    static GUID guid = WSAID_ACCEPTEX;
    struct tcp_keepalive keep = {0, 0, 0};
    open_sockets(&at);
    FAILS(ioctlsocket(at.stream, FIONBIO, (u_long *)NULL), WSAEFAULT);
    FAILS(ioctlsocket(at.stream, FIONBIO, (u_long *)NULL_PAGE), WSAEFAULT);
    FAILS(ioctlsocket(at.stream, FIONBIO, (u_long *)no_memory()), WSAEFAULT);
    FAILS(ioctlsocket(at.client, FIONREAD, (u_long *)NULL), WSAEFAULT);
    FAILS(ioctlsocket(at.client, FIONREAD, (u_long *)no_memory()), WSAEFAULT);
    FAILS(ioctlsocket(at.client, FIONREAD, (u_long *)read_only()), WSAEFAULT);
    FAILS(ioctlsocket(at.client, SIOCATMARK, (u_long *)no_memory()), WSAEFAULT);
    GOOD(ioctlsocket(at.client, FIONREAD, (u_long *)unaligned(&flags, 4)), 0);
    FAILS(WSAIoctl(at.client, FIONBIO, NULL, 4, NULL, 0, &count, NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, FIONBIO, &flags, 3, NULL, 0, &count, NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, FIONBIO, no_memory(), 4, NULL, 0, &count, NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, FIONREAD, NULL, 0, NULL, 4, &count, NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, FIONREAD, NULL, 0, &flags, 3, &count, NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, FIONREAD, NULL, 0, no_memory(), 4, &count, NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, FIONREAD, NULL, 0, &flags, 4, NULL, NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, FIONREAD, NULL, 0, &flags, 4, NULL_PAGE, NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, FIONREAD, NULL, 0, &flags, 4, no_memory(), NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, FIONREAD, NULL, 0, &flags, 4, read_only(), NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, SIO_KEEPALIVE_VALS, &keep, sizeof keep - 1, NULL, 0, &count, NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, SIO_KEEPALIVE_VALS, no_memory(), sizeof keep, NULL, 0, &count, NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid - 1, data, 8, &count, NULL, NULL),
        WSAEFAULT);
    FAILS(WSAIoctl(at.client, SIO_GET_EXTENSION_FUNCTION_POINTER, no_memory(), sizeof guid, data, 8, &count, NULL,
              NULL),
        WSAEFAULT);
    FAILS(WSAIoctl(at.client, SIO_BASE_HANDLE, NULL, 0, no_memory(), sizeof(SOCKET), &count, NULL, NULL), WSAEFAULT);
    FAILS(WSAIoctl(at.client, SIO_BASE_HANDLE, NULL, 0, data, sizeof(SOCKET) - 1, &count, NULL, NULL), WSAEFAULT);
    close_sockets(&at);
}

TEST(bad_input_pointer__events_and_results__fault)
{
    static WSAOVERLAPPED overlapped;
    u_short small;
    open_sockets(&at);
    FAILS(WSAEnumNetworkEvents(at.client, NULL, NULL), WSAEFAULT);
    FAILS(WSAEnumNetworkEvents(at.client, NULL, NULL_PAGE), WSAEFAULT);
    FAILS(WSAEnumNetworkEvents(at.client, NULL, no_memory()), WSAEFAULT);
    FAILS(WSAEnumNetworkEvents(at.client, NULL, read_only()), WSAEFAULT);
    FAILS(WSAEnumNetworkEvents(at.client, NULL, edge(sizeof(WSANETWORKEVENTS) - 1)), WSAEFAULT);
    GOOD(WSAEnumNetworkEvents(at.client, NULL, edge(sizeof(WSANETWORKEVENTS))), 0);
    ROW(WSAGetOverlappedResult(at.client, NULL, &count, FALSE, &flags), FALSE, WSAEFAULT);
    ROW(WSAGetOverlappedResult(at.client, no_memory(), &count, FALSE, &flags), FALSE, WSAEFAULT);
    ROW(WSAGetOverlappedResult(at.client, &overlapped, NULL, FALSE, &flags), FALSE, WSAEFAULT);
    ROW(WSAGetOverlappedResult(at.client, &overlapped, no_memory(), FALSE, &flags), FALSE, WSAEFAULT);
    ROW(WSAGetOverlappedResult(at.client, &overlapped, &count, FALSE, no_memory()), FALSE, WSAEFAULT);
    ROW(WSAGetOverlappedResult(at.client, &overlapped, &count, FALSE, read_only()), FALSE, WSAEFAULT);
    FAILS(WSARecvEx(at.server, data, 1, NULL), WSAEFAULT);
    FAILS(WSARecvEx(at.server, data, 1, no_memory()), WSAEFAULT);
    FAILS(WSARecvEx(at.server, data, -1, (int *)&flags), WSAEFAULT);
    FAILS(WSAHtonl(at.client, 1, NULL), WSAEFAULT);
    FAILS(WSAHtonl(at.client, 1, no_memory()), WSAEFAULT);
    FAILS(WSAHtons(at.client, 1, NULL), WSAEFAULT);
    FAILS(WSAHtons(at.client, 1, read_only()), WSAEFAULT);
    FAILS(WSANtohl(at.client, 1, no_memory()), WSAEFAULT);
    FAILS(WSANtohs(at.client, 1, no_memory()), WSAEFAULT);
    GOOD(WSANtohs(at.client, 1, &small), 0);
    FAILS(WSADuplicateSocketW(at.client, GetCurrentProcessId(), NULL), WSAEFAULT);
    FAILS(WSADuplicateSocketW(at.client, GetCurrentProcessId(), no_memory()), WSAEFAULT);
    FAILS(WSADuplicateSocketW(at.client, GetCurrentProcessId(), read_only()), WSAEFAULT);
    FAILS(WSADuplicateSocketA(at.client, GetCurrentProcessId(), NULL), WSAEFAULT);
    FAILS(WSADuplicateSocketA(at.client, GetCurrentProcessId(), no_memory()), WSAEFAULT);
    FAILS(WSADuplicateSocketA(at.client, GetCurrentProcessId(), read_only()), WSAEFAULT);
    FAILS(WSADuplicateSocketW(at.client, 4, no_memory()), WSAEINVAL);
    ROW(WSASocketW(AF_INET, SOCK_STREAM, 0, no_memory(), 0, 0), INVALID_SOCKET, WSAEFAULT);
    ROW(WSASocketA(AF_INET, SOCK_STREAM, 0, no_memory(), 0, 0), INVALID_SOCKET, WSAEFAULT);
    ROW(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL_PAGE, 0, 0), INVALID_SOCKET, WSAEFAULT);
    close_sockets(&at);
}

TEST(bad_input_pointer__connect_to_lists__fault)
{
    SOCKET_ADDRESS_LIST *list = edge(sizeof *list);
    open_sockets(&at);
    ROW(WSAConnectByList(at.stream, NULL, NULL, NULL, NULL, NULL, NULL, NULL), FALSE, WSAEINVAL);
    ROW(WSAConnectByList(at.stream, no_memory(), NULL, NULL, NULL, NULL, NULL, NULL), FALSE, WSAEFAULT);
    list->iAddressCount = 0;
    ROW(WSAConnectByList(at.stream, list, NULL, NULL, NULL, NULL, NULL, NULL), FALSE, WSAEINVAL);
    list->iAddressCount = -1;
    ROW(WSAConnectByList(at.stream, list, NULL, NULL, NULL, NULL, NULL, NULL), FALSE, WSAEINVAL);
    list->iAddressCount = 0x7FFFFFFF;
    ROW(WSAConnectByList(at.stream, list, NULL, NULL, NULL, NULL, NULL, NULL), FALSE, WSAEFAULT);
    list->iAddressCount = 1;
    list->Address[0].iSockaddrLength = LENGTH;
    list->Address[0].lpSockaddr = no_memory();
    ROW(WSAConnectByList(at.stream, list, NULL, NULL, NULL, NULL, NULL, NULL), FALSE, WSAEFAULT);
    list->Address[0].lpSockaddr = NULL;
    ROW(WSAConnectByList(at.stream, list, NULL, NULL, NULL, NULL, NULL, NULL), FALSE, WSAEFAULT);
    ROW(WSAConnectByNameA(at.stream, NULL, "1", NULL, NULL, NULL, NULL, NULL, NULL), FALSE, WSAEINVAL);
    ROW(WSAConnectByNameA(at.stream, "127.0.0.1", NULL, NULL, NULL, NULL, NULL, NULL, NULL), FALSE, WSAEINVAL);
    ROW(WSAConnectByNameA(at.stream, no_memory(), "1", NULL, NULL, NULL, NULL, NULL, NULL), FALSE, WSAEFAULT);
    ROW(WSAConnectByNameW(at.stream, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), FALSE, WSAEINVAL);
    ROW(WSAConnectByNameW(at.stream, no_memory(), no_memory(), NULL, NULL, NULL, NULL, NULL, NULL), FALSE, WSAEFAULT);
    close_sockets(&at);
}
