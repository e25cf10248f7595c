/* SPDX-License-Identifier: MIT */
/* ws2_datagram_test.c - sendto, recvfrom: boundaries, truncation, addresses, peers. */
#include "ws2_test.h"

#define NAME(a) ((struct sockaddr *)&(a)), sizeof(a)

TEST(datagram__sent_to__arrives_whole_with_its_source)
{
    struct sockaddr_in a, b, from = {0};
    int length = sizeof from;
    char text[16] = {0};
    start_winsock();
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b);
    CHECK_EQ(sendto(one, "hello", 5, 0, NAME(b)), 5);
    CHECK_EQ(sendto(one, "", 0, 0, NAME(b)), 0);
    CHECK_EQ(sendto(one, "ok", 2, 0, NAME(b)), 2);
    CHECK_EQ(recvfrom(two, text, sizeof text, 0, (struct sockaddr *)&from, &length), 5);
    CHECK_EQ(length, sizeof from);
    CHECK_EQ(from.sin_port, a.sin_port);
    CHECK_EQ(from.sin_family, AF_INET);
    CHECK_EQ(recvfrom(two, text, sizeof text, 0, NULL, NULL), 0); /* an empty datagram */
    CHECK_EQ(recv(two, text, sizeof text, 0), 2);
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
}

TEST(datagram__buffer_too_small__message_size_and_the_rest_is_lost)
{
    struct sockaddr_in a, b, from;
    int length = sizeof from;
    char text[8] = {0};
    DWORD bytes = 0, flags = 0;
    WSABUF three = {3, text};
    start_winsock();
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b);
    CHECK_EQ(sendto(one, "abcdef", 6, 0, NAME(b)), 6);
    CHECK_EQ(sendto(one, "uvwxyz", 6, 0, NAME(b)), 6);
    CHECK_EQ(sendto(one, "next", 4, 0, NAME(b)), 4);
    wait_readable(two);
    CHECK_FAILS(recvfrom(two, text, 3, 0, (struct sockaddr *)&from, &length), WSAEMSGSIZE);
    CHECK_EQ(memcmp(text, "abc", 3), 0);
    CHECK_EQ(from.sin_port, a.sin_port);
    CHECK_FAILS(WSARecv(two, &three, 1, &bytes, &flags, NULL, NULL), WSAEMSGSIZE);
    CHECK_EQ(bytes, 3);
    CHECK_EQ(flags, MSG_PARTIAL);
    CHECK_EQ(memcmp(text, "uvw", 3), 0);
    CHECK_EQ(recv(two, text, sizeof text, 0), 4);
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
}

TEST(datagram__peek__leaves_it)
{
    struct sockaddr_in a, b;
    char text[8];
    start_winsock();
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b);
    CHECK_EQ(sendto(one, "abc", 3, 0, NAME(b)), 3);
    CHECK_EQ(recv(two, text, sizeof text, MSG_PEEK), 3);
    CHECK_EQ(recv(two, text, sizeof text, 0), 3);
    set_nonblocking(two);
    CHECK_FAILS(recv(two, text, sizeof text, 0), WSAEWOULDBLOCK);
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
}

