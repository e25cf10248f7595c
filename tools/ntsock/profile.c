/* SPDX-License-Identifier: MIT */
/*
 * profile.c - the options that choose drivers, service pack, hotfixes and engine.
 *
 * Layer: tools. They become environment variables; the library reads and judges them when it starts,
 * so nothing is validated twice.
 */
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_DRIVER = TOOL_KEY, KEY_SERVICE_PACK, KEY_HOTFIX, KEY_ENGINE };

/* Appends the separator and the item, or just the item to an empty list. */
static error_t append(char **list, char separator, const char *item, struct argp_state *state)
{
    char *longer;
    if (strchr(item, separator) != NULL || item[0] == '\0') {
        fprintf(stderr, "%s: '%s' is empty or has a '%c' in it\n", state->name, item, separator);
        return EINVAL;
    }
    if (*list == NULL)
        return (*list = strdup(item)) != NULL ? 0 : ENOMEM;
    if (asprintf(&longer, "%s%c%s", *list, separator, item) < 0)
        return ENOMEM;
    free(*list);
    *list = longer;
    return 0;
}

static error_t parse_profile(int key, char *argument, struct argp_state *state)
{
    struct tool_profile *profile = state->input;
    switch (key) {
    case KEY_DRIVER:
        return append(&profile->drivers, ';', argument, state);
    case KEY_HOTFIX:
        return append(&profile->hotfixes, ',', argument, state);
    case KEY_SERVICE_PACK:
        profile->service_pack = argument;
        return 0;
    case KEY_ENGINE:
        profile->engine = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

#define DRIVER_OPTION                                                                                    \
    {                                                                                                    \
        "driver", KEY_DRIVER, "SPEC", 0,                                                                 \
            "layer a driver above AFD: NAME[:key=value,...] or a path to a .so; the first is on top", 0 \
    }
static const struct argp_option profile_options[] = {
    DRIVER_OPTION,
    {"service-pack", KEY_SERVICE_PACK, "N", 0, "behave as NT 4.0 with this service pack (0 to 6a)", 0},
    {"hotfix", KEY_HOTFIX, "Q", 0, "with the individual update of this number installed", 0},
    {"engine", KEY_ENGINE, "NAME", 0, "transport engine: auto, epoll, uring or loop", 0},
    {0},
};
static const struct argp_option driver_options[] = {DRIVER_OPTION, {0}};
const struct argp tool_profile_argp = {profile_options, parse_profile, NULL, NULL, NULL, NULL, NULL};
const struct argp tool_driver_argp = {driver_options, parse_profile, NULL, NULL, NULL, NULL, NULL};

static int set(const char *name, const char *value)
{
    return value != NULL ? setenv(name, value, 1) : 0;
}

int tool_profile_apply(struct tool_profile *profile)
{
    int result = 0;
    if (set("NTSOCK_DRIVERS", profile->drivers) != 0 || set("NTSOCK_HOTFIXES", profile->hotfixes) != 0 ||
        set("NTSOCK_SERVICE_PACK", profile->service_pack) != 0 ||
        set("NTSOCK_ENGINE", profile->engine) != 0)
        result = -1;
    free(profile->drivers);
    free(profile->hotfixes);
    profile->drivers = profile->hotfixes = NULL;
    return result;
}
