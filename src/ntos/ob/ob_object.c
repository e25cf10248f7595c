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

#define TYPE(name, text, tag, access, dispatcher) \
    OBJECT_TYPE name = {.Name = text, .Tag = tag, .ValidAccess = access, .DispatcherOffset = dispatcher}

TYPE(ObpEventType, "Event", 'nevE', EVENT_ALL_ACCESS, 0);
TYPE(ObpMutantType, "Mutant", 'atuM', MUTANT_ALL_ACCESS, 0);
TYPE(ObpSemaphoreType, "Semaphore", 'ameS', SEMAPHORE_ALL_ACCESS, 0);
TYPE(ObpTimerType, "Timer", 'emiT', TIMER_ALL_ACCESS, 0);
TYPE(ObpThreadType, "Thread", 'erhT', THREAD_ALL_ACCESS, 0);
TYPE(ObpProcessType, "Process", 'corP', PROCESS_ALL_ACCESS, 0);
TYPE(ObpFileType, "File", 'eliF', FILE_ALL_ACCESS, FIELD_OFFSET(FILE_OBJECT, Event));
TYPE(ObpDeviceType, "Device", 'iveD', FILE_ALL_ACCESS, -1);
TYPE(ObpDriverType, "Driver", 'virD', STANDARD_RIGHTS_REQUIRED, -1);
TYPE(ObpSymbolicLinkType, "SymbolicLink", 'bmyS', STANDARD_RIGHTS_REQUIRED | 1, -1);
TYPE(ObpIoCompletionType, "IoCompletion", 'pCoI', STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 3, 0);
TYPE(ObpKeyedEventType, "KeyedEvent", 'yeKE', KEYEDEVENT_ALL_ACCESS, -1);
TYPE(ObpUserApcReserveType, "UserApcReserve", 'rApR', STANDARD_RIGHTS_REQUIRED | 3, -1);
TYPE(ObpIoCompletionReserveType, "IoCompletionReserve", 'rCoR', STANDARD_RIGHTS_REQUIRED | 3, -1);
TYPE(ObpKeyType, "Key", ' yeK', STANDARD_RIGHTS_REQUIRED | 0x3F, -1);

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
    OBJECT_HEADER *Header = ExAllocatePoolWithTag(NonPagedPool, Bytes, Type->Tag);
    if (Header == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(Header, Bytes);
    Header->PointerCount = 1;
    Header->Type = Type;
    __atomic_add_fetch(&Type->ObjectCount, 1, __ATOMIC_RELAXED);
    *Object = ObpBody(Header);
    return STATUS_SUCCESS;
}

static VOID ObpDeleteObject(OBJECT_HEADER *Header)
{
    OBJECT_TYPE *Type = Header->Type;
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
    return ObpHeader(Object)->Type;
}

PDISPATCHER_HEADER ObGetDispatcher(PVOID Object)
{
    LONG Offset = ObpHeader(Object)->Type->DispatcherOffset;
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
            Header->Flags |= OBP_FLAG_PERMANENT;
        Status = ObpEnterName(Attributes->ObjectName, Flags, Header,
            (Flags & OBJ_OPENIF) != 0 ? &Existing : NULL);
    }
    if (NT_SUCCESS(Status)) {
        OBJECT_HEADER *Target = Existing != NULL ? Existing : Header;
        ACCESS_MASK Access = ObpMapAccess(Target->Type, DesiredAccess);
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
    return ObpCreateHandle(Header, ObpMapAccess(Header->Type, DesiredAccess), Attributes, Handle);
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
