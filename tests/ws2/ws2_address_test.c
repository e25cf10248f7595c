/* SPDX-License-Identifier: MIT */
/* ws2_address_test.c - addresses as text and back; byte order. */
#include "ws2_test.h"

TEST(byte_order__any__swaps)
{
    u_long out = 0;
    u_short out_short = 0;
    CHECK_EQ(htonl(0x01020304), 0x04030201);
    CHECK_EQ(ntohs(0x0102), 0x0201);
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_EQ(WSAHtonl(s, 0x01020304, &out), 0);
    CHECK_EQ(out, 0x04030201);
    CHECK_EQ(WSANtohs(s, 0x0102, &out_short), 0);
    CHECK_EQ(out_short, 0x0201);
    CHECK_FAILS(WSAHtonl(s, 1, NULL), WSAEFAULT);
    CHECK_EQ(closesocket(s), 0);
    CHECK_FAILS(WSAHtons(s, 1, &out_short), WSAENOTSOCK);
}

TEST(inet_addr__every_form__documented)
{
    static const struct {
        const char *text;
        u_long address;
    } cases[] = {
        {"1.2.3.4", 0x01020304},
        {"1.2.3", 0x01020003},
        {"1.2", 0x01000002},
        {"16909060", 0x01020304},
        {"0x01020304", 0x01020304},
        {"010.0x10.8.1", 0x08100801},
        {"255.255.255.255", INADDR_NONE},
        {" ", 0},
        {"0", 0},
        {"127.1", 0x7f000001},
        {"1.2.3.4 x", 0x01020304},
        {"", INADDR_NONE},
        {"1.2.3.4.5", INADDR_NONE},
        {"256.1.1.1", INADDR_NONE},
        {"1.2.3.256", INADDR_NONE},
        {"1.2.65536", INADDR_NONE},
        {"a.b.c.d", INADDR_NONE},
        {"1..2", INADDR_NONE},
        {"1.2.3.4x", INADDR_NONE},
        {"08", INADDR_NONE},
        {"4294967296", INADDR_NONE},
        {"1.", INADDR_NONE},
    };
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        u_long got = ntohl(inet_addr(cases[i].text));
        if (got != cases[i].address)
            nts_fail(__FILE__, __LINE__, "inet_addr(\"%s\") gave 0x%x", cases[i].text, got);
    }
}

TEST(inet_ntoa__any__is_dotted)
{
    struct in_addr a;
    a.s_addr = htonl(0xC0A80001);
    CHECK_EQ(strcmp(inet_ntoa(a), "192.168.0.1"), 0);
    a.s_addr = 0xffffffff;
    CHECK_EQ(strcmp(inet_ntoa(a), "255.255.255.255"), 0);
}

TEST(inet_pton_ntop__ipv6__rfc_5952)
{
    static const struct {
        const char *in, *out; /* out NULL: not an address */
    } cases[] = {
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
        {"2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
        {"::1.2.3.4", "::1.2.3.4"},
        {"fe80::1", "fe80::1"},
        {"1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"},
        {"0:0:0:0:0:0:0:0", "::"},
        {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"", NULL},
        {":", NULL},
        {":::", NULL},
        {"1:2", NULL},
        {"1:2:3:4:5:6:7:8:9", NULL},
        {"1::2::3", NULL},
        {"12345::", NULL},
        {"g::", NULL},
        {"1:2:3:4:5:6:7:8:", NULL},
        {"1:2:3:4:5:6:7:", NULL},
        {"::1.2.3", NULL},
        {"::1.2.3.400", NULL},
        {"::1%3", NULL},
        {"[::1]", NULL},
        {"1:2:3:4:5:6:7:8::", NULL},
    };
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        UCHAR address[16];
        char text[64];
        int result = inet_pton(AF_INET6, cases[i].in, address);
        if (result != (cases[i].out != NULL))
            nts_fail(__FILE__, __LINE__, "inet_pton(\"%s\") gave %d", cases[i].in, result);
        else if (result == 1 &&
                 strcmp(inet_ntop(AF_INET6, address, text, sizeof text), cases[i].out) != 0)
            nts_fail(__FILE__, __LINE__, "inet_ntop of %s gave %s", cases[i].in, text);
    }
}

