/* SPDX-License-Identifier: MIT */
/*
 * verb_errata.c - ntsock errata: the documented defects, explained and run.
 *
 * Layer: tools. A run is a child process per profile, because a process has one profile for life. Each
 * does one accept() (verb accept-once) and says in one line what came of it; a trace driver below the
 * passthrough shows the request that failed, the layer that failed it, and the status.
 */
#include "errata_text.h"
#include "tool.h"
#include "winsock_side.h"

#include <errno.h>
#include <jansson.h>
#include <ntsock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ERRATA_MAX = 64, LINE_BYTES = 1024 };

struct errata_input {
    const char *id;
    int json;
};

/* A profile under which the defect is tried, and what must come of it. */
struct trial {
    const char *name;
    const char *service_pack;
    const char *hotfix;
    int layered;
    int expected_error;
};
static const struct trial trials[] = {
    {"Service Pack 4, nothing layered above AFD", "4", NULL, 0, 0},
    {"Service Pack 4, passthrough layered above", "4", NULL, 1, 10022},
    {"Service Pack 5, passthrough layered above", "5", NULL, 1, 0},
    {"Service Pack 4 and hotfix Q201348, passthrough", "4", "Q201348", 1, 0},
    {"default (everything fixed), passthrough", NULL, NULL, 1, 0},
};
enum { TRIALS = sizeof trials / sizeof trials[0] };

struct outcome {
    char stage[32];        /* "-" if all went well */
    int error;
    int client_error;
    char line[LINE_BYTES]; /* of the trace: the request that accept() ended with */
};

/* The child's side: one accept(), one line on standard output. */
int verb_accept_once(const struct tool_verb *verb, int argc, char **argv)
{
    struct winsock_accept_result result = {0};
    (void)verb, (void)argc, (void)argv;
    winsock_accept_once(&result);
    printf("%s %d %d\n", result.stage != NULL ? result.stage : "-", result.error, result.client_error);
    return TOOL_OK;
}

static void set_trial_environment(const struct trial *trial, const char *trace_path)
{
    char drivers[LINE_BYTES];
    /* none, whatever is configured */
    setenv("NTSOCK_DRIVERS", ";", 1);
    setenv("NTSOCK_HOTFIXES", ",", 1);
    setenv("NTSOCK_SERVICE_PACK", trial->service_pack != NULL ? trial->service_pack : "fixed", 1);
    if (trial->hotfix != NULL)
        setenv("NTSOCK_HOTFIXES", trial->hotfix, 1);
    if (!trial->layered)
        return;
    snprintf(drivers, sizeof drivers, "passthrough;trace:fastio=0,file=%s", trace_path);
    setenv("NTSOCK_DRIVERS", drivers, 1);
}

/* The last line of the trace that speaks of the request which gives the connection its socket. */
static void find_accept_line(const char *path, char *line, size_t bytes)
{
    char each[LINE_BYTES];
    FILE *trace = fopen(path, "re");
    line[0] = '\0';
    if (trace == NULL)
        return;
    while (fgets(each, sizeof each, trace) != NULL) {
        each[strcspn(each, "\n")] = '\0';
        if (strstr(each, " IOCTL_AFD_ACCEPT ") != NULL)
            snprintf(line, bytes, "%s", each);
    }
    fclose(trace);
}

static int read_child(int from, pid_t child, struct outcome *ret_outcome)
{
    char text[128] = "";
    size_t length = 0;
    int status;
    ssize_t bytes;
    while (length < sizeof text - 1) {
        bytes = read(from, text + length, sizeof text - 1 - length);
        if (bytes == 0 || (bytes < 0 && errno != EINTR))
            break;
        if (bytes > 0)
            length += (size_t)bytes;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return -1;
    return sscanf(text, "%31s %d %d", ret_outcome->stage, &ret_outcome->error,
               &ret_outcome->client_error) == 3 ? 0 : -1;
}

static int run_trial(const struct trial *trial, struct outcome *ret_outcome)
{
    char trace_path[] = "/tmp/ntsock-errata-XXXXXX";
    int out[2];
    int trace = mkstemp(trace_path);
    if (trace < 0 || pipe(out) != 0) {
        tool_complain("errata", "%s: %s", trace_path, strerror(errno));
        if (trace >= 0)
            close(trace);
        return -1;
    }
    close(trace);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        set_trial_environment(trial, trace_path);
        tool_begin_anew("accept-once", NULL);
        _exit(TOOL_FAILED);
    }
    close(out[1]);
    int result = child > 0 ? read_child(out[0], child, ret_outcome) : -1;
    close(out[0]);
    find_accept_line(trace_path, ret_outcome->line, sizeof ret_outcome->line);
    unlink(trace_path);
    if (result != 0)
        tool_complain("errata", "%s: the trial could not be run", trial->name);
    return result;
}

static const char *error_name(int code)
{
    for (size_t i = 0; i < winsock_error_count(); i++)
        if (winsock_error_at(i)->code == code)
            return winsock_error_at(i)->name;
    return "";
}

