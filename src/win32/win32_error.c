/* SPDX-License-Identifier: MIT */
/*
 * win32_error.c - the last error, and how an NTSTATUS becomes one.
 *
 * Layer: win32; NT counterpart: ntdll's RtlNtStatusToDosError and kernel32's error functions.
 */
#include "win32_private.h"

typedef struct WIN32_STATUS_ENTRY {
    NTSTATUS Status;
    ULONG Error;
} WIN32_STATUS_ENTRY;

static const WIN32_STATUS_ENTRY StatusTable[] = {
#define STATUS(status, error) {status, error},
#include "win32_error.def"
#undef STATUS
};

EX_LOCK Win32Lock;

DWORD WINAPI GetLastError(VOID)
{
    return *Win32LastErrorSlot();
}

VOID WINAPI SetLastError(DWORD Error)
{
    *Win32LastErrorSlot() = Error;
}

/*
 * Statuses with the customer bit are Win32 errors that travelled as a status and come back as they
 * went; those that wrap a Win32 error (facility 7) give it in the low word.
 * [doc:winternl/rtlntstatustodoserror]
 */
ULONG NTAPI RtlNtStatusToDosErrorNoTeb(NTSTATUS Status)
{
    ULONG Value = (ULONG)Status;
    SIZE_T Low = 0, High = RTL_NUMBER_OF(StatusTable);

    if (Value == 0 || (Value & 0x20000000) != 0)
        return Value;
    if ((Value & 0xFFFF0000) == 0x80070000 || (Value & 0xFFFF0000) == 0xC0010000 ||
        (Value & 0xFFFF0000) == 0xC0070000)
        return Value & 0xFFFF;
    if ((Value & 0xF0000000) == 0xD0000000) /* FACILITY_NT_BIT of an HRESULT */
        Value &= ~0x10000000u;
    while (Low < High) {
        SIZE_T Middle = (Low + High) / 2;
        if ((ULONG)StatusTable[Middle].Status == Value)
            return StatusTable[Middle].Error;
        if ((ULONG)StatusTable[Middle].Status < Value)
            Low = Middle + 1;
        else
            High = Middle;
    }
    return ERROR_MR_MID_NOT_FOUND;
}

ULONG NTAPI RtlNtStatusToDosError(NTSTATUS Status)
{
    return RtlNtStatusToDosErrorNoTeb(Status);
}

ULONG NTAPI RtlGetLastWin32Error(VOID)
{
    return GetLastError();
}

VOID NTAPI RtlSetLastWin32Error(ULONG Error)
{
    SetLastError(Error);
}

BOOL Win32SetStatus(NTSTATUS Status)
{
    SetLastError(RtlNtStatusToDosErrorNoTeb(Status));
    return FALSE;
}

BOOL Win32Fail(DWORD Error)
{
    SetLastError(Error);
    return FALSE;
}

/* --- error mode: there are no error boxes to switch off --- */

static UINT ErrorMode;

UINT WINAPI SetErrorMode(UINT Mode)
{
    return __atomic_exchange_n(&ErrorMode, Mode, __ATOMIC_SEQ_CST);
}

UINT WINAPI GetErrorMode(VOID)
{
    return __atomic_load_n(&ErrorMode, __ATOMIC_SEQ_CST);
}
