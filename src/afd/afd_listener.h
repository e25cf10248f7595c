/* SPDX-License-Identifier: MIT */
/*
 * afd_listener.h - what a listening endpoint has beyond the others.
 *
 * Layer: afd. NT counterpart: AFD's listening endpoint and its lists of connections.
 */
#ifndef AFD_LISTENER_H
#define AFD_LISTENER_H

#include "afd_endpoint.h"
#include "afd_request.h"

typedef enum AFD_CONNECTION_STATE {
    AfdUnaccepted, /* in Listener->Unaccepted, nobody has been told */
    AfdOffered     /* in Listener->Offered: a WAIT_FOR_LISTEN reply has named it by its sequence */
} AFD_CONNECTION_STATE;

/*
 * A connection that has arrived and belongs to no endpoint yet. Made with the credit; ends in
 * AfdAttachConnection (the transport endpoint moves on) or AfdAbortConnection.
 */
typedef struct AFD_CONNECTION {
    LIST_ENTRY Link;
    TL_ENDPOINT *Transport; /* no client yet: makes no upcalls */
    LONG Sequence;          /* not 0; given when it is first offered */
    UCHAR State;
    USHORT AddressLength;
    UCHAR Address[28]; /* the peer's */
    struct AFD_CONNECT_STRINGS *Strings; /* for its acceptance; NULL: none, in Unaccepted always */
} AFD_CONNECTION;

/*
 * An accept request that the transport holds. It takes a connection from the host only against one, so that
 * a full backlog means what it should: there are as many credits as waiting IRPs. Freed by whoever sees it
 * end: the upcall, or, while a thread holds it (the submitter, or the one that takes it back), that
 * thread. Keeps a reference to the endpoint.
 */
typedef struct AFD_CREDIT {
    AFD_OPERATION Operation;
    AFD_CONNECTION *Connection; /* room for what will arrive */
    LIST_ENTRY Link;            /* Listener->Credits, while Listed; as all that follows under the endpoint's lock */
    PIRP Irp;                   /* the waiter it was made for, while both last; else NULL */
    BOOLEAN Listed;
    BOOLEAN Held;
    BOOLEAN Arrived; /* ended while Held */
} AFD_CREDIT;

/*
 * Allocated by AfdStartListen, freed with the endpoint. Everything is under the endpoint's lock but
 * WaitQueue and QueueLock, which are the cancel-safe queue's, and UnacceptedCount, which polls read.
 *
 * L1  Unaccepted is non-empty only in Listening.
 * L2  WaitQueue holds no IRP while Unaccepted holds a connection, but for the moment until the thread that has
 *     just queued an IRP has looked (AfdpPairWaiters).
 * L3  CreditCount, the credits in Credits, is Claims, the IRPs that wait or are about to, or more for the moment
 *     until the surplus is taken back (AfdpPickSurplus).
 * L4  DriverContext[0] of a waiting IRP is the credit made for it, or NULL when that has gone to another waiter.
 *     An IRP that is cancelled takes its own credit along, because its thread may have been the one
 *     that polled for it.
 * L5  DriverContext[1] of a waiting IRP is its AFD_ACCEPTING, or NULL for the other waits.
 * L6  Attaching holds the SUPER_ACCEPTs that have left WaitQueue with a connection and are not completed yet.
 */
typedef struct AFD_LISTENER {
    AFD_ENDPOINT *Endpoint;
    LIST_ENTRY Unaccepted;
    LIST_ENTRY Offered;
    LIST_ENTRY Credits;
    volatile ULONG UnacceptedCount;
    ULONG CreditCount;
    ULONG Claims;
    LONG LastSequence;
    IO_CSQ Csq;
    EX_LOCK QueueLock;
    LIST_ENTRY WaitQueue;
    LIST_ENTRY Attaching;
    /* Bound to one address, which is then that of every connection: constant. Length 0: to a wildcard. */
    ULONG LocalLength;
    UCHAR LocalAddress[28];
} AFD_LISTENER;

/* slots of DriverContext of a waiting IRP; the cancel-safe queue has the last */
#define AFD_WAITER_CREDIT 0
#define AFD_WAITER_SUPER_ACCEPT 1

/* --- afd_listen.c --- */
VOID AfdFreeListener(AFD_LISTENER *Listener);
/* IRP_MJ_CLEANUP, after the state is Closing and the transport aborted: no lock held. */
VOID AfdDrainListener(AFD_ENDPOINT *Endpoint, AFD_LISTENER *Listener);
/* The credit's request has ended with Operation.Tl.Status: an upcall. */
VOID AfdConnectIndication(AFD_OPERATION *Operation);
/*
 * AfdReturnConnection - gives a connection to the first waiting IRP, or keeps it as Unaccepted, first or
 * last of the list. The connection is the callee's on every exit. No lock held.
 */
