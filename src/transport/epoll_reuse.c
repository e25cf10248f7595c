/* SPDX-License-Identifier: MIT */
/*
 * epoll_reuse.c - the end of a connection, awaited, and another connection in the place of one that is over.
 *
 * Layer: transport. NT counterpart: TDI_DISCONNECT with wait, and re-association of a connection object.
 *
 * The endpoint, its place in the poller and the number of its descriptor stay; the socket behind the
 * number is exchanged (host_replace). So a thread that is about to make a host call, or polls the number,
 * meets the old socket or the new one, never a stranger's. While the exchange goes on Closed says
 * EPOLL_CHANGING, which is set before the directions' locks are taken once, so that no call that
 * began before is under way any more.
 */
#include "epoll_private.h"

NTSTATUS EpollAwaitSent(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return EpollStart(Endpoint, Request, TlAwaitSent);
}

NTSTATUS EpollAwaitEnd(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return EpollStart(Endpoint, Request, TlAwaitEnd);
}

/* What stood before it in the queue has gone. */
NTSTATUS EpollTryAwaitSent(TL_ENDPOINT *Endpoint)
{
    if (Endpoint->Send.ShutdownPending)
        EpollFinishShutdown(Endpoint);
    return STATUS_SUCCESS;
}

NTSTATUS EpollTryAwaitEnd(TL_ENDPOINT *Endpoint)
{
    struct host_poll_item Item = {Endpoint->Source.fd, HOST_POLL_RDHUP, 0};
    if (!EpollIsStream(Endpoint) || !EpollGet(&Endpoint->Connected))
        return STATUS_INVALID_CONNECTION;
    if (__atomic_load_n(&Endpoint->FatalStatus, __ATOMIC_RELAXED) != STATUS_SUCCESS)
        return STATUS_SUCCESS;
    return host_wait(&Item, 1, -1, 0) > 0 ? STATUS_SUCCESS : STATUS_DEVICE_NOT_READY;
}

/* From here to EndChange nobody uses the descriptor. */
static NTSTATUS BeginChange(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List)
{
    NTSTATUS Status = STATUS_SUCCESS;
    TlLockWatch(&Endpoint->Watch);
    if (EpollClosed(Endpoint) & EPOLL_ABORTED) {
        Status = STATUS_FILE_CLOSED;
    } else {
        (VOID)__atomic_fetch_or(&Endpoint->Closed, EPOLL_CHANGING, __ATOMIC_SEQ_CST);
        host_source_remove(&Endpoint->Source);
        EpollForgetRegistration(Endpoint);
    }
    TlUnlockWatch(&Endpoint->Watch);
    if (!NT_SUCCESS(Status))
        return Status;
    UringSettle(Endpoint, List);
    EpollFlushDirection(&Endpoint->Receive, STATUS_CANCELLED, List);
    EpollFlushDirection(&Endpoint->Send, STATUS_CANCELLED, List);
    return STATUS_SUCCESS;
}

static NTSTATUS EndChange(TL_ENDPOINT *Endpoint)
{
    NTSTATUS Status = STATUS_SUCCESS;
    TlLockWatch(&Endpoint->Watch);
    (VOID)__atomic_fetch_and(&Endpoint->Closed, (UCHAR)~EPOLL_CHANGING, __ATOMIC_SEQ_CST);
    if (Endpoint->Watch.Mask != 0)
        Status = EpollRegisterLocked(Endpoint, NULL, TRUE);
    TlUnlockWatch(&Endpoint->Watch);
    return Status;
}

static VOID Clear(BOOLEAN *Flag)
{
    __atomic_store_n(Flag, FALSE, __ATOMIC_SEQ_CST);
}

/* As after EpollOpen, but for the settings and for what has to do with the poller. */
static VOID ForgetConnection(TL_ENDPOINT *Endpoint)
{
    EpollLockDirection(&Endpoint->Receive);
    Endpoint->Receive.Blocked = FALSE;
    Endpoint->VainReceives = 0;
    Endpoint->FilledBuffer = Endpoint->CountsRest = FALSE;
    __atomic_store_n(&Endpoint->UrgentCount, 0, __ATOMIC_SEQ_CST);
    EpollUnlockDirection(&Endpoint->Receive);
    EpollLockDirection(&Endpoint->Send);
    Endpoint->Send.Blocked = FALSE;
    Endpoint->Send.ShutdownPending = FALSE;
    Endpoint->BoundPort = 0;
    EpollUnlockDirection(&Endpoint->Send);
    __atomic_store_n(&Endpoint->FatalStatus, STATUS_SUCCESS, __ATOMIC_SEQ_CST);
    Clear(&Endpoint->ResetOnClose);
    Clear(&Endpoint->Bound);
    Clear(&Endpoint->Connected);
    Clear(&Endpoint->SawEnd);
    Clear(&Endpoint->SawUrgent);
    Clear(&Endpoint->ReceiveShutdown);
    Clear(&Endpoint->SendShutdown);
}

