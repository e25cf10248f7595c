/* SPDX-License-Identifier: MIT */
/*
 * epoll_private.h - the endpoint of the epoll engine.
 *
 * Layer: transport, private to epoll_*.c.
 *
 * Locks. Each direction of an endpoint has a lock of class TlEndpointLock, never two at once; a send and a
 * receive of one connection do not disturb each other. Host calls on the descriptor are made under
 * the lock of their direction, so that after Abort, which takes both locks in turn, no thread uses the
 * descriptor any more. Datagrams are sent without it where none waits, and counted (Outside): Abort waits for those
 * too. KePollerArm and host_source_add are called under it, upcalls never.
 */
#ifndef EPOLL_PRIVATE_H
#define EPOLL_PRIVATE_H

#include "tl_private.h"

#define EPOLL_ENDPOINT_TAG 'EpoE'
#define EPOLL_URGENT_TAG 'EpoU'

/*
 * One direction: receives and accepts, or sends and connects.
 *
 * I1  A request is in Queue exactly while the engine owns it and it pends; Link.Flink is NULL else.
 * I2  Blocked says that the host had nothing at the last look and an edge that came later has not been
 *     handled. It is only acted upon where somebody will look again: for a pending request.
 * I3  While InRing is set the attempt's request is the first of order 0 in Queue and stays there, and nobody
 *     attempts another of that order.
 */
typedef struct EPOLL_DIRECTION {
    EX_LOCK Lock;
    _Guarded_by_(TlEndpointLock) BOOLEAN Blocked;
    BOOLEAN Owed; /* sends: the first of Queue may have been put off; written under Lock, atomic */
    _Guarded_by_(TlEndpointLock) BOOLEAN Held : 1; /* sends: between two of a chain, others wait */
    _Guarded_by_(TlEndpointLock) BOOLEAN ShutdownPending : 1; /* sends: shut down when Queue is empty, nothing Held */
    _Guarded_by_(TlEndpointLock) BOOLEAN InRing : 1; /* an attempt is being made elsewhere: uring_attempt.c */
    _Guarded_by_(TlEndpointLock) BOOLEAN Again : 1;  /* an edge came meanwhile */
    UCHAR Outside; /* datagrams: sends that are being made without Lock; atomic */
    _Guarded_by_(TlEndpointLock) LIST_ENTRY Queue;
} EPOLL_DIRECTION;

/* Urgent bytes that wait to be asked for; more stay in the host, which keeps the last. */
#define EPOLL_URGENT_MAX 16

/*
 * Created by EpollOpen or an accept, freed by EpollClose, through host_poller_retire if it was ever
 * registered, since the poller's handler may be running. Source.fd stays open until EpollClose.
 * The BOOLEANs are set by one thread and read by any: plain bytes, accessed with EpollGet/EpollSet. Only
 * epoll_reuse.c takes them back, while Closed says EPOLL_CHANGING.
 */
