/* SPDX-License-Identifier: MIT */
/*
 * ke.h - the kernel part of ntos as other layers of the stack use it, beyond wdm.h.
 *
 * Layer: ntos. Threads, blocking, polling. Dispatcher objects and waits are in wdm_ke.h.
 *
 * How a thread blocks. KTHREAD.WakeWord is the one word a waker changes. A blocked thread is parked in
 * one of three ways, and KiWake knows which from KTHREAD.ParkMode:
 *   ParkFutex   it sleeps on WakeWord
 *   ParkDirect  it sleeps in host_wait on descriptors of its own request plus its wake descriptor
 *   ParkPoller  it runs a KE_POLLER (it "leads") and is woken with host_poller_wake
 * The waker writes WakeWord and then reads ParkMode; the waiter writes ParkMode and then reads
 * WakeWord; both sequentially consistent, so that one of them sees the other.
 */
#ifndef NTOS_KE_H
#define NTOS_KE_H

#include <wdm.h>

#include "host_poller.h"
#include "host_socket.h"
#include "locks.h"

/* DISPATCHER_HEADER.Type, without the lock bit. [ddi:wdm, public symbols] */
enum KOBJECTS {
    EventNotificationObject = 0,
    EventSynchronizationObject = 1,
    MutantObject = 2,
    ProcessObject = 3,
    QueueObject = 4,
    SemaphoreObject = 5,
    ThreadObject = 6,
    TimerNotificationObject = 8,
    TimerSynchronizationObject = 9
};

/*
 * KE_DIRECT_WAIT - how the thread of a synchronous request can poll for that request by itself.
 *
 * The transport fills it in (KeSetDirectWait) on the requesting thread while it makes the request
 * pending, if TL_REQUEST_DIRECT allows; the thread's wait then polls Items and calls Ready when one
 * is ready. Ready runs without locks, tries to complete what is pending, and returns FALSE when
 * nothing of this thread is pending there any more: the thread then waits by futex alone.
 * Context must stay valid while the thread's request holds its file object: the transport endpoint
 * lives until IRP_MJ_CLOSE, and the caller of NtsDeviceIoControlAndWait holds a reference of its own.
 */
#define KE_DIRECT_ITEMS_MAX 1
typedef struct KE_DIRECT_WAIT {
    struct host_poll_item Item;
    BOOLEAN (*Ready)(PVOID Context, ULONG Events); /* HOST_POLL_xxx */
    PVOID Context;
} KE_DIRECT_WAIT;

VOID KeSetDirectWait(const KE_DIRECT_WAIT *Wait); /* copied; replaces an earlier one */
VOID KeClearDirectWait(VOID);

/*
 * KE_POLLER - an interest set with the rule "who waits, polls; of several one polls, the others sleep".
 *
 * There is one for the process (KeDefaultPoller), created at its first use, and one for each completion
 * port: a thread that waits for a port leads that port's poller, any other wait leads the process's.
 * A poller lives as long as somebody holds a reference: its port, and every descriptor that is
 * registered in it. KePollerArm is called when something pends that only this poller will see complete, and
 * KePollerDisarm when it has completed: while the count is not zero somebody polls: a thread that
 * is blocked in any wait, else the background thread, which takes the role when nobody else has had
 * it for KE_POLLER_GRACE_MS and gives it up when a waiter wants it.
 */
typedef struct KE_POLLER KE_POLLER;
#define KE_POLLER_GRACE_MS 2
_Must_inspect_result_ NTSTATUS KeDefaultPoller(KE_POLLER **Poller); /* not referenced: it never goes */
_Must_inspect_result_ NTSTATUS KeCreatePoller(KE_POLLER **Poller);  /* one reference, the caller's */
VOID KeReferencePoller(KE_POLLER *Poller);
VOID KeDereferencePoller(KE_POLLER *Poller); /* the last one frees it; nothing is armed or registered then */
struct host_poller *KePollerHost(KE_POLLER *Poller);
VOID KePollerArm(KE_POLLER *Poller);
VOID KePollerDisarm(KE_POLLER *Poller);
/* What the calling thread's run of a poller has found was of use to somebody; KePollerDisarm says so too. */
VOID KeNotePollerWork(VOID);
/*
 * A call of the source's handler, with HOST_POLL_OWED, that may be put off to the next time somebody polls: what
 * the caller has just armed can be done then, together with what others have put off. KePollerMayOwe: does that pay,
 * because the calling thread is to poll itself before long and has more to do until then?
 * KePollerOwe FALSE: it was not put off.
 */
BOOLEAN KePollerMayOwe(const KE_POLLER *Poller);
_Must_inspect_result_ BOOLEAN KePollerOwe(KE_POLLER *Poller, struct host_source *Source);
VOID KePayAllPollers(VOID); /* the process ends: what was put off is done now */

/*
 * KE_COMPLETION - a private one-shot event in one word: what a thread waits for in a synchronous
 * request. Cheaper than a KEVENT: no list, no object lock. One waiter: Owner.
 */
typedef struct KE_COMPLETION {
    volatile LONG Done;
    PKTHREAD Owner;
} KE_COMPLETION;
VOID KeInitializeCompletion(KE_COMPLETION *Completion); /* Owner is the calling thread */
VOID KeSignalCompletion(KE_COMPLETION *Completion);     /* the last touch: the owner may free it at once */
/*
 * KeWaitCompletion - returns STATUS_SUCCESS when done, STATUS_TIMEOUT, or, if Alertable, STATUS_USER_APC
 * after running the APCs. Polls the thread's KE_DIRECT_WAIT if set, else leads or sleeps.
 * Timeout as KeWaitForSingleObject.
 */
