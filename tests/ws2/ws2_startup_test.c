/* SPDX-License-Identifier: MIT */
/* ws2_startup_test.c - WSAStartup, WSACleanup, the last error, and every call before the start. */
#include "ws2_test.h"

TEST(startup__each_version__negotiates_as_documented)
{
    static const struct {
        WORD asked, got, result;
    } cases[] = {
        {MAKEWORD(1, 0), MAKEWORD(1, 0), 0},
        {MAKEWORD(1, 1), MAKEWORD(1, 1), 0},
        {MAKEWORD(1, 9), MAKEWORD(1, 1), 0},
        {MAKEWORD(2, 0), MAKEWORD(2, 0), 0},
        {MAKEWORD(2, 1), MAKEWORD(2, 1), 0},
        {MAKEWORD(2, 2), MAKEWORD(2, 2), 0},
        {MAKEWORD(2, 5), MAKEWORD(2, 2), 0},
        {MAKEWORD(3, 0), MAKEWORD(2, 2), 0},
        {MAKEWORD(0, 0), MAKEWORD(2, 2), WSAVERNOTSUPPORTED},
        {MAKEWORD(0, 9), MAKEWORD(2, 2), WSAVERNOTSUPPORTED},
    };
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        WSADATA data;
        CHECK_EQ(WSAStartup(cases[i].asked, &data), cases[i].result);
        CHECK_EQ(data.wVersion, cases[i].got);
        CHECK_EQ(data.wHighVersion, MAKEWORD(2, 2));
        CHECK_EQ(data.iMaxSockets != 0, LOBYTE(cases[i].got) == 1);
        if (cases[i].result == 0)
            CHECK_EQ(WSACleanup(), 0);
        CHECK_FAILS(WSACleanup(), WSANOTINITIALISED);
    }
}

TEST(startup__no_data__is_a_fault)
{
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), NULL), WSAEFAULT);
    CHECK_FAILS(WSACleanup(), WSANOTINITIALISED);
}

TEST(startup__nested__counts)
{
    WSADATA data;
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_EQ(WSAStartup(MAKEWORD(1, 1), &data), 0);
    CHECK_EQ(WSACleanup(), 0);
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(s != INVALID_SOCKET);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(WSACleanup(), 0);
    CHECK_FAILS(WSACleanup(), WSANOTINITIALISED);
    CHECK_FAILS(socket(AF_INET, SOCK_STREAM, 0), WSANOTINITIALISED);
}

