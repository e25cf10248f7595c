/* SPDX-License-Identifier: MIT */
/* cm_registry_test.c - registry values as drivers query them. */
#include "ntstest.h"

#include "cm.h"

#include <string.h>

#define KEY L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\Test\\Parameters"
#define TYPE(t) ((t) << RTL_QUERY_REGISTRY_TYPECHECK_SHIFT)
#define DIRECT RTL_QUERY_REGISTRY_DIRECT

static void set_dword(PCWSTR name, ULONG value)
{
    CHECK_EQ(CmSetValue(KEY, name, REG_DWORD, &value, sizeof value), STATUS_SUCCESS);
}

static void set_text(PCWSTR name, ULONG type, const void *data, ULONG bytes)
{
    CHECK_EQ(CmSetValue(KEY, name, type, data, bytes), STATUS_SUCCESS);
}

static NTSTATUS query(PRTL_QUERY_REGISTRY_TABLE table)
{
    return RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, L"Test\\Parameters", table, (PVOID)7, NULL);
}

TEST(value__set_and_replaced__read_back)
{
    ULONG type = 0, value = 0, length = sizeof value;
    set_dword(L"Number", 1);
    set_dword(L"NUMBER", 2);
    CHECK_EQ(CmQueryValue(KEY, L"number", &type, &value, &length), STATUS_SUCCESS);
    CHECK_EQ(type, REG_DWORD);
    CHECK_EQ(value, 2);
    length = 1;
    CHECK_EQ(CmQueryValue(KEY, L"number", NULL, &value, &length), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(length, 4);
    CHECK_EQ(CmQueryValue(KEY, L"missing", NULL, &value, &length), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, L"Test"), STATUS_SUCCESS);
    CHECK_EQ(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, L"Tes"), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(RtlCheckRegistryKey(RTL_REGISTRY_ABSOLUTE, KEY), STATUS_SUCCESS);
    CHECK_EQ(RtlCheckRegistryKey(99, L"x"), STATUS_INVALID_PARAMETER);
}

