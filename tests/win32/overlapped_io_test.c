/* SPDX-License-Identifier: MIT */
/*
 * overlapped_io_test.c - reading, writing, results and cancellation on socket handles. Windows headers
 * only.
 */
#include "io_pair.h"

#define BOGUS ((HANDLE)(ULONG_PTR)0xDEADBEE0)

TEST(read__no_event__file_itself_is_waited_for)
{
    struct io_pair pair = io_pair_open();
    OVERLAPPED overlapped = {0};
    DWORD bytes = 0;
    char text[8];
    io_receive(pair.a, text, sizeof text, &overlapped);
    CHECK_EQ(WaitForSingleObject((HANDLE)pair.a, 0), WAIT_TIMEOUT);
    CHECK_EQ(send(pair.b, "x", 1, 0), 1);
    CHECK(GetOverlappedResult((HANDLE)pair.a, &overlapped, &bytes, TRUE));
    CHECK_EQ(bytes, 1);
    io_pair_close(&pair);
}

TEST(has_overlapped_completed__nobody_calls_anything__becomes_true)
{
    struct io_pair pair = io_pair_open();
    volatile OVERLAPPED overlapped = {0};
    char text[8];
    io_receive(pair.a, text, sizeof text, (LPOVERLAPPED)&overlapped);
    CHECK_EQ(send(pair.b, "x", 1, 0), 1);
    while (__atomic_load_n(&overlapped.Internal, __ATOMIC_ACQUIRE) == 0x103)
        YieldProcessor();
    CHECK(HasOverlappedIoCompleted(&overlapped));
    CHECK_EQ(overlapped.InternalHigh, 1);
    io_pair_close(&pair);
}

TEST(read__end_of_stream__succeeds_with_no_bytes)
{
    struct io_pair pair = io_pair_open();
    OVERLAPPED overlapped = {0};
    DWORD bytes = 99;
    char text[8];
    io_receive(pair.a, text, sizeof text, &overlapped);
    CHECK_EQ(shutdown(pair.b, SD_SEND), 0);
    CHECK(GetOverlappedResult((HANDLE)pair.a, &overlapped, &bytes, TRUE));
    CHECK_EQ(bytes, 0);
    io_pair_close(&pair);
}


TEST(get_file_type__socket_event_garbage__as_documented)
{
    struct io_pair pair = io_pair_open();
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK_EQ(GetFileType((HANDLE)pair.a), FILE_TYPE_PIPE);
    CHECK_ERROR(GetFileType(event) != FILE_TYPE_UNKNOWN, ERROR_INVALID_HANDLE);
    CHECK_ERROR(GetFileType(BOGUS) != FILE_TYPE_UNKNOWN, ERROR_INVALID_HANDLE);
    CHECK_ERROR(FlushFileBuffers((HANDLE)pair.a), ERROR_INVALID_FUNCTION);
    CHECK_ERROR(FlushFileBuffers(BOGUS), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
    io_pair_close(&pair);
}

/* --- results --- */

TEST(result_ex__in_each_way__documented_error)
{
    struct io_pair pair = io_pair_open();
    OVERLAPPED overlapped = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
    HANDLE file = (HANDLE)pair.a;
    DWORD bytes = 0;
    char text[8];
    io_receive(pair.a, text, sizeof text, &overlapped);
    CHECK_ERROR(GetOverlappedResultEx(file, &overlapped, &bytes, 0, FALSE), ERROR_IO_INCOMPLETE);
    CHECK_ERROR(GetOverlappedResultEx(file, &overlapped, &bytes, 5, FALSE), WAIT_TIMEOUT);
    CHECK(CancelIo(file));
    CHECK_ERROR(
        GetOverlappedResultEx(file, &overlapped, &bytes, INFINITE, FALSE), ERROR_OPERATION_ABORTED);
    CHECK_EQ((DWORD)overlapped.Internal, 0xC0000120);
    CHECK(CloseHandle(overlapped.hEvent));
    io_pair_close(&pair);
}

static int apc_calls;
static VOID CALLBACK count_apc(ULONG_PTR increment)
{
    apc_calls += (int)increment;
}

TEST(result_ex__alertable__apc_ends_the_wait)
{
    struct io_pair pair = io_pair_open();
    OVERLAPPED overlapped = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
    DWORD bytes = 0;
    char text[8];
    io_receive(pair.a, text, sizeof text, &overlapped);
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 1));
    CHECK_ERROR(GetOverlappedResultEx((HANDLE)pair.a, &overlapped, &bytes, INFINITE, TRUE),
        WAIT_IO_COMPLETION);
    CHECK_EQ(apc_calls, 1);
    CHECK_EQ(send(pair.b, "q", 1, 0), 1);
    CHECK(GetOverlappedResultEx((HANDLE)pair.a, &overlapped, &bytes, INFINITE, TRUE));
    CHECK_EQ(bytes, 1);
    CHECK(CloseHandle(overlapped.hEvent));
    io_pair_close(&pair);
}

