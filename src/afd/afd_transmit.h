/* SPDX-License-Identifier: MIT */
/*
 * afd_transmit.h - IOCTL_AFD_TRANSMIT_FILE and IOCTL_AFD_TRANSMIT_PACKETS: one request, many sends.
 *
 * Layer: afd. afd_transmit.c takes the request apart and puts it together again, afd_transmit_run.c is what
 * happens in between.
 */
#ifndef AFD_TRANSMIT_H
#define AFD_TRANSMIT_H

#include "afd_request.h"

#define AFD_TRANSMIT_DATA 65536u  /* bytes of files in one piece */
#define AFD_TRANSMIT_GATHER 16    /* buffers in one piece */
#define AFD_TRANSMIT_FLAGS                                                                        \
    (AFD_TF_DISCONNECT | AFD_TF_REUSE_SOCKET | AFD_TF_WRITE_BEHIND | AFD_TF_USE_SYSTEM_THREAD |     \
        AFD_TF_USE_KERNEL_APC)

/* What is to be sent, in order: memory of the requestor, or a part of a file. */
typedef struct AFD_TRANSMIT_ELEMENT {
    ULONG Flags; /* AFD_TP_xxx */
    BOOLEAN ToTheEnd;     /* file: Left does not count */
    BOOLEAN FromPosition; /* file: Offset is the current position when its turn comes, and moves it */
    BOOLEAN Begun;
    PVOID Buffer;
    PFILE_OBJECT File; /* referenced */
    LONGLONG Offset;   /* of the next byte */
    ULONGLONG Left;    /* bytes; of Buffer too */
} AFD_TRANSMIT_ELEMENT;

/* One send: elements side by side, what comes from files in Data. */
typedef struct AFD_TRANSMIT_PIECE {
    TL_BUFFER Buffers[AFD_TRANSMIT_GATHER];
    ULONG Count;
    ULONG DataUsed;
    UCHAR *Data; /* AFD_TRANSMIT_DATA bytes from pool, when first needed */
    BOOLEAN Ready;
    BOOLEAN Last;
} AFD_TRANSMIT_PIECE;

/* AFD_TRANSMIT.State: how the end and the IRP's cancel routine meet. Whoever is second completes the IRP. */
#define AFD_TRANSMIT_ENDED 0x1
#define AFD_TRANSMIT_CANCEL_DONE 0x2

/*
 * AFD_TRANSMIT - a request under way. Made by the dispatch routine; a reference is held until the IRP is
 * completed, another by AfdCancelTransmits for a moment, and one by each send and read under way: its flag may be seen,
 * and the request ended, before it is counted in Events.
 *
 * One thread at a time works on it. An event (a send or a read has ended, the request is cancelled) is
 * noted in its flag and counted in Events; the thread that raises Events from 0 runs the request until
 * it is 0 again, others leave it to that one. At the end Events stays above 0: nobody runs it any more.
 * Events is born as 1: until the dispatch routine has made the request known to everybody, cancellation and cleanup
 * only leave their note, and what they find cannot end under its hands.
 *
 * Two pieces take turns: while one is being sent the other is filled from the file. On a stream the sends are
 * chained (TL_REQUEST_MORE), so nobody else's data comes in between.
 *
 * R1  SendActive: Operation is the transport's, or its upcall is noted in SendDone and not yet seen.
 * R2  ReadActive: the same for ReadIrp and ReadDone. Only the running thread frees ReadIrp.
 *     A stream's request whose file makes it wait sends nothing, chained, to keep its place.
 * R3  Chained: the transport keeps the direction for the next send of this request.
 */
typedef struct AFD_TRANSMIT {
    AFD_OPERATION Operation;
    LIST_ENTRY Link; /* AFD_ENDPOINT_EXTRA.Transmits */
    PIRP Irp;
    volatile LONG References;
    volatile LONG Events;
    volatile ULONG State;
    volatile BOOLEAN Cancelled;
    volatile BOOLEAN SendDone;
    volatile BOOLEAN ReadDone;
    /* from here on: of the running thread */
    BOOLEAN SendActive;
    BOOLEAN ReadActive;
    BOOLEAN Chained;
    BOOLEAN Begun;     /* a send has been made: the place among the sends is taken */
    BOOLEAN Reserving; /* what SendActive tells of is the reservation, not a piece */
    BOOLEAN Exhausted; /* every element is in a piece */
    BOOLEAN Stopping;  /* what is under way has been asked to end */
    NTSTATUS Status;   /* the first failure */
    ULONGLONG Bytes;   /* sent */
    ULONG Flags;       /* AFD_TF_xxx */
    PIRP ReadIrp;
    UCHAR Filling, Sending; /* indices into Piece */
    AFD_TRANSMIT_PIECE Piece[2];
    ULONG Current; /* element */
    ULONG Count;
    AFD_TRANSMIT_ELEMENT Elements[];
} AFD_TRANSMIT;

/* --- afd_transmit_run.c --- */
/* Something has happened; the caller holds a reference or an event that the request waits for. */
VOID AfdKickTransmit(AFD_TRANSMIT *Transmit);
/* The caller owns the event that has raised Events from 0: the dispatch routine, for the first time. */
VOID AfdRunTransmit(AFD_TRANSMIT *Transmit);
VOID AfdTransmitSent(AFD_OPERATION *Operation); /* the transport's upcall */

/* --- afd_transmit.c --- */
/* Nothing is under way any more: the IRP completes, now or when its cancel routine has run. */
VOID AfdEndTransmit(AFD_TRANSMIT *Transmit);
VOID AfdReferenceTransmit(AFD_TRANSMIT *Transmit);
VOID AfdDereferenceTransmit(AFD_TRANSMIT *Transmit);
/* IRP_MJ_CLEANUP: all requests of the endpoint end. */
VOID AfdCancelTransmits(AFD_ENDPOINT *Endpoint);

#endif
