/* SPDX-License-Identifier: MIT */
/*
 * bad_input.h - what the tables of bad input share: rows, wild addresses, handles that are no sockets.
 *
 * A row is a call, what it returns and the last error it leaves. Where the documentation leaves the order
 * of two checks open the row says whose behaviour it is.
 */
#ifndef BAD_INPUT_H
#define BAD_INPUT_H

#include "ws2_test.h"

/* One row. */
#define ROW(call, result, error)                                                                        \
    do {                                                                                                \
        WSASetLastError(0xdead);                                                                        \
        long long row_result_ = (long long)(call);                                                      \
        int row_error_ = WSAGetLastError();                                                             \
        if (row_result_ != (long long)(result) || row_error_ != (error))                                \
            nts_fail(__FILE__, __LINE__, "%s returned %lld with %d, expected %lld with %d", #call,      \
                row_result_, row_error_, (long long)(result), (int)(error));                            \
    } while (0)
#define FAILS(call, error) ROW(call, SOCKET_ERROR, error)
/* A row of the calls that return the error itself. */
#define RETURNS(call, error)                                                                          \
    do {                                                                                              \
        long long row_error_ = (long long)(call);                                                     \
        if (row_error_ != (error))                                                                    \
            nts_fail(__FILE__, __LINE__, "%s returned %lld, expected %lld", #call, row_error_,        \
                (long long)(error));                                                                  \
    } while (0)
/* A good call among the bad ones: its result alone. */
#define GOOD(call, result) CHECK_EQ(call, result)

/*
 * Addresses, made at the first call and kept: a page that is not there, one that can only be read, and
 * the last `bytes` bytes of a page before one that is not there.
 */
void *no_memory(void);
void *read_only(void);
void *edge(unsigned bytes);
/* A copy at an odd address, in memory that is not the stack. */
void *unaligned(const void *data, unsigned bytes);
#define NULL_PAGE ((void *)8) /* in the first 64 KB, which are never there */

/* Handles that are no sockets. fill_bad_handles closes nothing: close_bad_handles does. */
struct bad_handle {
    const char *name;
    SOCKET value;
};
enum { BAD_HANDLES = 12 };
void open_bad_handles(struct bad_handle handles[BAD_HANDLES]);
void close_bad_handles(struct bad_handle handles[BAD_HANDLES]);

/* Sockets in the states that the rows need. */
struct sockets {
    SOCKET stream;       /* new */
    SOCKET bound_stream; /* bound, no more */
    SOCKET listener;     /* non-blocking, nobody waiting */
    struct sockaddr_in listener_address;
    SOCKET client, server; /* a connected pair; server is non-blocking */
    SOCKET datagram;       /* new */
    SOCKET bound;          /* a bound datagram socket, non-blocking */
    struct sockaddr_in bound_address;
    HANDLE event, thread;
};
void open_sockets(struct sockets *ret_sockets);
void close_sockets(struct sockets *sockets);

/* Every call that takes a socket, with good arguments but for the socket. */
struct socket_call {
    const char *name;
    long long (*call)(SOCKET s);
    long long failure;
};
extern const struct socket_call socket_calls[];
extern const unsigned socket_call_count;

#endif
