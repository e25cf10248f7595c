/* SPDX-License-Identifier: MIT */
/*
 * locks.h - every lock class of the stack, outermost first. This file is the lock order table.
 *
 * Layer: ntos, used by every layer above host. clang -Wthread-safety -Wthread-safety-beta checks the
 * annotations; debug builds also keep a per-thread record of held classes (KeAssertNoLocksHeld), because
 * the compiler cannot look through function pointers.
 *
 * Rules
 *  L1  Nothing is completed, called down, indicated or called back with a lock held.
 *  L2  Never two locks of one class. The exception is a function of its own, ordered by address
 *      and excluded from analysis: KiLockAllObjects (wait-all).
 *  L3  A lock guards memory, never a wait.
 */
#ifndef NTOS_LOCKS_H
#define NTOS_LOCKS_H

#include <sal.h>
#include <stdint.h>

#include "host_thread.h"

#if defined(__clang__)
#define TSA(x) __attribute__((x))
#else
#define TSA(x)
#endif

#undef _Guarded_by_
#undef _Acquires_lock_
#undef _Releases_lock_
#undef _Requires_lock_held_
#undef _Requires_lock_not_held_
#define _Guarded_by_(l) TSA(guarded_by(l))
#define _Acquires_lock_(l) TSA(acquire_capability(l))
#define _Releases_lock_(l) TSA(release_capability(l))
#define _Requires_lock_held_(l) TSA(requires_capability(l))
#define _Requires_lock_not_held_(l) TSA(locks_excluded(l))
#define LOCK_AFTER(l) TSA(acquired_after(l))
#define LOCK_UNCHECKED TSA(no_thread_safety_analysis)

struct TSA(capability("lock class")) LOCK_CLASS {
    int Unused;
};

/* The order. Ranks are the same order as numbers, for the run-time check. */
#define LOCK_CLASSES(X)                                                                              \
    X(IoDatabaseLock, 1)      /* drivers, devices, attachment, symbolic links, load and unload */    \
    X(ObHandleTableLock, 2)   /* allocation of handle slots; look-up takes no lock */                \
    X(ObNameSpaceLock, 3)     /* named objects */                                                    \
    X(Ws2CatalogLock, 4)      /* provider catalog, start-up count, socket table growth */            \
    X(MsafdSocketLock, 5)     /* one provider socket's state */                                      \
    X(AfdEndpointLock, 6)     /* one endpoint */                                                     \
    X(TlEndpointLock, 7)      /* one transport endpoint */                                           \
    X(TlEngineLock, 8)        /* an engine's tables */                                               \
    X(IoCsqLock, 9)           /* one cancel-safe queue inside the stack */                           \
    X(IoPortFileLock, 10)     /* files with a completion port */                                     \
    X(IoIrpListLock, 11)      /* a thread's list of IRPs */                                          \
    X(KePollerListLock, 12)   /* all pollers */                                                      \
    X(KePollerLock, 13)       /* the role of polling and the threads that sleep meanwhile */         \
    X(KiTimerLock, 14)        /* the timer table and the DPC queue */                                \
    X(KiApcLock, 15)          /* a thread's APC queue */                                             \
    X(KiQueueThreadLock, 16)  /* which queue a thread takes from */                                  \
    X(KiObjectLock, 17)       /* one dispatcher object (a bit in its header) */                      \
    X(KiThreadListLock, 18)   /* all threads, and the mutants they own */                            \
    X(ExWorkQueueLock, 19)                                                                           \
    X(ExKeyedEventLock, 20)   /* one keyed event's threads */                                        \
    X(ExLookasideLock, 21)                                                                           \
    X(ExPoolLock, 22)         /* pool tag table */                                                   \
    X(Win32TableLock, 23)     /* win32's small tables, its address waits: leaves of the order */     \
    X(UserTableLock, 24)      /* windows, classes and message queues */                              \
    X(FsdTableLock, 25)       /* the host files that are open, their sharing: a leaf */              \
    X(Win32PoolLock, 26)      /* the thread pool: its pools, objects, timers and waits: a leaf */    \
    X(AfdGroupLock, 27)       /* socket groups: a leaf */

enum LOCK_RANK {
#define X(name, rank) name##Rank = rank,
    LOCK_CLASSES(X)
#undef X
};

