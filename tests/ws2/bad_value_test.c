/* SPDX-License-Identifier: MIT */
/*
 * bad_value_test.c - values that mean nothing: families, types, protocols, flags, levels, options, codes,
 * masks and counts; and good values in the wrong state.
 */
#include "bad_input.h"

#include <mstcpip.h>
#include <mswsock.h>

static struct sockets at;
static char data[64];
static DWORD count, flags;

TEST(bad_input_value__socket__documented_error)
{
    static const struct {
        int family, type, protocol, error;
    } rows[] = {
        {0, 0, 0, WSAEINVAL},
        {-1, SOCK_STREAM, 0, WSAEAFNOSUPPORT},
        {0x7FFFFFFF, SOCK_STREAM, 0, WSAEAFNOSUPPORT},
        {AF_UNIX, SOCK_STREAM, 0, WSAEAFNOSUPPORT},
        {AF_IPX, SOCK_DGRAM, 0, WSAEAFNOSUPPORT},
        {AF_INET, -1, 0, WSAESOCKTNOSUPPORT},
        {AF_INET, 99, 0, WSAESOCKTNOSUPPORT},
        {AF_INET, 0x7FFFFFFF, 0, WSAESOCKTNOSUPPORT},
        {AF_INET, SOCK_RDM, 0, WSAESOCKTNOSUPPORT},
        {AF_INET, SOCK_SEQPACKET, 0, WSAESOCKTNOSUPPORT},
        {AF_INET6, 77, IPPROTO_TCP, WSAESOCKTNOSUPPORT},
        {AF_INET, SOCK_STREAM, IPPROTO_UDP, WSAEPROTONOSUPPORT},
        {AF_INET, SOCK_DGRAM, IPPROTO_TCP, WSAEPROTONOSUPPORT},
        {AF_INET, SOCK_STREAM, 12345, WSAEPROTONOSUPPORT},
        {AF_INET, SOCK_STREAM, -1, WSAEPROTONOSUPPORT},
        {AF_INET6, SOCK_DGRAM, 0x7FFFFFFF, WSAEPROTONOSUPPORT},
    };
    start_winsock();
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        ROW(socket(rows[i].family, rows[i].type, rows[i].protocol), INVALID_SOCKET, rows[i].error);
        ROW(WSASocketA(rows[i].family, rows[i].type, rows[i].protocol, NULL, 0, WSA_FLAG_OVERLAPPED), INVALID_SOCKET,
            rows[i].error);
        ROW(WSASocketW(rows[i].family, rows[i].type, rows[i].protocol, NULL, 0, 0), INVALID_SOCKET, rows[i].error);
    }
    /* [guess]: flags that nobody has defined */
    ROW(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, 0x80000000), INVALID_SOCKET, WSAEINVAL);
    ROW(WSASocketA(AF_INET, SOCK_STREAM, 0, NULL, 0, 0xFFFFFFFF), INVALID_SOCKET, WSAEINVAL);
    CHECK_EQ(WSACleanup(), 0);
}

TEST(bad_input_value__protocol_info__documented_error)
{
    WSAPROTOCOL_INFOW info;
    WSAPROTOCOL_INFOA info_a;
    start_winsock();
    memset(&info, 0, sizeof info);
    memset(&info_a, 0xFF, sizeof info_a);
    ROW(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, 0), INVALID_SOCKET,
        WSAEAFNOSUPPORT);
    ROW(WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info_a, 0, 0), INVALID_SOCKET,
        WSAEAFNOSUPPORT);
    info.iAddressFamily = AF_INET;
    info.iSocketType = SOCK_STREAM;
    info.iProtocol = IPPROTO_TCP;
    info.dwProviderReserved = 0x3FFC; /* as if from WSADuplicateSocket */
    ROW(WSASocketW(0, 0, 0, &info, 0, 0), INVALID_SOCKET, WSAEINVAL);
    info.dwProviderReserved = 0xFFFFFFFF;
    ROW(WSASocketW(0, 0, 0, &info, 0, 0), INVALID_SOCKET, WSAEINVAL);
    CHECK_EQ(WSACleanup(), 0);
}

