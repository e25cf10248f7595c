/* SPDX-License-Identifier: MIT */
/*
 * msafd_accept.c - accept: wait for a connection, ask the condition function, open, accept.
 *
 * Layer: msafd; NT counterpart: WSPAccept. The provider itself refuses a socket that does not
 * listen, so that an accept that fails with WSAEINVAL on a listening socket is known to come from
 * AFD. [kb:Q201348]
 */
#include "msafd_private.h"

static INT MsafdpCheckAccept(
    const MSAFD_SOCKET *Listener, const struct sockaddr *Address, LPINT Length)
{
    if (MsafdIsDatagram(Listener))
        return WSAEOPNOTSUPP;
    if (!MsafdTestFlags(Listener, MSAFD_LISTENING))
        return WSAEINVAL;
    if (Address == NULL || Length == NULL) /* then neither is written. [obs:wine/sock accept] */
        return 0;
    if (!NT_SUCCESS(MsafdProbeWrite(Length, sizeof *Length)) ||
        (INT)MsafdLoad(Length) < (INT)MsafdAddressLength(Listener))
        return WSAEFAULT;
    return NT_SUCCESS(MsafdProbeWrite(Address, MsafdAddressLength(Listener))) ? 0 : WSAEFAULT;
}

/* Gives an offered connection back: to the head of the queue, or to its end by a reset. */
static VOID MsafdpDeferAccept(MSAFD_SOCKET *Listener, LONG Sequence, BOOLEAN Reject)
{
    AFD_DEFER_ACCEPT_INFO Request;
    RtlZeroMemory(&Request, sizeof Request);
    Request.Sequence = Sequence;
    Request.RejectConnection = Reject;
    (VOID)
        MsafdControl(Listener, IOCTL_AFD_DEFER_ACCEPT, &Request, sizeof Request, NULL, 0, NULL, 0);
}

/* May the accepted socket be in the group, connected to who has called? [doc:winsock2/wsaaccept] */
static INT MsafdpCheckGroup(MSAFD_SOCKET *Listener, const AFD_LISTEN_RESPONSE_INFO *Offer, GROUP Group)
{
    UCHAR Request[sizeof(ULONG) + sizeof(SOCKADDR_IN6)];
    ULONG Length = (ULONG)sizeof(ULONG) + MsafdAddressLength(Listener);
    if (Group == 0)
        return 0;
    MsafdStore(Request, Group);
    RtlCopyMemory(Request + sizeof(ULONG), Offer->RemoteAddress, MsafdAddressLength(Listener));
    return MsafdWsaErrorFromStatus(
        MsafdControl(Listener, IOCTL_AFD_VALIDATE_GROUP, Request, Length, NULL, 0, NULL, 0));
}

static INT MsafdpRunCondition(MSAFD_SOCKET *Listener, AFD_LISTEN_RESPONSE_INFO *Offer,
    LPCONDITIONPROC Condition, DWORD_PTR CallbackData, GROUP *Group)
{
    UCHAR Local[sizeof(SOCKADDR_IN6)];
    ULONG_PTR LocalLength = 0;
    INT Error;
    NTSTATUS Status = MsafdControl(
        Listener, IOCTL_AFD_GET_ADDRESS, NULL, 0, Local, sizeof Local, &LocalLength, 0);
    WSABUF Caller = {MsafdAddressLength(Listener), (CHAR *)Offer->RemoteAddress};
    WSABUF Callee = {NT_SUCCESS(Status) ? (ULONG)LocalLength : 0, (CHAR *)Local};
    WSABUF CallerData = {0, NULL}, CalleeData = {0, NULL}; /* TCP carries no connect data */
    switch (
        Condition(&Caller, &CallerData, NULL, NULL, &Callee, &CalleeData, Group, CallbackData)) {
    case CF_ACCEPT:
        Error = MsafdpCheckGroup(Listener, Offer, *Group);
        if (Error != 0)
            MsafdpDeferAccept(Listener, Offer->Sequence, FALSE);
        return Error;
    case CF_REJECT:
        MsafdpDeferAccept(Listener, Offer->Sequence, TRUE);
        return WSAECONNREFUSED;
    case CF_DEFER:
        MsafdpDeferAccept(Listener, Offer->Sequence, FALSE);
        return WSATRY_AGAIN;
    default: /* a value that is none of the three. [doc:winsock2/wsaaccept] */
        MsafdpDeferAccept(Listener, Offer->Sequence, FALSE);
        return WSAEINVAL;
    }
}

