/* SPDX-License-Identifier: MIT */
/*
 * tl_kept.c - what a send has promised and the host had no room for: bytes that the stack keeps.
 *
 * Layer: transport. NT counterpart: AFD's send buffers. [kb:Q214397]
 *
 * On Windows a send that may not wait is taken whole as soon as there is any room, and the next one is
 * refused until that has gone. So the rest of a send of which the host took a part is copied, and waits at
 * the head of the endpoint's sends as a request of the engine's own. This is the one allocation on the data
 * path, and only of sends that did not go through. Bounds: one such request per endpoint, and
 * TL_KEPT_MAX bytes in the process; beyond that, or without memory, a part is taken and counted.
 *
 * The program may end meanwhile, where Windows goes on. TlAwaitKept holds the process back while the peers
 * take bytes. Deliberately absent: what is lost by a signal that kills, and a peer that stands still.
 */
#include "tl_private.h"

#include "host_system.h"
#include "host_thread.h"

#define TL_KEPT_TAG 'pKlT'
#define TL_KEPT_SMALL_TAG 'sKlT'
#define TL_KEPT_MAX ((SIZE_T)256 << 20)
#define TL_KEPT_ROUND_100NS 500000LL /* how often progress is looked at */
#define TL_KEPT_STILL_ROUNDS 100     /* 5 s without a byte */

/*
 * Created by TlKeepRest, freed by TlReleaseKept. Between, Request is in a queue of an engine, whose lock
 * guards it; only Bytes is read by TlAwaitKept, as a hint.
 */
typedef struct TL_KEPT {
    TL_REQUEST Request;
    TL_BUFFER Buffer; /* all of Data */
    LIST_ENTRY Link;
    char Data[];
} TL_KEPT;

/* Small sends that are put off come and go with the data; they are not in the list. */
static const EX_CACHE TlSmallCache = {ExCacheTlKept, TL_KEPT_SMALL_TAG, sizeof(TL_KEPT) + TL_KEEP_SMALL_MAX, 128};

static EX_LOCK TlKeptLock; /* class TlEngineLock */
static LIST_ENTRY TlKeptList = {&TlKeptList, &TlKeptList};
static SIZE_T TlKeptBytes;  /* of all; atomic */
static ULONG TlKeptWord;    /* futex: counts releases */
static ULONG TlKeptAwaited; /* the process is to end; atomic */

static VOID LockKept(VOID) _Acquires_lock_(TlEngineLock) LOCK_UNCHECKED
{
    ExAcquireLock(&TlKeptLock, TlEngineLockRank);
}

static VOID UnlockKept(VOID) _Releases_lock_(TlEngineLock) LOCK_UNCHECKED
{
    ExReleaseLock(&TlKeptLock, TlEngineLockRank);
}

/* --- the end of the process --- */

/* A hint, read beside the engine that writes it under its lock; the path of every send has no atomic for it. */
__attribute__((no_sanitize("thread"), noinline)) static SIZE_T BytesGone(const TL_KEPT *Kept)
{
    return *(const volatile SIZE_T *)&Kept->Request.Bytes;
}

static SIZE_T Progress(VOID)
{
    SIZE_T Bytes = 0;
    LockKept();
    for (const LIST_ENTRY *Entry = TlKeptList.Flink; Entry != &TlKeptList; Entry = Entry->Flink)
        Bytes += BytesGone(CONTAINING_RECORD(Entry, TL_KEPT, Link));
    UnlockKept();
    return Bytes;
}

static void TlAwaitKept(void)
{
    SIZE_T Last = 0;
    ULONG Still = 0, LastWord = 0;
    KePayAllPollers();
    __atomic_store_n(&TlKeptAwaited, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&TlKeptBytes, __ATOMIC_SEQ_CST) != 0 && Still < TL_KEPT_STILL_ROUNDS) {
        ULONG Word = __atomic_load_n(&TlKeptWord, __ATOMIC_SEQ_CST);
        SIZE_T Now = Progress();
        Still = Now == Last && Word == LastWord ? Still + 1 : 0;
        Last = Now;
        LastWord = Word;
        if (__atomic_load_n(&TlKeptBytes, __ATOMIC_SEQ_CST) != 0)
            host_futex_wait(&TlKeptWord, Word, TL_KEPT_ROUND_100NS);
    }
}

/* --- keeping --- */

static BOOLEAN Account(TL_KEPT *Kept, SIZE_T Bytes)
{
    BOOLEAN Fits;
    LockKept();
    Fits = Bytes <= TL_KEPT_MAX - __atomic_load_n(&TlKeptBytes, __ATOMIC_SEQ_CST);
    if (Fits) {
        __atomic_add_fetch(&TlKeptBytes, Bytes, __ATOMIC_SEQ_CST);
        InsertTailList(&TlKeptList, &Kept->Link);
    }
    UnlockKept();
    return Fits;
}