TEST(direct__numbers_strings_defaults__stored)
{
    ULONG number = 0, missing = 0, fallback = 44;
    UNICODE_STRING text = {0, 0, NULL}, deflt = {0, 0, NULL};
    WCHAR small_buffer[2];
    UNICODE_STRING small = {0, sizeof small_buffer, small_buffer};
    RTL_QUERY_REGISTRY_TABLE table[] = {
        {NULL, DIRECT | RTL_QUERY_REGISTRY_TYPECHECK, L"Number", &number, TYPE(REG_DWORD), NULL, 0},
        {NULL, DIRECT, L"Missing", &missing, REG_DWORD, &fallback, sizeof fallback},
        {NULL, DIRECT, L"Text", &text, REG_NONE, NULL, 0},
        {NULL, DIRECT, L"NoText", &deflt, REG_SZ, L"def", 0},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };
    RTL_QUERY_REGISTRY_TABLE short_table[] = {
        {NULL, DIRECT, L"Text", &small, REG_NONE, NULL, 0},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };
    RTL_QUERY_REGISTRY_TABLE wrong[] = {
        {NULL, DIRECT | RTL_QUERY_REGISTRY_TYPECHECK, L"Text", &number, TYPE(REG_DWORD), NULL, 0},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };
    set_dword(L"Number", 9);
    set_text(L"Text", REG_SZ, L"hello", sizeof L"hello");
    CHECK_EQ(query(table), STATUS_SUCCESS);
    CHECK_EQ(number, 9);
    CHECK_EQ(missing, 44);
    CHECK_EQ(text.Length, 10);
    CHECK_EQ(memcmp(text.Buffer, L"hello", 12), 0);
    CHECK_EQ(deflt.Length, 6);
    CHECK_EQ(memcmp(deflt.Buffer, L"def", 8), 0);
    RtlFreeUnicodeString(&text);
    RtlFreeUnicodeString(&deflt);
    CHECK_EQ(query(short_table), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(query(wrong), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(number, 9);
}

TEST(direct__binary__sized_by_the_first_long)
{
    static const UCHAR data[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    union {
        LONG size;
        ULONG words[8];
        UCHAR bytes[32];
    } room;
    RTL_QUERY_REGISTRY_TABLE table[] = {
        {NULL, DIRECT, L"Binary", &room, REG_NONE, NULL, 0},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };
    set_text(L"Binary", REG_BINARY, data, sizeof data);
    room.size = -(LONG)sizeof room;
    CHECK_EQ(query(table), STATUS_SUCCESS);
    CHECK_EQ(room.bytes[11], 12);
    room.size = sizeof room;
    CHECK_EQ(query(table), STATUS_SUCCESS);
    CHECK_EQ(room.words[0], 12);
    CHECK_EQ(room.words[1], REG_BINARY);
    CHECK_EQ(room.bytes[8], 1);
    room.size = -4;
    CHECK_EQ(query(table), STATUS_BUFFER_TOO_SMALL);
}

static int calls;
static ULONG last_length;
static NTSTATUS stop_with;

static NTSTATUS on_value(PWSTR name, ULONG type, PVOID data, ULONG length, PVOID context, PVOID entry_context)
{
    CHECK_EQ((ULONG_PTR)context, 7);
    calls++;
    last_length = length;
    return stop_with;
}

TEST(routine__one_all_list_and_no_value__called)
{
    RTL_QUERY_REGISTRY_TABLE one[] = {
        {on_value, RTL_QUERY_REGISTRY_REQUIRED, L"Number", NULL, 0, NULL, 0},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };
    RTL_QUERY_REGISTRY_TABLE all[] = {
        {on_value, 0, NULL, NULL, 0, NULL, 0},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };
    RTL_QUERY_REGISTRY_TABLE list[] = {
        {on_value, 0, L"List", NULL, 0, NULL, 0},
        {on_value, RTL_QUERY_REGISTRY_NOEXPAND, L"List", NULL, 0, NULL, 0},
        {on_value, RTL_QUERY_REGISTRY_NOVALUE, NULL, NULL, 0, NULL, 0},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };
    CHECK_EQ(query(one), STATUS_OBJECT_NAME_NOT_FOUND); /* no such key */
    set_text(L"List", REG_MULTI_SZ, L"ab\0c\0", sizeof L"ab\0c\0");
    CHECK_EQ(query(one), STATUS_OBJECT_NAME_NOT_FOUND); /* required */
    set_dword(L"Number", 3);
    CHECK_EQ(query(one), STATUS_SUCCESS);
    CHECK_EQ(calls, 1);
    CHECK_EQ(last_length, 4);
    calls = 0;
    CHECK_EQ(query(list), STATUS_SUCCESS);
    CHECK_EQ(calls, 2 + 1 + 1);
    calls = 0;
    CHECK_EQ(query(all), STATUS_SUCCESS);
    CHECK_EQ(calls, 2 + 1);
    stop_with = STATUS_CANCELLED;
    calls = 0;
    CHECK_EQ(query(all), STATUS_CANCELLED);
    CHECK_EQ(calls, 1);
}

TEST(subkey__and_top_key__relative)
{
    ULONG inner = 0, outer = 0, value = 5;
    RTL_QUERY_REGISTRY_TABLE table[] = {
        {NULL, RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_REQUIRED, L"Parameters", NULL, 0, NULL, 0},
        {NULL, DIRECT, L"Inner", &inner, REG_NONE, NULL, 0},
        {NULL, DIRECT | RTL_QUERY_REGISTRY_TOPKEY, L"Outer", &outer, REG_NONE, NULL, 0},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };
    RTL_QUERY_REGISTRY_TABLE missing[] = {
        {NULL, RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_REQUIRED, L"Absent", NULL, 0, NULL, 0},
        {NULL, 0, NULL, NULL, 0, NULL, 0},
    };
    set_dword(L"Inner", 1);
    CHECK_EQ(CmSetValue(L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\Test", L"Outer", REG_DWORD,
        &value, sizeof value), STATUS_SUCCESS);
    CHECK_EQ(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, L"Test", table, NULL, NULL), STATUS_SUCCESS);
    CHECK_EQ(inner, 1);
    CHECK_EQ(outer, 5);
    CHECK_EQ(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, L"Test", missing, NULL, NULL),
        STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, L"Nobody", table, NULL, NULL),
        STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES | RTL_REGISTRY_OPTIONAL, L"Nobody", table + 1, NULL,
        NULL), STATUS_SUCCESS);
}
