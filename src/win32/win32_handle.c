/* SPDX-License-Identifier: MIT */
/*
 * win32_handle.c - what can be done with every handle.
 *
 * Layer: win32; NT counterpart: kernel32's functions over NtClose, NtDuplicateObject and
 * NtQueryObject. Nothing is inherited: a child process has a stack of its own. The flag is kept and
 * returned.
 */
#include "win32_private.h"

static BOOL Result(NTSTATUS Status)
{
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

BOOL WINAPI CloseHandle(HANDLE Handle)
{
    int Descriptor;
    if (Win32IsStandardHandle(Handle, &Descriptor))
        return TRUE;
    /* Closing a pseudo handle has no effect and succeeds. [doc:processthreadsapi/getcurrentprocess]
     */
    if (Handle == NtCurrentProcess() || Handle == NtCurrentThread())
        return TRUE;
    Win32Initialize();
    return Result(NtClose(Handle));
}

BOOL WINAPI DuplicateHandle(HANDLE SourceProcess, HANDLE Source, HANDLE TargetProcess,
    LPHANDLE Target, DWORD Access, BOOL Inherit, DWORD Options)
{
    int Descriptor;
    Win32Initialize();
    if (Win32IsStandardHandle(Source, &Descriptor)) {
        if (Target != NULL)
            *Target = Source;
        return TRUE;
    }
    return Result(NtDuplicateObject(
        SourceProcess, Source, TargetProcess, Target, Access, Inherit ? OBJ_INHERIT : 0, Options));
}

BOOL WINAPI GetHandleInformation(HANDLE Handle, LPDWORD Flags)
{
    OBJECT_HANDLE_FLAG_INFORMATION Information;
    int Descriptor;

    Win32Initialize();
    if (Win32IsStandardHandle(Handle, &Descriptor)) {
        if (Flags != NULL)
            *Flags = HANDLE_FLAG_INHERIT;
        return TRUE;
    }
    NTSTATUS Status =
        NtQueryObject(Handle, ObjectHandleFlagInformation, &Information, sizeof Information, NULL);
    if (!NT_SUCCESS(Status))
        return Win32SetStatus(Status);
    if (Flags == NULL)
        return Win32Fail(ERROR_NOACCESS);
    *Flags = (Information.Inherit ? HANDLE_FLAG_INHERIT : 0) |
             (Information.ProtectFromClose ? HANDLE_FLAG_PROTECT_FROM_CLOSE : 0);
    return TRUE;
}

BOOL WINAPI SetHandleInformation(HANDLE Handle, DWORD Mask, DWORD Flags)
{
    OBJECT_HANDLE_FLAG_INFORMATION Information;
    int Descriptor;

    Win32Initialize();
    if (Win32IsStandardHandle(Handle, &Descriptor))
        return TRUE;
    NTSTATUS Status =
        NtQueryObject(Handle, ObjectHandleFlagInformation, &Information, sizeof Information, NULL);
    if (!NT_SUCCESS(Status))
        return Win32SetStatus(Status);
    if ((Mask & HANDLE_FLAG_INHERIT) != 0)
        Information.Inherit = (Flags & HANDLE_FLAG_INHERIT) != 0;
    if ((Mask & HANDLE_FLAG_PROTECT_FROM_CLOSE) != 0)
        Information.ProtectFromClose = (Flags & HANDLE_FLAG_PROTECT_FROM_CLOSE) != 0;
    return Result(NtSetInformationObject(
        Handle, ObjectHandleFlagInformation, &Information, sizeof Information));
}

BOOL WINAPI CompareObjectHandles(HANDLE First, HANDLE Second)
{
    BOOLEAN Same = FALSE;
    Win32Initialize();
    NTSTATUS Status = Win32CompareHandles(First, Second, &Same);
    if (!NT_SUCCESS(Status))
        return Win32SetStatus(Status);
    return Same ? TRUE : Win32Fail(ERROR_NOT_SAME_OBJECT);
}

/* --- security descriptors: built, handed in, and never looked at --- */

BOOL WINAPI InitializeSecurityDescriptor(PSECURITY_DESCRIPTOR Descriptor, DWORD Revision)
{
    if (Revision != SECURITY_DESCRIPTOR_REVISION)
        return Win32Fail(ERROR_UNKNOWN_REVISION);
    RtlZeroMemory(Descriptor, sizeof(SECURITY_DESCRIPTOR));
    ((PISECURITY_DESCRIPTOR)Descriptor)->Revision = SECURITY_DESCRIPTOR_REVISION;
    return TRUE;
}

BOOL WINAPI IsValidSecurityDescriptor(PSECURITY_DESCRIPTOR Descriptor)
{
    return Descriptor != NULL &&
           ((PISECURITY_DESCRIPTOR)Descriptor)->Revision == SECURITY_DESCRIPTOR_REVISION;
}

BOOL WINAPI SetSecurityDescriptorDacl(
    PSECURITY_DESCRIPTOR Descriptor, BOOL Present, PACL Dacl, BOOL Defaulted)
{
    PISECURITY_DESCRIPTOR Own = Descriptor;

    if (!IsValidSecurityDescriptor(Descriptor))
        return Win32Fail(ERROR_UNKNOWN_REVISION);
    Own->Control &= (USHORT) ~(SE_DACL_PRESENT | SE_DACL_DEFAULTED);
    if (Present)
        Own->Control |= SE_DACL_PRESENT | (Defaulted ? SE_DACL_DEFAULTED : 0);
    Own->Dacl = Present ? Dacl : NULL;
    return TRUE;
}
