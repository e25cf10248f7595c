/* SPDX-License-Identifier: MIT */
/*
 * win32_service.c - services: the process's own database, and drivers started from it.
 *
 * Layer: win32; NT counterpart: advapi32's side of the service control manager. What it does and what it
 * leaves out is said in winsvc.h.
 */
#include "win32_private.h"

#include <string.h>
#include <winsvc.h>

#define SERVICE_NAME_MAX 256
#define PATH_BYTES 1024

typedef struct SERVICE {
    struct SERVICE *Next;
    char Name[SERVICE_NAME_MAX + 1];
    char Path[PATH_BYTES]; /* the host's */
    DWORD Type;
    DWORD State;  /* SERVICE_STOPPED or SERVICE_RUNNING */
    BOOL Deleted; /* goes with its last handle, once stopped */
    ULONG Handles;
} SERVICE;

/* What an SC_HANDLE points to; only those in the list are valid. */
typedef struct SERVICE_HANDLE {
    struct SERVICE_HANDLE *Next;
    SERVICE *Service; /* NULL: of the database */
} SERVICE_HANDLE;

static SERVICE *Services _Guarded_by_(Win32TableLock);
static SERVICE_HANDLE *Handles _Guarded_by_(Win32TableLock);

static SERVICE_HANDLE *FindHandle(SC_HANDLE Handle) _Requires_lock_held_(Win32TableLock)
{
    SERVICE_HANDLE *Found = Handles;
    while (Found != NULL && Found != (SERVICE_HANDLE *)(PVOID)Handle)
        Found = Found->Next;
    return Found;
}

static SERVICE *FindService(PCSTR Name) _Requires_lock_held_(Win32TableLock)
{
    SERVICE *Found = Services;
    while (Found != NULL && lstrcmpiA(Found->Name, Name) != 0)
        Found = Found->Next;
    return Found;
}

static SC_HANDLE OpenHandle(SERVICE_HANDLE *New, SERVICE *Service) _Requires_lock_held_(Win32TableLock)
{
    New->Service = Service;
    New->Next = Handles;
    Handles = New;
    if (Service != NULL)
        Service->Handles++;
    return (SC_HANDLE)(PVOID)New;
}

/* The host's name of a driver's file: no drive, no \??\, slashes. A bare name is in the current folder. */
static BOOL HostPath(PCSTR Name, char Path[PATH_BYTES])
{
    char *At = Path;
    if (strncmp(Name, "\\??\\", 4) == 0)
        Name += 4;
    if (Name[0] != 0 && Name[1] == ':')
        Name += 2;
    if (*Name == 0 || strlen(Name) + 3 > PATH_BYTES)
        return Win32Fail(*Name == 0 ? ERROR_INVALID_PARAMETER : ERROR_FILENAME_EXCED_RANGE);
    if (strpbrk(Name, "/\\") == NULL) {
        *At++ = '.';
        *At++ = '/';
    }
    for (; *Name != 0; Name++)
        *At++ = *Name == '\\' ? '/' : *Name;
    *At = 0;
    return TRUE;
}

static VOID ForgetIfDone(SERVICE *Service) _Requires_lock_held_(Win32TableLock)
{
    SERVICE **At = &Services;
    if (!Service->Deleted || Service->Handles != 0 || Service->State != SERVICE_STOPPED)
        return;
    while (*At != Service)
        At = &(*At)->Next;
    *At = Service->Next;
    host_free(Service);
}

