/* SPDX-License-Identifier: MIT */
/*
 * ki.h - the private part of ke: the thread object, waits in progress, parking.
 *
 * Layer: ntos, folders ke, ex and rtl only. NT counterpart: the kernel's internal interfaces.
 */
#ifndef NTOS_KE_KI_H
#define NTOS_KE_KI_H

#include <wdm.h>

#include <ntapi.h>

#include "ex.h"
#include "iomgr.h"
#include "ke.h"
#include "ob.h"

#include "host_slab.h"

#define KI_NO_DEADLINE ((ULONGLONG)MAXLONGLONG)

/* --- a wait in progress --- */

/*
 * KI_WAIT.Status. A wait lives on its thread's stack, so that a completion routine that runs inside a
 * wait (the thread was polling) may itself test objects.
 *
 *   KiWaitPending --a signaller, compare-and-swap under the object's lock--> KiWaitClaimed
 *   KiWaitClaimed --the same signaller, after it released the lock--> the result
 *   KiWaitPending --the waiting thread, compare-and-swap--> the result (time-out, alert, all taken)
 *
 * Whoever wins the swap, and nobody else, consumes a signal for this wait. A claimant has taken its
 * wait block off the object's list before it publishes the result, and touches neither the object nor
 * the wait after that: both may be gone.
 */
#define KiWaitPending 0x7FFFFFFF
#define KiWaitClaimed 0x7FFFFFFE

typedef struct KI_WAIT {
    LONG Status;
    NTSTATUS Result; /* the claimant's, until it publishes it */
    PKTHREAD Thread;
    struct KI_WAIT *WakeNext; /* the claimant's list of waits to publish */
} KI_WAIT;

typedef struct KI_WAIT_BLOCK {
    KWAIT_BLOCK Public; /* BlockState: on the object's list; guarded by the object's lock */
    KI_WAIT *Wait;
} KI_WAIT_BLOCK;

/* Waits claimed while an object's lock was held, to be published after. */
typedef struct KI_WAKE_LIST {
    KI_WAIT *First;
    KI_WAIT **Last;
} KI_WAKE_LIST;

static inline VOID KiInitializeWakeList(KI_WAKE_LIST *List)
{
    List->First = NULL;
    List->Last = &List->First;
}

/* --- the thread object --- */

enum KI_PARK_MODE { ParkNone, ParkFutex, ParkDirect, ParkPoller };
enum KI_POLLER_STATE { PollerNotJoined, PollerFollower, PollerLeader };

#define EX_TAG_SLOTS 256 /* counters of the pool: ex_pool.c */

typedef struct KI_CACHE_LIST {
    SINGLE_LIST_ENTRY Head;
    ULONG Depth; /* this and Tag are read by other threads for diagnostics: atomic, relaxed */
    ULONG Tag;
} KI_CACHE_LIST;

/*
 * A thread. The body of an object of ObpThreadType, made by PsCreateThread, or at first use for threads
 * that something else made (main, pthread_create, std::thread). Alive while it runs, since it holds a
 * reference to itself, and while handles or references exist. Fields are the thread's own unless noted.
 *
 * I1  A thread parks only with WakeWord seen 0 after ParkMode was written.
 * I2  A waker that may outlive what made it valid (a published wait, a done completion) counts itself
 *     in Users first; a thread that ends waits until Users is 0.
 */
