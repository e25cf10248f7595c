/* SPDX-License-Identifier: MIT */
/*
 * win32_private.h - what the files of win32 share.
 *
 * Layer: win32; NT counterpart: the private headers of kernel32. windows.h and wdm.h define some of
 * the same names for two different worlds, so only win32_ntos.c includes the latter; what the layer
 * needs from it is declared in win32_ntos.h with the basic types that both know.
 */
#ifndef WIN32_PRIVATE_H
#define WIN32_PRIVATE_H

#define WIN32_NO_STATUS
#include <windows.h>
#undef WIN32_NO_STATUS
#include <ntapi.h>
#include <ntstatus.h>

#include "host_memory.h"
#include "host_thread.h"
#include "locks.h"
#include "win32_ntos.h"

#define WIN32_100NS_PER_MS 10000LL
#define WIN32_FOREVER (~0ULL)

/* --- one lock for every small table of the layer: FLS, thread records, modules, handlers --- */
extern EX_LOCK Win32Lock;
static inline void Win32AcquireLock(void) _Acquires_lock_(Win32TableLock) LOCK_UNCHECKED
{
    ExAcquireLock(&Win32Lock, Win32TableLockRank);
}
static inline void Win32ReleaseLock(void) _Releases_lock_(Win32TableLock) LOCK_UNCHECKED
{
    ExReleaseLock(&Win32Lock, Win32TableLockRank);
}

/* --- errors (win32_error.c) --- */
/* Sets the last error from a failure status; returns FALSE, so that callers can return it. */
BOOL Win32SetStatus(NTSTATUS Status);
/* Sets the last error; returns FALSE. */
BOOL Win32Fail(DWORD Error);

/* --- time-outs --- */
/* NULL for INFINITE, else Timeout filled with the relative interval of that many milliseconds. */
static inline PLARGE_INTEGER Win32TimeoutFromMs(PLARGE_INTEGER Timeout, DWORD Milliseconds)
{
    if (Milliseconds == INFINITE)
        return NULL;
    Timeout->QuadPart = -(LONGLONG)Milliseconds * WIN32_100NS_PER_MS;
    return Timeout;
}
/* The same for host_futex_wait: negative for ever. */
static inline int64_t Win32FutexTimeout(DWORD Milliseconds)
{
    return Milliseconds == INFINITE ? -1 : (int64_t)Milliseconds * WIN32_100NS_PER_MS;
}
/* Interrupt time at which Milliseconds will be over; WIN32_FOREVER for INFINITE. */
ULONGLONG Win32DeadlineFromMs(DWORD Milliseconds);
/* What is left until Deadline, for host_futex_wait: negative for ever, 0 when it is past. */
int64_t Win32RemainingTime(ULONGLONG Deadline);

/* --- spinning before a futex wait --- */
static inline void Win32Pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
#endif
}

/* --- strings (win32_string.c) --- */
SIZE_T Win32WideLength(PCWSTR String);
/*
 * Win32WideFromAnsi - UTF-16 copy of a string in the ANSI code page, which is UTF-8 here. *Wide is
 * NULL for a NULL string. FALSE and the last error when memory is short. Freed with host_free.
 */
BOOL Win32WideFromAnsi(PCSTR Ansi, PWSTR *Wide);
/* UTF-8 copy, freed with host_free; NULL when memory is short (last error set) or Wide is NULL. */
PSTR Win32AnsiFromWide(PCWSTR Wide);
/*
 * Win32CopyOutWide, Win32CopyOutAnsi - the result convention of GetEnvironmentVariable and its
 * like: with room, copies with the terminator and returns the length without it; else the room
 * needed, with it.
 */
DWORD Win32CopyOutAnsi(PCSTR Text, PSTR Buffer, DWORD Size);
DWORD Win32CopyOutWide(PCSTR Text, PWSTR Buffer, DWORD Size);

/* --- threads (win32_thread_record.c) --- */
/*
 * What win32 remembers of a thread: FLS values, priority, description, affinity. Created when first
 * needed, by the thread itself or by one that names it before it runs; freed when the thread ends.
 * All fields are guarded by Win32TableLock, except that a thread reads its own Fls values without
 * it.
 */
#define WIN32_FLS_SLOTS 128
typedef struct WIN32_THREAD {
    struct WIN32_THREAD *Next;
    ULONG Number;
    LONG Priority;
    BOOL PriorityBoostDisabled;
    DWORD_PTR Affinity; /* 0: that of the process */
    PWSTR Description;  /* NULL: none */
    PVOID *Fls;         /* WIN32_FLS_SLOTS values, NULL until the first is set */
} WIN32_THREAD;
/* The record of a thread by number, created if asked. Caller holds the lock. NULL: none, or no
 * memory. */
WIN32_THREAD *Win32FindThread(ULONG Number, BOOL Create) _Requires_lock_held_(Win32TableLock);
/* All records, for FlsFree. */
extern WIN32_THREAD *Win32Threads _Guarded_by_(Win32TableLock);
/* Asks ntos to tell when the calling thread ends; TLS and FLS need it. Cheap after the first call
 * of a thread. */
VOID Win32WatchThreadExit(VOID);
/* Values of the ending thread; called from its exit routine. No lock held. */
VOID Win32RunFlsCallbacks(VOID);
VOID Win32FreeTlsChunks(VOID);

/* --- console handles (win32_console.c) --- */
/* TRUE for the values of GetStdHandle that name a host descriptor; then *Descriptor is 0, 1 or 2.
 */
BOOL Win32IsStandardHandle(HANDLE Handle, int *Descriptor);

#endif
