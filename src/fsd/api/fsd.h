/* SPDX-License-Identifier: MIT */
/*
 * fsd.h - the file system driver as the library joins it.
 *
 * Layer: fsd. For src/ntsock.c and tests.
 */
#ifndef FSD_H
#define FSD_H

#include <wdm.h>

#define FSD_DEVICE_NAME L"\\Device\\HarddiskVolume1"

/* Creates \Device\HarddiskVolume1 with the link \??\C:, and \Device\Null with \??\NUL. */
DRIVER_INITIALIZE FsdDriverEntry;

#endif
