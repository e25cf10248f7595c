/* SPDX-License-Identifier: MIT */
/*
 * runner.c - runs the registered cases, each in a child of its own, or one after another in one.
 *
 * Plain Linux code: it knows nothing of the stack under test. A case that outlives its time, dies by
 * a signal, or has other descriptors open at the end than at the start has failed.
 */
#include "ntstest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOW_TOOL 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOW_TOOL 1
#endif
#endif
#ifndef SLOW_TOOL
#define SLOW_TOOL 0
#endif

#if defined(__SANITIZE_THREAD__)
#define THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREAD_SANITIZER 1
#endif
#endif
#ifndef THREAD_SANITIZER
#define THREAD_SANITIZER 0
#endif

enum { EXIT_PASSED = 0, EXIT_FAILED = 1, EXIT_SKIPPED = 77 };

static struct nts_test *tests;
static int failures;
static const char *(*leak_check)(void);
static int ignore_descriptors;
static const char *argument;
static int together; /* one process for cases that may share it */
static int passed, failed, skipped;

#if THREAD_SANITIZER
/* It waits a second for races at exit, and every case is a process: a hundredth does. */
__attribute__((visibility("default"))) const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "atexit_sleep_ms=10";
}
#endif

void nts_register(struct nts_test *test)
{
    struct nts_test **at = &tests;
    while (*at != NULL && strcmp((*at)->name, test->name) < 0)
        at = &(*at)->next;
    test->next = *at;
    *at = test;
}

void nts_fail(const char *file, int line, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *base = strrchr(file, '/');
    fprintf(stderr, "    %s:%d: %s\n", base != NULL ? base + 1 : file, line, text);
    __atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST);
}

void nts_end_case(void)
{
    fflush(NULL);
    _exit(EXIT_FAILED);
}

void nts_skip(const char *reason)
{
    fprintf(stderr, "    skipped: %s\n", reason);
    fflush(NULL);
    _exit(EXIT_SKIPPED);
}

void nts_set_leak_check(const char *(*check)(void))
{
    leak_check = check;
}

void nts_ignore_descriptor_leaks(void)
{
    ignore_descriptors = 1;
}

/* Why no case can run on the engine that is asked for, or NULL. */
static const char *engine_absence(void)
{
    const char *engine = argument != NULL ? argument : getenv("NTSOCK_ENGINE");
    const char *preload = getenv("LD_PRELOAD");
    struct io_uring_params parameters = {0};
    if (engine == NULL || strcmp(engine, "uring") != 0)
        return NULL;
    if (preload != NULL && strstr(preload, "vgpreload_memcheck") != NULL)
        return "valgrind does not know what io_uring writes";
    long fd = syscall(SYS_io_uring_setup, 2, &parameters);
    if (fd < 0)
        return errno == ENOSYS ? "the kernel has no io_uring" : "io_uring is forbidden here";
    close((int)fd);
    return NULL;
}

const char *nts_argument(void)
{
    return argument;
}

/* 127.64.0.0 to 127.127.255.255: there are as many numbers of processes. */
unsigned nts_own_loopback(void)
{
    return 0x7f400000u | ((unsigned)getpid() & 0x3fffffu);
}

unsigned nts_own_port(void)
{
    return 10000 + (unsigned)getpid() % 20000;
}

/*
 * Descriptors that a case can leak: sockets, files, pipes. Event and epoll descriptors belong to threads
 * and to the process for good; ke_thread_test counts those.
 */
static int count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    const struct dirent *entry;
    int count = 0;
    if (directory == NULL)
        return 0;
    while ((entry = readdir(directory)) != NULL) {
        char target[32];
        ssize_t length = readlinkat(dirfd(directory), entry->d_name, target, sizeof target);
        if (length > 0 && strncmp(target, "anon_inode:", 11) != 0)
            count++;
    }
    closedir(directory);
    return count;
}

/* --- the child's part --- */

/* Descriptors that the stack keeps for the process are opened before the count. */
static void run_case(const struct nts_test *test)
{
    if (leak_check != NULL)
        (void)leak_check();
    int before = count_descriptors();
    ignore_descriptors = 0;
    test->run();
    if (leak_check != NULL) {
        const char *leaked = leak_check();
        if (leaked != NULL)
            nts_fail(test->file, test->line, "leaked: %s", leaked);
    }
    int after = count_descriptors();
    if (after != before && !ignore_descriptors)
        nts_fail(test->file, test->line, "%d descriptors open before the case, %d after", before, after);
}

/* The last of those that may run in one process with this one. */
static int is_last_together(const struct nts_test *test)
{
    return !together || test->alone || test->next == NULL || test->next->alone;
}

/* Runs cases from the first on until one fails; tells of each that has passed. A case that is skipped exits. */
static void run_child(const struct nts_test *first, int told_fd)
{
    for (const struct nts_test *test = first;; test = test->next) {
        run_case(test);
        if (failures != 0 || write(told_fd, "", 1) != 1 || is_last_together(test))
            break;
    }
    fflush(NULL);
    /* exit() and not _exit(): sanitizers report leaks from their exit handlers. */
    exit(failures != 0 ? EXIT_FAILED : EXIT_PASSED);
}

