/* SPDX-License-Identifier: MIT */
/*
 * loop_private.h - the endpoint of the loop engine: sockets in memory.
 *
 * Layer: transport, private to loop_*.c.
 *
 * The engine is an instrument for tests: no descriptor, no poller, no clock. Everything happens on the
 * thread that makes a call, in a fixed order, so a program with one thread does the same each time.
 * One lock guards all endpoints (class TlEndpointLock, LoopLock): both ends of a connection change at once,
 * and nobody measures this engine. Upcalls are collected under the lock and made after it.
 *
 * Deliberately absent: raw sockets, broadcast, multicast, TIME_WAIT, urgent data with its own window.
 */
#ifndef LOOP_PRIVATE_H
#define LOOP_PRIVATE_H

#include "tl_private.h"

#define LOOP_ENDPOINT_TAG 'LooE'
#define LOOP_DATA_TAG 'LooD'
#define LOOP_OPTION_TAG 'LooO'

#define LOOP_BUFFER_DEFAULT 65536
#define LOOP_BUFFER_LEAST 16384
#define LOOP_BUFFER_MOST 0x1000000
#define LOOP_WHOLE_MAX 0x10000000 /* what a peer keeps beyond its limit */
#define LOOP_DATAGRAM_MAX 65507 /* of UDP over IPv4 */

/* An address without the two ways to write an IPv4 one. Bytes beyond the family's are 0. */
typedef struct LOOP_ADDRESS {
    UCHAR Bytes[16];
    USHORT Port; /* host order; 0: none */
    BOOLEAN IsV4;
} LOOP_ADDRESS;

typedef struct LOOP_DATAGRAM {
    LIST_ENTRY Link;
    LOOP_ADDRESS From;
    LOOP_ADDRESS To;
    ULONG Bytes;
    UCHAR Data[];
} LOOP_DATAGRAM;

/* What a connected stream has received and not yet delivered. */
typedef struct LOOP_STREAM {
    UCHAR *Data; /* from pool, Size bytes; NULL until the first arrives */
    ULONG Size;
    ULONG Start;
    ULONG Used;
    ULONG MarkOffset; /* bytes before the urgent mark; valid with HasMark */
    BOOLEAN HasMark;
    BOOLEAN HasUrgentByte;
    UCHAR UrgentByte;
} LOOP_STREAM;

/* Connections that nobody has accepted yet. */
typedef struct LOOP_LISTENER {
    LIST_ENTRY Backlog; /* TL_ENDPOINT.BacklogLink */
    ULONG Count;
    ULONG Limit;
} LOOP_LISTENER;

typedef struct LOOP_DATAGRAM_QUEUE {
    LIST_ENTRY Datagrams;
    ULONG Bytes;
    NTSTATUS PendingError; /* an earlier datagram found no receiver */
} LOOP_DATAGRAM_QUEUE;

/*
 * Created by LoopOpen, or by a connect for the other end; freed when closed and Holds is 0.
 * All fields but Watch are guarded by LoopLock.
 *
 * I1  Peer is set exactly while both ends exist and are connected; Peer->Peer is this endpoint.
 * I2  A request is in Receives or Sends exactly while it pends; Link.Flink is NULL else.
 * I3  The endpoint is in the table of bound addresses exactly while Bound.
 * I4  It is in the list of pending indications exactly while PendingEvents is not 0.
 */
struct TL_ENDPOINT {
    TL_WATCH Watch;
    LIST_ENTRY TableLink;
    LIST_ENTRY PendingLink;
    LIST_ENTRY BacklogLink;
    LIST_ENTRY Receives;
    LIST_ENTRY Sends;
    TL_ENDPOINT *Peer;
    union {
        LOOP_STREAM Stream;
        LOOP_LISTENER Listener; /* with Listening */
        LOOP_DATAGRAM_QUEUE Datagram;
    };
    ULONG *Options; /* from pool, one value per row of the option table; NULL: all defaults */
    TL_SETTINGS Settings;
    NTSTATUS FatalStatus;
    ULONG PendingEvents;
    ULONG Holds; /* threads that indicate, without the lock */
    ULONG ReceiveLimit;
    LOOP_ADDRESS Local;
    LOOP_ADDRESS Remote;
    UCHAR Family;
    UCHAR Type;
    BOOLEAN Aborted;
    BOOLEAN Closed;
    BOOLEAN ResetOnClose;
    BOOLEAN Bound;
    BOOLEAN Listening;
    BOOLEAN Connected;
    BOOLEAN PeerEnded;
    BOOLEAN ReceiveShutdown;
    BOOLEAN SendShutdown;
    BOOLEAN ShutdownPending;
    BOOLEAN SendHeld; /* between two sends of a chain: others wait */
    BOOLEAN SendBlocked; /* a send found the peer's buffer full: tell when there is room again */
};

