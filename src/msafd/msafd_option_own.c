/* SPDX-License-Identifier: MIT */
/*
 * msafd_option_own.c - options of the socket level that are more than a number in a place.
 *
 * Layer: msafd; NT counterpart: the cases of WSPGetSockOpt and WSPSetSockOpt for SO_LINGER, SO_ERROR,
 * SO_PROTOCOL_INFO, SO_BSP_STATE and the context updates after AcceptEx and ConnectEx.
 */
#include "msafd_option_own.h"

#include <stddef.h>

/* --- set --- */

static LINGER MsafdpLinger(MSAFD_SOCKET *Socket)
{
    LINGER Linger;
    MsafdLockSocket(Socket);
    Linger.l_onoff = Socket->LingerOn;
    Linger.l_linger = Socket->LingerSeconds;
    MsafdUnlockSocket(Socket);
    return Linger;
}

static INT MsafdpSetLinger(MSAFD_SOCKET *Socket, LINGER Linger)
{
    ULONG Bytes = sizeof Linger;
    INT Error = MsafdOptionError(
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

INT MsafdSetOwnOption(MSAFD_SOCKET *Socket, INT Name, const char *Value, int Length)
{
    LINGER Linger;
    if (Name == SO_UPDATE_ACCEPT_CONTEXT || Name == SO_UPDATE_CONNECT_CONTEXT)
        return MsafdpUpdateContext(Socket, Name, Value, Length);
    /* SO_ERROR and SO_LINGER have four bytes; a negative length counts as a large one. */
    if ((Length >= 0 && Length < (int)sizeof Linger) ||
        !NT_SUCCESS(MsafdProbe(Value, sizeof Linger)))
        return WSAEFAULT;
    if (Name == SO_ERROR) {
        if (!MsafdPrepareKept(Socket))
            return WSAENOBUFS;
        MsafdKeep(Socket, MsafdKeptError, MsafdLoad(Value));
        return 0;
    }
    RtlCopyMemory(&Linger, Value, sizeof Linger);
    return MsafdpSetLinger(Socket, Linger);
}

INT MsafdSetOtherOption(MSAFD_SOCKET *Socket, INT Name, ULONG Number)
{
    LINGER Linger;
    switch (Name) {
    case SO_RCVTIMEO:
        Socket->ReceiveTimeoutMs = Number;
        return 0;
    case SO_SNDTIMEO:
        Socket->SendTimeoutMs = Number;
        return 0;
    default: /* SO_DONTLINGER */
        Linger = MsafdpLinger(Socket);
        Linger.l_onoff = Number == 0;
        return MsafdpSetLinger(Socket, Linger);
    }
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

static INT MsafdpReturnNumber(char *Value, LPINT Length, ULONG Number)
{
    return MsafdpReturn(Value, Length, &Number, sizeof Number);
}

/* With less room the length tells how much is needed; with more it stays as it is. */
static INT MsafdpReturnProtocol(char *Value, LPINT Length, const VOID *Info, ULONG Bytes)
{
    INT Room = *Length;
    INT Error = MsafdpReturn(Value, Length, Info, Bytes);
    *Length = Room < (INT)Bytes ? (INT)Bytes : Room;
    return Error;
}

static INT MsafdpReturnProtocolA(char *Value, LPINT Length, const WSAPROTOCOL_INFOW *Wide)
{
    WSAPROTOCOL_INFOA Info;
    RtlCopyMemory(&Info, Wide, offsetof(WSAPROTOCOL_INFOW, szProtocol));
    RtlZeroMemory(Info.szProtocol, sizeof Info.szProtocol);
    for (ULONG i = 0; i < WSAPROTOCOL_LEN && Wide->szProtocol[i] != 0; i++)
        Info.szProtocol[i] = (CHAR)Wide->szProtocol[i];
    return MsafdpReturnProtocol(Value, Length, &Info, sizeof Info);
}

/* CSADDR_INFO with its two addresses behind it, in the caller's buffer; the length stays.
 * [doc:winsock/sol-socket-socket-options] */
static INT MsafdpReturnState(MSAFD_SOCKET *Socket, char *Value, LPINT Length)
{
    CSADDR_INFO Info;
    ULONG_PTR Local = 0, Remote = 0;
    UCHAR Addresses[2][sizeof(SOCKADDR_IN6)];
    ULONG Each = MsafdAddressLength(Socket), Needed = sizeof Info + 2 * Each;
    if (*Length < (INT)Needed || !NT_SUCCESS(MsafdProbeWrite(Value, Needed)))
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
    At += Each;
    Info.RemoteAddr.iSockaddrLength = (INT)Remote;
    Info.RemoteAddr.lpSockaddr = Remote != 0 ? (LPSOCKADDR)(PVOID)At : NULL;
    RtlCopyMemory(At, Addresses[1], Remote);
    RtlCopyMemory(Value, &Info, sizeof Info);
    return 0;
}

static INT MsafdpReturnError(SOCKET s, MSAFD_SOCKET *Socket, char *Value, LPINT Length)
{
    if (*Length < (INT)sizeof(ULONG) || !NT_SUCCESS(MsafdProbeWrite(Value, sizeof(ULONG))))
        return WSAEFAULT;
    ULONG Number = (ULONG)MsafdConnectError(s, Socket);
    if (Number == 0)
        Number = MsafdTakeKept(Socket, MsafdKeptError);
    return MsafdpReturnNumber(Value, Length, Number);
}

INT MsafdGetOwnOption(SOCKET s, MSAFD_SOCKET *Socket, INT Name, char *Value, LPINT Length)
{
    ULONG Number = MAXULONG;
    LINGER Linger;
    switch (Name) {
    case SO_LINGER:
        Linger = MsafdpLinger(Socket);
        return MsafdpReturn(Value, Length, &Linger, sizeof Linger);
    case SO_ACCEPTCONN:
        return MsafdReturnValue(MsafdShapeBool, MsafdTestFlags(Socket, MSAFD_LISTENING), Value, Length);
    case SO_TYPE:
        return MsafdpReturnNumber(Value, Length, Socket->Type);
    case SO_ERROR:
        return MsafdpReturnError(s, Socket, Value, Length);
    case SO_MAX_MSG_SIZE:
        /* 0: no meaning for a stream; else what fits in an IPv4 datagram */
        return MsafdpReturnNumber(Value, Length, MsafdIsDatagram(Socket) ? 65507 : 0);
    case SO_CONNECT_TIME:
        (VOID) MsafdGetInformation(Socket, AFD_CONNECT_TIME, &Number);
        return MsafdpReturnNumber(Value, Length, Number);
    case SO_PROTOCOL_INFOW:
        return MsafdpReturnProtocol(
            Value, Length, MsafdProtocolOf(Socket), sizeof(WSAPROTOCOL_INFOW));
    case SO_PROTOCOL_INFOA:
        return MsafdpReturnProtocolA(Value, Length, MsafdProtocolOf(Socket));
    case SO_BSP_STATE:
        return MsafdpReturnState(Socket, Value, Length);
    case SO_COMPARTMENT_ID:
        return MsafdpReturnNumber(Value, Length, 1);
    case SO_GROUP_ID:
        Number = 0;
        (VOID) MsafdGetInformation(Socket, AFD_GROUP_ID_AND_TYPE, &Number);
        return MsafdpReturnNumber(Value, Length, Number);
    default: /* context updates can only be set */
        return WSAENOPROTOOPT;
    }
}

ULONG MsafdGetOtherOption(MSAFD_SOCKET *Socket, INT Name)
{
    switch (Name) {
    case SO_RCVTIMEO:
        return Socket->ReceiveTimeoutMs;
    case SO_SNDTIMEO:
        return Socket->SendTimeoutMs;
    default: /* SO_DONTLINGER */
        return MsafdpLinger(Socket).l_onoff == 0;
    }
}
