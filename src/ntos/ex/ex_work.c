/* SPDX-License-Identifier: MIT */
/*
 * ex_work.c - work items on a small pool of threads.
 *
 * Layer: ntos. NT counterpart: ExQueueWorkItem and the executive worker threads. Workers are made on
 * demand, up to the number of processors (at least 4) that are not blocked in a wait, 16 in all,
 * and stay. Critical items come before delayed ones; within a kind, first come first served.
 */
#include "ke/ki.h"

#define EX_WORKERS_MAX 16
#define EX_WORKERS_RUNNING_MIN 4

static struct {
    EX_LOCK Lock;
    ULONG Word;    /* counts items queued; what idle workers sleep on; atomic */
    LIST_ENTRY Critical;
    LIST_ENTRY Delayed;
    ULONG Queued;
    ULONG Workers;
    ULONG Idle;
    ULONG Blocked; /* workers that sleep in a wait, inside an item */
} ExpWork = {
    .Critical = {&ExpWork.Critical, &ExpWork.Critical},
    .Delayed = {&ExpWork.Delayed, &ExpWork.Delayed},
}; /* ExWorkQueueLock */

_Acquires_lock_(ExWorkQueueLock) LOCK_UNCHECKED static VOID ExpLockWork(VOID)
{
    ExAcquireLock(&ExpWork.Lock, ExWorkQueueLockRank);
}
_Releases_lock_(ExWorkQueueLock) LOCK_UNCHECKED static VOID ExpUnlockWork(VOID)
{
    ExReleaseLock(&ExpWork.Lock, ExWorkQueueLockRank);
}

static ULONG ExpWorkersWanted(VOID)
{
    ULONG Running = host_cpu_count();
    return Running < EX_WORKERS_RUNNING_MIN ? EX_WORKERS_RUNNING_MIN : Running;
}

static VOID ExpWorkerThread(PVOID Context);

/* More items than idle workers: is another worker to be made? If so it is counted already. */
_Requires_lock_held_(ExWorkQueueLock) static BOOLEAN ExpNeedWorker(VOID)
{
    if (ExpWork.Queued <= ExpWork.Idle || ExpWork.Workers >= EX_WORKERS_MAX
        || ExpWork.Workers - ExpWork.Blocked >= ExpWorkersWanted())
        return FALSE;
    ExpWork.Workers++;
    return TRUE;
}

static VOID ExpStartWorker(VOID)
{
    if (NT_SUCCESS(KiStartHelperThread(ExpWorkerThread, NULL)))
        return;
    /* Those that exist will come to it; if there are none, the next item tries again. */
    ExpLockWork();
    ExpWork.Workers--;
    ExpUnlockWork();
}

VOID ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType)
{
    BOOLEAN Start, Wake;

    ExpLockWork();
    InsertTailList(QueueType == DelayedWorkQueue ? &ExpWork.Delayed : &ExpWork.Critical, &WorkItem->List);
    ExpWork.Queued++;
    __atomic_add_fetch(&ExpWork.Word, 1, __ATOMIC_RELEASE);
    Wake = ExpWork.Idle > 0;
    Start = ExpNeedWorker();
    ExpUnlockWork();
    if (Wake)
        host_futex_wake(&ExpWork.Word, 1);
    if (Start)
        ExpStartWorker();
}

/* The next item; sleeps while there is none. The item is the caller's, its memory its routine's. */
static WORK_QUEUE_ITEM ExpNextItem(VOID)
{
    WORK_QUEUE_ITEM Item;
    for (;;) {
        PLIST_ENTRY Entry = NULL;
        ULONG Seen;

        ExpLockWork();
        if (!IsListEmpty(&ExpWork.Critical))
            Entry = RemoveHeadList(&ExpWork.Critical);
        else if (!IsListEmpty(&ExpWork.Delayed))
            Entry = RemoveHeadList(&ExpWork.Delayed);
        if (Entry != NULL) {
            PWORK_QUEUE_ITEM Found = CONTAINING_RECORD(Entry, WORK_QUEUE_ITEM, List);
            ExpWork.Queued--;
            Found->List.Flink = NULL; /* it may be queued again, by its own routine too */
            Item = *Found;
            ExpUnlockWork();
            return Item;
        }
        ExpWork.Idle++;
        Seen = __atomic_load_n(&ExpWork.Word, __ATOMIC_ACQUIRE);
        ExpUnlockWork();
        host_futex_wait(&ExpWork.Word, Seen, -1);
        ExpLockWork();
        ExpWork.Idle--;
        ExpUnlockWork();
    }
}

static VOID ExpWorkerThread(PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    host_thread_set_name("ntsock-worker");
    KeGetCurrentThread()->Worker = TRUE;
    for (;;) {
        WORK_QUEUE_ITEM Item = ExpNextItem();
        Item.WorkerRoutine(Item.Parameter);
        KeAssertNoLocksHeld("work item");
    }
}

VOID ExpWorkerBlocks(VOID)
{
    BOOLEAN Start;
    ExpLockWork();
    ExpWork.Blocked++;
    Start = ExpNeedWorker();
    ExpUnlockWork();
    if (Start)
        ExpStartWorker();
}

VOID ExpWorkerResumes(VOID)
{
    ExpLockWork();
    ExpWork.Blocked--;
    ExpUnlockWork();
}
