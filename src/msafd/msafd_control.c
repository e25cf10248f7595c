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

DWORD MsafdFlagsFromStatus(NTSTATUS Status)
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

/* Context is the program's completion routine, the status block is the program's OVERLAPPED. */
static VOID NTAPI MsafdpCompletionApc(PVOID Context, PIO_STATUS_BLOCK Iosb, ULONG Reserved)
{
    (VOID) Reserved;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine;
    RtlCopyMemory(&Routine, &Context, sizeof Routine);
    /* As from WSAGetOverlappedResult, an error comes without flags. [test:wine/ws2_32/sock.c test_ip_pktinfo] */
    DWORD Flags = NT_SUCCESS(Iosb->Status) ? MsafdFlagsFromStatus(Iosb->Status) : 0;
    Routine((DWORD)MsafdOverlappedErrorFromStatus(Iosb->Status), (DWORD)Iosb->Information,
        (LPWSAOVERLAPPED)(PVOID)Iosb, Flags);
}

INT MsafdPrepareOverlapped(LPWSAOVERLAPPED Overlapped)
{
    PIO_STATUS_BLOCK Iosb = (PIO_STATUS_BLOCK)(PVOID)Overlapped;
    return NT_SUCCESS(MsafdPresetPending(Iosb, sizeof *Overlapped)) ? 0 : WSAEFAULT;
}

/*
 * A warning is a completion: event, routine or packet tell of it, so the call says "pending".
 * [obs:wine/sock ip_pktinfo] Of a request that has succeeded the OVERLAPPED is read only for a caller
 * that wants the byte count; a thread at the completion port may have it already, and that is why
 * programs are told to pass NULL then. [doc:winsock2/wsarecv]
 */
INT MsafdControlOverlapped(SOCKET s, const MSAFD_REQUEST *Request, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPDWORD Bytes, LPDWORD Flags)
{
    HANDLE Event = NULL;
    PVOID Context = NULL;
    PIO_STATUS_BLOCK Iosb = (PIO_STATUS_BLOCK)(PVOID)Overlapped;
    INT Error = MsafdPrepareOverlapped(Overlapped);
    if (Error != 0)
        return Error;
    if (Routine != NULL) {
        RtlCopyMemory(&Context, &Routine, sizeof Context);
    } else {
        /* The low bit of hEvent keeps the operation from a completion port.
         * [doc:ioapiset/getqueuedcompletionstatus] */
        ULONG_PTR Value = (ULONG_PTR)Overlapped->hEvent;
        Event = (HANDLE)(Value & ~(ULONG_PTR)1);
        Context = (Value & 1) != 0 ? NULL : (PVOID)Overlapped;
    }
    NTSTATUS Status = MsafdStartDeviceControl((HANDLE)(ULONG_PTR)s, Event,
        Routine != NULL ? MsafdpCompletionApc : NULL, Context, Iosb, Request);
    if (Status == STATUS_PENDING || NT_WARNING(Status))
        return WSA_IO_PENDING;
    if (Status == STATUS_CANCELLED) /* it has come too late: another thread closes the socket */
        return WSAENOTSOCK;
    if (!NT_SUCCESS(Status))
        return MsafdWsaErrorFromStatus(Status);
    if (Bytes != NULL)
        MsafdStore(Bytes, (ULONG)Iosb->Information);
    if (Flags != NULL)
        MsafdStore(Flags, MsafdFlagsFromStatus(Status));
    return 0;
}

/*
 * One wait: when it is over, the operation is taken for complete. [obs:wine/sock
 * WSAGetOverlappedResult] Without an event the wait is for the socket's handle, which any operation on
 * it signals. [doc:winsock2/wsagetoverlappedresult]
 */
BOOL WSPAPI MsafdGetOverlappedResult(
    SOCKET s, LPWSAOVERLAPPED Overlapped, LPDWORD Bytes, BOOL Wait, LPDWORD Flags, LPINT Errno)
{
    if (!MsafdIsSocket(s))
        return MsafdFail(Errno, WSAENOTSOCK), FALSE;
    if (!NT_SUCCESS(MsafdProbe(Overlapped, sizeof *Overlapped)) ||
        !NT_SUCCESS(MsafdProbeWrite(Bytes, sizeof *Bytes)) ||
        (Flags != NULL && !NT_SUCCESS(MsafdProbeWrite(Flags, sizeof *Flags))))
        return MsafdFail(Errno, WSAEFAULT), FALSE;
    PIO_STATUS_BLOCK Iosb = (PIO_STATUS_BLOCK)(PVOID)Overlapped;
    if (__atomic_load_n(&Iosb->Status, __ATOMIC_ACQUIRE) == STATUS_PENDING) {
        if (!Wait)
            return MsafdFail(Errno, WSA_IO_INCOMPLETE), FALSE;
        HANDLE Event = (HANDLE)((ULONG_PTR)Overlapped->hEvent & ~(ULONG_PTR)1);
        if (!NT_SUCCESS(NtWaitForSingleObject(
                Event != NULL ? Event : (HANDLE)(ULONG_PTR)s, FALSE, NULL)))
            return MsafdFail(Errno, WSA_INVALID_HANDLE), FALSE;
    }
    NTSTATUS Status = __atomic_load_n(&Iosb->Status, __ATOMIC_ACQUIRE);
    MsafdStore(Bytes, (ULONG)Iosb->Information);
    if (!NT_SUCCESS(Status))
        return MsafdFail(Errno, MsafdOverlappedErrorFromStatus(Status)), FALSE;
    if (Flags != NULL)
        MsafdStore(Flags, MsafdFlagsFromStatus(Status));
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
