/* SPDX-License-Identifier: MIT */
/*
 * crt_test.c - the C run-time under Microsoft's names, the words of structured exceptions, keywords.
 *
 * Compiled by ntsock-cc, linked with libntsock.
 */
#include <windows.h>

#include <conio.h>
#include <crtdbg.h>
#include <direct.h>
#include <io.h>
#include <malloc.h>
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strsafe.h>
#include <sys/stat.h>
#include <tchar.h>
#include <time.h>

#include <intrin.h>

#include "ntstest.h"

TEST(secure_strings__too_long__empty_result_and_error)
{
    char d[8] = "abc";
    CHECK_EQ(strcpy_s(d, sizeof d, "1234567"), 0);
    CHECK_EQ(strcpy_s(d, sizeof d, "12345678"), ERANGE);
    CHECK_EQ(d[0], 0);
    CHECK_EQ(strcpy_s(NULL, 1, ""), EINVAL);
    CHECK_EQ(strcpy_s(d, sizeof d, NULL), EINVAL);
    CHECK_EQ(strncpy_s(d, sizeof d, "123456789", _TRUNCATE), STRUNCATE);
    CHECK_EQ(strcmp(d, "1234567"), 0);
    CHECK_EQ(strncpy_s(d, sizeof d, "123456789", 3), 0);
    CHECK_EQ(strcat_s(d, sizeof d, "4567"), 0);
    CHECK_EQ(strcat_s(d, sizeof d, "8"), ERANGE);
    CHECK_EQ(d[0], 0);
    CHECK_EQ(memcpy_s(d, 2, "abc", 3), ERANGE);
    CHECK_EQ(strnlen_s(NULL, 5), 0);
}

TEST(snprintf__text_fills_the_buffer__has_no_terminator)
{
    char d[5];
    memset(d, '#', sizeof d);
    CHECK_EQ(_snprintf(d, 4, "%s", "abcd"), 4);
    CHECK_EQ(memcmp(d, "abcd#", 5), 0);
    CHECK_EQ(_snprintf(d, 4, "%s", "abcde"), -1);
    CHECK_EQ(memcmp(d, "abcd#", 5), 0);
    CHECK_EQ(_snprintf(d, 4, "%d", 12), 2);
    CHECK_EQ(strcmp(d, "12"), 0);
    CHECK_EQ(_scprintf("%d", 12345), 5);
    CHECK_EQ(sprintf_s(d, sizeof d, "%d", 12345), -1);
    CHECK_EQ(d[0], 0);
    CHECK_EQ(_snprintf_s(d, sizeof d, _TRUNCATE, "%d", 12345), -1);
    CHECK_EQ(strcmp(d, "1234"), 0);
    CHECK_EQ(_snprintf_s(d, sizeof d, 2, "%d", 12345), -1);
    CHECK_EQ(strcmp(d, "12"), 0);
}

TEST(numbers__itoa__any_radix)
{
    char d[70];
    CHECK_EQ(strcmp(_itoa(-42, d, 10), "-42"), 0);
    CHECK_EQ(strcmp(_itoa(-1, d, 16), "ffffffff"), 0);
    CHECK_EQ(strcmp(_i64toa((-9223372036854775807LL - 1), d, 10), "-9223372036854775808"), 0);
    CHECK_EQ(_itoa_s(12345, d, 5, 10), ERANGE);
    CHECK_EQ(_atoi64("9223372036854775807") == 9223372036854775807LL, 1);
    CHECK_EQ(_byteswap_ulong(0x01020304), 0x04030201);
    CHECK_EQ(_rotl(0x80000001, 1), 3);
}

TEST(names_with_underscores__compare_and_copy__as_without)
{
    CHECK_EQ(_stricmp("WinSock", "winsock"), 0);
    CHECK_EQ(_strnicmp("WinSock", "winX", 3), 0);
    CHECK(_stricmp("a", "b") < 0);
    char *copy = _strdup("text"), *next = NULL, list[] = "a,b,,c";
    CHECK_EQ(strcmp(_strupr(copy), "TEXT"), 0);
    free(copy);
    CHECK_EQ(strcmp(strtok_s(list, ",", &next), "a"), 0);
    CHECK_EQ(strcmp(strtok_s(NULL, ",", &next), "b"), 0);
    CHECK_EQ(strcmp(strtok_s(NULL, ",", &next), "c"), 0);
    CHECK(strtok_s(NULL, ",", &next) == NULL);
    void *block = _aligned_malloc(100, 256);
    CHECK_EQ((ULONG_PTR)block & 255, 0);
    _aligned_free(block);
    unsigned first = 0, second = 0;
    CHECK_EQ(rand_s(&first), 0);
    CHECK_EQ(rand_s(&second), 0);
    CHECK(first != second);
}

TEST(time__localtime_s__result_comes_first)
{
    time_t t = 86400;
    struct tm tm;
    CHECK_EQ(gmtime_s(&tm, &t), 0);
    CHECK_EQ(tm.tm_mday, 2);
    CHECK_EQ(localtime_s(NULL, &t), EINVAL);
    CHECK_EQ(_mkgmtime(&tm), t);
}

