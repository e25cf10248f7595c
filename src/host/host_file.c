/* SPDX-License-Identifier: MIT */
/*
 * host_file.c - files: open, read, write, attributes, names.
 *
 * Layer: host. NT counterpart: none; fsd makes a file system of it. Advisory locks and extended
 * attributes are left out.
 */
#include "host_file.h"

#include "host_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#define UNITS_1601_TO_1970 (11644473600LL * HOST_PUBLIC_UNITS_PER_SECOND)
#define TRANSFER_MAX 0x7ffff000u /* what one host call moves at most */
#define LINK_PATH_BYTES 32

static host_status failed(int error)
{
    return host_status_from_errno(error, HOST_CALL_FILE);
}

/* The host says ENOENT for a missing last component and for a missing folder: Windows tells them apart. */
static host_status failed_at(const char *path, int error)
{
    struct stat information;
    const char *end = strrchr(path, '/');
    char *folder;
    int missing;

    if (error != ENOENT || end == NULL || end == path)
        return failed(error);
    folder = strndup(path, (size_t)(end - path));
    if (folder == NULL)
        return failed(ENOMEM);
    missing = stat(folder, &information) != 0 || !S_ISDIR(information.st_mode);
    free(folder);
    return failed(missing ? ENOTDIR : ENOENT);
}

/* The name of an open descriptor in /proc: works for one that was opened without any right. */
static const char *link_path(int fd, char buffer[LINK_PATH_BYTES])
{
    snprintf(buffer, LINK_PATH_BYTES, "/proc/self/fd/%d", fd);
    return buffer;
}

/* --- opening --- */

