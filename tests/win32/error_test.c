/* SPDX-License-Identifier: MIT */
/*
 * error_test.c - the last error, NTSTATUS to Win32 error, FormatMessage.
 */
#define WIN32_NO_STATUS
#include <windows.h>
#undef WIN32_NO_STATUS
#include <ntapi.h>
#include <winsock2.h>

#include <string.h>

#include "ntstest.h"

static const struct {
    LONG status;
    DWORD error;
} statuses[] = {
#define STATUS(status, error) {status, error},
#include "win32_error.def"
#undef STATUS
};

static const struct {
    DWORD id;
    const char *text;
} messages[] = {
#define MESSAGE(id, text) {id, text},
#include "win32_message.def"
#undef MESSAGE
};

TEST(status__each_in_the_table__is_found)
{
    for (unsigned i = 0; i < ARRAYSIZE(statuses); i++) {
        CHECK_EQ(RtlNtStatusToDosError(statuses[i].status), statuses[i].error);
        if (i > 0)
            CHECK((ULONG)statuses[i - 1].status < (ULONG)statuses[i].status);
    }
}

TEST(status__of_every_class__documented_error)
{
    CHECK_EQ(RtlNtStatusToDosError(STATUS_CONNECTION_RESET), ERROR_NETNAME_DELETED);
    CHECK_EQ(RtlNtStatusToDosError(STATUS_CANCELLED), ERROR_OPERATION_ABORTED);
    CHECK_EQ(RtlNtStatusToDosError(STATUS_PENDING), ERROR_IO_PENDING);
    CHECK_EQ(RtlNtStatusToDosError(STATUS_TIMEOUT), WAIT_TIMEOUT);
    CHECK_EQ(RtlNtStatusToDosError(STATUS_IO_TIMEOUT), ERROR_SEM_TIMEOUT);
    CHECK_EQ(RtlNtStatusToDosError((LONG)0xC0010057), ERROR_INVALID_PARAMETER);
    CHECK_EQ(RtlNtStatusToDosError((LONG)0x80070005), ERROR_ACCESS_DENIED);
    CHECK_EQ(RtlNtStatusToDosError((LONG)0xD0000022), ERROR_ACCESS_DENIED);
    CHECK_EQ(RtlNtStatusToDosError((LONG)0xE0001234), 0xE0001234);
    CHECK_EQ(RtlNtStatusToDosError((LONG)0xC0ABCDEF), ERROR_MR_MID_NOT_FOUND);
    CHECK_EQ(RtlNtStatusToDosError(STATUS_SUCCESS), ERROR_SUCCESS);
}

TEST(last_error__winsock_and_win32__one_value)
{
    SetLastError(10054);
    CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    WSASetLastError(5);
    CHECK_EQ(GetLastError(), ERROR_ACCESS_DENIED);
    CHECK_EQ(SetErrorMode(SEM_FAILCRITICALERRORS), 0);
    CHECK_EQ(SetErrorMode(0), SEM_FAILCRITICALERRORS);
}

/* --- FormatMessage --- */

static const DWORD system_flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;

TEST(message__each_in_the_table__is_given_with_full_stop_and_line_end)
{
    char text[512];
    for (unsigned i = 0; i < ARRAYSIZE(messages); i++) {
        size_t length = strlen(messages[i].text);
        DWORD got = FormatMessageA(system_flags, NULL, messages[i].id, 0, text, sizeof text, NULL);
        CHECK_EQ(got, length + 3);
        CHECK(strncmp(text, messages[i].text, length) == 0);
        CHECK(strcmp(text + length, ".\r\n") == 0);
        if (i > 0)
            CHECK(messages[i - 1].id < messages[i].id);
    }
}

TEST(message__every_winsock_error__has_a_text)
{
    static const int errors[] = {WSAEINTR, WSAEBADF, WSAEACCES, WSAEFAULT, WSAEINVAL, WSAEMFILE,
        WSAEWOULDBLOCK, WSAEINPROGRESS, WSAEALREADY, WSAENOTSOCK, WSAEDESTADDRREQ, WSAEMSGSIZE,
        WSAEPROTOTYPE, WSAENOPROTOOPT, WSAEPROTONOSUPPORT, WSAESOCKTNOSUPPORT, WSAEOPNOTSUPP,
        WSAEPFNOSUPPORT, WSAEAFNOSUPPORT, WSAEADDRINUSE, WSAEADDRNOTAVAIL, WSAENETDOWN,
        WSAENETUNREACH, WSAENETRESET, WSAECONNABORTED, WSAECONNRESET, WSAENOBUFS, WSAEISCONN,
        WSAENOTCONN, WSAESHUTDOWN, WSAETIMEDOUT, WSAECONNREFUSED, WSAEHOSTUNREACH, WSASYSNOTREADY,
        WSAVERNOTSUPPORTED, WSANOTINITIALISED, WSAEDISCON, WSAHOST_NOT_FOUND, WSATRY_AGAIN,
        WSANO_RECOVERY, WSANO_DATA};
    char text[512];
    for (unsigned i = 0; i < ARRAYSIZE(errors); i++)
        CHECK(
            FormatMessageA(system_flags, NULL, (DWORD)errors[i], 0, text, sizeof text, NULL) > 10);
}

