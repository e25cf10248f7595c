/* SPDX-License-Identifier: MIT */
/* ke_wait_test.c - events, semaphores, mutants, threads: what a wait returns and what it consumes. */
#include "ke_test.h"

static LARGE_INTEGER now = {.QuadPart = 0};

TEST(event_notification__set__stays_signalled)
{
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &now), STATUS_TIMEOUT);
    CHECK_EQ(KeSetEvent(&event, 0, FALSE), 0);
    CHECK_EQ(KeSetEvent(&event, 0, FALSE), 1);
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(KeResetEvent(&event), 1);
    CHECK_EQ(KeReadStateEvent(&event), 0);
}

TEST(event_synchronization__wait__consumes_the_signal)
{
    KEVENT event;
    KeInitializeEvent(&event, SynchronizationEvent, TRUE);
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(KeReadStateEvent(&event), 0);
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &now), STATUS_TIMEOUT);
}

TEST(event__pulse_without_waiters__ends_unsignalled)
{
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, TRUE);
    CHECK_EQ(KePulseEvent(&event, 0, FALSE), 1);
    CHECK_EQ(KeReadStateEvent(&event), 0);
}

TEST(wait__time_out__relative_and_absolute)
{
    KEVENT event;
    LARGE_INTEGER time = relative_ms(2);
    ULONGLONG before = KeQueryInterruptTime();
    KeInitializeEvent(&event, SynchronizationEvent, FALSE);
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &time), STATUS_TIMEOUT);
    CHECK(KeQueryInterruptTime() - before >= 20000);
    KeQuerySystemTime(&time);
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &time), STATUS_TIMEOUT);
    before = KeQueryInterruptTime();
    KeQuerySystemTime(&time);
    time.QuadPart += 20000;
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &time), STATUS_TIMEOUT);
    CHECK(KeQueryInterruptTime() - before >= 10000); /* two clocks: not exact */
    CHECK(IsListEmpty(&event.Header.WaitListHead));
    /* the longest relative time there is means for ever, not the past */
    time.QuadPart = (LONGLONG)(1ULL << 63);
    CHECK_EQ(KeDeadlineFromTimeout(&time), (ULONGLONG)MAXLONGLONG);
}

