/* SPDX-License-Identifier: MIT */
/*
 * trace_describe.c - the parameters and results of AFD's requests in words.
 *
 * Layer: drivers. The structures are those of afd_ioctl.h. A structure that is too short or cannot be
 * read is shown as such; the driver below decides what that means.
 */
#include "trace_private.h"

#include <afd_ioctl.h>

#define SHOWN_MAX 8 /* entries of a poll or buffers of a transfer that are looked at */
#define ADDRESS_BYTES 28

/* Copies a structure of which at least Need bytes must be there; says what is wrong otherwise. */
static BOOLEAN Fetch(TRACE_TEXT *Text, VOID *To, ULONG Size, ULONG Need, const VOID *From, ULONG Length)
{
    RtlZeroMemory(To, Size);
    if (Length < Need) {
        TraceAppend(Text, "only %u bytes of input", Length);
        return FALSE;
    }
    if (!trace_peek(To, From, Length < Size ? Length : Size)) {
        TraceAppend(Text, "unreadable input at %p", From);
        return FALSE;
    }
    return TRUE;
}

static VOID AppendAddress(TRACE_TEXT *Text, const VOID *From, ULONG Length)
{
    UCHAR Address[ADDRESS_BYTES] = {0};
    ULONG Bytes = Length < ADDRESS_BYTES ? Length : ADDRESS_BYTES;
    if (trace_peek(Address, From, Bytes))
        TraceAppendSockaddr(Text, Address, Bytes);
    else
        TraceAppend(Text, "unreadable address at %p", From);
}

/* A handle and, if it is a file's, the number that its requests are shown under. */
static VOID AppendHandle(TRACE_EXTENSION *Extension, TRACE_TEXT *Text, HANDLE Handle)
{
    PVOID File;
    TraceAppend(Text, "0x%llx", (ULONGLONG)(ULONG_PTR)Handle);
    NTSTATUS Status = ObReferenceObjectByHandle(Handle, 0, *IoFileObjectType, KernelMode, &File, NULL);
    if (!NT_SUCCESS(Status))
        return;
    TraceAppend(Text, " (#%u)", TraceEndpointNumber(Extension, File));
    ObDereferenceObject(File);
}

static VOID AppendBuffers(TRACE_TEXT *Text, const AFD_WSABUF *Array, ULONG Count)
{
    AFD_WSABUF Buffers[SHOWN_MAX];
    ULONG Shown = Count < SHOWN_MAX ? Count : SHOWN_MAX;
    ULONGLONG Bytes = 0;
    if (!trace_peek(Buffers, Array, Shown * sizeof Buffers[0])) {
        TraceAppend(Text, "unreadable buffer array at %p", (const VOID *)Array);
        return;
    }
    for (ULONG i = 0; i < Shown; i++)
        Bytes += Buffers[i].len;
    TraceAppend(Text, "%llu%s byte%s", Bytes, Shown < Count ? "+" : "", Bytes == 1 ? "" : "s");
    if (Count != 1)
        TraceAppend(Text, " in %u buffers", Count);
}

static VOID DescribePoll(TRACE_EXTENSION *Extension, TRACE_TEXT *Text, const VOID *From, ULONG Length,
    BOOLEAN Result)
{
    struct {
        AFD_POLL_INFO Info;
        AFD_POLL_HANDLE_INFO More[SHOWN_MAX - 1];
    } Poll;
    if (!Fetch(Text, &Poll, sizeof Poll, FIELD_OFFSET(AFD_POLL_INFO, Handles), From, Length))
        return;
    ULONG Room = (Length - FIELD_OFFSET(AFD_POLL_INFO, Handles)) / sizeof(AFD_POLL_HANDLE_INFO);
    ULONG Count = Poll.Info.NumberOfHandles;
    if (!Result) {
        LONGLONG Timeout = Poll.Info.Timeout.QuadPart;
        if (Timeout == MAXLONGLONG)
            TraceAppend(Text, "for ever");
        else
            TraceAppend(Text, "timeout %lld ms", (Timeout < 0 ? -Timeout : Timeout) / 10000);
        TraceAppend(Text, "%s, ", Poll.Info.Unique ? ", unique" : "");
    }
    TraceAppend(Text, "%u handle%s", Count, Count == 1 ? "" : "s");
    for (ULONG i = 0; i < Count && i < Room && i < SHOWN_MAX; i++) {
        const AFD_POLL_HANDLE_INFO *Entry = (const AFD_POLL_HANDLE_INFO *)(const VOID *)
            ((const UCHAR *)&Poll + FIELD_OFFSET(AFD_POLL_INFO, Handles)) + i;
        TraceAppend(Text, "; ");
        AppendHandle(Extension, Text, Entry->Handle);
        TraceAppend(Text, " ");
        TraceAppendPollEvents(Text, Entry->PollEvents);
    }
}