TEST(message__allocated_buffer__is_the_callers)
{
    LPSTR text = NULL;
    LPWSTR wide = NULL;
    DWORD length = FormatMessageA(system_flags | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL,
        WSAECONNRESET, MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), (LPSTR)&text, 0, NULL);
    REQUIRE(text != NULL);
    CHECK_EQ(length, strlen(text));
    CHECK(LocalFree(text) == NULL);
    length = FormatMessageW(system_flags | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, WSAECONNRESET,
        MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), (LPWSTR)&wide, 0, NULL);
    REQUIRE(wide != NULL);
    CHECK_EQ(length, (DWORD)lstrlenW(wide));
    CHECK(LocalFree(wide) == NULL);
}

TEST(message__errors__documented)
{
    const DWORD german = MAKELANGID(0x07, 1);
    char text[8] = "before";
    SetLastError(0);
    CHECK_EQ(FormatMessageA(system_flags, NULL, 0x12345678, 0, text, sizeof text, NULL), 0);
    CHECK_EQ(GetLastError(), ERROR_MR_MID_NOT_FOUND);
    SetLastError(0);
    CHECK_EQ(
        FormatMessageA(system_flags, NULL, ERROR_ACCESS_DENIED, 0, text, sizeof text, NULL), 0);
    CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    CHECK(strcmp(text, "before") == 0);
    SetLastError(0);
    CHECK_EQ(FormatMessageA(system_flags, NULL, 5, german, text, 8, NULL), 0);
    CHECK_EQ(GetLastError(), ERROR_RESOURCE_LANG_NOT_FOUND);
    SetLastError(0);
    CHECK_EQ(FormatMessageA(0, NULL, 5, 0, text, sizeof text, NULL), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0);
    CHECK_EQ(FormatMessageA(FORMAT_MESSAGE_FROM_STRING, NULL, 0, 0, text, sizeof text, NULL), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    /* An insert and nothing to insert. */
    SetLastError(0);
    CHECK_EQ(FormatMessageA(FORMAT_MESSAGE_FROM_STRING, "%1", 0, 0, text, sizeof text, NULL), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

static DWORD format(char *text, DWORD size, const char *source, ...)
{
    va_list list;
    va_start(list, source);
    DWORD length = FormatMessageA(FORMAT_MESSAGE_FROM_STRING, source, 0, 0, text, size, &list);
    va_end(list);
    return length;
}

#define CHECK_FORMAT(expected, ...)                            \
    do {                                                       \
        char text_[256] = "";                                  \
        format(text_, sizeof text_, __VA_ARGS__);              \
        if (strcmp(text_, expected) != 0)                      \
            nts_fail(__FILE__, __LINE__, "got \"%s\"", text_); \
    } while (0)

TEST(message__inserts__as_printf)
{
    CHECK_FORMAT("b then a", "%2 then %1", "a", "b");
    CHECK_FORMAT("42 0x002a -7", "%1!d! 0x%2!04x! %3!i!", 42, 42, -7);
    CHECK_FORMAT("[   ab][ab   ][ab]", "[%1!5s!][%1!-5s!][%2!.2s!]", "ab", "abc");
    CHECK_FORMAT("[    42]", "[%1!*d!]", 6, 42);
    CHECK_FORMAT("18446744073709551615", "%1!I64u!", 0xFFFFFFFFFFFFFFFFULL);
    CHECK_FORMAT("4294967295", "%1!u!", 0xFFFFFFFFU);
    CHECK_FORMAT("x", "%1!c!", 'x');
    CHECK_FORMAT("wide", "%1!ws!", L"wide");
    CHECK_FORMAT("wide", "%1!S!", L"wide");
    CHECK_FORMAT("50% done! now", "50%% done%! now", 0);
    CHECK_FORMAT("a\r\nb\tc .", "a%nb%tc%b.", 0);
    CHECK_FORMAT("ends here", "ends here%0 and not there", 0);
    CHECK_FORMAT("(null)", "%1", (char *)NULL);
}

TEST(message__argument_array_and_ignored_inserts__as_documented)
{
    DWORD_PTR arguments[] = {(DWORD_PTR) "one", 2, (DWORD_PTR)L"three"};
    char text[64];
    WCHAR wide[64];

    CHECK_EQ(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY,
                 "%1 %2!u! %3!S!", 0, 0, text, sizeof text, (va_list *)arguments),
        11);
    CHECK(strcmp(text, "one 2 three") == 0);
    CHECK_EQ(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_IGNORE_INSERTS,
                 "%1 %2!u!%n", 0, 0, text, sizeof text, NULL),
        10);
    CHECK(strcmp(text, "%1 %2!u!\r\n") == 0);
    CHECK_EQ(FormatMessageW(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY,
                 L"%3 %1!hs!\x20ac", 0, 0, wide, 64, (va_list *)arguments),
        10);
    CHECK_EQ(lstrcmpW(wide, L"three one\x20ac"), 0);
    /* Line ends of the text become spaces, and lines break at the width. */
    CHECK(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_MAX_WIDTH_MASK, "a\r\nb", 0, 0,
              text, sizeof text, NULL) > 0);
    CHECK(strcmp(text, "a b") == 0);
    CHECK(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | 10, "aaaa bbbb cccc", 0, 0, text, sizeof text,
              NULL) > 0);
    CHECK(strcmp(text, "aaaa bbbb\r\ncccc") == 0);
}
