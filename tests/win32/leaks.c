/* SPDX-License-Identifier: MIT */
/*
 * leaks.c - the leak check of every program here: handles, objects, IRPs and pool blocks at the end
 * of a case are those at its start.
 *
 * A thread that was waited for may still be letting go of its object: the check gives it a moment.
 */
#include <windows.h>

#include "ntsock.h"
#include "ntstest.h"

#include <stdio.h>

#define PATIENCE 2000

static int started;
static struct ntsock_diagnostics first;

static int differs(const struct ntsock_diagnostics *now)
{
    return now->handles != first.handles || now->objects != first.objects ||
           now->irps != first.irps || now->endpoints != first.endpoints ||
           now->pool_blocks != first.pool_blocks;
}

static const char *check(void)
{
    static char text[512];
    struct ntsock_diagnostics now;

    if (!started) {
        /* The stack itself is no leak. */
        CloseHandle(CreateEventA(NULL, FALSE, FALSE, NULL));
        ntsock_query_diagnostics(&first);
        started = 1;
        return NULL;
    }
    for (int i = 0; i < PATIENCE; i++) {
        ntsock_query_diagnostics(&now);
        if (!differs(&now))
            return NULL;
        Sleep(1);
    }
    snprintf(text, sizeof text,
        "handles %u -> %u, objects %u -> %u, IRPs %u -> %u, pool %u -> %u (%s)", first.handles,
        now.handles, first.objects, now.objects, first.irps, now.irps, first.pool_blocks,
        now.pool_blocks, now.pool_tags);
    return text;
}

__attribute__((constructor)) static void install(void)
{
    nts_set_leak_check(check);
}
