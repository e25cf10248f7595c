/* SPDX-License-Identifier: MIT */
/*
 * epoll_connect.c - connect, datagram association, and the end of a connection.
 *
 * Layer: transport. NT counterpart: TDI_CONNECT and TDI_DISCONNECT.
 */
#include "epoll_private.h"

/*
 * Linux takes a port that it chose itself (bind to port 0) away from a socket that fails to connect or
 * loses its peer; on Windows the endpoint stays bound. So the port is remembered and taken again.
 */
static VOID RememberPort(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock)
{
    UCHAR Local[HOST_ADDRESS_MAX];
    uint32_t Length = sizeof Local;
    Endpoint->BoundPort = 0;
    if (EpollGet(&Endpoint->Bound) && NT_SUCCESS(host_get_local_address(Endpoint->Source.fd, Local, &Length)))
        Endpoint->BoundPort = TlPortOf(Local);
}

static NTSTATUS RestorePort(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock)
{
    UCHAR Local[HOST_ADDRESS_MAX];
    uint32_t Length = sizeof Local;
    if (Endpoint->BoundPort == 0)
        return STATUS_SUCCESS;
    NTSTATUS Status = host_get_local_address(Endpoint->Source.fd, Local, &Length);
    if (!NT_SUCCESS(Status) || TlPortOf(Local) == Endpoint->BoundPort)
        return Status;
    RtlCopyMemory(Local + sizeof(USHORT), &Endpoint->BoundPort, sizeof(USHORT));
    return host_bind(Endpoint->Source.fd, Local, Length, TlSharing(&Endpoint->Settings));
}

/* A connection attempt cannot be taken back, so it pends even with TL_REQUEST_NO_PEND. */
NTSTATUS EpollConnect(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    NTSTATUS Status = TlCheckPeerAddress(Endpoint->Family, Endpoint->Type, Request->Address, Request->AddressLength);
    Request->Link.Flink = NULL;
    Request->Endpoint = Endpoint;
    Request->Kind = TlConnect;
    Request->Bytes = 0;
    Request->Accepted = NULL;
    if (!NT_SUCCESS(Status))
        return Status;
    EpollLockDirection(&Endpoint->Send);
    if (EpollClosed(Endpoint) != 0) {
        Status = STATUS_FILE_CLOSED;
    } else if (EpollGet(&Endpoint->Connected) || !IsListEmpty(&Endpoint->Send.Queue)) {
        Status = STATUS_CONNECTION_ACTIVE;
    } else {
        RememberPort(Endpoint);
        Status = host_connect(Endpoint->Source.fd, Request->Address, Request->AddressLength);
        if (!NT_SUCCESS(Status))
            (VOID)RestorePort(Endpoint);
    }
    if (Status == STATUS_SUCCESS)
        EpollSet(&Endpoint->Connected);
    else if (Status == STATUS_PENDING)
        Status = EpollPend(Endpoint, Request);
    if (Status != STATUS_PENDING)
        Request->Status = Status;
    EpollUnlockDirection(&Endpoint->Send);
    return Status;
}

NTSTATUS EpollTryConnect(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    UNREFERENCED_PARAMETER(Request);
    NTSTATUS Status = host_connect_result(Endpoint->Source.fd);
    if (Status == STATUS_PENDING)
        return STATUS_DEVICE_NOT_READY;
    if (NT_SUCCESS(Status)) {
        EpollSet(&Endpoint->Connected);
    } else if (Status == STATUS_CONNECTION_RESET) {
        /* Not a refusal: it was established, and reset before we looked. The connect has succeeded; the
         * next receive or send tells. */
        EpollSet(&Endpoint->Connected);
        (VOID)EpollFail(Endpoint, Status);
        Status = STATUS_SUCCESS;
    } else {
        (VOID)RestorePort(Endpoint);
    }
    return Status;
}

/* Nobody waits for the attempt any more: the host shall not go on with it, and the endpoint stays bound. */
VOID EpollAbandonConnect(TL_ENDPOINT *Endpoint)
{
    (VOID)!host_disconnect(Endpoint->Source.fd);
    (VOID)RestorePort(Endpoint);
}

