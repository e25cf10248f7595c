/* SPDX-License-Identifier: MIT */
/*
 * nt_bad_input_test.c - a table: the native calls with bad pointers, handles and lengths.
 *
 * The order is NT's: pointers are probed before a handle is looked up. Device control codes of AFD have
 * tests of their own (tests/afd/afd_mutation_test.c).
 */
#include "io_test.h"

#include "host_virtual.h"

/* Kept until the case ends: a page that is not there, and one that can only be read. */
static struct {
    char *nothing, *fixed;
} wild;

static void make_wild(void)
{
    void *address;
    REQUIRE_EQ(host_virtual_reserve(NULL, HOST_VIRTUAL_ALIGNMENT, &address), STATUS_SUCCESS);
    wild.nothing = address;
    REQUIRE_EQ(host_virtual_reserve(NULL, HOST_VIRTUAL_ALIGNMENT, &address), STATUS_SUCCESS);
    wild.fixed = address;
    REQUIRE_EQ(host_virtual_protect(address, HOST_PAGE_BYTES, HOST_PROTECT_READ), STATUS_SUCCESS);
}

static void release_wild(void)
{
    host_virtual_release(wild.nothing, HOST_VIRTUAL_ALIGNMENT);
    host_virtual_release(wild.fixed, HOST_VIRTUAL_ALIGNMENT);
}

#define BAD_ADDRESSES 3
static void *bad(int n)
{
    return n == 0 ? (void *)8 : n == 1 ? (void *)wild.nothing : (void *)0xFFFF800000000000;
}

#define ROW(call, status) CHECK_EQ((ULONG)(call), (ULONG)(status))
#define NO_HANDLE ((HANDLE)0x7FF0)

static HANDLE make_timer(void)
{
    HANDLE timer = NULL;
    REQUIRE_EQ(NtCreateTimer(&timer, TIMER_ALL_ACCESS, NULL, NotificationTimer), STATUS_SUCCESS);
    return timer;
}

static void check_attributes(POBJECT_ATTRIBUTES attributes, NTSTATUS status)
{
    HANDLE handle = (HANDLE)0x1234;
    ROW(NtCreateEvent(&handle, EVENT_ALL_ACCESS, attributes, NotificationEvent, FALSE), status);
    ROW(NtCreateSemaphore(&handle, SEMAPHORE_ALL_ACCESS, attributes, 0, 1), status);
    ROW(NtCreateMutant(&handle, MUTANT_ALL_ACCESS, attributes, FALSE), status);
    ROW(NtCreateTimer(&handle, TIMER_ALL_ACCESS, attributes, NotificationTimer), status);
    ROW(NtCreateIoCompletion(&handle, IO_COMPLETION_ALL_ACCESS, attributes, 0), status);
    ROW(NtOpenIoCompletion(&handle, IO_COMPLETION_ALL_ACCESS, attributes), status);
    ROW(NtOpenEvent(&handle, EVENT_ALL_ACCESS, attributes), status);
    ROW(NtOpenSemaphore(&handle, SEMAPHORE_ALL_ACCESS, attributes), status);
    ROW(NtOpenMutant(&handle, MUTANT_ALL_ACCESS, attributes), status);
    ROW(NtOpenTimer(&handle, TIMER_ALL_ACCESS, attributes), status);
    CHECK_EQ((ULONG_PTR)handle, 0x1234); /* untouched */
}

