/* SPDX-License-Identifier: MIT */
/*
 * afd_connect_data_test.c - connect and disconnect data and options: SET, GET, SIZE, and what came with a connection
 * that waits. TCP carries none of it. [doc:winsock/sol-socket-socket-options]
 */
#include <string.h>

#include "afd_test.h"

static const struct {
    ULONG set, get, size;
    int of_connecting;
} strings[] = {
    {IOCTL_AFD_SET_CONNECT_DATA, IOCTL_AFD_GET_CONNECT_DATA, IOCTL_AFD_SIZE_CONNECT_DATA, 1},
    {IOCTL_AFD_SET_CONNECT_OPTIONS, IOCTL_AFD_GET_CONNECT_OPTIONS, IOCTL_AFD_SIZE_CONNECT_OPTIONS, 1},
    {IOCTL_AFD_SET_DISCONNECT_DATA, IOCTL_AFD_GET_DISCONNECT_DATA, IOCTL_AFD_SIZE_DISCONNECT_DATA, 0},
    {IOCTL_AFD_SET_DISCONNECT_OPTIONS, IOCTL_AFD_GET_DISCONNECT_OPTIONS, IOCTL_AFD_SIZE_DISCONNECT_OPTIONS, 0},
};
enum { STRINGS = sizeof strings / sizeof strings[0] };

static NTSTATUS set_string(HANDLE handle, int i, const char *text, ULONG length, LONG sequence)
{
    AFD_UNACCEPTED_CONNECT_DATA_INFO info = {sequence, 0, FALSE};
    ULONG_PTR bytes = 0x5555;
    size_t in_length = sequence != 0 ? sizeof info : 0;
    NTSTATUS status = control(handle, strings[i].set, &info, in_length, (void *)text, length, &bytes);
    if (NT_SUCCESS(status))
        CHECK_EQ(bytes, length);
    return status;
}

static NTSTATUS size_string(HANDLE handle, int i, ULONG length, LONG sequence)
{
    AFD_UNACCEPTED_CONNECT_DATA_INFO info = {sequence, length, FALSE};
    return control(handle, strings[i].size, &info, sizeof info, NULL, 0, NULL);
}

/* What GET gives is exactly these bytes. */
static void check_string(HANDLE handle, int i, LONG sequence, const char *text, ULONG length)
{
    AFD_UNACCEPTED_CONNECT_DATA_INFO info = {sequence, 0, FALSE};
    char got[64];
    ULONG_PTR bytes = 0x5555;
    memset(got, '?', sizeof got);
    CHECK_EQ(control(handle, strings[i].get, &info, sequence != 0 ? sizeof info : 0, got, sizeof got, &bytes),
        STATUS_SUCCESS);
    CHECK_EQ(bytes, length);
    CHECK_EQ(memcmp(got, text, length), 0);
    CHECK_EQ(got[length], '?');
}

TEST(open__strings_set__each_reads_back)
{
    static const char *const texts[STRINGS] = {"one", "three", "seven", "eleven"};
    HANDLE handle = open_endpoint(INET, STREAM), other = open_endpoint(INET, STREAM);
    for (int i = 0; i < STRINGS; i++) {
        check_string(handle, i, 0, "", 0);
        CHECK_EQ(set_string(handle, i, texts[i], (ULONG)strlen(texts[i]), 0), STATUS_SUCCESS);
    }
    for (int i = 0; i < STRINGS; i++) {
        check_string(handle, i, 0, texts[i], (ULONG)strlen(texts[i]));
        check_string(other, i, 0, "", 0);
        CHECK_EQ(set_string(handle, i, "", 0, 0), STATUS_SUCCESS);
        check_string(handle, i, 0, "", 0);
    }
    close_handle(handle);
    close_handle(other);
}

