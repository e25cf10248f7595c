/* SPDX-License-Identifier: MIT */
/* ws2_overlapped_test.c - sends and receives with an OVERLAPPED: event, completion routine, result,
 * cancellation. */
#include "ws2_test.h"

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
    CHECK_EQ((LONG)overlapped.Internal, (LONG)0xC0000120);
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
