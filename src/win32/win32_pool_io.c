/* SPDX-License-Identifier: MIT */
/*
 * win32_pool_io.c - completions of files as callbacks: TP_IO and BindIoCompletionCallback.
 *
 * Layer: win32; NT counterpart: the same functions of ntdll and kernel32. A file is associated with its pool's
 * port; the key says what its completions are for. A TP_IO whose operations have been announced and
 * have not arrived stays until they do, as on Windows: it is what their packets point to.
 */
#include "win32_pool.h"

/* Set in a key: a TPP_BINDING. */
#define KEY_BINDING 1

/* One for each function, for good: nothing tells when the last file that was bound to it is closed. */
typedef struct TPP_BINDING {
    struct TPP_BINDING *Next;
    LPOVERLAPPED_COMPLETION_ROUTINE Function;
} TPP_BINDING;

static TPP_BINDING *Bindings; /* Win32PoolLock */

static NTSTATUS Associate(HANDLE File, PTP_POOL Pool, ULONG_PTR Key)
{
    FILE_COMPLETION_INFORMATION Information = {.Port = Pool->Port, .Key = (PVOID)Key};
    IO_STATUS_BLOCK Iosb;
    int Descriptor;

    if (Win32IsStandardHandle(File, &Descriptor))
        return STATUS_INVALID_PARAMETER;
    return NtSetInformationFile(
        File, &Iosb, &Information, sizeof Information, FileCompletionInformation);
}

/* --- packets --- */

/*
 * A completion of an operation that was announced: its callback. One that was given up, or never
 * announced, is passed over. [test:wine/threadpool.c]
 */
static VOID RunIo(PTP_IO Io, const TPP_RESULT *Result)
{
    BOOL Runs, Drop = FALSE;

    TppAcquireLock();
    Runs = Io->Object.Pending > 0;
    if (Runs) {
        Io->Object.Pending--;
        Io->Object.Running++;
        Io->Object.Pool->Started--;
    } else if (Io->Skipped > 0) {
        Io->Skipped--;
        Io->Object.Pool->Started--;
        Drop = TRUE; /* the reference of the announcement */
    }
    TppReleaseLock();
    if (Runs)
        TppRunCallback(&Io->Object, Result, TRUE);
    else if (Drop)
        TppDereferenceObject(&Io->Object);
}

VOID TppRunCompletion(ULONG_PTR Key, const TPP_RESULT *Result)
{
    if ((Key & KEY_BINDING) == 0) {
        RunIo((PTP_IO)Key, Result);
        return;
    }
    TPP_BINDING *Binding = (TPP_BINDING *)(Key & ~(ULONG_PTR)KEY_BINDING);
    KeAssertNoLocksHeld("bound completion routine");
    Binding->Function((DWORD)Result->Iosb.Status, (DWORD)Result->Iosb.Information, Result->ApcContext);
    KeAssertNoLocksHeld("bound completion routine's return");
}

/* --- TP_IO --- */

static NTSTATUS CreateIo(PTP_IO *Created, HANDLE File, PVOID Context,
    PTP_CALLBACK_ENVIRON Environment)
{
    PVOID Object;
    NTSTATUS Status = TppCreateObject(TppIo, sizeof(TP_IO), Context, Environment, &Object);
    if (!NT_SUCCESS(Status))
        return Status;
    *Created = Object;
    Status = Associate(File, (*Created)->Object.Pool, (ULONG_PTR)Object);
    if (!NT_SUCCESS(Status))
        TppReleaseObject(Object);
    return Status;
}

NTSTATUS NTAPI TpAllocIoCompletion(PTP_IO *Created, HANDLE File, TPP_IO_CALLBACK Callback,
    PVOID Context, PTP_CALLBACK_ENVIRON Environment)
{
    PTP_IO Io;
    NTSTATUS Status = CreateIo(&Io, File, Context, Environment);
    if (!NT_SUCCESS(Status))
        return Status;
    Io->Native = TRUE;
    Io->Object.Callback.NativeIo = Callback;
    *Created = Io;
    return STATUS_SUCCESS;
}

