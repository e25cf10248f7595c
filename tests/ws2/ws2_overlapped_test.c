/* SPDX-License-Identifier: MIT */
/* ws2_overlapped_test.c - sends and receives with an OVERLAPPED: event, completion routine, result,
 * cancellation. */
#include "ws2_ex_test.h"

TEST(wsarecv__event__completes_with_the_data)
{
    PAIR p;
    pair_open(&p);
    p.o = overlapped_begin();
    pair_receive(&p, NULL);
    WSASetLastError(0);
    CHECK(!WSAGetOverlappedResult(p.client, &p.o, &p.bytes, FALSE, &p.flags));
    CHECK_EQ(WSAGetLastError(), WSA_IO_INCOMPLETE);
    send_all(p.server, "hello", 5);
    CHECK(WSAGetOverlappedResult(p.client, &p.o, &p.bytes, TRUE, &p.flags));
    CHECK_EQ(p.bytes, 5);
    CHECK_EQ(p.flags, 0);
    CHECK_EQ(memcmp(p.text, "hello", 5), 0);
    pair_close(&p);
}

TEST(wsasend__event__is_done_at_once)
{
    PAIR p;
    char byte = 0;
    WSABUF buffer = {1, "s"};
    pair_open(&p);
    p.o = overlapped_begin();
    int result = WSASend(p.client, &buffer, 1, &p.bytes, 0, &p.o, NULL);
    CHECK(result == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK(WSAGetOverlappedResult(p.client, &p.o, &p.bytes, TRUE, &p.flags));
    CHECK_EQ(p.bytes, 1);
    CHECK_EQ(recv(p.server, &byte, 1, 0), 1);
    pair_close(&p);
}

static struct {
    int calls;
    DWORD error, bytes, flags;
    LPWSAOVERLAPPED overlapped;
} routine; /* zeroed by open_with_routine */

static void CALLBACK completed(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    routine.calls++;
    routine.error = error;
    routine.bytes = bytes;
    routine.flags = flags;
    routine.overlapped = overlapped;
}

static void open_with_routine(PAIR *p)
{
    pair_open(p);
    memset(&routine, 0, sizeof routine);
}

TEST(wsarecv__completion_routine__runs_in_an_alertable_wait)
{
    PAIR p;
    open_with_routine(&p);
    pair_receive(&p, completed);
    send_all(p.server, "abc", 3);
    CHECK_EQ(SleepEx(15000, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine.calls, 1);
    CHECK_EQ(routine.error, 0);
    CHECK_EQ(routine.bytes, 3);
    CHECK(routine.overlapped == &p.o);
    pair_close(&p);
}

TEST(wsarecvfrom__pending__fills_the_address_at_completion)
{
    DATAGRAMS p;
    struct sockaddr_in from = {0};
    int length = sizeof from;
    char text[8];
    WSABUF buffer = {8, text};
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0, flags = 0;
    datagrams_open(&p);
    overlapped.hEvent = WSACreateEvent();
    CHECK_FAILS(
        WSARecvFrom(p.two, &buffer, 1, NULL, &flags, (SOCKADDR *)&from, &length, &overlapped, NULL),
        WSA_IO_PENDING);
    CHECK_EQ(sendto(p.one, "dgram", 5, 0, (SOCKADDR *)&p.b, sizeof p.b), 5);
    CHECK(WSAGetOverlappedResult(p.two, &overlapped, &bytes, TRUE, &flags));
    CHECK_EQ(bytes, 5);
    CHECK_EQ(from.sin_port, p.a.sin_port);
    CHECK_EQ(length, sizeof from);
    CHECK(WSACloseEvent(overlapped.hEvent));
    datagrams_close(&p);
}

TEST(closesocket__operation_pending__completes_it_as_aborted)
{
    PAIR p;
    pair_open(&p);
    p.o = overlapped_begin();
    pair_receive(&p, NULL);
    CHECK_EQ(closesocket(p.client), 0);
    CHECK_EQ(
        WSAWaitForMultipleEvents(1, &p.o.hEvent, FALSE, 15000, FALSE), WSA_WAIT_EVENT_0);
    /* A connection of this side: not cancelled, but aborted. [test:wine/ws2_32/sock.c] */
    CHECK_EQ((LONG)p.o.Internal, (LONG)0xC0000241);
    p.client = INVALID_SOCKET;
    pair_close(&p);
}

TEST(wsarecv__several_pending__fill_in_order)
{
    PAIR p;
    enum { COUNT = 4 };
    char text[COUNT][2];
    WSAOVERLAPPED overlapped[COUNT];
    pair_open(&p);
    for (int i = 0; i < COUNT; i++) {
        WSABUF buffer = {2, text[i]}; /* the array may go when the call returns */
        memset(&overlapped[i], 0, sizeof overlapped[i]);
        overlapped[i].hEvent = WSACreateEvent();
        CHECK_FAILS(
            WSARecv(p.client, &buffer, 1, NULL, &p.flags, &overlapped[i], NULL), WSA_IO_PENDING);
    }
    send_all(p.server, "00112233", 8);
    for (int i = 0; i < COUNT; i++) {
        CHECK(WSAGetOverlappedResult(p.client, &overlapped[i], &p.bytes, TRUE, &p.flags));
        CHECK_EQ(p.bytes, 2);
        CHECK_EQ(text[i][0], '0' + i);
        CHECK(WSACloseEvent(overlapped[i].hEvent));
    }
    pair_close(&p);
}

TEST(wsagetoverlappedresult__bad_arguments__documented_errors)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes, flags;
    start_winsock();
    SOCKET s = stream_socket();
    WSASetLastError(0);
    CHECK(!WSAGetOverlappedResult(s, NULL, &bytes, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(!WSAGetOverlappedResult(s, &overlapped, NULL, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(!WSAGetOverlappedResult(1000000, &overlapped, &bytes, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(closesocket(s), 0);
}

TEST(wsarecv__data_is_there__returns_bytes_and_flags_and_signals_too)
{
    PAIR p;
    pair_open(&p);
    send_all(p.server, "now", 3);
    wait_readable(p.client);
    p.o = overlapped_begin();
    int result = WSARecv(p.client, &p.buffer, 1, &p.bytes, &p.flags, &p.o, NULL);
    if (result == 0) { /* no driver has made it pend */
        CHECK_EQ(p.bytes, 3);
        CHECK_EQ(p.flags, 0);
        CHECK_EQ(WSAGetLastError(), 0);
        CHECK_EQ(p.o.Internal, 0);
        CHECK_EQ(p.o.InternalHigh, 3);
    }
    CHECK_EQ(overlapped_end(p.client, &p.o, result == 0, &p.bytes), 0);
    CHECK_EQ(p.bytes, 3);
    pair_close(&p);
}

TEST(wsasend__no_byte_count_asked__is_allowed)
{
    PAIR p;
    char byte = 0;
    WSABUF buffer = {1, "n"};
    pair_open(&p);
    p.o = overlapped_begin();
    int result = WSASend(p.client, &buffer, 1, NULL, 0, &p.o, NULL);
    CHECK_EQ(overlapped_end(p.client, &p.o, result == 0, NULL), 0);
    CHECK_EQ(recv(p.server, &byte, 1, 0), 1);
    CHECK_FAILS(WSASend(p.client, &buffer, 1, NULL, 0, NULL, NULL), WSAEFAULT);
    pair_close(&p);
}

TEST(overlapped__bad_pointer__is_refused)
{
    PAIR p;
    char byte;
    WSABUF buffer = {1, &byte};
    pair_open(&p);
    CHECK_FAILS(WSARecv(p.client, &buffer, 1, NULL, &p.flags, (LPWSAOVERLAPPED)16, NULL), WSAEFAULT);
    p.o = overlapped_begin();
    CHECK_FAILS(WSARecv(p.client, NULL, 0, NULL, &p.flags, &p.o, NULL), WSAEINVAL);
    CHECK_FAILS(WSARecv(p.client, (LPWSABUF)16, 1, NULL, &p.flags, &p.o, NULL), WSAEFAULT);
    CHECK_FAILS(WSARecv(p.client, &buffer, 1, NULL, NULL, &p.o, NULL), WSAEFAULT);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &p.o.hEvent, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
    pair_close(&p);
}

TEST(completion_routine_and_event__the_routine_is_told)
{
    PAIR p;
    open_with_routine(&p);
    p.o = overlapped_begin();
    pair_receive(&p, completed);
    send_all(p.server, "abcd", 4);
    CHECK_EQ(SleepEx(15000, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine.calls, 1);
    CHECK_EQ(routine.bytes, 4);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &p.o.hEvent, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
    pair_close(&p);
}

TEST(completion_routine__data_is_there__still_runs_in_an_alertable_wait)
{
    PAIR p;
    open_with_routine(&p);
    send_all(p.server, "abc", 3);
    wait_readable(p.client);
    int result = WSARecv(p.client, &p.buffer, 1, &p.bytes, &p.flags, &p.o, completed);
    CHECK(result == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK_EQ(routine.calls, 0);
    CHECK_EQ(SleepEx(15000, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine.calls, 1);
    CHECK_EQ(routine.error, 0);
    CHECK_EQ(routine.bytes, 3);
    pair_close(&p);
}

TEST(wsarecvfrom__datagram_too_long__is_a_message_size_error_with_the_bytes)
{
    DATAGRAMS p;
    struct sockaddr_in from = {0};
    int length = sizeof from;
    char text[4];
    WSABUF buffer = {4, text};
    DWORD bytes = 0, flags = 0;
    datagrams_open(&p);
    for (int late = 0; late < 2; late++) {
        WSAOVERLAPPED o = overlapped_begin();
        if (late == 0) {
            CHECK_EQ(sendto(p.one, "longer", 6, 0, (SOCKADDR *)&p.b, sizeof p.b), 6);
            wait_readable(p.two);
        }
        CHECK_FAILS(
            WSARecvFrom(p.two, &buffer, 1, NULL, &flags, (SOCKADDR *)&from, &length, &o, NULL),
            WSA_IO_PENDING);
        if (late == 1)
            CHECK_EQ(sendto(p.one, "longer", 6, 0, (SOCKADDR *)&p.b, sizeof p.b), 6);
        WSASetLastError(WSA_IO_PENDING);
        CHECK_EQ(overlapped_end(p.two, &o, FALSE, &bytes), WSAEMSGSIZE);
        CHECK_EQ((LONG)o.Internal, (LONG)0x80000005); /* STATUS_BUFFER_OVERFLOW */
        CHECK_EQ(bytes, 4);
        CHECK_EQ(memcmp(text, "long", 4), 0);
        CHECK_EQ(from.sin_port, p.a.sin_port);
    }
    datagrams_close(&p);
}

TEST(wsasendto__destination_on_the_stack__is_captured)
{
    DATAGRAMS p;
    struct sockaddr_in to;
    char text[8] = {0};
    char data[] = "hello";
    datagrams_open(&p);
    WSAOVERLAPPED o = overlapped_begin();
    WSABUF buffer = {5, data};
    to = p.b;
    int result = WSASendTo(p.one, &buffer, 1, NULL, 0, (SOCKADDR *)&to, sizeof to, &o, NULL);
    int error = result == 0 ? 0 : WSAGetLastError();
    memset(&to, 0xFE, sizeof to);
    buffer.buf = NULL;
    WSASetLastError(error);
    CHECK_EQ(overlapped_end(p.one, &o, result == 0, NULL), 0);
    CHECK_EQ(recv(p.two, text, sizeof text, 0), 5);
    CHECK_EQ(memcmp(text, "hello", 5), 0);
    datagrams_close(&p);
}

TEST(wsarecv__no_room__waits_for_data_and_takes_none)
{
    PAIR p;
    WSABUF none = {0, p.text};
    pair_open(&p);
    p.o = overlapped_begin();
    CHECK_FAILS(WSARecv(p.client, &none, 1, NULL, &p.flags, &p.o, NULL), WSA_IO_PENDING);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &p.o.hEvent, FALSE, 10, FALSE), WSA_WAIT_TIMEOUT);
    send_all(p.server, "data", 4);
    CHECK_EQ(pair_end(&p), 0);
    CHECK_EQ(p.bytes, 0);
    CHECK_EQ(recv(p.client, p.text, 8, 0), 4);
    pair_close(&p);
}

TEST(so_rcvtimeo__overlapped__does_not_apply)
{
    PAIR p;
    DWORD timeout = 1;
    pair_open(&p);
    CHECK_EQ(setsockopt(p.client, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, sizeof timeout), 0);
    CHECK_FAILS(recv(p.client, p.text, 8, 0), WSAETIMEDOUT);
    p.o = overlapped_begin();
    pair_receive(&p, NULL);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &p.o.hEvent, FALSE, 30, FALSE), WSA_WAIT_TIMEOUT);
    send_all(p.server, "late", 4);
    CHECK_EQ(pair_end(&p), 0);
    CHECK_EQ(p.bytes, 4);
    pair_close(&p);
}

TEST(wsarecv__reset_by_peer__fails_with_it)
{
    PAIR p;
    LINGER hard = {1, 0};
    pair_open(&p);
    p.o = overlapped_begin();
    pair_receive(&p, NULL);
    CHECK_EQ(setsockopt(p.server, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard), 0);
    CHECK_EQ(closesocket(p.server), 0);
    CHECK_EQ(pair_end(&p), WSAECONNRESET);
    CHECK_EQ(p.bytes, 0);
    CHECK_EQ((LONG)p.o.Internal, (LONG)0xC000020D); /* STATUS_CONNECTION_RESET: error 64 at a port */
    p.server = INVALID_SOCKET;
    pair_close(&p);
}

TEST(shutdown__receive_pending__still_gets_what_comes)
{
    PAIR p;
    pair_open(&p);
    p.o = overlapped_begin();
    pair_receive(&p, NULL);
    CHECK_EQ(shutdown(p.client, SD_RECEIVE), 0);
    CHECK_FAILS(recv(p.client, p.text, 8, 0), WSAESHUTDOWN);
    send_all(p.server, "test", 4); /* [obs:wine/sock shutdown] */
    CHECK_EQ(pair_end(&p), 0);
    CHECK_EQ(p.bytes, 4);
    pair_close(&p);
}

TEST(wsarecv__cancelled__is_aborted_and_others_go_on)
{
    PAIR p;
    char text[2][4];
    pair_open(&p);
    WSAOVERLAPPED o[2];
    for (int i = 0; i < 2; i++) {
        WSABUF buffer = {4, text[i]};
        o[i] = overlapped_begin();
        CHECK_FAILS(WSARecv(p.client, &buffer, 1, NULL, &p.flags, &o[i], NULL), WSA_IO_PENDING);
    }
    cancel_overlapped(p.client, &o[0]);
    WSASetLastError(WSA_IO_PENDING);
    CHECK_EQ(overlapped_end(p.client, &o[0], FALSE, &p.bytes), WSA_OPERATION_ABORTED);
    CHECK_EQ(p.bytes, 0);
    send_all(p.server, "goon", 4);
    WSASetLastError(WSA_IO_PENDING);
    CHECK_EQ(overlapped_end(p.client, &o[1], FALSE, &p.bytes), 0);
    CHECK_EQ(memcmp(text[1], "goon", 4), 0);
    pair_close(&p);
}

/* A socket without WSA_FLAG_OVERLAPPED: the call waits, whatever its mode. */
static struct {
    SOCKET s;
    int result;
    DWORD bytes;
} plain;

static DWORD receive_plainly(void *context)
{
    char text[8];
    WSABUF buffer = {8, text};
    WSAOVERLAPPED o = {0};
    DWORD flags = 0;
    (void)context;
    plain.result = WSARecv(plain.s, &buffer, 1, &plain.bytes, &flags, &o, NULL);
    return o.InternalHigh == 4 ? (DWORD)o.Internal : 1;
}

TEST(socket_not_overlapped__overlapped_receive__blocks)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a);
    plain.s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, 0);
    CHECK_EQ(connect(plain.s, (SOCKADDR *)&a, sizeof a), 0);
    SOCKET server = accept(listener, NULL, NULL);
    set_nonblocking(plain.s);
    HANDLE thread = start_thread(receive_plainly, NULL);
    wait_until_pending(1);
    send_all(server, "wait", 4);
    CHECK_EQ(join_thread(thread), 0);
    CHECK_EQ(plain.result, 0);
    CHECK_EQ(plain.bytes, 4);
    CHECK_EQ(closesocket(plain.s), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(wsagetoverlappedresult__duplicated_handle__is_no_socket)
{
    WSAOVERLAPPED o = {0};
    DWORD bytes, flags;
    HANDLE copy;
    start_winsock();
    SOCKET s = stream_socket();
    REQUIRE(DuplicateHandle(GetCurrentProcess(), (HANDLE)s, GetCurrentProcess(), &copy, 0, FALSE,
        DUPLICATE_SAME_ACCESS));
    WSASetLastError(0);
    CHECK(!WSAGetOverlappedResult((SOCKET)copy, &o, &bytes, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK); /* [obs:wine/sock WSAGetOverlappedResult] */
    CHECK(CloseHandle(copy));
    CHECK_EQ(closesocket(s), 0);
}

TEST(wsagetoverlappedresult__no_event__waits_on_the_socket)
{
    PAIR p;
    pair_open(&p);
    pair_receive(&p, NULL);
    send_all(p.server, "five!", 5);
    CHECK(WSAGetOverlappedResult(p.client, &p.o, &p.bytes, TRUE, NULL));
    CHECK_EQ(p.bytes, 5);
    pair_close(&p);
}
