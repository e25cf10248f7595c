/* SPDX-License-Identifier: MIT */
/*
 * sys/stat.h - shadow of the C library's: adds Microsoft's names of stat, for paths of 8 and 16 bits.
 *
 * Every size is 64 bits: struct _stat, _stat64, _stati64 ... are the C library's struct stat.
 */
#pragma GCC system_header
#include_next <sys/stat.h>
#if !defined(NTSOCK_SYS_STAT_H) && !defined(NTSOCK_INTERNAL)
#define NTSOCK_SYS_STAT_H

#include <ntsock_crt.h>

#define _stat stat
#define _stat64 stat
#define _stati64 stat
#define _stat32 stat
#define _stat32i64 stat
#define _stat64i32 stat
#define __stat64 stat
#define _fstat fstat
#define _fstat64 fstat
#define _fstati64 fstat
#define _fstat64i32 fstat
#define _S_IFMT S_IFMT
#define _S_IFDIR S_IFDIR
#define _S_IFCHR S_IFCHR
#define _S_IFIFO S_IFIFO
#define _S_IFREG S_IFREG
#define _S_IREAD S_IRUSR
#define _S_IWRITE S_IWUSR
#define _S_IEXEC S_IXUSR

#if __SIZEOF_WCHAR_T__ == 2
#include <stdlib.h>
#include <wchar.h>
_CRT_INLINE_ int _wstat(const wchar_t *path, struct stat *status)
{
    char name[4096];
    size_t length = wcstombs(name, path, sizeof name);
    if (length == (size_t)-1 || length >= sizeof name) {
        errno = ENOENT;
        return -1;
    }
    return stat(name, status);
}
#define _wstat64 _wstat
#define _wstati64 _wstat
#define _wstat64i32 _wstat
#endif

#endif
