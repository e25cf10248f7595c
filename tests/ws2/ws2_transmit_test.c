/* SPDX-License-Identifier: MIT */
/*
 * ws2_transmit_test.c - TransmitFile and TransmitPackets.
 * [doc:mswsock/transmitfile] [obs:wine/sock TransmitFile]
 */
#include "ws2_ex_test.h"

#include <winternl.h>

enum { FILE_BYTES = 300000 };

static char content(int i)
{
    return (char)('a' + i % 23 + i / 4096 % 3);
}

/* A file of FILE_BYTES that goes when it is closed, at its beginning. */
static HANDLE temporary_file(void)
{
    static char data[FILE_BYTES];
    WCHAR path[] = L"\\??\\C:\\tmp\\ntsock-transmit-00000000";
    DWORD number = GetCurrentProcessId();
    UNICODE_STRING name = {sizeof path - sizeof(WCHAR), sizeof path, path};
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK iosb;
    HANDLE file;
    FILE_POSITION_INFORMATION start = {.CurrentByteOffset.QuadPart = 0};
    for (int i = 0; i < 8; i++, number >>= 4)
        path[ARRAYSIZE(path) - 2 - i] = L"0123456789abcdef"[number & 15];
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    REQUIRE_EQ(NtCreateFile(&file, GENERIC_READ | GENERIC_WRITE | DELETE | SYNCHRONIZE,
                   &attributes, &iosb, NULL, FILE_ATTRIBUTE_NORMAL, 0, FILE_OVERWRITE_IF,
                   FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE, NULL, 0),
        0);
    for (int i = 0; i < FILE_BYTES; i++)
        data[i] = content(i);
    REQUIRE_EQ(NtWriteFile(file, NULL, NULL, NULL, &iosb, data, sizeof data, NULL, NULL), 0);
    REQUIRE_EQ(
        NtSetInformationFile(file, &iosb, &start, sizeof start, FilePositionInformation), 0);
    return file;
}

/* Receives a part of the file and compares it. */
static void receive_file(SOCKET s, int from, int bytes)
{
    char text[8192];
    int wrong = 0;
    while (bytes > 0) {
        int n = recv(s, text, bytes < (int)sizeof text ? bytes : (int)sizeof text, 0);
        REQUIRE(n > 0);
        for (int i = 0; i < n; i++)
            wrong += text[i] != content(from + i);
        from += n;
        bytes -= n;
    }
    CHECK_EQ(wrong, 0);
}

static void expect_nothing(SOCKET s)
{
    u_long bytes = 9;
    CHECK_EQ(ioctlsocket(s, FIONREAD, &bytes), 0);
    CHECK_EQ(bytes, 0);
}

