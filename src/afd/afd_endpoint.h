/* SPDX-License-Identifier: MIT */
/*
 * afd_endpoint.h - the endpoint: what a socket is inside AFD.
 *
 * Layer: afd. NT counterpart: AFD's endpoint structure. Leaves out what the transport knows (addresses,
 * buffers, options) and what only some endpoints have (listener, poll queue, event selection), which
 * are blocks of their own so that an idle connection stays small.
 */
#ifndef AFD_ENDPOINT_H
#define AFD_ENDPOINT_H

#include "afd_private.h"

typedef enum AFD_ENDPOINT_STATE {
    AfdOpen,
    AfdBound,
    AfdListening,
    AfdConnecting,
    AfdConnected,
    AfdClosing
} AFD_ENDPOINT_STATE;

/* sets of states, for checks */
#define AFD_STATE_BIT(s) (1u << (s))

typedef enum AFD_ENDPOINT_KIND {
    AfdHelper,  /* opened without an open packet: may only send IOCTL_AFD_POLL */
    AfdStream,
    AfdDatagram /* also raw */
} AFD_ENDPOINT_KIND;

/* AFD_ENDPOINT.Ended */
#define AFD_ENDED_SEND 0x1    /* shutdown of the send direction */
#define AFD_ENDED_RECEIVE 0x2
#define AFD_ENDED_ABORT 0x4   /* abortive disconnect by this side */

struct AFD_LISTENER;
struct AFD_EVENT_SELECTION;
struct AFD_POLL_QUEUE;
struct AFD_ACCEPTING;
struct AFD_CONNECT_STRINGS;
struct AFD_GROUP;

typedef struct AFD_CONTEXT_BLOB {
    ULONG Length;
    UCHAR Bytes[];
} AFD_CONTEXT_BLOB;

/*
 * One per FILE_OBJECT on \Device\Afd. Created by AfdCreate. It is kept by the file object (until IRP_MJ_CLOSE), a
 * connection attempt in the background and accept credits. When the last of them is gone, the transport
 * endpoints are closed and the memory is freed: the transport makes no upcall any more (IRP_MJ_CLEANUP
 * has aborted them).
 *
 *   Open --BIND--> Bound --START_LISTEN--> Listening
 *     |  |           |
 *     |  +--CONNECT--+--CONNECT, SUPER_CONNECT--> Connecting --success--> Connected
 *     |              |<------------------------failure---+           ^
 *     |                                                              |
 *     +--ACCEPT, SUPER_ACCEPT (as the accepting endpoint)------------+
 *   datagram: Open --BIND, SEND_DATAGRAM--> Bound <--CONNECT--> Connected (a peer is set, or dissolved)
 *   stream: Connected --SUPER_DISCONNECT for reuse--> Bound, if it had connected itself, else Open
 *   any --IRP_MJ_CLEANUP--> Closing
 *
 * Transitions: AfdBind, AfdStartListen, AfdBeginConnect and AfdEndConnect, AfdAttachConnection,
 * AfdSuperDisconnect, AfdPrepareSendDatagram (implicit bind), AfdCleanup. A transition that calls the
 * transport in between is bracketed by AfdBeginTransition and AfdEndTransition: a second one
 * meanwhile is refused as if the first had been finished. The accepting endpoint of a
 * SUPER_ACCEPT is in transition until its connection comes.
 *
 * I1  Transport is set in every state but Open; once set it stays to the end, so that requests read it without
 *     the lock. What connection it stands for changes: it adopts one that is accepted, and is reopened for reuse.
 * I2  Listener is set exactly from Listening on.
 * I3  A helper is Open or Closing and has no transport.
 * I4  PollEntries is empty once IRP_MJ_CLEANUP has run.
 * I5  SuperAccept is set only in Open, in transition, or in Closing.
 */