static VOID DescribeTransfer(TRACE_TEXT *Text, ULONG Code, const VOID *Input, ULONG Length)
{
    union {
        AFD_RECV_INFO Stream;
        AFD_RECV_DATAGRAM_INFO Receive;
        AFD_SEND_DATAGRAM_INFO Send;
    } Info;
    if (!Fetch(Text, &Info, sizeof Info, sizeof(AFD_RECV_INFO), Input, Length))
        return;
    AppendBuffers(Text, Info.Stream.BufferArray, Info.Stream.BufferCount);
    if ((Code == IOCTL_AFD_SEND_DATAGRAM || Code == IOCTL_AFD_SEND_MESSAGE) && Length >= sizeof Info.Send &&
        Info.Send.RemoteAddress != NULL) {
        TraceAppend(Text, " to ");
        AppendAddress(Text, Info.Send.RemoteAddress, Info.Send.RemoteAddressLength);
    }
    if ((Info.Stream.TdiFlags & ~TDI_RECEIVE_NORMAL) != 0)
        TraceAppend(Text, " flags 0x%x", Info.Stream.TdiFlags);
    if ((Info.Stream.AfdFlags & AFD_OVERLAPPED) != 0)
        TraceAppend(Text, " overlapped");
}

static PCSZ InformationName(ULONG Type)
{
    static const PCSZ Names[] = {
        [AFD_INLINE_MODE] = "INLINE_MODE",
        [AFD_NONBLOCKING_MODE] = "NONBLOCKING_MODE",
        [AFD_MAX_SEND_SIZE] = "MAX_SEND_SIZE",
        [AFD_SENDS_PENDING] = "SENDS_PENDING",
        [AFD_MAX_PATH_SEND_SIZE] = "MAX_PATH_SEND_SIZE",
        [AFD_RECEIVE_WINDOW_SIZE] = "RECEIVE_WINDOW_SIZE",
        [AFD_SEND_WINDOW_SIZE] = "SEND_WINDOW_SIZE",
        [AFD_CONNECT_TIME] = "CONNECT_TIME",
        [AFD_CIRCULAR_QUEUEING] = "CIRCULAR_QUEUEING",
        [AFD_GROUP_ID_AND_TYPE] = "GROUP_ID_AND_TYPE",
        [AFD_REPORT_PORT_UNREACHABLE] = "REPORT_PORT_UNREACHABLE",
    };
    return Type < RTL_NUMBER_OF(Names) && Names[Type] != NULL ? Names[Type] : "?";
}

static VOID DescribeInformation(TRACE_TEXT *Text, const VOID *From, ULONG Length, BOOLEAN Value)
{
    AFD_INFORMATION Info;
    if (!Fetch(Text, &Info, sizeof Info, sizeof(ULONG), From, Length))
        return;
    TraceAppend(Text, "%s", InformationName(Info.InformationType));
    if (Value && Info.InformationType <= AFD_NONBLOCKING_MODE)
        TraceAppend(Text, " %u", Info.Information.Boolean);
    else if (Value)
        TraceAppend(Text, " %u", Info.Information.Ulong);
}

