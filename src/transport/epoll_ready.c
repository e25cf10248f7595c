/* SPDX-License-Identifier: MIT */
/*
 * epoll_ready.c - edges from the poller, watches, and levels.
 *
 * Layer: transport. NT counterpart: TDI event handlers.
 */
#include "epoll_private.h"

#define QUERY_ON_STACK 64

/* Events as the client names them; the state decides what a host event means. */
static ULONG TranslateEdges(const TL_ENDPOINT *Endpoint, ULONG Events)
{
    ULONG Edges = 0;
    if (EpollGet(&Endpoint->Listening))
        return Events & HOST_POLL_IN ? TL_EVENT_ACCEPT | TL_EVENT_RECEIVE : 0;
    /* A fresh stream socket polls as writable and hung up on Linux. */
    if (EpollIsStream(Endpoint) && !EpollGet(&Endpoint->Connected))
        return 0;
    if (Events & (HOST_POLL_IN | (EpollIsStream(Endpoint) ? 0 : HOST_POLL_ERR)))
        Edges |= EpollIsStream(Endpoint) ? TL_EVENT_RECEIVE | TL_EVENT_DATA : TL_EVENT_RECEIVE;
    /* One that a look at the levels has taken aside is no edge of the host's any more. */
    if ((Events & HOST_POLL_PRI) || EpollUrgentCount(Endpoint) != 0)
        Edges |= TL_EVENT_RECEIVE_EXPEDITED;
    if (Events & (HOST_POLL_OUT | HOST_POLL_OWED))
        Edges |= TL_EVENT_SEND;
    if (EpollIsStream(Endpoint)) {
        if (Events & (HOST_POLL_RDHUP | HOST_POLL_HUP))
            Edges |= TL_EVENT_DISCONNECT;
        if ((Events & HOST_POLL_ERR) || __atomic_load_n(&Endpoint->FatalStatus, __ATOMIC_RELAXED) != STATUS_SUCCESS)
            Edges |= TL_EVENT_ABORT;
    }
    return Edges;
}

/* What a poller's run has told of is there unless it was received since: each receive notes the run it ended in. */
VOID EpollNoteReceive(TL_ENDPOINT *Endpoint)
{
    if (EpollGet(&Endpoint->RegisteredOutput))
        Endpoint->ReceiveRun = (UCHAR)host_poller_runs(KePollerHost(Endpoint->Poller));
}

BOOLEAN EpollIsDataThere(TL_ENDPOINT *Endpoint)
{
    BOOLEAN There;
    EpollLockDirection(&Endpoint->Receive);
    There = EpollClosed(Endpoint) == 0 && EpollGet(&Endpoint->RegisteredOutput) && !Endpoint->Receive.InRing &&
        !EpollGet(&Endpoint->SawEnd) &&
        Endpoint->ReceiveRun != (UCHAR)host_poller_runs(KePollerHost(Endpoint->Poller));
    EpollUnlockDirection(&Endpoint->Receive);
    return There;
}

static VOID Ready(TL_ENDPOINT *Endpoint, uint32_t Events, ULONG KnownEdges)
{
    const uint32_t Ended = HOST_POLL_RDHUP | HOST_POLL_HUP | HOST_POLL_ERR;
    TL_COMPLETION_LIST List;
    TlInitializeCompletions(&List);
    if (Events & HOST_POLL_PRI)
        EpollSet(&Endpoint->SawUrgent);
    /* Sends first: they establish a connection, which decides what the other events mean. */
    if (Events & (HOST_POLL_OUT | HOST_POLL_OWED | Ended))
        EpollRunDirection(Endpoint, &Endpoint->Send, Events, &List);
    if ((Events & Ended) && EpollGet(&Endpoint->Connected))
        EpollSet(&Endpoint->SawEnd);
    if (Events & (HOST_POLL_IN | HOST_POLL_PRI | Ended))
        EpollRunDirection(Endpoint, &Endpoint->Receive, Events, &List);
    /* Completions may end with the endpoint closed; its memory stays until this handler returns. */
    ULONG Edges = TranslateEdges(Endpoint, Events);
    EpollComplete(Endpoint, &List);
    TlIndicate(&Endpoint->Watch, Edges & KnownEdges);
}

VOID EpollReady(struct host_source *Source, uint32_t Events)
{
    TL_ENDPOINT *Endpoint = CONTAINING_RECORD(Source, TL_ENDPOINT, Source);
    if (Events & HOST_POLL_PREPARE)
        UringPrepare(Endpoint, Events);
    else
        Ready(Endpoint, Events, MAXULONG);
}

/* An active watch arms the poller once. While the connection is being replaced it is registered later. */
NTSTATUS EpollWatch(TL_ENDPOINT *Endpoint, ULONG Mask, KE_POLLER *Poller)
{
    NTSTATUS Status = STATUS_SUCCESS;
    ULONG Old = 0;
    /* No receive ends unnoted between the registration and the mask. */
    EpollLockDirection(&Endpoint->Receive);
    TlLockWatch(&Endpoint->Watch);
    if (EpollClosed(Endpoint) & EPOLL_ABORTED)
        Status = STATUS_FILE_CLOSED;
    else if (Mask != 0 && ((EpollClosed(Endpoint) & EPOLL_CHANGING) == 0 || Endpoint->Poller == NULL))
        Status = EpollRegisterLocked(Endpoint, Poller, TRUE);
    if (NT_SUCCESS(Status)) {
        EpollNoteReceive(Endpoint);
        Old = Endpoint->Watch.Mask;
        __atomic_store_n(&Endpoint->Watch.Mask, Mask, __ATOMIC_RELAXED);
        if (Mask != 0)
            KePollerArm(Endpoint->Poller);
    }
    TlUnlockWatch(&Endpoint->Watch);
    EpollUnlockDirection(&Endpoint->Receive);
    if (Old != 0)
        KePollerDisarm(Endpoint->Poller);
    return Status;
}

