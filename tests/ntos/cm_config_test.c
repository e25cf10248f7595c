/* SPDX-License-Identifier: MIT */
/*
 * cm_config_test.c - configuration sources, their mistakes, and drivers that are loaded by them.
 *
 * Method: the program runs itself with an environment of its own. The library reads its configuration
 * before main and ends the process with exit code 125 if that is wrong; otherwise the case "probe" prints what
 * the public interface says. NTSTEST_DRIVERS is the folder of the test drivers' modules.
 */
#define _GNU_SOURCE
#include "ntstest.h"

#include "ntsock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char output[8192];
static char config_path[64];

/* Runs "probe" under the settings, a NULL-terminated list of names and values; returns the exit code. */
static int run(const char *const *settings)
{
    /* Its name and not the link: under valgrind the link is run as valgrind. */
    char self[1024] = "";
    int out[2], status;
    size_t used = 0;
    ssize_t got = readlink("/proc/self/exe", self, sizeof self - 1);
    REQUIRE(got > 0);
    REQUIRE(pipe(out) == 0);
    fflush(NULL);
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        dup2(out[1], 1);
        dup2(out[1], 2);
        close(out[0]);
        close(out[1]);
        setenv("NTSTEST_PROBE", "1", 1);
        unsetenv("NTSOCK_ENGINE"); /* of who runs the suite */
        for (; settings[0] != NULL; settings += 2)
            setenv(settings[0], settings[1], 1);
        execl(self, "probe", "--no-fork", "probe", (char *)NULL);
        _exit(126);
    }
    close(out[1]);
    while ((got = read(out[0], output + used, sizeof output - 1 - used)) > 0)
        used += (size_t)got;
    output[used] = 0;
    close(out[0]);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL, NULL})

static void check_output(int line, const char *part)
{
    if (strstr(output, part) == NULL)
        nts_fail(__FILE__, line, "output is \"%s\", expected \"%s\" in it", output, part);
}
#define CHECK_OUTPUT(part) check_output(__LINE__, part)

static const char *write_config(const char *text)
{
    snprintf(config_path, sizeof config_path, "/tmp/ntsock-test-%d.conf", (int)getpid());
    FILE *file = fopen(config_path, "w");
    REQUIRE(file != NULL);
    fputs(text, file);
    fclose(file);
    return config_path;
}

static const char *driver(const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s.so", getenv("NTSTEST_DRIVERS"), name);
    return path;
}

TEST(probe)
{
    struct ntsock_device devices[32];
    struct ntsock_erratum errata[8];
    if (getenv("NTSTEST_PROBE") == NULL)
        SKIP("run by the other cases");
    printf("engine %s, pack %d, errata", ntsock_engine(), ntsock_service_pack());
    unsigned count = ntsock_query_errata(errata, 8);
    for (unsigned i = 0; i < count; i++)
        printf(" %s=%d", errata[i].id, errata[i].active);
    printf(", stack");
    count = ntsock_query_device_stack(devices, 32);
    for (unsigned i = 0; i < count; i++)
        printf(" %s/%d/%d", devices[i].driver, devices[i].stack_size, devices[i].fast_io);
    printf(".\n");
}

TEST(no_settings__defaults__everything_fixed)
{
    /* io_uring where it can be had */
    const char *best = RUN("NTSOCK_ENGINE", "uring") == 0 ? "engine uring" : "engine epoll";
    CHECK_EQ(RUN("UNUSED", "1"), 0);
    CHECK_OUTPUT(best);
    CHECK_OUTPUT(", pack -1, errata Q201348=0, stack Afd/1/1.");
}

