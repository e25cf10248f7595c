/* SPDX-License-Identifier: MIT */
/*
 * tl_settings.c - the options that are kept above the host.
 *
 * Layer: transport. SO_REUSEADDR and SO_EXCLUSIVEADDRUSE take effect at bind (host_bind explains how);
 * SO_LINGER at close: the host's own would block in close(), which no call of an engine may do.
 * [doc:winsock2/sol-socket-socket-options] [doc:winsock2/so-exclusiveaddruse]
 */
#include "tl_private.h"

#include "host_control.h"

NTSTATUS TlReadBoolean(const VOID *Value, ULONG Length, BOOLEAN *On)
{
    ULONG Number = 0;
    if (Length == 0)
        return STATUS_BUFFER_TOO_SMALL;
    RtlCopyMemory(&Number, Value, Length < sizeof Number ? Length : sizeof Number);
    *On = Number != 0;
    return STATUS_SUCCESS;
}

NTSTATUS TlWriteBoolean(BOOLEAN On, VOID *Value, ULONG *Length)
{
    ULONG Number = On;
    if (*Length == 0)
        return STATUS_BUFFER_TOO_SMALL;
    *Length = *Length >= sizeof Number ? sizeof Number : 1;
    RtlCopyMemory(Value, &Number, *Length);
    return STATUS_SUCCESS;
}

static NTSTATUS SetSharing(TL_SETTINGS *Settings, BOOLEAN Bound, LONG Name, BOOLEAN On)
{
    BOOLEAN *This = Name == TL_SO_REUSEADDR ? &Settings->ReuseAddress : &Settings->ExclusiveAddressUse;
    BOOLEAN Other = Name == TL_SO_REUSEADDR ? Settings->ExclusiveAddressUse : Settings->ReuseAddress;
    /* The two exclude each other, and exclusive use cannot be claimed afterwards. */
    if (On && (Other || (Bound && Name == TL_SO_EXCLUSIVEADDRUSE)))
        return STATUS_INVALID_PARAMETER;
    *This = On;
    return STATUS_SUCCESS;
}

static NTSTATUS SetLinger(TL_SETTINGS *Settings, const VOID *Value, ULONG Length)
{
    USHORT Linger[2];
    if (Length < sizeof Linger)
        return STATUS_BUFFER_TOO_SMALL;
    RtlCopyMemory(Linger, Value, sizeof Linger);
    Settings->LingerOn = Linger[0];
    Settings->LingerSeconds = Linger[1];
    return STATUS_SUCCESS;
}

NTSTATUS TlSetSetting(TL_SETTINGS *Settings, ULONG Type, BOOLEAN Bound, LONG Level, LONG Name,
    const VOID *Value, ULONG Length)
{
    BOOLEAN On;
    NTSTATUS Status;
    if (Level == TL_LEVEL_OWN && Name == TL_REPORT_UNREACHABLE) {
        Status = TlReadBoolean(Value, Length, &On);
        if (NT_SUCCESS(Status))
            Settings->IgnoreUnreachable = !On;
        return Status;
    }
    if (Level != TL_SOL_SOCKET)
        return STATUS_MORE_PROCESSING_REQUIRED;
    switch (Name) {
    case TL_SO_REUSEADDR:
    case TL_SO_EXCLUSIVEADDRUSE:
        Status = TlReadBoolean(Value, Length, &On);
        return NT_SUCCESS(Status) ? SetSharing(Settings, Bound, Name, On) : Status;
    case TL_SO_LINGER:
        return Type == TL_SOCK_STREAM ? SetLinger(Settings, Value, Length) : STATUS_NOT_SUPPORTED;
    case TL_SO_DONTLINGER:
        if (Type != TL_SOCK_STREAM)
            return STATUS_NOT_SUPPORTED;
        Status = TlReadBoolean(Value, Length, &On);
        if (NT_SUCCESS(Status))
            Settings->LingerOn = !On;
        return Status;
    default:
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
}

NTSTATUS TlGetSetting(const TL_SETTINGS *Settings, ULONG Type, LONG Level, LONG Name, VOID *Value, ULONG *Length)
{
    if (Level == TL_LEVEL_OWN && Name == TL_REPORT_UNREACHABLE)
        return TlWriteBoolean(!Settings->IgnoreUnreachable, Value, Length);
    if (Level != TL_SOL_SOCKET)
        return STATUS_MORE_PROCESSING_REQUIRED;
    switch (Name) {
    case TL_SO_REUSEADDR:
        return TlWriteBoolean(Settings->ReuseAddress, Value, Length);
    case TL_SO_EXCLUSIVEADDRUSE:
        return TlWriteBoolean(Settings->ExclusiveAddressUse, Value, Length);
    case TL_SO_LINGER: {
        USHORT Linger[2] = {Settings->LingerOn, Settings->LingerSeconds};
        if (Type != TL_SOCK_STREAM)
            return STATUS_NOT_SUPPORTED;
        if (*Length < sizeof Linger)
            return STATUS_BUFFER_TOO_SMALL;
        RtlCopyMemory(Value, Linger, sizeof Linger);
        *Length = sizeof Linger;
        return STATUS_SUCCESS;
    }
    case TL_SO_DONTLINGER:
        if (Type != TL_SOCK_STREAM)
            return STATUS_NOT_SUPPORTED;
        return TlWriteBoolean(Settings->LingerOn == 0, Value, Length);
    default:
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
}

BOOLEAN TlIsPacketInfo(LONG Level, LONG Name)
{
    return (Level == HOST_LEVEL_IP && Name == HOST_IP_PKTINFO) ||
        (Level == HOST_LEVEL_IPV6 && Name == HOST_IPV6_PKTINFO);
}

enum host_sharing TlSharing(const TL_SETTINGS *Settings)
{
    if (Settings->ExclusiveAddressUse)
        return HOST_SHARING_EXCLUSIVE;
    return Settings->ReuseAddress ? HOST_SHARING_SHARED : HOST_SHARING_DEFAULT;
}
