/* SPDX-License-Identifier: MIT */
/*
 * afd_mutation_test.c - tens of thousands of malformed requests.
 *
 * Goal: no control request, however wrong, crashes AFD, corrupts memory, hangs its caller or leaves anything
 * behind. Method: well-formed requests of every code, on handles in every state, are damaged by a seeded
 * generator: lengths, pointers, handles, numbers; and random codes with random input. The seed is printed
 * when a case fails, and the argument after "--" replays it. Each shape of driver has another seed; under slow tools
 * it gets a quarter of the requests, for there are many shapes. Buffers that AFD may write to lie in an arena
 * of their own. What pends is cancelled and waited for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afd_test.h"

enum { REQUESTS = 60000, HANDLES = 12, ARENA = 1 << 16 };

static ULONGLONG state;
static HANDLE handles[HANDLES];
static UCHAR *arena;
static ULONG succeeded, failed, pended; /* that all three happen often shows that the requests are not mere noise */

static ULONG random_number(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (ULONG)(state >> 16);
}

static ULONG below(ULONG limit)
{
    return random_number() % limit;
}

static HANDLE random_handle(void)
{
    switch (below(6)) {
    case 0:
        return (HANDLE)(ULONG_PTR)below(4096);
    case 1:
        return (HANDLE)((ULONG_PTR)random_number() << 32 | random_number());
    default:
        return handles[below(HANDLES)];
    }
}

/* Pointers that mean memory the program really has lie in the arena; the others are unmapped for certain. */
static PVOID random_pointer(void)
{
    switch (below(8)) {
    case 0:
        return NULL;
    case 1:
        return (PVOID)(ULONG_PTR)below(65536);
    case 2:
        return (PVOID)(ULONG_PTR)(0x8000000000000000ULL | random_number());
    case 3:
        return (PVOID)(ULONG_PTR)-(LONG_PTR)below(4096);
    default:
        return arena + below(ARENA / 2);
    }
}

static ULONG random_length(void)
{
    switch (below(8)) {
    case 0:
        return 0;
    case 1:
        return random_number();
    case 2:
        return 0xFFFFFFFF - below(64);
    default:
        return below(64);
    }
}

struct request {
    ULONG code;
    union {
        UCHAR bytes[512];
        AFD_BIND_INFO bind;
        AFD_CONNECT_JOIN_INFO connect;
        AFD_LISTEN_INFO listen;
        AFD_ACCEPT_INFO accept;
        AFD_DEFER_ACCEPT_INFO defer;
        AFD_RECV_INFO data;
        AFD_RECV_DATAGRAM_INFO receive_from;
        AFD_SEND_DATAGRAM_INFO send_to;
        AFD_POLL_INFO poll;
        AFD_PARTIAL_DISCONNECT_INFO disconnect;
        AFD_INFORMATION information;
        AFD_EVENT_SELECT_INFO select;
        AFD_TL_IO_CONTROL_INFO option;
        AFD_RECV_MESSAGE_INFO receive_message;
        AFD_SEND_MESSAGE_INFO send_message;
        AFD_SUPER_ACCEPT_INFO super_accept;
        AFD_SUPER_DISCONNECT_INFO super_disconnect;
        AFD_TRANSMIT_FILE_INFO file;
        AFD_TRANSMIT_PACKETS_INFO packets;
    } in;
    ULONG in_length;
    ULONG out_length;
};

static void put_address(UCHAR *at)
{
    struct address address = loopback(below(8) == 0 ? below(65536) : INET, (USHORT)(below(2) * random_number()));
    if (below(4) == 0)
        memset(address.bytes, 0, 4);
    memcpy(at, &address, 16);
}

static void put_buffers(AFD_RECV_INFO *info)
{
    AFD_WSABUF *array = (AFD_WSABUF *)(arena + ARENA / 2);
    for (int i = 0; i < 4; i++) {
        array[i].len = below(4) == 0 ? random_length() : below(64);
        array[i].buf = below(4) == 0 ? random_pointer() : (PCHAR)arena + below(ARENA / 4);
        /* Memory after the arena belongs to others: nothing may be asked to be written there. */
        if ((UCHAR *)array[i].buf >= arena && (UCHAR *)array[i].buf < arena + ARENA && array[i].len > 64)
            array[i].len = 64;
    }
    info->BufferArray = below(8) == 0 ? random_pointer() : array;
    if (info->BufferArray != array && (UCHAR *)info->BufferArray >= arena && (UCHAR *)info->BufferArray < arena + ARENA)
        info->BufferArray = array;
    info->BufferCount = below(8) == 0 ? random_length() : below(5);
    if (info->BufferArray == array && info->BufferCount > 4 && info->BufferCount <= 65536)
        info->BufferCount = 4;
    info->AfdFlags = below(4);
    info->TdiFlags = below(4) == 0 ? random_number() : (ULONG)(TDI_RECEIVE_NORMAL | (below(2) ? TDI_RECEIVE_PEEK : 0));
}

