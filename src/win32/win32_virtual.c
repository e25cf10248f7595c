/* SPDX-License-Identifier: MIT */
/*
 * win32_virtual.c - VirtualAlloc and its family, for memory of the calling process.
 *
 * Layer: win32; NT counterpart: NtAllocateVirtualMemory. Each reservation has a record with one
 * byte per page, so that protections can be returned as they were given. Memory that did not come
 * from VirtualAlloc is unknown here (VirtualProtect and VirtualQuery fail). Guard pages are pages
 * without access.
 */
#include "win32_private.h"

#include "host_virtual.h"

/* One VirtualAlloc(MEM_RESERVE). Page bytes: 0 reserved, else 1 + index into Protections. */
typedef struct VIRTUAL_REGION {
    struct VIRTUAL_REGION *Next;
    PUCHAR Base;
    SIZE_T Bytes;
    DWORD InitialProtect;
    PUCHAR Pages;
    SIZE_T PagesBytes; /* size of that array, in whole pages */
} VIRTUAL_REGION;

static VIRTUAL_REGION *Regions _Guarded_by_(Win32TableLock);

static const struct {
    DWORD Windows;
    unsigned Host;
} Protections[] = {
    {PAGE_NOACCESS, 0},
    {PAGE_READONLY, HOST_PROTECT_READ},
    {PAGE_READWRITE, HOST_PROTECT_READ | HOST_PROTECT_WRITE},
    {PAGE_EXECUTE, HOST_PROTECT_READ | HOST_PROTECT_EXECUTE},
    {PAGE_EXECUTE_READ, HOST_PROTECT_READ | HOST_PROTECT_EXECUTE},
    {PAGE_EXECUTE_READWRITE, HOST_PROTECT_READ | HOST_PROTECT_WRITE | HOST_PROTECT_EXECUTE},
};

/* Modifiers (guard, no cache, write combine) are dropped, but for PAGE_GUARD, which takes the
 * access away. */
static int FindProtection(DWORD Protect)
{
    DWORD Base = Protect & 0xFF;
    for (int i = 0; i < (int)RTL_NUMBER_OF(Protections); i++) {
        if (Protections[i].Windows == Base)
            return (Protect & PAGE_GUARD) != 0 ? 0 : i;
    }
    return -1;
}

static VIRTUAL_REGION *FindRegion(const VOID *Address) _Requires_lock_held_(Win32TableLock)
{
    VIRTUAL_REGION *Region = Regions;
    while (Region != NULL &&
           ((PUCHAR)Address < Region->Base || (PUCHAR)Address >= Region->Base + Region->Bytes))
        Region = Region->Next;
    return Region;
}

/* The pages that Address .. Address + Bytes touches. FALSE if they are not all in Region. */
static BOOL PageRange(
    const VIRTUAL_REGION *Region, const VOID *Address, SIZE_T Bytes, SIZE_T *First, SIZE_T *Count)
{
    SIZE_T Offset = (SIZE_T)((PUCHAR)Address - Region->Base);
    if (Bytes > Region->Bytes - Offset)
        return FALSE;
    *First = Offset / HOST_PAGE_BYTES;
    *Count = (Offset + Bytes + HOST_PAGE_BYTES - 1) / HOST_PAGE_BYTES - *First;
    return TRUE;
}

static SIZE_T RoundUp(SIZE_T Bytes)
{
    return (Bytes + HOST_PAGE_BYTES - 1) & ~(SIZE_T)(HOST_PAGE_BYTES - 1);
}

static VIRTUAL_REGION *MakeRegion(PVOID Base, SIZE_T Bytes, DWORD Protect)
{
    VIRTUAL_REGION *Region = host_allocate(sizeof *Region);
    void *Pages;

    if (Region == NULL)
        return NULL;
    Region->Base = Base;
    Region->Bytes = Bytes;
    Region->InitialProtect = Protect;
    /* Address space, not heap: the array of a huge reservation costs only what is touched. */
    Region->PagesBytes = RoundUp(Bytes / HOST_PAGE_BYTES);
    if (host_virtual_reserve(NULL, Region->PagesBytes, &Pages) < 0) {
        host_free(Region);
        return NULL;
    }
    if (host_virtual_protect(Pages, Region->PagesBytes, HOST_PROTECT_READ | HOST_PROTECT_WRITE) <
        0) {
        host_virtual_release(Pages, Region->PagesBytes);
        host_free(Region);
        return NULL;
    }
    Region->Pages = Pages;
    return Region;
}