TEST(semaphore__waits_and_releases__count)
{
    KSEMAPHORE semaphore;
    LONG previous;
    KeInitializeSemaphore(&semaphore, 2, 3);
    CHECK_EQ(KeWaitForSingleObject(&semaphore, Executive, KernelMode, FALSE, &now), STATUS_WAIT_0);
    CHECK_EQ(KeWaitForSingleObject(&semaphore, Executive, KernelMode, FALSE, &now), STATUS_WAIT_0);
    CHECK_EQ(KeWaitForSingleObject(&semaphore, Executive, KernelMode, FALSE, &now), STATUS_TIMEOUT);
    CHECK_EQ(KeReleaseSemaphore(&semaphore, 0, 3, FALSE), 0);
    CHECK_EQ(KiReleaseSemaphore(&semaphore, 1, &previous), STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    CHECK_EQ(KeReadStateSemaphore(&semaphore), 3);
}

TEST(nt_semaphore__wrong_counts__refused)
{
    HANDLE handle = NULL;
    LONG previous = 77;
    CHECK_EQ(NtCreateSemaphore(&handle, SEMAPHORE_ALL_ACCESS, NULL, 2, 1), STATUS_INVALID_PARAMETER);
    CHECK_EQ(NtCreateSemaphore(&handle, SEMAPHORE_ALL_ACCESS, NULL, 0, 0), STATUS_INVALID_PARAMETER);
    CHECK_EQ(NtCreateSemaphore(&handle, SEMAPHORE_ALL_ACCESS, NULL, -1, 1), STATUS_INVALID_PARAMETER);
    CHECK(handle == NULL);
    CHECK_EQ(NtCreateSemaphore(&handle, SEMAPHORE_ALL_ACCESS, NULL, 1, 2), STATUS_SUCCESS);
    CHECK_EQ(NtReleaseSemaphore(handle, 0, &previous), STATUS_INVALID_PARAMETER);
    CHECK_EQ(NtReleaseSemaphore(handle, 2, &previous), STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    CHECK_EQ(previous, 77);
    CHECK_EQ(NtReleaseSemaphore(handle, 1, &previous), STATUS_SUCCESS);
    CHECK_EQ(previous, 1);
    CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
}

/* --- mutants --- */

static ULONG try_mutant(PVOID parameter)
{
    return (ULONG)KeWaitForSingleObject(parameter, Executive, KernelMode, FALSE, &now);
}

static ULONG release_mutant(PVOID parameter)
{
    return (ULONG)NtReleaseMutant(parameter, NULL);
}

TEST(mutant__owner__recurses_and_others_time_out)
{
    HANDLE handle;
    LONG previous;
    CHECK_EQ(NtCreateMutant(&handle, MUTANT_ALL_ACCESS, NULL, TRUE), STATUS_SUCCESS);
    CHECK_EQ(NtWaitForSingleObject(handle, FALSE, &now), STATUS_WAIT_0);
    CHECK_EQ(join_thread(start_thread(release_mutant, handle)), (ULONG)STATUS_MUTANT_NOT_OWNED);
    CHECK_EQ(NtReleaseMutant(handle, &previous), STATUS_SUCCESS);
    CHECK_EQ(previous, -1);
    CHECK_EQ(NtReleaseMutant(handle, &previous), STATUS_SUCCESS);
    CHECK_EQ(previous, 0);
    CHECK_EQ(NtReleaseMutant(handle, NULL), STATUS_MUTANT_NOT_OWNED);
    CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
}

TEST(mutant__owner_ends__next_wait_is_told)
{
    KMUTEX mutex, second;
    PVOID both[2] = {&second, &mutex};
    KeInitializeMutex(&mutex, 0);
    KeInitializeMutex(&second, 0);
    CHECK_EQ(join_thread(start_thread(try_mutant, &mutex)), STATUS_WAIT_0);
    CHECK_EQ(KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, &now), STATUS_ABANDONED_WAIT_0);
    CHECK_EQ(KeReleaseMutex(&mutex, FALSE), 0);
    /* told once */
    CHECK_EQ(KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, &now), STATUS_WAIT_0);
    CHECK_EQ(KeReleaseMutex(&mutex, FALSE), 0);
    CHECK_EQ(join_thread(start_thread(try_mutant, &mutex)), STATUS_WAIT_0);
    CHECK_EQ(KeWaitForMultipleObjects(2, both, WaitAll, Executive, KernelMode, FALSE, &now, NULL),
        STATUS_ABANDONED_WAIT_0);
    CHECK_EQ(KeReleaseMutex(&mutex, FALSE), 0);
    CHECK_EQ(join_thread(start_thread(try_mutant, &mutex)), STATUS_WAIT_0);
    CHECK_EQ(KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, &now), STATUS_ABANDONED_WAIT_0);
    KeReleaseMutex(&mutex, FALSE);
    KeReleaseMutex(&second, FALSE);
}

static ULONG take_and_end(PVOID parameter)
{
    PKMUTEX mutex = parameter;
    KeWaitForSingleObject(mutex, Executive, KernelMode, FALSE, NULL);
    await_waiters(&mutex->Header, 1);
    return 0;
}

TEST(mutant__owner_ends_while_another_waits__index_is_added)
{
    KMUTEX mutex;
    KEVENT event;
    PVOID objects[2] = {&event, &mutex};
    HANDLE thread;
    KeInitializeMutex(&mutex, 0);
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    thread = start_thread(take_and_end, &mutex);
    while (KeReadStateMutex(&mutex) == 1)
        NtYieldExecution();
    CHECK_EQ(KeWaitForMultipleObjects(2, objects, WaitAny, Executive, KernelMode, FALSE, NULL, NULL),
        STATUS_ABANDONED_WAIT_0 + 1);
    KeReleaseMutex(&mutex, FALSE);
    join_thread(thread);
}

static ULONG own_new_mutant(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    for (int i = 0; i < 3; i++) {
        HANDLE handle;
        if (!NT_SUCCESS(NtCreateMutant(&handle, MUTANT_ALL_ACCESS, NULL, TRUE)) || !NT_SUCCESS(NtClose(handle)))
            return 1;
    }
    return 0;
}

TEST(mutant__closed_while_owned__is_gone)
{
    LONG before = ObpMutantType.ObjectCount;
    CHECK_EQ(own_new_mutant(NULL), 0);
    CHECK_EQ(join_thread(start_thread(own_new_mutant, NULL)), 0);
    CHECK_EQ(ObpMutantType.ObjectCount, before);
}

/* --- several objects --- */

