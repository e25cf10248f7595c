/* SPDX-License-Identifier: MIT */
/*
 * ke_hammer_test.c - the races of waits: who claims, who consumes, who frees.
 *
 * Goal: exactly one wait per signal, whatever the timing. Method: counts that must agree at the end, and
 * plain data guarded by what is tested, so that ThreadSanitizer sees a missing order.
 */
#include "ke_test.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define ROUNDS 3000
#else
#define ROUNDS 20000
#endif
#define THREADS 4

static KEVENT event, stop_event;
static LONG set_count, taken_count, stopping;

static ULONG setter(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    for (int i = 0; i < ROUNDS; i++) {
        if (KeSetEvent(&event, 0, FALSE) == 0)
            __atomic_add_fetch(&set_count, 1, __ATOMIC_RELAXED);
        if (i % 64 == 0)
            NtYieldExecution();
    }
    return 0;
}

static ULONG taker(PVOID parameter)
{
    PVOID objects[2] = {&event, &stop_event};
    LARGE_INTEGER soon = {.QuadPart = -5};
    ULONG_PTR kind = (ULONG_PTR)parameter;
    for (;;) {
        NTSTATUS status;
        if (kind == 0)
            status = KeWaitForMultipleObjects(2, objects, WaitAny, Executive, KernelMode, FALSE, NULL, NULL);
        else
            status = KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &soon);
        if (status == STATUS_WAIT_0)
            __atomic_add_fetch(&taken_count, 1, __ATOMIC_RELAXED);
        else if (status == STATUS_WAIT_0 + 1 || __atomic_load_n(&stopping, __ATOMIC_RELAXED))
            return 0;
    }
}

TEST(hammer__setters_against_takers__one_wait_per_signal)
{
    HANDLE setters[THREADS], takers[THREADS];
    KeInitializeEvent(&event, SynchronizationEvent, FALSE);
    KeInitializeEvent(&stop_event, NotificationEvent, FALSE);
    for (ULONG_PTR i = 0; i < THREADS; i++)
        takers[i] = start_thread(taker, (PVOID)(i % 2));
    for (int i = 0; i < THREADS; i++)
        setters[i] = start_thread(setter, NULL);
    for (int i = 0; i < THREADS; i++)
        join_thread(setters[i]);
    __atomic_store_n(&stopping, 1, __ATOMIC_RELAXED);
    KeSetEvent(&stop_event, 0, FALSE);
    for (int i = 0; i < THREADS; i++)
        join_thread(takers[i]);
    CHECK(set_count > 0);
    CHECK_EQ(taken_count + KeReadStateEvent(&event), set_count);
    CHECK(IsListEmpty(&event.Header.WaitListHead));
}

/* --- two mutants and a counter each: any, all, single --- */

static KMUTEX mutexes[2];
static LONG guarded[2]; /* plain: guarded by the mutex of the same index */

static ULONG count_under_mutexes(PVOID parameter)
{
    PVOID forward[2] = {&mutexes[0], &mutexes[1]}, backward[2] = {&mutexes[1], &mutexes[0]};
    ULONG_PTR kind = (ULONG_PTR)parameter;
    for (int i = 0; i < ROUNDS / 4; i++) {
        if (kind < 2) {
            KeWaitForMultipleObjects(2, kind ? forward : backward, WaitAll, Executive, KernelMode, FALSE, NULL,
                NULL);
            guarded[0]++;
            guarded[1]++;
            KeReleaseMutex(&mutexes[0], FALSE);
            KeReleaseMutex(&mutexes[1], FALSE);
        } else {
            NTSTATUS index = KeWaitForMultipleObjects(2, kind == 2 ? forward : backward, WaitAny, Executive,
                KernelMode, FALSE, NULL, NULL);
            if (kind != 2)
                index = !index;
            guarded[index]++;
            KeReleaseMutex(&mutexes[index], FALSE);
        }
    }
    return 0;
}

TEST(hammer__wait_all_against_wait_any_on_mutants__exclusive)
{
    HANDLE threads[4];
    KeInitializeMutex(&mutexes[0], 0);
    KeInitializeMutex(&mutexes[1], 0);
    for (ULONG_PTR i = 0; i < 4; i++)
        threads[i] = start_thread(count_under_mutexes, (PVOID)i);
    for (int i = 0; i < 4; i++)
        join_thread(threads[i]);
    CHECK_EQ(guarded[0] + guarded[1], 6 * (ROUNDS / 4));
    CHECK_EQ(KeReadStateMutex(&mutexes[0]), 1);
    CHECK_EQ(KeReadStateMutex(&mutexes[1]), 1);
}

/* --- abandonment: every owner ends without releasing --- */

static LONG abandoned_count, clean_count;

static ULONG take_and_abandon(PVOID parameter)
{
    NTSTATUS status = KeWaitForSingleObject(parameter, Executive, KernelMode, FALSE, NULL);
    guarded[0]++;
    if (status == STATUS_ABANDONED_WAIT_0)
        __atomic_add_fetch(&abandoned_count, 1, __ATOMIC_RELAXED);
    else if (status == STATUS_WAIT_0)
        __atomic_add_fetch(&clean_count, 1, __ATOMIC_RELAXED);
    return 0;
}

