/* SPDX-License-Identifier: MIT */
/*
 * msafd_private.h - what the files of the provider share.
 *
 * Layer: msafd; NT counterpart: the private headers of msafd.dll.
 */
#ifndef MSAFD_PRIVATE_H
#define MSAFD_PRIVATE_H

#include <winsock2.h>
#include <mstcpip.h>
#include <mswsock.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include <ntapi.h>
#include <ntstatus.h>

#include "afd_ioctl.h"
#include "locks.h"
#include "msafd.h"
#include "msafd_ntos.h"

/* Slots of MSAFD_KEPT_VALUES: values of options that the provider remembers. */
enum MSAFD_KEPT {
    MsafdKeptDebug,
    MsafdKeptError, /* by setsockopt(SO_ERROR), until it is read */
    MsafdKeptSendBuffer,
    MsafdKeptReceiveBuffer,
    MsafdKeptGroupPriority,
    MsafdKeptRandomizePort,
    MsafdKeptPortScalability,
    MsafdKeptReuseUnicastPort,
    MsafdKeptKeepCount,
    MsafdKeptDontFragment,
    MsafdKeptMtuDiscover,
    MsafdKeptBroadcasts,
    MsafdKeptInterface,
    MsafdKeptDestination,
    MsafdKeptInterfaceList,
    MsafdKeptRoutingHeader,
    MsafdKeptArrivalInterface,
    MsafdKeptEcn,
    MsafdKeptPacketInfoEx,
    MsafdKeptRecords,
    MsafdKeptContext,
    MsafdKeptErrors,
    MsafdKeptUserMtu,
    MsafdKeptProtectionLevel,
    MsafdKeptV6Only,
    MsafdKeptMax
};

/* Made for a socket with the first value; stays with its block, so whoever has the socket may follow the pointer. */
typedef struct MSAFD_KEPT_VALUES {
    ULONG Set; /* bit n: Value[n] has been set */
    ULONG Value[MsafdKeptMax];
} MSAFD_KEPT_VALUES;

/*
 * A socket as the provider knows it, one per file object on \Device\Afd.
 * Created by MsafdCreateSocket, ended by MsafdCloseHandle of its last handle, its block kept for
 * another socket when the last reference goes. Blocks never go back to the heap: a look-up may
 * touch one that has just been freed, which does no harm as long as it stays a MSAFD_SOCKET.
 *
 *   References: a count, plus MSAFD_ALLOCATED from creation until the count reaches zero.
 *
 * I1  FileObject holds a reference from creation to the last dereference.
 * I2  Every slot of the table that points here owns one reference and one of Handles.
 * I3  MSAFD_LISTENING is set exactly after a successful START_LISTEN.
 */
typedef struct MSAFD_SOCKET {
    volatile ULONG References;
    volatile ULONG Flags; /* MSAFD_xxx, changed atomically */
    union {
        PVOID FileObject;
        struct MSAFD_SOCKET *NextFree; /* of the free list, and only there */
    };
    volatile LONG Handles;
    volatile ULONG ReceiveTimeoutMs; /* 0: for ever */
    volatile ULONG SendTimeoutMs;
    ULONG CatalogEntryId; /* constant, as the four below */
    LONG Protocol;
    USHORT Family;
    UCHAR Type; /* atomic, like Flags: MsafdPeekSocket */
    UCHAR CreationFlags; /* WSA_FLAG_OVERLAPPED, WSA_FLAG_NO_HANDLE_INHERIT */
    EX_LOCK Lock;        /* class MsafdSocketLock */
    USHORT LingerSeconds _Guarded_by_(MsafdSocketLock);
    USHORT LingerOn _Guarded_by_(MsafdSocketLock);
    LONG EventMask _Guarded_by_(MsafdSocketLock); /* FD_xxx selected */
    ULONG EventHandle _Guarded_by_(MsafdSocketLock); /* a HANDLE; those that are open fit */
    MSAFD_KEPT_VALUES *Kept; /* set once, with release; what it points to is under the lock */
} MSAFD_SOCKET;

#define MSAFD_ALLOCATED 0x80000000u

/* Flags */
#define MSAFD_LISTENING 0x0001u
#define MSAFD_NONBLOCKING 0x0002u
#define MSAFD_SEND_SHUTDOWN 0x0004u
#define MSAFD_RECEIVE_SHUTDOWN 0x0008u
#define MSAFD_CLOSING 0x0010u
#define MSAFD_BOUND 0x0020u
#define MSAFD_CONNECT_STARTED \
    0x0040u /* a connect has been tried; SO_ERROR asks what became of it */
