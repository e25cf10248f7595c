/* SPDX-License-Identifier: MIT */
/*
 * tl_changes.c - one descriptor that tells of changed addresses and routes, while anybody wants to know.
 *
 * Layer: transport. NT counterpart: TDI's address change notification. The descriptor is registered in
 * the process's poller, which is armed as long as it is.
 */
#include "tl_private.h"

#include "host_poller.h"
#include "host_socket.h"

#define TL_CHANGES_TAG 'TlCh'

typedef struct TL_CHANGES {
    struct host_source Source;
    KE_POLLER *Poller;
    VOID (*Changed)(ULONG Changes);
} TL_CHANGES;

static EX_LOCK ChangesLock; /* class TlEngineLock */
_Guarded_by_(TlEngineLock) static TL_CHANGES *Current;
_Guarded_by_(TlEngineLock) static ULONG Users; /* not 0 exactly while there is Current */

static VOID LockChanges(VOID) _Acquires_lock_(TlEngineLock) LOCK_UNCHECKED
{
    ExAcquireLock(&ChangesLock, TlEngineLockRank);
}
static VOID UnlockChanges(VOID) _Releases_lock_(TlEngineLock) LOCK_UNCHECKED
{
    ExReleaseLock(&ChangesLock, TlEngineLockRank);
}

/* The memory, and with it the descriptor, stays until no handler runs any more. */
static VOID ChangesReady(struct host_source *Source, uint32_t Events)
{
    TL_CHANGES *Changes = CONTAINING_RECORD(Source, TL_CHANGES, Source);
    ULONG What = host_changes_read(Source->fd);
    UNREFERENCED_PARAMETER(Events);
    KeAssertNoLocksHeld("Changed");
    if (What != 0)
        Changes->Changed(What);
}

static VOID FreeChanges(struct host_source *Source)
{
    TL_CHANGES *Changes = CONTAINING_RECORD(Source, TL_CHANGES, Source);
    host_close(Source->fd);
    ExFreePoolWithTag(Changes, TL_CHANGES_TAG);
}

static NTSTATUS OpenChanges(VOID (*Changed)(ULONG Changes), TL_CHANGES **Opened)
{
    TL_CHANGES *New = ExAllocatePoolWithTag(NonPagedPool, sizeof *New, TL_CHANGES_TAG);
    NTSTATUS Status;
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(New, sizeof *New);
    New->Changed = Changed;
    New->Source.handler = ChangesReady;
    Status = KeDefaultPoller(&New->Poller);
    if (NT_SUCCESS(Status))
        Status = host_changes_open(&New->Source.fd);
    if (NT_SUCCESS(Status)) {
        Status = host_source_add(KePollerHost(New->Poller), &New->Source);
        if (!NT_SUCCESS(Status))
            host_close(New->Source.fd);
    }
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(New, TL_CHANGES_TAG);
        return Status;
    }
    KePollerArm(New->Poller);
    *Opened = New;
    return STATUS_SUCCESS;
}

NTSTATUS TlBeginChanges(VOID (*Changed)(ULONG Changes))
{
    NTSTATUS Status = STATUS_SUCCESS;
    LockChanges();
    if (Users == 0)
        Status = OpenChanges(Changed, &Current);
    if (NT_SUCCESS(Status))
        Users++;
    UnlockChanges();
    return Status;
}

VOID TlEndChanges(VOID)
{
    TL_CHANGES *Last = NULL;
    LockChanges();
    if (--Users == 0) {
        Last = Current;
        Current = NULL;
        host_source_remove(&Last->Source);
    }
    UnlockChanges();
    if (Last == NULL)
        return;
    KePollerDisarm(Last->Poller);
    host_poller_retire(KePollerHost(Last->Poller), &Last->Source, FreeChanges);
}
