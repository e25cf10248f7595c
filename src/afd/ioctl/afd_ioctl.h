/* SPDX-License-Identifier: MIT */
/*
 * afd_ioctl.h - the interface of \Device\Afd: open packet, control codes, structures.
 *
 * Contract header between afd, msafd and layered drivers; also installed for programs that use the device
 * themselves. The numbers and layouts are those of Windows 2000 and later for 64-bit programs with plain
 * SOCKADDR addresses (the form since Vista); see docs/SOURCES.md. In and Out: structures at InputBuffer and
 * OutputBuffer. METHOD_NEITHER codes are given the caller's own pointers. [doc:afd-ioctls]
 */
#ifndef AFD_IOCTL_H
#define AFD_IOCTL_H

#include <ntdef.h>
#define AFD_DEVICE_NAME L"\\Device\\Afd"
/* --- open packet: the EA "AfdOpenPacketXX" of NtCreateFile(\Device\Afd\Endpoint) --- */
#define AFD_OPEN_PACKET_NAME "AfdOpenPacketXX"
#define AFD_ENDPOINT_FLAG_CONNECTIONLESS 0x00000001
#define AFD_ENDPOINT_FLAG_MESSAGE_MODE 0x00000010
#define AFD_ENDPOINT_FLAG_RAW 0x00000100
#define AFD_ENDPOINT_FLAG_MULTIPOINT 0x00001000
#define AFD_ENDPOINT_FLAG_CROOT 0x00010000
#define AFD_ENDPOINT_FLAG_DROOT 0x00100000
typedef struct _AFD_OPEN_PACKET {
    ULONG EndpointFlags;
    ULONG GroupID;
    ULONG AddressFamily;
    ULONG SocketType;
    ULONG Protocol;
    ULONG TransportDeviceNameLength; /* bytes; 0: addresses are SOCKADDRs */
    WCHAR TransportDeviceName[1];
} AFD_OPEN_PACKET, *PAFD_OPEN_PACKET;

#include "afd_ioctl_codes.h"

/* BIND. In: share, SOCKADDR. Out: the bound SOCKADDR. */
#define AFD_NORMALADDRUSE 0
#define AFD_REUSEADDRESS 1
#define AFD_WILDCARDADDRESS 2
#define AFD_EXCLUSIVEADDRUSE 3
typedef struct _AFD_BIND_INFO {
    ULONG ShareAccess;
    UCHAR Address[1]; /* SOCKADDR, to the end of the input */
} AFD_BIND_INFO, *PAFD_BIND_INFO;

/*
 * CONNECT. In: this, SOCKADDR. For datagram endpoints: sets or (AF_UNSPEC, or an all-zero address) dissolves
 * the peer. A stream endpoint in non-blocking mode: STATUS_DEVICE_NOT_READY at once while the attempt goes
 * on; its end shows as AFD_POLL_CONNECT or AFD_POLL_CONNECT_FAIL (status in the poll entry and in
 * EventStatus), and GET_INFORMATION(AFD_LAST_CONNECT_STATUS) tells it. Already connected:
 * STATUS_CONNECTION_ACTIVE. An attempt is under way: STATUS_DEVICE_BUSY. Listening: STATUS_INVALID_PARAMETER.
 */
typedef struct _AFD_CONNECT_JOIN_INFO {
    BOOLEAN SanActive;
    HANDLE RootEndpoint;
    HANDLE ConnectEndpoint;
    UCHAR RemoteAddress[1];
} AFD_CONNECT_JOIN_INFO, *PAFD_CONNECT_JOIN_INFO;

/* START_LISTEN */
typedef struct _AFD_LISTEN_INFO {
    BOOLEAN SanActive;
    ULONG MaximumConnectionQueue;
    BOOLEAN UseDelayedAcceptance;
} AFD_LISTEN_INFO, *PAFD_LISTEN_INFO;

/* WAIT_FOR_LISTEN. Out: this, with the peer's SOCKADDR. The connection stays offered under Sequence. */
typedef struct _AFD_LISTEN_RESPONSE_INFO {
    LONG Sequence;
    UCHAR RemoteAddress[28]; /* SOCKADDR */
} AFD_LISTEN_RESPONSE_INFO, *PAFD_LISTEN_RESPONSE_INFO;

