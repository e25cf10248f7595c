/* SPDX-License-Identifier: MIT */
/* host_memory_test.c - copies from and to addresses that may be wild. */
#include "host_memory.h"

#include "host_guard.h"
#include "host_ntstatus.h"
#include "host_thread.h"
#include "ntstest.h"

#include <errno.h>
#include <sys/wait.h>
#include <sys/resource.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Once by the guard, and once as where there is none. */
#define TEST_BOTH_WAYS(name)          \
    static void name##_case(void);    \
    TEST(name)                        \
    {                                 \
        name##_case();                \
    }                                 \
    TEST(name##_asking_the_kernel)    \
    {                                 \
        host_guard_ready = 0;         \
        name##_case();                \
    }                                 \
    static void name##_case(void)

TEST_BOTH_WAYS(copy__wild_addresses__access_violation)
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

TEST_BOTH_WAYS(copy__into_the_hole_behind_a_page__access_violation)
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

TEST_BOTH_WAYS(copy__good_addresses_of_every_kind__copies)
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

/* Of the sizes that the compiler is told, each in one page, across its end, and one byte short. */
TEST_BOTH_WAYS(copy__constant_sizes__all_bytes_or_access_violation)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char copy[32] = "", *end = two + page;
    REQUIRE(two != MAP_FAILED);
    munmap(end, page);
    memcpy(end - 24, "0123456789abcdefghijklm", 24);
    CHECK_EQ(host_copy_from_program(copy, end - 24, 24), H_STATUS_SUCCESS);
    CHECK_EQ(memcmp(copy, "0123456789abcdefghijklm", 24), 0);
    CHECK_EQ(copy[24], 0);
    memset(copy, 0, sizeof copy);
    CHECK_EQ(host_copy_from_program(copy, end - 24, 16), H_STATUS_SUCCESS);
    CHECK(strcmp(copy, "0123456789abcdef") == 0);
    CHECK_EQ(host_copy_from_program(copy, end - 23, 24), H_STATUS_ACCESS_VIOLATION);
    CHECK_EQ(host_copy_from_program(copy, end - 7, 24), H_STATUS_ACCESS_VIOLATION);
    CHECK_EQ(host_copy_from_program(copy, end - 15, 16), H_STATUS_ACCESS_VIOLATION);
    CHECK_EQ(host_copy_from_program(copy, end, 16), H_STATUS_ACCESS_VIOLATION);
    CHECK_EQ(host_copy_to_program(end - 24, "ABCDEFGHIJKLMNOPQRSTUVW", 24), H_STATUS_SUCCESS);
    CHECK(strcmp(end - 24, "ABCDEFGHIJKLMNOPQRSTUVW") == 0);
    CHECK_EQ(host_copy_to_program(end - 23, copy, 24), H_STATUS_ACCESS_VIOLATION);
    CHECK_EQ(host_copy_to_program(end - 15, copy, 16), H_STATUS_ACCESS_VIOLATION);
    CHECK_EQ(host_store_to_program((uint32_t *)(void *)(end - 4), 7), H_STATUS_SUCCESS);
    CHECK_EQ(*(uint32_t *)(void *)(end - 4), 7);
    CHECK_EQ(host_store_to_program((uint32_t *)(void *)end, 7), H_STATUS_ACCESS_VIOLATION);
    CHECK_EQ(host_store_to_program((uint32_t *)8, 7), H_STATUS_ACCESS_VIOLATION);
    munmap(two, page);
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

TEST_BOTH_WAYS(copy__stacks_of_this_and_another_thread__copies)
{
    char text[16] = "parent";
    struct host_thread *thread;
    REQUIRE_EQ(host_thread_create(&thread, on_thread, text, 0), 0);
    host_thread_join(thread);
    on_thread(text);
}

/* A fault that is not the guard's ends the program as it would without it. */
TEST(fault__in_the_programs_own_code__ends_it_with_the_signal)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGALRM, SIG_DFL);
        alarm(10);
        raise(SIGSEGV);
        _exit(0);
    }
    REQUIRE(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(!WIFEXITED(status) || WEXITSTATUS(status) != 0); /* a sanitizer exits instead */
    CHECK(!WIFSIGNALED(status) || WTERMSIG(status) == SIGSEGV);
}

