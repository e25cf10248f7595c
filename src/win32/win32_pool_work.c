/* SPDX-License-Identifier: MIT */
/*
 * win32_pool_work.c - work: callbacks that are simply to run, of the new API and of the old.
 *
 * Layer: win32; NT counterpart: the same functions of ntdll and kernel32. All workers wait alertably and none ends with
 * requests in flight, so WT_EXECUTEINIOTHREAD and WT_EXECUTEINPERSISTENTTHREAD need no threads of their
 * own, as since Windows Vista. Impersonation and a limit in the flags are not looked at.
 */
#include "win32_pool.h"

/* Queues one callback. If no thread could be made for it, it is taken back. */
static NTSTATUS SubmitOrFail(TPP_OBJECT *Object)
{
    TPP_DEEDS Deeds = {0};
    ULONG Cancelled = 0;

    TppAcquireLock();
    TppSubmit(Object, &Deeds);
    TppReleaseLock();
    NTSTATUS Status = TppFinishDeeds(&Deeds);
    if (NT_SUCCESS(Status))
        return Status;
    TppAcquireLock();
    if (Object->Pending > 0)
        Cancelled = TppCancelPending(Object);
    TppReleaseLock();
    for (ULONG i = 0; i < Cancelled; i++)
        TppDereferenceObject(Object);
    return Cancelled > 0 ? Status : STATUS_SUCCESS;
}

/* --- callbacks without an object --- */

NTSTATUS NTAPI TpSimpleTryPost(
    PTP_SIMPLE_CALLBACK Callback, PVOID Context, PTP_CALLBACK_ENVIRON Environment)
{
    PVOID Created;
    NTSTATUS Status = TppCreateObject(TppSimple, sizeof(TPP_OBJECT), Context, Environment, &Created);
    if (!NT_SUCCESS(Status))
        return Status;
    TPP_OBJECT *Object = Created;
    Object->Callback.Simple = Callback;
    Status = SubmitOrFail(Object);
    if (!NT_SUCCESS(Status))
        TppReleaseObject(Object);
    else
        TppDereferenceObject(Object);
    return Status;
}

BOOL WINAPI TrySubmitThreadpoolCallback(
    PTP_SIMPLE_CALLBACK Callback, PVOID Context, PTP_CALLBACK_ENVIRON Environment)
{
    NTSTATUS Status = TpSimpleTryPost(Callback, Context, Environment);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

NTSTATUS NTAPI RtlQueueWorkItem(LPTHREAD_START_ROUTINE Function, PVOID Context, ULONG Flags)
{
    PVOID Created;
    NTSTATUS Status = TppCreateObject(TppSimpleLegacy, sizeof(TPP_OBJECT), Context, NULL, &Created);
    if (!NT_SUCCESS(Status))
        return Status;
    TPP_OBJECT *Object = Created;
    Object->Callback.Start = Function;
    Object->LongFunction = (Flags & WT_EXECUTELONGFUNCTION) != 0;
    Status = SubmitOrFail(Object);
    TppDereferenceObject(Object);
    return Status;
}

BOOL WINAPI QueueUserWorkItem(LPTHREAD_START_ROUTINE Function, PVOID Context, ULONG Flags)
{
    NTSTATUS Status = RtlQueueWorkItem(Function, Context, Flags);
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

/* --- work objects --- */

NTSTATUS NTAPI TpAllocWork(PTP_WORK *Created, PTP_WORK_CALLBACK Callback, PVOID Context,
    PTP_CALLBACK_ENVIRON Environment)
{
    PVOID Object;
    NTSTATUS Status = TppCreateObject(TppWork, sizeof(TP_WORK), Context, Environment, &Object);
    if (!NT_SUCCESS(Status))
        return Status;
    *Created = Object;
    (*Created)->Object.Callback.Work = Callback;
    return STATUS_SUCCESS;
}

/* Cannot fail: without a thread for it now, it runs when there is one again. */
VOID NTAPI TpPostWork(PTP_WORK Work)
{
    TPP_DEEDS Deeds = {0};
    TppAcquireLock();
    TppSubmit(&Work->Object, &Deeds);
    TppReleaseLock();
    (VOID) TppFinishDeeds(&Deeds);
}

VOID NTAPI TpWaitForWork(PTP_WORK Work, BOOL CancelPending)
{
    TppWaitObject(&Work->Object, CancelPending);
}

VOID NTAPI TpReleaseWork(PTP_WORK Work)
{
    TppReleaseObject(&Work->Object);
}

PTP_WORK WINAPI CreateThreadpoolWork(
    PTP_WORK_CALLBACK Callback, PVOID Context, PTP_CALLBACK_ENVIRON Environment)
{
    PTP_WORK Work;
    NTSTATUS Status = TpAllocWork(&Work, Callback, Context, Environment);
    if (NT_SUCCESS(Status))
        return Work;
    Win32SetStatus(Status);
    return NULL;
}

VOID WINAPI SubmitThreadpoolWork(PTP_WORK Work)
{
    TpPostWork(Work);
}

VOID WINAPI WaitForThreadpoolWorkCallbacks(PTP_WORK Work, BOOL CancelPending)
{
    TpWaitForWork(Work, CancelPending);
}

VOID WINAPI CloseThreadpoolWork(PTP_WORK Work)
{
    TpReleaseWork(Work);
}
