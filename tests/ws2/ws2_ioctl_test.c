/* SPDX-License-Identifier: MIT */
/* ws2_ioctl_test.c - ioctlsocket and WSAIoctl. */
#include "ws2_ex_test.h"

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

TEST(siocatmark__inline__false_until_it_is_read)
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
    CHECK_EQ(mark, FALSE); /* although it is the next byte [test:wine/ws2_32/sock.c fionread_siocatmark] */
    CHECK_EQ(recv(server, text, 1, 0), 1);
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

TEST(extension_functions__all_of_them__are_known)
{
    static const GUID ids[] = {WSAID_ACCEPTEX, WSAID_GETACCEPTEXSOCKADDRS, WSAID_CONNECTEX,
        WSAID_DISCONNECTEX, WSAID_TRANSMITFILE, WSAID_TRANSMITPACKETS, WSAID_WSARECVMSG,
        WSAID_WSASENDMSG, WSAID_WSAPOLL};
    static const GUID accept_ex = WSAID_ACCEPTEX;
    GUID rio = WSAID_MULTIPLE_RIO;
    char table[256];
    DWORD bytes;
    start_winsock();
    SOCKET s = stream_socket();
    for (size_t i = 0; i < ARRAYSIZE(ids); i++)
        CHECK(extension(s, &ids[i]) != NULL);
    CHECK(extension(s, &accept_ex) == (PVOID)(ULONG_PTR)AcceptEx);
    CHECK_FAILS(WSAIoctl(s, SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER, &rio, sizeof rio, table,
                    sizeof table, &bytes, NULL, NULL),
        WSAEOPNOTSUPP); /* no registered I/O */
    CHECK_EQ(closesocket(s), 0);
}

static int routine_calls;
static DWORD routine_error, routine_bytes;
static void CALLBACK ioctl_done(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    (void)overlapped;
    (void)flags;
    routine_calls++;
    routine_error = error;
    routine_bytes = bytes;
}

TEST(wsaioctl__overlapped__is_done_at_once_and_notifies)
{
    u_long one = 1, value = 9;
    DWORD bytes = 77;
    WSAOVERLAPPED plain = {0};
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_FAILS(WSAIoctl(s, FIONREAD, NULL, 0, &value, sizeof value, NULL, &plain, NULL), WSAEFAULT);
    WSAOVERLAPPED o = overlapped_begin();
    int result = WSAIoctl(s, FIONREAD, NULL, 0, &value, sizeof value, &bytes, &o, NULL);
    CHECK_EQ(value, 0);
    CHECK_EQ(bytes, sizeof value);
    CHECK_EQ(overlapped_end(s, &o, result == 0, &bytes), 0);
    CHECK_EQ(bytes, 0); /* of the request that tells of it */
    CHECK_EQ(o.Internal, 0);
    o = overlapped_begin();
    result = WSAIoctl(s, FIONBIO, &one, sizeof one, NULL, 0, &bytes, &o, NULL);
    CHECK_EQ(overlapped_end(s, &o, result == 0, NULL), 0);
    o = overlapped_begin();
    CHECK_FAILS(WSAIoctl(s, FIONBIO, &one, 3, NULL, 0, &bytes, &o, NULL), WSAEFAULT);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &o.hEvent, FALSE, 0, FALSE), WSA_WAIT_TIMEOUT);
    CHECK(WSACloseEvent(o.hEvent));
    result = WSAIoctl(s, FIONREAD, NULL, 0, &value, sizeof value, &bytes, &plain, ioctl_done);
    CHECK(result == 0 || WSAGetLastError() == WSA_IO_PENDING);
    CHECK_EQ(SleepEx(15000, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine_calls, 1);
    CHECK_EQ(routine_error, 0);
    CHECK_EQ(routine_bytes, 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST(wsaioctl__overlapped_unknown_code__pends_and_fails_then)
{
    static const DWORD codes[] = {0xdeadbeef, FIOASYNC, 0x667e, SIO_FLUSH};
    DWORD bytes;
    SOCKET base = INVALID_SOCKET;
    start_winsock();
    SOCKET s = stream_socket();
    for (size_t i = 0; i < ARRAYSIZE(codes); i++) {
        WSAOVERLAPPED o = overlapped_begin();
        bytes = 77;
        CHECK_FAILS(WSAIoctl(s, codes[i], NULL, 0, NULL, 0, &bytes, &o, NULL), WSA_IO_PENDING);
        CHECK_EQ(bytes, 77);
        CHECK_EQ(overlapped_end(s, &o, FALSE, NULL), WSAEOPNOTSUPP);
        CHECK_EQ((LONG)o.Internal, (LONG)0xC00000BB); /* STATUS_NOT_SUPPORTED */
        CHECK_FAILS(WSAIoctl(s, codes[i], NULL, 0, NULL, 0, &bytes, NULL, NULL), WSAEOPNOTSUPP);
        CHECK_EQ(bytes, 0);
    }
    WSAOVERLAPPED o = overlapped_begin();
    CHECK_FAILS(WSAIoctl(s, SIO_BASE_HANDLE, NULL, 0, &base, sizeof base, &bytes, &o, NULL),
        WSA_IO_PENDING); /* [obs:wine/sock base_handle] */
    CHECK_EQ(overlapped_end(s, &o, FALSE, NULL), WSAEOPNOTSUPP);
    CHECK(base == INVALID_SOCKET);
    CHECK_EQ(closesocket(s), 0);
}

TEST(ideal_send_backlog__only_of_a_connected_stream)
{
    SOCKET client, server;
    struct sockaddr_in a;
    ULONG backlog = 0;
    DWORD bytes;
    start_winsock();
    SOCKET s = stream_socket(), d = bound_datagram(&a);
    stream_pair(&client, &server);
    CHECK_FAILS(WSAIoctl(s, SIO_IDEAL_SEND_BACKLOG_QUERY, NULL, 0, &backlog, sizeof backlog,
                    &bytes, NULL, NULL),
        WSAENOTCONN);
    CHECK_FAILS(WSAIoctl(d, SIO_IDEAL_SEND_BACKLOG_QUERY, NULL, 0, &backlog, sizeof backlog,
                    &bytes, NULL, NULL),
        WSAEOPNOTSUPP);
    CHECK_EQ(WSAIoctl(client, SIO_IDEAL_SEND_BACKLOG_QUERY, NULL, 0, &backlog, sizeof backlog,
                 &bytes, NULL, NULL),
        0);
    CHECK_EQ(backlog, 0x10000);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(d), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}
