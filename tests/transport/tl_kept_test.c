/* SPDX-License-Identifier: MIT */
/*
 * tl_kept_test.c - sends that are taken whole although the host has room for a part. [kb:Q214397]
 *
 * What is checked: order, levels, the close and the reset of an endpoint that still keeps bytes, accounting,
 * and the end of the process.
 */
#include "tl_test.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIG (24 << 20)
#define KEPT_TAG 'pKlT'
#define ENDPOINT_TAG 'EpoE'

static char pattern(SIZE_T at)
{
    return (char)(at * 31 >> 3);
}

static char *make_big(void)
{
    char *data = malloc(BIG);
    REQUIRE(data != NULL);
    for (SIZE_T i = 0; i < BIG; i++)
        data[i] = pattern(i);
    return data;
}

/* Sends BIG bytes, of which most are kept; the caller's memory is gone when this returns. */
static void send_whole(struct end *end)
{
    struct op op;
    char *data = make_big();
    op_prepare(&op, data, BIG, 0, TL_REQUEST_NO_PEND | TL_REQUEST_WHOLE);
    REQUIRE_EQ(engine->Send(end->tl, &op.request), STATUS_SUCCESS);
    CHECK_EQ(op.request.Bytes, BIG);
    CHECK_EQ(op.completions, 0);
    memset(data, 0, BIG);
    free(data);
}

static NTSTATUS try_send(struct end *end, const char *data, ULONG bytes)
{
    struct op op;
    op_prepare(&op, (void *)data, bytes, 0, TL_REQUEST_NO_PEND | TL_REQUEST_WHOLE);
    return engine->Send(end->tl, &op.request);
}

static SIZE_T receive_pattern(struct end *end, SIZE_T from, SIZE_T to)
{
    static char got[1 << 20];
    SIZE_T bytes;
    while (from < to) {
        ULONG wanted = to - from < sizeof got ? (ULONG)(to - from) : sizeof got;
        if (receive_bytes(end, got, wanted, 0, &bytes) != STATUS_SUCCESS || bytes == 0)
            break;
        for (SIZE_T i = 0; i < bytes; i++)
            REQUIRE(got[i] == pattern(from + i));
        from += bytes;
    }
    return from;
}

static LONG blocks(ULONG tag)
{
    EX_POOL_USAGE usage[64];
    ULONG count = ExQueryPoolUsage(usage, 64);
    for (ULONG i = 0; i < count && i < 64; i++) {
        if (usage[i].Tag == tag)
            return usage[i].Blocks;
    }
    return 0;
}

static LONG kept_blocks(void)
{
    return blocks(KEPT_TAG);
}

/* What goes on after the close ends by itself. */
static void wait_until_all_is_gone(void)
{
    while (kept_blocks() != 0 || blocks(ENDPOINT_TAG) != 0)
        sched_yield();
}

TEST(send_whole__little_room__is_taken_and_arrives_in_order)
{
    struct end a, b;
    struct op late;
    char got[4];
    SIZE_T bytes;
    ULONG unsent = 0;
    end_pair(&a, &b);
    send_whole(&a);
    CHECK_EQ(try_send(&a, "no", 2), STATUS_DEVICE_NOT_READY);
    CHECK((end_levels(&a) & TL_EVENT_SEND) == 0);
    CHECK_EQ(engine->QuerySend(a.tl, &unsent), STATUS_SUCCESS);
    if (!engine_is("loop")) {
        CHECK_EQ(kept_blocks(), 1);
        CHECK(unsent > BIG / 2);
    }
    op_prepare(&late, "end", 3, 0, 0);
    NTSTATUS returned = engine->Send(a.tl, &late.request);
    CHECK_EQ(returned, STATUS_PENDING);
    CHECK_EQ(receive_pattern(&b, 0, BIG), BIG);
    CHECK_EQ(op_wait(&late, returned), STATUS_SUCCESS);
    CHECK_EQ(receive_bytes(&b, got, 3, HOST_MSG_WAITALL, &bytes), STATUS_SUCCESS);
    CHECK(bytes == 3 && memcmp(got, "end", 3) == 0);
    end_wait_levels(&a, TL_EVENT_SEND);
    CHECK_EQ(kept_blocks(), 0);
    CHECK_EQ(try_send(&a, "yes", 3), STATUS_SUCCESS);
    end_close(&a);
    end_close(&b);
}

