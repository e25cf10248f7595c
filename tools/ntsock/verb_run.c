/* SPDX-License-Identifier: MIT */
/*
 * verb_run.c - ntsock run: a program under a profile.
 *
 * Layer: tools. The program replaces this process, so its exit code is the program's own; 126 and 127
 * say that it could not be executed or found, as a shell does, and 125 comes from the library when
 * the stack cannot start as asked.
 */
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_CANNOT_EXECUTE = 126, EXIT_NOT_FOUND = 127 };

struct run_input {
    struct tool_profile profile;
    char **program;
};

static error_t parse_run(int key, char *argument, struct argp_state *state)
{
    struct run_input *input = state->input;
    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &input->profile;
        return 0;
    case ARGP_KEY_ARG:
        input->program = &state->argv[state->next - 1];
        state->next = state->argc; /* the rest is the program's */
        return 0;
    case ARGP_KEY_END:
        if (input->program != NULL)
            return 0;
        fprintf(stderr, "%s: no program given\n", state->name);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int verb_run(const struct tool_verb *verb, int argc, char **argv)
{
    static const struct argp_child children[] = {{&tool_profile_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {NULL, parse_run, NULL, NULL, children, NULL, NULL};
    struct run_input input = {0};
    tool_parse(verb, &argp, argc, argv, &input);
    if (tool_profile_apply(&input.profile) != 0) {
        tool_complain(verb->name, "%s", strerror(errno));
        return TOOL_FAILED;
    }
    execvp(input.program[0], input.program);
    tool_complain(verb->name, "%s: %s", input.program[0], strerror(errno));
    return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE;
}
