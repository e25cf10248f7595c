/* SPDX-License-Identifier: MIT */
/* wdm_ke.h - the kernel part of wdm.h: dispatcher objects, waits, spin locks, IRQL. Include wdm.h. */
#ifndef _WDM_KE_H_
#define _WDM_KE_H_

NTSOCK_EXTERN_C_BEGIN

/*
 * IRQL. There are no interrupts in a process: a level is a number kept per thread, raised by spin
 * locks, so that rules such as "IoCallDriver at or below DISPATCH_LEVEL" can be checked.
 */
typedef UCHAR KIRQL, *PKIRQL;
#define PASSIVE_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2

typedef enum _MODE { KernelMode, UserMode, MaximumMode } MODE;
typedef enum _KWAIT_REASON { Executive, FreePage, PageIn, PoolAllocation, DelayExecution, Suspended,
    UserRequest, WrExecutive, WrQueue = 15 } KWAIT_REASON;

struct _KTHREAD;
typedef struct _KTHREAD *PKTHREAD, *PRKTHREAD;
typedef struct _KTHREAD *PETHREAD; /* one structure serves both */
struct _EPROCESS;
typedef struct _EPROCESS *PEPROCESS;
typedef LONG KPRIORITY;

/*
 * Head of every object that can be waited for. Lock is the union of the type bytes; its top bit of
 * the first byte is the object's own lock and belongs to the kernel.
 */
typedef struct _DISPATCHER_HEADER {
    __extension__ union {
        volatile LONG Lock;
        __extension__ struct {
            UCHAR Type;
            UCHAR Absolute;
            UCHAR Size; /* in LONGs */
            UCHAR Inserted;
        };
    };
    LONG SignalState;
    LIST_ENTRY WaitListHead; /* KWAIT_BLOCK.WaitListEntry */
} DISPATCHER_HEADER, *PDISPATCHER_HEADER;

typedef struct _KEVENT {
    DISPATCHER_HEADER Header;
} KEVENT, *PKEVENT, *PRKEVENT;

typedef struct _KSEMAPHORE {
    DISPATCHER_HEADER Header;
    LONG Limit;
} KSEMAPHORE, *PKSEMAPHORE, *PRKSEMAPHORE;

typedef struct _KMUTANT {
    DISPATCHER_HEADER Header;
    LIST_ENTRY MutantListEntry; /* in the owner's list, for abandonment */
    struct _KTHREAD *OwnerThread;
    BOOLEAN Abandoned;
    UCHAR ApcDisable;
} KMUTANT, *PKMUTANT, *PRKMUTANT, KMUTEX, *PKMUTEX, *PRKMUTEX;

struct _KDPC;
typedef VOID KDEFERRED_ROUTINE(struct _KDPC *Dpc, PVOID DeferredContext, PVOID SystemArgument1,
    PVOID SystemArgument2);
typedef KDEFERRED_ROUTINE *PKDEFERRED_ROUTINE;
typedef struct _KDPC {
    LIST_ENTRY DpcListEntry;
    volatile ULONG_PTR Queued;
    PKDEFERRED_ROUTINE DeferredRoutine;
    PVOID DeferredContext;
    PVOID SystemArgument1;
    PVOID SystemArgument2;
    PVOID DpcData;
} KDPC, *PKDPC, *PRKDPC;

typedef struct _KTIMER {
    DISPATCHER_HEADER Header;
    ULARGE_INTEGER DueTime; /* interrupt time, 100 ns */
    LIST_ENTRY TimerListEntry;
    struct _KDPC *Dpc;
    ULONG Processor;
    ULONG Period; /* milliseconds; 0 is once */
} KTIMER, *PKTIMER, *PRKTIMER;

typedef struct _KWAIT_BLOCK {
    LIST_ENTRY WaitListEntry;
    UCHAR WaitType; /* WAIT_TYPE */
    UCHAR BlockState;
    USHORT WaitKey;
    ULONG Spare;
    struct _KTHREAD *Thread;
    PVOID Object;
} KWAIT_BLOCK, *PKWAIT_BLOCK;
#define THREAD_WAIT_OBJECTS 3

typedef enum _KAPC_ENVIRONMENT { OriginalApcEnvironment, AttachedApcEnvironment, CurrentApcEnvironment,
    InsertApcEnvironment } KAPC_ENVIRONMENT;
struct _KAPC;
typedef VOID (*PKNORMAL_ROUTINE)(PVOID NormalContext, PVOID SystemArgument1, PVOID SystemArgument2);
typedef VOID (*PKKERNEL_ROUTINE)(struct _KAPC *Apc, PKNORMAL_ROUTINE *NormalRoutine,
    PVOID *NormalContext, PVOID *SystemArgument1, PVOID *SystemArgument2);
