/* SPDX-License-Identifier: MIT */
/*
 * afd_request.c - IRPs whose work the transport does: submission, completion, cancellation.
 *
 * Layer: afd. Waiting listeners and polls are held in cancel-safe queues of AFD's own. Data and connect
 * requests are not queued here a second time: their queue is the transport's, and this file is what
 * makes that queue cancel-safe. Three parties may have a hand on a pending request:
 *
 *   S  the submitter, until the downcall has returned and the cancel routine is set
 *   E  the engine, until its Completed upcall, or until Transport->Cancel has given the request back
 *   C  the cancel routine, if IoCancelIrp has claimed it
 *
 * Each says in State when it is done; a party that is done touches nothing any more:
 *
 *   S  the downcall returned STATUS_PENDING: IoMarkIrpPending, IoSetCancelRoutine, then SUBMITTED
 *   E  status stored, then ENGINE_DONE
 *      Whoever of S and E is second tries to take the cancel routine back (IoSetCancelRoutine(NULL)):
 *        it was still set      C will never run: finish
 *        it was claimed        LEFT_TO_CANCEL; if CANCEL_DONE was set already: finish, else C does
 *   C  Transport->Cancel: given back: acts for E, with STATUS_CANCELLED; refused: the upcall comes or has come
 *      then CANCEL_DONE; if LEFT_TO_CANCEL was set already: finish, else the last of S and E does
 *
 * So exactly one finishes, and the request stays valid for C because nobody else finishes before
 * CANCEL_DONE once C is claimed. C cannot run before the downcall has returned, since only then is the
 * routine set; an IRP cancelled before that is noticed by S (Irp->Cancel), which then acts as C.
 * A request without an IRP (a connection attempt in the background) has no C: it is ended by
 * Transport->Abort alone.
 */
#include "afd_request.h"

#include "iomgr.h"

static const EX_CACHE AfdpRequestCache = {ExCacheAfdRequest, AFD_TAG_REQUEST, sizeof(AFD_REQUEST), 256};
static const EX_CACHE AfdpStreamCache = {ExCacheAfdStreamRequest, AFD_TAG_REQUEST, AFD_STREAM_REQUEST_BYTES, 256};

static VOID AfdpRequestCompleted(AFD_OPERATION *Operation);

VOID AfdInitializeOperation(AFD_OPERATION *Operation, AFD_ENDPOINT *Endpoint)
{
    Operation->Tl.Endpoint = NULL;
    Operation->Tl.Flags = 0;
    Operation->Tl.AddressLength = 0;
    Operation->Tl.MessageFlags = 0;
    Operation->Tl.Buffers = NULL;
    Operation->Tl.BufferCount = 0;
    Operation->Tl.Status = STATUS_SUCCESS;
    Operation->Tl.Bytes = 0;
    Operation->Tl.Poller = NULL;
    Operation->Completed = NULL;
    Operation->Finish = NULL;
    Operation->Endpoint = Endpoint;
    Operation->Allocated = NULL;
    Operation->Context = NULL;
    Operation->Bytes = 0;
    Operation->AfdFlags = 0;
}

VOID AfdInitializeDatagram(AFD_OPERATION *Operation, AFD_ENDPOINT *Endpoint)
{
    AfdInitializeOperation(Operation, Endpoint);
    Operation->Tl.Accepted = NULL;
    Operation->Tl.Control = NULL;
    Operation->Tl.ControlLength = 0;
    Operation->Address = NULL;
    Operation->AddressLength = NULL;
    Operation->AddressRoom = 0;
    Operation->ControlLength = NULL;
    Operation->MessageFlags = NULL;
    Operation->Control = NULL;
}

static VOID AfdpInitializeRequest(AFD_REQUEST *Request, PIRP Irp, BOOLEAN OfStream)
{
    Request->Operation.Completed = AfdpRequestCompleted;
    Request->Irp = Irp;
    Request->State = 0;
    Request->OfStream = OfStream;
}

AFD_REQUEST *AfdAllocateRequest(AFD_ENDPOINT *Endpoint, PIRP Irp)
{
    AFD_REQUEST *Request = ExAllocateFromCache(&AfdpRequestCache);
    if (Request == NULL)
        return NULL;
    AfdInitializeDatagram(&Request->Operation, Endpoint);
    AfdpInitializeRequest(Request, Irp, FALSE);
    return Request;
}

AFD_REQUEST *AfdAllocateTransfer(AFD_ENDPOINT *Endpoint, PIRP Irp)
{
    AFD_REQUEST *Request;
    if (Endpoint->Kind != AfdStream)
        return AfdAllocateRequest(Endpoint, Irp);
    Request = ExAllocateFromCache(&AfdpStreamCache);
    if (Request == NULL)
        return NULL;
    AfdInitializeOperation(&Request->Operation, Endpoint);
    AfdpInitializeRequest(Request, Irp, TRUE);
    return Request;
}

VOID AfdFreeRequest(AFD_REQUEST *Request)
{
    AfdReleaseBuffers(&Request->Operation);
    ExFreeToCache(Request->OfStream ? &AfdpStreamCache : &AfdpRequestCache, Request);
}

