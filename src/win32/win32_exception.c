/* SPDX-License-Identifier: MIT */
/*
 * win32_exception.c - debugger support and raised exceptions.
 *
 * Layer: win32. There is no structured exception handling: __except never sees anything.
 * RaiseException offers the exception to vectored handlers and to the unhandled exception filter;
 * if nobody continues, the process ends with a message, as it would on Windows without a handler.
 * The exception by which programs name threads for Visual Studio names the thread. Hardware
 * exceptions stay Linux signals.
 */
#include "win32_private.h"

#include "host_process.h"
#include "host_system.h"

#define THREAD_NAME_EXCEPTION 0x406D1388
#define THREAD_NAME_TYPE 0x1000
#define THREAD_NAME_MIN_ARGUMENTS 3
#define CONTINUE_EXECUTION (-1)
#define EXCEPTION_EXIT_CODE 3

typedef struct VECTORED_ENTRY {
    struct VECTORED_ENTRY *Next;
    PVECTORED_EXCEPTION_HANDLER Handler;
} VECTORED_ENTRY;

static VECTORED_ENTRY *Handlers _Guarded_by_(Win32TableLock);
static LPTOP_LEVEL_EXCEPTION_FILTER TopFilter;

LPTOP_LEVEL_EXCEPTION_FILTER WINAPI SetUnhandledExceptionFilter(LPTOP_LEVEL_EXCEPTION_FILTER Filter)
{
    return __atomic_exchange_n(&TopFilter, Filter, __ATOMIC_SEQ_CST);
}

LONG WINAPI UnhandledExceptionFilter(struct _EXCEPTION_POINTERS *Pointers)
{
    return 1; /* EXCEPTION_EXECUTE_HANDLER: end the process */
}

PVOID WINAPI AddVectoredExceptionHandler(ULONG First, PVECTORED_EXCEPTION_HANDLER Handler)
{
    VECTORED_ENTRY *Entry = host_allocate(sizeof *Entry), **At;

    if (Entry == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    Entry->Handler = Handler;
    Win32AcquireLock();
    for (At = &Handlers; First == 0 && *At != NULL; At = &(*At)->Next)
        continue;
    Entry->Next = *At;
    *At = Entry;
    Win32ReleaseLock();
    return Entry;
}

ULONG WINAPI RemoveVectoredExceptionHandler(PVOID Handle)
{
    VECTORED_ENTRY **At;
    BOOL Found;

    Win32AcquireLock();
    for (At = &Handlers; *At != NULL && *At != Handle; At = &(*At)->Next)
        continue;
    Found = *At != NULL;
    if (Found)
        *At = (*At)->Next;
    Win32ReleaseLock();
    if (Found)
        host_free(Handle);
    return (ULONG)Found;
}

/* The n-th handler; they are called without the lock, so each is looked up again. */
static PVECTORED_EXCEPTION_HANDLER HandlerAt(ULONG Index)
{
    PVECTORED_EXCEPTION_HANDLER Handler = NULL;

    Win32AcquireLock();
    VECTORED_ENTRY *Entry = Handlers;
    for (; Entry != NULL && Index > 0; Index--)
        Entry = Entry->Next;
    if (Entry != NULL)
        Handler = Entry->Handler;
    Win32ReleaseLock();
    return Handler;
}

static VOID NameThread(DWORD Count, const ULONG_PTR *Arguments)
{
    if (Count < THREAD_NAME_MIN_ARGUMENTS || (DWORD)Arguments[0] != THREAD_NAME_TYPE ||
        Arguments[1] == 0)
        return;
    DWORD ThreadId = (DWORD)Arguments[2];
    if (ThreadId == (DWORD)-1 || ThreadId == GetCurrentThreadId())
        host_thread_set_name((const char *)Arguments[1]);
}

VOID WINAPI RaiseException(DWORD Code, DWORD Flags, DWORD Count, const ULONG_PTR *Arguments)
{
    EXCEPTION_RECORD Record = {.ExceptionCode = Code & 0xEFFFFFFF, .ExceptionFlags = Flags & 1};
    EXCEPTION_POINTERS Pointers = {.ExceptionRecord = &Record};
    PVECTORED_EXCEPTION_HANDLER Handler;

    if (Code == THREAD_NAME_EXCEPTION && Arguments != NULL) {
        NameThread(Count, Arguments);
        return;
    }
    Record.ExceptionAddress = __builtin_return_address(0);
    for (; Arguments != NULL && Record.NumberParameters < Count &&
           Record.NumberParameters < EXCEPTION_MAXIMUM_PARAMETERS;
         Record.NumberParameters++)
        Record.ExceptionInformation[Record.NumberParameters] = Arguments[Record.NumberParameters];
    for (ULONG i = 0; (Handler = HandlerAt(i)) != NULL; i++) {
        if (Handler(&Pointers) == CONTINUE_EXECUTION)
            return;
    }
    LPTOP_LEVEL_EXCEPTION_FILTER Filter = __atomic_load_n(&TopFilter, __ATOMIC_SEQ_CST);
    if (Filter != NULL) {
        LONG Verdict = Filter(&Pointers);
        if (Verdict == CONTINUE_EXECUTION)
            return;
        if (Verdict == 1) /* EXCEPTION_EXECUTE_HANDLER: end without a message */
            host_exit(EXCEPTION_EXIT_CODE);
    }
    host_print("%s: unhandled exception 0x%08x\n", host_program_name(), Record.ExceptionCode);
    host_abort();
}

/* --- debugger --- */

BOOL WINAPI IsDebuggerPresent(VOID)
{
    return host_is_traced();
}

VOID WINAPI DebugBreak(VOID)
{
    __builtin_trap();
}

/* Shown on standard error under a debugger or when NTSOCK_DEBUG_OUTPUT is set: who else would read
 * it? */
VOID WINAPI OutputDebugStringA(LPCSTR Text)
{
    if (Text != NULL && (host_environment("NTSOCK_DEBUG_OUTPUT") != NULL || host_is_traced()))
        host_print("%s", Text);
}

VOID WINAPI OutputDebugStringW(LPCWSTR Text)
{
    PSTR Ansi = Win32AnsiFromWide(Text);
    OutputDebugStringA(Ansi);
    host_free(Ansi);
}
