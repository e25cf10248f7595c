/* SPDX-License-Identifier: MIT */
/* ws2_ex_test.c - helpers of the tests of overlapped requests and of the extension functions. */
#include "ws2_ex_test.h"

#include <winternl.h>

enum { WAIT_MS = 15000 };

PVOID extension(SOCKET s, const GUID *id)
{
    PVOID function = NULL;
    DWORD bytes;
    REQUIRE_OK(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, (PVOID)(ULONG_PTR)id, sizeof *id,
        &function, sizeof function, &bytes, NULL, NULL));
    REQUIRE(function != NULL);
    return function;
}

LPFN_CONNECTEX get_connect_ex(SOCKET s)
{
    static const GUID id = WSAID_CONNECTEX;
    return (LPFN_CONNECTEX)(ULONG_PTR)extension(s, &id);
}

LPFN_DISCONNECTEX get_disconnect_ex(SOCKET s)
{
    static const GUID id = WSAID_DISCONNECTEX;
    return (LPFN_DISCONNECTEX)(ULONG_PTR)extension(s, &id);
}

LPFN_WSARECVMSG get_recv_msg(SOCKET s)
{
    static const GUID id = WSAID_WSARECVMSG;
    return (LPFN_WSARECVMSG)(ULONG_PTR)extension(s, &id);
}

WSAOVERLAPPED overlapped_begin(void)
{
    WSAOVERLAPPED overlapped = {0};
    overlapped.hEvent = WSACreateEvent();
    REQUIRE(overlapped.hEvent != NULL);
    return overlapped;
}

int overlapped_end(SOCKET s, WSAOVERLAPPED *overlapped, BOOL started, DWORD *ret_bytes)
{
    int error = started ? 0 : WSAGetLastError();
    DWORD bytes = 0, flags = 0;
    if (error == 0 || error == WSA_IO_PENDING) {
        REQUIRE_EQ(WSAWaitForMultipleEvents(1, &overlapped->hEvent, FALSE, WAIT_MS, FALSE),
            WSA_WAIT_EVENT_0);
        error = WSAGetOverlappedResult(s, overlapped, &bytes, FALSE, &flags) ? 0
                                                                            : WSAGetLastError();
    }
    if (ret_bytes != NULL)
        *ret_bytes = bytes;
    CHECK(WSACloseEvent(overlapped->hEvent));
    overlapped->hEvent = NULL;
    return error;
}

void pair_open(PAIR *pair)
{
    memset(pair, 0, sizeof *pair);
    start_winsock();
    stream_pair(&pair->client, &pair->server);
    pair->buffer.len = sizeof pair->text;
    pair->buffer.buf = pair->text;
    pair->bytes = 0x5555;
}

void pair_receive(PAIR *pair, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    CHECK_FAILS(WSARecv(pair->client, &pair->buffer, 1, NULL, &pair->flags, &pair->o, routine), WSA_IO_PENDING);
}

int pair_end(PAIR *pair)
{
    WSASetLastError(WSA_IO_PENDING);
    return overlapped_end(pair->client, &pair->o, FALSE, &pair->bytes);
}

void pair_close(PAIR *pair)
{
    if (pair->o.hEvent != NULL)
        CHECK(WSACloseEvent(pair->o.hEvent));
    if (pair->client != INVALID_SOCKET)
        CHECK_EQ(closesocket(pair->client), 0);
    if (pair->server != INVALID_SOCKET)
        CHECK_EQ(closesocket(pair->server), 0);
}

void datagrams_open(DATAGRAMS *pair)
{
    start_winsock();
    pair->one = bound_datagram(&pair->a);
    pair->two = bound_datagram(&pair->b);
}

void datagrams_close(DATAGRAMS *pair)
{
    CHECK_EQ(closesocket(pair->one), 0);
    CHECK_EQ(closesocket(pair->two), 0);
}

void cancel_overlapped(SOCKET s, WSAOVERLAPPED *overlapped)
{
    IO_STATUS_BLOCK iosb;
    CHECK_EQ(NtCancelIoFileEx((HANDLE)s, (PIO_STATUS_BLOCK)(PVOID)overlapped, &iosb), 0);
}
