/* SPDX-License-Identifier: MIT */
/*
 * micro.c - what completion ports and events cost by themselves, within a thread and between two. A plain Windows
 * program; the twins are in micro_posix.c.
 */
#include <windows.h>

#include "micro.h"

static HANDLE port, back, event, answer;

static void fail(const char *what)
{
    fprintf(stderr, "micro: %s: error %u\n", what, (unsigned)GetLastError());
    ExitProcess(1);
}

static HANDLE new_port(void)
{
    HANDLE handle = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    if (handle == NULL)
        fail("CreateIoCompletionPort");
    return handle;
}

static HANDLE new_event(void)
{
    HANDLE handle = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (handle == NULL)
        fail("CreateEvent");
    return handle;
}

static void start(LPTHREAD_START_ROUTINE routine)
{
    HANDLE thread = CreateThread(NULL, 0, routine, NULL, 0, NULL);
    if (thread == NULL)
        fail("CreateThread");
    CloseHandle(thread);
}

static void post(HANDLE to)
{
    if (!PostQueuedCompletionStatus(to, 1, 2, NULL))
        fail("PostQueuedCompletionStatus");
}

static void get(HANDLE from)
{
    LPOVERLAPPED overlapped;
    ULONG_PTR key;
    DWORD bytes;
    if (!GetQueuedCompletionStatus(from, &bytes, &key, &overlapped, INFINITE))
        fail("GetQueuedCompletionStatus");
}

static void set_and_wait(HANDLE to, HANDLE from)
{
    if (!SetEvent(to) || WaitForSingleObject(from, INFINITE) != WAIT_OBJECT_0)
        fail("WaitForSingleObject");
}

static DWORD WINAPI answer_packets(LPVOID context)
{
    for (;;) {
        get(port);
        post(back);
    }
    return context == NULL;
}

static DWORD WINAPI answer_events(LPVOID context)
{
    if (WaitForSingleObject(event, INFINITE) != WAIT_OBJECT_0)
        fail("WaitForSingleObject");
    for (;;)
        set_and_wait(answer, event);
    return context == NULL;
}

static void prepare_port(void)
{
    port = new_port();
}

static void run_port(int count)
{
    while (count-- > 0) {
        post(port);
        get(port);
    }
}

static void prepare_port_handoff(void)
{
    port = new_port();
    back = new_port();
    start(answer_packets);
}

static void run_port_handoff(int count)
{
    while (count-- > 0) {
        post(port);
        get(back);
    }
}

static void prepare_event(void)
{
    event = new_event();
}

static void run_event(int count)
{
    while (count-- > 0)
        set_and_wait(event, event);
}

static void prepare_nothing(void)
{
}

static void run_event_life(int count)
{
    while (count-- > 0) {
        HANDLE handle = new_event();
        set_and_wait(handle, handle);
        CloseHandle(handle);
    }
}

static void prepare_event_handoff(void)
{
    event = new_event();
    answer = new_event();
    start(answer_events);
}

static void run_event_handoff(int count)
{
    while (count-- > 0)
        set_and_wait(event, answer);
}

int main(int argc, char **argv)
{
    static const struct micro micros[] = {
        {"port", 100, prepare_port, run_port},
        {"port_handoff", 1, prepare_port_handoff, run_port_handoff},
        {"event", 100, prepare_event, run_event},
        {"event_life", 10, prepare_nothing, run_event_life},
        {"event_handoff", 1, prepare_event_handoff, run_event_handoff},
        {0},
    };
    return micro_main(micros, argc, argv);
}
