/* SPDX-License-Identifier: MIT */
/*
 * win32_file.h - names of files as programs, the native API and the host write them.
 *
 * Layer: win32. All strings here are UTF-8, which is the ANSI code page. What programs may write:
 *   C:\dir\file  C:/dir/file   on the one drive there is, whose root is the host's
 *   \dir\file    /dir/file     the same: the root of the current drive
 *   dir\file     dir/file      below the current directory
 *   \\?\C:\dir\file            as it stands: "." and ".." are names
 *   \\.\NAME                   the device \??\NAME; NUL, CONIN$ and CONOUT$ without it
 * What programs get is written as the host does, so that the C library understands it too, unless they
 * asked with a drive letter.
 */
#ifndef WIN32_FILE_H
#define WIN32_FILE_H

#include "win32_private.h"

#include "host_file.h"

/* With which a path of the host, in UTF-16, still fits into an object name. */
#define WIN32_PATH_MAX 4000

/*
 * Win32FullPath - the absolute form, "." and ".." taken out; freed with host_free. NULL, and the last error:
 * ERROR_PATH_NOT_FOUND for an empty name, ERROR_FILENAME_EXCED_RANGE, ERROR_BAD_NETPATH for \\server\share.
 */
PSTR Win32FullPath(PCSTR Name);
/* The host's path; NULL and ERROR_PATH_NOT_FOUND for another drive and for devices. Freed with host_free. */
PSTR Win32HostPath(PCSTR Name);
/* The native name, \??\C:\...; Buffer is freed with host_free. FALSE and the last error. */
BOOL Win32NativeName(PCSTR Name, UNICODE_STRING *Native);
BOOL Win32IsSeparator(CHAR Char);

/* NtCreateFile on a program's name. Information may be NULL. FALSE and the status. */
typedef struct WIN32_OPEN {
    ACCESS_MASK Access;
    ULONG Share;
    ULONG Disposition; /* FILE_xxx of the native API */
    ULONG Options;
    ULONG Attributes;
    BOOL Inherit;
} WIN32_OPEN;
/* TRUE, or FALSE with the last error set from *Status; *Status is success if the name itself was wrong. */
BOOL Win32OpenFile(PCSTR Name, const WIN32_OPEN *Open, HANDLE *File, ULONG_PTR *Information, NTSTATUS *Status);

DWORD Win32AttributesOf(const struct host_file_information *Found);
static inline FILETIME Win32FileTime(LONGLONG Time)
{
    return (FILETIME){.dwLowDateTime = (DWORD)Time, .dwHighDateTime = (DWORD)(Time >> 32)};
}

#endif