TEST(wide__c_functions__work_on_16_bits)
{
    WCHAR d[16];
    WCHAR *end;
    CHECK_EQ(wcslen(L"abc"), 3);
    CHECK_EQ(wcscpy_s(d, 16, L"abc"), 0);
    CHECK_EQ(wcscat_s(d, 16, L"def"), 0);
    CHECK_EQ(_wcsicmp(d, L"ABCDEF"), 0);
    CHECK_EQ(swprintf(d, 16, L"%5.1f|%-4d|%x", 2.25, 3, 255), 13);
    CHECK_EQ(wcscmp(d, L"  2.2|3   |ff"), 0);
    CHECK_EQ(swprintf(d, 16, L"%I64d", 1LL << 40), 13);
    CHECK_EQ(wcscmp(d, L"1099511627776"), 0);
    CHECK_EQ(swprintf(d, 16, L"%.2s|%c|%hs|%%", L"xyz", L'q', "n"), 8);
    CHECK_EQ(wcscmp(d, L"xy|q|n|%"), 0);
    CHECK_EQ(wcstol(L"-77 rest", &end, 10), -77);
    CHECK_EQ(*end, L' ');
    CHECK_EQ(wcscmp(wcstok(wcscpy(d, L"a b"), L" ", &end), L"a"), 0);
    CHECK_EQ(_wtoi(L"12"), 12);
    struct tm tm = {.tm_year = 70, .tm_mday = 1};
    CHECK_EQ(wcsftime(d, 16, L"%Y", &tm), 4);
    CHECK_EQ(wcscmp(d, L"1970"), 0);
}

TEST(wide__narrow_and_wide_output__mix_on_one_stream)
{
    char text[64] = "";
    FILE *file = tmpfile();
    REQUIRE(file != NULL);
    fprintf(file, "narrow ");
    fwprintf(file, L"wide %s ", L"\x20ac");
    fputws(L"put", file);
    rewind(file);
    CHECK_EQ(fread(text, 1, sizeof text, file), 19);
    CHECK_EQ(strcmp(text, "narrow wide \xe2\x82\xac put"), 0);
    rewind(file);
    WCHAR line[32];
    CHECK(fgetws(line, 32, file) == line);
    CHECK_EQ(wcslen(line), 17);
    fclose(file);
}

static int leave_from_loop(int *finally)
{
    int result = 0;
    __try {
        for (int i = 0; i < 10; i++) {
            switch (i) {
            case 3:
                result = i;
                __leave;
            default:
                break;
            }
        }
        result = -1;
    } __finally {
        ++*finally;
    }
    return result;
}

TEST(seh__leave_and_finally__run_without_exceptions)
{
    int finally = 0, handled = 0, inner = 0;
    CHECK_EQ(leave_from_loop(&finally), 3);
    CHECK_EQ(finally, 1);
    __try {
        __try {
            inner = 1;
            __leave;
        } __finally {
            inner++;
        }
        inner++;
    } __except (GetExceptionCode() == EXCEPTION_ACCESS_VIOLATION ? EXCEPTION_EXECUTE_HANDLER
                                                                 : EXCEPTION_CONTINUE_SEARCH) {
        handled = 1;
    }
    CHECK_EQ(inner, 3);
    CHECK_EQ(handled, 0);
}

static __declspec(thread) int thread_value = 5;
__declspec(noinline) static int not_inlined(void)
{
    return thread_value;
}
typedef struct __declspec(align(32)) ALIGNED {
    char c;
} ALIGNED;
static __forceinline __int64 forced(unsigned __int64 v)
{
    return (__int64)v;
}

