/* SPDX-License-Identifier: MIT */
/*
 * host_status.h - the result type of the host layer.
 *
 * Layer: host, the only code that includes Linux headers. Every function that can fail returns an
 * NTSTATUS (as int32_t: this header knows no Windows types); errno becomes NTSTATUS in one function.
 */
#ifndef HOST_STATUS_H
#define HOST_STATUS_H

#include <stdint.h>

typedef int32_t host_status;

#define HOST_MUST_CHECK __attribute__((warn_unused_result))

/*
 * Which call failed decides what some errno values mean (ECONNREFUSED from connect is a refused
 * connection, from a datagram receive it is an unreachable port).
 */
enum host_call {
    HOST_CALL_ANY,
    HOST_CALL_SOCKET,
    HOST_CALL_BIND,
    HOST_CALL_LISTEN,
    HOST_CALL_ACCEPT,
    HOST_CALL_CONNECT,
    HOST_CALL_SEND,
    HOST_CALL_RECEIVE,
    HOST_CALL_DATAGRAM,
    HOST_CALL_OPTION,
    HOST_CALL_ALLOCATE,
    HOST_CALL_POLL,
    HOST_CALL_THREAD,
    HOST_CALL_FILE,
    HOST_CALL_RING,
    HOST_CALL_MAX
};

/* host_status_from_errno - the one place where an errno becomes an NTSTATUS. EAGAIN is STATUS_DEVICE_NOT_READY. */
host_status host_status_from_errno(int error, enum host_call call);

/*
 * Fault injection, for tests: the nth host call of a kind (1 = the next; HOST_CALL_ANY counts all)
 * fails with `error`. Counts down once; 0 switches it off. host_fault_seen tells how many calls of
 * the kind there were since the last host_fault_set.
 */
void host_fault_set(enum host_call call, unsigned nth, int error);
unsigned host_fault_seen(enum host_call call);

#endif
