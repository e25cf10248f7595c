/* SPDX-License-Identifier: MIT */
/*
 * afd_endpoint_test.c - opening, binding, listening, addresses, information, options, context; which requests
 * are refused in which state.
 */
#include <string.h>

#include "afd_test.h"

static AFD_OPEN_PACKET packet_of(ULONG family, ULONG type)
{
    AFD_OPEN_PACKET packet;
    memset(&packet, 0, sizeof packet);
    packet.AddressFamily = family;
    packet.SocketType = type;
    return packet;
}

TEST(open__malformed_packet__refused)
{
    HANDLE handle = NULL;
    AFD_OPEN_PACKET packet = packet_of(INET, STREAM);
    CHECK_EQ(try_open(&handle, AFD_OPEN_PACKET_NAME, &packet, 8), STATUS_INVALID_PARAMETER);
    CHECK_EQ(try_open(&handle, "AfdOpenPacketXY", &packet, sizeof packet), STATUS_INVALID_PARAMETER);
    packet.TransportDeviceNameLength = 4096;
    CHECK_EQ(try_open(&handle, AFD_OPEN_PACKET_NAME, &packet, sizeof packet), STATUS_INVALID_PARAMETER);
    packet = packet_of(99, STREAM);
    CHECK_EQ(try_open(&handle, AFD_OPEN_PACKET_NAME, &packet, sizeof packet), STATUS_PROTOCOL_NOT_SUPPORTED);
    packet = packet_of(INET, 77);
    CHECK_EQ(try_open(&handle, AFD_OPEN_PACKET_NAME, &packet, sizeof packet), STATUS_INVALID_PARAMETER);
}

TEST(open__transport_name_in_packet__accepted)
{
    HANDLE handle = NULL;
    struct {
        AFD_OPEN_PACKET packet;
        WCHAR more[16];
    } value;
    memset(&value, 0, sizeof value);
    value.packet = packet_of(INET, STREAM);
    value.packet.TransportDeviceNameLength = 22; /* \Device\Tcp */
    REQUIRE_EQ(try_open(&handle, AFD_OPEN_PACKET_NAME, &value, 24 + 24), STATUS_SUCCESS);
    close_handle(handle);
}