extern struct LOCK_CLASS IoDatabaseLock;
extern struct LOCK_CLASS ObHandleTableLock LOCK_AFTER(IoDatabaseLock);
extern struct LOCK_CLASS ObNameSpaceLock LOCK_AFTER(ObHandleTableLock);
extern struct LOCK_CLASS Ws2CatalogLock LOCK_AFTER(ObNameSpaceLock);
extern struct LOCK_CLASS MsafdSocketLock LOCK_AFTER(Ws2CatalogLock);
extern struct LOCK_CLASS AfdEndpointLock LOCK_AFTER(MsafdSocketLock);
extern struct LOCK_CLASS TlEndpointLock LOCK_AFTER(AfdEndpointLock);
extern struct LOCK_CLASS TlEngineLock LOCK_AFTER(TlEndpointLock);
extern struct LOCK_CLASS IoCsqLock LOCK_AFTER(TlEngineLock);
extern struct LOCK_CLASS IoPortFileLock LOCK_AFTER(IoCsqLock);
extern struct LOCK_CLASS IoIrpListLock LOCK_AFTER(IoPortFileLock);
extern struct LOCK_CLASS KePollerListLock LOCK_AFTER(IoIrpListLock);
extern struct LOCK_CLASS KePollerLock LOCK_AFTER(KePollerListLock);
extern struct LOCK_CLASS KiTimerLock LOCK_AFTER(KePollerLock);
extern struct LOCK_CLASS KiApcLock LOCK_AFTER(KiTimerLock);
extern struct LOCK_CLASS KiQueueThreadLock LOCK_AFTER(KiApcLock);
extern struct LOCK_CLASS KiObjectLock LOCK_AFTER(KiQueueThreadLock);
extern struct LOCK_CLASS KiThreadListLock LOCK_AFTER(KiObjectLock);
extern struct LOCK_CLASS ExWorkQueueLock LOCK_AFTER(KiThreadListLock);
extern struct LOCK_CLASS ExKeyedEventLock LOCK_AFTER(ExWorkQueueLock);
extern struct LOCK_CLASS ExLookasideLock LOCK_AFTER(ExKeyedEventLock);
extern struct LOCK_CLASS ExPoolLock LOCK_AFTER(ExLookasideLock);
extern struct LOCK_CLASS Win32TableLock LOCK_AFTER(ExPoolLock);
extern struct LOCK_CLASS UserTableLock LOCK_AFTER(Win32TableLock);
extern struct LOCK_CLASS FsdTableLock LOCK_AFTER(UserTableLock);
extern struct LOCK_CLASS Win32PoolLock LOCK_AFTER(FsdTableLock);
extern struct LOCK_CLASS AfdGroupLock LOCK_AFTER(Win32PoolLock);

/* Debug builds: the ranks this thread holds, one bit each. */
#if defined(DBG) && DBG
void KeRecordLockAcquired(unsigned Rank); /* asserts that no rank >= Rank is held */
void KeRecordLockReleased(unsigned Rank);
void KeAssertNoLocksHeld(const char *Where); /* nor a spin lock of a driver */
#else
#define KeRecordLockAcquired(r) ((void)0)
#define KeRecordLockReleased(r) ((void)0)
#define KeAssertNoLocksHeld(w) ((void)0)
#endif

/*
 * EX_LOCK - four bytes, sleeps by futex, not recursive. A layer wraps it in two functions named for the
 * object and annotated with the class, for example
 *
 *     static inline void AfdLockEndpoint(AFD_ENDPOINT *Endpoint) _Acquires_lock_(AfdEndpointLock)
 *         LOCK_UNCHECKED { ExAcquireLock(&Endpoint->Lock, AfdEndpointLockRank); }
 */
typedef struct EX_LOCK {
    struct host_lock Host;
} EX_LOCK;

static inline void ExAcquireLock(EX_LOCK *Lock, unsigned Rank)
{
    (void)Rank;
    KeRecordLockAcquired(Rank);
    host_lock_acquire(&Lock->Host);
}
static inline void ExReleaseLock(EX_LOCK *Lock, unsigned Rank)
{
    (void)Rank;
    host_lock_release(&Lock->Host);
    KeRecordLockReleased(Rank);
}

/* A lock that is held for a few instructions, or rarely for the walk of a list: no host call is made under it. */
typedef struct EX_SPIN {
    struct host_spin Host;
} EX_SPIN;

static inline void ExAcquireSpin(EX_SPIN *Spin, unsigned Rank)
{
    (void)Rank;
    KeRecordLockAcquired(Rank);
    host_spin_acquire(&Spin->Host);
}
static inline void ExReleaseSpin(EX_SPIN *Spin, unsigned Rank)
{
    (void)Rank;
    host_spin_release(&Spin->Host);
    KeRecordLockReleased(Rank);
}

#endif
