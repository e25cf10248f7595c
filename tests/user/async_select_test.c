/* SPDX-License-Identifier: MIT */
/* async_select_test.c - WSAAsyncSelect: network events as messages, with the rules that re-enable each. */
#include "user_test.h"

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)
#define SELECTED (WM_USER + 1)

/* The next network event; 0 and WSAETIMEDOUT after some seconds. */
static int next_event(HWND window, SOCKET *ret_socket, int *ret_error)
{
    MSG message;
    while (!PeekMessageA(&message, window, SELECTED, SELECTED, PM_REMOVE)) {
        if (MsgWaitForMultipleObjectsEx(0, NULL, LIMIT_MS, QS_ALLINPUT, MWMO_INPUTAVAILABLE) == WAIT_TIMEOUT) {
            *ret_error = WSAETIMEDOUT;
            return 0;
        }
    }
    *ret_socket = (SOCKET)message.wParam;
    *ret_error = WSAGETSELECTERROR(message.lParam);
    return WSAGETSELECTEVENT(message.lParam);
}

static void expect(HWND window, SOCKET s, int event, int error)
{
    SOCKET got = INVALID_SOCKET;
    int got_error;
    REQUIRE_EQ(next_event(window, &got, &got_error), event);
    CHECK_EQ(got, s);
    CHECK_EQ(got_error, error);
}

static int nothing(HWND window)
{
    MSG message;
    return !PeekMessageA(&message, window, SELECTED, SELECTED, PM_REMOVE);
}

QUEUE_TEST(async_select__bad_arguments__documented_errors)
{
    start_winsock();
    HWND window = make_window("bad", DefWindowProcA);
    SOCKET s = stream_socket();
    CHECK_FAILS(WSAAsyncSelect(s, (HWND)(ULONG_PTR)0x1234567, SELECTED, FD_READ), WSAEINVAL);
    CHECK_FAILS(WSAAsyncSelect(s, window, SELECTED, 0x8000), WSAEINVAL);
    CHECK_FAILS(WSAAsyncSelect(INVALID_SOCKET, window, SELECTED, FD_READ), WSAENOTSOCK);
    closesocket(s);
    drop_window(window, "bad");
}

QUEUE_TEST(async_select__a_connection_from_connect_to_close__every_event_once)
{
    struct sockaddr_in address;
    char byte;
    start_winsock();
    HWND window = make_window("life", DefWindowProcA);
    SOCKET listener = listener4(&address);
    SOCKET client = stream_socket();
    REQUIRE_OK(WSAAsyncSelect(listener, window, SELECTED, FD_ACCEPT | FD_READ | FD_CLOSE));
    REQUIRE_OK(WSAAsyncSelect(client, window, SELECTED, FD_CONNECT));
    CHECK_FAILS(connect(client, NAME(address)), WSAEWOULDBLOCK);
    int accepted = 0, connected = 0;
    while (!accepted || !connected) {
        SOCKET s = INVALID_SOCKET;
        int error, event = next_event(window, &s, &error);
        REQUIRE(event != 0);
        CHECK_EQ(error, 0);
        CHECK(event == FD_ACCEPT ? s == listener : s == client && event == FD_CONNECT);
        accepted |= event == FD_ACCEPT;
        connected |= event == FD_CONNECT;
    }
    SOCKET server = accept(listener, NULL, NULL); /* inherits FD_READ and FD_CLOSE */
    REQUIRE(server != INVALID_SOCKET);
    REQUIRE_OK(WSAAsyncSelect(client, window, SELECTED, FD_WRITE));
    expect(window, client, FD_WRITE, 0);
    send_all(client, "ab", 2);
    expect(window, server, FD_READ, 0);
    CHECK(nothing(window)); /* until it is read */
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    expect(window, server, FD_READ, 0); /* one byte is left */
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK_FAILS(recv(server, &byte, 1, 0), WSAEWOULDBLOCK);
    closesocket(client);
    expect(window, server, FD_CLOSE, 0);
    CHECK(nothing(window));
    closesocket(server);
    closesocket(listener);
    drop_window(window, "life");
}

QUEUE_TEST(async_select__connect_refused__tells_the_error)
{
    struct sockaddr_in address;
    start_winsock();
    HWND window = make_window("refused", DefWindowProcA);
    SOCKET refuser = refuser4(&address), s = stream_socket();
    REQUIRE_OK(WSAAsyncSelect(s, window, SELECTED, FD_CONNECT));
    CHECK_FAILS(connect(s, NAME(address)), WSAEWOULDBLOCK);
    expect(window, s, FD_CONNECT, WSAECONNREFUSED);
    closesocket(s);
    closesocket(refuser);
    drop_window(window, "refused");
}

