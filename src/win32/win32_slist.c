/* SPDX-License-Identifier: MIT */
/*
 * win32_slist.c - interlocked singly linked lists.
 *
 * Layer: win32; NT counterpart: ntdll's RtlInterlockedPushEntrySList. Windows swaps 16 bytes at
 * once, and a pop may read an entry that another thread has just freed, which its exception handler
 * forgives. There is none here: the lowest bit of the second word is a lock, held for a few
 * instructions. The header is 16 bytes, all zero when empty; the low 16 bits of the first word are
 * the depth. [doc:sync/interlocked-singly-linked-lists]
 */
#include "win32_private.h"

typedef struct SLIST_WORDS {
    ULONGLONG Depth; /* 16 bits, then a count of changes */
    ULONGLONG First; /* address of the first entry, bit 0: locked */
} SLIST_WORDS;

#define SPINS_BEFORE_YIELD 64
#define SEQUENCE_ONE 0x10000ULL
#define DEPTH_MASK 0xFFFFULL

static SLIST_WORDS *Words(PSLIST_HEADER Head)
{
    return (SLIST_WORDS *)(PVOID)Head;
}

static PSLIST_ENTRY Lock(SLIST_WORDS *List)
{
    for (ULONG Spins = 0;; Spins++) {
        ULONGLONG First = __atomic_load_n(&List->First, __ATOMIC_RELAXED) & ~1ULL;
        if (__atomic_compare_exchange_n(
                &List->First, &First, First | 1, FALSE, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return (PSLIST_ENTRY)(ULONG_PTR)First;
        if (Spins < SPINS_BEFORE_YIELD)
            Win32Pause();
        else
            host_thread_yield();
    }
}

static VOID Unlock(SLIST_WORDS *List, PSLIST_ENTRY First, ULONGLONG Depth)
{
    ULONGLONG Sequence =
        (__atomic_load_n(&List->Depth, __ATOMIC_RELAXED) & ~DEPTH_MASK) + SEQUENCE_ONE;
    __atomic_store_n(&List->Depth, Sequence | (Depth & DEPTH_MASK), __ATOMIC_RELAXED);
    __atomic_store_n(&List->First, (ULONGLONG)(ULONG_PTR)First, __ATOMIC_RELEASE);
}

VOID WINAPI InitializeSListHead(PSLIST_HEADER Head)
{
    Words(Head)->Depth = 0;
    __atomic_store_n(&Words(Head)->First, 0, __ATOMIC_RELEASE);
}

PSLIST_ENTRY WINAPI InterlockedPushEntrySList(PSLIST_HEADER Head, PSLIST_ENTRY Entry)
{
    PSLIST_ENTRY First = Lock(Words(Head));
    Entry->Next = First;
    Unlock(Words(Head), Entry, Words(Head)->Depth + 1);
    return First;
}

PSLIST_ENTRY WINAPI InterlockedPushListSListEx(
    PSLIST_HEADER Head, PSLIST_ENTRY List, PSLIST_ENTRY ListEnd, ULONG Count)
{
    PSLIST_ENTRY First = Lock(Words(Head));
    ListEnd->Next = First;
    Unlock(Words(Head), List, Words(Head)->Depth + Count);
    return First;
}

PSLIST_ENTRY WINAPI InterlockedPopEntrySList(PSLIST_HEADER Head)
{
    if ((__atomic_load_n(&Words(Head)->First, __ATOMIC_ACQUIRE) & ~1ULL) == 0)
        return NULL;
    PSLIST_ENTRY First = Lock(Words(Head));
    if (First == NULL)
        Unlock(Words(Head), NULL, 0);
    else
        Unlock(Words(Head), First->Next, Words(Head)->Depth - 1);
    return First;
}

PSLIST_ENTRY WINAPI InterlockedFlushSList(PSLIST_HEADER Head)
{
    PSLIST_ENTRY First = Lock(Words(Head));
    Unlock(Words(Head), NULL, 0);
    return First;
}

USHORT WINAPI QueryDepthSList(PSLIST_HEADER Head)
{
    return (USHORT)__atomic_load_n(&Words(Head)->Depth, __ATOMIC_RELAXED);
}

PSLIST_ENTRY WINAPI RtlFirstEntrySList(const SLIST_HEADER *Head)
{
    const SLIST_WORDS *List = (const SLIST_WORDS *)(const VOID *)Head;
    return (PSLIST_ENTRY)(ULONG_PTR)(__atomic_load_n(&List->First, __ATOMIC_ACQUIRE) & ~1ULL);
}
