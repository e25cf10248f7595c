/* SPDX-License-Identifier: MIT */
/*
 * win32_critical_section.c - critical sections.
 *
 * Layer: win32; NT counterpart: ntdll's RtlEnterCriticalSection. The structure has Windows' layout
 * and LockCount Windows' encoding since Vista: -1 free, bit 0 clear while held, the other bits
 * minus the number of waiters. Only the first waiter is counted, so the values are three:
 *
 *     FREE (-1) --Enter--> HELD (-2) --somebody must wait--> CONTENDED (-6) --Leave--> FREE, wake
 * one
 *
 * LockCount is the futex word. Nothing is allocated, and a free one can be entered and left without
 * a system call. No debug information, no dead lock detection, no owner check in Leave (as on
 * Windows). [doc:sync/critical-section-objects]
 */
#include "win32_private.h"

enum { FREE = -1, HELD = -2, CONTENDED = -6 };
#define DEFAULT_SPIN_COUNT 2000
#define SPIN_COUNT_MASK 0x00FFFFFF

VOID WINAPI InitializeCriticalSection(LPCRITICAL_SECTION Section)
{
    InitializeCriticalSectionAndSpinCount(Section, DEFAULT_SPIN_COUNT);
}

BOOL WINAPI InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION Section, DWORD SpinCount)
{
    Section->DebugInfo = (PVOID)(LONG_PTR)-1; /* what Windows stores when there is none */
    Section->RecursionCount = 0;
    Section->OwningThread = NULL;
    Section->LockSemaphore = NULL;
    Section->SpinCount = SpinCount & SPIN_COUNT_MASK;
    __atomic_store_n(&Section->LockCount, FREE, __ATOMIC_RELEASE);
    return TRUE;
}

BOOL WINAPI InitializeCriticalSectionEx(LPCRITICAL_SECTION Section, DWORD SpinCount, DWORD Flags)
{
    if ((SpinCount & ~(DWORD)SPIN_COUNT_MASK) != 0)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    return InitializeCriticalSectionAndSpinCount(Section, SpinCount);
}

DWORD WINAPI SetCriticalSectionSpinCount(LPCRITICAL_SECTION Section, DWORD SpinCount)
{
    ULONG_PTR Old =
        __atomic_exchange_n(&Section->SpinCount, SpinCount & SPIN_COUNT_MASK, __ATOMIC_SEQ_CST);
    return (DWORD)(Old & SPIN_COUNT_MASK);
}

static HANDLE CurrentOwner(VOID)
{
    return ULongToHandle(Win32CurrentThreadNumber());
}

static BOOL TryTake(LPCRITICAL_SECTION Section)
{
    LONG Expected = FREE;
    return __atomic_compare_exchange_n(
        &Section->LockCount, &Expected, HELD, FALSE, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static VOID TakeSlowly(LPCRITICAL_SECTION Section)
{
    ULONG_PTR Spins = __atomic_load_n(&Section->SpinCount, __ATOMIC_RELAXED);

    if (host_cpu_count() == 1)
        Spins = 0;
    for (; Spins > 0; Spins--) {
        LONG Count = __atomic_load_n(&Section->LockCount, __ATOMIC_RELAXED);
        if (Count == CONTENDED)
            break; /* others sleep already: spinning would only overtake them */
        if (Count == FREE && TryTake(Section))
            return;
        Win32Pause();
    }
    while (__atomic_exchange_n(&Section->LockCount, CONTENDED, __ATOMIC_ACQUIRE) != FREE)
        Win32SleepOnWord((const void *)&Section->LockCount, (uint32_t)CONTENDED, -1);
}

/* Written by the owner only; read by others, who then see a value that is not theirs. */
static VOID SetOwner(LPCRITICAL_SECTION Section, HANDLE Owner)
{
    __atomic_store_n(&Section->OwningThread, Owner, __ATOMIC_RELAXED);
}

VOID WINAPI EnterCriticalSection(LPCRITICAL_SECTION Section)
{
    HANDLE Self = CurrentOwner();

    if (!TryTake(Section)) {
        if (__atomic_load_n(&Section->OwningThread, __ATOMIC_RELAXED) == Self) {
            Section->RecursionCount++;
            return;
        }
        TakeSlowly(Section);
    }
    SetOwner(Section, Self);
    Section->RecursionCount = 1;
}

BOOL WINAPI TryEnterCriticalSection(LPCRITICAL_SECTION Section)
{
    HANDLE Self = CurrentOwner();

    if (!TryTake(Section)) {
        if (__atomic_load_n(&Section->OwningThread, __ATOMIC_RELAXED) != Self)
            return FALSE;
        Section->RecursionCount++;
        return TRUE;
    }
    SetOwner(Section, Self);
    Section->RecursionCount = 1;
    return TRUE;
}

VOID WINAPI LeaveCriticalSection(LPCRITICAL_SECTION Section)
{
    if (__atomic_load_n(&Section->LockCount, __ATOMIC_RELAXED) == FREE)
        return; /* undefined on Windows; here without effect */
    if (--Section->RecursionCount > 0)
        return;
    SetOwner(Section, NULL);
    if (__atomic_exchange_n(&Section->LockCount, FREE, __ATOMIC_RELEASE) != HELD)
        host_futex_wake((const void *)&Section->LockCount, 1);
}

VOID WINAPI DeleteCriticalSection(LPCRITICAL_SECTION Section)
{
    Section->DebugInfo = NULL;
    Section->RecursionCount = 0;
    Section->SpinCount = 0;
    SetOwner(Section, NULL);
    __atomic_store_n(&Section->LockCount, FREE, __ATOMIC_RELEASE);
}
