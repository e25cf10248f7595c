/* SPDX-License-Identifier: MIT */
/*
 * afd_ioctl_test.c - every control code through NtDeviceIoControlFile: in every state, with too little input or
 * output, with wrong handles, and completed by event, by APC and by completion port.
 *
 * Goal: whoever talks to the device without a provider gets the status that the request documents, by whichever of
 * the three ways he asks to be told, and told once. Method: a table has a row per code, with the status in each
 * state; a place is an endpoint in that state with all around it that the request needs.
 * [doc:afd-ioctls] [ddi:ntdeviceiocontrolfile]
 */
#include <string.h>

#include "afd_test.h"

enum kind { S_OPEN, S_BOUND, S_LISTEN, S_CONNECTED, D_OPEN, D_BOUND, HELPER, KINDS };
enum way { BY_EVENT, BY_APC, BY_PORT, WAYS };
static const char *const kind_names[] = {"open", "bound", "listening", "connected", "datagram", "bound datagram",
    "helper"};
static const char *const way_names[] = {"event", "APC", "port"};

#define OK STATUS_SUCCESS
#define INVALID STATUS_INVALID_PARAMETER
#define UNCONNECTED STATUS_INVALID_CONNECTION
#define ACTIVE STATUS_CONNECTION_ACTIVE
#define UNSUPPORTED STATUS_NOT_SUPPORTED
#define REFUSED STATUS_INVALID_DEVICE_REQUEST
#define SMALL STATUS_BUFFER_TOO_SMALL
#define WAITS STATUS_CANCELLED /* it waits, and the test cancels it */
#define NAMED STATUS_ADDRESS_ALREADY_ASSOCIATED
#define NEVER ((NTSTATUS)1) /* there is no such case */

#define CONNECT_INPUT (UFIELD_OFFSET(AFD_CONNECT_JOIN_INFO, RemoteAddress) + 16)
#define SUPER_CONNECT_INPUT (UFIELD_OFFSET(AFD_SUPER_CONNECT_INFO, RemoteAddress) + 16)
#define DATA_INFO sizeof(AFD_UNACCEPTED_CONNECT_DATA_INFO)