typedef struct AFD_ENDPOINT {
    EX_LOCK Lock;
    volatile LONG References;
    UCHAR State; /* AFD_ENDPOINT_STATE: written under the lock with release, read anywhere with acquire */
    UCHAR Kind;  /* constant */
    UCHAR Ended; /* as State */
    BOOLEAN NonBlocking;
    BOOLEAN InlineMode;     /* out-of-band data in line */
    BOOLEAN ActiveConnect;  /* by CONNECT or SUPER_CONNECT, not by ACCEPT */
    BOOLEAN SuperConnect;   /* by SUPER_CONNECT; under the lock */
    _Guarded_by_(AfdEndpointLock) BOOLEAN InTransition;
    _Guarded_by_(AfdEndpointLock) BOOLEAN Watched;    /* what the transport was last told */
    _Guarded_by_(AfdEndpointLock) BOOLEAN WatchBusy;  /* a thread is telling it */
    _Guarded_by_(AfdEndpointLock) BOOLEAN WatchAgain; /* and shall look again */
    struct KE_POLLER *WatchPoller; /* where to register for watching, referenced, set once; NULL: the process's */
    UCHAR SocketType;
    UCHAR Family;
    ULONG Protocol;      /* constant, as the two that follow */
    ULONG EndpointFlags; /* of the open packet */
    struct AFD_GROUP *Group;  /* NULL: none */
    BOOLEAN GroupClaimed;     /* its peer counts for the group: afd_group.c's, under its lock */
    BOOLEAN HasSelection;     /* Selection is set; readable without the lock */
    volatile ULONG EventMask; /* of Selection, readable without the lock; 0: none */
    TL_ENDPOINT *Transport; /* published with release */
    struct AFD_LISTENER *Listener; /* published before the state Listening */
    _Guarded_by_(AfdEndpointLock) struct AFD_ACCEPTING *SuperAccept; /* that will attach a connection to us */
    _Guarded_by_(AfdEndpointLock) struct AFD_EVENT_SELECTION *Selection;
    LIST_ENTRY Transmits;          /* AFD_TRANSMIT, under the lock */
    LIST_ENTRY PollEntries;        /* AFD_POLL_ENTRY, of polls that look at this endpoint; under the lock */
    _Guarded_by_(AfdEndpointLock) ULONG EventEpoch; /* what AfdEvaluateEndpoint saw is stale if this has moved */
    struct AFD_POLL_QUEUE *PollQueue; /* polls made through this endpoint's file */
    LIST_ENTRY ChangeEntry;        /* afd_change.c's, under its lock, as the two that follow */
    ULONG ChangesArmed;            /* AFD_POLL_xxx_CHANGE to be recorded; not 0: ChangeEntry is in the list */
    ULONG ChangesArmedAt;
    volatile ULONG Changed;        /* those that have happened since they were armed; readable without a lock */
    ULONGLONG ConnectTime; /* interrupt time, 100 ns */
    _Guarded_by_(AfdEndpointLock) UCHAR RemoteAddress[28]; /* SOCKADDR of the peer, from Connecting on */
    _Guarded_by_(AfdEndpointLock) NTSTATUS ConnectStatus; /* of the last failed attempt; 0: none */
    _Guarded_by_(AfdEndpointLock) AFD_CONTEXT_BLOB *Context;
    _Guarded_by_(AfdEndpointLock) struct AFD_CONNECT_STRINGS *Strings; /* NULL: all are empty */
    _Guarded_by_(AfdEndpointLock) AFD_QOS *Qos; /* NULL: never set */
} AFD_ENDPOINT;

static inline void AfdLockEndpoint(AFD_ENDPOINT *Endpoint) _Acquires_lock_(AfdEndpointLock) LOCK_UNCHECKED
{
    ExAcquireLock(&Endpoint->Lock, AfdEndpointLockRank);
}
static inline void AfdUnlockEndpoint(AFD_ENDPOINT *Endpoint) _Releases_lock_(AfdEndpointLock) LOCK_UNCHECKED
{
    ExReleaseLock(&Endpoint->Lock, AfdEndpointLockRank);
}

