/* SPDX-License-Identifier: MIT */
/*
 * win32_pool.h - the thread pool: what its files share.
 *
 * Layer: win32, private; NT counterpart: the thread pool of ntdll (Tp and Rtl functions), on which
 * kernel32's functions stand. One design for all of them:
 *
 *   TP_POOL    a completion port, the worker threads that take packets from it, and a queue of objects
 *              with callbacks to run. Each callback that is queued is one packet without key (a
 *              token); whoever takes a token runs the next callback of the object whose turn it is. A packet with
 *              a key is the completion of an operation on a file.
 *   objects    work, timers, waits, I/O, and the old API's forms of them: a TPP_OBJECT at the head.
 *   services   one thread for all timers (win32_pool_timer.c), one for each 63 waits (win32_pool_wait.c).
 *
 * Everything is guarded by one lock, Win32PoolLock; no native call is made and nothing is called back
 * with it held.
 *
 * Life: a pool has a reference from its creator (the process's pool: none), from each object and from
 * each thread; the last closes its port. An object has one from its creator, one for each callback
 * that is queued or runs, and short ones. Threads end when there has been nothing to do for
 * TPP_IDLE_MS, and at once when Win32TrimPool asks.
 */
#ifndef WIN32_POOL_H
#define WIN32_POOL_H

#include "win32_pool_native.h"

#define TPP_IDLE_MS 5000       /* then a thread without work ends */
#define TPP_WATCH_MS 500       /* how often the last worker looks whether bound files are still open */
#define TPP_GROWTH_MS 10       /* no callback begun for so long, all workers busy: one more */
#define TPP_THREADS_MAX 500    /* [doc:threadpoolapiset/setthreadpoolthreadmaximum] */
#define TPP_STACK_RESERVE 0x100000
#define TPP_STACK_COMMIT 0x1000

typedef struct TPP_OBJECT TPP_OBJECT;

struct _TP_CLEANUP_GROUP {
    _Guarded_by_(Win32PoolLock) LIST_ENTRY Members; /* TPP_OBJECT.GroupEntry */
};

typedef enum TPP_KIND {
    TppSimple,
    TppSimpleLegacy, /* QueueUserWorkItem */
    TppWork,
    TppTimer,
    TppTimerLegacy, /* of a timer queue */
    TppWait,
    TppWaitLegacy, /* RegisterWaitForSingleObject */
    TppIo,
    TppGrowth /* a pool's own timer, no object */
} TPP_KIND;

/*
 * Invariants: I1 Queued exactly while Pending > 0 and Kind is not TppIo. I2 each of Pending and each
 * callback that runs has a reference. I3 Running counts only callbacks
 * still associated, Detached the others.
 */
struct TPP_OBJECT {
    LONG References; /* atomic */
    TPP_KIND Kind;
    PTP_POOL Pool; /* referenced */
    PTP_CLEANUP_GROUP Group; /* NULL: none */
    PTP_CLEANUP_GROUP_CANCEL_CALLBACK GroupCancel;
    PTP_SIMPLE_CALLBACK Finalization;
    union {
        PTP_SIMPLE_CALLBACK Simple;
        LPTHREAD_START_ROUTINE Start;
        PTP_WORK_CALLBACK Work;
        PTP_TIMER_CALLBACK Timer;
        PTP_WAIT_CALLBACK Wait;
        WAITORTIMERCALLBACK WaitOrTimer;
        PTP_WIN32_IO_CALLBACK Io;
        TPP_IO_CALLBACK NativeIo; /* TP_IO.Native */
    } Callback;
    PVOID Context;
    UCHAR Priority;
    BOOLEAN LongFunction;
    _Guarded_by_(Win32PoolLock) BOOLEAN Released; /* by its creator, or by its group */
    _Guarded_by_(Win32PoolLock) BOOLEAN Queued;
    _Guarded_by_(Win32PoolLock) BOOLEAN InGroup;
    LIST_ENTRY QueueEntry;
    LIST_ENTRY GroupEntry;
    _Guarded_by_(Win32PoolLock) ULONG Pending; /* callbacks queued; I/O: operations announced */
    _Guarded_by_(Win32PoolLock) ULONG Running;
    _Guarded_by_(Win32PoolLock) ULONG Detached;  /* callbacks that run, disassociated */
    _Guarded_by_(Win32PoolLock) ULONG Cancelled; /* when its group was closed: so many did not run */
    _Guarded_by_(Win32PoolLock) ULONG Waiters;
    ULONG Drained; /* changes when Pending and Running have become 0; the waiters' futex */
    HANDLE CompletionEvent; /* the old API: set when the object goes; NULL: none */
};

