/* SPDX-License-Identifier: MIT */
/*
 * afd_endpoint.c - the life of an endpoint: counts, states, its transport endpoint.
 *
 * Layer: afd. The states and invariants are described at AFD_ENDPOINT in afd_endpoint.h.
 */
#include "afd_endpoint.h"

#include "afd_connect_data.h"
#include "afd_events.h"
#include "afd_group.h"
#include "afd_listener.h"
#include "afd_poll.h"
#include "afd_request.h"

/* FILE_OBJECT.FsContext2 of our files: any address of our own. */
static const char AfdpFileMark[] = "AfdEndpoint";

static const char *const AfdpStateNames[] = {
    [AfdOpen] = "Open",
    [AfdBound] = "Bound",
    [AfdListening] = "Listening",
    [AfdConnecting] = "Connecting",
    [AfdConnected] = "Connected",
    [AfdClosing] = "Closing",
};

static const TL_CLIENT_DISPATCH AfdpTransportClient;

const char *AfdEndpointStateName(AFD_ENDPOINT_STATE State)
{
    return (ULONG)State < RTL_NUMBER_OF(AfdpStateNames) ? AfdpStateNames[State] : "?";
}

VOID AfdAssertEndpoint(const AFD_ENDPOINT *Endpoint)
{
    switch (Endpoint->State) {
    case AfdOpen:
        ASSERT(AfdEndpointListener(Endpoint) == NULL);
        break;
    case AfdBound:
        ASSERT(Endpoint->Kind != AfdHelper);
        ASSERT(Endpoint->Transport != NULL);
        ASSERT(AfdEndpointListener(Endpoint) == NULL);
        break;
    case AfdListening:
        ASSERT(Endpoint->Kind == AfdStream);
        ASSERT(Endpoint->Transport != NULL);
        ASSERT(AfdEndpointListener(Endpoint) != NULL);
        break;
    case AfdConnecting:
        ASSERT(Endpoint->Kind == AfdStream);
        ASSERT(Endpoint->Transport != NULL);
        ASSERT(AfdEndpointListener(Endpoint) == NULL);
        break;
    case AfdConnected:
        ASSERT(Endpoint->Kind != AfdHelper);
        ASSERT(Endpoint->Transport != NULL);
        ASSERT(AfdEndpointListener(Endpoint) == NULL);
        break;
    case AfdClosing:
        break;
    default:
        ASSERT(!"endpoint state");
    }
    ASSERT(Endpoint->Kind != AfdHelper || Endpoint->Transport == NULL);
}

VOID AfdSetState(AFD_ENDPOINT *Endpoint, AFD_ENDPOINT_STATE State)
{
    ASSERT(Endpoint->State != AfdClosing);
    __atomic_store_n(&Endpoint->State, (UCHAR)State, __ATOMIC_RELEASE);
    AfdAssertEndpoint(Endpoint);
}

AFD_ENDPOINT *AfdAllocateEndpoint(AFD_ENDPOINT_KIND Kind)
{
    AFD_ENDPOINT *Endpoint = ExAllocatePoolZero(NonPagedPool, sizeof *Endpoint, AFD_TAG_ENDPOINT);
    if (Endpoint == NULL)
        return NULL;
    Endpoint->References = 1;
    Endpoint->Kind = (UCHAR)Kind;
    return Endpoint;
}

