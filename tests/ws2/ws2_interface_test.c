/* SPDX-License-Identifier: MIT */
/*
 * ws2_interface_test.c - SIO_ADDRESS_LIST_QUERY, SIO_ROUTING_INTERFACE_QUERY, SIO_GET_INTERFACE_LIST, and being told
 * of changes.
 *
 * Changes are made in a network namespace of the test's own, and not over the loop engine, which has none.
 */
#include "ws2_ex_test.h"
#include "ws2_test_network.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static int ioctl_out(SOCKET s, DWORD code, void *out, DWORD length, DWORD *bytes)
{
    return WSAIoctl(s, code, NULL, 0, out, length, bytes, NULL, NULL);
}

static void require_own_network(void)
{
    const char *engine = getenv("NTSOCK_ENGINE");
    if (engine != NULL && strcmp(engine, "loop") == 0)
        SKIP("nothing ever changes");
    if (!enter_own_network())
        SKIP("no network of its own");
    start_winsock();
}

static void check_address_list(int family, DWORD address_length)
{
    char buffer[4096], one[1];
    DWORD bytes = 0, needed;
    SOCKET s = socket(family, SOCK_STREAM, IPPROTO_TCP);
    REQUIRE(s != INVALID_SOCKET);
    CHECK_FAILS(ioctl_out(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, &bytes), WSAEFAULT);
    needed = bytes;
    CHECK(needed > offsetof(SOCKET_ADDRESS_LIST, Address));
    CHECK_FAILS(ioctl_out(s, SIO_ADDRESS_LIST_QUERY, buffer, needed - 1, &bytes), WSAEFAULT);
    CHECK_EQ(bytes, needed);
    CHECK_FAILS(ioctl_out(s, SIO_ADDRESS_LIST_QUERY, one, 1, &bytes), WSAEINVAL);
    CHECK_EQ(bytes, 0);
    /* at an odd address */
    CHECK_EQ(ioctl_out(s, SIO_ADDRESS_LIST_QUERY, buffer + 1, needed, &bytes), 0);
    CHECK_EQ(bytes, needed);
    REQUIRE_EQ(ioctl_out(s, SIO_ADDRESS_LIST_QUERY, buffer, sizeof buffer, &bytes), 0);
    SOCKET_ADDRESS_LIST *list = (SOCKET_ADDRESS_LIST *)(void *)buffer;
    REQUIRE(list->iAddressCount > 0);
    CHECK_EQ(bytes, offsetof(SOCKET_ADDRESS_LIST, Address) +
                        (DWORD)list->iAddressCount * (sizeof(SOCKET_ADDRESS) + address_length));
    for (int i = 0; i < list->iAddressCount; i++) {
        CHECK_EQ(list->Address[i].iSockaddrLength, address_length);
        CHECK_EQ(list->Address[i].lpSockaddr->sa_family, family);
    }
    CHECK_EQ(closesocket(s), 0);
}

TEST(address_list_query__each_family__lists_and_tells_the_length)
{
    start_winsock();
    check_address_list(AF_INET, sizeof(SOCKADDR_IN));
    check_address_list(AF_INET6, sizeof(SOCKADDR_IN6));
}

TEST(address_list_query__overlapped__tells_the_length_and_the_packet_has_no_bytes)
{
    char buffer[4096];
    DWORD bytes = 0, packet = 99;
    ULONG_PTR key;
    OVERLAPPED overlapped = {0}, *found;
    start_winsock();
    SOCKET s = stream_socket();
    HANDLE port = CreateIoCompletionPort((HANDLE)s, NULL, 7, 0);
    overlapped.Internal = 1234;
    CHECK_FAILS(WSAIoctl(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, buffer, 0, &bytes, &overlapped, NULL), WSAEFAULT);
    CHECK(bytes != 0);
    CHECK_EQ(overlapped.Internal, 1234);
    /* A driver may make it pend; the work is done all the same. */
    if (WSAIoctl(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, buffer, sizeof buffer, &bytes, &overlapped, NULL) != 0)
        CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK_EQ(((SOCKET_ADDRESS_LIST *)(void *)buffer)->Address[0].iSockaddrLength, sizeof(SOCKADDR_IN));
    CHECK(GetQueuedCompletionStatus(port, &packet, &key, &found, 5000));
    CHECK_EQ(packet, 0);
    CHECK(found == &overlapped);
    CHECK_EQ(closesocket(s), 0);
    CHECK(CloseHandle(port));
}

