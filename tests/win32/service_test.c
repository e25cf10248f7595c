/* SPDX-License-Identifier: MIT */
/*
 * service_test.c - the database of services, and drivers started from it: copying.c of tests/drivers.
 */
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ntsock.h"
#include "ntstest.h"

static SC_HANDLE manager;

static SC_HANDLE create(const char *name, const char *path, DWORD type)
{
    return CreateServiceA(manager, name, name, SERVICE_ALL_ACCESS, type, SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL,
        path, NULL, NULL, NULL, NULL, NULL);
}

static SC_HANDLE create_driver(void)
{
    char path[600];
    const char *drivers = getenv("NTSTEST_DRIVERS");
    REQUIRE(drivers != NULL);
    snprintf(path, sizeof path, "C:%s\\copying.so", drivers);
    manager = OpenSCManagerA(NULL, NULL, SC_MANAGER_ALL_ACCESS);
    REQUIRE(manager != NULL);
    SC_HANDLE service = create("NtsTest", path, SERVICE_KERNEL_DRIVER);
    REQUIRE(service != NULL);
    return service;
}

TEST(driver__started_and_stopped__on_the_stack_and_off)
{
    SERVICE_STATUS status;
    SC_HANDLE service = create_driver();
    CHECK(QueryServiceStatus(service, &status));
    CHECK_EQ(status.dwCurrentState, SERVICE_STOPPED);
    CHECK_EQ(status.dwWin32ExitCode, ERROR_SERVICE_NEVER_STARTED);
    CHECK_EQ(ntsock_query_device_stack(NULL, 0), 1);
    CHECK(StartServiceA(service, 0, NULL));
    CHECK_EQ(ntsock_query_device_stack(NULL, 0), 2);
    CHECK(!StartServiceA(service, 0, NULL));
    CHECK_EQ(GetLastError(), ERROR_SERVICE_ALREADY_RUNNING);
    CHECK(ControlService(service, SERVICE_CONTROL_INTERROGATE, &status));
    CHECK_EQ(status.dwCurrentState, SERVICE_RUNNING);
    CHECK_EQ(status.dwControlsAccepted, SERVICE_ACCEPT_STOP);
    CHECK(!ControlService(service, SERVICE_CONTROL_PAUSE, &status));
    CHECK_EQ(GetLastError(), ERROR_INVALID_SERVICE_CONTROL);
    CHECK(ControlService(service, SERVICE_CONTROL_STOP, &status));
    CHECK_EQ(status.dwCurrentState, SERVICE_STOPPED);
    CHECK_EQ(ntsock_query_device_stack(NULL, 0), 1);
    CHECK(!ControlService(service, SERVICE_CONTROL_STOP, &status));
    CHECK_EQ(GetLastError(), ERROR_SERVICE_NOT_ACTIVE);
    CHECK(StartServiceW(service, 0, NULL)); /* and once more */
    CHECK(ControlService(service, SERVICE_CONTROL_STOP, &status));
    CHECK(DeleteService(service));
    CHECK(CloseServiceHandle(service));
    CHECK(CloseServiceHandle(manager));
}

TEST(driver__missing__file_not_found)
{
    manager = OpenSCManagerA(NULL, SERVICES_ACTIVE_DATABASEA, SC_MANAGER_ALL_ACCESS);
    SC_HANDLE service = create("Missing", "\\??\\C:\\no\\such.sys", SERVICE_KERNEL_DRIVER);
    REQUIRE(service != NULL);
    CHECK(!StartServiceA(service, 0, NULL));
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
    CHECK(DeleteService(service));
    CHECK(CloseServiceHandle(service));
    CHECK(CloseServiceHandle(manager));
}

TEST(database__names_and_handles__documented_errors)
{
    SC_HANDLE service = create_driver();
    CHECK(create("ntstest", "/x", SERVICE_KERNEL_DRIVER) == NULL);
    CHECK_EQ(GetLastError(), ERROR_SERVICE_EXISTS);
    CHECK(create("a/b", "/x", SERVICE_KERNEL_DRIVER) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_NAME);
    CHECK(OpenServiceW(manager, L"other", SERVICE_ALL_ACCESS) == NULL);
    CHECK_EQ(GetLastError(), ERROR_SERVICE_DOES_NOT_EXIST);
    CHECK(OpenServiceA(service, "NtsTest", SERVICE_ALL_ACCESS) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SC_HANDLE again = OpenServiceW(manager, L"NTSTEST", SERVICE_ALL_ACCESS);
    CHECK(again != NULL);
    CHECK(DeleteService(service));
    CHECK(!DeleteService(again));
    CHECK_EQ(GetLastError(), ERROR_SERVICE_MARKED_FOR_DELETE);
    CHECK(create("NtsTest", "/x", SERVICE_KERNEL_DRIVER) == NULL);
    CHECK_EQ(GetLastError(), ERROR_SERVICE_MARKED_FOR_DELETE);
    CHECK(CloseServiceHandle(again));
    CHECK(CloseServiceHandle(service));
    CHECK(!CloseServiceHandle(service));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SC_HANDLE program = CreateServiceW(manager, L"NtsTest", NULL, SERVICE_ALL_ACCESS, SERVICE_WIN32_OWN_PROCESS,
        SERVICE_AUTO_START, SERVICE_ERROR_NORMAL, L"C:\\x.exe", NULL, NULL, NULL, NULL, NULL);
    REQUIRE(program != NULL); /* the name is free again */
    CHECK(!StartServiceA(program, 0, NULL));
    CHECK_EQ(GetLastError(), ERROR_CALL_NOT_IMPLEMENTED);
    CHECK(DeleteService(program));
    CHECK(CloseServiceHandle(program));
    CHECK(CloseServiceHandle(manager));
    CHECK(OpenSCManagerA("another", NULL, SC_MANAGER_CONNECT) == NULL);
    CHECK(OpenSCManagerA(NULL, "other", SC_MANAGER_CONNECT) == NULL);
    CHECK_EQ(GetLastError(), ERROR_DATABASE_DOES_NOT_EXIST);
}

TEST(dispatcher__started_from_a_console__fails)
{
    SERVICE_TABLE_ENTRYA table[] = {{"x", NULL}, {NULL, NULL}};
    CHECK(!StartServiceCtrlDispatcherA(table));
    CHECK_EQ(GetLastError(), ERROR_FAILED_SERVICE_CONTROLLER_CONNECT);
    CHECK(RegisterServiceCtrlHandlerA("x", NULL) == NULL);
    CHECK_EQ(GetLastError(), ERROR_SERVICE_NOT_IN_EXE);
}
