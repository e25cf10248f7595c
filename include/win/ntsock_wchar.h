/* SPDX-License-Identifier: MIT */
/*
 * ntsock_wchar.h - the wide character functions of ISO C for 16-bit wchar_t.
 *
 * Layer: application headers (C run-time); implemented in src/win32/crt_wide*.c. The multibyte character
 * set is UTF-8. Wide output is converted and written as bytes, so narrow and wide output mix on one
 * stream, as on Windows. In wide formats %s is a wide string and %S or %hs a narrow one, as on Windows.
 * Without a 16-bit version: wide input (fwscanf, swscanf) and the wide C++ streams.
 */
#ifndef NTSOCK_WCHAR_H
#define NTSOCK_WCHAR_H

#include <ntsock_types.h>
#include <stdarg.h>
#include <stdio.h>

#if defined(__SIZEOF_WCHAR_T__) && __SIZEOF_WCHAR_T__ == 2

#define NTSOCK_WIDE_(name) __asm__("nts_" #name)
#ifdef __cplusplus
#define NTSOCK_NOEXCEPT_ noexcept(true)
#else
#define NTSOCK_NOEXCEPT_
#endif
struct tm;

NTSOCK_EXTERN_C_BEGIN

NTSOCKAPI size_t wcslen(const wchar_t *s) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcslen);
NTSOCKAPI size_t wcsnlen(const wchar_t *s, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcsnlen);
NTSOCKAPI wchar_t *wcscpy(wchar_t *d, const wchar_t *s) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcscpy);
NTSOCKAPI wchar_t *wcsncpy(wchar_t *d, const wchar_t *s, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcsncpy);
NTSOCKAPI wchar_t *wcscat(wchar_t *d, const wchar_t *s) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcscat);
NTSOCKAPI wchar_t *wcsncat(wchar_t *d, const wchar_t *s, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcsncat);
NTSOCKAPI int wcscmp(const wchar_t *a, const wchar_t *b) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcscmp);
NTSOCKAPI int wcsncmp(const wchar_t *a, const wchar_t *b, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcsncmp);
NTSOCKAPI int wcscasecmp(const wchar_t *a, const wchar_t *b) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcscasecmp);
NTSOCKAPI int wcsncasecmp(const wchar_t *a, const wchar_t *b, size_t n) NTSOCK_NOEXCEPT_
    NTSOCK_WIDE_(wcsncasecmp);
NTSOCKAPI int wcscoll(const wchar_t *a, const wchar_t *b) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcscmp);
NTSOCKAPI size_t wcsxfrm(wchar_t *d, const wchar_t *s, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcsxfrm);
NTSOCKAPI wchar_t *wcsdup(const wchar_t *s) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcsdup);
NTSOCKAPI size_t wcscspn(const wchar_t *s, const wchar_t *set) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcscspn);
NTSOCKAPI size_t wcsspn(const wchar_t *s, const wchar_t *set) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcsspn);
NTSOCKAPI wchar_t *wcstok(wchar_t *s, const wchar_t *set, wchar_t **next) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcstok);
NTSOCKAPI int wmemcmp(const wchar_t *a, const wchar_t *b, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wmemcmp);
NTSOCKAPI wchar_t *wmemcpy(wchar_t *d, const wchar_t *s, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wmemcpy);
NTSOCKAPI wchar_t *wmemmove(wchar_t *d, const wchar_t *s, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wmemmove);
NTSOCKAPI wchar_t *wmemset(wchar_t *d, wchar_t c, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wmemset);
NTSOCKAPI wchar_t *wmempcpy(wchar_t *d, const wchar_t *s, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wmempcpy);
NTSOCKAPI wchar_t *wcpcpy(wchar_t *d, const wchar_t *s) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcpcpy);
NTSOCKAPI wchar_t *wcpncpy(wchar_t *d, const wchar_t *s, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcpncpy);

/* Searches have two overloads in C++, one for constant strings and one for others; libstdc++ is told so. */
#ifdef __cplusplus
#ifndef __CORRECT_ISO_CPP_WCHAR_H_PROTO
#define __CORRECT_ISO_CPP_WCHAR_H_PROTO
#endif
NTSOCK_EXTERN_C_END
#define NTSOCK_SEARCH_(name, parameters) \
    extern "C++" NTSOCKAPI const wchar_t *name(const wchar_t *s, parameters) noexcept(true) \
        NTSOCK_WIDE_(name);                                                                \
    extern "C++" NTSOCKAPI wchar_t *name(wchar_t *s, parameters) noexcept(true) NTSOCK_WIDE_(name);
