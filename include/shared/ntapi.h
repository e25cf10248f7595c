/* SPDX-License-Identifier: MIT */
/*
 * ntapi.h - the native API: what msafd, win32 and programs that bypass Winsock call.
 *
 * Layer: shared; implemented by ntos. Exported under the documented names; winternl.h includes this header
 * for programs. Statuses are those documented for Windows. Every call may come from any thread.
 */
#ifndef _NTAPI_H_
#define _NTAPI_H_

#include <ntdef.h>
#include <ntstatus.h>

NTSOCK_EXTERN_C_BEGIN

/* --- files and devices --- */
NTSOCKAPI NTSTATUS NTAPI NtCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess,
    POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER AllocationSize,
    ULONG FileAttributes, ULONG ShareAccess, ULONG CreateDisposition, ULONG CreateOptions, PVOID EaBuffer,
    ULONG EaLength);
NTSOCKAPI NTSTATUS NTAPI NtOpenFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess,
    POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock, ULONG ShareAccess, ULONG OpenOptions);
NTSOCKAPI NTSTATUS NTAPI NtDeviceIoControlFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
    PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, ULONG IoControlCode, PVOID InputBuffer,
    ULONG InputBufferLength, PVOID OutputBuffer, ULONG OutputBufferLength);
NTSOCKAPI NTSTATUS NTAPI NtReadFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
    PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset,
    PULONG Key);
NTSOCKAPI NTSTATUS NTAPI NtWriteFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
    PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset,
    PULONG Key);
NTSOCKAPI NTSTATUS NTAPI NtCancelIoFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock);
NTSOCKAPI NTSTATUS NTAPI NtCancelIoFileEx(HANDLE FileHandle, PIO_STATUS_BLOCK IoRequestToCancel,
    PIO_STATUS_BLOCK IoStatusBlock);
NTSOCKAPI NTSTATUS NTAPI NtQueryInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock,
    PVOID FileInformation, ULONG Length, FILE_INFORMATION_CLASS FileInformationClass);
NTSOCKAPI NTSTATUS NTAPI NtSetInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock,
    PVOID FileInformation, ULONG Length, FILE_INFORMATION_CLASS FileInformationClass);

/* --- handles --- */
NTSOCKAPI NTSTATUS NTAPI NtClose(HANDLE Handle);
NTSOCKAPI NTSTATUS NTAPI NtDuplicateObject(HANDLE SourceProcess, HANDLE SourceHandle, HANDLE TargetProcess,
    PHANDLE TargetHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes, ULONG Options);
#define NtCurrentProcess() ((HANDLE)(LONG_PTR)-1)
#define NtCurrentThread() ((HANDLE)(LONG_PTR)-2)
typedef struct _OBJECT_HANDLE_FLAG_INFORMATION {
    BOOLEAN Inherit;
    BOOLEAN ProtectFromClose;
} OBJECT_HANDLE_FLAG_INFORMATION;
typedef enum _OBJECT_INFORMATION_CLASS {
    ObjectBasicInformation = 0,
    ObjectTypeInformation = 2,
    ObjectHandleFlagInformation = 4
} OBJECT_INFORMATION_CLASS;
typedef struct _OBJECT_BASIC_INFORMATION {
    ULONG Attributes;
    ACCESS_MASK GrantedAccess;
    ULONG HandleCount;
    ULONG PointerCount;
    ULONG Reserved[10];
} OBJECT_BASIC_INFORMATION;
NTSOCKAPI NTSTATUS NTAPI NtQueryObject(HANDLE Handle, OBJECT_INFORMATION_CLASS Class, PVOID Information,
    ULONG Length, PULONG ReturnLength);
NTSOCKAPI NTSTATUS NTAPI NtSetInformationObject(HANDLE Handle, OBJECT_INFORMATION_CLASS Class,
    PVOID Information, ULONG Length);

/* --- waits --- */
NTSOCKAPI NTSTATUS NTAPI NtWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout);
NTSOCKAPI NTSTATUS NTAPI NtWaitForMultipleObjects(ULONG Count, PHANDLE Handles, WAIT_TYPE WaitType,
    BOOLEAN Alertable, PLARGE_INTEGER Timeout);
NTSOCKAPI NTSTATUS NTAPI NtSignalAndWaitForSingleObject(HANDLE Signal, HANDLE Wait, BOOLEAN Alertable,
    PLARGE_INTEGER Timeout);