/* A new socket in the place of the old one, which ends as a close would end it. */
static NTSTATUS RenewSocket(TL_ENDPOINT *Endpoint, ULONG Protocol)
{
    int Fd;
    NTSTATUS Status = host_socket(Endpoint->Family, Endpoint->Type, (int)Protocol, &Fd);
    if (!NT_SUCCESS(Status))
        return Status;
    host_release_port(Endpoint->Source.fd);
    Status = host_replace(Endpoint->Source.fd, Fd);
    if (!NT_SUCCESS(Status))
        host_close(Fd);
    return Status;
}

/*
 * What remains of the old connection in the host may hold the port against a plain bind, but not against a
 * sharing one. A port that the program never chose need not be the same again.
 */
static NTSTATUS RebindSocket(TL_ENDPOINT *Endpoint, UCHAR *Local, ULONG Length, BOOLEAN Chosen)
{
    NTSTATUS Status;
    EpollLockDirection(&Endpoint->Receive);
    Status = host_bind(Endpoint->Source.fd, Local, Length, TlSharing(&Endpoint->Settings));
    if (Status == STATUS_ADDRESS_ALREADY_EXISTS && Chosen && TlSharing(&Endpoint->Settings) == HOST_SHARING_DEFAULT) {
        Status = host_bind(Endpoint->Source.fd, Local, Length, HOST_SHARING_SHARED);
    } else if (Status == STATUS_ADDRESS_ALREADY_EXISTS && !Chosen) {
        RtlZeroMemory(Local + sizeof(USHORT), sizeof(USHORT));
        Status = host_bind(Endpoint->Source.fd, Local, Length, HOST_SHARING_DEFAULT);
    }
    EpollUnlockDirection(&Endpoint->Receive);
    if (NT_SUCCESS(Status))
        EpollSet(&Endpoint->Bound);
    return Status;
}

NTSTATUS EpollReopen(TL_ENDPOINT *Endpoint, ULONG Protocol, BOOLEAN Rebind)
{
    TL_COMPLETION_LIST List;
    UCHAR Local[HOST_ADDRESS_MAX];
    uint32_t Length = sizeof Local;
    NTSTATUS Status, EndStatus;
    BOOLEAN Chosen = EpollGet(&Endpoint->Bound);
    TlInitializeCompletions(&List);
    if (!EpollIsStream(Endpoint))
        return STATUS_INVALID_PARAMETER;
    Status = BeginChange(Endpoint, &List);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Rebind)
        Status = host_get_local_address(Endpoint->Source.fd, Local, &Length);
    if (NT_SUCCESS(Status))
        Status = RenewSocket(Endpoint, Protocol);
    if (NT_SUCCESS(Status)) {
        ForgetConnection(Endpoint);
        if (Rebind)
            Status = RebindSocket(Endpoint, Local, Length, Chosen);
    }
    EndStatus = EndChange(Endpoint);
    EpollComplete(Endpoint, &List);
    return NT_SUCCESS(Status) ? EndStatus : Status;
}

NTSTATUS EpollAdopt(TL_ENDPOINT *Endpoint, TL_ENDPOINT *Accepted)
{
    TL_COMPLETION_LIST List;
    NTSTATUS Status;
    TlInitializeCompletions(&List);
    if (!EpollIsStream(Endpoint))
        return STATUS_INVALID_PARAMETER;
    Status = BeginChange(Endpoint, &List);
    if (!NT_SUCCESS(Status))
        return Status;
    ASSERT(Accepted->Poller == NULL);
    Status = host_replace(Endpoint->Source.fd, Accepted->Source.fd);
    if (NT_SUCCESS(Status)) {
        ForgetConnection(Endpoint);
        EpollLockDirection(&Endpoint->Receive);
        Endpoint->Settings = Accepted->Settings;
        EpollUnlockDirection(&Endpoint->Receive);
        EpollSet(&Endpoint->Connected);
        EpollFreeEndpoint(Accepted);
    }
    (VOID)EndChange(Endpoint);
    EpollComplete(Endpoint, &List);
    return Status;
}
