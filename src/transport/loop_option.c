/* SPDX-License-Identifier: MIT */
/*
 * loop_option.c - options of the loop engine: stored and returned.
 *
 * Layer: transport. The same options as host_option.c knows; those that have a meaning in memory (IPV6_V6ONLY,
 * SO_RCVBUF, SO_OOBINLINE) are acted upon. Memberships are accepted and have no effect.
 */
#include "loop_private.h"

/* Default of a write-only option is its least length. */
typedef enum LOOP_OPTION_KIND {
    OptionBoolean,
    OptionNumber,
    OptionSmall,
    OptionWriteOnly,
    OptionEmpty, /* no bytes, and nothing else can be set */
    OptionPathMtu /* of the path to the peer; read only */
} LOOP_OPTION_KIND;

typedef struct LOOP_OPTION {
    LONG Level;
    LONG Name;
    UCHAR Kind;
    ULONG Default;
} LOOP_OPTION;

enum { LevelIp = 0, LevelTcp = 6, LevelUdp = 17, LevelIpv6 = 41 };
enum { NameAcceptConn = 0x2, NameOobInline = 0x100, NameReceiveBuffer = 0x1002, NameError = 0x1007, NameType = 0x1008 };
enum { NameV6Only = 27 };
#define LOOP_MTU 65536 /* bytes; of the loopback interface */

static const LOOP_OPTION Options[] = {
    {TL_SOL_SOCKET, 0x0008, OptionBoolean, 0},           /* SO_KEEPALIVE */
    {TL_SOL_SOCKET, 0x0010, OptionBoolean, 0},           /* SO_DONTROUTE */
    {TL_SOL_SOCKET, 0x0020, OptionBoolean, 0},           /* SO_BROADCAST */
    {TL_SOL_SOCKET, NameOobInline, OptionBoolean, 0},
    {TL_SOL_SOCKET, 0x1001, OptionNumber, LOOP_BUFFER_DEFAULT}, /* SO_SNDBUF */
    {TL_SOL_SOCKET, NameReceiveBuffer, OptionNumber, LOOP_BUFFER_DEFAULT},
    {LevelTcp, 1, OptionBoolean, 0},                     /* TCP_NODELAY */
    {LevelTcp, 3, OptionNumber, 7200},                   /* TCP_KEEPALIVE */
    {LevelTcp, 5, OptionNumber, 0xffffffff},             /* TCP_MAXRT */
    {LevelTcp, 14, OptionNumber, 0xffffffff},            /* TCP_MAXRTMS */
    {LevelTcp, 15, OptionBoolean, 0},                    /* TCP_FASTOPEN */
    {LevelTcp, 16, OptionNumber, 10},                    /* TCP_KEEPCNT */
    {LevelTcp, 17, OptionNumber, 1},                     /* TCP_KEEPINTVL */
    {LevelUdp, 1, OptionBoolean, 0},                     /* UDP_NOCHECKSUM */
    {LevelUdp, 2, OptionNumber, 0},                      /* UDP_SEND_MSG_SIZE */
    {LevelIp, 1, OptionEmpty, 0},                        /* IP_OPTIONS */
    {LevelIp, 3, OptionSmall, 0},                        /* IP_TOS */
    {LevelIp, 4, OptionSmall, 128},                      /* IP_TTL */
    {LevelIp, 9, OptionNumber, 0},                       /* IP_MULTICAST_IF */
    {LevelIp, 10, OptionSmall, 1},                       /* IP_MULTICAST_TTL */
    {LevelIp, 11, OptionBoolean, 1},                     /* IP_MULTICAST_LOOP */
    {LevelIp, 12, OptionWriteOnly, 8},                   /* IP_ADD_MEMBERSHIP */
    {LevelIp, 13, OptionWriteOnly, 8},                   /* IP_DROP_MEMBERSHIP */
    {LevelIp, 14, OptionBoolean, 0},                     /* IP_DONTFRAGMENT */
    {LevelIp, 19, OptionBoolean, 0},                     /* IP_PKTINFO */
    {LevelIp, 21, OptionBoolean, 0},                     /* IP_RECVTTL */
    {LevelIp, 31, OptionNumber, 0},                      /* IP_UNICAST_IF */
    {LevelIp, 40, OptionBoolean, 0},                     /* IP_RECVTOS */
    {LevelIp, 71, OptionNumber, 0},                      /* IP_MTU_DISCOVER */
    {LevelIp, 73, OptionPathMtu, LOOP_MTU},              /* IP_MTU */
    {LevelIpv6, 4, OptionNumber, 128},                   /* IPV6_UNICAST_HOPS */
    {LevelIpv6, 9, OptionNumber, 0},                     /* IPV6_MULTICAST_IF */
    {LevelIpv6, 10, OptionNumber, 1},                    /* IPV6_MULTICAST_HOPS */
    {LevelIpv6, 11, OptionBoolean, 1},                   /* IPV6_MULTICAST_LOOP */
    {LevelIpv6, 12, OptionWriteOnly, 20},                /* IPV6_ADD_MEMBERSHIP */
    {LevelIpv6, 13, OptionWriteOnly, 20},                /* IPV6_DROP_MEMBERSHIP */
    {LevelIpv6, 14, OptionBoolean, 0},                   /* IPV6_DONTFRAG */
    {LevelIpv6, 19, OptionBoolean, 0},                   /* IPV6_PKTINFO */
    {LevelIpv6, 21, OptionBoolean, 0},                   /* IPV6_HOPLIMIT */
    {LevelIpv6, NameV6Only, OptionBoolean, 1},
    {LevelIpv6, 31, OptionNumber, 0},                    /* IPV6_UNICAST_IF */
    {LevelIpv6, 39, OptionNumber, 0},                    /* IPV6_TCLASS */
    {LevelIpv6, 40, OptionBoolean, 0},                   /* IPV6_RECVTCLASS */
    {LevelIpv6, 71, OptionNumber, 0},                    /* IPV6_MTU_DISCOVER */
    {LevelIpv6, 72, OptionPathMtu, LOOP_MTU},            /* IPV6_MTU */
};
#define OPTION_COUNT RTL_NUMBER_OF(Options)