typedef struct _KTHREAD {
    DISPATCHER_HEADER Header; /* signalled when the thread has ended */

    /* parking; shared with wakers, atomic */
    ULONG WakeWord;
    ULONG ParkMode; /* KI_PARK_MODE */
    LONG Users;
    LONG WakeFd; /* event descriptor for ParkDirect, -1 until first needed */
    KE_POLLER *ParkedPoller;
    ULONG WakesSent; /* system calls that the thread made to wake others; its own */

    /* polling role */
    ULONG PollerState;        /* KI_POLLER_STATE; written under KePollerLock; atomic */
    KE_POLLER *JoinedPoller;  /* while PollerState is not PollerNotJoined; kept alive by the wait */
    ULONG PollerWork;         /* what runs of pollers have done; its own */
    BOOLEAN InHandler;        /* inside host_poller_run, in handlers or waiting */
    BOOLEAN DirectValid;
    BOOLEAN Alertable;        /* in an alertable wait; atomic */
    BOOLEAN Alerted;          /* atomic */
    LIST_ENTRY PollerEntry;   /* among the poller's followers; KePollerLock */
    KE_DIRECT_WAIT Direct;

    /* the queue it took from last, ke_queue.c */
    EX_LOCK QueueLock;
    KE_QUEUE *Queue;          /* written under KiQueueThreadLock; read by the thread itself without; atomic */
    LIST_ENTRY QueueEntry;    /* in its Threads; the queue's object lock */
    struct KI_QUEUE_WAIT *QueueWait; /* a wait for a queue in progress */
    BOOLEAN QueueCounted;     /* is one of the queue's Running */
    BOOLEAN QueueMore;        /* there were many entries when it took the last: KiIsMany */
    BOOLEAN Owing;            /* it has put something off (KePollerOwe), and has not waited for its queue since */
    const KE_POLLER *QueuePoller; /* its queue's, to compare */

    /* user APCs */
    EX_LOCK ApcLock;
    BOOLEAN ApcPending;       /* the list is not empty; written under the lock; atomic */
    BOOLEAN ApcQueueable;     /* KiApcLock */
    BOOLEAN System;
    BOOLEAN Foreign;          /* attached, not made by PsCreateThread */
    LIST_ENTRY ApcList;       /* KiApcLock */
    LIST_ENTRY TimerList;     /* KI_TIMER_OBJECTs that queue APCs here; KiTimerLock */

    LIST_ENTRY MutantList;    /* KMUTANTs owned; KiThreadListLock */

    ULONG LastError;
    ULONG Number;
    ULONG ExitStatus; /* STATUS_PENDING until the end; atomic */
    ULONG ExitCode;   /* what ExitStatus will be */
    LONG SuspendCount; /* atomic; the thread sleeps on it before it starts */
    LONG CriticalRegion;
    BOOLEAN Worker;   /* one of the work queue's */

    PS_THREAD_ROUTINE *StartRoutine;
    PKSTART_ROUTINE SystemRoutine;
    PVOID StartContext;

    KI_CACHE_LIST Caches[ExCacheMax];
    LONG PoolBlocks[EX_TAG_SLOTS + 1]; /* allocated minus freed by it, by tag; read by others for diagnostics: atomic */
    struct host_slab_kept KeptBlocks;
    LIST_ENTRY ThreadListEntry; /* KiThreadListLock */
} KTHREAD;

/* The calling thread, NULL before its first use of the stack. KeGetCurrentThread attaches. */
extern __thread PKTHREAD KiCurrentThread __attribute__((tls_model("initial-exec")));

/* Guards the list of threads and the lists of mutants they own. */
extern EX_LOCK KiThreadLock;
extern LIST_ENTRY KiThreadListHead;

_Acquires_lock_(KiThreadListLock) LOCK_UNCHECKED static inline VOID KiLockThreadList(VOID)
{
    ExAcquireLock(&KiThreadLock, KiThreadListLockRank);
}
_Releases_lock_(KiThreadListLock) LOCK_UNCHECKED static inline VOID KiUnlockThreadList(VOID)
{
    ExReleaseLock(&KiThreadLock, KiThreadListLockRank);
}

/* --- ke_object.c: the lock of a dispatcher object is the top bit of its type --- */

#define KI_OBJECT_LOCKED 0x80
#define KiObjectType(h) (__atomic_load_n(&(h)->Type, __ATOMIC_RELAXED) & ~KI_OBJECT_LOCKED)
#define KiReadState(h) __atomic_load_n(&(h)->SignalState, __ATOMIC_RELAXED)
#define KiWriteState(h, v) __atomic_store_n(&(h)->SignalState, (v), __ATOMIC_RELAXED)

VOID KiLockObjectSlow(PDISPATCHER_HEADER Header);

