/* SPDX-License-Identifier: MIT */
/*
 * tl_engines.c - the engines by name.
 *
 * Layer: transport. NT counterpart: the list of transports bound to AFD in the registry.
 */
#include "tl_private.h"

#include "host_poller.h"

#include <string.h>

const TL_PROVIDER_DISPATCH *TlFindEngine(const char *Name)
{
    BOOLEAN Any = strcmp(Name, "auto") == 0;
    if (Any || strcmp(Name, UringEngine.Name) == 0) {
        if (host_ring_absence() != NULL)
            return Any ? &EpollEngine : NULL;
        host_poller_use_rings();
        return &UringEngine;
    }
    if (strcmp(Name, EpollEngine.Name) == 0)
        return &EpollEngine;
    if (strcmp(Name, LoopEngine.Name) == 0)
        return &LoopEngine;
    return NULL;
}