TEST(wait_any__two_signalled__lowest_index_alone_is_consumed)
{
    KEVENT a, b, c;
    PVOID objects[3] = {&a, &b, &c};
    KeInitializeEvent(&a, SynchronizationEvent, FALSE);
    KeInitializeEvent(&b, SynchronizationEvent, TRUE);
    KeInitializeEvent(&c, SynchronizationEvent, TRUE);
    CHECK_EQ(KeWaitForMultipleObjects(3, objects, WaitAny, Executive, KernelMode, FALSE, NULL, NULL), 1);
    CHECK_EQ(KeReadStateEvent(&b), 0);
    CHECK_EQ(KeReadStateEvent(&c), 1);
    CHECK_EQ(KeWaitForMultipleObjects(3, objects, WaitAny, Executive, KernelMode, FALSE, NULL, NULL), 2);
    CHECK_EQ(KeWaitForMultipleObjects(3, objects, WaitAny, Executive, KernelMode, FALSE, &now, NULL),
        STATUS_TIMEOUT);
}

TEST(wait_all__one_missing__takes_none)
{
    KEVENT a, b;
    LARGE_INTEGER time = relative_ms(1);
    PVOID objects[2] = {&a, &b};
    KeInitializeEvent(&a, SynchronizationEvent, TRUE);
    KeInitializeEvent(&b, SynchronizationEvent, FALSE);
    CHECK_EQ(KeWaitForMultipleObjects(2, objects, WaitAll, Executive, KernelMode, FALSE, &time, NULL),
        STATUS_TIMEOUT);
    CHECK_EQ(KeReadStateEvent(&a), 1);
    KeSetEvent(&b, 0, FALSE);
    CHECK_EQ(KeWaitForMultipleObjects(2, objects, WaitAll, Executive, KernelMode, FALSE, NULL, NULL), 0);
    CHECK_EQ(KeReadStateEvent(&a), 0);
    CHECK_EQ(KeReadStateEvent(&b), 0);
}

struct all_wait {
    KEVENT a, b;
    NTSTATUS result;
};

static ULONG wait_for_both(PVOID parameter)
{
    struct all_wait *wait = parameter;
    PVOID objects[2] = {&wait->a, &wait->b};
    return (ULONG)KeWaitForMultipleObjects(2, objects, WaitAll, Executive, KernelMode, FALSE, NULL, NULL);
}

TEST(wait_all__signalled_one_after_the_other__satisfied_by_the_last)
{
    struct all_wait wait;
    HANDLE thread;
    KeInitializeEvent(&wait.a, SynchronizationEvent, FALSE);
    KeInitializeEvent(&wait.b, SynchronizationEvent, FALSE);
    thread = start_thread(wait_for_both, &wait);
    await_waiters(&wait.b.Header, 1);
    KeSetEvent(&wait.a, 0, FALSE);
    CHECK_EQ(NtWaitForSingleObject(thread, FALSE, &now), STATUS_TIMEOUT);
    KeSetEvent(&wait.b, 0, FALSE);
    CHECK_EQ(join_thread(thread), STATUS_WAIT_0);
    CHECK_EQ(KeReadStateEvent(&wait.a), 0);
}