TEST(bad_input_value__flags_of_data__documented_error)
{
    WSABUF buffer = {1, data};
    struct sockaddr *to = (struct sockaddr *)&at.bound_address;
    int size = sizeof at.bound_address;
    open_sockets(&at);
    FAILS(send(at.client, data, 1, 0x7FFFFFFF), WSAEOPNOTSUPP);
    FAILS(send(at.client, data, 1, -1), WSAEOPNOTSUPP);
    FAILS(send(at.client, data, 1, MSG_PEEK), WSAEOPNOTSUPP);
    FAILS(sendto(at.bound, data, 1, MSG_OOB, to, size), WSAEOPNOTSUPP);
    FAILS(WSASend(at.client, &buffer, 1, &count, 0x40000000, NULL, NULL), WSAEOPNOTSUPP);
    FAILS(WSASendTo(at.bound, &buffer, 1, &count, 0x40000000, to, size, NULL, NULL), WSAEOPNOTSUPP);
    FAILS(recv(at.server, data, 1, 0x7FFFFFFF), WSAEINVAL);
    FAILS(recv(at.server, data, 1, -1), WSAEINVAL);
    FAILS(recv(at.server, data, 1, 0x40), WSAEINVAL);
    FAILS(recvfrom(at.bound, data, 1, MSG_OOB, NULL, NULL), WSAEOPNOTSUPP);
    FAILS(recv(at.bound, data, 1, MSG_WAITALL), WSAEOPNOTSUPP);
    FAILS(recv(at.server, data, 1, MSG_WAITALL), WSAEOPNOTSUPP); /* non-blocking */
    flags = 0x40000000;
    FAILS(WSARecv(at.server, &buffer, 1, &count, &flags, NULL, NULL), WSAEINVAL);
    CHECK_EQ(flags, 0x40000000);
    FAILS(WSASendDisconnect(at.client, &buffer), WSAENOPROTOOPT);
    FAILS(WSARecvDisconnect(at.client, &buffer), WSAENOPROTOOPT);
    close_sockets(&at);
}

TEST(bad_input_value__levels_and_options__documented_error)
{
    static const struct {
        int level, name, error;
    } rows[] = {
        {0x7FFF, SO_KEEPALIVE, WSAEINVAL},
        {-1, SO_KEEPALIVE, WSAEINVAL},
        {1, 9, WSAEINVAL}, /* Linux' SOL_SOCKET is ICMP's level here, and has no such option */
        {SOL_SOCKET, 0x7FFF, WSAENOPROTOOPT},
        {SOL_SOCKET, -1, WSAENOPROTOOPT},
        {SOL_SOCKET, 0, WSAENOPROTOOPT},
        {IPPROTO_TCP, 0x7FFF, WSAENOPROTOOPT},
        {IPPROTO_TCP, -1, WSAENOPROTOOPT},
        {IPPROTO_IP, 0x7FFF, WSAENOPROTOOPT},
        {IPPROTO_IP, -1, WSAENOPROTOOPT},
        {SOL_SOCKET, SO_BROADCAST, WSAENOPROTOOPT}, /* a stream has none. [doc:winsock/setsockopt] */
    };
    int length;
    open_sockets(&at);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        int error = rows[i].level == 1 ? WSAENOPROTOOPT : rows[i].error;
        length = sizeof data;
        FAILS(getsockopt(at.stream, rows[i].level, rows[i].name, data, &length), error);
        CHECK_EQ(length, (int)sizeof data);
        FAILS(setsockopt(at.stream, rows[i].level, rows[i].name, data, 4), error);
    }
    length = sizeof data;
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_TYPE, data, 4), WSAENOPROTOOPT);
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_ACCEPTCONN, data, 4), WSAENOPROTOOPT);
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_PROTOCOL_INFOW, data, 4), WSAENOPROTOOPT);
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_LINGER, data, 3), WSAEFAULT);
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_RCVTIMEO, data, 3), WSAEFAULT);
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_RCVBUF, data, 1), WSAEFAULT);
    FAILS(setsockopt(at.datagram, SOL_SOCKET, SO_LINGER, data, 4), WSAENOPROTOOPT);
    FAILS(setsockopt(at.datagram, SOL_SOCKET, SO_OOBINLINE, data, 4), WSAENOPROTOOPT);
    FAILS(getsockopt(at.datagram, SOL_SOCKET, SO_LINGER, data, &length), WSAENOPROTOOPT);
    FAILS(setsockopt(at.stream, IPPROTO_TCP, TCP_NODELAY, data, 0x7FFFFFFF), WSAEFAULT);
    FAILS(setsockopt(at.bound_stream, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, "\1\0\0", 4), WSAEINVAL);
    FAILS(setsockopt(at.listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, "\1\0\0", 4), WSAEINVAL);
    close_sockets(&at);
}

