/* SPDX-License-Identifier: MIT */
/*
 * trace_sink.c - output, clock and careful reading for the trace driver.
 *
 * Layer: drivers, the Linux side. Program addresses in a request may be wild: they are read with
 * process_vm_readv, which reports what cannot be read where a load would end the process.
 */
#include "trace_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

int trace_sink_open(const char *path, const char **ret_reason)
{
    if (path == NULL)
        return STDERR_FILENO;
    int sink = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
    if (sink < 0)
        *ret_reason = strerror(errno);
    return sink;
}

void trace_sink_close(int sink)
{
    if (sink != STDERR_FILENO)
        close(sink);
}

void trace_sink_write(int sink, const char *line, size_t bytes)
{
    ssize_t written;
    do
        written = write(sink, line, bytes);
    while (written < 0 && errno == EINTR);
}

int trace_clock(char *text, size_t bytes)
{
    struct timespec now;
    struct tm day;
    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &day);
    return snprintf(text, bytes, "%02d:%02d:%02d.%06ld", day.tm_hour, day.tm_min, day.tm_sec,
        now.tv_nsec / 1000);
}

unsigned long long trace_nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long)now.tv_sec * 1000000000u + (unsigned long long)now.tv_nsec;
}

int trace_process(void)
{
    return (int)getpid();
}

int trace_thread(void)
{
    return (int)syscall(SYS_gettid);
}

int trace_peek(void *to, const void *from, size_t bytes)
{
    struct iovec local = {to, bytes};
    struct iovec remote = {(void *)(uintptr_t)from, bytes};
    if (bytes == 0)
        return 1;
    return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)bytes;
}
