/* SPDX-License-Identifier: MIT */
/*
 * afd_held_test.c - requests that a driver above AFD holds while their handle is closed.
 *
 * Goal: however many drivers are layered above, a request ends as without them. Method: each kind of request is
 * made twice. The first is pending in AFD when its handle is closed; the second is held by a driver meanwhile and
 * sent down afterwards. Both have to end alike. A third is cancelled while it is held.
 */
#include <stdlib.h>
#include <string.h>

#include "afd_test.h"

/* --- the driver that holds --- */
enum { HELD_MAX = 4 };

static struct {
    PDEVICE_OBJECT lower;
    int holding, count;
    PIRP irps[HELD_MAX];
} holder;

static NTSTATUS holder_complete(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    return STATUS_SUCCESS; /* marked pending already */
}

static NTSTATUS holder_dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    UCHAR major = IoGetCurrentIrpStackLocation(irp)->MajorFunction;
    /* Those come from the case's own thread; the close of a file may not, so it looks at nothing else. */
    if ((major != IRP_MJ_READ && major != IRP_MJ_WRITE && major != IRP_MJ_DEVICE_CONTROL) || !holder.holding) {
        IoSkipCurrentIrpStackLocation(irp);
        return IoCallDriver(holder.lower, irp);
    }
    REQUIRE(holder.count < HELD_MAX);
    IoMarkIrpPending(irp);
    holder.irps[holder.count++] = irp;
    return STATUS_PENDING;
}

static void holder_release(void)
{
    holder.holding = 0;
    for (int i = 0; i < holder.count; i++) {
        PIRP irp = holder.irps[i];
        IoCopyCurrentIrpStackLocationToNext(irp);
        IoSetCompletionRoutine(irp, holder_complete, NULL, TRUE, TRUE, TRUE);
        (void)IoCallDriver(holder.lower, irp);
    }
    holder.count = 0;
}

static NTSTATUS holder_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNICODE_STRING target;
    PDEVICE_OBJECT device;
    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        driver->MajorFunction[i] = holder_dispatch;
    RtlInitUnicodeString(&target, AFD_DEVICE_NAME);
    NTSTATUS status = IoCreateDevice(driver, 0, NULL, FILE_DEVICE_NETWORK, 0, FALSE, &device);
    if (NT_SUCCESS(status))
        status = IoAttachDevice(device, &target, &holder.lower);
    if (NT_SUCCESS(status))
        device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    return status;
}

/* --- the requests --- */
/*
 * An endpoint whose request cannot end by itself, and what keeps it so. The request's input has to last as long as
 * the request.
 */
struct scene {
    HANDLE handle, others[2];
    struct io io;
    union {
        AFD_RECV_INFO receive;
        AFD_SEND_INFO send;
        AFD_RECV_DATAGRAM_INFO from;
        AFD_SUPER_ACCEPT_INFO accept;
        AFD_SUPER_DISCONNECT_INFO disconnect;
    } in;
    AFD_WSABUF wsabuf;
    UCHAR out[256];
};

enum { SEND_LENGTH = 9000000 };
static char data[SEND_LENGTH];
static LARGE_INTEGER anywhere; /* a socket has no position */

static void stream_scene(struct scene *scene)
{
    open_pair(&scene->handle, &scene->others[0]);
}

static void datagram_scene(struct scene *scene)
{
    scene->handle = open_endpoint(INET, DGRAM);
    bind_loopback(scene->handle);
}

static void listener_scene(struct scene *scene)
{
    struct address bound;
    scene->handle = open_listener(INET, 5, &bound);
}

static void receive_with(struct scene *scene, ULONG flags)
{
    scene->wsabuf = (AFD_WSABUF){8, (char *)scene->out};
    scene->in.receive = (AFD_RECV_INFO){&scene->wsabuf, 1, flags, TDI_RECEIVE_NORMAL};
    io_begin(&scene->io, scene->handle, IOCTL_AFD_RECEIVE, &scene->in, sizeof scene->in.receive, NULL, 0);
}

static void begin_receive(struct scene *scene)
{
    receive_with(scene, AFD_OVERLAPPED);
}

static void begin_plain_receive(struct scene *scene)
{
    receive_with(scene, 0);
}

static void begin_receive_from(struct scene *scene)
{
    scene->wsabuf = (AFD_WSABUF){8, (char *)scene->out};
    scene->in.from = (AFD_RECV_DATAGRAM_INFO){&scene->wsabuf, 1, AFD_OVERLAPPED, TDI_RECEIVE_NORMAL, NULL, NULL};
    io_begin(&scene->io, scene->handle, IOCTL_AFD_RECEIVE_DATAGRAM, &scene->in, sizeof scene->in.from, NULL, 0);
}

