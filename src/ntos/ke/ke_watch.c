/* SPDX-License-Identifier: MIT */
/*
 * ke_watch.c - the watch: the one background thread that polls what nobody else polls.
 *
 * Layer: ntos. NT counterpart: none. Made when first needed. It looks at all pollers at intervals from
 * KE_POLLER_GRACE_MS upward, and takes the role of one that it finds free and armed twice with nobody having
 * had the role in between: a thread that polls only now and then need not be disturbed. It can lead several:
 * each is nested in a poller of the watch's own, level-triggered. A role goes back as soon as a thread
 * joins that poller, and ends when nothing is armed there. When nothing happens for some intervals it
 * sleeps until KiWakeWatch. Its place in the rules of progress: ke_poller.c, P5 to P7.
 */
#include "ke/ki_poller.h"

#define KI_GRACE_100NS ((LONGLONG)KE_POLLER_GRACE_MS * 10000)
#define KI_WATCH_MAX_100NS (KI_GRACE_100NS * 8)
#define KI_WATCH_IDLE_TICKS 12

static struct {
    struct host_poller *Host; /* its own: what it leads is nested here */
    EX_LOCK StartLock;
    ULONG Started;            /* atomic */
    ULONG Asleep;             /* 1 while it sleeps for good; atomic */
    LIST_ENTRY Led;           /* the thread's alone, as all below */
    ULONG IdleTicks;
    LONGLONG Interval;
    ULONGLONG NextLook;
} KiWatch;

static VOID KiWatchThread(PVOID Context);

/* A failure is not final: whoever needs the thread next tries again. */
static VOID KiStartWatch(VOID)
{
    host_lock_acquire(&KiWatch.StartLock.Host);
    if (__atomic_load_n(&KiWatch.Started, __ATOMIC_ACQUIRE) == 0
        && (KiWatch.Host != NULL || NT_SUCCESS(host_poller_create(&KiWatch.Host)))
        && NT_SUCCESS(KiStartHelperThread(KiWatchThread, NULL)))
        __atomic_store_n(&KiWatch.Started, 1, __ATOMIC_RELEASE);
    host_lock_release(&KiWatch.StartLock.Host);
}

VOID KiWakeWatch(VOID)
{
    if (__atomic_load_n(&KiWatch.Started, __ATOMIC_ACQUIRE) == 0)
        KiStartWatch();
    else if (__atomic_load_n(&KiWatch.Asleep, __ATOMIC_SEQ_CST) != 0
        && __atomic_exchange_n(&KiWatch.Asleep, 0, __ATOMIC_SEQ_CST) != 0)
        host_poller_wake(KiWatch.Host);
}

/* --- what it leads --- */

static void KiNestedReady(struct host_source *Source, uint32_t Events)
{
    KE_POLLER *Poller = CONTAINING_RECORD(Source, KE_POLLER, Nest);
    ULONG Before = KiCurrentThread->PollerWork;

    UNREFERENCED_PARAMETER(Events);
    (void)host_poller_run(Poller->Host, 0);
    Poller->Useless = KiCurrentThread->PollerWork == Before;
}

/* A free role becomes the watch's. FALSE: it could not be nested. */
_Requires_lock_held_(KePollerLock) static BOOLEAN KiTakeRole(KE_POLLER *Poller)
{
    Poller->Nest = (struct host_source){.handler = KiNestedReady};
    Poller->Useless = FALSE;
    if (!NT_SUCCESS(host_source_add_poller(KiWatch.Host, &Poller->Nest, Poller->Host)))
        return FALSE;
    KiSetRole(Poller, RoleBackground);
    InsertTailList(&KiWatch.Led, &Poller->LedLink);
    return TRUE;
}

/*
 * Gives up the roles that a follower wants, those with nothing armed any more, and those in which there was nothing
 * to do: a thread that always finds data on a connection never waits, and every arrival there would wake
 * the watch for nothing. It may have the role again when nobody has come meanwhile.
 */
static VOID KiReviewLed(VOID)
{
    PLIST_ENTRY Entry = KiWatch.Led.Flink;
    while (Entry != &KiWatch.Led) {
        KE_POLLER *Poller = CONTAINING_RECORD(Entry, KE_POLLER, LedLink);
        PKTHREAD Promoted;
        BOOLEAN Mine = TRUE;

        Entry = Entry->Flink;
        KiLockPoller(Poller);
        Promoted = KiPromoteFollower(Poller);
        if (Promoted != NULL) {
            Mine = FALSE;
        } else if (!KiIsArmed(Poller)) {
            /* As in P2: write Role, then look once more for an Arm that still read the old one. */
            KiSetRole(Poller, RoleNone);
            Mine = KiIsArmed(Poller);
            if (Mine)
                KiSetRole(Poller, RoleBackground);
        } else if (Poller->Useless) {
            KiSetRole(Poller, RoleOpen);
            Poller->SeenNeeded = FALSE;
            Mine = FALSE;
        }
        if (!Mine) {
            RemoveEntryList(&Poller->LedLink);
            host_source_remove(&Poller->Nest);
        }
        KiUnlockPoller(Poller);
        KiWakePromoted(Promoted);
        if (!Mine)
            KeDereferencePoller(Poller);
    }
}