struct TL_ENDPOINT {
    struct host_source Source; /* first: the handler gets its address */
    EPOLL_DIRECTION Receive;
    EPOLL_DIRECTION Send;
    TL_WATCH Watch;
    KE_POLLER *Poller; /* atomic; set once, under Watch.Lock */
    UCHAR *UrgentBytes; /* EPOLL_URGENT_MAX, from pool, with the first; under the receive lock */
    TL_SETTINGS Settings;
    USHORT BoundPort; /* network order, while a connect is under way; guarded by the send lock */
    NTSTATUS FatalStatus; /* atomic; what ended the connection, once it is known */
    union { /* written under the receive lock */
        ULONG UnreachableCount;   /* datagrams: errors to be told, see ErrorKept */
        struct {                  /* listeners: is it worth looking for more than one connection? epoll_listen.c */
            UCHAR AcceptMore;     /* how many more than one to look for */
            UCHAR AcceptPatience; /* looks at one connection only, after looking for more was in vain */
            UCHAR AcceptCalm;     /* how many of these are left */
            UCHAR VainAccepts;    /* by edges: looks that found no more */
        };
    };
    UCHAR Family;
    UCHAR Type;
    BOOLEAN Registered; /* in Poller; written under Watch.Lock */
    BOOLEAN RegisteredOutput; /* as Registered: to be told of HOST_POLL_OUT too */
    UCHAR Closed;       /* EPOLL_xxx; not 0: no call uses the descriptor */
    BOOLEAN ResetOnClose;
    BOOLEAN Bound;
    BOOLEAN Listening;
    BOOLEAN Connected;  /* streams: established once; datagrams: associated */
    BOOLEAN SawEnd;     /* an edge told of the peer's end: a short read proves nothing any more */
    BOOLEAN SawUrgent;  /* a read may stop short at the urgent mark */
    BOOLEAN ReceiveShutdown;
    BOOLEAN ErrorKept;     /* datagrams: a send met an error that receives shall tell of */
    BOOLEAN TellsDestination; /* packet information is on in the host, whatever the program has set */
    BOOLEAN SendShutdown;
    BOOLEAN KeepsSend; /* a kept request (datagrams: any) is in Send.Queue; written under the send lock */
    UCHAR UrgentCount; /* of UrgentBytes, taken from the host; written under the receive lock */
    BOOLEAN ByLevel; /* listeners: registered by level, Registered and not RegisteredOutput; written under Watch.Lock */
    /* Under the receive lock: is it worth asking how much a receive has left? NoteVainReceive tells. */
    UCHAR VainReceives : 2;
    BOOLEAN FilledBuffer : 1; /* the last receive left no room */
    BOOLEAN CountsRest : 1;   /* host_receive_counting knows */
    UCHAR ReceiveRun; /* under the receive lock, watched streams: the poller's run, its low bits, at the last receive */
};
#if !defined(DBG) || !DBG
_Static_assert(sizeof(struct TL_ENDPOINT) == 160, "one field more is a larger block for each connection");
#endif

static inline UCHAR EpollUrgentCount(const TL_ENDPOINT *Endpoint)
{
    return __atomic_load_n(&Endpoint->UrgentCount, __ATOMIC_SEQ_CST);
}

static inline BOOLEAN EpollGet(const BOOLEAN *Flag)
{
    return __atomic_load_n(Flag, __ATOMIC_SEQ_CST);
}
static inline VOID EpollSet(BOOLEAN *Flag)
{
    __atomic_store_n(Flag, TRUE, __ATOMIC_SEQ_CST);
}

/* TL_ENDPOINT.Closed */
#define EPOLL_ABORTED 0x1
#define EPOLL_CHANGING 0x2 /* the connection is being replaced */
static inline UCHAR EpollClosed(const TL_ENDPOINT *Endpoint)
{
    return __atomic_load_n(&Endpoint->Closed, __ATOMIC_SEQ_CST);
}

static inline void EpollLockDirection(EPOLL_DIRECTION *Direction) _Acquires_lock_(TlEndpointLock) LOCK_UNCHECKED
{
    ExAcquireLock(&Direction->Lock, TlEndpointLockRank);
}
static inline void EpollUnlockDirection(EPOLL_DIRECTION *Direction) _Releases_lock_(TlEndpointLock) LOCK_UNCHECKED
{
    ExReleaseLock(&Direction->Lock, TlEndpointLockRank);
}

static inline EPOLL_DIRECTION *EpollDirectionOf(TL_ENDPOINT *Endpoint, UCHAR Kind)
{
    return Kind == TlConnect || Kind == TlSend || Kind == TlSendDatagram || Kind == TlAwaitSent ? &Endpoint->Send
                                                                                                : &Endpoint->Receive;
}
static inline BOOLEAN EpollIsStream(const TL_ENDPOINT *Endpoint)
{
    return Endpoint->Type == TL_SOCK_STREAM;
}
/* receives of urgent data pass the others */
static inline BOOLEAN EpollIsExpedited(const TL_REQUEST *Request)
{
    return Request->Kind == TlReceive && (Request->MessageFlags & HOST_MSG_OOB) != 0;
}
/* requests of one direction keep their order within each of these */
#define EPOLL_ORDERS 3
static inline ULONG EpollOrder(const TL_REQUEST *Request)
{
    return Request->Kind == TlAwaitEnd ? 2 : EpollIsExpedited(Request);
}

