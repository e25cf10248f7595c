/* SPDX-License-Identifier: MIT */
/*
 * msafd_options.c - getsockopt and setsockopt.
 *
 * Layer: msafd; NT counterpart: WSPGetSockOpt, WSPSetSockOpt. Options of the provider itself
 * (time-outs, address sharing, linger, context updates) are kept here; the others are the
 * transport's and reach it through AFD. Boolean options may be as short as one byte, and longer
 * values than needed are accepted: their first four bytes count.
 */
#include "msafd_private.h"

#include <stddef.h>

#define MSAFD_OPTION_MAX 65536 /* bytes of the longest value that AFD carries */

typedef enum MSAFD_OPTION_KIND {
    MsafdOptionFlag,      /* a bit of MSAFD_SOCKET.Flags, kept here */
    MsafdOptionTransport, /* passed to the transport; boolean */
    MsafdOptionNumber,    /* passed to the transport; a DWORD */
    MsafdOptionTimeout,
    MsafdOptionLinger,
    MsafdOptionReadOnly,
    MsafdOptionIgnored, /* accepted without effect; reads as 0 */
    MsafdOptionContext
} MSAFD_OPTION_KIND;

typedef struct MSAFD_OPTION {
    INT Name;
    MSAFD_OPTION_KIND Kind;
    ULONG Flag;
} MSAFD_OPTION;

static const MSAFD_OPTION MsafdpSocketOptions[] = {
    {SO_DEBUG, MsafdOptionIgnored, 0},
    {SO_ACCEPTCONN, MsafdOptionReadOnly, 0},
    {SO_REUSEADDR, MsafdOptionFlag, MSAFD_REUSE},
    {SO_EXCLUSIVEADDRUSE, MsafdOptionFlag, MSAFD_EXCLUSIVE},
    {SO_CONDITIONAL_ACCEPT, MsafdOptionFlag, MSAFD_CONDITIONAL_ACCEPT},
    {SO_OOBINLINE, MsafdOptionFlag, MSAFD_OOB_INLINE},
    {SO_KEEPALIVE, MsafdOptionTransport, 0},
    {SO_DONTROUTE, MsafdOptionTransport, 0},
    {SO_BROADCAST, MsafdOptionTransport, 0},
    {SO_SNDBUF, MsafdOptionNumber, 0},
    {SO_RCVBUF, MsafdOptionNumber, 0},
    {SO_SNDTIMEO, MsafdOptionTimeout, 0},
    {SO_RCVTIMEO, MsafdOptionTimeout, 0},
    {SO_LINGER, MsafdOptionLinger, 0},
    {SO_DONTLINGER, MsafdOptionLinger, 0},
    {SO_ERROR, MsafdOptionReadOnly, 0},
    {SO_TYPE, MsafdOptionReadOnly, 0},
    {SO_MAX_MSG_SIZE, MsafdOptionReadOnly, 0},
    {SO_PROTOCOL_INFOA, MsafdOptionReadOnly, 0},
    {SO_PROTOCOL_INFOW, MsafdOptionReadOnly, 0},
    {SO_CONNECT_TIME, MsafdOptionReadOnly, 0},
    {SO_BSP_STATE, MsafdOptionReadOnly, 0},
    {SO_GROUP_ID, MsafdOptionReadOnly, 0},
    {SO_GROUP_PRIORITY, MsafdOptionIgnored, 0},
    {SO_RANDOMIZE_PORT, MsafdOptionIgnored, 0},
    {SO_PORT_SCALABILITY, MsafdOptionIgnored, 0},
    {SO_REUSE_UNICASTPORT, MsafdOptionIgnored, 0},
    {SO_PAUSE_ACCEPT, MsafdOptionFlag, MSAFD_PAUSE_ACCEPT},
    {SO_COMPARTMENT_ID, MsafdOptionReadOnly, 0},
    {SO_UPDATE_ACCEPT_CONTEXT, MsafdOptionContext, 0},
    {SO_UPDATE_CONNECT_CONTEXT, MsafdOptionContext, 0},
};

static const MSAFD_OPTION *MsafdpFindOption(INT Name)
{
    for (ULONG i = 0; i < RTL_NUMBER_OF(MsafdpSocketOptions); i++) {
        if (MsafdpSocketOptions[i].Name == Name)
            return &MsafdpSocketOptions[i];
    }
    return NULL;
}

static BOOLEAN MsafdpIsKnownLevel(INT Level)
{
    return (BOOLEAN)(Level == SOL_SOCKET || Level == IPPROTO_IP || Level == IPPROTO_IPV6 ||
                     Level == IPPROTO_TCP || Level == IPPROTO_UDP || Level == IPPROTO_ICMP ||
                     Level == IPPROTO_ICMPV6);
}

