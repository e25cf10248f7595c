/* SPDX-License-Identifier: MIT */
/*
 * cm_errata.c - which historical defects are active under the profile.
 *
 * Layer: ntos. Ours; NT has nothing like it. The defects themselves are in the code they are about.
 */
#include "cm/cmp.h"

#include <string.h>

static const CM_ERRATUM_INFORMATION CmpErrata[CmErratumMax] = {
#define ERRATUM(id, first, fixed, title) {#id, first, fixed, title},
#include "errata.def"
#undef ERRATUM
};
static BOOLEAN CmpActive[CmErratumMax]; /* constant after start */

VOID CmpInitializeErrata(VOID)
{
    ULONG Pack = CmServicePack();
    for (ULONG i = 0; i < CmErratumMax; i++)
        CmpActive[i] = Pack >= CmpErrata[i].FirstPack && Pack < CmpErrata[i].FixedPack &&
            !CmpHotfixInstalled(CmpErrata[i].Id);
}

const CM_ERRATUM_INFORMATION *CmErratumInformation(CM_ERRATUM Erratum)
{
    return &CmpErrata[Erratum];
}

BOOLEAN CmErratumActive(CM_ERRATUM Erratum)
{
    return CmpActive[Erratum];
}

BOOLEAN CmpHotfixKnown(const char *Id)
{
    for (ULONG i = 0; i < CmErratumMax; i++) {
        if (strcmp(CmpErrata[i].Id, Id) == 0)
            return TRUE;
    }
    return FALSE;
}