TEST(nt_wait_multiple__wrong_arguments__documented_statuses)
{
    HANDLE event, handles[65];
    CHECK_EQ(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE), STATUS_SUCCESS);
    for (int i = 0; i < 65; i++)
        handles[i] = event;
    CHECK_EQ(NtWaitForMultipleObjects(0, handles, WaitAny, FALSE, NULL), STATUS_INVALID_PARAMETER_1);
    CHECK_EQ(NtWaitForMultipleObjects(65, handles, WaitAny, FALSE, NULL), STATUS_INVALID_PARAMETER_1);
    CHECK_EQ(NtWaitForMultipleObjects(64, handles, WaitAny, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(NtWaitForMultipleObjects(2, handles, WaitAll, FALSE, NULL), STATUS_INVALID_PARAMETER_MIX);
    handles[1] = (HANDLE)(ULONG_PTR)0x7FFC;
    CHECK_EQ(NtWaitForMultipleObjects(2, handles, WaitAny, FALSE, NULL), STATUS_INVALID_HANDLE);
    CHECK_EQ(NtWaitForMultipleObjects(2, NULL, WaitAny, FALSE, NULL), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(NtWaitForSingleObject(event, FALSE, (PLARGE_INTEGER)8), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(NtWaitForSingleObject(event, FALSE, NULL), STATUS_INVALID_HANDLE);
    CHECK_EQ(NtCreateEvent(&event, EVENT_MODIFY_STATE, NULL, NotificationEvent, TRUE), STATUS_SUCCESS);
    CHECK_EQ(NtWaitForSingleObject(event, FALSE, NULL), STATUS_ACCESS_DENIED);
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(NtCreateEvent(&event, SYNCHRONIZE, NULL, NotificationEvent, FALSE), STATUS_SUCCESS);
    CHECK_EQ(NtSetEvent(event, NULL), STATUS_ACCESS_DENIED);
    CHECK_EQ(NtReleaseSemaphore(event, 1, NULL), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(NtCreateEvent(&event, SYNCHRONIZE, NULL, (EVENT_TYPE)2, FALSE), STATUS_INVALID_PARAMETER);
}

static ULONG wait_for_handle(PVOID parameter)
{
    return (ULONG)NtWaitForSingleObject(parameter, FALSE, NULL);
}

TEST(nt_wait__handle_closed_meanwhile__wait_goes_on)
{
    HANDLE event, thread;
    PVOID object;
    CHECK_EQ(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), STATUS_SUCCESS);
    REQUIRE_EQ(ObReferenceObjectByHandle(event, 0, NULL, KernelMode, &object, NULL), STATUS_SUCCESS);
    thread = start_thread(wait_for_handle, event);
    await_waiters(&((PRKEVENT)object)->Header, 1);
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    KeSetEvent(object, 0, FALSE);
    CHECK_EQ(join_thread(thread), STATUS_WAIT_0);
    ObfDereferenceObject(object);
}

TEST(nt_signal_and_wait__objects_of_each_type__signalled)
{
    HANDLE event, semaphore, mutant, target;
    CHECK_EQ(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), STATUS_SUCCESS);
    CHECK_EQ(NtCreateSemaphore(&semaphore, SEMAPHORE_ALL_ACCESS, NULL, 0, 1), STATUS_SUCCESS);
    CHECK_EQ(NtCreateMutant(&mutant, MUTANT_ALL_ACCESS, NULL, TRUE), STATUS_SUCCESS);
    CHECK_EQ(NtCreateEvent(&target, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, TRUE), STATUS_SUCCESS);
    CHECK_EQ(NtSignalAndWaitForSingleObject(event, target, FALSE, &now), STATUS_WAIT_0);
    CHECK_EQ(NtSignalAndWaitForSingleObject(semaphore, target, FALSE, &now), STATUS_TIMEOUT);
    CHECK_EQ(NtSignalAndWaitForSingleObject(semaphore, target, FALSE, &now), STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    CHECK_EQ(NtSignalAndWaitForSingleObject(mutant, target, FALSE, &now), STATUS_TIMEOUT);
    CHECK_EQ(NtSignalAndWaitForSingleObject(mutant, target, FALSE, &now), STATUS_MUTANT_NOT_OWNED);
    CHECK_EQ(NtSignalAndWaitForSingleObject(NtCurrentThread(), target, FALSE, &now), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(NtWaitForSingleObject(event, FALSE, &now), STATUS_WAIT_0);
    CHECK_EQ(NtWaitForSingleObject(semaphore, FALSE, &now), STATUS_WAIT_0);
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(NtClose(semaphore), STATUS_SUCCESS);
    CHECK_EQ(NtClose(mutant), STATUS_SUCCESS);
    CHECK_EQ(NtClose(target), STATUS_SUCCESS);
}

/* --- fairness and pulses --- */

struct line {
    KEVENT event;
    LONG next;
    LONG order[3];
};
static struct line line;

static ULONG stand_in_line(PVOID parameter)
{
    KeWaitForSingleObject(&line.event, Executive, KernelMode, FALSE, NULL);
    line.order[__atomic_fetch_add(&line.next, 1, __ATOMIC_SEQ_CST)] = (LONG)(LONG_PTR)parameter;
    return 0;
}

TEST(event_synchronization__three_waiters__released_first_come_first_served)
{
    HANDLE threads[3];
    KeInitializeEvent(&line.event, SynchronizationEvent, FALSE);
    for (LONG_PTR i = 0; i < 3; i++) {
        threads[i] = start_thread(stand_in_line, (PVOID)i);
        await_waiters(&line.event.Header, (ULONG)i + 1);
    }
    for (LONG i = 0; i < 3; i++) {
        KeSetEvent(&line.event, 0, FALSE);
        while (__atomic_load_n(&line.next, __ATOMIC_SEQ_CST) != i + 1)
            NtYieldExecution();
    }
    for (LONG i = 0; i < 3; i++) {
        join_thread(threads[i]);
        CHECK_EQ(line.order[i], i);
    }
}

TEST(event__pulse_with_waiters__releases_all_or_one)
{
    KEVENT event;
    HANDLE threads[3];
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    for (int i = 0; i < 3; i++)
        threads[i] = start_thread(try_mutant, &event);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(join_thread(threads[i]), (ULONG)STATUS_TIMEOUT);
    KeInitializeEvent(&line.event, NotificationEvent, FALSE);
    for (LONG_PTR i = 0; i < 3; i++)
        threads[i] = start_thread(stand_in_line, (PVOID)i);
    await_waiters(&line.event.Header, 3);
    CHECK_EQ(KePulseEvent(&line.event, 0, FALSE), 0);
    for (int i = 0; i < 3; i++)
        join_thread(threads[i]);
    CHECK_EQ(KeReadStateEvent(&line.event), 0);
}

/* --- threads --- */

static ULONG answer(PVOID parameter)
{
    return (ULONG)(ULONG_PTR)parameter + 1;
}
static ULONG leave(PVOID parameter)
{
    PsExitThread((ULONG)(ULONG_PTR)parameter + 2);
}
static ULONG thread_number(PVOID parameter)
{
    *(PULONG)parameter = KeGetCurrentThreadNumber();
    return 0;
}

TEST(thread__end__signalled_with_exit_status)
{
    HANDLE handle;
    ULONG number, seen = 0;
    CHECK_EQ(join_thread(start_thread(answer, (PVOID)41)), 42);
    CHECK_EQ(join_thread(start_thread(leave, (PVOID)41)), 43);
    REQUIRE_EQ(PsCreateThread(&handle, thread_number, &seen, 0, FALSE, &number), STATUS_SUCCESS);
    join_thread(handle);
    CHECK_EQ(seen, number);
    CHECK_EQ(number % 4, 0);
    CHECK(number != 0 && number != KeGetCurrentThreadNumber());
}

TEST(thread__created_suspended__runs_after_resume)
{
    HANDLE handle;
    ULONG previous, seen = 0, number;
    REQUIRE_EQ(PsCreateThread(&handle, thread_number, &seen, 0, TRUE, &number), STATUS_SUCCESS);
    CHECK_EQ(PsGetThreadExitStatus(thread_of(handle)), STATUS_PENDING);
    CHECK_EQ(NtWaitForSingleObject(handle, FALSE, &now), STATUS_TIMEOUT);
    CHECK_EQ(NtResumeThread(handle, &previous), STATUS_SUCCESS);
    CHECK_EQ(previous, 1);
    CHECK_EQ(NtResumeThread(handle, &previous), STATUS_SUCCESS);
    CHECK_EQ(previous, 0);
    join_thread(handle);
    CHECK_EQ(seen, number);
}

static VOID system_routine(PVOID parameter)
{
    *(KPROCESSOR_MODE *)parameter = ExGetPreviousMode();
    PsTerminateSystemThread(STATUS_ALERTED);
}

TEST(system_thread__terminates_itself__status_seen)
{
    HANDLE handle;
    KPROCESSOR_MODE mode = MaximumMode;
    REQUIRE_EQ(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, system_routine, &mode),
        STATUS_SUCCESS);
    CHECK_EQ(join_thread(handle), (ULONG)STATUS_ALERTED);
    CHECK_EQ(mode, KernelMode);
    CHECK_EQ(ExGetPreviousMode(), UserMode);
    CHECK_EQ(PsTerminateSystemThread(STATUS_SUCCESS), STATUS_INVALID_PARAMETER);
}

TEST(thread__many__no_object_left)
{
    LONG before;
    EX_POOL_USAGE usage[8];
    KeGetCurrentThread();
    before = ObpThreadType.ObjectCount;
    for (int i = 0; i < 200; i++)
        join_thread(start_thread(answer, NULL));
    /* The last reference is the thread's own, which it drops just after it is signalled. */
    while (__atomic_load_n(&ObpThreadType.ObjectCount, __ATOMIC_ACQUIRE) != before)
        NtYieldExecution();
    CHECK_EQ(before, 0);
    for (ULONG i = ExQueryPoolUsage(usage, 8); i > 0; i--)
        CHECK(usage[i - 1].Tag != ObpThreadType.Tag);
}

static void foreign(void *context)
{
    HANDLE *duplicate = context;
    CHECK_EQ(NtDuplicateObject(NtCurrentProcess(), NtCurrentThread(), NtCurrentProcess(), duplicate, 0, 0,
                 DUPLICATE_SAME_ACCESS),
        STATUS_SUCCESS);
}

TEST(thread_foreign__attached_at_first_use__signalled_at_end)
{
    struct host_thread *thread;
    HANDLE handle = NULL;
    KeGetCurrentThread();
    REQUIRE_EQ(host_thread_create(&thread, foreign, &handle, 0), STATUS_SUCCESS);
    host_thread_join(thread);
    CHECK_EQ(join_thread(handle), 0);
    while (__atomic_load_n(&ObpThreadType.ObjectCount, __ATOMIC_ACQUIRE) != 0)
        NtYieldExecution();
}