/* Good: where the request succeeds, or waits. Lengths are the least that will do. */
static const struct row {
    ULONG code;
    const char *name;
    ULONG in_length;
    NTSTATUS too_little_in;
    ULONG out_length;
    NTSTATUS too_little_out;
    enum kind good;
    NTSTATUS expected[KINDS];
} rows[] = {
#define ROW(name, ...) {IOCTL_AFD_##name, #name, __VA_ARGS__}
    ROW(BIND, 20, STATUS_INVALID_ADDRESS, 16, INVALID, S_OPEN, {OK, NAMED, NAMED, NAMED, OK, NAMED, INVALID}),
    ROW(CONNECT, CONNECT_INPUT, STATUS_INVALID_ADDRESS, 0, NEVER, S_OPEN,
        {OK, OK, INVALID, ACTIVE, OK, OK, INVALID}),
    ROW(START_LISTEN, sizeof(AFD_LISTEN_INFO), INVALID, 0, NEVER, S_BOUND,
        {INVALID, OK, OK, ACTIVE, UNSUPPORTED, UNSUPPORTED, INVALID}),
    ROW(WAIT_FOR_LISTEN, 0, NEVER, 20, SMALL, S_LISTEN,
        {INVALID, INVALID, OK, INVALID, INVALID, INVALID, INVALID}),
    ROW(WAIT_FOR_LISTEN_LIFO, 0, NEVER, 20, SMALL, S_LISTEN,
        {INVALID, INVALID, OK, INVALID, INVALID, INVALID, INVALID}),
    ROW(ACCEPT, sizeof(AFD_ACCEPT_INFO), INVALID, 0, NEVER, S_LISTEN,
        {INVALID, INVALID, OK, INVALID, INVALID, INVALID, INVALID}),
    ROW(RECEIVE, sizeof(AFD_RECV_INFO), INVALID, 0, NEVER, S_CONNECTED,
        {UNCONNECTED, UNCONNECTED, UNCONNECTED, OK, INVALID, OK, INVALID}),
    ROW(RECEIVE_DATAGRAM, sizeof(AFD_RECV_DATAGRAM_INFO), INVALID, 0, NEVER, D_BOUND,
        {INVALID, INVALID, INVALID, INVALID, INVALID, OK, INVALID}),
    ROW(SEND, sizeof(AFD_SEND_INFO), INVALID, 0, NEVER, S_CONNECTED,
        {UNCONNECTED, UNCONNECTED, UNCONNECTED, OK, UNCONNECTED, UNCONNECTED, INVALID}),
    ROW(SEND_DATAGRAM, sizeof(AFD_SEND_DATAGRAM_INFO), INVALID, 0, NEVER, D_BOUND,
        {INVALID, INVALID, INVALID, INVALID, OK, OK, INVALID}),
    ROW(POLL, UFIELD_OFFSET(AFD_POLL_INFO, Handles) + sizeof(AFD_POLL_HANDLE_INFO), INVALID,
        UFIELD_OFFSET(AFD_POLL_INFO, Handles) + sizeof(AFD_POLL_HANDLE_INFO), INVALID, HELPER,
        {OK, OK, OK, OK, OK, OK, OK}),
    ROW(PARTIAL_DISCONNECT, sizeof(AFD_PARTIAL_DISCONNECT_INFO), INVALID, 0, NEVER, S_CONNECTED,
        {UNCONNECTED, UNCONNECTED, UNCONNECTED, OK, OK, OK, INVALID}),
    ROW(GET_ADDRESS, 0, NEVER, 16, SMALL, S_BOUND, {INVALID, OK, OK, OK, INVALID, OK, INVALID}),
    ROW(QUERY_RECEIVE_INFO, 0, NEVER, 8, SMALL, S_CONNECTED, {OK, OK, INVALID, OK, OK, OK, INVALID}),
    ROW(QUERY_HANDLES, 4, INVALID, sizeof(AFD_HANDLE_INFO), SMALL, S_BOUND, {OK, OK, OK, OK, OK, OK, INVALID}),
    ROW(SET_INFORMATION, sizeof(AFD_INFORMATION), INVALID, 0, NEVER, S_OPEN, {OK, OK, OK, OK, OK, OK, INVALID}),
    ROW(GET_REMOTE_ADDRESS, 0, NEVER, 16, SMALL, S_CONNECTED,
        {UNCONNECTED, UNCONNECTED, UNCONNECTED, OK, UNCONNECTED, UNCONNECTED, INVALID}),
    ROW(SET_CONTEXT, 8, NEVER, 0, NEVER, S_OPEN, {OK, OK, OK, OK, OK, OK, INVALID}),
    ROW(GET_CONTEXT, 0, NEVER, 8, STATUS_BUFFER_OVERFLOW, S_OPEN, {OK, OK, OK, OK, OK, OK, INVALID}),
#define STRING_ROW(name, out, listening, connected)                        \
    ROW(name, DATA_INFO, INVALID, out, NEVER, S_OPEN,                      \
        {OK, OK, listening, connected, UNSUPPORTED, UNSUPPORTED, INVALID})
    STRING_ROW(SET_CONNECT_DATA, 4, OK, ACTIVE),
    STRING_ROW(SET_CONNECT_OPTIONS, 4, OK, ACTIVE),
    STRING_ROW(SET_DISCONNECT_DATA, 4, INVALID, OK),
    STRING_ROW(SET_DISCONNECT_OPTIONS, 4, INVALID, OK),
    STRING_ROW(GET_CONNECT_DATA, 4, OK, OK),
    STRING_ROW(GET_CONNECT_OPTIONS, 4, OK, OK),
    STRING_ROW(GET_DISCONNECT_DATA, 4, INVALID, OK),
    STRING_ROW(GET_DISCONNECT_OPTIONS, 4, INVALID, OK),
    STRING_ROW(SIZE_CONNECT_DATA, 0, OK, ACTIVE),
    STRING_ROW(SIZE_CONNECT_OPTIONS, 0, OK, ACTIVE),
    STRING_ROW(SIZE_DISCONNECT_DATA, 0, INVALID, OK),
    STRING_ROW(SIZE_DISCONNECT_OPTIONS, 0, INVALID, OK),
    ROW(GET_INFORMATION, 4, INVALID, sizeof(AFD_INFORMATION), SMALL, S_OPEN, {OK, OK, OK, OK, OK, OK, INVALID}),
    ROW(TRANSMIT_FILE, sizeof(AFD_TRANSMIT_FILE_INFO), INVALID, 0, NEVER, S_CONNECTED,
        {UNCONNECTED, UNCONNECTED, UNCONNECTED, OK, UNCONNECTED, UNCONNECTED, INVALID}),
    ROW(SUPER_ACCEPT, sizeof(AFD_SUPER_ACCEPT_INFO), INVALID, 64, SMALL, S_LISTEN,
        {INVALID, INVALID, OK, INVALID, INVALID, INVALID, INVALID}),
    ROW(EVENT_SELECT, sizeof(AFD_EVENT_SELECT_INFO), INVALID, 0, NEVER, S_OPEN, {OK, OK, OK, OK, OK, OK, INVALID}),
    ROW(ENUM_NETWORK_EVENTS, 0, NEVER, sizeof(AFD_ENUM_NETWORK_EVENTS_INFO), INVALID, S_OPEN,
        {OK, OK, OK, OK, OK, OK, INVALID}),
    ROW(DEFER_ACCEPT, sizeof(AFD_DEFER_ACCEPT_INFO), INVALID, 0, NEVER, S_LISTEN,
        {INVALID, INVALID, OK, INVALID, INVALID, INVALID, INVALID}),
    ROW(SET_QOS, sizeof(AFD_QOS_INFO), INVALID, 0, NEVER, S_OPEN, {OK, OK, OK, OK, OK, OK, INVALID}),
    ROW(GET_QOS, sizeof(AFD_QOS_INFO), INVALID, sizeof(AFD_QOS_INFO), SMALL, S_BOUND,
        {INVALID, OK, OK, OK, INVALID, OK, INVALID}),
    ROW(NO_OPERATION, sizeof(AFD_NO_OPERATION_INFO), INVALID, 0, NEVER, S_OPEN, {OK, OK, OK, OK, OK, OK, INVALID}),
    ROW(VALIDATE_GROUP, 20, STATUS_INVALID_ADDRESS, 0, NEVER, S_OPEN,
        {OK, OK, OK, OK, INVALID, INVALID, INVALID}), /* asked about a new constrained group */
    ROW(GET_UNACCEPTED_CONNECT_DATA, DATA_INFO, INVALID, DATA_INFO, SMALL, S_LISTEN,
        {INVALID, INVALID, OK, INVALID, INVALID, INVALID, INVALID}),
    ROW(ROUTING_INTERFACE_QUERY, 16, INVALID, 16, SMALL, S_OPEN, {OK, OK, OK, OK, OK, OK, INVALID}),
    ROW(ROUTING_INTERFACE_CHANGE, 0, NEVER, 0, NEVER, S_OPEN, {WAITS, WAITS, WAITS, WAITS, WAITS, WAITS, INVALID}),
    ROW(ADDRESS_LIST_QUERY, 0, NEVER, 1024, NEVER, S_OPEN, {OK, OK, OK, OK, OK, OK, INVALID}),
    ROW(ADDRESS_LIST_CHANGE, 0, NEVER, 0, NEVER, S_OPEN, {WAITS, WAITS, WAITS, WAITS, WAITS, WAITS, INVALID}),
    ROW(JOIN_LEAF, CONNECT_INPUT, STATUS_INVALID_ADDRESS, 0, NEVER, D_BOUND,
        {UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, OK, OK, INVALID}),
    ROW(TRANSPORT_IOCTL, sizeof(AFD_TL_IO_CONTROL_INFO), INVALID, 0, NEVER, S_OPEN, {OK, OK, OK, OK, OK, OK, INVALID}),
    ROW(TRANSMIT_PACKETS, sizeof(AFD_TRANSMIT_PACKETS_INFO), INVALID, 0, NEVER, S_CONNECTED,
        {UNCONNECTED, UNCONNECTED, UNCONNECTED, OK, UNCONNECTED, UNCONNECTED, INVALID}),
    ROW(SUPER_CONNECT, SUPER_CONNECT_INPUT, STATUS_INVALID_ADDRESS, 0, NEVER, S_BOUND,
        {INVALID, OK, INVALID, ACTIVE, INVALID, INVALID, INVALID}),
    ROW(SUPER_DISCONNECT, sizeof(AFD_SUPER_DISCONNECT_INFO), INVALID, 0, NEVER, S_CONNECTED,
        {UNCONNECTED, UNCONNECTED, INVALID, OK, INVALID, INVALID, INVALID}),
    ROW(RECEIVE_MESSAGE, sizeof(AFD_RECV_MESSAGE_INFO), INVALID, 0, NEVER, D_BOUND,
        {INVALID, INVALID, INVALID, INVALID, INVALID, OK, INVALID}),
    ROW(SEND_MESSAGE, sizeof(AFD_SEND_MESSAGE_INFO), INVALID, 0, NEVER, D_BOUND,
        {INVALID, INVALID, INVALID, INVALID, OK, OK, INVALID}),
};
#define ROWS (sizeof rows / sizeof rows[0])

