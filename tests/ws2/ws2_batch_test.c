/* SPDX-License-Identifier: MIT */
/*
 * ws2_batch_test.c - several packets taken at once, and what a thread does between two of them.
 *
 * Goal: an engine may put off the sends that a thread makes while it has packets in hand, to make them together. Nobody
 * can tell: whatever the thread does next, the bytes go, in order, and each send has one end.
 * Method: two connections become ready together, so that one call takes both packets; then something is
 * sent, and something else done. Where the engine puts sends off it is made sure that it did.
 */
#include "ws2_ex_test.h"

#include <stdlib.h>
#include <string.h>

enum { PEERS = 2, WAIT_MS = 15000 };

typedef struct LINE {
    HANDLE port;
    SOCKET peer[PEERS], server[PEERS];
    WSAOVERLAPPED receive[PEERS], send[PEERS];
    char byte[PEERS];
    char text[PEERS];
    WSABUF out[PEERS];
    BOOL pending; /* a send is not over yet: with a driver that holds requests it has not gone down */
} LINE;

/* A driver may hand the send to another thread, which has no packets. */
static BOOL puts_off(void)
{
    const char *engine = getenv("NTSOCK_ENGINE");
    return engine != NULL && strcmp(engine, "uring") == 0 && getenv("NTSOCK_DRIVERS") == NULL;
}

/* Takes so many packets, whose operations have all succeeded; returns their bytes. */
static DWORD take_packets(LINE *line, ULONG wanted)
{
    OVERLAPPED_ENTRY entries[8];
    DWORD bytes = 0;
    while (wanted != 0) {
        ULONG count = 0;
        REQUIRE(GetQueuedCompletionStatusEx(line->port, entries, wanted < 8 ? wanted : 8, &count, WAIT_MS, FALSE));
        for (ULONG i = 0; i < count; i++) {
            CHECK_EQ(entries[i].lpOverlapped->Internal, 0);
            bytes += entries[i].dwNumberOfBytesTransferred;
        }
        wanted -= count;
    }
    return bytes;
}

static void open_line_once(LINE *line)
{
    memset(line, 0, sizeof *line);
    line->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    REQUIRE(line->port != NULL);
    for (int i = 0; i < PEERS; i++) {
        WSABUF in = {1, &line->byte[i]};
        DWORD flags = 0;
        stream_pair(&line->peer[i], &line->server[i]);
        REQUIRE(CreateIoCompletionPort((HANDLE)line->server[i], line->port, (ULONG_PTR)i, 0) == line->port);
        CHECK_FAILS(WSARecv(line->server[i], &in, 1, NULL, &flags, &line->receive[i], NULL), WSA_IO_PENDING);
        line->text[i] = (char)('a' + i);
        line->out[i].len = 1;
        line->out[i].buf = &line->text[i];
    }
    for (int i = 0; i < PEERS; i++)
        CHECK_EQ(send(line->peer[i], "?", 1, 0), 1);
    CHECK_EQ(take_packets(line, PEERS), PEERS);
}

static void close_line(LINE *line)
{
    for (int i = 0; i < PEERS; i++) {
        if (line->peer[i] != INVALID_SOCKET)
            CHECK_EQ(closesocket(line->peer[i]), 0);
        if (line->server[i] != INVALID_SOCKET)
            CHECK_EQ(closesocket(line->server[i]), 0);
    }
    CHECK(CloseHandle(line->port));
}

static void start_send(LINE *line, int i)
{
    int result = WSASend(line->server[i], &line->out[i], 1, NULL, 0, &line->send[i], NULL);
    line->pending = result != 0;
    if (line->pending)
        CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
}

/* The first send has gone down; returns how many packets of it are to come. */
static ULONG settle(LINE *line)
{
    if (!line->pending)
        return 1;
    CHECK_EQ(take_packets(line, 1), 1);
    return 0;
}

/* What has been sent on the loopback is there at once. */
static BOOL is_put_off(SOCKET peer)
{
    u_long bytes = 1;
    CHECK_EQ(ioctlsocket(peer, FIONREAD, &bytes), 0);
    return bytes == 0;
}

/* Both packets taken, the first send made. */
static void open_line(LINE *line)
{
    start_winsock();
    for (int tries = 0;; tries++) {
        open_line_once(line);
        start_send(line, 0);
        /* The stack's own thread may have been faster for once. */
        if (!puts_off() || is_put_off(line->peer[0]))
            break;
        REQUIRE(tries < 50);
        CHECK_EQ(take_packets(line, 1), 1);
        close_line(line);
    }
}

static void expect_byte(SOCKET s, char wanted)
{
    char byte = 0;
    receive_all(s, &byte, 1);
    CHECK_EQ(byte, wanted);
}