TEST(service_pack__each_value__erratum_as_listed)
{
    static const struct {
        const char *value, *expected;
    } cases[] = {
        {"0", "pack 0, errata Q201348=0"}, {"3", "pack 3, errata Q201348=0"}, {"4", "pack 4, errata Q201348=1"},
        {"5", "pack 5, errata Q201348=0"}, {"6a", "pack 6, errata Q201348=0"},
        {"fixed", "pack -1, errata Q201348=0"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_EQ(RUN("NTSOCK_SERVICE_PACK", cases[i].value), 0);
        CHECK_OUTPUT(cases[i].expected);
    }
    CHECK_EQ(RUN("NTSOCK_SERVICE_PACK", "4", "NTSOCK_HOTFIXES", " Q201348 "), 0);
    CHECK_OUTPUT("pack 4, errata Q201348=0");
}

TEST(environment__bad_values__named_and_exit_125)
{
    /* A driver is configured too, so that the configuration is read before main. */
    CHECK_EQ(RUN("NTSOCK_DRIVERS", "passthrough", "NTSOCK_SERVICE_PACK", "9"), 125);
    CHECK_OUTPUT("ntsock: NTSOCK_SERVICE_PACK=9: expected 0 to 6, 6a or fixed");
    CHECK_EQ(RUN("NTSOCK_HOTFIXES", "Q1"), 125);
    CHECK_OUTPUT("ntsock: NTSOCK_HOTFIXES=Q1: expected updates of known errata, separated by commas: Q201348");
    CHECK_EQ(RUN("NTSOCK_ENGINE", "carrier-pigeon"), 125);
    CHECK_OUTPUT("ntsock: NTSOCK_ENGINE=carrier-pigeon: expected auto, epoll, uring or loop");
    CHECK_EQ(RUN("NTSOCK_URING_LEAST", "0"), 125);
    CHECK_OUTPUT("ntsock: NTSOCK_URING_LEAST=0: expected 1 to 64");
    CHECK_EQ(RUN("NTSOCK_URING_LEAST", "65"), 125);
    CHECK_EQ(RUN("NTSOCK_URING_LEAST", "64"), 0);
    CHECK_EQ(RUN("NTSOCK_CONFIG", "/nonexistent/ntsock.conf"), 125);
    CHECK_OUTPUT("ntsock: /nonexistent/ntsock.conf: cannot be read");
}

/* A driver is configured too, so that the configuration is read before main. */
TEST(engine__io_uring_is_forbidden__uring_says_so_and_auto_is_epoll)
{
    if (!nts_forbid_io_uring())
        SKIP("no filter of system calls");
    CHECK_EQ(RUN("NTSOCK_DRIVERS", "passthrough", "NTSOCK_ENGINE", "uring"), 125);
    CHECK_OUTPUT("ntsock: NTSOCK_ENGINE=uring: expected auto, epoll or loop here: ");
    CHECK_EQ(RUN("NTSOCK_ENGINE", "auto"), 0);
    CHECK_OUTPUT("engine epoll,");
    CHECK_EQ(RUN("NTSOCK_ENGINE", "loop"), 0);
    CHECK_OUTPUT("engine loop,");
}

TEST(file__values_and_environment_over_it)
{
    write_config("[ntsock]\nservice-pack = 4\nengine=loop\n");
    CHECK_EQ(RUN("NTSOCK_CONFIG", config_path), 0);
    CHECK_OUTPUT("engine loop, pack 4, errata Q201348=1");
    CHECK_EQ(RUN("NTSOCK_CONFIG", config_path, "NTSOCK_SERVICE_PACK", "5"), 0);
    CHECK_OUTPUT("engine loop, pack 5, errata Q201348=0");
    unlink(config_path);
}

TEST(file__mistakes__line_and_what_is_accepted)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"[ntsock]\nservice-pack=4\nservice-pack=9\n", ":3: service-pack=9: expected 0 to 6, 6a or fixed"},
        {"[ntsock]\n\ncolour=red\n",
            ":3: unknown key colour: expected drivers, service-pack, hotfixes, engine or uring-least"},
        {"[windows]\nx=1\n", ":2: section [windows]: expected [ntsock] or [driver NAME]"},
        {"[ntsock]\nnonsense\n", ":2: expected [section] or key=value"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[256];
        write_config(cases[i].text);
        CHECK_EQ(RUN("NTSOCK_CONFIG", config_path), 125);
        snprintf(expected, sizeof expected, "ntsock: %s%s", config_path, cases[i].expected);
        CHECK_OUTPUT(expected);
    }
    unlink(config_path);
}

/* Of 198 characters and one more, in the middle of the file and at its end. The library would cut it silently. */
TEST(file__long_lines__refused_and_not_cut)
{
    for (int bytes = 198; bytes <= 199; bytes++) {
        for (int last = 0; last <= 1; last++) {
            char text[512], expected[256];
            int used = snprintf(text, sizeof text, "[ntsock]\ndrivers=passthrough");
            while (used < 9 + bytes - 12)
                text[used++] = ';';
            strcpy(text + used, last ? ";passthrough" : ";passthrough\nservice-pack=5\n");
            write_config(text);
            if (bytes == 198) {
                CHECK_EQ(RUN("NTSOCK_CONFIG", config_path), 0);
                CHECK_OUTPUT("stack passthrough#2/3/1 passthrough/2/1 Afd/1/1.");
            } else {
                CHECK_EQ(RUN("NTSOCK_CONFIG", config_path), 125);
                snprintf(expected, sizeof expected, "ntsock: %s:2: a line has at most 198 characters", config_path);
                CHECK_OUTPUT(expected);
            }
        }
    }
    CHECK_EQ(RUN("NTSOCK_CONFIG", "/tmp"), 125);
    CHECK_OUTPUT("ntsock: /tmp: cannot be read");
    unlink(config_path);
}

