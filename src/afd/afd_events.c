/* SPDX-License-Identifier: MIT */
/*
 * afd_events.c - what is true of an endpoint, who is told, and IOCTL_AFD_EVENT_SELECT and
 * IOCTL_AFD_ENUM_NETWORK_EVENTS.
 *
 * Layer: afd. The events of quality of service are accepted in masks and never happen here.
 */
#include "afd_events.h"

#include "afd_listener.h"
#include "afd_poll.h"
#include "afd_requests.h"

#define AFD_WATCH_ALL                                                                                   \
    (TL_EVENT_RECEIVE | TL_EVENT_RECEIVE_EXPEDITED | TL_EVENT_SEND | TL_EVENT_DISCONNECT | TL_EVENT_ABORT | \
        TL_EVENT_ACCEPT)
/* Of data that has come, and of which nobody has asked how much there is. */
#define AFD_NOT_COUNTED MAXULONG

/* --- levels --- */
TL_ENDPOINT *AfdPollableTransport(const AFD_ENDPOINT *Endpoint, UCHAR *Attempt)
{
    *Attempt = __atomic_load_n(&Endpoint->ConnectAttempt, __ATOMIC_ACQUIRE);
    switch (AfdEndpointState(Endpoint)) {
    case AfdListening:
    case AfdConnecting: /* it may be over already */
    case AfdConnected:
        return AfdEndpointTransport(Endpoint);
    case AfdClosing:
        return NULL;
    default:
        return Endpoint->Kind == AfdDatagram ? AfdEndpointTransport(Endpoint) : NULL;
    }
}

static ULONG AfdpStreamLevels(AFD_ENDPOINT *Endpoint, ULONG TransportEvents)
{
    ULONG Levels = AFD_POLL_CONNECT;

    if (TransportEvents & TL_EVENT_SEND)
        Levels |= AFD_POLL_SEND;
    if (TransportEvents & TL_EVENT_ABORT)
        return Levels | AFD_POLL_ABORT;
    if (TransportEvents & TL_EVENT_RECEIVE)
        Levels |= AFD_POLL_RECEIVE;
    if ((TransportEvents & TL_EVENT_RECEIVE_EXPEDITED) && !__atomic_load_n(&Endpoint->InlineMode, __ATOMIC_RELAXED))
        Levels |= AFD_POLL_RECEIVE_EXPEDITED;
    if (TransportEvents & TL_EVENT_DISCONNECT)
        Levels |= AFD_POLL_DISCONNECT;
    return Levels;
}

ULONG AfdLevelsFromTransport(AFD_ENDPOINT *Endpoint, UCHAR Attempt, ULONG TransportEvents, NTSTATUS *ConnectStatus)
{
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    const AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    ULONG Levels = Extra != NULL ? __atomic_load_n(&Extra->Changed, __ATOMIC_ACQUIRE) : 0;
    NTSTATUS Failure;

    /* A stream has levels once it is connected, and the thread that found it so may not have told us yet. */
    if (State == AfdConnecting && TransportEvents != 0)
        State = AfdSettleConnect(Endpoint, Attempt);
    if (State == AfdClosing)
        return AFD_POLL_LOCAL_CLOSE;
    if (Endpoint->Kind == AfdDatagram) {
        if (TransportEvents & TL_EVENT_RECEIVE)
            Levels |= AFD_POLL_RECEIVE;
        if ((TransportEvents & TL_EVENT_SEND) || AfdEndpointTransport(Endpoint) == NULL)
            Levels |= AFD_POLL_SEND;
        if (State == AfdConnected)
            Levels |= AFD_POLL_CONNECT; /* [test:wine/ws2_32/afd.c poll] */
        return Levels;
    }
    if (State == AfdConnected)
        return Levels | AfdpStreamLevels(Endpoint, TransportEvents);
    if (State == AfdListening) {
        if ((TransportEvents & (TL_EVENT_RECEIVE | TL_EVENT_ACCEPT)) ||
            __atomic_load_n(&AfdEndpointListener(Endpoint)->UnacceptedCount, __ATOMIC_ACQUIRE) != 0)
            Levels |= AFD_POLL_ACCEPT;
        return Levels;
    }
    Failure = __atomic_load_n(&Endpoint->ConnectStatus, __ATOMIC_RELAXED);
    if (State != AfdConnecting && Failure != STATUS_SUCCESS) {
        Levels |= AFD_POLL_CONNECT_FAIL;
        if (ConnectStatus != NULL)
            *ConnectStatus = Failure;
    }
    return Levels;
}

