/* SPDX-License-Identifier: MIT */
/*
 * ex_pool.c - the pool: blocks with a tag, counted by tag.
 *
 * Layer: ntos. NT counterpart: ExAllocatePoolWithTag. Paged and non-paged pool are the same. Small blocks lie in
 * the host's slabs, with the number of their tag's counter as mark; large ones, and those with an alignment, are
 * the heap's (host_scratch.c) and have a header. A double free, and a block that was never allocated, stop the process
 * (BAD_POOL_CALLER); in debug builds a wrong tag does too. Not here: quotas, raising on failure, guard pages
 * (AddressSanitizer has them, and then no block is small).
 */
#include "ke/ki.h"

#include "host_memory.h"
#include "host_slab.h"

/* In front of every block of the heap. 16 bytes, so that blocks are aligned as malloc's are. */
typedef struct EX_POOL_HEADER {
    USHORT Slot;   /* of the counter */
    USHORT Offset; /* from the host's block to this header, in units of 16 bytes */
    ULONG HostBytes; /* of the host's block; not exact above MAXULONG, where it does not matter */
    ULONGLONG Magic;
} EX_POOL_HEADER;
_Static_assert(sizeof(EX_POOL_HEADER) == 16, "pool blocks are aligned to 16 bytes");

#define EX_POOL_ALLOCATED 0x6C6F6F50636F6C41ULL
#define EX_POOL_FREED 0x6C6F6F5065657246ULL
#define EX_CACHE_LINE 64

/*
 * Blocks outstanding by tag: the sum of what is here and in every thread's PoolBlocks, which is added here when the
 * thread ends. Entries are taken with a compare-and-swap of Tag and never given back; the last one counts for all tags
 * that found no place.
 */
static EX_POOL_USAGE ExpTags[EX_TAG_SLOTS + 1];
_Static_assert(EX_TAG_SLOTS <= HOST_SLAB_MARK_MAX, "a counter's number is a mark");

static ULONG ExpFindTag(ULONG Tag)
{
    ULONG Slot = (Tag * 0x9E3779B1u) >> 24;
    for (ULONG i = 0; i < EX_TAG_SLOTS; i++, Slot = (Slot + 1) % EX_TAG_SLOTS) {
        ULONG Found = __atomic_load_n(&ExpTags[Slot].Tag, __ATOMIC_RELAXED);
        if (Found == 0
            && __atomic_compare_exchange_n(&ExpTags[Slot].Tag, &Found, Tag, FALSE, __ATOMIC_RELAXED,
                __ATOMIC_RELAXED))
            return Slot;
        if (Found == Tag)
            return Slot;
    }
    return EX_TAG_SLOTS;
}

/* A thread that is attached counts for itself: no other writes to its counters. */
static inline VOID ExpCount(ULONG Slot, LONG Blocks)
{
    PKTHREAD Thread = KiCurrentThread;
    if (Thread != NULL)
        __atomic_store_n(&Thread->PoolBlocks[Slot], Thread->PoolBlocks[Slot] + Blocks, __ATOMIC_RELAXED);
    else
        __atomic_add_fetch(&ExpTags[Slot].Blocks, Blocks, __ATOMIC_RELAXED);
}

VOID ExpBeginThread(PKTHREAD Thread)
{
    host_slab_keep(&Thread->KeptBlocks);
}

VOID ExpEndThread(PKTHREAD Thread)
{
    host_slab_keep(NULL);
    KiLockThreadList(); /* who adds up sees a block in one place */
    for (ULONG i = 0; i <= EX_TAG_SLOTS; i++) {
        __atomic_add_fetch(&ExpTags[i].Blocks, Thread->PoolBlocks[i], __ATOMIC_RELAXED);
        __atomic_store_n(&Thread->PoolBlocks[i], 0, __ATOMIC_RELAXED);
    }
    KiUnlockThreadList();
}

static PVOID ExpAllocateFromHeap(SIZE_T NumberOfBytes, ULONG Slot, SIZE_T Alignment)
{
    SIZE_T Extra = Alignment > 16 ? Alignment : 0;
    SIZE_T Bytes = sizeof(EX_POOL_HEADER) + Extra + NumberOfBytes;
    PCHAR Block;
    ULONG_PTR At;
    EX_POOL_HEADER *Header;

    if (Bytes < NumberOfBytes)
        return NULL;
    Block = host_scratch_allocate(Bytes);
    if (Block == NULL)
        return NULL;
    At = (ULONG_PTR)Block + sizeof(EX_POOL_HEADER);
    if (Extra != 0)
        At = (At + Alignment - 1) & ~(ULONG_PTR)(Alignment - 1);
    Header = (EX_POOL_HEADER *)At - 1;
    Header->Slot = (USHORT)Slot;
    Header->HostBytes = Bytes < MAXULONG ? (ULONG)Bytes : MAXULONG;
    Header->Offset = (USHORT)(((ULONG_PTR)Header - (ULONG_PTR)Block) / 16);
    Header->Magic = EX_POOL_ALLOCATED;
    return Header + 1;
}

static PVOID ExpAllocate(SIZE_T NumberOfBytes, ULONG Tag, SIZE_T Alignment)
{
    ULONG Slot = ExpFindTag(Tag != 0 ? Tag : 'enoN');
    PVOID Block;
    if (Alignment > 16 || host_slab_allocate(NumberOfBytes, (USHORT)Slot, &Block) != 0)
        Block = ExpAllocateFromHeap(NumberOfBytes, Slot, Alignment);
    if (Block != NULL)
        ExpCount(Slot, 1);
    return Block;
}

