/* SPDX-License-Identifier: MIT */
/* stringapiset.h - conversion between character sets.
 * Layer: application headers. Contracts are those documented for Windows. */
#ifndef _APISETSTRING_
#define _APISETSTRING_

#include <minwinbase.h>

#ifndef WINBASEAPI
#define WINBASEAPI NTSOCKAPI
#endif

NTSOCK_EXTERN_C_BEGIN

WINBASEAPI int WINAPI MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCCH lpMultiByteStr, int cbMultiByte,
    LPWSTR lpWideCharStr, int cchWideChar);
WINBASEAPI int WINAPI WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWCH lpWideCharStr, int cchWideChar,
    LPSTR lpMultiByteStr, int cbMultiByte, LPCCH lpDefaultChar, LPBOOL lpUsedDefaultChar);
WINBASEAPI int WINAPI CompareStringW(LCID Locale, DWORD dwCmpFlags, PCWCH lpString1, int cchCount1,
    PCWCH lpString2, int cchCount2);

NTSOCK_EXTERN_C_END

#endif
