/* SPDX-License-Identifier: MIT */
/*
 * win32_path.c - from the names that programs write to those of the native API and of the host.
 *
 * Layer: win32; NT counterpart: ntdll's RtlDosPathNameToNtPathName and its like. Left out: short
 * names, UNC paths, drives other than C:, device names with a folder or an extension ("nul.txt").
 */
#include "win32_file.h"

#include "host_process.h"

#include <stdio.h>
#include <string.h>

BOOL Win32IsSeparator(CHAR Char)
{
    return Char == '\\' || Char == '/';
}

static BOOL HasDrive(PCSTR Name)
{
    CHAR Letter = (CHAR)(Name[0] | 0x20);
    return Letter >= 'a' && Letter <= 'z' && Name[1] == ':';
}

/* \\?\ or \\.\, both with either separator */
static BOOL HasDevicePrefix(PCSTR Name, CHAR Mark)
{
    return Win32IsSeparator(Name[0]) && Win32IsSeparator(Name[1]) && Name[2] == Mark && Win32IsSeparator(Name[3]);
}

/* The part of a path that ".." does not leave. */
static SIZE_T RootLength(PCSTR Path)
{
    return HasDrive(Path) ? 3 : 1;
}

/* Takes "." and ".." and doubled separators out of an absolute path, in place. */
static VOID Normalize(PSTR Path, CHAR Separator)
{
    SIZE_T Root = RootLength(Path);
    PSTR From = Path + Root, To = Path + Root;
    BOOL Dots = FALSE;

    Path[Root - 1] = Separator;
    while (*From != 0) {
        SIZE_T Length = 0;
        while (From[Length] != 0 && !Win32IsSeparator(From[Length]))
            Length++;
        BOOL Ends = From[Length] == 0;
        Dots = Ends && Length != 0 && Length <= 2 && From[0] == '.' && From[Length - 1] == '.';
        if (Length == 2 && From[0] == '.' && From[1] == '.') {
            /* Back over the separator, then over the name before it. */
            if (To > Path + Root)
                To--;
            while (To > Path + Root && !Win32IsSeparator(To[-1]))
                To--;
        } else if (Length != 0 && !(Length == 1 && From[0] == '.')) {
            memmove(To, From, Length);
            To += Length;
            if (!Ends)
                *To++ = Separator;
        }
        From += Length + (Ends ? 0 : 1);
    }
    /* "dir\\." is "dir". */
    if (Dots && To > Path + Root && Win32IsSeparator(To[-1]))
        To--;
    /* Dots and spaces at the end of a name do not count. [doc:fileio/naming-a-file] */
    while (To > Path + Root && (To[-1] == '.' || To[-1] == ' '))
        To--;
    *To = 0;
}

/* Name behind the current directory. */
static PSTR MakeAbsolute(PCSTR Name)
{
    CHAR Current[WIN32_PATH_MAX];
    SIZE_T Length;
    PSTR Path;
    if (host_current_directory(Current, sizeof Current) != 0) {
        SetLastError(ERROR_PATH_NOT_FOUND);
        return NULL;
    }
    Length = strlen(Current) + strlen(Name) + 4;
    Path = host_allocate(Length);
    if (Path != NULL)
        snprintf(Path, Length, "%s/%s", Current, Name);
    else
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return Path;
}

static PSTR Duplicate(PCSTR Prefix, PCSTR Text)
{
    SIZE_T Length = strlen(Prefix) + strlen(Text) + 2;
    PSTR Copy = host_allocate(Length);
    if (Copy != NULL)
        snprintf(Copy, Length, "%s%s", Prefix, Text);
    else
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return Copy;
}

static BOOL CheckName(PCSTR Name)
{
    if (Name == NULL || *Name == 0)
        return Win32Fail(ERROR_PATH_NOT_FOUND);
    if (strlen(Name) > WIN32_PATH_MAX)
        return Win32Fail(ERROR_FILENAME_EXCED_RANGE);
    if (Win32IsSeparator(Name[0]) && Win32IsSeparator(Name[1]) && !HasDevicePrefix(Name, '?') &&
        !HasDevicePrefix(Name, '.'))
        return Win32Fail(ERROR_BAD_NETPATH);
    return TRUE;
}

