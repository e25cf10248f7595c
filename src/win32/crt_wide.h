/* SPDX-License-Identifier: MIT */
/*
 * crt_wide.h - the C run-time's functions on 16-bit characters, under the names that programs link
 * to.
 *
 * Layer: win32; NT counterpart: the wide half of the C run-time. include/win/ntsock_wchar.h
 * declares the same functions to programs under ISO C's names, with asm labels; the contracts are
 * ISO C's. The multibyte character set is UTF-8, whatever the locale. Without: wide input other
 * than fgetws.
 */
#ifndef CRT_WIDE_H
#define CRT_WIDE_H

#include <ntsock_types.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <wchar.h>

#define CRT_API NTSOCKAPI

/* crt_wide.c */
CRT_API size_t nts_wcslen(const WCHAR *s);
CRT_API size_t nts_wcsnlen(const WCHAR *s, size_t n);
CRT_API WCHAR *nts_wcscpy(WCHAR *d, const WCHAR *s);
CRT_API WCHAR *nts_wcsncpy(WCHAR *d, const WCHAR *s, size_t n);
CRT_API WCHAR *nts_wcscat(WCHAR *d, const WCHAR *s);
CRT_API WCHAR *nts_wcsncat(WCHAR *d, const WCHAR *s, size_t n);
CRT_API int nts_wcscmp(const WCHAR *a, const WCHAR *b);
CRT_API int nts_wcsncmp(const WCHAR *a, const WCHAR *b, size_t n);
CRT_API int nts_wcscasecmp(const WCHAR *a, const WCHAR *b);
CRT_API int nts_wcsncasecmp(const WCHAR *a, const WCHAR *b, size_t n);
CRT_API size_t nts_wcsxfrm(WCHAR *d, const WCHAR *s, size_t n);
CRT_API WCHAR *nts_wcsdup(const WCHAR *s);
CRT_API WCHAR *nts_wcschr(const WCHAR *s, WCHAR c);
CRT_API WCHAR *nts_wcsrchr(const WCHAR *s, WCHAR c);
CRT_API size_t nts_wcscspn(const WCHAR *s, const WCHAR *set);
CRT_API size_t nts_wcsspn(const WCHAR *s, const WCHAR *set);
CRT_API WCHAR *nts_wcspbrk(const WCHAR *s, const WCHAR *set);
CRT_API WCHAR *nts_wcsstr(const WCHAR *s, const WCHAR *part);
CRT_API WCHAR *nts_wcstok(WCHAR *s, const WCHAR *set, WCHAR **next);
CRT_API WCHAR *nts_wmemchr(const WCHAR *s, WCHAR c, size_t n);
CRT_API int nts_wmemcmp(const WCHAR *a, const WCHAR *b, size_t n);
CRT_API WCHAR *nts_wmemcpy(WCHAR *d, const WCHAR *s, size_t n);
CRT_API WCHAR *nts_wmemmove(WCHAR *d, const WCHAR *s, size_t n);
CRT_API WCHAR *nts_wmemset(WCHAR *d, WCHAR c, size_t n);
CRT_API WCHAR *nts_wmempcpy(WCHAR *d, const WCHAR *s, size_t n);
CRT_API WCHAR *nts_wcpcpy(WCHAR *d, const WCHAR *s);
CRT_API WCHAR *nts_wcpncpy(WCHAR *d, const WCHAR *s, size_t n);