/* --- looking --- */

/* With the role free: is something armed? An open role that nobody needs, if Stale, is taken back (P7). */
_Requires_lock_held_(KePollerLock) static BOOLEAN KiIsNeeded(KE_POLLER *Poller, BOOLEAN Stale)
{
    if (Poller->Role > RoleOpen)
        return FALSE;
    if (Stale && !KiIsArmed(Poller) && Poller->Role == RoleOpen)
        KiSetRole(Poller, RoleNone);
    return KiIsArmed(Poller);
}

/* One look at one poller. Returns TRUE while something goes on there. The reference is consumed. */
static BOOLEAN KiLook(KE_POLLER *Poller)
{
    PKTHREAD Promoted = NULL;
    BOOLEAN Taken = FALSE, Changed, Needed;

    KiLockPoller(Poller);
    Changed = Poller->Generation != Poller->SeenGeneration;
    Needed = KiIsNeeded(Poller, !Changed);
    if (Needed && (Poller->Role == RoleNone || (Poller->SeenNeeded && !Changed)))
        Promoted = KiPromoteFollower(Poller);
    if (Needed && Promoted == NULL && Poller->SeenNeeded && !Changed)
        Taken = KiTakeRole(Poller);
    Poller->SeenGeneration = Poller->Generation;
    Poller->SeenNeeded = Needed && Promoted == NULL && !Taken;
    if (Poller->SeenNeeded && (!Changed || !IsListEmpty(&Poller->Followers)))
        KiWatch.Interval = KI_GRACE_100NS;
    KiUnlockPoller(Poller);
    KiWakePromoted(Promoted);
    /* What is put off is not an event: it does not wake who is nested here. */
    if (Taken && host_poller_owes(Poller->Host))
        host_poller_wake(Poller->Host);
    else
        (void)KiPayOwed(Poller, KiCurrentThread);
    if (!Taken)
        KeDereferencePoller(Poller);
    return Needed || Changed;
}

/* Looks at all pollers. */
static VOID KiLookAround(VOID)
{
    KE_POLLER *Poller = KiNextPoller(NULL);
    BOOLEAN Busy = FALSE;

    if (KiWatch.Interval < KI_WATCH_MAX_100NS)
        KiWatch.Interval *= 2;
    while (Poller != NULL) {
        KE_POLLER *Next = KiNextPoller(Poller);
        Busy |= KiLook(Poller);
        Poller = Next;
    }
    KiWatch.IdleTicks = Busy ? 0 : KiWatch.IdleTicks + 1;
    KiWatch.NextLook = KeQueryInterruptTime() + (ULONGLONG)KiWatch.Interval;
}

/* Is somebody needed anywhere? With Asleep written before (P5). */
static BOOLEAN KiIsWatchNeeded(VOID)
{
    KE_POLLER *Poller = KiNextPoller(NULL);
    BOOLEAN Needed = FALSE;
    while (Poller != NULL) {
        KE_POLLER *Next = KiNextPoller(Poller);
        KiLockPoller(Poller);
        Needed |= KiIsNeeded(Poller, TRUE);
        KiUnlockPoller(Poller);
        KeDereferencePoller(Poller);
        Poller = Next;
    }
    return Needed;
}

static VOID KiSleepForGood(PKTHREAD Thread)
{
    __atomic_store_n(&KiWatch.Asleep, 1, __ATOMIC_SEQ_CST);
    if (!KiIsWatchNeeded()) {
        Thread->InHandler = TRUE;
        (void)host_poller_run(KiWatch.Host, -1);
        Thread->InHandler = FALSE;
    }
    /* If it was what it leads that woke it, it goes back to sleep: nothing else has changed. */
    if (__atomic_exchange_n(&KiWatch.Asleep, 0, __ATOMIC_SEQ_CST) == 0) {
        KiWatch.IdleTicks = 0;
        KiWatch.Interval = KI_GRACE_100NS;
        KiWatch.NextLook = 0;
    }
}

static VOID KiWatchThread(PVOID Context)
{
    PKTHREAD Thread = KeGetCurrentThread();

    UNREFERENCED_PARAMETER(Context);
    host_thread_set_name("ntsock-poller");
    InitializeListHead(&KiWatch.Led);
    KiWatch.Interval = KI_GRACE_100NS / 2;
    for (;;) {
        ULONGLONG Now = KeQueryInterruptTime();
        if (Now >= KiWatch.NextLook) {
            KiLookAround();
            Now = KeQueryInterruptTime();
        }
        if (KiWatch.IdleTicks > KI_WATCH_IDLE_TICKS) {
            KiSleepForGood(Thread);
        } else {
            Thread->InHandler = TRUE;
            (void)host_poller_run(KiWatch.Host,
                KiWatch.NextLook > Now ? (LONGLONG)(KiWatch.NextLook - Now) : 0);
            Thread->InHandler = FALSE;
        }
        KiReviewLed();
    }
}