/* --- cancellation --- */

static HANDLE reader_file;
static OVERLAPPED foreign;
static char foreign_text[8];
static HANDLE may_end;
static DWORD WINAPI reads_and_waits(LPVOID started)
{
    io_receive((SOCKET)reader_file, foreign_text, sizeof foreign_text, &foreign);
    SetEvent(started);
    WaitForSingleObject(may_end, INFINITE);
    return 0;
}

TEST(cancel_io__request_of_another_thread__is_left_alone)
{
    struct io_pair pair = io_pair_open();
    HANDLE started = CreateEventA(NULL, FALSE, FALSE, NULL);
    DWORD bytes;
    foreign.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    may_end = CreateEventA(NULL, TRUE, FALSE, NULL);
    reader_file = (HANDLE)pair.a;
    HANDLE thread = CreateThread(NULL, 0, reads_and_waits, started, 0, NULL);
    CHECK_EQ(WaitForSingleObject(started, INFINITE), WAIT_OBJECT_0);
    CHECK(CancelIo(reader_file));
    CHECK(!io_completed(&foreign));
    CHECK(CancelIoEx(reader_file, &foreign));
    CHECK_ERROR(
        GetOverlappedResult(reader_file, &foreign, &bytes, TRUE), ERROR_OPERATION_ABORTED);
    CHECK(SetEvent(may_end));
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(started));
    CHECK(CloseHandle(may_end));
    CHECK(CloseHandle(foreign.hEvent));
    io_pair_close(&pair);
}

TEST(thread_ends__its_request_pending__is_cancelled)
{
    struct io_pair pair = io_pair_open();
    HANDLE started = CreateEventA(NULL, FALSE, FALSE, NULL);
    DWORD bytes;
    foreign.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    may_end = CreateEventA(NULL, TRUE, TRUE, NULL);
    reader_file = (HANDLE)pair.a;
    HANDLE thread = CreateThread(NULL, 0, reads_and_waits, started, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK_ERROR(
        GetOverlappedResult(reader_file, &foreign, &bytes, TRUE), ERROR_OPERATION_ABORTED);
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(started));
    CHECK(CloseHandle(may_end));
    CHECK(CloseHandle(foreign.hEvent));
    io_pair_close(&pair);
}

static DWORD WINAPI receives(LPVOID s)
{
    char byte;
    return recv((SOCKET)s, &byte, 1, 0) == SOCKET_ERROR ? (DWORD)WSAGetLastError() : 0;
}

TEST(cancel_synchronous__thread_in_recv__it_is_interrupted)
{
    struct io_pair pair = io_pair_open();
    HANDLE thread = CreateThread(NULL, 0, receives, (LPVOID)pair.a, 0, NULL);
    DWORD code;
    /* Nothing to cancel until the thread is in the call. */
    while (!CancelSynchronousIo(thread)) {
        REQUIRE_EQ(GetLastError(), ERROR_NOT_FOUND);
        SwitchToThread();
    }
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, WSAEINTR);
    CHECK(CloseHandle(thread));
    CHECK_ERROR(CancelSynchronousIo(GetCurrentThread()), ERROR_NOT_FOUND);
    CHECK_ERROR(CancelSynchronousIo(BOGUS), ERROR_INVALID_HANDLE);
    io_pair_close(&pair);
}

TEST(cancel__wrong_handles__documented_error)
{
    CHECK_ERROR(CancelIo(BOGUS), ERROR_INVALID_HANDLE);
    CHECK_ERROR(CancelIoEx(BOGUS, NULL), ERROR_INVALID_HANDLE);
    CHECK_ERROR(CancelIoEx(NULL, NULL), ERROR_INVALID_HANDLE);
}

/* --- device control --- */

#define IOCTL_AFD_NOBODY_KNOWS 0x12FFC

TEST(device_io_control__unknown_code__driver_answers)
{
    struct io_pair pair = io_pair_open();
    OVERLAPPED overlapped = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
    DWORD bytes = 99;
    SetLastError(0);
    CHECK(!DeviceIoControl(
        (HANDLE)pair.a, IOCTL_AFD_NOBODY_KNOWS, NULL, 0, NULL, 0, &bytes, NULL));
    CHECK(GetLastError() != 0 && GetLastError() != ERROR_IO_PENDING);
    CHECK_EQ(bytes, 0);
    CHECK(!DeviceIoControl(
        (HANDLE)pair.a, IOCTL_AFD_NOBODY_KNOWS, NULL, 0, NULL, 0, &bytes, &overlapped));
    if (GetLastError() == ERROR_IO_PENDING) /* a driver has it still */
        CHECK(!GetOverlappedResult((HANDLE)pair.a, &overlapped, &bytes, TRUE));
    CHECK_ERROR(DeviceIoControl(BOGUS, 0, NULL, 0, NULL, 0, &bytes, NULL), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(overlapped.hEvent));
    io_pair_close(&pair);
}
