/* SPDX-License-Identifier: MIT */
/*
 * lock_test.c - critical sections, SRW locks, condition variables, one-time initialisation, address
 * waits, lists. The hammers count in plain variables that only the lock under test protects, so
 * that a hole shows as a wrong sum, and under ThreadSanitizer as a race.
 */
#include <windows.h>

#include "ntstest.h"

#define THREADS 6
#define ROUNDS 20000

static void run_threads(LPTHREAD_START_ROUTINE routine, LPVOID context)
{
    HANDLE threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        REQUIRE((threads[i] = CreateThread(NULL, 0, routine, context, 0, NULL)) != NULL);
    CHECK_EQ(WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE), WAIT_OBJECT_0);
    for (int i = 0; i < THREADS; i++)
        CHECK(CloseHandle(threads[i]));
}

/* --- critical sections --- */

static CRITICAL_SECTION section;
static int counter;

static DWORD WINAPI tries_section(LPVOID expected)
{
    BOOL entered = TryEnterCriticalSection(&section);
    CHECK_EQ(entered, *(BOOL *)expected);
    if (entered)
        LeaveCriticalSection(&section);
    return 0;
}

static void try_elsewhere(BOOL expected)
{
    HANDLE thread = CreateThread(NULL, 0, tries_section, &expected, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
}

TEST(section__entered_twice__left_twice)
{
    CHECK_EQ(sizeof(CRITICAL_SECTION), 40);
    InitializeCriticalSection(&section);
    CHECK_EQ(section.LockCount, -1);
    EnterCriticalSection(&section);
    CHECK(TryEnterCriticalSection(&section));
    CHECK_EQ(section.RecursionCount, 2);
    CHECK_EQ((DWORD)(ULONG_PTR)section.OwningThread, GetCurrentThreadId());
    CHECK_EQ(section.LockCount & 1, 0);
    try_elsewhere(FALSE);
    LeaveCriticalSection(&section);
    try_elsewhere(FALSE);
    LeaveCriticalSection(&section);
    CHECK_EQ(section.LockCount, -1);
    CHECK(section.OwningThread == NULL);
    try_elsewhere(TRUE);
    DeleteCriticalSection(&section);
}

TEST(section__spin_count__is_returned)
{
    CHECK(InitializeCriticalSectionAndSpinCount(&section, 1000));
    CHECK_EQ(SetCriticalSectionSpinCount(&section, 17), 1000);
    CHECK_EQ(SetCriticalSectionSpinCount(&section, 0), 17);
    DeleteCriticalSection(&section);
    CHECK(InitializeCriticalSectionEx(&section, 4000, CRITICAL_SECTION_NO_DEBUG_INFO));
    DeleteCriticalSection(&section);
    SetLastError(0);
    CHECK(!InitializeCriticalSectionEx(&section, 0xFF000000, 0));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

static DWORD WINAPI hammers_section(LPVOID unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 8 == 0 && !TryEnterCriticalSection(&section))
            continue;
        if (i % 8 != 0)
            EnterCriticalSection(&section);
        if (i % 3 == 0) {
            EnterCriticalSection(&section);
            counter++;
            LeaveCriticalSection(&section);
        } else {
            counter++;
        }
        LeaveCriticalSection(&section);
        if (i % 8 == 0) {
            EnterCriticalSection(&section);
            counter--;
            LeaveCriticalSection(&section);
        }
    }
    return 0;
}

TEST(section__hammered__excludes)
{
    int expected = THREADS * (ROUNDS - (ROUNDS + 7) / 8);
    InitializeCriticalSection(&section);
    run_threads(hammers_section, NULL);
    CHECK_EQ(counter, expected);
    CHECK_EQ(section.LockCount, -1);
    DeleteCriticalSection(&section);
}

/* --- SRW locks --- */

static SRWLOCK srw = SRWLOCK_INIT;
static int pair_a, pair_b;
static volatile LONG torn;

TEST(srw__states__try_tells)
{
    InitializeSRWLock(&srw);
    AcquireSRWLockShared(&srw);
    CHECK(TryAcquireSRWLockShared(&srw));
    CHECK(!TryAcquireSRWLockExclusive(&srw));
    ReleaseSRWLockShared(&srw);
    CHECK(!TryAcquireSRWLockExclusive(&srw));
    ReleaseSRWLockShared(&srw);
    CHECK(TryAcquireSRWLockExclusive(&srw));
    CHECK(!TryAcquireSRWLockShared(&srw));
    CHECK(!TryAcquireSRWLockExclusive(&srw));
    ReleaseSRWLockExclusive(&srw);
    CHECK(srw.Ptr == NULL);
    CHECK_EQ(sizeof srw, sizeof(void *));
}

