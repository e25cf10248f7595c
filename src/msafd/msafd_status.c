/* SPDX-License-Identifier: MIT */
/*
 * msafd_status.c - NTSTATUS to Winsock error, from status.def.
 *
 * Layer: msafd; NT counterpart: the provider's own table. Nothing else in the stack translates.
 */
#include "msafd_private.h"

INT MsafdWsaErrorFromStatus(LONG Status)
{
    switch (Status) {
#define X(status, error, when) \
    case status:               \
        return error;
#include "status.def"
#undef X
    default:
        return NT_SUCCESS(Status) ? 0 : WSAEINVAL;
    }
}