/* Options have errors of their own: an unknown one is WSAENOPROTOOPT. [doc:winsock/getsockopt] */
static INT MsafdpOptionError(NTSTATUS Status)
{
    if (Status == STATUS_NOT_SUPPORTED || Status == STATUS_INVALID_DEVICE_REQUEST)
        return WSAENOPROTOOPT;
    return MsafdWsaErrorFromStatus(Status);
}

/* --- set --- */

static ULONG MsafdpValueOf(const char *Value, int Length)
{
    ULONG Number = 0;
    if (Length < (int)sizeof Number)
        return *(const UCHAR *)Value;
    RtlCopyMemory(&Number, Value, sizeof Number);
    return Number;
}

static INT MsafdpSetTransport(MSAFD_SOCKET *Socket, INT Level, INT Name, ULONG Value)
{
    ULONG Length = sizeof Value;
    return MsafdpOptionError(
        MsafdTransportOption(Socket, AFD_TL_SET_OPTION, Level, Name, &Value, &Length));
}

static INT MsafdpSetFlagOption(MSAFD_SOCKET *Socket, const MSAFD_OPTION *Option, BOOLEAN On)
{
    INT Error = 0;
    /* The two ways to share an address exclude each other; both are decided before bind.
     * [doc:winsock/so-exclusiveaddruse] */
    if (Option->Flag == MSAFD_EXCLUSIVE &&
        (MsafdTestFlags(Socket, MSAFD_BOUND) || (On && MsafdTestFlags(Socket, MSAFD_REUSE))))
        return WSAEINVAL;
    if (Option->Flag == MSAFD_REUSE && On && MsafdTestFlags(Socket, MSAFD_EXCLUSIVE))
        return WSAEINVAL;
    if (Option->Flag == MSAFD_CONDITIONAL_ACCEPT && MsafdTestFlags(Socket, MSAFD_LISTENING))
        return WSAEINVAL;
    if (Option->Flag == MSAFD_OOB_INLINE) {
        if (MsafdIsDatagram(Socket))
            return WSAENOPROTOOPT;
        Error = MsafdWsaErrorFromStatus(MsafdSetInformation(Socket, AFD_INLINE_MODE, On));
    }
    if (Error != 0)
        return Error;
    if (On)
        MsafdSetFlags(Socket, Option->Flag);
    else
        MsafdClearFlags(Socket, Option->Flag);
    return 0;
}

static INT MsafdpSetLinger(MSAFD_SOCKET *Socket, INT Name, const char *Value, int Length)
{
    LINGER Linger;
    ULONG Bytes = sizeof Linger;
    if (MsafdIsDatagram(Socket))
        return WSAENOPROTOOPT;
    MsafdLockSocket(Socket);
    Linger.l_onoff = Socket->LingerOn;
    Linger.l_linger = Socket->LingerSeconds;
    MsafdUnlockSocket(Socket);
    if (Name == SO_DONTLINGER)
        Linger.l_onoff = MsafdpValueOf(Value, Length) == 0;
    else if (Length < (int)sizeof Linger)
        return WSAEFAULT;
    else
        RtlCopyMemory(&Linger, Value, sizeof Linger);
    INT Error = MsafdpOptionError(
        MsafdTransportOption(Socket, AFD_TL_SET_OPTION, SOL_SOCKET, SO_LINGER, &Linger, &Bytes));
    if (Error != 0)
        return Error;
    MsafdLockSocket(Socket);
    Socket->LingerOn = Linger.l_onoff;
    Socket->LingerSeconds = Linger.l_linger;
    MsafdUnlockSocket(Socket);
    return 0;
}

/*
 * After AcceptEx and ConnectEx: the socket gets what accept and connect would have given it.
 * [doc:winsock/sol-socket-socket-options]
 */