static DWORD WINAPI hammers_srw(LPVOID unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 4 == 0) {
            AcquireSRWLockExclusive(&srw);
            pair_a++;
            pair_b++;
            ReleaseSRWLockExclusive(&srw);
        } else if (i % 4 == 1 && TryAcquireSRWLockShared(&srw)) {
            if (pair_a != pair_b)
                InterlockedIncrement(&torn);
            ReleaseSRWLockShared(&srw);
        } else {
            AcquireSRWLockShared(&srw);
            if (pair_a != pair_b)
                InterlockedIncrement(&torn);
            ReleaseSRWLockShared(&srw);
        }
    }
    return 0;
}

TEST(srw__hammered_by_readers_and_writers__nobody_sees_half)
{
    run_threads(hammers_srw, NULL);
    CHECK_EQ(torn, 0);
    CHECK_EQ(pair_a, THREADS * (ROUNDS / 4));
    CHECK_EQ(pair_b, pair_a);
    CHECK(TryAcquireSRWLockExclusive(&srw));
    ReleaseSRWLockExclusive(&srw);
}

/* --- condition variables: a bounded queue, both kinds of lock --- */

#define QUEUE_ROOM 4
#define ITEMS 3000

struct queue {
    BOOL use_srw;
    CRITICAL_SECTION section;
    SRWLOCK lock;
    CONDITION_VARIABLE not_empty, not_full;
    int items[QUEUE_ROOM], count, produced, consumed;
    long long sum;
};

static void lock_queue(struct queue *queue)
{
    if (queue->use_srw)
        AcquireSRWLockExclusive(&queue->lock);
    else
        EnterCriticalSection(&queue->section);
}

static void unlock_queue(struct queue *queue)
{
    if (queue->use_srw)
        ReleaseSRWLockExclusive(&queue->lock);
    else
        LeaveCriticalSection(&queue->section);
}

static void sleep_queue(struct queue *queue, CONDITION_VARIABLE *condition)
{
    BOOL woken = queue->use_srw ? SleepConditionVariableSRW(condition, &queue->lock, INFINITE, 0)
                                : SleepConditionVariableCS(condition, &queue->section, INFINITE);
    CHECK(woken);
}

static DWORD WINAPI produces_or_consumes(LPVOID context)
{
    struct queue *queue = context;
    static volatile LONG which;
    BOOL producer = InterlockedIncrement(&which) % 2 == 0;

    for (;;) {
        lock_queue(queue);
        if (producer) {
            while (queue->count == QUEUE_ROOM && queue->produced < ITEMS)
                sleep_queue(queue, &queue->not_full);
            if (queue->produced < ITEMS)
                queue->items[queue->count++] = ++queue->produced;
        } else {
            while (queue->count == 0 && queue->consumed < ITEMS)
                sleep_queue(queue, &queue->not_empty);
            if (queue->count > 0) {
                queue->sum += queue->items[--queue->count];
                queue->consumed++;
            }
        }
        BOOL done = producer ? queue->produced == ITEMS : queue->consumed == ITEMS;
        unlock_queue(queue);
        if (done) {
            WakeAllConditionVariable(&queue->not_empty);
            WakeAllConditionVariable(&queue->not_full);
            return 0;
        }
        WakeConditionVariable(producer ? &queue->not_empty : &queue->not_full);
    }
}

static void run_queue(BOOL use_srw)
{
    static struct queue queue;
    queue.use_srw = use_srw;
    InitializeCriticalSection(&queue.section);
    InitializeSRWLock(&queue.lock);
    InitializeConditionVariable(&queue.not_empty);
    InitializeConditionVariable(&queue.not_full);
    run_threads(produces_or_consumes, &queue);
    CHECK_EQ(queue.consumed, ITEMS);
    CHECK_EQ(queue.sum, (long long)ITEMS * (ITEMS + 1) / 2);
    DeleteCriticalSection(&queue.section);
}

TEST(condition__queue_under_critical_section__every_item_once)
{
    run_queue(FALSE);
}

TEST(condition__queue_under_srw_lock__every_item_once)
{
    run_queue(TRUE);
}

