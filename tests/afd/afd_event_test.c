/* SPDX-License-Identifier: MIT */
/*
 * afd_event_test.c - the record of network events against what happens between an edge, the look at the endpoint and
 * the record.
 *
 * Method: a table in the place of the transport's calls the engine and, where a case says so, does in between what
 * another thread might do: so each order of events comes every time, not by chance. What is asked of the engine is
 * counted for the thread that asks.
 */
#include "afd_test.h"

#include <string.h>

#include "transport.h"

extern const TL_PROVIDER_DISPATCH *AfdTransport; /* afd_private.h */

#define READ_EVENTS (AFD_POLL_RECEIVE | AFD_POLL_RECEIVE_EXPEDITED | AFD_POLL_DISCONNECT | AFD_POLL_ABORT)

static const TL_PROVIDER_DISPATCH *engine;
static const TL_CLIENT_DISPATCH *afd_client;
static TL_PROVIDER_DISPATCH table;
static PVOID opened_context;           /* the client's, of the last endpoint that was opened */
static LONG indications;               /* that have been handled; atomic */
static PVOID held_context;             /* whose indications are held back while it is set; atomic */
static LONG held;                      /* one of them is; atomic */
static void (*after_query)(void);      /* called once */
static void (*after_receive)(void);
static _Thread_local int levels_asked, amounts_asked, others_asked;
static LONG asked; /* any of these, by any thread; atomic */

static void call_once(void (**routine)(void))
{
    void (*found)(void) = __atomic_exchange_n(routine, NULL, __ATOMIC_SEQ_CST);
    if (found != NULL)
        found();
}

static VOID complete(PVOID context, TL_REQUEST *request)
{
    __atomic_load_n(&afd_client, __ATOMIC_SEQ_CST)->Complete(context, request);
}

static VOID indicate(PVOID context, ULONG events)
{
    while (__atomic_load_n(&held_context, __ATOMIC_SEQ_CST) == context) {
        __atomic_store_n(&held, 1, __ATOMIC_SEQ_CST);
        NtYieldExecution();
    }
    __atomic_load_n(&afd_client, __ATOMIC_SEQ_CST)->Indicate(context, events);
    __atomic_add_fetch(&indications, 1, __ATOMIC_SEQ_CST);
}

static const TL_CLIENT_DISPATCH client_table = {complete, indicate};

static NTSTATUS open_hooked(ULONG family, ULONG type, ULONG protocol, const TL_CLIENT_DISPATCH *client, PVOID context,
    TL_ENDPOINT **endpoint)
{
    if (__atomic_load_n(&afd_client, __ATOMIC_SEQ_CST) == NULL)
        __atomic_store_n(&afd_client, client, __ATOMIC_SEQ_CST);
    opened_context = context;
    return engine->Open(family, type, protocol, &client_table, context, endpoint);
}

static VOID set_client_hooked(TL_ENDPOINT *endpoint, const TL_CLIENT_DISPATCH *client, PVOID context)
{
    UNREFERENCED_PARAMETER(client);
    engine->SetClient(endpoint, &client_table, context);
}

static VOID query_events_hooked(TL_ENDPOINT *const *endpoints, ULONG *events, ULONG count)
{
    levels_asked++;
    __atomic_add_fetch(&asked, 1, __ATOMIC_SEQ_CST);
    engine->QueryEvents(endpoints, events, count);
}

static NTSTATUS query_receive_hooked(TL_ENDPOINT *endpoint, ULONG *bytes, ULONG *expedited, BOOLEAN *at_mark)
{
    NTSTATUS status = engine->QueryReceive(endpoint, bytes, expedited, at_mark);
    amounts_asked++;
    __atomic_add_fetch(&asked, 1, __ATOMIC_SEQ_CST);
    others_asked += (expedited != NULL) + (at_mark != NULL);
    if (*bytes != 0)
        call_once(&after_query);
    return status;
}

static BOOLEAN is_data_there_hooked(TL_ENDPOINT *endpoint)
{
    BOOLEAN there = engine->IsDataThere(endpoint);
    if (there)
        call_once(&after_query);
    return there;
}

static NTSTATUS receive_hooked(TL_ENDPOINT *endpoint, TL_REQUEST *request)
{
    NTSTATUS status = engine->Receive(endpoint, request);
    call_once(&after_receive);
    return status;
}

