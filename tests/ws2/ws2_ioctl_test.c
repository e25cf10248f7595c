/* SPDX-License-Identifier: MIT */
/* ws2_ioctl_test.c - ioctlsocket and WSAIoctl. */
#include "ws2_test.h"

#include <mstcpip.h>
#include <mswsock.h>

TEST(ioctl__bad_arguments__documented_errors)
{
    u_long on = 1;
    DWORD bytes = 77;
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_FAILS(ioctlsocket(s, FIONBIO, (u_long *)NULL), WSAEFAULT);
    CHECK_FAILS(ioctlsocket(s, 0x12345, &on), WSAEOPNOTSUPP);
    CHECK_FAILS(WSAIoctl(s, FIONBIO, NULL, 0, NULL, 0, &bytes, NULL, NULL), WSAEFAULT);
    CHECK_FAILS(WSAIoctl(s, FIONBIO, &on, 3, NULL, 0, &bytes, NULL, NULL), WSAEFAULT);
    CHECK_FAILS(WSAIoctl(s, FIONBIO, &on, 4, NULL, 0, NULL, NULL, NULL), WSAEFAULT);
    CHECK_FAILS(WSAIoctl(s, FIONREAD, NULL, 0, &on, 2, &bytes, NULL, NULL), WSAEFAULT);
    CHECK_FAILS(WSAIoctl(s, 0xdeadbeef, NULL, 0, NULL, 0, &bytes, NULL, NULL), WSAEOPNOTSUPP);
    CHECK_EQ(bytes, 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST(fionread__stream_and_datagram__counts_what_can_be_read)
{
    SOCKET client, server;
    struct sockaddr_in a, b;
    u_long bytes = 99;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(ioctlsocket(server, FIONREAD, &bytes), 0);
    CHECK_EQ(bytes, 0);
    send_all(client, "12345", 5);
    wait_readable(server);
    CHECK_EQ(ioctlsocket(server, FIONREAD, &bytes), 0);
    CHECK_EQ(bytes, 5);
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b);
    CHECK_EQ(sendto(one, "123", 3, 0, (struct sockaddr *)&b, sizeof b), 3);
    wait_readable(two);
    CHECK_EQ(ioctlsocket(two, FIONREAD, &bytes), 0);
    CHECK_EQ(bytes, 3);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
}

TEST(fionbio__back_to_blocking__works_unless_events_are_selected)
{
    u_long off = 0;
    SOCKET client, server;
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    HANDLE event = WSACreateEvent();
    set_nonblocking(client);
    CHECK_EQ(ioctlsocket(client, FIONBIO, &off), 0);
    CHECK_EQ(send(server, "b", 1, 0), 1);
    CHECK_EQ(recv(client, &byte, 1, 0), 1);
    CHECK_EQ(WSAEventSelect(client, event, FD_READ), 0);
    CHECK_FAILS(ioctlsocket(client, FIONBIO, &off), WSAEINVAL);
    CHECK_FAILS(recv(client, &byte, 1, 0), WSAEWOULDBLOCK);
    CHECK_EQ(WSAEventSelect(client, NULL, 0), 0);
    CHECK_FAILS(recv(client, &byte, 1, 0), WSAEWOULDBLOCK); /* still non-blocking */
    CHECK_EQ(ioctlsocket(client, FIONBIO, &off), 0);
    CHECK(WSACloseEvent(event));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(siocatmark__inline__false_until_the_mark)
{
    SOCKET client, server;
    int on = 1;
    u_long mark = 9;
    char text[8];
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(setsockopt(server, SOL_SOCKET, SO_OOBINLINE, (char *)&on, sizeof on), 0);
    CHECK_EQ(ioctlsocket(server, SIOCATMARK, &mark), 0);
    CHECK_EQ(mark, TRUE); /* nothing out of band waits */
    send_all(client, "ab", 2);
    CHECK_EQ(send(client, "!", 1, MSG_OOB), 1);
    for (int i = 0; i < 1000; i++) {
        u_long bytes = 0;
        CHECK_EQ(ioctlsocket(server, FIONREAD, &bytes), 0);
        if (bytes >= 2)
            break;
        Sleep(1);
    }
    CHECK_EQ(ioctlsocket(server, SIOCATMARK, &mark), 0);
    CHECK_EQ(mark, FALSE);
    receive_all(server, text, 2);
    CHECK_EQ(ioctlsocket(server, SIOCATMARK, &mark), 0);
    CHECK_EQ(mark, TRUE);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(ioctl__keepalive_connreset_base_handle__work)
{
    struct tcp_keepalive keepalive = {1, 30000, 1000};
    DWORD bytes;
    BOOL off = FALSE;
    SOCKET base = INVALID_SOCKET;
    start_winsock();
    SOCKET s = stream_socket(), d = socket(AF_INET, SOCK_DGRAM, 0);
    int value = 0, length = sizeof value;
    CHECK_EQ(
        WSAIoctl(s, SIO_KEEPALIVE_VALS, &keepalive, sizeof keepalive, NULL, 0, &bytes, NULL, NULL),
        0);
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&value, &length), 0);
    CHECK_EQ(value, 1);
    CHECK_FAILS(
        WSAIoctl(s, SIO_KEEPALIVE_VALS, &keepalive, 4, NULL, 0, &bytes, NULL, NULL), WSAEFAULT);
    CHECK_EQ(WSAIoctl(d, SIO_UDP_CONNRESET, &off, sizeof off, NULL, 0, &bytes, NULL, NULL), 0);
    CHECK_EQ(WSAIoctl(s, SIO_BASE_HANDLE, NULL, 0, &base, sizeof base, &bytes, NULL, NULL), 0);
    CHECK_EQ((long long)base, (long long)s);
    CHECK_EQ(bytes, sizeof base);
    CHECK_FAILS(WSAIoctl(s, SIO_BASE_HANDLE, NULL, 0, &base, 4, &bytes, NULL, NULL), WSAEFAULT);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(d), 0);
}

TEST(udp_connreset__switch__decides_whether_a_lost_datagram_shows)
{
    struct sockaddr_in a;
    DWORD bytes;
    BOOL off = FALSE;
    char byte;
    start_winsock();
    SOCKET gone = bound_datagram(&a);
    CHECK_EQ(closesocket(gone), 0);
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(WSAIoctl(s, SIO_UDP_CONNRESET, &off, sizeof off, NULL, 0, &bytes, NULL, NULL), 0);
    CHECK_EQ(sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof a), 1);
    set_nonblocking(s);
    CHECK_FAILS(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    CHECK_EQ(closesocket(s), 0);
}

TEST(extension_functions__unknown_guid__is_invalid)
{
    GUID id = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    PVOID function;
    DWORD bytes;
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_FAILS(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &function,
                    sizeof function, &bytes, NULL, NULL),
        WSAEINVAL);
    CHECK_FAILS(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, 4, &function, sizeof function,
                    &bytes, NULL, NULL),
        WSAEFAULT);
    CHECK_EQ(closesocket(s), 0);
}