TEST_ALONE(cleanup__sockets_left__closes_them)
{
    start_winsock();
    SOCKET a = socket(AF_INET, SOCK_STREAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK(a != INVALID_SOCKET && b != INVALID_SOCKET);
    CHECK_EQ(WSACleanup(), 0);
    start_winsock();
    CHECK_FAILS(closesocket(a), WSAENOTSOCK);
    CHECK_FAILS(closesocket(b), WSAENOTSOCK);
}

TEST(last_error__set__is_one_value_with_get_last_error)
{
    WSASetLastError(WSAEISCONN);
    CHECK_EQ(GetLastError(), WSAEISCONN);
    SetLastError(ERROR_ACCESS_DENIED);
    CHECK_EQ(WSAGetLastError(), ERROR_ACCESS_DENIED);
}

static DWORD read_last_error(void *context)
{
    (void)context;
    return (DWORD)WSAGetLastError();
}

TEST(last_error__other_thread__has_its_own)
{
    WSASetLastError(WSAEISCONN);
    CHECK_EQ(join_thread(start_thread(read_last_error, NULL)), 0);
    CHECK_EQ(WSAGetLastError(), WSAEISCONN);
}

TEST(not_started__socket_calls__say_so)
{
    SOCKET s = 4;
    char buffer[64] = {0};
    int length = sizeof buffer;
    u_long number = 0;
    DWORD bytes, flags = 0;
    WSABUF one = {1, buffer};
    struct sockaddr_in a = loopback4(1);
    struct sockaddr *name = (struct sockaddr *)&a;
    fd_set set = {1, {s}};
    WSAPOLLFD poll = {s, POLLIN, 0};
    WSANETWORKEVENTS events;
    CHECK_FAILS(accept(s, NULL, NULL), WSANOTINITIALISED);
    CHECK_FAILS(bind(s, name, sizeof a), WSANOTINITIALISED);
    CHECK_FAILS(closesocket(s), WSANOTINITIALISED);
    CHECK_FAILS(connect(s, name, sizeof a), WSANOTINITIALISED);
    CHECK_FAILS(getpeername(s, name, &length), WSANOTINITIALISED);
    CHECK_FAILS(getsockname(s, name, &length), WSANOTINITIALISED);
    CHECK_FAILS(getsockopt(s, SOL_SOCKET, SO_TYPE, buffer, &length), WSANOTINITIALISED);
    CHECK_FAILS(ioctlsocket(s, FIONBIO, &number), WSANOTINITIALISED);
    CHECK_FAILS(listen(s, 1), WSANOTINITIALISED);
    CHECK_FAILS(recv(s, buffer, 1, 0), WSANOTINITIALISED);
    CHECK_FAILS(recvfrom(s, buffer, 1, 0, NULL, NULL), WSANOTINITIALISED);
    CHECK_FAILS(select(0, &set, NULL, NULL, NULL), WSANOTINITIALISED);
    CHECK_FAILS(send(s, buffer, 1, 0), WSANOTINITIALISED);
    CHECK_FAILS(sendto(s, buffer, 1, 0, name, sizeof a), WSANOTINITIALISED);
    CHECK_FAILS(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, buffer, 4), WSANOTINITIALISED);
    CHECK_FAILS(shutdown(s, SD_BOTH), WSANOTINITIALISED);
    CHECK_FAILS(socket(AF_INET, SOCK_STREAM, 0), WSANOTINITIALISED);
    CHECK_FAILS(gethostname(buffer, sizeof buffer), WSANOTINITIALISED);
    CHECK_FAILS(WSAEnumNetworkEvents(s, NULL, &events), WSANOTINITIALISED);
    CHECK_FAILS(WSAEventSelect(s, NULL, 0), WSANOTINITIALISED);
    CHECK_FAILS(WSAIoctl(s, FIONREAD, NULL, 0, &number, 4, &bytes, NULL, NULL), WSANOTINITIALISED);
    CHECK_FAILS(WSAPoll(&poll, 1, 0), WSANOTINITIALISED);
    CHECK_FAILS(WSARecv(s, &one, 1, &bytes, &flags, NULL, NULL), WSANOTINITIALISED);
    CHECK_FAILS(WSASend(s, &one, 1, &bytes, 0, NULL, NULL), WSANOTINITIALISED);
    CHECK_FAILS(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, 0), WSANOTINITIALISED);
    CHECK_FAILS(WSAEnumProtocolsA(NULL, NULL, &bytes), WSANOTINITIALISED);
}

TEST(not_started__other_calls__say_so)
{
    struct addrinfo *list;
    char address[4] = {127, 0, 0, 1};
    CHECK_EQ(getaddrinfo("127.0.0.1", NULL, NULL, &list), WSANOTINITIALISED);
    WSASetLastError(0);
    CHECK(gethostbyname("localhost") == NULL);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    WSASetLastError(0);
    CHECK(gethostbyaddr(address, 4, AF_INET) == NULL);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    WSASetLastError(0);
    CHECK(getservbyname("http", NULL) == NULL);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    WSASetLastError(0);
    CHECK(getprotobyname("tcp") == NULL);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    WSASetLastError(0);
    CHECK(WSACreateEvent() == WSA_INVALID_EVENT);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
}

TEST(blocking_hooks__version_2__are_not_supported)
{
    start_winsock();
    CHECK_EQ(WSAIsBlocking(), FALSE);
    CHECK(WSASetBlockingHook(NULL) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEOPNOTSUPP);
    CHECK_FAILS(WSAUnhookBlockingHook(), WSAEOPNOTSUPP);
    CHECK_FAILS(WSACancelBlockingCall(), WSAEOPNOTSUPP);
}
