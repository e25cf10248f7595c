/* SPDX-License-Identifier: MIT */
/* wdm_lock.h - the locks part of wdm.h: remove locks, resources, other names of locks. Include wdm.h. */
#ifndef _WDM_LOCK_H_
#define _WDM_LOCK_H_

NTSOCK_EXTERN_C_BEGIN

/*
 * Remove locks: count requests in a device so that its removal can wait for them. As in free builds of
 * Windows: no record of tags, and the limits given at initialisation are not checked.
 * IoReleaseRemoveLockAndWait gives back its caller's own acquisition, then waits for all others;
 * from then on IoAcquireRemoveLock returns STATUS_DELETE_PENDING. [ddi:IoInitializeRemoveLock]
 */
typedef struct _IO_REMOVE_LOCK_COMMON_BLOCK {
    BOOLEAN Removed;
    BOOLEAN Reserved[3];
    LONG IoCount; /* acquisitions, and one until removal */
    KEVENT RemoveEvent;
} IO_REMOVE_LOCK_COMMON_BLOCK;
typedef struct _IO_REMOVE_LOCK {
    IO_REMOVE_LOCK_COMMON_BLOCK Common;
} IO_REMOVE_LOCK, *PIO_REMOVE_LOCK;
NTKERNELAPI VOID IoInitializeRemoveLockEx(_Out_ PIO_REMOVE_LOCK Lock, ULONG AllocateTag, ULONG MaxLockedMinutes,
    ULONG HighWatermark, ULONG RemlockSize);
NTKERNELAPI NTSTATUS IoAcquireRemoveLockEx(_Inout_ PIO_REMOVE_LOCK Lock, _In_opt_ PVOID Tag, _In_ PCSZ File,
    ULONG Line, ULONG RemlockSize);
NTKERNELAPI VOID IoReleaseRemoveLockEx(_Inout_ PIO_REMOVE_LOCK Lock, _In_opt_ PVOID Tag, ULONG RemlockSize);
NTKERNELAPI VOID IoReleaseRemoveLockAndWaitEx(_Inout_ PIO_REMOVE_LOCK Lock, _In_opt_ PVOID Tag, ULONG RemlockSize);
#define IoInitializeRemoveLock(l, t, m, h) IoInitializeRemoveLockEx((l), (t), (m), (h), sizeof(IO_REMOVE_LOCK))
#define IoAcquireRemoveLock(l, t) IoAcquireRemoveLockEx((l), (t), __FILE__, __LINE__, sizeof(IO_REMOVE_LOCK))
#define IoReleaseRemoveLock(l, t) IoReleaseRemoveLockEx((l), (t), sizeof(IO_REMOVE_LOCK))
#define IoReleaseRemoveLockAndWait(l, t) IoReleaseRemoveLockAndWaitEx((l), (t), sizeof(IO_REMOVE_LOCK))

/*
 * Resources: shared or exclusive, recursive. Opaque. Differs from Windows: a waiting writer does not hold
 * up new readers (as with ExAcquireSharedStarveExclusive), because shared owners are counted, not listed.
 * [ddi:ExInitializeResourceLite]
 */
typedef struct _ERESOURCE {
    KSPIN_LOCK SpinLock; /* guards the rest */
    PKTHREAD OwnerThread; /* exclusive owner */
    LONG ActiveCount;    /* shared owners, or the exclusive owner's recursion */
    ULONG Waiters;
    KEVENT Free; /* notification: something was released */
} ERESOURCE, *PERESOURCE;
NTKERNELAPI NTSTATUS ExInitializeResourceLite(_Out_ PERESOURCE Resource);
NTKERNELAPI NTSTATUS ExDeleteResourceLite(_Inout_ PERESOURCE Resource);
NTKERNELAPI BOOLEAN ExAcquireResourceExclusiveLite(_Inout_ PERESOURCE Resource, BOOLEAN Wait);
NTKERNELAPI BOOLEAN ExAcquireResourceSharedLite(_Inout_ PERESOURCE Resource, BOOLEAN Wait);
NTKERNELAPI VOID ExReleaseResourceLite(_Inout_ PERESOURCE Resource);
NTKERNELAPI VOID ExConvertExclusiveToSharedLite(_Inout_ PERESOURCE Resource);
NTKERNELAPI BOOLEAN ExIsResourceAcquiredExclusiveLite(_In_ PERESOURCE Resource);
#define ExAcquireSharedStarveExclusive ExAcquireResourceSharedLite
FORCEINLINE PVOID ExEnterCriticalRegionAndAcquireResourceExclusive(_Inout_ PERESOURCE Resource)
{
    KeEnterCriticalRegion();
    ExAcquireResourceExclusiveLite(Resource, TRUE);
    return NULL;
}
FORCEINLINE PVOID ExEnterCriticalRegionAndAcquireResourceShared(_Inout_ PERESOURCE Resource)
{
    KeEnterCriticalRegion();
    ExAcquireResourceSharedLite(Resource, TRUE);
    return NULL;
}
FORCEINLINE VOID ExReleaseResourceAndLeaveCriticalRegion(_Inout_ PERESOURCE Resource)
{
    ExReleaseResourceLite(Resource);
    KeLeaveCriticalRegion();
}

