/* SPDX-License-Identifier: MIT */
/*
 * win32_srw.c - slim reader/writer locks and condition variables.
 *
 * Layer: win32; NT counterpart: ntdll's RtlAcquireSRWLockExclusive and
 * RtlSleepConditionVariableSRW. Both are one pointer, all zero when new, never allocated and never
 * deleted. Unlike on Windows a lock that has been contended is not all zero again when it is free.
 * Not fair, not recursive, as on Windows. [doc:sync/slim-reader-writer--srw--locks]
 * [doc:sync/condition-variables]
 *
 * A lock is two 32-bit words. State: how many readers, or WRITER; and two flags "readers sleep on
 * State", "writers sleep on Notify". Rules:
 *   R1  a reader does not enter while a flag is set, so writers are not starved;
 *   R2  who makes the lock free clears both flags and changes Notify in one step, by which a writer
 *       on its way to sleep notices, and then wakes one writer and all readers;
 *   R3  a writer that has slept sets the writers' flag again when it takes the lock, as others may
 *       sleep;
 *   R4  that one step is the last access to the lock: the memory may be freed by whoever takes it
 *       next. A wake-up needs the address only.
 */
#include "win32_private.h"

#define COUNT_MASK 0x3FFFFFFFu
#define WRITER COUNT_MASK
#define READERS_WAIT 0x40000000u
#define WRITERS_WAIT 0x80000000u
#define SPINS 100

typedef struct SRW_WORDS {
    ULONG State;
    ULONG Notify;
} SRW_WORDS;
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "State is the lower half of both");
#define NOTIFY_ONE (1ull << 32)

static inline SRW_WORDS *Words(PSRWLOCK Lock)
{
    return (SRW_WORDS *)(PVOID)Lock;
}

