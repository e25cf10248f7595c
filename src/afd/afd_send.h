/* SPDX-License-Identifier: MIT */
/*
 * afd_send.h - what sends of streams and of datagrams share.
 *
 * Layer: afd.
 */
#ifndef AFD_SEND_H
#define AFD_SEND_H

#include "afd_request.h"

/* STATUS_PIPE_DISCONNECTED after shutdown, STATUS_LOCAL_DISCONNECT, STATUS_FILE_CLOSED; says nothing of a peer. */
_Must_inspect_result_ NTSTATUS AfdCheckSendState(const AFD_ENDPOINT *Endpoint);
/* The same, and STATUS_INVALID_CONNECTION: not connected. */
_Must_inspect_result_ NTSTATUS AfdCheckConnectedSendState(const AFD_ENDPOINT *Endpoint);
ULONG AfdTranslateSendFlags(ULONG TdiFlags);
/* AFD_OPERATION.Finish of sends: events. */
NTSTATUS AfdFinishSend(AFD_OPERATION *Operation, NTSTATUS Status, ULONG_PTR *Information);
/* Of datagrams. Input: AFD_SEND_DATAGRAM_INFO or what begins with one. */
_Must_inspect_result_ NTSTATUS AfdPrepareSendDatagram(AFD_OPERATION *Operation, const VOID *Input, ULONG InputLength);

#endif
