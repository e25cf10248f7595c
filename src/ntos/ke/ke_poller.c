/* SPDX-License-Identifier: MIT */
/*
 * ke_poller.c - who polls: leader and followers.
 *
 * Layer: ntos. NT counterpart: none; there, interrupts and DPCs complete requests.
 *
 * One thread at a time has the role of polling. Role, Leader and the list of followers change under
 * KePollerLock; Armed is an atomic count.
 *
 *            join, Armed > 0                    join, Armed > 0; or promoted
 *   None ----------------------> Thread   Background -------------------> Thread
 *   Thread -- its own wait is over: to the newest follower if Armed > 0, else --> None
 *   None -- grace over, Armed > 0, no followers --> Background -- Armed is 0 --> None
 *
 * A thread joins when it parks for the first time in a wait, as leader or follower, and leaves when the wait is
 * over. Followers sleep on their own words, so that whatever ends their wait wakes them too. A
 * promotion is: set PollerState under the lock, release the lock, wake the thread.
 *
 * Progress: while Armed > 0, somebody polls or is about to. It can fail only in the state {Role None,
 * Armed > 0}; each way into it has somebody who sees it:
 *  P1  Arm raises Armed, then reads Role. If it reads None it takes the lock and, if that still holds,
 *      promotes a follower or wakes the background thread.
 *  P2  A leader that leaves writes Role None, then reads Armed, and does the same. Both pairs are
 *      sequentially consistent: if Arm read the Role of before the leaving, the leaver reads Armed of
 *      after the arming.
 *  P3  A thread joins under the lock: with Armed > 0 and Role None it leads. With Armed 0 it becomes a
 *      follower before it releases the lock, so that a later Arm (P1) finds it in the list.
 *  P4  A follower that is promoted although its wait has just ended finds itself leader when it leaves (the
 *      state is read under the lock) and passes the role on as in P2.
 *  P5  The background thread, before it sleeps for good, writes BackgroundAsleep, then looks at Role and Armed
 *      under the lock; who wants it looks at BackgroundAsleep after Armed was raised.
 *  P6  A thread that joins while the background thread polls becomes a follower first and wakes the poller
 *      then; the background thread looks for followers after every return from the poller.
 * A thread that polls only its own descriptor (ParkDirect) cannot lead; then the background thread does.
 *
 * The background thread is one for the process, made when first needed. When woken it watches at
 * intervals from KE_POLLER_GRACE_MS upward and takes the role when it finds {None, Armed > 0} twice with nobody
 * having had the role in between.
 */
#include "ke/ki.h"

enum KI_POLLER_ROLE { RoleNone, RoleThread, RoleBackground };

#define KI_GRACE_100NS ((LONGLONG)KE_POLLER_GRACE_MS * 10000)
#define KI_WATCH_MAX_100NS (KI_GRACE_100NS * 8)
#define KI_WATCH_IDLE_TICKS 12

struct KE_POLLER {
    struct host_poller *Host;
    LONG Armed;                /* atomic */
    ULONG Role;                /* KI_POLLER_ROLE; written under the lock, atomic */
    ULONG Generation;          /* how often the role was taken; KePollerLock */
    EX_LOCK Lock;
    LIST_ENTRY Followers;      /* newest first; KePollerLock */
    ULONG BackgroundAsleep;    /* 1 while it sleeps for good; atomic, its futex */
    ULONG BackgroundStarted;   /* atomic */
};

KE_POLLER *KiDefaultPoller;
static EX_LOCK KiDefaultPollerLock;

_Acquires_lock_(KePollerLock) LOCK_UNCHECKED static VOID KiLockPoller(KE_POLLER *Poller)
{
    ExAcquireLock(&Poller->Lock, KePollerLockRank);
}
_Releases_lock_(KePollerLock) LOCK_UNCHECKED static VOID KiUnlockPoller(KE_POLLER *Poller)
{
    ExReleaseLock(&Poller->Lock, KePollerLockRank);
}

NTSTATUS KeDefaultPoller(KE_POLLER **Poller)
{
    KE_POLLER *Found = __atomic_load_n(&KiDefaultPoller, __ATOMIC_ACQUIRE);
    NTSTATUS Status = STATUS_SUCCESS;

    if (Found == NULL) {
        host_lock_acquire(&KiDefaultPollerLock.Host);
        Found = __atomic_load_n(&KiDefaultPoller, __ATOMIC_ACQUIRE);
        if (Found == NULL) {
            static KE_POLLER Default;
            Status = host_poller_create(&Default.Host);
            if (NT_SUCCESS(Status)) {
                InitializeListHead(&Default.Followers);
                Found = &Default;
                __atomic_store_n(&KiDefaultPoller, Found, __ATOMIC_RELEASE);
            }
        }
        host_lock_release(&KiDefaultPollerLock.Host);
    }
    if (NT_SUCCESS(Status))
        *Poller = Found;
    return Status;
}

struct host_poller *KePollerHost(KE_POLLER *Poller)
{
    return Poller->Host;
}

