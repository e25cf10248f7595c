/* SPDX-License-Identifier: MIT */
/* io_stack_test.c - device stacks, completion through layers, attach and detach, drivers, work items. */
#include "io_test.h"

static NTSTATUS control(HANDLE file, PIO_STATUS_BLOCK iosb, ULONG code)
{
    return NtDeviceIoControlFile(file, NULL, NULL, NULL, iosb, code, NULL, 0, NULL, 0);
}

TEST(stack__three_layers__down_and_up_in_order)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    create_base();
    HANDLE file = open_base(0);
    PDEVICE_OBJECT a = attach_filter('a', filter_complete), b = attach_filter('b', filter_complete),
        c = attach_filter('c', filter_complete);
    CHECK_EQ(a->StackSize, 2);
    CHECK_EQ(c->StackSize, 4);
    CHECK(IoGetAttachedDevice(base_device) == c);
    (void)take_trace();
    CHECK_EQ(control(file, &iosb, CODE_READ_ACCESS), STATUS_SUCCESS);
    CHECK_TRACE("cbaIABC");
    CHECK_EQ(control(file, &iosb, CODE_PEND), STATUS_PENDING);
    CHECK_TRACE("cbaI");
    CHECK(complete_pending(STATUS_SUCCESS, 4));
    CHECK_TRACE("ABC");
    CHECK_EQ(iosb.Status, STATUS_SUCCESS);
    CHECK_EQ(iosb.Information, 4);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    CHECK_TRACE("cbaUABCcbaDABC");
    detach_filter(c);
    detach_filter(b);
    detach_filter(a);
    remove_base();
}

TEST(stack__skip_copy_and_completion_mixed__pending_is_propagated)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    NTSTATUS wanted = STATUS_CONNECTION_ABORTED;
    create_base();
    HANDLE file = open_base(0), event = create_event();
    PDEVICE_OBJECT a = attach_filter('a', filter_copy), b = attach_filter('b', filter_skip),
        c = attach_filter('c', filter_copy), d = attach_filter('d', filter_complete);
    CHECK_EQ(control(file, &iosb, CODE_PEND), STATUS_PENDING);
    CHECK(complete_pending(STATUS_SUCCESS, 1));
    CHECK_EQ(iosb.Information, 1);
    /* An error after pending is reported only if the mark has come up through all layers. */
    CHECK_EQ(NtDeviceIoControlFile(file, event, NULL, NULL, &iosb, CODE_PEND_FAIL, &wanted, 4, NULL, 0),
        STATUS_PENDING);
    CHECK(complete_pending(0, 0));
    CHECK(is_signalled(event));
    CHECK_EQ(iosb.Status, wanted);
    detach_filter(d);
    detach_filter(c);
    CHECK_EQ(NtDeviceIoControlFile(file, event, NULL, NULL, &iosb, CODE_PEND_FAIL, &wanted, 4, NULL, 0),
        STATUS_PENDING);
    CHECK(complete_pending(0, 0));
    CHECK(is_signalled(event));
    detach_filter(b);
    detach_filter(a);
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

