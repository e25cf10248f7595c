/* SPDX-License-Identifier: MIT */
/* port_test.c - completion ports: packets, waits, time-outs, closing; files associated with them. */
#include "port_test.h"

TEST(port__create_open_query__names_access_and_depth)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    IO_COMPLETION_BASIC_INFORMATION basic;
    ULONG length = 0;
    HANDLE port, other, event = create_event();
    RtlInitUnicodeString(&name, L"\\BaseNamedObjects\\port");
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    REQUIRE_EQ(NtCreateIoCompletion(&port, IO_COMPLETION_ALL_ACCESS, &attributes, 0), STATUS_SUCCESS);
    CHECK_EQ(NtCreateIoCompletion(&other, IO_COMPLETION_ALL_ACCESS, &attributes, 0), STATUS_OBJECT_NAME_COLLISION);
    REQUIRE_EQ(NtOpenIoCompletion(&other, IO_COMPLETION_QUERY_STATE, &attributes), STATUS_SUCCESS);
    CHECK_EQ(NtSetIoCompletion(other, NULL, NULL, 0, 0), STATUS_ACCESS_DENIED);
    CHECK_EQ(NtSetIoCompletion(port, NULL, NULL, 0, 0), STATUS_SUCCESS);
    CHECK_EQ(NtQueryIoCompletion(other, IoCompletionBasicInformation, &basic, sizeof basic, &length), STATUS_SUCCESS);
    CHECK_EQ(basic.Depth, 1);
    CHECK_EQ(length, sizeof basic);
    CHECK_EQ(NtQueryIoCompletion(port, 1, &basic, sizeof basic, NULL), STATUS_INVALID_INFO_CLASS);
    CHECK_EQ(NtQueryIoCompletion(port, IoCompletionBasicInformation, &basic, 2, NULL), STATUS_INFO_LENGTH_MISMATCH);
    CHECK_EQ(NtSetIoCompletion(event, NULL, NULL, 0, 0), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(NtSetIoCompletion((HANDLE)0x7ff0, NULL, NULL, 0, 0), STATUS_INVALID_HANDLE);
    CHECK_EQ(NtCreateIoCompletion(NULL, IO_COMPLETION_ALL_ACCESS, NULL, 0), STATUS_ACCESS_VIOLATION);
    NtClose(event);
    NtClose(other);
    NtClose(port);
}

TEST(port__packets__come_in_order_with_what_was_posted)
{
    struct packet got;
    HANDLE port = create_port(0);
    for (ULONG_PTR i = 1; i <= 500; i++)
        post(port, i, i * 2, STATUS_PENDING, i * 3);
    for (ULONG_PTR i = 1; i <= 500; i++) {
        REQUIRE_EQ(take(port, &got, 0), STATUS_SUCCESS);
        CHECK_EQ(got.key, i);
        CHECK_EQ(got.context, i * 2);
        CHECK_EQ(got.status, STATUS_PENDING);
        CHECK_EQ(got.information, i * 3);
    }
    CHECK_EQ(take(port, &got, 0), STATUS_TIMEOUT);
    CHECK_EQ(take(port, &got, 2), STATUS_TIMEOUT);
    NtClose(port);
}

TEST(port__handle__is_signalled_while_packets_are_queued)
{
    struct packet got;
    HANDLE port = create_port(0);
    CHECK(!is_signalled(port));
    post(port, 1, 0, 0, 0);
    CHECK(is_signalled(port));
    CHECK(is_signalled(port));
    CHECK_EQ(take(port, &got, 0), STATUS_SUCCESS);
    CHECK(!is_signalled(port));
    NtClose(port);
}

static ULONG wait_for_signal(PVOID parameter)
{
    return (ULONG)NtWaitForSingleObject(parameter, FALSE, NULL);
}

