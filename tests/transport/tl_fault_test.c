/* SPDX-License-Identifier: MIT */
/*
 * tl_fault_test.c - host calls and allocations that fail.
 *
 * Goal: every failure comes back as a status, and nothing is lost or left behind. Method: the same
 * conversation again and again, with the n-th call of one kind failing, until it is so long that none fails.
 */
#include "tl_test.h"

#include "host_status.h"
#include "host_thread.h"

enum { L_ENOMEM = 12, L_EMFILE = 24, L_ECONNRESET = 104, L_ENOBUFS = 105 };

/* Ends the conversation early where something fails; the ends are closed by the caller. */
struct talk {
    struct end listener, a, b;
    struct op accept, receive;
    NTSTATUS accepting, receiving;
};

static NTSTATUS connect_ends(struct talk *talk)
{
    struct address address = address_v4(127, 0, 0, 1, 0);
    struct op op;
    NTSTATUS status = engine->Open(TEST_AF_INET, TEST_STREAM, 0, &test_client, &talk->listener, &talk->listener.tl);
    if (NT_SUCCESS(status))
        status = engine->Bind(talk->listener.tl, address.bytes, address.length);
    if (NT_SUCCESS(status))
        status = engine->Listen(talk->listener.tl, 5);
    if (NT_SUCCESS(status))
        status = engine->Open(TEST_AF_INET, TEST_STREAM, 0, &test_client, &talk->a, &talk->a.tl);
    if (!NT_SUCCESS(status))
        return status;
    address = local_address(&talk->listener);
    op_prepare(&talk->accept, NULL, 0, 0, 0);
    talk->accepting = engine->Accept(talk->listener.tl, &talk->accept.request);
    if (!NT_SUCCESS(talk->accepting))
        return talk->accepting;
    op_prepare(&op, NULL, 0, 0, 0);
    memcpy(op.request.Address, address.bytes, 16);
    op.request.AddressLength = 16;
    status = op_wait(&op, engine->Connect(talk->a.tl, &op.request));
    if (!NT_SUCCESS(status))
        return status;
    status = op_wait(&talk->accept, talk->accepting);
    talk->accepting = STATUS_SUCCESS;
    if (NT_SUCCESS(status))
        end_adopt(&talk->b, &talk->accept);
    return status;
}

static NTSTATUS exchange(struct talk *talk)
{
    static char got[8];
    op_prepare(&talk->receive, got, sizeof got, 0, 0);
    talk->receiving = engine->Receive(talk->b.tl, &talk->receive.request);
    if (!NT_SUCCESS(talk->receiving))
        return talk->receiving;
    NTSTATUS status = send_bytes(&talk->a, "12345", 5, NULL);
    if (!NT_SUCCESS(status))
        return status;
    status = op_wait(&talk->receive, talk->receiving);
    talk->receiving = STATUS_SUCCESS;
    if (NT_SUCCESS(status))
        CHECK_EQ(talk->receive.request.Bytes, 5);
    if (NT_SUCCESS(status))
        status = engine->Watch(talk->b.tl, TL_EVENT_RECEIVE, NULL);
    return status;
}

static NTSTATUS run_talk(void)
{
    struct talk talk;
    memset(&talk, 0, sizeof talk);
    NTSTATUS status = connect_ends(&talk);
    if (NT_SUCCESS(status))
        status = exchange(&talk);
    struct end *ends[3] = {&talk.listener, &talk.a, &talk.b};
    for (int i = 0; i < 3; i++) {
        if (ends[i]->tl != NULL)
            engine->Abort(ends[i]->tl, FALSE);
    }
    /* An accept may have been completed by a connection that failed on the other side. */
    if (talk.accepting == STATUS_PENDING && op_wait(&talk.accept, STATUS_PENDING) == STATUS_SUCCESS) {
        end_adopt(&talk.b, &talk.accept);
        engine->Abort(talk.b.tl, FALSE);
    }
    if (talk.receiving == STATUS_PENDING)
        CHECK(!NT_SUCCESS(op_wait(&talk.receive, STATUS_PENDING)));
    for (int i = 0; i < 3; i++) {
        if (ends[i]->tl != NULL)
            engine->Close(ends[i]->tl);
    }
    return status;
}

static int fail_each(enum host_call call, int error, NTSTATUS expected)
{
    int failed = 0;
    for (unsigned nth = 1; nth < 100; nth++) {
        host_fault_set(call, nth, error);
        NTSTATUS status = run_talk();
        int reached = host_fault_seen(call) >= nth;
        host_fault_set(call, 0, 0);
        if (!reached)
            break;
        failed += !NT_SUCCESS(status);
        if (!NT_SUCCESS(status))
            CHECK_EQ(status, expected);
    }
    return failed;
}

TEST(fault__each_allocation_fails__status_and_no_leak)
{
    struct end end;
    end_open(&end, TEST_AF_INET, TEST_STREAM);
    end_close(&end);
    CHECK(fail_each(HOST_CALL_ALLOCATE, L_ENOMEM, STATUS_INSUFFICIENT_RESOURCES) >= 3);
}

TEST(fault__each_host_call_fails__status_and_no_leak)
{
    struct end end;
    end_open(&end, TEST_AF_INET, TEST_STREAM);
    end_close(&end);
    if (engine_is("loop"))
        SKIP("only the epoll engine makes host calls");
    CHECK_EQ(fail_each(HOST_CALL_SOCKET, L_EMFILE, STATUS_TOO_MANY_OPENED_FILES), 2);
    CHECK_EQ(fail_each(HOST_CALL_BIND, L_ENOBUFS, STATUS_INSUFFICIENT_RESOURCES), 1);
    CHECK_EQ(fail_each(HOST_CALL_LISTEN, L_ENOMEM, STATUS_INSUFFICIENT_RESOURCES), 1);
    CHECK(fail_each(HOST_CALL_ACCEPT, L_EMFILE, STATUS_TOO_MANY_OPENED_FILES) >= 1);
    CHECK_EQ(fail_each(HOST_CALL_CONNECT, L_ENOBUFS, STATUS_INSUFFICIENT_RESOURCES), 1);
    CHECK(fail_each(HOST_CALL_SEND, L_ECONNRESET, STATUS_CONNECTION_RESET) >= 1);
    CHECK(fail_each(HOST_CALL_RECEIVE, L_ECONNRESET, STATUS_CONNECTION_RESET) >= 1);
    CHECK(fail_each(HOST_CALL_POLL, L_ENOMEM, STATUS_INSUFFICIENT_RESOURCES) >= 2);
}
