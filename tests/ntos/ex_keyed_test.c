/* SPDX-License-Identifier: MIT */
/* ex_keyed_test.c - keyed events: meeting, order, keys, time-outs, alerts, many at once. */
#include "port_test.h"

static HANDLE create_keyed(ACCESS_MASK access)
{
    HANDLE handle = NULL;
    REQUIRE_EQ(NtCreateKeyedEvent(&handle, access, NULL, 0), STATUS_SUCCESS);
    return handle;
}

struct party {
    HANDLE event;
    ULONG_PTR key;
    BOOLEAN release, alertable;
    LONG *order, place;
};

static ULONG meet(PVOID parameter)
{
    struct party *party = parameter;
    NTSTATUS status = party->release ? NtReleaseKeyedEvent(party->event, (PVOID)party->key, party->alertable, NULL)
                                     : NtWaitForKeyedEvent(party->event, (PVOID)party->key, party->alertable, NULL);
    if (party->order != NULL)
        party->place = __atomic_add_fetch(party->order, 1, __ATOMIC_SEQ_CST);
    return (ULONG)status;
}

static HANDLE start_party(struct party *party)
{
    HANDLE thread = start_thread(meet, party);
    await_parked(thread_of(thread));
    return thread;
}

TEST(keyed__wrong_arguments__documented_statuses)
{
    LARGE_INTEGER now = {.QuadPart = 0}, soon = relative_ms(1);
    HANDLE handle = create_keyed(KEYEDEVENT_ALL_ACCESS), wait_only = create_keyed(KEYEDEVENT_WAIT);
    HANDLE event = create_event();
    CHECK_EQ(NtCreateKeyedEvent(&handle, KEYEDEVENT_ALL_ACCESS, NULL, 1), STATUS_INVALID_PARAMETER_4);
    CHECK_EQ(NtWaitForKeyedEvent(handle, (PVOID)255, FALSE, &now), STATUS_INVALID_PARAMETER_1);
    CHECK_EQ(NtReleaseKeyedEvent(handle, (PVOID)255, FALSE, &now), STATUS_INVALID_PARAMETER_1);
    CHECK_EQ(NtWaitForKeyedEvent(handle, (PVOID)8, FALSE, &now), STATUS_TIMEOUT);
    CHECK_EQ(NtReleaseKeyedEvent(handle, (PVOID)8, FALSE, &soon), STATUS_TIMEOUT);
    CHECK_EQ(NtWaitForKeyedEvent(handle, NULL, FALSE, &soon), STATUS_TIMEOUT);
    CHECK_EQ(NtWaitForKeyedEvent(NULL, (PVOID)8, FALSE, &now), STATUS_TIMEOUT);
    CHECK_EQ(NtReleaseKeyedEvent(wait_only, (PVOID)8, FALSE, &now), STATUS_ACCESS_DENIED);
    CHECK_EQ(NtWaitForKeyedEvent(wait_only, (PVOID)8, FALSE, &now), STATUS_TIMEOUT);
    CHECK_EQ(NtWaitForKeyedEvent(event, (PVOID)8, FALSE, &now), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(NtWaitForKeyedEvent((HANDLE)0x7ff0, (PVOID)8, FALSE, &now), STATUS_INVALID_HANDLE);
    NtClose(handle);
    NtClose(wait_only);
    NtClose(event);
}

TEST(keyed__named__opened_by_name)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    HANDLE first, second;
    RtlInitUnicodeString(&name, L"\\BaseNamedObjects\\keyed");
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    REQUIRE_EQ(NtCreateKeyedEvent(&first, KEYEDEVENT_ALL_ACCESS, &attributes, 0), STATUS_SUCCESS);
    REQUIRE_EQ(NtOpenKeyedEvent(&second, KEYEDEVENT_ALL_ACCESS, &attributes), STATUS_SUCCESS);
    struct party party = {.event = first, .key = 4};
    HANDLE thread = start_party(&party);
    CHECK_EQ(NtReleaseKeyedEvent(second, (PVOID)4, FALSE, NULL), STATUS_SUCCESS);
    CHECK_EQ(join_thread(thread), STATUS_SUCCESS);
    NtClose(first);
    NtClose(second);
}