VOID NTAPI TpStartAsyncIoOperation(PTP_IO Io)
{
    TPP_DEEDS Deeds = {0};
    TppReferenceObject(&Io->Object);
    TppAcquireLock();
    Io->Object.Pending++;
    Io->Object.Pool->Started++;
    TppExpectCompletion(Io->Object.Pool, &Deeds);
    TppReleaseLock();
    (VOID) TppFinishDeeds(&Deeds);
}

VOID NTAPI TpCancelAsyncIoOperation(PTP_IO Io)
{
    TppAcquireLock();
    BOOL Announced = Io->Object.Pending > 0;
    if (Announced) {
        Io->Object.Pending--;
        Io->Object.Pool->Started--;
        TppCheckDrained(&Io->Object);
    }
    TppReleaseLock();
    if (Announced)
        TppDereferenceObject(&Io->Object);
}

VOID NTAPI TpWaitForIoCompletion(PTP_IO Io, BOOL CancelPending)
{
    TppWaitObject(&Io->Object, CancelPending);
}

VOID NTAPI TpReleaseIoCompletion(PTP_IO Io)
{
    TppReleaseObject(&Io->Object);
}

PTP_IO WINAPI CreateThreadpoolIo(
    HANDLE File, PTP_WIN32_IO_CALLBACK Callback, PVOID Context, PTP_CALLBACK_ENVIRON Environment)
{
    PTP_IO Io;
    NTSTATUS Status = CreateIo(&Io, File, Context, Environment);
    if (!NT_SUCCESS(Status)) {
        Win32SetStatus(Status);
        return NULL;
    }
    Io->Object.Callback.Io = Callback;
    return Io;
}

VOID WINAPI StartThreadpoolIo(PTP_IO Io)
{
    TpStartAsyncIoOperation(Io);
}

VOID WINAPI CancelThreadpoolIo(PTP_IO Io)
{
    TpCancelAsyncIoOperation(Io);
}

VOID WINAPI WaitForThreadpoolIoCallbacks(PTP_IO Io, BOOL CancelPending)
{
    TpWaitForIoCompletion(Io, CancelPending);
}

VOID WINAPI CloseThreadpoolIo(PTP_IO Io)
{
    TpReleaseIoCompletion(Io);
}

/* --- BindIoCompletionCallback --- */

static NTSTATUS FindBinding(LPOVERLAPPED_COMPLETION_ROUTINE Function, TPP_BINDING **Found)
{
    TPP_BINDING *New = host_allocate(sizeof *New), *Binding;

    if (New == NULL)
        return STATUS_NO_MEMORY;
    TppAcquireLock();
    for (Binding = Bindings; Binding != NULL && Binding->Function != Function;)
        Binding = Binding->Next;
    if (Binding == NULL) {
        New->Function = Function;
        New->Next = Bindings;
        Bindings = Binding = New;
        New = NULL;
    }
    TppReleaseLock();
    host_free(New);
    *Found = Binding;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlSetIoCompletionCallback(
    HANDLE File, LPOVERLAPPED_COMPLETION_ROUTINE Function, ULONG Flags)
{
    TPP_DEEDS Deeds = {0};
    TPP_BINDING *Binding;
    PTP_POOL Pool;

    if (Flags != 0 || Function == NULL)
        return STATUS_INVALID_PARAMETER;
    Win32Initialize();
    NTSTATUS Status = FindBinding(Function, &Binding);
    if (NT_SUCCESS(Status))
        Status = TppReferenceDefaultPool(&Pool);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = Associate(File, Pool, (ULONG_PTR)Binding | KEY_BINDING);
    if (NT_SUCCESS(Status)) {
        TppAcquireLock();
        Pool->Bound = TRUE;
        TppExpectCompletion(Pool, &Deeds);
        TppReleaseLock();
        Status = TppFinishDeeds(&Deeds);
    }
    TppDereferencePool(Pool);
    return Status;
}

/* The function's dwErrorCode is the NTSTATUS, as on Windows, whose documentation says otherwise. [guess] */
BOOL WINAPI BindIoCompletionCallback(
    HANDLE File, LPOVERLAPPED_COMPLETION_ROUTINE Function, ULONG Flags)
{
    NTSTATUS Status = RtlSetIoCompletionCallback(File, Function, Flags);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}
