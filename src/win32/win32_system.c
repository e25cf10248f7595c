/* SPDX-License-Identifier: MIT */
/*
 * win32_system.c - what the machine and the system are, and where the program stands in it.
 *
 * Layer: win32. The version told is that of Windows 10 to every program, manifest or not:
 * 10.0.19045. The system folder is C:\WINDOWS\system32, which does not exist: LoadLibrary knows it
 * (win32_module.c).
 */
#include "win32_file.h"

#include "host_affinity.h"
#include "host_process.h"
#include "host_system.h"
#include "host_virtual.h"

#define MAJOR_VERSION 10
#define MINOR_VERSION 0
#define BUILD_NUMBER 19045
#define PLATFORM_NT 2
#define PATH_BYTES 4096
#define HOST_NAME_BYTES 256

static const char SystemDirectory[] = "C:\\WINDOWS\\system32";

VOID WINAPI GetSystemInfo(LPSYSTEM_INFO Information)
{
    RtlZeroMemory(Information, sizeof *Information);
#if defined(__x86_64__)
    Information->wProcessorArchitecture = 9; /* PROCESSOR_ARCHITECTURE_AMD64 */
    Information->dwProcessorType = 8664;
#elif defined(__aarch64__)
    Information->wProcessorArchitecture = 12; /* PROCESSOR_ARCHITECTURE_ARM64 */
#endif
    Information->dwPageSize = HOST_PAGE_BYTES;
    Information->lpMinimumApplicationAddress = (PVOID)0x10000;
    Information->lpMaximumApplicationAddress = (PVOID)0x7FFFFFFEFFFF;
    Information->dwActiveProcessorMask = host_affinity_process();
    Information->dwNumberOfProcessors = host_cpu_count();
    Information->dwAllocationGranularity = HOST_VIRTUAL_ALIGNMENT;
    Information->wProcessorLevel = 6;
}

VOID WINAPI GetNativeSystemInfo(LPSYSTEM_INFO Information)
{
    GetSystemInfo(Information);
}

BOOL WINAPI GlobalMemoryStatusEx(LPMEMORYSTATUSEX Status)
{
    struct host_memory_information Memory;

    if (Status->dwLength != sizeof *Status)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    host_memory_information(&Memory);
    Status->ullTotalPhys = Memory.total;
    Status->ullAvailPhys = Memory.available;
    Status->dwMemoryLoad =
        Memory.total != 0 ? (DWORD)(100 - Memory.available * 100 / Memory.total) : 0;
    Status->ullTotalPageFile = Memory.total + Memory.swap_total;
    Status->ullAvailPageFile = Memory.available + Memory.swap_available;
    Status->ullTotalVirtual = 0x7FFFFFFE0000;
    Status->ullAvailVirtual = Status->ullTotalVirtual;
    Status->ullAvailExtendedVirtual = 0;
    return TRUE;
}

/* --- version --- */

DWORD WINAPI GetVersion(VOID)
{
    return (DWORD)BUILD_NUMBER << 16 | MINOR_VERSION << 8 | MAJOR_VERSION;
}

BOOL WINAPI GetVersionExA(LPOSVERSIONINFOA Information)
{
    DWORD Size = Information->dwOSVersionInfoSize;

    if (Size != sizeof(OSVERSIONINFOA) && Size != sizeof(OSVERSIONINFOEXA))
        return Win32Fail(ERROR_INSUFFICIENT_BUFFER);
    RtlZeroMemory(Information, Size);
    Information->dwOSVersionInfoSize = Size;
    Information->dwMajorVersion = MAJOR_VERSION;
    Information->dwMinorVersion = MINOR_VERSION;
    Information->dwBuildNumber = BUILD_NUMBER;
    Information->dwPlatformId = PLATFORM_NT;
    if (Size == sizeof(OSVERSIONINFOEXA))
        ((POSVERSIONINFOEXA)Information)->wProductType = 1; /* VER_NT_WORKSTATION */
    return TRUE;
}

BOOL WINAPI GetVersionExW(LPOSVERSIONINFOW Information)
{
    DWORD Size = Information->dwOSVersionInfoSize;

    if (Size != sizeof(OSVERSIONINFOW) && Size != sizeof(OSVERSIONINFOEXW))
        return Win32Fail(ERROR_INSUFFICIENT_BUFFER);
    RtlZeroMemory(Information, Size);
    Information->dwOSVersionInfoSize = Size;
    Information->dwMajorVersion = MAJOR_VERSION;
    Information->dwMinorVersion = MINOR_VERSION;
    Information->dwBuildNumber = BUILD_NUMBER;
    Information->dwPlatformId = PLATFORM_NT;
    if (Size == sizeof(OSVERSIONINFOEXW))
        ((POSVERSIONINFOEXW)Information)->wProductType = 1;
    return TRUE;
}

NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW Information)
{
    GetVersionExW((LPOSVERSIONINFOW)Information);
    return STATUS_SUCCESS;
}

/* --- names --- */

static VOID UpcaseAscii(char *Text)
{
    for (; *Text != 0; Text++) {
        if (*Text >= 'a' && *Text <= 'z')
            *Text = (char)(*Text - 'a' + 'A');
    }
}

