/* SPDX-License-Identifier: MIT */
/*
 * afd_receive.h - what receives of streams and of datagrams share.
 *
 * Layer: afd.
 */
#ifndef AFD_RECEIVE_H
#define AFD_RECEIVE_H

#include "afd_request.h"

/* STATUS_FILE_CLOSED, STATUS_INVALID_PARAMETER (unbound datagram endpoint), STATUS_INVALID_CONNECTION, ... */
_Must_inspect_result_ NTSTATUS AfdCheckReceiveState(const AFD_ENDPOINT *Endpoint);
/* TDI_RECEIVE_xxx as MSG_xxx. STATUS_INVALID_PARAMETER. */
_Must_inspect_result_ NTSTATUS AfdTranslateReceiveFlags(ULONG TdiFlags, ULONG *MessageFlags);
/* AFD_OPERATION.Finish of receives: truncation, events. */
NTSTATUS AfdFinishReceive(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information);
/* The same for one that is an AFD_REQUEST. */
NTSTATUS AfdFinishReceiveIrp(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information);
/*
 * What an overlapped receive ends with that AfdCheckReceiveState has refused. One that comes after the close was
 * made before it and held by a driver above: it ends as if it had been pending here.
 */
NTSTATUS AfdRefusedReceiveStatus(const AFD_ENDPOINT *Endpoint, PIRP Irp, NTSTATUS Status);

/*
 * Of datagrams. Input: AFD_RECV_DATAGRAM_INFO or what begins with one. Finish is set to that of
 * RECEIVE_DATAGRAM. The statuses are at the definitions.
 */
_Must_inspect_result_ NTSTATUS AfdPrepareReceiveDatagram(AFD_OPERATION *Operation, const VOID *Input,
    ULONG InputLength);
NTSTATUS AfdFinishReceiveDatagram(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information);
/* One attempt that does not pend, with its end. FALSE: it would block, and the request may wait: an IRP. */
BOOLEAN AfdTryDatagram(AFD_OPERATION *Operation, AFD_DOWNCALL *Downcall, NTSTATUS *Status, ULONG_PTR *Information);

#endif