TEST(open__string_longer_than_room__cut_and_told)
{
    HANDLE handle = open_endpoint(INET, STREAM);
    char got[4] = "????";
    ULONG_PTR bytes = 0;
    CHECK_EQ(set_string(handle, 0, "abcdef", 6, 0), STATUS_SUCCESS);
    CHECK_EQ(control(handle, strings[0].get, NULL, 0, got, 3, &bytes), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(bytes, 3);
    CHECK_EQ(memcmp(got, "abc?", 4), 0);
    CHECK_EQ(control(handle, strings[0].get, NULL, 0, NULL, 0, &bytes), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(control(handle, strings[0].get, NULL, 0, (void *)0x10, 8, NULL), STATUS_ACCESS_VIOLATION);
    close_handle(handle);
}

TEST(open__string_sized__cut_or_filled_with_zeros)
{
    HANDLE handle = open_endpoint(INET, STREAM);
    CHECK_EQ(size_string(handle, 1, 3, 0), STATUS_SUCCESS);
    check_string(handle, 1, 0, "\0\0\0", 3);
    CHECK_EQ(set_string(handle, 1, "abcdef", 6, 0), STATUS_SUCCESS);
    CHECK_EQ(size_string(handle, 1, 4, 0), STATUS_SUCCESS);
    check_string(handle, 1, 0, "abcd", 4);
    CHECK_EQ(size_string(handle, 1, 6, 0), STATUS_SUCCESS);
    check_string(handle, 1, 0, "abcd\0\0", 6);
    CHECK_EQ(size_string(handle, 1, 0, 0), STATUS_SUCCESS);
    check_string(handle, 1, 0, "", 0);
    close_handle(handle);
}

TEST(open__string_too_long_or_unreadable__refused_and_unchanged)
{
    static char big[AFD_CONNECT_DATA_MAX + 1];
    HANDLE handle = open_endpoint(INET, STREAM);
    CHECK_EQ(set_string(handle, 0, "keep", 4, 0), STATUS_SUCCESS);
    CHECK_EQ(set_string(handle, 0, big, AFD_CONNECT_DATA_MAX + 1, 0), STATUS_INVALID_PARAMETER);
    CHECK_EQ(size_string(handle, 0, AFD_CONNECT_DATA_MAX + 1, 0), STATUS_INVALID_PARAMETER);
    CHECK_EQ(set_string(handle, 0, (const char *)0x10, 8, 0), STATUS_ACCESS_VIOLATION);
    check_string(handle, 0, 0, "keep", 4);
    CHECK_EQ(set_string(handle, 0, big, AFD_CONNECT_DATA_MAX, 0), STATUS_SUCCESS);
    close_handle(handle);
}

TEST(connected__connect_strings__gone_and_fixed)
{
    struct address bound;
    HANDLE listener = open_listener(INET, 5, &bound), client = open_endpoint(INET, STREAM);
    HANDLE server = open_endpoint(INET, STREAM);
    AFD_LISTEN_RESPONSE_INFO reply;
    for (int i = 0; i < STRINGS; i++) {
        CHECK_EQ(set_string(client, i, "client", 6, 0), STATUS_SUCCESS);
        CHECK_EQ(set_string(server, i, "server", 6, 0), STATUS_SUCCESS);
    }
    REQUIRE_EQ(connect_to(client, &bound), STATUS_SUCCESS);
    REQUIRE_EQ(control(listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, sizeof reply, NULL), STATUS_SUCCESS);
    REQUIRE_EQ(accept_into(listener, reply.Sequence, server), STATUS_SUCCESS);
    for (int i = 0; i < STRINGS; i++) {
        int gone = strings[i].of_connecting;
        check_string(client, i, 0, "client", gone ? 0 : 6);
        check_string(server, i, 0, "server", gone ? 0 : 6);
        CHECK_EQ(set_string(client, i, "late", 4, 0), gone ? STATUS_CONNECTION_ACTIVE : STATUS_SUCCESS);
        CHECK_EQ(size_string(server, i, 2, 0), gone ? STATUS_CONNECTION_ACTIVE : STATUS_SUCCESS);
    }
    close_handle(listener);
    close_handle(client);
    close_handle(server);
}

TEST(refused_connect__connect_strings__stay_for_the_next)
{
    struct address bound;
    HANDLE closed = open_closed_port(STREAM, &bound), client = open_endpoint(INET, STREAM);
    CHECK_EQ(set_string(client, 0, "again", 5, 0), STATUS_SUCCESS);
    CHECK_EQ(connect_to(client, &bound), STATUS_CONNECTION_REFUSED);
    check_string(client, 0, 0, "again", 5);
    CHECK_EQ(set_string(client, 0, "new", 3, 0), STATUS_SUCCESS);
    close_handle(closed);
    close_handle(client);
}

TEST(listening__strings_of_an_offer__belong_to_its_sequence)
{
    struct address bound;
    HANDLE listener = open_listener(INET, 5, &bound), one = open_connected(&bound), two = open_connected(&bound);
    AFD_LISTEN_RESPONSE_INFO first, second;
    AFD_DEFER_ACCEPT_INFO defer = {0, FALSE};
    REQUIRE_EQ(control(listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &first, sizeof first, NULL), STATUS_SUCCESS);
    REQUIRE_EQ(control(listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &second, sizeof second, NULL), STATUS_SUCCESS);
    CHECK_EQ(set_string(listener, 0, "first", 5, first.Sequence), STATUS_SUCCESS);
    CHECK_EQ(set_string(listener, 1, "second", 6, second.Sequence), STATUS_SUCCESS);
    check_string(listener, 0, first.Sequence, "first", 5);
    check_string(listener, 0, second.Sequence, "", 0);
    check_string(listener, 1, second.Sequence, "second", 6);
    CHECK_EQ(set_string(listener, 0, "none", 4, 0), STATUS_INVALID_PARAMETER);
    CHECK_EQ(set_string(listener, 0, "none", 4, second.Sequence + 1), STATUS_INVALID_PARAMETER);
    CHECK_EQ(set_string(listener, 2, "none", 4, first.Sequence), STATUS_INVALID_PARAMETER);
    /* accepted, rejected: no offer any more */
    HANDLE server = open_endpoint(INET, STREAM);
    REQUIRE_EQ(accept_into(listener, first.Sequence, server), STATUS_SUCCESS);
    check_string(server, 0, 0, "", 0);
    CHECK_EQ(set_string(listener, 0, "late", 4, first.Sequence), STATUS_INVALID_PARAMETER);
    defer.Sequence = second.Sequence;
    defer.RejectConnection = TRUE;
    CHECK_EQ(control(listener, IOCTL_AFD_DEFER_ACCEPT, &defer, sizeof defer, NULL, 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(set_string(listener, 0, "late", 4, second.Sequence), STATUS_INVALID_PARAMETER);
    close_handle(server);
    close_handle(listener);
    close_handle(one);
    close_handle(two);
}

TEST(listening__unaccepted_connect_data__none_over_tcp)
{
    struct address bound;
    HANDLE listener = open_listener(INET, 5, &bound), client = open_endpoint(INET, STREAM);
    AFD_UNACCEPTED_CONNECT_DATA_INFO info = {0, 77, TRUE};
    AFD_LISTEN_RESPONSE_INFO reply;
    char data[8];
    ULONG_PTR bytes = 0x5555;
    CHECK_EQ(set_string(client, 0, "lost", 4, 0), STATUS_SUCCESS);
    REQUIRE_EQ(connect_to(client, &bound), STATUS_SUCCESS);
    REQUIRE_EQ(control(listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, sizeof reply, NULL), STATUS_SUCCESS);
    info.Sequence = reply.Sequence;
    CHECK_EQ(control(listener, IOCTL_AFD_GET_UNACCEPTED_CONNECT_DATA, &info, sizeof info, &info, sizeof info, &bytes),
        STATUS_SUCCESS);
    CHECK_EQ(bytes, sizeof info);
    CHECK_EQ(info.Sequence, reply.Sequence);
    CHECK_EQ(info.ConnectDataLength, 0);
    info.LengthOnly = FALSE;
    CHECK_EQ(control(listener, IOCTL_AFD_GET_UNACCEPTED_CONNECT_DATA, &info, sizeof info, data, sizeof data, &bytes),
        STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
    info.Sequence++;
    CHECK_EQ(control(listener, IOCTL_AFD_GET_UNACCEPTED_CONNECT_DATA, &info, sizeof info, data, sizeof data, NULL),
        STATUS_INVALID_PARAMETER);
    close_handle(listener);
    close_handle(client);
}

/* Two threads change one string at a time: each text is whole. */
static ULONG set_repeatedly(PVOID parameter)
{
    for (int i = 0; i < 500; i++) {
        if (set_string(parameter, 0, "aaaaaaaa", 8, 0) != STATUS_SUCCESS ||
            size_string(parameter, 0, 0, 0) != STATUS_SUCCESS)
            return 1;
    }
    return 0;
}

TEST(open__two_threads_set_one_string__it_stays_whole)
{
    HANDLE handle = open_endpoint(INET, STREAM);
    HANDLE thread = start_thread(set_repeatedly, handle);
    for (int i = 0; i < 500; i++) {
        char got[16];
        ULONG_PTR bytes = 0;
        CHECK_EQ(set_string(handle, 0, "bbbb", 4, 0), STATUS_SUCCESS);
        CHECK_EQ(control(handle, strings[0].get, NULL, 0, got, sizeof got, &bytes), STATUS_SUCCESS);
        CHECK(bytes == 0 || (bytes == 4 && memcmp(got, "bbbb", 4) == 0) ||
              (bytes == 8 && memcmp(got, "aaaaaaaa", 8) == 0));
    }
    CHECK_EQ(join_thread(thread), 0);
    close_handle(handle);
}
