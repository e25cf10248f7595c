/* SPDX-License-Identifier: MIT */
/*
 * win32_named.h - names and attributes of kernel objects that Windows programs create and open.
 *
 * Layer: win32. "Global\X", "Local\X" and "X" are one object \BaseNamedObjects\X: there is one
 * session.
 */
#ifndef WIN32_NAMED_H
#define WIN32_NAMED_H

#include "win32_private.h"

#define WIN32_NAME_PREFIX_CHARS 18 /* \BaseNamedObjects\ */

typedef struct WIN32_NAMED {
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    WCHAR Buffer[WIN32_NAME_PREFIX_CHARS + MAX_PATH + 1];
} WIN32_NAMED;

/*
 * Win32NameForCreate - fills Named from the arguments of CreateXxx; Name NULL or empty: no name.
 * FALSE with the last error ERROR_FILENAME_EXCED_RANGE or ERROR_PATH_NOT_FOUND. The object itself
 * decides about collisions: Attributes asks for OBJ_OPENIF.
 */
BOOL Win32NameForCreate(WIN32_NAMED *Named, const SECURITY_ATTRIBUTES *Security, PCWSTR Name);
/* The same for OpenXxx, where a name is a must: ERROR_INVALID_PARAMETER, ERROR_INVALID_HANDLE when
 * empty. */
BOOL Win32NameForOpen(WIN32_NAMED *Named, BOOL Inherit, PCWSTR Name);

/*
 * Win32CreateResult - what every CreateXxx returns: the handle with the last error 0 or
 * ERROR_ALREADY_EXISTS, or NULL with the last error.
 */
HANDLE Win32CreateResult(NTSTATUS Status, HANDLE Handle);
/* What every OpenXxx returns; leaves the last error alone on success. */
HANDLE Win32OpenResult(NTSTATUS Status, HANDLE Handle);

#endif
