/* SPDX-License-Identifier: MIT */
/*
 * win32_module.c - modules: those of Windows that ntsock stands for, and the program's own
 * libraries.
 *
 * Layer: win32; NT counterpart: the loader. kernel32.dll, ntdll.dll, ws2_32.dll, mswsock.dll and a
 * few more are always "loaded" and all live in this library; GetProcAddress finds what we export
 * under a name that the module has on Windows. Any other name is given to the Linux loader as a
 * path: "plugin.so". Counting of references is left to the Linux loader; pseudo modules are never
 * unloaded.
 */
#include "win32_private.h"

#include "host_process.h"
#include "host_system.h"

#include <string.h>
#include <strings.h>

#define PATH_BYTES 4096
#define ORDINAL_LIMIT 0x10000

enum MODULE_KIND {
    ModuleProgram,
    ModuleKernel32,
    ModuleNtdll,
    ModuleWs2,
    ModuleMswsock,
    ModuleCrt,
    ModuleOther
};

/* A pseudo module; its address is the HMODULE. Never freed. */
typedef struct PSEUDO_MODULE {
    const char *Name;
    enum MODULE_KIND Kind;
} PSEUDO_MODULE;

static const PSEUDO_MODULE PseudoModules[] = {
    {"", ModuleProgram},
    {"kernel32", ModuleKernel32},
    {"kernelbase", ModuleKernel32},
    {"ntdll", ModuleNtdll},
    {"ws2_32", ModuleWs2},
    {"wsock32", ModuleWs2},
    {"mswsock", ModuleMswsock},
    {"msvcrt", ModuleCrt},
    {"ucrtbase", ModuleCrt},
    {"winmm", ModuleOther},
    {"advapi32", ModuleOther},
    {"iphlpapi", ModuleOther},
    {"api-ms-win-core-synch-l1-2-0", ModuleKernel32},
};
static const char SystemDirectory[] = "C:\\WINDOWS\\system32\\";

/* A library that LoadLibrary opened. The list keeps each Linux handle once, with how often it was
 * loaded. */
typedef struct LOADED_MODULE {
    struct LOADED_MODULE *Next;
    PVOID Host;
    ULONG Count;
    char Path[]; /* as it was asked for */
} LOADED_MODULE;

static LOADED_MODULE *LoadedModules _Guarded_by_(Win32TableLock);

static const char *const Ws2Names[] = {
#define NAME(name) name,
#include "win32_ws2_names.def"
#undef NAME
};

static const char *const MswsockNames[] = {"AcceptEx", "ConnectEx", "DisconnectEx",
    "GetAcceptExSockaddrs", "TransmitFile", "TransmitPackets", "WSARecvMsg", "WSASendMsg"};

static const PSEUDO_MODULE *PseudoFromHandle(HMODULE Module)
{
    const PSEUDO_MODULE *Pseudo = (const PSEUDO_MODULE *)(PVOID)Module;
    if (Pseudo == NULL)
        return &PseudoModules[0];
    if (Pseudo < PseudoModules || Pseudo >= PseudoModules + RTL_NUMBER_OF(PseudoModules))
        return NULL;
    return Pseudo;
}

/* The name behind the last separator, if what is before it is nothing or the system directory. */
static const char *SystemName(const char *Path)
{
    const char *Name = Path;
    for (const char *At = Path; *At != 0; At++) {
        if (*At == '\\' || *At == '/')
            Name = At + 1;
    }
    SIZE_T Length = (SIZE_T)(Name - Path);
    if (Length == 0 || (Length == sizeof SystemDirectory - 1 &&
                           strncasecmp(Path, SystemDirectory, Length - 1) == 0))
        return Name;
    return NULL;
}

static const PSEUDO_MODULE *PseudoFromPath(const char *Path)
{
    const char *Name = SystemName(Path);

    for (SIZE_T i = 1; Name != NULL && i < RTL_NUMBER_OF(PseudoModules); i++) {
        SIZE_T Length = strlen(PseudoModules[i].Name);
        if (strncasecmp(Name, PseudoModules[i].Name, Length) == 0 &&
            (Name[Length] == 0 || strcasecmp(Name + Length, ".dll") == 0 ||
                strcmp(Name + Length, ".") == 0))
            return &PseudoModules[i];
    }
    return NULL;
}

static LOADED_MODULE *FindLoaded(PVOID Host) _Requires_lock_held_(Win32TableLock)
{
    LOADED_MODULE *Module = LoadedModules;
    while (Module != NULL && Module->Host != Host)
        Module = Module->Next;
    return Module;
}

/* --- loading --- */

