/* SPDX-License-Identifier: MIT */
/*
 * tl_batch_test.c - many endpoints of one port's poller, ready together.
 *
 * Goal: while the poller makes the attempts of several endpoints in one host call, others cancel, abort, reset and
 * make requests on the same endpoints; each request has one end, no byte is lost, none comes twice.
 * Method: one thread takes completions from the port and makes new receives and sends; another feeds
 * all endpoints from the far side and takes receives back; both count.
 */
#define _DEFAULT_SOURCE
#include "tl_test.h"

#include "host_thread.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENDS = 12, ROUNDS = 400, RECEIVE_BYTES = 32 };
enum { L_EPERM = 1, L_ENOMEM = 12 };

enum { OpFree, OpPending, OpBeingCancelled };

struct line;

struct port_op {
    TL_REQUEST request;
    TL_BUFFER buffer;
    LIST_ENTRY entry;
    char data[RECEIVE_BYTES];
    ULONG state; /* OpXxx; atomic */
};

struct channel {
    struct end near, far;
    struct line *line;
    struct port_op receive, echo;
    SIZE_T sent, got; /* atomic: bytes of the far side to the near one */
    SIZE_T echoed;    /* atomic: bytes that went the other way */
};

struct line {
    KE_QUEUE queue;
    KE_POLLER *poller;
    struct channel channels[ENDS];
    LIST_ENTRY stop;
    LONG cancelled, put_off, ended; /* atomic */
    BOOLEAN echoes;
};

static void insert(struct line *line, struct port_op *op)
{
    CHECK(KeInsertQueue(&line->queue, &op->entry));
}

static VOID Complete(PVOID ClientContext, TL_REQUEST *Request)
{
    struct channel *channel = ClientContext;
    insert(channel->line, CONTAINING_RECORD(Request, struct port_op, request));
}

static VOID Indicate(PVOID ClientContext, ULONG Events)
{
    UNREFERENCED_PARAMETER(ClientContext);
    UNREFERENCED_PARAMETER(Events);
}

static const TL_CLIENT_DISPATCH port_client = {Complete, Indicate};

static void prepare_op(struct line *line, struct port_op *op, ULONG bytes)
{
    memset(&op->request, 0, sizeof op->request);
    op->buffer.base = op->data;
    op->buffer.length = bytes;
    op->request.Buffers = &op->buffer;
    op->request.BufferCount = 1;
    op->request.Poller = line->poller;
}

static void open_line(struct line *line)
{
    memset(line, 0, sizeof *line);
    for (int i = 0; i < ENDS; i++) {
        struct channel *channel = &line->channels[i];
        channel->line = line;
        end_pair(&channel->far, &channel->near); /* the accepted one has no poller yet */
        engine->SetClient(channel->near.tl, &port_client, channel);
    }
    REQUIRE_EQ(KeCreatePoller(&line->poller), STATUS_SUCCESS); /* the engine has been chosen */
    KeInitializeQueue(&line->queue, 1, line->poller);
}

static void close_line(struct line *line)
{
    LIST_ENTRY rest;
    for (int i = 0; i < ENDS; i++) {
        if (line->channels[i].near.tl != NULL)
            end_close(&line->channels[i].near);
        end_close(&line->channels[i].far);
    }
    KeRundownQueue(&line->queue, &rest);
    KeDeleteQueue(&line->queue);
    KeDereferencePoller(line->poller);
}

/* Makes receives until one pends, or fails. */
static NTSTATUS post_receive(struct channel *channel)
{
    struct port_op *op = &channel->receive;
    for (;;) {
        prepare_op(channel->line, op, RECEIVE_BYTES);
        NTSTATUS status = engine->Receive(channel->near.tl, &op->request);
        /* It may be over already, but is taken from the queue by this thread. */
        if (status == STATUS_PENDING)
            __atomic_store_n(&op->state, OpPending, __ATOMIC_SEQ_CST);
        if (status != STATUS_SUCCESS)
            return status;
        __atomic_add_fetch(&channel->got, op->request.Bytes, __ATOMIC_SEQ_CST);
        if (op->request.Bytes == 0)
            return STATUS_SUCCESS;
    }
}