/* --- levels --- */

static ULONG TranslateStreamLevels(TL_ENDPOINT *Endpoint, ULONG Events)
{
    ULONG Levels = 0;
    uint32_t Bytes = 0;
    BOOLEAN Ended = (Events & (HOST_POLL_RDHUP | HOST_POLL_HUP)) != 0;
    BOOLEAN Failed = (Events & HOST_POLL_ERR) != 0
        || __atomic_load_n(&Endpoint->FatalStatus, __ATOMIC_RELAXED) != STATUS_SUCCESS;
    if (!EpollGet(&Endpoint->Connected))
        return 0;
    /* At the end the host says readable for the end itself: only its count tells of data. */
    if (Events & HOST_POLL_IN) {
        if (!Ended && !Failed)
            Levels |= TL_EVENT_RECEIVE;
        else if (NT_SUCCESS(host_bytes_readable(Endpoint->Source.fd, &Bytes)) && Bytes != 0)
            Levels |= TL_EVENT_RECEIVE;
    }
    /* Who looks before he receives shall not lose the byte. */
    if (Events & HOST_POLL_PRI) {
        EpollLockDirection(&Endpoint->Receive);
        if (EpollClosed(Endpoint) == 0)
            EpollTakeUrgentByte(Endpoint);
        EpollUnlockDirection(&Endpoint->Receive);
    }
    if ((Events & HOST_POLL_PRI) || EpollUrgentCount(Endpoint) != 0)
        Levels |= TL_EVENT_RECEIVE_EXPEDITED;
    if ((Events & HOST_POLL_OUT) && !EpollGet(&Endpoint->KeepsSend))
        Levels |= TL_EVENT_SEND;
    if (Failed)
        return Levels | TL_EVENT_ABORT;
    return Levels | (Ended ? TL_EVENT_DISCONNECT : 0);
}

static ULONG TranslateLevels(TL_ENDPOINT *Endpoint, ULONG Events)
{
    ULONG Levels = 0;
    if (EpollGet(&Endpoint->Listening))
        return Events & HOST_POLL_IN ? TL_EVENT_ACCEPT | TL_EVENT_RECEIVE : 0;
    if (EpollIsStream(Endpoint))
        return TranslateStreamLevels(Endpoint, Events);
    if ((Events & HOST_POLL_ERR) && Endpoint->Type == TL_SOCK_DGRAM) {
        EpollLockDirection(&Endpoint->Receive);
        if (EpollClosed(Endpoint) == 0)
            EpollCollectErrors(Endpoint);
        EpollUnlockDirection(&Endpoint->Receive);
    }
    /* A datagram, or an error that the next receive reports. */
    if ((Events & HOST_POLL_IN) || __atomic_load_n(&Endpoint->UnreachableCount, __ATOMIC_SEQ_CST) != 0)
        Levels |= TL_EVENT_RECEIVE;
    if (Events & HOST_POLL_OUT)
        Levels |= TL_EVENT_SEND;
    return Levels;
}

/*
 * Who asks shall see a connection as soon as the host has made it, although no poller has told of it yet: on
 * Windows it is made by the network, not by who looks. The upcall comes from within the query.
 */
static BOOLEAN IsConnectDecided(TL_ENDPOINT *Endpoint, ULONG Events)
{
    return EpollIsStream(Endpoint) && (Events & (HOST_POLL_OUT | HOST_POLL_ERR)) != 0 &&
        !EpollGet(&Endpoint->Connected) && !EpollGet(&Endpoint->Listening);
}

VOID EpollQueryEvents(TL_ENDPOINT *const *Endpoints, ULONG *Events, ULONG Count)
{
    struct host_poll_item OnStack[QUERY_ON_STACK];
    struct host_poll_item *Items = OnStack;
    ULONG Portion = QUERY_ON_STACK;
    if (Count > QUERY_ON_STACK) {
        Items = ExAllocatePoolWithTag(NonPagedPool, Count * sizeof *Items, EPOLL_ENDPOINT_TAG);
        Portion = Count;
        /* Without memory it takes one host call for each portion. */
        if (Items == NULL) {
            Items = OnStack;
            Portion = QUERY_ON_STACK;
        }
    }
    for (ULONG First = 0; First < Count; First += Portion) {
        ULONG Here = Count - First < Portion ? Count - First : Portion;
        for (ULONG i = 0; i < Here; i++) {
            Items[i].fd = Endpoints[First + i] != NULL ? Endpoints[First + i]->Source.fd : -1;
            Items[i].events = HOST_POLL_IN | HOST_POLL_OUT | HOST_POLL_PRI | HOST_POLL_RDHUP;
        }
        (VOID)host_wait(Items, Here, -1, 0);
        for (ULONG i = 0; i < Here; i++) {
            TL_ENDPOINT *Endpoint = Endpoints[First + i];
            if (Endpoint != NULL && IsConnectDecided(Endpoint, Items[i].revents))
                Ready(Endpoint, Items[i].revents, ~(ULONG)TL_EVENT_DATA); /* this is no run of a poller */
            Events[First + i] = Endpoint != NULL ? TranslateLevels(Endpoint, Items[i].revents) : 0;
        }
    }
    if (Items != OnStack)
        ExFreePoolWithTag(Items, EPOLL_ENDPOINT_TAG);
}
