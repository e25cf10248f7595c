/* SPDX-License-Identifier: MIT */
/* ke_apc_test.c - user APCs and alerts: when they run, in which order, and what the wait returns. */
#include "ke_test.h"

static LARGE_INTEGER now = {.QuadPart = 0};
static LONG order[8], ran;

static VOID note(PVOID a, PVOID b, PVOID c)
{
    CHECK_EQ((ULONG_PTR)b, (ULONG_PTR)a + 1);
    CHECK_EQ((ULONG_PTR)c, (ULONG_PTR)a + 2);
    order[ran++] = (LONG)(LONG_PTR)a;
}

static void queue_note(LONG_PTR number)
{
    REQUIRE_EQ(NtQueueApcThread(NtCurrentThread(), note, (PVOID)number, (PVOID)(number + 1), (PVOID)(number + 2)),
        STATUS_SUCCESS);
}

static VOID queue_again(PVOID a, PVOID b, PVOID c)
{
    UNREFERENCED_PARAMETER(b);
    UNREFERENCED_PARAMETER(c);
    order[ran++] = (LONG)(LONG_PTR)a;
    queue_note(9);
}

TEST(apc__queued_to_self__runs_in_alertable_wait_only)
{
    KEVENT event;
    LARGE_INTEGER time = relative_ms(1);
    KeInitializeEvent(&event, SynchronizationEvent, TRUE);
    queue_note(1);
    queue_note(2);
    CHECK_EQ(KeWaitForSingleObject(&event, UserRequest, UserMode, FALSE, &time), STATUS_WAIT_0);
    CHECK_EQ(KeWaitForSingleObject(&event, UserRequest, UserMode, FALSE, &time), STATUS_TIMEOUT);
    CHECK_EQ(NtDelayExecution(FALSE, &time), STATUS_SUCCESS);
    CHECK_EQ(ran, 0);
    /* a pending APC comes before a signalled object, which keeps its signal */
    KeSetEvent(&event, 0, FALSE);
    CHECK_EQ(KeWaitForSingleObject(&event, UserRequest, UserMode, TRUE, NULL), STATUS_USER_APC);
    CHECK_EQ(ran, 2);
    CHECK_EQ(order[0], 1);
    CHECK_EQ(order[1], 2);
    CHECK_EQ(KeReadStateEvent(&event), 1);
    CHECK_EQ(KeWaitForSingleObject(&event, UserRequest, UserMode, TRUE, &now), STATUS_WAIT_0);
}

TEST(apc__queued_by_an_apc__runs_in_the_same_wait)
{
    REQUIRE_EQ(NtQueueApcThread(NtCurrentThread(), queue_again, (PVOID)5, NULL, NULL), STATUS_SUCCESS);
    CHECK_EQ(NtDelayExecution(TRUE, &now), STATUS_USER_APC);
    CHECK_EQ(ran, 2);
    CHECK_EQ(order[0], 5);
    CHECK_EQ(order[1], 9);
    CHECK_EQ(NtDelayExecution(TRUE, &now), STATUS_SUCCESS);
}

TEST(apc__test_alert__runs_what_is_queued)
{
    queue_note(3);
    CHECK_EQ(NtTestAlert(), STATUS_SUCCESS);
    CHECK_EQ(ran, 1);
    CHECK_EQ(KeTestAlertThread(), FALSE);
}

struct sleeper {
    KEVENT event;
    BOOLEAN alertable;
    LONG ran;
    LONG waiting;
};

static VOID count_apc(PVOID a, PVOID b, PVOID c)
{
    UNREFERENCED_PARAMETER(b);
    UNREFERENCED_PARAMETER(c);
    __atomic_add_fetch(&((struct sleeper *)a)->ran, 1, __ATOMIC_SEQ_CST);
}

static ULONG sleep_once(PVOID parameter)
{
    struct sleeper *sleeper = parameter;
    return (ULONG)KeWaitForSingleObject(&sleeper->event, UserRequest, UserMode, sleeper->alertable, NULL);
}

TEST(apc__to_a_sleeping_thread__wakes_it_if_alertable)
{
    struct sleeper sleeper = {.alertable = TRUE};
    HANDLE thread;
    KeInitializeEvent(&sleeper.event, NotificationEvent, FALSE);
    thread = start_thread(sleep_once, &sleeper);
    await_waiters(&sleeper.event.Header, 1);
    CHECK_EQ(NtQueueApcThread(thread, count_apc, &sleeper, NULL, NULL), STATUS_SUCCESS);
    CHECK_EQ(join_thread(thread), (ULONG)STATUS_USER_APC);
    CHECK_EQ(sleeper.ran, 1);
    CHECK(IsListEmpty(&sleeper.event.Header.WaitListHead));

    sleeper.alertable = FALSE;
    thread = start_thread(sleep_once, &sleeper);
    await_waiters(&sleeper.event.Header, 1);
    CHECK_EQ(NtQueueApcThread(thread, count_apc, &sleeper, NULL, NULL), STATUS_SUCCESS);
    KeSetEvent(&sleeper.event, 0, FALSE);
    CHECK_EQ(join_thread(thread), STATUS_WAIT_0); /* and the APC is run down, not leaked */
    CHECK_EQ(sleeper.ran, 1);
}

static ULONG see_ran(PVOID parameter)
{
    return (ULONG)((struct sleeper *)parameter)->ran;
}

TEST(apc__queued_before_the_thread_began__runs_first)
{
    struct sleeper sleeper = {.ran = 0};
    HANDLE thread;
    REQUIRE_EQ(PsCreateThread(&thread, see_ran, &sleeper, 0, TRUE, NULL), STATUS_SUCCESS);
    CHECK_EQ(NtQueueApcThread(thread, count_apc, &sleeper, NULL, NULL), STATUS_SUCCESS);
    CHECK_EQ(NtResumeThread(thread, NULL), STATUS_SUCCESS);
    CHECK_EQ(join_thread(thread), 1);
}

