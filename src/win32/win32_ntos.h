/* SPDX-License-Identifier: MIT */
/*
 * win32_ntos.h - services of ntos that win32 uses beside the native API.
 *
 * Layer: win32. Declared with types that windows.h and wdm.h share, so that either may come first.
 */
#ifndef WIN32_NTOS_H
#define WIN32_NTOS_H

#include <ntdef.h>

VOID Win32Initialize(VOID); /* NtsInitializeSystem */
PULONG Win32LastErrorSlot(VOID);
ULONG Win32CurrentThreadNumber(VOID);
typedef ULONG WIN32_THREAD_ROUTINE(PVOID Parameter);
NTSTATUS Win32CreateThreadObject(PHANDLE Handle, WIN32_THREAD_ROUTINE *Routine, PVOID Parameter,
    SIZE_T StackBytes, BOOLEAN Suspended, PULONG Number);
NTSTATUS Win32OpenThreadObject(ULONG Number, ACCESS_MASK Access, ULONG Attributes, PHANDLE Handle);
DECLSPEC_NORETURN VOID Win32ExitThreadObject(ULONG ExitStatus);
VOID Win32SetThreadExitRoutine(VOID (*Routine)(VOID));
/* Number and exit status (STATUS_PENDING while it runs) of the thread behind a handle. */
NTSTATUS Win32QueryThreadHandle(HANDLE Handle, PULONG Number, PULONG ExitStatus);
/* STATUS_SUCCESS if the handle is one of a process object (there is one process). */
NTSTATUS Win32CheckProcessHandle(HANDLE Handle);
/* TRUE if both handles name one object; a status if one of them names none. */
NTSTATUS Win32CompareHandles(HANDLE First, HANDLE Second, PBOOLEAN Same);
/* FILE_DEVICE_xxx of the device that a file was opened on. */
NTSTATUS Win32QueryDeviceType(HANDLE File, PULONG Type);
/* Has the calling thread requests in flight, that would be cancelled with it? */
BOOLEAN Win32IsThreadIoPending(VOID);
/* host_futex_wait as a wait of the thread, which lets others run at a completion port meanwhile. */
VOID Win32SleepOnWord(const volatile VOID *Word, ULONG Value, LONGLONG Left);
LONGLONG Win32SystemTime(VOID);
ULONGLONG Win32InterruptTime(VOID);
/* Driver modules by path, and by the name that the loader gave them; a reason is printed. */
NTSTATUS Win32LoadDriver(const char *Path);
NTSTATUS Win32UnloadDriver(const char *Name);
WCHAR Win32UpcaseChar(WCHAR Char);

#endif
