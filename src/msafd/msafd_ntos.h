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
/* Routine is called when the last handle of the file is closed; NULL: not any more. IoTellOwnerOfClose. */
VOID MsafdTellOfClose(PVOID FileObject, VOID (*Routine)(PVOID FileObject));
/* Is FileObject what Handle names now? A handle that was closed behind our back may name something
 * else. */
BOOLEAN MsafdHandleNamesFile(HANDLE Handle, PVOID FileObject);
/* NtsDeviceIoControlAndWait; see iomgr.h. May block, completes before it returns. */
NTSTATUS MsafdDeviceControl(PVOID FileObject, PIO_STATUS_BLOCK IoStatus, ULONG Code,
    const VOID *Input, ULONG InputLength, PVOID Output, ULONG OutputLength, BOOLEAN Alertable,
    PLARGE_INTEGER Timeout);
/* A thread of the provider's own; the handle is the caller's. */
NTSTATUS MsafdStartThread(ULONG (*Routine)(PVOID Parameter), PVOID Parameter, PHANDLE Handle);
/* A piece of the program's memory that an asynchronous request needs beyond the call: NTS_CAPTURE of
 * iomgr.h. The pointer at PointerOffset of the input points to Data. */
typedef struct MSAFD_CAPTURE {
    ULONG PointerOffset;
    ULONG Length;
    const VOID *Data;
} MSAFD_CAPTURE;
#define MSAFD_CAPTURES_MAX 3
/* A request for AFD. Input lies on the provider's stack; Output is the program's memory. */
typedef struct MSAFD_REQUEST {
    ULONG Code;
    const VOID *Input;
    ULONG InputLength;
    PVOID Output;
    ULONG OutputLength;
    ULONG CaptureCount;
    MSAFD_CAPTURE Captures[MSAFD_CAPTURES_MAX];
} MSAFD_REQUEST;
/* NtsDeviceIoControl; see iomgr.h. Statuses, event, APC and packet as NtDeviceIoControlFile. */
NTSTATUS MsafdStartDeviceControl(HANDLE Handle, HANDLE Event, PIO_APC_ROUTINE Routine,
    PVOID Context, PIO_STATUS_BLOCK IoStatus, const MSAFD_REQUEST *Request);
/* Interrupt time in 100 ns, the clock of time-outs. */
ULONGLONG MsafdInterruptTime(VOID);
/* Cheap check of a pointer's range: NULL page, wrap-around, not user space. Zero bytes pass. */
/*
 * Is the program's structure there, to be read or written in place? Free on the calling thread's stack, a
 * call of the host elsewhere. MsafdProbeRange looks at the numbers alone: for what AFD will copy itself.
 */
NTSTATUS MsafdProbe(const VOID *Address, SIZE_T Bytes);
NTSTATUS MsafdProbeWrite(const VOID *Address, SIZE_T Bytes);
/* The same for a structure that begins with a status block, which says STATUS_PENDING then. */
NTSTATUS MsafdPresetPending(PIO_STATUS_BLOCK Iosb, SIZE_T Bytes);
NTSTATUS MsafdProbeRange(const VOID *Address, SIZE_T Bytes);
/* Is the string there, with its terminating zero? Units of 1 or 2 bytes. */
BOOLEAN MsafdProbeText(const VOID *Text, SIZE_T UnitBytes);

#endif
