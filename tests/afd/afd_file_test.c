/* SPDX-License-Identifier: MIT */
/*
 * afd_file_test.c - ReadFile and WriteFile on sockets: IRP_MJ_READ and IRP_MJ_WRITE.
 */
#include <stdlib.h>
#include <string.h>

#include "afd_test.h"

/* An asynchronous file has no position: the caller says one, which AFD does not look at. */
static LARGE_INTEGER anywhere;

static NTSTATUS read_begin(struct io *io, HANDLE handle, void *buffer, ULONG length)
{
    io->event = open_event(1);
    io->iosb.Information = 0x5555;
    return io->status = NtReadFile(handle, io->event, NULL, NULL, &io->iosb, buffer, length, &anywhere, NULL);
}

static NTSTATUS write_begin(struct io *io, HANDLE handle, const void *buffer, ULONG length)
{
    io->event = open_event(1);
    io->iosb.Information = 0x5555;
    return io->status = NtWriteFile(handle, io->event, NULL, NULL, &io->iosb, (void *)buffer, length, &anywhere, NULL);
}

static NTSTATUS read_now(HANDLE handle, void *buffer, ULONG length, ULONG *ret_bytes)
{
    struct io io;
    read_begin(&io, handle, buffer, length);
    NTSTATUS status = io_end(&io);
    *ret_bytes = NT_ERROR(status) ? 0 : (ULONG)io.iosb.Information;
    return status;
}

static NTSTATUS write_now(HANDLE handle, const void *buffer, ULONG length, ULONG *ret_bytes)
{
    struct io io;
    write_begin(&io, handle, buffer, length);
    NTSTATUS status = io_end(&io);
    *ret_bytes = NT_ERROR(status) ? 0 : (ULONG)io.iosb.Information;
    return status;
}