/* ACCEPT, on the listener. AcceptHandle is a newly opened endpoint. */
typedef struct _AFD_ACCEPT_INFO {
    BOOLEAN SanActive;
    LONG Sequence;
    HANDLE AcceptHandle;
} AFD_ACCEPT_INFO, *PAFD_ACCEPT_INFO;

/* DEFER_ACCEPT. Reject: reset the connection; otherwise it is offered again, first. */
typedef struct _AFD_DEFER_ACCEPT_INFO {
    LONG Sequence;
    BOOLEAN RejectConnection;
} AFD_DEFER_ACCEPT_INFO, *PAFD_DEFER_ACCEPT_INFO;

/*
 * SUPER_ACCEPT, on the listener (AcceptEx). AcceptHandle is a newly opened endpoint. Out, contiguous:
 * ReceiveDataLength bytes of first data, then the local and the remote address, each an
 * AFD_SUPER_ACCEPT_ADDRESS in an area of the length given. LocalAddressLength 0: not wanted. Less than
 * AFD_SUPER_ACCEPT_EXTRA more than the SOCKADDR: STATUS_BUFFER_TOO_SMALL when the connection comes, which then
 * goes to the next who waits. With ReceiveDataLength not 0 the request completes when data, or the end of the
 * stream, has come. Information: bytes of data. Does not time out; IoCancelIrp gives the connection back to
 * the listener before data was asked for, and resets it after. [doc:mswsock/acceptex]
 */
#define AFD_SUPER_ACCEPT_EXTRA 16
typedef struct _AFD_SUPER_ACCEPT_INFO {
    BOOLEAN SanActive;
    BOOLEAN FixAddressAlignment;
    HANDLE AcceptHandle;
    ULONG ReceiveDataLength;
    ULONG LocalAddressLength;
    ULONG RemoteAddressLength;
} AFD_SUPER_ACCEPT_INFO, *PAFD_SUPER_ACCEPT_INFO;
/* Ours: the format of the areas is private to AcceptEx and GetAcceptExSockaddrs on Windows too. */
typedef struct _AFD_SUPER_ACCEPT_ADDRESS {
    LONG Length; /* of the SOCKADDR */
    UCHAR Address[28];
} AFD_SUPER_ACCEPT_ADDRESS, *PAFD_SUPER_ACCEPT_ADDRESS;

/*
 * SUPER_CONNECT (ConnectEx). In: this; the endpoint is bound. Output buffer and length: data to send when
 * connected, may be empty. Information: bytes sent. Ignores non-blocking mode.
 */
typedef struct _AFD_SUPER_CONNECT_INFO {
    BOOLEAN SanActive;
    DECLSPEC_ALIGN(8) UCHAR RemoteAddress[8]; /* SOCKADDR, to the end of the input */
} AFD_SUPER_CONNECT_INFO, *PAFD_SUPER_CONNECT_INFO;

/*
 * SUPER_DISCONNECT (DisconnectEx). Flags: AFD_TF_REUSE_SOCKET or 0. Completes when this side's end has followed
 * the pending sends. With AFD_TF_REUSE_SOCKET it completes when the peer has ended its direction too; the
 * endpoint is then as after open (if it came by ACCEPT or SUPER_ACCEPT) or as after bind (CONNECT,
 * SUPER_CONNECT), and requests that were still pending end with STATUS_CANCELLED. [doc:mswsock/disconnectex]
 */
#define AFD_TF_DISCONNECT 0x01
#define AFD_TF_REUSE_SOCKET 0x02
#define AFD_TF_WRITE_BEHIND 0x04
#define AFD_TF_USE_SYSTEM_THREAD 0x10
#define AFD_TF_USE_KERNEL_APC 0x20
typedef struct _AFD_SUPER_DISCONNECT_INFO {
    ULONG Flags;
} AFD_SUPER_DISCONNECT_INFO, *PAFD_SUPER_DISCONNECT_INFO;

