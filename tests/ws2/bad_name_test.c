/* SPDX-License-Identifier: MIT */
/*
 * bad_name_test.c - names, texts, the catalog and the name space, with bad pointers and bad values.
 *
 * Strings are asked for byte by byte, so one that ends at the end of its page is good.
 */
#include "bad_input.h"

#include <ws2spi.h>

static struct sockaddr_in6 address;
static int length;
static DWORD size;
static char data[64];
static WCHAR wide[64];

static struct sockaddr *target(void)
{
    struct sockaddr_in loopback = loopback4(80);
    memcpy(&address, &loopback, sizeof loopback);
    length = sizeof address;
    size = sizeof data;
    return (struct sockaddr *)&address;
}

/* A string without end, up to the last byte of its page. */
static char *endless(void)
{
    return memset(edge(32), '1', 32);
}

static WCHAR *endless_wide(void)
{
    WCHAR *text = edge(32);
    for (int i = 0; i < 16; i++)
        text[i] = L'1';
    return text;
}

TEST(bad_input_name__address_to_string__documented_error)
{
    start_winsock();
    FAILS(WSAAddressToStringA(NULL, 16, NULL, data, (target(), &size)), WSAEFAULT);
    FAILS(WSAAddressToStringA(no_memory(), 16, NULL, data, &size), WSAEFAULT);
    FAILS(WSAAddressToStringA(target(), 16, NULL, data, NULL), WSAEFAULT);
    FAILS(WSAAddressToStringA(target(), 16, NULL, data, no_memory()), WSAEFAULT);
    FAILS(WSAAddressToStringA(target(), 16, NULL, NULL, &size), WSAEFAULT);
    FAILS(WSAAddressToStringA(target(), 16, NULL, no_memory(), &size), WSAEFAULT);
    FAILS(WSAAddressToStringA(target(), 16, no_memory(), data, &size), WSAEFAULT);
    FAILS(WSAAddressToStringA(target(), 15, NULL, data, &size), WSAEINVAL);
    FAILS(WSAAddressToStringA(target(), 0, NULL, data, &size), WSAEINVAL);
    FAILS(WSAAddressToStringW(NULL, 16, NULL, wide, &size), WSAEFAULT);
    FAILS(WSAAddressToStringW(no_memory(), 16, NULL, wide, &size), WSAEFAULT);
    FAILS(WSAAddressToStringW(target(), 16, NULL, wide, NULL_PAGE), WSAEFAULT);
    FAILS(WSAAddressToStringW(target(), 16, NULL, wide, read_only()), WSAEFAULT);
    FAILS(WSAAddressToStringW(target(), 16, NULL, NULL, &size), WSAEFAULT);
    FAILS(WSAAddressToStringW(target(), 16, NULL, no_memory(), &size), WSAEFAULT);
    FAILS(WSAAddressToStringW(target(), 16, no_memory(), wide, &size), WSAEFAULT);
    FAILS(WSAAddressToStringW(target(), 1, NULL, wide, &size), WSAEINVAL);
    (void)target();
    address.sin6_family = AF_APPLETALK;
    FAILS(WSAAddressToStringW((struct sockaddr *)&address, 16, NULL, wide, &size), WSAEINVAL);
    (void)target();
    size = 1;
    FAILS(WSAAddressToStringA((struct sockaddr *)&address, 16, NULL, data, &size), WSAEFAULT);
    CHECK_EQ(size, sizeof "127.0.0.1:80");
    CHECK_EQ(WSACleanup(), 0);
}

