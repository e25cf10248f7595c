/* SPDX-License-Identifier: MIT */
/*
 * bad_input_test.c - a table: every call that takes a handle, with handles that are stale, closed twice,
 * of another type, or no handles at all; counts and flags that mean nothing. Windows headers only.
 *
 * A handle that is none and one of another type are the same error, ERROR_INVALID_HANDLE.
 * [doc:debug/system-error-codes--0-499-]
 */
#include <windows.h>

#include "ntstest.h"

#include <errno.h>
#include <process.h>

#define ROW(call, result, error)                                                                        \
    do {                                                                                                \
        SetLastError(0xdead);                                                                           \
        long long row_result_ = (long long)(call);                                                      \
        DWORD row_error_ = GetLastError();                                                              \
        if (row_result_ != (long long)(result) || row_error_ != (DWORD)(error))                         \
            nts_fail(__FILE__, __LINE__, "%s returned %lld with %u, expected %lld with %u", #call,      \
                row_result_, (unsigned)row_error_, (long long)(result), (unsigned)(error));             \
    } while (0)

enum kind { NOTHING, EVENT = 1, MUTEX = 2, SEMAPHORE = 4, TIMER = 8, THREAD = 16, PROCESS = 32, ANY = 63 };

struct handle {
    const char *name;
    HANDLE value;
    enum kind kind;
};
enum { KINDS = 5, HANDLES = 14 };
static struct handle handles[HANDLES];

static DWORD WINAPI no_work(LPVOID parameter)
{
    (void)parameter;
    return 0;
}

static HANDLE finished_thread(void)
{
    HANDLE thread = CreateThread(NULL, 0, no_work, NULL, 0, NULL);
    REQUIRE(thread != NULL);
    REQUIRE_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    return thread;
}

static void open_handles(void)
{
    HANDLE closed = CreateEventW(NULL, TRUE, FALSE, NULL);
    const struct handle all[HANDLES] = {
        {"event", CreateEventW(NULL, TRUE, FALSE, NULL), EVENT},
        {"mutex", CreateMutexW(NULL, FALSE, NULL), MUTEX},
        {"semaphore", CreateSemaphoreW(NULL, 0, 1, NULL), SEMAPHORE},
        {"timer", CreateWaitableTimerW(NULL, TRUE, NULL), TIMER},
        {"thread that has ended", finished_thread(), THREAD},
        {"current thread", GetCurrentThread(), THREAD},
        {"current process", GetCurrentProcess(), PROCESS},
        {"closed", closed, NOTHING},
        {"NULL", NULL, NOTHING},
        {"never a handle", (HANDLE)0x3FFC, NOTHING},
        {"large", (HANDLE)0x7FFFFFFC, NOTHING},
        {"very large", (HANDLE)0x7FFFFFFFFFFFFFFC, NOTHING},
        {"negative", (HANDLE)(LONG_PTR)-400, NOTHING},
        {"an address", (HANDLE)&all, NOTHING},
    };
    memcpy(handles, all, sizeof handles);
    for (int i = 0; i < KINDS; i++)
        REQUIRE(handles[i].value != NULL);
    REQUIRE(CloseHandle(closed));
}

static void close_handles(void)
{
    for (int i = 0; i < KINDS; i++)
        CHECK(CloseHandle(handles[i].value));
    for (int i = 0; i < KINDS; i++)
        ROW(CloseHandle(handles[i].value), FALSE, ERROR_INVALID_HANDLE); /* twice */
}

static LARGE_INTEGER due;
static DWORD word;
static FILETIME times[4];
static HANDLE copy;

static void WINAPI apc(ULONG_PTR context)
{
    (void)context;
}

