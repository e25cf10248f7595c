/* SPDX-License-Identifier: MIT */
/*
 * obp.h - private to src/ntos/ob: object header, handle slots, names.
 *
 * Layer: ntos. NT counterpart: the object manager's private part.
 */
#ifndef NTOS_OBP_H
#define NTOS_OBP_H

#include "ob.h"

#include "ex.h"
#include "locks.h"

/*
 * The head of every object; the body follows. Created by ObCreateObject, freed by the thread that
 * takes the last pointer count.
 *
 * O1  PointerCount = references held by code + handles + references pre-paid to handle slots (+ 1 for
 *     a name). The object is freed when it reaches zero and never before.
 * O2  HandleCount = slots of the handle table that hold the object.
 * O3  OBP_FLAG_NAMED is set once the object has been entered in the name space, and stays; ob_name.c knows the name.
 */
typedef struct DECLSPEC_ALIGN(16) OBJECT_HEADER {
    volatile LONG_PTR PointerCount;
    volatile LONG HandleCount;
    UCHAR TypeIndex; /* constant: OBJECT_TYPE.Index */
    UCHAR Flags;     /* OBP_FLAG_xxx, set atomically */
} OBJECT_HEADER;
_Static_assert(sizeof(OBJECT_HEADER) == 16, "a body is aligned as its block is");

#define OBP_FLAG_PERMANENT 0x1 /* the name outlives the last handle */
#define OBP_FLAG_NAMED 0x2

#define OBP_TYPES_MAX 64
/* By OBJECT_TYPE.Index; entry 0 is none. */
extern OBJECT_TYPE *ObpTypes[OBP_TYPES_MAX];
FORCEINLINE OBJECT_TYPE *ObpTypeOf(const OBJECT_HEADER *Header)
{
    return ObpTypes[Header->TypeIndex];
}
FORCEINLINE VOID ObpSetFlag(OBJECT_HEADER *Header, UCHAR Flag)
{
    (VOID)__atomic_fetch_or(&Header->Flags, Flag, __ATOMIC_RELEASE);
}
FORCEINLINE UCHAR ObpFlags(const OBJECT_HEADER *Header)
{
    return __atomic_load_n(&Header->Flags, __ATOMIC_ACQUIRE);
}

FORCEINLINE OBJECT_HEADER *ObpHeader(PVOID Object)
{
    return (OBJECT_HEADER *)Object - 1;
}
FORCEINLINE PVOID ObpBody(OBJECT_HEADER *Header)
{
    return Header + 1;
}

/* Attributes kept with a handle. */
#define OBP_HANDLE_INHERIT OBJ_INHERIT
#define OBP_HANDLE_PROTECTED 0x1u

#define OBP_POOL_TAG_TABLE 'bThO'
#define OBP_POOL_TAG_NAME 'mNbO'
#define OBP_POOL_TAG_LINK 'kLbO'

typedef struct OBP_HANDLE_STATE {
    ACCESS_MASK Access;
    ULONG Attributes;
} OBP_HANDLE_STATE;

/* Drops Count pointer counts at once; deletes at zero. No locks if the type has a Delete procedure. */
VOID ObpDereferenceHeader(OBJECT_HEADER *Header, LONG_PTR Count);

/* --- ob_handle.c --- */
/* Gives the object a handle. The caller's reference stays the caller's. */
NTSTATUS ObpCreateHandle(OBJECT_HEADER *Header, ACCESS_MASK Access, ULONG Attributes, PHANDLE Handle);
/* A reference to whatever the handle names, with the handle's state. STATUS_INVALID_HANDLE. */
NTSTATUS ObpReferenceHandle(HANDLE Handle, OBJECT_HEADER **Header, OBP_HANDLE_STATE *State);
NTSTATUS ObpSetHandleAttributes(HANDLE Handle, ULONG Attributes);
/* Pre-paid references of all slots that hold the object: what a query must not count. */
LONG_PTR ObpCountPrepaid(OBJECT_HEADER *Header);
NTSTATUS ObpCloseHandle(HANDLE Handle);
ACCESS_MASK ObpMapAccess(OBJECT_TYPE *Type, ACCESS_MASK Desired);

/* --- ob_name.c --- */
/* A symbolic link: the body. Target is allocated, absolute, and names an object exactly. */
typedef struct OBP_SYMBOLIC_LINK {
    UNICODE_STRING Target;
} OBP_SYMBOLIC_LINK;
VOID ObpDeleteSymbolicLink(PVOID Object);
/*
 * Enters the object under the name. If there is one already and Existing is not NULL: a reference
 * to it and STATUS_OBJECT_NAME_EXISTS, else STATUS_OBJECT_NAME_COLLISION.
 */
NTSTATUS ObpEnterName(PCUNICODE_STRING Name, ULONG Attributes, OBJECT_HEADER *Header,
    OBJECT_HEADER **Existing);
/* The last handle is gone: a name that is not permanent goes too. */
VOID ObpLastHandleClosed(OBJECT_HEADER *Header);

#endif
