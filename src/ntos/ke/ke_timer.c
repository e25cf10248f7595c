/* SPDX-License-Identifier: MIT */
/*
 * ke_timer.c - timers.
 *
 * Layer: ntos. NT counterpart: the kernel's timer table. One thread, ntsock-timer, made at the first use,
 * signals timers that are due and runs DPCs (ke_dpc.c).
 *
 * The table is a wheel of KI_WHEEL_SLOTS lists by due millisecond, each sorted by due time; a bitmap says
 * which are not empty. Setting and cancelling cost a few steps however many timers there are, nothing
 * is allocated, and the next due time is the least of the list heads.
 *
 * All of it, KTIMER.Header.Inserted included, is under KiTimerLock, and so is the signalling: when
 * KeCancelTimer returns, the timer either was taken out (TRUE) or will not be touched any more.
 *
 * Deliberately absent: absolute timers do not follow changes of the system clock; they are converted to
 * interrupt time when set.
 */
#include "ke/ki.h"

#define KI_WHEEL_SLOTS 1024
#define KI_TICK_100NS 10000

EX_LOCK KiTimerTableLock;

static struct {
    LIST_ENTRY Slots[KI_WHEEL_SLOTS];
    ULONGLONG Bitmap[KI_WHEEL_SLOTS / 64];
    ULONGLONG SleepUntil; /* when the thread will look again */
    ULONG Word;           /* its futex; atomic */
    BOOLEAN Ready;        /* the lists are initialised */
    BOOLEAN Started;
} KiTimers; /* KiTimerLock */

static VOID KiTimerThread(PVOID Context);

_Requires_lock_held_(KiTimerLock) static VOID KiPrepareTimers(VOID)
{
    if (KiTimers.Ready)
        return;
    for (ULONG i = 0; i < KI_WHEEL_SLOTS; i++)
        InitializeListHead(&KiTimers.Slots[i]);
    KiTimers.SleepUntil = 0;
    KiTimers.Ready = TRUE;
}

_Requires_lock_held_(KiTimerLock) VOID KiWakeTimerThread(VOID)
{
    KiPrepareTimers();
    if (!KiTimers.Started) {
        /* Without a thread nothing is due ever; the next timer or DPC tries again. */
        KiTimers.Started = (BOOLEAN)NT_SUCCESS(KiStartHelperThread(KiTimerThread, NULL));
        return;
    }
    __atomic_add_fetch(&KiTimers.Word, 1, __ATOMIC_RELEASE);
    host_futex_wake(&KiTimers.Word, 1);
}

static ULONG KiTimerSlot(ULONGLONG Due)
{
    return (ULONG)(Due / KI_TICK_100NS) % KI_WHEEL_SLOTS;
}

_Requires_lock_held_(KiTimerLock) static VOID KiInsertTimer(PKTIMER Timer)
{
    ULONG Slot = KiTimerSlot(Timer->DueTime.QuadPart);
    PLIST_ENTRY Head = &KiTimers.Slots[Slot], Before = Head->Blink;

    while (Before != Head
        && CONTAINING_RECORD(Before, KTIMER, TimerListEntry)->DueTime.QuadPart > Timer->DueTime.QuadPart)
        Before = Before->Blink;
    InsertHeadList(Before, &Timer->TimerListEntry);
    KiTimers.Bitmap[Slot / 64] |= 1ULL << (Slot % 64);
    Timer->Header.Inserted = TRUE;
    if (Timer->DueTime.QuadPart < KiTimers.SleepUntil || !KiTimers.Started)
        KiWakeTimerThread();
}

_Requires_lock_held_(KiTimerLock) static BOOLEAN KiRemoveTimer(PKTIMER Timer)
{
    ULONG Slot = KiTimerSlot(Timer->DueTime.QuadPart);
    if (!Timer->Header.Inserted)
        return FALSE;
    RemoveEntryList(&Timer->TimerListEntry);
    if (IsListEmpty(&KiTimers.Slots[Slot]))
        KiTimers.Bitmap[Slot / 64] &= ~(1ULL << (Slot % 64));
    Timer->Header.Inserted = FALSE;
    return TRUE;
}

_Requires_lock_held_(KiTimerLock) static PKTIMER KiFirstTimer(VOID)
{
    PKTIMER First = NULL;
    for (ULONG Word = 0; Word < KI_WHEEL_SLOTS / 64; Word++) {
        for (ULONGLONG Bits = KiTimers.Bitmap[Word]; Bits != 0; Bits &= Bits - 1) {
            ULONG Slot = Word * 64 + (ULONG)__builtin_ctzll(Bits);
            PKTIMER Timer = CONTAINING_RECORD(KiTimers.Slots[Slot].Flink, KTIMER, TimerListEntry);
            if (First == NULL || Timer->DueTime.QuadPart < First->DueTime.QuadPart)
                First = Timer;
        }
    }
    return First;
}

