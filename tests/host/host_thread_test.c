/* SPDX-License-Identifier: MIT */
/* host_thread_test.c - threads, lock, futex, clocks. */
#include "host_thread.h"

#include "host_ntstatus.h"
#include "host_system.h"
#include "ntstest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 6, TURNS = 20000 };

static struct host_lock lock;
static long long counter;

static void count_thread(void *context)
{
    (void)context;
    for (int i = 0; i < TURNS; i++) {
        host_lock_acquire(&lock);
        counter++;
        host_lock_release(&lock);
    }
}

TEST(lock__many_threads__no_turn_is_lost)
{
    struct host_thread *threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        REQUIRE_EQ(host_thread_create(&threads[i], count_thread, NULL, i % 2 ? 128 * 1024 : 0), 0);
    for (int i = 0; i < THREADS; i++)
        host_thread_join(threads[i]);
    CHECK_EQ(counter, (long long)THREADS * TURNS);
    CHECK_EQ(lock.word, 0);
    CHECK(host_lock_try(&lock));
    CHECK(!host_lock_try(&lock));
    host_lock_release(&lock);
}

static uint32_t ball;

static void player_thread(void *context)
{
    uint32_t mine = (uint32_t)(uintptr_t)context;
    for (int i = 0; i < 2000; i++) {
        uint32_t seen;
        while ((seen = __atomic_load_n(&ball, __ATOMIC_SEQ_CST)) % 2 != mine)
            host_futex_wait(&ball, seen, -1);
        __atomic_store_n(&ball, seen + 1, __ATOMIC_SEQ_CST);
        host_futex_wake(&ball, 1);
    }
}

TEST(futex__ping_pong__no_wake_is_lost)
{
    struct host_thread *threads[2];
    for (uintptr_t i = 0; i < 2; i++)
        REQUIRE_EQ(host_thread_create(&threads[i], player_thread, (void *)i, 0), 0);
    host_thread_join(threads[0]);
    host_thread_join(threads[1]);
    CHECK_EQ(ball, 4000);
}

TEST(futex__other_value_or_time_over__returns)
{
    uint32_t word = 1;
    host_futex_wait(&word, 0, -1);
    uint64_t before = host_clock_monotonic_100ns();
    while (host_clock_monotonic_100ns() - before < 20000)
        host_futex_wait(&word, 1, 20000);
    host_futex_wake(&word, UINT32_MAX);
}

static void *left_behind;
static void take_value(void *value)
{
    left_behind = value;
}
static void exiting_thread(void *context)
{
    host_thread_set_exit_value(context);
    host_thread_exit();
}

TEST(thread_end__with_value__calls_routine)
{
    struct host_thread *thread;
    host_thread_on_exit(take_value);
    REQUIRE_EQ(host_thread_create(&thread, exiting_thread, &left_behind, 0), 0);
    host_thread_join(thread);
    CHECK(left_behind == &left_behind);
}

static void *stack_address;
static void signal_word(void *context)
{
    stack_address = &context;
    __atomic_store_n((uint32_t *)context, 1, __ATOMIC_SEQ_CST);
    host_futex_wake(context, 1);
}

TEST(thread__detached__runs)
{
    static uint32_t word;
    struct host_thread *thread;
    REQUIRE_EQ(host_thread_create(&thread, signal_word, &word, 0), 0);
    host_thread_detach(thread);
    while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) == 0)
        host_futex_wait(&word, 0, -1);
}

TEST(thread_create__fault__reports_and_leaks_nothing)
{
    struct host_thread *thread = NULL;
    host_fault_set(HOST_CALL_THREAD, 1, EAGAIN);
    CHECK_EQ(host_thread_create(&thread, count_thread, NULL, 0), H_STATUS_INSUFFICIENT_RESOURCES);
    host_fault_set(HOST_CALL_THREAD, 0, 0);
    for (unsigned nth = 1; nth <= 2; nth++) {
        host_fault_set(HOST_CALL_ALLOCATE, nth, ENOMEM);
        CHECK_EQ(host_thread_create(&thread, count_thread, NULL, 0), H_STATUS_INSUFFICIENT_RESOURCES);
    }
    host_fault_set(HOST_CALL_ALLOCATE, 0, 0);
    CHECK_EQ(host_thread_create(&thread, count_thread, NULL, SIZE_MAX - 100), H_STATUS_INVALID_PARAMETER);
}

