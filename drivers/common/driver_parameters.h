/* SPDX-License-Identifier: MIT */
/*
 * driver_parameters.h - a driver's parameters, read from its Parameters key and checked.
 *
 * Layer: drivers; uses the documented driver model only. `--driver NAME:key=value` puts the values under
 * Services\NAME\Parameters; numbers may arrive as REG_DWORD or REG_SZ, and both are understood.
 */
#ifndef DRIVER_PARAMETERS_H
#define DRIVER_PARAMETERS_H

#include <wdm.h>

typedef struct DRIVER_PARAMETER {
    PCWSTR Name;
    ULONG *Number;     /* where a number goes, or NULL */
    ULONG NumberMax;
    CHAR *Text;        /* where a text goes, as UTF-8, or NULL */
    ULONG TextBytes;   /* the size of Text, its final zero included */
} DRIVER_PARAMETER;

/*
 * DriverReadParameters - sets what the key holds and leaves the rest alone. An unknown name or a value
 * that is not understood is STATUS_INVALID_PARAMETER, after a message that says which. Context: DriverEntry.
 */
NTSTATUS DriverReadParameters(PCSZ DriverName, PUNICODE_STRING RegistryPath,
    const DRIVER_PARAMETER *Parameters, ULONG Count);

#endif
