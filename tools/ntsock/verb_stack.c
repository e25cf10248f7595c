/* SPDX-License-Identifier: MIT */
/*
 * verb_stack.c - ntsock stack: the devices over \Device\Afd, drawn.
 *
 * Layer: tools. Shows the stack that a program would have under the same options and configuration;
 * it starts one in a child and looks at it. With options the child is a program of its own.
 */
#include "tool.h"

#include <errno.h>
#include <jansson.h>
#include <ntsock.h>
#include <stdio.h>
#include <string.h>

enum { DEVICES_MAX = 256, BOX_WIDTH = 46 };

struct stack_input {
    struct tool_profile profile;
    int json;
};

static void print_json(const struct ntsock_device *devices, unsigned count)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:b}", "driver", devices[i].driver, "device",
            devices[i].device, "stack_size", devices[i].stack_size, "fast_io", devices[i].fast_io));
    json_t *all = json_pack("{s:o, s:s}", "stack", list, "engine", ntsock_engine());
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

static void print_rule(void)
{
    printf("  +");
    for (int i = 0; i < BOX_WIDTH; i++)
        putchar('-');
    printf("+\n");
}

static void print_drawing(const struct ntsock_device *devices, unsigned count)
{
    char text[BOX_WIDTH + 1];
    printf("  a request enters here\n");
    printf("            |\n");
    for (unsigned i = 0; i < count; i++) {
        print_rule();
        snprintf(text, sizeof text, "%-18.18s %.25s", devices[i].driver,
            devices[i].device[0] != '\0' ? devices[i].device : "(device without a name)");
        printf("  | %-*s |\n", BOX_WIDTH - 2, text);
        snprintf(text, sizeof text, "  stack size %d, %s", devices[i].stack_size,
            devices[i].fast_io ? "fast I/O" : "no fast I/O: IRPs only");
        printf("  | %-*s |\n", BOX_WIDTH - 2, text);
    }
    print_rule();
    printf("            |\n");
    printf("  transport engine: %s\n", ntsock_engine());
}

static int show_stack(void *context)
{
    static struct ntsock_device devices[DEVICES_MAX];
    const struct stack_input *input = context;
    unsigned count = ntsock_query_device_stack(devices, DEVICES_MAX);
    if (count > DEVICES_MAX)
        count = DEVICES_MAX;
    if (count == 0) {
        tool_complain("stack", "there is no \\Device\\Afd");
        return TOOL_FAILED;
    }
    if (input->json)
        print_json(devices, count);
    else
        print_drawing(devices, count);
    return TOOL_OK;
}

static int begin_anew(void *context)
{
    const struct stack_input *input = context;
    tool_begin_anew("stack", input->json ? "--json" : NULL);
    tool_complain("stack", "%s", strerror(errno));
    return TOOL_FAILED;
}

static error_t parse_stack(int key, char *argument, struct argp_state *state)
{
    struct stack_input *input = state->input;
    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &input->profile;
        return 0;
    case TOOL_KEY_JSON:
        input->json = 1;
        return 0;
    default:
        return tool_no_arguments(key, state);
    }
}

int verb_stack(const struct tool_verb *verb, int argc, char **argv)
{
    static const struct argp_option options[] = {{"json", TOOL_KEY_JSON, NULL, 0, "print JSON", 0}, {0}};
    static const struct argp_child children[] = {{&tool_driver_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {options, parse_stack, NULL, NULL, children, NULL, NULL};
    struct stack_input input = {0};
    tool_parse(verb, &argp, argc, argv, &input);
    int has_drivers = input.profile.drivers != NULL;
    if (tool_profile_apply(&input.profile) != 0) {
        tool_complain(verb->name, "%s", strerror(errno));
        return TOOL_FAILED;
    }
    return tool_isolate(has_drivers ? begin_anew : show_stack, &input);
}
