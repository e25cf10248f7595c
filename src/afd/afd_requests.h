/* SPDX-License-Identifier: MIT */
/*
 * afd_requests.h - the catalogue of request functions: what the tables in afd_driver.c are made of.
 *
 * Layer: afd. Three kinds:
 *   AFD_IRP_ROUTINE       owns the IRP: completes it or makes it pend, and returns the dispatch status.
 *   AFD_FAST_ROUTINE      tries the same without an IRP. FALSE: nothing was done, send an IRP.
 *   AFD_CONTROL_ROUTINE   ends at once; serves both.
 * All run on the requesting thread without locks.
 */
#ifndef AFD_REQUESTS_H
#define AFD_REQUESTS_H

#include "afd_endpoint.h"

typedef NTSTATUS AFD_IRP_ROUTINE(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack);
typedef BOOLEAN AFD_FAST_ROUTINE(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control, BOOLEAN Wait, PIO_STATUS_BLOCK IoStatus);
typedef NTSTATUS AFD_CONTROL_ROUTINE(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control);

/* afd_create.c, afd_cleanup.c: the other major functions */
DRIVER_DISPATCH AfdCreate, AfdCleanup, AfdClose;
DRIVER_DISPATCH AfdRead, AfdWrite; /* afd_file.c */
FAST_IO_READ AfdFastRead;

AFD_IRP_ROUTINE AfdBind;                                    /* afd_bind.c */
AFD_CONTROL_ROUTINE AfdStartListen;                         /* afd_listen.c */
AFD_IRP_ROUTINE AfdWaitForListen, AfdWaitForListenLifo;     /* afd_accept.c */
AFD_CONTROL_ROUTINE AfdAccept, AfdDeferAccept;
AFD_IRP_ROUTINE AfdSuperAccept;                             /* afd_super_accept.c */
AFD_IRP_ROUTINE AfdConnect;                                 /* afd_connect.c */
AFD_IRP_ROUTINE AfdSuperConnect;                            /* afd_super_connect.c */
AFD_IRP_ROUTINE AfdSend;                                    /* afd_send.c */
AFD_FAST_ROUTINE AfdFastSend;
AFD_IRP_ROUTINE AfdReceive;                                 /* afd_receive.c */
AFD_FAST_ROUTINE AfdFastReceive;
AFD_IRP_ROUTINE AfdSendDatagram, AfdReceiveDatagram;        /* afd_datagram.c */
AFD_FAST_ROUTINE AfdFastSendDatagram, AfdFastReceiveDatagram;
AFD_IRP_ROUTINE AfdSendMessage, AfdReceiveMessage;          /* afd_message.c */
AFD_FAST_ROUTINE AfdFastSendMessage, AfdFastReceiveMessage;
AFD_CONTROL_ROUTINE AfdPartialDisconnect;                   /* afd_disconnect.c */
AFD_IRP_ROUTINE AfdSuperDisconnect;                         /* afd_super_disconnect.c */
AFD_IRP_ROUTINE AfdPoll;                                    /* afd_poll.c */
AFD_FAST_ROUTINE AfdFastPoll;
AFD_CONTROL_ROUTINE AfdEventSelect, AfdEnumNetworkEvents;   /* afd_events.c */
AFD_CONTROL_ROUTINE AfdGetAddress, AfdGetRemoteAddress;     /* afd_address.c */
AFD_CONTROL_ROUTINE AfdQueryReceiveInfo;                    /* afd_information.c */
AFD_CONTROL_ROUTINE AfdGetInformation, AfdSetInformation;
AFD_CONTROL_ROUTINE AfdGetContext, AfdSetContext;
AFD_IRP_ROUTINE AfdNoOperation;                             /* afd_no_operation.c */
AFD_FAST_ROUTINE AfdFastNoOperation;
AFD_IRP_ROUTINE AfdTransmitFile, AfdTransmitPackets;         /* afd_transmit.c */
AFD_CONTROL_ROUTINE AfdTransportIoctl;                      /* afd_option.c */
AFD_CONTROL_ROUTINE AfdConnectData, AfdGetUnacceptedConnectData; /* afd_connect_data.c */
AFD_CONTROL_ROUTINE AfdSetQos, AfdGetQos;                   /* afd_qos.c */
AFD_CONTROL_ROUTINE AfdValidateGroup;                       /* afd_group.c */
AFD_CONTROL_ROUTINE AfdJoinLeaf;                            /* afd_join_leaf.c */
AFD_CONTROL_ROUTINE AfdQueryHandles;                        /* afd_query_handles.c */
AFD_CONTROL_ROUTINE AfdAddressListQuery, AfdRoutingInterfaceQuery; /* afd_interface.c */
NTSTATUS AfdQueryInterfaces(const AFD_TL_IO_CONTROL_INFO *Info, ULONG_PTR *Information); /* for afd_option.c */
AFD_IRP_ROUTINE AfdAddressListChange, AfdRoutingInterfaceChange; /* afd_change.c */
VOID AfdInitializeChanges(VOID);
VOID AfdEndChanges(AFD_ENDPOINT *Endpoint);                 /* IRP_MJ_CLEANUP, in state Closing */

/*
 * afd_connect.c, for afd_super_connect.c and afd_events.c.
 * AfdBeginConnect - a stream begins to connect: TRUE, and it is Connecting. FALSE: *State is what it is instead,
 * and *Status the reason; with Super a wrong state is left to the caller and *Status is success.
 * AfdEndConnect - the attempt is over: Connected, or Bound again. Returns the final status.
 * AfdSettleConnect - the transport, asked while Attempt was under way, has said that it is connected: Connected from
 * now on, although the thread that has the transport's answer in hand has yet to call AfdEndConnect. Until it does,
 * the endpoint stays in transition, so that nothing else begins. Not SUPER_CONNECT, whose data goes first. Returns
 * the state; no lock held.
 */
_Must_inspect_result_ BOOLEAN AfdBeginConnect(AFD_ENDPOINT *Endpoint, ULONG Allowed, BOOLEAN Super,
    const UCHAR *Address, AFD_ENDPOINT_STATE *State, NTSTATUS *Status);
NTSTATUS AfdEndConnect(AFD_ENDPOINT *Endpoint, NTSTATUS Status);
AFD_ENDPOINT_STATE AfdSettleConnect(AFD_ENDPOINT *Endpoint, UCHAR Attempt);
_Must_inspect_result_ NTSTATUS AfdCheckConnectAddress(const UCHAR *Address); /* STATUS_INVALID_ADDRESS */
/*
 * afd_super_disconnect.c, for afd_transmit.c: goes on with the IRP, which is marked pending and has no cancel
 * routine, as SUPER_DISCONNECT with AFD_TF_REUSE_SOCKET would, and completes it with Information.
 */
VOID AfdDisconnectForReuse(AFD_ENDPOINT *Endpoint, PIRP Irp, ULONG_PTR Information);
/* afd_disconnect.c, for afd_transmit.c: no more will be sent. The transport's Disconnect statuses. */
_Must_inspect_result_ NTSTATUS AfdEndSending(AFD_ENDPOINT *Endpoint);
/* afd_bind.c, for afd_join_leaf.c: an endpoint that is not bound yet gets the wildcard address and some port. */
_Must_inspect_result_ NTSTATUS AfdBindImplicitly(AFD_ENDPOINT *Endpoint);
/* afd_connect.c, for afd_disconnect.c: the peer of a datagram endpoint is forgotten */
_Must_inspect_result_ NTSTATUS AfdDissolvePeer(AFD_ENDPOINT *Endpoint);

#endif
