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

NTSTATUS MsafdReferenceFile(HANDLE Handle, PVOID *FileObject)
{
    return ObReferenceObjectByHandle(Handle, 0, *IoFileObjectType, UserMode, FileObject, NULL);
}

VOID MsafdDereferenceFile(PVOID FileObject)
{
    ObDereferenceObject(FileObject);
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

ULONGLONG MsafdInterruptTime(VOID)
{
    return KeQueryInterruptTime();
}

NTSTATUS MsafdProbe(const VOID *Address, SIZE_T Bytes)
{
    return ExProbeUserRange(Address, Bytes);
}
