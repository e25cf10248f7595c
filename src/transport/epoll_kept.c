/* SPDX-License-Identifier: MIT */
/*
 * epoll_kept.c - the rest of a send that was taken whole, in the queue and after the close.
 *
 * Layer: transport. NT counterpart: AFD's send buffers, and what a graceful close leaves to the transport.
 *
 * A kept request (tl_kept.c) is always the first of the Send queue: a send that may not wait takes nothing while
 * others wait. When the endpoint is aborted without a reset the request moves, with a second descriptor of
 * the socket, to an endpoint that nobody else knows; the host ends the connection only when that is closed,
 * so the peer gets all bytes and then the end. Deliberately absent: SO_LINGER with a time does not wait for what is
 * kept, as it does for what the host has.
 */
#include "epoll_private.h"

/* TlSend only: datagrams go or do not. */
VOID EpollKeepRest(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    TL_REQUEST *Kept = TlKeepRest(Request);
    if (Kept == NULL)
        return;
    if (EpollPend(Endpoint, Kept) != STATUS_PENDING) {
        TlReleaseKept(Kept);
        return;
    }
    EpollSet(&Endpoint->KeepsSend);
    Request->Bytes = TlTotalBytes(Request->Buffers, Request->BufferCount);
}

static TL_REQUEST *FirstKept(const EPOLL_DIRECTION *Direction) _Requires_lock_held_(TlEndpointLock)
{
    TL_REQUEST *First;
    if (IsListEmpty(&Direction->Queue))
        return NULL;
    First = CONTAINING_RECORD(Direction->Queue.Flink, TL_REQUEST, Link);
    return First->Flags & TL_REQUEST_KEPT ? First : NULL;
}

ULONG EpollKeptBytes(TL_ENDPOINT *Endpoint)
{
    ULONG Bytes = 0;
    if (!EpollGet(&Endpoint->KeepsSend))
        return 0;
    EpollLockDirection(&Endpoint->Send);
    const TL_REQUEST *Kept = FirstKept(&Endpoint->Send);
    if (Kept != NULL)
        Bytes = Kept->Buffers[0].length - (ULONG)Kept->Bytes;
    EpollUnlockDirection(&Endpoint->Send);
    return Bytes;
}

/* --- after the close --- */

/* The endpoint of a kept request is its own client; the end of the request is the end of the endpoint. */
static VOID KeptCompleted(PVOID ClientContext, TL_REQUEST *Request)
{
    TL_ENDPOINT *Endpoint = ClientContext;
    NTSTATUS Status = Request->Status;
    TlReleaseKept(Request);
    EpollEngine.Abort(Endpoint, !NT_SUCCESS(Status));
    EpollEngine.Close(Endpoint);
}

static VOID KeptIndicated(PVOID ClientContext, ULONG Events)
{
    UNREFERENCED_PARAMETER(ClientContext);
    UNREFERENCED_PARAMETER(Events);
}

static const TL_CLIENT_DISPATCH KeptClient = {KeptCompleted, KeptIndicated};

static TL_ENDPOINT *CreateHeir(const TL_ENDPOINT *Endpoint)
{
    TL_ENDPOINT *Heir;
    int Fd;
    if (!NT_SUCCESS(host_duplicate(Endpoint->Source.fd, &Fd)))
        return NULL;
    if (!NT_SUCCESS(EpollCreateEndpoint(Fd, Endpoint->Family, Endpoint->Type, &Heir))) {
        host_close(Fd);
        return NULL;
    }
    TlInitializeWatch(&Heir->Watch, &KeptClient, Heir);
    EpollSet(&Heir->Connected);
    if (EpollGet(&Endpoint->Bound))
        EpollSet(&Heir->Bound);
    return Heir;
}

VOID EpollBequeathKept(TL_ENDPOINT *Endpoint)
{
    BOOLEAN HardLinger;
    TL_REQUEST *Kept;
    if (!EpollGet(&Endpoint->KeepsSend) && !EpollGet(&Endpoint->Send.Owed))
        return;
    EpollLockDirection(&Endpoint->Receive); /* guards the settings */
    HardLinger = Endpoint->Settings.LingerOn != 0 && Endpoint->Settings.LingerSeconds == 0;
    EpollUnlockDirection(&Endpoint->Receive);
    if (HardLinger)
        return;
    EpollLockDirection(&Endpoint->Send);
    Kept = FirstKept(&Endpoint->Send);
    if (Kept != NULL) {
        RemoveEntryList(&Kept->Link);
        Kept->Link.Flink = NULL;
        KePollerDisarm(Endpoint->Poller);
    }
    EpollUnlockDirection(&Endpoint->Send);
    if (Kept == NULL)
        return;
    TL_ENDPOINT *Heir = CreateHeir(Endpoint);
    if (Heir == NULL) {
        /* Better a connection that is seen to break than one that seems to be complete. */
        TlReleaseKept(Kept);
        EpollSet(&Endpoint->ResetOnClose);
        return;
    }
    TlTrimKept(Kept);
    Kept->Poller = NULL; /* the completion port was the socket's, and may go */
    Kept->Flags = 0;     /* its end is told to the heir */
    NTSTATUS Status = EpollStart(Heir, Kept, TlSend);
    if (Status != STATUS_PENDING)
        KeptCompleted(Heir, Kept);
}
