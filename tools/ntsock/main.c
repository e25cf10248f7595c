/* SPDX-License-Identifier: MIT */
/*
 * main.c - ntsock, the command line tool: its verbs and how they are called.
 *
 * Layer: tools. Windows counterpart: none; what a Windows administrator does with services and the
 * registry is done here with options.
 */
#include "tool.h"

#include <errno.h>
#include <ntsock.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const struct tool_verb tool_verbs[] = {
    {"run",
        "[--driver=SPEC]... [--service-pack=N] [--hotfix=Q]... [--engine=NAME] [--] PROGRAM [ARG]...",
        "run a program with drivers layered above AFD and a service-pack profile", verb_run},
    {"stack", "[--driver=SPEC]... [--json]", "show the device stack over \\Device\\Afd", verb_stack},
    {"errata", "[--json] [ID]", "list the documented defects, or explain one and run it", verb_errata},
    {"errors", "[--json] [CODE]", "show error codes, their names, texts and statuses", verb_errors},
    {"echo", "[--connect=HOST] [--port=N] [--count=N]", "a small echo server, or its client", verb_echo},
    {"version", "", "print the version", verb_version},
    {"help", "[VERB]", "print this, or the options of a verb", verb_help},
    {NULL, NULL, NULL, NULL},
};
/* Not for people: `errata` runs it in children of its own. */
static const struct tool_verb accept_once = {"accept-once", "", "", verb_accept_once};

const char *argp_program_bug_address;

void tool_complain(const char *verb, const char *format, ...)
{
    va_list arguments;
    flockfile(stderr);
    fprintf(stderr, "ntsock: ");
    if (verb != NULL)
        fprintf(stderr, "%s: ", verb);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    funlockfile(stderr);
}

static void print_synopsis(const struct tool_verb *verb)
{
    printf("ntsock %s%s%s\n", verb->name, verb->synopsis[0] != '\0' ? " " : "", verb->synopsis);
}

static const struct argp_option help_options[] = {
    {"help", TOOL_KEY_HELP, NULL, 0, "print this and exit", -1},
    {0},
};

struct help_input {
    const struct tool_verb *verb;
    const struct argp *argp;
    void *input;
};

static error_t parse_help(int key, char *argument, struct argp_state *state)
{
    struct help_input *help = state->input;
    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = help->input;
        state->err_stream = NULL; /* getopt says what is wrong; argp would add where to look */
        return 0;
    case TOOL_KEY_HELP:
        print_synopsis(help->verb);
        printf("\n%s\n\n", help->verb->purpose);
        argp_help(help->argp, stdout, ARGP_HELP_LONG, "ntsock");
        printf("      --help                 print this and exit\n");
        exit(TOOL_OK);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void tool_parse(const struct tool_verb *verb, const struct argp *argp, int argc, char **argv, void *input)
{
    char name[64];
    struct help_input help = {verb, argp, input};
    const struct argp_child children[] = {{argp, 0, NULL, 0}, {0}};
    const struct argp wrapper = {help_options, parse_help, NULL, NULL, children, NULL, NULL};
    /* getopt's own messages then read like ours */
    snprintf(name, sizeof name, "ntsock: %s", verb->name);
    argv[0] = name;
    error_t error = argp_parse(&wrapper, argc, argv, ARGP_IN_ORDER | ARGP_NO_HELP | ARGP_NO_EXIT, NULL,
        &help);
    argv[0] = (char *)verb->name;
    if (error == 0)
        return;
    if (error == ENOMEM)
        tool_complain(verb->name, "%s", strerror(error));
    exit(TOOL_USAGE);
}

error_t tool_no_arguments(int key, struct argp_state *state)
{
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    fprintf(stderr, "%s: too many arguments\n", state->name);
    return EINVAL;
}

int tool_isolate(int (*function)(void *context), void *context)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        tool_complain(NULL, "%s", strerror(errno));
        return TOOL_FAILED;
    }
    if (child == 0) {
        int result = function(context);
        exit(result);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status))
        return TOOL_FAILED;
    return WEXITSTATUS(status) <= TOOL_USAGE ? WEXITSTATUS(status) : TOOL_FAILED;
}

void tool_begin_anew(const char *verb, const char *option)
{
    char self[4096];
    /* Its name and not the link: under valgrind the link is run as valgrind. */
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = 0;
    execl(self, "ntsock", verb, option, (char *)NULL);
}

static const struct argp no_options;

int verb_version(const struct tool_verb *verb, int argc, char **argv)
{
    tool_parse(verb, &no_options, argc, argv, NULL);
    printf("ntsock %s\n", ntsock_version());
    return TOOL_OK;
}

static const struct tool_verb *find_verb(const char *name)
{
    for (const struct tool_verb *verb = tool_verbs; verb->name != NULL; verb++)
        if (strcmp(verb->name, name) == 0)
            return verb;
    return NULL;
}

int verb_help(const struct tool_verb *verb, int argc, char **argv)
{
    (void)verb;
    if (argc > 1 && argv[1][0] != '-') {
        const struct tool_verb *asked = find_verb(argv[1]);
        char help[] = "--help";
        char *arguments[] = {argv[1], help, NULL};
        if (asked == NULL) {
            tool_complain("help", "there is no verb '%s'", argv[1]);
            return TOOL_USAGE;
        }
        if (asked->run != verb_help)
            return asked->run(asked, 2, arguments);
    }
    for (const struct tool_verb *each = tool_verbs; each->name != NULL; each++)
        print_synopsis(each);
    return TOOL_OK;
}

int main(int argc, char **argv)
{
    argp_err_exit_status = TOOL_USAGE;
    if (argc < 2) {
        tool_complain(NULL, "no verb given; 'ntsock help' lists them");
        return TOOL_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0)
        return verb_help(NULL, 1, argv);
    const struct tool_verb *verb = strcmp(argv[1], "--version") == 0 ? find_verb("version")
        : strcmp(argv[1], accept_once.name) == 0                     ? &accept_once
                                                                     : find_verb(argv[1]);
    if (verb == NULL) {
        tool_complain(NULL, "there is no verb '%s'; 'ntsock help' lists them", argv[1]);
        return TOOL_USAGE;
    }
    int result = verb->run(verb, argc - 1, argv + 1);
    if (fflush(stdout) != 0 && result == TOOL_OK) {
        tool_complain(verb->name, "standard output: %s", strerror(errno));
        return TOOL_FAILED;
    }
    return result;
}