ULONG AfdQueryLevels(AFD_ENDPOINT *Endpoint, NTSTATUS *ConnectStatus)
{
    UCHAR Attempt;
    TL_ENDPOINT *Transport = AfdPollableTransport(Endpoint, &Attempt);
    ULONG TransportEvents = 0;
    if (Transport != NULL)
        AfdTransport->QueryEvents(&Transport, &TransportEvents, 1);
    return AfdLevelsFromTransport(Endpoint, Attempt, TransportEvents, ConnectStatus);
}

/* --- the record --- */
/* What a look has found. */
typedef struct AFD_LOOK {
    ULONG Levels;
    NTSTATUS ConnectStatus;
    ULONG Counts[AFD_NUM_POLL_EVENTS];
    BOOLEAN DataArrived; /* it was made because data has come, and for no other reason */
} AFD_LOOK;

#define AFD_COUNTED_EVENTS (AFD_POLL_RECEIVE | AFD_POLL_RECEIVE_EXPEDITED | AFD_POLL_ACCEPT)

/* How much there is of what Levels tell: bytes or connections. No lock held. */
static VOID AfdpCountArrivals(AFD_ENDPOINT *Endpoint, ULONG Levels, ULONG *Counts)
{
    ULONG Bytes = 0, ExpeditedBytes = 0;

    RtlZeroMemory(Counts, AFD_NUM_POLL_EVENTS * sizeof *Counts);
    if ((Levels & AFD_COUNTED_EVENTS) == 0)
        return;
    (VOID)AfdTransport->QueryReceive(AfdEndpointTransport(Endpoint), &Bytes,
        Levels & AFD_POLL_RECEIVE_EXPEDITED ? &ExpeditedBytes : NULL, NULL);
    if (Levels & AFD_POLL_ACCEPT)
        Counts[AFD_POLL_ACCEPT_BIT] =
            Bytes + __atomic_load_n(&AfdEndpointListener(Endpoint)->UnacceptedCount, __ATOMIC_RELAXED);
    else
        Counts[AFD_POLL_RECEIVE_BIT] = Bytes;
    Counts[AFD_POLL_RECEIVE_EXPEDITED_BIT] = ExpeditedBytes;
}

static AFD_EVENT_SELECTION *AfdpSelection(const AFD_ENDPOINT *Endpoint) _Requires_lock_held_(AfdEndpointLock);
static AFD_EVENT_SELECTION *AfdpSelection(const AFD_ENDPOINT *Endpoint)
{
    const AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    return Extra != NULL ? Extra->Selection : NULL;
}

/* What of Levels the record cares for. */
static ULONG AfdpRecordableLevels(const AFD_ENDPOINT *Endpoint, ULONG Levels) _Requires_lock_held_(AfdEndpointLock);
static ULONG AfdpRecordableLevels(const AFD_ENDPOINT *Endpoint, ULONG Levels)
{
    /* An accepted connection was never the end of a connect() of this side; a datagram's peer is no message's news. */
    if (Endpoint->Kind == AfdDatagram ? AfdpSelection(Endpoint)->ForMessages : !Endpoint->ActiveConnect)
        Levels &= ~(ULONG)AFD_POLL_CONNECT;
    /* A datagram socket can be written to before it is bound, but only messages tell of it. */
    if (Endpoint->Kind == AfdDatagram && Endpoint->State == AfdOpen && !AfdpSelection(Endpoint)->ForMessages)
        Levels &= ~(ULONG)AFD_POLL_SEND;
    return Levels;
}

/*
 * Has more arrived than there was when the event was recorded? If nobody counted then, the count begins now, and an
 * edge for data alone has more to tell; data that comes together with the peer's end is not told of a second time.
 */
