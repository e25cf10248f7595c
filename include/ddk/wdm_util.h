/* SPDX-License-Identifier: MIT */
/* wdm_util.h - the rest of wdm.h: small macros, the native calls as drivers name them, priorities. Include wdm.h. */
#ifndef _WDM_UTIL_H_
#define _WDM_UTIL_H_

#include <ntapi.h>

/* --- the native API; a driver's calls and a program's are the same here --- */
#define ZwClose NtClose
#define ZwCreateFile NtCreateFile
#define ZwOpenFile NtOpenFile
#define ZwReadFile NtReadFile
#define ZwWriteFile NtWriteFile
#define ZwDeviceIoControlFile NtDeviceIoControlFile
#define ZwQueryInformationFile NtQueryInformationFile
#define ZwSetInformationFile NtSetInformationFile
#define ZwDuplicateObject NtDuplicateObject
#define ZwWaitForSingleObject NtWaitForSingleObject
#define ZwWaitForMultipleObjects NtWaitForMultipleObjects
#define ZwCreateEvent NtCreateEvent
#define ZwSetEvent NtSetEvent
#define ZwCurrentProcess NtCurrentProcess
#define ZwCurrentThread NtCurrentThread

/* --- threads' priorities: kept by nobody, all threads are equal --- */
#define LOW_PRIORITY 0
#define LOW_REALTIME_PRIORITY 16
#define HIGH_PRIORITY 31
FORCEINLINE KPRIORITY KeQueryPriorityThread(_In_ PKTHREAD Thread)
{
    UNREFERENCED_PARAMETER(Thread);
    return 8;
}
FORCEINLINE KPRIORITY KeSetPriorityThread(_Inout_ PKTHREAD Thread, KPRIORITY Priority)
{
    UNREFERENCED_PARAMETER(Priority);
    return KeQueryPriorityThread(Thread);
}

/* --- there is one process, and the requester is in it --- */
#define IoGetRequestorProcess(Irp) ((void)(Irp), PsGetCurrentProcess())
#define IoGetRequestorProcessId(Irp) ((void)(Irp), (ULONG)(ULONG_PTR)PsGetCurrentProcessId())
#define IoThreadToProcess(Thread) ((void)(Thread), PsGetCurrentProcess())
#define IoIs32bitProcess(Irp) ((void)(Irp), (BOOLEAN)FALSE)
#define PsGetProcessId(Process) ((void)(Process), PsGetCurrentProcessId())

/* --- the program's memory: a bad address is found when it is used, and nothing is raised --- */
FORCEINLINE VOID ProbeForRead(const VOID *Address, SIZE_T Length, ULONG Alignment)
{
    UNREFERENCED_PARAMETER(Address);
    UNREFERENCED_PARAMETER(Length);
    UNREFERENCED_PARAMETER(Alignment);
}
FORCEINLINE VOID ProbeForWrite(PVOID Address, SIZE_T Length, ULONG Alignment)
{
    ProbeForRead(Address, Length, Alignment);
}

/* --- debugging --- */
#if defined(DBG) && DBG
#define KdPrintEx(a) DbgPrintEx a
#define KdBreakPoint() DbgBreakPoint()
#define NT_VERIFY(e) ASSERT(e)
#define ASSERTMSG(m, e) ((e) ? (void)0 : RtlAssert((PVOID)#e, (PVOID)__FILE__, __LINE__, (PSTR)(m)))
#else
#define KdPrintEx(a) ((void)0)
#define KdBreakPoint() ((void)0)
#define NT_VERIFY(e) ((void)(e))
#define ASSERTMSG(m, e) ((void)0)
#endif
#define KeBugCheck(Code) KeBugCheckEx((Code), 0, 0, 0, 0)

