/* SPDX-License-Identifier: MIT */
/*
 * win32_heap.c - heaps.
 *
 * Layer: win32; NT counterpart: RtlAllocateHeap. Blocks come from the C library; a header in front
 * of each keeps the exact size, which HeapSize returns, and its heap. A private heap links its
 * blocks, so that HeapDestroy can free them, and honours its maximum size. HEAP_GENERATE_EXCEPTIONS
 * is not heard.
 */
#include "win32_private.h"

#define PROCESS_HEAP_MARK 0x48656170
#define BLOCK_MARK 0x4B4C4248
#define FREED_MARK 0x65657246

typedef struct WIN32_HEAP {
    ULONG Mark;
    EX_LOCK Lock;
    SIZE_T MaximumBytes; /* 0: growable */
    SIZE_T Bytes;
    struct HEAP_BLOCK *First; /* of a private heap, newest first */
    BOOL IsPrivate;
} WIN32_HEAP;

/* In front of the program's bytes; its size keeps them 16-byte aligned. */
typedef struct DECLSPEC_ALIGN(16) HEAP_BLOCK {
    struct HEAP_BLOCK *Next;
    struct HEAP_BLOCK *Previous;
    SIZE_T Bytes;
    ULONG Mark;
    WIN32_HEAP *Heap;
} HEAP_BLOCK;

static WIN32_HEAP ProcessHeap = {.Mark = PROCESS_HEAP_MARK};

static inline VOID LockHeap(WIN32_HEAP *Heap) _Acquires_lock_(Win32TableLock) LOCK_UNCHECKED
{
    ExAcquireLock(&Heap->Lock, Win32TableLockRank);
}
static inline VOID UnlockHeap(WIN32_HEAP *Heap) _Releases_lock_(Win32TableLock) LOCK_UNCHECKED
{
    ExReleaseLock(&Heap->Lock, Win32TableLockRank);
}

static WIN32_HEAP *CheckHeap(HANDLE Handle)
{
    WIN32_HEAP *Heap = Handle;
    if (Heap != NULL && Heap->Mark == PROCESS_HEAP_MARK)
        return Heap;
    SetLastError(ERROR_INVALID_HANDLE);
    return NULL;
}

/* The block of a pointer that this heap gave out; NULL with ERROR_INVALID_PARAMETER. */
static HEAP_BLOCK *CheckBlock(const WIN32_HEAP *Heap, LPCVOID Memory)
{
    HEAP_BLOCK *Block = Memory != NULL ? (HEAP_BLOCK *)(PVOID)Memory - 1 : NULL;
    if (Block != NULL && Block->Mark == BLOCK_MARK && Block->Heap == Heap)
        return Block;
    SetLastError(ERROR_INVALID_PARAMETER);
    return NULL;
}

HANDLE WINAPI GetProcessHeap(VOID)
{
    return &ProcessHeap;
}