QUEUE_TEST(async_select__replaced_by_event_select_and_cancelled__no_message)
{
    SOCKET client, server;
    char byte;
    start_winsock();
    HWND window = make_window("replaced", DefWindowProcA);
    WSAEVENT event = WSACreateEvent();
    stream_pair(&client, &server);
    REQUIRE_OK(WSAAsyncSelect(server, window, SELECTED, FD_READ));
    REQUIRE_OK(WSAEventSelect(server, event, FD_READ));
    send_all(client, "a", 1);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, LIMIT_MS, FALSE), WSA_WAIT_EVENT_0);
    CHECK(nothing(window));
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    REQUIRE_OK(WSAAsyncSelect(server, window, SELECTED, FD_READ));
    CHECK(WSAResetEvent(event));
    send_all(client, "b", 1);
    expect(window, server, FD_READ, 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
    REQUIRE_OK(WSAAsyncSelect(server, window, 0, 0));
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK_FAILS(recv(server, &byte, 1, 0), WSAEWOULDBLOCK); /* it stays non-blocking */
    CHECK(nothing(window));
    WSACloseEvent(event);
    closesocket(client);
    closesocket(server);
    drop_window(window, "replaced");
}

/* [test:wine/ws2_32/sock.c iocp] */
QUEUE_TEST(async_select__last_handle_closed__close_is_posted_but_not_by_closesocket)
{
    SOCKET client, server;
    HANDLE duplicate;
    start_winsock();
    HWND window = make_window("handle", DefWindowProcA);
    stream_pair(&client, &server);
    REQUIRE_OK(WSAAsyncSelect(client, window, SELECTED, FD_READ | FD_WRITE | FD_CLOSE));
    expect(window, client, FD_WRITE, 0);
    CHECK(DuplicateHandle(GetCurrentProcess(), (HANDLE)client, GetCurrentProcess(), &duplicate, 0, FALSE,
        DUPLICATE_SAME_ACCESS));
    CHECK(CloseHandle((HANDLE)client));
    CHECK(nothing(window));
    CHECK(CloseHandle(duplicate));
    expect(window, client, FD_CLOSE, 0);
    CHECK(nothing(window));
    /* The thread of the selections has ended itself; the next selection starts another. */
    REQUIRE_OK(WSAAsyncSelect(server, window, SELECTED, FD_CLOSE));
    expect(window, server, FD_CLOSE, 0); /* the peer is gone */
    closesocket(server);
    CHECK(nothing(window));
    CHECK_EQ(closesocket(client), 0); /* the provider lets go of what CloseHandle has closed */
    drop_window(window, "handle");
}

QUEUE_TEST(async_select__handles_closed_beside_selected_sockets__only_theirs_end)
{
    enum { COUNT = 20 };
    SOCKET clients[COUNT], servers[COUNT], s;
    int error;
    start_winsock();
    HWND window = make_window("beside", DefWindowProcA);
    for (int i = 0; i < COUNT; i++) {
        stream_pair(&clients[i], &servers[i]);
        REQUIRE_OK(WSAAsyncSelect(servers[i], window, SELECTED, FD_READ));
        REQUIRE_OK(WSAAsyncSelect(clients[i], window, SELECTED, FD_CLOSE));
    }
    for (int i = 0; i < COUNT; i += 2) {
        CHECK(CloseHandle((HANDLE)clients[i]));
        expect(window, clients[i], FD_CLOSE, 0);
    }
    for (int i = 1; i < COUNT; i += 2) {
        send_all(clients[i], "x", 1);
        REQUIRE_EQ(next_event(window, &s, &error), FD_READ);
        CHECK_EQ(s, servers[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        closesocket(clients[i]);
        closesocket(servers[i]);
    }
    CHECK(nothing(window));
    drop_window(window, "beside");
}

/* [test:wine/ws2_32/sock.c events] */
QUEUE_TEST(async_select__receive_refused__read_is_posted_again)
{
    SOCKET client, server;
    char byte;
    start_winsock();
    HWND window = make_window("refused_read", DefWindowProcA);
    stream_pair(&client, &server);
    REQUIRE_OK(WSAAsyncSelect(server, window, SELECTED, FD_READ));
    send_all(client, "ab", 2);
    expect(window, server, FD_READ, 0);
    CHECK_FAILS(recv(server, &byte, -1, 0), WSAEFAULT);
    expect(window, server, FD_READ, 0);
    CHECK_FAILS(recv(server, (char *)12, 1, 0), WSAEFAULT);
    expect(window, server, FD_READ, 0);
    CHECK(nothing(window));
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    expect(window, server, FD_READ, 0);
    closesocket(client);
    closesocket(server);
    drop_window(window, "refused_read");
}

enum { PAIRS = 150, ROUNDS = 4 };

QUEUE_TEST(async_select__more_sockets_than_events_to_wait_for__none_is_missed)
{
    static SOCKET clients[PAIRS], servers[PAIRS];
    int received = 0;
    start_winsock();
    HWND window = make_window("many", DefWindowProcA);
    for (int i = 0; i < PAIRS; i++) {
        stream_pair(&clients[i], &servers[i]);
        REQUIRE_OK(WSAAsyncSelect(servers[i], window, SELECTED, FD_READ));
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < PAIRS; i++)
            send_all(clients[i], "x", 1);
        for (int i = 0; i < PAIRS; i++) {
            SOCKET s;
            int error;
            char byte;
            REQUIRE_EQ(next_event(window, &s, &error), FD_READ);
            CHECK_EQ(recv(s, &byte, 1, 0), 1);
            received++;
        }
    }
    CHECK_EQ(received, PAIRS * ROUNDS);
    for (int i = 0; i < PAIRS; i++) {
        closesocket(clients[i]);
        closesocket(servers[i]);
    }
    drop_window(window, "many");
}
