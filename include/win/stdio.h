/* SPDX-License-Identifier: MIT */
/*
 * stdio.h - shadow of the C library's: adds Microsoft's functions, and printf that knows Microsoft's formats
 * (%I64d, %Iu, %S, %ls of 16 bits ...). With _FORTIFY_SOURCE the C library's own printf stays.
 */
#pragma GCC system_header
#ifdef NTSOCK_INTERNAL
#include_next <stdio.h>
#else
/*
 * Without the C library's inline vprintf, which would use vfprintf before it gets its name here, and
 * without its own new names of scanf, which would be in the way of ours.
 */
#include <features.h>
#pragma push_macro("__USE_EXTERN_INLINES")
#pragma push_macro("__GLIBC_USE_DEPRECATED_SCANF")
#undef __USE_EXTERN_INLINES
#undef __GLIBC_USE_DEPRECATED_SCANF
#define __GLIBC_USE_DEPRECATED_SCANF 1
#if !defined(NTSOCK_STDIO_NAMES) && (!defined(__USE_FORTIFY_LEVEL) || __USE_FORTIFY_LEVEL == 0)
#pragma push_macro("fopen")
#define fopen ntsock_libc_fopen /* with _FILE_OFFSET_BITS=64 it has another name already */
#include_next <stdio.h>
#pragma pop_macro("fopen")
#else
#include_next <stdio.h>
#endif
#pragma pop_macro("__GLIBC_USE_DEPRECATED_SCANF")
#pragma pop_macro("__USE_EXTERN_INLINES")
#if !defined(NTSOCK_STDIO_NAMES) && (!defined(__USE_FORTIFY_LEVEL) || __USE_FORTIFY_LEVEL == 0)
#define NTSOCK_STDIO_NAMES
#include <stdarg.h>
#ifdef __cplusplus
#define NTSOCK_STDIO_(name) __THROWNL __asm__(name)
#else
#define NTSOCK_STDIO_(name) __asm__(name)
#endif
__BEGIN_DECLS
extern int printf(const char *__restrict format, ...) __asm__("nts_printf");
extern int fprintf(FILE *__restrict stream, const char *__restrict format, ...) __asm__("nts_fprintf");
extern int vprintf(const char *__restrict format, va_list arguments) __asm__("nts_vprintf");
extern int vfprintf(FILE *__restrict stream, const char *__restrict format, va_list arguments)
    __asm__("nts_vfprintf");
extern int sprintf(char *__restrict s, const char *__restrict format, ...) NTSOCK_STDIO_("nts_sprintf");
extern int vsprintf(char *__restrict s, const char *__restrict format, va_list arguments)
    NTSOCK_STDIO_("nts_vsprintf");
extern int snprintf(char *__restrict s, size_t n, const char *__restrict format, ...)
    NTSOCK_STDIO_("nts_snprintf");
extern int vsnprintf(char *__restrict s, size_t n, const char *__restrict format, va_list arguments)
    NTSOCK_STDIO_("nts_vsnprintf");
extern FILE *fopen(const char *__restrict name, const char *__restrict mode) __asm__("nts_fopen");
extern int scanf(const char *__restrict format, ...) __asm__("nts_scanf");
extern int fscanf(FILE *__restrict stream, const char *__restrict format, ...) __asm__("nts_fscanf");
extern int sscanf(const char *__restrict s, const char *__restrict format, ...) NTSOCK_STDIO_("nts_sscanf");
__END_DECLS
#endif
#include <ntsock_crt_stdio.h>
#endif