TEST(port__packet_queued__ends_a_wait_for_the_handle)
{
    struct packet got;
    HANDLE port = create_port(0), thread = start_thread(wait_for_signal, port);
    await_parked(thread_of(thread));
    post(port, 1, 0, 0, 0);
    CHECK_EQ(join_thread(thread), STATUS_WAIT_0);
    CHECK_EQ(take(port, &got, 0), STATUS_SUCCESS);
    NtClose(port);
}

TEST(port__remove_ex__several_at_a_time)
{
    FILE_IO_COMPLETION_INFORMATION got[300];
    ULONG removed = 7;
    LARGE_INTEGER now = {.QuadPart = 0};
    HANDLE port = create_port(0);
    for (ULONG_PTR i = 0; i < 250; i++)
        post(port, i, 0, 0, i);
    CHECK_EQ(NtRemoveIoCompletionEx(port, got, 0, &removed, &now, FALSE), STATUS_INVALID_PARAMETER);
    CHECK_EQ(NtRemoveIoCompletionEx(port, got, 3, &removed, &now, FALSE), STATUS_SUCCESS);
    CHECK_EQ(removed, 3);
    CHECK_EQ(NtRemoveIoCompletionEx(port, got + 3, 297, &removed, &now, FALSE), STATUS_SUCCESS);
    CHECK_EQ(removed, 247);
    for (ULONG_PTR i = 0; i < 250; i++)
        CHECK_EQ((ULONG_PTR)got[i].KeyContext, i);
    CHECK_EQ(NtRemoveIoCompletionEx(port, got, 3, &removed, &now, FALSE), STATUS_TIMEOUT);
    CHECK_EQ(removed, 0);
    NtClose(port);
}

static LONG apcs;
static VOID count_apc(PVOID a, PVOID b, PVOID c)
{
    UNREFERENCED_PARAMETER(a);
    UNREFERENCED_PARAMETER(b);
    UNREFERENCED_PARAMETER(c);
    apcs++;
}

TEST(port__remove_ex_alertable__an_apc_ends_the_wait)
{
    FILE_IO_COMPLETION_INFORMATION got;
    ULONG removed;
    LARGE_INTEGER now = {.QuadPart = 0};
    HANDLE port = create_port(0);
    NtQueueApcThread(NtCurrentThread(), count_apc, NULL, NULL, NULL);
    CHECK_EQ(NtRemoveIoCompletionEx(port, &got, 1, &removed, &now, FALSE), STATUS_TIMEOUT);
    CHECK_EQ(apcs, 0);
    CHECK_EQ(NtRemoveIoCompletionEx(port, &got, 1, &removed, NULL, TRUE), STATUS_USER_APC);
    CHECK_EQ(apcs, 1);
    /* what is queued comes first */
    NtQueueApcThread(NtCurrentThread(), count_apc, NULL, NULL, NULL);
    post(port, 1, 0, 0, 0);
    CHECK_EQ(NtRemoveIoCompletionEx(port, &got, 1, &removed, NULL, TRUE), STATUS_SUCCESS);
    CHECK_EQ(apcs, 1);
    CHECK_EQ(NtRemoveIoCompletionEx(port, &got, 1, &removed, &now, TRUE), STATUS_USER_APC);
    CHECK_EQ(apcs, 2);
    NtClose(port);
}

static ULONG take_one(PVOID parameter)
{
    struct packet got;
    NTSTATUS status = take(parameter, &got, -1);
    return status == STATUS_SUCCESS ? (ULONG)got.key : (ULONG)status;
}

TEST(port__closed_while_threads_wait__each_is_abandoned)
{
    HANDLE port = create_port(2), threads[3];
    for (int i = 0; i < 3; i++) {
        threads[i] = start_thread(take_one, port);
        await_queue_wait(threads[i]);
    }
    NtClose(port);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(join_thread(threads[i]), STATUS_ABANDONED_WAIT_0);
}

TEST(port__closed_with_packets__they_are_freed)
{
    HANDLE port = create_port(0);
    for (int i = 0; i < 10; i++)
        post(port, 1, 0, 0, 0);
    NtClose(port); /* the runner's leak check counts them */
}

