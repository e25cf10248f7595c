/* SPDX-License-Identifier: MIT */
/*
 * ntos_diagnostics.c - ntsock_query_diagnostics for test programs that link ntos alone.
 *
 * The library's own is in src/ntsock.c, which needs every layer.
 */
#include "ntsock.h"

#include "cm.h"
#include "ex.h"
#include "iomgr.h"
#include "ob.h"

#include <stdio.h>
#include <string.h>

void ntsock_query_diagnostics(struct ntsock_diagnostics *ret)
{
    static const ULONG permanent[] = {'bThO', 'mNbO', 'kLbO', 'geRC', 'hToI', 'rDoI', 'iveD', 'virD', 'bmyS', 'corP'};
    EX_POOL_USAGE usage[64];
    size_t used = 0;

    NtsInitializeSystem();
    memset(ret, 0, sizeof *ret);
    ret->handles = ObQueryHandleCount();
    ret->objects = ObQueryObjectCount();
    ret->irps = IoQueryIrpCount();
    ULONG count = ExQueryPoolUsage(usage, RTL_NUMBER_OF(usage));
    for (ULONG i = 0; i < count && i < RTL_NUMBER_OF(usage); i++) {
        int skip = 0;
        for (ULONG k = 0; k < RTL_NUMBER_OF(permanent); k++)
            skip |= usage[i].Tag == permanent[k];
        if (skip || usage[i].Blocks <= 0)
            continue;
        ret->pool_blocks += (unsigned)usage[i].Blocks;
        if (used < sizeof ret->pool_tags - 16)
            used += (size_t)snprintf(ret->pool_tags + used, 16, "%.4s:%d ", (const char *)&usage[i].Tag,
                usage[i].Blocks);
    }
}