/* Bytes to be read: much of what is not the program's, little of what is. */
static void put_memory(PVOID *at, ULONG *length)
{
    *at = random_pointer();
    *length = random_length();
    if ((UCHAR *)*at >= arena && (UCHAR *)*at < arena + ARENA)
        *length %= 64;
}

/* One of them might be a file, and none is. */
static void put_elements(AFD_TRANSMIT_PACKETS_INFO *info)
{
    AFD_TRANSMIT_PACKETS_ELEMENT *array = (AFD_TRANSMIT_PACKETS_ELEMENT *)(arena + ARENA / 2 + 1024);
    for (int i = 0; i < 4; i++) {
        put_memory(&array[i].Buffer, &array[i].Length);
        array[i].Flags = below(8) == 0 ? below(16) : AFD_TP_MEMORY | (below(2) ? AFD_TP_EOP : 0);
        if (array[i].Flags & AFD_TP_FILE)
            array[i].FileHandle = random_handle();
    }
    info->ElementArray = below(8) == 0 ? (PVOID)(ULONG_PTR)below(65536) : array;
    info->ElementCount = below(8) == 0 ? 0xFFFFFFFF - below(64) : below(5);
    info->Flags = below(4) == 0 ? below(64) : 0;
}

static void put_super_accept(struct request *request)
{
    AFD_SUPER_ACCEPT_INFO *info = &request->in.super_accept;
    info->AcceptHandle = random_handle();
    info->ReceiveDataLength = below(4) == 0 ? random_length() : below(64);
    info->LocalAddressLength = below(4) == 0 ? random_length() : below(2) * 32;
    info->RemoteAddressLength = below(4) == 0 ? random_length() : below(4) == 0 ? below(64) : 32;
    request->out_length = 128;
}

static void put_file(AFD_TRANSMIT_FILE_INFO *info)
{
    info->Offset.QuadPart = below(4) == 0 ? -(LONGLONG)below(3) : 0;
    info->FileHandle = below(4) == 0 ? random_handle() : NULL;
    put_memory(&info->Head, &info->HeadLength);
    put_memory(&info->Tail, &info->TailLength);
    info->Flags = below(4) == 0 ? below(64) : 0;
}

static void put_poll(struct request *request)
{
    AFD_POLL_INFO *poll = &request->in.poll;
    ULONG count = below(20);
    poll->Timeout.QuadPart = below(3) == 0 ? 0 : below(2) ? -(LONGLONG)below(1000) : MAXLONGLONG;
    poll->NumberOfHandles = below(10) == 0 ? random_length() : count;
    poll->Unique = (BOOLEAN)below(2);
    for (ULONG i = 0; i < count; i++) {
        AFD_POLL_HANDLE_INFO entry = {below(40) == 0 ? random_handle() : handles[3 + below(6)], random_number(), 0};
        memcpy(request->in.bytes + UFIELD_OFFSET(AFD_POLL_INFO, Handles) + i * sizeof entry, &entry, sizeof entry);
    }
    request->in_length = UFIELD_OFFSET(AFD_POLL_INFO, Handles) + count * (ULONG)sizeof(AFD_POLL_HANDLE_INFO);
    request->out_length = request->in_length;
}

static void put_source(struct request *request)
{
    put_buffers(&request->in.data);
    request->in.receive_from.Address = random_pointer();
    request->in.receive_from.AddressLength = random_pointer();
}

static void put_destination(struct request *request)
{
    put_buffers(&request->in.data);
    request->in.send_to.RemoteAddress = below(4) == 0 ? random_pointer() : arena;
    request->in.send_to.RemoteAddressLength = below(4) == 0 ? random_length() : 16;
    put_address(arena);
}

