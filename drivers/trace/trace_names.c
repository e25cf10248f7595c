/* SPDX-License-Identifier: MIT */
/*
 * trace_names.c - numbers to names.
 *
 * Layer: drivers. The tables hold what socket requests use; any other number is shown as a number.
 */
#include "trace_names.h"

#include <afd_ioctl.h>

#include <stdarg.h>
#include <stdio.h>

#define STATUSES(X)                                                                                  \
    X(STATUS_SUCCESS) X(STATUS_TIMEOUT) X(STATUS_PENDING) X(STATUS_USER_APC) X(STATUS_ALERTED)       \
    X(STATUS_BUFFER_OVERFLOW) X(STATUS_DEVICE_OFF_LINE) X(STATUS_DATATYPE_MISALIGNMENT)              \
    X(STATUS_RECEIVE_PARTIAL) X(STATUS_RECEIVE_EXPEDITED) X(STATUS_INVALID_EA_NAME)                  \
    X(STATUS_UNSUCCESSFUL) X(STATUS_NOT_IMPLEMENTED) X(STATUS_INVALID_INFO_CLASS)                    \
    X(STATUS_INFO_LENGTH_MISMATCH) X(STATUS_ACCESS_VIOLATION) X(STATUS_INVALID_HANDLE)               \
    X(STATUS_INVALID_PARAMETER) X(STATUS_NO_SUCH_DEVICE) X(STATUS_INVALID_DEVICE_REQUEST)            \
    X(STATUS_END_OF_FILE) X(STATUS_NO_MEMORY) X(STATUS_ACCESS_DENIED) X(STATUS_BUFFER_TOO_SMALL)     \
    X(STATUS_OBJECT_TYPE_MISMATCH) X(STATUS_OBJECT_NAME_NOT_FOUND) X(STATUS_OBJECT_PATH_NOT_FOUND)   \
    X(STATUS_OBJECT_NAME_INVALID) X(STATUS_SHARING_VIOLATION) X(STATUS_INSUFFICIENT_RESOURCES)       \
    X(STATUS_DEVICE_NOT_READY) X(STATUS_PIPE_DISCONNECTED) X(STATUS_IO_TIMEOUT)                      \
    X(STATUS_NOT_SUPPORTED) X(STATUS_REMOTE_NOT_LISTENING) X(STATUS_REQUEST_NOT_ACCEPTED)            \
    X(STATUS_CANT_WAIT) X(STATUS_INVALID_PARAMETER_1) X(STATUS_TOO_MANY_OPENED_FILES)                \
    X(STATUS_CANCELLED) X(STATUS_FILE_CLOSED) X(STATUS_LOCAL_DISCONNECT) X(STATUS_REMOTE_DISCONNECT) \
    X(STATUS_INVALID_CONNECTION) X(STATUS_INVALID_ADDRESS) X(STATUS_INVALID_DEVICE_STATE)            \
    X(STATUS_INVALID_BUFFER_SIZE) X(STATUS_INVALID_ADDRESS_COMPONENT)                                \
    X(STATUS_ADDRESS_ALREADY_EXISTS) X(STATUS_ADDRESS_CLOSED) X(STATUS_CONNECTION_DISCONNECTED)      \
    X(STATUS_CONNECTION_RESET) X(STATUS_NOT_FOUND) X(STATUS_CONNECTION_REFUSED)                      \
    X(STATUS_GRACEFUL_DISCONNECT) X(STATUS_ADDRESS_ALREADY_ASSOCIATED)                               \
    X(STATUS_CONNECTION_INVALID) X(STATUS_CONNECTION_ACTIVE) X(STATUS_NETWORK_UNREACHABLE)           \
    X(STATUS_HOST_UNREACHABLE) X(STATUS_PROTOCOL_UNREACHABLE) X(STATUS_PORT_UNREACHABLE)             \
    X(STATUS_REQUEST_ABORTED) X(STATUS_CONNECTION_ABORTED) X(STATUS_PROTOCOL_NOT_SUPPORTED)          \
    X(STATUS_EVENT_DONE) X(STATUS_EVENT_PENDING) X(STATUS_MORE_PROCESSING_REQUIRED)                  \
    X(STATUS_LINK_FAILED) X(STATUS_LINK_TIMEOUT) X(STATUS_REMOTE_RESOURCES)                          \
    X(STATUS_TRANSACTION_ABORTED) X(STATUS_TOO_LATE) X(STATUS_HOPLIMIT_EXCEEDED)

static const struct {
    NTSTATUS Status;
    PCSZ Name;
} StatusNames[] = {
#define X(status) {status, #status},
    STATUSES(X)
#undef X
};