static BOOLEAN AfdpHasMore(AFD_EVENT_SELECTION *Selection, ULONG Bit, const AFD_LOOK *Look)
{
    BOOLEAN More = Look->Counts[Bit] > Selection->Counts[Bit];
    if (Look->Counts[Bit] == AFD_NOT_COUNTED)
        return FALSE; /* it was to be recorded anyway when it was not counted */
    if (Selection->Counts[Bit] == AFD_NOT_COUNTED) {
        More = Look->DataArrived;
        Selection->Counts[Bit] = Look->Counts[Bit];
    }
    return More && !Selection->ForMessages;
}

static VOID AfdpRecordEvents(AFD_ENDPOINT *Endpoint, const AFD_LOOK *Look) _Requires_lock_held_(AfdEndpointLock);
static VOID AfdpRecordEvents(AFD_ENDPOINT *Endpoint, const AFD_LOOK *Look)
{
    AFD_EVENT_SELECTION *Selection = AfdpSelection(Endpoint);
    ULONG Levels, New, Bit;

    if (Selection == NULL || Selection->Event == NULL)
        return;
    Levels = AfdpRecordableLevels(Endpoint, Look->Levels);
    New = Levels & Selection->Enabled;
    for (Bit = 0; Bit < AFD_NUM_POLL_EVENTS; Bit++) {
        if ((Levels & (1u << Bit)) != 0 && AfdpHasMore(Selection, Bit, Look))
            New |= 1u << Bit;
        if ((New & (1u << Bit)) == 0)
            continue;
        Selection->Status[Bit] = Bit == AFD_POLL_CONNECT_FAIL_BIT ? Look->ConnectStatus : STATUS_SUCCESS;
        Selection->Counts[Bit] = Look->Counts[Bit];
    }
    Selection->Missed |= Levels & ~New;
    Selection->Enabled &= ~New;
    Selection->Pending |= New;
    if (New & Selection->Mask)
        KeSetEvent(Selection->Event, IO_NETWORK_INCREMENT, FALSE);
}

static BOOLEAN AfdpIsSelected(const AFD_ENDPOINT *Endpoint) _Requires_lock_held_(AfdEndpointLock);
static BOOLEAN AfdpIsSelected(const AFD_ENDPOINT *Endpoint)
{
    const AFD_EVENT_SELECTION *Selection = AfdpSelection(Endpoint);
    return Selection != NULL && Selection->Event != NULL;
}

static BOOLEAN AfdpIsPolled(const AFD_ENDPOINT *Endpoint) _Requires_lock_held_(AfdEndpointLock);
static BOOLEAN AfdpIsPolled(const AFD_ENDPOINT *Endpoint)
{
    const AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    return Extra != NULL && !IsListEmpty(&Extra->PollEntries);
}

BOOLEAN AfdAreEventsSelected(const AFD_ENDPOINT *Endpoint)
{
    const AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    return Extra != NULL && __atomic_load_n(&Extra->EventMask, __ATOMIC_RELAXED) != 0;
}

/* --- looking --- */
typedef enum AFD_LOOK_KIND {
    AfdLookNot,
    AfdLookWhetherData, /* of a connected stream */
    AfdLookForData,     /* and how much */
    AfdLookFully
} AFD_LOOK_KIND;

/*
 * What has to be asked because of Edges. What becomes true besides has edges of its own. So of a connection that is
 * merely told of data, and of room that the record does not wait for, only the amount of data is of interest; and of
 * data that the record waits for not even that.
 */
static AFD_LOOK_KIND AfdpChooseLook(const AFD_ENDPOINT *Endpoint, ULONG Edges) _Requires_lock_held_(AfdEndpointLock);
static AFD_LOOK_KIND AfdpChooseLook(const AFD_ENDPOINT *Endpoint, ULONG Edges)
{
    if (AfdpIsPolled(Endpoint))
        return AfdLookFully;
    if (!AfdpIsSelected(Endpoint))
        return AfdLookNot;
    if (Endpoint->Kind != AfdStream || Endpoint->State != AfdConnected ||
        (Edges & ~(ULONG)(TL_EVENT_RECEIVE | TL_EVENT_SEND | TL_EVENT_DATA)) != 0 ||
        (AfdpSelection(Endpoint)->Enabled & AFD_POLL_SEND) != 0)
        return AfdLookFully;
    if ((Edges & TL_EVENT_RECEIVE) == 0)
        return AfdLookNot;
    return (Edges & TL_EVENT_DATA) != 0 && (AfdpSelection(Endpoint)->Enabled & AFD_POLL_RECEIVE) != 0
        ? AfdLookWhetherData
        : AfdLookForData;
}

