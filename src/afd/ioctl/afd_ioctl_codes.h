/* SPDX-License-Identifier: MIT */
/*
 * afd_ioctl_codes.h - the numbers of AFD's requests, and the control codes made of them; part of afd_ioctl.h.
 *
 * Layer: afd. Not the CTL_CODE layout: device type and function lie next to each other, without access bits.
 */
#ifndef AFD_IOCTL_CODES_H
#define AFD_IOCTL_CODES_H

#include <ntdef.h>

#define FSCTL_AFD_BASE FILE_DEVICE_NETWORK
#define _AFD_CONTROL_CODE(request, method) ((ULONG)((FSCTL_AFD_BASE) << 12 | (request) << 2 | (method)))
#define _AFD_REQUEST(code) (((code) >> 2) & 0x03FF)
#define _AFD_BASE(code) (((code) >> 12) & 0xFFFFF)

/*
 * X(name, number, method): every request that published headers name. From SWITCH_CEMENT_SAN on AFD refuses
 * them with STATUS_INVALID_DEVICE_REQUEST: they serve the switch of system area networks, telemetry,
 * registered I/O and handles that move between processes, none of which is here. [doc:afd-ioctls]
 */
#define AFD_REQUESTS(X)                                 \
    X(BIND, 0, METHOD_NEITHER)                          \
    X(CONNECT, 1, METHOD_NEITHER)                       \
    X(START_LISTEN, 2, METHOD_NEITHER)                  \
    X(WAIT_FOR_LISTEN, 3, METHOD_BUFFERED)              \
    X(ACCEPT, 4, METHOD_BUFFERED)                       \
    X(RECEIVE, 5, METHOD_NEITHER)                       \
    X(RECEIVE_DATAGRAM, 6, METHOD_NEITHER)              \
    X(SEND, 7, METHOD_NEITHER)                          \
    X(SEND_DATAGRAM, 8, METHOD_NEITHER)                 \
    X(POLL, 9, METHOD_BUFFERED)                         \
    X(PARTIAL_DISCONNECT, 10, METHOD_NEITHER)           \
    X(GET_ADDRESS, 11, METHOD_NEITHER)                  \
    X(QUERY_RECEIVE_INFO, 12, METHOD_NEITHER)           \
    X(QUERY_HANDLES, 13, METHOD_NEITHER)                \
    X(SET_INFORMATION, 14, METHOD_NEITHER)              \
    X(GET_REMOTE_ADDRESS, 15, METHOD_NEITHER)           \
    X(GET_CONTEXT, 16, METHOD_NEITHER)                  \
    X(SET_CONTEXT, 17, METHOD_NEITHER)                  \
    X(SET_CONNECT_DATA, 18, METHOD_NEITHER)             \
    X(SET_CONNECT_OPTIONS, 19, METHOD_NEITHER)          \
    X(SET_DISCONNECT_DATA, 20, METHOD_NEITHER)          \
    X(SET_DISCONNECT_OPTIONS, 21, METHOD_NEITHER)       \
    X(GET_CONNECT_DATA, 22, METHOD_NEITHER)             \
    X(GET_CONNECT_OPTIONS, 23, METHOD_NEITHER)          \
    X(GET_DISCONNECT_DATA, 24, METHOD_NEITHER)          \
    X(GET_DISCONNECT_OPTIONS, 25, METHOD_NEITHER)       \
    X(SIZE_CONNECT_DATA, 26, METHOD_NEITHER)            \
    X(SIZE_CONNECT_OPTIONS, 27, METHOD_NEITHER)         \
    X(SIZE_DISCONNECT_DATA, 28, METHOD_NEITHER)         \
    X(SIZE_DISCONNECT_OPTIONS, 29, METHOD_NEITHER)      \
    X(GET_INFORMATION, 30, METHOD_NEITHER)              \
    X(TRANSMIT_FILE, 31, METHOD_NEITHER)                \
    X(SUPER_ACCEPT, 32, METHOD_NEITHER)                 \
    X(EVENT_SELECT, 33, METHOD_NEITHER)                 \
    X(ENUM_NETWORK_EVENTS, 34, METHOD_NEITHER)          \
    X(DEFER_ACCEPT, 35, METHOD_BUFFERED)                \
    X(WAIT_FOR_LISTEN_LIFO, 36, METHOD_BUFFERED)        \
    X(SET_QOS, 37, METHOD_BUFFERED)                     \
    X(GET_QOS, 38, METHOD_BUFFERED)                     \
    X(NO_OPERATION, 39, METHOD_NEITHER)                 \
    X(VALIDATE_GROUP, 40, METHOD_BUFFERED)              \
    X(GET_UNACCEPTED_CONNECT_DATA, 41, METHOD_NEITHER)  \
    X(ROUTING_INTERFACE_QUERY, 42, METHOD_NEITHER)      \
    X(ROUTING_INTERFACE_CHANGE, 43, METHOD_BUFFERED)    \
    X(ADDRESS_LIST_QUERY, 44, METHOD_NEITHER)           \
    X(ADDRESS_LIST_CHANGE, 45, METHOD_BUFFERED)         \
    X(JOIN_LEAF, 46, METHOD_NEITHER)                    \
    X(TRANSPORT_IOCTL, 47, METHOD_NEITHER)              \
    X(TRANSMIT_PACKETS, 48, METHOD_NEITHER)             \
    X(SUPER_CONNECT, 49, METHOD_NEITHER)                \
    X(SUPER_DISCONNECT, 50, METHOD_NEITHER)             \
    X(RECEIVE_MESSAGE, 51, METHOD_NEITHER)              \
    X(SEND_MESSAGE, 52, METHOD_NEITHER)                 \
    X(SWITCH_CEMENT_SAN, 53, METHOD_NEITHER)            \
    X(SWITCH_SET_EVENTS, 54, METHOD_NEITHER)            \
    X(SWITCH_RESET_EVENTS, 55, METHOD_NEITHER)          \
    X(SWITCH_CONNECT_IND, 56, METHOD_OUT_DIRECT)        \
    X(SWITCH_CMPL_ACCEPT, 57, METHOD_NEITHER)           \
    X(SWITCH_CMPL_REQUEST, 58, METHOD_NEITHER)          \
    X(SWITCH_CMPL_IO, 59, METHOD_NEITHER)               \
    X(SWITCH_REFRESH_ENDP, 60, METHOD_NEITHER)          \
    X(SWITCH_GET_PHYSICAL_ADDR, 61, METHOD_NEITHER)     \
    X(SWITCH_ACQUIRE_CTX, 62, METHOD_NEITHER)           \
    X(SWITCH_TRANSFER_CTX, 63, METHOD_NEITHER)          \
    X(SWITCH_GET_SERVICE_PID, 64, METHOD_NEITHER)       \
    X(SWITCH_SET_SERVICE_PROCESS, 65, METHOD_NEITHER)   \
    X(SWITCH_PROVIDER_CHANGE, 66, METHOD_NEITHER)       \
    X(SWITCH_ADDRLIST_CHANGE, 67, METHOD_BUFFERED)      \
    X(UNBIND, 68, METHOD_NEITHER)                       \
    X(SQM, 69, METHOD_NEITHER)                          \
    X(RIO, 70, METHOD_NEITHER)                          \
    X(TRANSFER_BEGIN, 71, METHOD_NEITHER)               \
    X(TRANSFER_END, 72, METHOD_NEITHER)                 \
    X(NOTIFY, 73, METHOD_NEITHER)

enum AFD_REQUEST_NUMBER {
#define X(name, number, method) AFD_##name = number,
    AFD_REQUESTS(X)
#undef X
};
enum AFD_CONTROL_CODE {
#define X(name, number, method) IOCTL_AFD_##name = _AFD_CONTROL_CODE(number, method),
    AFD_REQUESTS(X)
#undef X
};

#endif
