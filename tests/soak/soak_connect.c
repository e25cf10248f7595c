/* SPDX-License-Identifier: MIT */
/* soak_connect.c - the lives of a connection: ConnectEx and AcceptEx, and the sums at the end. */
#include "soak.h"

static void *extension(GUID id)
{
    void *function = NULL;
    DWORD bytes;
    CHECK_EQ(WSAIoctl(soak.listener, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &function,
        sizeof function, &bytes, NULL, NULL), 0);
    return function;
}

static SOCKET new_socket(void)
{
    SOCKET s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    REQUIRE(s != INVALID_SOCKET);
    return s;
}

void soak_join_port(SOCKET s, BOOL skip)
{
    static volatile LONG next;
    HANDLE port = soak.port[(unsigned)InterlockedIncrement(&next) % soak.ports];
    CHECK(CreateIoCompletionPort((HANDLE)s, port, 1, 0) == port);
    if (skip)
        CHECK(SetFileCompletionNotificationModes((HANDLE)s, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
}

static void reset_end(struct end *end, struct end *peer, struct connection *connection, unsigned seed)
{
    end->connection = connection;
    end->peer = peer;
    end->first = end->last = NULL;
    end->sent = end->received = 0;
    end->random = seed;
    end->budget = 1 + soak_random(&end->random, 12);
    end->pending = 0;
    end->skips = soak_random(&end->random, 2) != 0;
    end->closed = end->saw_end = end->ended_sending = end->over = FALSE;
}

void soak_begin_life(struct connection *connection)
{
    /* Thousands of ports, and as many that linger: at an address of its own it leaves the others theirs. */
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(nts_own_loopback())};
    LPFN_CONNECTEX connect_ex = (LPFN_CONNECTEX)extension((GUID)WSAID_CONNECTEX);
    struct op *op = &connection->a.send;
    connection->ready = connection->ends_over = connection->disturbed = 0;
    reset_end(&connection->a, &connection->b, connection, connection->id * 7919u + connection->life * 104729u);
    reset_end(&connection->b, &connection->a, connection, connection->id * 6151u + connection->life * 49157u);
    connection->a.s = new_socket();
    REQUIRE_EQ(bind(connection->a.s, (struct sockaddr *)&any, sizeof any), 0);
    soak_join_port(connection->a.s, FALSE);
    op->kind = OP_CONNECT;
    op->end = &connection->a;
    ZeroMemory(&op->overlapped, sizeof op->overlapped);
    CHECK_EQ(InterlockedExchange(&op->state, 1), 0);
    CopyMemory(op->data, &connection->id, sizeof connection->id);
    CopyMemory(op->data + 4, &connection->life, sizeof connection->life);
    if (!connect_ex(connection->a.s, (struct sockaddr *)&soak.address, sizeof soak.address, op->data, HELLO_BYTES, NULL,
            &op->overlapped))
        REQUIRE_EQ(GetLastError(), ERROR_IO_PENDING);
}

/* The second of connect and accept starts both ends. */
static void half_ready(struct connection *connection)
{
    if (InterlockedIncrement(&connection->ready) != 2)
        return;
    if (connection->a.skips)
        CHECK(SetFileCompletionNotificationModes((HANDLE)connection->a.s, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    soak_start_end(&connection->b);
    soak_start_end(&connection->a);
}

void soak_connected(struct op *op, BOOL ok, DWORD error)
{
    struct connection *connection = op->end->connection;
    if (!ok) {
        nts_fail(__FILE__, __LINE__, "ConnectEx of connection %u: error %lu", connection->id, (unsigned long)error);
        nts_end_case();
    }
    CHECK_EQ(InterlockedExchange(&op->state, 0), 1);
    CHECK_EQ(setsockopt(connection->a.s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0), 0);
    half_ready(connection);
}

void soak_start_accept(struct op *op)
{
    LPFN_ACCEPTEX accept_ex = (LPFN_ACCEPTEX)extension((GUID)WSAID_ACCEPTEX);
    op->kind = OP_ACCEPT;
    op->end = NULL;
    op->accepted = new_socket();
    ZeroMemory(&op->overlapped, sizeof op->overlapped);
    CHECK_EQ(InterlockedExchange(&op->state, 1), 0);
    if (!accept_ex(soak.listener, op->accepted, op->data, HELLO_BYTES, sizeof(struct sockaddr_in) + 16,
            sizeof(struct sockaddr_in) + 16, NULL, &op->overlapped))
        REQUIRE_EQ(GetLastError(), ERROR_IO_PENDING);
}

void soak_accepted(struct op *op, BOOL ok, DWORD bytes, DWORD error)
{
    unsigned id, life;
    CHECK_EQ(InterlockedExchange(&op->state, 0), 1);
    if (!ok) { /* the listener was closed: all is over */
        CHECK(soak.stop);
        CHECK_EQ(error, ERROR_OPERATION_ABORTED);
        CHECK_EQ(closesocket(op->accepted), 0);
        if (InterlockedDecrement(&soak.accepts_open) == 0)
            SetEvent(soak.finished);
        return;
    }
    REQUIRE_EQ(bytes, HELLO_BYTES);
    CopyMemory(&id, op->data, sizeof id);
    CopyMemory(&life, op->data + 4, sizeof life);
    REQUIRE(id < soak.connections && soak.table[id].life == life);
    struct connection *connection = &soak.table[id];
    connection->b.s = op->accepted;
    CHECK_EQ(setsockopt(op->accepted, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&soak.listener,
        sizeof soak.listener), 0);
    soak_join_port(op->accepted, connection->b.skips);
    soak_start_accept(op);
    half_ready(connection);
}

static void all_done(void)
{
    InterlockedExchange(&soak.stop, 1);
    CHECK_EQ(closesocket(soak.listener), 0);
}

void soak_end_over(struct end *end)
{
    struct connection *connection = end->connection;
    if (InterlockedIncrement(&connection->ends_over) != 2)
        return;
    InterlockedIncrement64(&soak.lives_done);
    CHECK(connection->a.received <= connection->b.sent);
    CHECK(connection->b.received <= connection->a.sent);
    if (!connection->disturbed) {
        CHECK_EQ(connection->a.received, connection->b.sent);
        CHECK_EQ(connection->b.received, connection->a.sent);
        CHECK(connection->a.saw_end && connection->b.saw_end);
    }
    if (++connection->life < soak.lives)
        soak_begin_life(connection);
    else if (InterlockedDecrement(&soak.left) == 0)
        all_done();
}
