/* SPDX-License-Identifier: MIT */
/*
 * fsd_private.h - what the files of the file system driver share.
 *
 * Layer: fsd. NT counterpart: a file system driver's FCBs and CCBs.
 */
#ifndef FSD_PRIVATE_H
#define FSD_PRIVATE_H

#include <wdm.h>

#include "ex.h"
#include "host_file.h"
#include "locks.h"

#define FSD_TAG_FCB 'bcFF'
#define FSD_TAG_CCB 'bcCF'

extern PDEVICE_OBJECT FsdVolume; /* written once, by FsdDriverEntry */
extern PDEVICE_OBJECT FsdNull;

/*
 * FSD_FCB - a host file that is open in this process, by device and inode; FsContext of its file
 * objects. Made by the first open, freed by the last IRP_MJ_CLOSE. Everything that changes: FsdTableLock.
 *
 * F1  It is in the table exactly while Opens is not 0.
 * F2  Handles counts the opens before their IRP_MJ_CLEANUP; the share counts are sums over those of them
 *     that may read, write or delete.
 * F3  DeletePending: nobody opens it any more, and the cleanup that makes Handles 0 removes its name.
 */
typedef struct FSD_FCB {
    LIST_ENTRY Link;
    ULONGLONG Device; /* constant, as Node and Directory */
    ULONGLONG Node;
    BOOLEAN Directory;
    BOOLEAN DeletePending;
    ULONG Opens;
    ULONG Handles;
    ULONG ShareOpens; /* handles that take part in sharing, */
    ULONG Readers, Writers, Deleters;
    ULONG SharedRead, SharedWrite, SharedDelete;
} FSD_FCB;

/* FSD_CCB - one open; FsContext2. Constant but for DeleteOnClose, which is read at the cleanup. */
typedef struct FSD_CCB {
    int Descriptor;
    ACCESS_MASK Access;
    BOOLEAN DeleteOnClose;
    BOOLEAN Regular;    /* it has offsets and a size */
    CHAR Path[];        /* of the host, when it was opened */
} FSD_CCB;

static inline FSD_FCB *FsdFcb(PFILE_OBJECT File)
{
    return File->FsContext;
}
static inline FSD_CCB *FsdCcb(PFILE_OBJECT File)
{
    return File->FsContext2;
}

/* Completes the IRP; returns Status. */
NTSTATUS FsdCompleteIrp(PIRP Irp, NTSTATUS Status, ULONG_PTR Information);

/* --- fsd_name.c --- */
/*
 * FsdMakePath - the host's path of a name below the volume: "\dir\file" is "/dir/file". Relative to
 * Base, a host path, if that is not NULL. STATUS_OBJECT_NAME_INVALID for characters that Windows does not
 * allow; STATUS_INSUFFICIENT_RESOURCES. Freed with ExFreePoolWithTag(FSD_TAG_CCB).
 */
_Must_inspect_result_ NTSTATUS FsdMakePath(const CHAR *Base, PCUNICODE_STRING Name, CHAR **Path,
    BOOLEAN *TrailingSeparator);
/* What follows \??\C: in an absolute name. FALSE: it is not a name on this volume. */
BOOLEAN FsdStripVolume(PCUNICODE_STRING Name, PUNICODE_STRING Rest);

/* --- fsd_share.c --- */
/*
 * FsdOpenFcb - enters an open of the host's file in the table. STATUS_DELETE_PENDING;
 * STATUS_SHARING_VIOLATION if its access or sharing does not go with the handles that are open. The access
 * is recorded in File's ReadAccess ... SharedDelete, as NT does. [ddi:IoCheckShareAccess]
 */
_Must_inspect_result_ NTSTATUS FsdOpenFcb(const struct host_file_information *Found, ACCESS_MASK Access,
    ULONG ShareAccess, PFILE_OBJECT File, FSD_FCB **Fcb);
/* The handle is gone. TRUE: it was the last, and the file is to be deleted now. */
BOOLEAN FsdCleanupFcb(FSD_FCB *Fcb, PFILE_OBJECT File, BOOLEAN DeleteOnClose);
VOID FsdCloseFcb(FSD_FCB *Fcb);
VOID FsdSetDeletePending(FSD_FCB *Fcb, BOOLEAN Pending);
BOOLEAN FsdIsDeletePending(FSD_FCB *Fcb);
/* Is the file open in this process? Then nothing may be put in its place. */
BOOLEAN FsdIsOpen(const struct host_file_information *Found);

/* --- dispatch: fsd_create.c, fsd_data.c, fsd_information.c --- */
DRIVER_DISPATCH FsdCreate, FsdCleanup, FsdClose;
DRIVER_DISPATCH FsdRead, FsdWrite, FsdFlush;
DRIVER_DISPATCH FsdQueryInformation, FsdSetInformation;
FAST_IO_READ FsdFastRead;
FAST_IO_WRITE FsdFastWrite;

ULONG FsdAttributes(const struct host_file_information *Found);

#endif
