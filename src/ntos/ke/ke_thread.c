/* SPDX-License-Identifier: MIT */
/*
 * ke_thread.c - the thread object: attachment, identity, end.
 *
 * Layer: ntos. NT counterpart: KTHREAD and PspExitThread. Threads that PsCreateThread makes are in
 * ps_create.c; every other thread gets its object here, at its first use of the stack, and loses it when it
 * ends. The main thread's goes with the process.
 *
 * The end of a thread is seen by host_thread_on_exit, which runs after the destructors of C++
 * thread_local objects: those may still use the stack. A destructor that uses the stack after us attaches
 * the thread once more, and the end is seen once more.
 */
#include "ke/ki.h"

#include "host_memory.h"

__thread PKTHREAD KiCurrentThread __attribute__((tls_model("initial-exec")));

EX_LOCK KiThreadLock;
LIST_ENTRY KiThreadListHead = {&KiThreadListHead, &KiThreadListHead};
static ULONG KiLastNumber; /* atomic */
static VOID (*KiExitRoutine)(VOID);

static VOID KiThreadEnds(void *Value);
static VOID KiDeleteThread(PVOID Object);

/* Types are ob's; what becomes of their bodies is ke's. */
__attribute__((constructor(200))) static VOID KiRegisterTypes(VOID)
{
    ObpThreadType.DeleteProcedure = KiDeleteThread;
    ObpMutantType.DeleteProcedure = KiDeleteMutant;
    ObpTimerType.DeleteProcedure = KiDeleteTimer;
    host_thread_on_exit(KiThreadEnds);
}

VOID KiCountObject(OBJECT_TYPE *Type, LONG Objects)
{
    __atomic_add_fetch(&Type->ObjectCount, Objects, __ATOMIC_RELAXED);
    ExpAdjustPoolUsage(Type->Tag, Objects);
}

VOID KiInitializeThread(PKTHREAD Thread)
{
    ULONG Number;
    KiInitializeHeader(&Thread->Header, ThreadObject, sizeof(DISPATCHER_HEADER), 0);
    Thread->WakeFd = -1;
    InitializeListHead(&Thread->ApcList);
    InitializeListHead(&Thread->TimerList);
    InitializeListHead(&Thread->MutantList);
    Thread->ApcQueueable = TRUE;
    Thread->ExitStatus = (ULONG)STATUS_PENDING;
    /* Multiples of 4; after 2^30 threads the numbers of old ones come again. */
    do
        Number = __atomic_add_fetch(&KiLastNumber, 4, __ATOMIC_RELAXED);
    while (Number == 0);
    Thread->Number = Number;
}

VOID KiListThread(PKTHREAD Thread)
{
    KiLockThreadList();
    InsertTailList(&KiThreadListHead, &Thread->ThreadListEntry);
    KiUnlockThreadList();
}

VOID KiUnlistThread(PKTHREAD Thread)
{
    KiLockThreadList();
    RemoveEntryList(&Thread->ThreadListEntry);
    KiUnlockThreadList();
}

VOID KiAdoptThread(PKTHREAD Thread)
{
    KiCurrentThread = Thread;
    ExpBeginThread(Thread);
    host_thread_set_exit_value(Thread);
}

static PKTHREAD KiAttachThread(VOID)
{
    PVOID Object = NULL;
    PKTHREAD Thread;

    /* There is no way to say no: a second try, for memory that is short for a moment, and then a stop. */
    if (!NT_SUCCESS(ObCreateObject(&ObpThreadType, sizeof(KTHREAD), &Object))
        && !NT_SUCCESS(ObCreateObject(&ObpThreadType, sizeof(KTHREAD), &Object)))
        KeBugCheckEx(0x01, (ULONG_PTR)STATUS_NO_MEMORY, 0, 0, 0);
    Thread = Object;
    KiInitializeThread(Thread);
    Thread->Foreign = TRUE;
    KiCountObject(&ObpThreadType, -1);
    KiAdoptThread(Thread);
    KiListThread(Thread);
    return Thread;
}

PKTHREAD KeGetCurrentThread(VOID)
{
    PKTHREAD Thread = KiCurrentThread;
    return __builtin_expect(Thread != NULL, 1) ? Thread : KiAttachThread();
}

typedef struct KI_HELPER_START {
    VOID (*Routine)(PVOID);
    PVOID Context;
} KI_HELPER_START;

static VOID KiHelperStart(void *Context)
{
    KI_HELPER_START Start = *(KI_HELPER_START *)Context;
    host_free(Context);
    KeGetCurrentThread()->System = TRUE;
    Start.Routine(Start.Context);
}

