/* SPDX-License-Identifier: MIT */
/*
 * accept_matrix.c - every way to accept a connection, asserted absolutely.
 *
 * The promise of the project: however many drivers are layered above AFD, every outcome is the one
 * without them; only the service pack of Q201348 may differ, and only in accept() itself. run_matrix.sh
 * runs this one program under every shape of driver, every profile and every engine; what a case
 * expects depends on nothing but whether a driver is attached when AFD sees IOCTL_AFD_ACCEPT and
 * whether the profile has the defect (defect_shows below).
 *
 * Environment, set by the script: MATRIX_ATTACH = start (default; NTSOCK_DRIVERS names the drivers),
 * late (MATRIX_DRIVER is attached when the listener is open), between (attached when the connection
 * waits and the accepting socket is not yet open), none. MATRIX_STORM = connections of the storm.
 *
 * A Windows program: only Windows headers, ntsock.h for attaching drivers, and the test macros.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <winternl.h>

#include <process.h>
#include <stdlib.h>
#include <string.h>

#include <ntsock.h>

#include "ntstest.h"

enum attach { ATTACH_NONE, ATTACH_START, ATTACH_LATE, ATTACH_BETWEEN };

static enum attach attach_mode(void)
{
    const char *text = getenv("MATRIX_ATTACH");
    if (text == NULL || strcmp(text, "start") == 0)
        return getenv("NTSOCK_DRIVERS") != NULL ? ATTACH_START : ATTACH_NONE;
    if (strcmp(text, "late") == 0)
        return ATTACH_LATE;
    return strcmp(text, "between") == 0 ? ATTACH_BETWEEN : ATTACH_NONE;
}

static int attached;

/* A case calls this at both moments; the driver is attached at the one that the shape asks for. */
static void attach_point(enum attach moment)
{
    const char *reason = NULL;
    if (attach_mode() != moment || attached)
        return;
    attached = 1;
    int result = ntsock_load_driver(getenv("MATRIX_DRIVER"), &reason);
    if (result != 0)
        nts_fail(__FILE__, __LINE__, "driver did not load: %s", reason);
}

/* Q201348: service pack 4 exactly, any driver above AFD. By the time of the ACCEPT all shapes have one. */
static int defect_shows(void)
{
    return ntsock_service_pack() == 4 && attach_mode() != ATTACH_NONE;
}

