/* SPDX-License-Identifier: MIT */
/*
 * thread_test.c - threads: making, ending, properties. Windows headers only.
 */
#include <windows.h>

#include <errno.h>
#include <process.h>

#include "ntstest.h"

static DWORD WINAPI returns_argument(LPVOID argument)
{
    return (DWORD)(ULONG_PTR)argument;
}

TEST(thread__returns__exit_code_is_kept)
{
    DWORD id = 0, code = 0;
    HANDLE thread = CreateThread(NULL, 0, returns_argument, (LPVOID)0x80001234, 0, &id);
    REQUIRE(thread != NULL);
    CHECK(id != 0);
    CHECK_EQ(id % 4, 0);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 0x80001234);
    CHECK_EQ(GetThreadId(thread), id);
    CHECK(TerminateThread(thread, 5));
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 0x80001234);
    CHECK(CloseHandle(thread));
}

static DWORD WINAPI exits(LPVOID argument)
{
    ExitThread((DWORD)(ULONG_PTR)argument);
}

static DWORD WINAPI terminates_itself(LPVOID argument)
{
    TerminateThread(GetCurrentThread(), (DWORD)(ULONG_PTR)argument);
    return 0;
}

TEST(thread__exits_early__code_is_that_of_the_call)
{
    LPTHREAD_START_ROUTINE routines[] = {exits, terminates_itself};
    for (int i = 0; i < 2; i++) {
        HANDLE thread = CreateThread(
            NULL, 65536, routines[i], (LPVOID)77, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
        DWORD code = 0;
        REQUIRE(thread != NULL);
        CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
        CHECK(GetExitCodeThread(thread, &code));
        CHECK_EQ(code, 77);
        CHECK(CloseHandle(thread));
    }
}

static DWORD WINAPI waits(LPVOID event)
{
    return WaitForSingleObject(event, INFINITE);
}

TEST(thread__running__still_active_and_cannot_be_terminated)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, waits, event, 0, NULL);
    DWORD code = 0;

    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, STILL_ACTIVE);
    SetLastError(0);
    CHECK(!TerminateThread(thread, 1));
    CHECK_EQ(GetLastError(), ERROR_NOT_SUPPORTED);
    SetLastError(0);
    CHECK_EQ(SuspendThread(thread), (DWORD)-1);
    CHECK_EQ(GetLastError(), ERROR_NOT_SUPPORTED);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(event));
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(event));
}

static DWORD WINAPI sets_event(LPVOID event)
{
    SetEvent(event);
    return (DWORD)GetThreadPriority(GetCurrentThread());
}

TEST(thread__suspended_at_birth__runs_after_resume)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, sets_event, event, CREATE_SUSPENDED, NULL);
    DWORD code = 99;

    CHECK_EQ(WaitForSingleObject(event, 20), WAIT_TIMEOUT);
    CHECK(SetThreadPriority(thread, THREAD_PRIORITY_HIGHEST));
    CHECK_EQ(GetThreadPriority(thread), THREAD_PRIORITY_HIGHEST);
    CHECK_EQ(SetThreadDescription(thread, L"named"), S_OK);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, THREAD_PRIORITY_HIGHEST);
    CHECK_EQ(ResumeThread(thread), 0);
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(event));
}

TEST(thread__bad_arguments__documented_errors)
{
    DWORD code;
    SetLastError(0);
    CHECK(CreateThread(NULL, 0, NULL, NULL, 0, NULL) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0);
    CHECK(!GetExitCodeThread(NULL, &code));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK_EQ(ResumeThread(INVALID_HANDLE_VALUE), (DWORD)-1);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK(!SetThreadPriority(GetCurrentThread(), 7));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0);
    CHECK_EQ(GetThreadPriority(NULL), THREAD_PRIORITY_ERROR_RETURN);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

static DWORD WINAPI own_numbers(LPVOID context)
{
    DWORD *numbers = context;
    numbers[0] = GetCurrentThreadId();
    numbers[1] = GetThreadId(GetCurrentThread());
    numbers[2] = GetLastError();
    SetLastError(17);
    return 0;
}

