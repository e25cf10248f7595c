/* SPDX-License-Identifier: MIT */
/*
 * soak.h - thousands of connections doing whatever they like over completion ports, every byte and every
 * completion accounted for.
 *
 * A connection has two ends, both overlapped sockets of this process on some port. What an end does next is
 * decided by its own random numbers each time one of its operations completes: more receives, a send of up to
 * three buffers, the cancellation of a receive, the end of its sending, a close, a reset. What must hold:
 *
 *   S1  every operation that was started completes exactly once (op.state)
 *   S2  the bytes an end receives are those the other sent, in order, whatever was cancelled in between
 *   S3  on a connection that nobody reset or closed early, all of them; and then the end of the stream
 *   S4  errors come only to connections that somebody disturbed, and are those Windows documents
 *   S5  in the end nothing is left: the runner's leak check
 */
#ifndef SOAK_H
#define SOAK_H

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>

#include "ntstest.h"

enum { OP_BYTES = 2048, RECEIVES = 2, HELLO_BYTES = 8, ACCEPTS = 16, THREADS = 8, BUFFERS_MAX = 3 };

enum op_kind { OP_RECEIVE, OP_SEND, OP_CONNECT, OP_ACCEPT };

struct end;
struct connection;

struct op {
    OVERLAPPED overlapped; /* first */
    struct end *end;       /* NULL: an accept */
    enum op_kind kind;
    volatile LONG state; /* 1 from the start to the completion */
    DWORD length;        /* asked for */
    DWORD bytes;         /* received, until the bytes before have been seen */
    BOOL listed; /* a receive, until its bytes have been seen: packets may come in another order */
    BOOL done;
    BOOL ok;
    SOCKET accepted;
    struct op *next; /* receives of an end, oldest first */
    unsigned char data[OP_BYTES];
};

/* Guarded by lock, but for the socket, which is closed under it too. */
struct end {
    SRWLOCK lock;
    SOCKET s;
    struct connection *connection;
    struct end *peer;
    struct op receives[RECEIVES], send;
    struct op *first, *last; /* pending receives in order */
    unsigned long long sent, received;
    unsigned random;
    unsigned budget; /* sends that it still makes */
    int pending;     /* operations that have not completed */
    BOOL skips;      /* success does not come to the port */
    BOOL closed, saw_end, ended_sending, over;
};

struct connection {
    unsigned id, life;
    volatile LONG ready;     /* of connect and accept, the second starts both ends */
    volatile LONG ends_over;
    volatile LONG disturbed; /* somebody closed early or reset */
    struct end a, b;
};

struct soak {
    unsigned connections, lives, ports;
    HANDLE port[THREADS];
    SOCKET listener;
    struct sockaddr_in address;
    struct connection *table;
    struct op accepts[ACCEPTS];
    volatile LONG accepts_open;
    HANDLE finished; /* event: the last accept has ended */
    volatile LONG left; /* connections that are not finished */
    volatile LONG stop;
    volatile LONG64 completions, bytes, cancels, resets, closes, lives_done;
};

extern struct soak soak;

/* soak_data.c: the content of a stream is a function of connection, life, direction and position. */
void soak_fill(const struct end *end, unsigned long long position, unsigned char *data, DWORD bytes);
BOOL soak_check(const struct end *end, unsigned long long position, const unsigned char *data, DWORD bytes);
unsigned soak_random(unsigned *state, unsigned below);

/* soak_end.c */
void soak_start_end(struct end *end);
void soak_end_completed(struct op *op, BOOL ok, DWORD bytes, DWORD error);

/* soak_connect.c */
void soak_begin_life(struct connection *connection);
void soak_connected(struct op *op, BOOL ok, DWORD error);
void soak_accepted(struct op *op, BOOL ok, DWORD bytes, DWORD error);
void soak_start_accept(struct op *op);
void soak_end_over(struct end *end); /* no lock held */
void soak_join_port(SOCKET s, BOOL skip);

#endif
