/* SPDX-License-Identifier: MIT */
/* tl_test.c - the client of the transport tests. */
#include "tl_test.h"

#include "host_poller.h"
#include "host_thread.h"

const TL_PROVIDER_DISPATCH *engine;
static LONG next_order;

static VOID Complete(PVOID ClientContext, TL_REQUEST *Request)
{
    struct op *op = CONTAINING_RECORD(Request, struct op, request);
    CHECK(ClientContext != NULL);
    op->order = __atomic_add_fetch(&next_order, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&op->completions, 1, __ATOMIC_SEQ_CST);
    KeSignalCompletion(&op->done);
}

static VOID Indicate(PVOID ClientContext, ULONG Events)
{
    struct end *end = ClientContext;
    __atomic_add_fetch(&end->indications, 1, __ATOMIC_SEQ_CST); /* before who waits for the events goes on */
    __atomic_fetch_or(&end->events, Events, __ATOMIC_SEQ_CST);
}

const TL_CLIENT_DISPATCH test_client = {Complete, Indicate};

static BOOLEAN NeverReady(PVOID Context, ULONG Events)
{
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(Events);
    return FALSE;
}

/* What the stack keeps for the process and its main thread is opened before the first count. */
static int open_lasting_descriptors(void)
{
    KE_POLLER *poller;
    KE_COMPLETION never;
    KE_DIRECT_WAIT direct = {.Item = {.fd = -1}, .Ready = NeverReady};
    LARGE_INTEGER soon = {.QuadPart = -1};
    KeInitializeCompletion(&never);
    KeSetDirectWait(&direct);
    CHECK_EQ(KeWaitCompletion(&never, FALSE, &soon), STATUS_TIMEOUT);
    KeClearDirectWait();
    return NT_SUCCESS(KeDefaultPoller(&poller));
}

static const char *leak_check(void)
{
    static char text[64];
    static int opened;
    EX_POOL_USAGE usage[32];
    if (!opened && !(opened = open_lasting_descriptors()))
        return "no poller";
    ULONG count = ExQueryPoolUsage(usage, 32);
    for (ULONG i = 0; i < count; i++) {
        char tag[5] = {0};
        memcpy(tag, &usage[i].Tag, 4);
        if (tag[3] == 'E' || tag[3] == 'L' || tag[0] == 'E' || tag[0] == 'D' || tag[0] == 'O') {
            memcpy(text, tag, 5);
            return text;
        }
    }
    return NULL;
}

__attribute__((constructor)) static void set_up(void)
{
    nts_set_leak_check(leak_check);
}

int engine_is(const char *name)
{
    return strcmp(engine->Name, name) == 0;
}

static void choose_engine(void)
{
    const char *name = nts_argument();
    if (engine != NULL)
        return;
    host_poller_set_batch_least(2); /* so that the cases need no crowds */
    engine = TlFindEngine(name != NULL ? name : "auto");
    REQUIRE(engine != NULL);
}

/* --- addresses --- */

struct address address_any(ULONG family, USHORT port)
{
    struct address address = {{0}, family == TEST_AF_INET6 ? 28 : 16};
    address.bytes[0] = (UCHAR)family;
    address_set_port(&address, port);
    return address;
}

struct address address_v4(UCHAR a, UCHAR b, UCHAR c, UCHAR d, USHORT port)
{
    struct address address = address_any(TEST_AF_INET, port);
    const UCHAR host[4] = {a, b, c, d};
    memcpy(address.bytes + 4, host, 4);
    return address;
}

struct address address_v6_loopback(USHORT port)
{
    struct address address = address_any(TEST_AF_INET6, port);
    address.bytes[23] = 1;
    return address;
}

USHORT address_port(const struct address *address)
{
    return (USHORT)(address->bytes[2] << 8 | address->bytes[3]);
}

void address_set_port(struct address *address, USHORT port)
{
    address->bytes[2] = (UCHAR)(port >> 8);
    address->bytes[3] = (UCHAR)port;
}

struct address local_address(struct end *end)
{
    struct address address = {{0}, sizeof address.bytes};
    REQUIRE_EQ(engine->GetLocalAddress(end->tl, address.bytes, &address.length), STATUS_SUCCESS);
    return address;
}

void need_ipv6(void)
{
    struct end end;
    choose_engine();
    memset(&end, 0, sizeof end);
    struct address address = address_v6_loopback(0);
    if (!NT_SUCCESS(engine->Open(TEST_AF_INET6, TEST_STREAM, 0, &test_client, &end, &end.tl)))
        SKIP("the host has no IPv6");
    NTSTATUS status = engine->Bind(end.tl, address.bytes, address.length);
    end_close(&end);
    if (!NT_SUCCESS(status))
        SKIP("the host has no ::1");
}

/* --- endpoints --- */

void end_open(struct end *end, ULONG family, ULONG type)
{
    choose_engine();
    memset(end, 0, sizeof *end);
    REQUIRE_EQ(engine->Open(family, type, 0, &test_client, end, &end->tl), STATUS_SUCCESS);
}

void end_close(struct end *end)
{
    engine->Abort(end->tl, FALSE);
    engine->Close(end->tl);
    end->tl = NULL;
}

void end_reset(struct end *end)
{
    engine->Abort(end->tl, TRUE);
    engine->Close(end->tl);
    end->tl = NULL;
}

void end_bind(struct end *end, const struct address *address)
{
    REQUIRE_EQ(engine->Bind(end->tl, address->bytes, address->length), STATUS_SUCCESS);
}