TEST(hammer__mutant_abandoned_over_and_over__all_but_first_are_told)
{
    HANDLE threads[8];
    guarded[0] = 0;
    KeInitializeMutex(&mutexes[0], 0);
    for (int round = 0; round < 25; round++) {
        for (int i = 0; i < 8; i++)
            threads[i] = start_thread(take_and_abandon, &mutexes[0]);
        for (int i = 0; i < 8; i++)
            join_thread(threads[i]);
    }
    CHECK_EQ(clean_count, 1);
    CHECK_EQ(abandoned_count, 199);
    CHECK_EQ(guarded[0], 200);
}

/* --- an event on the waiter's stack: the signaller must not touch it after the waiter can return --- */

static PRKEVENT posted;

static ULONG post_setter(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    for (;;) {
        PRKEVENT target = __atomic_exchange_n(&posted, NULL, __ATOMIC_ACQ_REL);
        if (target == &stop_event)
            return 0;
        if (target != NULL)
            KeSetEvent(target, 0, FALSE);
        else
            NtYieldExecution();
    }
}

static __attribute__((noinline)) void wait_on_stack(int i)
{
    KEVENT local;
    PVOID objects[2] = {&local, &stop_event};
    KeInitializeEvent(&local, i & 1 ? SynchronizationEvent : NotificationEvent, FALSE);
    __atomic_store_n(&posted, &local, __ATOMIC_RELEASE);
    if (i & 2)
        KeWaitForSingleObject(&local, Executive, KernelMode, FALSE, NULL);
    else
        KeWaitForMultipleObjects(2, objects, WaitAny, Executive, KernelMode, FALSE, NULL, NULL);
    __builtin_memset(&local, 0xEE, sizeof local);
}

TEST(hammer__event_on_the_stack__not_touched_after_the_wait)
{
    HANDLE thread;
    KeInitializeEvent(&stop_event, NotificationEvent, FALSE);
    thread = start_thread(post_setter, NULL);
    for (int i = 0; i < ROUNDS; i++)
        wait_on_stack(i);
    while (__atomic_load_n(&posted, __ATOMIC_ACQUIRE) != NULL)
        NtYieldExecution();
    __atomic_store_n(&posted, &stop_event, __ATOMIC_RELEASE);
    join_thread(thread);
    CHECK(IsListEmpty(&stop_event.Header.WaitListHead));
}

/* --- semaphore: units are neither lost nor made --- */

static KSEMAPHORE semaphore;
static LONG units;

static ULONG give_units(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    for (int i = 0; i < ROUNDS / 2; i++)
        KeReleaseSemaphore(&semaphore, 0, 2, FALSE);
    return 0;
}

static ULONG take_units(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    for (int i = 0; i < ROUNDS; i++)
        if (KeWaitForSingleObject(&semaphore, Executive, KernelMode, FALSE, NULL) == STATUS_WAIT_0)
            __atomic_add_fetch(&units, 1, __ATOMIC_RELAXED);
    return 0;
}

TEST(hammer__semaphore__as_many_waits_as_units)
{
    HANDLE threads[2 * THREADS];
    KeInitializeSemaphore(&semaphore, 0, MAXLONG);
    for (int i = 0; i < 2 * THREADS; i++)
        threads[i] = start_thread(i & 1 ? give_units : take_units, NULL);
    for (int i = 0; i < 2 * THREADS; i++)
        join_thread(threads[i]);
    CHECK_EQ(units, THREADS * ROUNDS);
    CHECK_EQ(KeReadStateSemaphore(&semaphore), 0);
}

/* --- set, pulse and reset while others wait with time-outs: nothing hangs, lists end empty --- */

static ULONG disturb(PVOID parameter)
{
    ULONG_PTR seed = (ULONG_PTR)parameter;
    for (int i = 0; i < ROUNDS; i++) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        switch (seed >> 60 & 3) {
        case 0:
            KeSetEvent(&event, 0, FALSE);
            break;
        case 1:
            KePulseEvent(&event, 0, FALSE);
            break;
        default:
            KeResetEvent(&event);
            break;
        }
    }
    return 0;
}

TEST(hammer__set_pulse_reset__waits_end)
{
    HANDLE threads[2 * THREADS];
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    KeInitializeEvent(&stop_event, NotificationEvent, FALSE);
    __atomic_store_n(&stopping, 0, __ATOMIC_RELAXED);
    for (ULONG_PTR i = 0; i < 2 * THREADS; i++)
        threads[i] = start_thread(i & 1 ? disturb : taker, (PVOID)(i & 1 ? i : 1));
    for (int i = 1; i < 2 * THREADS; i += 2)
        join_thread(threads[i]);
    KeResetEvent(&event);
    __atomic_store_n(&stopping, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 2 * THREADS; i += 2)
        join_thread(threads[i]);
    CHECK(IsListEmpty(&event.Header.WaitListHead));
}