TEST(bad_input_name__string_to_address__documented_error)
{
    start_winsock();
    FAILS(WSAStringToAddressA(NULL, AF_INET, NULL, target(), &length), WSAEINVAL);
    FAILS(WSAStringToAddressA(no_memory(), AF_INET, NULL, target(), &length), WSAEFAULT);
    FAILS(WSAStringToAddressA(endless(), AF_INET, NULL, target(), &length), WSAEFAULT);
    FAILS(WSAStringToAddressA("1.2.3.4", AF_INET, NULL, NULL, &length), WSAEFAULT);
    FAILS(WSAStringToAddressA("1.2.3.4", AF_INET, NULL, no_memory(), &length), WSAEFAULT);
    FAILS(WSAStringToAddressA("1.2.3.4", AF_INET, NULL, target(), NULL), WSAEFAULT);
    FAILS(WSAStringToAddressA("1.2.3.4", AF_INET, NULL, target(), no_memory()), WSAEFAULT);
    FAILS(WSAStringToAddressA("1.2.3.4", AF_INET, no_memory(), target(), &length), WSAEFAULT);
    FAILS(WSAStringToAddressA("1.2.3.4", AF_IPX, NULL, target(), &length), WSAEINVAL);
    FAILS(WSAStringToAddressA("1.2.3.4", AF_INET6, NULL, target(), &length), WSAEINVAL);
    FAILS(WSAStringToAddressA("1.2.3.4.5", AF_INET, NULL, target(), &length), WSAEINVAL);
    FAILS(WSAStringToAddressA("", AF_INET, NULL, target(), &length), WSAEINVAL);
    FAILS(WSAStringToAddressW(no_memory(), AF_INET, NULL, target(), &length), WSAEFAULT);
    FAILS(WSAStringToAddressW(endless_wide(), AF_INET, NULL, target(), &length), WSAEFAULT);
    FAILS(WSAStringToAddressW((WCHAR *)L"1.2.3.4", AF_INET, NULL, read_only(), &length), WSAEFAULT);
    FAILS(WSAStringToAddressW((WCHAR *)L"1.2.3.4", AF_INET, NULL, target(), NULL_PAGE), WSAEFAULT);
    (void)target();
    length = 15;
    FAILS(WSAStringToAddressA("1.2.3.4", AF_INET, NULL, (struct sockaddr *)&address, &length), WSAEFAULT);
    CHECK_EQ(length, 16);
    CHECK_EQ(WSACleanup(), 0);
}

TEST(bad_input_name__inet__documented_error)
{
    ROW(inet_addr(NULL), INADDR_NONE, WSAEFAULT);
    ROW(inet_addr(no_memory()), INADDR_NONE, WSAEFAULT);
    ROW(inet_addr(endless()), INADDR_NONE, WSAEFAULT);
    GOOD(inet_addr("1.2.3.4.5"), INADDR_NONE);
    FAILS(inet_pton(AF_UNSPEC, "1.2.3.4", data), WSAEAFNOSUPPORT);
    FAILS(inet_pton(-1, NULL, NULL), WSAEAFNOSUPPORT);
    FAILS(inet_pton(AF_INET, NULL, data), WSAEFAULT);
    FAILS(inet_pton(AF_INET, no_memory(), data), WSAEFAULT);
    FAILS(inet_pton(AF_INET, endless(), data), WSAEFAULT);
    FAILS(inet_pton(AF_INET, "1.2.3.4", NULL), WSAEFAULT);
    FAILS(inet_pton(AF_INET, "1.2.3.4", no_memory()), WSAEFAULT);
    FAILS(inet_pton(AF_INET6, "::1", edge(15)), WSAEFAULT);
    GOOD(inet_pton(AF_INET6, "::1", edge(16)), 1);
    FAILS(InetPtonW(AF_UNSPEC, L"1.2.3.4", data), WSAEAFNOSUPPORT);
    FAILS(InetPtonW(AF_INET, no_memory(), data), WSAEFAULT);
    FAILS(InetPtonW(AF_INET, L"1.2.3.4", read_only()), WSAEFAULT);
    ROW((ULONG_PTR)inet_ntop(AF_UNSPEC, data, data, sizeof data), 0, WSAEAFNOSUPPORT);
    ROW((ULONG_PTR)inet_ntop(AF_INET, data, NULL, 64), 0, WSA_INVALID_PARAMETER);
    ROW((ULONG_PTR)inet_ntop(AF_INET, data, data, 3), 0, WSA_INVALID_PARAMETER);
    ROW((ULONG_PTR)inet_ntop(AF_INET, NULL, data, sizeof data), 0, WSAEINVAL);
    ROW((ULONG_PTR)inet_ntop(AF_INET, no_memory(), data, sizeof data), 0, WSAEINVAL);
    ROW((ULONG_PTR)inet_ntop(AF_INET, data, no_memory(), 64), 0, WSA_INVALID_PARAMETER);
    ROW((ULONG_PTR)InetNtopW(AF_INET6, data, read_only(), 64), 0, WSA_INVALID_PARAMETER);
    ROW((ULONG_PTR)InetNtopW(77, data, wide, 64), 0, WSAEAFNOSUPPORT);
}

