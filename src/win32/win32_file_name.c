/* SPDX-License-Identifier: MIT */
/*
 * win32_file_name.c - files and folders by name: attributes, deletion, moving, copying.
 *
 * Layer: win32; NT counterpart: kernel32. Left out: progress routines, moving at the next start,
 * hard links.
 */
#include "win32_file.h"

#define COPY_BYTES 65536u
#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define SYNCHRONOUS FILE_SYNCHRONOUS_IO_NONALERT

static BOOL OpenExisting(LPCSTR Name, ACCESS_MASK Access, ULONG Options, HANDLE *File)
{
    WIN32_OPEN Open = {.Access = Access, .Share = SHARE_ALL, .Disposition = FILE_OPEN,
        .Options = Options | SYNCHRONOUS};
    NTSTATUS Status;
    return Win32OpenFile(Name, &Open, File, NULL, &Status);
}

/* Sets information, closes the file, returns TRUE or the last error. */
static BOOL SetAndClose(HANDLE File, FILE_INFORMATION_CLASS Class, PVOID Information, ULONG Length,
    NTSTATUS *Status)
{
    IO_STATUS_BLOCK Iosb;
    *Status = NtSetInformationFile(File, &Iosb, Information, Length, Class);
    NtClose(File);
    return NT_SUCCESS(*Status) ? TRUE : Win32SetStatus(*Status);
}

/* --- attributes --- */

DWORD Win32AttributesOf(const struct host_file_information *Found)
{
    switch (Found->kind) {
    case HOST_FILE_DIRECTORY:
        return FILE_ATTRIBUTE_DIRECTORY;
    case HOST_FILE_SYMBOLIC_LINK:
        return FILE_ATTRIBUTE_REPARSE_POINT;
    case HOST_FILE_REGULAR:
        return FILE_ATTRIBUTE_ARCHIVE | (Found->read_only ? FILE_ATTRIBUTE_READONLY : 0);
    default:
        return FILE_ATTRIBUTE_DEVICE;
    }
}

