/* SPDX-License-Identifier: MIT */
/*
 * tchar.h - names that mean the narrow or the wide function, by _UNICODE.
 *
 * Layer: application headers (C run-time).
 */
#ifndef _INC_TCHAR
#define _INC_TCHAR

#include <ntsock_types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#ifdef _UNICODE
#define __T(x) L##x
#define NTSOCK_T_(narrow, wide) wide
#ifndef _TCHAR_DEFINED
typedef WCHAR TCHAR;
#define _TCHAR_DEFINED
#endif
typedef WCHAR _TCHAR, _TSCHAR, _TUCHAR, _TXCHAR;
typedef unsigned int _TINT;
#define _TEOF WEOF
#define _tmain wmain
#else
#define __T(x) x
#define NTSOCK_T_(narrow, wide) narrow
#ifndef _TCHAR_DEFINED
typedef char TCHAR;
#define _TCHAR_DEFINED
#endif
typedef char _TCHAR;
typedef signed char _TSCHAR;
typedef unsigned char _TUCHAR, _TXCHAR;
typedef int _TINT;
#define _TEOF EOF
#define _tmain main
#endif
#define _T(x) __T(x)
#define _TEXT(x) __T(x)

#define _tprintf NTSOCK_T_(printf, wprintf)
#define _ftprintf NTSOCK_T_(fprintf, fwprintf)
#define _vtprintf NTSOCK_T_(vprintf, vwprintf)
#define _vftprintf NTSOCK_T_(vfprintf, vfwprintf)
#define _stprintf NTSOCK_T_(sprintf, swprintf)
#define _stprintf_s NTSOCK_T_(sprintf_s, swprintf_s)
#define _sntprintf NTSOCK_T_(_snprintf, _snwprintf)
#define _vsntprintf NTSOCK_T_(_vsnprintf, _vsnwprintf)
#define _fputts NTSOCK_T_(fputs, fputws)
#define _fgetts NTSOCK_T_(fgets, fgetws)
#define _putts(s) NTSOCK_T_(puts(s), (fputws((s), stdout), fputwc(L'\n', stdout)))
#define _tcslen NTSOCK_T_(strlen, wcslen)
#define _tcsnlen NTSOCK_T_(strnlen, wcsnlen)
#define _tcscpy NTSOCK_T_(strcpy, wcscpy)
#define _tcsncpy NTSOCK_T_(strncpy, wcsncpy)
#define _tcscat NTSOCK_T_(strcat, wcscat)
#define _tcsncat NTSOCK_T_(strncat, wcsncat)
#define _tcscpy_s NTSOCK_T_(strcpy_s, wcscpy_s)
#define _tcsncpy_s NTSOCK_T_(strncpy_s, wcsncpy_s)
#define _tcscat_s NTSOCK_T_(strcat_s, wcscat_s)
#define _tcscmp NTSOCK_T_(strcmp, wcscmp)
#define _tcsncmp NTSOCK_T_(strncmp, wcsncmp)
#define _tcsicmp NTSOCK_T_(_stricmp, _wcsicmp)
#define _tcsnicmp NTSOCK_T_(_strnicmp, _wcsnicmp)
#define _tcschr NTSOCK_T_(strchr, wcschr)
#define _tcsrchr NTSOCK_T_(strrchr, wcsrchr)
#define _tcsstr NTSOCK_T_(strstr, wcsstr)
#define _tcspbrk NTSOCK_T_(strpbrk, wcspbrk)
#define _tcsspn NTSOCK_T_(strspn, wcsspn)
#define _tcscspn NTSOCK_T_(strcspn, wcscspn)
#define _tcsdup NTSOCK_T_(_strdup, _wcsdup)
#define _tcstol NTSOCK_T_(strtol, wcstol)
#define _tcstoul NTSOCK_T_(strtoul, wcstoul)
#define _tcstod NTSOCK_T_(strtod, wcstod)
#define _ttoi NTSOCK_T_(atoi, _wtoi)
#define _ttol NTSOCK_T_(atol, _wtoi)
#define _tcsftime NTSOCK_T_(strftime, wcsftime)
#define _totupper NTSOCK_T_(toupper, towupper)
#define _totlower NTSOCK_T_(tolower, towlower)
#define _istdigit NTSOCK_T_(isdigit, iswdigit)
#define _istspace NTSOCK_T_(isspace, iswspace)
#define _istalpha NTSOCK_T_(isalpha, iswalpha)

#endif