typedef VOID (*PKRUNDOWN_ROUTINE)(struct _KAPC *Apc);
typedef struct _KAPC {
    UCHAR Type;
    UCHAR SpareByte0;
    UCHAR Size;
    UCHAR SpareByte1;
    ULONG SpareLong0;
    struct _KTHREAD *Thread;
    LIST_ENTRY ApcListEntry;
    PKKERNEL_ROUTINE KernelRoutine;
    PKRUNDOWN_ROUTINE RundownRoutine;
    PKNORMAL_ROUTINE NormalRoutine;
    PVOID NormalContext;
    PVOID SystemArgument1;
    PVOID SystemArgument2;
    CCHAR ApcStateIndex;
    KPROCESSOR_MODE ApcMode;
    BOOLEAN Inserted;
} KAPC, *PKAPC, *PRKAPC;

/* A mutual exclusion lock; waits by futex, never by spinning for long. Same size as Windows'. */
typedef ULONG_PTR KSPIN_LOCK, *PKSPIN_LOCK;

typedef struct _FAST_MUTEX {
    LONG Count;
    PVOID Owner;
    ULONG Contention;
    KEVENT Event;
    ULONG OldIrql;
} FAST_MUTEX, *PFAST_MUTEX;

/* --- events, semaphores, mutants, timers: as documented; Increment and Wait are ignored --- */
NTKERNELAPI VOID KeInitializeEvent(_Out_ PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State);
NTKERNELAPI LONG KeSetEvent(_Inout_ PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait);
NTKERNELAPI LONG KeResetEvent(_Inout_ PRKEVENT Event);
NTKERNELAPI LONG KePulseEvent(_Inout_ PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait);
NTKERNELAPI VOID KeClearEvent(_Inout_ PRKEVENT Event);
NTKERNELAPI LONG KeReadStateEvent(_In_ PRKEVENT Event);
NTKERNELAPI VOID KeInitializeSemaphore(_Out_ PRKSEMAPHORE Semaphore, LONG Count, LONG Limit);
NTKERNELAPI LONG KeReleaseSemaphore(_Inout_ PRKSEMAPHORE Semaphore, KPRIORITY Increment,
    LONG Adjustment, BOOLEAN Wait);
NTKERNELAPI LONG KeReadStateSemaphore(_In_ PRKSEMAPHORE Semaphore);
NTKERNELAPI VOID KeInitializeMutex(_Out_ PRKMUTEX Mutex, ULONG Level);
NTKERNELAPI LONG KeReleaseMutex(_Inout_ PRKMUTEX Mutex, BOOLEAN Wait);
NTKERNELAPI LONG KeReadStateMutex(_In_ PRKMUTEX Mutex);
NTKERNELAPI VOID KeInitializeTimer(_Out_ PKTIMER Timer);
NTKERNELAPI VOID KeInitializeTimerEx(_Out_ PKTIMER Timer, TIMER_TYPE Type);
NTKERNELAPI BOOLEAN KeSetTimer(_Inout_ PKTIMER Timer, LARGE_INTEGER DueTime, _In_opt_ PKDPC Dpc);
NTKERNELAPI BOOLEAN KeSetTimerEx(_Inout_ PKTIMER Timer, LARGE_INTEGER DueTime, LONG PeriodMs,
    _In_opt_ PKDPC Dpc);
NTKERNELAPI BOOLEAN KeCancelTimer(_Inout_ PKTIMER Timer);
NTKERNELAPI BOOLEAN KeReadStateTimer(_In_ PKTIMER Timer);
NTKERNELAPI VOID KeInitializeDpc(_Out_ PRKDPC Dpc, PKDEFERRED_ROUTINE Routine, _In_opt_ PVOID Context);
NTKERNELAPI BOOLEAN KeInsertQueueDpc(_Inout_ PRKDPC Dpc, _In_opt_ PVOID Arg1, _In_opt_ PVOID Arg2);
NTKERNELAPI BOOLEAN KeRemoveQueueDpc(_Inout_ PRKDPC Dpc);

/*
 * KeWaitForSingleObject, KeWaitForMultipleObjects - wait for dispatcher objects. Timeout in 100 ns,
 * negative relative, positive absolute system time, NULL for ever. WaitBlockArray may be NULL for up
 * to MAXIMUM_WAIT_OBJECTS. Returns STATUS_WAIT_0 + index, STATUS_ABANDONED_WAIT_0 + index,
 * STATUS_TIMEOUT, STATUS_USER_APC or STATUS_ALERTED (alertable only). [ddi:KeWaitForSingleObject]
 */
NTKERNELAPI NTSTATUS KeWaitForSingleObject(_In_ PVOID Object, KWAIT_REASON Reason,
    KPROCESSOR_MODE Mode, BOOLEAN Alertable, _In_opt_ PLARGE_INTEGER Timeout);
NTKERNELAPI NTSTATUS KeWaitForMultipleObjects(ULONG Count, _In_ PVOID Objects[], WAIT_TYPE Type,
    KWAIT_REASON Reason, KPROCESSOR_MODE Mode, BOOLEAN Alertable, _In_opt_ PLARGE_INTEGER Timeout,
    _In_opt_ PKWAIT_BLOCK WaitBlockArray);
#define KeWaitForMutexObject KeWaitForSingleObject
NTKERNELAPI NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE Mode, BOOLEAN Alertable,
    _In_ PLARGE_INTEGER Interval);

