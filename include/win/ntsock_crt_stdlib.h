/* SPDX-License-Identifier: MIT */
/* ntsock_crt_stdlib.h - Microsoft's additions to stdlib.h. Include stdlib.h. */
#ifndef NTSOCK_CRT_STDLIB_H
#define NTSOCK_CRT_STDLIB_H

#include <ntsock_crt.h>
#include <stdlib.h>
#include <wchar.h>

#define _MAX_PATH 260
#define _MAX_DRIVE 3
#define _MAX_DIR 256
#define _MAX_FNAME 256
#define _MAX_EXT 256
#ifndef __cplusplus
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#endif
#define __max(a, b) (((a) > (b)) ? (a) : (b))
#define __min(a, b) (((a) < (b)) ? (a) : (b))

_CRT_INLINE_ char *_ui64toa(unsigned long long value, char *d, int radix)
{
    char digits[65], *at = digits + 64;
    *at = 0;
    do {
        *--at = "0123456789abcdefghijklmnopqrstuvwxyz"[value % (unsigned)radix];
        value /= (unsigned)radix;
    } while (value != 0);
    __builtin_memcpy(d, at, (size_t)(digits + 65 - at));
    return d;
}
_CRT_INLINE_ char *_i64toa(long long value, char *d, int radix)
{
    if (value < 0 && radix == 10) {
        d[0] = '-';
        _ui64toa(0ULL - (unsigned long long)value, d + 1, radix);
        return d;
    }
    return _ui64toa((unsigned long long)value, d, radix);
}
/* Other radices show the 32-bit pattern of a negative number, as on Windows. */
_CRT_INLINE_ char *_itoa(int value, char *d, int radix)
{
    return radix == 10 ? _i64toa(value, d, radix) : _ui64toa((unsigned)value, d, radix);
}
_CRT_INLINE_ char *_ultoa(unsigned long value, char *d, int radix)
{
    return _ui64toa(value, d, radix);
}
_CRT_INLINE_ char *_ltoa(long value, char *d, int radix)
{
    return radix == 10 ? _i64toa(value, d, radix) : _ui64toa((unsigned)value, d, radix);
}
_CRT_INLINE_ errno_t _i64toa_s(long long value, char *d, size_t room, int radix)
{
    char text[66];
    if (d == NULL || room == 0 || radix < 2 || radix > 36)
        return EINVAL;
    _i64toa(value, text, radix);
    if (__builtin_strlen(text) >= room) {
        d[0] = 0;
        return ERANGE;
    }
    __builtin_strcpy(d, text);
    return 0;
}
_CRT_INLINE_ errno_t _itoa_s(int value, char *d, size_t room, int radix)
{
    return _i64toa_s(radix == 10 ? value : (long long)(unsigned)value, d, room, radix);
}
#ifndef itoa
#define itoa _itoa
#define ltoa _ltoa
#define ultoa _ultoa
#endif
#define _atoi64 atoll
#define _strtoi64 strtoll
#define _strtoui64 strtoull
_CRT_INLINE_ void *_aligned_malloc(size_t size, size_t alignment)
{
    void *block = NULL;
    if (alignment < sizeof(void *))
        alignment = sizeof(void *);
    int error = posix_memalign(&block, alignment, size);
    if (error != 0) {
        errno = error;
        return NULL;
    }
    return block;
}
_CRT_INLINE_ void _aligned_free(void *block)
{
    free(block);
}
_CRT_INLINE_ errno_t getenv_s(size_t *need, char *d, size_t room, const char *name)
{
    const char *value = getenv(name);
    size_t length = value != NULL ? __builtin_strlen(value) + 1 : 0;
    if (need == NULL || (d == NULL && room != 0))
        return EINVAL;
    *need = length;
    if (d != NULL && room != 0)
        d[0] = 0;
    if (length > room)
        return room == 0 ? 0 : ERANGE;
    if (value != NULL && d != NULL)
        __builtin_memcpy(d, value, length);
    return 0;
}
_CRT_INLINE_ errno_t _dupenv_s(char **value, size_t *count, const char *name)
{
    const char *found = getenv(name);
    size_t length = found != NULL ? __builtin_strlen(found) + 1 : 0;
    if (value == NULL)
        return EINVAL;
    *value = NULL;
    if (count != NULL)
        *count = length;
    if (found == NULL)
        return 0;
    *value = (char *)malloc(length);
    if (*value == NULL)
        return ENOMEM;
    __builtin_memcpy(*value, found, length);
    return 0;
}
_CRT_INLINE_ errno_t _putenv_s(const char *name, const char *value)
{
    int result = *value != 0 ? setenv(name, value, 1) : unsetenv(name);
    return result == 0 ? 0 : errno;
}
#define _putenv putenv
/* SystemFunction036 is RtlGenRandom, which is what rand_s calls on Windows. */
#ifdef __cplusplus
extern "C"
#endif
__attribute__((visibility("default"))) unsigned char SystemFunction036(void *d, unsigned int n);
_CRT_INLINE_ errno_t rand_s(unsigned *value)
{
    if (value == NULL)
        return EINVAL;
    return SystemFunction036(value, sizeof(*value)) ? 0 : ENOMEM;
}
_CRT_INLINE_ char *_fullpath(char *d, const char *path, size_t room)
{
    char *real = realpath(path, NULL);
    if (real == NULL || d == NULL)
        return real;
    char *result = __builtin_strlen(real) < room ? __builtin_strcpy(d, real) : NULL;
    free(real);
    return result;
}
_CRT_INLINE_ unsigned short _byteswap_ushort(unsigned short v)
{
    return __builtin_bswap16(v);
}
_CRT_INLINE_ unsigned int _byteswap_ulong(unsigned int v)
{
    return __builtin_bswap32(v);
}
_CRT_INLINE_ unsigned long long _byteswap_uint64(unsigned long long v)
{
    return __builtin_bswap64(v);
}
_CRT_INLINE_ unsigned int NtsockRotl(unsigned int v, int n)
{
    return (v << (n & 31)) | (v >> ((32 - n) & 31));
}
_CRT_INLINE_ unsigned int NtsockRotr(unsigned int v, int n)
{
    return (v >> (n & 31)) | (v << ((32 - n) & 31));
}
/* The compiler's x86 intrinsics have macros of these names too. */
#ifndef _rotl
#define _rotl(v, n) NtsockRotl((v), (n))
#define _rotr(v, n) NtsockRotr((v), (n))
#endif
#if __SIZEOF_WCHAR_T__ == 2
_CRT_INLINE_ int _wtoi(const wchar_t *s)
{
    return (int)wcstol(s, NULL, 10);
}
_CRT_INLINE_ long long _wtoi64(const wchar_t *s)
{
    return wcstoll(s, NULL, 10);
}
_CRT_INLINE_ errno_t mbstowcs_s(size_t *converted, wchar_t *d, size_t room, const char *s, size_t n)
{
    size_t need = mbstowcs(NULL, s, 0);
    if (need == (size_t)-1)
        return EILSEQ;
    if (n != _TRUNCATE && need > n)
        need = n;
    if (converted != NULL)
        *converted = need + 1;
    if (d == NULL)
        return 0;
    if (need >= room) {
        if (n != _TRUNCATE || room == 0) {
            if (room != 0)
                d[0] = 0;
            return ERANGE;
        }
        need = room - 1;
    }
    mbstowcs(d, s, need);
    d[need] = 0;
    return 0;
}
#endif

#endif
