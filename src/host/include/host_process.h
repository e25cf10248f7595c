/* SPDX-License-Identifier: MIT */
/*
 * host_process.h - the process: environment, command line, own symbols, times, memory, folders, the
 * C library's streams.
 *
 * Layer: host.
 */
#ifndef HOST_PROCESS_H
#define HOST_PROCESS_H

#include "host_status.h"
#include <stddef.h>

/*
 * The program's own environment, which getenv sees too. Names are looked up exactly first and
 * without regard to ASCII case then. Calls here exclude each other; a program that uses putenv at
 * the same time has the race it always had.
 */
char *host_variable_get(
    const char *name); /* a copy, freed with host_free; NULL: not set, no memory */
int host_variable_set(
    const char *name, const char *value); /* NULL value removes; 0, -1 no memory */
/* All as NAME=VALUE strings, each with its zero, and a final zero; freed with host_free. NULL: no
 * memory. */
char *host_variable_list(size_t *ret_bytes);

/* argv[0] ... as zero-terminated strings one after the other, freed with host_free; NULL on failure
 */
char *host_arguments(size_t *ret_bytes);

/* An exported function of the library that holds this code, and of nothing else; NULL if there is
 * none. */
void *host_own_symbol(const char *name);
/* The path of the file that holds an address; NULL if none does. Static text. */
const char *host_library_of(const void *address);

/* 100 ns; NULL is skipped. Of the process or of the calling thread. start is since 1601. */
struct host_times {
    uint64_t start;
    uint64_t kernel;
    uint64_t user;
};
void host_process_times(struct host_times *ret_times);
void host_thread_times(struct host_times *ret_times); /* start is 0: Linux does not tell */

struct host_memory_information {
    uint64_t total;
    uint64_t available;
    uint64_t swap_total;
    uint64_t swap_available;
};
void host_memory_information(struct host_memory_information *ret_information);

/* The folder a program works in. 0 or -1. */
int host_current_directory(char *buffer, size_t bytes);
int host_change_directory(const char *path);
int host_path_absolute(const char *path, char *buffer, size_t bytes); /* symbolic links are kept */

int host_user_name(char *buffer, size_t bytes);
int host_is_traced(void); /* a debugger is attached */
void host_break(void);    /* stops in it */
void host_flush_streams(void);

#endif
