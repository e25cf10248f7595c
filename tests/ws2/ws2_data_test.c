/* SPDX-License-Identifier: MIT */
/* ws2_data_test.c - bytes over streams: whole, in parts, peeked, out of band, to the end, too late.
 */
#include "ws2_test.h"

enum { BIG = 4 * 1024 * 1024, HUGE_SEND = 24 * 1024 * 1024 };

static void close_pair(SOCKET client, SOCKET server)
{
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(send_recv__bad_arguments__documented_errors)
{
    SOCKET client, server;
    char byte = 0;
    DWORD bytes, flags = 0;
    WSABUF one = {1, &byte};
    start_winsock();
    stream_pair(&client, &server);
    CHECK_FAILS(send(client, NULL, 1, 0), WSAEFAULT);
    CHECK_FAILS(send(client, (char *)64, 1, 0), WSAEFAULT);
    CHECK_FAILS(send(client, &byte, -1, 0), WSAEFAULT);
    CHECK_FAILS(send(client, &byte, 1, 0x4000), WSAEOPNOTSUPP);
    CHECK_FAILS(WSASend(client, NULL, 1, &bytes, 0, NULL, NULL), WSAEFAULT);
    CHECK_FAILS(WSASend(client, &one, 0, &bytes, 0, NULL, NULL), WSAEINVAL);
    CHECK_FAILS(WSASend(client, &one, 1, NULL, 0, NULL, NULL), WSAEFAULT);
    CHECK_EQ(send(server, "a", 1, 0), 1);
    wait_readable(client);
    CHECK_FAILS(recv(client, NULL, 1, 0), WSAEFAULT);
    CHECK_FAILS(recv(client, (char *)64, 1, 0), WSAEFAULT);
    CHECK_FAILS(recv(client, &byte, -1, 0), WSAEFAULT);
    CHECK_FAILS(recv(client, &byte, 1, 0x4000), WSAEINVAL);
    CHECK_FAILS(recv(client, &byte, 1, MSG_WAITALL | MSG_PEEK), WSAEOPNOTSUPP);
    CHECK_FAILS(WSARecv(client, NULL, 1, &bytes, &flags, NULL, NULL), WSAEFAULT);
    CHECK_FAILS(WSARecv(client, &one, 1, &bytes, NULL, NULL, NULL), WSAEFAULT);
    CHECK_FAILS(WSARecv(client, &one, 1, NULL, &flags, NULL, NULL), WSAEFAULT);
    CHECK_EQ(recv(client, &byte, 1, 0), 1); /* nothing was lost */
    CHECK_EQ(byte, 'a');
    close_pair(client, server);
}

TEST(send__nothing__sends_nothing)
{
    SOCKET client, server;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(send(client, "", 0, 0), 0);
    close_pair(client, server);
}

struct transfer {
    SOCKET s;
    char *data;
};

static DWORD send_big(void *context)
{
    struct transfer *transfer = context;
    return send(transfer->s, transfer->data, BIG, 0) == BIG ? 0 : (DWORD)WSAGetLastError();
}

TEST(send__more_than_buffers_hold__blocks_and_sends_all)
{
    SOCKET client, server;
    start_winsock();
    stream_pair(&client, &server);
    char *data = HeapAlloc(GetProcessHeap(), 0, 2 * BIG), *copy = data + BIG;
    for (int i = 0; i < BIG; i++)
        data[i] = (char)(i * 7 + i / 1000);
    struct transfer transfer = {client, data};
    HANDLE thread = start_thread(send_big, &transfer);
    receive_all(server, copy, BIG);
    CHECK_EQ(join_thread(thread), 0);
    CHECK_EQ(memcmp(data, copy, BIG), 0);
    HeapFree(GetProcessHeap(), 0, data);
    close_pair(client, server);
}

TEST(send__non_blocking_until_full__each_is_taken_whole_or_refused)
{
    SOCKET client, server;
    char piece[65536] = {0};
    long long sent = 0, received = 0;
    start_winsock();
    stream_pair(&client, &server);
    set_nonblocking(client);
    for (;;) {
        int n = send(client, piece, sizeof piece, 0);
        if (n == SOCKET_ERROR)
            break;
        CHECK_EQ(n, sizeof piece); /* [kb:Q214397] */
        sent += n;
        REQUIRE(sent < 1 << 28);
    }
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    CHECK(sent > 0);
    while (received < sent) { /* [kb:Q163687] */
        int n = recv(server, piece, sizeof piece, 0);
        REQUIRE(n > 0);
        received += n;
    }
    wait_writable(client);
    CHECK_EQ(send(client, "x", 1, 0), 1);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(recv(server, piece, sizeof piece, 0), 1);
    CHECK_EQ(recv(server, piece, sizeof piece, 0), 0);
    CHECK_EQ(closesocket(server), 0);
}

/* [test:wine/ws2_32/sock.c test_send_buffering] */
TEST(send__non_blocking_and_larger_than_any_buffer__is_taken_and_survives_the_close)
{
    SOCKET client, server;
    char *data = HeapAlloc(GetProcessHeap(), 0, 2 * HUGE_SEND), *copy = data + HUGE_SEND;
    WSAEVENT event;
    WSANETWORKEVENTS events;
    start_winsock();
    stream_pair(&client, &server);
    for (int i = 0; i < HUGE_SEND; i++)
        data[i] = (char)(i * 7 + i / 1000);
    event = WSACreateEvent();
    CHECK_EQ(WSAEventSelect(client, event, FD_WRITE), 0); /* makes it non-blocking */
    CHECK_EQ(WSAEnumNetworkEvents(client, event, &events), 0);
    CHECK_EQ(events.lNetworkEvents, FD_WRITE);
    CHECK_EQ(send(client, data, HUGE_SEND, 0), HUGE_SEND);
    CHECK_FAILS(send(client, data, 1, 0), WSAEWOULDBLOCK);
    receive_all(server, copy, HUGE_SEND);
    CHECK_EQ(memcmp(data, copy, HUGE_SEND), 0);
    /* The refused send has enabled FD_WRITE again. */
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, WSA_INFINITE, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQ(WSAEnumNetworkEvents(client, event, &events), 0);
    CHECK_EQ(events.lNetworkEvents, FD_WRITE);
    CHECK_EQ(send(client, data, HUGE_SEND, 0), HUGE_SEND);
    CHECK_EQ(closesocket(client), 0);
    receive_all(server, copy, HUGE_SEND);
    CHECK_EQ(memcmp(data, copy, HUGE_SEND), 0);
    CHECK_EQ(recv(server, copy, 1, 0), 0);
    CHECK_EQ(closesocket(server), 0);
    WSACloseEvent(event);
    HeapFree(GetProcessHeap(), 0, data);
}

TEST(recv__non_blocking_nothing_there__would_block)
{
    SOCKET client, server;
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    set_nonblocking(client);
    CHECK_FAILS(recv(client, &byte, 1, 0), WSAEWOULDBLOCK);
    CHECK_FAILS(recv(client, &byte, 1, MSG_PEEK), WSAEWOULDBLOCK);
    CHECK_EQ(send(server, "q", 1, 0), 1);
    wait_readable(client);
    CHECK_EQ(recv(client, &byte, 1, 0), 1);
    CHECK_FAILS(recv(client, &byte, 1, 0), WSAEWOULDBLOCK);
    close_pair(client, server);
}

TEST(recv__peek__leaves_the_data)
{
    SOCKET client, server;
    char text[8] = {0};
    start_winsock();
    stream_pair(&client, &server);
    send_all(server, "hello", 5);
    wait_readable(client);
    CHECK_EQ(recv(client, text, 2, MSG_PEEK), 2);
    CHECK_EQ(recv(client, text, 1, MSG_PEEK), 1);
    receive_all(client, text, 5);
    CHECK_EQ(memcmp(text, "hello", 5), 0);
    close_pair(client, server);
}

static DWORD send_in_parts(void *context)
{
    SOCKET s = *(SOCKET *)context;
    for (int i = 0; i < 10; i++) {
        if (send(s, "0123456789", 10, 0) != 10)
            return 1;
        Sleep(0);
    }
    return 0;
}

TEST(recv__waitall__waits_for_the_whole_buffer)
{
    SOCKET client, server;
    char data[100];
    start_winsock();
    stream_pair(&client, &server);
    HANDLE thread = start_thread(send_in_parts, &server);
    CHECK_EQ(recv(client, data, sizeof data, MSG_WAITALL), 100);
    CHECK_EQ(join_thread(thread), 0);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(data[i], '0' + i % 10);
    send_all(server, "abc", 3);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(recv(client, data, sizeof data, MSG_WAITALL), 3); /* the end comes first */
    CHECK_EQ(closesocket(client), 0);
}

TEST(wsasend_wsarecv__several_buffers__gather_and_scatter)
{
    SOCKET client, server;
    char a[3], b[4], c[8] = {0};
    DWORD sent = 0, received = 0, flags = 0;
    WSABUF out[3] = {{3, "abc"}, {0, NULL}, {4, "defg"}}, in[3] = {{3, a}, {2, b}, {8, c}};
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(WSASend(client, out, 3, &sent, 0, NULL, NULL), 0);
    CHECK_EQ(sent, 7);
    wait_readable(server);
    CHECK_EQ(WSARecv(server, in, 3, &received, &flags, NULL, NULL), 0);
    CHECK_EQ(received, 7);
    CHECK_EQ(flags, 0);
    CHECK_EQ(memcmp(a, "abc", 3), 0);
    CHECK_EQ(memcmp(b, "de", 2), 0);
    CHECK_EQ(memcmp(c, "fg", 2), 0);
    close_pair(client, server);
}

TEST(recv__peer_closed__is_the_end)
{
    SOCKET client, server;
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(recv(client, &byte, 1, 0), 0);
    CHECK_EQ(recv(client, &byte, 1, 0), 0);
    CHECK_EQ(closesocket(client), 0);
}

TEST(recv__peer_reset__is_a_reset)
{
    SOCKET client, server;
    LINGER hard = {1, 0};
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(setsockopt(server, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_FAILS(recv(client, &byte, 1, 0), WSAECONNRESET);
    CHECK_EQ(closesocket(client), 0);
}

TEST(oob__not_inline__is_received_apart)
{
    SOCKET client, server;
    char data[8] = {0};
    struct timeval limit = {15, 0};
    fd_set except;
    start_winsock();
    stream_pair(&client, &server);
    send_all(client, "ab", 2);
    CHECK_EQ(send(client, "!", 1, MSG_OOB), 1);
    FD_ZERO(&except);
    FD_SET(server, &except);
    CHECK_EQ(select(0, NULL, NULL, &except, &limit), 1);
    CHECK_EQ(recv(server, data, 1, MSG_OOB), 1);
    CHECK_EQ(data[0], '!');
    receive_all(server, data, 2);
    CHECK_EQ(memcmp(data, "ab", 2), 0);
    close_pair(client, server);
}

TEST(oob__inline__comes_with_the_data_and_cannot_be_asked_for)
{
    SOCKET client, server;
    char data[8] = {0};
    int on = 1;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(setsockopt(server, SOL_SOCKET, SO_OOBINLINE, (char *)&on, sizeof on), 0);
    CHECK_EQ(send(client, "!", 1, MSG_OOB), 1);
    CHECK_FAILS(recv(server, data, 1, MSG_OOB), WSAEINVAL);
    CHECK_EQ(recv(server, data, 1, 0), 1);
    CHECK_EQ(data[0], '!');
    close_pair(client, server);
}

/* --- shutdown --- */

TEST(shutdown__send__peer_sees_the_end_and_may_answer)
{
    SOCKET client, server;
    char text[8] = {0};
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(shutdown(client, SD_SEND), 0);
    CHECK_FAILS(send(client, "x", 1, 0), WSAESHUTDOWN);
    CHECK_EQ(recv(server, text, 1, 0), 0);
    send_all(server, "late", 4);
    receive_all(client, text, 4);
    CHECK_EQ(memcmp(text, "late", 4), 0);
    close_pair(client, server);
}

TEST(shutdown__receive__own_receives_fail)
{
    SOCKET client, server;
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(shutdown(client, SD_RECEIVE), 0);
    CHECK_FAILS(recv(client, &byte, 1, 0), WSAESHUTDOWN);
    CHECK_EQ(send(client, "x", 1, 0), 1);
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    close_pair(client, server);
}

TEST(shutdown__both_and_nonsense__documented)
{
    SOCKET client, server;
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_FAILS(shutdown(client, 3), WSAEINVAL);
    CHECK_FAILS(shutdown(client, -1), WSAEINVAL);
    CHECK_EQ(shutdown(client, SD_BOTH), 0);
    CHECK_FAILS(send(client, "x", 1, 0), WSAESHUTDOWN);
    CHECK_FAILS(recv(client, &byte, 1, 0), WSAESHUTDOWN);
    CHECK_EQ(recv(server, &byte, 1, 0), 0);
    close_pair(client, server);
}

TEST(disconnect__with_and_without_data__documented)
{
    SOCKET client, server;
    char byte = 0;
    WSABUF data = {1, &byte};
    start_winsock();
    stream_pair(&client, &server);
    CHECK_FAILS(WSASendDisconnect(client, &data), WSAENOPROTOOPT);
    CHECK_FAILS(WSARecvDisconnect(client, &data), WSAENOPROTOOPT);
    CHECK_EQ(WSASendDisconnect(client, NULL), 0);
    CHECK_EQ(recv(server, &byte, 1, 0), 0);
    CHECK_FAILS(send(client, "x", 1, 0), WSAESHUTDOWN);
    close_pair(client, server);
}

/* --- time-outs --- */

TEST(recv__timeout_set__times_out_and_the_socket_lives)
{
    SOCKET client, server;
    DWORD timeout = 20;
    char byte = 0;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, sizeof timeout), 0);
    CHECK_FAILS(recv(client, &byte, 1, 0), WSAETIMEDOUT);
    CHECK_EQ(send(server, "t", 1, 0), 1);
    CHECK_EQ(recv(client, &byte, 1, 0), 1);
    CHECK_EQ(byte, 't');
    close_pair(client, server);
}

TEST(send__timeout_set__times_out)
{
    SOCKET client, server;
    DWORD timeout = 20;
    static char piece[1 << 20];
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, (char *)&timeout, sizeof timeout), 0);
    int result = 0;
    for (int i = 0; i < 256 && result != SOCKET_ERROR; i++)
        result = send(client, piece, sizeof piece, 0);
    CHECK_EQ(result, SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAETIMEDOUT);
    close_pair(client, server);
}

/* --- APCs --- */

static SOCKET apc_peer;

static void CALLBACK apc_sends(ULONG_PTR parameter)
{
    CHECK_EQ(send(apc_peer, (char *)&parameter, 1, 0), 1);
}

struct blocked {
    SOCKET s;
    char byte;
};

static DWORD receive_one(void *context)
{
    struct blocked *blocked = context;
    return recv(blocked->s, &blocked->byte, 1, 0) == 1 ? 0 : (DWORD)WSAGetLastError();
}

TEST(recv__apc_queued_while_it_waits__runs_it_and_goes_on)
{
    SOCKET client, server;
    start_winsock();
    stream_pair(&client, &server);
    apc_peer = server;
    struct blocked blocked = {client, 0};
    HANDLE thread = start_thread(receive_one, &blocked);
    wait_until_pending(1);
    CHECK(QueueUserAPC(apc_sends, thread, 'A'));
    CHECK_EQ(join_thread(thread), 0);
    CHECK_EQ(blocked.byte, 'A');
    close_pair(client, server);
}