/*
 * TRANSMIT_FILE. Head, then the file from Offset (WriteLength bytes, 0: to its end; FileHandle NULL: no
 * file), then Tail; Flags AFD_TF_xxx. Information: all bytes sent. Reading from
 * the current position moves it. [doc:mswsock/transmitfile]
 */
typedef struct _AFD_TRANSMIT_FILE_INFO {
    LARGE_INTEGER Offset; /* -1: the file's current position */
    LARGE_INTEGER WriteLength;
    ULONG SendPacketLength;
    HANDLE FileHandle;
    PVOID Head;
    ULONG HeadLength;
    PVOID Tail;
    ULONG TailLength;
    ULONG Flags;
} AFD_TRANSMIT_FILE_INFO, *PAFD_TRANSMIT_FILE_INFO;

/* TRANSMIT_PACKETS. Elements are those of mswsock's TRANSMIT_PACKETS_ELEMENT. [doc:mswsock/transmitpackets] */
#define AFD_TP_MEMORY 1
#define AFD_TP_FILE 2
#define AFD_TP_EOP 4
typedef struct _AFD_TRANSMIT_PACKETS_ELEMENT {
    ULONG Flags; /* AFD_TP_xxx */
    ULONG Length;
    __extension__ union {
        __extension__ struct {
            LARGE_INTEGER FileOffset; /* -1: the file's current position */
            HANDLE FileHandle;
        };
        PVOID Buffer;
    };
} AFD_TRANSMIT_PACKETS_ELEMENT, *PAFD_TRANSMIT_PACKETS_ELEMENT;
typedef struct _AFD_TRANSMIT_PACKETS_INFO {
    PAFD_TRANSMIT_PACKETS_ELEMENT ElementArray;
    ULONG ElementCount;
    ULONG SendSize; /* 0: default */
    ULONG Flags;    /* AFD_TF_xxx */
} AFD_TRANSMIT_PACKETS_INFO, *PAFD_TRANSMIT_PACKETS_INFO;

typedef struct _AFD_WSABUF {
    ULONG len;
    PCHAR buf;
} AFD_WSABUF, *PAFD_WSABUF;

/* AfdFlags */
#define AFD_NO_FAST_IO 0x1 /* also set it on blocking sends under SO_SNDTIMEO: see afd_send.c */
#define AFD_OVERLAPPED 0x2
/* TdiFlags of receive */
#define TDI_RECEIVE_NORMAL 0x00000020
#define TDI_RECEIVE_EXPEDITED 0x00000040
#define TDI_RECEIVE_PEEK 0x00000080
#define TDI_RECEIVE_NO_PUSH 0x00004000 /* wait until the buffers are full: MSG_WAITALL */
/* TdiFlags of send */
#define TDI_SEND_EXPEDITED 0x00000020
#define TDI_SEND_DONT_ROUTE 0x00000400 /* ours: MSG_DONTROUTE */

/* RECEIVE, SEND */
typedef struct _AFD_RECV_INFO {
    PAFD_WSABUF BufferArray;
    ULONG BufferCount;
    ULONG AfdFlags;
    ULONG TdiFlags;
} AFD_RECV_INFO, *PAFD_RECV_INFO, AFD_SEND_INFO, *PAFD_SEND_INFO;

/* RECEIVE_DATAGRAM. Address (SOCKADDR) and *AddressLength are written at completion; both may be NULL. */
typedef struct _AFD_RECV_DATAGRAM_INFO {
    PAFD_WSABUF BufferArray;
    ULONG BufferCount;
    ULONG AfdFlags;
    ULONG TdiFlags;
    PVOID Address;
    PULONG AddressLength;
} AFD_RECV_DATAGRAM_INFO, *PAFD_RECV_DATAGRAM_INFO;

/* SEND_DATAGRAM. The TDI request and connection information in between are reduced to the address. */
typedef struct _AFD_SEND_DATAGRAM_INFO {
    PAFD_WSABUF BufferArray;
    ULONG BufferCount;
    ULONG AfdFlags;
    ULONG TdiFlags;
    PVOID RemoteAddress; /* SOCKADDR; NULL on a connected datagram endpoint */
    ULONG RemoteAddressLength;
} AFD_SEND_DATAGRAM_INFO, *PAFD_SEND_DATAGRAM_INFO;

