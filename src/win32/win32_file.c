/* SPDX-License-Identifier: MIT */
/*
 * win32_file.c - CreateFile, and what is asked of an open file: size, position, times, identity.
 *
 * Layer: win32; NT counterpart: kernel32's functions over NtCreateFile and NtQueryInformationFile. Template
 * files are not looked at; security attributes only say whether the handle is inherited.
 */
#include "win32_file.h"

#include <string.h>

BOOL Win32OpenFile(PCSTR Name, const WIN32_OPEN *Open, HANDLE *File, ULONG_PTR *Information, NTSTATUS *Status)
{
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK Iosb = {0};
    UNICODE_STRING Native;

    Win32Initialize();
    *Status = STATUS_SUCCESS;
    if (!Win32NativeName(Name, &Native))
        return FALSE;
    InitializeObjectAttributes(&Attributes, &Native, OBJ_CASE_INSENSITIVE | (Open->Inherit ? OBJ_INHERIT : 0),
        NULL, NULL);
    *Status = NtCreateFile(File, Open->Access | SYNCHRONIZE, &Attributes, &Iosb, NULL, Open->Attributes,
        Open->Share, Open->Disposition, Open->Options, NULL, 0);
    host_free(Native.Buffer);
    if (Information != NULL)
        *Information = Iosb.Information;
    return NT_SUCCESS(*Status) ? TRUE : Win32SetStatus(*Status);
}

/* --- CreateFile --- */

static BOOL TranslateDisposition(DWORD Creation, DWORD Access, ULONG *Disposition)
{
    static const ULONG Native[] = {0, FILE_CREATE, FILE_OVERWRITE_IF, FILE_OPEN, FILE_OPEN_IF, FILE_OVERWRITE};
    if (Creation < CREATE_NEW || Creation > TRUNCATE_EXISTING)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    if (Creation == TRUNCATE_EXISTING && (Access & (GENERIC_WRITE | GENERIC_ALL | FILE_WRITE_DATA)) == 0)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    *Disposition = Native[Creation];
    return TRUE;
}

static ULONG TranslateFlags(DWORD Flags)
{
    ULONG Options = (Flags & FILE_FLAG_OVERLAPPED) != 0 ? 0 : FILE_SYNCHRONOUS_IO_NONALERT;
    Options |= (Flags & FILE_FLAG_WRITE_THROUGH) != 0 ? FILE_WRITE_THROUGH : 0;
    Options |= (Flags & FILE_FLAG_NO_BUFFERING) != 0 ? FILE_NO_INTERMEDIATE_BUFFERING : 0;
    Options |= (Flags & FILE_FLAG_RANDOM_ACCESS) != 0 ? FILE_RANDOM_ACCESS : 0;
    Options |= (Flags & FILE_FLAG_SEQUENTIAL_SCAN) != 0 ? FILE_SEQUENTIAL_ONLY : 0;
    Options |= (Flags & FILE_FLAG_DELETE_ON_CLOSE) != 0 ? FILE_DELETE_ON_CLOSE : 0;
    Options |= (Flags & FILE_FLAG_OPEN_REPARSE_POINT) != 0 ? FILE_OPEN_REPARSE_POINT : 0;
    /* A folder is opened by those only who say so. */
    Options |= (Flags & FILE_FLAG_BACKUP_SEMANTICS) != 0 ? FILE_OPEN_FOR_BACKUP_INTENT : FILE_NON_DIRECTORY_FILE;
    return Options;
}

/* The standard handles serve as the console's. */
static HANDLE OpenConsole(LPCSTR Name, DWORD Access)
{
    if (Name == NULL)
        return NULL;
    if (lstrcmpiA(Name, "CONIN$") == 0)
        return (HANDLE)(ULONG_PTR)3;
    if (lstrcmpiA(Name, "CONOUT$") == 0)
        return (HANDLE)(ULONG_PTR)7;
    if (lstrcmpiA(Name, "CON") == 0)
        return (HANDLE)(ULONG_PTR)((Access & GENERIC_WRITE) != 0 ? 7 : 3);
    return NULL;
}

static VOID SetOpenError(LPCSTR Name, NTSTATUS Status)
{
    if (Status == STATUS_OBJECT_NAME_COLLISION)
        SetLastError(ERROR_FILE_EXISTS); /* and not ERROR_ALREADY_EXISTS */
    if (Status == STATUS_FILE_IS_A_DIRECTORY && *Name != 0 && Win32IsSeparator(Name[strlen(Name) - 1]))
        SetLastError(ERROR_PATH_NOT_FOUND);
}