/* One host call instead of two, or none. FALSE: there may be no data, and only the levels tell. */
static BOOLEAN AfdpLookForData(AFD_ENDPOINT *Endpoint, AFD_LOOK_KIND Kind, ULONG Edges, AFD_LOOK *Look)
{
    UCHAR Attempt;
    TL_ENDPOINT *Transport = AfdPollableTransport(Endpoint, &Attempt);
    ULONG Bytes = 0;

    if (Transport != NULL && Kind == AfdLookWhetherData && AfdTransport->IsDataThere(Transport))
        Bytes = AFD_NOT_COUNTED;
    else if (Transport != NULL)
        (VOID)AfdTransport->QueryReceive(Transport, &Bytes, NULL, NULL);
    if (Bytes == 0)
        return FALSE;
    RtlZeroMemory(Look, sizeof *Look);
    Look->DataArrived = (Edges & TL_EVENT_DATA) != 0;
    Look->Levels = AfdLevelsFromTransport(Endpoint, Attempt, TL_EVENT_RECEIVE, &Look->ConnectStatus);
    Look->Counts[AFD_POLL_RECEIVE_BIT] = Bytes;
    return TRUE;
}

static VOID AfdpLookFully(AFD_ENDPOINT *Endpoint, BOOLEAN Count, AFD_LOOK *Look)
{
    Look->ConnectStatus = STATUS_SUCCESS;
    Look->DataArrived = FALSE;
    Look->Levels = AfdQueryLevels(Endpoint, &Look->ConnectStatus);
    if (Count)
        AfdpCountArrivals(Endpoint, Look->Levels, Look->Counts);
}

VOID AfdEvaluateEdges(AFD_ENDPOINT *Endpoint, ULONG Edges)
{
    AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    AFD_LOOK Look;
    AFD_LOOK_KIND Kind;
    LIST_ENTRY Polls;
    BOOLEAN Selected;
    ULONG Epoch;

    if (Extra == NULL)
        return;
    InitializeListHead(&Polls);
    AfdLockEndpoint(Endpoint);
    do {
        Kind = AfdpChooseLook(Endpoint, Edges);
        Selected = AfdpIsSelected(Endpoint);
        Epoch = Extra->EventEpoch;
        AfdUnlockEndpoint(Endpoint);
        if (Kind == AfdLookNot)
            return;
        if (Kind == AfdLookFully || !AfdpLookForData(Endpoint, Kind, Edges, &Look))
            AfdpLookFully(Endpoint, Selected, &Look);
        AfdLockEndpoint(Endpoint);
        /* Data seen before a receive took it is no news to who began to listen after that receive. */
    } while (Extra->EventEpoch != Epoch);
    if (Selected)
        AfdpRecordEvents(Endpoint, &Look);
    AfdCollectPolls(Endpoint, Look.Levels, Look.ConnectStatus, &Polls);
    AfdUnlockEndpoint(Endpoint);
    AfdFinishPolls(&Polls);
}

VOID AfdEvaluateEndpoint(AFD_ENDPOINT *Endpoint)
{
    AfdEvaluateEdges(Endpoint, AFD_WATCH_ALL);
}

VOID AfdBeginEnablingCall(AFD_ENDPOINT *Endpoint, ULONG Events)
{
    AFD_EVENT_SELECTION *Selection;
    if (!AfdHasEventSelection(Endpoint))
        return;
    AfdLockEndpoint(Endpoint);
    Selection = AfdpSelection(Endpoint);
    if (Selection != NULL) {
        Selection->Missed &= ~Events;
        Selection->Pending &= ~(Events & AFD_COUNTED_EVENTS);
    }
    AfdUnlockEndpoint(Endpoint);
}