VOID MsafdInheritProperties(MSAFD_SOCKET *Socket, MSAFD_SOCKET *Listener)
{
    ULONG Inherited = MSAFD_NONBLOCKING | MSAFD_OOB_INLINE | MSAFD_EXCLUSIVE | MSAFD_REUSE;
    ULONG Flags = __atomic_load_n(&Listener->Flags, __ATOMIC_RELAXED) & Inherited;
    Socket->ReceiveTimeoutMs = Listener->ReceiveTimeoutMs;
    Socket->SendTimeoutMs = Listener->SendTimeoutMs;
    MsafdLockSocket(Listener);
    LONG EventMask = Listener->EventMask;
    HANDLE Event = (HANDLE)(ULONG_PTR)Listener->EventHandle;
    USHORT LingerOn = Listener->LingerOn, LingerSeconds = Listener->LingerSeconds;
    MsafdUnlockSocket(Listener);
    MsafdLockSocket(Socket);
    Socket->LingerOn = LingerOn;
    Socket->LingerSeconds = LingerSeconds;
    MsafdUnlockSocket(Socket);
    MsafdInheritKept(Socket, Listener);
    if (Flags != 0)
        MsafdSetFlags(Socket, Flags);
    if ((Flags & MSAFD_OOB_INLINE) != 0)
        (VOID) MsafdSetInformation(Socket, AFD_INLINE_MODE, TRUE);
    if ((Flags & MSAFD_NONBLOCKING) != 0)
        (VOID) MsafdSetInformation(Socket, AFD_NONBLOCKING_MODE, TRUE);
    /* The event selection of the listener, too, and its event object. [doc:winsock2/wsaeventselect]
     */
    if (EventMask != 0 && !MsafdTestFlags(Listener, MSAFD_ASYNC_SELECTED))
        (VOID) MsafdSelectEvents(Socket, Event, EventMask);
}

/* Opens the endpoint and has AFD put the offered connection into it. */
static INT MsafdpAcceptOffer(
    MSAFD_SOCKET *Listener, const AFD_LISTEN_RESPONSE_INFO *Offer, GROUP Group, SOCKET *Accepted)
{
    MSAFD_CREATE Create = {Listener->Family, Listener->Type, Listener->Protocol,
        Listener->CatalogEntryId, Listener->CreationFlags, Group};
    AFD_ACCEPT_INFO Request;
    HANDLE Handle;
    MSAFD_SOCKET *Socket;
    INT Error = MsafdOpenEndpoint(&Create, &Handle, &Socket);
    if (Error != 0) {
        MsafdpDeferAccept(Listener, Offer->Sequence, FALSE);
        return Error;
    }
    RtlZeroMemory(&Request, sizeof Request);
    Request.Sequence = Offer->Sequence;
    Request.AcceptHandle = Handle;
    NTSTATUS Status =
        MsafdControl(Listener, IOCTL_AFD_ACCEPT, &Request, sizeof Request, NULL, 0, NULL, 0);
    if (NT_SUCCESS(Status)) {
        MsafdSetFlags(Socket, MSAFD_BOUND | MSAFD_ACCEPTED);
        MsafdInheritProperties(Socket, Listener);
        Error = MsafdPublishSocket(Handle, Socket);
        if (Error == 0 && MsafdTestFlags(Listener, MSAFD_ASYNC_SELECTED))
            MsafdInheritAsyncSelect((SOCKET)(ULONG_PTR)Handle, Socket, Listener);
    } else {
        Error = MsafdWsaErrorFromStatus(Status);
    }
    if (Error != 0)
        NtClose(Handle);
    MsafdDereferenceSocket(Socket);
    *Accepted = (SOCKET)(ULONG_PTR)Handle;
    return Error;
}

SOCKET WSPAPI MsafdAccept(SOCKET s, struct sockaddr *Address, LPINT AddressLength,
    LPCONDITIONPROC Condition, DWORD_PTR CallbackData, LPINT Errno)
{
    AFD_LISTEN_RESPONSE_INFO Offer;
    SOCKET Accepted = INVALID_SOCKET;
    GROUP Group = 0;
    MSAFD_SOCKET *Listener = MsafdReferenceSocket(s);
    if (Listener == NULL)
        return MsafdFail(Errno, WSAENOTSOCK), INVALID_SOCKET;
    INT Error = MsafdpCheckAccept(Listener, Address, AddressLength);
    if (Error == 0)
        Error = MsafdWsaErrorFromStatus(MsafdControlAlertable(
            Listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &Offer, sizeof Offer, NULL, 0));
    if (Error == 0 && Condition != NULL)
        Error = MsafdpRunCondition(Listener, &Offer, Condition, CallbackData, &Group);
    if (Error == 0)
        Error = MsafdpAcceptOffer(Listener, &Offer, Group, &Accepted);
    if (Error == 0 && Address != NULL && AddressLength != NULL) {
        RtlCopyMemory(Address, Offer.RemoteAddress, MsafdAddressLength(Listener));
        MsafdStore(AddressLength, MsafdAddressLength(Listener));
    }
    MsafdDereferenceSocket(Listener);
    return Error != 0 ? (MsafdFail(Errno, Error), INVALID_SOCKET) : Accepted;
}