static int as_expected(const struct trial *trial, const struct outcome *outcome)
{
    if (trial->expected_error != outcome->error)
        return 0;
    return strcmp(outcome->stage, trial->expected_error != 0 ? "accept" : "-") == 0;
}

static void print_outcome(const struct trial *trial, const struct outcome *outcome)
{
    if (strcmp(outcome->stage, "-") == 0) {
        printf("    %-48s accept() works\n", trial->name);
    } else {
        printf("    %-48s %s() fails: %d %s\n", trial->name, outcome->stage, outcome->error,
            error_name(outcome->error));
        if (outcome->line[0] != '\0')
            printf("\n        The request that failed, as seen by a trace driver between passthrough and AFD;\n"
                   "        the answer comes from the layer below it, named after the arrow:\n\n"
                   "        %s\n\n", outcome->line);
        if (outcome->client_error != 0)
            printf("        The client's recv() reported %d %s.\n\n", outcome->client_error,
                error_name(outcome->client_error));
    }
    if (!as_expected(trial, outcome))
        printf("        That is not what the article leads us to expect.\n");
}

static json_t *outcome_object(const struct trial *trial, const struct outcome *outcome)
{
    json_t *object = json_pack("{s:s, s:b, s:i, s:b}", "profile", trial->name, "layered", trial->layered,
        "error", outcome->error, "expected", as_expected(trial, outcome));
    if (outcome->error != 0)
        json_object_set_new(object, "call", json_string(outcome->stage));
    if (outcome->error != 0 && outcome->line[0] != '\0')
        json_object_set_new(object, "trace", json_string(outcome->line));
    return object;
}

static int explain_and_run(const struct ntsock_erratum *erratum, const struct errata_text *text, int json)
{
    struct outcome outcomes[TRIALS];
    json_t *list = json_array();
    int result = TOOL_OK;
    memset(outcomes, 0, sizeof outcomes);
    if (!json)
        printf("%s: %s\nNT 4.0 Service Pack %u; first corrected in Service Pack %u\n\n%s\nRun now\n",
            erratum->id, erratum->title, erratum->first_pack, erratum->fixed_pack, text->paragraphs);
    for (int i = 0; i < TRIALS; i++) {
        if (run_trial(&trials[i], &outcomes[i]) != 0) {
            result = TOOL_FAILED;
            continue;
        }
        if (!as_expected(&trials[i], &outcomes[i]))
            result = TOOL_FAILED;
        if (json)
            json_array_append_new(list, outcome_object(&trials[i], &outcomes[i]));
        else
            print_outcome(&trials[i], &outcomes[i]);
    }
    if (json) {
        json_t *all = json_pack("{s:s, s:s, s:O}", "id", erratum->id, "title", erratum->title, "trials", list);
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(all);
    }
    json_decref(list);
    return result;
}

static void print_errata(const struct ntsock_erratum *errata, unsigned count, int json)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < count; i++) {
        if (!json)
            printf("%-8s  Service Pack %u, fixed in %u%s  %s\n", errata[i].id, errata[i].first_pack,
                errata[i].fixed_pack, errata[i].active ? " (active)" : "", errata[i].title);
        else
            json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:i, s:b}", "id", errata[i].id, "title",
                errata[i].title, "first_pack", (int)errata[i].first_pack, "fixed_pack",
                (int)errata[i].fixed_pack, "active", errata[i].active));
    }
    if (json) {
        json_dumpf(list, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(list);
}

static error_t parse_errata(int key, char *argument, struct argp_state *state)
{
    struct errata_input *input = state->input;
    switch (key) {
    case TOOL_KEY_JSON:
        input->json = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (input->id != NULL)
            return tool_no_arguments(key, state);
        input->id = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int show_errata(void *context)
{
    struct ntsock_erratum errata[ERRATA_MAX];
    const struct errata_input *input = context;
    unsigned count = ntsock_query_errata(errata, ERRATA_MAX);
    if (count > ERRATA_MAX)
        count = ERRATA_MAX;
    if (input->id == NULL) {
        print_errata(errata, count, input->json);
        return TOOL_OK;
    }
    for (unsigned i = 0; i < count; i++)
        for (size_t t = 0; t < sizeof errata_texts / sizeof errata_texts[0]; t++)
            if (strcasecmp(errata[i].id, input->id) == 0 && strcmp(errata[i].id, errata_texts[t].id) == 0)
                return explain_and_run(&errata[i], &errata_texts[t], input->json);
    tool_complain("errata", "'%s' is no defect that this version reproduces; 'ntsock errata' lists them",
        input->id);
    return TOOL_FAILED;
}

int verb_errata(const struct tool_verb *verb, int argc, char **argv)
{
    static const struct argp_option options[] = {{"json", TOOL_KEY_JSON, NULL, 0, "print JSON", 0}, {0}};
    static const struct argp argp = {options, parse_errata, NULL, NULL, NULL, NULL, NULL};
    struct errata_input input = {0};
    tool_parse(verb, &argp, argc, argv, &input);
    return tool_isolate(show_errata, &input);
}
