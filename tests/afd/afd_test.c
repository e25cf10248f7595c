/* SPDX-License-Identifier: MIT */
/* afd_test.c - see afd_test.h. */
#include "afd_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afd.h"
#include "cm.h"
#include "iomgr.h"
#include "ke/ki.h"
#include "ob.h"

int setenv(const char *name, const char *value, int overwrite);

#define WAIT_MS 10000

/* --- start, and the leak check at the end --- */
static int started;

void set_environment(const char *name, const char *value)
{
    REQUIRE(!started);
    setenv(name, value, 1);
}

int engine_is(const char *name)
{
    const char *engine = getenv("NTSOCK_ENGINE");
    return strcmp(engine != NULL ? engine : "epoll", name) == 0;
}

int has_filter(void)
{
    return getenv("AFD_TEST_FILTER") != NULL;
}

static int filter_is(const char *name)
{
    const char *filter = getenv("AFD_TEST_FILTER");
    return filter != NULL && strcmp(filter, name) == 0;
}

int has_fast_io(void)
{
    return !has_filter() || filter_is("passthrough");
}

int makes_pending(void)
{
    return filter_is("pend_resume") || filter_is("pend_complete") || filter_is("pend_dpc");
}

struct filter {
    PDEVICE_OBJECT lower;
};

static NTSTATUS filter_complete(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    if (irp->PendingReturned)
        IoMarkIrpPending(irp);
    return STATUS_SUCCESS;
}

/* Copies every request downwards, with a completion routine. */
static NTSTATUS filter_dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    struct filter *filter = device->DeviceExtension;
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, filter_complete, NULL, TRUE, TRUE, TRUE);
    return IoCallDriver(filter->lower, irp);
}

static NTSTATUS irp_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNICODE_STRING target;
    PDEVICE_OBJECT device;
    NTSTATUS status;
    ULONG i;
    for (i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        driver->MajorFunction[i] = filter_dispatch;
    RtlInitUnicodeString(&target, AFD_DEVICE_NAME);
    status = IoCreateDevice(driver, sizeof(struct filter), NULL, FILE_DEVICE_NETWORK, 0, FALSE, &device);
    if (!NT_SUCCESS(status))
        return status;
    status = IoAttachDevice(device, &target, &((struct filter *)device->DeviceExtension)->lower);
    device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    return status;
}

void attach_test_filter(void)
{
    REQUIRE_EQ(IoCreateDriver(L"AfdTestFilter", irp_entry), STATUS_SUCCESS);
}

/* The drivers of tests/drivers and the passthrough, linked in: their DriverEntries have names of their own here. */
DRIVER_INITIALIZE copying_entry, nofastio_entry, passthrough_entry, pend_complete_entry, pend_dpc_entry,
    pend_resume_entry;

static const struct {
    const char *name;
    PDRIVER_INITIALIZE entry;
} shapes[] = {
    {"irp", irp_entry},
    {"copying", copying_entry},
    {"nofastio", nofastio_entry},
    {"passthrough", passthrough_entry},
    {"pend_complete", pend_complete_entry},
    {"pend_dpc", pend_dpc_entry},
    {"pend_resume", pend_resume_entry},
};

static void attach_shape(const char *name)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (strcmp(shapes[i].name, name) == 0) {
            REQUIRE_EQ(IoCreateDriver(L"AfdTestShape", shapes[i].entry), STATUS_SUCCESS);
            return;
        }
    }
    nts_fail(__FILE__, __LINE__, "AFD_TEST_FILTER=%s is no shape", name);
    nts_end_case();
}

void start_stack(void)
{
    if (started)
        return;
    started = 1;
    NtsAddBootDriver(L"Afd", AfdDriverEntry);
    NtsInitializeSystem();
    if (has_filter())
        attach_shape(getenv("AFD_TEST_FILTER"));
}