TEST(bad_input_value__accept_context__documented_error)
{
    SOCKET none = INVALID_SOCKET;
    open_sockets(&at);
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&none, sizeof none), WSAENOTSOCK);
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&at.event, sizeof none), WSAENOTSOCK);
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&at.client, sizeof none), WSAEINVAL);
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&at.listener, 4), WSAEFAULT);
    FAILS(setsockopt(at.stream, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0), WSAENOTCONN);
    close_sockets(&at);
}

TEST(bad_input_value__control_codes__documented_error)
{
    static const DWORD codes[] = {0, 1, 0x12345, 0x7FFFFFFF, 0xFFFFFFFF, FIOASYNC, SIOCSHIWAT, _WSAIO(IOC_WS2, 0x7FF),
        _WSAIORW(IOC_VENDOR, 0x7FF)};
    u_long on = 1, off = 0;
    open_sockets(&at);
    for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++) {
        FAILS(ioctlsocket(at.client, (int)codes[i], &on), WSAEOPNOTSUPP);
        FAILS(WSAIoctl(at.client, codes[i], data, sizeof data, data, sizeof data, &count, NULL, NULL), WSAEOPNOTSUPP);
        CHECK_EQ(count, 0);
    }
    FAILS(ioctlsocket(at.datagram, SIOCATMARK, &on), WSAEINVAL);
    FAILS(WSAIoctl(at.datagram, SIO_KEEPALIVE_VALS, data, sizeof(struct tcp_keepalive), NULL, 0, &count, NULL, NULL),
        WSAEOPNOTSUPP);
    FAILS(WSAIoctl(at.client, SIO_UDP_CONNRESET, &on, sizeof on, NULL, 0, &count, NULL, NULL), WSAEOPNOTSUPP);
    FAILS(WSAIoctl(at.client, SIO_GET_EXTENSION_FUNCTION_POINTER, data, sizeof(GUID), data, 8, &count, NULL, NULL),
        WSAEINVAL);
    GOOD(WSAEventSelect(at.client, at.event, FD_READ), 0);
    FAILS(ioctlsocket(at.client, FIONBIO, &off), WSAEINVAL);
    close_sockets(&at);
}