TEST(identity__after_fork__is_the_child)
{
    uint32_t process = host_process_id(), thread = host_thread_id();
    CHECK_EQ(process, (uint32_t)getpid());
    CHECK_EQ(thread, (uint32_t)gettid());
    pid_t child = fork();
    if (child == 0)
        _exit(host_process_id() == (uint32_t)getpid() && host_thread_id() == (uint32_t)gettid() ? 0 : 1);
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_EQ(status, 0);
    CHECK(host_cpu_count() >= 1);
}

TEST(clocks__agree_with_each_other)
{
    uint64_t a = host_clock_monotonic_100ns(), b = host_clock_monotonic_ns() / 100;
    CHECK(b >= a);
    host_sleep_100ns(1000);
    CHECK(host_clock_monotonic_100ns() >= a + 1000);
    /* 2020-01-01 and 2200-01-01 in 100 ns since 1601 */
    CHECK(host_clock_system_100ns() > 132223104000000000u);
    CHECK(host_clock_system_100ns() < 189030000000000000u);
}

struct ini_seen {
    int count;
    char text[256];
};
static int remember(void *context, const char *section, const char *name, const char *value, int line)
{
    struct ini_seen *seen = context;
    (void)line;
    seen->count++;
    strcat(seen->text, section);
    strcat(seen->text, "/");
    strcat(seen->text, name);
    strcat(seen->text, "=");
    strcat(seen->text, value);
    strcat(seen->text, ";");
    return strcmp(name, "stop") != 0;
}

static void write_file(char *path, const char *text)
{
    strcpy(path, "/tmp/host_test_XXXXXX");
    int fd = mkstemp(path);
    REQUIRE(fd >= 0);
    REQUIRE_EQ(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

TEST(ini__entries_errors_and_absence)
{
    char path[64];
    struct ini_seen seen = {0, ""};
    int longest = 1;
    write_file(path, "; comment\n[one]\na = 1\nb= two words\n[two]\nc=3\n");
    CHECK_EQ(host_ini_parse(path, remember, &seen, &longest), 0);
    CHECK_EQ(longest, 0);
    CHECK_EQ(seen.count, 3);
    CHECK(strcmp(seen.text, "one/a=1;one/b=two words;two/c=3;") == 0);
    CHECK(host_file_exists(path));
    unlink(path);
    CHECK(!host_file_exists(path));
    CHECK_EQ(host_ini_parse(path, remember, &seen, &longest), -1);
    write_file(path, "[one]\nstop=1\n");
    CHECK_EQ(host_ini_parse(path, remember, &seen, &longest), 2);
    unlink(path);
}

TEST(environment__unset_and_empty__are_null)
{
    unsetenv("HOST_TEST_VARIABLE");
    CHECK(host_environment("HOST_TEST_VARIABLE") == NULL);
    setenv("HOST_TEST_VARIABLE", "", 1);
    CHECK(host_environment("HOST_TEST_VARIABLE") == NULL);
    setenv("HOST_TEST_VARIABLE", "x", 1);
    CHECK(strcmp(host_environment("HOST_TEST_VARIABLE"), "x") == 0);
}

TEST(module__absent__error_text)
{
    const char *error = NULL;
    CHECK(host_module_load("/nonexistent/driver.so", &error) == NULL);
    CHECK(error != NULL && strstr(error, "driver.so") != NULL);
}

TEST(names__directory_program_host__are_there)
{
    char name[256];
    unsigned char random[16] = {0}, zero[16] = {0};
    CHECK(host_library_directory()[0] == '/');
    CHECK(host_program_path()[0] == '/');
    CHECK(strstr(host_program_path(), host_program_name()) != NULL);
    CHECK_EQ(host_hostname(name, sizeof name), 0);
    CHECK_EQ(host_hostname(name, 0), -1);
    CHECK_EQ(host_random(random, sizeof random), 0);
    CHECK(memcmp(random, zero, sizeof zero) != 0);
}