AFD_ENDPOINT_EXTRA *AfdNeedExtra(AFD_ENDPOINT *Endpoint)
{
    AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint), *None = NULL;
    if (Extra != NULL)
        return Extra;
    Extra = ExAllocatePoolZero(NonPagedPool, sizeof *Extra, AFD_TAG_EXTRA);
    if (Extra == NULL)
        return NULL;
    Extra->Endpoint = Endpoint;
    InitializeListHead(&Extra->PollEntries);
    InitializeListHead(&Extra->Transmits);
    if (__atomic_compare_exchange_n(&Endpoint->Extra, &None, Extra, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return Extra;
    ExFreePoolWithTag(Extra, AFD_TAG_EXTRA);
    return None;
}

static VOID AfdpFreeExtra(AFD_ENDPOINT *Endpoint) LOCK_UNCHECKED;
static VOID AfdpFreeExtra(AFD_ENDPOINT *Endpoint)
{
    AFD_ENDPOINT_EXTRA *Extra = Endpoint->Extra;
    ASSERT(IsListEmpty(&Extra->PollEntries));
    ASSERT(Extra->Selection == NULL);
    if (Extra->Context != NULL)
        ExFreePoolWithTag(Extra->Context, AFD_TAG_CONTEXT);
    AfdFreeConnectStrings(Extra->Strings);
    if (Extra->Qos != NULL)
        ExFreePoolWithTag(Extra->Qos, AFD_TAG_QOS);
    AfdLeaveGroup(Endpoint);
    if (Extra->Listener != NULL)
        AfdFreeListener(Extra->Listener);
    if (Extra->WatchPoller != NULL)
        KeDereferencePoller(Extra->WatchPoller);
    if (Extra->PollQueue != NULL)
        AfdDereferencePollQueue(Extra->PollQueue);
    ExFreePoolWithTag(Extra, AFD_TAG_EXTRA);
}

VOID AfdReferenceEndpoint(AFD_ENDPOINT *Endpoint)
{
    __atomic_add_fetch(&Endpoint->References, 1, __ATOMIC_RELAXED);
}

LOCK_UNCHECKED VOID AfdDereferenceEndpoint(AFD_ENDPOINT *Endpoint)
{
    if (__atomic_sub_fetch(&Endpoint->References, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    ASSERT(Endpoint->State == AfdClosing || Endpoint->Transport == NULL);
    if (Endpoint->Transport != NULL)
        AfdTransport->Close(Endpoint->Transport);
    if (Endpoint->Extra != NULL)
        AfdpFreeExtra(Endpoint);
    ExFreePoolWithTag(Endpoint, AFD_TAG_ENDPOINT);
}

AFD_ENDPOINT *AfdEndpointFromFile(PFILE_OBJECT FileObject)
{
    if (FileObject == NULL || FileObject->DeviceObject != AfdDevice ||
        FileObject->FsContext2 != (PVOID)AfdpFileMark)
        return NULL;
    return FileObject->FsContext;
}

VOID AfdSetFileEndpoint(PFILE_OBJECT FileObject, AFD_ENDPOINT *Endpoint)
{
    FileObject->FsContext = Endpoint;
    FileObject->FsContext2 = (PVOID)AfdpFileMark;
}

NTSTATUS AfdEnsureTransport(AFD_ENDPOINT *Endpoint, TL_ENDPOINT **Transport)
{
    NTSTATUS Status;
    TL_ENDPOINT *New, *Surplus = NULL;

    *Transport = AfdEndpointTransport(Endpoint);
    if (*Transport != NULL)
        return STATUS_SUCCESS;
    if (Endpoint->Kind == AfdHelper)
        return STATUS_INVALID_PARAMETER;

    Status = AfdTransport->Open(Endpoint->Family, Endpoint->SocketType, Endpoint->Protocol, &AfdpTransportClient,
        Endpoint, &New);
    if (!NT_SUCCESS(Status))
        return Status;

    AfdLockEndpoint(Endpoint);
    if (Endpoint->State == AfdClosing) {
        Surplus = New;
        Status = STATUS_FILE_CLOSED;
    } else if (Endpoint->Transport != NULL) {
        Surplus = New; /* another thread was faster */
        *Transport = Endpoint->Transport;
    } else {
        __atomic_store_n(&Endpoint->Transport, New, __ATOMIC_RELEASE);
        *Transport = New;
    }
    AfdUnlockEndpoint(Endpoint);

    if (Surplus != NULL) {
        AfdTransport->Abort(Surplus, FALSE);
        AfdTransport->Close(Surplus);
    } else {
        /* A poll or selection may have been waiting for a transport to watch. */
        (VOID)AfdUpdateWatch(Endpoint);
    }
    return Status;
}

BOOLEAN AfdBeginTransition(AFD_ENDPOINT *Endpoint, ULONG Allowed, AFD_ENDPOINT_STATE *State, BOOLEAN *InTransition)
{
    BOOLEAN Begun = FALSE;
    AfdLockEndpoint(Endpoint);
    *State = (AFD_ENDPOINT_STATE)Endpoint->State;
    *InTransition = Endpoint->InTransition;
    if (!Endpoint->InTransition && (Allowed & AFD_STATE_BIT(*State)) != 0) {
        Endpoint->InTransition = TRUE;
        Begun = TRUE;
    }
    AfdUnlockEndpoint(Endpoint);
    return Begun;
}

BOOLEAN AfdEndTransition(AFD_ENDPOINT *Endpoint, AFD_ENDPOINT_STATE State)
{
    BOOLEAN Alive;
    AfdLockEndpoint(Endpoint);
    ASSERT(Endpoint->InTransition);
    Endpoint->InTransition = FALSE;
    Alive = Endpoint->State != AfdClosing;
    if (Alive && Endpoint->State != State)
        AfdSetState(Endpoint, State);
    AfdUnlockEndpoint(Endpoint);
    return Alive;
}

NTSTATUS AfdReadAddress(const AFD_ENDPOINT *Endpoint, const VOID *From, ULONG_PTR FromLength, BOOLEAN AllowUnspecified,
    UCHAR *To, USHORT *Length)
{
    USHORT Family;
    NTSTATUS Status;

    if (FromLength < sizeof Family)
        return STATUS_INVALID_PARAMETER;
    Status = ExCopyFromUser(&Family, From, sizeof Family, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Family == AFD_AF_UNSPEC && AllowUnspecified) {
        *Length = 0;
        return STATUS_SUCCESS;
    }
    /* A wrong family and a short address are the same error. [obs:afd/bind] */
    if (Family != Endpoint->Family || FromLength < AfdAddressLength(Endpoint))
        return STATUS_INVALID_ADDRESS;
    *Length = AfdAddressLength(Endpoint);
    Status = ExCopyFromUser(To, From, *Length, 1);
    /* The family may have been changed by another thread since it was checked. */
    RtlCopyMemory(To, &Family, sizeof Family);
    return Status;
}

BOOLEAN AfdIsWildcardAddress(const UCHAR *Address)
{
    USHORT Family;
    ULONG Offset, Bytes, i;
    RtlCopyMemory(&Family, Address, sizeof Family);
    Offset = Family == AFD_AF_INET6 ? 8 : 4; /* sin6_addr, sin_addr */
    Bytes = Family == AFD_AF_INET6 ? 16 : 4;
    for (i = 0; i < Bytes; i++)
        if (Address[Offset + i] != 0)
            return FALSE;
    return TRUE;
}

/* Upcall: a request is over. Which kind it is, its maker knows. */
static VOID AfdpTransportComplete(PVOID ClientContext, TL_REQUEST *Request)
{
    AFD_OPERATION *Operation = CONTAINING_RECORD(Request, AFD_OPERATION, Tl);
    KeAssertNoLocksHeld("AfdpTransportComplete");
    Operation->Completed(Operation);
}

/* Upcall: something may newly be ready. */
static VOID AfdpTransportIndicate(PVOID ClientContext, ULONG Events)
{
    KeAssertNoLocksHeld("AfdpTransportIndicate");
    AfdEvaluateEdges(ClientContext, Events);
}

static const TL_CLIENT_DISPATCH AfdpTransportClient = {
    .Complete = AfdpTransportComplete,
    .Indicate = AfdpTransportIndicate,
};

VOID AfdAdoptTransport(AFD_ENDPOINT *Endpoint, TL_ENDPOINT *Transport)
{
    AfdTransport->SetClient(Transport, &AfdpTransportClient, Endpoint);
}
