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

#endif