static inline VOID KiLockObjectBit(PDISPATCHER_HEADER Header)
{
    UCHAR Type = (UCHAR)KiObjectType(Header);
    if (!__atomic_compare_exchange_n(&Header->Type, &Type, (UCHAR)(Type | KI_OBJECT_LOCKED), FALSE,
            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        KiLockObjectSlow(Header);
}
static inline VOID KiUnlockObjectBit(PDISPATCHER_HEADER Header)
{
    __atomic_store_n(&Header->Type, (UCHAR)KiObjectType(Header), __ATOMIC_RELEASE);
}

_Acquires_lock_(KiObjectLock) LOCK_UNCHECKED static inline VOID KiLockObject(PDISPATCHER_HEADER Header)
{
    KeRecordLockAcquired(KiObjectLockRank);
    KiLockObjectBit(Header);
}
_Releases_lock_(KiObjectLock) LOCK_UNCHECKED static inline VOID KiUnlockObject(PDISPATCHER_HEADER Header)
{
    KiUnlockObjectBit(Header);
    KeRecordLockReleased(KiObjectLockRank);
}

VOID KiInitializeHeader(PDISPATCHER_HEADER Header, UCHAR Type, SIZE_T Size, LONG State);
BOOLEAN KiIsSignaled(PDISPATCHER_HEADER Header, PKTHREAD Thread);
/* Takes the signal for Thread: index, or STATUS_ABANDONED_WAIT_0 + index. */
_Requires_lock_held_(KiObjectLock) NTSTATUS KiConsumeSignal(PDISPATCHER_HEADER Header, PKTHREAD Thread,
    ULONG Index);
/* Gives the object's signal to the waits it satisfies, first come first served. */
_Requires_lock_held_(KiObjectLock) VOID KiSatisfyWaits(PDISPATCHER_HEADER Header, KI_WAKE_LIST *Wake);
VOID KiPublishWaits(KI_WAKE_LIST *Wake); /* no lock held */
/* Sets SignalState to 1 and satisfies waits: end of a thread. */
VOID KiSignalObject(PDISPATCHER_HEADER Header);

/* --- ke_event.c, ke_mutant.c: forms with a status, for the native API --- */
NTSTATUS KiReleaseSemaphore(PRKSEMAPHORE Semaphore, LONG Adjustment, PLONG Previous);
NTSTATUS KiReleaseMutant(PRKMUTANT Mutant, PLONG Previous);
VOID KiInitializeMutant(PRKMUTANT Mutant, PKTHREAD Owner);
VOID KiTakeMutant(PRKMUTANT Mutant, PKTHREAD Thread) _Requires_lock_held_(KiObjectLock);
VOID KiAbandonMutants(PKTHREAD Thread);
VOID KiDeleteMutant(PVOID Object); /* ObpMutantType.DeleteProcedure */

/* --- ke_park.c --- */
VOID KiWake(PKTHREAD Thread);
/* One sleep. Returns after a wake-up, spuriously, or at the deadline; TRUE: the deadline has passed. */
BOOLEAN KiPark(PKTHREAD Thread, ULONGLONG Deadline);
BOOLEAN KiParkOn(KE_POLLER *Poller, PKTHREAD Thread, ULONGLONG Deadline); /* leads that poller; NULL: no one */
/* At the end of a wait that may have called KiPark. Busy as KiPollerLeave. */
VOID KiEndPark(PKTHREAD Thread, BOOLEAN Busy);
LONGLONG KiTimeLeft(ULONGLONG Deadline);
VOID KiAssertMayBlock(PKTHREAD Thread);
BOOLEAN KiBeginAlertable(PKTHREAD Thread, BOOLEAN Alertable); /* returns what to give to KiEndAlertable */
VOID KiEndAlertable(PKTHREAD Thread, BOOLEAN Previous);

/* --- ke_poller.c --- */
extern KE_POLLER *KiDefaultPoller; /* atomic; NULL until first used */
BOOLEAN KiPollerJoin(KE_POLLER *Poller, PKTHREAD Thread); /* TRUE: the thread leads */
/* Busy: the thread goes to do the little that a packet asks for, and is back. */
VOID KiPollerLeave(PKTHREAD Thread, BOOLEAN Busy);
VOID KiPollerLead(KE_POLLER *Poller, PKTHREAD Thread, LONGLONG Left);
VOID KiPollerPassOn(KE_POLLER *Poller); /* who left the role open blocks or ends */
/* Does what was put off, if there is any and nobody polls. */
BOOLEAN KiPayOwed(KE_POLLER *Poller, PKTHREAD Thread);
BOOLEAN KiPollOnce(KE_POLLER *Poller, PKTHREAD Thread); /* handles what is ready if nobody polls; FALSE: did not */

/* --- ke_queue.c --- */
/* A thread that counts as running for its queue is about to block, and has woken. */
VOID KiQueueThreadBlocks(PKTHREAD Thread);
VOID KiQueueThreadResumes(PKTHREAD Thread);
/* Before a sleep, led by Poller or none: what the thread has put off is done. TRUE: do not sleep, look again. */
BOOLEAN KiPayBeforeSleep(PKTHREAD Thread, const KE_POLLER *Poller);
VOID KiLeaveQueue(PKTHREAD Thread); /* takes from no queue any more: end of the thread */

/* --- ke_apc.c --- */
/* In an alertable wait: STATUS_ALERTED, STATUS_USER_APC or STATUS_SUCCESS for nothing. Consumes the alert. */
NTSTATUS KiTakeAlert(PKTHREAD Thread);
BOOLEAN KiDeliverApcs(PKTHREAD Thread);
VOID KiRundownApcs(PKTHREAD Thread);
_Acquires_lock_(KiApcLock) LOCK_UNCHECKED static inline VOID KiLockApcs(PKTHREAD Thread)
{
    ExAcquireLock(&Thread->ApcLock, KiApcLockRank);
}
_Releases_lock_(KiApcLock) LOCK_UNCHECKED static inline VOID KiUnlockApcs(PKTHREAD Thread)
{
    ExReleaseLock(&Thread->ApcLock, KiApcLockRank);
}

/* --- ke_timer.c --- */

/* Body of a timer made by NtCreateTimer. */
typedef struct KI_TIMER_OBJECT {
    KTIMER Timer;
    KAPC Apc;
    PKTHREAD ApcThread;        /* referenced; NULL: no APC. KiTimerLock */
    LIST_ENTRY ApcThreadEntry; /* in its TimerList; KiTimerLock */
    PTIMER_APC_ROUTINE ApcRoutine; /* KiTimerLock */
} KI_TIMER_OBJECT;

extern EX_LOCK KiTimerTableLock;
_Acquires_lock_(KiTimerLock) LOCK_UNCHECKED static inline VOID KiLockTimers(VOID)
{
    ExAcquireLock(&KiTimerTableLock, KiTimerLockRank);
}
_Releases_lock_(KiTimerLock) LOCK_UNCHECKED static inline VOID KiUnlockTimers(VOID)
{
    ExReleaseLock(&KiTimerTableLock, KiTimerLockRank);
}
_Requires_lock_held_(KiTimerLock) VOID KiWakeTimerThread(VOID);
VOID KiDeleteTimer(PVOID Object); /* ObpTimerType.DeleteProcedure */
/* The thread's timers with APCs are cancelled when it ends. [doc:synchapi/setwaitabletimer] */
VOID KiRundownTimers(PKTHREAD Thread);
NTSTATUS KiSetTimerObject(KI_TIMER_OBJECT *Object, LARGE_INTEGER DueTime, LONG PeriodMs,
    PTIMER_APC_ROUTINE ApcRoutine, PVOID ApcContext, PBOOLEAN PreviousState);
VOID KiCancelTimerObject(KI_TIMER_OBJECT *Object, PBOOLEAN PreviousState);
/* DPCs run on the timer thread. */
extern LIST_ENTRY KiDpcQueue; /* KiTimerLock */
_Requires_lock_held_(KiTimerLock) BOOLEAN KiQueueDpc(PRKDPC Dpc, PVOID Arg1, PVOID Arg2);
VOID KiRunDpcs(VOID);

/* --- ke_thread.c --- */
VOID KiInitializeThread(PKTHREAD Thread);
VOID KiAdoptThread(PKTHREAD Thread); /* Thread is the calling thread's, until it ends */
VOID KiListThread(PKTHREAD Thread); /* from then on it is found by its number */
VOID KiUnlistThread(PKTHREAD Thread);
/* Our own threads: a thread that belongs to the stack, for ever. STATUS_INSUFFICIENT_RESOURCES. */
_Must_inspect_result_ NTSTATUS KiStartHelperThread(VOID (*Routine)(PVOID), PVOID Context);

/* Leaves an object of the stack itself out of the counts of what is outstanding (-1), or takes it in again. */
VOID KiCountObject(OBJECT_TYPE *Type, LONG Objects);

/* --- ex --- */
/* ex_pool.c: the calling thread has its object, or has it no more. It is in the list of threads until after. */
VOID ExpBeginThread(PKTHREAD Thread);
VOID ExpEndThread(PKTHREAD Thread);
/* ex_cache.c */
VOID ExpFreeThreadCaches(PKTHREAD Thread);
VOID ExpAdjustPoolUsage(ULONG Tag, LONG Blocks);
VOID ExpWorkerBlocks(VOID); /* a worker thread is about to sleep in a wait, and has woken */
VOID ExpWorkerResumes(VOID);

#endif
