/* SPDX-License-Identifier: MIT */
/* io_file_test.c - files: create, buffers of all methods, results, fast I/O, APCs, cleanup and close. */
#include "io_test.h"

#include "host_status.h"

static NTSTATUS control(HANDLE file, HANDLE event, PIO_STATUS_BLOCK iosb, ULONG code, const void *in,
    ULONG in_length, void *out, ULONG out_length)
{
    return NtDeviceIoControlFile(file, event, NULL, NULL, iosb, code, (PVOID)in, in_length, out, out_length);
}

TEST(file__open_and_close__create_cleanup_close)
{
    create_base();
    HANDLE file = open_base(0);
    CHECK_TRACE("C");
    CHECK_EQ(base_device->ReferenceCount, 1);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    CHECK_TRACE("UD");
    CHECK_EQ(base_device->ReferenceCount, 0);
    remove_base();
}

TEST(file__last_reference_is_not_the_handle__close_comes_later)
{
    create_base();
    HANDLE file = open_base(0), second = NULL;
    PVOID object;
    CHECK_EQ(NtDuplicateObject(NtCurrentProcess(), file, NtCurrentProcess(), &second, 0, 0, 2), STATUS_SUCCESS);
    CHECK_EQ(ObReferenceObjectByHandle(file, 0, *IoFileObjectType, KernelMode, &object, NULL), STATUS_SUCCESS);
    (void)take_trace();
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    CHECK_TRACE("");
    CHECK_EQ(NtClose(second), STATUS_SUCCESS);
    CHECK_TRACE("U");
    ObDereferenceObject(object);
    CHECK_TRACE("D");
    remove_base();
}

TEST(create__fails__no_handle_no_close)
{
    create_base();
    CHECK(open_base_name(L"\\Device\\Base\\denied", 0, STATUS_ACCESS_DENIED) == NULL);
    CHECK_TRACE("C");
    CHECK_EQ(base_device->ReferenceCount, 0);
    remove_base();
}

