/* SPDX-License-Identifier: MIT */
/*
 * ws2_option_sizes_test.c - how long option values are, and which sockets have which options.
 *
 * Source of all expectations: [test:wine/ws2_32/sock.c test_set_getsockopt, test_sockopt_validity].
 */
#include "ws2_test.h"

#include <mswsock.h>

#define UNTOUCHED 0x5a5a5a5a

enum shape { BOOL_4, BYTE_1, SHORT_4, NUMBER_4, CLEARED_4, DWORD_4 };

static const struct {
    int family, type, level, name;
    enum shape shape;
    int most; /* WSAEINVAL above; 0: any value */
} options[] = {
    {AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_BROADCAST, BOOL_4, 0},
    {AF_INET, SOCK_STREAM, SOL_SOCKET, SO_DONTLINGER, BOOL_4, 0},
    {AF_INET, SOCK_STREAM, SOL_SOCKET, SO_OOBINLINE, BOOL_4, 0},
    {AF_INET, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR, BOOL_4, 0},
    {AF_INET, SOCK_STREAM, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, BOOL_4, 0},
    {AF_INET, SOCK_STREAM, SOL_SOCKET, SO_LINGER, CLEARED_4, 0},
    {AF_INET, SOCK_STREAM, SOL_SOCKET, SO_RCVBUF, CLEARED_4, 0},
    {AF_INET, SOCK_STREAM, SOL_SOCKET, SO_SNDBUF, CLEARED_4, 0},
    {AF_INET, SOCK_STREAM, SOL_SOCKET, SO_RCVTIMEO, NUMBER_4, 0},
    {AF_INET, SOCK_STREAM, SOL_SOCKET, SO_SNDTIMEO, NUMBER_4, 0},
    {AF_INET, SOCK_STREAM, SOL_SOCKET, SO_OPENTYPE, NUMBER_4, 0},
    {AF_INET, SOCK_STREAM, SOL_SOCKET, SO_KEEPALIVE, BYTE_1, 0},
    {AF_INET, SOCK_STREAM, SOL_SOCKET, SO_DONTROUTE, BYTE_1, 0},
    {AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_NODELAY, BYTE_1, 0},
    {AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_KEEPALIVE, DWORD_4, 0},
    {AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_KEEPCNT, DWORD_4, 255},
    {AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_KEEPINTVL, DWORD_4, 0},
    {AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_MULTICAST_LOOP, SHORT_4, 0},
    {AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_MULTICAST_TTL, SHORT_4, 255},
    {AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_TOS, SHORT_4, 255},
    {AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_TTL, SHORT_4, 255},
    {AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_PKTINFO, DWORD_4, 0},
    {AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_RECVTOS, DWORD_4, 0},
    {AF_INET, SOCK_DGRAM, IPPROTO_IP, IP_RECVTTL, DWORD_4, 0},
    {AF_INET6, SOCK_STREAM, IPPROTO_IPV6, IPV6_DONTFRAG, SHORT_4, 0},
    {AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_HOPLIMIT, DWORD_4, 0},
    {AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, SHORT_4, 255},
    {AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_UNICAST_HOPS, SHORT_4, 255},
    {AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_RECVTCLASS, DWORD_4, 0},
    {AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, IPV6_V6ONLY, BYTE_1, 0},
};

static SOCKET socket_of(size_t i)
{
    return socket(options[i].family, options[i].type, 0);
}

TEST(options__room_for_two_bytes__as_the_option_has_it)
{
    start_winsock();
    for (size_t i = 0; i < ARRAYSIZE(options); i++) {
        int level = options[i].level, name = options[i].name, value = 1, length = 2;
        SOCKET s = socket_of(i);
        if (s == INVALID_SOCKET && options[i].family == AF_INET6)
            continue;
        CHECK_EQ(setsockopt(s, level, name, (char *)&value, sizeof value), 0);
        value = UNTOUCHED;
        if (options[i].shape <= SHORT_4) {
            CHECK_EQ(getsockopt(s, level, name, (char *)&value, &length), 0);
            CHECK_EQ(length, 1);
            CHECK_EQ(value, options[i].shape == BOOL_4 ? 0x5a5a0001 : 0x5a5a5a01);
        } else {
            CHECK_FAILS(getsockopt(s, level, name, (char *)&value, &length), WSAEFAULT);
            CHECK_EQ(length, options[i].shape == DWORD_4 ? 0 : 2);
            CHECK_EQ(value, options[i].shape == CLEARED_4 ? 0x5a5a0000 : UNTOUCHED);
        }
        CHECK_EQ(closesocket(s), 0);
    }
}

