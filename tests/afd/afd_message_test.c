/* SPDX-License-Identifier: MIT */
/*
 * afd_message_test.c - RECEIVE_MESSAGE and SEND_MESSAGE: datagrams with control data.
 * [doc:mswsock/lpfn_wsarecvmsg] [test:wine/ws2_32/sock.c]
 */
#include <string.h>

#include "afd_test.h"

enum { LEVEL_IP = 0, LEVEL_IPV6 = 41, TOS = 3, TTL = 4, PKTINFO = 19, HOPLIMIT = 21, TCLASS = 39, RECVTOS = 40 };

struct header { /* WSACMSGHDR */
    SIZE_T length;
    LONG level;
    LONG type;
    UCHAR data[24];
};

struct message {
    struct io io;
    AFD_WSABUF buffer;
    AFD_RECV_MESSAGE_INFO info;
    char data[64];
    union {
        struct header first;
        UCHAR control[256];
    };
    ULONG control_length;
    ULONG flags;
    struct address from;
    ULONG from_length;
};

static NTSTATUS receive_message_begin(struct message *message, HANDLE handle, ULONG room, ULONG control_room)
{
    memset(message, 0, sizeof *message);
    message->buffer = (AFD_WSABUF){room, message->data};
    message->control_length = control_room;
    message->flags = 0x77;
    message->from_length = sizeof message->from;
    message->info.Datagram = (AFD_RECV_DATAGRAM_INFO){&message->buffer, 1, 0, TDI_RECEIVE_NORMAL, &message->from,
        &message->from_length};
    message->info.ControlBuffer = message->control;
    message->info.ControlLength = &message->control_length;
    message->info.MessageFlags = &message->flags;
    return io_begin(&message->io, handle, IOCTL_AFD_RECEIVE_MESSAGE, &message->info, sizeof message->info, NULL, 0);
}

static NTSTATUS receive_message(struct message *message, HANDLE handle, ULONG room, ULONG control_room)
{
    receive_message_begin(message, handle, room, control_room);
    return io_end(&message->io);
}

static NTSTATUS send_message(HANDLE handle, const struct address *to, const void *control_data, ULONG control_length)
{
    AFD_WSABUF buffer = {5, (char *)"hello"};
    AFD_SEND_MESSAGE_INFO info = {{&buffer, 1, 0, 0, (void *)to, to != NULL ? address_length(to) : 0},
        (void *)control_data, control_length};
    ULONG_PTR information = 0;
    NTSTATUS status = control(handle, IOCTL_AFD_SEND_MESSAGE, &info, sizeof info, NULL, 0, &information);
    if (NT_SUCCESS(status))
        CHECK_EQ(information, 5);
    return status;
}

static ULONG get_option(HANDLE handle, LONG level, LONG name)
{
    ULONG value = 0x5a;
    AFD_TL_IO_CONTROL_INFO info = {AFD_TL_GET_OPTION, level, name, 0, &value, sizeof value};
    CHECK_EQ(control(handle, IOCTL_AFD_TRANSPORT_IOCTL, &info, sizeof info, NULL, 0, NULL), STATUS_SUCCESS);
    return value;
}

/* Two endpoints, the second one's address. Skips if the family is not there. */
static struct address open_two(ULONG family, HANDLE *one, HANDLE *other)
{
    struct address address = loopback(family, 0), bound;
    *one = open_endpoint(family, DGRAM);
    *other = open_endpoint(family, DGRAM);
    if (bind_to(*other, AFD_NORMALADDRUSE, &address, &bound) != STATUS_SUCCESS)
        SKIP("no such address here");
    return bound;
}

