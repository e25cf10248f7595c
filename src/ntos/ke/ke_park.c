/* SPDX-License-Identifier: MIT */
/*
 * ke_park.c - putting a thread to sleep and waking it; completions of synchronous requests.
 *
 * Layer: ntos. NT counterpart: the context switch, and the part of the I/O manager that waits for a
 * synchronous request. ke.h describes the three ways to be parked.
 *
 * No wake-up is lost. The sleeper writes ParkMode, then reads WakeWord; the waker writes WakeWord, then
 * reads ParkMode; all four sequentially consistent. Either the sleeper sees WakeWord set and does not
 * sleep, or the waker sees the mode and delivers: to the futex (whose value no longer is 0), to the
 * descriptor (which stays readable), or to the poller (which stays woken). A waker that finds WakeWord
 * set already leaves it at that: whoever set it still has to read ParkMode, or has read it before the
 * sleeper wrote it, and then the sleeper will see the word. A wake-up that nobody needed any more makes
 * a later sleep end early; every sleep is in a loop that looks at what it waits for.
 */
#include "ke/ki.h"

static inline VOID KiCountWake(VOID)
{
    if (KiCurrentThread != NULL)
        KiCurrentThread->WakesSent++;
}

VOID KiWake(PKTHREAD Thread)
{
    if (Thread == KiCurrentThread)
        return; /* awake, and will look at what it waits for before it parks again */
    if (__atomic_exchange_n(&Thread->WakeWord, 1, __ATOMIC_SEQ_CST) != 0)
        return;
    switch (__atomic_load_n(&Thread->ParkMode, __ATOMIC_SEQ_CST)) {
    case ParkFutex:
        KiCountWake();
        host_futex_wake(&Thread->WakeWord, 1);
        break;
    case ParkDirect:
        KiCountWake();
        if (Thread->WakeFd >= 0)
            host_wake_signal(Thread->WakeFd);
        break;
    case ParkPoller:
        /*
         * A waker that is late may read a later park's poller: it wakes that one for nothing. A poller that
         * is to be freed waits for it (KiAwaitLateWakers).
         */
        KiCountWake();
        host_poller_wake(KePollerHost(__atomic_load_n(&Thread->ParkedPoller, __ATOMIC_ACQUIRE)));
        break;
    default:
        break;
    }
}

LONGLONG KiTimeLeft(ULONGLONG Deadline)
{
    ULONGLONG Now;
    if (Deadline == KI_NO_DEADLINE)
        return -1;
    Now = KeQueryInterruptTime();
    return Deadline > Now ? (LONGLONG)(Deadline - Now) : 0;
}

ULONGLONG KeDeadlineFromTimeout(PLARGE_INTEGER Timeout)
{
    ULONGLONG Now = KeQueryInterruptTime(), Left;
    if (Timeout == NULL)
        return KI_NO_DEADLINE;
    if (Timeout->QuadPart < 0) {
        Left = 0 - (ULONGLONG)Timeout->QuadPart;
    } else {
        ULONGLONG System = host_clock_system_100ns(), Due = (ULONGLONG)Timeout->QuadPart;
        Left = Due > System ? Due - System : 0;
    }
    return Left >= KI_NO_DEADLINE - Now ? KI_NO_DEADLINE : Now + Left;
}

/* Sleeping is for threads that hold no lock, at PASSIVE_LEVEL, outside of handlers. */
VOID KiAssertMayBlock(PKTHREAD Thread)
{
#if defined(DBG) && DBG
    KeAssertNoLocksHeld("wait");
    if (Thread->InHandler || KeGetCurrentIrql() >= DISPATCH_LEVEL)
        KeBugCheckEx(0x0A /* IRQL_NOT_LESS_OR_EQUAL */, (ULONG_PTR)Thread, DISPATCH_LEVEL, 0,
            (ULONG_PTR)__builtin_return_address(0));
#else
    UNREFERENCED_PARAMETER(Thread);
#endif
}