/* For the rest of the process: the case is alone in it. What a case does in between must be over when it returns. */
static void replace_transport(void)
{
    start_stack();
    if (makes_pending())
        SKIP("requests end on threads of the driver");
    engine = AfdTransport;
    table = *engine;
    table.Open = open_hooked;
    table.SetClient = set_client_hooked;
    table.QueryEvents = query_events_hooked;
    table.QueryReceive = query_receive_hooked;
    table.IsDataThere = is_data_there_hooked;
    table.Receive = receive_hooked;
    AfdTransport = &table;
}

/* --- a selected connection; client_context is that of its transport endpoint --- */
static HANDLE client, server, event;
static PVOID client_context;

static void open_selected(ULONG events)
{
    event = open_event(1);
    open_pair(&client, &server);
    client_context = opened_context;
    CHECK_EQ(select_events(client, event, events), STATUS_SUCCESS);
    take_events(client, event, NULL);
}

static void close_selected(void)
{
    close_handle(client);
    close_handle(server);
    close_handle(event);
}

static void read_two(void)
{
    char buffer[2];
    ULONG bytes = 0;
    CHECK_EQ(receive(client, buffer, 2, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 2);
}

/* As Winsock does it: the other call would have the request attempted twice, by fast I/O and as an IRP. */
static NTSTATUS receive_waiting(char *buffer, ULONG length)
{
    AFD_WSABUF wsabuf = {length, buffer};
    AFD_RECV_INFO info = {&wsabuf, 1, 0, TDI_RECEIVE_NORMAL};
    return control_and_wait(client, IOCTL_AFD_RECEIVE, &info, sizeof info, NULL, 0, NULL);
}

static void await_indications(LONG before)
{
    while (__atomic_load_n(&indications, __ATOMIC_SEQ_CST) == before)
        NtYieldExecution();
}

static void send_and_await_indication(void)
{
    LONG before = __atomic_load_n(&indications, __ATOMIC_SEQ_CST);
    CHECK_EQ(send_bytes(server, "xy", 2, NULL), STATUS_SUCCESS);
    await_indications(before);
}

static void send_urgent(HANDLE handle)
{
    AFD_WSABUF wsabuf = {1, (char *)"!"};
    AFD_SEND_INFO urgent = {&wsabuf, 1, 0, TDI_SEND_EXPEDITED};
    CHECK_EQ(control(handle, IOCTL_AFD_SEND, &urgent, sizeof urgent, NULL, 0, NULL), STATUS_SUCCESS);
}

static ULONG available(HANDLE handle)
{
    ULONG info[2] = {0, 0};
    CHECK_EQ(control(handle, IOCTL_AFD_QUERY_RECEIVE_INFO, NULL, 0, info, sizeof info, NULL), STATUS_SUCCESS);
    return info[0];
}

/* --- who polls is held in another endpoint's indication: edges that come from now on are handled later --- */
static HANDLE other_client, other_server, other_event;

static void hold_edges(void)
{
    other_event = open_event(1);
    open_pair(&other_client, &other_server);
    CHECK_EQ(select_events(other_client, other_event, AFD_POLL_RECEIVE), STATUS_SUCCESS);
    __atomic_store_n(&held_context, opened_context, __ATOMIC_SEQ_CST);
    CHECK_EQ(send_bytes(other_server, "x", 1, NULL), STATUS_SUCCESS);
    while (!__atomic_load_n(&held, __ATOMIC_SEQ_CST))
        NtYieldExecution();
}

/* Returns when the edge of the client that came meanwhile has been handled. */
static void release_edges(void)
{
    LONG before = __atomic_load_n(&indications, __ATOMIC_SEQ_CST);
    __atomic_store_n(&held_context, NULL, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&indications, __ATOMIC_SEQ_CST) < before + 2)
        NtYieldExecution();
    close_handle(other_client);
    close_handle(other_server);
    close_handle(other_event);
}

static void need_edges(void)
{
    if (engine_is("loop"))
        SKIP("an edge is handled where it is made");
}

/* --- cases --- */
TEST_ALONE(selected__edge_of_data__the_amount_alone_is_asked)
{
    replace_transport();
    open_selected(READ_EVENTS);
    CHECK_EQ(send_bytes(server, "ab", 2, NULL), STATUS_SUCCESS);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    levels_asked = amounts_asked = others_asked = 0;
    afd_client->Indicate(client_context, TL_EVENT_RECEIVE | TL_EVENT_SEND);
    CHECK_EQ(amounts_asked, 1);
    CHECK_EQ(levels_asked, 0);
    CHECK_EQ(others_asked, 0);
    check_quiet(client, event); /* the same data */
    afd_client->Indicate(client_context, TL_EVENT_SEND);
    CHECK_EQ(amounts_asked, 1); /* nobody waits for room */
    CHECK_EQ(levels_asked, 0);
    afd_client->Indicate(client_context, TL_EVENT_RECEIVE | TL_EVENT_DISCONNECT);
    CHECK_EQ(levels_asked, 1);
    check_quiet(client, event);
    read_two();
    check_quiet(client, event);
    close_selected();
}