TEST(bad_input_objects__attributes__access_violation_or_invalid)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\BaseNamedObjects\\Bad");
    make_wild();
    for (int n = 0; n < BAD_ADDRESSES; n++) {
        check_attributes(bad(n), STATUS_ACCESS_VIOLATION);
        InitializeObjectAttributes(&attributes, bad(n), 0, NULL, NULL);
        check_attributes(&attributes, STATUS_ACCESS_VIOLATION);
        name.Buffer = bad(n);
        InitializeObjectAttributes(&attributes, &name, 0, NULL, NULL);
        check_attributes(&attributes, STATUS_ACCESS_VIOLATION);
    }
    name.Buffer = (PWSTR)L"\\BaseNamedObjects\\Bad";
    attributes.Length = sizeof attributes - 1;
    check_attributes(&attributes, STATUS_INVALID_PARAMETER);
    attributes.Length = 0xFFFFFFFF;
    check_attributes(&attributes, STATUS_INVALID_PARAMETER);
    InitializeObjectAttributes(&attributes, &name, 0x80000000, NULL, NULL);
    check_attributes(&attributes, STATUS_INVALID_PARAMETER);
    InitializeObjectAttributes(&attributes, &name, 0, NULL, NULL);
    name.Length = 3;
    check_attributes(&attributes, STATUS_OBJECT_NAME_INVALID);
    name.Length = 0xFFFE;
    check_attributes(&attributes, STATUS_OBJECT_NAME_INVALID);
    release_wild();
}

TEST(bad_input_objects__handle_pointer__access_violation)
{
    make_wild();
    for (int n = 0; n < BAD_ADDRESSES + 1; n++) {
        PHANDLE handle = n < BAD_ADDRESSES ? bad(n) : (PHANDLE)wild.fixed;
        ROW(NtCreateEvent(handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), STATUS_ACCESS_VIOLATION);
        ROW(NtCreateSemaphore(handle, SEMAPHORE_ALL_ACCESS, NULL, 0, 1), STATUS_ACCESS_VIOLATION);
        ROW(NtCreateMutant(handle, MUTANT_ALL_ACCESS, NULL, FALSE), STATUS_ACCESS_VIOLATION);
        ROW(NtCreateTimer(handle, TIMER_ALL_ACCESS, NULL, NotificationTimer), STATUS_ACCESS_VIOLATION);
        ROW(NtCreateIoCompletion(handle, IO_COMPLETION_ALL_ACCESS, NULL, 0), STATUS_ACCESS_VIOLATION);
        ROW(NtOpenEvent(handle, EVENT_ALL_ACCESS, NULL), STATUS_ACCESS_VIOLATION);
        ROW(NtDuplicateObject(NtCurrentProcess(), NtCurrentThread(), NtCurrentProcess(), handle, 0, 0,
                DUPLICATE_SAME_ACCESS),
            STATUS_ACCESS_VIOLATION);
    }
    release_wild();
}

TEST(bad_input_objects__values__invalid_parameter)
{
    HANDLE handle;
    ROW(NtCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, (EVENT_TYPE)2, FALSE), STATUS_INVALID_PARAMETER);
    ROW(NtCreateTimer(&handle, TIMER_ALL_ACCESS, NULL, (TIMER_TYPE)-1), STATUS_INVALID_PARAMETER);
    ROW(NtCreateSemaphore(&handle, SEMAPHORE_ALL_ACCESS, NULL, -1, 1), STATUS_INVALID_PARAMETER);
    ROW(NtCreateSemaphore(&handle, SEMAPHORE_ALL_ACCESS, NULL, 2, 1), STATUS_INVALID_PARAMETER);
    ROW(NtCreateSemaphore(&handle, SEMAPHORE_ALL_ACCESS, NULL, 0, 0), STATUS_INVALID_PARAMETER);
    ROW(NtReleaseSemaphore(NO_HANDLE, 0, NULL), STATUS_INVALID_PARAMETER);
    ROW(NtOpenEvent(&handle, EVENT_ALL_ACCESS, NULL), STATUS_INVALID_PARAMETER);
    ROW(NtWaitForMultipleObjects(0, &handle, WaitAny, FALSE, NULL), STATUS_INVALID_PARAMETER_1);
    ROW(NtWaitForMultipleObjects(65, &handle, WaitAny, FALSE, NULL), STATUS_INVALID_PARAMETER_1);
    ROW(NtWaitForMultipleObjects(0xFFFFFFFF, &handle, WaitAny, FALSE, NULL), STATUS_INVALID_PARAMETER_1);
    ROW(NtWaitForMultipleObjects(1, &handle, (WAIT_TYPE)7, FALSE, NULL), STATUS_INVALID_PARAMETER_3);
}