SC_HANDLE WINAPI OpenSCManagerA(LPCSTR Machine, LPCSTR Database, DWORD Access)
{
    UNREFERENCED_PARAMETER(Access);
    if (Machine != NULL && *Machine != 0 && strcmp(Machine, ".") != 0) {
        SetLastError(1722); /* RPC_S_SERVER_UNAVAILABLE */
        return NULL;
    }
    if (Database != NULL && lstrcmpiA(Database, SERVICES_ACTIVE_DATABASEA) != 0) {
        SetLastError(ERROR_DATABASE_DOES_NOT_EXIST);
        return NULL;
    }
    SERVICE_HANDLE *New = host_allocate(sizeof *New);
    if (New == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    Win32AcquireLock();
    SC_HANDLE Handle = OpenHandle(New, NULL);
    Win32ReleaseLock();
    return Handle;
}

static DWORD CheckNewService(SC_HANDLE Manager, PCSTR Name) _Requires_lock_held_(Win32TableLock)
{
    const SERVICE_HANDLE *Database = FindHandle(Manager);
    if (Database == NULL || Database->Service != NULL)
        return ERROR_INVALID_HANDLE;
    const SERVICE *Same = FindService(Name);
    if (Same == NULL)
        return ERROR_SUCCESS;
    return Same->Deleted ? ERROR_SERVICE_MARKED_FOR_DELETE : ERROR_SERVICE_EXISTS;
}

SC_HANDLE WINAPI CreateServiceA(SC_HANDLE Manager, LPCSTR Name, LPCSTR DisplayName, DWORD Access, DWORD Type,
    DWORD StartType, DWORD ErrorControl, LPCSTR Path, LPCSTR Group, LPDWORD Tag, LPCSTR Dependencies,
    LPCSTR Account, LPCSTR Password)
{
    SC_HANDLE Handle = NULL;
    UNREFERENCED_PARAMETER(DisplayName);
    UNREFERENCED_PARAMETER(Access);
    UNREFERENCED_PARAMETER(StartType);
    UNREFERENCED_PARAMETER(ErrorControl);
    UNREFERENCED_PARAMETER(Group);
    UNREFERENCED_PARAMETER(Tag);
    UNREFERENCED_PARAMETER(Dependencies);
    UNREFERENCED_PARAMETER(Account);
    UNREFERENCED_PARAMETER(Password);
    if (Name == NULL || *Name == 0 || strlen(Name) > SERVICE_NAME_MAX || strpbrk(Name, "/\\") != NULL) {
        SetLastError(ERROR_INVALID_NAME);
        return NULL;
    }
    if (Path == NULL) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    SERVICE *Service = host_allocate(sizeof *Service);
    SERVICE_HANDLE *New = host_allocate(sizeof *New);
    DWORD Error = Service == NULL || New == NULL ? ERROR_NOT_ENOUGH_MEMORY : ERROR_SUCCESS;
    if (Error == ERROR_SUCCESS && !HostPath(Path, Service->Path))
        Error = GetLastError();
    if (Error == ERROR_SUCCESS) {
        lstrcpynA(Service->Name, Name, sizeof Service->Name);
        Service->Type = Type;
        Service->State = SERVICE_STOPPED;
        Service->Deleted = FALSE;
        Service->Handles = 0;
        Win32AcquireLock();
        Error = CheckNewService(Manager, Name);
        if (Error == ERROR_SUCCESS) {
            Service->Next = Services;
            Services = Service;
            Handle = OpenHandle(New, Service);
        }
        Win32ReleaseLock();
    }
    if (Error != ERROR_SUCCESS) {
        host_free(Service);
        host_free(New);
        SetLastError(Error);
    }
    return Handle;
}

SC_HANDLE WINAPI OpenServiceA(SC_HANDLE Manager, LPCSTR Name, DWORD Access)
{
    SERVICE_HANDLE *New = host_allocate(sizeof *New);
    SC_HANDLE Handle = NULL;
    DWORD Error = New == NULL ? ERROR_NOT_ENOUGH_MEMORY : ERROR_INVALID_HANDLE;

    UNREFERENCED_PARAMETER(Access);
    Win32AcquireLock();
    const SERVICE_HANDLE *Database = New != NULL ? FindHandle(Manager) : NULL;
    if (Database != NULL && Database->Service == NULL) {
        SERVICE *Service = FindService(Name);
        Error = Service == NULL ? ERROR_SERVICE_DOES_NOT_EXIST : ERROR_SUCCESS;
        if (Service != NULL)
            Handle = OpenHandle(New, Service);
    }
    Win32ReleaseLock();
    if (Error != ERROR_SUCCESS) {
        host_free(New);
        SetLastError(Error);
    }
    return Handle;
}

BOOL WINAPI CloseServiceHandle(SC_HANDLE Handle)
{
    BOOL Found = FALSE;
    Win32AcquireLock();
    SERVICE_HANDLE *Closed = FindHandle(Handle);
    if (Closed != NULL) {
        SERVICE_HANDLE **At = &Handles;
        while (*At != Closed)
            At = &(*At)->Next;
        *At = Closed->Next;
        Found = TRUE;
        if (Closed->Service != NULL) {
            Closed->Service->Handles--;
            ForgetIfDone(Closed->Service);
        }
    }
    Win32ReleaseLock();
    if (!Found)
        return Win32Fail(ERROR_INVALID_HANDLE);
    host_free(Closed);
    return TRUE;
}

/* The service behind a handle, kept by a handle count of its own; NULL and the last error. */
static SERVICE *ReferenceService(SC_HANDLE Handle)
{
    SERVICE *Service = NULL;
    Win32AcquireLock();
    const SERVICE_HANDLE *Found = FindHandle(Handle);
    if (Found != NULL)
        Service = Found->Service;
    if (Service != NULL)
        Service->Handles++;
    Win32ReleaseLock();
    if (Service == NULL)
        SetLastError(ERROR_INVALID_HANDLE);
    return Service;
}

static VOID DereferenceService(SERVICE *Service)
{
    Win32AcquireLock();
    Service->Handles--;
    ForgetIfDone(Service);
    Win32ReleaseLock();
}

/* TRUE for one caller alone. */
static BOOL ChangeState(SERVICE *Service, DWORD From, DWORD To)
{
    Win32AcquireLock();
    BOOL Changed = Service->State == From;
    if (Changed)
        Service->State = To;
    Win32ReleaseLock();
    return Changed;
}

BOOL WINAPI StartServiceA(SC_HANDLE Handle, DWORD ArgumentCount, LPCSTR *Arguments)
{
    SERVICE *Service = ReferenceService(Handle);
    DWORD Error = ERROR_SUCCESS;

    UNREFERENCED_PARAMETER(ArgumentCount);
    UNREFERENCED_PARAMETER(Arguments);
    if (Service == NULL)
        return FALSE;
    if ((Service->Type & SERVICE_DRIVER) == 0) {
        Error = ERROR_CALL_NOT_IMPLEMENTED;
    } else if (!ChangeState(Service, SERVICE_STOPPED, SERVICE_RUNNING)) {
        Error = ERROR_SERVICE_ALREADY_RUNNING;
    } else {
        Win32Initialize();
        NTSTATUS Status = Win32LoadDriver(Service->Path);
        if (!NT_SUCCESS(Status)) {
            ChangeState(Service, SERVICE_RUNNING, SERVICE_STOPPED);
            Error = RtlNtStatusToDosErrorNoTeb(Status);
        }
    }
    DereferenceService(Service);
    return Error == ERROR_SUCCESS ? TRUE : Win32Fail(Error);
}

static VOID FillStatus(const SERVICE *Service, LPSERVICE_STATUS Status)
{
    RtlZeroMemory(Status, sizeof *Status);
    Status->dwServiceType = Service->Type;
    Win32AcquireLock();
    Status->dwCurrentState = Service->State;
    Win32ReleaseLock();
    Status->dwControlsAccepted = Status->dwCurrentState == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP : 0;
    Status->dwWin32ExitCode = Status->dwCurrentState == SERVICE_RUNNING ? ERROR_SUCCESS : ERROR_SERVICE_NEVER_STARTED;
}

/* \Driver\NAME as the loader names it. */
static VOID DriverName(const char *Path, char Name[64])
{
    const char *Slash = strrchr(Path, '/');
    const char *Base = Slash != NULL ? Slash + 1 : Path;
    const char *Dot = strrchr(Base, '.');
    SIZE_T Length = strlen(Base);
    if (Dot != NULL && (strcmp(Dot, ".so") == 0 || strcmp(Dot, ".sys") == 0))
        Length = (SIZE_T)(Dot - Base);
    lstrcpynA(Name, Base, (int)(Length < 63 ? Length + 1 : 64));
}

BOOL WINAPI ControlService(SC_HANDLE Handle, DWORD Control, LPSERVICE_STATUS Status)
{
    SERVICE *Service = ReferenceService(Handle);
    DWORD Error = ERROR_SUCCESS;
    char Name[64];

    if (Service == NULL)
        return FALSE;
    if (Control == SERVICE_CONTROL_STOP && !ChangeState(Service, SERVICE_RUNNING, SERVICE_STOP_PENDING)) {
        Error = ERROR_SERVICE_NOT_ACTIVE;
    } else if (Control == SERVICE_CONTROL_STOP) {
        DriverName(Service->Path, Name);
        BOOL Unloaded = NT_SUCCESS(Win32UnloadDriver(Name));
        ChangeState(Service, SERVICE_STOP_PENDING, Unloaded ? SERVICE_STOPPED : SERVICE_RUNNING);
        Error = Unloaded ? ERROR_SUCCESS : ERROR_INVALID_SERVICE_CONTROL;
    } else if (Control != SERVICE_CONTROL_INTERROGATE) {
        Error = ERROR_INVALID_SERVICE_CONTROL;
    }
    FillStatus(Service, Status);
    DereferenceService(Service);
    return Error == ERROR_SUCCESS ? TRUE : Win32Fail(Error);
}

BOOL WINAPI QueryServiceStatus(SC_HANDLE Handle, LPSERVICE_STATUS Status)
{
    SERVICE *Service = ReferenceService(Handle);
    if (Service == NULL)
        return FALSE;
    FillStatus(Service, Status);
    DereferenceService(Service);
    return TRUE;
}

BOOL WINAPI DeleteService(SC_HANDLE Handle)
{
    SERVICE *Service = ReferenceService(Handle);
    if (Service == NULL)
        return FALSE;
    Win32AcquireLock();
    BOOL Before = Service->Deleted;
    Service->Deleted = TRUE;
    Win32ReleaseLock();
    DereferenceService(Service);
    return Before ? Win32Fail(ERROR_SERVICE_MARKED_FOR_DELETE) : TRUE;
}

BOOL WINAPI ChangeServiceConfig2A(SC_HANDLE Handle, DWORD Level, LPVOID Information)
{
    SERVICE *Service = ReferenceService(Handle);
    UNREFERENCED_PARAMETER(Level);
    UNREFERENCED_PARAMETER(Information);
    if (Service != NULL)
        DereferenceService(Service);
    return Service != NULL;
}

BOOL WINAPI ChangeServiceConfig2W(SC_HANDLE Handle, DWORD Level, LPVOID Information)
{
    return ChangeServiceConfig2A(Handle, Level, Information);
}

/* --- names of 16 bits --- */

SC_HANDLE WINAPI OpenSCManagerW(LPCWSTR Machine, LPCWSTR Database, DWORD Access)
{
    PSTR MachineA = Win32AnsiFromWide(Machine), DatabaseA = Win32AnsiFromWide(Database);
    SC_HANDLE Handle = OpenSCManagerA(MachineA, DatabaseA, Access);
    host_free(MachineA);
    host_free(DatabaseA);
    return Handle;
}

SC_HANDLE WINAPI CreateServiceW(SC_HANDLE Manager, LPCWSTR Name, LPCWSTR DisplayName, DWORD Access, DWORD Type,
    DWORD StartType, DWORD ErrorControl, LPCWSTR Path, LPCWSTR Group, LPDWORD Tag, LPCWSTR Dependencies,
    LPCWSTR Account, LPCWSTR Password)
{
    PSTR NameA = Win32AnsiFromWide(Name), PathA = Win32AnsiFromWide(Path);
    UNREFERENCED_PARAMETER(DisplayName);
    UNREFERENCED_PARAMETER(Group);
    UNREFERENCED_PARAMETER(Dependencies);
    UNREFERENCED_PARAMETER(Account);
    UNREFERENCED_PARAMETER(Password);
    SC_HANDLE Handle = CreateServiceA(Manager, NameA, NULL, Access, Type, StartType, ErrorControl, PathA, NULL, Tag,
        NULL, NULL, NULL);
    host_free(NameA);
    host_free(PathA);
    return Handle;
}

SC_HANDLE WINAPI OpenServiceW(SC_HANDLE Manager, LPCWSTR Name, DWORD Access)
{
    PSTR NameA = Win32AnsiFromWide(Name);
    SC_HANDLE Handle = NameA != NULL ? OpenServiceA(Manager, NameA, Access) : NULL;
    host_free(NameA);
    return Handle;
}

BOOL WINAPI StartServiceW(SC_HANDLE Handle, DWORD ArgumentCount, LPCWSTR *Arguments)
{
    UNREFERENCED_PARAMETER(Arguments);
    return StartServiceA(Handle, ArgumentCount, NULL);
}

/* --- the service's own side: no process here was started as one --- */

BOOL WINAPI StartServiceCtrlDispatcherA(const SERVICE_TABLE_ENTRYA *Table)
{
    UNREFERENCED_PARAMETER(Table);
    return Win32Fail(ERROR_FAILED_SERVICE_CONTROLLER_CONNECT);
}

BOOL WINAPI StartServiceCtrlDispatcherW(const SERVICE_TABLE_ENTRYW *Table)
{
    UNREFERENCED_PARAMETER(Table);
    return Win32Fail(ERROR_FAILED_SERVICE_CONTROLLER_CONNECT);
}

SERVICE_STATUS_HANDLE WINAPI RegisterServiceCtrlHandlerExA(LPCSTR Name, LPHANDLER_FUNCTION_EX Handler, LPVOID Context)
{
    UNREFERENCED_PARAMETER(Name);
    UNREFERENCED_PARAMETER(Handler);
    UNREFERENCED_PARAMETER(Context);
    SetLastError(ERROR_SERVICE_NOT_IN_EXE);
    return NULL;
}

SERVICE_STATUS_HANDLE WINAPI RegisterServiceCtrlHandlerExW(LPCWSTR Name, LPHANDLER_FUNCTION_EX Handler,
    LPVOID Context)
{
    UNREFERENCED_PARAMETER(Name);
    return RegisterServiceCtrlHandlerExA(NULL, Handler, Context);
}

SERVICE_STATUS_HANDLE WINAPI RegisterServiceCtrlHandlerA(LPCSTR Name, LPHANDLER_FUNCTION Handler)
{
    UNREFERENCED_PARAMETER(Handler);
    return RegisterServiceCtrlHandlerExA(Name, NULL, NULL);
}

SERVICE_STATUS_HANDLE WINAPI RegisterServiceCtrlHandlerW(LPCWSTR Name, LPHANDLER_FUNCTION Handler)
{
    UNREFERENCED_PARAMETER(Handler);
    return RegisterServiceCtrlHandlerExW(Name, NULL, NULL);
}

BOOL WINAPI SetServiceStatus(SERVICE_STATUS_HANDLE Handle, LPSERVICE_STATUS Status)
{
    UNREFERENCED_PARAMETER(Handle);
    UNREFERENCED_PARAMETER(Status);
    return Win32Fail(ERROR_INVALID_HANDLE);
}
