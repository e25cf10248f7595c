/* SPDX-License-Identifier: MIT */
/*
 * msafd_option_table.c - the options the provider knows, one row each.
 *
 * Layer: msafd; NT counterpart: what msafd.dll and its TCP/IP helper decide before a transport is
 * asked. Not here: how a value reaches the host (host_option.c), and options that are passed down as
 * they are (memberships, source filters).
 *
 * Which socket types have an option, and its sizes: [test:wine/ws2_32/sock.c test_sockopt_validity,
 * test_set_getsockopt]. Kept options are control data and filters that Linux has no equivalent of;
 * programs set them and read them back.
 */
#include "msafd_option_table.h"

#define ALL MSAFD_ON_ALL
#define STREAM MSAFD_ON_STREAM
#define DATAGRAM MSAFD_ON_DATAGRAM
#define CONNECTIONLESS MSAFD_ON_CONNECTIONLESS
#define RAW MSAFD_ON_RAW
#define BOOLEAN_OF(types) ((types) | MSAFD_IS_BOOL)
#define READ_ONLY(types) ((types) | MSAFD_READ_ONLY)

#define FLAG(name, types, flag) \
    {SOL_SOCKET, name, MsafdShapeBool, MsafdPlaceFlag, BOOLEAN_OF(types), 0, flag, 0, 0}
#define OWN(name, traits) \
    {SOL_SOCKET, name, MsafdShapeOwn, MsafdPlaceOther, traits, 0, 0, 0, 0}