/* --- places --- */
struct place {
    HANDLE handle;
    HANDLE others[4];
    HANDLE event, port;
    struct address peer; /* a listener, or who sent a datagram */
    LONG sequence;       /* of the connection that is offered */
};

static void make_listener(struct place *place)
{
    AFD_LISTEN_RESPONSE_INFO reply;
    struct address bound;
    place->handle = open_listener(INET, 5, &bound);
    place->others[1] = open_connected(&bound);
    place->others[2] = open_connected(&bound);
    REQUIRE_EQ(control(place->handle, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, sizeof reply, NULL), OK);
    place->sequence = reply.Sequence;
    place->others[3] = open_endpoint(INET, STREAM);
}

static void make_place(struct place *place, enum kind kind)
{
    memset(place, 0, sizeof *place);
    if (kind == D_BOUND) {
        place->others[0] = open_endpoint(INET, DGRAM);
        place->peer = bind_loopback(place->others[0]);
    } else {
        place->others[0] = open_listener(INET, 5, &place->peer);
    }
    switch (kind) {
    case S_LISTEN:
        make_listener(place);
        break;
    case S_CONNECTED:
        place->handle = open_connected(&place->peer);
        place->others[1] = accept_one(place->others[0]);
        REQUIRE_EQ(send_bytes(place->others[1], "data", 4, NULL), OK);
        break;
    case HELPER:
        place->handle = open_helper();
        break;
    default:
        place->handle = open_endpoint(INET, kind == D_OPEN || kind == D_BOUND ? DGRAM : STREAM);
        break;
    }
    if (kind == S_BOUND)
        bind_loopback(place->handle);
    if (kind == D_BOUND) {
        struct address bound = bind_loopback(place->handle);
        REQUIRE_EQ(send_to(place->others[0], &bound, "data", 4), OK);
    }
    if (kind != HELPER)
        REQUIRE_EQ(control(place->handle, IOCTL_AFD_SET_CONTEXT, "context", 8, NULL, 0, NULL), OK);
    place->event = open_event(1);
}

