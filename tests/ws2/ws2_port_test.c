/* SPDX-License-Identifier: MIT */
/*
 * ws2_port_test.c - sockets at a completion port: which calls send packets, and what is in them.
 * [doc:ioapiset/getqueuedcompletionstatus] [obs:wine/sock completion_port]
 */
#include "ws2_ex_test.h"

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)

enum { KEY = 125 };

typedef struct PACKET {
    DWORD bytes, error;
    ULONG_PTR key;
    LPOVERLAPPED overlapped;
} PACKET;

static HANDLE port_of(SOCKET s, HANDLE port)
{
    port = CreateIoCompletionPort((HANDLE)s, port, KEY, 0);
    REQUIRE(port != NULL);
    return port;
}

/* The next packet within a time; FALSE: none. */
static BOOL next_packet(HANDLE port, DWORD wait_ms, PACKET *ret_packet)
{
    memset(ret_packet, 0, sizeof *ret_packet);
    SetLastError(0);
    BOOL ok = GetQueuedCompletionStatus(
        port, &ret_packet->bytes, &ret_packet->key, &ret_packet->overlapped, wait_ms);
    ret_packet->error = ok ? 0 : GetLastError();
    return ret_packet->overlapped != NULL;
}

static void expect_packet(HANDLE port, const WSAOVERLAPPED *o, DWORD error, DWORD bytes)
{
    PACKET packet;
    REQUIRE(next_packet(port, 15000, &packet));
    CHECK(packet.overlapped == o);
    CHECK_EQ(packet.key, KEY);
    CHECK_EQ(packet.error, error);
    CHECK_EQ(packet.bytes, bytes);
}

static void expect_none(HANDLE port)
{
    PACKET packet;
    CHECK(!next_packet(port, 0, &packet));
    CHECK_EQ(packet.error, WAIT_TIMEOUT);
}

TEST(port__send_and_receive__each_sends_a_packet)
{
    PAIR p;
    char text[8], other[8];
    WSABUF in = {8, text}, out = {3, "abc"};
    WSAOVERLAPPED receive = {0}, send_it = {0};
    pair_open(&p);
    HANDLE port = port_of(p.client, NULL);
    CHECK_FAILS(WSARecv(p.client, &in, 1, NULL, &p.flags, &receive, NULL), WSA_IO_PENDING);
    int result = WSASend(p.client, &out, 1, NULL, 0, &send_it, NULL);
    CHECK(result == 0 || WSAGetLastError() == WSA_IO_PENDING);
    expect_packet(port, &send_it, 0, 3); /* success at once, and the packet still comes */
    receive_all(p.server, other, 3);
    send_all(p.server, "12345", 5);
    expect_packet(port, &receive, 0, 5);
    expect_none(port);
    CHECK(CloseHandle(port));
    pair_close(&p);
}

