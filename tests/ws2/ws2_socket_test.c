/* SPDX-License-Identifier: MIT */
/* ws2_socket_test.c - sockets are made, listed, duplicated; what is no socket. [obs:wine/sock
 * WSASocket] */
#include "ws2_test.h"

#include <mswsock.h>
#include <ws2spi.h>

TEST(socket__families_types_protocols__documented_errors)
{
    static const struct {
        int family, type, protocol, error;
    } cases[] = {
        {0, 0, 0, WSAEINVAL},
        {0, SOCK_STREAM, 0, WSAEINVAL},
        {0, 0xdead, 0, WSAEINVAL},
        {0, SOCK_STREAM, -1, WSAEPROTONOSUPPORT},
        {0, -1, IPPROTO_UDP, WSAESOCKTNOSUPPORT},
        {0, -1, -1, WSAESOCKTNOSUPPORT},
        {0, 0, 0xdead, WSAEPROTONOSUPPORT},
        {0, 0, IPPROTO_TCP, 0},
        {0, 0, IPPROTO_UDP, 0},
        {-1, SOCK_STREAM, IPPROTO_UDP, WSAEAFNOSUPPORT},
        {AF_UNIX, SOCK_STREAM, 0, WSAEAFNOSUPPORT},
        {AF_IPX, SOCK_DGRAM, 1000, WSAEAFNOSUPPORT},
        {AF_INET, 0, 0, 0},
        {AF_INET, 0, IPPROTO_TCP, 0},
        {AF_INET, 0, -1, WSAEPROTONOSUPPORT},
        {AF_INET, -1, 0, WSAESOCKTNOSUPPORT},
        {AF_INET, 0xdead, 0, WSAESOCKTNOSUPPORT},
        {AF_INET, SOCK_RDM, 0, WSAESOCKTNOSUPPORT},
        {AF_INET, SOCK_SEQPACKET, 0, WSAESOCKTNOSUPPORT},
        {AF_INET, SOCK_STREAM, 0, 0},
        {AF_INET, SOCK_STREAM, IPPROTO_TCP, 0},
        {AF_INET, SOCK_STREAM, IPPROTO_UDP, WSAEPROTONOSUPPORT},
        {AF_INET, SOCK_DGRAM, IPPROTO_TCP, WSAEPROTONOSUPPORT},
        {AF_INET, SOCK_DGRAM, 0, 0},
        {AF_INET, SOCK_DGRAM, IPPROTO_UDP, 0},
        {AF_INET6, SOCK_STREAM, 0, 0},
        {AF_INET6, SOCK_DGRAM, IPPROTO_UDP, 0},
        {AF_INET6, SOCK_DGRAM, IPPROTO_TCP, WSAEPROTONOSUPPORT},
    };
    start_winsock();
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        WSASetLastError(0);
        SOCKET s = socket(cases[i].family, cases[i].type, cases[i].protocol);
        int error = s == INVALID_SOCKET ? WSAGetLastError() : 0;
        if (error != cases[i].error)
            nts_fail(__FILE__, __LINE__, "socket(%d, %d, %d) gave %d, expected %d", cases[i].family,
                cases[i].type, cases[i].protocol, error, cases[i].error);
        if (s != INVALID_SOCKET) {
            CHECK_EQ((long long)s & 3, 0);
            CHECK_EQ(closesocket(s), 0);
        }
    }
}

static int type_of(SOCKET s)
{
    int type = -1, length = sizeof type;
    CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &length), 0);
    return type;
}

TEST(socket__no_type__takes_the_first_that_matches)
{
    start_winsock();
    SOCKET s = socket(AF_INET, 0, 0);
    CHECK_EQ(type_of(s), SOCK_STREAM);
    CHECK_EQ(closesocket(s), 0);
    s = socket(0, 0, IPPROTO_UDP);
    CHECK_EQ(type_of(s), SOCK_DGRAM);
    CHECK_EQ(closesocket(s), 0);
}

