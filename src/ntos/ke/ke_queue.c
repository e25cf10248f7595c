/* SPDX-License-Identifier: MIT */
/*
 * ke_queue.c - queues whose takers are limited in number: the kernel part of completion ports.
 *
 * Layer: ntos. NT counterpart: KQUEUE (KeInsertQueue, KeRemoveQueue, KeRundownQueue). What differs: a
 * thread that waits for a queue leads the queue's poller, and an entry that it inserts itself while it
 * polls is its own, so that nobody need be woken; otherwise the newest waiter gets it, as on NT.
 *
 * Q1  While entries are queued and Running < Limit nobody waits. Each change that could break this,
 *     an entry more or a running thread less, hands an entry to a waiter under the same lock.
 * Q2  A wait's State changes under the queue's lock, from pending to its end, once. Who ends it takes
 *     it off the list and counts the thread in before; after the change only the thread object is touched,
 *     which Users holds.
 * Q3  QueueCounted is the thread's own. It is FALSE while the thread waits for the queue: whoever gives it
 *     an entry raises Running for it.
 * Q4  Thread->Queue is set by the thread, and set to NULL by KeDeleteQueue too. Who uses it in any other
 *     place than a call on that queue, which keeps it alive, holds KiQueueThreadLock.
 */
#include "ke/ki.h"

#define KI_QUEUE_TAKES_PER_POLL 128

enum { KiQueuePending, KiQueueGiven, KiQueueAbandoned };

typedef struct KI_QUEUE_WAIT {
    LIST_ENTRY Link;
    KE_QUEUE *Queue;
    PKTHREAD Thread;
    PLIST_ENTRY Entry;
    ULONG State; /* written under the queue's lock; atomic */
} KI_QUEUE_WAIT;

_Acquires_lock_(KiQueueThreadLock) LOCK_UNCHECKED static VOID KiLockQueueThread(PKTHREAD Thread)
{
    ExAcquireLock(&Thread->QueueLock, KiQueueThreadLockRank);
}
_Releases_lock_(KiQueueThreadLock) LOCK_UNCHECKED static VOID KiUnlockQueueThread(PKTHREAD Thread)
{
    ExReleaseLock(&Thread->QueueLock, KiQueueThreadLockRank);
}

VOID KeInitializeQueue(KE_QUEUE *Queue, ULONG Limit, KE_POLLER *Poller)
{
    KiInitializeHeader(&Queue->Header, QueueObject, sizeof(DISPATCHER_HEADER), 0);
    InitializeListHead(&Queue->Entries);
    InitializeListHead(&Queue->Waiters);
    InitializeListHead(&Queue->Threads);
    Queue->Running = 0;
    Queue->Limit = Limit != 0 && Limit < MAXLONG ? (LONG)Limit : (LONG)host_cpu_count();
    Queue->RunDown = FALSE;
    Queue->Taken = 0;
    Queue->Poller = Poller;
}

/* Ends a wait; the caller wakes the thread with KiWakeGiven after it released the lock. */
_Requires_lock_held_(KiObjectLock) static PKTHREAD KiEndQueueWait(KI_QUEUE_WAIT *Wait, PLIST_ENTRY Entry,
    ULONG State)
{
    PKTHREAD Thread = Wait->Thread;
    RemoveEntryList(&Wait->Link);
    Wait->Entry = Entry;
    Wait->Queue->Running++;
    __atomic_add_fetch(&Thread->Users, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&Wait->State, State, __ATOMIC_RELEASE);
    return Thread;
}

static VOID KiWakeGiven(PKTHREAD Thread)
{
    if (Thread == NULL)
        return;
    KiWake(Thread);
    __atomic_sub_fetch(&Thread->Users, 1, __ATOMIC_RELEASE);
}

_Requires_lock_held_(KiObjectLock) static PLIST_ENTRY KiTakeEntry(KE_QUEUE *Queue)
{
    PLIST_ENTRY Entry = RemoveHeadList(&Queue->Entries);
    KiWriteState(&Queue->Header, KiReadState(&Queue->Header) - 1);
    return Entry;
}