static VOID KiSetRole(KE_POLLER *Poller, enum KI_POLLER_ROLE Role)
{
    if (Role != RoleNone)
        Poller->Generation++;
    __atomic_store_n(&Poller->Role, Role, __ATOMIC_SEQ_CST);
}

/* Gives the role to the newest follower, if there is one; the caller wakes it with KiWakePromoted. */
_Requires_lock_held_(KePollerLock) static PKTHREAD KiPromoteFollower(KE_POLLER *Poller)
{
    PKTHREAD Thread;
    if (IsListEmpty(&Poller->Followers))
        return NULL;
    Thread = CONTAINING_RECORD(RemoveHeadList(&Poller->Followers), KTHREAD, PollerEntry);
    KiSetRole(Poller, RoleThread);
    __atomic_store_n(&Thread->PollerState, PollerLeader, __ATOMIC_RELAXED);
    /* It cannot leave, and so not end, before the lock is released; after that Users holds it. */
    __atomic_add_fetch(&Thread->Users, 1, __ATOMIC_RELAXED);
    return Thread;
}

static VOID KiWakePromoted(PKTHREAD Thread)
{
    KiWake(Thread);
    __atomic_sub_fetch(&Thread->Users, 1, __ATOMIC_RELEASE);
}

static VOID KiBackgroundThread(PVOID Context);

static VOID KiWakeBackground(KE_POLLER *Poller)
{
    if (__atomic_load_n(&Poller->BackgroundStarted, __ATOMIC_ACQUIRE) == 0) {
        /* A failure is not final: whoever needs the thread next tries again. */
        if (__atomic_exchange_n(&Poller->BackgroundStarted, 1, __ATOMIC_ACQ_REL) == 0
            && !NT_SUCCESS(KiStartHelperThread(KiBackgroundThread, Poller)))
            __atomic_store_n(&Poller->BackgroundStarted, 0, __ATOMIC_RELEASE);
        return;
    }
    if (__atomic_load_n(&Poller->BackgroundAsleep, __ATOMIC_SEQ_CST) != 0
        && __atomic_exchange_n(&Poller->BackgroundAsleep, 0, __ATOMIC_SEQ_CST) != 0)
        host_futex_wake(&Poller->BackgroundAsleep, 1);
}

/* {Role None, Armed > 0} may hold: sees to it that somebody polls (P1, P2). */
static VOID KiFindPoller(KE_POLLER *Poller)
{
    PKTHREAD Promoted = NULL;
    BOOLEAN Needed;

    KiLockPoller(Poller);
    Needed = Poller->Role == RoleNone && __atomic_load_n(&Poller->Armed, __ATOMIC_SEQ_CST) > 0;
    if (Needed)
        Promoted = KiPromoteFollower(Poller);
    KiUnlockPoller(Poller);
    if (Promoted != NULL)
        KiWakePromoted(Promoted);
    else if (Needed)
        KiWakeBackground(Poller);
}

VOID KePollerArm(KE_POLLER *Poller)
{
    __atomic_add_fetch(&Poller->Armed, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&Poller->Role, __ATOMIC_SEQ_CST) == RoleNone)
        KiFindPoller(Poller);
}

VOID KePollerDisarm(KE_POLLER *Poller)
{
    LONG Armed = __atomic_sub_fetch(&Poller->Armed, 1, __ATOMIC_SEQ_CST);
    ASSERT(Armed >= 0);
    UNREFERENCED_PARAMETER(Armed);
}

BOOLEAN KiPollerJoin(KE_POLLER *Poller, PKTHREAD Thread)
{
    BOOLEAN WakeBackgroundPoll = FALSE;
    ULONG State = __atomic_load_n(&Thread->PollerState, __ATOMIC_RELAXED);

    if (State != PollerNotJoined)
        return State == PollerLeader;
    KiLockPoller(Poller);
    if (Poller->Role == RoleNone && __atomic_load_n(&Poller->Armed, __ATOMIC_SEQ_CST) > 0) {
        KiSetRole(Poller, RoleThread);
        State = PollerLeader;
    } else {
        InsertHeadList(&Poller->Followers, &Thread->PollerEntry);
        State = PollerFollower;
        WakeBackgroundPoll = Poller->Role == RoleBackground
            && __atomic_load_n(&Poller->Armed, __ATOMIC_SEQ_CST) > 0;
    }
    __atomic_store_n(&Thread->PollerState, State, __ATOMIC_RELAXED);
    KiUnlockPoller(Poller);
    if (WakeBackgroundPoll)
        host_poller_wake(Poller->Host);
    return State == PollerLeader;
}

