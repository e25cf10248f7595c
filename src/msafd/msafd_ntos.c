/* SPDX-License-Identifier: MIT */
/*
 * msafd_ntos.c - the one file of the provider that sees the I/O manager's own types.
 *
 * Layer: msafd; NT counterpart: none, a user-mode provider has only the native API. What is not in
 * it is that a thread waits for its own request in one call and keeps the file object instead of
 * the handle.
 */
#include "msafd_ntos.h"

#include "ex.h"
#include "iomgr.h"
#include "ke.h"

#include <stddef.h>

_Static_assert(sizeof(MSAFD_CAPTURE) == sizeof(NTS_CAPTURE) &&
                   offsetof(MSAFD_CAPTURE, Length) == offsetof(NTS_CAPTURE, Length) &&
                   offsetof(MSAFD_CAPTURE, Data) == offsetof(NTS_CAPTURE, Data),
    "MSAFD_CAPTURE and NTS_CAPTURE are one layout");

NTSTATUS MsafdReferenceFile(HANDLE Handle, PVOID *FileObject)
{
    return ObReferenceObjectByHandle(Handle, 0, *IoFileObjectType, UserMode, FileObject, NULL);
}

VOID MsafdDereferenceFile(PVOID FileObject)
{
    ObDereferenceObject(FileObject);
}

static VOID (*MsafdpCloseRoutine)(PVOID FileObject);

static VOID MsafdpFileClosed(PFILE_OBJECT FileObject)
{
    __atomic_load_n(&MsafdpCloseRoutine, __ATOMIC_ACQUIRE)(FileObject);
}

VOID MsafdTellOfClose(PVOID FileObject, VOID (*Routine)(PVOID FileObject))
{
    if (Routine != NULL)
        __atomic_store_n(&MsafdpCloseRoutine, Routine, __ATOMIC_RELEASE);
    IoTellOwnerOfClose(FileObject, Routine != NULL ? MsafdpFileClosed : NULL);
}

BOOLEAN MsafdHandleNamesFile(HANDLE Handle, PVOID FileObject)
{
    PVOID Object;
    if (!NT_SUCCESS(
            ObReferenceObjectByHandle(Handle, 0, *IoFileObjectType, UserMode, &Object, NULL)))
        return FALSE;
    ObDereferenceObject(Object);
    return (BOOLEAN)(Object == FileObject);
}

NTSTATUS MsafdDeviceControl(PVOID FileObject, PIO_STATUS_BLOCK IoStatus, ULONG Code,
    const VOID *Input, ULONG InputLength, PVOID Output, ULONG OutputLength, BOOLEAN Alertable,
    PLARGE_INTEGER Timeout)
{
    return NtsDeviceIoControlAndWait(
        FileObject, IoStatus, Code, Input, InputLength, Output, OutputLength, Alertable, Timeout);
}

NTSTATUS MsafdStartThread(ULONG (*Routine)(PVOID Parameter), PVOID Parameter, PHANDLE Handle)
{
    return PsCreateThread(Handle, Routine, Parameter, 0, FALSE, NULL);
}

NTSTATUS MsafdStartDeviceControl(HANDLE Handle, HANDLE Event, PIO_APC_ROUTINE Routine,
    PVOID Context, PIO_STATUS_BLOCK IoStatus, const MSAFD_REQUEST *Request)
{
    return NtsDeviceIoControl(Handle, Event, Routine, Context, IoStatus, Request->Code,
        Request->Input, Request->InputLength, (const NTS_CAPTURE *)(const VOID *)Request->Captures,
        Request->CaptureCount, Request->Output, Request->OutputLength);
}

ULONGLONG MsafdInterruptTime(VOID)
{
    return KeQueryInterruptTime();
}

NTSTATUS MsafdProbe(const VOID *Address, SIZE_T Bytes)
{
    return ExProbeForRead(Address, Bytes);
}

NTSTATUS MsafdProbeWrite(const VOID *Address, SIZE_T Bytes)
{
    return ExProbeForWrite(Address, Bytes);
}

NTSTATUS MsafdPresetPending(PIO_STATUS_BLOCK Iosb, SIZE_T Bytes)
{
    return ExPresetUserStatus(Iosb, Bytes, STATUS_PENDING);
}

NTSTATUS MsafdProbeRange(const VOID *Address, SIZE_T Bytes)
{
    return ExProbeUserRange(Address, Bytes);
}

BOOLEAN MsafdProbeText(const VOID *Text, SIZE_T UnitBytes)
{
    return ExProbeText(Text, UnitBytes);
}