/* A thread less runs: an entry that waited for that goes to the newest waiter (Q1). */
_Requires_lock_held_(KiObjectLock) static PKTHREAD KiReleaseQueueWaiter(KE_QUEUE *Queue)
{
    if (Queue->Running >= Queue->Limit || IsListEmpty(&Queue->Entries) || IsListEmpty(&Queue->Waiters))
        return NULL;
    return KiEndQueueWait(CONTAINING_RECORD(Queue->Waiters.Flink, KI_QUEUE_WAIT, Link), KiTakeEntry(Queue),
        KiQueueGiven);
}

/* Who gets an entry that is new: the calling thread, if it polls while it waits, else the newest. */
_Requires_lock_held_(KiObjectLock) static KI_QUEUE_WAIT *KiChooseQueueWaiter(KE_QUEUE *Queue)
{
    PKTHREAD Self = KiCurrentThread;
    KI_QUEUE_WAIT *Own = Self != NULL ? Self->QueueWait : NULL;
    if (Queue->Running >= Queue->Limit || IsListEmpty(&Queue->Waiters))
        return NULL;
    if (Own != NULL && Own->Queue == Queue && Own->State == KiQueuePending)
        return Own;
    return CONTAINING_RECORD(Queue->Waiters.Flink, KI_QUEUE_WAIT, Link);
}

BOOLEAN KeInsertQueue(KE_QUEUE *Queue, PLIST_ENTRY Entry)
{
    KI_QUEUE_WAIT *Wait;
    PKTHREAD Given = NULL;
    KI_WAKE_LIST Wake;

    KiInitializeWakeList(&Wake);
    KiLockObject(&Queue->Header);
    if (Queue->RunDown) {
        KiUnlockObject(&Queue->Header);
        return FALSE;
    }
    /* With a waiter to choose nothing is queued (Q1): the new entry is the first. */
    Wait = KiChooseQueueWaiter(Queue);
    if (Wait != NULL) {
        Given = KiEndQueueWait(Wait, Entry, KiQueueGiven);
    } else {
        InsertTailList(&Queue->Entries, Entry);
        KiWriteState(&Queue->Header, KiReadState(&Queue->Header) + 1);
        if (!IsListEmpty(&Queue->Header.WaitListHead))
            KiSatisfyWaits(&Queue->Header, &Wake);
    }
    KiUnlockObject(&Queue->Header);
    KiWakeGiven(Given);
    KiPublishWaits(&Wake);
    return TRUE;
}

/* --- threads and their queue --- */

/* The thread runs no more for its queue: what it left open there others take over. */
_Requires_lock_held_(KiQueueThreadLock) static KE_POLLER *KiReferenceQueuePoller(KE_QUEUE *Queue)
{
    if (Queue->Poller != NULL)
        KeReferencePoller(Queue->Poller);
    return Queue->Poller;
}

static BOOLEAN KiPayQueuePoller(PKTHREAD Thread)
{
    KE_POLLER *Poller = NULL;
    BOOLEAN Paid;
    KiLockQueueThread(Thread);
    if (Thread->Queue != NULL)
        Poller = KiReferenceQueuePoller(Thread->Queue);
    KiUnlockQueueThread(Thread);
    if (Poller == NULL)
        return FALSE;
    Paid = KiPayOwed(Poller, Thread);
    KeDereferencePoller(Poller);
    return Paid;
}

BOOLEAN KiPayBeforeSleep(PKTHREAD Thread, const KE_POLLER *Poller)
{
    if (!Thread->Owing || Thread->InHandler)
        return FALSE;
    Thread->Owing = FALSE;
    /* Waiting for its own queue, it leads, or somebody else does who has looked (O1). */
    return Poller != Thread->QueuePoller && KiPayQueuePoller(Thread);
}

static VOID KiPassOnQueuePoller(KE_POLLER *Poller)
{
    if (Poller == NULL)
        return;
    KiPollerPassOn(Poller);
    KeDereferencePoller(Poller);
}