/* crt_convert.c */
CRT_API size_t nts_mbrtowc(WCHAR *c, const char *s, size_t n, mbstate_t *state);
CRT_API size_t nts_wcrtomb(char *s, WCHAR c, mbstate_t *state);
CRT_API size_t nts_mbsrtowcs(WCHAR *d, const char **s, size_t n, mbstate_t *state);
CRT_API size_t nts_wcsrtombs(char *d, const WCHAR **s, size_t n, mbstate_t *state);
CRT_API size_t nts_mbstowcs(WCHAR *d, const char *s, size_t n);
CRT_API size_t nts_wcstombs(char *d, const WCHAR *s, size_t n);
CRT_API int nts_mbtowc(WCHAR *c, const char *s, size_t n);
CRT_API int nts_wctomb(char *s, WCHAR c);
CRT_API double nts_wcstod(const WCHAR *s, WCHAR **end);
CRT_API float nts_wcstof(const WCHAR *s, WCHAR **end);
CRT_API long double nts_wcstold(const WCHAR *s, WCHAR **end);
CRT_API long nts_wcstol(const WCHAR *s, WCHAR **end, int base);
CRT_API unsigned long nts_wcstoul(const WCHAR *s, WCHAR **end, int base);
CRT_API long long nts_wcstoll(const WCHAR *s, WCHAR **end, int base);
CRT_API unsigned long long nts_wcstoull(const WCHAR *s, WCHAR **end, int base);
CRT_API size_t nts_wcsftime(WCHAR *s, size_t n, const WCHAR *format, const struct tm *t);

/* crt_format.c; the narrow ones are printf's own names in include/win/stdio.h */
CRT_API int nts_printf(const char *format, ...);
CRT_API int nts_fprintf(FILE *stream, const char *format, ...);
CRT_API int nts_sprintf(char *s, const char *format, ...);
CRT_API int nts_snprintf(char *s, size_t n, const char *format, ...);
CRT_API int nts_vprintf(const char *format, va_list arguments);
CRT_API int nts_vfprintf(FILE *stream, const char *format, va_list arguments);
CRT_API int nts_vsprintf(char *s, const char *format, va_list arguments);
CRT_API int nts_vsnprintf(char *s, size_t n, const char *format, va_list arguments);
CRT_API int nts_swprintf(WCHAR *s, size_t n, const WCHAR *format, ...);
CRT_API int nts_vswprintf(WCHAR *s, size_t n, const WCHAR *format, va_list arguments);
CRT_API int nts_wprintf(const WCHAR *format, ...);
CRT_API int nts_vwprintf(const WCHAR *format, va_list arguments);
CRT_API int nts_fwprintf(FILE *stream, const WCHAR *format, ...);
CRT_API int nts_vfwprintf(FILE *stream, const WCHAR *format, va_list arguments);
CRT_API int nts_fputws(const WCHAR *s, FILE *stream);
CRT_API WCHAR *nts_fgetws(WCHAR *s, int n, FILE *stream);
CRT_API unsigned int nts_fputwc(WCHAR c, FILE *stream);
CRT_API unsigned int nts_putwchar(WCHAR c);

/* crt_file.c */
CRT_API FILE *nts_fopen(const char *name, const char *mode);
CRT_API FILE *_wfopen(const WCHAR *name, const WCHAR *mode);
CRT_API int _wfopen_s(FILE **file, const WCHAR *name, const WCHAR *mode);
CRT_API int _wremove(const WCHAR *name);
CRT_API int _wunlink(const WCHAR *name);
CRT_API int _wrename(const WCHAR *from, const WCHAR *to);
CRT_API int _wmkdir(const WCHAR *name);
CRT_API int _wrmdir(const WCHAR *name);
CRT_API int _waccess(const WCHAR *name, int mode);

/* crt_scan.c */
CRT_API int nts_scanf(const char *format, ...);
CRT_API int nts_fscanf(FILE *stream, const char *format, ...);
CRT_API int nts_sscanf(const char *s, const char *format, ...);
CRT_API int scanf_s(const char *format, ...);
CRT_API int fscanf_s(FILE *stream, const char *format, ...);
CRT_API int sscanf_s(const char *s, const char *format, ...);

/* --- shared by the three files --- */
#define CRT_UTF8_MAX 4
/* Bytes of one code point in UTF-8, at most CRT_UTF8_MAX. */
size_t CrtEncode(char *d, ULONG CodePoint);
/*
 * CrtDecode - the code point at s, of which n bytes may be read. Returns the bytes it takes, 0 if n
 * is too few for what has begun, (size_t)-1 if the bytes are not UTF-8.
 */
size_t CrtDecode(ULONG *CodePoint, const char *s, size_t n);
/* The code point at s and its length, 1 or 2; a lone surrogate stands for itself. */
size_t CrtNextWide(ULONG *CodePoint, const WCHAR *s, size_t n);

#endif
