/* SPDX-License-Identifier: MIT */
/*
 * afd_super_accept.c - IOCTL_AFD_SUPER_ACCEPT: accept, first data and both addresses in one request.
 *
 * Layer: afd. NT counterpart: the request behind AcceptEx. It waits in the listener's queue among the
 * WAIT_FOR_LISTENs; its connection is attached to the accepting endpoint as soon as it comes; then, if
 * asked for, the first data is received as any receive of that endpoint. The accepting handle's file is
 * recognised by the device that was opened: Q201348 is about IOCTL_AFD_ACCEPT alone.
 * Left out: direct polling, since the request waits for two descriptors, one after the other.
 */
#include "afd_super_accept.h"

#include "afd_events.h"
#include "afd_requests.h"
#include "iomgr.h"

#define AFD_TAG_SUPER_ACCEPT 'AfdS'

VOID AfdReferenceSuperAccept(AFD_ACCEPTING *Super)
{
    __atomic_add_fetch(&Super->References, 1, __ATOMIC_RELAXED);
}

VOID AfdDereferenceSuperAccept(AFD_ACCEPTING *Super)
{
    if (__atomic_sub_fetch(&Super->References, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    AfdDereferenceEndpoint(Super->Listener);
    if (Super->Acceptor != NULL)
        AfdDereferenceEndpoint(Super->Acceptor);
    ExFreePoolWithTag(Super, AFD_TAG_SUPER_ACCEPT);
}

/* The end: everything but the IRP. The caller completes that. */
static VOID AfdpReleaseSuperAccept(AFD_ACCEPTING *Super)
{
    AfdLockEndpoint(Super->Listener);
    if (Super->Linked)
        RemoveEntryList(&Super->Link);
    Super->Linked = FALSE;
    AfdUnlockEndpoint(Super->Listener);

    AfdLockEndpoint(Super->Acceptor);
    if (Super->Acceptor->SuperAccept == Super) {
        Super->Acceptor->SuperAccept = NULL;
        Super->Acceptor->InTransition = FALSE;
    }
    AfdUnlockEndpoint(Super->Acceptor);

    if (Super->Request != NULL)
        AfdFreeRequest(Super->Request);
    ObDereferenceObject(Super->AcceptFile);
    AfdDereferenceSuperAccept(Super);
}

static NTSTATUS AfdpCompleteSuperAccept(AFD_ACCEPTING *Super, NTSTATUS Status, ULONG_PTR Information)
{
    PIRP Irp = Super->Irp;
    AfdpReleaseSuperAccept(Super);
    return AfdCompleteIrp(Irp, Status, Information);
}

NTSTATUS AfdEndSuperAccept(AFD_ACCEPTING *Super, NTSTATUS Status)
{
    return AfdpCompleteSuperAccept(Super, Status, 0);
}

VOID AfdCancelSuperAccept(AFD_ACCEPTING *Super)
{
    AFD_ENDPOINT *Endpoint = Super->Listener;
    AFD_LISTENER *Listener = AfdEndpointListener(Endpoint);
    PIRP Irp = IoCsqRemoveIrp(&Listener->Csq, &Super->Wait);
    if (Irp != NULL)
        AfdCompleteCanceledWait(&Listener->Csq, Irp);
}

/* The connection is not kept by a request that has been given up: the peer learns of it. */
static VOID AfdpResetAcceptor(AFD_ACCEPTING *Super)
{
    AFD_ENDPOINT *Acceptor = Super->Acceptor;
    __atomic_fetch_or(&Acceptor->Ended, AFD_ENDED_ABORT, __ATOMIC_ACQ_REL);
    AfdTransport->Abort(AfdEndpointTransport(Acceptor), TRUE);
    AfdEvaluateEndpoint(Acceptor);
}

VOID AfdCancelAttaching(AFD_ENDPOINT *Endpoint, AFD_LISTENER *Listener)
{
    AFD_ACCEPTING *Super;
    BOOLEAN Attached;

    /* None comes any more. Those that were seen go to the end. */
    for (;;) {
        AfdLockEndpoint(Endpoint);
        Super = IsListEmpty(&Listener->Attaching)
            ? NULL : CONTAINING_RECORD(Listener->Attaching.Flink, AFD_ACCEPTING, Link);
        if (Super == NULL || Super->Cancelled) {
            AfdUnlockEndpoint(Endpoint);
            return;
        }
        Super->Cancelled = TRUE;
        RemoveEntryList(&Super->Link);
        InsertTailList(&Listener->Attaching, &Super->Link);
        Attached = Super->Attached;
        if (Attached)
            ObReferenceObject(Super->AcceptFile);
        AfdReferenceSuperAccept(Super);
        AfdUnlockEndpoint(Endpoint);
        if (Attached) {
            PFILE_OBJECT File = Super->AcceptFile;
            AfdpResetAcceptor(Super);
            ObDereferenceObject(File);
        }
        AfdDereferenceSuperAccept(Super);
    }
}

VOID AfdSuperAcceptTake(AFD_LISTENER *Listener, AFD_ACCEPTING *Super, AFD_CONNECTION *Connection)
{
    Super->Connection = Connection;
    Super->Linked = TRUE;
    InsertTailList(&Listener->Attaching, &Super->Link);
}

static BOOLEAN AfdpIsAreaTooSmall(const AFD_ACCEPTING *Super, ULONG Area)
{
    return Area < (ULONG)AfdAddressLength(Super->Listener) + AFD_SUPER_ACCEPT_EXTRA;
}

static NTSTATUS AfdpGetLocalAddress(const AFD_ACCEPTING *Super, UCHAR *Address, ULONG *Length)
{
    const AFD_LISTENER *Listener = AfdEndpointListener(Super->Listener);
    if (Listener->LocalLength == 0)
        return AfdTransport->GetLocalAddress(AfdEndpointTransport(Super->Acceptor), Address, Length);
    RtlCopyMemory(Address, Listener->LocalAddress, Listener->LocalLength);
    *Length = Listener->LocalLength;
    return STATUS_SUCCESS;
}

static NTSTATUS AfdpWriteAddresses(const AFD_ACCEPTING *Super)
{
    AFD_SUPER_ACCEPT_ADDRESS Local = {0};
    ULONG Length = sizeof Local.Address;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Super->LocalLength != 0) {
        Status = AfdpGetLocalAddress(Super, Local.Address, &Length);
        Local.Length = (LONG)Length;
        if (NT_SUCCESS(Status))
            Status = ExCopyToUser(ExUserField(Super->Output, Super->DataLength), &Local,
                UFIELD_OFFSET(AFD_SUPER_ACCEPT_ADDRESS, Address) + Length, 1);
    }
    if (NT_SUCCESS(Status))
        Status = ExCopyToUser(ExUserField(Super->Output, (SIZE_T)Super->DataLength + Super->LocalLength),
            &Super->Remote, UFIELD_OFFSET(AFD_SUPER_ACCEPT_ADDRESS, Address) + (ULONG)Super->Remote.Length, 1);
    return Status;
}

/* AFD_OPERATION.Finish of the receive: the request completes the IRP. */
static NTSTATUS AfdpFinishSuperReceive(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information)
{
    AFD_ACCEPTING *Super = Operation->Context;

    if (Status == STATUS_FILE_CLOSED) /* closed between the attachment and the receive */
        Status = STATUS_CANCELLED;
    if (Status == STATUS_CANCELLED)
        AfdpResetAcceptor(Super);
    AfdEndEnablingCall(Super->Acceptor, AFD_POLL_RECEIVE, FALSE);
    if (NT_SUCCESS(Status))
        Status = AfdpWriteAddresses(Super);
    if (NT_SUCCESS(Status))
        *Information = Operation->Tl.Bytes;
    AfdpReleaseSuperAccept(Super);
    return Status;
}

static NTSTATUS AfdpReceiveFirst(AFD_ACCEPTING *Super)
{
    AFD_REQUEST *Request = Super->Request;
    AFD_OPERATION *Operation = &Request->Operation;
    struct KE_POLLER *Poller = IoFilePoller(Super->AcceptFile);

    Super->Request = NULL;
    Operation->Context = Super;
    Operation->Finish = AfdpFinishSuperReceive;
    Operation->Inline[0].base = (PCHAR)Super->Output;
    Operation->Inline[0].length = Super->DataLength;
    Operation->Bytes = Super->DataLength;
    Operation->Tl.Buffers = Operation->Inline;
    Operation->Tl.BufferCount = 1;
    AfdBeginEnablingCall(Super->Acceptor, AFD_POLL_RECEIVE);
    return AfdSubmitStep(Request, AfdTransport->Receive, Poller != NULL ? Poller : Super->Poller);
}

/* What the dispatch routine returns for an IRP that may have been marked pending. */
static NTSTATUS AfdpAnswer(NTSTATUS Status, BOOLEAN Pending)
{
    return Pending ? STATUS_PENDING : Status;
}

/*
 * STATUS_BUFFER_TOO_SMALL: an area for an address is too small, which Windows looks at only now, and the
 * connection is not lost by it [test:wine/ws2_32/sock.c]. STATUS_CANCELLED: one of the endpoints is closing.
 */
AFD_CONNECTION *AfdSuperAcceptArrived(AFD_ACCEPTING *Super, NTSTATUS *Status)
{
    AFD_CONNECTION *Connection = Super->Connection;
    AFD_ENDPOINT *Listener = Super->Listener;
    BOOLEAN Cancelled;
    /* One that was deferred is never accepted at once on Windows. [test:wine/ws2_32/sock.c] */
    BOOLEAN Late = Connection->Sequence != 0;
    NTSTATUS Attached;

    if (Late)
        IoMarkIrpPending(Super->Irp);
    Super->Connection = NULL;
    Super->Remote.Length = Connection->AddressLength;
    RtlCopyMemory(Super->Remote.Address, Connection->Address, Connection->AddressLength);
    if (AfdpIsAreaTooSmall(Super, Super->RemoteLength) ||
        (Super->LocalLength != 0 && AfdpIsAreaTooSmall(Super, Super->LocalLength))) {
        *Status = AfdpAnswer(AfdEndSuperAccept(Super, STATUS_BUFFER_TOO_SMALL), Late);
        return Connection;
    }
    Attached = AfdAttachConnection(Super->Acceptor, Connection);
    if (!NT_SUCCESS(Attached)) {
        if (Attached == STATUS_FILE_CLOSED)
            Attached = STATUS_CANCELLED;
        *Status = AfdpAnswer(AfdEndSuperAccept(Super, Attached), Late);
        return Connection;
    }
    AfdAbortConnection(Connection); /* only the record is left of it */

    AfdLockEndpoint(Listener);
    Super->Attached = TRUE;
    Cancelled = Super->Cancelled;
    AfdUnlockEndpoint(Listener);
    AfdEndEnablingCall(Listener, AFD_POLL_ACCEPT, FALSE);
    if (Cancelled) {
        AfdpResetAcceptor(Super);
        *Status = AfdEndSuperAccept(Super, STATUS_CANCELLED);
    } else if (Super->DataLength != 0) {
        *Status = AfdpReceiveFirst(Super);
    } else {
        *Status = AfdEndSuperAccept(Super, AfdpWriteAddresses(Super));
    }
    *Status = AfdpAnswer(*Status, Late);
    return NULL;
}

/* The accepting file is referenced and its endpoint in transition. */
static NTSTATUS AfdpBeginAccepting(AFD_ACCEPTING *Super, HANDLE AcceptHandle)
{
    AFD_ENDPOINT *Acceptor;
    NTSTATUS Status =
        ObReferenceObjectByHandle(AcceptHandle, 0, *IoFileObjectType, UserMode, (PVOID *)&Super->AcceptFile, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Acceptor = AfdEndpointFromFile(Super->AcceptFile);
    Status = Acceptor == NULL ? STATUS_OBJECT_TYPE_MISMATCH : AfdBeginAttach(Acceptor, Super->Listener);
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(Super->AcceptFile);
        return Status;
    }
    /* The file goes with the IRP; whoever has a reference to us may still look at the endpoint. */
    AfdReferenceEndpoint(Acceptor);
    Super->Acceptor = Acceptor;
    AfdLockEndpoint(Super->Acceptor);
    Super->Acceptor->SuperAccept = Super;
    AfdUnlockEndpoint(Super->Acceptor);
    return STATUS_SUCCESS;
}

/* In the order of the checks; STATUS_BUFFER_TOO_SMALL: the parts are longer than the whole. */
static NTSTATUS AfdpReadSuperAccept(AFD_ENDPOINT *Endpoint, PIRP Irp, const IO_STACK_LOCATION *Stack,
    AFD_SUPER_ACCEPT_INFO *Info)
{
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    ULONGLONG Need;
    NTSTATUS Status =
        ExCopyFromUser(Info, Stack->Parameters.DeviceIoControl.Type3InputBuffer, sizeof *Info, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (State != AfdListening)
        return State == AfdClosing ? STATUS_FILE_CLOSED : STATUS_INVALID_PARAMETER;
    Need = (ULONGLONG)Info->ReceiveDataLength + Info->LocalAddressLength + Info->RemoteAddressLength;
    if (Need > Stack->Parameters.DeviceIoControl.OutputBufferLength)
        return STATUS_BUFFER_TOO_SMALL;
    if (Info->RemoteAddressLength == 0)
        return STATUS_ACCESS_VIOLATION;
    return ExProbeUserRange(Irp->UserBuffer, (SIZE_T)Need);
}

static AFD_ACCEPTING *AfdpAllocateSuperAccept(AFD_ENDPOINT *Endpoint, PIRP Irp, const AFD_SUPER_ACCEPT_INFO *Info)
{
    AFD_ACCEPTING *Super = ExAllocatePoolZero(NonPagedPool, sizeof *Super, AFD_TAG_SUPER_ACCEPT);
    if (Super == NULL)
        return NULL;
    Super->References = 1;
    Super->Irp = Irp;
    Super->Listener = Endpoint;
    Super->Output = Irp->UserBuffer;
    Super->DataLength = Info->ReceiveDataLength;
    Super->LocalLength = Info->LocalAddressLength;
    Super->RemoteLength = Info->RemoteAddressLength;
    AfdReferenceEndpoint(Endpoint);
    return Super;
}

/*
 * STATUS_INVALID_PARAMETER: not listening; the accepting endpoint is bound, connected, of another kind or
 * family, or that of another SUPER_ACCEPT; STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH: not a file of
 * AFD's; STATUS_BUFFER_TOO_SMALL; STATUS_ACCESS_VIOLATION: the buffer, or no room for the remote address
 * [test:wine/ws2_32/sock.c]. Later: AfdSuperAcceptArrived's, and those of a receive: a reset before data
 * has come is STATUS_CONNECTION_RESET. Non-blocking mode of the listener makes no difference.
 */
NTSTATUS AfdSuperAccept(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    AFD_SUPER_ACCEPT_INFO Info;
    AFD_ACCEPTING *Super;
    AFD_WAIT_KIND Kind = {0};
    NTSTATUS Status = AfdpReadSuperAccept(Endpoint, Irp, Stack, &Info);

    if (!NT_SUCCESS(Status))
        return AfdCompleteIrp(Irp, Status, 0);
    Super = AfdpAllocateSuperAccept(Endpoint, Irp, &Info);
    if (Super == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    Super->Poller = IoFilePoller(Stack->FileObject);
    Status = AfdpBeginAccepting(Super, Info.AcceptHandle);
    if (!NT_SUCCESS(Status)) {
        AfdDereferenceSuperAccept(Super);
        return AfdCompleteIrp(Irp, Status, 0);
    }
    if (Super->DataLength != 0) {
        Super->Request = AfdAllocateTransfer(Super->Acceptor, Irp);
        if (Super->Request == NULL)
            return AfdEndSuperAccept(Super, STATUS_INSUFFICIENT_RESOURCES);
    }
    Kind.SuperAccept = Super;
    Kind.Poller = Super->Poller;
    return AfdWaitForConnection(Endpoint, Irp, &Kind);
}