static void close_place(struct place *place)
{
    close_handle(place->handle);
    for (int i = 0; i < 4; i++)
        if (place->others[i] != NULL)
            close_handle(place->others[i]);
    close_handle(place->event);
    if (place->port != NULL)
        close_handle(place->port);
}

/* --- requests --- */
struct request {
    const struct row *row;
    ULONG in_length, out_length;
    AFD_WSABUF buffer;
    AFD_TRANSMIT_PACKETS_ELEMENT element;
    char bytes[16];
    ULONG value, length, flags;
    struct address from;
    union {
        UCHAR in[256];
        AFD_LISTEN_INFO listen;
        AFD_ACCEPT_INFO accept;
        AFD_DEFER_ACCEPT_INFO defer;
        AFD_SUPER_ACCEPT_INFO super_accept;
        AFD_RECV_INFO data;
        AFD_RECV_MESSAGE_INFO receive_message;
        AFD_SEND_MESSAGE_INFO send_message;
        AFD_POLL_INFO poll;
        AFD_PARTIAL_DISCONNECT_INFO disconnect;
        AFD_INFORMATION information;
        AFD_UNACCEPTED_CONNECT_DATA_INFO string;
        AFD_TRANSMIT_FILE_INFO transmit;
        AFD_TRANSMIT_PACKETS_INFO packets;
        AFD_EVENT_SELECT_INFO select;
        AFD_QOS_INFO qos;
        AFD_TL_IO_CONTROL_INFO option;
        ULONG number;
    };
    union {
        UCHAR out[1024];
        LONGLONG align;
    };
};

