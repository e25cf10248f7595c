/* SPDX-License-Identifier: MIT */
/*
 * shape.h - what the drivers that tests layer above \Device\Afd have in common.
 *
 * Layer: tests. Each driver is one way in which a correct filter may pass a request on. The device
 * extension begins with SHAPE_EXTENSION.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include <wdm.h>

DRIVER_INITIALIZE DriverEntry;

typedef struct SHAPE_EXTENSION {
    PDEVICE_OBJECT LowerDevice;
} SHAPE_EXTENSION;

static inline PDEVICE_OBJECT ShapeLower(PDEVICE_OBJECT Device)
{
    return ((SHAPE_EXTENSION *)Device->DeviceExtension)->LowerDevice;
}

/* Attaches a device of the driver to \Device\Afd; requests go to Dispatch, fast I/O to Table or nowhere. */
NTSTATUS ShapeAttach(PDRIVER_OBJECT DriverObject, ULONG ExtensionSize, PDRIVER_DISPATCH Dispatch,
    PFAST_IO_DISPATCH Table);

#endif