static NTSTATUS Dissolve(TL_ENDPOINT *Endpoint) _Requires_lock_held_(TlEndpointLock)
{
    RememberPort(Endpoint);
    NTSTATUS Status = host_disconnect(Endpoint->Source.fd);
    return NT_SUCCESS(Status) ? RestorePort(Endpoint) : Status;
}

NTSTATUS EpollAssociate(TL_ENDPOINT *Endpoint, const VOID *Address, ULONG Length)
{
    NTSTATUS Status = STATUS_SUCCESS;
    if (EpollIsStream(Endpoint))
        return STATUS_INVALID_PARAMETER;
    if (Length != 0 && Endpoint->Type == TL_SOCK_DGRAM)
        Status = TlCheckPeerAddress(Endpoint->Family, Endpoint->Type, Address, Length);
    if (!NT_SUCCESS(Status))
        return Status;
    EpollLockDirection(&Endpoint->Send);
    if (EpollClosed(Endpoint) != 0)
        Status = STATUS_FILE_CLOSED;
    else
        Status = Length == 0 ? Dissolve(Endpoint) : host_connect(Endpoint->Source.fd, Address, Length);
    if (NT_SUCCESS(Status))
        __atomic_store_n(&Endpoint->Connected, Length != 0, __ATOMIC_SEQ_CST);
    EpollUnlockDirection(&Endpoint->Send);
    return Status;
}

VOID EpollFinishShutdown(TL_ENDPOINT *Endpoint)
{
    Endpoint->Send.ShutdownPending = FALSE;
    /* It fails only when the connection is gone, and then there is nobody to tell. */
    (VOID)!host_shutdown(Endpoint->Source.fd, HOST_SHUTDOWN_SEND);
}

static NTSTATUS ShutdownSend(TL_ENDPOINT *Endpoint)
{
    NTSTATUS Status = STATUS_SUCCESS;
    EpollLockDirection(&Endpoint->Send);
    if (EpollClosed(Endpoint) != 0) {
        Status = STATUS_FILE_CLOSED;
    } else if (!EpollGet(&Endpoint->SendShutdown)) {
        /* Sends that pend were made before and go first; new ones find the flag. */
        if (!EpollIsStream(Endpoint))
            EpollSet(&Endpoint->SendShutdown);
        else if (!IsListEmpty(&Endpoint->Send.Queue) || Endpoint->Send.Held)
            Endpoint->Send.ShutdownPending = TRUE;
        else
            Status = host_shutdown(Endpoint->Source.fd, HOST_SHUTDOWN_SEND);
        if (NT_SUCCESS(Status))
            EpollSet(&Endpoint->SendShutdown);
        else if (__atomic_load_n(&Endpoint->FatalStatus, __ATOMIC_RELAXED) != STATUS_SUCCESS)
            Status = __atomic_load_n(&Endpoint->FatalStatus, __ATOMIC_RELAXED);
        else if (Status == STATUS_INVALID_CONNECTION && EpollGet(&Endpoint->Connected))
            Status = EpollFail(Endpoint, STATUS_CONNECTION_RESET);
    }
    EpollUnlockDirection(&Endpoint->Send);
    return Status;
}

/*
 * Receiving ends in the endpoint alone: on Linux, shutting it down in the host would make the socket
 * look as if the peer had ended.
 */
NTSTATUS EpollDisconnect(TL_ENDPOINT *Endpoint, ULONG How)
{
    NTSTATUS Status = STATUS_SUCCESS;
    if (EpollIsStream(Endpoint) && !EpollGet(&Endpoint->Connected))
        return STATUS_INVALID_CONNECTION;
    /* Before the end goes out: what remains of the connection in the host has the option of this moment. */
    if (How & TL_DISCONNECT_REUSE)
        host_release_port(Endpoint->Source.fd);
    if (How & HOST_SHUTDOWN_SEND) {
        UringPay(Endpoint);
        Status = ShutdownSend(Endpoint);
    }
    if (NT_SUCCESS(Status) && (How & HOST_SHUTDOWN_RECEIVE)) {
        TL_COMPLETION_LIST List;
        TlInitializeCompletions(&List);
        EpollSet(&Endpoint->ReceiveShutdown);
        EpollFlushTransfers(Endpoint, &Endpoint->Receive, STATUS_PIPE_DISCONNECTED, &List);
        EpollComplete(Endpoint, &List);
    }
    return Status;
}