/* A receive is over: nobody is cancelling it any more, its bytes are counted. */
static NTSTATUS take_receive(struct channel *channel)
{
    struct port_op *op = &channel->receive;
    ULONG pending = OpPending;
    while (!__atomic_compare_exchange_n(&op->state, &pending, OpFree, FALSE, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        pending = OpPending;
        host_thread_yield();
    }
    if (op->request.Status == STATUS_SUCCESS)
        __atomic_add_fetch(&channel->got, op->request.Bytes, __ATOMIC_SEQ_CST);
    return op->request.Status;
}

static void send_echo(struct channel *channel)
{
    struct port_op *op = &channel->echo;
    if (__atomic_load_n(&op->state, __ATOMIC_SEQ_CST) != OpFree)
        return;
    prepare_op(channel->line, op, 1);
    __atomic_store_n(&op->state, OpPending, __ATOMIC_SEQ_CST);
    op->request.Flags = TL_REQUEST_WHOLE; /* as that of an overlapped send */
    NTSTATUS status = engine->Send(channel->near.tl, &op->request);
    if (status != STATUS_PENDING)
        __atomic_store_n(&op->state, OpFree, __ATOMIC_SEQ_CST);
    if (status == STATUS_SUCCESS)
        __atomic_add_fetch(&channel->echoed, 1, __ATOMIC_SEQ_CST);
    if (host_poller_owes(KePollerHost(channel->line->poller)))
        __atomic_add_fetch(&channel->line->put_off, 1, __ATOMIC_SEQ_CST);
}

static void handle(struct line *line, struct port_op *op)
{
    for (int i = 0; i < ENDS; i++) {
        struct channel *channel = &line->channels[i];
        if (op == &channel->echo) {
            if (op->request.Status == STATUS_SUCCESS)
                __atomic_add_fetch(&channel->echoed, 1, __ATOMIC_SEQ_CST);
            __atomic_store_n(&op->state, OpFree, __ATOMIC_SEQ_CST);
        } else if (op == &channel->receive) {
            NTSTATUS status = take_receive(channel);
            if (line->echoes && status == STATUS_SUCCESS)
                send_echo(channel);
            if ((status != STATUS_SUCCESS && status != STATUS_CANCELLED) || post_receive(channel) != STATUS_PENDING)
                __atomic_add_fetch(&line->ended, 1, __ATOMIC_SEQ_CST);
        }
    }
}

static void worker(void *context)
{
    struct line *line = context;
    for (;;) {
        PLIST_ENTRY entries[8];
        ULONG count = 0;
        REQUIRE_EQ(KeRemoveQueue(&line->queue, entries, 8, &count, FALSE, NULL), STATUS_SUCCESS);
        for (ULONG i = 0; i < count; i++) {
            if (entries[i] == &line->stop)
                return;
            handle(line, CONTAINING_RECORD(entries[i], struct port_op, entry));
        }
    }
}

static void cancel(struct line *line, struct channel *channel)
{
    struct port_op *op = &channel->receive;
    ULONG pending = OpPending;
    if (!__atomic_compare_exchange_n(&op->state, &pending, OpBeingCancelled, FALSE, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return;
    BOOLEAN mine = engine->Cancel(channel->near.tl, &op->request);
    if (mine)
        op->request.Status = STATUS_CANCELLED;
    __atomic_store_n(&op->state, OpPending, __ATOMIC_SEQ_CST);
    if (mine) {
        __atomic_add_fetch(&line->cancelled, 1, __ATOMIC_SEQ_CST);
        insert(line, op);
    }
}

static void feed(struct channel *channel, ULONG bytes)
{
    static const char text[RECEIVE_BYTES];
    struct op op;
    op_prepare(&op, (void *)(ULONG_PTR)text, bytes, 0, TL_REQUEST_NO_PEND);
    if (engine->Send(channel->far.tl, &op.request) == STATUS_SUCCESS)
        __atomic_add_fetch(&channel->sent, op.request.Bytes, __ATOMIC_SEQ_CST);
}

static struct host_thread *start_worker(struct line *line)
{
    struct host_thread *thread;
    for (int i = 0; i < ENDS; i++)
        REQUIRE_EQ(post_receive(&line->channels[i]), STATUS_PENDING);
    /* Before it looks for the first time all are ready. */
    for (int i = 0; i < ENDS; i++)
        feed(&line->channels[i], 1);
    REQUIRE_EQ(host_thread_create(&thread, worker, line, 0), 0);
    return thread;
}

static void feed_and_cancel(struct line *line, unsigned seed)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < ENDS; i++) {
            seed = seed * 1103515245 + 12345;
            feed(&line->channels[i], 1 + (seed >> 16) % RECEIVE_BYTES);
            if ((seed >> 24) % 4 == 0)
                cancel(line, &line->channels[(seed >> 8) % ENDS]);
        }
    }
}

