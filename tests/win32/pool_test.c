/* SPDX-License-Identifier: MIT */
/*
 * pool_test.c - the thread pool: work, cleanup groups, I/O, and the old API's work. Windows headers only.
 */
#include "io_pair.h"

static HANDLE done;      /* semaphore */
static HANDLE gate;      /* manual-reset event that callbacks wait for */
static volatile LONG count, peak, inside;

static void prepare(void)
{
    done = CreateSemaphoreA(NULL, 0, 100000, NULL);
    gate = CreateEventA(NULL, TRUE, FALSE, NULL);
    count = peak = inside = 0;
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

static DWORD WINAPI user_item(LPVOID context)
{
    InterlockedExchangeAdd(&count, (LONG)(LONG_PTR)context);
    ReleaseSemaphore(done, 1, NULL);
    return 0;
}

TEST(queue_user_work_item__each_flag__runs_once)
{
    static const ULONG flags[] = {WT_EXECUTEDEFAULT, WT_EXECUTEINIOTHREAD,
        WT_EXECUTEINPERSISTENTTHREAD, WT_EXECUTELONGFUNCTION, WT_TRANSFER_IMPERSONATION};
    prepare();
    for (LONG i = 0; i < 5; i++)
        CHECK(QueueUserWorkItem(user_item, (LPVOID)(LONG_PTR)(1 << (4 * i)), flags[i]));
    wait_done(5);
    CHECK_EQ(count, 0x11111);
    finish();
}

static DWORD WINAPI rendezvous(LPVOID context)
{
    if (InterlockedIncrement(&inside) == (LONG)(LONG_PTR)context)
        SetEvent(gate);
    WaitForSingleObject(gate, INFINITE);
    ReleaseSemaphore(done, 1, NULL);
    return 0;
}

/* Each waits for the last: as many threads are needed as there are items. */
TEST(queue_user_work_item__all_block__others_still_start)
{
    prepare();
    for (int i = 0; i < 20; i++)
        CHECK(QueueUserWorkItem(rendezvous, (LPVOID)20, WT_EXECUTEDEFAULT));
    wait_done(20);
    finish();
}

static SOCKET pipe_to_block_on = INVALID_SOCKET;
static DWORD WINAPI blocks_in_recv(LPVOID context)
{
    char byte;
    recv(pipe_to_block_on, &byte, 1, 0);
    ReleaseSemaphore(done, 1, NULL);
    return 0;
}

TEST(queue_user_work_item__workers_in_recv__others_still_start)
{
    struct io_pair pair = io_pair_open();
    prepare();
    pipe_to_block_on = pair.a;
    for (int i = 0; i < 8; i++)
        CHECK(QueueUserWorkItem(blocks_in_recv, NULL, WT_EXECUTEDEFAULT));
    CHECK(QueueUserWorkItem(user_item, (LPVOID)1, WT_EXECUTEDEFAULT));
    wait_done(1);
    CHECK_EQ(count, 1);
    CHECK_EQ(send(pair.b, "12345678", 8, 0), 8);
    wait_done(8);
    finish();
    io_pair_close(&pair);
}

static VOID CALLBACK count_apc(ULONG_PTR context)
{
    InterlockedIncrement(&count);
    ReleaseSemaphore(done, 1, NULL);
}
static DWORD WINAPI queues_apc_to_itself(LPVOID context)
{
    QueueUserAPC(count_apc, GetCurrentThread(), 0);
    return 0;
}

TEST(persistent_thread__callback_queues_apc__it_runs)
{
    prepare();
    CHECK(QueueUserWorkItem(queues_apc_to_itself, NULL, WT_EXECUTEINPERSISTENTTHREAD));
    wait_done(1);
    CHECK_EQ(count, 1);
    finish();
}

/* --- work objects --- */

static VOID CALLBACK work(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_WORK self)
{
    CHECK(context == &count);
    InterlockedIncrement(&count);
}

TEST(work__submitted_many_times__runs_as_often)
{
    PTP_WORK item = CreateThreadpoolWork(work, (PVOID)&count, NULL);
    REQUIRE(item != NULL);
    count = 0;
    for (int i = 0; i < 5000; i++)
        SubmitThreadpoolWork(item);
    WaitForThreadpoolWorkCallbacks(item, FALSE);
    CHECK_EQ(count, 5000);
    WaitForThreadpoolWorkCallbacks(item, FALSE);
    CloseThreadpoolWork(item);
}

static VOID CALLBACK gated_work(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_WORK self)
{
    ReleaseSemaphore(done, 1, NULL);
    WaitForSingleObject(gate, INFINITE);
    InterlockedIncrement(&count);
}

static PTP_POOL pool_of(DWORD minimum, DWORD maximum, PTP_CALLBACK_ENVIRON environment)
{
    PTP_POOL pool = CreateThreadpool(NULL);
    REQUIRE(pool != NULL);
    SetThreadpoolThreadMaximum(pool, maximum);
    CHECK(SetThreadpoolThreadMinimum(pool, minimum));
    InitializeThreadpoolEnvironment(environment);
    SetThreadpoolCallbackPool(environment, pool);
    return pool;
}

TEST(work__wait_with_cancel__what_has_not_begun_never_runs)
{
    TP_CALLBACK_ENVIRON environment;
    PTP_POOL pool = pool_of(1, 1, &environment);
    prepare();
    PTP_WORK item = CreateThreadpoolWork(gated_work, NULL, &environment);
    for (int i = 0; i < 10; i++)
        SubmitThreadpoolWork(item);
    wait_done(1);
    CHECK_EQ(WaitForSingleObject(done, 0), WAIT_TIMEOUT); /* one thread, one callback */
    CHECK(SetEvent(gate));
    WaitForThreadpoolWorkCallbacks(item, TRUE);
    CHECK(count >= 1 && count <= 10);
    LONG seen = count;
    SubmitThreadpoolWork(item);
    WaitForThreadpoolWorkCallbacks(item, FALSE);
    CHECK_EQ(count, seen + 1);
    CloseThreadpoolWork(item);
    DestroyThreadpoolEnvironment(&environment);
    CloseThreadpool(pool);
    finish();
}

static char order[64];
static VOID CALLBACK notes_letter(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_WORK self)
{
    order[InterlockedIncrement(&count) - 1] = (char)(ULONG_PTR)context;
    ReleaseSemaphore(done, 1, NULL);
}

TEST(one_thread__several_objects_and_priorities__turns_within_a_priority)
{
    static const char letters[] = {'L', 'a', 'b', 'H'};
    static const TP_CALLBACK_PRIORITY priorities[] = {TP_CALLBACK_PRIORITY_LOW,
        TP_CALLBACK_PRIORITY_NORMAL, TP_CALLBACK_PRIORITY_NORMAL, TP_CALLBACK_PRIORITY_HIGH};
    TP_CALLBACK_ENVIRON environment;
    PTP_POOL pool = pool_of(1, 1, &environment);
    PTP_WORK items[4];
    prepare();
    PTP_WORK blocker = CreateThreadpoolWork(gated_work, NULL, &environment);
    SubmitThreadpoolWork(blocker);
    wait_done(1);
    count = 0;
    for (int i = 0; i < 4; i++) {
        SetThreadpoolCallbackPriority(&environment, priorities[i]);
        items[i] = CreateThreadpoolWork(notes_letter, (PVOID)(ULONG_PTR)letters[i], &environment);
        for (int times = 0; times < 2; times++)
            SubmitThreadpoolWork(items[i]);
    }
    count = -1; /* the blocker counts too */
    CHECK(SetEvent(gate));
    wait_done(8);
    CHECK_EQ(memcmp(order, "HHababLL", 8), 0);
    for (int i = 0; i < 4; i++)
        CloseThreadpoolWork(items[i]);
    CloseThreadpoolWork(blocker);
    CloseThreadpool(pool);
    finish();
}

static VOID CALLBACK long_work(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_WORK self)
{
    InterlockedExchange(&peak, CallbackMayRunLong(instance));
    gated_work(instance, context, self);
}

TEST(callback_may_run_long__only_if_another_thread_may_be)
{
    TP_CALLBACK_ENVIRON environment;
    for (DWORD maximum = 1; maximum <= 2; maximum++) {
        PTP_POOL pool = pool_of(0, maximum, &environment);
        prepare();
        PTP_WORK item = CreateThreadpoolWork(long_work, NULL, &environment);
        SubmitThreadpoolWork(item);
        wait_done(1);
        CHECK_EQ(peak, maximum == 2);
        CHECK(SetEvent(gate));
        WaitForThreadpoolWorkCallbacks(item, FALSE);
        CloseThreadpoolWork(item);
        CloseThreadpool(pool);
        finish();
    }
}

/* A worker that comes back from its callback shall not take the wake-up of another that only begins to wait. */
TEST(close_pool__one_worker_comes_back_and_one_begins__both_end_at_once)
{
    TP_CALLBACK_ENVIRON environment;
    for (int round = 0; round < 300; round++) {
        PTP_POOL pool = pool_of(0, 2, &environment);
        prepare();
        PTP_WORK item = CreateThreadpoolWork(long_work, NULL, &environment);
        CHECK(SetEvent(gate));
        SubmitThreadpoolWork(item);
        wait_done(1);
        CHECK_EQ(peak, 1);
        WaitForThreadpoolWorkCallbacks(item, FALSE);
        CloseThreadpoolWork(item);
        CloseThreadpool(pool);
        finish();
    }
}

static VOID CALLBACK closes_itself(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_WORK self)
{
    CloseThreadpoolWork(self);
    ReleaseSemaphoreWhenCallbackReturns(instance, done, 1);
}

TEST(work__closed_in_its_callback__goes_afterwards)
{
    prepare();
    PTP_WORK item = CreateThreadpoolWork(closes_itself, NULL, NULL);
    SubmitThreadpoolWork(item);
    wait_done(1);
    finish();
}

static CRITICAL_SECTION section;
static HANDLE mutex, event;
static VOID CALLBACK asks_for_everything(PTP_CALLBACK_INSTANCE instance, PVOID context)
{
    EnterCriticalSection(&section);
    WaitForSingleObject(mutex, INFINITE);
    LeaveCriticalSectionWhenCallbackReturns(instance, &section);
    ReleaseMutexWhenCallbackReturns(instance, mutex);
    ReleaseSemaphoreWhenCallbackReturns(instance, done, 2);
    SetEventWhenCallbackReturns(instance, event);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
}
static VOID CALLBACK finalizes(PTP_CALLBACK_INSTANCE instance, PVOID context)
{
    InterlockedIncrement(&count);
}

TEST(callback_returns__what_it_asked_for__is_done)
{
    TP_CALLBACK_ENVIRON environment;
    prepare();
    InitializeCriticalSection(&section);
    mutex = CreateMutexA(NULL, FALSE, NULL);
    event = CreateEventA(NULL, FALSE, FALSE, NULL);
    InitializeThreadpoolEnvironment(&environment);
    environment.FinalizationCallback = finalizes;
    CHECK(TrySubmitThreadpoolCallback(asks_for_everything, NULL, &environment));
    CHECK_EQ(WaitForSingleObject(event, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(count, 1);
    wait_done(2);
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(mutex));
    CHECK(TryEnterCriticalSection(&section));
    LeaveCriticalSection(&section);
    DeleteCriticalSection(&section);
    CHECK(CloseHandle(mutex));
    CHECK(CloseHandle(event));
    finish();
}

static VOID CALLBACK leaves_object(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_WORK self)
{
    DisassociateCurrentThreadFromCallback(instance);
    WaitForSingleObject(gate, INFINITE);
    ReleaseSemaphore(done, 1, NULL);
}

TEST(disassociated__wait__does_not_wait_for_it)
{
    prepare();
    PTP_WORK item = CreateThreadpoolWork(leaves_object, NULL, NULL);
    SubmitThreadpoolWork(item);
    WaitForThreadpoolWorkCallbacks(item, FALSE);
    CHECK_EQ(WaitForSingleObject(done, 0), WAIT_TIMEOUT);
    CloseThreadpoolWork(item);
    CHECK(SetEvent(gate));
    wait_done(1);
    finish();
}

TEST(environment__wrong__is_refused)
{
    TP_CALLBACK_ENVIRON environment;
    InitializeThreadpoolEnvironment(&environment);
    environment.Version = 9999;
    CHECK_ERROR(CreateThreadpoolWork(work, NULL, &environment), ERROR_INVALID_PARAMETER);
    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackPriority(&environment, TP_CALLBACK_PRIORITY_INVALID);
    CHECK_ERROR(TrySubmitThreadpoolCallback(finalizes, NULL, &environment), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(CreateThreadpool((PVOID)1), ERROR_INVALID_PARAMETER);
}

/* --- cleanup groups --- */

static volatile LONG cancelled;
static VOID CALLBACK tells_cancelled(PVOID object_context, PVOID cleanup_context)
{
    CHECK(cleanup_context == &cancelled);
    InterlockedIncrement(&cancelled);
}
static VOID CALLBACK never_simple(PTP_CALLBACK_INSTANCE instance, PVOID context)
{
    CHECK(!"a cancelled callback runs");
}

TEST(group__closed_with_cancel__every_member_is_told_once)
{
    TP_CALLBACK_ENVIRON environment;
    PTP_POOL pool = pool_of(1, 1, &environment);
    PTP_CLEANUP_GROUP group = CreateThreadpoolCleanupGroup();
    prepare();
    cancelled = 0;
    PTP_WORK blocker = CreateThreadpoolWork(gated_work, NULL, &environment);
    SubmitThreadpoolWork(blocker);
    wait_done(1);
    SetThreadpoolCallbackCleanupGroup(&environment, group, tells_cancelled);
    CHECK(CreateThreadpoolWork(work, NULL, &environment) != NULL);
    CHECK(CreateThreadpoolTimer((PTP_TIMER_CALLBACK)(PVOID)work, NULL, &environment) != NULL);
    CHECK(CreateThreadpoolWait((PTP_WAIT_CALLBACK)(PVOID)work, NULL, &environment) != NULL);
    CHECK(TrySubmitThreadpoolCallback(never_simple, NULL, &environment));
    CloseThreadpoolCleanupGroupMembers(group, TRUE, (PVOID)&cancelled);
    CHECK_EQ(cancelled, 4);
    CloseThreadpoolCleanupGroupMembers(group, TRUE, (PVOID)&cancelled);
    CHECK_EQ(cancelled, 4);
    CloseThreadpoolCleanupGroup(group);
    CHECK(SetEvent(gate));
    WaitForThreadpoolWorkCallbacks(blocker, FALSE);
    CloseThreadpoolWork(blocker);
    CloseThreadpool(pool);
    finish();
}

TEST(group__closed_without_cancel__waits_for_all)
{
    TP_CALLBACK_ENVIRON environment;
    PTP_CLEANUP_GROUP group = CreateThreadpoolCleanupGroup();
    prepare();
    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackCleanupGroup(&environment, group, NULL);
    PTP_WORK item = CreateThreadpoolWork(work, (PVOID)&count, &environment);
    for (int i = 0; i < 100; i++) {
        SubmitThreadpoolWork(item);
        CHECK(TrySubmitThreadpoolCallback(finalizes, NULL, &environment));
    }
    CloseThreadpoolCleanupGroupMembers(group, FALSE, NULL);
    CHECK_EQ(count, 200);
    CloseThreadpoolCleanupGroup(group);
    finish();
}

static VOID CALLBACK leaves_group(PTP_CALLBACK_INSTANCE instance, PVOID context)
{
    DisassociateCurrentThreadFromCallback(instance);
    ReleaseSemaphore(done, 1, NULL);
    /* Ends only when the group's closing has looked at it for a while. */
    WaitForSingleObject(gate, 20);
    InterlockedIncrement(&count);
}

TEST(group__callback_disassociated__closing_waits_all_the_same)
{
    TP_CALLBACK_ENVIRON environment;
    PTP_CLEANUP_GROUP group = CreateThreadpoolCleanupGroup();
    prepare();
    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackCleanupGroup(&environment, group, NULL);
    CHECK(TrySubmitThreadpoolCallback(leaves_group, NULL, &environment));
    wait_done(1);
    CloseThreadpoolCleanupGroupMembers(group, FALSE, NULL);
    CHECK_EQ(count, 1);
    CloseThreadpoolCleanupGroup(group);
    finish();
}

static VOID CALLBACK gated_simple(PTP_CALLBACK_INSTANCE instance, PVOID context)
{
    gated_work(instance, context, NULL);
}
static DWORD WINAPI closes_members(LPVOID group)
{
    CloseThreadpoolCleanupGroupMembers(group, TRUE, NULL);
    return 0;
}

TEST(group__closed_with_cancel__queued_ones_go_before_running_ones_are_waited_for)
{
    TP_CALLBACK_ENVIRON environment;
    PTP_POOL pool = pool_of(1, 1, &environment);
    PTP_CLEANUP_GROUP group = CreateThreadpoolCleanupGroup();
    prepare();
    cancelled = 0;
    SetThreadpoolCallbackCleanupGroup(&environment, group, NULL);
    CHECK(TrySubmitThreadpoolCallback(gated_simple, NULL, &environment));
    wait_done(1);
    for (int i = 0; i < 50; i++)
        CHECK(TrySubmitThreadpoolCallback(never_simple, NULL, &environment));
    HANDLE thread = CreateThread(NULL, 0, closes_members, group, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, 50), WAIT_TIMEOUT); /* the first one runs */
    CHECK(SetEvent(gate));
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(count, 1);
    CHECK(CloseHandle(thread));
    CloseThreadpoolCleanupGroup(group);
    CloseThreadpool(pool);
    finish();
}

/* --- completions of files --- */

static struct {
    volatile LONG calls;
    ULONG error;
    ULONG_PTR bytes;
    PVOID overlapped;
    PTP_IO io;
} io_seen;

static VOID CALLBACK io_callback(PTP_CALLBACK_INSTANCE instance, PVOID context, PVOID overlapped,
    ULONG error, ULONG_PTR bytes, PTP_IO io)
{
    io_seen.error = error;
    io_seen.bytes = bytes;
    io_seen.overlapped = overlapped;
    io_seen.io = io;
    InterlockedIncrement(&io_seen.calls);
    CHECK(context == &io_seen);
}

TEST(pool_io__operation_ends__callback_tells)
{
    struct io_pair pair = io_pair_open();
    OVERLAPPED overlapped = {0};
    char text[8];
    PTP_IO io = CreateThreadpoolIo((HANDLE)pair.a, io_callback, &io_seen, NULL);
    REQUIRE(io != NULL);
    CHECK_ERROR(
        CreateThreadpoolIo((HANDLE)pair.a, io_callback, &io_seen, NULL), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(CreateThreadpoolIo((HANDLE)(ULONG_PTR)0xDEADBEE0, io_callback, &io_seen, NULL),
        ERROR_INVALID_HANDLE);
    StartThreadpoolIo(io);
    io_receive(pair.a, text, sizeof text, &overlapped);
    CHECK_EQ(send(pair.b, "abc", 3, 0), 3);
    WaitForThreadpoolIoCallbacks(io, FALSE);
    CHECK_EQ(io_seen.calls, 1);
    CHECK_EQ(io_seen.error, 0);
    CHECK_EQ(io_seen.bytes, 3);
    CHECK(io_seen.overlapped == &overlapped && io_seen.io == io);
    StartThreadpoolIo(io);
    io_receive(pair.a, text, sizeof text, &overlapped);
    CHECK(CancelIoEx((HANDLE)pair.a, NULL));
    WaitForThreadpoolIoCallbacks(io, FALSE);
    CHECK_EQ(io_seen.calls, 2);
    CHECK_EQ(io_seen.error, ERROR_OPERATION_ABORTED);
    /* Announced, and taken back. */
    StartThreadpoolIo(io);
    CancelThreadpoolIo(io);
    WaitForThreadpoolIoCallbacks(io, FALSE);
    CloseThreadpoolIo(io);
    io_pair_close(&pair);
}

TEST(pool_io__wait_with_cancel__the_completion_is_passed_over)
{
    struct io_pair pair = io_pair_open();
    OVERLAPPED overlapped = {0};
    char text[8];
    PTP_IO io = CreateThreadpoolIo((HANDLE)pair.a, io_callback, &io_seen, NULL);
    StartThreadpoolIo(io);
    io_receive(pair.a, text, sizeof text, &overlapped);
    WaitForThreadpoolIoCallbacks(io, TRUE);
    CHECK_EQ(io_seen.calls, 0);
    CloseThreadpoolIo(io); /* goes when the completion comes */
    CHECK_EQ(send(pair.b, "abc", 3, 0), 3);
    while (!io_completed(&overlapped))
        Sleep(0);
    io_pair_close(&pair);
    CHECK_EQ(io_seen.calls, 0);
}

static OVERLAPPED bound_overlapped[2];
static VOID CALLBACK bound_routine(DWORD status, DWORD bytes, LPOVERLAPPED overlapped)
{
    CHECK(overlapped == &bound_overlapped[0] || overlapped == &bound_overlapped[1]);
    if (status == 0)
        InterlockedExchangeAdd(&count, (LONG)bytes);
    else
        InterlockedExchangeAdd(&count, 1000);
    ReleaseSemaphore(done, 1, NULL);
}

TEST(bind_io__operations_end__routine_runs)
{
    struct io_pair pair = io_pair_open();
    char text[8];
    prepare();
    CHECK(BindIoCompletionCallback((HANDLE)pair.a, bound_routine, 0));
    CHECK_ERROR(
        BindIoCompletionCallback((HANDLE)pair.a, bound_routine, 0), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(BindIoCompletionCallback((HANDLE)pair.b, NULL, 0), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(BindIoCompletionCallback(NULL, bound_routine, 0), ERROR_INVALID_HANDLE);
    CHECK(BindIoCompletionCallback((HANDLE)pair.b, bound_routine, 0));
    io_receive(pair.a, text, sizeof text, &bound_overlapped[0]);
    CHECK_EQ(send(pair.b, "abcd", 4, 0), 4);
    wait_done(1);
    CHECK_EQ(count, 4);
    io_receive(pair.b, text, sizeof text, &bound_overlapped[1]);
    CHECK(CancelIoEx((HANDLE)pair.b, NULL));
    wait_done(1);
    CHECK_EQ(count, 1004);
    finish();
    io_pair_close(&pair);
}

/* --- several threads --- */

static DWORD WINAPI submits(LPVOID item)
{
    for (int i = 0; i < 1000; i++)
        SubmitThreadpoolWork(item);
    return 0;
}

TEST(hammer__threads_submit_and_wait__nothing_is_lost)
{
    HANDLE threads[4];
    PTP_WORK item = CreateThreadpoolWork(work, (PVOID)&count, NULL);
    count = 0;
    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, 0, submits, item, 0, NULL);
    while (WaitForMultipleObjects(4, threads, TRUE, 0) == WAIT_TIMEOUT)
        WaitForThreadpoolWorkCallbacks(item, FALSE);
    WaitForThreadpoolWorkCallbacks(item, FALSE);
    CHECK_EQ(count, 4000);
    CloseThreadpoolWork(item);
    for (int i = 0; i < 4; i++)
        CHECK(CloseHandle(threads[i]));
}
