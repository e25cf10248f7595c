/* SPDX-License-Identifier: MIT */
/*
 * win32_string.c - kernel32's string functions, and the layer's own conversions.
 *
 * Layer: win32. Comparison is by upper-case letter first and lower before upper case second, which
 * is what Windows gives for words of plain letters; its weights for punctuation and accents are not
 * here.
 */
#include "win32_private.h"

#include <string.h>

SIZE_T Win32WideLength(PCWSTR String)
{
    SIZE_T Length = 0;
    while (String != NULL && String[Length] != 0)
        Length++;
    return Length;
}

BOOL Win32WideFromAnsi(PCSTR Ansi, PWSTR *Wide)
{
    *Wide = NULL;
    if (Ansi == NULL)
        return TRUE;
    int Count = MultiByteToWideChar(CP_ACP, 0, Ansi, -1, NULL, 0);
    *Wide = host_allocate((SIZE_T)Count * sizeof(WCHAR));
    if (*Wide == NULL)
        return Win32Fail(ERROR_NOT_ENOUGH_MEMORY);
    MultiByteToWideChar(CP_ACP, 0, Ansi, -1, *Wide, Count);
    return TRUE;
}

PSTR Win32AnsiFromWide(PCWSTR Wide)
{
    PSTR Ansi;

    if (Wide == NULL)
        return NULL;
    int Count = WideCharToMultiByte(CP_ACP, 0, Wide, -1, NULL, 0, NULL, NULL);
    Ansi = host_allocate((SIZE_T)Count);
    if (Ansi == NULL)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    else
        WideCharToMultiByte(CP_ACP, 0, Wide, -1, Ansi, Count, NULL, NULL);
    return Ansi;
}

DWORD Win32CopyOutAnsi(PCSTR Text, PSTR Buffer, DWORD Size)
{
    SIZE_T Length = strlen(Text);
    if (Length >= Size || Buffer == NULL)
        return (DWORD)(Length + 1);
    RtlCopyMemory(Buffer, Text, Length + 1);
    return (DWORD)Length;
}

DWORD Win32CopyOutWide(PCSTR Text, PWSTR Buffer, DWORD Size)
{
    int Needed = MultiByteToWideChar(CP_ACP, 0, Text, -1, NULL, 0);
    if ((DWORD)Needed > Size || Buffer == NULL)
        return (DWORD)Needed;
    MultiByteToWideChar(CP_ACP, 0, Text, -1, Buffer, Needed);
    return (DWORD)(Needed - 1);
}

/* --- lstr: forgiving about NULL, as documented --- */

int WINAPI lstrlenA(LPCSTR String)
{
    return String != NULL ? (int)strlen(String) : 0;
}

int WINAPI lstrlenW(LPCWSTR String)
{
    return (int)Win32WideLength(String);
}

LPSTR WINAPI lstrcpyA(LPSTR To, LPCSTR From)
{
    if (To == NULL || From == NULL)
        return NULL;
    RtlMoveMemory(To, From, strlen(From) + 1);
    return To;
}

LPWSTR WINAPI lstrcpyW(LPWSTR To, LPCWSTR From)
{
    if (To == NULL || From == NULL)
        return NULL;
    RtlMoveMemory(To, From, (Win32WideLength(From) + 1) * sizeof(WCHAR));
    return To;
}

LPSTR WINAPI lstrcatA(LPSTR To, LPCSTR From)
{
    if (To == NULL || From == NULL)
        return NULL;
    lstrcpyA(To + strlen(To), From);
    return To;
}

LPWSTR WINAPI lstrcatW(LPWSTR To, LPCWSTR From)
{
    if (To == NULL || From == NULL)
        return NULL;
    lstrcpyW(To + Win32WideLength(To), From);
    return To;
}

LPSTR WINAPI lstrcpynA(LPSTR To, LPCSTR From, int Size)
{
    if (To == NULL || From == NULL)
        return NULL;
    for (int i = 0; i < Size; i++) {
        To[i] = i == Size - 1 ? 0 : From[i];
        if (To[i] == 0)
            break;
    }
    return To;
}

LPWSTR WINAPI lstrcpynW(LPWSTR To, LPCWSTR From, int Size)
{
    if (To == NULL || From == NULL)
        return NULL;
    for (int i = 0; i < Size; i++) {
        To[i] = i == Size - 1 ? 0 : From[i];
        if (To[i] == 0)
            break;
    }
    return To;
}

/* -1, 0, 1; with the case as a tie-break if CaseMatters. */
static int CompareWide(PCWSTR A, SIZE_T LengthA, PCWSTR B, SIZE_T LengthB, BOOL CaseMatters)
{
    int Tie = 0;

    for (SIZE_T i = 0; i < LengthA && i < LengthB; i++) {
        if (A[i] == B[i])
            continue;
        WCHAR UpA = Win32UpcaseChar(A[i]), UpB = Win32UpcaseChar(B[i]);
        if (UpA != UpB)
            return UpA < UpB ? -1 : 1;
        if (Tie == 0)
            Tie = A[i] == UpA ? 1 : -1; /* the upper-case one comes later */
    }
    if (LengthA != LengthB)
        return LengthA < LengthB ? -1 : 1;
    return CaseMatters ? Tie : 0;
}

static int CompareStrings(PCWSTR A, PCWSTR B, BOOL CaseMatters)
{
    if (A == NULL || B == NULL)
        return (A != NULL) - (B != NULL);
    return CompareWide(A, Win32WideLength(A), B, Win32WideLength(B), CaseMatters);
}

int WINAPI lstrcmpW(LPCWSTR A, LPCWSTR B)
{
    return CompareStrings(A, B, TRUE);
}

int WINAPI lstrcmpiW(LPCWSTR A, LPCWSTR B)
{
    return CompareStrings(A, B, FALSE);
}

static int CompareAnsi(PCSTR A, PCSTR B, BOOL CaseMatters)
{
    PWSTR WideA = NULL, WideB = NULL;
    int Result = 0;

    if (Win32WideFromAnsi(A, &WideA) && Win32WideFromAnsi(B, &WideB))
        Result = CompareStrings(WideA, WideB, CaseMatters);
    host_free(WideA);
    host_free(WideB);
    return Result;
}

int WINAPI lstrcmpA(LPCSTR A, LPCSTR B)
{
    return CompareAnsi(A, B, TRUE);
}

int WINAPI lstrcmpiA(LPCSTR A, LPCSTR B)
{
    return CompareAnsi(A, B, FALSE);
}

int WINAPI CompareStringW(LCID Locale, DWORD Flags, PCWCH A, int CountA, PCWCH B, int CountB)
{
    if (A == NULL || B == NULL)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    SIZE_T LengthA = CountA < 0 ? Win32WideLength(A) : (SIZE_T)CountA;
    SIZE_T LengthB = CountB < 0 ? Win32WideLength(B) : (SIZE_T)CountB;
    return CSTR_EQUAL + CompareWide(A, LengthA, B, LengthB, (Flags & NORM_IGNORECASE) == 0);
}