TEST(routing_interface_query__loopback__is_reached_from_the_loopback)
{
    struct sockaddr_in to = loopback4(80), from;
    struct sockaddr_in6 to6 = loopback6(80), from6;
    DWORD bytes = 77;
    start_winsock();
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0), six = socket(AF_INET6, SOCK_STREAM, 0);
    memset(&from, 0x55, sizeof from);
    REQUIRE_OK(WSAIoctl(s, SIO_ROUTING_INTERFACE_QUERY, &to, sizeof to, &from, sizeof from, &bytes, NULL, NULL));
    CHECK_EQ(bytes, sizeof from);
    CHECK_EQ(from.sin_family, AF_INET);
    CHECK_EQ(from.sin_port, 0);
    CHECK_EQ(from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    REQUIRE_OK(
        WSAIoctl(six, SIO_ROUTING_INTERFACE_QUERY, &to6, sizeof to6, &from6, sizeof from6, &bytes, NULL, NULL));
    CHECK_EQ(from6.sin6_family, AF_INET6);
    CHECK_EQ(memcmp(&from6.sin6_addr, &to6.sin6_addr, sizeof to6.sin6_addr), 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(six), 0);
}

TEST(routing_interface_query__bad_arguments__the_byte_count_stays_but_for_a_short_output)
{
    struct sockaddr_in to = loopback4(80), from;
    DWORD bytes = 77;
    start_winsock();
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
#define QUERY(in, in_length, out, out_length) \
    WSAIoctl(s, SIO_ROUTING_INTERFACE_QUERY, in, in_length, out, out_length, &bytes, NULL, NULL)
    CHECK_FAILS(QUERY(&to, sizeof to - 1, &from, sizeof from), WSAEINVAL);
    CHECK_FAILS(QUERY(NULL, sizeof to, &from, sizeof from), WSAEINVAL);
    CHECK_FAILS(QUERY(&to, sizeof to, NULL, sizeof from), WSAEFAULT);
    to.sin_family = AF_INET6;
    CHECK_FAILS(QUERY(&to, sizeof to, &from, sizeof from), WSAEAFNOSUPPORT);
    to = loopback4(80);
    to.sin_addr.s_addr = 0;
    CHECK_FAILS(QUERY(&to, sizeof to, &from, sizeof from), WSAEINVAL);
    CHECK_EQ(bytes, 77);
    to = loopback4(80);
    CHECK_FAILS(QUERY(&to, sizeof to, &from, sizeof from - 1), WSAEFAULT);
    CHECK_EQ(bytes, sizeof from);
#undef QUERY
    CHECK_EQ(closesocket(s), 0);
}