TEST(bad_input_value__events__documented_error)
{
    WSAEVENT many[65], none[1] = {(WSAEVENT)0x3FFC}, twice[2];
    WSANETWORKEVENTS events;
    open_sockets(&at);
    for (int i = 0; i < 65; i++)
        many[i] = at.event;
    twice[0] = twice[1] = at.event;
    FAILS(WSAEventSelect(at.client, at.event, 0x400), WSAEINVAL);
    FAILS(WSAEventSelect(at.client, at.event, -1), WSAEINVAL);
    FAILS(WSAEventSelect(at.client, NULL, FD_READ), WSAEINVAL);
    FAILS(WSAEventSelect(at.client, none[0], FD_READ), WSAEINVAL);
    FAILS(WSAEventSelect(at.client, at.thread, FD_READ), WSAEINVAL);
    FAILS(WSAEventSelect(at.client, (WSAEVENT)at.server, FD_READ), WSAEINVAL);
    FAILS(WSAEventSelect(at.client, INVALID_HANDLE_VALUE, FD_READ), WSAEINVAL);
    FAILS(WSAEnumNetworkEvents(at.client, none[0], &events), WSAEINVAL);
    FAILS(WSAEnumNetworkEvents(at.client, at.thread, &events), WSAEINVAL);
    ROW(WSASetEvent(NULL), FALSE, WSA_INVALID_HANDLE);
    ROW(WSASetEvent(none[0]), FALSE, WSA_INVALID_HANDLE);
    ROW(WSASetEvent(at.thread), FALSE, WSA_INVALID_HANDLE);
    ROW(WSASetEvent((WSAEVENT)at.client), FALSE, WSA_INVALID_HANDLE);
    ROW(WSAResetEvent(at.thread), FALSE, WSA_INVALID_HANDLE);
    ROW(WSAResetEvent(INVALID_HANDLE_VALUE), FALSE, WSA_INVALID_HANDLE);
    ROW(WSACloseEvent(NULL), FALSE, WSA_INVALID_HANDLE);
    ROW(WSACloseEvent(none[0]), FALSE, WSA_INVALID_HANDLE);
    ROW(WSAWaitForMultipleEvents(0, many, FALSE, 0, FALSE), WSA_WAIT_FAILED, WSA_INVALID_PARAMETER);
    ROW(WSAWaitForMultipleEvents(65, many, FALSE, 0, FALSE), WSA_WAIT_FAILED, WSA_INVALID_PARAMETER);
    ROW(WSAWaitForMultipleEvents(0xFFFFFFFF, many, FALSE, 0, FALSE), WSA_WAIT_FAILED, WSA_INVALID_PARAMETER);
    ROW(WSAWaitForMultipleEvents(2, twice, TRUE, 0, FALSE), WSA_WAIT_FAILED, WSA_INVALID_PARAMETER);
    ROW(WSAWaitForMultipleEvents(1, none, FALSE, 0, FALSE), WSA_WAIT_FAILED, WSA_INVALID_HANDLE);
    ROW(WSAWaitForMultipleEvents(1, NULL, FALSE, 0, FALSE), WSA_WAIT_FAILED, WSA_INVALID_PARAMETER);
    /* what WaitForMultipleObjects says of such an array [guess] */
    ROW(WSAWaitForMultipleEvents(1, no_memory(), FALSE, 0, FALSE), WSA_WAIT_FAILED, ERROR_NOACCESS);
    FAILS(WSAAsyncSelect(at.client, NULL, 0, FD_READ), WSAEINVAL);
    FAILS(WSAAsyncSelect(at.client, (HWND)0x3FFC, 0, FD_READ), WSAEINVAL);
    close_sockets(&at);
}

TEST(bad_input_value__select_and_poll__documented_error)
{
    struct timeval before = {-1, 0}, early = {0, -1}, now = {0, 0};
    fd_set set, empty;
    WSAPOLLFD entry;
    open_sockets(&at);
    FD_ZERO(&empty);
    FD_ZERO(&set);
    FD_SET(at.server, &set);
    FAILS(select(0, NULL, NULL, NULL, &now), WSAEINVAL);
    FAILS(select(0, &empty, &empty, &empty, &now), WSAEINVAL);
    FAILS(select(0, &set, NULL, NULL, &before), WSAEINVAL);
    FAILS(select(0, &set, NULL, NULL, &early), WSAEINVAL);
    CHECK_EQ(set.fd_count, 1);
    FD_SET((SOCKET)at.event, &set);
    FAILS(select(0, &set, NULL, NULL, &now), WSAENOTSOCK);
    CHECK_EQ(set.fd_count, 2);
    FAILS(WSAPoll(&entry, 0, 0), WSAEINVAL);
    FAILS(WSAPoll(NULL, 0, 0), WSAEINVAL);
    static const SHORT masks[] = {POLLPRI, POLLWRBAND, POLLERR, POLLHUP, POLLNVAL, (SHORT)0x8000, -1, 8};
    for (unsigned i = 0; i < sizeof masks / sizeof *masks; i++) {
        entry.fd = at.server;
        entry.events = masks[i];
        FAILS(WSAPoll(&entry, 1, 0), WSAEINVAL);
    }
    close_sockets(&at);
}