static inline AFD_ENDPOINT_STATE AfdEndpointState(const AFD_ENDPOINT *Endpoint)
{
    return (AFD_ENDPOINT_STATE)__atomic_load_n(&Endpoint->State, __ATOMIC_ACQUIRE);
}
static inline UCHAR AfdEndpointEnded(const AFD_ENDPOINT *Endpoint)
{
    return __atomic_load_n(&Endpoint->Ended, __ATOMIC_ACQUIRE);
}
static inline BOOLEAN AfdIsNonBlocking(const AFD_ENDPOINT *Endpoint)
{
    return __atomic_load_n(&Endpoint->NonBlocking, __ATOMIC_RELAXED);
}
static inline TL_ENDPOINT *AfdEndpointTransport(const AFD_ENDPOINT *Endpoint)
{
    return __atomic_load_n(&Endpoint->Transport, __ATOMIC_ACQUIRE);
}

const char *AfdEndpointStateName(AFD_ENDPOINT_STATE State);
/* Asserts the invariants of the current state. */
VOID AfdAssertEndpoint(const AFD_ENDPOINT *Endpoint) _Requires_lock_held_(AfdEndpointLock);
VOID AfdSetState(AFD_ENDPOINT *Endpoint, AFD_ENDPOINT_STATE State) _Requires_lock_held_(AfdEndpointLock);

/* One reference, owned by the caller (for the file object). NULL: out of memory. */
AFD_ENDPOINT *AfdAllocateEndpoint(AFD_ENDPOINT_KIND Kind);
VOID AfdReferenceEndpoint(AFD_ENDPOINT *Endpoint);
VOID AfdDereferenceEndpoint(AFD_ENDPOINT *Endpoint);

/*
 * AfdEndpointFromFile - NULL if the file object is not one of AFD's. It is recognised by the device that
 * was opened, which no driver layered above changes, never by the top of the device stack.
 */
AFD_ENDPOINT *AfdEndpointFromFile(PFILE_OBJECT FileObject);
VOID AfdSetFileEndpoint(PFILE_OBJECT FileObject, AFD_ENDPOINT *Endpoint);

/*
 * AfdEnsureTransport - the endpoint's transport endpoint, made now if there is none. The transport's
 * Open statuses; STATUS_FILE_CLOSED when the endpoint is closing. No lock held.
 */
_Must_inspect_result_ NTSTATUS AfdEnsureTransport(AFD_ENDPOINT *Endpoint, TL_ENDPOINT **Transport);

/* The endpoint becomes the client of a transport endpoint that came from an accept. */
VOID AfdAdoptTransport(AFD_ENDPOINT *Endpoint, TL_ENDPOINT *Transport);

/*
 * AfdBeginTransition - if the state is one of Allowed and nobody else is changing it, TRUE: the caller owns
 * the right to change the state until AfdEndTransition. *State is the state found; while another
 * transition is under way FALSE with *InTransition set.
 */
BOOLEAN AfdBeginTransition(AFD_ENDPOINT *Endpoint, ULONG Allowed, AFD_ENDPOINT_STATE *State, BOOLEAN *InTransition);
/* FALSE: the endpoint was cleaned up meanwhile and stays Closing. */
BOOLEAN AfdEndTransition(AFD_ENDPOINT *Endpoint, AFD_ENDPOINT_STATE State);

/*
 * AfdReadAddress - copies a SOCKADDR of the endpoint's family from caller's memory into To (28 bytes).
 * STATUS_INVALID_ADDRESS for another family or a short one, STATUS_INVALID_PARAMETER if not even the
 * family is there, STATUS_ACCESS_VIOLATION. AF_UNSPEC passes if AllowUnspecified, with *Length 0.
 */
_Must_inspect_result_ NTSTATUS AfdReadAddress(const AFD_ENDPOINT *Endpoint, const VOID *From, ULONG_PTR FromLength,
    BOOLEAN AllowUnspecified, UCHAR *To, USHORT *Length);
/* INADDR_ANY or in6addr_any */
BOOLEAN AfdIsWildcardAddress(const UCHAR *Address);
static inline USHORT AfdAddressLength(const AFD_ENDPOINT *Endpoint)
{
    return Endpoint->Family == AFD_AF_INET6 ? 28 : 16;
}

#endif
