/* SPDX-License-Identifier: MIT */
/*
 * host_bound.h - which descriptors of the process are bound, and how those beside a newcomer are made to let him in.
 *
 * Layer: host, private. type is Linux' SOCK_STREAM or SOCK_DGRAM; other sockets have no ports.
 */
#ifndef HOST_BOUND_H
#define HOST_BOUND_H

#include "host_socket.h"

#include <sys/socket.h>

int host_bound_note(int fd, enum host_sharing sharing, int type); /* before it is bound; 0: no memory */
void host_bound_forget(int fd); /* it was not bound; or before it is closed, or stands for another socket */
int host_bound_is_noted(int fd);

/*
 * *ret_verdict: what Windows says of fd, which is noted, beside all other noted sockets whose address meets this one;
 * how many of those there are. If it is STATUS_SUCCESS they and fd have the option that Linux wants. A lock is held
 * until host_bound_take_back, which follows in any case.
 */
int host_bound_lend(int fd, const struct sockaddr_storage *address, host_status *ret_verdict);
void host_bound_take_back(int fd);

#endif
