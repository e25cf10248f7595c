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

LONG MsafdStatusFromWsaError(INT Error)
{
    static const struct {
        NTSTATUS Status;
        INT Error;
    } Table[] = {
#define X(status, error, when) {status, error},
#include "status.def"
#undef X
    };
    if (Error == 0)
        return STATUS_SUCCESS;
    if (Error == WSA_OPERATION_ABORTED)
        return STATUS_CANCELLED;
    for (ULONG i = 0; i < RTL_NUMBER_OF(Table); i++) {
        if (Table[i].Error == Error)
            return Table[i].Status;
    }
    return STATUS_UNSUCCESSFUL;
}