static void check_both_ways(HANDLE client, HANDLE server)
{
    struct io io;
    char got[8] = {0};
    ULONG bytes;
    CHECK_EQ(write_now(client, "hello", 5, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 5);
    CHECK_EQ(read_now(server, got, sizeof got, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 5);
    CHECK_EQ(memcmp(got, "hello", 5), 0);
    CHECK_EQ(read_begin(&io, client, got, sizeof got), STATUS_PENDING);
    CHECK_EQ(write_now(server, "abc", 3, &bytes), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 3);
    CHECK_EQ(memcmp(got, "abc", 3), 0);
}

TEST(connected__read_and_write__as_receive_and_send)
{
    HANDLE client, server;
    struct io io;
    ULONG bytes = 9;
    char byte;
    open_pair(&client, &server);
    check_both_ways(client, server);
    /* non-blocking mode makes no difference */
    CHECK_EQ(set_nonblocking(client, 1), STATUS_SUCCESS);
    check_both_ways(client, server);
    CHECK_EQ(write_now(client, NULL, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
    CHECK_EQ(read_begin(&io, client, &byte, 1), STATUS_PENDING);
    cancel_io(client);
    CHECK_EQ(io_end(&io), STATUS_CANCELLED);
    CHECK_EQ(read_begin(&io, client, &byte, 1), STATUS_PENDING);
    close_handle(server);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 0);
    CHECK_EQ(read_now(client, &byte, 1, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
    close_handle(client);
}

TEST(connected__ends_by_reset_and_shutdown__told)
{
    HANDLE client, server;
    struct io io;
    ULONG bytes;
    char byte;
    open_pair(&client, &server);
    CHECK_EQ(shut_down(client, AFD_PARTIAL_DISCONNECT_SEND), STATUS_SUCCESS);
    CHECK_EQ(write_now(client, "x", 1, &bytes), STATUS_PIPE_DISCONNECTED);
    CHECK_EQ(read_begin(&io, client, &byte, 1), STATUS_PENDING);
    CHECK_EQ(shut_down(server, AFD_ABORTIVE_DISCONNECT), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_CONNECTION_RESET);
    CHECK_EQ(write_now(server, "x", 1, &bytes), STATUS_LOCAL_DISCONNECT);
    close_handle(client);
    close_handle(server);
}

TEST(wrong_endpoints_and_memory__refused)
{
    struct address bound;
    HANDLE listener = open_listener(INET, 5, &bound), stream = open_endpoint(INET, STREAM), helper = open_helper();
    HANDLE client, server;
    ULONG bytes;
    char byte;
    open_pair(&client, &server);
    CHECK_EQ(read_now(stream, &byte, 1, &bytes), STATUS_INVALID_CONNECTION);
    CHECK_EQ(write_now(stream, &byte, 1, &bytes), STATUS_INVALID_CONNECTION);
    CHECK_EQ(read_now(listener, &byte, 1, &bytes), STATUS_INVALID_CONNECTION);
    CHECK_EQ(read_now(helper, &byte, 1, &bytes), STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(write_now(helper, &byte, 1, &bytes), STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(write_now(client, NULL, 1, &bytes), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(write_now(server, "x", 1, &bytes), STATUS_SUCCESS);
    CHECK_EQ(read_now(client, NULL, 1, &bytes), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(read_now(client, &byte, 1, &bytes), STATUS_SUCCESS);
    close_handle(listener);
    close_handle(stream);
    close_handle(helper);
    close_handle(client);
    close_handle(server);
}

TEST(datagrams__connected__whole_or_cut)
{
    HANDLE one = open_endpoint(INET, DGRAM), other = open_endpoint(INET, DGRAM);
    struct address to = bind_loopback(other);
    char got[8] = {0};
    ULONG bytes;
    CHECK_EQ(connect_to(one, &to), STATUS_SUCCESS);
    CHECK_EQ(write_now(one, "hello", 5, &bytes), STATUS_SUCCESS);
    CHECK_EQ(write_now(one, "world", 5, &bytes), STATUS_SUCCESS);
    CHECK_EQ(read_now(other, got, 8, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 5);
    CHECK_EQ(read_now(other, got, 2, &bytes), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(bytes, 2);
    CHECK_EQ(write_now(other, "x", 1, &bytes), STATUS_INVALID_CONNECTION);
    close_handle(one);
    close_handle(other);
}

TEST(write_larger_than_the_hosts_buffers__all_of_it_in_order)
{
    enum { LENGTH = 12000000 };
    char *data = malloc(2 * LENGTH), *got = malloc(2 * LENGTH);
    HANDLE client, server;
    struct io io[2];
    ULONG total = 0, bytes;
    for (ULONG i = 0; i < 2 * LENGTH; i++)
        data[i] = (char)(i * 11 + i / 509);
    open_pair(&client, &server);
    CHECK_EQ(write_begin(&io[0], client, data, LENGTH), STATUS_PENDING);
    CHECK_EQ(write_begin(&io[1], client, data + LENGTH, LENGTH), STATUS_PENDING);
    while (total < 2 * LENGTH) {
        REQUIRE_EQ(read_now(server, got + total, 2 * LENGTH - total, &bytes), STATUS_SUCCESS);
        REQUIRE(bytes != 0);
        total += bytes;
    }
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(io_end(&io[i]), STATUS_SUCCESS);
        CHECK_EQ(io[i].iosb.Information, LENGTH);
    }
    CHECK_EQ(memcmp(data, got, 2 * LENGTH), 0);
    free(data);
    free(got);
    close_handle(client);
    close_handle(server);
}

/* The flags of the device on top decide in what form the data come. */
static void check_transfer_form(ULONG flags)
{
    HANDLE client, server;
    PFILE_OBJECT file;
    start_stack();
    attach_test_filter();
    open_pair(&client, &server);
    file = file_of(client);
    CHECK(IoGetRelatedDeviceObject(file) != file->DeviceObject);
    IoGetRelatedDeviceObject(file)->Flags |= flags;
    ObDereferenceObject(file);
    check_both_ways(client, server);
    check_both_ways(server, client);
    close_handle(client);
    close_handle(server);
}

TEST(filter_with_buffered_io__transfers_work)
{
    check_transfer_form(DO_BUFFERED_IO);
}

TEST_ALONE(filter_with_direct_io__transfers_work)
{
    check_transfer_form(DO_DIRECT_IO);
}

/* [test:wine/ws2_32/afd.c] */
TEST(offset__none_or_negative__refused_unless_the_end_to_write)
{
    static const LONGLONG offsets[] = {-1, -2, -3};
    IO_STATUS_BLOCK iosb;
    HANDLE client, server;
    char byte = 'x';
    open_pair(&client, &server);
    CHECK_EQ(NtReadFile(client, NULL, NULL, NULL, &iosb, &byte, 1, NULL, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(NtWriteFile(client, NULL, NULL, NULL, &iosb, &byte, 1, NULL, NULL), STATUS_INVALID_PARAMETER);
    for (int i = 0; i < 3; i++) {
        LARGE_INTEGER offset = {.QuadPart = offsets[i]};
        CHECK_EQ(NtReadFile(client, NULL, NULL, NULL, &iosb, &byte, 1, &offset, NULL), STATUS_INVALID_PARAMETER);
        struct io io = {.event = open_event(1)};
        io.status = NtWriteFile(client, io.event, NULL, NULL, &io.iosb, &byte, 1, &offset, NULL);
        CHECK_EQ(io_end(&io), i == 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
    }
    close_handle(client);
    close_handle(server);
}