TEST_BOTH_WAYS(probe__read_only_and_unmapped_pages__told_apart)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *three = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(three != MAP_FAILED);
    three[0] = three[page] = 'x';
    REQUIRE_EQ(mprotect(three + page, page, PROT_READ), 0);
    REQUIRE_EQ(munmap(three + 2 * page, page), 0);
    CHECK_EQ(host_probe_program(three, page, 1), H_STATUS_SUCCESS);
    CHECK_EQ(host_probe_program(three, 2 * page, 0), H_STATUS_SUCCESS);
    CHECK_EQ(host_probe_program(three, 2 * page, 1), H_STATUS_ACCESS_VIOLATION);
    CHECK_EQ(host_probe_program(three, 2 * page + 1, 0), H_STATUS_ACCESS_VIOLATION);
    CHECK_EQ(three[0], 'x');
    for (size_t bytes = 1; bytes < 400; bytes += 13) {
        char copy[400];
        CHECK_EQ(host_copy_from_program(copy, three + 2 * page - bytes, bytes), H_STATUS_SUCCESS);
        CHECK_EQ(host_copy_from_program(copy, three + 2 * page - bytes + 1, bytes), H_STATUS_ACCESS_VIOLATION);
        CHECK_EQ(host_copy_to_program(three + page - bytes, copy, bytes), H_STATUS_SUCCESS);
        CHECK_EQ(host_copy_to_program(three + page - bytes + 1, copy, bytes), H_STATUS_ACCESS_VIOLATION);
    }
    munmap(three, 2 * page);
}

enum { COUNTS = 200000 };

static void count_in(void *context)
{
    unsigned *counter = context; /* this thread alone writes it */
    for (unsigned i = 0; i < COUNTS; i++)
        __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
}

/* Whether memory may be written is seen without writing it, although the range turns out to be bad. */
TEST_BOTH_WAYS(probe__another_thread_writes__nothing_of_it_is_lost)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned *counter = (unsigned *)(void *)two;
    struct host_thread *thread;
    REQUIRE(two != MAP_FAILED);
    munmap(two + page, page);
    REQUIRE_EQ(host_thread_create(&thread, count_in, two, 0), 0);
    do
        CHECK_EQ(host_probe_program(two, 2 * page, 1), H_STATUS_ACCESS_VIOLATION);
    while (__atomic_load_n(counter, __ATOMIC_RELAXED) < COUNTS / 2);
    host_thread_join(thread);
    CHECK_EQ(*counter, COUNTS);
    munmap(two, page);
}

/* --- scratch blocks --- */

TEST(scratch__any_size_again_and_again__blocks_are_whole_and_apart)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 100000, 1 << 20, (1 << 20) + 1};
    enum { LIVE = 4 };
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            unsigned char *blocks[LIVE];
            for (int k = 0; k < LIVE; k++) {
                blocks[k] = host_scratch_allocate(sizes[i]);
                REQUIRE(blocks[k] != NULL);
                memset(blocks[k], k, sizes[i]);
            }
            for (int k = 0; k < LIVE; k++) {
                for (size_t at = 0; at < sizes[i]; at += 511)
                    CHECK_EQ(blocks[k][at], k);
                host_scratch_free(blocks[k], sizes[i]);
            }
        }
    }
    host_scratch_free(NULL, 5000);
}

TEST(scratch__no_memory__is_told)
{
    host_fault_set(HOST_CALL_ALLOCATE, 1, ENOMEM);
    CHECK(host_scratch_allocate(8192) == NULL);
    host_fault_set(HOST_CALL_ALLOCATE, 0, 0);
}