/* Holds the IRP in its completion routine, for resume. */
static NTSTATUS hold(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    trace('h');
    filter(device)->held = irp;
    KeSetEvent(&filter(device)->event, 0, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS filter_hold(PDEVICE_OBJECT device, PIRP irp)
{
    if (IoGetCurrentIrpStackLocation(irp)->MajorFunction != IRP_MJ_DEVICE_CONTROL)
        return filter_skip(device, irp);
    IoMarkIrpPending(irp);
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, hold, NULL, TRUE, TRUE, TRUE);
    IoCallDriver(filter(device)->lower, irp);
    return STATUS_PENDING;
}

TEST(completion__more_processing_required__stops_until_completed_again)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    create_base();
    HANDLE file = open_base(0), event = create_event();
    PDEVICE_OBJECT a = attach_filter('a', filter_hold), b = attach_filter('b', filter_complete);
    (void)take_trace();
    CHECK_EQ(NtDeviceIoControlFile(file, event, NULL, NULL, &iosb, CODE_READ_ACCESS, NULL, 0, NULL, 0),
        STATUS_PENDING);
    CHECK_TRACE("bIh");
    CHECK(!is_signalled(event));
    PIRP irp = filter(a)->held;
    CHECK(IoGetCurrentIrpStackLocation(irp)->DeviceObject == a);
    irp->IoStatus.Information = 99;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    CHECK_TRACE("B");
    CHECK(is_signalled(event));
    CHECK_EQ(iosb.Information, 99);
    detach_filter(b);
    detach_filter(a);
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

static NTSTATUS filter_forward(PDEVICE_OBJECT device, PIRP irp)
{
    NTSTATUS status;
    trace('f');
    CHECK(IoForwardIrpSynchronously(filter(device)->lower, irp));
    trace('F');
    status = irp->IoStatus.Status;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static ULONG complete_one(PVOID parameter)
{
    await_queued(1);
    return complete_pending(STATUS_SUCCESS, 8);
}

TEST(completion__forwarded_and_waited_for__result_seen_on_the_way_up)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    create_base();
    HANDLE file = open_base(0);
    PDEVICE_OBJECT a = attach_filter('a', filter_forward);
    HANDLE thread = start_thread(complete_one, NULL);
    (void)take_trace();
    CHECK_EQ(control(file, &iosb, CODE_PEND), STATUS_SUCCESS);
    CHECK_EQ(iosb.Information, 8);
    CHECK(!base()->may_poll);
    CHECK_TRACE("fIF");
    CHECK_EQ(join_thread(thread), TRUE);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    detach_filter(a);
    remove_base();
}

/* Pends every control request and sends it on from a work item. */
struct resumed {
    PIO_WORKITEM item;
    PIRP irp;
};

static void resume(PDEVICE_OBJECT device, PVOID context)
{
    struct resumed *resumed = context;
    PIRP irp = resumed->irp;
    IoFreeWorkItem(resumed->item);
    ExFreePoolWithTag(resumed, 'tseT');
    IoSkipCurrentIrpStackLocation(irp);
    IoCallDriver(filter(device)->lower, irp);
}

static NTSTATUS filter_resume(PDEVICE_OBJECT device, PIRP irp)
{
    struct resumed *resumed = ExAllocatePoolWithTag(NonPagedPool, sizeof *resumed, 'tseT');
    resumed->item = IoAllocateWorkItem(device);
    resumed->irp = irp;
    IoMarkIrpPending(irp);
    IoQueueWorkItem(resumed->item, resume, DelayedWorkQueue, resumed);
    return STATUS_PENDING;
}

TEST(stack__pended_and_resumed_from_a_work_item__all_requests_arrive)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    PFILE_OBJECT object;
    create_base();
    PDEVICE_OBJECT a = attach_filter('a', filter_resume), b = attach_filter('b', filter_complete);
    HANDLE file = open_base(0);
    REQUIRE_EQ(ObReferenceObjectByHandle(file, 0, *IoFileObjectType, KernelMode, (PVOID *)&object, NULL),
        STATUS_SUCCESS);
    for (int i = 0; i < 200; i++) {
        CHECK_EQ(NtsDeviceIoControlAndWait(object, &iosb, CODE_READ_ACCESS, NULL, 0, NULL, 0, FALSE, NULL),
            STATUS_SUCCESS);
    }
    HANDLE thread = start_thread(complete_one, NULL);
    CHECK_EQ(NtsDeviceIoControlAndWait(object, &iosb, CODE_PEND, NULL, 0, NULL, 0, FALSE, NULL), STATUS_SUCCESS);
    CHECK_EQ(iosb.Information, 8);
    CHECK(!base()->may_poll);
    CHECK_EQ(join_thread(thread), TRUE);
    ObDereferenceObject(object);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    detach_filter(b);
    detach_filter(a);
    remove_base();
}