static void put_address(struct request *request, size_t offset, const struct address *address)
{
    memcpy(request->in + offset, address, 16);
}

/* Buffers and addresses of the data requests, which begin alike. */
static void put_data(struct request *request, const struct place *place)
{
    request->buffer = (AFD_WSABUF){4, request->bytes};
    request->data.BufferArray = &request->buffer;
    request->data.BufferCount = 1;
    request->length = sizeof request->from;
    switch (request->row->code) {
    case IOCTL_AFD_RECEIVE:
        request->data.TdiFlags = TDI_RECEIVE_NORMAL;
        break;
    case IOCTL_AFD_RECEIVE_DATAGRAM:
    case IOCTL_AFD_RECEIVE_MESSAGE:
        request->receive_message.Datagram.TdiFlags = TDI_RECEIVE_NORMAL;
        request->receive_message.Datagram.Address = &request->from;
        request->receive_message.Datagram.AddressLength = &request->length;
        request->receive_message.MessageFlags = &request->flags;
        break;
    case IOCTL_AFD_SEND_DATAGRAM:
    case IOCTL_AFD_SEND_MESSAGE:
        request->from = place->peer;
        request->send_message.Datagram.RemoteAddress = &request->from;
        request->send_message.Datagram.RemoteAddressLength = 16;
        break;
    default:
        break;
    }
}

static void put_control(struct request *request, const struct place *place)
{
    struct address group = loopback(INET, 0);
    group.bytes[0] = 239, group.bytes[1] = 1, group.bytes[2] = 2, group.bytes[3] = 3;
    switch (request->row->code) {
    case IOCTL_AFD_QUERY_HANDLES:
        request->number = AFD_QUERY_ADDRESS_HANDLE | AFD_QUERY_CONNECTION_HANDLE;
        break;
    case IOCTL_AFD_SET_INFORMATION:
    case IOCTL_AFD_GET_INFORMATION:
        request->information.InformationType = AFD_NONBLOCKING_MODE;
        break;
    case IOCTL_AFD_SET_CONTEXT:
        memcpy(request->in, "context", 8);
        break;
    case IOCTL_AFD_EVENT_SELECT:
        request->select.Event = place->event;
        request->select.PollEvents = AFD_POLL_RECEIVE;
        break;
    case IOCTL_AFD_SET_QOS:
        request->qos.Qos.SendingFlowspec.TokenRate = 1000;
        break;
    case IOCTL_AFD_VALIDATE_GROUP:
        request->number = AFD_GROUP_CONSTRAINED;
        put_address(request, 4, &place->peer);
        break;
    case IOCTL_AFD_ROUTING_INTERFACE_QUERY:
        put_address(request, 0, &place->peer);
        break;
    case IOCTL_AFD_JOIN_LEAF:
        put_address(request, UFIELD_OFFSET(AFD_CONNECT_JOIN_INFO, RemoteAddress), &group);
        break;
    case IOCTL_AFD_TRANSPORT_IOCTL: /* SO_RCVBUF */
        request->option = (AFD_TL_IO_CONTROL_INFO){AFD_TL_GET_OPTION, 0xffff, 0x1002, 0, &request->value, 4};
        break;
    case IOCTL_AFD_NO_OPERATION: /* succeeds, with no information */
        break;
    default:
        request->string.Sequence = place->sequence; /* of all that remain, those that look at it need it */
        break;
    }
}

