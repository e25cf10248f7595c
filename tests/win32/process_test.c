/* SPDX-License-Identifier: MIT */
/*
 * process_test.c - modules, environment, command line, system information, standard handles, raised
 * exceptions.
 */
#include <windows.h>
#include <winsock2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntstest.h"

/* --- modules --- */

typedef ULONGLONG(WINAPI *TICKS)(VOID);
typedef int(WSAAPI *WSA_ERROR)(void);

TEST(module__of_windows__functions_are_found_by_name)
{
    HMODULE kernel = GetModuleHandleA("kernel32.dll"), ntdll = GetModuleHandleW(L"NTDLL");
    HMODULE winsock = LoadLibraryA("C:\\Windows\\System32\\WS2_32.dll");

    REQUIRE(kernel != NULL && ntdll != NULL && winsock != NULL);
    CHECK(GetModuleHandleA("ws2_32") == winsock);
    CHECK(GetProcAddress(kernel, "GetTickCount64") == (FARPROC)GetTickCount64);
    TICKS ticks = (TICKS)(void *)GetProcAddress(kernel, "GetTickCount64");
    CHECK(ticks() > 0);
    CHECK(GetProcAddress(ntdll, "NtCreateFile") != NULL);
    CHECK(GetProcAddress(ntdll, "RtlNtStatusToDosError") != NULL);
    CHECK(GetProcAddress(winsock, "accept") == (FARPROC)(void *)accept);
    CHECK(GetProcAddress(winsock, "WSAStartup") == (FARPROC)(void *)WSAStartup);
    CHECK(GetProcAddress(winsock, "WSAGetLastError") == (FARPROC)(void *)WSAGetLastError);
    CHECK(FreeLibrary(winsock));
    /* Still usable: programs do this. */
    WSA_ERROR error = (WSA_ERROR)(void *)GetProcAddress(winsock, "WSAGetLastError");
    SetLastError(12);
    CHECK_EQ(error(), 12);
}