TEST(helper__any_request_but_poll__invalid_parameter)
{
    HANDLE helper = open_helper();
    struct address address = loopback(INET, 0);
    CHECK_EQ(bind_to(helper, AFD_NORMALADDRUSE, &address, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(start_listen(helper, 1), STATUS_INVALID_PARAMETER);
    CHECK_EQ(send_bytes(helper, "x", 1, NULL), STATUS_INVALID_PARAMETER);
    close_handle(helper);
}

TEST(any__unknown_control_code__invalid_device_request)
{
    HANDLE handle = open_endpoint(INET, STREAM);
    CHECK_EQ(control(handle, _AFD_CONTROL_CODE(200, METHOD_NEITHER), NULL, 0, NULL, 0, NULL),
        STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(control(handle, IOCTL_AFD_BIND ^ 1, NULL, 0, NULL, 0, NULL), STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(control(handle, 0x80002000, NULL, 0, NULL, 0, NULL), STATUS_INVALID_DEVICE_REQUEST);
    close_handle(handle);
}

/* [obs:afd/bind] */
TEST(open__bind_ladder__statuses_as_documented)
{
    HANDLE handle = open_endpoint(INET, STREAM);
    struct address address = loopback(INET, 0), bound;
    UCHAR in[32];
    ULONG share = AFD_NORMALADDRUSE;

    memcpy(in, &share, 4);
    memcpy(in + 4, &address, 16);
    CHECK_EQ(control(handle, IOCTL_AFD_BIND, in, 5, &bound, 16, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(handle, IOCTL_AFD_BIND, in, 6, &bound, 16, NULL), STATUS_INVALID_ADDRESS);
    CHECK_EQ(control(handle, IOCTL_AFD_BIND, in, 19, &bound, 16, NULL), STATUS_INVALID_ADDRESS);
    CHECK_EQ(control(handle, IOCTL_AFD_BIND, in, 20, &bound, 15, NULL), STATUS_INVALID_PARAMETER);
    in[4] = 0xad;
    CHECK_EQ(control(handle, IOCTL_AFD_BIND, in, 20, &bound, 16, NULL), STATUS_INVALID_ADDRESS);
    CHECK_EQ(bind_to(handle, 7, &address, &bound), STATUS_INVALID_PARAMETER);

    CHECK_EQ(bind_to(handle, AFD_NORMALADDRUSE, &address, &bound), STATUS_SUCCESS);
    CHECK_EQ(bound.family, INET);
    CHECK(bound.port != 0);
    CHECK_EQ(bind_to(handle, AFD_NORMALADDRUSE, &address, &bound), STATUS_ADDRESS_ALREADY_ASSOCIATED);
    close_handle(handle);
}

/* [test:wine/ws2_32/afd.c bind] */
TEST(open__bind__pends_and_is_complete)
{
    HANDLE handle = open_endpoint(INET, STREAM), other = open_endpoint(INET, STREAM);
    struct address bound, stranger = loopback(INET, 0);
    struct {
        ULONG share;
        struct address address;
    } in = {AFD_NORMALADDRUSE, loopback(INET, 0)};
    struct io io;
    CHECK_EQ(io_begin(&io, handle, IOCTL_AFD_BIND, &in, 20, &bound, 16), STATUS_PENDING);
    settle(handle);
    CHECK(io_is_done(&io));
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 16);
    in.address = bound;
    CHECK_EQ(io_begin(&io, other, IOCTL_AFD_BIND, &in, 20, &bound, 16), STATUS_PENDING);
    CHECK_EQ(io_end(&io), STATUS_SHARING_VIOLATION);
    CHECK_EQ(io.iosb.Information, 0);
    if (!engine_is("loop")) { /* which has every address */
        stranger.bytes[0] = 192, stranger.bytes[1] = 0, stranger.bytes[2] = 2, stranger.bytes[3] = 1;
        in.address = stranger;
        CHECK_EQ(io_begin(&io, other, IOCTL_AFD_BIND, &in, 20, NULL, 0), STATUS_PENDING);
        CHECK_EQ(io_end(&io), STATUS_INVALID_ADDRESS_COMPONENT);
    }
    close_handle(handle);
    close_handle(other);
}

TEST(bound__get_address__same_as_bind_told)
{
    HANDLE handle = open_endpoint(INET, STREAM);
    struct address bound, name;
    ULONG_PTR bytes;
    CHECK_EQ(control(handle, IOCTL_AFD_GET_ADDRESS, NULL, 0, &name, sizeof name, NULL), STATUS_INVALID_PARAMETER);
    bound = bind_loopback(handle);
    CHECK_EQ(control(handle, IOCTL_AFD_GET_ADDRESS, NULL, 0, &name, sizeof name, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 16);
    CHECK_EQ(memcmp(&name, &bound, 16), 0);
    CHECK_EQ(control(handle, IOCTL_AFD_GET_ADDRESS, NULL, 0, &name, 15, NULL), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(control(handle, IOCTL_AFD_GET_REMOTE_ADDRESS, NULL, 0, &name, sizeof name, NULL), STATUS_INVALID_CONNECTION);
    close_handle(handle);
}

TEST(bound__bind_of_same_port__refused_unless_shared)
{
    HANDLE a = open_endpoint(INET, DGRAM), b = open_endpoint(INET, DGRAM);
    struct address bound = bind_loopback(a);
    CHECK(!NT_SUCCESS(bind_to(b, AFD_NORMALADDRUSE, &bound, NULL)));
    CHECK_EQ(bind_to(b, AFD_REUSEADDRESS, &bound, NULL), STATUS_SUCCESS);
    close_handle(a);
    close_handle(b);
}

TEST(connected__addresses__of_both_ends_match)
{
    HANDLE client, server;
    struct address local, remote;
    open_pair(&client, &server);
    CHECK_EQ(control(client, IOCTL_AFD_GET_ADDRESS, NULL, 0, &local, sizeof local, NULL), STATUS_SUCCESS);
    CHECK_EQ(control(server, IOCTL_AFD_GET_REMOTE_ADDRESS, NULL, 0, &remote, sizeof remote, NULL), STATUS_SUCCESS);
    CHECK_EQ(memcmp(&local, &remote, 8), 0);
    close_handle(client);
    close_handle(server);
}

TEST(listen__in_wrong_state__statuses_as_documented)
{
    struct address bound;
    HANDLE stream = open_endpoint(INET, STREAM), datagram = open_endpoint(INET, DGRAM), client, server;
    CHECK_EQ(start_listen(stream, 5), STATUS_INVALID_PARAMETER);
    CHECK_EQ(start_listen(datagram, 5), STATUS_NOT_SUPPORTED);
    bound = bind_loopback(stream);
    CHECK_EQ(start_listen(stream, 5), STATUS_SUCCESS);
    CHECK_EQ(start_listen(stream, 9), STATUS_SUCCESS);
    CHECK_EQ(connect_to(stream, &bound), STATUS_INVALID_PARAMETER);
    open_pair(&client, &server);
    CHECK_EQ(start_listen(client, 5), STATUS_CONNECTION_ACTIVE);
    close_handle(stream);
    close_handle(datagram);
    close_handle(client);
    close_handle(server);
}

TEST(unconnected__data_and_shutdown__invalid_connection)
{
    struct address bound;
    char byte;
    HANDLE stream = open_endpoint(INET, STREAM), listener = open_listener(INET, 1, &bound);
    CHECK_EQ(send_bytes(stream, "x", 1, NULL), STATUS_INVALID_CONNECTION);
    CHECK_EQ(receive(stream, &byte, 1, TDI_RECEIVE_NORMAL, NULL), STATUS_INVALID_CONNECTION);
    CHECK_EQ(shut_down(stream, AFD_PARTIAL_DISCONNECT_SEND), STATUS_INVALID_CONNECTION);
    /* The state is looked at before the parameters. [obs:afd/recv] */
    CHECK_EQ(control(listener, IOCTL_AFD_RECEIVE, NULL, 0, NULL, 0, NULL), STATUS_INVALID_CONNECTION);
    close_handle(stream);
    close_handle(listener);
}

static ULONG get_information(HANDLE handle, ULONG type)
{
    AFD_INFORMATION info;
    memset(&info, 0, sizeof info);
    info.InformationType = type;
    CHECK_EQ(control(handle, IOCTL_AFD_GET_INFORMATION, &info, sizeof info, &info, sizeof info, NULL), STATUS_SUCCESS);
    return info.Information.Ulong;
}

TEST(any__information__set_and_got)
{
    HANDLE stream = open_endpoint(INET, STREAM), datagram = open_endpoint(INET, DGRAM), client, server;
    AFD_INFORMATION info;
    CHECK_EQ(get_information(stream, AFD_NONBLOCKING_MODE), 0);
    CHECK_EQ(set_nonblocking(stream, 1), STATUS_SUCCESS);
    CHECK_EQ(get_information(stream, AFD_NONBLOCKING_MODE), 1);
    CHECK_EQ(get_information(stream, AFD_CONNECT_TIME), 0xFFFFFFFF);
    CHECK_EQ(get_information(datagram, AFD_MAX_SEND_SIZE), 65507);
    CHECK(get_information(stream, AFD_RECEIVE_WINDOW_SIZE) != 0);
    memset(&info, 0, sizeof info);
    info.InformationType = AFD_INLINE_MODE;
    info.Information.Boolean = TRUE;
    CHECK_EQ(control(stream, IOCTL_AFD_SET_INFORMATION, &info, sizeof info, NULL, 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(get_information(stream, AFD_INLINE_MODE), 1);
    info.InformationType = 0x1234;
    CHECK_EQ(control(stream, IOCTL_AFD_SET_INFORMATION, &info, sizeof info, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(stream, IOCTL_AFD_GET_INFORMATION, &info, sizeof info, &info, 8, NULL), STATUS_BUFFER_TOO_SMALL);
    open_pair(&client, &server);
    CHECK_EQ(get_information(client, AFD_CONNECT_TIME), 0);
    CHECK_EQ(get_information(server, AFD_CONNECT_TIME), 0);
    close_handle(stream);
    close_handle(datagram);
    close_handle(client);
    close_handle(server);
}

TEST(any__context__kept_as_given)
{
    HANDLE handle = open_endpoint(INET, STREAM);
    char text[16] = "0123456789abcde", back[32];
    ULONG_PTR bytes;
    CHECK_EQ(control(handle, IOCTL_AFD_GET_CONTEXT, NULL, 0, back, sizeof back, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(handle, IOCTL_AFD_SET_CONTEXT, text, 16, NULL, 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(control(handle, IOCTL_AFD_GET_CONTEXT, NULL, 0, back, sizeof back, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 16);
    CHECK_EQ(memcmp(text, back, 16), 0);
    CHECK_EQ(control(handle, IOCTL_AFD_GET_CONTEXT, NULL, 0, back, 4, &bytes), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(bytes, 4);
    CHECK_EQ(control(handle, IOCTL_AFD_SET_CONTEXT, text, 70000, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(control(handle, IOCTL_AFD_SET_CONTEXT, (void *)0x10, 16, NULL, 0, NULL), STATUS_ACCESS_VIOLATION);
    close_handle(handle);
}

static NTSTATUS option(HANDLE handle, ULONG type, LONG level, LONG name, void *value, ULONG length, ULONG_PTR *bytes)
{
    AFD_TL_IO_CONTROL_INFO info = {type, level, name, 0, value, length};
    return control(handle, IOCTL_AFD_TRANSPORT_IOCTL, &info, sizeof info, NULL, 0, bytes);
}

TEST(open__options__reach_the_transport)
{
    HANDLE handle = open_endpoint(INET, STREAM);
    ULONG on = 1, got = 0;
    ULONG_PTR bytes = 0;
    CHECK_EQ(option(handle, AFD_TL_SET_OPTION, 6, 1, &on, sizeof on, NULL), STATUS_SUCCESS); /* TCP_NODELAY */
    CHECK_EQ(option(handle, AFD_TL_GET_OPTION, 6, 1, &got, sizeof got, &bytes), STATUS_SUCCESS);
    CHECK(bytes != 0 && got != 0);
    CHECK_EQ(option(handle, 9, 6, 1, &on, sizeof on, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(option(handle, AFD_TL_SET_OPTION, 6, 1, NULL, 4, NULL), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(option(handle, AFD_TL_GET_OPTION, 6, 1, (void *)8, 4, NULL), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(option(handle, AFD_TL_GET_OPTION, 6, 1, &got, 0x7fffffff, NULL), STATUS_INVALID_PARAMETER);
    close_handle(handle);
}

TEST(inet6__pair__connects_and_carries_data)
{
    struct address bound;
    char buffer[8];
    ULONG bytes;
    if (!engine_is("loop")) {
        HANDLE probe = open_endpoint(INET6, STREAM);
        struct address address = loopback(INET6, 0);
        NTSTATUS status = bind_to(probe, AFD_NORMALADDRUSE, &address, NULL);
        close_handle(probe);
        if (!NT_SUCCESS(status))
            SKIP("needs IPv6");
    }
    HANDLE listener = open_listener(INET6, 3, &bound), client = open_connected(&bound), server = accept_one(listener);
    CHECK_EQ(send_bytes(client, "six", 3, &bytes), STATUS_SUCCESS);
    CHECK_EQ(receive(server, buffer, sizeof buffer, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 3);
    close_handle(listener);
    close_handle(client);
    close_handle(server);
}

/* Two threads bind and listen at the same time: exactly one of each succeeds. [kb:Q142634] */
static ULONG bind_repeatedly(PVOID parameter)
{
    struct address address = loopback(INET, 0);
    return bind_to(parameter, AFD_NORMALADDRUSE, &address, NULL) == STATUS_SUCCESS;
}

TEST(open__two_threads_bind__one_wins)
{
    for (int i = 0; i < 50; i++) {
        HANDLE handle = open_endpoint(INET, STREAM);
        HANDLE thread = start_thread(bind_repeatedly, handle);
        ULONG won = bind_repeatedly(handle);
        won += join_thread(thread);
        CHECK_EQ(won, 1);
        close_handle(handle);
    }
}
