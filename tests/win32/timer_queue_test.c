/* SPDX-License-Identifier: MIT */
/* timer_queue_test.c - timer queues. Windows headers only. */
#include <windows.h>

#include "ntstest.h"

#define CHECK_ERROR(call, error)                                                                   \
    do {                                                                                           \
        SetLastError(0xDEADBEEF);                                                                  \
        CHECK(!(call));                                                                            \
        CHECK_EQ(GetLastError(), error);                                                           \
    } while (0)

static HANDLE done, gate;
static void prepare(void)
{
    done = CreateSemaphoreA(NULL, 0, 100000, NULL);
    gate = CreateEventA(NULL, TRUE, FALSE, NULL);
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

static LONG read_count(volatile LONG *count)
{
    return InterlockedCompareExchange(count, 0, 0);
}

static VOID CALLBACK counts(PVOID context, BOOLEAN timed_out)
{
    CHECK(timed_out);
    InterlockedIncrement((volatile LONG *)context);
    ReleaseSemaphore(done, 1, NULL);
}

TEST(timers__each_kind__fires_as_often_as_asked)
{
    volatile LONG once = 0, often = 0, never = 0, once_by_flag = 0;
    HANDLE queue = CreateTimerQueue(), t1, t2, t3, t4;
    REQUIRE(queue != NULL);
    prepare();
    CHECK(CreateTimerQueueTimer(&t1, queue, counts, (PVOID)&once, 3, 0, 0));
    CHECK(CreateTimerQueueTimer(&t2, queue, counts, (PVOID)&often, 0, 2, 0));
    CHECK(CreateTimerQueueTimer(&t3, queue, counts, (PVOID)&never, 3600000, 10, 0));
    CHECK(CreateTimerQueueTimer(&t4, queue, counts, (PVOID)&once_by_flag, 1, 1, WT_EXECUTEONLYONCE));
    while (read_count(&often) < 5 || read_count(&once) == 0 || read_count(&once_by_flag) == 0)
        wait_done(1);
    CHECK(DeleteTimerQueueTimer(queue, t1, INVALID_HANDLE_VALUE));
    CHECK(DeleteTimerQueueTimer(queue, t2, INVALID_HANDLE_VALUE));
    LONG seen = often;
    CHECK(DeleteTimerQueueEx(queue, INVALID_HANDLE_VALUE));
    CHECK_EQ(once, 1);
    CHECK_EQ(often, seen);
    CHECK_EQ(never, 0);
    CHECK_EQ(once_by_flag, 1);
    finish();
}

static VOID CALLBACK waits_for_gate(PVOID context, BOOLEAN timed_out)
{
    ReleaseSemaphore(done, 1, NULL);
    WaitForSingleObject(gate, INFINITE);
}

TEST(delete__callback_runs__pending_then_event)
{
    HANDLE queue = CreateTimerQueue(), timer, other;
    HANDLE gone = CreateEventA(NULL, FALSE, FALSE, NULL);
    HANDLE queue_gone = CreateEventA(NULL, FALSE, FALSE, NULL);
    prepare();
    CHECK(CreateTimerQueueTimer(&timer, queue, waits_for_gate, NULL, 0, 0, 0));
    CHECK(CreateTimerQueueTimer(&other, queue, waits_for_gate, NULL, 3600000, 0, 0));
    wait_done(1);
    CHECK_ERROR(DeleteTimerQueueTimer(queue, timer, gone), ERROR_IO_PENDING);
    CHECK_ERROR(DeleteTimerQueueEx(queue, queue_gone), ERROR_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(gone, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(queue_gone, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(gate));
    CHECK_EQ(WaitForSingleObject(gone, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(queue_gone, INFINITE), WAIT_OBJECT_0);
    CHECK(CloseHandle(gone));
    CHECK(CloseHandle(queue_gone));
    finish();
}

TEST(delete_queue__callback_runs__blocks_until_it_has_ended)
{
    volatile LONG count = 0;
    HANDLE queue = CreateTimerQueue(), timers[10];
    prepare();
    for (int i = 0; i < 10; i++)
        CHECK(CreateTimerQueueTimer(&timers[i], queue, counts, (PVOID)&count, 0, 1, 0));
    wait_done(20);
    CHECK(DeleteTimerQueueEx(queue, INVALID_HANDLE_VALUE));
    LONG seen = count;
    SleepEx(10, FALSE);
    CHECK_EQ(count, seen);
    finish();
}

TEST(due_at_once__deleted_at_once__still_runs)
{
    volatile LONG count = 0;
    HANDLE queue = CreateTimerQueue(), timer;
    prepare();
    CHECK(CreateTimerQueueTimer(&timer, queue, counts, (PVOID)&count, 0, 3600000, 0));
    (void)DeleteTimerQueueTimer(queue, timer, NULL);
    wait_done(1);
    (void)DeleteTimerQueueEx(queue, INVALID_HANDLE_VALUE);
    CHECK_EQ(count, 1);
    finish();
}

struct own {
    HANDLE queue;
    HANDLE volatile timer;
    volatile LONG calls;
};

static VOID CALLBACK deletes_itself_third_time(PVOID context, BOOLEAN timed_out)
{
    struct own *own = context;
    if (own->timer == NULL)
        return;
    if (InterlockedIncrement(&own->calls) == 3) {
        CHECK_ERROR(DeleteTimerQueueTimer(own->queue, own->timer, NULL), ERROR_IO_PENDING);
        ReleaseSemaphore(done, 1, NULL);
    }
}

TEST(delete__in_own_callback__is_pending_and_the_last)
{
    struct own own = {CreateTimerQueue(), NULL, 0};
    prepare();
    CHECK(CreateTimerQueueTimer(
        (PHANDLE)&own.timer, own.queue, deletes_itself_third_time, &own, 5, 5, 0));
    wait_done(1);
    CHECK(DeleteTimerQueueEx(own.queue, INVALID_HANDLE_VALUE));
    CHECK_EQ(own.calls, 3);
    finish();
}

static VOID CALLBACK sets_itself_again(PVOID context, BOOLEAN timed_out)
{
    struct own *own = context;
    CHECK(ChangeTimerQueueTimer(own->queue, own->timer, 1, 1));
    InterlockedIncrement(&own->calls);
    ReleaseSemaphore(done, 1, NULL);
}

TEST(change__timer_that_fired_once__has_no_effect)
{
    struct own own = {CreateTimerQueue(), NULL, 0};
    prepare();
    CHECK(CreateTimerQueueTimer((PHANDLE)&own.timer, own.queue, sets_itself_again, &own, 1, 0, 0));
    wait_done(1);
    CHECK(ChangeTimerQueueTimer(own.queue, own.timer, 0, 1));
    SleepEx(10, FALSE);
    CHECK(DeleteTimerQueueEx(own.queue, INVALID_HANDLE_VALUE));
    CHECK_EQ(own.calls, 1);
    finish();
}

TEST(change__before_it_fires__moves_it)
{
    volatile LONG count = 0;
    HANDLE timer;
    prepare();
    /* The process's queue. */
    CHECK(CreateTimerQueueTimer(&timer, NULL, counts, (PVOID)&count, 3600000, 0, 0));
    CHECK(ChangeTimerQueueTimer(NULL, timer, 1, 0));
    wait_done(1);
    CHECK(DeleteTimerQueueTimer(NULL, timer, INVALID_HANDLE_VALUE));
    CHECK_EQ(count, 1);
    finish();
}

static volatile LONG timer_thread;
static VOID CALLBACK notes_thread(PVOID context, BOOLEAN timed_out)
{
    LONG own = (LONG)GetCurrentThreadId();
    LONG before = InterlockedCompareExchange(&timer_thread, own, 0);
    CHECK(before == 0 || before == own);
    ReleaseSemaphore(done, 1, NULL);
}

TEST(in_timer_thread__several_timers__one_thread_runs_them)
{
    HANDLE queue = CreateTimerQueue(), timers[3];
    prepare();
    for (int i = 0; i < 3; i++)
        CHECK(CreateTimerQueueTimer(
            &timers[i], queue, notes_thread, NULL, (DWORD)i, 1, WT_EXECUTEINTIMERTHREAD));
    wait_done(10);
    CHECK(DeleteTimerQueueEx(queue, INVALID_HANDLE_VALUE));
    CHECK(timer_thread != 0 && timer_thread != (LONG)GetCurrentThreadId());
    finish();
}

TEST(wrong_handles__documented_error)
{
    CHECK_ERROR(DeleteTimerQueueEx(NULL, NULL), ERROR_INVALID_HANDLE);
    CHECK_ERROR(DeleteTimerQueueTimer(NULL, NULL, NULL), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(ChangeTimerQueueTimer(NULL, NULL, 0, 0), ERROR_INVALID_PARAMETER);
}