/* Data that the record waits for is there because the host has just told of it; more of it is counted. */
TEST_ALONE(selected__data_arrives__recorded_without_asking_and_again_when_there_is_more)
{
    char buffer[8];
    LONG before;
    replace_transport();
    open_selected(READ_EVENTS);
    for (int i = 0; i < 3; i++) {
        before = __atomic_load_n(&asked, __ATOMIC_SEQ_CST);
        send_and_await_indication();
        CHECK_EQ(__atomic_load_n(&asked, __ATOMIC_SEQ_CST), before);
        CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
        send_and_await_indication();
        CHECK_EQ(__atomic_load_n(&asked, __ATOMIC_SEQ_CST), before + 1);
        CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
        afd_client->Indicate(client_context, TL_EVENT_RECEIVE | TL_EVENT_DATA);
        check_quiet(client, event);
        send_and_await_indication();
        CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
        CHECK_EQ(receive_waiting(buffer, sizeof buffer), STATUS_SUCCESS);
        check_quiet(client, event);
    }
    close_selected();
}

/* Without a selection there are no edges: a new one finds out by the amount whether more has come. */
TEST_ALONE(selected_again__data_was_recorded__again_only_when_there_is_more)
{
    replace_transport();
    open_selected(READ_EVENTS);
    send_and_await_indication();
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    for (ULONG sent = 0; sent < 2; sent++) {
        CHECK_EQ(select_events(client, NULL, 0), STATUS_SUCCESS);
        CHECK_EQ(select_events(client, event, READ_EVENTS), STATUS_SUCCESS);
        check_quiet(client, event);
        CHECK_EQ(select_events(client, NULL, 0), STATUS_SUCCESS);
        CHECK_EQ(send_bytes(server, "xy", 2, NULL), STATUS_SUCCESS);
        while (available(client) != 4 + 2 * sent)
            NtYieldExecution();
        CHECK_EQ(select_events(client, event, READ_EVENTS), STATUS_SUCCESS);
        CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    }
    close_selected();
}

TEST_ALONE(selected__edge_without_data__not_recorded)
{
    replace_transport();
    open_selected(READ_EVENTS);
    afd_client->Indicate(client_context, TL_EVENT_RECEIVE | TL_EVENT_SEND);
    check_quiet(client, event);
    CHECK_EQ(send_bytes(server, "ab", 2, NULL), STATUS_SUCCESS);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    close_selected();
}

TEST_ALONE(selected__data_is_read_between_look_and_record__not_recorded)
{
    replace_transport();
    open_selected(READ_EVENTS);
    __atomic_store_n(&after_query, read_two, __ATOMIC_SEQ_CST);
    send_and_await_indication();
    CHECK(__atomic_load_n(&after_query, __ATOMIC_SEQ_CST) == NULL);
    check_quiet(client, event);
    send_and_await_indication();
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    close_selected();
}

TEST_ALONE(selected__data_is_read_before_its_edge_is_handled__not_recorded)
{
    replace_transport();
    need_edges();
    open_selected(READ_EVENTS);
    hold_edges();
    CHECK_EQ(send_bytes(server, "ab", 2, NULL), STATUS_SUCCESS);
    while ((poll_levels(client) & AFD_POLL_RECEIVE) == 0)
        NtYieldExecution();
    read_two();
    release_edges();
    check_quiet(client, event);
    close_selected();
}

/* The poller has told of two edges at once, and is held in the first one's indication. */
TEST_ALONE(selected__data_is_read_after_the_poller_has_told_of_it__not_recorded)
{
    HANDLE third_client, third_server, third_event = open_event(1);
    PVOID third_context;
    replace_transport();
    need_edges();
    open_pair(&third_client, &third_server);
    third_context = opened_context;
    CHECK_EQ(select_events(third_client, third_event, AFD_POLL_RECEIVE), STATUS_SUCCESS);
    open_selected(READ_EVENTS);
    hold_edges();
    CHECK_EQ(send_bytes(third_server, "x", 1, NULL), STATUS_SUCCESS);
    while ((poll_levels(third_client) & AFD_POLL_RECEIVE) == 0)
        NtYieldExecution();
    CHECK_EQ(send_bytes(server, "ab", 2, NULL), STATUS_SUCCESS);
    while ((poll_levels(client) & AFD_POLL_RECEIVE) == 0)
        NtYieldExecution();
    __atomic_store_n(&held, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&held_context, third_context, __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&held, __ATOMIC_SEQ_CST))
        NtYieldExecution();
    read_two();
    release_edges();
    check_quiet(client, event);
    close_selected();
    close_handle(third_client);
    close_handle(third_server);
    close_handle(third_event);
}

