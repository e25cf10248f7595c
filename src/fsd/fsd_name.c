/* SPDX-License-Identifier: MIT */
/*
 * fsd_name.c - names below the volume to paths of the host.
 *
 * Layer: fsd. A name is UTF-16 with backslashes; the path is UTF-8 with slashes. "." and ".." are the
 * host's business: Win32 has taken them out already.
 */
#include "fsd_private.h"

#include <string.h>

static BOOLEAN IsAllowed(WCHAR Char)
{
    /* A colon is Windows' mark of a stream; here it is a character like others. [doc:fileio/naming-a-file] */
    return Char >= 32 && Char != '"' && Char != '*' && Char != '<' && Char != '>' && Char != '?' && Char != '|';
}

static NTSTATUS CheckName(PCUNICODE_STRING Name)
{
    for (ULONG i = 0; i < Name->Length / sizeof(WCHAR); i++) {
        if (!IsAllowed(Name->Buffer[i]))
            return STATUS_OBJECT_NAME_INVALID;
    }
    return STATUS_SUCCESS;
}

/* Appends Text with its separators turned; several in a row become one. */
static CHAR *AppendPath(CHAR *Start, CHAR *To, const CHAR *Text, ULONG Length)
{
    for (ULONG i = 0; i < Length; i++) {
        CHAR Char = Text[i] == '\\' ? '/' : Text[i];
        if (Char != '/' || To == Start || To[-1] != '/')
            *To++ = Char;
    }
    return To;
}

NTSTATUS FsdMakePath(const CHAR *Base, PCUNICODE_STRING Name, CHAR **Path, BOOLEAN *TrailingSeparator)
{
    SIZE_T BaseLength = Base != NULL ? strlen(Base) : 0;
    ANSI_STRING Utf8 = {0, 0, NULL};
    CHAR *Start, *To;
    NTSTATUS Status = CheckName(Name);

    if (NT_SUCCESS(Status) && Name->Length != 0)
        Status = RtlUnicodeStringToAnsiString(&Utf8, Name, TRUE);
    if (!NT_SUCCESS(Status))
        return Status;
    Start = To = ExAllocatePoolWithTag(PagedPool, BaseLength + Utf8.Length + 3, FSD_TAG_CCB);
    if (Start != NULL) {
        To = AppendPath(Start, To, Base != NULL ? Base : "", (ULONG)BaseLength);
        To = AppendPath(Start, To, "/", 1);
        To = AppendPath(Start, To, Utf8.Buffer, Utf8.Length);
        *TrailingSeparator = To - Start > 1 && To[-1] == '/' && Name->Length != 0;
        if (To - Start > 1 && To[-1] == '/')
            To--;
        *To = 0;
        *Path = Start;
    }
    if (Utf8.Buffer != NULL)
        RtlFreeAnsiString(&Utf8);
    return Start != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

BOOLEAN FsdStripVolume(PCUNICODE_STRING Name, PUNICODE_STRING Rest)
{
    static const UNICODE_STRING Prefixes[] = {
        RTL_CONSTANT_STRING(L"\\??\\C:"),
        RTL_CONSTANT_STRING(L"\\DosDevices\\C:"),
        RTL_CONSTANT_STRING(L"\\GLOBAL??\\C:"),
        RTL_CONSTANT_STRING(L"\\Device\\HarddiskVolume1"),
    };
    for (ULONG i = 0; i < RTL_NUMBER_OF(Prefixes); i++) {
        USHORT Length = Prefixes[i].Length;
        if (!RtlPrefixUnicodeString(&Prefixes[i], Name, TRUE))
            continue;
        if (Name->Length > Length && Name->Buffer[Length / sizeof(WCHAR)] != L'\\')
            continue;
        Rest->Buffer = Name->Buffer + Length / sizeof(WCHAR);
        Rest->Length = Rest->MaximumLength = (USHORT)(Name->Length - Length);
        return TRUE;
    }
    return FALSE;
}