TEST(options__eight_bytes__four_count_or_one)
{
    start_winsock();
    for (size_t i = 0; i < ARRAYSIZE(options); i++) {
        int level = options[i].level, name = options[i].name, length = 8;
        unsigned long long value = 0xffffffff00000001ull;
        SOCKET s = socket_of(i);
        if (s == INVALID_SOCKET && options[i].family == AF_INET6)
            continue;
        CHECK_EQ(setsockopt(s, level, name, (char *)&value, sizeof value), 0);
        CHECK_EQ(getsockopt(s, level, name, (char *)&value, &length), 0);
        CHECK_EQ(length, options[i].shape == BYTE_1 ? 1 : 4);
        CHECK_EQ(value & 0xff, 1);
        CHECK_EQ(closesocket(s), 0);
    }
}

TEST(setsockopt__two_bytes__as_the_option_has_it)
{
    start_winsock();
    for (size_t i = 0; i < ARRAYSIZE(options); i++) {
        int level = options[i].level, name = options[i].name, value = 1;
        SOCKET s = socket_of(i);
        if (s == INVALID_SOCKET && options[i].family == AF_INET6)
            continue;
        if (options[i].shape <= SHORT_4)
            CHECK_EQ(setsockopt(s, level, name, (char *)&value, 2), 0);
        else
            CHECK_FAILS(setsockopt(s, level, name, (char *)&value, 2), WSAEFAULT);
        CHECK_EQ(closesocket(s), 0);
    }
}

TEST(setsockopt__a_value_of_256__refused_cut_or_kept)
{
    start_winsock();
    for (size_t i = 0; i < ARRAYSIZE(options); i++) {
        int level = options[i].level, name = options[i].name, value = 0x100, length = 4;
        SOCKET s = socket_of(i);
        if (s == INVALID_SOCKET && options[i].family == AF_INET6)
            continue;
        if (options[i].most != 0) {
            CHECK_FAILS(setsockopt(s, level, name, (char *)&value, 4), WSAEINVAL);
        } else {
            CHECK_EQ(setsockopt(s, level, name, (char *)&value, 4), 0);
            value = 0;
            CHECK_EQ(getsockopt(s, level, name, (char *)&value, &length), 0);
            CHECK(value == (options[i].shape == BYTE_1 ? 0 : 0x100) || (value == 1 && length == 4));
        }
        CHECK_EQ(closesocket(s), 0);
    }
}

static void check_option(SOCKET s, int level, int name, int get_error)
{
    char value[256] = {0};
    int length = sizeof value;
    if (get_error != 0) {
        CHECK_FAILS(getsockopt(s, level, name, value, &length), get_error);
        return;
    }
    CHECK_EQ(getsockopt(s, level, name, value, &length), 0);
    CHECK_EQ(setsockopt(s, level, name, value, length), 0);
}

TEST(ip_options__by_socket_type__known_or_the_documented_error)
{
    static const struct {
        int name, stream, datagram;
    } rows[] = {
        {-1, WSAENOPROTOOPT, WSAENOPROTOOPT},
        {IP_OPTIONS, 0, 0},
        {IP_HDRINCL, WSAEINVAL, WSAEINVAL},
        {IP_TTL, 0, 0},
        {IP_MULTICAST_IF, WSAEINVAL, 0},
        {IP_MULTICAST_TTL, WSAEINVAL, 0},
        {IP_ADD_MEMBERSHIP, WSAENOPROTOOPT, WSAENOPROTOOPT},
        {IP_DONTFRAGMENT, 0, 0},
        {IP_PKTINFO, WSAEINVAL, 0},
        {IP_RECEIVE_BROADCAST, WSAEINVAL, 0},
        {IP_RECVIF, WSAEINVAL, 0},
        {IP_IFLIST, 0, 0},
        {IP_GET_IFLIST, WSAEINVAL, WSAEINVAL},
        {IP_RTHDR, 0, 0},
        {IP_ECN, WSAEINVAL, 0},
        {IP_WFP_REDIRECT_RECORDS, WSAEINVAL, 0},
        {IP_MTU, WSAENOTCONN, WSAENOTCONN},
        {IP_RECVERR, WSAEINVAL, 0},
        {IP_USER_MTU, 0, 0},
    };
    start_winsock();
    for (size_t i = 0; i < ARRAYSIZE(rows); i++) {
        SOCKET s = stream_socket(), d = socket(AF_INET, SOCK_DGRAM, 0);
        check_option(s, IPPROTO_IP, rows[i].name, rows[i].stream);
        check_option(d, IPPROTO_IP, rows[i].name, rows[i].datagram);
        CHECK_EQ(closesocket(s), 0);
        CHECK_EQ(closesocket(d), 0);
    }
}

static int get_number(SOCKET s, int level, int name)
{
    int value = 0, length = sizeof value;
    CHECK_EQ(getsockopt(s, level, name, (char *)&value, &length), 0);
    return value;
}

static void set_number(SOCKET s, int level, int name, int value)
{
    CHECK_EQ(setsockopt(s, level, name, (char *)&value, sizeof value), 0);
}