static HMODULE LoadFile(const char *Path)
{
    SIZE_T Length = strlen(Path);
    LOADED_MODULE *New = host_allocate(sizeof *New + Length + 1), *Module;

    if (New == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    PVOID Host = host_module_load(Path, NULL);
    if (Host == NULL) {
        host_free(New);
        SetLastError(ERROR_MOD_NOT_FOUND);
        return NULL;
    }
    RtlCopyMemory(New->Path, Path, Length + 1);
    New->Host = Host;
    New->Count = 0;
    Win32AcquireLock();
    Module = FindLoaded(Host);
    if (Module == NULL) {
        New->Next = LoadedModules;
        LoadedModules = New;
        Module = New;
        New = NULL;
    }
    Module->Count++;
    Win32ReleaseLock();
    host_free(New);
    return (HMODULE)Host;
}

HMODULE WINAPI LoadLibraryExA(LPCSTR Path, HANDLE File, DWORD Flags)
{
    if (Path == NULL || *Path == 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    const PSEUDO_MODULE *Pseudo = PseudoFromPath(Path);
    return Pseudo != NULL ? (HMODULE)(PVOID)Pseudo : LoadFile(Path);
}

HMODULE WINAPI LoadLibraryExW(LPCWSTR Path, HANDLE File, DWORD Flags)
{
    PSTR Ansi = Win32AnsiFromWide(Path);
    HMODULE Module = LoadLibraryExA(Ansi, File, Flags);
    host_free(Ansi);
    return Module;
}

HMODULE WINAPI LoadLibraryA(LPCSTR Path)
{
    return LoadLibraryExA(Path, NULL, 0);
}

HMODULE WINAPI LoadLibraryW(LPCWSTR Path)
{
    return LoadLibraryExW(Path, NULL, 0);
}

BOOL WINAPI FreeLibrary(HMODULE Handle)
{
    LOADED_MODULE **At, *Module, *Unused = NULL;

    if (Handle != NULL && PseudoFromHandle(Handle) != NULL)
        return TRUE;
    Win32AcquireLock();
    for (At = &LoadedModules; *At != NULL && (*At)->Host != (PVOID)Handle; At = &(*At)->Next)
        continue;
    Module = *At;
    if (Module != NULL && --Module->Count == 0) {
        *At = Module->Next;
        Unused = Module;
    }
    Win32ReleaseLock();
    if (Module == NULL)
        return Win32Fail(ERROR_MOD_NOT_FOUND);
    host_module_unload(Handle);
    host_free(Unused);
    return TRUE;
}

BOOL WINAPI DisableThreadLibraryCalls(HMODULE Module)
{
    return TRUE;
}

/* --- handles --- */

HMODULE WINAPI GetModuleHandleA(LPCSTR Name)
{
    HMODULE Found = NULL;

    if (Name == NULL)
        return (HMODULE)(PVOID)&PseudoModules[0];
    const PSEUDO_MODULE *Pseudo = PseudoFromPath(Name);
    if (Pseudo != NULL)
        return (HMODULE)(PVOID)Pseudo;
    Win32AcquireLock();
    for (LOADED_MODULE *Module = LoadedModules; Module != NULL && Found == NULL;
         Module = Module->Next) {
        if (strcmp(Module->Path, Name) == 0)
            Found = (HMODULE)Module->Host;
    }
    Win32ReleaseLock();
    if (Found == NULL)
        SetLastError(ERROR_MOD_NOT_FOUND);
    return Found;
}

HMODULE WINAPI GetModuleHandleW(LPCWSTR Name)
{
    PSTR Ansi = Win32AnsiFromWide(Name);
    HMODULE Module = Name != NULL && Ansi == NULL ? NULL : GetModuleHandleA(Ansi);
    host_free(Ansi);
    return Module;
}

/* By address: our own code is the module ws2_32, everything else the program. */
BOOL WINAPI GetModuleHandleExA(DWORD Flags, LPCSTR Name, HMODULE *Module)
{
    if (Module == NULL)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    if ((Flags & GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS) != 0 && Name != NULL) {
        const char *File = host_library_of(Name),
                   *Own = host_library_of((const void *)PseudoModules);
        *Module =
            File != NULL && Own != NULL && strcmp(File, Own) == 0 && File != host_program_path()
                ? GetModuleHandleA("ws2_32.dll")
                : GetModuleHandleA(NULL);
        return TRUE;
    }
    *Module = GetModuleHandleA(Name);
    return *Module != NULL;
}

BOOL WINAPI GetModuleHandleExW(DWORD Flags, LPCWSTR Name, HMODULE *Module)
{
    if ((Flags & GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS) != 0)
        return GetModuleHandleExA(Flags, (LPCSTR)(LPCVOID)Name, Module);
    PSTR Ansi = Win32AnsiFromWide(Name);
    BOOL Result = GetModuleHandleExA(Flags, Ansi, Module);
    host_free(Ansi);
    return Result;
}

/* FALSE with ERROR_MOD_NOT_FOUND when the handle names nothing. */
static BOOL ModulePath(HMODULE Handle, char *Path)
{
    const PSEUDO_MODULE *Pseudo = PseudoFromHandle(Handle);
    BOOL Found = TRUE;

    if (Pseudo != NULL && Pseudo->Kind == ModuleProgram) {
        lstrcpynA(Path, host_program_path(), PATH_BYTES);
    } else if (Pseudo != NULL) {
        lstrcpynA(Path, SystemDirectory, PATH_BYTES);
        lstrcatA(Path, Pseudo->Name);
        lstrcatA(Path, ".dll");
    } else {
        Win32AcquireLock();
        const LOADED_MODULE *Module = FindLoaded(Handle);
        Found = Module != NULL;
        if (Found)
            lstrcpynA(Path, Module->Path, PATH_BYTES);
        Win32ReleaseLock();
    }
    return Found ? TRUE : Win32Fail(ERROR_MOD_NOT_FOUND);
}

/* A name that does not fit is cut, and the size returned. [doc:libloaderapi/getmodulefilenamea] */
DWORD WINAPI GetModuleFileNameA(HMODULE Module, LPSTR Buffer, DWORD Size)
{
    char Path[PATH_BYTES];

    if (!ModulePath(Module, Path))
        return 0;
    SIZE_T Length = strlen(Path);
    lstrcpynA(Buffer, Path, (int)Size);
    if (Length >= Size) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return Size;
    }
    SetLastError(ERROR_SUCCESS);
    return (DWORD)Length;
}

DWORD WINAPI GetModuleFileNameW(HMODULE Module, LPWSTR Buffer, DWORD Size)
{
    char Path[PATH_BYTES];
    PWSTR Wide;

    if (!ModulePath(Module, Path) || !Win32WideFromAnsi(Path, &Wide))
        return 0;
    SIZE_T Length = Win32WideLength(Wide);
    lstrcpynW(Buffer, Wide, (int)Size);
    host_free(Wide);
    if (Length >= Size) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return Size;
    }
    SetLastError(ERROR_SUCCESS);
    return (DWORD)Length;
}