BOOLEAN KiBeginAlertable(PKTHREAD Thread, BOOLEAN Alertable)
{
    BOOLEAN Previous = Thread->Alertable;
    __atomic_store_n(&Thread->Alertable, Alertable, __ATOMIC_SEQ_CST);
    return Previous;
}

VOID KiEndAlertable(PKTHREAD Thread, BOOLEAN Previous)
{
    __atomic_store_n(&Thread->Alertable, Previous, __ATOMIC_RELAXED);
}

/* What others must know of a thread that is about to sleep, and has woken: its queue, the work queue. */
static BOOLEAN KiBeginBlocking(PKTHREAD Thread)
{
    BOOLEAN Counted = Thread->QueueCounted;
    if (Counted)
        KiQueueThreadBlocks(Thread);
    if (Thread->Worker)
        ExpWorkerBlocks();
    return Counted;
}

static VOID KiFinishBlocking(PKTHREAD Thread, BOOLEAN Counted)
{
    if (Thread->Worker)
        ExpWorkerResumes();
    if (Counted)
        KiQueueThreadResumes(Thread);
}

/* Announces how the thread is about to sleep. FALSE: it has been woken, and is not to. */
static BOOLEAN KiBeginPark(PKTHREAD Thread, enum KI_PARK_MODE Mode)
{
    __atomic_store_n(&Thread->ParkMode, Mode, __ATOMIC_SEQ_CST);
    return __atomic_load_n(&Thread->WakeWord, __ATOMIC_SEQ_CST) == 0;
}

static VOID KiFinishPark(PKTHREAD Thread)
{
    __atomic_store_n(&Thread->ParkMode, ParkNone, __ATOMIC_RELAXED);
    __atomic_exchange_n(&Thread->WakeWord, 0, __ATOMIC_SEQ_CST);
}

BOOLEAN KiPark(PKTHREAD Thread, ULONGLONG Deadline)
{
    return KiParkOn(__atomic_load_n(&KiDefaultPoller, __ATOMIC_ACQUIRE), Thread, Deadline);
}

BOOLEAN KiParkOn(KE_POLLER *Poller, PKTHREAD Thread, ULONGLONG Deadline)
{
    BOOLEAN Lead = FALSE, Counted;
    LONGLONG Left = KiTimeLeft(Deadline);

    if (Left == 0)
        return TRUE;
    if (KiPayBeforeSleep(Thread, Poller))
        return FALSE;
    if (Poller != NULL && !Thread->InHandler)
        Lead = KiPollerJoin(Poller, Thread);
    Counted = KiBeginBlocking(Thread);
    if (Lead) {
        __atomic_store_n(&Thread->ParkedPoller, Poller, __ATOMIC_RELEASE);
        if (KiBeginPark(Thread, ParkPoller))
            KiPollerLead(Poller, Thread, Left);
    } else if (KiBeginPark(Thread, ParkFutex)) {
        host_futex_wait(&Thread->WakeWord, 0, Left);
    }
    KiFinishBlocking(Thread, Counted);
    KiFinishPark(Thread);
    return FALSE;
}

VOID KiEndPark(PKTHREAD Thread, BOOLEAN Busy)
{
    if (__atomic_load_n(&Thread->PollerState, __ATOMIC_RELAXED) != PollerNotJoined && !Thread->InHandler)
        KiPollerLeave(Thread, Busy);
}

VOID KeSleepOnWord(const volatile VOID *Word, ULONG Value, LONGLONG Left)
{
    PKTHREAD Thread = KiCurrentThread;
    BOOLEAN Counted;
    if (Thread != NULL && KiPayBeforeSleep(Thread, NULL))
        return;
    Counted = Thread != NULL && KiBeginBlocking(Thread);
    host_futex_wait((const void *)Word, Value, Left);
    if (Thread != NULL)
        KiFinishBlocking(Thread, Counted);
}

/* --- synchronous requests --- */

VOID KeSetDirectWait(const KE_DIRECT_WAIT *Wait)
{
    PKTHREAD Thread = KeGetCurrentThread();
    Thread->Direct = *Wait;
    Thread->DirectValid = TRUE;
}

