/* SPDX-License-Identifier: MIT */
/* ke_timer_test.c - timers, DPCs, timer APCs. */
#include "ke_test.h"

static LARGE_INTEGER now = {.QuadPart = 0};

TEST(timer_notification__due__stays_signalled)
{
    KTIMER timer;
    ULONGLONG before = KeQueryInterruptTime();
    KeInitializeTimer(&timer);
    CHECK_EQ(KeSetTimer(&timer, relative_ms(2), NULL), FALSE);
    CHECK_EQ(KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
    CHECK(KeQueryInterruptTime() - before >= 20000);
    CHECK_EQ(KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, &now), STATUS_WAIT_0);
    CHECK_EQ(KeCancelTimer(&timer), FALSE);
    CHECK_EQ(KeReadStateTimer(&timer), TRUE);
    CHECK_EQ(KeSetTimer(&timer, relative_ms(100000), NULL), FALSE);
    CHECK_EQ(KeReadStateTimer(&timer), FALSE);
    CHECK_EQ(KeSetTimer(&timer, relative_ms(100000), NULL), TRUE);
    CHECK_EQ(KeCancelTimer(&timer), TRUE);
    CHECK_EQ(KeCancelTimer(&timer), FALSE);
}

TEST(timer_synchronization__due__one_wait)
{
    KTIMER timer;
    LARGE_INTEGER time;
    KeInitializeTimerEx(&timer, SynchronizationTimer);
    KeQuerySystemTime(&time);
    time.QuadPart += 10000;
    KeSetTimer(&timer, time, NULL); /* absolute */
    CHECK_EQ(KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, &now), STATUS_TIMEOUT);
    time.QuadPart = 1; /* long ago */
    KeSetTimer(&timer, time, NULL);
    CHECK_EQ(KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, &now), STATUS_WAIT_0);
}

TEST(timer_periodic__runs__until_cancelled)
{
    KTIMER timer;
    KeInitializeTimerEx(&timer, SynchronizationTimer);
    KeSetTimerEx(&timer, relative_ms(1), 1, NULL);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(KeCancelTimer(&timer), TRUE);
    KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, &now);
    LARGE_INTEGER time = relative_ms(5);
    CHECK_EQ(KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, &time), STATUS_TIMEOUT);
}

#define MANY 3000
static KTIMER many[MANY];

