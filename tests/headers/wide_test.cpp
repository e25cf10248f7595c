/* SPDX-License-Identifier: MIT */
/*
 * wide_test.cpp - 16-bit wchar_t in C++, and what ntsock-c++ does to the standard library.
 *
 * Goal: std::wstring, the wide C functions and <filesystem> behave as with a compiler for Windows, though
 * libstdc++.so and libc are built for a 32-bit wchar_t. Compiled by ntsock-c++, linked with libntsock.
 */
#include <algorithm>
#include <cstdlib>
#include <cwchar>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <winsock2.h>

#include <process.h>
#include <tchar.h>

#include "ntstest.h"

TEST(wstring__append_find_compare__count_16_bit_units)
{
    std::wstring s = L"wide";
    s += L" string";
    s.append(3, L'!');
    CHECK_EQ(sizeof(wchar_t), 2);
    CHECK_EQ(s.size(), 14);
    CHECK_EQ(s.find(L"string"), 5);
    CHECK_EQ(s.rfind(L'!'), 13);
    CHECK(s.find(L'x') == std::wstring::npos);
    CHECK(s == L"wide string!!!");
    CHECK(std::wstring(L"abc") < L"abd");
    CHECK(s.substr(5, 6) == L"string");
    s.insert(0, L">> ");
    s.replace(0, 2, L"<<");
    CHECK(s.compare(0, 3, L"<< ") == 0);
    s.resize(100, L'-');
    CHECK_EQ(std::count(s.begin(), s.end(), L'-'), 100 - 17);
}

TEST(wstring__as_key_of_map_and_set__is_found)
{
    std::map<std::wstring, int> map;
    std::set<std::wstring> set;
    for (int i = 0; i < 200; i++) {
        map[L"key " + std::to_wstring(i)] = i;
        set.insert(std::to_wstring(i % 50));
    }
    CHECK_EQ(map.size(), 200);
    CHECK_EQ(set.size(), 50);
    CHECK_EQ(map.at(L"key 117"), 117);
    CHECK(map.find(L"key") == map.end());
}

TEST(wstring__numbers__convert_both_ways)
{
    CHECK_EQ(std::stoi(L"-12"), -12);
    CHECK_EQ(std::stoull(L"ffffffffff", nullptr, 16), 0xffffffffffULL);
    CHECK(std::stod(L"2.5") == 2.5);
    CHECK(std::to_wstring(-42) == L"-42");
    CHECK_EQ(std::wstring_view(L"view").size(), 4);
    CHECK_EQ(std::hash<std::wstring>()(L"a") == std::hash<std::wstring>()(L"b"), 0);
}

TEST(wide_c_functions__in_namespace_std__are_the_16_bit_ones)
{
    wchar_t buffer[32];
    CHECK_EQ(std::wcslen(L"four"), 4);
    std::wcscpy(buffer, L"one,two");
    CHECK(std::wcschr(buffer, L',') == buffer + 3);
    const wchar_t *constant = L"haystack";
    CHECK(std::wcsstr(constant, L"stack") == constant + 3);
    CHECK_EQ(std::swprintf(buffer, 32, L"%d %s %ls %S", 7, L"wide", L"also", "narrow"), 18);
    CHECK(std::wcscmp(buffer, L"7 wide also narrow") == 0);
    CHECK_EQ(std::swprintf(buffer, 4, L"%d", 12345), -1);
    CHECK_EQ(std::mbstowcs(buffer, "z\xc3\xa4hl", 32), 4);
    CHECK_EQ(buffer[1], 0xe4);
    char narrow[32];
    CHECK_EQ(std::wcstombs(narrow, L"\x20ac\xd83d\xde00", 32), 7);
    CHECK(strcmp(narrow, "\xe2\x82\xac\xf0\x9f\x98\x80") == 0);
}

TEST(narrow_library__streams_and_strings__still_work)
{
    std::ostringstream out;
    out << 1 << ' ' << 2.5 << ' ' << std::string("three");
    CHECK(out.str() == "1 2.5 three");
    std::istringstream in("7 8");
    int a = 0, b = 0;
    in >> a >> b;
    CHECK_EQ(a * b, 56);
}

TEST(filesystem__paths__are_those_of_the_library)
{
    std::filesystem::path path = "/tmp";
    CHECK_EQ(path.native().size(), 4);
    CHECK(path.is_absolute());
    CHECK(std::filesystem::exists(path));
    CHECK((path / "x").string() == "/tmp/x");
}

TEST(crt_templates__array_arguments__know_their_size)
{
    char narrow[8];
    wchar_t wide[4];
    CHECK_EQ(strcpy_s(narrow, "1234567"), 0);
    CHECK_EQ(strcpy_s(narrow, "12345678"), ERANGE);
    CHECK_EQ(narrow[0], 0);
    CHECK_EQ(sprintf_s(narrow, "%d", 42), 2);
    CHECK_EQ(wcscpy_s(wide, L"abc"), 0);
    CHECK_EQ(wcscpy_s(wide, L"abcd"), ERANGE);
    CHECK_EQ(_countof(wide), 4);
}

TEST(winsock_names__called_from_cxx__are_the_library_s)
{
    unsigned long mode = 1; /* not u_long, as sources have it */
    CHECK_EQ(ioctlsocket(INVALID_SOCKET, FIONBIO, &mode), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK_EQ(htons(0x1234), 0x3412);
    CHECK(reinterpret_cast<void *>(&::send) != nullptr);
}
