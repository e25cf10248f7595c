/* SPDX-License-Identifier: MIT */
/*
 * afd_cleanup.c - IRP_MJ_CLEANUP (the last handle is closed) and IRP_MJ_CLOSE (the last reference is gone).
 *
 * Layer: afd. Whether the connection ends gracefully, with a reset because data is unread, or lingers, is the
 * business of the host's socket options; AFD closes, it does not wait.
 */
#include "afd_events.h"
#include "afd_listener.h"
#include "afd_poll.h"
#include "afd_requests.h"
#include "afd_transmit.h"
#include "afd_super_accept.h"

/*
 * Changes, in this order: State becomes Closing; polls of this endpoint are claimed; the transport is
 * aborted, which completes what it holds with STATUS_CANCELLED; transmits that read their file are cancelled,
 * and a SUPER_ACCEPT that waits to attach its connection to this endpoint; the listener's queue and connections are
 * emptied; requests that wait for a change of addresses or routes are cancelled; the event selection ends; the
 * claimed polls complete with AFD_POLL_LOCAL_CLOSE. Polls of other endpoints that were made through this file go on.
 * [test:wine/ws2_32/afd.c poll]
 */
NTSTATUS AfdCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    AFD_ENDPOINT *Endpoint = AfdEndpointFromFile(Stack->FileObject);
    LIST_ENTRY Polls;
    TL_ENDPOINT *Transport;
    AFD_LISTENER *Listener;
    AFD_ACCEPTING *SuperAccept;

    if (Endpoint == NULL)
        return AfdCompleteIrp(Irp, STATUS_SUCCESS, 0);

    InitializeListHead(&Polls);
    AfdLockEndpoint(Endpoint);
    if (Endpoint->State != AfdClosing)
        AfdSetState(Endpoint, AfdClosing);
    Transport = Endpoint->Transport;
    Listener = AfdEndpointListener(Endpoint);
    SuperAccept = Endpoint->SuperAccept;
    if (SuperAccept != NULL)
        AfdReferenceSuperAccept(SuperAccept);
    AfdCollectPolls(Endpoint, AFD_POLL_LOCAL_CLOSE, STATUS_SUCCESS, &Polls);
    AfdUnlockEndpoint(Endpoint);

    if (Transport != NULL)
        AfdTransport->Abort(Transport, FALSE);
    AfdCancelTransmits(Endpoint);
    if (SuperAccept != NULL) {
        AfdCancelSuperAccept(SuperAccept);
        AfdDereferenceSuperAccept(SuperAccept);
    }
    if (Listener != NULL)
        AfdDrainListener(Endpoint, Listener);
    AfdEndChanges(Endpoint);
    AfdEndEventSelection(Endpoint);
    AfdFinishPolls(&Polls);
    return AfdCompleteIrp(Irp, STATUS_SUCCESS, 0);
}

NTSTATUS AfdClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    AFD_ENDPOINT *Endpoint = AfdEndpointFromFile(Stack->FileObject);

    if (Endpoint != NULL) {
        Stack->FileObject->FsContext = NULL;
        Stack->FileObject->FsContext2 = NULL;
        AfdDereferenceEndpoint(Endpoint);
    }
    return AfdCompleteIrp(Irp, STATUS_SUCCESS, 0);
}
