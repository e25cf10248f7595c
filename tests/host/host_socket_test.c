/* SPDX-License-Identifier: MIT */
/* host_socket_test.c - addresses, options, waits and the poller. */
#include "host_socket.h"

#include "host_ntstatus.h"
#include "host_option.h"
#include "host_poller.h"
#include "host_private.h"
#include "host_thread.h"
#include "ntstest.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

enum { W_INET = 2, W_INET6 = 23, W_STREAM = 1, W_DGRAM = 2 };

/* --- addresses --- */

TEST(address__ipv6__family_number_is_converted_both_ways)
{
    struct sockaddr_storage native;
    socklen_t length;
    unsigned char windows[28] = {23, 0, 0x12, 0x34}, back[28];
    uint32_t back_length = sizeof back;
    windows[23] = 1;
    windows[24] = 7;
    CHECK_EQ(host_address_from_windows(&native, &length, windows, 28), H_STATUS_SUCCESS);
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&native;
    CHECK_EQ(six->sin6_family, AF_INET6);
    CHECK_EQ(ntohs(six->sin6_port), 0x1234);
    CHECK_EQ(six->sin6_scope_id, 7);
    CHECK_EQ(length, sizeof *six);
    host_address_to_windows(back, &back_length, &native, length);
    CHECK_EQ(back_length, 28);
    CHECK(memcmp(back, windows, 28) == 0);
}

TEST(address__lengths__short_ones_fail_and_long_ones_are_cut)
{
    struct sockaddr_storage native;
    socklen_t length;
    unsigned char windows[128] = {2, 0};
    uint32_t small = 4;
    unsigned char out[4] = {9, 9, 9, 9};
    CHECK_EQ(host_address_from_windows(&native, &length, windows, 1), H_STATUS_INVALID_PARAMETER);
    CHECK_EQ(host_address_from_windows(&native, &length, windows, 15), H_STATUS_INVALID_PARAMETER);
    CHECK_EQ(host_address_from_windows(&native, &length, windows, 128), H_STATUS_SUCCESS);
    CHECK_EQ(length, 16);
    windows[0] = 23;
    CHECK_EQ(host_address_from_windows(&native, &length, windows, 27), H_STATUS_INVALID_PARAMETER);
    windows[0] = 10; /* Linux' own number means nothing here */
    CHECK_EQ(host_address_from_windows(&native, &length, windows, 28), H_STATUS_INVALID_ADDRESS);
    windows[0] = 2;
    CHECK_EQ(host_address_from_windows(&native, &length, windows, 16), H_STATUS_SUCCESS);
    host_address_to_windows(out, &small, &native, length);
    CHECK_EQ(small, 16);
    CHECK_EQ(out[0], 2);
}

/* --- options --- */

TEST(options__table__has_no_option_twice)
{
    for (size_t i = 0; i < host_option_row_count; i++) {
        const struct host_option_row *row = &host_option_rows[i];
        CHECK(host_option_find(row->level, row->name) == row);
    }
    CHECK(host_option_find(0xffff, 0x3333) == NULL);
}

/* Every option that can be read and written keeps its value. */
TEST(options__each_that_reads_and_writes__keeps_its_value)
{
    int tcp, udp;
    REQUIRE_EQ(host_socket(W_INET, W_STREAM, 0, &tcp), 0);
    REQUIRE_EQ(host_socket(W_INET, W_DGRAM, 0, &udp), 0);
    for (size_t i = 0; i < host_option_row_count; i++) {
        const struct host_option_row *row = &host_option_rows[i];
        unsigned kind = row->kind & KIND_MASK;
        if ((row->kind & (READ_ONLY | WRITE_ONLY)) != 0 || row->level == IPPROTO_IPV6)
            continue;
        if (kind == KIND_BYTES || kind == KIND_INTERFACE_4 || kind == KIND_LINGER || row->native_name == IP_HDRINCL)
            continue;
        int fd = row->level == IPPROTO_UDP || (row->kind & DATAGRAM_ONLY) != 0 ? udp : tcp;
        uint32_t set = kind == KIND_BUFFER_SIZE ? 30000 : kind == KIND_BYTE ? 8 : 1, got = 77, length = sizeof got;
        host_status status = host_set_option(fd, row->level, row->name, &set, sizeof set);
        if (status == H_STATUS_INVALID_PARAMETER || status == H_STATUS_NO_SUCH_DEVICE
            || status == H_STATUS_INVALID_ADDRESS_COMPONENT)
            continue; /* such as an interface of that number, which may not be there */
        CHECK_EQ(status, H_STATUS_SUCCESS);
        CHECK_EQ(host_get_option(fd, row->level, row->name, &got, &length), H_STATUS_SUCCESS);
        if (got != set)
            nts_fail(__FILE__, __LINE__, "level %d option %d: set %u, got %u", row->level, row->name, set, got);
    }
    host_close(tcp);
    host_close(udp);
}

