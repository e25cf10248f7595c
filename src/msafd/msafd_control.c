/* SPDX-License-Identifier: MIT */
/*
 * msafd_control.c - requests to AFD: waited for, or in the caller's OVERLAPPED.
 *
 * Layer: msafd; NT counterpart: the provider's NtDeviceIoControlFile calls and its wait for them. A
 * blocking call is a request that its own thread waits for; time-outs of SO_RCVTIMEO and
 * SO_SNDTIMEO end it.
 */
#include "msafd_private.h"

#include <stddef.h>

#define MSAFD_100NS_PER_MS 10000LL

/* The IO_STATUS_BLOCK of a request is the head of the program's OVERLAPPED.
 * [doc:winsock2/wsaoverlapped] */
_Static_assert(offsetof(WSAOVERLAPPED, InternalHigh) == offsetof(IO_STATUS_BLOCK, Information),
    "WSAOVERLAPPED begins with an IO_STATUS_BLOCK");

/*
 * A request that came upon an endpoint which another thread is closing ends like one that was
 * cancelled by the close, so that the race between the two does not show in the error.
 */
static NTSTATUS MsafdpFinalStatus(const MSAFD_SOCKET *Socket, NTSTATUS Status)
{
    if ((Status == STATUS_FILE_CLOSED || Status == STATUS_INVALID_HANDLE) &&
        MsafdTestFlags(Socket, MSAFD_CLOSING))
        return STATUS_CANCELLED;
    return Status;
}

NTSTATUS MsafdControl(MSAFD_SOCKET *Socket, ULONG Code, const VOID *Input, ULONG InputLength,
    PVOID Output, ULONG OutputLength, PULONG_PTR Information, ULONG TimeoutMs)
{
    IO_STATUS_BLOCK Iosb;
    LARGE_INTEGER Timeout;
    Iosb.Information = 0;
    Timeout.QuadPart = -(LONGLONG)TimeoutMs * MSAFD_100NS_PER_MS;
    NTSTATUS Status = MsafdDeviceControl(Socket->FileObject, &Iosb, Code, Input, InputLength,
        Output, OutputLength, FALSE, TimeoutMs != 0 ? &Timeout : NULL);
    if (Information != NULL)
        *Information = Iosb.Information;
    return NT_SUCCESS(Status) ? Status : MsafdpFinalStatus(Socket, Status);
}

NTSTATUS MsafdControlAlertable(MSAFD_SOCKET *Socket, ULONG Code, const VOID *Input,
    ULONG InputLength, PVOID Output, ULONG OutputLength, PULONG_PTR Information, ULONG TimeoutMs)
{
    IO_STATUS_BLOCK Iosb;
    LARGE_INTEGER Timeout;
    ULONGLONG Deadline =
        TimeoutMs == 0 ? 0 : MsafdInterruptTime() + (ULONGLONG)TimeoutMs * MSAFD_100NS_PER_MS;
    Timeout.QuadPart = -(LONGLONG)TimeoutMs * MSAFD_100NS_PER_MS;
    for (;;) {
        Iosb.Information = 0;
        NTSTATUS Status = MsafdDeviceControl(Socket->FileObject, &Iosb, Code, Input, InputLength,
            Output, OutputLength, TRUE, TimeoutMs != 0 ? &Timeout : NULL);
        if (Status != STATUS_USER_APC) {
            if (Information != NULL)
                *Information = Iosb.Information;
            return NT_SUCCESS(Status) ? Status : MsafdpFinalStatus(Socket, Status);
        }
        if (TimeoutMs != 0) {
            ULONGLONG Now = MsafdInterruptTime();
            if (Now >= Deadline)
                return STATUS_IO_TIMEOUT;
            Timeout.QuadPart = -(LONGLONG)(Deadline - Now);
        }
    }
}

/* Winsock flags that a completion status stands for. */
static DWORD MsafdpFlagsFromStatus(NTSTATUS Status)
{
    switch (Status) {
    case STATUS_RECEIVE_PARTIAL:
        return MSG_PARTIAL;
    case STATUS_RECEIVE_EXPEDITED:
        return MSG_OOB;
    case STATUS_RECEIVE_PARTIAL_EXPEDITED:
        return MSG_PARTIAL | MSG_OOB;
    case STATUS_BUFFER_OVERFLOW:
        return MSG_PARTIAL;
    default:
        return 0;
    }
}

/* Error of an overlapped operation: cancelled ones say so. [doc:winsock2/wsagetoverlappedresult] */
static INT MsafdpOverlappedError(NTSTATUS Status)
{
    return Status == STATUS_CANCELLED ? WSA_OPERATION_ABORTED : MsafdWsaErrorFromStatus(Status);
}

/* Context is the program's completion routine, the status block is the program's OVERLAPPED. */
static VOID NTAPI MsafdpCompletionApc(PVOID Context, PIO_STATUS_BLOCK Iosb, ULONG Reserved)
{
    (VOID) Reserved;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine;
    RtlCopyMemory(&Routine, &Context, sizeof Routine);
    Routine((DWORD)MsafdpOverlappedError(Iosb->Status), (DWORD)Iosb->Information,
        (LPWSAOVERLAPPED)(PVOID)Iosb, MsafdpFlagsFromStatus(Iosb->Status));
}

