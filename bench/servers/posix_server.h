/* SPDX-License-Identifier: MIT */
/* posix_server.h - what the POSIX twins share: arguments, the bound socket, the printed line. */
#ifndef POSIX_SERVER_H
#define POSIX_SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum server_mode { MODE_ECHO, MODE_ACCEPT, MODE_SINK, MODE_UDP };

struct server_options {
    enum server_mode mode;
    int threads;
    int buffer_bytes;
};

static inline void server_fail(const char *what)
{
    perror(what);
    exit(1);
}

static inline struct server_options server_options(int argc, char **argv)
{
    static const char *const names[] = {"echo", "accept", "sink", "udp"};
    struct server_options options = {MODE_ECHO, argc > 2 ? atoi(argv[2]) : 1, argc > 3 ? atoi(argv[3]) : 4096};
    int chosen = 0;
    while (chosen < 4 && (argc < 2 || strcmp(argv[1], names[chosen]) != 0))
        chosen++;
    if (chosen == 4) {
        fprintf(stderr, "usage: %s echo|accept|sink|udp [THREADS [BUFFER]]\n", argv[0]);
        exit(2);
    }
    options.mode = (enum server_mode)chosen;
    return options;
}

/* flags: SOCK_NONBLOCK or 0; own_bytes: what the program allocates for a connection, its buffer included */
static inline int server_open(const struct server_options *options, int flags, size_t own_bytes)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, (options->mode == MODE_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | flags, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        (options->mode != MODE_UDP && listen(fd, SOMAXCONN) != 0) ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        server_fail("bind");
    printf("%d %zu\n", ntohs(address.sin_port), own_bytes);
    fflush(stdout);
    return fd;
}

static inline void server_set_nodelay(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

#endif