TEST(thread__identity_and_last_error__are_its_own)
{
    DWORD numbers[3] = {0}, id = 0;
    HANDLE self = NULL;

    SetLastError(4321);
    HANDLE thread = CreateThread(NULL, 0, own_numbers, numbers, 0, &id);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(numbers[0], id);
    CHECK_EQ(numbers[1], id);
    CHECK_EQ(numbers[2], 0);
    CHECK(id != GetCurrentThreadId());
    CHECK_EQ(GetLastError(), 4321);
    CHECK(CloseHandle(thread));
    self = OpenThread(THREAD_ALL_ACCESS, FALSE, GetCurrentThreadId());
    CHECK(self != NULL);
    CHECK(CompareObjectHandles(self, GetCurrentThread()));
    CHECK(CloseHandle(self));
}

static VOID CALLBACK count_up(ULONG_PTR parameter)
{
    InterlockedIncrement((LONG *)parameter);
}

static DWORD WINAPI wait_alertably(void *context)
{
    return SleepEx(INFINITE, TRUE) + (context != NULL);
}

/* [test:wine/ntdll/threadpool.c RtlRegisterWait] */
TEST(thread__opened_by_its_number__is_the_same)
{
    DWORD id = 0, code = 0;
    LONG calls = 0;
    HANDLE thread = CreateThread(NULL, 0, wait_alertably, NULL, CREATE_SUSPENDED, &id);
    HANDLE opened = OpenThread(THREAD_SET_CONTEXT | SYNCHRONIZE, FALSE, id); /* before it runs */
    REQUIRE(opened != NULL);
    CHECK(CompareObjectHandles(opened, thread));
    CHECK_EQ(GetThreadId(thread), id);
    CHECK(QueueUserAPC(count_up, opened, (ULONG_PTR)&calls));
    CHECK_EQ(ResumeThread(opened), (DWORD)-1);
    CHECK_EQ(GetLastError(), ERROR_ACCESS_DENIED);
    CHECK_EQ(ResumeThread(thread), 1);
    for (;;) { /* the first may have run before the wait began */
        (void)QueueUserAPC(count_up, opened, (ULONG_PTR)&calls);
        if (WaitForSingleObject(opened, 1) == WAIT_OBJECT_0)
            break;
    }
    CHECK(calls >= 1);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, WAIT_IO_COMPLETION);
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(opened));
    while ((opened = OpenThread(SYNCHRONIZE, FALSE, id)) != NULL) { /* until it has left the list */
        CHECK(CloseHandle(opened));
        SwitchToThread();
    }
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(OpenThread(SYNCHRONIZE, FALSE, id + 1) == NULL);
}

