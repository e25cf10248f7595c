/* SPDX-License-Identifier: MIT */
/*
 * afd_events.h - network events of an endpoint: levels, WSAEventSelect's record, when to look.
 *
 * Layer: afd.
 */
#ifndef AFD_EVENTS_H
#define AFD_EVENTS_H

#include "afd_endpoint.h"

/*
 * The record of WSAEventSelect. IOCTL_AFD_EVENT_SELECT makes it, and from then on it lasts until IRP_MJ_CLEANUP
 * or the reuse of the socket: what was recorded, and what is not enabled, survives a change of the selection, as
 * Windows has it. All fields under the endpoint's lock.
 *
 * An event is recorded if it is Enabled, in Mask or not; recording disables it. What disables it further: the
 * same event is recorded again after the call that re-enables it (FD_READ: a receive, FD_WRITE: a send that
 * would block, FD_OOB: a receive of out-of-band data, FD_ACCEPT: an accept, FD_CONNECT: a connect, FD_CLOSE:
 * none), and then at once if what it stands for is still true; and for FD_READ, FD_OOB and FD_ACCEPT also
 * when more has arrived, which Counts tell. The re-enabling call takes back what nobody has read yet.
 * A selection for window messages (ForMessages) differs: each new one starts from nothing, what is true then
 * is recorded (but not FD_CONNECT), and only the re-enabling calls lead to the same event again.
 * Event is signalled in the same locked section in which something is recorded, so that
 * ENUM_NETWORK_EVENTS, which takes the record and resets the event under the lock, can never leave one
 * without the other. (Setting an event completes and calls nothing.)
 * [doc:winsock2/WSAEventSelect] [test:wine/ws2_32/sock.c events]
 */
typedef struct AFD_EVENT_SELECTION {
    PKEVENT Event; /* referenced; NULL: nothing is selected now */
    ULONG Mask;    /* AFD_POLL_xxx, 0 without Event */
    ULONG Enabled;
    ULONG Missed;  /* came true while not enabled: to be looked at when it is */
    ULONG Pending;
    BOOLEAN ForMessages;
    NTSTATUS Status[AFD_NUM_POLL_EVENTS];
    ULONG Counts[AFD_NUM_POLL_EVENTS]; /* bytes or connections there when the event was recorded, or "not counted" */
} AFD_EVENT_SELECTION;

/*
 * AfdQueryLevels - what is true of the endpoint now, as AFD_POLL_xxx. Asks the transport; no lock held.
 * *ConnectStatus, if not NULL, is the status that goes with AFD_POLL_CONNECT_FAIL.
 */
ULONG AfdQueryLevels(AFD_ENDPOINT *Endpoint, NTSTATUS *ConnectStatus);
/*
 * The same in two parts, for polls of many endpoints: whom to ask, and what the answer means. *Attempt goes from
 * the first to the second: an answer about one attempt to connect must not be taken for the next one's.
 */
TL_ENDPOINT *AfdPollableTransport(const AFD_ENDPOINT *Endpoint, UCHAR *Attempt);
ULONG AfdLevelsFromTransport(AFD_ENDPOINT *Endpoint, UCHAR Attempt, ULONG TransportEvents, NTSTATUS *ConnectStatus);

/*
 * AfdEvaluateEndpoint - something may have become true: records network events and completes polls. Called
 * after every change of state. No lock held.
 * AfdEvaluateEdges - the same by the transport's Indicate: nothing has become true but what the edges, TL_EVENT_xxx,
 * are about.
 */
VOID AfdEvaluateEndpoint(AFD_ENDPOINT *Endpoint);
VOID AfdEvaluateEdges(AFD_ENDPOINT *Endpoint, ULONG Edges);

/* Is there a record of events for this endpoint? Cheap; for the data path. */
static inline BOOLEAN AfdHasEventSelection(const AFD_ENDPOINT *Endpoint)
{
    return __atomic_load_n(&Endpoint->HasSelection, __ATOMIC_RELAXED);
}
/* Has WSAEventSelect or WSAAsyncSelect selected any just now? */
BOOLEAN AfdAreEventsSelected(const AFD_ENDPOINT *Endpoint);
/*
 * Around a call that re-enables events: Begin before it, End after it. Exhausted says that the call itself has
 * shown the condition to be over (a read that did not fill its buffer, or would block), so that the transport
 * need not be asked: what becomes true later has an edge, and one that comes before End is noted in Missed. Both do
 * nothing when there is no selection.
 */
VOID AfdBeginEnablingCall(AFD_ENDPOINT *Endpoint, ULONG Events);
VOID AfdEndEnablingCall(AFD_ENDPOINT *Endpoint, ULONG Events, BOOLEAN Exhausted);
/*
 * A call was refused because of its buffers: window messages are enabled again all the same.
 * [test:wine/ws2_32/sock.c events]
 */
VOID AfdEndRefusedCall(AFD_ENDPOINT *Endpoint, NTSTATUS Status, ULONG Events);
/* A new connection begins, or the endpoint is as after open again. */
VOID AfdEnableAllEvents(AFD_ENDPOINT *Endpoint) _Requires_lock_held_(AfdEndpointLock);
/*
 * AfdUpdateWatch - tells the transport whether anybody watches the endpoint. When it returns to the one
 * who has just become interested, edges are indicated, or another thread will evaluate the endpoint
 * as soon as they are.
 */
NTSTATUS AfdUpdateWatch(AFD_ENDPOINT *Endpoint);
/* IRP_MJ_CLEANUP. */
VOID AfdEndEventSelection(AFD_ENDPOINT *Endpoint);

#endif
