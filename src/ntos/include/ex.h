/* SPDX-License-Identifier: MIT */
/*
 * ex.h - pool, counters and user memory for the layers of the stack, beyond wdm.h.
 *
 * Layer: ntos.
 */
#ifndef NTOS_EX_H
#define NTOS_EX_H

#include <wdm.h>

#include "host_memory.h"

/*
 * EX_CACHE - per-thread cache of blocks of one size, for objects of the data path (IRPs, AFD requests).
 * A static EX_CACHE names size and tag; blocks freed on another thread go to that thread's cache. A
 * thread keeps at most DepthMax blocks; what it holds at its end goes back to the pool. Blocks in
 * caches are not counted as outstanding.
 */
typedef struct EX_CACHE {
    ULONG Index; /* 0 .. EX_CACHE_MAX - 1, one per cache in the stack: see enum EX_CACHE_INDEX */
    ULONG Tag;
    SIZE_T Size;
    ULONG DepthMax;
} EX_CACHE;
enum EX_CACHE_INDEX { ExCacheIrp1, ExCacheIrp2, ExCacheIrp3, ExCacheIrp5, ExCacheIrp9, ExCacheIrp17,
    ExCacheAfdRequest, ExCacheAfdStreamRequest, ExCacheIoBuffer, ExCacheIoPacket, ExCacheTlKept, ExCacheMax };
PVOID ExAllocateFromCache(const EX_CACHE *Cache); /* NULL when out of memory; not zeroed */
VOID ExFreeToCache(const EX_CACHE *Cache, PVOID Block);

/* What is outstanding, for leak checks. IRPs: IoQueryIrpCount; objects: ObQueryObjectCount. */
typedef struct EX_POOL_USAGE {
    ULONG Tag;
    LONG Blocks;
} EX_POOL_USAGE;
ULONG ExQueryPoolUsage(EX_POOL_USAGE *Usage, ULONG Count); /* tags with blocks outstanding */
/* Does a tool look at every block of the heap, and at what points to it? Sanitizers, valgrind. */
BOOLEAN ExAreBlocksWatched(VOID);

/*
 * Probed copies of embedded user pointers (METHOD_NEITHER). STATUS_ACCESS_VIOLATION. Alignment other
 * than 1 is checked first: STATUS_DATATYPE_MISALIGNMENT.
 */
_Must_inspect_result_ FORCEINLINE NTSTATUS ExCopyFromUser(PVOID To, const VOID *From, SIZE_T Bytes, ULONG Alignment);
_Must_inspect_result_ NTSTATUS ExCopyToUser(PVOID To, const VOID *From, SIZE_T Bytes, ULONG Alignment);
/*
 * Writes Status into a status block of a user's that is to be there whole, to be written later. An unaligned
 * one is probed and written too. STATUS_ACCESS_VIOLATION.
 */
_Must_inspect_result_ NTSTATUS ExPresetUserStatus(PIO_STATUS_BLOCK Iosb, SIZE_T Bytes, NTSTATUS Status);
/*
 * Is all of a user's structure there? For what is then used in place; free on the calling thread's
 * stack, a call of the host elsewhere. STATUS_ACCESS_VIOLATION; bytes 0 passes.
 */
_Must_inspect_result_ FORCEINLINE NTSTATUS ExProbeForRead(const VOID *Address, SIZE_T Bytes);
_Must_inspect_result_ FORCEINLINE NTSTATUS ExProbeForWrite(const VOID *Address, SIZE_T Bytes);
/* Is a string of units of 1 or 2 bytes there, with its terminating zero? */
BOOLEAN ExProbeText(const VOID *Text, SIZE_T UnitBytes);
/* cheap check of a user buffer's address range (NULL page, wrap, not user space); bytes 0 passes */
_Must_inspect_result_ FORCEINLINE NTSTATUS ExProbeUserRange(const VOID *Address, SIZE_T Bytes);

#if defined(__x86_64__)
#define EX_USER_END 0x00007FFFFFFFF000ULL
#elif defined(__LP64__)
#define EX_USER_END 0x0001000000000000ULL
#else
#define EX_USER_END 0xFFFFF000ULL
#endif
#define EX_USER_START 0x10000ULL /* the first 64 KB are never mapped, as on Windows */

FORCEINLINE NTSTATUS ExProbeUserRange(const VOID *Address, SIZE_T Bytes)
{
    const ULONGLONG Room = EX_USER_END - EX_USER_START;
    ULONGLONG Start = (ULONG_PTR)Address;
    /* One comparison for both ends: what lies below the start is far above the room. */
    if (Bytes != 0 && (Bytes > Room || Start - EX_USER_START > Room - Bytes))
        return STATUS_ACCESS_VIOLATION;
    return STATUS_SUCCESS;
}
/* The host looks at the range itself, where it does not know the memory anyhow. */
FORCEINLINE NTSTATUS ExProbeForRead(const VOID *Address, SIZE_T Bytes)
{
    return host_probe_program(Address, Bytes, 0);
}
FORCEINLINE NTSTATUS ExProbeForWrite(const VOID *Address, SIZE_T Bytes)
{
    return host_probe_program(Address, Bytes, 1);
}
FORCEINLINE NTSTATUS ExCheckAlignment(const VOID *Address, SIZE_T Bytes, ULONG Alignment)
{
    return Alignment > 1 && Bytes != 0 && ((ULONG_PTR)Address & (Alignment - 1)) != 0 ? STATUS_DATATYPE_MISALIGNMENT
                                                                                     : STATUS_SUCCESS;
}
FORCEINLINE NTSTATUS ExCopyFromUser(PVOID To, const VOID *From, SIZE_T Bytes, ULONG Alignment)
{
    NTSTATUS Status = ExCheckAlignment(From, Bytes, Alignment);
    return NT_SUCCESS(Status) ? host_copy_from_program(To, From, Bytes) : Status;
}

/* Where a part of a user's structure is. The address may be any, so it is a number that is added to. */
FORCEINLINE PVOID ExUserField(const VOID *Address, SIZE_T Offset)
{
    return (PVOID)((ULONG_PTR)Address + Offset);
}

/* NtOpenXxx of a named object of the type: checks, look-up, handle. */
struct _OBJECT_TYPE;
_Must_inspect_result_ NTSTATUS ExOpenNamedObject(struct _OBJECT_TYPE *Type, PHANDLE Handle, ACCESS_MASK Access,
    POBJECT_ATTRIBUTES Attributes);
/*
 * Gives a new object its handle, and the name of the caller's attributes, which are captured. Consumes the
 * reference; STATUS_OBJECT_NAME_EXISTS is a success. *Handle has been probed.
 */
_Must_inspect_result_ NTSTATUS ExInsertNewObject(PVOID Object, POBJECT_ATTRIBUTES Attributes, ACCESS_MASK Access,
    PHANDLE Handle);

#endif
