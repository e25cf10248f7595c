/* SPDX-License-Identifier: MIT */
/*
 * crt_wide.c - strings and arrays of 16-bit characters.
 *
 * Layer: win32; NT counterpart: the C run-time's wide string functions. Comparison is by code unit;
 * case is
 * folded for ASCII letters, as _wcsicmp does in the "C" locale.
 */
#include "crt_wide.h"

#include <stdlib.h>
#include <string.h>

size_t nts_wcslen(const WCHAR *s)
{
    size_t n = 0;
    while (s[n] != 0)
        n++;
    return n;
}

size_t nts_wcsnlen(const WCHAR *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] != 0)
        i++;
    return i;
}

WCHAR *nts_wcpcpy(WCHAR *d, const WCHAR *s)
{
    size_t n = nts_wcslen(s);
    memcpy(d, s, (n + 1) * sizeof(WCHAR));
    return d + n;
}

WCHAR *nts_wcscpy(WCHAR *d, const WCHAR *s)
{
    nts_wcpcpy(d, s);
    return d;
}

WCHAR *nts_wcpncpy(WCHAR *d, const WCHAR *s, size_t n)
{
    size_t have = nts_wcsnlen(s, n);
    memcpy(d, s, have * sizeof(WCHAR));
    memset(d + have, 0, (n - have) * sizeof(WCHAR));
    return d + have;
}

WCHAR *nts_wcsncpy(WCHAR *d, const WCHAR *s, size_t n)
{
    nts_wcpncpy(d, s, n);
    return d;
}

WCHAR *nts_wcscat(WCHAR *d, const WCHAR *s)
{
    nts_wcscpy(d + nts_wcslen(d), s);
    return d;
}

WCHAR *nts_wcsncat(WCHAR *d, const WCHAR *s, size_t n)
{
    WCHAR *end = d + nts_wcslen(d);
    size_t have = nts_wcsnlen(s, n);
    memcpy(end, s, have * sizeof(WCHAR));
    end[have] = 0;
    return d;
}

int nts_wcsncmp(const WCHAR *a, const WCHAR *b, size_t n)
{
    for (; n > 0; n--, a++, b++) {
        if (*a != *b)
            return *a < *b ? -1 : 1;
        if (*a == 0)
            break;
    }
    return 0;
}

int nts_wcscmp(const WCHAR *a, const WCHAR *b)
{
    return nts_wcsncmp(a, b, (size_t)-1);
}

static unsigned CrtLower(WCHAR c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned)c + ('a' - 'A') : c;
}

int nts_wcsncasecmp(const WCHAR *a, const WCHAR *b, size_t n)
{
    for (; n > 0; n--, a++, b++) {
        unsigned x = CrtLower(*a), y = CrtLower(*b);
        if (x != y)
            return x < y ? -1 : 1;
        if (x == 0)
            break;
    }
    return 0;
}

int nts_wcscasecmp(const WCHAR *a, const WCHAR *b)
{
    return nts_wcsncasecmp(a, b, (size_t)-1);
}

size_t nts_wcsxfrm(WCHAR *d, const WCHAR *s, size_t n)
{
    size_t have = nts_wcslen(s);
    if (have < n)
        memcpy(d, s, (have + 1) * sizeof(WCHAR));
    return have;
}

WCHAR *nts_wcsdup(const WCHAR *s)
{
    size_t bytes = (nts_wcslen(s) + 1) * sizeof(WCHAR);
    WCHAR *copy = malloc(bytes); /* the program frees it with free() */
    return copy != NULL ? memcpy(copy, s, bytes) : NULL;
}

WCHAR *nts_wcschr(const WCHAR *s, WCHAR c)
{
    for (; *s != c; s++)
        if (*s == 0)
            return NULL;
    return (WCHAR *)(ULONG_PTR)s;
}

WCHAR *nts_wcsrchr(const WCHAR *s, WCHAR c)
{
    for (size_t i = nts_wcslen(s) + 1; i > 0; i--)
        if (s[i - 1] == c)
            return (WCHAR *)(ULONG_PTR)(s + i - 1);
    return NULL;
}

size_t nts_wcscspn(const WCHAR *s, const WCHAR *set)
{
    size_t n = 0;
    while (s[n] != 0 && nts_wcschr(set, s[n]) == NULL)
        n++;
    return n;
}

size_t nts_wcsspn(const WCHAR *s, const WCHAR *set)
{
    size_t n = 0;
    while (s[n] != 0 && nts_wcschr(set, s[n]) != NULL)
        n++;
    return n;
}

WCHAR *nts_wcspbrk(const WCHAR *s, const WCHAR *set)
{
    s += nts_wcscspn(s, set);
    return *s != 0 ? (WCHAR *)(ULONG_PTR)s : NULL;
}

WCHAR *nts_wcsstr(const WCHAR *s, const WCHAR *part)
{
    size_t n = nts_wcslen(part);
    for (;; s++) {
        if (nts_wcsncmp(s, part, n) == 0)
            return (WCHAR *)(ULONG_PTR)s;
        if (*s == 0)
            return NULL;
    }
}

WCHAR *nts_wcstok(WCHAR *s, const WCHAR *set, WCHAR **next)
{
    WCHAR *start = s != NULL ? s : *next;
    if (start == NULL)
        return NULL;
    start += nts_wcsspn(start, set);
    if (*start == 0) {
        *next = NULL;
        return NULL;
    }
    WCHAR *end = start + nts_wcscspn(start, set);
    *next = *end != 0 ? end + 1 : NULL;
    *end = 0;
    return start;
}

WCHAR *nts_wmemchr(const WCHAR *s, WCHAR c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] == c)
            return (WCHAR *)(ULONG_PTR)(s + i);
    return NULL;
}

int nts_wmemcmp(const WCHAR *a, const WCHAR *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

WCHAR *nts_wmemcpy(WCHAR *d, const WCHAR *s, size_t n)
{
    return memcpy(d, s, n * sizeof(WCHAR));
}

WCHAR *nts_wmempcpy(WCHAR *d, const WCHAR *s, size_t n)
{
    return (WCHAR *)memcpy(d, s, n * sizeof(WCHAR)) + n;
}

WCHAR *nts_wmemmove(WCHAR *d, const WCHAR *s, size_t n)
{
    return memmove(d, s, n * sizeof(WCHAR));
}

WCHAR *nts_wmemset(WCHAR *d, WCHAR c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        d[i] = c;
    return d;
}
