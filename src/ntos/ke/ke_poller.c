/* SPDX-License-Identifier: MIT */
/*
 * ke_poller.c - who polls: leader and followers.
 *
 * Layer: ntos. NT counterpart: none; there, interrupts and DPCs complete requests.
 *
 * One thread at a time has the role of polling a poller. Role and the list of followers change under
 * KePollerLock; Armed is an atomic count.
 *
 *            join, Armed > 0                        join, Armed > 0; or promoted
 *   None ----------------------> Thread   Background ---------------------------> Thread
 *   Thread -- its own wait is over: to the newest follower if Armed > 0, else --> None
 *   Thread -- has taken a packet, leaders of this poller come back soon as a rule --> Open
 *   Open -- join --> Thread    Open -- Armed is 0, seen by the watch --> None
 *   None, Open -- nobody has come within the grace, Armed > 0 --> Background -- Armed is 0 --> None
 *   Background -- a run that was of no use --> Open
 *
 * A thread joins when it parks for the first time in a wait, as leader or follower, and leaves when the wait
 * is over. Followers sleep on their own words, so that whatever ends their wait wakes them too. A
 * promotion is: set PollerState under the lock, release the lock, wake the thread.
 *
 * A thread that waits for a completion port joins the port's poller, any other wait the process's. A port's
 * leader leaves with a packet and is back after the little work that a packet is: to wake a follower
 * each time, only to have somebody poll meanwhile, would cost more than it gives. So the role is left open.
 * How long leaders stayed away lately (Away) decides; a thread that blocks or ends meanwhile passes the
 * open role on (KiPollerPassOn), and the watch does for one that computes for long. What it arms before it
 * is back, the next request on the connection for one, wakes nobody either.
 *
 * Progress: while Armed > 0, somebody polls or is about to. It can fail only in the states {Role None or
 * Open, Armed > 0}; each way into them has somebody who sees it:
 *  P1  Arm raises Armed, then reads Role. If it reads None it takes the lock and, if that still holds,
 *      promotes a follower or wakes the watch. If it reads Open, the watch is awake (P2, P7).
 *  P2  A leader that leaves writes Role, then reads Armed, and does the same; when it leaves the role open it
 *      wakes the watch in any case. Both pairs are sequentially consistent: if Arm read the Role of before
 *      the leaving, the leaver reads Armed of after the arming.
 *  P3  A thread joins under the lock: with the role free and Armed > 0 it leads. With Armed 0 it becomes a
 *      follower before it releases the lock, so that a later Arm (P1) finds it in the list. (A port's poller
 *      that was armed once is led in any case: a thread that polls can be woken as well as one that sleeps, and
 *      need not be promoted first.)
 *  P4  A follower that is promoted although its wait has just ended finds itself leader when it leaves (the
 *      state is read under the lock) and passes the role on as in P2.
 *  P5  The watch, before it sleeps for good, writes Asleep, then looks at all pollers under their locks; who
 *      wants it looks at Asleep after Armed was raised or Role was written.
 *  P6  A thread that joins while the watch polls becomes a follower first and wakes the poller then; the
 *      watch looks for followers after every return from its poller.
 *  P7  The watch does not sleep while a role is free and Armed > 0, or open at all. It makes None of an Open
 *      that has Armed 0, and reads Armed once more then, as in P2.
 *
 * Putting off (KePollerOwe): a send that the thread whose role is open makes between two packets may wait for the
 * next run of the poller, which makes all of them in one host call. It is armed first. It is not forgotten:
 *  O1  It is put on the poller's list, then Role is read: if that is not Open any more the poller is woken. Who
 *      takes the role writes Role, then looks at the list, at each run before it sleeps. Both pairs are
 *      sequentially consistent.
 *  O2  The thread itself, before it sleeps in any other wait, takes from another queue or ends, runs the poller once
 *      (KiPayOwed), or leaves that to whoever has the role meanwhile (O1).
 *  O3  A thread that computes, or blocks in the host, does not stop it for long: while Role is Open the watch is
 *      awake (P7), and at each look it runs a poller that owes.
 *  O4  KePayAllPollers does the same when the process ends by itself (tl_kept.c).
 *
 * A thread that polls only its own descriptor (ParkDirect) cannot lead; then the watch does (ke_watch.c).
 *
 * Life of a port's poller: its references are the port's and those of the descriptors registered in it, and
 * whoever runs it has one, at least through the port's handle that it waits for. A late KiWake may still
 * look at the poller that its thread was parked in: freeing waits for those (KiAwaitLateWakers).
 */
