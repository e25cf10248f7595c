/* SPDX-License-Identifier: MIT */
/*
 * winnt_interlocked.h - interlocked operations and barriers, as compiler builtins.
 *
 * Layer: application headers; included by winnt.h. All are full barriers, as on Windows x64; the
 * Acquire, Release and NoFence forms are full barriers too. InterlockedIncrement and its kin are macros
 * over functions with typed parameters, so that a wrong pointer type is still an error in C++.
 * [doc:winprog/interlocked-variable-access]
 */
#ifndef _WINNT_INTERLOCKED_H_
#define _WINNT_INTERLOCKED_H_

#include <ntsock_types.h>

/* wdm.h has macros of these names for drivers; a program that includes both keeps the typed functions. */
#undef InterlockedIncrement
#undef InterlockedDecrement
#undef InterlockedExchange
#undef InterlockedExchangeAdd
#undef InterlockedCompareExchange
#undef InterlockedExchangePointer
#undef InterlockedCompareExchangePointer
#undef InterlockedOr
#undef InterlockedAnd
#undef InterlockedIncrement64
#undef InterlockedDecrement64

#define NTSOCK_INTERLOCKED_(type, suffix)                                                              \
    FORCEINLINE type _InterlockedIncrement##suffix(type volatile *p)                                   \
    {                                                                                                  \
        return __atomic_add_fetch(p, 1, __ATOMIC_SEQ_CST);                                             \
    }                                                                                                  \
    FORCEINLINE type _InterlockedDecrement##suffix(type volatile *p)                                   \
    {                                                                                                  \
        return __atomic_sub_fetch(p, 1, __ATOMIC_SEQ_CST);                                             \
    }                                                                                                  \
    FORCEINLINE type _InterlockedExchange##suffix(type volatile *p, type v)                            \
    {                                                                                                  \
        return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);                                            \
    }                                                                                                  \
    FORCEINLINE type _InterlockedExchangeAdd##suffix(type volatile *p, type v)                         \
    {                                                                                                  \
        return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST);                                             \
    }                                                                                                  \
    FORCEINLINE type _InterlockedCompareExchange##suffix(type volatile *p, type v, type comparand)     \
    {                                                                                                  \
        return __sync_val_compare_and_swap(p, comparand, v);                                           \
    }                                                                                                  \
    FORCEINLINE type _InterlockedAnd##suffix(type volatile *p, type v)                                 \
    {                                                                                                  \
        return __atomic_fetch_and(p, v, __ATOMIC_SEQ_CST);                                             \
    }                                                                                                  \
    FORCEINLINE type _InterlockedOr##suffix(type volatile *p, type v)                                  \
    {                                                                                                  \
        return __atomic_fetch_or(p, v, __ATOMIC_SEQ_CST);                                              \
    }                                                                                                  \
    FORCEINLINE type _InterlockedXor##suffix(type volatile *p, type v)                                 \
    {                                                                                                  \
        return __atomic_fetch_xor(p, v, __ATOMIC_SEQ_CST);                                             \
    }
NTSOCK_INTERLOCKED_(LONG, )
NTSOCK_INTERLOCKED_(LONGLONG, 64)
NTSOCK_INTERLOCKED_(SHORT, 16)
NTSOCK_INTERLOCKED_(char, 8)
#undef NTSOCK_INTERLOCKED_

FORCEINLINE PVOID _InterlockedExchangePointer(PVOID volatile *p, PVOID v)
{
    return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);
}
FORCEINLINE PVOID _InterlockedCompareExchangePointer(PVOID volatile *p, PVOID v, PVOID comparand)
{
    return __sync_val_compare_and_swap(p, comparand, v);
}