struct address address_own(void)
{
    unsigned host = nts_own_loopback();
    return address_v4((UCHAR)(host >> 24), (UCHAR)(host >> 16), (UCHAR)(host >> 8), (UCHAR)host, 0);
}

void end_refuse(struct end *end, struct address *ret_address)
{
    struct address any = address_v4(127, 0, 0, 1, 0);
    end_open(end, TEST_AF_INET, TEST_STREAM);
    end_bind(end, &any);
    *ret_address = local_address(end);
}

void end_listen(struct end *listener, ULONG backlog, struct address *ret_address)
{
    end_open(listener, TEST_AF_INET, TEST_STREAM);
    struct address any = address_v4(127, 0, 0, 1, 0);
    end_bind(listener, &any);
    REQUIRE_EQ(engine->Listen(listener->tl, backlog), STATUS_SUCCESS);
    *ret_address = local_address(listener);
    CHECK(address_port(ret_address) != 0);
}

static void set_address(struct op *op, const struct address *to)
{
    memcpy(op->request.Address, to->bytes, to->length);
    op->request.AddressLength = (USHORT)to->length;
}

void end_connect(struct end *client, const struct address *to)
{
    struct op op;
    end_open(client, to->bytes[0], TEST_STREAM);
    op_prepare(&op, NULL, 0, 0, 0);
    set_address(&op, to);
    REQUIRE_EQ(op_wait(&op, engine->Connect(client->tl, &op.request)), STATUS_SUCCESS);
}

void end_adopt(struct end *accepted, struct op *op)
{
    memset(accepted, 0, sizeof *accepted);
    REQUIRE(op->request.Accepted != NULL);
    accepted->tl = op->request.Accepted;
    engine->SetClient(accepted->tl, &test_client, accepted);
}

void end_accept(struct end *listener, struct end *accepted)
{
    struct op op;
    op_prepare(&op, NULL, 0, 0, 0);
    REQUIRE_EQ(op_wait(&op, engine->Accept(listener->tl, &op.request)), STATUS_SUCCESS);
    end_adopt(accepted, &op);
}

void end_pair(struct end *a, struct end *b)
{
    struct end listener;
    struct address address;
    end_listen(&listener, 5, &address);
    end_connect(a, &address);
    end_accept(&listener, b);
    end_close(&listener);
}

ULONG end_levels(struct end *end)
{
    ULONG events = 0;
    engine->QueryEvents(&end->tl, &events, 1);
    return events;
}

/* Levels change on another processor's time; there is nothing to wait on, so it looks until the case's time is up. */
void end_wait_levels(struct end *end, ULONG wanted)
{
    while ((end_levels(end) & wanted) != wanted)
        host_sleep_100ns(1000);
}

void end_wait_events(struct end *end, ULONG wanted)
{
    while ((__atomic_load_n(&end->events, __ATOMIC_SEQ_CST) & wanted) != wanted)
        host_sleep_100ns(1000);
}

/* --- requests --- */

void op_prepare(struct op *op, void *data, ULONG bytes, ULONG message_flags, UCHAR flags)
{
    memset(op, 0, sizeof *op);
    op->buffer.base = data;
    op->buffer.length = bytes;
    op->request.Buffers = &op->buffer;
    op->request.BufferCount = data != NULL ? 1 : 0;
    op->request.MessageFlags = message_flags;
    op->request.Flags = flags;
    KeInitializeCompletion(&op->done);
}

NTSTATUS op_wait(struct op *op, NTSTATUS returned)
{
    if (returned != STATUS_PENDING) {
        CHECK_EQ(op->completions, 0);
        return returned;
    }
    REQUIRE_EQ(KeWaitCompletion(&op->done, FALSE, NULL), STATUS_SUCCESS);
    CHECK_EQ(__atomic_load_n(&op->completions, __ATOMIC_SEQ_CST), 1);
    return op->request.Status;
}

NTSTATUS send_bytes(struct end *end, const void *data, ULONG bytes, SIZE_T *ret_bytes)
{
    struct op op;
    op_prepare(&op, (void *)(ULONG_PTR)data, bytes, 0, TL_REQUEST_DIRECT);
    NTSTATUS status = op_wait(&op, engine->Send(end->tl, &op.request));
    if (ret_bytes != NULL)
        *ret_bytes = op.request.Bytes;
    return status;
}

NTSTATUS receive_bytes(struct end *end, void *data, ULONG bytes, ULONG message_flags, SIZE_T *ret_bytes)
{
    struct op op;
    op_prepare(&op, data, bytes, message_flags, TL_REQUEST_DIRECT);
    NTSTATUS status = op_wait(&op, engine->Receive(end->tl, &op.request));
    *ret_bytes = op.request.Bytes;
    return status;
}

NTSTATUS try_receive(struct end *end, void *data, ULONG bytes, SIZE_T *ret_bytes)
{
    struct op op;
    op_prepare(&op, data, bytes, 0, TL_REQUEST_NO_PEND);
    NTSTATUS status = engine->Receive(end->tl, &op.request);
    *ret_bytes = op.request.Bytes;
    return status;
}

NTSTATUS send_to(struct end *end, const struct address *to, const void *data, ULONG bytes)
{
    struct op op;
    op_prepare(&op, (void *)(ULONG_PTR)data, bytes, 0, 0);
    if (to != NULL)
        set_address(&op, to);
    return op_wait(&op, engine->SendDatagram(end->tl, &op.request));
}
