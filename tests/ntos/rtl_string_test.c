/* SPDX-License-Identifier: MIT */
/* rtl_string_test.c - counted strings, numbers, conversions between UTF-8 and UTF-16. */
#include <wdm.h>

#include <stdio.h>
#include <string.h>

#include "ntstest.h"

static UNICODE_STRING text(PCWSTR source)
{
    UNICODE_STRING string;
    RtlInitUnicodeString(&string, source);
    return string;
}

TEST(unicode_string__initialised__lengths_in_bytes)
{
    UNICODE_STRING a = text(L"\\Device\\Afd"), none = text(NULL);
    CHECK_EQ(a.Length, 22);
    CHECK_EQ(a.MaximumLength, 24);
    CHECK_EQ(none.Length, 0);
    CHECK_EQ(none.MaximumLength, 0);
    CHECK(none.Buffer == NULL);
}

TEST(unicode_string__compared__with_and_without_case)
{
    UNICODE_STRING a = text(L"\\Device\\Afd"), b = text(L"\\DEVICE\\AFD"), c = text(L"\\Device\\AfdX");
    CHECK(RtlEqualUnicodeString(&a, &b, TRUE));
    CHECK(!RtlEqualUnicodeString(&a, &b, FALSE));
    CHECK(!RtlEqualUnicodeString(&a, &c, TRUE));
    CHECK(RtlCompareUnicodeString(&a, &c, FALSE) < 0);
    CHECK(RtlCompareUnicodeString(&c, &a, FALSE) > 0);
    CHECK(RtlCompareUnicodeString(&a, &b, FALSE) > 0);
    CHECK(RtlPrefixUnicodeString(&b, &c, TRUE));
    CHECK(!RtlPrefixUnicodeString(&c, &a, TRUE));
    CHECK(!RtlPrefixUnicodeString(&b, &c, FALSE));
}

TEST(upcase__letters__of_four_alphabets)
{
    static const WCHAR pairs[][2] = {{'a', 'A'}, {'z', 'Z'}, {'[', '['}, {0xE4, 0xC4}, {0xF7, 0xF7}, {0xDF, 0xDF},
        {0xFF, 0x178}, {0x101, 0x100}, {0x131, 0x131}, {0x13A, 0x139}, {0x13E, 0x13D}, {0x14B, 0x14A},
        {0x17E, 0x17D}, {0x17F, 0x17F}, {0x3B1, 0x391}, {0x3C2, 0x3A3}, {0x3C9, 0x3A9}, {0x3AC, 0x386},
        {0x3AD, 0x388}, {0x3AF, 0x38A}, {0x3CC, 0x38C}, {0x3CD, 0x38E}, {0x3CE, 0x38F}, {0x3CB, 0x3AB},
        {0x430, 0x410}, {0x44F, 0x42F}, {0x451, 0x401}, {0x4E2D, 0x4E2D}};
    for (ULONG i = 0; i < RTL_NUMBER_OF(pairs); i++)
        CHECK_EQ(RtlUpcaseUnicodeChar(pairs[i][0]), pairs[i][1]);
    for (ULONG c = 0; c < 0x10000; c++) /* upper case is its own upper case */
        CHECK_EQ(RtlUpcaseUnicodeChar(RtlUpcaseUnicodeChar((WCHAR)c)), RtlUpcaseUnicodeChar((WCHAR)c));
}

