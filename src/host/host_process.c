/* SPDX-License-Identifier: MIT */
/*
 * host_process.c - the process: environment, command line, own symbols, times, memory, folders.
 *
 * Layer: host. NT counterpart: what the PEB and NtQuerySystemInformation tell.
 */
#include "host_process.h"

#include "host_memory.h"
#include "host_private.h"
#include "host_thread.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define UNITS_PER_US 10

/* --- environment --- */

static struct host_lock environment_lock;

static char *copy_text(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = host_allocate(bytes);
    if (copy != NULL)
        memcpy(copy, text, bytes);
    return copy;
}

/* NAME=VALUE entry of a name, lock held; NULL if there is none */
static const char *find_variable(const char *name)
{
    size_t length = strlen(name);
    for (char **at = environ; at != NULL && *at != NULL; at++) {
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=')
            return *at;
    }
    for (char **at = environ; at != NULL && *at != NULL; at++) {
        if (strncasecmp(*at, name, length) == 0 && (*at)[length] == '=')
            return *at;
    }
    return NULL;
}

char *host_variable_get(const char *name)
{
    host_lock_acquire(&environment_lock);
    const char *entry = find_variable(name);
    char *copy = entry != NULL ? copy_text(entry + strlen(name) + 1) : NULL;
    host_lock_release(&environment_lock);
    return copy;
}

int host_variable_set(const char *name, const char *value)
{
    char *actual = NULL;
    int result = -1;

    host_lock_acquire(&environment_lock);
    /* A variable that exists keeps the case of its name. */
    const char *entry = find_variable(name);
    actual = copy_text(entry != NULL ? entry : name);
    if (actual != NULL) {
        actual[strlen(name)] = 0;
        result = value != NULL ? setenv(actual, value, 1) : unsetenv(actual);
    }
    host_lock_release(&environment_lock);
    host_free(actual);
    return result;
}

char *host_variable_list(size_t *ret_bytes)
{
    size_t bytes = 1;
    host_lock_acquire(&environment_lock);
    for (char **at = environ; at != NULL && *at != NULL; at++)
        bytes += strlen(*at) + 1;
    char *list = host_allocate(bytes + 1), *to = list;
    for (char **at = environ; list != NULL && at != NULL && *at != NULL; at++)
        to = stpcpy(to, *at) + 1;
    host_lock_release(&environment_lock);
    if (list != NULL) {
        to[0] = 0;
        to[1] = 0;
        *ret_bytes = bytes;
    }
    return list;
}

char *host_arguments(size_t *ret_bytes)
{
    size_t room = 4096, used = 0;
    ssize_t got = 0;
    char *text = host_allocate(room);
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);

    while (text != NULL && fd >= 0 && (got = read(fd, text + used, room - used)) > 0) {
        used += (size_t)got;
        if (used < room)
            continue;
        char *larger = host_reallocate(text, room * 2);
        if (larger == NULL) {
            host_free(text);
            text = NULL;
        } else {
            text = larger;
            room *= 2;
        }
    }
    if (fd >= 0)
        close(fd);
    if (text != NULL && (fd < 0 || used == 0)) {
        host_free(text);
        return NULL;
    }
    *ret_bytes = used;
    return text;
}

/* --- symbols --- */

