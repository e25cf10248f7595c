/* SPDX-License-Identifier: MIT */
/*
 * nt_wait.c - the native API's waits, and what it does to threads.
 *
 * Layer: ntos. NT counterpart: NtWaitForSingleObject and its relatives (ob, ps). Every handle of a wait is
 * referenced until the wait is over, so that closing it meanwhile does no harm.
 */
#include "ke/ki.h"

/* Rights that only these calls ask for. [doc:secauthz/thread-security-and-access-rights] */
#define THREAD_SUSPEND_RESUME 0x0002
#define THREAD_ALERT 0x0004
#define THREAD_SET_CONTEXT 0x0010

#define KI_APC_TAG 'cpAK'

/* The object of a handle and what of it to wait for. Owns a reference to Object. */
static NTSTATUS KiReferenceWaitable(HANDLE Handle, PVOID *Object, PDISPATCHER_HEADER *Dispatcher)
{
    NTSTATUS Status = ObReferenceObjectByHandle(Handle, SYNCHRONIZE, NULL, UserMode, Object, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    *Dispatcher = ObGetDispatcher(*Object);
    if (*Dispatcher == NULL) {
        (void)ObfDereferenceObject(*Object);
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    return STATUS_SUCCESS;
}

/* Copies the caller's time-out; NULL stays NULL. */
static NTSTATUS KiProbeTimeout(PLARGE_INTEGER *Timeout, PLARGE_INTEGER Copy)
{
    NTSTATUS Status;
    if (*Timeout == NULL)
        return STATUS_SUCCESS;
    Status = ExProbeForRead(*Timeout, sizeof(LARGE_INTEGER));
    if (!NT_SUCCESS(Status))
        return Status;
    RtlCopyMemory(Copy, *Timeout, sizeof(*Copy));
    *Timeout = Copy;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    PDISPATCHER_HEADER Dispatcher;
    LARGE_INTEGER Time;
    PVOID Object;
    NTSTATUS Status = KiProbeTimeout(&Timeout, &Time);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = KiReferenceWaitable(Handle, &Object, &Dispatcher);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KeWaitForSingleObject(Dispatcher, UserRequest, UserMode, Alertable, Timeout);
    (void)ObfDereferenceObject(Object);
    return Status;
}

static BOOLEAN KiHasDuplicates(PDISPATCHER_HEADER *Dispatchers, ULONG Count)
{
    for (ULONG i = 1; i < Count; i++)
        for (ULONG j = 0; j < i; j++)
            if (Dispatchers[i] == Dispatchers[j])
                return TRUE;
    return FALSE;
}

NTSTATUS NTAPI NtWaitForMultipleObjects(ULONG Count, PHANDLE Handles, WAIT_TYPE WaitType, BOOLEAN Alertable,
    PLARGE_INTEGER Timeout)
{
    PVOID Objects[MAXIMUM_WAIT_OBJECTS];
    PDISPATCHER_HEADER Dispatchers[MAXIMUM_WAIT_OBJECTS];
    LARGE_INTEGER Time;
    ULONG Referenced = 0;
    NTSTATUS Status;

    if (Count == 0 || Count > MAXIMUM_WAIT_OBJECTS)
        return STATUS_INVALID_PARAMETER_1;
    if (WaitType != WaitAll && WaitType != WaitAny)
        return STATUS_INVALID_PARAMETER_3;
    Status = KiProbeTimeout(&Timeout, &Time);
    if (NT_SUCCESS(Status))
        Status = ExProbeForRead(Handles, Count * sizeof(HANDLE));
    while (NT_SUCCESS(Status) && Referenced < Count) {
        Status = KiReferenceWaitable(Handles[Referenced], &Objects[Referenced], &Dispatchers[Referenced]);
        if (NT_SUCCESS(Status))
            Referenced++;
    }
    if (NT_SUCCESS(Status) && WaitType == WaitAll && KiHasDuplicates(Dispatchers, Count))
        Status = STATUS_INVALID_PARAMETER_MIX;
    if (NT_SUCCESS(Status))
        Status = KeWaitForMultipleObjects(Count, (PVOID *)Dispatchers, WaitType, UserRequest, UserMode,
            Alertable, Timeout, NULL);
    while (Referenced > 0)
        (void)ObfDereferenceObject(Objects[--Referenced]);
    return Status;
}

static NTSTATUS KiSignalForWait(HANDLE Signal)
{
    PVOID Object;
    OBJECT_TYPE *Type;
    ACCESS_MASK Access;
    LONG Previous;
    NTSTATUS Status = ObReferenceObjectByHandle(Signal, 0, NULL, UserMode, &Object, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    Type = ObGetObjectType(Object);
    (void)ObfDereferenceObject(Object);
    if (Type == &ObpEventType)
        Access = EVENT_MODIFY_STATE;
    else if (Type == &ObpSemaphoreType)
        Access = SEMAPHORE_MODIFY_STATE;
    else if (Type == &ObpMutantType)
        Access = SYNCHRONIZE;
    else
        return STATUS_OBJECT_TYPE_MISMATCH;
    Status = ObReferenceObjectByHandle(Signal, Access, Type, UserMode, &Object, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Type == &ObpEventType)
        (void)KeSetEvent(Object, 0, FALSE);
    else if (Type == &ObpSemaphoreType)
        Status = KiReleaseSemaphore(Object, 1, &Previous);
    else
        Status = KiReleaseMutant(Object, &Previous);
    (void)ObfDereferenceObject(Object);
    return Status;
}

/* Signal and wait are two steps, which Windows does not promise to join either. [doc:synchapi/signalobjectandwait] */
NTSTATUS NTAPI NtSignalAndWaitForSingleObject(HANDLE Signal, HANDLE Wait, BOOLEAN Alertable,
    PLARGE_INTEGER Timeout)
{
    PDISPATCHER_HEADER Dispatcher;
    LARGE_INTEGER Time;
    PVOID Object;
    NTSTATUS Status = KiProbeTimeout(&Timeout, &Time);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = KiReferenceWaitable(Wait, &Object, &Dispatcher);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KiSignalForWait(Signal);
    if (NT_SUCCESS(Status))
        Status = KeWaitForSingleObject(Dispatcher, UserRequest, UserMode, Alertable, Timeout);
    (void)ObfDereferenceObject(Object);
    return Status;
}

NTSTATUS NTAPI NtDelayExecution(BOOLEAN Alertable, PLARGE_INTEGER Interval)
{
    LARGE_INTEGER Time;
    NTSTATUS Status;
    if (Interval == NULL)
        return STATUS_ACCESS_VIOLATION;
    Status = KiProbeTimeout(&Interval, &Time);
    return NT_SUCCESS(Status) ? KeDelayExecutionThread(UserMode, Alertable, Interval) : Status;
}

NTSTATUS NTAPI NtTestAlert(VOID)
{
    NTSTATUS Status = KiTakeAlert(KeGetCurrentThread());
    (void)KeTestAlertThread();
    return Status == STATUS_ALERTED ? STATUS_ALERTED : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtYieldExecution(VOID)
{
    host_thread_yield();
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtQuerySystemTime(PLARGE_INTEGER SystemTime)
{
    LARGE_INTEGER Now;
    KeQuerySystemTime(&Now);
    return ExCopyToUser(SystemTime, &Now, sizeof Now, 1);
}

/* --- threads --- */

static NTSTATUS KiReferenceThread(HANDLE Handle, ACCESS_MASK Access, PKTHREAD *Thread)
{
    PVOID Object;
    NTSTATUS Status = ObReferenceObjectByHandle(Handle, Access, &ObpThreadType, UserMode, &Object, NULL);
    if (NT_SUCCESS(Status))
        *Thread = Object;
    return Status;
}

static VOID KiFreeApc(PRKAPC Apc)
{
    ExFreePoolWithTag(Apc, KI_APC_TAG);
}

static VOID KiUserApcKernelRoutine(PRKAPC Apc, PKNORMAL_ROUTINE *NormalRoutine, PVOID *NormalContext,
    PVOID *SystemArgument1, PVOID *SystemArgument2)
{
    UNREFERENCED_PARAMETER(NormalRoutine);
    UNREFERENCED_PARAMETER(NormalContext);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    KiFreeApc(Apc);
}

NTSTATUS NTAPI NtQueueApcThread(HANDLE ThreadHandle, PPS_APC_ROUTINE Routine, PVOID Argument1, PVOID Argument2,
    PVOID Argument3)
{
    PKTHREAD Thread;
    PRKAPC Apc;
    NTSTATUS Status = KiReferenceThread(ThreadHandle, THREAD_SET_CONTEXT, &Thread);

    if (!NT_SUCCESS(Status))
        return Status;
    Apc = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Apc), KI_APC_TAG);
    if (Apc == NULL) {
        Status = STATUS_NO_MEMORY;
    } else {
        KeInitializeApc(Apc, Thread, OriginalApcEnvironment, KiUserApcKernelRoutine, KiFreeApc, Routine,
            UserMode, Argument1);
        if (!KeInsertQueueApc(Apc, Argument2, Argument3, 0)) {
            KiFreeApc(Apc);
            Status = STATUS_UNSUCCESSFUL; /* the thread has ended */
        }
    }
    (void)ObfDereferenceObject(Thread);
    return Status;
}

NTSTATUS NTAPI NtAlertThread(HANDLE ThreadHandle)
{
    PKTHREAD Thread;
    NTSTATUS Status = KiReferenceThread(ThreadHandle, THREAD_ALERT, &Thread);

    if (!NT_SUCCESS(Status))
        return Status;
    __atomic_add_fetch(&Thread->Users, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&Thread->Alerted, TRUE, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&Thread->Alertable, __ATOMIC_SEQ_CST))
        KiWake(Thread);
    __atomic_sub_fetch(&Thread->Users, 1, __ATOMIC_RELEASE);
    (void)ObfDereferenceObject(Thread);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtResumeThread(HANDLE ThreadHandle, PULONG PreviousSuspendCount)
{
    PKTHREAD Thread;
    NTSTATUS Status = STATUS_SUCCESS;

    if (PreviousSuspendCount != NULL)
        Status = ExProbeForWrite(PreviousSuspendCount, sizeof(ULONG));
    if (NT_SUCCESS(Status))
        Status = KiReferenceThread(ThreadHandle, THREAD_SUSPEND_RESUME, &Thread);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = PsResumeThread(Thread, PreviousSuspendCount);
    (void)ObfDereferenceObject(Thread);
    return Status;
}
