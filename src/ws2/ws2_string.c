/* SPDX-License-Identifier: MIT */
/*
 * ws2_string.c - between the A and the W functions.
 *
 * Layer: ws2; NT counterpart: the code page conversions of ws2_32.dll. The ANSI code page is UTF-8
 * here.
 */
#include "ws2_private.h"

SIZE_T Ws2AnsiLength(PCSTR Text)
{
    return __builtin_strlen(Text);
}

PWSTR Ws2WideFromAnsi(PCSTR Text)
{
    INT Count = MultiByteToWideChar(CP_UTF8, 0, Text, -1, NULL, 0);
    PWSTR Wide = Count <= 0 ? NULL : host_allocate(sizeof(WCHAR) * (SIZE_T)Count);
    if (Wide != NULL)
        (VOID) MultiByteToWideChar(CP_UTF8, 0, Text, -1, Wide, Count);
    return Wide;
}

PSTR Ws2AnsiFromWide(PCWSTR Text)
{
    INT Count = WideCharToMultiByte(CP_UTF8, 0, Text, -1, NULL, 0, NULL, NULL);
    PSTR Ansi = Count <= 0 ? NULL : host_allocate((SIZE_T)Count);
    if (Ansi != NULL)
        (VOID) WideCharToMultiByte(CP_UTF8, 0, Text, -1, Ansi, Count, NULL, NULL);
    return Ansi;
}

BOOLEAN Ws2CopyWide(PCSTR Text, PWSTR Buffer, SIZE_T Characters)
{
    INT Count = MultiByteToWideChar(CP_UTF8, 0, Text, -1, NULL, 0);
    if (Count <= 0 || (SIZE_T)Count > Characters ||
        !Ws2ProbeWrite(Buffer, sizeof(WCHAR) * (SIZE_T)Count))
        return FALSE;
    return (BOOLEAN)(MultiByteToWideChar(CP_UTF8, 0, Text, -1, Buffer, Count) != 0);
}