NTSTATUS KeWaitCompletion(KE_COMPLETION *Completion, BOOLEAN Alertable, PLARGE_INTEGER Timeout);

/*
 * KE_QUEUE - entries, first in first out, for threads that take them last in first out, of which only
 * so many run at a time: what a completion port is made of. NT's KQUEUE, with a poller.
 *
 * A thread that has taken an entry counts as running until it waits for the queue again, takes from
 * another one, ends, or blocks in any wait; it counts again, over the limit if need be, when that wait is over.
 * Header can be waited for: signalled while entries are queued, which a wait does not take.
 */
typedef struct KE_QUEUE {
    DISPATCHER_HEADER Header;         /* QueueObject; SignalState is the number of Entries; its lock guards all */
    LIST_ENTRY Entries;
    LIST_ENTRY Waiters;               /* KI_QUEUE_WAIT, newest first */
    LIST_ENTRY Threads;               /* KTHREAD.QueueEntry: those that took from it last */
    LONG Running;
    LONG Limit;
    BOOLEAN RunDown;
    ULONG Taken;                      /* entries taken without looking at the poller */
    struct KE_POLLER *Poller;         /* what its waiters lead; NULL: the process's */
} KE_QUEUE;
VOID KeInitializeQueue(KE_QUEUE *Queue, ULONG Limit, struct KE_POLLER *Poller); /* Limit 0: processors */
_Must_inspect_result_ BOOLEAN KeInsertQueue(KE_QUEUE *Queue, PLIST_ENTRY Entry); /* FALSE: run down */
/*
 * Takes up to Count entries, at least one: STATUS_SUCCESS and *Removed; STATUS_TIMEOUT; STATUS_USER_APC
 * or STATUS_ALERTED if Alertable; STATUS_ABANDONED_WAIT_0 when the queue has been run down.
 */
NTSTATUS KeRemoveQueue(KE_QUEUE *Queue, PLIST_ENTRY *Entries, ULONG Count, PULONG Removed, BOOLEAN Alertable,
    PLARGE_INTEGER Timeout);
/* Ends all waits and moves what is queued to the list; nothing can be inserted any more. */
VOID KeRundownQueue(KE_QUEUE *Queue, PLIST_ENTRY Rest);
VOID KeDeleteQueue(KE_QUEUE *Queue); /* before its memory goes; nobody uses it */

/* --- threads --- */
struct _KTHREAD; /* private to ntos/ke */
/* number shown as thread id: a multiple of 4, unique in the process while the thread lives, not 0 */
ULONG KeGetCurrentThreadNumber(VOID);
ULONG KeThreadNumber(PKTHREAD Thread);
/* last error and errors: one word per thread, used by GetLastError and WSAGetLastError */
PULONG KeGetLastErrorSlot(VOID);

/*
 * PsCreateThread - a thread object with a handle, as CreateThread needs it. StartRoutine's result is the
 * exit status. CREATE_SUSPENDED threads wait for PsResumeThread. Thread exit, in this order: TLS and
 * exit callbacks registered with PsSetThreadExitRoutine, mutants abandoned, IRPs cancelled and waited
 * for, APCs run down, object signalled.
 */
typedef ULONG PS_THREAD_ROUTINE(PVOID Parameter);
_Must_inspect_result_ NTSTATUS PsCreateThread(PHANDLE Handle, PS_THREAD_ROUTINE *StartRoutine, PVOID Parameter,
    SIZE_T StackBytes, BOOLEAN Suspended, PULONG ThreadNumber);
/* A handle to a thread of the process that has not ended. STATUS_INVALID_CID: no such number. */
_Must_inspect_result_ NTSTATUS PsOpenThread(ULONG Number, ACCESS_MASK Access, ULONG Attributes, PHANDLE Handle);
DECLSPEC_NORETURN VOID PsExitThread(ULONG ExitStatus); /* current thread; must be one of PsCreateThread */
NTSTATUS PsResumeThread(PKTHREAD Thread, PULONG PreviousSuspendCount);
ULONG PsGetThreadExitStatus(PKTHREAD Thread); /* STATUS_PENDING (259) while it runs */
VOID PsSetThreadExitRoutine(VOID (*Routine)(VOID)); /* one, for win32's TLS destructors */

/* --- user APCs; KeInsertQueueApc refuses kernel-mode ones (ke_apc.c) --- */
VOID KeInitializeApc(PRKAPC Apc, PRKTHREAD Thread, KAPC_ENVIRONMENT Environment,
    PKKERNEL_ROUTINE KernelRoutine, PKRUNDOWN_ROUTINE RundownRoutine, PKNORMAL_ROUTINE NormalRoutine,
    KPROCESSOR_MODE Mode, PVOID NormalContext);
BOOLEAN KeInsertQueueApc(PRKAPC Apc, PVOID SystemArgument1, PVOID SystemArgument2, KPRIORITY Increment);
BOOLEAN KeRemoveQueueApc(PKAPC Apc);
BOOLEAN KeTestAlertThread(VOID); /* delivers the calling thread's user APCs now; TRUE if there were any */

/*
 * KeSleepOnWord - host_futex_wait as a wait of the calling thread: others of the queue that it took an entry
 * from may run meanwhile. For locks in user mode (win32), whose slow paths are waits on NT.
 */
VOID KeSleepOnWord(const volatile VOID *Word, ULONG Value, LONGLONG Left);

/* interrupt-time deadline (100 ns) of a wait argument; MAXLONGLONG for NULL */
ULONGLONG KeDeadlineFromTimeout(PLARGE_INTEGER Timeout);

#endif