#define NTSOCK_COMMA_ ,
NTSOCK_SEARCH_(wcschr, wchar_t c)
NTSOCK_SEARCH_(wcsrchr, wchar_t c)
NTSOCK_SEARCH_(wcspbrk, const wchar_t *set)
NTSOCK_SEARCH_(wcsstr, const wchar_t *part)
NTSOCK_SEARCH_(wmemchr, wchar_t c NTSOCK_COMMA_ size_t n)
#undef NTSOCK_COMMA_
#undef NTSOCK_SEARCH_
NTSOCK_EXTERN_C_BEGIN
#else
NTSOCKAPI wchar_t *wcschr(const wchar_t *s, wchar_t c) NTSOCK_WIDE_(wcschr);
NTSOCKAPI wchar_t *wcsrchr(const wchar_t *s, wchar_t c) NTSOCK_WIDE_(wcsrchr);
NTSOCKAPI wchar_t *wcspbrk(const wchar_t *s, const wchar_t *set) NTSOCK_WIDE_(wcspbrk);
NTSOCKAPI wchar_t *wcsstr(const wchar_t *s, const wchar_t *part) NTSOCK_WIDE_(wcsstr);
NTSOCKAPI wchar_t *wmemchr(const wchar_t *s, wchar_t c, size_t n) NTSOCK_WIDE_(wmemchr);
#endif

NTSOCKAPI size_t mbrtowc(wchar_t *c, const char *s, size_t n, mbstate_t *state) NTSOCK_NOEXCEPT_
    NTSOCK_WIDE_(mbrtowc);
NTSOCKAPI size_t wcrtomb(char *s, wchar_t c, mbstate_t *state) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcrtomb);
NTSOCKAPI size_t mbsrtowcs(wchar_t *d, const char **s, size_t n, mbstate_t *state) NTSOCK_NOEXCEPT_
    NTSOCK_WIDE_(mbsrtowcs);
NTSOCKAPI size_t wcsrtombs(char *d, const wchar_t **s, size_t n, mbstate_t *state) NTSOCK_NOEXCEPT_
    NTSOCK_WIDE_(wcsrtombs);
NTSOCKAPI size_t mbstowcs(wchar_t *d, const char *s, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(mbstowcs);
NTSOCKAPI size_t wcstombs(char *d, const wchar_t *s, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcstombs);
NTSOCKAPI int mbtowc(wchar_t *c, const char *s, size_t n) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(mbtowc);
NTSOCKAPI int wctomb(char *s, wchar_t c) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wctomb);

NTSOCKAPI double wcstod(const wchar_t *s, wchar_t **end) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcstod);
NTSOCKAPI float wcstof(const wchar_t *s, wchar_t **end) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcstof);
NTSOCKAPI long double wcstold(const wchar_t *s, wchar_t **end) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcstold);
NTSOCKAPI long wcstol(const wchar_t *s, wchar_t **end, int base) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcstol);
NTSOCKAPI unsigned long wcstoul(const wchar_t *s, wchar_t **end, int base) NTSOCK_NOEXCEPT_
    NTSOCK_WIDE_(wcstoul);
NTSOCKAPI long long wcstoll(const wchar_t *s, wchar_t **end, int base) NTSOCK_NOEXCEPT_ NTSOCK_WIDE_(wcstoll);
NTSOCKAPI unsigned long long wcstoull(const wchar_t *s, wchar_t **end, int base) NTSOCK_NOEXCEPT_
    NTSOCK_WIDE_(wcstoull);
NTSOCKAPI size_t wcsftime(wchar_t *s, size_t n, const wchar_t *format, const struct tm *t) NTSOCK_NOEXCEPT_
    NTSOCK_WIDE_(wcsftime);

NTSOCKAPI int swprintf(wchar_t *s, size_t n, const wchar_t *format, ...) NTSOCK_WIDE_(swprintf);
NTSOCKAPI int vswprintf(wchar_t *s, size_t n, const wchar_t *format, va_list arguments) NTSOCK_WIDE_(vswprintf);
NTSOCKAPI int wprintf(const wchar_t *format, ...) NTSOCK_WIDE_(wprintf);
NTSOCKAPI int vwprintf(const wchar_t *format, va_list arguments) NTSOCK_WIDE_(vwprintf);
NTSOCKAPI int fwprintf(FILE *stream, const wchar_t *format, ...) NTSOCK_WIDE_(fwprintf);
NTSOCKAPI int vfwprintf(FILE *stream, const wchar_t *format, va_list arguments) NTSOCK_WIDE_(vfwprintf);
NTSOCKAPI int fputws(const wchar_t *s, FILE *stream) NTSOCK_WIDE_(fputws);
NTSOCKAPI wchar_t *fgetws(wchar_t *s, int n, FILE *stream) NTSOCK_WIDE_(fgetws);
NTSOCKAPI unsigned int fputwc(wchar_t c, FILE *stream) NTSOCK_WIDE_(fputwc);
NTSOCKAPI unsigned int putwc(wchar_t c, FILE *stream) NTSOCK_WIDE_(fputwc);
NTSOCKAPI unsigned int putwchar(wchar_t c) NTSOCK_WIDE_(putwchar);

NTSOCK_EXTERN_C_END

#endif /* 16-bit wchar_t */
#endif
