/* SPDX-License-Identifier: MIT */
/*
 * msafd_events.c - WSAEventSelect and WSAEnumNetworkEvents.
 *
 * Layer: msafd; NT counterpart: WSPEventSelect, WSPEnumNetworkEvents. What is recorded, and when an
 * event is re-enabled, is AFD's business; here only the names change.
 */
#include "msafd_private.h"

#define MSAFD_VALID_EVENTS FD_ALL_EVENTS

typedef struct MSAFD_EVENT_NAME {
    LONG Event;
    ULONG Poll;
} MSAFD_EVENT_NAME;

static const MSAFD_EVENT_NAME MsafdpEventNames[] = {
    {FD_READ, AFD_POLL_RECEIVE},
    {FD_WRITE, AFD_POLL_SEND},
    {FD_OOB, AFD_POLL_RECEIVE_EXPEDITED},
    {FD_ACCEPT, AFD_POLL_ACCEPT},
    {FD_CONNECT, AFD_POLL_CONNECT | AFD_POLL_CONNECT_FAIL},
    {FD_CLOSE, AFD_POLL_DISCONNECT | AFD_POLL_ABORT},
    {FD_QOS, AFD_POLL_QOS},
    {FD_GROUP_QOS, AFD_POLL_GROUP_QOS},
    {FD_ROUTING_INTERFACE_CHANGE, AFD_POLL_ROUTING_IF_CHANGE},
    {FD_ADDRESS_LIST_CHANGE, AFD_POLL_ADDRESS_LIST_CHANGE},
};

LONG MsafdSelectedEvents(MSAFD_SOCKET *Socket)
{
    MsafdLockSocket(Socket);
    LONG Events = Socket->EventMask;
    MsafdUnlockSocket(Socket);
    return Events;
}

INT MsafdSelectEvents(MSAFD_SOCKET *Socket, HANDLE Event, LONG NetworkEvents)
{
    AFD_MESSAGE_SELECT_INFO Request;
    NTSTATUS Status;
    RtlZeroMemory(&Request, sizeof Request);
    Request.ForMessages = MsafdTestFlags(Socket, MSAFD_ASYNC_SELECTED);
    for (ULONG i = 0; i < RTL_NUMBER_OF(MsafdpEventNames); i++) {
        if ((NetworkEvents & MsafdpEventNames[i].Event) != 0)
            Request.Select.PollEvents |= MsafdpEventNames[i].Poll;
    }
    Request.Select.Event = Request.Select.PollEvents != 0 ? Event : NULL;
    /* The socket becomes non-blocking, and stays so when the selection ends.
     * [doc:winsock2/wsaeventselect] */
    if (!MsafdTestFlags(Socket, MSAFD_NONBLOCKING)) {
        Status = MsafdSetInformation(Socket, AFD_NONBLOCKING_MODE, TRUE);
        if (!NT_SUCCESS(Status))
            return MsafdWsaErrorFromStatus(Status);
        MsafdSetFlags(Socket, MSAFD_NONBLOCKING);
    }
    Status =
        MsafdControl(Socket, IOCTL_AFD_EVENT_SELECT, &Request, sizeof Request, NULL, 0, NULL, 0);
    if (Status == STATUS_INVALID_HANDLE || Status == STATUS_OBJECT_TYPE_MISMATCH)
        return WSAEINVAL; /* the event, not the socket */
    if (!NT_SUCCESS(Status))
        return MsafdWsaErrorFromStatus(Status);
    MsafdLockSocket(Socket);
    Socket->EventMask = NetworkEvents;
    Socket->EventHandle = (ULONG)(ULONG_PTR)Request.Select.Event;
    MsafdUnlockSocket(Socket);
    return 0;
}

int WSPAPI MsafdEventSelect(SOCKET s, WSAEVENT Event, LONG NetworkEvents, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    INT Error = 0;
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    if ((NetworkEvents & ~MSAFD_VALID_EVENTS) != 0 || (NetworkEvents != 0 && Event == NULL))
        Error = WSAEINVAL;
    if (Error == 0)
        MsafdCancelAsyncSelect(Socket);
    if (Error == 0)
        Error = MsafdSelectEvents(Socket, Event, NetworkEvents);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}

/* iErrorCode of an event, from the status AFD recorded with it. The codes of events that did not happen
 * are left as they are. [test:wine/ws2_32/sock.c WSAEnumNetworkEvents] */