VOID LoopLockEngine(VOID) _Acquires_lock_(TlEndpointLock);
VOID LoopUnlockEngine(VOID) _Releases_lock_(TlEndpointLock);

static inline BOOLEAN LoopIsStream(const TL_ENDPOINT *Endpoint)
{
    return Endpoint->Type == TL_SOCK_STREAM;
}
static inline BOOLEAN LoopIsExpedited(const TL_REQUEST *Request)
{
    return Request->Kind == TlReceive && (Request->MessageFlags & HOST_MSG_OOB) != 0;
}

/* requests of one direction keep their order within each of these */
#define LOOP_ORDERS 3
static inline ULONG LoopOrder(const TL_REQUEST *Request)
{
    return Request->Kind == TlAwaitEnd ? 2 : LoopIsExpedited(Request);
}
static inline BOOLEAN LoopIsSending(UCHAR Kind)
{
    return Kind == TlSend || Kind == TlSendDatagram || Kind == TlAwaitSent;
}

/* loop_endpoint.c */
_Must_inspect_result_ TL_ENDPOINT *LoopCreateEndpoint(ULONG Family, ULONG Type);
VOID LoopDestroyEndpoint(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
VOID LoopCloseLocked(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List) _Requires_lock_held_(TlEndpointLock);
/* Ends the connection towards the peer, and its hold on this endpoint. */
VOID LoopLeavePeer(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List) _Requires_lock_held_(TlEndpointLock);

/* loop_address.c */
_Must_inspect_result_ NTSTATUS LoopReadAddress(const TL_ENDPOINT *Endpoint, const VOID *Address, ULONG Length,
    LOOP_ADDRESS *Read);
ULONG LoopWriteAddress(const TL_ENDPOINT *Endpoint, const LOOP_ADDRESS *From, UCHAR Address[28]);
BOOLEAN LoopIsLocal(const LOOP_ADDRESS *Address); /* loopback or wildcard */
BOOLEAN LoopIsAny(const LOOP_ADDRESS *Address);
BOOLEAN LoopSameAddress(const LOOP_ADDRESS *A, const LOOP_ADDRESS *B); /* with port */
_Must_inspect_result_ NTSTATUS LoopBindLocked(TL_ENDPOINT *Endpoint, const LOOP_ADDRESS *Address)
    _Requires_lock_held_(TlEndpointLock);
/* Binds to the wildcard and a free port, if it is not bound. */
_Must_inspect_result_ NTSTATUS LoopBindImplicitly(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
VOID LoopUnbind(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
/* The best receiver at To: a listener, or for datagrams an endpoint that takes them from From. */
TL_ENDPOINT *LoopFindListener(const LOOP_ADDRESS *To) _Requires_lock_held_(TlEndpointLock);
TL_ENDPOINT *LoopFindDatagram(const LOOP_ADDRESS *To, const LOOP_ADDRESS *From) _Requires_lock_held_(TlEndpointLock);
/* The source address for To, when the endpoint is bound to the wildcard. */
LOOP_ADDRESS LoopSourceFor(const TL_ENDPOINT *Endpoint, const LOOP_ADDRESS *To);

/* loop_queue.c */
NTSTATUS LoopStart(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, TL_REQUEST_KIND Kind);
VOID LoopRun(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List) _Requires_lock_held_(TlEndpointLock);
VOID LoopFlush(LIST_ENTRY *Queue, NTSTATUS Status, TL_COMPLETION_LIST *List) _Requires_lock_held_(TlEndpointLock);
/* The same without those that do not transfer: AwaitEnd. */
VOID LoopFlushTransfers(LIST_ENTRY *Queue, NTSTATUS Status, TL_COMPLETION_LIST *List)
    _Requires_lock_held_(TlEndpointLock);
VOID LoopNote(TL_ENDPOINT *Endpoint, ULONG Events) _Requires_lock_held_(TlEndpointLock); /* indicate later */
VOID LoopDeliver(TL_COMPLETION_LIST *List); /* completions, then all indications that are pending */
BOOLEAN LoopCancel(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);

/* loop_stream.c, loop_datagram.c, loop_connect.c: one attempt; STATUS_DEVICE_NOT_READY: would block */
NTSTATUS LoopTrySend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock);
NTSTATUS LoopTryReceive(TL_ENDPOINT *Endpoint, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock);
/* An urgent byte that waits becomes part of the stream, at its mark. STATUS_INSUFFICIENT_RESOURCES */
NTSTATUS LoopPutUrgentInline(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
NTSTATUS LoopTrySendDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, TL_COMPLETION_LIST *List)
    _Requires_lock_held_(TlEndpointLock);
NTSTATUS LoopTryReceiveDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock);
NTSTATUS LoopTryAccept(TL_ENDPOINT *Endpoint, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock);
VOID LoopFreeStream(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
VOID LoopFreeDatagrams(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
VOID LoopSendEnd(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);   /* FIN to the peer */
VOID LoopSendReset(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock); /* RST, and part from the peer */

/* A part was taken: the rest lies in the peer's buffer too, beyond its limit. */
VOID LoopForceSend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, TL_COMPLETION_LIST *List)
    _Requires_lock_held_(TlEndpointLock);

/* loop_reuse.c */
NTSTATUS LoopAwaitSent(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS LoopAwaitEnd(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS LoopTryAwaitSent(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
NTSTATUS LoopTryAwaitEnd(const TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
NTSTATUS LoopReopen(TL_ENDPOINT *Endpoint, ULONG Protocol, BOOLEAN Rebind);
NTSTATUS LoopAdopt(TL_ENDPOINT *Endpoint, TL_ENDPOINT *Accepted);

/* rows of the dispatch table */
NTSTATUS LoopSend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS LoopReceive(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS LoopSendDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS LoopReceiveDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS LoopBind(TL_ENDPOINT *Endpoint, const VOID *Address, ULONG Length);
NTSTATUS LoopListen(TL_ENDPOINT *Endpoint, ULONG Backlog);
NTSTATUS LoopAccept(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS LoopConnect(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS LoopAssociate(TL_ENDPOINT *Endpoint, const VOID *Address, ULONG Length);
NTSTATUS LoopDisconnect(TL_ENDPOINT *Endpoint, ULONG How);
NTSTATUS LoopSetOption(TL_ENDPOINT *Endpoint, LONG Level, LONG Name, const VOID *Value, ULONG Length);
NTSTATUS LoopGetOption(TL_ENDPOINT *Endpoint, LONG Level, LONG Name, VOID *Value, ULONG *Length);
/* loop_interface.c */
NTSTATUS LoopQueryInterfaces(ULONG Family, TL_INTERFACE *Interfaces, ULONG *Count);
NTSTATUS LoopQueryRoute(const VOID *Remote, ULONG Length, VOID *Local, ULONG *LocalLength);
NTSTATUS LoopBeginChanges(VOID (*Changed)(ULONG Changes));
VOID LoopEndChanges(VOID);
/* loop_option.c */
BOOLEAN LoopIsV6Only(const TL_ENDPOINT *Endpoint);
ULONG LoopOptionValue(const TL_ENDPOINT *Endpoint, LONG Level, LONG Name); /* 0 if it has no such option */
VOID LoopInheritOptions(TL_ENDPOINT *Accepted, const TL_ENDPOINT *Listener) _Requires_lock_held_(TlEndpointLock);
ULONG LoopLevels(const TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);

#endif