VOID KiLeaveQueue(PKTHREAD Thread)
{
    PKTHREAD Given = NULL;
    KE_POLLER *Poller = NULL;
    KE_QUEUE *Queue;

    if (__atomic_load_n(&Thread->Queue, __ATOMIC_RELAXED) == NULL)
        return;
    (void)KiPayBeforeSleep(Thread, NULL);
    Thread->QueuePoller = NULL;
    Thread->QueueMore = FALSE;
    KiLockQueueThread(Thread);
    Queue = Thread->Queue;
    if (Queue != NULL) {
        /* While the thread is in the list: the queue may be deleted and gone once it has left. */
        Poller = KiReferenceQueuePoller(Queue);
        KiLockObject(&Queue->Header);
        RemoveEntryList(&Thread->QueueEntry);
        if (Thread->QueueCounted) {
            Queue->Running--;
            Given = KiReleaseQueueWaiter(Queue);
        }
        KiUnlockObject(&Queue->Header);
        __atomic_store_n(&Thread->Queue, NULL, __ATOMIC_RELAXED);
    }
    KiUnlockQueueThread(Thread);
    Thread->QueueCounted = FALSE;
    KiWakeGiven(Given);
    KiPassOnQueuePoller(Poller);
}

static VOID KiJoinQueue(PKTHREAD Thread, KE_QUEUE *Queue)
{
    KiLeaveQueue(Thread);
    Thread->QueueCounted = FALSE;
    KiLockQueueThread(Thread);
    KiLockObject(&Queue->Header);
    InsertTailList(&Queue->Threads, &Thread->QueueEntry);
    KiUnlockObject(&Queue->Header);
    __atomic_store_n(&Thread->Queue, Queue, __ATOMIC_RELAXED);
    KiUnlockQueueThread(Thread);
    Thread->QueuePoller = Queue->Poller;
}

VOID KiQueueThreadBlocks(PKTHREAD Thread)
{
    PKTHREAD Given = NULL;
    KE_POLLER *Poller = NULL;
    KE_QUEUE *Queue;

    KiLockQueueThread(Thread);
    Queue = Thread->Queue;
    if (Queue != NULL) {
        KiLockObject(&Queue->Header);
        Queue->Running--;
        Given = KiReleaseQueueWaiter(Queue);
        KiUnlockObject(&Queue->Header);
        Poller = KiReferenceQueuePoller(Queue);
    }
    KiUnlockQueueThread(Thread);
    Thread->QueueCounted = FALSE;
    KiWakeGiven(Given);
    KiPassOnQueuePoller(Poller);
}

VOID KiQueueThreadResumes(PKTHREAD Thread)
{
    KE_QUEUE *Queue;

    KiLockQueueThread(Thread);
    Queue = Thread->Queue;
    if (Queue != NULL) {
        KiLockObject(&Queue->Header);
        Queue->Running++;
        KiUnlockObject(&Queue->Header);
        Thread->QueueCounted = TRUE;
    }
    KiUnlockQueueThread(Thread);
}

VOID KeDeleteQueue(KE_QUEUE *Queue)
{
    for (;;) {
        PKTHREAD Thread;
        KiLockObject(&Queue->Header);
        if (IsListEmpty(&Queue->Threads)) {
            KiUnlockObject(&Queue->Header);
            return;
        }
        Thread = CONTAINING_RECORD(Queue->Threads.Flink, KTHREAD, QueueEntry);
        __atomic_add_fetch(&Thread->Users, 1, __ATOMIC_RELAXED); /* it may be about to end */
        KiUnlockObject(&Queue->Header);
        KiLockQueueThread(Thread);
        if (Thread->Queue == Queue) {
            KiLockObject(&Queue->Header);
            RemoveEntryList(&Thread->QueueEntry);
            KiUnlockObject(&Queue->Header);
            __atomic_store_n(&Thread->Queue, NULL, __ATOMIC_RELAXED);
        }
        KiUnlockQueueThread(Thread);
        __atomic_sub_fetch(&Thread->Users, 1, __ATOMIC_RELEASE);
    }
}

/* --- taking --- */

/* So many entries, in hand and queued, that what their owner sends is worth putting together. */
static BOOLEAN KiIsMany(const KE_QUEUE *Queue, ULONG InHand)
{
    ULONG Count = InHand + (ULONG)KiReadState(&Queue->Header);
    return Count > 1 && Count >= host_poller_batch_least();
}