TEST(bad_input_name__hosts_and_services__documented_error)
{
    char long_name[2048];
    start_winsock();
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    FAILS(gethostname(NULL, 64), WSAEFAULT);
    FAILS(gethostname(data, 0), WSAEFAULT);
    FAILS(gethostname(data, -1), WSAEFAULT);
    FAILS(gethostname(data, 1), WSAEFAULT);
    FAILS(gethostname(no_memory(), 64), WSAEFAULT);
    FAILS(gethostname(read_only(), 64), WSAEFAULT);
    FAILS(GetHostNameW(NULL, 64), WSAEFAULT);
    FAILS(GetHostNameW(wide, 0), WSAEFAULT);
    FAILS(GetHostNameW(no_memory(), 64), WSAEFAULT);
    ROW((ULONG_PTR)gethostbyname(no_memory()), 0, WSAEFAULT);
    ROW((ULONG_PTR)gethostbyname(endless()), 0, WSAEFAULT);
    CHECK(gethostbyname(long_name) == NULL);
    ROW((ULONG_PTR)gethostbyaddr(NULL, 4, AF_INET), 0, WSAEFAULT);
    ROW((ULONG_PTR)gethostbyaddr(no_memory(), 4, AF_INET), 0, WSAEFAULT);
    ROW((ULONG_PTR)gethostbyaddr(data, 3, AF_INET), 0, WSAEFAULT);
    ROW((ULONG_PTR)gethostbyaddr(data, -1, AF_INET), 0, WSAEFAULT);
    ROW((ULONG_PTR)gethostbyaddr(data, 15, AF_INET6), 0, WSAEFAULT);
    ROW((ULONG_PTR)gethostbyaddr(data, 4, AF_IPX), 0, WSAEAFNOSUPPORT);
    ROW((ULONG_PTR)getservbyname(NULL, NULL), 0, WSAEFAULT);
    ROW((ULONG_PTR)getservbyname(no_memory(), NULL), 0, WSAEFAULT);
    ROW((ULONG_PTR)getservbyname("http", no_memory()), 0, WSAEFAULT);
    ROW((ULONG_PTR)getservbyname("no such service", NULL), 0, WSANO_DATA);
    ROW((ULONG_PTR)getservbyport(-1, no_memory()), 0, WSAEFAULT);
    ROW((ULONG_PTR)getservbyport(0, "no such protocol"), 0, WSANO_DATA);
    ROW((ULONG_PTR)getprotobyname(NULL), 0, WSAEFAULT);
    ROW((ULONG_PTR)getprotobyname(no_memory()), 0, WSAEFAULT);
    ROW((ULONG_PTR)getprotobyname("no such protocol"), 0, WSANO_DATA);
    ROW((ULONG_PTR)getprotobynumber(-1), 0, WSANO_DATA);
    ROW((ULONG_PTR)getprotobynumber(0x7FFFFFFF), 0, WSANO_DATA);
    CHECK_EQ(WSACleanup(), 0);
}

static int hinted(int family, int type, int ai_flags, char *canonical)
{
    ADDRINFOA hints, *list = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = family;
    hints.ai_socktype = type;
    hints.ai_flags = ai_flags | AI_NUMERICHOST;
    hints.ai_canonname = canonical;
    int error = getaddrinfo(ai_flags & AI_CANONNAME ? NULL : "127.0.0.1", "80", &hints, &list);
    CHECK(error == 0 || list == NULL);
    freeaddrinfo(list);
    return error;
}