#define MSAFD_OOB_INLINE 0x0080u
#define MSAFD_EXCLUSIVE 0x0100u
#define MSAFD_REUSE 0x0200u
#define MSAFD_CONDITIONAL_ACCEPT 0x0400u
#define MSAFD_ERROR_REPORTED 0x0800u /* SO_ERROR has told about the failed connect */
#define MSAFD_ASYNC_SELECTED 0x1000u /* by WSAAsyncSelect: the event is the provider's own */
/*
 * AcceptEx or ConnectEx has been called and the context not updated: the provider does not take the
 * socket for a connected one, whatever AFD thinks. [doc:winsock/sol-socket-socket-options]
 */
#define MSAFD_CONTEXT_STALE 0x2000u
#define MSAFD_ACCEPTED 0x4000u /* bound by a connection that was accepted */
#define MSAFD_PAUSE_ACCEPT 0x8000u
#define MSAFD_CONNECTED_EX 0x10000u /* by ConnectEx, and the context has been updated */

static inline VOID MsafdSetFlags(MSAFD_SOCKET *Socket, ULONG Flags)
{
    (VOID) __atomic_fetch_or(&Socket->Flags, Flags, __ATOMIC_SEQ_CST);
}
static inline VOID MsafdClearFlags(MSAFD_SOCKET *Socket, ULONG Flags)
{
    (VOID) __atomic_fetch_and(&Socket->Flags, ~Flags, __ATOMIC_SEQ_CST);
}
static inline BOOLEAN MsafdTestFlags(const MSAFD_SOCKET *Socket, ULONG Flags)
{
    return (BOOLEAN)((__atomic_load_n(&Socket->Flags, __ATOMIC_ACQUIRE) & Flags) != 0);
}
static inline BOOLEAN MsafdIsDatagram(const MSAFD_SOCKET *Socket)
{
    return (BOOLEAN)(__atomic_load_n(&Socket->Type, __ATOMIC_ACQUIRE) != SOCK_STREAM);
}
static inline VOID MsafdLockSocket(MSAFD_SOCKET *Socket)
    _Acquires_lock_(MsafdSocketLock) LOCK_UNCHECKED
{
    ExAcquireLock(&Socket->Lock, MsafdSocketLockRank);
}
static inline VOID MsafdUnlockSocket(MSAFD_SOCKET *Socket)
    _Releases_lock_(MsafdSocketLock) LOCK_UNCHECKED
{
    ExReleaseLock(&Socket->Lock, MsafdSocketLockRank);
}

/* --- msafd_table.c --- */
/*
 * The socket behind a handle, with a reference; NULL: none. One atomic read-modify-write, no lock.
 * Safe against a closesocket at the same time.
 */
MSAFD_SOCKET *MsafdReferenceSocket(SOCKET s);
VOID MsafdDereferenceSocket(MSAFD_SOCKET *Socket);
/*
 * For a call that goes on with the handle alone: the socket without a reference. MsafdTestFlags and MsafdIsDatagram
 * may look at it; what they said was of this socket if MsafdIsStillSocket says so afterwards.
 */
MSAFD_SOCKET *MsafdPeekSocket(SOCKET s);
BOOLEAN MsafdIsStillSocket(SOCKET s, const MSAFD_SOCKET *Socket);
/* A zeroed socket with one reference, the caller's; NULL when out of memory. Owns FileObject. */
MSAFD_SOCKET *MsafdAllocateSocket(PVOID FileObject);
/* Puts the socket in the table under a handle; takes its own reference. WSAENOBUFS. */
INT MsafdInsertSocket(SOCKET s, MSAFD_SOCKET *Socket);
/* Takes it out; the slot's reference becomes the caller's. NULL if there is none. */
MSAFD_SOCKET *MsafdRemoveSocket(SOCKET s);
/* A socket with that file object, with a reference. Walks the whole table. */
MSAFD_SOCKET *MsafdFindSocketByFile(PVOID FileObject);
/*
 * The last handle of a file was closed, and not by closesocket: takes out what stands for it, so that the
 * connection ends. Walks the whole table.
 */
VOID MsafdForgetFile(PVOID FileObject);
BOOLEAN MsafdIsSocket(SOCKET s); /* a look without a reference */

