/* SPDX-License-Identifier: MIT */
/*
 * afd_ioctl_socket.h - requests about connect data, quality of service, socket groups, multipoint sessions and
 * protocol handles; part of afd_ioctl.h.
 *
 * Layer: afd. Numbers and layouts are Windows', addresses SOCKADDRs. What TCP/IP does not have (data that goes
 * with a connection request, flow specifications, protocol handles) is kept or answered here as for a transport
 * without it, so that a program that asks gets an answer. The statuses are guesses unless they are tagged.
 */
#ifndef AFD_IOCTL_SOCKET_H
#define AFD_IOCTL_SOCKET_H

#include <ntdef.h>

/*
 * SET_, GET_, SIZE_ of CONNECT_DATA, CONNECT_OPTIONS, DISCONNECT_DATA and DISCONNECT_OPTIONS: four byte strings per
 * stream endpoint. In: this; SET and GET may leave it out. Output buffer: the bytes, also of SET, which reads them.
 *
 *   SET   replaces the bytes. Information: how many.
 *   SIZE  makes them ConnectDataLength long: cut, or zeros added.
 *   GET   gives them; STATUS_BUFFER_OVERFLOW: as many as there is room for.
 *
 * A connection that comes about replaces the connect data and options by the peer's, which TCP never has any of:
 * they are empty then, and cannot be set any more (STATUS_CONNECTION_ACTIVE; STATUS_DEVICE_BUSY while connecting). On
 * a listener those of an offered connection are meant, by Sequence: what would go with its acceptance. Also
 * STATUS_NOT_SUPPORTED: not a stream; STATUS_INVALID_PARAMETER: longer than AFD_CONNECT_DATA_MAX, no connection of
 * that sequence, disconnect data of a listener; STATUS_ACCESS_VIOLATION. [doc:winsock/sol-socket-socket-options]
 *
 * GET_UNACCEPTED_CONNECT_DATA, on the listener: what came with the offered connection, of which TCP carries
 * nothing. Out: with LengthOnly this, ConnectDataLength filled in, else the bytes. STATUS_INVALID_PARAMETER: not
 * listening, or no connection of that sequence; STATUS_BUFFER_TOO_SMALL.
 */
#define AFD_CONNECT_DATA_MAX 65536
typedef struct _AFD_UNACCEPTED_CONNECT_DATA_INFO {
    LONG Sequence;
    ULONG ConnectDataLength;
    BOOLEAN LengthOnly;
} AFD_UNACCEPTED_CONNECT_DATA_INFO, *PAFD_UNACCEPTED_CONNECT_DATA_INFO;

/*
 * SET_QOS, GET_QOS. The flow specifications of an endpoint, or with GroupQos those of its group; remembered, not
 * acted upon, and provider-specific bytes are not kept. GET's input, this, is optional. What was never set is
 * AFD_QOS_NOT_SPECIFIED with best effort, or zeros for an endpoint that is in no group. GET before BIND:
 * STATUS_INVALID_PARAMETER, as SET of a group's by an endpoint that is in none. [doc:winsock/winsock-ioctls]
 */
#define AFD_QOS_NOT_SPECIFIED 0xFFFFFFFF
#define AFD_QOS_BEST_EFFORT 1
typedef struct _AFD_FLOWSPEC { /* FLOWSPEC of qos.h */
    ULONG TokenRate;
    ULONG TokenBucketSize;
    ULONG PeakBandwidth;
    ULONG Latency;
    ULONG DelayVariation;
    ULONG ServiceType;
    ULONG MaxSduSize;
    ULONG MinimumPolicedSize;
} AFD_FLOWSPEC;
typedef struct _AFD_QOS { /* QOS of winsock2.h */
    AFD_FLOWSPEC SendingFlowspec;
    AFD_FLOWSPEC ReceivingFlowspec;
    ULONG ProviderSpecificLength;
    PVOID ProviderSpecific;
} AFD_QOS;
typedef struct _AFD_QOS_INFO {
    AFD_QOS Qos;
    BOOLEAN GroupQos;
} AFD_QOS_INFO, *PAFD_QOS_INFO;

/*
 * Socket groups. GroupID of the open packet: 0, AFD_GROUP_UNCONSTRAINED or AFD_GROUP_CONSTRAINED (a new group, its
 * creator the first member), or the number of a group; anything else: STATUS_INVALID_PARAMETER. A group lasts until
 * its last member is closed. All members of a constrained group are streams of one protocol, and all are connected
 * to one address: CONNECT, SUPER_CONNECT, ACCEPT and SUPER_ACCEPT to another: STATUS_INVALID_PARAMETER.
 * [doc:winsock2/wsasocketw]
 *
 * VALIDATE_GROUP. In: this. May a socket like this endpoint be in the group, connected to the address? 0 and the two
 * requests for a new group are answered as the open packet's. STATUS_INVALID_PARAMETER: no; STATUS_INVALID_ADDRESS.
 */
#define AFD_GROUP_UNCONSTRAINED 1
#define AFD_GROUP_CONSTRAINED 2
typedef struct _AFD_GROUP_INFO { /* of GET_INFORMATION(AFD_GROUP_ID_AND_TYPE) */
    ULONG GroupID;
    ULONG GroupType; /* 0, AFD_GROUP_UNCONSTRAINED, AFD_GROUP_CONSTRAINED */
} AFD_GROUP_INFO, *PAFD_GROUP_INFO;
typedef struct _AFD_VALIDATE_GROUP_INFO {
    ULONG GroupID;
    UCHAR RemoteAddress[1]; /* SOCKADDR, to the end of the input */
} AFD_VALIDATE_GROUP_INFO, *PAFD_VALIDATE_GROUP_INFO;

/*
 * JOIN_LEAF. In: AFD_CONNECT_JOIN_INFO, whose address is a multicast group; ConnectEndpoint, if not NULL, is the
 * endpoint that joins. It is bound first if it is not. STATUS_NOT_SUPPORTED: not a datagram endpoint, or a
 * RootEndpoint is given: IP multicast has no root. STATUS_CONNECTION_ACTIVE: is a member already.
 * STATUS_INVALID_ADDRESS: another family, the wildcard; STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH: of the
 * handles; and the transport's. [doc:winsock2/wsajoinleaf]
 */

/*
 * QUERY_HANDLES. In: which are wanted, ULONG. Out: this. The transport has none, so all that is asked for is NULL,
 * as it is before BIND on a transport that has. STATUS_INVALID_PARAMETER: none or unknown ones asked for.
 */
#define AFD_QUERY_ADDRESS_HANDLE 0x01
#define AFD_QUERY_CONNECTION_HANDLE 0x02
typedef struct _AFD_HANDLE_INFO {
    HANDLE TdiAddressHandle;
    HANDLE TdiConnectionHandle;
} AFD_HANDLE_INFO, *PAFD_HANDLE_INFO;

#endif