/* Index of the option on this endpoint, or OPTION_COUNT. */
static ULONG FindOption(const TL_ENDPOINT *Endpoint, LONG Level, LONG Name)
{
    BOOLEAN Stream = LoopIsStream(Endpoint);
    if ((Level == LevelTcp && !Stream) || (Level == LevelUdp && Stream))
        return OPTION_COUNT;
    if (Level == LevelIpv6 && Endpoint->Family != TL_AF_INET6)
        return OPTION_COUNT;
    /* As in the host: urgent data are for streams, broadcasts for datagrams. */
    if (Level == TL_SOL_SOCKET && ((Name == NameOobInline && !Stream) || (Name == 0x0020 && Stream)))
        return OPTION_COUNT;
    for (ULONG i = 0; i < OPTION_COUNT; i++) {
        if (Options[i].Level == Level && Options[i].Name == Name)
            return i;
    }
    return OPTION_COUNT;
}

static ULONG ValueOf(const TL_ENDPOINT *Endpoint, ULONG Index)
{
    return Endpoint->Options != NULL ? Endpoint->Options[Index] : Options[Index].Default;
}

ULONG LoopOptionValue(const TL_ENDPOINT *Endpoint, LONG Level, LONG Name)
{
    ULONG Index = FindOption(Endpoint, Level, Name);
    return Index < OPTION_COUNT ? ValueOf(Endpoint, Index) : 0;
}

BOOLEAN LoopIsV6Only(const TL_ENDPOINT *Endpoint)
{
    ULONG Index = FindOption(Endpoint, LevelIpv6, NameV6Only);
    return Index < OPTION_COUNT && ValueOf(Endpoint, Index) != 0;
}

static ULONG *AllocateValues(const ULONG *From)
{
    ULONG *Values = ExAllocatePoolWithTag(NonPagedPool, OPTION_COUNT * sizeof *Values, LOOP_OPTION_TAG);
    for (ULONG i = 0; Values != NULL && i < OPTION_COUNT; i++)
        Values[i] = From != NULL ? From[i] : Options[i].Default;
    return Values;
}

VOID LoopInheritOptions(TL_ENDPOINT *Accepted, const TL_ENDPOINT *Listener)
{
    Accepted->Settings.LingerOn = Listener->Settings.LingerOn;
    Accepted->Settings.LingerSeconds = Listener->Settings.LingerSeconds;
    Accepted->Settings.OobInline = Listener->Settings.OobInline;
    Accepted->ReceiveLimit = Listener->ReceiveLimit;
    /* Without memory the accepted end has default options, which only a query can tell. */
    if (Listener->Options != NULL)
        Accepted->Options = AllocateValues(Listener->Options);
}

static NTSTATUS ReadValue(const LOOP_OPTION *Option, const VOID *Value, ULONG Length, ULONG *Number)
{
    BOOLEAN On;
    NTSTATUS Status;
    switch (Option->Kind) {
    case OptionBoolean:
        Status = TlReadBoolean(Value, Length, &On);
        *Number = On;
        return Status;
    case OptionEmpty:
        return Length == 0 ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
    case OptionPathMtu:
        return STATUS_NOT_SUPPORTED;
    case OptionWriteOnly:
        return Length < Option->Default ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS;
    default:
        *Number = 0;
        if (Length == 0 || (Length < sizeof *Number && Option->Kind == OptionNumber))
            return STATUS_BUFFER_TOO_SMALL;
        RtlCopyMemory(Number, Value, Length < sizeof *Number ? Length : sizeof *Number);
        return STATUS_SUCCESS;
    }
}