static void expect_end(SOCKET s)
{
    char byte;
    CHECK_EQ(recv(s, &byte, 1, 0), 0);
}

TEST(packets_in_hand__sends_then_waits_for_the_port__both_arrive_and_complete)
{
    LINE line;
    open_line(&line);
    start_send(&line, 1);
    CHECK_EQ(take_packets(&line, 2), 2);
    expect_byte(line.peer[0], 'a');
    expect_byte(line.peer[1], 'b');
    close_line(&line);
}

/* --- the thread does something else, until another has got the bytes --- */

typedef struct READER {
    SOCKET s;
    HANDLE event;
    CRITICAL_SECTION section;
    LONG owns, got; /* atomic */
} READER;

static DWORD read_and_signal(void *context)
{
    READER *reader = context;
    expect_byte(reader->s, 'a');
    CHECK(SetEvent(reader->event));
    return 0;
}

TEST(packets_in_hand__sends_then_waits_for_an_event__the_bytes_go)
{
    LINE line;
    READER reader;
    open_line(&line);
    reader.s = line.peer[0];
    reader.event = CreateEventW(NULL, FALSE, FALSE, NULL);
    HANDLE thread = start_thread(read_and_signal, &reader);
    CHECK_EQ(WaitForSingleObject(reader.event, WAIT_MS), WAIT_OBJECT_0);
    join_thread(thread);
    CHECK(CloseHandle(reader.event));
    CHECK_EQ(take_packets(&line, 1), 1);
    close_line(&line);
}

static DWORD own_and_read(void *context)
{
    READER *reader = context;
    EnterCriticalSection(&reader->section);
    InterlockedExchange(&reader->owns, 1);
    expect_byte(reader->s, 'a');
    LeaveCriticalSection(&reader->section);
    return 0;
}

TEST(packets_in_hand__sends_then_blocks_on_a_lock__the_bytes_go)
{
    LINE line;
    READER reader = {0};
    InitializeCriticalSection(&reader.section);
    open_line(&line);
    reader.s = line.peer[0];
    HANDLE thread = start_thread(own_and_read, &reader);
    while (InterlockedCompareExchange(&reader.owns, 0, 0) == 0)
        YieldProcessor();
    EnterCriticalSection(&reader.section);
    LeaveCriticalSection(&reader.section);
    join_thread(thread);
    DeleteCriticalSection(&reader.section);
    CHECK_EQ(take_packets(&line, 1), 1);
    close_line(&line);
}

TEST(packets_in_hand__sends_then_receives_directly__the_bytes_go)
{
    LINE line;
    open_line(&line);
    expect_byte(line.peer[0], 'a'); /* the same thread blocks in recv() */
    CHECK_EQ(take_packets(&line, 1), 1);
    close_line(&line);
}

static DWORD read_and_note(void *context)
{
    READER *reader = context;
    expect_byte(reader->s, 'a');
    InterlockedExchange(&reader->got, 1);
    return 0;
}

/* It never enters the stack again. */
TEST(packets_in_hand__sends_then_computes__the_bytes_go)
{
    LINE line;
    READER reader = {0};
    open_line(&line);
    reader.s = line.peer[0];
    HANDLE thread = start_thread(read_and_note, &reader);
    while (InterlockedCompareExchange(&reader.got, 0, 0) == 0)
        YieldProcessor();
    while (__atomic_load_n(&line.send[0].Internal, __ATOMIC_ACQUIRE) == STATUS_PENDING)
        YieldProcessor();
    join_thread(thread);
    CHECK_EQ(take_packets(&line, 1), 1);
    close_line(&line);
}

static DWORD serve_and_end(void *context)
{
    open_line(context);
    start_send(context, 1);
    return 0;
}

TEST(packets_in_hand__sends_then_ends__the_bytes_go)
{
    LINE line;
    start_winsock();
    HANDLE thread = start_thread(serve_and_end, &line);
    join_thread(thread);
    expect_byte(line.peer[0], 'a');
    expect_byte(line.peer[1], 'b');
    CHECK_EQ(take_packets(&line, 2), 2);
    close_line(&line);
}

TEST(packets_in_hand__sends_then_serves_another_port__the_bytes_go)
{
    LINE line;
    DWORD bytes;
    ULONG_PTR key;
    LPOVERLAPPED overlapped;
    open_line(&line);
    HANDLE other = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    CHECK(!GetQueuedCompletionStatus(other, &bytes, &key, &overlapped, 0));
    CHECK_EQ(GetLastError(), WAIT_TIMEOUT);
    wait_readable(line.peer[0]);
    expect_byte(line.peer[0], 'a');
    CHECK(CloseHandle(other));
    CHECK_EQ(take_packets(&line, 1), 1);
    close_line(&line);
}