/* Numbers of the program lie at any address. */
static inline ULONG MsafdLoad(const VOID *From)
{
    ULONG Value;
    RtlCopyMemory(&Value, From, sizeof Value);
    return Value;
}
static inline VOID MsafdStore(PVOID To, ULONG Value)
{
    RtlCopyMemory(To, &Value, sizeof Value);
}
/* So do addresses: what is looked at is a copy. */
typedef union MSAFD_ADDRESS {
    struct sockaddr Any;
    SOCKADDR_IN Ipv4;
    SOCKADDR_IN6 Ipv6;
} MSAFD_ADDRESS;

/* --- msafd_control.c --- */
static inline INT MsafdFail(LPINT Errno, INT Error)
{
    *Errno = Error;
    return SOCKET_ERROR;
}
/*
 * MsafdControl - one request on the socket, waited for. Returns the final status; a status that a
 * close by another thread caused becomes STATUS_CANCELLED. *Information may be NULL. TimeoutMs 0:
 * for ever. Not alertable: for requests that cannot be repeated.
 */
NTSTATUS MsafdControl(MSAFD_SOCKET *Socket, ULONG Code, const VOID *Input, ULONG InputLength,
    PVOID Output, ULONG OutputLength, PULONG_PTR Information, ULONG TimeoutMs);
/*
 * MsafdControlAlertable - the same for requests that nothing is lost of when they are cancelled:
 * APCs of the thread run while it waits, and then the request is made again for the time that is
 * left.
 */
NTSTATUS MsafdControlAlertable(MSAFD_SOCKET *Socket, ULONG Code, const VOID *Input,
    ULONG InputLength, PVOID Output, ULONG OutputLength, PULONG_PTR Information, ULONG TimeoutMs);
/*
 * MsafdControlOverlapped - the request in the caller's OVERLAPPED: event, completion routine or
 * completion packet. Returns 0 when it has succeeded (with *Bytes and *Flags, each may be NULL), else
 * an error, WSA_IO_PENDING among them. Of all others but WSAEFAULT for the OVERLAPPED itself nothing
 * is told to event, routine or port, and Internal stays STATUS_PENDING. [obs:wine/sock AcceptEx]
 */
INT MsafdControlOverlapped(SOCKET s, const MSAFD_REQUEST *Request, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPDWORD Bytes, LPDWORD Flags);
/* Sets Internal to STATUS_PENDING, as Windows does before it looks at anything else. WSAEFAULT. */
INT MsafdPrepareOverlapped(LPWSAOVERLAPPED Overlapped);
/* Winsock flags that a completion status stands for. */
DWORD MsafdFlagsFromStatus(NTSTATUS Status);
#define MSAFD_BUFFERS_MAX 0x100000u /* of one call; AFD takes fewer */
ULONG MsafdSendTdiFlags(DWORD Flags);    /* MSG_xxx of a send, in AFD's words */
ULONG MsafdReceiveTdiFlags(DWORD Flags); /* and of a receive */
static inline VOID MsafdInitializeRequest(
    MSAFD_REQUEST *Request, ULONG Code, const VOID *Input, ULONG InputLength)
{
    Request->Code = Code;
    Request->Input = Input;
    Request->InputLength = InputLength;
    Request->Output = NULL;
    Request->OutputLength = 0;
    Request->CaptureCount = 0;
}
/* Adds a piece of the program's memory to a request; see MSAFD_CAPTURE. */
static inline VOID MsafdCapture(
    MSAFD_REQUEST *Request, SIZE_T PointerOffset, const VOID *Data, SIZE_T Bytes)
{
    MSAFD_CAPTURE *Capture = &Request->Captures[Request->CaptureCount++];
    Capture->PointerOffset = (ULONG)PointerOffset;
    Capture->Length = (ULONG)Bytes;
    Capture->Data = Data;
}
NTSTATUS MsafdSetInformation(MSAFD_SOCKET *Socket, ULONG Type, ULONG Value);
NTSTATUS MsafdGetInformation(MSAFD_SOCKET *Socket, ULONG Type, PULONG Value);
NTSTATUS MsafdTransportOption(
    MSAFD_SOCKET *Socket, ULONG Direction, INT Level, INT Name, PVOID Value, PULONG Length);
BOOL WSPAPI MsafdGetOverlappedResult(
    SOCKET s, LPWSAOVERLAPPED Overlapped, LPDWORD Bytes, BOOL Wait, LPDWORD Flags, LPINT Errno);

/* --- msafd_socket.c --- */
/*
 * MsafdCreateSocket - opens an endpoint and makes it a socket known to ws2. *ret_Socket has a
 * reference. Returns a Winsock error. CatalogEntryId and creation flags are copied from the
 * listener by accept.
 */