static int is_ours(ULONG tag)
{
    char name[4];
    memcpy(name, &tag, 4);
    /* AfdX of AFD, EpoX and LooX of the engines; multi-character constants are stored backwards */
    return memcmp(name + 1, "dfA", 3) == 0 || memcmp(name + 1, "opE", 3) == 0 || memcmp(name + 1, "ooL", 3) == 0;
}

static const char *find_leak(void)
{
    static char text[128];
    EX_POOL_USAGE usage[64];
    ULONG count = ExQueryPoolUsage(usage, 64);
    if (ObQueryHandleCount() != 0) {
        snprintf(text, sizeof text, "%u handles", ObQueryHandleCount());
        return text;
    }
    if (IoQueryIrpCount() != 0) {
        snprintf(text, sizeof text, "%u IRPs", IoQueryIrpCount());
        return text;
    }
    for (ULONG i = 0; i < count && i < 64; i++) {
        if (is_ours(usage[i].Tag) && usage[i].Blocks != 0) {
            snprintf(text, sizeof text, "%d blocks of %.4s (read backwards)", usage[i].Blocks, (char *)&usage[i].Tag);
            return text;
        }
    }
    return NULL;
}

static const char *check_leaks(void)
{
    const char *leak = NULL;
    LARGE_INTEGER tick = {.QuadPart = -10000};
    if (!started)
        return NULL;
    for (int i = 0; i < 2000; i++) {
        leak = find_leak();
        if (leak == NULL)
            return NULL;
        NtDelayExecution(FALSE, &tick);
    }
    return leak;
}

__attribute__((constructor)) static void set_leak_check(void)
{
    nts_set_leak_check(check_leaks);
}

/* --- handles --- */
static NTSTATUS open_afd(HANDLE *ret_handle, void *ea, ULONG ea_length)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK iosb;
    start_stack();
    RtlInitUnicodeString(&name, L"\\Device\\Afd\\Endpoint");
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtCreateFile(ret_handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attributes, &iosb, NULL, 0,
        FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN_IF, 0, ea, ea_length);
}

NTSTATUS try_open(HANDLE *ret_handle, const char *ea_name, const void *value, ULONG value_length)
{
    union {
        FILE_FULL_EA_INFORMATION header;
        char bytes[256];
    } ea;
    ULONG fixed = UFIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName), name_length = (ULONG)strlen(ea_name);
    memset(&ea, 0, sizeof ea);
    ea.header.EaNameLength = (UCHAR)name_length;
    ea.header.EaValueLength = (USHORT)value_length;
    memcpy(ea.bytes + fixed, ea_name, name_length + 1);
    memcpy(ea.bytes + fixed + name_length + 1, value, value_length);
    return open_afd(ret_handle, &ea, fixed + name_length + 1 + value_length);
}

HANDLE open_endpoint(ULONG family, ULONG type)
{
    AFD_OPEN_PACKET packet;
    HANDLE handle = NULL;
    memset(&packet, 0, sizeof packet);
    packet.EndpointFlags = type == DGRAM ? AFD_ENDPOINT_FLAG_CONNECTIONLESS | AFD_ENDPOINT_FLAG_MESSAGE_MODE : 0;
    packet.AddressFamily = family;
    packet.SocketType = type;
    packet.Protocol = type == DGRAM ? 17 : 6;
    REQUIRE_EQ(try_open(&handle, AFD_OPEN_PACKET_NAME, &packet, sizeof packet), STATUS_SUCCESS);
    return handle;
}

HANDLE open_helper(void)
{
    HANDLE handle = NULL;
    REQUIRE_EQ(open_afd(&handle, NULL, 0), STATUS_SUCCESS);
    return handle;
}

HANDLE open_event(int manual)
{
    HANDLE handle = NULL;
    REQUIRE_EQ(NtCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, manual ? NotificationEvent : SynchronizationEvent, FALSE),
        STATUS_SUCCESS);
    return handle;
}

int is_set(HANDLE event)
{
    EVENT_BASIC_INFORMATION information = {0};
    CHECK_EQ(NtQueryEvent(event, 0, &information, sizeof information, NULL), STATUS_SUCCESS);
    return information.EventState != 0;
}