static VOID DescribeConnection(TRACE_EXTENSION *Extension, TRACE_TEXT *Text, ULONG Code,
    const VOID *Input, ULONG Length)
{
    union {
        AFD_LISTEN_INFO Listen;
        AFD_ACCEPT_INFO Accept;
        AFD_DEFER_ACCEPT_INFO Defer;
        AFD_SUPER_ACCEPT_INFO SuperAccept;
        AFD_SUPER_DISCONNECT_INFO SuperDisconnect;
        AFD_PARTIAL_DISCONNECT_INFO Disconnect;
    } Info;
    ULONG Need = Code == IOCTL_AFD_START_LISTEN ? sizeof Info.Listen
        : Code == IOCTL_AFD_ACCEPT              ? sizeof Info.Accept
        : Code == IOCTL_AFD_DEFER_ACCEPT        ? sizeof Info.Defer
        : Code == IOCTL_AFD_SUPER_ACCEPT        ? sizeof Info.SuperAccept
        : Code == IOCTL_AFD_SUPER_DISCONNECT    ? sizeof Info.SuperDisconnect
                                                : sizeof Info.Disconnect;
    if (!Fetch(Text, &Info, sizeof Info, Need, Input, Length))
        return;
    switch (Code) {
    case IOCTL_AFD_START_LISTEN:
        TraceAppend(Text, "backlog %u%s", Info.Listen.MaximumConnectionQueue,
            Info.Listen.UseDelayedAcceptance ? ", delayed acceptance" : "");
        break;
    case IOCTL_AFD_ACCEPT:
        TraceAppend(Text, "sequence %d, into handle ", Info.Accept.Sequence);
        AppendHandle(Extension, Text, Info.Accept.AcceptHandle);
        break;
    case IOCTL_AFD_DEFER_ACCEPT:
        TraceAppend(Text, "sequence %d, %s", Info.Defer.Sequence,
            Info.Defer.RejectConnection ? "reject" : "defer");
        break;
    case IOCTL_AFD_SUPER_ACCEPT:
        TraceAppend(Text, "into handle ");
        AppendHandle(Extension, Text, Info.SuperAccept.AcceptHandle);
        TraceAppend(Text, ", %u bytes of data", Info.SuperAccept.ReceiveDataLength);
        break;
    case IOCTL_AFD_SUPER_DISCONNECT:
        TraceAppend(Text, "flags 0x%x%s", Info.SuperDisconnect.Flags,
            Info.SuperDisconnect.Flags & AFD_TF_REUSE_SOCKET ? ", reuse" : "");
        break;
    default:
        TraceAppend(Text, "mode 0x%x", Info.Disconnect.DisconnectMode);
        break;
    }
}

static VOID DescribeOption(TRACE_TEXT *Text, const VOID *Input, ULONG Length)
{
    AFD_TL_IO_CONTROL_INFO Info;
    if (!Fetch(Text, &Info, sizeof Info, sizeof Info, Input, Length))
        return;
    TraceAppend(Text, "%s option level 0x%x name 0x%x, %u bytes",
        Info.Type == AFD_TL_SET_OPTION ? "set" : "get", (ULONG)Info.Level, (ULONG)Info.Name,
        Info.ValueLength);
}

VOID TraceDescribeControl(TRACE_EXTENSION *Extension, TRACE_TEXT *Text, ULONG Code, const VOID *Input,
    ULONG InputLength)
{
    switch (Code) {
    case IOCTL_AFD_BIND:
        if (InputLength < FIELD_OFFSET(AFD_BIND_INFO, Address))
            TraceAppend(Text, "only %u bytes of input", InputLength);
        else
            AppendAddress(Text, (const UCHAR *)Input + FIELD_OFFSET(AFD_BIND_INFO, Address),
                InputLength - FIELD_OFFSET(AFD_BIND_INFO, Address));
        break;
    case IOCTL_AFD_CONNECT:
        if (InputLength < FIELD_OFFSET(AFD_CONNECT_JOIN_INFO, RemoteAddress))
            TraceAppend(Text, "only %u bytes of input", InputLength);
        else
            AppendAddress(Text,
                (const UCHAR *)Input + FIELD_OFFSET(AFD_CONNECT_JOIN_INFO, RemoteAddress),
                InputLength - FIELD_OFFSET(AFD_CONNECT_JOIN_INFO, RemoteAddress));
        break;
    case IOCTL_AFD_SUPER_CONNECT:
        if (InputLength < FIELD_OFFSET(AFD_SUPER_CONNECT_INFO, RemoteAddress))
            TraceAppend(Text, "only %u bytes of input", InputLength);
        else
            AppendAddress(Text,
                (const UCHAR *)Input + FIELD_OFFSET(AFD_SUPER_CONNECT_INFO, RemoteAddress),
                InputLength - FIELD_OFFSET(AFD_SUPER_CONNECT_INFO, RemoteAddress));
        break;
    case IOCTL_AFD_START_LISTEN:
    case IOCTL_AFD_SUPER_ACCEPT:
    case IOCTL_AFD_SUPER_DISCONNECT:
    case IOCTL_AFD_ACCEPT:
    case IOCTL_AFD_DEFER_ACCEPT:
    case IOCTL_AFD_PARTIAL_DISCONNECT:
        DescribeConnection(Extension, Text, Code, Input, InputLength);
        break;
    case IOCTL_AFD_RECEIVE:
    case IOCTL_AFD_RECEIVE_DATAGRAM:
    case IOCTL_AFD_SEND:
    case IOCTL_AFD_SEND_DATAGRAM:
    case IOCTL_AFD_RECEIVE_MESSAGE:
    case IOCTL_AFD_SEND_MESSAGE:
        DescribeTransfer(Text, Code, Input, InputLength);
        break;
    case IOCTL_AFD_POLL:
        DescribePoll(Extension, Text, Input, InputLength, FALSE);
        break;
    case IOCTL_AFD_SET_INFORMATION:
    case IOCTL_AFD_GET_INFORMATION:
        DescribeInformation(Text, Input, InputLength, Code == IOCTL_AFD_SET_INFORMATION);
        break;
    case IOCTL_AFD_EVENT_SELECT: {
        AFD_EVENT_SELECT_INFO Info;
        if (!Fetch(Text, &Info, sizeof Info, sizeof Info, Input, InputLength))
            break;
        TraceAppend(Text, "event 0x%llx ", (ULONGLONG)(ULONG_PTR)Info.Event);
        TraceAppendPollEvents(Text, Info.PollEvents);
        break;
    }
    case IOCTL_AFD_TRANSPORT_IOCTL:
        DescribeOption(Text, Input, InputLength);
        break;
    default:
        break;
    }
}