VOID AfdEndEnablingCall(AFD_ENDPOINT *Endpoint, ULONG Events, BOOLEAN Exhausted)
{
    AFD_EVENT_SELECTION *Selection;
    BOOLEAN Look = FALSE;
    if (!AfdHasEventSelection(Endpoint))
        return;
    AfdLockEndpoint(Endpoint);
    Selection = AfdpSelection(Endpoint);
    if (Selection != NULL) {
        Selection->Enabled |= Events;
        AfdEndpointExtra(Endpoint)->EventEpoch++;
        Look = AfdpIsSelected(Endpoint) && (!Exhausted || (Selection->Missed & Events) != 0);
        if (!Exhausted) /* what is true still is recorded anew */
            Selection->Pending &= ~(Events & AFD_COUNTED_EVENTS);
    }
    AfdUnlockEndpoint(Endpoint);
    if (Look)
        AfdEvaluateEndpoint(Endpoint);
}

VOID AfdEndRefusedCall(AFD_ENDPOINT *Endpoint, NTSTATUS Status, ULONG Events)
{
    BOOLEAN ForMessages;
    if (Status != STATUS_ACCESS_VIOLATION || !AfdHasEventSelection(Endpoint))
        return;
    AfdLockEndpoint(Endpoint);
    ForMessages = AfdpSelection(Endpoint) != NULL && AfdpSelection(Endpoint)->ForMessages;
    AfdUnlockEndpoint(Endpoint);
    if (ForMessages)
        AfdEndEnablingCall(Endpoint, Events, FALSE);
}

VOID AfdEnableAllEvents(AFD_ENDPOINT *Endpoint)
{
    AFD_EVENT_SELECTION *Selection = AfdpSelection(Endpoint);
    if (Selection == NULL)
        return;
    Selection->Enabled = AFD_POLL_ALL;
    Selection->Missed = 0;
    RtlZeroMemory(Selection->Counts, sizeof Selection->Counts);
    AfdEndpointExtra(Endpoint)->EventEpoch++;
}

NTSTATUS AfdUpdateWatch(AFD_ENDPOINT *Endpoint)
{
    AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    NTSTATUS Status = STATUS_SUCCESS;
    BOOLEAN Wanted, Evaluate = FALSE;
    TL_ENDPOINT *Transport;

    if (Extra == NULL)
        return STATUS_SUCCESS; /* nobody has ever watched */
    AfdLockEndpoint(Endpoint);
    if (Extra->WatchBusy) {
        Extra->WatchAgain = TRUE;
        AfdUnlockEndpoint(Endpoint);
        return STATUS_SUCCESS;
    }
    for (;;) {
        Transport = Endpoint->Transport;
        Wanted = Transport != NULL && Endpoint->State != AfdClosing &&
            (AfdpIsSelected(Endpoint) || AfdpIsPolled(Endpoint));
        if (Wanted == Extra->Watched)
            break;
        Extra->Watched = Wanted;
        Extra->WatchBusy = TRUE;
        AfdUnlockEndpoint(Endpoint);
        Status = AfdTransport->Watch(Transport, Wanted ? AFD_WATCH_ALL | TL_EVENT_DATA : 0, Extra->WatchPoller);
        AfdLockEndpoint(Endpoint);
        Extra->WatchBusy = FALSE;
        if (Extra->WatchAgain) {
            Extra->WatchAgain = FALSE;
            Evaluate = TRUE; /* for the thread that did not wait for us */
        }
    }
    AfdUnlockEndpoint(Endpoint);
    if (Evaluate)
        AfdEvaluateEndpoint(Endpoint);
    return Status;
}

/* --- requests --- */
VOID AfdEndEventSelection(AFD_ENDPOINT *Endpoint)
{
    AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    AFD_EVENT_SELECTION *Selection;
    if (Extra == NULL)
        return;
    AfdLockEndpoint(Endpoint);
    Selection = Extra->Selection;
    Extra->Selection = NULL;
    Extra->EventEpoch++;
    __atomic_store_n(&Endpoint->HasSelection, FALSE, __ATOMIC_RELAXED);
    __atomic_store_n(&Extra->EventMask, 0, __ATOMIC_RELAXED);
    AfdUnlockEndpoint(Endpoint);
    if (Selection == NULL)
        return;
    /* Messages are made by a thread of the provider, which finds that the endpoint is closing. */
    if (Selection->Event != NULL && Selection->ForMessages)
        KeSetEvent(Selection->Event, IO_NETWORK_INCREMENT, FALSE);
    if (Selection->Event != NULL)
        ObDereferenceObject(Selection->Event);
    ExFreePoolWithTag(Selection, AFD_TAG_EVENTS);
}

