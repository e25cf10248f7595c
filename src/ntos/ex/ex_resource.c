/* SPDX-License-Identifier: MIT */
/*
 * ex_resource.c - ERESOURCE: shared and exclusive access, for drivers.
 *
 * Layer: ntos. NT counterpart: the executive's resources. Nothing in this stack uses them; filters do.
 * A release wakes all waiters, who try again. Deliberately absent: the table of shared owners, and with
 * it ExIsResourceAcquiredSharedLite and precedence of waiting writers.
 */
#include "ex.h"

NTSTATUS ExInitializeResourceLite(PERESOURCE Resource)
{
    RtlZeroMemory(Resource, sizeof(*Resource));
    KeInitializeSpinLock(&Resource->SpinLock);
    KeInitializeEvent(&Resource->Free, NotificationEvent, FALSE);
    return STATUS_SUCCESS;
}

NTSTATUS ExDeleteResourceLite(PERESOURCE Resource)
{
    ASSERT(Resource->ActiveCount == 0 && Resource->Waiters == 0);
    UNREFERENCED_PARAMETER(Resource);
    return STATUS_SUCCESS;
}

/* What the current thread may do now; the spin lock is held. */
static BOOLEAN ExpTryResource(PERESOURCE Resource, BOOLEAN Exclusive)
{
    PKTHREAD Thread = KeGetCurrentThread();
    if (Resource->ActiveCount > 0 && Resource->OwnerThread != Thread &&
        (Exclusive || Resource->OwnerThread != NULL))
        return FALSE;
    if (Exclusive)
        Resource->OwnerThread = Thread;
    Resource->ActiveCount++; /* an exclusive owner who asks for shared access has it */
    return TRUE;
}

static BOOLEAN ExpAcquireResource(PERESOURCE Resource, BOOLEAN Exclusive, BOOLEAN Wait)
{
    for (;;) {
        KIRQL Irql = KeAcquireSpinLockRaiseToDpc(&Resource->SpinLock);
        BOOLEAN Acquired = ExpTryResource(Resource, Exclusive);
        if (!Acquired && Wait) {
            __atomic_add_fetch(&Resource->Waiters, 1, __ATOMIC_SEQ_CST);
            KeClearEvent(&Resource->Free);
        }
        KeReleaseSpinLock(&Resource->SpinLock, Irql);
        if (Acquired || !Wait)
            return Acquired;
        (void)KeWaitForSingleObject(&Resource->Free, Executive, KernelMode, FALSE, NULL);
        __atomic_sub_fetch(&Resource->Waiters, 1, __ATOMIC_SEQ_CST);
    }
}

BOOLEAN ExAcquireResourceExclusiveLite(PERESOURCE Resource, BOOLEAN Wait)
{
    return ExpAcquireResource(Resource, TRUE, Wait);
}

BOOLEAN ExAcquireResourceSharedLite(PERESOURCE Resource, BOOLEAN Wait)
{
    return ExpAcquireResource(Resource, FALSE, Wait);
}

/* Waiters are woken under the spin lock: the last of them may delete the resource as soon as it is free. */
static VOID ExpWakeResource(PERESOURCE Resource)
{
    if (__atomic_load_n(&Resource->Waiters, __ATOMIC_SEQ_CST) > 0)
        KeSetEvent(&Resource->Free, IO_NO_INCREMENT, FALSE);
}

VOID ExReleaseResourceLite(PERESOURCE Resource)
{
    KIRQL Irql = KeAcquireSpinLockRaiseToDpc(&Resource->SpinLock);
    ASSERT(Resource->ActiveCount > 0);
    if (--Resource->ActiveCount == 0) {
        Resource->OwnerThread = NULL;
        ExpWakeResource(Resource);
    }
    KeReleaseSpinLock(&Resource->SpinLock, Irql);
}

VOID ExConvertExclusiveToSharedLite(PERESOURCE Resource)
{
    KIRQL Irql = KeAcquireSpinLockRaiseToDpc(&Resource->SpinLock);
    ASSERT(Resource->OwnerThread == KeGetCurrentThread());
    Resource->OwnerThread = NULL;
    ExpWakeResource(Resource);
    KeReleaseSpinLock(&Resource->SpinLock, Irql);
}

BOOLEAN ExIsResourceAcquiredExclusiveLite(PERESOURCE Resource)
{
    return (BOOLEAN)(__atomic_load_n(&Resource->OwnerThread, __ATOMIC_RELAXED) == KeGetCurrentThread());
}
