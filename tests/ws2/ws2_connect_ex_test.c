/* SPDX-License-Identifier: MIT */
/*
 * ws2_connect_ex_test.c - ConnectEx and SO_UPDATE_CONNECT_CONTEXT.
 * [doc:mswsock/lpfn_connectex] [obs:wine/sock connect]
 */
#include "ws2_ex_test.h"

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)

static SOCKET bound_stream(void)
{
    struct sockaddr_in any = loopback4(0);
    SOCKET s = stream_socket();
    REQUIRE_OK(bind(s, NAME(any)));
    return s;
}

/* What ConnectEx to an address comes to, without data. */
static int connect_ex(SOCKET s, const struct sockaddr_in *address)
{
    WSAOVERLAPPED o = overlapped_begin();
    DWORD bytes = 0;
    BOOL started = get_connect_ex(s)(
        s, (const struct sockaddr *)address, sizeof *address, NULL, 0, &bytes, &o);
    return overlapped_end(s, &o, started, NULL);
}

TEST(connectex__bad_arguments__documented_errors)
{
    struct sockaddr_in a, zero = {0};
    struct sockaddr_in6 six = loopback6(1);
    WSAOVERLAPPED o = {0};
    DWORD bytes;
    start_winsock();
    SOCKET listener = listener4(&a), s = bound_stream(), d = bound_datagram(&zero);
    LPFN_CONNECTEX ex = get_connect_ex(s);
    CHECK(!ex(s, NAME(a), NULL, 0, &bytes, NULL));
    CHECK_EQ(WSAGetLastError(), ERROR_INVALID_PARAMETER);
    o.Internal = o.InternalHigh = 0xdeadbeef;
    CHECK(!ex(INVALID_SOCKET, NAME(a), NULL, 0, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(o.Internal, 0x103);
    CHECK_EQ(o.InternalHigh, 0xdeadbeef);
    CHECK(!ex(listener, NAME(a), NULL, 0, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK(!ex(d, NAME(a), NULL, 0, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK(!ex(s, (struct sockaddr *)&a, 7, NULL, 0, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(!ex(s, NULL, sizeof a, NULL, 0, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(!ex(s, NAME(six), NULL, 0, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAEAFNOSUPPORT);
    zero = loopback4(0);
    CHECK(!ex(s, NAME(zero), NULL, 0, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAEADDRNOTAVAIL);
    CHECK(!ex(s, NAME(a), (PVOID)16, 4, &bytes, &o));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(closesocket(d), 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(connectex__state_of_the_socket__decides)
{
    struct sockaddr_in a;
    SOCKET client, server;
    start_winsock();
    SOCKET listener = listener4(&a), unbound = stream_socket();
    CHECK_EQ(connect_ex(unbound, &a), WSAEINVAL);
    stream_pair(&client, &server);
    CHECK_EQ(connect_ex(client, &a), WSAEISCONN);
    CHECK_EQ(connect_ex(server, &a), WSAEISCONN);
    SOCKET s = bound_stream();
    CHECK_EQ(connect_ex(s, &a), 0);
    CHECK_EQ(connect_ex(s, &a), WSAEISCONN);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(unbound), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(connectex__nobody_listens__is_refused)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET refuser = refuser4(&a), s = bound_stream();
    CHECK_EQ(connect_ex(s, &a), WSAECONNREFUSED);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(refuser), 0);
}

TEST(connectex__with_data__sends_it_when_connected)
{
    struct sockaddr_in a;
    char data[4] = "one", got[4] = {0};
    DWORD bytes = 0;
    start_winsock();
    SOCKET listener = listener4(&a), s = bound_stream();
    WSAOVERLAPPED o = overlapped_begin();
    BOOL started = get_connect_ex(s)(s, NAME(a), data, 3, &bytes, &o);
    CHECK_EQ(overlapped_end(s, &o, started, &bytes), 0);
    CHECK_EQ(bytes, 3);
    SOCKET server = accept(listener, NULL, NULL);
    receive_all(server, got, 3);
    CHECK_EQ(memcmp(got, "one", 3), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(connectex__non_blocking_socket__makes_no_difference)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a), s = bound_stream();
    set_nonblocking(s);
    CHECK_EQ(connect_ex(s, &a), 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(update_connect_context__before_and_after__names_and_shutdown)
{
    struct sockaddr_in a, name;
    int length = sizeof name;
    char byte;
    start_winsock();
    SOCKET listener = listener4(&a), s = bound_stream();
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0), WSAENOTCONN);
    CHECK_EQ(connect_ex(s, &a), 0);
    SOCKET server = accept(listener, NULL, NULL);
    CHECK_FAILS(getpeername(s, (struct sockaddr *)&name, &length), WSAENOTCONN);
    CHECK_FAILS(shutdown(s, SD_SEND), WSAENOTCONN);
    CHECK_FAILS(connect(s, NAME(a)), WSAEINVAL);
    CHECK_EQ(send(s, "x", 1, 0), 1); /* data goes either way */
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK_EQ(setsockopt(s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0), 0);
    CHECK_EQ(getpeername(s, (struct sockaddr *)&name, &length), 0);
    CHECK_EQ(memcmp(&name, &a, sizeof a), 0);
    CHECK_FAILS(connect(s, NAME(a)), WSAEISCONN);
    CHECK_EQ(shutdown(s, SD_SEND), 0);
    CHECK_EQ(recv(server, &byte, 1, 0), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(listener), 0);
}

TEST(connectex__failed_before__connect_still_works)
{
    struct sockaddr_in a, name;
    int length = sizeof name;
    start_winsock();
    SOCKET refuser = refuser4(&a), s = bound_stream();
    CHECK_EQ(connect_ex(s, &a), WSAECONNREFUSED);
    SOCKET listener = listener4(&a);
    CHECK_EQ(connect(s, NAME(a)), 0);
    CHECK_EQ(getpeername(s, (struct sockaddr *)&name, &length), 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(refuser), 0);
    CHECK_EQ(closesocket(listener), 0);
}

/* Whatever the connection has come to, each request completes once, and nobody is left waiting. */
TEST(connectex__closed_at_once__completes)
{
    struct sockaddr_in a;
    start_winsock();
    SOCKET listener = listener4(&a);
    for (int i = 0; i < 50; i++) {
        if (i % 8 == 0) { /* fewer than the backlog: the ends of closed ones stay in it */
            CHECK_EQ(closesocket(listener), 0);
            listener = listener4(&a);
        }
        SOCKET s = bound_stream();
        WSAOVERLAPPED o = overlapped_begin();
        DWORD bytes;
        BOOL started = get_connect_ex(s)(s, NAME(a), NULL, 0, &bytes, &o);
        int error = started ? 0 : WSAGetLastError();
        REQUIRE(error == 0 || error == WSA_IO_PENDING);
        CHECK_EQ(closesocket(s), 0);
        CHECK_EQ(WSAWaitForMultipleEvents(1, &o.hEvent, FALSE, 15000, FALSE), WSA_WAIT_EVENT_0);
        if ((LONG)o.Internal != 0)
            CHECK_EQ((LONG)o.Internal, (LONG)0xC0000120);
        CHECK(WSACloseEvent(o.hEvent));
    }
    CHECK_EQ(closesocket(listener), 0);
}