struct _TP_WORK {
    TPP_OBJECT Object;
};

struct _TP_TIMER {
    TPP_OBJECT Object;
    _Guarded_by_(Win32PoolLock) ULONGLONG Due; /* interrupt time */
    _Guarded_by_(Win32PoolLock) ULONG PeriodMs;
    _Guarded_by_(Win32PoolLock) ULONG HeapIndex; /* 1 and more: where in the heap; 0: not armed */
    _Guarded_by_(Win32PoolLock) BOOLEAN Set;
    _Guarded_by_(Win32PoolLock) BOOLEAN Over;    /* the old API: fired for the only time */
    BOOLEAN InTimerThread;
    BOOLEAN Once;
    struct TPP_TIMER_QUEUE *Queue; /* the old API; NULL: the process's */
    LIST_ENTRY TimerQueueEntry;
};

struct _TP_POOL {
    _Guarded_by_(Win32PoolLock) LONG References;
    HANDLE Port; /* constant */
    _Guarded_by_(Win32PoolLock) LIST_ENTRY Queue[TP_CALLBACK_PRIORITY_COUNT]; /* of TPP_OBJECT */
    _Guarded_by_(Win32PoolLock) ULONG Tokens;  /* posted, or to be posted, and not taken */
    _Guarded_by_(Win32PoolLock) ULONG Lost;    /* of these, there was no memory to post them */
    _Guarded_by_(Win32PoolLock) ULONG Threads; /* running or starting */
    _Guarded_by_(Win32PoolLock) ULONG Idle;    /* of these, waiting at the port, or starting */
    _Guarded_by_(Win32PoolLock) ULONG Long;    /* of these, in callbacks that may run long */
    _Guarded_by_(Win32PoolLock) ULONG Minimum;
    _Guarded_by_(Win32PoolLock) ULONG Maximum;
    _Guarded_by_(Win32PoolLock) ULONG Objects;
    _Guarded_by_(Win32PoolLock) ULONG Started;     /* operations announced and not arrived */
    _Guarded_by_(Win32PoolLock) ULONG Begun;       /* callbacks begun, ever: progress */
    _Guarded_by_(Win32PoolLock) ULONG BegunBefore; /* when Growth was set */
    _Guarded_by_(Win32PoolLock) BOOLEAN Bound;   /* files are bound with nobody announcing operations */
    _Guarded_by_(Win32PoolLock) BOOLEAN Closing; /* no more objects: threads end when idle */
    _Guarded_by_(Win32PoolLock) TP_POOL_STACK_INFORMATION Stack;
    TP_TIMER Growth; /* only its timer part; armed: the timer thread shall look, holds a reference */
};

struct _TP_WAIT {
    TPP_OBJECT Object;
    _Guarded_by_(Win32PoolLock) HANDLE Handle; /* a duplicate; NULL: none */
    _Guarded_by_(Win32PoolLock) ULONGLONG Due; /* interrupt time, WIN32_FOREVER */
    _Guarded_by_(Win32PoolLock) struct TPP_WAIT_GROUP *Service; /* NULL: not armed */
    _Guarded_by_(Win32PoolLock) ULONG Slot;
    _Guarded_by_(Win32PoolLock) ULONG Signaled; /* of Object.Pending, so many were signals */
    ULONG TimeoutMs; /* the old API: of each round */
    BOOLEAN InWaitThread;
    BOOLEAN Once;
};