void close_handle(HANDLE handle)
{
    CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
}

PFILE_OBJECT file_of(HANDLE handle)
{
    PVOID file = NULL;
    REQUIRE_EQ(ObReferenceObjectByHandle(handle, 0, *IoFileObjectType, KernelMode, &file, NULL), STATUS_SUCCESS);
    return file;
}

/* --- requests --- */
NTSTATUS io_begin(struct io *io, HANDLE handle, ULONG code, const void *in, size_t in_length, void *out, size_t out_length)
{
    io->event = open_event(1);
    io->iosb.Information = 0x5555;
    io->iosb.Pointer = NULL;
    io->iosb.Status = 0x33333333;
    io->status = NtDeviceIoControlFile(handle, io->event, NULL, NULL, &io->iosb, code, (void *)in, (ULONG)in_length, out,
        (ULONG)out_length);
    return io->status;
}

NTSTATUS io_begin_kept(struct io *io, HANDLE handle, ULONG code, const void *in, size_t in_length, void *out,
    size_t out_length)
{
    REQUIRE(in_length <= sizeof io->kept);
    memcpy(io->kept, in, in_length);
    return io_begin(io, handle, code, io->kept, in_length, out, out_length);
}

static void await_end(struct io *io)
{
    LARGE_INTEGER limit = {.QuadPart = -(LONGLONG)WAIT_MS * 10000};
    REQUIRE_EQ(NtWaitForSingleObject(io->event, FALSE, &limit), STATUS_WAIT_0);
}

NTSTATUS at_once(struct io *io, NTSTATUS status)
{
    if (status != STATUS_PENDING || !makes_pending())
        return status;
    await_end(io);
    return io->iosb.Status;
}

void settle(HANDLE handle)
{
    if (makes_pending())
        REQUIRE_EQ(control(handle, IOCTL_AFD_NO_OPERATION, NULL, 0, NULL, 0, NULL), STATUS_SUCCESS);
}

int io_is_done(struct io *io)
{
    return is_set(io->event);
}

NTSTATUS io_end(struct io *io)
{
    if (io->status == STATUS_PENDING) {
        await_end(io);
        io->status = io->iosb.Status;
    } else if (!NT_ERROR(io->status)) {
        CHECK_EQ(io->iosb.Status, io->status);
    }
    close_handle(io->event);
    return io->status;
}

NTSTATUS control(HANDLE handle, ULONG code, const void *in, size_t in_length, void *out, size_t out_length,
    ULONG_PTR *information)
{
    struct io io;
    io_begin(&io, handle, code, in, in_length, out, out_length);
    NTSTATUS status = io_end(&io);
    if (information != NULL)
        *information = io.iosb.Information;
    return status;
}

NTSTATUS control_and_wait(HANDLE handle, ULONG code, const void *in, size_t in_length, void *out, size_t out_length,
    ULONG_PTR *information)
{
    PFILE_OBJECT file = file_of(handle);
    IO_STATUS_BLOCK iosb = {0};
    NTSTATUS status =
        NtsDeviceIoControlAndWait(file, &iosb, code, in, (ULONG)in_length, out, (ULONG)out_length, FALSE, NULL);
    ObDereferenceObject(file);
    if (information != NULL)
        *information = iosb.Information;
    return status;
}

void cancel_io(HANDLE handle)
{
    IO_STATUS_BLOCK iosb;
    NtCancelIoFileEx(handle, NULL, &iosb);
}

/* --- sockets --- */
static USHORT swap(USHORT value)
{
    return (USHORT)(value << 8 | value >> 8);
}

struct address loopback(ULONG family, USHORT port)
{
    struct address address;
    memset(&address, 0, sizeof address);
    address.family = (USHORT)family;
    address.port = swap(port);
    if (family == INET) {
        address.bytes[0] = 127;
        address.bytes[3] = 1;
    } else {
        address.bytes[4 + 15] = 1;
    }
    return address;
}

ULONG address_length(const struct address *address)
{
    return address->family == INET6 ? 28 : 16;
}

