/* SPDX-License-Identifier: MIT */
/*
 * tl_address.c - questions about socket addresses in Windows' form.
 *
 * Layer: transport.
 */
#include "tl_private.h"

typedef struct TL_ADDRESS {
    USHORT Family;
    USHORT Port; /* network order */
    union {
        UCHAR V4[4];
        struct {
            ULONG FlowInfo;
            UCHAR V6[16];
            ULONG ScopeId;
        };
    };
} TL_ADDRESS;
_Static_assert(sizeof(TL_ADDRESS) == 28, "layout of SOCKADDR_IN6");

static TL_ADDRESS CopyAddress(const VOID *Address)
{
    TL_ADDRESS Copy = {0};
    RtlCopyMemory(&Copy.Family, Address, sizeof Copy.Family);
    RtlCopyMemory(&Copy, Address, Copy.Family == TL_AF_INET6 ? 28 : 16);
    return Copy;
}

static BOOLEAN IsZero(const UCHAR *Bytes, ULONG Count)
{
    UCHAR Any = 0;
    for (ULONG i = 0; i < Count; i++)
        Any |= Bytes[i];
    return Any == 0;
}

BOOLEAN TlIsWildcard(const VOID *Address)
{
    TL_ADDRESS Copy = CopyAddress(Address);
    if (Copy.Family == TL_AF_INET)
        return IsZero(Copy.V4, 4);
    if (IsZero(Copy.V6, 16))
        return TRUE;
    return IsZero(Copy.V6, 10) && Copy.V6[10] == 0xff && Copy.V6[11] == 0xff && IsZero(Copy.V6 + 12, 4);
}

USHORT TlPortOf(const VOID *Address)
{
    return CopyAddress(Address).Port;
}

NTSTATUS TlCheckPeerAddress(ULONG Family, ULONG Type, const VOID *Address, ULONG Length)
{
    USHORT Given;
    if (Length < sizeof Given)
        return STATUS_INVALID_PARAMETER;
    RtlCopyMemory(&Given, Address, sizeof Given);
    if (Given != Family)
        return STATUS_INVALID_ADDRESS;
    if (Length < (Family == TL_AF_INET6 ? 28u : 16u))
        return STATUS_INVALID_PARAMETER;
    /* Linux takes the wildcard for the local host; Windows refuses it. [doc:winsock2/connect] */
    if (TlIsWildcard(Address) || (Type == TL_SOCK_STREAM && TlPortOf(Address) == 0))
        return STATUS_INVALID_ADDRESS_COMPONENT;
    return STATUS_SUCCESS;
}