PSTR Win32FullPath(PCSTR Name)
{
    CHAR Separator = '/';
    PSTR Path;

    if (!CheckName(Name))
        return NULL;
    if (HasDevicePrefix(Name, '?') || HasDevicePrefix(Name, '.'))
        return Duplicate("", Name);
    if (HasDrive(Name) && Win32IsSeparator(Name[2])) {
        Separator = '\\';
        Path = Duplicate("", Name);
    } else if (HasDrive(Name) && (Name[0] | 0x20) != 'c') {
        CHAR Root[4] = {Name[0], ':', '\\', 0};
        Separator = '\\';
        Path = Duplicate(Root, Name + 2);
    } else if (HasDrive(Name)) {
        Path = MakeAbsolute(Name + 2);
    } else if (Win32IsSeparator(Name[0])) {
        Path = Duplicate("", Name);
    } else {
        Path = MakeAbsolute(Name);
    }
    if (Path != NULL)
        Normalize(Path, Separator);
    return Path;
}

static BOOL IsDevice(PCSTR Name, PCSTR Device)
{
    return lstrcmpiA(HasDevicePrefix(Name, '.') ? Name + 4 : Name, Device) == 0;
}

/* What follows \??\, in Windows' form. */
static PSTR ObjectName(PCSTR Name)
{
    PSTR Full, Object;

    if (Name != NULL && IsDevice(Name, "NUL"))
        return Duplicate("", "NUL");
    Full = Win32FullPath(Name);
    if (Full == NULL)
        return NULL;
    if (HasDevicePrefix(Full, '?') || HasDevicePrefix(Full, '.'))
        Object = Duplicate("", Full + 4);
    else
        Object = Duplicate(HasDrive(Full) ? "" : "C:", Full);
    host_free(Full);
    return Object;
}

BOOL Win32NativeName(PCSTR Name, UNICODE_STRING *Native)
{
    PSTR Object = ObjectName(Name), Text = NULL;
    PWSTR Wide = NULL;

    if (Object == NULL)
        return FALSE;
    for (PSTR At = Object; *At != 0; At++)
        *At = *At == '/' ? '\\' : *At;
    Text = Duplicate("\\??\\", Object);
    host_free(Object);
    if (Text != NULL)
        Win32WideFromAnsi(Text, &Wide);
    host_free(Text);
    if (Wide == NULL)
        return FALSE;
    Native->Buffer = Wide;
    Native->Length = (USHORT)(Win32WideLength(Wide) * sizeof(WCHAR));
    Native->MaximumLength = Native->Length;
    return TRUE;
}

PSTR Win32HostPath(PCSTR Name)
{
    PSTR Object = ObjectName(Name), Path = NULL;

    if (Object == NULL)
        return NULL;
    for (PSTR At = Object; *At != 0; At++)
        *At = *At == '\\' ? '/' : *At;
    if (HasDrive(Object) && (Object[0] | 0x20) == 'c' && (Object[2] == '/' || Object[2] == 0))
        Path = Duplicate("", Object[2] != 0 ? Object + 2 : "/");
    else
        SetLastError(ERROR_PATH_NOT_FOUND);
    host_free(Object);
    return Path;
}

/* --- GetFullPathName --- */

static PSTR FilePart(PSTR Path)
{
    PSTR Part = Path + strlen(Path);
    while (Part > Path && !Win32IsSeparator(Part[-1]) && Part[-1] != ':')
        Part--;
    return *Part != 0 ? Part : NULL;
}

/* An empty name is ERROR_INVALID_NAME here. [test:wine/kernel32/path.c] */
static PSTR FullPathOrError(LPCSTR Name)
{
    if (Name == NULL || *Name == 0) {
        SetLastError(ERROR_INVALID_NAME);
        return NULL;
    }
    return Win32FullPath(Name);
}

DWORD WINAPI GetFullPathNameA(LPCSTR Name, DWORD Size, LPSTR Buffer, LPSTR *Part)
{
    PSTR Full = FullPathOrError(Name);
    if (Full == NULL)
        return 0;
    DWORD Result = Win32CopyOutAnsi(Full, Buffer, Size);
    if (Part != NULL)
        *Part = Buffer != NULL && Result < Size ? FilePart(Buffer) : NULL;
    host_free(Full);
    return Result;
}

DWORD WINAPI GetFullPathNameW(LPCWSTR Name, DWORD Size, LPWSTR Buffer, LPWSTR *Part)
{
    PSTR Ansi = Win32AnsiFromWide(Name);
    PSTR Full = FullPathOrError(Ansi);
    DWORD Result = 0;

    if (Full != NULL) {
        Result = Win32CopyOutWide(Full, Buffer, Size);
        if (Part != NULL) {
            *Part = NULL;
            if (Buffer != NULL && Result < Size && FilePart(Full) != NULL) {
                PWSTR At = Buffer + Win32WideLength(Buffer);
                while (At > Buffer && At[-1] != '/' && At[-1] != '\\' && At[-1] != ':')
                    At--;
                *Part = At;
            }
        }
    }
    host_free(Full);
    host_free(Ansi);
    return Result;
}

