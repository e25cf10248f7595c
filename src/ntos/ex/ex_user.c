/* SPDX-License-Identifier: MIT */
/*
 * ex_user.c - looking at pointers that a program has given.
 *
 * Layer: ntos. NT counterpart: ProbeForRead and ProbeForWrite inside an exception handler. Nothing is
 * raised here: a bad address is a status.
 */
#include "ke/ki.h"

#include "host_memory.h"

#define EX_SMALLEST_PAGE 4096u

/* The store is the probe, as long as it is of the structure's only page. */
NTSTATUS ExPresetUserStatus(PIO_STATUS_BLOCK Iosb, SIZE_T Bytes, NTSTATUS Status)
{
    ULONG_PTR At = (ULONG_PTR)Iosb & (EX_SMALLEST_PAGE - 1);
    if ((At & (sizeof(ULONG) - 1)) == 0 && At + Bytes <= EX_SMALLEST_PAGE)
        return host_store_to_program((uint32_t *)(PVOID)&Iosb->Status, (uint32_t)Status);
    NTSTATUS Result = ExProbeForWrite(Iosb, Bytes);
    if (NT_SUCCESS(Result))
        __atomic_store_n(&Iosb->Status, Status, __ATOMIC_RELEASE);
    return Result;
}

BOOLEAN ExProbeText(const VOID *Text, SIZE_T UnitBytes)
{
    const UCHAR *At = Text;
    for (;;) {
        /* Units up to the next page are there if the first is; one may lie across. */
        SIZE_T Room = EX_SMALLEST_PAGE - ((ULONG_PTR)At & (EX_SMALLEST_PAGE - 1));
        SIZE_T Units = Room < UnitBytes ? 1 : Room / UnitBytes;
        if (!NT_SUCCESS(ExProbeForRead(At, UnitBytes)))
            return FALSE;
        for (; Units != 0; Units--, At += UnitBytes) {
            if (At[0] == 0 && (UnitBytes == 1 || At[1] == 0))
                return TRUE;
        }
    }
}

NTSTATUS ExCopyToUser(PVOID To, const VOID *From, SIZE_T Bytes, ULONG Alignment)
{
    NTSTATUS Status = ExCheckAlignment(To, Bytes, Alignment);
    return NT_SUCCESS(Status) ? host_copy_to_program(To, From, Bytes) : Status;
}