TEST(drivers__two_and_the_same_again__stacked_top_first)
{
    char spec[4096];
    CHECK_EQ(RUN("NTSOCK_DRIVERS", "passthrough"), 0);
    CHECK_OUTPUT("stack passthrough/2/1 Afd/1/1.");
    snprintf(spec, sizeof spec, " %s ; passthrough ;; passthrough:fastio=0", driver("copying"));
    CHECK_EQ(RUN("NTSOCK_DRIVERS", spec), 0);
    CHECK_OUTPUT("stack copying/4/");
    CHECK_OUTPUT(" passthrough#2/3/1 passthrough/2/0 Afd/1/1.");
}

TEST(drivers__parameters_from_the_file__reach_the_driver)
{
    write_config("[ntsock]\ndrivers=passthrough\n[driver passthrough]\nfastio=0\n");
    CHECK_EQ(RUN("NTSOCK_CONFIG", config_path), 0);
    CHECK_OUTPUT("stack passthrough/2/0 Afd/1/1.");
    CHECK_EQ(RUN("NTSOCK_CONFIG", config_path, "NTSOCK_DRIVERS", "passthrough:fastio=1"), 0);
    CHECK_OUTPUT("stack passthrough/2/1 Afd/1/1.");
    unlink(config_path);
}

TEST(drivers__that_do_not_load__which_where_and_why)
{
    char expected[2048], spec[2048];
    CHECK_EQ(RUN("NTSOCK_DRIVERS", "nobody"), 125);
    CHECK_OUTPUT("ntsock: driver 'nobody': not found: there is no nobody.so in ");
    CHECK_EQ(RUN("NTSOCK_DRIVERS", "./nowhere/x.so"), 125);
    CHECK_OUTPUT("ntsock: driver './nowhere/x.so': there is no such file");
    CHECK_EQ(RUN("NTSOCK_DRIVERS", driver("no_entry")), 125);
    snprintf(expected, sizeof expected, "(%s): it has no function DriverEntry", driver("no_entry"));
    CHECK_OUTPUT(expected);
    snprintf(spec, sizeof spec, "%s;passthrough", driver("fails_entry"));
    CHECK_EQ(RUN("NTSOCK_DRIVERS", spec), 125);
    CHECK_OUTPUT("its DriverEntry failed with STATUS_INSUFFICIENT_RESOURCES (0xC000009A)");
    CHECK_EQ(RUN("NTSOCK_DRIVERS", "passthrough:=3"), 125);
    CHECK_OUTPUT("ntsock: driver 'passthrough': a parameter has no name: expected key=value,...");
    CHECK_EQ(RUN("NTSOCK_DRIVERS", ":x"), 125);
    CHECK_OUTPUT("expected NAME[:key=value,...]");
    write_config("not a module\n");
    CHECK_EQ(RUN("NTSOCK_DRIVERS", config_path), 125);
    snprintf(expected, sizeof expected, "ntsock: driver '%s' (%s): ", config_path, config_path);
    CHECK_OUTPUT(expected);
    unlink(config_path);
}

TEST(load_and_unload__at_run_time__stack_changes)
{
    struct ntsock_device devices[4];
    const char *reason = NULL;
    CHECK_EQ(ntsock_load_driver("nobody", &reason), -1);
    CHECK(reason != NULL && strstr(reason, "nobody") != NULL);
    CHECK_EQ(ntsock_unload_driver("passthrough"), -1);
    CHECK_EQ(ntsock_query_device_stack(devices, 4), 1);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(ntsock_load_driver("passthrough", &reason), 0);
        CHECK_EQ(ntsock_load_driver("passthrough", &reason), 0);
        CHECK_EQ(ntsock_query_device_stack(devices, 4), 3);
        CHECK_EQ(strcmp(devices[0].driver, "passthrough#2"), 0);
        CHECK_EQ(ntsock_unload_driver("passthrough"), -1); /* not at the top */
        CHECK_EQ(ntsock_unload_driver("passthrough#2"), 0);
        CHECK_EQ(ntsock_unload_driver("passthrough"), 0);
        CHECK_EQ(ntsock_query_device_stack(devices, 4), 1);
    }
    CHECK_EQ(ntsock_unload_driver("Afd"), -1);
}
