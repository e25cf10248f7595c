/* SPDX-License-Identifier: MIT */
/*
 * msafd_ioctl.c - ioctlsocket and WSAIoctl.
 *
 * Layer: msafd; NT counterpart: WSPIoctl. Codes about interfaces and routes are in msafd_interface.c;
 * SIO_ADDRESS_LIST_SORT and SIO_GET_INTERFACE_LIST_EX, SIO_RCVALL, and the function table of
 * registered I/O (SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER) are not known here: WSAEOPNOTSUPP, as for
 * any unknown code.
 */
#include "msafd_ioctl.h"

#define MSAFD_MS_PER_SECOND 1000
#ifndef SIO_UDP_NETRESET
#define SIO_UDP_NETRESET _WSAIOW(IOC_VENDOR, 15)
#endif

INT MsafdTakeInput(const MSAFD_IOCTL_CALL *Call, VOID *Value, DWORD Bytes)
{
    if (Call->InputLength < Bytes || !NT_SUCCESS(MsafdProbe(Call->Input, Bytes)))
        return WSAEFAULT;
    RtlCopyMemory(Value, Call->Input, Bytes);
    return 0;
}

INT MsafdGiveOutput(MSAFD_IOCTL_CALL *Call, const VOID *Value, DWORD Bytes)
{
    if (Call->OutputLength < Bytes || !NT_SUCCESS(MsafdProbeWrite(Call->Output, Bytes)))
        return WSAEFAULT;
    RtlCopyMemory(Call->Output, Value, Bytes);
    Call->Returned = Bytes;
    return 0;
}

static INT MsafdpSetNonBlocking(MSAFD_IOCTL_CALL *Call)
{
    ULONG On;
    INT Error = MsafdTakeInput(Call, &On, sizeof On);
    if (Error != 0)
        return Error;
    /* An event selection keeps the socket non-blocking. [doc:winsock2/wsaeventselect] */
    if (On == 0 && MsafdSelectedEvents(Call->Socket) != 0)
        return WSAEINVAL;
    Error =
        MsafdWsaErrorFromStatus(MsafdSetInformation(Call->Socket, AFD_NONBLOCKING_MODE, On != 0));
    if (Error != 0)
        return Error;
    if (On != 0)
        MsafdSetFlags(Call->Socket, MSAFD_NONBLOCKING);
    else
        MsafdClearFlags(Call->Socket, MSAFD_NONBLOCKING);
    return 0;
}

static INT MsafdpQueryReceive(MSAFD_IOCTL_CALL *Call, DWORD Code)
{
    AFD_RECEIVE_INFORMATION Information;
    RtlZeroMemory(&Information, sizeof Information);
    Call->OnFailure = MsafdCountStays;
    if (Call->OutputLength < sizeof(ULONG))
        return WSAEFAULT;
    if (Code == SIOCATMARK && MsafdIsDatagram(Call->Socket))
        return WSAEINVAL;
    NTSTATUS Status = MsafdControl(Call->Socket, IOCTL_AFD_QUERY_RECEIVE_INFO, NULL, 0,
        &Information, sizeof Information, NULL, 0);
    if (!NT_SUCCESS(Status))
        return MsafdWsaErrorFromStatus(Status);
    /* TRUE when no out-of-band data waits to be read. [test:wine/ws2_32/sock.c fionread_siocatmark] */
    ULONG Mark = Information.ExpeditedBytesAvailable == 0;
    return MsafdGiveOutput(
        Call, Code == SIOCATMARK ? &Mark : &Information.BytesAvailable, sizeof(ULONG));
}

static INT MsafdpSetOption(MSAFD_SOCKET *Socket, INT Level, INT Name, ULONG Value)
{
    ULONG Length = sizeof Value;
    return MsafdWsaErrorFromStatus(
        MsafdTransportOption(Socket, AFD_TL_SET_OPTION, Level, Name, &Value, &Length));
}

