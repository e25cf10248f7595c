/* SPDX-License-Identifier: MIT */
/*
 * msafd_startup.c - the provider's entry point, its procedure table and its protocols.
 *
 * Layer: msafd; NT counterpart: WSPStartup of msafd.dll. The catalog entries are those of a Windows
 * machine with TCP/IP, IPv4 and IPv6. Quality of service and blocking hooks are refused by the
 * procedures that stand for them.
 */
#include "msafd_private.h"

WSPUPCALLTABLE MsafdUpcalls;

/* The identifier under which Windows lists its base TCP/IP provider.
 * [doc:winsock2/wsaprotocol_infow] */
const GUID MsafdProviderId = {
    0xE70F1AA0, 0xAB8B, 0x11CF, {0x8C, 0xA3, 0x00, 0x80, 0x5F, 0x48, 0xA1, 0x92}};
#define MSAFD_PROVIDER_4                                   \
    {                                                      \
        0xE70F1AA0, 0xAB8B, 0x11CF,                        \
        {                                                  \
            0x8C, 0xA3, 0x00, 0x80, 0x5F, 0x48, 0xA1, 0x92 \
        }                                                  \
    }
#define MSAFD_PROVIDER_6                                   \
    {                                                      \
        0xF9EAB0C0, 0x26D4, 0x11D0,                        \
        {                                                  \
            0xBB, 0xBF, 0x00, 0xAA, 0x00, 0x6C, 0x34, 0xE4 \
        }                                                  \
    }

#define MSAFD_TCP_FLAGS                                                                         \
    (XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE | XP1_EXPEDITED_DATA | \
        XP1_IFS_HANDLES)
#define MSAFD_DATAGRAM_FLAGS                                                                      \
    (XP1_CONNECTIONLESS | XP1_MESSAGE_ORIENTED | XP1_SUPPORT_BROADCAST | XP1_SUPPORT_MULTIPOINT | \
        XP1_IFS_HANDLES)

#define MSAFD_ENTRY(                                                                              \
    id, flags, provider_flags, provider, family, sockaddr, type, protocol, offset, message, name) \
    {                                                                                             \
        flags, 0, 0, 0, provider_flags, provider, id, {1, {0}}, 2, family, sizeof(sockaddr),      \
            sizeof(sockaddr), type, protocol, offset, BIGENDIAN, SECURITY_PROTOCOL_NONE, message, \
            0, name                                                                               \
    }

static const WSAPROTOCOL_INFOW MsafdpProtocols[] = {
    MSAFD_ENTRY(1001, MSAFD_TCP_FLAGS, PFL_MATCHES_PROTOCOL_ZERO, MSAFD_PROVIDER_4, AF_INET,
        SOCKADDR_IN, SOCK_STREAM, IPPROTO_TCP, 0, 0, L"MSAFD Tcpip [TCP/IP]"),
    MSAFD_ENTRY(1002, MSAFD_DATAGRAM_FLAGS, PFL_MATCHES_PROTOCOL_ZERO, MSAFD_PROVIDER_4, AF_INET,
        SOCKADDR_IN, SOCK_DGRAM, IPPROTO_UDP, 0, 0xFFBB, L"MSAFD Tcpip [UDP/IP]"),
    MSAFD_ENTRY(1003, MSAFD_DATAGRAM_FLAGS, PFL_MATCHES_PROTOCOL_ZERO | PFL_HIDDEN, MSAFD_PROVIDER_4, AF_INET,
        SOCKADDR_IN, SOCK_RAW, 0, 255, 0x8000, L"MSAFD Tcpip [RAW/IP]"),
    MSAFD_ENTRY(1004, MSAFD_TCP_FLAGS, PFL_MATCHES_PROTOCOL_ZERO, MSAFD_PROVIDER_6, AF_INET6,
        SOCKADDR_IN6, SOCK_STREAM, IPPROTO_TCP, 0, 0, L"MSAFD Tcpip [TCP/IPv6]"),
    MSAFD_ENTRY(1005, MSAFD_DATAGRAM_FLAGS, PFL_MATCHES_PROTOCOL_ZERO, MSAFD_PROVIDER_6, AF_INET6,
        SOCKADDR_IN6, SOCK_DGRAM, IPPROTO_UDP, 0, 0xFFBB, L"MSAFD Tcpip [UDP/IPv6]"),
    MSAFD_ENTRY(1006, MSAFD_DATAGRAM_FLAGS, PFL_MATCHES_PROTOCOL_ZERO | PFL_HIDDEN, MSAFD_PROVIDER_6, AF_INET6,
        SOCKADDR_IN6, SOCK_RAW, 0, 255, 0x8000, L"MSAFD Tcpip [RAW/IPv6]"),
};

