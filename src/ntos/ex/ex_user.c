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
