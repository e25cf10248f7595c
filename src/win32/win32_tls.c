/* SPDX-License-Identifier: MIT */
/*
 * win32_tls.c - thread local and fiber local storage.
 *
 * Layer: win32; NT counterpart: TlsAlloc and FlsAlloc of kernel32. There are no fibers: FLS is TLS
 * with callbacks at the end of a thread and when the index is freed.
 * [doc:procthread/thread-local-storage]
 *
 * TLS: 1088 indexes, as on Windows. A slot remembers the generation of its index in which it was
 * set, so that freeing an index empties it in all threads without looking at them. Slots come in
 * chunks of 64, made at the first value a thread stores there.
 */
#include "win32_private.h"

#define TLS_SLOTS 1088
#define CHUNK_SLOTS 64
#define CHUNKS (TLS_SLOTS / CHUNK_SLOTS)

typedef struct TLS_SLOT {
    PVOID Value;
    ULONGLONG Generation;
} TLS_SLOT;

static _Thread_local TLS_SLOT *Chunks[CHUNKS];
static ULONGLONG Generations[TLS_SLOTS]; /* atomic */
static UCHAR TlsUsed[TLS_SLOTS] _Guarded_by_(Win32TableLock);

DWORD WINAPI TlsAlloc(VOID)
{
    DWORD Index;

    Win32AcquireLock();
    for (Index = 0; Index < TLS_SLOTS && TlsUsed[Index]; Index++)
        continue;
    if (Index < TLS_SLOTS) {
        TlsUsed[Index] = TRUE;
        __atomic_add_fetch(&Generations[Index], 1, __ATOMIC_RELEASE);
    }
    Win32ReleaseLock();
    if (Index < TLS_SLOTS)
        return Index;
    SetLastError(ERROR_NO_MORE_ITEMS);
    return TLS_OUT_OF_INDEXES;
}

BOOL WINAPI TlsFree(DWORD Index)
{
    BOOL WasUsed = FALSE;

    if (Index < TLS_SLOTS) {
        Win32AcquireLock();
        WasUsed = TlsUsed[Index];
        TlsUsed[Index] = FALSE;
        __atomic_add_fetch(&Generations[Index], 1, __ATOMIC_RELEASE);
        Win32ReleaseLock();
    }
    return WasUsed ? TRUE : Win32Fail(ERROR_INVALID_PARAMETER);
}

/* Only the range of the index is checked, and success clears the last error, as documented. */
LPVOID WINAPI TlsGetValue(DWORD Index)
{
    if (Index >= TLS_SLOTS) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    SetLastError(ERROR_SUCCESS);
    const TLS_SLOT *Chunk = Chunks[Index / CHUNK_SLOTS];
    if (Chunk == NULL)
        return NULL;
    const TLS_SLOT *Slot = &Chunk[Index % CHUNK_SLOTS];
    return Slot->Generation == __atomic_load_n(&Generations[Index], __ATOMIC_ACQUIRE) ? Slot->Value
                                                                                      : NULL;
}

BOOL WINAPI TlsSetValue(DWORD Index, LPVOID Value)
{
    if (Index >= TLS_SLOTS)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    TLS_SLOT **Chunk = &Chunks[Index / CHUNK_SLOTS];
    if (*Chunk == NULL) {
        if (Value == NULL)
            return TRUE;
        *Chunk = host_allocate(CHUNK_SLOTS * sizeof(TLS_SLOT));
        if (*Chunk == NULL)
            return Win32Fail(ERROR_NOT_ENOUGH_MEMORY);
        RtlZeroMemory(*Chunk, CHUNK_SLOTS * sizeof(TLS_SLOT));
        Win32WatchThreadExit();
    }
    (*Chunk)[Index % CHUNK_SLOTS].Value = Value;
    (*Chunk)[Index % CHUNK_SLOTS].Generation =
        __atomic_load_n(&Generations[Index], __ATOMIC_ACQUIRE);
    return TRUE;
}

VOID Win32FreeTlsChunks(VOID)
{
    for (ULONG i = 0; i < CHUNKS; i++) {
        host_free(Chunks[i]);
        Chunks[i] = NULL;
    }
}

/*
 * --- FLS ---
 *
 * Values live in the thread's record, because FlsFree must find those of all threads. Index 0 is
 * never given out, as on Windows.
 */
typedef struct FLS_INDEX {
    BOOL Used;
    PFLS_CALLBACK_FUNCTION Callback;
} FLS_INDEX;

static FLS_INDEX FlsIndexes[WIN32_FLS_SLOTS] _Guarded_by_(Win32TableLock);

DWORD WINAPI FlsAlloc(PFLS_CALLBACK_FUNCTION Callback)
{
    DWORD Index;

    Win32AcquireLock();
    for (Index = 1; Index < WIN32_FLS_SLOTS && FlsIndexes[Index].Used; Index++)
        continue;
    if (Index < WIN32_FLS_SLOTS) {
        FlsIndexes[Index].Used = TRUE;
        FlsIndexes[Index].Callback = Callback;
    }
    Win32ReleaseLock();
    if (Index < WIN32_FLS_SLOTS)
        return Index;
    SetLastError(ERROR_NO_MORE_ITEMS);
    return FLS_OUT_OF_INDEXES;
}