/* The thread begins to wait for the queue, so it runs no more. TRUE: there is something for it, and it does. */
_Requires_lock_held_(KiObjectLock) static BOOLEAN KiTakeFromQueue(KE_QUEUE *Queue, PKTHREAD Thread,
    PLIST_ENTRY *Entries, ULONG Count, PULONG Removed)
{
    ULONG Got = 0;
    if (Thread->QueueCounted)
        Queue->Running--;
    Thread->QueueCounted = FALSE;
    if (Queue->Running >= Queue->Limit || IsListEmpty(&Queue->Entries))
        return FALSE;
    while (Got < Count && !IsListEmpty(&Queue->Entries))
        Entries[Got++] = KiTakeEntry(Queue);
    Queue->Running++;
    __atomic_store_n(&Queue->Taken, __atomic_load_n(&Queue->Taken, __ATOMIC_RELAXED) + Got, __ATOMIC_RELAXED);
    Thread->QueueCounted = TRUE;
    Thread->QueueMore = KiIsMany(Queue, Got);
    *Removed = Got;
    return TRUE;
}

/* The waiting thread gives up. FALSE: it has been given an entry meanwhile, or the queue has been run down. */
static BOOLEAN KiCancelQueueWait(KI_QUEUE_WAIT *Wait)
{
    KE_QUEUE *Queue = Wait->Queue;
    BOOLEAN Pending;
    KiLockObject(&Queue->Header);
    Pending = Wait->State == KiQueuePending;
    if (Pending) {
        RemoveEntryList(&Wait->Link);
        Queue->Running++;
    }
    KiUnlockObject(&Queue->Header);
    return Pending;
}

/* Parks until the wait has ended. User APCs are not delivered yet. */
static NTSTATUS KiBlockForQueue(KI_QUEUE_WAIT *Wait, BOOLEAN Alertable, ULONGLONG Deadline)
{
    PKTHREAD Thread = Wait->Thread;
    BOOLEAN Previous = KiBeginAlertable(Thread, Alertable);
    KE_POLLER *Poller = Wait->Queue->Poller;
    NTSTATUS Status = STATUS_SUCCESS, Alert;

    if (Poller == NULL)
        Poller = __atomic_load_n(&KiDefaultPoller, __ATOMIC_ACQUIRE);
    while (__atomic_load_n(&Wait->State, __ATOMIC_ACQUIRE) == KiQueuePending) {
        Alert = Alertable ? KiTakeAlert(Thread) : STATUS_SUCCESS;
        if (Alert != STATUS_SUCCESS) {
            if (KiCancelQueueWait(Wait)) {
                Status = Alert;
                break;
            }
            /* An alert that came too late for this wait is kept for the next. */
            if (Alert == STATUS_ALERTED)
                __atomic_store_n(&Thread->Alerted, TRUE, __ATOMIC_SEQ_CST);
        } else if (KiParkOn(Poller, Thread, Deadline) && KiCancelQueueWait(Wait)) {
            Status = STATUS_TIMEOUT;
            break;
        }
    }
    KiEndPark(Thread, Status == STATUS_SUCCESS && Wait->State == KiQueueGiven);
    KiEndAlertable(Thread, Previous);
    Thread->QueueCounted = TRUE;
    return Status;
}

/* What else is there when a wait for several entries has got its first. */
static ULONG KiTakeMore(KE_QUEUE *Queue, PLIST_ENTRY *Entries, ULONG Count)
{
    ULONG Got = 0;
    KiLockObject(&Queue->Header);
    while (Got < Count && !IsListEmpty(&Queue->Entries))
        Entries[Got++] = KiTakeEntry(Queue);
    KiUnlockObject(&Queue->Header);
    return Got;
}

static NTSTATUS KiWaitForQueue(KI_QUEUE_WAIT *Wait, PLIST_ENTRY *Entries, ULONG Count, PULONG Removed,
    BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    PKTHREAD Thread = Wait->Thread;
    NTSTATUS Status = KiBlockForQueue(Wait, Alertable, KeDeadlineFromTimeout(Timeout));

    __atomic_store_n(&Thread->QueueWait, NULL, __ATOMIC_RELAXED);
    if (Status == STATUS_USER_APC) {
        (void)KiDeliverApcs(Thread);
    } else if (Status == STATUS_SUCCESS && Wait->State == KiQueueAbandoned) {
        Status = STATUS_ABANDONED_WAIT_0;
    } else if (Status == STATUS_SUCCESS) {
        Entries[0] = Wait->Entry;
        *Removed = 1 + (Count > 1 ? KiTakeMore(Wait->Queue, Entries + 1, Count - 1) : 0);
        Thread->QueueMore = KiIsMany(Wait->Queue, *Removed);
    }
    return Status;
}

