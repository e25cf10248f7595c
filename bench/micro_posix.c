/* SPDX-License-Identifier: MIT */
/*
 * micro_posix.c - the twins of micro.c: what a Linux program would use in the same place.
 *
 * A port: an eventfd in an epoll instance, what servers use to wake their loop. An event between threads: a futex
 * word each way, and the same with a mutex and a condition variable (cond_handoff). An event within one thread: a
 * flag under a mutex with a condition variable. An event that is made and closed again: an eventfd.
 */
#include "micro.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

struct port {
    int set, event;
};
struct flag {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int is_set;
};

static struct port port, back;
static atomic_uint word, answer_word;
static struct flag flag = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
static struct flag answer_flag = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void start(void *(*routine)(void *))
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, routine, NULL) != 0)
        fail("pthread_create");
    pthread_detach(thread);
}

/* --- eventfd and epoll --- */

static void open_port(struct port *opened)
{
    struct epoll_event interest = {.events = EPOLLIN};
    opened->set = epoll_create1(EPOLL_CLOEXEC);
    opened->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (opened->set < 0 || opened->event < 0 || epoll_ctl(opened->set, EPOLL_CTL_ADD, opened->event, &interest) != 0)
        fail("eventfd");
}

static void post(const struct port *to)
{
    uint64_t one = 1;
    if (write(to->event, &one, sizeof one) != sizeof one)
        fail("write");
}

static void get(const struct port *from)
{
    struct epoll_event ready;
    uint64_t value;
    int count;
    do /* who attaches to count system calls interrupts */
        count = epoll_wait(from->set, &ready, 1, -1);
    while (count < 0 && errno == EINTR);
    if (count != 1 || read(from->event, &value, sizeof value) != sizeof value)
        fail("epoll_wait");
}

static void *answer_packets(void *context)
{
    for (;;) {
        get(&port);
        post(&back);
    }
    return context;
}

static void prepare_port(void)
{
    open_port(&port);
}

static void run_port(int count)
{
    while (count-- > 0) {
        post(&port);
        get(&port);
    }
}

static void prepare_port_handoff(void)
{
    open_port(&port);
    open_port(&back);
    start(answer_packets);
}

static void run_port_handoff(int count)
{
    while (count-- > 0) {
        post(&port);
        get(&back);
    }
}

/* --- futex --- */

static void set_word(atomic_uint *to)
{
    atomic_store(to, 1);
    syscall(SYS_futex, to, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void wait_word(atomic_uint *from)
{
    while (atomic_exchange(from, 0) == 0)
        syscall(SYS_futex, from, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static void *answer_words(void *context)
{
    for (;;) {
        wait_word(&word);
        set_word(&answer_word);
    }
    return context;
}

static void prepare_word_handoff(void)
{
    start(answer_words);
}

static void run_word_handoff(int count)
{
    while (count-- > 0) {
        set_word(&word);
        wait_word(&answer_word);
    }
}

/* --- mutex and condition variable --- */

static void set_flag(struct flag *to)
{
    pthread_mutex_lock(&to->mutex);
    to->is_set = 1;
    pthread_cond_signal(&to->changed);
    pthread_mutex_unlock(&to->mutex);
}

static void wait_flag(struct flag *from)
{
    pthread_mutex_lock(&from->mutex);
    while (!from->is_set)
        pthread_cond_wait(&from->changed, &from->mutex);
    from->is_set = 0;
    pthread_mutex_unlock(&from->mutex);
}

static void *answer_flags(void *context)
{
    for (;;) {
        wait_flag(&flag);
        set_flag(&answer_flag);
    }
    return context;
}

static void prepare_nothing(void)
{
}

static void run_flag(int count)
{
    while (count-- > 0) {
        set_flag(&flag);
        wait_flag(&flag);
    }
}

static void prepare_flag_handoff(void)
{
    start(answer_flags);
}

static void run_flag_handoff(int count)
{
    while (count-- > 0) {
        set_flag(&flag);
        wait_flag(&answer_flag);
    }
}

static void run_event_life(int count)
{
    while (count-- > 0) {
        uint64_t value = 1;
        int fd = eventfd(0, EFD_CLOEXEC);
        if (fd < 0 || write(fd, &value, sizeof value) != sizeof value ||
            read(fd, &value, sizeof value) != sizeof value)
            fail("eventfd");
        close(fd);
    }
}

int main(int argc, char **argv)
{
    static const struct micro micros[] = {
        {"port", 100, prepare_port, run_port},
        {"port_handoff", 1, prepare_port_handoff, run_port_handoff},
        {"event", 100, prepare_nothing, run_flag},
        {"event_life", 10, prepare_nothing, run_event_life},
        {"event_handoff", 1, prepare_word_handoff, run_word_handoff},
        {"cond_handoff", 1, prepare_flag_handoff, run_flag_handoff},
        {0},
    };
    return micro_main(micros, argc, argv);
}
