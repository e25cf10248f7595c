/* SPDX-License-Identifier: MIT */
/*
 * afd_fault_test.c - every allocation and every host call fails once.
 *
 * Method: one conversation that uses every kind of request (run_conversation) is repeated, and the first, second,
 * third ... allocation or host call in it fails. Whatever the outcome, each request ends, and when all
 * handles are closed nothing is left: the leak check of the case says so.
 */
#include <string.h>

#include "afd_test.h"
#include "host_status.h"

enum { L_ENOMEM = 12, L_EMFILE = 24, L_ECONNRESET = 104, L_ENOBUFS = 105 };
enum { STEPS_MAX = 400 };

static HANDLE events[4];

/* A request with an event that exists already. */
struct call {
    HANDLE event;
    IO_STATUS_BLOCK iosb;
    NTSTATUS status;
};

static NTSTATUS call_begin(struct call *call, int event, HANDLE handle, ULONG code, const void *in, size_t in_length,
    void *out, size_t out_length)
{
    call->event = events[event];
    call->status = STATUS_INVALID_HANDLE;
    if (handle != NULL)
        call->status = NtDeviceIoControlFile(handle, call->event, NULL, NULL, &call->iosb, code,
            (void *)in, (ULONG)in_length, out, (ULONG)out_length);
    return call->status;
}

static enum host_call failing;
static unsigned failing_nth; /* 0: none */

/* What fails may leave others waiting for it in vain: once it has failed they are cancelled soon. */
static NTSTATUS call_end(struct call *call, HANDLE handle)
{
    int failed = failing_nth != 0 && host_fault_seen(failing) >= failing_nth;
    LARGE_INTEGER soon = {.QuadPart = (failed ? -30 : -5000) * 10000LL};
    IO_STATUS_BLOCK iosb;
    if (call->status != STATUS_PENDING)
        return call->status;
    if (NtWaitForSingleObject(call->event, FALSE, &soon) == STATUS_TIMEOUT) {
        NtCancelIoFileEx(handle, &call->iosb, &iosb);
        CHECK_EQ(NtWaitForSingleObject(call->event, FALSE, NULL), STATUS_WAIT_0);
    }
    return call->iosb.Status;
}

static NTSTATUS call_now(HANDLE handle, ULONG code, const void *in, size_t in_length, void *out, size_t out_length)
{
    struct call call;
    call_begin(&call, 0, handle, code, in, in_length, out, out_length);
    return call_end(&call, handle);
}

static HANDLE open_quietly(ULONG type)
{
    AFD_OPEN_PACKET packet;
    HANDLE handle = NULL;
    memset(&packet, 0, sizeof packet);
    packet.AddressFamily = INET;
    packet.SocketType = type;
    packet.GroupID = AFD_GROUP_UNCONSTRAINED;
    return NT_SUCCESS(try_open(&handle, AFD_OPEN_PACKET_NAME, &packet, sizeof packet)) ? handle : NULL;
}

static NTSTATUS bind_quietly(HANDLE handle, struct address *ret_bound)
{
    struct address address = loopback(INET, 0);
    UCHAR in[20] = {0};
    memcpy(in + 4, &address, 16);
    return call_now(handle, IOCTL_AFD_BIND, in, sizeof in, ret_bound, sizeof *ret_bound);
}

static void use_connection(HANDLE client, HANDLE server, HANDLE listener)
{
    char data[16] = "0123456789abcde", got[16];
    AFD_WSABUF out[3] = {{4, data}, {4, data + 4}, {8, data + 8}}, in[3] = {{4, got}, {4, got + 4}, {8, got + 8}};
    AFD_SEND_INFO send = {out, 3, 0, 0};
    AFD_RECV_INFO receive = {in, 3, 0, TDI_RECEIVE_NORMAL};
    AFD_EVENT_SELECT_INFO select = {events[3], AFD_POLL_RECEIVE | AFD_POLL_SEND};
    AFD_TL_IO_CONTROL_INFO option = {AFD_TL_GET_OPTION, 0xffff, 0x1001, 0, got, 4};
    AFD_UNACCEPTED_CONNECT_DATA_INFO size = {0, 20, FALSE};
    AFD_QOS_INFO qos = {.GroupQos = FALSE};
    struct poll poll;
    struct call received, polled;
    poll_initialize(&poll, -10000000, 0);
    poll_add(&poll, client, AFD_POLL_RECEIVE);
    poll_add(&poll, listener, AFD_POLL_ACCEPT);
    call_begin(&polled, 2, server, IOCTL_AFD_POLL, &poll.in, 48, &poll.out, 48);
    call_now(server, IOCTL_AFD_SEND, &send, sizeof send, NULL, 0);
    call_end(&polled, server);
    call_now(client, IOCTL_AFD_RECEIVE, &receive, sizeof receive, NULL, 0);
    call_begin(&received, 1, client, IOCTL_AFD_RECEIVE, &receive, sizeof receive, NULL, 0);
    call_now(server, IOCTL_AFD_SEND, &send, sizeof send, NULL, 0);
    call_end(&received, client);
    call_now(client, IOCTL_AFD_SET_CONTEXT, data, sizeof data, NULL, 0);
    call_now(client, IOCTL_AFD_GET_CONTEXT, NULL, 0, got, sizeof got);
    call_now(client, IOCTL_AFD_TRANSPORT_IOCTL, &option, sizeof option, NULL, 0);
    call_now(client, IOCTL_AFD_EVENT_SELECT, &select, sizeof select, NULL, 0);
    call_now(client, IOCTL_AFD_SET_DISCONNECT_DATA, NULL, 0, data, sizeof data);
    call_now(client, IOCTL_AFD_SIZE_DISCONNECT_DATA, &size, sizeof size, NULL, 0);
    call_now(client, IOCTL_AFD_GET_DISCONNECT_DATA, NULL, 0, got, sizeof got);
    call_now(client, IOCTL_AFD_SET_QOS, &qos, sizeof qos, NULL, 0);
}

