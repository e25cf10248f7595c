/* SPDX-License-Identifier: MIT */
/*
 * ex_objects.c - events, semaphores, mutants and timers as objects with handles: the native API.
 *
 * Layer: ntos. NT counterpart: NtCreateEvent and its relatives in the executive. Wrong arguments are
 * found before anything is made; *Handle is touched only on success.
 */
#include "ke/ki.h"

#define EX_NAME_MAX 1024u /* bytes; what the name space takes */

/* A caller's OBJECT_ATTRIBUTES with its name, in our own memory. */
typedef struct EX_ATTRIBUTES {
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    WCHAR Text[EX_NAME_MAX / sizeof(WCHAR)];
} EX_ATTRIBUTES;

/* STATUS_ACCESS_VIOLATION, STATUS_INVALID_PARAMETER, STATUS_OBJECT_NAME_INVALID */
static NTSTATUS ExpCapture(const OBJECT_ATTRIBUTES *From, EX_ATTRIBUTES *To)
{
    NTSTATUS Status = ExCopyFromUser(&To->Attributes, From, sizeof To->Attributes, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (To->Attributes.Length != sizeof To->Attributes ||
        (To->Attributes.Attributes & ~OBJ_VALID_ATTRIBUTES) != 0)
        return STATUS_INVALID_PARAMETER;
    if (To->Attributes.ObjectName == NULL)
        return STATUS_SUCCESS;
    Status = ExCopyFromUser(&To->Name, To->Attributes.ObjectName, sizeof To->Name, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (To->Name.Length > sizeof To->Text || To->Name.Length % sizeof(WCHAR) != 0)
        return STATUS_OBJECT_NAME_INVALID;
    Status = ExCopyFromUser(To->Text, To->Name.Buffer, To->Name.Length, 1);
    To->Name.Buffer = To->Text;
    To->Attributes.ObjectName = &To->Name;
    return Status;
}

NTSTATUS ExInsertNewObject(PVOID Object, POBJECT_ATTRIBUTES Attributes, ACCESS_MASK Access, PHANDLE Handle)
{
    HANDLE NewHandle;
    EX_ATTRIBUTES Captured;
    NTSTATUS Status;
    if (Attributes != NULL) {
        Status = ExpCapture(Attributes, &Captured);
        if (!NT_SUCCESS(Status)) {
            (void)ObfDereferenceObject(Object);
            return Status;
        }
        Attributes = &Captured.Attributes;
    }
    Status = ObInsertObject(Object, Attributes, Access, &NewHandle);
    if (NT_SUCCESS(Status))
        *Handle = NewHandle;
    return Status;
}

NTSTATUS ExOpenNamedObject(OBJECT_TYPE *Type, PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes)
{
    UNICODE_STRING Remaining = {0, 0, NULL};
    HANDLE NewHandle;
    EX_ATTRIBUTES Captured;
    PVOID Object;
    NTSTATUS Status = ExProbeForWrite(Handle, sizeof(HANDLE));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Attributes == NULL)
        return STATUS_INVALID_PARAMETER;
    Status = ExpCapture(Attributes, &Captured);
    if (!NT_SUCCESS(Status))
        return Status;
    Attributes = &Captured.Attributes;
    if (Attributes->ObjectName == NULL)
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    Status = ObLookupName(Attributes->ObjectName, Attributes->Attributes, Type, &Object, &Remaining);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Remaining.Length != 0)
        Status = STATUS_OBJECT_NAME_NOT_FOUND;
    else
        Status = ObOpenObjectByPointer(Object, Attributes->Attributes, Access, &NewHandle);
    (void)ObfDereferenceObject(Object);
    if (NT_SUCCESS(Status))
        *Handle = NewHandle;
    return Status;
}

static NTSTATUS ExpReference(HANDLE Handle, ACCESS_MASK Access, OBJECT_TYPE *Type, const VOID *Result,
    SIZE_T ResultBytes, PVOID *Object)
{
    if (Result != NULL) {
        NTSTATUS Status = ExProbeForWrite(Result, ResultBytes);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return ObReferenceObjectByHandle(Handle, Access, Type, UserMode, Object, NULL);
}

/* --- events --- */

NTSTATUS NTAPI NtCreateEvent(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes, EVENT_TYPE Type,
    BOOLEAN InitialState)
{
    PVOID Event;
    NTSTATUS Status = ExProbeForWrite(Handle, sizeof(HANDLE));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Type != NotificationEvent && Type != SynchronizationEvent)
        return STATUS_INVALID_PARAMETER;
    Status = ObCreateObject(&ObpEventType, sizeof(KEVENT), &Event);
    if (!NT_SUCCESS(Status))
        return Status;
    KeInitializeEvent(Event, Type, InitialState);
    return ExInsertNewObject(Event, Attributes, Access, Handle);
}

