/* SPDX-License-Identifier: MIT */
/*
 * msafd_option_own.h - what msafd_options.c and msafd_option_own.c give each other.
 *
 * Layer: msafd, private. All return Winsock errors.
 */
#ifndef MSAFD_OPTION_OWN_H
#define MSAFD_OPTION_OWN_H

#include "msafd_option_table.h"

/* --- msafd_option_own.c --- */
/* Options of MsafdShapeOwn, by name. *Length is the room, then the length to tell. */
INT MsafdSetOwnOption(MSAFD_SOCKET *Socket, INT Name, const char *Value, int Length);
INT MsafdGetOwnOption(SOCKET s, MSAFD_SOCKET *Socket, INT Name, char *Value, LPINT Length);
/* Numbers of MsafdPlaceOther. */
INT MsafdSetOtherOption(MSAFD_SOCKET *Socket, INT Name, ULONG Number);
ULONG MsafdGetOtherOption(MSAFD_SOCKET *Socket, INT Name);

/* --- msafd_options.c --- */
/* A status of the transport: what it does not know is WSAENOPROTOOPT. [doc:winsock/getsockopt] */
INT MsafdOptionError(NTSTATUS Status);
/* A number in the caller's buffer, as the shape has it. WSAEFAULT. */
INT MsafdReturnValue(MSAFD_OPTION_SHAPE Shape, ULONG Number, char *Value, LPINT Length);
/* Room for kept values; FALSE: no memory. To be called before MsafdKeep. */
BOOLEAN MsafdPrepareKept(MSAFD_SOCKET *Socket);
/* A kept value: remembers it; takes it away, 0 if there is none. */
VOID MsafdKeep(MSAFD_SOCKET *Socket, ULONG Slot, ULONG Number);
ULONG MsafdTakeKept(MSAFD_SOCKET *Socket, ULONG Slot);

#endif
