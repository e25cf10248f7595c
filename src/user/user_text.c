/* SPDX-License-Identifier: MIT */
/*
 * user_text.c - text in two encodings, wsprintf, and the one window that is seen: MessageBox, on standard error.
 *
 * Layer: user.
 */
#include "user_private.h"

#include <stdarg.h>
#include <stdio.h>

/* vswprintf of the 16-bit C run-time (win32's crt_format.c). Internals have no wide C functions under C's names. */
NTSOCKAPI int UserFormatWide(WCHAR *s, size_t n, const WCHAR *format, va_list arguments) __asm__("nts_vswprintf");

#define WSPRINTF_MAX 1024 /* with the terminator [doc:winuser/wsprintfa] */

BOOL UserFail(DWORD Error)
{
    SetLastError(Error);
    return FALSE;
}

static BOOL IsAtom(const void *Text)
{
    return ((ULONG_PTR)Text >> 16) == 0;
}

BOOL UserWideText(LPCSTR Text, PWSTR *Wide)
{
    if (IsAtom(Text)) {
        *Wide = (PWSTR)(ULONG_PTR)Text;
        return TRUE;
    }
    int Length = MultiByteToWideChar(CP_ACP, 0, Text, -1, NULL, 0);
    *Wide = Length > 0 ? host_allocate((SIZE_T)Length * sizeof(WCHAR)) : NULL;
    if (*Wide == NULL)
        return UserFail(ERROR_NOT_ENOUGH_MEMORY);
    MultiByteToWideChar(CP_ACP, 0, Text, -1, *Wide, Length);
    return TRUE;
}

VOID UserFreeText(LPCWSTR Text)
{
    if (!IsAtom(Text))
        host_free((PVOID)(ULONG_PTR)Text);
}

int WINAPIV wsprintfA(LPSTR Buffer, LPCSTR Format, ...)
{
    va_list Arguments;
    va_start(Arguments, Format);
    int Length = vsnprintf(Buffer, WSPRINTF_MAX, Format, Arguments);
    va_end(Arguments);
    return Length < WSPRINTF_MAX ? Length : WSPRINTF_MAX - 1;
}

int WINAPIV wsprintfW(LPWSTR Buffer, LPCWSTR Format, ...)
{
    va_list Arguments;
    va_start(Arguments, Format);
    int Length = UserFormatWide(Buffer, WSPRINTF_MAX, Format, Arguments);
    va_end(Arguments);
    if (Length < 0 || Length >= WSPRINTF_MAX)
        Length = WSPRINTF_MAX - 1;
    Buffer[Length] = 0;
    return Length;
}

int WINAPI MessageBoxA(HWND hWnd, LPCSTR lpText, LPCSTR lpCaption, UINT uType)
{
    fprintf(stderr, "%s: %s\n", lpCaption != NULL ? lpCaption : "Error", lpText != NULL ? lpText : "");
    return IDOK;
}

int WINAPI MessageBoxW(HWND hWnd, LPCWSTR lpText, LPCWSTR lpCaption, UINT uType)
{
    char Text[WSPRINTF_MAX], Caption[256];
    if (lpText == NULL || WideCharToMultiByte(CP_ACP, 0, lpText, -1, Text, sizeof Text, NULL, NULL) == 0)
        Text[0] = 0;
    if (lpCaption == NULL ||
        WideCharToMultiByte(CP_ACP, 0, lpCaption, -1, Caption, sizeof Caption, NULL, NULL) == 0)
        CopyMemory(Caption, "Error", sizeof "Error");
    return MessageBoxA(hWnd, Text, Caption, uType);
}
