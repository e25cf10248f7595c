/* SPDX-License-Identifier: MIT */
/*
 * win32_once.c - one-time initialisation.
 *
 * Layer: win32; NT counterpart: ntdll's RtlRunOnceExecuteOnce. [doc:sync/one-time-initialization]
 *
 * The two low bits of the pointer are the state; the others hold the context when it is Done:
 *
 *     NEW --begin--> RUNNING --complete--> DONE        RUNNING --failed--> NEW
 *      +--begin async--> ASYNC --complete (first wins)--> DONE
 *
 * While RUNNING the next bit says that somebody sleeps; the low 32 bits are the futex word.
 */
#include "win32_private.h"

enum { NEW = 0, RUNNING = 1, DONE = 2, ASYNC = 3, STATE_MASK = 3, SLEEPERS = 4 };

static inline ULONG_PTR *Word(LPINIT_ONCE Once)
{
    return (ULONG_PTR *)(PVOID)Once;
}

static BOOL Replace(LPINIT_ONCE Once, ULONG_PTR *Expected, ULONG_PTR New)
{
    return __atomic_compare_exchange_n(
        Word(Once), Expected, New, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static BOOL GiveContext(ULONG_PTR Value, LPVOID *Context)
{
    if (Context != NULL)
        *Context = (LPVOID)(Value & ~(ULONG_PTR)STATE_MASK);
    return TRUE;
}

VOID WINAPI InitOnceInitialize(PINIT_ONCE Once)
{
    __atomic_store_n(Word(Once), NEW, __ATOMIC_RELEASE);
}

BOOL WINAPI InitOnceBeginInitialize(LPINIT_ONCE Once, DWORD Flags, PBOOL Pending, LPVOID *Context)
{
    BOOL WantsAsync = (Flags & INIT_ONCE_ASYNC) != 0;
    ULONG_PTR Value = __atomic_load_n(Word(Once), __ATOMIC_ACQUIRE);

    if ((Flags & ~(DWORD)(INIT_ONCE_CHECK_ONLY | INIT_ONCE_ASYNC)) != 0)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    if ((Flags & INIT_ONCE_CHECK_ONLY) != 0) {
        if (WantsAsync)
            return Win32Fail(ERROR_INVALID_PARAMETER);
        if ((Value & STATE_MASK) != DONE)
            return Win32Fail(ERROR_GEN_FAILURE);
        *Pending = FALSE;
        return GiveContext(Value, Context);
    }
    for (;;) {
        switch (Value & STATE_MASK) {
        case DONE:
            *Pending = FALSE;
            return GiveContext(Value, Context);
        case NEW:
            if (!Replace(Once, &Value, WantsAsync ? ASYNC : RUNNING))
                continue;
            *Pending = TRUE;
            return TRUE;
        case ASYNC:
            if (!WantsAsync)
                return Win32Fail(ERROR_INVALID_PARAMETER);
            *Pending = TRUE; /* several may try at once; the first to complete wins */
            return TRUE;
        default:
            if (WantsAsync)
                return Win32Fail(ERROR_INVALID_PARAMETER);
            if ((Value & SLEEPERS) == 0 && !Replace(Once, &Value, Value | SLEEPERS))
                continue;
            Win32SleepOnWord(Word(Once), RUNNING | SLEEPERS, -1);
            Value = __atomic_load_n(Word(Once), __ATOMIC_ACQUIRE);
        }
    }
}

static VOID FinishRunning(LPINIT_ONCE Once, ULONG_PTR New)
{
    ULONG_PTR Old = __atomic_exchange_n(Word(Once), New, __ATOMIC_ACQ_REL);
    if ((Old & SLEEPERS) != 0)
        host_futex_wake(Word(Once), INT32_MAX);
}

BOOL WINAPI InitOnceComplete(LPINIT_ONCE Once, DWORD Flags, LPVOID Context)
{
    BOOL Failed = (Flags & INIT_ONCE_INIT_FAILED) != 0, IsAsync = (Flags & INIT_ONCE_ASYNC) != 0;
    ULONG_PTR Value = __atomic_load_n(Word(Once), __ATOMIC_ACQUIRE);
    ULONG_PTR New = (ULONG_PTR)Context | DONE;

    if ((Flags & ~(DWORD)(INIT_ONCE_ASYNC | INIT_ONCE_INIT_FAILED)) != 0 || (Failed && IsAsync) ||
        (Failed && Context != NULL) || ((ULONG_PTR)Context & STATE_MASK) != 0)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    switch (Value & STATE_MASK) {
    case RUNNING:
        if (IsAsync)
            return Win32Fail(ERROR_INVALID_PARAMETER);
        FinishRunning(Once, Failed ? NEW : New);
        return TRUE;
    case ASYNC:
        if (!IsAsync)
            return Win32Fail(ERROR_INVALID_PARAMETER);
        if (Replace(Once, &Value, New))
            return TRUE;
        return Win32Fail(ERROR_GEN_FAILURE); /* another one was first */
    default:
        return Win32Fail(ERROR_GEN_FAILURE);
    }
}

BOOL WINAPI InitOnceExecuteOnce(
    PINIT_ONCE Once, PINIT_ONCE_FN Function, PVOID Parameter, LPVOID *Context)
{
    LPVOID Result = NULL;
    BOOL Pending;

    if (!InitOnceBeginInitialize(Once, 0, &Pending, Context))
        return FALSE;
    if (!Pending)
        return TRUE;
    if (!Function(Once, Parameter, &Result)) {
        FinishRunning(Once, NEW);
        return FALSE; /* the last error is the function's */
    }
    if (!InitOnceComplete(Once, 0, Result)) {
        FinishRunning(Once, NEW);
        return FALSE;
    }
    if (Context != NULL)
        *Context = Result;
    return TRUE;
}
