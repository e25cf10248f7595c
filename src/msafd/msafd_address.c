/* SPDX-License-Identifier: MIT */
/*
 * msafd_address.c - getsockname, getpeername, and addresses as wide strings.
 *
 * Layer: msafd; NT counterpart: WSPGetSockName, WSPGetPeerName, WSPAddressToString,
 * WSPStringToAddress.
 */
#include "msafd_private.h"

static INT MsafdpGetName(MSAFD_SOCKET *Socket, ULONG Code, struct sockaddr *Name, LPINT Length)
{
    UCHAR Address[sizeof(SOCKADDR_IN6)];
    ULONG_PTR Bytes = 0;
    BOOLEAN Peer = (BOOLEAN)(Code == IOCTL_AFD_GET_REMOTE_ADDRESS);
    /* Of a peer's name the connection is looked at first. [obs:wine/sock getpeername] */
    if (!Peer && !NT_SUCCESS(MsafdProbeWrite(Length, sizeof *Length)))
        return WSAEFAULT;
    NTSTATUS Status = MsafdControl(Socket, Code, NULL, 0, Address, sizeof Address, &Bytes, 0);
    if (!NT_SUCCESS(Status))
        return MsafdWsaErrorFromStatus(Status);
    if (Peer && !NT_SUCCESS(MsafdProbeWrite(Length, sizeof *Length)))
        return WSAEFAULT;
    INT Room = (INT)MsafdLoad(Length);
    if (Room < 0 || (ULONG_PTR)Room < Bytes || !NT_SUCCESS(MsafdProbeWrite(Name, Bytes)))
        return WSAEFAULT;
    RtlCopyMemory(Name, Address, Bytes);
    MsafdStore(Length, (ULONG)Bytes);
    return 0;
}

int WSPAPI MsafdGetSockName(SOCKET s, struct sockaddr *Name, LPINT Length, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    /* What AcceptEx has connected has no address yet. [doc:mswsock/acceptex] */
    INT Error = MsafdTestFlags(Socket, MSAFD_CONTEXT_STALE) && !MsafdTestFlags(Socket, MSAFD_BOUND)
                    ? WSAEINVAL
                    : MsafdpGetName(Socket, IOCTL_AFD_GET_ADDRESS, Name, Length);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}

int WSPAPI MsafdGetPeerName(SOCKET s, struct sockaddr *Name, LPINT Length, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    INT Error = MsafdTestFlags(Socket, MSAFD_CONTEXT_STALE)
                    ? WSAENOTCONN
                    : MsafdpGetName(Socket, IOCTL_AFD_GET_REMOTE_ADDRESS, Name, Length);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}

INT WSPAPI MsafdAddressToString(LPSOCKADDR Address, DWORD Length, LPWSAPROTOCOL_INFOW ProtocolInfo,
    LPWSTR Text, LPDWORD TextLength, LPINT Errno)
{
    CHAR Narrow[MSAFD_ADDRESS_TEXT_MAX];
    (VOID) ProtocolInfo;
    if (!NT_SUCCESS(MsafdProbeWrite(TextLength, sizeof *TextLength)) ||
        !NT_SUCCESS(MsafdProbe(Address, Length)))
        return MsafdFail(Errno, WSAEFAULT);
    ULONG Count =
        Length < sizeof(Address->sa_family) ? 0 : MsafdFormatSockaddr(Address, Length, Narrow);
    if (Count == 0)
        return MsafdFail(Errno, WSAEINVAL);
    /* The length that is needed is told when the buffer is too small, with the terminating zero. */
    if (MsafdLoad(TextLength) <= Count || Text == NULL) {
        MsafdStore(TextLength, Count + 1);
        return MsafdFail(Errno, WSAEFAULT);
    }
    if (!NT_SUCCESS(MsafdProbeWrite(Text, (Count + 1) * sizeof *Text)))
        return MsafdFail(Errno, WSAEFAULT);
    for (ULONG i = 0; i <= Count; i++)
        Text[i] = (WCHAR)(UCHAR)Narrow[i];
    MsafdStore(TextLength, Count + 1);
    return 0;
}

INT WSPAPI MsafdStringToAddress(LPWSTR Text, INT Family, LPWSAPROTOCOL_INFOW ProtocolInfo,
    LPSOCKADDR Address, LPINT Length, LPINT Errno)
{
    CHAR Narrow[MSAFD_ADDRESS_TEXT_MAX];
    UCHAR Parsed[sizeof(SOCKADDR_IN6)];
    ULONG Bytes = 0, Count = 0;
    (VOID) ProtocolInfo;
    if (!MsafdProbeText(Text, sizeof *Text) ||
        !NT_SUCCESS(MsafdProbeWrite(Length, sizeof *Length)) || Address == NULL)
        return MsafdFail(Errno, WSAEFAULT);
    for (; Text[Count] != 0; Count++) {
        if (Count + 1 >= sizeof Narrow || Text[Count] > 0x7E)
            return MsafdFail(Errno, WSAEINVAL);
        Narrow[Count] = (CHAR)Text[Count];
    }
    Narrow[Count] = 0;
    INT Error = MsafdParseSockaddr(Family, Narrow, Parsed, &Bytes);
    if (Error != 0)
        return MsafdFail(Errno, Error);
    if ((INT)MsafdLoad(Length) < (INT)Bytes) {
        MsafdStore(Length, Bytes);
        return MsafdFail(Errno, WSAEFAULT);
    }
    if (!NT_SUCCESS(MsafdProbeWrite(Address, Bytes)))
        return MsafdFail(Errno, WSAEFAULT);
    RtlCopyMemory(Address, Parsed, Bytes);
    MsafdStore(Length, Bytes);
    return 0;
}
