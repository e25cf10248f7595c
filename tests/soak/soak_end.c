/* SPDX-License-Identifier: MIT */
/* soak_end.c - what an end does when one of its operations has completed. */
#include "soak.h"

/* S4: what may happen to a connection that was reset, closed or cancelled on. */
static BOOL is_expected(DWORD error)
{
    switch (error) {
    case ERROR_OPERATION_ABORTED: /* cancelled, or closed here */
    case ERROR_NETNAME_DELETED:   /* reset by the other end */
    case ERROR_CONNECTION_ABORTED:
    case WSAECONNRESET:
    case WSAECONNABORTED:
    case WSAENOTSOCK:
    case WSAESHUTDOWN:
    case ERROR_INVALID_HANDLE:
        return TRUE;
    default:
        return FALSE;
    }
}

static void close_end(struct end *end, BOOL reset)
{
    struct linger linger = {1, 0};
    if (end->closed)
        return;
    if (!end->saw_end || !end->ended_sending || reset)
        InterlockedExchange(&end->connection->disturbed, 1);
    if (reset)
        setsockopt(end->s, SOL_SOCKET, SO_LINGER, (const char *)&linger, sizeof linger);
    InterlockedIncrement64(reset ? &soak.resets : &soak.closes);
    end->closed = TRUE;
    CHECK_EQ(closesocket(end->s), 0);
}

static void fail_end(struct end *end, DWORD error)
{
    if (!is_expected(error))
        nts_fail(__FILE__, __LINE__, "connection %u: error %lu", end->connection->id, (unsigned long)error);
    if (InterlockedOr(&end->connection->disturbed, 0) == 0)
        nts_fail(__FILE__, __LINE__, "connection %u: error %lu though nobody disturbed it", end->connection->id,
            (unsigned long)error);
    close_end(end, FALSE);
}

/* --- starting operations: lock held --- */

static void begin_op(struct end *end, struct op *op)
{
    CHECK_EQ(InterlockedExchange(&op->state, 1), 0);
    ZeroMemory(&op->overlapped, sizeof op->overlapped);
    op->end = end;
    op->done = FALSE;
    end->pending++;
}

static int split(struct end *end, struct op *op, WSABUF *buffers)
{
    int count = 1 + (int)soak_random(&end->random, BUFFERS_MAX);
    DWORD at = 0;
    for (int i = 0; i < count; i++) {
        DWORD bytes = i == count - 1 ? op->length - at : soak_random(&end->random, op->length - at + 1);
        buffers[i].buf = (char *)op->data + at;
        buffers[i].len = bytes;
        at += bytes;
    }
    return count;
}

/* The result of the call: not pending and not to come through the port is a completion here and now. */
static BOOL began(struct end *end, struct op *op, int result, DWORD *error)
{
    *error = result == 0 ? 0 : (DWORD)WSAGetLastError();
    if (*error == WSA_IO_PENDING || (*error == 0 && !end->skips))
        return TRUE;
    CHECK_EQ(InterlockedExchange(&op->state, 0), 1);
    end->pending--;
    return FALSE;
}

static void take_received(struct end *end)
{
    while (end->first != NULL && end->first->done) {
        struct op *op = end->first;
        end->first = op->next;
        if (end->first == NULL)
            end->last = NULL;
        op->listed = FALSE;
        if (op->ok && op->bytes == 0)
            end->saw_end = TRUE;
        if (end->saw_end && op->bytes != 0)
            nts_fail(__FILE__, __LINE__, "bytes after the end of connection %u", end->connection->id);
        if (!soak_check(end, end->received, op->data, op->bytes)) {
            nts_fail(__FILE__, __LINE__, "connection %u: wrong bytes at %llu", end->connection->id, end->received);
            nts_end_case();
        }
        end->received += op->bytes;
        InterlockedExchangeAdd64(&soak.bytes, op->bytes);
    }
}

