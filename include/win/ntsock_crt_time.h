/* SPDX-License-Identifier: MIT */
/* ntsock_crt_time.h - Microsoft's additions to time.h. Include time.h. */
#ifndef NTSOCK_CRT_TIME_H
#define NTSOCK_CRT_TIME_H

#include <ntsock_crt.h>
#include <time.h>

typedef time_t __time64_t;
typedef int __time32_t;
#define _time64 time
#define _mktime64 mktime
#define _gmtime64 gmtime
#define _localtime64 localtime
#define _tzset tzset
#ifdef __USE_MISC
#define _mkgmtime timegm
#define _mkgmtime64 timegm
#endif
#ifdef __cplusplus
extern "C" {
#endif
/* Hidden by strict ISO dialects. */
extern struct tm *localtime_r(const time_t *t, struct tm *result) __attribute__((nothrow));
extern struct tm *gmtime_r(const time_t *t, struct tm *result) __attribute__((nothrow));
#ifdef __cplusplus
}
#endif
/* The result comes first, unlike C11's functions of these names. */
_CRT_INLINE_ errno_t localtime_s(struct tm *result, const time_t *t)
{
    if (result == NULL || t == NULL)
        return EINVAL;
    return localtime_r(t, result) != NULL ? 0 : EINVAL;
}
_CRT_INLINE_ errno_t gmtime_s(struct tm *result, const time_t *t)
{
    if (result == NULL || t == NULL)
        return EINVAL;
    return gmtime_r(t, result) != NULL ? 0 : EINVAL;
}
_CRT_INLINE_ errno_t ctime_s(char *d, size_t room, const time_t *t)
{
    if (d == NULL || room < 26 || t == NULL)
        return EINVAL;
    const char *text = ctime(t);
    if (text == NULL)
        return EINVAL;
    __builtin_strcpy(d, text);
    return 0;
}
#define _localtime64_s localtime_s
#define _gmtime64_s gmtime_s

#endif
