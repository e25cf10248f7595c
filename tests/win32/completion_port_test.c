/* SPDX-License-Identifier: MIT */
/*
 * completion_port_test.c - completion ports as kernel32 has them: creation, association, packets, their
 * errors. Windows headers only.
 */
#include "io_pair.h"

#define BOGUS ((HANDLE)(ULONG_PTR)0xDEADBEE0)

struct packet {
    BOOL ok;
    DWORD bytes;
    ULONG_PTR key;
    LPOVERLAPPED overlapped;
    DWORD error;
};

static struct packet take(HANDLE port, DWORD timeout)
{
    struct packet packet = {FALSE, 0x55, 0x66, (LPOVERLAPPED)0x77, 0};
    SetLastError(0xDEADBEEF);
    packet.ok = GetQueuedCompletionStatus(
        port, &packet.bytes, &packet.key, &packet.overlapped, timeout);
    packet.error = GetLastError();
    return packet;
}

static HANDLE new_port(void)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    REQUIRE(port != NULL);
    return port;
}

TEST(create__arguments_in_each_way__documented_error)
{
    HANDLE port = new_port(), event = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK_ERROR(CreateIoCompletionPort(INVALID_HANDLE_VALUE, port, 0, 0), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(CreateIoCompletionPort(BOGUS, NULL, 0, 0), ERROR_INVALID_HANDLE);
    CHECK_ERROR(CreateIoCompletionPort(NULL, NULL, 0, 0), ERROR_INVALID_HANDLE);
    CHECK_ERROR(CreateIoCompletionPort(event, port, 0, 0), ERROR_INVALID_HANDLE);
    CHECK_ERROR(
        CreateIoCompletionPort(GetStdHandle(STD_OUTPUT_HANDLE), port, 0, 0), ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(event));
    CHECK(CloseHandle(port));
}

TEST(associate__twice_or_with_garbage__is_refused)
{
    struct io_pair pair = io_pair_open();
    HANDLE port, other = new_port();
    CHECK_ERROR(CreateIoCompletionPort((HANDLE)pair.a, BOGUS, 0, 0), ERROR_INVALID_HANDLE);
    /* Creates and associates at once. */
    port = CreateIoCompletionPort((HANDLE)pair.a, NULL, 5, 0);
    REQUIRE(port != NULL);
    CHECK_ERROR(CreateIoCompletionPort((HANDLE)pair.a, port, 5, 0), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(CreateIoCompletionPort((HANDLE)pair.a, other, 6, 0), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(CreateIoCompletionPort((HANDLE)pair.a, NULL, 6, 0), ERROR_INVALID_PARAMETER);
    CHECK(CreateIoCompletionPort((HANDLE)pair.b, port, 6, 0) == port);
    CHECK(CloseHandle(other));
    CHECK(CloseHandle(port));
    io_pair_close(&pair);
}

/* [test:wine/ntdll/file.c] */
TEST(associate__file__is_signalled_unless_modes_say_otherwise)
{
    struct io_pair pair = io_pair_open();
    OVERLAPPED one = {0}, two = {0};
    HANDLE port = new_port();
    char text[8], other[8];
    io_receive(pair.a, text, sizeof text, &one);
    io_receive(pair.b, other, sizeof other, &two);
    CHECK_EQ(WaitForSingleObject((HANDLE)pair.a, 0), WAIT_TIMEOUT);
    CHECK(CreateIoCompletionPort((HANDLE)pair.a, port, 0, 0) == port);
    CHECK_EQ(WaitForSingleObject((HANDLE)pair.a, 0), WAIT_OBJECT_0);
    CHECK(SetFileCompletionNotificationModes((HANDLE)pair.b, FILE_SKIP_SET_EVENT_ON_HANDLE));
    CHECK(CreateIoCompletionPort((HANDLE)pair.b, port, 0, 0) == port);
    CHECK_EQ(WaitForSingleObject((HANDLE)pair.b, 0), WAIT_TIMEOUT);
    io_pair_close(&pair);
    CHECK(CloseHandle(port));
}

TEST(associate__socket_that_is_not_overlapped__is_refused)
{
    HANDLE port = new_port();
    io_start();
    SOCKET s = WSASocketA(AF_INET, SOCK_STREAM, 0, NULL, 0, 0);
    REQUIRE(s != INVALID_SOCKET);
    CHECK_ERROR(CreateIoCompletionPort((HANDLE)s, port, 0, 0), ERROR_INVALID_PARAMETER);
    CHECK_EQ(closesocket(s), 0);
    CHECK(CloseHandle(port));
    CHECK_EQ(WSACleanup(), 0);
}

TEST(empty_port__get__times_out_with_null)
{
    HANDLE port = new_port();
    struct packet packet = take(port, 0);
    CHECK(!packet.ok && packet.overlapped == NULL);
    CHECK_EQ(packet.error, WAIT_TIMEOUT);
    CHECK_EQ(packet.bytes, 0x55);
    CHECK_EQ(packet.key, 0x66);
    packet = take(port, 10);
    CHECK(!packet.ok && packet.overlapped == NULL);
    CHECK_EQ(packet.error, WAIT_TIMEOUT);
    CHECK(CloseHandle(port));
    packet = take(port, 0);
    CHECK(!packet.ok && packet.overlapped == NULL);
    CHECK_EQ(packet.error, ERROR_INVALID_HANDLE);
    CHECK_ERROR(PostQueuedCompletionStatus(port, 0, 0, NULL), ERROR_INVALID_HANDLE);
}

TEST(posted_packets__get__in_order_and_unchanged)
{
    HANDLE port = new_port();
    OVERLAPPED one, two;
    CHECK(PostQueuedCompletionStatus(port, 1, 2, &one));
    CHECK(PostQueuedCompletionStatus(port, 0xFFFFFFFF, ~(ULONG_PTR)0, &two));
    CHECK(PostQueuedCompletionStatus(port, 0, 0, NULL));
    struct packet packet = take(port, 0);
    CHECK(packet.ok && packet.overlapped == &one && packet.bytes == 1 && packet.key == 2);
    packet = take(port, INFINITE);
    CHECK(packet.ok && packet.overlapped == &two && packet.bytes == 0xFFFFFFFF &&
          packet.key == ~(ULONG_PTR)0);
    packet = take(port, 0);
    CHECK(packet.ok && packet.overlapped == NULL && packet.bytes == 0 && packet.key == 0);
    CHECK(CloseHandle(port));
}

TEST(receive__data_arrives__packet_tells_of_it)
{
    struct io_pair pair = io_pair_open();
    HANDLE port = CreateIoCompletionPort((HANDLE)pair.a, NULL, 42, 0);
    OVERLAPPED overlapped = {0};
    char text[8];
    io_receive(pair.a, text, sizeof text, &overlapped);
    CHECK(!io_completed(&overlapped));
    CHECK_EQ(send(pair.b, "hello", 5, 0), 5);
    struct packet packet = take(port, INFINITE);
    CHECK(packet.ok && packet.overlapped == &overlapped);
    CHECK_EQ(packet.bytes, 5);
    CHECK_EQ(packet.key, 42);
    CHECK(HasOverlappedIoCompleted(&overlapped));
    CHECK_EQ(overlapped.Internal, 0);
    CHECK_EQ(overlapped.InternalHigh, 5);
    CHECK_EQ(memcmp(text, "hello", 5), 0);
    CHECK(CloseHandle(port));
    io_pair_close(&pair);
}

TEST(receive__low_bit_of_event__no_packet)
{
    struct io_pair pair = io_pair_open();
    HANDLE port = CreateIoCompletionPort((HANDLE)pair.a, NULL, 42, 0);
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    OVERLAPPED overlapped = {.hEvent = (HANDLE)((ULONG_PTR)event | 1)};
    DWORD bytes = 0;
    char text[8];
    io_receive(pair.a, text, sizeof text, &overlapped);
    CHECK_EQ(send(pair.b, "hi", 2, 0), 2);
    CHECK(GetOverlappedResult((HANDLE)pair.a, &overlapped, &bytes, TRUE));
    CHECK_EQ(bytes, 2);
    CHECK_EQ(take(port, 0).error, WAIT_TIMEOUT);
    CHECK(CloseHandle(event));
    CHECK(CloseHandle(port));
    io_pair_close(&pair);
}

TEST(receive__reset_by_peer__get_fails_with_netname_deleted)
{
    struct io_pair pair = io_pair_open();
    HANDLE port = CreateIoCompletionPort((HANDLE)pair.a, NULL, 1, 0);
    OVERLAPPED overlapped = {0};
    char text[8];
    io_receive(pair.a, text, sizeof text, &overlapped);
    io_reset(&pair.b);
    struct packet packet = take(port, INFINITE);
    CHECK(!packet.ok && packet.overlapped == &overlapped);
    CHECK_EQ(packet.error, ERROR_NETNAME_DELETED);
    CHECK_EQ(packet.bytes, 0);
    CHECK(CloseHandle(port));
    io_pair_close(&pair);
}

TEST(receive__cancelled__get_fails_with_operation_aborted)
{
    struct io_pair pair = io_pair_open();
    HANDLE port = CreateIoCompletionPort((HANDLE)pair.a, NULL, 1, 0);
    OVERLAPPED overlapped = {0}, other = {0};
    char text[8];
    io_receive(pair.a, text, sizeof text, &overlapped);
    CHECK_ERROR(CancelIoEx((HANDLE)pair.a, &other), ERROR_NOT_FOUND);
    CHECK(CancelIoEx((HANDLE)pair.a, &overlapped));
    struct packet packet = take(port, INFINITE);
    CHECK(!packet.ok && packet.overlapped == &overlapped);
    CHECK_EQ(packet.error, ERROR_OPERATION_ABORTED);
    CHECK_ERROR(CancelIoEx((HANDLE)pair.a, NULL), ERROR_NOT_FOUND);
    CHECK(CancelIo((HANDLE)pair.a));
    CHECK(CloseHandle(port));
    io_pair_close(&pair);
}

TEST(receive__datagram_too_long__get_fails_with_more_data)
{
    struct sockaddr_in address;
    OVERLAPPED overlapped = {0};
    int length = sizeof address;
    char text[4];
    io_start();
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQ(bind(s, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(getsockname(s, (struct sockaddr *)&address, &length), 0);
    HANDLE port = CreateIoCompletionPort((HANDLE)s, NULL, 1, 0);
    io_receive(s, text, sizeof text, &overlapped);
    CHECK_EQ(sendto(s, "0123456789", 10, 0, (struct sockaddr *)&address, length), 10);
    struct packet packet = take(port, INFINITE);
    CHECK(!packet.ok && packet.overlapped == &overlapped);
    CHECK_EQ(packet.error, ERROR_MORE_DATA);
    CHECK_EQ(packet.bytes, 4);
    CHECK_EQ(closesocket(s), 0);
    CHECK(CloseHandle(port));
    CHECK_EQ(WSACleanup(), 0);
}

TEST(closesocket__receive_pending__packet_comes_aborted)
{
    struct io_pair pair = io_pair_open();
    HANDLE port = CreateIoCompletionPort((HANDLE)pair.a, NULL, 1, 0);
    OVERLAPPED overlapped = {0};
    char text[8];
    io_receive(pair.a, text, sizeof text, &overlapped);
    CHECK_EQ(closesocket(pair.a), 0);
    pair.a = INVALID_SOCKET;
    struct packet packet = take(port, INFINITE);
    CHECK(!packet.ok && packet.overlapped == &overlapped);
    CHECK_EQ(packet.error, ERROR_CONNECTION_ABORTED);
    CHECK(CloseHandle(port));
    io_pair_close(&pair);
}

TEST(notification_modes__skip_on_success__packet_only_for_what_pended)
{
    struct io_pair pair = io_pair_open();
    HANDLE port = CreateIoCompletionPort((HANDLE)pair.a, NULL, 1, 0);
    OVERLAPPED overlapped = {0};
    DWORD bytes = 0;
    char text[8];
    CHECK(SetFileCompletionNotificationModes((HANDLE)pair.a,
        FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE));
    WSABUF buffer = {1, "x"};
    CHECK_EQ(WSASend(pair.a, &buffer, 1, &bytes, 0, &overlapped, NULL), 0);
    CHECK_EQ(bytes, 1);
    CHECK_EQ(take(port, 0).error, WAIT_TIMEOUT);
    io_receive(pair.a, text, sizeof text, &overlapped);
    CHECK_EQ(send(pair.b, "abc", 3, 0), 3);
    struct packet packet = take(port, INFINITE);
    CHECK(packet.ok && packet.overlapped == &overlapped && packet.bytes == 3);
    CHECK_ERROR(SetFileCompletionNotificationModes(BOGUS, 0), ERROR_INVALID_HANDLE);
    CHECK(SetFileCompletionNotificationModes((HANDLE)pair.a, 0x80));
    SOCKET synchronous = WSASocketA(AF_INET, SOCK_STREAM, 0, NULL, 0, 0);
    CHECK_ERROR(SetFileCompletionNotificationModes(
                    (HANDLE)synchronous, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS),
        ERROR_INVALID_PARAMETER);
    CHECK_EQ(closesocket(synchronous), 0);
    CHECK(CloseHandle(port));
    io_pair_close(&pair);
}

/* --- several at once --- */

TEST(get_ex__some_queued__as_many_as_fit)
{
    OVERLAPPED overlapped[3];
    OVERLAPPED_ENTRY entries[2];
    HANDLE port = new_port();
    ULONG removed = 99;
    for (DWORD i = 0; i < 3; i++)
        CHECK(PostQueuedCompletionStatus(port, i, i + 10, &overlapped[i]));
    memset(entries, 0xCC, sizeof entries);
    CHECK(GetQueuedCompletionStatusEx(port, entries, 2, &removed, INFINITE, FALSE));
    CHECK_EQ(removed, 2);
    for (DWORD i = 0; i < 2; i++) {
        CHECK(entries[i].lpOverlapped == &overlapped[i]);
        CHECK_EQ(entries[i].lpCompletionKey, i + 10);
        CHECK_EQ(entries[i].dwNumberOfBytesTransferred, i);
        CHECK_EQ(entries[i].Internal, 0);
    }
    CHECK(GetQueuedCompletionStatusEx(port, entries, 2, &removed, 0, FALSE));
    CHECK_EQ(removed, 1);
    CHECK_ERROR(
        GetQueuedCompletionStatusEx(port, entries, 2, &removed, 0, FALSE), WAIT_TIMEOUT);
    CHECK_ERROR(
        GetQueuedCompletionStatusEx(port, entries, 0, &removed, 0, FALSE), ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(port));
    CHECK_ERROR(
        GetQueuedCompletionStatusEx(port, entries, 2, &removed, 0, FALSE), ERROR_INVALID_HANDLE);
}

TEST(get_ex__operation_failed__status_is_in_internal)
{
    struct io_pair pair = io_pair_open();
    HANDLE port = CreateIoCompletionPort((HANDLE)pair.a, NULL, 1, 0);
    OVERLAPPED overlapped = {0};
    OVERLAPPED_ENTRY entry;
    ULONG removed = 0;
    char text[8];
    io_receive(pair.a, text, sizeof text, &overlapped);
    CHECK(CancelIo((HANDLE)pair.a));
    memset(&entry, 0xCC, sizeof entry);
    CHECK(GetQueuedCompletionStatusEx(port, &entry, 1, &removed, INFINITE, FALSE));
    CHECK_EQ(removed, 1);
    CHECK(entry.lpOverlapped == &overlapped);
    CHECK_EQ((DWORD)entry.Internal, 0xC0000120);
    CHECK(CloseHandle(port));
    io_pair_close(&pair);
}

static int apc_calls;
static VOID CALLBACK count_apc(ULONG_PTR increment)
{
    apc_calls += (int)increment;
}

TEST(get_ex__alertable__apc_ends_it)
{
    HANDLE port = new_port();
    OVERLAPPED_ENTRY entry;
    ULONG removed = 7;
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 1));
    CHECK_ERROR(GetQueuedCompletionStatusEx(port, &entry, 1, &removed, 0, FALSE), WAIT_TIMEOUT);
    CHECK_EQ(apc_calls, 0);
    CHECK_ERROR(
        GetQueuedCompletionStatusEx(port, &entry, 1, &removed, INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apc_calls, 1);
    CHECK_EQ(removed, 0);
    CHECK(CloseHandle(port));
}

/* [test:wine/ntdll/file.c] */
TEST(get_ex__packet_and_apc__who_is_new_at_the_port_gets_the_apc)
{
    HANDLE port = new_port();
    OVERLAPPED_ENTRY entry;
    ULONG removed = 7;
    CHECK(PostQueuedCompletionStatus(port, 0, 1, NULL));
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 1));
    CHECK_ERROR(
        GetQueuedCompletionStatusEx(port, &entry, 1, &removed, INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apc_calls, 1);
    CHECK(GetQueuedCompletionStatusEx(port, &entry, 1, &removed, INFINITE, TRUE));
    CHECK_EQ(removed, 1);
    CHECK(PostQueuedCompletionStatus(port, 0, 1, NULL));
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 1));
    CHECK(GetQueuedCompletionStatusEx(port, &entry, 1, &removed, INFINITE, TRUE));
    CHECK_EQ(apc_calls, 1);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apc_calls, 2);
    CHECK(CloseHandle(port));
}