/* --- the parent's part --- */

int nts_is_slow(void)
{
    return SLOW_TOOL || getenv("NTSTEST_SLOW_TOOL") != NULL;
}

static int timeout_seconds(void)
{
    const char *text = getenv("NTSTEST_TIMEOUT");
    int seconds = text != NULL ? atoi(text) : 0;
    if (seconds <= 0)
        seconds = 20;
    if (nts_is_slow())
        seconds *= 10;
    return seconds;
}

/* Until the child has told of a case, or is over: 0. Its time over: -1. */
static int await_case(int told_fd)
{
    struct pollfd item = {.fd = told_fd, .events = POLLIN};
    char told;
    int ready;
    do
        ready = poll(&item, 1, timeout_seconds() * 1000);
    while (ready < 0 && errno == EINTR);
    if (ready > 0)
        return read(told_fd, &told, 1) == 1;
    fprintf(stderr, "    timed out after %d s\n", timeout_seconds());
    return -1;
}

/* Its end takes time as well, and is waited for as long as for a case. */
static int end_of_child(pid_t child, int told_fd, int in_time)
{
    int status = 0;
    in_time = in_time && await_case(told_fd) == 0;
    if (!in_time)
        kill(child, SIGABRT);
    waitpid(child, &status, 0);
    if (!in_time)
        return EXIT_FAILED;
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "    died by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
        return EXIT_FAILED;
    }
    return WEXITSTATUS(status);
}

static void report(const char *name, int result)
{
    if (result == EXIT_SKIPPED) {
        skipped++;
        printf("SKIP %s\n", name);
    } else if (result != EXIT_PASSED) {
        failed++;
        printf("FAIL %s\n", name);
    } else {
        passed++;
    }
}

/* One child, for the first case and those that may follow in the same process. Returns what is left to run. */
static const struct nts_test *run_forked(const struct nts_test *test)
{
    int told[2], answer = 0;
    const struct nts_test *last = test;
    fflush(NULL);
    pid_t child = pipe(told) == 0 ? fork() : -1;
    if (child < 0) {
        perror("fork");
        report(test->name, EXIT_FAILED);
        return test->next;
    }
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* who runs the tests waits for all that holds their output */
        close(told[0]); /* told[1] closes when the child ends, however it ends */
        run_child(test, told[1]);
    }
    close(told[1]);
    for (int all_told = 0; !all_told && (answer = await_case(told[0])) > 0;) {
        last = test;
        passed++;
        all_told = is_last_together(test);
        test = test->next;
    }
    /* A case that has passed may have left something that only the end of the process tells: the last one gets it. */
    int of_next = answer <= 0, result = end_of_child(child, told[0], answer >= 0);
    close(told[0]);
    if (of_next) {
        report(test->name, result == EXIT_PASSED ? EXIT_FAILED : result);
        return test->next;
    }
    if (result != EXIT_PASSED) {
        passed--;
        report(last->name, result);
    }
    return test;
}

static int matches(const struct nts_test *test, int argc, char **argv)
{
    int patterns = 0;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-')
            continue;
        patterns++;
        if (strstr(test->name, argv[i]) != NULL)
            return 1;
    }
    return patterns == 0;
}

static void keep_matching(int argc, char **argv)
{
    for (struct nts_test **at = &tests; *at != NULL;) {
        if (matches(*at, argc, argv))
            at = &(*at)->next;
        else
            *at = (*at)->next;
    }
}

int main(int argc, char **argv)
{
    int repeat = 1, no_fork = 0, list = 0;
    const char *when = getenv("NTSTEST_TOGETHER");
    together = when != NULL && (nts_is_slow() || strcmp(when, "always") == 0);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            argument = i + 1 < argc ? argv[i + 1] : NULL;
            argc = i;
        } else if (strncmp(argv[i], "--repeat=", 9) == 0) {
            repeat = atoi(argv[i] + 9);
        } else if (strcmp(argv[i], "--no-fork") == 0) {
            no_fork = 1;
        } else if (strcmp(argv[i], "--list") == 0) {
            list = 1;
        }
    }
    const char *absence = list ? NULL : engine_absence();
    if (absence != NULL) {
        printf("skipped: %s\n", absence);
        return EXIT_SKIPPED;
    }
    keep_matching(argc, argv);
    for (const struct nts_test *test = tests; list && test != NULL; test = test->next)
        printf("%s\n", test->name);
    if (no_fork && tests != NULL)
        run_child(tests, open("/dev/null", O_WRONLY));
    for (int round = 0; round < repeat && !list; round++)
        for (const struct nts_test *test = tests; test != NULL;)
            test = run_forked(test);
    if (!list)
        printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    if (failed > 0)
        return 1;
    return passed == 0 && skipped > 0 ? 77 : 0;
}
