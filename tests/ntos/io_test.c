/* SPDX-License-Identifier: MIT */
/* io_test.c - the driver and the filters of io_test.h. */
#include "io_test.h"

PDRIVER_OBJECT base_driver;
PDEVICE_OBJECT base_device;
volatile LONG fast_calls;
BOOLEAN fast_answers;
NTSTATUS fast_status;
static PDRIVER_OBJECT filter_driver;

static char trace_text[4096];
static volatile LONG trace_length;

void trace(char letter)
{
    LONG at = __atomic_fetch_add(&trace_length, 1, __ATOMIC_SEQ_CST);
    if ((size_t)at < sizeof trace_text - 1)
        __atomic_store_n(&trace_text[at], letter, __ATOMIC_RELAXED);
}

const char *take_trace(void)
{
    static char taken[sizeof trace_text];
    LONG length = __atomic_exchange_n(&trace_length, 0, __ATOMIC_SEQ_CST);
    if ((size_t)length >= sizeof taken)
        length = sizeof taken - 1;
    for (LONG i = 0; i < length; i++)
        taken[i] = __atomic_load_n(&trace_text[i], __ATOMIC_RELAXED);
    taken[length] = 0;
    return taken;
}

NTSTATUS complete_irp(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

/* --- the queue of pending requests --- */

static struct base_extension *extension_of(PIO_CSQ csq)
{
    return CONTAINING_RECORD(csq, struct base_extension, csq);
}

static void queue_insert(PIO_CSQ csq, PIRP irp)
{
    InsertTailList(&extension_of(csq)->queue, &irp->Tail.Overlay.ListEntry);
    __atomic_add_fetch(&extension_of(csq)->queued, 1, __ATOMIC_SEQ_CST);
}

static void queue_remove(PIO_CSQ csq, PIRP irp)
{
    RemoveEntryList(&irp->Tail.Overlay.ListEntry);
    __atomic_sub_fetch(&extension_of(csq)->queued, 1, __ATOMIC_SEQ_CST);
}

/* PeekContext: NULL, or the file whose requests are wanted. */
static PIRP queue_peek(PIO_CSQ csq, PIRP irp, PVOID context)
{
    PLIST_ENTRY head = &extension_of(csq)->queue;
    PLIST_ENTRY entry = irp == NULL ? head->Flink : irp->Tail.Overlay.ListEntry.Flink;
    for (; entry != head; entry = entry->Flink) {
        PIRP found = CONTAINING_RECORD(entry, IRP, Tail.Overlay.ListEntry);
        if (context == NULL || IoGetCurrentIrpStackLocation(found)->FileObject == context)
            return found;
    }
    return NULL;
}

static void queue_lock(PIO_CSQ csq, PKIRQL irql)
{
    ExAcquireLock(&extension_of(csq)->lock, IoCsqLockRank);
}

static void queue_unlock(PIO_CSQ csq, KIRQL irql)
{
    ExReleaseLock(&extension_of(csq)->lock, IoCsqLockRank);
}

static void queue_canceled(PIO_CSQ csq, PIRP irp)
{
    __atomic_add_fetch(&extension_of(csq)->cancelled, 1, __ATOMIC_SEQ_CST);
    complete_irp(irp, STATUS_CANCELLED, 0);
}

BOOLEAN complete_pending(NTSTATUS status, ULONG_PTR information)
{
    PIRP irp = IoCsqRemoveNextIrp(&base()->csq, NULL);
    if (irp == NULL)
        return FALSE;
    __atomic_add_fetch(&base()->completed, 1, __ATOMIC_SEQ_CST);
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    if (location->Parameters.DeviceIoControl.IoControlCode == CODE_PEND_FAIL)
        RtlCopyMemory(&status, irp->AssociatedIrp.SystemBuffer, sizeof status);
    complete_irp(irp, status, information);
    return TRUE;
}

void await_queued(LONG count)
{
    while (__atomic_load_n(&base()->queued, __ATOMIC_SEQ_CST) != count)
        NtYieldExecution();
}

/* --- dispatch --- */

static NTSTATUS base_create(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    struct base_extension *extension = device->DeviceExtension;
    UNICODE_STRING bad;
    trace('C');
    RtlInitUnicodeString(&bad, L"\\denied");
    extension->ea_length = location->Parameters.Create.EaLength;
    if (extension->ea_length != 0) {
        PFILE_FULL_EA_INFORMATION ea = irp->AssociatedIrp.SystemBuffer;
        RtlCopyMemory(extension->ea_name, ea->EaName, ea->EaNameLength + 1u);
    }
    if (RtlEqualUnicodeString(&location->FileObject->FileName, &bad, TRUE))
        return complete_irp(irp, STATUS_ACCESS_DENIED, 0);
    return complete_irp(irp, STATUS_SUCCESS, FILE_OPENED);
}

static NTSTATUS base_cleanup(PDEVICE_OBJECT device, PIRP irp)
{
    PVOID file = IoGetCurrentIrpStackLocation(irp)->FileObject;
    PIRP pending;
    trace('U');
    while ((pending = IoCsqRemoveNextIrp(&base()->csq, file)) != NULL)
        queue_canceled(&base()->csq, pending);
    return complete_irp(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS base_close(PDEVICE_OBJECT device, PIRP irp)
{
    trace('D');
    return complete_irp(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS base_read_write(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    ULONG length = location->Parameters.Read.Length;
    BOOLEAN read = location->MajorFunction == IRP_MJ_READ;
    trace(read ? 'R' : 'W');
    if (read) {
        PVOID buffer = irp->AssociatedIrp.SystemBuffer;
        if (buffer == NULL)
            buffer = irp->MdlAddress != NULL ? irp->MdlAddress->MappedSystemVa : irp->UserBuffer;
        if (length != 0)
            RtlFillMemory(buffer, length, 'r');
    }
    return complete_irp(irp, STATUS_SUCCESS, length);
}

static NTSTATUS base_echo(PIRP irp, PIO_STACK_LOCATION location)
{
    ULONG method = METHOD_FROM_CTL_CODE(location->Parameters.DeviceIoControl.IoControlCode);
    ULONG in = location->Parameters.DeviceIoControl.InputBufferLength;
    ULONG out = location->Parameters.DeviceIoControl.OutputBufferLength;
    const char *from = method == METHOD_NEITHER ? location->Parameters.DeviceIoControl.Type3InputBuffer
                                                : irp->AssociatedIrp.SystemBuffer;
    char *to = method == METHOD_BUFFERED ? irp->AssociatedIrp.SystemBuffer
        : method == METHOD_NEITHER ? irp->UserBuffer
        : irp->MdlAddress != NULL ? irp->MdlAddress->MappedSystemVa : NULL;
    ULONG count = in < out ? in : out;
    char copy[4096];
    if (in != 0)
        RtlCopyMemory(copy, from, in);
    for (ULONG i = 0; i < count; i++)
        to[i] = copy[in - 1 - i];
    return complete_irp(irp, in > out ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS, count);
}

static NTSTATUS base_control(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
    NTSTATUS status;
    trace('I');
    switch (location->Parameters.DeviceIoControl.IoControlCode) {
    case CODE_ECHO(METHOD_BUFFERED):
    case CODE_ECHO(METHOD_IN_DIRECT):
    case CODE_ECHO(METHOD_OUT_DIRECT):
    case CODE_ECHO(METHOD_NEITHER):
        return base_echo(irp, location);
    case CODE_PEND:
    case CODE_PEND_BUFFERED:
    case CODE_PEND_FAIL:
        __atomic_store_n(&base()->may_poll, IoMayPollDirectly(irp), __ATOMIC_RELAXED);
        IoCsqInsertIrp(&base()->csq, irp, NULL);
        return STATUS_PENDING;
    case CODE_FAIL:
        RtlCopyMemory(&status, irp->AssociatedIrp.SystemBuffer, sizeof status);
        return complete_irp(irp, status, 3);
    case CODE_READ_ACCESS:
        return complete_irp(irp, STATUS_SUCCESS, 0);
    default:
        return complete_irp(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
}

static BOOLEAN fast_control(PFILE_OBJECT file, BOOLEAN wait, PVOID input, ULONG input_length, PVOID output,
    ULONG output_length, ULONG code, PIO_STATUS_BLOCK iosb, PDEVICE_OBJECT device)
{
    __atomic_add_fetch(&fast_calls, 1, __ATOMIC_SEQ_CST);
    if (!fast_answers)
        return FALSE;
    iosb->Status = fast_status;
    iosb->Information = 77;
    return TRUE;
}

FAST_IO_DISPATCH base_fast_io = {.SizeOfFastIoDispatch = sizeof base_fast_io,
    .FastIoDeviceControl = fast_control};

static NTSTATUS base_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNICODE_STRING name;
    NTSTATUS status;
    RtlInitUnicodeString(&name, L"\\Device\\Base");
    status = IoCreateDevice(driver, sizeof(struct base_extension), &name, FILE_DEVICE_UNKNOWN, 0, FALSE,
        &base_device);
    if (!NT_SUCCESS(status))
        return status;
    InitializeListHead(&base()->queue);
    IoCsqInitialize(&base()->csq, queue_insert, queue_remove, queue_peek, queue_lock, queue_unlock,
        queue_canceled);
    driver->MajorFunction[IRP_MJ_CREATE] = base_create;
    driver->MajorFunction[IRP_MJ_CLEANUP] = base_cleanup;
    driver->MajorFunction[IRP_MJ_CLOSE] = base_close;
    driver->MajorFunction[IRP_MJ_READ] = base_read_write;
    driver->MajorFunction[IRP_MJ_WRITE] = base_read_write;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = base_control;
    base_driver = driver;
    return STATUS_SUCCESS;
}

static void base_unload(PDRIVER_OBJECT driver)
{
    IoDeleteDevice(driver->DeviceObject);
}

void create_base(void)
{
    REQUIRE_EQ(IoCreateDriver(L"Base", base_entry), STATUS_SUCCESS);
    base_driver->DriverUnload = base_unload;
}

void remove_base(void)
{
    NTSTATUS status;
    /* A worker may still be on its way out of a filter's work item. */
    while ((status = IoUnloadDriver("Base")) == STATUS_DEVICE_BUSY)
        NtYieldExecution();
    CHECK_EQ(status, STATUS_SUCCESS);
}

/* --- filters --- */

static NTSTATUS filter_dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    return filter(device)->dispatch(device, irp);
}

static NTSTATUS filter_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        driver->MajorFunction[i] = filter_dispatch;
    filter_driver = driver;
    return STATUS_SUCCESS;
}

PDEVICE_OBJECT attach_filter(char letter, DRIVER_DISPATCH *dispatch)
{
    PDEVICE_OBJECT device = NULL;
    if (filter_driver == NULL)
        REQUIRE_EQ(IoCreateDriver(L"Filter", filter_entry), STATUS_SUCCESS);
    REQUIRE_EQ(IoCreateDevice(filter_driver, sizeof(struct filter_extension), NULL, FILE_DEVICE_UNKNOWN, 0, FALSE,
        &device), STATUS_SUCCESS);
    filter(device)->letter = letter;
    filter(device)->dispatch = dispatch;
    KeInitializeEvent(&filter(device)->event, SynchronizationEvent, FALSE);
    REQUIRE_EQ(IoAttachDeviceToDeviceStackSafe(device, base_device, &filter(device)->lower), STATUS_SUCCESS);
    return device;
}

void detach_filter(PDEVICE_OBJECT device)
{
    IoDetachDevice(filter(device)->lower);
    IoDeleteDevice(device);
}

NTSTATUS filter_skip(PDEVICE_OBJECT device, PIRP irp)
{
    trace(filter(device)->letter);
    IoSkipCurrentIrpStackLocation(irp);
    return IoCallDriver(filter(device)->lower, irp);
}

NTSTATUS filter_copy(PDEVICE_OBJECT device, PIRP irp)
{
    trace(filter(device)->letter);
    IoCopyCurrentIrpStackLocationToNext(irp);
    return IoCallDriver(filter(device)->lower, irp);
}

static NTSTATUS on_complete(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    CHECK(context == device);
    if (irp->PendingReturned)
        IoMarkIrpPending(irp);
    trace((char)(filter(device)->letter + ('A' - 'a')));
    return STATUS_SUCCESS;
}

NTSTATUS filter_complete(PDEVICE_OBJECT device, PIRP irp)
{
    trace(filter(device)->letter);
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, on_complete, device, TRUE, TRUE, TRUE);
    return IoCallDriver(filter(device)->lower, irp);
}

/* --- calls --- */

HANDLE open_base_name(PCWSTR name, ULONG options, NTSTATUS expected)
{
    UNICODE_STRING string;
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK iosb;
    HANDLE handle = NULL;
    RtlInitUnicodeString(&string, name);
    InitializeObjectAttributes(&attributes, &string, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK_EQ(NtCreateFile(&handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attributes, &iosb, NULL, 0, 3,
        FILE_OPEN_IF, options, NULL, 0), expected);
    return handle;
}

HANDLE open_base(ULONG options)
{
    HANDLE handle = open_base_name(L"\\Device\\Base", options, STATUS_SUCCESS);
    REQUIRE(handle != NULL);
    return handle;
}

HANDLE create_event(void)
{
    HANDLE handle = NULL;
    REQUIRE_EQ(NtCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), STATUS_SUCCESS);
    return handle;
}

BOOLEAN is_signalled(HANDLE handle)
{
    return NtWaitForSingleObject(handle, FALSE, &(LARGE_INTEGER){.QuadPart = 0}) == STATUS_WAIT_0;
}
