/* SPDX-License-Identifier: MIT */
/*
 * afd_ioctl_interface.h - requests about transports and the machine's addresses and routes; part of afd_ioctl.h.
 *
 * Layer: afd. The numbers are Windows', the layouts are ours.
 */
#ifndef AFD_IOCTL_INTERFACE_H
#define AFD_IOCTL_INTERFACE_H

/*
 * ADDRESS_LIST_QUERY. Out: the addresses of the endpoint's family on this machine that are not the loopback's, or
 * the loopback's if there are no others. Information: bytes. STATUS_BUFFER_OVERFLOW: AddressCount alone was
 * written, as there is no room for all.
 */
typedef struct _AFD_ADDRESS_LIST {
    ULONG AddressCount;
    UCHAR Addresses[1][28]; /* SOCKADDR */
} AFD_ADDRESS_LIST, *PAFD_ADDRESS_LIST;

/*
 * ROUTING_INTERFACE_QUERY. In: SOCKADDR of a remote address. Out: SOCKADDR, port 0, of the interface that leads there.
 * STATUS_PROTOCOL_NOT_SUPPORTED: another family; STATUS_INVALID_PARAMETER: the wildcard; STATUS_NETWORK_UNREACHABLE.
 */

/*
 * ADDRESS_LIST_CHANGE, ROUTING_INTERFACE_CHANGE. Pend until the addresses, or routes and addresses, of the endpoint's
 * family change. In non-blocking mode without AFD_OVERLAPPED: STATUS_DEVICE_NOT_READY, and the next change is an
 * AFD_POLL_ADDRESS_LIST_CHANGE or AFD_POLL_ROUTING_IF_CHANGE of the endpoint. Which route a program has in mind is
 * not asked for. In (ours): this, or nothing for 0.
 */
typedef struct _AFD_CHANGE_INFO {
    ULONG AfdFlags;
} AFD_CHANGE_INFO, *PAFD_CHANGE_INFO;

/* TRANSPORT_IOCTL: options that reach the transport. Ours in layout; one code instead of many. */
#define AFD_TL_SET_OPTION 1
#define AFD_TL_GET_OPTION 2
#define AFD_TL_QUERY_INTERFACES 3 /* Value: AFD_INTERFACEs of the family in Name; STATUS_BUFFER_TOO_SMALL */
typedef struct _AFD_TL_IO_CONTROL_INFO {
    ULONG Type; /* AFD_TL_xxx */
    LONG Level;
    LONG Name;
    ULONG Reserved;
    PVOID Value; /* in or out */
    ULONG ValueLength; /* IoStatus.Information tells how much was returned */
} AFD_TL_IO_CONTROL_INFO, *PAFD_TL_IO_CONTROL_INFO;

/* With AFD_TL_QUERY_INTERFACES: an array of these. */
typedef struct _AFD_INTERFACE {
    ULONG Flags; /* IFF_xxx of Winsock */
    UCHAR Address[28]; /* SOCKADDR */
    UCHAR Netmask[28];
} AFD_INTERFACE, *PAFD_INTERFACE;

#endif
