/* SPDX-License-Identifier: MIT */
/*
 * ob_api.c - the native calls on handles: close, duplicate, query, set.
 *
 * Layer: ntos. There is one process: duplication to or from another one is not possible, and a
 * process handle that is not our own cannot exist.
 */
#include "ob/obp.h"

#include <ntapi.h>

#define DUPLICATE_SAME_ATTRIBUTES_ 0x4u

NTSTATUS NtClose(HANDLE Handle)
{
    /* Closing a pseudo handle has no effect. [doc:getcurrentprocess] */
    if (ObIsKernelPseudoHandle(Handle))
        return STATUS_SUCCESS;
    return ObpCloseHandle(Handle);
}

static NTSTATUS CheckProcess(HANDLE Process)
{
    PVOID Object;
    NTSTATUS Status = ObReferenceObjectByHandle(Process, 0, &ObpProcessType, UserMode, &Object, NULL);
    if (NT_SUCCESS(Status))
        ObDereferenceObject(Object);
    return Status;
}

NTSTATUS NtDuplicateObject(HANDLE SourceProcess, HANDLE SourceHandle, HANDLE TargetProcess,
    PHANDLE TargetHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes, ULONG Options)
{
    OBJECT_HANDLE_INFORMATION Information;
    HANDLE New = NULL;
    PVOID Object;
    NTSTATUS Status = CheckProcess(SourceProcess);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(SourceHandle, 0, NULL, UserMode, &Object, &Information);
    if (!NT_SUCCESS(Status))
        return Status;
    if (TargetHandle != NULL) {
        ACCESS_MASK Access = ObpMapAccess(ObGetObjectType(Object), DesiredAccess);
        ULONG Attributes = HandleAttributes;
        if (Options & DUPLICATE_SAME_ACCESS)
            Access = Information.GrantedAccess;
        if (Options & DUPLICATE_SAME_ATTRIBUTES_)
            Attributes = Information.HandleAttributes;
        Status = CheckProcess(TargetProcess);
        /* Objects here grant all rights to all; a file keeps what it was opened with. */
        if (NT_SUCCESS(Status) && ObGetObjectType(Object) == &ObpFileType &&
            (Access & ~Information.GrantedAccess) != 0)
            Status = STATUS_ACCESS_DENIED; /* [doc:handleapi/duplicatehandle] */
        if (NT_SUCCESS(Status))
            Status = ObpCreateHandle(ObpHeader(Object), Access, Attributes, &New);
        if (NT_SUCCESS(Status)) {
            Status = ExCopyToUser(TargetHandle, &New, sizeof New, 1);
            if (!NT_SUCCESS(Status))
                (void)ObpCloseHandle(New);
        }
    }
    /* The source is closed whatever became of the duplicate. [doc:handleapi/duplicatehandle] */
    if (Options & DUPLICATE_CLOSE_SOURCE)
        (void)NtClose(SourceHandle);
    ObDereferenceObject(Object);
    return Status;
}

static NTSTATUS QueryBasic(PVOID Object, const OBJECT_HANDLE_INFORMATION *Handle,
    OBJECT_BASIC_INFORMATION *Basic)
{
    OBJECT_HEADER *Header = ObpHeader(Object);
    LONG_PTR Pointers = __atomic_load_n(&Header->PointerCount, __ATOMIC_RELAXED);
    RtlZeroMemory(Basic, sizeof *Basic);
    Basic->Attributes = Handle->HandleAttributes & OBJ_INHERIT;
    Basic->GrantedAccess = Handle->GrantedAccess;
    Basic->HandleCount = (ULONG)__atomic_load_n(&Header->HandleCount, __ATOMIC_RELAXED);
    Basic->PointerCount = (ULONG)(Pointers - ObpCountPrepaid(Header));
    return STATUS_SUCCESS;
}

/* PUBLIC_OBJECT_TYPE_INFORMATION: the name, then what is reserved. [doc:winternl/ntqueryobject] */
typedef struct OBP_TYPE_INFORMATION {
    UNICODE_STRING TypeName;
    ULONG Reserved[22];
} OBP_TYPE_INFORMATION;

