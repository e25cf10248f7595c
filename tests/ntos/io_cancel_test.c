/* SPDX-License-Identifier: MIT */
/* io_cancel_test.c - cancellation: by file, request and thread; cancel-safe queues; races. */
#include "io_test.h"

static NTSTATUS pend(HANDLE file, PIO_STATUS_BLOCK iosb)
{
    return NtDeviceIoControlFile(file, NULL, NULL, NULL, iosb, CODE_PEND, NULL, 0, NULL, 0);
}

TEST(cancel_io__this_threads_requests__others_stay)
{
    IO_STATUS_BLOCK mine[3], cancel;
    create_base();
    HANDLE file = open_base(0), other = open_base(0);
    CHECK_EQ(pend(file, &mine[0]), STATUS_PENDING);
    CHECK_EQ(pend(file, &mine[1]), STATUS_PENDING);
    CHECK_EQ(pend(other, &mine[2]), STATUS_PENDING);
    CHECK_EQ(NtCancelIoFile(file, &cancel), STATUS_SUCCESS);
    CHECK_EQ(mine[0].Status, STATUS_CANCELLED);
    CHECK_EQ(mine[1].Status, STATUS_CANCELLED);
    CHECK_EQ(base()->queued, 1);
    CHECK_EQ(NtCancelIoFile(file, &cancel), STATUS_SUCCESS);
    CHECK_EQ(NtCancelIoFile(file, NULL), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(NtCancelIoFile((HANDLE)0x7ff0, &cancel), STATUS_INVALID_HANDLE);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    CHECK_EQ(NtClose(other), STATUS_SUCCESS);
    CHECK_EQ(mine[2].Status, STATUS_CANCELLED);
    remove_base();
}

TEST(cancel_io_ex__one_or_all__not_found_when_none)
{
    IO_STATUS_BLOCK requests[40], cancel;
    create_base();
    HANDLE file = open_base(0);
    for (int i = 0; i < 40; i++)
        CHECK_EQ(pend(file, &requests[i]), STATUS_PENDING);
    CHECK_EQ(NtCancelIoFileEx(file, &requests[7], &cancel), STATUS_SUCCESS);
    CHECK_EQ(requests[7].Status, STATUS_CANCELLED);
    CHECK_EQ(base()->queued, 39);
    CHECK_EQ(NtCancelIoFileEx(file, &requests[7], &cancel), STATUS_NOT_FOUND);
    CHECK_EQ(NtCancelIoFileEx(file, NULL, &cancel), STATUS_SUCCESS);
    CHECK_EQ(base()->queued, 0);
    for (int i = 0; i < 40; i++)
        CHECK_EQ(requests[i].Status, STATUS_CANCELLED);
    CHECK_EQ(NtCancelIoFileEx(file, NULL, &cancel), STATUS_NOT_FOUND);
    CHECK_EQ(cancel.Status, STATUS_NOT_FOUND);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

static ULONG wait_pending(PVOID file)
{
    IO_STATUS_BLOCK iosb;
    return (ULONG)NtsDeviceIoControlAndWait(file, &iosb, CODE_PEND, NULL, 0, NULL, 0, FALSE, NULL);
}

TEST(cancel_io_ex__request_of_another_thread__its_call_returns_cancelled)
{
    IO_STATUS_BLOCK cancel;
    PFILE_OBJECT object;
    create_base();
    HANDLE file = open_base(0);
    REQUIRE_EQ(ObReferenceObjectByHandle(file, 0, *IoFileObjectType, KernelMode, (PVOID *)&object, NULL),
        STATUS_SUCCESS);
    HANDLE thread = start_thread(wait_pending, object);
    await_queued(1);
    CHECK_EQ(NtCancelIoFile(file, &cancel), STATUS_SUCCESS); /* not this thread's */
    CHECK_EQ(base()->queued, 1);
    CHECK_EQ(NtCancelIoFileEx(file, NULL, &cancel), STATUS_SUCCESS);
    CHECK_EQ(join_thread(thread), (ULONG)STATUS_CANCELLED);
    ObDereferenceObject(object);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(close__while_another_thread_waits__cleanup_ends_its_request)
{
    PFILE_OBJECT object;
    create_base();
    HANDLE file = open_base(0);
    REQUIRE_EQ(ObReferenceObjectByHandle(file, 0, *IoFileObjectType, KernelMode, (PVOID *)&object, NULL),
        STATUS_SUCCESS);
    HANDLE thread = start_thread(wait_pending, object);
    await_queued(1);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    CHECK_EQ(join_thread(thread), (ULONG)STATUS_CANCELLED);
    ObDereferenceObject(object);
    remove_base();
}

static IO_STATUS_BLOCK left_behind;
static ULONG pend_and_exit(PVOID file)
{
    return (ULONG)pend(file, &left_behind);
}

TEST(thread_exit__with_pending_requests__cancelled_before_the_thread_is_gone)
{
    create_base();
    HANDLE file = open_base(0);
    left_behind.Status = -1;
    CHECK_EQ(join_thread(start_thread(pend_and_exit, file)), STATUS_PENDING);
    CHECK_EQ(left_behind.Status, STATUS_CANCELLED);
    CHECK_EQ(base()->cancelled, 1);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

/* --- IoCancelIrp and the queue --- */

static NTSTATUS note(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    *(NTSTATUS *)context = irp->IoStatus.Status;
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP own_pend(NTSTATUS *seen)
{
    PIRP irp = IoAllocateIrp(base_device->StackSize, FALSE);
    PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);
    next->MajorFunction = IRP_MJ_DEVICE_CONTROL;
    next->Parameters.DeviceIoControl.IoControlCode = CODE_PEND;
    IoSetCompletionRoutine(irp, note, seen, TRUE, TRUE, TRUE);
    return irp;
}

TEST(cancel_irp__queued_done_or_early__documented_results)
{
    NTSTATUS seen = -1;
    create_base();
    PIRP irp = own_pend(&seen);
    CHECK_EQ(IoCallDriver(base_device, irp), STATUS_PENDING);
    CHECK_EQ(IoCancelIrp(irp), TRUE);
    CHECK_EQ(seen, STATUS_CANCELLED);
    CHECK_EQ(IoCancelIrp(irp), FALSE);
    IoFreeIrp(irp);

    seen = -1;
    irp = own_pend(&seen);
    CHECK_EQ(IoCancelIrp(irp), FALSE); /* nobody holds it yet: it is only marked */
    CHECK_EQ(IoCallDriver(base_device, irp), STATUS_PENDING);
    CHECK_EQ(seen, STATUS_CANCELLED); /* by the queue, at insertion */
    CHECK_EQ(base()->queued, 0);
    IoFreeIrp(irp);
    remove_base();
}

/* A queue of its own with contexts and a limit. */
static IO_CSQ limited;
static LIST_ENTRY limited_list;
static EX_LOCK limited_lock;
static int limited_count, limited_cancelled;

static NTSTATUS limited_insert(PIO_CSQ csq, PIRP irp, PVOID context)
{
    if (limited_count == 2)
        return STATUS_DEVICE_BUSY;
    CHECK_EQ((ULONG_PTR)context, 5);
    limited_count++;
    InsertTailList(&limited_list, &irp->Tail.Overlay.ListEntry);
    return STATUS_SUCCESS;
}
static void limited_remove(PIO_CSQ csq, PIRP irp)
{
    limited_count--;
    RemoveEntryList(&irp->Tail.Overlay.ListEntry);
}
static PIRP limited_peek(PIO_CSQ csq, PIRP irp, PVOID context)
{
    PLIST_ENTRY next = irp != NULL ? irp->Tail.Overlay.ListEntry.Flink : limited_list.Flink;
    return next == &limited_list ? NULL : CONTAINING_RECORD(next, IRP, Tail.Overlay.ListEntry);
}
static void limited_acquire(PIO_CSQ csq, PKIRQL irql)
{
    ExAcquireLock(&limited_lock, IoCsqLockRank);
}
static void limited_release(PIO_CSQ csq, KIRQL irql)
{
    ExReleaseLock(&limited_lock, IoCsqLockRank);
}
static void limited_canceled(PIO_CSQ csq, PIRP irp)
{
    limited_cancelled++;
}

static PIRP bare_irp(void)
{
    PIRP irp = IoAllocateIrp(1, FALSE);
    IoSetNextIrpStackLocation(irp);
    return irp;
}

TEST(csq__contexts_and_failing_insert__as_documented)
{
    IO_CSQ_IRP_CONTEXT contexts[3];
    PIRP irps[3];
    InitializeListHead(&limited_list);
    CHECK_EQ(IoCsqInitializeEx(&limited, limited_insert, limited_remove, limited_peek, limited_acquire,
        limited_release, limited_canceled), STATUS_SUCCESS);
    for (int i = 0; i < 3; i++) {
        irps[i] = bare_irp();
        CHECK_EQ(IoCsqInsertIrpEx(&limited, irps[i], &contexts[i], (PVOID)5),
            i < 2 ? STATUS_SUCCESS : STATUS_DEVICE_BUSY);
    }
    CHECK(IoGetCurrentIrpStackLocation(irps[1])->Control & SL_PENDING_RETURNED);
    CHECK(!(IoGetCurrentIrpStackLocation(irps[2])->Control & SL_PENDING_RETURNED));
    CHECK(IoCsqRemoveIrp(&limited, &contexts[2]) == NULL);
    CHECK(IoCsqRemoveIrp(&limited, &contexts[1]) == irps[1]);
    CHECK(IoCsqRemoveIrp(&limited, &contexts[1]) == NULL);
    CHECK_EQ(IoCancelIrp(irps[0]), TRUE);
    CHECK_EQ(limited_cancelled, 1);
    CHECK(IoCsqRemoveIrp(&limited, &contexts[0]) == NULL);
    CHECK(IoCsqRemoveNextIrp(&limited, NULL) == NULL);
    CHECK_EQ(limited_count, 0);
    for (int i = 0; i < 3; i++)
        IoFreeIrp(irps[i]);
}

/*
 * Goal: cancel against complete. One thread pends requests, one completes the oldest, one cancels
 * whatever there is. Each request ends exactly once: as many ends as beginnings, each status block written.
 */
enum { REQUESTS = 20000 };
static volatile LONG finished;
static HANDLE hammer_file;

static ULONG complete_all(PVOID parameter)
{
    while (!__atomic_load_n(&finished, __ATOMIC_ACQUIRE) || __atomic_load_n(&base()->queued, __ATOMIC_ACQUIRE) > 0) {
        if (!complete_pending(STATUS_SUCCESS, 1))
            NtYieldExecution();
    }
    return 0;
}

static ULONG cancel_all(PVOID parameter)
{
    IO_STATUS_BLOCK iosb;
    while (!__atomic_load_n(&finished, __ATOMIC_ACQUIRE))
        (void)NtCancelIoFileEx(hammer_file, NULL, &iosb);
    return 0;
}

static LONG ends;
static void count_end(PVOID context, PIO_STATUS_BLOCK iosb, ULONG reserved)
{
    CHECK(iosb->Status == STATUS_SUCCESS || iosb->Status == STATUS_CANCELLED);
    ends++;
}

TEST(hammer__cancel_against_complete__each_request_ends_once)
{
    static IO_STATUS_BLOCK blocks[64];
    create_base();
    PDEVICE_OBJECT a = attach_filter('a', filter_complete);
    hammer_file = open_base(0);
    HANDLE completer = start_thread(complete_all, NULL), canceller = start_thread(cancel_all, NULL);
    LONG begun = 0;
    while (begun < REQUESTS) {
        for (int i = 0; i < 64; i++, begun++)
            REQUIRE_EQ(NtDeviceIoControlFile(hammer_file, NULL, count_end, NULL, &blocks[i], CODE_PEND, NULL, 0, NULL,
                0), STATUS_PENDING);
        while (ends < begun) {
            LARGE_INTEGER time = relative_ms(1000);
            (void)NtDelayExecution(TRUE, &time);
        }
        (void)take_trace();
    }
    __atomic_store_n(&finished, 1, __ATOMIC_RELEASE);
    join_thread(completer);
    join_thread(canceller);
    CHECK_EQ(ends, begun);
    CHECK_EQ(base()->completed + base()->cancelled, begun);
    CHECK_EQ(NtClose(hammer_file), STATUS_SUCCESS);
    detach_filter(a);
    remove_base();
}

static ULONG wait_with_timeouts(PVOID file)
{
    LONG timeouts = 0;
    for (int i = 0; i < 300; i++) {
        IO_STATUS_BLOCK iosb;
        LARGE_INTEGER time = {.QuadPart = -(LONGLONG)(i % 20) * 100};
        NTSTATUS status = NtsDeviceIoControlAndWait(file, &iosb, CODE_PEND, NULL, 0, NULL, 0, FALSE, &time);
        REQUIRE(status == STATUS_SUCCESS || status == STATUS_IO_TIMEOUT);
        timeouts += status == STATUS_IO_TIMEOUT;
    }
    return (ULONG)timeouts;
}

TEST(hammer__timeouts_against_completion__every_wait_returns)
{
    PFILE_OBJECT object;
    HANDLE threads[3];
    create_base();
    hammer_file = open_base(0);
    REQUIRE_EQ(ObReferenceObjectByHandle(hammer_file, 0, *IoFileObjectType, KernelMode, (PVOID *)&object, NULL),
        STATUS_SUCCESS);
    HANDLE completer = start_thread(complete_all, NULL);
    LONG timeouts = 0;
    for (int i = 0; i < 3; i++)
        threads[i] = start_thread(wait_with_timeouts, object);
    for (int i = 0; i < 3; i++)
        timeouts += (LONG)join_thread(threads[i]);
    __atomic_store_n(&finished, 1, __ATOMIC_RELEASE);
    join_thread(completer);
    CHECK_EQ(base()->cancelled, timeouts);
    ObDereferenceObject(object);
    CHECK_EQ(NtClose(hammer_file), STATUS_SUCCESS);
    remove_base();
}