VOID AfdReturnConnection(AFD_ENDPOINT *Endpoint, AFD_CONNECTION *Connection, BOOLEAN First);
/* The first kept connection, now the caller's, or NULL. */
AFD_CONNECTION *AfdTakeUnaccepted(AFD_LISTENER *Listener) _Requires_lock_held_(AfdEndpointLock);
/* Links the caller's connection as Offered and fills the reply. The caller then completes the IRP. */
VOID AfdOfferConnection(AFD_LISTENER *Listener, AFD_CONNECTION *Connection, PIRP Irp, ULONG_PTR *Information)
    _Requires_lock_held_(AfdEndpointLock);
/* Unlinked or never linked: resets the connection and frees the record. No lock held. */
VOID AfdAbortConnection(AFD_CONNECTION *Connection);
/* The offered connection with that sequence, which stays where it is, or NULL. */
AFD_CONNECTION *AfdFindOffered(const AFD_LISTENER *Listener, LONG Sequence) _Requires_lock_held_(AfdEndpointLock);

/* --- afd_credit.c --- */
/* NULL: out of memory. Held by the caller, not listed. */
AFD_CREDIT *AfdAllocateCredit(AFD_ENDPOINT *Endpoint);
VOID AfdFreeCredit(AFD_CREDIT *Credit);
/* The credit's request has succeeded: its connection record, filled in, now the caller's. */
AFD_CONNECTION *AfdTakeArrival(AFD_CREDIT *Credit);
VOID AfdListCredit(AFD_LISTENER *Listener, AFD_CREDIT *Credit) _Requires_lock_held_(AfdEndpointLock);
VOID AfdUnlistCredit(AFD_LISTENER *Listener, AFD_CREDIT *Credit) _Requires_lock_held_(AfdEndpointLock);
/* The holder lets go: TRUE if it has ended and the caller must free it, after the lock is released. */
BOOLEAN AfdReleaseCredit(AFD_CREDIT *Credit) _Requires_lock_held_(AfdEndpointLock);
/*
 * AfdPickSurplus - if there are more credits than claims, one of them, unlisted and held by the caller, who
 * passes it to AfdTakeBackCredit (which accepts NULL) after releasing the lock. Preferably the given one.
 */
AFD_CREDIT *AfdPickSurplus(AFD_LISTENER *Listener, AFD_CREDIT *Preferred) _Requires_lock_held_(AfdEndpointLock);
VOID AfdTakeBackCredit(AFD_CREDIT *Credit);

/* --- afd_accept.c --- */
/* A waiting IRP leaves the queue: parts it from its credit, which is returned, and withdraws its claim. */
AFD_CREDIT *AfdForgetWaiter(AFD_LISTENER *Listener, PIRP Irp) _Requires_lock_held_(AfdEndpointLock);
IO_CSQ_COMPLETE_CANCELED_IRP AfdCompleteCanceledWait; /* with STATUS_CANCELLED; no lock held */
/*
 * AfdWaitForConnection - a connection for the IRP, now or later: the one way to wait for one. The endpoint
 * is or was Listening. The IRP is the callee's on every exit; returns what the dispatch routine has to.
 */
typedef struct AFD_WAIT_KIND {
    struct AFD_ACCEPTING *SuperAccept; /* NULL: WAIT_FOR_LISTEN */
    struct KE_POLLER *Poller;
    UCHAR Flags; /* TL_REQUEST_xxx */
    BOOLEAN Lifo;
} AFD_WAIT_KIND;
NTSTATUS AfdWaitForConnection(AFD_ENDPOINT *Endpoint, PIRP Irp, const AFD_WAIT_KIND *Kind);
/* A connection for a dequeued IRP, to be followed by AfdFinishWaiter without the lock. */
VOID AfdGiveConnection(AFD_LISTENER *Listener, AFD_CONNECTION *Connection, PIRP Irp, ULONG_PTR *Information)
    _Requires_lock_held_(AfdEndpointLock);
/*
 * AfdFinishWaiter - the IRP has been given a connection: completes it, or goes on with it. Returns the
 * connection if the IRP failed and could not take it: the caller returns it to the listener, which it keeps
 * referenced. *Status is what a dispatch routine would return.
 */
_Must_inspect_result_ AFD_CONNECTION *AfdFinishWaiter(PIRP Irp, ULONG_PTR Information, NTSTATUS *Status);
/* A dequeued IRP, or one that could not be queued, ends without a connection. Returns Status. */
NTSTATUS AfdFailWaiter(PIRP Irp, NTSTATUS Status);

/*
 * AfdBeginAttach - the endpoint is going to take over a connection: it is in transition until
 * AfdAttachConnection or AfdEndTransition. STATUS_INVALID_PARAMETER: it is not a new stream endpoint of the
 * listener's family.
 * AfdAttachConnection - it takes the connection over. STATUS_FILE_CLOSED: it was closed meanwhile;
 * STATUS_INVALID_PARAMETER: its group forbids the peer. Then the connection stays the caller's. Both: no lock held.
 */
_Must_inspect_result_ NTSTATUS AfdBeginAttach(AFD_ENDPOINT *Endpoint, const AFD_ENDPOINT *Listener);
_Must_inspect_result_ NTSTATUS AfdAttachConnection(AFD_ENDPOINT *Endpoint, AFD_CONNECTION *Connection);

#endif
