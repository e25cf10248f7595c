/* SPDX-License-Identifier: MIT */
/*
 * win32_io.c - reading and writing: sockets, files and standard handles.
 *
 * Layer: win32; NT counterpart: kernel32's functions over NtReadFile and NtWriteFile. A standard handle
 * names a host descriptor and is served at once, in order and without OVERLAPPED's offset; an
 * OVERLAPPED that comes with one is completed before the call returns.
 */
#include "win32_overlapped.h"

#include "host_console.h"

typedef NTSTATUS(NTAPI WIN32_TRANSFER)(HANDLE File, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
    PVOID ApcContext, PIO_STATUS_BLOCK Iosb, PVOID Buffer, ULONG Length, PLARGE_INTEGER Offset,
    PULONG Key);

static LARGE_INTEGER OverlappedOffset(const OVERLAPPED *Overlapped)
{
    LARGE_INTEGER Offset;
    Offset.LowPart = Overlapped->Offset;
    Offset.HighPart = (LONG)Overlapped->OffsetHigh;
    return Offset;
}

static BOOL TransferOverlapped(WIN32_TRANSFER *Transfer, HANDLE File, PVOID Buffer, DWORD Bytes,
    LPDWORD Transferred, LPOVERLAPPED Overlapped)
{
    LARGE_INTEGER Offset = OverlappedOffset(Overlapped);

    Win32BeginOverlapped(Overlapped);
    NTSTATUS Status = Transfer(File, Win32OverlappedEvent(Overlapped), NULL,
        Win32OverlappedContext(Overlapped), Win32OverlappedIosb(Overlapped), Buffer, Bytes, &Offset,
        NULL);
    return Win32FinishOverlapped(Status, Overlapped, Transferred);
}

/*
 * Without OVERLAPPED: at the file's position, and the call waits. The end of a file is no error then.
 * [doc:fileapi/readfile]
 */
static BOOL TransferNow(
    WIN32_TRANSFER *Transfer, HANDLE File, PVOID Buffer, DWORD Bytes, LPDWORD Transferred)
{
    IO_STATUS_BLOCK Iosb = {0};
    NTSTATUS Status = Transfer(File, NULL, NULL, NULL, &Iosb, Buffer, Bytes, NULL, NULL);

    Status = Win32WaitOwnRequest(File, Status, &Iosb);
    if (Transferred != NULL)
        *Transferred = NT_ERROR(Status) ? 0 : (DWORD)Iosb.Information;
    return NT_SUCCESS(Status) || Status == STATUS_END_OF_FILE ? TRUE : Win32SetStatus(Status);
}

