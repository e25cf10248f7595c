/* SPDX-License-Identifier: MIT */
/* adapter_test.c - GetAdaptersAddresses, names and numbers of interfaces. [doc:iphlpapi/getadaptersaddresses] */
#include <iphlpapi.h>
#include <ws2tcpip.h>

#include <string.h>

#include "ntstest.h"

/* All adapters; freed by the caller. */
static IP_ADAPTER_ADDRESSES *adapters(ULONG family, ULONG flags)
{
    ULONG size = 0;
    REQUIRE_EQ(GetAdaptersAddresses(family, flags, NULL, NULL, &size), ERROR_BUFFER_OVERFLOW);
    REQUIRE(size >= sizeof(IP_ADAPTER_ADDRESSES));
    char *buffer = HeapAlloc(GetProcessHeap(), 0, size + 1);
    ULONG less = size - 1, exact = size;
    buffer[size] = 0x55;
    CHECK_EQ(GetAdaptersAddresses(family, flags, NULL, (IP_ADAPTER_ADDRESSES *)(void *)buffer, &less),
        ERROR_BUFFER_OVERFLOW);
    CHECK_EQ(less, size);
    CHECK_EQ(GetAdaptersAddresses(family, flags, NULL, (IP_ADAPTER_ADDRESSES *)(void *)buffer, &exact), NO_ERROR);
    CHECK_EQ(exact, size);
    CHECK_EQ(buffer[size], 0x55);
    return (IP_ADAPTER_ADDRESSES *)(void *)buffer;
}

static const IP_ADAPTER_ADDRESSES *loopback_of(const IP_ADAPTER_ADDRESSES *at)
{
    while (at != NULL && at->IfType != IF_TYPE_SOFTWARE_LOOPBACK)
        at = at->Next;
    REQUIRE(at != NULL);
    return at;
}

static const IP_ADAPTER_UNICAST_ADDRESS *find_unicast(const IP_ADAPTER_ADDRESSES *adapter, ULONG address)
{
    const IP_ADAPTER_UNICAST_ADDRESS *at = adapter->FirstUnicastAddress;
    while (at != NULL && (at->Address.lpSockaddr->sa_family != AF_INET ||
                             ((SOCKADDR_IN *)(void *)at->Address.lpSockaddr)->sin_addr.s_addr != address))
        at = at->Next;
    return at;
}

TEST(adapters__asked_for_all__loopback_is_described)
{
    IP_ADAPTER_ADDRESSES *all = adapters(AF_UNSPEC, GAA_FLAG_INCLUDE_PREFIX);
    const IP_ADAPTER_ADDRESSES *loopback = loopback_of(all);
    const IP_ADAPTER_UNICAST_ADDRESS *home = find_unicast(loopback, htonl(INADDR_LOOPBACK));
    CHECK_EQ(loopback->Length, sizeof *loopback);
    CHECK_EQ(loopback->OperStatus, IfOperStatusUp);
    CHECK_EQ(loopback->PhysicalAddressLength, 0);
    CHECK(loopback->Mtu >= 1280);
    CHECK((loopback->Flags & IP_ADAPTER_IPV4_ENABLED) != 0);
    CHECK_EQ(loopback->Luid.Info.IfType, IF_TYPE_SOFTWARE_LOOPBACK);
    REQUIRE(home != NULL);
    CHECK_EQ(home->Length, sizeof *home);
    CHECK_EQ(home->OnLinkPrefixLength, 8);
    CHECK_EQ(home->DadState, IpDadStatePreferred);
    CHECK_EQ(home->Address.iSockaddrLength, sizeof(SOCKADDR_IN));
    REQUIRE(loopback->FirstPrefix != NULL);
    const SOCKADDR_IN *network = (const void *)loopback->FirstPrefix->Address.lpSockaddr;
    CHECK_EQ(loopback->FirstPrefix->PrefixLength, 8);
    CHECK_EQ(network->sin_addr.s_addr, htonl(0x7f000000));
    CHECK(loopback->FirstDnsServerAddress == NULL);
    HeapFree(GetProcessHeap(), 0, all);
}

TEST(adapters__names_and_numbers__lead_to_each_other)
{
    IP_ADAPTER_ADDRESSES *all = adapters(AF_UNSPEC, 0);
    for (const IP_ADAPTER_ADDRESSES *at = all; at != NULL; at = at->Next) {
        char name[IF_NAMESIZE], again[IF_NAMESIZE];
        NET_LUID luid;
        NET_IFINDEX index = 0;
        CHECK(strlen(at->AdapterName) == 38 && at->AdapterName[0] == '{');
        REQUIRE(at->FriendlyName != NULL && at->Description != NULL && at->DnsSuffix != NULL);
        CHECK(WideCharToMultiByte(CP_ACP, 0, at->FriendlyName, -1, name, sizeof name, NULL, NULL) > 1);
        CHECK_EQ(if_nametoindex(name), at->IfIndex);
        REQUIRE(if_indextoname(at->IfIndex, again) == again);
        CHECK_EQ(strcmp(name, again), 0);
        CHECK_EQ(ConvertInterfaceIndexToLuid(at->IfIndex, &luid), NO_ERROR);
        CHECK(luid.Value == at->Luid.Value);
        CHECK_EQ(ConvertInterfaceLuidToIndex(&luid, &index), NO_ERROR);
        CHECK_EQ(index, at->IfIndex);
        luid.Info.NetLuidIndex = 0xfffffe;
        CHECK_EQ(ConvertInterfaceLuidToIndex(&luid, &index), ERROR_FILE_NOT_FOUND);
        CHECK_EQ(index, 0);
    }
    CHECK_EQ(if_nametoindex("no such name"), 0);
    CHECK(if_indextoname(0xfffffe, (char[IF_NAMESIZE]){0}) == NULL);
    HeapFree(GetProcessHeap(), 0, all);
}