static INT MsafdpSetKeepAlive(MSAFD_IOCTL_CALL *Call)
{
    struct tcp_keepalive Values;
    INT Error = MsafdTakeInput(Call, &Values, sizeof Values);
    if (Error != 0)
        return Error;
    if (MsafdIsDatagram(Call->Socket))
        return WSAEOPNOTSUPP;
    Error = MsafdpSetOption(Call->Socket, SOL_SOCKET, SO_KEEPALIVE, Values.onoff != 0);
    if (Error != 0 || Values.onoff == 0)
        return Error;
    /* The transport counts in seconds; what is shorter becomes one. */
    ULONG Idle = (Values.keepalivetime + MSAFD_MS_PER_SECOND - 1) / MSAFD_MS_PER_SECOND;
    ULONG Interval = (Values.keepaliveinterval + MSAFD_MS_PER_SECOND - 1) / MSAFD_MS_PER_SECOND;
    if (Idle != 0)
        Error = MsafdpSetOption(Call->Socket, IPPROTO_TCP, TCP_KEEPIDLE, Idle);
    if (Error == 0 && Interval != 0)
        Error = MsafdpSetOption(Call->Socket, IPPROTO_TCP, TCP_KEEPINTVL, Interval);
    return Error;
}

static INT MsafdpSetReportUnreachable(MSAFD_IOCTL_CALL *Call)
{
    ULONG On;
    INT Error = MsafdTakeInput(Call, &On, sizeof On);
    if (Error != 0)
        return Error;
    if (!MsafdIsDatagram(Call->Socket))
        return WSAEOPNOTSUPP;
    return MsafdWsaErrorFromStatus(
        MsafdSetInformation(Call->Socket, AFD_REPORT_PORT_UNREACHABLE, On != 0));
}

static INT MsafdpGetExtension(MSAFD_IOCTL_CALL *Call)
{
    GUID Id;
    INT Error = MsafdTakeInput(Call, &Id, sizeof Id);
    if (Error != 0)
        return Error;
    PVOID Function = MsafdFindExtension(&Id);
    return Function == NULL ? WSAEINVAL : MsafdGiveOutput(Call, &Function, sizeof Function);
}

/* Codes that take a BOOL or DWORD and change nothing here. */
static INT MsafdpTakeAndIgnore(MSAFD_IOCTL_CALL *Call)
{
    ULONG Value;
    return MsafdTakeInput(Call, &Value, sizeof Value);
}

static INT MsafdpMulticastLoop(MSAFD_IOCTL_CALL *Call)
{
    ULONG On;
    INT Error = MsafdTakeInput(Call, &On, sizeof On);
    BOOLEAN Six = (BOOLEAN)(Call->Socket->Family == AF_INET6);
    return Error != 0 ? Error
                      : MsafdpSetOption(Call->Socket, Six ? IPPROTO_IPV6 : IPPROTO_IP,
                            Six ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP, On != 0);
}

/* What a connected stream may keep queued to be sent. [doc:winsock/sio-ideal-send-backlog-query] */
static INT MsafdpIdealBacklog(MSAFD_IOCTL_CALL *Call)
{
    static const ULONG SendBacklog = 65536;
    ULONG Seconds = MAXULONG;
    if (MsafdIsDatagram(Call->Socket))
        return WSAEOPNOTSUPP;
    (VOID) MsafdGetInformation(Call->Socket, AFD_CONNECT_TIME, &Seconds);
    return Seconds == MAXULONG ? WSAENOTCONN
                               : MsafdGiveOutput(Call, &SendBacklog, sizeof SendBacklog);
}

