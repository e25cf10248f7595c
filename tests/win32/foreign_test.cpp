/* SPDX-License-Identifier: MIT */
/*
 * foreign_test.cpp - threads that ntsock did not make call everything: std::thread and pthreads are
 * full citizens.
 */
#include <windows.h>

#include <atomic>
#include <thread>
#include <vector>

#include "ntstest.h"

static std::atomic<int> released;

static VOID WINAPI release(PVOID value)
{
    released += static_cast<int>(reinterpret_cast<INT_PTR>(value));
}

TEST(std_thread__waits_and_signals__like_any_other)
{
    HANDLE go = CreateEvent(nullptr, TRUE, FALSE, nullptr),
           all = CreateSemaphore(nullptr, 0, 8, nullptr);
    std::vector<std::thread> threads;

    for (int i = 0; i < 8; i++)
        threads.emplace_back([=] {
            CHECK_EQ(WaitForSingleObject(go, INFINITE), WAIT_OBJECT_0);
            CHECK_EQ(GetThreadId(GetCurrentThread()), GetCurrentThreadId());
            CHECK(ReleaseSemaphore(all, 1, nullptr));
        });
    CHECK(SetEvent(go));
    for (int i = 0; i < 8; i++)
        CHECK_EQ(WaitForSingleObject(all, INFINITE), WAIT_OBJECT_0);
    for (auto &thread : threads)
        thread.join();
    CHECK(CloseHandle(go));
    CHECK(CloseHandle(all));
}

TEST(std_thread__ends__fls_callback_runs_and_mutex_is_abandoned)
{
    DWORD slot = FlsAlloc(release), tls = TlsAlloc();
    HANDLE mutex = CreateMutex(nullptr, FALSE, nullptr), self = nullptr;

    std::thread([&] {
        CHECK(FlsSetValue(slot, reinterpret_cast<PVOID>(5)));
        CHECK(TlsSetValue(tls, &mutex));
        CHECK_EQ(WaitForSingleObject(mutex, INFINITE), WAIT_OBJECT_0);
        self = OpenThread(THREAD_ALL_ACCESS, FALSE, GetCurrentThreadId());
    }).join();
    CHECK_EQ(released.load(), 5);
    CHECK_EQ(WaitForSingleObject(mutex, INFINITE), WAIT_ABANDONED);
    CHECK_EQ(WaitForSingleObject(self, INFINITE), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(mutex));
    CHECK(CloseHandle(self));
    CHECK(CloseHandle(mutex));
    CHECK(FlsFree(slot));
    CHECK(TlsFree(tls));
}

static int apcs;

static VOID CALLBACK count(ULONG_PTR value)
{
    apcs += static_cast<int>(value);
}

TEST(std_thread__alertable__receives_apcs_from_outside)
{
    HANDLE ready = CreateEvent(nullptr, FALSE, FALSE, nullptr), thread = nullptr;
    std::thread waiter([&] {
        CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &thread,
            0, FALSE, DUPLICATE_SAME_ACCESS));
        CHECK(SetEvent(ready));
        CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    });
    CHECK_EQ(WaitForSingleObject(ready, INFINITE), WAIT_OBJECT_0);
    CHECK(QueueUserAPC(count, thread, 3) != 0);
    waiter.join();
    CHECK_EQ(apcs, 3);
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(ready));
}

struct Guard {
    SRWLOCK lock = SRWLOCK_INIT;
    CONDITION_VARIABLE changed = CONDITION_VARIABLE_INIT;
    int turn = 0;
};

TEST(std_threads__take_turns__by_condition_variable)
{
    Guard guard;
    std::vector<std::thread> threads;
    for (int id = 0; id < 4; id++)
        threads.emplace_back([&guard, id] {
            for (int round = 0; round < 100; round++) {
                AcquireSRWLockExclusive(&guard.lock);
                while (guard.turn % 4 != id)
                    SleepConditionVariableSRW(&guard.changed, &guard.lock, INFINITE, 0);
                guard.turn++;
                ReleaseSRWLockExclusive(&guard.lock);
                WakeAllConditionVariable(&guard.changed);
            }
        });
    for (auto &thread : threads)
        thread.join();
    CHECK_EQ(guard.turn, 400);
}