/* --- symbols --- */

static BOOL IsListed(const char *const *Names, SIZE_T Count, const char *Name)
{
    SIZE_T Low = 0, High = Count;
    while (Low < High) {
        SIZE_T Middle = (Low + High) / 2;
        int Order = strcmp(Names[Middle], Name);
        if (Order == 0)
            return TRUE;
        if (Order < 0)
            Low = Middle + 1;
        else
            High = Middle;
    }
    return FALSE;
}

static enum MODULE_KIND OwnerOf(const char *Name)
{
    if (IsListed(Ws2Names, RTL_NUMBER_OF(Ws2Names), Name))
        return ModuleWs2;
    if (IsListed(MswsockNames, RTL_NUMBER_OF(MswsockNames), Name))
        return ModuleMswsock;
    if (strncmp(Name, "Nt", 2) == 0 || strncmp(Name, "Rtl", 3) == 0 || strncmp(Name, "Zw", 2) == 0 ||
        (Name[0] == 'T' && Name[1] == 'p' && Name[2] >= 'A' && Name[2] <= 'Z'))
        return ModuleNtdll;
    if (Name[0] == '_')
        return ModuleCrt;
    if (strncmp(Name, "time", 4) == 0 || strncmp(Name, "GetUserName", 11) == 0)
        return ModuleOther;
    return ModuleKernel32;
}

/* Names that libc has too are exported as ws2_accept and so on. */
static PVOID FindExport(enum MODULE_KIND Kind, const char *Name)
{
    char Prefixed[64] = "ws2_";
    PVOID Symbol = NULL;

    if (Kind == ModuleWs2 && strlen(Name) < sizeof Prefixed - 4) {
        lstrcatA(Prefixed, Name);
        Symbol = host_own_symbol(Prefixed);
    }
    return Symbol != NULL ? Symbol : host_own_symbol(Name);
}

FARPROC WINAPI GetProcAddress(HMODULE Module, LPCSTR Name)
{
    const PSEUDO_MODULE *Pseudo = PseudoFromHandle(Module);
    PVOID Symbol = NULL;

    if ((ULONG_PTR)Name < ORDINAL_LIMIT) {
        SetLastError(Name == NULL ? ERROR_PROC_NOT_FOUND : ERROR_INVALID_ORDINAL);
        return NULL;
    }
    if (Pseudo == NULL) {
        Win32AcquireLock();
        BOOL Known = FindLoaded(Module) != NULL;
        Win32ReleaseLock();
        if (!Known) {
            SetLastError(ERROR_MOD_NOT_FOUND);
            return NULL;
        }
        Symbol = host_module_symbol(Module, Name);
    } else if (Pseudo->Kind == ModuleProgram) {
        PVOID Program = host_module_load(NULL, NULL);
        Symbol = Program != NULL ? host_module_symbol(Program, Name) : NULL;
    } else if (OwnerOf(Name) == Pseudo->Kind) {
        Symbol = FindExport(Pseudo->Kind, Name);
    }
    if (Symbol == NULL)
        SetLastError(ERROR_PROC_NOT_FOUND);
    union {
        PVOID Pointer;
        FARPROC Function;
    } Result = {.Pointer = Symbol};
    return Result.Function;
}
