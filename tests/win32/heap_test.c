/* SPDX-License-Identifier: MIT */
/*
 * heap_test.c - heaps, local and global memory, virtual memory.
 */
#include <windows.h>

#include <string.h>

#include "ntstest.h"

TEST(heap__process_heap__sizes_are_exact)
{
    HANDLE heap = GetProcessHeap();
    unsigned char *block = HeapAlloc(heap, HEAP_ZERO_MEMORY, 13);

    REQUIRE(block != NULL);
    CHECK_EQ((ULONG_PTR)block % MEMORY_ALLOCATION_ALIGNMENT, 0);
    for (int i = 0; i < 13; i++)
        CHECK_EQ(block[i], 0);
    CHECK_EQ(HeapSize(heap, 0, block), 13);
    memset(block, 7, 13);
    block = HeapReAlloc(heap, HEAP_ZERO_MEMORY, block, 40);
    REQUIRE(block != NULL);
    CHECK_EQ(block[12], 7);
    CHECK_EQ(block[13], 0);
    CHECK_EQ(block[39], 0);
    CHECK(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 20) == block);
    CHECK_EQ(HeapSize(heap, 0, block), 20);
    CHECK(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 21) == NULL);
    CHECK(HeapValidate(heap, 0, block));
    CHECK(HeapFree(heap, 0, block));
    CHECK(HeapFree(heap, 0, NULL));
    CHECK(HeapAlloc(heap, 0, MAXSIZE_T - 5) == NULL);
    CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    CHECK(HeapReAlloc(heap, 0, NULL, 5) == NULL);
    block = HeapAlloc(heap, 0, 0);
    CHECK(block != NULL);
    CHECK_EQ(HeapSize(heap, 0, block), 0);
    CHECK(HeapFree(heap, 0, block));
}

TEST(heap__private__destroyed_with_its_blocks_and_limited)
{
    HANDLE heap = HeapCreate(0, 0, 10000), other = HeapCreate(0, 0, 0);
    void *block;

    REQUIRE(heap != NULL && other != NULL);
    CHECK(HeapAlloc(heap, 0, 4000) != NULL);
    block = HeapAlloc(heap, 0, 4000);
    CHECK(block != NULL);
    CHECK(HeapAlloc(heap, 0, 4000) == NULL);
    CHECK(HeapFree(heap, 0, block));
    block = HeapAlloc(heap, 0, 4000);
    CHECK(block != NULL);
    SetLastError(0);
    CHECK(!HeapFree(other, 0, block));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(HeapDestroy(heap));
    CHECK(HeapDestroy(other));
    SetLastError(0);
    CHECK(!HeapDestroy(GetProcessHeap()));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    SetLastError(0);
    CHECK(HeapAlloc(NULL, 0, 1) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(HeapCreate(0, 100, 10) == NULL);
}

static HANDLE shared_heap;

static DWORD WINAPI allocates(LPVOID unused)
{
    for (int i = 0; i < 2000; i++) {
        char *block = HeapAlloc(shared_heap, HEAP_ZERO_MEMORY, (SIZE_T)(i % 200));
        if (i % 3 == 0)
            block = HeapReAlloc(shared_heap, 0, block, 300);
        if (block == NULL || !HeapFree(shared_heap, 0, block))
            return 1;
    }
    return 0;
}

TEST(heap__hammered__stays_whole)
{
    HANDLE threads[4];
    shared_heap = HeapCreate(0, 0, 0);
    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, 0, allocates, NULL, 0, NULL);
    CHECK_EQ(WaitForMultipleObjects(4, threads, TRUE, INFINITE), WAIT_OBJECT_0);
    for (int i = 0; i < 4; i++) {
        DWORD code = 9;
        CHECK(GetExitCodeThread(threads[i], &code));
        CHECK_EQ(code, 0);
        CHECK(CloseHandle(threads[i]));
    }
    CHECK(HeapDestroy(shared_heap));
}

TEST(local__fixed_and_moveable__both_kinds_work)
{
    HLOCAL fixed = LocalAlloc(LPTR, 10), moveable = LocalAlloc(LMEM_MOVEABLE, 20);
    char *text;

    REQUIRE(fixed != NULL && moveable != NULL);
    CHECK_EQ(((char *)fixed)[9], 0);
    CHECK(LocalLock(fixed) == fixed);
    CHECK_EQ(LocalSize(fixed), 10);
    CHECK_EQ(LocalSize(moveable), 20);
    text = LocalLock(moveable);
    REQUIRE(text != NULL && text != moveable);
    strcpy(text, "moves");
    SetLastError(77);
    CHECK(!LocalUnlock(moveable));
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK(!LocalUnlock(moveable));
    CHECK_EQ(GetLastError(), ERROR_NOT_LOCKED);
    CHECK(LocalReAlloc(moveable, 4000, LMEM_MOVEABLE | LMEM_ZEROINIT) == moveable);
    text = LocalLock(moveable);
    CHECK_EQ(strcmp(text, "moves"), 0);
    CHECK_EQ(text[3999], 0);
    LocalUnlock(moveable);
    CHECK(LocalFree(moveable) == NULL);
    CHECK(LocalFree(fixed) == NULL);
    CHECK(LocalFree(NULL) == NULL);
    fixed = GlobalAlloc(GPTR, 5);
    CHECK(GlobalUnlock(fixed));
    fixed = GlobalReAlloc(fixed, 50, GMEM_MOVEABLE);
    CHECK_EQ(GlobalSize(fixed), 50);
    CHECK(GlobalFree(fixed) == NULL);
}

