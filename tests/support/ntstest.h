/* SPDX-License-Identifier: MIT */
/*
 * ntstest.h - test cases, in forked children, with a time-out and leak checks.
 *
 *     TEST(listening__connect_arrives__completes_oldest_wait)
 *     {
 *         CHECK(x == 1);                  fails the case and goes on
 *         CHECK_EQ(got, expected);        prints both as numbers
 *         REQUIRE(p != NULL);             fails and ends the case
 *         SKIP("needs IPv6");
 *     }
 *
 * TEST_ALONE(name) is for a case that needs a process in which nothing has happened yet, or spoils it for others.
 *
 * A test program is any number of files with TEST() linked with the runner, which has main(). No Windows
 * and no Linux header is needed, so the same macros serve programs built against either. Why not cmocka
 * or Criterion: docs/decisions/0002-test-runner.md.
 *
 * Command line: [--list] [--repeat=N] [--no-fork] [PATTERN...]; a pattern is a substring of case names.
 * Environment: NTSTEST_TIMEOUT seconds per case (default 20, times ten under valgrind and sanitizers).
 * NTSTEST_TOGETHER=slow: under valgrind and sanitizers, where the beginning and end of a process cost more than a
 * case, cases run one after another in one process, but for TEST_ALONE and after a failure; =always: without them
 * too. It also shows what one leaves to the next.
 * NTSTEST_SLOW_TOOL, set: as under a sanitizer; for valgrind, which the program does not see.
 * Output: one line per failed or skipped case, and last "N passed, N failed, N skipped".
 * Exit code 0 all passed, 1 some failed, 77 all skipped.
 */
#ifndef NTSTEST_H
#define NTSTEST_H

#ifdef __cplusplus
extern "C" {
#endif

struct nts_test {
    const char *name;
    const char *file;
    int line;
    int alone;
    void (*run)(void);
    struct nts_test *next;
};

void nts_register(struct nts_test *test);
void nts_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
void nts_end_case(void) __attribute__((noreturn)); /* ends a failed case at once, from any thread */
void nts_skip(const char *reason) __attribute__((noreturn));
/* An optional check at the end of each case, run in the child: returns NULL or what has leaked. */
void nts_set_leak_check(const char *(*check)(void));
/* For a case that leaks descriptors by design (rare; say why). */
void nts_ignore_descriptor_leaks(void);
/* For the rest of the case, and for what it starts, io_uring is forbidden; 0: that cannot be done here. */
int nts_forbid_io_uring(void);
/* Under valgrind or a sanitizer. */
int nts_is_slow(void);
/* Argument after "--": tests of a matrix get their configuration here. */
const char *nts_argument(void);
/*
 * A loopback address, in the order of the machine, that no other test program that runs now has. A port that
 * a case gives up and takes again, or wants closed, is safe there: elsewhere another program may get it.
 */
unsigned nts_own_loopback(void);
/* A port, for this process alone, that is outside of those which the host chooses: to bind more than one address of. */
unsigned nts_own_port(void);

#define NTS_TEST_(test_name, alone)                                                             \
    static void test_name(void);                                                                \
    __attribute__((constructor)) static void test_name##__register(void)                        \
    {                                                                                           \
        static struct nts_test test = {#test_name, __FILE__, __LINE__, alone, test_name, 0};    \
        nts_register(&test);                                                                    \
    }                                                                                           \
    static void test_name(void)
#define TEST(test_name) NTS_TEST_(test_name, 0)
#define TEST_ALONE(test_name) NTS_TEST_(test_name, 1)

#define CHECK(condition)                                                \
    do {                                                                \
        if (!(condition))                                               \
            nts_fail(__FILE__, __LINE__, "CHECK(%s)", #condition);      \
    } while (0)
#define REQUIRE(condition)                                              \
    do {                                                                \
        if (!(condition)) {                                             \
            nts_fail(__FILE__, __LINE__, "REQUIRE(%s)", #condition);    \
            nts_end_case();                                             \
        }                                                               \
    } while (0)
#define NTS_EQ_(a, b, action)                                                                        \
    do {                                                                                             \
        long long nts_a_ = (long long)(a), nts_b_ = (long long)(b);                                  \
        if (nts_a_ != nts_b_) {                                                                      \
            nts_fail(__FILE__, __LINE__, "%s is %lld (0x%llx), expected %s = %lld (0x%llx)", #a,     \
                nts_a_, (unsigned long long)nts_a_, #b, nts_b_, (unsigned long long)nts_b_);         \
            action;                                                                                  \
        }                                                                                            \
    } while (0)
#define CHECK_EQ(a, b) NTS_EQ_(a, b, (void)0)
#define REQUIRE_EQ(a, b) NTS_EQ_(a, b, nts_end_case())
#define SKIP(reason) nts_skip(reason)

#ifdef __cplusplus
}
#endif

#endif