typedef struct MSAFD_CREATE {
    INT Family, Type, Protocol;
    ULONG CatalogEntryId;
    ULONG Flags; /* WSA_FLAG_xxx */
    GROUP Group; /* 0, SG_xxx, or the number of a group */
} MSAFD_CREATE;
INT MsafdOpenEndpoint(const MSAFD_CREATE *Create, PHANDLE Handle, MSAFD_SOCKET **Socket);
/* Publishes an opened endpoint: table, WPUModifyIFSHandle. On failure the caller still owns both.
 */
INT MsafdPublishSocket(HANDLE Handle, MSAFD_SOCKET *Socket);
SOCKET WSPAPI MsafdSocket(int af, int type, int protocol, LPWSAPROTOCOL_INFOW ProtocolInfo, GROUP g,
    DWORD Flags, LPINT Errno);
int WSPAPI MsafdCloseSocket(SOCKET s, LPINT Errno);
int WSPAPI MsafdDuplicateSocket(
    SOCKET s, DWORD ProcessId, LPWSAPROTOCOL_INFOW ProtocolInfo, LPINT Errno);
/* Ends a handle of ours that was never given out, or that closesocket took out of the table. */
VOID MsafdCloseHandle(HANDLE Handle, MSAFD_SOCKET *Socket);

/* --- the other procedures, one file each --- */
int WSPAPI MsafdBind(SOCKET s, const struct sockaddr *Name, int Length, LPINT Errno);
int WSPAPI MsafdListen(SOCKET s, int Backlog, LPINT Errno);
SOCKET WSPAPI MsafdAccept(SOCKET s, struct sockaddr *Address, LPINT AddressLength,
    LPCONDITIONPROC Condition, DWORD_PTR CallbackData, LPINT Errno);
int WSPAPI MsafdConnect(SOCKET s, const struct sockaddr *Name, int Length, LPWSABUF CallerData,
    LPWSABUF CalleeData, LPQOS SQOS, LPQOS GQOS, LPINT Errno);
SOCKET WSPAPI MsafdJoinLeaf(SOCKET s, const struct sockaddr *Name, int Length, LPWSABUF CallerData,
    LPWSABUF CalleeData, LPQOS SQOS, LPQOS GQOS, DWORD Flags, LPINT Errno);
int WSPAPI MsafdSend(SOCKET s, LPWSABUF Buffers, DWORD Count, LPDWORD Sent, DWORD Flags,
    LPWSAOVERLAPPED Overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread,
    LPINT Errno);
int WSPAPI MsafdSendTo(SOCKET s, LPWSABUF Buffers, DWORD Count, LPDWORD Sent, DWORD Flags,
    const struct sockaddr *To, int ToLength, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread, LPINT Errno);
int WSPAPI MsafdRecv(SOCKET s, LPWSABUF Buffers, DWORD Count, LPDWORD Received, LPDWORD Flags,
    LPWSAOVERLAPPED Overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread,
    LPINT Errno);
int WSPAPI MsafdRecvFrom(SOCKET s, LPWSABUF Buffers, DWORD Count, LPDWORD Received, LPDWORD Flags,
    struct sockaddr *From, LPINT FromLength, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread, LPINT Errno);
int WSPAPI MsafdRecvDisconnect(SOCKET s, LPWSABUF Data, LPINT Errno);
int WSPAPI MsafdSendDisconnect(SOCKET s, LPWSABUF Data, LPINT Errno);
int WSPAPI MsafdShutdown(SOCKET s, int How, LPINT Errno);
int WSPAPI MsafdGetSockName(SOCKET s, struct sockaddr *Name, LPINT Length, LPINT Errno);
int WSPAPI MsafdGetPeerName(SOCKET s, struct sockaddr *Name, LPINT Length, LPINT Errno);
int WSPAPI MsafdGetSockOpt(SOCKET s, int Level, int Name, char *Value, LPINT Length, LPINT Errno);
int WSPAPI MsafdSetSockOpt(
    SOCKET s, int Level, int Name, const char *Value, int Length, LPINT Errno);
int WSPAPI MsafdIoctl(SOCKET s, DWORD Code, LPVOID Input, DWORD InputLength, LPVOID Output,
    DWORD OutputLength, LPDWORD Returned, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread, LPINT Errno);
int WSPAPI MsafdSelect(int Count, fd_set *Read, fd_set *Write, fd_set *Except,
    const struct timeval *Timeout, LPINT Errno);