NTSTATUS bind_to(HANDLE handle, ULONG share, const struct address *address, struct address *ret_bound)
{
    UCHAR in[4 + 28];
    memcpy(in, &share, 4);
    memcpy(in + 4, address, address_length(address));
    return control(handle, IOCTL_AFD_BIND, in, 4 + address_length(address), ret_bound,
        ret_bound != NULL ? sizeof *ret_bound : 0, NULL);
}

struct address bind_loopback(HANDLE handle)
{
    struct address address = loopback(INET, 0), bound;
    REQUIRE_EQ(bind_to(handle, AFD_NORMALADDRUSE, &address, &bound), STATUS_SUCCESS);
    return bound;
}

struct address bind_own_loopback(HANDLE handle)
{
    struct address address = loopback(INET, 0), bound;
    unsigned host = nts_own_loopback();
    for (int i = 0; i < 4; i++)
        address.bytes[i] = (UCHAR)(host >> (24 - 8 * i));
    REQUIRE_EQ(bind_to(handle, AFD_NORMALADDRUSE, &address, &bound), STATUS_SUCCESS);
    return bound;
}

HANDLE open_closed_port(ULONG type, struct address *ret_bound)
{
    HANDLE handle = open_endpoint(INET, type);
    *ret_bound = bind_loopback(handle);
    if (type == DGRAM)
        REQUIRE_EQ(connect_to(handle, ret_bound), STATUS_SUCCESS);
    return handle;
}

NTSTATUS start_listen(HANDLE handle, ULONG backlog)
{
    AFD_LISTEN_INFO info;
    memset(&info, 0, sizeof info);
    info.MaximumConnectionQueue = backlog;
    return control(handle, IOCTL_AFD_START_LISTEN, &info, sizeof info, NULL, 0, NULL);
}

HANDLE open_listener(ULONG family, ULONG backlog, struct address *ret_bound)
{
    HANDLE handle = open_endpoint(family, STREAM);
    struct address address = loopback(family, 0);
    REQUIRE_EQ(bind_to(handle, AFD_NORMALADDRUSE, &address, ret_bound), STATUS_SUCCESS);
    REQUIRE_EQ(start_listen(handle, backlog), STATUS_SUCCESS);
    return handle;
}

NTSTATUS connect_begin(struct io *io, HANDLE handle, const struct address *address)
{
    UCHAR in[24 + 28];
    memset(in, 0, sizeof in);
    memcpy(in + UFIELD_OFFSET(AFD_CONNECT_JOIN_INFO, RemoteAddress), address, address_length(address));
    return io_begin_kept(io, handle, IOCTL_AFD_CONNECT, in, 24 + address_length(address), NULL, 0);
}

NTSTATUS connect_to(HANDLE handle, const struct address *address)
{
    struct io io;
    connect_begin(&io, handle, address);
    return io_end(&io);
}

HANDLE open_connected(const struct address *address)
{
    HANDLE handle = open_endpoint(address->family, STREAM);
    REQUIRE_EQ(connect_to(handle, address), STATUS_SUCCESS);
    return handle;
}

NTSTATUS accept_into(HANDLE listener, LONG sequence, HANDLE acceptor)
{
    AFD_ACCEPT_INFO info;
    memset(&info, 0, sizeof info);
    info.Sequence = sequence;
    info.AcceptHandle = acceptor;
    return control(listener, IOCTL_AFD_ACCEPT, &info, sizeof info, NULL, 0, NULL);
}

HANDLE accept_one(HANDLE listener)
{
    AFD_LISTEN_RESPONSE_INFO reply;
    HANDLE acceptor;
    REQUIRE_EQ(control(listener, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, sizeof reply, NULL), STATUS_SUCCESS);
    acceptor = open_endpoint(((struct address *)reply.RemoteAddress)->family, STREAM);
    REQUIRE_EQ(accept_into(listener, reply.Sequence, acceptor), STATUS_SUCCESS);
    return acceptor;
}