TEST(thread__description_priority_affinity__come_back)
{
    PWSTR text = NULL;
    DWORD_PTR process = 0, system = 0;

    CHECK(SUCCEEDED(GetThreadDescription(GetCurrentThread(), &text)));
    REQUIRE(text != NULL);
    CHECK_EQ(text[0], 0);
    LocalFree(text);
    CHECK(SUCCEEDED(SetThreadDescription(GetCurrentThread(), L"tester")));
    CHECK(SUCCEEDED(GetThreadDescription(GetCurrentThread(), &text)));
    CHECK_EQ(lstrcmpW(text, L"tester"), 0);
    LocalFree(text);
    CHECK_EQ(GetThreadPriority(GetCurrentThread()), THREAD_PRIORITY_NORMAL);
    CHECK(SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_TIME_CRITICAL));
    CHECK_EQ(GetThreadPriority(GetCurrentThread()), THREAD_PRIORITY_TIME_CRITICAL);
    CHECK(GetProcessAffinityMask(GetCurrentProcess(), &process, &system));
    CHECK(process != 0);
    CHECK_EQ(SetThreadAffinityMask(GetCurrentThread(), process & (0 - process)), process);
    CHECK_EQ(GetCurrentProcessorNumber(), (DWORD)__builtin_ctzll(process));
    CHECK_EQ(SetThreadAffinityMask(GetCurrentThread(), process), process & (0 - process));
    SetLastError(0);
    CHECK_EQ(SetThreadAffinityMask(GetCurrentThread(), 0), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

/* --- the C run-time's --- */

static unsigned __stdcall crt_returns(void *argument)
{
    return *(unsigned *)argument + 1;
}

static unsigned __stdcall crt_ends(void *argument)
{
    _endthreadex(*(unsigned *)argument + 2);
    return 0;
}

TEST(crt__beginthreadex__like_create_thread)
{
    unsigned argument = 40, id = 0;
    unsigned(__stdcall * routines[])(void *) = {crt_returns, crt_ends};

    for (unsigned i = 0; i < 2; i++) {
        HANDLE thread =
            (HANDLE)_beginthreadex(NULL, 0, routines[i], &argument, CREATE_SUSPENDED, &id);
        DWORD code = 0;
        REQUIRE(thread != NULL);
        CHECK_EQ(GetThreadId(thread), id);
        CHECK_EQ(ResumeThread(thread), 1);
        CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
        CHECK(GetExitCodeThread(thread, &code));
        CHECK_EQ(code, 41 + i);
        CHECK(CloseHandle(thread));
    }
    errno = 0;
    CHECK_EQ(_beginthreadex(NULL, 0, NULL, NULL, 0, NULL), 0);
    CHECK_EQ(errno, EINVAL);
}

static void crt_plain(void *event)
{
    SetEvent(event);
}

static void crt_plain_ends(void *event)
{
    SetEvent(event);
    _endthread();
}

TEST(crt__beginthread__closes_its_own_handle)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK(_beginthread(crt_plain, 0, event) != (uintptr_t)-1);
    CHECK_EQ(WaitForSingleObject(event, INFINITE), WAIT_OBJECT_0);
    CHECK(_beginthread(crt_plain_ends, 0, event) != (uintptr_t)-1);
    CHECK_EQ(WaitForSingleObject(event, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(_beginthread(NULL, 0, NULL), (uintptr_t)-1);
    CHECK(CloseHandle(event));
}

static volatile LONG finished;

static DWORD WINAPI counts(LPVOID unused)
{
    InterlockedIncrement(&finished);
    return 0;
}

TEST(threads__two_hundred_in_waves__all_end)
{
    for (int wave = 0; wave < 10; wave++) {
        HANDLE threads[20];
        for (int i = 0; i < 20; i++)
            REQUIRE((threads[i] = CreateThread(NULL, 0, counts, NULL, 0, NULL)) != NULL);
        CHECK_EQ(WaitForMultipleObjects(20, threads, TRUE, INFINITE), WAIT_OBJECT_0);
        for (int i = 0; i < 20; i++)
            CHECK(CloseHandle(threads[i]));
    }
    CHECK_EQ(finished, 200);
}

TEST(process__itself__answers)
{
    DWORD code = 0;
    FILETIME creation, exit_time, kernel, user;
    HANDLE process = OpenProcess(PROCESS_ALL_ACCESS, FALSE, GetCurrentProcessId());

    REQUIRE(process != NULL);
    CHECK_EQ(GetProcessId(process), GetCurrentProcessId());
    CHECK(GetExitCodeProcess(process, &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK(GetProcessTimes(process, &creation, &exit_time, &kernel, &user));
    CHECK(creation.dwHighDateTime > 0x01D00000);
    CHECK(CloseHandle(process));
    CHECK_EQ(GetPriorityClass(GetCurrentProcess()), NORMAL_PRIORITY_CLASS);
    CHECK(SetPriorityClass(GetCurrentProcess(), HIGH_PRIORITY_CLASS));
    CHECK_EQ(GetPriorityClass(GetCurrentProcess()), HIGH_PRIORITY_CLASS);
    SetLastError(0);
    CHECK(!TerminateProcess(NULL, 1));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}