TEST(module__wrong_names__documented_errors)
{
    HMODULE kernel = GetModuleHandleA("KERNEL32");
    SetLastError(0);
    CHECK(GetProcAddress(kernel, "NoSuchFunction") == NULL);
    CHECK_EQ(GetLastError(), ERROR_PROC_NOT_FOUND);
    /* libc's functions, and those of other modules, are not kernel32's. */
    CHECK(GetProcAddress(kernel, "printf") == NULL);
    CHECK(GetProcAddress(kernel, "accept") == NULL);
    CHECK(GetProcAddress(kernel, "NtCreateFile") == NULL);
    CHECK(GetProcAddress(GetModuleHandleA("ws2_32.dll"), "CreateThread") == NULL);
    SetLastError(0);
    CHECK(GetModuleHandleA("nothere.dll") == NULL);
    CHECK_EQ(GetLastError(), ERROR_MOD_NOT_FOUND);
    SetLastError(0);
    CHECK(LoadLibraryW(L"nothere.dll") == NULL);
    CHECK_EQ(GetLastError(), ERROR_MOD_NOT_FOUND);
    SetLastError(0);
    CHECK(!FreeLibrary((HMODULE)(ULONG_PTR)0x1230));
    CHECK_EQ(GetLastError(), ERROR_MOD_NOT_FOUND);
    SetLastError(0);
    CHECK(LoadLibraryA(NULL) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

TEST(module__a_linux_library__can_be_loaded)
{
    HMODULE library = LoadLibraryA("libm.so.6");
    REQUIRE(library != NULL);
    CHECK(GetProcAddress(library, "cos") != NULL);
    CHECK(GetModuleHandleA("libm.so.6") == library);
    CHECK(FreeLibrary(library));
    CHECK(GetModuleHandleA("libm.so.6") == NULL);
}

TEST(module__file_names__fit_or_are_cut)
{
    char path[MAX_PATH], cut[4] = "zzz";
    WCHAR wide[MAX_PATH];
    DWORD length = GetModuleFileNameA(NULL, path, MAX_PATH);

    CHECK(length > 0);
    CHECK_EQ(length, strlen(path));
    CHECK_EQ(GetModuleFileNameW(GetModuleHandleA(NULL), wide, MAX_PATH), length);
    SetLastError(0);
    CHECK_EQ(GetModuleFileNameA(NULL, cut, 3), 3);
    CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(strlen(cut), 2);
    CHECK(GetModuleFileNameA(GetModuleHandleA("ws2_32.dll"), path, MAX_PATH) > 0);
    CHECK(LoadLibraryA(path) == GetModuleHandleA("ws2_32.dll"));
}

/* --- environment --- */

TEST(environment__set_get_remove__documented_results)
{
    char text[16];
    WCHAR wide[16];

    CHECK(SetEnvironmentVariableA("ntsock_Test", "value"));
    CHECK_EQ(GetEnvironmentVariableA("NTSOCK_TEST", text, sizeof text), 5);
    CHECK(strcmp(text, "value") == 0);
    CHECK(strcmp(getenv("ntsock_Test"), "value") == 0);
    CHECK_EQ(GetEnvironmentVariableA("ntsock_Test", text, 5), 6);
    CHECK_EQ(GetEnvironmentVariableW(L"ntsock_Test", NULL, 0), 6);
    CHECK_EQ(GetEnvironmentVariableW(L"ntsock_Test", wide, 16), 5);
    CHECK(SetEnvironmentVariableW(L"NTSOCK_test", L""));
    SetLastError(77);
    CHECK_EQ(GetEnvironmentVariableA("ntsock_Test", text, sizeof text), 0);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK(SetEnvironmentVariableA("ntsock_Test", NULL));
    CHECK_EQ(GetEnvironmentVariableA("ntsock_Test", text, sizeof text), 0);
    CHECK_EQ(GetLastError(), ERROR_ENVVAR_NOT_FOUND);
    SetLastError(0);
    CHECK(!SetEnvironmentVariableA("ntsock_Test", NULL));
    CHECK_EQ(GetLastError(), ERROR_ENVVAR_NOT_FOUND);
    SetLastError(0);
    CHECK(!SetEnvironmentVariableA("a=b", "c"));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

TEST(environment__expanded_and_listed__as_set)
{
    char text[64];
    WCHAR wide[64];
    LPCH list;
    int found = 0;

    SetEnvironmentVariableA("NTSOCK_A", "alpha");
    CHECK_EQ(ExpandEnvironmentStringsA("<%NTSOCK_A%|%NTSOCK_NOT%|100%>", text, sizeof text), 26);
    CHECK(strcmp(text, "<alpha|%NTSOCK_NOT%|100%>") == 0);
    CHECK_EQ(ExpandEnvironmentStringsA("%NTSOCK_A%", text, 3), 6);
    CHECK_EQ(ExpandEnvironmentStringsW(L"%NTSOCK_A%", wide, 64), 6);
    CHECK_EQ(lstrcmpW(wide, L"alpha"), 0);
    list = GetEnvironmentStringsA();
    REQUIRE(list != NULL);
    for (LPCH at = list; *at != 0; at += strlen(at) + 1)
        found += strcmp(at, "NTSOCK_A=alpha") == 0;
    CHECK_EQ(found, 1);
    CHECK(FreeEnvironmentStringsA(list));
    SetEnvironmentVariableA("NTSOCK_A", NULL);
}

TEST(command_line__names_the_program)
{
    LPSTR line = GetCommandLineA();
    REQUIRE(line != NULL && GetCommandLineW() != NULL);
    CHECK(strstr(line, "win32_process") != NULL || strstr(line, "w_process") != NULL);
    CHECK_EQ(lstrlenW(GetCommandLineW()), lstrlenA(line));
    CHECK(GetCommandLineA() == line);
}

/* --- system --- */

TEST(system__information__is_plausible)
{
    SYSTEM_INFO info;
    OSVERSIONINFOEXW version = {.dwOSVersionInfoSize = sizeof version};
    MEMORYSTATUSEX memory = {.dwLength = sizeof memory};
    char name[64];
    DWORD size = sizeof name;

    GetSystemInfo(&info);
    CHECK(info.dwNumberOfProcessors >= 1);
    CHECK_EQ(info.dwPageSize, 4096);
    CHECK_EQ(info.dwAllocationGranularity, 65536);
    CHECK(GetVersionExW((LPOSVERSIONINFOW)&version));
    CHECK(version.dwMajorVersion >= 10);
    CHECK_EQ(version.dwPlatformId, VER_PLATFORM_WIN32_NT);
    CHECK_EQ(GetVersion() & 0xFF, version.dwMajorVersion);
    version.dwOSVersionInfoSize = 1;
    CHECK(!GetVersionExW((LPOSVERSIONINFOW)&version));
    CHECK(GlobalMemoryStatusEx(&memory));
    CHECK(memory.ullTotalPhys > memory.ullAvailPhys);
    CHECK(GetComputerNameA(name, &size));
    CHECK_EQ(size, strlen(name));
    size = 1;
    SetLastError(0);
    CHECK(!GetComputerNameA(name, &size));
    CHECK_EQ(GetLastError(), ERROR_BUFFER_OVERFLOW);
    CHECK(size > 1);
    size = sizeof name;
    CHECK(GetComputerNameExA(ComputerNameDnsHostname, name, &size));
    size = sizeof name;
    CHECK(GetUserNameA(name, &size));
    CHECK_EQ(size, strlen(name) + 1);
    CHECK(GetSystemDirectoryA(name, sizeof name) > 0);
    CHECK(GetCurrentDirectoryA(sizeof name, name) > 0);
}

/* --- standard handles --- */

TEST(console__output_handles__accept_writes)
{
    HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
    DWORD written = 0, mode;

    REQUIRE(out != NULL && out != INVALID_HANDLE_VALUE);
    CHECK(WriteFile(out, "", 0, &written, NULL));
    CHECK_EQ(written, 0);
    CHECK(WriteConsoleW(out, L"", 0, &written, NULL));
    CHECK(GetFileType(out) != FILE_TYPE_UNKNOWN);
    CHECK(CloseHandle(GetStdHandle(STD_ERROR_HANDLE)));
    (void)GetConsoleMode(out, &mode);
    CHECK(SetStdHandle(STD_OUTPUT_HANDLE, (HANDLE)0x44));
    CHECK(GetStdHandle(STD_OUTPUT_HANDLE) == (HANDLE)0x44);
    SetLastError(0);
    CHECK(GetStdHandle(5) == INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK(!WriteFile((HANDLE)0x7770, "x", 1, &written, NULL));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK(!WriteConsoleA(NULL, "x", 1, &written, NULL));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

/* --- control events --- */

static HANDLE control_seen;
static volatile LONG control_event = -1;

static BOOL WINAPI first_handler(DWORD event)
{
    InterlockedExchange(&control_event, (LONG)event);
    SetEvent(control_seen);
    return TRUE;
}

static BOOL WINAPI passes_on(DWORD event)
{
    return FALSE;
}

TEST(control__event_generated__handlers_are_asked_last_first)
{
    control_seen = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK(SetConsoleCtrlHandler(first_handler, TRUE));
    CHECK(SetConsoleCtrlHandler(passes_on, TRUE));
    CHECK(GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0));
    CHECK_EQ(WaitForSingleObject(control_seen, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(control_event, CTRL_C_EVENT);
    CHECK(GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, 0));
    CHECK_EQ(WaitForSingleObject(control_seen, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(control_event, CTRL_BREAK_EVENT);
    CHECK(SetConsoleCtrlHandler(passes_on, FALSE));
    SetLastError(0);
    CHECK(!SetConsoleCtrlHandler(passes_on, FALSE));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(!GenerateConsoleCtrlEvent(99, 0));
    CHECK(SetConsoleCtrlHandler(first_handler, FALSE));
    CHECK(CloseHandle(control_seen));
}

/* --- raised exceptions --- */

static int handled;

static LONG WINAPI continues(struct _EXCEPTION_POINTERS *pointers)
{
    handled++;
    CHECK_EQ(pointers->ExceptionRecord->ExceptionCode, 0xE0000001);
    CHECK_EQ(pointers->ExceptionRecord->NumberParameters, 2);
    CHECK_EQ(pointers->ExceptionRecord->ExceptionInformation[1], 9);
    return -1;
}

TEST(exception__raised__vectored_handler_may_continue)
{
    ULONG_PTR arguments[] = {8, 9};
    ULONG_PTR name[] = {0x1000, (ULONG_PTR) "worker", (DWORD)-1};
    PVOID handle = AddVectoredExceptionHandler(1, continues);

    REQUIRE(handle != NULL);
    RaiseException(0xE0000001, 0, 2, arguments);
    CHECK_EQ(handled, 1);
    RaiseException(0x406D1388, 0, 3, name);
    CHECK_EQ(handled, 1);
    CHECK(RemoveVectoredExceptionHandler(handle) != 0);
    CHECK_EQ(RemoveVectoredExceptionHandler(handle), 0);
}