NTKERNELAPI PKTHREAD KeGetCurrentThread(VOID);
#define PsGetCurrentThread() ((PETHREAD)KeGetCurrentThread())
NTKERNELAPI HANDLE PsGetCurrentThreadId(VOID);
NTKERNELAPI HANDLE PsGetCurrentProcessId(VOID);
NTKERNELAPI PEPROCESS PsGetCurrentProcess(VOID);
#define IoGetCurrentProcess PsGetCurrentProcess
NTKERNELAPI KPROCESSOR_MODE ExGetPreviousMode(VOID);

NTKERNELAPI VOID KeQuerySystemTime(_Out_ PLARGE_INTEGER CurrentTime); /* 100 ns since 1601 UTC */
NTKERNELAPI ULONGLONG KeQueryInterruptTime(VOID);                     /* 100 ns, monotonic */
NTKERNELAPI VOID KeQueryTickCount(_Out_ PLARGE_INTEGER TickCount);
NTKERNELAPI ULONG KeQueryTimeIncrement(VOID);
NTKERNELAPI LARGE_INTEGER KeQueryPerformanceCounter(_Out_opt_ PLARGE_INTEGER Frequency);
NTKERNELAPI VOID KeStallExecutionProcessor(ULONG Microseconds);

NTKERNELAPI VOID KeInitializeSpinLock(_Out_ PKSPIN_LOCK Lock);
NTKERNELAPI KIRQL KeAcquireSpinLockRaiseToDpc(_Inout_ PKSPIN_LOCK Lock);
NTKERNELAPI VOID KeReleaseSpinLock(_Inout_ PKSPIN_LOCK Lock, KIRQL NewIrql);
NTKERNELAPI VOID KeAcquireSpinLockAtDpcLevel(_Inout_ PKSPIN_LOCK Lock);
NTKERNELAPI VOID KeReleaseSpinLockFromDpcLevel(_Inout_ PKSPIN_LOCK Lock);
#define KeAcquireSpinLock(l, i) (*(i) = KeAcquireSpinLockRaiseToDpc(l))
#define KefAcquireSpinLockAtDpcLevel KeAcquireSpinLockAtDpcLevel
#define KefReleaseSpinLockFromDpcLevel KeReleaseSpinLockFromDpcLevel
NTKERNELAPI KIRQL KeGetCurrentIrql(VOID);
NTKERNELAPI KIRQL KfRaiseIrql(KIRQL NewIrql);
NTKERNELAPI VOID KeLowerIrql(KIRQL NewIrql);
#define KeRaiseIrql(n, o) (*(o) = KfRaiseIrql(n))
NTKERNELAPI VOID KeEnterCriticalRegion(VOID);
NTKERNELAPI VOID KeLeaveCriticalRegion(VOID);
NTKERNELAPI ULONG KeQueryActiveProcessorCount(_Out_opt_ PKAFFINITY ActiveProcessors);

NTKERNELAPI VOID ExInitializeFastMutex(_Out_ PFAST_MUTEX Mutex);
NTKERNELAPI VOID ExAcquireFastMutex(_Inout_ PFAST_MUTEX Mutex);
NTKERNELAPI VOID ExReleaseFastMutex(_Inout_ PFAST_MUTEX Mutex);
NTKERNELAPI BOOLEAN ExTryToAcquireFastMutex(_Inout_ PFAST_MUTEX Mutex);

/* System threads. StartRoutine runs on a new thread of the process. [ddi:PsCreateSystemThread] */
typedef VOID KSTART_ROUTINE(PVOID StartContext);
typedef KSTART_ROUTINE *PKSTART_ROUTINE;
NTKERNELAPI NTSTATUS PsCreateSystemThread(_Out_ PHANDLE ThreadHandle, ULONG DesiredAccess,
    _In_opt_ POBJECT_ATTRIBUTES ObjectAttributes, _In_opt_ HANDLE ProcessHandle,
    _Out_opt_ PVOID ClientId, PKSTART_ROUTINE StartRoutine, _In_opt_ PVOID StartContext);
NTKERNELAPI NTSTATUS PsTerminateSystemThread(NTSTATUS ExitStatus);

DECLSPEC_NORETURN NTKERNELAPI VOID KeBugCheckEx(ULONG Code, ULONG_PTR P1, ULONG_PTR P2, ULONG_PTR P3,
    ULONG_PTR P4);

/* Checked like the DDK's; assertions are part of debug builds and of every driver that wants them. */
DECLSPEC_NORETURN NTKERNELAPI VOID RtlAssert(_In_ PVOID FailedAssertion, _In_ PVOID FileName,
    ULONG LineNumber, _In_opt_ PSTR Message);
#if defined(DBG) && DBG
#define ASSERT(e) ((e) ? (void)0 : RtlAssert((PVOID)#e, (PVOID)__FILE__, __LINE__, NULL))
#define PAGED_CODE() ASSERT(KeGetCurrentIrql() <= APC_LEVEL)
#else
#define ASSERT(e) ((void)sizeof(!(e)))
#define PAGED_CODE() ((void)0)
#endif
#define NT_ASSERT ASSERT

NTSOCK_EXTERN_C_END

#endif /* _WDM_KE_H_ */