void *host_own_symbol(const char *name)
{
    static void *self;
    Dl_info own, found;

    if (dladdr((const void *)(uintptr_t)host_own_symbol, &own) == 0)
        return NULL;
    void *handle = __atomic_load_n(&self, __ATOMIC_ACQUIRE);
    if (handle == NULL) {
        handle = dlopen(own.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
        if (handle == NULL)
            handle = dlopen(NULL, RTLD_LAZY); /* linked into the program itself */
        if (handle == NULL)
            return NULL;
        __atomic_store_n(&self, handle, __ATOMIC_RELEASE);
    }
    void *symbol = dlsym(handle, name);
    /* dlsym also looks into the libraries ours needs: "printf" is not ours. */
    if (symbol == NULL || dladdr(symbol, &found) == 0 || found.dli_fbase != own.dli_fbase)
        return NULL;
    return symbol;
}

const char *host_library_of(const void *address)
{
    Dl_info info;
    return dladdr(address, &info) != 0 ? info.dli_fname : NULL;
}

/* --- times and memory --- */

static uint64_t units_from_timeval(struct timeval value)
{
    return (uint64_t)value.tv_sec * HOST_PUBLIC_UNITS_PER_SECOND +
           (uint64_t)value.tv_usec * UNITS_PER_US;
}

static void usage_times(int who, struct host_times *ret_times)
{
    struct rusage usage = {0};
    (void)getrusage(who, &usage);
    ret_times->kernel = units_from_timeval(usage.ru_stime);
    ret_times->user = units_from_timeval(usage.ru_utime);
    ret_times->start = 0;
}

/* Field 22 of /proc/self/stat: ticks after the machine's start. The name in field 2 may hold
 * anything. */
static uint64_t process_start_ticks(void)
{
    char text[1024];
    unsigned long long ticks = 0;
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    text[got > 0 ? got : 0] = 0;
    const char *at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (at != NULL)
        ticks = strtoull(at + 1, NULL, 10);
    return ticks;
}

void host_process_times(struct host_times *ret_times)
{
    struct timespec boot = {0};
    usage_times(RUSAGE_SELF, ret_times);
    (void)clock_gettime(CLOCK_BOOTTIME, &boot);
    uint64_t since_boot =
        (uint64_t)boot.tv_sec * HOST_PUBLIC_UNITS_PER_SECOND + (uint64_t)boot.tv_nsec / 100;
    uint64_t started =
        process_start_ticks() * (HOST_PUBLIC_UNITS_PER_SECOND / (uint64_t)sysconf(_SC_CLK_TCK));
    ret_times->start = host_clock_system_100ns() - since_boot + started;
}

void host_thread_times(struct host_times *ret_times)
{
    usage_times(RUSAGE_THREAD, ret_times);
}

void host_memory_information(struct host_memory_information *ret_information)
{
    struct sysinfo info = {.mem_unit = 1};
    (void)sysinfo(&info);
    ret_information->total = (uint64_t)info.totalram * info.mem_unit;
    ret_information->available = (uint64_t)(info.freeram + info.bufferram) * info.mem_unit;
    ret_information->swap_total = (uint64_t)info.totalswap * info.mem_unit;
    ret_information->swap_available = (uint64_t)info.freeswap * info.mem_unit;
}

/* --- folders and the rest --- */

int host_current_directory(char *buffer, size_t bytes)
{
    return getcwd(buffer, bytes) != NULL ? 0 : -1;
}

int host_change_directory(const char *path)
{
    return chdir(path);
}

int host_path_absolute(const char *path, char *buffer, size_t bytes)
{
    char directory[PATH_MAX];
    if (path[0] == '/')
        return snprintf(buffer, bytes, "%s", path) < (int)bytes ? 0 : -1;
    if (getcwd(directory, sizeof directory) == NULL)
        return -1;
    return snprintf(buffer, bytes, "%s/%s", directory, path) < (int)bytes ? 0 : -1;
}

int host_user_name(char *buffer, size_t bytes)
{
    struct passwd entry, *found = NULL;
    char text[1024];
    if (getpwuid_r(getuid(), &entry, text, sizeof text, &found) == 0 && found != NULL)
        return snprintf(buffer, bytes, "%s", entry.pw_name) < (int)bytes ? 0 : -1;
    return snprintf(buffer, bytes, "%u", (unsigned)getuid()) < (int)bytes ? 0 : -1;
}

int host_is_traced(void)
{
    char text[4096];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    text[got > 0 ? got : 0] = 0;
    const char *line = strstr(text, "TracerPid:");
    return line != NULL && atoi(line + strlen("TracerPid:")) != 0;
}

void host_break(void)
{
    raise(SIGTRAP);
}

void host_flush_streams(void)
{
    fflush(NULL);
}
