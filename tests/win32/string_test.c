/* SPDX-License-Identifier: MIT */
/*
 * string_test.c - conversion between code pages, lstr functions.
 */
#include <windows.h>

#include <string.h>

#include "ntstest.h"

TEST(to_wide__utf8__lengths_and_pairs)
{
    WCHAR wide[16];
    /* a, e acute, euro, G clef (a surrogate pair) */
    const char *utf8 = "a\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E";

    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, utf8, -1, NULL, 0), 6);
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8, -1, wide, 16), 6);
    CHECK_EQ(wide[0], 'a');
    CHECK_EQ(wide[1], 0xE9);
    CHECK_EQ(wide[2], 0x20AC);
    CHECK_EQ(wide[3], 0xD834);
    CHECK_EQ(wide[4], 0xDD1E);
    CHECK_EQ(wide[5], 0);
    /* With a length there is no terminator. */
    CHECK_EQ(MultiByteToWideChar(CP_ACP, MB_PRECOMPOSED, utf8, 1, wide, 16), 1);
    SetLastError(0);
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, utf8, -1, wide, 5), 0);
    CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
}

TEST(to_wide__ill_formed_utf8__replaced_or_refused)
{
    static const struct {
        const char *bytes;
        int length;
        int units;
    } cases[] = {{"\x80", 1, 1}, {"\xC0\x80", 2, 2}, {"\xE2\x82", 2, 1}, {"\xE2\x82z", 3, 2},
        {"\xED\xA0\x80", 3, 3}, {"\xF0\x9D\x84", 3, 1}, {"\xF5\x80\x80\x80", 4, 4},
        {"\xF4\x90\x80\x80", 4, 4}};
    WCHAR wide[8];

    for (unsigned i = 0; i < ARRAYSIZE(cases); i++) {
        CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, cases[i].bytes, cases[i].length, wide, 8),
            cases[i].units);
        CHECK_EQ(wide[0], 0xFFFD);
        SetLastError(0);
        CHECK_EQ(MultiByteToWideChar(
                     CP_UTF8, MB_ERR_INVALID_CHARS, cases[i].bytes, cases[i].length, wide, 8),
            0);
        CHECK_EQ(GetLastError(), ERROR_NO_UNICODE_TRANSLATION);
    }
}

TEST(to_wide__bad_arguments__documented_errors)
{
    WCHAR wide[8];
    SetLastError(0);
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, "a", 0, wide, 8), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, NULL, 1, wide, 8), 0);
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, "a", 1, wide, -1), 0);
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, "a", 1, NULL, 8), 0);
    CHECK_EQ(MultiByteToWideChar(54321, 0, "a", 1, wide, 8), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0);
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, MB_PRECOMPOSED, "a", 1, wide, 8), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_FLAGS);
}

TEST(to_bytes__utf8__lengths_and_surrogates)
{
    char bytes[16];
    const WCHAR wide[] = {'a', 0xE9, 0x20AC, 0xD834, 0xDD1E, 0};
    const WCHAR lone[] = {0xD834, 'x', 0xDD1E};

    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL), 11);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, wide, -1, bytes, 16, NULL, NULL), 11);
    CHECK(strcmp(bytes, "a\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E") == 0);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, lone, 3, bytes, 16, NULL, NULL), 7);
    CHECK(memcmp(bytes, "\xEF\xBF\xBDx\xEF\xBF\xBD", 7) == 0);
    SetLastError(0);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, lone, 3, bytes, 16, NULL, NULL), 0);
    CHECK_EQ(GetLastError(), ERROR_NO_UNICODE_TRANSLATION);
    SetLastError(0);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, wide, -1, bytes, 10, NULL, NULL), 0);
    CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
}