TEST(inet_pton_ntop__ipv4_and_errors__documented)
{
    UCHAR address[16];
    char text[16];
    WCHAR wide[16];
    CHECK_EQ(inet_pton(AF_INET, "10.20.30.40", address), 1);
    CHECK_EQ(address[3], 40);
    CHECK_EQ(inet_pton(AF_INET, "10.20.30", address), 0);
    CHECK_EQ(inet_pton(AF_INET, "10.20.30.256", address), 0);
    CHECK_EQ(inet_pton(AF_INET, "10.20.30.40 ", address), 0);
    CHECK_FAILS(inet_pton(77, "1.2.3.4", address), WSAEAFNOSUPPORT);
    CHECK_FAILS(inet_pton(AF_INET, NULL, address), WSAEFAULT);
    CHECK_FAILS(inet_pton(AF_INET, "1.2.3.4", NULL), WSAEFAULT);
    CHECK_EQ(InetPtonW(AF_INET, L"10.20.30.41", address), 1);
    CHECK_EQ(address[3], 41);
    CHECK(inet_ntop(AF_INET, address, text, sizeof text) == text);
    CHECK_EQ(strcmp(text, "10.20.30.41"), 0);
    CHECK(InetNtopW(AF_INET, address, wide, 16) == wide);
    CHECK_EQ(wide[0], '1');
    CHECK_EQ(wide[11], 0);
    CHECK(inet_ntop(AF_INET, address, text, 11) == NULL);
    CHECK_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    CHECK(inet_ntop(99, address, text, sizeof text) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEAFNOSUPPORT);
}

TEST(address_to_string__both_families__with_port_and_scope)
{
    struct sockaddr_in a = loopback4(8080);
    struct sockaddr_in6 b = loopback6(0);
    char text[80];
    WCHAR wide[80];
    DWORD length = sizeof text;
    start_winsock();
    CHECK_EQ(WSAAddressToStringA((SOCKADDR *)&a, sizeof a, NULL, text, &length), 0);
    CHECK_EQ(strcmp(text, "127.0.0.1:8080"), 0);
    CHECK_EQ(length, 15);
    a.sin_port = 0;
    length = sizeof text;
    CHECK_EQ(WSAAddressToStringA((SOCKADDR *)&a, sizeof a, NULL, text, &length), 0);
    CHECK_EQ(strcmp(text, "127.0.0.1"), 0);
    length = sizeof text;
    CHECK_EQ(WSAAddressToStringA((SOCKADDR *)&b, sizeof b, NULL, text, &length), 0);
    CHECK_EQ(strcmp(text, "::1"), 0);
    b.sin6_port = htons(443);
    b.sin6_scope_id = 7;
    length = 80;
    CHECK_EQ(WSAAddressToStringW((SOCKADDR *)&b, sizeof b, NULL, wide, &length), 0);
    CHECK_EQ(length, 12);
    for (int i = 0; i < 12; i++)
        CHECK_EQ(wide[i], "[::1%7]:443"[i]);
    length = 5;
    CHECK_FAILS(WSAAddressToStringA((SOCKADDR *)&a, sizeof a, NULL, text, &length), WSAEFAULT);
    CHECK_EQ(length, 10);
    length = sizeof text;
    CHECK_FAILS(WSAAddressToStringA(NULL, 16, NULL, text, &length), WSAEFAULT);
    CHECK_FAILS(WSAAddressToStringA((SOCKADDR *)&a, sizeof a, NULL, text, NULL), WSAEFAULT);
    CHECK_FAILS(WSAAddressToStringA((SOCKADDR *)&a, 3, NULL, text, &length), WSAEINVAL);
    a.sin_family = 99;
    CHECK_FAILS(WSAAddressToStringA((SOCKADDR *)&a, sizeof a, NULL, text, &length), WSAEINVAL);
}

TEST(string_to_address__both_families__documented)
{
    struct sockaddr_in a;
    struct sockaddr_in6 b;
    int length = sizeof a;
    start_winsock();
    CHECK_EQ(WSAStringToAddressA("1.2.3.4:99", AF_INET, NULL, (SOCKADDR *)&a, &length), 0);
    CHECK_EQ(a.sin_family, AF_INET);
    CHECK_EQ(ntohs(a.sin_port), 99);
    CHECK_EQ(ntohl(a.sin_addr.s_addr), 0x01020304);
    length = sizeof b;
    CHECK_EQ(WSAStringToAddressW(L"[fe80::1%5]:80", AF_INET6, NULL, (SOCKADDR *)&b, &length), 0);
    CHECK_EQ(b.sin6_scope_id, 5);
    CHECK_EQ(ntohs(b.sin6_port), 80);
    CHECK_EQ(b.sin6_addr.s6_addr[15], 1);
    CHECK_FAILS(
        WSAStringToAddressA("1.2.3.4:99999", AF_INET, NULL, (SOCKADDR *)&a, &length), WSAEINVAL);
    CHECK_FAILS(WSAStringToAddressA("nonsense", AF_INET, NULL, (SOCKADDR *)&a, &length), WSAEINVAL);
    CHECK_FAILS(WSAStringToAddressA("1.2.3.4", 99, NULL, (SOCKADDR *)&a, &length), WSAEINVAL);
    CHECK_FAILS(WSAStringToAddressA(NULL, AF_INET, NULL, (SOCKADDR *)&a, &length), WSAEINVAL);
    length = 4;
    CHECK_FAILS(WSAStringToAddressA("1.2.3.4", AF_INET, NULL, (SOCKADDR *)&a, &length), WSAEFAULT);
    CHECK_EQ(length, sizeof a);
    CHECK_FAILS(WSAStringToAddressA("1.2.3.4", AF_INET, NULL, NULL, &length), WSAEFAULT);
}