/*
 * RECEIVE_MESSAGE, SEND_MESSAGE (WSARecvMsg, WSASendMsg), datagram and raw endpoints. ControlBuffer takes or
 * gives WSACMSGHDRs; *ControlLength is room in, bytes out. *MessageFlags out: MSG_TRUNC, MSG_CTRUNC,
 * MSG_BCAST, MSG_MCAST. All are written at completion. [doc:mswsock/lpfn_wsarecvmsg]
 */
typedef struct _AFD_RECV_MESSAGE_INFO {
    AFD_RECV_DATAGRAM_INFO Datagram;
    PVOID ControlBuffer;
    PULONG ControlLength;
    PULONG MessageFlags;
} AFD_RECV_MESSAGE_INFO, *PAFD_RECV_MESSAGE_INFO;
typedef struct _AFD_SEND_MESSAGE_INFO {
    AFD_SEND_DATAGRAM_INFO Datagram;
    PVOID ControlBuffer;
    ULONG ControlLength;
} AFD_SEND_MESSAGE_INFO, *PAFD_SEND_MESSAGE_INFO;

/* POLL and network events */
#define AFD_POLL_RECEIVE_BIT 0
#define AFD_POLL_RECEIVE (1 << AFD_POLL_RECEIVE_BIT)
#define AFD_POLL_RECEIVE_EXPEDITED_BIT 1
#define AFD_POLL_RECEIVE_EXPEDITED (1 << AFD_POLL_RECEIVE_EXPEDITED_BIT)
#define AFD_POLL_SEND_BIT 2
#define AFD_POLL_SEND (1 << AFD_POLL_SEND_BIT)
#define AFD_POLL_DISCONNECT_BIT 3
#define AFD_POLL_DISCONNECT (1 << AFD_POLL_DISCONNECT_BIT)
#define AFD_POLL_ABORT_BIT 4
#define AFD_POLL_ABORT (1 << AFD_POLL_ABORT_BIT)
#define AFD_POLL_LOCAL_CLOSE_BIT 5
#define AFD_POLL_LOCAL_CLOSE (1 << AFD_POLL_LOCAL_CLOSE_BIT)
#define AFD_POLL_CONNECT_BIT 6
#define AFD_POLL_CONNECT (1 << AFD_POLL_CONNECT_BIT)
#define AFD_POLL_ACCEPT_BIT 7
#define AFD_POLL_ACCEPT (1 << AFD_POLL_ACCEPT_BIT)
#define AFD_POLL_CONNECT_FAIL_BIT 8
#define AFD_POLL_CONNECT_FAIL (1 << AFD_POLL_CONNECT_FAIL_BIT)
#define AFD_POLL_QOS_BIT 9
#define AFD_POLL_QOS (1 << AFD_POLL_QOS_BIT)
#define AFD_POLL_GROUP_QOS_BIT 10
#define AFD_POLL_GROUP_QOS (1 << AFD_POLL_GROUP_QOS_BIT)
#define AFD_POLL_ROUTING_IF_CHANGE_BIT 11
#define AFD_POLL_ROUTING_IF_CHANGE (1 << AFD_POLL_ROUTING_IF_CHANGE_BIT)
#define AFD_POLL_ADDRESS_LIST_CHANGE_BIT 12
#define AFD_POLL_ADDRESS_LIST_CHANGE (1 << AFD_POLL_ADDRESS_LIST_CHANGE_BIT)
#define AFD_NUM_POLL_EVENTS 13
#define AFD_POLL_ALL ((1 << AFD_NUM_POLL_EVENTS) - 1)
typedef struct _AFD_POLL_HANDLE_INFO {
    HANDLE Handle;
    ULONG PollEvents;
    NTSTATUS Status;
} AFD_POLL_HANDLE_INFO, *PAFD_POLL_HANDLE_INFO;
/* In and out: out holds the entries that have events, packed, NumberOfHandles of them. */
typedef struct _AFD_POLL_INFO {
    LARGE_INTEGER Timeout; /* 100 ns; negative relative, positive absolute, MAXLONGLONG for ever, 0 at once */
    ULONG NumberOfHandles;
    BOOLEAN Unique;
    AFD_POLL_HANDLE_INFO Handles[1];
} AFD_POLL_INFO, *PAFD_POLL_INFO;

