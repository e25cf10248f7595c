/* SPDX-License-Identifier: MIT */
/* ws2_event_test.c - event objects; WSAEventSelect and the rules that re-enable each event. */
#include "ws2_test.h"

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)
enum { LIMIT_MS = 15000 };

static BOOL is_set(WSAEVENT event)
{
    return WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE) == WSA_WAIT_EVENT_0;
}

/* Waits for the event and returns what is recorded; resets both. */
static WSANETWORKEVENTS next_events(SOCKET s, WSAEVENT event)
{
    WSANETWORKEVENTS events = {0};
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, LIMIT_MS, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQ(WSAEnumNetworkEvents(s, event, &events), 0);
    CHECK(!is_set(event));
    return events;
}

static LONG recorded(SOCKET s)
{
    WSANETWORKEVENTS events = {0};
    CHECK_EQ(WSAEnumNetworkEvents(s, NULL, &events), 0);
    return events.lNetworkEvents;
}

TEST(event__created__is_manual_and_not_set)
{
    start_winsock();
    WSAEVENT event = WSACreateEvent();
    REQUIRE(event != WSA_INVALID_EVENT);
    CHECK(!is_set(event));
    CHECK(WSASetEvent(event));
    CHECK(is_set(event));
    CHECK(is_set(event));
    CHECK(WSAResetEvent(event));
    CHECK(!is_set(event));
    CHECK(WSACloseEvent(event));
    WSASetLastError(0);
    CHECK(!WSACloseEvent(event));
    CHECK_EQ(WSAGetLastError(), WSA_INVALID_HANDLE);
    CHECK(!WSASetEvent(event));
    CHECK(!WSAResetEvent(event));
}

