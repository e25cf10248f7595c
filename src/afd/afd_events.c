/* SPDX-License-Identifier: MIT */
/*
 * afd_events.c - what is true of an endpoint, who is told, and IOCTL_AFD_EVENT_SELECT and
 * IOCTL_AFD_ENUM_NETWORK_EVENTS.
 *
 * Layer: afd. Events that need hardware or protocol support (QoS, routing, address lists) are accepted in
 * masks and never happen here.
 */
#include "afd_events.h"

#include "afd_listener.h"
#include "afd_poll.h"
#include "afd_requests.h"

#define AFD_WATCH_ALL                                                                                   \
    (TL_EVENT_RECEIVE | TL_EVENT_RECEIVE_EXPEDITED | TL_EVENT_SEND | TL_EVENT_DISCONNECT | TL_EVENT_ABORT | \
        TL_EVENT_ACCEPT)

/* --- levels --- */
TL_ENDPOINT *AfdPollableTransport(const AFD_ENDPOINT *Endpoint)
{
    switch (AfdEndpointState(Endpoint)) {
    case AfdListening:
    case AfdConnected:
        return AfdEndpointTransport(Endpoint);
    case AfdClosing:
    case AfdConnecting:
        return NULL;
    default:
        return Endpoint->Kind == AfdDatagram ? AfdEndpointTransport(Endpoint) : NULL;
    }
}

static ULONG AfdpStreamLevels(AFD_ENDPOINT *Endpoint, ULONG TransportEvents)
{
    ULONG Levels = AFD_POLL_CONNECT;
    ULONG Bytes = 0, ExpeditedBytes = 0;
    BOOLEAN AtMark;
    TL_ENDPOINT *Transport = AfdEndpointTransport(Endpoint);

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

    if ((Levels & AFD_POLL_RECEIVE) && (Levels & AFD_POLL_DISCONNECT)) {
        (VOID)AfdTransport->QueryReceive(Transport, &Bytes, &ExpeditedBytes, &AtMark);
        if (Bytes != 0)
            Levels |= AFD_LEVEL_DATA_BEFORE_END;
        else
            Levels &= ~(ULONG)AFD_POLL_RECEIVE;
    }
    return Levels;
}

