/* SPDX-License-Identifier: MIT */
/*
 * tl_engines.c - the engines by name.
 *
 * Layer: transport. NT counterpart: the list of transports bound to AFD in the registry.
 */
#include "tl_private.h"

#include <string.h>

const TL_PROVIDER_DISPATCH *TlFindEngine(const char *Name)
{
    if (strcmp(Name, "auto") == 0 || strcmp(Name, EpollEngine.Name) == 0)
        return &EpollEngine;
    if (strcmp(Name, LoopEngine.Name) == 0)
        return &LoopEngine;
    return NULL;
}
