/* SPDX-License-Identifier: MIT */
/*
 * io_remove_lock.c - remove locks: how a driver waits for the requests in a device before deleting it.
 *
 * Layer: ntos. NT counterpart: remlock of the I/O manager, as in free builds. The count starts at one;
 * removal takes that one away, and whoever brings the count to zero sets the event.
 */
#include "io/iop.h"

VOID IoInitializeRemoveLockEx(PIO_REMOVE_LOCK Lock, ULONG AllocateTag, ULONG MaxLockedMinutes, ULONG HighWatermark,
    ULONG RemlockSize)
{
    UNREFERENCED_PARAMETER(AllocateTag);
    UNREFERENCED_PARAMETER(MaxLockedMinutes);
    UNREFERENCED_PARAMETER(HighWatermark);
    UNREFERENCED_PARAMETER(RemlockSize);
    RtlZeroMemory(Lock, sizeof(*Lock));
    Lock->Common.IoCount = 1;
    KeInitializeEvent(&Lock->Common.RemoveEvent, SynchronizationEvent, FALSE);
}

VOID IoReleaseRemoveLockEx(PIO_REMOVE_LOCK Lock, PVOID Tag, ULONG RemlockSize)
{
    UNREFERENCED_PARAMETER(Tag);
    UNREFERENCED_PARAMETER(RemlockSize);
    LONG Count = InterlockedDecrement(&Lock->Common.IoCount);
    ASSERT(Count >= 0);
    if (Count == 0)
        KeSetEvent(&Lock->Common.RemoveEvent, IO_NO_INCREMENT, FALSE);
}

NTSTATUS IoAcquireRemoveLockEx(PIO_REMOVE_LOCK Lock, PVOID Tag, PCSZ File, ULONG Line, ULONG RemlockSize)
{
    UNREFERENCED_PARAMETER(File);
    UNREFERENCED_PARAMETER(Line);
    InterlockedIncrement(&Lock->Common.IoCount);
    if (!__atomic_load_n(&Lock->Common.Removed, __ATOMIC_SEQ_CST))
        return STATUS_SUCCESS;
    IoReleaseRemoveLockEx(Lock, Tag, RemlockSize);
    return STATUS_DELETE_PENDING;
}

VOID IoReleaseRemoveLockAndWaitEx(PIO_REMOVE_LOCK Lock, PVOID Tag, ULONG RemlockSize)
{
    UNREFERENCED_PARAMETER(Tag);
    UNREFERENCED_PARAMETER(RemlockSize);
    __atomic_store_n(&Lock->Common.Removed, TRUE, __ATOMIC_SEQ_CST);
    LONG Count = InterlockedDecrement(&Lock->Common.IoCount); /* the caller's */
    ASSERT(Count > 0);
    UNREFERENCED_PARAMETER(Count);
    if (InterlockedDecrement(&Lock->Common.IoCount) > 0)
        (void)KeWaitForSingleObject(&Lock->Common.RemoveEvent, Executive, KernelMode, FALSE, NULL);
}
