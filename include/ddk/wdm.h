/* SPDX-License-Identifier: MIT */
/*
 * wdm.h - the driver model as a layered socket driver sees it.
 *
 * Layer: contract between ntos (which implements it) and drivers (which use nothing else). Names,
 * layouts and values are the documented ones for 64-bit Windows; what differs from a kernel is said
 * at the declaration. The header is in six parts, by component, and is always included whole.
 *
 *   wdm_ke.h  dispatcher objects, waits, spin locks, IRQL, timers, APCs
 *   wdm_ex.h  pool, lookaside lists, work items, interlocked lists, registry and run-time library
 *   wdm_io.h  drivers, devices, file objects, fast I/O, objects
 *   wdm_irp.h IRPs, stack locations, completion, cancel-safe queues
 *   wdm_lock.h remove locks, resources, other locks; wdm_util.h the native API and small macros
 *
 * Example: a filter that lets everything pass. samples/ and drivers/passthrough hold whole ones.
 *
 *     static NTSTATUS Pass(PDEVICE_OBJECT Device, PIRP Irp)
 *     {
 *         IoSkipCurrentIrpStackLocation(Irp);
 *         return IoCallDriver(*(PDEVICE_OBJECT *)Device->DeviceExtension, Irp);
 *     }
 * [ddi:wdm]
 */
#ifndef _WDMDDK_
#define _WDMDDK_

#include <ntdef.h>
#include <ntstatus.h>

#ifndef NTKERNELAPI
#define NTKERNELAPI NTSOCKAPI
#endif
#define NTSYSAPI NTSOCKAPI
#define NTHALAPI NTSOCKAPI

#include <wdm_ke.h>

#include <wdm_ex.h>

#include <wdm_io.h>

#include <wdm_irp.h>

#include <wdm_lock.h>

#include <wdm_util.h>

#endif /* _WDMDDK_ */
