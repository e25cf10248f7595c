/* SPDX-License-Identifier: MIT */
/*
 * host_thread.c - threads of the host.
 *
 * Layer: host. NT counterpart: the lowest part of ps. Suspension, thread objects and exit codes are
 * ntos' business. Threads are made with the signal mask of their maker.
 */
#include "host_thread.h"

#include "host_memory.h"
#include "host_private.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct host_thread {
    pthread_t handle;
};

/* What a new thread needs at its start; its own, since the maker may have detached it by then. */
struct thread_start {
    void (*routine)(void *);
    void *context;
};

static void *thread_main(void *argument)
{
    struct thread_start start = *(struct thread_start *)argument;
    host_free(argument);
    start.routine(start.context);
    return NULL;
}

static int set_stack(pthread_attr_t *attributes, size_t stack_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    /* What Windows programs ask for is what they use; the C library's own needs come on top. */
    size_t bytes = stack_bytes + (size_t)PTHREAD_STACK_MIN + 4 * page;
    if (bytes < stack_bytes)
        return EINVAL;
    return pthread_attr_setstacksize(attributes, (bytes + page - 1) / page * page);
}

host_status host_thread_create(struct host_thread **ret_thread, void (*routine)(void *), void *context,
    size_t stack_bytes)
{
    int error = host_fault(HOST_CALL_THREAD);
    if (error != 0)
        return host_status_from_errno(error, HOST_CALL_THREAD);
    struct host_thread *thread = host_allocate(sizeof *thread);
    struct thread_start *start = host_allocate(sizeof *start);
    if (thread == NULL || start == NULL) {
        error = ENOMEM;
        goto FreeBoth;
    }
    start->routine = routine;
    start->context = context;
    pthread_attr_t attributes;
    error = pthread_attr_init(&attributes);
    if (error != 0)
        goto FreeBoth;
    if (stack_bytes != 0)
        error = set_stack(&attributes, stack_bytes);
    if (error == 0)
        error = pthread_create(&thread->handle, &attributes, thread_main, start);
    pthread_attr_destroy(&attributes);
    if (error == 0) {
        *ret_thread = thread;
        return H_STATUS_SUCCESS;
    }
FreeBoth:
    host_free(start);
    host_free(thread);
    return host_status_from_errno(error, HOST_CALL_THREAD);
}

void host_thread_join(struct host_thread *thread)
{
    pthread_join(thread->handle, NULL);
    host_free(thread);
}

void host_thread_detach(struct host_thread *thread)
{
    pthread_detach(thread->handle);
    host_free(thread);
}

void host_thread_exit(void)
{
    pthread_exit(NULL);
}

void host_thread_yield(void)
{
    sched_yield();
}

void host_thread_set_name(const char *name)
{
    char text[16];
    strncpy(text, name, sizeof text - 1);
    text[sizeof text - 1] = 0;
    prctl(PR_SET_NAME, text, 0, 0, 0);
}

/* --- identity; cached, and forgotten in a forked child --- */

static __thread uint32_t thread_id;
static uint32_t process_id;
static pthread_once_t identity_once = PTHREAD_ONCE_INIT;

static void forget_identity(void)
{
    thread_id = 0;
    __atomic_store_n(&process_id, (uint32_t)getpid(), __ATOMIC_RELAXED);
}

static void prepare_identity(void)
{
    forget_identity();
    pthread_atfork(NULL, NULL, forget_identity);
}

uint32_t host_thread_id(void)
{
    if (__builtin_expect(thread_id == 0, 0)) {
        pthread_once(&identity_once, prepare_identity);
        thread_id = (uint32_t)syscall(SYS_gettid);
    }
    return thread_id;
}

uint32_t host_process_id(void)
{
    uint32_t id = __atomic_load_n(&process_id, __ATOMIC_RELAXED);
    if (__builtin_expect(id == 0, 0)) {
        pthread_once(&identity_once, prepare_identity);
        id = __atomic_load_n(&process_id, __ATOMIC_RELAXED);
    }
    return id;
}

uint32_t host_cpu_count(void)
{
    static uint32_t count;
    uint32_t known = __atomic_load_n(&count, __ATOMIC_RELAXED);
    if (known == 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        if (sched_getaffinity(0, sizeof set, &set) == 0)
            known = (uint32_t)CPU_COUNT(&set);
        if (known == 0)
            known = 1;
        __atomic_store_n(&count, known, __ATOMIC_RELAXED);
    }
    return known;
}

__thread char *host_stack_low, *host_stack_high;

void host_thread_stack(char **ret_low, char **ret_high)
{
    if (__builtin_expect(host_stack_high == NULL, 0)) {
        pthread_attr_t attributes;
        void *start = NULL;
        size_t bytes = 0;
        if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
            pthread_attr_getstack(&attributes, &start, &bytes);
            pthread_attr_destroy(&attributes);
        }
        host_stack_low = start;
        host_stack_high = host_stack_low + bytes;
    }
    *ret_low = host_stack_low;
    *ret_high = host_stack_high;
}

/* --- end of a thread --- */

static pthread_key_t exit_key;
static pthread_once_t exit_once = PTHREAD_ONCE_INIT;
static void (*exit_routine)(void *);

static void make_exit_key(void)
{
    pthread_key_create(&exit_key, exit_routine);
}

void host_thread_on_exit(void (*routine)(void *))
{
    exit_routine = routine;
    pthread_once(&exit_once, make_exit_key);
}

void host_thread_set_exit_value(void *value)
{
    pthread_setspecific(exit_key, value);
}
