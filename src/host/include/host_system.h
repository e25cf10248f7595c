/* SPDX-License-Identifier: MIT */
/*
 * host_system.h - environment, configuration files, loadable modules, output.
 *
 * Layer: host.
 */
#ifndef HOST_SYSTEM_H
#define HOST_SYSTEM_H

#include "host_status.h"
#include <stdarg.h>
#include <stddef.h>

/* NULL when unset or empty, and always in a set-uid or set-gid program */
const char *host_environment(const char *name);

/*
 * host_ini_parse - calls handler(section, name, value, line) for each entry; the handler returns 0 for a mistake; line is
 * 0 where the INI library does not tell it. Returns 0, -1 when the file cannot be read, or the number of the first bad
 * line. If what is bad is its length, *ret_longest is how many characters a line may have, else 0.
 */
int host_ini_parse(const char *path,
    int (*handler)(void *context, const char *section, const char *name, const char *value, int line),
    void *context, int *ret_longest);

/* The folder that holds libntsock.so, without a final slash. Driver modules live in DIR/ntsock/drivers
 * after installation and in DIR/drivers in the build folder. */
const char *host_library_directory(void);
int host_file_exists(const char *path);

/* error text is valid until the next call on this thread */
void *host_module_load(const char *path, const char **ret_error);
void *host_module_symbol(void *module, const char *name);
void host_module_unload(void *module);

const char *host_program_name(void);
const char *host_program_path(void);

/* diagnostics to standard error, one write per call, so that lines of threads do not mix */
void host_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void host_vprint(const char *format, va_list arguments);
/* one routine for the end of the process, by host_exit or by exit: it may wait a little. Later calls name the same. */
void host_at_exit(void (*routine)(void));
void host_exit(int code) __attribute__((noreturn)); /* _exit */
void host_abort(void) __attribute__((noreturn));
int host_random(void *buffer, size_t bytes); /* 0 or -1 */
int host_hostname(char *buffer, size_t bytes); /* 0 or -1 */

#endif
