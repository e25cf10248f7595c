/* SPDX-License-Identifier: MIT */
/*
 * afd_private.h - what every file of the driver needs: the device, the transport, pool tags, how a
 * control request looks to its function, and the one way to complete an IRP.
 *
 * Layer: afd. The objects have headers of their own: afd_endpoint.h, afd_listener.h, afd_request.h,
 * afd_poll.h, afd_events.h. afd_requests.h is the catalogue of request functions.
 */
#ifndef AFD_PRIVATE_H
#define AFD_PRIVATE_H

#include <wdm.h>

#include "afd_ioctl.h"
#include "ex.h"
#include "ke.h"
#include "transport.h"

#define AFD_TAG_ENDPOINT 'AfdE'
#define AFD_TAG_EXTRA 'AfdD'
#define AFD_TAG_LISTENER 'AfdL'
#define AFD_TAG_CONNECTION 'AfdC'
#define AFD_TAG_REQUEST 'AfdR'
#define AFD_TAG_BUFFERS 'AfdB'
#define AFD_TAG_POLL 'AfdP'
#define AFD_TAG_EVENTS 'AfdV'
#define AFD_TAG_CONTEXT 'AfdX'
#define AFD_TAG_TRANSMIT 'AfdT'
#define AFD_TAG_INTERFACES 'AfdI'
#define AFD_TAG_CONNECT_DATA 'AfdD'
#define AFD_TAG_GROUP 'AfdG'
#define AFD_TAG_QOS 'AfdQ'

/* Windows' numbers; the Winsock headers belong to applications and are not seen here. [doc:winsock2] */
#define AFD_AF_UNSPEC 0
#define AFD_AF_INET 2
#define AFD_AF_INET6 23
#define AFD_SOCK_STREAM 1
#define AFD_SOCK_DGRAM 2
#define AFD_SOCK_RAW 3
#define AFD_SOL_SOCKET 0xffff
#define AFD_SO_REUSEADDR 0x0004
#define AFD_SO_EXCLUSIVEADDRUSE (~0x0004)
#define AFD_SO_OOBINLINE 0x0100
#define AFD_SO_SNDBUF 0x1001
#define AFD_SO_RCVBUF 0x1002
#define AFD_MSG_OOB 0x1
#define AFD_MSG_PEEK 0x2
#define AFD_MSG_DONTROUTE 0x4
#define AFD_MSG_WAITALL 0x8

/* Written once, by AfdDriverEntry. */
extern PDEVICE_OBJECT AfdDevice;
extern const TL_PROVIDER_DISPATCH *AfdTransport;

struct AFD_ENDPOINT;

/* A control request that ends at once: the same function serves the IRP and the fast path. */
typedef struct AFD_CONTROL {
    const VOID *Input; /* read with AfdReadInput */
    ULONG InputLength;
    PVOID Output; /* written with AfdWriteOutput; may be the same memory as Input */
    ULONG OutputLength;
    BOOLEAN SystemBuffer; /* both are the I/O manager's buffer, which needs no probing */
    ULONG_PTR Information; /* out */
    ULONG Code;
} AFD_CONTROL;

/* The range must lie within InputLength and OutputLength. STATUS_ACCESS_VIOLATION. */
_Must_inspect_result_ static inline NTSTATUS AfdReadInput(const AFD_CONTROL *Control, PVOID To, SIZE_T Bytes)
{
    ASSERT(Bytes <= Control->InputLength);
    if (!Control->SystemBuffer)
        return ExCopyFromUser(To, Control->Input, Bytes, 1);
    RtlCopyMemory(To, Control->Input, Bytes);
    return STATUS_SUCCESS;
}
/* From the beginning of the output; sets Information on success. */
_Must_inspect_result_ static inline NTSTATUS AfdWriteOutput(AFD_CONTROL *Control, const VOID *From, SIZE_T Bytes)
{
    NTSTATUS Status = STATUS_SUCCESS;
    ASSERT(Bytes <= Control->OutputLength);
    if (Control->SystemBuffer)
        RtlCopyMemory(Control->Output, From, Bytes);
    else
        Status = ExCopyToUser(Control->Output, From, Bytes, 1);
    if (NT_SUCCESS(Status))
        Control->Information = Bytes;
    return Status;
}

/*
 * AfdCompleteIrp - the only place in the driver that completes an IRP. Returns Status, for
 * `return AfdCompleteIrp(...)`. No lock may be held; the IRP is gone afterwards.
 */
NTSTATUS AfdCompleteIrp(PIRP Irp, NTSTATUS Status, ULONG_PTR Information);

/*
 * AfdInitializeControl - METHOD_BUFFERED and METHOD_NEITHER as one: fills Control with the buffers
 * of the IRP's current stack location.
 */
VOID AfdInitializeControl(PIRP Irp, const IO_STACK_LOCATION *Stack, AFD_CONTROL *Control);

#endif