TEST(wsasocket__several_things_wrong__the_type_counts_most)
{
    start_winsock();
    CHECK_FAILS(WSASocketA(0xdead, 0xdead, IPPROTO_TCP, NULL, 0, 0), WSAESOCKTNOSUPPORT);
    CHECK_FAILS(WSASocketA(0xdead, SOCK_STREAM, 0xdead, NULL, 0, 0), WSAEAFNOSUPPORT);
    CHECK_FAILS(WSASocketA(AF_INET, 0xdead, 0xdead, NULL, 0, 0), WSAESOCKTNOSUPPORT);
    WSASetLastError(7);
    SOCKET s = WSASocketA(AF_INET, SOCK_STREAM, 0, NULL, 0, 0);
    CHECK_EQ(WSAGetLastError(), 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST(wsasocket__protocol_info__fills_what_is_not_given)
{
    WSAPROTOCOL_INFOA all[16];
    DWORD bytes = sizeof all;
    int tcp_udp[] = {IPPROTO_TCP, IPPROTO_UDP, 0};
    start_winsock();
    REQUIRE(WSAEnumProtocolsA(tcp_udp, all, &bytes) > 0);
    SOCKET s =
        WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &all[0], 0, 0);
    CHECK(s != INVALID_SOCKET);
    CHECK_EQ(closesocket(s), 0);
    all[0].iAddressFamily = AF_INET;
    all[0].iSocketType = SOCK_DGRAM;
    all[0].iProtocol = IPPROTO_UDP;
    s = WSASocketA(0, 0, 0, &all[0], 0, 0);
    CHECK_EQ(type_of(s), SOCK_DGRAM);
    CHECK_EQ(closesocket(s), 0);
    /* the arguments win */
    s = WSASocketA(AF_INET, SOCK_STREAM, IPPROTO_TCP, &all[0], 0, 0);
    CHECK_EQ(type_of(s), SOCK_STREAM);
    CHECK_EQ(closesocket(s), 0);
    all[0].iAddressFamily = all[0].iSocketType = all[0].iProtocol = -1;
    CHECK_FAILS(WSASocketA(0, 0, IPPROTO_UDP, &all[0], 0, 0), WSAEAFNOSUPPORT);
    all[0].iAddressFamily = all[0].iSocketType = all[0].iProtocol = 0;
    CHECK_FAILS(WSASocketA(0, 0, IPPROTO_UDP, &all[0], 0, 0), WSAEAFNOSUPPORT);
}

TEST(enum_protocols__any__lists_tcp_udp_of_both_families_and_raw_for_providers)
{
    WSAPROTOCOL_INFOW wide[16];
    WSAPROTOCOL_INFOA narrow[16];
    DWORD bytes = 0, wide_bytes = sizeof wide, narrow_bytes = sizeof narrow;
    int error = 0, tcp_only[] = {IPPROTO_TCP, 0};
    start_winsock();
    CHECK_FAILS(WSAEnumProtocolsA(NULL, NULL, &bytes), WSAENOBUFS);
    CHECK_EQ(bytes, 4 * sizeof(WSAPROTOCOL_INFOA));
    CHECK_EQ(WSAEnumProtocolsA(NULL, narrow, &narrow_bytes), 4);
    CHECK_EQ(WSAEnumProtocolsW(NULL, wide, &wide_bytes), 4);
    for (int i = 0; i < 4; i++) {
        CHECK((wide[i].dwProviderFlags & PFL_HIDDEN) == 0);
        CHECK_EQ(narrow[i].iProtocol, wide[i].iProtocol);
        CHECK_EQ(narrow[i].szProtocol[0], 'M');
        CHECK_EQ(wide[i].szProtocol[0], 'M');
        CHECK(wide[i].dwServiceFlags1 & XP1_IFS_HANDLES);
        CHECK_EQ(wide[i].ProtocolChain.ChainLen, 1);
        CHECK_EQ(wide[i].iVersion, 2);
    }
    wide_bytes = sizeof wide;
    CHECK_EQ(WSAEnumProtocolsW(tcp_only, wide, &wide_bytes), 2);
    CHECK_EQ(wide[0].iSocketType, SOCK_STREAM);
    wide_bytes = sizeof wide;
    CHECK_EQ(WSCEnumProtocols(NULL, wide, &wide_bytes, &error), 6);
    CHECK_FAILS(WSAEnumProtocolsW(NULL, wide, NULL), WSAEFAULT);
}

TEST(no_socket__every_shape__is_notsock)
{
    start_winsock();
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    SOCKET closed = stream_socket();
    SOCKET open = stream_socket();
    CHECK_EQ(closesocket(closed), 0);
    const SOCKET bad[] = {0, INVALID_SOCKET, (SOCKET)-3, 0xdead0, closed, (SOCKET)(ULONG_PTR)event,
        open | 1, open | 3, (SOCKET)1 << 40};
    for (size_t i = 0; i < ARRAYSIZE(bad); i++) {
        char byte;
        CHECK_FAILS(closesocket(bad[i]), WSAENOTSOCK);
        CHECK_FAILS(recv(bad[i], &byte, 1, 0), WSAENOTSOCK);
        CHECK_FAILS(accept(bad[i], NULL, NULL), WSAENOTSOCK);
        CHECK_FAILS(listen(bad[i], 1), WSAENOTSOCK);
        CHECK_FAILS(shutdown(bad[i], 0), WSAENOTSOCK);
    }
    CHECK_EQ(closesocket(open), 0);
    CHECK(CloseHandle(event));
}

TEST(closehandle__then_closesocket__still_succeeds)
{
    start_winsock();
    SOCKET s = stream_socket();
    CHECK(CloseHandle((HANDLE)s));
    CHECK_EQ(closesocket(s), 0); /* [kb:Q185727] */
    CHECK_FAILS(closesocket(s), WSAENOTSOCK);
}

TEST(closehandle__of_a_connection__ends_it_at_once)
{
    SOCKET client, server;
    HANDLE duplicate;
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    CHECK(DuplicateHandle(GetCurrentProcess(), (HANDLE)client, GetCurrentProcess(), &duplicate, 0, FALSE,
        DUPLICATE_SAME_ACCESS));
    CHECK_EQ(send((SOCKET)duplicate, "x", 1, 0), 1); /* the provider knows it by two handles */
    CHECK(CloseHandle((HANDLE)client));
    CHECK_EQ(send((SOCKET)duplicate, "y", 1, 0), 1);
    CHECK(CloseHandle(duplicate));
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK_EQ(recv(server, &byte, 1, 0), 0); /* although nobody has called closesocket */
    CHECK_FAILS(send((SOCKET)duplicate, "z", 1, 0), WSAENOTSOCK);
    CHECK_EQ(closesocket(server), 0);
}

TEST(closehandle__value_used_again__closesocket_leaves_it_alone)
{
    start_winsock();
    SOCKET s = stream_socket();
    CHECK(CloseHandle((HANDLE)s));
    HANDLE events[4096];
    int count = 0, again = -1;
    while (count < 4096 && again < 0) {
        events[count] = CreateEvent(NULL, TRUE, FALSE, NULL);
        if ((SOCKET)events[count] == s)
            again = count;
        count++;
    }
    CHECK_EQ(closesocket(s), 0);
    for (int i = 0; i < count; i++)
        CHECK(CloseHandle(events[i]));
}

TEST(duplicatehandle__of_a_socket__is_the_same_socket)
{
    SOCKET client, server;
    char byte = 0;
    start_winsock();
    stream_pair(&client, &server);
    HANDLE copy;
    REQUIRE(DuplicateHandle(GetCurrentProcess(), (HANDLE)client, GetCurrentProcess(), &copy, 0,
        FALSE, DUPLICATE_SAME_ACCESS));
    CHECK_EQ(send((SOCKET)copy, "x", 1, 0), 1);
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(send((SOCKET)copy, "y", 1, 0), 1);
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'y');
    CHECK_EQ(closesocket((SOCKET)copy), 0);
    CHECK_EQ(recv(server, &byte, 1, 0), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(wsaduplicatesocket__this_process__gives_a_second_socket)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    char byte = 0;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_FAILS(WSADuplicateSocketW(0, 0, NULL), WSAENOTSOCK);
    CHECK_FAILS(WSADuplicateSocketW(client, 0, NULL), WSAEINVAL);
    CHECK_FAILS(WSADuplicateSocketW(client, GetCurrentProcessId(), NULL), WSAEFAULT);
    REQUIRE_OK(WSADuplicateSocketW(client, GetCurrentProcessId(), &info));
    SOCKET copy =
        WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, 0);
    REQUIRE(copy != INVALID_SOCKET);
    CHECK(copy != client);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(send(copy, "z", 1, 0), 1);
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    CHECK_EQ(closesocket(copy), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(opentype__any_socket_value__is_the_threads)
{
    int type = -1, length = sizeof type, nonalert = SO_SYNCHRONOUS_NONALERT;
    start_winsock();
    CHECK_EQ(getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&type, &length), 0);
    CHECK_EQ(type, 0);
    CHECK_EQ(
        setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&nonalert, sizeof nonalert), 0);
    CHECK_EQ(getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&type, &length), 0);
    CHECK_EQ(type, SO_SYNCHRONOUS_NONALERT);
    SOCKET s = stream_socket();
    CHECK_EQ(closesocket(s), 0);
    length = 2;
    CHECK_FAILS(
        getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&type, &length), WSAEFAULT);
}

enum { CHURN = 2000 };

static DWORD churn(void *context)
{
    (void)context;
    for (int i = 0; i < CHURN; i++) {
        SOCKET s = socket(AF_INET, i % 2 ? SOCK_DGRAM : SOCK_STREAM, 0);
        if (s == INVALID_SOCKET || closesocket(s) != 0)
            return 1;
    }
    return 0;
}

TEST(socket__made_and_closed_by_four_threads__none_is_lost)
{
    HANDLE threads[4];
    start_winsock();
    unsigned before = handles_open();
    for (int i = 0; i < 4; i++)
        threads[i] = start_thread(churn, NULL);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(join_thread(threads[i]), 0);
    CHECK_EQ(handles_open(), before);
}