TEST(port__calls_that_wait__send_none)
{
    struct sockaddr_in a;
    char byte;
    u_long value;
    start_winsock();
    SOCKET listener = listener4(&a), client = stream_socket();
    HANDLE port = port_of(client, NULL);
    CHECK_EQ(connect(client, NAME(a)), 0);
    SOCKET server = accept(listener, NULL, NULL);
    CHECK_EQ(send(client, "x", 1, 0), 1);
    CHECK_EQ(send(server, "y", 1, 0), 1);
    CHECK_EQ(recv(client, &byte, 1, 0), 1);
    CHECK_EQ(ioctlsocket(client, FIONREAD, &value), 0);
    CHECK_EQ(WSASendDisconnect(client, NULL), 0);
    CHECK_EQ(WSARecvDisconnect(client, NULL), 0);
    CHECK_EQ(shutdown(client, SD_BOTH), 0);
    expect_none(port);
    CHECK(CloseHandle(port));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(port__low_bit_of_the_event__keeps_the_packet_away)
{
    PAIR p;
    pair_open(&p);
    HANDLE port = port_of(p.client, NULL);
    p.o = overlapped_begin();
    HANDLE event = p.o.hEvent;
    p.o.hEvent = (HANDLE)((ULONG_PTR)event | 1);
    pair_receive(&p, NULL);
    send_all(p.server, "quiet", 5);
    CHECK(WSAGetOverlappedResult(p.client, &p.o, &p.bytes, TRUE, &p.flags));
    CHECK_EQ(p.bytes, 5);
    expect_none(port);
    p.o.hEvent = event;
    CHECK(CloseHandle(port));
    pair_close(&p);
}

static void CALLBACK never(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    (void)error, (void)bytes, (void)overlapped, (void)flags;
    CHECK(FALSE);
}

TEST(port__completion_routine__is_invalid)
{
    PAIR p;
    pair_open(&p);
    HANDLE port = port_of(p.client, NULL);
    CHECK_FAILS(WSARecv(p.client, &p.buffer, 1, NULL, &p.flags, &p.o, never), WSAEINVAL);
    send_all(p.server, "x", 1);
    CHECK_EQ(SleepEx(1, TRUE), 0);
    expect_none(port);
    CHECK(CloseHandle(port));
    pair_close(&p);
}

TEST(port__reset_close_and_cancel__are_win32_errors)
{
    SOCKET client, server;
    LINGER hard = {1, 0};
    char text[8];
    WSABUF in = {8, text};
    WSAOVERLAPPED o = {0}, other = {0};
    DWORD flags = 0;
    start_winsock();
    stream_pair(&client, &server);
    HANDLE port = port_of(client, NULL);
    CHECK_FAILS(WSARecv(client, &in, 1, NULL, &flags, &o, NULL), WSA_IO_PENDING);
    CHECK_EQ(setsockopt(server, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard), 0);
    CHECK_EQ(closesocket(server), 0);
    expect_packet(port, &o, ERROR_NETNAME_DELETED, 0);
    CHECK_EQ(closesocket(client), 0);

    stream_pair(&client, &server);
    (void)port_of(client, port);
    CHECK_FAILS(WSARecv(client, &in, 1, NULL, &flags, &o, NULL), WSA_IO_PENDING);
    CHECK_FAILS(WSARecv(client, &in, 1, NULL, &flags, &other, NULL), WSA_IO_PENDING);
    cancel_overlapped(client, &other);
    expect_packet(port, &other, ERROR_OPERATION_ABORTED, 0);
    CHECK_EQ(closesocket(client), 0);
    expect_packet(port, &o, ERROR_CONNECTION_ABORTED, 0);
    expect_none(port);
    CHECK(CloseHandle(port));
    CHECK_EQ(closesocket(server), 0);
}

TEST(port__failed_at_once__sends_none)
{
    PAIR p;
    WSABUF in = {1, (char[1]){0}};
    DWORD flags = 0x1000;
    pair_open(&p);
    HANDLE port = port_of(p.client, NULL);
    CHECK_FAILS(WSARecv(p.client, &in, 1, NULL, &flags, &p.o, NULL), WSAEINVAL);
    CHECK_EQ(shutdown(p.client, SD_SEND), 0);
    CHECK_FAILS(WSASend(p.client, &in, 1, NULL, 0, &p.o, NULL), WSAESHUTDOWN);
    expect_none(port);
    CHECK(CloseHandle(port));
    pair_close(&p);
}

TEST(port__extension_functions__send_packets)
{
    struct sockaddr_in a, any = loopback4(0);
    ACCEPT_BUFFER buffer;
    WSAOVERLAPPED accept_it = {0}, connect_it = {0};
    DWORD bytes;
    start_winsock();
    SOCKET listener = listener4(&a), acceptor = stream_socket(), client = stream_socket();
    CHECK_EQ(bind(client, NAME(any)), 0);
    HANDLE accepts = port_of(listener, NULL), connects = port_of(client, NULL);
    CHECK(!AcceptEx(
        listener, acceptor, &buffer, EX_DATA, EX_ADDRESS, EX_ADDRESS, &bytes, &accept_it));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    BOOL done = get_connect_ex(client)(client, NAME(a), (PVOID) "four", 4, &bytes, &connect_it);
    CHECK(done || WSAGetLastError() == ERROR_IO_PENDING);
    expect_packet(connects, &connect_it, 0, 4);
    expect_packet(accepts, &accept_it, 0, 4);
    CHECK_EQ(memcmp(buffer.bytes, "four", 4), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(acceptor), 0);
    CHECK_EQ(closesocket(listener), 0);
    CHECK(CloseHandle(accepts));
    CHECK(CloseHandle(connects));
}

TEST(port__wsaioctl__sends_a_packet_of_no_bytes)
{
    u_long value;
    DWORD bytes = 77;
    WSAOVERLAPPED o = {0};
    start_winsock();
    SOCKET s = stream_socket();
    HANDLE port = port_of(s, NULL);
    int result = WSAIoctl(s, FIONREAD, NULL, 0, &value, sizeof value, &bytes, &o, NULL);
    CHECK(result == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK_EQ(bytes, sizeof value);
    expect_packet(port, &o, 0, 0);
    CHECK_FAILS(WSAIoctl(s, 0xdeadbeef, NULL, 0, NULL, 0, &bytes, &o, NULL), WSA_IO_PENDING);
    expect_packet(port, &o, ERROR_NOT_SUPPORTED, 0);
    CHECK_FAILS(WSAIoctl(s, FIONREAD, NULL, 0, &value, 2, &bytes, &o, NULL), WSAEFAULT);
    expect_none(port);
    CHECK(CloseHandle(port));
    CHECK_EQ(closesocket(s), 0);
}

/* Several receives and the sends that feed them: packets in the order of the data. */
TEST(port__many_receives__complete_in_order)
{
    PAIR p;
    enum { COUNT = 32 };
    char text[COUNT];
    WSAOVERLAPPED o[COUNT];
    pair_open(&p);
    HANDLE port = port_of(p.client, NULL);
    for (int i = 0; i < COUNT; i++) {
        WSABUF in = {1, &text[i]};
        memset(&o[i], 0, sizeof o[i]);
        CHECK_FAILS(WSARecv(p.client, &in, 1, NULL, &p.flags, &o[i], NULL), WSA_IO_PENDING);
    }
    for (int i = 0; i < COUNT; i++) {
        char mark = (char)(' ' + i);
        send_all(p.server, &mark, 1);
    }
    for (int i = 0; i < COUNT; i++) {
        expect_packet(port, &o[i], 0, 1);
        CHECK_EQ(text[i], ' ' + i);
    }
    CHECK(CloseHandle(port));
    pair_close(&p);
}
