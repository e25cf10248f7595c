/* SPDX-License-Identifier: MIT */
/*
 * abi.c - sizes, offsets and constants of the Windows headers, against numbers.
 *
 * Compiles or not. The same file is compiled with MinGW where that is installed: what passes there and here
 * is proven against headers that are not ours.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <mswsock.h>
#include <mstcpip.h>
#include <ws2spi.h>

#include <windows.h>

#include <afunix.h>
#include <iphlpapi.h>
#include <winioctl.h>
#include <winternl.h>

#include <stddef.h>

#ifdef __cplusplus
#define ASSERT_(e, text) static_assert(e, text)
#else
#define ASSERT_(e, text) _Static_assert(e, text)
#endif

#define SIZE(type, bytes) ASSERT_(sizeof(type) == (bytes), "sizeof " #type);
#define OFFSET(type, member, bytes) ASSERT_(offsetof(type, member) == (bytes), "offset of " #type "." #member);
#define VALUE(name, value) ASSERT_((unsigned)(name) == (unsigned)(value), #name);
#include "abi_layout.def"
#include "abi_values.def"
#ifdef __NTSOCK__
#include "abi_values_new.def"
#endif

/* Signedness and kinds that numbers do not show. */
ASSERT_((SOCKET)-1 > 0, "SOCKET is unsigned");
ASSERT_((LONG)-1 < 0, "LONG is signed");
ASSERT_((DWORD)-1 > 0, "DWORD is unsigned");
ASSERT_((u_long)-1 > 0, "u_long is unsigned");
ASSERT_(INVALID_SOCKET == (SOCKET)(~0), "INVALID_SOCKET");
ASSERT_(sizeof(L'x') == 2, "wchar_t has 16 bits");
