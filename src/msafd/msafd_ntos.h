/* SPDX-License-Identifier: MIT */
/*
 * msafd_ntos.h - services of ntos that the provider uses beside the native API.
 *
 * Layer: msafd. Declared with types that winsock2.h and wdm.h share: the two headers describe two
 * worlds and are never included together.
 */
#ifndef MSAFD_NTOS_H
#define MSAFD_NTOS_H

#include <ntdef.h>

/* File object behind a handle, with a reference. STATUS_INVALID_HANDLE,
 * STATUS_OBJECT_TYPE_MISMATCH. */
NTSTATUS MsafdReferenceFile(HANDLE Handle, PVOID *FileObject);
VOID MsafdDereferenceFile(PVOID FileObject);
/* Is FileObject what Handle names now? A handle that was closed behind our back may name something
 * else. */
BOOLEAN MsafdHandleNamesFile(HANDLE Handle, PVOID FileObject);
/* NtsDeviceIoControlAndWait; see iomgr.h. May block, completes before it returns. */
NTSTATUS MsafdDeviceControl(PVOID FileObject, PIO_STATUS_BLOCK IoStatus, ULONG Code,
    const VOID *Input, ULONG InputLength, PVOID Output, ULONG OutputLength, BOOLEAN Alertable,
    PLARGE_INTEGER Timeout);
/* A thread of the provider's own; the handle is the caller's. */
NTSTATUS MsafdStartThread(ULONG (*Routine)(PVOID Parameter), PVOID Parameter, PHANDLE Handle);
/* Interrupt time in 100 ns, the clock of time-outs. */
ULONGLONG MsafdInterruptTime(VOID);
/* Cheap check of a pointer's range: NULL page, wrap-around, not user space. Zero bytes pass. */
NTSTATUS MsafdProbe(const VOID *Address, SIZE_T Bytes);

#endif