static void put_connection(struct request *request, const struct place *place)
{
    struct address any = loopback(INET, 0);
    switch (request->row->code) {
    case IOCTL_AFD_BIND:
        put_address(request, 4, &any);
        break;
    case IOCTL_AFD_CONNECT:
        put_address(request, UFIELD_OFFSET(AFD_CONNECT_JOIN_INFO, RemoteAddress), &place->peer);
        break;
    case IOCTL_AFD_SUPER_CONNECT:
        put_address(request, UFIELD_OFFSET(AFD_SUPER_CONNECT_INFO, RemoteAddress), &place->peer);
        break;
    case IOCTL_AFD_START_LISTEN:
        request->listen.MaximumConnectionQueue = 5;
        break;
    case IOCTL_AFD_ACCEPT:
        request->accept.Sequence = place->sequence;
        request->accept.AcceptHandle = place->others[3];
        break;
    case IOCTL_AFD_SUPER_ACCEPT:
        request->super_accept.AcceptHandle = place->others[3];
        request->super_accept.LocalAddressLength = 32;
        request->super_accept.RemoteAddressLength = 32;
        break;
    case IOCTL_AFD_DEFER_ACCEPT:
        request->defer.Sequence = place->sequence;
        break;
    case IOCTL_AFD_PARTIAL_DISCONNECT:
        request->disconnect.DisconnectMode = AFD_PARTIAL_DISCONNECT_SEND;
        break;
    case IOCTL_AFD_GET_UNACCEPTED_CONNECT_DATA:
        request->string.Sequence = place->sequence;
        request->string.LengthOnly = TRUE;
        break;
    case IOCTL_AFD_POLL:
        request->poll.NumberOfHandles = 1;
        request->poll.Handles[0] = (AFD_POLL_HANDLE_INFO){place->others[0], AFD_POLL_ACCEPT | AFD_POLL_SEND, 0};
        break;
    case IOCTL_AFD_TRANSMIT_FILE:
        request->transmit.Head = request->bytes;
        request->transmit.HeadLength = 4;
        break;
    case IOCTL_AFD_TRANSMIT_PACKETS:
        request->element = (AFD_TRANSMIT_PACKETS_ELEMENT){
            .Flags = AFD_TP_MEMORY, .Length = 4, .Buffer = request->bytes};
        request->packets.ElementArray = &request->element;
        request->packets.ElementCount = 1;
        break;
    default:
        put_control(request, place);
        break;
    }
}

static void make_request(struct request *request, const struct row *row, const struct place *place)
{
    memset(request, 0, sizeof *request);
    request->row = row;
    request->in_length = row->in_length;
    request->out_length = row->out_length;
    switch (row->code) {
    case IOCTL_AFD_RECEIVE:
    case IOCTL_AFD_RECEIVE_DATAGRAM:
    case IOCTL_AFD_RECEIVE_MESSAGE:
    case IOCTL_AFD_SEND:
    case IOCTL_AFD_SEND_DATAGRAM:
    case IOCTL_AFD_SEND_MESSAGE:
        put_data(request, place);
        break;
    default:
        put_connection(request, place);
        break;
    }
}

/* --- the three ways to be told --- */
#define LIMIT_100NS (-100000000LL)
static unsigned calls;
static IO_STATUS_BLOCK *called_with;

static VOID NTAPI count_call(PVOID context, PIO_STATUS_BLOCK iosb, ULONG reserved)
{
    CHECK_EQ(*(int *)context, 4711);
    CHECK_EQ(reserved, 0);
    called_with = iosb;
    calls++;
}

static NTSTATUS start(struct request *request, struct place *place, HANDLE event, PIO_APC_ROUTINE routine,
    PVOID context, IO_STATUS_BLOCK *iosb, NTSTATUS expected)
{
    const VOID *in = request->in_length != 0 ? request->in : NULL;
    iosb->Status = 0x33333333;
    NTSTATUS status = NtDeviceIoControlFile(place->handle, event, routine, context, iosb, request->row->code,
        (PVOID)in, request->in_length, request->out_length != 0 ? request->out : NULL, request->out_length);
    if (expected == WAITS) {
        CHECK_EQ(status, STATUS_PENDING);
        cancel_io(place->handle);
    }
    return status;
}

