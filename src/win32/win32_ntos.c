/* SPDX-License-Identifier: MIT */
/*
 * win32_ntos.c - the calls of win32 into ntos that are not part of the native API.
 *
 * Layer: win32; the one file that includes wdm.h, and therefore not windows.h. Nothing here decides
 * anything: each function is a call, or two, below.
 */
#include <wdm.h>

#include "cm.h"
#include "iomgr.h"
#include "ke.h"
#include "ob.h"

#include <ntapi.h>

#include "win32_ntos.h"

VOID Win32Initialize(VOID)
{
    NtsInitializeSystem();
}

PULONG Win32LastErrorSlot(VOID)
{
    return KeGetLastErrorSlot();
}

ULONG Win32CurrentThreadNumber(VOID)
{
    return KeGetCurrentThreadNumber();
}

NTSTATUS Win32CreateThreadObject(PHANDLE Handle, WIN32_THREAD_ROUTINE *Routine, PVOID Parameter,
    SIZE_T StackBytes, BOOLEAN Suspended, PULONG Number)
{
    return PsCreateThread(Handle, Routine, Parameter, StackBytes, Suspended, Number);
}

NTSTATUS Win32OpenThreadObject(ULONG Number, ACCESS_MASK Access, ULONG Attributes, PHANDLE Handle)
{
    return PsOpenThread(Number, Access, Attributes, Handle);
}

VOID Win32ExitThreadObject(ULONG ExitStatus)
{
    PsExitThread(ExitStatus);
}

VOID Win32SleepOnWord(const volatile VOID *Word, ULONG Value, LONGLONG Left)
{
    KeSleepOnWord(Word, Value, Left);
}

VOID Win32SetThreadExitRoutine(VOID (*Routine)(VOID))
{
    PsSetThreadExitRoutine(Routine);
}

NTSTATUS Win32QueryThreadHandle(HANDLE Handle, PULONG Number, PULONG ExitStatus)
{
    PVOID Thread;
    NTSTATUS Status = ObReferenceObjectByHandle(Handle, 0, &ObpThreadType, UserMode, &Thread, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    *Number = KeThreadNumber(Thread);
    *ExitStatus = PsGetThreadExitStatus(Thread);
    ObDereferenceObject(Thread);
    return STATUS_SUCCESS;
}

NTSTATUS Win32CheckProcessHandle(HANDLE Handle)
{
    PVOID Process;
    if (Handle == NtCurrentProcess())
        return STATUS_SUCCESS;
    NTSTATUS Status =
        ObReferenceObjectByHandle(Handle, 0, &ObpProcessType, UserMode, &Process, NULL);
    if (NT_SUCCESS(Status))
        ObDereferenceObject(Process);
    return Status;
}

NTSTATUS Win32CompareHandles(HANDLE First, HANDLE Second, PBOOLEAN Same)
{
    PVOID One, Other;
    NTSTATUS Status = ObReferenceObjectByHandle(First, 0, NULL, UserMode, &One, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(Second, 0, NULL, UserMode, &Other, NULL);
    if (NT_SUCCESS(Status)) {
        *Same = One == Other;
        ObDereferenceObject(Other);
    }
    ObDereferenceObject(One);
    return Status;
}

NTSTATUS Win32QueryDeviceType(HANDLE File, PULONG Type)
{
    PVOID Object;
    NTSTATUS Status = ObReferenceObjectByHandle(File, 0, &ObpFileType, UserMode, &Object, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    *Type = ((PFILE_OBJECT)Object)->DeviceObject->DeviceType;
    ObDereferenceObject(Object);
    return STATUS_SUCCESS;
}

BOOLEAN Win32IsThreadIoPending(VOID)
{
    return IoIsThreadIoPending();
}

LONGLONG Win32SystemTime(VOID)
{
    LARGE_INTEGER Now;
    KeQuerySystemTime(&Now);
    return Now.QuadPart;
}

ULONGLONG Win32InterruptTime(VOID)
{
    return KeQueryInterruptTime();
}

WCHAR Win32UpcaseChar(WCHAR Char)
{
    return RtlUpcaseUnicodeChar(Char);
}

NTSTATUS Win32LoadDriver(const char *Path)
{
    const char *Reason;
    NTSTATUS Status = IoLoadDriver(Path, &Reason);
    if (!NT_SUCCESS(Status))
        DbgPrint("ntsock: %s\n", Reason);
    return Status;
}

NTSTATUS Win32UnloadDriver(const char *Name)
{
    return IoUnloadDriver(Name);
}