/* epoll_endpoint.c */
VOID EpollFreeEndpoint(TL_ENDPOINT *Endpoint); /* its memory */
_Must_inspect_result_ NTSTATUS EpollCreateEndpoint(int Fd, ULONG Family, ULONG Type, TL_ENDPOINT **Endpoint);
NTSTATUS EpollFail(TL_ENDPOINT *Endpoint, NTSTATUS Status); /* remembers a fatal status; returns it */
BOOLEAN EpollIsFatal(NTSTATUS Status);

/* epoll_kept.c: after a part of Request was taken, the rest is kept, or Request->Bytes stays */
VOID EpollKeepRest(TL_ENDPOINT *Endpoint, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock);
ULONG EpollKeptBytes(TL_ENDPOINT *Endpoint);
VOID EpollBequeathKept(TL_ENDPOINT *Endpoint); /* from Abort: what is kept outlives the endpoint */

/* epoll_queue.c: making requests pend, and finishing them */
NTSTATUS EpollStart(TL_ENDPOINT *Endpoint, TL_REQUEST *Request, TL_REQUEST_KIND Kind);
_Must_inspect_result_ NTSTATUS EpollPend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
    _Requires_lock_held_(TlEndpointLock);
/* Collects into List what can be finished now that the host has told of Events. */
VOID EpollRunDirection(TL_ENDPOINT *Endpoint, EPOLL_DIRECTION *Direction, ULONG Events, TL_COMPLETION_LIST *List);
/* Takes all pending requests of a direction out, as finished with Status. */
VOID EpollFlushDirection(EPOLL_DIRECTION *Direction, NTSTATUS Status, TL_COMPLETION_LIST *List);
/* The same without those that do not transfer: AwaitEnd. */
VOID EpollFlushTransfers(TL_ENDPOINT *Endpoint, EPOLL_DIRECTION *Direction, NTSTATUS Status, TL_COMPLETION_LIST *List);
VOID EpollTakeOut(TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock); /* of its queue */
VOID EpollComplete(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List); /* upcalls; Endpoint may be gone after */
BOOLEAN EpollCancel(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
/*
 * Poller NULL: the process's. The first choice stays. Output: a send waits, or somebody watches; a connection that only
 * receives is not told of each time that it could send. Locked: the caller holds Watch.Lock.
 */
_Must_inspect_result_ NTSTATUS EpollRegister(TL_ENDPOINT *Endpoint, KE_POLLER *Poller, BOOLEAN Output);
_Must_inspect_result_ NTSTATUS EpollRegisterLocked(TL_ENDPOINT *Endpoint, KE_POLLER *Poller, BOOLEAN Output);
VOID EpollForgetRegistration(TL_ENDPOINT *Endpoint); /* after the source was removed; the caller holds Watch.Lock */

/* epoll_listen.c: EpollRunDirection of a listener */
VOID EpollRunAccepts(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List);

/* epoll_data.c, epoll_connect.c, epoll_listen.c: one attempt; STATUS_DEVICE_NOT_READY: would block */
NTSTATUS EpollTrySend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock);
NTSTATUS EpollTryReceive(TL_ENDPOINT *Endpoint, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock);
/* Datagrams: counts the errors that the host keeps. */
VOID EpollCollectErrors(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
VOID EpollTakeUrgentByte(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
/* Before and after urgent bytes become part of the stream. One that is spent and lies behind other data comes again. */
BOOLEAN EpollIsAtSpentByte(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
VOID EpollDropSpentByte(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
NTSTATUS EpollTrySendDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock);
NTSTATUS EpollSendDatagramNow(TL_ENDPOINT *Endpoint, TL_REQUEST *Request); /* the lock is held, or Outside counts it */
NTSTATUS EpollTryReceiveDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
    _Requires_lock_held_(TlEndpointLock);
NTSTATUS EpollTryConnect(TL_ENDPOINT *Endpoint, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock);
NTSTATUS EpollTryAccept(TL_ENDPOINT *Endpoint, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock);
VOID EpollAbandonConnect(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
VOID EpollFinishShutdown(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);

/* rows of the dispatch table that live elsewhere than in epoll_endpoint.c */
NTSTATUS EpollSend(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS EpollReceive(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS EpollSendDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS EpollReceiveDatagram(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS EpollListen(TL_ENDPOINT *Endpoint, ULONG Backlog);
NTSTATUS EpollAccept(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS EpollConnect(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS EpollAssociate(TL_ENDPOINT *Endpoint, const VOID *Address, ULONG Length);
NTSTATUS EpollDisconnect(TL_ENDPOINT *Endpoint, ULONG How);

NTSTATUS EpollEndOfStream(TL_ENDPOINT *Endpoint, const TL_REQUEST *Request);
BOOLEAN EpollProvesDrained(const TL_ENDPOINT *Endpoint, const TL_REQUEST *Request, SIZE_T Got, SIZE_T Wanted);

/* uring_attempt.c: attempts that a poller makes together */
/* Puts the send off, which has succeeded then, if that pays. FALSE: attempt it. */
BOOLEAN UringPutOff(TL_ENDPOINT *Endpoint, TL_REQUEST *Request) _Requires_lock_held_(TlEndpointLock);
/*
 * A kept send finds no room: one that was put off waits for an edge from now on, as any other rest.
 * STATUS_DEVICE_NOT_READY; else it cannot wait, and is lost.
 */
NTSTATUS UringKeepWaiting(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
VOID UringPay(TL_ENDPOINT *Endpoint); /* sends that were put off are made now */
VOID UringPrepare(TL_ENDPOINT *Endpoint, ULONG Events); /* of the poller's thread, with HOST_POLL_PREPARE */
/* What the attempt said, of which the calling thread is the maker. FALSE: the request goes on waiting. */
BOOLEAN UringFinishAttempt(TL_ENDPOINT *Endpoint, EPOLL_DIRECTION *Direction, TL_COMPLETION_LIST *List)
    _Requires_lock_held_(TlEndpointLock);
/* The request that an attempt is being made for, or NULL. */
TL_REQUEST *UringInFlight(const EPOLL_DIRECTION *Direction) _Requires_lock_held_(TlEndpointLock);
/* Attempts that are being made are finished when it returns. Others may begin unless Closed is set. */
VOID UringSettle(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List);

/* epoll_reuse.c */
NTSTATUS EpollAwaitSent(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS EpollAwaitEnd(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
NTSTATUS EpollTryAwaitSent(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
NTSTATUS EpollTryAwaitEnd(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock);
NTSTATUS EpollReopen(TL_ENDPOINT *Endpoint, ULONG Protocol, BOOLEAN Rebind);
NTSTATUS EpollAdopt(TL_ENDPOINT *Endpoint, TL_ENDPOINT *Accepted);

/* epoll_ready.c */
VOID EpollReady(struct host_source *Source, uint32_t Events);
VOID EpollNoteReceive(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock); /* after an attempt of a stream's */
BOOLEAN EpollIsDataThere(TL_ENDPOINT *Endpoint);
NTSTATUS EpollWatch(TL_ENDPOINT *Endpoint, ULONG Mask, KE_POLLER *Poller);
VOID EpollQueryEvents(TL_ENDPOINT *const *Endpoints, ULONG *Events, ULONG Count);

#endif
