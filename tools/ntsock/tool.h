/* SPDX-License-Identifier: MIT */
/*
 * tool.h - what the verbs of the command line tool share.
 *
 * Layer: tools. Uses public headers only. Data goes to standard output, diagnostics to standard error
 * as "ntsock: verb: cause"; exit codes are 0 done, 1 failed, 2 wrong usage.
 */
#ifndef TOOL_H
#define TOOL_H

#include <argp.h>
#include <stddef.h>

enum { TOOL_OK = 0, TOOL_FAILED = 1, TOOL_USAGE = 2 };
/* Options have long names only; their keys count up from here. */
enum { TOOL_KEY_HELP = 0x1000, TOOL_KEY_JSON, TOOL_KEY };

struct tool_verb {
    const char *name;
    const char *synopsis;   /* the line of ntsock(1), without "ntsock NAME" */
    const char *purpose;    /* one line */
    int (*run)(const struct tool_verb *verb, int argc, char **argv); /* argv[0] is the verb */
};
extern const struct tool_verb tool_verbs[]; /* ends with a verb without a name */

void tool_complain(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * tool_parse - argp_parse with this tool's ways: --help prints the synopsis and the options and exits 0,
 * a mistake is a diagnostic and exit code 2. The argp's args_doc is not used.
 */
void tool_parse(const struct tool_verb *verb, const struct argp *argp, int argc, char **argv, void *input);
/* ARGP_KEY_ARG and friends of verbs that take no arguments */
error_t tool_no_arguments(int key, struct argp_state *state);

/* --- the profile: what NTSOCK_* variables say --- */
struct tool_profile {
    char *drivers;      /* "SPEC;SPEC", top first; NULL: not given */
    char *hotfixes;     /* "Q1,Q2" */
    char *service_pack;
    char *engine;
};
extern const struct argp tool_profile_argp; /* input: struct tool_profile */
extern const struct argp tool_driver_argp;  /* --driver alone; input: struct tool_profile */
/* Sets the variables that the profile names and frees its lists. 0, or -1 without memory. */
int tool_profile_apply(struct tool_profile *profile);

/*
 * tool_isolate - runs function in a child, because the library ends a process whose stack cannot start.
 * Returns the function's result, or TOOL_FAILED when the library has said why.
 */
int tool_isolate(int (*function)(void *context), void *context);

/*
 * tool_begin_anew - this process becomes `ntsock VERB [OPTION]` (option may be NULL): a stack that was configured is up
 * before main, so variables that are set since then count in a new program only. Returns if that fails.
 */
void tool_begin_anew(const char *verb, const char *option);

int verb_run(const struct tool_verb *verb, int argc, char **argv);
int verb_stack(const struct tool_verb *verb, int argc, char **argv);
int verb_errata(const struct tool_verb *verb, int argc, char **argv);
int verb_errors(const struct tool_verb *verb, int argc, char **argv);
int verb_echo(const struct tool_verb *verb, int argc, char **argv);
int verb_version(const struct tool_verb *verb, int argc, char **argv);
int verb_help(const struct tool_verb *verb, int argc, char **argv);
int verb_accept_once(const struct tool_verb *verb, int argc, char **argv);

#endif