TEST(no_option_set__no_control_data)
{
    struct message message;
    HANDLE one, other;
    struct address to = open_two(INET, &one, &other);
    CHECK_EQ(send_message(one, &to, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(receive_message(&message, other, 64, 256), STATUS_SUCCESS);
    CHECK_EQ(message.io.iosb.Information, 5);
    CHECK_EQ(memcmp(message.data, "hello", 5), 0);
    CHECK_EQ(message.control_length, 0);
    CHECK_EQ(message.flags, 0);
    CHECK_EQ(message.from.family, INET);
    CHECK_EQ(message.from_length, 16);
    CHECK_EQ(get_option(other, LEVEL_IP, PKTINFO), 0);
    /* no room for any is no error, since there is none */
    CHECK_EQ(send_message(one, &to, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(receive_message(&message, other, 64, 0), STATUS_SUCCESS);
    CHECK_EQ(message.flags, 0);
    close_handle(one);
    close_handle(other);
}

static void check_option(ULONG family, LONG level, LONG option, LONG type, const void *data, ULONG length)
{
    struct message message;
    HANDLE one, other;
    struct address to = open_two(family, &one, &other);
    CHECK_EQ(set_option(other, level, option, 1), STATUS_SUCCESS);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(get_option(other, level, option), 1);
        CHECK_EQ(receive_message_begin(&message, other, 64, 256), STATUS_PENDING);
        CHECK_EQ(send_message(one, &to, NULL, 0), STATUS_SUCCESS);
        CHECK_EQ(io_end(&message.io), STATUS_SUCCESS);
        CHECK_EQ(message.flags, 0);
        CHECK_EQ(message.control_length, (16 + length + 7) & ~7u);
        CHECK_EQ(message.first.length, 16 + length);
        CHECK_EQ(message.first.level, level);
        CHECK_EQ(message.first.type, type);
        if (data != NULL)
            CHECK_EQ(memcmp(message.first.data, data, length - 4), 0); /* without the interface */
    }
    CHECK_EQ(set_option(other, level, option, 0), STATUS_SUCCESS);
    CHECK_EQ(get_option(other, level, option), 0);
    CHECK_EQ(send_message(one, &to, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(receive_message(&message, other, 64, 256), STATUS_SUCCESS);
    CHECK_EQ(message.control_length, 0);
    close_handle(one);
    close_handle(other);
}

TEST(pktinfo__tells_the_address_it_came_to)
{
    check_option(INET, LEVEL_IP, PKTINFO, PKTINFO, "\x7f\0\0\1", 8);
}

TEST(recvttl_and_recvtos__tell_numbers)
{
    check_option(INET, LEVEL_IP, HOPLIMIT, TTL, NULL, 4);
    check_option(INET, LEVEL_IP, RECVTOS, TOS, NULL, 4);
}

TEST(ipv6_options__tell_the_same)
{
    check_option(INET6, LEVEL_IPV6, PKTINFO, PKTINFO, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 20);
    check_option(INET6, LEVEL_IPV6, HOPLIMIT, HOPLIMIT, NULL, 4);
    check_option(INET6, LEVEL_IPV6, RECVTOS, TCLASS, NULL, 4);
}

TEST(room_too_small__cut_and_told)
{
    struct message message;
    HANDLE one, other;
    struct address to = open_two(INET, &one, &other);
    CHECK_EQ(set_option(other, LEVEL_IP, PKTINFO, 1), STATUS_SUCCESS);
    CHECK_EQ(send_message(one, &to, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(receive_message(&message, other, 64, 1), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(message.io.iosb.Information, 5);
    CHECK_EQ(message.flags, 0x200); /* MSG_CTRUNC */
    CHECK_EQ(message.control_length, 0);
    CHECK_EQ(send_message(one, &to, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(receive_message(&message, other, 2, 256), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(message.io.iosb.Information, 2);
    CHECK_EQ(message.flags, 0x100); /* MSG_TRUNC */
    CHECK_EQ(message.first.type, PKTINFO);
    /* exactly enough for the one, without its padding */
    CHECK_EQ(send_message(one, &to, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(receive_message(&message, other, 64, 24), STATUS_SUCCESS);
    CHECK_EQ(message.control_length, 24);
    close_handle(one);
    close_handle(other);
}

TEST(control_data_sent__reach_the_datagram)
{
    struct message message;
    HANDLE one, other;
    struct address to = open_two(INET, &one, &other);
    struct {
        SIZE_T length;
        LONG level, type;
        ULONG value, padding;
    } ttl = {16 + 4, LEVEL_IP, TTL, 77, 0}, info = {16 + 8, LEVEL_IP, PKTINFO, 0x0100007f, 0};
    ULONG value;
    CHECK_EQ(set_option(other, LEVEL_IP, HOPLIMIT, 1), STATUS_SUCCESS);
    CHECK_EQ(send_message(one, &to, &ttl, 20), STATUS_SUCCESS);
    CHECK_EQ(receive_message(&message, other, 64, 256), STATUS_SUCCESS);
    memcpy(&value, message.first.data, 4);
    if (!engine_is("loop"))
        CHECK_EQ(value, 77);
    CHECK_EQ(send_message(one, &to, &info, 24), STATUS_SUCCESS);
    CHECK_EQ(receive_message(&message, other, 64, 256), STATUS_SUCCESS);
    /* malformed */
    ttl.length = 300;
    CHECK_EQ(send_message(one, &to, &ttl, 20), STATUS_INVALID_PARAMETER);
    ttl.length = 3;
    CHECK_EQ(send_message(one, &to, &ttl, 20), STATUS_INVALID_PARAMETER);
    ttl.length = 20;
    ttl.level = 4711;
    CHECK_EQ(send_message(one, &to, &ttl, 20), STATUS_INVALID_PARAMETER);
    CHECK_EQ(send_message(one, &to, NULL, 20), STATUS_ACCESS_VIOLATION);
    close_handle(one);
    close_handle(other);
}

TEST(group_and_broadcast__told_by_flags)
{
    struct message message;
    struct address any = loopback(INET, 0), bound, to;
    HANDLE one = open_endpoint(INET, DGRAM), other = open_endpoint(INET, DGRAM);
    UCHAR membership[8] = {239, 1, 2, 3, 127, 0, 0, 1}, loop[4] = {127, 0, 0, 1};
    AFD_TL_IO_CONTROL_INFO join = {AFD_TL_SET_OPTION, LEVEL_IP, 12, 0, membership, 8};
    AFD_TL_IO_CONTROL_INFO from = {AFD_TL_SET_OPTION, LEVEL_IP, 9, 0, loop, 4};
    if (engine_is("loop"))
        SKIP("this engine has neither");
    memset(any.bytes, 0, 4);
    REQUIRE_EQ(bind_to(other, AFD_NORMALADDRUSE, &any, &bound), STATUS_SUCCESS);
    if (control(other, IOCTL_AFD_TRANSPORT_IOCTL, &join, sizeof join, NULL, 0, NULL) != STATUS_SUCCESS ||
        control(one, IOCTL_AFD_TRANSPORT_IOCTL, &from, sizeof from, NULL, 0, NULL) != STATUS_SUCCESS)
        SKIP("no multicast here");
    to = bound;
    memcpy(to.bytes, membership, 4);
    CHECK_EQ(receive_message_begin(&message, other, 64, 256), STATUS_PENDING);
    if (send_message(one, &to, NULL, 0) == STATUS_SUCCESS) {
        CHECK_EQ(io_end(&message.io), STATUS_SUCCESS);
        CHECK_EQ(message.flags, 0x800); /* MSG_MCAST */
        CHECK_EQ(message.control_length, 0);
        CHECK_EQ(receive_message_begin(&message, other, 64, 256), STATUS_PENDING);
    }
    CHECK_EQ(set_option(one, 0xffff, 0x20, 1), STATUS_SUCCESS); /* SO_BROADCAST */
    memcpy(to.bytes, "\x7f\xff\xff\xff", 4);
    if (send_message(one, &to, NULL, 0) == STATUS_SUCCESS) {
        CHECK_EQ(io_end(&message.io), STATUS_SUCCESS);
        CHECK_EQ(message.flags, 0x400); /* MSG_BCAST */
    } else {
        cancel_io(other);
        CHECK_EQ(io_end(&message.io), STATUS_CANCELLED);
    }
    close_handle(one);
    close_handle(other);
}

TEST(wrong_endpoints_and_pointers__refused)
{
    struct message message;
    HANDLE one, other, client, server;
    struct address to = open_two(INET, &one, &other);
    open_pair(&client, &server);
    CHECK_EQ(receive_message(&message, client, 64, 256), STATUS_INVALID_PARAMETER);
    CHECK_EQ(send_message(client, &to, NULL, 0), STATUS_INVALID_PARAMETER);
    CHECK_EQ(receive_message(&message, one, 64, 256), STATUS_INVALID_PARAMETER); /* not bound */
    CHECK_EQ(send_message(one, NULL, NULL, 0), STATUS_INVALID_CONNECTION);
    CHECK_EQ(control(other, IOCTL_AFD_RECEIVE_MESSAGE, &message.info, 8, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    memset(&message, 0, sizeof message);
    message.buffer = (AFD_WSABUF){64, message.data};
    message.control_length = 100;
    message.info.Datagram = (AFD_RECV_DATAGRAM_INFO){&message.buffer, 1, 0, TDI_RECEIVE_NORMAL, NULL, NULL};
    message.info.ControlLength = &message.control_length;
    CHECK_EQ(control(other, IOCTL_AFD_RECEIVE_MESSAGE, &message.info, sizeof message.info, NULL, 0, NULL),
        STATUS_ACCESS_VIOLATION);
    /* nothing but the data is asked for */
    message.info.ControlLength = NULL;
    CHECK_EQ(send_message(one, &to, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(control(other, IOCTL_AFD_RECEIVE_MESSAGE, &message.info, sizeof message.info, NULL, 0, NULL),
        STATUS_SUCCESS);
    CHECK_EQ(memcmp(message.data, "hello", 5), 0);
    close_handle(one);
    close_handle(other);
    close_handle(client);
    close_handle(server);
}
