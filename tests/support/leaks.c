/* SPDX-License-Identifier: MIT */
/*
 * leaks.c - the leak check of ntstest.h: handles, objects, IRPs, endpoints and pool as ntsock counts them.
 *
 * Linked into test programs that use the stack. The runner calls the check at the beginning of a
 * case, which remembers the counts (and starts the stack, so that its permanent parts are in them), and
 * at the end, which compares. Other threads may be about to drop their last references: the counts get
 * some time to come back.
 */
#include "ntsock.h"
#include "ntstest.h"

#include <stdio.h>
#include <time.h>

#define SETTLE_STEPS 2000 /* of a millisecond */

static struct ntsock_diagnostics before;
static int started;
static char text[512];

static int leaked(const struct ntsock_diagnostics *now)
{
    return now->handles > before.handles || now->objects > before.objects || now->irps > before.irps ||
        now->endpoints > before.endpoints || now->pool_blocks > before.pool_blocks;
}

static const char *check(void)
{
    struct ntsock_diagnostics now;
    if (!started) {
        started = 1;
        ntsock_query_diagnostics(&before);
        return NULL;
    }
    started = 0; /* another case may follow */
    ntsock_query_diagnostics(&now);
    for (int i = 0; leaked(&now) && i < SETTLE_STEPS; i++) {
        struct timespec pause = {0, 1000000};
        nanosleep(&pause, NULL);
        ntsock_query_diagnostics(&now);
    }
    if (!leaked(&now))
        return NULL;
    snprintf(text, sizeof text,
        "handles %u, objects %u, IRPs %u, endpoints %u, pool blocks %u (%s); at the start %u, %u, %u, %u, %u (%s)",
        now.handles, now.objects, now.irps, now.endpoints, now.pool_blocks, now.pool_tags, before.handles,
        before.objects, before.irps, before.endpoints, before.pool_blocks, before.pool_tags);
    return text;
}

__attribute__((constructor)) static void register_check(void)
{
    nts_set_leak_check(check);
}
