/* SPDX-License-Identifier: MIT */
/*
 * ex_user.c - looking at pointers that a program has given.
 *
 * Layer: ntos. NT counterpart: ProbeForRead and ProbeForWrite inside an exception handler. Nothing is
 * raised here: a bad address is a status.
 */
#include "ke/ki.h"

#include "host_memory.h"

#if defined(__x86_64__)
#define EX_USER_END 0x00007FFFFFFFF000ULL
#elif defined(__LP64__)
#define EX_USER_END 0x0001000000000000ULL
#else
#define EX_USER_END 0xFFFFF000ULL
#endif
#define EX_SMALLEST_PAGE 4096u
#define EX_USER_START 0x10000ULL /* the first 64 KB are never mapped, as on Windows */

NTSTATUS ExProbeUserRange(const VOID *Address, SIZE_T Bytes)
{
    ULONGLONG Start = (ULONG_PTR)Address;
    if (Bytes == 0)
        return STATUS_SUCCESS;
    if (Start < EX_USER_START || Start >= EX_USER_END || Bytes > EX_USER_END - Start)
        return STATUS_ACCESS_VIOLATION;
    return STATUS_SUCCESS;
}

static NTSTATUS ExpProbe(const VOID *Address, SIZE_T Bytes, int Writing)
{
    NTSTATUS Status = ExProbeUserRange(Address, Bytes);
    return NT_SUCCESS(Status) ? host_probe_program(Address, Bytes, Writing) : Status;
}

NTSTATUS ExProbeForRead(const VOID *Address, SIZE_T Bytes)
{
    return ExpProbe(Address, Bytes, 0);
}

NTSTATUS ExProbeForWrite(const VOID *Address, SIZE_T Bytes)
{
    return ExpProbe(Address, Bytes, 1);
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

static NTSTATUS ExpCheckUser(const VOID *Address, SIZE_T Bytes, ULONG Alignment)
{
    if (Alignment > 1 && Bytes != 0 && ((ULONG_PTR)Address & (Alignment - 1)) != 0)
        return STATUS_DATATYPE_MISALIGNMENT;
    return ExProbeUserRange(Address, Bytes);
}

NTSTATUS ExCopyFromUser(PVOID To, const VOID *From, SIZE_T Bytes, ULONG Alignment)
{
    NTSTATUS Status = ExpCheckUser(From, Bytes, Alignment);
    if (!NT_SUCCESS(Status) || Bytes == 0)
        return Status;
    return host_copy_from_program(To, From, Bytes);
}

NTSTATUS ExCopyToUser(PVOID To, const VOID *From, SIZE_T Bytes, ULONG Alignment)
{
    NTSTATUS Status = ExpCheckUser(To, Bytes, Alignment);
    if (!NT_SUCCESS(Status) || Bytes == 0)
        return Status;
    return host_copy_to_program(To, From, Bytes);
}
