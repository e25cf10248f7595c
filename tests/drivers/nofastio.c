/* SPDX-License-Identifier: MIT */
/*
 * nofastio.c - passes everything and has no fast I/O table: every request comes as an IRP.
 *
 * Layer: tests.
 */
#include "shape.h"

static NTSTATUS Pass(PDEVICE_OBJECT Device, PIRP Irp)
{
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(ShapeLower(Device), Irp);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    return ShapeAttach(DriverObject, sizeof(SHAPE_EXTENSION), Pass, NULL);
}