static inline BOOL Replace(ULONG *Word, ULONG *Expected, ULONG New)
{
    return __atomic_compare_exchange_n(
        Word, Expected, New, FALSE, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline ULONG Load(const ULONG *Word)
{
    return __atomic_load_n(Word, __ATOMIC_RELAXED);
}

static inline BOOL IsFree(ULONG State)
{
    return (State & COUNT_MASK) == 0;
}

static inline BOOL MayRead(ULONG State)
{
    return (State & COUNT_MASK) < WRITER - 1 && (State & (READERS_WAIT | WRITERS_WAIT)) == 0;
}

/* Gives the holder a moment, as long as nobody sleeps. */
static ULONG Spin(SRW_WORDS *Lock, BOOL ForWriting)
{
    ULONG State = Load(&Lock->State);
    for (ULONG i = 0; i < SPINS; i++) {
        if (ForWriting ? IsFree(State) : MayRead(State))
            break;
        if ((State & (READERS_WAIT | WRITERS_WAIT)) != 0)
            break;
        Win32Pause();
        State = Load(&Lock->State);
    }
    return State;
}

static VOID AcquireExclusiveSlowly(SRW_WORDS *Lock)
{
    ULONG State = Spin(Lock, TRUE), Slept = 0;

    for (;;) {
        if (IsFree(State)) {
            if (Replace(&Lock->State, &State, State | WRITER | Slept))
                return;
            continue;
        }
        if ((State & WRITERS_WAIT) == 0 && !Replace(&Lock->State, &State, State | WRITERS_WAIT))
            continue;
        Slept = WRITERS_WAIT;
        ULONG Sequence = __atomic_load_n(&Lock->Notify, __ATOMIC_ACQUIRE);
        State = Load(&Lock->State);
        if (IsFree(State) || (State & WRITERS_WAIT) == 0)
            continue;
        Win32SleepOnWord(&Lock->Notify, Sequence, -1);
        State = Spin(Lock, TRUE);
    }
}

static VOID AcquireSharedSlowly(SRW_WORDS *Lock)
{
    ULONG State = Spin(Lock, FALSE);

    for (;;) {
        if (MayRead(State)) {
            if (Replace(&Lock->State, &State, State + 1))
                return;
            continue;
        }
        if ((State & READERS_WAIT) == 0) {
            if (!Replace(&Lock->State, &State, State | READERS_WAIT))
                continue;
            State |= READERS_WAIT;
        }
        Win32SleepOnWord(&Lock->State, State, -1);
        State = Spin(Lock, FALSE);
    }
}

/* Takes Share off the count. R2, R4. */
static VOID Release(SRW_WORDS *Lock, ULONG Share)
{
    ULONGLONG *Both = (ULONGLONG *)(PVOID)Lock;
    ULONGLONG Old = __atomic_load_n(Both, __ATOMIC_RELAXED), New;
    do {
        New = Old - Share;
        if (IsFree((ULONG)New)) {
            New &= ~(ULONGLONG)(READERS_WAIT | WRITERS_WAIT);
            if ((Old & WRITERS_WAIT) != 0)
                New += NOTIFY_ONE;
        }
    } while (!__atomic_compare_exchange_n(Both, &Old, New, TRUE, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    if (!IsFree((ULONG)New))
        return;
    if ((Old & WRITERS_WAIT) != 0)
        host_futex_wake(&Lock->Notify, 1);
    if ((Old & READERS_WAIT) != 0)
        host_futex_wake(&Lock->State, INT32_MAX);
}

VOID WINAPI InitializeSRWLock(PSRWLOCK Lock)
{
    Lock->Ptr = NULL;
}

VOID WINAPI AcquireSRWLockExclusive(PSRWLOCK Lock)
{
    ULONG Expected = 0;
    if (!Replace(&Words(Lock)->State, &Expected, WRITER))
        AcquireExclusiveSlowly(Words(Lock));
}

BOOLEAN WINAPI TryAcquireSRWLockExclusive(PSRWLOCK Lock)
{
    ULONG State = Load(&Words(Lock)->State);
    while (IsFree(State)) {
        if (Replace(&Words(Lock)->State, &State, State | WRITER))
            return TRUE;
    }
    return FALSE;
}

VOID WINAPI ReleaseSRWLockExclusive(PSRWLOCK Lock)
{
    Release(Words(Lock), WRITER);
}

VOID WINAPI AcquireSRWLockShared(PSRWLOCK Lock)
{
    ULONG State = Load(&Words(Lock)->State);
    if (!MayRead(State) || !Replace(&Words(Lock)->State, &State, State + 1))
        AcquireSharedSlowly(Words(Lock));
}

BOOLEAN WINAPI TryAcquireSRWLockShared(PSRWLOCK Lock)
{
    ULONG State = Load(&Words(Lock)->State);
    while (MayRead(State)) {
        if (Replace(&Words(Lock)->State, &State, State + 1))
            return TRUE;
    }
    return FALSE;
}

VOID WINAPI ReleaseSRWLockShared(PSRWLOCK Lock)
{
    Release(Words(Lock), 1);
}

/*
 * --- condition variables ---
 *
 * Sequence changes with every wake-up; a thread sleeps while it is what it was before the lock was
 * let go. Sleepers counts those between the two, so that a wake-up without a sleeper is two loads.
 */
typedef struct CONDITION_WORDS {
    ULONG Sequence;
    ULONG Sleepers;
} CONDITION_WORDS;

static inline CONDITION_WORDS *ConditionWords(PCONDITION_VARIABLE Condition)
{
    return (CONDITION_WORDS *)(PVOID)Condition;
}

VOID WINAPI InitializeConditionVariable(PCONDITION_VARIABLE Condition)
{
    Condition->Ptr = NULL;
}

static ULONG BeginSleep(CONDITION_WORDS *Condition)
{
    __atomic_add_fetch(&Condition->Sleepers, 1, __ATOMIC_SEQ_CST);
    return __atomic_load_n(&Condition->Sequence, __ATOMIC_SEQ_CST);
}

/* FALSE if the time is up and nobody woke us. */
static BOOL SleepWhile(CONDITION_WORDS *Condition, ULONG Sequence, DWORD Milliseconds)
{
    ULONGLONG Deadline = Win32DeadlineFromMs(Milliseconds);
    BOOL Woken;

    for (;;) {
        Woken = __atomic_load_n(&Condition->Sequence, __ATOMIC_ACQUIRE) != Sequence;
        int64_t Remaining = Win32RemainingTime(Deadline);
        if (Woken || Remaining == 0)
            break;
        Win32SleepOnWord(&Condition->Sequence, Sequence, Remaining);
    }
    __atomic_sub_fetch(&Condition->Sleepers, 1, __ATOMIC_RELAXED);
    return Woken;
}

BOOL WINAPI SleepConditionVariableCS(
    PCONDITION_VARIABLE Condition, PCRITICAL_SECTION Section, DWORD Milliseconds)
{
    ULONG Sequence = BeginSleep(ConditionWords(Condition));
    LeaveCriticalSection(Section);
    BOOL Woken = SleepWhile(ConditionWords(Condition), Sequence, Milliseconds);
    EnterCriticalSection(Section);
    return Woken ? TRUE : Win32Fail(ERROR_TIMEOUT);
}

BOOL WINAPI SleepConditionVariableSRW(
    PCONDITION_VARIABLE Condition, PSRWLOCK Lock, DWORD Milliseconds, ULONG Flags)
{
    if ((Flags & ~(ULONG)CONDITION_VARIABLE_LOCKMODE_SHARED) != 0)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    BOOL Shared = (Flags & CONDITION_VARIABLE_LOCKMODE_SHARED) != 0;
    ULONG Sequence = BeginSleep(ConditionWords(Condition));
    if (Shared)
        ReleaseSRWLockShared(Lock);
    else
        ReleaseSRWLockExclusive(Lock);
    BOOL Woken = SleepWhile(ConditionWords(Condition), Sequence, Milliseconds);
    if (Shared)
        AcquireSRWLockShared(Lock);
    else
        AcquireSRWLockExclusive(Lock);
    return Woken ? TRUE : Win32Fail(ERROR_TIMEOUT);
}

static VOID WakeSleepers(CONDITION_WORDS *Condition, ULONG Count)
{
    if (__atomic_load_n(&Condition->Sleepers, __ATOMIC_SEQ_CST) == 0)
        return;
    __atomic_add_fetch(&Condition->Sequence, 1, __ATOMIC_SEQ_CST);
    host_futex_wake(&Condition->Sequence, Count);
}

VOID WINAPI WakeConditionVariable(PCONDITION_VARIABLE Condition)
{
    WakeSleepers(ConditionWords(Condition), 1);
}

VOID WINAPI WakeAllConditionVariable(PCONDITION_VARIABLE Condition)
{
    WakeSleepers(ConditionWords(Condition), INT32_MAX);
}
