/* SPDX-License-Identifier: MIT */
/*
 * msafd.h - the base service provider as ws2 sees it.
 *
 * Layer: msafd, NT counterpart: msafd.dll and the provider half of mswsock.dll. The provider is
 * entered through MsafdStartup and its procedure table, as any provider would be. The functions
 * below it are what the service provider interface has no procedure for.
 */
#ifndef MSAFD_H
#define MSAFD_H

#include <winsock2.h>
#include <mswsock.h>
#include <ws2spi.h>

/* WSPStartup of this provider. Any thread; may be called again after WSPCleanup.
 * [ddi:ws2spi/WSPStartup] */
int WSPAPI MsafdStartup(WORD VersionRequested, LPWSPDATA Data, LPWSAPROTOCOL_INFOW ProtocolInfo,
    WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE ProcTable);

/* The protocols this provider offers, in catalog order. */
extern const GUID MsafdProviderId;
const WSAPROTOCOL_INFOW *MsafdProtocols(ULONG *Count);

/*
 * MsafdPoll - WSAPoll over sockets of this provider. Entries with a negative fd are skipped; one
 * that is no socket gets POLLNVAL. Returns the number of entries with events, or SOCKET_ERROR and
 * *Errno. May block; context: application thread.
 */
INT MsafdPoll(WSAPOLLFD *Entries, ULONG Count, INT TimeoutMs, LPINT Errno);

/*
 * MsafdImportHandle - makes a handle that DuplicateHandle made of a socket's handle known to the
 * provider, which calls WPUModifyIFSHandle for it. FALSE: not a handle of one of our sockets.
 */
BOOLEAN MsafdImportHandle(SOCKET s);

/* The one table of NTSTATUS to Winsock error, status.def. */
INT MsafdWsaErrorFromStatus(LONG Status);
/*
 * The error of an overlapped operation that ended with Status, as WSAGetOverlappedResult tells it: a
 * cancelled one is WSA_OPERATION_ABORTED, and statuses that only this stack uses are not known.
 * [obs:wine/sock WSAGetOverlappedResult]
 */
INT MsafdOverlappedErrorFromStatus(LONG Status);
/* The first status that the table gives that error; STATUS_UNSUCCESSFUL if none does. */
LONG MsafdStatusFromWsaError(INT Error);

/* --- extension functions --- */
/*
 * Each returns a Winsock error: 0 done, ERROR_IO_PENDING on its way. Parameters, errors and ownership
 * are those of the functions of mswsock.h, which ws2 exports. Context: application thread; they block
 * only where no OVERLAPPED is given.
 */
INT MsafdAcceptEx(SOCKET Listener, SOCKET Acceptor, PVOID Output, DWORD ReceiveLength,
    DWORD LocalLength, DWORD RemoteLength, LPDWORD Received, LPOVERLAPPED Overlapped);
VOID MsafdGetAcceptExSockaddrs(PVOID Output, DWORD ReceiveLength, DWORD LocalLength,
    DWORD RemoteLength, struct sockaddr **Local, LPINT LocalSize, struct sockaddr **Remote,
    LPINT RemoteSize);
INT MsafdConnectEx(SOCKET s, const struct sockaddr *Name, int Length, PVOID SendBuffer,
    DWORD SendLength, LPDWORD Sent, LPOVERLAPPED Overlapped);
INT MsafdDisconnectEx(SOCKET s, LPOVERLAPPED Overlapped, DWORD Flags, DWORD Reserved);
INT MsafdTransmitFile(SOCKET s, HANDLE File, DWORD BytesToWrite, DWORD BytesPerSend,
    LPOVERLAPPED Overlapped, LPTRANSMIT_FILE_BUFFERS Buffers, DWORD Flags);
INT MsafdTransmitPackets(SOCKET s, LPTRANSMIT_PACKETS_ELEMENT Elements, DWORD Count,
    DWORD SendSize, LPOVERLAPPED Overlapped, DWORD Flags);
INT MsafdRecvMsg(SOCKET s, LPWSAMSG Message, LPDWORD Received, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine);
INT MsafdSendMsg(SOCKET s, LPWSAMSG Message, DWORD Flags, LPDWORD Sent,
    LPWSAOVERLAPPED Overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine);

/*
 * MsafdSetExtensions - what SIO_GET_EXTENSION_FUNCTION_POINTER gives. The functions set the last
 * error, which is ws2's business: so ws2 names them. The table is kept by reference.
 */
typedef struct MSAFD_EXTENSION {
    GUID Id;
    PVOID Function;
} MSAFD_EXTENSION;
VOID MsafdSetExtensions(const MSAFD_EXTENSION *Extensions, ULONG Count);

/* --- addresses as text (msafd_text.c) --- */
#define MSAFD_ADDRESS_TEXT_MAX 72 /* "[ipv6%scope]:port" with its zero */
/* Without port and brackets; returns the length. Text has room for MSAFD_ADDRESS_TEXT_MAX. */
ULONG MsafdFormatIpv4(const UCHAR *Address, CHAR *Text);
ULONG MsafdFormatIpv6(const UCHAR *Address, CHAR *Text);
/*
 * MsafdFormatSockaddr - address[%scope] with :port if the port is not 0. Returns the length, 0 for
 * an unknown family or a wrong length.
 */
ULONG MsafdFormatSockaddr(const VOID *Address, ULONG Length, CHAR *Text);
/* Strict forms: four decimal parts; RFC 4291. Text up to a zero. TRUE if the whole text is an
 * address. */
BOOLEAN MsafdParseIpv4(const CHAR *Text, UCHAR *Address);
BOOLEAN MsafdParseIpv6(const CHAR *Text, UCHAR *Address);
/* address[:port], or [address%scope]:port. Fills a SOCKADDR of that family; returns a Winsock
 * error. */
INT MsafdParseSockaddr(INT Family, const CHAR *Text, VOID *Address, ULONG *Length);

#endif