#include "ke/ki_poller.h"

#define KI_POLLER_TAG 'oPeK'
/*
 * Below this a role is left open: some times what it costs to wake a thread, and short enough that what comes
 * meanwhile may wait for it.
 */
#define KI_AWAY_SHORT_100NS 1000
#define KI_AWAY_OWE_100NS 10000 /* a leader that stays away for longer puts nothing off */
#define KI_PAY_TRIES 1000
#define KI_AWAY_STEP_100NS 250 /* one time that took long, by preemption for example, changes little */

EX_LOCK KiPollerListLock;
LIST_ENTRY KiPollerList = {&KiPollerList, &KiPollerList};
KE_POLLER *KiDefaultPoller;
static EX_LOCK KiDefaultPollerLock;

static VOID KiInitializePoller(KE_POLLER *Poller, BOOLEAN Port)
{
    if (Port)
        host_poller_make_batches(Poller->Host);
    Poller->References = 1;
    Poller->Port = Port;
    InitializeListHead(&Poller->Followers);
    KiLockPollerList();
    InsertTailList(&KiPollerList, &Poller->Link);
    KiUnlockPollerList();
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
                KiInitializePoller(&Default, FALSE);
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

NTSTATUS KeCreatePoller(KE_POLLER **Poller)
{
    KE_POLLER *New = ExAllocatePoolZero(NonPagedPool, sizeof *New, KI_POLLER_TAG);
    NTSTATUS Status;

    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = host_poller_create(&New->Host);
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(New, KI_POLLER_TAG);
        return Status;
    }
    KiInitializePoller(New, TRUE);
    *Poller = New;
    return STATUS_SUCCESS;
}

VOID KeReferencePoller(KE_POLLER *Poller)
{
    __atomic_add_fetch(&Poller->References, 1, __ATOMIC_RELAXED);
}

/* A waker that has found its thread parked in this poller counts in the thread's Users (ki.h, I2). */
static VOID KiAwaitLateWakers(KE_POLLER *Poller)
{
    KiLockThreadList();
    for (PLIST_ENTRY Entry = KiThreadListHead.Flink; Entry != &KiThreadListHead; Entry = Entry->Flink) {
        PKTHREAD Thread = CONTAINING_RECORD(Entry, KTHREAD, ThreadListEntry);
        if (__atomic_load_n(&Thread->ParkedPoller, __ATOMIC_ACQUIRE) != Poller)
            continue;
        while (__atomic_load_n(&Thread->Users, __ATOMIC_ACQUIRE) != 0)
            host_thread_yield();
    }
    KiUnlockThreadList();
}