static void make_data_request(struct request *request)
{
    switch (request->code) {
    case IOCTL_AFD_RECEIVE:
    case IOCTL_AFD_SEND:
        put_buffers(&request->in.data);
        break;
    case IOCTL_AFD_RECEIVE_DATAGRAM:
        put_source(request);
        break;
    case IOCTL_AFD_SEND_DATAGRAM:
        put_destination(request);
        break;
    case IOCTL_AFD_RECEIVE_MESSAGE:
        put_source(request);
        request->in.receive_message.ControlBuffer = random_pointer();
        request->in.receive_message.ControlLength = random_pointer();
        request->in.receive_message.MessageFlags = random_pointer();
        request->in_length = sizeof request->in.receive_message;
        break;
    case IOCTL_AFD_SEND_MESSAGE:
        put_destination(request);
        put_memory(&request->in.send_message.ControlBuffer, &request->in.send_message.ControlLength);
        request->in_length = sizeof request->in.send_message;
        break;
    case IOCTL_AFD_TRANSMIT_FILE:
        put_file(&request->in.file);
        break;
    case IOCTL_AFD_TRANSMIT_PACKETS:
        put_elements(&request->in.packets);
        break;
    default:
        break;
    }
}

/* A request that could be right. */
static void make_request(struct request *request)
{
    static const ULONG codes[] = {
#define X(name, number, method) IOCTL_AFD_##name,
        AFD_REQUESTS(X)
#undef X
    };
    memset(request, 0, sizeof *request);
    request->code = codes[below(sizeof codes / sizeof codes[0])];
    request->in_length = 64;
    request->out_length = 64;
    switch (request->code) {
    case IOCTL_AFD_BIND:
        request->in.bind.ShareAccess = below(5);
        put_address(request->in.bytes + 4);
        request->in_length = 20;
        break;
    case IOCTL_AFD_CONNECT:
        put_address(request->in.bytes + UFIELD_OFFSET(AFD_CONNECT_JOIN_INFO, RemoteAddress));
        request->in_length = 40;
        request->out_length = 0;
        break;
    case IOCTL_AFD_START_LISTEN:
        request->in.listen.MaximumConnectionQueue = random_length();
        break;
    case IOCTL_AFD_ACCEPT:
        request->in.accept.Sequence = (LONG)below(40);
        request->in.accept.AcceptHandle = random_handle();
        break;
    case IOCTL_AFD_DEFER_ACCEPT:
        request->in.defer.Sequence = (LONG)below(40);
        request->in.defer.RejectConnection = (BOOLEAN)below(2);
        break;
    case IOCTL_AFD_SUPER_ACCEPT:
        put_super_accept(request);
        break;
    case IOCTL_AFD_SUPER_CONNECT:
        put_address(request->in.bytes + UFIELD_OFFSET(AFD_SUPER_CONNECT_INFO, RemoteAddress));
        request->in_length = UFIELD_OFFSET(AFD_SUPER_CONNECT_INFO, RemoteAddress) + 16;
        break;
    case IOCTL_AFD_SUPER_DISCONNECT:
        request->in.super_disconnect.Flags = below(2) ? below(2) * AFD_TF_REUSE_SOCKET : below(64);
        break;
    case IOCTL_AFD_POLL:
        put_poll(request);
        break;
    case IOCTL_AFD_PARTIAL_DISCONNECT:
        request->in.disconnect.DisconnectMode = below(16);
        break;
    case IOCTL_AFD_SET_INFORMATION:
    case IOCTL_AFD_GET_INFORMATION:
        request->in.information.InformationType = below(16);
        request->in.information.Information.Ulong = below(2) ? below(3) : random_number();
        break;
    case IOCTL_AFD_EVENT_SELECT:
        request->in.select.Event = random_handle();
        request->in.select.PollEvents = random_number();
        break;
    case IOCTL_AFD_TRANSPORT_IOCTL:
        request->in.option.Type = below(4);
        request->in.option.Level = (LONG)(below(2) ? 0xffff : below(50));
        request->in.option.Name = (LONG)(below(2) ? below(0x1100) : random_number());
        request->in.option.Value = random_pointer();
        request->in.option.ValueLength = below(2) ? 4 : below(300);
        break;
    default:
        make_data_request(request);
        break;
    }
}

/* Damages what make_request made. Pointers are left to it: it knows which memory is whose. */
static void mutate(struct request *request)
{
    switch (below(8)) {
    case 0:
        request->in_length = below(request->in_length + 1);
        break;
    case 1:
        request->out_length = below(request->out_length + 1);
        break;
    case 2:
        request->code = below(2) ? random_number() : _AFD_CONTROL_CODE(below(80), below(4));
        /* With another code the bytes would mean other pointers. */
        memset(request->in.bytes, 0, sizeof request->in.bytes);
        for (int i = 0; i < 64; i += 8)
            request->in.bytes[i + 7] = (UCHAR)below(256); /* high bytes: no such address */
        break;
    case 3:
        if (request->code != IOCTL_AFD_POLL)
            request->in_length = 0;
        break;
    default:
        break;
    }
}