static SIZE_T ExpAlignment(POOL_TYPE PoolType)
{
    return (PoolType & 7) == NonPagedPoolCacheAligned || (PoolType & 7) == PagedPoolCacheAligned ? EX_CACHE_LINE
                                                                                                 : 16;
}

PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    return ExpAllocate(NumberOfBytes, Tag, ExpAlignment(PoolType));
}

PVOID ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    PVOID Block = ExpAllocate(NumberOfBytes, Tag, ExpAlignment(PoolType));
    if (Block != NULL)
        RtlZeroMemory(Block, NumberOfBytes);
    return Block;
}

PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag)
{
    PVOID Block;
    /* Without a pool, a size or a tag the call is wrong, and fails. [ddi:ExAllocatePool2] */
    if (!(Flags & (POOL_FLAG_NON_PAGED | POOL_FLAG_PAGED)) || NumberOfBytes == 0 || Tag == 0)
        return NULL;
    Block = ExpAllocate(NumberOfBytes, Tag, 16);
    if (Block != NULL && !(Flags & POOL_FLAG_UNINITIALIZED))
        RtlZeroMemory(Block, NumberOfBytes);
    return Block;
}

#if defined(DBG) && DBG
static VOID ExpCheckTag(PVOID Block, ULONG Tag, int Slot)
{
    ULONG Allocated;
    if (Tag == 0 || Slot < 0 || Slot >= EX_TAG_SLOTS)
        return; /* -1: no block, which is told otherwise; the last counter has no tag of its own */
    Allocated = __atomic_load_n(&ExpTags[Slot].Tag, __ATOMIC_RELAXED);
    if (Tag != Allocated)
        KeBugCheckEx(0xC2, 0x0A, (ULONG_PTR)Block, Allocated, Tag);
}
#else
#define ExpCheckTag(Block, Tag, Slot) ((void)0)
#endif

VOID ExFreePoolWithTag(PVOID P, ULONG Tag)
{
    EX_POOL_HEADER *Header = (EX_POOL_HEADER *)P - 1;
    USHORT Slot;

    if (P == NULL)
        KeBugCheckEx(0xC2 /* BAD_POOL_CALLER */, 0x46, 0, Tag, 0);
    if (host_slab_owns(P)) {
        ExpCheckTag(P, Tag, host_slab_mark(P));
        if (host_slab_free(P, &Slot) != 0)
            KeBugCheckEx(0xC2, 0x07, (ULONG_PTR)P, 0, Tag);
    } else {
        if (Header->Magic != EX_POOL_ALLOCATED)
            KeBugCheckEx(0xC2, 0x07, (ULONG_PTR)P, Header->Magic, Tag);
        Slot = Header->Slot;
        ExpCheckTag(P, Tag, Slot);
        Header->Magic = EX_POOL_FREED;
        host_scratch_free((PCHAR)Header - (SIZE_T)Header->Offset * 16, Header->HostBytes);
    }
    ExpCount(Slot, -1);
}

VOID ExFreePool(PVOID P)
{
    ExFreePoolWithTag(P, 0);
}

BOOLEAN ExAreBlocksWatched(VOID)
{
    return !host_slab_wanted();
}

VOID ExpAdjustPoolUsage(ULONG Tag, LONG Blocks)
{
    __atomic_add_fetch(&ExpTags[ExpFindTag(Tag)].Blocks, Blocks, __ATOMIC_RELAXED);
}

/* Blocks in the caches of threads (EX_CACHE) are counted by the pool, and are not in use. */
static LONG ExpCountInUse(ULONG Slot)
{
    ULONG Tag = __atomic_load_n(&ExpTags[Slot].Tag, __ATOMIC_RELAXED);
    KiLockThreadList();
    LONG Count = __atomic_load_n(&ExpTags[Slot].Blocks, __ATOMIC_RELAXED);
    for (PLIST_ENTRY Entry = KiThreadListHead.Flink; Entry != &KiThreadListHead; Entry = Entry->Flink) {
        PKTHREAD Thread = CONTAINING_RECORD(Entry, KTHREAD, ThreadListEntry);
        Count += __atomic_load_n(&Thread->PoolBlocks[Slot], __ATOMIC_RELAXED);
        for (ULONG i = 0; i < ExCacheMax; i++)
            if (__atomic_load_n(&Thread->Caches[i].Tag, __ATOMIC_RELAXED) == Tag)
                Count -= (LONG)__atomic_load_n(&Thread->Caches[i].Depth, __ATOMIC_RELAXED);
    }
    KiUnlockThreadList();
    return Count;
}

ULONG ExQueryPoolUsage(EX_POOL_USAGE *Usage, ULONG Count)
{
    ULONG Found = 0;
    for (ULONG i = 0; i <= EX_TAG_SLOTS; i++) {
        ULONG Tag = __atomic_load_n(&ExpTags[i].Tag, __ATOMIC_RELAXED);
        LONG Blocks = Tag != 0 || i == EX_TAG_SLOTS ? ExpCountInUse(i) : 0;
        if (Blocks == 0)
            continue;
        if (Found < Count) {
            Usage[Found].Tag = Tag;
            Usage[Found].Blocks = Blocks;
        }
        Found++;
    }
    return Found;
}
