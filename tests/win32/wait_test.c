/* SPDX-License-Identifier: MIT */
/*
 * wait_test.c - waits for one and many, alerts, APCs, timers, sleeping. Windows headers only.
 */
#include <windows.h>

#include "ntstest.h"

#define MANY 3

static void make_events(HANDLE *events, BOOL manual)
{
    for (int i = 0; i < MANY; i++)
        events[i] = CreateEventA(NULL, manual, FALSE, NULL);
}

static void close_events(HANDLE *events)
{
    for (int i = 0; i < MANY; i++)
        CHECK(CloseHandle(events[i]));
}

TEST(wait_any__several_signalled__lowest_index_and_only_it)
{
    HANDLE events[MANY];
    make_events(events, FALSE);
    CHECK_EQ(WaitForMultipleObjects(MANY, events, FALSE, 0), WAIT_TIMEOUT);
    SetEvent(events[2]);
    SetEvent(events[1]);
    CHECK_EQ(WaitForMultipleObjects(MANY, events, FALSE, INFINITE), WAIT_OBJECT_0 + 1);
    CHECK_EQ(WaitForMultipleObjects(MANY, events, FALSE, INFINITE), WAIT_OBJECT_0 + 2);
    CHECK_EQ(WaitForMultipleObjects(MANY, events, FALSE, 1), WAIT_TIMEOUT);
    close_events(events);
}

TEST(wait_all__one_missing__consumes_nothing)
{
    HANDLE events[MANY];
    make_events(events, FALSE);
    SetEvent(events[0]);
    SetEvent(events[1]);
    CHECK_EQ(WaitForMultipleObjects(MANY, events, TRUE, 1), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(events[0], 0), WAIT_OBJECT_0);
    SetEvent(events[0]);
    SetEvent(events[2]);
    CHECK_EQ(WaitForMultipleObjects(MANY, events, TRUE, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(events[1], 0), WAIT_TIMEOUT);
    close_events(events);
}

TEST(wait_many__bad_arguments__documented_errors)
{
    HANDLE events[MAXIMUM_WAIT_OBJECTS + 1];
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, NULL);

    for (int i = 0; i <= MAXIMUM_WAIT_OBJECTS; i++)
        events[i] = event;
    SetLastError(0);
    CHECK_EQ(WaitForMultipleObjects(0, events, FALSE, 0), WAIT_FAILED);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0);
    CHECK_EQ(WaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS + 1, events, FALSE, 0), WAIT_FAILED);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK_EQ(WaitForMultipleObjects(MAXIMUM_WAIT_OBJECTS, events, FALSE, 0), WAIT_OBJECT_0);
    /* The same object twice is an error for "all" only. */
    SetLastError(0);
    CHECK_EQ(WaitForMultipleObjects(2, events, TRUE, 0), WAIT_FAILED);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    events[1] = NULL;
    SetLastError(0);
    CHECK_EQ(WaitForMultipleObjects(2, events, FALSE, 0), WAIT_FAILED);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
}

/* --- APCs --- */

static int apc_calls;
static ULONG_PTR apc_data;

static VOID CALLBACK count_apc(ULONG_PTR data)
{
    apc_calls++;
    apc_data = data;
}

TEST(apc__queued_to_self__runs_in_alertable_waits_only)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);

    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 42) != 0);
    CHECK_EQ(SleepEx(0, FALSE), 0);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CHECK_EQ(apc_calls, 0);
    CHECK_EQ(WaitForSingleObjectEx(event, INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apc_calls, 1);
    CHECK_EQ(apc_data, 42);
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 1) != 0);
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 2) != 0);
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(apc_calls, 3);
    CHECK_EQ(apc_data, 2);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK(CloseHandle(event));
}

struct apc_thread {
    HANDLE ready;
    DWORD result;
};

static DWORD WINAPI waits_alertably(LPVOID context)
{
    struct apc_thread *shared = context;
    HANDLE never = CreateEventA(NULL, TRUE, FALSE, NULL);

    SetEvent(shared->ready);
    shared->result = WaitForMultipleObjectsEx(1, &never, FALSE, INFINITE, TRUE);
    CloseHandle(never);
    return 0;
}

