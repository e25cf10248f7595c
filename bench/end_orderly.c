/* SPDX-License-Identifier: MIT */
/*
 * end_orderly.c - a library for LD_PRELOAD: SIGINT ends the program by exit().
 *
 * A build that counts for a profile writes its counts in exit(), and servers never get there. A thread of its own waits
 * for the signal, which is blocked everywhere else: so exit() interrupts nobody who holds a lock.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

static void *wait_for_end(void *unused)
{
    sigset_t interrupt;
    int got;
    (void)unused;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    while (sigwait(&interrupt, &got) != 0) {
    }
    exit(0);
}

__attribute__((constructor)) static void begin(void)
{
    sigset_t interrupt;
    pthread_t thread;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(SIG_BLOCK, &interrupt, NULL);
    if (pthread_create(&thread, NULL, wait_for_end, NULL) == 0)
        pthread_detach(thread);
}
