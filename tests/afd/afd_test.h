/* SPDX-License-Identifier: MIT */
/*
 * afd_test.h - \Device\Afd as its tests use it: requests on handles, as msafd makes them.
 *
 * Every case starts the stack with AFD in its own process. The environment chooses the transport
 * (NTSOCK_ENGINE) and which driver stands above AFD (AFD_TEST_FILTER: irp, a filter without fast I/O, or one of
 * tests/drivers), so that the same cases cover the fast path, the IRPs and all that a driver may do with them.
 * At the end of a case no handle, IRP or pool block may be left. Nothing here sleeps to synchronise; the leak
 * check alone waits for threads that are just ending.
 */
#ifndef AFD_TEST_H
#define AFD_TEST_H

#include "afd_ioctl.h"
#include "ex.h"
#include "iomgr.h"
#include "ke.h"
#include "ntapi.h"
#include "ntstest.h"

#define INET 2
#define INET6 23
#define STREAM 1
#define DGRAM 2

struct address { /* SOCKADDR_IN, SOCKADDR_IN6 */
    USHORT family;
    USHORT port; /* network order */
    UCHAR bytes[24];
};

/* The environment variable before the stack starts; a case that needs one calls it first. */
void set_environment(const char *name, const char *value);
void start_stack(void); /* once per case; open_endpoint and open_helper call it */
void attach_test_filter(void); /* a pass-through filter without fast I/O, above what is there */
int engine_is(const char *name);
int has_filter(void);
int has_fast_io(void);  /* no filter, or one that passes fast I/O on */
int makes_pending(void); /* a filter that makes every request pending */

/* --- handles --- */
HANDLE open_endpoint(ULONG family, ULONG type);
HANDLE open_helper(void);
NTSTATUS try_open(HANDLE *ret_handle, const char *ea_name, const void *value, ULONG value_length);
HANDLE open_event(int manual);
int is_set(HANDLE event);
void close_handle(HANDLE handle);
PFILE_OBJECT file_of(HANDLE handle); /* referenced */

/* --- requests --- */
struct io {
    HANDLE event;
    IO_STATUS_BLOCK iosb;
    NTSTATUS status; /* of the call */
    AFD_WSABUF buffer;
    union {
        LONGLONG align;
        UCHAR kept[96];
    };
};
NTSTATUS io_begin(struct io *io, HANDLE handle, ULONG code, const void *in, size_t in_length, void *out, size_t out_length);
/*
 * The same with a copy of the input in the struct io: METHOD_NEITHER gives the driver the caller's own pointer, and one
 * that holds requests back looks at it when the caller of this has long returned.
 */
NTSTATUS io_begin_kept(struct io *io, HANDLE handle, ULONG code, const void *in, size_t in_length, void *out,
    size_t out_length);
/*
 * What the begin of a request that does not wait has returned, given that: under a driver that makes every request
 * pending its final status, which this waits for.
 */
NTSTATUS at_once(struct io *io, NTSTATUS status);
/*
 * Until AFD has got every request that was made before: a driver that holds requests back passes them on in order,
 * whatever their files, so a request through the handle that ends at once is the last. Without one nothing is held.
 */
void settle(HANDLE handle);
int io_is_done(struct io *io);   /* it pended and its event is set */
NTSTATUS io_end(struct io *io);  /* waits for it; final status */
/* begin and end; *information may be NULL */
NTSTATUS control(HANDLE handle, ULONG code, const void *in, size_t in_length, void *out, size_t out_length,
    ULONG_PTR *information);
/* the same by the call that polls for itself: NtsDeviceIoControlAndWait */
NTSTATUS control_and_wait(HANDLE handle, ULONG code, const void *in, size_t in_length, void *out, size_t out_length,
    ULONG_PTR *information);
void cancel_io(HANDLE handle);

/* --- sockets --- */
struct address loopback(ULONG family, USHORT port);
ULONG address_length(const struct address *address);
NTSTATUS bind_to(HANDLE handle, ULONG share, const struct address *address, struct address *ret_bound);
struct address bind_loopback(HANDLE handle);
/* At an address of this program alone: the port may be given up and taken again. */
struct address bind_own_loopback(HANDLE handle);
/*
 * An endpoint whose port is closed to everybody as long as it is open, and nobody else's: a stream that does not
 * listen refuses, a datagram endpoint whose only peer is itself is not there for others.
 */
HANDLE open_closed_port(ULONG type, struct address *ret_bound);
NTSTATUS start_listen(HANDLE handle, ULONG backlog);
HANDLE open_listener(ULONG family, ULONG backlog, struct address *ret_bound);
NTSTATUS connect_begin(struct io *io, HANDLE handle, const struct address *address);
NTSTATUS connect_to(HANDLE handle, const struct address *address);
HANDLE open_connected(const struct address *address);
NTSTATUS accept_into(HANDLE listener, LONG sequence, HANDLE acceptor);
HANDLE accept_one(HANDLE listener);
void open_pair(HANDLE *ret_client, HANDLE *ret_server);
NTSTATUS set_nonblocking(HANDLE handle, int on);
NTSTATUS set_option(HANDLE handle, LONG level, LONG name, ULONG value);
NTSTATUS shut_down(HANDLE handle, ULONG mode);

/* --- data --- */
NTSTATUS receive_begin(struct io *io, HANDLE handle, void *buffer, ULONG length, ULONG flags);
NTSTATUS receive(HANDLE handle, void *buffer, ULONG length, ULONG flags, ULONG *ret_bytes);
NTSTATUS send_begin(struct io *io, HANDLE handle, const void *buffer, ULONG length, ULONG afd_flags);
NTSTATUS send_bytes(HANDLE handle, const void *buffer, ULONG length, ULONG *ret_bytes);
NTSTATUS send_to(HANDLE handle, const struct address *to, const void *buffer, ULONG length);

/* --- polls --- */
#define POLL_ROOM (sizeof(AFD_POLL_INFO) + 7 * sizeof(AFD_POLL_HANDLE_INFO))
struct poll {
    union {
        AFD_POLL_INFO in;
        UCHAR in_room[POLL_ROOM];
    };
    union {
        AFD_POLL_INFO out;
        UCHAR out_room[POLL_ROOM];
    };
};
#define FOR_EVER MAXLONGLONG
void poll_initialize(struct poll *poll, LONGLONG timeout, int unique);
void poll_add(struct poll *poll, HANDLE handle, ULONG events);
NTSTATUS poll_begin(struct io *io, struct poll *poll, HANDLE through);
ULONG poll_levels(HANDLE handle); /* all that is true now */
/* Waits until the endpoint has one of the events, through a poll of its own. */
ULONG await_event(HANDLE handle, ULONG events);

/* --- network events --- */
NTSTATUS select_events(HANDLE handle, HANDLE event, ULONG events);
/* Takes the record. status may be NULL. */
ULONG take_events(HANDLE handle, HANDLE event, NTSTATUS status[AFD_NUM_POLL_EVENTS]);
ULONG await_events(HANDLE handle, HANDLE event); /* the same when the event is set */
/* Another request has gone through the same socket's edge by now; nothing more may be recorded. */
void check_quiet(HANDLE handle, HANDLE event);

/* --- threads --- */
HANDLE start_thread(PS_THREAD_ROUTINE *routine, PVOID parameter);
void await_parked(HANDLE thread); /* until it waits for something */
ULONG join_thread(HANDLE thread);

#endif