static INT MsafdpControlCode(MSAFD_IOCTL_CALL *Call, DWORD Code)
{
    switch (Code) {
    case FIONBIO:
        return MsafdpSetNonBlocking(Call);
    case FIONREAD:
    case SIOCATMARK:
        return MsafdpQueryReceive(Call, Code);
    case SIO_KEEPALIVE_VALS:
        return MsafdpSetKeepAlive(Call);
    case SIO_UDP_CONNRESET:
        return MsafdpSetReportUnreachable(Call);
    case SIO_GET_EXTENSION_FUNCTION_POINTER:
        return MsafdpGetExtension(Call);
    case SIO_BASE_HANDLE:
    case SIO_BSP_HANDLE:
    case SIO_BSP_HANDLE_SELECT:
    case SIO_BSP_HANDLE_POLL:
        return MsafdGiveOutput(Call, &Call->s, sizeof Call->s);
    case SIO_IDEAL_SEND_BACKLOG_QUERY:
        return MsafdpIdealBacklog(Call);
    case SIO_ADDRESS_LIST_QUERY:
        return MsafdQueryAddressList(Call);
    case SIO_ROUTING_INTERFACE_QUERY:
        return MsafdQueryRoutingInterface(Call);
    case SIO_GET_INTERFACE_LIST:
        return MsafdQueryInterfaceList(Call);
    case SIO_ADDRESS_LIST_CHANGE:
    case SIO_ROUTING_INTERFACE_CHANGE:
        return MsafdAwaitInterfaceChange(Call, Code, NULL, NULL);
    case SIO_MULTIPOINT_LOOPBACK:
        return MsafdpMulticastLoop(Call);
    case SIO_LOOPBACK_FAST_PATH:
    case SIO_TCP_INITIAL_RTO:
    case SIO_UDP_NETRESET:
        return MsafdpTakeAndIgnore(Call);
    case SIO_GET_QOS: /* a provider without XP1_QOS_SUPPORTED. [doc:winsock/winsock-ioctls] */
    case SIO_SET_QOS:
    case SIO_GET_GROUP_QOS:
    case SIO_SET_GROUP_QOS:
        return WSAENOPROTOOPT;
    case SIO_ENABLE_CIRCULAR_QUEUEING:
        return MsafdIsDatagram(Call->Socket) ? 0 : WSAEOPNOTSUPP;
    default:
        return WSAEOPNOTSUPP;
    }
}

/*
 * The work is done; event, routine or packet follow from a request that does nothing. Codes that are
 * not known, and those of the handles behind a socket, pend and fail then.
 * [obs:wine/sock unsupported_ioctls, get_extension_func, base_handle]
 */
static INT MsafdpNotify(MSAFD_IOCTL_CALL *Call, INT Error, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    AFD_NO_OPERATION_INFO Failed = {STATUS_NOT_SUPPORTED, 0};
    MSAFD_REQUEST Request;
    if (Error != 0 && Error != WSAEOPNOTSUPP)
        return Error;
    MsafdInitializeRequest(&Request, IOCTL_AFD_NO_OPERATION, Error != 0 ? &Failed : NULL,
        Error != 0 ? sizeof Failed : 0);
    return MsafdControlOverlapped(Call->s, &Request, Overlapped, Routine, NULL, NULL);
}

/* On Windows a helper library asks the transport, which answers later; its errors are told then, too. */
static INT MsafdpNotifyInterfaceList(MSAFD_IOCTL_CALL *Call, INT Error, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    AFD_NO_OPERATION_INFO Info = {STATUS_SUCCESS, Call->Returned};
    MSAFD_REQUEST Request;
    if (Error != 0)
        Info.Status = Error == WSAEFAULT ? STATUS_BUFFER_TOO_SMALL : STATUS_INSUFFICIENT_RESOURCES;
    MsafdInitializeRequest(&Request, IOCTL_AFD_NO_OPERATION, &Info, sizeof Info);
    return MsafdControlOverlapped(Call->s, &Request, Overlapped, Routine, NULL, NULL);
}

