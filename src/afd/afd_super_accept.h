/* SPDX-License-Identifier: MIT */
/*
 * afd_super_accept.h - a SUPER_ACCEPT under way.
 *
 * Layer: afd.
 */
#ifndef AFD_SUPER_ACCEPT_H
#define AFD_SUPER_ACCEPT_H

#include "afd_listener.h"

/*
 * Made by AfdSuperAccept, ended by AfdEndSuperAccept or the end of its receive. Kept by its IRP and by
 * whoever has taken a reference.
 *
 *   waiting --connection--> attaching --no data wanted--> completed
 *      |                        |--data wanted--> receiving --data, end, reset--> completed
 *      +--cancel, either endpoint closed--> completed with STATUS_CANCELLED <------+
 *
 * waiting    the IRP is in the listener's WaitQueue, and Acceptor is in transition with SuperAccept set
 * attaching  Connection is set; the thread that brought it goes on. Cannot be cancelled for this moment
 * receiving  the IRP is an AFD_REQUEST of Acceptor; the request can be cancelled as any receive
 * From attaching to the completion it is in the listener's Attaching list, so that closing the listener
 * finds it.
 */
typedef struct AFD_ACCEPTING {
    volatile LONG References;
    PIRP Irp;
    AFD_REQUEST *Request;     /* for the data; NULL: none is wanted, or it has begun */
    AFD_ENDPOINT *Listener;   /* referenced */
    struct KE_POLLER *Poller; /* of the listener's file */
    PFILE_OBJECT AcceptFile;  /* referenced until the end */
    AFD_ENDPOINT *Acceptor;   /* referenced; NULL until the file has been looked at */
    AFD_CONNECTION *Connection;
    IO_CSQ_IRP_CONTEXT Wait;
    LIST_ENTRY Link; /* Listener->Attaching; this and what follows under the listener's lock */
    BOOLEAN Linked;
    BOOLEAN Attached;
    BOOLEAN Cancelled; /* the listener is closing */
    PUCHAR Output;
    ULONG DataLength;
    ULONG LocalLength; /* of the areas */
    ULONG RemoteLength;
    AFD_SUPER_ACCEPT_ADDRESS Remote;
} AFD_ACCEPTING;

VOID AfdReferenceSuperAccept(AFD_ACCEPTING *Super);
VOID AfdDereferenceSuperAccept(AFD_ACCEPTING *Super);

/* AfdGiveConnection and AfdFinishWaiter for it. */
VOID AfdSuperAcceptTake(AFD_LISTENER *Listener, AFD_ACCEPTING *Super, AFD_CONNECTION *Connection)
    _Requires_lock_held_(AfdEndpointLock);
_Must_inspect_result_ AFD_CONNECTION *AfdSuperAcceptArrived(AFD_ACCEPTING *Super, NTSTATUS *Status);
/* Completes the IRP, which is in no queue, and lets go of everything. Returns Status. No lock held. */
NTSTATUS AfdEndSuperAccept(AFD_ACCEPTING *Super, NTSTATUS Status);
/* The accepting endpoint is Closing: if the IRP waits, it ends. The caller has a reference; no lock held. */
VOID AfdCancelSuperAccept(AFD_ACCEPTING *Super);
/* The listener is Closing: those that have a connection end. No lock held. */
VOID AfdCancelAttaching(AFD_ENDPOINT *Endpoint, AFD_LISTENER *Listener);

#endif
