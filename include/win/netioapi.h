/* SPDX-License-Identifier: MIT */
/* netioapi.h - interface names, indexes and LUIDs. Layer: application headers. */
#ifndef _NETIOAPI_H_
#define _NETIOAPI_H_

#include <ifdef.h>

NTSOCK_EXTERN_C_BEGIN

#define IF_NAMESIZE IF_MAX_STRING_SIZE
/* libc has functions of these two names. */
NTSOCKAPI NET_IFINDEX NTAPI if_nametoindex(PCSTR InterfaceName) __asm__("ws2_if_nametoindex");
NTSOCKAPI PCHAR NTAPI if_indextoname(NET_IFINDEX InterfaceIndex, PCHAR InterfaceName)
    __asm__("ws2_if_indextoname");
NTSOCKAPI DWORD NTAPI ConvertInterfaceIndexToLuid(NET_IFINDEX InterfaceIndex, PNET_LUID InterfaceLuid);
NTSOCKAPI DWORD NTAPI ConvertInterfaceLuidToIndex(const NET_LUID *InterfaceLuid, PNET_IFINDEX InterfaceIndex);

NTSOCK_EXTERN_C_END

#endif