struct _TP_IO {
    TPP_OBJECT Object;
    BOOLEAN Native;  /* the callback takes an IO_STATUS_BLOCK */
    _Guarded_by_(Win32PoolLock) ULONG Skipped; /* announced, given up, and not arrived: Object stays */
};
/* On the stack of the thread that runs a callback. Only that thread uses it. */
struct _TP_CALLBACK_INSTANCE {
    TPP_OBJECT *Object;
    PTP_CALLBACK_INSTANCE Outer; /* the callback during which this one runs (an APC); NULL */
    BOOLEAN Worker;     /* a worker thread, not a service */
    BOOLEAN MayRunLong;
    BOOLEAN Disassociated;
    PCRITICAL_SECTION CriticalSection;
    HANDLE Mutex;
    HANDLE Semaphore;
    DWORD SemaphoreCount;
    HANDLE Event;
    HMODULE Library;
};

/* What a packet or an expiry brought. */
typedef struct TPP_RESULT {
    PVOID ApcContext;
    IO_STATUS_BLOCK Iosb;
    ULONG WaitResult; /* WAIT_OBJECT_0, WAIT_TIMEOUT */
} TPP_RESULT;

extern EX_LOCK TppLock;
static inline void TppAcquireLock(void) _Acquires_lock_(Win32PoolLock) LOCK_UNCHECKED
{
    ExAcquireLock(&TppLock, Win32PoolLockRank);
}
static inline void TppReleaseLock(void) _Releases_lock_(Win32PoolLock) LOCK_UNCHECKED
{
    ExReleaseLock(&TppLock, Win32PoolLockRank);
}

/* --- lists --- */
static inline VOID TppInitializeList(PLIST_ENTRY Head)
{
    Head->Flink = Head->Blink = Head;
}
static inline BOOLEAN TppListEmpty(const LIST_ENTRY *Head)
{
    return Head->Flink == Head;
}
static inline VOID TppInsertTail(PLIST_ENTRY Head, PLIST_ENTRY Entry)
{
    Entry->Flink = Head;
    Entry->Blink = Head->Blink;
    Head->Blink->Flink = Entry;
    Head->Blink = Entry;
}
static inline VOID TppRemove(PLIST_ENTRY Entry)
{
    Entry->Blink->Flink = Entry->Flink;
    Entry->Flink->Blink = Entry->Blink;
}

/* --- pools and workers (win32_pool.c) --- */
/* The process's pool, made if need be, with a reference for the caller. */
NTSTATUS TppReferenceDefaultPool(PTP_POOL *Pool);
VOID TppReferencePool(PTP_POOL Pool) _Requires_lock_held_(Win32PoolLock);
VOID TppDereferencePool(PTP_POOL Pool);
/*
 * What has to be done when the lock is released again. Zeroed, filled under the lock, and given to
 * TppFinishDeeds without it. One pool each.
 */
typedef struct TPP_DEEDS {
    PTP_POOL Pool;       /* referenced; NULL: none of the next three */
    ULONG Tokens;        /* to post */
    ULONG Threads;       /* to make; counted already */
    ULONG Wakes;         /* idle threads to be told to end */
    BOOLEAN StartTimers; /* make the timer thread */
    BOOLEAN WakeTimers;
} TPP_DEEDS;
/* One more callback of the object: counts, references, queues. */
VOID TppSubmit(TPP_OBJECT *Object, TPP_DEEDS *Deeds) _Requires_lock_held_(Win32PoolLock);
/* Sees to it that a worker waits for the completion of an operation. */
VOID TppExpectCompletion(PTP_POOL Pool, TPP_DEEDS *Deeds) _Requires_lock_held_(Win32PoolLock);
/* Fails when there is no thread and none could be made. */
NTSTATUS TppFinishDeeds(TPP_DEEDS *Deeds);
/* One thread more that need not be idle soon: CallbackMayRunLong. FALSE: there are as many as may be. */
BOOLEAN TppMayRunLong(PTP_POOL Pool, TPP_DEEDS *Deeds) _Requires_lock_held_(Win32PoolLock);
/* The pool's Growth timer has expired. */
VOID TppCheckGrowth(PTP_POOL Pool, TPP_DEEDS *Deeds) _Requires_lock_held_(Win32PoolLock);
/* An object of the pool has gone: drops its reference. */
VOID TppLeavePool(PTP_POOL Pool);

