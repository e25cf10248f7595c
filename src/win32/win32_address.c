/* SPDX-License-Identifier: MIT */
/*
 * win32_address.c - WaitOnAddress and its wake-ups.
 *
 * Layer: win32; NT counterpart: the hash table of address waits in ntdll. A futex watches four
 * bytes; Windows allows one, two, four and eight, so waiters stand in a table of our own, by
 * address, and each sleeps on a word of its own. [doc:synchapi/waitonaddress]
 */
#include "win32_private.h"

#define BUCKET_COUNT 128

/* On the stack of the sleeping thread; linked while Linked. Guarded by the bucket's lock, but for
 * Woken. */
typedef struct ADDRESS_WAITER {
    struct ADDRESS_WAITER *Next;
    const VOID *Address;
    BOOL Linked;
    ULONG Woken;
} ADDRESS_WAITER;

typedef struct ADDRESS_BUCKET {
    EX_LOCK Lock;
    ULONG Count; /* waiters linked or about to be: lets a wake-up without waiters skip the lock */
    ADDRESS_WAITER *First;
    ADDRESS_WAITER *Last;
} ADDRESS_BUCKET;

static ADDRESS_BUCKET Buckets[BUCKET_COUNT];

static inline VOID LockBucket(ADDRESS_BUCKET *Bucket) _Acquires_lock_(Win32TableLock) LOCK_UNCHECKED
{
    ExAcquireLock(&Bucket->Lock, Win32TableLockRank);
}
static inline VOID UnlockBucket(ADDRESS_BUCKET *Bucket)
    _Releases_lock_(Win32TableLock) LOCK_UNCHECKED
{
    ExReleaseLock(&Bucket->Lock, Win32TableLockRank);
}

static ADDRESS_BUCKET *BucketOf(const volatile VOID *Address)
{
    ULONG_PTR Key = (ULONG_PTR)Address;
    return &Buckets[((Key >> 3) * 0x9E3779B97F4A7C15ULL) >> 57];
}

/* Is the value still the one the caller does not want to see? */
static BOOL Unchanged(volatile VOID *Address, PVOID Compare, SIZE_T Size)
{
    switch (Size) {
    case 1:
        return __atomic_load_n((volatile UCHAR *)Address, __ATOMIC_SEQ_CST) == *(UCHAR *)Compare;
    case 2:
        return __atomic_load_n((volatile USHORT *)Address, __ATOMIC_SEQ_CST) == *(USHORT *)Compare;
    case 4:
        return __atomic_load_n((volatile ULONG *)Address, __ATOMIC_SEQ_CST) == *(ULONG *)Compare;
    default:
        return __atomic_load_n((volatile ULONGLONG *)Address, __ATOMIC_SEQ_CST) ==
               *(ULONGLONG *)Compare;
    }
}

static VOID Unlink(ADDRESS_BUCKET *Bucket, ADDRESS_WAITER *Waiter)
    _Requires_lock_held_(Win32TableLock)
{
    ADDRESS_WAITER *Previous = NULL, *At = Bucket->First;
    while (At != Waiter) {
        Previous = At;
        At = At->Next;
    }
    if (Previous != NULL)
        Previous->Next = Waiter->Next;
    else
        Bucket->First = Waiter->Next;
    if (Bucket->Last == Waiter)
        Bucket->Last = Previous;
    Waiter->Linked = FALSE;
    __atomic_sub_fetch(&Bucket->Count, 1, __ATOMIC_SEQ_CST);
}

BOOL WINAPI WaitOnAddress(volatile VOID *Address, PVOID Compare, SIZE_T Size, DWORD Milliseconds)
{
    ADDRESS_BUCKET *Bucket = BucketOf(Address);
    ADDRESS_WAITER Waiter = {.Address = (const VOID *)Address, .Linked = TRUE};
    BOOL TimedOut = FALSE;

    if (Size != 1 && Size != 2 && Size != 4 && Size != 8)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    ULONGLONG Deadline = Win32DeadlineFromMs(Milliseconds);
    LockBucket(Bucket);
    /* Count first, value second; a waker writes the value first and reads Count second. */
    __atomic_add_fetch(&Bucket->Count, 1, __ATOMIC_SEQ_CST);
    if (!Unchanged(Address, Compare, Size)) {
        __atomic_sub_fetch(&Bucket->Count, 1, __ATOMIC_SEQ_CST);
        UnlockBucket(Bucket);
        return TRUE;
    }
    if (Bucket->Last != NULL)
        Bucket->Last->Next = &Waiter;
    else
        Bucket->First = &Waiter;
    Bucket->Last = &Waiter;
    UnlockBucket(Bucket);

    while (__atomic_load_n(&Waiter.Woken, __ATOMIC_ACQUIRE) == 0) {
        int64_t Remaining = Win32RemainingTime(Deadline);
        if (Remaining == 0) {
            LockBucket(Bucket);
            TimedOut = Waiter.Linked;
            if (TimedOut)
                Unlink(Bucket, &Waiter);
            UnlockBucket(Bucket);
            if (TimedOut)
                return Win32Fail(ERROR_TIMEOUT);
            Deadline = WIN32_FOREVER; /* unlinked by a waker, who will set Woken at once */
            continue;
        }
        Win32SleepOnWord(&Waiter.Woken, 0, Remaining);
    }
    return TRUE;
}

static VOID WakeAddress(PVOID Address, BOOL All)
{
    ADDRESS_BUCKET *Bucket = BucketOf(Address);
    ADDRESS_WAITER *Woken = NULL, *Next;

    /* An exchange, not a load: it is ordered against the waiter's, so one sees the other. */
    if (__atomic_fetch_add(&Bucket->Count, 0, __ATOMIC_SEQ_CST) == 0)
        return;
    LockBucket(Bucket);
    for (ADDRESS_WAITER *At = Bucket->First; At != NULL; At = Next) {
        Next = At->Next;
        if (At->Address != Address)
            continue;
        Unlink(Bucket, At);
        At->Next = Woken;
        Woken = At;
        if (!All)
            break;
    }
    UnlockBucket(Bucket);
    for (; Woken != NULL; Woken = Next) {
        Next = Woken->Next;
        /* The waiter's stack may be gone after the store; waking a stale address wakes nobody. */
        ULONG *Word = &Woken->Woken;
        __atomic_store_n(Word, 1, __ATOMIC_RELEASE);
        host_futex_wake(Word, 1);
    }
}

VOID WINAPI WakeByAddressSingle(PVOID Address)
{
    WakeAddress(Address, FALSE);
}

VOID WINAPI WakeByAddressAll(PVOID Address)
{
    WakeAddress(Address, TRUE);
}