VOID KeDereferencePoller(KE_POLLER *Poller)
{
    if (__atomic_sub_fetch(&Poller->References, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    ASSERT(IsListEmpty(&Poller->Followers) && !KiIsArmed(Poller) && KiIsRoleFree(Poller));
    KiLockPollerList();
    RemoveEntryList(&Poller->Link);
    KiUnlockPollerList();
    KiAwaitLateWakers(Poller);
    host_poller_destroy(Poller->Host);
    ExFreePoolWithTag(Poller, KI_POLLER_TAG);
}

static BOOLEAN KiReferenceUnlessGone(KE_POLLER *Poller)
{
    LONG References = __atomic_load_n(&Poller->References, __ATOMIC_RELAXED);
    while (References != 0) {
        if (__atomic_compare_exchange_n(&Poller->References, &References, References + 1, FALSE, __ATOMIC_ACQUIRE,
                __ATOMIC_RELAXED))
            return TRUE;
    }
    return FALSE;
}

KE_POLLER *KiNextPoller(KE_POLLER *After)
{
    KE_POLLER *Found = NULL;
    KiLockPollerList();
    for (PLIST_ENTRY Entry = After != NULL ? After->Link.Flink : KiPollerList.Flink;
         Entry != &KiPollerList && Found == NULL; Entry = Entry->Flink) {
        KE_POLLER *Poller = CONTAINING_RECORD(Entry, KE_POLLER, Link);
        if (KiReferenceUnlessGone(Poller))
            Found = Poller;
    }
    KiUnlockPollerList();
    return Found;
}

struct host_poller *KePollerHost(KE_POLLER *Poller)
{
    return Poller->Host;
}

VOID KiSetRole(KE_POLLER *Poller, enum KI_POLLER_ROLE Role)
{
    if (Role > RoleOpen)
        Poller->Generation++;
    __atomic_store_n(&Poller->Role, Role, __ATOMIC_SEQ_CST);
}

PKTHREAD KiPromoteFollower(KE_POLLER *Poller)
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

VOID KiWakePromoted(PKTHREAD Thread)
{
    if (Thread == NULL)
        return;
    KiWake(Thread);
    __atomic_sub_fetch(&Thread->Users, 1, __ATOMIC_RELEASE);
}

/* The role may be free, of the state that Until includes, with Armed > 0: sees to it that somebody polls. */
static VOID KiFindPoller(KE_POLLER *Poller, enum KI_POLLER_ROLE Until)
{
    PKTHREAD Promoted = NULL;
    BOOLEAN Needed;

    KiLockPoller(Poller);
    Needed = Poller->Role <= (ULONG)Until && KiIsArmed(Poller);
    if (Needed)
        Promoted = KiPromoteFollower(Poller);
    KiUnlockPoller(Poller);
    if (Promoted != NULL)
        KiWakePromoted(Promoted);
    else if (Needed)
        KiWakeWatch();
}

VOID KePollerArm(KE_POLLER *Poller)
{
    if (!__atomic_load_n(&Poller->Used, __ATOMIC_RELAXED))
        __atomic_store_n(&Poller->Used, TRUE, __ATOMIC_RELAXED);
    __atomic_add_fetch(&Poller->Armed, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&Poller->Role, __ATOMIC_SEQ_CST) == RoleNone)
        KiFindPoller(Poller, RoleNone);
}

VOID KePollerDisarm(KE_POLLER *Poller)
{
    LONG Armed = __atomic_sub_fetch(&Poller->Armed, 1, __ATOMIC_SEQ_CST);
    ASSERT(Armed >= 0);
    UNREFERENCED_PARAMETER(Armed);
    KeNotePollerWork();
}

VOID KeNotePollerWork(VOID)
{
    if (KiCurrentThread != NULL)
        KiCurrentThread->PollerWork++;
}

BOOLEAN KePollerMayOwe(const KE_POLLER *Poller)
{
    const KTHREAD *Thread = KiCurrentThread;
    return Thread != NULL && Thread->QueueMore && Thread->QueuePoller == Poller && !Thread->InHandler
        && __atomic_load_n(&Poller->LastLeader, __ATOMIC_RELAXED) == Thread
        && __atomic_load_n(&Poller->Away, __ATOMIC_RELAXED) < KI_AWAY_OWE_100NS
        && __atomic_load_n(&Poller->Role, __ATOMIC_SEQ_CST) == RoleOpen;
}

BOOLEAN KePollerOwe(KE_POLLER *Poller, struct host_source *Source)
{
    if (!host_poller_owe(Poller->Host, Source))
        return FALSE;
    KiCurrentThread->Owing = TRUE;
    if (__atomic_load_n(&Poller->Role, __ATOMIC_SEQ_CST) != RoleOpen)
        host_poller_wake(Poller->Host);
    return TRUE;
}

BOOLEAN KiPayOwed(KE_POLLER *Poller, PKTHREAD Thread)
{
    return host_poller_owes(Poller->Host) && KiPollOnce(Poller, Thread);
}

/* A leader is back: how long it was away, as a moving mean of the last few. */
_Requires_lock_held_(KePollerLock) static VOID KiMeasureAway(KE_POLLER *Poller, PKTHREAD Thread)
{
    LONGLONG Step;
    if (Poller->LastLeader != Thread)
        return;
    Step = ((LONGLONG)(KeQueryInterruptTime() - Poller->LeftAt) - Poller->Away) / 4;
    Step = Step < KI_AWAY_STEP_100NS ? Step : KI_AWAY_STEP_100NS;
    __atomic_store_n(&Poller->Away, Poller->Away + Step, __ATOMIC_RELAXED);
    __atomic_store_n(&Poller->LastLeader, NULL, __ATOMIC_RELAXED);
}

BOOLEAN KiPollerJoin(KE_POLLER *Poller, PKTHREAD Thread)
{
    BOOLEAN WakeWatch = FALSE;
    ULONG State = __atomic_load_n(&Thread->PollerState, __ATOMIC_RELAXED);

    if (State != PollerNotJoined && Thread->JoinedPoller == Poller)
        return State == PollerLeader;
    if (State != PollerNotJoined)
        KiPollerLeave(Thread, FALSE);
    Thread->JoinedPoller = Poller;
    KiLockPoller(Poller);
    if (Poller->Port)
        KiMeasureAway(Poller, Thread);
    if (Poller->Role <= RoleOpen
        && (KiIsArmed(Poller) || (Poller->Port && __atomic_load_n(&Poller->Used, __ATOMIC_RELAXED)))) {
        KiSetRole(Poller, RoleThread);
        State = PollerLeader;
    } else {
        InsertHeadList(&Poller->Followers, &Thread->PollerEntry);
        State = PollerFollower;
        WakeWatch = Poller->Role == RoleBackground && KiIsArmed(Poller);
    }
    __atomic_store_n(&Thread->PollerState, State, __ATOMIC_RELAXED);
    KiUnlockPoller(Poller);
    if (WakeWatch)
        host_poller_wake(Poller->Host);
    return State == PollerLeader;
}

/* The role is given up: to a follower, or left open if Busy and leaders are back soon as a rule. */
_Requires_lock_held_(KePollerLock) static PKTHREAD KiGiveUpRole(KE_POLLER *Poller, PKTHREAD Thread, BOOLEAN Busy,
    PBOOLEAN Needed)
{
    if (Busy) {
        __atomic_store_n(&Poller->LastLeader, Thread, __ATOMIC_RELAXED);
        Poller->LeftAt = KeQueryInterruptTime();
        if (Poller->Away < KI_AWAY_SHORT_100NS || IsListEmpty(&Poller->Followers)) {
            KiSetRole(Poller, RoleOpen);
            *Needed = TRUE;
            return NULL;
        }
    }
    KiSetRole(Poller, RoleNone);
    *Needed = KiIsArmed(Poller);
    return *Needed ? KiPromoteFollower(Poller) : NULL;
}

VOID KiPollerLeave(PKTHREAD Thread, BOOLEAN Busy)
{
    KE_POLLER *Poller = Thread->JoinedPoller;
    PKTHREAD Promoted = NULL;
    BOOLEAN Needed = FALSE;

    KiLockPoller(Poller);
    if (Thread->PollerState == PollerFollower)
        RemoveEntryList(&Thread->PollerEntry);
    else
        Promoted = KiGiveUpRole(Poller, Thread, Busy && Poller->Port, &Needed);
    __atomic_store_n(&Thread->PollerState, PollerNotJoined, __ATOMIC_RELAXED);
    KiUnlockPoller(Poller);
    if (Promoted != NULL)
        KiWakePromoted(Promoted);
    else if (Needed)
        KiWakeWatch();
}

VOID KiPollerPassOn(KE_POLLER *Poller)
{
    if (__atomic_load_n(&Poller->Role, __ATOMIC_SEQ_CST) == RoleOpen)
        KiFindPoller(Poller, RoleOpen);
}

VOID KiPollerLead(KE_POLLER *Poller, PKTHREAD Thread, LONGLONG Left)
{
    Thread->InHandler = TRUE;
    (void)host_poller_run(Poller->Host, Left);
    Thread->InHandler = FALSE;
    KeAssertNoLocksHeld("poller");
}

BOOLEAN KiPollOnce(KE_POLLER *Poller, PKTHREAD Thread)
{
    PKTHREAD Promoted;
    BOOLEAN Mine, Needed;

    if (!KiIsArmed(Poller) || !KiIsRoleFree(Poller) || Thread->InHandler)
        return FALSE;
    KiLockPoller(Poller);
    Mine = Poller->Role <= RoleOpen;
    if (Mine)
        KiSetRole(Poller, RoleThread);
    KiUnlockPoller(Poller);
    if (!Mine)
        return FALSE;
    KiPollerLead(Poller, Thread, 0);
    KiLockPoller(Poller);
    Promoted = KiGiveUpRole(Poller, Thread, Poller->Port, &Needed);
    KiUnlockPoller(Poller);
    if (Promoted != NULL)
        KiWakePromoted(Promoted);
    else if (Needed)
        KiWakeWatch();
    return TRUE;
}

/* Who has the role of one that owes does it anyway; but the process may end before. */
static VOID KiPayAtEnd(KE_POLLER *Poller, PKTHREAD Thread)
{
    for (ULONG Tries = 0; Tries < KI_PAY_TRIES && host_poller_owes(Poller->Host); Tries++) {
        if (!KiPollOnce(Poller, Thread))
            host_thread_yield();
    }
}

VOID KePayAllPollers(VOID)
{
    PKTHREAD Thread = KiCurrentThread;
    KE_POLLER *Poller = Thread != NULL ? KiNextPoller(NULL) : NULL;
    while (Poller != NULL) {
        KE_POLLER *Next;
        KiPayAtEnd(Poller, Thread);
        Next = KiNextPoller(Poller);
        KeDereferencePoller(Poller);
        Poller = Next;
    }
}
