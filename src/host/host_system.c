/* SPDX-License-Identifier: MIT */
/*
 * host_system.c - environment, files, loadable modules.
 *
 * Layer: host. NT counterpart: what the loader and the registry's storage do. Modules are bound at
 * once and keep their symbols to themselves, so that two drivers may use the same names.
 */
#include "host_system.h"

#include "host_private.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

const char *host_environment(const char *name)
{
    const char *value = secure_getenv(name);
    return value != NULL && value[0] != 0 ? value : NULL;
}

/* --- files and modules --- */

static char library_directory[PATH_MAX];
static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void find_library(void)
{
    Dl_info info;
    char path[PATH_MAX];
    if (dladdr((const void *)(uintptr_t)find_library, &info) == 0 || info.dli_fname == NULL ||
        realpath(info.dli_fname, path) == NULL)
        strcpy(path, "./");
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        *slash = 0;
    strcpy(library_directory, path);
}

const char *host_library_directory(void)
{
    pthread_once(&library_once, find_library);
    return library_directory;
}

int host_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

void *host_module_load(const char *path, const char **ret_error)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (ret_error != NULL)
        *ret_error = module != NULL ? NULL : dlerror();
    return module;
}

void *host_module_symbol(void *module, const char *name)
{
    return dlsym(module, name);
}

void host_module_unload(void *module)
{
    dlclose(module);
}

const char *host_program_name(void)
{
    return program_invocation_short_name;
}

static char program_path[PATH_MAX];
static pthread_once_t program_once = PTHREAD_ONCE_INIT;

static void find_program(void)
{
    ssize_t length = readlink("/proc/self/exe", program_path, sizeof program_path - 1);
    program_path[length > 0 ? length : 0] = 0;
}

const char *host_program_path(void)
{
    pthread_once(&program_once, find_program);
    return program_path;
}

static void (*exit_routine)(void);

void host_at_exit(void (*routine)(void))
{
    __atomic_store_n(&exit_routine, routine, __ATOMIC_SEQ_CST);
}

__attribute__((destructor)) static void run_exit_routine(void)
{
    void (*routine)(void) = __atomic_exchange_n(&exit_routine, NULL, __ATOMIC_SEQ_CST);
    if (routine != NULL)
        routine();
}

void host_exit(int code)
{
    run_exit_routine();
    _exit(code);
}

void host_abort(void)
{
    abort();
}

int host_random(void *buffer, size_t bytes)
{
    char *at = buffer;
    while (bytes > 0) {
        ssize_t got = getrandom(at, bytes, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        at += got;
        bytes -= (size_t)got;
    }
    return 0;
}

int host_hostname(char *buffer, size_t bytes)
{
    if (bytes == 0 || gethostname(buffer, bytes) != 0)
        return -1;
    buffer[bytes - 1] = 0;
    return 0;
}
