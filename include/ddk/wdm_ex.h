/* SPDX-License-Identifier: MIT */
/* wdm_ex.h - the executive and run-time part of wdm.h. Include wdm.h. */
#ifndef _WDM_EX_H_
#define _WDM_EX_H_

NTSOCK_EXTERN_C_BEGIN

/* --- pool: every block carries a tag, and blocks outstanding are counted by tag --- */
typedef enum _POOL_TYPE {
    NonPagedPool = 0,
    NonPagedPoolExecute = NonPagedPool,
    PagedPool = 1,
    NonPagedPoolMustSucceed = 2,
    NonPagedPoolCacheAligned = 4,
    PagedPoolCacheAligned = 5,
    NonPagedPoolNx = 512
} POOL_TYPE;
typedef ULONGLONG POOL_FLAGS;
#define POOL_FLAG_UNINITIALIZED 0x0000000000000002ULL
#define POOL_FLAG_NON_PAGED 0x0000000000000040ULL
#define POOL_FLAG_PAGED 0x0000000000000100ULL

/* NULL when memory (or an injected fault) says so; never raises. [ddi:ExAllocatePoolWithTag] */
NTKERNELAPI PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
NTKERNELAPI PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag); /* zeroed */
NTKERNELAPI PVOID ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
NTKERNELAPI VOID ExFreePoolWithTag(_In_ PVOID P, ULONG Tag);
NTKERNELAPI VOID ExFreePool(_In_ PVOID P);
#define ExAllocatePool(t, n) ExAllocatePoolWithTag((t), (n), 'enoN')