VOID KeClearDirectWait(VOID)
{
    KeGetCurrentThread()->DirectValid = FALSE;
}

/*
 * One sleep on the descriptor of the thread's own request. Ready may complete the request, set another
 * direct wait, or run completion routines that make requests of their own.
 */
static BOOLEAN KiParkDirect(PKTHREAD Thread, ULONGLONG Deadline)
{
    KE_DIRECT_WAIT Direct = Thread->Direct;
    struct host_poll_item Item = Direct.Item;
    LONGLONG Left = KiTimeLeft(Deadline);
    BOOLEAN Counted;
    int Ready = 0;

    if (KiPayBeforeSleep(Thread, NULL))
        return FALSE;
    if (Thread->WakeFd < 0) {
        int Fd = -1;
        if (NT_SUCCESS(host_wake_create(&Fd)))
            Thread->WakeFd = Fd;
        else if (Left < 0 || Left > 100000)
            Left = 100000; /* no descriptor left: nobody can wake us, so look around every 10 ms */
    }
    Counted = KiBeginBlocking(Thread);
    if (KiBeginPark(Thread, ParkDirect))
        Ready = host_wait(&Item, 1, Thread->WakeFd, Left);
    KiFinishBlocking(Thread, Counted);
    KiFinishPark(Thread);
    if (Ready > 0) {
        Thread->DirectValid = FALSE;
        if (Direct.Ready(Direct.Context, Item.revents) && !Thread->DirectValid) {
            Thread->Direct = Direct;
            Thread->DirectValid = TRUE;
        }
        return FALSE;
    }
    return KiTimeLeft(Deadline) == 0;
}

VOID KeInitializeCompletion(KE_COMPLETION *Completion)
{
    Completion->Done = 0;
    Completion->Owner = KeGetCurrentThread();
}

VOID KeSignalCompletion(KE_COMPLETION *Completion)
{
    PKTHREAD Owner = Completion->Owner;
    if (Owner == KiCurrentThread) {
        __atomic_store_n(&Completion->Done, 1, __ATOMIC_RELEASE);
        return;
    }
    /* The owner may return, and its thread end, as soon as Done is set: Users holds the thread. */
    __atomic_add_fetch(&Owner->Users, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&Completion->Done, 1, __ATOMIC_SEQ_CST);
    KiWake(Owner);
    __atomic_sub_fetch(&Owner->Users, 1, __ATOMIC_RELEASE);
}

NTSTATUS KeWaitCompletion(KE_COMPLETION *Completion, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    PKTHREAD Thread = Completion->Owner;
    NTSTATUS Status = STATUS_SUCCESS;
    ULONGLONG Deadline;
    BOOLEAN Previous, TimedOut;

    if (__atomic_load_n(&Completion->Done, __ATOMIC_ACQUIRE)) {
        Thread->DirectValid = FALSE;
        return STATUS_SUCCESS;
    }
    KiAssertMayBlock(Thread);
    Deadline = Timeout == NULL ? KI_NO_DEADLINE : KeDeadlineFromTimeout(Timeout);
    Previous = KiBeginAlertable(Thread, Alertable);
    while (!__atomic_load_n(&Completion->Done, __ATOMIC_ACQUIRE)) {
        if (Alertable && (Status = KiTakeAlert(Thread)) != STATUS_SUCCESS)
            break;
        TimedOut = Thread->DirectValid ? KiParkDirect(Thread, Deadline) : KiPark(Thread, Deadline);
        if (TimedOut && !__atomic_load_n(&Completion->Done, __ATOMIC_ACQUIRE)) {
            Status = STATUS_TIMEOUT;
            break;
        }
    }
    KiEndPark(Thread, FALSE);
    KiEndAlertable(Thread, Previous);
    if (Status == STATUS_SUCCESS)
        Thread->DirectValid = FALSE;
    else if (Status == STATUS_USER_APC)
        (void)KiDeliverApcs(Thread);
    return Status;
}