TEST(kept__peer_reads__watch_is_told_of_room)
{
    struct end a, b;
    end_pair(&a, &b);
    send_whole(&a);
    CHECK_EQ(engine->Watch(a.tl, TL_EVENT_SEND, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive_pattern(&b, 0, BIG), BIG);
    end_wait_events(&a, TL_EVENT_SEND);
    end_wait_levels(&a, TL_EVENT_SEND);
    end_close(&a);
    end_close(&b);
}

TEST(kept__shutdown_follows__end_comes_after_all)
{
    struct end a, b;
    char byte;
    SIZE_T bytes;
    end_pair(&a, &b);
    send_whole(&a);
    CHECK_EQ(engine->Disconnect(a.tl, HOST_SHUTDOWN_SEND), STATUS_SUCCESS);
    CHECK_EQ(try_send(&a, "no", 2), STATUS_PIPE_DISCONNECTED);
    CHECK_EQ(receive_pattern(&b, 0, BIG), BIG);
    CHECK_EQ(receive_bytes(&b, &byte, 1, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
    end_close(&a);
    end_close(&b);
}

TEST(kept__endpoint_closed__peer_gets_all_then_the_end)
{
    struct end a, b;
    char byte;
    SIZE_T bytes;
    end_pair(&a, &b);
    send_whole(&a);
    end_close(&a);
    CHECK_EQ(receive_pattern(&b, 0, BIG), BIG);
    CHECK_EQ(receive_bytes(&b, &byte, 1, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
    end_close(&b);
    wait_until_all_is_gone();
}

TEST(kept__send_behind_it_and_close__that_is_cancelled_the_rest_goes)
{
    struct end a, b;
    struct op late;
    char byte;
    SIZE_T bytes;
    end_pair(&a, &b);
    send_whole(&a);
    op_prepare(&late, "late", 4, 0, 0);
    NTSTATUS returned = engine->Send(a.tl, &late.request);
    CHECK_EQ(returned, STATUS_PENDING);
    end_close(&a);
    CHECK_EQ(op_wait(&late, returned), STATUS_CANCELLED);
    CHECK_EQ(late.completions, 1);
    CHECK_EQ(receive_pattern(&b, 0, BIG), BIG);
    CHECK_EQ(receive_bytes(&b, &byte, 1, 0, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 0);
    end_close(&b);
    wait_until_all_is_gone();
}

TEST(kept__reset__nothing_is_left)
{
    struct end a, b;
    end_pair(&a, &b);
    send_whole(&a);
    end_reset(&a);
    CHECK_EQ(kept_blocks(), 0);
    if (!engine_is("loop")) /* in memory they lie with the peer */
        CHECK(receive_pattern(&b, 0, BIG) < BIG);
    end_close(&b);
}

TEST(kept__hard_linger_and_close__nothing_is_left)
{
    struct end a, b;
    const USHORT linger[2] = {1, 0};
    end_pair(&a, &b);
    CHECK_EQ(engine->SetOption(a.tl, 0xffff, 0x80, linger, sizeof linger), STATUS_SUCCESS);
    send_whole(&a);
    end_close(&a);
    CHECK_EQ(kept_blocks(), 0);
    end_close(&b);
}

TEST(kept__peer_resets__endpoint_and_memory_go)
{
    struct end a, b;
    end_pair(&a, &b);
    send_whole(&a);
    end_reset(&b);
    end_wait_levels(&a, TL_EVENT_ABORT);
    end_close(&a);
    CHECK_EQ(kept_blocks(), 0);
}

TEST(kept_after_close__peer_resets__memory_goes)
{
    struct end a, b;
    end_pair(&a, &b);
    send_whole(&a);
    end_close(&a);
    end_reset(&b);
    wait_until_all_is_gone();
}

TEST(send_whole__more_than_the_bound__a_part_is_taken)
{
    struct end a, b;
    struct op op;
    TL_BUFFER buffers[16];
    char *data;
    end_pair(&a, &b);
    data = make_big();
    op_prepare(&op, NULL, 0, 0, TL_REQUEST_NO_PEND | TL_REQUEST_WHOLE);
    for (int i = 0; i < 16; i++)
        buffers[i] = (TL_BUFFER){BIG, data};
    op.request.Buffers = buffers;
    op.request.BufferCount = 16;
    CHECK_EQ(engine->Send(a.tl, &op.request), STATUS_SUCCESS);
    CHECK(op.request.Bytes > 0 && op.request.Bytes < BIG);
    CHECK_EQ(kept_blocks(), 0);
    end_close(&a);
    end_close(&b);
    free(data);
}

TEST(send_whole__many_endpoints_close_while_the_peers_read__nothing_is_lost)
{
    enum { PAIRS = 4 };
    struct end a[PAIRS], b[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        end_pair(&a[i], &b[i]);
        send_whole(&a[i]);
    }
    for (int i = 0; i < PAIRS; i++) {
        SIZE_T got = receive_pattern(&b[i], 0, BIG / 3);
        end_close(&a[i]);
        CHECK_EQ(receive_pattern(&b[i], got, BIG), BIG);
        end_close(&b[i]);
    }
    wait_until_all_is_gone();
}

/* A peer outside: the process that sent is gone before it has read. */
static int outside_listener(struct address *address)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(bind(fd, (struct sockaddr *)&name, sizeof name) == 0 && listen(fd, 1) == 0);
    REQUIRE(getsockname(fd, (struct sockaddr *)&name, &length) == 0);
    *address = address_v4(127, 0, 0, 1, ntohs(name.sin_port));
    return fd;
}

static void sender(const struct address *address, int closes)
{
    struct end a;
    end_connect(&a, address);
    send_whole(&a);
    if (closes)
        end_close(&a);
    exit(0);
}

static void check_end_of_process(int closes)
{
    static char got[1 << 20];
    struct address address;
    SIZE_T total = 0;
    ssize_t bytes;
    int status = -1;
    int listener = outside_listener(&address);
    pid_t child = fork();
    if (child == 0)
        sender(&address, closes);
    REQUIRE(child > 0);
    int fd = accept(listener, NULL, NULL);
    REQUIRE(fd >= 0);
    while ((bytes = recv(fd, got, sizeof got, 0)) > 0)
        total += (SIZE_T)bytes;
    CHECK_EQ(bytes, 0);
    CHECK_EQ(total, BIG);
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK_EQ(status, 0);
    close(fd);
    close(listener);
}

TEST_ALONE(kept__process_ends_with_the_socket_open__peer_gets_all)
{
    if (strcmp(nts_argument(), "loop") == 0)
        SKIP("the loop engine does not leave the process");
    check_end_of_process(0);
}

TEST_ALONE(kept__process_ends_after_the_close__peer_gets_all)
{
    if (strcmp(nts_argument(), "loop") == 0)
        SKIP("the loop engine does not leave the process");
    check_end_of_process(1);
}