static BOOLEAN CopyRest(TL_KEPT *Kept, const TL_REQUEST *Request)
{
    SIZE_T Done = Request->Bytes, Copied = 0;
    while (Copied < Kept->Buffer.length) {
        TL_BUFFER Slice[TL_SLICE_MAX];
        SIZE_T Wanted;
        ULONG Count = TlSlice(Request->Buffers, Request->BufferCount, Done + Copied, Slice, &Wanted);
        for (ULONG i = 0; i < Count; i++) {
            if (!NT_SUCCESS(host_copy_from_program(Kept->Data + Copied, Slice[i].base, Slice[i].length)))
                return FALSE;
            Copied += Slice[i].length;
        }
    }
    return TRUE;
}

static VOID SetUp(TL_KEPT *Kept, const TL_REQUEST *Request)
{
    static ULONG Awaits;
    if (!__atomic_load_n(&Awaits, __ATOMIC_RELAXED)) {
        host_at_exit(TlAwaitKept);
        __atomic_store_n(&Awaits, 1, __ATOMIC_RELAXED);
    }
    Kept->Request.Endpoint = Request->Endpoint;
    Kept->Request.Kind = Request->Kind;
    Kept->Request.Flags = TL_REQUEST_KEPT;
    Kept->Request.MessageFlags = Request->MessageFlags;
    Kept->Request.Buffers = &Kept->Buffer;
    Kept->Request.BufferCount = 1;
    Kept->Request.Poller = Request->Poller;
}

TL_REQUEST *TlKeepRest(const TL_REQUEST *Request)
{
    SIZE_T Bytes = TlTotalBytes(Request->Buffers, Request->BufferCount) - Request->Bytes;
    TL_KEPT *Kept;
    if (Bytes > TL_KEPT_MAX)
        return NULL;
    Kept = ExAllocatePoolWithTag(NonPagedPool, sizeof *Kept + Bytes, TL_KEPT_TAG);
    if (Kept == NULL)
        return NULL;
    RtlZeroMemory(Kept, sizeof *Kept);
    Kept->Buffer.base = Kept->Data;
    Kept->Buffer.length = (uint32_t)Bytes;
    if (!CopyRest(Kept, Request) || !Account(Kept, Bytes)) {
        ExFreePoolWithTag(Kept, TL_KEPT_TAG);
        return NULL;
    }
    SetUp(Kept, Request);
    return &Kept->Request;
}

TL_REQUEST *TlKeepSmall(const TL_REQUEST *Request)
{
    ULONG Bytes = Request->Buffers[0].length;
    TL_KEPT *Kept = ExAllocateFromCache(&TlSmallCache);
    if (Kept == NULL)
        return NULL;
    if (!NT_SUCCESS(host_copy_from_program(Kept->Data, Request->Buffers[0].base, Bytes))) {
        ExFreeToCache(&TlSmallCache, Kept);
        return NULL;
    }
    RtlZeroMemory(Kept, sizeof *Kept);
    Kept->Buffer.base = Kept->Data;
    Kept->Buffer.length = Bytes;
    __atomic_add_fetch(&TlKeptBytes, Bytes, __ATOMIC_SEQ_CST);
    SetUp(Kept, Request);
    return &Kept->Request;
}

VOID TlTrimKept(TL_REQUEST *Request)
{
    TL_KEPT *Kept = CONTAINING_RECORD(Request, TL_KEPT, Request);
    LockKept();
    __atomic_sub_fetch(&TlKeptBytes, Request->Bytes, __ATOMIC_SEQ_CST);
    Kept->Buffer.base += Request->Bytes;
    Kept->Buffer.length -= (uint32_t)Request->Bytes;
    Request->Bytes = 0;
    UnlockKept();
}

VOID TlReleaseKept(TL_REQUEST *Request)
{
    TL_KEPT *Kept = CONTAINING_RECORD(Request, TL_KEPT, Request);
    BOOLEAN Small = Kept->Link.Flink == NULL;
    if (!Small) {
        LockKept();
        RemoveEntryList(&Kept->Link);
        UnlockKept();
    }
    __atomic_sub_fetch(&TlKeptBytes, Kept->Buffer.length, __ATOMIC_SEQ_CST);
    if (Small)
        ExFreeToCache(&TlSmallCache, Kept);
    else
        ExFreePoolWithTag(Kept, TL_KEPT_TAG);
    if (!__atomic_load_n(&TlKeptAwaited, __ATOMIC_SEQ_CST))
        return;
    __atomic_add_fetch(&TlKeptWord, 1, __ATOMIC_SEQ_CST);
    host_futex_wake(&TlKeptWord, UINT32_MAX);
}