static BOOL QueryName(LPCSTR Name, FILE_NETWORK_OPEN_INFORMATION *Information)
{
    IO_STATUS_BLOCK Iosb;
    HANDLE File;
    if (!OpenExisting(Name, FILE_READ_ATTRIBUTES, FILE_OPEN_FOR_BACKUP_INTENT, &File))
        return FALSE;
    NTSTATUS Status =
        NtQueryInformationFile(File, &Iosb, Information, sizeof *Information, FileNetworkOpenInformation);
    NtClose(File);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

DWORD WINAPI GetFileAttributesA(LPCSTR Name)
{
    FILE_NETWORK_OPEN_INFORMATION Information;
    return QueryName(Name, &Information) ? Information.FileAttributes : INVALID_FILE_ATTRIBUTES;
}

BOOL WINAPI GetFileAttributesExA(LPCSTR Name, GET_FILEEX_INFO_LEVELS Level, LPVOID Out)
{
    FILE_NETWORK_OPEN_INFORMATION Information;
    WIN32_FILE_ATTRIBUTE_DATA *Data = Out;
    if (Level != GetFileExInfoStandard)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    if (!QueryName(Name, &Information))
        return FALSE;
    Data->dwFileAttributes = Information.FileAttributes;
    Data->ftCreationTime = Win32FileTime(Information.CreationTime.QuadPart);
    Data->ftLastAccessTime = Win32FileTime(Information.LastAccessTime.QuadPart);
    Data->ftLastWriteTime = Win32FileTime(Information.LastWriteTime.QuadPart);
    Data->nFileSizeHigh = (DWORD)Information.EndOfFile.HighPart;
    Data->nFileSizeLow = Information.EndOfFile.LowPart;
    return TRUE;
}

BOOL WINAPI SetFileAttributesA(LPCSTR Name, DWORD Attributes)
{
    FILE_BASIC_INFORMATION Basic;
    NTSTATUS Status;
    HANDLE File;
    if (!OpenExisting(Name, FILE_WRITE_ATTRIBUTES, FILE_OPEN_FOR_BACKUP_INTENT, &File))
        return FALSE;
    RtlZeroMemory(&Basic, sizeof Basic);
    Basic.FileAttributes = (Attributes & ~(DWORD)FILE_ATTRIBUTE_DIRECTORY) | FILE_ATTRIBUTE_NORMAL;
    return SetAndClose(File, FileBasicInformation, &Basic, sizeof Basic, &Status);
}

/* --- deleting, folders --- */

static BOOL Delete(LPCSTR Name, ULONG Options)
{
    FILE_DISPOSITION_INFORMATION Disposition = {TRUE};
    NTSTATUS Status;
    HANDLE File;
    if (!OpenExisting(Name, DELETE, Options | FILE_OPEN_REPARSE_POINT, &File))
        return FALSE;
    return SetAndClose(File, FileDispositionInformation, &Disposition, sizeof Disposition, &Status);
}

BOOL WINAPI DeleteFileA(LPCSTR Name)
{
    return Delete(Name, FILE_NON_DIRECTORY_FILE);
}

BOOL WINAPI RemoveDirectoryA(LPCSTR Name)
{
    return Delete(Name, FILE_DIRECTORY_FILE);
}

BOOL WINAPI CreateDirectoryA(LPCSTR Name, LPSECURITY_ATTRIBUTES Security)
{
    WIN32_OPEN Open = {.Access = FILE_READ_ATTRIBUTES, .Share = SHARE_ALL, .Disposition = FILE_CREATE,
        .Options = FILE_DIRECTORY_FILE | SYNCHRONOUS};
    NTSTATUS Status;
    HANDLE File;
    if (!Win32OpenFile(Name, &Open, &File, NULL, &Status))
        return FALSE;
    NtClose(File);
    return TRUE;
}

/* --- copying --- */

static NTSTATUS CopyContent(HANDLE From, HANDLE To)
{
    IO_STATUS_BLOCK Iosb;
    NTSTATUS Status;
    PVOID Buffer = host_allocate(COPY_BYTES);
    if (Buffer == NULL)
        return STATUS_NO_MEMORY;
    for (;;) {
        Status = NtReadFile(From, NULL, NULL, NULL, &Iosb, Buffer, COPY_BYTES, NULL, NULL);
        if (!NT_SUCCESS(Status))
            break;
        Status = NtWriteFile(To, NULL, NULL, NULL, &Iosb, Buffer, (ULONG)Iosb.Information, NULL, NULL);
        if (!NT_SUCCESS(Status))
            break;
    }
    host_free(Buffer);
    return Status == STATUS_END_OF_FILE ? STATUS_SUCCESS : Status;
}

/* Attributes and the time of the last write go along. [doc:winbase/copyfile] */
static VOID CopyAttributes(HANDLE From, HANDLE To)
{
    FILE_BASIC_INFORMATION Basic;
    IO_STATUS_BLOCK Iosb;
    if (!NT_SUCCESS(NtQueryInformationFile(From, &Iosb, &Basic, sizeof Basic, FileBasicInformation)))
        return;
    Basic.CreationTime.QuadPart = Basic.LastAccessTime.QuadPart = Basic.ChangeTime.QuadPart = 0;
    NtSetInformationFile(To, &Iosb, &Basic, sizeof Basic, FileBasicInformation);
}

BOOL WINAPI CopyFileA(LPCSTR Existing, LPCSTR New, BOOL FailIfExists)
{
    HANDLE From = CreateFileA(Existing, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
        FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    if (From == INVALID_HANDLE_VALUE)
        return FALSE;
    HANDLE To = CreateFileA(New, GENERIC_WRITE | DELETE, 0, NULL, FailIfExists ? CREATE_NEW : CREATE_ALWAYS,
        FILE_ATTRIBUTE_NORMAL, NULL);
    if (To == INVALID_HANDLE_VALUE) {
        NtClose(From);
        return FALSE;
    }
    NTSTATUS Status = CopyContent(From, To);
    if (NT_SUCCESS(Status)) {
        CopyAttributes(From, To);
    } else {
        FILE_DISPOSITION_INFORMATION Disposition = {TRUE};
        IO_STATUS_BLOCK Iosb;
        NtSetInformationFile(To, &Iosb, &Disposition, sizeof Disposition, FileDispositionInformation);
    }
    NtClose(To);
    NtClose(From);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

/* --- moving --- */

static BOOL Rename(HANDLE File, const UNICODE_STRING *Target, BOOL Replace, NTSTATUS *Status)
{
    ULONG Length = FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName) + Target->Length;
    FILE_RENAME_INFORMATION *Information = host_allocate(Length + sizeof(WCHAR));
    BOOL Result;
    if (Information == NULL) {
        NtClose(File);
        return Win32Fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    RtlZeroMemory(Information, sizeof *Information);
    Information->ReplaceIfExists = Replace != FALSE;
    Information->FileNameLength = Target->Length;
    RtlCopyMemory(Information->FileName, Target->Buffer, Target->Length);
    Result = SetAndClose(File, FileRenameInformation, Information, Length, Status);
    host_free(Information);
    return Result;
}

BOOL WINAPI MoveFileExA(LPCSTR Existing, LPCSTR New, DWORD Flags)
{
    UNICODE_STRING Target;
    NTSTATUS Status = STATUS_SUCCESS;
    HANDLE File;

    if ((Flags & ~(DWORD)(MOVEFILE_REPLACE_EXISTING | MOVEFILE_COPY_ALLOWED | MOVEFILE_WRITE_THROUGH)) != 0 ||
        New == NULL)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    if (!OpenExisting(Existing, DELETE, FILE_OPEN_FOR_BACKUP_INTENT | FILE_OPEN_REPARSE_POINT, &File))
        return FALSE;
    if (!Win32NativeName(New, &Target)) {
        NtClose(File);
        return FALSE;
    }
    BOOL Result = Rename(File, &Target, (Flags & MOVEFILE_REPLACE_EXISTING) != 0, &Status);
    host_free(Target.Buffer);
    if (Status == STATUS_NOT_SAME_DEVICE && (Flags & MOVEFILE_COPY_ALLOWED) != 0)
        return CopyFileA(Existing, New, (Flags & MOVEFILE_REPLACE_EXISTING) == 0) && DeleteFileA(Existing);
    return Result;
}

BOOL WINAPI MoveFileA(LPCSTR Existing, LPCSTR New)
{
    return MoveFileExA(Existing, New, MOVEFILE_COPY_ALLOWED);
}

/* --- the same in UTF-16 --- */

/* FALSE: no memory. */
static BOOL Convert(LPCWSTR Wide, PSTR *Ansi)
{
    *Ansi = Win32AnsiFromWide(Wide);
    return *Ansi != NULL || Wide == NULL;
}

DWORD WINAPI GetFileAttributesW(LPCWSTR Name)
{
    PSTR Ansi;
    DWORD Result = Convert(Name, &Ansi) ? GetFileAttributesA(Ansi) : INVALID_FILE_ATTRIBUTES;
    host_free(Ansi);
    return Result;
}

BOOL WINAPI GetFileAttributesExW(LPCWSTR Name, GET_FILEEX_INFO_LEVELS Level, LPVOID Out)
{
    PSTR Ansi;
    BOOL Result = Convert(Name, &Ansi) && GetFileAttributesExA(Ansi, Level, Out);
    host_free(Ansi);
    return Result;
}

BOOL WINAPI SetFileAttributesW(LPCWSTR Name, DWORD Attributes)
{
    PSTR Ansi;
    BOOL Result = Convert(Name, &Ansi) && SetFileAttributesA(Ansi, Attributes);
    host_free(Ansi);
    return Result;
}

BOOL WINAPI DeleteFileW(LPCWSTR Name)
{
    PSTR Ansi;
    BOOL Result = Convert(Name, &Ansi) && DeleteFileA(Ansi);
    host_free(Ansi);
    return Result;
}

BOOL WINAPI RemoveDirectoryW(LPCWSTR Name)
{
    PSTR Ansi;
    BOOL Result = Convert(Name, &Ansi) && RemoveDirectoryA(Ansi);
    host_free(Ansi);
    return Result;
}

BOOL WINAPI CreateDirectoryW(LPCWSTR Name, LPSECURITY_ATTRIBUTES Security)
{
    PSTR Ansi;
    BOOL Result = Convert(Name, &Ansi) && CreateDirectoryA(Ansi, Security);
    host_free(Ansi);
    return Result;
}

BOOL WINAPI CopyFileW(LPCWSTR Existing, LPCWSTR New, BOOL FailIfExists)
{
    PSTR From, To = NULL;
    BOOL Result = Convert(Existing, &From) && Convert(New, &To) && CopyFileA(From, To, FailIfExists);
    host_free(From);
    host_free(To);
    return Result;
}

BOOL WINAPI MoveFileExW(LPCWSTR Existing, LPCWSTR New, DWORD Flags)
{
    PSTR From, To = NULL;
    BOOL Result = Convert(Existing, &From) && Convert(New, &To) && MoveFileExA(From, To, Flags);
    host_free(From);
    host_free(To);
    return Result;
}

BOOL WINAPI MoveFileW(LPCWSTR Existing, LPCWSTR New)
{
    return MoveFileExW(Existing, New, MOVEFILE_COPY_ALLOWED);
}
