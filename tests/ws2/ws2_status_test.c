/* SPDX-License-Identifier: MIT */
/*
 * ws2_status_test.c - every NTSTATUS of the table comes out as its Winsock error.
 *
 * WSAGetOverlappedResult translates whatever stands in OVERLAPPED.Internal, so the table can be
 * tested from outside. [obs:wine/sock WSAGetOverlappedResult]
 */
#define WIN32_NO_STATUS
#include "ws2_test.h"
#undef WIN32_NO_STATUS
#include <ntstatus.h>

static int error_of(SOCKET s, LONG status)
{
    WSAOVERLAPPED overlapped = {0};
    DWORD bytes, flags;
    overlapped.Internal = (ULONG)status;
    WSASetLastError(0);
    return WSAGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags) ? 0 : WSAGetLastError();
}

TEST(status_table__each_entry__is_its_error)
{
    static const struct {
        LONG status;
        int error;
    } table[] = {
#define X(status, error, when) {status, error},
#define X_OURS(status, error, when)
#include "status.def"
#undef X
#undef X_OURS
    };
    start_winsock();
    SOCKET s = stream_socket();
    for (size_t i = 0; i < ARRAYSIZE(table); i++) {
        int expected = table[i].error;
        if (table[i].status == STATUS_PENDING)
            expected = WSA_IO_INCOMPLETE;
        if (table[i].status == STATUS_CANCELLED)
            expected = WSA_OPERATION_ABORTED;
        int got = error_of(s, table[i].status);
        if (got != expected)
            nts_fail(
                __FILE__, __LINE__, "0x%x gave %d, expected %d", table[i].status, got, expected);
    }
    CHECK_EQ(closesocket(s), 0);
}

TEST(status_table__not_listed__is_invalid_or_success)
{
    start_winsock();
    SOCKET s = stream_socket();
    CHECK_EQ(error_of(s, STATUS_SUCCESS), 0);
    CHECK_EQ(error_of(s, STATUS_OBJECT_NAME_EXISTS), 0);
    CHECK_EQ(error_of(s, STATUS_UNSUCCESSFUL), WSAEINVAL);
    CHECK_EQ(error_of(s, STATUS_INVALID_PARAMETER), WSAEINVAL);
    CHECK_EQ(error_of(s, (LONG)0xC0DEAD00), WSAEINVAL);
    CHECK_EQ(error_of(s, STATUS_TIMEOUT), 0);
    CHECK_EQ(error_of(s, STATUS_DEVICE_BUSY), WSAEINVAL); /* known to blocking calls alone */
    CHECK_EQ(error_of(s, STATUS_END_OF_FILE), WSAEINVAL);
    CHECK_EQ(error_of(s, (LONG)0x80070000 | ERROR_IO_INCOMPLETE), WSA_IO_INCOMPLETE);
    CHECK_EQ(closesocket(s), 0);
}
