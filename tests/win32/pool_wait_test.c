/* SPDX-License-Identifier: MIT */
/*
 * pool_wait_test.c - waits and timers of the thread pool, registered waits. Windows headers only.
 */
#include <windows.h>

#include "ntstest.h"

#define CHECK_ERROR(call, error)                                                                   \
    do {                                                                                           \
        SetLastError(0xDEADBEEF);                                                                  \
        CHECK(!(call));                                                                            \
        CHECK_EQ(GetLastError(), error);                                                           \
    } while (0)

static HANDLE done; /* semaphore */
static HANDLE gate;
static volatile LONG signals, timeouts;
static DWORD callback_thread;

static void prepare(void)
{
    done = CreateSemaphoreA(NULL, 0, 100000, NULL);
    gate = CreateEventA(NULL, TRUE, FALSE, NULL);
    signals = timeouts = 0;
}

static void finish(void)
{
    CHECK(CloseHandle(done));
    CHECK(CloseHandle(gate));
}

static void wait_done(int times)
{
    for (int i = 0; i < times; i++)
        CHECK_EQ(WaitForSingleObject(done, INFINITE), WAIT_OBJECT_0);
}

static FILETIME relative_ms(LONG ms)
{
    LARGE_INTEGER time = {.QuadPart = -(LONGLONG)ms * 10000};
    return (FILETIME){time.LowPart, (DWORD)time.HighPart};
}

/* --- registered waits --- */

static VOID CALLBACK wait_ended(PVOID context, BOOLEAN timed_out)
{
    InterlockedIncrement(timed_out ? &timeouts : &signals);
    __atomic_store_n(&callback_thread, GetCurrentThreadId(), __ATOMIC_SEQ_CST); /* perhaps of two at once */
    ReleaseSemaphore(done, 1, NULL);
    if (context != NULL)
        WaitForSingleObject(gate, INFINITE);
}

TEST(register__auto_reset_event_set_again__one_callback_each)
{
    HANDLE wait = NULL, event = CreateEventA(NULL, FALSE, FALSE, NULL);
    prepare();
    CHECK(RegisterWaitForSingleObject(&wait, event, wait_ended, NULL, INFINITE, WT_EXECUTEDEFAULT));
    REQUIRE(wait != NULL);
    for (int i = 1; i <= 5; i++) {
        CHECK(SetEvent(event));
        wait_done(1);
        CHECK_EQ(signals, i);
    }
    CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    CHECK(SetEvent(event));
    /* Nobody of the pool takes the signal any more. */
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK_EQ(timeouts, 0);
    CHECK(CloseHandle(event));
    finish();
}

TEST(register__only_once__second_signal_stays)
{
    HANDLE wait, event = CreateEventA(NULL, FALSE, FALSE, NULL);
    prepare();
    CHECK(RegisterWaitForSingleObject(
        &wait, event, wait_ended, NULL, INFINITE, WT_EXECUTEONLYONCE));
    CHECK(SetEvent(event));
    wait_done(1);
    CHECK(SetEvent(event));
    CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    CHECK_EQ(signals, 1);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
    finish();
}

TEST(register__time_passes__tells_time_out_each_round)
{
    HANDLE wait, event = CreateEventA(NULL, FALSE, FALSE, NULL);
    prepare();
    CHECK(RegisterWaitForSingleObject(&wait, event, wait_ended, NULL, 5, WT_EXECUTEDEFAULT));
    wait_done(3);
    CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    CHECK(timeouts >= 3);
    CHECK_EQ(signals, 0);
    CHECK(CloseHandle(event));
    finish();
}

TEST(register__in_wait_thread__same_thread_serves)
{
    HANDLE wait, other, event = CreateEventA(NULL, FALSE, FALSE, NULL);
    prepare();
    CHECK(RegisterWaitForSingleObject(&wait, event, wait_ended, NULL, INFINITE,
        WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE));
    CHECK(SetEvent(event));
    wait_done(1);
    DWORD first = __atomic_load_n(&callback_thread, __ATOMIC_SEQ_CST);
    CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    CHECK(RegisterWaitForSingleObject(&other, event, wait_ended, NULL, 0,
        WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE));
    wait_done(1);
    CHECK_EQ(__atomic_load_n(&callback_thread, __ATOMIC_SEQ_CST), first);
    CHECK_EQ(timeouts, 1);
    CHECK(UnregisterWaitEx(other, INVALID_HANDLE_VALUE));
    CHECK(CloseHandle(event));
    finish();
}

