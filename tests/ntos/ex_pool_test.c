/* SPDX-License-Identifier: MIT */
/* ex_pool_test.c - pool, caches, lookaside lists, work items, fast mutexes, user pointers. */
#include "ke_test.h"

static LONG blocks_of(ULONG tag)
{
    EX_POOL_USAGE usage[64];
    ULONG count = ExQueryPoolUsage(usage, 64);
    for (ULONG i = 0; i < count && i < 64; i++)
        if (usage[i].Tag == tag)
            return usage[i].Blocks;
    return 0;
}

TEST(pool__allocated_and_freed__counted_by_tag)
{
    PVOID a = ExAllocatePoolWithTag(NonPagedPool, 100, 'aaaT');
    PVOID b = ExAllocatePoolZero(PagedPool, 1, 'aaaT');
    PVOID c = ExAllocatePoolWithTag(NonPagedPoolCacheAligned, 33, 'aaaT');
    PUCHAR d = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, 'bbbT');
    REQUIRE(a != NULL && b != NULL && c != NULL && d != NULL);
    CHECK_EQ(blocks_of('aaaT'), 3);
    CHECK_EQ(blocks_of('bbbT'), 1);
    CHECK_EQ((ULONG_PTR)a % 16, 0);
    CHECK_EQ((ULONG_PTR)c % 64, 0);
    for (int i = 0; i < 64; i++)
        CHECK_EQ(d[i], 0);
    __builtin_memset(c, 1, 33);
    ExFreePoolWithTag(a, 'aaaT');
    ExFreePool(b);
    ExFreePoolWithTag(c, 0);
    ExFreePoolWithTag(d, 'bbbT');
    CHECK_EQ(blocks_of('aaaT'), 0);
    CHECK_EQ(blocks_of('bbbT'), 0);
    CHECK(ExAllocatePool2(0, 64, 'bbbT') == NULL);
    CHECK(ExAllocatePool2(POOL_FLAG_PAGED, 0, 'bbbT') == NULL);
    CHECK(ExAllocatePoolWithTag(NonPagedPool, ~(SIZE_T)0 - 8, 'bbbT') == NULL);
}

TEST(pool__hundreds_of_tags__each_counted)
{
    static PVOID blocks[400];
    EX_POOL_USAGE usage[512];
    LONG total = 0;
    for (ULONG i = 0; i < 400; i++)
        blocks[i] = ExAllocatePoolWithTag(NonPagedPool, 8, 0x1000 + i);
    for (ULONG i = ExQueryPoolUsage(usage, 512); i > 0; i--)
        total += usage[i - 1].Blocks;
    CHECK(total >= 400);
    for (ULONG i = 0; i < 400; i++)
        ExFreePoolWithTag(blocks[i], 0x1000 + i);
    CHECK_EQ(ExQueryPoolUsage(usage, 512), 0);
}

static const EX_CACHE cache = {.Index = ExCacheIrp1, .Tag = 'hcaC', .Size = 200, .DepthMax = 4};

static ULONG fill_cache(PVOID parameter)
{
    PVOID blocks[6];
    UNREFERENCED_PARAMETER(parameter);
    KeGetCurrentThread();
    for (int i = 0; i < 6; i++)
        blocks[i] = ExAllocateFromCache(&cache);
    if (blocks_of('hcaC') < 6)
        return 1;
    for (int i = 0; i < 6; i++)
        ExFreeToCache(&cache, blocks[i]);
    return 0;
}

static ULONG free_one_and_allocate_two(PVOID parameter)
{
    PVOID *blocks = parameter;
    ExFreePoolWithTag(blocks[0], 'dddT');
    blocks[0] = ExAllocatePoolWithTag(NonPagedPool, 40, 'eeeT');
    blocks[1] = ExAllocatePoolWithTag(NonPagedPool, 40, 'eeeT');
    return 0;
}