static NTSTATUS StoreValue(TL_ENDPOINT *Endpoint, ULONG Index, ULONG Number) _Requires_lock_held_(TlEndpointLock)
{
    const LOOP_OPTION *Option = &Options[Index];
    if (Option->Level == LevelIpv6 && Option->Name == NameV6Only && Endpoint->Bound)
        return STATUS_INVALID_PARAMETER;
    if (Endpoint->Options == NULL)
        Endpoint->Options = AllocateValues(NULL);
    if (Endpoint->Options == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    BOOLEAN IsInline = Option->Level == TL_SOL_SOCKET && Option->Name == NameOobInline;
    if (IsInline && Number != 0 && !NT_SUCCESS(LoopPutUrgentInline(Endpoint)))
        return STATUS_INSUFFICIENT_RESOURCES;
    Endpoint->Options[Index] = Number;
    if (Option->Level == TL_SOL_SOCKET && Option->Name == NameReceiveBuffer)
        Endpoint->ReceiveLimit = Number < LOOP_BUFFER_LEAST ? LOOP_BUFFER_LEAST
            : Number > LOOP_BUFFER_MOST                     ? LOOP_BUFFER_MOST
                                                            : Number;
    if (IsInline)
        Endpoint->Settings.OobInline = Number != 0;
    return STATUS_SUCCESS;
}

NTSTATUS LoopSetOption(TL_ENDPOINT *Endpoint, LONG Level, LONG Name, const VOID *Value, ULONG Length)
{
    ULONG Number = 0;
    LoopLockEngine();
    NTSTATUS Status = TlSetSetting(&Endpoint->Settings, Endpoint->Type, Endpoint->Bound, Level, Name, Value, Length);
    if (Status == STATUS_MORE_PROCESSING_REQUIRED) {
        ULONG Index = FindOption(Endpoint, Level, Name);
        Status = Index < OPTION_COUNT ? ReadValue(&Options[Index], Value, Length, &Number) : STATUS_NOT_SUPPORTED;
        if (NT_SUCCESS(Status) && Options[Index].Kind < OptionWriteOnly)
            Status = StoreValue(Endpoint, Index, Number);
    }
    LoopUnlockEngine();
    return Status;
}

static NTSTATUS WriteNumber(ULONG Number, VOID *Value, ULONG *Length)
{
    if (*Length < sizeof Number)
        return STATUS_BUFFER_TOO_SMALL;
    RtlCopyMemory(Value, &Number, sizeof Number);
    *Length = sizeof Number;
    return STATUS_SUCCESS;
}

static NTSTATUS GetOptionLocked(const TL_ENDPOINT *Endpoint, LONG Level, LONG Name, VOID *Value, ULONG *Length)
    _Requires_lock_held_(TlEndpointLock)
{
    NTSTATUS Status = TlGetSetting(&Endpoint->Settings, Endpoint->Type, Level, Name, Value, Length);
    if (Status != STATUS_MORE_PROCESSING_REQUIRED)
        return Status;
    if (Level == TL_SOL_SOCKET && Name == NameAcceptConn)
        return TlWriteBoolean(Endpoint->Listening, Value, Length);
    if (Level == TL_SOL_SOCKET && Name == NameType)
        return WriteNumber(Endpoint->Type, Value, Length);
    if (Level == TL_SOL_SOCKET && Name == NameError)
        return WriteNumber(STATUS_SUCCESS, Value, Length);
    ULONG Index = FindOption(Endpoint, Level, Name);
    if (Index == OPTION_COUNT || Options[Index].Kind == OptionWriteOnly)
        return STATUS_NOT_SUPPORTED;
    if (Options[Index].Kind == OptionEmpty) {
        *Length = 0;
        return STATUS_SUCCESS;
    }
    if (Options[Index].Kind == OptionPathMtu && !Endpoint->Connected)
        return STATUS_INVALID_CONNECTION;
    if (Options[Index].Kind == OptionBoolean)
        return TlWriteBoolean(ValueOf(Endpoint, Index) != 0, Value, Length);
    if (Options[Index].Kind == OptionSmall && *Length != 0 && *Length < sizeof(ULONG)) {
        *(UCHAR *)Value = (UCHAR)ValueOf(Endpoint, Index);
        *Length = 1;
        return STATUS_SUCCESS;
    }
    return WriteNumber(ValueOf(Endpoint, Index), Value, Length);
}

NTSTATUS LoopGetOption(TL_ENDPOINT *Endpoint, LONG Level, LONG Name, VOID *Value, ULONG *Length)
{
    LoopLockEngine();
    NTSTATUS Status = GetOptionLocked(Endpoint, Level, Name, Value, Length);
    LoopUnlockEngine();
    return Status;
}
