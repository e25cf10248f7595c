/* SPDX-License-Identifier: MIT */
/*
 * host_file.h - files, folders and their names.
 *
 * Layer: host. Paths are the host's, absolute or relative to the current folder. A descriptor names a
 * file whatever becomes of its name. Functions without a descriptor or with HOST_FILE_LINK look at a
 * symbolic link itself where it says so, otherwise at what it leads to.
 *
 * Statuses beside those of every host call: STATUS_OBJECT_NAME_NOT_FOUND (the last component is
 * missing), STATUS_OBJECT_PATH_NOT_FOUND (one before it is), STATUS_OBJECT_NAME_COLLISION,
 * STATUS_FILE_IS_A_DIRECTORY, STATUS_DIRECTORY_NOT_EMPTY, STATUS_DISK_FULL, STATUS_NOT_SAME_DEVICE,
 * STATUS_MEDIA_WRITE_PROTECTED, STATUS_OBJECT_NAME_INVALID (too long), STATUS_SHARING_VIOLATION (busy).
 */
#ifndef HOST_FILE_H
#define HOST_FILE_H

#include "host_status.h"
#include <stddef.h>
#include <stdint.h>

#define HOST_FILE_READ 0x1
#define HOST_FILE_WRITE 0x2
#define HOST_FILE_LINK 0x4 /* not through a final symbolic link; neither read nor written */

/* Without READ and WRITE the descriptor serves for attributes, name and deletion. */
host_status host_file_open(const char *path, unsigned access, int *ret_fd) HOST_MUST_CHECK;
/* A file that was not there. */
host_status host_file_create(const char *path, unsigned access, int read_only, int *ret_fd) HOST_MUST_CHECK;
host_status host_file_create_directory(const char *path) HOST_MUST_CHECK;
void host_file_close(int fd);

enum host_file_kind {
    HOST_FILE_REGULAR,
    HOST_FILE_DIRECTORY,
    HOST_FILE_SYMBOLIC_LINK,
    HOST_FILE_CHARACTER, /* a terminal, /dev/null */
    HOST_FILE_OTHER
};
/* Times are 100 ns since 1601; created is 0 where the host does not keep it. */
struct host_file_information {
    uint64_t device;
    uint64_t node;
    uint64_t size;
    uint64_t allocated;
    int64_t created;
    int64_t accessed;
    int64_t written;
    int64_t changed;
    uint32_t links;
    enum host_file_kind kind;
    int read_only; /* nobody may write: Windows' attribute */
};
host_status host_file_query(int fd, struct host_file_information *ret_information) HOST_MUST_CHECK;
host_status host_file_query_path(
    const char *path, int follow, struct host_file_information *ret_information) HOST_MUST_CHECK;

/*
 * Success with fewer bytes only at the end of the file (read), or when the disk became full after a
 * part (write). What has no offsets (a terminal) ignores them, and may block.
 */
host_status host_file_read(int fd, void *buffer, size_t bytes, uint64_t offset, size_t *ret_bytes) HOST_MUST_CHECK;
host_status host_file_write(
    int fd, const void *buffer, size_t bytes, uint64_t offset, size_t *ret_bytes) HOST_MUST_CHECK;
/* At the end of the file, wherever that is in this moment. */
host_status host_file_append(int fd, const void *buffer, size_t bytes, size_t *ret_bytes) HOST_MUST_CHECK;
host_status host_file_flush(int fd) HOST_MUST_CHECK;
host_status host_file_set_size(int fd, uint64_t size) HOST_MUST_CHECK;
/* 0: keep */
host_status host_file_set_times(int fd, int64_t accessed, int64_t written) HOST_MUST_CHECK;
host_status host_file_set_read_only(int fd, int read_only) HOST_MUST_CHECK;
/* The name by which the descriptor was opened, or what it was renamed to. Nothing if it has none any more. */
host_status host_file_delete(int fd) HOST_MUST_CHECK;
host_status host_file_rename(int fd, const char *to, int replace) HOST_MUST_CHECK;

/* --- folders --- */
struct host_directory;
/* Freed by host_directory_close. */
host_status host_directory_open(const char *path, struct host_directory **ret_directory) HOST_MUST_CHECK;
/* The next name, valid until the next call; NULL at the end. "." and ".." are among them. */
const char *host_directory_next(struct host_directory *directory);
void host_directory_close(struct host_directory *directory);

#endif