TEST(condition__nobody_wakes__times_out_holding_the_lock)
{
    CONDITION_VARIABLE condition = CONDITION_VARIABLE_INIT;

    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    SetLastError(0);
    CHECK(!SleepConditionVariableCS(&condition, &section, 5));
    CHECK_EQ(GetLastError(), ERROR_TIMEOUT);
    CHECK_EQ((DWORD)(ULONG_PTR)section.OwningThread, GetCurrentThreadId());
    LeaveCriticalSection(&section);
    DeleteCriticalSection(&section);
    AcquireSRWLockShared(&srw);
    SetLastError(0);
    CHECK(!SleepConditionVariableSRW(&condition, &srw, 0, CONDITION_VARIABLE_LOCKMODE_SHARED));
    CHECK_EQ(GetLastError(), ERROR_TIMEOUT);
    CHECK(TryAcquireSRWLockShared(&srw));
    ReleaseSRWLockShared(&srw);
    ReleaseSRWLockShared(&srw);
    WakeConditionVariable(&condition);
    WakeAllConditionVariable(&condition);
}

/* --- one-time initialisation --- */

static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static int initialised;
static volatile LONG wrong_context;

static BOOL CALLBACK initialise(PINIT_ONCE which, PVOID parameter, PVOID *context)
{
    Sleep(2);
    initialised++;
    *context = parameter;
    return TRUE;
}

static DWORD WINAPI initialises(LPVOID parameter)
{
    PVOID context = NULL;
    if (!InitOnceExecuteOnce(&once, initialise, parameter, &context) || context != parameter ||
        initialised != 1)
        InterlockedIncrement(&wrong_context);
    return 0;
}

TEST(once__many_threads__one_initialises_all_see_it)
{
    static long long object;
    run_threads(initialises, &object);
    CHECK_EQ(initialised, 1);
    CHECK_EQ(wrong_context, 0);
}

static BOOL CALLBACK initialise_second_time(PINIT_ONCE which, PVOID parameter, PVOID *context)
{
    SetLastError(4711);
    return ++*(int *)parameter == 2;
}

TEST(once__function_fails__next_caller_tries_again)
{
    INIT_ONCE own = INIT_ONCE_STATIC_INIT;
    int calls = 0;
    CHECK(!InitOnceExecuteOnce(&own, initialise_second_time, &calls, NULL));
    CHECK_EQ(GetLastError(), 4711);
    CHECK(InitOnceExecuteOnce(&own, initialise_second_time, &calls, NULL));
    CHECK(InitOnceExecuteOnce(&own, initialise_second_time, &calls, NULL));
    CHECK_EQ(calls, 2);
}