static BOOL duplicate(HANDLE h)
{
    BOOL good = DuplicateHandle(GetCurrentProcess(), h, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    if (good)
        CHECK(CloseHandle(copy));
    return good;
}

static DWORD wait_second(HANDLE h)
{
    HANDLE both[2] = {handles[0].value, h};
    return WaitForMultipleObjects(2, both, FALSE, 0);
}

/* name, result of a failure, kinds it takes, call */
#define CALLS(X)                                                                                         \
    X(SetEvent, FALSE, EVENT, SetEvent(h))                                                               \
    X(ResetEvent, FALSE, EVENT, ResetEvent(h))                                                           \
    X(PulseEvent, FALSE, EVENT, PulseEvent(h))                                                           \
    X(ReleaseSemaphore, FALSE, SEMAPHORE, ReleaseSemaphore(h, 1, NULL))                                  \
    X(SetWaitableTimer, FALSE, TIMER, SetWaitableTimer(h, &due, 0, NULL, NULL, FALSE))                   \
    X(CancelWaitableTimer, FALSE, TIMER, CancelWaitableTimer(h))                                         \
    X(ResumeThread, -1, THREAD, (int)ResumeThread(h))                                                    \
    X(GetExitCodeThread, FALSE, THREAD, GetExitCodeThread(h, &word))                                     \
    X(GetThreadId, 0, THREAD, GetThreadId(h))                                                            \
    X(GetThreadTimes, FALSE, THREAD, GetThreadTimes(h, &times[0], &times[1], &times[2], &times[3]))      \
    X(GetProcessTimes, FALSE, PROCESS, GetProcessTimes(h, &times[0], &times[1], &times[2], &times[3]))   \
    X(GetExitCodeProcess, FALSE, PROCESS, GetExitCodeProcess(h, &word))                                  \
    X(GetProcessId, 0, PROCESS, GetProcessId(h))                                                         \
    X(TerminateThread, FALSE, THREAD, TerminateThread(h, 0))                                             \
    X(TerminateProcess, FALSE, PROCESS, TerminateProcess(h, 0))                                          \
    X(ReadFile, FALSE, NOTHING, ReadFile(h, &word, 1, &word, NULL))                                      \
    X(WriteFile, FALSE, NOTHING, WriteFile(h, &word, 1, &word, NULL))                                    \
    X(WaitForSingleObject, WAIT_FAILED, ANY, WaitForSingleObject(h, 0))                                  \
    X(WaitForSingleObjectEx, WAIT_FAILED, ANY, WaitForSingleObjectEx(h, 0, TRUE))                        \
    X(WaitForMultipleObjects, WAIT_FAILED, ANY, WaitForMultipleObjects(1, &h, FALSE, 0))                 \
    X(WaitForMultipleObjects_all, WAIT_FAILED, ANY, WaitForMultipleObjects(1, &h, TRUE, 0))              \
    X(WaitForMultipleObjects_second, WAIT_FAILED, ANY, wait_second(h))                                   \
    X(SignalObjectAndWait_wait, WAIT_FAILED, ANY, SignalObjectAndWait(handles[0].value, h, 0, FALSE))    \
    X(SignalObjectAndWait_signal, WAIT_FAILED, EVENT | MUTEX | SEMAPHORE,                                \
        SignalObjectAndWait(h, handles[0].value, 0, FALSE))                                              \
    X(DuplicateHandle, FALSE, ANY, duplicate(h))                                                         \
    X(DuplicateHandle_source, FALSE, PROCESS,                                                            \
        DuplicateHandle(h, handles[0].value, GetCurrentProcess(), NULL, 0, FALSE, 0))

#define DEFINE(name, failure, kinds, expression) \
    static long long call_##name(HANDLE h)       \
    {                                            \
        return (long long)(expression);          \
    }
CALLS(DEFINE)
#define ENTRY(name, failure, kinds, expression) {#name, call_##name, failure, kinds},
static const struct {
    const char *name;
    long long (*call)(HANDLE h);
    long long failure;
    int kinds;
} calls[] = {CALLS(ENTRY)};

TEST(bad_input_handle__every_call__invalid_handle)
{
    open_handles();
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
        for (int j = 0; j < HANDLES; j++) {
            if ((handles[j].kind & calls[i].kinds) != 0)
                continue;
            SetLastError(0xdead);
            long long result = calls[i].call(handles[j].value);
            DWORD error = GetLastError();
            if (result != calls[i].failure || error != ERROR_INVALID_HANDLE)
                nts_fail(__FILE__, __LINE__, "%s of %s returned %lld with %u", calls[i].name, handles[j].name,
                    result, (unsigned)error);
        }
    }
    close_handles();
}