TEST(timer__thousands_due_in_any_order__all_signalled)
{
    ULONG seed = 12345, cancelled = 0;
    for (int i = 0; i < MANY; i++) {
        seed = seed * 1664525 + 1013904223;
        KeInitializeTimer(&many[i]);
        KeSetTimer(&many[i], (LARGE_INTEGER){.QuadPart = -(LONGLONG)(seed >> 12) / 4}, NULL);
    }
    for (int i = 0; i < MANY; i += 3)
        cancelled += KeCancelTimer(&many[i]);
    for (int i = 0; i < MANY; i++) {
        if (i % 3 != 0)
            CHECK_EQ(KeWaitForSingleObject(&many[i], Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
        else
            cancelled += KeReadStateTimer(&many[i]);
    }
    CHECK_EQ(cancelled, (MANY + 2) / 3); /* each was cancelled or had been signalled */
}

/* --- DPCs --- */

static KEVENT done;
static LONG dpc_count, dpc_irql;

static VOID dpc_routine(PRKDPC dpc, PVOID context, PVOID one, PVOID two)
{
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(two);
    dpc_irql = KeGetCurrentIrql();
    dpc_count += (LONG)(LONG_PTR)context + (LONG)(LONG_PTR)one;
    KeSetEvent(&done, 0, FALSE);
}

static VOID timer_dpc(PRKDPC dpc, PVOID context, PVOID low, PVOID high)
{
    LARGE_INTEGER time, then;
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(context);
    KeQuerySystemTime(&time);
    then.LowPart = (ULONG)(ULONG_PTR)low;
    then.HighPart = (LONG)(ULONG_PTR)high;
    CHECK(then.QuadPart <= time.QuadPart && then.QuadPart > 0x01C000000000000LL);
    KeSetEvent(&done, 0, FALSE);
}

TEST(dpc__queued__runs_at_dispatch_level)
{
    KDPC dpc;
    KeInitializeEvent(&done, SynchronizationEvent, FALSE);
    KeInitializeDpc(&dpc, dpc_routine, (PVOID)5);
    CHECK_EQ(KeInsertQueueDpc(&dpc, (PVOID)2, NULL), TRUE);
    CHECK_EQ(KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(dpc_count, 7);
    CHECK_EQ(dpc_irql, DISPATCH_LEVEL);
    CHECK_EQ(KeRemoveQueueDpc(&dpc), FALSE);
}

TEST(timer__with_dpc__dpc_gets_the_time)
{
    KDPC dpc;
    KTIMER timer;
    KeInitializeEvent(&done, SynchronizationEvent, FALSE);
    KeInitializeDpc(&dpc, timer_dpc, NULL);
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, relative_ms(1), &dpc);
    CHECK_EQ(KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(KeReadStateTimer(&timer), TRUE);
}

/* --- timer objects --- */

static LONG apc_count;
static PVOID apc_context;

static VOID timer_apc(PVOID context, ULONG low, LONG high)
{
    LARGE_INTEGER time, then = {.LowPart = low, .HighPart = high};
    KeQuerySystemTime(&time);
    CHECK(then.QuadPart <= time.QuadPart && then.QuadPart > 0x01C000000000000LL);
    apc_context = context;
    apc_count++;
}

TEST(nt_timer__with_apc__runs_in_alertable_wait)
{
    HANDLE timer;
    BOOLEAN previous = 9;
    LARGE_INTEGER due = relative_ms(1);
    REQUIRE_EQ(NtCreateTimer(&timer, TIMER_ALL_ACCESS, NULL, NotificationTimer), STATUS_SUCCESS);
    CHECK_EQ(NtSetTimer(timer, &due, timer_apc, &due, FALSE, 0, &previous), STATUS_SUCCESS);
    CHECK_EQ(previous, FALSE);
    CHECK_EQ(NtWaitForSingleObject(timer, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(apc_count, 0);
    CHECK_EQ(NtDelayExecution(TRUE, &now), STATUS_USER_APC);
    CHECK_EQ(apc_count, 1);
    CHECK(apc_context == &due);
    /* cancelling takes back an APC that is queued and has not run */
    CHECK_EQ(NtSetTimer(timer, &due, timer_apc, NULL, FALSE, 0, &previous), STATUS_SUCCESS);
    CHECK_EQ(previous, TRUE);
    CHECK_EQ(NtWaitForSingleObject(timer, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(NtCancelTimer(timer, &previous), STATUS_SUCCESS);
    CHECK_EQ(previous, TRUE);
    CHECK_EQ(NtTestAlert(), STATUS_SUCCESS);
    CHECK_EQ(apc_count, 1);
    CHECK_EQ(NtSetTimer(timer, &due, NULL, NULL, FALSE, -1, NULL), STATUS_INVALID_PARAMETER_6);
    CHECK_EQ(NtSetTimer(timer, NULL, NULL, NULL, FALSE, 0, NULL), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(NtClose(timer), STATUS_SUCCESS);
}

TEST(nt_timer__periodic_apc__one_per_period)
{
    HANDLE timer;
    LARGE_INTEGER due = relative_ms(1);
    REQUIRE_EQ(NtCreateTimer(&timer, TIMER_ALL_ACCESS, NULL, SynchronizationTimer), STATUS_SUCCESS);
    CHECK_EQ(NtSetTimer(timer, &due, timer_apc, NULL, FALSE, 1, NULL), STATUS_SUCCESS);
    for (int i = 1; i <= 3; i++) {
        LARGE_INTEGER hour = relative_ms(3600000);
        CHECK_EQ(NtDelayExecution(TRUE, &hour), STATUS_USER_APC);
        CHECK(apc_count >= i);
    }
    CHECK_EQ(NtClose(timer), STATUS_SUCCESS); /* while it is set */
    CHECK_EQ(ObpTimerType.ObjectCount, 0);
    NtTestAlert();
}

static ULONG set_and_end(PVOID parameter)
{
    LARGE_INTEGER due = relative_ms(3600000);
    return (ULONG)NtSetTimer(parameter, &due, timer_apc, NULL, FALSE, 0, NULL);
}

TEST(nt_timer__thread_that_set_it_ends__timer_is_cancelled)
{
    HANDLE timer;
    PVOID object; /* begins with its KTIMER */
    REQUIRE_EQ(NtCreateTimer(&timer, TIMER_ALL_ACCESS, NULL, NotificationTimer), STATUS_SUCCESS);
    REQUIRE_EQ(ObReferenceObjectByHandle(timer, 0, NULL, KernelMode, &object, NULL), STATUS_SUCCESS);
    CHECK_EQ(join_thread(start_thread(set_and_end, timer)), STATUS_SUCCESS);
    CHECK_EQ(KeCancelTimer(object), FALSE);
    /* not so if nobody's thread ends with it */
    LARGE_INTEGER due = relative_ms(3600000);
    CHECK_EQ(NtSetTimer(timer, &due, NULL, NULL, FALSE, 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(KeCancelTimer(object), TRUE);
    ObfDereferenceObject(object);
    CHECK_EQ(NtClose(timer), STATUS_SUCCESS);
}

/* --- set, cancel and close against expiry --- */

static ULONG set_and_cancel(PVOID parameter)
{
    HANDLE shared = parameter;
    for (int i = 0; i < 1500; i++) {
        HANDLE timer;
        LARGE_INTEGER due = {.QuadPart = -(i % 40) * 25 - 1};
        if (!NT_SUCCESS(NtCreateTimer(&timer, TIMER_ALL_ACCESS, NULL, NotificationTimer)))
            return 1;
        NtSetTimer(timer, &due, i & 1 ? timer_apc : NULL, NULL, FALSE, i % 5 == 0, NULL);
        NtSetTimer(shared, &due, i & 2 ? timer_apc : NULL, NULL, FALSE, 0, NULL);
        if (i & 4)
            NtCancelTimer(timer, NULL);
        NtClose(timer);
    }
    return 0;
}

TEST(hammer__timers_set_cancelled_closed__none_left)
{
    HANDLE threads[3], shared;
    REQUIRE_EQ(NtCreateTimer(&shared, TIMER_ALL_ACCESS, NULL, NotificationTimer), STATUS_SUCCESS);
    for (int i = 0; i < 3; i++)
        threads[i] = start_thread(set_and_cancel, shared);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(join_thread(threads[i]), 0);
    CHECK_EQ(NtClose(shared), STATUS_SUCCESS);
    CHECK_EQ(ObpTimerType.ObjectCount, 0);
    while (__atomic_load_n(&ObpThreadType.ObjectCount, __ATOMIC_ACQUIRE) != 0)
        NtYieldExecution();
}