HANDLE WINAPI HeapCreate(DWORD Options, SIZE_T InitialBytes, SIZE_T MaximumBytes)
{
    WIN32_HEAP *Heap;

    if (MaximumBytes != 0 && InitialBytes > MaximumBytes) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    Heap = host_allocate(sizeof *Heap);
    if (Heap == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    RtlZeroMemory(Heap, sizeof *Heap);
    Heap->Mark = PROCESS_HEAP_MARK;
    Heap->MaximumBytes = MaximumBytes;
    Heap->IsPrivate = TRUE;
    return Heap;
}

BOOL WINAPI HeapDestroy(HANDLE Handle)
{
    WIN32_HEAP *Heap = CheckHeap(Handle);
    HEAP_BLOCK *Block, *Next;

    if (Heap == NULL)
        return FALSE;
    if (!Heap->IsPrivate)
        return Win32Fail(ERROR_INVALID_HANDLE);
    Heap->Mark = FREED_MARK;
    for (Block = Heap->First; Block != NULL; Block = Next) {
        Next = Block->Next;
        Block->Mark = FREED_MARK;
        host_free(Block);
    }
    host_free(Heap);
    return TRUE;
}

/* Accounts for a block and links it. FALSE: the heap is full. */
static BOOL LinkBlock(WIN32_HEAP *Heap, HEAP_BLOCK *Block)
{
    BOOL Fits;

    if (!Heap->IsPrivate)
        return TRUE;
    LockHeap(Heap);
    Fits = Heap->MaximumBytes == 0 || Block->Bytes <= Heap->MaximumBytes - Heap->Bytes;
    if (Fits) {
        Heap->Bytes += Block->Bytes;
        Block->Previous = NULL;
        Block->Next = Heap->First;
        if (Heap->First != NULL)
            Heap->First->Previous = Block;
        Heap->First = Block;
    }
    UnlockHeap(Heap);
    return Fits;
}

static VOID UnlinkBlock(WIN32_HEAP *Heap, HEAP_BLOCK *Block)
{
    if (!Heap->IsPrivate)
        return;
    LockHeap(Heap);
    Heap->Bytes -= Block->Bytes;
    if (Block->Previous != NULL)
        Block->Previous->Next = Block->Next;
    else
        Heap->First = Block->Next;
    if (Block->Next != NULL)
        Block->Next->Previous = Block->Previous;
    UnlockHeap(Heap);
}

LPVOID WINAPI HeapAlloc(HANDLE Handle, DWORD Flags, SIZE_T Bytes)
{
    WIN32_HEAP *Heap = CheckHeap(Handle);
    HEAP_BLOCK *Block = NULL;

    if (Heap == NULL)
        return NULL;
    if (Bytes <= MAXSIZE_T / 2)
        Block = host_allocate(sizeof *Block + Bytes);
    if (Block != NULL) {
        Block->Bytes = Bytes;
        Block->Heap = Heap;
        Block->Mark = BLOCK_MARK;
        if (!LinkBlock(Heap, Block)) {
            host_free(Block);
            Block = NULL;
        }
    }
    if (Block == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    if ((Flags & HEAP_ZERO_MEMORY) != 0)
        RtlZeroMemory(Block + 1, Bytes);
    return Block + 1;
}

BOOL WINAPI HeapFree(HANDLE Handle, DWORD Flags, LPVOID Memory)
{
    WIN32_HEAP *Heap = CheckHeap(Handle);
    HEAP_BLOCK *Block;

    if (Heap == NULL)
        return FALSE;
    if (Memory == NULL)
        return TRUE;
    Block = CheckBlock(Heap, Memory);
    if (Block == NULL)
        return FALSE;
    UnlinkBlock(Heap, Block);
    Block->Mark = FREED_MARK;
    host_free(Block);
    return TRUE;
}

/* The block keeps its place, and gives back what it no longer needs on paper only. */
static VOID ShrinkInPlace(WIN32_HEAP *Heap, HEAP_BLOCK *Block, SIZE_T Bytes)
{
    LockHeap(Heap);
    Heap->Bytes -= Block->Bytes - Bytes;
    Block->Bytes = Bytes;
    UnlockHeap(Heap);
}

/* Failure leaves the old block as it was. NULL memory is an error, unlike realloc. */
LPVOID WINAPI HeapReAlloc(HANDLE Handle, DWORD Flags, LPVOID Memory, SIZE_T Bytes)
{
    WIN32_HEAP *Heap = CheckHeap(Handle);
    HEAP_BLOCK *Block = Heap != NULL ? CheckBlock(Heap, Memory) : NULL;

    if (Block == NULL)
        return NULL;
    if ((Flags & HEAP_REALLOC_IN_PLACE_ONLY) != 0) {
        if (Bytes > Block->Bytes) {
            SetLastError(ERROR_NOT_ENOUGH_MEMORY);
            return NULL;
        }
        ShrinkInPlace(Heap, Block, Bytes);
        return Memory;
    }
    PUCHAR New = HeapAlloc(Handle, 0, Bytes);
    if (New == NULL)
        return NULL;
    SIZE_T Kept = Bytes < Block->Bytes ? Bytes : Block->Bytes;
    RtlCopyMemory(New, Memory, Kept);
    if ((Flags & HEAP_ZERO_MEMORY) != 0)
        RtlZeroMemory(New + Kept, Bytes - Kept);
    HeapFree(Handle, 0, Memory);
    return New;
}

SIZE_T WINAPI HeapSize(HANDLE Handle, DWORD Flags, LPCVOID Memory)
{
    WIN32_HEAP *Heap = CheckHeap(Handle);
    HEAP_BLOCK *Block = Heap != NULL ? CheckBlock(Heap, Memory) : NULL;
    return Block != NULL ? Block->Bytes : (SIZE_T)-1;
}

BOOL WINAPI HeapValidate(HANDLE Handle, DWORD Flags, LPCVOID Memory)
{
    WIN32_HEAP *Heap = CheckHeap(Handle);
    return Heap != NULL && (Memory == NULL || CheckBlock(Heap, Memory) != NULL);
}

SIZE_T WINAPI HeapCompact(HANDLE Handle, DWORD Flags)
{
    return CheckHeap(Handle) != NULL ? 0x100000 : 0; /* a free block that could be had */
}

/* Every call locks for itself; a lock over several calls is accepted and does nothing. */
BOOL WINAPI HeapLock(HANDLE Handle)
{
    return CheckHeap(Handle) != NULL;
}

BOOL WINAPI HeapUnlock(HANDLE Handle)
{
    return CheckHeap(Handle) != NULL;
}

BOOL WINAPI HeapSetInformation(HANDLE Handle, int Class, PVOID Information, SIZE_T Bytes)
{
    return TRUE;
}