static NTSTATUS QueryType(PVOID Object, PVOID Information, ULONG Length, PULONG Needed)
{
    const char *Name = ObGetObjectType(Object)->Name;
    struct {
        OBP_TYPE_INFORMATION Head;
        WCHAR Text[32];
    } Result;
    USHORT Count = 0;

    RtlZeroMemory(&Result, sizeof Result);
    while (Name[Count] != 0) {
        Result.Text[Count] = (WCHAR)Name[Count];
        Count++;
    }
    *Needed = (ULONG)(sizeof Result.Head + (Count + 1u) * sizeof(WCHAR));
    if (Length < *Needed)
        return STATUS_INFO_LENGTH_MISMATCH;
    Result.Head.TypeName.Length = (USHORT)(Count * sizeof(WCHAR));
    Result.Head.TypeName.MaximumLength = (USHORT)((Count + 1u) * sizeof(WCHAR));
    Result.Head.TypeName.Buffer = (PWSTR)(PVOID)((PCHAR)Information + sizeof Result.Head);
    return ExCopyToUser(Information, &Result, *Needed, 1);
}

NTSTATUS NtQueryObject(HANDLE Handle, OBJECT_INFORMATION_CLASS Class, PVOID Information, ULONG Length,
    PULONG ReturnLength)
{
    OBJECT_HANDLE_INFORMATION State;
    OBJECT_BASIC_INFORMATION Basic;
    OBJECT_HANDLE_FLAG_INFORMATION Flags;
    ULONG Needed = 0;
    PVOID Object;
    NTSTATUS Status = ObReferenceObjectByHandle(Handle, 0, NULL, UserMode, &Object, &State);

    if (!NT_SUCCESS(Status))
        return Status;
    switch (Class) {
    case ObjectBasicInformation:
        Needed = sizeof Basic;
        Status = Length != Needed ? STATUS_INFO_LENGTH_MISMATCH : QueryBasic(Object, &State, &Basic);
        if (NT_SUCCESS(Status))
            Status = ExCopyToUser(Information, &Basic, sizeof Basic, 1);
        break;
    case ObjectTypeInformation:
        Status = QueryType(Object, Information, Length, &Needed);
        break;
    case ObjectHandleFlagInformation:
        Needed = sizeof Flags;
        Flags.Inherit = (State.HandleAttributes & OBP_HANDLE_INHERIT) != 0;
        Flags.ProtectFromClose = (State.HandleAttributes & OBP_HANDLE_PROTECTED) != 0;
        Status = Length != Needed ? STATUS_INFO_LENGTH_MISMATCH
                                  : ExCopyToUser(Information, &Flags, sizeof Flags, 1);
        break;
    default:
        Status = STATUS_INVALID_INFO_CLASS;
        break;
    }
    ObDereferenceObject(Object);
    if (ReturnLength != NULL && Needed != 0) {
        NTSTATUS CopyStatus = ExCopyToUser(ReturnLength, &Needed, sizeof Needed, 1);
        if (!NT_SUCCESS(CopyStatus))
            return CopyStatus;
    }
    return Status;
}

NTSTATUS NtSetInformationObject(HANDLE Handle, OBJECT_INFORMATION_CLASS Class, PVOID Information,
    ULONG Length)
{
    OBJECT_HANDLE_FLAG_INFORMATION Flags;
    NTSTATUS Status;

    if (Class != ObjectHandleFlagInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (Length != sizeof Flags)
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = ExCopyFromUser(&Flags, Information, sizeof Flags, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (ObIsKernelPseudoHandle(Handle))
        return STATUS_INVALID_HANDLE;
    return ObpSetHandleAttributes(Handle,
        (Flags.Inherit ? OBP_HANDLE_INHERIT : 0) | (Flags.ProtectFromClose ? OBP_HANDLE_PROTECTED : 0));
}