/* A fast mutex under its newer name. */
typedef FAST_MUTEX KGUARDED_MUTEX, *PKGUARDED_MUTEX;
#define KeInitializeGuardedMutex ExInitializeFastMutex
#define KeAcquireGuardedMutex ExAcquireFastMutex
#define KeReleaseGuardedMutex ExReleaseFastMutex
#define KeTryToAcquireGuardedMutex ExTryToAcquireFastMutex
#define ExAcquireFastMutexUnsafe ExAcquireFastMutex
#define ExReleaseFastMutexUnsafe ExReleaseFastMutex
#define KeEnterGuardedRegion KeEnterCriticalRegion
#define KeLeaveGuardedRegion KeLeaveCriticalRegion

/* A spin lock whose IRQL is kept in the handle; there is no queue. */
typedef struct _KLOCK_QUEUE_HANDLE {
    PKSPIN_LOCK Lock;
    KIRQL OldIrql;
} KLOCK_QUEUE_HANDLE, *PKLOCK_QUEUE_HANDLE;
FORCEINLINE VOID KeAcquireInStackQueuedSpinLock(_Inout_ PKSPIN_LOCK Lock, _Out_ PKLOCK_QUEUE_HANDLE Handle)
{
    Handle->Lock = Lock;
    Handle->OldIrql = KeAcquireSpinLockRaiseToDpc(Lock);
}
FORCEINLINE VOID KeReleaseInStackQueuedSpinLock(_In_ PKLOCK_QUEUE_HANDLE Handle)
{
    KeReleaseSpinLock(Handle->Lock, Handle->OldIrql);
}

/* Singly linked lists under a spin lock. */
FORCEINLINE VOID PushEntryList(_Inout_ PSINGLE_LIST_ENTRY Head, _Inout_ PSINGLE_LIST_ENTRY Entry)
{
    Entry->Next = Head->Next;
    Head->Next = Entry;
}
FORCEINLINE PSINGLE_LIST_ENTRY PopEntryList(_Inout_ PSINGLE_LIST_ENTRY Head)
{
    PSINGLE_LIST_ENTRY First = Head->Next;
    if (First != NULL)
        Head->Next = First->Next;
    return First;
}
FORCEINLINE PSINGLE_LIST_ENTRY ExInterlockedPushEntryList(_Inout_ PSINGLE_LIST_ENTRY Head,
    _Inout_ PSINGLE_LIST_ENTRY Entry, _Inout_ PKSPIN_LOCK Lock)
{
    KIRQL Irql = KeAcquireSpinLockRaiseToDpc(Lock);
    PSINGLE_LIST_ENTRY First = Head->Next;
    PushEntryList(Head, Entry);
    KeReleaseSpinLock(Lock, Irql);
    return First;
}
FORCEINLINE PSINGLE_LIST_ENTRY ExInterlockedPopEntryList(_Inout_ PSINGLE_LIST_ENTRY Head,
    _Inout_ PKSPIN_LOCK Lock)
{
    KIRQL Irql = KeAcquireSpinLockRaiseToDpc(Lock);
    PSINGLE_LIST_ENTRY First = PopEntryList(Head);
    KeReleaseSpinLock(Lock, Irql);
    return First;
}
FORCEINLINE ULONG ExInterlockedAddUlong(_Inout_ PULONG Addend, ULONG Increment, _Inout_ PKSPIN_LOCK Lock)
{
    KIRQL Irql = KeAcquireSpinLockRaiseToDpc(Lock);
    ULONG Old = *Addend;
    *Addend = Old + Increment;
    KeReleaseSpinLock(Lock, Irql);
    return Old;
}
FORCEINLINE VOID AppendTailList(_Inout_ PLIST_ENTRY Head, _Inout_ PLIST_ENTRY ListToAppend)
{
    PLIST_ENTRY End = Head->Blink;
    Head->Blink->Flink = ListToAppend;
    Head->Blink = ListToAppend->Blink;
    ListToAppend->Blink->Flink = Head;
    ListToAppend->Blink = End;
}

NTSOCK_EXTERN_C_END

#endif /* _WDM_LOCK_H_ */
