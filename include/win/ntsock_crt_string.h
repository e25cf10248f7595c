/* SPDX-License-Identifier: MIT */
/* ntsock_crt_string.h - Microsoft's additions to string.h. Include string.h. */
#ifndef NTSOCK_CRT_STRING_H
#define NTSOCK_CRT_STRING_H

#include <ctype.h>
#include <ntsock_crt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

_CRT_INLINE_ int _stricmp(const char *a, const char *b)
{
    return __builtin_strcasecmp(a, b);
}
_CRT_INLINE_ int _strnicmp(const char *a, const char *b, size_t n)
{
    return __builtin_strncasecmp(a, b, n);
}
_CRT_INLINE_ int _memicmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;
    for (; n > 0; n--, x++, y++)
        if (tolower(*x) != tolower(*y))
            return tolower(*x) - tolower(*y);
    return 0;
}
#ifndef stricmp
#define stricmp _stricmp
#define strnicmp _strnicmp
#define strcmpi _stricmp
#define memicmp _memicmp
#define _strcmpi _stricmp
#define _stricoll _stricmp
#endif
_CRT_INLINE_ char *_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = (char *)malloc(n);
    return copy != NULL ? (char *)memcpy(copy, s, n) : NULL;
}
_CRT_INLINE_ char *_strlwr(char *s)
{
    for (char *p = s; *p != 0; p++)
        *p = (char)tolower((unsigned char)*p);
    return s;
}
_CRT_INLINE_ char *_strupr(char *s)
{
    for (char *p = s; *p != 0; p++)
        *p = (char)toupper((unsigned char)*p);
    return s;
}
_CRT_INLINE_ char *_strrev(char *s)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n / 2; i++) {
        char c = s[i];
        s[i] = s[n - 1 - i];
        s[n - 1 - i] = c;
    }
    return s;
}

/*
 * The _s functions: EINVAL for NULL or no room at all, ERANGE for too little room, and an empty result. They are
 * in the library (src/win32/crt_secure.c): inlined, the compiler would warn of what they guard against.
 */
#define NTSOCK_CRT_COPY_(prefix, type)                                                                \
    __attribute__((visibility("default"))) errno_t prefix##ncpy_s(type *d, size_t room, const type *s, \
        size_t n) __asm__("nts_" #prefix "ncpy_s");                                                   \
    __attribute__((visibility("default"))) errno_t prefix##cpy_s(type *d, size_t room, const type *s) \
        __asm__("nts_" #prefix "cpy_s");                                                              \
    __attribute__((visibility("default"))) errno_t prefix##ncat_s(type *d, size_t room, const type *s, \
        size_t n) __asm__("nts_" #prefix "ncat_s");                                                   \
    __attribute__((visibility("default"))) errno_t prefix##cat_s(type *d, size_t room, const type *s) \
        __asm__("nts_" #prefix "cat_s");                                                              \
    _CRT_CXX_(template <size_t N> static inline errno_t prefix##cpy_s(type(&d)[N], const type *s) {   \
        return prefix##cpy_s(d, N, s);                                                                \
    } template <size_t N> static inline errno_t prefix##cat_s(type(&d)[N], const type *s) {           \
        return prefix##cat_s(d, N, s);                                                                \
    } template <size_t N> static inline errno_t prefix##ncpy_s(type(&d)[N], const type *s, size_t n) { \
        return prefix##ncpy_s(d, N, s, n);                                                            \
    })
#ifdef __cplusplus
extern "C" {
#endif
NTSOCK_CRT_COPY_(str, char)
#if __SIZEOF_WCHAR_T__ == 2
NTSOCK_CRT_COPY_(wcs, wchar_t)
#endif
#ifdef __cplusplus
}
#endif
#undef NTSOCK_CRT_COPY_

_CRT_INLINE_ errno_t memcpy_s(void *d, size_t room, const void *s, size_t n)
{
    if (n == 0)
        return 0;
    if (d == NULL)
        return EINVAL;
    if (s == NULL || room < n) {
        memset(d, 0, room);
        return s == NULL ? EINVAL : ERANGE;
    }
    memcpy(d, s, n);
    return 0;
}
_CRT_INLINE_ errno_t memmove_s(void *d, size_t room, const void *s, size_t n)
{
    if (n == 0)
        return 0;
    if (d == NULL || s == NULL)
        return EINVAL;
    if (room < n)
        return ERANGE;
    memmove(d, s, n);
    return 0;
}
_CRT_INLINE_ size_t strnlen_s(const char *s, size_t n)
{
    return s != NULL ? strnlen(s, n) : 0;
}
_CRT_INLINE_ char *strtok_s(char *s, const char *set, char **next)
{
    char *start = s != NULL ? s : *next;
    start += strspn(start, set);
    if (*start == 0) {
        *next = start;
        return NULL;
    }
    char *end = start + strcspn(start, set);
    *next = *end != 0 ? end + 1 : end;
    *end = 0;
    return start;
}
_CRT_INLINE_ errno_t strerror_s(char *d, size_t room, int error)
{
    return strncpy_s(d, room, strerror(error), _TRUNCATE) == EINVAL ? EINVAL : 0;
}
_CRT_CXX_(template <size_t N> static inline errno_t strerror_s(char (&d)[N], int error) {
    return strerror_s(d, N, error);
})

#if __SIZEOF_WCHAR_T__ == 2
_CRT_INLINE_ int _wcsicmp(const wchar_t *a, const wchar_t *b)
{
    return wcscasecmp(a, b);
}
_CRT_INLINE_ int _wcsnicmp(const wchar_t *a, const wchar_t *b, size_t n)
{
    return wcsncasecmp(a, b, n);
}
_CRT_INLINE_ wchar_t *_wcsdup(const wchar_t *s)
{
    return wcsdup(s);
}
#define wcsicmp _wcsicmp
#define wcsnicmp _wcsnicmp
#endif

#endif
