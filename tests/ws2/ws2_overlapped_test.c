/* SPDX-License-Identifier: MIT */
/* ws2_overlapped_test.c - sends and receives with an OVERLAPPED: event, completion routine, result,
 * cancellation. */
#include "ws2_ex_test.h"

TEST(wsarecv__event__completes_with_the_data)
{
    SOCKET client, server;
    char text[8] = {0};
    WSABUF buffer = {8, text};
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0, flags = 0;
    start_winsock();
    stream_pair(&client, &server);
    overlapped.hEvent = WSACreateEvent();
    CHECK_FAILS(WSARecv(client, &buffer, 1, NULL, &flags, &overlapped, NULL), WSA_IO_PENDING);
    WSASetLastError(0);
    CHECK(!WSAGetOverlappedResult(client, &overlapped, &bytes, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSA_IO_INCOMPLETE);
    send_all(server, "hello", 5);
    CHECK(WSAGetOverlappedResult(client, &overlapped, &bytes, TRUE, &flags));
    CHECK_EQ(bytes, 5);
    CHECK_EQ(flags, 0);
    CHECK_EQ(memcmp(text, "hello", 5), 0);
    CHECK(WSACloseEvent(overlapped.hEvent));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(wsasend__event__is_done_at_once)
{
    SOCKET client, server;
    char byte = 0;
    WSABUF buffer = {1, "s"};
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0, flags = 0;
    start_winsock();
    stream_pair(&client, &server);
    overlapped.hEvent = WSACreateEvent();
    int result = WSASend(client, &buffer, 1, &bytes, 0, &overlapped, NULL);
    CHECK(result == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK(WSAGetOverlappedResult(client, &overlapped, &bytes, TRUE, &flags));
    CHECK_EQ(bytes, 1);
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK(WSACloseEvent(overlapped.hEvent));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

static struct {
    int calls;
    DWORD error, bytes, flags;
    LPWSAOVERLAPPED overlapped;
} routine;

static void CALLBACK completed(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    routine.calls++;
    routine.error = error;
    routine.bytes = bytes;
    routine.flags = flags;
    routine.overlapped = overlapped;
}

TEST(wsarecv__completion_routine__runs_in_an_alertable_wait)
{
    SOCKET client, server;
    char text[8];
    WSABUF buffer = {8, text};
    WSAOVERLAPPED overlapped = {0};
    DWORD flags = 0;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_FAILS(WSARecv(client, &buffer, 1, NULL, &flags, &overlapped, completed), WSA_IO_PENDING);
    send_all(server, "abc", 3);
    CHECK_EQ(SleepEx(15000, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine.calls, 1);
    CHECK_EQ(routine.error, 0);
    CHECK_EQ(routine.bytes, 3);
    CHECK(routine.overlapped == &overlapped);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(wsarecvfrom__pending__fills_the_address_at_completion)
{
    struct sockaddr_in a, b, from = {0};
    int length = sizeof from;
    char text[8];
    WSABUF buffer = {8, text};
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes = 0, flags = 0;
    start_winsock();
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b);
    overlapped.hEvent = WSACreateEvent();
    CHECK_FAILS(
        WSARecvFrom(two, &buffer, 1, NULL, &flags, (SOCKADDR *)&from, &length, &overlapped, NULL),
        WSA_IO_PENDING);
    CHECK_EQ(sendto(one, "dgram", 5, 0, (SOCKADDR *)&b, sizeof b), 5);
    CHECK(WSAGetOverlappedResult(two, &overlapped, &bytes, TRUE, &flags));
    CHECK_EQ(bytes, 5);
    CHECK_EQ(from.sin_port, a.sin_port);
    CHECK_EQ(length, sizeof from);
    CHECK(WSACloseEvent(overlapped.hEvent));
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
}

TEST(closesocket__operation_pending__completes_it_as_aborted)
{
    SOCKET client, server;
    char text[8];
    WSABUF buffer = {8, text};
    WSAOVERLAPPED overlapped = {0};
    DWORD flags = 0;
    start_winsock();
    stream_pair(&client, &server);
    overlapped.hEvent = WSACreateEvent();
    CHECK_FAILS(WSARecv(client, &buffer, 1, NULL, &flags, &overlapped, NULL), WSA_IO_PENDING);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(
        WSAWaitForMultipleEvents(1, &overlapped.hEvent, FALSE, 15000, FALSE), WSA_WAIT_EVENT_0);
    /* A connection of this side: not cancelled, but aborted. [test:wine/ws2_32/sock.c] */
    CHECK_EQ((LONG)overlapped.Internal, (LONG)0xC0000241);
    CHECK(WSACloseEvent(overlapped.hEvent));
    CHECK_EQ(closesocket(server), 0);
}

TEST(wsarecv__several_pending__fill_in_order)
{
    enum { COUNT = 4 };
    SOCKET client, server;
    char text[COUNT][2];
    WSAOVERLAPPED overlapped[COUNT];
    DWORD bytes, flags = 0;
    start_winsock();
    stream_pair(&client, &server);
    for (int i = 0; i < COUNT; i++) {
        WSABUF buffer = {2, text[i]}; /* the array may go when the call returns */
        memset(&overlapped[i], 0, sizeof overlapped[i]);
        overlapped[i].hEvent = WSACreateEvent();
        CHECK_FAILS(
            WSARecv(client, &buffer, 1, NULL, &flags, &overlapped[i], NULL), WSA_IO_PENDING);
    }
    send_all(server, "00112233", 8);
    for (int i = 0; i < COUNT; i++) {
        CHECK(WSAGetOverlappedResult(client, &overlapped[i], &bytes, TRUE, &flags));
        CHECK_EQ(bytes, 2);
        CHECK_EQ(text[i][0], '0' + i);
        CHECK(WSACloseEvent(overlapped[i].hEvent));
    }
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
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
    SOCKET client, server;
    char text[8];
    WSABUF buffer = {8, text};
    WSAOVERLAPPED o;
    DWORD bytes = 0, flags = 0;
    start_winsock();
    stream_pair(&client, &server);
    send_all(server, "now", 3);
    wait_readable(client);
    o = overlapped_begin();
    int result = WSARecv(client, &buffer, 1, &bytes, &flags, &o, NULL);
    if (result == 0) { /* no driver has made it pend */
        CHECK_EQ(bytes, 3);
        CHECK_EQ(flags, 0);
        CHECK_EQ(WSAGetLastError(), 0);
        CHECK_EQ(o.Internal, 0);
        CHECK_EQ(o.InternalHigh, 3);
    }
    CHECK_EQ(overlapped_end(client, &o, result == 0, &bytes), 0);
    CHECK_EQ(bytes, 3);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(wsasend__no_byte_count_asked__is_allowed)
{
    SOCKET client, server;
    char byte = 0;
    WSABUF buffer = {1, "n"};
    start_winsock();
    stream_pair(&client, &server);
    WSAOVERLAPPED o = overlapped_begin();
    int result = WSASend(client, &buffer, 1, NULL, 0, &o, NULL);
    CHECK_EQ(overlapped_end(client, &o, result == 0, NULL), 0);
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK_FAILS(WSASend(client, &buffer, 1, NULL, 0, NULL, NULL), WSAEFAULT);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(overlapped__bad_pointer__is_refused)
{
    SOCKET client, server;
    char byte;
    WSABUF buffer = {1, &byte};
    DWORD flags = 0;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_FAILS(WSARecv(client, &buffer, 1, NULL, &flags, (LPWSAOVERLAPPED)16, NULL), WSAEFAULT);
    WSAOVERLAPPED o = overlapped_begin();
    CHECK_FAILS(WSARecv(client, NULL, 0, NULL, &flags, &o, NULL), WSAEINVAL);
    CHECK_FAILS(WSARecv(client, (LPWSABUF)16, 1, NULL, &flags, &o, NULL), WSAEFAULT);
    CHECK_FAILS(WSARecv(client, &buffer, 1, NULL, NULL, &o, NULL), WSAEFAULT);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &o.hEvent, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
    CHECK(WSACloseEvent(o.hEvent));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(completion_routine_and_event__the_routine_is_told)
{
    SOCKET client, server;
    char text[8];
    WSABUF buffer = {8, text};
    DWORD flags = 0;
    start_winsock();
    stream_pair(&client, &server);
    WSAOVERLAPPED o = overlapped_begin();
    CHECK_FAILS(WSARecv(client, &buffer, 1, NULL, &flags, &o, completed), WSA_IO_PENDING);
    send_all(server, "abcd", 4);
    CHECK_EQ(SleepEx(15000, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine.calls, 1);
    CHECK_EQ(routine.bytes, 4);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &o.hEvent, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
    CHECK(WSACloseEvent(o.hEvent));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(completion_routine__data_is_there__still_runs_in_an_alertable_wait)
{
    SOCKET client, server;
    char text[8];
    WSABUF buffer = {8, text};
    WSAOVERLAPPED o = {0};
    DWORD bytes, flags = 0;
    start_winsock();
    stream_pair(&client, &server);
    send_all(server, "abc", 3);
    wait_readable(client);
    int result = WSARecv(client, &buffer, 1, &bytes, &flags, &o, completed);
    CHECK(result == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK_EQ(routine.calls, 0);
    CHECK_EQ(SleepEx(15000, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine.calls, 1);
    CHECK_EQ(routine.error, 0);
    CHECK_EQ(routine.bytes, 3);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(wsarecvfrom__datagram_too_long__is_a_message_size_error_with_the_bytes)
{
    struct sockaddr_in a, b, from = {0};
    int length = sizeof from;
    char text[4];
    WSABUF buffer = {4, text};
    DWORD bytes = 0, flags = 0;
    start_winsock();
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b);
    for (int late = 0; late < 2; late++) {
        WSAOVERLAPPED o = overlapped_begin();
        if (late == 0) {
            CHECK_EQ(sendto(one, "longer", 6, 0, (SOCKADDR *)&b, sizeof b), 6);
            wait_readable(two);
        }
        CHECK_FAILS(
            WSARecvFrom(two, &buffer, 1, NULL, &flags, (SOCKADDR *)&from, &length, &o, NULL),
            WSA_IO_PENDING);
        if (late == 1)
            CHECK_EQ(sendto(one, "longer", 6, 0, (SOCKADDR *)&b, sizeof b), 6);
        WSASetLastError(WSA_IO_PENDING);
        CHECK_EQ(overlapped_end(two, &o, FALSE, &bytes), WSAEMSGSIZE);
        CHECK_EQ((LONG)o.Internal, (LONG)0x80000005); /* STATUS_BUFFER_OVERFLOW */
        CHECK_EQ(bytes, 4);
        CHECK_EQ(memcmp(text, "long", 4), 0);
        CHECK_EQ(from.sin_port, a.sin_port);
    }
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
}

TEST(wsasendto__destination_on_the_stack__is_captured)
{
    struct sockaddr_in a, b, to;
    char text[8] = {0};
    char data[] = "hello";
    start_winsock();
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b);
    WSAOVERLAPPED o = overlapped_begin();
    WSABUF buffer = {5, data};
    to = b;
    int result = WSASendTo(one, &buffer, 1, NULL, 0, (SOCKADDR *)&to, sizeof to, &o, NULL);
    int error = result == 0 ? 0 : WSAGetLastError();
    memset(&to, 0xFE, sizeof to);
    buffer.buf = NULL;
    WSASetLastError(error);
    CHECK_EQ(overlapped_end(one, &o, result == 0, NULL), 0);
    CHECK_EQ(recv(two, text, sizeof text, 0), 5);
    CHECK_EQ(memcmp(text, "hello", 5), 0);
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
}

TEST(wsarecv__no_room__waits_for_data_and_takes_none)
{
    SOCKET client, server;
    char text[8];
    WSABUF none = {0, text};
    DWORD bytes = 9, flags = 0;
    start_winsock();
    stream_pair(&client, &server);
    WSAOVERLAPPED o = overlapped_begin();
    CHECK_FAILS(WSARecv(client, &none, 1, NULL, &flags, &o, NULL), WSA_IO_PENDING);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &o.hEvent, FALSE, 10, FALSE), WSA_WAIT_TIMEOUT);
    send_all(server, "data", 4);
    WSASetLastError(WSA_IO_PENDING);
    CHECK_EQ(overlapped_end(client, &o, FALSE, &bytes), 0);
    CHECK_EQ(bytes, 0);
    CHECK_EQ(recv(client, text, 8, 0), 4);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(so_rcvtimeo__overlapped__does_not_apply)
{
    SOCKET client, server;
    char text[8];
    WSABUF buffer = {8, text};
    DWORD timeout = 1, flags = 0, bytes = 0;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, sizeof timeout), 0);
    CHECK_FAILS(recv(client, text, 8, 0), WSAETIMEDOUT);
    WSAOVERLAPPED o = overlapped_begin();
    CHECK_FAILS(WSARecv(client, &buffer, 1, NULL, &flags, &o, NULL), WSA_IO_PENDING);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &o.hEvent, FALSE, 30, FALSE), WSA_WAIT_TIMEOUT);
    send_all(server, "late", 4);
    WSASetLastError(WSA_IO_PENDING);
    CHECK_EQ(overlapped_end(client, &o, FALSE, &bytes), 0);
    CHECK_EQ(bytes, 4);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(wsarecv__reset_by_peer__fails_with_it)
{
    SOCKET client, server;
    LINGER hard = {1, 0};
    char text[8];
    WSABUF buffer = {8, text};
    DWORD flags = 0, bytes = 9;
    start_winsock();
    stream_pair(&client, &server);
    WSAOVERLAPPED o = overlapped_begin();
    CHECK_FAILS(WSARecv(client, &buffer, 1, NULL, &flags, &o, NULL), WSA_IO_PENDING);
    CHECK_EQ(setsockopt(server, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard), 0);
    CHECK_EQ(closesocket(server), 0);
    WSASetLastError(WSA_IO_PENDING);
    CHECK_EQ(overlapped_end(client, &o, FALSE, &bytes), WSAECONNRESET);
    CHECK_EQ(bytes, 0);
    CHECK_EQ((LONG)o.Internal, (LONG)0xC000020D); /* STATUS_CONNECTION_RESET: error 64 at a port */
    CHECK_EQ(closesocket(client), 0);
}

TEST(shutdown__receive_pending__still_gets_what_comes)
{
    SOCKET client, server;
    char text[8];
    WSABUF buffer = {8, text};
    DWORD flags = 0, bytes = 9;
    start_winsock();
    stream_pair(&client, &server);
    WSAOVERLAPPED o = overlapped_begin();
    CHECK_FAILS(WSARecv(client, &buffer, 1, NULL, &flags, &o, NULL), WSA_IO_PENDING);
    CHECK_EQ(shutdown(client, SD_RECEIVE), 0);
    CHECK_FAILS(recv(client, text, 8, 0), WSAESHUTDOWN);
    send_all(server, "test", 4); /* [obs:wine/sock shutdown] */
    WSASetLastError(WSA_IO_PENDING);
    CHECK_EQ(overlapped_end(client, &o, FALSE, &bytes), 0);
    CHECK_EQ(bytes, 4);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(wsarecv__cancelled__is_aborted_and_others_go_on)
{
    SOCKET client, server;
    char text[2][4];
    DWORD flags = 0, bytes = 0;
    start_winsock();
    stream_pair(&client, &server);
    WSAOVERLAPPED o[2];
    for (int i = 0; i < 2; i++) {
        WSABUF buffer = {4, text[i]};
        o[i] = overlapped_begin();
        CHECK_FAILS(WSARecv(client, &buffer, 1, NULL, &flags, &o[i], NULL), WSA_IO_PENDING);
    }
    cancel_overlapped(client, &o[0]);
    WSASetLastError(WSA_IO_PENDING);
    CHECK_EQ(overlapped_end(client, &o[0], FALSE, &bytes), WSA_OPERATION_ABORTED);
    CHECK_EQ(bytes, 0);
    send_all(server, "goon", 4);
    WSASetLastError(WSA_IO_PENDING);
    CHECK_EQ(overlapped_end(client, &o[1], FALSE, &bytes), 0);
    CHECK_EQ(memcmp(text[1], "goon", 4), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
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
    SOCKET client, server;
    char text[8];
    WSABUF buffer = {8, text};
    WSAOVERLAPPED o = {0};
    DWORD bytes = 0, flags = 0;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_FAILS(WSARecv(client, &buffer, 1, NULL, &flags, &o, NULL), WSA_IO_PENDING);
    send_all(server, "five!", 5);
    CHECK(WSAGetOverlappedResult(client, &o, &bytes, TRUE, NULL));
    CHECK_EQ(bytes, 5);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}