TEST(get_interface_list__loopback__is_among_them)
{
    INTERFACE_INFO info[64];
    DWORD bytes = 0, i;
    int loopbacks = 0;
    start_winsock();
    SOCKET s = stream_socket();
    REQUIRE_OK(ioctl_out(s, SIO_GET_INTERFACE_LIST, info, sizeof info, &bytes));
    CHECK(bytes != 0 && bytes % sizeof info[0] == 0);
    for (i = 0; i < bytes / sizeof info[0]; i++) {
        CHECK(info[i].iiFlags & IFF_UP);
        CHECK_EQ(info[i].iiAddress.AddressIn.sin_family, AF_INET);
        CHECK_EQ(info[i].iiNetmask.AddressIn.sin_family, AF_INET);
        if (info[i].iiFlags & IFF_LOOPBACK) {
            loopbacks++;
            CHECK_EQ(info[i].iiAddress.AddressIn.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
            CHECK_EQ(info[i].iiNetmask.AddressIn.sin_addr.s_addr, htonl(0xff000000));
            CHECK_EQ(info[i].iiBroadcastAddress.AddressIn.sin_family, 0);
        }
    }
    CHECK_EQ(loopbacks, 1);
    bytes = 77;
    CHECK_FAILS(ioctl_out(s, SIO_GET_INTERFACE_LIST, info, sizeof info[0] - 1, &bytes), WSAEFAULT);
    CHECK_EQ(bytes, 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST(get_interface_list__overlapped__pends_even_to_fail)
{
    INTERFACE_INFO info[64];
    DWORD bytes = 77, flags;
    WSAOVERLAPPED overlapped = {0};
    start_winsock();
    SOCKET s = stream_socket();
    overlapped.hEvent = WSACreateEvent();
    CHECK_FAILS(WSAIoctl(s, SIO_GET_INTERFACE_LIST, NULL, 0, info, sizeof info, &bytes, &overlapped, NULL),
        WSA_IO_PENDING);
    CHECK_EQ(bytes, 77);
    CHECK(WSAGetOverlappedResult(s, &overlapped, &bytes, TRUE, &flags));
    CHECK(bytes != 0 && bytes % sizeof info[0] == 0);
    CHECK_FAILS(
        WSAIoctl(s, SIO_GET_INTERFACE_LIST, NULL, 0, info, 3, &bytes, &overlapped, NULL), WSA_IO_PENDING);
    CHECK(!WSAGetOverlappedResult(s, &overlapped, &bytes, TRUE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(WSACloseEvent(overlapped.hEvent));
    CHECK_EQ(closesocket(s), 0);
}

static int change_overlapped(SOCKET s, DWORD code, WSAOVERLAPPED *overlapped)
{
    struct sockaddr_in to = loopback4(80);
    DWORD bytes;
    BOOL route = code == SIO_ROUTING_INTERFACE_CHANGE;
    return WSAIoctl(s, code, route ? &to : NULL, route ? sizeof to : 0, NULL, 0, &bytes, overlapped, NULL);
}

TEST(interface_change__socket_is_closed__ends_aborted)
{
    static const DWORD codes[] = {SIO_ADDRESS_LIST_CHANGE, SIO_ROUTING_INTERFACE_CHANGE};
    OVERLAPPED overlapped = {0}, *found;
    DWORD bytes;
    ULONG_PTR key;
    start_winsock();
    for (int i = 0; i < 2; i++) {
        SOCKET s = stream_socket();
        HANDLE port = CreateIoCompletionPort((HANDLE)s, NULL, 7, 0);
        CHECK_FAILS(change_overlapped(s, codes[i], &overlapped), WSA_IO_PENDING);
        CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &found, 0));
        CHECK(found == NULL);
        CHECK_EQ(closesocket(s), 0);
        CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &found, 5000));
        CHECK(found == &overlapped);
        CHECK_EQ(GetLastError(), ERROR_OPERATION_ABORTED);
        CHECK(CloseHandle(port));
    }
}

TEST(interface_change__cancelled__others_go_on)
{
    OVERLAPPED one = {0}, two = {0}, *found;
    DWORD bytes;
    ULONG_PTR key;
    start_winsock();
    SOCKET s = stream_socket();
    HANDLE port = CreateIoCompletionPort((HANDLE)s, NULL, 7, 0);
    CHECK_FAILS(change_overlapped(s, SIO_ADDRESS_LIST_CHANGE, &one), WSA_IO_PENDING);
    CHECK_FAILS(change_overlapped(s, SIO_ADDRESS_LIST_CHANGE, &two), WSA_IO_PENDING);
    CHECK(CancelIoEx((HANDLE)s, &two));
    CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &found, 5000));
    CHECK(found == &two);
    CHECK_EQ(GetLastError(), ERROR_OPERATION_ABORTED);
    CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &found, 0));
    CHECK(found == NULL);
    CHECK_EQ(closesocket(s), 0);
    CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &found, 5000));
    CHECK(found == &one); /* a driver may end it later than the close */
    CHECK(CloseHandle(port));
}

TEST(interface_change__nonblocking_without_overlapped__would_block)
{
    DWORD bytes;
    start_winsock();
    SOCKET s = stream_socket();
    set_nonblocking(s);
    CHECK_FAILS(ioctl_out(s, SIO_ADDRESS_LIST_CHANGE, NULL, 0, &bytes), WSAEWOULDBLOCK);
    CHECK_FAILS(ioctl_out(s, SIO_ADDRESS_LIST_CHANGE, NULL, 0, &bytes), WSAEWOULDBLOCK);
    CHECK_EQ(closesocket(s), 0);
    s = stream_socket();
    CHECK_FAILS(ioctl_out(s, SIO_ROUTING_INTERFACE_CHANGE, NULL, 0, &bytes), WSAEINVAL);
    CHECK_EQ(closesocket(s), 0);
}

/* A driver may hold the requests, so that they come down after a change: then there is another. */
static void add_addresses_until(HANDLE event)
{
    int i = 1;
    do {
        REQUIRE(add_address(i));
    } while (WaitForSingleObject(event, 100) == WAIT_TIMEOUT && ++i < 100);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
}

