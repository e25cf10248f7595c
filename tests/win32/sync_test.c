/* SPDX-License-Identifier: MIT */
/*
 * sync_test.c - events, mutexes, semaphores: creation, names, signalling, errors. Windows headers
 * only.
 */
#include <windows.h>

#include "ntstest.h"

#define GARBAGE ((HANDLE)(ULONG_PTR)0xDEADBEE0)

TEST(event__auto_reset__one_wait_consumes_the_signal)
{
    HANDLE event = CreateEventA(NULL, FALSE, TRUE, NULL);
    REQUIRE(event != NULL);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(event));
    CHECK(SetEvent(event));
    CHECK_EQ(WaitForSingleObject(event, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(event));
}

TEST(event__manual_reset__stays_signalled_until_reset)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    REQUIRE(event != NULL);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(event));
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(ResetEvent(event));
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CHECK(PulseEvent(event));
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(event));
}

TEST(event__ex_flags__choose_kind_and_state)
{
    HANDLE event = CreateEventExW(
        NULL, NULL, CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET, EVENT_ALL_ACCESS);
    REQUIRE(event != NULL);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
    SetLastError(0);
    CHECK(CreateEventExA(NULL, NULL, 0x4, EVENT_ALL_ACCESS) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

TEST(event__created_twice_by_name__second_is_the_first)
{
    HANDLE one, two, opened;

    SetLastError(1234);
    one = CreateEventA(NULL, TRUE, FALSE, "ntsock-name");
    REQUIRE(one != NULL);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    two = CreateEventW(NULL, FALSE, TRUE, L"Local\\ntsock-name");
    REQUIRE(two != NULL);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK(one != two);
    /* Kind and state are those of the first. */
    CHECK_EQ(WaitForSingleObject(two, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(one));
    CHECK_EQ(WaitForSingleObject(two, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(two, 0), WAIT_OBJECT_0);
    opened = OpenEventA(SYNCHRONIZE, FALSE, "Global\\ntsock-name");
    CHECK(opened != NULL);
    CHECK(CompareObjectHandles(one, opened));
    CHECK_EQ(WaitForSingleObject(opened, 0), WAIT_OBJECT_0);
    SetLastError(0);
    CHECK(!SetEvent(opened));
    CHECK_EQ(GetLastError(), ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(one));
    CHECK(CloseHandle(two));
    CHECK(CloseHandle(opened));
    SetLastError(0);
    CHECK(OpenEventA(SYNCHRONIZE, FALSE, "ntsock-name") == NULL);
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
}

TEST(names__wrong_in_each_way__documented_error)
{
    char long_name[MAX_PATH + 10];
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, "ntsock-kind");

    REQUIRE(event != NULL);
    SetLastError(0);
    CHECK(CreateMutexA(NULL, FALSE, "ntsock-kind") == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK(OpenSemaphoreA(SYNCHRONIZE, FALSE, "ntsock-kind") == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    /* Names are case-sensitive. */
    SetLastError(0);
    CHECK(OpenEventA(SYNCHRONIZE, FALSE, "NTSOCK-KIND") == NULL);
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
    SetLastError(0);
    CHECK(CreateEventA(NULL, FALSE, FALSE, "a\\b") == NULL);
    CHECK_EQ(GetLastError(), ERROR_PATH_NOT_FOUND);
    FillMemory(long_name, sizeof long_name - 1, 'x');
    long_name[sizeof long_name - 1] = 0;
    SetLastError(0);
    CHECK(CreateEventA(NULL, FALSE, FALSE, long_name) == NULL);
    CHECK_EQ(GetLastError(), ERROR_FILENAME_EXCED_RANGE);
    SetLastError(0);
    CHECK(OpenMutexA(SYNCHRONIZE, FALSE, NULL) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(event));
}

TEST(mutex__recursion_and_release__counts)
{
    HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);
    REQUIRE(mutex != NULL);
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(mutex));
    CHECK(ReleaseMutex(mutex));
    SetLastError(0);
    CHECK(!ReleaseMutex(mutex));
    CHECK_EQ(GetLastError(), ERROR_NOT_OWNER);
    CHECK(CloseHandle(mutex));
}

static DWORD WINAPI takes_mutex_and_ends(LPVOID mutex)
{
    return WaitForSingleObject(mutex, INFINITE);
}

TEST(mutex__owner_thread_ends__next_wait_is_told)
{
    HANDLE mutex = CreateMutexExW(NULL, NULL, 0, MUTEX_ALL_ACCESS);
    HANDLE thread = CreateThread(NULL, 0, takes_mutex_and_ends, mutex, 0, NULL);
    REQUIRE(mutex != NULL && thread != NULL);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(mutex, INFINITE), WAIT_ABANDONED);
    CHECK(ReleaseMutex(mutex));
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(mutex));
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(mutex));
}