static void start(void)
{
    WSADATA data;
    REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

/* A driver that the case attached goes again, once the last request has left it. */
static void detach(void)
{
    char name[64] = "";
    const char *path = getenv("MATRIX_DRIVER");
    const char *base = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    strncat(name, base, strcspn(base, ".:") < 63 ? strcspn(base, ".:") : 63);
    while (ntsock_unload_driver(name) != 0)
        SwitchToThread();
    attached = 0;
}

static void finish(void)
{
    CHECK_EQ(WSACleanup(), 0);
    if (attached)
        detach();
}

static SOCKET open_listener(struct sockaddr_in *address, int backlog)
{
    int length = sizeof *address;
    SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    REQUIRE(listener != INVALID_SOCKET);
    attach_point(ATTACH_LATE);
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE_EQ(bind(listener, (struct sockaddr *)address, sizeof *address), 0);
    REQUIRE_EQ(listen(listener, backlog), 0);
    REQUIRE_EQ(getsockname(listener, (struct sockaddr *)address, &length), 0);
    CHECK_EQ(length, sizeof *address);
    CHECK(address->sin_port != 0);
    return listener;
}

/* Linger 0: the client's close resets, so that tens of thousands of cases leave no TIME_WAIT behind. */
static SOCKET connect_client(const struct sockaddr_in *address)
{
    struct linger linger = {1, 0};
    SOCKET client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    REQUIRE(client != INVALID_SOCKET);
    REQUIRE_EQ(setsockopt(client, SOL_SOCKET, SO_LINGER, (const char *)&linger, sizeof linger), 0);
    REQUIRE_EQ(connect(client, (const struct sockaddr *)address, sizeof *address), 0);
    return client;
}

static void exchange(SOCKET server, SOCKET client)
{
    char byte = 0;
    CHECK_EQ(send(client, "a", 1, 0), 1);
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'a');
    CHECK_EQ(send(server, "b", 1, 0), 1);
    CHECK_EQ(recv(client, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'b');
}

/* The outcome of an accept that should succeed: a working connection, or exactly Q201348. */
static void check_accepted(SOCKET server, int error, SOCKET client, const struct sockaddr_in *peer)
{
    struct sockaddr_in name;
    int length = sizeof name;
    char byte;
    if (defect_shows()) {
        CHECK(server == INVALID_SOCKET);
        CHECK_EQ(error, WSAEINVAL);
        CHECK_EQ(recv(client, &byte, 1, 0), SOCKET_ERROR); /* the failed accept resets the connection */
        CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
        closesocket(client);
        return;
    }
    if (server == INVALID_SOCKET) {
        nts_fail(__FILE__, __LINE__, "accept failed with %d", error);
        closesocket(client);
        return;
    }
    CHECK_EQ(getsockname(client, (struct sockaddr *)&name, &length), 0);
    if (peer != NULL) {
        CHECK_EQ(peer->sin_family, AF_INET);
        CHECK_EQ(peer->sin_port, name.sin_port);
        CHECK_EQ(peer->sin_addr.s_addr, name.sin_addr.s_addr);
    }
    length = sizeof name;
    CHECK_EQ(getpeername(server, (struct sockaddr *)&name, &length), 0);
    exchange(server, client);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

static void accept_and_check(SOCKET listener, SOCKET client)
{
    struct sockaddr_in peer;
    int length = sizeof peer;
    attach_point(ATTACH_BETWEEN);
    SOCKET server = accept(listener, (struct sockaddr *)&peer, &length);
    int error = server == INVALID_SOCKET ? WSAGetLastError() : 0;
    if (server != INVALID_SOCKET) {
        u_long off = 0; /* a socket accepted from a non-blocking listener is non-blocking: inherited */
        CHECK_EQ(WSAEventSelect(server, NULL, 0), 0);
        CHECK_EQ(ioctlsocket(server, FIONBIO, &off), 0);
        CHECK_EQ(length, sizeof peer);
    }
    check_accepted(server, error, client, &peer);
}

TEST(blocking__connection_waits__accepted)
{
    struct sockaddr_in address;
    start();
    SOCKET listener = open_listener(&address, 5);
    SOCKET client = connect_client(&address);
    accept_and_check(listener, client);
    CHECK_EQ(closesocket(listener), 0);
    finish();
}

TEST(blocking__without_address__accepted)
{
    struct sockaddr_in address;
    start();
    SOCKET listener = open_listener(&address, 5);
    SOCKET client = connect_client(&address);
    attach_point(ATTACH_BETWEEN);
    SOCKET server = accept(listener, NULL, NULL);
    check_accepted(server, WSAGetLastError(), client, NULL);
    CHECK_EQ(closesocket(listener), 0);
    finish();
}

/* --- a thread blocked in accept --- */

struct blocked_accept {
    SOCKET listener;
    SOCKET server;
    int error;
};

static unsigned __stdcall accept_thread(void *context)
{
    struct blocked_accept *call = context;
    call->server = accept(call->listener, NULL, NULL);
    call->error = call->server == INVALID_SOCKET ? WSAGetLastError() : 0;
    return 7;
}

/*
 * Returns when the thread's request is in the stack, seen by its IRP: no sleeping. A driver that finishes on
 * another thread may still hold the IRP of an earlier call: that one goes first.
 */
static HANDLE start_blocked_accept(struct blocked_accept *call, SOCKET listener)
{
    struct ntsock_diagnostics now;
    do {
        SwitchToThread();
        ntsock_query_diagnostics(&now);
    } while (now.irps != 0);
    call->listener = listener;
    call->server = INVALID_SOCKET;
    call->error = 0;
    HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, accept_thread, call, 0, NULL);
    REQUIRE(thread != NULL);
    do {
        SwitchToThread();
        ntsock_query_diagnostics(&now);
    } while (now.irps == 0);
    return thread;
}

static void join_blocked_accept(HANDLE thread)
{
    DWORD code = 0;
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 7);
    CHECK(CloseHandle(thread));
}

TEST(blocking__connection_arrives_later__accepted)
{
    struct sockaddr_in address;
    struct blocked_accept call;
    start();
    SOCKET listener = open_listener(&address, 5);
    HANDLE thread = start_blocked_accept(&call, listener);
    attach_point(ATTACH_BETWEEN); /* the wait went down the old stack, the rest goes down the new one */
    SOCKET client = connect_client(&address);
    join_blocked_accept(thread);
    check_accepted(call.server, call.error, client, NULL);
    CHECK_EQ(closesocket(listener), 0);
    finish();
}