TEST(once__begin_and_complete__documented_states)
{
    INIT_ONCE own = INIT_ONCE_STATIC_INIT;
    static long long object;
    PVOID context = NULL;
    BOOL pending = FALSE;

    SetLastError(0);
    CHECK(!InitOnceBeginInitialize(&own, INIT_ONCE_CHECK_ONLY, &pending, &context));
    CHECK_EQ(GetLastError(), ERROR_GEN_FAILURE);
    CHECK(InitOnceBeginInitialize(&own, 0, &pending, NULL));
    CHECK(pending);
    CHECK(InitOnceComplete(&own, INIT_ONCE_INIT_FAILED, NULL));
    CHECK(InitOnceBeginInitialize(&own, INIT_ONCE_ASYNC, &pending, NULL));
    CHECK(pending);
    CHECK(InitOnceBeginInitialize(&own, INIT_ONCE_ASYNC, &pending, NULL));
    CHECK(pending);
    SetLastError(0);
    CHECK(!InitOnceBeginInitialize(&own, 0, &pending, NULL));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(InitOnceComplete(&own, INIT_ONCE_ASYNC, &object));
    SetLastError(0);
    CHECK(!InitOnceComplete(&own, INIT_ONCE_ASYNC, &initialised));
    CHECK_EQ(GetLastError(), ERROR_GEN_FAILURE);
    CHECK(InitOnceBeginInitialize(&own, INIT_ONCE_CHECK_ONLY, &pending, &context));
    CHECK(!pending);
    CHECK(context == &object);
    SetLastError(0);
    CHECK(
        !InitOnceBeginInitialize(&own, INIT_ONCE_CHECK_ONLY | INIT_ONCE_ASYNC, &pending, &context));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

/* --- address waits --- */

TEST(address__value_differs_or_time_is_up__returns)
{
    unsigned char byte = 1, other_byte = 2;
    unsigned short word = 1;
    unsigned long long wide = 1, other_wide = 1ULL << 40;

    CHECK(WaitOnAddress(&byte, &other_byte, 1, INFINITE));
    CHECK(WaitOnAddress(&wide, &other_wide, 8, INFINITE));
    SetLastError(0);
    CHECK(!WaitOnAddress(&word, &word, 2, 2));
    CHECK_EQ(GetLastError(), ERROR_TIMEOUT);
    SetLastError(0);
    CHECK(!WaitOnAddress(&wide, &wide, 8, 0));
    CHECK_EQ(GetLastError(), ERROR_TIMEOUT);
    SetLastError(0);
    CHECK(!WaitOnAddress(&wide, &other_wide, 3, 0));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    WakeByAddressSingle(&byte);
    WakeByAddressAll(&wide);
}

static volatile LONG64 gate;
static volatile SHORT turn;

static DWORD WINAPI passes_gate(LPVOID unused)
{
    LONG64 closed = 0;
    while (InterlockedCompareExchange64(&gate, 0, 0) == 0)
        WaitOnAddress(&gate, &closed, sizeof gate, INFINITE);
    for (int i = 0; i < 2000; i++) {
        SHORT seen = __atomic_load_n(&turn, __ATOMIC_SEQ_CST), next = (SHORT)(seen + 1);
        __atomic_compare_exchange_n(&turn, &seen, next, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        WakeByAddressSingle((PVOID)&turn);
        WaitOnAddress(&turn, &next, sizeof turn, 1);
    }
    return 0;
}

static DWORD WINAPI opens_gate(LPVOID unused)
{
    InterlockedExchange64(&gate, 1);
    WakeByAddressAll((PVOID)&gate);
    return 0;
}

TEST(address__gate_opened_and_turns_taken__all_pass)
{
    HANDLE opener = CreateThread(NULL, 0, opens_gate, NULL, CREATE_SUSPENDED, NULL);
    ResumeThread(opener);
    run_threads(passes_gate, NULL);
    CHECK_EQ(WaitForSingleObject(opener, INFINITE), WAIT_OBJECT_0);
    CHECK(CloseHandle(opener));
}

/* --- interlocked lists --- */

struct item {
    SLIST_ENTRY entry;
    int number;
};
static SLIST_HEADER list;

TEST(slist__push_pop_flush__last_in_first_out)
{
    static struct item items[4];

    InitializeSListHead(&list);
    CHECK(InterlockedPopEntrySList(&list) == NULL);
    CHECK(InterlockedPushEntrySList(&list, &items[0].entry) == NULL);
    CHECK(InterlockedPushEntrySList(&list, &items[1].entry) == &items[0].entry);
    CHECK_EQ(QueryDepthSList(&list), 2);
    CHECK(InterlockedPopEntrySList(&list) == &items[1].entry);
    items[2].entry.Next = &items[3].entry;
    CHECK(
        InterlockedPushListSListEx(&list, &items[2].entry, &items[3].entry, 2) == &items[0].entry);
    CHECK_EQ(QueryDepthSList(&list), 3);
    CHECK(RtlFirstEntrySList(&list) == &items[2].entry);
    PSLIST_ENTRY all = InterlockedFlushSList(&list);
    CHECK(all == &items[2].entry && all->Next == &items[3].entry &&
          all->Next->Next == &items[0].entry);
    CHECK_EQ(QueryDepthSList(&list), 0);
    CHECK(InterlockedFlushSList(&list) == NULL);
}

static DWORD WINAPI moves_items(LPVOID unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        PSLIST_ENTRY entry = InterlockedPopEntrySList(&list);
        if (entry == NULL)
            continue;
        CONTAINING_RECORD(entry, struct item, entry)->number++;
        InterlockedPushEntrySList(&list, entry);
    }
    return 0;
}

TEST(slist__hammered__each_item_is_owned_by_one)
{
    static struct item items[5];
    int sum = 0;

    InitializeSListHead(&list);
    for (int i = 0; i < 5; i++)
        InterlockedPushEntrySList(&list, &items[i].entry);
    run_threads(moves_items, NULL);
    CHECK_EQ(QueryDepthSList(&list), 5);
    for (int i = 0; i < 5; i++) {
        CHECK(InterlockedPopEntrySList(&list) != NULL);
        sum += items[i].number;
    }
    CHECK(InterlockedPopEntrySList(&list) == NULL);
    CHECK(sum > 0 && sum <= THREADS * ROUNDS);
}