TEST(transmitfile__bad_arguments__documented_errors)
{
    struct sockaddr_in a;
    SOCKET client, server;
    start_winsock();
    SOCKET s = stream_socket(), d = bound_datagram(&a);
    CHECK(!TransmitFile(INVALID_SOCKET, NULL, 0, 0, NULL, NULL, 0));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK(!TransmitFile(s, NULL, 0, 0, NULL, NULL, TF_REUSE_SOCKET));
    CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
    CHECK(!TransmitFile(d, NULL, 0, 0, NULL, NULL, 0));
    CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
    stream_pair(&client, &server);
    CHECK(!TransmitFile(client, NULL, 0, 0, NULL, NULL, 0x8000));
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK(!TransmitFile(client, NULL, 0x7FFFFFFF, 0, NULL, NULL, 0));
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK(!TransmitFile(client, NULL, 0, 0, NULL, (LPTRANSMIT_FILE_BUFFERS)16, 0));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    TRANSMIT_FILE_BUFFERS bad = {(PVOID)16, 4, NULL, 0};
    CHECK(!TransmitFile(client, NULL, 0, 0, NULL, &bad, 0));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(TransmitFile(client, NULL, 0, 0, NULL, NULL, 0)); /* nothing at all */
    CHECK_EQ(WSAGetLastError(), 0);
    expect_nothing(server);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(d), 0);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(transmitfile__head_and_tail__are_sent_around_the_file)
{
    SOCKET client, server;
    char text[8];
    TRANSMIT_FILE_BUFFERS buffers = {"head", 4, "tail!", 5};
    start_winsock();
    stream_pair(&client, &server);
    CHECK(TransmitFile(client, NULL, 0, 0, NULL, &buffers, 0));
    receive_all(server, text, 4);
    CHECK_EQ(memcmp(text, "head", 4), 0);
    receive_all(server, text, 5);
    CHECK_EQ(memcmp(text, "tail!", 5), 0);
    HANDLE file = temporary_file();
    WSAOVERLAPPED o = overlapped_begin();
    DWORD bytes = 0;
    BOOL started = TransmitFile(client, file, 1000, 0, &o, &buffers, 0);
    receive_all(server, text, 4);
    receive_file(server, 0, 1000);
    receive_all(server, text, 5);
    CHECK_EQ(memcmp(text, "tail!", 5), 0);
    if (!started)
        WSASetLastError(ERROR_IO_PENDING);
    CHECK_EQ(overlapped_end(client, &o, started, &bytes), 0);
    CHECK_EQ(bytes, 1009);
    CHECK(CloseHandle(file));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

static SOCKET reader;
static DWORD read_whole_file(void *context)
{
    receive_file(reader, *(int *)context, FILE_BYTES - *(int *)context);
    return 0;
}

TEST(transmitfile__whole_file__from_the_position_or_the_offset)
{
    SOCKET client;
    int from = 0;
    DWORD bytes = 0;
    start_winsock();
    stream_pair(&client, &reader);
    HANDLE file = temporary_file();
    HANDLE thread = start_thread(read_whole_file, &from);
    CHECK(TransmitFile(client, file, 0, 0, NULL, NULL, 0));
    CHECK_EQ(join_thread(thread), 0);
    from = 12345;
    WSAOVERLAPPED o = overlapped_begin();
    o.Offset = (DWORD)from;
    thread = start_thread(read_whole_file, &from);
    BOOL started = TransmitFile(client, file, 0, 4096, &o, NULL, 0);
    CHECK_EQ(overlapped_end(client, &o, started, &bytes), 0);
    CHECK_EQ(bytes, FILE_BYTES - 12345);
    CHECK_EQ(join_thread(thread), 0);
    expect_nothing(reader);
    CHECK(CloseHandle(file));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(reader), 0);
}

TEST(transmitfile__disconnect__ends_the_stream_behind_the_data)
{
    SOCKET client, server;
    char text[8];
    TRANSMIT_FILE_BUFFERS buffers = {"last", 4, NULL, 0};
    start_winsock();
    stream_pair(&client, &server);
    CHECK(TransmitFile(client, NULL, 0, 0, NULL, &buffers, TF_DISCONNECT));
    receive_all(server, text, 4);
    CHECK_EQ(recv(server, text, 1, 0), 0);
    CHECK_FAILS(send(client, "x", 1, 0), WSAESHUTDOWN);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}

TEST(transmitpackets__memory_and_file__in_the_order_of_the_array)
{
    static const GUID id = WSAID_TRANSMITPACKETS;
    SOCKET client, server;
    char text[8];
    DWORD bytes = 0;
    start_winsock();
    stream_pair(&client, &server);
    LPFN_TRANSMITPACKETS packets = (LPFN_TRANSMITPACKETS)(ULONG_PTR)extension(client, &id);
    HANDLE file = temporary_file();
    TRANSMIT_PACKETS_ELEMENT elements[3] = {{0}};
    elements[0].dwElFlags = TP_ELEMENT_MEMORY;
    elements[0].cLength = 3;
    elements[0].pBuffer = "one";
    elements[1].dwElFlags = TP_ELEMENT_FILE;
    elements[1].cLength = 500;
    elements[1].nFileOffset.QuadPart = 7;
    elements[1].hFile = file;
    elements[2].dwElFlags = TP_ELEMENT_MEMORY | TP_ELEMENT_EOP;
    elements[2].cLength = 5;
    elements[2].pBuffer = "three";
    WSAOVERLAPPED o = overlapped_begin();
    BOOL started = packets(client, elements, 3, 0, &o, 0);
    int error = started ? 0 : WSAGetLastError();
    memset(elements, 0xFE, sizeof elements); /* captured */
    receive_all(server, text, 3);
    CHECK_EQ(memcmp(text, "one", 3), 0);
    receive_file(server, 7, 500);
    receive_all(server, text, 5);
    CHECK_EQ(memcmp(text, "three", 5), 0);
    WSASetLastError(error);
    CHECK_EQ(overlapped_end(client, &o, started, &bytes), 0);
    CHECK_EQ(bytes, 508);
    CHECK(!packets(client, (LPTRANSMIT_PACKETS_ELEMENT)16, 1, 0, NULL, 0));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(CloseHandle(file));
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
}
