/* SPDX-License-Identifier: MIT */
/* ntsock_crt_stdio.h - Microsoft's additions to stdio.h. Include stdio.h. */
#ifndef NTSOCK_CRT_STDIO_H
#define NTSOCK_CRT_STDIO_H

#include <ntsock_crt.h>
#include <stdio.h>

/* Unlike snprintf: no terminator when the text fills the buffer, and -1 when it does not fit. */
_CRT_INLINE_ __attribute__((format(printf, 3, 0))) int _vsnprintf(char *d, size_t n, const char *format,
    va_list arguments)
{
    if (d == NULL || n == 0) {
        int need = vsnprintf(NULL, 0, format, arguments);
        return need > 0 && d != NULL ? -1 : need;
    }
    va_list again;
    va_copy(again, arguments);
    char last = d[n - 1];
    int length = vsnprintf(d, n, format, arguments);
    if (length >= 0 && (size_t)length >= n) {
        /* vsnprintf gave up the last character for a terminator: format it once more, by itself. */
        char *all = (char *)__builtin_malloc((size_t)length + 1);
        if (all != NULL) {
            vsnprintf(all, (size_t)length + 1, format, again);
            last = all[n - 1];
            __builtin_free(all);
        }
        d[n - 1] = last;
        length = (size_t)length == n ? (int)n : -1;
    }
    va_end(again);
    return length;
}
_CRT_INLINE_ __attribute__((format(printf, 3, 4))) int _snprintf(char *d, size_t n, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = _vsnprintf(d, n, format, arguments);
    va_end(arguments);
    return length;
}
_CRT_INLINE_ __attribute__((format(printf, 1, 0))) int _vscprintf(const char *format, va_list arguments)
{
    return vsnprintf(NULL, 0, format, arguments);
}
_CRT_INLINE_ __attribute__((format(printf, 1, 2))) int _scprintf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    return length;
}
/* Too little room: an empty string and -1. */
_CRT_INLINE_ __attribute__((format(printf, 3, 0))) int vsprintf_s(char *d, size_t room, const char *format,
    va_list arguments)
{
    if (d == NULL || room == 0)
        return -1;
    int length = vsnprintf(d, room, format, arguments);
    if (length < 0 || (size_t)length >= room) {
        d[0] = 0;
        errno = ERANGE;
        return -1;
    }
    return length;
}
_CRT_INLINE_ __attribute__((format(printf, 3, 4))) int sprintf_s(char *d, size_t room, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsprintf_s(d, room, format, arguments);
    va_end(arguments);
    return length;
}
/* At most n characters; _TRUNCATE: what fits. -1 when something was cut off. */
_CRT_INLINE_ __attribute__((format(printf, 4, 0))) int _vsnprintf_s(char *d, size_t room, size_t n,
    const char *format, va_list arguments)
{
    if (d == NULL || room == 0)
        return -1;
    int length = vsnprintf(d, n < room ? n + 1 : room, format, arguments);
    if (length < 0)
        return -1;
    if (n != _TRUNCATE && (size_t)length >= room && n >= room) {
        d[0] = 0;
        errno = ERANGE;
        return -1;
    }
    return (size_t)length > n || (size_t)length >= room ? -1 : length;
}
_CRT_INLINE_ __attribute__((format(printf, 4, 5))) int _snprintf_s(char *d, size_t room, size_t n,
    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = _vsnprintf_s(d, room, n, format, arguments);
    va_end(arguments);
    return length;
}
#ifdef __cplusplus
extern "C++" {
template <size_t N>
__attribute__((format(printf, 2, 3))) static inline int sprintf_s(char (&d)[N], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsprintf_s(d, N, format, arguments);
    va_end(arguments);
    return length;
}
template <size_t N>
static inline int vsprintf_s(char (&d)[N], const char *format, va_list arguments)
{
    return vsprintf_s(static_cast<char *>(d), N, format, arguments);
}
template <size_t N>
__attribute__((format(printf, 3, 4))) static inline int _snprintf_s(char (&d)[N], size_t n, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = _vsnprintf_s(d, N, n, format, arguments);
    va_end(arguments);
    return length;
}
}
#endif

/* Each buffer of %s, %c and %[ is followed by its size, an unsigned int. */
#ifdef __cplusplus
extern "C" {
#endif
#if __SIZEOF_WCHAR_T__ == 2
__attribute__((visibility("default"))) FILE *_wfopen(const wchar_t *name, const wchar_t *mode);
__attribute__((visibility("default"))) errno_t _wfopen_s(FILE **file, const wchar_t *name, const wchar_t *mode);
__attribute__((visibility("default"))) int _wremove(const wchar_t *name);
__attribute__((visibility("default"))) int _wunlink(const wchar_t *name);
__attribute__((visibility("default"))) int _wrename(const wchar_t *from, const wchar_t *to);
__attribute__((visibility("default"))) int _wmkdir(const wchar_t *name);
__attribute__((visibility("default"))) int _wrmdir(const wchar_t *name);
__attribute__((visibility("default"))) int _waccess(const wchar_t *name, int mode);
#endif
__attribute__((visibility("default"))) int scanf_s(const char *format, ...);
__attribute__((visibility("default"))) int fscanf_s(FILE *stream, const char *format, ...);
__attribute__((visibility("default"))) int sscanf_s(const char *s, const char *format, ...);
#ifdef __cplusplus
}
#endif
_CRT_INLINE_ errno_t fopen_s(FILE **file, const char *name, const char *mode)
{
    if (file == NULL)
        return EINVAL;
    *file = fopen(name, mode);
    return *file != NULL ? 0 : errno;
}
_CRT_INLINE_ errno_t freopen_s(FILE **file, const char *name, const char *mode, FILE *stream)
{
    if (file == NULL)
        return EINVAL;
    *file = freopen(name, mode, stream);
    return *file != NULL ? 0 : errno;
}
#define printf_s printf
#define fprintf_s fprintf
#define vfprintf_s vfprintf
#define _fileno fileno
#define _fdopen fdopen
#define _popen popen
#define _pclose pclose
#define _getc_nolock getc
#define _putc_nolock putc
_CRT_INLINE_ int _fseeki64(FILE *stream, long long offset, int origin)
{
    return fseek(stream, (long)offset, origin);
}
_CRT_INLINE_ long long _ftelli64(FILE *stream)
{
    return ftell(stream);
}

#if __SIZEOF_WCHAR_T__ == 2
#include <wchar.h>
#define _snwprintf swprintf
#define _vsnwprintf vswprintf
#define swprintf_s swprintf
#define vswprintf_s vswprintf
#define wprintf_s wprintf
#define fwprintf_s fwprintf
#endif

#endif