NTSTATUS KiStartHelperThread(VOID (*Routine)(PVOID), PVOID Context)
{
    struct host_thread *Thread;
    KI_HELPER_START *Start = host_allocate(sizeof(*Start));
    NTSTATUS Status;

    if (Start == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Start->Routine = Routine;
    Start->Context = Context;
    Status = host_thread_create(&Thread, KiHelperStart, Start, 0);
    if (NT_SUCCESS(Status))
        host_thread_detach(Thread);
    else
        host_free(Start);
    return Status;
}

/* --- the end --- */

VOID PsSetThreadExitRoutine(VOID (*Routine)(VOID))
{
    __atomic_store_n(&KiExitRoutine, Routine, __ATOMIC_RELEASE);
}

/* In the order that ke.h documents. Afterwards the calling thread has no object any more. */
static VOID KiThreadEnds(void *Value)
{
    PKTHREAD Thread = Value;
    VOID (*Routine)(VOID) = __atomic_load_n(&KiExitRoutine, __ATOMIC_ACQUIRE);
    ULONG Spins = 0;

    KeAssertNoLocksHeld("thread exit");
    if (Routine != NULL)
        Routine();
    KiAbandonMutants(Thread);
    IoCancelThreadIrps(Thread);
    KiRundownTimers(Thread);
    KiRundownApcs(Thread);
    KiLeaveQueue(Thread);
    KiCurrentThread = NULL; /* from here on nothing may look for it: caches are passed by */
    ExpFreeThreadCaches(Thread);
    ExpEndThread(Thread);
    __atomic_store_n(&Thread->ExitStatus, Thread->ExitCode, __ATOMIC_RELEASE);
    KiSignalObject(&Thread->Header);
    /* Late wakers (I2). They are between two instructions, or preempted there. */
    while (__atomic_load_n(&Thread->Users, __ATOMIC_ACQUIRE) != 0) {
        if (++Spins < 100)
            host_thread_yield();
        else
            host_sleep_100ns(500);
    }
    /* Only now: KiAwaitLateWakers looks for the thread in the list. */
    KiUnlistThread(Thread);
    if (Thread->WakeFd >= 0)
        host_close(Thread->WakeFd);
    Thread->WakeFd = -1;
    if (Thread->Foreign)
        KiCountObject(&ObpThreadType, 1);
    (void)ObfDereferenceObject(Thread);
}

/* The last reference: the thread has ended, or never began. */
static VOID KiDeleteThread(PVOID Object)
{
    PKTHREAD Thread = Object;
    ASSERT(IsListEmpty(&Thread->ApcList));
    ASSERT(IsListEmpty(&Thread->MutantList));
    UNREFERENCED_PARAMETER(Thread);
}

/* --- identity and small things --- */

ULONG KeThreadNumber(PKTHREAD Thread)
{
    return Thread->Number;
}

/* What is in the list has its own reference still, which it gives up after it has left the list. */
static PKTHREAD KiReferenceThread(ULONG Number)
{
    PKTHREAD Found = NULL;
    KiLockThreadList();
    for (PLIST_ENTRY Entry = KiThreadListHead.Flink; Entry != &KiThreadListHead; Entry = Entry->Flink) {
        PKTHREAD Thread = CONTAINING_RECORD(Entry, KTHREAD, ThreadListEntry);
        if (Thread->Number != Number)
            continue;
        (void)ObfReferenceObject(Thread);
        Found = Thread;
        break;
    }
    KiUnlockThreadList();
    return Found;
}

NTSTATUS PsOpenThread(ULONG Number, ACCESS_MASK Access, ULONG Attributes, PHANDLE Handle)
{
    NTSTATUS Status;
    PKTHREAD Thread = KiReferenceThread(Number);
    if (Thread == NULL)
        return STATUS_INVALID_CID;
    Status = ObOpenObjectByPointer(Thread, Attributes, Access, Handle);
    (void)ObfDereferenceObject(Thread);
    return Status;
}

ULONG KeGetCurrentThreadNumber(VOID)
{
    return KeGetCurrentThread()->Number;
}

HANDLE PsGetCurrentThreadId(VOID)
{
    return ULongToHandle(KeGetCurrentThreadNumber());
}

KPROCESSOR_MODE ExGetPreviousMode(VOID)
{
    return KeGetCurrentThread()->System ? KernelMode : UserMode;
}

PULONG KeGetLastErrorSlot(VOID)
{
    return &KeGetCurrentThread()->LastError;
}