TEST(blocking__listener_closed_by_another_thread__interrupted)
{
    struct sockaddr_in address;
    struct blocked_accept call;
    start();
    SOCKET listener = open_listener(&address, 5);
    attach_point(ATTACH_BETWEEN);
    HANDLE thread = start_blocked_accept(&call, listener);
    CHECK_EQ(closesocket(listener), 0);
    join_blocked_accept(thread);
    CHECK(call.server == INVALID_SOCKET);
    CHECK_EQ(call.error, WSAEINTR);
    finish();
}

TEST(blocking__cancelled__fails_and_listener_still_works)
{
    struct sockaddr_in address;
    struct blocked_accept call;
    IO_STATUS_BLOCK iosb;
    start();
    SOCKET listener = open_listener(&address, 5);
    attach_point(ATTACH_BETWEEN);
    HANDLE thread = start_blocked_accept(&call, listener);
    /* The IRP may still be on its way down through a driver that pends it: not found yet, or cancelled
     * before it reached AFD. Both end the call. */
    while (NtCancelIoFileEx((HANDLE)listener, NULL, &iosb) != 0 && call.error == 0)
        SwitchToThread();
    join_blocked_accept(thread);
    CHECK(call.server == INVALID_SOCKET);
    CHECK_EQ(call.error, WSAEINTR); /* a blocking call that is cancelled, however, is interrupted */
    SOCKET client = connect_client(&address);
    accept_and_check(listener, client);
    CHECK_EQ(closesocket(listener), 0);
    finish();
}

/* --- non-blocking and the readiness families --- */

static void set_nonblocking(SOCKET s)
{
    u_long on = 1;
    REQUIRE_EQ(ioctlsocket(s, FIONBIO, &on), 0);
}

TEST(nonblocking__nothing_waits__would_block)
{
    struct sockaddr_in address;
    start();
    SOCKET listener = open_listener(&address, 5);
    set_nonblocking(listener);
    attach_point(ATTACH_BETWEEN);
    CHECK(accept(listener, NULL, NULL) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    CHECK_EQ(closesocket(listener), 0);
    finish();
}

TEST(nonblocking__after_select__accepted)
{
    struct sockaddr_in address;
    struct timeval zero = {0, 0};
    fd_set set;
    start();
    SOCKET listener = open_listener(&address, 5);
    set_nonblocking(listener);
    FD_ZERO(&set);
    FD_SET(listener, &set);
    CHECK_EQ(select(0, &set, NULL, NULL, &zero), 0);
    CHECK_EQ(set.fd_count, 0);
    SOCKET client = connect_client(&address);
    FD_ZERO(&set);
    FD_SET(listener, &set);
    CHECK_EQ(select(0, &set, NULL, NULL, NULL), 1);
    CHECK(FD_ISSET(listener, &set));
    accept_and_check(listener, client);
    CHECK_EQ(closesocket(listener), 0);
    finish();
}

TEST(nonblocking__after_wsapoll__accepted)
{
    struct sockaddr_in address;
    start();
    SOCKET listener = open_listener(&address, 5);
    set_nonblocking(listener);
    WSAPOLLFD item = {listener, POLLRDNORM, 0};
    CHECK_EQ(WSAPoll(&item, 1, 0), 0);
    SOCKET client = connect_client(&address);
    CHECK_EQ(WSAPoll(&item, 1, -1), 1);
    CHECK_EQ(item.revents, POLLRDNORM);
    accept_and_check(listener, client);
    CHECK_EQ(closesocket(listener), 0);
    finish();
}

TEST(event_select__after_fd_accept__accepted_and_re_enabled)
{
    struct sockaddr_in address;
    WSANETWORKEVENTS events;
    start();
    SOCKET listener = open_listener(&address, 5);
    WSAEVENT event = WSACreateEvent();
    REQUIRE(event != WSA_INVALID_EVENT);
    CHECK_EQ(WSAEventSelect(listener, event, FD_ACCEPT), 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
    for (int round = 0; round < 2; round++) {
        SOCKET client = connect_client(&address);
        CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, WSA_INFINITE, FALSE), WSA_WAIT_EVENT_0);
        CHECK_EQ(WSAEnumNetworkEvents(listener, event, &events), 0);
        CHECK_EQ(events.lNetworkEvents, FD_ACCEPT);
        CHECK_EQ(events.iErrorCode[FD_ACCEPT_BIT], 0);
        CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
        accept_and_check(listener, client);
    }
    CHECK_EQ(closesocket(listener), 0);
    CHECK(WSACloseEvent(event));
    finish();
}

/* --- WSAAccept's condition function --- */

struct condition {
    int answer;
    int calls;
    struct sockaddr_in caller;
};