TEST(keyed__either_may_come_first__and_only_the_same_key_meets)
{
    LARGE_INTEGER now = {.QuadPart = 0};
    HANDLE event = create_keyed(KEYEDEVENT_ALL_ACCESS);
    HANDLE handles[] = {event, NULL};
    for (int i = 0; i < 4; i++) {
        struct party party = {.event = handles[i / 2], .key = 16, .release = i % 2};
        HANDLE thread = start_party(&party);
        if (party.release) {
            CHECK_EQ(NtWaitForKeyedEvent(party.event, (PVOID)18, FALSE, &now), STATUS_TIMEOUT);
            CHECK_EQ(NtReleaseKeyedEvent(party.event, (PVOID)16, FALSE, &now), STATUS_TIMEOUT);
            CHECK_EQ(NtWaitForKeyedEvent(party.event, (PVOID)16, FALSE, NULL), STATUS_SUCCESS);
        } else {
            CHECK_EQ(NtReleaseKeyedEvent(party.event, (PVOID)18, FALSE, &now), STATUS_TIMEOUT);
            CHECK_EQ(NtWaitForKeyedEvent(party.event, (PVOID)16, FALSE, &now), STATUS_TIMEOUT);
            CHECK_EQ(NtReleaseKeyedEvent(party.event, (PVOID)16, FALSE, NULL), STATUS_SUCCESS);
        }
        CHECK_EQ(join_thread(thread), STATUS_SUCCESS);
    }
    NtClose(event);
}

TEST(keyed__several_wait__released_in_order)
{
    LONG order = 0;
    HANDLE event = create_keyed(KEYEDEVENT_ALL_ACCESS), threads[4];
    struct party parties[4];
    for (int i = 0; i < 4; i++) {
        parties[i] = (struct party){.event = event, .key = 2, .order = &order};
        threads[i] = start_party(&parties[i]);
    }
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(NtReleaseKeyedEvent(event, (PVOID)2, FALSE, NULL), STATUS_SUCCESS);
        CHECK_EQ(join_thread(threads[i]), STATUS_SUCCESS);
        CHECK_EQ(parties[i].place, i + 1);
    }
    NtClose(event);
}

static LONG apcs;
static VOID count_apc(PVOID a, PVOID b, PVOID c)
{
    UNREFERENCED_PARAMETER(a);
    UNREFERENCED_PARAMETER(b);
    UNREFERENCED_PARAMETER(c);
    __atomic_add_fetch(&apcs, 1, __ATOMIC_SEQ_CST);
}

TEST(keyed__alertable__an_apc_ends_the_wait)
{
    struct party party = {.key = 2, .alertable = TRUE};
    LARGE_INTEGER now = {.QuadPart = 0};
    HANDLE thread = start_party(&party);
    CHECK_EQ(NtQueueApcThread(thread, count_apc, NULL, NULL, NULL), STATUS_SUCCESS);
    CHECK_EQ(join_thread(thread), STATUS_USER_APC);
    CHECK_EQ(apcs, 1);
    CHECK_EQ(NtReleaseKeyedEvent(NULL, (PVOID)2, FALSE, &now), STATUS_TIMEOUT);
}

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define ROUNDS 2000
#else
#define ROUNDS 20000
#endif
static LONG met[2];

static ULONG meet_often(PVOID parameter)
{
    ULONG_PTR me = (ULONG_PTR)parameter;
    for (ULONG i = 0; i < ROUNDS; i++) {
        PVOID key = (PVOID)(ULONG_PTR)(2 * (1 + i % 3));
        LARGE_INTEGER time = {.QuadPart = -50};
        NTSTATUS status;
        do {
            PLARGE_INTEGER timeout = i % 5 == 0 ? &time : NULL;
            status = me % 2 ? NtReleaseKeyedEvent(NULL, key, FALSE, timeout)
                            : NtWaitForKeyedEvent(NULL, key, FALSE, timeout);
        } while (status == STATUS_TIMEOUT);
        CHECK_EQ(status, STATUS_SUCCESS);
        __atomic_add_fetch(&met[me % 2], 1, __ATOMIC_RELAXED);
    }
    return 0;
}

TEST(hammer__as_many_wait_as_release__all_meet)
{
    LARGE_INTEGER now = {.QuadPart = 0};
    HANDLE threads[4];
    for (ULONG_PTR i = 0; i < 4; i++)
        threads[i] = start_thread(meet_often, (PVOID)i);
    for (int i = 0; i < 4; i++)
        join_thread(threads[i]);
    CHECK_EQ(met[0], 2 * ROUNDS);
    CHECK_EQ(met[1], 2 * ROUNDS);
    for (ULONG_PTR key = 2; key <= 6; key += 2) {
        CHECK_EQ(NtWaitForKeyedEvent(NULL, (PVOID)key, FALSE, &now), STATUS_TIMEOUT);
        CHECK_EQ(NtReleaseKeyedEvent(NULL, (PVOID)key, FALSE, &now), STATUS_TIMEOUT);
    }
}