TEST(datagram__bad_arguments__documented_errors)
{
    struct sockaddr_in a, b, from;
    struct sockaddr_in6 six = loopback6(5);
    int length = sizeof from - 1;
    char text[8];
    start_winsock();
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b),
           unbound = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_FAILS(sendto(one, "x", 1, 0, (struct sockaddr *)&b, sizeof b - 1), WSAEFAULT);
    CHECK_FAILS(sendto(one, "x", 1, 0, (struct sockaddr *)8, sizeof b), WSAEFAULT);
    CHECK_FAILS(sendto(one, "x", 1, 0, NULL, 0), WSAENOTCONN);
    CHECK_FAILS(sendto(one, "x", 1, 0, NAME(six)), WSAEAFNOSUPPORT);
    CHECK_FAILS(sendto(one, "x", 1, MSG_OOB, NAME(b)), WSAEOPNOTSUPP);
    CHECK_FAILS(sendto(one, NULL, 1, 0, NAME(b)), WSAEFAULT);
    b.sin_port = 0; /* nobody's, but not wrong [test:wine/ws2_32/sock.c UDP] */
    CHECK_EQ(sendto(one, "x", 1, 0, NAME(b)), 1);
    b = loopback4(5);
    b.sin_addr.s_addr = 0;
    CHECK_FAILS(sendto(one, "x", 1, 0, NAME(b)), WSAEADDRNOTAVAIL);
    CHECK_FAILS(recvfrom(unbound, text, 1, 0, NULL, NULL), WSAEINVAL);
    CHECK_FAILS(recvfrom(two, text, 1, 0, (struct sockaddr *)&from, &length), WSAEFAULT);
    CHECK_FAILS(recvfrom(two, text, 1, 0, (struct sockaddr *)&from, NULL), WSAEFAULT);
    CHECK_FAILS(recv(two, text, 1, MSG_OOB), WSAEOPNOTSUPP);
    CHECK_FAILS(recv(two, text, 1, MSG_WAITALL), WSAEOPNOTSUPP);
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
    CHECK_EQ(closesocket(unbound), 0);
}

TEST(datagram__too_long__message_size)
{
    static char big[70000];
    struct sockaddr_in a, b;
    start_winsock();
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b);
    CHECK_FAILS(sendto(one, big, sizeof big, 0, NAME(b)), WSAEMSGSIZE);
    CHECK_EQ(sendto(one, big, 60000, 0, NAME(b)), 60000);
    CHECK_EQ(recv(two, big, sizeof big, 0), 60000);
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
}

TEST(datagram__connected__receives_from_its_peer_alone)
{
    struct sockaddr_in a, b, c;
    char text[8] = {0};
    start_winsock();
    SOCKET one = bound_datagram(&a), two = bound_datagram(&b), other = bound_datagram(&c);
    CHECK_EQ(connect(two, NAME(a)), 0);
    CHECK_EQ(sendto(other, "no", 2, 0, NAME(b)), 2);
    CHECK_EQ(sendto(one, "yes", 3, 0, NAME(b)), 3);
    CHECK_EQ(recv(two, text, sizeof text, 0), 3);
    CHECK_EQ(memcmp(text, "yes", 3), 0);
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(two), 0);
    CHECK_EQ(closesocket(other), 0);
}

TEST(datagram__sendto_binds__a_name_and_a_receive_follow)
{
    struct sockaddr_in a, own = {0};
    int length = sizeof own;
    char byte;
    start_winsock();
    SOCKET one = bound_datagram(&a), s = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(sendto(s, "x", 1, 0, NAME(a)), 1);
    CHECK_EQ(getsockname(s, (struct sockaddr *)&own, &length), 0);
    CHECK(own.sin_port != 0);
    CHECK_FAILS(bind(s, NAME(own)), WSAEINVAL);
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQ(sendto(one, "y", 1, 0, NAME(own)), 1);
    CHECK_EQ(recv(s, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'y');
    CHECK_EQ(closesocket(one), 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST(recvfrom__on_a_stream__leaves_the_address_alone)
{
    SOCKET client, server;
    struct sockaddr_in from;
    int length = 1;
    char byte;
    start_winsock();
    stream_pair(&client, &server);
    CHECK_EQ(sendto(client, "s", 1, 0, (struct sockaddr *)8, 3), 1);
    CHECK_EQ(recvfrom(server, &byte, 1, 0, (struct sockaddr *)&from, &length), 1);
    CHECK_EQ(byte, 's');
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(shutdown__datagram__works_without_a_peer)
{
    struct sockaddr_in a;
    char byte;
    start_winsock();
    SOCKET s = bound_datagram(&a);
    CHECK_EQ(shutdown(s, SD_RECEIVE), 0);
    CHECK_FAILS(recv(s, &byte, 1, 0), WSAESHUTDOWN);
    CHECK_EQ(shutdown(s, SD_SEND), 0);
    CHECK_FAILS(sendto(s, "x", 1, 0, NAME(a)), WSAESHUTDOWN);
    CHECK_EQ(closesocket(s), 0);
}