TEST(virtual__reserve_commit_free__pages_follow)
{
    MEMORY_BASIC_INFORMATION information;
    DWORD old = 0;
    char *base = VirtualAlloc(NULL, 1 << 20, MEM_RESERVE, PAGE_READWRITE), *page;

    REQUIRE(base != NULL);
    CHECK_EQ((ULONG_PTR)base % 65536, 0);
    page = VirtualAlloc(base + 8192 + 100, 4096, MEM_COMMIT, PAGE_READWRITE);
    CHECK(page == base + 8192);
    page[0] = 1;
    page[8191] = 2; /* the range touched two pages */
    CHECK_EQ(VirtualQuery(page, &information, sizeof information), sizeof information);
    CHECK(information.BaseAddress == page && information.AllocationBase == base);
    CHECK_EQ(information.RegionSize, 8192);
    CHECK_EQ(information.State, MEM_COMMIT);
    CHECK_EQ(information.Protect, PAGE_READWRITE);
    CHECK_EQ(VirtualQuery(base, &information, sizeof information), sizeof information);
    CHECK_EQ(information.State, MEM_RESERVE);
    CHECK_EQ(information.RegionSize, 8192);
    CHECK(VirtualProtect(page, 4096, PAGE_READONLY, &old));
    CHECK_EQ(old, PAGE_READWRITE);
    CHECK_EQ(page[0], 1);
    CHECK(VirtualProtect(page, 4096, PAGE_EXECUTE_READWRITE, &old));
    CHECK_EQ(old, PAGE_READONLY);
    SetLastError(0);
    CHECK(!VirtualProtect(base, 4096, PAGE_READONLY, &old));
    CHECK_EQ(GetLastError(), ERROR_INVALID_ADDRESS);
    CHECK(VirtualFree(page, 8192, MEM_DECOMMIT));
    CHECK(VirtualAlloc(page, 4096, MEM_COMMIT, PAGE_READWRITE) == page);
    CHECK_EQ(page[0], 0);
    SetLastError(0);
    CHECK(!VirtualFree(base, 4096, MEM_RELEASE));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    SetLastError(0);
    CHECK(!VirtualFree(page, 0, MEM_RELEASE));
    CHECK_EQ(GetLastError(), ERROR_INVALID_ADDRESS);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
    SetLastError(0);
    CHECK(!VirtualFree(base, 0, MEM_RELEASE));
    CHECK_EQ(GetLastError(), ERROR_INVALID_ADDRESS);
}

TEST(virtual__commit_at_once__zeroed_and_writable)
{
    char *memory = VirtualAlloc(NULL, 100000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    REQUIRE(memory != NULL);
    CHECK_EQ(memory[99999], 0);
    memory[99999] = 1;
    CHECK(VirtualFree(memory, 0, MEM_RELEASE));
    SetLastError(0);
    CHECK(VirtualAlloc(NULL, 0, MEM_COMMIT, PAGE_READWRITE) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(VirtualAlloc(NULL, 10, MEM_COMMIT, 0x3) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(VirtualAlloc((PVOID)0x10000, 4096, MEM_COMMIT, PAGE_READWRITE) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_ADDRESS);
    CHECK(VirtualAlloc(NULL, (SIZE_T)1 << 62, MEM_RESERVE, PAGE_READWRITE) == NULL);
    CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
}

TEST(probing__good_and_wild_pointers__told_apart)
{
    static const char text[] = "text";
    char *page = VirtualAlloc(NULL, 8192, MEM_RESERVE, PAGE_READWRITE);

    CHECK(VirtualAlloc(page, 4096, MEM_COMMIT, PAGE_READONLY) == page);
    CHECK(!IsBadReadPtr(page, 4096));
    CHECK(IsBadReadPtr(page, 4097));
    CHECK(IsBadWritePtr(page, 1));
    CHECK(!IsBadWritePtr(&page, sizeof page));
    CHECK(!IsBadReadPtr(NULL, 0));
    CHECK(IsBadReadPtr(NULL, 1));
    CHECK(IsBadReadPtr((PVOID)(ULONG_PTR)-8, 16));
    CHECK(!IsBadStringPtrA(text, 100));
    CHECK(IsBadStringPtrA(page + 5000, 1));
    CHECK(VirtualFree(page, 0, MEM_RELEASE));
}