/* --- objects (win32_pool_object.c) --- */
/*
 * TppCreateObject - allocates and initialises; one reference, the caller's. Joins the environment's group. Errors:
 * STATUS_INVALID_PARAMETER (environment), STATUS_NO_MEMORY.
 */
NTSTATUS TppCreateObject(
    TPP_KIND Kind, SIZE_T Bytes, PVOID Context, PTP_CALLBACK_ENVIRON Environment, PVOID *Object);
VOID TppReferenceObject(TPP_OBJECT *Object);
/* The last reference frees it, sets its completion event, and lets its pool go. No lock held. */
VOID TppDereferenceObject(TPP_OBJECT *Object);
/* Takes back the callbacks that have not begun; returns how many references that leaves to drop. */
ULONG TppCancelPending(TPP_OBJECT *Object) _Requires_lock_held_(Win32PoolLock);
/* Waits until no callback of the object is queued or runs (or is disassociated). */
VOID TppWaitObject(TPP_OBJECT *Object, BOOL CancelPending);
/* Its creator is done with it: leaves the group and drops the creator's reference. */
VOID TppReleaseObject(TPP_OBJECT *Object);
/*
 * TppRetireObject - the end of an object of the old API, already disarmed. Event INVALID_HANDLE_VALUE: waits for
 * its callbacks; NULL or an event: STATUS_PENDING if there are any, and the event is set after the
 * last. Called by a callback of the object itself it does not wait.
 */
NTSTATUS TppRetireObject(TPP_OBJECT *Object, HANDLE Event);
/* Stops what makes callbacks: the timer, the wait. No lock held. */
VOID TppDisarmObject(TPP_OBJECT *Object);
/* Runs one callback of the object on this thread. Running has been counted; drops its reference. */
VOID TppRunCallback(TPP_OBJECT *Object, const TPP_RESULT *Result, BOOLEAN Worker);
/* Pending and Running may have become 0: wakes who waits for that. */
VOID TppCheckDrained(TPP_OBJECT *Object) _Requires_lock_held_(Win32PoolLock);

/* --- timers (win32_pool_timer.c) --- */
/* Room in the heap for one timer more, so that arming never fails; and that room given back. */
NTSTATUS TppReserveTimer(VOID);
VOID TppUnreserveTimer(VOID);
VOID TppArmTimer(PTP_TIMER Timer, ULONGLONG Due, TPP_DEEDS *Deeds) _Requires_lock_held_(Win32PoolLock);
BOOLEAN TppDisarmTimer(PTP_TIMER Timer) _Requires_lock_held_(Win32PoolLock); /* TRUE: was armed */
VOID TppWakeTimerThread(VOID);
NTSTATUS TppStartTimerThread(VOID);
VOID TppTrimTimers(VOID);
/* FILETIME or LARGE_INTEGER of the API as interrupt time; a time of the system's clock is converted now. */
ULONGLONG TppDueTime(const LARGE_INTEGER *Time);
VOID TppTimerLeftQueue(struct TPP_TIMER_QUEUE *Queue); /* win32_timer_queue.c: the timer has gone */

/* --- waits (win32_pool_wait.c) --- */
/* Ends the wait. When it returns, the object's signal is either taken and a callback queued, or untouched.
 * TRUE: it was untouched. */
BOOLEAN TppDisarmWait(PTP_WAIT Wait);
VOID TppFreeWait(PTP_WAIT Wait);
VOID TppRearmWait(PTP_WAIT Wait); /* after a callback of the old API: the next round, unless retired */
VOID TppTrimWaits(VOID);

/* --- I/O (win32_pool_io.c) --- */
VOID TppRunCompletion(ULONG_PTR Key, const TPP_RESULT *Result); /* of a packet with a key */

#endif