/* The request is nobody else's any more. The endpoint lives until the IRP is completed. */
static NTSTATUS AfdpFinishRequest(AFD_REQUEST *Request, NTSTATUS Status)
{
    PIRP Irp = Request->Irp;
    AFD_ENDPOINT *Endpoint = Request->Operation.Endpoint;
    ULONG_PTR Information = 0;

    Status = Request->Operation.Finish(&Request->Operation, Status, &Information);
    if (Status == STATUS_MORE_PROCESSING_REQUIRED)
        return STATUS_PENDING;
    AfdFreeRequest(Request);
    if (Irp != NULL)
        return AfdCompleteIrp(Irp, Status, Information);
    AfdDereferenceEndpoint(Endpoint);
    return Status;
}

/* S or E is done. The second of them looks after the cancel routine. */
static VOID AfdpLeaveRequest(AFD_REQUEST *Request, ULONG Bit)
{
    const ULONG Both = AFD_REQUEST_SUBMITTED | AFD_REQUEST_ENGINE_DONE;
    ULONG Before = __atomic_fetch_or(&Request->State, Bit, __ATOMIC_ACQ_REL);
    if (((Before | Bit) & Both) != Both)
        return;
    if (Request->Irp != NULL && IoSetCancelRoutine(Request->Irp, NULL) == NULL) {
        Before = __atomic_fetch_or(&Request->State, AFD_REQUEST_LEFT_TO_CANCEL, __ATOMIC_ACQ_REL);
        if ((Before & AFD_REQUEST_CANCEL_DONE) == 0)
            return;
    }
    (VOID)AfdpFinishRequest(Request, Request->Operation.Tl.Status);
}

/* C, on behalf of whoever has claimed the cancel routine. */
static VOID AfdpCancelRequest(AFD_REQUEST *Request)
{
    ULONG Before;
    TL_REQUEST *Tl = &Request->Operation.Tl;
    if (AfdTransport->Cancel(Tl->Endpoint, Tl)) {
        Tl->Status = STATUS_CANCELLED;
        AfdpLeaveRequest(Request, AFD_REQUEST_ENGINE_DONE);
    }
    Before = __atomic_fetch_or(&Request->State, AFD_REQUEST_CANCEL_DONE, __ATOMIC_ACQ_REL);
    if ((Before & AFD_REQUEST_LEFT_TO_CANCEL) != 0)
        (VOID)AfdpFinishRequest(Request, Request->Operation.Tl.Status);
}

static VOID AfdpCancelRoutine(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    AFD_REQUEST *Request = Irp->Tail.Overlay.DriverContext[0];
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    AfdpCancelRequest(Request);
}

/* E: the transport's upcall, from any thread, perhaps before the downcall has returned. */
static VOID AfdpRequestCompleted(AFD_OPERATION *Operation)
{
    AfdpLeaveRequest(CONTAINING_RECORD(Operation, AFD_REQUEST, Operation), AFD_REQUEST_ENGINE_DONE);
}

static NTSTATUS AfdpSubmit(AFD_REQUEST *Request, AFD_DOWNCALL *Downcall)
{
    PIRP Irp = Request->Irp;
    NTSTATUS Status;

    KeAssertNoLocksHeld("AfdSubmitRequest");
    Status = Downcall(AfdEndpointTransport(Request->Operation.Endpoint), &Request->Operation.Tl);
    if (Status != STATUS_PENDING)
        return AfdpFinishRequest(Request, Status);

    if (Irp != NULL) {
        IoMarkIrpPending(Irp);
        Irp->Tail.Overlay.DriverContext[0] = Request;
        IoSetCancelRoutine(Irp, AfdpCancelRoutine);
        if (__atomic_load_n(&Irp->Cancel, __ATOMIC_SEQ_CST) && IoSetCancelRoutine(Irp, NULL) != NULL)
            AfdpCancelRequest(Request); /* cannot finish yet: S is not done */
    }
    AfdpLeaveRequest(Request, AFD_REQUEST_SUBMITTED);
    return STATUS_PENDING;
}

NTSTATUS AfdSubmitRequest(AFD_REQUEST *Request, AFD_DOWNCALL *Downcall, BOOLEAN NonPending)
{
    PIRP Irp = Request->Irp;
    if (NonPending)
        Request->Operation.Tl.Flags |= TL_REQUEST_NO_PEND;
    else if (Irp != NULL && IoMayPollDirectly(Irp))
        Request->Operation.Tl.Flags |= TL_REQUEST_DIRECT;
    else if (Irp != NULL)
        Request->Operation.Tl.Poller = IoFilePoller(IoGetCurrentIrpStackLocation(Irp)->FileObject);
    if (!NonPending && (Request->Operation.AfdFlags & AFD_OVERLAPPED) != 0)
        Request->Operation.Tl.Flags |= TL_REQUEST_FOLLOWED;
    return AfdpSubmit(Request, Downcall);
}

NTSTATUS AfdSubmitStep(AFD_REQUEST *Request, AFD_DOWNCALL *Downcall, struct KE_POLLER *Poller)
{
    Request->State = 0;
    Request->Operation.Tl.Poller = Poller;
    return AfdpSubmit(Request, Downcall);
}

NTSTATUS AfdFailRequest(AFD_REQUEST *Request, NTSTATUS Status)
{
    PIRP Irp = Request->Irp;
    AfdFreeRequest(Request);
    return AfdCompleteIrp(Irp, Status, 0);
}
