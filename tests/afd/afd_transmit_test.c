/* SPDX-License-Identifier: MIT */
/*
 * afd_transmit_test.c - IOCTL_AFD_TRANSMIT_FILE and IOCTL_AFD_TRANSMIT_PACKETS.
 *
 * The file is one of a driver of this test: its bytes follow from their offset, its size is set by the
 * case, and it can hold a read until the case lets it go, so that what happens meanwhile is certain.
 */
#include "afd_test.h"

#include <stdlib.h>
#include <string.h>

/* --- the driver --- */

#define CHUNK_ANY 0xFFFFFFFF

static LONGLONG file_size;
static ULONG chunk_max = CHUNK_ANY;
static volatile LONG hold_reads; /* this many reads pend */
static PIRP volatile held;
static volatile LONG reads;
static KEVENT held_event;

static UCHAR byte_at(LONGLONG offset)
{
    return (UCHAR)(offset * 7 + (offset >> 8) * 13 + (offset >> 16));
}

static NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static NTSTATUS finish_read(PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    LONGLONG offset = stack->Parameters.Read.ByteOffset.QuadPart;
    ULONG length = stack->Parameters.Read.Length;
    UCHAR *to = irp->AssociatedIrp.SystemBuffer;
    if (offset >= file_size)
        return complete(irp, STATUS_END_OF_FILE, 0);
    if (length > file_size - offset)
        length = (ULONG)(file_size - offset);
    if (length > chunk_max)
        length = chunk_max;
    for (ULONG i = 0; i < length; i++)
        to[i] = byte_at(offset + i);
    return complete(irp, STATUS_SUCCESS, length);
}

static void cancel_held(PDEVICE_OBJECT device, PIRP irp)
{
    IoReleaseCancelSpinLock(irp->CancelIrql);
    __atomic_store_n(&held, NULL, __ATOMIC_SEQ_CST);
    complete(irp, STATUS_CANCELLED, 0);
}

static NTSTATUS test_read(PDEVICE_OBJECT device, PIRP irp)
{
    __atomic_add_fetch(&reads, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&hold_reads, __ATOMIC_SEQ_CST) == 0)
        return finish_read(irp);
    __atomic_sub_fetch(&hold_reads, 1, __ATOMIC_SEQ_CST);
    IoMarkIrpPending(irp);
    IoSetCancelRoutine(irp, cancel_held);
    __atomic_store_n(&held, irp, __ATOMIC_SEQ_CST);
    KeSetEvent(&held_event, 0, FALSE);
    return STATUS_PENDING;
}

/* The transmit may be with a driver above still: its read is waited for. */
static void release_read(void)
{
    LARGE_INTEGER limit = {.QuadPart = -100000000};
    REQUIRE_EQ(KeWaitForSingleObject(&held_event, Executive, KernelMode, FALSE, &limit), STATUS_SUCCESS);
    PIRP irp = __atomic_exchange_n(&held, NULL, __ATOMIC_SEQ_CST);
    REQUIRE(irp != NULL);
    REQUIRE(IoSetCancelRoutine(irp, NULL) != NULL);
    finish_read(irp);
}

static NTSTATUS test_succeed(PDEVICE_OBJECT device, PIRP irp)
{
    return complete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS test_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Device\\TestFile");
    PDEVICE_OBJECT device;
    NTSTATUS status = IoCreateDevice(driver, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    if (!NT_SUCCESS(status))
        return status;
    device->Flags |= DO_BUFFERED_IO;
    driver->MajorFunction[IRP_MJ_CREATE] = test_succeed;
    driver->MajorFunction[IRP_MJ_CLEANUP] = test_succeed;
    driver->MajorFunction[IRP_MJ_CLOSE] = test_succeed;
    driver->MajorFunction[IRP_MJ_READ] = test_read;
    return STATUS_SUCCESS;
}

static HANDLE open_file(LONGLONG size)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Device\\TestFile");
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK iosb;
    HANDLE file;
    static int loaded;
    start_stack();
    if (!loaded) {
        loaded = 1;
        KeInitializeEvent(&held_event, SynchronizationEvent, FALSE);
        REQUIRE_EQ(IoCreateDriver(L"TestFile", test_entry), STATUS_SUCCESS);
    }
    file_size = size;
    chunk_max = CHUNK_ANY;
    hold_reads = 0;
    KeClearEvent(&held_event);
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    REQUIRE_EQ(NtCreateFile(&file, GENERIC_READ | SYNCHRONIZE, &attributes, &iosb, NULL, 0, 7, FILE_OPEN,
        FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0), STATUS_SUCCESS);
    return file;
}

