/* SPDX-License-Identifier: MIT */
/*
 * host_console.h - the three standard descriptors.
 *
 * Layer: host. Output is written after what the C library has buffered, so that printf and
 * WriteFile of one program appear in the order of the calls.
 */
#ifndef HOST_CONSOLE_H
#define HOST_CONSOLE_H

#include "host_status.h"
#include <stddef.h>

enum host_console_kind {
    HOST_CONSOLE_NONE,
    HOST_CONSOLE_TERMINAL,
    HOST_CONSOLE_FILE,
    HOST_CONSOLE_PIPE
};
enum host_console_kind host_console_kind(int descriptor);

/* Everything is written, or the call fails. May block. */
host_status host_console_write(int descriptor, const void *text, size_t bytes) HOST_MUST_CHECK;
/* Success with 0 bytes at the end. May block. */
host_status host_console_read(
    int descriptor, void *buffer, size_t bytes, size_t *ret_bytes) HOST_MUST_CHECK;
/* Columns and rows of the terminal; 0, or -1 when it is none. */
int host_console_size(int descriptor, unsigned *ret_columns, unsigned *ret_rows);
/*
 * host_console_key - one byte of standard input as soon as it is typed, without echo; -1 at the end.
 * host_console_key_ready - 1 if one is there. A terminal is put into its own mode for the call only.
 */
int host_console_key(void);
int host_console_key_ready(void);

#endif