static INT MsafdpUpdateContext(MSAFD_SOCKET *Socket, INT Name, const char *Value, int Length)
{
    SOCKET s;
    UCHAR Peer[sizeof(SOCKADDR_IN6)];
    INT Connected = MsafdWsaErrorFromStatus(MsafdControl(
        Socket, IOCTL_AFD_GET_REMOTE_ADDRESS, NULL, 0, Peer, sizeof Peer, NULL, 0));
    if (Name == SO_UPDATE_CONNECT_CONTEXT) {
        if (Connected != 0)
            return Connected;
        MsafdSetFlags(Socket, MSAFD_BOUND | MSAFD_CONNECT_STARTED | MSAFD_CONNECTED_EX);
        MsafdClearFlags(Socket, MSAFD_CONTEXT_STALE);
        return 0;
    }
    if (Length < (int)sizeof s || !NT_SUCCESS(MsafdProbe(Value, sizeof s)))
        return WSAEFAULT;
    RtlCopyMemory(&s, Value, sizeof s);
    MSAFD_SOCKET *Listener = MsafdReferenceSocket(s);
    if (Listener == NULL)
        return WSAENOTSOCK;
    INT Error = MsafdTestFlags(Listener, MSAFD_LISTENING) ? Connected : WSAEINVAL;
    if (Error == 0) {
        MsafdSetFlags(Socket, MSAFD_BOUND | MSAFD_ACCEPTED);
        MsafdClearFlags(Socket, MSAFD_CONTEXT_STALE);
        MsafdInheritProperties(Socket, Listener);
    }
    MsafdDereferenceSocket(Listener);
    return Error;
}

static INT MsafdpSetSocketOption(MSAFD_SOCKET *Socket, INT Name, const char *Value, int Length)
{
    const MSAFD_OPTION *Option = MsafdpFindOption(Name);
    if (Option == NULL)
        return WSAENOPROTOOPT;
    if (Option->Kind == MsafdOptionContext)
        return MsafdpUpdateContext(Socket, Name, Value, Length);
    /* What is longer than the option is not looked at. */
    if (Length < 1 ||
        !NT_SUCCESS(MsafdProbe(Value, Length < (int)sizeof(DWORD) ? 1 : sizeof(DWORD))))
        return WSAEFAULT;
    switch (Option->Kind) {
    case MsafdOptionFlag:
        return MsafdpSetFlagOption(Socket, Option, (BOOLEAN)(MsafdpValueOf(Value, Length) != 0));
    case MsafdOptionTransport:
        if (Name == SO_BROADCAST && !MsafdIsDatagram(Socket))
            return WSAENOPROTOOPT;
        return MsafdpSetTransport(Socket, SOL_SOCKET, Name, MsafdpValueOf(Value, Length) != 0);
    case MsafdOptionNumber:
        return Length < (int)sizeof(DWORD)
                   ? WSAEFAULT
                   : MsafdpSetTransport(Socket, SOL_SOCKET, Name, MsafdpValueOf(Value, Length));
    case MsafdOptionTimeout:
        if (Length < (int)sizeof(DWORD))
            return WSAEFAULT;
        *(Name == SO_RCVTIMEO ? &Socket->ReceiveTimeoutMs : &Socket->SendTimeoutMs) =
            MsafdpValueOf(Value, Length);
        return 0;
    case MsafdOptionLinger:
        return MsafdpSetLinger(Socket, Name, Value, Length);
    case MsafdOptionIgnored:
        return 0;
    default:
        return WSAENOPROTOOPT;
    }
}

/* Options of IP, IPv6, TCP and UDP: the transport knows them. One-byte booleans grow to what it
 * takes. */
static INT MsafdpSetProtocolOption(
    MSAFD_SOCKET *Socket, INT Level, INT Name, const char *Value, int Length)
{
    ULONG Number, Bytes = (ULONG)Length;
    if (Length < 0 || Length > MSAFD_OPTION_MAX || !NT_SUCCESS(MsafdProbe(Value, (SIZE_T)Length)))
        return WSAEFAULT;
    if (Length >= 1 && Length < (int)sizeof Number) {
        Number = MsafdpValueOf(Value, Length);
        Bytes = sizeof Number;
        Value = (const char *)&Number;
    }
    return MsafdpOptionError(MsafdTransportOption(
        Socket, AFD_TL_SET_OPTION, Level, Name, (PVOID)(ULONG_PTR)Value, &Bytes));
}

int WSPAPI MsafdSetSockOpt(
    SOCKET s, int Level, int Name, const char *Value, int Length, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    INT Error;
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    if (!MsafdpIsKnownLevel(Level))
        Error = WSAEINVAL;
    else if (Level == SOL_SOCKET)
        Error = MsafdpSetSocketOption(Socket, Name, Value, Length);
    else
        Error = MsafdpSetProtocolOption(Socket, Level, Name, Value, Length);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}

/* --- get --- */

static INT MsafdpReturn(char *Value, LPINT Length, const VOID *Data, ULONG Bytes)
{
    if (*Length < (INT)Bytes || !NT_SUCCESS(MsafdProbeWrite(Value, Bytes)))
        return WSAEFAULT;
    RtlCopyMemory(Value, Data, Bytes);
    *Length = (INT)Bytes;
    return 0;
}