TEST(options__linger_keeps_alive_and_maxrt__in_windows_form)
{
    int fd;
    uint16_t linger[2] = {1, 30}, got[2] = {0, 0};
    uint32_t length = sizeof got, number = 0xffffffff, out = 0;
    unsigned char byte = 9;
    REQUIRE_EQ(host_socket(W_INET, W_STREAM, 0, &fd), 0);
    CHECK_EQ(host_set_option(fd, 0xffff, 0x80, linger, 4), 0);
    CHECK_EQ(host_set_option(fd, 0xffff, 0x80, linger, 3), H_STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(host_get_option(fd, 0xffff, 0x80, got, &length), 0);
    CHECK_EQ(got[0], 1);
    CHECK_EQ(got[1], 30);
    length = 1;
    CHECK_EQ(host_get_option(fd, 0xffff, ~0x80, &byte, &length), 0);
    CHECK_EQ(byte, 0);
    CHECK_EQ(length, 1);
    CHECK_EQ(host_set_option(fd, IPPROTO_TCP, 5, &number, 4), 0); /* TCP_MAXRT, for ever */
    length = 4;
    CHECK_EQ(host_get_option(fd, IPPROTO_TCP, 5, &out, &length), 0);
    CHECK_EQ(out, 0xffffffff);
    number = 12;
    CHECK_EQ(host_set_option(fd, IPPROTO_TCP, 5, &number, 4), 0);
    CHECK_EQ(host_int_option(fd, IPPROTO_TCP, 18), 12000); /* TCP_USER_TIMEOUT in milliseconds */
    length = 4;
    CHECK_EQ(host_get_option(fd, 0xffff, 0x1007, &out, &length), 0);
    CHECK_EQ(out, 0);
    CHECK_EQ(host_set_option(fd, 0xffff, 0x1007, &out, 4), H_STATUS_NOT_SUPPORTED);
    number = 7;
    CHECK_EQ(host_set_option(fd, IPPROTO_IP, 71, &number, 4), H_STATUS_INVALID_PARAMETER);
    host_close(fd);
}

TEST(options__every_length_and_name__never_crash)
{
    int fd;
    unsigned char value[256];
    memset(value, 0xff, sizeof value);
    REQUIRE_EQ(host_socket(W_INET, W_DGRAM, 0, &fd), 0);
    for (size_t i = 0; i < host_option_row_count; i++) {
        for (uint32_t length = 0; length <= sizeof value; length += length < 40 ? 1 : 27) {
            uint32_t room = length;
            (void)!host_get_option(fd, host_option_rows[i].level, host_option_rows[i].name, value, &room);
            (void)!host_set_option(fd, host_option_rows[i].level, host_option_rows[i].name, value, length);
        }
    }
    host_close(fd);
}

/* --- sockets --- */

static void pair(int *a, int *b)
{
    unsigned char address[28] = {2, 0, 0, 0, 127, 0, 0, 1};
    uint32_t length = sizeof address;
    int listener;
    REQUIRE_EQ(host_socket(W_INET, W_STREAM, 0, &listener), 0);
    REQUIRE_EQ(host_bind(listener, address, 16, HOST_SHARING_DEFAULT), 0);
    REQUIRE_EQ(host_listen(listener, 5), 0);
    REQUIRE_EQ(host_get_local_address(listener, address, &length), 0);
    CHECK_EQ(host_accept(listener, b, NULL, NULL), H_STATUS_DEVICE_NOT_READY);
    REQUIRE_EQ(host_socket(W_INET, W_STREAM, 0, a), 0);
    host_status status = host_connect(*a, address, length);
    CHECK(status == H_STATUS_PENDING || status == H_STATUS_SUCCESS);
    struct host_poll_item item = {listener, HOST_POLL_IN, 0};
    CHECK_EQ(host_wait(&item, 1, -1, -1), 1);
    CHECK_EQ(item.revents, HOST_POLL_IN);
    REQUIRE_EQ(host_accept(listener, b, address, &length), 0);
    item = (struct host_poll_item){*a, HOST_POLL_OUT, 0};
    CHECK_EQ(host_wait(&item, 1, -1, -1), 1);
    CHECK_EQ(host_connect_result(*a), 0);
    host_close(listener);
}

/* [test:wine/ws2_32/sock.c test_broadcast] 127.255.255.255 is the loopback network's, always there. */
TEST(connect__broadcast_address_without_the_option__reaches_the_peer_alone)
{
    const unsigned char address[16] = {W_INET, 0, 0x30, 0x39, 127, 255, 255, 255};
    const struct host_buffer data = {4, (void *)(uintptr_t) "test"};
    uint32_t on = 7, length = sizeof on;
    size_t sent = 0;
    int fd, kept;
    REQUIRE_EQ(host_socket(W_INET, W_DGRAM, 0, &fd), H_STATUS_SUCCESS);
    CHECK_EQ(host_send_to(fd, &data, 1, 0, address, sizeof address, &sent, &kept), H_STATUS_ACCESS_DENIED);
    CHECK_EQ(host_connect(fd, address, sizeof address), H_STATUS_SUCCESS);
    CHECK_EQ(host_get_option(fd, 0xffff, 0x20, &on, &length), H_STATUS_SUCCESS); /* SO_BROADCAST */
    CHECK_EQ(on, 0);
    CHECK_EQ(host_send_to(fd, &data, 1, 0, address, sizeof address, &sent, &kept), H_STATUS_ACCESS_DENIED);
    CHECK_EQ(host_send(fd, &data, 1, 0, &sent), H_STATUS_SUCCESS);
    CHECK_EQ(sent, 4);
    host_close(fd);
}

/* [test:wine/ws2_32/sock.c test_icmp] */
TEST(raw_icmp__echo_to_this_machine__brings_the_reply_and_not_the_request)
{
    const unsigned char address[16] = {W_INET, 0, 0, 0, 127, 0, 0, 1};
    unsigned char request[8] = {8, 0, 0x34, 0x11, 0xaf, 0xbe, 0x14, 0x2f}, reply[64];
    const struct host_buffer data = {sizeof request, (char *)request},
                             room = {sizeof reply, (char *)reply};
    size_t bytes = 0;
    int fd, kept;
    uint32_t sum = 0;
    if (host_socket(W_INET, 3, IPPROTO_ICMP, &fd) != H_STATUS_SUCCESS)
        SKIP("needs the right to raw sockets");
    request[2] = request[3] = 0;
    for (size_t i = 0; i < sizeof request; i += 2)
        sum += (uint32_t)request[i] << 8 | request[i + 1];
    sum = ~((sum & 0xffff) + (sum >> 16));
    request[2] = (unsigned char)(sum >> 8);
    request[3] = (unsigned char)sum;
    REQUIRE_EQ(host_send_to(fd, &data, 1, 0, address, sizeof address, &bytes, &kept), H_STATUS_SUCCESS);
    struct host_poll_item item = {fd, HOST_POLL_IN, 0};
    if (host_wait(&item, 1, 20000000, 0) == 0)
        SKIP("this machine does not answer echo requests");
    REQUIRE_EQ(host_receive(fd, &room, 1, 0, &bytes), H_STATUS_SUCCESS);
    CHECK_EQ(bytes, 28);
    CHECK_EQ(reply[20], 0); /* echo reply */
    host_close(fd);
}

TEST(raw__of_no_protocol__opens)
{
    int fd;
    uint32_t on = 7, length = sizeof on;
    if (host_socket(W_INET, 3, 0, &fd) != H_STATUS_SUCCESS)
        SKIP("needs the right to raw sockets");
    CHECK_EQ(host_get_option(fd, 0, 2, &on, &length), H_STATUS_SUCCESS); /* IP_HDRINCL */
    CHECK_EQ(on, 0);
    host_close(fd);
}

TEST(calls__faults__come_back_as_status)
{
    int fd, a, b;
    size_t bytes;
    char byte = 'x';
    struct host_buffer buffer = {1, &byte};
    host_fault_set(HOST_CALL_SOCKET, 1, EMFILE);
    CHECK_EQ(host_socket(W_INET, W_STREAM, 0, &fd), H_STATUS_TOO_MANY_OPENED_FILES);
    pair(&a, &b);
    host_fault_set(HOST_CALL_SEND, 2, ENOBUFS);
    CHECK_EQ(host_send(a, &buffer, 1, 0, &bytes), H_STATUS_SUCCESS);
    CHECK_EQ(host_send(a, &buffer, 1, 0, &bytes), H_STATUS_INSUFFICIENT_RESOURCES);
    CHECK_EQ(host_send(a, &buffer, 1, 0, &bytes), H_STATUS_SUCCESS);
    host_fault_set(HOST_CALL_RECEIVE, 1, ECONNRESET);
    CHECK_EQ(host_receive(b, &buffer, 1, 0, &bytes), H_STATUS_CONNECTION_RESET);
    CHECK_EQ(host_receive(b, &buffer, 1, 0, &bytes), H_STATUS_SUCCESS);
    host_close(a);
    host_close(b);
}

static void tcp_pair(int *a, int *b)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 1) == 0);
    REQUIRE_EQ(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    *a = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE_EQ(connect(*a, (struct sockaddr *)&address, sizeof address), 0);
    *b = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    REQUIRE(*b >= 0);
    host_close(listener);
}

