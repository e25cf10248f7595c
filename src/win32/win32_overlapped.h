/* SPDX-License-Identifier: MIT */
/*
 * win32_overlapped.h - an OVERLAPPED as the native API sees it.
 *
 * Layer: win32, private. An OVERLAPPED begins with an IO_STATUS_BLOCK; the rest is kernel32's: where to
 * read, and the event, whose lowest bit says that no completion packet is wanted.
 */
#ifndef WIN32_OVERLAPPED_H
#define WIN32_OVERLAPPED_H

#include "win32_private.h"

_Static_assert(offsetof(OVERLAPPED, Internal) == offsetof(IO_STATUS_BLOCK, Status) &&
                   offsetof(OVERLAPPED, InternalHigh) == offsetof(IO_STATUS_BLOCK, Information),
    "OVERLAPPED begins with an IO_STATUS_BLOCK");

static inline PIO_STATUS_BLOCK Win32OverlappedIosb(LPOVERLAPPED Overlapped)
{
    return (PIO_STATUS_BLOCK)(PVOID)Overlapped;
}
static inline HANDLE Win32OverlappedEvent(const OVERLAPPED *Overlapped)
{
    return (HANDLE)((ULONG_PTR)Overlapped->hEvent & ~(ULONG_PTR)1);
}
/* What the completion packet carries; NULL keeps it from the port.
 * [doc:ioapiset/getqueuedcompletionstatus] */
static inline PVOID Win32OverlappedContext(LPOVERLAPPED Overlapped)
{
    return ((ULONG_PTR)Overlapped->hEvent & 1) != 0 ? NULL : (PVOID)Overlapped;
}
static inline NTSTATUS Win32OverlappedStatus(LPOVERLAPPED Overlapped)
{
    return __atomic_load_n(&Win32OverlappedIosb(Overlapped)->Status, __ATOMIC_ACQUIRE);
}
/* A request begins: HasOverlappedIoCompleted is FALSE until the I/O manager writes its end. */
static inline VOID Win32BeginOverlapped(LPOVERLAPPED Overlapped)
{
    Overlapped->Internal = (ULONG_PTR)STATUS_PENDING;
    Overlapped->InternalHigh = 0;
}

/*
 * Win32WaitOwnRequest - waits for a request without OVERLAPPED on a handle that turned out to be
 * asynchronous, by its file; Status is what the native call returned. Nobody else may
 * use the file meanwhile, as on Windows.
 */
NTSTATUS Win32WaitOwnRequest(HANDLE File, NTSTATUS Status, IO_STATUS_BLOCK *Iosb);

/*
 * Win32FinishOverlapped - result of a call whose request had an OVERLAPPED and returned Status: TRUE if
 * it has ended well; else the last error, ERROR_IO_PENDING for one under way. *Bytes, if wanted,
 * gets the count of one that has ended without an error.
 */
BOOL Win32FinishOverlapped(NTSTATUS Status, LPOVERLAPPED Overlapped, LPDWORD Bytes);

#endif