/* A receive that leaves room shows that there is nothing more, and so does one that would block. */
static void data_arrives_at_the_end_of(const char *waiting, NTSTATUS expected)
{
    char buffer[8];
    replace_transport();
    open_selected(READ_EVENTS);
    if (*waiting != '\0') {
        CHECK_EQ(send_bytes(server, waiting, (ULONG)strlen(waiting), NULL), STATUS_SUCCESS);
        CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    }
    __atomic_store_n(&after_receive, send_and_await_indication, __ATOMIC_SEQ_CST);
    CHECK_EQ(receive_waiting(buffer, sizeof buffer), expected);
    CHECK(__atomic_load_n(&after_receive, __ATOMIC_SEQ_CST) == NULL);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    check_quiet(client, event);
    read_two();
    check_quiet(client, event);
    close_selected();
}

TEST_ALONE(selected__data_arrives_as_a_short_receive_ends__recorded_once)
{
    data_arrives_at_the_end_of("abc", STATUS_SUCCESS);
}

TEST_ALONE(selected__data_arrives_as_a_receive_that_would_block_ends__recorded_once)
{
    data_arrives_at_the_end_of("", STATUS_DEVICE_NOT_READY);
}

TEST_ALONE(selected__receive_would_block__the_levels_are_not_asked)
{
    char byte;
    replace_transport();
    open_selected(READ_EVENTS);
    levels_asked = amounts_asked = 0;
    CHECK_EQ(receive_waiting(&byte, 1), STATUS_DEVICE_NOT_READY);
    CHECK_EQ(levels_asked + amounts_asked, 0);
    close_selected();
}

/* A look takes the byte aside, and the edge that is handled later tells of nothing urgent. */
TEST_ALONE(selected__urgent_byte_is_seen_by_a_poll_before_its_edge__own_event)
{
    char byte = 0;
    replace_transport();
    need_edges();
    open_selected(READ_EVENTS);
    hold_edges();
    send_urgent(server);
    while ((poll_levels(client) & AFD_POLL_RECEIVE_EXPEDITED) == 0)
        NtYieldExecution();
    release_edges();
    CHECK_EQ(take_events(client, event, NULL), AFD_POLL_RECEIVE_EXPEDITED);
    CHECK_EQ(receive(client, &byte, 1, TDI_RECEIVE_EXPEDITED, NULL), STATUS_SUCCESS);
    CHECK_EQ(byte, '!');
    check_quiet(client, event);
    close_selected();
}

/* At the urgent mark the host counts no data, and yet there is some. */
TEST(selected__data_behind_an_urgent_byte_that_was_received__recorded)
{
    char byte = 0;
    open_selected(READ_EVENTS);
    send_urgent(server);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE_EXPEDITED);
    CHECK_EQ(receive(client, &byte, 1, TDI_RECEIVE_EXPEDITED, NULL), STATUS_SUCCESS);
    check_quiet(client, event);
    CHECK_EQ(send_bytes(server, "ab", 2, NULL), STATUS_SUCCESS);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    read_two();
    check_quiet(client, event);
    close_selected();
}

TEST(selected__receive_stops_at_the_urgent_mark__what_is_behind_is_recorded)
{
    char buffer[8];
    ULONG bytes = 0, events = 0;
    open_selected(READ_EVENTS);
    CHECK_EQ(send_bytes(server, "ab", 2, NULL), STATUS_SUCCESS);
    send_urgent(server);
    CHECK_EQ(send_bytes(server, "cd", 2, NULL), STATUS_SUCCESS);
    while (events != (AFD_POLL_RECEIVE | AFD_POLL_RECEIVE_EXPEDITED))
        events |= await_events(client, event);
    CHECK_EQ(receive(client, buffer, 1, TDI_RECEIVE_EXPEDITED, NULL), STATUS_SUCCESS);
    CHECK_EQ(receive(client, buffer, sizeof buffer, TDI_RECEIVE_NORMAL, &bytes), STATUS_SUCCESS);
    CHECK_EQ(bytes, 2);
    CHECK_EQ(await_events(client, event), AFD_POLL_RECEIVE);
    read_two();
    close_selected();
}