TEST(unicode_string__copied_and_appended__within_the_maximum)
{
    WCHAR buffer[6];
    UNICODE_STRING to = {0, sizeof buffer, buffer}, abc = text(L"abc"), longer = text(L"abcdefgh");
    RtlCopyUnicodeString(&to, &abc);
    CHECK_EQ(to.Length, 6);
    CHECK_EQ(buffer[3], 0);
    CHECK_EQ(RtlAppendUnicodeToString(&to, L"de"), STATUS_SUCCESS);
    CHECK_EQ(RtlAppendUnicodeStringToString(&to, &abc), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(to.Length, 10);
    CHECK_EQ(RtlAppendUnicodeToString(&to, L"f"), STATUS_SUCCESS);
    CHECK_EQ(RtlAppendUnicodeToString(&to, NULL), STATUS_SUCCESS);
    CHECK_EQ(to.Length, 12);
    RtlCopyUnicodeString(&to, &longer);
    CHECK_EQ(to.Length, 12);
    RtlCopyUnicodeString(&to, NULL);
    CHECK_EQ(to.Length, 0);
}

TEST(integers__to_and_from_strings__bases)
{
    WCHAR buffer[40];
    UNICODE_STRING to = {0, sizeof buffer, buffer}, from;
    ULONG value = 0;
    CHECK_EQ(RtlIntegerToUnicodeString(48879, 16, &to), STATUS_SUCCESS);
    from = text(L"BEEF");
    CHECK(RtlEqualUnicodeString(&to, &from, FALSE));
    CHECK_EQ(RtlIntegerToUnicodeString(0, 0, &to), STATUS_SUCCESS);
    CHECK_EQ(to.Length, 2);
    CHECK_EQ(RtlIntegerToUnicodeString(MAXULONG, 2, &to), STATUS_SUCCESS);
    CHECK_EQ(to.Length, 64);
    CHECK_EQ(RtlIntegerToUnicodeString(1, 7, &to), STATUS_INVALID_PARAMETER);
    to.MaximumLength = 4;
    CHECK_EQ(RtlIntegerToUnicodeString(123, 10, &to), STATUS_BUFFER_OVERFLOW);
    static const struct {
        PCWSTR text;
        ULONG base, value;
    } cases[] = {{L"123", 10, 123}, {L"  +7x", 10, 7}, {L"-1", 0, MAXULONG}, {L"0x1F", 0, 31}, {L"0o17", 0, 15},
        {L"0b101", 0, 5}, {L"1f", 16, 31}, {L"", 0, 0}, {L"0", 0, 0}, {L"0x", 0, 0}};
    for (ULONG i = 0; i < RTL_NUMBER_OF(cases); i++) {
        from = text(cases[i].text);
        CHECK_EQ(RtlUnicodeStringToInteger(&from, cases[i].base, &value), STATUS_SUCCESS);
        CHECK_EQ(value, cases[i].value);
    }
    CHECK_EQ(RtlUnicodeStringToInteger(&from, 3, &value), STATUS_INVALID_PARAMETER);
}

TEST(conversion__valid_text__there_and_back)
{
    ANSI_STRING ansi, back;
    UNICODE_STRING wide, expected = text(L"a\x00E4\x20AC\xD83D\xDE00");
    RtlInitAnsiString(&ansi, "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK_EQ(RtlAnsiStringToUnicodeString(&wide, &ansi, TRUE), STATUS_SUCCESS);
    CHECK(RtlEqualUnicodeString(&wide, &expected, FALSE));
    CHECK_EQ(wide.Buffer[wide.Length / 2], 0);
    CHECK_EQ(RtlUnicodeStringToAnsiString(&back, &wide, TRUE), STATUS_SUCCESS);
    CHECK_EQ(back.Length, ansi.Length);
    CHECK(RtlEqualMemory(back.Buffer, ansi.Buffer, ansi.Length + 1));
    RtlFreeUnicodeString(&wide);
    RtlFreeAnsiString(&back);
    CHECK(wide.Buffer == NULL && back.Buffer == NULL);
}

TEST(conversion__invalid_text__replacement_characters)
{
    static const struct {
        PCSZ bytes;
        ULONG units;
    } cases[] = {{"\x80", 1}, {"\xC0\x80", 2}, {"\xE2\x82", 1}, {"\xE2\x82" "a", 2}, {"\xED\xA0\x80", 3},
        {"\xF5\x80", 2}, {"\xF0\x80\x80\x80", 4}};
    for (ULONG i = 0; i < RTL_NUMBER_OF(cases); i++) {
        ANSI_STRING ansi;
        UNICODE_STRING wide;
        RtlInitAnsiString(&ansi, cases[i].bytes);
        CHECK_EQ(RtlAnsiStringToUnicodeString(&wide, &ansi, TRUE), STATUS_SUCCESS);
        CHECK_EQ(wide.Length / 2, cases[i].units);
        CHECK_EQ((USHORT)wide.Buffer[0], 0xFFFD);
        RtlFreeUnicodeString(&wide);
    }
    UNICODE_STRING lone = text(L"\xD800x");
    CHAR buffer[8];
    ANSI_STRING to = {0, sizeof buffer, buffer};
    CHECK_EQ(RtlUnicodeStringToAnsiString(&to, &lone, FALSE), STATUS_SUCCESS);
    CHECK_EQ(to.Length, 4);
    CHECK(RtlEqualMemory(buffer, "\xEF\xBF\xBDx", 5));
}

TEST(conversion__buffer_too_small__overflow)
{
    CHAR buffer[4];
    ANSI_STRING to = {0, sizeof buffer, buffer}, from;
    WCHAR wide_buffer[2];
    UNICODE_STRING wide = {0, sizeof wide_buffer, wide_buffer}, source = text(L"ab\x20AC");
    CHECK_EQ(RtlUnicodeStringToAnsiString(&to, &source, FALSE), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(to.Length, 2);
    CHECK_EQ(buffer[2], 0);
    RtlInitAnsiString(&from, "ab");
    CHECK_EQ(RtlAnsiStringToUnicodeString(&wide, &from, FALSE), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(wide.Length, 0);
    RtlInitAnsiString(&from, "a");
    CHECK_EQ(RtlAnsiStringToUnicodeString(&wide, &from, FALSE), STATUS_SUCCESS);
}

TEST(compare_memory__blocks__length_of_the_equal_part)
{
    CHECK_EQ(RtlCompareMemory("abcdef", "abcxef", 6), 3);
    CHECK_EQ(RtlCompareMemory("abc", "abc", 3), 3);
}

/* DbgPrint writes to standard error, which the case turns into a file of its own. */
TEST(dbg_print__conversions_of_drivers__printed)
{
    static const char expected[] = "\\Device\\Afd|abc|x-y|-5 ffffffff 00ff|1234567890123|7%|0000000000001000|  ab|q|";
    char line[256] = "";
    static const char name[] = "rtl_string_test.output";
    UNICODE_STRING device = text(L"\\Device\\Afd");
    ANSI_STRING ansi;
    /* a variable, because the compiler knows only C's conversions */
    const char *format = "%wZ|%Z|%ws-%S|%d %lx %04x|%I64d|%u%%|%p|%*s|%c|";
    RtlInitAnsiString(&ansi, "abc");
    REQUIRE(freopen(name, "w", stderr) != NULL);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
    DbgPrint(format, &device, &ansi, L"x", L"y", -5, 0xFFFFFFFFu, 0xFFu, 1234567890123LL, 7u, (PVOID)0x1000, 4, "ab",
        'q');
#pragma GCC diagnostic pop
    FILE *file = fopen(name, "r");
    REQUIRE(file != NULL);
    REQUIRE(fgets(line, sizeof line, file) != NULL);
    fclose(file);
    remove(name);
    if (strcmp(line, expected) != 0) {
        printf("got      %s\nexpected %s\n", line, expected);
        fflush(stdout);
    }
    CHECK_EQ(strcmp(line, expected), 0);
}