TEST(receive_counting__tells_what_is_left_and_an_end_behind_it)
{
    int a, b;
    char bytes[4];
    struct host_buffer two[] = {{1, bytes}, {3, bytes + 1}};
    size_t got;
    uint32_t rest;
    tcp_pair(&a, &b);
    REQUIRE_EQ(send(a, "123456", 6, 0), 6);
    REQUIRE_EQ(host_receive_counting(b, two, 1, &got, &rest), 0);
    CHECK_EQ(got, 1);
    CHECK_EQ(rest, HOST_REST_UNKNOWN);
    REQUIRE_EQ(host_count_rest(b), 0);
    REQUIRE_EQ(host_receive_counting(b, two, 2, &got, &rest), 0);
    CHECK_EQ(got, 4);
    CHECK_EQ(rest, 1);
    CHECK(memcmp(bytes, "2345", 4) == 0);
    REQUIRE_EQ(host_receive_counting(b, two, 1, &got, &rest), 0);
    CHECK_EQ(rest, 0);
    REQUIRE_EQ(send(a, "7", 1, 0), 1);
    REQUIRE_EQ(shutdown(a, SHUT_WR), 0);
    REQUIRE_EQ(host_receive_counting(b, two, 1, &got, &rest), 0);
    CHECK_EQ(got, 1);
    CHECK(rest != 0);
    host_close(a);
    host_close(b);
}