TEST(bad_input_name__getaddrinfo__documented_error)
{
    ADDRINFOA *list;
    ADDRINFOW *list_w;
    PADDRINFOEXA ex_a;
    PADDRINFOEXW ex_w;
    start_winsock();
#define NAME_ROW(call, error) ROW(call, error, error)
    NAME_ROW(getaddrinfo(NULL, NULL, NULL, &list), WSAHOST_NOT_FOUND);
    NAME_ROW(getaddrinfo("127.0.0.1", NULL, NULL, NULL), WSAEFAULT);
    NAME_ROW(getaddrinfo("127.0.0.1", NULL, NULL, no_memory()), WSAEFAULT);
    NAME_ROW(getaddrinfo("127.0.0.1", NULL, NULL, read_only()), WSAEFAULT);
    NAME_ROW(getaddrinfo(no_memory(), NULL, NULL, &list), WSAEFAULT);
    NAME_ROW(getaddrinfo(endless(), NULL, NULL, &list), WSAEFAULT);
    NAME_ROW(getaddrinfo(NULL, no_memory(), NULL, &list), WSAEFAULT);
    NAME_ROW(getaddrinfo("127.0.0.1", NULL, no_memory(), &list), WSAEFAULT);
    NAME_ROW(hinted(AF_IPX, 0, 0, NULL), WSAEAFNOSUPPORT);
    NAME_ROW(hinted(-1, 0, 0, NULL), WSAEAFNOSUPPORT);
    NAME_ROW(hinted(AF_INET, 99, 0, NULL), WSAESOCKTNOSUPPORT);
    NAME_ROW(hinted(AF_INET, -1, 0, NULL), WSAESOCKTNOSUPPORT);
    NAME_ROW(hinted(AF_INET, 0, AI_CANONNAME, NULL), WSAEINVAL);
    NAME_ROW(hinted(AF_INET, 0, 0, data), WSANO_RECOVERY);
    NAME_ROW(GetAddrInfoW(NULL, NULL, NULL, &list_w), WSAHOST_NOT_FOUND);
    NAME_ROW(GetAddrInfoW(L"127.0.0.1", NULL, NULL, NULL), WSAEFAULT);
    NAME_ROW(GetAddrInfoW(L"127.0.0.1", NULL, NULL, no_memory()), WSAEFAULT);
    NAME_ROW(GetAddrInfoW(no_memory(), NULL, NULL, &list_w), WSAEFAULT);
    NAME_ROW(GetAddrInfoW(endless_wide(), NULL, NULL, &list_w), WSAEFAULT);
    NAME_ROW(GetAddrInfoW(L"127.0.0.1", no_memory(), NULL, &list_w), WSAEFAULT);
    NAME_ROW(GetAddrInfoW(L"127.0.0.1", NULL, no_memory(), &list_w), WSAEFAULT);
    NAME_ROW(GetAddrInfoExA("127.0.0.1", NULL, NS_ALL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), WSAEFAULT);
    NAME_ROW(GetAddrInfoExA("127.0.0.1", NULL, 0x7777, NULL, NULL, &ex_a, NULL, NULL, NULL, NULL), WSAEINVAL);
    NAME_ROW(GetAddrInfoExA(no_memory(), NULL, NS_ALL, NULL, NULL, &ex_a, NULL, NULL, NULL, NULL), WSAEFAULT);
    NAME_ROW(GetAddrInfoExA("127.0.0.1", NULL, NS_ALL, NULL, no_memory(), &ex_a, NULL, NULL, NULL, NULL), WSAEFAULT);
    NAME_ROW(GetAddrInfoExW(L"127.0.0.1", NULL, NS_ALL, NULL, NULL, no_memory(), NULL, NULL, NULL, NULL), WSAEFAULT);
    NAME_ROW(GetAddrInfoExW(no_memory(), NULL, NS_ALL, NULL, NULL, &ex_w, NULL, NULL, NULL, NULL), WSAEFAULT);
    RETURNS(GetAddrInfoExCancel(NULL), WSA_INVALID_HANDLE);
    RETURNS(GetAddrInfoExOverlappedResult(NULL), WSAEINVAL);
    RETURNS(GetAddrInfoExOverlappedResult(no_memory()), WSAEINVAL);
    freeaddrinfo(NULL);
    FreeAddrInfoW(NULL);
    FreeAddrInfoEx(NULL);
    FreeAddrInfoExW(NULL);
    CHECK_EQ(WSACleanup(), 0);
}

TEST(bad_input_name__getnameinfo__documented_error)
{
    start_winsock();
    NAME_ROW(getnameinfo(NULL, 16, data, sizeof data, NULL, 0, NI_NUMERICHOST), WSAEFAULT);
    NAME_ROW(getnameinfo(no_memory(), 16, data, sizeof data, NULL, 0, NI_NUMERICHOST), WSAEFAULT);
    NAME_ROW(getnameinfo(target(), 1, data, sizeof data, NULL, 0, NI_NUMERICHOST), WSAEFAULT);
    NAME_ROW(getnameinfo(target(), 15, data, sizeof data, NULL, 0, NI_NUMERICHOST), WSAEFAULT);
    NAME_ROW(getnameinfo(target(), 0, data, sizeof data, NULL, 0, NI_NUMERICHOST), WSAEFAULT);
    NAME_ROW(getnameinfo(target(), -1, data, sizeof data, NULL, 0, NI_NUMERICHOST), WSAEFAULT);
    NAME_ROW(getnameinfo(target(), 16, no_memory(), 64, NULL, 0, NI_NUMERICHOST), WSAEFAULT);
    NAME_ROW(getnameinfo(target(), 16, NULL, 0, read_only(), 64, NI_NUMERICSERV), WSAEFAULT);
    NAME_ROW(GetNameInfoW(NULL, 16, wide, 64, NULL, 0, NI_NUMERICHOST), WSAEFAULT);
    NAME_ROW(GetNameInfoW(target(), 16, no_memory(), 64, NULL, 0, NI_NUMERICHOST), WSAEFAULT);
    NAME_ROW(GetNameInfoW(target(), 16, wide, 64, no_memory(), 64, NI_NUMERICHOST), WSAEFAULT);
    (void)target();
    address.sin6_family = AF_IPX;
    NAME_ROW(getnameinfo((struct sockaddr *)&address, 16, data, sizeof data, NULL, 0, 0), WSAEAFNOSUPPORT);
    CHECK_EQ(WSACleanup(), 0);
}

