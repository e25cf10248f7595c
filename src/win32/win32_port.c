/* SPDX-License-Identifier: MIT */
/*
 * win32_port.c - completion ports.
 *
 * Layer: win32; NT counterpart: kernel32's functions over NtRemoveIoCompletion and its family. Taking
 * a packet is one call below and no memory: OVERLAPPED_ENTRY and FILE_IO_COMPLETION_INFORMATION have
 * one layout.
 */
#include "win32_overlapped.h"

_Static_assert(sizeof(OVERLAPPED_ENTRY) == sizeof(FILE_IO_COMPLETION_INFORMATION) &&
                   offsetof(OVERLAPPED_ENTRY, Internal) ==
                       offsetof(FILE_IO_COMPLETION_INFORMATION, IoStatusBlock),
    "packets are written where the program wants them");

static NTSTATUS AssociateFile(HANDLE File, HANDLE Port, ULONG_PTR Key)
{
    FILE_COMPLETION_INFORMATION Information = {.Port = Port, .Key = (PVOID)Key};
    IO_STATUS_BLOCK Iosb;
    int Descriptor;

    /* The console cannot do anything asynchronously. */
    if (Win32IsStandardHandle(File, &Descriptor))
        return STATUS_INVALID_PARAMETER;
    return NtSetInformationFile(
        File, &Iosb, &Information, sizeof Information, FileCompletionInformation);
}

/* [doc:fileio/createiocompletionport] */
HANDLE WINAPI CreateIoCompletionPort(HANDLE File, HANDLE Existing, ULONG_PTR Key, DWORD Threads)
{
    HANDLE Port = Existing;
    NTSTATUS Status = STATUS_SUCCESS;

    Win32Initialize();
    if (File == INVALID_HANDLE_VALUE && Existing != NULL) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (Existing == NULL)
        Status = NtCreateIoCompletion(&Port, IO_COMPLETION_ALL_ACCESS, NULL, Threads);
    if (NT_SUCCESS(Status) && File != INVALID_HANDLE_VALUE) {
        Status = AssociateFile(File, Port, Key);
        if (!NT_SUCCESS(Status) && Existing == NULL)
            NtClose(Port);
    }
    if (NT_SUCCESS(Status))
        return Port;
    Win32SetStatus(Status);
    return NULL;
}

/* Not a packet: a time-out, a port that was closed, a bad argument. */
static BOOL NoPacket(NTSTATUS Status)
{
    return Win32Fail(Status == STATUS_TIMEOUT    ? WAIT_TIMEOUT
                     : Status == STATUS_USER_APC ? WAIT_IO_COMPLETION
                                                 : RtlNtStatusToDosErrorNoTeb(Status));
}

BOOL WINAPI GetQueuedCompletionStatus(
    HANDLE Port, LPDWORD Bytes, PULONG_PTR Key, LPOVERLAPPED *Overlapped, DWORD Milliseconds)
{
    LARGE_INTEGER Timeout;
    IO_STATUS_BLOCK Iosb;
    PVOID PacketKey, Context;

    Win32Initialize();
    NTSTATUS Status = NtRemoveIoCompletion(
        Port, &PacketKey, &Context, &Iosb, Win32TimeoutFromMs(&Timeout, Milliseconds));
    if (Status != STATUS_SUCCESS) {
        *Overlapped = NULL;
        return NoPacket(Status);
    }
    *Overlapped = Context;
    *Key = (ULONG_PTR)PacketKey;
    *Bytes = (DWORD)Iosb.Information;
    return NT_SUCCESS(Iosb.Status) ? TRUE : Win32SetStatus(Iosb.Status);
}

BOOL WINAPI GetQueuedCompletionStatusEx(HANDLE Port, LPOVERLAPPED_ENTRY Entries, ULONG Count,
    PULONG Removed, DWORD Milliseconds, BOOL Alertable)
{
    LARGE_INTEGER Timeout;
    NTSTATUS Status;

    Win32Initialize();
    *Removed = 0;
    do
        Status = NtRemoveIoCompletionEx(Port, (PFILE_IO_COMPLETION_INFORMATION)(PVOID)Entries, Count,
            Removed, Win32TimeoutFromMs(&Timeout, Milliseconds), Alertable != FALSE);
    while (Status == STATUS_ALERTED);
    return Status == STATUS_SUCCESS ? TRUE : NoPacket(Status);
}

BOOL WINAPI PostQueuedCompletionStatus(
    HANDLE Port, DWORD Bytes, ULONG_PTR Key, LPOVERLAPPED Overlapped)
{
    Win32Initialize();
    NTSTATUS Status = NtSetIoCompletion(Port, (PVOID)Key, Overlapped, STATUS_SUCCESS, Bytes);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

/* Modes add up and cannot be taken back. [doc:winbase/setfilecompletionnotificationmodes] */
BOOL WINAPI SetFileCompletionNotificationModes(HANDLE File, UCHAR Flags)
{
    FILE_IO_COMPLETION_NOTIFICATION_INFORMATION Information = {.Flags = Flags};
    IO_STATUS_BLOCK Iosb;
    int Descriptor;

    Win32Initialize();
    if (Win32IsStandardHandle(File, &Descriptor))
        return Win32Fail(ERROR_INVALID_PARAMETER);
    NTSTATUS Status = NtSetInformationFile(
        File, &Iosb, &Information, sizeof Information, FileIoCompletionNotificationInformation);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}