static VOID MsafdpReportEvent(LPWSANETWORKEVENTS Events, const AFD_ENUM_NETWORK_EVENTS_INFO *Info,
    ULONG PollBit, LONG Event, ULONG EventBit)
{
    if ((Info->PollEvents & (1u << PollBit)) == 0)
        return;
    Events->lNetworkEvents |= Event;
    Events->iErrorCode[EventBit] = MsafdWsaErrorFromStatus(Info->EventStatus[PollBit]);
}

static VOID MsafdpTranslateEvents(LPWSANETWORKEVENTS Events, AFD_ENUM_NETWORK_EVENTS_INFO *Info)
{
    Events->lNetworkEvents = 0;
    /* AFD records no status with a reset. [test:wine/ws2_32/sock.c events] */
    if ((Info->PollEvents & AFD_POLL_ABORT) != 0)
        Info->EventStatus[AFD_POLL_ABORT_BIT] = STATUS_CONNECTION_ABORTED;
    MsafdpReportEvent(Events, Info, AFD_POLL_RECEIVE_BIT, FD_READ, FD_READ_BIT);
    MsafdpReportEvent(Events, Info, AFD_POLL_SEND_BIT, FD_WRITE, FD_WRITE_BIT);
    MsafdpReportEvent(Events, Info, AFD_POLL_RECEIVE_EXPEDITED_BIT, FD_OOB, FD_OOB_BIT);
    MsafdpReportEvent(Events, Info, AFD_POLL_ACCEPT_BIT, FD_ACCEPT, FD_ACCEPT_BIT);
    MsafdpReportEvent(Events, Info, AFD_POLL_CONNECT_BIT, FD_CONNECT, FD_CONNECT_BIT);
    MsafdpReportEvent(Events, Info, AFD_POLL_CONNECT_FAIL_BIT, FD_CONNECT, FD_CONNECT_BIT);
    MsafdpReportEvent(Events, Info, AFD_POLL_DISCONNECT_BIT, FD_CLOSE, FD_CLOSE_BIT);
    MsafdpReportEvent(Events, Info, AFD_POLL_ABORT_BIT, FD_CLOSE, FD_CLOSE_BIT);
    MsafdpReportEvent(Events, Info, AFD_POLL_LOCAL_CLOSE_BIT, FD_CLOSE, FD_CLOSE_BIT);
    MsafdpReportEvent(Events, Info, AFD_POLL_ROUTING_IF_CHANGE_BIT, FD_ROUTING_INTERFACE_CHANGE,
        FD_ROUTING_INTERFACE_CHANGE_BIT);
    MsafdpReportEvent(Events, Info, AFD_POLL_ADDRESS_LIST_CHANGE_BIT, FD_ADDRESS_LIST_CHANGE,
        FD_ADDRESS_LIST_CHANGE_BIT);
}

INT MsafdReadNetworkEvents(
    MSAFD_SOCKET *Socket, HANDLE Event, LPWSANETWORKEVENTS NetworkEvents, BOOLEAN *Closed)
{
    AFD_ENUM_NETWORK_EVENTS_INFO Info;
    RtlZeroMemory(&Info, sizeof Info);
    /* The event's handle stands in the place of the input buffer: AFD resets it with the record. */
    NTSTATUS Status =
        MsafdControl(Socket, IOCTL_AFD_ENUM_NETWORK_EVENTS, Event, 0, &Info, sizeof Info, NULL, 0);
    if (Status == STATUS_INVALID_HANDLE || Status == STATUS_OBJECT_TYPE_MISMATCH)
        return WSAEINVAL;
    INT Error = MsafdWsaErrorFromStatus(Status);
    if (Error == 0)
        MsafdpTranslateEvents(NetworkEvents, &Info);
    *Closed = (BOOLEAN)((Info.PollEvents & AFD_POLL_LOCAL_CLOSE) != 0);
    return Error;
}

int WSPAPI MsafdEnumNetworkEvents(
    SOCKET s, WSAEVENT Event, LPWSANETWORKEVENTS NetworkEvents, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    INT Error = WSAEFAULT;
    BOOLEAN Closed;
    if (NT_SUCCESS(MsafdProbeWrite(NetworkEvents, sizeof *NetworkEvents)))
        Error = MsafdReadNetworkEvents(Socket, Event, NetworkEvents, &Closed);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}