VOID TraceDescribeResult(TRACE_EXTENSION *Extension, TRACE_TEXT *Text, ULONG Code, const VOID *Output,
    ULONG Bytes)
{
    AFD_LISTEN_RESPONSE_INFO Response;
    AFD_ENUM_NETWORK_EVENTS_INFO Events;
    switch (Code) {
    case IOCTL_AFD_WAIT_FOR_LISTEN:
    case IOCTL_AFD_WAIT_FOR_LISTEN_LIFO:
        if (!Fetch(Text, &Response, sizeof Response, sizeof(LONG), Output, Bytes))
            break;
        TraceAppend(Text, "sequence %d, from ", Response.Sequence);
        TraceAppendSockaddr(Text, Response.RemoteAddress, sizeof Response.RemoteAddress);
        break;
    case IOCTL_AFD_BIND:
    case IOCTL_AFD_GET_ADDRESS:
    case IOCTL_AFD_GET_REMOTE_ADDRESS:
        AppendAddress(Text, Output, Bytes);
        break;
    case IOCTL_AFD_RECEIVE:
    case IOCTL_AFD_RECEIVE_DATAGRAM:
    case IOCTL_AFD_SEND:
    case IOCTL_AFD_SEND_DATAGRAM:
    case IOCTL_AFD_RECEIVE_MESSAGE:
    case IOCTL_AFD_SEND_MESSAGE:
    case IOCTL_AFD_SUPER_ACCEPT:
    case IOCTL_AFD_SUPER_CONNECT:
        TraceAppend(Text, "%u byte%s", Bytes, Bytes == 1 ? "" : "s");
        break;
    case IOCTL_AFD_POLL:
        DescribePoll(Extension, Text, Output, Bytes, TRUE);
        break;
    case IOCTL_AFD_GET_INFORMATION:
        DescribeInformation(Text, Output, Bytes, TRUE);
        break;
    case IOCTL_AFD_ENUM_NETWORK_EVENTS:
        if (Fetch(Text, &Events, sizeof Events, sizeof Events, Output, Bytes))
            TraceAppendPollEvents(Text, Events.PollEvents);
        break;
    default:
        break;
    }
}

/* The system's copy of the EA list of an open: it can be read, but its insides are the caller's. */
VOID TraceDescribeOpen(TRACE_TEXT *Text, PFILE_OBJECT File, const VOID *Ea, ULONG EaLength)
{
    const FILE_FULL_EA_INFORMATION *Entry = Ea;
    AFD_OPEN_PACKET Packet;
    if (File != NULL && File->FileName.Buffer != NULL)
        for (ULONG i = 0; i < File->FileName.Length / sizeof(WCHAR) && i < 64; i++)
            TraceAppend(Text, "%c", File->FileName.Buffer[i] < 127 ? (CHAR)File->FileName.Buffer[i] : '?');
    if (Ea == NULL || EaLength < FIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName))
        return;
    ULONG At = FIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName) + Entry->EaNameLength + 1;
    ULONG Known = FIELD_OFFSET(AFD_OPEN_PACKET, TransportDeviceNameLength);
    if (Entry->EaValueLength < Known || EaLength < At + Known)
        return;
    RtlZeroMemory(&Packet, sizeof Packet);
    RtlCopyMemory(&Packet, (const UCHAR *)Ea + At, Known);
    TraceAppend(Text, " family %u type %u protocol %u", Packet.AddressFamily, Packet.SocketType,
        Packet.Protocol);
}