static BOOLEAN MsafdpAsksForHandle(DWORD Code)
{
    return (BOOLEAN)(Code == SIO_BASE_HANDLE || Code == SIO_BSP_HANDLE ||
                     Code == SIO_BSP_HANDLE_SELECT || Code == SIO_BSP_HANDLE_POLL);
}

static INT MsafdpIoctlOverlapped(MSAFD_IOCTL_CALL *Call, DWORD Code, LPDWORD Returned,
    LPWSAOVERLAPPED Overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine)
{
    INT Error;
    if (!NT_SUCCESS(MsafdProbeWrite(Overlapped, sizeof *Overlapped)))
        return WSAEFAULT;
    if (Code == SIO_ADDRESS_LIST_CHANGE || Code == SIO_ROUTING_INTERFACE_CHANGE)
        return MsafdAwaitInterfaceChange(Call, Code, Overlapped, Routine);
    /* This code is a request to AFD on Windows, and what AFD returns is in the OVERLAPPED.
     * [obs:wine/sock keepalive_vals] */
    if (Code == SIO_KEEPALIVE_VALS)
        (VOID) MsafdPrepareOverlapped(Overlapped);
    Error = MsafdpAsksForHandle(Code) ? WSAEOPNOTSUPP : MsafdpControlCode(Call, Code);
    if (Code == SIO_GET_INTERFACE_LIST)
        return MsafdpNotifyInterfaceList(Call, Error, Overlapped, Routine);
    if (Error == 0 ? Code != SIO_KEEPALIVE_VALS || Routine != NULL : Call->OnFailure == MsafdCountReturned)
        MsafdStore(Returned, Call->Returned);
    return MsafdpNotify(Call, Error, Overlapped, Routine);
}

/* The byte count is wanted even with an OVERLAPPED. [obs:wine/sock] */
int WSPAPI MsafdIoctl(SOCKET s, DWORD Code, LPVOID Input, DWORD InputLength, LPVOID Output,
    DWORD OutputLength, LPDWORD Returned, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE Routine, LPWSATHREADID Thread, LPINT Errno)
{
    MSAFD_IOCTL_CALL Call = {
        s, MsafdReferenceSocket(s), Input, InputLength, Output, OutputLength, 0,
        MsafdCountByCaller};
    INT Error;
    (VOID) Thread;
    if (Call.Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    if (!NT_SUCCESS(MsafdProbeWrite(Returned, sizeof *Returned))) {
        Error = WSAEFAULT;
    } else if (Overlapped != NULL) {
        Error = MsafdpIoctlOverlapped(&Call, Code, Returned, Overlapped, Routine);
    } else {
        Error = MsafdpControlCode(&Call, Code);
        if (Error == 0 || Call.OnFailure == MsafdCountReturned)
            MsafdStore(Returned, Call.Returned);
        else if (Call.OnFailure == MsafdCountByCaller)
            MsafdStore(Returned, 0);
    }
    MsafdDereferenceSocket(Call.Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}

/* --- extension functions --- */

static const MSAFD_EXTENSION *MsafdpExtensions;
static ULONG MsafdpExtensionCount;

VOID MsafdSetExtensions(const MSAFD_EXTENSION *Extensions, ULONG Count)
{
    __atomic_store_n(&MsafdpExtensionCount, Count, __ATOMIC_RELAXED);
    __atomic_store_n(&MsafdpExtensions, Extensions, __ATOMIC_RELEASE);
}

PVOID MsafdFindExtension(const GUID *Id)
{
    const MSAFD_EXTENSION *Table = __atomic_load_n(&MsafdpExtensions, __ATOMIC_ACQUIRE);
    ULONG Count = __atomic_load_n(&MsafdpExtensionCount, __ATOMIC_RELAXED);
    for (ULONG i = 0; Table != NULL && i < Count; i++) {
        if (RtlEqualMemory(&Table[i].Id, Id, sizeof *Id))
            return Table[i].Function;
    }
    return NULL;
}
