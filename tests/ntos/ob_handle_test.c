/* SPDX-License-Identifier: MIT */
/* ob_handle_test.c - handles: values, life, types, access, duplication, many of them, many threads. */
#include "ke_test.h"

#include "ob.h"

static HANDLE new_event(ACCESS_MASK access)
{
    HANDLE handle = NULL;
    REQUIRE_EQ(NtCreateEvent(&handle, access, NULL, NotificationEvent, FALSE), STATUS_SUCCESS);
    return handle;
}

static NTSTATUS reference(HANDLE handle, ACCESS_MASK access, POBJECT_TYPE type)
{
    PVOID object;
    NTSTATUS status = ObReferenceObjectByHandle(handle, access, type, UserMode, &object, NULL);
    if (NT_SUCCESS(status))
        ObDereferenceObject(object);
    return status;
}

TEST(handle__created__multiple_of_four_and_low_bits_ignored)
{
    HANDLE handle = new_event(EVENT_ALL_ACCESS);
    CHECK((ULONG_PTR)handle >= 4);
    CHECK_EQ((ULONG_PTR)handle % 4, 0);
    for (ULONG_PTR tag = 1; tag < 4; tag++)
        CHECK_EQ(reference((HANDLE)((ULONG_PTR)handle | tag), 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(NtClose((HANDLE)((ULONG_PTR)handle | 1)), STATUS_SUCCESS);
    CHECK_EQ(reference(handle, 0, NULL), STATUS_INVALID_HANDLE);
}

TEST(handle__closed__stale_for_the_next_creations)
{
    HANDLE stale = new_event(EVENT_ALL_ACCESS), kept[60];
    CHECK_EQ(NtClose(stale), STATUS_SUCCESS);
    CHECK_EQ(NtClose(stale), STATUS_INVALID_HANDLE);
    for (int i = 0; i < 60; i++) {
        kept[i] = new_event(EVENT_ALL_ACCESS);
        CHECK(kept[i] != stale);
        CHECK_EQ(reference(stale, 0, NULL), STATUS_INVALID_HANDLE);
    }
    for (int i = 0; i < 60; i++)
        CHECK_EQ(NtClose(kept[i]), STATUS_SUCCESS);
}

TEST(handle__reuse__oldest_first)
{
    HANDLE first = new_event(EVENT_ALL_ACCESS), second = new_event(EVENT_ALL_ACCESS), now;
    int first_at = -1, second_at = -1;
    CHECK_EQ(NtClose(first), STATUS_SUCCESS);
    CHECK_EQ(NtClose(second), STATUS_SUCCESS);
    for (int i = 0; i < 5000 && second_at < 0; i++) {
        now = new_event(EVENT_ALL_ACCESS);
        if (now == first && first_at < 0)
            first_at = i;
        if (now == second)
            second_at = i;
        CHECK_EQ(NtClose(now), STATUS_SUCCESS);
    }
    CHECK(first_at > 100);
    CHECK_EQ(second_at, first_at + 1);
}

TEST(handle__bad_values__invalid_handle)
{
    const ULONG_PTR values[] = {0, 1, 3, 4 * (ULONG_PTR)OB_HANDLES_MAX, 0x7ffffffc, (ULONG_PTR)-4 * 100,
        (ULONG_PTR)1 << 63, 0xdeadbeef};
    for (ULONG i = 0; i < RTL_NUMBER_OF(values); i++) {
        CHECK_EQ(reference((HANDLE)values[i], 0, NULL), STATUS_INVALID_HANDLE);
        CHECK_EQ(NtClose((HANDLE)values[i]), STATUS_INVALID_HANDLE);
    }
}

TEST(pseudo_handles__process_and_thread__types_and_close)
{
    CHECK_EQ(reference(NtCurrentProcess(), 0, &ObpProcessType), STATUS_SUCCESS);
    CHECK_EQ(reference(NtCurrentThread(), 0, *PsThreadType), STATUS_SUCCESS);
    CHECK_EQ(reference(NtCurrentProcess(), 0, *IoFileObjectType), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(NtClose(NtCurrentProcess()), STATUS_SUCCESS);
}

TEST(handle__wrong_type_or_access__told_apart)
{
    HANDLE handle = new_event(SYNCHRONIZE);
    CHECK_EQ(reference(handle, 0, *IoFileObjectType), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(reference(handle, EVENT_MODIFY_STATE, *ExEventObjectType), STATUS_ACCESS_DENIED);
    CHECK_EQ(reference(handle, SYNCHRONIZE, *ExEventObjectType), STATUS_SUCCESS);
    CHECK_EQ(NtSetEvent(handle, NULL), STATUS_ACCESS_DENIED);
    CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
    handle = new_event(GENERIC_WRITE);
    CHECK_EQ(NtSetEvent(handle, NULL), STATUS_SUCCESS);
    CHECK_EQ(reference(handle, SYNCHRONIZE, NULL), STATUS_ACCESS_DENIED);
    CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
}

TEST(duplicate__same_access_and_close_source__one_object)
{
    HANDLE source = new_event(EVENT_ALL_ACCESS), copy = NULL, weak = NULL;
    PVOID a, b;
    CHECK_EQ(NtDuplicateObject(NtCurrentProcess(), source, NtCurrentProcess(), &weak, SYNCHRONIZE, 0, 0),
        STATUS_SUCCESS);
    CHECK_EQ(NtSetEvent(weak, NULL), STATUS_ACCESS_DENIED);
    CHECK_EQ(NtDuplicateObject(NtCurrentProcess(), weak, NtCurrentProcess(), &copy, EVENT_ALL_ACCESS, 0, 0),
        STATUS_SUCCESS);
    CHECK_EQ(NtSetEvent(copy, NULL), STATUS_SUCCESS);
    CHECK_EQ(NtClose(copy), STATUS_SUCCESS);
    CHECK_EQ(NtDuplicateObject(NtCurrentProcess(), source, NtCurrentProcess(), &copy, 0, OBJ_INHERIT,
        DUPLICATE_SAME_ACCESS), STATUS_SUCCESS);
    CHECK_EQ(ObReferenceObjectByHandle(source, 0, NULL, UserMode, &a, NULL), STATUS_SUCCESS);
    CHECK_EQ(ObReferenceObjectByHandle(copy, EVENT_ALL_ACCESS, NULL, UserMode, &b, NULL), STATUS_SUCCESS);
    CHECK(a == b);
    ObDereferenceObject(a);
    ObDereferenceObject(b);
    CHECK_EQ(NtDuplicateObject(NtCurrentProcess(), source, NULL, NULL, 0, 0, DUPLICATE_CLOSE_SOURCE),
        STATUS_SUCCESS);
    CHECK_EQ(reference(source, 0, NULL), STATUS_INVALID_HANDLE);
    CHECK_EQ(NtSetEvent(copy, NULL), STATUS_SUCCESS);
    CHECK_EQ(NtDuplicateObject(copy, copy, NtCurrentProcess(), &source, 0, 0, 2), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(NtDuplicateObject(NtCurrentProcess(), (HANDLE)0x7770, NtCurrentProcess(), &source, 0, 0, 2),
        STATUS_INVALID_HANDLE);
    CHECK_EQ(NtDuplicateObject(NtCurrentProcess(), copy, NtCurrentProcess(), (PHANDLE)8, 0, 0, 2),
        STATUS_ACCESS_VIOLATION);
    CHECK_EQ(NtClose(copy), STATUS_SUCCESS);
    CHECK_EQ(NtClose(weak), STATUS_SUCCESS);
}

TEST(duplicate__pseudo_thread__real_handle)
{
    HANDLE thread = NULL;
    CHECK_EQ(NtDuplicateObject(NtCurrentProcess(), NtCurrentThread(), NtCurrentProcess(), &thread, 0, 0,
        DUPLICATE_SAME_ACCESS), STATUS_SUCCESS);
    CHECK(thread_of(thread) == KeGetCurrentThread());
    CHECK_EQ(NtClose(thread), STATUS_SUCCESS);
}

TEST(protect_from_close__set__not_closable_until_cleared)
{
    OBJECT_HANDLE_FLAG_INFORMATION flags = {.ProtectFromClose = TRUE};
    HANDLE handle = new_event(EVENT_ALL_ACCESS);
    CHECK_EQ(NtSetInformationObject(handle, ObjectHandleFlagInformation, &flags, sizeof flags), STATUS_SUCCESS);
    CHECK_EQ(NtClose(handle), STATUS_HANDLE_NOT_CLOSABLE);
    flags.ProtectFromClose = FALSE;
    CHECK_EQ(NtQueryObject(handle, ObjectHandleFlagInformation, &flags, sizeof flags, NULL), STATUS_SUCCESS);
    CHECK_EQ(flags.ProtectFromClose, TRUE);
    CHECK_EQ(flags.Inherit, FALSE);
    flags.ProtectFromClose = FALSE;
    CHECK_EQ(NtSetInformationObject(handle, ObjectHandleFlagInformation, &flags, 1), STATUS_INFO_LENGTH_MISMATCH);
    CHECK_EQ(NtSetInformationObject(handle, ObjectHandleFlagInformation, &flags, sizeof flags), STATUS_SUCCESS);
    CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
    CHECK_EQ(NtSetInformationObject(handle, ObjectHandleFlagInformation, &flags, sizeof flags),
        STATUS_INVALID_HANDLE);
}

TEST(query_object__basic_and_type__counts_and_name)
{
    OBJECT_BASIC_INFORMATION basic;
    HANDLE handle = new_event(EVENT_ALL_ACCESS), copy = NULL;
    struct {
        UNICODE_STRING name;
        ULONG reserved[22];
        WCHAR text[32];
    } type;
    ULONG length = 0;
    UNICODE_STRING expected;
    CHECK_EQ(NtDuplicateObject(NtCurrentProcess(), handle, NtCurrentProcess(), &copy, 0, 0, 2), STATUS_SUCCESS);
    CHECK_EQ(NtQueryObject(handle, ObjectBasicInformation, &basic, sizeof basic, &length), STATUS_SUCCESS);
    CHECK_EQ(basic.HandleCount, 2);
    CHECK_EQ(basic.PointerCount, 3); /* two handles and the query's own */
    CHECK_EQ(basic.GrantedAccess, EVENT_ALL_ACCESS);
    CHECK_EQ(length, sizeof basic);
    CHECK_EQ(NtQueryObject(handle, ObjectBasicInformation, &basic, 4, NULL), STATUS_INFO_LENGTH_MISMATCH);
    CHECK_EQ(NtQueryObject(handle, ObjectBasicInformation, NULL, sizeof basic, NULL), STATUS_ACCESS_VIOLATION);
    CHECK_EQ(NtQueryObject(handle, 77, &basic, sizeof basic, NULL), STATUS_INVALID_INFO_CLASS);
    CHECK_EQ(NtQueryObject(handle, ObjectTypeInformation, &type, sizeof type, NULL), STATUS_SUCCESS);
    RtlInitUnicodeString(&expected, L"Event");
    CHECK(RtlEqualUnicodeString(&type.name, &expected, FALSE));
    CHECK_EQ(NtClose(copy), STATUS_SUCCESS);
    CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
}

TEST(many_handles__hundred_thousand__all_distinct_and_all_closed)
{
    enum { COUNT = 100000 };
    static HANDLE handles[COUNT];
    ULONG open = ObQueryHandleCount();
    HANDLE event = new_event(EVENT_ALL_ACCESS);
    for (int i = 0; i < COUNT; i++)
        REQUIRE_EQ(NtDuplicateObject(NtCurrentProcess(), event, NtCurrentProcess(), &handles[i], 0, 0, 2),
            STATUS_SUCCESS);
    CHECK_EQ(ObQueryHandleCount(), open + COUNT + 1);
    for (int i = 1; i < COUNT; i++)
        REQUIRE(handles[i] != handles[i - 1]);
    for (int i = 0; i < COUNT; i++)
        REQUIRE_EQ(NtClose(handles[i]), STATUS_SUCCESS);
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
    CHECK_EQ(ObQueryHandleCount(), open);
}

TEST(reference__more_often_than_a_supply__counts_stay_right)
{
    OBJECT_BASIC_INFORMATION basic;
    HANDLE handle = new_event(EVENT_ALL_ACCESS);
    for (int i = 0; i < 200000; i++)
        REQUIRE_EQ(reference(handle, 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(NtQueryObject(handle, ObjectBasicInformation, &basic, sizeof basic, NULL), STATUS_SUCCESS);
    CHECK_EQ(basic.PointerCount, 2);
    CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
}

/*
 * Goal: look-up against close and re-use. Four threads reference and query the same few slots while one
 * closes and re-creates them; every reference must be to a live object of the right type.
 */
enum { SLOTS = 8, ROUNDS = 20000 };
static HANDLE volatile slots[SLOTS];
static volatile LONG stop, good;

static ULONG look_up(PVOID parameter)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        LONG hits = 0;
        for (int i = 0; i < SLOTS; i++) {
            PVOID object;
            HANDLE handle = __atomic_load_n(&slots[i], __ATOMIC_RELAXED);
            NTSTATUS status = ObReferenceObjectByHandle(handle, 0, NULL, UserMode, &object, NULL);
            if (NT_SUCCESS(status)) {
                REQUIRE(ObGetObjectType(object) == &ObpEventType);
                KeSetEvent(object, 0, FALSE);
                ObDereferenceObject(object);
                hits++;
            } else {
                REQUIRE_EQ(status, STATUS_INVALID_HANDLE);
            }
        }
        __atomic_add_fetch(&good, hits, __ATOMIC_RELAXED);
    }
    return 0;
}

TEST(hammer__reference_against_close__live_objects_only)
{
    HANDLE threads[4];
    for (int i = 0; i < SLOTS; i++)
        slots[i] = new_event(EVENT_ALL_ACCESS);
    for (int i = 0; i < 4; i++)
        threads[i] = start_thread(look_up, NULL);
    /* At least ROUNDS, and until the other threads have been seen at work. */
    for (int round = 0; round < ROUNDS || __atomic_load_n(&good, __ATOMIC_RELAXED) == 0; round++) {
        HANDLE old = slots[round % SLOTS];
        REQUIRE_EQ(NtClose(old), STATUS_SUCCESS);
        __atomic_store_n(&slots[round % SLOTS], new_event(EVENT_ALL_ACCESS), __ATOMIC_RELAXED);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 4; i++)
        join_thread(threads[i]);
    for (int i = 0; i < SLOTS; i++)
        CHECK_EQ(NtClose(slots[i]), STATUS_SUCCESS);
}

static ULONG close_it(PVOID parameter)
{
    return NtClose(parameter) == STATUS_SUCCESS;
}

TEST(close__from_two_threads__exactly_one_succeeds)
{
    for (int i = 0; i < 500; i++) {
        HANDLE handle = new_event(EVENT_ALL_ACCESS);
        HANDLE other = start_thread(close_it, handle);
        ULONG mine = close_it(handle);
        CHECK_EQ(mine + join_thread(other), 1);
    }
}