static BOOL FinishStandard(NTSTATUS Status, DWORD Bytes, LPDWORD Transferred, LPOVERLAPPED Overlapped)
{
    if (!NT_SUCCESS(Status))
        Bytes = 0;
    if (Transferred != NULL)
        *Transferred = Bytes;
    if (Overlapped != NULL) {
        Overlapped->InternalHigh = Bytes;
        Overlapped->Internal = (ULONG_PTR)(ULONG)Status;
        if (Win32OverlappedEvent(Overlapped) != NULL)
            NtSetEvent(Win32OverlappedEvent(Overlapped), NULL);
    }
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

BOOL WINAPI WriteFile(
    HANDLE File, LPCVOID Buffer, DWORD Bytes, LPDWORD Written, LPOVERLAPPED Overlapped)
{
    int Descriptor;

    if (Written != NULL)
        *Written = 0;
    Win32Initialize();
    if (Win32IsStandardHandle(File, &Descriptor))
        return FinishStandard(
            host_console_write(Descriptor, Buffer, Bytes), Bytes, Written, Overlapped);
    if (Overlapped != NULL)
        return TransferOverlapped(NtWriteFile, File, (PVOID)Buffer, Bytes, Written, Overlapped);
    return TransferNow(NtWriteFile, File, (PVOID)Buffer, Bytes, Written);
}

BOOL WINAPI ReadFile(HANDLE File, LPVOID Buffer, DWORD Bytes, LPDWORD Read, LPOVERLAPPED Overlapped)
{
    int Descriptor;

    if (Read != NULL)
        *Read = 0;
    Win32Initialize();
    if (Win32IsStandardHandle(File, &Descriptor)) {
        size_t Got = 0;
        NTSTATUS Status = host_console_read(Descriptor, Buffer, Bytes, &Got);
        return FinishStandard(Status, (DWORD)Got, Read, Overlapped);
    }
    if (Overlapped != NULL)
        return TransferOverlapped(NtReadFile, File, Buffer, Bytes, Read, Overlapped);
    return TransferNow(NtReadFile, File, Buffer, Bytes, Read);
}

/* --- with a completion routine --- */

/* Context is the program's routine, the status block its OVERLAPPED. */
static VOID NTAPI CompletionApc(PVOID Context, PIO_STATUS_BLOCK Iosb, ULONG Reserved)
{
    LPOVERLAPPED_COMPLETION_ROUTINE Routine;
    NTSTATUS Status = Iosb->Status;

    RtlCopyMemory(&Routine, &Context, sizeof Routine);
    Routine(RtlNtStatusToDosErrorNoTeb(Status), NT_ERROR(Status) ? 0 : (DWORD)Iosb->Information,
        (LPOVERLAPPED)(PVOID)Iosb);
}

/* The event of the OVERLAPPED is the program's own to use. [doc:fileapi/readfileex] */
static BOOL TransferWithRoutine(WIN32_TRANSFER *Transfer, HANDLE File, PVOID Buffer, DWORD Bytes,
    LPOVERLAPPED Overlapped, LPOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    LARGE_INTEGER Offset;
    PVOID Context = NULL;
    int Descriptor;

    Win32Initialize();
    if (Overlapped == NULL)
        return Win32Fail(ERROR_NOACCESS);
    if (Routine == NULL || Win32IsStandardHandle(File, &Descriptor))
        return Win32Fail(ERROR_INVALID_PARAMETER);
    Offset = OverlappedOffset(Overlapped);
    RtlCopyMemory(&Context, &Routine, sizeof Context);
    Win32BeginOverlapped(Overlapped);
    NTSTATUS Status = Transfer(File, NULL, CompletionApc, Context, Win32OverlappedIosb(Overlapped),
        Buffer, Bytes, &Offset, NULL);
    if (NT_ERROR(Status))
        return Win32SetStatus(Status);
    /* Programs look here for ERROR_MORE_DATA after a success. */
    SetLastError(Status == STATUS_PENDING ? ERROR_SUCCESS : RtlNtStatusToDosErrorNoTeb(Status));
    return TRUE;
}

BOOL WINAPI ReadFileEx(HANDLE File, LPVOID Buffer, DWORD Bytes, LPOVERLAPPED Overlapped,
    LPOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    return TransferWithRoutine(NtReadFile, File, Buffer, Bytes, Overlapped, Routine);
}

BOOL WINAPI WriteFileEx(HANDLE File, LPCVOID Buffer, DWORD Bytes, LPOVERLAPPED Overlapped,
    LPOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    return TransferWithRoutine(NtWriteFile, File, (PVOID)Buffer, Bytes, Overlapped, Routine);
}

/* --- kind, flush --- */

static DWORD StandardFileType(int Descriptor)
{
    switch (host_console_kind(Descriptor)) {
    case HOST_CONSOLE_TERMINAL:
        return FILE_TYPE_CHAR;
    case HOST_CONSOLE_PIPE:
        return FILE_TYPE_PIPE;
    case HOST_CONSOLE_FILE:
        return FILE_TYPE_DISK;
    default:
        return FILE_TYPE_UNKNOWN;
    }
}

/* A socket is a pipe to GetFileType. [obs:fileapi/getfiletype] */
DWORD WINAPI GetFileType(HANDLE File)
{
    ULONG Device;
    int Descriptor;

    Win32Initialize();
    if (Win32IsStandardHandle(File, &Descriptor)) {
        SetLastError(ERROR_SUCCESS);
        return StandardFileType(Descriptor);
    }
    NTSTATUS Status = Win32QueryDeviceType(File, &Device);
    if (!NT_SUCCESS(Status)) {
        Win32SetStatus(Status);
        return FILE_TYPE_UNKNOWN;
    }
    SetLastError(ERROR_SUCCESS);
    switch (Device) {
    case FILE_DEVICE_DISK:
    case FILE_DEVICE_DISK_FILE_SYSTEM:
    case FILE_DEVICE_FILE_SYSTEM:
        return FILE_TYPE_DISK;
    case FILE_DEVICE_NULL:
        return FILE_TYPE_CHAR;
    default:
        return FILE_TYPE_PIPE;
    }
}

/* AFD does not know the request: ERROR_INVALID_FUNCTION for a socket. */
BOOL WINAPI FlushFileBuffers(HANDLE File)
{
    IO_STATUS_BLOCK Iosb;
    int Descriptor;

    Win32Initialize();
    if (Win32IsStandardHandle(File, &Descriptor))
        return TRUE;
    NTSTATUS Status = NtFlushBuffersFile(File, &Iosb);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}
