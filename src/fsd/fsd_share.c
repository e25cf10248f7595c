/* SPDX-License-Identifier: MIT */
/*
 * fsd_share.c - which host files are open in this process, how they are shared, and their deletion.
 *
 * Layer: fsd. NT counterpart: a file system's FCB table with IoCheckShareAccess and its like. Other
 * processes are not seen.
 */
#include "fsd_private.h"

#define BUCKETS 64u

static LIST_ENTRY Table[BUCKETS] _Guarded_by_(FsdTableLock);
static EX_LOCK Lock;

static inline void LockTable(void) _Acquires_lock_(FsdTableLock) LOCK_UNCHECKED
{
    ExAcquireLock(&Lock, FsdTableLockRank);
}
static inline void UnlockTable(void) _Releases_lock_(FsdTableLock) LOCK_UNCHECKED
{
    ExReleaseLock(&Lock, FsdTableLockRank);
}

static LIST_ENTRY *BucketOf(ULONGLONG Node) _Requires_lock_held_(FsdTableLock)
{
    LIST_ENTRY *Bucket = &Table[Node % BUCKETS];
    if (Bucket->Flink == NULL)
        InitializeListHead(Bucket);
    return Bucket;
}

static FSD_FCB *Find(const struct host_file_information *Found) _Requires_lock_held_(FsdTableLock)
{
    LIST_ENTRY *Bucket = BucketOf(Found->node);
    for (LIST_ENTRY *Entry = Bucket->Flink; Entry != Bucket; Entry = Entry->Flink) {
        FSD_FCB *Fcb = CONTAINING_RECORD(Entry, FSD_FCB, Link);
        if (Fcb->Node == Found->node && Fcb->Device == Found->device)
            return Fcb;
    }
    return NULL;
}

/* The file object says what its handle may do and lets others do. */
static VOID Describe(PFILE_OBJECT File, ACCESS_MASK Access, ULONG ShareAccess)
{
    File->ReadAccess = (Access & (FILE_READ_DATA | FILE_EXECUTE)) != 0;
    File->WriteAccess = (Access & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0;
    File->DeleteAccess = (Access & DELETE) != 0;
    File->SharedRead = (ShareAccess & FILE_SHARE_READ) != 0;
    File->SharedWrite = (ShareAccess & FILE_SHARE_WRITE) != 0;
    File->SharedDelete = (ShareAccess & FILE_SHARE_DELETE) != 0;
}

/* A handle for attributes only neither asks nor hinders. */
static BOOLEAN TakesPart(PFILE_OBJECT File)
{
    return File->ReadAccess || File->WriteAccess || File->DeleteAccess;
}

static BOOLEAN IsViolation(const FSD_FCB *Fcb, PFILE_OBJECT File)
{
    ULONG Opens = Fcb->ShareOpens;
    return (File->ReadAccess && Fcb->SharedRead < Opens) || (File->WriteAccess && Fcb->SharedWrite < Opens) ||
        (File->DeleteAccess && Fcb->SharedDelete < Opens) || (Fcb->Readers != 0 && !File->SharedRead) ||
        (Fcb->Writers != 0 && !File->SharedWrite) || (Fcb->Deleters != 0 && !File->SharedDelete);
}

static VOID CountShare(FSD_FCB *Fcb, PFILE_OBJECT File, ULONG Add)
{
    if (!TakesPart(File))
        return;
    Fcb->ShareOpens += Add;
    Fcb->Readers += File->ReadAccess ? Add : 0;
    Fcb->Writers += File->WriteAccess ? Add : 0;
    Fcb->Deleters += File->DeleteAccess ? Add : 0;
    Fcb->SharedRead += File->SharedRead ? Add : 0;
    Fcb->SharedWrite += File->SharedWrite ? Add : 0;
    Fcb->SharedDelete += File->SharedDelete ? Add : 0;
}

NTSTATUS FsdOpenFcb(const struct host_file_information *Found, ACCESS_MASK Access, ULONG ShareAccess,
    PFILE_OBJECT File, FSD_FCB **Result)
{
    FSD_FCB *New = ExAllocatePoolZero(PagedPool, sizeof *New, FSD_TAG_FCB), *Fcb;
    NTSTATUS Status = STATUS_SUCCESS;

    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Describe(File, Access, ShareAccess);
    LockTable();
    Fcb = Find(Found);
    if (Fcb == NULL) {
        Fcb = New;
        New = NULL;
        Fcb->Device = Found->device;
        Fcb->Node = Found->node;
        Fcb->Directory = Found->kind == HOST_FILE_DIRECTORY;
        InsertTailList(BucketOf(Fcb->Node), &Fcb->Link);
    } else if (Fcb->DeletePending) {
        Status = STATUS_DELETE_PENDING;
    } else if (TakesPart(File) && IsViolation(Fcb, File)) {
        Status = STATUS_SHARING_VIOLATION;
    }
    if (NT_SUCCESS(Status)) {
        Fcb->Opens++;
        Fcb->Handles++;
        CountShare(Fcb, File, 1);
        *Result = Fcb;
    }
    UnlockTable();
    if (New != NULL)
        ExFreePoolWithTag(New, FSD_TAG_FCB);
    return Status;
}

BOOLEAN FsdCleanupFcb(FSD_FCB *Fcb, PFILE_OBJECT File, BOOLEAN DeleteOnClose)
{
    BOOLEAN Delete;
    LockTable();
    if (DeleteOnClose)
        Fcb->DeletePending = TRUE;
    CountShare(Fcb, File, ~0u);
    Delete = --Fcb->Handles == 0 && Fcb->DeletePending;
    UnlockTable();
    return Delete;
}

VOID FsdCloseFcb(FSD_FCB *Fcb)
{
    LockTable();
    if (--Fcb->Opens == 0)
        RemoveEntryList(&Fcb->Link);
    else
        Fcb = NULL;
    UnlockTable();
    if (Fcb != NULL)
        ExFreePoolWithTag(Fcb, FSD_TAG_FCB);
}

VOID FsdSetDeletePending(FSD_FCB *Fcb, BOOLEAN Pending)
{
    LockTable();
    Fcb->DeletePending = Pending;
    UnlockTable();
}

BOOLEAN FsdIsDeletePending(FSD_FCB *Fcb)
{
    BOOLEAN Pending;
    LockTable();
    Pending = Fcb->DeletePending;
    UnlockTable();
    return Pending;
}

BOOLEAN FsdIsOpen(const struct host_file_information *Found)
{
    FSD_FCB *Fcb;
    BOOLEAN Open;
    LockTable();
    Fcb = Find(Found);
    Open = Fcb != NULL && Fcb->Handles != 0;
    UnlockTable();
    return Open;
}
