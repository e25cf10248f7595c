/* SPDX-License-Identifier: MIT */
/*
 * tls_test.c - TLS and FLS: indexes, values per thread, callbacks at the end of threads.
 */
#include <windows.h>

#include "ntstest.h"

#define TLS_COUNT 1088

static DWORD WINAPI reads_slot(LPVOID index)
{
    DWORD slot = (DWORD)(ULONG_PTR)index;
    CHECK(TlsGetValue(slot) == NULL);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK(TlsSetValue(slot, &slot));
    CHECK(TlsGetValue(slot) == &slot);
    return 0;
}

static void run(LPTHREAD_START_ROUTINE routine, LPVOID context)
{
    HANDLE thread = CreateThread(NULL, 0, routine, context, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
}

TEST(tls__value__belongs_to_the_thread)
{
    int mine;
    DWORD slot = TlsAlloc();

    REQUIRE(slot != TLS_OUT_OF_INDEXES);
    CHECK(TlsGetValue(slot) == NULL);
    CHECK(TlsSetValue(slot, &mine));
    run(reads_slot, (LPVOID)(ULONG_PTR)slot);
    SetLastError(5);
    CHECK(TlsGetValue(slot) == &mine);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK(TlsFree(slot));
    SetLastError(0);
    CHECK(!TlsFree(slot));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

TEST(tls__freed_and_allocated_again__is_empty)
{
    int mine;
    DWORD slot = TlsAlloc(), again;

    CHECK(TlsSetValue(slot, &mine));
    CHECK(TlsFree(slot));
    again = TlsAlloc();
    CHECK_EQ(again, slot);
    CHECK(TlsGetValue(again) == NULL);
    CHECK(TlsFree(again));
}

TEST(tls__all_indexes__1088_and_then_none)
{
    static DWORD slots[TLS_COUNT];
    int count = 0;

    while (count < TLS_COUNT && (slots[count] = TlsAlloc()) != TLS_OUT_OF_INDEXES)
        count++;
    CHECK_EQ(count, TLS_COUNT);
    SetLastError(0);
    CHECK_EQ(TlsAlloc(), TLS_OUT_OF_INDEXES);
    CHECK_EQ(GetLastError(), ERROR_NO_MORE_ITEMS);
    for (int i = 0; i < count; i++)
        CHECK(TlsSetValue(slots[i], (LPVOID)(ULONG_PTR)(i + 1)));
    for (int i = 0; i < count; i++)
        CHECK_EQ((ULONG_PTR)TlsGetValue(slots[i]), (ULONG_PTR)(i + 1));
    for (int i = 0; i < count; i++)
        CHECK(TlsFree(slots[i]));
    SetLastError(0);
    CHECK(!TlsSetValue(TLS_COUNT, NULL));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0);
    CHECK(TlsGetValue(TLS_COUNT) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

/* --- FLS --- */

static volatile LONG freed;

static VOID WINAPI frees_value(PVOID value)
{
    InterlockedExchangeAdd(&freed, (LONG)(LONG_PTR)value);
}

static DWORD WINAPI sets_fls(LPVOID index)
{
    DWORD slot = (DWORD)(ULONG_PTR)index;
    CHECK(FlsGetValue(slot) == NULL);
    CHECK(FlsSetValue(slot, (PVOID)100));
    CHECK(FlsGetValue(slot) == (PVOID)100);
    return 0;
}

TEST(fls__thread_ends__callback_gets_its_value_before_the_thread_is_signalled)
{
    DWORD slot = FlsAlloc(frees_value);
    REQUIRE(slot != FLS_OUT_OF_INDEXES);
    CHECK(slot != 0);
    CHECK(FlsSetValue(slot, (PVOID)1));
    run(sets_fls, (LPVOID)(ULONG_PTR)slot);
    CHECK_EQ(freed, 100);
    CHECK(FlsFree(slot));
    CHECK_EQ(freed, 101);
    SetLastError(0);
    CHECK(!FlsFree(slot));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

struct fls_thread {
    DWORD slot;
    HANDLE set, go;
};

static DWORD WINAPI sets_and_waits(LPVOID context)
{
    struct fls_thread *shared = context;
    CHECK(FlsSetValue(shared->slot, (PVOID)1000));
    SetEvent(shared->set);
    WaitForSingleObject(shared->go, INFINITE);
    return FlsGetValue(shared->slot) == NULL;
}

TEST(fls__index_freed__values_of_running_threads_are_given_back)
{
    struct fls_thread shared = {FlsAlloc(frees_value), CreateEventA(NULL, FALSE, FALSE, NULL),
        CreateEventA(NULL, FALSE, FALSE, NULL)};
    HANDLE thread = CreateThread(NULL, 0, sets_and_waits, &shared, 0, NULL);
    DWORD code = 0;

    CHECK_EQ(WaitForSingleObject(shared.set, INFINITE), WAIT_OBJECT_0);
    CHECK(FlsFree(shared.slot));
    CHECK_EQ(freed, 1000);
    CHECK(SetEvent(shared.go));
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(freed, 1000);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, TRUE);
    CHECK(CloseHandle(thread));
    CHECK(CloseHandle(shared.set));
    CHECK(CloseHandle(shared.go));
}

static DWORD sticky_slot;

static VOID WINAPI sets_again(PVOID value)
{
    if (InterlockedIncrement(&freed) == 1)
        FlsSetValue(sticky_slot, value);
}

static DWORD WINAPI sets_sticky(LPVOID unused)
{
    return FlsSetValue(sticky_slot, &sticky_slot) ? 0 : 1;
}

TEST(fls__callback_sets_a_value_again__is_called_again)
{
    sticky_slot = FlsAlloc(sets_again);
    run(sets_sticky, NULL);
    CHECK_EQ(freed, 2);
    CHECK(FlsFree(sticky_slot));
}

TEST(fls__bad_indexes__invalid_parameter)
{
    SetLastError(0);
    CHECK(!FlsSetValue(0, NULL));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0);
    CHECK(FlsGetValue(0) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0);
    CHECK(!FlsSetValue(127, (PVOID)1));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(!FlsSetValue(100000, (PVOID)1));
    CHECK(!FlsFree(100000));
}