/* --- memory --- */
#define PAGE_SIZE 0x1000
#define PAGE_SHIFT 12
#define ROUND_TO_PAGES(n) (((ULONG_PTR)(n) + PAGE_SIZE - 1) & ~(ULONG_PTR)(PAGE_SIZE - 1))
#define BYTES_TO_PAGES(n) (((ULONG_PTR)(n) >> PAGE_SHIFT) + (((ULONG_PTR)(n) & (PAGE_SIZE - 1)) != 0))
#define BYTE_OFFSET(p) ((ULONG)((ULONG_PTR)(p) & (PAGE_SIZE - 1)))
#define PAGE_ALIGN(p) ((PVOID)((ULONG_PTR)(p) & ~(ULONG_PTR)(PAGE_SIZE - 1)))
#define ExAllocatePoolUninitialized ExAllocatePoolWithTag
#define ExAllocatePoolQuotaTag ExAllocatePoolWithTag
#define ExAllocatePoolQuotaZero ExAllocatePoolZero
#define ExAllocatePoolQuotaUninitialized ExAllocatePoolWithTag
#define POOL_QUOTA_FAIL_INSTEAD_OF_RAISE 8 /* there is no quota, and nothing is raised anyway */
#define POOL_RAISE_IF_ALLOCATION_FAILURE 16
#define POOL_NX_OPTIN 1
#define DrvRtPoolNxOptIn 0x00000001 /* no pool is executable */
FORCEINLINE VOID ExInitializeDriverRuntime(ULONG RuntimeFlags)
{
    UNREFERENCED_PARAMETER(RuntimeFlags);
}
#define RtlCopyBytes RtlCopyMemory
#define RtlZeroBytes RtlZeroMemory
#ifndef SecureZeroMemory /* which winbase.h defines with the function */
FORCEINLINE PVOID RtlSecureZeroMemory(_Out_ PVOID Memory, SIZE_T Length)
{
    RtlZeroMemory(Memory, Length);
    __asm__ __volatile__("" : : "r"(Memory) : "memory"); /* so that it is not optimised away */
    return Memory;
}
#endif

/* --- structured exceptions: the words, as excpt.h says; drivers in C use those without underscores too --- */
#if __has_include(<excpt.h>) /* drivers that ntsock-cc compiles; not the stack itself */
#include <excpt.h>
#ifndef __cplusplus
/* Drivers pass the address of a PETHREAD or PKEVENT, which Microsoft's compiler takes for a PVOID *. */
#define ObReferenceObjectByHandle(Handle, Access, Type, Mode, Object, Information) \
    (ObReferenceObjectByHandle)((Handle), (Access), (Type), (Mode), (PVOID *)(Object), (Information))
#ifndef try
#define try __try
#define except __except
#define finally __finally
#define leave __leave
#endif
#endif
#endif

/* --- small macros --- */
#ifndef C_ASSERT
#define C_ASSERT(e) typedef char NTSOCK_C_ASSERT_(__LINE__)[(e) ? 1 : -1] __attribute__((unused))
#define NTSOCK_C_ASSERT_(line) NTSOCK_C_ASSERT__(line)
#define NTSOCK_C_ASSERT__(line) __C_ASSERT__##line
#endif
#ifndef ARGUMENT_PRESENT
#define ARGUMENT_PRESENT(a) ((a) != NULL)
#endif
#ifndef FlagOn
#define FlagOn(f, b) ((f) & (b))
#define BooleanFlagOn(f, b) ((BOOLEAN)(((f) & (b)) != 0))
#define SetFlag(f, b) ((f) |= (b))
#define ClearFlag(f, b) ((f) &= ~(b))
#endif
#ifndef Int32x32To64
#define Int32x32To64(a, b) ((LONGLONG)(LONG)(a) * (LONGLONG)(LONG)(b))
#define UInt32x32To64(a, b) ((ULONGLONG)(ULONG)(a) * (ULONGLONG)(ULONG)(b))
#endif
#if !defined(__cplusplus) && !defined(NOMINMAX) && !defined(min) && !defined(NTSOCK_INTERNAL)
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef InterlockedXor
#define InterlockedXor(p, v) __atomic_fetch_xor((p), (v), __ATOMIC_SEQ_CST)
#endif
#ifndef InterlockedAdd
#define InterlockedAdd(p, v) __atomic_add_fetch((p), (v), __ATOMIC_SEQ_CST)
#endif
#ifndef InterlockedExchangeAdd64
#define InterlockedExchangeAdd64 InterlockedExchangeAdd
#endif
#ifndef InterlockedCompareExchange64
#define InterlockedCompareExchange64 InterlockedCompareExchange
#endif
#define KeRaiseIrqlToDpcLevel() KfRaiseIrql(DISPATCH_LEVEL)
FORCEINLINE VOID RtlInitEmptyUnicodeString(_Out_ PUNICODE_STRING String, PWCHAR Buffer, USHORT BufferSize)
{
    String->Length = 0;
    String->MaximumLength = BufferSize;
    String->Buffer = Buffer;
}

#endif /* _WDM_UTIL_H_ */