static NTSTATUS told_by_event(struct request *request, struct place *place, NTSTATUS expected)
{
    LARGE_INTEGER limit = {.QuadPart = LIMIT_100NS};
    HANDLE event = open_event(1);
    IO_STATUS_BLOCK iosb;
    NTSTATUS status = start(request, place, event, NULL, NULL, &iosb, expected);
    if (!NT_ERROR(status)) {
        REQUIRE_EQ(NtWaitForSingleObject(event, FALSE, &limit), STATUS_WAIT_0);
        status = iosb.Status;
    }
    close_handle(event);
    return status;
}

static NTSTATUS told_by_apc(struct request *request, struct place *place, NTSTATUS expected)
{
    LARGE_INTEGER limit = {.QuadPart = LIMIT_100NS};
    int context = 4711;
    IO_STATUS_BLOCK iosb;
    calls = 0;
    NTSTATUS status = start(request, place, NULL, count_call, &context, &iosb, expected);
    if (NT_ERROR(status)) {
        NtTestAlert();
        CHECK_EQ(calls, 0);
        return status;
    }
    CHECK_EQ(calls, 0); /* not before the thread waits for it */
    REQUIRE_EQ(NtDelayExecution(TRUE, &limit), STATUS_USER_APC);
    NtTestAlert();
    CHECK_EQ(calls, 1);
    CHECK(called_with == &iosb);
    return iosb.Status;
}

static NTSTATUS told_by_port(struct request *request, struct place *place, NTSTATUS expected)
{
    LARGE_INTEGER limit = {.QuadPart = LIMIT_100NS}, now = {.QuadPart = 0};
    FILE_COMPLETION_INFORMATION information;
    IO_STATUS_BLOCK iosb, packet;
    PVOID key = NULL, context = NULL;
    if (place->port == NULL) {
        REQUIRE_EQ(NtCreateIoCompletion(&place->port, IO_COMPLETION_ALL_ACCESS, NULL, 0), OK);
        information.Port = place->port;
        information.Key = place;
        REQUIRE_EQ(NtSetInformationFile(place->handle, &iosb, &information, sizeof information,
            FileCompletionInformation), OK);
    }
    NTSTATUS status = start(request, place, NULL, NULL, &iosb, &iosb, expected);
    if (!NT_ERROR(status)) {
        REQUIRE_EQ(NtRemoveIoCompletion(place->port, &key, &context, &packet, &limit), OK);
        CHECK(key == place && context == &iosb);
        CHECK_EQ(packet.Status, iosb.Status);
        CHECK_EQ(packet.Information, iosb.Information);
        status = iosb.Status;
    }
    CHECK_EQ(NtRemoveIoCompletion(place->port, &key, &context, &packet, &now), STATUS_TIMEOUT);
    return status;
}

static NTSTATUS send_request(struct request *request, struct place *place, enum way way, NTSTATUS expected)
{
    switch (way) {
    case BY_APC:
        return told_by_apc(request, place, expected);
    case BY_PORT:
        return told_by_port(request, place, expected);
    default:
        return told_by_event(request, place, expected);
    }
}

/* One line for each wrong status, with all that is needed to find it. */
static void check_status(const struct row *row, const char *what, enum kind kind, enum way way, NTSTATUS status,
    NTSTATUS expected)
{
    if (row->code == IOCTL_AFD_JOIN_LEAF && expected == OK && status == STATUS_INVALID_ADDRESS_COMPONENT)
        return; /* no interface for multicast groups here */
    if (status != expected)
        nts_fail(__FILE__, __LINE__, "%s, %s endpoint, %s, by %s: 0x%08x, expected 0x%08x", row->name,
            kind_names[kind], what, way_names[way], (unsigned)status, (unsigned)expected);
}

static void check_states(enum way way)
{
    for (ULONG i = 0; i < ROWS; i++) {
        for (enum kind kind = 0; kind < KINDS; kind++) {
            struct place place;
            struct request request;
            make_place(&place, kind);
            make_request(&request, rows + i, &place);
            NTSTATUS expected = rows[i].expected[kind];
            check_status(rows + i, "as it should be", kind, way,
                send_request(&request, &place, way, expected), expected);
            close_place(&place);
        }
    }
}