/* --- requests --- */

static AFD_TRANSMIT_FILE_INFO info_of(HANDLE file, LONGLONG offset, LONGLONG length)
{
    AFD_TRANSMIT_FILE_INFO info = {.Offset.QuadPart = offset, .WriteLength.QuadPart = length, .FileHandle = file};
    return info;
}

static NTSTATUS transmit_begin(struct io *io, HANDLE handle, const AFD_TRANSMIT_FILE_INFO *info)
{
    return io_begin_kept(io, handle, IOCTL_AFD_TRANSMIT_FILE, info, sizeof *info, NULL, 0);
}

static NTSTATUS transmit(HANDLE handle, const AFD_TRANSMIT_FILE_INFO *info, ULONG_PTR *information)
{
    return control(handle, IOCTL_AFD_TRANSMIT_FILE, info, sizeof *info, NULL, 0, information);
}

/* Exactly so many bytes come, and they are these. */
static void expect_text(HANDLE handle, const char *text)
{
    char buffer[64];
    ULONG got = 0, bytes;
    ULONG length = (ULONG)strlen(text);
    while (got < length) {
        REQUIRE_EQ(receive(handle, buffer + got, length - got, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
        REQUIRE(bytes != 0);
        got += bytes;
    }
    CHECK(memcmp(buffer, text, length) == 0);
}

static void expect_file(HANDLE handle, LONGLONG offset, LONGLONG length)
{
    static UCHAR buffer[65536];
    LONGLONG done = 0, wrong = 0;
    while (done < length) {
        ULONG bytes, want = length - done < (LONGLONG)sizeof buffer ? (ULONG)(length - done) : sizeof buffer;
        REQUIRE_EQ(receive(handle, buffer, want, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
        REQUIRE(bytes != 0);
        for (ULONG i = 0; i < bytes; i++)
            wrong += buffer[i] != byte_at(offset + done + i);
        done += bytes;
    }
    CHECK_EQ(wrong, 0);
}

static void expect_end(HANDLE handle)
{
    char byte;
    ULONG bytes = 1;
    CHECK_EQ(receive(handle, &byte, 1, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
}

static void close_two(HANDLE a, HANDLE b)
{
    close_handle(a);
    close_handle(b);
}

/* --- cases --- */

TEST(file_with_head_and_tail__transmitted__in_order_and_position_moves)
{
    HANDLE client, server, file = open_file(10000);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, -1, 0);
    LARGE_INTEGER position = {.QuadPart = 100};
    IO_STATUS_BLOCK iosb;
    ULONG_PTR information = 0;
    open_pair(&client, &server);
    CHECK_EQ(NtSetInformationFile(file, &iosb, &position, sizeof position, FilePositionInformation), STATUS_SUCCESS);
    info.Head = "head";
    info.HeadLength = 4;
    info.Tail = "tail!";
    info.TailLength = 5;
    CHECK_EQ(transmit(client, &info, &information), STATUS_SUCCESS);
    CHECK_EQ(information, 4 + 9900 + 5);
    expect_text(server, "head");
    expect_file(server, 100, 9900);
    expect_text(server, "tail!");
    CHECK_EQ(NtQueryInformationFile(file, &iosb, &position, sizeof position, FilePositionInformation),
        STATUS_SUCCESS);
    CHECK_EQ(position.QuadPart, 10000);
    close_two(client, server);
    close_handle(file);
}

TEST(file_with_offset_and_length__transmitted_in_small_reads__that_part)
{
    HANDLE client, server, file = open_file(10000);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 300, 5000);
    ULONG_PTR information = 0;
    open_pair(&client, &server);
    chunk_max = 777;
    CHECK_EQ(transmit(client, &info, &information), STATUS_SUCCESS);
    CHECK_EQ(information, 5000);
    expect_file(server, 300, 5000);
    close_two(client, server);
    close_handle(file);
}

TEST(always__transmitted__pends)
{
    HANDLE client, server, file = open_file(10);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
    struct io io;
    open_pair(&client, &server);
    CHECK_EQ(transmit_begin(&io, client, &info), STATUS_PENDING);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 10);
    expect_file(server, 0, 10);
    close_two(client, server);
    close_handle(file);
}

TEST(large_file__peer_reads_later__pends_and_every_byte_comes)
{
    enum { SIZE = 8 << 20 };
    HANDLE client, server, file = open_file(SIZE);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
    struct io io;
    open_pair(&client, &server);
    info.Tail = "tail";
    info.TailLength = 4;
    CHECK_EQ(transmit_begin(&io, client, &info), STATUS_PENDING);
    CHECK(!io_is_done(&io));
    expect_file(server, 0, SIZE);
    expect_text(server, "tail");
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, SIZE + 4);
    close_two(client, server);
    close_handle(file);
}

TEST(file_makes_wait__sends_made_later__come_behind)
{
    HANDLE client, server, file = open_file(100);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
    struct io first, second, third;
    open_pair(&client, &server);
    info.Head = "H";
    info.HeadLength = 1;
    hold_reads = 1;
    CHECK_EQ(transmit_begin(&first, client, &info), STATUS_PENDING);
    CHECK_EQ(send_begin(&second, client, "after", 5, AFD_OVERLAPPED), STATUS_PENDING);
    info.HeadLength = 0;
    info.Tail = "T";
    info.TailLength = 1;
    CHECK_EQ(transmit_begin(&third, client, &info), STATUS_PENDING);
    settle(client);
    CHECK(!io_is_done(&first) && !io_is_done(&second) && !io_is_done(&third));
    release_read();
    CHECK_EQ(io_end(&first), STATUS_SUCCESS);
    CHECK_EQ(io_end(&second), STATUS_SUCCESS);
    CHECK_EQ(io_end(&third), STATUS_SUCCESS);
    expect_text(server, "H");
    expect_file(server, 0, 100);
    expect_text(server, "after");
    expect_file(server, 0, 100);
    expect_text(server, "T");
    close_two(client, server);
    close_handle(file);
}

TEST(file_makes_wait_in_the_middle__non_blocking_send__would_block_and_then_goes)
{
    HANDLE client, server, file = open_file(70000);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
    struct io io;
    ULONG bytes;
    open_pair(&client, &server);
    CHECK_EQ(set_nonblocking(client, 1), STATUS_SUCCESS);
    chunk_max = 70000;
    hold_reads = 1;
    CHECK_EQ(transmit_begin(&io, client, &info), STATUS_PENDING);
    CHECK_EQ(send_bytes(client, "x", 1, &bytes), STATUS_DEVICE_NOT_READY);
    hold_reads = 1; /* the second piece */
    release_read();
    expect_file(server, 0, 65536);
    CHECK_EQ(send_bytes(client, "x", 1, &bytes), STATUS_DEVICE_NOT_READY);
    release_read();
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(send_bytes(client, "x", 1, &bytes), STATUS_SUCCESS);
    expect_file(server, 65536, 70000 - 65536);
    expect_text(server, "x");
    close_two(client, server);
    close_handle(file);
}

static ULONG blocking_sender(PVOID handle)
{
    AFD_WSABUF buffer = {3, "sss"};
    AFD_SEND_INFO info = {&buffer, 1, 0, 0};
    return (ULONG)control_and_wait(handle, IOCTL_AFD_SEND, &info, sizeof info, NULL, 0, NULL);
}

TEST(file_makes_wait__blocking_send_on_another_thread__waits_its_turn)
{
    HANDLE client, server, thread, file = open_file(100);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
    struct io io;
    open_pair(&client, &server);
    hold_reads = 1;
    CHECK_EQ(transmit_begin(&io, client, &info), STATUS_PENDING);
    thread = start_thread(blocking_sender, client);
    await_parked(thread);
    release_read();
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(join_thread(thread), STATUS_SUCCESS);
    expect_file(server, 0, 100);
    expect_text(server, "sss");
    close_two(client, server);
    close_handle(file);
}

TEST(shutdown__transmit_in_the_middle__end_comes_behind_it)
{
    HANDLE client, server, file = open_file(100);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
    struct io io;
    open_pair(&client, &server);
    hold_reads = 1;
    CHECK_EQ(transmit_begin(&io, client, &info), STATUS_PENDING);
    CHECK_EQ(shut_down(client, AFD_PARTIAL_DISCONNECT_SEND), STATUS_SUCCESS);
    release_read();
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    expect_file(server, 0, 100);
    expect_end(server);
    CHECK_EQ(transmit(client, &info, NULL), STATUS_PIPE_DISCONNECTED);
    close_two(client, server);
    close_handle(file);
}

TEST(cancel__while_the_file_is_read__ends_and_others_may_send)
{
    HANDLE client, server, file = open_file(100);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
    struct io io, other;
    open_pair(&client, &server);
    hold_reads = 1;
    CHECK_EQ(transmit_begin(&io, client, &info), STATUS_PENDING);
    CHECK_EQ(send_begin(&other, client, "other", 5, AFD_OVERLAPPED), STATUS_PENDING);
    IO_STATUS_BLOCK iosb;
    CHECK_EQ(NtCancelIoFileEx(client, &io.iosb, &iosb), STATUS_SUCCESS);
    CHECK_EQ(io_end(&io), STATUS_CANCELLED);
    CHECK_EQ(io_end(&other), STATUS_SUCCESS);
    expect_text(server, "other");
    close_two(client, server);
    close_handle(file);
}

TEST(cancel__while_the_peer_does_not_read__ends)
{
    HANDLE client, server, file = open_file(64 << 20);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
    struct io io;
    open_pair(&client, &server);
    CHECK_EQ(transmit_begin(&io, client, &info), STATUS_PENDING);
    cancel_io(client);
    CHECK_EQ(io_end(&io), STATUS_CANCELLED);
    close_two(client, server);
    close_handle(file);
}

TEST(close__while_the_file_is_read_or_sent__cancelled)
{
    for (int reading = 0; reading < 2; reading++) {
        HANDLE client, server, file = open_file(64 << 20);
        AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
        struct io io;
        open_pair(&client, &server);
        hold_reads = reading;
        CHECK_EQ(transmit_begin(&io, client, &info), STATUS_PENDING);
        close_handle(client);
        CHECK_EQ(io_end(&io), STATUS_CANCELLED);
        close_two(server, file);
    }
}

TEST(reset_by_peer__while_it_is_sent__connection_reset)
{
    HANDLE client, server, file = open_file(64 << 20);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
    struct io io;
    open_pair(&client, &server);
    CHECK_EQ(transmit_begin(&io, client, &info), STATUS_PENDING);
    CHECK_EQ(shut_down(server, AFD_ABORTIVE_DISCONNECT), STATUS_SUCCESS);
    close_handle(server);
    CHECK_EQ(io_end(&io), STATUS_CONNECTION_RESET);
    close_two(client, file);
}

TEST(fewer_bytes_than_asked__transmitted__end_of_file)
{
    HANDLE client, server, file = open_file(100);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 200);
    open_pair(&client, &server);
    CHECK_EQ(transmit(client, &info, NULL), STATUS_END_OF_FILE);
    close_two(client, server);
    close_handle(file);
}

TEST(wrong_requests__documented_statuses)
{
    HANDLE client, server, event = NULL, alone, file = open_file(100);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
    ULONG_PTR information = 77;
    open_pair(&client, &server);
    alone = open_endpoint(INET, STREAM);
    event = open_event(1);
    CHECK_EQ(transmit(alone, &info, NULL), STATUS_INVALID_CONNECTION);
    info.FileHandle = event;
    CHECK_EQ(transmit(client, &info, NULL), STATUS_OBJECT_TYPE_MISMATCH);
    info.FileHandle = (HANDLE)(ULONG_PTR)0x7FFFFFF0;
    CHECK_EQ(transmit(client, &info, NULL), STATUS_INVALID_HANDLE);
    info.FileHandle = file;
    info.Flags = AFD_TF_REUSE_SOCKET;
    CHECK_EQ(transmit(client, &info, NULL), STATUS_INVALID_PARAMETER);
    info.Flags = 0x100;
    CHECK_EQ(transmit(client, &info, NULL), STATUS_INVALID_PARAMETER);
    info.Flags = 0;
    info.Offset.QuadPart = -2;
    CHECK_EQ(transmit(client, &info, NULL), STATUS_INVALID_PARAMETER);
    info.FileHandle = NULL;
    CHECK_EQ(transmit(client, &info, &information), STATUS_SUCCESS);
    CHECK_EQ(information, 0);
    info.Head = (PVOID)8;
    info.HeadLength = 4;
    CHECK_EQ(transmit(client, &info, NULL), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(control(client, IOCTL_AFD_TRANSMIT_FILE, &info, sizeof info - 1, NULL, 0, NULL),
        STATUS_INVALID_PARAMETER);
    close_two(client, server);
    close_two(alone, event);
    close_handle(file);
}

TEST(disconnect__transmitted__peer_sees_the_end)
{
    HANDLE client, server, file = open_file(100);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
    ULONG bytes;
    open_pair(&client, &server);
    info.Flags = AFD_TF_DISCONNECT | AFD_TF_WRITE_BEHIND;
    CHECK_EQ(transmit(client, &info, NULL), STATUS_SUCCESS);
    expect_file(server, 0, 100);
    expect_end(server);
    CHECK_EQ(send_bytes(client, "x", 1, &bytes), STATUS_PIPE_DISCONNECTED);
    close_two(client, server);
    close_handle(file);
}

TEST(disconnect_and_reuse__peer_ends_too__endpoint_connects_again)
{
    struct address address;
    HANDLE listener = open_listener(INET, 5, &address), client = open_connected(&address);
    HANDLE server = accept_one(listener), again, file = open_file(100);
    AFD_TRANSMIT_FILE_INFO info = info_of(file, 0, 0);
    struct io io;
    ULONG bytes;
    info.Flags = AFD_TF_DISCONNECT | AFD_TF_REUSE_SOCKET;
    CHECK_EQ(transmit_begin(&io, client, &info), STATUS_PENDING);
    expect_file(server, 0, 100);
    expect_end(server);
    close_handle(server);
    CHECK_EQ(io_end(&io), STATUS_SUCCESS);
    CHECK_EQ(io.iosb.Information, 100);
    REQUIRE_EQ(connect_to(client, &address), STATUS_SUCCESS);
    again = accept_one(listener);
    CHECK_EQ(send_bytes(client, "again", 5, &bytes), STATUS_SUCCESS);
    expect_text(again, "again");
    close_two(client, again);
    close_two(listener, file);
}

/* --- packets --- */

static NTSTATUS packets(HANDLE handle, AFD_TRANSMIT_PACKETS_ELEMENT *elements, ULONG count, ULONG_PTR *information)
{
    AFD_TRANSMIT_PACKETS_INFO info = {elements, count, 0, 0};
    return control(handle, IOCTL_AFD_TRANSMIT_PACKETS, &info, sizeof info, NULL, 0, information);
}

TEST(packets_on_a_stream__memory_and_files__in_order)
{
    enum { COUNT = 40 };
    HANDLE client, server, file = open_file(1000);
    AFD_TRANSMIT_PACKETS_ELEMENT elements[COUNT];
    ULONG_PTR information = 0;
    open_pair(&client, &server);
    memset(elements, 0, sizeof elements);
    for (ULONG i = 0; i < COUNT; i += 2) {
        elements[i].Flags = AFD_TP_MEMORY;
        elements[i].Length = 3;
        elements[i].Buffer = "mem";
        elements[i + 1].Flags = AFD_TP_FILE | AFD_TP_EOP;
        elements[i + 1].FileHandle = file;
        elements[i + 1].FileOffset.QuadPart = i;
        elements[i + 1].Length = 500;
    }
    CHECK_EQ(packets(client, elements, COUNT, &information), STATUS_SUCCESS);
    CHECK_EQ(information, COUNT / 2 * 503);
    for (ULONG i = 0; i < COUNT; i += 2) {
        expect_text(server, "mem");
        expect_file(server, i, 500);
    }
    elements[1].Flags = AFD_TP_FILE | AFD_TP_MEMORY;
    CHECK_EQ(packets(client, elements, COUNT, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(packets(client, (PVOID)0x10000, 1, NULL), STATUS_ACCESS_VIOLATION);
    close_two(client, server);
    close_handle(file);
}

TEST(packets_on_datagrams__marks__one_datagram_each)
{
    HANDLE sender, receiver, file = open_file(1000);
    AFD_TRANSMIT_PACKETS_ELEMENT elements[3];
    struct address address;
    char buffer[256];
    sender = open_endpoint(INET, DGRAM);
    receiver = open_endpoint(INET, DGRAM);
    address = bind_loopback(receiver);
    REQUIRE_EQ(connect_to(sender, &address), STATUS_SUCCESS);
    memset(elements, 0, sizeof elements);
    elements[0].Flags = AFD_TP_MEMORY;
    elements[0].Length = 4;
    elements[0].Buffer = "head";
    elements[1].Flags = AFD_TP_FILE | AFD_TP_EOP;
    elements[1].FileHandle = file;
    elements[1].Length = 100;
    elements[2].Flags = AFD_TP_MEMORY;
    elements[2].Length = 6;
    elements[2].Buffer = "second";
    CHECK_EQ(packets(sender, elements, 3, NULL), STATUS_SUCCESS);
    AFD_WSABUF into = {sizeof buffer, buffer};
    AFD_RECV_DATAGRAM_INFO info = {.BufferArray = &into, .BufferCount = 1, .TdiFlags = TDI_RECEIVE_NORMAL};
    ULONG_PTR information = 0;
    CHECK_EQ(control(receiver, IOCTL_AFD_RECEIVE_DATAGRAM, &info, sizeof info, NULL, 0, &information), STATUS_SUCCESS);
    CHECK(information == 104 && memcmp(buffer, "head", 4) == 0 && (UCHAR)buffer[103] == byte_at(99));
    CHECK_EQ(control(receiver, IOCTL_AFD_RECEIVE_DATAGRAM, &info, sizeof info, NULL, 0, &information), STATUS_SUCCESS);
    CHECK(information == 6 && memcmp(buffer, "second", 6) == 0);
    close_two(sender, receiver);
    close_handle(file);
}

/*
 * Goal: a request's bytes stay together whatever is sent beside it. Each thread transmits blocks of head,
 * file and tail, each with its own letter as head and tail; the receiver takes the stream apart.
 */
#define BLOCK_FILE 70000
#define BLOCKS 12
static HANDLE torn_client, torn_file;

static ULONG transmitter(PVOID letter)
{
    char head[4];
    memset(head, (int)(ULONG_PTR)letter, sizeof head);
    for (int i = 0; i < BLOCKS; i++) {
        AFD_TRANSMIT_FILE_INFO info = info_of(torn_file, 0, BLOCK_FILE);
        info.Head = info.Tail = head;
        info.HeadLength = info.TailLength = sizeof head;
        NTSTATUS status = transmit(torn_client, &info, NULL);
        if (status != STATUS_SUCCESS)
            return (ULONG)status;
    }
    return 0;
}

TEST(several_threads__transmit_on_one_endpoint__nothing_is_torn)
{
    HANDLE server, threads[3];
    torn_file = open_file(BLOCK_FILE);
    open_pair(&torn_client, &server);
    chunk_max = 20000;
    for (ULONG_PTR i = 0; i < RTL_NUMBER_OF(threads); i++)
        threads[i] = start_thread(transmitter, (PVOID)('a' + i));
    for (ULONG i = 0; i < RTL_NUMBER_OF(threads) * BLOCKS; i++) {
        char head[5] = {0};
        ULONG got = 0, bytes;
        while (got < 4) {
            REQUIRE_EQ(receive(server, head + got, 4 - got, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
            got += bytes;
        }
        CHECK(head[0] >= 'a' && head[0] <= 'c' && head[1] == head[0] && head[3] == head[0]);
        expect_file(server, 0, BLOCK_FILE);
        expect_text(server, head);
    }
    for (ULONG i = 0; i < RTL_NUMBER_OF(threads); i++)
        CHECK_EQ(join_thread(threads[i]), 0);
    close_two(torn_client, server);
    close_handle(torn_file);
}