TEST(stack__sixteen_deep__request_passes)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    PDEVICE_OBJECT devices[24];
    create_base();
    for (int i = 0; i < 24; i++)
        devices[i] = attach_filter('a', i % 2 ? filter_complete : filter_copy);
    HANDLE file = open_base(0);
    CHECK_EQ(control(file, &iosb, CODE_PEND), STATUS_PENDING);
    CHECK(complete_pending(STATUS_SUCCESS, 2));
    CHECK_EQ(iosb.Information, 2);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    for (int i = 24; i-- > 0;)
        detach_filter(devices[i]);
    remove_base();
}

TEST(attach__after_open_and_detach__later_requests_only)
{
    IO_STATUS_BLOCK iosb;
    create_base();
    HANDLE file = open_base(0);
    (void)take_trace();
    CHECK_EQ(control(file, &iosb, CODE_READ_ACCESS), STATUS_SUCCESS);
    CHECK_TRACE("I");
    PDEVICE_OBJECT a = attach_filter('a', filter_skip);
    CHECK_EQ(control(file, &iosb, CODE_READ_ACCESS), STATUS_SUCCESS);
    CHECK_TRACE("aI");
    detach_filter(a);
    CHECK_EQ(control(file, &iosb, CODE_READ_ACCESS), STATUS_SUCCESS);
    CHECK_TRACE("I");
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

TEST(attach__by_name_and_around__lower_and_base_found)
{
    UNICODE_STRING name, missing;
    IO_STACK_ENTRY entries[4];
    PDEVICE_OBJECT lower = NULL, device, found;
    create_base();
    PDEVICE_OBJECT a = attach_filter('a', filter_skip);
    RtlInitUnicodeString(&name, L"\\Device\\base");
    RtlInitUnicodeString(&missing, L"\\Device\\none");
    CHECK_EQ(IoCreateDevice(a->DriverObject, 16, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device), STATUS_SUCCESS);
    CHECK_EQ(IoAttachDevice(device, &missing, &lower), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(IoAttachDevice(device, &name, &lower), STATUS_SUCCESS);
    CHECK(lower == a);
    CHECK(IoAttachDeviceToDeviceStack(device, base_device) == NULL); /* attached already */
    found = IoGetDeviceAttachmentBaseRef(device);
    CHECK(found == base_device);
    ObDereferenceObject(found);
    found = IoGetLowerDeviceObject(device);
    CHECK(found == a);
    ObDereferenceObject(found);
    found = IoGetAttachedDeviceReference(base_device);
    CHECK(found == device);
    ObDereferenceObject(found);
    CHECK_EQ(IoQueryDeviceStack(L"\\Device\\Base", entries, 4), 3);
    CHECK_EQ(strcmp(entries[0].DriverName, "Filter"), 0);
    CHECK_EQ(entries[0].StackSize, 3);
    CHECK_EQ(strcmp(entries[2].DriverName, "Base"), 0);
    CHECK_EQ(strcmp(entries[2].DeviceName, "\\Device\\Base"), 0);
    IoDetachDevice(lower);
    IoDeleteDevice(device);
    detach_filter(a);
    remove_base();
}

static int detach_calls;
static void on_detach(PDEVICE_OBJECT source, PDEVICE_OBJECT target)
{
    detach_calls++;
    IoDetachDevice(target);
    IoDeleteDevice(source);
}
static FAST_IO_DISPATCH detach_table = {.SizeOfFastIoDispatch = sizeof detach_table,
    .FastIoDetachDevice = on_detach};

TEST(delete__of_a_device_below_a_filter__filter_is_told)
{
    PDEVICE_OBJECT lower, upper, attached = NULL;
    create_base();
    PDEVICE_OBJECT a = attach_filter('a', filter_skip);
    a->DriverObject->FastIoDispatch = &detach_table;
    CHECK_EQ(IoCreateDevice(a->DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &lower), STATUS_SUCCESS);
    CHECK_EQ(IoCreateDevice(a->DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &upper), STATUS_SUCCESS);
    CHECK_EQ(IoAttachDeviceToDeviceStackSafe(upper, lower, &attached), STATUS_SUCCESS);
    IoDeleteDevice(lower);
    CHECK_EQ(detach_calls, 1);
    CHECK(a->DriverObject->DeviceObject == a);
    CHECK(a->NextDevice == NULL);
    detach_filter(a);
    remove_base();
}

TEST(create_device__name_taken__collision)
{
    UNICODE_STRING name;
    PDEVICE_OBJECT device;
    create_base();
    RtlInitUnicodeString(&name, L"\\Device\\BASE");
    CHECK_EQ(IoCreateDevice(base_driver, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device),
        STATUS_OBJECT_NAME_COLLISION);
    CHECK(device == NULL);
    CHECK(base_driver->DeviceObject == base_device && base_device->NextDevice == NULL);
    remove_base();
}

TEST(unload__in_use__refused_then_done)
{
    IO_STATUS_BLOCK iosb;
    create_base();
    HANDLE file = open_base(0);
    CHECK_EQ(IoUnloadDriver("Base"), STATUS_DEVICE_BUSY); /* a file is open */
    CHECK_EQ(control(file, &iosb, CODE_READ_ACCESS), STATUS_SUCCESS);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    PDEVICE_OBJECT a = attach_filter('a', filter_skip);
    CHECK_EQ(IoUnloadDriver("Base"), STATUS_DEVICE_BUSY); /* a filter is above */
    detach_filter(a);
    CHECK_EQ(IoUnloadDriver("Filter"), STATUS_INVALID_DEVICE_REQUEST); /* no Unload routine */
    CHECK_EQ(IoUnloadDriver("Nobody"), STATUS_OBJECT_NAME_NOT_FOUND);
    remove_base();
    CHECK_EQ(IoUnloadDriver("Base"), STATUS_OBJECT_NAME_NOT_FOUND);
}

static PDEVICE_OBJECT passing;
static void unload_filter(PDRIVER_OBJECT driver)
{
    IoDetachDevice(filter(passing)->lower);
    IoDeleteDevice(passing);
}

TEST(unload__of_a_filter_with_a_pending_request__refused_until_it_ends)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    create_base();
    HANDLE file = open_base(0);
    passing = attach_filter('a', filter_complete);
    passing->DriverObject->DriverUnload = unload_filter;
    CHECK_EQ(control(file, &iosb, CODE_PEND), STATUS_PENDING);
    CHECK_EQ(IoUnloadDriver("Filter"), STATUS_DEVICE_BUSY);
    CHECK(IoGetAttachedDevice(base_device) == passing);
    CHECK(complete_pending(STATUS_SUCCESS, 0));
    CHECK_EQ(iosb.Status, STATUS_SUCCESS);
    CHECK_EQ(IoUnloadDriver("Filter"), STATUS_SUCCESS);
    CHECK(IoGetAttachedDevice(base_device) == base_device);
    (void)take_trace();
    CHECK_EQ(control(file, &iosb, CODE_READ_ACCESS), STATUS_SUCCESS);
    CHECK_TRACE("I");
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

static volatile LONG hammering = 1, requests;
static ULONG send_requests(PVOID file)
{
    while (__atomic_load_n(&hammering, __ATOMIC_RELAXED)) {
        IO_STATUS_BLOCK iosb;
        PFILE_OBJECT object = file;
        REQUIRE_EQ(NtsDeviceIoControlAndWait(object, &iosb, CODE_READ_ACCESS, NULL, 0, NULL, 0, FALSE, NULL),
            STATUS_SUCCESS);
        __atomic_add_fetch(&requests, 1, __ATOMIC_RELAXED);
    }
    return 0;
}

/* Goal: filters come and go under traffic; no request meets a device that is gone. */
TEST(hammer__attach_and_detach_under_traffic)
{
    PFILE_OBJECT object;
    HANDLE threads[3];
    create_base();
    HANDLE file = open_base(0);
    REQUIRE_EQ(ObReferenceObjectByHandle(file, 0, *IoFileObjectType, KernelMode, (PVOID *)&object, NULL),
        STATUS_SUCCESS);
    for (int i = 0; i < 3; i++)
        threads[i] = start_thread(send_requests, object);
    for (int i = 0; i < 1500; i++) {
        PDEVICE_OBJECT a = attach_filter('a', filter_skip), b = attach_filter('b', filter_complete);
        LONG seen = __atomic_load_n(&requests, __ATOMIC_RELAXED);
        if (i % 16 == 0) {
            while (__atomic_load_n(&requests, __ATOMIC_RELAXED) == seen)
                NtYieldExecution();
        }
        detach_filter(b);
        detach_filter(a);
        if (i % 64 == 0)
            (void)take_trace();
    }
    __atomic_store_n(&hammering, 0, __ATOMIC_RELAXED);
    for (int i = 0; i < 3; i++)
        join_thread(threads[i]);
    ObDereferenceObject(object);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
    remove_base();
}

static NTSTATUS failing_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNICODE_STRING name, key;
    PDEVICE_OBJECT device, lower;
    RtlInitUnicodeString(&name, L"\\Device\\Half");
    RtlInitUnicodeString(&key, L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\Half");
    CHECK(RtlEqualUnicodeString(path, &key, FALSE));
    CHECK_EQ(IoCreateDevice(driver, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device), STATUS_SUCCESS);
    CHECK_EQ(IoAttachDeviceToDeviceStackSafe(device, base_device, &lower), STATUS_SUCCESS);
    /* No request comes while DriverEntry runs. */
    CHECK(IoGetAttachedDevice(base_device) == base_device);
    return STATUS_NO_SUCH_DEVICE;
}

TEST(driver_entry__fails__nothing_is_left)
{
    UNICODE_STRING name;
    PVOID object;
    create_base();
    CHECK_EQ(IoCreateDriver(L"Half", failing_entry), STATUS_NO_SUCH_DEVICE);
    RtlInitUnicodeString(&name, L"\\Device\\Half");
    CHECK_EQ(ObLookupName(&name, 0, NULL, &object, NULL), STATUS_OBJECT_NAME_NOT_FOUND);
    RtlInitUnicodeString(&name, L"\\Driver\\Half");
    CHECK_EQ(ObLookupName(&name, 0, NULL, &object, NULL), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(IoGetAttachedDevice(base_device) == base_device);
    CHECK_EQ(IoCreateDriver(L"Base", failing_entry), STATUS_OBJECT_NAME_COLLISION);
    remove_base();
}

TEST(driver_extension__by_address__one_each)
{
    static int first, second;
    PVOID extension = NULL;
    create_base();
    CHECK(IoGetDriverObjectExtension(base_driver, &first) == NULL);
    CHECK_EQ(IoAllocateDriverObjectExtension(base_driver, &first, 32, &extension), STATUS_SUCCESS);
    CHECK(IoGetDriverObjectExtension(base_driver, &first) == extension);
    CHECK(IoGetDriverObjectExtension(base_driver, &second) == NULL);
    CHECK_EQ(IoAllocateDriverObjectExtension(base_driver, &first, 32, &extension), STATUS_OBJECT_NAME_COLLISION);
    remove_base();
}

TEST(device_object_pointer__opened__file_and_top)
{
    UNICODE_STRING name;
    PFILE_OBJECT object;
    PDEVICE_OBJECT device;
    create_base();
    PDEVICE_OBJECT a = attach_filter('a', filter_skip);
    RtlInitUnicodeString(&name, L"\\Device\\Base");
    CHECK_EQ(IoGetDeviceObjectPointer(&name, FILE_READ_DATA, &object, &device), STATUS_SUCCESS);
    CHECK(device == a);
    CHECK(object->DeviceObject == base_device);
    CHECK_TRACE("aCaU");
    ObDereferenceObject(object);
    CHECK_TRACE("aD");
    detach_filter(a);
    remove_base();
}

/* --- a driver's own requests --- */

static NTSTATUS own_done(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    CHECK(device == NULL);
    *(NTSTATUS *)context = irp->IoStatus.Status;
    IoFreeIrp(irp);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

TEST(own_irp__allocated_by_a_driver__freed_in_its_completion_routine)
{
    NTSTATUS seen = -1;
    create_base();
    PIRP irp = IoAllocateIrp(base_device->StackSize, FALSE);
    REQUIRE(irp != NULL);
    PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);
    next->MajorFunction = IRP_MJ_DEVICE_CONTROL;
    next->Parameters.DeviceIoControl.IoControlCode = CODE_READ_ACCESS;
    IoSetCompletionRoutine(irp, own_done, &seen, TRUE, TRUE, TRUE);
    CHECK_EQ(IoCallDriver(base_device, irp), STATUS_SUCCESS);
    CHECK_EQ(seen, STATUS_SUCCESS);
    remove_base();
}

TEST(own_irp__built_control_request__event_and_status_block)
{
    IO_STATUS_BLOCK iosb = {.Status = -1};
    KEVENT event;
    char out[4] = "";
    create_base();
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    PIRP irp = IoBuildDeviceIoControlRequest(CODE_ECHO(METHOD_BUFFERED), base_device, "xyz", 3, out, 3, FALSE, &event,
        &iosb);
    REQUIRE(irp != NULL);
    CHECK_EQ(IoCallDriver(base_device, irp), STATUS_SUCCESS);
    CHECK_EQ(KeReadStateEvent(&event), 1);
    CHECK_EQ(iosb.Information, 3);
    CHECK_EQ(strcmp(out, "zyx"), 0);
    KeClearEvent(&event);
    irp = IoBuildDeviceIoControlRequest(CODE_PEND, base_device, NULL, 0, NULL, 0, FALSE, &event, &iosb);
    CHECK_EQ(IoCallDriver(base_device, irp), STATUS_PENDING);
    CHECK_EQ(KeReadStateEvent(&event), 0);
    CHECK(complete_pending(STATUS_SUCCESS, 5));
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(iosb.Information, 5);
    irp = IoBuildSynchronousFsdRequest(IRP_MJ_READ, base_device, out, 3, NULL, &event, &iosb);
    CHECK_EQ(IoCallDriver(base_device, irp), STATUS_SUCCESS);
    CHECK_EQ(out[2], 'r');
    irp = IoBuildDeviceIoControlRequest(CODE_PEND, base_device, NULL, 0, NULL, 0, FALSE, &event, &iosb);
    IoFreeIrp(irp); /* never sent */
    remove_base();
}

static NTSTATUS fsd_done(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    if (irp->Flags & IRP_DEALLOCATE_BUFFER)
        ExFreePool(irp->AssociatedIrp.SystemBuffer);
    if (irp->MdlAddress != NULL)
        IoFreeMdl(irp->MdlAddress);
    IoFreeIrp(irp);
    ++*(int *)context;
    return STATUS_MORE_PROCESSING_REQUIRED;
}

TEST(own_irp__asynchronous_fsd_request__driver_frees_buffers)
{
    static const ULONG kinds[] = {0, DO_BUFFERED_IO, DO_DIRECT_IO};
    char buffer[16] = "";
    int done = 0;
    create_base();
    for (int i = 0; i < 3; i++) {
        IO_STATUS_BLOCK iosb;
        base_device->Flags = (base_device->Flags & ~(ULONG)(DO_BUFFERED_IO | DO_DIRECT_IO)) | kinds[i];
        PIRP irp = IoBuildAsynchronousFsdRequest(IRP_MJ_WRITE, base_device, buffer, 16, NULL, &iosb);
        REQUIRE(irp != NULL);
        IoSetCompletionRoutine(irp, fsd_done, &done, TRUE, TRUE, TRUE);
        CHECK_EQ(IoCallDriver(base_device, irp), STATUS_SUCCESS);
    }
    CHECK_EQ(done, 3);
    remove_base();
}

TEST(reuse__an_own_irp__sent_twice)
{
    create_base();
    PIRP irp = IoAllocateIrp(30, FALSE);
    REQUIRE(irp != NULL);
    CHECK_EQ(irp->StackCount, 30);
    CHECK_EQ(irp->CurrentLocation, 31);
    IoReuseIrp(irp, STATUS_TIMEOUT);
    CHECK_EQ(irp->IoStatus.Status, STATUS_TIMEOUT);
    CHECK_EQ(irp->StackCount, 30);
    IoFreeIrp(irp);
    remove_base();
}
