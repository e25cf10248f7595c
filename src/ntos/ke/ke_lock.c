/* SPDX-License-Identifier: MIT */
/*
 * ke_lock.c - IRQL, spin locks, fast mutexes, and the debug record of locks held.
 *
 * Layer: ntos. NT counterpart: the kernel's and HAL's locks. A spin lock here is a lock that sleeps: its
 * low 32 bits are a host_lock.
 */
#include "ke/ki.h"

#include "host_system.h"

/* Not in KTHREAD: locks are taken while a thread's KTHREAD is being made, and after it is gone. */
static __thread KIRQL KiIrql __attribute__((tls_model("initial-exec")));

KIRQL KeGetCurrentIrql(VOID)
{
    return KiIrql;
}

KIRQL KfRaiseIrql(KIRQL NewIrql)
{
    KIRQL Old = KiIrql;
    if (NewIrql < Old)
        KeBugCheckEx(0x09 /* IRQL_NOT_GREATER_OR_EQUAL */, Old, NewIrql, 0, 0);
    KiIrql = NewIrql;
    return Old;
}

VOID KeLowerIrql(KIRQL NewIrql)
{
    if (NewIrql > KiIrql)
        KeBugCheckEx(0x0A /* IRQL_NOT_LESS_OR_EQUAL */, KiIrql, NewIrql, 0, 0);
    KiIrql = NewIrql;
}

static inline struct host_lock *KiSpinLockHost(PKSPIN_LOCK Lock)
{
    return (struct host_lock *)(PVOID)Lock;
}

VOID KeInitializeSpinLock(PKSPIN_LOCK Lock)
{
    *Lock = 0;
}

#if defined(DBG) && DBG
static __thread LONG KiSpinLocks __attribute__((tls_model("initial-exec"))); /* that this thread holds */
#define KiCountSpinLock(n) ((void)(KiSpinLocks += (n)))
#else
#define KiCountSpinLock(n) ((void)0)
#endif

VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK Lock)
{
    host_lock_acquire(KiSpinLockHost(Lock));
    KiCountSpinLock(1);
}

VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK Lock)
{
    KiCountSpinLock(-1);
    host_lock_release(KiSpinLockHost(Lock));
}

KIRQL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK Lock)
{
    KIRQL Old = KiIrql;
    if (Old < DISPATCH_LEVEL)
        KiIrql = DISPATCH_LEVEL;
    host_lock_acquire(KiSpinLockHost(Lock));
    KiCountSpinLock(1);
    return Old;
}

VOID KeReleaseSpinLock(PKSPIN_LOCK Lock, KIRQL NewIrql)
{
    KiCountSpinLock(-1);
    host_lock_release(KiSpinLockHost(Lock));
    KiIrql = NewIrql;
}

VOID KeEnterCriticalRegion(VOID)
{
    KeGetCurrentThread()->CriticalRegion++;
}

VOID KeLeaveCriticalRegion(VOID)
{
    PKTHREAD Thread = KeGetCurrentThread();
    ASSERT(Thread->CriticalRegion > 0);
    Thread->CriticalRegion--;
}

/* --- fast mutexes: Contention is the lock's word; Count is 1 while free, as drivers see it on NT --- */

static inline struct host_lock *KiFastMutexHost(PFAST_MUTEX Mutex)
{
    return (struct host_lock *)(PVOID)&Mutex->Contention;
}

VOID ExInitializeFastMutex(PFAST_MUTEX Mutex)
{
    RtlZeroMemory(Mutex, sizeof(*Mutex));
    Mutex->Count = 1;
    KeInitializeEvent(&Mutex->Event, SynchronizationEvent, FALSE);
}

static VOID KiOwnFastMutex(PFAST_MUTEX Mutex, PKTHREAD Thread, KIRQL Old)
{
    __atomic_store_n(&Mutex->Owner, Thread, __ATOMIC_RELAXED);
    Mutex->Count = 0;
    Mutex->OldIrql = Old;
}

VOID ExAcquireFastMutex(PFAST_MUTEX Mutex)
{
    PKTHREAD Thread = KeGetCurrentThread();
    KIRQL Old = KfRaiseIrql(APC_LEVEL);

    if (__atomic_load_n(&Mutex->Owner, __ATOMIC_RELAXED) == Thread)
        KeBugCheckEx(0xBF /* MUTEX_ALREADY_OWNED */, (ULONG_PTR)Mutex, (ULONG_PTR)Thread, 0, 0);
    host_lock_acquire(KiFastMutexHost(Mutex));
    KiOwnFastMutex(Mutex, Thread, Old);
}

BOOLEAN ExTryToAcquireFastMutex(PFAST_MUTEX Mutex)
{
    PKTHREAD Thread = KeGetCurrentThread();
    KIRQL Old = KfRaiseIrql(APC_LEVEL);

    if (!host_lock_try(KiFastMutexHost(Mutex))) {
        KeLowerIrql(Old);
        return FALSE;
    }
    KiOwnFastMutex(Mutex, Thread, Old);
    return TRUE;
}

VOID ExReleaseFastMutex(PFAST_MUTEX Mutex)
{
    KIRQL Old = (KIRQL)Mutex->OldIrql;
    __atomic_store_n(&Mutex->Owner, NULL, __ATOMIC_RELAXED);
    Mutex->Count = 1;
    host_lock_release(KiFastMutexHost(Mutex));
    KeLowerIrql(Old);
}

/* --- debug record of lock classes held --- */

#if defined(DBG) && DBG
static __thread ULONG KiHeldLocks __attribute__((tls_model("initial-exec")));

static const char *KiLockName(unsigned Rank)
{
    switch (Rank) {
#define X(name, rank) \
    case rank:        \
        return #name;
        LOCK_CLASSES(X)
#undef X
    default:
        return "unknown lock";
    }
}

void KeRecordLockAcquired(unsigned Rank)
{
    if (KiHeldLocks >> Rank != 0) {
        unsigned Held = 31u - (unsigned)__builtin_clz(KiHeldLocks);
        host_print("ntsock: lock order: %s acquired while %s is held\n", KiLockName(Rank), KiLockName(Held));
        host_abort();
    }
    KiHeldLocks |= 1u << Rank;
}

void KeRecordLockReleased(unsigned Rank)
{
    if (!(KiHeldLocks & 1u << Rank)) {
        host_print("ntsock: %s released but not held\n", KiLockName(Rank));
        host_abort();
    }
    KiHeldLocks &= ~(1u << Rank);
}

void KeAssertNoLocksHeld(const char *Where)
{
    if (KiHeldLocks != 0) {
        unsigned Held = 31u - (unsigned)__builtin_clz(KiHeldLocks);
        host_print("ntsock: %s: %s is held\n", Where, KiLockName(Held));
        host_abort();
    }
    /* DISPATCH_LEVEL alone is allowed: a DPC completes requests. [ddi:IoCompleteRequest] */
    if (KiSpinLocks > 0) {
        host_print("ntsock: %s: a spin lock is held\n", Where);
        host_abort();
    }
}
#endif
