/* SPDX-License-Identifier: MIT */
/*
 * ob_object.c - types, creation, references, insertion and deletion of objects.
 *
 * Layer: ntos. NT counterpart: the object manager. There is no security: every right that a type knows
 * is granted to whoever asks, and refused later to a handle that did not ask for it.
 */
#include "ob/obp.h"

#include <ntapi.h>

#include "ke.h"

/* Every type: name, text, pool tag, access, where its dispatcher header is. */
#define TYPES(X) \
    X(ObpEventType, "Event", 'nevE', EVENT_ALL_ACCESS, 0) \
    X(ObpMutantType, "Mutant", 'atuM', MUTANT_ALL_ACCESS, 0) \
    X(ObpSemaphoreType, "Semaphore", 'ameS', SEMAPHORE_ALL_ACCESS, 0) \
    X(ObpTimerType, "Timer", 'emiT', TIMER_ALL_ACCESS, 0) \
    X(ObpThreadType, "Thread", 'erhT', THREAD_ALL_ACCESS, 0) \
    X(ObpProcessType, "Process", 'corP', PROCESS_ALL_ACCESS, 0) \
    X(ObpFileType, "File", 'eliF', FILE_ALL_ACCESS, FIELD_OFFSET(FILE_OBJECT, Event)) \
    X(ObpDeviceType, "Device", 'iveD', FILE_ALL_ACCESS, -1) \
    X(ObpDriverType, "Driver", 'virD', STANDARD_RIGHTS_REQUIRED, -1) \
    X(ObpSymbolicLinkType, "SymbolicLink", 'bmyS', STANDARD_RIGHTS_REQUIRED | 1, -1) \
    X(ObpIoCompletionType, "IoCompletion", 'pCoI', STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 3, 0) \
    X(ObpKeyedEventType, "KeyedEvent", 'yeKE', KEYEDEVENT_ALL_ACCESS, -1) \
    X(ObpUserApcReserveType, "UserApcReserve", 'rApR', STANDARD_RIGHTS_REQUIRED | 3, -1) \
    X(ObpIoCompletionReserveType, "IoCompletionReserve", 'rCoR', STANDARD_RIGHTS_REQUIRED | 3, -1) \
    X(ObpKeyType, "Key", ' yeK', STANDARD_RIGHTS_REQUIRED | 0x3F, -1)

enum {
    NoIndex,
#define X(name, text, tag, access, dispatcher) name##Index,
    TYPES(X)
#undef X
    FirstFreeIndex
};
#define X(name, text, tag, access, dispatcher) \
    OBJECT_TYPE name = {.Name = text, .Index = name##Index, .Tag = tag, .ValidAccess = access, \
        .DispatcherOffset = dispatcher};
TYPES(X)
#undef X
OBJECT_TYPE *ObpTypes[OBP_TYPES_MAX] = {
    NULL,
#define X(name, text, tag, access, dispatcher) &name,
    TYPES(X)
#undef X
};
static EX_LOCK ObpTypeLock;
static ULONG ObpTypeCount _Guarded_by_(ObNameSpaceLock) = FirstFreeIndex;

/* A type of somebody else's gets its number with its first object. FALSE: there are too many. */
static BOOLEAN RegisterType(OBJECT_TYPE *Type) LOCK_UNCHECKED
{
    BOOLEAN Registered;
    if (__atomic_load_n(&Type->Index, __ATOMIC_ACQUIRE) != NoIndex)
        return TRUE;
    ExAcquireLock(&ObpTypeLock, ObNameSpaceLockRank);
    if (Type->Index == NoIndex && ObpTypeCount < OBP_TYPES_MAX) {
        ObpTypes[ObpTypeCount] = Type;
        __atomic_store_n(&Type->Index, (UCHAR)ObpTypeCount++, __ATOMIC_RELEASE);
    }
    Registered = Type->Index != NoIndex;
    ExReleaseLock(&ObpTypeLock, ObNameSpaceLockRank);
    return Registered;
}

static POBJECT_TYPE FileTypePointer = &ObpFileType;
static POBJECT_TYPE EventTypePointer = &ObpEventType;
static POBJECT_TYPE SemaphoreTypePointer = &ObpSemaphoreType;
static POBJECT_TYPE ThreadTypePointer = &ObpThreadType;
POBJECT_TYPE *IoFileObjectType = &FileTypePointer;
POBJECT_TYPE *ExEventObjectType = &EventTypePointer;
POBJECT_TYPE *ExSemaphoreObjectType = &SemaphoreTypePointer;
POBJECT_TYPE *PsThreadType = &ThreadTypePointer;