/* Takes one value of an index out of any thread; FALSE when there is none left. */
static BOOL TakeFlsValue(DWORD Index, PVOID *Value)
{
    *Value = NULL;
    Win32AcquireLock();
    for (WIN32_THREAD *Thread = Win32Threads; Thread != NULL && *Value == NULL;
         Thread = Thread->Next) {
        if (Thread->Fls != NULL) {
            *Value = Thread->Fls[Index];
            Thread->Fls[Index] = NULL;
        }
    }
    Win32ReleaseLock();
    return *Value != NULL;
}

BOOL WINAPI FlsFree(DWORD Index)
{
    PFLS_CALLBACK_FUNCTION Callback;
    PVOID Value;
    BOOL WasUsed;

    if (Index == 0 || Index >= WIN32_FLS_SLOTS)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    Win32AcquireLock();
    WasUsed = FlsIndexes[Index].Used;
    Callback = FlsIndexes[Index].Callback;
    FlsIndexes[Index].Callback = NULL;
    Win32ReleaseLock();
    if (!WasUsed)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    while (TakeFlsValue(Index, &Value)) {
        if (Callback != NULL)
            Callback(Value);
    }
    /* Free for others only now: a new owner must not find values of the old one. */
    Win32AcquireLock();
    FlsIndexes[Index].Used = FALSE;
    Win32ReleaseLock();
    return TRUE;
}

PVOID WINAPI FlsGetValue(DWORD Index)
{
    PVOID Value = NULL;

    if (Index == 0 || Index >= WIN32_FLS_SLOTS) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    ULONG Number = Win32CurrentThreadNumber();
    Win32AcquireLock();
    WIN32_THREAD *Thread = Win32FindThread(Number, FALSE);
    if (Thread != NULL && Thread->Fls != NULL)
        Value = Thread->Fls[Index];
    Win32ReleaseLock();
    SetLastError(ERROR_SUCCESS);
    return Value;
}

/* The thread's values, made at its first. NULL: memory is short. Caller holds the lock. */
static PVOID *MakeFlsValues(ULONG Number) _Requires_lock_held_(Win32TableLock)
{
    WIN32_THREAD *Thread = Win32FindThread(Number, TRUE);
    if (Thread == NULL)
        return NULL;
    if (Thread->Fls == NULL) {
        Thread->Fls = host_allocate(WIN32_FLS_SLOTS * sizeof(PVOID));
        if (Thread->Fls != NULL)
            RtlZeroMemory(Thread->Fls, WIN32_FLS_SLOTS * sizeof(PVOID));
    }
    return Thread->Fls;
}

BOOL WINAPI FlsSetValue(DWORD Index, PVOID Value)
{
    DWORD Error = ERROR_SUCCESS;

    if (Index == 0 || Index >= WIN32_FLS_SLOTS)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    Win32WatchThreadExit();
    ULONG Number = Win32CurrentThreadNumber();
    Win32AcquireLock();
    if (FlsIndexes[Index].Used) {
        PVOID *Values = MakeFlsValues(Number);
        if (Values != NULL)
            Values[Index] = Value;
        else
            Error = ERROR_NOT_ENOUGH_MEMORY;
    } else {
        Error = ERROR_INVALID_PARAMETER;
    }
    Win32ReleaseLock();
    return Error == ERROR_SUCCESS ? TRUE : Win32Fail(Error);
}

/*
 * At a thread's end: each value once; a callback may store another value, which is given again,
 * within reason.
 */
#define FLS_ROUNDS_MAX 4
/* Gives one value of the thread to its callback; FALSE if it has none at that index. */
static BOOL RunFlsCallback(ULONG Number, DWORD Index)
{
    PFLS_CALLBACK_FUNCTION Callback = NULL;
    PVOID Value = NULL;

    Win32AcquireLock();
    WIN32_THREAD *Thread = Win32FindThread(Number, FALSE);
    if (Thread != NULL && Thread->Fls != NULL) {
        Value = Thread->Fls[Index];
        Thread->Fls[Index] = NULL;
        Callback = FlsIndexes[Index].Callback;
    }
    Win32ReleaseLock();
    if (Value == NULL || Callback == NULL)
        return FALSE;
    Callback(Value);
    return TRUE;
}

VOID Win32RunFlsCallbacks(VOID)
{
    ULONG Number = Win32CurrentThreadNumber();
    BOOL Any = TRUE;

    for (ULONG Round = 0; Any && Round < FLS_ROUNDS_MAX; Round++) {
        Any = FALSE;
        for (DWORD Index = 1; Index < WIN32_FLS_SLOTS; Index++)
            Any |= RunFlsCallback(Number, Index);
    }
}
