/* SPDX-License-Identifier: MIT */
/*
 * io_test.h - a driver to test the I/O manager with: \Device\Base, and filters above it.
 *
 * The driver is made in the process with IoCreateDriver. What it sees is recorded as letters in a trace that the
 * cases compare.
 */
#ifndef IO_TEST_H
#define IO_TEST_H

#include "ke_test.h"

#include "cm.h"
#include "ex.h"
#include "iomgr.h"
#include "ob.h"

#include <string.h>

#define BASE_CODE(n, method) CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800 + (n), method, FILE_ANY_ACCESS)
#define CODE_ECHO(method) BASE_CODE(1, method)         /* output = input reversed */
#define CODE_PEND BASE_CODE(2, METHOD_NEITHER)         /* until complete_pending or cancelled */
#define CODE_FAIL BASE_CODE(3, METHOD_BUFFERED)        /* at once with the status in the input */
#define CODE_PEND_BUFFERED BASE_CODE(4, METHOD_BUFFERED)
#define CODE_PEND_FAIL BASE_CODE(5, METHOD_BUFFERED)   /* pending, then the status in the input */
#define CODE_READ_ACCESS CTL_CODE(FILE_DEVICE_UNKNOWN, 0x806, METHOD_NEITHER, FILE_READ_ACCESS)

struct base_extension {
    IO_CSQ csq;
    EX_LOCK lock;
    LIST_ENTRY queue;
    volatile LONG queued; /* IRPs in the queue */
    volatile LONG completed, cancelled;
    char ea_name[64];
    ULONG ea_length;
    char file_name[64];
    BOOLEAN may_poll;
};

extern PDRIVER_OBJECT base_driver;
extern PDEVICE_OBJECT base_device;
extern FAST_IO_DISPATCH base_fast_io;      /* set base_driver->FastIoDispatch to use it */
extern volatile LONG fast_calls;
extern BOOLEAN fast_answers;               /* what its FastIoDeviceControl returns */
extern NTSTATUS fast_status;

static inline struct base_extension *base(void)
{
    return base_device->DeviceExtension;
}

/* Loads the driver; NULL fast_io. At the end of the case remove_base. */
void create_base(void);
void remove_base(void);
/* Takes the oldest pending IRP and completes it; FALSE if there is none. */
BOOLEAN complete_pending(NTSTATUS status, ULONG_PTR information);
void await_queued(LONG count);

/* The trace: C create, U cleanup, D close, I control, R read, W write, and what filters add. */
void trace(char letter);
const char *take_trace(void);

HANDLE open_base(ULONG options);
HANDLE open_base_name(PCWSTR name, ULONG options, NTSTATUS expected);
HANDLE create_event(void);
NTSTATUS complete_irp(PIRP irp, NTSTATUS status, ULONG_PTR information);
BOOLEAN is_signalled(HANDLE handle);

/* A filter over \Device\Base. Its routine does as it likes with the IRP; letter identifies it. */
struct filter_extension {
    PDEVICE_OBJECT lower;
    DRIVER_DISPATCH *dispatch;
    char letter;
    NTSTATUS completion_status; /* what its completion routine returns if not 0 */
    PIRP held;
    KEVENT event;
};
PDEVICE_OBJECT attach_filter(char letter, DRIVER_DISPATCH *dispatch);
void detach_filter(PDEVICE_OBJECT device);
NTSTATUS filter_skip(PDEVICE_OBJECT device, PIRP irp);
NTSTATUS filter_copy(PDEVICE_OBJECT device, PIRP irp); /* copy, no completion routine */
NTSTATUS filter_complete(PDEVICE_OBJECT device, PIRP irp); /* copy with completion routine */
static inline struct filter_extension *filter(PDEVICE_OBJECT device)
{
    return device->DeviceExtension;
}
#define CHECK_TRACE(expected)                                                           \
    do {                                                                                \
        const char *seen_ = take_trace();                                               \
        if (strcmp(seen_, expected) != 0)                                               \
            nts_fail(__FILE__, __LINE__, "trace is %s, expected %s", seen_, expected);  \
    } while (0)

#endif
