/* SPDX-License-Identifier: MIT */
/* fcntl.h - shadow of the C library's: adds O_BINARY and the names with an underscore. */
#pragma GCC system_header
#include_next <fcntl.h>
#if !defined(_O_RDONLY)
#define _O_RDONLY O_RDONLY
#define _O_WRONLY O_WRONLY
#define _O_RDWR O_RDWR
#define _O_APPEND O_APPEND
#define _O_CREAT O_CREAT
#define _O_TRUNC O_TRUNC
#define _O_EXCL O_EXCL
#ifndef O_BINARY
#define O_BINARY 0
#define O_TEXT 0
#endif
#define _O_BINARY O_BINARY
#define _O_TEXT O_TEXT
#define _O_U8TEXT 0
#define _O_U16TEXT 0
#define _O_WTEXT 0
#endif