static DWORD Reserve(PVOID Address, SIZE_T Bytes, DWORD Protect, PVOID *Base)
{
    PUCHAR Start = (PUCHAR)((ULONG_PTR)Address & ~(ULONG_PTR)(HOST_VIRTUAL_ALIGNMENT - 1));
    SIZE_T Size = RoundUp(Bytes + (SIZE_T)((PUCHAR)Address - Start));
    host_status Status = host_virtual_reserve(Start, Size, Base);

    if (Status < 0)
        return Start != NULL ? ERROR_INVALID_ADDRESS : ERROR_NOT_ENOUGH_MEMORY;
    VIRTUAL_REGION *Region = MakeRegion(*Base, Size, Protect);
    if (Region == NULL) {
        host_virtual_release(*Base, Size);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    Win32AcquireLock();
    Region->Next = Regions;
    Regions = Region;
    Win32ReleaseLock();
    return ERROR_SUCCESS;
}

static DWORD Commit(PVOID Address, SIZE_T Bytes, int Protection, PVOID *Base)
{
    DWORD Error = ERROR_INVALID_ADDRESS;
    SIZE_T First, Count;

    Win32AcquireLock();
    VIRTUAL_REGION *Region = FindRegion(Address);
    if (Region != NULL && PageRange(Region, Address, Bytes, &First, &Count)) {
        PUCHAR Start = Region->Base + First * HOST_PAGE_BYTES;
        Error = ERROR_NOT_ENOUGH_MEMORY;
        if (host_virtual_protect(Start, Count * HOST_PAGE_BYTES, Protections[Protection].Host) >=
            0) {
            RtlFillMemory(Region->Pages + First, Count, 1 + Protection);
            *Base = Start;
            Error = ERROR_SUCCESS;
        }
    }
    Win32ReleaseLock();
    return Error;
}

LPVOID WINAPI VirtualAlloc(LPVOID Address, SIZE_T Bytes, DWORD Type, DWORD Protect)
{
    int Protection = FindProtection(Protect);
    PVOID Base = NULL;
    DWORD Error = ERROR_SUCCESS;

    if (Bytes == 0 || Protection < 0 || (Type & (MEM_COMMIT | MEM_RESERVE | MEM_RESET)) == 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if ((Type & MEM_RESET) != 0) {
        host_virtual_reset(Address, RoundUp(Bytes));
        return Address;
    }
    if (Bytes > MAXSIZE_T / 2)
        Error = ERROR_NOT_ENOUGH_MEMORY;
    else if ((Type & MEM_RESERVE) != 0 || Address == NULL)
        Error = Reserve(Address, Bytes, Protect, &Base);
    if (Error == ERROR_SUCCESS && (Type & MEM_COMMIT) != 0) {
        PVOID Target = Address != NULL ? Address : Base;
        Error = Commit(Target, Bytes, Protection, (Type & MEM_RESERVE) != 0 ? &Target : &Base);
    }
    if (Error == ERROR_SUCCESS)
        return Base;
    SetLastError(Error);
    return NULL;
}

static BOOL Release(PVOID Address)
{
    VIRTUAL_REGION **At, *Region;

    Win32AcquireLock();
    for (At = &Regions; *At != NULL && (*At)->Base != Address; At = &(*At)->Next)
        continue;
    Region = *At;
    if (Region != NULL)
        *At = Region->Next;
    Win32ReleaseLock();
    if (Region == NULL)
        return Win32Fail(ERROR_INVALID_ADDRESS);
    host_virtual_release(Region->Base, Region->Bytes);
    host_virtual_release(Region->Pages, Region->PagesBytes);
    host_free(Region);
    return TRUE;
}

static BOOL Decommit(PVOID Address, SIZE_T Bytes)
{
    DWORD Error = ERROR_INVALID_ADDRESS;
    SIZE_T First, Count;

    Win32AcquireLock();
    VIRTUAL_REGION *Region = FindRegion(Address);
    if (Region != NULL && Bytes == 0 && Address == Region->Base)
        Bytes = Region->Bytes;
    if (Region != NULL && Bytes != 0 && PageRange(Region, Address, Bytes, &First, &Count)) {
        if (host_virtual_decommit(
                Region->Base + First * HOST_PAGE_BYTES, Count * HOST_PAGE_BYTES) >= 0) {
            RtlZeroMemory(Region->Pages + First, Count);
            Error = ERROR_SUCCESS;
        }
    }
    Win32ReleaseLock();
    return Error == ERROR_SUCCESS ? TRUE : Win32Fail(Error);
}

BOOL WINAPI VirtualFree(LPVOID Address, SIZE_T Bytes, DWORD Type)
{
    if (Type == MEM_RELEASE)
        return Bytes == 0 ? Release(Address) : Win32Fail(ERROR_INVALID_PARAMETER);
    if (Type == MEM_DECOMMIT)
        return Decommit(Address, Bytes);
    return Win32Fail(ERROR_INVALID_PARAMETER);
}

static BOOL AllCommitted(const VIRTUAL_REGION *Region, SIZE_T First, SIZE_T Count)
{
    for (SIZE_T i = First; i < First + Count; i++) {
        if (Region->Pages[i] == 0)
            return FALSE;
    }
    return TRUE;
}

BOOL WINAPI VirtualProtect(LPVOID Address, SIZE_T Bytes, DWORD Protect, PDWORD OldProtect)
{
    int Protection = FindProtection(Protect);
    DWORD Error = ERROR_INVALID_ADDRESS;
    SIZE_T First, Count;

    if (OldProtect == NULL)
        return Win32Fail(ERROR_NOACCESS);
    if (Protection < 0 || Bytes == 0)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    Win32AcquireLock();
    VIRTUAL_REGION *Region = FindRegion(Address);
    if (Region != NULL && PageRange(Region, Address, Bytes, &First, &Count) &&
        AllCommitted(Region, First, Count)) {
        PUCHAR Start = Region->Base + First * HOST_PAGE_BYTES;
        if (host_virtual_protect(Start, Count * HOST_PAGE_BYTES, Protections[Protection].Host) >=
            0) {
            *OldProtect = Protections[Region->Pages[First] - 1].Windows;
            RtlFillMemory(Region->Pages + First, Count, 1 + Protection);
            Error = ERROR_SUCCESS;
        }
    }
    Win32ReleaseLock();
    return Error == ERROR_SUCCESS ? TRUE : Win32Fail(Error);
}

SIZE_T WINAPI VirtualQuery(LPCVOID Address, PMEMORY_BASIC_INFORMATION Information, SIZE_T Length)
{
    BOOL Found = FALSE;

    if (Length < sizeof *Information) {
        SetLastError(ERROR_BAD_LENGTH);
        return 0;
    }
    Win32AcquireLock();
    const VIRTUAL_REGION *Region = FindRegion(Address);
    if (Region != NULL) {
        SIZE_T First = (SIZE_T)((PUCHAR)Address - Region->Base) / HOST_PAGE_BYTES, Last = First;
        while (
            Last < Region->Bytes / HOST_PAGE_BYTES && Region->Pages[Last] == Region->Pages[First])
            Last++;
        RtlZeroMemory(Information, sizeof *Information);
        Information->BaseAddress = Region->Base + First * HOST_PAGE_BYTES;
        Information->AllocationBase = Region->Base;
        Information->AllocationProtect = Region->InitialProtect;
        Information->RegionSize = (Last - First) * HOST_PAGE_BYTES;
        Information->State = Region->Pages[First] != 0 ? MEM_COMMIT : MEM_RESERVE;
        Information->Protect =
            Region->Pages[First] != 0 ? Protections[Region->Pages[First] - 1].Windows : 0;
        Information->Type = MEM_PRIVATE;
        Found = TRUE;
    }
    Win32ReleaseLock();
    if (Found)
        return sizeof *Information;
    SetLastError(ERROR_INVALID_PARAMETER);
    return 0;
}

BOOL WINAPI VirtualLock(LPVOID Address, SIZE_T Bytes)
{
    return host_virtual_lock(Address, Bytes) == 0 ? TRUE : Win32Fail(ERROR_WORKING_SET_QUOTA);
}

BOOL WINAPI VirtualUnlock(LPVOID Address, SIZE_T Bytes)
{
    return host_virtual_unlock(Address, Bytes) == 0 ? TRUE : Win32Fail(ERROR_NOT_LOCKED);
}

/* --- probing: true only at the moment of the call, as on Windows --- */

/* One byte of each page; the first failure decides. */
static BOOL IsBadRange(const VOID *Address, UINT_PTR Bytes, BOOL Write)
{
    ULONG_PTR At = (ULONG_PTR)Address, Last = At + Bytes - 1;
    UCHAR Byte;

    if (Bytes == 0)
        return FALSE;
    if (At == 0 || Last < At)
        return TRUE;
    for (;;) {
        if (host_copy_from_program(&Byte, (const VOID *)At, 1) < 0)
            return TRUE;
        if (Write && host_copy_to_program((PVOID)At, &Byte, 1) < 0)
            return TRUE;
        ULONG_PTR Next = (At & ~(ULONG_PTR)(HOST_PAGE_BYTES - 1)) + HOST_PAGE_BYTES;
        if (Next > Last || Next < At)
            return FALSE;
        At = Next;
    }
}

BOOL WINAPI IsBadReadPtr(const VOID *Address, UINT_PTR Bytes)
{
    return IsBadRange(Address, Bytes, FALSE);
}

BOOL WINAPI IsBadWritePtr(LPVOID Address, UINT_PTR Bytes)
{
    return IsBadRange(Address, Bytes, TRUE);
}

BOOL WINAPI IsBadCodePtr(FARPROC Function)
{
    union {
        FARPROC Function;
        const VOID *Pointer;
    } Code = {.Function = Function};
    return IsBadRange(Code.Pointer, 1, FALSE);
}

BOOL WINAPI IsBadStringPtrA(LPCSTR String, UINT_PTR MaximumChars)
{
    for (UINT_PTR i = 0; i < MaximumChars; i++) {
        CHAR Char;
        if (String == NULL || host_copy_from_program(&Char, String + i, 1) < 0)
            return TRUE;
        if (Char == 0)
            break;
    }
    return FALSE;
}