/* The endpoint's record begins, unless it has one or is closing. */
static NTSTATUS AfdpEnsureSelection(AFD_ENDPOINT *Endpoint)
{
    AFD_ENDPOINT_EXTRA *Extra = AfdNeedExtra(Endpoint);
    AFD_EVENT_SELECTION *New;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Extra == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (AfdHasEventSelection(Endpoint))
        return STATUS_SUCCESS;
    New = ExAllocatePoolZero(NonPagedPool, sizeof *New, AFD_TAG_EVENTS);
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    New->Enabled = AFD_POLL_ALL;
    AfdLockEndpoint(Endpoint);
    if (Endpoint->State == AfdClosing) {
        Status = STATUS_FILE_CLOSED;
    } else if (Extra->Selection == NULL) {
        Extra->Selection = New;
        __atomic_store_n(&Endpoint->HasSelection, TRUE, __ATOMIC_RELAXED);
        New = NULL;
    }
    AfdUnlockEndpoint(Endpoint);
    if (New != NULL)
        ExFreePoolWithTag(New, AFD_TAG_EVENTS);
    return Status;
}

/* What comes while nothing is selected has no edge: whoever selects again compares with what there is now. */
static VOID AfdpCountRecorded(AFD_ENDPOINT *Endpoint)
{
    AFD_EVENT_SELECTION *Selection;
    BOOLEAN Needed;
    UCHAR Attempt;
    TL_ENDPOINT *Transport;
    ULONG Bytes = 0;

    AfdLockEndpoint(Endpoint);
    Selection = AfdpSelection(Endpoint);
    Needed = Selection != NULL && Selection->Counts[AFD_POLL_RECEIVE_BIT] == AFD_NOT_COUNTED;
    AfdUnlockEndpoint(Endpoint);
    if (!Needed)
        return;
    Transport = AfdPollableTransport(Endpoint, &Attempt);
    if (Transport != NULL)
        (VOID)AfdTransport->QueryReceive(Transport, &Bytes, NULL, NULL);
    AfdLockEndpoint(Endpoint);
    Selection = AfdpSelection(Endpoint);
    if (Selection != NULL && Selection->Counts[AFD_POLL_RECEIVE_BIT] == AFD_NOT_COUNTED)
        Selection->Counts[AFD_POLL_RECEIVE_BIT] = Bytes;
    AfdUnlockEndpoint(Endpoint);
}

/* The record's event and mask are replaced. Returns the event that was there. */
static PKEVENT AfdpChangeSelection(AFD_ENDPOINT *Endpoint, PKEVENT Event, ULONG Mask, BOOLEAN ForMessages)
{
    AFD_EVENT_SELECTION *Selection;
    PKEVENT Old = Event;

    AfdLockEndpoint(Endpoint);
    Selection = AfdpSelection(Endpoint);
    if (Selection != NULL) {
        Old = Selection->Event;
        Selection->Event = Event;
        Selection->Mask = Mask;
        if (ForMessages || Selection->ForMessages) {
            Selection->Enabled = AFD_POLL_ALL;
            Selection->Missed = 0;
            Selection->Pending = 0;
            RtlZeroMemory(Selection->Counts, sizeof Selection->Counts);
        }
        if (ForMessages && Endpoint->State == AfdConnected)
            Selection->Enabled &= ~(ULONG)AFD_POLL_CONNECT;
        if (Mask != 0)
            Selection->ForMessages = ForMessages;
        AfdEndpointExtra(Endpoint)->EventEpoch++;
        __atomic_store_n(&AfdEndpointExtra(Endpoint)->EventMask, Mask, __ATOMIC_RELAXED);
        if (Selection->Pending & Mask)
            KeSetEvent(Event, IO_NETWORK_INCREMENT, FALSE);
    }
    AfdUnlockEndpoint(Endpoint);
    return Old;
}