NTSTATUS ObCreateObject(OBJECT_TYPE *Type, SIZE_T BodySize, PVOID *Object)
{
    SIZE_T Bytes = sizeof(OBJECT_HEADER) + BodySize;
    OBJECT_HEADER *Header = RegisterType(Type) ? ExAllocatePoolWithTag(NonPagedPool, Bytes, Type->Tag) : NULL;
    if (Header == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(Header, Bytes);
    Header->PointerCount = 1;
    Header->TypeIndex = Type->Index;
    __atomic_add_fetch(&Type->ObjectCount, 1, __ATOMIC_RELAXED);
    *Object = ObpBody(Header);
    return STATUS_SUCCESS;
}

static VOID ObpDeleteObject(OBJECT_HEADER *Header)
{
    OBJECT_TYPE *Type = ObpTypeOf(Header);
    if (Type->DeleteProcedure != NULL) {
        KeAssertNoLocksHeld("object deletion");
        Type->DeleteProcedure(ObpBody(Header));
    }
    __atomic_sub_fetch(&Type->ObjectCount, 1, __ATOMIC_RELAXED);
    ExFreePoolWithTag(Header, Type->Tag);
}

VOID ObpDereferenceHeader(OBJECT_HEADER *Header, LONG_PTR Count)
{
    LONG_PTR Left = __atomic_sub_fetch(&Header->PointerCount, Count, __ATOMIC_ACQ_REL);
    ASSERT(Left >= 0);
    if (Left == 0)
        ObpDeleteObject(Header);
}

LONG_PTR ObfReferenceObject(PVOID Object)
{
    LONG_PTR Count = __atomic_add_fetch(&ObpHeader(Object)->PointerCount, 1, __ATOMIC_RELAXED);
    ASSERT(Count > 1);
    return Count;
}

LONG_PTR ObfDereferenceObject(PVOID Object)
{
    OBJECT_HEADER *Header = ObpHeader(Object);
    LONG_PTR Left = __atomic_sub_fetch(&Header->PointerCount, 1, __ATOMIC_ACQ_REL);
    ASSERT(Left >= 0);
    if (Left == 0)
        ObpDeleteObject(Header);
    return Left;
}

OBJECT_TYPE *ObGetObjectType(PVOID Object)
{
    return ObpTypeOf(ObpHeader(Object));
}

PDISPATCHER_HEADER ObGetDispatcher(PVOID Object)
{
    LONG Offset = ObpTypeOf(ObpHeader(Object))->DispatcherOffset;
    return Offset < 0 ? NULL : (PDISPATCHER_HEADER)(PVOID)((PCHAR)Object + Offset);
}

NTSTATUS ObInsertObject(PVOID Object, POBJECT_ATTRIBUTES Attributes, ACCESS_MASK DesiredAccess,
    PHANDLE Handle)
{
    OBJECT_HEADER *Header = ObpHeader(Object), *Existing = NULL;
    ULONG Flags = Attributes != NULL ? Attributes->Attributes : 0;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Attributes != NULL && Attributes->Length != sizeof(OBJECT_ATTRIBUTES))
        Status = STATUS_INVALID_PARAMETER;
    else if (Attributes != NULL && Attributes->ObjectName != NULL &&
        Attributes->ObjectName->Length != 0) {
        if (Flags & OBJ_PERMANENT)
            ObpSetFlag(Header, OBP_FLAG_PERMANENT);
        Status = ObpEnterName(Attributes->ObjectName, Flags, Header,
            (Flags & OBJ_OPENIF) != 0 ? &Existing : NULL);
    }
    if (NT_SUCCESS(Status)) {
        OBJECT_HEADER *Target = Existing != NULL ? Existing : Header;
        ACCESS_MASK Access = ObpMapAccess(ObpTypeOf(Target), DesiredAccess);
        NTSTATUS HandleStatus = ObpCreateHandle(Target, Access, Flags, Handle);
        if (!NT_SUCCESS(HandleStatus)) {
            if (Existing == NULL)
                ObRemoveName(Object);
            Status = HandleStatus;
        }
    }
    if (Existing != NULL)
        ObpDereferenceHeader(Existing, 1);
    ObpDereferenceHeader(Header, 1);
    return Status;
}

NTSTATUS ObOpenObjectByPointer(PVOID Object, ULONG Attributes, ACCESS_MASK DesiredAccess, PHANDLE Handle)
{
    OBJECT_HEADER *Header = ObpHeader(Object);
    return ObpCreateHandle(Header, ObpMapAccess(ObpTypeOf(Header), DesiredAccess), Attributes, Handle);
}

ULONG ObQueryObjectCount(VOID)
{
    static OBJECT_TYPE *const Counted[] = {&ObpEventType, &ObpMutantType, &ObpSemaphoreType, &ObpTimerType,
        &ObpThreadType, &ObpProcessType, &ObpFileType, &ObpIoCompletionType, &ObpKeyedEventType,
        &ObpKeyType, &ObpUserApcReserveType, &ObpIoCompletionReserveType};
    LONG Count = 0;
    for (ULONG i = 0; i < RTL_NUMBER_OF(Counted); i++)
        Count += __atomic_load_n(&Counted[i]->ObjectCount, __ATOMIC_RELAXED);
    return Count > 0 ? (ULONG)Count : 0;
}