#define InterlockedIncrement _InterlockedIncrement
#define InterlockedIncrementAcquire _InterlockedIncrement
#define InterlockedIncrementRelease _InterlockedIncrement
#define InterlockedIncrementNoFence _InterlockedIncrement
#define InterlockedDecrement _InterlockedDecrement
#define InterlockedDecrementAcquire _InterlockedDecrement
#define InterlockedDecrementRelease _InterlockedDecrement
#define InterlockedDecrementNoFence _InterlockedDecrement
#define InterlockedExchange _InterlockedExchange
#define InterlockedExchangeAcquire _InterlockedExchange
#define InterlockedExchangeNoFence _InterlockedExchange
#define InterlockedExchangeAdd _InterlockedExchangeAdd
#define InterlockedExchangeAddAcquire _InterlockedExchangeAdd
#define InterlockedExchangeAddRelease _InterlockedExchangeAdd
#define InterlockedExchangeAddNoFence _InterlockedExchangeAdd
#define InterlockedCompareExchange _InterlockedCompareExchange
#define InterlockedCompareExchangeAcquire _InterlockedCompareExchange
#define InterlockedCompareExchangeRelease _InterlockedCompareExchange
#define InterlockedCompareExchangeNoFence _InterlockedCompareExchange
#define InterlockedAnd _InterlockedAnd
#define InterlockedOr _InterlockedOr
#define InterlockedXor _InterlockedXor
#define InterlockedIncrement64 _InterlockedIncrement64
#define InterlockedDecrement64 _InterlockedDecrement64
#define InterlockedExchange64 _InterlockedExchange64
#define InterlockedExchangeAdd64 _InterlockedExchangeAdd64
#define InterlockedCompareExchange64 _InterlockedCompareExchange64
#define InterlockedAnd64 _InterlockedAnd64
#define InterlockedOr64 _InterlockedOr64
#define InterlockedXor64 _InterlockedXor64
#define InterlockedIncrement16 _InterlockedIncrement16
#define InterlockedDecrement16 _InterlockedDecrement16
#define InterlockedCompareExchange16 _InterlockedCompareExchange16
#define InterlockedExchange16 _InterlockedExchange16
#define InterlockedExchange8 _InterlockedExchange8
#define InterlockedExchangePointer _InterlockedExchangePointer
#define InterlockedExchangePointerAcquire _InterlockedExchangePointer
#define InterlockedCompareExchangePointer _InterlockedCompareExchangePointer
#define InterlockedCompareExchangePointerAcquire _InterlockedCompareExchangePointer
#define InterlockedCompareExchangePointerRelease _InterlockedCompareExchangePointer
FORCEINLINE LONG InterlockedAdd(LONG volatile *p, LONG v)
{
    return __atomic_add_fetch(p, v, __ATOMIC_SEQ_CST);
}
FORCEINLINE LONGLONG InterlockedAdd64(LONGLONG volatile *p, LONGLONG v)
{
    return __atomic_add_fetch(p, v, __ATOMIC_SEQ_CST);
}
/* ULONG and ULONGLONG forms under the names that winbase.h gives them. */
#define InterlockedIncrementSizeT(p) ((SIZE_T)_InterlockedIncrement64((LONGLONG volatile *)(p)))
#define InterlockedDecrementSizeT(p) ((SIZE_T)_InterlockedDecrement64((LONGLONG volatile *)(p)))
FORCEINLINE ULONG InterlockedExchangeSubtract(ULONG volatile *p, ULONG v)
{
    return __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST);
}
#define InterlockedBitTestAndSet(p, bit) _interlockedbittestandset((p), (bit))
#define InterlockedBitTestAndReset(p, bit) _interlockedbittestandreset((p), (bit))
FORCEINLINE UCHAR _interlockedbittestandset(LONG volatile *p, LONG bit)
{
    ULONG Mask = 1u << (bit & 31);
    return (__atomic_fetch_or((ULONG volatile *)&p[bit >> 5], Mask, __ATOMIC_SEQ_CST) & Mask) != 0;
}
FORCEINLINE UCHAR _interlockedbittestandreset(LONG volatile *p, LONG bit)
{
    ULONG Mask = 1u << (bit & 31);
    return (__atomic_fetch_and((ULONG volatile *)&p[bit >> 5], ~Mask, __ATOMIC_SEQ_CST) & Mask) != 0;
}

#ifndef MemoryBarrier
#define MemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#endif
#define _ReadWriteBarrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define _ReadBarrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define _WriteBarrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#if defined(__x86_64__) || defined(__i386__)
#define YieldProcessor() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define YieldProcessor() __asm__ __volatile__("yield" ::: "memory")
#else
#define YieldProcessor() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#endif
#define ReadAcquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define ReadNoFence(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define WriteRelease(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define WriteNoFence(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)

/* Singly linked lists with a pointer and a sequence in 16 bytes. [doc:sync/interlocked-singly-linked-lists] */
typedef struct DECLSPEC_ALIGN(16) _SLIST_ENTRY {
    struct _SLIST_ENTRY *Next;
} SLIST_ENTRY, *PSLIST_ENTRY;
typedef union DECLSPEC_ALIGN(16) _SLIST_HEADER {
    __extension__ struct {
        ULONGLONG Alignment;
        ULONGLONG Region;
    };
} SLIST_HEADER, *PSLIST_HEADER;

#endif
