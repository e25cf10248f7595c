/* SPDX-License-Identifier: MIT */
/*
 * host_signal.c - the signals by which a terminal or a service manager ends a program.
 *
 * Layer: host. The handler does two things, both allowed in a handler: it adds to a counter and
 * wakes a futex. So no descriptor is needed, and other threads' signal masks do not matter.
 */
#include "host_signal.h"

#include "host_thread.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int numbers[HOST_SIGNAL_COUNT] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
static uint32_t pending[HOST_SIGNAL_COUNT];
static uint32_t arrivals; /* the futex word: changes with each arrival */

static void handle(int number)
{
    int saved = errno;
    for (int i = 0; i < HOST_SIGNAL_COUNT; i++) {
        if (numbers[i] == number)
            host_signal_post((enum host_signal)i);
    }
    errno = saved;
}

void host_signal_post(enum host_signal which)
{
    __atomic_add_fetch(&pending[which], 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&arrivals, 1, __ATOMIC_SEQ_CST);
    host_futex_wake(&arrivals, 1);
}

static void set_action(enum host_signal which, void (*handler)(int))
{
    struct sigaction action = {0};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigfillset(&action.sa_mask);
    (void)sigaction(numbers[which], &action, NULL);
}

void host_signal_catch(enum host_signal which)
{
    set_action(which, handle);
}

void host_signal_default(enum host_signal which)
{
    set_action(which, SIG_DFL);
}

void host_signal_ignore(enum host_signal which)
{
    set_action(which, SIG_IGN);
}

enum host_signal host_signal_wait(void)
{
    for (;;) {
        uint32_t seen = __atomic_load_n(&arrivals, __ATOMIC_SEQ_CST);
        for (int i = 0; i < HOST_SIGNAL_COUNT; i++) {
            if (__atomic_load_n(&pending[i], __ATOMIC_SEQ_CST) != 0) {
                __atomic_sub_fetch(&pending[i], 1, __ATOMIC_SEQ_CST);
                return (enum host_signal)i;
            }
        }
        host_futex_wait(&arrivals, seen, -1);
    }
}

void host_signal_die(enum host_signal which)
{
    sigset_t set;
    set_action(which, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, numbers[which]);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    (void)kill(getpid(), numbers[which]);
    _exit(128 + numbers[which]);
}
