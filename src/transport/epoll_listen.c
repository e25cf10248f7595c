/* SPDX-License-Identifier: MIT */
/*
 * epoll_listen.c - listen and accept.
 *
 * Layer: transport. NT counterpart: TDI_LISTEN and TDI_ACCEPT. A connection leaves the host's queue only
 * for a request that waits for it, so the backlog is the host's own.
 *
 * To find out that no connection is left is dear: the host makes a socket before it looks. So while requests wait, a
 * listener is registered by level, and who has accepted one connection need not ask for a second: the next look
 * at the poller tells of it. How many are worth trying for at once is learnt from how many there were.
 *
 *   ADD [edges] <-- watched before, or ever after ---+
 *                                                    |
 *   ADD [level] --nothing taken: no request, no connection--> [edges] --LOOKS_BY_EDGES looks found no more--> [level]
 *
 * Nobody is told by level for long who does not take: a program that has no request there now would be called without
 * end. Each change tells of what is there already, so none comes between.
 */
#include "epoll_private.h"

#define ACCEPT_MORE_MAX 63
#define ACCEPT_PATIENCE_MAX 63
#define LOOKS_BY_EDGES 32

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

/* Nobody else changes it but who registers for output as well; then it stays by edges. */
static VOID TellByLevel(TL_ENDPOINT *Endpoint, BOOLEAN ByLevel)
{
    Endpoint->VainAccepts = 0;
    TlLockWatch(&Endpoint->Watch);
    if (Endpoint->Registered && !Endpoint->RegisteredOutput && Endpoint->ByLevel != ByLevel) {
        NTSTATUS Status =
            ByLevel ? host_source_use_level(&Endpoint->Source) : host_source_use_edges(&Endpoint->Source);
        if (NT_SUCCESS(Status)) /* else at the next occasion */
            __atomic_store_n(&Endpoint->ByLevel, ByLevel, __ATOMIC_SEQ_CST);
    }
    TlUnlockWatch(&Endpoint->Watch);
}

/* Looking for more grows while it finds them; where it does not, it waits longer each time. */
static VOID NoteAccepts(TL_ENDPOINT *Endpoint, ULONG Taken, BOOLEAN FoundNoMore) _Requires_lock_held_(TlEndpointLock)
{
    if (FoundNoMore) {
        Endpoint->AcceptMore = (UCHAR)(Taken - 1);
        if (Endpoint->AcceptPatience < ACCEPT_PATIENCE_MAX)
            Endpoint->AcceptPatience = (UCHAR)(2 * Endpoint->AcceptPatience + 1);
        Endpoint->AcceptCalm = Endpoint->AcceptPatience;
    } else if (Taken > Endpoint->AcceptMore) {
        if (Endpoint->AcceptMore != 0)
            Endpoint->AcceptPatience /= 2;
        if (Endpoint->AcceptCalm != 0)
            Endpoint->AcceptCalm--;
        else if (Endpoint->AcceptMore < ACCEPT_MORE_MAX)
            Endpoint->AcceptMore = (UCHAR)(2 * Endpoint->AcceptMore + 1);
    }
}

VOID EpollRunAccepts(TL_ENDPOINT *Endpoint, TL_COMPLETION_LIST *List)
{
    EPOLL_DIRECTION *Direction = &Endpoint->Receive;
    ULONG Taken = 0;
    BOOLEAN FoundNoMore = FALSE;
    EpollLockDirection(Direction);
    BOOLEAN ByLevel = EpollGet(&Endpoint->ByLevel);
    Direction->Blocked = FALSE;
    while (!IsListEmpty(&Direction->Queue) && EpollClosed(Endpoint) == 0 &&
        (!ByLevel || Taken <= Endpoint->AcceptMore)) {
        TL_REQUEST *Request = CONTAINING_RECORD(Direction->Queue.Flink, TL_REQUEST, Link);
        ASSERT(Request->Kind == TlAccept);
        NTSTATUS Status = EpollTryAccept(Endpoint, Request);
        FoundNoMore = Status == STATUS_DEVICE_NOT_READY;
        if (FoundNoMore)
            break;
        EpollTakeOut(Request);
        TlAddCompletion(List, Request, Status);
        Taken++;
    }
    if (ByLevel && Taken != 0)
        NoteAccepts(Endpoint, Taken, FoundNoMore);
    else if (ByLevel)
        TellByLevel(Endpoint, FALSE);
    else if (FoundNoMore && ++Endpoint->VainAccepts == LOOKS_BY_EDGES)
        TellByLevel(Endpoint, TRUE);
    EpollUnlockDirection(Direction);
}
