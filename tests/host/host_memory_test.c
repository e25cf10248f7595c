/* SPDX-License-Identifier: MIT */
/* host_memory_test.c - copies from and to addresses that may be wild. */
#include "host_memory.h"

#include "host_ntstatus.h"
#include "host_thread.h"
#include "ntstest.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

TEST(copy__wild_addresses__access_violation)
{
    char buffer[64] = {0};
    void *const wild[] = {NULL, (void *)8, (void *)0xffff, (void *)0x7fff00000000, (void *)UINTPTR_MAX,
        (void *)(UINTPTR_MAX - 16), (void *)0x8000000000000000u, (void *)0x00deadbeef000000};
    for (unsigned i = 0; i < sizeof wild / sizeof wild[0]; i++) {
        CHECK_EQ(host_copy_from_program(buffer, wild[i], 32), H_STATUS_ACCESS_VIOLATION);
        CHECK_EQ(host_copy_to_program(wild[i], buffer, 32), H_STATUS_ACCESS_VIOLATION);
        CHECK_EQ(host_copy_from_program(buffer, wild[i], 0), H_STATUS_SUCCESS);
    }
}

TEST(copy__into_the_hole_behind_a_page__access_violation)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(two != MAP_FAILED);
    munmap(two + page, page);
    char buffer[64] = {0};
    CHECK_EQ(host_copy_from_program(buffer, two + page - 32, 32), H_STATUS_SUCCESS);
    CHECK_EQ(host_copy_from_program(buffer, two + page - 32, 33), H_STATUS_ACCESS_VIOLATION);
    CHECK_EQ(host_copy_to_program(two + page - 32, buffer, 32), H_STATUS_SUCCESS);
    CHECK_EQ(host_copy_to_program(two + page - 32, buffer, 33), H_STATUS_ACCESS_VIOLATION);
    mprotect(two, page, PROT_READ);
    CHECK_EQ(host_copy_from_program(buffer, two, 8), H_STATUS_SUCCESS);
    CHECK_EQ(host_copy_to_program(two, buffer, 8), H_STATUS_ACCESS_VIOLATION);
    munmap(two, page);
}

TEST(copy__good_addresses_of_every_kind__copies)
{
    static char fixed[16] = "static";
    char local[16], *heap = host_allocate(16);
    REQUIRE(heap != NULL);
    CHECK(host_allocation_size(heap) >= 16);
    CHECK_EQ(host_copy_from_program(heap, fixed, 16), H_STATUS_SUCCESS);
    CHECK_EQ(host_copy_to_program(local, heap, 16), H_STATUS_SUCCESS);
    CHECK(strcmp(local, "static") == 0);
    host_free(heap);
}

static void on_thread(void *context)
{
    char local[16] = "thread", copy[16] = "";
    char *low, *high, *frame = __builtin_frame_address(0); /* AddressSanitizer keeps locals elsewhere */
    host_thread_stack(&low, &high);
    CHECK(low < frame && frame < high);
    CHECK_EQ(host_copy_from_program(copy, local, sizeof copy), H_STATUS_SUCCESS);
    CHECK(strcmp(copy, "thread") == 0);
    CHECK_EQ(host_copy_from_program(copy, context, 7), H_STATUS_SUCCESS);
    CHECK(strcmp(copy, "parent") == 0);
}

TEST(copy__stacks_of_this_and_another_thread__copies)
{
    char text[16] = "parent";
    struct host_thread *thread;
    REQUIRE_EQ(host_thread_create(&thread, on_thread, text, 0), 0);
    host_thread_join(thread);
    on_thread(text);
}