TEST(bad_input_name__catalog__documented_error)
{
    static int endless_list[] = {IPPROTO_TCP, IPPROTO_UDP};
    int *list = edge(sizeof endless_list), error = 0;
    GUID *wild = no_memory(), none = {0};
    DWORD room = 0x10000;
    size_t info_size = 4;
    start_winsock();
    memcpy(list, endless_list, sizeof endless_list);
    FAILS(WSAEnumProtocolsA(NULL, NULL, NULL), WSAEFAULT);
    FAILS(WSAEnumProtocolsA(NULL, NULL, no_memory()), WSAEFAULT);
    FAILS(WSAEnumProtocolsA(no_memory(), NULL, &room), WSAEFAULT);
    FAILS(WSAEnumProtocolsA(list, NULL, &room), WSAEFAULT);
    FAILS(WSAEnumProtocolsA(NULL, no_memory(), &room), WSAEFAULT);
    FAILS(WSAEnumProtocolsW(NULL, NULL, NULL_PAGE), WSAEFAULT);
    FAILS(WSAEnumProtocolsW(NULL, read_only(), &room), WSAEFAULT);
    FAILS(WSAEnumProtocolsW(NULL, NULL, &room), WSAENOBUFS);
    CHECK(room != 0x10000);
    GOOD(WSCEnumProtocols(NULL, NULL, NULL, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEFAULT);
    GOOD(WSCEnumProtocols(NULL, NULL, NULL, NULL), SOCKET_ERROR);
    GOOD(WSCGetProviderPath(wild, wide, &length, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEFAULT);
    GOOD(WSCGetProviderPath(&none, wide, &length, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEINVAL);
    GOOD(WSCGetProviderPath(NULL, NULL, NULL, NULL), SOCKET_ERROR);
    GOOD(WSCGetProviderInfo(wild, ProviderInfoLspCategories, NULL, &info_size, 0, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEFAULT);
    GOOD(WSCGetProviderInfo(&none, (WSC_PROVIDER_INFO_TYPE)99, NULL, &info_size, 0, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAEINVAL);
    GOOD(WSCInstallProvider(NULL, NULL, NULL, 0, NULL), SOCKET_ERROR);
    GOOD(WSCDeinstallProvider(NULL, NULL), SOCKET_ERROR);
    GOOD(WSCUpdateProvider(NULL, NULL, NULL, 0, no_memory()), SOCKET_ERROR);
    GOOD(WSCWriteProviderOrder(NULL, 0), WSAEACCES);
    GOOD(WPUCompleteOverlappedRequest(INVALID_SOCKET, NULL, 0, 0, &error), SOCKET_ERROR);
    CHECK_EQ(error, WSAENOTSOCK);
    CHECK_EQ(WSACleanup(), 0);
}

TEST(bad_input_name__name_space__documented_error)
{
    HANDLE lookup;
    start_winsock();
    FAILS(WSALookupServiceBeginA(NULL, 0, &lookup), WSAEFAULT);
    FAILS(WSALookupServiceBeginW(no_memory(), 0, NULL), WSAEFAULT);
    FAILS(WSALookupServiceNextA(NULL, 0, NULL, NULL), WSA_INVALID_HANDLE);
    FAILS(WSALookupServiceNextW((HANDLE)0x3FFC, 0, no_memory(), no_memory()), WSA_INVALID_HANDLE);
    FAILS(WSALookupServiceEnd((HANDLE)0x3FFC), WSA_INVALID_HANDLE);
    FAILS(WSANSPIoctl(NULL, 0, NULL, 0, NULL, 0, NULL, NULL), WSA_INVALID_HANDLE);
    FAILS(WSAEnumNameSpaceProvidersA(NULL, NULL), WSAEFAULT);
    FAILS(WSAEnumNameSpaceProvidersW(NULL, NULL), WSAEFAULT);
    FAILS(WSACancelAsyncRequest((HANDLE)0x3FFC), WSAEINVAL);
    ROW(WSAAsyncGetHostByName(NULL, 0, NULL, NULL, -1), 0, WSAEOPNOTSUPP);
    CHECK_EQ(WSACleanup(), 0);
    CHECK(gai_strerrorA(-1) != NULL && gai_strerrorW(0x7FFFFFFF) != NULL);
}
