/* SPDX-License-Identifier: MIT */
/*
 * host_console.c - the three standard descriptors.
 *
 * Layer: host. NT counterpart: the console device. No screen buffer, no cursor, no input events.
 */
#include "host_console.h"

#include "host_private.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum host_console_kind host_console_kind(int descriptor)
{
    struct stat status;
    if (isatty(descriptor))
        return HOST_CONSOLE_TERMINAL;
    if (fstat(descriptor, &status) != 0)
        return HOST_CONSOLE_NONE;
    if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode))
        return HOST_CONSOLE_PIPE;
    return S_ISCHR(status.st_mode) ? HOST_CONSOLE_TERMINAL : HOST_CONSOLE_FILE;
}

host_status host_console_write(int descriptor, const void *text, size_t bytes)
{
    const char *at = text;

    if (descriptor == STDOUT_FILENO)
        fflush(stdout);
    while (bytes > 0) {
        ssize_t written = write(descriptor, at, bytes);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno == EAGAIN) {
            struct pollfd item = {.fd = descriptor, .events = POLLOUT};
            (void)poll(&item, 1, -1);
            continue;
        }
        if (written < 0)
            return host_status_from_errno(errno, HOST_CALL_ANY);
        at += written;
        bytes -= (size_t)written;
    }
    return H_STATUS_SUCCESS;
}

host_status host_console_read(int descriptor, void *buffer, size_t bytes, size_t *ret_bytes)
{
    ssize_t got;
    do
        got = read(descriptor, buffer, bytes);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return host_status_from_errno(errno, HOST_CALL_ANY);
    *ret_bytes = (size_t)got;
    return H_STATUS_SUCCESS;
}

int host_console_size(int descriptor, unsigned *ret_columns, unsigned *ret_rows)
{
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0)
        return -1;
    *ret_columns = size.ws_col;
    *ret_rows = size.ws_row;
    return 0;
}

/* Returns whether standard input is a terminal; *saved is what end_keys puts back. */
static int begin_keys(struct termios *saved)
{
    if (tcgetattr(STDIN_FILENO, saved) != 0)
        return 0;
    struct termios raw = *saved;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void end_keys(int is_terminal, const struct termios *saved)
{
    if (is_terminal)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, saved);
}

int host_console_key(void)
{
    struct termios saved;
    unsigned char key = 0;
    ssize_t got;

    fflush(stdout);
    int is_terminal = begin_keys(&saved);
    do
        got = read(STDIN_FILENO, &key, 1);
    while (got < 0 && errno == EINTR);
    end_keys(is_terminal, &saved);
    return got == 1 ? key : -1;
}

int host_console_key_ready(void)
{
    struct pollfd item = {.fd = STDIN_FILENO, .events = POLLIN};
    struct termios saved;
    int is_terminal = begin_keys(&saved);
    int ready = poll(&item, 1, 0);
    end_keys(is_terminal, &saved);
    return ready > 0 && (item.revents & POLLIN) != 0;
}