static NTSTATUS AfdpReadSelect(const AFD_CONTROL *Control, AFD_MESSAGE_SELECT_INFO *Info)
{
    NTSTATUS Status;

    RtlZeroMemory(Info, sizeof *Info);
    if (Control->InputLength >= sizeof *Info)
        Status = AfdReadInput(Control, Info, sizeof *Info);
    else
        Status = AfdReadInput(Control, &Info->Select, sizeof Info->Select);
    if (NT_SUCCESS(Status) && Info->Select.Event == NULL && Info->Select.PollEvents != 0)
        Status = STATUS_INVALID_PARAMETER;
    Info->Select.PollEvents &= AFD_POLL_ALL;
    return Status;
}

/*
 * The endpoint becomes non-blocking whatever the mask. STATUS_INVALID_PARAMETER (events, but no event object),
 * STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH.
 * [doc:winsock2/WSAEventSelect]
 */
NTSTATUS AfdEventSelect(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_MESSAGE_SELECT_INFO Info;
    PKEVENT Event = NULL;
    NTSTATUS Status = AfdpReadSelect(Control, &Info);

    if (NT_SUCCESS(Status) && Info.Select.PollEvents != 0)
        Status = ObReferenceObjectByHandle(Info.Select.Event, EVENT_MODIFY_STATE, *ExEventObjectType, UserMode,
            (PVOID *)&Event, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    __atomic_store_n(&Endpoint->NonBlocking, TRUE, __ATOMIC_RELAXED);
    if (Event != NULL)
        Status = AfdpEnsureSelection(Endpoint);
    if (NT_SUCCESS(Status)) {
        AfdpCountRecorded(Endpoint);
        Event = AfdpChangeSelection(Endpoint, Event, Info.Select.PollEvents, Info.ForMessages != 0);
        Status = AfdUpdateWatch(Endpoint);
        if (NT_SUCCESS(Status) && Info.Select.PollEvents != 0)
            AfdEvaluateEndpoint(Endpoint);
        else if (!NT_SUCCESS(Status))
            AfdEndEventSelection(Endpoint);
    }
    if (Event != NULL)
        ObDereferenceObject(Event);
    return Status;
}

/* The handle of the event to reset: the input buffer's address itself, or what an input buffer holds. */
static NTSTATUS AfdpReferenceResetEvent(const AFD_CONTROL *Control, PKEVENT *Event)
{
    HANDLE Handle = (HANDLE)Control->Input;
    NTSTATUS Status;

    *Event = NULL;
    if (Control->InputLength >= sizeof Handle) {
        Status = AfdReadInput(Control, &Handle, sizeof Handle);
        if (!NT_SUCCESS(Status))
            return Status;
    } else if (Control->InputLength != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    if (Handle == NULL)
        return STATUS_SUCCESS;
    return ObReferenceObjectByHandle(Handle, EVENT_MODIFY_STATE, *ExEventObjectType, UserMode, (PVOID *)Event, NULL);
}

NTSTATUS AfdEnumNetworkEvents(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_ENUM_NETWORK_EVENTS_INFO Info;
    AFD_EVENT_SELECTION *Selection;
    PKEVENT Event;
    ULONG Bit;
    NTSTATUS Status;

    if (Control->OutputLength < sizeof Info)
        return STATUS_INVALID_PARAMETER;
    Status = AfdpReferenceResetEvent(Control, &Event);
    if (!NT_SUCCESS(Status))
        return Status;
    RtlZeroMemory(&Info, sizeof Info);
    AfdLockEndpoint(Endpoint);
    Selection = AfdpSelection(Endpoint);
    if (Selection != NULL) {
        /* What is not selected waits for a selection that asks for it. */
        Info.PollEvents = Selection->Pending & Selection->Mask;
        Selection->Pending &= ~Selection->Mask;
        for (Bit = 0; Bit < AFD_NUM_POLL_EVENTS; Bit++)
            if (Info.PollEvents & (1u << Bit))
                Info.EventStatus[Bit] = Selection->Status[Bit];
    }
    if (Endpoint->State == AfdClosing)
        Info.PollEvents |= AFD_POLL_LOCAL_CLOSE;
    if (Event != NULL)
        KeResetEvent(Event);
    AfdUnlockEndpoint(Endpoint);

    if (Event != NULL)
        ObDereferenceObject(Event);
    Status = AfdWriteOutput(Control, &Info, sizeof Info);
    return Status;
}
