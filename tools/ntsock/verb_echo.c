/* SPDX-License-Identifier: MIT */
/*
 * verb_echo.c - ntsock echo: something to talk to.
 *
 * Layer: tools.
 */
#include "tool.h"
#include "winsock_side.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { KEY_CONNECT = TOOL_KEY, KEY_PORT, KEY_COUNT };
enum { COUNT_MAX = 1000000000, PORT_MAX = 65535 };

struct echo_input {
    const char *host;
    unsigned long port;
    unsigned long count;
    int has_count;
};

static error_t parse_number(struct argp_state *state, const char *what, const char *text,
    unsigned long max, unsigned long *ret_number)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > max) {
        fprintf(stderr, "%s: %s '%s' is not a number from 0 to %lu\n", state->name, what, text, max);
        return EINVAL;
    }
    *ret_number = number;
    return 0;
}

static error_t parse_echo(int key, char *argument, struct argp_state *state)
{
    struct echo_input *input = state->input;
    switch (key) {
    case KEY_CONNECT:
        input->host = argument;
        return 0;
    case KEY_PORT:
        return parse_number(state, "port", argument, PORT_MAX, &input->port);
    case KEY_COUNT:
        input->has_count = 1;
        return parse_number(state, "count", argument, COUNT_MAX, &input->count);
    case ARGP_KEY_END:
        if (input->host == NULL || input->port != 0)
            return 0;
        fprintf(stderr, "%s: --connect needs --port\n", state->name);
        return EINVAL;
    default:
        return tool_no_arguments(key, state);
    }
}

int verb_echo(const struct tool_verb *verb, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"connect", KEY_CONNECT, "HOST", 0, "be the client of the server there", 0},
        {"port", KEY_PORT, "N", 0, "TCP port; the server's default is any free one", 0},
        {"count", KEY_COUNT, "N", 0,
            "connections to serve (default: no end), or messages to send (default 1)", 0},
        {0},
    };
    static const struct argp argp = {options, parse_echo, NULL, NULL, NULL, NULL, NULL};
    struct echo_input input = {0};
    tool_parse(verb, &argp, argc, argv, &input);
    if (input.host == NULL)
        return winsock_echo_serve((unsigned short)input.port, input.count);
    return winsock_echo_call(input.host, (unsigned short)input.port, input.has_count ? input.count : 1);
}
