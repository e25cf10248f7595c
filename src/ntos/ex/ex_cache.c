/* SPDX-License-Identifier: MIT */
/*
 * ex_cache.c - per-thread caches of blocks for the data path, and lookaside lists for drivers.
 *
 * Layer: ntos. NT counterpart: per-processor and general lookaside lists. A thread's cache needs no lock
 * and no atomic operation but the relaxed store of its depth. Under AddressSanitizer the caches are
 * passed by, so that use after free is seen.
 */
#include "ke/ki.h"

#if defined(__SANITIZE_ADDRESS__)
#define EX_CACHES_OFF 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EX_CACHES_OFF 1
#endif
#endif
#ifndef EX_CACHES_OFF
#define EX_CACHES_OFF 0
#endif

PVOID ExAllocateFromCache(const EX_CACHE *Cache)
{
    PKTHREAD Thread = KiCurrentThread;
    if (Thread != NULL && !EX_CACHES_OFF) {
        KI_CACHE_LIST *List = &Thread->Caches[Cache->Index];
        PSINGLE_LIST_ENTRY Entry = List->Head.Next;
        if (Entry != NULL) {
            List->Head.Next = Entry->Next;
            __atomic_store_n(&List->Depth, List->Depth - 1, __ATOMIC_RELAXED);
            return Entry;
        }
    }
    return ExAllocatePoolWithTag(NonPagedPool, Cache->Size, Cache->Tag);
}

VOID ExFreeToCache(const EX_CACHE *Cache, PVOID Block)
{
    PKTHREAD Thread = KiCurrentThread;
    if (Thread != NULL && !EX_CACHES_OFF) {
        KI_CACHE_LIST *List = &Thread->Caches[Cache->Index];
        if (List->Depth < Cache->DepthMax) {
            PSINGLE_LIST_ENTRY Entry = Block;
            Entry->Next = List->Head.Next;
            List->Head.Next = Entry;
            if (List->Depth == 0)
                __atomic_store_n(&List->Tag, Cache->Tag, __ATOMIC_RELAXED);
            __atomic_store_n(&List->Depth, List->Depth + 1, __ATOMIC_RELAXED);
            return;
        }
    }
    ExFreePoolWithTag(Block, Cache->Tag);
}

VOID ExpFreeThreadCaches(PKTHREAD Thread)
{
    for (ULONG i = 0; i < ExCacheMax; i++) {
        KI_CACHE_LIST *List = &Thread->Caches[i];
        while (List->Head.Next != NULL) {
            PSINGLE_LIST_ENTRY Entry = List->Head.Next;
            List->Head.Next = Entry->Next;
            ExFreePoolWithTag(Entry, List->Tag);
        }
        __atomic_store_n(&List->Depth, 0, __ATOMIC_RELAXED); /* diagnostics read it */
    }
}

/* --- lookaside lists: one list and one lock each --- */

#define EX_LOOKASIDE_DEPTH 256

static PVOID ExpLookasideAllocate(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    return ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
}

VOID ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
    PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth)
{
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(Depth); /* reserved, must be zero [ddi:ExInitializeNPagedLookasideList] */
    KeInitializeSpinLock(&Lookaside->Lock);
    Lookaside->ListHead.Next = NULL;
    Lookaside->Depth = 0;
    Lookaside->MaximumDepth = EX_LOOKASIDE_DEPTH;
    Lookaside->Tag = Tag;
    Lookaside->Type = NonPagedPool;
    Lookaside->Size = Size < sizeof(SINGLE_LIST_ENTRY) ? sizeof(SINGLE_LIST_ENTRY) : Size;
    Lookaside->Allocate = Allocate != NULL ? Allocate : ExpLookasideAllocate;
    Lookaside->Free = Free != NULL ? Free : ExFreePool;
}

static PSINGLE_LIST_ENTRY ExpPopLookaside(PNPAGED_LOOKASIDE_LIST Lookaside)
{
    PSINGLE_LIST_ENTRY Entry;
    KIRQL Old;
    KeAcquireSpinLock(&Lookaside->Lock, &Old);
    Entry = Lookaside->ListHead.Next;
    if (Entry != NULL) {
        Lookaside->ListHead.Next = Entry->Next;
        Lookaside->Depth--;
    }
    KeReleaseSpinLock(&Lookaside->Lock, Old);
    return Entry;
}

VOID ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside)
{
    PSINGLE_LIST_ENTRY Entry;
    while ((Entry = ExpPopLookaside(Lookaside)) != NULL)
        Lookaside->Free(Entry);
}

PVOID ExAllocateFromNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside)
{
    PVOID Entry = ExpPopLookaside(Lookaside);
    if (Entry == NULL)
        Entry = Lookaside->Allocate((POOL_TYPE)Lookaside->Type, Lookaside->Size, Lookaside->Tag);
    return Entry;
}

VOID ExFreeToNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry)
{
    BOOLEAN Kept = FALSE;
    KIRQL Old;

    KeAcquireSpinLock(&Lookaside->Lock, &Old);
    if (Lookaside->Depth < Lookaside->MaximumDepth && !EX_CACHES_OFF) {
        PSINGLE_LIST_ENTRY Single = Entry;
        Single->Next = Lookaside->ListHead.Next;
        Lookaside->ListHead.Next = Single;
        Lookaside->Depth++;
        Kept = TRUE;
    }
    KeReleaseSpinLock(&Lookaside->Lock, Old);
    if (!Kept)
        Lookaside->Free(Entry);
}

/* --- interlocked lists --- */

PLIST_ENTRY ExInterlockedInsertTailList(PLIST_ENTRY Head, PLIST_ENTRY Entry, PKSPIN_LOCK Lock)
{
    PLIST_ENTRY Previous;
    KIRQL Old;
    KeAcquireSpinLock(Lock, &Old);
    Previous = IsListEmpty(Head) ? NULL : Head->Blink;
    InsertTailList(Head, Entry);
    KeReleaseSpinLock(Lock, Old);
    return Previous;
}

PLIST_ENTRY ExInterlockedInsertHeadList(PLIST_ENTRY Head, PLIST_ENTRY Entry, PKSPIN_LOCK Lock)
{
    PLIST_ENTRY Previous;
    KIRQL Old;
    KeAcquireSpinLock(Lock, &Old);
    Previous = IsListEmpty(Head) ? NULL : Head->Flink;
    InsertHeadList(Head, Entry);
    KeReleaseSpinLock(Lock, Old);
    return Previous;
}

PLIST_ENTRY ExInterlockedRemoveHeadList(PLIST_ENTRY Head, PKSPIN_LOCK Lock)
{
    PLIST_ENTRY Entry;
    KIRQL Old;
    KeAcquireSpinLock(Lock, &Old);
    Entry = IsListEmpty(Head) ? NULL : RemoveHeadList(Head);
    KeReleaseSpinLock(Lock, Old);
    return Entry;
}
