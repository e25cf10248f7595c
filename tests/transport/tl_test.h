/* SPDX-License-Identifier: MIT */
/*
 * tl_test.h - a client of the transport for tests: endpoints and requests with counters.
 *
 * The argument after "--" names the engine; each case runs over every engine.
 */
#ifndef TL_TEST_H
#define TL_TEST_H

#include <string.h>

#include "ex.h"
#include "ke.h"
#include "ntstest.h"
#include "transport.h"

#define TEST_AF_INET 2
#define TEST_AF_INET6 23
#define TEST_STREAM 1
#define TEST_DATAGRAM 2

struct end {
    TL_ENDPOINT *tl;
    ULONG events;     /* of all Indicate calls; atomic */
    LONG indications; /* atomic */
};

struct op {
    TL_REQUEST request;
    TL_BUFFER buffer;
    KE_COMPLETION done;
    LONG completions; /* upcalls; atomic */
    LONG order;       /* of its upcall among all */
};

extern const TL_PROVIDER_DISPATCH *engine;
extern const TL_CLIENT_DISPATCH test_client;
int engine_is(const char *name);

struct address {
    UCHAR bytes[28];
    ULONG length;
};
struct address address_v4(UCHAR a, UCHAR b, UCHAR c, UCHAR d, USHORT port);
struct address address_v6_loopback(USHORT port);
struct address address_any(ULONG family, USHORT port);
USHORT address_port(const struct address *address);
void address_set_port(struct address *address, USHORT port);
struct address local_address(struct end *end);
void need_ipv6(void); /* skips the case without ::1 */

void end_open(struct end *end, ULONG family, ULONG type);
void end_close(struct end *end);
void end_reset(struct end *end);
void end_bind(struct end *end, const struct address *address);
struct address address_own(void); /* a loopback address of this program alone: ports may be given up and taken again */
void end_refuse(struct end *end, struct address *ret_address); /* bound, not listening: refuses, and keeps its port */
void end_listen(struct end *listener, ULONG backlog, struct address *ret_address); /* on 127.0.0.1 */
void end_connect(struct end *client, const struct address *to);
void end_accept(struct end *listener, struct end *accepted);
void end_adopt(struct end *accepted, struct op *op); /* result of an accept that is over */
/* a connected pair; the listener is gone afterwards */
void end_pair(struct end *a, struct end *b);
ULONG end_levels(struct end *end);
/* waits until the wanted levels are there */
void end_wait_levels(struct end *end, ULONG wanted);
void end_wait_events(struct end *end, ULONG wanted); /* of Indicate */

void op_prepare(struct op *op, void *data, ULONG bytes, ULONG message_flags, UCHAR flags);
NTSTATUS op_wait(struct op *op, NTSTATUS returned); /* the final status */
NTSTATUS send_bytes(struct end *end, const void *data, ULONG bytes, SIZE_T *ret_bytes);
NTSTATUS receive_bytes(struct end *end, void *data, ULONG bytes, ULONG message_flags, SIZE_T *ret_bytes);
NTSTATUS send_to(struct end *end, const struct address *to, const void *data, ULONG bytes);
NTSTATUS try_receive(struct end *end, void *data, ULONG bytes, SIZE_T *ret_bytes); /* NO_PEND */

#endif