TEST(create__names_and_options__documented_statuses)
{
    create_base();
    open_base_name(L"\\Device\\Nothing", 0, STATUS_OBJECT_NAME_NOT_FOUND);
    open_base_name(L"\\Nowhere\\Base", 0, STATUS_OBJECT_PATH_NOT_FOUND);
    open_base_name(L"Device\\Base", 0, STATUS_OBJECT_PATH_SYNTAX_BAD);
    open_base_name(L"\\Device\\Base", FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT,
        STATUS_INVALID_PARAMETER);
    open_base_name(L"\\Driver\\Base", 0, STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_TRACE("");
    HANDLE file = open_base_name(L"\\DEVICE\\base\\Some\\Name", 0, STATUS_SUCCESS);
    struct {
        ULONG length;
        WCHAR text[32];
    } name;
    IO_STATUS_BLOCK iosb;
    CHECK_EQ(NtQueryInformationFile(file, &iosb, &name, sizeof name, FileNameInformation), STATUS_SUCCESS);
    CHECK_EQ(name.length, 10 * sizeof(WCHAR));
    CHECK_EQ(memcmp(name.text, L"\\Some\\Name", name.length), 0);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(create__bad_pointers__access_violation)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK iosb;
    HANDLE handle;
    create_base();
    RtlInitUnicodeString(&name, L"\\Device\\Base");
    InitializeObjectAttributes(&attributes, &name, 0, NULL, NULL);
    CHECK_EQ(NtOpenFile(NULL, SYNCHRONIZE, &attributes, &iosb, 0, 0), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(NtOpenFile(&handle, SYNCHRONIZE, &attributes, NULL, 0, 0), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(NtOpenFile(&handle, SYNCHRONIZE, NULL, &iosb, 0, 0), STATUS_ACCESS_VIOLATION);
    attributes.ObjectName = (PUNICODE_STRING)0x1000;
    CHECK_EQ(NtOpenFile(&handle, SYNCHRONIZE, &attributes, &iosb, 0, 0), STATUS_ACCESS_VIOLATION);
    attributes.ObjectName = &name;
    name.Buffer = (PWSTR)0x20;
    CHECK_EQ(NtOpenFile(&handle, SYNCHRONIZE, &attributes, &iosb, 0, 0), STATUS_ACCESS_VIOLATION);
    attributes.Length = 1;
    CHECK_EQ(NtOpenFile(&handle, SYNCHRONIZE, &attributes, &iosb, 0, 0), STATUS_INVALID_PARAMETER);
    CHECK_TRACE("");
    remove_base();
}

TEST(create__ea_buffer__checked_and_passed)
{
    union {
        FILE_FULL_EA_INFORMATION ea;
        char bytes[64];
    } buffer = {.ea = {.EaNameLength = 3, .EaValueLength = 4}};
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK iosb;
    HANDLE handle = NULL;
    ULONG length = FIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName) + 3 + 1 + 4;

    create_base();
    memcpy(buffer.ea.EaName, "abc", 4);
    RtlInitUnicodeString(&name, L"\\Device\\Base");
    InitializeObjectAttributes(&attributes, &name, 0, NULL, NULL);
    CHECK_EQ(NtCreateFile(&handle, SYNCHRONIZE, &attributes, &iosb, NULL, 0, 0, FILE_OPEN_IF, 0, &buffer, length),
        STATUS_SUCCESS);
    CHECK_EQ(strcmp(base()->ea_name, "abc"), 0);
    CHECK_EQ(base()->ea_length, length);
    CHECK_EQ(iosb.Information, FILE_OPENED);
    CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
    (void)take_trace();
    for (ULONG shorter = 1; shorter < length; shorter++)
        CHECK_EQ(NtCreateFile(&handle, SYNCHRONIZE, &attributes, &iosb, NULL, 0, 0, FILE_OPEN_IF, 0, &buffer,
            shorter), STATUS_EA_LIST_INCONSISTENT);
    buffer.bytes[FIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName) + 3] = 'x';
    CHECK_EQ(NtCreateFile(&handle, SYNCHRONIZE, &attributes, &iosb, NULL, 0, 0, FILE_OPEN_IF, 0, &buffer, length),
        STATUS_EA_LIST_INCONSISTENT);
    buffer.bytes[FIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName) + 3] = 0;
    buffer.ea.NextEntryOffset = 8;
    CHECK_EQ(NtCreateFile(&handle, SYNCHRONIZE, &attributes, &iosb, NULL, 0, 0, FILE_OPEN_IF, 0, &buffer, length),
        STATUS_EA_LIST_INCONSISTENT);
    buffer.ea.NextEntryOffset = 0x10000;
    CHECK_EQ(NtCreateFile(&handle, SYNCHRONIZE, &attributes, &iosb, NULL, 0, 0, FILE_OPEN_IF, 0, &buffer, length),
        STATUS_EA_LIST_INCONSISTENT);
    CHECK_EQ(NtCreateFile(&handle, SYNCHRONIZE, &attributes, &iosb, NULL, 0, 0, FILE_OPEN_IF, 0, (PVOID)0x30,
        length), STATUS_ACCESS_VIOLATION);
    CHECK_TRACE("");
    remove_base();
}