TEST(mutex__named_by_a_single_instance_program__already_exists)
{
    HANDLE first = CreateMutexW(NULL, FALSE, L"Global\\one-instance"), second;
    REQUIRE(first != NULL);
    CHECK_EQ(GetLastError(), 0);
    second = CreateMutexA(NULL, TRUE, "one-instance");
    CHECK(second != NULL);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    /* Initial ownership is for the creator only. */
    CHECK(!ReleaseMutex(second));
    CHECK(CloseHandle(second));
    CHECK(CloseHandle(first));
}

TEST(semaphore__count_and_limit__kept)
{
    LONG previous = -1;
    HANDLE semaphore = CreateSemaphoreA(NULL, 1, 3, NULL);
    REQUIRE(semaphore != NULL);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
    CHECK(ReleaseSemaphore(semaphore, 2, &previous));
    CHECK_EQ(previous, 0);
    SetLastError(0);
    previous = 77;
    CHECK(!ReleaseSemaphore(semaphore, 2, &previous));
    CHECK_EQ(GetLastError(), ERROR_TOO_MANY_POSTS);
    CHECK_EQ(previous, 77);
    SetLastError(0);
    CHECK(!ReleaseSemaphore(semaphore, 0, NULL));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(semaphore));
}

TEST(semaphore__bad_arguments__invalid_parameter)
{
    SetLastError(0);
    CHECK(CreateSemaphoreW(NULL, 2, 1, NULL) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(CreateSemaphoreW(NULL, -1, 1, NULL) == NULL);
    CHECK(CreateSemaphoreW(NULL, 0, 0, NULL) == NULL);
    SetLastError(0);
    CHECK(CreateSemaphoreExW(NULL, 0, 1, NULL, 1, SEMAPHORE_ALL_ACCESS) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

TEST(handles__stale_or_of_another_type__invalid_handle)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    SetLastError(0);
    CHECK(!ReleaseMutex(event));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(!ReleaseSemaphore(event, 1, NULL));
    CHECK(!SetEvent(NULL));
    CHECK(!SetEvent(GARBAGE));
    CHECK(!SetEvent(INVALID_HANDLE_VALUE));
    CHECK(CloseHandle(event));
    SetLastError(0);
    CHECK(!CloseHandle(event));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK(!SetEvent(event));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_FAILED);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

TEST(handles__duplicated__both_name_the_object)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), copy = NULL, moved = NULL;
    DWORD flags = 77;

    REQUIRE(DuplicateHandle(
        GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0, TRUE, DUPLICATE_SAME_ACCESS));
    CHECK(copy != event);
    CHECK(CompareObjectHandles(copy, event));
    CHECK(SetEvent(copy));
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(GetHandleInformation(copy, &flags));
    CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
    CHECK(SetHandleInformation(copy, HANDLE_FLAG_INHERIT, 0));
    CHECK(GetHandleInformation(copy, &flags));
    CHECK_EQ(flags, 0);
    REQUIRE(DuplicateHandle(GetCurrentProcess(), copy, GetCurrentProcess(), &moved, 0, FALSE,
        DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    CHECK(!CloseHandle(copy));
    CHECK(CloseHandle(moved));
    CHECK(CloseHandle(event));
    SetLastError(0);
    CHECK(!DuplicateHandle(
        GetCurrentProcess(), GARBAGE, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

TEST(handles__protected_from_close__close_fails)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    CHECK(SetHandleInformation(
        event, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE));
    SetLastError(0);
    CHECK(!CloseHandle(event));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
    CHECK(CloseHandle(event));
}

TEST(handles__of_two_objects__not_the_same)
{
    HANDLE one = CreateEventA(NULL, TRUE, FALSE, NULL), two = CreateEventA(NULL, TRUE, FALSE, NULL);
    SetLastError(0);
    CHECK(!CompareObjectHandles(one, two));
    CHECK_EQ(GetLastError(), ERROR_NOT_SAME_OBJECT);
    CHECK(CloseHandle(one));
    CHECK(CloseHandle(two));
    CHECK(CloseHandle(GetCurrentProcess()));
    CHECK(CloseHandle(GetCurrentThread()));
}

TEST(security__null_dacl_for_everyone__accepted)
{
    SECURITY_DESCRIPTOR descriptor;
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, &descriptor, TRUE};
    DWORD flags = 0;

    CHECK(InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION));
    CHECK(SetSecurityDescriptorDacl(&descriptor, TRUE, NULL, FALSE));
    HANDLE mutex = CreateMutexA(&attributes, FALSE, "Global\\everyone");
    REQUIRE(mutex != NULL);
    CHECK(GetHandleInformation(mutex, &flags));
    CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
    CHECK(CloseHandle(mutex));
    CHECK(!InitializeSecurityDescriptor(&descriptor, 2));
}
