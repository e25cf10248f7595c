/* SPDX-License-Identifier: MIT */
/*
 * host_print.c - diagnostics to standard error.
 *
 * Layer: host. NT counterpart: the debugger's output of DbgPrint. One write per call; a longer text
 * than the buffer is cut.
 */
#include "host_system.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define PRINT_MAX 4096

void host_vprint(const char *format, va_list arguments)
{
    char text[PRINT_MAX];
    int saved = errno;
    int length = vsnprintf(text, sizeof text, format, arguments);
    if (length >= (int)sizeof text) {
        length = (int)sizeof text - 1;
        text[length - 1] = '\n';
    }
    const char *at = text;
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, at, (size_t)length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            break;
        at += written;
        length -= (int)written;
    }
    errno = saved;
}

void host_print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    host_vprint(format, arguments);
    va_end(arguments);
}
