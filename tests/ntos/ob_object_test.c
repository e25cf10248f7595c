/* SPDX-License-Identifier: MIT */
/* ob_object_test.c - objects: when they are closed and deleted, and by what names they are found. */
#include "ke_test.h"

#include "ob.h"

static int closes, deletes, last_remaining;

static VOID on_close(PVOID object, LONG remaining)
{
    closes++;
    last_remaining = remaining;
}

static VOID on_delete(PVOID object)
{
    deletes++;
}

static OBJECT_TYPE test_type = {.Name = "Test", .Tag = 'tseT', .ValidAccess = SYNCHRONIZE | 3,
    .CloseProcedure = on_close, .DeleteProcedure = on_delete, .DispatcherOffset = -1};

static UNICODE_STRING text(PCWSTR source)
{
    UNICODE_STRING string;
    RtlInitUnicodeString(&string, source);
    return string;
}

static PVOID new_object(void)
{
    PVOID object = NULL;
    REQUIRE_EQ(ObCreateObject(&test_type, 24, &object), STATUS_SUCCESS);
    return object;
}

TEST(object__last_handle_then_last_reference__close_then_delete)
{
    PVOID object = new_object();
    HANDLE handle = NULL, second = NULL;
    CHECK_EQ((ULONG_PTR)object % 16, 0);
    CHECK_EQ(((UCHAR *)object)[23], 0);
    ObReferenceObject(object);
    CHECK_EQ(ObInsertObject(object, NULL, 1, &handle), STATUS_SUCCESS);
    CHECK_EQ(ObOpenObjectByPointer(object, 0, 2, &second), STATUS_SUCCESS);
    CHECK_EQ(test_type.ObjectCount, 1);
    CHECK_EQ(test_type.HandleCount, 2);
    CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
    CHECK_EQ(closes, 1);
    CHECK_EQ(last_remaining, 1);
    CHECK_EQ(NtClose(second), STATUS_SUCCESS);
    CHECK_EQ(closes, 2);
    CHECK_EQ(last_remaining, 0);
    CHECK_EQ(deletes, 0);
    ObDereferenceObject(object);
    CHECK_EQ(deletes, 1);
    CHECK_EQ(test_type.ObjectCount, 0);
    CHECK_EQ(test_type.HandleCount, 0);
}

TEST(object__not_waitable__wait_refused)
{
    HANDLE handle = NULL;
    CHECK_EQ(ObInsertObject(new_object(), NULL, SYNCHRONIZE, &handle), STATUS_SUCCESS);
    CHECK_EQ(NtWaitForSingleObject(handle, FALSE, NULL), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
}

static NTSTATUS create_named(PCWSTR name, ULONG flags, PHANDLE handle)
{
    UNICODE_STRING string = text(name);
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &string, flags, NULL, NULL);
    return NtCreateEvent(handle, EVENT_ALL_ACCESS, &attributes, NotificationEvent, FALSE);
}

TEST(name__taken__collision_or_the_same_object)
{
    HANDLE first = NULL, second = NULL, other = NULL;
    CHECK_EQ(create_named(L"\\BaseNamedObjects\\Abc", 0, &first), STATUS_SUCCESS);
    CHECK_EQ(create_named(L"\\BaseNamedObjects\\Abc", 0, &other), STATUS_OBJECT_NAME_COLLISION);
    CHECK_EQ(create_named(L"\\BaseNamedObjects\\abc", 0, &other), STATUS_SUCCESS);
    CHECK_EQ(create_named(L"\\BaseNamedObjects\\ABC", OBJ_CASE_INSENSITIVE, &second),
        STATUS_OBJECT_NAME_COLLISION);
    CHECK_EQ(create_named(L"\\BaseNamedObjects\\Abc", OBJ_OPENIF, &second), STATUS_OBJECT_NAME_EXISTS);
    CHECK_EQ(NtSetEvent(second, NULL), STATUS_SUCCESS);
    CHECK_EQ(NtWaitForSingleObject(first, FALSE, &(LARGE_INTEGER){.QuadPart = 0}), STATUS_WAIT_0);
    CHECK_EQ(NtClose(first), STATUS_SUCCESS);
    CHECK_EQ(create_named(L"\\BaseNamedObjects\\Abc", 0, &first), STATUS_OBJECT_NAME_COLLISION);
    CHECK_EQ(NtClose(second), STATUS_SUCCESS);
    CHECK_EQ(create_named(L"\\BaseNamedObjects\\Abc", 0, &first), STATUS_SUCCESS);
    CHECK_EQ(NtClose(first), STATUS_SUCCESS);
    CHECK_EQ(NtClose(other), STATUS_SUCCESS);
}

