/* SPDX-License-Identifier: MIT */
/* port_file_test.c - files and their completion ports: association, which requests make packets, cancelling. */
#include "port_test.h"

#include "io/iop.h"

static NTSTATUS control(HANDLE file, ULONG code, PVOID context, PIO_STATUS_BLOCK iosb, PVOID input, ULONG length)
{
    return NtDeviceIoControlFile(file, NULL, NULL, context, iosb, code, input, length, input, length);
}

static NTSTATUS set_modes(HANDLE file, ULONG flags)
{
    FILE_IO_COMPLETION_NOTIFICATION_INFORMATION information = {flags};
    IO_STATUS_BLOCK iosb;
    return NtSetInformationFile(file, &iosb, &information, sizeof information,
        FileIoCompletionNotificationInformation);
}

static ULONG query_modes(HANDLE file)
{
    FILE_IO_COMPLETION_NOTIFICATION_INFORMATION information = {99};
    IO_STATUS_BLOCK iosb;
    CHECK_EQ(NtQueryInformationFile(file, &iosb, &information, sizeof information,
        FileIoCompletionNotificationInformation), STATUS_SUCCESS);
    return information.Flags;
}

#define CHECK_PACKET(port, k, c, s, i)                        \
    do {                                                      \
        struct packet got_;                                   \
        CHECK_EQ(take(port, &got_, 0), STATUS_SUCCESS);       \
        CHECK_EQ(got_.key, k);                                \
        CHECK_EQ(got_.context, (ULONG_PTR)(c));               \
        CHECK_EQ(got_.status, s);                             \
        CHECK_EQ(got_.information, i);                        \
    } while (0)

