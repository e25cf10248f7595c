/* SPDX-License-Identifier: MIT */
/*
 * win32_overlapped.c - results and cancellation of overlapped operations; DeviceIoControl.
 *
 * Layer: win32; NT counterpart: kernel32's functions over NtCancelIoFile(Ex) and
 * NtDeviceIoControlFile. File system controls (FSCTL_xxx) go the way of the others.
 */
#include "win32_overlapped.h"

NTSTATUS Win32WaitOwnRequest(HANDLE File, NTSTATUS Status, IO_STATUS_BLOCK *Iosb)
{
    if (Status == STATUS_PENDING) {
        Status = NtWaitForSingleObject(File, FALSE, NULL);
        if (NT_SUCCESS(Status))
            Status = __atomic_load_n(&Iosb->Status, __ATOMIC_ACQUIRE);
    }
    return Status;
}

BOOL Win32FinishOverlapped(NTSTATUS Status, LPOVERLAPPED Overlapped, LPDWORD Bytes)
{
    if (Status == STATUS_PENDING)
        return Win32Fail(ERROR_IO_PENDING);
    if (Bytes != NULL && !NT_ERROR(Status))
        *Bytes = (DWORD)Overlapped->InternalHigh;
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

/* --- results --- */

static BOOL OverlappedResult(LPOVERLAPPED Overlapped, LPDWORD Bytes, NTSTATUS Status)
{
    if (Bytes != NULL)
        *Bytes = (DWORD)Overlapped->InternalHigh;
    /* Pending after a wait: the event was somebody else's. Windows calls that a success. */
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

BOOL WINAPI GetOverlappedResultEx(
    HANDLE File, LPOVERLAPPED Overlapped, LPDWORD Bytes, DWORD Milliseconds, BOOL Alertable)
{
    HANDLE Event;

    if (Overlapped == NULL)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    NTSTATUS Status = Win32OverlappedStatus(Overlapped);
    if (Status != STATUS_PENDING)
        return OverlappedResult(Overlapped, Bytes, Status);
    if (Milliseconds == 0)
        return Win32Fail(ERROR_IO_INCOMPLETE);
    Event = Win32OverlappedEvent(Overlapped);
    DWORD Wait = WaitForSingleObjectEx(Event != NULL ? Event : File, Milliseconds, Alertable);
    if (Wait == WAIT_FAILED)
        return FALSE;
    if (Wait == WAIT_TIMEOUT || Wait == WAIT_IO_COMPLETION)
        return Win32Fail(Wait);
    return OverlappedResult(Overlapped, Bytes, Win32OverlappedStatus(Overlapped));
}

BOOL WINAPI GetOverlappedResult(HANDLE File, LPOVERLAPPED Overlapped, LPDWORD Bytes, BOOL Wait)
{
    return GetOverlappedResultEx(File, Overlapped, Bytes, Wait ? INFINITE : 0, FALSE);
}

/* --- cancellation --- */

static BOOL CancelResult(NTSTATUS Status)
{
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

BOOL WINAPI CancelIo(HANDLE File)
{
    IO_STATUS_BLOCK Iosb;
    int Descriptor;
    Win32Initialize();
    if (Win32IsStandardHandle(File, &Descriptor))
        return TRUE;
    return CancelResult(NtCancelIoFile(File, &Iosb));
}

BOOL WINAPI CancelIoEx(HANDLE File, LPOVERLAPPED Overlapped)
{
    IO_STATUS_BLOCK Iosb;
    int Descriptor;
    Win32Initialize();
    if (Win32IsStandardHandle(File, &Descriptor))
        return Win32Fail(ERROR_NOT_FOUND);
    PIO_STATUS_BLOCK Which = Overlapped != NULL ? Win32OverlappedIosb(Overlapped) : NULL;
    return CancelResult(NtCancelIoFileEx(File, Which, &Iosb));
}

BOOL WINAPI CancelSynchronousIo(HANDLE Thread)
{
    IO_STATUS_BLOCK Iosb;
    Win32Initialize();
    return CancelResult(NtCancelSynchronousIoFile(Thread, NULL, &Iosb));
}

/* --- device control --- */

BOOL WINAPI DeviceIoControl(HANDLE Device, DWORD Code, LPVOID Input, DWORD InputBytes, LPVOID Output,
    DWORD OutputBytes, LPDWORD Returned, LPOVERLAPPED Overlapped)
{
    IO_STATUS_BLOCK Iosb = {0};
    NTSTATUS Status;
    int Descriptor;

    Win32Initialize();
    if (Win32IsStandardHandle(Device, &Descriptor))
        return Win32Fail(ERROR_INVALID_FUNCTION);
    if (Overlapped != NULL) {
        Win32BeginOverlapped(Overlapped);
        Status = NtDeviceIoControlFile(Device, Win32OverlappedEvent(Overlapped), NULL,
            Win32OverlappedContext(Overlapped), Win32OverlappedIosb(Overlapped), Code, Input,
            InputBytes, Output, OutputBytes);
        return Win32FinishOverlapped(Status, Overlapped, Returned);
    }
    Status = NtDeviceIoControlFile(
        Device, NULL, NULL, NULL, &Iosb, Code, Input, InputBytes, Output, OutputBytes);
    Status = Win32WaitOwnRequest(Device, Status, &Iosb);
    if (Returned != NULL)
        *Returned = NT_ERROR(Status) ? 0 : (DWORD)Iosb.Information;
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}
