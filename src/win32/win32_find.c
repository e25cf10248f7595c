/* SPDX-License-Identifier: MIT */
/*
 * win32_find.c - FindFirstFile, FindNextFile, FindClose.
 *
 * Layer: win32; NT counterpart: kernel32's functions over NtQueryDirectoryFile. The host's folder is
 * read directly, in its order; "." and ".." are among its names. Patterns are matched without regard to
 * case. Left out: short names, the rules of * and ? that only old DOS programs know.
 */
#include "win32_file.h"

#include <string.h>

/*
 * A search. Created by FindFirstFile, freed by FindClose; a handle is its address, valid while it is
 * in the list. A search is used by one thread at a time, as on Windows.
 */
typedef struct WIN32_FIND {
    struct WIN32_FIND *Next;
    struct host_directory *Directory;
    PSTR Folder;   /* of the host */
    PWSTR Pattern; /* upper case */
} WIN32_FIND;

static WIN32_FIND *Searches _Guarded_by_(Win32TableLock);

static VOID FreeSearch(WIN32_FIND *Find)
{
    if (Find->Directory != NULL)
        host_directory_close(Find->Directory);
    host_free(Find->Folder);
    host_free(Find->Pattern);
    host_free(Find);
}

static WIN32_FIND *FindSearch(HANDLE Handle, BOOL Remove)
{
    WIN32_FIND *Found;
    Win32AcquireLock();
    WIN32_FIND **Place = &Searches;
    while (*Place != NULL && (HANDLE)*Place != Handle)
        Place = &(*Place)->Next;
    Found = *Place;
    if (Found != NULL && Remove)
        *Place = Found->Next;
    Win32ReleaseLock();
    return Found;
}

/* Name is compared in upper case. */
static BOOL Matches(PCWSTR Pattern, PCWSTR Name)
{
    PCWSTR Star = NULL, Again = NULL;
    while (*Name != 0) {
        if (*Pattern == '*') {
            Star = Pattern++;
            Again = Name;
        } else if (*Pattern == '?' || *Pattern == Win32UpcaseChar(*Name)) {
            Pattern++;
            Name++;
        } else if (Star != NULL) {
            Pattern = Star + 1;
            Name = ++Again;
        } else {
            return FALSE;
        }
    }
    while (*Pattern == '*')
        Pattern++;
    return *Pattern == 0;
}

static PWSTR MakePattern(PCSTR Text)
{
    PWSTR Pattern;
    /* Every name has an extension to this pattern. */
    if (!Win32WideFromAnsi(strcmp(Text, "*.*") == 0 ? "*" : Text, &Pattern))
        return NULL;
    for (PWSTR At = Pattern; *At != 0; At++)
        *At = Win32UpcaseChar(*At);
    return Pattern;
}

static PSTR JoinPath(PCSTR Folder, PCSTR Name)
{
    SIZE_T Length = strlen(Folder) + strlen(Name) + 2;
    PSTR Path = host_allocate(Length);
    if (Path != NULL) {
        strcpy(Path, Folder);
        strcat(Path, "/");
        strcat(Path, Name);
    }
    return Path;
}

static VOID FillData(const WIN32_FIND *Find, PCSTR Name, WIN32_FIND_DATAW *Data)
{
    struct host_file_information Found;
    PSTR Path = JoinPath(Find->Folder, Name);

    RtlZeroMemory(Data, sizeof *Data);
    Win32CopyOutWide(Name, Data->cFileName, MAX_PATH);
    /* A link that leads nowhere is still there. */
    if (Path != NULL && (host_file_query_path(Path, TRUE, &Found) == 0 ||
        host_file_query_path(Path, FALSE, &Found) == 0)) {
        Data->dwFileAttributes = Win32AttributesOf(&Found);
        Data->ftCreationTime = Win32FileTime(Found.created != 0 ? Found.created : Found.written);
        Data->ftLastAccessTime = Win32FileTime(Found.accessed);
        Data->ftLastWriteTime = Win32FileTime(Found.written);
        Data->nFileSizeHigh = (DWORD)(Found.size >> 32);
        Data->nFileSizeLow = (DWORD)Found.size;
    }
    host_free(Path);
}

/* FALSE: no more, last error untouched. Names longer than MAX_PATH have no place in the structure. */
static BOOL NextMatch(WIN32_FIND *Find, WIN32_FIND_DATAW *Data)
{
    const char *Name;
    while ((Name = host_directory_next(Find->Directory)) != NULL) {
        PWSTR Wide;
        if (!Win32WideFromAnsi(Name, &Wide))
            continue;
        BOOL Match = Win32WideLength(Wide) < MAX_PATH && Matches(Find->Pattern, Wide);
        host_free(Wide);
        if (Match) {
            FillData(Find, Name, Data);
            return TRUE;
        }
    }
    return FALSE;
}