static void await_bytes(struct line *line)
{
    for (int i = 0; i < ENDS; i++) {
        struct channel *channel = &line->channels[i];
        while (__atomic_load_n(&channel->got, __ATOMIC_SEQ_CST) < __atomic_load_n(&channel->sent, __ATOMIC_SEQ_CST))
            host_thread_yield();
        CHECK_EQ(channel->got, channel->sent);
    }
}

/* Each receive ends by its endpoint's abort; then the worker is told to stop. */
static void end_all(struct line *line, struct host_thread *thread, BOOLEAN reset)
{
    for (int i = 0; i < ENDS; i++)
        engine->Abort(line->channels[i].near.tl, reset);
    while (__atomic_load_n(&line->ended, __ATOMIC_SEQ_CST) < ENDS)
        host_thread_yield();
    CHECK_EQ(line->ended, ENDS);
    for (int i = 0; i < ENDS; i++) {
        while (__atomic_load_n(&line->channels[i].echo.state, __ATOMIC_SEQ_CST) != OpFree)
            host_thread_yield();
    }
    CHECK(KeInsertQueue(&line->queue, &line->stop));
    host_thread_join(thread);
    for (int i = 0; i < ENDS; i++) {
        engine->Close(line->channels[i].near.tl);
        line->channels[i].near.tl = NULL;
    }
}

TEST(batch__receives_taken_back_while_data_comes__one_end_each_and_no_byte_lost)
{
    static struct line line;
    open_line(&line);
    struct host_thread *thread = start_worker(&line);
    feed_and_cancel(&line, 1);
    await_bytes(&line);
    end_all(&line, thread, FALSE);
    close_line(&line);
}

/* The near side has been closed: all that it sent comes, then the end. */
static void check_echoes(struct line *line)
{
    for (int i = 0; i < ENDS; i++) {
        struct channel *channel = &line->channels[i];
        char data[256];
        SIZE_T total = 0, bytes = 1;
        while (bytes != 0 && receive_bytes(&channel->far, data, sizeof data, 0, &bytes) == STATUS_SUCCESS)
            total += bytes;
        CHECK_EQ(total, __atomic_load_n(&channel->echoed, __ATOMIC_SEQ_CST));
    }
}

TEST(batch__echoes_between_packets__all_arrive_and_end)
{
    static struct line line;
    /* Once at least the sends are put off; with another thread polling they are not. */
    do {
        open_line(&line);
        line.echoes = TRUE;
        struct host_thread *thread = start_worker(&line);
        feed_and_cancel(&line, 2);
        await_bytes(&line);
        end_all(&line, thread, FALSE);
        check_echoes(&line);
        close_line(&line);
    } while (engine_is("uring") && line.put_off == 0);
}

TEST(batch__aborted_while_data_comes__one_end_each)
{
    static struct line line;
    for (int round = 0; round < 12; round++) {
        open_line(&line);
        line.echoes = TRUE;
        struct host_thread *thread = start_worker(&line);
        for (int i = 0; i < ENDS; i++)
            feed(&line.channels[i], RECEIVE_BYTES);
        end_all(&line, thread, round % 2 != 0);
        close_line(&line);
    }
}

struct renewer {
    struct line *line;
    LONG reopened;
};

/* The connection is replaced under the receives; what was pending is cancelled. */
static void reopen_all(void *context)
{
    struct renewer *renewer = context;
    for (int i = 0; i < ENDS; i++) {
        struct end *near = &renewer->line->channels[i].near;
        CHECK_EQ(engine->Reopen(near->tl, 0, FALSE), STATUS_SUCCESS);
        renewer->reopened++;
    }
}

TEST(batch__reopened_while_data_comes__one_end_each)
{
    static struct line line;
    for (int round = 0; round < 12; round++) {
        struct host_thread *second;
        struct renewer renewer = {&line, 0};
        open_line(&line);
        struct host_thread *thread = start_worker(&line);
        REQUIRE_EQ(host_thread_create(&second, reopen_all, &renewer, 0), 0);
        for (int i = 0; i < ENDS; i++)
            feed(&line.channels[i], RECEIVE_BYTES);
        host_thread_join(second);
        CHECK_EQ(renewer.reopened, ENDS);
        end_all(&line, thread, FALSE);
        close_line(&line);
    }
}