/* The timer is due and out of the table: signals, queues DPC and APC, starts the next period. */
_Requires_lock_held_(KiTimerLock) static VOID KiExpireTimer(PKTIMER Timer, KI_WAKE_LIST *Wake)
{
    ULONGLONG Now = KeQueryInterruptTime();
    LARGE_INTEGER System;

    if (Timer->Period != 0) {
        /* Periods that were missed altogether are not made up for. */
        ULONGLONG Period = (ULONGLONG)Timer->Period * 10000, Due = Timer->DueTime.QuadPart + Period;
        Timer->DueTime.QuadPart = Due > Now ? Due : Now + Period;
        KiInsertTimer(Timer);
    }
    KeQuerySystemTime(&System);
    if (Timer->Dpc != NULL)
        (void)KiQueueDpc(Timer->Dpc, (PVOID)(ULONG_PTR)System.LowPart,
            (PVOID)(ULONG_PTR)(ULONG)System.HighPart);
    if (Timer->Processor != 0) { /* the timer of a KI_TIMER_OBJECT with an APC */
        KI_TIMER_OBJECT *Object = CONTAINING_RECORD(Timer, KI_TIMER_OBJECT, Timer);
        (void)KeInsertQueueApc(&Object->Apc, (PVOID)Object->ApcRoutine, (PVOID)(ULONG_PTR)System.QuadPart, 0);
    }
    KiLockObject(&Timer->Header);
    KiWriteState(&Timer->Header, 1);
    KiSatisfyWaits(&Timer->Header, Wake);
    KiUnlockObject(&Timer->Header);
}

static VOID KiTimerThread(PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    host_thread_set_name("ntsock-timer");
    for (;;) {
        KI_WAKE_LIST Wake;
        PKTIMER Timer;
        ULONGLONG Now;
        ULONG Word;
        LONGLONG Left;

        KiInitializeWakeList(&Wake);
        KiLockTimers();
        KiTimers.SleepUntil = 0; /* awake: timers set now need no wake-up */
        Now = KeQueryInterruptTime();
        while ((Timer = KiFirstTimer()) != NULL && Timer->DueTime.QuadPart <= Now) {
            KiRemoveTimer(Timer);
            KiExpireTimer(Timer, &Wake);
        }
        KiTimers.SleepUntil = Timer != NULL ? Timer->DueTime.QuadPart : KI_NO_DEADLINE;
        Left = Timer != NULL ? (LONGLONG)(Timer->DueTime.QuadPart - Now) : -1;
        if (!IsListEmpty(&KiDpcQueue))
            Left = 0;
        Word = __atomic_load_n(&KiTimers.Word, __ATOMIC_ACQUIRE);
        KiUnlockTimers();
        KiPublishWaits(&Wake);
        KiRunDpcs();
        if (Left != 0)
            host_futex_wait(&KiTimers.Word, Word, Left);
    }
}

VOID KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type)
{
    KiInitializeHeader(&Timer->Header,
        Type == SynchronizationTimer ? TimerSynchronizationObject : TimerNotificationObject, sizeof(KTIMER), 0);
    Timer->DueTime.QuadPart = 0;
    Timer->Dpc = NULL;
    Timer->Processor = 0;
    Timer->Period = 0;
}

VOID KeInitializeTimer(PKTIMER Timer)
{
    KeInitializeTimerEx(Timer, NotificationTimer);
}

_Requires_lock_held_(KiTimerLock) static BOOLEAN KiSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime,
    LONG PeriodMs, PRKDPC Dpc, KI_WAKE_LIST *Wake)
{
    BOOLEAN WasSet;

    KiPrepareTimers();
    WasSet = KiRemoveTimer(Timer);
    KiLockObject(&Timer->Header);
    KiWriteState(&Timer->Header, 0);
    KiUnlockObject(&Timer->Header);
    Timer->Dpc = Dpc;
    Timer->Period = PeriodMs > 0 ? (ULONG)PeriodMs : 0;
    Timer->DueTime.QuadPart = KeDeadlineFromTimeout(&DueTime);
    if (Timer->DueTime.QuadPart <= KeQueryInterruptTime()) {
        KiExpireTimer(Timer, Wake);
        if (Dpc != NULL)
            KiWakeTimerThread(); /* to run it */
    } else {
        KiInsertTimer(Timer);
    }
    return WasSet;
}