TEST(bad_input_objects__results__access_violation_and_no_effect)
{
    HANDLE event = create_event(), timer = make_timer();
    LARGE_INTEGER due = {.QuadPart = 0};
    EVENT_BASIC_INFORMATION basic;
    ULONG length;
    make_wild();
    for (int n = 0; n < BAD_ADDRESSES + 1; n++) {
        void *out = n < BAD_ADDRESSES ? bad(n) : wild.fixed;
        ROW(NtSetEvent(event, out), STATUS_ACCESS_VIOLATION);
        CHECK(!is_signalled(event));
        ROW(NtResetEvent(event, out), STATUS_ACCESS_VIOLATION);
        ROW(NtPulseEvent(event, out), STATUS_ACCESS_VIOLATION);
        ROW(NtSetTimer(timer, &due, NULL, NULL, FALSE, 0, out), STATUS_ACCESS_VIOLATION);
        CHECK(!is_signalled(timer));
        ROW(NtCancelTimer(timer, out), STATUS_ACCESS_VIOLATION);
        ROW(NtQueryEvent(event, 0, out, sizeof basic, NULL), STATUS_ACCESS_VIOLATION);
        ROW(NtQueryEvent(event, 0, &basic, sizeof basic, out), STATUS_ACCESS_VIOLATION);
        ROW(NtResumeThread(NtCurrentThread(), out), STATUS_ACCESS_VIOLATION);
        ROW(NtQueryObject(event, ObjectHandleFlagInformation, out, 2, NULL), STATUS_ACCESS_VIOLATION);
    }
    for (int n = 0; n < BAD_ADDRESSES; n++) {
        ROW(NtSetTimer(timer, bad(n), NULL, NULL, FALSE, 0, NULL), STATUS_ACCESS_VIOLATION);
        ROW(NtWaitForSingleObject(event, FALSE, bad(n)), STATUS_ACCESS_VIOLATION);
        ROW(NtWaitForMultipleObjects(1, &event, WaitAny, FALSE, bad(n)), STATUS_ACCESS_VIOLATION);
        ROW(NtWaitForMultipleObjects(1, bad(n), WaitAny, FALSE, NULL), STATUS_ACCESS_VIOLATION);
        ROW(NtSignalAndWaitForSingleObject(event, event, FALSE, bad(n)), STATUS_ACCESS_VIOLATION);
        ROW(NtDelayExecution(FALSE, bad(n)), STATUS_ACCESS_VIOLATION);
        ROW(NtSetInformationObject(event, ObjectHandleFlagInformation, bad(n), 2), STATUS_ACCESS_VIOLATION);
    }
    CHECK(!is_signalled(event));
    ROW(NtQueryEvent(event, 1, &basic, sizeof basic, &length), STATUS_INVALID_INFO_CLASS);
    ROW(NtQueryEvent(event, 0, &basic, sizeof basic - 1, &length), STATUS_INFO_LENGTH_MISMATCH);
    ROW(NtQueryObject(event, (OBJECT_INFORMATION_CLASS)99, &basic, 8, &length), STATUS_INVALID_INFO_CLASS);
    release_wild();
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(NtClose(timer), STATUS_SUCCESS);
}