TEST(name__openif_of_another_type__mismatch)
{
    UNICODE_STRING name = text(L"\\BaseNamedObjects\\Kind");
    OBJECT_ATTRIBUTES attributes;
    HANDLE event = NULL, mutant = NULL;
    InitializeObjectAttributes(&attributes, &name, OBJ_OPENIF, NULL, NULL);
    CHECK_EQ(create_named(L"\\BaseNamedObjects\\Kind", 0, &event), STATUS_SUCCESS);
    CHECK_EQ(NtCreateMutant(&mutant, MUTANT_ALL_ACCESS, &attributes, FALSE), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(NtOpenMutant(&mutant, MUTANT_ALL_ACCESS, &attributes), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(NtClose(event), STATUS_SUCCESS);
}

TEST(name__global_and_local__one_directory)
{
    HANDLE first = NULL, second = NULL;
    CHECK_EQ(create_named(L"\\BaseNamedObjects\\Global\\G", 0, &first), STATUS_SUCCESS);
    CHECK_EQ(create_named(L"\\BaseNamedObjects\\Local\\G", OBJ_OPENIF, &second), STATUS_OBJECT_NAME_EXISTS);
    CHECK_EQ(NtClose(first), STATUS_SUCCESS);
    CHECK_EQ(NtClose(second), STATUS_SUCCESS);
}

TEST(name__malformed__documented_statuses)
{
    static const struct {
        PCWSTR name;
        NTSTATUS status;
    } cases[] = {
        {L"NoBackslash", STATUS_OBJECT_PATH_SYNTAX_BAD},
        {L"\\NoSuchDirectory\\X", STATUS_OBJECT_PATH_NOT_FOUND},
        {L"\\BaseNamedObjects\\", STATUS_OBJECT_NAME_INVALID},
        {L"\\BaseNamedObjects\\a\\b", STATUS_OBJECT_PATH_NOT_FOUND},
    };
    UNICODE_STRING odd = {3, 3, L"\\a"};
    OBJECT_ATTRIBUTES attributes;
    HANDLE handle = NULL;
    for (ULONG i = 0; i < RTL_NUMBER_OF(cases); i++)
        CHECK_EQ(create_named(cases[i].name, 0, &handle), cases[i].status);
    InitializeObjectAttributes(&attributes, &odd, 0, NULL, NULL);
    CHECK_EQ(NtCreateEvent(&handle, EVENT_ALL_ACCESS, &attributes, NotificationEvent, FALSE),
        STATUS_OBJECT_NAME_INVALID);
    attributes.Length = 3;
    CHECK_EQ(NtCreateEvent(&handle, EVENT_ALL_ACCESS, &attributes, NotificationEvent, FALSE),
        STATUS_INVALID_PARAMETER);
    CHECK(handle == NULL);
}

TEST(symbolic_link__to_an_object__followed_and_deleted)
{
    UNICODE_STRING link = text(L"\\DosDevices\\MyLink"), target = text(L"\\BaseNamedObjects\\Target");
    UNICODE_STRING loop = text(L"\\??\\Loop"), alias = text(L"\\??\\mylink"), lost = text(L"\\??\\Lost");
    PVOID found = NULL;
    HANDLE handle = NULL;
    CHECK_EQ(create_named(L"\\BaseNamedObjects\\Target", 0, &handle), STATUS_SUCCESS);
    CHECK_EQ(IoCreateSymbolicLink(&link, &target), STATUS_SUCCESS);
    CHECK_EQ(IoCreateSymbolicLink(&link, &target), STATUS_OBJECT_NAME_COLLISION);
    CHECK_EQ(ObLookupName(&alias, OBJ_CASE_INSENSITIVE, &ObpEventType, &found, NULL), STATUS_SUCCESS);
    ObDereferenceObject(found);
    CHECK_EQ(ObLookupName(&alias, 0, &ObpEventType, &found, NULL), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(IoCreateSymbolicLink(&loop, &loop), STATUS_SUCCESS);
    CHECK_EQ(ObLookupName(&loop, 0, NULL, &found, NULL), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(IoDeleteSymbolicLink(&loop), STATUS_SUCCESS);
    CHECK_EQ(IoDeleteSymbolicLink(&link), STATUS_SUCCESS);
    CHECK_EQ(IoDeleteSymbolicLink(&lost), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(NtClose(handle), STATUS_SUCCESS);
}
