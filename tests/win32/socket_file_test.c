/* SPDX-License-Identifier: MIT */
/* socket_file_test.c - ReadFile and WriteFile on socket handles. Windows headers only. */
#include "io_pair.h"

#define BOGUS ((HANDLE)(ULONG_PTR)0xDEADBEE0)

static struct {
    int calls;
    DWORD error, bytes;
    LPOVERLAPPED overlapped;
} routine;

static VOID CALLBACK completed(DWORD error, DWORD bytes, LPOVERLAPPED overlapped)
{
    routine.calls++;
    routine.error = error;
    routine.bytes = bytes;
    routine.overlapped = overlapped;
}

TEST(read_write__overlapped_with_event__transfers)
{
    struct io_pair pair = io_pair_open();
    OVERLAPPED overlapped = {.hEvent = CreateEventA(NULL, TRUE, TRUE, NULL)};
    DWORD bytes = 99;
    char text[8];
    CHECK_ERROR(ReadFile((HANDLE)pair.a, text, 8, &bytes, &overlapped), ERROR_IO_PENDING);
    CHECK_EQ(bytes, 0);
    /* The call resets the event. */
    CHECK_EQ(WaitForSingleObject(overlapped.hEvent, 0), WAIT_TIMEOUT);
    CHECK_ERROR(
        GetOverlappedResult((HANDLE)pair.a, &overlapped, &bytes, FALSE), ERROR_IO_INCOMPLETE);
    CHECK_EQ(send(pair.b, "word", 4, 0), 4);
    CHECK(GetOverlappedResult((HANDLE)pair.a, &overlapped, &bytes, TRUE));
    CHECK_EQ(bytes, 4);
    CHECK_EQ(WaitForSingleObject(overlapped.hEvent, 0), WAIT_OBJECT_0);
    CHECK(WriteFile((HANDLE)pair.a, "back", 4, NULL, &overlapped) ||
          GetLastError() == ERROR_IO_PENDING);
    CHECK(GetOverlappedResult((HANDLE)pair.a, &overlapped, &bytes, TRUE));
    CHECK_EQ(bytes, 4);
    CHECK_EQ(recv(pair.b, text, 8, 0), 4);
    CHECK_EQ(memcmp(text, "back", 4), 0);
    CHECK(CloseHandle(overlapped.hEvent));
    io_pair_close(&pair);
}

TEST(read__socket_not_overlapped__waits_for_data)
{
    struct io_pair pair = io_pair_open();
    struct sockaddr_in address;
    int length = sizeof address;
    DWORD bytes = 0;
    char text[8];
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQ(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(listen(listener, 1), 0);
    CHECK_EQ(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    SOCKET s = WSASocketA(AF_INET, SOCK_STREAM, 0, NULL, 0, 0);
    CHECK_EQ(connect(s, (struct sockaddr *)&address, sizeof address), 0);
    SOCKET peer = accept(listener, NULL, NULL);
    CHECK(WriteFile((HANDLE)s, "abc", 3, &bytes, NULL));
    CHECK_EQ(bytes, 3);
    CHECK_EQ(recv(peer, text, 8, 0), 3);
    CHECK_EQ(send(peer, "defg", 4, 0), 4);
    CHECK(ReadFile((HANDLE)s, text, 8, &bytes, NULL));
    CHECK_EQ(bytes, 4);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(peer), 0);
    CHECK_EQ(closesocket(listener), 0);
    io_pair_close(&pair);
}

TEST(read__overlapped_socket_without_overlapped__is_refused)
{
    struct io_pair pair = io_pair_open();
    DWORD bytes = 99;
    char text[8];
    CHECK_ERROR(ReadFile((HANDLE)pair.a, text, 8, &bytes, NULL), ERROR_INVALID_PARAMETER);
    CHECK_EQ(bytes, 0);
    CHECK_ERROR(WriteFile((HANDLE)pair.a, text, 8, &bytes, NULL), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(ReadFile(BOGUS, text, 8, &bytes, NULL), ERROR_INVALID_HANDLE);
    CHECK_ERROR(WriteFile(NULL, text, 8, &bytes, NULL), ERROR_INVALID_HANDLE);
    io_pair_close(&pair);
}

TEST(read_ex__data_arrives__routine_runs_in_alertable_wait)
{
    struct io_pair pair = io_pair_open();
    OVERLAPPED overlapped = {.hEvent = (HANDLE)0x12345678}; /* not looked at */
    OVERLAPPED second = {0};
    char text[8];
    CHECK(ReadFileEx((HANDLE)pair.a, text, 8, &overlapped, completed));
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK_EQ(send(pair.b, "xyz", 3, 0), 3);
    while (!io_completed(&overlapped))
        Sleep(0);
    CHECK_EQ(routine.calls, 0);
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine.calls, 1);
    CHECK_EQ(routine.error, 0);
    CHECK_EQ(routine.bytes, 3);
    CHECK(routine.overlapped == &overlapped);
    CHECK(WriteFileEx((HANDLE)pair.a, "w", 1, &second, completed));
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine.calls, 2);
    CHECK(routine.overlapped == &second);
    CHECK_ERROR(ReadFileEx(BOGUS, text, 8, &overlapped, completed), ERROR_INVALID_HANDLE);
    CHECK_ERROR(ReadFileEx((HANDLE)pair.a, text, 8, &overlapped, NULL), ERROR_INVALID_PARAMETER);
    io_pair_close(&pair);
}

TEST(read_ex__cancelled__routine_is_told_aborted)
{
    struct io_pair pair = io_pair_open();
    OVERLAPPED overlapped = {0};
    char text[8];
    CHECK(ReadFileEx((HANDLE)pair.a, text, 8, &overlapped, completed));
    CHECK(CancelIoEx((HANDLE)pair.a, NULL));
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine.error, ERROR_OPERATION_ABORTED);
    CHECK_EQ(routine.bytes, 0);
    io_pair_close(&pair);
}