/* Four bytes, or one if there is no room for four. */
static INT MsafdpReturnBoolean(char *Value, LPINT Length, BOOLEAN On)
{
    ULONG Number = On;
    if (*Length >= (INT)sizeof Number)
        return MsafdpReturn(Value, Length, &Number, sizeof Number);
    CHAR Short = (CHAR)On;
    return MsafdpReturn(Value, Length, &Short, sizeof Short);
}

static INT MsafdpReturnNumber(char *Value, LPINT Length, ULONG Number)
{
    return MsafdpReturn(Value, Length, &Number, sizeof Number);
}

static INT MsafdpReturnProtocolA(char *Value, LPINT Length, const WSAPROTOCOL_INFOW *Wide)
{
    WSAPROTOCOL_INFOA Info;
    RtlCopyMemory(&Info, Wide, offsetof(WSAPROTOCOL_INFOW, szProtocol));
    RtlZeroMemory(Info.szProtocol, sizeof Info.szProtocol);
    for (ULONG i = 0; i < WSAPROTOCOL_LEN && Wide->szProtocol[i] != 0; i++)
        Info.szProtocol[i] = (CHAR)Wide->szProtocol[i];
    return MsafdpReturn(Value, Length, &Info, sizeof Info);
}

/* CSADDR_INFO with its two addresses behind it, in the caller's buffer.
 * [doc:winsock/sol-socket-socket-options] */
static INT MsafdpReturnState(MSAFD_SOCKET *Socket, char *Value, LPINT Length)
{
    CSADDR_INFO Info;
    ULONG_PTR Local = 0, Remote = 0;
    UCHAR Addresses[2][sizeof(SOCKADDR_IN6)];
    if (*Length < (INT)(sizeof Info + sizeof Addresses) ||
        !NT_SUCCESS(MsafdProbeWrite(Value, sizeof Info + sizeof Addresses)))
        return WSAEFAULT;
    RtlZeroMemory(&Info, sizeof Info);
    if (!NT_SUCCESS(MsafdControl(
            Socket, IOCTL_AFD_GET_ADDRESS, NULL, 0, Addresses[0], sizeof Addresses[0], &Local, 0)))
        Local = 0;
    if (!NT_SUCCESS(MsafdControl(Socket, IOCTL_AFD_GET_REMOTE_ADDRESS, NULL, 0, Addresses[1],
            sizeof Addresses[1], &Remote, 0)))
        Remote = 0;
    Info.iSocketType = Socket->Type;
    Info.iProtocol = Socket->Protocol;
    char *At = Value + sizeof Info;
    Info.LocalAddr.iSockaddrLength = (INT)Local;
    Info.LocalAddr.lpSockaddr = Local != 0 ? (LPSOCKADDR)(PVOID)At : NULL;
    RtlCopyMemory(At, Addresses[0], Local);
    At += sizeof Addresses[0];
    Info.RemoteAddr.iSockaddrLength = (INT)Remote;
    Info.RemoteAddr.lpSockaddr = Remote != 0 ? (LPSOCKADDR)(PVOID)At : NULL;
    RtlCopyMemory(At, Addresses[1], Remote);
    RtlCopyMemory(Value, &Info, sizeof Info);
    *Length = (INT)(sizeof Info + sizeof Addresses);
    return 0;
}

static INT MsafdpGetReadOnly(SOCKET s, MSAFD_SOCKET *Socket, INT Name, char *Value, LPINT Length)
{
    ULONG Number = MAXULONG;
    switch (Name) {
    case SO_ACCEPTCONN:
        return MsafdpReturnBoolean(Value, Length, MsafdTestFlags(Socket, MSAFD_LISTENING));
    case SO_TYPE:
        return MsafdpReturnNumber(Value, Length, Socket->Type);
    case SO_ERROR:
        if (*Length < (INT)sizeof Number || !NT_SUCCESS(MsafdProbeWrite(Value, sizeof Number)))
            return WSAEFAULT;
        return MsafdpReturnNumber(Value, Length, (ULONG)MsafdConnectError(s, Socket));
    case SO_MAX_MSG_SIZE:
        /* 0: no meaning for a stream; else what fits in an IPv4 datagram */
        return MsafdpReturnNumber(Value, Length, MsafdIsDatagram(Socket) ? 65507 : 0);
    case SO_CONNECT_TIME:
        (VOID) MsafdGetInformation(Socket, AFD_CONNECT_TIME, &Number);
        return MsafdpReturnNumber(Value, Length, Number);
    case SO_PROTOCOL_INFOW:
        return MsafdpReturn(Value, Length, MsafdProtocolOf(Socket), sizeof(WSAPROTOCOL_INFOW));
    case SO_PROTOCOL_INFOA:
        return MsafdpReturnProtocolA(Value, Length, MsafdProtocolOf(Socket));
    case SO_BSP_STATE:
        return MsafdpReturnState(Socket, Value, Length);
    case SO_COMPARTMENT_ID:
        return MsafdpReturnNumber(Value, Length, 1);
    default: /* SO_GROUP_ID */
        return MsafdpReturnNumber(Value, Length, 0);
    }
}