INT MsafdControlOverlapped(SOCKET s, ULONG Code, PVOID Input, ULONG InputLength, PVOID Output,
    ULONG OutputLength, LPWSAOVERLAPPED Overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine,
    LPDWORD Bytes)
{
    HANDLE Event = NULL;
    PVOID Context = NULL;
    PIO_STATUS_BLOCK Iosb = (PIO_STATUS_BLOCK)(PVOID)Overlapped;
    if (!NT_SUCCESS(MsafdProbe(Overlapped, sizeof *Overlapped)))
        return WSAEFAULT;
    if (Routine != NULL) {
        RtlCopyMemory(&Context, &Routine, sizeof Context);
    } else {
        /* The low bit of hEvent keeps the operation from a completion port.
         * [doc:ioapiset/getqueuedcompletionstatus] */
        ULONG_PTR Value = (ULONG_PTR)Overlapped->hEvent;
        Event = (HANDLE)(Value & ~(ULONG_PTR)1);
        Context = (Value & 1) != 0 ? NULL : (PVOID)Overlapped;
    }
    Iosb->Status = STATUS_PENDING;
    NTSTATUS Status = NtDeviceIoControlFile((HANDLE)(ULONG_PTR)s, Event,
        Routine != NULL ? MsafdpCompletionApc : NULL, Context, Iosb, Code, Input, InputLength,
        Output, OutputLength);
    if (Status == STATUS_PENDING)
        return WSA_IO_PENDING;
    if (NT_SUCCESS(Status) && Bytes != NULL)
        *Bytes = (DWORD)Iosb->Information;
    return MsafdpOverlappedError(Status);
}

BOOL WSPAPI MsafdGetOverlappedResult(
    SOCKET s, LPWSAOVERLAPPED Overlapped, LPDWORD Bytes, BOOL Wait, LPDWORD Flags, LPINT Errno)
{
    if (!MsafdIsSocket(s))
        return MsafdFail(Errno, WSAENOTSOCK), FALSE;
    if (Overlapped == NULL || Bytes == NULL || Flags == NULL)
        return MsafdFail(Errno, WSAEFAULT), FALSE;
    PIO_STATUS_BLOCK Iosb = (PIO_STATUS_BLOCK)(PVOID)Overlapped;
    if (__atomic_load_n(&Iosb->Status, __ATOMIC_ACQUIRE) == STATUS_PENDING) {
        if (!Wait)
            return MsafdFail(Errno, WSA_IO_INCOMPLETE), FALSE;
        HANDLE Event = (HANDLE)((ULONG_PTR)Overlapped->hEvent & ~(ULONG_PTR)1);
        NTSTATUS Wait0 =
            NtWaitForSingleObject(Event != NULL ? Event : (HANDLE)(ULONG_PTR)s, FALSE, NULL);
        if (!NT_SUCCESS(Wait0))
            return MsafdFail(Errno, WSA_INVALID_HANDLE), FALSE;
        if (__atomic_load_n(&Iosb->Status, __ATOMIC_ACQUIRE) == STATUS_PENDING)
            return MsafdFail(Errno, WSA_IO_INCOMPLETE), FALSE;
    }
    NTSTATUS Status = Iosb->Status;
    *Bytes = (DWORD)Iosb->Information;
    *Flags = MsafdpFlagsFromStatus(Status);
    INT Error = MsafdpOverlappedError(Status);
    if (Error != 0)
        return MsafdFail(Errno, Error), FALSE;
    return TRUE;
}

NTSTATUS MsafdSetInformation(MSAFD_SOCKET *Socket, ULONG Type, ULONG Value)
{
    AFD_INFORMATION Information;
    RtlZeroMemory(&Information, sizeof Information);
    Information.InformationType = Type;
    Information.Information.Ulong = Value;
    return MsafdControl(
        Socket, IOCTL_AFD_SET_INFORMATION, &Information, sizeof Information, NULL, 0, NULL, 0);
}

NTSTATUS MsafdGetInformation(MSAFD_SOCKET *Socket, ULONG Type, PULONG Value)
{
    AFD_INFORMATION Information;
    RtlZeroMemory(&Information, sizeof Information);
    Information.InformationType = Type;
    NTSTATUS Status = MsafdControl(Socket, IOCTL_AFD_GET_INFORMATION, &Information,
        sizeof Information, &Information, sizeof Information, NULL, 0);
    *Value = Information.Information.Ulong;
    return Status;
}

NTSTATUS MsafdTransportOption(
    MSAFD_SOCKET *Socket, ULONG Direction, INT Level, INT Name, PVOID Value, PULONG Length)
{
    AFD_TL_IO_CONTROL_INFO Control;
    ULONG_PTR Returned = 0;
    RtlZeroMemory(&Control, sizeof Control);
    Control.Type = Direction;
    Control.Level = Level;
    Control.Name = Name;
    Control.Value = Value;
    Control.ValueLength = *Length;
    NTSTATUS Status = MsafdControl(
        Socket, IOCTL_AFD_TRANSPORT_IOCTL, &Control, sizeof Control, NULL, 0, &Returned, 0);
    if (NT_SUCCESS(Status) && Direction == AFD_TL_GET_OPTION)
        *Length = (ULONG)Returned;
    return Status;
}
