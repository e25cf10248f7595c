/* SPDX-License-Identifier: MIT */
/*
 * trace_sink.h - where the trace lines go: the Linux side of the trace driver.
 *
 * Layer: drivers. A driver is an ordinary shared object and may use the C library (docs/DRIVERS.md);
 * this driver keeps that part in a file of its own. Plain C types only, so that either side can
 * include it.
 */
#ifndef TRACE_SINK_H
#define TRACE_SINK_H

#include <stddef.h>

/* Opens a file for appending; NULL is standard error. Returns a descriptor, or -1 with the reason. */
int trace_sink_open(const char *path, const char **ret_reason);
void trace_sink_close(int sink);
/* Writes one line with one call, so that lines of threads and processes do not mix. */
void trace_sink_write(int sink, const char *line, size_t bytes);

/* "12:34:56.123456" of the local day; returns the number of characters. */
int trace_clock(char *text, size_t bytes);
unsigned long long trace_nanoseconds(void); /* monotonic */
int trace_process(void);
int trace_thread(void);

/* Copies memory of the program that may not be there. 1, or 0 if it could not all be read. */
int trace_peek(void *to, const void *from, size_t bytes);

#endif
