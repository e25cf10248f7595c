/* SPDX-License-Identifier: MIT */
/* direct.h - directories, under Microsoft's names. Layer: application headers (C run-time). */
#ifndef _INC_DIRECT
#define _INC_DIRECT

#include <sys/stat.h>
#include <unistd.h>

#define _mkdir(path) mkdir((path), 0777)
#define _rmdir rmdir
#define _chdir chdir
#define _getcwd getcwd

#endif
