/* SPDX-License-Identifier: MIT */
/*
 * ke_event.c - events and semaphores.
 *
 * Layer: ntos. NT counterpart: the kernel's event and semaphore objects. Priority increments and the
 * Wait argument mean nothing here.
 */
#include "ke/ki.h"

VOID KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State)
{
    KiInitializeHeader(&Event->Header,
        Type == SynchronizationEvent ? EventSynchronizationObject : EventNotificationObject, sizeof(KEVENT),
        State ? 1 : 0);
}

LONG KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
    KI_WAKE_LIST Wake;
    LONG Previous;

    UNREFERENCED_PARAMETER(Increment);
    UNREFERENCED_PARAMETER(Wait);
    KiInitializeWakeList(&Wake);
    KiLockObject(&Event->Header);
    Previous = KiReadState(&Event->Header);
    if (Previous == 0) {
        KiWriteState(&Event->Header, 1);
        if (!IsListEmpty(&Event->Header.WaitListHead))
            KiSatisfyWaits(&Event->Header, &Wake);
    }
    KiUnlockObject(&Event->Header);
    KiPublishWaits(&Wake);
    return Previous;
}

/*
 * An event that is not set is left alone: a set that is not seen yet comes after this call. Whoever looks at
 * what the event stands for looks later.
 */
LONG KeResetEvent(PRKEVENT Event)
{
    LONG Previous = __atomic_load_n(&Event->Header.SignalState, __ATOMIC_ACQUIRE);
    if (Previous == 0)
        return 0;
    KiLockObject(&Event->Header);
    Previous = KiReadState(&Event->Header);
    KiWriteState(&Event->Header, 0);
    KiUnlockObject(&Event->Header);
    return Previous;
}

LONG KePulseEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
    KI_WAKE_LIST Wake;
    LONG Previous;

    UNREFERENCED_PARAMETER(Increment);
    UNREFERENCED_PARAMETER(Wait);
    KiInitializeWakeList(&Wake);
    KiLockObject(&Event->Header);
    Previous = KiReadState(&Event->Header);
    KiWriteState(&Event->Header, 1);
    KiSatisfyWaits(&Event->Header, &Wake);
    KiWriteState(&Event->Header, 0);
    KiUnlockObject(&Event->Header);
    KiPublishWaits(&Wake);
    return Previous;
}

VOID KeClearEvent(PRKEVENT Event)
{
    (void)KeResetEvent(Event);
}

LONG KeReadStateEvent(PRKEVENT Event)
{
    return __atomic_load_n(&Event->Header.SignalState, __ATOMIC_ACQUIRE);
}

VOID KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit)
{
    KiInitializeHeader(&Semaphore->Header, SemaphoreObject, sizeof(KSEMAPHORE), Count);
    Semaphore->Limit = Limit;
}

NTSTATUS KiReleaseSemaphore(PRKSEMAPHORE Semaphore, LONG Adjustment, PLONG Previous)
{
    KI_WAKE_LIST Wake;
    LONG Count;

    KiInitializeWakeList(&Wake);
    KiLockObject(&Semaphore->Header);
    Count = KiReadState(&Semaphore->Header);
    if (Adjustment <= 0 || Adjustment > Semaphore->Limit - Count) {
        KiUnlockObject(&Semaphore->Header);
        return STATUS_SEMAPHORE_LIMIT_EXCEEDED;
    }
    KiWriteState(&Semaphore->Header, Count + Adjustment);
    KiSatisfyWaits(&Semaphore->Header, &Wake);
    KiUnlockObject(&Semaphore->Header);
    KiPublishWaits(&Wake);
    *Previous = Count;
    return STATUS_SUCCESS;
}

LONG KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment, LONG Adjustment, BOOLEAN Wait)
{
    LONG Previous = 0;
    NTSTATUS Status = KiReleaseSemaphore(Semaphore, Adjustment, &Previous);

    UNREFERENCED_PARAMETER(Increment);
    UNREFERENCED_PARAMETER(Wait);
    /* NT raises an exception, which in a driver ends as this stop. [ddi:KeReleaseSemaphore] */
    if (!NT_SUCCESS(Status))
        KeBugCheckEx(0x1E /* KMODE_EXCEPTION_NOT_HANDLED */, (ULONG)Status, (ULONG_PTR)Semaphore, 0, 0);
    return Previous;
}

LONG KeReadStateSemaphore(PRKSEMAPHORE Semaphore)
{
    return __atomic_load_n(&Semaphore->Header.SignalState, __ATOMIC_ACQUIRE);
}