static int CALLBACK condition(LPWSABUF caller_id, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
    LPWSABUF callee_id, LPWSABUF callee_data, GROUP *group, DWORD_PTR context)
{
    struct condition *state = (struct condition *)context;
    (void)caller_data, (void)sqos, (void)gqos, (void)callee_data, (void)group;
    state->calls++;
    if (caller_id != NULL && caller_id->len >= sizeof state->caller)
        memcpy(&state->caller, caller_id->buf, sizeof state->caller);
    CHECK(callee_id != NULL && callee_id->buf != NULL);
    attach_point(ATTACH_BETWEEN); /* exactly between the wait and the opening of the new socket */
    return state->answer;
}

static SOCKET conditional_accept(SOCKET listener, struct condition *state, int *error)
{
    SOCKET server = WSAAccept(listener, NULL, NULL, condition, (DWORD_PTR)state);
    *error = server == INVALID_SOCKET ? WSAGetLastError() : 0;
    return server;
}

TEST(condition_accepts__accepted)
{
    struct sockaddr_in address, name;
    struct condition state = {.answer = CF_ACCEPT};
    int error, length = sizeof name;
    start();
    SOCKET listener = open_listener(&address, 5);
    SOCKET client = connect_client(&address);
    CHECK_EQ(getsockname(client, (struct sockaddr *)&name, &length), 0);
    SOCKET server = conditional_accept(listener, &state, &error);
    CHECK_EQ(state.calls, 1);
    CHECK_EQ(state.caller.sin_port, name.sin_port);
    check_accepted(server, error, client, NULL);
    CHECK_EQ(closesocket(listener), 0);
    finish();
}

TEST(condition_rejects__refused_and_reset)
{
    struct sockaddr_in address;
    struct condition state = {.answer = CF_REJECT};
    char byte;
    int error;
    start();
    SOCKET listener = open_listener(&address, 5);
    SOCKET client = connect_client(&address);
    CHECK(conditional_accept(listener, &state, &error) == INVALID_SOCKET);
    CHECK_EQ(error, WSAECONNREFUSED);
    CHECK_EQ(recv(client, &byte, 1, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(listener), 0);
    finish();
}

TEST(condition_defers__try_again_then_same_connection)
{
    struct sockaddr_in address;
    struct condition state = {.answer = CF_DEFER};
    int error;
    start();
    SOCKET listener = open_listener(&address, 5);
    SOCKET client = connect_client(&address);
    CHECK(conditional_accept(listener, &state, &error) == INVALID_SOCKET);
    CHECK_EQ(error, WSATRY_AGAIN);
    u_short port = state.caller.sin_port;
    CHECK(conditional_accept(listener, &state, &error) == INVALID_SOCKET);
    CHECK_EQ(error, WSATRY_AGAIN);
    CHECK_EQ(state.caller.sin_port, port);
    state.answer = CF_ACCEPT;
    SOCKET server = conditional_accept(listener, &state, &error);
    CHECK_EQ(state.calls, 3);
    CHECK_EQ(state.caller.sin_port, port);
    check_accepted(server, error, client, NULL);
    CHECK_EQ(closesocket(listener), 0);
    finish();
}

/* --- what cannot be accepted on --- */

static void check_accept_fails(SOCKET s, int expected)
{
    attach_point(ATTACH_BETWEEN);
    WSASetLastError(0);
    CHECK(accept(s, NULL, NULL) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), expected);
}

TEST(closed_socket__not_a_socket)
{
    struct sockaddr_in address;
    start();
    SOCKET listener = open_listener(&address, 5);
    CHECK_EQ(closesocket(listener), 0);
    check_accept_fails(listener, WSAENOTSOCK);
    finish();
}

TEST(unbound_socket__invalid)
{
    start();
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    attach_point(ATTACH_LATE);
    check_accept_fails(s, WSAEINVAL);
    CHECK_EQ(closesocket(s), 0);
    finish();
}

TEST(bound_but_not_listening__invalid)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    start();
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    attach_point(ATTACH_LATE);
    CHECK_EQ(bind(s, (struct sockaddr *)&address, sizeof address), 0);
    check_accept_fails(s, WSAEINVAL);
    CHECK_EQ(closesocket(s), 0);
    finish();
}