/* NetBIOS names are the first label, in capitals, 15 characters at most. */
static BOOL QueryName(COMPUTER_NAME_FORMAT Format, char *Name)
{
    char *Dot;

    if (host_hostname(Name, HOST_NAME_BYTES) != 0)
        return Win32Fail(ERROR_GEN_FAILURE);
    Dot = __builtin_strchr(Name, '.');
    switch (Format) {
    case ComputerNameNetBIOS:
    case ComputerNamePhysicalNetBIOS:
        if (Dot != NULL)
            *Dot = 0;
        Name[MAX_COMPUTERNAME_LENGTH] = 0;
        UpcaseAscii(Name);
        return TRUE;
    case ComputerNameDnsHostname:
    case ComputerNamePhysicalDnsHostname:
        if (Dot != NULL)
            *Dot = 0;
        return TRUE;
    case ComputerNameDnsDomain:
    case ComputerNamePhysicalDnsDomain:
        RtlMoveMemory(Name, Dot != NULL ? Dot + 1 : "", Dot != NULL ? __builtin_strlen(Dot) : 1);
        return TRUE;
    case ComputerNameDnsFullyQualified:
    case ComputerNamePhysicalDnsFullyQualified:
        return TRUE;
    default:
        return Win32Fail(ERROR_INVALID_PARAMETER);
    }
}

/* *Size: room in, then length without the terminator; when it is too small, the room needed. */
static BOOL StoreSize(LPDWORD Size, DWORD Copied, DWORD TooSmallError)
{
    BOOL Fits = Copied < *Size;
    *Size = Copied;
    return Fits ? TRUE : Win32Fail(TooSmallError);
}

BOOL WINAPI GetComputerNameExA(COMPUTER_NAME_FORMAT Format, LPSTR Buffer, LPDWORD Size)
{
    char Name[HOST_NAME_BYTES];
    if (!QueryName(Format, Name))
        return FALSE;
    return StoreSize(Size, Win32CopyOutAnsi(Name, Buffer, *Size), ERROR_MORE_DATA);
}

BOOL WINAPI GetComputerNameExW(COMPUTER_NAME_FORMAT Format, LPWSTR Buffer, LPDWORD Size)
{
    char Name[HOST_NAME_BYTES];
    if (!QueryName(Format, Name))
        return FALSE;
    return StoreSize(Size, Win32CopyOutWide(Name, Buffer, *Size), ERROR_MORE_DATA);
}

BOOL WINAPI GetComputerNameA(LPSTR Buffer, LPDWORD Size)
{
    char Name[HOST_NAME_BYTES];
    if (!QueryName(ComputerNameNetBIOS, Name))
        return FALSE;
    return StoreSize(Size, Win32CopyOutAnsi(Name, Buffer, *Size), ERROR_BUFFER_OVERFLOW);
}

BOOL WINAPI GetComputerNameW(LPWSTR Buffer, LPDWORD Size)
{
    char Name[HOST_NAME_BYTES];
    if (!QueryName(ComputerNameNetBIOS, Name))
        return FALSE;
    return StoreSize(Size, Win32CopyOutWide(Name, Buffer, *Size), ERROR_BUFFER_OVERFLOW);
}

/* The size returned by GetUserName counts the terminator. [doc:winbase/getusernamea] */
BOOL WINAPI GetUserNameA(LPSTR Buffer, LPDWORD Size)
{
    char Name[HOST_NAME_BYTES];
    if (host_user_name(Name, sizeof Name) != 0)
        return Win32Fail(ERROR_GEN_FAILURE);
    DWORD Room = *Size;
    *Size = (DWORD)__builtin_strlen(Name) + 1;
    return Win32CopyOutAnsi(Name, Buffer, Room) < Room ? TRUE
                                                       : Win32Fail(ERROR_INSUFFICIENT_BUFFER);
}

BOOL WINAPI GetUserNameW(LPWSTR Buffer, LPDWORD Size)
{
    char Name[HOST_NAME_BYTES];
    if (host_user_name(Name, sizeof Name) != 0)
        return Win32Fail(ERROR_GEN_FAILURE);
    DWORD Room = *Size, Copied = Win32CopyOutWide(Name, Buffer, Room);
    *Size = Copied < Room ? Copied + 1 : Copied;
    return Copied < Room ? TRUE : Win32Fail(ERROR_INSUFFICIENT_BUFFER);
}

/* --- folders --- */

UINT WINAPI GetSystemDirectoryA(LPSTR Buffer, UINT Size)
{
    return Win32CopyOutAnsi(SystemDirectory, Buffer, Size);
}

UINT WINAPI GetSystemDirectoryW(LPWSTR Buffer, UINT Size)
{
    return Win32CopyOutWide(SystemDirectory, Buffer, Size);
}

DWORD WINAPI GetCurrentDirectoryA(DWORD Size, LPSTR Buffer)
{
    char Path[PATH_BYTES];
    if (host_current_directory(Path, sizeof Path) != 0)
        return (DWORD)Win32Fail(ERROR_PATH_NOT_FOUND);
    return Win32CopyOutAnsi(Path, Buffer, Size);
}

DWORD WINAPI GetCurrentDirectoryW(DWORD Size, LPWSTR Buffer)
{
    char Path[PATH_BYTES];
    if (host_current_directory(Path, sizeof Path) != 0)
        return (DWORD)Win32Fail(ERROR_PATH_NOT_FOUND);
    return Win32CopyOutWide(Path, Buffer, Size);
}

BOOL WINAPI SetCurrentDirectoryA(LPCSTR Path)
{
    if (Path == NULL || *Path == 0)
        return Win32Fail(ERROR_INVALID_NAME);
    PSTR Host = Win32HostPath(Path);
    if (Host == NULL)
        return FALSE;
    BOOL Changed = host_change_directory(Host) == 0;
    host_free(Host);
    return Changed ? TRUE : Win32Fail(ERROR_FILE_NOT_FOUND);
}

BOOL WINAPI SetCurrentDirectoryW(LPCWSTR Path)
{
    PSTR Ansi = Win32AnsiFromWide(Path);
    BOOL Result = SetCurrentDirectoryA(Ansi);
    host_free(Ansi);
    return Result;
}