/* The folder's path and the pattern behind it. */
static BOOL SplitName(LPCSTR Name, WIN32_FIND *Find)
{
    SIZE_T Length = Name != NULL ? strlen(Name) : 0, At = Length;
    CHAR Folder[WIN32_PATH_MAX];

    while (At > 0 && !Win32IsSeparator(Name[At - 1]) && Name[At - 1] != ':')
        At--;
    if (Length == 0)
        return Win32Fail(ERROR_PATH_NOT_FOUND);
    if (At == Length)
        return Win32Fail(ERROR_FILE_NOT_FOUND);
    if (At + 2 > sizeof Folder)
        return Win32Fail(ERROR_FILENAME_EXCED_RANGE);
    RtlCopyMemory(Folder, Name, At);
    strcpy(Folder + At, At == 0 ? "." : "");
    Find->Folder = Win32HostPath(Folder);
    Find->Pattern = Find->Folder != NULL ? MakePattern(Name + At) : NULL;
    return Find->Pattern != NULL;
}

static BOOL Begin(LPCSTR Name, WIN32_FIND *Find, WIN32_FIND_DATAW *Data)
{
    if (!SplitName(Name, Find))
        return FALSE;
    NTSTATUS Status = host_directory_open(Find->Folder, &Find->Directory);
    if (!NT_SUCCESS(Status))
        return Win32SetStatus(Status);
    return NextMatch(Find, Data) ? TRUE : Win32Fail(ERROR_FILE_NOT_FOUND);
}

static HANDLE BeginSearch(LPCSTR Name, WIN32_FIND_DATAW *Data)
{
    WIN32_FIND *Find = host_allocate(sizeof *Find);
    if (Find == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return INVALID_HANDLE_VALUE;
    }
    RtlZeroMemory(Find, sizeof *Find);
    if (!Begin(Name, Find, Data)) {
        FreeSearch(Find);
        return INVALID_HANDLE_VALUE;
    }
    Win32AcquireLock();
    Find->Next = Searches;
    Searches = Find;
    Win32ReleaseLock();
    return (HANDLE)Find;
}

/* The members before the name are the same. */
static VOID DataToAnsi(const WIN32_FIND_DATAW *Wide, WIN32_FIND_DATAA *Ansi)
{
    RtlCopyMemory(Ansi, Wide, FIELD_OFFSET(WIN32_FIND_DATAA, cFileName));
    RtlZeroMemory(Ansi->cAlternateFileName, sizeof Ansi->cAlternateFileName);
    if (WideCharToMultiByte(CP_ACP, 0, Wide->cFileName, -1, Ansi->cFileName, MAX_PATH, NULL, NULL) == 0)
        Ansi->cFileName[MAX_PATH - 1] = 0;
}

HANDLE WINAPI FindFirstFileA(LPCSTR Name, LPWIN32_FIND_DATAA Data)
{
    WIN32_FIND_DATAW Wide;
    HANDLE Handle = BeginSearch(Name, &Wide);
    if (Handle != INVALID_HANDLE_VALUE)
        DataToAnsi(&Wide, Data);
    return Handle;
}

HANDLE WINAPI FindFirstFileW(LPCWSTR Name, LPWIN32_FIND_DATAW Data)
{
    PSTR Ansi = Win32AnsiFromWide(Name);
    HANDLE Handle = BeginSearch(Ansi, Data);
    host_free(Ansi);
    return Handle;
}

BOOL WINAPI FindNextFileW(HANDLE Handle, LPWIN32_FIND_DATAW Data)
{
    WIN32_FIND *Find = FindSearch(Handle, FALSE);
    if (Find == NULL)
        return Win32Fail(ERROR_INVALID_HANDLE);
    return NextMatch(Find, Data) ? TRUE : Win32Fail(ERROR_NO_MORE_FILES);
}

BOOL WINAPI FindNextFileA(HANDLE Handle, LPWIN32_FIND_DATAA Data)
{
    WIN32_FIND_DATAW Wide;
    if (!FindNextFileW(Handle, &Wide))
        return FALSE;
    DataToAnsi(&Wide, Data);
    return TRUE;
}

BOOL WINAPI FindClose(HANDLE Handle)
{
    WIN32_FIND *Find = FindSearch(Handle, TRUE);
    if (Find == NULL)
        return Win32Fail(ERROR_INVALID_HANDLE);
    FreeSearch(Find);
    return TRUE;
}