TEST(to_bytes__default_character__rules_of_the_page)
{
    char bytes[16];
    BOOL used = 7;
    const WCHAR wide[] = {'a', 0x20AC, 0xE9, 0x4E00};

    SetLastError(0);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, wide, 4, bytes, 16, "?", NULL), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, wide, 4, bytes, 16, NULL, &used), 0);
    SetLastError(0);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, WC_DEFAULTCHAR, wide, 4, bytes, 16, NULL, NULL), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_FLAGS);
    CHECK_EQ(WideCharToMultiByte(1252, WC_NO_BEST_FIT_CHARS, wide, 4, bytes, 16, "#", &used), 4);
    CHECK(memcmp(bytes, "a\x80\xE9#", 4) == 0);
    CHECK_EQ(used, TRUE);
    CHECK_EQ(WideCharToMultiByte(28591, 0, wide, 4, bytes, 16, NULL, &used), 4);
    CHECK(memcmp(bytes, "a?\xE9?", 4) == 0);
    CHECK_EQ(WideCharToMultiByte(20127, 0, wide, 3, bytes, 16, NULL, NULL), 3);
    CHECK(memcmp(bytes, "a??", 3) == 0);
    CHECK_EQ(WideCharToMultiByte(CP_ACP, WC_COMPOSITECHECK, wide, 4, bytes, 16, "?", &used), 9);
    CHECK_EQ(used, FALSE);
}

TEST(to_wide__single_byte_pages__by_their_tables)
{
    WCHAR wide[8];
    CHECK_EQ(MultiByteToWideChar(1252, 0, "\x80\xE9\x9F", 3, wide, 8), 3);
    CHECK_EQ(wide[0], 0x20AC);
    CHECK_EQ(wide[1], 0xE9);
    CHECK_EQ(wide[2], 0x178);
    CHECK_EQ(MultiByteToWideChar(28591, 0, "\x80\xE9", 2, wide, 8), 2);
    CHECK_EQ(wide[0], 0x80);
    SetLastError(0);
    CHECK_EQ(MultiByteToWideChar(20127, MB_ERR_INVALID_CHARS, "\x80", 1, wide, 8), 0);
    CHECK_EQ(GetLastError(), ERROR_NO_UNICODE_TRANSLATION);
    CHECK_EQ(GetACP(), CP_UTF8);
    CHECK(IsValidCodePage(1252));
    CHECK(!IsValidCodePage(12345));
}

TEST(every_code_point__there_and_back__is_the_same)
{
    int wrong = 0;
    for (DWORD point = 1; point < 0x110000; point += point < 0x3000 ? 1 : 61) {
        WCHAR wide[2], back[4];
        char bytes[8];
        int units = 1;
        if (point >= 0xD800 && point <= 0xDFFF)
            continue;
        if (point >= 0x10000) {
            wide[0] = (WCHAR)(0xD800 + ((point - 0x10000) >> 10));
            wide[1] = (WCHAR)(0xDC00 + ((point - 0x10000) & 0x3FF));
            units = 2;
        } else {
            wide[0] = (WCHAR)point;
        }
        int length =
            WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, wide, units, bytes, 8, NULL, NULL);
        int got = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, bytes, length, back, 4);
        wrong += got != units || back[0] != wide[0] || (units == 2 && back[1] != wide[1]);
    }
    CHECK_EQ(wrong, 0);
}

TEST(lstr__copies_and_compares__forgiving)
{
    char text[8];
    WCHAR wide[8];

    CHECK_EQ(lstrlenA(NULL), 0);
    CHECK_EQ(lstrlenW(NULL), 0);
    CHECK(lstrcpynA(text, "abcdefghij", 4) == text);
    CHECK(strcmp(text, "abc") == 0);
    CHECK(lstrcatA(text, "de") == text);
    CHECK(strcmp(text, "abcde") == 0);
    CHECK(lstrcpyA(text, NULL) == NULL);
    lstrcpyW(wide, L"ab");
    lstrcatW(wide, L"cd");
    CHECK_EQ(lstrcmpW(wide, L"abcd"), 0);
    CHECK_EQ(lstrlenW(wide), 4);
    CHECK_EQ(lstrcmpiA("HeLLo", "hEllO"), 0);
    CHECK(lstrcmpA("a", "A") < 0);
    CHECK(lstrcmpA("A", "b") < 0);
    CHECK(lstrcmpA("b", "A") > 0);
    CHECK(lstrcmpA("ab", "a") > 0);
    CHECK_EQ(lstrcmpA(NULL, NULL), 0);
    CHECK(lstrcmpA(NULL, "") < 0);
    CHECK_EQ(
        CompareStringW(LOCALE_USER_DEFAULT, NORM_IGNORECASE, L"ABC", 2, L"ab", -1), CSTR_EQUAL);
    CHECK_EQ(CompareStringW(LOCALE_USER_DEFAULT, 0, L"ABC", -1, L"abd", -1), CSTR_LESS_THAN);
}
