/* SPDX-License-Identifier: MIT */
/*
 * deep_stack_test.c - as many drivers above AFD as an IRP has stack locations for.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdio.h>
#include <string.h>

#include "ntsock.h"
#include "ntstest.h"

enum { DEEPEST = 125, DRIVERS = DEEPEST - 1 }; /* IO_STACK_LOCATIONS_MAX of iomgr.h, one of them AFD's */

static SOCKET listener, ends[2];

static void make_pair(SOCKET pair[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener == 0) {
        listener = socket(AF_INET, SOCK_STREAM, 0);
        REQUIRE_EQ(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
        REQUIRE_EQ(listen(listener, 5), 0);
    }
    REQUIRE_EQ(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE_EQ(connect(pair[0], (struct sockaddr *)&address, sizeof address), 0);
    pair[1] = accept(listener, NULL, NULL);
    REQUIRE(pair[1] != INVALID_SOCKET);
}

/* Alternately with fast I/O and without, so that both ways stop halfway. The number of drivers loaded. */
static int load_all(const char **reason)
{
    static const char *const specifications[] = {"passthrough", "passthrough:fastio=0"};
    int loaded = 0;
    while (loaded <= DEEPEST && ntsock_load_driver(specifications[loaded % 2], reason) == 0)
        loaded++;
    return loaded;
}

static void unload_all(int loaded)
{
    char name[32] = "passthrough";
    for (int i = loaded; i > 0; i--) {
        if (i > 1)
            snprintf(name, sizeof name, "passthrough#%d", i);
        else
            strcpy(name, "passthrough");
        while (ntsock_unload_driver(name) != 0)
            SwitchToThread(); /* the last request is just leaving it */
    }
}

static void exchange(SOCKET from, SOCKET to)
{
    char byte = 0;
    CHECK_EQ(send(from, "x", 1, 0), 1);
    CHECK_EQ(recv(to, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'x');
}

static void receive_overlapped(SOCKET from, SOCKET to)
{
    char byte = 0;
    WSABUF buffer = {1, &byte};
    WSAOVERLAPPED overlapped = {.hEvent = WSACreateEvent()};
    DWORD bytes = 0, flags = 0;
    CHECK_EQ(WSARecv(to, &buffer, 1, NULL, &flags, &overlapped, NULL), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK_EQ(send(from, "y", 1, 0), 1);
    CHECK(WSAGetOverlappedResult(to, &overlapped, &bytes, TRUE, &flags));
    CHECK_EQ(bytes, 1);
    CHECK_EQ(byte, 'y');
    flags = 0;
    CHECK_EQ(WSARecv(to, &buffer, 1, NULL, &flags, &overlapped, NULL), SOCKET_ERROR);
    CHECK(CancelIoEx((HANDLE)to, &overlapped));
    CHECK(!WSAGetOverlappedResult(to, &overlapped, &bytes, TRUE, &flags));
    CHECK_EQ(WSAGetLastError(), WSA_OPERATION_ABORTED);
    WSACloseEvent(overlapped.hEvent);
}

static void check_rows(void)
{
    static struct ntsock_device devices[DEEPEST + 1];
    REQUIRE_EQ(ntsock_query_device_stack(devices, DEEPEST + 1), DEEPEST);
    for (int i = 0; i < DEEPEST; i++) {
        CHECK_EQ(devices[i].stack_size, DEEPEST - i);
        CHECK(strncmp(devices[i].driver, i < DRIVERS ? "passthrough" : "Afd", 3) == 0);
    }
}

TEST(as_many_drivers_as_locations__all_calls_work_and_one_more_is_refused)
{
    const char *reason = "";
    WSADATA data;
    SOCKET later[2];
    REQUIRE_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    make_pair(ends);
    int loaded = load_all(&reason);
    CHECK_EQ(loaded, DRIVERS);
    CHECK(strstr(reason, "STATUS_INSUFFICIENT_RESOURCES") != NULL);
    check_rows();
    exchange(ends[0], ends[1]);
    receive_overlapped(ends[0], ends[1]);
    make_pair(later);
    exchange(later[1], later[0]);
    receive_overlapped(later[1], later[0]);
    closesocket(later[0]);
    closesocket(later[1]);
    closesocket(ends[0]);
    closesocket(ends[1]);
    closesocket(listener);
    unload_all(loaded);
    CHECK_EQ(ntsock_query_device_stack(NULL, 0), 1);
    WSACleanup();
}