NTSOCKAPI NTSTATUS NTAPI NtDelayExecution(BOOLEAN Alertable, PLARGE_INTEGER Interval);
NTSOCKAPI NTSTATUS NTAPI NtTestAlert(VOID);
NTSOCKAPI NTSTATUS NTAPI NtYieldExecution(VOID);

/* --- events, semaphores, mutants, timers --- */
NTSOCKAPI NTSTATUS NTAPI NtCreateEvent(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes,
    EVENT_TYPE Type, BOOLEAN InitialState);
NTSOCKAPI NTSTATUS NTAPI NtOpenEvent(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes);
NTSOCKAPI NTSTATUS NTAPI NtSetEvent(HANDLE Handle, PLONG PreviousState);
NTSOCKAPI NTSTATUS NTAPI NtResetEvent(HANDLE Handle, PLONG PreviousState);
NTSOCKAPI NTSTATUS NTAPI NtClearEvent(HANDLE Handle);
NTSOCKAPI NTSTATUS NTAPI NtPulseEvent(HANDLE Handle, PLONG PreviousState);
typedef struct _EVENT_BASIC_INFORMATION {
    EVENT_TYPE EventType;
    LONG EventState;
} EVENT_BASIC_INFORMATION;
NTSOCKAPI NTSTATUS NTAPI NtQueryEvent(HANDLE Handle, ULONG Class, PVOID Information, ULONG Length,
    PULONG ReturnLength);
NTSOCKAPI NTSTATUS NTAPI NtCreateSemaphore(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes,
    LONG InitialCount, LONG MaximumCount);
NTSOCKAPI NTSTATUS NTAPI NtOpenSemaphore(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes);
NTSOCKAPI NTSTATUS NTAPI NtReleaseSemaphore(HANDLE Handle, LONG ReleaseCount, PLONG PreviousCount);
NTSOCKAPI NTSTATUS NTAPI NtCreateMutant(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes,
    BOOLEAN InitialOwner);
NTSOCKAPI NTSTATUS NTAPI NtOpenMutant(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes);
NTSOCKAPI NTSTATUS NTAPI NtReleaseMutant(HANDLE Handle, PLONG PreviousCount);
NTSOCKAPI NTSTATUS NTAPI NtCreateTimer(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes,
    TIMER_TYPE Type);
NTSOCKAPI NTSTATUS NTAPI NtOpenTimer(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes);
typedef VOID(NTAPI *PTIMER_APC_ROUTINE)(PVOID Context, ULONG TimeLow, LONG TimeHigh);
NTSOCKAPI NTSTATUS NTAPI NtSetTimer(HANDLE Handle, PLARGE_INTEGER DueTime, PTIMER_APC_ROUTINE ApcRoutine,
    PVOID ApcContext, BOOLEAN Resume, LONG PeriodMs, PBOOLEAN PreviousState);
NTSOCKAPI NTSTATUS NTAPI NtCancelTimer(HANDLE Handle, PBOOLEAN PreviousState);

/* --- threads --- */
typedef VOID(NTAPI *PPS_APC_ROUTINE)(PVOID Argument1, PVOID Argument2, PVOID Argument3);
NTSOCKAPI NTSTATUS NTAPI NtQueueApcThread(HANDLE Thread, PPS_APC_ROUTINE Routine, PVOID Argument1,
    PVOID Argument2, PVOID Argument3);
NTSOCKAPI NTSTATUS NTAPI NtAlertThread(HANDLE Thread);
NTSOCKAPI NTSTATUS NTAPI NtResumeThread(HANDLE Thread, PULONG PreviousSuspendCount);

/* --- run-time library; implemented by win32 --- */
NTSOCKAPI ULONG NTAPI RtlNtStatusToDosError(NTSTATUS Status);
NTSOCKAPI ULONG NTAPI RtlNtStatusToDosErrorNoTeb(NTSTATUS Status); /* the same */
NTSOCKAPI ULONG NTAPI RtlGetLastWin32Error(VOID);
NTSOCKAPI VOID NTAPI RtlSetLastWin32Error(ULONG Error);
struct _OSVERSIONINFOW;
NTSOCKAPI NTSTATUS NTAPI RtlGetVersion(struct _OSVERSIONINFOW *Information);

NTSOCK_EXTERN_C_END

#endif