static ULONG nothing(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    return 0;
}

TEST(apc__to_an_ended_thread__fails_and_leaks_nothing)
{
    HANDLE thread = start_thread(nothing, NULL);
    EX_POOL_USAGE usage[8];
    CHECK_EQ(NtWaitForSingleObject(thread, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(NtQueueApcThread(thread, note, NULL, NULL, NULL), STATUS_UNSUCCESSFUL);
    join_thread(thread);
    for (ULONG i = ExQueryPoolUsage(usage, 8); i > 0; i--)
        CHECK(usage[i - 1].Tag != 'cpAK');
}

TEST(alert__alertable_wait__returns_alerted_once)
{
    struct sleeper sleeper = {.alertable = TRUE};
    LARGE_INTEGER time = relative_ms(1);
    HANDLE thread;
    CHECK_EQ(NtAlertThread(NtCurrentThread()), STATUS_SUCCESS);
    CHECK_EQ(NtDelayExecution(FALSE, &time), STATUS_SUCCESS);
    CHECK_EQ(NtDelayExecution(TRUE, &time), STATUS_ALERTED);
    CHECK_EQ(NtDelayExecution(TRUE, &time), STATUS_SUCCESS);
    CHECK_EQ(NtAlertThread(NtCurrentThread()), STATUS_SUCCESS);
    CHECK_EQ(NtTestAlert(), STATUS_ALERTED);
    KeInitializeEvent(&sleeper.event, NotificationEvent, FALSE);
    thread = start_thread(sleep_once, &sleeper);
    await_waiters(&sleeper.event.Header, 1);
    CHECK_EQ(NtAlertThread(thread), STATUS_SUCCESS);
    CHECK_EQ(join_thread(thread), (ULONG)STATUS_ALERTED);
}

/* --- kernel interface --- */

static LONG kernel_ran, rundown_ran;

static VOID kernel_routine(PRKAPC apc, PKNORMAL_ROUTINE *normal, PVOID *context, PVOID *one, PVOID *two)
{
    UNREFERENCED_PARAMETER(apc);
    UNREFERENCED_PARAMETER(two);
    kernel_ran++;
    if (*context == NULL)
        *normal = NULL;
    *one = (PVOID)((ULONG_PTR)*context + 1);
}

static VOID rundown_routine(PRKAPC apc)
{
    UNREFERENCED_PARAMETER(apc);
    __atomic_add_fetch(&rundown_ran, 1, __ATOMIC_SEQ_CST);
}

TEST(ke_apc__kernel_routine__may_change_and_suppress)
{
    KAPC apc;
    PKTHREAD self = KeGetCurrentThread();
    KeInitializeApc(&apc, self, OriginalApcEnvironment, kernel_routine, NULL, note, UserMode, (PVOID)4);
    CHECK_EQ(KeInsertQueueApc(&apc, NULL, (PVOID)6, 0), TRUE);
    CHECK_EQ(KeInsertQueueApc(&apc, NULL, (PVOID)6, 0), FALSE);
    CHECK_EQ(KeTestAlertThread(), TRUE);
    CHECK_EQ(ran, 1);
    KeInitializeApc(&apc, self, OriginalApcEnvironment, kernel_routine, NULL, note, UserMode, NULL);
    CHECK_EQ(KeInsertQueueApc(&apc, NULL, NULL, 0), TRUE);
    CHECK_EQ(KeTestAlertThread(), TRUE);
    CHECK_EQ(ran, 1);
    CHECK_EQ(kernel_ran, 2);
    CHECK_EQ(KeInsertQueueApc(&apc, NULL, NULL, 0), TRUE);
    CHECK_EQ(KeRemoveQueueApc(&apc), TRUE);
    CHECK_EQ(KeRemoveQueueApc(&apc), FALSE);
    CHECK_EQ(KeTestAlertThread(), FALSE);
}

static KAPC doomed;

static ULONG queue_and_end(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    KeInitializeApc(&doomed, KeGetCurrentThread(), OriginalApcEnvironment, kernel_routine, rundown_routine, note,
        UserMode, NULL);
    return !KeInsertQueueApc(&doomed, NULL, NULL, 0);
}

TEST(ke_apc__thread_ends__rundown_routine_instead)
{
    CHECK_EQ(join_thread(start_thread(queue_and_end, NULL)), 0);
    CHECK_EQ(rundown_ran, 1);
    CHECK_EQ(kernel_ran, 0);
}

/* --- many threads queue to one that waits --- */

#define EACH 2000
static struct sleeper target;

static ULONG take_apcs(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    while (__atomic_load_n(&target.ran, __ATOMIC_SEQ_CST) < 3 * EACH)
        KeWaitForSingleObject(&target.event, UserRequest, UserMode, TRUE, NULL);
    return 0;
}

static ULONG send_apcs(PVOID parameter)
{
    for (int i = 0; i < EACH; i++)
        if (!NT_SUCCESS(NtQueueApcThread(parameter, count_apc, &target, NULL, NULL)))
            return 1;
    return 0;
}

TEST(hammer__apcs_from_three_threads__each_runs_once)
{
    HANDLE taker, senders[3];
    KeInitializeEvent(&target.event, NotificationEvent, FALSE);
    taker = start_thread(take_apcs, NULL);
    for (int i = 0; i < 3; i++)
        senders[i] = start_thread(send_apcs, taker);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(join_thread(senders[i]), 0);
    join_thread(taker);
    CHECK_EQ(target.ran, 3 * EACH);
}
