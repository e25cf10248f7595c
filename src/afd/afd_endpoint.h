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
 * Transitions: AfdBind, AfdStartListen, AfdBeginConnect, AfdSettleConnect and AfdEndConnect, AfdAttachConnection,
 * AfdSuperDisconnect, AfdPrepareSendDatagram (implicit bind), AfdCleanup. A transition that calls the
 * transport in between is bracketed by AfdBeginTransition and AfdEndTransition: a second one
 * meanwhile is refused as if the first had been finished. The accepting endpoint of a
 * SUPER_ACCEPT is in transition until its connection comes.
 *
 * I1  Transport is set in every state but Open; once set it stays to the end, so that requests read it without
 *     the lock. What connection it stands for changes: it adopts one that is accepted, and is reopened for reuse.
 * I2  Extra->Listener is set exactly from Listening on.
 * I3  A helper is Open or Closing and has no transport.
 * I4  Extra->PollEntries is empty once IRP_MJ_CLEANUP has run.
 * I5  SuperAccept is set only in Open, in transition, or in Closing.
 * I6  Extra is made by AfdNeedExtra and stays to the end; it is read without the lock, what is in it as it says.
 *     Nothing that only sends and receives needs it.
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
    BOOLEAN HasSelection;   /* Extra->Selection is set; readable without the lock */
    UCHAR SocketType;       /* constant, as the two that follow: of the open packet */
    UCHAR Family;
    UCHAR ConnectAttempt;   /* number of the last attempt, modulo 256; written under the lock, read anywhere */
    ULONG Protocol;
    TL_ENDPOINT *Transport; /* published with release */
    struct AFD_ENDPOINT_EXTRA *Extra; /* published with release; NULL: nothing of it has been needed */
    _Guarded_by_(AfdEndpointLock) struct AFD_ACCEPTING *SuperAccept; /* that will attach a connection to us */
    ULONGLONG ConnectTime; /* interrupt time, 100 ns */
    _Guarded_by_(AfdEndpointLock) UCHAR RemoteAddress[28]; /* SOCKADDR of the peer, from Connecting on */
    _Guarded_by_(AfdEndpointLock) NTSTATUS ConnectStatus; /* of the last failed attempt; 0: none */
} AFD_ENDPOINT;

/*
 * What only some endpoints have: those that listen, are polled or selected, transmit files, wait for changes
 * of the host's addresses, or were given a group, connect data, a quality of service or a context. Freed
 * with the endpoint.
 */
typedef struct AFD_ENDPOINT_EXTRA {
    AFD_ENDPOINT *Endpoint;
    struct AFD_LISTENER *Listener; /* published before the state Listening */
    _Guarded_by_(AfdEndpointLock) struct AFD_EVENT_SELECTION *Selection;
    struct AFD_POLL_QUEUE *PollQueue; /* polls made through this endpoint's file */
    struct KE_POLLER *WatchPoller; /* where to register for watching, referenced, set once; NULL: the process's */
    LIST_ENTRY PollEntries;        /* AFD_POLL_ENTRY, of polls that look at this endpoint; under the lock */
    LIST_ENTRY Transmits;          /* AFD_TRANSMIT, under the lock */
    LIST_ENTRY ChangeEntry;        /* afd_change.c's, under its lock, as the two that follow */
    ULONG ChangesArmed;            /* AFD_POLL_xxx_CHANGE to be recorded; not 0: ChangeEntry is in the list */
    ULONG ChangesArmedAt;
    volatile ULONG Changed;        /* those that have happened since they were armed; readable without a lock */
    volatile ULONG EventMask;      /* of Selection, readable without the lock; 0: none */
    _Guarded_by_(AfdEndpointLock) ULONG EventEpoch; /* what AfdEvaluateEndpoint saw is stale if this has moved */
    struct AFD_GROUP *Group;       /* constant from creation to the end; NULL: none */
    _Guarded_by_(AfdEndpointLock) AFD_CONTEXT_BLOB *Context;
    _Guarded_by_(AfdEndpointLock) struct AFD_CONNECT_STRINGS *Strings; /* NULL: all are empty */
    _Guarded_by_(AfdEndpointLock) AFD_QOS *Qos; /* NULL: never set */
    BOOLEAN GroupClaimed; /* its peer counts for the group: afd_group.c's, under its lock */
    _Guarded_by_(AfdEndpointLock) BOOLEAN Watched;    /* what the transport was last told */
    _Guarded_by_(AfdEndpointLock) BOOLEAN WatchBusy;  /* a thread is telling it */
    _Guarded_by_(AfdEndpointLock) BOOLEAN WatchAgain; /* and shall look again */
} AFD_ENDPOINT_EXTRA;

static inline AFD_ENDPOINT_EXTRA *AfdEndpointExtra(const AFD_ENDPOINT *Endpoint)
{
    return __atomic_load_n(&Endpoint->Extra, __ATOMIC_ACQUIRE);
}
/* NULL but from Listening on. */
static inline struct AFD_LISTENER *AfdEndpointListener(const AFD_ENDPOINT *Endpoint)
{
    const AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    return Extra != NULL ? Extra->Listener : NULL;
}
static inline struct AFD_CONNECT_STRINGS *AfdEndpointStrings(const AFD_ENDPOINT *Endpoint)
    _Requires_lock_held_(AfdEndpointLock)
{
    const AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    return Extra != NULL ? Extra->Strings : NULL;
}
/* Makes the endpoint's extra if there is none. No lock held. NULL: out of memory. */
_Must_inspect_result_ AFD_ENDPOINT_EXTRA *AfdNeedExtra(AFD_ENDPOINT *Endpoint);

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
