/* SPDX-License-Identifier: MIT */
/*
 * verb_errors.c - ntsock errors: what a code means, and which statuses become it.
 *
 * Layer: tools. A code is a Winsock error by number or name, or an NTSTATUS by number or name.
 */
#include "tool.h"
#include "winsock_side.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 300 };

struct errors_input {
    const char *code;
    int json;
};

static const struct winsock_error *find_error(int code)
{
    for (size_t i = 0; i < winsock_error_count(); i++)
        if (winsock_error_at(i)->code == code)
            return winsock_error_at(i);
    return NULL;
}

/* -1 if the text is no code or name. A status stands for the Winsock error it becomes. */
static int resolve(const char *text, int *ret_error, const struct winsock_status **ret_status)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 0);
    int is_number = *end == '\0' && errno == 0 && text[0] >= '0' && text[0] <= '9';
    *ret_status = NULL;
    for (size_t i = 0; i < winsock_status_count(); i++) {
        const struct winsock_status *status = winsock_status_at(i);
        if (is_number ? status->status == number : strcasecmp(status->name, text) == 0) {
            *ret_status = status;
            *ret_error = status->error;
            if (!is_number || number > 0xffff)
                return 0;
        }
    }
    for (size_t i = 0; i < winsock_error_count(); i++) {
        const struct winsock_error *error = winsock_error_at(i);
        if (is_number ? (unsigned long)error->code == number : strcasecmp(error->name, text) == 0) {
            *ret_status = NULL;
            *ret_error = error->code;
            return 0;
        }
    }
    return *ret_status != NULL ? 0 : -1;
}

static json_t *error_object(const struct winsock_error *error)
{
    char text[TEXT_BYTES];
    json_t *statuses = json_array();
    winsock_error_text(error->code, text, sizeof text);
    for (size_t i = 0; i < winsock_status_count(); i++) {
        const struct winsock_status *status = winsock_status_at(i);
        if (status->error == error->code)
            json_array_append_new(statuses, json_pack("{s:s, s:I}", "name", status->name, "value",
                (json_int_t)status->status));
    }
    return json_pack("{s:i, s:s, s:s, s:o}", "code", error->code, "name", error->name, "text", text,
        "statuses", statuses);
}

static void print_details(const struct winsock_error *error, const struct winsock_status *asked)
{
    char text[TEXT_BYTES];
    winsock_error_text(error->code, text, sizeof text);
    if (asked != NULL)
        printf("%s (0x%08X) is reported by Winsock calls as\n", asked->name, asked->status);
    printf("%d %s\n    %s\n", error->code, error->name, text);
    int first = 1;
    for (size_t i = 0; i < winsock_status_count(); i++) {
        const struct winsock_status *status = winsock_status_at(i);
        if (status->error != error->code)
            continue;
        if (first)
            printf("    Statuses that become it:\n");
        first = 0;
        printf("        0x%08X %s\n", status->status, status->name);
    }
}

static void print_list(void)
{
    char text[TEXT_BYTES];
    for (size_t i = 0; i < winsock_error_count(); i++) {
        const struct winsock_error *error = winsock_error_at(i);
        winsock_error_text(error->code, text, sizeof text);
        printf("%5d  %-26s %s\n", error->code, error->name, text);
    }
}

static error_t parse_errors(int key, char *argument, struct argp_state *state)
{
    struct errors_input *input = state->input;
    switch (key) {
    case TOOL_KEY_JSON:
        input->json = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (input->code != NULL)
            return tool_no_arguments(key, state);
        input->code = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int print_code(const struct tool_verb *verb, const struct errors_input *input)
{
    const struct winsock_status *status;
    int code;
    if (resolve(input->code, &code, &status) != 0) {
        tool_complain(verb->name, "'%s' is no Winsock error or status that this stack knows", input->code);
        return TOOL_FAILED;
    }
    static const struct winsock_error success = {0, "NO_ERROR"};
    const struct winsock_error *error = find_error(code);
    if (error == NULL && !input->json) {
        printf("%s (0x%08X): success\n", status->name, status->status);
        return TOOL_OK;
    }
    if (!input->json) {
        print_details(error, status);
        return TOOL_OK;
    }
    json_t *object = error_object(error != NULL ? error : &success);
    json_dumpf(object, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(object);
    return TOOL_OK;
}

int verb_errors(const struct tool_verb *verb, int argc, char **argv)
{
    static const struct argp_option options[] = {{"json", TOOL_KEY_JSON, NULL, 0, "print JSON", 0}, {0}};
    static const struct argp argp = {options, parse_errors, NULL, NULL, NULL, NULL, NULL};
    struct errors_input input = {0};
    tool_parse(verb, &argp, argc, argv, &input);
    if (input.code != NULL)
        return print_code(verb, &input);
    if (!input.json) {
        print_list();
        return TOOL_OK;
    }
    json_t *all = json_array();
    for (size_t i = 0; i < winsock_error_count(); i++)
        json_array_append_new(all, error_object(winsock_error_at(i)));
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
    return TOOL_OK;
}