TEST(any__every_code_by_event__status_of_the_state)
{
    check_states(BY_EVENT);
}

TEST(any__every_code_by_apc__status_of_the_state_told_once)
{
    check_states(BY_APC);
}

TEST(any__every_code_by_port__status_of_the_state_told_once)
{
    check_states(BY_PORT);
}

/* A byte too little of the input, of the output; an address that cannot be read. */
static void check_lengths(enum way way)
{
    for (ULONG i = 0; i < ROWS; i++) {
        struct place place;
        struct request request;
        make_place(&place, rows[i].good);
        if (rows[i].in_length != 0 && rows[i].too_little_in != NEVER) {
            make_request(&request, rows + i, &place);
            request.in_length--;
            check_status(rows + i, "input too short", rows[i].good, way,
                send_request(&request, &place, way, rows[i].too_little_in), rows[i].too_little_in);
        }
        if (rows[i].out_length != 0 && rows[i].too_little_out != NEVER) {
            make_request(&request, rows + i, &place);
            request.out_length--;
            check_status(rows + i, "output too short", rows[i].good, way,
                send_request(&request, &place, way, rows[i].too_little_out), rows[i].too_little_out);
        }
        close_place(&place);
    }
}

TEST(any__lengths_too_short__statuses_as_documented)
{
    for (enum way way = 0; way < WAYS; way++)
        check_lengths(way);
}

TEST(any__unreadable_input__access_violation)
{
    for (ULONG i = 0; i < ROWS; i++) {
        struct place place;
        if (rows[i].in_length == 0)
            continue;
        make_place(&place, rows[i].good);
        UCHAR out[1024];
        check_status(rows + i, "bad input pointer", rows[i].good, BY_EVENT,
            control(place.handle, rows[i].code, (void *)0x10, rows[i].in_length, out, rows[i].out_length, NULL),
            STATUS_ACCESS_VIOLATION);
        close_place(&place);
    }
}

static const struct {
    ULONG code;
    ULONG number;
} codes[] = {
#define X(name, number, method) {IOCTL_AFD_##name, number},
    AFD_REQUESTS(X)
#undef X
};
#define CODES (sizeof codes / sizeof codes[0])

TEST(any__every_code__has_a_row_or_is_refused)
{
    UCHAR in[256] = {0}, out[256];
    HANDLE handle = open_endpoint(INET, STREAM);
    CHECK_EQ(CODES, 74);
    for (ULONG i = 0; i < CODES; i++) {
        ULONG found = 0;
        CHECK_EQ(codes[i].number, i);
        CHECK_EQ(codes[i].code, 0x12000 | i << 2 | (codes[i].code & 3));
        for (ULONG k = 0; k < ROWS; k++)
            found += rows[k].code == codes[i].code;
        CHECK_EQ(found, i <= AFD_SEND_MESSAGE);
        if (i > AFD_SEND_MESSAGE)
            CHECK_EQ(control(handle, codes[i].code, in, sizeof in, out, sizeof out, NULL), REFUSED);
        /* with another method it is another code */
        CHECK_EQ(control(handle, codes[i].code ^ 2, in, sizeof in, out, sizeof out, NULL), REFUSED);
    }
    close_handle(handle);
}

TEST(closed_or_foreign_handle__every_code__refused)
{
    IO_STATUS_BLOCK iosb;
    HANDLE closed = open_endpoint(INET, STREAM), event = open_event(1);
    UCHAR in[256] = {0}, out[256];
    close_handle(closed);
    for (ULONG i = 0; i < CODES; i++) {
        CHECK_EQ(NtDeviceIoControlFile(closed, NULL, NULL, NULL, &iosb, codes[i].code, in, sizeof in, out, sizeof out),
            STATUS_INVALID_HANDLE);
        CHECK_EQ(NtDeviceIoControlFile(event, NULL, NULL, NULL, &iosb, codes[i].code, in, sizeof in, out, sizeof out),
            STATUS_OBJECT_TYPE_MISMATCH);
    }
    close_handle(event);
}
