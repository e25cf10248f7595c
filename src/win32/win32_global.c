/* SPDX-License-Identifier: MIT */
/*
 * win32_global.c - LocalAlloc and GlobalAlloc.
 *
 * Layer: win32; NT counterpart: kernel32's functions of 16-bit times, over the process heap. Local
 * and global are one. A fixed block's handle is its address; a moveable block has an entry whose
 * address plus 8 is the handle, so that the two can be told apart: heap blocks are 16-byte aligned.
 * [doc:memory/global-and-local-functions]
 */
#include "win32_private.h"

#define ENTRY_OFFSET 8
#define LOCKS_MAX 0xFF

typedef struct MOVEABLE_ENTRY {
    PVOID Memory; /* NULL: discarded, or of no size */
    volatile LONG Locks;
} MOVEABLE_ENTRY;

static BOOL IsMoveable(LPCVOID Handle)
{
    return ((ULONG_PTR)Handle & 15) == ENTRY_OFFSET;
}

static MOVEABLE_ENTRY *EntryOf(LPCVOID Handle)
{
    return (MOVEABLE_ENTRY *)(PVOID)((PUCHAR)(PVOID)Handle - ENTRY_OFFSET);
}

HLOCAL WINAPI LocalAlloc(UINT Flags, SIZE_T Bytes)
{
    HANDLE Heap = GetProcessHeap();
    DWORD Zero = (Flags & LMEM_ZEROINIT) != 0 ? HEAP_ZERO_MEMORY : 0;
    MOVEABLE_ENTRY *Entry;

    if ((Flags & LMEM_MOVEABLE) == 0)
        return HeapAlloc(Heap, Zero, Bytes);
    Entry = HeapAlloc(Heap, HEAP_ZERO_MEMORY, sizeof *Entry);
    if (Entry == NULL)
        return NULL;
    if (Bytes != 0) {
        Entry->Memory = HeapAlloc(Heap, Zero, Bytes);
        if (Entry->Memory == NULL) {
            HeapFree(Heap, 0, Entry);
            return NULL;
        }
    }
    return (HLOCAL)((PUCHAR)Entry + ENTRY_OFFSET);
}

/* NULL on success, the handle on failure. */
HLOCAL WINAPI LocalFree(HLOCAL Handle)
{
    HANDLE Heap = GetProcessHeap();

    if (Handle == NULL)
        return NULL;
    if (IsMoveable(Handle)) {
        MOVEABLE_ENTRY *Entry = EntryOf(Handle);
        HeapFree(Heap, 0, Entry->Memory);
        return HeapFree(Heap, 0, Entry) ? NULL : Handle;
    }
    if (HeapFree(Heap, 0, Handle))
        return NULL;
    SetLastError(ERROR_INVALID_HANDLE);
    return Handle;
}

static BOOL ReallocateMoveable(MOVEABLE_ENTRY *Entry, SIZE_T Bytes, DWORD Zero)
{
    HANDLE Heap = GetProcessHeap();
    PVOID New;

    if (Bytes == 0) {
        if (Entry->Locks != 0)
            return Win32Fail(ERROR_INVALID_HANDLE);
        HeapFree(Heap, 0, Entry->Memory);
        Entry->Memory = NULL;
        return TRUE;
    }
    New = Entry->Memory != NULL ? HeapReAlloc(Heap, Zero, Entry->Memory, Bytes)
                                : HeapAlloc(Heap, Zero, Bytes);
    if (New == NULL)
        return FALSE;
    Entry->Memory = New;
    return TRUE;
}

/* LMEM_MODIFY changes attributes only, of which none means anything here. */
#define MODIFY 0x0080
HLOCAL WINAPI LocalReAlloc(HLOCAL Handle, SIZE_T Bytes, UINT Flags)
{
    DWORD Zero = (Flags & LMEM_ZEROINIT) != 0 ? HEAP_ZERO_MEMORY : 0;

    if (Handle == NULL) {
        SetLastError(ERROR_INVALID_HANDLE);
        return NULL;
    }
    if ((Flags & MODIFY) != 0)
        return Handle;
    if (IsMoveable(Handle))
        return ReallocateMoveable(EntryOf(Handle), Bytes, Zero) ? Handle : NULL;
    /* A fixed block may move only if the caller allows. */
    if ((Flags & LMEM_MOVEABLE) == 0)
        Zero |= HEAP_REALLOC_IN_PLACE_ONLY;
    return HeapReAlloc(GetProcessHeap(), Zero, Handle, Bytes);
}

SIZE_T WINAPI LocalSize(HLOCAL Handle)
{
    PVOID Memory = Handle != NULL && IsMoveable(Handle) ? EntryOf(Handle)->Memory : Handle;
    SIZE_T Bytes = Memory != NULL ? HeapSize(GetProcessHeap(), 0, Memory) : 0;
    if (Memory == NULL || Bytes == (SIZE_T)-1) {
        SetLastError(Handle == NULL || Memory != NULL ? ERROR_INVALID_HANDLE : ERROR_SUCCESS);
        return 0;
    }
    return Bytes;
}

LPVOID WINAPI LocalLock(HLOCAL Handle)
{
    MOVEABLE_ENTRY *Entry;

    if (Handle == NULL || !IsMoveable(Handle))
        return Handle;
    Entry = EntryOf(Handle);
    if (Entry->Memory == NULL) {
        SetLastError(ERROR_DISCARDED);
        return NULL;
    }
    if (__atomic_load_n(&Entry->Locks, __ATOMIC_SEQ_CST) < LOCKS_MAX)
        __atomic_add_fetch(&Entry->Locks, 1, __ATOMIC_SEQ_CST);
    return Entry->Memory;
}

/* FALSE with last error 0: now unlocked. FALSE with ERROR_NOT_LOCKED: it was not locked. */
BOOL WINAPI LocalUnlock(HLOCAL Handle)
{
    MOVEABLE_ENTRY *Entry;

    if (Handle == NULL || !IsMoveable(Handle))
        return Win32Fail(ERROR_NOT_LOCKED);
    Entry = EntryOf(Handle);
    if (__atomic_load_n(&Entry->Locks, __ATOMIC_SEQ_CST) == 0)
        return Win32Fail(ERROR_NOT_LOCKED);
    if (__atomic_sub_fetch(&Entry->Locks, 1, __ATOMIC_SEQ_CST) == 0)
        return Win32Fail(ERROR_SUCCESS);
    return TRUE;
}

HGLOBAL WINAPI GlobalAlloc(UINT Flags, SIZE_T Bytes)
{
    return LocalAlloc(Flags, Bytes);
}

HGLOBAL WINAPI GlobalFree(HGLOBAL Handle)
{
    return LocalFree(Handle);
}

HGLOBAL WINAPI GlobalReAlloc(HGLOBAL Handle, SIZE_T Bytes, UINT Flags)
{
    return LocalReAlloc(Handle, Bytes, Flags);
}

SIZE_T WINAPI GlobalSize(HGLOBAL Handle)
{
    return LocalSize(Handle);
}

LPVOID WINAPI GlobalLock(HGLOBAL Handle)
{
    return LocalLock(Handle);
}

/* Unlocking a fixed block succeeds, other than LocalUnlock. [doc:winbase/globalunlock] */
BOOL WINAPI GlobalUnlock(HGLOBAL Handle)
{
    return Handle != NULL && !IsMoveable(Handle) ? TRUE : LocalUnlock(Handle);
}