TEST(datagram_socket__not_supported)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    start();
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    attach_point(ATTACH_LATE);
    CHECK_EQ(bind(s, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(listen(s, 5), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEOPNOTSUPP);
    check_accept_fails(s, WSAEOPNOTSUPP);
    CHECK_EQ(closesocket(s), 0);
    finish();
}

TEST(not_a_socket__not_a_socket)
{
    start();
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    attach_point(ATTACH_LATE);
    check_accept_fails((SOCKET)event, WSAENOTSOCK);
    check_accept_fails(INVALID_SOCKET, WSAENOTSOCK);
    check_accept_fails((SOCKET)0x7ffffff0, WSAENOTSOCK);
    CHECK(CloseHandle(event));
    finish();
}

TEST(short_address_buffer__fault_and_connection_stays)
{
    struct sockaddr_in address, peer;
    int length = sizeof peer - 1;
    start();
    SOCKET listener = open_listener(&address, 5);
    SOCKET client = connect_client(&address);
    attach_point(ATTACH_BETWEEN);
    CHECK(accept(listener, (struct sockaddr *)&peer, &length) == INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    accept_and_check(listener, client);
    CHECK_EQ(closesocket(listener), 0);
    finish();
}

/* --- many at once --- */

enum { ACCEPTORS = 8, CONNECTORS = 2 };

struct storm {
    SOCKET listener;
    struct sockaddr_in address;
    LONG total;            /* connections to make */
    volatile LONG started; /* by connectors */
    volatile LONG accepted, refused, wrong, answered;
};

static void serve_one(struct storm *storm, SOCKET server)
{
    char byte = 0;
    if (recv(server, &byte, 1, 0) != 1 || byte != 'q' || send(server, "r", 1, 0) != 1)
        InterlockedIncrement(&storm->wrong);
    (void)recv(server, &byte, 1, 0); /* the client's reset or end */
    closesocket(server);
    InterlockedIncrement(&storm->accepted);
}

static unsigned __stdcall acceptor(void *context)
{
    struct storm *storm = context;
    for (;;) {
        SOCKET server = accept(storm->listener, NULL, NULL);
        if (server != INVALID_SOCKET) {
            serve_one(storm, server);
            continue;
        }
        switch (WSAGetLastError()) {
        case WSAEINVAL:
            InterlockedIncrement(&storm->refused);
            break;
        case WSAEINTR: /* the listener was closed while we waited, */
        case WSAENOTSOCK: /* or between two calls */
            return 0;
        default:
            nts_fail(__FILE__, __LINE__, "accept failed with %d", WSAGetLastError());
            InterlockedIncrement(&storm->wrong);
            return 1;
        }
    }
}

static unsigned __stdcall connector(void *context)
{
    struct storm *storm = context;
    while (InterlockedIncrement(&storm->started) <= storm->total) {
        char byte = 0;
        SOCKET client = connect_client(&storm->address);
        (void)send(client, "q", 1, 0);
        if (recv(client, &byte, 1, 0) == 1 && byte == 'r')
            InterlockedIncrement(&storm->answered);
        closesocket(client);
    }
    return 0;
}

static LONG storm_total(void)
{
    const char *text = getenv("MATRIX_STORM");
    return text != NULL ? atoi(text) : 10000;
}

TEST(storm__many_connections_eight_acceptors__each_accepted_once)
{
    struct storm storm = {.total = storm_total()};
    HANDLE threads[ACCEPTORS + CONNECTORS];
    start();
    storm.listener = open_listener(&storm.address, 128);
    attach_point(ATTACH_BETWEEN);
    if (defect_shows() && storm.total > 200)
        storm.total = 200;
    for (int i = 0; i < ACCEPTORS + CONNECTORS; i++)
        threads[i] = (HANDLE)_beginthreadex(NULL, 0, i < ACCEPTORS ? acceptor : connector, &storm, 0, NULL);
    CHECK_EQ(WaitForMultipleObjects(CONNECTORS, threads + ACCEPTORS, TRUE, INFINITE), WAIT_OBJECT_0);
    while (InterlockedOr(&storm.accepted, 0) + InterlockedOr(&storm.refused, 0) < storm.total &&
        InterlockedOr(&storm.wrong, 0) == 0)
        SwitchToThread();
    CHECK_EQ(closesocket(storm.listener), 0);
    CHECK_EQ(WaitForMultipleObjects(ACCEPTORS, threads, TRUE, INFINITE), WAIT_OBJECT_0);
    for (int i = 0; i < ACCEPTORS + CONNECTORS; i++)
        CHECK(CloseHandle(threads[i]));
    CHECK_EQ(storm.wrong, 0);
    CHECK_EQ(storm.accepted, defect_shows() ? 0 : storm.total);
    CHECK_EQ(storm.refused, defect_shows() ? storm.total : 0);
    CHECK_EQ(storm.answered, storm.accepted);
    finish();
}