TEST(connect_result__under_way__is_pending)
{
    int fd;
    REQUIRE_EQ(host_socket(W_INET, W_STREAM, 0, &fd), 0);
    /* A fresh socket polls as hung up; asked for its result it is not connected either way. */
    CHECK(host_connect_result(fd) != H_STATUS_SUCCESS);
    host_close(fd);
}

/* --- waiting --- */

TEST(wait__time_wake_and_holes)
{
    int wake;
    struct host_poll_item items[200];
    int a, b;
    pair(&a, &b);
    REQUIRE_EQ(host_wake_create(&wake), 0);
    for (int i = 0; i < 200; i++)
        items[i] = (struct host_poll_item){-1, HOST_POLL_IN, 99};
    CHECK_EQ(host_wait(items, 200, wake, 0), 0);
    CHECK_EQ(items[7].revents, 0);
    CHECK_EQ(host_wait(items, 3, -1, 500), 0);
    host_wake_signal(wake);
    CHECK_EQ(host_wait(items, 200, wake, -1), 0);
    CHECK_EQ(host_wait(items, 2, wake, 0), 0); /* drained */
    items[150] = (struct host_poll_item){a, HOST_POLL_OUT, 0};
    items[3] = (struct host_poll_item){b, HOST_POLL_OUT, 0};
    CHECK_EQ(host_wait(items, 200, wake, -1), 2);
    CHECK_EQ(items[150].revents, HOST_POLL_OUT);
    host_fault_set(HOST_CALL_ALLOCATE, 1, ENOMEM);
    CHECK_EQ(host_wait(items, 200, wake, -1), 2);
    host_fault_set(HOST_CALL_ALLOCATE, 0, 0);
    host_close(wake);
    host_close(a);
    host_close(b);
}

/* --- the poller --- */

struct watched {
    struct host_source source;
    int calls;
    uint32_t events;
    int remove_self;
    int freed;
};

static void count_call(struct host_source *source, uint32_t events)
{
    struct watched *watched = (struct watched *)source;
    __atomic_add_fetch(&watched->calls, 1, __ATOMIC_SEQ_CST);
    watched->events |= events;
    if (watched->remove_self)
        host_source_remove(source);
}

static void mark_freed(struct host_source *source)
{
    ((struct watched *)source)->freed++;
}