TEST(bad_input_handle__close__invalid_handle)
{
    open_handles();
    ROW(CloseHandle(NULL), FALSE, ERROR_INVALID_HANDLE);
    ROW(CloseHandle((HANDLE)0x3FFC), FALSE, ERROR_INVALID_HANDLE);
    ROW(CloseHandle((HANDLE)0x7FFFFFFFFFFFFFFC), FALSE, ERROR_INVALID_HANDLE);
    ROW(CloseHandle((HANDLE)(LONG_PTR)-400), FALSE, ERROR_INVALID_HANDLE);
    ROW(CloseHandle((HANDLE)&word), FALSE, ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(GetCurrentThread())); /* no effect */
    CHECK(CloseHandle(GetCurrentProcess()));
    /* a protected one cannot be closed. [doc:handleapi/sethandleinformation] */
    CHECK(SetHandleInformation(handles[0].value, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE));
    CHECK(!CloseHandle(handles[0].value));
    CHECK(SetHandleInformation(handles[0].value, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
    ROW(GetHandleInformation((HANDLE)0x3FFC, &word), FALSE, ERROR_INVALID_HANDLE);
    ROW(GetHandleInformation(NULL, &word), FALSE, ERROR_INVALID_HANDLE);
    ROW(GetHandleInformation(handles[0].value, NULL), FALSE, ERROR_NOACCESS);
    ROW(SetHandleInformation((HANDLE)0x3FFC, 1, 1), FALSE, ERROR_INVALID_HANDLE);
    ROW(CompareObjectHandles(handles[0].value, (HANDLE)0x3FFC), FALSE, ERROR_INVALID_HANDLE);
    close_handles();
}

TEST(bad_input_handle__threads__documented_error)
{
    open_handles();
    ROW(QueueUserAPC(apc, NULL, 0), 0, ERROR_INVALID_HANDLE);
    ROW(QueueUserAPC(apc, handles[0].value, 0), 0, ERROR_INVALID_HANDLE);
    ROW(QueueUserAPC(apc, handles[4].value, 0), 0, ERROR_GEN_FAILURE); /* it has ended */
    ROW(SetThreadPriority(handles[0].value, THREAD_PRIORITY_NORMAL), FALSE, ERROR_INVALID_HANDLE);
    ROW(SetThreadPriority(GetCurrentThread(), 99), FALSE, ERROR_INVALID_PARAMETER);
    ROW(GetThreadPriority(NULL), THREAD_PRIORITY_ERROR_RETURN, ERROR_INVALID_HANDLE);
    ROW(SetThreadAffinityMask(GetCurrentThread(), 0), 0, ERROR_INVALID_PARAMETER);
    ROW(SetThreadAffinityMask((HANDLE)0x3FFC, 1), 0, ERROR_INVALID_HANDLE);
    ROW(SetThreadAffinityMask((HANDLE)0x3FFC, (DWORD_PTR)1 << 63), 0, ERROR_INVALID_HANDLE);
    ROW((int)SuspendThread((HANDLE)0x3FFC), -1, ERROR_INVALID_HANDLE);
    CHECK_EQ(SetThreadDescription((HANDLE)0x3FFC, L"x"), HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE));
    CHECK_EQ(GetThreadDescription((HANDLE)0x3FFC, (PWSTR *)&copy), HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE));
    CHECK_EQ(GetThreadDescription(GetCurrentThread(), NULL), E_INVALIDARG);
    ROW(GetExitCodeThread(handles[4].value, NULL), FALSE, ERROR_NOACCESS);
    ROW(OpenThread(SYNCHRONIZE, FALSE, 0), 0, ERROR_INVALID_PARAMETER);
    ROW(OpenThread(SYNCHRONIZE, FALSE, 0xFFFFFFFF), 0, ERROR_INVALID_PARAMETER);
    errno = 0;
    CHECK_EQ(_beginthreadex(NULL, 0, NULL, NULL, 0, NULL), 0);
    CHECK_EQ(errno, EINVAL);
    errno = 0;
    CHECK_EQ(_beginthread(NULL, 0, NULL), (uintptr_t)-1);
    CHECK_EQ(errno, EINVAL);
    close_handles();
}

TEST(bad_input_value__waits__documented_error)
{
    HANDLE many[65], twice[2], *wild;
    open_handles();
    for (int i = 0; i < 65; i++)
        many[i] = handles[0].value;
    twice[0] = twice[1] = handles[0].value;
    wild = VirtualAlloc(NULL, 0x10000, MEM_RESERVE, PAGE_NOACCESS);
    REQUIRE(wild != NULL);
    ROW(WaitForMultipleObjects(0, many, FALSE, 0), WAIT_FAILED, ERROR_INVALID_PARAMETER);
    ROW(WaitForMultipleObjects(65, many, FALSE, 0), WAIT_FAILED, ERROR_INVALID_PARAMETER);
    ROW(WaitForMultipleObjects(0xFFFFFFFF, many, FALSE, 0), WAIT_FAILED, ERROR_INVALID_PARAMETER);
    ROW(WaitForMultipleObjects(2, twice, TRUE, 0), WAIT_FAILED, ERROR_INVALID_PARAMETER);
    CHECK_EQ(WaitForMultipleObjects(2, twice, FALSE, 0), WAIT_TIMEOUT);
    ROW(WaitForMultipleObjects(1, NULL, FALSE, 0), WAIT_FAILED, ERROR_NOACCESS);
    ROW(WaitForMultipleObjects(1, wild, FALSE, 0), WAIT_FAILED, ERROR_NOACCESS);
    CHECK(VirtualFree(wild, 0, MEM_RELEASE));
    close_handles();
}