/* Nothing can be taken: what ends the call at once; STATUS_PENDING: it is to wait. */
_Requires_lock_held_(KiObjectLock) static NTSTATUS KiEndWithoutWait(KE_QUEUE *Queue, PKTHREAD Thread,
    BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    NTSTATUS Status = STATUS_PENDING;
    /* Entries that are there come before alerts, alerts before a time-out. */
    if (Queue->RunDown)
        Status = STATUS_ABANDONED_WAIT_0;
    else if (Alertable && (Status = KiTakeAlert(Thread)) == STATUS_SUCCESS)
        Status = STATUS_PENDING;
    if (Status == STATUS_PENDING && Timeout != NULL && Timeout->QuadPart == 0)
        Status = STATUS_TIMEOUT;
    if (Status != STATUS_PENDING) {
        Queue->Running++;
        Thread->QueueCounted = TRUE;
    }
    return Status;
}

/*
 * Who always finds entries, or only asks, never parks and so never polls: it does now and then, if nobody
 * else does.
 */
static VOID KiPollForQueue(KE_QUEUE *Queue, PKTHREAD Thread, PLARGE_INTEGER Timeout)
{
    BOOLEAN Empty = KiReadState(&Queue->Header) == 0;
    if (Empty ? Timeout == NULL || Timeout->QuadPart != 0
              : __atomic_load_n(&Queue->Taken, __ATOMIC_RELAXED) < KI_QUEUE_TAKES_PER_POLL)
        return;
    __atomic_store_n(&Queue->Taken, 0, __ATOMIC_RELAXED);
    (void)KiPollOnce(Queue->Poller, Thread);
}

NTSTATUS KeRemoveQueue(KE_QUEUE *Queue, PLIST_ENTRY *Entries, ULONG Count, PULONG Removed, BOOLEAN Alertable,
    PLARGE_INTEGER Timeout)
{
    PKTHREAD Thread = KeGetCurrentThread();
    KI_QUEUE_WAIT Wait;
    NTSTATUS Status;

    if (__atomic_load_n(&Thread->Queue, __ATOMIC_RELAXED) != Queue) {
        /* Before a thread belongs to the queue its APCs go before entries; afterwards entries do.
         * [test:wine/ntdll/file.c] */
        if (Alertable && KiDeliverApcs(Thread))
            return STATUS_USER_APC;
        KiJoinQueue(Thread, Queue);
    }
    if (Queue->Poller != NULL)
        KiPollForQueue(Queue, Thread, Timeout);
    KiLockObject(&Queue->Header);
    if (KiTakeFromQueue(Queue, Thread, Entries, Count, Removed)) {
        KiUnlockObject(&Queue->Header);
        return STATUS_SUCCESS;
    }
    Status = KiEndWithoutWait(Queue, Thread, Alertable, Timeout);
    if (Status != STATUS_PENDING) {
        KiUnlockObject(&Queue->Header);
        if (Status == STATUS_USER_APC)
            (void)KiDeliverApcs(Thread);
        return Status;
    }
    Wait = (KI_QUEUE_WAIT){.Queue = Queue, .Thread = Thread, .State = KiQueuePending};
    __atomic_store_n(&Thread->QueueWait, &Wait, __ATOMIC_RELAXED);
    InsertHeadList(&Queue->Waiters, &Wait.Link);
    KiUnlockObject(&Queue->Header);
    KiAssertMayBlock(Thread);
    return KiWaitForQueue(&Wait, Entries, Count, Removed, Alertable, Timeout);
}

VOID KeRundownQueue(KE_QUEUE *Queue, PLIST_ENTRY Rest)
{
    PKTHREAD Thread;

    InitializeListHead(Rest);
    KiLockObject(&Queue->Header);
    Queue->RunDown = TRUE;
    while (!IsListEmpty(&Queue->Entries))
        InsertTailList(Rest, KiTakeEntry(Queue));
    while (!IsListEmpty(&Queue->Waiters)) {
        Thread = KiEndQueueWait(CONTAINING_RECORD(Queue->Waiters.Flink, KI_QUEUE_WAIT, Link), NULL,
            KiQueueAbandoned);
        KiUnlockObject(&Queue->Header);
        KiWakeGiven(Thread);
        KiLockObject(&Queue->Header);
    }
    KiUnlockObject(&Queue->Header);
}