TEST(poller__edges__come_once_each)
{
    struct host_poller *poller;
    int a, b;
    size_t bytes;
    char byte = 'x';
    struct host_buffer buffer = {1, &byte};
    pair(&a, &b);
    REQUIRE_EQ(host_poller_create(&poller), 0);
    struct watched watched = {.source = {.fd = b, .handler = count_call}};
    REQUIRE_EQ(host_source_add(poller, &watched.source), 0);
    CHECK_EQ(host_poller_run(poller, -1), 1); /* what is ready at registration */
    CHECK_EQ(watched.events, HOST_POLL_OUT);
    CHECK_EQ(host_poller_run(poller, 0), 0);
    CHECK_EQ(host_send(a, &buffer, 1, 0, &bytes), 0);
    CHECK_EQ(host_poller_run(poller, -1), 1);
    CHECK((watched.events & HOST_POLL_IN) != 0);
    CHECK_EQ(host_poller_run(poller, 1000), 0);
    host_close(a);
    CHECK_EQ(host_poller_run(poller, -1), 1);
    CHECK((watched.events & HOST_POLL_RDHUP) != 0);
    host_source_remove(&watched.source);
    CHECK(watched.source.poller == NULL);
    host_source_remove(&watched.source);
    host_poller_retire(poller, &watched.source, mark_freed);
    CHECK_EQ(watched.freed, 1);
    host_close(b);
    host_poller_destroy(poller);
}

static struct watched *victim;

static void remove_victim(struct host_source *source, uint32_t events)
{
    struct watched *watched = (struct watched *)source;
    (void)events;
    watched->calls++;
    if (victim != NULL) {
        host_source_remove(&victim->source);
        host_poller_retire(source->poller, &victim->source, mark_freed);
        victim = NULL;
    }
}

/* Two are ready in one batch; the handler of the first takes the second away. */
TEST(poller__source_removed_within_the_batch__is_not_called)
{
    struct host_poller *poller;
    int a, b;
    pair(&a, &b);
    REQUIRE_EQ(host_poller_create(&poller), 0);
    struct watched first = {.source = {.fd = a, .handler = remove_victim}};
    struct watched second = {.source = {.fd = b, .handler = count_call}};
    victim = &second;
    REQUIRE_EQ(host_source_add(poller, &first.source), 0);
    REQUIRE_EQ(host_source_add(poller, &second.source), 0);
    CHECK_EQ(host_poller_run(poller, -1), 1);
    CHECK_EQ(first.calls, 1);
    CHECK_EQ(second.calls, 0);
    CHECK_EQ(second.freed, 1);
    /* The slot is used again, and an old event would find another generation. */
    REQUIRE_EQ(host_source_add(poller, &second.source), 0);
    CHECK_EQ(host_poller_run(poller, -1), 1);
    CHECK_EQ(second.calls, 1);
    host_source_remove(&first.source);
    host_source_remove(&second.source);
    host_close(a);
    host_close(b);
    host_poller_destroy(poller);
}

static void retire_self(struct host_source *source, uint32_t events)
{
    struct watched *watched = (struct watched *)source;
    struct host_poller *poller = source->poller;
    (void)events;
    watched->calls++;
    host_source_remove(source);
    host_source_drain(poller, source); /* its own call is no reason to wait */
    host_poller_retire(poller, source, mark_freed);
    CHECK_EQ(watched->freed, 0);
}

TEST(poller__source_retires_itself__freed_after_its_handler)
{
    struct host_poller *poller;
    int a, b;
    pair(&a, &b);
    REQUIRE_EQ(host_poller_create(&poller), 0);
    struct watched watched = {.source = {.fd = a, .handler = retire_self}};
    REQUIRE_EQ(host_source_add(poller, &watched.source), 0);
    CHECK_EQ(host_poller_run(poller, -1), 1);
    CHECK_EQ(watched.calls, 1);
    CHECK_EQ(watched.freed, 1);
    host_close(a);
    host_close(b);
    host_poller_destroy(poller);
}

static void run_thread(void *context)
{
    while (host_poller_run(context, -1) != 0) {
    }
}

TEST(poller__wake__ends_the_wait_each_time)
{
    struct host_poller *poller;
    REQUIRE_EQ(host_poller_create(&poller), 0);
    for (int i = 0; i < 200; i++) {
        struct host_thread *thread;
        REQUIRE_EQ(host_thread_create(&thread, run_thread, poller, 0), 0);
        host_poller_wake(poller);
        host_thread_join(thread);
    }
    host_poller_wake(poller);
    host_poller_wake(poller);
    CHECK_EQ(host_poller_run(poller, -1), 0);
    host_poller_destroy(poller);
}

