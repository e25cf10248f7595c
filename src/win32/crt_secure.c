/* SPDX-License-Identifier: MIT */
/*
 * crt_secure.c - strcpy_s and its kin, on bytes and on 16-bit characters.
 *
 * Layer: win32; NT counterpart: the secure string functions of the C run-time. Where Windows calls the
 * invalid parameter handler, which by default ends the program, these return the documented error.
 * [doc:c-runtime-library/strcpy-s]
 */
#include "crt_wide.h"

#include <errno.h>
#include <string.h>

#define CRT_TRUNCATE ((size_t)-1)
#define CRT_STRUNCATE 80

static size_t CrtLength(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] != 0)
        i++;
    return i;
}

/* One set of functions for each type of character. */
#define CRT_COPY_FUNCTIONS(prefix, type, length)                                            \
    CRT_API int nts_##prefix##ncpy_s(type *d, size_t room, const type *s, size_t n);        \
    CRT_API int nts_##prefix##cpy_s(type *d, size_t room, const type *s);                   \
    CRT_API int nts_##prefix##ncat_s(type *d, size_t room, const type *s, size_t n);        \
    CRT_API int nts_##prefix##cat_s(type *d, size_t room, const type *s);                   \
    static int Crt_##prefix##Copy(type *d, size_t room, const type *s, size_t n)            \
    {                                                                                       \
        int result = 0;                                                                     \
        size_t have = n != 0 ? length(s, n == CRT_TRUNCATE ? room : n) : 0;                 \
        if (have >= room && n != CRT_TRUNCATE) {                                            \
            d[0] = 0;                                                                       \
            return ERANGE;                                                                  \
        }                                                                                   \
        if (have >= room) {                                                                 \
            have = room - 1;                                                                \
            result = CRT_STRUNCATE;                                                         \
        }                                                                                   \
        memmove(d, s, have * sizeof(type));                                                 \
        d[have] = 0;                                                                        \
        return result;                                                                      \
    }                                                                                       \
    int nts_##prefix##ncpy_s(type *d, size_t room, const type *s, size_t n)                 \
    {                                                                                       \
        if (d == NULL || room == 0)                                                         \
            return EINVAL;                                                                  \
        if (s == NULL)                                                                      \
            d[0] = 0;                                                                       \
        if (s == NULL)                                                                      \
            return n != 0 ? EINVAL : 0;                                                     \
        return Crt_##prefix##Copy(d, room, s, n);                                           \
    }                                                                                       \
    int nts_##prefix##cpy_s(type *d, size_t room, const type *s)                            \
    {                                                                                       \
        return nts_##prefix##ncpy_s(d, room, s, CRT_TRUNCATE - 1);                          \
    }                                                                                       \
    int nts_##prefix##ncat_s(type *d, size_t room, const type *s, size_t n)                 \
    {                                                                                       \
        size_t have = d != NULL ? length(d, room) : 0;                                      \
        if (d == NULL || have == room)                                                      \
            return EINVAL;                                                                  \
        int result = nts_##prefix##ncpy_s(d + have, room - have, s, n);                     \
        if (result != 0 && result != CRT_STRUNCATE)                                         \
            d[0] = 0;                                                                       \
        return result;                                                                      \
    }                                                                                       \
    int nts_##prefix##cat_s(type *d, size_t room, const type *s)                            \
    {                                                                                       \
        return nts_##prefix##ncat_s(d, room, s, CRT_TRUNCATE - 1);                          \
    }
CRT_COPY_FUNCTIONS(str, char, CrtLength)
CRT_COPY_FUNCTIONS(wcs, WCHAR, nts_wcsnlen)
