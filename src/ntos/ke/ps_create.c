/* SPDX-License-Identifier: MIT */
/*
 * ps_create.c - threads made by the stack: PsCreateThread and PsCreateSystemThread.
 *
 * Layer: ntos. NT counterpart: the process structure component (ps). Threads are detached from the
 * host's point of view; who wants to know about their end waits for their object.
 *
 * Deliberately absent: suspending a thread that runs, and terminating one from outside.
 */
#include "ke/ki.h"

static VOID KiThreadStart(void *Context)
{
    PKTHREAD Thread = Context;
    LONG Count;

    KiAdoptThread(Thread);
    while ((Count = __atomic_load_n(&Thread->SuspendCount, __ATOMIC_ACQUIRE)) > 0)
        host_futex_wait(&Thread->SuspendCount, (uint32_t)Count, -1);
    (void)KiDeliverApcs(Thread); /* queued before it began [doc:processthreadsapi/queueuserapc] */
    if (Thread->SystemRoutine != NULL) {
        Thread->SystemRoutine(Thread->StartContext);
        Thread->ExitCode = STATUS_SUCCESS;
    } else {
        Thread->ExitCode = Thread->StartRoutine(Thread->StartContext);
    }
}

/*
 * Makes object, handle and thread, in this order, so that a thread never runs whose handle could not be made.
 * The thread owns one reference. Template: the routine fields are set by the caller.
 */
static NTSTATUS KiCreateThread(PKTHREAD Thread, ACCESS_MASK Access, SIZE_T StackBytes, PHANDLE Handle)
{
    struct host_thread *Host;
    HANDLE NewHandle;
    NTSTATUS Status;

    (void)ObfReferenceObject(Thread);
    Status = ObInsertObject(Thread, NULL, Access, &NewHandle);
    if (!NT_SUCCESS(Status))
        goto DereferenceThread;
    KiListThread(Thread); /* its number may be used before it runs */
    Status = host_thread_create(&Host, KiThreadStart, Thread, StackBytes);
    if (!NT_SUCCESS(Status))
        goto UnlistThread;
    host_thread_detach(Host);
    *Handle = NewHandle;
    return STATUS_SUCCESS;

UnlistThread:
    KiUnlistThread(Thread);
    (void)NtClose(NewHandle);
DereferenceThread:
    (void)ObfDereferenceObject(Thread);
    return Status;
}

NTSTATUS PsCreateThread(PHANDLE Handle, PS_THREAD_ROUTINE *StartRoutine, PVOID Parameter, SIZE_T StackBytes,
    BOOLEAN Suspended, PULONG ThreadNumber)
{
    PKTHREAD Thread;
    PVOID Object;
    NTSTATUS Status = ObCreateObject(&ObpThreadType, sizeof(KTHREAD), &Object);
    ULONG Number;

    if (!NT_SUCCESS(Status))
        return Status;
    Thread = Object;
    KiInitializeThread(Thread);
    Thread->StartRoutine = StartRoutine;
    Thread->StartContext = Parameter;
    Thread->SuspendCount = Suspended ? 1 : 0;
    Number = Thread->Number;
    Status = KiCreateThread(Thread, THREAD_ALL_ACCESS, StackBytes, Handle);
    if (NT_SUCCESS(Status) && ThreadNumber != NULL)
        *ThreadNumber = Number;
    return Status;
}

NTSTATUS PsCreateSystemThread(PHANDLE ThreadHandle, ULONG DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
    HANDLE ProcessHandle, PVOID ClientId, PKSTART_ROUTINE StartRoutine, PVOID StartContext)
{
    PKTHREAD Thread;
    PVOID Object;
    NTSTATUS Status = ObCreateObject(&ObpThreadType, sizeof(KTHREAD), &Object);
    ULONG Number;

    UNREFERENCED_PARAMETER(ObjectAttributes);
    UNREFERENCED_PARAMETER(ProcessHandle);
    if (!NT_SUCCESS(Status))
        return Status;
    Thread = Object;
    KiInitializeThread(Thread);
    Thread->SystemRoutine = StartRoutine;
    Thread->StartContext = StartContext;
    Thread->System = TRUE;
    Number = Thread->Number;
    Status = KiCreateThread(Thread, DesiredAccess != 0 ? DesiredAccess : THREAD_ALL_ACCESS, 0, ThreadHandle);
    if (NT_SUCCESS(Status) && ClientId != NULL) { /* CLIENT_ID: UniqueProcess, UniqueThread */
        ((PHANDLE)ClientId)[0] = PsGetCurrentProcessId();
        ((PHANDLE)ClientId)[1] = ULongToHandle(Number);
    }
    return Status;
}

VOID PsExitThread(ULONG ExitStatus)
{
    KeGetCurrentThread()->ExitCode = ExitStatus;
    host_thread_exit();
}

NTSTATUS PsTerminateSystemThread(NTSTATUS ExitStatus)
{
    if (!KeGetCurrentThread()->System)
        return STATUS_INVALID_PARAMETER;
    PsExitThread((ULONG)ExitStatus);
}

NTSTATUS PsResumeThread(PKTHREAD Thread, PULONG PreviousSuspendCount)
{
    LONG Count = __atomic_load_n(&Thread->SuspendCount, __ATOMIC_RELAXED);

    while (Count > 0 && !__atomic_compare_exchange_n(&Thread->SuspendCount, &Count, Count - 1, FALSE,
                            __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        continue;
    if (Count == 1)
        host_futex_wake(&Thread->SuspendCount, 1);
    if (PreviousSuspendCount != NULL)
        *PreviousSuspendCount = (ULONG)Count;
    return STATUS_SUCCESS;
}

ULONG PsGetThreadExitStatus(PKTHREAD Thread)
{
    return __atomic_load_n(&Thread->ExitStatus, __ATOMIC_ACQUIRE);
}
