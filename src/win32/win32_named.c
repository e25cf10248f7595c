/* SPDX-License-Identifier: MIT */
/*
 * win32_named.c - names and attributes of kernel objects that Windows programs create and open.
 *
 * Layer: win32. Names are shared within the process only: there is one process per stack, so a
 * mutex "there is already an instance running" does not see another process.
 */
#include "win32_named.h"

static const WCHAR NamePrefix[] = L"\\BaseNamedObjects\\";

static BOOL StartsWith(PCWSTR String, PCWSTR Prefix)
{
    while (*Prefix != 0) {
        if (*String++ != *Prefix++)
            return FALSE;
    }
    return TRUE;
}

/* Prefixes are case-sensitive, as object names are. [doc:sync/object-names] */
static PCWSTR SkipNamespace(PCWSTR Name)
{
    if (StartsWith(Name, L"Global\\"))
        return Name + 7;
    if (StartsWith(Name, L"Local\\"))
        return Name + 6;
    return Name;
}

static BOOL BuildName(WIN32_NAMED *Named, PCWSTR Name)
{
    SIZE_T Length = Win32WideLength(Name);
    if (Length > MAX_PATH)
        return Win32Fail(ERROR_FILENAME_EXCED_RANGE);
    Name = SkipNamespace(Name);
    Length = Win32WideLength(Name);
    for (SIZE_T i = 0; i < Length; i++) {
        if (Name[i] == L'\\')
            return Win32Fail(ERROR_PATH_NOT_FOUND);
    }
    RtlCopyMemory(Named->Buffer, NamePrefix, WIN32_NAME_PREFIX_CHARS * sizeof(WCHAR));
    RtlCopyMemory(Named->Buffer + WIN32_NAME_PREFIX_CHARS, Name, (Length + 1) * sizeof(WCHAR));
    Named->Name.Buffer = Named->Buffer;
    Named->Name.Length = (USHORT)((WIN32_NAME_PREFIX_CHARS + Length) * sizeof(WCHAR));
    Named->Name.MaximumLength = (USHORT)(Named->Name.Length + sizeof(WCHAR));
    return TRUE;
}

BOOL Win32NameForCreate(WIN32_NAMED *Named, const SECURITY_ATTRIBUTES *Security, PCWSTR Name)
{
    ULONG Flags = Security != NULL && Security->bInheritHandle ? OBJ_INHERIT : 0;

    Win32Initialize();
    InitializeObjectAttributes(&Named->Attributes, NULL, Flags, NULL, NULL);
    if (Name == NULL || *Name == 0)
        return TRUE;
    if (!BuildName(Named, Name))
        return FALSE;
    Named->Attributes.ObjectName = &Named->Name;
    Named->Attributes.Attributes |= OBJ_OPENIF;
    return TRUE;
}

BOOL Win32NameForOpen(WIN32_NAMED *Named, BOOL Inherit, PCWSTR Name)
{
    Win32Initialize();
    if (Name == NULL)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    if (*Name == 0)
        return Win32Fail(ERROR_INVALID_HANDLE);
    if (!BuildName(Named, Name))
        return FALSE;
    InitializeObjectAttributes(
        &Named->Attributes, &Named->Name, Inherit ? OBJ_INHERIT : 0, NULL, NULL);
    return TRUE;
}

HANDLE Win32CreateResult(NTSTATUS Status, HANDLE Handle)
{
    if (!NT_SUCCESS(Status)) {
        Win32SetStatus(Status);
        return NULL;
    }
    SetLastError(Status == STATUS_OBJECT_NAME_EXISTS ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS);
    return Handle;
}

HANDLE Win32OpenResult(NTSTATUS Status, HANDLE Handle)
{
    if (NT_SUCCESS(Status))
        return Handle;
    Win32SetStatus(Status);
    return NULL;
}
