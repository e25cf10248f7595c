/* SPDX-License-Identifier: MIT */
/*
 * ws2_deep_stack_test.c - as many drivers above AFD as an IRP has stack locations for.
 */
#include "ws2_test.h"

#include <string.h>

#include "ntsock.h"

enum { DEEPEST = 125 }; /* IO_STACK_LOCATIONS_MAX of iomgr.h */

/* What is there before: AFD, and what the suite is run under. */
static unsigned depth_before;

static struct ntsock_device top_of_stack(void)
{
    struct ntsock_device top;
    REQUIRE(ntsock_query_device_stack(&top, 1) >= depth_before);
    return top;
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

static void unload_all(void)
{
    while (ntsock_query_device_stack(NULL, 0) > depth_before) {
        if (ntsock_unload_driver(top_of_stack().driver) != 0)
            SwitchToThread(); /* the last request is just leaving it */
    }
}

static void exchange(SOCKET from, SOCKET to)
{
    char byte = 0;
    send_all(from, "x", 1);
    receive_all(to, &byte, 1);
    CHECK_EQ(byte, 'x');
}

static void receive_overlapped(SOCKET from, SOCKET to)
{
    char byte = 0;
    WSABUF buffer = {1, &byte};
    WSAOVERLAPPED overlapped = {.hEvent = WSACreateEvent()};
    DWORD bytes = 0, flags = 0;
    CHECK_FAILS(WSARecv(to, &buffer, 1, NULL, &flags, &overlapped, NULL), WSA_IO_PENDING);
    send_all(from, "y", 1);
    CHECK(WSAGetOverlappedResult(to, &overlapped, &bytes, TRUE, &flags));
    CHECK_EQ(bytes, 1);
    CHECK_EQ(byte, 'y');
    flags = 0;
    CHECK_FAILS(WSARecv(to, &buffer, 1, NULL, &flags, &overlapped, NULL), WSA_IO_PENDING);
    CHECK(CancelIoEx((HANDLE)to, &overlapped));
    CHECK(!WSAGetOverlappedResult(to, &overlapped, &bytes, TRUE, &flags));
    CHECK_EQ(WSAGetLastError(), WSA_OPERATION_ABORTED);
    WSACloseEvent(overlapped.hEvent);
}

static void check_rows(int loaded)
{
    static struct ntsock_device devices[DEEPEST + 1];
    unsigned depth = ntsock_query_device_stack(devices, DEEPEST + 1);
    REQUIRE_EQ(depth, depth_before + (unsigned)loaded);
    for (int i = 0; i < loaded; i++) {
        CHECK_EQ(devices[i].stack_size, DEEPEST - i);
        CHECK(strncmp(devices[i].driver, "passthrough", 11) == 0);
    }
    CHECK(strcmp(devices[depth - 1].driver, "Afd") == 0);
}

TEST(as_many_drivers_as_locations__all_calls_work_and_one_more_is_refused)
{
    const char *reason = "";
    SOCKET ends[2], later[2];
    start_winsock();
    depth_before = ntsock_query_device_stack(NULL, 0);
    int locations_before = top_of_stack().stack_size;
    stream_pair(&ends[0], &ends[1]);
    int loaded = load_all(&reason);
    CHECK_EQ(loaded, DEEPEST - locations_before);
    CHECK(strstr(reason, "STATUS_INSUFFICIENT_RESOURCES") != NULL);
    check_rows(loaded);
    exchange(ends[0], ends[1]);
    receive_overlapped(ends[0], ends[1]);
    stream_pair(&later[0], &later[1]);
    exchange(later[1], later[0]);
    receive_overlapped(later[1], later[0]);
    for (int i = 0; i < 2; i++) {
        closesocket(ends[i]);
        closesocket(later[i]);
    }
    unload_all();
    CHECK_EQ(ntsock_query_device_stack(NULL, 0), depth_before);
    WSACleanup();
}
