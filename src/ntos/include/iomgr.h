/* SPDX-License-Identifier: MIT */
/*
 * iomgr.h - the I/O manager as other layers of the stack use it, beyond wdm.h.
 *
 * Layer: ntos. Note for IRPs: the life of a request, and which function does what, is at the head of
 * io_irp.c.
 */
#ifndef NTOS_IOMGR_H
#define NTOS_IOMGR_H

#include <wdm.h>

#include <ntapi.h>

/*
 * NtsDeviceIoControlAndWait - NtDeviceIoControlFile followed by a wait for it by the same thread, in one
 * call, so that the thread can poll for its own request (ours; NT's provider waits on an event).
 *
 * Tries fast I/O through the whole device stack first, then sends an IRP with IRP_SYNCHRONOUS_API. No
 * event, no APC, no completion packet. Returns the final status, never STATUS_PENDING. When the time is
 * up, or the wait is alerted, the request is cancelled and waited for: STATUS_IO_TIMEOUT or
 * STATUS_USER_APC if it ended cancelled, else its own status. FileObject is the caller's reference.
 * Context: any thread, no locks. Timeout relative, NULL for ever.
 */
NTSTATUS NtsDeviceIoControlAndWait(PFILE_OBJECT FileObject, PIO_STATUS_BLOCK IoStatus, ULONG IoControlCode,
    const VOID *Input, ULONG InputLength, PVOID Output, ULONG OutputLength, BOOLEAN Alertable,
    PLARGE_INTEGER Timeout);

/*
 * NTS_CAPTURE - a piece of the caller's memory that an asynchronous request needs beyond the call. An IRP
 * gets a copy, and the pointer at PointerOffset of the copied input points to it.
 */
typedef struct NTS_CAPTURE {
    ULONG PointerOffset;
    ULONG Length;
    const VOID *Data;
} NTS_CAPTURE;
/*
 * NtsDeviceIoControl - NtDeviceIoControlFile for a layer of the stack whose METHOD_NEITHER input lies on
 * its own stack (ours; NT's provider relies on AFD to read it before the call returns, which a driver
 * above that queues the request breaks).
 *
 * Fast I/O sees Input and what it points to as they are, and so does an IRP for a driver with nothing above it that
 * reads them at once (IoDeclareInputRead). If any other IRP is needed, Input and the Captures are copied into memory
 * that lives as long as the IRP: Type3InputBuffer points to the copy. Input is trusted, the captured pieces are
 * the program's: STATUS_ACCESS_VIOLATION if one cannot be read, before any driver sees the IRP. The status block
 * is not probed: the caller has (ExProbeForWrite).
 * Everything else is as NtDeviceIoControlFile: statuses, event, APC, completion packet.
 */
NTSTATUS NtsDeviceIoControl(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
    PIO_STATUS_BLOCK IoStatusBlock, ULONG IoControlCode, const VOID *Input, ULONG InputLength,
    const NTS_CAPTURE *Captures, ULONG CaptureCount, PVOID Output, ULONG OutputLength);

/*
 * IoDeclareInputRead - the dispatch routine of this device, which its driver has just created, reads what
 * Type3InputBuffer points to before it returns and not later, pending or not.
 */
VOID IoDeclareInputRead(PDEVICE_OBJECT DeviceObject);

/* The poller of the completion port that the file is associated with; NULL: none. Lives as long as the file. */
struct KE_POLLER *IoFilePoller(PFILE_OBJECT FileObject);

/*
 * IoMayPollDirectly - may the driver that is about to make this IRP pending let the requesting thread
 * poll for it? TRUE if the IRP is synchronous (NtsDeviceIoControlAndWait) and we are on its thread.
 */
BOOLEAN IoMayPollDirectly(PIRP Irp);

/*
 * IoTellOwnerOfClose - Routine is called after IRP_MJ_CLEANUP, on the thread that has closed the last handle, no
 * locks; NULL: not any more. For a layer that keeps the file by pointer and would keep what CloseHandle has
 * closed (ours; NT's provider keeps the handle). One routine for the process.
 */
VOID IoTellOwnerOfClose(PFILE_OBJECT FileObject, VOID (*Routine)(PFILE_OBJECT FileObject));

/* Cancels every IRP that the thread (NULL: any) has pending on the file; returns how many. */
ULONG IoCancelFileIrps(PFILE_OBJECT FileObject, PKTHREAD Thread, PIO_STATUS_BLOCK Iosb);
VOID IoCancelThreadIrps(PKTHREAD Thread); /* thread exit: cancels and waits */

BOOLEAN IoIsThreadIoPending(VOID); /* has the calling thread requests that its end would cancel? */

ULONG IoQueryIrpCount(VOID); /* IRPs allocated and not freed */

/* Built-in drivers (afd). Name is "Afd": \Driver\Afd, Services\Afd. */
_Must_inspect_result_ NTSTATUS IoCreateDriver(PCWSTR Name, PDRIVER_INITIALIZE Initialize);
/*
 * IoLoadConfiguredDrivers - loads what the configuration lists, bottom first. On failure a message that
 * names driver, file and reason has been printed.
 */
_Must_inspect_result_ NTSTATUS IoLoadConfiguredDrivers(VOID);
/*
 * IoLoadDriver - one driver from Spec = NAME[:key=value,...]: finds NAME.so, writes the parameters to its
 * Services key, calls DriverEntry. *Reason is a text for people, static or per-thread.
 */
_Must_inspect_result_ NTSTATUS IoLoadDriver(const char *Spec, const char **Reason);
NTSTATUS IoUnloadDriver(const char *Name);

/* The stack above a named device, top first, for `ntsock stack`. Returns the number of devices. */
typedef struct IO_STACK_ENTRY {
    char DriverName[64];
    char DeviceName[64];
    CCHAR StackSize;
    BOOLEAN FastIo;
} IO_STACK_ENTRY;
ULONG IoQueryDeviceStack(PCWSTR DeviceName, IO_STACK_ENTRY *Entries, ULONG Count);

/* Stack locations of an IRP, and so devices of a stack: CurrentLocation, a CHAR, is two more when all are done. */
#define IO_STACK_LOCATIONS_MAX 125

#endif