/* --- threads --- */

static DWORD WINAPI waits_for_packet(LPVOID port)
{
    return take(port, INFINITE).error;
}

TEST(close__thread_waits__is_told_abandoned)
{
    HANDLE port = new_port(), threads[3];
    DWORD code;
    for (int i = 0; i < 3; i++)
        threads[i] = CreateThread(NULL, 0, waits_for_packet, port, 0, NULL);
    Sleep(20); /* most will wait by then; one that comes later finds the handle gone */
    CHECK(CloseHandle(port));
    CHECK_EQ(WaitForMultipleObjects(3, threads, TRUE, INFINITE), WAIT_OBJECT_0);
    for (int i = 0; i < 3; i++) {
        CHECK(GetExitCodeThread(threads[i], &code));
        CHECK(code == ERROR_ABANDONED_WAIT_0 || code == ERROR_INVALID_HANDLE);
        CHECK(CloseHandle(threads[i]));
    }
}

#define THREADS 4
#define PACKETS 2000
static LONG seen[PACKETS];
static DWORD WINAPI takes_until_null(LPVOID port)
{
    for (;;) {
        struct packet packet = take(port, INFINITE);
        if (!packet.ok || packet.key == 0)
            return packet.ok ? 0 : packet.error;
        InterlockedIncrement(&seen[packet.bytes]);
    }
}

TEST(many_threads__packets__each_is_taken_once)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 2), threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, takes_until_null, port, 0, NULL);
    for (DWORD i = 0; i < PACKETS; i++)
        CHECK(PostQueuedCompletionStatus(port, i, 1, NULL));
    for (int i = 0; i < THREADS; i++)
        CHECK(PostQueuedCompletionStatus(port, 0, 0, NULL));
    CHECK_EQ(WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE), WAIT_OBJECT_0);
    for (int i = 0; i < PACKETS; i++)
        CHECK_EQ(seen[i], 1);
    for (int i = 0; i < THREADS; i++)
        CHECK(CloseHandle(threads[i]));
    CHECK(CloseHandle(port));
}