#define PASSED(level, name, shape, traits, most) \
    {level, name, MsafdShape##shape, MsafdPlaceTransport, traits, 0, 0, 0, most}
#define KEPT(level, name, shape, traits, slot, value) \
    {level, name, MsafdShape##shape, MsafdPlaceKept, traits, MsafdKept##slot, value, 0, 0}
#define SHADOW(level, name, shape, traits, slot, value, most) \
    {level, name, MsafdShape##shape, MsafdPlaceShadow, traits, MsafdKept##slot, value, 0, most}
#define EMPTY(level, name) {level, name, MsafdShapeEmpty, MsafdPlaceOther, ALL, 0, 0, 0, 0}

#define BUFFER_DEFAULT 65536 /* bytes; of sends and of receives */
#define PATH_MTU_ANY MAXULONG

static const MSAFD_OPTION MsafdpOptions[] = {
    KEPT(SOL_SOCKET, SO_DEBUG, Bool, BOOLEAN_OF(ALL), Debug, 0),
    OWN(SO_ACCEPTCONN, READ_ONLY(ALL)),
    FLAG(SO_REUSEADDR, ALL, MSAFD_REUSE),
    FLAG(SO_EXCLUSIVEADDRUSE, ALL, MSAFD_EXCLUSIVE),
    FLAG(SO_CONDITIONAL_ACCEPT, ALL, MSAFD_CONDITIONAL_ACCEPT),
    FLAG(SO_OOBINLINE, STREAM, MSAFD_OOB_INLINE), /* urgent data exist in a stream alone */
    FLAG(SO_PAUSE_ACCEPT, ALL, MSAFD_PAUSE_ACCEPT),
    PASSED(SOL_SOCKET, SO_KEEPALIVE, Byte, BOOLEAN_OF(ALL), 0),
    PASSED(SOL_SOCKET, SO_DONTROUTE, Byte, BOOLEAN_OF(ALL), 0),
    PASSED(SOL_SOCKET, SO_BROADCAST, Bool, BOOLEAN_OF(CONNECTIONLESS), 0),
    SHADOW(SOL_SOCKET, SO_SNDBUF, Number, ALL | MSAFD_CLEARS_SHORT, SendBuffer, BUFFER_DEFAULT, 0),
    SHADOW(
        SOL_SOCKET, SO_RCVBUF, Number, ALL | MSAFD_CLEARS_SHORT, ReceiveBuffer, BUFFER_DEFAULT, 0),
    {SOL_SOCKET, SO_SNDTIMEO, MsafdShapeNumber, MsafdPlaceOther, ALL, 0, 0, 0, 0},
    {SOL_SOCKET, SO_RCVTIMEO, MsafdShapeNumber, MsafdPlaceOther, ALL, 0, 0, 0, 0},
    OWN(SO_LINGER, STREAM | MSAFD_CLEARS_SHORT),
    {SOL_SOCKET, SO_DONTLINGER, MsafdShapeBool, MsafdPlaceOther, BOOLEAN_OF(STREAM), 0, 0, 0, 0},
    OWN(SO_ERROR, ALL),
    OWN(SO_TYPE, READ_ONLY(ALL)),
    OWN(SO_MAX_MSG_SIZE, READ_ONLY(ALL)),
    OWN(SO_PROTOCOL_INFOA, READ_ONLY(ALL)),
    OWN(SO_PROTOCOL_INFOW, READ_ONLY(ALL)),
    OWN(SO_CONNECT_TIME, READ_ONLY(ALL)),
    OWN(SO_BSP_STATE, READ_ONLY(ALL)),
    OWN(SO_GROUP_ID, READ_ONLY(ALL)),
    OWN(SO_COMPARTMENT_ID, READ_ONLY(ALL)),
    KEPT(SOL_SOCKET, SO_GROUP_PRIORITY, Number, ALL, GroupPriority, 0),
    KEPT(SOL_SOCKET, SO_RANDOMIZE_PORT, Bool, BOOLEAN_OF(ALL), RandomizePort, 0),
    KEPT(SOL_SOCKET, SO_PORT_SCALABILITY, Bool, BOOLEAN_OF(ALL), PortScalability, 0),
    KEPT(SOL_SOCKET, SO_REUSE_UNICASTPORT, Bool, BOOLEAN_OF(ALL), ReuseUnicastPort, 0),
    OWN(SO_UPDATE_ACCEPT_CONTEXT, ALL),
    OWN(SO_UPDATE_CONNECT_CONTEXT, ALL),

    PASSED(IPPROTO_TCP, TCP_NODELAY, Byte, BOOLEAN_OF(STREAM), 0),
    PASSED(IPPROTO_TCP, TCP_KEEPALIVE, Dword, STREAM, 0),
    SHADOW(IPPROTO_TCP, TCP_KEEPCNT, Dword, STREAM, KeepCount, 10, 255),
    PASSED(IPPROTO_TCP, TCP_KEEPINTVL, Dword, STREAM, 0),

    PASSED(IPPROTO_IP, IP_HDRINCL, Short, BOOLEAN_OF(RAW), 0),
    PASSED(IPPROTO_IP, IP_TOS, Short, ALL, 255),
    PASSED(IPPROTO_IP, IP_TTL, Short, ALL, 255),
    PASSED(IPPROTO_IP, IP_MULTICAST_IF, Dword, CONNECTIONLESS, 0),
    PASSED(IPPROTO_IP, IP_MULTICAST_TTL, Short, CONNECTIONLESS, 255),
    PASSED(IPPROTO_IP, IP_MULTICAST_LOOP, Short, BOOLEAN_OF(CONNECTIONLESS), 0),
    SHADOW(IPPROTO_IP, IP_DONTFRAGMENT, Short, BOOLEAN_OF(ALL) | MSAFD_ON_FOR_STREAM, DontFragment,
        0, 0),
    PASSED(IPPROTO_IP, IP_PKTINFO, Dword, BOOLEAN_OF(CONNECTIONLESS), 0),
    PASSED(IPPROTO_IP, IP_RECVTTL, Dword, BOOLEAN_OF(CONNECTIONLESS), 0),
    PASSED(IPPROTO_IP, IP_RECVTOS, Dword, BOOLEAN_OF(CONNECTIONLESS), 0),
    PASSED(IPPROTO_IP, IP_UNICAST_IF, Dword, ALL, 0),
    KEPT(IPPROTO_IP, IP_RECEIVE_BROADCAST, Dword, BOOLEAN_OF(CONNECTIONLESS), Broadcasts, 1),
    KEPT(IPPROTO_IP, IP_RECVIF, Dword, BOOLEAN_OF(CONNECTIONLESS), Interface, 0),
    KEPT(IPPROTO_IP, IP_RECVDSTADDR, Dword, BOOLEAN_OF(CONNECTIONLESS), Destination, 0),
    KEPT(IPPROTO_IP, IP_IFLIST, Dword, BOOLEAN_OF(ALL), InterfaceList, 0),
    EMPTY(IPPROTO_IP, IP_RTHDR),
    {IPPROTO_IP, IP_GET_IFLIST, MsafdShapeEmpty, MsafdPlaceOther, 0, 0, 0, 0, 0},
    KEPT(IPPROTO_IP, IP_RECVRTHDR, Dword, BOOLEAN_OF(CONNECTIONLESS), RoutingHeader, 0),
    KEPT(IPPROTO_IP, IP_ORIGINAL_ARRIVAL_IF, Dword, BOOLEAN_OF(CONNECTIONLESS), ArrivalInterface, 0),
    KEPT(IPPROTO_IP, IP_ECN, Dword, BOOLEAN_OF(CONNECTIONLESS), Ecn, 0),
    KEPT(IPPROTO_IP, IP_PKTINFO_EX, Dword, BOOLEAN_OF(CONNECTIONLESS), PacketInfoEx, 0),
    KEPT(IPPROTO_IP, IP_WFP_REDIRECT_RECORDS, Dword, BOOLEAN_OF(CONNECTIONLESS), Records, 0),
    KEPT(IPPROTO_IP, IP_WFP_REDIRECT_CONTEXT, Dword, BOOLEAN_OF(CONNECTIONLESS), Context, 0),
    {IPPROTO_IP, IP_MTU_DISCOVER, MsafdShapeDword, MsafdPlaceShadow, ALL, MsafdKeptMtuDiscover,
        IP_PMTUDISC_NOT_SET, IP_PMTUDISC_DO, IP_PMTUDISC_PROBE},
    PASSED(IPPROTO_IP, IP_MTU, Dword, READ_ONLY(ALL), 0),
    KEPT(IPPROTO_IP, IP_RECVERR, Dword, BOOLEAN_OF(DATAGRAM), Errors, 0),
    KEPT(IPPROTO_IP, IP_USER_MTU, Dword, ALL, UserMtu, PATH_MTU_ANY),

    EMPTY(IPPROTO_IPV6, IPV6_HOPOPTS),
    PASSED(IPPROTO_IPV6, IPV6_HDRINCL, Short, BOOLEAN_OF(RAW), 0),
    PASSED(IPPROTO_IPV6, IPV6_UNICAST_HOPS, Short, ALL, 255),
    PASSED(IPPROTO_IPV6, IPV6_MULTICAST_IF, Dword, CONNECTIONLESS, 0),
    PASSED(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, Short, CONNECTIONLESS, 255),
    PASSED(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, Short, BOOLEAN_OF(CONNECTIONLESS), 0),
    SHADOW(IPPROTO_IPV6, IPV6_DONTFRAG, Short, BOOLEAN_OF(ALL) | MSAFD_ON_FOR_STREAM, DontFragment,
        0, 0),
    PASSED(IPPROTO_IPV6, IPV6_PKTINFO, Dword, BOOLEAN_OF(CONNECTIONLESS), 0),
    PASSED(IPPROTO_IPV6, IPV6_HOPLIMIT, Dword, BOOLEAN_OF(CONNECTIONLESS), 0),
    {IPPROTO_IPV6, IPV6_PROTECTION_LEVEL, MsafdShapeDword, MsafdPlaceKept, ALL,
        MsafdKeptProtectionLevel, PROTECTION_LEVEL_UNRESTRICTED, PROTECTION_LEVEL_UNRESTRICTED,
        PROTECTION_LEVEL_RESTRICTED},
    KEPT(IPPROTO_IPV6, IPV6_RECVIF, Dword, BOOLEAN_OF(CONNECTIONLESS), Interface, 0),
    KEPT(IPPROTO_IPV6, IPV6_RECVDSTADDR, Dword, BOOLEAN_OF(CONNECTIONLESS), Destination, 0),
    {IPPROTO_IPV6, IPV6_V6ONLY, MsafdShapeByte, MsafdPlaceTransport, BOOLEAN_OF(ALL),
        MsafdKeptV6Only, 1, 0, 0},
    KEPT(IPPROTO_IPV6, IPV6_IFLIST, Dword, BOOLEAN_OF(ALL), InterfaceList, 0),
    PASSED(IPPROTO_IPV6, IPV6_UNICAST_IF, Dword, ALL, 0),
    EMPTY(IPPROTO_IPV6, IPV6_RTHDR),
    {IPPROTO_IPV6, IPV6_GET_IFLIST, MsafdShapeEmpty, MsafdPlaceOther, 0, 0, 0, 0, 0},
    PASSED(IPPROTO_IPV6, IPV6_RECVRTHDR, Dword, BOOLEAN_OF(CONNECTIONLESS), 0),
    PASSED(IPPROTO_IPV6, IPV6_RECVTCLASS, Dword, BOOLEAN_OF(CONNECTIONLESS), 0),
    KEPT(IPPROTO_IPV6, IP_ORIGINAL_ARRIVAL_IF, Dword, BOOLEAN_OF(CONNECTIONLESS), ArrivalInterface,
        0),
    KEPT(IPPROTO_IPV6, IPV6_ECN, Dword, BOOLEAN_OF(CONNECTIONLESS), Ecn, 0),
    KEPT(IPPROTO_IPV6, IPV6_PKTINFO_EX, Dword, BOOLEAN_OF(CONNECTIONLESS), PacketInfoEx, 0),
    KEPT(IPPROTO_IPV6, IPV6_WFP_REDIRECT_RECORDS, Dword, BOOLEAN_OF(CONNECTIONLESS), Records, 0),
    KEPT(IPPROTO_IPV6, IPV6_WFP_REDIRECT_CONTEXT, Dword, BOOLEAN_OF(CONNECTIONLESS), Context, 0),
    {IPPROTO_IPV6, IPV6_MTU_DISCOVER, MsafdShapeDword, MsafdPlaceShadow, ALL, MsafdKeptMtuDiscover,
        IP_PMTUDISC_NOT_SET, IP_PMTUDISC_DO, IP_PMTUDISC_PROBE},
    PASSED(IPPROTO_IPV6, IPV6_MTU, Dword, READ_ONLY(ALL), 0),
    KEPT(IPPROTO_IPV6, IPV6_RECVERR, Dword, BOOLEAN_OF(DATAGRAM), Errors, 0),
    KEPT(IPPROTO_IPV6, IPV6_USER_MTU, Dword, ALL, UserMtu, PATH_MTU_ANY),
};

const MSAFD_OPTION *MsafdFindOption(INT Level, INT Name)
{
    for (ULONG i = 0; i < RTL_NUMBER_OF(MsafdpOptions); i++) {
        if (MsafdpOptions[i].Level == Level && MsafdpOptions[i].Name == Name)
            return &MsafdpOptions[i];
    }
    return NULL;
}

BOOLEAN MsafdHasOption(const MSAFD_SOCKET *Socket, const MSAFD_OPTION *Option)
{
    UCHAR Type = Socket->Type == SOCK_STREAM  ? MSAFD_ON_STREAM
                 : Socket->Type == SOCK_DGRAM ? MSAFD_ON_DATAGRAM
                                              : MSAFD_ON_RAW;
    return (BOOLEAN)((Option->Traits & Type) != 0);
}