TEST(poller__many_sources__grows)
{
    enum { COUNT = 300 };
    static struct watched watched[COUNT];
    struct host_poller *poller;
    int total = 0;
    REQUIRE_EQ(host_poller_create(&poller), 0);
    for (int i = 0; i < COUNT; i++) {
        watched[i].source.handler = count_call;
        watched[i].remove_self = 1;
        REQUIRE_EQ(host_socket(W_INET, W_DGRAM, 0, &watched[i].source.fd), 0);
        REQUIRE_EQ(host_source_add(poller, &watched[i].source), 0);
    }
    while (total < COUNT)
        total += host_poller_run(poller, -1);
    CHECK_EQ(host_poller_run(poller, 0), 0);
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQ(watched[i].calls, 1);
        host_close(watched[i].source.fd);
    }
    host_fault_set(HOST_CALL_POLL, 1, EMFILE);
    struct host_poller *none;
    CHECK_EQ(host_poller_create(&none), H_STATUS_TOO_MANY_OPENED_FILES);
    host_fault_set(HOST_CALL_POLL, 0, 0);
    host_poller_destroy(poller);
}

/* --- binding beside each other --- */

static int open_bound(uint32_t address, uint16_t port, enum host_sharing sharing, host_status expected)
{
    struct sockaddr_in in = {.sin_port = port, .sin_addr.s_addr = htonl(address)};
    int fd;
    in.sin_family = W_INET;
    CHECK_EQ(host_socket(W_INET, W_STREAM, 0, &fd), H_STATUS_SUCCESS);
    CHECK_EQ(host_bind(fd, &in, sizeof in, sharing), expected);
    return fd;
}

/* Linux' options are lent for a moment only: whoever sets them himself stays out. */
TEST(bind__beside_a_listener__strangers_are_kept_out)
{
    uint32_t own = nts_own_loopback();
    uint16_t port = htons((uint16_t)nts_own_port());
    const int on = 1;
    int wide = open_bound(INADDR_ANY, port, HOST_SHARING_DEFAULT, H_STATUS_SUCCESS);
    CHECK_EQ(host_listen(wide, 5), H_STATUS_SUCCESS);
    int narrow = open_bound(own, port, HOST_SHARING_DEFAULT, H_STATUS_SUCCESS);
    CHECK_EQ(host_listen(narrow, 5), H_STATUS_SUCCESS);
    CHECK_EQ(host_int_option(wide, SOL_SOCKET, SO_REUSEPORT), 0);
    CHECK_EQ(host_int_option(narrow, SOL_SOCKET, SO_REUSEPORT), 0);
    for (int i = 0; i < 2; i++) {
        struct sockaddr_in in = {AF_INET, port, {i == 0 ? INADDR_ANY : htonl(own)}, {0}};
        int stranger = socket(AF_INET, SOCK_STREAM, 0);
        CHECK_EQ(setsockopt(stranger, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
        CHECK_EQ(setsockopt(stranger, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), 0);
        CHECK_EQ(bind(stranger, (struct sockaddr *)&in, sizeof in), -1);
        CHECK_EQ(errno, EADDRINUSE);
        close(stranger);
    }
    host_close(wide);
    host_close(narrow);
}

/* What is known of a descriptor ends with its socket, whatever gets the number next. */
TEST(bind__beside_a_closed_socket__it_is_forgotten)
{
    uint32_t own = nts_own_loopback();
    uint16_t port = htons((uint16_t)nts_own_port());
    int exclusive = open_bound(INADDR_ANY, port, HOST_SHARING_EXCLUSIVE, H_STATUS_SUCCESS), other;
    int refused = open_bound(own, port, HOST_SHARING_DEFAULT, H_STATUS_ACCESS_DENIED);
    host_close(refused);
    CHECK_EQ(host_socket(W_INET, W_STREAM, 0, &other), H_STATUS_SUCCESS);
    CHECK_EQ(host_replace(exclusive, other), H_STATUS_SUCCESS);
    int wide = open_bound(INADDR_ANY, port, HOST_SHARING_DEFAULT, H_STATUS_SUCCESS);
    int narrow = open_bound(own, port, HOST_SHARING_DEFAULT, H_STATUS_SUCCESS);
    host_close(exclusive);
    host_close(wide);
    host_close(narrow);
}
