/* SPDX-License-Identifier: MIT */
/*
 * crt_file.c - the C run-time's files by name: Windows' paths for fopen, and names of 16 bits.
 *
 * Layer: win32; NT counterpart: the C run-time's fopen family. In a name "\" is "/", a drive letter is dropped and
 * case counts, as for CreateFile. There is no text mode: "t" and "ccs=" mean nothing.
 */
#include "crt_wide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define MODE_BYTES 16

static BOOLEAN HostName(const char *Name, char Path[PATH_BYTES])
{
    if (strncmp(Name, "\\\\?\\", 4) == 0)
        Name += 4;
    if (((Name[0] | 0x20) >= 'a' && (Name[0] | 0x20) <= 'z') && Name[1] == ':')
        Name += 2;
    size_t Length = strlen(Name);
    if (Length >= PATH_BYTES) {
        errno = ENAMETOOLONG;
        return FALSE;
    }
    for (size_t i = 0; i <= Length; i++)
        Path[i] = Name[i] == '\\' ? '/' : Name[i];
    return TRUE;
}

static BOOLEAN HostNameFromWide(const WCHAR *Name, char Path[PATH_BYTES])
{
    char Narrow[PATH_BYTES];
    size_t Length = nts_wcstombs(Narrow, Name, sizeof Narrow);
    if (Length >= sizeof Narrow) { /* (size_t)-1 too */
        errno = ENOENT;
        return FALSE;
    }
    return HostName(Narrow, Path);
}

static void HostMode(const char *Mode, char Host[MODE_BYTES])
{
    size_t n = 0;
    for (; *Mode != 0 && *Mode != ',' && n < MODE_BYTES - 1; Mode++) {
        if (strchr("rwabx+", *Mode) != NULL)
            Host[n++] = *Mode;
    }
    Host[n] = 0;
}

FILE *nts_fopen(const char *name, const char *mode)
{
    char Path[PATH_BYTES], Host[MODE_BYTES];
    HostMode(mode, Host);
    if (strcmp(name, "NUL") == 0 || strcmp(name, "nul") == 0)
        return fopen("/dev/null", Host);
    return HostName(name, Path) ? fopen(Path, Host) : NULL;
}

FILE *_wfopen(const WCHAR *name, const WCHAR *mode)
{
    char Path[PATH_BYTES], Narrow[MODE_BYTES];
    size_t Length = nts_wcstombs(Narrow, mode, sizeof Narrow);
    if (Length >= sizeof Narrow) {
        errno = EINVAL;
        return NULL;
    }
    return HostNameFromWide(name, Path) ? nts_fopen(Path, Narrow) : NULL;
}

int _wfopen_s(FILE **file, const WCHAR *name, const WCHAR *mode)
{
    if (file == NULL || name == NULL || mode == NULL)
        return EINVAL;
    *file = _wfopen(name, mode);
    return *file != NULL ? 0 : errno;
}

int _wremove(const WCHAR *name)
{
    char Path[PATH_BYTES];
    return HostNameFromWide(name, Path) ? unlink(Path) : -1;
}

int _wunlink(const WCHAR *name)
{
    return _wremove(name);
}

int _wrename(const WCHAR *from, const WCHAR *to)
{
    char From[PATH_BYTES], To[PATH_BYTES];
    return HostNameFromWide(from, From) && HostNameFromWide(to, To) ? rename(From, To) : -1;
}

int _wmkdir(const WCHAR *name)
{
    char Path[PATH_BYTES];
    return HostNameFromWide(name, Path) ? mkdir(Path, 0777) : -1;
}

int _wrmdir(const WCHAR *name)
{
    char Path[PATH_BYTES];
    return HostNameFromWide(name, Path) ? rmdir(Path) : -1;
}

int _waccess(const WCHAR *name, int mode)
{
    char Path[PATH_BYTES];
    return HostNameFromWide(name, Path) ? access(Path, mode & 6) : -1;
}
