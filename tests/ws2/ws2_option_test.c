/* SPDX-License-Identifier: MIT */
/* ws2_option_test.c - getsockopt and setsockopt. */
#include "ws2_test.h"

#include <mswsock.h>

static int get_int(SOCKET s, int level, int name)
{
    int value = 0x5a5a5a5a, length = sizeof value;
    CHECK_EQ(getsockopt(s, level, name, (char *)&value, &length), 0);
    CHECK_EQ(length, 4);
    return value;
}

/* An option of one byte tells so, whatever the room is. [test:wine/ws2_32/sock.c] */
static int get_byte(SOCKET s, int level, int name)
{
    int value = 0x5a5a5a5a, length = sizeof value;
    CHECK_EQ(getsockopt(s, level, name, (char *)&value, &length), 0);
    CHECK_EQ(length, 1);
    CHECK_EQ(value & ~0xff, 0x5a5a5a00);
    return value & 0xff;
}

static void set_int(SOCKET s, int level, int name, int value)
{
    CHECK_EQ(setsockopt(s, level, name, (char *)&value, sizeof value), 0);
}

TEST(options__bad_arguments__documented_errors)
{
    int value = 1, length = sizeof value;
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_FAILS(getsockopt(s, 12345, SO_TYPE, (char *)&value, &length), WSAEINVAL);
    CHECK_FAILS(setsockopt(s, 12345, SO_KEEPALIVE, (char *)&value, 4), WSAEINVAL);
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, 0x7777, (char *)&value, &length), WSAENOPROTOOPT);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, 0x7777, (char *)&value, 4), WSAENOPROTOOPT);
    CHECK_FAILS(getsockopt(s, IPPROTO_TCP, 0x7777, (char *)&value, &length), WSAENOPROTOOPT);
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_TYPE, NULL, &length), WSAEFAULT);
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, NULL), WSAEFAULT);
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, (int *)12), WSAEFAULT);
    length = 3;
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, &length), WSAEFAULT);
    length = 0;
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&value, &length), WSAEFAULT);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, NULL, 4), WSAEFAULT);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&value, 0), WSAEFAULT);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&value, 2), WSAEFAULT);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&value, 2), WSAEFAULT);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, 4), WSAENOPROTOOPT);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_ACCEPTCONN, (char *)&value, 4), WSAENOPROTOOPT);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_BROADCAST, (char *)&value, 4), WSAENOPROTOOPT);
    SOCKET datagram = socket(AF_INET, SOCK_DGRAM, 0); /* [test:wine/ws2_32/sock.c WSASocket] */
    CHECK_FAILS(setsockopt(datagram, SOL_SOCKET, SO_TYPE, (char *)&value, 4), WSAEINVAL);
    CHECK_FAILS(setsockopt(datagram, SOL_SOCKET, SO_ACCEPTCONN, (char *)&value, 4), WSAENOPROTOOPT);
    CHECK_EQ(closesocket(datagram), 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST(options__booleans__set_and_read_back_in_one_byte_or_more)
{
    static const struct {
        int type, level, name;
        int (*get)(SOCKET, int, int);
    } cases[] = {
        {SOCK_STREAM, SOL_SOCKET, SO_KEEPALIVE, get_byte},
        {SOCK_STREAM, SOL_SOCKET, SO_DEBUG, get_int},
        {SOCK_STREAM, SOL_SOCKET, SO_OOBINLINE, get_int},
        {SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR, get_int},
        {SOCK_STREAM, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, get_int},
        {SOCK_DGRAM, SOL_SOCKET, SO_BROADCAST, get_int},
        {SOCK_STREAM, SOL_SOCKET, SO_DONTROUTE, get_byte},
    };
    start_winsock();
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        SOCKET s = socket(AF_INET, cases[i].type, 0);
        char byte = 1, eight[8] = {0};
        int length = 1;
        CHECK_EQ(cases[i].get(s, cases[i].level, cases[i].name), 0);
        set_int(s, cases[i].level, cases[i].name, 1);
        CHECK_EQ(cases[i].get(s, cases[i].level, cases[i].name), 1);
        CHECK_EQ(setsockopt(s, cases[i].level, cases[i].name, eight, sizeof eight), 0);
        CHECK_EQ(cases[i].get(s, cases[i].level, cases[i].name), 0);
        CHECK_EQ(setsockopt(s, cases[i].level, cases[i].name, &byte, 1), 0);
        byte = 0;
        CHECK_EQ(getsockopt(s, cases[i].level, cases[i].name, &byte, &length), 0);
        CHECK_EQ(length, 1);
        CHECK_EQ(byte, 1);
        CHECK_EQ(closesocket(s), 0);
    }
}