TEST(mtu_discover__not_set__may_be_read_and_not_be_set)
{
    int value = IP_PMTUDISC_NOT_SET;
    start_winsock();
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(get_number(s, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_NOT_SET);
    CHECK_FAILS(setsockopt(s, IPPROTO_IP, IP_MTU_DISCOVER, (char *)&value, 4), WSAEINVAL);
    set_number(s, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
    CHECK_EQ(get_number(s, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_DO);
    CHECK_EQ(closesocket(s), 0);
}

TEST(dont_fragment__untouched__on_for_streams_alone)
{
    start_winsock();
    SOCKET s = stream_socket(), d = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(get_number(s, IPPROTO_IP, IP_DONTFRAGMENT), 1);
    CHECK_EQ(get_number(d, IPPROTO_IP, IP_DONTFRAGMENT), 0);
    set_number(s, IPPROTO_IP, IP_DONTFRAGMENT, 0);
    set_number(d, IPPROTO_IP, IP_DONTFRAGMENT, 0xdead);
    CHECK_EQ(get_number(s, IPPROTO_IP, IP_DONTFRAGMENT), 0);
    CHECK_EQ(get_number(d, IPPROTO_IP, IP_DONTFRAGMENT), 1);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(d), 0);
}

TEST(buffer_sizes__any_number__as_set_and_64_kib_at_first)
{
    static const int names[] = {SO_SNDBUF, SO_RCVBUF}, sizes[] = {4096, 1, 0, 0x7fffffff};
    start_winsock();
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        SOCKET s = stream_socket(), d = socket(AF_INET, SOCK_DGRAM, 0);
        CHECK_EQ(get_number(s, SOL_SOCKET, names[i]), 65536);
        CHECK_EQ(get_number(d, SOL_SOCKET, names[i]), 65536);
        for (size_t k = 0; k < ARRAYSIZE(sizes); k++) {
            set_number(s, SOL_SOCKET, names[i], sizes[k]);
            CHECK_EQ(get_number(s, SOL_SOCKET, names[i]), sizes[k]);
        }
        CHECK_EQ(closesocket(s), 0);
        CHECK_EQ(closesocket(d), 0);
    }
}

TEST(buffer_sizes__least_on_both_ends__whole_sends_arrive_whole)
{
    SOCKET client, server;
    char data[4096] = {1}, got[sizeof data];
    start_winsock();
    stream_pair(&client, &server);
    set_nonblocking(client);
    set_number(client, SOL_SOCKET, SO_SNDBUF, 0);
    set_number(server, SOL_SOCKET, SO_RCVBUF, 1024);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(send(client, data, sizeof data, 0), (int)sizeof data);
    for (int i = 0; i < 3; i++)
        receive_all(server, got, sizeof got);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(accept__options_kept_by_the_provider__inherited)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a), client = stream_socket();
    set_number(listener, SOL_SOCKET, SO_RCVBUF, 5000);
    set_number(listener, SOL_SOCKET, SO_DEBUG, 2);
    CHECK_EQ(connect(client, (struct sockaddr *)&a, sizeof a), 0);
    SOCKET server = accept(listener, NULL, NULL);
    CHECK_EQ(get_number(server, SOL_SOCKET, SO_RCVBUF), 5000);
    CHECK_EQ(get_number(server, SOL_SOCKET, SO_DEBUG), 1);
    CHECK_EQ(get_number(client, SOL_SOCKET, SO_DEBUG), 0);
    CHECK_EQ(closesocket(listener), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(so_error__set__read_once)
{
    start_winsock();
    SOCKET s = stream_socket();
    set_number(s, SOL_SOCKET, SO_ERROR, 1234);
    CHECK_EQ(get_number(s, SOL_SOCKET, SO_ERROR), 1234);
    CHECK_EQ(get_number(s, SOL_SOCKET, SO_ERROR), 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST(v6only__of_an_ipv4_socket__settable_until_bound)
{
    struct sockaddr_in a = loopback4(0);
    int value = 0;
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_EQ(get_number(s, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    set_number(s, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    CHECK_EQ(get_number(s, IPPROTO_IPV6, IPV6_V6ONLY), 0);
    CHECK_EQ(bind(s, (struct sockaddr *)&a, sizeof a), 0);
    CHECK_FAILS(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&value, 4), WSAEINVAL);
    CHECK_EQ(closesocket(s), 0);
}

TEST(protocol_info_and_bsp_state__lengths__as_documented)
{
    WSAPROTOCOL_INFOA info[2];
    char state[128];
    int length = sizeof info[0] / 2;
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_FAILS(
        getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOA, (char *)info, &length), WSAEFAULT);
    CHECK_EQ(length, (int)sizeof info[0]);
    length = sizeof info;
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOA, (char *)info, &length), 0);
    CHECK_EQ(length, (int)sizeof info);
    length = sizeof(CSADDR_INFO) + 2 * sizeof(struct sockaddr_in);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_BSP_STATE, state, &length), 0);
    length--;
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_BSP_STATE, state, &length), WSAEFAULT);
    CHECK_EQ(closesocket(s), 0);
}