TEST(apc__queued_to_a_waiting_thread__wakes_it)
{
    struct apc_thread shared = {CreateEventA(NULL, FALSE, FALSE, NULL), 0};
    HANDLE thread = CreateThread(NULL, 0, waits_alertably, &shared, 0, NULL);

    CHECK_EQ(WaitForSingleObject(shared.ready, INFINITE), WAIT_OBJECT_0);
    CHECK(QueueUserAPC(count_apc, thread, 7) != 0);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(shared.result, WAIT_IO_COMPLETION);
    CHECK_EQ(apc_calls, 1);
    SetLastError(0);
    CHECK_EQ(QueueUserAPC(count_apc, thread, 7), 0);
    CHECK_EQ(GetLastError(), ERROR_GEN_FAILURE);
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(shared.ready));
    SetLastError(0);
    CHECK_EQ(QueueUserAPC(count_apc, NULL, 7), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

static DWORD WINAPI counts_nothing(LPVOID context)
{
    *(int *)context = apc_calls;
    return 0;
}

TEST(apc__queued_before_the_thread_starts__runs_first)
{
    int seen = -1;
    HANDLE thread = CreateThread(NULL, 0, counts_nothing, &seen, CREATE_SUSPENDED, NULL);
    CHECK(QueueUserAPC(count_apc, thread, 0) != 0);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(seen, 1);
    CHECK(CloseHandle(thread));
}

/* --- signal and wait --- */

static DWORD WINAPI answers(LPVOID context)
{
    HANDLE *pair = context;
    for (int i = 0; i < 100; i++) {
        if (WaitForSingleObject(pair[0], INFINITE) != WAIT_OBJECT_0)
            return 1;
        SetEvent(pair[1]);
    }
    return 0;
}

TEST(signal_and_wait__ping_pong__both_sides_progress)
{
    HANDLE pair[2] = {
        CreateEventA(NULL, FALSE, FALSE, NULL), CreateEventA(NULL, FALSE, FALSE, NULL)};
    HANDLE thread = CreateThread(NULL, 0, answers, pair, 0, NULL);
    DWORD code;

    for (int i = 0; i < 100; i++)
        CHECK_EQ(SignalObjectAndWait(pair[0], pair[1], INFINITE, FALSE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 0);
    SetLastError(0);
    CHECK_EQ(SignalObjectAndWait(NULL, pair[1], 0, FALSE), WAIT_FAILED);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(pair[0]));
    CHECK(CloseHandle(pair[1]));
}

/* --- timers --- */

static LARGE_INTEGER after_ms(int ms)
{
    LARGE_INTEGER due;
    due.QuadPart = -10000LL * ms;
    return due;
}

TEST(timer__due__signals_by_its_kind)
{
    HANDLE once = CreateWaitableTimerA(NULL, FALSE, NULL),
           manual = CreateWaitableTimerW(NULL, TRUE, NULL);
    LARGE_INTEGER due = after_ms(1);

    REQUIRE(once != NULL && manual != NULL);
    CHECK_EQ(WaitForSingleObject(once, 0), WAIT_TIMEOUT);
    CHECK(SetWaitableTimer(once, &due, 0, NULL, NULL, FALSE));
    CHECK_EQ(WaitForSingleObject(once, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(once, 0), WAIT_TIMEOUT);
    CHECK(SetWaitableTimer(manual, &due, 0, NULL, NULL, FALSE));
    CHECK_EQ(WaitForSingleObject(manual, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(manual, 0), WAIT_OBJECT_0);
    due = after_ms(3600000);
    CHECK(SetWaitableTimer(manual, &due, 0, NULL, NULL, FALSE));
    CHECK_EQ(WaitForSingleObject(manual, 0), WAIT_TIMEOUT);
    CHECK(CancelWaitableTimer(manual));
    CHECK(CloseHandle(once));
    CHECK(CloseHandle(manual));
}

TEST(timer__periodic__comes_again)
{
    HANDLE timer =
        CreateWaitableTimerExW(NULL, NULL, CREATE_WAITABLE_TIMER_HIGH_RESOLUTION, TIMER_ALL_ACCESS);
    LARGE_INTEGER due = after_ms(1);

    REQUIRE(timer != NULL);
    CHECK(SetWaitableTimer(timer, &due, 1, NULL, NULL, FALSE));
    for (int i = 0; i < 5; i++)
        CHECK_EQ(WaitForSingleObject(timer, INFINITE), WAIT_OBJECT_0);
    CHECK(CancelWaitableTimer(timer));
    CHECK(CloseHandle(timer));
}

static LPVOID timer_argument;
static ULONGLONG timer_time;

static VOID CALLBACK timer_apc(LPVOID argument, DWORD low, DWORD high)
{
    timer_argument = argument;
    timer_time = (ULONGLONG)high << 32 | low;
}

TEST(timer__with_routine__apc_gets_argument_and_time)
{
    HANDLE timer = CreateWaitableTimerA(NULL, FALSE, NULL);
    LARGE_INTEGER due = after_ms(1);
    FILETIME now;

    CHECK(SetWaitableTimer(timer, &due, 0, timer_apc, &due, FALSE));
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK(timer_argument == &due);
    GetSystemTimeAsFileTime(&now);
    CHECK(timer_time <= ((ULONGLONG)now.dwHighDateTime << 32 | now.dwLowDateTime));
    CHECK(timer_time > 0x01D0000000000000ULL);
    CHECK(CloseHandle(timer));
}

TEST(timer__bad_arguments__documented_errors)
{
    HANDLE timer = CreateWaitableTimerA(NULL, FALSE, "ntsock-timer"), again;
    LARGE_INTEGER due = after_ms(1);

    SetLastError(0);
    CHECK(!SetWaitableTimer(timer, &due, -1, NULL, NULL, FALSE));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0);
    CHECK(!SetWaitableTimer(NULL, &due, 0, NULL, NULL, FALSE));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK(CreateWaitableTimerExA(NULL, NULL, 0x10, TIMER_ALL_ACCESS) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    again = OpenWaitableTimerW(TIMER_ALL_ACCESS, FALSE, L"ntsock-timer");
    CHECK(again != NULL);
    CHECK(CloseHandle(again));
    CHECK(CloseHandle(timer));
}

TEST(sleep__zero_and_short__come_back)
{
    ULONGLONG before = GetTickCount64();
    Sleep(0);
    Sleep(5);
    CHECK(GetTickCount64() - before >= 4);
    (void)SwitchToThread();
}