/* As since Windows 7. [test:wine/ws2_32/sock.c] */
TEST(calls__succeed__clear_the_last_error)
{
    BOOL on = TRUE;
    u_long value = 1;
    int length = sizeof on;
    start_winsock();
    SOCKET s = stream_socket();
    WSASetLastError(1234);
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&on, sizeof on), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    WSASetLastError(1234);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&on, &length), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    WSASetLastError(1234);
    CHECK_EQ(ioctlsocket(s, FIONBIO, &value), 0);
    CHECK_EQ(WSAGetLastError(), 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST(options__of_the_socket_itself__tell_what_it_is)
{
    struct sockaddr_in a;
    WSAPROTOCOL_INFOW wide;
    WSAPROTOCOL_INFOA narrow;
    int length = sizeof wide;
    start_winsock();
    SOCKET listener = listener4(&a), s = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(get_int(listener, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    CHECK_EQ(get_int(s, SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
    CHECK_EQ(get_int(listener, SOL_SOCKET, SO_ACCEPTCONN), 1);
    CHECK_EQ(get_int(s, SOL_SOCKET, SO_ACCEPTCONN), 0);
    CHECK_EQ(get_int(s, SOL_SOCKET, SO_ERROR), 0);
    CHECK_EQ(get_int(s, SOL_SOCKET, SO_MAX_MSG_SIZE), 65507);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&wide, &length), 0);
    CHECK_EQ(wide.iProtocol, IPPROTO_UDP);
    CHECK_EQ(wide.iSocketType, SOCK_DGRAM);
    length = sizeof narrow;
    CHECK_EQ(getsockopt(listener, SOL_SOCKET, SO_PROTOCOL_INFOA, (char *)&narrow, &length), 0);
    CHECK_EQ(narrow.iProtocol, IPPROTO_TCP);
    CHECK_EQ(strcmp(narrow.szProtocol, "MSAFD Tcpip [TCP/IP]"), 0);
    length = sizeof narrow - 1;
    CHECK_FAILS(
        getsockopt(listener, SOL_SOCKET, SO_PROTOCOL_INFOA, (char *)&narrow, &length), WSAEFAULT);
    CHECK_EQ(closesocket(listener), 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST(options__linger__two_views_of_one_thing)
{
    LINGER linger = {1, 30};
    int length = sizeof linger;
    start_winsock();
    SOCKET s = stream_socket(), d = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(get_int(s, SOL_SOCKET, SO_DONTLINGER), 1);
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger), 0);
    CHECK_EQ(get_int(s, SOL_SOCKET, SO_DONTLINGER), 0);
    set_int(s, SOL_SOCKET, SO_DONTLINGER, 1);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &length), 0);
    CHECK_EQ(linger.l_onoff, 0);
    CHECK_EQ(linger.l_linger, 30);
    CHECK_FAILS(
        setsockopt(d, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger), WSAENOPROTOOPT);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(d), 0);
}

TEST(options__numbers__read_back)
{
    start_winsock();
    SOCKET s = stream_socket();
    set_int(s, SOL_SOCKET, SO_RCVTIMEO, 321);
    set_int(s, SOL_SOCKET, SO_SNDTIMEO, 123);
    CHECK_EQ(get_int(s, SOL_SOCKET, SO_RCVTIMEO), 321);
    CHECK_EQ(get_int(s, SOL_SOCKET, SO_SNDTIMEO), 123);
    set_int(s, SOL_SOCKET, SO_SNDBUF, 20000);
    set_int(s, SOL_SOCKET, SO_RCVBUF, 30000);
    CHECK_EQ(get_int(s, SOL_SOCKET, SO_SNDBUF), 20000);
    CHECK_EQ(get_int(s, SOL_SOCKET, SO_RCVBUF), 30000);
    CHECK_EQ(closesocket(s), 0);
}

TEST(options__tcp_nodelay__also_in_one_byte)
{
    char byte = 1;
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_EQ(get_byte(s, IPPROTO_TCP, TCP_NODELAY), 0);
    CHECK_EQ(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &byte, 1), 0);
    CHECK_EQ(get_byte(s, IPPROTO_TCP, TCP_NODELAY), 1);
    set_int(s, IPPROTO_TCP, TCP_NODELAY, 0);
    CHECK_EQ(get_byte(s, IPPROTO_TCP, TCP_NODELAY), 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST(options__ip__read_back)
{
    start_winsock();
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    set_int(s, IPPROTO_IP, IP_TTL, 42);
    CHECK_EQ(get_int(s, IPPROTO_IP, IP_TTL), 42);
    CHECK_EQ(closesocket(s), 0);
}

TEST(connect_time__connected_and_not__seconds_or_all_ones)
{
    SOCKET client, server;
    start_winsock();
    SOCKET s = stream_socket();
    stream_pair(&client, &server);
    CHECK_EQ(get_int(s, SOL_SOCKET, SO_CONNECT_TIME), -1);
    int seconds = get_int(client, SOL_SOCKET, SO_CONNECT_TIME);
    CHECK(seconds >= 0 && seconds < 100);
    CHECK(get_int(server, SOL_SOCKET, SO_CONNECT_TIME) >= 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(bsp_state__connected__has_both_addresses)
{
    SOCKET client, server;
    char room[256];
    int length = sizeof room;
    CSADDR_INFO *info = (CSADDR_INFO *)room;
    struct sockaddr_in a;
    int a_length = sizeof a;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(getsockopt(client, SOL_SOCKET, SO_BSP_STATE, room, &length), 0);
    CHECK_EQ(info->iSocketType, SOCK_STREAM);
    CHECK_EQ(info->iProtocol, IPPROTO_TCP);
    CHECK_EQ(getsockname(client, (struct sockaddr *)&a, &a_length), 0);
    REQUIRE(info->LocalAddr.lpSockaddr != NULL && info->RemoteAddr.lpSockaddr != NULL);
    CHECK_EQ(((struct sockaddr_in *)info->LocalAddr.lpSockaddr)->sin_port, a.sin_port);
    CHECK_EQ(getpeername(client, (struct sockaddr *)&a, &a_length), 0);
    CHECK_EQ(((struct sockaddr_in *)info->RemoteAddr.lpSockaddr)->sin_port, a.sin_port);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(update_context__accept_and_connect__documented)
{
    struct sockaddr_in a;
    SOCKET client, server;
    start_winsock();
    SOCKET listener = listener4(&a), s = stream_socket();
    stream_pair(&client, &server);
    CHECK_EQ(setsockopt(
                 server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof listener),
        0);
    CHECK_FAILS(setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, NULL, 0), WSAEFAULT);
    CHECK_FAILS(
        setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&s, sizeof s), WSAEINVAL);
    CHECK_EQ(setsockopt(client, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0), 0);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0), WSAENOTCONN);
    CHECK_EQ(closesocket(listener), 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}