TEST(pool__blocks_of_threads_that_have_ended__counted)
{
    PVOID blocks[2] = {ExAllocatePoolWithTag(NonPagedPool, 40, 'dddT'), NULL};
    HANDLE thread;
    CHECK_EQ(blocks_of('dddT'), 1);
    REQUIRE_EQ(PsCreateThread(&thread, free_one_and_allocate_two, blocks, 0, FALSE, NULL), STATUS_SUCCESS);
    CHECK_EQ(NtWaitForSingleObject(thread, FALSE, NULL), STATUS_SUCCESS);
    CHECK_EQ(blocks_of('dddT'), 0);
    CHECK_EQ(blocks_of('eeeT'), 2);
    NtClose(thread);
    ExFreePoolWithTag(blocks[0], 'eeeT');
    CHECK_EQ(blocks_of('eeeT'), 1);
    ExFreePoolWithTag(blocks[1], 'eeeT');
    CHECK_EQ(blocks_of('eeeT'), 0);
}

TEST(cache__blocks_kept_by_threads__not_outstanding)
{
    CHECK_EQ(fill_cache(NULL), 0);
    CHECK_EQ(blocks_of('hcaC'), 0);
    CHECK_EQ(join_thread(start_thread(fill_cache, NULL)), 0);
    CHECK_EQ(blocks_of('hcaC'), 0);
    PVOID block = ExAllocateFromCache(&cache);
    CHECK_EQ(blocks_of('hcaC'), 1);
    __builtin_memset(block, 1, 200);
    ExFreeToCache(&cache, block);
}

TEST(lookaside__freed_entries__reused_and_returned_at_the_end)
{
    NPAGED_LOOKASIDE_LIST list;
    PVOID a, b;
    ExInitializeNPagedLookasideList(&list, NULL, NULL, 0, 48, 'kooL', 0);
    a = ExAllocateFromNPagedLookasideList(&list);
    b = ExAllocateFromNPagedLookasideList(&list);
    REQUIRE(a != NULL && b != NULL && a != b);
    ExFreeToNPagedLookasideList(&list, a);
    ExFreeToNPagedLookasideList(&list, b);
    ExDeleteNPagedLookasideList(&list);
    CHECK_EQ(blocks_of('kooL'), 0);
}

/* --- work items --- */

#define ITEMS 1000
static WORK_QUEUE_ITEM items[ITEMS];
static LONG items_run;
static KEVENT all_run, gate;

static VOID work(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    if (__atomic_add_fetch(&items_run, 1, __ATOMIC_SEQ_CST) == ITEMS)
        KeSetEvent(&all_run, 0, FALSE);
}