void open_pair(HANDLE *ret_client, HANDLE *ret_server)
{
    struct address bound;
    HANDLE listener = open_listener(INET, 5, &bound);
    *ret_client = open_connected(&bound);
    *ret_server = accept_one(listener);
    close_handle(listener);
}

NTSTATUS set_nonblocking(HANDLE handle, int on)
{
    AFD_INFORMATION info;
    memset(&info, 0, sizeof info);
    info.InformationType = AFD_NONBLOCKING_MODE;
    info.Information.Boolean = (BOOLEAN)on;
    return control(handle, IOCTL_AFD_SET_INFORMATION, &info, sizeof info, NULL, 0, NULL);
}

NTSTATUS set_option(HANDLE handle, LONG level, LONG name, ULONG value)
{
    AFD_TL_IO_CONTROL_INFO info = {AFD_TL_SET_OPTION, level, name, 0, &value, sizeof value};
    return control(handle, IOCTL_AFD_TRANSPORT_IOCTL, &info, sizeof info, NULL, 0, NULL);
}

NTSTATUS shut_down(HANDLE handle, ULONG mode)
{
    AFD_PARTIAL_DISCONNECT_INFO info;
    memset(&info, 0, sizeof info);
    info.DisconnectMode = mode;
    return control(handle, IOCTL_AFD_PARTIAL_DISCONNECT, &info, sizeof info, NULL, 0, NULL);
}

/* --- data --- */
NTSTATUS receive_begin(struct io *io, HANDLE handle, void *buffer, ULONG length, ULONG flags)
{
    AFD_RECV_INFO info = {&io->buffer, 1, 0, flags};
    io->buffer = (AFD_WSABUF){length, buffer};
    return io_begin_kept(io, handle, IOCTL_AFD_RECEIVE, &info, sizeof info, NULL, 0);
}

NTSTATUS receive(HANDLE handle, void *buffer, ULONG length, ULONG flags, ULONG *ret_bytes)
{
    struct io io;
    receive_begin(&io, handle, buffer, length, flags);
    NTSTATUS status = io_end(&io);
    if (ret_bytes != NULL)
        *ret_bytes = NT_ERROR(status) ? 0 : (ULONG)io.iosb.Information;
    return status;
}

NTSTATUS send_begin(struct io *io, HANDLE handle, const void *buffer, ULONG length, ULONG afd_flags)
{
    AFD_SEND_INFO info = {&io->buffer, 1, afd_flags, 0};
    io->buffer = (AFD_WSABUF){length, (char *)buffer};
    return io_begin_kept(io, handle, IOCTL_AFD_SEND, &info, sizeof info, NULL, 0);
}

NTSTATUS send_bytes(HANDLE handle, const void *buffer, ULONG length, ULONG *ret_bytes)
{
    struct io io;
    send_begin(&io, handle, buffer, length, 0);
    NTSTATUS status = io_end(&io);
    if (ret_bytes != NULL)
        *ret_bytes = NT_ERROR(status) ? 0 : (ULONG)io.iosb.Information;
    return status;
}

NTSTATUS send_to(HANDLE handle, const struct address *to, const void *buffer, ULONG length)
{
    AFD_WSABUF wsabuf = {length, (char *)buffer};
    AFD_SEND_DATAGRAM_INFO info = {&wsabuf, 1, 0, 0, (void *)to, to != NULL ? address_length(to) : 0};
    return control(handle, IOCTL_AFD_SEND_DATAGRAM, &info, sizeof info, NULL, 0, NULL);
}

/* --- polls --- */
void poll_initialize(struct poll *poll, LONGLONG timeout, int unique)
{
    memset(poll, 0, sizeof *poll);
    poll->in.Timeout.QuadPart = timeout;
    poll->in.Unique = (BOOLEAN)unique;
}

void poll_add(struct poll *poll, HANDLE handle, ULONG events)
{
    AFD_POLL_HANDLE_INFO *entry = poll->in.Handles + poll->in.NumberOfHandles++;
    entry->Handle = handle;
    entry->PollEvents = events;
    entry->Status = 0x77777777;
}

