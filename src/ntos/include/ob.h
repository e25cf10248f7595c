/* SPDX-License-Identifier: MIT */
/*
 * ob.h - objects, handles and names.
 *
 * Layer: ntos. An object is a body behind an OBJECT_HEADER. It lives while its pointer count is not
 * zero; every open handle holds one pointer count. Closing the last handle calls the type's Close
 * procedure (for files: IRP_MJ_CLEANUP), dropping the last pointer its Delete procedure (IRP_MJ_CLOSE).
 *
 * Handles are multiples of 4, start at 4, and are re-used oldest first, so that a stale handle stays
 * invalid as long as possible. A look-up takes no lock: a table entry is one 64-bit word that holds the
 * object and a supply of pre-paid references; taking one is a compare-and-swap (ob_handle.c).
 */
#ifndef NTOS_OB_H
#define NTOS_OB_H

#include <wdm.h>

#define OB_HANDLES_MAX (1u << 24)

typedef struct _OBJECT_TYPE {
    const char *Name;
    UCHAR Index; /* in ob_object.c's table; 0: not there yet */
    ULONG Tag;
    ACCESS_MASK ValidAccess;
    VOID (*CloseProcedure)(PVOID Object, LONG RemainingHandles); /* after each handle; no lock held */
    VOID (*DeleteProcedure)(PVOID Object);                        /* at the last dereference; no lock held */
    /* offset of the DISPATCHER_HEADER to wait on, -1: not waitable; files wait on FILE_OBJECT.Event */
    LONG DispatcherOffset;
    volatile LONG ObjectCount;
    volatile LONG HandleCount;
} OBJECT_TYPE;

extern OBJECT_TYPE ObpEventType, ObpMutantType, ObpSemaphoreType, ObpTimerType, ObpThreadType, ObpProcessType,
    ObpFileType, ObpDeviceType, ObpDriverType, ObpSymbolicLinkType, ObpIoCompletionType, ObpKeyedEventType, ObpKeyType,
    ObpUserApcReserveType, ObpIoCompletionReserveType;

/* Zeroed body of BodySize bytes with one reference, owned by the caller. */
_Must_inspect_result_ NTSTATUS ObCreateObject(OBJECT_TYPE *Type, SIZE_T BodySize, PVOID *Object);
/*
 * ObInsertObject - gives the object a handle (and a name, if Attributes has one). Consumes the caller's
 * reference, also on failure. STATUS_OBJECT_NAME_COLLISION, or STATUS_OBJECT_NAME_EXISTS (success) with a
 * handle to the existing object when OBJ_OPENIF is given; STATUS_INSUFFICIENT_RESOURCES.
 */
_Must_inspect_result_ NTSTATUS ObInsertObject(PVOID Object, POBJECT_ATTRIBUTES Attributes, ACCESS_MASK DesiredAccess,
    PHANDLE Handle);
/* Another handle to an object one has a reference to; the reference stays the caller's. */
_Must_inspect_result_ NTSTATUS ObOpenObjectByPointer(PVOID Object, ULONG Attributes, ACCESS_MASK DesiredAccess,
    PHANDLE Handle);
/* Named look-up; \Device\Afd\Endpoint finds \Device\Afd and leaves \Endpoint in Remaining. Owns a reference. */
_Must_inspect_result_ NTSTATUS ObLookupName(PCUNICODE_STRING Name, ULONG Attributes, OBJECT_TYPE *Type,
    PVOID *Object, PUNICODE_STRING Remaining);
_Must_inspect_result_ NTSTATUS ObInsertName(PCUNICODE_STRING Name, PVOID Object); /* takes a reference */
VOID ObRemoveName(PVOID Object);
OBJECT_TYPE *ObGetObjectType(PVOID Object);
PDISPATCHER_HEADER ObGetDispatcher(PVOID Object); /* NULL: cannot be waited for */
BOOLEAN ObIsKernelPseudoHandle(HANDLE Handle); /* -1 process, -2 thread */
ULONG ObQueryHandleCount(VOID); /* handles open in the process */
ULONG ObQueryObjectCount(VOID); /* objects alive, without devices, drivers and links */

#endif
