/* SPDX-License-Identifier: MIT */
/*
 * afd_request.h - one request to the transport, and the IRP that waits for it.
 *
 * Layer: afd.
 */
#ifndef AFD_REQUEST_H
#define AFD_REQUEST_H

#include "afd_endpoint.h"

#define AFD_INLINE_BUFFERS 2

/*
 * AFD_OPERATION - a request as the transport sees it plus what AFD needs at its end. Lives in an AFD_REQUEST,
 * or on the stack of a fast path that does not let it pend or waits for it.
 *
 * From Tl.Accepted on everything is for datagrams, accepts and connects; an AFD_REQUEST that sends or receives on a
 * stream ends there (AfdAllocateTransfer): of those that wait there are as many as idle connections.
 */
typedef struct AFD_OPERATION {
    VOID (*Completed)(struct AFD_OPERATION *Operation); /* the transport's upcall; any thread */
    /*
     * What remains to be done when the transport has finished with Status: events, truncation, addresses.
     * Returns the final status and the information. STATUS_MORE_PROCESSING_REQUIRED: the request goes on with
     * another step: Finish has submitted it again, and the IRP, which was marked pending, with it.
     */
    NTSTATUS (*Finish)(struct AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information);
    AFD_ENDPOINT *Endpoint; /* kept by the file object of the IRP or of the caller */
    TL_BUFFER Inline[AFD_INLINE_BUFFERS];
    TL_BUFFER *Allocated; /* more than Inline holds; NULL otherwise */
    PVOID Context;        /* its maker's, for Finish */
    ULONG Bytes;          /* length of all buffers */
    ULONG AfdFlags;
    TL_REQUEST Tl;
    PVOID Address;        /* RECEIVE_DATAGRAM: caller's memory for the source address, may be NULL */
    PULONG AddressLength;
    ULONG AddressRoom;    /* what *AddressLength was */
    PULONG ControlLength; /* RECEIVE_MESSAGE: as Address */
    PULONG MessageFlags;
    PVOID Control;        /* SEND_MESSAGE, with TL_REQUEST_MESSAGE: a copy, from pool */
} AFD_OPERATION;

/* AFD_REQUEST.State: which parties have finished with the request. See afd_request.c. */
#define AFD_REQUEST_SUBMITTED 0x1
#define AFD_REQUEST_ENGINE_DONE 0x2
#define AFD_REQUEST_CANCEL_DONE 0x4
#define AFD_REQUEST_LEFT_TO_CANCEL 0x8

/*
 * An IRP whose work the transport does. From AfdAllocateRequest to the completion of the IRP. How it ended is in
 * Operation.Tl.Status.
 */
typedef struct AFD_REQUEST {
    PIRP Irp; /* NULL: a connection attempt in the background */
    volatile ULONG State;
    BOOLEAN OfStream; /* Operation ends where AFD_OPERATION says */
    AFD_OPERATION Operation;
} AFD_REQUEST;
#define AFD_STREAM_REQUEST_BYTES (UFIELD_OFFSET(AFD_REQUEST, Operation.Tl) + TL_REQUEST_STREAM_BYTES)

typedef NTSTATUS AFD_DOWNCALL(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);

/* NULL: out of memory. Sets the fields that do not depend on the request; Irp may be NULL. */
AFD_REQUEST *AfdAllocateRequest(AFD_ENDPOINT *Endpoint, PIRP Irp);
/* The same for a send or a receive; on a stream endpoint it has no more than that needs. */
AFD_REQUEST *AfdAllocateTransfer(AFD_ENDPOINT *Endpoint, PIRP Irp);
VOID AfdFreeRequest(AFD_REQUEST *Request);
VOID AfdInitializeOperation(AFD_OPERATION *Operation, AFD_ENDPOINT *Endpoint);
/* And what is there for datagrams, accepts and connects. */
VOID AfdInitializeDatagram(AFD_OPERATION *Operation, AFD_ENDPOINT *Endpoint);

/*
 * AfdSubmitRequest - hands the request to the transport, and completes the IRP now or later. Returns what
 * the dispatch routine has to return. The request and its IRP belong to this call on every exit. With
 * NonPending the request may not pend: STATUS_DEVICE_NOT_READY completes the IRP.
 */
NTSTATUS AfdSubmitRequest(AFD_REQUEST *Request, AFD_DOWNCALL *Downcall, BOOLEAN NonPending);
/* The same without direct polling: registers in Poller. For requests that are one step of several. */
NTSTATUS AfdSubmitStep(AFD_REQUEST *Request, AFD_DOWNCALL *Downcall, struct KE_POLLER *Poller);
/* The request was found wrong before it was submitted: completes the IRP with Status. */
NTSTATUS AfdFailRequest(AFD_REQUEST *Request, NTSTATUS Status);

/* non-blocking mode and not asked to be overlapped: the request may not wait */
static inline BOOLEAN AfdMayNotPend(const AFD_OPERATION *Operation)
{
    return AfdIsNonBlocking(Operation->Endpoint) && (Operation->AfdFlags & AFD_OVERLAPPED) == 0;
}

/* --- afd_buffers.c --- */
#define AFD_BUFFERS_MAX 65536
/*
 * AfdCaptureBuffers - copies a caller's AFD_WSABUF array and sets Tl.Buffers, Tl.BufferCount and Bytes.
 * STATUS_INVALID_PARAMETER (no buffers, or more bytes than a ULONG can count), STATUS_ACCESS_VIOLATION,
 * STATUS_INSUFFICIENT_RESOURCES (more than AFD_BUFFERS_MAX, or no memory).
 */
_Must_inspect_result_ NTSTATUS AfdCaptureBuffers(AFD_OPERATION *Operation, const AFD_WSABUF *Array, ULONG Count);
VOID AfdReleaseBuffers(AFD_OPERATION *Operation);
/* Leaves out the first Bytes bytes of the captured buffers. */
VOID AfdAdvanceBuffers(AFD_OPERATION *Operation, SIZE_T Bytes);

#endif