/* PARTIAL_DISCONNECT */
#define AFD_PARTIAL_DISCONNECT_SEND 0x01
#define AFD_PARTIAL_DISCONNECT_RECEIVE 0x02
#define AFD_ABORTIVE_DISCONNECT 0x04
#define AFD_UNCONNECT_DATAGRAM 0x08
typedef struct _AFD_PARTIAL_DISCONNECT_INFO {
    ULONG DisconnectMode;
    LARGE_INTEGER Timeout;
} AFD_PARTIAL_DISCONNECT_INFO, *PAFD_PARTIAL_DISCONNECT_INFO;

/* QUERY_RECEIVE_INFO. AtMark is ours, after the documented members. */
typedef struct _AFD_RECEIVE_INFORMATION {
    ULONG BytesAvailable;
    ULONG ExpeditedBytesAvailable;
    BOOLEAN AtMark;
} AFD_RECEIVE_INFORMATION, *PAFD_RECEIVE_INFORMATION;

/* SET_INFORMATION, GET_INFORMATION */
#define AFD_INLINE_MODE 0x01
#define AFD_NONBLOCKING_MODE 0x02
#define AFD_MAX_SEND_SIZE 0x03
#define AFD_SENDS_PENDING 0x04
#define AFD_MAX_PATH_SEND_SIZE 0x05
#define AFD_RECEIVE_WINDOW_SIZE 0x06
#define AFD_SEND_WINDOW_SIZE 0x07
#define AFD_CONNECT_TIME 0x08 /* seconds connected, 0xFFFFFFFF: not connected */
#define AFD_CIRCULAR_QUEUEING 0x09
#define AFD_GROUP_ID_AND_TYPE 0x0A /* AFD_GROUP_INFO, in LargeInteger */
#define AFD_REPORT_PORT_UNREACHABLE 0x0B
#define AFD_LAST_CONNECT_STATUS 0x80 /* ours: NTSTATUS of the last failed attempt, then cleared; for SO_ERROR */
typedef struct _AFD_INFORMATION {
    ULONG InformationType;
    union {
        BOOLEAN Boolean;
        ULONG Ulong;
        LARGE_INTEGER LargeInteger;
    } Information;
} AFD_INFORMATION, *PAFD_INFORMATION;

/* NO_OPERATION. Succeeds at once, or with this input (ours) pends and then completes so. */
typedef struct _AFD_NO_OPERATION_INFO {
    NTSTATUS Status;
    ULONG_PTR Information;
} AFD_NO_OPERATION_INFO, *PAFD_NO_OPERATION_INFO;

/* EVENT_SELECT. Event NULL and PollEvents 0 end the selection. */
typedef struct _AFD_EVENT_SELECT_INFO {
    HANDLE Event;
    ULONG PollEvents;
} AFD_EVENT_SELECT_INFO, *PAFD_EVENT_SELECT_INFO;
typedef struct _AFD_MESSAGE_SELECT_INFO { /* ours: the same, for WSAAsyncSelect if ForMessages is not 0 */
    AFD_EVENT_SELECT_INFO Select;
    ULONG ForMessages;
} AFD_MESSAGE_SELECT_INFO;

/* ENUM_NETWORK_EVENTS. In: optional event handle (as pointer-sized input buffer address), reset atomically. */
typedef struct _AFD_ENUM_NETWORK_EVENTS_INFO {
    ULONG PollEvents;
    NTSTATUS EventStatus[AFD_NUM_POLL_EVENTS];
} AFD_ENUM_NETWORK_EVENTS_INFO, *PAFD_ENUM_NETWORK_EVENTS_INFO;

#include "afd_ioctl_interface.h"
#include "afd_ioctl_socket.h"

#endif
