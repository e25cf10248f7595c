/* SPDX-License-Identifier: MIT */
/*
 * strsafe.h - string functions with a size: StringCchPrintf, StringCchCopy ...
 *
 * Layer: application headers. Inline over the C library; the result is cut off and terminated, and the
 * HRESULT says so. [doc:strsafe]
 */
#ifndef _STRSAFE_H_INCLUDED_
#define _STRSAFE_H_INCLUDED_

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <windef.h>

#include <winerror.h>

#define STRSAFE_MAX_CCH 2147483647
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007A)
#define STRSAFE_E_INVALID_PARAMETER ((HRESULT)0x80070057)
#define STRSAFE_E_END_OF_FILE ((HRESULT)0x80070026)

#define NTSOCK_STRSAFE_(A, type, format_function, length, nlength, copy)                               \
    FORCEINLINE HRESULT StringCchVPrintf##A(type *d, size_t room, const type *format, va_list arguments) \
    {                                                                                                  \
        if (room == 0 || room > STRSAFE_MAX_CCH)                                                       \
            return STRSAFE_E_INVALID_PARAMETER;                                                        \
        int have = format_function(d, room, format, arguments);                                        \
        d[room - 1] = 0;                                                                               \
        return have < 0 || (size_t)have >= room ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;                \
    }                                                                                                  \
    static __inline__ __attribute__((unused)) HRESULT StringCchPrintf##A(type *d, size_t room,         \
        const type *format, ...)                                                                       \
    {                                                                                                  \
        va_list arguments;                                                                             \
        va_start(arguments, format);                                                                   \
        HRESULT result = StringCchVPrintf##A(d, room, format, arguments);                              \
        va_end(arguments);                                                                             \
        return result;                                                                                 \
    }                                                                                                  \
    FORCEINLINE HRESULT StringCchCopyN##A(type *d, size_t room, const type *s, size_t n)               \
    {                                                                                                  \
        if (room == 0 || room > STRSAFE_MAX_CCH)                                                       \
            return STRSAFE_E_INVALID_PARAMETER;                                                        \
        size_t have = nlength(s, n);                                                                   \
        size_t fit = have < room ? have : room - 1;                                                    \
        copy(d, s, fit);                                                                               \
        d[fit] = 0;                                                                                    \
        return fit < have ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;                                      \
    }                                                                                                  \
    FORCEINLINE HRESULT StringCchCopy##A(type *d, size_t room, const type *s)                          \
    {                                                                                                  \
        return StringCchCopyN##A(d, room, s, STRSAFE_MAX_CCH);                                         \
    }                                                                                                  \
    FORCEINLINE HRESULT StringCchCat##A(type *d, size_t room, const type *s)                           \
    {                                                                                                  \
        size_t have = nlength(d, room);                                                                \
        if (have == room)                                                                              \
            return STRSAFE_E_INVALID_PARAMETER;                                                        \
        return StringCchCopyN##A(d + have, room - have, s, STRSAFE_MAX_CCH);                           \
    }                                                                                                  \
    FORCEINLINE HRESULT StringCchLength##A(const type *s, size_t most, size_t *have)                   \
    {                                                                                                  \
        if (s == NULL || nlength(s, most) == most)                                                     \
            return STRSAFE_E_INVALID_PARAMETER;                                                        \
        if (have != NULL)                                                                              \
            *have = length(s);                                                                         \
        return S_OK;                                                                                   \
    }
NTSOCK_STRSAFE_(A, char, vsnprintf, strlen, strnlen, memcpy)
#define StringCbPrintfA StringCchPrintfA
#define StringCbCopyA StringCchCopyA
#define StringCbCatA StringCchCatA
#if __SIZEOF_WCHAR_T__ == 2 && !defined(NTSOCK_INTERNAL)
NTSOCK_STRSAFE_(W, wchar_t, vswprintf, wcslen, wcsnlen, wmemcpy)
#define StringCbPrintfW(d, room, ...) StringCchPrintfW((d), (room) / sizeof(wchar_t), __VA_ARGS__)
#define StringCbCopyW(d, room, s) StringCchCopyW((d), (room) / sizeof(wchar_t), (s))
#define StringCbCatW(d, room, s) StringCchCatW((d), (room) / sizeof(wchar_t), (s))
#endif
#undef NTSOCK_STRSAFE_

#ifdef UNICODE
#define StringCchVPrintf StringCchVPrintfW
#define StringCchPrintf StringCchPrintfW
#define StringCchCopyN StringCchCopyNW
#define StringCchCopy StringCchCopyW
#define StringCchCat StringCchCatW
#define StringCchLength StringCchLengthW
#define StringCbPrintf StringCbPrintfW
#define StringCbCopy StringCbCopyW
#define StringCbCat StringCbCatW
#else
#define StringCchVPrintf StringCchVPrintfA
#define StringCchPrintf StringCchPrintfA
#define StringCchCopyN StringCchCopyNA
#define StringCchCopy StringCchCopyA
#define StringCchCat StringCchCatA
#define StringCchLength StringCchLengthA
#define StringCbPrintf StringCbPrintfA
#define StringCbCopy StringCbCopyA
#define StringCbCat StringCbCatA
#endif

#endif
