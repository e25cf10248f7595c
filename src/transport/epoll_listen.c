/* SPDX-License-Identifier: MIT */
/*
 * epoll_listen.c - listen and accept.
 *
 * Layer: transport. NT counterpart: TDI_LISTEN and TDI_ACCEPT. A connection leaves the host's queue only
 * for a request that waits for it, so the backlog is the host's own.
 */
#include "epoll_private.h"

NTSTATUS EpollListen(TL_ENDPOINT *Endpoint, ULONG Backlog)
{
    NTSTATUS Status;
    EpollLockDirection(&Endpoint->Receive);
    if (EpollClosed(Endpoint) != 0)
        Status = STATUS_FILE_CLOSED;
    else
        Status = host_listen(Endpoint->Source.fd, Backlog > INT32_MAX ? INT32_MAX : (int)Backlog);
    if (NT_SUCCESS(Status))
        EpollSet(&Endpoint->Listening);
    EpollUnlockDirection(&Endpoint->Receive);
    return Status;
}

NTSTATUS EpollAccept(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    return EpollStart(Endpoint, Request, TlAccept);
}

NTSTATUS EpollTryAccept(TL_ENDPOINT *Endpoint, TL_REQUEST *Request)
{
    int Fd;
    uint32_t AddressLength = sizeof Request->Address;
    if (!EpollGet(&Endpoint->Listening))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS Status = host_accept(Endpoint->Source.fd, &Fd, Request->Address, &AddressLength);
    Endpoint->Receive.Blocked = Status == STATUS_DEVICE_NOT_READY;
    if (!NT_SUCCESS(Status))
        return Status;
    TL_ENDPOINT *Accepted;
    Status = EpollCreateEndpoint(Fd, Endpoint->Family, TL_SOCK_STREAM, &Accepted);
    if (!NT_SUCCESS(Status)) {
        (VOID)!host_set_abortive_close(Fd);
        host_close(Fd);
        return Status;
    }
    Accepted->Connected = TRUE;
    Accepted->Settings.LingerOn = Endpoint->Settings.LingerOn;
    Accepted->Settings.LingerSeconds = Endpoint->Settings.LingerSeconds;
    Accepted->Settings.OobInline = Endpoint->Settings.OobInline;
    Request->AddressLength = (USHORT)AddressLength;
    Request->Accepted = Accepted;
    return STATUS_SUCCESS;
}