VOID KiPollerLeave(KE_POLLER *Poller, PKTHREAD Thread)
{
    PKTHREAD Promoted = NULL;
    BOOLEAN Needed = FALSE;

    KiLockPoller(Poller);
    if (Thread->PollerState == PollerFollower) {
        RemoveEntryList(&Thread->PollerEntry);
    } else {
        KiSetRole(Poller, RoleNone);
        Needed = __atomic_load_n(&Poller->Armed, __ATOMIC_SEQ_CST) > 0;
        if (Needed)
            Promoted = KiPromoteFollower(Poller);
    }
    __atomic_store_n(&Thread->PollerState, PollerNotJoined, __ATOMIC_RELAXED);
    KiUnlockPoller(Poller);
    if (Promoted != NULL)
        KiWakePromoted(Promoted);
    else if (Needed)
        KiWakeBackground(Poller);
}

VOID KiPollerLead(KE_POLLER *Poller, PKTHREAD Thread, LONGLONG Left)
{
    Thread->InHandler = TRUE;
    (void)host_poller_run(Poller->Host, Left);
    Thread->InHandler = FALSE;
    KeAssertNoLocksHeld("poller");
}

/* --- the background thread --- */

/* Polls until a follower wants the role or nothing is armed any more. */
static VOID KiBackgroundLead(KE_POLLER *Poller, PKTHREAD Thread)
{
    PKTHREAD Promoted = NULL;
    BOOLEAN Mine = TRUE;

    while (Mine) {
        KiPollerLead(Poller, Thread, -1);
        KiLockPoller(Poller);
        Promoted = KiPromoteFollower(Poller);
        if (Promoted != NULL) {
            Mine = FALSE;
        } else if (__atomic_load_n(&Poller->Armed, __ATOMIC_SEQ_CST) == 0) {
            /* As in P2: write Role, then look once more for an Arm that still read the old one. */
            KiSetRole(Poller, RoleNone);
            Mine = __atomic_load_n(&Poller->Armed, __ATOMIC_SEQ_CST) > 0;
            if (Mine)
                KiSetRole(Poller, RoleBackground);
        }
        KiUnlockPoller(Poller);
    }
    if (Promoted != NULL)
        KiWakePromoted(Promoted);
}

/* What the background thread knows between two looks. */
typedef struct KI_WATCH {
    ULONG Generation;
    BOOLEAN Needed; /* at the last look, nobody polled although something was armed */
    ULONG IdleTicks;
    LONGLONG Interval;
} KI_WATCH;

/* One look. TRUE: the background thread has taken the role. */
static BOOLEAN KiBackgroundLook(KE_POLLER *Poller, KI_WATCH *Watch)
{
    PKTHREAD Promoted = NULL;
    BOOLEAN Taken = FALSE, Needed, Changed;

    KiLockPoller(Poller);
    Changed = Poller->Generation != Watch->Generation;
    Needed = Poller->Role == RoleNone && __atomic_load_n(&Poller->Armed, __ATOMIC_SEQ_CST) > 0;
    if (Needed)
        Promoted = KiPromoteFollower(Poller);
    if (Needed && Promoted == NULL && Watch->Needed && !Changed) {
        KiSetRole(Poller, RoleBackground);
        Taken = TRUE;
    }
    Watch->Generation = Poller->Generation;
    KiUnlockPoller(Poller);
    if (Promoted != NULL)
        KiWakePromoted(Promoted);
    Watch->Needed = Needed && Promoted == NULL;
    Watch->IdleTicks = Needed || Changed ? 0 : Watch->IdleTicks + 1;
    if (Watch->Needed)
        Watch->Interval = KI_GRACE_100NS;
    else if (Watch->Interval < KI_WATCH_MAX_100NS)
        Watch->Interval *= 2;
    return Taken;
}

static VOID KiBackgroundSleep(KE_POLLER *Poller, KI_WATCH *Watch)
{
    BOOLEAN Needed;

    __atomic_store_n(&Poller->BackgroundAsleep, 1, __ATOMIC_SEQ_CST);
    KiLockPoller(Poller);
    Needed = Poller->Role == RoleNone && __atomic_load_n(&Poller->Armed, __ATOMIC_SEQ_CST) > 0;
    KiUnlockPoller(Poller);
    while (!Needed && __atomic_load_n(&Poller->BackgroundAsleep, __ATOMIC_SEQ_CST) != 0)
        host_futex_wait(&Poller->BackgroundAsleep, 1, -1);
    __atomic_store_n(&Poller->BackgroundAsleep, 0, __ATOMIC_SEQ_CST);
    Watch->IdleTicks = 0;
    Watch->Needed = FALSE;
}

static VOID KiBackgroundThread(PVOID Context)
{
    KE_POLLER *Poller = Context;
    PKTHREAD Thread = KeGetCurrentThread();
    KI_WATCH Watch = {.Interval = KI_GRACE_100NS};

    host_thread_set_name("ntsock-poller");
    for (;;) {
        if (KiBackgroundLook(Poller, &Watch)) {
            KiBackgroundLead(Poller, Thread);
            Watch = (KI_WATCH){.Interval = KI_GRACE_100NS};
        }
        if (Watch.IdleTicks > KI_WATCH_IDLE_TICKS)
            KiBackgroundSleep(Poller, &Watch);
        else
            host_sleep_100ns((uint64_t)Watch.Interval);
    }
}