static const PCSZ MajorNames[IRP_MJ_MAXIMUM_FUNCTION + 1] = {
    [IRP_MJ_CREATE] = "CREATE",
    [IRP_MJ_CREATE_NAMED_PIPE] = "CREATE_NAMED_PIPE",
    [IRP_MJ_CLOSE] = "CLOSE",
    [IRP_MJ_READ] = "READ",
    [IRP_MJ_WRITE] = "WRITE",
    [IRP_MJ_QUERY_INFORMATION] = "QUERY_INFORMATION",
    [IRP_MJ_SET_INFORMATION] = "SET_INFORMATION",
    [IRP_MJ_QUERY_EA] = "QUERY_EA",
    [IRP_MJ_SET_EA] = "SET_EA",
    [IRP_MJ_FLUSH_BUFFERS] = "FLUSH_BUFFERS",
    [IRP_MJ_QUERY_VOLUME_INFORMATION] = "QUERY_VOLUME_INFORMATION",
    [IRP_MJ_SET_VOLUME_INFORMATION] = "SET_VOLUME_INFORMATION",
    [IRP_MJ_DIRECTORY_CONTROL] = "DIRECTORY_CONTROL",
    [IRP_MJ_FILE_SYSTEM_CONTROL] = "FILE_SYSTEM_CONTROL",
    [IRP_MJ_DEVICE_CONTROL] = "DEVICE_CONTROL",
    [IRP_MJ_INTERNAL_DEVICE_CONTROL] = "INTERNAL_DEVICE_CONTROL",
    [IRP_MJ_SHUTDOWN] = "SHUTDOWN",
    [IRP_MJ_LOCK_CONTROL] = "LOCK_CONTROL",
    [IRP_MJ_CLEANUP] = "CLEANUP",
    [IRP_MJ_CREATE_MAILSLOT] = "CREATE_MAILSLOT",
    [IRP_MJ_QUERY_SECURITY] = "QUERY_SECURITY",
    [IRP_MJ_SET_SECURITY] = "SET_SECURITY",
    [IRP_MJ_POWER] = "POWER",
    [IRP_MJ_SYSTEM_CONTROL] = "SYSTEM_CONTROL",
    [IRP_MJ_DEVICE_CHANGE] = "DEVICE_CHANGE",
    [IRP_MJ_QUERY_QUOTA] = "QUERY_QUOTA",
    [IRP_MJ_SET_QUOTA] = "SET_QUOTA",
    [IRP_MJ_PNP] = "PNP",
};

static const PCSZ PollEventNames[AFD_NUM_POLL_EVENTS] = {
    [AFD_POLL_RECEIVE_BIT] = "RECEIVE",
    [AFD_POLL_RECEIVE_EXPEDITED_BIT] = "RECEIVE_EXPEDITED",
    [AFD_POLL_SEND_BIT] = "SEND",
    [AFD_POLL_DISCONNECT_BIT] = "DISCONNECT",
    [AFD_POLL_ABORT_BIT] = "ABORT",
    [AFD_POLL_LOCAL_CLOSE_BIT] = "LOCAL_CLOSE",
    [AFD_POLL_CONNECT_BIT] = "CONNECT",
    [AFD_POLL_ACCEPT_BIT] = "ACCEPT",
    [AFD_POLL_CONNECT_FAIL_BIT] = "CONNECT_FAIL",
    [AFD_POLL_QOS_BIT] = "QOS",
    [AFD_POLL_GROUP_QOS_BIT] = "GROUP_QOS",
    [AFD_POLL_ROUTING_IF_CHANGE_BIT] = "ROUTING_IF_CHANGE",
    [AFD_POLL_ADDRESS_LIST_CHANGE_BIT] = "ADDRESS_LIST_CHANGE",
};

VOID TraceAppend(TRACE_TEXT *Text, PCSZ Format, ...)
{
    va_list Arguments;
    ULONG Room = Text->Size - Text->Length;
    va_start(Arguments, Format);
    LONG Written = vsnprintf(Text->Buffer + Text->Length, Room, Format, Arguments);
    va_end(Arguments);
    if (Written > 0)
        Text->Length += (ULONG)Written < Room ? (ULONG)Written : Room - 1;
}

PCSZ TraceStatusName(NTSTATUS Status)
{
    for (ULONG i = 0; i < RTL_NUMBER_OF(StatusNames); i++)
        if (StatusNames[i].Status == Status)
            return StatusNames[i].Name;
    return NULL;
}

PCSZ TraceMajorName(UCHAR MajorFunction)
{
    return MajorFunction <= IRP_MJ_MAXIMUM_FUNCTION ? MajorNames[MajorFunction] : "?";
}

PCSZ TraceControlName(ULONG IoControlCode)
{
    switch (IoControlCode) {
#define X(name, number, method)                    \
    case _AFD_CONTROL_CODE(number, method):        \
        return "IOCTL_AFD_" #name;
        AFD_REQUESTS(X)
#undef X
    default:
        return NULL;
    }
}

/* A SOCKADDR of either family, from its bytes: ports and addresses are in network order. */
VOID TraceAppendSockaddr(TRACE_TEXT *Text, const UCHAR *Address, ULONG Length)
{
    USHORT Family;
    if (Length < sizeof Family) {
        TraceAppend(Text, "(%u address bytes)", Length);
        return;
    }
    RtlCopyMemory(&Family, Address, sizeof Family);
    ULONG Port = Length >= 4 ? (ULONG)Address[2] << 8 | Address[3] : 0;
    if (Family == 2 && Length >= 16) {
        TraceAppend(Text, "%u.%u.%u.%u:%u", Address[4], Address[5], Address[6], Address[7], Port);
    } else if (Family == 23 && Length >= 28) { /* AF_INET6 of Windows */
        TraceAppend(Text, "[");
        for (ULONG i = 0; i < 8; i++)
            TraceAppend(Text, "%s%x", i > 0 ? ":" : "", Address[8 + 2 * i] << 8 | Address[9 + 2 * i]);
        TraceAppend(Text, "]:%u", Port);
    } else {
        TraceAppend(Text, "(family %u, %u bytes)", Family, Length);
    }
}

VOID TraceAppendPollEvents(TRACE_TEXT *Text, ULONG Events)
{
    PCSZ Separator = "";
    if (Events == 0)
        TraceAppend(Text, "none");
    for (ULONG Bit = 0; Bit < AFD_NUM_POLL_EVENTS; Bit++) {
        if ((Events & 1u << Bit) == 0)
            continue;
        TraceAppend(Text, "%s%s", Separator, PollEventNames[Bit]);
        Separator = "|";
    }
    if (Events >> AFD_NUM_POLL_EVENTS != 0)
        TraceAppend(Text, "%s0x%x", Separator, Events & ~AFD_POLL_ALL);
}
