/* SPDX-License-Identifier: MIT */
/* ws2_names_test.c - hosts, services and protocols. Nothing here leaves the machine. */
#include "ws2_test.h"

TEST(getaddrinfo__numeric__one_entry_with_what_was_asked)
{
    struct addrinfo hints = {0}, *list = NULL;
    start_winsock();
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_protocol = IPPROTO_TCP;
    REQUIRE_EQ(getaddrinfo("127.0.0.1", "8080", &hints, &list), 0);
    CHECK(list->ai_next == NULL);
    CHECK_EQ(list->ai_family, AF_INET);
    CHECK_EQ(list->ai_socktype, SOCK_STREAM);
    CHECK_EQ(list->ai_protocol, IPPROTO_TCP);
    CHECK_EQ(list->ai_addrlen, sizeof(struct sockaddr_in));
    CHECK_EQ(ntohs(((struct sockaddr_in *)list->ai_addr)->sin_port), 8080);
    CHECK(list->ai_canonname == NULL);
    freeaddrinfo(list);
    REQUIRE_EQ(getaddrinfo("::1", NULL, NULL, &list), 0);
    CHECK_EQ(list->ai_family, AF_INET6);
    CHECK_EQ(list->ai_socktype, 0);
    CHECK_EQ(((struct sockaddr_in6 *)list->ai_addr)->sin6_family, AF_INET6);
    CHECK_EQ(((struct sockaddr_in6 *)list->ai_addr)->sin6_addr.s6_addr[15], 1);
    freeaddrinfo(list);
    freeaddrinfo(NULL);
}

TEST(getaddrinfo__errors__documented)
{
    struct addrinfo hints = {0}, *list = (struct addrinfo *)1;
    start_winsock();
    CHECK_EQ(getaddrinfo(NULL, NULL, NULL, &list), WSAHOST_NOT_FOUND);
    CHECK_EQ(WSAGetLastError(), WSAHOST_NOT_FOUND);
    CHECK(list == NULL);
    hints.ai_flags = AI_NUMERICHOST;
    CHECK_EQ(getaddrinfo("localhost", NULL, &hints, &list), WSAHOST_NOT_FOUND);
    CHECK_EQ(getaddrinfo("127.0.0.1", "no-such-service", NULL, &list), WSATYPE_NOT_FOUND);
    hints.ai_flags = AI_CANONNAME;
    CHECK_EQ(getaddrinfo(NULL, "80", &hints, &list), WSAEINVAL);
    hints.ai_flags = 0;
    hints.ai_family = 99;
    CHECK_EQ(getaddrinfo("127.0.0.1", NULL, &hints, &list), WSAEAFNOSUPPORT);
    hints.ai_family = 0;
    hints.ai_socktype = 99;
    CHECK_EQ(getaddrinfo("127.0.0.1", NULL, &hints, &list), WSAESOCKTNOSUPPORT);
    hints.ai_socktype = 0;
    hints.ai_addrlen = 1;
    CHECK_EQ(getaddrinfo("127.0.0.1", NULL, &hints, &list), WSANO_RECOVERY);
    CHECK_EQ(getaddrinfo("127.0.0.1", NULL, NULL, NULL), WSAEFAULT);
}

TEST(getaddrinfo__passive_and_not__wildcard_and_loopback)
{
    struct addrinfo hints = {0}, *list;
    start_winsock();
    hints.ai_family = AF_INET;
    hints.ai_flags = AI_PASSIVE;
    REQUIRE_EQ(getaddrinfo(NULL, "0", &hints, &list), 0);
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_addr.s_addr, 0);
    freeaddrinfo(list);
    hints.ai_flags = 0;
    REQUIRE_EQ(getaddrinfo(NULL, "0", &hints, &list), 0);
    CHECK_EQ(((struct sockaddr_in *)list->ai_addr)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    freeaddrinfo(list);
}

TEST(getaddrinfo__localhost_wide_and_ex__agree)
{
    ADDRINFOW hints = {0}, *wide;
    ADDRINFOEXW *ex;
    struct addrinfo narrow = {0}, *list;
    start_winsock();
    narrow.ai_family = hints.ai_family = AF_INET;
    narrow.ai_flags = hints.ai_flags = AI_CANONNAME;
    REQUIRE_EQ(getaddrinfo("localhost", "80", &narrow, &list), 0);
    CHECK(list->ai_canonname != NULL);
    REQUIRE_EQ(GetAddrInfoW(L"localhost", L"80", &hints, &wide), 0);
    CHECK_EQ(wide->ai_canonname[0], list->ai_canonname[0]);
    CHECK_EQ(memcmp(wide->ai_addr, list->ai_addr, list->ai_addrlen), 0);
    freeaddrinfo(list);
    FreeAddrInfoW(wide);
    REQUIRE_EQ(
        GetAddrInfoExW(L"localhost", L"80", NS_DNS, NULL, NULL, &ex, NULL, NULL, NULL, NULL), 0);
    CHECK(ex->ai_addr != NULL);
    FreeAddrInfoExW(ex);
}

TEST(getaddrinfo__empty_name__is_this_machine)
{
    struct addrinfo *list;
    start_winsock();
    REQUIRE_EQ(getaddrinfo("", "90", NULL, &list), 0);
    for (struct addrinfo *at = list; at != NULL; at = at->ai_next)
        CHECK_EQ(ntohs(((struct sockaddr_in *)at->ai_addr)->sin_port), 90);
    freeaddrinfo(list);
}