TEST(control__all_four_methods__same_result)
{
    static const ULONG methods[] = {METHOD_BUFFERED, METHOD_IN_DIRECT, METHOD_OUT_DIRECT, METHOD_NEITHER};
    static char in[600], out[600];
    create_base();
    HANDLE file = open_base(0);
    for (int i = 0; i < 600; i++)
        in[i] = (char)i;
    for (ULONG i = 0; i < 4; i++) {
        static const ULONG lengths[] = {1, 200, 256, 257, 600};
        for (ULONG k = 0; k < RTL_NUMBER_OF(lengths); k++) {
            IO_STATUS_BLOCK iosb = {.Status = -1};
            ULONG length = lengths[k];
            memset(out, 0x55, sizeof out);
            CHECK_EQ(control(file, NULL, &iosb, CODE_ECHO(methods[i]), in, length, out, length), STATUS_SUCCESS);
            CHECK_EQ(iosb.Status, STATUS_SUCCESS);
            CHECK_EQ(iosb.Information, length);
            CHECK_EQ(out[0], in[length - 1]);
            CHECK_EQ(out[length - 1], in[0]);
            if (length < 600)
                CHECK_EQ(out[length], 0x55);
        }
    }
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(control__buffered_warning__partial_output_copied)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    char out[4] = "....";
    create_base();
    HANDLE file = open_base(0);
    CHECK_EQ(control(file, NULL, &iosb, CODE_ECHO(METHOD_BUFFERED), "abcdef", 6, out, 2), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(iosb.Status, STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(iosb.Information, 2);
    CHECK_EQ(memcmp(out, "fe..", 4), 0);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(control__fails_at_once__nothing_is_reported)
{
    IO_STATUS_BLOCK iosb = {.Status = 1234, .Information = 5678};
    NTSTATUS wanted = STATUS_DEVICE_NOT_READY;
    create_base();
    HANDLE file = open_base(0), event = create_event();
    CHECK_EQ(control(file, event, &iosb, CODE_FAIL, &wanted, sizeof wanted, NULL, 0), STATUS_DEVICE_NOT_READY);
    CHECK_EQ(iosb.Status, 1234);
    CHECK_EQ(iosb.Information, 5678);
    CHECK(!is_signalled(event));
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(control__fails_after_pending__reported)
{
    IO_STATUS_BLOCK iosb = {.Status = 1234, .Information = 5678};
    NTSTATUS wanted = STATUS_CONNECTION_RESET;
    create_base();
    HANDLE file = open_base(0), event = create_event();
    CHECK_EQ(control(file, event, &iosb, CODE_PEND_FAIL, &wanted, sizeof wanted, NULL, 0), STATUS_PENDING);
    CHECK_EQ(iosb.Status, 1234);
    CHECK(!is_signalled(event));
    CHECK(complete_pending(0, 9));
    CHECK_EQ(iosb.Status, STATUS_CONNECTION_RESET);
    CHECK_EQ(iosb.Information, 9);
    CHECK(is_signalled(event));
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(control__pending_without_event__file_is_signalled)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    create_base();
    HANDLE file = open_base(0);
    CHECK_EQ(control(file, NULL, &iosb, CODE_PEND, NULL, 0, NULL, 0), STATUS_PENDING);
    CHECK(!is_signalled(file));
    CHECK(complete_pending(STATUS_SUCCESS, 0));
    CHECK(is_signalled(file));
    CHECK_EQ(control(file, NULL, &iosb, CODE_PEND, NULL, 0, NULL, 0), STATUS_PENDING);
    CHECK(!is_signalled(file));
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    CHECK_EQ(iosb.Status, STATUS_CANCELLED);
    remove_base();
}

static int apcs;
static PIO_STATUS_BLOCK apc_iosb;

static void on_apc(PVOID context, PIO_STATUS_BLOCK iosb, ULONG reserved)
{
    CHECK_EQ((ULONG_PTR)context, 42);
    CHECK_EQ(reserved, 0);
    apc_iosb = iosb;
    apcs++;
}

TEST(control__with_apc__delivered_in_an_alertable_wait)
{
    IO_STATUS_BLOCK iosb;
    LARGE_INTEGER long_time = relative_ms(60000);
    NTSTATUS wanted = STATUS_DEVICE_NOT_READY;
    create_base();
    HANDLE file = open_base(0);
    CHECK_EQ(NtDeviceIoControlFile(file, NULL, on_apc, (PVOID)42, &iosb, CODE_PEND, NULL, 0, NULL, 0),
        STATUS_PENDING);
    CHECK(complete_pending(STATUS_SUCCESS, 11));
    CHECK_EQ(apcs, 0);
    CHECK_EQ(NtDelayExecution(TRUE, &long_time), STATUS_USER_APC);
    CHECK_EQ(apcs, 1);
    CHECK(apc_iosb == &iosb);
    CHECK_EQ(iosb.Information, 11);
    CHECK_EQ(NtDeviceIoControlFile(file, NULL, on_apc, (PVOID)42, &iosb, CODE_READ_ACCESS, NULL, 0, NULL, 0),
        STATUS_SUCCESS);
    CHECK_EQ(NtTestAlert(), STATUS_SUCCESS);
    CHECK_EQ(apcs, 2);
    CHECK_EQ(NtDeviceIoControlFile(file, NULL, on_apc, (PVOID)42, &iosb, CODE_FAIL, &wanted, 4, NULL, 0), wanted);
    CHECK_EQ(NtTestAlert(), STATUS_SUCCESS);
    CHECK_EQ(apcs, 2);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(control__bad_arguments__documented_statuses)
{
    IO_STATUS_BLOCK iosb;
    char byte = 0;
    create_base();
    HANDLE file = open_base(0), event = create_event(), weak = NULL;
    CHECK_EQ(control(file, NULL, NULL, CODE_PEND, NULL, 0, NULL, 0), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(control((HANDLE)0x7ff0, NULL, &iosb, CODE_PEND, NULL, 0, NULL, 0), STATUS_INVALID_HANDLE);
    CHECK_EQ(control(event, NULL, &iosb, CODE_PEND, NULL, 0, NULL, 0), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(control(file, file, &iosb, CODE_PEND, NULL, 0, NULL, 0), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(control(file, (HANDLE)0x7ff0, &iosb, CODE_PEND, NULL, 0, NULL, 0), STATUS_INVALID_HANDLE);
    CHECK_EQ(control(file, NULL, &iosb, BASE_CODE(99, 0), NULL, 0, NULL, 0), STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(control(file, NULL, &iosb, CODE_ECHO(METHOD_BUFFERED), NULL, 10, &byte, 1), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(control(file, NULL, &iosb, CODE_ECHO(METHOD_BUFFERED), &byte, 1, (PVOID)0x40, 1),
        STATUS_ACCESS_VIOLATION);
    CHECK_EQ(control(file, NULL, &iosb, CODE_ECHO(METHOD_OUT_DIRECT), &byte, 1, (PVOID)0x40, 1),
        STATUS_ACCESS_VIOLATION);
    CHECK_EQ(control(file, NULL, &iosb, CODE_READ_ACCESS, NULL, 0, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(NtDuplicateObject(NtCurrentProcess(), file, NtCurrentProcess(), &weak, FILE_WRITE_DATA, 0, 0),
        STATUS_SUCCESS);
    CHECK_EQ(control(weak, NULL, &iosb, CODE_READ_ACCESS, NULL, 0, NULL, 0), STATUS_ACCESS_DENIED);
    HANDLE more = NULL;
    CHECK_EQ(NtDuplicateObject(NtCurrentProcess(), weak, NtCurrentProcess(), &more, FILE_READ_DATA, 0, 0),
        STATUS_ACCESS_DENIED);
    CHECK_EQ(NtReadFile(weak, NULL, NULL, NULL, &iosb, &byte, 1, NULL, NULL), STATUS_ACCESS_DENIED);
    CHECK_EQ(NtClose(weak), STATUS_SUCCESS);
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(fast_io__answers_or_falls_through)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    create_base();
    base_driver->FastIoDispatch = &base_fast_io;
    HANDLE file = open_base(0), event = create_event();
    (void)take_trace();
    fast_answers = TRUE;
    CHECK_EQ(control(file, event, &iosb, CODE_READ_ACCESS, NULL, 0, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(iosb.Information, 77);
    CHECK(is_signalled(event));
    CHECK_TRACE("");
    fast_status = STATUS_DEVICE_NOT_READY;
    iosb.Information = 5;
    CHECK_EQ(control(file, event, &iosb, CODE_READ_ACCESS, NULL, 0, NULL, 0), STATUS_DEVICE_NOT_READY);
    /* Errors are told too. [test:wine/ws2_32/afd.c event_select] */
    CHECK_EQ(iosb.Status, STATUS_DEVICE_NOT_READY);
    CHECK_EQ(iosb.Information, 77);
    CHECK(is_signalled(event));
    fast_answers = FALSE;
    CHECK_EQ(control(file, event, &iosb, CODE_READ_ACCESS, NULL, 0, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(iosb.Information, 0);
    CHECK_TRACE("I");
    CHECK_EQ(fast_calls, 3);
    /* A filter without a table turns fast I/O off; it sees the IRP. */
    fast_answers = TRUE;
    PDEVICE_OBJECT upper = attach_filter('a', filter_skip);
    CHECK_EQ(control(file, event, &iosb, CODE_READ_ACCESS, NULL, 0, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(fast_calls, 3);
    CHECK_TRACE("aI");
    detach_filter(upper);
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(read_write__three_kinds_of_buffers__filled)
{
    static const ULONG kinds[] = {0, DO_BUFFERED_IO, DO_DIRECT_IO};
    LARGE_INTEGER start = {.QuadPart = 0};
    char buffer[300];
    create_base();
    HANDLE file = open_base(0);
    for (int i = 0; i < 3; i++) {
        IO_STATUS_BLOCK iosb = {.Status = -1};
        memset(buffer, 0, sizeof buffer);
        base_device->Flags = (base_device->Flags & ~(ULONG)(DO_BUFFERED_IO | DO_DIRECT_IO)) | kinds[i];
        CHECK_EQ(NtReadFile(file, NULL, NULL, NULL, &iosb, buffer, 300, &start, NULL), STATUS_SUCCESS);
        CHECK_EQ(iosb.Information, 300);
        CHECK_EQ(buffer[299], 'r');
        CHECK_EQ(NtWriteFile(file, NULL, NULL, NULL, &iosb, buffer, 200, &start, NULL), STATUS_SUCCESS);
        CHECK_EQ(iosb.Information, 200);
        CHECK_EQ(NtReadFile(file, NULL, NULL, NULL, &iosb, NULL, 5, &start, NULL), STATUS_ACCESS_VIOLATION);
        CHECK_EQ(NtReadFile(file, NULL, NULL, NULL, &iosb, NULL, 0, &start, NULL), STATUS_SUCCESS);
    }
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

static ULONG complete_when_queued(PVOID parameter)
{
    await_queued(1);
    complete_pending(STATUS_SUCCESS, (ULONG_PTR)parameter);
    return 0;
}

TEST(synchronous_file__waits_inside__final_status)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    NTSTATUS wanted = STATUS_CONNECTION_RESET;
    create_base();
    HANDLE file = open_base(FILE_SYNCHRONOUS_IO_NONALERT);
    HANDLE thread = start_thread(complete_when_queued, (PVOID)5);
    CHECK_EQ(control(file, NULL, &iosb, CODE_PEND, NULL, 0, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(iosb.Status, STATUS_SUCCESS);
    CHECK_EQ(iosb.Information, 5);
    CHECK(is_signalled(file));
    join_thread(thread);
    thread = start_thread(complete_when_queued, NULL);
    CHECK_EQ(control(file, NULL, &iosb, CODE_PEND_FAIL, &wanted, 4, NULL, 0), wanted);
    CHECK_EQ(iosb.Status, wanted);
    join_thread(thread);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

static ULONG control_synchronously(PVOID file)
{
    IO_STATUS_BLOCK iosb;
    return (ULONG)control(file, NULL, &iosb, CODE_PEND, NULL, 0, NULL, 0);
}

TEST(synchronous_file__two_threads__one_request_at_a_time)
{
    create_base();
    HANDLE file = open_base(FILE_SYNCHRONOUS_IO_NONALERT), threads[3];
    for (int i = 0; i < 3; i++)
        threads[i] = start_thread(control_synchronously, file);
    for (int i = 0; i < 3; i++) {
        await_queued(1);
        CHECK(complete_pending(STATUS_SUCCESS, 0));
    }
    for (int i = 0; i < 3; i++)
        CHECK_EQ(join_thread(threads[i]), STATUS_SUCCESS);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(synchronous_file__closed_while_a_thread_waits__cleanup_ends_it)
{
    create_base();
    HANDLE file = open_base(FILE_SYNCHRONOUS_IO_NONALERT);
    HANDLE thread = start_thread(control_synchronously, file);
    await_queued(1);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    CHECK_EQ(join_thread(thread), (ULONG)STATUS_CANCELLED);
    remove_base();
}

/* Every allocation on the way fails once: an error and nothing left behind, or success. */
TEST(faults__each_allocation_of_open_control_close__no_leak)
{
    static const ULONG methods[] = {METHOD_BUFFERED, METHOD_OUT_DIRECT, METHOD_NEITHER};
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    char in[300] = "x", out[300];
    unsigned failures = 0, nth = 0;
    BOOLEAN seen = TRUE;
    create_base();
    RtlInitUnicodeString(&name, L"\\Device\\Base\\Some\\Name");
    InitializeObjectAttributes(&attributes, &name, 0, NULL, NULL);
    while (seen) {
        IO_STATUS_BLOCK iosb;
        HANDLE handle = NULL;
        nth++;
        host_fault_set(HOST_CALL_ALLOCATE, nth, 12 /* ENOMEM */);
        NTSTATUS status = NtCreateFile(&handle, FILE_ALL_ACCESS, &attributes, &iosb, NULL, 0, 0, FILE_OPEN_IF, 0,
            NULL, 0);
        for (int i = 0; NT_SUCCESS(status) && i < 3; i++)
            status = control(handle, NULL, &iosb, CODE_ECHO(methods[i]), in, 300, out, 300);
        if (handle != NULL)
            CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
        seen = host_fault_seen(HOST_CALL_ALLOCATE) >= nth;
        host_fault_set(HOST_CALL_ALLOCATE, 0, 0);
        CHECK(status == STATUS_SUCCESS || status == STATUS_INSUFFICIENT_RESOURCES);
        failures += status != STATUS_SUCCESS;
    }
    CHECK(failures >= 3); /* file object, name, MDL at least; IRPs may come from the cache */
    CHECK_EQ(base_device->ReferenceCount, 0);
    remove_base();
}

TEST(query_and_set_file__mode_position_standard__and_refusals)
{
    IO_STATUS_BLOCK iosb;
    LARGE_INTEGER position = {.QuadPart = 12345};
    ULONG mode = 7;
    char standard[24];
    create_base();
    HANDLE file = open_base(FILE_SYNCHRONOUS_IO_ALERT);
    CHECK_EQ(NtQueryInformationFile(file, &iosb, &mode, sizeof mode, FileModeInformation), STATUS_SUCCESS);
    CHECK_EQ(mode, FILE_SYNCHRONOUS_IO_ALERT);
    mode = FILE_SYNCHRONOUS_IO_NONALERT;
    CHECK_EQ(NtSetInformationFile(file, &iosb, &mode, sizeof mode, FileModeInformation), STATUS_SUCCESS);
    mode = 0;
    CHECK_EQ(NtSetInformationFile(file, &iosb, &mode, sizeof mode, FileModeInformation), STATUS_INVALID_PARAMETER);
    CHECK_EQ(NtSetInformationFile(file, &iosb, &position, 8, FilePositionInformation), STATUS_SUCCESS);
    position.QuadPart = 0;
    CHECK_EQ(NtQueryInformationFile(file, &iosb, &position, 8, FilePositionInformation), STATUS_SUCCESS);
    CHECK_EQ(position.QuadPart, 12345);
    CHECK_EQ(NtQueryInformationFile(file, &iosb, standard, sizeof standard, FileStandardInformation),
        STATUS_SUCCESS);
    CHECK_EQ(iosb.Information, 24);
    CHECK_EQ(NtQueryInformationFile(file, &iosb, &mode, 2, FileModeInformation), STATUS_INFO_LENGTH_MISMATCH);
    CHECK_EQ(NtQueryInformationFile(file, &iosb, &mode, 4, 99), STATUS_INVALID_INFO_CLASS);
    CHECK_EQ(NtQueryInformationFile(file, &iosb, NULL, 4, FileModeInformation), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(NtQueryInformationFile(file, &iosb, standard, 24, FileBasicInformation),
        STATUS_INVALID_DEVICE_REQUEST);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(control_and_wait__fast_irp_and_pending__final_status)
{
    IO_STATUS_BLOCK iosb;
    PFILE_OBJECT file_object;
    char out[8] = "";
    create_base();
    HANDLE file = open_base(0);
    REQUIRE_EQ(ObReferenceObjectByHandle(file, 0, *IoFileObjectType, KernelMode, (PVOID *)&file_object, NULL),
        STATUS_SUCCESS);
    CHECK_EQ(NtsDeviceIoControlAndWait(file_object, &iosb, CODE_ECHO(METHOD_BUFFERED), "abc", 3, out, 8, FALSE,
        NULL), STATUS_SUCCESS);
    CHECK_EQ(strcmp(out, "cba"), 0);
    CHECK_EQ(iosb.Information, 3);
    HANDLE thread = start_thread(complete_when_queued, (PVOID)6);
    CHECK_EQ(NtsDeviceIoControlAndWait(file_object, &iosb, CODE_PEND, NULL, 0, NULL, 0, FALSE, NULL),
        STATUS_SUCCESS);
    CHECK_EQ(iosb.Information, 6);
    CHECK(base()->may_poll);
    join_thread(thread);
    LARGE_INTEGER soon = relative_ms(1);
    CHECK_EQ(NtsDeviceIoControlAndWait(file_object, &iosb, CODE_PEND, NULL, 0, NULL, 0, FALSE, &soon),
        STATUS_IO_TIMEOUT);
    CHECK_EQ(base()->cancelled, 1);
    base_driver->FastIoDispatch = &base_fast_io;
    fast_answers = TRUE;
    CHECK_EQ(NtsDeviceIoControlAndWait(file_object, &iosb, CODE_PEND, NULL, 0, NULL, 0, FALSE, NULL),
        STATUS_SUCCESS);
    CHECK_EQ(iosb.Information, 77);
    ObDereferenceObject(file_object);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

static void nothing(PVOID a, PVOID b, PVOID c)
{
}

TEST(control_and_wait__alerted__cancelled_with_user_apc)
{
    IO_STATUS_BLOCK iosb;
    PFILE_OBJECT file_object;
    create_base();
    HANDLE file = open_base(0);
    REQUIRE_EQ(ObReferenceObjectByHandle(file, 0, *IoFileObjectType, KernelMode, (PVOID *)&file_object, NULL),
        STATUS_SUCCESS);
    CHECK_EQ(NtQueueApcThread(NtCurrentThread(), nothing, NULL, NULL, NULL), STATUS_SUCCESS);
    CHECK_EQ(NtsDeviceIoControlAndWait(file_object, &iosb, CODE_PEND, NULL, 0, NULL, 0, TRUE, NULL),
        STATUS_USER_APC);
    CHECK_EQ(base()->cancelled, 1);
    ObDereferenceObject(file_object);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}