/* Connections are reset, so that thousands of them leave no port of the host waiting. */
static void drop(ULONG index)
{
    AFD_PARTIAL_DISCONNECT_INFO info = {.DisconnectMode = AFD_ABORTIVE_DISCONNECT};
    if (handles[index] == NULL)
        return;
    control(handles[index], IOCTL_AFD_PARTIAL_DISCONNECT, &info, sizeof info, NULL, 0, NULL);
    NtClose(handles[index]);
    handles[index] = NULL;
}

static void reopen(ULONG index)
{
    struct address address = loopback(INET, 0);
    drop(index);
    switch (index) {
    case 0:
        handles[index] = open_event(1);
        break;
    case 1:
    case 2:
        handles[index] = open_helper();
        break;
    case 3:
        handles[index] = open_endpoint(INET, STREAM);
        break;
    case 4:
        handles[index] = open_endpoint(INET, DGRAM);
        break;
    case 5:
        handles[index] = open_endpoint(INET, DGRAM);
        bind_to(handles[index], AFD_NORMALADDRUSE, &address, NULL);
        break;
    case 6: /* listener with a connection waiting, whose other end is 7 */
        drop(7);
        handles[6] = open_listener(INET, 5, &address);
        handles[7] = open_endpoint(INET, STREAM);
        connect_to(handles[7], &address);
        break;
    case 8: /* both ends of a connection: 8 and 9 */
        drop(9);
        open_pair(&handles[8], &handles[9]);
        break;
    case 10:
        handles[index] = open_endpoint(INET6, STREAM);
        break;
    case 11:
        handles[index] = open_endpoint(INET, STREAM);
        set_nonblocking(handles[index], 1);
        break;
    default: /* 7, 9: opened with their partners */
        reopen(index - 1);
        break;
    }
}

static void throw_request(void)
{
    struct request request;
    struct io io;
    HANDLE handle = handles[below(HANDLES)];
    PVOID out = arena + 3 * ARENA / 4;
    const VOID *in;
    make_request(&request);
    if (below(3) != 0)
        mutate(&request);
    if (request.out_length > ARENA / 4)
        request.out_length = ARENA / 4;
    in = below(64) == 0 ? random_pointer() : request.in.bytes;
    if (in != (const VOID *)request.in.bytes)
        memset(arena, 0, ARENA); /* what it is taken for must hold no address either */
    if (below(64) == 0)
        out = below(2) ? NULL : (PVOID)(ULONG_PTR)below(65536);
    if (request.code == IOCTL_AFD_ENUM_NETWORK_EVENTS)
        in = random_handle(), request.in_length = 0;
    io_begin(&io, handle, request.code, in, request.in_length, out, request.out_length);
    if (io.status == STATUS_PENDING) {
        pended++;
        cancel_io(handle);
    }
    if (NT_SUCCESS(io_end(&io)))
        succeeded++;
    else
        failed++;
}

static ULONGLONG choose_seed(const char *shape)
{
    ULONGLONG seed = 20134820;
    if (nts_argument() != NULL)
        return strtoull(nts_argument(), NULL, 0);
    for (; shape != NULL && *shape != '\0'; shape++)
        seed = seed * 31 + (UCHAR)*shape;
    return seed;
}

TEST(any__malformed_requests__no_crash_no_leak)
{
    const char *shape = getenv("AFD_TEST_FILTER");
    ULONG count = shape != NULL && nts_is_slow() ? REQUESTS / 4 : REQUESTS;
    ULONGLONG seed = choose_seed(shape);
    state = seed * 2654435761u + 1;
    arena = calloc(1, ARENA);
    for (ULONG i = 0; i < HANDLES; i++)
        if (handles[i] == NULL)
            reopen(i);
    for (ULONG i = 0; i < count; i++) {
        throw_request();
        if (i % 8 == 0)
            reopen(below(HANDLES));
    }
    for (ULONG i = 0; i < HANDLES; i++)
        drop(i);
    free(arena);
    fprintf(stderr, "    seed %llu: %u succeeded, %u failed, %u pended\n", seed, succeeded, failed, pended);
    CHECK(succeeded > count / 20);
    CHECK(failed > count / 4);
    CHECK(pended > count / 400);
}
