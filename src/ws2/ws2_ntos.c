/* SPDX-License-Identifier: MIT */
/*
 * ws2_ntos.c - the one file of ws2 that sees the headers of the stack's inside.
 *
 * Layer: ws2; NT counterpart: the thread environment block, where the last error lives.
 */
#include "ws2_ntos.h"

#include "cm.h"
#include "ex.h"
#include "ke.h"

VOID Ws2InitializeSystem(VOID)
{
    NtsInitializeSystem();
}

PULONG Ws2LastErrorSlot(VOID)
{
    return KeGetLastErrorSlot();
}

BOOLEAN Ws2Probe(const VOID *Address, SIZE_T Bytes)
{
    return (BOOLEAN)NT_SUCCESS(ExProbeForRead(Address, Bytes));
}

BOOLEAN Ws2ProbeWrite(const VOID *Address, SIZE_T Bytes)
{
    return (BOOLEAN)NT_SUCCESS(ExProbeForWrite(Address, Bytes));
}

BOOLEAN Ws2ProbeText(const char *Text)
{
    return ExProbeText(Text, sizeof *Text);
}

BOOLEAN Ws2ProbeWideText(const WCHAR *Text)
{
    return ExProbeText(Text, sizeof *Text);
}