TEST(wait__bad_arguments_and_results__documented)
{
    start_winsock();
    WSAEVENT events[2] = {WSACreateEvent(), WSACreateEvent()};
    CHECK_EQ(WSAWaitForMultipleEvents(0, events, FALSE, 0, FALSE), WSA_WAIT_FAILED);
    CHECK_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    CHECK_EQ(WSAWaitForMultipleEvents(65, events, FALSE, 0, FALSE), WSA_WAIT_FAILED);
    CHECK_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    CHECK_EQ(WSAWaitForMultipleEvents(2, events, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
    CHECK(WSASetEvent(events[1]));
    CHECK_EQ(WSAWaitForMultipleEvents(2, events, FALSE, 0, FALSE), WSA_WAIT_EVENT_0 + 1);
    CHECK_EQ(WSAWaitForMultipleEvents(2, events, TRUE, 0, FALSE), WSA_WAIT_TIMEOUT);
    CHECK(WSASetEvent(events[0]));
    CHECK_EQ(WSAWaitForMultipleEvents(2, events, TRUE, 0, FALSE), WSA_WAIT_EVENT_0);
    CHECK(WSACloseEvent(events[0]));
    CHECK_EQ(WSAWaitForMultipleEvents(2, events, FALSE, 0, FALSE), WSA_WAIT_FAILED);
    CHECK_EQ(WSAGetLastError(), WSA_INVALID_HANDLE);
    CHECK(WSACloseEvent(events[1]));
}

TEST(eventselect__bad_arguments__documented_errors)
{
    WSANETWORKEVENTS events;
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_FAILS(WSAEventSelect(s, NULL, FD_READ), WSAEINVAL);
    CHECK_FAILS(WSAEventSelect(s, (HANDLE)s, FD_READ), WSAEINVAL);
    CHECK_FAILS(WSAEventSelect(s, (HANDLE)(ULONG_PTR)0xdead0, FD_READ), WSAEINVAL);
    CHECK_FAILS(WSAEventSelect((SOCKET)1000000, NULL, 0), WSAENOTSOCK);
    CHECK_FAILS(WSAEnumNetworkEvents(s, NULL, NULL), WSAEFAULT);
    CHECK_FAILS(WSAEnumNetworkEvents((SOCKET)1000000, NULL, &events), WSAENOTSOCK);
    CHECK_EQ(closesocket(s), 0);
}

TEST(fd_read__data_stays__is_recorded_again_after_each_receive)
{
    SOCKET client, server;
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    WSAEVENT event = WSACreateEvent();
    CHECK_EQ(WSAEventSelect(client, event, FD_READ), 0);
    CHECK(!is_set(event));
    send_all(server, "abc", 3);
    CHECK_EQ(next_events(client, event).lNetworkEvents, FD_READ);
    CHECK(!is_set(event)); /* not again until recv */
    CHECK_EQ(recv(client, &byte, 1, 0), 1);
    CHECK_EQ(next_events(client, event).lNetworkEvents, FD_READ);
    CHECK_EQ(recv(client, &byte, 1, 0), 1);
    CHECK_EQ(next_events(client, event).lNetworkEvents, FD_READ);
    CHECK_EQ(recv(client, &byte, 1, 0), 1);
    CHECK(!is_set(event));
    CHECK_EQ(recorded(client), 0);
    CHECK(WSACloseEvent(event));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(fd_write__connected__once_then_after_would_block)
{
    SOCKET client, server;
    static char piece[1 << 16];
    start_winsock();
    stream_pair(&client, &server);
    WSAEVENT event = WSACreateEvent();
    CHECK_EQ(WSAEventSelect(client, event, FD_WRITE), 0);
    CHECK_EQ(next_events(client, event).lNetworkEvents, FD_WRITE);
    CHECK_EQ(send(client, piece, 10, 0), 10);
    CHECK(!is_set(event)); /* a send that succeeds does not re-enable it */
    long long sent = 10;
    int n;
    while ((n = send(client, piece, sizeof piece, 0)) > 0)
        sent += n;
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    while (sent > 0) {
        n = recv(server, piece, sizeof piece, 0);
        REQUIRE(n > 0);
        sent -= n;
    }
    CHECK_EQ(next_events(client, event).lNetworkEvents, FD_WRITE);
    CHECK(WSACloseEvent(event));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(fd_accept__two_connections__recorded_again_after_accept)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a), one = stream_socket(), two = stream_socket();
    WSAEVENT event = WSACreateEvent();
    CHECK_EQ(WSAEventSelect(listener, event, FD_ACCEPT), 0);
    CHECK_EQ(connect(one, NAME(a)), 0);
    CHECK_EQ(connect(two, NAME(a)), 0);
    CHECK_EQ(next_events(listener, event).lNetworkEvents, FD_ACCEPT);
    SOCKET first = accept(listener, NULL, NULL);
    REQUIRE(first != INVALID_SOCKET);
    CHECK_EQ(next_events(listener, event).lNetworkEvents, FD_ACCEPT);
    SOCKET second = accept(listener, NULL, NULL);
    REQUIRE(second != INVALID_SOCKET);
    CHECK(!is_set(event));
    CHECK_FAILS(accept(listener, NULL, NULL), WSAEWOULDBLOCK);
    CHECK(WSACloseEvent(event));
    CHECK_EQ(closesocket(first), 0);
    CHECK_EQ(closesocket(second), 0);
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(fd_connect__success_and_refusal__tell_the_error)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a), s = stream_socket();
    WSAEVENT event = WSACreateEvent();
    CHECK_EQ(WSAEventSelect(s, event, FD_CONNECT), 0);
    CHECK_FAILS(connect(s, NAME(a)), WSAEWOULDBLOCK);
    WSANETWORKEVENTS events = next_events(s, event);
    CHECK_EQ(events.lNetworkEvents, FD_CONNECT);
    CHECK_EQ(events.iErrorCode[FD_CONNECT_BIT], 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(listener), 0);
    SOCKET refuser = refuser4(&a);
    s = stream_socket();
    CHECK_EQ(WSAEventSelect(s, event, FD_CONNECT), 0);
    CHECK_FAILS(connect(s, NAME(a)), WSAEWOULDBLOCK);
    events = next_events(s, event);
    CHECK_EQ(events.lNetworkEvents, FD_CONNECT);
    CHECK_EQ(events.iErrorCode[FD_CONNECT_BIT], WSAECONNREFUSED);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(refuser), 0);
    CHECK(WSACloseEvent(event));
}

