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
/* The request that a thread waits for inside a call; STATUS_NOT_FOUND. Needs THREAD_TERMINATE. */
NTSOCKAPI NTSTATUS NTAPI NtCancelSynchronousIoFile(HANDLE ThreadHandle, PIO_STATUS_BLOCK IoRequestToCancel,
    PIO_STATUS_BLOCK IoStatusBlock);
NTSOCKAPI NTSTATUS NTAPI NtFlushBuffersFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock);
NTSOCKAPI NTSTATUS NTAPI NtQueryInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock,
    PVOID FileInformation, ULONG Length, FILE_INFORMATION_CLASS FileInformationClass);
NTSOCKAPI NTSTATUS NTAPI NtSetInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock,
    PVOID FileInformation, ULONG Length, FILE_INFORMATION_CLASS FileInformationClass);

/* NtSetInformationFile, FileCompletionInformation and FileReplaceCompletionInformation (Port may be NULL there) */
typedef struct _FILE_COMPLETION_INFORMATION {
    HANDLE Port;
    PVOID Key;
} FILE_COMPLETION_INFORMATION, *PFILE_COMPLETION_INFORMATION;
/* FileIoCompletionNotificationInformation: flags that are set stay set */
#ifndef FILE_SKIP_COMPLETION_PORT_ON_SUCCESS
#define FILE_SKIP_COMPLETION_PORT_ON_SUCCESS 0x1
#define FILE_SKIP_SET_EVENT_ON_HANDLE 0x2
#endif
#define FILE_SKIP_SET_USER_EVENT_ON_FAST_IO 0x4
typedef struct _FILE_IO_COMPLETION_NOTIFICATION_INFORMATION {
    ULONG Flags;
} FILE_IO_COMPLETION_NOTIFICATION_INFORMATION, *PFILE_IO_COMPLETION_NOTIFICATION_INFORMATION;

/* --- completion ports --- */
#ifndef IO_COMPLETION_MODIFY_STATE
#define IO_COMPLETION_MODIFY_STATE 0x0002
#define IO_COMPLETION_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0x3)
#endif
#define IO_COMPLETION_QUERY_STATE 0x0001
typedef enum _IO_COMPLETION_INFORMATION_CLASS {
    IoCompletionBasicInformation = 0
} IO_COMPLETION_INFORMATION_CLASS;
typedef struct _IO_COMPLETION_BASIC_INFORMATION {
    LONG Depth; /* packets queued */
} IO_COMPLETION_BASIC_INFORMATION, *PIO_COMPLETION_BASIC_INFORMATION;
typedef struct _FILE_IO_COMPLETION_INFORMATION {
    PVOID KeyContext;
    PVOID ApcContext;
    IO_STATUS_BLOCK IoStatusBlock;
} FILE_IO_COMPLETION_INFORMATION, *PFILE_IO_COMPLETION_INFORMATION;
/* Count: how many threads that took packets may run at a time; 0: as many as there are processors */
NTSOCKAPI NTSTATUS NTAPI NtCreateIoCompletion(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes,
    ULONG Count);
NTSOCKAPI NTSTATUS NTAPI NtOpenIoCompletion(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes);
NTSOCKAPI NTSTATUS NTAPI NtQueryIoCompletion(HANDLE Handle, IO_COMPLETION_INFORMATION_CLASS Class,
    PVOID Information, ULONG Length, PULONG ReturnLength);
/* Queues a packet of the caller's own. STATUS_INSUFFICIENT_RESOURCES */
NTSOCKAPI NTSTATUS NTAPI NtSetIoCompletion(HANDLE Handle, PVOID KeyContext, PVOID ApcContext, NTSTATUS Status,
    ULONG_PTR Information);
/* Memory that is set aside. STATUS_OBJECT_NAME_INVALID: such an object has no name. */
typedef enum _MEMORY_RESERVE_OBJECT_TYPE {
    MemoryReserveObjectTypeUserApc,
    MemoryReserveObjectTypeIoCompletion
} MEMORY_RESERVE_OBJECT_TYPE, *PMEMORY_RESERVE_OBJECT_TYPE;
NTSOCKAPI NTSTATUS NTAPI NtAllocateReserveObject(PHANDLE Handle, POBJECT_ATTRIBUTES Attributes,
    MEMORY_RESERVE_OBJECT_TYPE Type);
/* NtSetIoCompletion with a reserve, which cannot fail for want of memory. STATUS_INVALID_PARAMETER_2: still queued */
NTSOCKAPI NTSTATUS NTAPI NtSetIoCompletionEx(HANDLE Handle, HANDLE ReserveHandle, PVOID KeyContext, PVOID ApcContext,
    NTSTATUS Status, ULONG_PTR Information);
/*
 * Takes the oldest packet; waits for one. STATUS_TIMEOUT; STATUS_ABANDONED_WAIT_0 when the port's last
 * handle is closed meanwhile.
 */
NTSOCKAPI NTSTATUS NTAPI NtRemoveIoCompletion(HANDLE Handle, PVOID *KeyContext, PVOID *ApcContext,
    PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER Timeout);
/* Up to Count packets, at least one. STATUS_USER_APC if Alertable and an APC ran: no packet was taken. */
NTSOCKAPI NTSTATUS NTAPI NtRemoveIoCompletionEx(HANDLE Handle, PFILE_IO_COMPLETION_INFORMATION Information,
    ULONG Count, PULONG Removed, PLARGE_INTEGER Timeout, BOOLEAN Alertable);

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
/* 100 ns since 1601, UTC. STATUS_ACCESS_VIOLATION. */
NTSOCKAPI NTSTATUS NTAPI NtQuerySystemTime(PLARGE_INTEGER SystemTime);

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

/* --- keyed events: both calls return when a waiter and a releaser of one key have met --- */
#define KEYEDEVENT_WAIT 0x0001
#define KEYEDEVENT_WAKE 0x0002
#define KEYEDEVENT_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | KEYEDEVENT_WAIT | KEYEDEVENT_WAKE)
NTSOCKAPI NTSTATUS NTAPI NtCreateKeyedEvent(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes,
    ULONG Flags); /* 0 */
NTSOCKAPI NTSTATUS NTAPI NtOpenKeyedEvent(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes);
/* NULL: the process's own. STATUS_INVALID_PARAMETER_1: an odd key; STATUS_TIMEOUT; STATUS_USER_APC */
NTSOCKAPI NTSTATUS NTAPI NtWaitForKeyedEvent(HANDLE Handle, PVOID Key, BOOLEAN Alertable, PLARGE_INTEGER Timeout);
NTSOCKAPI NTSTATUS NTAPI NtReleaseKeyedEvent(HANDLE Handle, PVOID Key, BOOLEAN Alertable, PLARGE_INTEGER Timeout);

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