TEST(bad_input_state__calls_too_early__documented_error)
{
    struct sockaddr_in any = loopback4(0);
    struct sockaddr *name = (struct sockaddr *)&any;
    int length = sizeof any;
    open_sockets(&at);
    ROW(accept(at.stream, NULL, NULL), INVALID_SOCKET, WSAEINVAL);
    ROW(accept(at.bound_stream, NULL, NULL), INVALID_SOCKET, WSAEINVAL);
    ROW(accept(at.client, NULL, NULL), INVALID_SOCKET, WSAEINVAL);
    ROW(accept(at.bound, NULL, NULL), INVALID_SOCKET, WSAEOPNOTSUPP);
    ROW(accept(at.listener, NULL, NULL), INVALID_SOCKET, WSAEWOULDBLOCK);
    FAILS(listen(at.stream, 1), WSAEINVAL);
    FAILS(listen(at.datagram, 1), WSAEOPNOTSUPP);
    FAILS(listen(at.bound, 1), WSAEOPNOTSUPP);
    FAILS(listen(at.client, 1), WSAEISCONN);
    FAILS(bind(at.bound_stream, name, length), WSAEINVAL);
    FAILS(bind(at.bound, name, length), WSAEINVAL);
    FAILS(bind(at.client, name, length), WSAEINVAL);
    FAILS(getsockname(at.stream, name, &length), WSAEINVAL);
    FAILS(getsockname(at.datagram, name, &length), WSAEINVAL);
    FAILS(getpeername(at.stream, name, &length), WSAENOTCONN);
    FAILS(getpeername(at.listener, name, &length), WSAENOTCONN);
    FAILS(getpeername(at.bound, name, &length), WSAENOTCONN);
    FAILS(send(at.stream, data, 1, 0), WSAENOTCONN);
    FAILS(send(at.listener, data, 1, 0), WSAENOTCONN);
    FAILS(send(at.datagram, data, 1, 0), WSAENOTCONN);
    FAILS(recv(at.stream, data, 1, 0), WSAENOTCONN);
    FAILS(recv(at.listener, data, 1, 0), WSAENOTCONN);
    FAILS(recv(at.datagram, data, 1, 0), WSAEINVAL); /* not bound */
    FAILS(recvfrom(at.datagram, data, 1, 0, NULL, NULL), WSAEINVAL);
    FAILS(shutdown(at.stream, SD_SEND), WSAENOTCONN);
    FAILS(shutdown(at.listener, SD_BOTH), WSAENOTCONN);
    close_sockets(&at);
}

TEST(bad_input_state__calls_too_late__documented_error)
{
    struct sockaddr_in there;
    struct sockaddr *name = (struct sockaddr *)&there;
    int length = sizeof there;
    open_sockets(&at);
    there = at.listener_address;
    FAILS(connect(at.client, name, length), WSAEISCONN);
    FAILS(connect(at.server, name, length), WSAEISCONN);
    FAILS(connect(at.listener, name, length), WSAEINVAL);
    there.sin_family = AF_INET6;
    FAILS(connect(at.stream, name, length), WSAEAFNOSUPPORT);
    FAILS(bind(at.stream, name, length), WSAEAFNOSUPPORT);
    FAILS(sendto(at.bound, data, 1, 0, name, length), WSAEAFNOSUPPORT);
    there.sin_family = AF_INET;
    there.sin_port = 0;
    FAILS(connect(at.stream, name, length), WSAEADDRNOTAVAIL);
    GOOD(sendto(at.bound, data, 1, 0, name, length), 1); /* [test:wine/ws2_32/sock.c UDP] */
    there = at.listener_address;
    there.sin_addr.s_addr = 0;
    FAILS(connect(at.stream, name, length), WSAEADDRNOTAVAIL);
    FAILS(shutdown(at.client, -1), WSAEINVAL);
    FAILS(shutdown(at.client, 3), WSAEINVAL);
    FAILS(shutdown(at.client, 0x7FFFFFFF), WSAEINVAL);
    GOOD(shutdown(at.client, SD_BOTH), 0);
    FAILS(send(at.client, data, 1, 0), WSAESHUTDOWN);
    FAILS(recv(at.client, data, 1, 0), WSAESHUTDOWN);
    /* not made for multipoint sessions; and a stream cannot be. [doc:winsock2/wsajoinleaf] */
    ROW(WSAJoinLeaf(at.bound, name, length, NULL, NULL, NULL, NULL, JL_BOTH), INVALID_SOCKET, WSAEINVAL);
    ROW(WSAJoinLeaf(at.stream, name, length, NULL, NULL, NULL, NULL, JL_BOTH), INVALID_SOCKET, WSAEOPNOTSUPP);
    ROW(WSAJoinLeaf(at.bound, no_memory(), length, NULL, NULL, NULL, NULL, JL_BOTH), INVALID_SOCKET, WSAEFAULT);
    ROW(WSAGetQOSByName(at.client, NULL, NULL), FALSE, WSAEOPNOTSUPP);
    close_sockets(&at);
}
