/* SPDX-License-Identifier: MIT */
/*
 * afd_events.h - network events of an endpoint: levels, WSAEventSelect's record, when to look.
 *
 * Layer: afd.
 */
#ifndef AFD_EVENTS_H
#define AFD_EVENTS_H

#include "afd_endpoint.h"

/* Internal level, beside AFD_POLL_DISCONNECT: data is still unread before the end of the stream. */
#define AFD_LEVEL_DATA_BEFORE_END 0x80000000u

/*
 * The record of WSAEventSelect: IOCTL_AFD_EVENT_SELECT makes it, the next one or IRP_MJ_CLEANUP ends it.
 * All fields under the endpoint's lock.
 *
 * An event is recorded if it is in Mask and Enabled. Recording disables it: the same event is recorded
 * again only after the call that re-enables it (FD_READ: a receive, FD_WRITE: a send that would block,
 * FD_OOB: a receive of out-of-band data, FD_ACCEPT: an accept, FD_CONNECT and FD_CLOSE: none), and then at
 * once if what it stands for is still true.
 * Event is signalled in the same locked section in which something is recorded, so that
 * ENUM_NETWORK_EVENTS, which takes the record and resets the event under the lock, can never leave one
 * without the other. (Setting an event completes and calls nothing.)
 * [doc:winsock2/WSAEventSelect]
 */
typedef struct AFD_EVENT_SELECTION {
    PKEVENT Event; /* referenced */
    ULONG Mask;    /* AFD_POLL_xxx */
    ULONG Enabled;
    ULONG Missed;  /* came true while not enabled: to be looked at when it is */
    BOOLEAN EndComing; /* data was seen with the end of the stream behind it: look after every receive */
    ULONG Pending;
    NTSTATUS Status[AFD_NUM_POLL_EVENTS];
} AFD_EVENT_SELECTION;

/*
 * AfdQueryLevels - what is true of the endpoint now, as AFD_POLL_xxx. Asks the transport; no lock held.
 * *ConnectStatus, if not NULL, is the status that goes with AFD_POLL_CONNECT_FAIL.
 */
ULONG AfdQueryLevels(AFD_ENDPOINT *Endpoint, NTSTATUS *ConnectStatus);
/* The same in two parts, for polls of many endpoints: whom to ask, and what the answer means. */
TL_ENDPOINT *AfdPollableTransport(const AFD_ENDPOINT *Endpoint);
ULONG AfdLevelsFromTransport(AFD_ENDPOINT *Endpoint, ULONG TransportEvents, NTSTATUS *ConnectStatus);

/*
 * AfdEvaluateEndpoint - something may have become true: records network events and completes polls. Called
 * by the transport's Indicate, and after every change of state. No lock held.
 */
VOID AfdEvaluateEndpoint(AFD_ENDPOINT *Endpoint);

/* Is anybody interested in the events of this endpoint? Cheap; for the data path. */
static inline BOOLEAN AfdHasEventSelection(const AFD_ENDPOINT *Endpoint)
{
    return __atomic_load_n(&Endpoint->EventMask, __ATOMIC_RELAXED) != 0;
}
/*
 * Around a call that re-enables events: Begin before it, End after it. Exhausted says that the call itself has
 * shown the condition to be over (a read that did not fill its buffer), so that the transport need not
 * be asked. Both do nothing when there is no selection.
 */
VOID AfdBeginEnablingCall(AFD_ENDPOINT *Endpoint, ULONG Events);
VOID AfdEndEnablingCall(AFD_ENDPOINT *Endpoint, ULONG Events, BOOLEAN Exhausted);
/*
 * AfdUpdateWatch - tells the transport whether anybody watches the endpoint. When it returns to the one
 * who has just become interested, edges are indicated, or another thread will evaluate the endpoint
 * as soon as they are.
 */
NTSTATUS AfdUpdateWatch(AFD_ENDPOINT *Endpoint);
/* IRP_MJ_CLEANUP. */
VOID AfdEndEventSelection(AFD_ENDPOINT *Endpoint);

#endif