TEST(adapters__every_ipv4_address__can_be_bound_to)
{
    WSADATA data;
    REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    IP_ADAPTER_ADDRESSES *all = adapters(AF_INET, GAA_FLAG_INCLUDE_GATEWAYS);
    for (const IP_ADAPTER_ADDRESSES *at = all; at != NULL; at = at->Next) {
        for (const IP_ADAPTER_UNICAST_ADDRESS *one = at->FirstUnicastAddress; one != NULL; one = one->Next) {
            SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
            CHECK_EQ(one->Address.lpSockaddr->sa_family, AF_INET);
            CHECK_EQ(bind(s, one->Address.lpSockaddr, one->Address.iSockaddrLength), 0);
            CHECK_EQ(closesocket(s), 0);
        }
    }
    HeapFree(GetProcessHeap(), 0, all);
    WSACleanup();
}

/* [test:wine/ws2_32/sock.c test_bind] */
TEST(adapters__every_ipv6_address__is_bound_to_in_its_zone_alone)
{
    WSADATA data;
    ULONG size = 0;
    if (GetAdaptersAddresses(AF_INET6, 0, NULL, NULL, &size) == ERROR_NO_DATA)
        SKIP("no IPv6");
    REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    IP_ADAPTER_ADDRESSES *all = adapters(AF_INET6, 0);
    for (const IP_ADAPTER_ADDRESSES *at = all; at != NULL; at = at->Next) {
        for (const IP_ADAPTER_UNICAST_ADDRESS *one = at->FirstUnicastAddress; one != NULL; one = one->Next) {
            SOCKADDR_IN6 address = *(SOCKADDR_IN6 *)(void *)one->Address.lpSockaddr, bound;
            int length = sizeof bound;
            SOCKET s = socket(AF_INET6, SOCK_STREAM, 0);
            address.sin6_scope_id = 0xabacab;
            CHECK_EQ(bind(s, (SOCKADDR *)&address, sizeof address), SOCKET_ERROR);
            CHECK_EQ(WSAGetLastError(), WSAEADDRNOTAVAIL);
            address.sin6_scope_id = 0;
            CHECK_EQ(bind(s, (SOCKADDR *)&address, sizeof address), 0);
            CHECK_EQ(getsockname(s, (SOCKADDR *)&bound, &length), 0);
            CHECK_EQ(bound.sin6_scope_id, ((SOCKADDR_IN6 *)(void *)one->Address.lpSockaddr)->sin6_scope_id);
            CHECK_EQ(closesocket(s), 0);
        }
    }
    HeapFree(GetProcessHeap(), 0, all);
    WSACleanup();
}

TEST(adapters__parts_not_wanted__are_not_there)
{
    IP_ADAPTER_ADDRESSES *all = adapters(AF_UNSPEC,
        GAA_FLAG_SKIP_UNICAST | GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER |
            GAA_FLAG_SKIP_FRIENDLY_NAME);
    for (const IP_ADAPTER_ADDRESSES *at = all; at != NULL; at = at->Next) {
        CHECK(at->FirstUnicastAddress == NULL && at->FirstPrefix == NULL && at->FirstGatewayAddress == NULL);
        CHECK(at->FirstDnsServerAddress == NULL && at->FriendlyName == NULL);
    }
    HeapFree(GetProcessHeap(), 0, all);
}

TEST(adapters__bad_arguments__documented_errors)
{
    ULONG size = 100000;
    NET_LUID luid;
    CHECK_EQ(GetAdaptersAddresses(AF_UNSPEC, 0, NULL, NULL, NULL), ERROR_INVALID_PARAMETER);
    CHECK_EQ(GetAdaptersAddresses(77, 0, NULL, NULL, &size), ERROR_INVALID_PARAMETER);
    CHECK_EQ(GetAdaptersAddresses(AF_INET, 0x80000000, NULL, NULL, &size), ERROR_INVALID_PARAMETER);
    CHECK_EQ(GetAdaptersAddresses(AF_INET, 0, &size, NULL, &size), ERROR_INVALID_PARAMETER);
    CHECK_EQ(GetAdaptersAddresses(AF_INET, 0, NULL, NULL, (ULONG *)12), ERROR_NOACCESS);
    CHECK_EQ(GetAdaptersAddresses(AF_INET, 0, NULL, (IP_ADAPTER_ADDRESSES *)12, &size), ERROR_NOACCESS);
    CHECK_EQ(ConvertInterfaceIndexToLuid(1, NULL), ERROR_INVALID_PARAMETER);
    CHECK_EQ(ConvertInterfaceIndexToLuid(0xfffffe, &luid), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(if_nametoindex(NULL), 0);
}