TEST(work_items__thousand_queued__all_run)
{
    KeInitializeEvent(&all_run, NotificationEvent, FALSE);
    for (int i = 0; i < ITEMS; i++) {
        ExInitializeWorkItem(&items[i], work, NULL);
        ExQueueWorkItem(&items[i], i & 1 ? DelayedWorkQueue : CriticalWorkQueue);
    }
    CHECK_EQ(KeWaitForSingleObject(&all_run, Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(items_run, ITEMS);
}

static VOID block_at_gate(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    KeWaitForSingleObject(&gate, Executive, KernelMode, FALSE, NULL);
    if (__atomic_add_fetch(&items_run, 1, __ATOMIC_SEQ_CST) == 13)
        KeSetEvent(&all_run, 0, FALSE);
}

static VOID open_gate(PVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    KeSetEvent(&gate, 0, FALSE);
}

TEST(work_items__twelve_blocked__the_next_still_runs)
{
    KeInitializeEvent(&all_run, NotificationEvent, FALSE);
    KeInitializeEvent(&gate, NotificationEvent, FALSE);
    for (int i = 0; i < 13; i++) {
        ExInitializeWorkItem(&items[i], block_at_gate, NULL);
        ExQueueWorkItem(&items[i], DelayedWorkQueue);
    }
    ExInitializeWorkItem(&items[13], open_gate, NULL);
    ExQueueWorkItem(&items[13], DelayedWorkQueue);
    CHECK_EQ(KeWaitForSingleObject(&all_run, Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
}

/* --- locks --- */

static FAST_MUTEX mutex;
static KSPIN_LOCK spin;
static LONG guarded; /* plain */

static ULONG count_up(PVOID parameter)
{
    for (int i = 0; i < 5000; i++) {
        KIRQL old;
        if (parameter != NULL) {
            ExAcquireFastMutex(&mutex);
            guarded++;
            ExReleaseFastMutex(&mutex);
        } else {
            KeAcquireSpinLock(&spin, &old);
            guarded++;
            KeReleaseSpinLock(&spin, old);
        }
    }
    return KeGetCurrentIrql();
}

TEST(locks__three_threads__exclude_each_other)
{
    HANDLE threads[3];
    for (int round = 0; round < 2; round++) {
        guarded = 0;
        ExInitializeFastMutex(&mutex);
        KeInitializeSpinLock(&spin);
        for (int i = 0; i < 3; i++)
            threads[i] = start_thread(count_up, round ? &mutex : NULL);
        for (int i = 0; i < 3; i++)
            CHECK_EQ(join_thread(threads[i]), PASSIVE_LEVEL);
        CHECK_EQ(guarded, 15000);
    }
    CHECK_EQ(mutex.Count, 1);
    CHECK_EQ(ExTryToAcquireFastMutex(&mutex), TRUE);
    CHECK_EQ(KeGetCurrentIrql(), APC_LEVEL);
    ExReleaseFastMutex(&mutex);
}

TEST(irql__spin_lock__raises_and_restores)
{
    KIRQL old;
    KeInitializeSpinLock(&spin);
    KeAcquireSpinLock(&spin, &old);
    CHECK_EQ(old, PASSIVE_LEVEL);
    CHECK_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
    KeReleaseSpinLock(&spin, old);
    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

TEST(interlocked_lists__insert_and_remove__report_neighbours)
{
    LIST_ENTRY head, a, b;
    InitializeListHead(&head);
    KeInitializeSpinLock(&spin);
    CHECK(ExInterlockedInsertTailList(&head, &a, &spin) == NULL);
    CHECK(ExInterlockedInsertTailList(&head, &b, &spin) == &a);
    CHECK(ExInterlockedRemoveHeadList(&head, &spin) == &a);
    CHECK(ExInterlockedInsertHeadList(&head, &a, &spin) == &b);
    CHECK(ExInterlockedRemoveHeadList(&head, &spin) == &a);
    CHECK(ExInterlockedRemoveHeadList(&head, &spin) == &b);
    CHECK(ExInterlockedRemoveHeadList(&head, &spin) == NULL);
}

/* --- user pointers --- */

TEST(user_memory__bad_pointers__are_statuses)
{
    ULONG value = 5, copy = 0;
    CHECK_EQ(ExCopyFromUser(&copy, &value, sizeof value, 4), STATUS_SUCCESS);
    CHECK_EQ(copy, 5);
    CHECK_EQ(ExCopyFromUser(&copy, NULL, sizeof value, 4), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(ExCopyFromUser(&copy, (PVOID)0x20000, sizeof value, 4), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(ExCopyFromUser(&copy, (PCHAR)&value + 1, 2, 4), STATUS_DATATYPE_MISALIGNMENT);
    CHECK_EQ(ExCopyToUser((PVOID)0x20000, &value, sizeof value, 4), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(ExCopyToUser(&copy, &value, 0, 4), STATUS_SUCCESS);
    CHECK_EQ(ExProbeUserRange(NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(ExProbeUserRange(NULL, 1), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(ExProbeUserRange(&value, ~(SIZE_T)0), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(ExProbeUserRange((PVOID)~(ULONG_PTR)0xFF, 16), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(ExProbeUserRange(&value, 4), STATUS_SUCCESS);
}