TEST_ALONE(interface_change__address_is_added__completes_and_is_listed)
{
    char buffer[1024];
    DWORD bytes, flags;
    WSAOVERLAPPED address = {0}, route = {0}, six = {0};
    require_own_network();
    SOCKET s = stream_socket(), s6 = socket(AF_INET6, SOCK_DGRAM, 0);
    address.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    route.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    six.hEvent = WSACreateEvent();
    CHECK_FAILS(change_overlapped(s, SIO_ADDRESS_LIST_CHANGE, &address), WSA_IO_PENDING);
    CHECK_FAILS(change_overlapped(s, SIO_ROUTING_INTERFACE_CHANGE, &route), WSA_IO_PENDING);
    CHECK_FAILS(change_overlapped(s6, SIO_ADDRESS_LIST_CHANGE, &six), WSA_IO_PENDING);
    add_addresses_until(address.hEvent);
    CHECK(WSAGetOverlappedResult(s, &address, &bytes, FALSE, &flags));
    CHECK_EQ(bytes, 0);
    add_addresses_until(route.hEvent);
    CHECK_EQ(WaitForSingleObject(six.hEvent, 0), WAIT_TIMEOUT);
    REQUIRE_OK(ioctl_out(s, SIO_ADDRESS_LIST_QUERY, buffer, sizeof buffer, &bytes));
    SOCKET_ADDRESS_LIST *list = (SOCKET_ADDRESS_LIST *)(void *)buffer;
    REQUIRE(list->iAddressCount >= 2);
    CHECK_EQ(((SOCKADDR_IN *)(void *)list->Address[1].lpSockaddr)->sin_addr.s_addr, htonl(0x0a000001));
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(s6), 0);
    CHECK_EQ(WaitForSingleObject(six.hEvent, 5000), WAIT_OBJECT_0);
    CHECK(WSACloseEvent(address.hEvent));
    CHECK(WSACloseEvent(route.hEvent));
    CHECK(WSACloseEvent(six.hEvent));
}

static DWORD wait_for_change(void *context)
{
    DWORD bytes;
    return (DWORD)ioctl_out(*(SOCKET *)context, SIO_ADDRESS_LIST_CHANGE, NULL, 0, &bytes);
}

TEST_ALONE(interface_change__blocking__returns_when_an_address_is_added)
{
    require_own_network();
    SOCKET s = stream_socket();
    HANDLE thread = start_thread(wait_for_change, &s);
    wait_until_pending(1);
    add_addresses_until(thread);
    CHECK_EQ(join_thread(thread), 0);
    CHECK_EQ(closesocket(s), 0);
}

TEST_ALONE(interface_change__event_selected__is_told_to_those_who_have_asked)
{
    WSANETWORKEVENTS events;
    DWORD bytes;
    require_own_network();
    SOCKET asked = stream_socket(), other = stream_socket();
    HANDLE event = WSACreateEvent(), none = WSACreateEvent();
    set_nonblocking(asked);
    CHECK_FAILS(ioctl_out(asked, SIO_ADDRESS_LIST_CHANGE, NULL, 0, &bytes), WSAEWOULDBLOCK);
    CHECK_EQ(WSAEventSelect(asked, event, FD_ADDRESS_LIST_CHANGE), 0);
    CHECK_EQ(WSAEventSelect(other, none, FD_ADDRESS_LIST_CHANGE), 0);
    for (int i = 1; i < 4; i++) {
        REQUIRE(add_address(i));
        CHECK_EQ(WaitForSingleObject(event, 5000), WAIT_OBJECT_0);
        CHECK_EQ(WSAEnumNetworkEvents(asked, event, &events), 0);
        CHECK_EQ(events.lNetworkEvents, FD_ADDRESS_LIST_CHANGE);
        CHECK_EQ(events.iErrorCode[FD_ADDRESS_LIST_CHANGE_BIT], 0);
        CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
        CHECK_FAILS(ioctl_out(asked, SIO_ADDRESS_LIST_CHANGE, NULL, 0, &bytes), WSAEWOULDBLOCK);
    }
    CHECK_EQ(WaitForSingleObject(none, 0), WAIT_TIMEOUT);
    CHECK_EQ(closesocket(asked), 0);
    CHECK_EQ(closesocket(other), 0);
    CHECK(WSACloseEvent(event));
    CHECK(WSACloseEvent(none));
}