static INT MsafdpGetTransport(MSAFD_SOCKET *Socket, INT Level, INT Name, char *Value, LPINT Length)
{
    ULONG Bytes = *Length < MSAFD_OPTION_MAX ? (ULONG)*Length : MSAFD_OPTION_MAX;
    INT Error = MsafdpOptionError(
        MsafdTransportOption(Socket, AFD_TL_GET_OPTION, Level, Name, Value, &Bytes));
    if (Error == 0)
        *Length = (INT)Bytes;
    return Error;
}

static INT MsafdpGetTransportBoolean(
    MSAFD_SOCKET *Socket, INT Level, INT Name, char *Value, LPINT Length)
{
    ULONG Number = 0, Bytes = sizeof Number;
    INT Error = MsafdpOptionError(
        MsafdTransportOption(Socket, AFD_TL_GET_OPTION, Level, Name, &Number, &Bytes));
    return Error != 0 ? Error : MsafdpReturnBoolean(Value, Length, (BOOLEAN)(Number != 0));
}

static INT MsafdpGetLinger(MSAFD_SOCKET *Socket, INT Name, char *Value, LPINT Length)
{
    LINGER Linger;
    if (MsafdIsDatagram(Socket))
        return WSAENOPROTOOPT;
    MsafdLockSocket(Socket);
    Linger.l_onoff = Socket->LingerOn;
    Linger.l_linger = Socket->LingerSeconds;
    MsafdUnlockSocket(Socket);
    if (Name == SO_DONTLINGER)
        return MsafdpReturnBoolean(Value, Length, (BOOLEAN)(Linger.l_onoff == 0));
    return MsafdpReturn(Value, Length, &Linger, sizeof Linger);
}

static INT MsafdpGetSocketOption(
    SOCKET s, MSAFD_SOCKET *Socket, INT Name, char *Value, LPINT Length)
{
    const MSAFD_OPTION *Option = MsafdpFindOption(Name);
    if (Option == NULL)
        return WSAENOPROTOOPT;
    switch (Option->Kind) {
    case MsafdOptionFlag:
        return MsafdpReturnBoolean(Value, Length, MsafdTestFlags(Socket, Option->Flag));
    case MsafdOptionTransport:
        if (Name == SO_BROADCAST && !MsafdIsDatagram(Socket))
            return WSAENOPROTOOPT;
        return MsafdpGetTransportBoolean(Socket, SOL_SOCKET, Name, Value, Length);
    case MsafdOptionNumber:
        return *Length < (INT)sizeof(DWORD)
                   ? WSAEFAULT
                   : MsafdpGetTransport(Socket, SOL_SOCKET, Name, Value, Length);
    case MsafdOptionTimeout:
        return MsafdpReturnNumber(
            Value, Length, Name == SO_RCVTIMEO ? Socket->ReceiveTimeoutMs : Socket->SendTimeoutMs);
    case MsafdOptionLinger:
        return MsafdpGetLinger(Socket, Name, Value, Length);
    case MsafdOptionReadOnly:
        return MsafdpGetReadOnly(s, Socket, Name, Value, Length);
    case MsafdOptionIgnored:
        return MsafdpReturnBoolean(Value, Length, FALSE);
    default:
        return WSAENOPROTOOPT;
    }
}

int WSPAPI MsafdGetSockOpt(SOCKET s, int Level, int Name, char *Value, LPINT Length, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    INT Error, Room = 0;
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    BOOLEAN Good = (BOOLEAN)NT_SUCCESS(MsafdProbeWrite(Length, sizeof *Length));
    if (Good)
        Room = (INT)MsafdLoad(Length);
    if (!MsafdpIsKnownLevel(Level))
        Error = WSAEINVAL;
    else if (Room < 1 || !NT_SUCCESS(MsafdProbeRange(Value, 1)))
        Error = WSAEFAULT;
    else if (Level == SOL_SOCKET)
        Error = MsafdpGetSocketOption(s, Socket, Name, Value, &Room);
    else
        Error = MsafdpGetTransport(Socket, Level, Name, Value, &Room);
    MsafdDereferenceSocket(Socket);
    if (Error == 0)
        MsafdStore(Length, (ULONG)Room);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}
