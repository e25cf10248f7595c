/* SPDX-License-Identifier: MIT */
/*
 * ws2_ntos.c - the one file of ws2 that sees the headers of the stack's inside.
 *
 * Layer: ws2; NT counterpart: the thread environment block, where the last error lives.
 */
#include "ws2_ntos.h"

#include "cm.h"
#include "ke.h"

VOID Ws2InitializeSystem(VOID)
{
    NtsInitializeSystem();
}

PULONG Ws2LastErrorSlot(VOID)
{
    return KeGetLastErrorSlot();
}