const WSAPROTOCOL_INFOW *MsafdProtocols(ULONG *Count)
{
    *Count = RTL_NUMBER_OF(MsafdpProtocols);
    return MsafdpProtocols;
}

const WSAPROTOCOL_INFOW *MsafdProtocolOf(const MSAFD_SOCKET *Socket)
{
    for (ULONG i = 0; i < RTL_NUMBER_OF(MsafdpProtocols); i++) {
        if (MsafdpProtocols[i].iAddressFamily == Socket->Family &&
            MsafdpProtocols[i].iSocketType == Socket->Type)
            return &MsafdpProtocols[i];
    }
    return &MsafdpProtocols[0];
}

static int WSPAPI MsafdpCleanup(LPINT Errno)
{
    (VOID) Errno;
    return 0;
}

static int WSPAPI MsafdpCancelBlockingCall(LPINT Errno)
{
    return MsafdFail(Errno, WSAEOPNOTSUPP);
}

static BOOL WSPAPI MsafdpGetQOSByName(SOCKET s, LPWSABUF Name, LPQOS QOS, LPINT Errno)
{
    (VOID) Name, (VOID)QOS;
    return MsafdFail(Errno, MsafdIsSocket(s) ? WSAEOPNOTSUPP : WSAENOTSOCK), FALSE;
}

static const WSPPROC_TABLE MsafdpProcTable = {
    .lpWSPAccept = MsafdAccept,
    .lpWSPAddressToString = MsafdAddressToString,
    .lpWSPAsyncSelect = MsafdAsyncSelect,
    .lpWSPBind = MsafdBind,
    .lpWSPCancelBlockingCall = MsafdpCancelBlockingCall,
    .lpWSPCleanup = MsafdpCleanup,
    .lpWSPCloseSocket = MsafdCloseSocket,
    .lpWSPConnect = MsafdConnect,
    .lpWSPDuplicateSocket = MsafdDuplicateSocket,
    .lpWSPEnumNetworkEvents = MsafdEnumNetworkEvents,
    .lpWSPEventSelect = MsafdEventSelect,
    .lpWSPGetOverlappedResult = MsafdGetOverlappedResult,
    .lpWSPGetPeerName = MsafdGetPeerName,
    .lpWSPGetSockName = MsafdGetSockName,
    .lpWSPGetSockOpt = MsafdGetSockOpt,
    .lpWSPGetQOSByName = MsafdpGetQOSByName,
    .lpWSPIoctl = MsafdIoctl,
    .lpWSPJoinLeaf = MsafdJoinLeaf,
    .lpWSPListen = MsafdListen,
    .lpWSPRecv = MsafdRecv,
    .lpWSPRecvDisconnect = MsafdRecvDisconnect,
    .lpWSPRecvFrom = MsafdRecvFrom,
    .lpWSPSelect = MsafdSelect,
    .lpWSPSend = MsafdSend,
    .lpWSPSendDisconnect = MsafdSendDisconnect,
    .lpWSPSendTo = MsafdSendTo,
    .lpWSPSetSockOpt = MsafdSetSockOpt,
    .lpWSPShutdown = MsafdShutdown,
    .lpWSPSocket = MsafdSocket,
    .lpWSPStringToAddress = MsafdStringToAddress,
};

int WSPAPI MsafdStartup(WORD VersionRequested, LPWSPDATA Data, LPWSAPROTOCOL_INFOW ProtocolInfo,
    WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE ProcTable)
{
    (VOID) ProtocolInfo;
    if (LOBYTE(VersionRequested) < 2)
        return WSAVERNOTSUPPORTED;
    MsafdUpcalls = UpcallTable;
    *ProcTable = MsafdpProcTable;
    RtlZeroMemory(Data, sizeof *Data);
    Data->wVersion = Data->wHighVersion = MAKEWORD(2, 2);
    return 0;
}
