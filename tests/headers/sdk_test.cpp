/* SPDX-License-Identifier: MIT */
/*
 * sdk_test.cpp - what sources from Microsoft's samples take from the SDK's headers, in C++.
 *
 * Compiled by ntsock-c++, linked with libntsock.
 */
#include <windows.h>
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mstcpip.h>
#include <strsafe.h>
#include <wsipx.h>
#include <wsnwlink.h>

#include <algorithm>
#include <string>

#include "ntstest.h"

static int leave_from_loops(std::string *order)
{
    int result = 0;
    __try {
        std::string destroyed = "long enough to be allocated on the heap";
        for (int i = 0; i < 10; i++) {
            switch (i) {
            case 3:
                result = i;
                __leave;
            default:
                *order += 'l';
            }
        }
        result = -1;
    } __finally {
        *order += 'f';
    }
    return result;
}

TEST(seh__leave_in_cxx__runs_finally_once)
{
    std::string order;
    CHECK_EQ(leave_from_loops(&order), 3);
    CHECK(order == "lllf");
}

TEST(seh__nested_in_cxx__inner_leave_stays_inside)
{
    int step = 0;
    __try {
        __try {
            step = 1;
            __leave;
        } __finally {
            step++;
        }
        step++;
    } __except (GetExceptionCode() == EXCEPTION_ACCESS_VIOLATION ? EXCEPTION_EXECUTE_HANDLER
                                                                 : EXCEPTION_CONTINUE_SEARCH) {
        step = 100;
    }
    CHECK_EQ(step, 3);
}

TEST(min_max__of_different_types_and_beside_std__work)
{
    DWORD d = 7;
    size_t n = 9;
    CHECK_EQ(min(d, n), 7);
    CHECK_EQ(max(3, 4), 4);
    CHECK_EQ(std::min(3, 4), 3);
    using namespace std;
    CHECK_EQ(min(3, 4), 3);
    static_assert(min(1, 2) == 1, "constant");
}

TEST(strsafe__count_limit__copies_and_reports)
{
    char d[8];
    CHECK_EQ(StringCbCopyN(d, sizeof d, "abcdef", 3), S_OK);
    CHECK(strcmp(d, "abc") == 0);
    CHECK_EQ(StringCbCatN(d, sizeof d, "defgh", 2), S_OK);
    CHECK(strcmp(d, "abcde") == 0);
    CHECK_EQ(StringCchCopyA(d, sizeof d, "12345678"), STRSAFE_E_INSUFFICIENT_BUFFER);
    CHECK(strcmp(d, "1234567") == 0);
    CHECK_EQ(StringCchCopyA(d, 0, "x"), STRSAFE_E_INVALID_PARAMETER);
    size_t length = 99;
    CHECK_EQ(StringCbLengthW(L"four", 20, &length), S_OK);
    CHECK_EQ(length, 8);
    CHECK_EQ(StringCchLengthA("four", 4, &length), STRSAFE_E_INVALID_PARAMETER);
    CHECK_EQ(length, 0);
    wchar_t w[4];
    CHECK_EQ(StringCbCopyW(w, sizeof w, L"1234"), STRSAFE_E_INSUFFICIENT_BUFFER);
    CHECK(std::wstring(w) == L"123");
}

TEST(inetaddr__both_families__set_and_read_back)
{
    SOCKADDR_STORAGE storage;
    PSOCKADDR a = (PSOCKADDR)&storage;
    a->sa_family = AF_INET6;
    INETADDR_SETLOOPBACK(a);
    CHECK(INETADDR_ISLOOPBACK(a) && !INETADDR_ISANY(a));
    CHECK_EQ(INETADDR_PORT(a), 0);
    SS_PORT(a) = htons(80);
    CHECK_EQ(((SOCKADDR_IN6 *)a)->sin6_port, htons(80));
    INETADDR_SETANY(a);
    CHECK(INETADDR_ISANY(a) && INETADDR_PORT(a) == 0);
    a->sa_family = AF_INET;
    INETADDR_SETLOOPBACK(a);
    CHECK_EQ(((SOCKADDR_IN *)a)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    SOCKADDR_IN6 mapped;
    IN6ADDR_SETV4MAPPED(&mapped, &((SOCKADDR_IN *)a)->sin_addr, INETADDR_SCOPE_ID(a), htons(7));
    CHECK(INETADDR_ISV4MAPPED((PSOCKADDR)&mapped));
    CHECK_EQ(mapped.sin6_addr.s6_addr[12], 127);
    CHECK_EQ(INETADDR_PORT((PSOCKADDR)&mapped), htons(7));
}