BOOLEAN KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG PeriodMs, PKDPC Dpc)
{
    KI_WAKE_LIST Wake;
    BOOLEAN WasSet;

    KiInitializeWakeList(&Wake);
    KiLockTimers();
    WasSet = KiSetTimer(Timer, DueTime, PeriodMs, Dpc, &Wake);
    KiUnlockTimers();
    KiPublishWaits(&Wake);
    return WasSet;
}

BOOLEAN KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc)
{
    return KeSetTimerEx(Timer, DueTime, 0, Dpc);
}

BOOLEAN KeCancelTimer(PKTIMER Timer)
{
    BOOLEAN WasSet;
    KiLockTimers();
    WasSet = KiRemoveTimer(Timer);
    Timer->Period = 0;
    KiUnlockTimers();
    return WasSet;
}

BOOLEAN KeReadStateTimer(PKTIMER Timer)
{
    return __atomic_load_n(&Timer->Header.SignalState, __ATOMIC_ACQUIRE) > 0;
}

/* --- timer objects with an APC --- */

/* Stops the APC; the caller drops the reference to the thread that is returned, if any, without the lock. */
_Requires_lock_held_(KiTimerLock) static PKTHREAD KiDetachTimerApc(KI_TIMER_OBJECT *Object)
{
    PKTHREAD Thread = Object->ApcThread;
    if (Thread != NULL) {
        (void)KeRemoveQueueApc(&Object->Apc);
        RemoveEntryList(&Object->ApcThreadEntry);
        Object->ApcThread = NULL;
        Object->Timer.Processor = 0;
    }
    return Thread;
}

/*
 * The APC's three words are the program's context, its routine, and the time of the signal, which the
 * routine wants in two halves.
 */
static VOID KiTimerApc(PVOID NormalContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    PTIMER_APC_ROUTINE Routine = (PTIMER_APC_ROUTINE)SystemArgument1;
    ULONGLONG Time = (ULONG_PTR)SystemArgument2;
    Routine(NormalContext, (ULONG)Time, (LONG)(Time >> 32));
}

NTSTATUS KiSetTimerObject(KI_TIMER_OBJECT *Object, LARGE_INTEGER DueTime, LONG PeriodMs,
    PTIMER_APC_ROUTINE ApcRoutine, PVOID ApcContext, PBOOLEAN PreviousState)
{
    PKTHREAD Thread = KeGetCurrentThread(), Released;
    KI_WAKE_LIST Wake;

    if (PeriodMs < 0)
        return STATUS_INVALID_PARAMETER;
    KiInitializeWakeList(&Wake);
    KiLockTimers();
    *PreviousState = KeReadStateTimer(&Object->Timer);
    KiPrepareTimers();
    KiRemoveTimer(&Object->Timer);
    Released = KiDetachTimerApc(Object);
    if (ApcRoutine != NULL) {
        (void)ObfReferenceObject(Thread);
        Object->ApcThread = Thread;
        InsertTailList(&Thread->TimerList, &Object->ApcThreadEntry);
        Object->ApcRoutine = ApcRoutine;
        KeInitializeApc(&Object->Apc, Thread, OriginalApcEnvironment, NULL, NULL, KiTimerApc, UserMode,
            ApcContext);
        Object->Timer.Processor = 1;
    }
    (void)KiSetTimer(&Object->Timer, DueTime, PeriodMs, NULL, &Wake);
    KiUnlockTimers();
    KiPublishWaits(&Wake);
    if (Released != NULL)
        (void)ObfDereferenceObject(Released);
    return STATUS_SUCCESS;
}

VOID KiCancelTimerObject(KI_TIMER_OBJECT *Object, PBOOLEAN PreviousState)
{
    PKTHREAD Released;
    KiLockTimers();
    *PreviousState = KeReadStateTimer(&Object->Timer);
    KiRemoveTimer(&Object->Timer);
    Released = KiDetachTimerApc(Object);
    KiUnlockTimers();
    if (Released != NULL)
        (void)ObfDereferenceObject(Released);
}

VOID KiDeleteTimer(PVOID Object)
{
    BOOLEAN State;
    KiCancelTimerObject(Object, &State);
}

VOID KiRundownTimers(PKTHREAD Thread)
{
    for (;;) {
        PKTHREAD Released = NULL;
        KiLockTimers();
        if (!IsListEmpty(&Thread->TimerList)) {
            KI_TIMER_OBJECT *Object =
                CONTAINING_RECORD(Thread->TimerList.Flink, KI_TIMER_OBJECT, ApcThreadEntry);
            KiRemoveTimer(&Object->Timer);
            Released = KiDetachTimerApc(Object);
        }
        KiUnlockTimers();
        if (Released == NULL)
            return;
        (void)ObfDereferenceObject(Released);
    }
}
