/* SPDX-License-Identifier: MIT */
/*
 * msafd_ioctl.h - one WSAIoctl on its way, for the files that know codes.
 *
 * Layer: msafd.
 */
#ifndef MSAFD_IOCTL_H
#define MSAFD_IOCTL_H

#include "msafd_private.h"

/* What a failed code does to the caller's byte count. */
typedef enum MSAFD_IOCTL_FAILURE {
    MsafdCountByCaller, /* 0; with an OVERLAPPED it stays as it was */
    MsafdCountStays,
    MsafdCountReturned /* becomes Returned */
} MSAFD_IOCTL_FAILURE;

typedef struct MSAFD_IOCTL_CALL {
    SOCKET s;
    MSAFD_SOCKET *Socket;
    const UCHAR *Input;
    DWORD InputLength;
    UCHAR *Output;
    DWORD OutputLength;
    DWORD Returned;
    MSAFD_IOCTL_FAILURE OnFailure;
} MSAFD_IOCTL_CALL;

/* --- msafd_ioctl.c --- Winsock errors */
INT MsafdTakeInput(const MSAFD_IOCTL_CALL *Call, VOID *Value, DWORD Bytes);
INT MsafdGiveOutput(MSAFD_IOCTL_CALL *Call, const VOID *Value, DWORD Bytes);

/* --- msafd_interface.c --- */
INT MsafdQueryAddressList(MSAFD_IOCTL_CALL *Call);
INT MsafdQueryRoutingInterface(MSAFD_IOCTL_CALL *Call);
INT MsafdQueryInterfaceList(MSAFD_IOCTL_CALL *Call);
/*
 * SIO_ADDRESS_LIST_CHANGE, SIO_ROUTING_INTERFACE_CHANGE: waits, says WSAEWOULDBLOCK, or pends in Overlapped if
 * that is not NULL.
 */
INT MsafdAwaitInterfaceChange(MSAFD_IOCTL_CALL *Call, DWORD Code, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine);

#endif