/* ERROR_ALREADY_EXISTS with success: the file was there. [doc:fileapi/createfilew] */
HANDLE WINAPI CreateFileA(LPCSTR Name, DWORD Access, DWORD Share, LPSECURITY_ATTRIBUTES Security, DWORD Creation,
    DWORD Flags, HANDLE Template)
{
    WIN32_OPEN Open = {.Access = Access | FILE_READ_ATTRIBUTES, .Share = Share, .Options = TranslateFlags(Flags),
        .Attributes = Flags & (FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM |
            FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_NORMAL | FILE_ATTRIBUTE_TEMPORARY),
        .Inherit = Security != NULL && Security->bInheritHandle};
    ULONG_PTR Information = 0;
    NTSTATUS Status;
    HANDLE File = OpenConsole(Name, Access);

    if (File != NULL)
        return File;
    if (!TranslateDisposition(Creation, Access, &Open.Disposition))
        return INVALID_HANDLE_VALUE;
    if ((Share & ~(DWORD)(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)) != 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    if ((Flags & FILE_FLAG_DELETE_ON_CLOSE) != 0)
        Open.Access |= DELETE;
    if (!Win32OpenFile(Name, &Open, &File, &Information, &Status)) {
        if (!NT_SUCCESS(Status))
            SetOpenError(Name, Status);
        return INVALID_HANDLE_VALUE;
    }
    if ((Creation == CREATE_ALWAYS && Information == FILE_OVERWRITTEN) ||
        (Creation == OPEN_ALWAYS && Information == FILE_OPENED))
        SetLastError(ERROR_ALREADY_EXISTS);
    else
        SetLastError(ERROR_SUCCESS);
    return File;
}

HANDLE WINAPI CreateFileW(LPCWSTR Name, DWORD Access, DWORD Share, LPSECURITY_ATTRIBUTES Security, DWORD Creation,
    DWORD Flags, HANDLE Template)
{
    PSTR Ansi = Win32AnsiFromWide(Name);
    HANDLE File = INVALID_HANDLE_VALUE;
    if (Ansi != NULL || Name == NULL)
        File = CreateFileA(Ansi, Access, Share, Security, Creation, Flags, Template);
    host_free(Ansi);
    return File;
}

/* --- by handle --- */

static BOOL Query(HANDLE File, FILE_INFORMATION_CLASS Class, PVOID Information, ULONG Length)
{
    IO_STATUS_BLOCK Iosb;
    Win32Initialize();
    NTSTATUS Status = NtQueryInformationFile(File, &Iosb, Information, Length, Class);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

static BOOL Set(HANDLE File, FILE_INFORMATION_CLASS Class, PVOID Information, ULONG Length)
{
    IO_STATUS_BLOCK Iosb;
    Win32Initialize();
    NTSTATUS Status = NtSetInformationFile(File, &Iosb, Information, Length, Class);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

BOOL WINAPI GetFileSizeEx(HANDLE File, PLARGE_INTEGER Size)
{
    FILE_STANDARD_INFORMATION Standard;
    if (!Query(File, FileStandardInformation, &Standard, sizeof Standard))
        return FALSE;
    *Size = Standard.EndOfFile;
    return TRUE;
}

DWORD WINAPI GetFileSize(HANDLE File, LPDWORD High)
{
    LARGE_INTEGER Size;
    if (!GetFileSizeEx(File, &Size))
        return INVALID_FILE_SIZE;
    if (High != NULL)
        *High = (DWORD)Size.HighPart;
    /* This size looks like the failure. */
    if (Size.LowPart == INVALID_FILE_SIZE)
        SetLastError(ERROR_SUCCESS);
    return Size.LowPart;
}

BOOL WINAPI SetFilePointerEx(HANDLE File, LARGE_INTEGER Distance, PLARGE_INTEGER New, DWORD Method)
{
    FILE_POSITION_INFORMATION Position = {.CurrentByteOffset.QuadPart = 0};

    if (Method == FILE_CURRENT) {
        if (!Query(File, FilePositionInformation, &Position, sizeof Position))
            return FALSE;
    } else if (Method == FILE_END) {
        if (!GetFileSizeEx(File, &Position.CurrentByteOffset))
            return FALSE;
    } else if (Method != FILE_BEGIN) {
        return Win32Fail(ERROR_INVALID_PARAMETER);
    }
    if (__builtin_add_overflow(Position.CurrentByteOffset.QuadPart, Distance.QuadPart,
        &Position.CurrentByteOffset.QuadPart))
        return Win32Fail(ERROR_INVALID_PARAMETER);
    if (Position.CurrentByteOffset.QuadPart < 0)
        return Win32Fail(ERROR_NEGATIVE_SEEK);
    if (!Set(File, FilePositionInformation, &Position, sizeof Position))
        return FALSE;
    if (New != NULL)
        *New = Position.CurrentByteOffset;
    return TRUE;
}

/* Without a high part the distance is a signed 32-bit number, and so is the result's room. */
DWORD WINAPI SetFilePointer(HANDLE File, LONG Low, PLONG High, DWORD Method)
{
    LARGE_INTEGER Distance = {.QuadPart = Low}, New, Old = {.QuadPart = 0};

    if (High != NULL) {
        Distance.LowPart = (DWORD)Low;
        Distance.HighPart = *High;
    }
    if (!SetFilePointerEx(File, Old, &Old, FILE_CURRENT) || !SetFilePointerEx(File, Distance, &New, Method))
        return INVALID_SET_FILE_POINTER;
    if (High != NULL) {
        *High = New.HighPart;
    } else if (New.HighPart != 0) {
        SetFilePointerEx(File, Old, NULL, FILE_BEGIN);
        SetLastError(ERROR_INVALID_PARAMETER);
        return INVALID_SET_FILE_POINTER;
    }
    if (New.LowPart == INVALID_SET_FILE_POINTER)
        SetLastError(ERROR_SUCCESS);
    return New.LowPart;
}

BOOL WINAPI SetEndOfFile(HANDLE File)
{
    FILE_POSITION_INFORMATION Position;
    FILE_END_OF_FILE_INFORMATION End;
    if (!Query(File, FilePositionInformation, &Position, sizeof Position))
        return FALSE;
    End.EndOfFile = Position.CurrentByteOffset;
    return Set(File, FileEndOfFileInformation, &End, sizeof End);
}

BOOL WINAPI GetFileTime(HANDLE File, LPFILETIME Creation, LPFILETIME Access, LPFILETIME Write)
{
    FILE_BASIC_INFORMATION Basic;
    if (!Query(File, FileBasicInformation, &Basic, sizeof Basic))
        return FALSE;
    if (Creation != NULL)
        *Creation = Win32FileTime(Basic.CreationTime.QuadPart);
    if (Access != NULL)
        *Access = Win32FileTime(Basic.LastAccessTime.QuadPart);
    if (Write != NULL)
        *Write = Win32FileTime(Basic.LastWriteTime.QuadPart);
    return TRUE;
}

static LONGLONG TimeOrNone(const FILETIME *Time)
{
    return Time != NULL ? (LONGLONG)((ULONGLONG)Time->dwHighDateTime << 32 | Time->dwLowDateTime) : 0;
}

/* The host keeps the creation time by itself. */
BOOL WINAPI SetFileTime(HANDLE File, const FILETIME *Creation, const FILETIME *Access, const FILETIME *Write)
{
    FILE_BASIC_INFORMATION Basic;
    RtlZeroMemory(&Basic, sizeof Basic);
    Basic.CreationTime.QuadPart = TimeOrNone(Creation);
    Basic.LastAccessTime.QuadPart = TimeOrNone(Access);
    Basic.LastWriteTime.QuadPart = TimeOrNone(Write);
    return Set(File, FileBasicInformation, &Basic, sizeof Basic);
}

BOOL WINAPI GetFileInformationByHandle(HANDLE File, LPBY_HANDLE_FILE_INFORMATION Information)
{
    FILE_BASIC_INFORMATION Basic;
    FILE_STANDARD_INFORMATION Standard;
    FILE_ID_INFORMATION Id;
    ULONGLONG Index;

    if (!Query(File, FileBasicInformation, &Basic, sizeof Basic) ||
        !Query(File, FileStandardInformation, &Standard, sizeof Standard) ||
        !Query(File, FileIdInformation, &Id, sizeof Id))
        return FALSE;
    RtlCopyMemory(&Index, Id.FileId, sizeof Index);
    Information->dwFileAttributes = Basic.FileAttributes;
    Information->ftCreationTime = Win32FileTime(Basic.CreationTime.QuadPart);
    Information->ftLastAccessTime = Win32FileTime(Basic.LastAccessTime.QuadPart);
    Information->ftLastWriteTime = Win32FileTime(Basic.LastWriteTime.QuadPart);
    Information->dwVolumeSerialNumber = (DWORD)Id.VolumeSerialNumber;
    Information->nFileSizeHigh = (DWORD)Standard.EndOfFile.HighPart;
    Information->nFileSizeLow = Standard.EndOfFile.LowPart;
    Information->nNumberOfLinks = Standard.NumberOfLinks;
    Information->nFileIndexHigh = (DWORD)(Index >> 32);
    Information->nFileIndexLow = (DWORD)Index;
    return TRUE;
}