NTSTATUS poll_begin(struct io *io, struct poll *poll, HANDLE through)
{
    ULONG length = UFIELD_OFFSET(AFD_POLL_INFO, Handles) + poll->in.NumberOfHandles * sizeof(AFD_POLL_HANDLE_INFO);
    return io_begin(io, through, IOCTL_AFD_POLL, &poll->in, length, &poll->out, length);
}

ULONG poll_levels(HANDLE handle)
{
    struct poll poll;
    struct io io;
    poll_initialize(&poll, 0, 0);
    poll_add(&poll, handle, AFD_POLL_ALL);
    poll_begin(&io, &poll, handle);
    REQUIRE_EQ(io_end(&io), STATUS_SUCCESS);
    return poll.out.NumberOfHandles == 1 ? poll.out.Handles[0].PollEvents : 0;
}

ULONG await_event(HANDLE handle, ULONG events)
{
    struct poll poll;
    struct io io;
    poll_initialize(&poll, FOR_EVER, 0);
    poll_add(&poll, handle, events);
    poll_begin(&io, &poll, handle);
    REQUIRE_EQ(io_end(&io), STATUS_SUCCESS);
    return poll.out.Handles[0].PollEvents;
}

/* --- event selection --- */
NTSTATUS select_events(HANDLE handle, HANDLE event, ULONG events)
{
    AFD_EVENT_SELECT_INFO info = {event, events};
    return control(handle, IOCTL_AFD_EVENT_SELECT, &info, sizeof info, NULL, 0, NULL);
}

ULONG take_events(HANDLE handle, HANDLE event, NTSTATUS status[AFD_NUM_POLL_EVENTS])
{
    AFD_ENUM_NETWORK_EVENTS_INFO info;
    CHECK_EQ(control(handle, IOCTL_AFD_ENUM_NETWORK_EVENTS, event, 0, &info, sizeof info, NULL), STATUS_SUCCESS);
    CHECK(!is_set(event));
    if (status != NULL)
        memcpy(status, info.EventStatus, sizeof info.EventStatus);
    return info.PollEvents;
}

ULONG await_events(HANDLE handle, HANDLE event)
{
    LARGE_INTEGER limit = {.QuadPart = -100000000};
    REQUIRE_EQ(NtWaitForSingleObject(event, FALSE, &limit), STATUS_WAIT_0);
    return take_events(handle, event, NULL);
}

void check_quiet(HANDLE handle, HANDLE event)
{
    CHECK(!is_set(event));
    CHECK_EQ(take_events(handle, event, NULL), 0);
}

/* --- threads --- */
HANDLE start_thread(PS_THREAD_ROUTINE *routine, PVOID parameter)
{
    HANDLE handle = NULL;
    start_stack();
    REQUIRE_EQ(PsCreateThread(&handle, routine, parameter, 0, FALSE, NULL), STATUS_SUCCESS);
    return handle;
}

static PKTHREAD thread_of(HANDLE handle)
{
    PVOID thread = NULL;
    REQUIRE_EQ(ObReferenceObjectByHandle(handle, 0, NULL, KernelMode, &thread, NULL), STATUS_SUCCESS);
    return thread;
}

void await_parked(HANDLE handle)
{
    PKTHREAD thread = thread_of(handle);
    while (__atomic_load_n(&thread->ParkMode, __ATOMIC_SEQ_CST) == ParkNone)
        NtYieldExecution();
    ObDereferenceObject(thread);
}

ULONG join_thread(HANDLE handle)
{
    LARGE_INTEGER limit = {.QuadPart = -(LONGLONG)WAIT_MS * 10000};
    PKTHREAD thread = thread_of(handle);
    ULONG status;
    REQUIRE_EQ(NtWaitForSingleObject(handle, FALSE, &limit), STATUS_WAIT_0);
    status = PsGetThreadExitStatus(thread);
    ObDereferenceObject(thread);
    close_handle(handle);
    return status;
}