NTSTATUS NTAPI NtOpenEvent(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes)
{
    return ExOpenNamedObject(&ObpEventType, Handle, Access, Attributes);
}

NTSTATUS NTAPI NtSetEvent(HANDLE Handle, PLONG PreviousState)
{
    PVOID Event;
    LONG Previous;
    NTSTATUS Status =
        ExpReference(Handle, EVENT_MODIFY_STATE, &ObpEventType, PreviousState, sizeof(LONG), &Event);

    if (!NT_SUCCESS(Status))
        return Status;
    Previous = KeSetEvent(Event, EVENT_INCREMENT, FALSE);
    (void)ObfDereferenceObject(Event);
    if (PreviousState != NULL)
        *PreviousState = Previous;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtResetEvent(HANDLE Handle, PLONG PreviousState)
{
    PVOID Event;
    LONG Previous;
    NTSTATUS Status =
        ExpReference(Handle, EVENT_MODIFY_STATE, &ObpEventType, PreviousState, sizeof(LONG), &Event);

    if (!NT_SUCCESS(Status))
        return Status;
    Previous = KeResetEvent(Event);
    (void)ObfDereferenceObject(Event);
    if (PreviousState != NULL)
        *PreviousState = Previous;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtClearEvent(HANDLE Handle)
{
    return NtResetEvent(Handle, NULL);
}

NTSTATUS NTAPI NtPulseEvent(HANDLE Handle, PLONG PreviousState)
{
    PVOID Event;
    LONG Previous;
    NTSTATUS Status =
        ExpReference(Handle, EVENT_MODIFY_STATE, &ObpEventType, PreviousState, sizeof(LONG), &Event);

    if (!NT_SUCCESS(Status))
        return Status;
    Previous = KePulseEvent(Event, EVENT_INCREMENT, FALSE);
    (void)ObfDereferenceObject(Event);
    if (PreviousState != NULL)
        *PreviousState = Previous;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtQueryEvent(HANDLE Handle, ULONG Class, PVOID Information, ULONG Length, PULONG ReturnLength)
{
    EVENT_BASIC_INFORMATION *Basic = Information;
    PRKEVENT Event;
    PVOID Object;
    NTSTATUS Status;

    if (Class != 0) /* EventBasicInformation */
        return STATUS_INVALID_INFO_CLASS;
    if (Length != sizeof(*Basic))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (ReturnLength != NULL && !NT_SUCCESS(Status = ExProbeForWrite(ReturnLength, sizeof(ULONG))))
        return Status;
    Status = ExProbeForWrite(Information, Length);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ExpReference(Handle, 1 /* EVENT_QUERY_STATE */, &ObpEventType, NULL, 0, &Object);
    if (!NT_SUCCESS(Status))
        return Status;
    Event = Object;
    Basic->EventType =
        KiObjectType(&Event->Header) == EventSynchronizationObject ? SynchronizationEvent : NotificationEvent;
    Basic->EventState = KeReadStateEvent(Event);
    if (ReturnLength != NULL)
        *ReturnLength = sizeof(*Basic);
    (void)ObfDereferenceObject(Object);
    return STATUS_SUCCESS;
}

/* --- semaphores --- */

NTSTATUS NTAPI NtCreateSemaphore(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes,
    LONG InitialCount, LONG MaximumCount)
{
    PVOID Semaphore;
    NTSTATUS Status = ExProbeForWrite(Handle, sizeof(HANDLE));

    if (!NT_SUCCESS(Status))
        return Status;
    if (MaximumCount <= 0 || InitialCount < 0 || InitialCount > MaximumCount)
        return STATUS_INVALID_PARAMETER;
    Status = ObCreateObject(&ObpSemaphoreType, sizeof(KSEMAPHORE), &Semaphore);
    if (!NT_SUCCESS(Status))
        return Status;
    KeInitializeSemaphore(Semaphore, InitialCount, MaximumCount);
    return ExInsertNewObject(Semaphore, Attributes, Access, Handle);
}

NTSTATUS NTAPI NtOpenSemaphore(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes)
{
    return ExOpenNamedObject(&ObpSemaphoreType, Handle, Access, Attributes);
}

NTSTATUS NTAPI NtReleaseSemaphore(HANDLE Handle, LONG ReleaseCount, PLONG PreviousCount)
{
    PVOID Semaphore;
    LONG Previous;
    NTSTATUS Status;

    if (ReleaseCount <= 0)
        return STATUS_INVALID_PARAMETER;
    Status =
        ExpReference(Handle, SEMAPHORE_MODIFY_STATE, &ObpSemaphoreType, PreviousCount, sizeof(LONG), &Semaphore);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KiReleaseSemaphore(Semaphore, ReleaseCount, &Previous);
    (void)ObfDereferenceObject(Semaphore);
    if (NT_SUCCESS(Status) && PreviousCount != NULL)
        *PreviousCount = Previous;
    return Status;
}

/* --- mutants --- */

NTSTATUS NTAPI NtCreateMutant(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes,
    BOOLEAN InitialOwner)
{
    PVOID Mutant;
    NTSTATUS Status = ExProbeForWrite(Handle, sizeof(HANDLE));

    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObCreateObject(&ObpMutantType, sizeof(KMUTANT), &Mutant);
    if (!NT_SUCCESS(Status))
        return Status;
    KiInitializeMutant(Mutant, InitialOwner ? KeGetCurrentThread() : NULL);
    return ExInsertNewObject(Mutant, Attributes, Access, Handle);
}

NTSTATUS NTAPI NtOpenMutant(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes)
{
    return ExOpenNamedObject(&ObpMutantType, Handle, Access, Attributes);
}

NTSTATUS NTAPI NtReleaseMutant(HANDLE Handle, PLONG PreviousCount)
{
    PVOID Mutant;
    LONG Previous;
    NTSTATUS Status = ExpReference(Handle, 0, &ObpMutantType, PreviousCount, sizeof(LONG), &Mutant);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = KiReleaseMutant(Mutant, &Previous);
    (void)ObfDereferenceObject(Mutant);
    if (NT_SUCCESS(Status) && PreviousCount != NULL)
        *PreviousCount = Previous;
    return Status;
}

/* --- timers --- */

NTSTATUS NTAPI NtCreateTimer(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes, TIMER_TYPE Type)
{
    PVOID Object;
    NTSTATUS Status = ExProbeForWrite(Handle, sizeof(HANDLE));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Type != NotificationTimer && Type != SynchronizationTimer)
        return STATUS_INVALID_PARAMETER;
    Status = ObCreateObject(&ObpTimerType, sizeof(KI_TIMER_OBJECT), &Object);
    if (!NT_SUCCESS(Status))
        return Status;
    KeInitializeTimerEx(&((KI_TIMER_OBJECT *)Object)->Timer, Type);
    return ExInsertNewObject(Object, Attributes, Access, Handle);
}

NTSTATUS NTAPI NtOpenTimer(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes)
{
    return ExOpenNamedObject(&ObpTimerType, Handle, Access, Attributes);
}

NTSTATUS NTAPI NtSetTimer(HANDLE Handle, PLARGE_INTEGER DueTime, PTIMER_APC_ROUTINE ApcRoutine, PVOID ApcContext,
    BOOLEAN Resume, LONG PeriodMs, PBOOLEAN PreviousState)
{
    LARGE_INTEGER Due;
    BOOLEAN Previous;
    PVOID Object;
    NTSTATUS Status = ExProbeForRead(DueTime, sizeof(LARGE_INTEGER));

    UNREFERENCED_PARAMETER(Resume); /* nothing sleeps that could be woken */
    if (!NT_SUCCESS(Status))
        return Status;
    if (PeriodMs < 0)
        return STATUS_INVALID_PARAMETER_6;
    RtlCopyMemory(&Due, DueTime, sizeof(Due));
    Status =
        ExpReference(Handle, TIMER_MODIFY_STATE, &ObpTimerType, PreviousState, sizeof(BOOLEAN), &Object);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KiSetTimerObject(Object, Due, PeriodMs, ApcRoutine, ApcContext, &Previous);
    (void)ObfDereferenceObject(Object);
    if (NT_SUCCESS(Status) && PreviousState != NULL)
        *PreviousState = Previous;
    return Status;
}

NTSTATUS NTAPI NtCancelTimer(HANDLE Handle, PBOOLEAN PreviousState)
{
    BOOLEAN Previous;
    PVOID Object;
    NTSTATUS Status =
        ExpReference(Handle, TIMER_MODIFY_STATE, &ObpTimerType, PreviousState, sizeof(BOOLEAN), &Object);

    if (!NT_SUCCESS(Status))
        return Status;
    KiCancelTimerObject(Object, &Previous);
    (void)ObfDereferenceObject(Object);
    if (PreviousState != NULL)
        *PreviousState = Previous;
    return STATUS_SUCCESS;
}