/* --- the connection goes on, or ends --- */

TEST(packets_in_hand__sends_then_closes__bytes_and_end_arrive)
{
    LINE line;
    open_line(&line);
    ULONG packets = settle(&line);
    CHECK_EQ(closesocket(line.server[0]), 0);
    line.server[0] = INVALID_SOCKET;
    expect_byte(line.peer[0], 'a');
    expect_end(line.peer[0]);
    CHECK_EQ(take_packets(&line, packets), packets);
    close_line(&line);
}

TEST(packets_in_hand__sends_then_shuts_down__bytes_and_end_arrive)
{
    LINE line;
    open_line(&line);
    ULONG packets = settle(&line);
    CHECK_EQ(shutdown(line.server[0], SD_SEND), 0);
    expect_byte(line.peer[0], 'a');
    expect_end(line.peer[0]);
    CHECK_EQ(take_packets(&line, packets), packets);
    close_line(&line);
}

TEST(packets_in_hand__several_sends_on_one_connection__order_is_kept)
{
    LINE line;
    WSAOVERLAPPED more = {0};
    WSABUF second = {1, "b"};
    char text[4];
    open_line(&line);
    ULONG packets = settle(&line);
    int result = WSASend(line.server[0], &second, 1, NULL, 0, &more, NULL);
    CHECK(result == 0 || WSAGetLastError() == WSA_IO_PENDING);
    if (result != 0)
        CHECK_EQ(take_packets(&line, packets + 1), packets + 1);
    CHECK_EQ(send(line.server[0], "c", 1, 0), 1); /* may block, and does not overtake */
    receive_all(line.peer[0], text, 3);
    CHECK(memcmp(text, "abc", 3) == 0);
    if (result == 0)
        CHECK_EQ(take_packets(&line, packets + 1), packets + 1);
    close_line(&line);
}

TEST(packets_in_hand__overlapped_then_non_blocking_send__does_not_fail_for_want_of_room)
{
    LINE line;
    char text[4];
    open_line(&line);
    ULONG packets = settle(&line);
    set_nonblocking(line.server[0]);
    CHECK_EQ(send(line.server[0], "b", 1, 0), 1);
    receive_all(line.peer[0], text, 2);
    CHECK(memcmp(text, "ab", 2) == 0);
    CHECK_EQ(take_packets(&line, packets), packets);
    close_line(&line);
}

TEST(packets_in_hand__send_cancelled__has_one_end_that_says_what_happened)
{
    LINE line;
    DWORD bytes;
    ULONG_PTR key;
    LPOVERLAPPED overlapped = NULL;
    open_line(&line);
    (void)CancelIoEx((HANDLE)line.server[0], &line.send[0]);
    BOOL sent = GetQueuedCompletionStatus(line.port, &bytes, &key, &overlapped, WAIT_MS);
    CHECK(overlapped == &line.send[0]);
    if (!sent)
        CHECK_EQ(GetLastError(), ERROR_OPERATION_ABORTED);
    CHECK_EQ(shutdown(line.server[0], SD_SEND), 0);
    if (sent)
        expect_byte(line.peer[0], 'a');
    expect_end(line.peer[0]);
    CHECK(!GetQueuedCompletionStatus(line.port, &bytes, &key, &overlapped, 0));
    close_line(&line);
}

/* Nobody has seen the reset yet. A send that is kept may still succeed; what comes after it does not. */
TEST(packets_in_hand__peer_has_reset__one_end_and_the_connection_is_known_to_be_reset)
{
    LINE line;
    LINGER hard = {1, 0};
    DWORD bytes;
    ULONG_PTR key;
    LPOVERLAPPED overlapped = NULL;
    char byte;
    start_winsock();
    open_line_once(&line);
    CHECK_EQ(setsockopt(line.peer[0], SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard), 0);
    CHECK_EQ(closesocket(line.peer[0]), 0);
    line.peer[0] = INVALID_SOCKET;
    if (WSASend(line.server[0], &line.out[0], 1, NULL, 0, &line.send[0], NULL) == 0 ||
        WSAGetLastError() == WSA_IO_PENDING) {
        if (!GetQueuedCompletionStatus(line.port, &bytes, &key, &overlapped, WAIT_MS))
            CHECK_EQ(GetLastError(), ERROR_NETNAME_DELETED);
        CHECK(overlapped == &line.send[0]);
    } else {
        CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    }
    CHECK(!GetQueuedCompletionStatus(line.port, &bytes, &key, &overlapped, 0));
    CHECK_FAILS(recv(line.server[0], &byte, 1, 0), WSAECONNRESET);
    CHECK_FAILS(send(line.server[0], &byte, 1, 0), WSAECONNRESET);
    close_line(&line);
}
