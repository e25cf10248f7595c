/* SPDX-License-Identifier: MIT */
/*
 * io.h - low-level files of the C run-time, on the C library's descriptors.
 *
 * Layer: application headers (C run-time). Descriptors are Linux descriptors and have no HANDLE:
 * _get_osfhandle and _open_osfhandle do not exist.
 */
#ifndef _INC_IO
#define _INC_IO

#include <fcntl.h>
#include <ntsock_crt.h>
#include <sys/stat.h>
#include <unistd.h>

#define _close close
#define _dup dup
#define _dup2 dup2
#define _isatty isatty
#define _unlink unlink
#define _access access
#define _read(fd, d, n) ((int)read((fd), (d), (n)))
#define _write(fd, s, n) ((int)write((fd), (s), (n)))
#define _lseek(fd, o, w) lseek((fd), (o), (w))
#define _lseeki64(fd, o, w) ((long long)lseek((fd), (o), (w)))
#define _open open
#define _commit fsync
#define _chsize(fd, n) ftruncate((fd), (n))
/* There is no text mode: every descriptor is binary. */
_CRT_INLINE_ int _setmode(int fd, int mode)
{
    (void)fd;
    (void)mode;
    return _O_BINARY;
}
#define setmode _setmode
#ifndef R_OK
#define R_OK 4
#define W_OK 2
#define F_OK 0
#endif

#endif