TEST(port__two_wait__the_newest_gets_the_packet)
{
    HANDLE port = create_port(2), threads[3];
    for (int i = 0; i < 3; i++) {
        threads[i] = start_thread(take_one, port);
        await_queue_wait(threads[i]);
    }
    for (int i = 2; i >= 0; i--) {
        post(port, 10 + (ULONG_PTR)i, 0, 0, 0);
        CHECK_EQ(join_thread(threads[i]), 10 + i);
    }
    NtClose(port);
}

/* --- the limit --- */

struct worker {
    HANDLE port, event;
    LONG taken;
};

static ULONG take_and_block(PVOID parameter)
{
    struct worker *worker = parameter;
    struct packet got;
    while (take(worker->port, &got, -1) == STATUS_SUCCESS && got.key != 0) {
        __atomic_add_fetch(&worker->taken, 1, __ATOMIC_SEQ_CST);
        if (got.key == 2)
            NtWaitForSingleObject(worker->event, FALSE, NULL);
        else
            while (!is_signalled(worker->event))
                NtYieldExecution();
    }
    return 0;
}

static void await_taken(struct worker *worker, LONG count)
{
    while (__atomic_load_n(&worker->taken, __ATOMIC_SEQ_CST) != count)
        NtYieldExecution();
}

TEST(port__limit_one__the_next_packet_goes_out_when_the_first_thread_blocks)
{
    struct worker worker = {create_port(1), create_event(), 0};
    HANDLE threads[3];
    for (int i = 0; i < 3; i++) {
        threads[i] = start_thread(take_and_block, &worker);
        await_queue_wait(threads[i]);
    }
    post(worker.port, 2, 0, 0, 0); /* its thread blocks in a wait: another may run */
    await_taken(&worker, 1);
    post(worker.port, 1, 0, 0, 0); /* its thread runs */
    await_taken(&worker, 2);
    post(worker.port, 1, 0, 0, 0); /* stays queued */
    for (int i = 0; i < 100; i++)
        NtYieldExecution();
    CHECK_EQ(depth(worker.port), 1);
    CHECK_EQ(worker.taken, 2);
    NtSetEvent(worker.event, NULL);
    await_taken(&worker, 3);
    for (int i = 0; i < 3; i++)
        post(worker.port, 0, 0, 0, 0);
    for (int i = 0; i < 3; i++)
        join_thread(threads[i]);
    NtClose(worker.port);
    NtClose(worker.event);
}

TEST(port__limit__a_thread_that_ends_or_takes_elsewhere_runs_no_more)
{
    struct packet got;
    HANDLE port = create_port(1), other = create_port(1), thread;
    post(port, 1, 0, 0, 0);
    CHECK_EQ(take(port, &got, 0), STATUS_SUCCESS);
    thread = start_thread(take_one, port);
    await_queue_wait(thread);
    post(port, 5, 0, 0, 0); /* we run: it stays */
    CHECK_EQ(depth(port), 1);
    CHECK_EQ(take(other, &got, 0), STATUS_TIMEOUT);
    CHECK_EQ(join_thread(thread), 5); /* has taken one, and ended: nobody runs */
    thread = start_thread(take_one, port);
    await_queue_wait(thread);
    post(port, 6, 0, 0, 0);
    CHECK_EQ(join_thread(thread), 6);
    NtClose(port);
    NtClose(other);
}

TEST(port__deleted_before_its_threads_end__they_let_go_of_it)
{
    struct packet got;
    for (int i = 0; i < 10; i++) {
        HANDLE port = create_port(1);
        post(port, 1, 0, 0, 0);
        CHECK_EQ(take(port, &got, 0), STATUS_SUCCESS);
        NtClose(port);
        LARGE_INTEGER time = relative_ms(1);
        NtDelayExecution(FALSE, &time);
    }
}