ULONG AfdLevelsFromTransport(AFD_ENDPOINT *Endpoint, ULONG TransportEvents, NTSTATUS *ConnectStatus)
{
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    ULONG Levels = 0;
    NTSTATUS Failure;

    if (State == AfdClosing)
        return AFD_POLL_LOCAL_CLOSE;
    if (Endpoint->Kind == AfdDatagram) {
        if (TransportEvents & TL_EVENT_RECEIVE)
            Levels |= AFD_POLL_RECEIVE;
        if ((TransportEvents & TL_EVENT_SEND) || AfdEndpointTransport(Endpoint) == NULL)
            Levels |= AFD_POLL_SEND;
        return Levels;
    }
    if (State == AfdConnected)
        return AfdpStreamLevels(Endpoint, TransportEvents);
    if (State == AfdListening) {
        if ((TransportEvents & (TL_EVENT_RECEIVE | TL_EVENT_ACCEPT)) ||
            __atomic_load_n(&Endpoint->Listener->UnacceptedCount, __ATOMIC_ACQUIRE) != 0)
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
    TL_ENDPOINT *Transport = AfdPollableTransport(Endpoint);
    ULONG TransportEvents = 0;
    if (Transport != NULL)
        AfdTransport->QueryEvents(&Transport, &TransportEvents, 1);
    return AfdLevelsFromTransport(Endpoint, TransportEvents, ConnectStatus);
}

/* --- the record --- */
static VOID AfdpRecordEvents(AFD_ENDPOINT *Endpoint, ULONG Levels, NTSTATUS ConnectStatus)
    _Requires_lock_held_(AfdEndpointLock);
static VOID AfdpRecordEvents(AFD_ENDPOINT *Endpoint, ULONG Levels, NTSTATUS ConnectStatus)
{
    AFD_EVENT_SELECTION *Selection = Endpoint->Selection;
    ULONG New, Bit;

    if (Selection == NULL)
        return;
    /* An accepted connection was never the end of a connect() of this side. */
    if (!Endpoint->ActiveConnect)
        Levels &= ~(ULONG)AFD_POLL_CONNECT;
    /* FD_CLOSE comes after all data has been read; a poll tells of both. [doc:winsock2/WSAEventSelect] */
    if (Levels & AFD_LEVEL_DATA_BEFORE_END) {
        Selection->EndComing = TRUE;
        Levels &= ~(ULONG)AFD_POLL_DISCONNECT;
    }
    Levels &= Selection->Mask;
    New = Levels & Selection->Enabled;
    Selection->Missed |= Levels & ~Selection->Enabled;
    if (New == 0)
        return;
    Selection->Enabled &= ~New;
    Selection->Pending |= New;
    for (Bit = 0; Bit < AFD_NUM_POLL_EVENTS; Bit++)
        if (New & (1u << Bit))
            Selection->Status[Bit] = STATUS_SUCCESS;
    if (New & AFD_POLL_CONNECT_FAIL)
        Selection->Status[AFD_POLL_CONNECT_FAIL_BIT] = ConnectStatus;
    KeSetEvent(Selection->Event, IO_NETWORK_INCREMENT, FALSE);
}

VOID AfdEvaluateEndpoint(AFD_ENDPOINT *Endpoint)
{
    LIST_ENTRY Polls;
    NTSTATUS ConnectStatus;
    BOOLEAN Interested;
    ULONG Levels, Epoch;

    InitializeListHead(&Polls);
    AfdLockEndpoint(Endpoint);
    do {
        Interested = Endpoint->Selection != NULL || !IsListEmpty(&Endpoint->PollEntries);
        Epoch = Endpoint->EventEpoch;
        AfdUnlockEndpoint(Endpoint);
        if (!Interested)
            return;
        ConnectStatus = STATUS_SUCCESS;
        Levels = AfdQueryLevels(Endpoint, &ConnectStatus);
        AfdLockEndpoint(Endpoint);
        /* Data seen before a receive took it is no news to who began to listen after that receive. */
    } while (Endpoint->EventEpoch != Epoch);
    AfdpRecordEvents(Endpoint, Levels, ConnectStatus);
    AfdCollectPolls(Endpoint, Levels, ConnectStatus, &Polls);
    AfdUnlockEndpoint(Endpoint);
    AfdFinishPolls(&Polls);
}

VOID AfdBeginEnablingCall(AFD_ENDPOINT *Endpoint, ULONG Events)
{
    if (!AfdHasEventSelection(Endpoint))
        return;
    AfdLockEndpoint(Endpoint);
    if (Endpoint->Selection != NULL)
        Endpoint->Selection->Missed &= ~Events;
    AfdUnlockEndpoint(Endpoint);
}

VOID AfdEndEnablingCall(AFD_ENDPOINT *Endpoint, ULONG Events, BOOLEAN Exhausted)
{
    BOOLEAN Look = FALSE;
    if (!AfdHasEventSelection(Endpoint))
        return;
    AfdLockEndpoint(Endpoint);
    if (Endpoint->Selection != NULL) {
        Endpoint->Selection->Enabled |= Events;
        Endpoint->EventEpoch++;
        Look = !Exhausted || Endpoint->Selection->EndComing || (Endpoint->Selection->Missed & Events) != 0;
    }
    AfdUnlockEndpoint(Endpoint);
    if (Look)
        AfdEvaluateEndpoint(Endpoint);
}

NTSTATUS AfdUpdateWatch(AFD_ENDPOINT *Endpoint)
{
    NTSTATUS Status = STATUS_SUCCESS;
    BOOLEAN Wanted, Evaluate = FALSE;
    TL_ENDPOINT *Transport;

    AfdLockEndpoint(Endpoint);
    if (Endpoint->WatchBusy) {
        Endpoint->WatchAgain = TRUE;
        AfdUnlockEndpoint(Endpoint);
        return STATUS_SUCCESS;
    }
    for (;;) {
        Transport = Endpoint->Transport;
        Wanted = Transport != NULL && Endpoint->State != AfdClosing &&
            (Endpoint->Selection != NULL || !IsListEmpty(&Endpoint->PollEntries));
        if (Wanted == Endpoint->Watched)
            break;
        Endpoint->Watched = Wanted;
        Endpoint->WatchBusy = TRUE;
        AfdUnlockEndpoint(Endpoint);
        Status = AfdTransport->Watch(Transport, Wanted ? AFD_WATCH_ALL : 0, Endpoint->WatchPoller);
        AfdLockEndpoint(Endpoint);
        Endpoint->WatchBusy = FALSE;
        if (Endpoint->WatchAgain) {
            Endpoint->WatchAgain = FALSE;
            Evaluate = TRUE; /* for the thread that did not wait for us */
        }
    }
    AfdUnlockEndpoint(Endpoint);
    if (Evaluate)
        AfdEvaluateEndpoint(Endpoint);
    return Status;
}

/* --- requests --- */
static VOID AfdpFreeSelection(AFD_EVENT_SELECTION *Selection)
{
    if (Selection == NULL)
        return;
    ObDereferenceObject(Selection->Event);
    ExFreePoolWithTag(Selection, AFD_TAG_EVENTS);
}

/* Replaces the selection by New, which may be NULL; the old one is returned. */
static AFD_EVENT_SELECTION *AfdpExchangeSelection(AFD_ENDPOINT *Endpoint, AFD_EVENT_SELECTION *New)
{
    AFD_EVENT_SELECTION *Old;
    AfdLockEndpoint(Endpoint);
    Old = Endpoint->Selection;
    if (New != NULL && Endpoint->State == AfdClosing) {
        Old = New;
    } else {
        Endpoint->Selection = New;
        Endpoint->EventEpoch++;
        __atomic_store_n(&Endpoint->EventMask, New != NULL ? New->Mask : 0, __ATOMIC_RELAXED);
    }
    AfdUnlockEndpoint(Endpoint);
    return Old;
}

VOID AfdEndEventSelection(AFD_ENDPOINT *Endpoint)
{
    AfdpFreeSelection(AfdpExchangeSelection(Endpoint, NULL));
}

/*
 * A new selection forgets what an older one recorded, and records at once what is already true. The
 * endpoint becomes non-blocking whatever the mask. STATUS_INVALID_PARAMETER (events, but no event object),
 * STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH.
 * [doc:winsock2/WSAEventSelect]
 */
NTSTATUS AfdEventSelect(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_EVENT_SELECT_INFO Info;
    AFD_EVENT_SELECTION *New = NULL;
    PKEVENT Event;
    NTSTATUS Status;

    Status = AfdReadInput(Control, &Info, sizeof Info);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Info.Event == NULL && Info.PollEvents != 0)
        return STATUS_INVALID_PARAMETER;
    Info.PollEvents &= AFD_POLL_ALL;
    if (Info.Event != NULL && Info.PollEvents != 0) {
        Status = ObReferenceObjectByHandle(Info.Event, EVENT_MODIFY_STATE, *ExEventObjectType, UserMode,
            (PVOID *)&Event, NULL);
        if (!NT_SUCCESS(Status))
            return Status;
        New = ExAllocatePoolZero(NonPagedPool, sizeof *New, AFD_TAG_EVENTS);
        if (New == NULL) {
            ObDereferenceObject(Event);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        New->Event = Event;
        New->Mask = Info.PollEvents;
        New->Enabled = AFD_POLL_ALL;
    }
    __atomic_store_n(&Endpoint->NonBlocking, TRUE, __ATOMIC_RELAXED);
    AfdpFreeSelection(AfdpExchangeSelection(Endpoint, New));
    Status = AfdUpdateWatch(Endpoint);
    if (!NT_SUCCESS(Status)) {
        AfdEndEventSelection(Endpoint);
        return Status;
    }
    if (New != NULL)
        AfdEvaluateEndpoint(Endpoint);
    return STATUS_SUCCESS;
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
    NTSTATUS Status;

    if (Control->OutputLength < sizeof Info)
        return STATUS_INVALID_PARAMETER;
    Status = AfdpReferenceResetEvent(Control, &Event);
    if (!NT_SUCCESS(Status))
        return Status;
    RtlZeroMemory(&Info, sizeof Info);
    AfdLockEndpoint(Endpoint);
    Selection = Endpoint->Selection;
    if (Selection != NULL) {
        Info.PollEvents = Selection->Pending;
        RtlCopyMemory(Info.EventStatus, Selection->Status, sizeof Info.EventStatus);
        Selection->Pending = 0;
        RtlZeroMemory(Selection->Status, sizeof Selection->Status);
    }
    if (Event != NULL)
        KeResetEvent(Event);
    AfdUnlockEndpoint(Endpoint);

    if (Event != NULL)
        ObDereferenceObject(Event);
    Status = AfdWriteOutput(Control, &Info, sizeof Info);
    return Status;
}