int WSPAPI MsafdEventSelect(SOCKET s, WSAEVENT Event, LONG NetworkEvents, LPINT Errno);
int WSPAPI MsafdEnumNetworkEvents(
    SOCKET s, WSAEVENT Event, LPWSANETWORKEVENTS NetworkEvents, LPINT Errno);
/* msafd_async_select.c. Cancel: the entry of a socket whose AFD selection has been replaced or has ended. */
VOID MsafdCancelAsyncSelect(MSAFD_SOCKET *Socket);
VOID MsafdInheritAsyncSelect(SOCKET s, MSAFD_SOCKET *Socket, MSAFD_SOCKET *Listener);
int WSPAPI MsafdAsyncSelect(SOCKET s, HWND Window, unsigned int Message, LONG Events, LPINT Errno);
INT WSPAPI MsafdAddressToString(LPSOCKADDR Address, DWORD Length, LPWSAPROTOCOL_INFOW ProtocolInfo,
    LPWSTR Text, LPDWORD TextLength, LPINT Errno);
INT WSPAPI MsafdStringToAddress(LPWSTR Text, INT Family, LPWSAPROTOCOL_INFOW ProtocolInfo,
    LPSOCKADDR Address, LPINT Length, LPINT Errno);

/*
 * Destination of connect and ConnectEx, in *Copy when it is good; *None: a datagram socket is to
 * forget its peer.
 */
INT MsafdCheckDestination(const MSAFD_SOCKET *Socket, const struct sockaddr *Name, int Length,
    MSAFD_ADDRESS *Copy, BOOLEAN *None);
/*
 * What goes with a destination. User data is WSAEPROTONOSUPPORT on a stream, which TCP is, and ignored on
 * other sockets; a flow specification beyond best effort is WSAEOPNOTSUPP; WSAEFAULT.
 */
INT MsafdCheckConnectData(
    const MSAFD_SOCKET *Socket, LPWSABUF CallerData, LPWSABUF CalleeData, const QOS *SQOS);
/* Destination of a datagram. */
INT MsafdCheckSendTo(const MSAFD_SOCKET *Socket, const struct sockaddr *To, int ToLength);
/* bind; Winsock error. */
INT MsafdBindSocket(MSAFD_SOCKET *Socket, const struct sockaddr *Name, int Length);
/*
 * A request that is overlapped, or waited for when Overlapped is NULL. Reuse: the connection is to be
 * forgotten by the provider, unless the request fails at once.
 */
INT MsafdControlEither(SOCKET s, MSAFD_SOCKET *Socket, const MSAFD_REQUEST *Request,
    LPOVERLAPPED Overlapped, BOOLEAN Reuse);
/* Clears the flags that a connection has left; returns which ones were set. */
ULONG MsafdForgetConnection(MSAFD_SOCKET *Socket);
/* Sets the event selection of a socket; also used by accept to pass on the listener's. Winsock
 * error. */
INT MsafdSelectEvents(MSAFD_SOCKET *Socket, HANDLE Event, LONG NetworkEvents);
/*
 * Reads and empties the record of network events, resetting Event with it. Winsock error. *Closed: the last
 * handle has been closed, which counts as FD_CLOSE.
 */
INT MsafdReadNetworkEvents(
    MSAFD_SOCKET *Socket, HANDLE Event, LPWSANETWORKEVENTS NetworkEvents, BOOLEAN *Closed);
/* FD_xxx that make the socket's mode fixed non-blocking; 0: none. */
LONG MsafdSelectedEvents(MSAFD_SOCKET *Socket);
/* Copies what an accepted socket inherits from its listener. */
VOID MsafdInheritProperties(MSAFD_SOCKET *Socket, MSAFD_SOCKET *Listener);
/* Of these the values that options keep in the provider. */
VOID MsafdInheritKept(MSAFD_SOCKET *Socket, MSAFD_SOCKET *Listener);
/* What became of an earlier non-blocking connect: 0, or its error. */
INT MsafdConnectError(SOCKET s, MSAFD_SOCKET *Socket);
/* Length of an address of this socket's family (16, 28). */
ULONG MsafdAddressLength(const MSAFD_SOCKET *Socket);
/* The protocol entry of a socket, in this provider's table. */
const WSAPROTOCOL_INFOW *MsafdProtocolOf(const MSAFD_SOCKET *Socket);
/* Function of an extension GUID, NULL: none. */
PVOID MsafdFindExtension(const GUID *Id);

extern WSPUPCALLTABLE MsafdUpcalls;

#endif