TEST(keywords__of_microsoft_s_compiler__have_their_meaning)
{
    unsigned long index; /* as sources have it; 32 bits of it are written */
    CHECK_EQ(not_inlined(), 5);
    CHECK_EQ(sizeof(ALIGNED), 32);
    CHECK_EQ(forced(7), 7);
    index = 0;
    CHECK_EQ(_BitScanForward(&index, 0x10), 1);
    CHECK_EQ(index, 4);
    CHECK_EQ(_BitScanReverse(&index, 0), 0);
    LONG value = 1;
    CHECK_EQ(InterlockedIncrement(&value), 2);
    CHECK_EQ(InterlockedExchangeAdd(&value, 5), 2);
    CHECK_EQ(InterlockedCompareExchange(&value, 9, 7), 7);
    CHECK_EQ(value, 9);
    CHECK_EQ(MAKEWORD(2, 2), 0x0202);
    CHECK_EQ(HIWORD(0x12345678), 0x1234);
#ifdef __linux__
    CHECK(!"__linux__ is defined");
#endif
    char small[4];
    CHECK_EQ(StringCchPrintfA(small, 4, "%d", 12345), STRSAFE_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(strcmp(small, "123"), 0);
}

TEST(getch__standard_input_is_a_pipe__gives_its_bytes)
{
    int pipe_ends[2];
    REQUIRE_EQ(pipe(pipe_ends), 0);
    int saved = _dup(0);
    _dup2(pipe_ends[0], 0);
    CHECK_EQ(_kbhit(), 0);
    CHECK_EQ(_write(pipe_ends[1], "k", 1), 1);
    CHECK_EQ(_kbhit(), 1);
    CHECK_EQ(_getch(), 'k');
    _close(pipe_ends[1]);
    CHECK_EQ(_getch(), EOF);
    _dup2(saved, 0);
    _close(saved);
    _close(pipe_ends[0]);
}

TEST(printf__formats_of_microsoft__as_there)
{
    char text[64];
    CHECK_EQ(sprintf(text, "%I64d %I32u %Ix %lu", -42949672960LL, 7u, (SIZE_T)1 << 36, 3UL), 27);
    CHECK_EQ(strcmp(text, "-42949672960 7 1000000000 3"), 0);
    CHECK_EQ(snprintf(text, sizeof text, "[%S|%ls|%hs|%-4s|%wc]", L"w\u00e9", L"wide", "narrow", "ab", L'z'), 24);
    CHECK_EQ(strcmp(text, "[w\xc3\xa9|wide|narrow|ab  |z]"), 0);
    CHECK_EQ(_snprintf(text, 4, "%I64u", 123456ULL), -1);
    CHECK_EQ(memcmp(text, "1234", 4), 0);
    CHECK_EQ(sprintf_s(text, sizeof text, "%5.2f%%%c%I64X", 1.5, 'c', 255ULL), 9);
    CHECK_EQ(strcmp(text, " 1.50%cFF"), 0);
    CHECK_EQ(snprintf(NULL, 0, "%I64d", 12345LL), 5);
}

TEST(scanf__sizes_of_microsoft__as_there)
{
    long long big = 0;
    int small = 0;
    char word[4] = "", letter = 0;
    CHECK_EQ(sscanf("-5000000000 12", "%I64d %I32d", &big, &small), 2);
    CHECK_EQ(big, -5000000000LL);
    CHECK_EQ(small, 12);
    CHECK_EQ(sscanf_s("abc 7 x", "%s %d %c", word, (unsigned)sizeof word, &small, &letter, 1u), 3);
    CHECK_EQ(strcmp(word, "abc"), 0);
    CHECK_EQ(small, 7);
    CHECK_EQ(letter, 'x');
    CHECK_EQ(sscanf_s("a]b=1", "%*[^=]=%d", &small), 1);
    CHECK_EQ(small, 1);
    CHECK_EQ(sscanf_s("3.5 q", "%*f %c", &letter, 1u), 1);
    CHECK_EQ(letter, 'q');
}

TEST(file__names_of_windows__open)
{
    char name[64];
    wchar_t wide[64], other[64];
    struct _stati64 status;
    FILE *file = NULL;
    snprintf(name, sizeof name, "C:\\tmp\\nts_crt_%d.txt", (int)GetCurrentProcessId());
    swprintf(wide, 64, L"\\tmp\\nts_crt_%d.txt", (int)GetCurrentProcessId());
    swprintf(other, 64, L"/tmp/nts_crt_%d.two", (int)GetCurrentProcessId());
    REQUIRE((file = fopen(name, "wt, ccs=UTF-8")) != NULL);
    CHECK_EQ(fputs("one\n", file) >= 0, 1);
    CHECK_EQ(fclose(file), 0);
    CHECK_EQ(_wrename(wide, other), 0);
    CHECK_EQ(_wfopen_s(&file, wide, L"rb"), ENOENT);
    CHECK_EQ(_wfopen_s(&file, other, L"rb"), 0);
    CHECK_EQ(fgetc(file), 'o');
    CHECK_EQ(fclose(file), 0);
    CHECK_EQ(_wstat64(other, &status), 0);
    CHECK_EQ(status.st_size, 4);
    CHECK_EQ((status.st_mode & _S_IFREG) != 0, 1);
    CHECK_EQ(_wremove(other), 0);
    CHECK_EQ(_waccess(other, 0), -1);
    REQUIRE((file = fopen("NUL", "w")) != NULL);
    CHECK_EQ(fclose(file), 0);
}

TEST(ioctlsocket__pointer_to_long__takes_no_more_than_is_there)
{
    WSADATA data;
    struct {
        u_long mode, behind;
    } cast = {1, 0x5A5A5A5A}; /* sources cast u_long * to unsigned long *: one type on Windows */
    unsigned long waiting = ~0UL;
    REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(ioctlsocket(s, FIONBIO, (unsigned long *)&cast), 0);
    CHECK_EQ(cast.mode, 1);
    CHECK_EQ(cast.behind, 0x5A5A5A5A);
    CHECK_EQ(ioctlsocket(s, FIONREAD, &waiting), 0);
    CHECK_EQ(waiting, 0);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(WSACleanup(), 0);
}
