/* SPDX-License-Identifier: MIT */
/*
 * msafd_transmit.c - TransmitFile and TransmitPackets.
 *
 * Layer: msafd; NT counterpart: the same of mswsock.dll. Files are read by AFD. Without an OVERLAPPED
 * the call waits, whatever the socket's mode, and SO_SNDTIMEO does not end it.
 */
#include "msafd_private.h"

#include <stddef.h>

_Static_assert(sizeof(TRANSMIT_PACKETS_ELEMENT) == sizeof(AFD_TRANSMIT_PACKETS_ELEMENT) &&
                   offsetof(TRANSMIT_PACKETS_ELEMENT, hFile) ==
                       offsetof(AFD_TRANSMIT_PACKETS_ELEMENT, FileHandle),
    "the elements of TransmitPackets are AFD's");

#define MSAFD_TRANSMIT_FLAGS                                                       \
    (TF_DISCONNECT | TF_REUSE_SOCKET | TF_WRITE_BEHIND | TF_USE_SYSTEM_THREAD | \
        TF_USE_KERNEL_APC)
#define MSAFD_TRANSMIT_MAX 2147483646u /* bytes of one call. [doc:mswsock/transmitfile] */

/* -1: from the file's current position */
static LONGLONG MsafdpFileOffset(const OVERLAPPED *Overlapped)
{
    if (Overlapped == NULL)
        return -1;
    return (LONGLONG)(((ULONGLONG)Overlapped->OffsetHigh << 32) | Overlapped->Offset);
}

/* The state comes before the arguments. [obs:wine/sock TransmitFile] */
static INT MsafdpCheckTransmit(MSAFD_SOCKET *Socket, DWORD Flags)
{
    UCHAR Peer[sizeof(SOCKADDR_IN6)];
    if (!NT_SUCCESS(MsafdControl(
            Socket, IOCTL_AFD_GET_REMOTE_ADDRESS, NULL, 0, Peer, sizeof Peer, NULL, 0)))
        return WSAENOTCONN;
    if ((Flags & ~(DWORD)MSAFD_TRANSMIT_FLAGS) != 0)
        return WSAEINVAL;
    return MsafdTestFlags(Socket, MSAFD_SEND_SHUTDOWN) ? WSAESHUTDOWN : 0;
}

static INT MsafdpTransmitFile(
    SOCKET s, MSAFD_SOCKET *Socket, AFD_TRANSMIT_FILE_INFO *Info, LPOVERLAPPED Overlapped)
{
    MSAFD_REQUEST Request;
    if (MsafdIsDatagram(Socket))
        return WSAENOTCONN;
    INT Error = MsafdpCheckTransmit(Socket, Info->Flags);
    if (Error != 0)
        return Error;
    if (Info->WriteLength.QuadPart > MSAFD_TRANSMIT_MAX)
        return WSAEINVAL;
    if (!NT_SUCCESS(MsafdProbeRange(Info->Head, Info->HeadLength)) ||
        !NT_SUCCESS(MsafdProbeRange(Info->Tail, Info->TailLength)))
        return WSAEFAULT;
    MsafdInitializeRequest(&Request, IOCTL_AFD_TRANSMIT_FILE, Info, sizeof *Info);
    return MsafdControlEither(
        s, Socket, &Request, Overlapped, (BOOLEAN)((Info->Flags & TF_REUSE_SOCKET) != 0));
}

INT MsafdTransmitFile(SOCKET s, HANDLE File, DWORD BytesToWrite, DWORD BytesPerSend,
    LPOVERLAPPED Overlapped, LPTRANSMIT_FILE_BUFFERS Buffers, DWORD Flags)
{
    AFD_TRANSMIT_FILE_INFO Info;
    INT Error = Overlapped != NULL ? MsafdPrepareOverlapped(Overlapped) : 0;
    if (Error != 0)
        return Error;
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return WSAENOTSOCK;
    RtlZeroMemory(&Info, sizeof Info);
    Info.Offset.QuadPart = MsafdpFileOffset(Overlapped);
    Info.WriteLength.QuadPart = BytesToWrite;
    Info.SendPacketLength = BytesPerSend;
    Info.FileHandle = File;
    Info.Flags = Flags;
    if (Buffers != NULL && !NT_SUCCESS(MsafdProbe(Buffers, sizeof *Buffers))) {
        Error = WSAEFAULT;
    } else if (Buffers != NULL) {
        Info.Head = Buffers->Head;
        Info.HeadLength = Buffers->HeadLength;
        Info.Tail = Buffers->Tail;
        Info.TailLength = Buffers->TailLength;
    }
    if (Error == 0)
        Error = MsafdpTransmitFile(s, Socket, &Info, Overlapped);
    MsafdDereferenceSocket(Socket);
    return Error;
}

/* No elements at all are allowed: then the flags alone count. */
static INT MsafdpTransmitPackets(
    SOCKET s, MSAFD_SOCKET *Socket, AFD_TRANSMIT_PACKETS_INFO *Info, LPOVERLAPPED Overlapped)
{
    MSAFD_REQUEST Request;
    SIZE_T Bytes = sizeof *Info->ElementArray * (SIZE_T)Info->ElementCount;
    INT Error = MsafdpCheckTransmit(Socket, Info->Flags);
    if (Error != 0)
        return Error;
    if (Info->ElementCount > MSAFD_BUFFERS_MAX)
        return WSAENOBUFS;
    if (!NT_SUCCESS(MsafdProbe(Info->ElementArray, Bytes)))
        return WSAEFAULT;
    MsafdInitializeRequest(&Request, IOCTL_AFD_TRANSMIT_PACKETS, Info, sizeof *Info);
    if (Bytes != 0)
        MsafdCapture(&Request, offsetof(AFD_TRANSMIT_PACKETS_INFO, ElementArray),
            Info->ElementArray, Bytes);
    return MsafdControlEither(
        s, Socket, &Request, Overlapped, (BOOLEAN)((Info->Flags & TP_REUSE_SOCKET) != 0));
}

INT MsafdTransmitPackets(SOCKET s, LPTRANSMIT_PACKETS_ELEMENT Elements, DWORD Count,
    DWORD SendSize, LPOVERLAPPED Overlapped, DWORD Flags)
{
    AFD_TRANSMIT_PACKETS_INFO Info;
    INT Error = Overlapped != NULL ? MsafdPrepareOverlapped(Overlapped) : 0;
    if (Error != 0)
        return Error;
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return WSAENOTSOCK;
    RtlZeroMemory(&Info, sizeof Info);
    Info.ElementArray = (PAFD_TRANSMIT_PACKETS_ELEMENT)(PVOID)Elements;
    Info.ElementCount = Count;
    Info.SendSize = SendSize;
    Info.Flags = Flags;
    Error = MsafdpTransmitPackets(s, Socket, &Info, Overlapped);
    MsafdDereferenceSocket(Socket);
    return Error;
}
