/* SPDX-License-Identifier: MIT */
/*
 * host_ini.c - configuration files, by inih.
 *
 * Layer: host. NT counterpart: the registry's storage. inih cuts a line that is longer than its buffer into two, the
 * second of which may be taken for anything; so lines are handed to it here, and a long one ends the reading.
 */
#include "host_system.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

struct ini_call {
    int (*handler)(void *context, const char *section, const char *name, const char *value, int line);
    void *context;
    FILE *file;
    int line;    /* number of the line read last */
    int longest; /* characters that a line may have; 0 until one has more */
};

/* As fgets, but for a line that does not fit. */
static char *read_line(char *text, int bytes, void *stream)
{
    struct ini_call *call = stream;
    if (fgets(text, bytes, call->file) == NULL)
        return NULL;
    call->line++;
    if (strchr(text, '\n') == NULL && strlen(text) == (size_t)bytes - 1) {
        call->longest = bytes - 2; /* without the newline and the zero */
        return NULL;
    }
    return text;
}

/* Debian's inih passes no line numbers to handlers: the handler gets 0 then. */
#if INI_HANDLER_LINENO
static int ini_entry(void *user, const char *section, const char *name, const char *value, int line)
#else
static int ini_entry(void *user, const char *section, const char *name, const char *value)
#endif
{
#if !INI_HANDLER_LINENO
    const int line = 0;
#endif
    const struct ini_call *call = user;
    return call->handler(call->context, section, name, value, line);
}

int host_ini_parse(const char *path,
    int (*handler)(void *context, const char *section, const char *name, const char *value, int line),
    void *context, int *ret_longest)
{
    struct ini_call call = {handler, context, fopen(path, "re"), 0, 0};
    *ret_longest = 0;
    if (call.file == NULL)
        return -1;
    int result = ini_parse_stream(read_line, &call, ini_entry, &call);
    if (ferror(call.file))
        result = -1; /* a folder, for one */
    fclose(call.file);
    if (result == 0 && call.longest != 0) {
        *ret_longest = call.longest;
        result = call.line;
    }
    return result < 0 ? -1 : result;
}