static void run_conversation(void)
{
    AFD_LISTEN_INFO backlog = {0, 5, 0};
    AFD_LISTEN_RESPONSE_INFO reply = {0};
    AFD_ACCEPT_INFO accept;
    AFD_SEND_DATAGRAM_INFO datagram;
    AFD_WSABUF wsabuf = {1, (char *)"d"};
    struct address bound, other;
    UCHAR connect[40] = {0};
    struct call waiting, connecting;
    HANDLE listener = open_quietly(STREAM), client = open_quietly(STREAM), server = open_quietly(STREAM);
    HANDLE udp = open_quietly(DGRAM);
    memset(&bound, 0, sizeof bound); /* what a bind that fails leaves */
    memset(&other, 0, sizeof other);
    bind_quietly(listener, &bound);
    call_now(listener, IOCTL_AFD_START_LISTEN, &backlog, sizeof backlog, NULL, 0);
    call_begin(&waiting, 1, listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, sizeof reply);
    memcpy(connect + 24, &bound, 16);
    call_begin(&connecting, 2, client, IOCTL_AFD_CONNECT, connect, sizeof connect, NULL, 0);
    call_end(&connecting, client);
    if (call_end(&waiting, listener) == STATUS_SUCCESS) {
        memset(&accept, 0, sizeof accept);
        accept.Sequence = reply.Sequence;
        accept.AcceptHandle = server;
        if (NT_SUCCESS(call_now(listener, IOCTL_AFD_ACCEPT, &accept, sizeof accept, NULL, 0)))
            use_connection(client, server, listener);
    }
    bind_quietly(udp, &other);
    memset(&datagram, 0, sizeof datagram);
    datagram.BufferArray = &wsabuf;
    datagram.BufferCount = 1;
    datagram.RemoteAddress = &other;
    datagram.RemoteAddressLength = 16;
    call_now(udp, IOCTL_AFD_SEND_DATAGRAM, &datagram, sizeof datagram, NULL, 0);
    HANDLE all[4] = {listener, client, server, udp};
    for (int i = 0; i < 4; i++)
        if (all[i] != NULL)
            close_handle(all[i]);
}

/* Returns how many of the calls were made to fail. */
static unsigned fail_each(enum host_call call, int error)
{
    unsigned nth = 1;
    start_stack();
    for (int i = 0; i < 4; i++)
        events[i] = open_event(1);
    run_conversation(); /* whatever is made once for good is made now */
    for (; nth < STEPS_MAX; nth++) {
        host_fault_set(call, nth, error);
        failing = call;
        failing_nth = nth;
        run_conversation();
        int reached = host_fault_seen(call) >= nth;
        failing_nth = 0;
        host_fault_set(call, 0, 0);
        if (!reached)
            break;
    }
    for (int i = 0; i < 4; i++)
        close_handle(events[i]);
    CHECK(nth < STEPS_MAX);
    return nth - 1;
}

TEST(fault__each_allocation_fails__requests_end_nothing_left)
{
    CHECK(fail_each(HOST_CALL_ALLOCATE, L_ENOMEM) >= 15);
}

TEST(fault__each_host_call_fails__requests_end_nothing_left)
{
    static const struct {
        enum host_call call;
        int error;
    } faults[] = {
        {HOST_CALL_SOCKET, L_EMFILE}, {HOST_CALL_BIND, L_ENOBUFS}, {HOST_CALL_LISTEN, L_ENOMEM},
        {HOST_CALL_ACCEPT, L_EMFILE}, {HOST_CALL_CONNECT, L_ENOBUFS}, {HOST_CALL_SEND, L_ECONNRESET},
        {HOST_CALL_RECEIVE, L_ECONNRESET}, {HOST_CALL_OPTION, L_ENOBUFS}, {HOST_CALL_POLL, L_ENOMEM},
        {HOST_CALL_DATAGRAM, L_ENOBUFS},
    };
    if (engine_is("loop"))
        SKIP("only the epoll engine makes host calls");
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        fail_each(faults[i].call, faults[i].error);
}