TEST(bad_input_value__objects__documented_error)
{
    HANDLE *wild = VirtualAlloc(NULL, 0x10000, MEM_RESERVE, PAGE_NOACCESS);
    REQUIRE(wild != NULL);
    open_handles();
    ROW(CreateSemaphoreW(NULL, -1, 1, NULL), 0, ERROR_INVALID_PARAMETER);
    ROW(CreateSemaphoreW(NULL, 2, 1, NULL), 0, ERROR_INVALID_PARAMETER);
    ROW(CreateSemaphoreW(NULL, 0, 0, NULL), 0, ERROR_INVALID_PARAMETER);
    ROW(CreateSemaphoreW(NULL, 0, -1, NULL), 0, ERROR_INVALID_PARAMETER);
    ROW(ReleaseSemaphore(handles[2].value, 0, NULL), FALSE, ERROR_INVALID_PARAMETER);
    ROW(ReleaseSemaphore(handles[2].value, -1, NULL), FALSE, ERROR_INVALID_PARAMETER);
    ROW(ReleaseSemaphore(handles[2].value, 2, NULL), FALSE, ERROR_TOO_MANY_POSTS);
    ROW(ReleaseSemaphore(handles[2].value, 1, (LPLONG)wild), FALSE, ERROR_NOACCESS);
    CHECK_EQ(WaitForSingleObject(handles[2].value, 0), WAIT_TIMEOUT); /* it was not released */
    ROW(ReleaseMutex(handles[1].value), FALSE, ERROR_NOT_OWNER);
    ROW(ReleaseMutex(NULL), FALSE, ERROR_INVALID_HANDLE);
    ROW(CreateEventExW(NULL, NULL, 0x80000000, EVENT_ALL_ACCESS), 0, ERROR_INVALID_PARAMETER);
    ROW(CreateMutexExW(NULL, NULL, 0x80000000, MUTEX_ALL_ACCESS), 0, ERROR_INVALID_PARAMETER);
    ROW(CreateSemaphoreExW(NULL, 0, 1, NULL, 1, SEMAPHORE_ALL_ACCESS), 0, ERROR_INVALID_PARAMETER);
    ROW(CreateWaitableTimerExW(NULL, NULL, 0x80000000, TIMER_ALL_ACCESS), 0, ERROR_INVALID_PARAMETER);
    ROW(OpenEventW(EVENT_ALL_ACCESS, FALSE, NULL), 0, ERROR_INVALID_PARAMETER);
    ROW(OpenEventW(EVENT_ALL_ACCESS, FALSE, L"no such event"), 0, ERROR_FILE_NOT_FOUND);
    ROW(OpenEventW(EVENT_ALL_ACCESS, FALSE, L"a\\b"), 0, ERROR_PATH_NOT_FOUND);
    ROW(CreateEventW(NULL, FALSE, FALSE, L"a\\b"), 0, ERROR_PATH_NOT_FOUND);
    ROW(SetWaitableTimer(handles[3].value, NULL, 0, NULL, NULL, FALSE), FALSE, ERROR_NOACCESS);
    ROW(SetWaitableTimer(handles[3].value, &due, -1, NULL, NULL, FALSE), FALSE, ERROR_INVALID_PARAMETER);
    ROW(DuplicateHandle(GetCurrentProcess(), handles[0].value, GetCurrentProcess(), wild, 0, FALSE,
            DUPLICATE_SAME_ACCESS),
        FALSE, ERROR_NOACCESS);
    CHECK(VirtualFree(wild, 0, MEM_RELEASE));
    close_handles();
}

TEST(bad_input_value__names_of_other_types__invalid_handle)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, L"bad input");
    REQUIRE(event != NULL);
    ROW(CreateMutexW(NULL, FALSE, L"bad input"), 0, ERROR_INVALID_HANDLE); /* [doc:synchapi/createmutexw] */
    ROW(CreateSemaphoreW(NULL, 0, 1, L"bad input"), 0, ERROR_INVALID_HANDLE);
    ROW(CreateWaitableTimerW(NULL, TRUE, L"bad input"), 0, ERROR_INVALID_HANDLE);
    ROW(OpenMutexW(MUTEX_ALL_ACCESS, FALSE, L"bad input"), 0, ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
}
