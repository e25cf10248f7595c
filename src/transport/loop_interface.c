/* SPDX-License-Identifier: MIT */
/*
 * loop_interface.c - the loop engine's only interface, which never changes.
 *
 * Layer: transport.
 */
#include "loop_private.h"

#include <string.h>

NTSTATUS LoopQueryInterfaces(ULONG Family, TL_INTERFACE *Interfaces, ULONG *Count)
{
    ULONG Room = *Count;
    if (Family != TL_AF_INET && Family != TL_AF_INET6)
        return STATUS_INVALID_ADDRESS;
    *Count = 1;
    if (Room == 0)
        return STATUS_BUFFER_TOO_SMALL;
    RtlZeroMemory(Interfaces, sizeof *Interfaces);
    Interfaces->flags = HOST_INTERFACE_UP | HOST_INTERFACE_LOOPBACK | HOST_INTERFACE_MULTICAST;
    Interfaces->address[0] = Interfaces->netmask[0] = (UCHAR)Family;
    if (Family == TL_AF_INET) { /* 127.0.0.1, 255.0.0.0 */
        Interfaces->address[4] = 127;
        Interfaces->address[7] = 1;
        Interfaces->netmask[4] = 255;
    } else {
        Interfaces->address[23] = 1;
        memset(Interfaces->netmask + 8, 255, 16);
    }
    return STATUS_SUCCESS;
}

/* What is not local cannot be reached. */
NTSTATUS LoopQueryRoute(const VOID *Remote, ULONG Length, VOID *Local, ULONG *LocalLength)
{
    static const UCHAR Loopback6[16] = {[15] = 1};
    UCHAR Address[28] = {0};
    USHORT Family;
    ULONG Bytes;
    if (Length < sizeof Family)
        return STATUS_INVALID_PARAMETER;
    RtlCopyMemory(&Family, Remote, sizeof Family);
    if (Family != TL_AF_INET && Family != TL_AF_INET6)
        return STATUS_INVALID_ADDRESS;
    Bytes = Family == TL_AF_INET ? 16 : 28;
    if (Length < Bytes)
        return STATUS_INVALID_PARAMETER;
    RtlCopyMemory(Address, Remote, Bytes);
    if (Family == TL_AF_INET ? Address[4] != 127 : memcmp(Address + 8, Loopback6, sizeof Loopback6) != 0)
        return STATUS_NETWORK_UNREACHABLE;
    Address[2] = Address[3] = 0;
    RtlCopyMemory(Local, Address, *LocalLength < Bytes ? *LocalLength : Bytes);
    *LocalLength = Bytes;
    return STATUS_SUCCESS;
}

NTSTATUS LoopBeginChanges(VOID (*Changed)(ULONG Changes))
{
    UNREFERENCED_PARAMETER(Changed);
    return STATUS_SUCCESS;
}

VOID LoopEndChanges(VOID)
{
}