TEST(unregister__callback_runs__pending_then_event)
{
    HANDLE wait, event = CreateEventA(NULL, FALSE, TRUE, NULL);
    HANDLE gone = CreateEventA(NULL, FALSE, FALSE, NULL);
    prepare();
    CHECK(RegisterWaitForSingleObject(
        &wait, event, wait_ended, (PVOID)1, INFINITE, WT_EXECUTEDEFAULT));
    wait_done(1);
    CHECK_ERROR(UnregisterWaitEx(wait, gone), ERROR_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(gone, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(gate));
    CHECK_EQ(WaitForSingleObject(gone, INFINITE), WAIT_OBJECT_0);
    /* Nothing outstanding: done at once, and the event is set all the same. */
    CHECK(RegisterWaitForSingleObject(&wait, event, wait_ended, NULL, INFINITE, 0));
    CHECK(UnregisterWaitEx(wait, gone));
    CHECK_EQ(WaitForSingleObject(gone, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(signals, 1);
    CHECK(CloseHandle(event));
    CHECK(CloseHandle(gone));
    finish();
}

static HANDLE own_wait;
static VOID CALLBACK unregisters_itself(PVOID context, BOOLEAN timed_out)
{
    CHECK_ERROR(UnregisterWait(own_wait), ERROR_IO_PENDING);
    ReleaseSemaphore(done, 1, NULL);
}

TEST(unregister__in_own_callback__is_pending)
{
    static const ULONG flags[] = {WT_EXECUTEDEFAULT, WT_EXECUTEINWAITTHREAD};
    for (int i = 0; i < 2; i++) {
        HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
        prepare();
        CHECK(RegisterWaitForSingleObject(
            &own_wait, event, unregisters_itself, NULL, INFINITE, flags[i]));
        CHECK(SetEvent(event));
        wait_done(1);
        CHECK(CloseHandle(event));
        finish();
    }
}

TEST(register__wrong_handles__are_refused)
{
    HANDLE wait, port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    HANDLE mute = CreateEventExA(NULL, NULL, 0, EVENT_MODIFY_STATE);
    CHECK_ERROR(RegisterWaitForSingleObject(
                    &wait, (HANDLE)(ULONG_PTR)0xDEADBEE0, wait_ended, NULL, INFINITE, 0),
        ERROR_INVALID_HANDLE);
    CHECK_ERROR(
        RegisterWaitForSingleObject(&wait, NULL, wait_ended, NULL, INFINITE, 0), ERROR_INVALID_HANDLE);
    CHECK_ERROR(RegisterWaitForSingleObject(&wait, mute, wait_ended, NULL, INFINITE, 0),
        ERROR_ACCESS_DENIED);
    CHECK_ERROR(UnregisterWait(NULL), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(mute));
    CHECK(CloseHandle(port));
}

#define MANY 200
static VOID CALLBACK counts_own(PVOID context, BOOLEAN timed_out)
{
    InterlockedIncrement((volatile LONG *)context);
    ReleaseSemaphore(done, 1, NULL);
}

TEST(register__more_than_one_thread_can_wait_for__each_is_served)
{
    static volatile LONG counts[MANY];
    HANDLE waits[MANY], events[MANY];
    prepare();
    for (int i = 0; i < MANY; i++) {
        events[i] = CreateEventA(NULL, FALSE, FALSE, NULL);
        CHECK(RegisterWaitForSingleObject(
            &waits[i], events[i], counts_own, (PVOID)&counts[i], INFINITE, 0));
    }
    for (int round = 1; round <= 3; round++) {
        for (int i = MANY - 1; i >= 0; i--)
            CHECK(SetEvent(events[i]));
        wait_done(MANY);
        for (int i = 0; i < MANY; i++)
            CHECK_EQ(counts[i], round);
    }
    for (int i = 0; i < MANY; i++) {
        CHECK(UnregisterWaitEx(waits[i], INVALID_HANDLE_VALUE));
        CHECK(CloseHandle(events[i]));
    }
    finish();
}

/* --- waits of the new API --- */

static VOID CALLBACK pool_wait_ended(
    PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_WAIT wait, TP_WAIT_RESULT result)
{
    CHECK(result == WAIT_OBJECT_0 || result == WAIT_TIMEOUT);
    wait_ended(NULL, result == WAIT_TIMEOUT);
}

TEST(pool_wait__set_anew_each_time__one_callback_each)
{
    HANDLE semaphore = CreateSemaphoreA(NULL, 0, 10, NULL);
    FILETIME soon = relative_ms(5), now = {0};
    prepare();
    PTP_WAIT wait = CreateThreadpoolWait(pool_wait_ended, NULL, NULL);
    REQUIRE(wait != NULL);
    SetThreadpoolWait(wait, semaphore, NULL);
    CHECK(ReleaseSemaphore(semaphore, 2, NULL));
    wait_done(1);
    CHECK_EQ(signals, 1);
    /* Once only: the second count is still there, and the first thing the next wait finds. */
    SetThreadpoolWait(wait, semaphore, &now);
    wait_done(1);
    CHECK_EQ(signals, 2);
    SetThreadpoolWait(wait, semaphore, &soon);
    wait_done(1);
    SetThreadpoolWait(wait, semaphore, &now);
    wait_done(1);
    CHECK_EQ(timeouts, 2);
    CloseThreadpoolWait(wait);
    CHECK(CloseHandle(semaphore));
    finish();
}

TEST(pool_wait__ended_with_null__signal_is_not_taken)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    prepare();
    PTP_WAIT wait = CreateThreadpoolWait(pool_wait_ended, NULL, NULL);
    for (int i = 0; i < 200; i++) {
        CHECK(!SetThreadpoolWaitEx(wait, event, NULL, NULL));
        CHECK(SetThreadpoolWaitEx(wait, NULL, NULL, NULL));
        CHECK(SetEvent(event));
        CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    }
    WaitForThreadpoolWaitCallbacks(wait, FALSE);
    CHECK_EQ(signals + timeouts, 0);
    CloseThreadpoolWait(wait);
    CHECK(CloseHandle(event));
    finish();
}

TEST(pool_wait__handle_closed_by_program__still_waits)
{
    HANDLE timer = CreateWaitableTimerA(NULL, TRUE, NULL);
    LARGE_INTEGER due = {.QuadPart = -50000};
    prepare();
    PTP_WAIT wait = CreateThreadpoolWait(pool_wait_ended, NULL, NULL);
    CHECK(SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE));
    SetThreadpoolWait(wait, timer, NULL);
    CHECK(CloseHandle(timer));
    wait_done(1);
    CHECK_EQ(signals, 1);
    CloseThreadpoolWait(wait);
    finish();
}

/* --- timers of the new API --- */

static VOID CALLBACK pool_timer(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_TIMER timer)
{
    wait_ended(NULL, TRUE);
}

TEST(pool_timer__due__runs_and_stays_set)
{
    FILETIME soon = relative_ms(5), later = relative_ms(3600000), now = {0};
    prepare();
    PTP_TIMER timer = CreateThreadpoolTimer(pool_timer, NULL, NULL);
    REQUIRE(timer != NULL);
    CHECK(!IsThreadpoolTimerSet(timer));
    SetThreadpoolTimer(timer, &soon, 0, 0);
    CHECK(IsThreadpoolTimerSet(timer));
    wait_done(1);
    CHECK(IsThreadpoolTimerSet(timer));
    CHECK(!SetThreadpoolTimerEx(timer, &now, 0, 0));
    wait_done(1);
    CHECK(!SetThreadpoolTimerEx(timer, &later, 0, 0));
    CHECK(SetThreadpoolTimerEx(timer, NULL, 0, 0));
    CHECK(!IsThreadpoolTimerSet(timer));
    WaitForThreadpoolTimerCallbacks(timer, TRUE);
    CHECK_EQ(timeouts, 2);
    CloseThreadpoolTimer(timer);
    finish();
}

TEST(pool_timer__absolute_and_periodic__runs_until_stopped)
{
    LARGE_INTEGER due;
    FILETIME time;
    prepare();
    PTP_TIMER timer = CreateThreadpoolTimer(pool_timer, NULL, NULL);
    GetSystemTimeAsFileTime(&time);
    due.LowPart = time.dwLowDateTime;
    due.HighPart = (LONG)time.dwHighDateTime;
    due.QuadPart += 50000;
    time.dwLowDateTime = due.LowPart;
    time.dwHighDateTime = (DWORD)due.HighPart;
    SetThreadpoolTimer(timer, &time, 2, 0);
    wait_done(4);
    SetThreadpoolTimer(timer, NULL, 0, 0);
    WaitForThreadpoolTimerCallbacks(timer, TRUE);
    LONG seen = timeouts;
    CHECK(seen >= 4);
    SleepEx(10, FALSE);
    CHECK_EQ(timeouts, seen);
    CloseThreadpoolTimer(timer);
    finish();
}

static volatile LONG fired[500];
static VOID CALLBACK marks_fired(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_TIMER timer)
{
    InterlockedIncrement(&fired[(ULONG_PTR)context]);
}

TEST(many_timers__some_stopped__the_others_fire_once)
{
    PTP_TIMER timers[500];
    for (ULONG_PTR i = 0; i < 500; i++) {
        FILETIME due = relative_ms((LONG)((i * 7919) % 50));
        timers[i] = CreateThreadpoolTimer(marks_fired, (PVOID)i, NULL);
        if (i % 5 == 0)
            due = relative_ms(3600000);
        SetThreadpoolTimer(timers[i], &due, 0, 0);
    }
    for (int i = 0; i < 500; i++) {
        if (i % 5 == 0)
            SetThreadpoolTimer(timers[i], NULL, 0, 0);
        else
            while (InterlockedCompareExchange(&fired[i], 0, 0) == 0)
                Sleep(1);
    }
    for (int i = 0; i < 500; i++) {
        WaitForThreadpoolTimerCallbacks(timers[i], FALSE);
        CHECK_EQ(fired[i], i % 5 != 0);
        CloseThreadpoolTimer(timers[i]);
    }
}