/* [test:wine/ntdll/file.c set_io_completion_ex] [test:wine/ntdll/om.c NtAllocateReserveObject] */
TEST(reserve__queued_and_taken__can_be_queued_again)
{
    struct packet got;
    HANDLE reserve, apc, port = create_port(0);
    REQUIRE_EQ(NtAllocateReserveObject(&reserve, NULL, MemoryReserveObjectTypeIoCompletion), STATUS_SUCCESS);
    REQUIRE_EQ(NtAllocateReserveObject(&apc, NULL, MemoryReserveObjectTypeUserApc), STATUS_SUCCESS);
    for (ULONG_PTR i = 1; i < 4; i++) {
        CHECK_EQ(NtSetIoCompletionEx(port, reserve, (PVOID)i, (PVOID)(i * 2), STATUS_PENDING, i * 3), STATUS_SUCCESS);
        CHECK_EQ(NtSetIoCompletionEx(port, reserve, NULL, NULL, 0, 0), STATUS_INVALID_PARAMETER_2);
        REQUIRE_EQ(take(port, &got, 0), STATUS_SUCCESS);
        CHECK_EQ(got.key, i);
        CHECK_EQ(got.context, i * 2);
        CHECK_EQ(got.status, STATUS_PENDING);
        CHECK_EQ(got.information, i * 3);
        CHECK_EQ(take(port, &got, 0), STATUS_TIMEOUT);
    }
    CHECK_EQ(NtSetIoCompletionEx(NULL, reserve, NULL, NULL, 0, 0), STATUS_INVALID_HANDLE);
    CHECK_EQ(NtSetIoCompletionEx(NtCurrentProcess(), reserve, NULL, NULL, 0, 0), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(NtSetIoCompletionEx(port, NULL, NULL, NULL, 0, 0), STATUS_INVALID_HANDLE);
    CHECK_EQ(NtSetIoCompletionEx(port, NtCurrentProcess(), NULL, NULL, 0, 0), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(NtSetIoCompletionEx(port, apc, NULL, NULL, 0, 0), STATUS_OBJECT_TYPE_MISMATCH);
    NtClose(apc);
    NtClose(reserve);
    NtClose(port);
}

TEST(reserve__closed_or_abandoned_while_queued__comes_back_once)
{
    struct packet got;
    HANDLE reserve, port = create_port(0), second = create_port(0);
    REQUIRE_EQ(NtAllocateReserveObject(&reserve, NULL, MemoryReserveObjectTypeIoCompletion), STATUS_SUCCESS);
    CHECK_EQ(NtSetIoCompletionEx(port, reserve, (PVOID)1, NULL, 0, 0), STATUS_SUCCESS);
    NtClose(port); /* drops the packet */
    CHECK_EQ(NtSetIoCompletionEx(second, reserve, (PVOID)2, NULL, 0, 0), STATUS_SUCCESS);
    NtClose(reserve); /* the packet stays */
    CHECK_EQ(take(second, &got, 0), STATUS_SUCCESS);
    CHECK_EQ(got.key, 2);
    NtClose(second);
}

TEST(reserve__bad_arguments__no_object)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    HANDLE reserve = NULL;
    RtlInitUnicodeString(&name, L"\\BaseNamedObjects\\reserve");
    InitializeObjectAttributes(&attributes, &name, 0, NULL, NULL);
    CHECK_EQ(NtAllocateReserveObject(NULL, &attributes, MemoryReserveObjectTypeUserApc), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(NtAllocateReserveObject(&reserve, &attributes, MemoryReserveObjectTypeUserApc),
        STATUS_OBJECT_NAME_INVALID);
    CHECK_EQ(NtAllocateReserveObject(&reserve, NULL, 2), STATUS_INVALID_PARAMETER);
    CHECK(reserve == NULL);
    attributes.ObjectName = NULL;
    REQUIRE_EQ(NtAllocateReserveObject(&reserve, &attributes, MemoryReserveObjectTypeUserApc), STATUS_SUCCESS);
    NtClose(reserve);
}
