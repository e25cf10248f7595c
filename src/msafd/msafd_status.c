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

INT MsafdOverlappedErrorFromStatus(LONG Status)
{
    if (NT_SUCCESS(Status))
        return 0;
    switch (Status) {
    case (LONG)(0x80070000 | ERROR_IO_INCOMPLETE): /* the Win32 error as a status */
    case (LONG)(0xC0010000 | ERROR_IO_INCOMPLETE):
    case (LONG)(0xC0070000 | ERROR_IO_INCOMPLETE):
        return WSA_IO_INCOMPLETE;
#define X_OURS(status, error, when)
#define X(status, error, when) \
    case status:               \
        return Status == STATUS_CANCELLED ? WSA_OPERATION_ABORTED : error;
#include "status.def"
#undef X
#undef X_OURS
    default:
        return WSAEINVAL;
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