/* --- lookaside lists: a cache of blocks of one size --- */
typedef PVOID ALLOCATE_FUNCTION(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
typedef ALLOCATE_FUNCTION *PALLOCATE_FUNCTION;
typedef VOID FREE_FUNCTION(PVOID Buffer);
typedef FREE_FUNCTION *PFREE_FUNCTION;
typedef struct DECLSPEC_ALIGN(64) _NPAGED_LOOKASIDE_LIST {
    KSPIN_LOCK Lock;
    SINGLE_LIST_ENTRY ListHead;
    ULONG Depth;
    ULONG MaximumDepth;
    ULONG Tag;
    ULONG Type;
    SIZE_T Size;
    PALLOCATE_FUNCTION Allocate;
    PFREE_FUNCTION Free;
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST, PAGED_LOOKASIDE_LIST, *PPAGED_LOOKASIDE_LIST;
NTKERNELAPI VOID ExInitializeNPagedLookasideList(_Out_ PNPAGED_LOOKASIDE_LIST Lookaside,
    _In_opt_ PALLOCATE_FUNCTION Allocate, _In_opt_ PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size,
    ULONG Tag, USHORT Depth);
NTKERNELAPI VOID ExDeleteNPagedLookasideList(_Inout_ PNPAGED_LOOKASIDE_LIST Lookaside);
NTKERNELAPI PVOID ExAllocateFromNPagedLookasideList(_Inout_ PNPAGED_LOOKASIDE_LIST Lookaside);
NTKERNELAPI VOID ExFreeToNPagedLookasideList(_Inout_ PNPAGED_LOOKASIDE_LIST Lookaside, _In_ PVOID Entry);
#define ExInitializePagedLookasideList ExInitializeNPagedLookasideList
#define ExDeletePagedLookasideList ExDeleteNPagedLookasideList
#define ExAllocateFromPagedLookasideList ExAllocateFromNPagedLookasideList
#define ExFreeToPagedLookasideList ExFreeToNPagedLookasideList

/* --- linked lists --- */
FORCEINLINE VOID InitializeListHead(_Out_ PLIST_ENTRY Head)
{
    Head->Flink = Head->Blink = Head;
}
FORCEINLINE BOOLEAN IsListEmpty(_In_ const LIST_ENTRY *Head)
{
    return (BOOLEAN)(Head->Flink == Head);
}
FORCEINLINE BOOLEAN RemoveEntryList(_In_ PLIST_ENTRY Entry)
{
    PLIST_ENTRY Next = Entry->Flink, Previous = Entry->Blink;
    Previous->Flink = Next;
    Next->Blink = Previous;
    return (BOOLEAN)(Next == Previous);
}
FORCEINLINE VOID InsertTailList(_Inout_ PLIST_ENTRY Head, _Out_ PLIST_ENTRY Entry)
{
    PLIST_ENTRY Last = Head->Blink;
    Entry->Flink = Head;
    Entry->Blink = Last;
    Last->Flink = Entry;
    Head->Blink = Entry;
}
FORCEINLINE VOID InsertHeadList(_Inout_ PLIST_ENTRY Head, _Out_ PLIST_ENTRY Entry)
{
    PLIST_ENTRY First = Head->Flink;
    Entry->Flink = First;
    Entry->Blink = Head;
    First->Blink = Entry;
    Head->Flink = Entry;
}
FORCEINLINE PLIST_ENTRY RemoveHeadList(_Inout_ PLIST_ENTRY Head)
{
    PLIST_ENTRY Entry = Head->Flink;
    RemoveEntryList(Entry);
    return Entry;
}
FORCEINLINE PLIST_ENTRY RemoveTailList(_Inout_ PLIST_ENTRY Head)
{
    PLIST_ENTRY Entry = Head->Blink;
    RemoveEntryList(Entry);
    return Entry;
}
NTKERNELAPI PLIST_ENTRY ExInterlockedInsertTailList(_Inout_ PLIST_ENTRY Head, _Inout_ PLIST_ENTRY Entry,
    _Inout_ PKSPIN_LOCK Lock);
NTKERNELAPI PLIST_ENTRY ExInterlockedInsertHeadList(_Inout_ PLIST_ENTRY Head, _Inout_ PLIST_ENTRY Entry,
    _Inout_ PKSPIN_LOCK Lock);
NTKERNELAPI PLIST_ENTRY ExInterlockedRemoveHeadList(_Inout_ PLIST_ENTRY Head, _Inout_ PKSPIN_LOCK Lock);

/* --- interlocked operations: full barriers, as on Windows --- */
#ifndef InterlockedIncrement
#define InterlockedIncrement(p) __atomic_add_fetch((p), 1, __ATOMIC_SEQ_CST)
#define InterlockedDecrement(p) __atomic_sub_fetch((p), 1, __ATOMIC_SEQ_CST)
#define InterlockedExchange(p, v) __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedExchangeAdd(p, v) __atomic_fetch_add((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedCompareExchange(p, x, c) __sync_val_compare_and_swap((p), (c), (x))
#define InterlockedExchangePointer(p, v) __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedCompareExchangePointer(p, x, c) __sync_val_compare_and_swap((p), (c), (x))
#define InterlockedOr(p, v) __atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedAnd(p, v) __atomic_fetch_and((p), (v), __ATOMIC_SEQ_CST)
#define InterlockedIncrement64 InterlockedIncrement
#define InterlockedDecrement64 InterlockedDecrement
#endif
#define KeMemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)

/* --- work items: run on the stack's worker threads at PASSIVE_LEVEL --- */
typedef VOID WORKER_THREAD_ROUTINE(PVOID Parameter);
typedef WORKER_THREAD_ROUTINE *PWORKER_THREAD_ROUTINE;
typedef struct _WORK_QUEUE_ITEM {
    LIST_ENTRY List;
    PWORKER_THREAD_ROUTINE WorkerRoutine;
    PVOID Parameter;
} WORK_QUEUE_ITEM, *PWORK_QUEUE_ITEM;
typedef enum _WORK_QUEUE_TYPE { CriticalWorkQueue, DelayedWorkQueue, HyperCriticalWorkQueue } WORK_QUEUE_TYPE;
#define ExInitializeWorkItem(i, r, c)   \
    do {                                \
        (i)->WorkerRoutine = (r);       \
        (i)->Parameter = (c);           \
        (i)->List.Flink = NULL;         \
    } while (0)
NTKERNELAPI VOID ExQueueWorkItem(_Inout_ PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType);

/* --- user memory: raise nothing; in this stack a bad address is a status, see ntos ex.h --- */

/* --- run-time library --- */
NTSYSAPI VOID RtlInitUnicodeString(_Out_ PUNICODE_STRING String, _In_opt_ PCWSTR Source);
NTSYSAPI VOID RtlInitAnsiString(_Out_ PANSI_STRING String, _In_opt_ PCSZ Source);
#define RtlInitString RtlInitAnsiString
NTSYSAPI LONG RtlCompareUnicodeString(_In_ PCUNICODE_STRING A, _In_ PCUNICODE_STRING B, BOOLEAN NoCase);
NTSYSAPI BOOLEAN RtlEqualUnicodeString(_In_ PCUNICODE_STRING A, _In_ PCUNICODE_STRING B, BOOLEAN NoCase);
NTSYSAPI BOOLEAN RtlPrefixUnicodeString(_In_ PCUNICODE_STRING A, _In_ PCUNICODE_STRING B, BOOLEAN NoCase);
NTSYSAPI VOID RtlCopyUnicodeString(_Inout_ PUNICODE_STRING Destination, _In_opt_ PCUNICODE_STRING Source);
NTSYSAPI NTSTATUS RtlAppendUnicodeToString(_Inout_ PUNICODE_STRING Destination, _In_opt_ PCWSTR Source);
NTSYSAPI NTSTATUS RtlAppendUnicodeStringToString(_Inout_ PUNICODE_STRING Destination,
    _In_ PCUNICODE_STRING Source);
NTSYSAPI NTSTATUS RtlAnsiStringToUnicodeString(_Inout_ PUNICODE_STRING Destination,
    _In_ PCANSI_STRING Source, BOOLEAN Allocate);
NTSYSAPI NTSTATUS RtlUnicodeStringToAnsiString(_Inout_ PANSI_STRING Destination,
    _In_ PCUNICODE_STRING Source, BOOLEAN Allocate);
NTSYSAPI VOID RtlFreeUnicodeString(_Inout_ PUNICODE_STRING String);
NTSYSAPI VOID RtlFreeAnsiString(_Inout_ PANSI_STRING String);
NTSYSAPI NTSTATUS RtlIntegerToUnicodeString(ULONG Value, ULONG Base, _Inout_ PUNICODE_STRING String);
NTSYSAPI NTSTATUS RtlUnicodeStringToInteger(_In_ PCUNICODE_STRING String, ULONG Base, _Out_ PULONG Value);
NTSYSAPI WCHAR RtlUpcaseUnicodeChar(WCHAR Source);
#define RtlCopyMemory(d, s, n) __builtin_memcpy((d), (s), (n))
#define RtlMoveMemory(d, s, n) __builtin_memmove((d), (s), (n))
#define RtlZeroMemory(d, n) __builtin_memset((d), 0, (n))
#define RtlFillMemory(d, n, v) __builtin_memset((d), (v), (n))
#define RtlEqualMemory(a, b, n) (!__builtin_memcmp((a), (b), (n)))
NTSYSAPI SIZE_T RtlCompareMemory(_In_ const VOID *A, _In_ const VOID *B, SIZE_T Length);

/* Written to the stack's trace sink (stderr by default), prefixed by nothing. [ddi:DbgPrint] */
NTSYSAPI ULONG DbgPrint(_In_ PCSZ Format, ...) __attribute__((format(printf, 1, 2)));
NTSYSAPI ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, _In_ PCSZ Format, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * Stops in the debugger. Without one it says so and goes on, where Windows stops the system: a break that was
 * left in a driver should not keep it from running. [ddi:DbgBreakPoint]
 */
NTSYSAPI VOID DbgBreakPoint(VOID);
#define DPFLTR_IHVDRIVER_ID 77
#define DPFLTR_ERROR_LEVEL 0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL 2
#define DPFLTR_INFO_LEVEL 3
#if defined(DBG) && DBG
#define KdPrint(a) DbgPrint a
#else
#define KdPrint(a) ((void)0)
#endif

/* --- the registry: what the configuration put there; drivers read, nobody writes at run time --- */
#define REG_NONE 0
#define REG_SZ 1
#define REG_EXPAND_SZ 2
#define REG_BINARY 3
#define REG_DWORD 4
#define REG_MULTI_SZ 7
#define REG_QWORD 11
typedef NTSTATUS RTL_QUERY_REGISTRY_ROUTINE(PWSTR ValueName, ULONG ValueType, PVOID ValueData,
    ULONG ValueLength, PVOID Context, PVOID EntryContext);
typedef RTL_QUERY_REGISTRY_ROUTINE *PRTL_QUERY_REGISTRY_ROUTINE;
typedef struct _RTL_QUERY_REGISTRY_TABLE {
    PRTL_QUERY_REGISTRY_ROUTINE QueryRoutine;
    ULONG Flags;
    PWSTR Name;
    PVOID EntryContext;
    ULONG DefaultType;
    PVOID DefaultData;
    ULONG DefaultLength;
} RTL_QUERY_REGISTRY_TABLE, *PRTL_QUERY_REGISTRY_TABLE;
#define RTL_REGISTRY_ABSOLUTE 0
#define RTL_REGISTRY_SERVICES 1
#define RTL_REGISTRY_CONTROL 2
#define RTL_REGISTRY_WINDOWS_NT 3
#define RTL_REGISTRY_OPTIONAL 0x80000000
#define RTL_QUERY_REGISTRY_SUBKEY 0x00000001
#define RTL_QUERY_REGISTRY_TOPKEY 0x00000002
#define RTL_QUERY_REGISTRY_REQUIRED 0x00000004
#define RTL_QUERY_REGISTRY_NOVALUE 0x00000008
#define RTL_QUERY_REGISTRY_NOEXPAND 0x00000010
#define RTL_QUERY_REGISTRY_DIRECT 0x00000020
#define RTL_QUERY_REGISTRY_TYPECHECK 0x00000100
#define RTL_QUERY_REGISTRY_TYPECHECK_SHIFT 24
NTSYSAPI NTSTATUS RtlQueryRegistryValues(ULONG RelativeTo, _In_ PCWSTR Path,
    _Inout_ PRTL_QUERY_REGISTRY_TABLE QueryTable, _In_opt_ PVOID Context, _In_opt_ PVOID Environment);
NTSYSAPI NTSTATUS RtlCheckRegistryKey(ULONG RelativeTo, _In_ PCWSTR Path);

NTSOCK_EXTERN_C_END

#endif /* _WDM_EX_H_ */
