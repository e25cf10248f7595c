/* SPDX-License-Identifier: MIT */
/* bad_input.c - addresses, handles and sockets for the tables of bad input. */
#include "bad_input.h"

#include <winternl.h>

enum { PAGE = 4096, OPENED_EVENT = 2, OPENED_THREAD = 3, OPENED_FILE = 4, REUSED = 1 };

void *no_memory(void)
{
    static void *page;
    if (page == NULL)
        page = VirtualAlloc(NULL, 16 * PAGE, MEM_RESERVE, PAGE_NOACCESS);
    REQUIRE(page != NULL);
    return page;
}

void *read_only(void)
{
    static void *page;
    if (page == NULL)
        page = VirtualAlloc(NULL, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READONLY);
    REQUIRE(page != NULL);
    return page;
}

void *edge(unsigned bytes)
{
    static char *pages;
    if (pages == NULL) {
        pages = VirtualAlloc(NULL, 16 * PAGE, MEM_RESERVE, PAGE_NOACCESS);
        REQUIRE(pages != NULL);
        REQUIRE(VirtualAlloc(pages, PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
    }
    return pages + PAGE - bytes;
}

void *unaligned(const void *data, unsigned bytes)
{
    static char rooms[2][512];
    static int next;
    char *room = rooms[next++ % 2] + 1; /* two of them, for a call with two */
    REQUIRE(bytes < sizeof rooms[0]);
    memcpy(room, data, bytes);
    return room;
}

static HANDLE open_control_file(void)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK iosb;
    HANDLE file = NULL;
    RtlInitUnicodeString(&name, L"\\Device\\Afd\\BadInput");
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    REQUIRE_EQ(NtCreateFile(&file, SYNCHRONIZE, &attributes, &iosb, NULL, 0, FILE_SHARE_READ, FILE_OPEN, 0, NULL, 0),
        0);
    return file;
}

/* Events until one has the value that a socket had. */
static HANDLE event_with_value(HANDLE value)
{
    static HANDLE others[4096];
    HANDLE event = NULL;
    int count = 0;
    while (count < 4096 && (event = CreateEventW(NULL, TRUE, FALSE, NULL)) != value)
        others[count++] = event;
    REQUIRE(event == value);
    while (count > 0)
        CHECK(CloseHandle(others[--count]));
    return event;
}

static DWORD WINAPI no_work(LPVOID parameter)
{
    (void)parameter;
    return 0;
}

static HANDLE finished_thread(void)
{
    HANDLE thread = CreateThread(NULL, 0, no_work, NULL, 0, NULL);
    REQUIRE(thread != NULL);
    REQUIRE_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    return thread;
}

void open_bad_handles(struct bad_handle handles[BAD_HANDLES])
{
    SOCKET reused = stream_socket(), closed = stream_socket();
    REQUIRE_OK(closesocket(reused));
    HANDLE event = event_with_value((HANDLE)reused);
    REQUIRE_OK(closesocket(closed));
    HANDLE file = open_control_file(); /* may take the value of the closed socket */
    HANDLE thread = finished_thread();
    const struct bad_handle all[BAD_HANDLES] = {
        {"never a handle", (SOCKET)0x3FFC},
        {"closed socket whose value is an event now", reused},
        {"event", (SOCKET)event},
        {"thread", (SOCKET)thread},
        {"file of \\Device\\Afd that is no endpoint", (SOCKET)file},
        {"INVALID_SOCKET", INVALID_SOCKET},
        {"0", 0},
        {"current thread", (SOCKET)(LONG_PTR)-2},
        {"not a multiple of four", (SOCKET)0x3FFE},
        {"large", (SOCKET)0x7FFFFFFC},
        {"very large", (SOCKET)0x7FFFFFFFFFFFFFFC},
        {"negative", (SOCKET)(LONG_PTR)-400},
    };
    memcpy(handles, all, sizeof all);
}

void close_bad_handles(struct bad_handle handles[BAD_HANDLES])
{
    CHECK(CloseHandle((HANDLE)handles[OPENED_EVENT].value));
    CHECK(CloseHandle((HANDLE)handles[OPENED_THREAD].value));
    CHECK(CloseHandle((HANDLE)handles[OPENED_FILE].value));
    CHECK(!CloseHandle((HANDLE)handles[REUSED].value));
}

void open_sockets(struct sockets *ret_sockets)
{
    struct sockaddr_in any = loopback4(0);
    start_winsock();
    ret_sockets->stream = stream_socket();
    ret_sockets->bound_stream = stream_socket();
    REQUIRE_OK(bind(ret_sockets->bound_stream, (struct sockaddr *)&any, sizeof any));
    ret_sockets->listener = listener4(&ret_sockets->listener_address);
    set_nonblocking(ret_sockets->listener);
    stream_pair(&ret_sockets->client, &ret_sockets->server);
    set_nonblocking(ret_sockets->server);
    ret_sockets->datagram = socket(AF_INET, SOCK_DGRAM, 0);
    REQUIRE(ret_sockets->datagram != INVALID_SOCKET);
    ret_sockets->bound = bound_datagram(&ret_sockets->bound_address);
    set_nonblocking(ret_sockets->bound);
    ret_sockets->event = WSACreateEvent();
    ret_sockets->thread = finished_thread();
}

void close_sockets(struct sockets *sockets)
{
    const SOCKET all[] = {sockets->stream, sockets->bound_stream, sockets->listener, sockets->client,
        sockets->server, sockets->datagram, sockets->bound};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        CHECK_EQ(closesocket(all[i]), 0);
    CHECK(WSACloseEvent(sockets->event));
    CHECK(CloseHandle(sockets->thread));
    CHECK_EQ(WSACleanup(), 0);
}