static void begin_read(struct scene *scene)
{
    scene->io.event = open_event(1);
    scene->io.status = NtReadFile(scene->handle, scene->io.event, NULL, NULL, &scene->io.iosb, scene->out, 8, &anywhere,
        NULL);
}

static void begin_write(struct scene *scene)
{
    scene->io.event = open_event(1);
    scene->io.status = NtWriteFile(scene->handle, scene->io.event, NULL, NULL, &scene->io.iosb, data, SEND_LENGTH,
        &anywhere, NULL);
}

static void begin_send(struct scene *scene)
{
    scene->wsabuf = (AFD_WSABUF){SEND_LENGTH, data};
    scene->in.send = (AFD_SEND_INFO){&scene->wsabuf, 1, AFD_OVERLAPPED, 0};
    io_begin(&scene->io, scene->handle, IOCTL_AFD_SEND, &scene->in, sizeof scene->in.send, NULL, 0);
}

static void begin_wait_for_listen(struct scene *scene)
{
    io_begin(&scene->io, scene->handle, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, scene->out, sizeof scene->out);
}

static void begin_super_accept(struct scene *scene)
{
    const ULONG area = sizeof(AFD_SUPER_ACCEPT_ADDRESS) + 16;
    scene->others[0] = open_endpoint(INET, STREAM);
    memset(&scene->in, 0, sizeof scene->in);
    scene->in.accept.AcceptHandle = scene->others[0];
    scene->in.accept.LocalAddressLength = scene->in.accept.RemoteAddressLength = area;
    io_begin(&scene->io, scene->handle, IOCTL_AFD_SUPER_ACCEPT, &scene->in, sizeof scene->in.accept, scene->out,
        2 * area);
}

static void begin_disconnect_for_reuse(struct scene *scene)
{
    scene->in.disconnect.Flags = AFD_TF_REUSE_SOCKET;
    io_begin(&scene->io, scene->handle, IOCTL_AFD_SUPER_DISCONNECT, &scene->in, sizeof scene->in.disconnect, NULL, 0);
}

enum where { PENDING, HELD, HELD_AND_CANCELLED };

static NTSTATUS end_over_close(void open(struct scene *), void begin(struct scene *), enum where where)
{
    static struct scene scene;
    memset(&scene, 0, sizeof scene);
    open(&scene);
    holder.holding = where != PENDING;
    begin(&scene);
    CHECK_EQ(scene.io.status, STATUS_PENDING);
    if (where == HELD_AND_CANCELLED)
        cancel_io(scene.handle);
    close_handle(scene.handle);
    holder_release();
    NTSTATUS status = io_end(&scene.io);
    for (int i = 0; i < 2; i++) {
        if (scene.others[i] != NULL)
            close_handle(scene.others[i]);
    }
    return status;
}

TEST(held_over_the_close__any_request__ends_as_one_that_was_pending)
{
    static const struct {
        const char *name;
        void (*open)(struct scene *), (*begin)(struct scene *);
        NTSTATUS status;
    } rows[] = {
        {"receive of a stream", stream_scene, begin_receive, STATUS_CONNECTION_ABORTED},
        {"receive of a stream, not overlapped", stream_scene, begin_plain_receive, STATUS_CANCELLED},
        {"read of a stream", stream_scene, begin_read, STATUS_CONNECTION_ABORTED},
        {"send", stream_scene, begin_send, STATUS_CANCELLED},
        {"write", stream_scene, begin_write, STATUS_CANCELLED},
        {"disconnect for reuse", stream_scene, begin_disconnect_for_reuse, STATUS_CANCELLED},
        {"receive of datagrams", datagram_scene, begin_receive, STATUS_CANCELLED},
        {"receive of datagrams with their source", datagram_scene, begin_receive_from, STATUS_CANCELLED},
        {"read of datagrams", datagram_scene, begin_read, STATUS_CANCELLED},
        {"wait for a connection", listener_scene, begin_wait_for_listen, STATUS_CANCELLED},
        {"accept with everything", listener_scene, begin_super_accept, STATUS_CANCELLED},
    };
    start_stack();
    REQUIRE_EQ(IoCreateDriver(L"AfdTestHolder", holder_entry), STATUS_SUCCESS);
    for (size_t i = 0; i < RTL_NUMBER_OF(rows); i++) {
        for (int where = PENDING; where <= HELD_AND_CANCELLED; where++) {
            NTSTATUS status = end_over_close(rows[i].open, rows[i].begin, where);
            NTSTATUS expected = where == HELD_AND_CANCELLED ? STATUS_CANCELLED : rows[i].status;
            if (status != expected)
                nts_fail(__FILE__, __LINE__, "%s, %d: 0x%08x, expected 0x%08x", rows[i].name, where, (unsigned)status,
                    (unsigned)expected);
        }
    }
}