TEST(fd_close__end_and_reset__tell_which)
{
    SOCKET client, server;
    LINGER hard = {1, 0};
    start_winsock();
    WSAEVENT event = WSACreateEvent();
    stream_pair(&client, &server);
    CHECK_EQ(WSAEventSelect(client, event, FD_CLOSE), 0);
    CHECK_EQ(shutdown(server, SD_SEND), 0);
    WSANETWORKEVENTS events = next_events(client, event);
    CHECK_EQ(events.lNetworkEvents, FD_CLOSE);
    CHECK_EQ(events.iErrorCode[FD_CLOSE_BIT], 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    stream_pair(&client, &server);
    CHECK_EQ(WSAEventSelect(client, event, FD_CLOSE), 0);
    CHECK_EQ(setsockopt(server, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard), 0);
    CHECK_EQ(closesocket(server), 0);
    events = next_events(client, event);
    CHECK_EQ(events.lNetworkEvents, FD_CLOSE);
    CHECK_EQ(events.iErrorCode[FD_CLOSE_BIT], WSAECONNABORTED);
    CHECK_EQ(closesocket(client), 0);
    CHECK(WSACloseEvent(event));
}

TEST(any__event_not_recorded__its_error_code_stays)
{
    SOCKET client, server;
    WSANETWORKEVENTS events;
    start_winsock();
    WSAEVENT event = WSACreateEvent();
    stream_pair(&client, &server);
    CHECK_EQ(WSAEventSelect(client, event, FD_READ | FD_WRITE), 0);
    memset(&events, 0x55, sizeof events);
    CHECK_EQ(WSAEnumNetworkEvents(client, event, &events), 0);
    CHECK_EQ(events.lNetworkEvents, FD_WRITE);
    CHECK_EQ(events.iErrorCode[FD_WRITE_BIT], 0);
    CHECK_EQ(events.iErrorCode[FD_READ_BIT], 0x55555555);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK(WSACloseEvent(event));
}

TEST(fd_oob__urgent_data__is_recorded)
{
    SOCKET client, server;
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    WSAEVENT event = WSACreateEvent();
    CHECK_EQ(WSAEventSelect(server, event, FD_OOB), 0);
    CHECK_EQ(send(client, "!", 1, MSG_OOB), 1);
    CHECK_EQ(next_events(server, event).lNetworkEvents, FD_OOB);
    CHECK_EQ(recv(server, &byte, 1, MSG_OOB), 1);
    CHECK_EQ(byte, '!');
    CHECK(WSACloseEvent(event));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(eventselect__again__replaces_the_earlier_selection)
{
    SOCKET client, server;
    start_winsock();
    stream_pair(&client, &server);
    WSAEVENT one = WSACreateEvent(), two = WSACreateEvent();
    CHECK_EQ(WSAEventSelect(client, one, FD_READ), 0);
    CHECK_EQ(WSAEventSelect(client, two, FD_READ), 0);
    send_all(server, "x", 1);
    CHECK_EQ(next_events(client, two).lNetworkEvents, FD_READ);
    CHECK(!is_set(one));
    CHECK_EQ(WSAEventSelect(client, NULL, 0), 0);
    send_all(server, "y", 1);
    wait_readable(client);
    CHECK(!is_set(two));
    CHECK_EQ(WSAEventSelect(client, one, FD_READ | FD_CLOSE), 0);
    CHECK_EQ(next_events(client, one).lNetworkEvents,
        FD_READ); /* what is true already is told at once */
    CHECK(WSACloseEvent(one));
    CHECK(WSACloseEvent(two));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(accept__listener_has_a_selection__the_socket_inherits_it)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a), client = stream_socket();
    WSAEVENT event = WSACreateEvent();
    CHECK_EQ(WSAEventSelect(listener, event, FD_ACCEPT | FD_READ), 0);
    CHECK_EQ(connect(client, NAME(a)), 0);
    CHECK_EQ(next_events(listener, event).lNetworkEvents, FD_ACCEPT);
    SOCKET server = accept(listener, NULL, NULL);
    REQUIRE(server != INVALID_SOCKET);
    send_all(client, "x", 1);
    CHECK_EQ(next_events(server, event).lNetworkEvents, FD_READ);
    CHECK(WSACloseEvent(event));
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(listener), 0);
}