TEST(bad_input_ports__results__access_violation_and_packet_stays)
{
    FILE_IO_COMPLETION_INFORMATION packets[2];
    IO_STATUS_BLOCK iosb;
    LARGE_INTEGER now = {.QuadPart = 0};
    HANDLE port = NULL, event = create_event();
    PVOID key, context;
    ULONG removed, depth = 0;
    REQUIRE_EQ(NtCreateIoCompletion(&port, IO_COMPLETION_ALL_ACCESS, NULL, 0), STATUS_SUCCESS);
    REQUIRE_EQ(NtSetIoCompletion(port, NULL, NULL, STATUS_SUCCESS, 0), STATUS_SUCCESS);
    make_wild();
    for (int n = 0; n < BAD_ADDRESSES + 1; n++) {
        void *out = n < BAD_ADDRESSES ? bad(n) : wild.fixed;
        ROW(NtRemoveIoCompletion(port, out, &context, &iosb, &now), STATUS_ACCESS_VIOLATION);
        ROW(NtRemoveIoCompletion(port, &key, out, &iosb, &now), STATUS_ACCESS_VIOLATION);
        ROW(NtRemoveIoCompletion(port, &key, &context, out, &now), STATUS_ACCESS_VIOLATION);
        ROW(NtRemoveIoCompletionEx(port, out, 2, &removed, &now, FALSE), STATUS_ACCESS_VIOLATION);
        ROW(NtRemoveIoCompletionEx(port, packets, 2, out, &now, FALSE), STATUS_ACCESS_VIOLATION);
        ROW(NtQueryIoCompletion(port, IoCompletionBasicInformation, out, sizeof(LONG), NULL),
            STATUS_ACCESS_VIOLATION);
    }
    for (int n = 0; n < BAD_ADDRESSES; n++)
        ROW(NtRemoveIoCompletion(port, &key, &context, &iosb, bad(n)), STATUS_ACCESS_VIOLATION);
    ROW(NtRemoveIoCompletionEx(port, packets, 0, &removed, &now, FALSE), STATUS_INVALID_PARAMETER);
    ROW(NtRemoveIoCompletion(event, &key, &context, &iosb, &now), STATUS_OBJECT_TYPE_MISMATCH);
    ROW(NtSetIoCompletion(event, NULL, NULL, STATUS_SUCCESS, 0), STATUS_OBJECT_TYPE_MISMATCH);
    ROW(NtSetIoCompletion(NO_HANDLE, NULL, NULL, STATUS_SUCCESS, 0), STATUS_INVALID_HANDLE);
    ROW(NtQueryIoCompletion(port, (IO_COMPLETION_INFORMATION_CLASS)9, &depth, 4, NULL), STATUS_INVALID_INFO_CLASS);
    ROW(NtQueryIoCompletion(port, IoCompletionBasicInformation, &depth, 3, NULL), STATUS_INFO_LENGTH_MISMATCH);
    CHECK_EQ(NtQueryIoCompletion(port, IoCompletionBasicInformation, &depth, 4, NULL), STATUS_SUCCESS);
    CHECK_EQ(depth, 1); /* still there */
    release_wild();
    CHECK_EQ(NtClose(port), STATUS_SUCCESS);
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
}

/* Handles of nothing, and of something else than the call wants. */
TEST(bad_input_handles__every_call__invalid_or_mismatch)
{
    HANDLE event = create_event(), timer = make_timer(), closed = create_event();
    CHECK_EQ(NtClose(closed), STATUS_SUCCESS);
    const HANDLE none[] = {NULL, NO_HANDLE, closed, (HANDLE)0x7FFFFFFFFFFFFFFC, (HANDLE)(LONG_PTR)-400};
    LARGE_INTEGER due = {.QuadPart = 0};
    IO_STATUS_BLOCK iosb;
    for (unsigned i = 0; i <= sizeof none / sizeof *none; i++) {
        BOOLEAN other = i == sizeof none / sizeof *none;
        HANDLE h = other ? timer : none[i];
        NTSTATUS status = other ? STATUS_OBJECT_TYPE_MISMATCH : STATUS_INVALID_HANDLE;
        ROW(NtSetEvent(h, NULL), status);
        ROW(NtResetEvent(h, NULL), status);
        ROW(NtClearEvent(h), status);
        ROW(NtPulseEvent(h, NULL), status);
        ROW(NtReleaseSemaphore(h, 1, NULL), status);
        ROW(NtReleaseMutant(h, NULL), status);
        ROW(NtSetTimer(other ? event : h, &due, NULL, NULL, FALSE, 0, NULL), status);
        ROW(NtCancelTimer(other ? event : h, NULL), status);
        ROW(NtAlertThread(h), status);
        ROW(NtResumeThread(h, NULL), status);
        ROW(NtQueueApcThread(h, NULL, NULL, NULL, NULL), status);
        ROW(NtDeviceIoControlFile(h, NULL, NULL, NULL, &iosb, CODE_PEND, NULL, 0, NULL, 0), status);
        ROW(NtReadFile(h, NULL, NULL, NULL, &iosb, &due, 8, NULL, NULL), status);
        ROW(NtWriteFile(h, NULL, NULL, NULL, &iosb, &due, 8, NULL, NULL), status);
        ROW(NtCancelIoFile(h, &iosb), status);
        ROW(NtCancelIoFileEx(h, NULL, &iosb), status);
        ROW(NtQueryInformationFile(h, &iosb, &due, 8, FilePositionInformation), status);
        ROW(NtSetInformationFile(h, &iosb, &due, 8, FilePositionInformation), status);
        if (other)
            continue;
        ROW(NtClose(h), STATUS_INVALID_HANDLE);
        ROW(NtWaitForSingleObject(h, FALSE, &due), STATUS_INVALID_HANDLE);
        ROW(NtQueryObject(h, ObjectHandleFlagInformation, &due, 2, NULL), STATUS_INVALID_HANDLE);
        ROW(NtDuplicateObject(NtCurrentProcess(), h, NtCurrentProcess(), &closed, 0, 0, 0), STATUS_INVALID_HANDLE);
    }
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(NtClose(timer), STATUS_SUCCESS);
}

