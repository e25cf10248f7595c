/* SPDX-License-Identifier: MIT */
/*
 * win32_control.c - SetConsoleCtrlHandler: how a server learns that it shall end.
 *
 * Layer: win32. SIGINT and SIGTERM are CTRL_C_EVENT, SIGQUIT is CTRL_BREAK_EVENT, SIGHUP is
 * CTRL_CLOSE_EVENT. SIGTERM is not CTRL_SHUTDOWN_EVENT, because Windows ends the process when that
 * handler returns, and a service manager on Linux waits for the program to end by itself. Handlers
 * run on a thread of their own, last one added first, until one returns TRUE; if none does, the
 * process ends as the signal ends it. Signals are left alone until the first call.
 * [doc:console/setconsolectrlhandler]
 */
#include "win32_private.h"

#include "host_signal.h"

typedef struct CONTROL_HANDLER {
    struct CONTROL_HANDLER *Next;
    PHANDLER_ROUTINE Routine;
} CONTROL_HANDLER;

static CONTROL_HANDLER *Handlers _Guarded_by_(Win32TableLock);
static BOOL IgnoresInterrupt _Guarded_by_(Win32TableLock);
static BOOL ThreadRuns _Guarded_by_(Win32TableLock);

/* The n-th handler, last added first. */
static PHANDLER_ROUTINE RoutineAt(ULONG Index)
{
    PHANDLER_ROUTINE Routine = NULL;

    Win32AcquireLock();
    CONTROL_HANDLER *Handler = Handlers;
    for (; Handler != NULL && Index > 0; Index--)
        Handler = Handler->Next;
    if (Handler != NULL)
        Routine = Handler->Routine;
    Win32ReleaseLock();
    return Routine;
}

static DWORD EventOf(enum host_signal Signal)
{
    switch (Signal) {
    case HOST_SIGNAL_QUIT:
        return CTRL_BREAK_EVENT;
    case HOST_SIGNAL_HANGUP:
        return CTRL_CLOSE_EVENT;
    default:
        return CTRL_C_EVENT;
    }
}

static VOID Dispatch(enum host_signal Signal)
{
    PHANDLER_ROUTINE Routine;
    BOOL Handled = FALSE;

    Win32AcquireLock();
    if (IgnoresInterrupt && Signal == HOST_SIGNAL_INTERRUPT)
        Handled = TRUE;
    Win32ReleaseLock();
    for (ULONG i = 0; !Handled && (Routine = RoutineAt(i)) != NULL; i++)
        Handled = Routine(EventOf(Signal));
    /* A closed console ends the process whatever the handler says. */
    if (!Handled || Signal == HOST_SIGNAL_HANGUP)
        host_signal_die(Signal);
}

static void ControlThread(void *Context)
{
    for (;;)
        Dispatch(host_signal_wait());
}

/* The thread lives as long as the process: another handler may come. */
static BOOL StartThread(VOID)
{
    struct host_thread *Thread;
    BOOL MustStart;

    Win32AcquireLock();
    MustStart = !ThreadRuns;
    ThreadRuns = TRUE;
    Win32ReleaseLock();
    if (!MustStart)
        return TRUE;
    if (host_thread_create(&Thread, ControlThread, NULL, 0) < 0) {
        Win32AcquireLock();
        ThreadRuns = FALSE;
        Win32ReleaseLock();
        return Win32Fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    host_thread_detach(Thread);
    for (int i = 0; i < HOST_SIGNAL_COUNT; i++)
        host_signal_catch((enum host_signal)i);
    return TRUE;
}

static BOOL AddHandler(PHANDLER_ROUTINE Routine)
{
    CONTROL_HANDLER *Handler = host_allocate(sizeof *Handler);

    if (Handler == NULL)
        return Win32Fail(ERROR_NOT_ENOUGH_MEMORY);
    Handler->Routine = Routine;
    Win32AcquireLock();
    Handler->Next = Handlers;
    Handlers = Handler;
    Win32ReleaseLock();
    return StartThread();
}

static BOOL RemoveHandler(PHANDLER_ROUTINE Routine)
{
    CONTROL_HANDLER **At, *Handler;

    Win32AcquireLock();
    for (At = &Handlers; *At != NULL && (*At)->Routine != Routine; At = &(*At)->Next)
        continue;
    Handler = *At;
    if (Handler != NULL)
        *At = Handler->Next;
    Win32ReleaseLock();
    host_free(Handler);
    return Handler != NULL ? TRUE : Win32Fail(ERROR_INVALID_PARAMETER);
}

BOOL WINAPI SetConsoleCtrlHandler(PHANDLER_ROUTINE Routine, BOOL Add)
{
    if (Routine != NULL)
        return Add ? AddHandler(Routine) : RemoveHandler(Routine);
    Win32AcquireLock();
    IgnoresInterrupt = Add != FALSE;
    Win32ReleaseLock();
    return StartThread();
}

/* To the own process only, whatever the group. */
BOOL WINAPI GenerateConsoleCtrlEvent(DWORD Event, DWORD Group)
{
    if (Event != CTRL_C_EVENT && Event != CTRL_BREAK_EVENT)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    if (!StartThread())
        return FALSE;
    host_signal_post(Event == CTRL_C_EVENT ? HOST_SIGNAL_INTERRUPT : HOST_SIGNAL_QUIT);
    return TRUE;
}