/* --- temporary files --- */

/* Windows looks at TMP, TEMP and USERPROFILE; the host's own variable and folder come behind. */
static PSTR TempFolder(VOID)
{
    static const char *const Names[] = {"TMP", "TEMP", "USERPROFILE", "TMPDIR"};
    PSTR Folder = NULL, Full = NULL;
    for (int i = 0; i < 4 && Full == NULL; i++) {
        Folder = host_variable_get(Names[i]);
        if (Folder != NULL && *Folder != 0)
            Full = Win32FullPath(Folder);
        host_free(Folder);
    }
    if (Full == NULL)
        Full = Duplicate("", "/tmp");
    if (Full != NULL && !Win32IsSeparator(Full[strlen(Full) - 1]))
        strcat(Full, HasDrive(Full) ? "\\" : "/"); /* there is room for one */
    return Full;
}

DWORD WINAPI GetTempPathA(DWORD Size, LPSTR Buffer)
{
    PSTR Folder = TempFolder();
    DWORD Result = Folder != NULL ? Win32CopyOutAnsi(Folder, Buffer, Size) : 0;
    host_free(Folder);
    return Result;
}

DWORD WINAPI GetTempPathW(DWORD Size, LPWSTR Buffer)
{
    PSTR Folder = TempFolder();
    DWORD Result = Folder != NULL ? Win32CopyOutWide(Folder, Buffer, Size) : 0;
    host_free(Folder);
    return Result;
}

static UINT TryTempName(LPCSTR Folder, LPCSTR Prefix, UINT Unique, BOOL Create, LPSTR Name)
{
    SIZE_T Length = strlen(Folder);
    const char *Separator = "";
    if (Length != 0 && !Win32IsSeparator(Folder[Length - 1]))
        Separator = HasDrive(Folder) ? "\\" : "/";
    snprintf(Name, MAX_PATH, "%s%s%.3s%X.tmp", Folder, Separator, Prefix != NULL ? Prefix : "", Unique);
    if (!Create)
        return Unique;
    HANDLE File = CreateFileA(Name, GENERIC_READ, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    if (File == INVALID_HANDLE_VALUE)
        return 0;
    CloseHandle(File);
    return Unique;
}

/* With 0 for Unique a file of a new name is made; otherwise nothing is. */
UINT WINAPI GetTempFileNameA(LPCSTR Folder, LPCSTR Prefix, UINT Unique, LPSTR Name)
{
    UINT Result = 0;
    if (Folder == NULL || Name == NULL)
        return (UINT)Win32Fail(ERROR_INVALID_PARAMETER);
    if (strlen(Folder) > MAX_PATH - 14)
        return (UINT)Win32Fail(ERROR_BUFFER_OVERFLOW);
    if (Unique != 0)
        return TryTempName(Folder, Prefix, Unique & 0xFFFF, FALSE, Name);
    DWORD Attributes = GetFileAttributesA(*Folder != 0 ? Folder : ".");
    if (Attributes == INVALID_FILE_ATTRIBUTES || (Attributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
        return (UINT)Win32Fail(ERROR_DIRECTORY);
    UINT Start = (UINT)host_thread_id() * 7919u + (UINT)Win32InterruptTime();
    for (UINT i = 0; i < 0xFFFF && Result == 0; i++) {
        UINT Number = (Start + i) & 0xFFFF;
        if (Number == 0)
            continue;
        Result = TryTempName(Folder, Prefix, Number, TRUE, Name);
        if (Result == 0 && GetLastError() != ERROR_FILE_EXISTS && GetLastError() != ERROR_SHARING_VIOLATION)
            break;
    }
    return Result;
}

UINT WINAPI GetTempFileNameW(LPCWSTR Folder, LPCWSTR Prefix, UINT Unique, LPWSTR Name)
{
    PSTR AnsiFolder = Win32AnsiFromWide(Folder), AnsiPrefix = Win32AnsiFromWide(Prefix);
    CHAR Text[MAX_PATH];
    UINT Result = GetTempFileNameA(AnsiFolder, AnsiPrefix, Unique, Name != NULL ? Text : NULL);
    if (Result != 0)
        Win32CopyOutWide(Text, Name, MAX_PATH);
    host_free(AnsiFolder);
    host_free(AnsiPrefix);
    return Result;
}
