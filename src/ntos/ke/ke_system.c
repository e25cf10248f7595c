/* SPDX-License-Identifier: MIT */
/*
 * ke_system.c - clocks, the process object, and the way out when nothing else is safe.
 *
 * Layer: ntos. NT counterpart: KeQuery*Time, PsGetCurrentProcess, KeBugCheckEx, RtlAssert.
 */
#include "ke/ki.h"

#include "host_process.h"
#include "host_system.h"

VOID KeQuerySystemTime(PLARGE_INTEGER CurrentTime)
{
    CurrentTime->QuadPart = (LONGLONG)host_clock_system_100ns();
}

ULONGLONG KeQueryInterruptTime(VOID)
{
    return host_clock_monotonic_100ns();
}

/* Ticks of NT's usual clock, 64 a second: programs multiply by KeQueryTimeIncrement. */
#define KI_TIME_INCREMENT 156250

VOID KeQueryTickCount(PLARGE_INTEGER TickCount)
{
    TickCount->QuadPart = (LONGLONG)(host_clock_monotonic_100ns() / KI_TIME_INCREMENT);
}

ULONG KeQueryTimeIncrement(VOID)
{
    return KI_TIME_INCREMENT;
}

LARGE_INTEGER KeQueryPerformanceCounter(PLARGE_INTEGER Frequency)
{
    LARGE_INTEGER Counter;
    if (Frequency != NULL)
        Frequency->QuadPart = 10000000; /* as on Windows 10 and later */
    Counter.QuadPart = (LONGLONG)host_clock_monotonic_100ns();
    return Counter;
}

VOID KeStallExecutionProcessor(ULONG Microseconds)
{
    ULONGLONG End = host_clock_monotonic_ns() + (ULONGLONG)Microseconds * 1000;
    while (host_clock_monotonic_ns() < End)
        continue;
}

ULONG KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors)
{
    ULONG Count = host_cpu_count();
    if (ActiveProcessors != NULL)
        *ActiveProcessors = Count >= 64 ? ~(KAFFINITY)0 : ((KAFFINITY)1 << Count) - 1;
    return Count;
}

/* --- the process --- */

struct _EPROCESS {
    DISPATCHER_HEADER Header; /* never signalled: nobody is left to see it */
};
static PEPROCESS KiProcess;
static struct host_lock KiProcessLock;

HANDLE PsGetCurrentProcessId(VOID)
{
    return ULongToHandle(host_process_id());
}

PEPROCESS PsGetCurrentProcess(VOID)
{
    PEPROCESS Process = __atomic_load_n(&KiProcess, __ATOMIC_ACQUIRE);
    PVOID Object;

    if (Process != NULL)
        return Process;
    host_lock_acquire(&KiProcessLock);
    Process = KiProcess;
    if (Process == NULL) {
        if (!NT_SUCCESS(ObCreateObject(&ObpProcessType, sizeof(*Process), &Object)))
            KeBugCheckEx(0x01, 0, 0, 0, 0);
        Process = Object;
        KiInitializeHeader(&Process->Header, ProcessObject, sizeof(*Process), 0);
        KiCountObject(&ObpProcessType, -1); /* part of the stack, like its devices */
        __atomic_store_n(&KiProcess, Process, __ATOMIC_RELEASE);
    }
    host_lock_release(&KiProcessLock);
    return Process;
}

/* --- stops --- */

VOID KeBugCheckEx(ULONG Code, ULONG_PTR P1, ULONG_PTR P2, ULONG_PTR P3, ULONG_PTR P4)
{
    host_print("ntsock: *** STOP: 0x%08X (0x%016llX, 0x%016llX, 0x%016llX, 0x%016llX) in %s\n", Code, P1, P2, P3,
        P4, host_program_name());
    host_abort();
}

VOID RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber, PSTR Message)
{
    host_print("ntsock: *** Assertion failed: %s%s%s\n***   Source File: %s, line %u\n",
        Message != NULL ? Message : "", Message != NULL ? ": " : "", (const char *)FailedAssertion,
        (const char *)FileName, LineNumber);
    host_abort();
}

VOID DbgBreakPoint(VOID)
{
    if (host_is_traced())
        host_break();
    else
        host_print("ntsock: DbgBreakPoint: no debugger\n");
}