TEST(bad_input_files__status_block_and_buffers__access_violation)
{
    IO_STATUS_BLOCK iosb;
    char data[16] = {0};
    create_base();
    HANDLE file = open_base(0);
    make_wild();
    for (int n = 0; n < BAD_ADDRESSES + 1; n++) {
        void *out = n < BAD_ADDRESSES ? bad(n) : wild.fixed;
        ROW(NtDeviceIoControlFile(file, NULL, NULL, NULL, out, CODE_PEND, NULL, 0, NULL, 0),
            STATUS_ACCESS_VIOLATION);
        CHECK_EQ(base()->queued, 0);
        ROW(NtReadFile(file, NULL, NULL, NULL, out, data, 8, NULL, NULL), STATUS_ACCESS_VIOLATION);
        ROW(NtWriteFile(file, NULL, NULL, NULL, out, data, 8, NULL, NULL), STATUS_ACCESS_VIOLATION);
        ROW(NtCancelIoFile(file, out), STATUS_ACCESS_VIOLATION);
        ROW(NtCancelIoFileEx(file, NULL, out), STATUS_ACCESS_VIOLATION);
        ROW(NtQueryInformationFile(file, out, data, 8, FilePositionInformation), STATUS_ACCESS_VIOLATION);
        ROW(NtQueryInformationFile(file, &iosb, out, 8, FilePositionInformation), STATUS_ACCESS_VIOLATION);
        ROW(NtSetInformationFile(file, out, data, 8, FilePositionInformation), STATUS_ACCESS_VIOLATION);
        ROW(NtDeviceIoControlFile(file, NULL, NULL, NULL, &iosb, CODE_ECHO(METHOD_BUFFERED), data, 4, out, 4),
            STATUS_ACCESS_VIOLATION);
    }
    for (int n = 0; n < BAD_ADDRESSES; n++) {
        ROW(NtSetInformationFile(file, &iosb, bad(n), 8, FilePositionInformation), STATUS_ACCESS_VIOLATION);
        ROW(NtDeviceIoControlFile(file, NULL, NULL, NULL, &iosb, CODE_ECHO(METHOD_BUFFERED), bad(n), 4, data, 4),
            STATUS_ACCESS_VIOLATION);
        ROW(NtReadFile(file, NULL, NULL, NULL, &iosb, data, 8, bad(n), NULL), STATUS_ACCESS_VIOLATION);
        ROW(NtReadFile(file, NULL, NULL, NULL, &iosb, data, 8, NULL, bad(n)), STATUS_ACCESS_VIOLATION);
    }
    /* The whole of it, and only a part is there. */
    ROW(NtDeviceIoControlFile(file, NULL, NULL, NULL, &iosb, CODE_ECHO(METHOD_BUFFERED),
            wild.fixed + HOST_PAGE_BYTES - 4, 8, data, 8),
        STATUS_ACCESS_VIOLATION);
    ROW(NtDeviceIoControlFile(file, NULL, NULL, NULL, &iosb, CODE_ECHO(METHOD_BUFFERED), wild.fixed, 0x7FFFFFFF,
            data, 8),
        STATUS_ACCESS_VIOLATION);
    ROW(NtDeviceIoControlFile(file, NO_HANDLE, NULL, NULL, &iosb, CODE_PEND, NULL, 0, NULL, 0),
        STATUS_INVALID_HANDLE);
    ROW(NtQueryInformationFile(file, &iosb, data, 7, FilePositionInformation), STATUS_INFO_LENGTH_MISMATCH);
    ROW(NtQueryInformationFile(file, &iosb, data, 8, (FILE_INFORMATION_CLASS)9999), STATUS_INVALID_INFO_CLASS);
    release_wild();
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(bad_input_files__create__documented_statuses)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Device\\Base");
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK iosb;
    HANDLE file = NULL;
    create_base();
    make_wild();
    InitializeObjectAttributes(&attributes, &name, 0, NULL, NULL);
#define CREATE(handle, attr, io, size, disposition, options, ea, ea_length) \
    NtCreateFile(handle, SYNCHRONIZE, attr, io, size, 0, 0, disposition, options, ea, ea_length)
    for (int n = 0; n < BAD_ADDRESSES; n++) {
        ROW(CREATE(bad(n), &attributes, &iosb, NULL, FILE_OPEN, 0, NULL, 0), STATUS_ACCESS_VIOLATION);
        ROW(CREATE(&file, bad(n), &iosb, NULL, FILE_OPEN, 0, NULL, 0), STATUS_ACCESS_VIOLATION);
        ROW(CREATE(&file, &attributes, bad(n), NULL, FILE_OPEN, 0, NULL, 0), STATUS_ACCESS_VIOLATION);
        ROW(CREATE(&file, &attributes, &iosb, bad(n), FILE_OPEN, 0, NULL, 0), STATUS_ACCESS_VIOLATION);
        ROW(CREATE(&file, &attributes, &iosb, NULL, FILE_OPEN, 0, bad(n), 32), STATUS_ACCESS_VIOLATION);
    }
    ROW(CREATE((PHANDLE)wild.fixed, &attributes, &iosb, NULL, FILE_OPEN, 0, NULL, 0), STATUS_ACCESS_VIOLATION);
    ROW(CREATE(&file, &attributes, (PVOID)wild.fixed, NULL, FILE_OPEN, 0, NULL, 0), STATUS_ACCESS_VIOLATION);
    ROW(CREATE(&file, &attributes, &iosb, NULL, 99, 0, NULL, 0), STATUS_INVALID_PARAMETER);
    ROW(CREATE(&file, &attributes, &iosb, NULL, FILE_OPEN, FILE_DIRECTORY_FILE | FILE_NON_DIRECTORY_FILE, NULL, 0),
        STATUS_INVALID_PARAMETER);
    ROW(CREATE(&file, &attributes, &iosb, NULL, FILE_OPEN, 0, &name, 0xFFFFFFFF), STATUS_EA_TOO_LARGE);
    ROW(CREATE(&file, &attributes, &iosb, NULL, FILE_OPEN, 0, &name, 3), STATUS_EA_LIST_INCONSISTENT);
    InitializeObjectAttributes(&attributes, &name, 0, NO_HANDLE, NULL);
    ROW(CREATE(&file, &attributes, &iosb, NULL, FILE_OPEN, 0, NULL, 0), STATUS_INVALID_HANDLE);
    CHECK(file == NULL);
    CHECK_TRACE("");
    CHECK_EQ(base_device->ReferenceCount, 0);
    release_wild();
    remove_base();
}
