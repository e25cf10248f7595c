/* SPDX-License-Identifier: MIT */
/*
 * ntsock_wide_hide.h - renames the C library's functions on 32-bit wchar_t while its headers are read.
 *
 * Layer: application headers. No guard: ntsock_wide_show.h undoes it. The names are then free for the
 * declarations of ntsock_wchar.h.
 */
#define wcslen ntsock_libc_wcslen
#define wcsnlen ntsock_libc_wcsnlen
#define wcscpy ntsock_libc_wcscpy
#define wcsncpy ntsock_libc_wcsncpy
#define wcscat ntsock_libc_wcscat
#define wcsncat ntsock_libc_wcsncat
#define wcscmp ntsock_libc_wcscmp
#define wcsncmp ntsock_libc_wcsncmp
#define wcscasecmp ntsock_libc_wcscasecmp
#define wcsncasecmp ntsock_libc_wcsncasecmp
#define wcscoll ntsock_libc_wcscoll
#define wcsxfrm ntsock_libc_wcsxfrm
#define wcsdup ntsock_libc_wcsdup
#define wcschr ntsock_libc_wcschr
#define wcsrchr ntsock_libc_wcsrchr
#define wcscspn ntsock_libc_wcscspn
#define wcsspn ntsock_libc_wcsspn
#define wcspbrk ntsock_libc_wcspbrk
#define wcsstr ntsock_libc_wcsstr
#define wcstok ntsock_libc_wcstok
#define wmemchr ntsock_libc_wmemchr
#define wmemcmp ntsock_libc_wmemcmp
#define wmemcpy ntsock_libc_wmemcpy
#define wmemmove ntsock_libc_wmemmove
#define wmemset ntsock_libc_wmemset
#define wmempcpy ntsock_libc_wmempcpy
#define wcpcpy ntsock_libc_wcpcpy
#define wcpncpy ntsock_libc_wcpncpy
#define mbrtowc ntsock_libc_mbrtowc
#define wcrtomb ntsock_libc_wcrtomb
#define mbsrtowcs ntsock_libc_mbsrtowcs
#define wcsrtombs ntsock_libc_wcsrtombs
#define wcstod ntsock_libc_wcstod
#define wcstof ntsock_libc_wcstof
#define wcstold ntsock_libc_wcstold
#define wcstol ntsock_libc_wcstol
#define wcstoul ntsock_libc_wcstoul
#define wcstoll ntsock_libc_wcstoll
#define wcstoull ntsock_libc_wcstoull
#define swprintf ntsock_libc_swprintf
#define vswprintf ntsock_libc_vswprintf
#define wprintf ntsock_libc_wprintf
#define vwprintf ntsock_libc_vwprintf
#define fwprintf ntsock_libc_fwprintf
#define vfwprintf ntsock_libc_vfwprintf
#define fputws ntsock_libc_fputws
#define fgetws ntsock_libc_fgetws
#define fputwc ntsock_libc_fputwc
#define putwc ntsock_libc_putwc
#define putwchar ntsock_libc_putwchar
#define wcsftime ntsock_libc_wcsftime
#define mbstowcs ntsock_libc_mbstowcs
#define wcstombs ntsock_libc_wcstombs
#define mbtowc ntsock_libc_mbtowc
#define wctomb ntsock_libc_wctomb