static void start_receive(struct end *end, struct op *op)
{
    WSABUF buffers[BUFFERS_MAX];
    DWORD flags = 0, error, bytes = 0;
    op->kind = OP_RECEIVE;
    op->length = 1 + soak_random(&end->random, OP_BYTES);
    begin_op(end, op);
    op->bytes = 0;
    op->next = NULL;
    op->listed = TRUE;
    if (end->last != NULL)
        end->last->next = op;
    else
        end->first = op;
    end->last = op;
    int count = split(end, op, buffers);
    if (began(end, op, WSARecv(end->s, buffers, (DWORD)count, &bytes, &flags, &op->overlapped, NULL), &error))
        return;
    op->done = TRUE;
    op->ok = error == 0;
    op->bytes = error == 0 ? bytes : 0;
    take_received(end);
    if (error != 0)
        fail_end(end, error);
}

static void start_send(struct end *end)
{
    WSABUF buffers[BUFFERS_MAX];
    DWORD error, bytes = 0;
    struct op *op = &end->send;
    op->kind = OP_SEND;
    op->length = 1 + soak_random(&end->random, OP_BYTES);
    soak_fill(end, end->sent, op->data, op->length);
    begin_op(end, op);
    end->sent += op->length;
    end->budget--;
    int count = split(end, op, buffers);
    if (began(end, op, WSASend(end->s, buffers, (DWORD)count, &bytes, 0, &op->overlapped, NULL), &error))
        return;
    if (error != 0)
        fail_end(end, error);
    else
        CHECK_EQ(bytes, op->length);
}

static void finish_sending(struct end *end)
{
    end->ended_sending = TRUE;
    if (shutdown(end->s, SD_SEND) != 0)
        fail_end(end, (DWORD)WSAGetLastError());
}

/* --- what comes next --- */

static void cancel_something(struct end *end)
{
    struct op *op = &end->receives[soak_random(&end->random, RECEIVES)];
    if (op->state == 0)
        return;
    InterlockedIncrement64(&soak.cancels);
    if (!CancelIoEx((HANDLE)end->s, &op->overlapped))
        CHECK_EQ(GetLastError(), ERROR_NOT_FOUND);
}

static void choose_once(struct end *end)
{
    unsigned dice = soak_random(&end->random, 1000);
    if (dice < 4)
        close_end(end, TRUE);
    else if (dice < 8)
        close_end(end, FALSE);
    else if (dice < 80)
        cancel_something(end);
    for (int i = 0; i < RECEIVES && !end->closed && !end->saw_end; i++) {
        if (!end->receives[i].listed)
            start_receive(end, &end->receives[i]);
    }
    if (!end->closed && end->send.state == 0 && end->budget != 0)
        start_send(end);
    if (!end->closed && end->budget == 0 && end->send.state == 0 && !end->ended_sending)
        finish_sending(end);
    if (!end->closed && end->saw_end && end->ended_sending)
        close_end(end, FALSE);
}

/* What completes within the call is followed at once by the next choice. */
static void choose(struct end *end)
{
    do
        choose_once(end);
    while (!end->closed && end->pending == 0);
}

/* lock held; TRUE: the caller reports the end as over after releasing it */
static BOOL settle(struct end *end)
{
    if (!end->closed || end->pending != 0 || end->over)
        return FALSE;
    end->over = TRUE;
    return TRUE;
}

void soak_start_end(struct end *end)
{
    AcquireSRWLockExclusive(&end->lock);
    choose(end);
    BOOL over = settle(end);
    ReleaseSRWLockExclusive(&end->lock);
    if (over)
        soak_end_over(end);
}

void soak_end_completed(struct op *op, BOOL ok, DWORD bytes, DWORD error)
{
    struct end *end = op->end;
    AcquireSRWLockExclusive(&end->lock);
    if (InterlockedExchange(&op->state, 0) != 1)
        nts_fail(__FILE__, __LINE__, "an operation of connection %u completed twice", end->connection->id);
    end->pending--;
    op->ok = ok;
    if (op->kind == OP_RECEIVE) {
        op->done = TRUE;
        op->bytes = ok ? bytes : 0;
        take_received(end);
    } else if (ok) {
        CHECK_EQ(bytes, op->length);
    }
    /* A receive that was cancelled is made again; everything else that fails ends this end. */
    if (!ok && !end->closed && !(op->kind == OP_RECEIVE && error == ERROR_OPERATION_ABORTED))
        fail_end(end, error);
    else if (!ok)
        CHECK(is_expected(error));
    if (!end->closed)
        choose(end);
    BOOL over = settle(end);
    ReleaseSRWLockExclusive(&end->lock);
    if (over)
        soak_end_over(end);
}
