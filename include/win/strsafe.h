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
#include <wchar.h>

#include <windef.h>

#include <winerror.h>

#define STRSAFE_MAX_CCH 2147483647
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007A)
#define STRSAFE_E_INVALID_PARAMETER ((HRESULT)0x80070057)
#define STRSAFE_E_END_OF_FILE ((HRESULT)0x80070026)

#define NTSOCK_STRSAFE_(A, type, format_function)                                                           \
    FORCEINLINE HRESULT StringCchVPrintf##A(type *d, size_t room, const type *format, va_list arguments)    \
    {                                                                                                       \
        if (room == 0 || room > STRSAFE_MAX_CCH)                                                            \
            return STRSAFE_E_INVALID_PARAMETER;                                                             \
        int have = format_function(d, room, format, arguments);                                             \
        d[room - 1] = 0;                                                                                    \
        return have < 0 || (size_t)have >= room ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;                     \
    }                                                                                                       \
    static __inline__ __attribute__((unused)) HRESULT StringCchPrintf##A(type *d, size_t room,              \
        const type *format, ...)                                                                            \
    {                                                                                                       \
        va_list arguments;                                                                                  \
        va_start(arguments, format);                                                                        \
        HRESULT result = StringCchVPrintf##A(d, room, format, arguments);                                   \
        va_end(arguments);                                                                                  \
        return result;                                                                                      \
    }                                                                                                       \
    FORCEINLINE HRESULT StringCchCopyN##A(type *d, size_t room, const type *s, size_t n)                    \
    {                                                                                                       \
        if (room == 0 || room > STRSAFE_MAX_CCH)                                                            \
            return STRSAFE_E_INVALID_PARAMETER;                                                             \
        if (n > STRSAFE_MAX_CCH) {                                                                          \
            d[0] = 0;                                                                                       \
            return STRSAFE_E_INVALID_PARAMETER;                                                             \
        }                                                                                                   \
        size_t have = 0;                                                                                    \
        for (; have < room - 1 && have < n && s[have] != 0; have++)                                         \
            d[have] = s[have];                                                                              \
        d[have] = 0;                                                                                        \
        return have < n && s[have] != 0 ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;                             \
    }                                                                                                       \
    FORCEINLINE HRESULT StringCchCopy##A(type *d, size_t room, const type *s)                               \
    {                                                                                                       \
        return StringCchCopyN##A(d, room, s, STRSAFE_MAX_CCH);                                              \
    }                                                                                                       \
    FORCEINLINE HRESULT StringCchCatN##A(type *d, size_t room, const type *s, size_t n)                     \
    {                                                                                                       \
        size_t have = 0;                                                                                    \
        if (room > STRSAFE_MAX_CCH)                                                                         \
            return STRSAFE_E_INVALID_PARAMETER;                                                             \
        while (have < room && d[have] != 0)                                                                 \
            have++;                                                                                         \
        if (have == room)                                                                                   \
            return STRSAFE_E_INVALID_PARAMETER;                                                             \
        return StringCchCopyN##A(d + have, room - have, s, n);                                              \
    }                                                                                                       \
    FORCEINLINE HRESULT StringCchCat##A(type *d, size_t room, const type *s)                                \
    {                                                                                                       \
        return StringCchCatN##A(d, room, s, STRSAFE_MAX_CCH);                                               \
    }                                                                                                       \
    FORCEINLINE HRESULT StringCchLength##A(const type *s, size_t most, size_t *have)                        \
    {                                                                                                       \
        size_t n = 0;                                                                                       \
        if (have != NULL)                                                                                   \
            *have = 0;                                                                                      \
        if (s == NULL || most > STRSAFE_MAX_CCH)                                                            \
            return STRSAFE_E_INVALID_PARAMETER;                                                             \
        while (n < most && s[n] != 0)                                                                       \
            n++;                                                                                            \
        if (n == most)                                                                                      \
            return STRSAFE_E_INVALID_PARAMETER;                                                             \
        if (have != NULL)                                                                                   \
            *have = n;                                                                                      \
        return S_OK;                                                                                        \
    }                                                                                                       \
    FORCEINLINE HRESULT StringCbLength##A(const type *s, size_t most, size_t *have)                         \
    {                                                                                                       \
        HRESULT result = StringCchLength##A(s, most / sizeof(type), have);                                  \
        if (have != NULL)                                                                                   \
            *have *= sizeof(type);                                                                          \
        return result;                                                                                      \
    }
NTSOCK_STRSAFE_(A, char, vsnprintf)
#if __SIZEOF_WCHAR_T__ == 2 && !defined(NTSOCK_INTERNAL)
NTSOCK_STRSAFE_(W, wchar_t, vswprintf)
#endif
#undef NTSOCK_STRSAFE_

/* The forms that count bytes. */
#define StringCbVPrintfA(d, room, format, arguments) StringCchVPrintfA((d), (room), (format), (arguments))
#define StringCbPrintfA(d, room, ...) StringCchPrintfA((d), (room), __VA_ARGS__)
#define StringCbCopyA(d, room, s) StringCchCopyA((d), (room), (s))
#define StringCbCopyNA(d, room, s, n) StringCchCopyNA((d), (room), (s), (n))
#define StringCbCatA(d, room, s) StringCchCatA((d), (room), (s))
#define StringCbCatNA(d, room, s, n) StringCchCatNA((d), (room), (s), (n))
#define StringCbVPrintfW(d, room, format, arguments) \
    StringCchVPrintfW((d), (room) / sizeof(wchar_t), (format), (arguments))
#define StringCbPrintfW(d, room, ...) StringCchPrintfW((d), (room) / sizeof(wchar_t), __VA_ARGS__)
#define StringCbCopyW(d, room, s) StringCchCopyW((d), (room) / sizeof(wchar_t), (s))
#define StringCbCopyNW(d, room, s, n) StringCchCopyNW((d), (room) / sizeof(wchar_t), (s), (n) / sizeof(wchar_t))
#define StringCbCatW(d, room, s) StringCchCatW((d), (room) / sizeof(wchar_t), (s))
#define StringCbCatNW(d, room, s, n) StringCchCatNW((d), (room) / sizeof(wchar_t), (s), (n) / sizeof(wchar_t))

#ifdef UNICODE
#define StringCchVPrintf StringCchVPrintfW
#define StringCchPrintf StringCchPrintfW
#define StringCchCopy StringCchCopyW
#define StringCchCopyN StringCchCopyNW
#define StringCchCat StringCchCatW
#define StringCchCatN StringCchCatNW
#define StringCchLength StringCchLengthW
#define StringCbVPrintf StringCbVPrintfW
#define StringCbPrintf StringCbPrintfW
#define StringCbCopy StringCbCopyW
#define StringCbCopyN StringCbCopyNW
#define StringCbCat StringCbCatW
#define StringCbCatN StringCbCatNW
#define StringCbLength StringCbLengthW
#else
#define StringCchVPrintf StringCchVPrintfA
#define StringCchPrintf StringCchPrintfA
#define StringCchCopy StringCchCopyA
#define StringCchCopyN StringCchCopyNA
#define StringCchCat StringCchCatA
#define StringCchCatN StringCchCatNA
#define StringCchLength StringCchLengthA
#define StringCbVPrintf StringCbVPrintfA
#define StringCbPrintf StringCbPrintfA
#define StringCbCopy StringCbCopyA
#define StringCbCopyN StringCbCopyNA
#define StringCbCat StringCbCatA
#define StringCbCatN StringCbCatNA
#define StringCbLength StringCbLengthA
#endif

#endif