/* The ring cannot be made; it is refused when it is used. */
TEST(batch__ring_is_refused__the_engine_goes_on_without)
{
    static struct line line;
    for (unsigned nth = 1; nth <= 2; nth++) {
        open_line(&line);
        host_fault_set(HOST_CALL_RING, nth, nth == 1 ? L_ENOMEM : L_EPERM);
        struct host_thread *thread = start_worker(&line);
        unsigned seed = 3;
        do /* whether two are found ready together is the scheduler's affair: sooner or later they are */
            feed_and_cancel(&line, seed++);
        while (engine_is("uring") && host_fault_seen(HOST_CALL_RING) < nth);
        await_bytes(&line);
        end_all(&line, thread, FALSE);
        CHECK_EQ(host_fault_seen(HOST_CALL_RING), engine_is("uring") ? nth : 0);
        host_fault_set(HOST_CALL_RING, 0, 0);
        close_line(&line);
    }
}

/* --- the process ends with sends put off --- */

/* Connects and receives at the port; when both bytes are there takes the packets, sends, and ends. */
static void serve_and_exit(const struct address *address, int parent)
{
    char byte = 'r';
    static struct line line;
    PLIST_ENTRY entries[8];
    ULONG count = 0, taken = 0;
    line.echoes = TRUE;
    end_open(&line.channels[0].near, TEST_AF_INET, TEST_STREAM); /* chooses the engine */
    end_close(&line.channels[0].near);
    REQUIRE_EQ(KeCreatePoller(&line.poller), STATUS_SUCCESS);
    KeInitializeQueue(&line.queue, 1, line.poller);
    for (int i = 0; i < 2; i++) {
        struct channel *channel = &line.channels[i];
        struct op op;
        channel->line = &line;
        end_open(&channel->near, TEST_AF_INET, TEST_STREAM);
        op_prepare(&op, NULL, 0, 0, 0);
        memcpy(op.request.Address, address->bytes, address->length);
        op.request.AddressLength = (USHORT)address->length;
        op.request.Poller = line.poller;
        REQUIRE_EQ(op_wait(&op, engine->Connect(channel->near.tl, &op.request)), STATUS_SUCCESS);
        engine->SetClient(channel->near.tl, &port_client, channel);
        REQUIRE_EQ(post_receive(channel), STATUS_PENDING);
    }
    REQUIRE(write(parent, &byte, 1) == 1 && read(parent, &byte, 1) == 1);
    while (taken < 2) {
        REQUIRE_EQ(KeRemoveQueue(&line.queue, entries, 8, &count, FALSE, NULL), STATUS_SUCCESS);
        for (ULONG i = 0; i < count; i++) {
            struct port_op *op = CONTAINING_RECORD(entries[i], struct port_op, entry);
            send_echo(CONTAINING_RECORD(op, struct channel, receive));
        }
        taken += count;
    }
    exit(0);
}

TEST_ALONE(batch__process_ends_between_packets__what_it_sent_arrives)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof name;
    int fds[2], talk[2], status = -1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char byte;
    if (strcmp(nts_argument(), "loop") == 0)
        SKIP("the loop engine does not leave the process");
    REQUIRE(bind(listener, (struct sockaddr *)&name, sizeof name) == 0 && listen(listener, 2) == 0);
    REQUIRE(getsockname(listener, (struct sockaddr *)&name, &length) == 0);
    struct address address = address_v4(127, 0, 0, 1, ntohs(name.sin_port));
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, talk) == 0);
    pid_t child = fork();
    if (child == 0)
        serve_and_exit(&address, talk[1]);
    REQUIRE(child > 0);
    for (int i = 0; i < 2; i++) {
        fds[i] = accept(listener, NULL, NULL);
        REQUIRE(fds[i] >= 0);
    }
    REQUIRE(read(talk[0], &byte, 1) == 1);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(send(fds[i], "?", 1, 0), 1);
    REQUIRE(write(talk[0], &byte, 1) == 1);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(recv(fds[i], &byte, 1, 0), 1);
        CHECK_EQ(recv(fds[i], &byte, 1, 0), 0);
        close(fds[i]);
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK_EQ(status, 0);
    close(listener);
    close(talk[0]);
    close(talk[1]);
}