/* Never waits for the other end of a pipe, and never takes a terminal as its own. */
static int open_retry(const char *path, int flags, mode_t mode)
{
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static int open_flags(unsigned access)
{
    if ((access & HOST_FILE_WRITE) == 0)
        return O_RDONLY;
    return (access & HOST_FILE_READ) != 0 ? O_RDWR : O_WRONLY;
}

host_status host_file_open(const char *path, unsigned access, int *ret_fd)
{
    int error = host_fault(HOST_CALL_FILE), fd = -1;
    if (error == 0) {
        if ((access & HOST_FILE_LINK) != 0)
            fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        else
            fd = open_retry(path, open_flags(access), 0);
        /* Attributes may be asked for without the right to read. */
        if (fd < 0 && access == 0 && (errno == EACCES || errno == EPERM || errno == ENXIO))
            fd = open(path, O_PATH | O_CLOEXEC);
        error = fd < 0 ? errno : 0;
    }
    if (fd < 0)
        return failed_at(path, error);
    *ret_fd = fd;
    return H_STATUS_SUCCESS;
}

host_status host_file_create(const char *path, unsigned access, int read_only, int *ret_fd)
{
    int error = host_fault(HOST_CALL_FILE), fd = -1;
    if (error == 0) {
        fd = open_retry(path, open_flags(access) | O_CREAT | O_EXCL, read_only ? 0444 : 0666);
        error = fd < 0 ? errno : 0;
    }
    if (fd < 0)
        return failed_at(path, error);
    *ret_fd = fd;
    return H_STATUS_SUCCESS;
}

host_status host_file_create_directory(const char *path)
{
    int error = host_fault(HOST_CALL_FILE);
    if (error == 0 && mkdir(path, 0777) != 0)
        error = errno;
    return error != 0 ? failed_at(path, error) : H_STATUS_SUCCESS;
}

void host_file_close(int fd)
{
    close(fd);
}

/* --- attributes --- */

static int64_t time_from_host(const struct statx_timestamp *time)
{
    return time->tv_sec * HOST_PUBLIC_UNITS_PER_SECOND + time->tv_nsec / 100 + UNITS_1601_TO_1970;
}

static enum host_file_kind kind_of(mode_t mode)
{
    return S_ISREG(mode)   ? HOST_FILE_REGULAR
           : S_ISDIR(mode) ? HOST_FILE_DIRECTORY
           : S_ISLNK(mode) ? HOST_FILE_SYMBOLIC_LINK
           : S_ISCHR(mode) ? HOST_FILE_CHARACTER
                           : HOST_FILE_OTHER;
}

static int query(int fd, const char *path, int flags, struct host_file_information *ret)
{
    struct statx found;
    int error = host_fault(HOST_CALL_FILE);
    if (error == 0 && statx(fd, path, flags, STATX_BASIC_STATS | STATX_BTIME, &found) != 0)
        error = errno;
    if (error != 0)
        return error;
    memset(ret, 0, sizeof *ret);
    ret->device = makedev(found.stx_dev_major, found.stx_dev_minor);
    ret->node = found.stx_ino;
    ret->kind = kind_of(found.stx_mode);
    ret->size = ret->kind == HOST_FILE_REGULAR ? found.stx_size : 0;
    ret->allocated = ret->kind == HOST_FILE_REGULAR ? found.stx_blocks * 512 : 0;
    ret->links = found.stx_nlink;
    ret->read_only = ret->kind == HOST_FILE_REGULAR && (found.stx_mode & 0222) == 0;
    ret->accessed = time_from_host(&found.stx_atime);
    ret->written = time_from_host(&found.stx_mtime);
    ret->changed = time_from_host(&found.stx_ctime);
    if ((found.stx_mask & STATX_BTIME) != 0)
        ret->created = time_from_host(&found.stx_btime);
    return 0;
}

host_status host_file_query(int fd, struct host_file_information *ret_information)
{
    int error = query(fd, "", AT_EMPTY_PATH, ret_information);
    return error != 0 ? failed(error) : H_STATUS_SUCCESS;
}

host_status host_file_query_path(const char *path, int follow, struct host_file_information *ret_information)
{
    int error = query(AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW, ret_information);
    return error != 0 ? failed_at(path, error) : H_STATUS_SUCCESS;
}

static struct timespec time_to_host(int64_t time)
{
    struct timespec ts = {0, UTIME_OMIT};
    if (time != 0) {
        int64_t units = time - UNITS_1601_TO_1970;
        ts.tv_sec = units / HOST_PUBLIC_UNITS_PER_SECOND;
        ts.tv_nsec = units % HOST_PUBLIC_UNITS_PER_SECOND * 100;
        if (ts.tv_nsec < 0) {
            ts.tv_sec--;
            ts.tv_nsec += 1000000000L;
        }
    }
    return ts;
}

host_status host_file_set_times(int fd, int64_t accessed, int64_t written)
{
    const struct timespec times[2] = {time_to_host(accessed), time_to_host(written)};
    char path[LINK_PATH_BYTES];
    int error = host_fault(HOST_CALL_FILE);
    if (error == 0 && utimensat(AT_FDCWD, link_path(fd, path), times, 0) != 0)
        error = errno;
    return error != 0 ? failed(error) : H_STATUS_SUCCESS;
}

host_status host_file_set_read_only(int fd, int read_only)
{
    char path[LINK_PATH_BYTES];
    struct stat information;
    int error = host_fault(HOST_CALL_FILE);
    if (error == 0 && stat(link_path(fd, path), &information) != 0)
        error = errno;
    if (error == 0) {
        mode_t mode = information.st_mode & 07777;
        mode_t wanted = read_only ? mode & ~(mode_t)0222 : mode | ((mode & 0444) >> 1);
        if (!read_only && (mode & 0222) != 0)
            wanted = mode;
        if (wanted != mode && chmod(path, wanted) != 0)
            error = errno;
    }
    return error != 0 ? failed(error) : H_STATUS_SUCCESS;
}

/* --- data --- */

host_status host_file_read(int fd, void *buffer, size_t bytes, uint64_t offset, size_t *ret_bytes)
{
    size_t done = 0;
    int error = host_fault(HOST_CALL_FILE);
    *ret_bytes = 0;
    if (error == 0 && offset > INT64_MAX)
        error = EINVAL;
    while (error == 0 && done < bytes) {
        size_t piece = bytes - done < TRANSFER_MAX ? bytes - done : TRANSFER_MAX;
        ssize_t got = pread(fd, (char *)buffer + done, piece, (off_t)(offset + done));
        if (got < 0 && errno == ESPIPE)
            got = read(fd, (char *)buffer + done, piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            error = errno;
        if (got <= 0)
            break;
        done += (size_t)got;
        if ((size_t)got < piece)
            break;
    }
    if (error != 0 && done == 0)
        return failed(error);
    *ret_bytes = done;
    return H_STATUS_SUCCESS;
}

/* offset -1: append */
static host_status write_all(int fd, const void *buffer, size_t bytes, off_t offset, size_t *ret_bytes)
{
    size_t done = 0;
    int error = host_fault(HOST_CALL_FILE);
    *ret_bytes = 0;
    while (error == 0 && done < bytes) {
        size_t piece = bytes - done < TRANSFER_MAX ? bytes - done : TRANSFER_MAX;
        struct iovec part = {(char *)(uintptr_t)buffer + done, piece};
        ssize_t put;
        if (offset < 0)
            put = pwritev2(fd, &part, 1, -1, RWF_APPEND);
        else
            put = pwrite(fd, part.iov_base, piece, offset + (off_t)done);
        if (put < 0 && errno == ESPIPE)
            put = write(fd, part.iov_base, piece);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            error = errno;
        if (put <= 0)
            break;
        done += (size_t)put;
    }
    if (error != 0 && done == 0)
        return failed(error);
    *ret_bytes = done;
    return H_STATUS_SUCCESS;
}

host_status host_file_write(int fd, const void *buffer, size_t bytes, uint64_t offset, size_t *ret_bytes)
{
    if (offset > INT64_MAX) {
        *ret_bytes = 0;
        return failed(EINVAL);
    }
    return write_all(fd, buffer, bytes, (off_t)offset, ret_bytes);
}

host_status host_file_append(int fd, const void *buffer, size_t bytes, size_t *ret_bytes)
{
    return write_all(fd, buffer, bytes, -1, ret_bytes);
}

host_status host_file_flush(int fd)
{
    int error = host_fault(HOST_CALL_FILE);
    /* A terminal has nothing to flush, and says EINVAL. */
    if (error == 0 && fsync(fd) != 0 && errno != EINVAL)
        error = errno;
    return error != 0 ? failed(error) : H_STATUS_SUCCESS;
}

host_status host_file_set_size(int fd, uint64_t size)
{
    int error = host_fault(HOST_CALL_FILE);
    if (error == 0 && size > INT64_MAX)
        error = EINVAL;
    if (error == 0 && ftruncate(fd, (off_t)size) != 0)
        error = errno;
    return error != 0 ? failed(error) : H_STATUS_SUCCESS;
}

/* --- names --- */

/* The path that the descriptor has now. 0, ENOENT when it has none, or another errno. */
static int current_path(int fd, char path[PATH_MAX], struct stat *ret_information)
{
    char link[LINK_PATH_BYTES];
    struct stat own;
    ssize_t length = readlink(link_path(fd, link), path, PATH_MAX - 1);
    if (length < 0)
        return errno;
    path[length] = 0;
    if (fstat(fd, &own) != 0)
        return errno;
    /* The name may belong to another file by now. */
    if (lstat(path, ret_information) != 0)
        return errno;
    return own.st_dev == ret_information->st_dev && own.st_ino == ret_information->st_ino ? 0 : ENOENT;
}

host_status host_file_delete(int fd)
{
    char path[PATH_MAX];
    struct stat information;
    int error = host_fault(HOST_CALL_FILE);
    if (error == 0)
        error = current_path(fd, path, &information);
    if (error == ENOENT)
        return H_STATUS_SUCCESS;
    if (error == 0 && (S_ISDIR(information.st_mode) ? rmdir(path) : unlink(path)) != 0)
        error = errno;
    return error != 0 ? failed(error) : H_STATUS_SUCCESS;
}

host_status host_file_rename(int fd, const char *to, int replace)
{
    char path[PATH_MAX];
    struct stat information;
    int error = host_fault(HOST_CALL_FILE);
    if (error == 0)
        error = current_path(fd, path, &information);
    if (error != 0)
        return failed(error);
    if (renameat2(AT_FDCWD, path, AT_FDCWD, to, replace ? 0 : RENAME_NOREPLACE) == 0)
        return H_STATUS_SUCCESS;
    error = errno;
    /* Some file systems do not know the flag. */
    if (error == EINVAL && !replace) {
        if (lstat(to, &information) == 0)
            error = EEXIST;
        else
            error = rename(path, to) != 0 ? errno : 0;
    }
    return error != 0 ? failed_at(to, error) : H_STATUS_SUCCESS;
}

/* --- folders --- */

struct host_directory {
    DIR *stream;
};

host_status host_directory_open(const char *path, struct host_directory **ret_directory)
{
    struct host_directory *directory = malloc(sizeof *directory);
    int error = host_fault(HOST_CALL_FILE);
    if (directory == NULL)
        return failed(ENOMEM);
    directory->stream = error == 0 ? opendir(path) : NULL;
    if (directory->stream == NULL) {
        error = error != 0 ? error : errno;
        free(directory);
        /* A missing folder is a missing path, whichever component it is. */
        return failed(error == ENOENT ? ENOTDIR : error);
    }
    *ret_directory = directory;
    return H_STATUS_SUCCESS;
}

const char *host_directory_next(struct host_directory *directory)
{
    const struct dirent *entry = readdir(directory->stream);
    return entry != NULL ? entry->d_name : NULL;
}

void host_directory_close(struct host_directory *directory)
{
    closedir(directory->stream);
    free(directory);
}