TEST(file_port__association__once_and_for_asynchronous_files_only)
{
    create_base();
    HANDLE port = create_port(0), other = create_port(0), event = create_event();
    HANDLE file = open_base(0), synchronous = open_base(FILE_SYNCHRONOUS_IO_NONALERT);
    CHECK_EQ(associate(synchronous, port, 1), STATUS_INVALID_PARAMETER);
    CHECK_EQ(associate(file, event, 1), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(associate(event, port, 1), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(associate(file, (HANDLE)0x7ff0, 1), STATUS_INVALID_HANDLE);
    CHECK_EQ(associate(file, port, 1), STATUS_SUCCESS);
    CHECK_EQ(associate(file, port, 1), STATUS_INVALID_PARAMETER);
    CHECK_EQ(associate(file, other, 1), STATUS_INVALID_PARAMETER);
    NtClose(port); /* the file keeps it */
    NtClose(file);
    NtClose(synchronous);
    NtClose(other);
    NtClose(event);
    remove_base();
}

TEST(file_port__replaced_and_removed__packets_follow)
{
    IO_STATUS_BLOCK iosb, set;
    FILE_COMPLETION_INFORMATION information;
    struct packet got;
    LONG here;
    create_base();
    HANDLE port = create_port(0), other = create_port(0), file = open_base(0);
    CHECK_EQ(associate(file, port, 1), STATUS_SUCCESS);
    information = (FILE_COMPLETION_INFORMATION){other, (PVOID)2};
    CHECK_EQ(NtSetInformationFile(file, &set, &information, sizeof information, FileReplaceCompletionInformation),
        STATUS_SUCCESS);
    CHECK_EQ(control(file, CODE_ECHO(METHOD_BUFFERED), &here, &iosb, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(take(port, &got, 0), STATUS_TIMEOUT);
    CHECK_PACKET(other, 2, &here, STATUS_SUCCESS, 0);
    information.Port = NULL;
    CHECK_EQ(NtSetInformationFile(file, &set, &information, sizeof information, FileReplaceCompletionInformation),
        STATUS_SUCCESS);
    CHECK_EQ(control(file, CODE_ECHO(METHOD_BUFFERED), &here, &iosb, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(take(other, &got, 0), STATUS_TIMEOUT);
    CHECK_EQ(associate(file, port, 3), STATUS_SUCCESS);
    CHECK_EQ(control(file, CODE_ECHO(METHOD_BUFFERED), &here, &iosb, NULL, 0), STATUS_SUCCESS);
    CHECK_PACKET(port, 3, &here, STATUS_SUCCESS, 0);
    NtClose(file);
    NtClose(port);
    NtClose(other);
    remove_base();
}

TEST(file_port__requests__packet_if_a_context_was_given_and_it_did_not_fail_at_once)
{
    IO_STATUS_BLOCK iosb = {.Status = 77};
    NTSTATUS fail = STATUS_ACCESS_DENIED, warn = STATUS_BUFFER_OVERFLOW;
    struct packet got;
    char text[8] = "abc";
    create_base();
    HANDLE port = create_port(0), file = open_base(0);
    CHECK_EQ(associate(file, port, 9), STATUS_SUCCESS);
    CHECK_EQ(control(file, CODE_ECHO(METHOD_BUFFERED), &text, &iosb, text, 3), STATUS_SUCCESS);
    CHECK_PACKET(port, 9, &text, STATUS_SUCCESS, 3);
    CHECK_EQ(control(file, CODE_ECHO(METHOD_BUFFERED), NULL, &iosb, text, 3), STATUS_SUCCESS);
    CHECK_EQ(take(port, &got, 0), STATUS_TIMEOUT);
    CHECK_EQ(control(file, CODE_FAIL, &text, &iosb, &fail, 4), STATUS_ACCESS_DENIED);
    CHECK_EQ(take(port, &got, 0), STATUS_TIMEOUT);
    CHECK_EQ(control(file, CODE_FAIL, &text, &iosb, &warn, 4), STATUS_BUFFER_OVERFLOW);
    CHECK_PACKET(port, 9, &text, STATUS_BUFFER_OVERFLOW, 3);
    fail = STATUS_CONNECTION_RESET;
    CHECK_EQ(control(file, CODE_PEND_FAIL, &text, &iosb, &fail, 4), STATUS_PENDING);
    CHECK_EQ(take(port, &got, 0), STATUS_TIMEOUT);
    CHECK(complete_pending(0, 5));
    CHECK_EQ(iosb.Status, STATUS_CONNECTION_RESET);
    CHECK_PACKET(port, 9, &text, STATUS_CONNECTION_RESET, 5);
    CHECK_EQ(NtDeviceIoControlFile(file, NULL, (PIO_APC_ROUTINE)(PVOID)control, &text, &iosb, CODE_PEND, NULL, 0, NULL,
        0), STATUS_INVALID_PARAMETER);
    NtClose(file);
    NtClose(port);
    remove_base();
}

TEST(file_port__fast_io__packet_for_what_did_not_fail)
{
    IO_STATUS_BLOCK iosb;
    struct packet got;
    char here;
    create_base();
    base_driver->FastIoDispatch = &base_fast_io;
    fast_answers = TRUE;
    fast_status = STATUS_SUCCESS;
    HANDLE port = create_port(0), file = open_base(0), event = create_event();
    CHECK_EQ(associate(file, port, 4), STATUS_SUCCESS);
    CHECK_EQ(control(file, CODE_PEND, &here, &iosb, NULL, 0), STATUS_SUCCESS);
    CHECK_PACKET(port, 4, &here, STATUS_SUCCESS, 77);
    CHECK_EQ(control(file, CODE_PEND, NULL, &iosb, NULL, 0), STATUS_SUCCESS);
    fast_status = STATUS_DEVICE_NOT_READY;
    CHECK_EQ(control(file, CODE_PEND, &here, &iosb, NULL, 0), STATUS_DEVICE_NOT_READY);
    CHECK_EQ(take(port, &got, 0), STATUS_TIMEOUT);
    fast_status = STATUS_SUCCESS;
    CHECK_EQ(set_modes(file, FILE_SKIP_SET_USER_EVENT_ON_FAST_IO), STATUS_SUCCESS);
    CHECK_EQ(NtDeviceIoControlFile(file, event, NULL, &here, &iosb, CODE_PEND, NULL, 0, NULL, 0), STATUS_SUCCESS);
    CHECK(!is_signalled(event));
    CHECK_PACKET(port, 4, &here, STATUS_SUCCESS, 77);
    CHECK_EQ(set_modes(file, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS), STATUS_SUCCESS);
    CHECK_EQ(control(file, CODE_PEND, &here, &iosb, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(take(port, &got, 0), STATUS_TIMEOUT);
    base_driver->FastIoDispatch = NULL;
    NtClose(event);
    NtClose(file);
    NtClose(port);
    remove_base();
}

TEST(file_port__notification_modes__skip_port_and_event)
{
    IO_STATUS_BLOCK iosb;
    struct packet got;
    char here;
    create_base();
    HANDLE port = create_port(0), file = open_base(0);
    CHECK_EQ(associate(file, port, 4), STATUS_SUCCESS);
    CHECK_EQ(query_modes(file), 0);
    CHECK_EQ(set_modes(file, 8), STATUS_SUCCESS); /* unknown flags pass [test:wine/ntdll/file.c] */
    CHECK_EQ(control(file, CODE_ECHO(METHOD_BUFFERED), NULL, &iosb, NULL, 0), STATUS_SUCCESS);
    CHECK(is_signalled(file));
    CHECK_EQ(set_modes(file, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS), STATUS_SUCCESS);
    CHECK_EQ(set_modes(file, FILE_SKIP_SET_EVENT_ON_HANDLE), STATUS_SUCCESS);
    CHECK_EQ(query_modes(file), 3);
    CHECK_EQ(control(file, CODE_ECHO(METHOD_BUFFERED), &here, &iosb, NULL, 0), STATUS_SUCCESS);
    CHECK(!is_signalled(file));
    CHECK_EQ(take(port, &got, 0), STATUS_TIMEOUT);
    CHECK_EQ(control(file, CODE_PEND, &here, &iosb, NULL, 0), STATUS_PENDING);
    CHECK(complete_pending(STATUS_SUCCESS, 6));
    CHECK(!is_signalled(file));
    CHECK_PACKET(port, 4, &here, STATUS_SUCCESS, 6);
    NtClose(file);
    NtClose(port);
    remove_base();
}

TEST(file_port__a_wait_in_the_call__makes_no_packet)
{
    IO_STATUS_BLOCK iosb;
    struct packet got;
    PVOID object;
    create_base();
    HANDLE port = create_port(0), file = open_base(0);
    CHECK_EQ(associate(file, port, 4), STATUS_SUCCESS);
    REQUIRE_EQ(ObReferenceObjectByHandle(file, 0, NULL, KernelMode, &object, NULL), STATUS_SUCCESS);
    CHECK_EQ(NtsDeviceIoControlAndWait(object, &iosb, CODE_ECHO(METHOD_BUFFERED), NULL, 0, NULL, 0, FALSE, NULL),
        STATUS_SUCCESS);
    ObDereferenceObject(object);
    CHECK_EQ(take(port, &got, 0), STATUS_TIMEOUT);
    NtClose(file);
    NtClose(port);
    remove_base();
}

TEST(file_port__closed_with_requests_and_packets_pending__nothing_is_lost)
{
    IO_STATUS_BLOCK iosb[2];
    char here;
    create_base();
    HANDLE port = create_port(0), file = open_base(0);
    CHECK_EQ(associate(file, port, 4), STATUS_SUCCESS);
    CHECK_EQ(control(file, CODE_PEND, &here, &iosb[0], NULL, 0), STATUS_PENDING);
    CHECK_EQ(control(file, CODE_PEND, &here, &iosb[1], NULL, 0), STATUS_PENDING);
    NtClose(file);
    CHECK_PACKET(port, 4, &here, STATUS_CANCELLED, 0);
    CHECK_EQ(depth(port), 1);
    NtClose(port);
    remove_base();
}

/* --- whose requests they are --- */

struct issuer {
    HANDLE file;
    IO_STATUS_BLOCK iosb[3];
    NTSTATUS status;
};

static ULONG issue_and_end(PVOID parameter)
{
    struct issuer *issuer = parameter;
    for (int i = 0; i < 3; i++)
        CHECK_EQ(control(issuer->file, CODE_PEND, issuer, &issuer->iosb[i], NULL, 0), STATUS_PENDING);
    return 0;
}

TEST(file_port__thread_ends__its_requests_go_on)
{
    struct issuer issuer;
    IO_STATUS_BLOCK mine, cancel;
    create_base();
    HANDLE port = create_port(0);
    issuer.file = open_base(0);
    CHECK_EQ(associate(issuer.file, port, 4), STATUS_SUCCESS);
    join_thread(start_thread(issue_and_end, &issuer));
    CHECK_EQ(base()->queued, 3);
    CHECK_EQ(control(issuer.file, CODE_PEND, &mine, &mine, NULL, 0), STATUS_PENDING);
    CHECK_EQ(NtCancelIoFile(issuer.file, &cancel), STATUS_SUCCESS); /* ours alone */
    CHECK_PACKET(port, 4, &mine, STATUS_CANCELLED, 0);
    CHECK_EQ(base()->queued, 3);
    CHECK(complete_pending(STATUS_SUCCESS, 8));
    CHECK_PACKET(port, 4, &issuer, STATUS_SUCCESS, 8);
    CHECK_EQ(NtCancelIoFileEx(issuer.file, &issuer.iosb[2], &cancel), STATUS_SUCCESS);
    CHECK_PACKET(port, 4, &issuer, STATUS_CANCELLED, 0);
    CHECK_EQ(issuer.iosb[2].Status, STATUS_CANCELLED);
    CHECK_EQ(NtCancelIoFileEx(issuer.file, &issuer.iosb[2], &cancel), STATUS_NOT_FOUND);
    CHECK_EQ(cancel.Status, STATUS_NOT_FOUND);
    CHECK_EQ(NtCancelIoFileEx(issuer.file, NULL, &cancel), STATUS_SUCCESS);
    CHECK_PACKET(port, 4, &issuer, STATUS_CANCELLED, 0);
    CHECK_EQ(NtCancelIoFileEx(issuer.file, NULL, &cancel), STATUS_NOT_FOUND);
    NtClose(issuer.file);
    NtClose(port);
    remove_base();
}

TEST(file_port__pending_under_a_filter__its_device_is_busy)
{
    IO_STATUS_BLOCK iosb;
    create_base();
    PDEVICE_OBJECT device = attach_filter('f', filter_complete);
    HANDLE port = create_port(0), file = open_base(0);
    CHECK_EQ(associate(file, port, 4), STATUS_SUCCESS);
    CHECK_EQ(control(file, CODE_PEND, &iosb, &iosb, NULL, 0), STATUS_PENDING);
    detach_filter(device);
    CHECK(IopIsInFileRequest(device));
    CHECK(complete_pending(STATUS_SUCCESS, 8));
    CHECK_PACKET(port, 4, &iosb, STATUS_SUCCESS, 8);
    NtClose(file);
    NtClose(port);
    remove_base();
}

static ULONG wait_in_call(PVOID parameter)
{
    struct issuer *issuer = parameter;
    PVOID object;
    CHECK_EQ(control(issuer->file, CODE_PEND, issuer, &issuer->iosb[0], NULL, 0), STATUS_PENDING);
    REQUIRE_EQ(ObReferenceObjectByHandle(issuer->file, 0, NULL, KernelMode, &object, NULL), STATUS_SUCCESS);
    issuer->status = NtsDeviceIoControlAndWait(object, &issuer->iosb[1], CODE_PEND, NULL, 0, NULL, 0, FALSE, NULL);
    ObDereferenceObject(object);
    return 0;
}

TEST(cancel_synchronous__the_request_a_thread_waits_for__and_no_other)
{
    struct issuer issuer;
    IO_STATUS_BLOCK cancel;
    create_base();
    HANDLE port = create_port(0), event = create_event(), thread;
    issuer.file = open_base(0);
    CHECK_EQ(associate(issuer.file, port, 4), STATUS_SUCCESS);
    CHECK_EQ(NtCancelSynchronousIoFile(event, NULL, &cancel), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(NtCancelSynchronousIoFile(NtCurrentThread(), NULL, &cancel), STATUS_NOT_FOUND);
    thread = start_thread(wait_in_call, &issuer);
    await_queued(2);
    CHECK_EQ(NtCancelSynchronousIoFile(thread, &cancel, &cancel), STATUS_NOT_FOUND);
    CHECK_EQ(NtCancelSynchronousIoFile(thread, NULL, &cancel), STATUS_SUCCESS);
    join_thread(thread);
    CHECK_EQ(issuer.status, STATUS_CANCELLED);
    CHECK_EQ(base()->queued, 1);
    NtClose(issuer.file);
    CHECK_PACKET(port, 4, &issuer, STATUS_CANCELLED, 0);
    NtClose(event);
    NtClose(port);
    remove_base();
}

/* --- requests with captures --- */

struct captured {
    const char *text;
    ULONG length;
    char *numbers;
};

TEST(captured__pending__the_driver_sees_copies)
{
    char text[] = "hello", numbers[100] = {1, 2, 3};
    struct captured input = {text, sizeof text, numbers};
    NTS_CAPTURE pieces[] = {{FIELD_OFFSET(struct captured, text), sizeof text, text},
        {FIELD_OFFSET(struct captured, numbers), sizeof numbers, numbers}};
    IO_STATUS_BLOCK iosb;
    create_base();
    HANDLE port = create_port(0), file = open_base(0);
    CHECK_EQ(associate(file, port, 4), STATUS_SUCCESS);
    CHECK_EQ(NtsDeviceIoControl(file, NULL, NULL, &iosb, &iosb, CODE_PEND, &input, sizeof input, pieces, 2, NULL, 0),
        STATUS_PENDING);
    RtlZeroMemory(text, sizeof text);
    RtlZeroMemory(numbers, sizeof numbers);
    RtlZeroMemory(&input, sizeof input);
    PIRP irp = IoCsqRemoveNextIrp(&base()->csq, NULL);
    struct captured *copy = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.Type3InputBuffer;
    CHECK_EQ(copy->length, 6);
    CHECK(strcmp(copy->text, "hello") == 0);
    CHECK_EQ(copy->numbers[2], 3);
    CHECK_EQ((ULONG_PTR)copy->numbers % 16, 0);
    complete_irp(irp, STATUS_SUCCESS, 1);
    CHECK_PACKET(port, 4, &iosb, STATUS_SUCCESS, 1);
    pieces[1].Data = (PVOID)1;
    CHECK_EQ(NtsDeviceIoControl(file, NULL, NULL, &iosb, &iosb, CODE_PEND, &input, sizeof input, pieces, 2, NULL, 0),
        STATUS_ACCESS_VIOLATION);
    NtClose(file);
    NtClose(port);
    remove_base();
}

static PVOID input_of_next(VOID)
{
    PIRP irp = IoCsqRemoveNextIrp(&base()->csq, NULL);
    PVOID input = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.Type3InputBuffer;
    complete_irp(irp, STATUS_SUCCESS, 0);
    return input;
}

TEST(captured__the_driver_reads_at_once__sees_the_originals_unless_another_is_above)
{
    struct captured input = {NULL, 7, NULL};
    const NTS_CAPTURE missing = {FIELD_OFFSET(struct captured, text), 6, (PVOID)1};
    IO_STATUS_BLOCK iosb;
    create_base();
    IoDeclareInputRead(base_device);
    HANDLE file = open_base(0);
    CHECK_EQ(NtsDeviceIoControl(file, NULL, NULL, &iosb, &iosb, CODE_PEND, &input, sizeof input, NULL, 0, NULL, 0),
        STATUS_PENDING);
    CHECK(input_of_next() == &input);
    CHECK_EQ(NtsDeviceIoControl(file, NULL, NULL, &iosb, &iosb, CODE_PEND, &input, sizeof input, &missing, 1, NULL, 0),
        STATUS_ACCESS_VIOLATION);
    PDEVICE_OBJECT above = attach_filter('a', filter_skip);
    CHECK_EQ(NtsDeviceIoControl(file, NULL, NULL, &iosb, &iosb, CODE_PEND, &input, sizeof input, NULL, 0, NULL, 0),
        STATUS_PENDING);
    CHECK(input_of_next() != &input);
    NtClose(file);
    detach_filter(above);
    remove_base();
}

TEST(captured__fast_io__sees_the_originals)
{
    static struct captured input;
    IO_STATUS_BLOCK iosb;
    create_base();
    base_driver->FastIoDispatch = &base_fast_io;
    fast_answers = TRUE;
    HANDLE file = open_base(0);
    CHECK_EQ(NtsDeviceIoControl(file, NULL, NULL, NULL, &iosb, CODE_PEND, &input, sizeof input, NULL, 0, NULL, 0),
        STATUS_SUCCESS);
    CHECK_EQ(fast_calls, 1);
    CHECK_EQ(iosb.Information, 77);
    base_driver->FastIoDispatch = NULL;
    NtClose(file);
    remove_base();
}