TEST(getnameinfo__numeric_and_errors__documented)
{
    struct sockaddr_in a = loopback4(80);
    char host[64], service[16];
    WCHAR wide[64];
    start_winsock();
    CHECK_EQ(getnameinfo((SOCKADDR *)&a, sizeof a, host, sizeof host, service, sizeof service,
                 NI_NUMERICHOST | NI_NUMERICSERV),
        0);
    CHECK_EQ(strcmp(host, "127.0.0.1"), 0);
    CHECK_EQ(strcmp(service, "80"), 0);
    CHECK_EQ(GetNameInfoW((SOCKADDR *)&a, sizeof a, wide, 64, NULL, 0, NI_NUMERICHOST), 0);
    CHECK_EQ(wide[8], '1');
    CHECK_EQ(getnameinfo((SOCKADDR *)&a, sizeof a, host, 4, NULL, 0, NI_NUMERICHOST),
        ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(getnameinfo(NULL, sizeof a, host, sizeof host, NULL, 0, 0), WSAEFAULT);
    CHECK_EQ(getnameinfo((SOCKADDR *)&a, 8, host, sizeof host, NULL, 0, 0), WSAEFAULT);
    CHECK_EQ(getnameinfo((SOCKADDR *)&a, sizeof a, NULL, 0, NULL, 0, 0), WSAHOST_NOT_FOUND);
    a.sin_family = 99;
    CHECK_EQ(getnameinfo((SOCKADDR *)&a, sizeof a, host, sizeof host, NULL, 0, 0), WSAEAFNOSUPPORT);
}

TEST(gethostbyname__localhost_numeric_and_own__have_addresses)
{
    char own[256];
    start_winsock();
    struct hostent *host = gethostbyname("localhost");
    REQUIRE(host != NULL);
    CHECK_EQ(host->h_addrtype, AF_INET);
    CHECK_EQ(host->h_length, 4);
    CHECK_EQ(host->h_addr_list[0][0], 127);
    CHECK(host->h_aliases != NULL);
    host = gethostbyname("1.2.3.4");
    REQUIRE(host != NULL);
    CHECK_EQ(host->h_addr_list[0][3], 4);
    CHECK(host->h_addr_list[1] == NULL);
    CHECK_EQ(gethostname(own, sizeof own), 0);
    host = gethostbyname("");
    REQUIRE(host != NULL);
    CHECK_EQ(strcmp(host->h_name, own), 0);
    CHECK(host->h_addr_list[0] != NULL);
    CHECK_FAILS(gethostname(own, 0), WSAEFAULT);
    CHECK_FAILS(gethostname(NULL, 100), WSAEFAULT);
    CHECK_FAILS(gethostname(own, 1), WSAEFAULT);
    WCHAR wide[256];
    CHECK_EQ(GetHostNameW(wide, 256), 0);
    CHECK_FAILS(GetHostNameW(NULL, 256), WSAEFAULT);
}

TEST(gethostbyaddr__bad_arguments__documented_errors)
{
    char address[4] = {127, 0, 0, 1};
    start_winsock();
    CHECK(gethostbyaddr(NULL, 4, AF_INET) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(gethostbyaddr(address, 3, AF_INET) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(gethostbyaddr(address, 4, 99) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEAFNOSUPPORT);
    struct hostent *host = gethostbyaddr(address, 4, AF_INET);
    REQUIRE(host != NULL);
    CHECK_EQ(memcmp(host->h_addr_list[0], address, 4), 0);
}

TEST(services__by_name_and_port__agree)
{
    start_winsock();
    struct servent *service = getservbyname("http", "tcp");
    if (service == NULL)
        SKIP("needs /etc/services");
    CHECK_EQ(ntohs((u_short)service->s_port), 80);
    CHECK_EQ(strcmp(service->s_proto, "tcp"), 0);
    service = getservbyport(htons(80), "tcp");
    REQUIRE(service != NULL);
    CHECK_EQ(strcmp(service->s_name, "http"), 0);
    CHECK(getservbyname("no-such-service", NULL) == NULL);
    CHECK_EQ(WSAGetLastError(), WSANO_DATA);
    CHECK(getservbyname(NULL, NULL) == NULL);
}

TEST(protocols__by_name_and_number__agree)
{
    start_winsock();
    struct protoent *protocol = getprotobyname("tcp");
    REQUIRE(protocol != NULL);
    CHECK_EQ(protocol->p_proto, 6);
    CHECK_EQ(strcmp(protocol->p_aliases[0], "TCP"), 0);
    protocol = getprotobyname("UDP");
    REQUIRE(protocol != NULL);
    CHECK_EQ(protocol->p_proto, 17);
    protocol = getprotobynumber(1);
    REQUIRE(protocol != NULL);
    CHECK_EQ(strcmp(protocol->p_name, "icmp"), 0);
    CHECK(getprotobyname("no-such-protocol") == NULL);
    CHECK_EQ(WSAGetLastError(), WSANO_DATA);
}

TEST(gai_strerror__known_error__has_a_text)
{
    CHECK(strlen(gai_strerrorA(WSAHOST_NOT_FOUND)) > 5);
    CHECK(gai_strerrorW(WSAHOST_NOT_FOUND)[0] != 0);
}
